package rules

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// expectation is what a test wants of one rule, score or status.
type expectation struct {
	id       string
	pack     string
	line     int
	sort     sort
	on       string
	of       *factPath // which subject, if it is not the one that the variables give
	role     string    // the variable that stands for it
	outcome  Outcome
	score    *float64
	within   float64
	status   string
	none     bool // no score or status applies
	message  string
	mentions []string
	severity Severity
	mode     Mode
	evidence []Evidence
	unknown  []string
	err      string // part of it
}

// said is what a rule, a score or a status said.
type said struct {
	Verdict
	applies  bool
	score    float64
	status   string
	message  string
	severity Severity
	mode     Mode
}

// detail says more about an outcome that was not expected.
func (s *said) detail() string {
	switch {
	case s.Err != nil:
		return s.Err.Error()
	case s.Outcome == OutcomeUnknown:
		return "not known: " + strings.Join(s.Unknown, ", ")
	}
	return s.message
}

// word is the outcome, or the number or word that came of it.
func (s *said) word(of sort) string {
	switch {
	case !s.applies:
		return string(OutcomeSkip)
	case s.Outcome != OutcomePass:
		return string(s.Outcome)
	case of == isScore:
		return formatNumber(s.score)
	case of == isStatus:
		return s.status
	}
	return string(OutcomePass)
}

const scoreSlack = 1e-9

// compare says how what was said differs from what is expected: ok, or what is
// shown of it.
func (x *expectation) compare(s *said) (ok bool, got, detail string) {
	got, detail = s.word(x.sort), s.detail()
	switch {
	case x.none || !s.applies:
		if x.none != !s.applies {
			return false, got, detail
		}
		return true, "", ""
	case x.sort == isStatus && x.outcome == OutcomeUnknown && x.unknown == nil && s.status == string(OutcomeUnknown):
		// Some vocabularies have the word itself: either way it is not known.
	case s.Outcome != x.outcome:
		return false, got, detail
	}
	switch {
	case x.score != nil && math.Abs(s.score-*x.score) > max(x.within, scoreSlack*max(1, math.Abs(*x.score))):
		return false, got, ""
	case x.status != "" && s.status != x.status:
		return false, got, ""
	case x.unknown != nil && !slices.Equal(s.Unknown, x.unknown):
		return false, got, detail
	case x.message != "" && s.message != x.message:
		return false, fmt.Sprintf("%q", s.message), ""
	case x.err != "" && (s.Err == nil || !strings.Contains(s.Err.Error(), x.err)):
		return false, got, detail
	case x.severity != "" && x.severity != s.severity:
		return false, string(s.severity), ""
	case x.mode != "" && x.mode != s.mode:
		return false, string(s.mode), ""
	}
	for _, part := range x.mentions {
		if !strings.Contains(s.message, part) {
			return false, fmt.Sprintf("%q", s.message), ""
		}
	}
	for _, e := range x.evidence {
		i := slices.IndexFunc(s.Evidence, func(g Evidence) bool { return g.Name == e.Name })
		if i < 0 {
			return false, "no " + e.Name, "the rule was decided without it"
		}
		if !sameValue(e.Value, s.Evidence[i].Value) {
			return false, e.Name + " = " + Format(s.Evidence[i].Value), ""
		}
	}
	return true, "", ""
}

// sameValue compares what a test writes with what came out.
func sameValue(want, got any) bool {
	switch w := want.(type) {
	case nil:
		return got == nil || got == Unknown
	case []any:
		g, ok := got.([]any)
		return ok && slices.EqualFunc(w, g, sameValue)
	case string:
		return w == Format(got)
	case bool:
		return want == got
	}
	number := func(v any) (float64, bool) {
		switch n := v.(type) {
		case int64:
			return float64(n), true
		case float64:
			return n, true
		}
		return 0, false
	}
	w, isNumber := number(want)
	g, alsoNumber := number(got)
	if isNumber && alsoNumber {
		return math.Abs(w-g) <= scoreSlack*max(1, math.Abs(w))
	}
	return !isNumber && Format(want) == Format(got)
}

