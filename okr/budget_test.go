package okr_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/okrtest"
)

func settingBudget(b okr.Budget) okr.SettingPolicy {
	return okr.SettingPolicy{Policy: okr.Policy{Budget: b}}
}

func TestABudgetThatCannotBe(t *testing.T) {
	h := running(t, okr.Config{})
	hours := func(from, to string) []okr.QuietHours { return []okr.QuietHours{{From: from, To: to}} }
	for name, tc := range map[string]struct {
		budget okr.Budget
		field  string
	}{
		"no time of day":            {okr.Budget{Quiet: hours("25:00", "07:00")}, "budget.quiet[0].from"},
		"half a time of day":        {okr.Budget{Quiet: hours("19:00", "7")}, "budget.quiet[0].to"},
		"it ends where it begins":   {okr.Budget{Quiet: hours("19:00", "19:00")}, "budget.quiet[0].to"},
		"two that make a whole day": {okr.Budget{Quiet: []okr.QuietHours{{From: "19:00", To: "07:30"}, {From: "07:00", To: "19:00"}}}, "budget.quiet"},
		"a digest at no time":       {okr.Budget{Digest: "noon"}, "budget.digest"},
		"more than anybody reads":   {okr.Budget{PerDay: 1001}, "budget.per_day"},
		"more in a week":            {okr.Budget{PerWeek: 1001}, "budget.per_week"},
	} {
		_, err := h.acme.SetPolicy(t.Context(), settingBudget(tc.budget))
		var invalid *okr.InvalidError
		require.ErrorAs(t, err, &invalid, name)
		require.Equal(t, tc.field, invalid.Field, name)
		require.NotEmpty(t, invalid.Remedy, name)
	}
}

