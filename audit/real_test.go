package audit_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
)

// TestDraftOnRealKeyResults measures how the starter packs judge key results that
// others have called good or bad. OKRKIT_REAL_DATA names the folder.
func TestDraftOnRealKeyResults(t *testing.T) {
	dir := os.Getenv("OKRKIT_REAL_DATA")
	if dir == "" {
		t.Skip("OKRKIT_REAL_DATA is not set: no real key results to judge")
	}
	file, err := os.Open(filepath.Join(dir, "labelled-krs.jsonl"))
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	j := starter(t)
	wording := []string{"task-not-outcome", "not-measurable", "vague", "no-target"}
	var good, spared, bad, caught int
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var row struct {
			Text, Label, Note string
			Defects           []string
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &row))
		if strings.HasPrefix(row.Note, "CONFLICT:") {
			continue
		}
		d, err := j.Draft(context.Background(), row.Text)
		require.NoError(t, err)
		switch {
		case row.Label == "good":
			good++
			if d.Verdict == audit.DraftStrong {
				spared++
			} else {
				t.Logf("accused: %s %v", row.Text, rulesOf(d))
			}
		case slices.ContainsFunc(row.Defects, func(s string) bool { return slices.Contains(wording, s) }):
			bad++
			if d.Verdict == audit.DraftWeak {
				caught++
			} else {
				t.Logf("missed: %s %v", row.Text, row.Defects)
			}
		}
	}
	require.NoError(t, lines.Err())
	require.NotZero(t, good)
	require.NotZero(t, bad)
	g, b := float64(spared)/float64(good), float64(caught)/float64(bad)
	t.Logf("good ones called strong: %d of %d (%.3f); bad ones called weak: %d of %d (%.3f); mean %.3f", spared, good, g, caught, bad, b, (g+b)/2)
	require.GreaterOrEqual(t, g, 0.96)
	require.GreaterOrEqual(t, (g+b)/2, 0.95)
}

func rulesOf(d audit.Draft) []string {
	var out []string
	for _, f := range d.Findings {
		if f.Severity != "info" {
			out = append(out, f.Rule)
		}
	}
	return out
}
