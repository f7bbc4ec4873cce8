package okr_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

func october(day int) okr.Date { return measure.NewDate(2026, time.October, day) }

// A goal-setting session stands with its date, its people and what they decided.
func TestAPlanningSessionIsRecordedWithItsDecisions(t *testing.T) {
	h, ctx := planned(t, okr.Config{Judge: scorer{}}), t.Context()
	cycle := h.cycle(t)
	o1 := ref(okr.KindObjective, h.objective(t, "o1").ID)
	first, err := h.acme.Activate(ctx, okr.Activation{Subjects: []okr.Ref{o1}})
	require.NoError(t, err)
	require.Equal(t, "planning-held", first.Findings[0].Rule, "goals that nobody met to set")
	k1 := ref(okr.KindKeyResult, h.keyResult(t, "k1").ID)
	d, err := h.acme.Hold(ctx, okr.NewSession{
		Kind: okr.PlanningSession, Cycle: cycle.ID, Team: "sales", Held: october(1), People: []okr.ID{"ana", "ben"}, Minutes: 90,
		Notes: "Two rooms, one hour and a half",
		Decisions: []okr.NewDecision{
			{Text: "Renewals before new customers", Reason: "churn doubled"},
			{Subject: k1, Text: "Call every customer below 20 seats", Owner: "ben"},
		},
	})
	require.NoError(t, err)
	require.Equal(t, []string{okr.EventSessionHeld, okr.EventDecisionRecorded, okr.EventDecisionRecorded}, types(d.Events))
	p, err := d.Events[0].Payload()
	require.NoError(t, err)
	fact := p.(*okr.SessionFact)
	require.Equal(t, okr.SessionFact{
		Session: fact.Session, SessionKind: okr.PlanningSession, Cycle: cycle.ID, Team: "sales", Held: october(1), People: 2, Minutes: 90, Decisions: 2,
	}, *fact)

	view := h.acme.View()
	held, err := view.Sessions(ctx, okr.SessionQuery{Cycle: cycle.ID, Kind: okr.PlanningSession}, okr.Paging{})
	require.NoError(t, err)
	require.Equal(t, []okr.Session{{
		ID: fact.Session, Kind: okr.PlanningSession, Cycle: cycle.ID, Team: "sales", Held: october(1), People: []okr.ID{"ana", "ben"},
		Minutes: 90, Notes: "Two rooms, one hour and a half", By: ana, At: h.clock.Now(), Version: 1,
	}}, held.Items)
	none, err := view.Sessions(ctx, okr.SessionQuery{Cycle: cycle.ID, Kind: okr.ReviewSession}, okr.Paging{})
	require.NoError(t, err)
	require.Empty(t, none.Items)

	taken, err := view.Decisions(ctx, okr.DecisionQuery{Session: fact.Session}, okr.Paging{})
	require.NoError(t, err)
	require.Len(t, taken.Items, 2)
	require.Equal(t, ref(okr.KindTeam, "sales"), taken.Items[0].Subject, "what is said of nothing in particular concerns the team")
	require.Equal(t, cycle.ID, taken.Items[0].Cycle)
	of, err := view.Decisions(ctx, okr.DecisionQuery{Subject: k1}, okr.Paging{})
	require.NoError(t, err)
	require.Equal(t, []okr.DecisionRecord{{
		ID: taken.Items[1].ID, Subject: k1, Cycle: cycle.ID, Session: fact.Session, Text: "Call every customer below 20 seats", Owner: "ben",
		By: ana, At: h.clock.Now(), Version: 1,
	}}, of.Items)

	rest, err := h.acme.Activate(ctx, okr.Activation{Cycle: cycle.ID})
	require.NoError(t, err)
	require.Empty(t, rest.Findings, "once they met, nothing is missing")
	s, err := view.Snapshot(ctx, cycle.ID)
	require.NoError(t, err)
	require.Len(t, s.SessionsOf(cycle.ID, okr.PlanningSession, "sales"), 1)
	require.Empty(t, s.SessionsOf(cycle.ID, okr.PlanningSession, "support"))
	require.Empty(t, s.SessionsOf(cycle.ID, okr.ReviewSession, ""))
	require.Len(t, s.Decisions, 2, "a review reads them with the cycle")
}