// When a person may be told, by the clock on their wall.
func TestWhenANoticeMayGo(t *testing.T) {
	night := []okr.QuietHours{{From: "19:00", To: "07:30"}}
	late := []okr.QuietHours{{From: "22:00", To: "02:30"}} // ends in the hour that the clocks skip, or show twice
	for name, tc := range map[string]struct {
		zone   string
		budget okr.Budget
		told   []string // before
		at     string
		want   string
	}{
		"by day":                                  {"Europe/Zurich", okr.Budget{}, nil, "2026-10-06 18:59", "2026-10-06 18:59"},
		"in the evening":                          {"Europe/Zurich", okr.Budget{}, nil, "2026-10-06 19:00", "2026-10-07 07:30"},
		"at night":                                {"Europe/Zurich", okr.Budget{}, nil, "2026-10-06 03:00", "2026-10-06 07:30"},
		"when the night is an hour longer":        {"Europe/Zurich", okr.Budget{OffDays: true}, nil, "2026-10-24 23:00", "2026-10-25 07:30"},
		"until a time that clocks skip":           {"America/New_York", okr.Budget{OffDays: true, Quiet: late}, nil, "2026-03-07 23:00", "2026-03-08 03:00"},
		"until a time that clocks show twice":     {"America/New_York", okr.Budget{OffDays: true, Quiet: late}, nil, "2026-10-31 23:00", "2026-11-01 02:30"},
		"until an hour is shown again":            {"Europe/Zurich", okr.Budget{OffDays: true, Quiet: late}, nil, "2026-10-25 01:00", "2026-10-25 02:30"},
		"where the clocks change by half an hour": {"Australia/Lord_Howe", okr.Budget{OffDays: true, Quiet: []okr.QuietHours{{From: "20:00", To: "02:15"}}}, nil, "2026-10-03 23:00", "2026-10-04 02:30"},
		"where an hour is a half":                 {"Asia/Kolkata", okr.Budget{}, nil, "2026-10-06 21:10", "2026-10-07 07:30"},
		"two a day":                               {"Europe/Zurich", okr.Budget{}, []string{"2026-10-06 09:00", "2026-10-06 10:00"}, "2026-10-06 11:00", "2026-10-07 07:30"},
		"as many as anybody likes":                {"Europe/Zurich", okr.Budget{PerDay: -1, PerWeek: -1}, []string{"2026-10-06 09:00", "2026-10-06 10:00"}, "2026-10-06 11:00", "2026-10-06 11:00"},
		"one a week, which ends on Sunday":        {"Europe/Zurich", okr.Budget{PerWeek: 1}, []string{"2026-12-28 09:00"}, "2027-01-03 11:00", "2027-01-04 07:30"},
		"not on a day off":                        {"Europe/Zurich", okr.Budget{}, nil, "2026-10-09 20:00", "2026-10-12 07:30"},
		"gathered for the morning":                {"Europe/Zurich", okr.Budget{Digest: "09:00"}, nil, "2026-10-06 09:01", "2026-10-07 09:00"},
		"gathered, and early enough":              {"Europe/Zurich", okr.Budget{Digest: "09:00"}, nil, "2026-10-06 08:59", "2026-10-06 09:00"},
		"gathered for a quiet hour":               {"Europe/Zurich", okr.Budget{Quiet: night, Digest: "21:00"}, nil, "2026-10-06 10:00", "2026-10-07 07:30"},
		"gathered, with none left today":          {"Europe/Zurich", okr.Budget{PerDay: 1, Digest: "15:00"}, []string{"2026-10-06 09:00"}, "2026-10-06 10:00", "2026-10-07 15:00"},
		"gathered over a day off":                 {"Europe/Zurich", okr.Budget{Digest: "08:00"}, nil, "2026-10-09 12:00", "2026-10-12 08:00"},
	} {
		t.Run(name, func(t *testing.T) {
			loc, err := time.LoadLocation(tc.zone)
			require.NoError(t, err)
			wall := func(s string) time.Time {
				at, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
				require.NoError(t, err)
				return at
			}
			h := running(t, okr.Config{})
			ctx := t.Context()
			_, err = h.acme.SyncPeople(ctx, okr.Directory{People: []okr.Person{{ID: "zoe", Name: "Zoe", Zone: tc.zone}}})
			require.NoError(t, err)
			_, err = h.acme.SetPolicy(ctx, settingBudget(okr.Budget{PerDay: -1, PerWeek: -1, Quiet: []okr.QuietHours{}, OffDays: true}))
			require.NoError(t, err)
			for _, at := range tc.told {
				h.clock.Set(wall(at))
				_, err = h.acme.Notify(ctx, okr.Notice{To: "zoe", Kind: "news", Title: "News"})
				require.NoError(t, err)
			}
			_, err = h.acme.SetPolicy(ctx, settingBudget(tc.budget))
			require.NoError(t, err)
			h.clock.Set(wall(tc.at))
			host := h.acme.As(okr.Automation("host"))
			_, err = host.Await(ctx, okr.Waiting{Person: "zoe", Event: okr.Event{ID: "e1", Type: "com.example.news", Aggregate: okr.Ref{Kind: okr.KindTenant, ID: "acme"}, Data: []byte("{}")}})
			require.NoError(t, err)
			xs, err := host.View().Waiting(ctx, "zoe")
			require.NoError(t, err)
			require.Len(t, xs, 1)
			require.Equal(t, tc.want, xs[0].At.In(loc).Format("2006-01-02 15:04"))

			if h.clock.Set(xs[0].At.Add(-time.Second)); xs[0].At.After(wall(tc.at)) {
				d, err := host.Settle(ctx, okr.Ref{Kind: okr.KindPerson, ID: "zoe"})
				require.NoError(t, err)
				require.Empty(t, d.Deliveries, "a second before")
			}
			h.clock.Set(xs[0].At)
			d, err := host.Settle(ctx, okr.Ref{Kind: okr.KindPerson, ID: "zoe"})
			require.NoError(t, err)
			require.Len(t, d.Deliveries, 1)
			_, err = host.Notify(ctx, okr.Notice{To: "zoe", About: []string{"e1"}, Kind: "news", Title: "News"})
			require.NoError(t, err)
			xs, err = host.View().Waiting(ctx, "zoe")
			require.NoError(t, err)
			require.Empty(t, xs, "it was told")
		})
	}
}

