package rules

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// test is a compiled test of a pack.
type test struct {
	text   *testText
	now    time.Time
	given  map[string]any // by variable, as records are made of it
	expect []expectation
}

type expectation struct {
	id      string
	pack    string
	line    int
	sort    sort
	on      string
	outcome Outcome
	score   *float64
	status  string
	none    bool // no score or status applies
	message string
	unknown []string
}

// TestReport is what the tests of packs came to.
type TestReport struct {
	Cases []TestCase
	// Untested are the rules that no test shows both passing and failing, and
	// the scores and statuses that no test shows giving a value, in the order
	// of the packs.
	Untested []Untested
}

// TestCase is one test.
type TestCase struct {
	Pack, Name, File string
	Line             int
	// Mismatches are empty if the test passed.
	Mismatches []Mismatch
}

// Mismatch is one expectation that was not met.
type Mismatch struct {
	ID        string
	Line      int
	Want, Got string
	// Detail is the message, the facts that are not known, or the error.
	Detail string
}

// Untested names what an author has not shown.
type Untested struct {
	Pack, ID string
	// Missing are the outcomes that no test expects: "pass", "fail".
	Missing []Outcome
}

// OK says whether every test passed.
func (r TestReport) OK() bool {
	return !slices.ContainsFunc(r.Cases, func(c TestCase) bool { return len(c.Mismatches) > 0 })
}

// Complete says whether every test passed and nothing is untested.
func (r TestReport) Complete() bool { return r.OK() && len(r.Untested) == 0 }

// String lists what is wrong, a line each, and ends with a count.
func (r TestReport) String() string {
	var b strings.Builder
	failed := 0
	for _, c := range r.Cases {
		if len(c.Mismatches) == 0 {
			continue
		}
		failed++
		for _, m := range c.Mismatches {
			fmt.Fprintf(&b, "%s:%d: %s: %s: want %s, got %s", c.File, m.Line, c.Name, m.ID, m.Want, m.Got)
			if m.Detail != "" {
				fmt.Fprintf(&b, " (%s)", m.Detail)
			}
			b.WriteString("\n")
		}
	}
	for _, u := range r.Untested {
		words := make([]string, len(u.Missing))
		for i, m := range u.Missing {
			words[i] = string(m)
		}
		fmt.Fprintf(&b, "%s: %s: no test expects %s\n", u.Pack, u.ID, strings.Join(words, " or "))
	}
	fmt.Fprintf(&b, "%d tests, %d failed", len(r.Cases), failed)
	return b.String()
}

// Test runs the packs' own tests. Each test's `given` is laid over the
// examples of the schema; a test that names no `now` runs at [Schema.Now].
// The error is the context's.
func (s *Set) Test(ctx context.Context) (TestReport, error) {
	var out TestReport
	for _, p := range s.packs {
		written, err := s.asWritten(p)
		if err != nil {
			return TestReport{}, err
		}
		shown := map[string]map[Outcome]bool{}
		for _, t := range p.tests {
			c := TestCase{Pack: p.info.Name, Name: t.text.name, File: p.info.File, Line: t.text.node.Line}
			for _, x := range t.expect {
				m, err := written.try(ctx, x.pack, t, x)
				if err != nil {
					return TestReport{}, err
				}
				if m != nil {
					c.Mismatches = append(c.Mismatches, *m)
				}
				if shown[x.id] == nil {
					shown[x.id] = map[Outcome]bool{}
				}
				shown[x.id][x.outcome] = true
				if x.sort == isStatus && x.outcome == OutcomeUnknown && x.unknown == nil {
					shown[x.id][OutcomePass] = true // the word, which is a status of its own
				}
			}
			out.Cases = append(out.Cases, c)
		}
		for _, r := range slices.Concat(p.pack.rules, p.pack.scores, p.pack.statuses) {
			want := []Outcome{OutcomePass, OutcomeFail}
			if r.sort != isRule {
				want = want[:1]
			}
			missing := slices.DeleteFunc(want, func(o Outcome) bool { return shown[r.id][o] })
			if len(missing) > 0 {
				out.Untested = append(out.Untested, Untested{p.info.Name, r.id, missing})
			}
		}
	}
	return out, nil
}

// vars lays what a test gives over the examples.
func (t *test) vars(sub *subject) map[string]any {
	out := map[string]any{}
	for _, v := range sub.vars {
		given, there := t.given[v.name]
		switch {
		case v.name == "now":
		case there && given == nil:
			out[v.name] = Unknown
		case v.of != nil && there:
			out[v.name] = v.of.record(given.(map[string]any))
		case v.of != nil:
			out[v.name] = v.of.record()
		case there:
			out[v.name] = given
		}
	}
	return out
}

