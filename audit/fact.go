package audit

import (
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/rules"
)

// fact declares one scalar fact of the rows of type T. The second result of get says
// whether it is known.
func fact[T any, V bool | int64 | float64 | string | time.Time | time.Duration](name, doc string, get func(T) (V, bool), more ...func(*rules.Field)) rules.Field {
	return declare(rules.Fact(name, get), doc, more)
}

// object declares a fact that is another row, of the type named of.
func object[T, U any](name, of, doc string, get func(T) (U, bool), more ...func(*rules.Field)) rules.Field {
	return declare(rules.ObjectFact(name, of, get), doc, more)
}

// listOf declares a fact that is a list which stands ready, of the type named of.
func listOf[T, E any](name, of, doc string, get func(T) ([]E, bool), more ...func(*rules.Field)) rules.Field {
	return declare(rules.ListFact(name, of, get), doc, more)
}

// listed declares a fact that is a list which is made when it is asked for.
func listed[T any](name, doc string, get func(T) any, more ...func(*rules.Field)) rules.Field {
	return declare(rules.Field{Name: name, Kind: rules.List, Get: func(row any) any { return get(row.(T)) }}, doc, more)
}

func declare(f rules.Field, doc string, more []func(*rules.Field)) rules.Field {
	f.Since, f.Doc = 1, doc
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

// share says that 1 is the whole.
func share(f *rules.Field) { f.Unit = rules.Share }

// portion is a share that is never less than nothing nor more than the whole.
func portion(f *rules.Field) { f.Unit, f.Range = rules.Share, [2]float64{0, 1} }

// within bounds a number, both ends included.
func within(least, most float64) func(*rules.Field) {
	return func(f *rules.Field) { f.Range = [2]float64{least, most} }
}

// inDays says that a number counts days.
func inDays(f *rules.Field) { f.Unit = "days" }

// oneOf lists all that a text can be.
func oneOf[S ~string](values ...S) func(*rules.Field) {
	return func(f *rules.Field) {
		for _, v := range values {
			f.Values = append(f.Values, string(v))
		}
	}
}

// The texts that a fact can be.
var (
	spoken  = oneOf(measure.OnTrack, measure.AtRisk, measure.OffTrack)
	anyOf   = oneOf(statuses()...)
	inState = oneOf(okr.Draft, okr.Active, okr.Postponed, okr.Abandoned, okr.Done)
)

// statuses are all words that a status can be.
func statuses() []string {
	return []string{
		string(measure.Unknown), string(measure.Pending), string(measure.OnTrack), string(measure.AtRisk),
		string(measure.OffTrack), string(measure.Stale), string(measure.Paused), string(measure.Hit), string(measure.Missed),
		string(okr.CarriedOver), string(okr.PostponedOutcome), string(okr.AbandonedOutcome),
	}
}

// upTo bounds a list or a string.
func upTo(n int) func(*rules.Field) { return func(f *rules.Field) { f.MaxSize = n } }

// from names the record that a fact rests on: the reading, the check-in.
func from[T any](id func(T) okr.ID) func(*rules.Field) {
	return func(f *rules.Field) { f.Source = func(row any) string { return string(id(row.(T))) } }
}

// number is a number as rules know it.
func number(n measure.Number) (float64, bool) {
	v, _ := n.Value()
	return v, n.Finite()
}

// text is a text, unknown where there is none.
func text[S ~string](s S) (string, bool) { return string(s), s != "" }

// instant is an instant, unknown where there is none.
func instant(t *time.Time) (time.Time, bool) {
	if t == nil {
		return time.Time{}, false
	}
	return *t, true
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
