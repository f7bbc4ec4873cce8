package okr_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

func agendaOf(t *testing.T, h house, team okr.ID) okr.Agenda {
	t.Helper()
	a, err := h.acme.View().Agenda(t.Context(), okr.AgendaQuery{Cycle: h.cycle(t).ID, Team: team})
	require.NoError(t, err)
	whole(t, a)
	return a
}

// A number that a source feeds needs nobody to say it.
func TestWhatASourceFeedsNeedsNoWords(t *testing.T) {
	h, _ := middle(t)
	ctx := t.Context()
	source := &okr.Source{Kind: "sql", Where: "billing", Interval: okr.EveryWeek, Access: []string{"ana"}}
	renewals := h.keyResult(t, "renewals").ID
	_, err := h.acme.Change(ctx, okr.KeyResultChange{KeyResult: renewals, Source: source, Reason: "it is in the data base"})
	require.NoError(t, err)
	record := func(c okr.Collected) {
		t.Helper()
		c.KeyResult, c.Source = renewals, "sql"
		_, err := h.acme.Record(ctx, c)
		require.NoError(t, err)
	}
	require.Equal(t, []okr.ReasonCode{okr.ReasonUnknown, okr.ReasonDue}, pointCodes(agendaOf(t, h, "sales"))["renewals"], "a source that never delivered feeds nothing")

	record(okr.Collected{Readings: []okr.Measurement{{Value: measure.N(50), OccurredAt: h.clock.Now()}}})
	a := agendaOf(t, h, "sales")
	_, _, quiet := pointKeys(a)
	require.Equal(t, []string{"renewals"}, quiet)
	require.True(t, a.Quiet[0].Confirm, "its check-in is due, and only to confirm the number")

	record(okr.Collected{Error: "time-out"})
	require.Equal(t, []okr.ReasonCode{okr.ReasonSource, okr.ReasonDue}, pointCodes(agendaOf(t, h, "sales"))["renewals"])

	record(okr.Collected{Readings: []okr.Measurement{{Value: measure.N(51), OccurredAt: h.clock.Now()}}})
	_, err = h.acme.Hold(ctx, okr.NewSession{
		Kind: okr.CheckInSession, Cycle: h.cycle(t).ID, Team: "sales", Held: measure.NewDate(2026, 11, 13), People: []okr.ID{"bo"},
		CheckIns: []okr.CheckIn{{KeyResult: renewals, Confirm: true}},
	})
	require.NoError(t, err)
	a = agendaOf(t, h, "sales")
	_, _, quiet = pointKeys(a)
	require.Equal(t, []string{"renewals"}, quiet)
	require.False(t, a.Quiet[0].Confirm, "it was confirmed")
}

// What has fallen is to be adjusted until somebody did, and anew when it falls further.
func TestAdjustmentsAreDueUntilTheyAreMade(t *testing.T) {
	h, _ := company(t)
	ctx := t.Context()
	deals := h.keyResult(t, "deals").ID
	say := func(day int, value float64, adjust ...okr.Adjustment) {
		t.Helper()
		h.clock.Set(time.Date(2026, time.October, day, 9, 0, 0, 0, time.UTC))
		_, err := h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: deals, Value: measure.N(value), Adjust: adjust})
		require.NoError(t, err)
	}
	reasons := func() []okr.Reason {
		t.Helper()
		a := agendaOf(t, h, "sales")
		i := slices.IndexFunc(a.Points, func(p okr.Point) bool { return p.Key == "deals" })
		if i < 0 {
			return nil
		}
		return slices.DeleteFunc(a.Points[i].Reasons, func(r okr.Reason) bool { return r.Code != okr.ReasonAdjust })
	}
	say(8, 10, okr.Adjustment{Do: "add", Title: "Write to them"})
	require.Empty(t, reasons(), "it is on track")
	say(15, 3)
	fell := h.clock.Now()
	require.Equal(t, []okr.Reason{{Code: okr.ReasonAdjust, Value: measure.N(0), Since: &fell}}, reasons(), "what was done before did not help")
	h.clock.Advance(50 * time.Hour)
	require.Equal(t, []okr.Reason{{Code: okr.ReasonAdjust, Value: measure.N(2), Since: &fell}}, reasons())
	say(18, 3, okr.Adjustment{Do: "finish", Title: "Write to them"})
	require.Empty(t, reasons())
	say(19, 3)
	require.Empty(t, reasons(), "it is at work")
	h.clock.Set(time.Date(2026, time.October, 27, 8, 0, 0, 0, time.UTC))
	require.Equal(t, []okr.Reason{{Code: okr.ReasonAdjust}}, reasons(), "it has fallen further, and nobody was told yet")
}

