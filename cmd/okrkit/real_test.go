package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters/planfile"
	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store/memory"
)

// realData is a folder of plans and key results that real organisations
// published. It is not part of the project.
func realData(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("OKRKIT_REAL_DATA")
	if dir == "" {
		t.Skip("OKRKIT_REAL_DATA is not set: no real plans to read")
	}
	return dir
}

// call runs the command in this process.
func call(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, problems bytes.Buffer
	a := &app{in: strings.NewReader(stdin), out: new(bytes.Buffer), err: &problems, clock: func() time.Time {
		return time.Date(2026, time.November, 6, 9, 0, 0, 0, time.UTC)
	}}
	code = a.run(t.Context(), args, &out)
	return code, out.String(), problems.String()
}

func TestAuditReadsRealPlans(t *testing.T) {
	plans, err := filepath.Glob(filepath.Join(realData(t), "plans", "*"))
	require.NoError(t, err)
	require.NotEmpty(t, plans)
	for _, plan := range plans {
		if filepath.Base(plan) == "INDEX.md" {
			continue // a list of the others
		}
		t.Run(filepath.Base(plan), func(t *testing.T) {
			code, out, problems := call(t, "", "audit", "--format", "json", plan)
			require.Contains(t, []int{exitFine, exitFindings}, code, problems)
			require.Empty(t, problems)
			var report audit.Report
			require.NoError(t, json.Unmarshal([]byte(out), &report))
			require.NotEmpty(t, report.Worksheet)
			require.Equal(t, code == exitFindings, report.Summary.Errors > 0)
			for _, w := range report.Worksheet {
				require.Positive(t, w.Line, w.KeyResult)
			}
		})
	}
}

func TestDraftAnswersEveryRealKeyResult(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(realData(t), "labelled-krs.jsonl"))
	require.NoError(t, err)
	var in strings.Builder
	n := 0
	for line := range bytes.Lines(b) {
		var row struct{ Text string }
		require.NoError(t, json.Unmarshal(line, &row))
		in.WriteString(strings.Join(strings.Fields(row.Text), " ") + "\n")
		n++
	}
	code, out, problems := call(t, in.String(), "draft", "--format", "jsonl")
	require.Equal(t, exitFine, code, problems)
	texts := strings.Split(strings.TrimSuffix(in.String(), "\n"), "\n")
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	require.Len(t, lines, n)
	for i, line := range lines {
		var d audit.Draft
		require.NoError(t, json.Unmarshal([]byte(line), &d))
		require.Equal(t, texts[i], d.Text)
		require.Contains(t, []string{audit.DraftStrong, audit.DraftWeak}, d.Verdict)
		for _, f := range d.Findings {
			require.NotEmpty(t, f.Message)
			require.NotEmpty(t, f.Fix, f.Rule)
		}
	}
}

// A company's real quarter is proposed with its check-ins; the same file again
// adds nothing.
func TestRealHistoryIsProposedOnce(t *testing.T) {
	src, err := os.ReadFile(filepath.Join(realData(t), "plans", "puzzle-itc-check-ins.json"))
	require.NoError(t, err)
	plans, err := planfile.ReadAll("check-ins.json", src)
	require.NoError(t, err)
	desk, err := okr.New(memory.New(), okr.Config{})
	require.NoError(t, err)
	acme := desk.For("acme").As(okr.Someone("importer"))
	taken := 0
	for _, p := range plans {
		if p.Cycle.Start.IsZero() {
			_, err := acme.Propose(t.Context(), p)
			require.ErrorIs(t, err, okr.ErrInvalid, "a backlog is no cycle")
			continue
		}
		first, err := acme.Propose(t.Context(), p)
		require.NoError(t, err)
		for _, e := range first.Events {
			if e.Type == okr.EventCheckInRecorded {
				taken++
			}
		}
		again, err := acme.Propose(t.Context(), p)
		require.NoError(t, err)
		require.Empty(t, again.Events)
	}
	require.Positive(t, taken)
	t.Logf("%d check-ins taken, once", taken)
}
