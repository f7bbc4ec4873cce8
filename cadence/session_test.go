package cadence_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
)

func TestWhenTheSessionsOfACycleAre(t *testing.T) {
	cal := cadence.New(cadence.Holidays(asked(christmas)))
	q1 := cycle(t, "Europe/Zurich", "2027-01-01", "2027-03-31") // begins on a holiday, a Friday
	q1.Cadence = &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday, Holidays: "x", Pauses: []okr.Span{{From: date(t, "2027-02-08"), To: date(t, "2027-02-14")}}}
	weekly := cadence.Weekly(time.Monday, "11:00")
	weekly.Every = 2
	type session struct{ name, key, opens, starts string }
	for name, tc := range map[string]struct {
		sessions []okr.CycleSession
		want     []session
	}{
		"usual where the cycle names none": {nil, []session{
			{"planning", "2027-01-01", "2026-12-28T09:00:00Z", "2027-01-04T09:00:00Z"},
			{"review", "2027-04-01", "2027-03-25T08:00:00Z", "2027-04-01T08:00:00Z"},
		}},
		"by day, whatever day that is": {[]okr.CycleSession{{Kind: okr.CustomSession, Name: "Retreat", On: date(t, "2026-12-26"), At: "08:30", Lead: 2 * okr.Daily, Zone: "America/New_York"}}, []session{
			{"Retreat", "2026-12-26", "2026-12-24T13:30:00Z", "2026-12-26T13:30:00Z"},
		}},
		"by a rhythm, from the beginning of the cycle and in no pause": {[]okr.CycleSession{{Kind: okr.CheckInSession, Schedule: &weekly}}, []session{
			{"checkin", "2027-01-04", "2027-01-03T10:00:00Z", "2027-01-04T10:00:00Z"}, {"checkin", "2027-01-18", "2027-01-17T10:00:00Z", "2027-01-18T10:00:00Z"},
			{"checkin", "2027-02-01", "2027-01-31T10:00:00Z", "2027-02-01T10:00:00Z"}, {"checkin", "2027-02-15", "2027-02-14T23:00:00Z", "2027-02-15T10:00:00Z"},
		}},
		"at a time of their own": {[]okr.CycleSession{{Kind: okr.ReviewSession, At: "16:00"}, {Kind: okr.PlanningSession, At: "08:00"}}, []session{
			{"planning", "2027-01-01", "2026-12-28T07:00:00Z", "2027-01-04T07:00:00Z"},
			{"review", "2027-04-01", "2027-03-25T14:00:00Z", "2027-04-01T14:00:00Z"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			c := q1
			c.Sessions = tc.sessions
			got, err := cal.Sessions(c, longAgo, farOff)
			require.NoError(t, err)
			if len(tc.sessions) == 1 && tc.sessions[0].Schedule != nil {
				got = got[:4]
			}
			require.Len(t, got, len(tc.want))
			for i, w := range tc.want {
				was := session{got[i].Session, got[i].Key, got[i].Opens.Format(time.RFC3339), got[i].Starts.Format(time.RFC3339)}
				require.Equal(t, w, was)
				require.Equal(t, tc.sessions == nil, got[i].Usual)
			}
			if first := got[0]; len(got) > 1 {
				rest, err := cal.Sessions(c, first.Starts, farOff)
				require.NoError(t, err)
				require.Equal(t, got[1], rest[0])
			}
		})
	}
	q1.Zone = "Mars/Olympus"
	_, err := cal.Sessions(q1, longAgo, farOff)
	require.ErrorIs(t, err, okr.ErrInvalid)
}

