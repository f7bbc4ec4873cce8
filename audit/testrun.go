package audit

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/rules"
)

// TestRun is what the tests of packs came to beside what is demanded of them, to be
// written down.
type TestRun struct {
	rules.TestReport
	Demand rules.Demand
}

// TestFormats are the formats of [TestRun.Render].
func TestFormats() []Format {
	return []Format{FormatText, FormatJSON, FormatJUnit, FormatSARIF, FormatGitHub}
}

func unknownFormat(f Format, known []Format) error {
	var names []string
	for _, k := range known {
		names = append(names, string(k))
	}
	return &okr.InvalidError{Field: "format", Value: string(f), Remedy: "use one of " + strings.Join(names, ", ")}
}

// Render writes the report in one of [TestFormats]. It escapes what strangers wrote.
// Another format is an [okr.ErrInvalid]; other errors are the writer's.
func (r TestRun) Render(w io.Writer, f Format) error {
	switch f {
	case FormatText:
		_, err := fmt.Fprintln(w, plainLines(r.String()))
		return err
	case FormatJSON:
		return r.json(w)
	case FormatJUnit:
		return r.junit(w)
	case FormatSARIF:
		return r.sarif(w)
	case FormatGitHub:
		return r.github(w)
	}
	return unknownFormat(f, TestFormats())
}

// plainLines is [plain] for a text of several lines.
func plainLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines { // an excerpt keeps its columns
		lines[i] = strings.Map(func(r rune) rune {
			if r != ' ' && plain(string(r)) == "" {
				return -1
			}
			return r
		}, l)
	}
	return strings.Join(lines, "\n")
}

// lacks is what falls short. What is not demanded is shown as well, and asks nothing of
// anybody.
func (r TestRun) lacks() (lacks []rules.Lack, demanded func(rules.Lack) bool) {
	all := r.Demand
	all.Examples = true
	return r.Lacks(all), func(l rules.Lack) bool { return l.IsCoverage() || r.Demand.Examples }
}

// untaken are the branches that no test takes, where their number matters.
func (r TestRun) untaken() []rules.Untaken {
	var out []rules.Untaken
	for _, c := range r.Coverage {
		if c.Share() < r.Demand.Coverage {
			out = append(out, c.Untaken...)
		}
	}
	return out
}

