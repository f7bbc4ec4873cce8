package okr_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// twoTeams is a house of two teams with an objective and a key result each, active
// since the first of October.
func twoTeams(t *testing.T, c okr.Config) (h house, cycle okr.ID, sales, ops okr.Ref) {
	t.Helper()
	h = open(t, c)
	p := okrtest.Plan()
	p.People = append(p.People, okr.Person{ID: "cyd", Name: "Cyd", Team: "ops"})
	p.Teams = append(p.Teams, okr.Team{ID: "ops", Name: "Operations", Lead: "cyd"})
	p.Objectives = append(p.Objectives, okr.PlanObjective{Key: "o2", Title: "The shop never sleeps", Team: "ops", Owner: "cyd", KeyResults: []okr.PlanKeyResult{branchKeyResult("up", "Up", "cyd")}})
	_, err := h.acme.Propose(t.Context(), p)
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Activate(t.Context(), okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	return h, h.cycle(t).ID, okr.Ref{Kind: okr.KindKeyResult, ID: h.keyResult(t, "k1").ID}, okr.Ref{Kind: okr.KindKeyResult, ID: h.keyResult(t, "up").ID}
}

func TestDependencies(t *testing.T) {
	h, cycle, sales, ops := twoTeams(t, okr.Config{})
	ctx := t.Context()
	depend := func(from, to okr.Ref, day int) okr.ID {
		n := okr.NewDependency{From: from, To: to, Text: "an export of all renewals"}
		if day > 0 {
			n.Due = october(day)
		}
		d, err := h.acme.Depend(ctx, n)
		require.Equal(t, []string{okr.EventDependencyAsked}, types(d.Events))
		p, e := d.Events[0].Payload()
		require.NoError(t, e)
		require.Equal(t, okr.DependencyAsked, p.(*okr.DependencyFact).State)
		require.NotContains(t, string(d.Events[0].Data), "export", "a text is nobody's business on the bus")
		return made(t, d, err, okr.KindDependency)
	}
	late := depend(sales, okr.Ref{Kind: okr.KindTeam, ID: "ops"}, 8)
	open := depend(sales, ops, 0)
	soon := depend(sales, ops, 20)
	done := depend(sales, ops, 5)
	ans := func(id okr.ID, st okr.DependencyState) error {
		d, err := h.acme.As(okr.Someone("cyd")).Answer(ctx, okr.DependencyAnswer{Dependency: id, State: st, Reason: "as agreed", Owner: "cyd"})
		if err == nil {
			p, e := d.Events[0].Payload()
			require.NoError(t, e)
			f := p.(*okr.DependencyFact)
			require.ElementsMatch(t, []okr.ID{"sales", "ops"}, []okr.ID{f.FromTeam, f.ToTeam}, "both teams hear of it")
		}
		return err
	}
	require.NoError(t, ans(soon, okr.DependencyPromised))
	require.NoError(t, ans(done, okr.DependencyDone))
	require.ErrorIs(t, ans(done, okr.DependencyPromised), okr.ErrConflict)

	h.clock.Set(time.Date(2026, time.October, 9, 9, 0, 0, 0, time.UTC))
	order := func(rows []okr.DependencyView) (ids []okr.ID) {
		for _, d := range rows {
			ids = append(ids, d.ID)
		}
		return ids
	}
	of := func(team okr.ID) okr.Dependencies {
		x, err := h.acme.View().Dependencies(ctx, cycle, team)
		require.NoError(t, err)
		return x
	}
	want := []okr.ID{late, soon, open, done}
	require.Equal(t, want, order(of("sales").Needs), "what is overdue stands first, what is done last")
	require.Empty(t, of("sales").Owes)
	require.Equal(t, want, order(of("ops").Owes))
	require.Equal(t, want, order(of("").Needs))
	require.True(t, of("sales").Needs[0].Overdue)
	require.Equal(t, "Operations", of("sales").Needs[0].ToTitle)
	require.Equal(t, okr.ID("cyd"), of("sales").Needs[1].Owner)
	require.Empty(t, of("sales").Needs[0].Ring)

	// Two teams may need one another, and should know it.
	back := depend(ops, sales, 0)
	ring := of("ops").Needs[0]
	require.Equal(t, back, ring.ID)
	require.Equal(t, []string{"Up", "Raise renewals from 70 % to 90 %", "Up"}, ring.Ring)
	require.NoError(t, ans(back, okr.DependencyDeclined))
	require.Empty(t, of("ops").Needs[0].Ring)

	for field, n := range map[string]okr.NewDependency{
		"from.kind": {From: okr.Ref{Kind: okr.KindTeam, ID: "ops"}, To: ops, Text: "x"},
		"to.kind":   {From: sales, To: okr.Ref{Kind: okr.KindCycle, ID: cycle}, Text: "x"},
		"to":        {From: sales, To: okr.Ref{Kind: okr.KindKeyResult, ID: "nowhere"}, Text: "x"},
		"text":      {From: sales, To: ops},
		"due":       {From: sales, To: ops, Text: "x", Due: okr.Date{Year: 2027, Month: 2, Day: 1}},
	} {
		_, err := h.acme.Depend(ctx, n)
		require.Equal(t, field, invalidField(t, err))
	}
	_, err := h.acme.Depend(ctx, okr.NewDependency{From: sales, To: sales, Text: "x"})
	require.Equal(t, "to", invalidField(t, err))
	_, err = h.acme.Answer(ctx, okr.DependencyAnswer{Dependency: open, State: okr.DependencyAsked})
	require.Equal(t, "state", invalidField(t, err))
	_, err = h.acme.Answer(ctx, okr.DependencyAnswer{Dependency: open, State: okr.DependencyDeclined})
	require.Equal(t, "reason", invalidField(t, err))
	_, err = h.acme.Answer(ctx, okr.DependencyAnswer{Dependency: open, State: okr.DependencyPromised, Owner: "nobody"})
	require.Equal(t, "owner", invalidField(t, err))
}

func TestOwns(t *testing.T) {
	h, _, sales, _ := twoTeams(t, okr.Config{})
	ctx := t.Context()
	_, err := h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: sales.ID, Value: measure.N(80)})
	require.NoError(t, err)
	all, err := h.acme.View().Owns(ctx, "", okr.Paging{})
	require.NoError(t, err)
	require.Len(t, all.Items, 4, "who owns what, across teams")
	var ids []okr.ID
	for p := (okr.Paging{Limit: 1}); ; {
		page, err := h.acme.View().Owns(ctx, "", p)
		require.NoError(t, err)
		for _, o := range page.Items {
			ids = append(ids, o.ID)
		}
		if p.After = page.Next; page.Next == "" {
			break
		}
	}
	require.Len(t, ids, 4)
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(ids))), 4)
	mine := func() okr.Owned {
		page, err := h.acme.View().Owns(ctx, "ana", okr.Paging{})
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		return page.Items[0]
	}
	require.True(t, mine().Known)
	require.True(t, mine().Fresh)
	require.NotNil(t, mine().Next)
	h.clock.Advance(20 * 24 * time.Hour)
	require.True(t, mine().Known)
	require.False(t, mine().Fresh, "a value that nobody looked at for three weeks is not known now")
	bens, err := h.acme.View().Owns(ctx, "ben", okr.Paging{})
	require.NoError(t, err)
	require.Len(t, bens.Items, 2)
	require.False(t, bens.Items[0].Known)
	_, err = h.acme.View().Owns(ctx, "nobody", okr.Paging{})
	require.ErrorIs(t, err, okr.ErrNotFound)
	_, err = h.desk.For("globex").View().Owns(ctx, "ana", okr.Paging{})
	require.ErrorIs(t, err, okr.ErrNotFound)
}

