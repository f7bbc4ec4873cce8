package okr_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// company is a running quarter of two teams: sales with a ranked objective of
// three key results, ops with an unranked one, and people who have nothing.
func company(t *testing.T) (house, okr.Cycle) {
	t.Helper()
	h := open(t, okr.Config{})
	weekly := &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday}
	rise := measure.Metric{Kind: measure.Increase, Baseline: measure.N(0), Target: measure.N(100)}
	kr := func(key, owner string, initiatives ...okr.Initiative) okr.PlanKeyResult {
		return okr.PlanKeyResult{Key: key, Title: "Reach " + key, Owner: owner, Metric: rise, Initiatives: initiatives,
			Source: &okr.Source{Kind: "manual", Where: "board", Interval: okr.EveryWeek}}
	}
	_, err := h.acme.Propose(t.Context(), okr.Plan{
		Cycle: okr.PlanCycle{Key: "q4", Name: "Q4", Start: measure.NewDate(2026, 10, 1), End: measure.NewDate(2026, 12, 31), Cadence: weekly},
		Teams: []okr.Team{{ID: "sales", Name: "Sales"}, {ID: "ops", Name: "Ops"}, {ID: "idle", Name: "Idle"}},
		People: []okr.Person{
			{ID: "ana", Name: "Ana", Team: "sales"}, {ID: "bo", Name: "Bo", Team: "sales"}, {ID: "cy", Name: "Cy", Team: "ops"},
			{ID: "dee", Name: "Dee", Team: "idle"}, {ID: "list", Name: "All hands", Kind: okr.Group}, {ID: "gone", Name: "Gone", Left: true},
		},
		Objectives: []okr.PlanObjective{
			{Key: "o2", Title: "Keep the lights on", Team: "ops", KeyResults: []okr.PlanKeyResult{kr("uptime", "cy")}},
			{Key: "o1", Title: "Win the market", Team: "sales", Owner: "ana", Rank: 1, Committed: true, KeyResults: []okr.PlanKeyResult{
				kr("deals", "ana", okr.Initiative{Title: "Fair", Link: "SALES-7", Owner: "cy"}), kr("leads", "ana"), kr("renewals", "bo"),
			}},
		},
	})
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Activate(t.Context(), okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	return h, h.cycle(t)
}

// middle is half way through the quarter: deals are far behind, leads on track
// with less confidence than before, renewals never measured, uptime blocked.
func middle(t *testing.T) (house, okr.Cycle) {
	t.Helper()
	h, c := company(t)
	say := func(key string, value, confidence measure.Number, more func(*okr.CheckIn)) {
		t.Helper()
		in := okr.CheckIn{KeyResult: h.keyResult(t, key).ID, Value: value, Confidence: confidence, Stated: measure.OnTrack}
		if more != nil {
			more(&in)
		}
		_, err := h.acme.CheckIn(t.Context(), in)
		require.NoError(t, err)
	}
	h.clock.Set(time.Date(2026, time.November, 5, 9, 0, 0, 0, time.UTC))
	say("deals", measure.N(4), measure.N(5), nil)
	say("leads", measure.N(40), measure.N(8), nil)
	h.clock.Set(time.Date(2026, time.November, 12, 17, 0, 0, 0, time.UTC))
	say("deals", measure.N(5), measure.N(5), nil)
	say("leads", measure.N(45), measure.N(7), nil)
	say("uptime", measure.N(50), measure.N(9), func(c *okr.CheckIn) {
		c.Blockers = []okr.NewBlocker{{Text: "No spare parts", Owner: "bo"}}
	})
	h.clock.Set(time.Date(2026, time.November, 13, 9, 0, 0, 0, time.UTC))
	return h, c
}

func keys(cs []okr.Concern) []string {
	out := []string{}
	for _, c := range cs {
		out = append(out, c.Key)
	}
	return out
}

func codes(c okr.Concern) []okr.ReasonCode {
	out := []okr.ReasonCode{}
	for _, r := range c.Reasons {
		out = append(out, r.Code)
	}
	return out
}

