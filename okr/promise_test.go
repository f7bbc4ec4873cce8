package okr_test

import (
	"encoding/json"
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

func (h house) definitions(t *testing.T, key string) []okr.DefinitionVersion {
	t.Helper()
	ds, err := h.acme.View().Definitions(t.Context(), h.keyResult(t, key).ID)
	require.NoError(t, err)
	return ds
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

// A target that was lowered into reach is reached, at the close as before it; what was
// promised was not.
func TestTheCloseKeepsWhatWasPromised(t *testing.T) {
	h, ctx := running(t, okr.Config{}), t.Context()
	k := h.keyResult(t, "k1")
	h.clock.Set(day(time.November, 2, 9))
	_, err := h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: k.ID, Value: measure.N(78)})
	require.NoError(t, err)
	lower := k.Metric
	lower.Target = measure.N(75)
	_, err = h.acme.Change(ctx, okr.KeyResultChange{KeyResult: k.ID, Metric: &lower, Reason: "two markets were sold"})
	require.NoError(t, err)
	check := func(status measure.Status) string {
		t.Helper()
		ds := h.definitions(t, "k1")
		require.Len(t, ds, 2)
		v := h.keyResult(t, "k1")
		for _, a := range []okr.Appraisal{ds[0].Measured, v.Promised.Measured} {
			progress(t, 0.4, a.Result)
			require.Equal(t, measure.N(0), a.Hit)
		}
		progress(t, 1, ds[1].Measured.Result)
		require.Equal(t, measure.N(1), ds[1].Measured.Hit)
		if status != "" {
			require.Equal(t, status, ds[0].Measured.Status)
		}
		tree, err := h.acme.View().Tree(ctx, k.Cycle)
		require.NoError(t, err)
		require.Equal(t, v.Promised, tree.Objectives[0].KeyResults[0].Promised)
		return asJSON(t, []any{ds, v.Promised, tree.Objectives[0].KeyResults[0].Promised})
	}
	check("")
	h.clock.Set(afterwards)
	_, err = h.acme.Close(ctx, okr.Closing{Cycle: k.Cycle, Waive: unreviewed})
	require.NoError(t, err)
	closed := check(measure.Missed)

	h.clock.Advance(24 * time.Hour)
	h.record(t, "k1", okr.Measurement{Value: measure.N(95), OccurredAt: day(time.December, 30, 9)})
	_, err = h.acme.SyncPeople(ctx, okr.Directory{Teams: []okr.Team{{ID: "sales", Name: "Sales", Cadence: &okr.Schedule{Frequency: okr.Monthly, At: "09:00"}}}})
	require.NoError(t, err)
	h.clock.Advance(300 * 24 * time.Hour)
	require.Equal(t, closed, check(measure.Missed), "for ever")
}

