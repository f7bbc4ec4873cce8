package audit

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/okrkit/okrkit/okr"
)

// csv writes the worksheet, a row for each key result, and below it what concerns
// other subjects and what was not read.
func (r Report) csv(w io.Writer) error {
	out := csv.NewWriter(w)
	write := func(cells ...string) {
		for i := range cells {
			cells[i] = harmless(cells[i])
		}
		_ = out.Write(cells) // the error stays and is returned below
	}
	write("file", "line", "kind", "objective", "title", "measurable", "source", "owner", "time_bound", "outcome", "verdict", "fix", "findings", "id", "key")
	for _, row := range r.Worksheet {
		write(row.File, lineText(row.Line), string(okr.KindKeyResult), row.Objective, row.KeyResult,
			cell(row.Measurable, row.Why.Measurable), cell(row.Source, row.Why.Source), cell(row.Owner, row.Why.Owner),
			cell(row.TimeBound, row.Why.TimeBound), cell(row.Outcome, row.Why.Outcome), row.Verdict, row.Fix, said(row.findings), string(row.ID), row.Key)
	}
	for _, f := range r.Findings {
		switch okr.Kind(f.Subject.Kind) {
		case okr.KindKeyResult, okr.KindSource, okr.KindCheckIn:
			continue // in its key result's row
		}
		write(f.Subject.File, lineText(f.Subject.Line), f.Subject.Kind, "", f.Subject.Title, "", "", "", "", "", "", f.Fix, said([]Finding{f}), f.Subject.ID, "")
	}
	for _, u := range r.Unread {
		write(u.File, lineText(u.Line), "unread", "", u.Text, "", "", "", "", "", "", "", u.Reason, "", "")
	}
	out.Flush()
	return out.Error()
}

func said(fs []Finding) string {
	parts := make([]string, len(fs))
	for i, f := range fs {
		parts[i] = label(f) + " " + f.Rule + ": " + say(f)
	}
	return strings.Join(parts, "; ")
}

func cell(c Cell, why string) string { return string(c) + ": " + why }

func lineText(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// harmless is a cell that no spreadsheet takes for a formula.
func harmless(s string) string {
	s = plain(s)
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
