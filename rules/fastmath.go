package rules

import (
	"cmp"
	"math"
	"slices"
	"time"

	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

func both[T any](l, r fn[T], op func(x, y T) bool) *node {
	return &node{b: func(f *frame) (bool, bool) {
		x, ok := l(f)
		if !ok {
			return false, false
		}
		y, ok := r(f)
		return ok && op(x, y), ok
	}}
}

func equal[T comparable](want bool) func(x, y T) bool {
	if want {
		return func(x, y T) bool { return x == y }
	}
	return func(x, y T) bool { return x != y }
}

func equality(a []*node, want bool) *node {
	x, y := a[0], a[1]
	switch {
	case x.b != nil && y.b != nil:
		return both(x.b, y.b, equal[bool](want))
	case x.s != nil && y.s != nil:
		if k, ok := constString(y); ok {
			l := x.s
			return &node{b: func(f *frame) (bool, bool) { v, ok := l(f); return (v == k) == want, ok }}
		}
		return both(x.s, y.s, equal[string](want))
	case x.i != nil && y.i != nil:
		return both(x.i, y.i, equal[int64](want))
	case x.u != nil && y.u != nil:
		return both(x.u, y.u, equal[time.Duration](want))
	case x.t != nil && y.t != nil:
		return both(x.t, y.t, func(x, y time.Time) bool { return x.Equal(y) == want })
	}
	if l, r := x.asDouble(), y.asDouble(); l != nil && r != nil {
		return both(l, r, equal[float64](want))
	}
	return nil
}

// ordered compares; with a constant on the right it is not called again.
func ordered[T cmp.Ordered](name string, l, r fn[T], constant bool) *node {
	if constant {
		k, ok := r(nil)
		if !ok {
			return nil
		}
		switch name {
		case operators.Less:
			return &node{b: func(f *frame) (bool, bool) { v, ok := l(f); return v < k, ok }}
		case operators.LessEquals:
			return &node{b: func(f *frame) (bool, bool) { v, ok := l(f); return v <= k, ok }}
		case operators.Greater:
			return &node{b: func(f *frame) (bool, bool) { v, ok := l(f); return v > k, ok }}
		default:
			return &node{b: func(f *frame) (bool, bool) { v, ok := l(f); return v >= k, ok }}
		}
	}
	switch name {
	case operators.Less:
		return both(l, r, func(x, y T) bool { return x < y })
	case operators.LessEquals:
		return both(l, r, func(x, y T) bool { return x <= y })
	case operators.Greater:
		return both(l, r, func(x, y T) bool { return x > y })
	}
	return both(l, r, func(x, y T) bool { return x >= y })
}

func comparison(name string, a []*node) *node {
	x, y := a[0], a[1]
	switch {
	case x.i != nil && y.i != nil:
		return ordered(name, x.i, y.i, y.constant)
	case x.s != nil && y.s != nil:
		return ordered(name, x.s, y.s, y.constant)
	case x.u != nil && y.u != nil:
		return ordered(name, x.u, y.u, y.constant)
	case x.t != nil && y.t != nil:
		switch name {
		case operators.Less:
			return both(x.t, y.t, time.Time.Before)
		case operators.LessEquals:
			return both(x.t, y.t, func(x, y time.Time) bool { return !x.After(y) })
		case operators.Greater:
			return both(x.t, y.t, time.Time.After)
		}
		return both(x.t, y.t, func(x, y time.Time) bool { return !x.Before(y) })
	}
	if l, r := x.asDouble(), y.asDouble(); l != nil && r != nil {
		return ordered(name, l, r, y.constant)
	}
	return nil
}

func arithmetic(name string, a []*node) *node {
	x, y := a[0], a[1]
	switch {
	case name == operators.Subtract && x.fact != nil && y.fact != nil:
		return &node{d: apart(x, y)}
	case x.d != nil && y.d != nil:
		return &node{d: doubles(name, x.d, y.d)}
	case x.i != nil && y.i != nil:
		return &node{i: ints(name, x.i, y.i)}
	case name == operators.Subtract && x.t != nil && y.t != nil:
		return &node{u: func(f *frame) (time.Duration, bool) {
			l, ok1 := x.t(f)
			r, ok2 := y.t(f)
			d := l.Sub(r)
			return d, ok1 && ok2 && d != math.MaxInt64 && d != math.MinInt64
		}}
	case (name == operators.Add || name == operators.Subtract) && x.t != nil && y.u != nil:
		return &node{t: shifted(x.t, y.u, name == operators.Subtract)}
	case name == operators.Add && x.u != nil && y.t != nil:
		return &node{t: shifted(y.t, x.u, false)}
	case (name == operators.Add || name == operators.Subtract) && x.u != nil && y.u != nil:
		sum := ints(name, asInts(x.u), asInts(y.u))
		return &node{u: func(f *frame) (time.Duration, bool) { v, ok := sum(f); return time.Duration(v), ok }}
	case name == operators.Add && x.s != nil && y.s != nil:
		return &node{s: func(f *frame) (string, bool) {
			l, ok1 := x.s(f)
			r, ok2 := y.s(f)
			if !ok1 || !ok2 {
				return "", false
			}
			return l + r, true
		}}
	}
	return nil
}

func asInts(u fn[time.Duration]) fn[int64] {
	return func(f *frame) (int64, bool) { v, ok := u(f); return int64(v), ok }
}

// doubles computes with two numbers. An operation has a closure of its own, and
// what is not finite is none of its results.
func doubles(name string, l, r fn[float64]) fn[float64] {
	switch name {
	case operators.Add:
		return func(f *frame) (float64, bool) {
			x, ok1 := l(f)
			y, ok2 := r(f)
			return x + y, ok1 && ok2 && isFinite(x+y)
		}
	case operators.Subtract:
		return func(f *frame) (float64, bool) {
			x, ok1 := l(f)
			y, ok2 := r(f)
			return x - y, ok1 && ok2 && isFinite(x-y)
		}
	case operators.Multiply:
		return func(f *frame) (float64, bool) {
			x, ok1 := l(f)
			y, ok2 := r(f)
			return x * y, ok1 && ok2 && isFinite(x*y)
		}
	}
	return func(f *frame) (float64, bool) {
		x, ok1 := l(f)
		y, ok2 := r(f)
		return x / y, ok1 && ok2 && isFinite(x/y)
	}
}

// apart is the difference of two facts of the subject, which is what scores are
// made of. It is not finite where one of them is not.
func apart(x, y *node) fn[float64] {
	atX, atY, getX, getY := x.factOf, y.factOf, x.fact, y.fact
	return func(f *frame) (float64, bool) {
		a, ok1 := getX(f.vals[atX])
		b, ok2 := getY(f.vals[atY])
		return a - b, ok1 && ok2 && isFinite(a-b)
	}
}

// ints computes with two whole numbers, and answers false where the result would
// not be one that an int64 holds.
func ints(name string, l, r fn[int64]) fn[int64] {
	switch name {
	case operators.Add:
		return func(f *frame) (int64, bool) {
			x, ok1 := l(f)
			y, ok2 := r(f)
			v := x + y
			return v, ok1 && ok2 && (v > x) == (y > 0)
		}
	case operators.Subtract:
		return func(f *frame) (int64, bool) {
			x, ok1 := l(f)
			y, ok2 := r(f)
			v := x - y
			return v, ok1 && ok2 && (v < x) == (y > 0)
		}
	case operators.Multiply:
		return func(f *frame) (int64, bool) {
			x, ok1 := l(f)
			y, ok2 := r(f)
			if !ok1 || !ok2 || x == 0 || y == 0 {
				return 0, ok1 && ok2
			}
			v := x * y
			return v, v/y == x && !(x == -1 && y == math.MinInt64) && !(y == -1 && x == math.MinInt64)
		}
	}
	return func(f *frame) (int64, bool) {
		x, ok1 := l(f)
		y, ok2 := r(f)
		if !ok1 || !ok2 || y == 0 || x == math.MinInt64 && y == -1 {
			return 0, false
		}
		return x / y, true
	}
}

// The instants that CEL can hold.
var (
	firstInstant = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	lastInstant  = time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)
)

