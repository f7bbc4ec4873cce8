package main

import (
	"context"
	"slices"
	"time"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/cadence/papers"
	"github.com/okrkit/okrkit/okr"
)

// worksheetOf audits the plans and makes the worksheet of what was found: of a
// team's key results, or of all for a team "".
func worksheetOf(ctx context.Context, judge *audit.Judge, plans *gathering, team okr.ID, on okr.Date, name string, now time.Time) (papers.Worksheet, error) {
	report, err := judge.Report(ctx, plans.input(now))
	if err != nil {
		return papers.Worksheet{}, err
	}
	s := &plans.snapshot
	fixes := map[okr.ID][]papers.Fix{}
	for _, f := range report.Findings {
		switch okr.Kind(f.Subject.Kind) {
		case okr.KindKeyResult, okr.KindSource, okr.KindCheckIn:
		default:
			continue
		}
		id, fix := okr.ID(f.Subject.ID), papers.Fix{Rule: f.Rule, Text: f.Fix}
		if f.Waived != nil || f.Outcome != okr.OutcomeFail || f.Severity == okr.SeverityInfo || f.Fix == "" ||
			slices.ContainsFunc(fixes[id], func(x papers.Fix) bool { return x.Text == fix.Text }) {
			continue
		}
		fixes[id] = append(fixes[id], fix)
	}
	out := papers.Worksheet{Name: name, On: on}
	taken := map[okr.ID]bool{}
	for _, r := range report.Worksheet {
		k := plans.rowOf(r, taken)
		if k == nil {
			continue
		}
		taken[k.ID] = true
		o := s.Objective(k.Objective)
		if team != "" && (o == nil || o.Team != team) {
			continue
		}
		row := papers.WorksheetRow{
			Line: papers.LineOf(s, *k), Measurable: string(r.Measurable), Sourced: string(r.Source), Owned: string(r.Owner),
			TimeBound: string(r.TimeBound), Outcome: string(r.Outcome), Verdict: r.Verdict, Fixes: fixes[k.ID],
		}
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}

// rowOf is the key result that a row of the worksheet is about.
func (g *gathering) rowOf(r audit.Row, taken map[okr.ID]bool) *okr.KeyResult {
	for i := range g.snapshot.KeyResults {
		k := &g.snapshot.KeyResults[i]
		at := g.at[okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}]
		if !taken[k.ID] && k.Title == r.KeyResult && at.File == r.File && at.Line == r.Line {
			return k
		}
	}
	return nil
}
