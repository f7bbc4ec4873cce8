package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// A report that is asked to explain itself says of every subject how its figures
// came about, and what of its file was not read; one that is not says nothing.
func TestReportsExplainTheirFigures(t *testing.T) {
	p := plan()
	k := &p.Objectives[0].KeyResults[0]
	k.Score, k.Outcome = measure.N(1.05), "105 %"
	k.CheckIns = []okr.PlanCheckIn{{At: time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC), Value: measure.N(13), Confidence: measure.N(4)}}
	in := input(t, p)
	in.Unread = []okr.Unread{
		{Position: okr.Position{File: "plan.md", Line: 5}, Text: "P1", Reason: "a priority"},
		{Position: okr.Position{File: "plan.md", Line: 1}, Text: "# Plan", Reason: "a heading"},
		{Position: okr.Position{File: "other.md", Line: 5}, Text: "x", Reason: "prose"},
	}
	quiet, err := starter(t).Report(context.Background(), in)
	require.NoError(t, err)
	require.Empty(t, quiet.Explanations)
	in.Explain = true
	r, err := starter(t).Report(context.Background(), in)
	require.NoError(t, err)
	require.Len(t, r.Explanations, len(in.Snapshot.KeyResults)+len(in.Snapshot.Objectives))

	var paying *audit.Explained
	for i, e := range r.Explanations {
		require.Equal(t, e.Unknown == "", e.Progress.Known(), e.Subject.Title)
		require.NotEmpty(t, e.Derivations)
		if e.Subject.Line == 5 {
			paying = &r.Explanations[i]
		} else {
			require.Empty(t, e.Unread, e.Subject.Title)
		}
	}
	require.Equal(t, "key_result", paying.Subject.Kind)
	require.Equal(t, []audit.Unread{{File: "plan.md", Line: 5, Text: "P1", Reason: "a priority"}}, paying.Unread)
	require.Equal(t, &okr.StatedScore{Value: measure.N(1.05), Text: "105 %"}, paying.StatedScore)

	row := r.Worksheet[0]
	require.Equal(t, measure.N(14), row.Figures.Current)
	require.Equal(t, measure.N(4), row.Figures.Confidence)
	require.Equal(t, measure.N(1.05), row.Figures.StatedScore)
	require.Equal(t, 1, row.Figures.CheckIns)
	require.Equal(t, paying.Progress, row.Figures.Progress)

	var text, machine bytes.Buffer
	require.NoError(t, r.Render(&text, audit.FormatText))
	require.Contains(t, text.String(), "how the figures came about")
	require.Contains(t, text.String(), "stated score 1.05, read from \"105 %\"; it is no part of what is computed")
	require.Contains(t, text.String(), "not read: P1 (a priority, line 5)")
	require.Contains(t, text.String(), "progress = 0.3333333333333333 by ")
	require.NoError(t, r.Render(&machine, audit.FormatJSON))
	var back struct{ Explanations []audit.Explained }
	require.NoError(t, json.Unmarshal(machine.Bytes(), &back))
	require.Equal(t, r.Explanations, back.Explanations)
}