// What was promised is counted from the readings, and not from what they were counted
// to under what holds now.
func TestWhatWasPromisedIsCountedAnew(t *testing.T) {
	at := func(mode measure.Mode, target float64) measure.Metric {
		return measure.Metric{Kind: measure.AtLeast, Unit: "%", Target: measure.N(target), Mode: mode}
	}
	november := measure.NewDate(2026, time.November, 1)
	for name, c := range map[string]struct {
		was, is     measure.Metric
		due         *okr.Date
		first, last measure.Number
	}{
		"another target":     {was: at(measure.HitRatio, 90), is: at(measure.HitRatio, 80), first: measure.N(1.0 / 13), last: measure.N(3.0 / 13)},
		"from sum to latest": {was: at(measure.Sum, 90), is: at(measure.Latest, 90), first: measure.N(260), last: measure.N(85)},
		"from latest to sum": {was: at(measure.Latest, 90), is: at(measure.Sum, 90), first: measure.N(85), last: measure.N(260)},
		"another day":        {was: at(measure.Average, 90), is: at(measure.Average, 90), due: &november, first: measure.N(260.0 / 3), last: measure.N(87.5)},
	} {
		t.Run(name, func(t *testing.T) {
			h, ctx := with(t, c.was), t.Context()
			for _, r := range []struct {
				v  float64
				at time.Time
			}{{80, day(time.October, 2, 10)}, {95, day(time.October, 9, 10)}, {85, day(time.November, 6, 10)}} {
				h.clock.Set(r.at)
				h.record(t, "k1", okr.Measurement{Value: measure.N(r.v), OccurredAt: r.at})
			}
			k := h.keyResult(t, "k1")
			_, err := h.acme.Change(ctx, okr.KeyResultChange{KeyResult: k.ID, Metric: &c.is, Due: c.due, Reason: "we know better"})
			require.NoError(t, err)
			check := func() string {
				t.Helper()
				ds, v := h.definitions(t, "k1"), h.keyResult(t, "k1")
				require.Len(t, ds, 2)
				for i, want := range []measure.Number{c.first, c.last} {
					require.InDelta(t, want.Or(-1), ds[i].Measured.Current.Or(-2), 1e-9, i)
				}
				require.Equal(t, ds[0].Measured, v.Promised.Measured)
				require.Equal(t, ds[1].Measured, v.Measured)
				return asJSON(t, []any{ds, v.Promised})
			}
			check()
			h.clock.Set(afterwards)
			_, err = h.acme.Close(ctx, okr.Closing{Cycle: k.Cycle, Waive: unreviewed})
			require.NoError(t, err)
			closed := check()
			h.clock.Advance(24 * time.Hour)
			h.record(t, "k1", okr.Measurement{Value: measure.N(99), OccurredAt: day(time.October, 16, 10)})
			require.Equal(t, closed, check(), "what came late was not known")
		})
	}
}

// What exactly is counted is part of the promise: it moves with a reason, is
// announced, and keeps its versions; its words stay out of events and ledger.
func TestWhatIsCountedIsPartOfThePromise(t *testing.T) {
	h, ctx := open(t, okr.Config{}), t.Context()
	p := okrtest.Plan()
	p.Objectives[0].KeyResults[0].Definition = "contracts that ended, and were renewed"
	_, err := h.acme.Propose(ctx, p)
	require.NoError(t, err)
	h.clock.Set(day(time.October, 1, 9))
	_, err = h.acme.Activate(ctx, okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	k, other := h.keyResult(t, "k1"), "contracts that were renewed, or might be"
	require.Equal(t, "contracts that ended, and were renewed", k.Original.Definition)
	_, err = h.acme.Change(ctx, okr.KeyResultChange{KeyResult: k.ID, Definition: &other})
	require.Equal(t, "reason", invalidField(t, err))
	d, err := h.acme.Change(ctx, okr.KeyResultChange{KeyResult: k.ID, Definition: &other, Reason: "the report changed"})
	require.NoError(t, err)
	require.Len(t, only(d.Events, okr.EventTargetMoved), 1)
	for _, e := range d.Events {
		require.NotContains(t, string(e.Data), "contracts")
	}
	_, err = h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: k.ID, Value: measure.N(80)})
	require.NoError(t, err)
	ds := h.definitions(t, "k1")
	require.Len(t, ds, 2)
	require.Equal(t, k.Original.Definition, ds[0].Definition.Definition)
	require.Equal(t, other, ds[1].Definition.Definition)
	require.Equal(t, "the report changed", ds[1].Reason)
	v := h.keyResult(t, "k1")
	require.Equal(t, k.Original.Definition, v.Promised.Definition.Definition)
	require.Equal(t, v.Measured.Progress, v.Promised.Measured.Progress)
	cut, err := h.acme.Cut(ctx)
	require.NoError(t, err)
	_, err = h.acme.Erase(ctx, okr.Erasing{Subject: okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}})
	require.NoError(t, err)
	page, err := h.acme.AsOf(cut).KeyResults(ctx, okr.Query{})
	require.NoError(t, err)
	for _, v := range page.Items {
		if v.ID == k.ID {
			require.Equal(t, okr.Erased, v.Original.Definition, "the ledger refers to it, and can forget")
		}
	}
}
