package rules

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// typeWords says a CEL type as a person would.
func typeWords(t *types.Type) string {
	switch t.Kind() {
	case types.BoolKind:
		return "yes or no (bool)"
	case types.IntKind:
		return "a whole number (int)"
	case types.DoubleKind:
		return "a number (double)"
	case types.StringKind:
		return "a text (string)"
	case types.TimestampKind:
		return "an instant (timestamp)"
	case types.DurationKind:
		return "a span of time (duration)"
	case types.ListKind:
		return kindWords(strings.ReplaceAll(t.String(), "@", ""))
	case types.NullTypeKind:
		return "null"
	case types.StructKind:
		return "an object (" + strings.TrimPrefix(t.TypeName(), "@") + ")"
	}
	return strings.ReplaceAll(t.String(), "@", "")
}

// lint refuses what CEL would take and a person would regret.
func (c *compiler) lint(a *celast.AST, text string, fail func(int, string, string)) bool {
	ok := true
	at := func(e celast.Expr, msg, hint string) {
		ok = false
		fail(offsetOf(a, e.ID(), text), msg, hint)
	}
	isNull := func(e celast.Expr) bool {
		return e.Kind() == celast.LiteralKind && e.AsLiteral() == types.NullValue
	}
	isObject := func(e celast.Expr) bool {
		t := a.GetType(e.ID())
		for t != nil && t.Kind() == types.ListKind {
			t = t.Parameters()[0]
		}
		return t != nil && t.Kind() == types.StructKind
	}
	if e, found := tooNested(a.Expr(), c.env.limits.Nesting); found {
		at(e, fmt.Sprintf("there are more than %d loops inside each other", c.env.limits.Nesting), "name the inner one under vars")
	}
	visit(a.Expr(), func(e celast.Expr) {
		switch e.Kind() {
		case celast.LiteralKind:
			switch e.AsLiteral().(type) {
			case types.Null:
				at(e, "null is never the value of a fact", "ask has(…): it says whether a fact is known")
			case types.Uint:
				at(e, "there are no unsigned numbers here", "leave out the u")
			case types.Bytes:
				at(e, "there are no bytes here", "leave out the b")
			}
		case celast.CallKind:
			call := e.AsCall()
			switch call.FunctionName() {
			case operators.Equals, operators.NotEquals, operators.In:
				l, r := call.Args()[0], call.Args()[1]
				if (isObject(l) || isObject(r)) && !isNull(l) && !isNull(r) {
					at(e, "objects cannot be compared", "compare a fact of each, such as their id")
				}
			case "matches":
				args := call.Args()
				c.lintPattern(a, args[len(args)-1], at)
			case "distinct":
				if call.IsMemberFunction() && isObject(call.Target()) {
					at(e, "objects cannot be compared", "map them to a fact of each first, such as their id")
				}
			case "duration", "timestamp":
				arg := call.Args()[0]
				v, ok := constant(a, arg)
				to := types.DurationType
				if call.FunctionName() == "timestamp" {
					to = types.TimestampType
				}
				if text, isText := v.(types.String); ok && isText && types.IsError(text.ConvertToType(to)) {
					msg, hint := literalWords(call.FunctionName(), string(text))
					at(arg, msg, hint)
				}
			}
		}
	})
	return ok
}

