package okr_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// crowded is a running house whose team has as many active objectives as its limit
// allows, 2, and a third one that is a draft.
func crowded(t *testing.T) house {
	t.Helper()
	h, ctx := open(t, okr.Config{Judge: scorer{}}), t.Context()
	p := okrtest.Plan()
	p.Teams[0].Limit = 2
	more := func(key, title string) okr.PlanObjective {
		o := okrtest.Plan().Objectives[0]
		o.Key, o.Title, o.KeyResults = key, title, o.KeyResults[:1]
		o.KeyResults[0].Key, o.Rank = key+"-k", 0
		return o
	}
	p.Objectives = append(p.Objectives, more("o2", "Partners bring every third deal"))
	_, err := h.acme.Propose(ctx, p)
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Activate(ctx, okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err, "two are within the limit")
	p.Objectives = append(p.Objectives, more("o3", "Small customers serve themselves"))
	_, err = h.acme.Propose(ctx, p)
	require.NoError(t, err)
	return h
}

func (h house) objective(t *testing.T, key string) okr.ObjectiveView {
	t.Helper()
	tree, err := h.acme.View().Tree(t.Context(), h.cycle(t).ID)
	require.NoError(t, err)
	for _, o := range tree.Objectives {
		if o.Key == key {
			return o
		}
	}
	require.Fail(t, "no such objective", key)
	return okr.ObjectiveView{}
}

func (h house) notDoing(t *testing.T) []okr.Deferral {
	t.Helper()
	page, err := h.acme.View().NotDoing(t.Context(), h.cycle(t).ID, "sales", okr.Paging{})
	require.NoError(t, err)
	return page.Items
}

func findings(t *testing.T, err error) []okr.Finding {
	t.Helper()
	require.ErrorIs(t, err, okr.ErrRefused)
	var refused *okr.RefusedError
	require.ErrorAs(t, err, &refused)
	return refused.Findings
}

// More than the limit asks what is dropped; the answer is written with it.
func TestAboveTheLimitSomethingIsDropped(t *testing.T) {
	h, ctx := crowded(t), t.Context()
	o1, o2, o3 := h.objective(t, "o1"), h.objective(t, "o2"), h.objective(t, "o3")
	third := okr.Activation{Subjects: []okr.Ref{ref(okr.KindObjective, o3.ID), ref(okr.KindKeyResult, o3.KeyResults[0].ID)}}
	_, err := h.acme.Activate(ctx, third)
	fs := findings(t, err)
	require.Len(t, fs, 1)
	require.Equal(t, "team-limit", fs[0].Rule)
	require.Equal(t, ref(okr.KindTeam, "sales"), fs[0].Subject)
	require.Equal(t, "Sales would have 3 active objectives in Q4 2026, its limit is 2: Customers choose to stay with us; Partners bring every third deal; Small customers serve themselves. What is dropped?", fs[0].Message)
	require.Equal(t, okr.Draft, h.objective(t, "o3").State)

	third.Dropping = []okr.NewDeferral{{Title: "A podcast", Team: "sales", Reason: "Nobody listens"}}
	_, err = h.acme.Activate(ctx, third)
	require.Len(t, findings(t, err), 1, "giving up what never was active makes no room")

	third.Dropping = append(third.Dropping, okr.NewDeferral{Objective: o2.ID, Reason: "Partners are not ready", Revisit: october(30)})
	d, err := h.acme.Activate(ctx, third)
	require.NoError(t, err)
	require.Equal(t, okr.Active, h.objective(t, "o3").State)
	dropped := h.objective(t, "o2")
	require.Equal(t, okr.Postponed, dropped.State)
	require.Equal(t, okr.Postponed, dropped.KeyResults[0].State, "its key results go with it")
	require.NotNil(t, dropped.KeyResults[0].Original, "and keep their history")
	require.Equal(t, okr.Active, h.objective(t, "o1").State)
	require.Equal(t, 2, strings.Count(fmt.Sprint(types(d.Events)), okr.EventDeferralAdded))

	list := h.notDoing(t)
	require.Len(t, list, 2)
	require.Equal(t, "A podcast", list[0].Title)
	require.Equal(t, okr.Deferral{
		ID: list[1].ID, Cycle: o2.Cycle, Team: "sales", Title: o2.Title, Reason: "Partners are not ready", Objective: o2.ID,
		As: okr.Postponed, Was: okr.Active, With: []okr.Dropped{{KeyResult: o2.KeyResults[0].ID, Was: okr.Active}},
		InFavour: o3.ID, Revisit: october(30), By: ana, At: h.clock.Now(), Version: 1,
	}, list[1])

	_, err = h.acme.TakeUp(ctx, okr.TakingUp{Deferral: list[1].ID})
	require.Len(t, findings(t, err), 1, "taking it up again is above the limit, too")
	d, err = h.acme.TakeUp(ctx, okr.TakingUp{
		Deferral: list[1].ID, Reason: "Partners are ready", Dropping: []okr.NewDeferral{{Objective: o1.ID, As: okr.Abandoned, Reason: "They stay anyhow"}},
	})
	require.NoError(t, err)
	require.Contains(t, types(d.Events), okr.EventDeferralTakenUp)
	require.Equal(t, okr.Active, h.objective(t, "o2").State)
	require.Equal(t, okr.Active, h.objective(t, "o2").KeyResults[0].State)
	require.Equal(t, okr.Abandoned, h.objective(t, "o1").State)
	for _, k := range h.objective(t, "o1").KeyResults {
		require.Equal(t, okr.Abandoned, k.State)
	}
	require.Equal(t, []string{"A podcast", o1.Title}, []string{h.notDoing(t)[0].Title, h.notDoing(t)[1].Title})
	_, err = h.acme.TakeUp(ctx, okr.TakingUp{Deferral: list[1].ID})
	require.ErrorIs(t, err, okr.ErrConflict)
}

