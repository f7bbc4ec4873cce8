package cadence_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// Friday is the 9th of October. Zurich is two hours ahead, Dubai four.
func TestANoticeWaitsForAWorkingDayOfWhoeverGetsIt(t *testing.T) {
	sunday := func(h *okr.Schedule) *okr.Schedule {
		h.WorkDays = []time.Weekday{time.Sunday, time.Monday, time.Tuesday, time.Wednesday, time.Thursday}
		return h
	}
	mondays := asked(func(region string, on okr.Date) (bool, error) {
		return region == "X" && on.Weekday() == time.Monday, nil
	})
	teams := func(at string, cadence *okr.Schedule) okr.Directory {
		d := okr.Directory{Teams: []okr.Team{{ID: "emea", Name: "EMEA"}, {ID: "field", Name: "Field sales", Parent: "emea"}}}
		for i := range d.Teams {
			if string(d.Teams[i].ID) == at {
				d.Teams[i].Cadence = cadence
			}
		}
		return d
	}
	for name, tc := range map[string]struct {
		cycle  *okr.Schedule
		teams  okr.Directory
		region string
		want   string
	}{
		"as everywhere":                        {nil, teams("", nil), "", "2026-10-12 07:30"},
		"of the home team":                     {nil, teams("field", sunday(&okr.Schedule{})), "", "2026-10-11 07:30"},
		"of a team above":                      {nil, teams("emea", sunday(&okr.Schedule{})), "", "2026-10-11 07:30"},
		"of the cycle":                         {sunday(&okr.Schedule{Frequency: okr.Weekly}), teams("", nil), "", "2026-10-11 07:30"},
		"of the team rather than of the cycle": {sunday(&okr.Schedule{Frequency: okr.Weekly}), teams("emea", &okr.Schedule{WorkDays: []time.Weekday{time.Tuesday}}), "", "2026-10-13 07:30"},
		"of the cycle where it is locked":      {sunday(&okr.Schedule{Frequency: okr.Weekly, Lock: true}), teams("emea", &okr.Schedule{WorkDays: []time.Weekday{time.Tuesday}}), "", "2026-10-11 07:30"},
		"but for the holidays of the cycle":    {&okr.Schedule{Frequency: okr.Weekly, Holidays: "X"}, teams("", nil), "", "2026-10-13 07:30"},
		"but for the holidays of the team":     {nil, teams("field", &okr.Schedule{Holidays: "X"}), "", "2026-10-13 07:30"},
		"but for holidays of their own":        {&okr.Schedule{Frequency: okr.Weekly, Holidays: "X"}, teams("", nil), "Y", "2026-10-12 07:30"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouseOf(t, okr.Config{Calendar: cadence.New(cadence.Holidays(mondays))}, okrtest.NewClock(activated), func(p *okr.Plan) {
				if tc.cycle != nil {
					p.Cycle.Cadence = tc.cycle
				}
			})
			_, err := h.acme.SyncPeople(t.Context(), tc.teams)
			require.NoError(t, err)
			h.sync(t, okr.Person{ID: "zoe", Name: "Zoe", Team: "field", Zone: "Asia/Dubai", Region: tc.region})
			h.at(9, 16) // after work
			host := h.acme.As(okr.Automation("host"))
			wait := okr.Waiting{Person: "zoe", Event: okr.Event{ID: "e1", Type: "com.example.news", Aggregate: okr.Ref{Kind: okr.KindTenant, ID: "acme"}, Data: []byte("{}")}}
			_, err = host.Await(t.Context(), wait)
			require.NoError(t, err)
			xs, err := host.View().Waiting(t.Context(), "zoe")
			require.NoError(t, err)
			require.Len(t, xs, 1)
			dubai := location(t, "Asia/Dubai")
			require.Equal(t, tc.want, xs[0].At.In(dubai).Format("2006-01-02 15:04"))

			_, err = host.Notify(t.Context(), okr.Notice{To: "zoe", About: []string{"e1"}, Kind: "news", Title: "News"})
			var budget *okr.BudgetError
			require.ErrorAs(t, err, &budget)
			require.Equal(t, xs[0].At, budget.Until, "and the desk holds everybody to it")
			h.clock.Set(xs[0].At.Add(-time.Minute))
			d, err := host.Settle(t.Context(), okr.Ref{Kind: okr.KindPerson, ID: "zoe"})
			require.NoError(t, err)
			require.Empty(t, d.Deliveries)
			h.clock.Set(xs[0].At)
			d, err = host.Settle(t.Context(), okr.Ref{Kind: okr.KindPerson, ID: "zoe"})
			require.NoError(t, err)
			require.Len(t, d.Deliveries, 1)
		})
	}
}
