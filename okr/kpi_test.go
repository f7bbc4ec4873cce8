package okr_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// watched is a house that watches its renewals; k1 shall raise them, and a
// guardrail keeps them where they are meanwhile.
func watched(t *testing.T) house {
	t.Helper()
	h, ctx := open(t, okr.Config{Judge: scorer{}}), t.Context()
	_, err := h.acme.SyncPeople(ctx, okr.Directory{People: okrtest.Plan().People, Teams: okrtest.Plan().Teams})
	require.NoError(t, err)
	_, err = h.acme.DefineKPI(ctx, okr.NewKPI{
		ID: "renewals", Name: "Renewal rate", Definition: "contracts renewed over contracts that ended", Owner: "ana", Team: "sales",
		Metric: measure.Metric{Kind: measure.AtLeast, Unit: "%", Target: measure.N(60), Amber: measure.N(5)}, Source: &okr.Source{Kind: "sql", Interval: okr.EveryWeek},
	})
	require.NoError(t, err)
	p := okrtest.Plan()
	k := &p.Objectives[0].KeyResults[0]
	k.KPI, k.Source = "renewal RATE", nil
	p.Objectives[0].KeyResults = append(p.Objectives[0].KeyResults, okr.PlanKeyResult{
		Key: "k4", Title: "Renewals stay above 60 %", Owner: "ben", KPI: "renewals", Role: okr.Guardrail,
		Metric: measure.Metric{Kind: measure.AtLeast, Unit: "%", Target: measure.N(60), Amber: measure.N(5)},
	})
	_, err = h.acme.Propose(ctx, p)
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	return h
}

func (h house) measureKPI(t *testing.T, value float64) okr.Decision {
	t.Helper()
	d, err := h.acme.Record(t.Context(), okr.Collected{KPI: "renewals", Source: "sql", Readings: []okr.Measurement{{Value: measure.N(value), OccurredAt: h.clock.Now()}}})
	require.NoError(t, err)
	return d
}

func (h house) kpi(t *testing.T) okr.KPIView {
	t.Helper()
	x, err := h.acme.View().KPI(t.Context(), "renewals", 100)
	require.NoError(t, err)
	return x
}

// A KPI runs on; what is recorded of it is recorded of whatever it measures.
func TestAKPIMeasuresKeyResults(t *testing.T) {
	h, ctx := watched(t), t.Context()
	h.measureKPI(t, 71)
	require.False(t, h.keyResult(t, "k1").Current.Known(), "a draft is nobody's promise yet")
	require.Equal(t, measure.OnTrack, h.kpi(t).Measured.Status)
	_, err := h.acme.Activate(ctx, okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	k1 := h.keyResult(t, "k1")
	require.Equal(t, measure.N(71), k1.Current, "it begins with what is known")
	require.Equal(t, okr.ID("renewals"), k1.KPI)

	h.clock.Advance(24 * time.Hour)
	d := h.measureKPI(t, 58)
	require.Equal(t, []string{okr.EventKPIRecorded, okr.EventReadingRecorded, okr.EventReadingRecorded}, types(d.Events)[:3])
	x := h.kpi(t)
	require.Equal(t, measure.AtRisk, x.Measured.Status, "below the healthy range, within amber")
	require.Equal(t, "Ana Lima", x.OwnerName)
	require.Equal(t, "Sales", x.TeamName)
	require.Len(t, x.History, 2)
	require.Equal(t, int64(3), x.Version)
	for _, key := range []string{"k1", "k4"} {
		k := h.keyResult(t, key)
		require.Equal(t, measure.N(58), k.Current)
		s, err := h.acme.View().Snapshot(ctx, k.Cycle)
		require.NoError(t, err)
		r := s.ReadingsOf(k.ID)[0]
		require.Equal(t, "kpi", r.Source)
		require.Equal(t, x.Reading, r.Repeats(), "it says where it is from")
	}
	again := h.measureKPI(t, 58)
	require.Empty(t, again.Events, "the source may repeat itself")
	tree, err := h.acme.View().Tree(ctx, k1.Cycle)
	require.NoError(t, err)
	require.Len(t, tree.Objectives[0].KeyResults, 4, "a guardrail is listed")
	require.NotEqual(t, measure.Unknown, h.keyResult(t, "k4").Measured.Status)

	_, err = h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: k1.ID, Value: measure.N(90), Confidence: measure.N(5)})
	require.Equal(t, "value", invalidField(t, err))
	_, err = h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: k1.ID, Confidence: measure.N(5), Note: "two big ones left"})
	require.NoError(t, err)
	_, err = h.acme.Record(ctx, okr.Collected{KeyResult: k1.ID, Source: "sql", Readings: []okr.Measurement{{Value: measure.N(90), OccurredAt: h.clock.Now()}}})
	require.Equal(t, "key_result", invalidField(t, err))

	page, err := h.acme.View().KPIs(ctx, okr.KPIQuery{Team: "sales"}, okr.Paging{})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	require.Equal(t, x.Measured, page.Items[0].Measured)
	h.clock.Advance(9 * 24 * time.Hour)
	require.Equal(t, measure.Stale, h.kpi(t).Measured.Status, "never well by silence")
}

