package audit

import (
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/rules"
)

// fact declares one fact of the rows of type T.
func fact[T any](name string, kind rules.FieldKind, doc string, get func(T) any, more ...func(*rules.Field)) rules.Field {
	f := rules.Field{Name: name, Kind: kind, Since: 1, Doc: doc, Get: func(row any) any { return get(row.(T)) }}
	for _, m := range more {
		m(&f)
	}
	return f
}

// mayBeUnknown marks a fact that need not be known.
func mayBeUnknown(f *rules.Field) { f.MayBeUnknown = true }

// byTime marks a fact that changes although nothing is written.
func byTime(f *rules.Field) { f.TimeDependent = true }

// of says what an object or the entries of a list are.
func of(name string) func(*rules.Field) { return func(f *rules.Field) { f.Of = name } }

// upTo bounds a list or a string.
func upTo(n int) func(*rules.Field) { return func(f *rules.Field) { f.MaxSize = n } }

// from names the record that a fact rests on: the reading, the check-in.
func from[T any](id func(T) okr.ID) func(*rules.Field) {
	return func(f *rules.Field) { f.Source = func(row any) string { return string(id(row.(T))) } }
}

// number is a number as rules know it.
func number(n measure.Number) any {
	if !n.Finite() {
		return rules.Unknown
	}
	v, _ := n.Value()
	return v
}

// text is a text, unknown where there is none.
func text[S ~string](s S) any {
	if s == "" {
		return rules.Unknown
	}
	return string(s)
}

// instant is an instant, unknown where there is none.
func instant(t *time.Time) any {
	if t == nil {
		return rules.Unknown
	}
	return *t
}

// members are read in place, as rules want it.
type members[T any] []T

func (l members[T]) Len() int     { return len(l) }
func (l members[T]) At(i int) any { return l[i] }

// rows is a list of pointers to the newest entries of a slice that belongs to the snapshot.
type rows[T, V any] struct {
	of   []T
	view func(*T) V
}

func newest[T, V any](of []T, most int, view func(*T) V) rows[T, V] {
	return rows[T, V]{of[:min(len(of), most)], view}
}

func (r rows[T, V]) Len() int     { return len(r.of) }
func (r rows[T, V]) At(i int) any { return r.view(&r.of[i]) }