// tooNested finds a loop that runs inside more than limit-1 others. A loop over
// what another loop has made, as in filter(…).map(…), is not inside it.
func tooNested(e celast.Expr, limit int) (celast.Expr, bool) {
	first := func(limit int, parts ...celast.Expr) (celast.Expr, bool) {
		for _, p := range parts {
			if found, ok := tooNested(p, limit); ok {
				return found, true
			}
		}
		return nil, false
	}
	switch e.Kind() {
	case celast.SelectKind:
		return tooNested(e.AsSelect().Operand(), limit)
	case celast.CallKind:
		if e.AsCall().IsMemberFunction() {
			if found, ok := tooNested(e.AsCall().Target(), limit); ok {
				return found, true
			}
		}
		return first(limit, e.AsCall().Args()...)
	case celast.ListKind:
		return first(limit, e.AsList().Elements()...)
	case celast.MapKind:
		for _, entry := range e.AsMap().Entries() {
			if found, ok := first(limit, entry.AsMapEntry().Key(), entry.AsMapEntry().Value()); ok {
				return found, true
			}
		}
	case celast.ComprehensionKind:
		if limit == 0 {
			return e, true
		}
		k := e.AsComprehension()
		if found, ok := first(limit, k.IterRange(), k.AccuInit()); ok {
			return found, true
		}
		return first(limit-1, k.LoopCondition(), k.LoopStep(), k.Result())
	}
	return nil, false
}

func (c *compiler) lintPattern(a *celast.AST, e celast.Expr, at func(celast.Expr, string, string)) {
	v, ok := constant(a, e)
	pattern, isText := v.(types.String)
	if !ok || !isText {
		at(e, "the pattern of matches has to be written out", "put the text itself there, or use hasAnyWord")
		return
	}
	size, err := types.RegexProgramSize(string(pattern))
	switch limit := c.env.limits.RegexProgram; {
	case err != nil:
		at(e, "this is not a regular expression: "+strings.TrimPrefix(err.Error(), "error parsing regexp: "),
			"mind that a backslash is written twice between quotes")
	case size > limit:
		at(e, fmt.Sprintf("the regular expression has a size of %d, the limit is %d", size, limit), "use hasAnyWord for lists of words")
	}
}

// constant is the value of a literal or a parameter.
func constant(a *celast.AST, e celast.Expr) (ref.Val, bool) {
	if e.Kind() == celast.LiteralKind {
		return e.AsLiteral(), true
	}
	if r, ok := a.ReferenceMap()[e.ID()]; ok && r.Value != nil {
		return r.Value, true
	}
	return nil, false
}

func resultHint(got, want *types.Type) string {
	switch {
	case want.Kind() == types.BoolKind && got.Kind() == types.StructKind:
		return "ask has(x.fact) whether it is there"
	case want.Kind() == types.BoolKind:
		return "compare it with something, like x > 0"
	case want.Kind() == types.StringKind:
		return "write a word between quotes, or string(x)"
	case want.Kind() == types.DoubleKind:
		return "give a number: condition ? 1.0 : 0.0 makes one of yes or no"
	}
	return ""
}

// offsetOf is where an expression begins, in characters.
func offsetOf(a *celast.AST, id int64, text string) int {
	loc := a.SourceInfo().GetStartLocation(id)
	return offset(text, loc.Line(), loc.Column())
}

func offset(text string, line, col int) int {
	if line < 1 {
		return 0
	}
	off := 0
	for i, l := range strings.Split(text, "\n") {
		n := len([]rune(l))
		if i == line-1 {
			return off + min(max(col, 0), n)
		}
		off += n + 1
	}
	return off
}

const maxIssues = 5 // of one expression

func (c *compiler) report(sc *scope, text string, at []place, iss *cel.Issues) {
	for i, e := range iss.Errors() {
		if i == maxIssues {
			break
		}
		off := 0
		if e.Location != nil {
			off = offset(text, e.Location.Line(), e.Location.Column())
		}
		runes := []rune(text)
		if off < len(runes) && runes[off] == '.' {
			for off++; off < len(runes)-1 && unicode.IsSpace(runes[off]); {
				off++
			}
		}
		if syntax := strings.HasPrefix(e.Message, "Syntax error"); syntax || reserved.MatchString(e.Message) {
			msg, hint, off := syntaxWords(text, off, e.Message)
			if c.comment && off >= utf8.RuneCountInString(text) {
				hint = "what follows a # is a comment: put the whole expression between single quotes"
			}
			p := at[min(max(off, 0), len(at)-1)]
			c.bad(c.src.errorAt(p.line, p.col, msg, hint))
			break // what follows is an echo of the first
		}
		msg, hint := c.explain(sc, text, off, e)
		m := undeclared.FindStringSubmatch(e.Message)
		isCall := m != nil && off < len(runes) && runes[off] == '('
		if isCall {
			off -= utf8.RuneCountInString(m[1]) // CEL points behind the name of a function
		}
		if m := noOverload.FindStringSubmatch(e.Message); m != nil && off < len(runes) && runes[off] == '(' {
			off -= utf8.RuneCountInString(m[1][strings.LastIndexByte(m[1], '.')+1:])
		}
		p := at[min(max(off, 0), len(at)-1)]
		c.bad(c.src.errorAt(p.line, p.col, msg, hint))
		if isCall {
			break // what follows is usually an echo of the first
		}
	}
}