// Whoever waits for another team asks in the meeting, until there is an answer, and
// again when its day is over.
func TestWhatIsAwaitedIsAskedFor(t *testing.T) {
	h, c := company(t)
	ctx := t.Context()
	deals, uptime := ref(okr.KindKeyResult, h.keyResult(t, "deals").ID), ref(okr.KindTeam, "ops")
	objective := ref(okr.KindObjective, h.keyResult(t, "deals").Objective)
	for _, k := range []string{"deals", "leads", "renewals"} {
		_, err := h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: h.keyResult(t, k).ID, Value: measure.N(10)})
		require.NoError(t, err)
	}
	require.Empty(t, pointCodes(agendaOf(t, h, "sales")))
	asked := h.clock.Now()
	d, err := h.acme.Depend(ctx, okr.NewDependency{From: deals, To: uptime, Text: "an export", Due: october(5)})
	id := made(t, d, err, okr.KindDependency)
	_, err = h.acme.Depend(ctx, okr.NewDependency{From: objective, To: uptime, Text: "a room"})
	require.NoError(t, err)
	a := agendaOf(t, h, "sales")
	require.Equal(t, map[string][]okr.ReasonCode{"deals": {okr.ReasonAwaits}}, pointCodes(a))
	require.Equal(t, []okr.Reason{{Code: okr.ReasonAwaits, Value: measure.N(2), Since: &asked}}, a.Points[0].Reasons, "its own, and that of its objective")
	m, err := h.acme.View().Meetings(ctx, okr.AgendaQuery{Cycle: c.ID})
	require.NoError(t, err)
	require.Equal(t, a.Expected, m.Teams[1].Expected)

	_, err = h.acme.Answer(ctx, okr.DependencyAnswer{Dependency: id, State: okr.DependencyPromised})
	require.NoError(t, err)
	require.Equal(t, measure.N(1), agendaOf(t, h, "sales").Points[0].Reasons[0].Value, "what is promised is not asked for")
	h.october(6, 9)
	require.Equal(t, measure.N(2), agendaOf(t, h, "sales").Points[0].Reasons[0].Value, "until its day is over")
}

// A finding is spoken of once, in the first meeting after it opened.
func TestFindingsAreNewsOnce(t *testing.T) {
	h := running(t, okr.Config{Judge: nagging{scorer{}}})
	ctx := t.Context()
	k1 := h.keyResult(t, "k1").ID
	for _, k := range []string{"k1", "k2", "k3"} {
		kr := h.keyResult(t, k)
		confide(t, h, kr.ID, kr.Metric.Baseline, 8)
	}
	confide(t, h, k1, measure.N(62), 3)
	settle(t, h)
	codes := pointCodes(agendaOf(t, h, "sales"))["k1"]
	require.Contains(t, codes, okr.ReasonFinding)
	require.Contains(t, codes, okr.ReasonConfidence)
	h.clock.Advance(time.Hour)
	h.hold(t, "sales", 5, 5, "k2")
	require.NotContains(t, pointCodes(agendaOf(t, h, "sales"))["k1"], okr.ReasonFinding, "the team met since")

	h.clock.Advance(time.Hour)
	_, err := h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: k1, Note: "says nothing"})
	require.NoError(t, err)
	settle(t, h)
	require.Contains(t, pointCodes(agendaOf(t, h, "sales"))["k1"], okr.ReasonFinding)
	_, err = h.acme.Snooze(ctx, okr.Snoozing{Rule: "says-something", Subject: ref(okr.KindKeyResult, k1), Until: h.clock.Now().AddDate(0, 0, 7)})
	require.NoError(t, err)
	settle(t, h)
	require.NotContains(t, pointCodes(agendaOf(t, h, "sales"))["k1"], okr.ReasonFinding, "somebody has put it off")
}

func TestAnAgendaShowsWhatItsReaderMaySee(t *testing.T) {
	h := grown(t, branches(2), okr.Config{})
	c := h.cycle(t)
	q := okr.AgendaQuery{Cycle: c.ID, Team: "board"}
	all, err := h.acme.View().Agenda(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, 2, all.KeyResults, "Ana leads the board")
	eve := h.desk.For("acme").As(okr.Someone("eve"))
	none, err := eve.View().Agenda(t.Context(), q)
	require.NoError(t, err)
	whole(t, none)
	require.Zero(t, none.KeyResults)
	m, err := eve.View().Meetings(t.Context(), okr.AgendaQuery{Cycle: c.ID})
	require.NoError(t, err)
	require.Len(t, m.Teams, 1)
	require.Equal(t, okr.ID("sales"), m.Teams[0].Team)
	_, err = eve.Hold(t.Context(), okr.NewSession{
		Kind: okr.CheckInSession, Cycle: c.ID, Team: "board", Held: c.Today(h.clock.Now()), People: []okr.ID{"eve"},
		CheckIns: []okr.CheckIn{{KeyResult: all.Points[0].ID, Note: "x"}},
	})
	require.Equal(t, "checkins[0].key_result", invalidField(t, err))
	d, err := h.acme.Hold(t.Context(), okr.NewSession{
		Kind: okr.CheckInSession, Cycle: c.ID, Team: "board", Held: c.Today(h.clock.Now()), People: []okr.ID{"ana"}, Key: "k",
		CheckIns: []okr.CheckIn{{KeyResult: all.Points[0].ID, Value: measure.N(3)}},
	})
	require.NoError(t, err)
	again, err := eve.Hold(t.Context(), okr.NewSession{
		Kind: okr.CheckInSession, Cycle: c.ID, Team: "board", Held: c.Today(h.clock.Now()), People: []okr.ID{"ana"}, Key: "k",
		CheckIns: []okr.CheckIn{{KeyResult: all.Points[0].ID, Value: measure.N(3)}},
	})
	require.NoError(t, err)
	require.Len(t, again.Events, 1, "of what was decided together she sees that they met")
	require.Equal(t, d.Events[0], again.Events[0])
}

