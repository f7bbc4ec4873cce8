package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/rules"
)

type rulesDiff struct {
	Format string   `help:"How to print: ${enum}." enum:"text,json" default:"text" placeholder:"FORMAT"`
	From   string   `help:"What the plans are, if that cannot be told from name and content: ${enum}." enum:"auto,${planFormats}" default:"auto" placeholder:"FORMAT"`
	Now    string   `help:"Judge as of this date or instant; today if not given." placeholder:"TIME"`
	Old    []string `help:"Packs as they are: files, or folders of *.yaml. The starter packs if not given." placeholder:"PACK" sep:","`
	New    []string `help:"Packs as they would be. The starter packs if not given." placeholder:"PACK" sep:","`
	Files  []string `arg:"" optional:"" name:"file" help:"Plans to judge by both."`
}

func (rulesDiff) Help() string {
	return `Says what differs between two sets of packs. With plans, judges them by both, before the second is put in force, and lists each key result whose verdict changes and each finding that comes or goes. Each set stands for itself; name the starter packs' files in it if they belong to it.

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
	var sets [2]*rules.Set
	var reports [2]audit.Report
	for i, packs := range [][]string{c.Old, c.New} {
		if sets[i], err = (judging{Rules: packs, Starter: len(packs) == 0}).set(a); err != nil {
			return err
		}
		if reports[i], err = audit.New(audit.Fixed(sets[i])).Report(ctx, plans.input(now)); err != nil {
			return err
		}
	}
	d := difference{
		Rules:    ruleChanges(rules.Diff(sets[0].Packs(), sets[1].Packs())),
		Verdicts: verdictChanges(reports[0], reports[1]),
		Findings: findingChanges(reports[0], reports[1]),
	}
	if c.Format == "json" {
		if err := a.json(d); err != nil {
			return err
		}
	} else {
		a.printDiff(d, len(c.Files) > 0)
	}
	if len(d.Rules)+len(d.Verdicts)+len(d.Findings) > 0 {
		return errFindings
	}
	return nil
}

// difference is what two sets of packs do not agree on.
type difference struct {
	Rules    []ruleChange    `json:"rules"`
	Verdicts []verdictChange `json:"verdicts"`
	Findings []findingChange `json:"findings"`
}

// ruleChange is one part of a pack that was written differently.
type ruleChange struct {
	Pack  string `json:"pack"`
	What  string `json:"what"` // pack, param, rule, score, status
	ID    string `json:"id,omitempty"`
	Kind  string `json:"kind"` // added, removed, changed
	Field string `json:"field,omitempty"`
	Old   string `json:"old,omitempty"`
	New   string `json:"new,omitempty"`
	line  string
}

func ruleChanges(changes []rules.Change) []ruleChange {
	out := []ruleChange{}
	for _, c := range changes {
		out = append(out, ruleChange{c.Pack, c.What, c.ID, string(c.Kind), c.Field, c.Before, c.After, c.String()})
	}
	return out
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

func (a *app) printDiff(d difference, judged bool) {
	none := func(s string) string {
		if s == "" {
			return "–"
		}
		return strings.ReplaceAll(s, "_", " ")
	}
	for _, r := range d.Rules {
		fmt.Fprintln(a.out, oneLine(r.line))
	}
	if len(d.Rules) > 0 {
		fmt.Fprintln(a.out)
	}
	if len(d.Verdicts) > 0 {
		rows := [][]string{{"KEY RESULT", "OLD", "NEW", "WHERE"}}
		for _, v := range d.Verdicts {
			rows = append(rows, []string{shorten(oneLine(v.KeyResult), 48), none(v.Old), none(v.New), place(v.File, v.Line)})
		}
		table(a.out, rows)
		fmt.Fprintln(a.out)
	}
	if len(d.Findings) > 0 {
		rows := [][]string{{"RULE", "OLD", "NEW", "SUBJECT", "WHERE"}}
		for _, f := range d.Findings {
			rows = append(rows, []string{f.Pack + "/" + f.Rule, none(f.Old), none(f.New), shorten(oneLine(f.Subject.Title), 48), place(f.Subject.File, f.Subject.Line)})
		}
		table(a.out, rows)
		fmt.Fprintln(a.out)
	}
	changed := count(len(d.Rules), "rule change", "rule changes")
	if !judged {
		fmt.Fprintln(a.out, changed)
		return
	}
	fmt.Fprintf(a.out, "%s: %s and %s change\n", changed, count(len(d.Verdicts), "verdict", "verdicts"), count(len(d.Findings), "finding", "findings"))
}

func place(file string, line int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}
