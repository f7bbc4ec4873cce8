package rules

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
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
		return "a list (" + strings.ReplaceAll(t.String(), "@", "") + ")"
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

func resultHint(want *types.Type) string {
	switch {
	case want.Kind() == types.BoolKind:
		return "compare it with something, like x > 0"
	case want.Kind() == types.StringKind:
		return "write a word between quotes, or string(x)"
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
		msg, hint := c.explain(sc, text, off, e)
		m := undeclared.FindStringSubmatch(e.Message)
		isCall := m != nil && off < len(runes) && runes[off] == '('
		if isCall {
			off -= utf8.RuneCountInString(m[1]) // CEL points behind the name of a function
		}
		p := at[min(max(off, 0), len(at)-1)]
		c.bad(c.src.errorAt(p.line, p.col, msg, hint))
		if strings.HasPrefix(e.Message, "Syntax error") || isCall {
			break // what follows is usually an echo of the first
		}
	}
}

var (
	undeclared   = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	undefined    = regexp.MustCompile(`^undefined field '([^']*)'`)
	noOverload   = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '(.*)'$`)
	nodeCount    = regexp.MustCompile(`node count exceeds limit: count (\d+), limit (\d+)`)
	singleEquals = regexp.MustCompile(`(^|[^=!<>])=([^=]|$)`)
	wordOperator = regexp.MustCompile(`(?i)^(and|or|not)\b`)
	stringText   = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'`)
	dayText      = regexp.MustCompile(`^\s*(\d+)\s*(d|days?|w|weeks?)\s*$`)
	syntaxAt     = regexp.MustCompile(`^Syntax error: (?:mismatched|extraneous) input '([^']*)'`)
	symbolAt     = regexp.MustCompile(`^Syntax error: token recognition error at: '([^\s'])`)
	smartQuotes  = regexp.MustCompile(`[“”„‘’«»]`)
	wordSymbols  = map[string]string{"and": "&&", "or": "||", "not": "!"}
)

// explain turns what CEL says into what an admin can act on.
func (c *compiler) explain(sc *scope, text string, off int, e *cel.Error) (msg, hint string) {
	msg = strings.ReplaceAll(e.Message, "@", "")
	if strings.HasPrefix(e.Message, "Syntax error") {
		return syntaxWords(text, off, e.Message)
	}
	if m := undeclared.FindStringSubmatch(e.Message); m != nil {
		name := m[1]
		if word := strings.ToLower(name); wordSymbols[word] != "" {
			return fmt.Sprintf("%s is not a word of the language", name), "write " + wordSymbols[word]
		}
		if full, ok := strings.CutPrefix(name, "params"); ok && (full == "" || full[0] == '.') {
			return c.unknownParam(text, off, name)
		}
		hint = didYouMean(name, c.names(sc))
		for _, v := range sc.later {
			if v.name == name {
				hint = "a var sees those above it: put " + name + " first"
			}
		}
		return fmt.Sprintf("%s is not known here", name), hint
	}
	if m := undefined.FindStringSubmatch(e.Message); m != nil {
		return c.unknownField(sc, text, m[1], e.ExprID)
	}
	if m := noOverload.FindStringSubmatch(e.Message); m != nil {
		return overloadWords(m[1], strings.ReplaceAll(m[2], "@", ""))
	}
	switch {
	case nodeCount.MatchString(msg):
		m := nodeCount.FindStringSubmatch(msg)
		msg, hint = fmt.Sprintf("the expression has %s parts, the limit is %s", m[1], m[2]), "name parts of it under vars"
	case strings.Contains(msg, "recursion"):
		msg, hint = "the expression is nested too deep", "name parts of it under vars"
	case strings.Contains(msg, "does not support field selection"):
		hint = "only objects have facts"
	}
	return msg, hint
}

// syntaxWords explains an expression that cannot be read.
func syntaxWords(text string, off int, message string) (msg, hint string) {
	runes := []rune(text)
	rest := string(runes[min(off, len(runes)):])
	msg = "the expression cannot be read from here on"
	if off >= len(runes) || strings.TrimSpace(rest) == "" {
		msg = "the expression ends too early"
	} else if m := symbolAt.FindStringSubmatch(message); m != nil {
		msg = m[1] + " does not belong here"
	} else if m := syntaxAt.FindStringSubmatch(message); m != nil && m[1] != "<EOF>" {
		msg = m[1] + " does not belong here"
	}
	word := wordOperator.FindString(rest)
	switch {
	case smartQuotes.MatchString(text):
		hint = `write plain quotes: "…"`
	case strings.HasPrefix(rest, "#"):
		hint = "a comment goes outside the expression, or begins with //"
	case strings.HasPrefix(rest, "=") || singleEquals.MatchString(stringText.ReplaceAllString(text, `""`)):
		hint = "write == to compare"
	case word != "":
		hint = fmt.Sprintf("write %s in place of %s", wordSymbols[strings.ToLower(word)], word)
	case strings.HasPrefix(rest, "&") || strings.HasPrefix(rest, "|"):
		hint = "write && for and, || for or"
	}
	return msg, hint
}

