package cadence_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// newNews is a house in which Lea, who owns nothing, does something to what others own
// and Cem takes things over. Nothing else is due before the second.
func newNews(t *testing.T, change ...func(*okr.Plan)) (*house, okr.Tenant) {
	h := newHouse(t, change...)
	h.sync(t, okr.Person{ID: "lea", Name: "Lea Roth"}, okr.Person{ID: "cem", Name: "Cem Ay"})
	return h, h.acme.As(okr.Someone("lea"))
}

func (h *house) ref(t *testing.T, key string) okr.Ref {
	return okr.Ref{Kind: okr.KindKeyResult, ID: h.keyResult(t, key).ID}
}

func (h *house) change(t *testing.T, by okr.Tenant, key string, c okr.KeyResultChange) {
	t.Helper()
	c.KeyResult, c.Reason = h.keyResult(t, key).ID, "so be it"
	_, err := by.Change(t.Context(), c)
	require.NoError(t, err)
}

// hear is what is told now, and what was dropped of it.
func (h *house) hear(t *testing.T) (told, dropped []string) {
	t.Helper()
	drain(t, cadence.NewRunner(h.desk, cadence.Dropped(func(_ okr.TenantID, x okr.Waiting) {
		dropped = append(dropped, fmt.Sprintf("%s: %s, %s", x.Person, strings.TrimPrefix(x.Event.Type, okr.EventPrefix), x.Moot))
	})))
	for _, n := range h.notices(t) {
		told = append(told, string(n.To)+": "+n.Kind+": "+n.Body)
	}
	slices.Sort(dropped)
	return told, dropped
}

func target(n float64) *measure.Metric {
	return &measure.Metric{Kind: measure.Increase, Unit: "%", Baseline: measure.N(70), Target: measure.N(n)}
}

func become(s okr.State) *okr.State { return &s }

func owner(id okr.ID) *okr.ID { return &id }

func TestWhatOthersDoIsToldToWhomItConcerns(t *testing.T) {
	h, lea := newNews(t)
	ctx := t.Context()
	h.change(t, lea, "k1", okr.KeyResultChange{Metric: target(95)})
	title, due := "Raise renewals to 95 %", measure.NewDate(2026, 12, 18)
	h.change(t, lea, "k1", okr.KeyResultChange{Title: &title, Due: &due})
	h.change(t, lea, "k2", okr.KeyResultChange{Owner: owner("cem")})
	_, err := lea.Comment(ctx, okr.NewComment{Subject: h.ref(t, "k1"), Text: "Why so low?"})
	require.NoError(t, err)
	_, err = lea.RecordDecision(ctx, okr.NewDecision{Subject: h.ref(t, "k3"), Text: "We drop the other one.", Owner: "cem"})
	require.NoError(t, err)
	told, dropped := h.hear(t)
	require.Empty(t, dropped)
	require.Equal(t, []string{
		"ana: changed: Raise renewals to 95 %\nThis was changed by Lea Roth:\n– Title, which was “Raise renewals from 70 % to 90 %”\n" +
			"– Target: 95% (before: 90%)\n– Due: Friday, 18 December 2026 (before: Thursday, 31 December 2026)\n\n" +
			"Raise renewals to 95 %\nA new comment by Lea Roth.",
		"ben: taken: Cut first response time from 12 to 4 hours\nIt was given to Cem Ay by Lea Roth: you no longer answer for it.\n\n" +
			"The ten largest customers sign for another year\nA decision was recorded by Lea Roth.",
		"cem: given: Cut first response time from 12 to 4 hours\nIt was given to you by Lea Roth: it is yours from now on.\n\n" +
			"The ten largest customers sign for another year\nA decision was recorded by Lea Roth. You are asked to see it through.",
	}, told)
	for _, state := range []okr.State{okr.Postponed, okr.Active, okr.Done, okr.Active, okr.Abandoned} {
		h.clock.Advance(24 * time.Hour * 7)
		_, _ = h.hear(t) // what its check-ins are about
		h.change(t, lea, "k3", okr.KeyResultChange{State: become(state)})
		told, _ = h.hear(t)
		require.Equal(t, []string{"ben: " + map[okr.State]string{
			okr.Postponed: "ended: The ten largest customers sign for another year\nIt was postponed by Lea Roth.",
			okr.Active:    "changed: The ten largest customers sign for another year\nThis was changed by Lea Roth:\n– It is under way again",
			okr.Done:      "ended: The ten largest customers sign for another year\nIt was marked as done by Lea Roth.",
			okr.Abandoned: "ended: The ten largest customers sign for another year\nIt was given up by Lea Roth.",
		}[state]}, told)
	}
}

