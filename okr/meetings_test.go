package okr_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// hold records a team's check-in that took so many minutes, with check-ins that say
// nothing new of the key results.
func (h house) hold(t *testing.T, team okr.ID, minutes, expected int, keys ...string) {
	t.Helper()
	c := h.cycle(t)
	n := okr.NewSession{
		Kind: okr.CheckInSession, Cycle: c.ID, Team: team, Held: c.Today(h.clock.Now()), People: []okr.ID{"ana"}, Minutes: minutes, Expected: expected,
	}
	for _, k := range keys {
		n.CheckIns = append(n.CheckIns, okr.CheckIn{KeyResult: h.keyResult(t, k).ID, Note: "as expected"})
	}
	_, err := h.acme.Hold(t.Context(), n)
	require.NoError(t, err)
}

func TestATeamLearnsItsPace(t *testing.T) {
	h, c := middle(t)
	agenda := func() okr.Agenda {
		t.Helper()
		a, err := h.acme.View().Agenda(t.Context(), okr.AgendaQuery{Cycle: c.ID, Team: "sales"})
		require.NoError(t, err)
		whole(t, a)
		return a
	}
	h.hold(t, "sales", 12, 6, "deals", "leads", "renewals") // 4 minutes each
	h.hold(t, "sales", 9, 6, "deals")                       // 9
	h.hold(t, "sales", 0, 6, "deals")                       // nobody looked at a clock
	h.hold(t, "sales", 20, 0)                               // they spoke of nothing
	h.hold(t, "ops", 60, 5, "uptime")                       // others
	h.hold(t, "", 90, 0, "deals", "leads", "uptime")        // everybody
	require.Equal(t, okr.Pace{Minutes: okr.DefaultPace}, agenda().Pace, "two are not enough")
	h.hold(t, "sales", 10, 6, "deals", "leads") // 5
	a := agenda()
	require.Equal(t, okr.Pace{Minutes: 5, Sessions: 3}, a.Pace)
	require.Equal(t, []string{"renewals", "deals"}, []string{a.Points[0].Key, a.Points[1].Key})
	require.Equal(t, []float64{5, 7.5}, []float64{a.Points[0].Minutes, a.Points[1].Minutes}, "2 and 3 minutes, two and a half times as slow")
	require.Equal(t, 13, a.Expected)
	for range 5 {
		h.hold(t, "sales", 1, 5, "deals", "leads", "renewals")
	}
	require.Equal(t, okr.Pace{Minutes: 0.5, Sessions: 5}, agenda().Pace, "the newest five, and nobody is faster than half a minute")
	for range 5 {
		h.hold(t, "sales", 240, 15, "deals")
	}
	require.Equal(t, okr.Pace{Minutes: 15, Sessions: 5}, agenda().Pace, "nor slower than a quarter of an hour")
}

func TestMeetingsOfACompany(t *testing.T) {
	h, c := middle(t)
	view := h.acme.View()
	h.hold(t, "ops", 5, 3, "uptime")
	h.hold(t, "sales", 10, 9, "deals", "leads")
	h.clock.Advance(time.Hour)
	h.hold(t, "sales", 13, 9, "deals")
	h.hold(t, "sales", 40, 9, "deals", "leads", "renewals")
	h.hold(t, "sales", 17, 9, "deals", "leads")
	m, err := view.Meetings(t.Context(), okr.AgendaQuery{Cycle: c.ID, Minutes: 10})
	require.NoError(t, err)
	require.Len(t, m.Teams, 2, "who has no key results and met nobody is not there")
	ops, sales := m.Teams[0], m.Teams[1]
	require.Equal(t, []int{1, 1, 0, 0, 1}, []int{ops.KeyResults, ops.Points, ops.Deferred, ops.Quiet, ops.Held})
	require.Equal(t, measure.N(2), ops.OverRun)
	require.False(t, ops.Trend.Known(), "one meeting is no trend")

	a, err := view.Agenda(t.Context(), okr.AgendaQuery{Cycle: c.ID, Team: "sales", Minutes: 10})
	require.NoError(t, err)
	require.Equal(t, okr.TeamMeetings{
		Team: "sales", Name: "Sales", KeyResults: 3, Budget: 10, Expected: a.Expected,
		Points: len(a.Points), Deferred: len(a.Deferred), Quiet: len(a.Quiet), Pace: a.Pace,
		Held: 4, PerMeeting: measure.N(2), Minutes: measure.N(15), OverRun: measure.N(6),
		Trend: sales.Trend, Latest: sales.Latest,
	}, sales)
	require.InDelta(t, (7.0/3+3)/2, sales.Trend.Or(0), 1e-12, "over-runs of 1, 4, 31, 8: slopes 3, 15, 7/3, 27, 2, -23")
	require.Equal(t, []int{17, 40, 13, 10}, []int{sales.Latest[0].Minutes, sales.Latest[1].Minutes, sales.Latest[2].Minutes, sales.Latest[3].Minutes})
	require.Equal(t, okr.HeldMeeting{
		Session: sales.Latest[0].Session, Held: measure.NewDate(2026, 11, 13), Expected: 9, Minutes: 17, KeyResults: 2, Active: 3,
	}, sales.Latest[0])

	one, err := view.Meetings(t.Context(), okr.AgendaQuery{Cycle: c.ID, Team: "sales", Minutes: 10})
	require.NoError(t, err)
	require.Equal(t, []okr.TeamMeetings{sales}, one.Teams, "one team is read as all are")
	idle, err := view.Meetings(t.Context(), okr.AgendaQuery{Cycle: c.ID, Team: "idle"})
	require.NoError(t, err)
	require.Equal(t, "Idle", idle.Teams[0].Name)
	require.Zero(t, idle.Teams[0].Expected)
	_, err = view.Meetings(t.Context(), okr.AgendaQuery{Cycle: "nope"})
	require.ErrorIs(t, err, okr.ErrNotFound)
	_, err = view.Meetings(t.Context(), okr.AgendaQuery{})
	require.Equal(t, "cycle", invalidField(t, err))
}

// What a team was to talk about on a day long past is what it was told then.
func TestAnAgendaOfAPastDay(t *testing.T) {
	h, c := middle(t)
	ctx := t.Context()
	h.hold(t, "sales", 10, 9, "deals", "leads")
	for _, team := range []okr.ID{"sales", "ops"} {
		q := okr.AgendaQuery{Cycle: c.ID, Team: team}
		then, err := h.acme.View().Agenda(ctx, q)
		require.NoError(t, err)
		company, err := h.acme.View().Meetings(ctx, okr.AgendaQuery{Cycle: c.ID})
		require.NoError(t, err)
		cut, err := h.acme.Cut(ctx)
		require.NoError(t, err)
		h.clock.Advance(26 * time.Hour)
		_, err = h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: h.keyResult(t, "uptime").ID, Value: measure.N(1), Confidence: measure.N(1)})
		require.NoError(t, err)
		h.hold(t, "sales", 60, 9, "deals", "renewals")
		past := h.acme.AsOf(cut)
		again, err := past.Agenda(ctx, q)
		require.NoError(t, err)
		require.Equal(t, then, again)
		before, err := past.Meetings(ctx, okr.AgendaQuery{Cycle: c.ID})
		require.NoError(t, err)
		require.Equal(t, company, before)
		now, err := h.acme.View().Agenda(ctx, q)
		require.NoError(t, err)
		require.NotEqual(t, then.Points, now.Points)
	}
}
