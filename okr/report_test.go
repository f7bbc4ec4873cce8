package okr_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

func TestAReportIsMadeAgainByteForByte(t *testing.T) {
	h, c := middle(t)
	for _, spec := range []okr.ReportSpec{
		{Kind: okr.ReportTree, Cycle: c.ID},
		{Kind: okr.ReportPortfolio, Cycle: c.ID},
		{Kind: okr.ReportPortfolio, Cycle: c.ID, Team: "ops"},
		{Kind: okr.ReportStandup, Cycle: c.ID, Team: "sales"},
		{Kind: okr.ReportMatters, Cycle: c.ID, Person: "ana"},
		{Kind: okr.ReportNothing, Cycle: c.ID},
	} {
		t.Run(string(spec.Kind), func(t *testing.T) {
			first, err := h.acme.Report(t.Context(), spec)
			require.NoError(t, err)
			require.True(t, json.Valid(first.Body))
			require.NotContains(t, []string{"null", "[]", "{}"}, string(first.Body))

			deals := h.keyResult(t, "deals")
			h.clock.Set(h.clock.Now().Add(time.Hour))
			_, err = h.acme.Record(t.Context(), okr.Collected{KeyResult: deals.ID, Source: "late", Readings: []okr.Measurement{{Value: measure.N(90), OccurredAt: first.Cut.At.Add(-time.Minute)}}})
			require.NoError(t, err)
			_, err = h.acme.SyncPeople(t.Context(), okr.Directory{People: []okr.Person{{ID: "ana", Name: "Ana " + h.clock.Now().String(), Team: "sales"}}})
			require.NoError(t, err)

			again, err := h.acme.AsOf(first.Cut).Report(t.Context(), spec)
			require.NoError(t, err)
			require.Equal(t, first, again)
			now, err := h.acme.Report(t.Context(), spec)
			require.NoError(t, err)
			require.NotEqual(t, first.Cut, now.Cut)
		})
	}
	_, err := h.acme.View().Report(t.Context(), okr.ReportSpec{Kind: okr.ReportTree, Cycle: c.ID})
	require.Equal(t, "cut", invalidField(t, err))
	for field, spec := range map[string]okr.ReportSpec{
		"kind":   {Kind: "pie", Cycle: c.ID},
		"cycle":  {Kind: okr.ReportTree},
		"team":   {Kind: okr.ReportStandup, Cycle: c.ID},
		"person": {Kind: okr.ReportMatters, Cycle: c.ID},
	} {
		_, err := h.acme.Report(t.Context(), spec)
		require.Equal(t, field, invalidField(t, err))
	}
}

func TestAScheduledReportFallsDueOnce(t *testing.T) {
	h, c := company(t)
	spec := okr.ReportSpec{Kind: okr.ReportPortfolio, Cycle: c.ID}
	asked := okr.Scheduling{Name: "Friday numbers", Spec: spec, Schedule: okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday}, To: []okr.ID{"ana"}}
	_, err := h.acme.ScheduleReport(t.Context(), asked)
	require.NoError(t, err)
	all, err := h.acme.View().Reports(t.Context(), c.ID)
	require.NoError(t, err)
	require.Len(t, all, 1)

	settle := func() []okr.Event {
		t.Helper()
		due, err := h.desk.System().ClaimDue(t.Context(), 1000)
		require.NoError(t, err)
		var refs []okr.Ref
		for _, d := range due {
			refs = append(refs, d.Subject)
		}
		d, err := h.desk.For("acme").As(okr.Automation("cadence")).Settle(t.Context(), refs...)
		require.NoError(t, err)
		var out []okr.Event
		for _, e := range d.Events {
			if e.Type == okr.EventReportDue {
				out = append(out, e)
			}
		}
		return out
	}
	require.Empty(t, settle())
	h.clock.Set(time.Date(2026, time.October, 2, 16, 0, 0, 0, time.UTC))
	told := settle()
	require.Len(t, told, 1)
	fact, err := told[0].Payload()
	require.NoError(t, err)
	f := fact.(*okr.ReportFact)
	require.Equal(t, "2026-10-02", f.Occurrence)
	require.Equal(t, spec, f.Spec)
	require.Equal(t, []okr.ID{"ana"}, f.To)
	require.Empty(t, settle(), "once")

	// Whoever hears of it later makes the report of that hour.
	cut, err := h.acme.Cut(t.Context())
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 2, 17, 0, 0, 0, time.UTC))
	_, err = h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: h.keyResult(t, "deals").ID, Value: measure.N(3)})
	require.NoError(t, err)
	at, err := h.acme.CutAt(t.Context(), *f.Due)
	require.NoError(t, err)
	require.Equal(t, cut.Position, at.Position)
	report, err := h.acme.AsOf(at).Report(t.Context(), f.Spec)
	require.NoError(t, err)
	require.Contains(t, string(report.Body), "Win the market")
	scheduled, err := h.acme.AsOf(at).Reports(t.Context(), spec.Cycle)
	require.NoError(t, err)
	require.Len(t, scheduled, 1, "the past knows which reports were asked for")

	h.clock.Set(time.Date(2026, time.October, 24, 9, 0, 0, 0, time.UTC))
	told = settle()
	require.Len(t, told, 1, "after three Fridays without anybody, the last is told of")
	fact, err = told[0].Payload()
	require.NoError(t, err)
	require.Equal(t, 2, fact.(*okr.ReportFact).Skipped)

	asked.Stop = true
	_, err = h.acme.ScheduleReport(t.Context(), asked)
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.November, 7, 9, 0, 0, 0, time.UTC))
	require.Empty(t, settle(), "stopped")
	_, err = h.acme.ScheduleReport(t.Context(), okr.Scheduling{Name: "Other", Spec: spec, Schedule: asked.Schedule, Stop: true})
	require.Equal(t, "name", invalidField(t, err))
	_, err = h.desk.For("globex").As(ana).ScheduleReport(t.Context(), asked)
	require.ErrorIs(t, err, okr.ErrNotFound)
}
