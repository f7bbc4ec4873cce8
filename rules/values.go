package rules

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// compared looks at each comparison of a fact with what is written out or a
// parameter: with a number that the fact is never near, or a text that it never is,
// it would say the same for everything.
type compared struct {
	c    *compiler
	sc   *scope
	a    *celast.AST
	fail func(at int, msg, hint string)
	src  string
	warn func(e celast.Expr, msg, hint string)
}

// all looks at the whole expression, and says whether nothing is wrong.
func (l *compared) all() bool {
	before := len(l.c.errs)
	visit(l.a.Expr(), l.look)
	return len(l.c.errs) == before
}

func (l *compared) bad(e celast.Expr, msg, hint string) {
	l.fail(offsetOf(l.a, e.ID(), l.src), msg, hint)
}

var mirrored = map[string]string{
	operators.Less: operators.Greater, operators.LessEquals: operators.GreaterEquals,
	operators.Greater: operators.Less, operators.GreaterEquals: operators.LessEquals,
	operators.Equals: operators.Equals, operators.NotEquals: operators.NotEquals,
}

func (l *compared) look(e celast.Expr) {
	if e.Kind() != celast.CallKind {
		return
	}
	call := e.AsCall()
	op := call.FunctionName()
	if op == operators.In {
		l.within(call.Args()[0], call.Args()[1])
		return
	}
	back, comparison := mirrored[op]
	if !comparison {
		return
	}
	left, right := call.Args()[0], call.Args()[1]
	if _, isConst := constant(l.a, left); isConst {
		left, right, op = right, left, back
	}
	f, name := l.fact(left), l.name(left)
	v, isConst := constant(l.a, right)
	if f == nil || !isConst {
		return
	}
	switch v := v.(type) {
	case types.Double:
		l.number(f, name, op, float64(v), right)
	case types.Int:
		l.number(f, name, op, float64(v), right)
	case types.String:
		l.text(f, name, string(v), right)
	}
}

// within looks at `fact in [a, b]`.
func (l *compared) within(left, list celast.Expr) {
	f, name := l.fact(left), l.name(left)
	if f == nil {
		return
	}
	if list.Kind() == celast.ListKind {
		for _, item := range list.AsList().Elements() {
			if v, ok := constant(l.a, item); ok {
				if t, isText := v.(types.String); isText {
					l.text(f, name, string(t), item)
				}
			}
		}
		return
	}
	if v, ok := constant(l.a, list); ok {
		if words, err := stringList(v); err == nil {
			for _, w := range words {
				l.text(f, name, w, list)
			}
		}
	}
}

func (l *compared) number(f *field, name, op string, v float64, at celast.Expr) {
	what := Format(v)
	if p := l.param(at); p != "" {
		what = p + " (" + what + ")"
	}
	asShare := "write it as a share, like 0.7 for 70 %"
	if v > 1 && v <= 100 {
		asShare = fmt.Sprintf("write %s for %s %%", Format(v/100), Format(v))
	}
	least, most := f.Range[0], f.Range[1]
	if least == 0 && most == 0 {
		if f.Unit == Share && (v >= 10 || v <= -10) {
			l.warn(at, fmt.Sprintf("%s is a share, of which 1 is the whole: %s is %s times the whole", name, what, Format(v)), asShare)
		}
		return
	}
	if f.Unit != Share && least == 0 && most >= wideScale && v > 0 && v < 1 {
		l.warn(at, fmt.Sprintf("%s goes from 0 to %s: %s is next to nothing of it", name, Format(most), what), fmt.Sprintf("write %s for %s %% of the scale", Format(v*most), Format(math.Round(v*1e4)/100)))
		return
	}
	beyond := v < least || v > most || op == operators.Greater && v == most || op == operators.Less && v == least
	if !beyond {
		return
	}
	hint := fmt.Sprintf("compare it with a number from %s to %s", Format(least), Format(most))
	if f.Unit == Share && v > most {
		hint = asShare
	}
	msg := fmt.Sprintf("%s is never more than %s and never less than %s: %s is beyond that", name, Format(most), Format(least), what)
	if f.Unit == Share {
		msg = fmt.Sprintf("%s is a share from %s to %s: %s is beyond that", name, Format(least), Format(most), what)
	}
	if v == least || v == most {
		msg = fmt.Sprintf("%s goes from %s to %s: it is never %s %s", name, Format(least), Format(most), map[bool]string{true: "more than", false: "less than"}[v == most], what)
	}
	l.bad(at, msg, hint)
}

// wideScale is from where on a number below 1 is likely meant as a share.
const wideScale = 5

func (l *compared) text(f *field, name, v string, at celast.Expr) {
	if len(f.Values) == 0 || slices.Contains(f.Values, v) {
		return
	}
	msg := fmt.Sprintf("%s is never %q", name, v)
	if p := l.param(at); p != "" {
		msg += ", which is in " + p
	}
	hint := "it is one of " + join(f.Values)
	if n := cmp.Or(meant(v, f.Values), nearest(v, f.Values)); n != "" {
		hint = fmt.Sprintf("did you mean %q? It is one of %s", n, join(f.Values))
	}
	l.bad(at, msg, hint)
}

// join lists words; "" is shown as such.
func join(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w
		if w == "" {
			out[i] = `""`
		}
	}
	return strings.Join(out, ", ")
}

// fact is the fact whose value an expression has, or nil: the fact itself, a var
// that stands for it, the least, greatest or mean of many.
func (l *compared) fact(e celast.Expr) *field {
	switch e.Kind() {
	case celast.SelectKind:
		if e.AsSelect().IsTestOnly() {
			return nil
		}
		return (&sizes{env: l.c.env, ast: l.a}).field(e)
	case celast.IdentKind:
		for _, v := range l.sc.vars {
			if v.name == e.AsIdent() {
				return v.prog.fact
			}
		}
	case celast.CallKind:
		if call := e.AsCall(); call.IsMemberFunction() && slices.Contains([]string{"min", "max", "mean"}, call.FunctionName()) {
			return l.fact(call.Target())
		}
	case celast.ComprehensionKind: // list.map(x, x.fact)
		if step := e.AsComprehension().LoopStep(); step.Kind() == celast.CallKind && step.AsCall().FunctionName() == operators.Add {
			if made := step.AsCall().Args()[1]; made.Kind() == celast.ListKind && made.AsList().Size() == 1 {
				return l.fact(made.AsList().Elements()[0])
			}
		}
	}
	return nil
}

// name is how the expression calls the fact.
func (l *compared) name(e celast.Expr) string {
	if p := pathOf(e); p != "" {
		return p
	}
	if f := l.fact(e); f != nil {
		return f.path
	}
	return ""
}

// param is the parameter that an expression is, or "".
func (l *compared) param(e celast.Expr) string {
	if e.Kind() == celast.LiteralKind {
		return ""
	}
	return pathOf(e)
}

// whole says whether a value is the same whatever is judged: it reads no fact, no
// variable and no clock.
func whole(a *celast.AST) bool {
	reads := false
	visit(a.Expr(), func(e celast.Expr) {
		switch e.Kind() {
		case celast.IdentKind, celast.SelectKind:
			if _, isConst := constant(a, e); !isConst {
				reads = true
			}
		case celast.ComprehensionKind:
			reads = true
		}
	})
	return !reads
}
