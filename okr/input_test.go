package okr_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

func TestACheckInNamesMilestonesAndZones(t *testing.T) {
	steps := measure.Metric{Kind: measure.Milestones, Milestones: []measure.Milestone{{Key: "law"}, {Key: "pilot", Weight: measure.N(3)}}}
	h := with(t, steps)
	k := h.keyResult(t, "k1").ID
	check := func(c okr.CheckIn) error {
		c.KeyResult = k
		_, err := h.acme.CheckIn(t.Context(), c)
		return err
	}
	require.NoError(t, check(okr.CheckIn{Milestones: []string{"pilot"}}))
	require.True(t, h.keyResult(t, "k1").Measured.Progress.Equal(measure.N(0.75)))
	h.clock.Advance(time.Hour)
	require.NoError(t, check(okr.CheckIn{Milestones: []string{}}))
	require.True(t, h.keyResult(t, "k1").Measured.Progress.Equal(measure.N(0)), "none is finished, which is not unknown")
	require.Equal(t, "milestones", invalidField(t, check(okr.CheckIn{Milestones: []string{"party"}})))
	require.ErrorContains(t, check(okr.CheckIn{Milestones: []string{"party"}}), "law, pilot")
	require.Equal(t, "zone", invalidField(t, check(okr.CheckIn{Zone: measure.LevelTarget})))
	require.Equal(t, "value", invalidField(t, check(okr.CheckIn{Milestones: []string{"law"}, Value: measure.N(1)})))

	h = with(t, measure.Metric{Kind: measure.Zones, Zones: []measure.Zone{{Level: measure.LevelCommit, Text: "a paying pilot"}, {Level: measure.LevelTarget, Text: "three"}}})
	k = h.keyResult(t, "k1").ID
	require.NoError(t, check(okr.CheckIn{Zone: measure.LevelTarget}))
	require.Equal(t, measure.OnTrack, h.keyResult(t, "k1").Measured.Status)
	require.Equal(t, "zone", invalidField(t, check(okr.CheckIn{Zone: measure.LevelStretch})), "nobody described it")
	require.Equal(t, "milestones", invalidField(t, check(okr.CheckIn{Milestones: []string{"law"}})))
	require.Equal(t, "zone", invalidField(t, check(okr.CheckIn{Milestones: []string{"law"}, Zone: measure.LevelFail})))
}

func TestAReadingInAnotherUnitIsRefused(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k2").ID
	_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k, Value: measure.N(480), Unit: "minutes"})
	require.Equal(t, "unit", invalidField(t, err))
	require.ErrorContains(t, err, `"hours"`)
	_, err = h.acme.Record(t.Context(), okr.Collected{KeyResult: k, Source: "feed", Readings: []okr.Measurement{{Value: measure.N(480), Unit: "minutes"}}})
	require.Equal(t, "readings[0].unit", invalidField(t, err))
	h.record(t, "k2", okr.Measurement{Value: measure.N(8), Unit: "hours"})
	require.True(t, h.keyResult(t, "k2").Current.Equal(measure.N(8)))
}

func TestASourceMayRepeatItself(t *testing.T) {
	h := running(t, okr.Config{})
	h.clock.Set(day(time.October, 20, 9))
	reading := okr.Measurement{Value: measure.N(75), OccurredAt: day(time.October, 19, 9)}
	h.record(t, "k1", reading)
	version := h.keyResult(t, "k1").Version
	require.Empty(t, h.record(t, "k1", reading, reading).Events)
	require.Equal(t, version, h.keyResult(t, "k1").Version)

	// Somebody corrects it; the source, which does not know, says it again.
	id := h.keyResult(t, "k1").Reading
	correction := okr.Collected{KeyResult: h.keyResult(t, "k1").ID, Source: "ana", Readings: []okr.Measurement{{Value: measure.N(71), Corrects: id}}}
	for range 2 {
		_, err := h.acme.Record(t.Context(), correction)
		require.NoError(t, err)
	}
	require.Empty(t, h.record(t, "k1", reading).Events)
	require.True(t, h.keyResult(t, "k1").Current.Equal(measure.N(71)))

	// What it says otherwise is news, and so is what it says after that.
	reading.Value = measure.N(76)
	require.NotEmpty(t, h.record(t, "k1", reading).Events)
	reading.Value = measure.N(75)
	require.NotEmpty(t, h.record(t, "k1", reading).Events)
	require.True(t, h.keyResult(t, "k1").Current.Equal(measure.N(75)))

	// However long ago.
	for i := range 40 {
		h.record(t, "k1", okr.Measurement{Value: measure.N(80), OccurredAt: day(time.October, 19, 10).Add(time.Duration(i) * time.Minute)})
	}
	require.Empty(t, h.record(t, "k1", reading).Events)
}

