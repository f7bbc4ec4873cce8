package rules

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// factPath names one thing that a test gives: a variable, and facts and entries of
// lists from there on, as in order.shop.orders[1].total.
type factPath struct {
	text  string
	name  string // of the variable
	steps []pathStep
}

// pathStep is a fact, and which entry of it if it is a list.
type pathStep struct {
	fact  string
	field *field
	index int // -1: the fact as a whole
}

// factPath reads a path against the variables. The hint goes with the error.
func readFactPath(text string, vars map[string]variable) (p factPath, hint string, err error) {
	p.text = text
	parts := strings.Split(text, ".")
	p.name = parts[0]
	v, ok := vars[p.name]
	if !ok {
		names := slices.Sorted(maps.Keys(vars))
		hint := didYouMean(p.name, names)
		if hint == "" {
			hint = "the rules that are expected see " + strings.Join(names, ", ")
		}
		return p, hint, fmt.Errorf("no expected rule sees %q", p.name)
	}
	t, at := v.of, p.name
	for _, part := range parts[1:] {
		s := pathStep{fact: part, index: -1}
		if name, rest, indexed := strings.Cut(part, "["); indexed {
			n, err := strconv.Atoi(strings.TrimSuffix(rest, "]"))
			if err != nil || n < 0 || !strings.HasSuffix(rest, "]") {
				return p, "the first entry of a list is [0]", fmt.Errorf("%q is not an entry of a list", part)
			}
			s.fact, s.index = name, n
		}
		if t == nil {
			return p, "", fmt.Errorf("%s has no facts", at)
		}
		if s.field = t.fields[s.fact]; s.field == nil {
			return p, didYouMean(s.fact, slices.Sorted(maps.Keys(t.fields))), fmt.Errorf("%s has no %q", at, s.fact)
		}
		if s.index >= 0 && s.field.Kind != List {
			return p, "", fmt.Errorf("%s.%s is not a list", at, s.fact)
		}
		at += "." + part
		p.steps = append(p.steps, s)
		if t = s.field.of; s.field.Kind == List && s.index < 0 {
			t = nil // its entries have facts, the list has none
		}
	}
	return p, "", nil
}

// typ is the type of what the path leads to, nil if that is no object.
func (p factPath) typ(vars map[string]variable) *objType {
	if len(p.steps) == 0 {
		return vars[p.name].of
	}
	last := p.steps[len(p.steps)-1]
	if last.field.Kind == List && last.index < 0 {
		return nil
	}
	return last.field.of
}

// forget gives what is given once more, with the fact that the path names not known.
func (p factPath) forget(given map[string]any) error {
	v, err := forgotten(given[p.name], p.steps)
	if err != nil {
		return fmt.Errorf("%s: %w", p.text, err)
	}
	given[p.name] = v
	return nil
}

func forgotten(v any, steps []pathStep) (any, error) {
	if len(steps) == 0 {
		return nil, nil
	}
	m, _ := v.(map[string]any)
	if m = maps.Clone(m); m == nil {
		m = map[string]any{}
	}
	s := steps[0]
	var err error
	if s.index < 0 {
		m[s.fact], err = forgotten(m[s.fact], steps[1:])
		return m, err
	}
	list, _ := m[s.fact].([]any)
	switch {
	case s.index >= len(list):
		return nil, fmt.Errorf("the test gives %d entries", len(list))
	case len(steps) == 1:
		return nil, errors.New("an entry cannot be unknown, only its facts or the whole list")
	}
	list = slices.Clone(list)
	m[s.fact] = list
	list[s.index], err = forgotten(list[s.index], steps[1:])
	return m, err
}

// find leads to an object among the variables of an evaluation.
func (p factPath) find(vars map[string]any) (any, bool) {
	v := vars[p.name]
	for _, s := range p.steps {
		r, ok := v.(*record)
		if !ok {
			return nil, false
		}
		v = r.lookup(s.field)
		if s.index < 0 {
			continue
		}
		list, _ := v.([]any)
		if s.index >= len(list) {
			return nil, false
		}
		v = list[s.index]
	}
	_, ok := v.(*record)
	return v, ok
}
