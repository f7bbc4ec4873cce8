package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/sqlite"
)

// beside runs the command as another process.
func beside(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

// A host serves a company from a file. Beside it an admin puts a pack in force: the
// host's next check-in is judged by it, and its runner tells the owner of what it
// makes of the status, without a restart and without waiting for a midnight.
func TestAHostJudgesByWhatIsPutInForceBesideIt(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "okr.db")
	s, err := sqlite.Open(ctx, path)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	clock := okrtest.NewClock(time.Now().UTC()) // the other process has no other
	desk, err := host(s, clock)
	require.NoError(t, err)
	acme := desk.For("acme").As(okr.Someone("tom"))
	today := measure.DateOf(clock.Now())
	_, err = acme.Propose(ctx, okr.Plan{
		Cycle:  okr.PlanCycle{Key: "now", Name: "Now", Zone: "UTC", Start: today.AddDays(-20), End: today.AddDays(70), Cadence: okrtest.Weekly()},
		People: []okr.Person{{ID: "ines", Name: "Ines Duarte"}, {ID: "tom", Name: "Tom Abel"}},
		Objectives: []okr.PlanObjective{{Key: "stay", Title: "Companies that try us stay", Owner: "ines", KeyResults: []okr.PlanKeyResult{{
			Key: "paying", Title: "Raise the share of trials that pay from 0 % to 100 %", Owner: "tom",
			Metric: measure.Metric{Kind: measure.Increase, Unit: "%", Baseline: measure.N(0), Target: measure.N(100)},
			Source: &okr.Source{Kind: "sql", Where: "Billing", Interval: okr.EveryWeek, Access: []string{"ines", "tom"}},
		}}}},
	})
	require.NoError(t, err)
	cycles, err := acme.View().Cycles(ctx)
	require.NoError(t, err)
	_, err = acme.Activate(ctx, okr.Activation{Cycle: cycles[0].ID})
	require.NoError(t, err)
	page, err := acme.View().KeyResults(ctx, okr.Query{})
	require.NoError(t, err)
	k := page.Items[0].ID
	say := func(note string) error {
		clock.Set(time.Now().UTC())
		_, err := acme.CheckIn(ctx, okr.CheckIn{KeyResult: k, Value: measure.N(60), Note: note})
		return err
	}
	require.NoError(t, say(""))
	_, err = settled(ctx, desk)
	require.NoError(t, err)
	announced := func() (to []measure.Status) {
		events, err := acme.View().Events(ctx, okr.Ref{Kind: okr.KindKeyResult, ID: k}, 0)
		require.NoError(t, err)
		for _, e := range events {
			payload, err := e.Payload()
			require.NoError(t, err)
			if c, ok := payload.(*okr.StatusChanged); ok {
				to = append(to, c.To)
			}
		}
		return to
	}
	before := announced()

	file := filepath.Join(t.TempDir(), "acme.yaml")
	require.NoError(t, os.WriteFile(file, []byte(`apiVersion: okr.rules/v1
env: 1
name: acme
version: 1.0.0
rules:
  - {id: says-why, on: checkin, severity: error, mode: gate, check: checkin.note != "", message: say how it came about}
statuses:
  - {id: high, on: key_result, when: 'kr.state == "active" && has(kr.progress) && kr.progress < 0.9', status: off_track}
tests:
  - {name: a word, given: {checkin: {note: Well}}, expect: {says-why: pass}}
`), 0o600))
	out := beside(t, "rules", "activate", "--store", path, "--tenant", "acme", "--as", "ines", file)
	require.Contains(t, out, "1 status moves (on track → off track: 1)")
	require.Contains(t, out, "2 messages would be sent")
	require.Contains(t, out, "acme 1.0.0 is in force now.")

	require.ErrorIs(t, say(""), okr.ErrRefused, "the next check-in is judged by it")
	require.Equal(t, before, announced())
	clock.Set(time.Now().UTC())
	n, err := settled(ctx, desk)
	require.NoError(t, err)
	require.Positive(t, n)
	require.Equal(t, append(before, measure.OffTrack), announced())
	require.NoError(t, say("Two more than last week."))
	require.Contains(t, beside(t, "rules", "list", "--store", path), "acme")

	beside(t, "rules", "deactivate", "--store", path, "--as", "ines", "acme")
	require.NoError(t, say(""), "and by it no longer")
	clock.Set(time.Now().UTC())
	require.NoError(t, func() error { _, err := settled(ctx, desk); return err }())
	require.Equal(t, append(before, measure.OffTrack, measure.OnTrack), announced())
}