func TestWhatBecomesKnownOfAClosedCycleIsKeptApart(t *testing.T) {
	h := over(t, okr.Config{}, nil)
	k1 := h.keyResult(t, "k1")
	h.review(t, okr.ReviewEntry{Subject: h.whole(t), Learned: "x"})
	h.close(t)
	was := h.reviewed(t)
	h.clock.Advance(10 * 24 * time.Hour)
	d := h.record(t, "k1", okr.Measurement{Value: measure.N(91), Corrects: k1.Reading}, okr.Measurement{Value: measure.N(89), OccurredAt: day(time.December, 29, 9)})
	require.Equal(t, []string{okr.EventReadingCorrected, okr.EventReadingRecorded}, types(d.Events), "it is said, and nothing comes of it")
	now := h.keyResult(t, "k1")
	require.Equal(t, measure.Missed, now.Measured.Status)
	require.True(t, now.Current.Equal(measure.N(84)))
	require.Equal(t, k1.Reading, now.Reading)
	require.Equal(t, was, h.reviewed(t), "a closed quarter stays as it was")
	s, err := h.acme.View().Snapshot(t.Context(), now.Cycle)
	require.NoError(t, err)
	require.Len(t, s.ReadingsOf(now.ID), 3, "history is kept")

	_, err = h.acme.Record(t.Context(), okr.Collected{KeyResult: now.ID, Source: "feed", Readings: []okr.Measurement{{Value: measure.N(95)}}})
	require.ErrorIs(t, err, okr.ErrConflict, "what came after is of no concern")
	_, err = h.acme.Record(t.Context(), okr.Collected{KeyResult: now.ID, Source: "feed", Error: "down"})
	require.ErrorIs(t, err, okr.ErrConflict)
	_, err = h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: now.ID, Value: measure.N(91)})
	require.ErrorIs(t, err, okr.ErrConflict)
}

func TestAnOverrideHoldsUntilItsEnd(t *testing.T) {
	h := running(t, okr.Config{})
	settle(t, h)
	h.clock.Set(day(time.October, 26, 9))
	k := h.keyResult(t, "k1").ID
	until := day(time.November, 2, 12)
	for field, o := range map[string]okr.StatusOverride{
		"override.reason": {Status: measure.OnTrack, Until: until},
		"override.until":  {Status: measure.OnTrack, Reason: "x", Until: day(time.October, 25, 9)},
		"override.status": {Status: measure.Hit, Reason: "x", Until: until},
	} {
		_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k, Value: measure.N(70), Override: &o})
		require.Equal(t, field, invalidField(t, err))
	}
	_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{
		KeyResult: k, Value: measure.N(70), Override: &okr.StatusOverride{Status: measure.AtRisk, Reason: "The contract is signed and not yet counted.", Until: until},
	})
	require.NoError(t, err)
	now := h.keyResult(t, "k1")
	require.Equal(t, measure.AtRisk, now.Measured.Status)
	require.Equal(t, measure.OffTrack, now.Computed, "what is computed stands beside it")
	require.Equal(t, "The contract is signed and not yet counted.", now.Override.Reason)

	h.clock.Set(until.Add(-time.Second))
	settle(t, h)
	require.Equal(t, measure.AtRisk, h.keyResult(t, "k1").Measured.Status)
	h.clock.Set(until)
	var changed *okr.StatusChanged
	for _, e := range settle(t, h).Events {
		if e.Type == okr.EventStatusChanged && e.Aggregate.ID == k {
			p, err := e.Payload()
			require.NoError(t, err)
			changed = p.(*okr.StatusChanged)
		}
	}
	require.NotNil(t, changed, "its end is told without anybody's doing")
	require.Equal(t, measure.OffTrack, changed.To)
	require.Empty(t, h.keyResult(t, "k1").Computed)

	_, err = h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: k, Override: &okr.StatusOverride{Status: measure.OnTrack, Reason: "x", Until: until.Add(time.Hour)}})
	require.NoError(t, err)
	require.Equal(t, measure.OnTrack, h.keyResult(t, "k1").Measured.Status)
	_, err = h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: k, Override: &okr.StatusOverride{}})
	require.NoError(t, err)
	require.Equal(t, measure.OffTrack, h.keyResult(t, "k1").Measured.Status, "somebody ended it early")
}

