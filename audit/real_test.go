package audit_test

import (
	"bufio"
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
)

// tally counts how many of those that a source calls good or bad are judged so.
type tally struct{ good, spared, bad, caught int }

func (c *tally) add(o tally) {
	c.good, c.spared, c.bad, c.caught = c.good+o.good, c.spared+o.spared, c.bad+o.bad, c.caught+o.caught
}

// score is the mean of the two shares, or the one that there is.
func (c tally) score() float64 {
	g, b := float64(c.spared)/float64(c.good), float64(c.caught)/float64(c.bad)
	switch {
	case c.bad == 0:
		return g
	case c.good == 0:
		return b
	}
	return (g + b) / 2
}

// TestDraftOnRealKeyResults measures how the starter packs judge key results that
// others have called good or bad, in all and source by source: what one source alone
// would have told, and what is left without it. OKRKIT_REAL_DATA names the folder.
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
	var all tally
	bySource, byLang := map[string]*tally{}, map[string]*tally{}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var row struct {
			Text, Label, Note, Source, Lang string
			Defects                         []string
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &row))
		if strings.HasPrefix(row.Note, "CONFLICT:") {
			continue
		}
		d, err := j.Draft(context.Background(), row.Text)
		require.NoError(t, err)
		var one tally
		switch {
		case row.Label == "good":
			one.good = 1
			if d.Verdict == audit.DraftStrong {
				one.spared = 1
			} else {
				t.Logf("accused: %s %v", row.Text, rulesOf(d))
			}
		case slices.ContainsFunc(row.Defects, func(s string) bool { return slices.Contains(wording, s) }):
			one.bad = 1
			if d.Verdict == audit.DraftWeak {
				one.caught = 1
			} else {
				t.Logf("missed: %s %v", row.Text, row.Defects)
			}
		}
		all.add(one)
		for key, m := range map[string]map[string]*tally{row.Source: bySource, row.Lang: byLang} {
			if m[key] == nil {
				m[key] = &tally{}
			}
			m[key].add(one)
		}
	}
	require.NoError(t, lines.Err())
	require.NotZero(t, all.good)
	require.NotZero(t, all.bad)

	table := func(m map[string]*tally) {
		t.Logf("%9s %9s %6s %8s  %s", "spared", "found", "alone", "without", "source")
		for _, key := range slices.Sorted(maps.Keys(m)) {
			c := *m[key]
			if c.good+c.bad == 0 {
				continue
			}
			rest := tally{all.good - c.good, all.spared - c.spared, all.bad - c.bad, all.caught - c.caught}
			t.Logf("%4d/%4d %4d/%4d %6.3f %8.3f  %.70s", c.spared, c.good, c.caught, c.bad, c.score(), rest.score(), key)
		}
	}
	table(byLang)
	table(bySource)
	sum, n, whole := 0.0, 0, 0
	for _, c := range bySource {
		if c.good+c.bad > 0 {
			sum, n = sum+c.score(), n+1
			if c.score() == 1 {
				whole++
			}
		}
	}
	t.Logf("mean over %d sources, each weighing the same: %.3f; without a miss: %d", n, sum/float64(n), whole)
	g, b := float64(all.spared)/float64(all.good), float64(all.caught)/float64(all.bad)
	t.Logf("good ones called strong: %d of %d (%.3f); bad ones called weak: %d of %d (%.3f); mean %.3f", all.spared, all.good, g, all.caught, all.bad, b, all.score())
	require.GreaterOrEqual(t, g, 0.96)
	require.GreaterOrEqual(t, all.score(), 0.95)
	require.GreaterOrEqual(t, sum/float64(n), 0.95)
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