func TestAStandupBeginsWithWhatNeedsAttention(t *testing.T) {
	h, c := middle(t)
	s, err := h.acme.View().Standup(t.Context(), c.ID, "sales")
	require.NoError(t, err)
	require.Equal(t, "Sales", s.Team.Name)
	require.Equal(t, []string{"deals", "renewals", "leads"}, keys(s.KeyResults))
	require.Equal(t, []okr.ReasonCode{okr.ReasonOffTrack, okr.ReasonStated}, codes(s.KeyResults[0]))
	behind, known := s.KeyResults[0].Reasons[0].Value.Value()
	require.True(t, known)
	require.InDelta(t, 100*(43.0/91-0.05), behind, 1e-9, "43 of 91 days in, 5 % done")
	require.Equal(t, []okr.ReasonCode{okr.ReasonUnknown, okr.ReasonDue}, codes(s.KeyResults[1]), "never measured, and the reminder is out since Thursday")
	require.Equal(t, []okr.ReasonCode{okr.ReasonConfidence}, codes(s.KeyResults[2]))
	require.Equal(t, map[measure.Status]int{measure.OffTrack: 1, measure.Unknown: 1, measure.OnTrack: 1}, s.Counts)
	require.Equal(t, []okr.Moved{
		{KeyResult: s.KeyResults[0].ID, Title: "Reach deals", From: measure.N(4), To: measure.N(5), At: time.Date(2026, 11, 12, 17, 0, 0, 0, time.UTC)},
		{KeyResult: s.KeyResults[2].ID, Title: "Reach leads", From: measure.N(40), To: measure.N(45), At: time.Date(2026, 11, 12, 17, 0, 0, 0, time.UTC)},
	}, s.Moved)
	require.Equal(t, "2026-11-20", s.KeyResults[0].Next.Key, "this week's is answered")
	require.Equal(t, "2026-11-13", s.KeyResults[1].Next.Key)

	ops, err := h.acme.View().Standup(t.Context(), c.ID, "ops")
	require.NoError(t, err)
	require.Len(t, ops.Blockers, 1)
	require.Equal(t, []okr.ReasonCode{okr.ReasonBlocked}, codes(ops.KeyResults[0]))

	idle, err := h.acme.View().Standup(t.Context(), c.ID, "idle")
	require.NoError(t, err)
	require.Empty(t, idle.KeyResults)
	for _, bad := range [][2]okr.ID{{"", "sales"}, {c.ID, ""}} {
		_, err = h.acme.View().Standup(t.Context(), bad[0], bad[1])
		require.ErrorIs(t, err, okr.ErrInvalid)
	}
	_, err = h.acme.View().Standup(t.Context(), c.ID, "nobody")
	require.ErrorIs(t, err, okr.ErrNotFound)
	_, err = h.desk.For("globex").View().Standup(t.Context(), c.ID, "sales")
	require.ErrorIs(t, err, okr.ErrNotFound)
}

func TestAnUnansweredCheckInIsOverdueUntilTheNextOpens(t *testing.T) {
	h, c := middle(t)
	h.clock.Set(time.Date(2026, time.November, 13, 20, 0, 0, 0, time.UTC))
	within, err := h.acme.View().Standup(t.Context(), c.ID, "sales")
	require.NoError(t, err)
	require.Equal(t, []okr.ReasonCode{okr.ReasonUnknown, okr.ReasonDue}, codes(within.KeyResults[1]), "due at five, and grace lasts a day")
	h.clock.Set(time.Date(2026, time.November, 14, 20, 0, 0, 0, time.UTC))
	s, err := h.acme.View().Standup(t.Context(), c.ID, "sales")
	require.NoError(t, err)
	require.Equal(t, []okr.ReasonCode{okr.ReasonUnknown, okr.ReasonOverdue}, codes(s.KeyResults[1]))
	h.clock.Set(time.Date(2026, time.November, 19, 17, 0, 0, 0, time.UTC))
	s, err = h.acme.View().Standup(t.Context(), c.ID, "sales")
	require.NoError(t, err)
	require.Equal(t, "2026-11-20", s.KeyResults[1].Next.Key)
	require.Equal(t, []okr.ReasonCode{okr.ReasonUnknown, okr.ReasonDue}, codes(s.KeyResults[1]))
}

// Whoever is away is asked for nothing, whether anybody has settled that or not.
func TestACheckInOfWhoIsAwayIsNotOverdue(t *testing.T) {
	h, c := middle(t)
	away := []okr.Span{{From: measure.NewDate(2026, 11, 12), To: measure.NewDate(2026, 11, 16)}}
	_, err := h.acme.SyncPeople(t.Context(), okr.Directory{People: []okr.Person{{ID: "bo", Name: "Bo", Team: "sales", Away: away}}})
	require.NoError(t, err)
	for _, hour := range []int{-4, 9, 20, 33} {
		h.clock.Set(time.Date(2026, time.November, 13, hour, 0, 0, 0, time.UTC))
		s, err := h.acme.View().Standup(t.Context(), c.ID, "sales")
		require.NoError(t, err)
		require.Equal(t, []okr.ReasonCode{okr.ReasonUnknown}, codes(s.KeyResults[1]), "hour %d", hour)
		require.Equal(t, "2026-11-20", s.KeyResults[1].Next.Key)
	}
	_, err = h.acme.SyncPeople(t.Context(), okr.Directory{People: []okr.Person{{ID: "bo", Name: "Bo", Team: "sales", Away: away, Backup: "ana"}}})
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.November, 19, 9, 0, 0, 0, time.UTC))
	s, err := h.acme.View().Standup(t.Context(), c.ID, "sales")
	require.NoError(t, err)
	require.Equal(t, []okr.ReasonCode{okr.ReasonUnknown}, codes(s.KeyResults[1]), "nobody had stood in while it was open")
}