// Nobody is told of what they did themselves, of what goes on among drafts, or of what is
// as it was by the time at which they might be told.
func TestWhatNeedNotBeTold(t *testing.T) {
	for name, tc := range map[string]struct {
		do      func(t *testing.T, h *house, lea okr.Tenant)
		told    []string
		dropped []string
	}{
		"one's own": {do: func(t *testing.T, h *house, _ okr.Tenant) {
			h.change(t, h.acme, "k1", okr.KeyResultChange{Metric: target(95)})
			_, err := h.acme.Comment(t.Context(), okr.NewComment{Subject: h.ref(t, "k1"), Text: "I mean it."})
			require.NoError(t, err)
			_, err = h.acme.RecordDecision(t.Context(), okr.NewDecision{Subject: h.ref(t, "k1"), Text: "I drop it."})
			require.NoError(t, err)
			h.change(t, h.acme, "k1", okr.KeyResultChange{State: become(okr.Abandoned)})
		}},
		"changed back": {do: func(t *testing.T, h *house, lea okr.Tenant) {
			h.change(t, lea, "k1", okr.KeyResultChange{Metric: target(95)})
			h.change(t, lea, "k1", okr.KeyResultChange{Metric: target(90)})
		}, dropped: []string{"ana: key_result.changed, undone", "ana: key_result.changed, undone"}},
		"changed by themselves since": {do: func(t *testing.T, h *house, lea okr.Tenant) {
			h.change(t, lea, "k1", okr.KeyResultChange{Metric: target(95)})
			h.change(t, h.acme, "k1", okr.KeyResultChange{Metric: target(80)})
		}, dropped: []string{"ana: key_result.changed, undone"}},
		"given there and back": {do: func(t *testing.T, h *house, lea okr.Tenant) {
			h.change(t, lea, "k2", okr.KeyResultChange{Owner: owner("cem")})
			h.change(t, lea, "k2", okr.KeyResultChange{Owner: owner("ben")})
		}, dropped: []string{
			"ben: key_result.changed, undone", "ben: key_result.changed, undone", "cem: key_result.changed, other", "cem: key_result.changed, other",
		}},
		"given on by whoever got it": {do: func(t *testing.T, h *house, lea okr.Tenant) {
			h.change(t, lea, "k2", okr.KeyResultChange{Owner: owner("cem")})
			h.change(t, h.acme.As(okr.Someone("cem")), "k2", okr.KeyResultChange{Owner: owner("ana")})
		}, told: []string{
			"ana: given: Cut first response time from 12 to 4 hours\nIt was given to you by Cem Ay: it is yours from now on.",
			"ben: taken: Cut first response time from 12 to 4 hours\nIt was given to Cem Ay by Lea Roth: you no longer answer for it.",
		}, dropped: []string{"cem: key_result.changed, other"}},
		"changed and given up": {do: func(t *testing.T, h *house, lea okr.Tenant) {
			h.change(t, lea, "k1", okr.KeyResultChange{Metric: target(95)})
			h.change(t, lea, "k1", okr.KeyResultChange{State: become(okr.Abandoned)})
		}, told: []string{"ana: ended: Raise renewals from 70 % to 90 %\nIt was given up by Lea Roth."}},
		"given up by themselves since": {do: func(t *testing.T, h *house, lea okr.Tenant) {
			h.change(t, lea, "k1", okr.KeyResultChange{Metric: target(95)})
			h.change(t, h.acme, "k1", okr.KeyResultChange{State: become(okr.Abandoned)})
		}, dropped: []string{"ana: key_result.changed, over"}},
		"a comment taken back": {do: func(t *testing.T, h *house, lea okr.Tenant) {
			d, err := lea.Comment(t.Context(), okr.NewComment{Subject: h.ref(t, "k1"), Text: "Why so low?"})
			require.NoError(t, err)
			_, err = lea.RemoveComment(t.Context(), okr.CommentRemoval{Comment: d.Subjects[0].Ref.ID})
			require.NoError(t, err)
		}, dropped: []string{"ana: comment.added, removed"}},
		"a comment waits for whoever has it now": {do: func(t *testing.T, h *house, lea okr.Tenant) {
			_, err := lea.Comment(t.Context(), okr.NewComment{Subject: h.ref(t, "k2"), Text: "Why so low?"})
			require.NoError(t, err)
			h.change(t, h.acme.As(okr.Someone("ben")), "k2", okr.KeyResultChange{Owner: owner("cem")})
		}, told: []string{
			"cem: given: Cut first response time from 12 to 4 hours\nIt was given to you by Ben Okafor: it is yours from now on.",
			"cem: comment: Cut first response time from 12 to 4 hours\nA new comment by Lea Roth.",
		}},
		"a status by hand": {do: func(t *testing.T, h *house, lea okr.Tenant) {
			_, err := lea.CheckIn(t.Context(), okr.CheckIn{KeyResult: h.keyResult(t, "k1").ID, Override: &okr.StatusOverride{Status: measure.OnTrack, Reason: "I know more", Until: h.clock.Now().AddDate(0, 0, 7)}})
			require.NoError(t, err)
		}, told: []string{"ana: changed: Raise renewals from 70 % to 90 %\nThis was changed by Lea Roth:\n– Its status, by hand"}},
		"by somebody whose name was erased": {do: func(t *testing.T, h *house, lea okr.Tenant) {
			h.change(t, lea, "k1", okr.KeyResultChange{Metric: target(95)})
			_, err := h.acme.Erase(t.Context(), okr.Erasing{Person: "lea"})
			require.NoError(t, err)
		}, told: []string{"ana: changed: Raise renewals from 70 % to 90 %\nThis was changed:\n– Target: 95% (before: 90%)"}},
		"by a program": {do: func(t *testing.T, h *house, _ okr.Tenant) {
			h.change(t, h.acme.As(okr.Automation("host")), "k1", okr.KeyResultChange{Metric: target(95)})
		}, told: []string{"ana: changed: Raise renewals from 70 % to 90 %\nThis was changed:\n– Target: 95% (before: 90%)"}},
	} {
		t.Run(name, func(t *testing.T) {
			h, lea := newNews(t)
			tc.do(t, h, lea)
			told, dropped := h.hear(t)
			require.Equal(t, tc.told, told)
			require.Equal(t, tc.dropped, dropped)
		})
	}
}

