package rules

import (
	"math"
	"slices"
	"strings"
	"time"

	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
)

// call compiles operators and functions.
func (c *fastCompiler) call(e celast.Expr) *node {
	call := e.AsCall()
	args := make([]*node, 0, len(call.Args())+1)
	if call.IsMemberFunction() {
		args = append(args, c.expr(call.Target()))
	}
	for _, a := range call.Args() {
		args = append(args, c.expr(a))
	}
	if slices.Contains(args, nil) {
		return nil
	}
	n := c.apply(e, call.FunctionName(), args)
	for _, id := range c.a.GetOverloadIDs(e.ID()) {
		if c.env.funcs[id] != nil { // the host's function is not called at load
			return n
		}
	}
	if n != nil && n.l == nil && !slices.ContainsFunc(args, func(a *node) bool { return !a.constant }) {
		return folded(n)
	}
	return n
}

// folded evaluates once what does not change.
func folded(n *node) *node {
	var m memo
	if !m.take(&frame{}, n) {
		return n
	}
	return constNode(adapter{}.NativeToValue(m.plain(n)))
}

func (c *fastCompiler) apply(e celast.Expr, name string, a []*node) *node {
	switch name {
	case operators.LogicalAnd:
		return junction(a, false)
	case operators.LogicalOr:
		return junction(a, true)
	case operators.LogicalNot:
		if a[0].b == nil {
			return nil
		}
		b := a[0].b
		return &node{b: func(f *frame) (bool, bool) { v, ok := b(f); return !v, ok }}
	case operators.Conditional:
		return conditional(a)
	case operators.Equals:
		return equality(a, true)
	case operators.NotEquals:
		return equality(a, false)
	case operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		return comparison(name, a)
	case operators.Add, operators.Subtract, operators.Multiply, operators.Divide:
		return arithmetic(name, a)
	case operators.Negate:
		if d := a[0].d; d != nil {
			return &node{d: func(f *frame) (float64, bool) { v, ok := d(f); return -v, ok }}
		}
		if i := a[0].i; i != nil {
			return &node{i: func(f *frame) (int64, bool) { v, ok := i(f); return -v, ok && v != math.MinInt64 }}
		}
	case operators.In:
		return membership(a)
	case operators.Index:
		if a[0].l != nil && a[0].elem != nil && a[1].i != nil {
			return entryNode(a[0], a[1].i)
		}
	case "join":
		return joined(a)
	case "size":
		if n := sized(a[0]); n != nil && len(a) == 1 {
			return &node{i: n}
		}
	case "contains", "startsWith", "endsWith":
		if len(a) == 2 && a[0].s != nil && a[1].s != nil {
			op := map[string]func(string, string) bool{
				"contains": strings.Contains, "startsWith": strings.HasPrefix, "endsWith": strings.HasSuffix,
			}[name]
			l, r := a[0].s, a[1].s
			return &node{b: func(f *frame) (bool, bool) {
				x, ok1 := l(f)
				y, ok2 := r(f)
				return ok1 && ok2 && op(x, y), ok1 && ok2
			}}
		}
	case "matches":
		if len(a) == 2 {
			return matcher(a[0], a[1])
		}
	case "hasNumber":
		if s := a[0].s; s != nil {
			return &node{b: func(f *frame) (bool, bool) { v, ok := s(f); return ok && f.text.scan(v).hasNumber(), ok }}
		}
	case "hasAnyWord", "startsWithAnyWord":
		words, ok := constStrings(a[1])
		if !ok || a[0].s == nil {
			return nil
		}
		s, set, atStart := a[0].s, newWordSet(words), name == "startsWithAnyWord"
		return &node{b: func(f *frame) (bool, bool) { v, ok := s(f); return ok && set.inScanned(f.text.scan(v), atStart), ok }}
	case overloads.TypeConvertDuration, overloads.TypeConvertTimestamp, overloads.TypeConvertDouble:
		if len(a) == 1 {
			return converted(name, a[0])
		}
	case "days", "weeks":
		unit := 24 * time.Hour
		if name == "weeks" {
			unit *= 7
		}
		if n := a[0].asDouble(); n != nil {
			return &node{u: func(f *frame) (time.Duration, bool) {
				v, ok := n(f)
				if !ok {
					return 0, false
				}
				d, isSpan := spanOf(v, unit).(types.Duration)
				return d.Duration, isSpan
			}}
		}
	case "clamp":
		if a[0].d != nil {
			return &node{d: func(f *frame) (float64, bool) {
				x, ok1 := a[0].d(f)
				lo, ok2 := a[1].d(f)
				hi, ok3 := a[2].d(f)
				return min(max(x, lo), hi), ok1 && ok2 && ok3
			}}
		}
		if a[0].i != nil {
			return &node{i: func(f *frame) (int64, bool) {
				x, ok1 := a[0].i(f)
				lo, ok2 := a[1].i(f)
				hi, ok3 := a[2].i(f)
				return min(max(x, lo), hi), ok1 && ok2 && ok3
			}}
		}
	case "math.@min":
		return extreme(a, -1)
	case "math.@max":
		return extreme(a, +1)
	case "last":
		if len(a) == 2 && a[0].l != nil && a[1].i != nil {
			l, n := a[0].l, a[1].i
			return &node{elem: a[0].elem, l: func(f *frame) (fastList, bool) {
				list, ok1 := l(f)
				want, ok2 := n(f)
				if !ok1 || !ok2 || want < 0 {
					return fastList{}, false
				}
				list.n = int(min(want, int64(list.n)))
				return list, true
			}}
		}
	}
	return c.hostCall(e, a)
}

