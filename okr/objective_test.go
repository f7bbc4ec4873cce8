package okr_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

func ptr[T any](v T) *T { return &v }

func TestAnObjectiveChanges(t *testing.T) {
	h, ctx := running(t, okr.Config{Judge: scorer{}}), t.Context()
	o := h.objective(t, "o1")
	policy := measure.RollupPolicy{Method: measure.MethodSum}
	d, err := h.acme.ChangeObjective(ctx, okr.ObjectiveChange{
		Objective: o.ID, Title: ptr("Customers  stay"), Description: ptr("and say why"), Rank: ptr(2), Committed: ptr(true),
		Owner: ptr(okr.ID("ben")), Rollup: &policy, Reason: "shorter",
	})
	require.NoError(t, err)
	require.Equal(t, []string{okr.EventObjectiveChanged}, types(d.Events))
	p, err := d.Events[0].Payload()
	require.NoError(t, err)
	f := p.(*okr.ObjectiveFact)
	require.ElementsMatch(t, []string{"title", "description", "rank", "committed", "owner", "rollup"}, f.Changed)
	require.NotContains(t, string(d.Events[0].Data), "shorter", "the reason stays in the ledger")
	got := h.objective(t, "o1")
	require.Equal(t, "Customers stay", got.Title)
	require.Equal(t, "and say why", got.Description)
	require.Equal(t, 2, got.Rank)
	require.True(t, got.Committed)
	require.Equal(t, okr.ID("ben"), got.Owner)
	require.Equal(t, measure.MethodSum, got.Rollup.Method)

	d, err = h.acme.ChangeObjective(ctx, okr.ObjectiveChange{Objective: o.ID, Title: ptr("Customers stay")})
	require.NoError(t, err)
	require.Empty(t, d.Events, "what did not change writes nothing")
	_, err = h.acme.ChangeObjective(ctx, okr.ObjectiveChange{Objective: o.ID, Rank: ptr(1), Version: 1})
	require.ErrorIs(t, err, okr.ErrConflict)
}

func TestObjectiveChangesAreRefusedByName(t *testing.T) {
	h, ctx := running(t, okr.Config{}), t.Context()
	_, err := h.acme.SyncPeople(ctx, okr.Directory{People: []okr.Person{{ID: "crew", Name: "Crew", Kind: okr.Group}, {ID: "kim", Name: "Kim Oda", Left: true}}})
	require.NoError(t, err)
	o := h.objective(t, "o1").ID
	_, err = h.acme.ChangeObjective(ctx, okr.ObjectiveChange{Objective: o, Committed: ptr(true)})
	require.NoError(t, err, "to promise more needs no reason")
	for name, x := range map[string]struct {
		c     okr.ObjectiveChange
		field string
	}{
		"no objective":   {okr.ObjectiveChange{}, "objective"},
		"no title":       {okr.ObjectiveChange{Objective: o, Title: ptr(" "), Reason: "x"}, "title"},
		"for no reason":  {okr.ObjectiveChange{Objective: o, Title: ptr("Other")}, "reason"},
		"softer":         {okr.ObjectiveChange{Objective: o, Committed: ptr(false)}, "reason"},
		"rank":           {okr.ObjectiveChange{Objective: o, Rank: ptr(-1)}, "rank"},
		"a group":        {okr.ObjectiveChange{Objective: o, Owner: ptr(okr.ID("crew"))}, "owner"},
		"who left":       {okr.ObjectiveChange{Objective: o, Owner: ptr(okr.ID("kim"))}, "owner"},
		"a stranger":     {okr.ObjectiveChange{Objective: o, Owner: ptr(okr.ID("zoe"))}, "owner"},
		"no such team":   {okr.ObjectiveChange{Objective: o, Team: ptr(okr.ID("moon"))}, "team"},
		"no such state":  {okr.ObjectiveChange{Objective: o, State: ptr(okr.State("parked"))}, "state"},
		"a draft again":  {okr.ObjectiveChange{Objective: o, State: ptr(okr.Draft)}, "state"},
		"drop silently":  {okr.ObjectiveChange{Objective: o, State: ptr(okr.Postponed)}, "reason"},
		"long":           {okr.ObjectiveChange{Objective: o, Description: ptr(strings.Repeat("x", 4001))}, "description"},
		"rollup by luck": {okr.ObjectiveChange{Objective: o, Rollup: &measure.RollupPolicy{Method: "luck"}}, "rollup.method"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.acme.ChangeObjective(ctx, x.c)
			require.Equal(t, x.field, invalidField(t, err))
		})
	}
	_, err = h.acme.ChangeObjective(ctx, okr.ObjectiveChange{Objective: "nope", Rank: ptr(1)})
	require.ErrorIs(t, err, okr.ErrNotFound)
	_, err = h.desk.For("globex").As(ana).ChangeObjective(ctx, okr.ObjectiveChange{Objective: o, Rank: ptr(1)})
	require.ErrorIs(t, err, okr.ErrNotFound)
	_, err = h.acme.ChangeObjective(ctx, okr.ObjectiveChange{Objective: o, Owner: ptr(okr.ID("")), Rank: ptr(0)})
	require.NoError(t, err, "a team may own an objective")
}

