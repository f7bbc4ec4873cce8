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

// wholeState is the state of a reset as a person may have edited it.
const wholeState = "apiVersion: okr.reset/v1\nplan: p.md\nmatched: [{was: o/k, is: o/j, title: J, how: by hand}]\nreset:\n  id: reset\n  cycle: plan\n  start: 2026-10-05\n  state: open\n  week: 1\n" +
	"  steps: [{week: 1, at: 2026-10-05T09:00:00Z, on: 2026-10-05, by: {id: mara, kind: person}, counts: {key_results: 1}}]\n" +
	"  worksheet: [{key_result: o/k, objective: o, work: true, before: {title: \"K: from 1 to 2\", state: draft, metric: {kind: increase, baseline: 1, target: 2}, measurable: no, source: no, owner: no, verdict: not_ready, version: 0}}]\n" +
	"  vouched: [{key_result: o/k, for: as_is, reason: why not, by: {id: mara, kind: person}, at: 2026-10-05T09:00:00Z}]\n  by: {id: mara, kind: person}\n  at: 2026-10-05T09:00:00Z\n  version: 0\n"

// What is read as the state of a reset is written and read again as the same; what is
// not is refused with a reason.
func FuzzResetState(f *testing.F) {
	for _, s := range []string{
		wholeState, strings.Replace(wholeState, "week: 1", "week: 4", 1), strings.Replace(wholeState, "okr.reset/v1", "okr.reset/v9", 1), strings.Replace(wholeState, "id: reset", "id: reset\n  wishes: 3", 1),
		"", "{}", "[]", "a: &a [*a]", "reset: {week: !!binary aGk=}", "reset: {<<: {week: 1}}", "---\n---\n", strings.Repeat("[", 5000), "? [a]\n: b", "apiVersion: \x00",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		state, err := parseReset(input{"reset.yaml", []byte(text)})
		if err != nil {
			require.True(t, strings.HasPrefix(err.Error(), "reset.yaml: "), err)
			return
		}
		written, err := state.yaml()
		require.NoError(t, err)
		again, err := parseReset(input{"reset.yaml", written})
		require.NoError(t, err, string(written))
		twice, err := again.yaml()
		require.NoError(t, err)
		require.Equal(t, string(written), string(twice))
	})
}

func TestAResetStateIsReadStrictly(t *testing.T) {
	whole, err := parseReset(input{"reset.yaml", []byte(wholeState)})
	require.NoError(t, err)
	require.Equal(t, audit.No, whole.Reset.Worksheet[0].Before.Measurable)
	require.Equal(t, "2026-10-05", whole.Reset.Start.String())
	for was, wrong := range map[string]string{
		"week: 1\n": "week: 4\n", "state: open": "state: ajar", "key_result: o/k, objective": "key_result: \"\", objective",
		"was: o/k": "was: o/x", "for: as_is, reason: why not": "for: as_is", "okr.reset/v1": "okr.reset/v2", "id: reset": "id: [reset]", "start: 2026-10-05": "start: 2026-02-30",
	} {
		text := strings.Replace(wholeState, was, wrong, 1)
		require.NotEqual(t, wholeState, text, was)
		_, err := parseReset(input{"reset.yaml", []byte(text)})
		require.Error(t, err, wrong)
	}
	_, err = parseReset(input{"reset.yaml", []byte("apiVersion: okr.reset/v1\nplan: p\nreset: {wishes: 3}\n")})
	require.ErrorContains(t, err, `unknown field "wishes"`)
	_, err = parseReset(input{"reset.yaml", []byte("")})
	require.Error(t, err)
}
