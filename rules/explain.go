package rules

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
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
	isObject := func(e celast.Expr) bool {
		t := a.GetType(e.ID())
		for t != nil && t.Kind() == types.ListKind {
			t = t.Parameters()[0]
		}
		return t != nil && t.Kind() == types.StructKind
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
				if isObject(call.Args()[0]) || isObject(call.Args()[1]) {
					at(e, "objects cannot be compared", "compare a fact of each, such as their id")
				}
			case "matches":
				args := call.Args()
				if pattern := args[len(args)-1]; !constant(a, pattern) {
					at(pattern, "the pattern of matches has to be written out", "put the text itself there, or use hasAnyWord")
				}
			}
		}
	})
	return ok
}

// constant says whether an expression is a literal or a parameter.
func constant(a *celast.AST, e celast.Expr) bool {
	if e.Kind() == celast.LiteralKind {
		return true
	}
	r, ok := a.ReferenceMap()[e.ID()]
	return ok && r.Value != nil
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
		p := at[min(max(off, 0), len(at)-1)]
		msg, hint := c.explain(sc, text, off, e)
		c.bad(c.pack.src.errorAt(p.line, p.col, msg, hint))
		if strings.HasPrefix(e.Message, "Syntax error") {
			break // what follows is usually an echo of the first
		}
	}
}

var (
	undeclared   = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	undefined    = regexp.MustCompile(`^undefined field '([^']*)'`)
	noOverload   = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '(.*)'$`)
	badLiteral   = regexp.MustCompile(`^invalid (duration|timestamp|matches) argument`)
	singleEquals = regexp.MustCompile(`(^|[^=!<>])=([^=]|$)`)
	wordOperator = regexp.MustCompile(`(?i)\b(and|or|not)\b`)
	stringText   = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'`)
	dayText      = regexp.MustCompile(`^\s*["']\s*(\d+)\s*(d|days?|w|weeks?)\s*["']`)
	smartQuotes  = regexp.MustCompile(`[“”„‘’«»]`)
	wordSymbols  = map[string]string{"and": "&&", "or": "||", "not": "!"}
)

// explain turns what CEL says into what an admin can act on.
func (c *compiler) explain(sc *scope, text string, off int, e *cel.Error) (msg, hint string) {
	msg = strings.ReplaceAll(e.Message, "@", "")
	if strings.HasPrefix(e.Message, "Syntax error") {
		return strings.ToLower(msg[:1]) + msg[1:], syntaxHint(text)
	}
	if m := undeclared.FindStringSubmatch(e.Message); m != nil {
		name := m[1]
		if word := strings.ToLower(name); wordSymbols[word] != "" {
			return fmt.Sprintf("%s is not a word of the language", name), "write " + wordSymbols[word]
		}
		if name == "params" {
			return c.unknownParam(text, off)
		}
		return fmt.Sprintf("%s is not known here", name), didYouMean(name, c.names(sc))
	}
	if m := undefined.FindStringSubmatch(e.Message); m != nil {
		return c.unknownField(sc, text, m[1], e.ExprID)
	}
	if m := noOverload.FindStringSubmatch(e.Message); m != nil {
		return overloadWords(m[1], strings.ReplaceAll(m[2], "@", ""))
	}
	if m := badLiteral.FindStringSubmatch(e.Message); m != nil {
		return literalWords(m[1], string([]rune(text)[min(off, len([]rune(text))):]))
	}
	switch {
	case strings.Contains(msg, "node count exceeds"):
		hint = "name parts of it under vars"
	case strings.Contains(msg, "comprehension exceeds nesting limit"):
		msg, hint = "there are too many loops inside loops", "name the inner one under vars"
	case strings.Contains(msg, "does not support field selection"):
		hint = "only objects have facts"
	}
	return msg, hint
}

func syntaxHint(text string) string {
	if smartQuotes.MatchString(text) {
		return `write plain quotes: "…"`
	}
	bare := stringText.ReplaceAllString(text, `""`)
	if singleEquals.MatchString(bare) {
		return "write == to compare"
	}
	if m := wordOperator.FindString(bare); m != "" {
		return fmt.Sprintf("write %s in place of %s", wordSymbols[strings.ToLower(m)], m)
	}
	return ""
}