func (s *Set) try(ctx context.Context, pack string, t *test, x expectation) (*Mismatch, error) {
	sub, _ := s.subjects.on(x.on)
	vars := t.vars(sub.subject)
	only := func(rules []*rule) []*rule {
		var out []*rule
		for _, r := range rules {
			if r.pack.Name == pack && r.text.id == x.id {
				out = append(out, r)
			}
		}
		return out
	}
	alone := &Set{env: s.env, subjects: subjectSets{{
		subject: sub.subject, mostVars: sub.mostVars, uses: sub.uses,
		rules: only(sub.rules), scores: only(sub.scores), statuses: only(sub.statuses),
	}}}
	o := Options{Now: t.now}
	m := &Mismatch{ID: x.id, Line: x.line, Want: x.String()}
	ok := false
	switch x.sort {
	case isRule:
		rs, err := alone.Evaluate(ctx, x.on, vars, o)
		if err != nil {
			return nil, err
		}
		r := Result{Outcome: OutcomeSkip} // it is switched off
		if len(rs) > 0 {
			r = rs[0]
		}
		m.Got, m.Detail = string(r.Outcome), r.Message
		ok = r.Outcome == x.outcome
		if ok && x.message != "" && r.Message != x.message {
			ok, m.Got, m.Detail = false, fmt.Sprintf("%q", r.Message), ""
		}
		if ok && x.unknown != nil && !slices.Equal(r.Unknown, x.unknown) {
			ok = false
		}
	case isScore:
		v, applies, err := alone.Score(ctx, x.on, vars, o)
		if err != nil {
			return nil, err
		}
		m.Got, m.Detail = verdictWords(v.Verdict, applies, formatNumber(v.Score))
		ok = x.matches(v.Verdict, applies)
		if ok && x.score != nil {
			ok = math.Abs(v.Score-*x.score) <= 1e-9*max(1, math.Abs(*x.score))
		}
	case isStatus:
		v, applies, err := alone.Status(ctx, x.on, vars, o)
		if err != nil {
			return nil, err
		}
		m.Got, m.Detail = verdictWords(v.Verdict, applies, v.Status)
		ok = x.matches(v.Verdict, applies)
		if ok && x.status != "" {
			ok = v.Status == x.status
		}
		// Some vocabularies have the word itself: either way it is not known.
		ok = ok || x.outcome == OutcomeUnknown && x.unknown == nil && v.Status == string(OutcomeUnknown)
	}
	if ok {
		return nil, nil
	}
	return m, nil
}

func (x expectation) matches(v Verdict, applies bool) bool {
	if x.none || !applies {
		return x.none && !applies
	}
	return v.Outcome == x.outcome && (x.unknown == nil || slices.Equal(v.Unknown, x.unknown))
}

func verdictWords(v Verdict, applies bool, value string) (got, detail string) {
	switch {
	case !applies:
		return string(OutcomeSkip), ""
	case v.Outcome == OutcomePass:
		return value, ""
	case v.Err != nil:
		return string(v.Outcome), v.Err.Error()
	}
	return string(v.Outcome), "not known: " + strings.Join(v.Unknown, ", ")
}

func (x expectation) String() string {
	switch {
	case x.none:
		return string(OutcomeSkip)
	case x.score != nil:
		return formatNumber(*x.score)
	case x.status != "":
		return x.status
	case x.message != "":
		return fmt.Sprintf("%s %q", x.outcome, x.message)
	case x.unknown != nil:
		return fmt.Sprintf("%s (%s)", x.outcome, strings.Join(x.unknown, ", "))
	}
	return string(x.outcome)
}

// tests compiles the tests of the pack.
func (c *compiler) tests() []*test {
	var out []*test
	for _, text := range c.pack.tests {
		c.rule = text.name
		t := &test{text: text, now: c.env.schema.Now, given: map[string]any{}}
		if text.now != nil {
			v, _, _ := scalarOf(text.now)
			at, err := normalScalar(Timestamp, v, "now")
			if err != nil {
				c.bad(c.pack.src.errorAt(text.now.Line, text.now.Column, err.Error(), "write it like 2026-01-31T09:00:00Z"))
				continue
			}
			t.now = at.(time.Time)
		}
		vars := map[string]variable{}
		for _, x := range text.expect {
			r, pack := c.expected(x)
			if r == nil || c.env.subjects[r.on] == nil {
				continue
			}
			for _, v := range c.env.subjects[r.on].vars {
				vars[v.name] = v
			}
			if e, ok := c.expectation(r, x); ok {
				e.pack = pack
				t.expect = append(t.expect, e)
			}
		}
		c.givenVars(t, vars)
		out = append(out, t)
	}
	c.rule = ""
	return out
}

