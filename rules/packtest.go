package rules

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Given is what a test states, as far as it is there to be seen at an instant.
type Given struct {
	Now time.Time
	// Vars are the variables that the expected rules see, by name. An object is a
	// map of the facts that are stated, nil if it is not known as a whole; a fact
	// that is nil is stated to be not known. What is not stated is that of
	// [Type.Example].
	Vars map[string]any
}

// Contradiction is a fact that a test states, and that follows differently from
// other facts that it states.
type Contradiction struct {
	// Path says where, from a variable on: "order.items[2].price".
	Path string `json:"path"`
	// Stated and Computed are as [Format] writes them.
	Stated   string `json:"stated"`
	Computed string `json:"computed"`
	// Line of the test, or of the step.
	Line int `json:"line"`
}

// TestOptions say which tests run.
type TestOptions struct {
	// Run says of each test whether it runs, by the name of its pack and its own.
	// Nil: all do. Where it is given nothing is said of what is untested.
	Run func(pack, test string) bool
	// Packs are those whose own tests run, and of which the report says what is
	// untested. Nil: all.
	Packs []string
	// Files are tests that lie apart from the packs that they are of: they run against
	// the packs as they judge, with everything that is laid over them.
	Files []*TestFile
}

// TestReport is what the tests of packs came to.
type TestReport struct {
	Cases []TestCase `json:"tests"`
	// Untested are the rules that no test shows both passing and failing, and
	// the scores and statuses that no test shows giving a value, in the order
	// of the packs.
	Untested []Untested `json:"untested"`
	// Coverage says which branches the tests took, by the names of the packs.
	Coverage []Coverage `json:"coverage"`
}

// TestCase is one test.
type TestCase struct {
	Pack string `json:"pack"`
	Name string `json:"name"`
	File string `json:"file"`
	Line int    `json:"line"`
	// Mismatches are empty if the test passed.
	Mismatches []Mismatch `json:"mismatches"`
	// Contradictions do not fail the test: what is stated holds.
	Contradictions []Contradiction `json:"contradictions,omitempty"`
}

// OK says whether the test passed.
func (c TestCase) OK() bool { return len(c.Mismatches) == 0 }

// Mismatch is one expectation that was not met.
type Mismatch struct {
	ID   string `json:"id"`
	Line int    `json:"line"`
	// Now is the instant at which it was expected.
	Now time.Time `json:"now"`
	// Of names the subject, where the test expects something of several.
	Of   string `json:"of,omitempty"`
	Want string `json:"want"`
	Got  string `json:"got"`
	// Detail is the message, the facts that are not known, or the error.
	Detail string `json:"detail,omitempty"`
	// Facts are those that were read, in the order in which they were, and then those
	// that the test gives and nothing has read. Evidence are the vars of the rule.
	Facts    []TestFact `json:"facts,omitempty"`
	Evidence []Shown    `json:"evidence,omitempty"`
}

// TestFact is a fact that was read, and where its value comes from.
type TestFact struct {
	Path  string   `json:"path"`
	Value string   `json:"value"` // as [Format] writes it
	From  FactFrom `json:"from"`
	// Unread says that the rule did not ask for it. What was computed may rest on it.
	Unread bool `json:"unread,omitempty"`
}

// FactFrom says where the value of a fact in a test comes from.
type FactFrom string

// Where facts come from.
const (
	FromTest    FactFrom = "given"    // the test states it
	FromFacts   FactFrom = "computed" // it follows from what the test states: see [Schema.Derive]
	FromExample FactFrom = "example"  // see [Type.Example]
)

// Untested names what an author has not shown.
type Untested struct {
	Pack string `json:"pack"`
	ID   string `json:"id"`
	File string `json:"file"`
	Line int    `json:"line"`
	// Missing are the outcomes that no test expects: "pass", "fail".
	Missing []Outcome `json:"missing"`
}

// OK says whether every test passed.
func (r TestReport) OK() bool {
	return !slices.ContainsFunc(r.Cases, func(c TestCase) bool { return !c.OK() })
}

// Complete says whether every test passed and nothing is untested.
func (r TestReport) Complete() bool { return r.OK() && len(r.Untested) == 0 }

