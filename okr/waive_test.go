package okr_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// gates is a judge with two rules in gate mode: each key result has a definition,
// and each has a rationale; an owner owns one key result.
type gates struct{}

func (gates) Starter() []okr.Pack {
	return []okr.Pack{{Name: "gates", Version: "1", Digest: "d1", Text: "text"}}
}

func (gates) Needs([]okr.Pack, okr.Intent) okr.Collections {
	return okr.Collections{OwnerKeyResults: true}
}

func (gates) Judge(_ context.Context, p okr.Proposal) (okr.Verdict, error) {
	var v okr.Verdict
	find := func(rule string, subject okr.Ref, title string) {
		v.Findings = append(v.Findings, okr.Finding{Rule: rule, Pack: "gates", Severity: okr.SeverityError, Outcome: okr.OutcomeFail, Gate: true, Subject: subject, Title: title, Message: rule})
		v.Refused = true
	}
	owned := map[okr.ID]int{}
	for _, k := range p.After.KeyResults {
		owned[k.Owner]++
		if k.Definition == "" {
			find("defined", ref(okr.KindKeyResult, k.ID), k.Title)
		}
		if k.Rationale == "" {
			find("reasoned", ref(okr.KindSource, k.ID), k.Title)
		}
	}
	for _, who := range p.After.People {
		if owned[who.ID] > 1 {
			find("one-each", ref(okr.KindOwner, who.ID), who.Name)
		}
	}
	return v, nil
}

func planned(t *testing.T, c okr.Config) house {
	t.Helper()
	h := open(t, c)
	_, err := h.acme.Propose(t.Context(), okrtest.Plan())
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	return h
}

// A gate holds until somebody answers for what it holds back, and again from the
// day on which nobody does any more.
func TestAWaivedFindingReturnsOnItsDay(t *testing.T) {
	h, ctx := planned(t, okr.Config{Judge: gates{}}), t.Context()
	cycle := h.cycle(t).ID
	_, err := h.acme.Activate(ctx, okr.Activation{Cycle: cycle})
	require.Len(t, findings(t, err), 7, "everything at once")
	until := time.Date(2026, time.October, 15, 22, 0, 0, 0, time.UTC)
	var first okr.ID
	for _, key := range []string{"k1", "k2", "k3"} {
		k := ref(okr.KindKeyResult, h.keyResult(t, key).ID)
		d, err := h.acme.Waive(ctx, okr.Waiving{Rule: "defined", Subject: k, Owner: "ben", Reason: "The wording follows", Until: until})
		id := made(t, d, err, okr.KindWaiver)
		if first == "" {
			first = id
		}
		require.Equal(t, []string{okr.EventFindingWaived}, types(d.Events))
		_, err = h.acme.Waive(ctx, okr.Waiving{Rule: "reasoned", Subject: k, Owner: "ben", Reason: "Obvious"})
		require.NoError(t, err)
	}
	_, err = h.acme.Activate(ctx, okr.Activation{Cycle: cycle})
	fs := findings(t, err)
	require.Len(t, fs, 1, "what is left")
	require.Equal(t, "one-each", fs[0].Rule)
	_, err = h.acme.Waive(ctx, okr.Waiving{Rule: "one-each", Subject: fs[0].Subject, Owner: "ana", Reason: "Small team", Until: until})
	require.NoError(t, err)
	k1 := h.keyResult(t, "k1")
	_, err = h.acme.Activate(ctx, okr.Activation{Subjects: []okr.Ref{ref(okr.KindObjective, k1.Objective), ref(okr.KindKeyResult, k1.ID)}})
	require.NoError(t, err, "an owner's waiver holds whatever is activated")
	d, err := h.acme.Activate(ctx, okr.Activation{Cycle: cycle})
	require.NoError(t, err)
	require.Len(t, d.Findings, 8, "they are still told, and that nobody met to plan")
	for _, f := range d.Findings {
		if f.Rule == "planning-held" {
			continue
		}
		require.NotNil(t, f.Waived, f.Rule)
		require.False(t, f.Gate)
	}
	waived := func() (n int) {
		tree, err := h.acme.View().Tree(ctx, cycle)
		require.NoError(t, err)
		for _, f := range tree.Findings {
			if f.Waived != nil {
				n++
			}
		}
		return n
	}
	require.Equal(t, 7, waived(), "and a reader sees the same")
	settle(t, h)

	h.clock.Set(until.Add(-time.Microsecond))
	require.Empty(t, only(settle(t, h).Events, okr.EventWaiverExpired))
	require.Equal(t, 7, waived())
	h.clock.Set(until)
	require.Equal(t, 3, waived(), "to the instant")
	events := settle(t, h).Events
	require.Len(t, only(events, okr.EventWaiverExpired), 4, "and that they count again is told")
	require.Empty(t, only(settle(t, h).Events, okr.EventWaiverExpired), "once")
	_, err = h.acme.EndWaiver(ctx, okr.WaiverEnd{Waiver: first})
	require.ErrorIs(t, err, okr.ErrConflict)
	_, err = h.acme.Waive(ctx, okr.Waiving{Rule: "defined", Subject: ref(okr.KindKeyResult, k1.ID), Owner: "ana", Reason: "One more week", Until: until.AddDate(0, 0, 7)})
	require.NoError(t, err, "what has ended can be given again")
}