func (c *compiler) givenVars(t *test, vars map[string]variable) {
	n := t.text.given
	if n == nil || len(vars) == 0 {
		return
	}
	if n.Kind != yaml.MappingNode {
		c.bad(c.pack.src.errorAt(n.Line, n.Column, "given is "+describe(n)+", it has to be a mapping", "write it as {variable: {fact: value}}"))
		return
	}
	delete(vars, "now")
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, val := n.Content[i], n.Content[i+1]
		v, ok := vars[k.Value]
		if !ok {
			names := slices.Sorted(maps.Keys(vars))
			hint := didYouMean(k.Value, names)
			if k.Value == "now" {
				hint = "write now: beside given:"
			} else if hint == "" {
				hint = "the rules that are expected see " + strings.Join(names, ", ")
			}
			c.bad(c.pack.src.errorAt(k.Line, k.Column, fmt.Sprintf("no expected rule sees %q", k.Value), hint))
			continue
		}
		f := &field{Field: Field{Kind: v.kind, MayBeUnknown: true}, of: v.of, path: v.name, max: math.MaxInt}
		t.given[k.Value] = c.given(f, val, k.Value)
	}
}

func (c *compiler) expectation(r *ruleText, x expectText) (expectation, bool) {
	e := expectation{id: r.id, line: x.key.Line, sort: r.sort, on: r.on}
	bad := func(n *yaml.Node, msg, hint string) (expectation, bool) {
		c.bad(c.pack.src.errorAt(n.Line, n.Column, msg, hint))
		return e, false
	}
	value := x.node
	if x.node.Kind == yaml.MappingNode {
		value = nil
		for i := 0; i+1 < len(x.node.Content); i += 2 {
			k, v := x.node.Content[i], x.node.Content[i+1]
			switch k.Value {
			case "outcome":
				value = v
			case "message":
				e.message = v.Value
			case "unknown":
				if v.Kind != yaml.SequenceNode {
					return bad(v, "unknown is "+describe(v)+", it has to be a list of facts", "write it as [order.total]")
				}
				e.unknown = []string{}
				for _, f := range v.Content {
					e.unknown = append(e.unknown, f.Value)
				}
				slices.Sort(e.unknown)
				e.outcome = OutcomeUnknown
			default:
				return bad(k, fmt.Sprintf("an expectation has no %q", k.Value), "it knows outcome, message, unknown")
			}
		}
		if value == nil && e.unknown == nil {
			return bad(x.node, "the expectation has no outcome", "write {outcome: fail, message: …}")
		}
		if value == nil {
			return e, true
		}
	}
	words := []string{"pass", "fail", "skip", "unknown", "error"}
	word := value.Value
	if value.Kind != yaml.ScalarNode {
		return bad(value, "an expectation is one word or number", "write pass, fail, skip, unknown or error")
	}
	switch r.sort {
	case isRule:
		if !slices.Contains(words, word) {
			hint := didYouMean(word, words)
			if hint == "" {
				hint = "write pass, fail, skip, unknown or error"
			}
			return bad(value, fmt.Sprintf("outcome %q is not known", word), hint)
		}
		e.outcome = Outcome(word)
	default:
		switch word {
		case "skip":
			e.none, e.outcome = true, OutcomeSkip
			return e, true
		case "unknown", "error":
			e.outcome = Outcome(word)
			return e, true
		}
		e.outcome = OutcomePass
		if r.sort == isStatus {
			if ss := c.env.schema.Statuses; len(ss) > 0 && !slices.Contains(ss, word) {
				return bad(value, fmt.Sprintf("status %q is not known", word), didYouMean(word, ss))
			}
			e.status = word
			return e, true
		}
		v, _, _ := scalarOf(value)
		n, err := normalScalar(Double, v, "the score")
		if err != nil {
			return bad(value, fmt.Sprintf("%q is not a number", word), "write a number, skip, unknown or error")
		}
		f := n.(float64)
		e.score = &f
	}
	return e, true
}
