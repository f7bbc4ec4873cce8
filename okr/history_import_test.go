package okr_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// told is a plan whose first key result was checked in twice before it came here,
// and which has one with zones.
func told() okr.Plan {
	p := okrtest.Plan()
	k := &p.Objectives[0].KeyResults[0]
	k.CheckIns = []okr.PlanCheckIn{
		{At: time.Date(2026, time.September, 11, 8, 30, 0, 0, time.UTC), Value: measure.N(74), Confidence: measure.N(6), Author: "Ana Lima", Note: "slow"},
		{At: time.Date(2026, time.September, 4, 8, 30, 0, 0, time.UTC), Value: measure.N(72), Confidence: measure.N(8), Author: "Nobody Here"},
	}
	p.Objectives[0].KeyResults = append(p.Objectives[0].KeyResults, okr.PlanKeyResult{
		Key: "k4", Title: "The partners trust us", Owner: "ana",
		Metric:   measure.Metric{Kind: measure.Zones, Zones: []measure.Zone{{Level: measure.LevelCommit, Text: "a call"}, {Level: measure.LevelTarget, Text: "a letter"}}},
		CheckIns: []okr.PlanCheckIn{{At: time.Date(2026, time.September, 18, 8, 0, 0, 0, time.UTC), Zone: measure.LevelCommit}},
	})
	return p
}