func TestAWaiverEndsEarly(t *testing.T) {
	h, ctx := planned(t, okr.Config{Judge: gates{}}), t.Context()
	k1 := ref(okr.KindKeyResult, h.keyResult(t, "k1").ID)
	until := h.clock.Now().AddDate(0, 0, 7)
	d, err := h.acme.Waive(ctx, okr.Waiving{Rule: "defined", Subject: k1, Owner: "ana", Reason: "soon", Until: until})
	id := made(t, d, err, okr.KindWaiver)
	_, err = h.acme.Waive(ctx, okr.Waiving{Rule: "defined", Subject: k1, Owner: "ben", Reason: "me, too"})
	require.ErrorIs(t, err, okr.ErrConflict)
	d, err = h.acme.EndWaiver(ctx, okr.WaiverEnd{Waiver: id})
	require.NoError(t, err)
	require.Equal(t, []string{okr.EventWaiverEnded}, types(d.Events))
	holding, err := h.acme.View().Waivers(ctx, okr.WaiverQuery{Subject: k1, Holding: true}, okr.Paging{})
	require.NoError(t, err)
	require.Empty(t, holding.Items)
	all, err := h.acme.View().Waivers(ctx, okr.WaiverQuery{Subject: k1, Rule: "defined"}, okr.Paging{})
	require.NoError(t, err)
	require.Len(t, all.Items, 1)
	require.Equal(t, okr.Waiver{
		ID: id, Rule: "defined", Subject: k1, Cycle: h.cycle(t).ID, Owner: "ana", Reason: "soon", Until: &until, By: ana, At: h.clock.Now(),
		Ended: ptr(h.clock.Now()), Version: 2,
	}, all.Items[0])
	h.clock.Set(until)
	require.Empty(t, only(settle(t, h).Events, okr.EventWaiverExpired), "it ended when somebody ended it")
}

func TestWaiversAreRefusedByName(t *testing.T) {
	h, ctx := planned(t, okr.Config{}), t.Context()
	_, err := h.acme.SyncPeople(ctx, okr.Directory{People: []okr.Person{{ID: "crew", Name: "Crew", Kind: okr.Group}, {ID: "kim", Name: "Kim Oda", Left: true}}})
	require.NoError(t, err)
	k1 := ref(okr.KindKeyResult, h.keyResult(t, "k1").ID)
	good := okr.Waiving{Rule: "defined", Subject: k1, Owner: "ana", Reason: "x"}
	for name, x := range map[string]struct {
		change func(*okr.Waiving)
		field  string
	}{
		"no rule":         {func(n *okr.Waiving) { n.Rule = "" }, "rule"},
		"no subject":      {func(n *okr.Waiving) { n.Subject = okr.Ref{} }, "subject.kind"},
		"everything":      {func(n *okr.Waiving) { n.Subject = ref(okr.KindTenant, "acme") }, "subject.kind"},
		"nobody":          {func(n *okr.Waiving) { n.Owner = "" }, "owner"},
		"a stranger":      {func(n *okr.Waiving) { n.Owner = "zoe" }, "owner"},
		"a group":         {func(n *okr.Waiving) { n.Owner = "crew" }, "owner"},
		"who left":        {func(n *okr.Waiving) { n.Owner = "kim" }, "owner"},
		"no reason":       {func(n *okr.Waiving) { n.Reason = " " }, "reason"},
		"yesterday":       {func(n *okr.Waiving) { n.Until = h.clock.Now() }, "until"},
		"team for ever":   {func(n *okr.Waiving) { n.Subject = ref(okr.KindTeam, "sales") }, "until"},
		"person for ever": {func(n *okr.Waiving) { n.Subject = ref(okr.KindOwner, "ben") }, "until"},
	} {
		t.Run(name, func(t *testing.T) {
			n := good
			x.change(&n)
			_, err := h.acme.Waive(ctx, n)
			require.Equal(t, x.field, invalidField(t, err))
		})
	}
	good.Subject.ID = "nope"
	_, err = h.acme.Waive(ctx, good)
	require.ErrorIs(t, err, okr.ErrNotFound)
}

