package okr_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// audited are the purpose events of a cycle.
func audited(t *testing.T, h house, cycle okr.ID) []string {
	t.Helper()
	es, err := h.acme.View().Events(t.Context(), okr.Ref{Kind: okr.KindCycle, ID: cycle}, 0)
	require.NoError(t, err)
	var out []string
	for _, e := range es {
		if e.Type == okr.EventPurposeUsed || e.Type == okr.EventPurposeRefused {
			out = append(out, e.Type+" "+string(e.Actor.ID))
		}
	}
	return out
}

func TestNoFigureLeavesForCompensationWithoutAGrant(t *testing.T) {
	h := running(t, okr.Config{Judge: scorer{}})
	ctx := t.Context()
	k := h.keyResult(t, "k1")
	_, err := h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: k.ID, Value: measure.N(80), Confidence: measure.N(7)})
	require.NoError(t, err)
	pool := []okr.Ref{
		{Kind: okr.KindCycle, ID: k.Cycle}, {Kind: okr.KindTeam, ID: "sales"}, {Kind: okr.KindPerson, ID: "ana"},
		{Kind: okr.KindObjective, ID: k.Objective}, {Kind: okr.KindKeyResult, ID: k.ID},
	}
	hr := h.desk.For("acme").As(okr.Someone("hr"))
	_, err = hr.View().For(okr.ForCompensation).Tree(ctx, k.Cycle)
	require.ErrorIs(t, err, okr.ErrDenied)
	open, closed := everyRead(ctx, t, hr.View(), pool), everyRead(ctx, t, hr.View().For(okr.ForCompensation), pool)
	refused := 0
	for call, said := range open {
		if said == closed[call] {
			for _, figure := range []string{`"progress":0.5`, `"value":80`, `"current":80`, `"score":`} {
				require.NotContains(t, closed[call], figure, call)
			}
			continue
		}
		require.Contains(t, closed[call], "okr: denied", call)
		refused++
	}
	require.Greater(t, refused, 10)
	require.Equal(t, []string{okr.EventPurposeRefused + " hr"}, audited(t, h, k.Cycle), "one record a day, however often somebody tries")

	_, err = hr.View().For(okr.ForCompensation).Tree(ctx, k.Cycle)
	var denied *okr.PurposeError
	require.ErrorAs(t, err, &denied)
	require.ErrorIs(t, err, okr.ErrDenied)
	require.Equal(t, k.Cycle, denied.Cycle)
	require.ErrorContains(t, err, "GrantPurpose", "it says what to do")
	h.clock.Advance(24 * time.Hour)
	for _, err := range hr.View().For(okr.ForCompensation).All(ctx, okr.Query{}) {
		require.ErrorIs(t, err, okr.ErrDenied)
	}
	require.Len(t, audited(t, h, k.Cycle), 2)

	_, err = h.desk.For("acme").View().For(okr.ForCompensation).Tree(ctx, k.Cycle)
	require.ErrorIs(t, err, okr.ErrNoActor)
	_, err = hr.View().For("gossip").Tree(ctx, k.Cycle)
	require.Equal(t, "purpose", invalidField(t, err))
	evil := h.desk.For("globex").As(okr.Someone("hr"))
	_, err = evil.View().For(okr.ForCompensation).Tree(ctx, k.Cycle)
	require.ErrorIs(t, err, okr.ErrNotFound)
	require.Len(t, audited(t, h, k.Cycle), 2)
}

func TestAGrantOpensOneCycle(t *testing.T) {
	h := open(t, okr.Config{Judge: scorer{}})
	ctx := t.Context()
	_, err := h.acme.Propose(ctx, okrtest.Plan())
	require.NoError(t, err)
	cycle := h.cycle(t).ID
	d, err := h.acme.GrantPurpose(ctx, okr.NewGrant{Cycle: cycle, Purpose: okr.ForCompensation, Reason: "the works council agreed"})
	grant := made(t, d, err, okr.KindGrant)
	h.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Activate(ctx, okr.Activation{Cycle: cycle})
	require.NoError(t, err)
	hr := h.desk.For("acme").As(okr.Someone("hr")).View().For(okr.ForCompensation)
	tree, err := hr.Tree(ctx, cycle)
	require.NoError(t, err)
	require.Equal(t, []string{okr.EventPurposeUsed + " hr"}, audited(t, h, cycle))
	for _, o := range tree.Objectives {
		for _, k := range o.KeyResults {
			if k.Measured.Score != nil {
				require.Equal(t, okr.ForCompensation, k.Measured.Score.Purpose)
			}
		}
	}
	all, err := h.acme.View().Tree(ctx, cycle)
	require.NoError(t, err)
	raw, err := json.Marshal(all)
	require.NoError(t, err)
	require.NotContains(t, string(raw), `"purpose":"compensation","reason":""`)
	require.Contains(t, string(raw), `"purpose":"alignment"`, "a score says what it is for")

	// Another cycle is not open, nor is a page that holds some of it.
	next := okrtest.Plan()
	next.Cycle = okr.PlanCycle{Key: "2027-Q1", Start: measure.NewDate(2027, 1, 1), End: measure.NewDate(2027, 3, 31)}
	_, err = h.acme.Propose(ctx, next)
	require.NoError(t, err)
	_, err = hr.KeyResults(ctx, okr.Query{Cycle: cycle})
	require.NoError(t, err)
	_, err = hr.KeyResults(ctx, okr.Query{})
	require.ErrorIs(t, err, okr.ErrDenied)

	// What happens in a transaction that rolls back was neither read nor recorded.
	was := audited(t, h, cycle)
	boom := errors.New("boom")
	require.ErrorIs(t, h.acme.Do(ctx, func(in okr.Tenant) error {
		_, err := in.As(okr.Someone("boss")).View().For(okr.ForCompensation).Tree(ctx, cycle)
		require.NoError(t, err)
		return boom
	}), boom)
	require.Equal(t, was, audited(t, h, cycle))

	_, err = h.acme.RevokeGrant(ctx, okr.GrantRevocation{Grant: grant})
	require.NoError(t, err)
	_, err = hr.Tree(ctx, cycle)
	require.ErrorIs(t, err, okr.ErrDenied)
	require.Equal(t, append(was, okr.EventPurposeRefused+" hr"), audited(t, h, cycle))
}
