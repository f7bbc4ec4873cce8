package rules

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

// foreignNames are what other languages and spreadsheets call something, in lower
// case, and what to write instead.
var foreignNames = map[string]string{
	"and": "write &&", "or": "write ||", "not": "write !",
	"yes": "write true", "no": "write false", "on": "write true", "off": "write false",
	"null": "ask has(x.fact): it says whether a fact is known", "nil": "ask has(x.fact): it says whether a fact is known",
	"none": "ask has(x.fact): it says whether a fact is known", "undefined": "ask has(x.fact): it says whether a fact is known",
	"unknown": "ask has(x.fact): it says whether a fact is known",
	"isnull":  "write !has(x.fact)", "isempty": "write x.size() == 0 for a text or a list, !has(x.fact) for what is not known",
	"isblank": "write x.size() == 0 for a text or a list, !has(x.fact) for what is not known",
	"exists":  "write list.exists(x, …) for an entry of a list, has(x.fact) for whether a fact is known",
	"today":   "write now, which is an instant", "date": `write timestamp("2026-01-31T00:00:00Z")`, "datetime": `write timestamp("2026-01-31T00:00:00Z")`,
	"avg": "write list.mean()", "average": "write list.mean()", "median": "there is list.mean(), list.min() and list.max()",
	"sum":   "there is no sum: multiply list.mean() by double(list.size())",
	"count": "write list.size(), or list.filter(x, …).size() for those that …", "len": "write x.size()", "length": "write x.size()",
	"countif": "write list.filter(x, …).size()", "sumif": "write list.filter(x, …).map(x, x.fact).mean()",
	"tolowercase": "write x.lowerAscii()", "tolower": "write x.lowerAscii()", "lower": "write x.lowerAscii()",
	"touppercase": "write x.upperAscii()", "toupper": "write x.upperAscii()", "upper": "write x.upperAscii()",
	"includes": "write text.contains(\"…\"), or x in list", "any": "write list.exists(x, …)", "some": "write list.exists(x, …)",
	"every": "write list.all(x, …)", "find": "write list.filter(x, …)", "where": "write list.filter(x, …)", "first": "write list[0], the newest; it is an error where there is none",
	"round": "write math.round(x)", "floor": "write math.floor(x)", "ceil": "write math.ceil(x)", "abs": "write math.abs(x)", "sqrt": "write math.sqrt(x)",
	"if": "write condition ? this : that", "iff": "write condition ? this : that", "ifelse": "write condition ? this : that",
	"concat": "write text + text", "regex": "write text.matches(\"…\")", "regexp": "write text.matches(\"…\")", "match": "write text.matches(\"…\")",
	"day": "write days(n)", "week": "write weeks(n)", "months": "write days(30), or weeks(4)", "month": "write days(30), or weeks(4)", "year": "write days(365)", "years": "write days(365)",
	"hours": `write duration("36h")`, "hour": `write duration("36h")`, "minutes": `write duration("30m")`,
	"dyn": "leave it out: every fact has its type", "type": "leave it out: every fact has its type",
}

// loops take a name for the entry and an expression.
var loops = []string{"all", "exists", "exists_one", "filter", "map", "sortBy"}