func shifted(t fn[time.Time], u fn[time.Duration], back bool) fn[time.Time] {
	return func(f *frame) (time.Time, bool) {
		at, ok1 := t(f)
		d, ok2 := u(f)
		if !ok1 || !ok2 || d == math.MinInt64 {
			return at, false
		}
		if back {
			d = -d
		}
		at = at.Add(d)
		return at, !at.Before(firstInstant) && !at.After(lastInstant)
	}
}

// membership is `x in list`.
func membership(a []*node) *node {
	x, l := a[0], a[1]
	if l.l == nil || l.elem == nil {
		return nil
	}
	if words, ok := constStrings(l); ok && x.s != nil {
		if len(words) > 8 {
			set := make(map[string]struct{}, len(words))
			for _, w := range words {
				set[w] = struct{}{}
			}
			return &node{b: func(f *frame) (bool, bool) {
				v, ok := x.s(f)
				_, in := set[v]
				return in, ok
			}}
		}
		return &node{b: func(f *frame) (bool, bool) {
			v, ok := x.s(f)
			return ok && slices.Contains(words, v), ok
		}}
	}
	switch {
	case x.s != nil && l.elem.Kind() == types.StringKind:
		return &node{b: found(x.s, l.l)}
	case x.i != nil && l.elem.Kind() == types.IntKind:
		return &node{b: found(x.i, l.l)}
	case x.d != nil && l.elem.Kind() == types.DoubleKind:
		return &node{b: found(x.d, l.l)}
	}
	return nil
}

func found[T comparable](x fn[T], l fn[fastList]) fn[bool] {
	return func(f *frame) (bool, bool) {
		v, ok1 := x(f)
		list, ok2 := l(f)
		if !ok1 || !ok2 {
			return false, false
		}
		in := false
		for i := range list.n {
			item, ok := list.item(i).(T)
			if !ok {
				return false, false
			}
			in = in || item == v
		}
		return in, true
	}
}

// extreme is math.least or math.greatest of two numbers of one kind.
func extreme(a []*node, sign int) *node {
	if len(a) != 2 {
		return nil
	}
	x, y := a[0], a[1]
	switch {
	case x.d != nil && y.d != nil:
		return &node{d: extremeOf(x.d, y.d, sign)}
	case x.i != nil && y.i != nil:
		return &node{i: extremeOf(x.i, y.i, sign)}
	}
	return nil
}

func extremeOf[T cmp.Ordered](l, r fn[T], sign int) fn[T] {
	return func(f *frame) (T, bool) {
		x, ok1 := l(f)
		y, ok2 := r(f)
		if sign < 0 && y < x || sign > 0 && y > x {
			x = y
		}
		return x, ok1 && ok2
	}
}
