package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters/planfile"
	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/rules"
)

var update = flag.Bool("update", false, "write the story anew")

// The story is the same each time, whatever ids it runs under.
func TestTheStory(t *testing.T) {
	var out bytes.Buffer
	s, err := tell(t.Context(), &out, t.TempDir(), "plan.md", planText)
	require.NoError(t, err, out.String())
	whole(t, s, 12)
	golden := filepath.Join("testdata", "story.golden")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, out.Bytes(), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), out.String())
}

// whole says that every week was refused once with its reasons, that every step was
// told, and that nothing was deleted.
func whole(t *testing.T, s *story, rows int) {
	t.Helper()
	require.Equal(t, rows, s.rows)
	var weeks []int
	for _, e := range s.refusals {
		weeks = append(weeks, e.Week)
		require.NotEmpty(t, e.Missing)
		for _, m := range e.Missing {
			require.NotEmpty(t, m.Title)
			require.NotEmpty(t, m.Message)
			require.NotEmpty(t, m.Remedy)
		}
	}
	require.Equal(t, []int{0, okr.WeekRebuild, okr.WeekOwners, okr.WeekCheckIn}, weeks)
	var told []string
	for _, e := range s.events {
		if e.Aggregate.Kind == okr.KindReset && e.Type != okr.EventResetVouched {
			told = append(told, e.Type)
		}
	}
	require.Equal(t, []string{okr.EventResetStarted, okr.EventResetWeekOpened, okr.EventResetWeekOpened, okr.EventResetWeekOpened, okr.EventResetFinished}, told)

	err := s.process(t.Context(), func(ctx context.Context) error {
		snap, err := s.acme.View().Snapshot(ctx, s.cycle)
		require.NoError(t, err)
		require.Len(t, snap.KeyResults, rows, "nothing was deleted")
		v, err := s.acme.View().Reset(ctx, s.reset)
		require.NoError(t, err)
		require.Equal(t, okr.ResetFinished, v.State)
		require.Len(t, v.Worksheet, rows)
		c := v.Counts
		require.Equal(t, c.KeyResults, c.RealTime+c.ByHand+c.Gaps, "each number is followed, or is a gap")
		require.Equal(t, rows, c.KeyResults+c.Aside)
		require.Equal(t, c.KeyResults-c.AsIs, c.CheckedIn, "each has its first check-in")
		for _, r := range v.Worksheet {
			require.NotNil(t, r.After)
			require.NotEmpty(t, r.Before.Verdict)
		}
		return nil
	})
	require.NoError(t, err)
}

// The worst plan of a collection of real ones goes all the way.
func TestTheWorstRealPlan(t *testing.T) {
	dir := os.Getenv("OKRKIT_REAL_DATA")
	if dir == "" {
		t.Skip("OKRKIT_REAL_DATA is not set: no real plans here")
	}
	name, text, n := worst(t, filepath.Join(dir, "plans"))
	var out bytes.Buffer
	s, err := tell(t.Context(), &out, t.TempDir(), name, text)
	require.NoError(t, err, out.String())
	whole(t, s, n)
	t.Logf("%s: %d key results from audit to first check-in", name, n)
}

// worst is the plan with the largest share of key results that are not ready; of equals
// the one that can answer fewest of the worksheet's questions with yes.
func worst(t *testing.T, dir string) (name string, text []byte, keyResults int) {
	t.Helper()
	live, err := rules.Open(audit.Env(1), pack.Starter)
	require.NoError(t, err)
	judge := audit.New(live)
	files, err := filepath.Glob(filepath.Join(dir, "*.*"))
	require.NoError(t, err)
	most, fewest := -1.0, 2.0
	for _, f := range files {
		if filepath.Base(f) == "INDEX.md" {
			continue
		}
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		plan, err := planfile.Read(filepath.Base(f), b)
		require.NoError(t, err)
		now := time.Date(2026, time.October, 5, 9, 0, 0, 0, time.UTC)
		ids := 0
		snap, _, err := plan.Snapshot(func() string { ids++; return fmt.Sprintf("%06d", ids) }, now)
		require.NoError(t, err)
		report, err := judge.Report(t.Context(), audit.Input{Snapshot: snap, Now: now})
		require.NoError(t, err)
		if len(report.Worksheet) == 0 {
			continue
		}
		share := float64(report.Summary.NotReady) / float64(len(report.Worksheet))
		yes := 0
		for _, r := range report.Worksheet {
			for _, c := range []audit.Cell{r.Measurable, r.Source, r.Owner, r.TimeBound, r.Outcome} {
				if c == audit.Yes {
					yes++
				}
			}
		}
		answered := float64(yes) / float64(5*len(report.Worksheet))
		if share > most || share == most && answered < fewest {
			most, fewest, name, text, keyResults = share, answered, filepath.Base(f), b, len(snap.KeyResults)
		}
	}
	require.NotEmpty(t, name)
	return name, text, keyResults
}