// String lists what is wrong, a line each, and ends with a count.
func (r TestReport) String() string {
	var b strings.Builder
	failed := 0
	for _, c := range r.Cases {
		if !c.OK() {
			failed++
		}
		for _, m := range c.Mismatches {
			fmt.Fprintf(&b, "%s:%d: %s: %s: want %s, got %s", c.File, m.Line, c.Name, m.ID, m.Want, m.Got)
			if m.Detail != "" {
				fmt.Fprintf(&b, " (%s)", m.Detail)
			}
			b.WriteString("\n")
		}
		for _, x := range c.Contradictions {
			fmt.Fprintf(&b, "%s:%d: %s: %s\n", c.File, x.Line, c.Name, x)
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

// test is a compiled test of a pack.
type test struct {
	text    *testText
	file    string
	params  map[string]any
	moments []moment
}

// moment is what is given and expected at one instant.
type moment struct {
	line   int
	now    time.Time
	given  map[string]any // by variable
	expect []expectation
}

// tests compiles tests of the pack.
func (c *compiler) tests(texts []*testText) []*test {
	var out []*test
	for _, text := range texts {
		c.rule = text.name
		if t := c.test(text); t != nil {
			out = append(out, t)
		}
	}
	c.rule = ""
	return out
}

func (c *compiler) test(text *testText) *test {
	t := &test{text: text, file: c.pack.src.file}
	c.now = c.env.schema.Now
	if text.now != nil {
		v, _, _ := scalarOf(text.now)
		at, err := normalScalar(Timestamp, v, "now")
		if err != nil {
			c.bad(c.pack.src.errorAt(text.now.Line, text.now.Column, err.Error(), instantHint(text.now.Value)))
		} else {
			c.now = at.(time.Time)
		}
	}
	t.params = c.testParams(text.params)
	all := append([]momentText{text.moment}, text.steps...)
	about := make([][]about, len(all))
	vars := map[string]variable{}
	for i, m := range all {
		for _, x := range m.expect {
			a := c.about(x)
			about[i] = append(about[i], a)
			if a.rule != nil {
				for _, v := range c.env.subjects[a.rule.on].vars {
					vars[v.name] = v
				}
			}
		}
	}
	delete(vars, "now")
	first := c.moment(text.moment, c.now, nil, vars, about[0])
	if len(first.expect) > 0 {
		t.moments = append(t.moments, first)
	}
	given, last := first.given, time.Time{}
	for i, s := range text.steps {
		at, ok := c.stepTime(s.at)
		if !ok {
			continue
		}
		if at.Before(last) {
			c.bad(c.pack.src.errorAt(s.at.Line, s.at.Column, "the step lies before the one above it", "write the steps in the order in which they happen"))
		}
		last = at
		m := c.moment(s, at, given, vars, about[i+1])
		given = m.given
		t.moments = append(t.moments, m)
	}
	return t
}

// about is what an expectation is about.
type about struct {
	rule *ruleText // nil: it cannot be told
	pack string
}

func (c *compiler) about(x expectText) about {
	r, pack := c.expected(x)
	if r == nil || c.env.subjects[r.on] == nil {
		return about{}
	}
	return about{r, pack}
}

func (c *compiler) stepTime(n *yaml.Node) (time.Time, bool) {
	if at, ok, err := relativeTime(n.Value, c.now); ok {
		if err != nil {
			c.bad(c.pack.src.errorAt(n.Line, n.Column, err.Error(), relativeHint))
		}
		return at, err == nil
	}
	v, _, _ := scalarOf(n)
	at, err := normalScalar(Timestamp, v, "at")
	if err != nil {
		c.bad(c.pack.src.errorAt(n.Line, n.Column, err.Error(), "or from the test's now on: +7d, -36h, 2 weeks ago"))
		return time.Time{}, false
	}
	return at.(time.Time), true
}

// moment compiles what a test or one of its steps says. What was given before holds
// on, where nothing else is said.
func (c *compiler) moment(text momentText, now time.Time, before map[string]any, vars map[string]variable, of []about) moment {
	m := moment{line: text.node.Line, now: now, given: map[string]any{}}
	for name, v := range before {
		m.given[name] = v
	}
	c.givenVars(text.given, m.given, vars)
	if n := text.unknown; n != nil && len(vars) > 0 {
		if n.Kind != yaml.SequenceNode {
			c.bad(c.pack.src.errorAt(n.Line, n.Column, "unknown is "+describe(n)+", it has to be a list of facts", "write it as [order.total]"))
		}
		for _, f := range n.Content {
			c.forget(f, m.given, vars)
		}
	}
	for i, x := range text.expect {
		if of[i].rule != nil {
			m.expect = append(m.expect, c.expectations(of[i].rule, of[i].pack, x, vars)...)
		}
	}
	return m
}

func (c *compiler) forget(n *yaml.Node, given map[string]any, vars map[string]variable) {
	bad := func(msg, hint string) { c.bad(c.pack.src.errorAt(n.Line, n.Column, msg, hint)) }
	if n.Kind != yaml.ScalarNode {
		bad("a fact is "+describe(n)+", it has to be a name", "write it as order.total")
		return
	}
	p, hint, err := readFactPath(n.Value, vars)
	if err != nil {
		bad(err.Error(), hint)
		return
	}
	if len(p.steps) > 0 {
		if last := p.steps[len(p.steps)-1]; last.index < 0 && !last.field.MayBeUnknown {
			bad(n.Value+" is always known", "say what it is, under given:")
			return
		}
	}
	if err := p.forget(given); err != nil {
		bad(err.Error(), "")
	}
}

func (c *compiler) givenVars(n *yaml.Node, into map[string]any, vars map[string]variable) {
	if n == nil || len(vars) == 0 {
		return
	}
	if n.Kind != yaml.MappingNode {
		c.bad(c.pack.src.errorAt(n.Line, n.Column, "given is "+describe(n)+", it has to be a mapping", "write it as {variable: {fact: value}}"))
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, val := n.Content[i], n.Content[i+1]
		v, ok := vars[k.Value]
		if !ok {
			names := slices.Sorted(maps.Keys(vars))
			hint := didYouMean(k.Value, names)
			owner, fact, dotted := strings.Cut(k.Value, ".")
			i := slices.IndexFunc(names, func(n string) bool { return vars[n].of != nil && vars[n].of.fields[k.Value] != nil })
			switch {
			case k.Value == "now":
				hint = "write now: beside given:"
			case slices.ContainsFunc(names, func(n string) bool { return vars[n].of != nil && vars[n].of.Name == k.Value }):
				hint = "write " + names[slices.IndexFunc(names, func(n string) bool { return vars[n].of != nil && vars[n].of.Name == k.Value })]
			case dotted:
				hint = fmt.Sprintf("write {%s: {%s: …}}", owner, fact)
			case hint == "" && i >= 0:
				hint = fmt.Sprintf("write {%s: {%s: …}}", names[i], k.Value)
			case hint == "":
				hint = "the rules that are expected see " + strings.Join(names, ", ")
			}
			c.bad(c.pack.src.errorAt(k.Line, k.Column, fmt.Sprintf("no expected rule sees %q", k.Value), hint))
			continue
		}
		f := &field{Field: Field{Kind: v.kind, MayBeUnknown: true}, of: v.of, path: v.name, max: math.MaxInt}
		val2 := c.given(f, val, k.Value)
		more, isMap := val2.(map[string]any)
		below, hasMap := into[k.Value].(map[string]any)
		if isMap && hasMap {
			val2 = lay(below, more)
		}
		into[k.Value] = val2
	}
}

// testParams are the parameters that hold for a test in place of the pack's.
func (c *compiler) testParams(entries []entry) map[string]any {
	var out map[string]any
	for _, e := range entries {
		i := slices.IndexFunc(c.pack.params, func(p param) bool { return p.name == e.key.Value })
		if i < 0 {
			var names []string
			for _, p := range c.pack.params {
				names = append(names, p.name)
			}
			c.bad(c.pack.src.errorAt(e.key.Line, e.key.Column, fmt.Sprintf("the pack has no parameter %q", e.key.Value), didYouMean(e.key.Value, names)))
			continue
		}
		v, err := c.pack.params[i].other(e.val)
		if err != nil {
			c.bad(c.pack.src.errorAt(e.val.Line, e.val.Column, err.Error(), ""))
			continue
		}
		if out == nil {
			out = map[string]any{}
		}
		out[e.key.Value] = v
	}
	return out
}

// other reads another value of the parameter.
func (p *param) other(n *yaml.Node) (any, error) {
	path := "params." + p.name
	if p.kind != List {
		v, _, _ := scalarOf(n)
		return normalScalar(p.kind, v, path)
	}
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		return nil, fmt.Errorf("%s is %s, it has to be a list with one entry at least", path, describe(n))
	}
	out := make([]any, len(n.Content))
	for i, it := range n.Content {
		v, _, _ := scalarOf(it)
		var err error
		if out[i], err = normalScalar(p.item, v, fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// with is the pack with other values of some of its parameters.
func (p *Pack) with(params map[string]any) *Pack {
	if len(params) == 0 {
		return p
	}
	q := *p
	q.params = slices.Clone(p.params)
	q.info.Params = slices.Clone(p.info.Params)
	for i := range q.params {
		if v, ok := params[q.params[i].name]; ok {
			q.params[i].val, q.info.Params[i].Value = v, v
		}
	}
	return &q
}
