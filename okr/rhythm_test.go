package okr_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// rhythms are two teams of three owners that have come equally far after eight
// weeks: one spoke up every week, the other twice.
func rhythms(t *testing.T, value float64, smallest int) (house, okr.Cycle) {
	t.Helper()
	h := open(t, okr.Config{MinGroup: smallest})
	p := okr.Plan{
		Cycle: okr.PlanCycle{Key: "q4", Start: measure.NewDate(2026, 10, 1), End: measure.NewDate(2026, 12, 31), Cadence: &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday}},
		Teams: []okr.Team{{ID: "steady", Name: "Steady"}, {ID: "silent", Name: "Silent"}, {ID: "pair", Name: "Pair"}},
	}
	for _, team := range p.Teams {
		o := okr.PlanObjective{Key: string(team.ID), Title: "Win " + team.Name, Team: string(team.ID)}
		owners := 3
		if team.ID == "pair" {
			owners = 2
		}
		for i := range owners {
			id := okr.ID(string(team.ID) + string(rune('1'+i)))
			p.People = append(p.People, okr.Person{ID: id, Name: string(id), Team: team.ID})
			o.KeyResults = append(o.KeyResults, okr.PlanKeyResult{Key: string(id), Title: "Reach " + string(id), Owner: string(id),
				Metric: measure.Metric{Kind: measure.Increase, Baseline: measure.N(0), Target: measure.N(100)}})
		}
		p.Objectives = append(p.Objectives, o)
	}
	_, err := h.acme.Propose(t.Context(), p)
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	c := h.cycle(t)
	_, err = h.acme.Activate(t.Context(), okr.Activation{Cycle: c.ID})
	require.NoError(t, err)
	ids := map[string]okr.Ref{}
	for k, err := range h.acme.View().All(t.Context(), okr.Query{}) {
		require.NoError(t, err)
		ids[k.Key] = okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}
	}
	for week := range 8 {
		friday := time.Date(2026, time.October, 2+7*week, 10, 0, 0, 0, time.UTC)
		h.clock.Set(friday)
		for key, r := range ids {
			if key[:4] == "sile" && week%4 != 3 {
				continue
			}
			_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: r.ID, Value: measure.N(value * float64(week+1) / 8)})
			require.NoError(t, err)
		}
		for range 3 {
			h.clock.Set(h.clock.Now().Add(40 * time.Hour))
			for _, r := range ids {
				_, err := h.acme.Settle(t.Context(), r)
				require.NoError(t, err)
			}
		}
	}
	return h, c
}

func TestStrategyProblemOrRhythmProblem(t *testing.T) {
	for _, test := range []struct {
		value          float64
		steady, silent okr.Problem
	}{
		{60, okr.NoProblem, okr.RhythmProblem},
		{10, okr.StrategyProblem, okr.BothProblems},
	} {
		h, c := rhythms(t, test.value, 0)
		steady, err := h.acme.View().Rhythm(t.Context(), c.ID, "steady")
		require.NoError(t, err)
		silent, err := h.acme.View().Rhythm(t.Context(), c.ID, "silent")
		require.NoError(t, err)
		require.Equal(t, steady.Progress, silent.Progress, "equally far")
		require.Equal(t, test.steady, steady.Problem)
		require.Equal(t, test.silent, silent.Problem)
		require.Equal(t, measure.N(1), steady.Share)
		require.Equal(t, measure.N(0), steady.Debt)
		require.Equal(t, 24, steady.OnTime)
		require.Equal(t, 6, silent.OnTime)
		require.Equal(t, 18, silent.Missed)
		owed, known := silent.Debt.Value()
		require.True(t, known)
		require.Greater(t, owed, 3.0)
		require.Less(t, owed, 6.0, "what is long ago weighs less")

		pair, err := h.acme.View().Rhythm(t.Context(), c.ID, "pair")
		require.NoError(t, err)
		require.True(t, pair.Withheld, "the rhythm of two would be that of each")
		require.Zero(t, pair.OnTime)
		require.False(t, pair.Share.Known())
		require.Equal(t, okr.UnknownProblem, pair.Problem)
	}
}

func TestDebtFadesWhenTheRhythmIsTakenUp(t *testing.T) {
	h, c := rhythms(t, 60, 0)
	before, err := h.acme.View().Rhythm(t.Context(), c.ID, "silent")
	require.NoError(t, err)
	h.clock.Set(h.clock.Now().Add(28 * 24 * time.Hour))
	after, err := h.acme.View().Rhythm(t.Context(), c.ID, "silent")
	require.NoError(t, err)
	a, _ := before.Debt.Value()
	b, _ := after.Debt.Value()
	require.InDelta(t, a/2, b, 1e-9)
}

// The host says how few people a figure may be about.
func TestARhythmIsThatOfAGroup(t *testing.T) {
	for smallest, withheld := range map[int][2]bool{-1: {true, false}, 0: {true, false}, 2: {false, false}, 3: {true, false}, 4: {true, true}} {
		h, c := rhythms(t, 60, smallest)
		for i, team := range []okr.ID{"pair", "steady"} {
			r, err := h.acme.View().Rhythm(t.Context(), c.ID, team)
			require.NoError(t, err)
			require.Equal(t, withheld[i], r.Withheld, "%s, of %d", team, smallest)
			require.Equal(t, !withheld[i], r.Share.Known(), "%s, of %d", team, smallest)
		}
	}
}

// What was excused is nobody's debt, and stands apart.
func TestAnExcusedCheckInIsNoDebt(t *testing.T) {
	h, c := rhythms(t, 60, 0)
	before, err := h.acme.View().Rhythm(t.Context(), c.ID, "silent")
	require.NoError(t, err)
	_, err = h.acme.SyncPeople(t.Context(), okr.Directory{People: []okr.Person{{
		ID: "silent1", Name: "silent1", Team: "silent", Away: []okr.Span{{From: october(1), To: october(17)}},
	}}})
	require.NoError(t, err)
	settle(t, h)
	after, err := h.acme.View().Rhythm(t.Context(), c.ID, "silent")
	require.NoError(t, err)
	require.Equal(t, 18, before.Missed)
	require.Equal(t, 15, after.Missed)
	require.Equal(t, 3, after.Excused)
	require.Equal(t, measure.N(6.0/21), after.Share)
	a, _ := before.Debt.Value()
	b, _ := after.Debt.Value()
	require.Less(t, b, a)
	require.Equal(t, before.Progress, after.Progress, "the outcome is another matter")
}