// unknownName explains a name that nothing here has.
func (c *compiler) unknownName(sc *scope, text string, off int, name string) (msg, hint string) {
	msg = name + " is not known here"
	for _, v := range sc.later {
		if v.name == name {
			return msg, "a var sees those above it: put " + name + " first"
		}
	}
	for _, f := range c.set.given.schema.Funcs {
		if f.Name == name && f.Since > c.env.schema.Level {
			return c.late(name, f.Since)
		}
	}
	runes := []rune(text)
	called := off < len(runes) && runes[off] == '('
	braced := off < len(runes) && runes[off] == '{'
	isVar := slices.ContainsFunc(sc.sub.vars, func(v variable) bool { return v.name == name })
	switch {
	case braced:
		return "an object cannot be made here", "read the facts of what there is: x.fact"
	case called && isVar:
		return name + " is not a function", "leave the brackets out: " + name
	case called && slices.Contains(loops, name):
		return fmt.Sprintf("%s needs a name for the entry and what to ask of it", name), fmt.Sprintf("write list.%s(x, …), where x is one entry of the list", name)
	}
	for _, other := range slices.Sorted(maps.Keys(c.env.subjects)) {
		if slices.ContainsFunc(c.env.subjects[other].vars, func(v variable) bool { return v.name == name }) {
			for _, v := range sc.sub.vars { // what it is called from here
				if v.of != nil && v.of.fields[name] != nil {
					return fmt.Sprintf("a rule on: %s has no %s", sc.sub.Name, name), fmt.Sprintf("write %s.%s", v.name, name)
				}
			}
			return fmt.Sprintf("a rule on: %s has no %s", sc.sub.Name, name), fmt.Sprintf("it has %s; one on: %s has %s", join(c.variables(sc)), c.seenOn(name), name)
		}
	}
	of := slices.IndexFunc(sc.sub.vars, func(v variable) bool { return v.of != nil && v.of.Name == name })
	switch lower := strings.ToLower(name); {
	case c.isValue(name):
		hint = fmt.Sprintf("a text goes between quotes: %q", name)
	case of >= 0:
		hint = "write " + sc.sub.vars[of].name
	case name != lower && (lower == "true" || lower == "false"):
		hint = "write " + lower
	case foreignNames[lower] != "":
		hint = foreignNames[lower]
	default:
		hint = didYouMean(name, c.names(sc))
	}
	switch {
	case hint == "" && called:
		hint = "okrkit rules explain lists the functions"
	case hint == "":
		hint = "here there is " + join(c.variables(sc)) + "; a text goes between quotes"
	}
	return msg, hint
}

// late explains what a higher level has than the pack asks for.
func (c *compiler) late(what string, since int) (msg, hint string) {
	return fmt.Sprintf("%s came with env %d, the pack asks for env %d", what, since, c.pack.info.Env), fmt.Sprintf("write env: %d", since)
}

// isValue says whether a fact can be this text, or a status this word.
func (c *compiler) isValue(name string) bool {
	if slices.Contains(c.env.schema.Statuses, name) {
		return true
	}
	for _, t := range c.env.schema.Types {
		if slices.ContainsFunc(t.Fields, func(f Field) bool { return slices.Contains(f.Values, name) }) {
			return true
		}
	}
	return false
}

// seenOn says on which subjects a variable is there.
func (c *compiler) seenOn(name string) string {
	var on []string
	for _, s := range slices.Sorted(maps.Keys(c.env.subjects)) {
		if slices.ContainsFunc(c.env.subjects[s].vars, func(v variable) bool { return v.name == name }) {
			on = append(on, s)
		}
	}
	return strings.Join(on, " or on: ")
}

// variables are those of the subject and the vars above.
func (c *compiler) variables(sc *scope) []string {
	var out []string
	for _, v := range sc.sub.vars {
		out = append(out, v.name)
	}
	for _, v := range sc.vars {
		out = append(out, v.name)
	}
	slices.Sort(out)
	return out
}

// noFacts explains a fact that is asked of what has none. Off points at its name.
func (c *compiler) noFacts(text string, off int, kind string) (msg, hint string) {
	name := ""
	for _, r := range []rune(text)[min(off, len([]rune(text))):] {
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		name += string(r)
	}
	msg = fmt.Sprintf("%s has no facts, and so no %q", kindWords(kind), name)
	if h := foreignNames[strings.ToLower(name)]; h != "" {
		return msg, h
	}
	called := slices.ContainsFunc(c.env.Functions(), func(f FuncInfo) bool { return f.Name == name })
	switch {
	case called:
		hint = "write " + name + "()"
	case strings.HasPrefix(kind, "list("):
		hint = fmt.Sprintf("ask its entries: list.exists(x, x.%s …), list.all(x, x.%s …) or list.map(x, x.%s)", name, name, name)
	default:
		hint = "only objects have facts"
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
	if newer := c.set.given.types[owner.Name]; newer != nil && newer.fields[name] != nil {
		return c.late(owner.Name+"."+name, newer.fields[name].Since)
	}
	fields := slices.Sorted(maps.Keys(owner.fields))
	msg := fmt.Sprintf("%s has no %q", path, name)
	if n := nearest(name, fields); n != "" {
		return msg, "did you mean " + path + "." + n + "?"
	}
	for _, f := range fields { // a step further
		if of := owner.fields[f].of; of != nil && owner.fields[f].Kind == Object && of.fields[name] != nil {
			return msg, fmt.Sprintf("did you mean %s.%s.%s?", path, f, name)
		}
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
