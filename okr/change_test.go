package okr_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

func TestAKeyResultIsNotActiveUnderADraft(t *testing.T) {
	h := open(t, okr.Config{})
	_, err := h.acme.Propose(t.Context(), okrtest.Plan())
	require.NoError(t, err)
	k := h.keyResult(t, "k1")
	one := okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}
	_, err = h.acme.Activate(t.Context(), okr.Activation{Subjects: []okr.Ref{one}})
	require.ErrorIs(t, err, okr.ErrConflict)
	require.ErrorContains(t, err, "draft")
	require.Equal(t, okr.Draft, h.keyResult(t, "k1").State)

	d, err := h.acme.Activate(t.Context(), okr.Activation{Subjects: []okr.Ref{one, {Kind: okr.KindObjective, ID: k.Objective}, one}})
	require.NoError(t, err, "in one decision, in any order")
	require.Len(t, d.Subjects, 2, "what is named twice is one subject")
	require.Equal(t, okr.Active, h.keyResult(t, "k1").State)
}

func TestActivationComesInTime(t *testing.T) {
	h := open(t, okr.Config{})
	_, err := h.acme.Propose(t.Context(), okrtest.Plan())
	require.NoError(t, err)
	h.clock.Set(time.Date(2027, time.January, 1, 0, 0, 0, 0, time.UTC))
	_, err = h.acme.Activate(t.Context(), okr.Activation{Cycle: h.cycle(t).ID})
	require.ErrorIs(t, err, okr.ErrConflict)
	require.ErrorContains(t, err, "2026-12-31")
	_, err = h.acme.Activate(t.Context(), okr.Activation{Cycle: "a\x00"})
	require.Equal(t, "cycle", invalidField(t, err))
	_, err = h.acme.Activate(t.Context(), okr.Activation{Subjects: []okr.Ref{{Kind: okr.KindKeyResult}}})
	require.Equal(t, "subjects[0]", invalidField(t, err))
}

func TestStatesMoveWhereTheyMay(t *testing.T) {
	for _, c := range []struct {
		from, to okr.State
		ok       bool
	}{
		{okr.Draft, okr.Active, false},
		{okr.Draft, okr.Done, false},
		{okr.Draft, okr.Abandoned, true},
		{okr.Draft, okr.Postponed, true},
		{okr.Active, okr.Postponed, true},
		{okr.Active, okr.Abandoned, true},
		{okr.Active, okr.Done, true},
		{okr.Postponed, okr.Active, true},
		{okr.Postponed, okr.Done, false},
		{okr.Abandoned, okr.Active, true},
		{okr.Abandoned, okr.Done, false},
		{okr.Done, okr.Active, true},
		{okr.Done, okr.Postponed, false},
	} {
		t.Run(string(c.from+" to "+c.to), func(t *testing.T) {
			h := running(t, okr.Config{})
			if c.from == okr.Draft {
				h = open(t, okr.Config{})
				_, err := h.acme.Propose(t.Context(), okrtest.Plan())
				require.NoError(t, err)
			}
			k := h.keyResult(t, "k1").ID
			if c.from != okr.Draft && c.from != okr.Active {
				_, err := h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: k, State: &c.from})
				require.NoError(t, err)
			}
			_, err := h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: k, State: &c.to})
			if c.ok {
				require.NoError(t, err)
				require.Equal(t, c.to, h.keyResult(t, "k1").State)
				return
			}
			require.Equal(t, "state", invalidField(t, err))
			require.Equal(t, c.from, h.keyResult(t, "k1").State)
		})
	}
}

// The gates of activation cannot be gone around by way of another state.
func TestNoWayAroundActivation(t *testing.T) {
	h := open(t, okr.Config{})
	_, err := h.acme.Propose(t.Context(), okrtest.Plan())
	require.NoError(t, err)
	k := h.keyResult(t, "k1")
	for _, s := range []okr.State{okr.Postponed, okr.Active} {
		_, err = h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: k.ID, State: &s})
	}
	require.Equal(t, "state", invalidField(t, err))
	_, err = h.acme.Activate(t.Context(), okr.Activation{Cycle: k.Cycle})
	require.NoError(t, err)
	require.Equal(t, okr.Postponed, h.keyResult(t, "k1").State, "what was put off is not swept up")
	_, err = h.acme.Activate(t.Context(), okr.Activation{Subjects: []okr.Ref{{Kind: okr.KindKeyResult, ID: k.ID}}})
	require.NoError(t, err, "it is activated by name")

	h = running(t, okr.Config{})
	k = h.keyResult(t, "k1")
	done := okr.Done
	_, err = h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: k.ID, State: &done})
	require.NoError(t, err)
	_, err = h.acme.Activate(t.Context(), okr.Activation{Subjects: []okr.Ref{{Kind: okr.KindKeyResult, ID: k.ID}}})
	require.ErrorIs(t, err, okr.ErrConflict)
}

