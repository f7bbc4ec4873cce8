package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// givenWorld is the state of things at one moment of a test.
type givenWorld struct {
	env            *Env
	now            time.Time
	stated         map[string]any // as far as it is visible
	whole          map[string]any // with what follows from it
	contradictions []Contradiction
	err            error
}

// world says what is there to be seen at the moment.
func (t *tester) world(m *moment) (w *givenWorld) {
	w = &givenWorld{env: t.set.env, now: m.now, stated: map[string]any{}}
	for i := range m.expect {
		for _, v := range w.env.subjects[m.expect[i].on].vars {
			given, there := m.given[v.name]
			facts, isMap := given.(map[string]any)
			switch {
			case v.name == "now":
			case v.of != nil && !there:
				w.stated[v.name] = map[string]any{}
			case v.of != nil && isMap:
				w.stated[v.name] = v.of.visible(facts, m.now)
			case there:
				w.stated[v.name] = given
			}
		}
	}
	w.whole = w.stated
	derive := w.env.schema.Derive
	if derive == nil {
		return w
	}
	defer func() {
		if p := recover(); p != nil {
			w.err = fmt.Errorf("what follows from the facts cannot be computed: %v", p)
		}
	}()
	whole, contradictions, err := derive(Given{Now: m.now, Vars: w.stated})
	if err != nil {
		w.err = fmt.Errorf("what follows from the facts cannot be computed: %w", err)
		return w
	}
	w.whole, w.contradictions = whole, contradictions
	return w
}

// vars are the variables of a subject as CEL reads them from data, or why there are none.
func (w *givenWorld) vars(x *expectation) (vars map[string]any, missing string) {
	if w.err != nil {
		return nil, w.err.Error()
	}
	out := map[string]any{}
	for _, v := range w.env.subjects[x.on].vars {
		given, there := w.whole[v.name]
		facts, isMap := given.(map[string]any)
		switch {
		case v.name == "now":
		case there && given == nil:
			out[v.name] = Unknown
		case v.of != nil && isMap:
			out[v.name] = v.of.record(facts)
		case v.of != nil:
			out[v.name] = v.of.record()
		case there:
			out[v.name] = given
		}
	}
	if x.of != nil {
		all := out
		if _, there := out[x.of.name]; !there { // a variable of another subject
			facts, _ := w.whole[x.of.name].(map[string]any)
			all = map[string]any{x.of.name: w.typeOf(x.of.name).record(facts)}
		}
		v, ok := x.of.find(all)
		if !ok {
			return nil, x.of.text + " is not there"
		}
		out[x.role] = v
	}
	return out, ""
}

// typeOf is the type of a variable of any subject.
func (w *givenWorld) typeOf(name string) *objType {
	for _, s := range w.env.subjects {
		for _, v := range s.vars {
			if v.name == name && v.of != nil {
				return v.of
			}
		}
	}
	return nil
}

// fact says where the value of a fact that was read comes from.
func (w *givenWorld) fact(x *expectation, r Read) (TestFact, bool) {
	if r.Kind == Object && r.Known {
		return TestFact{}, false // its facts follow
	}
	path := r.Path
	if r.Fact == "" && !r.Known && !holds(w.stated, path) {
		return TestFact{}, false // a variable that nobody speaks of
	}
	if x.of != nil {
		if name, rest, _ := strings.Cut(path, "."); name == x.role {
			path = x.of.text
			if rest != "" {
				path += "." + rest
			}
		}
	}
	f := TestFact{Path: path, Value: "unknown", From: FromExample}
	switch {
	case r.Broken != "":
		f.Value = r.Broken
	case r.Known && r.Kind == List:
		if n, isCount := r.Value.(int64); isCount {
			f.Value = fmt.Sprintf("%d entries", n)
			if n == 1 {
				f.Value = "1 entry"
			}
		} else {
			f.Value = Format(r.Value)
		}
	case r.Known:
		f.Value = Format(r.Value)
	}
	if holds(w.stated, path) {
		f.From = FromTest
	} else if holds(w.whole, path) {
		f.From = FromFacts
	}
	return f, true
}

// mostUnread bounds how many facts are shown that were given and not read.
const mostUnread = 40

// unread are the facts that the test gives and that were not read.
func (w *givenWorld) unread(x *expectation, read []TestFact) []TestFact {
	var out []TestFact
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				walk(path+"."+name, v[name])
			}
			return
		case []any:
			objects := false
			for i, it := range v {
				if _, isObject := it.(map[string]any); isObject {
					objects = true
					walk(fmt.Sprintf("%s[%d]", path, i), it)
				}
			}
			if objects {
				return
			}
		}
		if len(out) < mostUnread && !slices.ContainsFunc(read, func(f TestFact) bool { return f.Path == path }) {
			out = append(out, TestFact{Path: path, Value: Format(v), From: FromTest, Unread: true})
		}
	}
	for _, v := range w.env.subjects[x.on].vars {
		if given, there := w.stated[v.name]; there {
			walk(v.name, given)
		}
	}
	return out
}

// holds says whether a path is among facts.
func holds(facts map[string]any, path string) bool {
	var v any = facts
	for _, part := range strings.Split(path, ".") {
		name, index, indexed := strings.Cut(part, "[")
		m, _ := v.(map[string]any)
		var there bool
		if v, there = m[name]; !there {
			return false
		}
		if indexed {
			var i int
			if _, err := fmt.Sscanf(index, "%d]", &i); err != nil {
				return false
			}
			list, _ := v.([]any)
			if i >= len(list) {
				return false
			}
			v = list[i]
		}
	}
	return true
}
