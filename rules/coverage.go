package rules

import (
	"cmp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
)

// Coverage says how many branches of a pack its tests took. A branch is one way, true
// or false, that something decides: a when, a check, a part of && or ||, the
// condition of ?:, and what all, exists, exists_one and filter ask of an entry.
type Coverage struct {
	Pack string `json:"pack"`
	File string `json:"file"` // of the pack
	// Branches is how many there are, Taken how many some test took.
	Branches int `json:"branches"`
	Taken    int `json:"taken"`
	// Untaken are the others, in the order of the file.
	Untaken []Untaken `json:"untaken"`
}

// Untaken is an expression that never was true, or never false, in any test.
type Untaken struct {
	// ID of the rule, score or status, and the part of it: "when", "check",
	// "message", "score", "status" or the name of a var.
	ID   string `json:"id"`
	Part string `json:"part"`
	File string `json:"file"`
	Line int    `json:"line"`
	Col  int    `json:"col"`
	// Expr is the expression, Never what it never was: true, false, or both.
	Expr  string `json:"expr"`
	Never []bool `json:"never"`
}

// Share is the part of the branches that was taken, within 0 and 1; 1 where there
// are none.
func (c Coverage) Share() float64 {
	if c.Branches == 0 {
		return 1
	}
	return float64(c.Taken) / float64(c.Branches)
}

// String names the expression, and what it never was.
func (u Untaken) String() string {
	never := "true"
	switch {
	case len(u.Never) > 1:
		never = "true or false"
	case !u.Never[0]:
		never = "false"
	}
	return u.ID + ": " + u.Part + ": " + u.Expr + " is never " + never
}

// probe watches which branches are taken.
type probe struct {
	points map[point]*taken
	order  []point
}

// point is an expression that decides something.
type point struct {
	pack, id, part string
	file           string
	line, col      int
	expr           string
}

type taken struct{ yes, no bool }

func newProbe() *probe { return &probe{points: map[point]*taken{}} }

// at is what is known of a point. A point is the same in every variant of a pack.
func (p *probe) at(k point) *taken {
	t := p.points[k]
	if t == nil {
		t = &taken{}
		p.points[k] = t
		p.order = append(p.order, k)
	}
	return t
}

// coverage sums up a pack.
func (p *probe) coverage(pack *PackInfo) Coverage {
	c := Coverage{Pack: pack.Name, File: pack.File, Untaken: []Untaken{}}
	for _, k := range p.order {
		if k.pack != c.Pack {
			continue
		}
		c.Branches += 2
		t := p.points[k]
		u := Untaken{ID: k.id, Part: k.part, File: k.file, Line: k.line, Col: k.col, Expr: k.expr}
		if !t.yes {
			u.Never = append(u.Never, true)
		}
		if !t.no {
			u.Never = append(u.Never, false)
		}
		c.Taken += 2 - len(u.Never)
		if len(u.Never) > 0 {
			c.Untaken = append(c.Untaken, u)
		}
	}
	slices.SortStableFunc(c.Untaken, func(a, b Untaken) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	return c
}

// watch puts the branches of an expression under watch.
func (c *compiler) watch(a *celast.AST, text string, at []place, part string) cel.ProgramOption {
	points := map[int64]*taken{}
	if part == partOfMessage {
		part = "message"
	}
	var d deciders
	d.root(a.Expr(), part == "when" || part == "check")
	for _, e := range d.found {
		shown, err := cel.ExprToString(e, a.SourceInfo())
		if err != nil {
			continue // made by a macro, and nothing that an author wrote
		}
		where := at[min(beginning(a, e, text), len(at)-1)]
		points[e.ID()] = c.probe.at(point{c.pack.info.Name, c.rule, part, c.src.file, where.line, where.col, strings.Join(strings.Fields(shown), " ")})
	}
	return cel.CustomDecoratorV2(func(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
		if t := points[i.ID()]; t != nil {
			if _, twice := i.(probed); !twice {
				return probed{i, t}, nil
			}
		}
		return i, nil
	})
}

const partOfMessage = "a message"

// beginning is where the leftmost part of an expression stands.
func beginning(a *celast.AST, e celast.Expr, text string) int {
	first := len(text)
	visit(e, func(e celast.Expr) {
		if _, known := a.SourceInfo().GetOffsetRange(e.ID()); !known {
			return
		}
		off := offsetOf(a, e.ID(), text)
		if e.Kind() == celast.SelectKind && e.AsSelect().IsTestOnly() { // stands at the bracket of has(
			off = max(off-len("has"), 0)
		}
		if e.Kind() == celast.IdentKind { // of a parameter, stands at the dot
			off = max(off-max(strings.LastIndex(e.AsIdent(), "."), 0), 0)
		}
		first = min(first, off)
	})
	return first
}

type probed struct {
	interpreter.InterpretableV2
	taken *taken
}

func (p probed) Exec(f *interpreter.ExecutionFrame) ref.Val {
	v := p.InterpretableV2.Exec(f)
	switch v {
	case types.True:
		p.taken.yes = true
	case types.False:
		p.taken.no = true
	}
	return v
}

func (p probed) Eval(a interpreter.Activation) ref.Val { return interpreter.EvalActivation(a, p.Exec) }

// deciders finds the expressions that decide something.
type deciders struct {
	found []celast.Expr
	accus []string // of the loops around
}

// root looks at a whole expression, which decides something itself or does not.
func (d *deciders) root(e celast.Expr, decides bool) {
	if decides {
		d.decision(e)
	} else {
		d.within(e)
	}
}

// decision looks at an expression whose truth decides something. Of && and || the
// parts say it all.
func (d *deciders) decision(e celast.Expr) {
	switch {
	case e.Kind() == celast.LiteralKind, e.Kind() == celast.IdentKind && slices.Contains(d.accus, e.AsIdent()):
		return
	case isCallOf(e, operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot):
		for _, arg := range e.AsCall().Args() {
			d.decision(arg)
		}
		return
	}
	d.found = append(d.found, e)
	d.within(e)
}

// within looks for decisions inside of an expression.
func (d *deciders) within(e celast.Expr) {
	switch e.Kind() {
	case celast.CallKind:
		call := e.AsCall()
		switch {
		case isCallOf(e, operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot):
			d.decision(e)
			return
		case isCallOf(e, operators.Conditional):
			d.decision(call.Args()[0])
			d.within(call.Args()[1])
			d.within(call.Args()[2])
			return
		}
		if call.IsMemberFunction() {
			d.within(call.Target())
		}
		for _, arg := range call.Args() {
			d.within(arg)
		}
	case celast.SelectKind:
		d.within(e.AsSelect().Operand())
	case celast.ListKind:
		for _, it := range e.AsList().Elements() {
			d.within(it)
		}
	case celast.ComprehensionKind:
		k := e.AsComprehension()
		d.within(k.IterRange())
		d.accus = append(d.accus, k.AccuVar())
		d.within(k.LoopStep())
		d.accus = d.accus[:len(d.accus)-1]
	}
}

func isCallOf(e celast.Expr, names ...string) bool {
	return e.Kind() == celast.CallKind && slices.Contains(names, e.AsCall().FunctionName())
}