func TestSessionsThatNobodyCouldHold(t *testing.T) {
	h := newHouse(t)
	on := date(t, "2026-11-13")
	weekly := cadence.Weekly(time.Friday, "")
	for field, s := range map[string][]okr.CycleSession{
		"cycle.sessions[0].kind":          {{Kind: "party", On: on}},
		"cycle.sessions[0].on":            {{Kind: okr.CustomSession}},
		"cycle.sessions[1].on":            {{Kind: okr.PlanningSession}, {Kind: okr.ReviewSession, On: date(t, "2027-06-01")}},
		"cycle.sessions[0].at":            {{Kind: okr.CustomSession, On: on, At: "noon"}},
		"cycle.sessions[0].zone":          {{Kind: okr.CustomSession, On: on, Zone: "Mars/Olympus"}},
		"cycle.sessions[0].minutes":       {{Kind: okr.CustomSession, On: on, Minutes: 5000}},
		"cycle.sessions[0].for":           {{Kind: okr.CustomSession, On: on, For: "dogs"}},
		"cycle.sessions[0].lead":          {{Kind: okr.CheckInSession, Schedule: &weekly, Lead: 8 * okr.Daily}},
		"cycle.sessions[0].team":          {{Kind: okr.PlanningSession, Team: "nobody"}},
		"cycle.sessions[1].name":          {{Kind: okr.PlanningSession}, {Kind: okr.PlanningSession}},
		"cycle.sessions[0].schedule.week": {{Kind: okr.CheckInSession, Schedule: &okr.Schedule{Frequency: okr.Weekly, Week: 2}}},
	} {
		t.Run(field, func(t *testing.T) {
			_, err := h.acme.Propose(t.Context(), okr.Plan{Cycle: okr.PlanCycle{Key: "2027-x", Start: date(t, "2026-11-01"), End: date(t, "2027-01-31"), Sessions: s}})
			var invalid *okr.InvalidError
			require.ErrorAs(t, err, &invalid)
			require.Equal(t, field, invalid.Field)
		})
	}
	for field, p := range map[string][]okr.CyclePhase{
		"cycle.phases[0].name": {{From: on, To: on}},
		"cycle.phases[0].to":   {{Name: "x", From: on, To: on.AddDays(-1)}},
		"cycle.phases[1].name": {{Name: "x", From: on, To: on}, {Name: "x", From: on, To: on}},
	} {
		_, err := h.acme.Propose(t.Context(), okr.Plan{Cycle: okr.PlanCycle{Key: "2027-x", Start: date(t, "2026-11-01"), End: date(t, "2027-01-31"), Phases: p}})
		var invalid *okr.InvalidError
		require.ErrorAs(t, err, &invalid)
		require.Equal(t, field, invalid.Field)
	}
}

// sessionsDue are the sessions announced among events.
func sessionsDue(t *testing.T, events []okr.Event) []okr.SessionDueFact {
	t.Helper()
	var out []okr.SessionDueFact
	for _, e := range events {
		if e.Type == okr.EventSessionDue {
			p, err := e.Payload()
			require.NoError(t, err)
			out = append(out, *p.(*okr.SessionDueFact))
		}
	}
	return out
}