func TestASessionOfTheHostsOwnKindIsRecorded(t *testing.T) {
	h, ctx := running(t, okr.Config{}), t.Context()
	n := okr.NewSession{Kind: okr.CustomSession, Cycle: h.cycle(t).ID, Held: october(1), People: []okr.ID{"ana"}}
	_, err := h.acme.Hold(ctx, n)
	require.NoError(t, err)

	n.Kind, n.CheckIns = okr.CheckInSession, []okr.CheckIn{{KeyResult: h.keyResult(t, "k2").ID, Confirm: true}}
	_, err = h.acme.Hold(ctx, n)
	require.Equal(t, "checkins[0].confirm", invalidField(t, err), "no source has brought what could be confirmed")
}

func TestSessionsAreRefusedByName(t *testing.T) {
	h, ctx := running(t, okr.Config{}), t.Context()
	_, err := h.acme.SyncPeople(ctx, okr.Directory{People: []okr.Person{{ID: "crew", Name: "Crew", Kind: okr.Group}, {ID: "kim", Name: "Kim Oda", Left: true}}})
	require.NoError(t, err)
	cycle := h.cycle(t).ID
	good := func() okr.NewSession {
		return okr.NewSession{Kind: okr.PlanningSession, Cycle: cycle, Held: october(1), People: []okr.ID{"ana"}}
	}
	for name, x := range map[string]struct {
		change func(*okr.NewSession)
		field  string
	}{
		"no kind":        {func(n *okr.NewSession) { n.Kind = "" }, "kind"},
		"another kind":   {func(n *okr.NewSession) { n.Kind = "party" }, "kind"},
		"no cycle":       {func(n *okr.NewSession) { n.Cycle = "" }, "cycle"},
		"no date":        {func(n *okr.NewSession) { n.Held = okr.Date{} }, "held"},
		"no such day":    {func(n *okr.NewSession) { n.Held = okr.Date{Year: 2026, Month: 2, Day: 30} }, "held"},
		"tomorrow":       {func(n *okr.NewSession) { n.Held = october(2) }, "held"},
		"nobody":         {func(n *okr.NewSession) { n.People = nil }, "people"},
		"a stranger":     {func(n *okr.NewSession) { n.People = []okr.ID{"ana", "zoe"} }, "people[1]"},
		"twice":          {func(n *okr.NewSession) { n.People = []okr.ID{"ana", "ana"} }, "people[1]"},
		"no such team":   {func(n *okr.NewSession) { n.Team = "moon" }, "team"},
		"before zero":    {func(n *okr.NewSession) { n.Minutes = -1 }, "minutes"},
		"all week":       {func(n *okr.NewSession) { n.Minutes = 10_000 }, "minutes"},
		"empty decision": {func(n *okr.NewSession) { n.Decisions = []okr.NewDecision{{}} }, "decisions[0].text"},
		"lost decision": {func(n *okr.NewSession) {
			n.Decisions = []okr.NewDecision{{Subject: ref(okr.KindKeyResult, "nope"), Text: "x"}}
		}, "decisions[0].subject"},
		"group decision": {func(n *okr.NewSession) { n.Decisions = []okr.NewDecision{{Text: "x"}, {Text: "x", Owner: "crew"}} }, "decisions[1].owner"},
		"gone decision":  {func(n *okr.NewSession) { n.Decisions = []okr.NewDecision{{Text: "x", Owner: "kim"}} }, "decisions[0].owner"},
		"other session":  {func(n *okr.NewSession) { n.Decisions = []okr.NewDecision{{Text: "x", Session: "s"}} }, "decisions[0].session"},
	} {
		t.Run(name, func(t *testing.T) {
			n := good()
			x.change(&n)
			_, err := h.acme.Hold(ctx, n)
			require.Equal(t, x.field, invalidField(t, err))
		})
	}
	n := good()
	n.Cycle = "nope"
	_, err = h.acme.Hold(ctx, n)
	require.ErrorIs(t, err, okr.ErrNotFound)
	held, err := h.acme.View().Sessions(ctx, okr.SessionQuery{Cycle: cycle}, okr.Paging{})
	require.NoError(t, err)
	require.Empty(t, held.Items, "nothing half-written")
	n = good()
	n.People = []okr.ID{"kim"}
	_, err = h.acme.Hold(ctx, n)
	require.NoError(t, err, "who has left since was there all the same")
}