func (r TestRun) json(w io.Writer) error {
	type test struct {
		rules.TestCase
		OK bool `json:"ok"`
	}
	type coverage struct {
		rules.Coverage
		Share float64 `json:"share"` // within 0 and 1
	}
	out := struct {
		OK       bool             `json:"ok"`
		Tests    []test           `json:"tests"`
		Untested []rules.Untested `json:"untested"`
		Coverage []coverage       `json:"coverage"`
		Lacks    []rules.Lack     `json:"lacks"`
	}{r.Check(r.Demand) == nil, []test{}, orEmpty(r.Untested), []coverage{}, orEmpty(r.Lacks(r.Demand))}
	for _, c := range r.Cases {
		c.Mismatches = orEmpty(c.Mismatches)
		out.Tests = append(out.Tests, test{c, c.OK()})
	}
	for _, c := range r.Coverage {
		out.Coverage = append(out.Coverage, coverage{c, c.Share()})
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}

// sayMismatch is one expectation that was not met, on one line.
func sayMismatch(m rules.Mismatch) string {
	s := m.ID
	if m.Of != "" {
		s += " of " + m.Of
	}
	s += " is " + m.Got + ", expected " + m.Want
	if m.Detail != "" {
		s += " (" + m.Detail + ")"
	}
	return s
}

// whyMismatch are the facts and vars behind it, a line each.
func whyMismatch(m rules.Mismatch) []string {
	lines := []string{"now = " + m.Now.Format("2006-01-02 15:04 UTC")}
	for _, f := range m.Facts {
		from := string(f.From)
		if f.Unread {
			from += ", not read"
		}
		lines = append(lines, fmt.Sprintf("%s = %s (%s)", f.Path, f.Value, from))
	}
	for _, e := range m.Evidence {
		lines = append(lines, e.Name+" = "+e.Value)
	}
	return lines
}

// junit makes a suite of each pack, with its tests as the cases, and one case for each
// demand that is made.
func (r TestRun) junit(w io.Writer) error {
	all := junitSuites{Name: "rule packs"}
	at := map[string]int{}
	suite := func(name string) *junitSuite {
		i, ok := at[name]
		if !ok {
			i = len(all.Suites)
			at[name] = i
			all.Suites = append(all.Suites, junitSuite{Name: name})
		}
		return &all.Suites[i]
	}
	for _, c := range r.Cases {
		k := junitCase{Name: plain(c.Name), ClassName: c.Pack, File: plain(c.File), Line: c.Line}
		if !c.OK() {
			k.Failure = &junitResult{Message: plain(sayMismatch(c.Mismatches[0])), Type: c.Mismatches[0].ID}
			for _, m := range c.Mismatches {
				k.Failure.Text += place(c.File, m.Line) + ": " + plain(sayMismatch(m)) + "\n"
				for _, l := range whyMismatch(m) {
					k.Failure.Text += "    " + plain(l) + "\n"
				}
			}
		}
		for _, x := range c.Contradictions {
			k.Out += place(c.File, x.Line) + ": " + plain(x.String()) + "\n"
		}
		s := suite(c.Pack)
		s.Cases = append(s.Cases, k)
	}
	for _, c := range r.Coverage {
		demand := func(name string, mine func(rules.Lack) bool, out string) {
			k := junitCase{Name: name, ClassName: c.Pack, File: plain(c.File), Line: 1, Out: out}
			for _, l := range r.Lacks(r.Demand) {
				if l.Pack != c.Pack || !mine(l) {
					continue
				}
				if k.Failure == nil {
					k.Failure = &junitResult{Message: plain(sayLack(l)), Type: "untested"}
				}
				k.Failure.Text += place(l.File, l.Line) + ": " + plain(sayLack(l)) + "\n"
			}
			s := suite(c.Pack)
			s.Cases = append(s.Cases, k)
		}
		if r.Demand.Examples {
			demand("every rule has an example that passes and one that fails", func(l rules.Lack) bool { return !l.IsCoverage() }, "")
		}
		if r.Demand.Coverage > 0 {
			var out strings.Builder
			for _, u := range c.Untaken {
				fmt.Fprintf(&out, "%s:%d:%d: %s\n", plain(u.File), u.Line, u.Col, plain(u.String()))
			}
			demand("the tests take enough of the branches", rules.Lack.IsCoverage, out.String())
		}
	}
	return all.write(w)
}

func sayLack(l rules.Lack) string {
	if l.ID == "" {
		return l.What
	}
	return l.ID + ": " + l.What
}

// What a run of tests finds, as rules of a scanner.
var (
	ruleTestFails    = sarifRule{ID: "pack-test/fails", Short: &sarifText{"A test of a rule pack is not as expected."}, Config: sarifConfig{"error"}}
	ruleTestMissing  = sarifRule{ID: "pack-test/missing", Short: &sarifText{"No test shows what the rule does."}, Config: sarifConfig{"warning"}}
	ruleTestTaken    = sarifRule{ID: "pack-test/branch", Short: &sarifText{"No test takes the branch."}, Config: sarifConfig{"note"}}
	rulePackWrong    = sarifRule{ID: "pack/wrong", Short: &sarifText{"The text of a rule pack is wrong."}, Config: sarifConfig{"error"}}
	rulePackDoubtful = sarifRule{ID: "pack/doubtful", Short: &sarifText{"A rule pack works, and is likely not meant so."}, Config: sarifConfig{"warning"}}
	ruleTestClash    = sarifRule{ID: "pack-test/contradiction", Short: &sarifText{"A test contradicts itself."}, Config: sarifConfig{"warning"}}
)

func (r TestRun) sarif(w io.Writer) error {
	run := newSarifRun()
	for _, c := range r.Cases {
		for _, m := range c.Mismatches {
			text := plain(c.Name) + ": " + plain(sayMismatch(m))
			for _, l := range whyMismatch(m) {
				text += "\n" + plain(l)
			}
			run.add(ruleTestFails, sarifResult{Level: "error", Message: sarifText{text}}, c.File, m.Line, 0)
		}
	}
	lacks, demanded := r.lacks()
	for _, l := range lacks {
		rule, level := ruleTestMissing, "warning"
		if !l.IsExample() && !l.IsCoverage() {
			rule = ruleTestClash
		}
		if demanded(l) {
			level = "error"
		}
		run.add(rule, sarifResult{Level: level, Message: sarifText{plain(sayLack(l))}}, l.File, l.Line, 0)
	}
	for _, u := range r.untaken() {
		run.add(ruleTestTaken, sarifResult{Level: "note", Message: sarifText{plain(u.String())}}, u.File, u.Line, u.Col)
	}
	return run.write(w)
}

func (r TestRun) github(out io.Writer) error {
	w := &writer{w: out}
	failed := 0
	for _, c := range r.Cases {
		if !c.OK() {
			failed++
		}
		for _, m := range c.Mismatches {
			text := plain(sayMismatch(m))
			for _, l := range whyMismatch(m) {
				text += "\n" + plain(l)
			}
			w.annotate("error", c.File, m.Line, 0, c.Name, text)
		}
	}
	lacks, demanded := r.lacks()
	for _, l := range lacks {
		command := "warning"
		if demanded(l) {
			command = "error"
		}
		w.annotate(command, l.File, l.Line, 0, l.Pack, plain(sayLack(l)))
	}
	for _, u := range r.untaken() {
		w.annotate("notice", u.File, u.Line, u.Col, u.ID, plain(u.String()))
	}
	w.f("%s, %d failed\n", count(len(r.Cases), "test"), failed)
	return w.err
}

// PackProblems is what is wrong with the texts of packs, to be written down.
type PackProblems struct {
	Files            []string // that were looked at
	Errors, Warnings rules.Errors
}

// ProblemFormats are the formats of [PackProblems.Render].
func ProblemFormats() []Format { return []Format{FormatJUnit, FormatSARIF, FormatGitHub} }

// Render writes the problems in one of [ProblemFormats]. It escapes what strangers
// wrote. Another format is an [okr.ErrInvalid]; other errors are the writer's.
func (p PackProblems) Render(w io.Writer, f Format) error {
	switch f {
	case FormatJUnit:
		all := junitSuites{Name: "rule packs", Suites: []junitSuite{{Name: "lint"}}}
		for _, name := range p.Files {
			c := junitCase{Name: plain(name), ClassName: "lint", File: plain(name)}
			for _, e := range p.Errors {
				if e.File != name {
					continue
				}
				if c.Failure == nil {
					c.Failure = &junitResult{Message: plain(e.Message), Type: "pack"}
				}
				c.Failure.Text += plainLines(e.Error()) + "\n"
			}
			for _, e := range p.Warnings {
				if e.File == name {
					c.Out += plainLines(e.Error()) + "\n"
				}
			}
			all.Suites[0].Cases = append(all.Suites[0].Cases, c)
		}
		return all.write(w)
	case FormatSARIF:
		run := newSarifRun()
		for _, e := range p.Errors {
			run.add(rulePackWrong, sarifResult{Level: "error", Message: sarifText{sayProblem(e)}}, e.File, e.Line, e.Col)
		}
		for _, e := range p.Warnings {
			run.add(rulePackDoubtful, sarifResult{Level: "warning", Message: sarifText{sayProblem(e)}}, e.File, e.Line, e.Col)
		}
		return run.write(w)
	case FormatGitHub:
		out := &writer{w: w}
		annotate := func(command string, errs rules.Errors) {
			for _, e := range errs {
				title := e.Rule
				if title == "" {
					title = "rule pack"
				}
				out.annotate(command, e.File, e.Line, e.Col, title, sayProblem(e))
			}
		}
		annotate("error", p.Errors)
		annotate("warning", p.Warnings)
		out.f("%s: %s, %s\n", count(len(p.Files), "file"), count(len(p.Errors), "problem"), count(len(p.Warnings), "warning"))
		return out.err
	}
	return unknownFormat(f, ProblemFormats())
}

func sayProblem(e *rules.Error) string {
	s := plain(e.Message)
	if e.Hint != "" {
		s += "\nhint: " + plain(e.Hint)
	}
	return s
}
