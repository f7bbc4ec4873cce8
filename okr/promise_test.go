package okr_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// What is reported late of an earlier day is on record; what people think now is
// what they said of the latest day.
func TestALateCheckInSaysNothingOfToday(t *testing.T) {
	h, ctx := running(t, okr.Config{}), t.Context()
	k := h.keyResult(t, "k1")
	h.clock.Set(day(time.October, 20, 9))
	_, err := h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: k.ID, Value: measure.N(80), Confidence: measure.N(8), Stated: measure.OnTrack})
	require.NoError(t, err)
	h.clock.Advance(time.Hour)
	d, err := h.acme.CheckIn(ctx, okr.CheckIn{
		KeyResult: k.ID, Value: measure.N(71), Confidence: measure.N(3), Stated: measure.OffTrack, OccurredAt: day(time.October, 5, 9),
	})
	require.NoError(t, err)
	require.Empty(t, only(d.Events, okr.EventConfidenceDropped), "it rose since")
	k = h.keyResult(t, "k1")
	require.Equal(t, measure.N(8), k.Confidence)
	require.Equal(t, measure.OnTrack, k.Stated)
	require.Equal(t, measure.N(80), k.Current)
	require.Equal(t, day(time.October, 20, 9), *k.LastCheckIn)
	d, err = h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: k.ID, Confidence: measure.N(5), OccurredAt: day(time.October, 20, 9)})
	require.NoError(t, err)
	require.Len(t, only(d.Events, okr.EventConfidenceDropped), 1, "of two of one instant, what was said last")
	require.Equal(t, measure.N(5), h.keyResult(t, "k1").Confidence)
}

// Eight hours do not become eight days because somebody renames the unit.
func TestReadingsKeepTheirRuler(t *testing.T) {
	h, ctx := running(t, okr.Config{}), t.Context()
	k := h.keyResult(t, "k2")
	days, levels := k.Metric, measure.Metric{Kind: measure.YesNo}
	days.Unit = "days"
	change := func(m measure.Metric) error {
		_, err := h.acme.Change(ctx, okr.KeyResultChange{KeyResult: k.ID, Metric: &m, Reason: "we think in days"})
		return err
	}
	require.NoError(t, change(days), "nothing was measured yet")
	require.NoError(t, change(k.Metric))
	_, err := h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: k.ID, Value: measure.N(8)})
	require.NoError(t, err)
	require.Equal(t, "metric.unit", invalidField(t, change(days)))
	require.Equal(t, "metric.kind", invalidField(t, change(levels)))
	require.Equal(t, "hours", h.keyResult(t, "k2").Metric.Unit)
	further := k.Metric
	further.Target = measure.N(3)
	require.NoError(t, change(further), "the goal may move, the ruler stays")

	_, err = h.acme.DefineKPI(ctx, okr.NewKPI{ID: "load", Name: "Load time", Metric: measure.Metric{Unit: "ms"}})
	require.NoError(t, err)
	seconds := measure.Metric{Unit: "s"}
	_, err = h.acme.ChangeKPI(ctx, okr.KPIChange{KPI: "load", Metric: &seconds})
	require.NoError(t, err)
	_, err = h.acme.Record(ctx, okr.Collected{KPI: "load", Source: "probe", Readings: []okr.Measurement{{Value: measure.N(2), OccurredAt: h.clock.Now()}}})
	require.NoError(t, err)
	_, err = h.acme.ChangeKPI(ctx, okr.KPIChange{KPI: "load", Metric: &measure.Metric{Unit: "ms"}})
	require.Equal(t, "metric.unit", invalidField(t, err))
}

func TestWhatAKeyResultCountsForChangesWithAReason(t *testing.T) {
	h, ctx := running(t, okr.Config{}), t.Context()
	k, weight := h.keyResult(t, "k1"), measure.N(3)
	_, err := h.acme.Change(ctx, okr.KeyResultChange{KeyResult: k.ID, Weight: &weight})
	require.Equal(t, "reason", invalidField(t, err))
	d, err := h.acme.Change(ctx, okr.KeyResultChange{KeyResult: k.ID, Weight: &weight, Reason: "renewals are what we live on"})
	require.NoError(t, err)
	require.Empty(t, only(d.Events, okr.EventTargetMoved), "it is held to the same")
}

// Softer bands in the middle of a quarter would recolour every promise of it.
func TestBandsStayWhileACycleRuns(t *testing.T) {
	h, ctx := running(t, okr.Config{}), t.Context()
	p := okrtest.Plan()
	p.Cycle.Bands = measure.DefaultBands()
	_, err := h.acme.Propose(ctx, p)
	require.NoError(t, err, "which are those that it has")
	p.Cycle.Bands, _ = measure.Preset("viva")
	_, err = h.acme.Propose(ctx, p)
	require.ErrorIs(t, err, okr.ErrConflict)
	require.ErrorContains(t, err, "bands")

	h = open(t, okr.Config{})
	_, err = h.acme.Propose(ctx, okrtest.Plan())
	require.NoError(t, err)
	_, err = h.acme.Propose(ctx, p)
	require.NoError(t, err, "nothing was promised yet")
	require.Equal(t, p.Cycle.Bands, h.cycle(t).Bands)
}

// Of what ends where it starts nobody can say that it was reached.
func TestAKeyResultThatGoesNowhereIsNoPromise(t *testing.T) {
	ctx := t.Context()
	still := measure.Metric{Kind: measure.Increase, Unit: "%", Baseline: measure.N(70), Target: measure.N(70)}
	h := open(t, okr.Config{})
	_, err := h.acme.Propose(ctx, shaped(still))
	require.NoError(t, err, "a draft may be unfinished")
	h.clock.Set(day(time.October, 1, 9))
	_, err = h.acme.Activate(ctx, okr.Activation{Cycle: h.cycle(t).ID})
	require.Equal(t, "metric.target", invalidField(t, err))
	require.Equal(t, okr.Draft, h.keyResult(t, "k1").State)

	h = running(t, okr.Config{})
	_, err = h.acme.Change(ctx, okr.KeyResultChange{KeyResult: h.keyResult(t, "k1").ID, Metric: &still, Reason: "it is good as it is"})
	require.Equal(t, "metric.target", invalidField(t, err))

	s := newShop().objective("o", "quarter", measure.RollupPolicy{}).keyResult("k", "o", 80, func(k *okr.KeyResult) { k.Metric = still })
	s.s.Cycles[1].ClosedAt = &onNovemberTenth
	m := s.measure()["k"]
	require.False(t, m.Hit.Known())
	require.Equal(t, measure.Unknown, m.Status)
	require.Contains(t, s.s.Hit("k", onNovemberTenth).Reason, "nothing to reach")
}
