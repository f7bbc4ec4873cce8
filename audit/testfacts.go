package audit

import (
	"math"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// givenFacts are what a test states of one object, over the example of its type.
type givenFacts struct {
	typ string
	m   map[string]any
}

// value is what is stated, otherwise the example's.
func (g givenFacts) value(name string) any {
	if v, ok := g.m[name]; ok {
		return v
	}
	return examples[g.typ][name]
}

func (g givenFacts) states(name string) bool {
	_, ok := g.m[name]
	return ok
}

// knows says whether a value is stated, and not merely that there is none.
func (g givenFacts) knows(name string) bool { return g.m[name] != nil }

func asNumber(v any) measure.Number {
	switch n := v.(type) {
	case float64:
		return measure.N(n)
	case int64:
		return measure.N(float64(n))
	case int:
		return measure.N(float64(n))
	}
	return measure.Number{}
}

func (g givenFacts) number(name string) measure.Number { return asNumber(g.value(name)) }

func (g givenFacts) text(name string) string {
	s, _ := g.value(name).(string)
	return s
}

func (g givenFacts) yes(name string) bool {
	b, _ := g.value(name).(bool)
	return b
}

func (g givenFacts) instant(name string) *time.Time {
	if t, ok := g.value(name).(time.Time); ok && !t.IsZero() {
		return &t
	}
	return nil
}

// span is a span of time; examples write theirs as text.
func (g givenFacts) span(name string) time.Duration {
	switch v := g.value(name).(type) {
	case time.Duration:
		return v
	case string:
		d, _ := time.ParseDuration(v)
		return d
	}
	return 0
}

// day is a civil date that is told by an instant or by a text.
func (g givenFacts) day(instant, text string) okr.Date {
	if s, ok := g.m[text].(string); ok && !g.states(instant) {
		d, _ := measure.ParseDate(s)
		return d
	}
	if t := g.instant(instant); t != nil {
		return measure.DateOf(t.UTC())
	}
	return okr.Date{}
}

// object is a fact that is an object; false if there is none.
func (g givenFacts) object(name, typ string) (givenFacts, bool) {
	v, stated := g.m[name]
	m, isMap := v.(map[string]any)
	if stated && !isMap {
		return givenFacts{typ: typ}, false
	}
	if !stated {
		m = map[string]any{} // to hold what follows
		_, there := examples[g.typ][name]
		return givenFacts{typ, m}, there
	}
	return givenFacts{typ, m}, true
}

// rows are the entries of a list.
func (g givenFacts) rows(name, typ string) []givenFacts {
	list, _ := g.m[name].([]any)
	out := make([]givenFacts, 0, len(list))
	for _, it := range list {
		if m, ok := it.(map[string]any); ok {
			out = append(out, givenFacts{typ, m})
		}
	}
	return out
}

// copied is a copy of facts, as deep as they go.
func copied(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = copied(x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = copied(x)
		}
		return out
	}
	return v
}

// alike says whether two values of a fact are the same to within what a person
// rounds off.
func alike(a, b any, slack float64) bool {
	x, y := asNumber(a), asNumber(b)
	if x.Known() && y.Known() {
		return math.Abs(x.Or(0)-y.Or(0)) <= slack*max(1, math.Abs(y.Or(0)))
	}
	if t, ok := a.(time.Time); ok {
		u, ok := b.(time.Time)
		return ok && t.Equal(u)
	}
	return a == b
}