// What the desk itself holds back, a team's limit and a review that is missing,
// can be waived like any rule.
func TestTheDesksOwnGatesAreWaivedToo(t *testing.T) {
	h, ctx := crowded(t), t.Context()
	o3 := h.objective(t, "o3")
	active := okr.Activation{Subjects: []okr.Ref{ref(okr.KindObjective, o3.ID)}}
	_, err := h.acme.Activate(ctx, active)
	require.Len(t, findings(t, err), 1)
	end := time.Date(2027, time.January, 31, 0, 0, 0, 0, time.UTC)
	_, err = h.acme.Waive(ctx, okr.Waiving{Rule: "team-limit", Subject: ref(okr.KindTeam, "sales"), Owner: "ana", Reason: "Only until Friday", Until: end})
	require.NoError(t, err)
	d, err := h.acme.Activate(ctx, active)
	require.NoError(t, err)
	require.True(t, slices.ContainsFunc(d.Findings, func(f okr.Finding) bool { return f.Rule == "team-limit" && f.Waived != nil }))

	h.clock.Set(time.Date(2027, time.January, 4, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Close(ctx, okr.Closing{Cycle: o3.Cycle})
	missing := findings(t, err)
	require.NotEmpty(t, missing)
	for _, f := range missing {
		_, err := h.acme.Waive(ctx, okr.Waiving{Rule: f.Rule, Subject: f.Subject, Owner: "ana", Reason: "The team was dissolved"})
		if err != nil {
			require.ErrorIs(t, err, okr.ErrConflict, "the same rule about the same subject")
		}
	}
	_, err = h.acme.Close(ctx, okr.Closing{Cycle: o3.Cycle})
	require.NoError(t, err)
	k := ref(okr.KindKeyResult, o3.KeyResults[0].ID)
	_, err = h.acme.Waive(ctx, okr.Waiving{Rule: "defined", Subject: k, Owner: "ana", Reason: "x"})
	require.ErrorIs(t, err, okr.ErrConflict, "a closed cycle stays as it is")
}

// A judge may refuse without saying why; no waiver covers that.
func TestAWaiverCoversOnlyWhatIsSaid(t *testing.T) {
	v := okr.Verdict{Refused: true, Findings: []okr.Finding{{Rule: "r", Subject: ref(okr.KindKeyResult, "k")}}}
	s := &okr.Snapshot{Waivers: []okr.Waiver{{ID: "w", Rule: "r", Subject: ref(okr.KindKeyResult, "k")}}}
	v.Waive(s, time.Now())
	require.NotNil(t, v.Findings[0].Waived)
	require.True(t, v.Refused)
	v = okr.Verdict{Refused: true, Findings: []okr.Finding{
		{Rule: "r", Subject: ref(okr.KindKeyResult, "k"), Gate: true}, {Rule: "r", Subject: ref(okr.KindKeyResult, "other"), Gate: true},
	}}
	v.Waive(s, time.Now())
	require.True(t, v.Refused, "the other one still holds it back")
	require.Equal(t, []bool{false, true}, []bool{v.Findings[0].Gate, v.Findings[1].Gate})
}
