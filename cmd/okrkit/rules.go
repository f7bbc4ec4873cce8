package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/rules"
)

type rulesCommands struct {
	Lint    rulesLint    `cmd:"" help:"Say what is wrong with the text of rule packs."`
	Test    rulesTest    `cmd:"" help:"Run the tests that rule packs carry."`
	Diff    rulesDiff    `cmd:"" help:"Say what packs would change, in plans or in a live database, before they are put in force."`
	Explain rulesExplain `cmd:"" help:"List what rules can stand on, read and call."`

	List     rulesList     `cmd:"" help:"List the packs in force in a live database."`
	Activate rulesActivate `cmd:"" help:"Put packs in force in a live database."`

	Deactivate rulesDeactivate `cmd:"" help:"Take packs out of force in a live database."`
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

	failed := 0
	for _, t := range report.Cases {
		if !t.OK() {
			failed++
		}
	}
	tests, untested := rowsOf(report)
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

// rowsOf are what tests came to, for people and machines.
func rowsOf(report rules.TestReport) ([]testRow, []untestedRow) {
	tests, untested := []testRow{}, []untestedRow{}
	for _, t := range report.Cases {
		row := testRow{t.Pack, t.Name, t.File, t.Line, t.OK(), []mismatchRow{}}
		for _, m := range t.Mismatches {
			row.Mismatches = append(row.Mismatches, mismatchRow{m.ID, m.Line, m.Want, m.Got, m.Detail})
		}
		tests = append(tests, row)
	}
	for _, u := range report.Untested {
		untested = append(untested, untestedRow{u.Pack, u.ID, u.Missing})
	}
	return tests, untested
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