var paramName = regexp.MustCompile(`^params\s*\.\s*([A-Za-z0-9_]+)`)

func (c *compiler) unknownParam(text string, off int, full string) (msg, hint string) {
	if full == "params" {
		runes := []rune(text)
		name := paramName.FindStringSubmatch(string(runes[min(off, len(runes)):]))
		if name == nil {
			return "params is not a value by itself", "read one of them: params.name"
		}
		full = "params." + name[1]
	}
	names := make([]string, len(c.pack.params))
	for i, p := range c.pack.params {
		names[i] = "params." + p.name
	}
	if hint = didYouMean(full, names); hint == "" {
		hint = "declare it under params, with its default"
	}
	return full + " is not declared", hint
}

// names are what an expression could begin with.
func (c *compiler) names(sc *scope) []string {
	var out []string
	for _, v := range sc.sub.vars {
		out = append(out, v.name)
	}
	for _, v := range sc.vars {
		out = append(out, v.name)
	}
	for name := range sc.cel.Functions() {
		if identLike(name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return append(out, "params", "has")
}

func identLike(name string) bool {
	return !strings.ContainsAny(name, "@!_-+*/%<>=&|?[]")
}

func (c *compiler) unknownField(sc *scope, text, name string, id int64) (string, string) {
	parsed, iss := sc.cel.Parse(text)
	if iss.Err() != nil {
		return fmt.Sprintf("there is no fact %q", name), ""
	}
	in := &inference{c: c, sc: sc, local: map[string]*types.Type{}}
	var owner *objType
	path := ""
	in.walk(parsed.NativeRep().Expr(), func(e celast.Expr) {
		if e.ID() != id || e.Kind() != celast.SelectKind {
			return
		}
		path = pathOf(e.AsSelect().Operand())
		if t := in.of(e.AsSelect().Operand()); t != nil && t.Kind() == types.StructKind {
			owner, _ = (provider{c.env}).typ(t.TypeName())
		}
	})
	if owner == nil {
		return fmt.Sprintf("there is no fact %q", name), ""
	}
	if path == "" {
		path = owner.Name
	}
	fields := slices.Sorted(maps.Keys(owner.fields))
	msg := fmt.Sprintf("%s has no %q", path, name)
	if n := nearest(name, fields); n != "" {
		return msg, "did you mean " + path + "." + n + "?"
	}
	return msg, path + " has " + strings.Join(fields, ", ")
}

func pathOf(e celast.Expr) string {
	switch e.Kind() {
	case celast.IdentKind:
		return e.AsIdent()
	case celast.SelectKind:
		if p := pathOf(e.AsSelect().Operand()); p != "" {
			return p + "." + e.AsSelect().FieldName()
		}
	}
	return ""
}

var operatorWords = map[string]string{
	"_==_": "==", "_!=_": "!=", "_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">=",
	"_+_": "+", "_-_": "-", "_*_": "*", "_/_": "/", "_%_": "%", "_&&_": "&&", "_||_": "||",
	"!_": "!", "-_": "-", "_?_:_": "? :", "_[_]": "[ ]", "@in": "in", "in": "in",
	"math.@min": "math.least", "math.@max": "math.greatest",
}

// overloadWords explains a call whose arguments do not fit.
func overloadWords(fn, args string) (msg, hint string) {
	name := fn
	if w, ok := operatorWords[fn]; ok {
		name = w
	}
	msg = fmt.Sprintf("%s does not take %s", name, args)
	has := func(words ...string) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return !regexp.MustCompile(`\b` + w + `\b`).MatchString(args) })
	}
	list := strings.Contains(args, "list(")
	switch {
	case name == "&&" || name == "||" || name == "!":
		hint = "both sides have to be yes or no: compare first, like x > 0"
		if name == "!" {
			hint = "only yes or no can be negated: compare first, like !(x > 0)"
		}
	case list && (name == "<" || name == "<=" || name == ">" || name == ">=" || name == "==" || name == "!="):
		hint = "a list is compared by its size(): x.size() > 0"
	case has("duration") && (has("int") || has("double")):
		hint = "write the span of time with days(n) or weeks(n)"
	case has("timestamp") && (has("int") || has("double")):
		hint = "write the span of time with days(n) or weeks(n)"
	case has("timestamp", "string"):
		hint = `write the instant as timestamp("2026-01-31T00:00:00Z")`
	case has("string") && (has("int") || has("double")) && name == "+":
		hint = "turn the number into a text first: string(x)"
	case has("string") && (has("int") || has("double")):
		hint = "one side is a text and the other a number; leave the quotes off a number"
	case has("int", "double"):
		hint = "turn the whole number into a double first: double(x); or write a parameter's default with a point, 2.0"
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