var (
	expected   = regexp.MustCompile(`^expected type '(.*)' but found '(.*)'`)
	undeclared = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	undefined  = regexp.MustCompile(`^undefined field '([^']*)'`)
	noOverload = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '(.*)'$`)
	selection  = regexp.MustCompile(`^type '(.*)' does not support field selection`)
	nodeCount  = regexp.MustCompile(`node count exceeds limit: count (\d+), limit (\d+)`)
	dayText    = regexp.MustCompile(`^\s*(\d+)\s*(d|days?|w|weeks?)\s*$`)
)

// explain turns what CEL says into what an admin can act on.
func (c *compiler) explain(sc *scope, text string, off int, e *cel.Error) (msg, hint string) {
	msg = strings.ReplaceAll(e.Message, "@", "")
	if m := undeclared.FindStringSubmatch(e.Message); m != nil {
		name := m[1]
		if full, ok := strings.CutPrefix(name, "params"); ok && (full == "" || full[0] == '.') {
			return c.unknownParam(text, off, name)
		}
		return c.unknownName(sc, text, off, name)
	}
	if m := undefined.FindStringSubmatch(e.Message); m != nil {
		return c.unknownField(sc, text, m[1], e.ExprID)
	}
	if m := noOverload.FindStringSubmatch(e.Message); m != nil {
		return c.overloadWords(m[1], strings.ReplaceAll(m[2], "@", ""), text)
	}
	switch {
	case nodeCount.MatchString(msg):
		m := nodeCount.FindStringSubmatch(msg)
		msg, hint = fmt.Sprintf("the expression has %s parts, the limit is %s", m[1], m[2]), "name parts of it under vars"
	case strings.Contains(msg, "recursion"):
		msg, hint = "the expression is nested too deep", "name parts of it under vars"
	case strings.Contains(msg, "has() macro"):
		msg, hint = "has(…) asks whether one fact is known", "write has(x.fact), without a comparison or a function inside"
	case expected.MatchString(msg):
		m := expected.FindStringSubmatch(msg)
		msg = fmt.Sprintf("%s stands here, it has to be %s", kindWords(m[2]), kindWords(m[1]))
		switch {
		case m[1] == "bool" && isObjectKind(m[2]):
			hint = "ask has(x.fact) whether it is there"
		case m[1] == "bool":
			hint = "compare it with something, like x > 0"
		}
	case selection.MatchString(msg):
		return c.noFacts(text, off, selection.FindStringSubmatch(msg)[1])
	}
	return msg, hint
}

func literalWords(what, text string) (msg, hint string) {
	if what == "timestamp" {
		return fmt.Sprintf("%q is not an instant", text), `write timestamp("2026-01-31T00:00:00Z")`
	}
	msg = fmt.Sprintf("%q is not a duration", text)
	if m := dayText.FindStringSubmatch(text); m != nil {
		unit := "days"
		if m[2][0] == 'w' {
			unit = "weeks"
		}
		return msg, fmt.Sprintf("write %s(%s)", unit, m[1])
	}
	return msg, `write days(7), or duration("36h")`
}