func TestReplies(t *testing.T) {
	h, lea := newNews(t)
	d, err := lea.Comment(t.Context(), okr.NewComment{Subject: h.ref(t, "k2"), Text: "Why so low?"})
	require.NoError(t, err)
	_, err = h.acme.As(okr.Someone("ben")).Comment(t.Context(), okr.NewComment{Subject: h.ref(t, "k2"), ReplyTo: d.Subjects[0].Ref.ID, Text: "Winter."})
	require.NoError(t, err)
	told, _ := h.hear(t)
	require.Equal(t, []string{
		"ben: comment: Cut first response time from 12 to 4 hours\nA new comment by Lea Roth.",
		"lea: comment: Cut first response time from 12 to 4 hours\nA new comment by Ben Okafor, in reply to yours.",
	}, told)
}

// Drafts are nobody's promise: a plan that comes in and becomes active sends nothing.
func TestDraftsAreNoNews(t *testing.T) {
	h, lea := newNews(t)
	h.hear(t)
	plan := okr.Plan{Cycle: okr.PlanCycle{Key: "next", Name: "Next", Zone: "Europe/Zurich", Start: measure.NewDate(2026, 10, 1), End: measure.NewDate(2026, 12, 31)}}
	plan.Objectives = []okr.PlanObjective{{Key: "x", Title: "Customers recommend us", Owner: "ana"}}
	for i := range 400 {
		plan.Objectives[0].KeyResults = append(plan.Objectives[0].KeyResults, okr.PlanKeyResult{
			Key: fmt.Sprint("x", i), Title: fmt.Sprintf("Raise share %d from 70 %% to 90 %%", i), Owner: "ben", Metric: *target(90),
		})
	}
	d, err := lea.Propose(t.Context(), plan)
	require.NoError(t, err)
	title := "Raise share 0 from 70 % to 95 %"
	h.change(t, lea, "x0", okr.KeyResultChange{Title: &title, Owner: owner("cem")})
	_, err = lea.Comment(t.Context(), okr.NewComment{Subject: h.ref(t, "x0"), Text: "Why so low?"})
	require.NoError(t, err)
	plan.Objectives[0].KeyResults[1].Title = "Raise share 1 from 70 % to 96 %"
	_, err = lea.Propose(t.Context(), plan)
	require.NoError(t, err)
	_, err = lea.Activate(t.Context(), okr.Activation{Cycle: h.keyResult(t, "x0").Cycle})
	require.NoError(t, err)
	require.NotEmpty(t, d.Events)
	told, dropped := h.hear(t)
	require.Empty(t, told)
	require.Empty(t, dropped)

	// All of it handed over is one notice to whoever gets it.
	h.sync(t, okr.Person{ID: "ben", Left: true})
	_, err = lea.HandOver(t.Context(), okr.HandOver{From: "ben", To: "cem", Reason: "he has left"})
	require.NoError(t, err)
	drain(t, cadence.NewRunner(h.desk))
	ns := h.notices(t)
	require.Equal(t, []string{"cem: 402 OKRs now yours"}, titles(ns))
}