// A limit holds for a team that gets an objective as well as for one that
// activates it; lowering a limit drops nothing by itself.
func TestALimitHoldsHoweverItIsReached(t *testing.T) {
	h, ctx := crowded(t), t.Context()
	_, err := h.acme.SyncPeople(ctx, okr.Directory{Teams: []okr.Team{{ID: "support", Name: "Support", Limit: 0}}})
	require.NoError(t, err)
	o3 := h.objective(t, "o3")
	support, sales := okr.ID("support"), okr.ID("sales")
	_, err = h.acme.ChangeObjective(ctx, okr.ObjectiveChange{Objective: o3.ID, Team: &support})
	require.NoError(t, err)
	_, err = h.acme.Activate(ctx, okr.Activation{Cycle: o3.Cycle})
	require.NoError(t, err, "no limit, no question")
	_, err = h.acme.ChangeObjective(ctx, okr.ObjectiveChange{Objective: o3.ID, Team: &sales})
	require.Equal(t, "team-limit", findings(t, err)[0].Rule)
	o2 := h.objective(t, "o2").ID
	_, err = h.acme.ChangeObjective(ctx, okr.ObjectiveChange{
		Objective: o3.ID, Team: &sales, Dropping: []okr.NewDeferral{{Objective: o2, Reason: "One too many"}},
	})
	require.NoError(t, err)
	require.Equal(t, okr.Postponed, h.objective(t, "o2").State)

	_, err = h.acme.SyncPeople(ctx, okr.Directory{Teams: []okr.Team{{ID: "sales", Name: "Sales", Lead: "ana", Limit: 1}}})
	require.NoError(t, err)
	title := "Small customers help themselves"
	_, err = h.acme.ChangeObjective(ctx, okr.ObjectiveChange{Objective: o3.ID, Title: &title, Reason: "clearer"})
	require.NoError(t, err, "who is above the limit already is not asked about something else")
	_, err = h.acme.SyncPeople(ctx, okr.Directory{Teams: []okr.Team{{ID: "sales", Name: "Sales", Limit: -1}}})
	require.Equal(t, "teams[0].limit", invalidField(t, err))
}