func TestWhatMattersToAPerson(t *testing.T) {
	h, c := middle(t)
	ana, err := h.acme.View().Matters(t.Context(), okr.Matter{Person: "ana"})
	require.NoError(t, err)
	require.Equal(t, []string{"deals", "leads"}, keys(ana.Own))
	require.Equal(t, []string{"renewals"}, keys(ana.Team))
	require.Empty(t, ana.Helping)
	require.Equal(t, "Win the market", ana.Own[0].ObjectiveTitle)

	cy, err := h.acme.View().Matters(t.Context(), okr.Matter{Person: "cy", Cycle: c.ID})
	require.NoError(t, err)
	require.Equal(t, []string{"uptime"}, keys(cy.Own))
	require.Equal(t, []string{"deals"}, keys(cy.Helping), "an initiative in another team")
	require.Empty(t, cy.Team)

	bo, err := h.acme.View().Matters(t.Context(), okr.Matter{Person: "bo"})
	require.NoError(t, err)
	require.Empty(t, bo.Blockers, "the blocker lies outside of what is theirs")

	dee, err := h.acme.View().Matters(t.Context(), okr.Matter{Person: "dee"})
	require.NoError(t, err)
	require.Empty(t, dee.Own)

	h.clock.Set(time.Date(2027, time.January, 5, 9, 0, 0, 0, time.UTC))
	over, err := h.acme.View().Matters(t.Context(), okr.Matter{Person: "ana"})
	require.NoError(t, err)
	require.Empty(t, over.Own, "the quarter is over")
}

func TestWhatMattersToAWorkItem(t *testing.T) {
	h, _ := middle(t)
	m, err := h.acme.View().Matters(t.Context(), okr.Matter{Link: "SALES-7"})
	require.NoError(t, err)
	require.Equal(t, []string{"deals"}, keys(m.Helping))
	k := m.Helping[0]
	require.Equal(t, "Win the market", k.ObjectiveTitle)
	require.Equal(t, "Ana", k.OwnerName)
	require.True(t, k.Measured.Gap.Known())
	require.NotNil(t, k.Next)

	none, err := h.acme.View().Matters(t.Context(), okr.Matter{Link: "SALES-8"})
	require.NoError(t, err)
	require.Empty(t, none.Helping)
	_, err = h.acme.View().Matters(t.Context(), okr.Matter{})
	require.Equal(t, "person", invalidField(t, err))
	_, err = h.acme.View().Matters(t.Context(), okr.Matter{Person: "ana", Link: "SALES-7"})
	require.Equal(t, "person", invalidField(t, err))
	_, err = h.acme.View().Matters(t.Context(), okr.Matter{Person: "nobody"})
	require.ErrorIs(t, err, okr.ErrNotFound)
	other, err := h.desk.For("globex").View().Matters(t.Context(), okr.Matter{Link: "SALES-7"})
	require.NoError(t, err)
	require.Empty(t, other.Helping)
}

func TestWhoHasNothing(t *testing.T) {
	h, c := middle(t)
	n, err := h.acme.View().Nothing(t.Context(), c.ID)
	require.NoError(t, err)
	require.Len(t, n.People, 1, "neither a mailing list nor who has left")
	require.Equal(t, okr.ID("dee"), n.People[0].ID)
	require.Len(t, n.Teams, 1)
	require.Equal(t, okr.ID("idle"), n.Teams[0].ID)

	given := okr.Abandoned
	_, err = h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: h.keyResult(t, "renewals").ID, State: &given, Reason: "No longer ours"})
	require.NoError(t, err)
	n, err = h.acme.View().Nothing(t.Context(), c.ID)
	require.NoError(t, err)
	require.Len(t, n.People, 1, "Bo shall still remove a blocker")
}

func TestThePortfolioShowsOwnerProgressStatusAndFreshness(t *testing.T) {
	h, c := middle(t)
	page, err := h.acme.View().Portfolio(t.Context(), okr.Portfolio{Cycle: c.ID, Limit: 1})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	row := page.Items[0]
	require.Equal(t, "Win the market", row.Title, "what is ranked comes first")
	require.Equal(t, "Ana", row.OwnerName)
	require.Equal(t, "Sales", row.TeamName)
	require.Equal(t, measure.N(0.25), row.Progress, "of what is known")
	require.InDelta(t, 2.0/3, row.Coverage, 1e-12)
	require.Equal(t, map[measure.Status]int{measure.OffTrack: 1, measure.Unknown: 1, measure.OnTrack: 1}, row.Counts)
	require.Equal(t, time.Date(2026, 11, 12, 17, 0, 0, 0, time.UTC), *row.Newest)

	next, err := h.acme.View().Portfolio(t.Context(), okr.Portfolio{Cycle: c.ID, Limit: 1, After: page.Next})
	require.NoError(t, err)
	require.Equal(t, "Keep the lights on", next.Items[0].Title)
	require.Equal(t, 1, next.Items[0].Blockers)
	end, err := h.acme.View().Portfolio(t.Context(), okr.Portfolio{Cycle: c.ID, After: next.Next})
	require.NoError(t, err)
	require.Empty(t, end.Items)
	require.Empty(t, end.Next)
	_, err = h.acme.View().Portfolio(t.Context(), okr.Portfolio{Limit: -1})
	require.Equal(t, "limit", invalidField(t, err))
}

