package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
)

// holds says whether a run of the command keeps its contract: with exit code 2
// there is a message and nothing on standard output; otherwise there is a whole
// report and no message.
func holds(t *testing.T, code int, out, problems string) {
	t.Helper()
	if code == exitUnusable {
		require.Empty(t, out)
		require.True(t, strings.HasPrefix(problems, "okrkit: "), problems)
		require.Greater(t, len(strings.TrimSpace(problems)), len("okrkit: "))
		require.NotContains(t, problems, "\x1b")
		return
	}
	require.Contains(t, []int{exitFine, exitFindings}, code)
	require.Empty(t, problems)
	var report audit.Report
	require.NoError(t, json.Unmarshal([]byte(out), &report), out)
	require.Equal(t, code == exitFindings, report.Failed())
}

func FuzzAudit(f *testing.F) {
	for _, s := range []string{
		"", "\x00", "\xff\xfe", "{", "[]", "{}", "objectives: [", "objectives: []", "objectives: [{}]", "objectives: {title: x}",
		"# O\n\n- KR", "# Objective: Grow\n\n- KR1: from 1 to 2\n", "| Objective | Key result |\n|---|---|\n| Grow | From 1 to 2 |\n",
		"Objective,Key Result,Owner\nGrow,From 1 to 2,\x1b[31mAna\n", "objectives: [{title: \"\\e[2J\", key_results: [{title: \"\\x7f\"}]}]",
		"objectives: [{title: a, key_results: [{title: b, metric: {kind: increase, baseline: 3, target: 1}}]}]",
		"cycle: {start: 2026-12-31, end: 2026-01-01}\nobjectives: [{title: a}]",
		strings.Repeat("- ", 2000) + "x", strings.Repeat("[", 5000), "a: &a [*a]\n", "# O\n" + strings.Repeat("- from 1 to 2\n", 300),
	} {
		f.Add(s, "auto")
		f.Add(s, "markdown")
	}
	f.Add("a,b\n1,2", "csv")
	f.Add(`{"objectives":[{"title":"a","key_results":[{"title":"b"}]}]}`, "json")
	f.Fuzz(func(t *testing.T, plan, from string) {
		code, out, problems := call(t, plan, "audit", "--format", "json", "--from="+from, "-")
		if strings.HasPrefix(problems, "okrkit: --") || strings.Contains(problems, "must be one of") {
			require.Equal(t, exitUnusable, code)
			return
		}
		holds(t, code, out, problems)
	})
}
