package okr_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// byName refuses what becomes active where a pack called strict is in force, and
// calls everything off track.
type byName struct{}

func (byName) Starter() []okr.Pack {
	return []okr.Pack{{Name: "easy", Version: "1", Digest: "d0", Text: "easy"}}
}
func (byName) Needs([]okr.Pack, okr.Intent) okr.Collections { return okr.Collections{} }
func (byName) ReadPack(text string) (okr.Pack, error) {
	return okr.Pack{Name: text, Version: "1", Digest: "d-" + text}, nil
}
func (byName) CheckPacks(_, _ []okr.Pack) error { return nil }
func (byName) Judge(_ context.Context, p okr.Proposal) (okr.Verdict, error) {
	var v okr.Verdict
	for _, pack := range p.After.Packs {
		if pack.Name != "strict" {
			continue
		}
		v.Statuses = map[okr.ID]measure.Status{}
		for _, k := range p.After.KeyResults {
			v.Statuses[k.ID] = measure.OffTrack
		}
		if p.Verb == okr.VerbActivate {
			v.Refused, v.Findings = true, []okr.Finding{{Rule: "no", Pack: "strict", Gate: true}}
		}
	}
	return v, nil
}

// What is tried is judged by other packs, and nothing of it remains.
func TestATrialWritesNothing(t *testing.T) {
	h, ctx := open(t, okr.Config{Judge: byName{}}), t.Context()
	strict := okr.Pack{Name: "strict", Version: "1", Digest: "d1", Text: "strict"}
	_, err := h.acme.Trial().Propose(ctx, okrtest.Plan())
	require.NoError(t, err)
	cycles, err := h.acme.View().Cycles(ctx)
	require.NoError(t, err)
	require.Empty(t, cycles)

	_, err = h.acme.Propose(ctx, okrtest.Plan())
	require.NoError(t, err)
	all := okr.Activation{Cycle: h.cycle(t).ID}
	_, err = h.acme.Trial(strict).Activate(ctx, all)
	require.ErrorIs(t, err, okr.ErrRefused)
	d, err := h.acme.Trial().Activate(ctx, all)
	require.NoError(t, err)
	require.NotEmpty(t, d.Events)
	require.Equal(t, okr.Draft, h.keyResult(t, "k1").State)
	_, err = h.desk.For("acme").Trial().Activate(ctx, all)
	require.ErrorIs(t, err, okr.ErrNoActor, "what is tried is somebody's, too")

	_, err = h.acme.Activate(ctx, all)
	require.NoError(t, err)
	ref := okr.Ref{Kind: okr.KindKeyResult, ID: h.keyResult(t, "k1").ID}
	h.clock.Set(planning.AddDate(0, 0, 14))
	_, err = h.acme.Settle(ctx, ref)
	require.NoError(t, err)
	before, err := h.acme.View().Events(ctx, ref, 0)
	require.NoError(t, err)
	require.NoError(t, h.acme.Trial().Do(ctx, func(is okr.Tenant) error {
		at := is.Now()
		h.clock.Set(planning.AddDate(0, 0, 15))
		require.Equal(t, at, is.Now(), "everything is tried at one instant")
		d, err := is.Settle(ctx, ref)
		require.NoError(t, err)
		require.Empty(t, d.Events)
		d, err = is.Trial(strict).Settle(ctx, ref)
		require.NoError(t, err)
		require.Equal(t, []string{okr.EventStatusChanged}, types(d.Events))
		page, err := is.Trial(strict).View().KeyResults(ctx, okr.Query{})
		require.NoError(t, err)
		require.Equal(t, measure.OffTrack, page.Items[0].Measured.Status)
		packs, err := is.Trial(strict).View().Packs(ctx)
		require.NoError(t, err)
		require.Equal(t, []okr.PackInForce{{Pack: strict}}, packs)
		return nil
	}))
	after, err := h.acme.View().Events(ctx, ref, 0)
	require.NoError(t, err)
	require.Equal(t, before, after)
	page, err := h.acme.View().KeyResults(ctx, okr.Query{})
	require.NoError(t, err)
	require.NotEqual(t, measure.OffTrack, page.Items[0].Measured.Status)
}

// Of a pack that is in force one can say since when and by whom.
func TestPacksInForce(t *testing.T) {
	h, ctx := open(t, okr.Config{Judge: byName{}}), t.Context()
	packs, err := h.acme.View().Packs(ctx)
	require.NoError(t, err)
	require.Equal(t, []okr.PackInForce{{Pack: byName{}.Starter()[0]}}, packs, "nothing was judged yet")
	_, err = h.acme.Propose(ctx, okrtest.Plan())
	require.NoError(t, err)
	h.clock.Set(planning.AddDate(0, 0, 1))
	_, err = h.acme.As(okr.Someone("ben")).ActivatePack(ctx, okr.NewPack{Text: "strict"})
	require.NoError(t, err)
	packs, err = h.acme.View().Packs(ctx)
	require.NoError(t, err)
	require.Equal(t, []okr.PackInForce{
		{Pack: byName{}.Starter()[0], Since: planning, By: ana},
		{Pack: okr.Pack{Name: "strict", Version: "1", Digest: "d-strict", Text: "strict"}, Since: planning.AddDate(0, 0, 1), By: okr.Someone("ben")},
	}, packs)
}