// A correction of a KPI corrects each reading that repeated it, also where the key
// result slept meanwhile.
func TestACorrectionOfAKPIReachesWhatItMeasures(t *testing.T) {
	h, ctx := watched(t), t.Context()
	_, err := h.acme.Activate(ctx, okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	h.measureKPI(t, 75)
	wrong := h.kpi(t).Reading
	k4 := h.keyResult(t, "k4").ID
	_, err = h.acme.Change(ctx, okr.KeyResultChange{KeyResult: k4, State: ptr(okr.Postponed)})
	require.NoError(t, err)
	h.clock.Advance(time.Hour)
	correct := func(id okr.ID, v float64) okr.Decision {
		d, err := h.acme.Record(ctx, okr.Collected{KPI: "renewals", Source: "sql", Readings: []okr.Measurement{{Value: measure.N(v), Corrects: id}}})
		require.NoError(t, err)
		return d
	}
	d := correct(wrong, 72)
	require.Equal(t, []string{okr.EventKPICorrected, okr.EventReadingCorrected}, types(d.Events)[:2])
	require.Equal(t, measure.N(72), h.keyResult(t, "k1").Current)
	correct(h.kpi(t).Reading, 73)
	require.Equal(t, measure.N(73), h.kpi(t).Current)
	require.Equal(t, measure.N(73), h.keyResult(t, "k1").Current)
	require.Equal(t, measure.N(75), h.keyResult(t, "k4").Current)
	_, err = h.acme.Change(ctx, okr.KeyResultChange{KeyResult: k4, State: ptr(okr.Active)})
	require.NoError(t, err)
	require.Equal(t, measure.N(73), h.keyResult(t, "k4").Current)
	s, err := h.acme.View().Snapshot(ctx, h.cycle(t).ID)
	require.NoError(t, err)
	rows := s.ReadingsOf(k4)
	require.Len(t, rows, 2)
	require.Equal(t, rows[1].ID, rows[0].Corrects)
	_, err = h.acme.Record(ctx, okr.Collected{KPI: "renewals", Source: "sql", Readings: []okr.Measurement{{Value: measure.N(1), Corrects: wrong}}})
	require.Error(t, err, "a reading is corrected once")
}

func TestAKPIsSourceFailsForAllThatItMeasures(t *testing.T) {
	h, ctx := watched(t), t.Context()
	_, err := h.acme.Activate(ctx, okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	fail := okr.Collected{KPI: "renewals", Source: "sql", Error: "time-out"}
	d, err := h.acme.Record(ctx, fail)
	require.NoError(t, err)
	require.Equal(t, []string{okr.EventKPISourceFailed, okr.EventSourceFailed, okr.EventSourceFailed}, types(d.Events)[:3])
	d, err = h.acme.Record(ctx, fail)
	require.NoError(t, err)
	require.Empty(t, d.Events, "said once")
	d = h.measureKPI(t, 70)
	require.Contains(t, types(d.Events), okr.EventKPISourceRecovered)
	require.Contains(t, types(d.Events), okr.EventSourceRecovered)
}

func TestAKPIIsChangedAndRetired(t *testing.T) {
	h, ctx := watched(t), t.Context()
	_, err := h.acme.DefineKPI(ctx, okr.NewKPI{ID: "renewals", Name: "Another"})
	require.ErrorIs(t, err, okr.ErrConflict)
	_, err = h.acme.Activate(ctx, okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	wider := measure.Metric{Kind: measure.AtLeast, Unit: "%", Target: measure.N(50)}
	d, err := h.acme.ChangeKPI(ctx, okr.KPIChange{KPI: "renewals", Name: ptr("Renewals"), Metric: &wider})
	require.NoError(t, err)
	require.JSONEq(t, `{"kpi":"renewals","name":"Renewals","team":"sales","owner":"ana","unit":"%","kind":"at_least","changed":["name","metric"]}`, string(d.Events[0].Data))
	d, err = h.acme.ChangeKPI(ctx, okr.KPIChange{KPI: "renewals", Name: ptr("Renewals")})
	require.NoError(t, err)
	require.Empty(t, d.Events)
	_, err = h.acme.ChangeKPI(ctx, okr.KPIChange{KPI: "renewals", Retired: ptr(true)})
	require.ErrorIs(t, err, okr.ErrConflict, "something is measured by it")
	_, err = h.acme.ChangeKPI(ctx, okr.KPIChange{KPI: "renewals", Metric: &measure.Metric{Kind: measure.AtLeast, Unit: "EUR", Target: measure.N(1)}})
	require.ErrorIs(t, err, okr.ErrConflict)
	for _, key := range []string{"k1", "k4"} {
		_, err = h.acme.Change(ctx, okr.KeyResultChange{KeyResult: h.keyResult(t, key).ID, KPI: ptr(okr.ID("")), Reason: "by hand from now on"})
		require.NoError(t, err)
	}
	d, err = h.acme.ChangeKPI(ctx, okr.KPIChange{KPI: "renewals", Retired: ptr(true)})
	require.NoError(t, err)
	require.Equal(t, []string{okr.EventKPIRetired}, types(d.Events))
	_, err = h.acme.Record(ctx, okr.Collected{KPI: "renewals", Source: "sql", Readings: []okr.Measurement{{Value: measure.N(1), OccurredAt: h.clock.Now()}}})
	require.ErrorIs(t, err, okr.ErrConflict)
	page, err := h.acme.View().KPIs(ctx, okr.KPIQuery{}, okr.Paging{})
	require.NoError(t, err)
	require.Empty(t, page.Items)
	page, err = h.acme.View().KPIs(ctx, okr.KPIQuery{Retired: true}, okr.Paging{})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	_, err = h.acme.Change(ctx, okr.KeyResultChange{KeyResult: h.keyResult(t, "k1").ID, KPI: ptr(okr.ID("renewals")), Reason: "x"})
	require.Equal(t, "kpi", invalidField(t, err))
}

func TestKPIsAreRefusedByName(t *testing.T) {
	h, ctx := watched(t), t.Context()
	at := measure.Metric{Kind: measure.AtLeast, Target: measure.N(1)}
	for name, x := range map[string]struct {
		n     okr.NewKPI
		field string
	}{
		"no name":       {okr.NewKPI{Metric: at}, "name"},
		"an end":        {okr.NewKPI{Name: "x", Metric: measure.Metric{Kind: measure.Increase, Baseline: measure.N(1), Target: measure.N(2)}}, "metric.kind"},
		"a stranger":    {okr.NewKPI{Name: "x", Owner: "zoe"}, "owner"},
		"no such team":  {okr.NewKPI{Name: "x", Team: "moon"}, "team"},
		"an id":         {okr.NewKPI{ID: " x", Name: "x"}, "id"},
		"an average":    {okr.NewKPI{Name: "x", Metric: measure.Metric{Kind: measure.AtLeast, Target: measure.N(1), Mode: measure.Average}}, "metric.mode"},
		"a bad cadence": {okr.NewKPI{Name: "x", Cadence: &okr.Schedule{}}, "cadence.frequency"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.acme.DefineKPI(ctx, x.n)
			require.Equal(t, x.field, invalidField(t, err))
		})
	}
	_, err := h.acme.Record(ctx, okr.Collected{KPI: "nope", Source: "sql", Error: "x"})
	require.ErrorIs(t, err, okr.ErrNotFound)
	_, err = h.acme.Record(ctx, okr.Collected{KPI: "renewals", KeyResult: "k", Source: "sql", Error: "x"})
	require.Equal(t, "kpi", invalidField(t, err))
	_, err = h.acme.Record(ctx, okr.Collected{Source: "sql", Error: "x"})
	require.Equal(t, "key_result", invalidField(t, err))
	_, err = h.acme.Change(ctx, okr.KeyResultChange{KeyResult: h.keyResult(t, "k2").ID, KPI: ptr(okr.ID("renewals"))})
	require.Equal(t, "kpi", invalidField(t, err), "per cent are no hours")
	_, err = h.acme.Change(ctx, okr.KeyResultChange{KeyResult: h.keyResult(t, "k3").ID, KPI: ptr(okr.ID("renewals"))})
	require.Equal(t, "kpi", invalidField(t, err), "nor a yes")
	_, err = h.acme.Change(ctx, okr.KeyResultChange{KeyResult: h.keyResult(t, "k3").ID, KPI: ptr(okr.ID("nope"))})
	require.Equal(t, "kpi", invalidField(t, err))
	_, err = h.acme.Change(ctx, okr.KeyResultChange{KeyResult: h.keyResult(t, "k3").ID, Role: ptr(okr.Role("captain"))})
	require.Equal(t, "role", invalidField(t, err))
	evil := h.desk.For("globex").As(ana)
	for _, err := range []error{
		second(evil.View().KPI(ctx, "renewals", 1)),
		second(evil.ChangeKPI(ctx, okr.KPIChange{KPI: "renewals", Name: ptr("x")})),
		second(evil.Record(ctx, okr.Collected{KPI: "renewals", Source: "sql", Error: "x"})),
		second(evil.View().KPIs(ctx, okr.KPIQuery{Team: "sales"}, okr.Paging{})),
	} {
		require.ErrorIs(t, err, okr.ErrNotFound)
	}
	page, err := evil.View().KPIs(ctx, okr.KPIQuery{}, okr.Paging{})
	require.NoError(t, err)
	require.Empty(t, page.Items)
}

// A plan may name a KPI that nobody has defined: that is said of the draft, and
// stands in the way of its promise.
func TestAKPIThatNobodyDefinedIsTold(t *testing.T) {
	h, ctx := open(t, okr.Config{Judge: scorer{}}), t.Context()
	p := okrtest.Plan()
	p.Objectives[0].KeyResults[0].KPI = "Renewals"
	d, err := h.acme.Propose(ctx, p)
	require.NoError(t, err)
	require.Equal(t, "kpi-known", d.Findings[0].Rule)
	_, err = h.acme.Activate(ctx, okr.Activation{Cycle: h.cycle(t).ID})
	require.Equal(t, "kpi-known", findings(t, err)[0].Rule)
	_, err = h.acme.DefineKPI(ctx, okr.NewKPI{Name: "Renewals"})
	require.NoError(t, err)
	d, err = h.acme.Propose(ctx, p)
	require.NoError(t, err)
	require.Empty(t, d.Findings)
	require.NotEmpty(t, h.keyResult(t, "k1").KPI)
	require.Empty(t, h.keyResult(t, "k1").KPIText)
}

func TestAKPIIsJudgedByItsHealthyRange(t *testing.T) {
	at := planning
	for _, x := range []struct {
		metric measure.Metric
		value  float64
		want   measure.Status
	}{
		{measure.Metric{Kind: measure.AtLeast, Target: measure.N(95)}, 95, measure.OnTrack},
		{measure.Metric{Kind: measure.AtLeast, Target: measure.N(95)}, 94.9, measure.OffTrack},
		{measure.Metric{Kind: measure.AtLeast, Target: measure.N(95), Amber: measure.N(2)}, 94, measure.AtRisk},
		{measure.Metric{Kind: measure.AtLeast, Target: measure.N(95), Amber: measure.N(2)}, 92, measure.OffTrack},
		{measure.Metric{Kind: measure.AtMost, Target: measure.N(3)}, 3, measure.OnTrack},
		{measure.Metric{Kind: measure.Below, Target: measure.N(3)}, 3, measure.OffTrack},
		{measure.Metric{Kind: measure.Between, Low: measure.N(1), High: measure.N(2)}, 1.5, measure.OnTrack},
		{measure.Metric{Kind: measure.Between, Low: measure.N(1), High: measure.N(2)}, 2.5, measure.OffTrack},
		{measure.Metric{Kind: measure.YesNo}, 1, measure.OnTrack},
		{measure.Metric{Kind: measure.YesNo}, 0, measure.OffTrack},
		{measure.Metric{}, 5, measure.Unknown},
	} {
		k := okr.KPI{Metric: x.metric, Current: measure.N(x.value), CurrentAt: &at}
		require.Equal(t, x.want, k.Measure(at).Status, "%v of %v", x.value, x.metric.Kind)
		require.NotEqual(t, measure.OnTrack, k.Measure(at.AddDate(0, 0, 9)).Status, "green by silence")
	}
	require.Equal(t, measure.Unknown, okr.KPI{Metric: measure.Metric{Kind: measure.AtLeast, Target: measure.N(1)}}.Measure(at).Status)
}

// What was known of a KPI, waived and put off on a day reads the same ever after.
func TestItemsReadTheSameAtACut(t *testing.T) {
	h, ctx := watched(t), t.Context()
	cycle := h.cycle(t).ID
	_, err := h.acme.Activate(ctx, okr.Activation{Cycle: cycle})
	require.NoError(t, err)
	h.measureKPI(t, 70)
	k1 := h.keyResult(t, "k1")
	d, err := h.acme.Waive(ctx, okr.Waiving{Rule: "r", Subject: ref(okr.KindKeyResult, k1.ID), Owner: "ana", Reason: "x", Until: h.clock.Now().Add(time.Hour)})
	waiver := made(t, d, err, okr.KindWaiver)
	_, err = h.acme.Comment(ctx, okr.NewComment{Subject: ref(okr.KindKeyResult, k1.ID), Text: "so it is"})
	require.NoError(t, err)
	h.measureKPI(t, 72)
	read := func(v okr.View) []any {
		kpi, err := v.KPI(ctx, "renewals", 10)
		require.NoError(t, err)
		waivers, err := v.Waivers(ctx, okr.WaiverQuery{Cycle: cycle}, okr.Paging{})
		require.NoError(t, err)
		said, err := v.Comments(ctx, ref(okr.KindKeyResult, k1.ID), okr.Paging{})
		require.NoError(t, err)
		not, err := v.NotDoing(ctx, cycle, "", okr.Paging{})
		require.NoError(t, err)
		tree, err := v.Tree(ctx, cycle)
		require.NoError(t, err)
		return []any{kpi, waivers, said, not, tree}
	}
	cut, err := h.acme.Cut(ctx)
	require.NoError(t, err)
	want := read(h.acme.View())
	h.clock.Advance(time.Minute)
	h.measureKPI(t, 50)
	_, err = h.acme.EndWaiver(ctx, okr.WaiverEnd{Waiver: waiver})
	require.NoError(t, err)
	_, err = h.acme.ChangeKPI(ctx, okr.KPIChange{KPI: "renewals", Name: ptr("Other")})
	require.NoError(t, err)
	_, err = h.acme.Defer(ctx, okr.NewDeferral{Objective: k1.Objective, Reason: "x"})
	require.NoError(t, err)
	require.Equal(t, want, read(h.acme.AsOf(cut)))
}