func TestChangesThatMakeNoSense(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1").ID
	date := func(y int, m time.Month, d int) *okr.Date { return &okr.Date{Year: y, Month: m, Day: d} }
	nobody := okr.ID("")
	for _, c := range []struct {
		name, field string
		in          okr.KeyResultChange
	}{
		{"due after the cycle", "due", okr.KeyResultChange{Due: date(2027, 1, 1), Reason: "x"}},
		{"due before the cycle", "due", okr.KeyResultChange{Due: date(2026, 9, 30), Reason: "x"}},
		{"due on no day", "due", okr.KeyResultChange{Due: date(2026, 11, 31), Reason: "x"}},
		{"nobody's", "owner", okr.KeyResultChange{Owner: &nobody}},
		{"seconds", "source.interval", okr.KeyResultChange{Source: &okr.Source{Interval: okr.Interval(90 * time.Second)}}},
		{"lead of seconds", "cadence.lead", okr.KeyResultChange{Cadence: &okr.Schedule{Frequency: okr.Weekly, Lead: okr.Interval(time.Second)}}},
		{"anchor on no day", "cadence.anchor", okr.KeyResultChange{Cadence: &okr.Schedule{Frequency: okr.Weekly, Anchor: okr.Date{Year: 2026, Month: 13, Day: 1}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.in.KeyResult = k
			_, err := h.acme.Change(t.Context(), c.in)
			require.Equal(t, c.field, invalidField(t, err))
		})
	}
	none := okr.Date{}
	_, err := h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: k, Due: date(2026, 12, 1), Reason: "the fair is earlier"})
	require.NoError(t, err)
	_, err = h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: k, Due: &none, Reason: "the fair is off"})
	require.NoError(t, err, "no date is the cycle's last day")
	require.True(t, h.keyResult(t, "k1").Due.IsZero())
}

// A draft's owner may be cleared.
func TestADraftMayHaveNoOwner(t *testing.T) {
	h := open(t, okr.Config{})
	_, err := h.acme.Propose(t.Context(), okrtest.Plan())
	require.NoError(t, err)
	nobody := okr.ID("")
	_, err = h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: h.keyResult(t, "k1").ID, Owner: &nobody})
	require.NoError(t, err)
	require.Empty(t, h.keyResult(t, "k1").Owner)
}

func TestClosingSaysTheLastWord(t *testing.T) {
	h := running(t, okr.Config{})
	cycle := h.cycle(t).ID
	settle(t, h)
	h.clock.Set(time.Date(2026, time.December, 30, 9, 0, 0, 0, time.UTC))
	for key, v := range map[string]float64{"k1": 90, "k2": 4} {
		_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: h.keyResult(t, key).ID, Value: measure.N(v)})
		require.NoError(t, err)
	}
	h.clock.Set(time.Date(2027, time.January, 4, 9, 0, 0, 0, time.UTC))
	d, err := h.acme.Close(t.Context(), okr.Closing{Cycle: cycle, Waive: unreviewed})
	require.NoError(t, err)
	require.Contains(t, types(d.Events), okr.EventObjectiveStatus, "the objective's last status is told as well")
	tree, err := h.acme.View().Tree(t.Context(), cycle)
	require.NoError(t, err)
	h.clock.Set(time.Date(2027, time.June, 1, 9, 0, 0, 0, time.UTC))
	require.Empty(t, settle(t, h).Events)
	later, err := h.acme.View().Tree(t.Context(), cycle)
	require.NoError(t, err)
	require.Equal(t, tree.Objectives[0].Measured.Status, later.Objectives[0].Measured.Status)
	for i := range tree.Objectives[0].KeyResults {
		require.Equal(t, tree.Objectives[0].KeyResults[i].Measured, later.Objectives[0].KeyResults[i].Measured, "a closed quarter never changes")
	}
	_, err = h.acme.Close(t.Context(), okr.Closing{})
	require.Equal(t, "cycle", invalidField(t, err))
}

func TestAStaleReadingSpeaksForNoObjective(t *testing.T) {
	h := running(t, okr.Config{})
	cycle := h.cycle(t).ID
	for key, v := range map[string]float64{"k1": 90, "k2": 4} {
		_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: h.keyResult(t, key).ID, Value: measure.N(v)})
		require.NoError(t, err)
	}
	status := func() measure.Status {
		tree, err := h.acme.View().Tree(t.Context(), cycle)
		require.NoError(t, err)
		return tree.Objectives[0].Measured.Status
	}
	require.Equal(t, measure.OnTrack, status())
	h.clock.Set(time.Date(2026, time.November, 1, 9, 0, 0, 0, time.UTC))
	require.Equal(t, measure.Stale, status(), "a dead source is never green")
}

func TestADraftBesideActiveOnesDoesNotCount(t *testing.T) {
	h := running(t, okr.Config{})
	for key, v := range map[string]float64{"k1": 90, "k2": 4, "k3": 1} {
		_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: h.keyResult(t, key).ID, Value: measure.N(v)})
		require.NoError(t, err)
	}
	p := okrtest.Plan()
	for _, title := range []string{"One more", "Two more", "Three more", "Four more"} {
		p.Objectives[0].KeyResults = append(p.Objectives[0].KeyResults, okr.PlanKeyResult{Title: title})
	}
	_, err := h.acme.Propose(t.Context(), p)
	require.NoError(t, err)
	tree, err := h.acme.View().Tree(t.Context(), h.cycle(t).ID)
	require.NoError(t, err)
	require.InDelta(t, 1, tree.Objectives[0].Measured.Coverage, 1e-9)
	require.Len(t, tree.Objectives[0].KeyResults, 7)
}
