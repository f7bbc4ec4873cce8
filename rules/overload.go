package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var operatorWords = map[string]string{
	"_==_": "==", "_!=_": "!=", "_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">=",
	"_+_": "+", "_-_": "-", "_*_": "*", "_/_": "/", "_%_": "%", "_&&_": "&&", "_||_": "||",
	"!_": "!", "-_": "-", "_?_:_": "? :", "_[_]": "[ ]", "@in": "in", "in": "in",
	"math.@min": "math.least", "math.@max": "math.greatest",
}

// arguments takes what CEL lists apart: "string.(list(string))" is a call on a text
// with one list. On is "" for a function that is not called on anything.
func arguments(list string) (on string, args []string) {
	depth, from := 0, 0
	open := strings.Index(list, ".(")
	if open >= 0 && !strings.HasPrefix(list, "(") {
		on, list = list[:open], list[open+1:]
	}
	list = strings.TrimSuffix(strings.TrimPrefix(list, "("), ")")
	if list == "" {
		return on, nil
	}
	for i, r := range list {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				args = append(args, strings.TrimSpace(list[from:i]))
				from = i + 1
			}
		}
	}
	return on, append(args, strings.TrimSpace(list[from:]))
}

// kindWords says one of CEL's type names as a person would.
func kindWords(t string) string {
	switch t {
	case "bool":
		return "yes or no (bool)"
	case "int":
		return "a whole number (int)"
	case "double":
		return "a number (double)"
	case "string":
		return "a text (string)"
	case "timestamp", "google.protobuf.Timestamp":
		return "an instant (timestamp)"
	case "duration", "google.protobuf.Duration":
		return "a span of time (duration)"
	case "null", "null_type":
		return "null"
	}
	if of, ok := strings.CutPrefix(t, "list("); ok {
		of = strings.TrimSuffix(of, ")")
		return "a list (of " + of + ")"
	}
	return "an object (" + t + ")"
}

var otherDate = regexp.MustCompile(`\b\d{1,2}[./]\d{1,2}[./]\d{4}\b`)

var madeSpan = regexp.MustCompile(`\b(days|weeks|duration)\(`)

// isObjectKind says whether one of CEL's type names is an object's.
func isObjectKind(t string) bool { return strings.HasPrefix(kindWords(t), "an object") }

var dateText = regexp.MustCompile(`\b(\d{4})-(\d{2})-(\d{2})\b`)