func (c *compiler) unknownParam(text string, off int) (string, string) {
	rest := []rune(text)[off:]
	name := regexp.MustCompile(`^params\s*\.\s*([A-Za-z0-9_]+)`).FindStringSubmatch(string(rest))
	names := make([]string, len(c.pack.params))
	for i, p := range c.pack.params {
		names[i] = "params." + p.name
	}
	if name == nil {
		return "params is not a value by itself", "read one of them: params.name"
	}
	full := "params." + name[1]
	hint := didYouMean(full, names)
	if hint == "" {
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

func literalWords(what, rest string) (string, string) {
	switch what {
	case "duration":
		if m := dayText.FindStringSubmatch(rest); m != nil {
			unit := "days"
			if m[2][0] == 'w' {
				unit = "weeks"
			}
			return "a duration is written in hours, minutes and seconds", fmt.Sprintf("write %s(%s)", unit, m[1])
		}
		return "this is not a duration", `write days(7), or duration("36h")`
	case "timestamp":
		return "this is not an instant", `write timestamp("2026-01-31T00:00:00Z")`
	}
	return "this is not a regular expression", "mind that a backslash is written twice between double quotes"
}

// inference finds the type of simple expressions in a text that did not pass
// the check, so that a message can name the facts there are.
type inference struct {
	c     *compiler
	sc    *scope
	local map[string]*types.Type
}

func (in *inference) walk(e celast.Expr, f func(celast.Expr)) {
	f(e)
	switch e.Kind() {
	case celast.SelectKind:
		in.walk(e.AsSelect().Operand(), f)
	case celast.CallKind:
		if e.AsCall().IsMemberFunction() {
			in.walk(e.AsCall().Target(), f)
		}
		for _, a := range e.AsCall().Args() {
			in.walk(a, f)
		}
	case celast.ListKind:
		for _, a := range e.AsList().Elements() {
			in.walk(a, f)
		}
	case celast.ComprehensionKind:
		k := e.AsComprehension()
		in.walk(k.IterRange(), f)
		outer, shadows := in.local[k.IterVar()]
		if t := in.of(k.IterRange()); t != nil && t.Kind() == types.ListKind {
			in.local[k.IterVar()] = t.Parameters()[0]
		}
		in.walk(k.LoopStep(), f)
		in.walk(k.Result(), f)
		delete(in.local, k.IterVar())
		if shadows {
			in.local[k.IterVar()] = outer
		}
	}
}

func (in *inference) of(e celast.Expr) *types.Type {
	switch e.Kind() {
	case celast.IdentKind:
		name := e.AsIdent()
		if t := in.local[name]; t != nil {
			return t
		}
		for _, v := range in.sc.vars {
			if v.name == name {
				return v.prog.out
			}
		}
		for _, v := range in.sc.sub.vars {
			if v.name == name {
				return v.celType
			}
		}
	case celast.SelectKind:
		t := in.of(e.AsSelect().Operand())
		if t == nil || t.Kind() != types.StructKind {
			return nil
		}
		if ot, ok := (provider{in.c.env}).typ(t.TypeName()); ok {
			if f := ot.fields[e.AsSelect().FieldName()]; f != nil {
				return f.celType
			}
		}
	case celast.CallKind:
		call := e.AsCall()
		switch call.FunctionName() {
		case "since", "last", "slice", "distinct", "reverse":
			if call.IsMemberFunction() {
				return in.of(call.Target())
			}
		case operators.Index:
			if t := in.of(call.Args()[0]); t != nil && t.Kind() == types.ListKind {
				return t.Parameters()[0]
			}
		}
	case celast.ComprehensionKind: // filter keeps the type
		k := e.AsComprehension()
		if k.AccuInit().Kind() == celast.ListKind && k.LoopStep().Kind() == celast.CallKind &&
			k.LoopStep().AsCall().FunctionName() == operators.Conditional {
			return in.of(k.IterRange())
		}
	}
	return nil
}
