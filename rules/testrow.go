package rules

import "slices"

// row is an object that a test gives, read as a Go value of a host is.
type row struct{ facts *record }

// rowsOf lets the objects among variables be read as Go values.
func rowsOf(vars map[string]any) map[string]any {
	out := make(map[string]any, len(vars))
	for k, v := range vars {
		out[k] = rowOf(v)
	}
	return out
}

func rowOf(v any) any {
	switch v := v.(type) {
	case *record:
		return &row{v}
	case []any:
		out := make([]any, len(v))
		for i, it := range v {
			out[i] = rowOf(it)
		}
		return out
	}
	return v
}

// dataEnv is the environment with the facts of rows in the place of the host's.
func (e *Env) dataEnv() (*Env, error) {
	s := e.schema
	s.Types = slices.Clone(s.Types)
	for i := range s.Types {
		t := &s.Types[i]
		from := e.types[t.Name]
		t.Example = from.Example
		t.Fields = slices.Clone(t.Fields)
		for j := range t.Fields {
			f := &t.Fields[j]
			of := from.fields[f.Name]
			f.typed, f.count, f.longest, f.Source = nil, nil, nil, nil
			f.Get = func(o any) any {
				if r, ok := o.(*row); ok {
					return rowOf(r.facts.lookup(of))
				}
				return Unknown
			}
		}
	}
	return NewEnv(s)
}
