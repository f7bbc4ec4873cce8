package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
)

type rulesDiff struct {
	Format string   `help:"How to print: ${enum}." enum:"text,json" default:"text" placeholder:"FORMAT"`
	From   string   `help:"What the plans are, if that cannot be told from name and content: ${enum}." enum:"auto,${planFormats}" default:"auto" placeholder:"FORMAT"`
	Now    string   `help:"Judge as of this date or instant; today if not given." placeholder:"TIME"`
	Old    []string `help:"Packs as they are: files, or folders of *.yaml. The starter packs if not given." placeholder:"PACK" sep:","`
	New    []string `help:"Packs as they would be. The starter packs if not given." placeholder:"PACK" sep:","`
	Files  []string `arg:"" name:"file" help:"Plans to judge by both."`
}

func (rulesDiff) Help() string {
	return `Judges plans by two sets of packs, before the second is put in force, and lists each finding that comes or goes, and each key result whose verdict changes. Each set is judged by itself; name the starter packs' files in it if they belong to it.

Example: okrkit rules diff --old rules/ --new proposed/ plan.md

Exit codes: 0 nothing changes, 1 something does, 2 a file, a pack or the command line cannot be used.`
}

// verdictChange is a key result that the two sets do not agree on.
type verdictChange struct {
	KeyResult string `json:"key_result"`
	File      string `json:"file,omitempty"`
	Line      int    `json:"line,omitempty"`
	Old       string `json:"old"`
	New       string `json:"new"`
}

// findingChange is a finding that comes, goes, or changes.
type findingChange struct {
	Rule    string        `json:"rule"`
	Pack    string        `json:"pack"`
	Subject audit.Subject `json:"subject"`
	Old     string        `json:"old"` // severity and outcome, "" where there is no finding
	New     string        `json:"new"`
	Message string        `json:"message"`
}

func (c rulesDiff) Run(ctx context.Context, a *app) error {
	now, err := a.now(c.Now)
	if err != nil {
		return err
	}
	plans, err := a.gather(c.Files, c.From, now)
	if err != nil {
		return err
	}
	var reports [2]audit.Report
	for i, packs := range [][]string{c.Old, c.New} {
		judge, err := judging{Rules: packs, Starter: len(packs) == 0}.judge(a)
		if err != nil {
			return err
		}
		if reports[i], err = judge.Report(ctx, plans.input(now)); err != nil {
			return err
		}
	}
	verdicts, findings := verdictChanges(reports[0], reports[1]), findingChanges(reports[0], reports[1])
	if c.Format == "json" {
		if err := a.json(map[string]any{"verdicts": verdicts, "findings": findings}); err != nil {
			return err
		}
	} else {
		a.printDiff(verdicts, findings)
	}
	if len(verdicts)+len(findings) > 0 {
		return errFindings
	}
	return nil
}

// verdictChanges compares worksheets of the same snapshot, which have the same
// rows in the same order.
func verdictChanges(before, after audit.Report) []verdictChange {
	out := []verdictChange{}
	for i, r := range before.Worksheet {
		if n := after.Worksheet[i]; n.Verdict != r.Verdict {
			out = append(out, verdictChange{r.KeyResult, r.File, r.Line, r.Verdict, n.Verdict})
		}
	}
	return out
}

func findingChanges(before, after audit.Report) []findingChange {
	key := func(f audit.Finding) string {
		return strings.Join([]string{f.Pack, f.Rule, f.Subject.Kind, f.Subject.ID}, "\x00")
	}
	is := func(f audit.Finding) string {
		if f.Outcome == okr.OutcomeFail {
			return f.Severity
		}
		return f.Severity + " " + f.Outcome
	}
	old := map[string]audit.Finding{}
	for _, f := range before.Findings {
		old[key(f)] = f
	}
	out := []findingChange{}
	seen := map[string]bool{}
	for _, f := range after.Findings {
		seen[key(f)] = true
		o, had := old[key(f)]
		switch {
		case !had:
			out = append(out, findingChange{f.Rule, f.Pack, f.Subject, "", is(f), f.Message})
		case is(o) != is(f):
			out = append(out, findingChange{f.Rule, f.Pack, f.Subject, is(o), is(f), f.Message})
		}
	}
	for _, f := range before.Findings {
		if !seen[key(f)] {
			out = append(out, findingChange{f.Rule, f.Pack, f.Subject, is(f), "", f.Message})
		}
	}
	return out
}

func (a *app) printDiff(verdicts []verdictChange, findings []findingChange) {
	none := func(s string) string {
		if s == "" {
			return "–"
		}
		return strings.ReplaceAll(s, "_", " ")
	}
	if len(verdicts) > 0 {
		rows := [][]string{{"KEY RESULT", "OLD", "NEW", "WHERE"}}
		for _, v := range verdicts {
			rows = append(rows, []string{shorten(oneLine(v.KeyResult), 48), none(v.Old), none(v.New), place(v.File, v.Line)})
		}
		table(a.out, rows)
		fmt.Fprintln(a.out)
	}
	if len(findings) > 0 {
		rows := [][]string{{"RULE", "OLD", "NEW", "SUBJECT", "WHERE"}}
		for _, f := range findings {
			rows = append(rows, []string{f.Pack + "/" + f.Rule, none(f.Old), none(f.New), shorten(oneLine(f.Subject.Title), 48), place(f.Subject.File, f.Subject.Line)})
		}
		table(a.out, rows)
		fmt.Fprintln(a.out)
	}
	fmt.Fprintf(a.out, "%s and %s change\n", count(len(verdicts), "verdict", "verdicts"), count(len(findings), "finding", "findings"))
}

func place(file string, line int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}