func TestAnOverrideDoesNotOutliveItsReading(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1").ID
	_, err := h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: k, Override: &okr.StatusOverride{Status: measure.OnTrack, Reason: "x", Until: day(time.December, 1, 9)}})
	require.NoError(t, err)
	require.Equal(t, measure.Unknown, h.keyResult(t, "k1").Measured.Status, "nobody calls green what nobody measured")
	h.record(t, "k1", okr.Measurement{Value: measure.N(70)})
	require.Equal(t, measure.OnTrack, h.keyResult(t, "k1").Measured.Status)
	h.clock.Set(day(time.October, 20, 9))
	require.Equal(t, measure.Stale, h.keyResult(t, "k1").Measured.Status)
}

func TestAPackDoesNotOverruleAnOverride(t *testing.T) {
	h := running(t, okr.Config{Judge: scorer{}})
	k := h.keyResult(t, "k1").ID
	h.record(t, "k1", okr.Measurement{Value: measure.N(70)})
	require.Equal(t, measure.OnTrack, h.keyResult(t, "k1").Measured.Status)
	_, err := h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: k, Override: &okr.StatusOverride{Status: measure.OffTrack, Reason: "x", Until: day(time.December, 1, 9)}})
	require.NoError(t, err)
	require.Equal(t, measure.OffTrack, h.keyResult(t, "k1").Measured.Status)
}

func TestWhatIsPostponedIsPaused(t *testing.T) {
	h := running(t, okr.Config{})
	h.record(t, "k1", okr.Measurement{Value: measure.N(70)})
	postponed := okr.Postponed
	_, err := h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: h.keyResult(t, "k1").ID, State: &postponed})
	require.NoError(t, err)
	require.Equal(t, measure.Paused, h.keyResult(t, "k1").Measured.Status)
}

func TestConfidenceStartsAtEvenOdds(t *testing.T) {
	h := running(t, okr.Config{})
	require.True(t, h.keyResult(t, "k1").Confidence.Equal(measure.N(5)))
	d, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: h.keyResult(t, "k1").ID, Confidence: measure.N(3)})
	require.NoError(t, err)
	require.Contains(t, types(d.Events), okr.EventConfidenceDropped)

	h = over(t, okr.Config{}, committed)
	require.False(t, h.keyResult(t, "k1").Confidence.Known(), "what is committed starts with nobody's word for it")
}

func TestEveryMovedGoalpostNeedsAReasonAndIsTold(t *testing.T) {
	title, due := "Raise renewals a little", measure.NewDate(2026, time.November, 30)
	metric := measure.Metric{Kind: measure.AtLeast, Unit: "%", Target: measure.N(80)}
	for name, c := range map[string]okr.KeyResultChange{"title": {Title: &title}, "due": {Due: &due}, "metric": {Metric: &metric}} {
		h := running(t, okr.Config{})
		c.KeyResult = h.keyResult(t, "k1").ID
		_, err := h.acme.Change(t.Context(), c)
		require.Equal(t, "reason", invalidField(t, err), name)
		c.Reason = "We know better now."
		d, err := h.acme.Change(t.Context(), c)
		require.NoError(t, err)
		require.Len(t, only(d.Events, okr.EventTargetMoved), 1, name)
		p, err := d.Events[slices.Index(types(d.Events), okr.EventTargetMoved)].Payload()
		require.NoError(t, err)
		require.Equal(t, []string{name}, p.(*okr.KeyResultDefined).Changed)
	}
}
