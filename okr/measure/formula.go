package measure

import (
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"
)

// ErrFormula says that a derivation cannot be followed: its formula is not known
// here, or one of its inputs is missing or cannot be read.
var ErrFormula = errors.New("measure: the derivation cannot be followed")

// evaluator computes a figure, or a status as text, from the inputs of a
// derivation and from nothing else.
type evaluator func(a *args) (Number, string)

// formulas are all formulas by id, put together when the first derivation is
// followed. Each kind of figure keeps its own beside what computes it.
var formulas = sync.OnceValue(func() map[string]evaluator {
	all := map[string]evaluator{}
	for _, t := range []map[string]evaluator{keyResultFormulas(), trendFormulas(), needFormulas(), rollupFormulas(), closedFormulas()} {
		maps.Copy(all, t)
	}
	return all
})

// Recompute follows a derivation: it computes the figure, or the status, again
// from the derivation's own inputs. What it returns equals Value and Text of the
// derivation, or the derivation was tampered with. The error wraps [ErrFormula].
func Recompute(d Derivation) (Number, string, error) {
	eval, ok := formulas()[d.FormulaID]
	if !ok {
		return Number{}, "", fmt.Errorf("%w: formula %q is not known", ErrFormula, d.FormulaID)
	}
	a := &args{d: &d}
	v, text := eval(a)
	if a.err != nil {
		return Number{}, "", a.err
	}
	return finiteOnly(v), text, nil
}

// args reads the inputs of a derivation by name, and remembers what went wrong.
type args struct {
	d   *Derivation
	err error
}

func (a *args) fail(name, what string) {
	if a.err == nil {
		a.err = fmt.Errorf("%w: %s: input %q %s", ErrFormula, a.d.FormulaID, name, what)
	}
}

// find is the first input of the name.
func (a *args) find(name string) (Named, bool) {
	for _, in := range a.d.Inputs {
		if in.Name == name {
			return in, true
		}
	}
	return Named{}, false
}

// all are the inputs of the name, in their order.
func (a *args) all(name string) []Named {
	var out []Named
	for _, in := range a.d.Inputs {
		if in.Name == name {
			out = append(out, in)
		}
	}
	return out
}

func (a *args) must(name string) Named {
	in, ok := a.find(name)
	if !ok {
		a.fail(name, "is missing")
	}
	return in
}

// number is the value of an input that has to be listed; it may be unknown.
func (a *args) number(name string) Number { return a.must(name).Value }

// maybe is the value of an input, unknown where it is not listed.
func (a *args) maybe(name string) Number {
	in, _ := a.find(name)
	return in.Value
}

func (a *args) text(name string) string { return a.must(name).Text }

func (a *args) truth(name string) bool { return a.number(name).value == 1 }

func (a *args) whole(name string) int {
	v, ok := a.number(name).Value()
	if !ok || v != float64(int(v)) {
		a.fail(name, "is no whole number")
	}
	return int(v)
}

func (a *args) date(name string) Date {
	text := a.text(name)
	if text == "" {
		return Date{}
	}
	d, err := ParseDate(text)
	if err != nil {
		a.fail(name, "is no date")
	}
	return d
}

func (a *args) instant(name, text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		a.fail(name, "is no instant")
	}
	return t
}

func (a *args) bands(name string) Bands {
	b, err := ParseBands(a.text(name))
	if err != nil {
		a.fail(name, "cannot be read as bands")
	}
	return b
}