// String says what is wanted.
func (x *expectation) String() string {
	var what string
	switch {
	case x.none:
		what = string(OutcomeSkip)
	case x.score != nil:
		what = formatNumber(*x.score)
		if x.within > 0 {
			what += " within " + formatNumber(x.within)
		}
	case x.status != "":
		what = x.status
	default:
		what = string(x.outcome)
	}
	if x.unknown != nil {
		what += " (" + strings.Join(x.unknown, ", ") + ")"
	}
	if x.severity != "" {
		what += ", " + string(x.severity)
	}
	if x.mode != "" {
		what += ", " + string(x.mode)
	}
	if x.message != "" {
		what += fmt.Sprintf(" %q", x.message)
	}
	for _, m := range x.mentions {
		what += fmt.Sprintf(" … %q", m)
	}
	if x.err != "" {
		what += fmt.Sprintf(" … %q", x.err)
	}
	for _, e := range x.evidence {
		what += ", " + e.Name + " = " + Format(e.Value)
	}
	return what
}

// expectations reads what is expected of one rule: of one subject, or of each of
// several under of:.
func (c *compiler) expectations(r *ruleText, pack string, x expectText, vars map[string]variable) []expectation {
	base := expectation{id: r.id, pack: pack, line: x.key.Line, sort: r.sort, on: r.on}
	if x.node.Kind != yaml.MappingNode || len(x.node.Content) != 2 || x.node.Content[0].Value != "of" {
		if e, ok := c.expectation(base, x.node); ok {
			return []expectation{e}
		}
		return nil
	}
	var out []expectation
	of := x.node.Content[1]
	if of.Kind != yaml.MappingNode || len(of.Content) == 0 {
		c.bad(c.pack.src.errorAt(of.Line, of.Column, "of is "+describe(of)+", it has to be a mapping", "write {objective.key_results[0]: pass}"))
		return nil
	}
	for i := 0; i+1 < len(of.Content); i += 2 {
		k, v := of.Content[i], of.Content[i+1]
		p, hint, err := readFactPath(k.Value, vars)
		if err != nil {
			c.bad(c.pack.src.errorAt(k.Line, k.Column, err.Error(), hint))
			continue
		}
		e := base
		e.line, e.of = k.Line, &p
		t := p.typ(vars)
		for _, sv := range c.env.subjects[r.on].vars {
			if sv.of != nil && sv.of == t && (e.role == "" || sv.name == p.name) {
				e.role = sv.name
			}
		}
		if e.role == "" {
			c.bad(c.pack.src.errorAt(k.Line, k.Column, fmt.Sprintf("%s is nothing that %s can stand on: it is on %s", k.Value, x.id, r.on), ""))
			continue
		}
		if e, ok := c.expectation(e, v); ok {
			out = append(out, e)
		}
	}
	return out
}

// expectation reads what is expected of one rule on one subject.
func (c *compiler) expectation(e expectation, n *yaml.Node) (expectation, bool) {
	if n.Kind != yaml.MappingNode {
		return e, c.expectedWord(&e, n)
	}
	ok := true
	fail := func(n *yaml.Node, msg, hint string) {
		c.bad(c.pack.src.errorAt(n.Line, n.Column, msg, hint))
		ok = false
	}
	var word *yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		switch k.Value {
		case "outcome", bodyKey[e.sort]:
			word = v
		case "message":
			e.message = v.Value
		case "error":
			e.err = v.Value
			if e.outcome = OutcomeError; v.Kind != yaml.ScalarNode || v.Value == "" {
				fail(v, "error is "+describe(v)+", it has to be a part of the error's text", "")
			}
		case "mentions":
			parts, err := texts(v)
			if err != nil {
				fail(v, "mentions "+err.Error(), "write a part of the message, or a list of parts")
			}
			e.mentions = parts
		case "severity":
			if e.severity = Severity(v.Value); !slices.Contains([]Severity{Info, Warning, Failure}, e.severity) {
				fail(v, fmt.Sprintf("severity %q is not known", v.Value), "write info, warning or error")
			}
		case "mode":
			if e.mode = Mode(v.Value); e.mode != Report && e.mode != Gate {
				fail(v, fmt.Sprintf("mode %q is not known", v.Value), "write report or gate")
			}
		case "within":
			f, isNumber := numberOf(v)
			if !isNumber || f < 0 {
				fail(v, "within is "+describe(v)+", it has to be how far the score may be off", "write it like 0.001")
			}
			e.within = f
		case "evidence":
			c.expectedEvidence(&e, v)
		case "unknown":
			facts, err := texts(v)
			if err != nil || v.Kind != yaml.SequenceNode {
				fail(v, "unknown is "+describe(v)+", it has to be a list of facts", "write it as [order.total]")
			}
			e.unknown, e.outcome = facts, OutcomeUnknown
			slices.Sort(e.unknown)
		default:
			known := map[sort][]string{
				isRule:   {"outcome", "message", "mentions", "severity", "mode", "evidence", "unknown", "error", "of"},
				isScore:  {"outcome", "score", "within", "evidence", "unknown", "error", "of"},
				isStatus: {"outcome", "status", "evidence", "unknown", "error", "of"},
			}[e.sort]
			hint := didYouMean(k.Value, known)
			if hint == "" {
				hint = "it knows " + strings.Join(known, ", ")
			}
			fail(k, fmt.Sprintf("an expectation has no %q", k.Value), hint)
		}
	}
	if !ok {
		return e, false
	}
	if word != nil {
		stated := e.outcome
		if !c.expectedWord(&e, word) {
			return e, false
		}
		if stated != "" && stated != e.outcome {
			fail(word, fmt.Sprintf("the outcome is %s here, and %s by what is beside it", e.outcome, stated), "leave one of them out")
		}
	} else if e.outcome == "" {
		fail(n, "the expectation has no outcome", "write {outcome: fail, message: …}")
	}
	if e.sort != isRule && (e.message != "" || e.mentions != nil || e.severity != "" || e.mode != "") {
		fail(n, "message, severity and mode are of rules, this is a "+bodyKey[e.sort], "")
	}
	return e, ok
}

