package okr_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// Owners see what their scores will be read for before they promise anything.
func TestAGrantComesBeforeThePromises(t *testing.T) {
	h, ctx := open(t, okr.Config{}), t.Context()
	_, err := h.acme.Propose(ctx, okrtest.Plan())
	require.NoError(t, err)
	cycle := h.cycle(t).ID
	d, err := h.acme.GrantPurpose(ctx, okr.NewGrant{Cycle: cycle, Purpose: okr.ForCompensation, Reason: "Bonus round of 2027"})
	id := made(t, d, err, okr.KindGrant)
	require.Equal(t, okr.EventGrantGiven, d.Events[0].Type)
	require.JSONEq(t, `{"grant":"`+string(id)+`","cycle":"`+string(cycle)+`","purpose":"compensation"}`, string(d.Events[0].Data))
	require.Equal(t, ana, d.Events[0].Actor)
	_, err = h.acme.GrantPurpose(ctx, okr.NewGrant{Cycle: cycle, Purpose: okr.ForCompensation, Reason: "Again"})
	require.ErrorIs(t, err, okr.ErrConflict)

	want := okr.Grant{ID: id, Cycle: cycle, Purpose: okr.ForCompensation, Reason: "Bonus round of 2027", By: ana, At: h.clock.Now(), Version: 1}
	tree, err := h.acme.View().Tree(ctx, cycle)
	require.NoError(t, err)
	require.Equal(t, []okr.Grant{want}, tree.Grants)

	_, err = h.acme.RevokeGrant(ctx, okr.GrantRevocation{Grant: id})
	require.NoError(t, err)
	_, err = h.acme.RevokeGrant(ctx, okr.GrantRevocation{Grant: id})
	require.ErrorIs(t, err, okr.ErrConflict)
	tree, err = h.acme.View().Tree(ctx, cycle)
	require.NoError(t, err)
	require.Empty(t, tree.Grants)
	all, err := h.acme.View().Grants(ctx, cycle, okr.Paging{})
	require.NoError(t, err)
	require.Len(t, all.Items, 1, "that there was one stays known")
	require.NotNil(t, all.Items[0].Revoked)
	_, err = h.acme.GrantPurpose(ctx, okr.NewGrant{Cycle: cycle, Purpose: okr.ForCompensation, Reason: "After all"})
	require.NoError(t, err)
}

func TestAGrantNeverComesAfterAPromise(t *testing.T) {
	h, ctx := open(t, okr.Config{}), t.Context()
	_, err := h.acme.Propose(ctx, okrtest.Plan())
	require.NoError(t, err)
	cycle := h.cycle(t).ID
	grant := okr.NewGrant{Cycle: cycle, Purpose: okr.ForCompensation, Reason: "Bonus round"}
	h.clock.Set(time.Date(2026, time.September, 30, 21, 59, 0, 0, time.UTC))
	k1 := h.keyResult(t, "k1")
	_, err = h.acme.Activate(ctx, okr.Activation{Subjects: []okr.Ref{ref(okr.KindObjective, k1.Objective), ref(okr.KindKeyResult, k1.ID)}})
	require.NoError(t, err)
	_, err = h.acme.GrantPurpose(ctx, grant)
	require.ErrorIs(t, err, okr.ErrConflict, "one key result is promised, before the first day")
	gone := okr.Abandoned
	_, err = h.acme.Change(ctx, okr.KeyResultChange{KeyResult: k1.ID, State: &gone})
	require.NoError(t, err)
	_, err = h.acme.GrantPurpose(ctx, grant)
	require.ErrorIs(t, err, okr.ErrConflict, "giving it up does not unmake the promise")

	other := okrtest.Plan()
	other.Cycle.Key, other.Cycle.Start, other.Cycle.End = "october", october(1), october(31)
	_, err = h.acme.Propose(ctx, other)
	require.NoError(t, err)
	cycles, err := h.acme.View().Cycles(ctx)
	require.NoError(t, err)
	for _, c := range cycles {
		if c.Key == "october" {
			grant.Cycle = c.ID
		}
	}
	h.clock.Set(time.Date(2026, time.September, 30, 22, 0, 0, 0, time.UTC))
	_, err = h.acme.GrantPurpose(ctx, grant)
	require.ErrorIs(t, err, okr.ErrConflict, "it has begun in Zurich")
	h.clock.Set(time.Date(2026, time.September, 30, 21, 59, 0, 0, time.UTC))
	_, err = h.acme.GrantPurpose(ctx, grant)
	require.NoError(t, err)

	for field, n := range map[string]okr.NewGrant{
		"purpose": {Cycle: cycle, Reason: "x"},
		"reason":  {Cycle: cycle, Purpose: okr.ForCompensation},
		"cycle":   {Purpose: okr.ForCompensation, Reason: "x"},
	} {
		_, err := h.acme.GrantPurpose(ctx, n)
		require.Equal(t, field, invalidField(t, err))
	}
}
