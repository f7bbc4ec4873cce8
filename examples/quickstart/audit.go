package main

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
)

// rowsShown is how much of a long list the story shows.
const rowsShown = 16

// audit prints what the rules find in the drafts, and the worksheet of its key
// results.
func (h *house) audit(ctx context.Context, cycle okr.Cycle, plan okr.Plan, drafts okr.Decision) error {
	s, err := h.desk.For(tenant).As(office).View().Snapshot(ctx, cycle.ID)
	if err != nil {
		return err
	}
	in := audit.Input{Snapshot: s, Now: h.clock.Now(), At: map[okr.Ref]okr.Position{}, Unread: plan.Unread}
	for _, o := range drafts.Subjects {
		in.At[o.Ref] = o.At
	}
	r, err := h.judge.Report(ctx, in)
	if err != nil {
		return err
	}
	h.print.line("  %d objectives, %d key results: %d ready, %d weak, %d not ready; %d errors, %d warnings",
		r.Summary.Objectives, r.Summary.KeyResults, r.Summary.Ready, r.Summary.Weak, r.Summary.NotReady, r.Summary.Errors, r.Summary.Warnings)
	if n := len(r.Unread); n > 0 {
		h.print.line("  %d lines of the file could not be used, the first: line %d, %s", n, r.Unread[0].Line, r.Unread[0].Reason)
	}
	h.print.line("")
	by := map[string]int{}
	for _, f := range r.Findings {
		by[f.Severity+"\x00"+f.Rule]++
	}
	var rules [][]string
	for k, n := range by {
		severity, rule, _ := strings.Cut(k, "\x00")
		rules = append(rules, []string{severity, rule, fmt.Sprintf("%d×", n), example(r.Findings, rule)})
	}
	sort.Slice(rules, func(i, j int) bool { return rules[i][0]+rules[i][1] < rules[j][0]+rules[j][1] })
	h.print.table(append([][]string{{"severity", "rule", "", "for instance"}}, rules...))
	h.print.line("")
	rows := [][]string{{"worksheet", "measurable", "source", "owner", "dated", "outcome", "verdict"}}
	for i, k := range r.Worksheet {
		if i == rowsShown {
			rows = append(rows, []string{fmt.Sprintf("… and %d more", len(r.Worksheet)-i)})
			break
		}
		rows = append(rows, []string{
			short(k.KeyResult), string(k.Measurable), string(k.Source), string(k.Owner), string(k.TimeBound), string(k.Outcome), k.Verdict,
		})
	}
	h.print.table(rows)
	return nil
}

func example(fs []audit.Finding, rule string) string {
	for _, f := range fs {
		if f.Rule == rule {
			return shorten(f.Message, 90)
		}
	}
	return ""
}

// reasons prints a refusal: every reason, by key result.
func (h *house) reasons(refused *okr.RefusedError) {
	var subjects []okr.Ref
	by := map[okr.Ref][]string{}
	title := map[okr.Ref]string{}
	for _, f := range refused.Findings {
		if by[f.Subject] == nil {
			subjects = append(subjects, f.Subject)
		}
		by[f.Subject] = append(by[f.Subject], f.Rule)
		title[f.Subject] = f.Title
	}
	h.print.line("  %d reasons:", len(refused.Findings))
	var rows [][]string
	for i, r := range subjects {
		if i == rowsShown {
			rows = append(rows, []string{fmt.Sprintf("… and %d more", len(subjects)-i)})
			break
		}
		rows = append(rows, []string{short(title[r]), strings.Join(by[r], ", ")})
	}
	h.print.table(rows)
}
