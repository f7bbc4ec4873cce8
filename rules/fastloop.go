package rules

import (
	"slices"

	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// comprehension compiles what the macros all, exists, exists_one, filter and
// map expand to.
func (c *fastCompiler) comprehension(e celast.Expr) *node {
	k := e.AsComprehension()
	if k.HasIterVar2() {
		return nil
	}
	over := c.expr(k.IterRange())
	if over == nil || over.l == nil || over.elem == nil || c.used == maxLocals {
		return nil
	}
	accu := k.AccuVar()
	slot := c.used
	c.used++
	c.loops = true
	c.locals = append(c.locals, local{k.IterVar(), slot, over.elem})
	defer func() {
		c.used--
		c.locals = c.locals[:len(c.locals)-1]
	}()

	step := k.LoopStep()
	if step.Kind() != celast.CallKind || readsElsewhere(k) {
		return nil
	}
	call := step.AsCall()
	args := call.Args()
	switch call.FunctionName() {
	case operators.LogicalAnd, operators.LogicalOr: // all, exists
		absorb := call.FunctionName() == operators.LogicalOr
		if !isIdent(args[0], accu) || !isLiteral(k.AccuInit(), types.Bool(!absorb)) || !isIdent(k.Result(), accu) {
			return nil
		}
		if p := c.expr(args[1]); p != nil && p.b != nil {
			return &node{b: anyAll(over.l, slot, p.b, absorb)}
		}
	case operators.Conditional:
		if !isIdent(args[2], accu) {
			return nil
		}
		p := c.expr(args[0])
		if p == nil || p.b == nil {
			return nil
		}
		if isLiteral(k.AccuInit(), types.Int(0)) { // exists_one
			if k.Result().Kind() != celast.CallKind {
				return nil
			}
			return &node{b: exactlyOne(over.l, slot, p.b)}
		}
		return c.collect(k, over, slot, p.b, args[1])
	case operators.Add: // map
		return c.collect(k, over, slot, nil, step)
	}
	return nil
}

func isIdent(e celast.Expr, name string) bool {
	return e.Kind() == celast.IdentKind && e.AsIdent() == name
}

func isLiteral(e celast.Expr, v any) bool {
	return e.Kind() == celast.LiteralKind && e.AsLiteral() == v
}

// readsElsewhere says whether the loop runs on a condition that is not one of
// the macros'.
func readsElsewhere(k celast.ComprehensionExpr) bool {
	cond := k.LoopCondition()
	if isLiteral(cond, types.True) {
		return false
	}
	return cond.Kind() != celast.CallKind || cond.AsCall().FunctionName() != operators.NotStrictlyFalse
}

// anyAll is all (absorbing false) or exists (absorbing true). As with && and ||,
// an entry that absorbs decides, whatever the others are.
func anyAll(over fn[fastList], slot int, p fn[bool], absorb bool) fn[bool] {
	return func(f *frame) (bool, bool) {
		l, ok := over(f)
		if !ok {
			return false, false
		}
		plain := true
		for i := range l.n {
			f.locals[slot] = l.item(i)
			v, ok := p(f)
			if ok && v == absorb {
				return absorb, true
			}
			plain = plain && ok
		}
		return !absorb, plain
	}
}

func exactlyOne(over fn[fastList], slot int, p fn[bool]) fn[bool] {
	return func(f *frame) (bool, bool) {
		l, ok := over(f)
		if !ok {
			return false, false
		}
		n := 0
		for i := range l.n {
			f.locals[slot] = l.item(i)
			v, ok := p(f)
			if !ok {
				return false, false
			}
			if v {
				n++
			}
		}
		return n == 1, true
	}
}

// collect is filter and map: the accumulator grows by one entry a step.
func (c *fastCompiler) collect(k celast.ComprehensionExpr, over *node, slot int, p fn[bool], grow celast.Expr) *node {
	if k.AccuInit().Kind() != celast.ListKind || k.AccuInit().AsList().Size() != 0 || !isIdent(k.Result(), k.AccuVar()) {
		return nil
	}
	if grow.Kind() != celast.CallKind || grow.AsCall().FunctionName() != operators.Add {
		return nil
	}
	args := grow.AsCall().Args()
	if !isIdent(args[0], k.AccuVar()) || args[1].Kind() != celast.ListKind || args[1].AsList().Size() != 1 {
		return nil
	}
	entry := args[1].AsList().Elements()[0]
	filter := isIdent(entry, k.IterVar())
	item := c.expr(entry)
	if item == nil || item.l != nil {
		return nil
	}
	out := &node{elem: c.typeOf(entry)}
	if filter && p != nil {
		out.count = counted(over.l, slot, p)
	}
	out.l = func(f *frame) (fastList, bool) {
		l, ok := over.l(f)
		if !ok {
			return fastList{}, false
		}
		// Room for every entry is taken first: lists that are made inside the loop
		// come to lie behind it.
		from, n := len(f.arena), 0
		f.arena = slices.Grow(f.arena, l.n)[:from+l.n]
		for i := range l.n {
			v := l.item(i)
			f.locals[slot] = v
			if p != nil {
				keep, ok := p(f)
				if !ok {
					return fastList{}, false
				}
				if !keep {
					continue
				}
			}
			if !filter {
				var m memo
				if !m.take(f, item) {
					return fastList{}, false
				}
				v = m.plain(item)
			}
			f.arena[from+n] = v
			n++
		}
		return fastList{items: f.arena[from : from+n : from+n], n: n}, true
	}
	return out
}

// counted is filter(…).size().
func counted(over fn[fastList], slot int, p fn[bool]) fn[int64] {
	return func(f *frame) (int64, bool) {
		l, ok := over(f)
		if !ok {
			return 0, false
		}
		n := int64(0)
		for i := range l.n {
			f.locals[slot] = l.item(i)
			keep, ok := p(f)
			if !ok {
				return 0, false
			}
			if keep {
				n++
			}
		}
		return n, true
	}
}