// A plan brings its check-ins along: they occurred when they occurred, and are
// recorded when they are imported. The same plan again adds nothing.
func TestAPlanBringsItsHistory(t *testing.T) {
	h := open(t, okr.Config{})
	d, err := h.acme.Propose(t.Context(), told())
	require.NoError(t, err)
	count := map[string]int{}
	for _, e := range d.Events {
		count[e.Type]++
	}
	require.Equal(t, 3, count[okr.EventCheckInRecorded])
	require.Equal(t, 3, count[okr.EventReadingRecorded])

	s, err := h.acme.View().Snapshot(t.Context(), h.cycle(t).ID)
	require.NoError(t, err)
	k1, k4 := h.keyResult(t, "k1"), h.keyResult(t, "k4")
	require.Equal(t, measure.N(74), k1.Current)
	require.Equal(t, measure.N(6), k1.Confidence)
	require.Equal(t, time.Date(2026, time.September, 11, 8, 30, 0, 0, time.UTC), *k1.CurrentAt)
	require.Equal(t, time.Date(2026, time.September, 11, 8, 30, 0, 0, time.UTC), *k1.LastCheckIn)
	require.Equal(t, measure.N(0.2), k1.Measured.Progress)
	require.Equal(t, measure.N(0.3), k4.Measured.Progress, "the commit zone")

	past := s.CheckInsOf(k1.ID)
	require.Len(t, past, 2)
	require.Equal(t, okr.Someone("ana"), past[0].Author)
	require.Equal(t, "slow", past[0].Note)
	require.Equal(t, "Nobody Here", past[1].AuthorText)
	require.Equal(t, okr.Service("plan"), past[1].Author)
	for _, c := range past {
		require.Equal(t, planning, c.RecordedAt)
		require.True(t, c.OccurredAt.Before(planning))
		require.NotEmpty(t, c.Reading)
	}

	h.clock.Advance(time.Hour)
	d, err = h.acme.Propose(t.Context(), told())
	require.NoError(t, err)
	require.Empty(t, d.Events, "nothing is taken twice")

	// Somebody of that name joins: it is still the same check-in.
	_, err = h.acme.SyncPeople(t.Context(), okr.Directory{People: []okr.Person{{ID: "nob", Name: "Nobody Here"}}})
	require.NoError(t, err)
	d, err = h.acme.Propose(t.Context(), told())
	require.NoError(t, err)
	require.Empty(t, d.Events)

	// What the plan learns later is added, and what was recorded stays.
	p := told()
	p.Objectives[0].KeyResults[0].CheckIns = append(p.Objectives[0].KeyResults[0].CheckIns[:1], okr.PlanCheckIn{At: time.Date(2026, time.September, 18, 8, 30, 0, 0, time.UTC), Value: measure.N(75)})
	d, err = h.acme.Propose(t.Context(), p)
	require.NoError(t, err)
	require.Len(t, d.Events, 2)
	k1 = h.keyResult(t, "k1")
	require.Equal(t, measure.N(75), k1.Current)
	s, err = h.acme.View().Snapshot(t.Context(), h.cycle(t).ID)
	require.NoError(t, err)
	require.Len(t, s.CheckInsOf(k1.ID), 3)

	// Once it is active, history is no longer rewritten, and the same plan is fine.
	h.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Activate(t.Context(), okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	d, err = h.acme.Propose(t.Context(), p)
	require.NoError(t, err)
	require.Empty(t, d.Events)
	p.Objectives[0].KeyResults[0].CheckIns[0].Value = measure.N(99)
	_, err = h.acme.Propose(t.Context(), p)
	require.ErrorIs(t, err, okr.ErrConflict)
}

// A snapshot of a plan is of its instant: what comes later has not happened.
func TestASnapshotIsOfItsInstant(t *testing.T) {
	for at, want := range map[string]struct {
		current measure.Number
		taken   int
	}{
		"2026-09-01": {measure.Number{}, 0}, "2026-09-05": {measure.N(72), 1}, "2026-09-12": {measure.N(74), 2},
	} {
		now, err := time.Parse(time.DateOnly, at)
		require.NoError(t, err)
		s, _, err := told().Snapshot(okrtest.SequentialIDs(), now)
		require.NoError(t, err)
		k := s.KeyResults[0]
		require.Equal(t, want.current, k.Current, at)
		require.Len(t, s.CheckInsOf(k.ID), want.taken, at)
		require.Len(t, s.ReadingsOf(k.ID), want.taken, at)
	}
}

func TestBadHistoryIsRefusedByName(t *testing.T) {
	at := time.Date(2026, time.September, 11, 8, 30, 0, 0, time.UTC)
	for field, spoil := range map[string]func(*okr.PlanKeyResult){
		".checkins[0].at":         func(k *okr.PlanKeyResult) { k.CheckIns[0].At = time.Time{} },
		".checkins[1].at":         func(k *okr.PlanKeyResult) { k.CheckIns[1].At = time.Date(1066, 1, 1, 0, 0, 0, 0, time.UTC) },
		".checkins[0].value":      func(k *okr.PlanKeyResult) { k.CheckIns[0].Value = measure.N(math.NaN()) },
		".checkins[0].confidence": func(k *okr.PlanKeyResult) { k.CheckIns[0].Confidence = measure.N(11) },
		".checkins[0].zone":       func(k *okr.PlanKeyResult) { k.CheckIns[0].Zone = measure.LevelTarget },
		".checkins[0].note":       func(k *okr.PlanKeyResult) { k.CheckIns[0].Note = strings.Repeat("x", 5000) },
		".checkins":               func(k *okr.PlanKeyResult) { k.CheckIns = make([]okr.PlanCheckIn, 1001) },
	} {
		p := told()
		k := &p.Objectives[0].KeyResults[0]
		spoil(k)
		_, _, err := p.Snapshot(okrtest.SequentialIDs(), planning)
		require.Equal(t, "objectives[0].key_results[0]"+field, invalidField(t, err))
	}
	for field, c := range map[string]okr.PlanCheckIn{
		"zone": {At: at, Zone: measure.LevelStretch}, "value": {At: at, Zone: measure.LevelTarget, Value: measure.N(1)},
	} {
		p := told()
		p.Objectives[0].KeyResults[3].CheckIns = []okr.PlanCheckIn{c}
		_, _, err := p.Snapshot(okrtest.SequentialIDs(), planning)
		require.Equal(t, "objectives[0].key_results[3].checkins[0]."+field, invalidField(t, err))
	}
	h := open(t, okr.Config{})
	p := told()
	p.Objectives[0].KeyResults[0].CheckIns[0].At = planning.Add(time.Hour)
	_, err := h.acme.Propose(t.Context(), p)
	require.Equal(t, "objectives[0].key_results[0].checkins[0].at", invalidField(t, err), "it lies in the future")
}