// Postponing an objective takes its key results along, each with an event and the
// reason; taking it up again brings back what went.
func TestAnObjectiveIsPostponedAndComesBack(t *testing.T) {
	h, ctx := running(t, okr.Config{}), t.Context()
	o := h.objective(t, "o1")
	h.clock.Advance(48 * time.Hour)
	d, err := h.acme.ChangeObjective(ctx, okr.ObjectiveChange{Objective: o.ID, State: ptr(okr.Postponed), Reason: "The market waits", Revisit: october(20)})
	require.NoError(t, err)
	require.Equal(t, []string{
		okr.EventKeyResultChanged, okr.EventKeyResultChanged, okr.EventKeyResultChanged, okr.EventObjectiveChanged, okr.EventDeferralAdded,
	}, types(d.Events))
	require.Equal(t, october(20), h.notDoing(t)[0].Revisit)
	h.clock.Advance(10 * 24 * time.Hour)
	require.Empty(t, settle(t, h).Events, "nobody is asked for what is not done")
	_, err = h.acme.Activate(ctx, okr.Activation{Subjects: []okr.Ref{ref(okr.KindObjective, o.ID)}})
	require.ErrorIs(t, err, okr.ErrConflict)
	_, err = h.acme.ChangeObjective(ctx, okr.ObjectiveChange{Objective: o.ID, State: ptr(okr.Draft)})
	require.Equal(t, "state", invalidField(t, err), "it was promised")
	_, err = h.acme.ChangeObjective(ctx, okr.ObjectiveChange{Objective: o.ID, State: ptr(okr.Active), Reason: "The market moves"})
	require.NoError(t, err)
	require.Equal(t, []okr.State{okr.Active, okr.Active, okr.Active}, states(h.objective(t, "o1")))
	require.Empty(t, h.notDoing(t))
	for _, e := range settle(t, h).Events {
		require.NotEqual(t, okr.EventCheckInMissed, e.Type, "what fell due meanwhile was never due")
	}

	_, err = h.acme.ChangeObjective(ctx, okr.ObjectiveChange{Objective: o.ID, State: ptr(okr.Done)})
	require.NoError(t, err)
	require.Equal(t, okr.Done, h.objective(t, "o1").State)
	_, err = h.acme.ChangeObjective(ctx, okr.ObjectiveChange{Objective: o.ID, State: ptr(okr.Postponed), Reason: "x"})
	require.Equal(t, "state", invalidField(t, err))
	_, err = h.acme.ChangeObjective(ctx, okr.ObjectiveChange{Objective: o.ID, State: ptr(okr.Active)})
	require.NoError(t, err)
	h.clock.Set(time.Date(2027, time.January, 4, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Close(ctx, okr.Closing{Cycle: o.Cycle, Waive: unreviewed})
	require.NoError(t, err)
	_, err = h.acme.ChangeObjective(ctx, okr.ObjectiveChange{Objective: o.ID, Rank: ptr(7)})
	require.ErrorIs(t, err, okr.ErrConflict)
}

// An objective that was never promised comes back as the draft that it was.
func TestADraftThatWasPutOffIsADraftAgain(t *testing.T) {
	h, ctx := crowded(t), t.Context()
	o3 := h.objective(t, "o3").ID
	_, err := h.acme.ChangeObjective(ctx, okr.ObjectiveChange{Objective: o3, State: ptr(okr.Abandoned), Reason: "later"})
	require.NoError(t, err)
	_, err = h.acme.ChangeObjective(ctx, okr.ObjectiveChange{Objective: o3, State: ptr(okr.Active)})
	require.Equal(t, "state", invalidField(t, err), "nothing gets past the gates of activation")
	_, err = h.acme.ChangeObjective(ctx, okr.ObjectiveChange{Objective: o3, State: ptr(okr.Draft)})
	require.NoError(t, err)
	require.Equal(t, []okr.State{okr.Draft}, states(h.objective(t, "o3")))
	require.Equal(t, okr.Draft, h.objective(t, "o3").State)
}