func TestAnObjectiveThatEndsIsToldToAllBelow(t *testing.T) {
	h, lea := newNews(t)
	o := h.keyResult(t, "k1").Objective
	ref := okr.Ref{Kind: okr.KindObjective, ID: o}
	_, err := lea.Comment(t.Context(), okr.NewComment{Subject: ref, Text: "Why?"})
	require.NoError(t, err)
	told, _ := h.hear(t)
	require.Equal(t, []string{"ana: comment: Customers choose to stay with us\nA new comment by Lea Roth."}, told)
	state := okr.Postponed
	_, err = lea.ChangeObjective(t.Context(), okr.ObjectiveChange{Objective: o, State: &state, Reason: "later"})
	require.NoError(t, err)
	drain(t, cadence.NewRunner(h.desk, cadence.Links(func(_ okr.TenantID, r okr.Ref) string { return "https://okr.example/" + string(r.Kind) })))
	ns := h.notices(t)
	require.Equal(t, []string{"ana: 2 OKRs ended", "ben: 2 OKRs ended"}, titles(ns))
	require.Contains(t, ns[0].Body, "Customers choose to stay with us\nIt was postponed by Lea Roth.\nhttps://okr.example/objective")

	h2, lea := newNews(t)
	o = h2.keyResult(t, "k1").Objective
	_, err = lea.ChangeObjective(t.Context(), okr.ObjectiveChange{Objective: o, Owner: owner("cem")})
	require.NoError(t, err)
	told, _ = h2.hear(t)
	require.Equal(t, []string{
		"ana: taken: Customers choose to stay with us\nIt was given to Cem Ay by Lea Roth: you no longer answer for it.",
		"cem: given: Customers choose to stay with us\nIt was given to you by Lea Roth: it is yours from now on.",
	}, told)
}

func TestWhatACycleCameToIsToldWhenItIsClosed(t *testing.T) {
	h, lea := newNews(t)
	h.change(t, lea, "k3", okr.KeyResultChange{State: become(okr.Abandoned)})
	h.clock.Set(time.Date(2026, time.December, 29, 9, 0, 0, 0, time.UTC))
	for key, v := range map[string]float64{"k1": 90, "k2": 8} {
		_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: h.keyResult(t, key).ID, Value: measure.N(v)})
		require.NoError(t, err)
	}
	h.hear(t)
	h.clock.Set(time.Date(2027, time.January, 5, 9, 0, 0, 0, time.UTC))
	h.hear(t)
	h.hear(t)
	_, err := lea.Close(t.Context(), okr.Closing{Cycle: h.keyResult(t, "k1").Cycle, Waive: &okr.Unreviewed{Owner: "ana", Reason: "we talked"}})
	require.NoError(t, err)
	told, _ := h.hear(t)
	require.Len(t, told, 2)
	require.Contains(t, told[0], "ana: ended: ")
	require.Contains(t, told[0], "Customers choose to stay with us\nIts cycle is closed.")
	require.Contains(t, told[0], "Raise renewals from 70 % to 90 %\nIts cycle is closed, and its target was reached. Score: 100%.")
	require.Equal(t, "ben: ended: Cut first response time from 12 to 4 hours\nIts cycle is closed, and its target was missed. Score: 50%.", told[1])
}

// What is private is told to whoever may see it, and what it was stays at home; whoever
// may see it no more hears nothing.
func TestWhatIsPrivateIsTakenSilently(t *testing.T) {
	h, _ := newNews(t, func(p *okr.Plan) { p.Objectives[0].Private, p.Teams[0].Lead = true, "lea" })
	host := h.acme.As(okr.Automation("host"))
	var id okr.ID
	for k, err := range host.View().All(t.Context(), okr.Query{}) {
		require.NoError(t, err)
		if k.Key == "k1" {
			id = k.ID
		}
	}
	_, err := host.Activate(t.Context(), okr.Activation{Subjects: []okr.Ref{{Kind: okr.KindKeyResult, ID: id}}})
	require.NoError(t, err)
	h.hear(t)
	title := "Raise quartz to 95 %"
	_, err = host.Change(t.Context(), okr.KeyResultChange{KeyResult: id, Title: &title, Metric: target(95), Reason: "so be it"})
	require.NoError(t, err)
	for _, e := range h.events(t) {
		require.NotContains(t, string(e.Data), "95")
		require.NotContains(t, string(e.Data), "Raise renewals")
	}
	told, _ := h.hear(t)
	require.Equal(t, []string{"ana: changed: Raise quartz to 95 %\nThis was changed:\n– Title\n– Target: 95%"}, told)
	_, err = host.Comment(t.Context(), okr.NewComment{Subject: okr.Ref{Kind: okr.KindKeyResult, ID: id}, Text: "x"})
	require.NoError(t, err)
	for _, e := range h.events(t) {
		require.NotContains(t, string(e.Data), "quartz")
	}
	told, _ = h.hear(t)
	require.Equal(t, []string{"ana: comment: Raise quartz to 95 %\nA new comment."}, told)
}
