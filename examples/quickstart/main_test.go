package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func tell(t *testing.T, o options) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, o), out.String())
	return out.String()
}

// after is the part of the story that begins at a heading.
func after(t *testing.T, story, heading string) string {
	t.Helper()
	_, rest, ok := strings.Cut(story, heading)
	require.True(t, ok, "no %q in:\n%s", heading, story)
	return rest
}

func TestTheStory(t *testing.T) {
	dir := t.TempDir()
	story := tell(t, options{dir: dir, weeks: 5})
	require.Contains(t, story, "5 objectives, 14 key results")
	refusal, _, _ := strings.Cut(after(t, story, "2. Activation is refused"), "3. The mended plan")
	for _, rule := range []string{"one-human-owner", "source-declared", "measurable", "cycle-has-rhythm", "baseline-differs"} {
		require.Contains(t, refusal, rule, "every reason at once")
	}
	require.Contains(t, story, "14 key results")
	weeks := after(t, story, "4. The rhythm")
	require.Contains(t, weeks, "farah is silent")
	require.Regexp(t, `(?s)farah is silent.*checkin-overdue for farah: 2 check-ins overdue`, weeks, "the one who missed is told")
	require.Contains(t, weeks, "wallboard: The harbour district permit is signed: blocked by a decision")
	require.Contains(t, weeks, "no longer blocked by a decision")
	require.Regexp(t, `blocker for marta: Blocker to remove`, weeks, "whoever shall remove it is told")
	tree := after(t, story, "5. Q4 2026 on")
	for _, column := range []string{"owner", "progress", "pace", "status", "confidence", "freshness"} {
		require.Contains(t, tree, column)
	}
	require.Contains(t, tree, "Oskar Lund")

	again := tell(t, options{dir: dir, weeks: 2})
	require.Contains(t, again, "Q4 2026 goes on.")
	require.Contains(t, again, "week 6, Friday 2026-11-06")
	require.NotContains(t, again, "Activation is refused")
	require.NotContains(t, again, "week 5,", "what was lived through is not lived through again")

	end := tell(t, options{dir: dir, weeks: 13})
	require.Contains(t, end, "the quarter is over and closed")
	require.Regexp(t, `\bmissed\b`, after(t, end, "5. Q4 2026 on"))
	closed := tell(t, options{dir: dir, weeks: 2})
	require.Contains(t, closed, "5. Q4 2026 on")
}

func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.md")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for name, o := range map[string]options{
		"no such plan":          {dir: filepath.Join(dir, "a"), plan: filepath.Join(dir, "nowhere.md")},
		"an empty plan":         {dir: filepath.Join(dir, "b"), plan: empty},
		"a file as a directory": {dir: file},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			require.Error(t, run(t.Context(), &out, o))
		})
	}
}

// TestRealPlans runs the story on every plan of the folder that OKRKIT_REAL_DATA
// names.
func TestRealPlans(t *testing.T) {
	data := os.Getenv("OKRKIT_REAL_DATA")
	if data == "" {
		t.Skip("OKRKIT_REAL_DATA names no folder with real plans")
	}
	var plans []string
	for _, pattern := range []string{"*.md", "*.yml"} {
		found, err := filepath.Glob(filepath.Join(data, "plans", pattern))
		require.NoError(t, err)
		plans = append(plans, found...)
	}
	require.NotEmpty(t, plans)
	for _, plan := range plans {
		if filepath.Base(plan) == "INDEX.md" {
			continue
		}
		t.Run(filepath.Base(plan), func(t *testing.T) {
			story := tell(t, options{dir: t.TempDir(), plan: plan, weeks: 2})
			require.Contains(t, after(t, story, "1. The plan as it was written"), "key results")
			require.Contains(t, story, "5. ")
		})
	}
}
