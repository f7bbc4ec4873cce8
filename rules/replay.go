package rules

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// replayed is an object as a trace lists it: what is not listed is not there.
type replayed struct {
	typ   *objType
	path  string
	facts map[string]any // Unknown, an error, a scalar, a list, or a *replayed
}

// lookup answers the fact as [field.adapt] takes it.
func (r *replayed) lookup(f *field) any {
	v, ok := r.facts[f.Name]
	if !ok {
		return errors.New(r.path + "." + f.Name + " is not among what was read")
	}
	return v
}

// rebuild makes variables of what a trace lists.
func (e *Env) rebuild(sub *subject, reads []Read) (map[string]any, error) {
	vars := map[string]any{}
	objects := map[string]*replayed{} // by path
	bad := func(r Read, format string, args ...any) error {
		return fmt.Errorf("%w: %s %s", ErrTrace, r.Path, fmt.Sprintf(format, args...))
	}
	for _, r := range reads {
		if r.Fact == "" {
			v, ok := sub.variable(r.Path)
			switch {
			case !ok:
				return nil, bad(r, "is no variable of %s", sub.Name)
			case v.kind != r.Kind:
				return nil, bad(r, "is a %s, not a %s", v.kind, r.Kind)
			case r.Broken != "":
				vars[r.Path] = errors.New(r.Broken)
			case !r.Known:
				vars[r.Path] = Unknown
			case v.kind == Object:
				o := &replayed{typ: v.of, path: r.Path, facts: map[string]any{}}
				vars[r.Path], objects[r.Path] = o, o
			default:
				vars[r.Path] = r.Value
			}
			continue
		}
		at := strings.LastIndexByte(r.Path, '.')
		if at < 0 {
			return nil, bad(r, "names no object")
		}
		owner := objects[r.Path[:at]]
		if owner == nil {
			return nil, bad(r, "belongs to nothing that was read")
		}
		f := owner.typ.fields[r.Path[at+1:]]
		if f == nil || f.path != r.Fact || f.Kind != r.Kind {
			return nil, bad(r, "is no %s called %q of %s", r.Kind, r.Fact, owner.typ.Name)
		}
		v, err := e.rebuilt(f, r, objects)
		if err != nil {
			return nil, err
		}
		owner.facts[f.Name] = v
	}
	return vars, nil
}

func (e *Env) rebuilt(f *field, r Read, objects map[string]*replayed) (any, error) {
	object := func(path string) *replayed {
		o := &replayed{typ: f.of, path: path, facts: map[string]any{}}
		objects[path] = o
		return o
	}
	switch {
	case r.Broken != "":
		return errors.New(r.Broken), nil
	case !r.Known:
		return Unknown, nil
	case f.Kind == Object:
		return object(r.Path), nil
	case f.Kind == List && f.of == nil:
		if r.Value == nil {
			return []any{}, nil
		}
		v, err := f.normal(r.Value, r.Path)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrTrace, err)
		}
		return v, nil
	case f.Kind == List:
		n, ok := r.Value.(int64)
		if !ok || n < 0 || n > int64(f.max) {
			return nil, fmt.Errorf("%w: %s has %v entries, at most %d are declared", ErrTrace, r.Path, r.Value, f.max)
		}
		items := make([]any, n)
		for i := range items {
			items[i] = object(r.Path + "[" + strconv.Itoa(i) + "]")
		}
		return items, nil
	}
	v, err := normalScalar(f.Kind, r.Value, r.Path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTrace, err)
	}
	return v, nil
}

func (s *subject) variable(name string) (variable, bool) {
	for _, v := range s.vars {
		if v.name == name && name != "now" {
			return v, true
		}
	}
	return variable{}, false
}
