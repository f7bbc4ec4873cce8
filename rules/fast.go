package rules

import (
	"regexp"
	"time"

	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Most expressions of a pack compare facts with each other, and most facts are
// known. For those the checked expression is compiled a second time, into
// closures over Go values. A closure that meets anything else (a fact that is
// not known, an overflow, a division by zero, an object given as data, a panic)
// answers "not ok", and the CEL program decides. So the closures can only ever
// give a value that CEL would give too; TestFastAgreesWithCEL holds them to it.

// fn is a compiled node.
type fn[T any] func(*frame) (T, bool)

// node is an expression of one of the kinds; the others are nil.
type node struct {
	b fn[bool]
	i fn[int64]
	d fn[float64]
	s fn[string]
	t fn[time.Time]
	u fn[time.Duration]
	o fn[any]
	l fn[fastList]

	given    int                       // of a variable of the subject that is an object: its place, from 1
	fact     func(any) (float64, bool) // of a number of such a variable, finite or not
	factOf   int                       // its place, from 0
	constant bool
	elem     *types.Type // of a list
	count    fn[int64]   // of a list, where its length is found without it
}

const maxLocals = 4

// frame is what closures read: the variables of one subject, and what the vars
// of one rule were.
type frame struct {
	vals   []any // of the subject's variables, as the host gave them; an object that is not there is nil
	now    time.Time
	locals [maxLocals]any // of the loops around, from the outside
	vars   []memo         // of the rule
	rule   *rule
	arena  []any // entries of the lists that filters make
	text   scannedText
}

// memo is what a var of a rule was.
type memo struct {
	state memoState
	b     bool
	i     int64
	d     float64
	s     string
	t     time.Time
	u     time.Duration
	o     any
	l     fastList
}

type memoState uint8

const (
	notAsked memoState = iota
	isKnown
	notPlain // CEL has to say what it is
)

// enter makes the frame ready for a rule.
func (f *frame) enter(r *rule) {
	f.rule = r
	for i := range f.vars[:len(r.vars)] {
		f.vars[i].state = notAsked
	}
	if len(f.arena) > 0 {
		clear(f.arena)
		f.arena = f.arena[:0]
	}
}

// decision is what closures say of a rule.
type decision uint8

const (
	undecided decision = iota // CEL has to decide
	passes
	fails
	skips
)

func (d decision) outcome() Outcome {
	return [...]Outcome{"", OutcomePass, OutcomeFail, OutcomeSkip}[d]
}

// prepare finds the closures that decide a rule, if all of it is in closures.
func (r *rule) prepare() {
	r.applies, r.holds, r.keeps = nil, nil, len(r.vars) > 0
	progs := []*program{r.when, r.body}
	if r.message != nil {
		for _, p := range r.message.parts {
			progs = append(progs, p.prog)
		}
	}
	for _, p := range progs {
		r.keeps = r.keeps || p != nil && p.loops
	}
	if r.body == nil || r.body.fast == nil || r.when != nil && r.when.fast == nil {
		return
	}
	r.holds = r.body.fast.b
	if r.when != nil {
		r.applies = r.when.fast.b
	}
}

// quick decides a rule by closures, or not at all.
func (r *rule) quick(f *frame) decision {
	if r.holds == nil {
		return undecided
	}
	if r.keeps {
		f.enter(r)
	}
	if r.applies != nil {
		applies, ok := r.applies(f)
		if !ok {
			return undecided
		}
		if !applies {
			return skips
		}
	}
	holds, ok := r.holds(f)
	switch {
	case !ok:
		return undecided
	case holds:
		return passes
	}
	return fails
}

func (f *frame) varAt(i int) *memo {
	m := &f.vars[i]
	if m.state == notAsked {
		m.state = notPlain
		if m.take(f, f.rule.vars[i].prog.fast) {
			m.state = isKnown
		}
	}
	return m
}

// take evaluates a node of whatever kind.
func (m *memo) take(f *frame, n *node) (ok bool) {
	switch {
	case n == nil:
	case n.b != nil:
		m.b, ok = n.b(f)
	case n.i != nil:
		m.i, ok = n.i(f)
	case n.d != nil:
		m.d, ok = n.d(f)
	case n.s != nil:
		m.s, ok = n.s(f)
	case n.t != nil:
		m.t, ok = n.t(f)
	case n.u != nil:
		m.u, ok = n.u(f)
	case n.o != nil:
		m.o, ok = n.o(f)
	case n.l != nil:
		m.l, ok = n.l(f)
	}
	return ok
}

// plain gives the value of a node that was taken, as a host reads it. Objects
// are bare.
func (m *memo) plain(n *node) any {
	switch {
	case n.b != nil:
		return m.b
	case n.i != nil:
		return m.i
	case n.d != nil:
		return m.d
	case n.s != nil:
		return m.s
	case n.t != nil:
		return m.t
	case n.u != nil:
		return m.u
	case n.o != nil:
		return m.o
	}
	out := make([]any, m.l.n)
	for i := range out {
		out[i] = m.l.item(i)
	}
	return out
}

// fastCompiler turns one checked expression into closures.
type fastCompiler struct {
	env    *Env
	sc     *scope
	a      *celast.AST
	locals []local
	used   int // locals in use at this depth
	loops  bool
}

type local struct {
	name string
	slot int
	typ  *types.Type
}

// fast compiles what it can; nil means that CEL evaluates the expression. The
// second result says whether the closures leave anything in the frame.
func (c *compiler) fast(sc *scope, a *celast.AST) (n *node, loops bool) {
	fc := &fastCompiler{env: c.env, sc: sc, a: a}
	n = fc.expr(a.Expr())
	return n, fc.loops
}

func (c *fastCompiler) typeOf(e celast.Expr) *types.Type {
	if t := c.a.GetType(e.ID()); t != nil {
		return t
	}
	return types.ErrorType
}

func (c *fastCompiler) expr(e celast.Expr) *node {
	if r, ok := c.a.ReferenceMap()[e.ID()]; ok && r.Value != nil {
		return constNode(r.Value)
	}
	switch e.Kind() {
	case celast.LiteralKind:
		return constNode(e.AsLiteral())
	case celast.IdentKind:
		return c.ident(e.AsIdent())
	case celast.SelectKind:
		return c.selection(e)
	case celast.CallKind:
		return c.call(e)
	case celast.ListKind:
		return c.list(e)
	case celast.ComprehensionKind:
		return c.comprehension(e)
	}
	return nil
}

func constant1[T any](v T) fn[T] { return func(*frame) (T, bool) { return v, true } }

func constNode(v ref.Val) *node {
	n := &node{constant: true}
	switch v := v.(type) {
	case types.Bool:
		n.b = constant1(bool(v))
	case types.Int:
		n.i = constant1(int64(v))
	case types.Double:
		n.d = constant1(float64(v))
	case types.String:
		n.s = constant1(string(v))
	case types.Timestamp:
		n.t = constant1(v.Time)
	case types.Duration:
		n.u = constant1(v.Duration)
	default:
		items, ok := native(v).([]any)
		if !ok || len(items) == 0 {
			return nil
		}
		l := fastList{items: items, n: len(items)}
		n.l = constant1(l)
		switch items[0].(type) {
		case string:
			n.elem = types.StringType
		case int64:
			n.elem = types.IntType
		case float64:
			n.elem = types.DoubleType
		default:
			return nil
		}
	}
	return n
}

func (c *fastCompiler) ident(name string) *node {
	for i := len(c.locals) - 1; i >= 0; i-- {
		if c.locals[i].name == name {
			return localNode(c.locals[i])
		}
	}
	for i := range c.sc.vars {
		if c.sc.vars[i].name == name {
			return varNode(i, c.sc.vars[i].prog)
		}
	}
	for i := range c.sc.sub.vars {
		if v := &c.sc.sub.vars[i]; v.name == name {
			return subjectNode(i, v)
		}
	}
	return nil
}

func asserted[T any](get func(*frame) any) fn[T] {
	return func(f *frame) (T, bool) {
		v, ok := get(f).(T)
		return v, ok
	}
}

func localNode(l local) *node {
	slot := l.slot
	get := func(f *frame) any { return f.locals[slot] }
	switch l.typ.Kind() {
	case types.BoolKind:
		return &node{b: asserted[bool](get)}
	case types.IntKind:
		return &node{i: asserted[int64](get)}
	case types.DoubleKind:
		return &node{d: asserted[float64](get)}
	case types.StringKind:
		return &node{s: asserted[string](get)}
	case types.TimestampKind:
		return &node{t: asserted[time.Time](get)}
	case types.DurationKind:
		return &node{u: asserted[time.Duration](get)}
	case types.StructKind:
		return &node{o: func(f *frame) (any, bool) {
			v := f.locals[slot]
			return v, v != nil
		}}
	}
	return nil
}

// varNode reads a var of the rule, which is evaluated once.
func varNode(i int, p *program) *node {
	n := p.fast
	if n == nil || p.guarded {
		return nil
	}
	known := func(f *frame) (*memo, bool) {
		m := f.varAt(i)
		return m, m.state == isKnown
	}
	switch {
	case n.b != nil:
		return &node{b: func(f *frame) (bool, bool) { m, ok := known(f); return m.b, ok }}
	case n.i != nil:
		return &node{i: func(f *frame) (int64, bool) { m, ok := known(f); return m.i, ok }}
	case n.d != nil:
		return &node{d: func(f *frame) (float64, bool) { m, ok := known(f); return m.d, ok }}
	case n.s != nil:
		return &node{s: func(f *frame) (string, bool) { m, ok := known(f); return m.s, ok }}
	case n.t != nil:
		return &node{t: func(f *frame) (time.Time, bool) { m, ok := known(f); return m.t, ok }}
	case n.u != nil:
		return &node{u: func(f *frame) (time.Duration, bool) { m, ok := known(f); return m.u, ok }}
	case n.o != nil:
		return &node{o: func(f *frame) (any, bool) { m, ok := known(f); return m.o, ok }}
	case n.l != nil:
		return &node{elem: n.elem, l: func(f *frame) (fastList, bool) { m, ok := known(f); return m.l, ok }}
	}
	return nil
}

func subjectNode(i int, v *variable) *node {
	if v.name == "now" {
		return &node{t: func(f *frame) (time.Time, bool) { return f.now, true }}
	}
	switch v.kind {
	case Object:
		return &node{given: i + 1, o: func(f *frame) (any, bool) {
			o := f.vals[i]
			return o, o != nil
		}}
	case Bool:
		return &node{b: givenNode[bool](i)}
	case Int:
		return &node{i: givenNode[int64](i)}
	case Double:
		d := givenNode[float64](i)
		return &node{d: func(f *frame) (float64, bool) { return finiteDouble(d(f)) }}
	case String:
		return &node{s: givenNode[string](i)}
	case Timestamp:
		t := givenNode[time.Time](i)
		return &node{t: func(f *frame) (time.Time, bool) { v, ok := t(f); return v, ok && !v.IsZero() }}
	case Duration:
		return &node{u: givenNode[time.Duration](i)}
	}
	return nil
}

func givenNode[T any](i int) fn[T] {
	return func(f *frame) (T, bool) {
		v, ok := f.vals[i].(T)
		return v, ok
	}
}

func (c *fastCompiler) selection(e celast.Expr) *node {
	sel := e.AsSelect()
	f := (&sizes{env: c.env, ast: c.a}).field(e)
	if f == nil {
		return nil
	}
	operand := c.expr(sel.Operand())
	if operand == nil || operand.o == nil {
		return nil
	}
	value := fieldNode(f, operand)
	if value == nil || !sel.IsTestOnly() {
		return value
	}
	return presenceNode(f, operand, value)
}

func (c *fastCompiler) list(e celast.Expr) *node {
	l := e.AsList()
	if l.Size() == 0 || len(l.OptionalIndices()) > 0 {
		return nil
	}
	items := make([]any, l.Size())
	var elem *types.Type
	for i, it := range l.Elements() {
		n := c.expr(it)
		if n == nil || !n.constant || n.l != nil {
			return nil
		}
		t := c.typeOf(it)
		if elem != nil && !t.IsExactType(elem) {
			return nil
		}
		elem = t
		var m memo
		if !m.take(&frame{}, n) {
			return nil
		}
		items[i] = m.plain(n)
	}
	return &node{constant: true, elem: elem, l: constant1(fastList{items: items, n: len(items)})}
}

func sized(n *node) fn[int64] {
	switch {
	case n.s != nil:
		return func(f *frame) (int64, bool) {
			v, ok := n.s(f)
			return int64(characters(v)), ok
		}
	case n.count != nil:
		return n.count
	case n.l != nil:
		return func(f *frame) (int64, bool) {
			l, ok := n.l(f)
			return int64(l.n), ok
		}
	}
	return nil
}

// exact is the range in which every whole number is a double.
const exact = 1 << 53

// asDouble reads a number as a double, if nothing is lost.
func (n *node) asDouble() fn[float64] {
	switch {
	case n.d != nil:
		return n.d
	case n.i != nil:
		i := n.i
		return func(f *frame) (float64, bool) {
			v, ok := i(f)
			return float64(v), ok && -exact <= v && v <= exact
		}
	}
	return nil
}

// isFinite: neither a number that is none nor an infinite one is 0 away from
// itself.
func isFinite(v float64) bool { return v-v == 0 }

func finiteDouble(v float64, ok bool) (float64, bool) { return v, ok && isFinite(v) }

func constString(n *node) (string, bool) {
	if n == nil || n.s == nil || !n.constant {
		return "", false
	}
	return n.s(nil)
}

func constStrings(n *node) ([]string, bool) {
	if n == nil || n.l == nil || !n.constant {
		return nil, false
	}
	l, _ := n.l(nil)
	out := make([]string, l.n)
	for i := range out {
		s, ok := l.items[i].(string)
		if !ok {
			return nil, false
		}
		out[i] = s
	}
	return out, true
}

func matcher(n *node, pattern *node) *node {
	p, ok := constString(pattern)
	if !ok || n.s == nil {
		return nil
	}
	re, err := regexp.Compile(p)
	if err != nil {
		return nil
	}
	return &node{b: func(f *frame) (bool, bool) {
		v, ok := n.s(f)
		return ok && re.MatchString(v), ok
	}}
}