func TestSessionsAreAnnouncedOnce(t *testing.T) {
	ctx := context.Background()
	monthly := okr.Schedule{Frequency: okr.Monthly, Week: 2, Weekday: time.Tuesday, At: "15:00"}
	h := newHouse(t, func(p *okr.Plan) {
		p.Cycle.Sessions = []okr.CycleSession{
			{Kind: okr.PlanningSession, At: "14:00", Minutes: 90}, {Kind: okr.CheckInSession, Name: "Numbers", Schedule: &monthly}, {Kind: okr.ReviewSession, For: okr.ForOwners},
		}
		p.Cycle.Phases = []okr.CyclePhase{{Name: "freeze", From: date(t, "2026-12-14"), To: date(t, "2026-12-31")}}
	})
	runners := []*cadence.Runner{cadence.NewRunner(h.desk), cadence.NewRunner(h.desk)}
	look := func() []okr.SessionDueFact {
		t.Helper()
		for _, r := range runners {
			drain(t, r)
		}
		return sessionsDue(t, h.events(t))
	}
	cycles, err := h.acme.View().Cycles(ctx)
	require.NoError(t, err)
	c := cycles[0]
	require.Equal(t, "freeze", c.PhasesOn(date(t, "2026-12-24"))[0].Name)
	require.Empty(t, c.PhasesOn(date(t, "2026-12-13")))

	require.Equal(t, []okr.SessionDueFact{{
		Cycle: c.ID, CycleName: c.Name, Session: "planning", SessionKind: okr.PlanningSession, Occurrence: "2026-10-01",
		Starts: instant(t, "2026-10-01T12:00:00Z"), Zone: "Europe/Zurich", Minutes: 90, To: []okr.ID{"ana"},
	}}, look(), "it is today, and for who leads")
	require.Empty(t, look())

	h.at(12, 12)
	require.Empty(t, look(), "a day before is not yet")
	h.at(12, 13)
	due := look()
	require.Len(t, due, 1)
	require.Equal(t, "Numbers", due[0].Session)
	require.Equal(t, instant(t, "2026-10-13T13:00:00Z"), due[0].Starts)
	require.Equal(t, []okr.ID{"ana", "ben"}, due[0].To, "check-ins are for owners")
	h.at(14, 13)
	require.Empty(t, look())

	// Nobody looked for two months.
	h.clock.Set(instant(t, "2026-12-10T09:00:00Z"))
	due = look()
	require.Len(t, due, 1)
	require.Equal(t, "2026-12-08", due[0].Occurrence)
	require.Equal(t, 1, due[0].Skipped)

	h.clock.Set(instant(t, "2026-12-26T09:00:00Z"))
	due = look()
	require.Len(t, due, 1)
	require.Equal(t, okr.ReviewSession, due[0].SessionKind)
	require.Equal(t, "2027-01-01", due[0].Occurrence)
	require.Equal(t, []okr.ID{"ana", "ben"}, due[0].To)
	h.clock.Set(instant(t, "2027-02-01T09:00:00Z"))
	require.Empty(t, look())

	dates, err := h.acme.View().SessionDates(ctx, c.ID)
	require.NoError(t, err)
	require.Len(t, dates, 5)
}

func TestWhoMeetsIsTold(t *testing.T) {
	h := newHouse(t, func(p *okr.Plan) {
		p.Cycle.Sessions = []okr.CycleSession{{Kind: okr.CheckInSession, Name: "Numbers", On: date(t, "2026-10-02"), At: "15:00", Lead: 2 * okr.Daily, Minutes: 30}}
	})
	r := cadence.NewRunner(h.desk)
	drain(t, r)
	ns := h.notices(t)
	require.Equal(t, []string{"ana: Numbers on Friday, 2 October 2026: Q4 2026", "ben: Numbers on Friday, 2 October 2026: Q4 2026"}, titles(ns))
	require.Equal(t, "Q4 2026\nNumbers on Friday, 2 October 2026, 15:00 (Europe/Zurich), 30 minutes.", ns[0].Body)
	drain(t, r)
	require.Empty(t, h.notices(t))
}

func TestAChangedSessionIsAnnouncedAsItIsNow(t *testing.T) {
	h := newHouse(t, func(p *okr.Plan) {
		p.Cycle.Sessions = []okr.CycleSession{{Kind: okr.CustomSession, Name: "Retreat", On: date(t, "2026-10-20"), Team: "Sales", For: okr.ForLeads}}
	})
	r := cadence.NewRunner(h.desk)
	propose := func(sessions ...okr.CycleSession) {
		t.Helper()
		cycles, err := h.acme.View().Cycles(t.Context())
		require.NoError(t, err)
		_, err = h.acme.Propose(t.Context(), okr.Plan{Cycle: okr.PlanCycle{Key: cycles[0].Key, Start: cycles[0].Start, End: cycles[0].End, Sessions: sessions}})
		require.NoError(t, err)
	}
	look := func() []okr.SessionDueFact {
		t.Helper()
		drain(t, r)
		return sessionsDue(t, h.events(t))
	}
	h.at(5, 9)
	require.Empty(t, look())
	propose(okr.CycleSession{Kind: okr.CustomSession, Name: "Retreat", On: date(t, "2026-10-08"), Team: "sales", For: okr.ForLeads})
	due := look()
	require.Len(t, due, 1, "it was moved to this week")
	require.Equal(t, okr.ID("sales"), due[0].Team)
	require.Equal(t, []okr.ID{"ana"}, due[0].To)
	propose(okr.CycleSession{Kind: okr.CustomSession, Name: "Retreat", On: date(t, "2026-10-09"), Team: "sales"})
	due = look()
	require.Len(t, due, 1, "and once more")
	require.Equal(t, []okr.ID{"ana", "ben"}, due[0].To)
	propose(okr.CycleSession{Kind: okr.CustomSession, Name: "Dinner", On: date(t, "2026-10-02")})
	require.Empty(t, look(), "what is past when it is first said was never due")
}