// overloadWords explains a call whose arguments do not fit. Text is the whole
// expression.
func (c *compiler) overloadWords(fn, list, text string) (msg, hint string) {
	name, isOperator := operatorWords[fn]
	if !isOperator {
		return c.callWords(fn, list, text)
	}
	_, args := arguments(list)
	has := func(kinds ...string) bool {
		return !slices.ContainsFunc(kinds, func(k string) bool { return !slices.Contains(args, k) })
	}
	number := has("int") || has("double")
	aList := slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "list(") })
	words := make([]string, len(args))
	for i, a := range args {
		words[i] = kindWords(a)
	}
	both := strings.Join(words, " and ")
	switch name {
	case "&&", "||", "!":
		msg = fmt.Sprintf("%s stands beside yes or no, this is %s", name, strings.Join(words, " and "))
		hint = "both sides have to be yes or no: compare first, like x > 0"
		if name == "!" {
			hint = "only yes or no can be negated: compare first, like !(x > 0)"
		}
		return msg, hint
	case "==", "!=", "<", "<=", ">", ">=":
		msg = fmt.Sprintf("%s cannot compare %s with %s", name, words[0], words[len(words)-1])
	case "+":
		msg = "+ cannot add up " + both
	case "-", "*", "/", "%":
		msg = fmt.Sprintf("%s cannot reckon with %s", name, both)
	case "in":
		msg = fmt.Sprintf("in cannot look for %s in %s", words[0], words[len(words)-1])
	case "? :":
		msg = "the two answers of a ? : have to be of one type, these are " + strings.Join(words[1:], " and ")
	default:
		msg = fmt.Sprintf("%s cannot work with %s", name, both)
	}
	comparison := slices.Contains([]string{"==", "!=", "<", "<=", ">", ">="}, name)
	switch {
	case name == "in" && args[len(args)-1] == "string":
		hint = `write text.contains("…") for a part of a text, or look in a list of texts: ["…", "…"]`
	case name == "in" && aList:
		hint = "in looks for one entry: write a.exists(x, x in b) for any, a.all(x, x in b) for all of them"
	case has("null") || has("null_type"):
		msg, hint = "null is never the value of a fact", "ask has(…): it says whether a fact is known"
	case name == "? :":
		hint = "give both the same type, such as a number or a text"
	case aList && comparison:
		hint = "a list is compared by its size(): x.size() > 0"
	case has("timestamp", "string") && otherDate.MatchString(text):
		hint = strings.Replace(instantHint(otherDate.FindString(text)), "write it like ", `write the instant as timestamp("`, 1) + `")`
	case has("timestamp", "string") && !dateText.MatchString(text):
		hint = `one side is a text and the other an instant, which is written timestamp("2026-01-31T00:00:00Z")`
	case has("timestamp") && number && dateText.MatchString(text), has("timestamp", "string"):
		day := "2026-01-31"
		if m := dateText.FindString(text); m != "" {
			day = m
		}
		hint = fmt.Sprintf(`write the instant as timestamp("%sT00:00:00Z")`, day)
	case has("duration") && number && comparison && madeSpan.MatchString(text):
		hint = "what counts days is compared with a number alone, like 14; what is a span of time with days(14)"
	case (has("duration") || has("timestamp")) && number:
		hint = "write the span of time with days(n) or weeks(n)"
	case has("duration", "string"):
		hint = "write the span of time with days(n) or weeks(n)"
	case has("duration", "timestamp") && comparison:
		hint = "take one instant from another first: now - x > days(7)"
	case has("bool") && number && comparison && strings.HasPrefix(args[0], "bool") && name != "==" && name != "!=":
		hint = "one comparison at a time: write a < x && x < b"
	case has("bool", "string"), has("bool") && number:
		hint = "yes or no is written true or false, without quotes; x alone asks for yes, !x for no"
	case has("string") && number && name == "+":
		hint = "turn the number into a text first: string(x)"
	case has("string") && number:
		hint = "one side is a text and the other a number; leave the quotes off a number"
		if strings.Contains(text, "params.") {
			hint += ", also off that of a parameter"
		}
	case comparison && slices.ContainsFunc(args, isObjectKind):
		hint = "ask has(x.fact) whether it is there, or compare one of its facts"
		if i := slices.IndexFunc(args, isObjectKind); has("string") && c.env.types[args[i]] != nil && c.env.types[args[i]].fields["name"] != nil {
			x := only(besideText, text, "x")
			hint = fmt.Sprintf("compare its name: write %s.name; has(%s) asks whether there is one", x, x)
		}
	case has("int", "double"):
		hint = "turn the whole number into a double first: double(x); or write a parameter's default with a point, 2.0"
	}
	return msg, hint
}

var (
	besideText = regexp.MustCompile(`([A-Za-z_][\w.]*)\s*[!=]=\s*["']`)
	sinceCall  = regexp.MustCompile(`([A-Za-z_][\w.]*)\.since\(\s*((?:[\w.]+\([^()]*\))|[^()]*?)\s*\)`)
)

// only is what a pattern finds in a text, if it finds one thing.
func only(p *regexp.Regexp, text, otherwise string) string {
	if m := p.FindAllStringSubmatch(text, -1); len(m) == 1 {
		return m[0][1]
	}
	return otherwise
}

// callWords explains a function that is called in the wrong way, and how it is
// called.
func (c *compiler) callWords(fn, list, text string) (msg, hint string) {
	on, args := arguments(list)
	words := make([]string, len(args))
	for i, a := range args {
		words[i] = kindWords(a)
	}
	of := strings.Join(words, " and ")
	switch {
	case on != "" && of != "":
		msg = fmt.Sprintf("%s cannot be asked of %s with %s", fn, kindWords(on), of)
	case on != "":
		msg = fmt.Sprintf("%s cannot be asked of %s", fn, kindWords(on))
	case of != "":
		msg = fmt.Sprintf("%s does not take %s", fn, of)
	default:
		msg = fn + " needs something between its brackets"
	}
	if len(args) == 1 && fn == "since" && (args[0] == "int" || args[0] == "duration" || args[0] == "double") {
		if m := sinceCall.FindAllStringSubmatch(text, -1); len(m) == 1 {
			back := m[0][2]
			if args[0] != "duration" {
				back = "days(" + back + ")"
			}
			return msg, fmt.Sprintf("write %s.since(now - %s)", m[0][1], back)
		}
	}
	known := c.env.Functions()
	i := slices.IndexFunc(known, func(f FuncInfo) bool { return f.Name == fn })
	if i < 0 {
		return msg, ""
	}
	f := known[i]
	hint = "it is written " + f.Signature
	if f.Example != "" {
		hint += ", like " + f.Example
	}
	return msg, hint
}