// converted is duration(…) and timestamp(…) of a constant text, and double(…) of a
// number.
func converted(name string, n *node) *node {
	if name == overloads.TypeConvertDouble {
		i := n.i
		switch {
		case n.d != nil:
			return &node{d: n.d}
		case i == nil:
			return nil
		}
		return &node{d: func(f *frame) (float64, bool) { v, ok := i(f); return float64(v), ok }}
	}
	text, ok := constString(n)
	if !ok {
		return nil
	}
	want := types.DurationType
	if name == overloads.TypeConvertTimestamp {
		want = types.TimestampType
	}
	return constNode(types.String(text).ConvertToType(want))
}

// junction is && (absorbing false) or || (absorbing true): an operand that is
// not plain does not matter if another absorbs.
func junction(a []*node, absorb bool) *node {
	terms := make([]fn[bool], len(a))
	for i, n := range a {
		if terms[i] = n.b; n.b == nil {
			return nil
		}
	}
	if len(terms) == 2 {
		l, r := terms[0], terms[1]
		return &node{b: func(f *frame) (bool, bool) {
			x, ok1 := l(f)
			if ok1 && x == absorb {
				return absorb, true
			}
			y, ok2 := r(f)
			if ok2 && y == absorb {
				return absorb, true
			}
			return !absorb, ok1 && ok2
		}}
	}
	return &node{b: func(f *frame) (bool, bool) {
		all := true
		for _, t := range terms {
			v, ok := t(f)
			if ok && v == absorb {
				return absorb, true
			}
			all = all && ok
		}
		return !absorb, all
	}}
}

func choose[T any](cond fn[bool], yes, no fn[T]) fn[T] {
	return func(f *frame) (T, bool) {
		c, ok := cond(f)
		if !ok {
			var zero T
			return zero, false
		}
		if c {
			return yes(f)
		}
		return no(f)
	}
}

func conditional(a []*node) *node {
	cond, x, y := a[0].b, a[1], a[2]
	switch {
	case cond == nil:
	case x.b != nil && y.b != nil:
		return &node{b: choose(cond, x.b, y.b)}
	case x.i != nil && y.i != nil:
		return &node{i: choose(cond, x.i, y.i)}
	case x.d != nil && y.d != nil:
		return &node{d: choose(cond, x.d, y.d)}
	case x.s != nil && y.s != nil:
		return &node{s: choose(cond, x.s, y.s)}
	case x.t != nil && y.t != nil:
		return &node{t: choose(cond, x.t, y.t)}
	case x.u != nil && y.u != nil:
		return &node{u: choose(cond, x.u, y.u)}
	case x.o != nil && y.o != nil:
		return &node{o: choose(cond, x.o, y.o)}
	case x.l != nil && y.l != nil:
		return &node{l: choose(cond, x.l, y.l), elem: x.elem}
	}
	return nil
}

