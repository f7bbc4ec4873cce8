package okr_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// A policy has nothing looked at that it leaves as it was: not in a cycle that goes by a
// schedule of its own, not in one that is closed, and by another ladder only what waits
// for a check-in.
func TestAPolicyHasOnlyThatLookedAtWhichItChanges(t *testing.T) {
	var wrote []okr.Changes
	clock := okrtest.NewClock(planning)
	desk, err := okr.New(ledgers{memory.New(), &wrote}, okr.Config{Clock: clock.Now, NewID: okrtest.SequentialIDs(), Calendar: rhythmic{}})
	require.NoError(t, err)
	h := house{desk: desk, clock: clock, acme: desk.For("acme").As(ana)}
	mondays := &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Monday}
	own := &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Tuesday, Lock: true}
	for key, cadence := range map[string]*okr.Schedule{"inherits": nil, "own": own, "closed": nil} {
		p := calm(50, 50)
		p.Cycle.Key, p.Cycle.Name, p.Cycle.Cadence = key, key, cadence
		if key == "closed" {
			p.Cycle.End = measure.NewDate(2026, 10, 1)
		}
		if key == "own" {
			p.Cycle.Cadence.Lead, p.Cycle.Cadence.Grace = okr.Daily, okr.Daily
			p.Cycle.Cadence.At, p.Cycle.Cadence.Zone = "16:00", "UTC"
		}
		_, err := h.acme.Propose(t.Context(), p)
		require.NoError(t, err)
	}
	cycles, err := h.acme.View().Cycles(t.Context())
	require.NoError(t, err)
	of := map[string]okr.ID{}
	for _, c := range cycles {
		of[c.Key] = c.ID
	}
	names := map[okr.ID]string{}
	set := func(change func(*okr.Policy)) []string {
		t.Helper()
		p, err := h.acme.View().Policy(t.Context())
		require.NoError(t, err)
		change(&p)
		wrote = nil
		_, err = h.acme.SetPolicy(t.Context(), okr.SettingPolicy{Policy: p})
		require.NoError(t, err)
		var looked []string
		for _, c := range wrote {
			for _, r := range c.Look {
				if r.Kind != okr.KindKeyResult {
					continue
				}
				looked = append(looked, names[r.ID])
			}
		}
		slices.Sort(looked)
		return looked
	}
	set(func(p *okr.Policy) { p.Cadence = mondays })
	clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	for _, id := range of {
		_, err := h.acme.Activate(t.Context(), okr.Activation{Cycle: id})
		require.NoError(t, err)
	}
	clock.Set(time.Date(2026, time.October, 2, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Close(t.Context(), okr.Closing{Cycle: of["closed"], Waive: unreviewed})
	require.NoError(t, err)
	settle(t, h)
	for key, id := range of {
		for k, err := range h.acme.View().All(t.Context(), okr.Query{Cycle: id}) {
			require.NoError(t, err)
			names[k.ID] = key + " " + k.Key
		}
	}

	require.Equal(t, []string{"inherits k0", "inherits k1"}, set(func(p *okr.Policy) { p.Cadence = &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Thursday} }))
	settle(t, h)
	other := func(p *okr.Policy) { p.Ladder = []okr.Rung{{To: okr.ToOwner, After: 2}} }
	require.Empty(t, set(other), "nobody is asked for anything")

	clock.Set(time.Date(2026, time.October, 6, 9, 0, 0, 0, time.UTC)) // the reminders of Tuesday are out
	settle(t, h)
	for k, err := range h.acme.View().All(t.Context(), okr.Query{Cycle: of["own"]}) {
		require.NoError(t, err)
		if k.Key == "k0" {
			_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Value: measure.N(50)})
			require.NoError(t, err)
		}
	}
	settle(t, h)
	require.Equal(t, []string{"own k1"}, set(func(p *okr.Policy) { p.Ladder = nil }), "the other one was answered")
	require.Equal(t, []string{"inherits k0", "inherits k1", "own k0", "own k1"}, set(func(p *okr.Policy) { p.AskLive = true }))
}