func TestTheNotDoingList(t *testing.T) {
	h, ctx := running(t, okr.Config{}), t.Context()
	cycle := h.cycle(t).ID
	o1 := h.objective(t, "o1")
	k2 := o1.KeyResults[1].ID
	later := okr.Postponed
	_, err := h.acme.Change(ctx, okr.KeyResultChange{KeyResult: k2, State: &later})
	require.NoError(t, err)
	done := okr.Done
	_, err = h.acme.Change(ctx, okr.KeyResultChange{KeyResult: o1.KeyResults[2].ID, State: &done})
	require.NoError(t, err)

	d, err := h.acme.Defer(ctx, okr.NewDeferral{Objective: o1.ID, Reason: "The contract runs on"})
	id := made(t, d, err, okr.KindDeferral)
	o1 = h.objective(t, "o1")
	require.Equal(t, []okr.State{okr.Postponed, okr.Postponed, okr.Done}, states(o1))
	_, err = h.acme.Defer(ctx, okr.NewDeferral{Objective: o1.ID, Reason: "Again"})
	require.Equal(t, "state", invalidField(t, err))
	active := okr.Active
	_, err = h.acme.Change(ctx, okr.KeyResultChange{KeyResult: k2, State: &active})
	require.ErrorIs(t, err, okr.ErrConflict, "nothing runs under what is not done")

	d, err = h.acme.Defer(ctx, okr.NewDeferral{Objective: o1.ID, As: okr.Abandoned, Reason: "Nobody misses it"})
	require.Equal(t, id, made(t, d, err, okr.KindDeferral), "one entry, put otherwise")
	require.Equal(t, []okr.State{okr.Abandoned, okr.Abandoned, okr.Done}, states(h.objective(t, "o1")))
	require.Len(t, h.notDoing(t), 1)

	_, err = h.acme.TakeUp(ctx, okr.TakingUp{Deferral: id, Reason: "They do"})
	require.NoError(t, err)
	require.Equal(t, []okr.State{okr.Active, okr.Postponed, okr.Done}, states(h.objective(t, "o1")), "each as it was")
	require.Equal(t, okr.Active, h.objective(t, "o1").State)
	require.Empty(t, h.notDoing(t))

	d, err = h.acme.Defer(ctx, okr.NewDeferral{Cycle: cycle, Title: " A  podcast ", Reason: "No time"})
	idea := made(t, d, err, okr.KindDeferral)
	all, err := h.acme.View().NotDoing(ctx, cycle, "", okr.Paging{})
	require.NoError(t, err)
	require.Equal(t, "A podcast", all.Items[0].Title)
	require.Empty(t, h.notDoing(t), "it is nobody's in particular")
	_, err = h.acme.TakeUp(ctx, okr.TakingUp{Deferral: idea})
	require.NoError(t, err)

	for name, x := range map[string]struct {
		n     okr.NewDeferral
		field string
	}{
		"nothing":          {okr.NewDeferral{Cycle: cycle, Reason: "x"}, "title"},
		"both":             {okr.NewDeferral{Objective: o1.ID, Title: "x", Reason: "x"}, "title"},
		"no reason":        {okr.NewDeferral{Objective: o1.ID}, "reason"},
		"no cycle":         {okr.NewDeferral{Title: "x", Reason: "x"}, "cycle"},
		"no such team":     {okr.NewDeferral{Title: "x", Cycle: cycle, Team: "moon", Reason: "x"}, "team"},
		"another team":     {okr.NewDeferral{Objective: o1.ID, Team: "moon", Reason: "x"}, "team"},
		"another end":      {okr.NewDeferral{Objective: o1.ID, As: okr.Done, Reason: "x"}, "as"},
		"an idea ends":     {okr.NewDeferral{Title: "x", Cycle: cycle, As: okr.Abandoned, Reason: "x"}, "as"},
		"looking back":     {okr.NewDeferral{Objective: o1.ID, Reason: "x", Revisit: measure.NewDate(2026, time.September, 30)}, "revisit"},
		"for itself":       {okr.NewDeferral{Objective: o1.ID, Reason: "x", InFavour: o1.ID}, "in_favour"},
		"for what is lost": {okr.NewDeferral{Objective: o1.ID, Reason: "x", InFavour: "nope"}, "in_favour"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.acme.Defer(ctx, x.n)
			require.Equal(t, x.field, invalidField(t, err))
		})
	}
	_, err = h.acme.Defer(ctx, okr.NewDeferral{Objective: "nope", Reason: "x"})
	require.ErrorIs(t, err, okr.ErrNotFound)
	_, err = h.acme.TakeUp(ctx, okr.TakingUp{Deferral: "nope"})
	require.ErrorIs(t, err, okr.ErrNotFound)
}

func states(o okr.ObjectiveView) []okr.State {
	var out []okr.State
	for _, k := range o.KeyResults {
		out = append(out, k.State)
	}
	return out
}

func TestDroppingIsCheckedBeforeAnythingIsWritten(t *testing.T) {
	h, ctx := crowded(t), t.Context()
	o1, o3, cycle := h.objective(t, "o1").ID, h.objective(t, "o3").ID, h.cycle(t).ID
	other := okrtest.Plan()
	other.Cycle.Key, other.Cycle.Start, other.Cycle.End = "next", measure.NewDate(2027, 1, 1), measure.NewDate(2027, 3, 31)
	d, err := h.acme.Propose(ctx, other)
	require.NoError(t, err)
	elsewhere := d.Subjects[0].ID
	subjects := []okr.Ref{ref(okr.KindObjective, o3)}
	for name, x := range map[string]struct {
		dropping []okr.NewDeferral
		field    string
	}{
		"twice":     {[]okr.NewDeferral{{Objective: o1, Reason: "x"}, {Objective: o1, Reason: "y"}}, "dropping[1].objective"},
		"unnamed":   {[]okr.NewDeferral{{Reason: "x"}}, "dropping[0].title"},
		"no reason": {[]okr.NewDeferral{{Objective: o1}}, "dropping[0].reason"},
		"lost":      {[]okr.NewDeferral{{Objective: "nope", Reason: "x"}}, "dropping[0].objective"},
		"itself":    {[]okr.NewDeferral{{Objective: o3, Reason: "x"}}, "dropping[0].objective"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.acme.ChangeObjective(ctx, okr.ObjectiveChange{Objective: o3, Dropping: x.dropping})
			require.Equal(t, x.field, invalidField(t, err))
		})
	}
	_, err = h.acme.ChangeObjective(ctx, okr.ObjectiveChange{Objective: o3, Dropping: []okr.NewDeferral{{Objective: elsewhere, Reason: "x"}}})
	require.Equal(t, "dropping[0].objective", invalidField(t, err), "another cycle makes no room here")
	_, err = h.acme.Activate(ctx, okr.Activation{Subjects: subjects, Dropping: []okr.NewDeferral{{Objective: o3, Reason: "x"}}})
	require.ErrorIs(t, err, okr.ErrConflict, "what is dropped does not become active")
	s, err := h.acme.View().Snapshot(ctx, cycle)
	require.NoError(t, err)
	require.Equal(t, okr.Draft, s.Objective(o3).State)
	require.Empty(t, s.Deferrals)
}