// Whoever sends, the desk holds the budget.
func TestNobodySendsBeyondTheBudget(t *testing.T) {
	h := running(t, okr.Config{})
	ctx := t.Context()
	h.clock.Set(time.Date(2026, time.October, 6, 9, 0, 0, 0, time.UTC))
	news := okr.Notice{To: "ben", Kind: "news", Title: "News"}
	for range 2 {
		_, err := h.acme.Notify(ctx, news)
		require.NoError(t, err)
	}
	_, err := h.acme.Notify(ctx, okr.Notice{To: "ana", Kind: "news", Title: "For Ana"}, news)
	require.ErrorIs(t, err, okr.ErrBudget)
	var budget *okr.BudgetError
	require.ErrorAs(t, err, &budget)
	require.Equal(t, okr.BudgetError{To: "ben", Until: time.Date(2026, time.October, 7, 5, 30, 0, 0, time.UTC)}, *budget)
	require.ErrorContains(t, err, "from 2026-10-07T05:30:00Z on")
	for range 2 {
		d, err := h.acme.Notify(ctx, okr.Notice{To: "ana", Kind: "news", Title: "For Ana"})
		require.NoError(t, err, "nothing of the other was written: Ana still gets two")
		require.Len(t, d.Events, 1)
	}
	urgent := news
	urgent.Urgent = true
	_, err = h.acme.Notify(ctx, urgent)
	require.NoError(t, err)

	h.clock.Set(budget.Until.Add(-time.Second))
	_, err = h.acme.Notify(ctx, news)
	require.ErrorIs(t, err, okr.ErrBudget)
	h.clock.Set(budget.Until)
	_, err = h.acme.Notify(ctx, news)
	require.NoError(t, err)

	_, err = h.acme.SetPolicy(ctx, settingBudget(okr.Budget{PerDay: -1, PerWeek: 4}))
	require.NoError(t, err)
	_, err = h.acme.Notify(ctx, news)
	require.ErrorAs(t, err, &budget, "the urgent one counts")
	require.Equal(t, time.Date(2026, time.October, 12, 5, 30, 0, 0, time.UTC), budget.Until)
}

// What waits is for the person and for programs.
func TestWhoReadsWhatWaits(t *testing.T) {
	h := running(t, okr.Config{})
	ctx := t.Context()
	event := okr.Event{ID: "e1", Type: "com.example.news", Aggregate: okr.Ref{Kind: okr.KindTenant, ID: "acme"}, Data: []byte("{}")}
	waiting := okr.Waiting{Person: "ben", Event: event, Words: "as a rule says"}
	_, err := h.acme.Await(ctx, waiting)
	require.ErrorIs(t, err, okr.ErrDenied, "Ana is no program")
	_, err = h.acme.Dismiss(ctx, waiting)
	require.ErrorIs(t, err, okr.ErrDenied)
	host := h.acme.As(okr.Service("host"))
	_, err = host.Await(ctx, waiting)
	require.NoError(t, err)
	_, err = host.Await(ctx, okr.Waiting{Person: "nobody", Event: event})
	require.ErrorIs(t, err, okr.ErrNotFound)
	_, err = h.acme.View().Waiting(ctx, "ben")
	require.ErrorIs(t, err, okr.ErrDenied)
	for _, who := range []okr.Actor{okr.Someone("ben"), okr.Service("host")} {
		xs, err := h.acme.As(who).View().Waiting(ctx, "ben")
		require.NoError(t, err)
		require.Len(t, xs, 1)
		require.Equal(t, "as a rule says", xs[0].Words)
	}
	d, err := h.acme.Settle(ctx, okr.Ref{Kind: okr.KindPerson, ID: "ben"})
	require.NoError(t, err)
	require.Empty(t, d.Deliveries, "Ana cannot have it delivered to herself")
	_, err = host.Dismiss(ctx, waiting)
	require.NoError(t, err)
	xs, err := host.View().Waiting(ctx, "ben")
	require.NoError(t, err)
	require.Empty(t, xs)

	_, err = h.acme.SyncPeople(ctx, okr.Directory{People: []okr.Person{{ID: "ben", Name: "Ben", Team: "sales", Left: true}}})
	require.NoError(t, err)
	d, err = host.Await(ctx, waiting)
	require.NoError(t, err)
	require.Equal(t, okr.MootLeft, d.Deliveries[0].Moot[0].Moot)
}

