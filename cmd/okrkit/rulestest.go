package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/rules"
)

// demands are what the tests of packs have to show.
type demands struct {
	Strict      bool    `help:"A rule without a test that passes and one that fails is a finding, and so is a test that contradicts itself."`
	MinCoverage float64 `help:"A pack whose tests take less than this share of its branches is a finding." placeholder:"PERCENT"`
}

func (d demands) demand() (rules.Demand, error) {
	if d.MinCoverage < 0 || d.MinCoverage > 100 {
		return rules.Demand{}, fmt.Errorf("--min-coverage: %v is not a share in percent: write a number from 0 to 100", d.MinCoverage)
	}
	return rules.Demand{Examples: d.Strict, Coverage: d.MinCoverage / 100}, nil
}

type rulesTest struct {
	Format string `help:"How to print: ${enum}." enum:"${testFormats}" default:"text" placeholder:"FORMAT"`
	demands
	wordLists
	Coverage bool     `help:"List the branches that no test takes."`
	Only     string   `name:"run" help:"Only tests whose name, or pack/name, matches this regular expression." placeholder:"REGEXP"`
	Packs    []string `arg:"" name:"pack" help:"Files, folders of *.yaml, presets, or - for standard input. A file *_test.yaml holds tests of a pack that lies elsewhere."`
}

func (rulesTest) Help() string {
	return `Evaluates the tests under "tests:" of each pack, and of each *_test.yaml, and compares each outcome with what is expected. A test that fails says which facts its rule has read, and where they come from. The starter packs and presets that are tested or extended need not be named.

Example: okrkit rules test --strict --min-coverage 80 rules/

Exit codes: 0 every test is as expected, 1 one is not (or what --strict and --min-coverage ask for is missing), 2 a file cannot be read or a pack does not compile.`
}

func (c rulesTest) Run(ctx context.Context, a *app) error {
	demand, err := c.demand()
	if err != nil {
		return err
	}
	set, o, err := c.read(a)
	if err != nil {
		return err
	}
	report, err := set.Test(ctx, o)
	if err != nil {
		return err
	}
	if o.Run != nil && len(report.Cases) == 0 {
		return fmt.Errorf("--run: no test has a name like %q", c.Only)
	}
	run := audit.TestRun{TestReport: report, Demand: demand}
	if c.Format == string(audit.FormatText) {
		a.printTests(run, c.Coverage || c.MinCoverage > 0)
	} else if err := run.Render(a.out, audit.Format(c.Format)); err != nil {
		return err
	}
	if report.Check(demand) != nil {
		return errFindings
	}
	return nil
}

// read compiles the packs, and those that they and the files of tests need.
func (c rulesTest) read(a *app) (*rules.Set, rules.TestOptions, error) {
	o := rules.TestOptions{Packs: []string{}}
	fail := func(err error) (*rules.Set, rules.TestOptions, error) { return nil, o, err }
	if c.Only != "" {
		pattern, err := regexp.Compile(c.Only)
		if err != nil {
			return fail(fmt.Errorf("--run: %w", err))
		}
		o.Run = func(pack, test string) bool { return pattern.MatchString(test) || pattern.MatchString(pack+"/"+test) }
	}
	words, err := c.words()
	if err != nil {
		return fail(err)
	}
	inputs, apart, err := a.readRules(c.Packs, true)
	if err != nil {
		return fail(err)
	}
	var named []string
	for _, in := range apart {
		f, err := rules.ParseTests(in.name, in.text)
		if err != nil {
			return fail(err)
		}
		o.Files = append(o.Files, f)
		named = append(named, f.Pack())
	}
	files := bases(inputs, named...)
	for _, in := range inputs {
		files = append(files, rules.File{Name: in.name, Text: in.text})
		if p, err := rules.Parse(in.name, in.text); err == nil { // what is wrong is told by Load
			o.Packs = append(o.Packs, p.Info().Name)
		}
	}
	set, err := rules.Load(audit.Env(audit.Level, words...), files...)
	if err != nil {
		return fail(err)
	}
	return set, o, nil
}

func (a *app) printTests(r audit.TestRun, coverage bool) {
	failed := 0
	for _, t := range r.Cases {
		if !t.OK() {
			failed++
		}
		for _, m := range t.Mismatches {
			a.printMismatch(t, m)
		}
	}
	for _, t := range r.Cases {
		for _, x := range t.Contradictions {
			fmt.Fprintf(a.out, "%s:%d: %s: %s\n", clean(t.File), x.Line, oneLine(t.Name), a.paint(yellow, oneLine(x.String())))
		}
	}
	if len(r.Untested) > 0 {
		rows := [][]string{{"PACK", "RULE", "NO TEST EXPECTS"}}
		for _, u := range r.Untested {
			rows = append(rows, []string{u.Pack, u.ID, join(u.Missing, " or ")})
		}
		table(a.out, rows)
		fmt.Fprintln(a.out)
	}
	if coverage && len(r.Coverage) > 0 {
		a.printCoverage(r)
	}
	verdict := a.paint(green, "all as expected")
	if failed > 0 {
		verdict = a.paint(red, fmt.Sprintf("%d not as expected", failed))
	}
	fmt.Fprintf(a.out, "%s: %s\n", count(len(r.Cases), "test", "tests"), verdict)
}

// widestFact bounds what is shown of the value of a fact.
const widestFact = 80

// printMismatch says what was not as expected, and what it rests on.
func (a *app) printMismatch(t rules.TestCase, m rules.Mismatch) {
	what := m.ID
	if m.Of != "" {
		what += " of " + m.Of
	}
	fmt.Fprintf(a.out, "%s:%d: %s: %s is %s, expected %s\n", clean(t.File), m.Line, oneLine(t.Name), oneLine(what), a.paint(red, oneLine(m.Got)), oneLine(m.Want))
	if m.Detail != "" {
		fmt.Fprintf(a.out, "    %s\n", oneLine(m.Detail))
	}
	rows := [][]string{{"now", "", rules.Format(m.Now)}}
	for _, f := range m.Facts {
		from := string(f.From)
		if f.Unread {
			from += ", not read"
		}
		rows = append(rows, []string{f.Path, from, shorten(f.Value, widestFact)})
	}
	for _, e := range m.Evidence {
		rows = append(rows, []string{e.Name, "var", shorten(e.Value, widestFact)})
	}
	columns(a.out, "    ", rows)
}

func (a *app) printCoverage(r audit.TestRun) {
	rows := [][]string{{"PACK", "BRANCHES", "TAKEN", "SHARE"}}
	for _, c := range r.Coverage {
		rows = append(rows, []string{c.Pack, fmt.Sprint(c.Branches), fmt.Sprint(c.Taken), fmt.Sprintf("%d %%", int(c.Share()*100+1e-9))})
	}
	table(a.out, rows)
	fmt.Fprintln(a.out)
	for _, c := range r.Coverage {
		for _, u := range c.Untaken {
			fmt.Fprintf(a.out, "%s:%d:%d: %s\n", clean(u.File), u.Line, u.Col, oneLine(u.String()))
		}
	}
	if slices.ContainsFunc(r.Coverage, func(c rules.Coverage) bool { return len(c.Untaken) > 0 }) {
		fmt.Fprintln(a.out)
	}
}