func (c *compiler) expectedEvidence(e *expectation, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		c.bad(c.pack.src.errorAt(n.Line, n.Column, "evidence is "+describe(n)+", it has to be a mapping", "write {name of a var: value}"))
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		var val any
		switch {
		case v.Kind == yaml.ScalarNode:
			val, _, _ = scalarOf(v)
		case v.Kind == yaml.SequenceNode:
			list := make([]any, len(v.Content))
			for i, it := range v.Content {
				list[i], _, _ = scalarOf(it)
			}
			val = list
		default:
			c.bad(c.pack.src.errorAt(v.Line, v.Column, "a value is "+describe(v)+", it has to be a number, a text or a list of these", ""))
			continue
		}
		e.evidence = append(e.evidence, Evidence{k.Value, val})
	}
}

// texts reads one text or a list of them.
func texts(n *yaml.Node) ([]string, error) {
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	out := make([]string, 0, len(items))
	for _, it := range items {
		if it.Kind != yaml.ScalarNode || it.Value == "" {
			return nil, fmt.Errorf("is %s", describe(it))
		}
		out = append(out, it.Value)
	}
	return out, nil
}

func numberOf(n *yaml.Node) (float64, bool) {
	v, _, _ := scalarOf(n)
	f, err := normalScalar(Double, v, "")
	if err != nil {
		return 0, false
	}
	return f.(float64), true
}

// expectedWord reads an outcome, a score or a status.
func (c *compiler) expectedWord(e *expectation, n *yaml.Node) bool {
	bad := func(msg, hint string) bool {
		c.bad(c.pack.src.errorAt(n.Line, n.Column, msg, hint))
		return false
	}
	if n.Kind != yaml.ScalarNode {
		return bad("an expectation is one word or number", "write pass, fail, skip, unknown or error")
	}
	word := n.Value
	if e.sort == isRule {
		words := []string{"pass", "fail", "skip", "unknown", "error"}
		if !slices.Contains(words, word) {
			hint := didYouMean(word, words)
			if hint == "" {
				hint = map[string]string{"true": "write pass", "false": "write fail", "yes": "write pass", "no": "write fail", "ok": "write pass"}[strings.ToLower(word)]
			}
			if hint == "" {
				hint = "write pass, fail, skip, unknown or error"
			}
			return bad(fmt.Sprintf("outcome %q is not known", word), hint)
		}
		e.outcome = Outcome(word)
		return true
	}
	switch word {
	case "skip":
		e.none, e.outcome = true, OutcomeSkip
		return true
	case "unknown", "error":
		e.outcome = Outcome(word)
		return true
	}
	e.outcome = OutcomePass
	if e.sort == isStatus {
		if ss := c.env.schema.Statuses; len(ss) > 0 && !slices.Contains(ss, word) {
			return bad(fmt.Sprintf("status %q is not known", word), didYouMean(word, ss))
		}
		e.status = word
		return true
	}
	f, ok := numberOf(n)
	if !ok {
		return bad(fmt.Sprintf("%q is not a number", word), "write a number, skip, unknown or error")
	}
	e.score = &f
	return true
}