// Who waits for the morning hears of the day on which it now is.
func TestASessionThatMovesWhileItsNoticeWaits(t *testing.T) {
	retreat := func(day string) []okr.CycleSession {
		return []okr.CycleSession{{Kind: okr.CustomSession, Name: "Retreat", On: date(t, day), Lead: 7 * okr.Daily, For: okr.ForLeads}}
	}
	for name, tc := range map[string]struct {
		now  []okr.CycleSession
		want []string
	}{
		"it stays":        {retreat("2026-10-20"), []string{"ana: Retreat on Tuesday, 20 October 2026: Q4 2026"}},
		"to an earlier":   {retreat("2026-10-16"), []string{"ana: Retreat on Friday, 16 October 2026: Q4 2026"}},
		"to a later":      {retreat("2026-10-21"), []string{"ana: Retreat on Wednesday, 21 October 2026: Q4 2026"}},
		"there is no one": {[]okr.CycleSession{{Kind: okr.ReviewSession}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, func(p *okr.Plan) { p.Cycle.Cadence, p.Cycle.Sessions = nil, retreat("2026-10-20") })
			r := cadence.NewRunner(h.desk)
			h.at(13, 18) // 20:00 in Zurich
			drain(t, r)
			require.Len(t, sessionsDue(t, h.events(t)), 1)
			cycles, err := h.acme.View().Cycles(t.Context())
			require.NoError(t, err)
			_, err = h.acme.Propose(t.Context(), okr.Plan{Cycle: okr.PlanCycle{Key: cycles[0].Key, Start: cycles[0].Start, End: cycles[0].End, Sessions: tc.now}})
			require.NoError(t, err)
			h.at(14, 18)
			drain(t, r)
			h.at(15, 9)
			drain(t, r)
			var got []string
			for _, n := range h.notices(t) {
				if n.Kind == cadence.KindSession {
					got = append(got, titles([]okr.NoticeFact{n})...)
				}
			}
			require.Equal(t, tc.want, got)
		})
	}
}

// Somebody who looks at a cycle takes nothing away from those who are invited.
func TestASessionThatAPersonSettlesIsToldAllTheSame(t *testing.T) {
	h := newHouse(t, func(p *okr.Plan) {
		p.Cycle.Cadence = nil
		p.Cycle.Sessions = []okr.CycleSession{{Kind: okr.CustomSession, Name: "Retreat", On: date(t, "2026-10-20"), Lead: 7 * okr.Daily, For: okr.ForLeads}}
	})
	r := cadence.NewRunner(h.desk)
	drain(t, r)
	h.at(13, 18)
	cycles, err := h.acme.View().Cycles(t.Context())
	require.NoError(t, err)
	for range 2 {
		_, err = h.acme.As(okr.Someone("ben")).Settle(t.Context(), okr.Ref{Kind: okr.KindCycle, ID: cycles[0].ID})
		require.NoError(t, err)
	}
	require.Len(t, sessionsDue(t, h.events(t)), 1)
	drain(t, r)
	h.at(14, 18)
	drain(t, r)
	h.at(15, 9)
	drain(t, r)
	var got []string
	for _, n := range h.notices(t) {
		if n.Kind == cadence.KindSession {
			got = append(got, titles([]okr.NoticeFact{n})...)
		}
	}
	require.Equal(t, []string{"ana: Retreat on Tuesday, 20 October 2026: Q4 2026"}, got)
}