func TestDecisionsAreRecorded(t *testing.T) {
	h, ctx := running(t, okr.Config{}), t.Context()
	cycle := h.cycle(t)
	k1 := h.keyResult(t, "k1").KeyResult
	view := h.acme.View()
	d, err := h.acme.Hold(ctx, okr.NewSession{Kind: okr.CheckInSession, Cycle: cycle.ID, Held: october(1), People: []okr.ID{"ana"}})
	session := made(t, d, err, okr.KindSession)
	for _, subject := range []okr.Ref{
		ref(okr.KindKeyResult, k1.ID), ref(okr.KindObjective, k1.Objective), ref(okr.KindCycle, cycle.ID), ref(okr.KindTeam, "sales"),
	} {
		d, err := h.acme.RecordDecision(ctx, okr.NewDecision{Subject: subject, Text: "Go on", Session: session, Owner: "ana"})
		id := made(t, d, err, okr.KindDecision)
		got, err := view.Decisions(ctx, okr.DecisionQuery{Subject: subject}, okr.Paging{})
		require.NoError(t, err)
		require.Len(t, got.Items, 1)
		require.Equal(t, id, got.Items[0].ID)
	}
	in, err := view.Decisions(ctx, okr.DecisionQuery{Cycle: cycle.ID}, okr.Paging{})
	require.NoError(t, err)
	require.Len(t, in.Items, 3, "a decision about a team belongs to a cycle only where that is said")
	id := in.Items[0].ID
	_, err = h.acme.Comment(ctx, okr.NewComment{Subject: ref(okr.KindDecision, id), Text: "Who tells the customers?"})
	require.NoError(t, err)
	said, err := view.Comments(ctx, ref(okr.KindDecision, id), okr.Paging{})
	require.NoError(t, err)
	require.Equal(t, cycle.ID, said.Items[0].Cycle)

	for name, x := range map[string]struct {
		decision okr.NewDecision
		field    string
	}{
		"nothing said":  {okr.NewDecision{Subject: ref(okr.KindCycle, cycle.ID)}, "text"},
		"of a person":   {okr.NewDecision{Subject: ref(okr.KindPerson, "ana"), Text: "x"}, "subject.kind"},
		"other cycle":   {okr.NewDecision{Subject: ref(okr.KindTeam, "sales"), Cycle: "nope", Text: "x"}, "cycle"},
		"whose":         {okr.NewDecision{Subject: ref(okr.KindCycle, cycle.ID), Owner: "zoe", Text: "x"}, "owner"},
		"which session": {okr.NewDecision{Subject: ref(okr.KindCycle, cycle.ID), Session: "nope", Text: "x"}, "session"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.acme.RecordDecision(ctx, x.decision)
			require.Equal(t, x.field, invalidField(t, err))
		})
	}
	_, err = h.acme.RecordDecision(ctx, okr.NewDecision{Subject: ref(okr.KindObjective, "nope"), Text: "x"})
	require.ErrorIs(t, err, okr.ErrNotFound)
}