// hostCall calls a function of the host.
func (c *fastCompiler) hostCall(e celast.Expr, a []*node) *node {
	ids := c.a.GetOverloadIDs(e.ID())
	if len(ids) != 1 {
		return nil
	}
	h := c.env.funcs[ids[0]]
	texts := func(p Param) bool { return p.Kind == List && p.Of == String.String() }
	if h == nil || slices.ContainsFunc(h.Params, func(p Param) bool { return p.Kind == List && !texts(p) }) {
		return nil
	}
	call := func(f *frame) (any, bool) {
		args := make([]any, len(a))
		for i, n := range a {
			var m memo
			if !m.take(f, n) {
				return nil, false
			}
			args[i] = m.plain(n)
			if n.l == nil {
				continue
			}
			list := make([]string, m.l.n)
			for j := range list {
				var isText bool
				if list[j], isText = m.l.item(j).(string); !isText {
					return nil, false
				}
			}
			args[i] = list
		}
		v, err := h.Call(args)
		return v, err == nil
	}
	if h.text != nil {
		text := a[0].s
		if text == nil {
			return nil
		}
		call = func(f *frame) (any, bool) {
			s, ok := text(f)
			if !ok {
				return nil, false
			}
			v, err := h.text(s)
			return v, err == nil
		}
	}
	switch h.Result.Kind {
	case List:
		if !texts(h.Result) {
			return nil
		}
		get := resultAs[[]string](call)
		return &node{elem: types.StringType, l: func(f *frame) (fastList, bool) {
			v, ok := get(f)
			if !ok || len(v) > h.result.max {
				return fastList{}, false
			}
			for _, s := range v {
				if !h.result.item.plain(s) {
					return fastList{}, false
				}
			}
			return fastList{src: v, n: len(v), at: stringAt}, true
		}}
	case Bool:
		return &node{b: resultAs[bool](call)}
	case Int:
		return &node{i: resultAs[int64](call)}
	case Double:
		d := resultAs[float64](call)
		return &node{d: func(f *frame) (float64, bool) { return finiteDouble(d(f)) }}
	case String:
		s := resultAs[string](call)
		return &node{s: func(f *frame) (string, bool) {
			v, ok := s(f)
			return v, ok && (len(v) <= h.result.max || characters(v) <= h.result.max)
		}}
	case Timestamp:
		t := resultAs[time.Time](call)
		return &node{t: func(f *frame) (time.Time, bool) { v, ok := t(f); return v, ok && !v.IsZero() }}
	case Duration:
		return &node{u: resultAs[time.Duration](call)}
	}
	return nil
}

func resultAs[T any](call func(*frame) (any, bool)) fn[T] {
	return func(f *frame) (T, bool) {
		v, ok := call(f)
		r, isT := v.(T)
		return r, ok && isT
	}
}

// entryNode is list[i].
func entryNode(list *node, i fn[int64]) *node {
	get := func(f *frame) (any, bool) {
		l, ok1 := list.l(f)
		at, ok2 := i(f)
		if !ok1 || !ok2 || at < 0 || at >= int64(l.n) {
			return nil, false
		}
		return l.item(int(at)), true
	}
	switch list.elem.Kind() {
	case types.BoolKind:
		return &node{b: resultAs[bool](get)}
	case types.IntKind:
		return &node{i: resultAs[int64](get)}
	case types.DoubleKind:
		return &node{d: resultAs[float64](get)}
	case types.StringKind:
		return &node{s: resultAs[string](get)}
	case types.TimestampKind:
		return &node{t: resultAs[time.Time](get)}
	case types.DurationKind:
		return &node{u: resultAs[time.Duration](get)}
	case types.StructKind:
		return &node{o: func(f *frame) (any, bool) {
			v, ok := get(f)
			return v, ok && plainObject(v)
		}}
	}
	return nil
}

// joined is list.join() and list.join(separator).
func joined(a []*node) *node {
	l := a[0]
	if l.l == nil || l.elem == nil || l.elem.Kind() != types.StringKind || len(a) > 2 {
		return nil
	}
	sep := constant1("")
	if len(a) == 2 {
		if sep = a[1].s; sep == nil {
			return nil
		}
	}
	return &node{s: func(f *frame) (string, bool) {
		list, ok1 := l.l(f)
		between, ok2 := sep(f)
		if !ok1 || !ok2 {
			return "", false
		}
		var b strings.Builder
		for i := range list.n {
			s, ok := list.item(i).(string)
			if !ok {
				return "", false
			}
			if i > 0 {
				b.WriteString(between)
			}
			b.WriteString(s)
		}
		return b.String(), true
	}}
}