// What waits goes by the policy and the zone that hold by then.
func TestWhatWaitsIsPlannedAnew(t *testing.T) {
	for name, change := range map[string]func(h house) error{
		"the quiet hours change": func(h house) error {
			_, err := h.acme.SetPolicy(t.Context(), settingBudget(okr.Budget{Quiet: []okr.QuietHours{}}))
			return err
		},
		"they move": func(h house) error {
			_, err := h.acme.SyncPeople(t.Context(), okr.Directory{People: []okr.Person{{ID: "zoe", Name: "Zoe", Zone: "America/New_York"}}})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := running(t, okr.Config{})
			ctx, host, zoe := t.Context(), h.acme.As(okr.Automation("host")), okr.Ref{Kind: okr.KindPerson, ID: "zoe"}
			_, err := h.acme.SyncPeople(ctx, okr.Directory{People: []okr.Person{{ID: "zoe", Name: "Zoe", Zone: "Europe/Zurich"}}})
			require.NoError(t, err)
			h.clock.Set(time.Date(2026, time.October, 6, 18, 0, 0, 0, time.UTC)) // 20:00 in Zurich
			_, err = host.Await(ctx, okr.Waiting{Person: "zoe", Event: okr.Event{ID: "e1", Type: "com.example.news", Aggregate: okr.Ref{Kind: okr.KindTenant, ID: "acme"}, Data: []byte("{}")}})
			require.NoError(t, err)
			claimed := func() bool {
				due, err := h.desk.System().ClaimDue(ctx, 1000)
				require.NoError(t, err)
				return slices.ContainsFunc(due, func(d okr.Due) bool { return d.Subject == zoe })
			}
			require.False(t, claimed())
			require.NoError(t, change(h))
			require.True(t, claimed())
			d, err := host.Settle(ctx, zoe)
			require.NoError(t, err)
			require.Len(t, d.Deliveries, 1)
		})
	}
}

// A cycle that is only planned says nothing of the hours that people keep now.
func TestOnlyACycleThatHasBegunSaysWherePeopleLive(t *testing.T) {
	h := running(t, okr.Config{})
	ctx, host := t.Context(), h.acme.As(okr.Automation("host"))
	next := okrtest.Plan()
	next.Cycle.Key, next.Cycle.Zone, next.Cycle.Start, next.Cycle.End = "2027-Q1", "America/Los_Angeles", october(1).AddDays(92), october(1).AddDays(180)
	_, err := h.acme.Propose(ctx, next)
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 6, 18, 0, 0, 0, time.UTC)) // 20:00 in Zurich
	_, err = host.Await(ctx, okr.Waiting{Person: "ben", Event: okr.Event{ID: "e1", Type: "com.example.news", Aggregate: okr.Ref{Kind: okr.KindTenant, ID: "acme"}, Data: []byte("{}")}})
	require.NoError(t, err)
	xs, err := host.View().Waiting(ctx, "ben")
	require.NoError(t, err)
	require.Len(t, xs, 1)
	require.Equal(t, "2026-10-07T05:30:00Z", xs[0].At.UTC().Format(time.RFC3339))
}