// Whatever has happened to a team's key results, each of them stands on the agenda once,
// the minutes add up and stay within the budget, and the same state gives the same
// agenda.
func TestAgendasAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clock := okrtest.NewClock(planning)
		desk, err := okr.New(memory.New(), okr.Config{Clock: clock.Now, NewID: okrtest.SequentialIDs(), Calendar: fridays{}})
		require.NoError(t, err)
		acme, ctx := desk.For("acme").As(ana), t.Context()
		p := okrtest.Plan()
		p.Objectives[0].KeyResults = nil
		n := rapid.IntRange(0, 12).Draw(t, "key results")
		for i := range n {
			k := branchKeyResult(fmt.Sprint("k", i), fmt.Sprint("Reach ", i), rapid.SampledFrom([]string{"ana", "ben", ""}).Draw(t, "owner"))
			k.Source = &okr.Source{Kind: rapid.SampledFrom([]string{"manual", "sql"}).Draw(t, "source"), Where: "there", Interval: okr.EveryWeek}
			p.Objectives[0].KeyResults = append(p.Objectives[0].KeyResults, k)
		}
		_, err = acme.Propose(ctx, p)
		require.NoError(t, err)
		clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
		cycles, err := acme.View().Cycles(ctx)
		require.NoError(t, err)
		_, err = acme.Activate(ctx, okr.Activation{Cycle: cycles[0].ID})
		require.NoError(t, err)
		ids, err := acme.View().KeyResults(ctx, okr.Query{})
		require.NoError(t, err)
		for _, k := range ids.Items {
			if rapid.Bool().Draw(t, "delivered") {
				_, err := acme.Record(ctx, okr.Collected{KeyResult: k.ID, Source: "sql", Readings: []okr.Measurement{{Value: measure.N(30), OccurredAt: clock.Now()}}})
				require.NoError(t, err)
			}
			for range rapid.IntRange(0, 2).Draw(t, "check-ins") {
				clock.Advance(time.Duration(rapid.IntRange(1, 60).Draw(t, "hours")) * time.Hour)
				c := okr.CheckIn{KeyResult: k.ID, Confidence: measure.N(float64(rapid.IntRange(0, 10).Draw(t, "confidence")))}
				if rapid.Bool().Draw(t, "valued") {
					c.Value = measure.N(float64(rapid.IntRange(0, 100).Draw(t, "value")))
				}
				if rapid.Bool().Draw(t, "blocked") {
					c.Blockers = []okr.NewBlocker{{Text: "x"}}
				}
				_, err := acme.CheckIn(ctx, c)
				require.NoError(t, err)
			}
		}
		q := okr.AgendaQuery{
			Cycle: cycles[0].ID, Team: "sales", Minutes: rapid.IntRange(0, 40).Draw(t, "minutes"), Pace: float64(rapid.IntRange(0, 12).Draw(t, "pace")) / 3,
			Needs: rapid.MapOfN(rapid.SampledFrom([]okr.ReasonCode{okr.ReasonUnknown, okr.ReasonDue, okr.ReasonBlocked}), rapid.Float64Range(0, 9), 0, 3).Draw(t, "needs"),
		}
		a, err := acme.View().Agenda(ctx, q)
		require.NoError(t, err)
		require.Equal(t, n, a.KeyResults)
		whole(t, a)
		again, err := acme.View().Agenda(ctx, q)
		require.NoError(t, err)
		require.Equal(t, a, again)
		confirmed := okr.NewSession{Kind: okr.CheckInSession, Cycle: q.Cycle, Held: cycles[0].Today(clock.Now()), People: []okr.ID{"ana"}}
		for _, x := range a.Quiet {
			if x.Confirm {
				confirmed.CheckIns = append(confirmed.CheckIns, okr.CheckIn{KeyResult: x.ID, Confirm: true})
			}
		}
		_, err = acme.Hold(ctx, confirmed)
		require.NoError(t, err, "what is to be confirmed can be")
		a, err = acme.View().Agenda(ctx, q)
		require.NoError(t, err)
		whole(t, a)
		for _, x := range a.Quiet {
			require.False(t, x.Confirm, "it was confirmed")
		}
		m, err := acme.View().Meetings(ctx, okr.AgendaQuery{Cycle: q.Cycle, Minutes: q.Minutes, Pace: q.Pace, Needs: q.Needs})
		require.NoError(t, err)
		if n > 0 {
			require.Equal(t, []int{len(a.Points), len(a.Deferred), len(a.Quiet), a.Expected}, []int{m.Teams[0].Points, m.Teams[0].Deferred, m.Teams[0].Quiet, m.Teams[0].Expected})
		}
	})
}
