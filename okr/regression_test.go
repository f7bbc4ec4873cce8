package okr_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// Defects that were found in other programs, as far as they are about behaviour; the
// arithmetic ones are with package measure.

// A check-in that comes late moved the next due date, which then was never asked for.
func TestRegressionALateCheckInSkipsNoDueDate(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1").ID
	h.clock.Set(day(time.October, 4, 12)) // due on Friday the second
	settle(t, h)
	d, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k, Value: measure.N(72)})
	require.NoError(t, err)
	require.Contains(t, types(d.Events), okr.EventCheckInLate)
	h.clock.Set(day(time.October, 8, 17))
	due := 0
	for _, e := range settle(t, h).Events {
		if e.Type == okr.EventCheckInDue && e.Aggregate.ID == k {
			p, err := e.Payload()
			require.NoError(t, err)
			require.Equal(t, "2026-10-09", p.(*okr.OccurrenceFact).Occurrence)
			due++
		}
	}
	require.Equal(t, 1, due)
}

// The value of a check-in was stored and never compared with the target.
func TestRegressionAValueIsComparedWithItsTarget(t *testing.T) {
	h := with(t, measure.Metric{Kind: measure.AtMost, Target: measure.N(5)})
	k := h.keyResult(t, "k1").ID
	d, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k, Value: measure.N(9), Stated: measure.OnTrack})
	require.NoError(t, err)
	require.Equal(t, measure.AtRisk, d.Subjects[0].After.Status, "whatever a person says beside it")
	require.True(t, d.Subjects[0].After.Hit.Equal(measure.N(0)))
}

// A check-in from the future was taken and silenced the list of what is overdue.
func TestRegressionAValueFromTheFutureSilencesNothing(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1").ID
	_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k, Value: measure.N(80), OccurredAt: day(time.November, 1, 9)})
	require.Equal(t, "occurred_at", invalidField(t, err))
	_, err = h.acme.Record(t.Context(), okr.Collected{KeyResult: k, Source: "feed", Readings: []okr.Measurement{{Value: measure.N(80), OccurredAt: day(time.November, 1, 9)}}})
	require.Equal(t, "readings[0].occurred_at", invalidField(t, err))
	h.clock.Set(day(time.October, 3, 17))
	require.Contains(t, types(settle(t, h).Events), okr.EventCheckInOverdue)
}

// A write that was sent again posted its update twice.
func TestRegressionAWriteThatIsSentAgainCountsOnce(t *testing.T) {
	h := with(t, measure.Metric{Kind: measure.AtLeast, Target: measure.N(10), Mode: measure.Sum})
	k := h.keyResult(t, "k1").ID
	in := okr.CheckIn{KeyResult: k, Value: measure.N(4), Key: "request"}
	for range 3 {
		_, err := h.acme.CheckIn(t.Context(), in)
		require.NoError(t, err)
		h.clock.Advance(time.Minute)
	}
	reading := okr.Measurement{Value: measure.N(3), OccurredAt: h.clock.Now()}
	for range 3 {
		h.record(t, "k1", reading)
	}
	require.True(t, h.keyResult(t, "k1").Measured.Current.Equal(measure.N(7)))
	s, err := h.acme.View().Snapshot(t.Context(), h.cycle(t).ID)
	require.NoError(t, err)
	require.Len(t, s.CheckInsOf(k), 1)
	require.Len(t, s.ReadingsOf(k), 2)
}

// A correction took the place of the reading that it corrects, and history was lost.
func TestRegressionACorrectionDeletesNothing(t *testing.T) {
	h := running(t, okr.Config{})
	h.record(t, "k1", okr.Measurement{Value: measure.N(75)})
	first := h.keyResult(t, "k1")
	h.clock.Advance(time.Hour)
	h.record(t, "k1", okr.Measurement{Value: measure.N(71), Corrects: first.Reading})
	s, err := h.acme.View().Snapshot(t.Context(), first.Cycle)
	require.NoError(t, err)
	rows := s.ReadingsOf(first.ID)
	require.Len(t, rows, 2)
	require.True(t, rows[0].Value.Equal(measure.N(71)))
	require.True(t, rows[1].Value.Equal(measure.N(75)))
	require.Equal(t, rows[1].ID, rows[0].Corrects)
	require.Equal(t, rows[1].OccurredAt, rows[0].OccurredAt, "it says what was true at the same time")
}

