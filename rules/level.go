package rules

import (
	"maps"
	"slices"
)

// at is the schema as a level has it. A fact, or a function of one name and the same
// parameters, that is declared more than once is at each level the newest that the
// level knows: so a level keeps what a later one has changed.
func (s Schema) at(level int) Schema {
	s.Level = level
	all := s.Types
	s.Types = make([]Type, 0, len(all))
	for _, t := range all {
		t.Fields = newestOf(level, t.Fields, func(f Field) (string, int) { return f.Name, f.Since })
		s.Types = append(s.Types, t)
	}
	s.Funcs = newestOf(level, s.Funcs, func(f Func) (string, int) {
		key := f.Name
		for _, p := range f.Params {
			key += " " + p.String()
		}
		return key, f.Since
	})
	subjects := s.Subjects
	s.Subjects = make([]Subject, 0, len(subjects))
	for _, sub := range subjects {
		sub.Vars = maps.Clone(sub.Vars)
		maps.DeleteFunc(sub.Vars, func(name, _ string) bool { return sub.Since[name] > level })
		s.Subjects = append(s.Subjects, sub)
	}
	return s
}

// newestOf keeps what a level knows, and of those with one key the newest, in the
// order of the first of them. Two of one key and level are both kept, for NewEnv to
// refuse.
func newestOf[T any](level int, all []T, key func(T) (string, int)) []T {
	newest := map[string]int{}
	for _, x := range all {
		if k, since := key(x); since <= level {
			newest[k] = max(newest[k], since)
		}
	}
	place := map[string]int{}
	out := make([]T, 0, len(all))
	for _, x := range all {
		k, since := key(x)
		if since > level {
			continue
		}
		i, there := place[k]
		if !there {
			i = len(out)
			place[k] = i
			out = append(out, x)
			continue
		}
		if _, before := key(out[i]); since != before {
			if since == newest[k] {
				out[i] = x
			}
			continue
		}
		out = append(out, x)
	}
	return out
}

// left are the "type.field" that a level leaves out, and a higher one has.
func (s Schema) left(level int) map[string]bool {
	out := map[string]bool{}
	for _, t := range s.Types {
		for _, f := range t.Fields {
			if f.Since > level && !slices.ContainsFunc(t.Fields, func(o Field) bool { return o.Name == f.Name && o.Since <= level }) {
				out[t.Name+"."+f.Name] = true
			}
		}
	}
	return out
}

// At is the environment as a lower level has it, for packs that were written against
// that level. Of a level that is not lower it is the environment itself.
func (e *Env) At(level int) *Env {
	for e.lower != nil && e.schema.Level > max(level, 1) {
		e = e.lower
	}
	return e
}

// forPacks: for packs of one lower level together the environment is that level's: they mean
// what they meant. Packs of several levels share the highest of theirs, and one that
// reads what was changed since its level is refused.
func (e *Env) forPacks(packs []*Pack) *Env {
	level := 0
	for _, p := range packs {
		if p.info.Env == 0 { // it does not say, which is told by itself
			return e
		}
		level = max(level, p.info.Env)
	}
	if level == 0 {
		return e
	}
	return e.At(level)
}