func TestWorkIsRankedByWhatItServes(t *testing.T) {
	h, c := middle(t)
	id := func(key string) okr.ID { return h.keyResult(t, key).ID }
	p, err := h.acme.View().Prioritise(t.Context(), c.ID, []okr.WorkItem{
		{ID: "w1", KeyResults: []okr.ID{id("uptime")}},
		{ID: "w2", Link: "SALES-7"},
		{ID: "w3", KeyResults: []okr.ID{id("leads")}},
		{ID: "w4", Title: "Paint the door"},
		{ID: "w5", KeyResults: []okr.ID{"gone long ago"}},
		{ID: "w6", KeyResults: []okr.ID{id("deals"), id("deals")}},
	})
	require.NoError(t, err)
	var order []string
	var places []int
	for _, r := range p.Ranked {
		order = append(order, r.ID)
		places = append(places, r.Place)
	}
	require.Equal(t, []string{"w2", "w6", "w3", "w1"}, order, "ranked before unranked, then how far behind")
	require.Equal(t, []int{1, 1, 3, 4}, places, "equal work shares a place")
	require.Equal(t, `It serves "Reach deals" (off track, 42 points behind) of the committed objective ranked 1 of Sales.`, p.Ranked[0].Reason)
	require.Equal(t, `It serves "Reach uptime" (on track) of an unranked, aspirational objective of Ops.`, p.Ranked[3].Reason)
	require.Equal(t, []okr.UnservedWork{
		{WorkItem: okr.WorkItem{ID: "w4", Title: "Paint the door"}},
		{WorkItem: okr.WorkItem{ID: "w5", KeyResults: []okr.ID{"gone long ago"}}, Unserving: okr.Unserving{Unknown: []okr.ID{"gone long ago"}}},
	}, p.Unserved)

	_, err = h.acme.View().Prioritise(t.Context(), c.ID, []okr.WorkItem{{ID: "w"}, {ID: "w"}})
	require.Equal(t, "work[1].id", invalidField(t, err))
	_, err = h.desk.For("globex").View().Prioritise(t.Context(), c.ID, nil)
	require.ErrorIs(t, err, okr.ErrNotFound)
}

// Work that names what nobody works on is told so, beside what it does serve.
func TestWorkThatNamesWhatItDoesNotServe(t *testing.T) {
	h, c := middle(t)
	id := func(key string) okr.ID { return h.keyResult(t, key).ID }
	_, err := h.acme.Propose(t.Context(), okr.Plan{Cycle: okr.PlanCycle{Key: c.Key, Start: c.Start, End: c.End}, Objectives: []okr.PlanObjective{
		{Key: "later", Title: "Later", KeyResults: []okr.PlanKeyResult{{Key: "draft", Title: "Draft", Metric: measure.Metric{Kind: measure.Increase, Baseline: measure.N(0), Target: measure.N(1)}}}},
	}})
	require.NoError(t, err)
	done := okr.Done
	_, err = h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: id("leads"), State: &done})
	require.NoError(t, err)
	not := okr.Unserving{
		Inactive: []okr.InactiveKeyResult{{KeyResult: id("draft"), State: okr.Draft}, {KeyResult: id("leads"), State: okr.Done}},
		Unknown:  []okr.ID{"gone"},
	}
	slices.SortFunc(not.Inactive, func(a, b okr.InactiveKeyResult) int { return strings.Compare(string(a.KeyResult), string(b.KeyResult)) })
	p, err := h.acme.View().Prioritise(t.Context(), c.ID, []okr.WorkItem{
		{ID: "some", KeyResults: []okr.ID{"gone", id("draft"), id("leads"), id("deals")}},
		{ID: "none", KeyResults: []okr.ID{"gone", id("draft"), id("leads")}},
	})
	require.NoError(t, err)
	require.Len(t, p.Ranked, 1)
	require.Len(t, p.Ranked[0].Serves, 1)
	require.Equal(t, not, p.Ranked[0].Unserving)
	require.Len(t, p.Unserved, 1)
	require.Equal(t, not, p.Unserved[0].Unserving)
}
