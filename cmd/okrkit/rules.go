package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/rules"
)

type rulesCommands struct {
	Lint    rulesLint    `cmd:"" help:"Say what is wrong with the text of rule packs."`
	Test    rulesTest    `cmd:"" help:"Run the tests that rule packs carry."`
	Diff    rulesDiff    `cmd:"" help:"Say which verdicts on plans another set of packs would change."`
	Explain rulesExplain `cmd:"" help:"List what rules can stand on, read and call."`
}

type rulesLint struct {
	Format string   `help:"How to print: ${enum}." enum:"text,json" default:"text" placeholder:"FORMAT"`
	Packs  []string `arg:"" name:"pack" help:"Files, folders of *.yaml, or - for standard input."`
}

func (rulesLint) Help() string {
	return `Reads each pack, checks its shape, types and cost, and says of everything that is wrong where it stands and what to do about it.

Example: okrkit rules lint rules/

Exit codes: 0 nothing is wrong, 1 something is, 2 a file cannot be read.`
}

// problem is one thing that is wrong with the text of a pack.
type problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Col     int    `json:"col"`
	Rule    string `json:"rule,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	text    string
}

// packRow says what is in a pack.
type packRow struct {
	Name     string `json:"name"`
	Version  string `json:"version"`
	Env      int    `json:"env"`
	File     string `json:"file"`
	Digest   string `json:"digest"`
	Rules    int    `json:"rules"`
	Scores   int    `json:"scores"`
	Statuses int    `json:"statuses"`
}

func (c rulesLint) Run(a *app) error {
	inputs, err := a.readPacks(c.Packs)
	if err != nil {
		return err
	}
	packs, problems, err := parsePacks(inputs)
	if err != nil {
		return err
	}
	if _, err := rules.Compile(audit.Env(audit.Level), packs...); err != nil {
		more, err := problemsOf(err)
		if err != nil {
			return err
		}
		problems = append(problems, more...)
	}

	rows := make([]packRow, 0, len(packs))
	ruleCount := 0
	for _, p := range packs {
		i := p.Info()
		rows = append(rows, packRow{i.Name, i.Version, i.Env, i.File, i.Digest, len(i.Rules), len(i.Scores), len(i.Statuses)})
		ruleCount += len(i.Rules) + len(i.Scores) + len(i.Statuses)
	}
	if c.Format == "json" {
		if problems == nil {
			problems = []problem{}
		}
		if err := a.json(map[string]any{"packs": rows, "problems": problems}); err != nil {
			return err
		}
	} else {
		for _, p := range problems {
			fmt.Fprintf(a.out, "%s\n\n", clean(p.text))
		}
		verdict := a.paint(green, "nothing is wrong")
		if len(problems) > 0 {
			verdict = a.paint(red, count(len(problems), "problem", "problems"))
		}
		fmt.Fprintf(a.out, "%s, %s: %s\n", count(len(inputs), "pack", "packs"), count(ruleCount, "rule", "rules"), verdict)
	}
	if len(problems) > 0 {
		return errFindings
	}
	return nil
}

// parsePacks parses every pack that can be, and lists what is wrong with the
// others.
func parsePacks(inputs []input) ([]*rules.Pack, []problem, error) {
	var packs []*rules.Pack
	var problems []problem
	for _, in := range inputs {
		p, err := rules.Parse(in.name, in.text)
		if err == nil {
			packs = append(packs, p)
			continue
		}
		more, err := problemsOf(err)
		if err != nil {
			return nil, nil, err
		}
		problems = append(problems, more...)
	}
	return packs, problems, nil
}

// problemsOf takes an error about the text of packs apart; any other error comes
// back as it is.
func problemsOf(err error) ([]problem, error) {
	var many rules.Errors
	var single *rules.Error
	switch {
	case errors.As(err, &many):
	case errors.As(err, &single):
		many = rules.Errors{single}
	default:
		return nil, err
	}
	var out []problem
	for _, e := range many {
		out = append(out, problem{e.File, e.Line, e.Col, e.Rule, e.Message, e.Hint, e.Error()})
	}
	return out, nil
}

type rulesTest struct {
	Format string   `help:"How to print: ${enum}." enum:"text,json" default:"text" placeholder:"FORMAT"`
	Strict bool     `help:"A rule without a test that passes and one that fails is a finding."`
	Packs  []string `arg:"" name:"pack" help:"Files, folders of *.yaml, or - for standard input."`
}

func (rulesTest) Help() string {
	return `Evaluates the tests under "tests:" of each pack and compares each outcome with what is expected.