func TestOrphans(t *testing.T) {
	h := open(t, okr.Config{})
	ctx := t.Context()
	old := letters(1)
	old.Cycle = okr.PlanCycle{Key: "2026-Q3", Start: okr.Date{Year: 2026, Month: 8, Day: 1}, End: okr.Date{Year: 2026, Month: 10, Day: 1}}
	_, err := h.acme.Propose(ctx, old)
	require.NoError(t, err)
	kr := func(key, owner string) []okr.PlanKeyResult {
		return []okr.PlanKeyResult{branchKeyResult(key, key, owner)}
	}
	p := okr.Plan{
		Cycle: okrtest.Quarter(),
		People: []okr.Person{
			{ID: "ana", Name: "Ana", Team: "all"}, {ID: "ben", Name: "Ben", Team: "sales"}, {ID: "cyd", Name: "Cyd", Team: "ops"},
			{ID: "dan", Name: "Dan", Team: "sales", Left: true}, {ID: "sales@", Name: "Mail", Kind: okr.Group},
		},
		Teams: []okr.Team{{ID: "all", Name: "All", Lead: "ana"}, {ID: "sales", Name: "Sales", Parent: "all"}, {ID: "ops", Name: "Ops", Parent: "all"}},
		Objectives: []okr.PlanObjective{
			{Key: "top", Title: "Top", Team: "all", Rank: 1, KeyResults: kr("a", "ana")},
			{Key: "held", Title: "Held", Team: "sales", Parent: "top", KeyResults: kr("b", "ben")},
			{Key: "loose", Title: "Loose", Team: "sales", KeyResults: kr("c", "cyd")},
			{Key: "late", Title: "Late", Team: "ops", Parents: []okr.PlanParent{{Key: "2026-Q3/A"}}, KeyResults: append(kr("d", "dan"), branchKeyResult("e", "e", "sales@"), branchKeyResult("f", "f", ""), branchKeyResult("g", "g", "ana"))},
			{Key: "empty", Title: "Empty", Team: "ops", Parent: "top"},
		},
	}
	_, err = h.acme.Propose(ctx, p)
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 3, 9, 0, 0, 0, time.UTC))
	cycles, err := h.acme.View().Cycles(ctx)
	require.NoError(t, err)
	_, err = h.acme.Close(ctx, okr.Closing{Cycle: cycles[0].ID})
	require.NoError(t, err)
	x, err := h.acme.View().Orphans(ctx, cycles[1].ID)
	require.NoError(t, err)
	titles := func(os []okr.Orphan) (out []string) {
		for _, o := range os {
			out = append(out, o.Title)
		}
		return out
	}
	require.Equal(t, []string{"Loose"}, titles(x.Unaligned))
	require.Equal(t, objectives(ctx, t, h.acme)["top"].ID, x.Unaligned[0].Objective, "where it could belong")
	require.Equal(t, []string{"Late"}, titles(x.Closed))
	require.Equal(t, []string{"Empty"}, titles(x.Empty))
	require.Equal(t, []string{"d", "e", "f"}, titles(x.Unowned))
	require.Equal(t, []string{"c"}, titles(x.Outside), "a team's lead above it is no stranger")
	_, err = h.desk.For("globex").View().Orphans(ctx, cycles[1].ID)
	require.ErrorIs(t, err, okr.ErrNotFound)
}