// The audit of a change named the author of the oldest record.
func TestRegressionAChangeNamesWhoMadeIt(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1").ID
	weight := measure.N(2)
	for _, who := range []okr.ID{"ana", "ben"} {
		_, err := h.desk.For("acme").As(okr.Someone(who)).CheckIn(t.Context(), okr.CheckIn{KeyResult: k, Value: measure.N(72)})
		require.NoError(t, err)
		h.clock.Advance(time.Hour)
	}
	_, err := h.desk.For("acme").As(okr.Someone("ben")).Change(t.Context(), okr.KeyResultChange{KeyResult: k, Weight: &weight, Reason: "most of our income"})
	require.NoError(t, err)
	es, err := h.acme.View().Events(t.Context(), okr.Ref{Kind: okr.KindKeyResult, ID: k}, 0)
	require.NoError(t, err)
	last := es[len(es)-1]
	require.Equal(t, okr.EventKeyResultChanged, last.Type)
	require.Equal(t, okr.Someone("ben"), last.Actor)
	s, err := h.acme.View().Snapshot(t.Context(), h.cycle(t).ID)
	require.NoError(t, err)
	require.Equal(t, okr.Someone("ben"), s.CheckInsOf(k)[0].Author)
	require.Equal(t, okr.Someone("ana"), s.CheckInsOf(k)[1].Author)
}

// The milestones of a key result were all reached, and its goal stayed at 0 %.
func TestRegressionFinishedMilestonesMoveTheirGoal(t *testing.T) {
	h := with(t, measure.Metric{Kind: measure.Milestones, Milestones: []measure.Milestone{{Key: "a"}, {Key: "b"}}})
	for _, key := range []string{"k2", "k3"} {
		state := okr.Abandoned
		_, err := h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: h.keyResult(t, key).ID, State: &state})
		require.NoError(t, err)
	}
	k := h.keyResult(t, "k1")
	_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Milestones: []string{"a", "b"}})
	require.NoError(t, err)
	o := h.tree(t, k.Cycle).Objectives[0]
	require.True(t, o.KeyResults[0].Measured.Progress.Equal(measure.N(1)))
	require.True(t, o.Measured.Progress.Equal(measure.N(1)))
	require.Equal(t, measure.OnTrack, o.KeyResults[0].Measured.Status)
}

// What a team came to was counted over metrics only; what is told apart by words was
// left out.
func TestRegressionWhatIsOrdinalCounts(t *testing.T) {
	h := with(t, measure.Metric{Kind: measure.Zones, Zones: []measure.Zone{{Level: measure.LevelCommit, Text: "one"}, {Level: measure.LevelTarget, Text: "two"}}})
	h.clock.Set(day(time.December, 30, 9))
	k := h.keyResult(t, "k1")
	_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Zone: measure.LevelTarget})
	require.NoError(t, err)
	_, err = h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: h.keyResult(t, "k3").ID, Value: measure.N(1)})
	require.NoError(t, err)
	o := h.tree(t, k.Cycle).Objectives[0]
	require.InDelta(t, (0.7+1)/2, o.Measured.Progress.Or(0), 1e-9)
	require.InDelta(t, 2.0/3, o.Measured.Coverage, 1e-9, "and what nobody measured lowers the coverage")
	h.clock.Set(afterwards)
	_, err = h.acme.Close(t.Context(), okr.Closing{Cycle: k.Cycle, Waive: unreviewed})
	require.NoError(t, err)
	require.Len(t, h.reviewed(t).Hit, 2)
}