Example: okrkit rules test --strict rules/

Exit codes: 0 every test is as expected, 1 one is not (with --strict, or a rule is untested), 2 a file cannot be read or a pack does not compile.`
}

type testRow struct {
	Pack       string        `json:"pack"`
	Name       string        `json:"name"`
	File       string        `json:"file"`
	Line       int           `json:"line"`
	OK         bool          `json:"ok"`
	Mismatches []mismatchRow `json:"mismatches"`
}

type mismatchRow struct {
	ID     string `json:"id"`
	Line   int    `json:"line"`
	Want   string `json:"want"`
	Got    string `json:"got"`
	Detail string `json:"detail,omitempty"`
}

type untestedRow struct {
	Pack    string          `json:"pack"`
	ID      string          `json:"id"`
	Missing []rules.Outcome `json:"missing"`
}

func (c rulesTest) Run(ctx context.Context, a *app) error {
	inputs, err := a.readPacks(c.Packs)
	if err != nil {
		return err
	}
	var packs []*rules.Pack
	for _, in := range inputs {
		p, err := rules.Parse(in.name, in.text)
		if err != nil {
			return err
		}
		packs = append(packs, p)
	}
	set, err := rules.Compile(audit.Env(audit.Level), packs...)
	if err != nil {
		return err
	}
	report, err := set.Test(ctx, rules.TestOptions{})
	if err != nil {
		return err
	}

	tests, untested, failed := []testRow{}, []untestedRow{}, 0
	for _, t := range report.Cases {
		row := testRow{t.Pack, t.Name, t.File, t.Line, len(t.Mismatches) == 0, []mismatchRow{}}
		for _, m := range t.Mismatches {
			row.Mismatches = append(row.Mismatches, mismatchRow{m.ID, m.Line, m.Want, m.Got, m.Detail})
		}
		if !row.OK {
			failed++
		}
		tests = append(tests, row)
	}
	for _, u := range report.Untested {
		untested = append(untested, untestedRow{u.Pack, u.ID, u.Missing})
	}
	if c.Format == "json" {
		if err := a.json(map[string]any{"tests": tests, "untested": untested}); err != nil {
			return err
		}
	} else {
		a.printTests(tests, untested, failed)
	}
	if failed > 0 || c.Strict && len(untested) > 0 {
		return errFindings
	}
	return nil
}

func (a *app) printTests(tests []testRow, untested []untestedRow, failed int) {
	for _, t := range tests {
		for _, m := range t.Mismatches {
			fmt.Fprintf(a.out, "%s:%d: %s: %s is %s, expected %s\n", clean(t.File), m.Line, oneLine(t.Name), m.ID, a.paint(red, m.Got), m.Want)
			if m.Detail != "" {
				fmt.Fprintf(a.out, "    %s\n", oneLine(m.Detail))
			}
		}
	}
	if len(untested) > 0 {
		rows := [][]string{{"PACK", "RULE", "NO TEST EXPECTS"}}
		for _, u := range untested {
			rows = append(rows, []string{u.Pack, u.ID, join(u.Missing, " or ")})
		}
		table(a.out, rows)
		fmt.Fprintln(a.out)
	}
	verdict := a.paint(green, "all as expected")
	if failed > 0 {
		verdict = a.paint(red, fmt.Sprintf("%d not as expected", failed))
	}
	fmt.Fprintf(a.out, "%s: %s\n", count(len(tests), "test", "tests"), verdict)
}

// json prints v for machines.
func (a *app) json(v any) error {
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