func TestHandOver(t *testing.T) {
	h, cycle, sales, ops := twoTeams(t, okr.Config{})
	ctx := t.Context()
	_, err := h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: sales.ID, Blockers: []okr.NewBlocker{{Text: "no data", Owner: "cyd"}}})
	require.NoError(t, err)
	d, err := h.acme.RecordDecision(ctx, okr.NewDecision{Subject: sales, Text: "stop", Owner: "cyd"})
	decision := made(t, d, err, okr.KindDecision)
	d, err = h.acme.Depend(ctx, okr.NewDependency{From: sales, To: ops, Text: "x"})
	dependency := made(t, d, err, okr.KindDependency)
	_, err = h.acme.Answer(ctx, okr.DependencyAnswer{Dependency: dependency, State: okr.DependencyPromised, Owner: "cyd"})
	require.NoError(t, err)

	leavers := func() []okr.Estate {
		all, err := h.acme.View().Leavers(ctx)
		require.NoError(t, err)
		return all
	}
	require.Empty(t, leavers())
	_, err = h.acme.SyncPeople(ctx, okr.Directory{
		People: []okr.Person{{ID: "cyd", Name: "Cyd", Team: "ops", Left: true}},
		Teams:  []okr.Team{{ID: "sales", Name: "Sales", Lead: "ana"}, {ID: "ops", Name: "Operations", Lead: "cyd", Parent: "sales"}},
	})
	require.NoError(t, err)
	all := leavers()
	require.Len(t, all, 1)
	require.Equal(t, okr.ID("cyd"), all[0].Person)
	var subjects []okr.Ref
	for _, b := range all[0].Owns {
		subjects = append(subjects, b.Subject)
		require.Equal(t, okr.ID("ana"), b.Heir, "who leads the team has left: %v", b.Subject)
	}
	kinds := map[okr.Kind]int{}
	for _, r := range subjects {
		kinds[r.Kind]++
	}
	require.Equal(t, map[okr.Kind]int{okr.KindObjective: 1, okr.KindKeyResult: 1, okr.KindBlocker: 1, okr.KindDecision: 1, okr.KindDependency: 1}, kinds)

	hand := func(to okr.ID, subjects ...okr.Ref) (okr.Decision, error) {
		return h.acme.HandOver(ctx, okr.HandOver{From: "cyd", To: to, Subjects: subjects, Reason: "Cyd has left"})
	}
	for field, call := range map[string]okr.HandOver{
		"to":               {From: "cyd", To: "cyd", Reason: "x"},
		"from":             {To: "ben", Reason: "x"},
		"reason":           {From: "cyd", To: "ben"},
		"subjects[0].kind": {From: "cyd", To: "ben", Reason: "x", Subjects: []okr.Ref{{Kind: okr.KindCycle, ID: cycle}}},
		"subjects[0]":      {From: "cyd", To: "ben", Reason: "x", Subjects: []okr.Ref{sales}},
	} {
		_, err := h.acme.HandOver(ctx, call)
		require.Equal(t, field, invalidField(t, err))
	}
	_, err = hand("nobody")
	require.Equal(t, "to", invalidField(t, err))
	require.Len(t, leavers(), 1, "nothing is half handed over")

	d, err = hand("ben", ops)
	require.NoError(t, err)
	require.Equal(t, []string{okr.EventKeyResultChanged}, types(d.Events))
	require.Equal(t, okr.ID("ben"), h.keyResult(t, "up").Owner)
	d, err = hand("ana")
	require.NoError(t, err)
	require.ElementsMatch(t, []string{okr.EventObjectiveChanged, okr.EventHandedOver, okr.EventHandedOver, okr.EventHandedOver}, types(d.Events))
	require.Empty(t, leavers())
	require.Equal(t, okr.ID("ana"), h.keyResult(t, "k1").Blocked[0].Owner)
	decisions, err := h.acme.View().Decisions(ctx, okr.DecisionQuery{Cycle: cycle}, okr.Paging{})
	require.NoError(t, err)
	require.Equal(t, decision, decisions.Items[0].ID)
	require.Equal(t, okr.ID("ana"), decisions.Items[0].Owner)
	d, err = hand("ana")
	require.NoError(t, err)
	require.Empty(t, d.Events, "nothing is left")

	_, err = h.desk.For("globex").As(ana).HandOver(ctx, okr.HandOver{From: "cyd", To: "ana", Reason: "x"})
	require.Equal(t, "to", invalidField(t, err))
	theirs, err := h.desk.For("globex").View().Leavers(ctx)
	require.NoError(t, err)
	require.Empty(t, theirs)
}
