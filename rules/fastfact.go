package rules

import (
	"time"
)

// through reads a fact of an object. Of a variable of the subject it is read
// without a step between: what is not there, the access itself notices.
func through[T any](o *node, get func(any) (T, bool)) fn[T] {
	if at := o.given - 1; at >= 0 {
		return func(f *frame) (T, bool) { return get(f.vals[at]) }
	}
	object := o.o
	return func(f *frame) (T, bool) {
		obj, ok := object(f)
		if !ok {
			var zero T
			return zero, false
		}
		return get(obj)
	}
}

func fieldNode(f *field, o *node) *node {
	switch a := &f.fast; f.Kind {
	case Bool:
		return &node{b: through(o, a.b)}
	case Int:
		return &node{i: through(o, a.i)}
	case Double:
		n := &node{d: doubleOf(o, a.d)}
		if o.given > 0 {
			n.fact, n.factOf = a.d, o.given-1
		}
		return n
	case String:
		return &node{s: stringOf(o, a.s, f)}
	case Timestamp:
		return &node{t: instantOf(o, a.t)}
	case Duration:
		return &node{u: through(o, a.u)}
	case Object:
		return &node{o: through(o, a.o)}
	case List:
		n := &node{l: through(o, a.l), elem: f.celType.Parameters()[0]}
		if a.n != nil {
			n.count = through(o, a.n)
		}
		return n
	}
	return nil
}

// What doubles, strings and instants have to be beyond their type is asked here
// and not in the access, which saves a call for the facts that are read most.

func doubleOf(o *node, get func(any) (float64, bool)) fn[float64] {
	if at := o.given - 1; at >= 0 {
		return func(f *frame) (float64, bool) {
			v, ok := get(f.vals[at])
			return v, ok && isFinite(v)
		}
	}
	read := through(o, get)
	return func(f *frame) (float64, bool) { return finiteDouble(read(f)) }
}

func stringOf(o *node, get func(any) (string, bool), is *field) fn[string] {
	most := is.max
	if at := o.given - 1; at >= 0 {
		return func(f *frame) (string, bool) {
			v, ok := get(f.vals[at])
			return v, ok && (len(v) <= most || characters(v) <= most)
		}
	}
	read := through(o, get)
	return func(f *frame) (string, bool) {
		v, ok := read(f)
		return v, ok && (len(v) <= most || characters(v) <= most)
	}
}

func instantOf(o *node, get func(any) (time.Time, bool)) fn[time.Time] {
	if at := o.given - 1; at >= 0 {
		return func(f *frame) (time.Time, bool) {
			v, ok := get(f.vals[at])
			return v, ok && !v.IsZero()
		}
	}
	read := through(o, get)
	return func(f *frame) (time.Time, bool) {
		v, ok := read(f)
		return v, ok && !v.IsZero()
	}
}

// presenceNode is has(o.f). What is plainly there is known; for anything else
// the fact itself says whether it is unknown, or merely not plain.
func presenceNode(f *field, o, value *node) *node {
	known := presence1(value)
	return &node{b: func(fr *frame) (bool, bool) {
		if known(fr) {
			return true, true
		}
		obj, ok := o.o(fr)
		switch {
		case !ok:
			return false, false
		case f.isAbsent(obj):
			return false, true
		}
		return f.ft.IsSet(obj), true
	}}
}

// isAbsent says whether a fact that is not plainly there is plainly not known. A
// string or a list may also be too long, which is for CEL to say.
func (f *field) isAbsent(obj any) bool {
	if f.is == nil || !f.is(obj) {
		return false
	}
	there := false
	switch f.Kind {
	case String:
		_, there = f.fast.s(obj)
	case List:
		_, there = f.typed.(func(any) (fastList, bool))(obj)
	}
	return !there
}

func isThere[T any](read fn[T]) func(*frame) bool {
	return func(f *frame) bool { _, ok := read(f); return ok }
}

func presence1(n *node) func(*frame) bool {
	switch {
	case n.b != nil:
		return isThere(n.b)
	case n.i != nil:
		return isThere(n.i)
	case n.d != nil:
		return isThere(n.d)
	case n.s != nil:
		return isThere(n.s)
	case n.t != nil:
		return isThere(n.t)
	case n.u != nil:
		return isThere(n.u)
	case n.o != nil:
		return isThere(n.o)
	}
	return isThere(n.l)
}
