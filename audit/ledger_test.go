package audit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/rules"
	"github.com/okrkit/okrkit/store/memory"
)

// What is in force for a tenant can be shown with where every value comes from, as it
// is and as it was.
func TestThePacksInForceAreASource(t *testing.T) {
	ctx := t.Context()
	clock := okrtest.NewClock(time.Date(2026, time.September, 25, 9, 0, 0, 0, time.UTC))
	desk, err := okr.New(memory.New(), okr.Config{Clock: clock.Now, NewID: okrtest.SequentialIDs(), Judge: starter(t)})
	require.NoError(t, err)
	acme := desk.For("acme").As(okr.Someone("ana"))
	_, err = acme.Propose(ctx, okrtest.Plan())
	require.NoError(t, err)
	before, err := acme.Cut(ctx)
	require.NoError(t, err)
	live, err := rules.OpenSources(ctx, env(), audit.FromLedger(acme.View()))
	require.NoError(t, err)
	limit := func(set *rules.Set) rules.ParamInfo {
		for _, p := range set.Packs() {
			for _, v := range p.Params {
				if p.Name == "focus" && v.Name == "max_objectives" {
					return v
				}
			}
		}
		require.Fail(t, "focus has no max_objectives")
		return rules.ParamInfo{}
	}
	require.Equal(t, int64(3), limit(live.Set()).Value)

	clock.Advance(time.Hour)
	_, err = acme.ActivatePack(ctx, okr.NewPack{Text: "apiVersion: okr.rules/v1\nenv: 1\nname: acme\nversion: 2.0.0\nextends:\n  - {pack: focus, params: {max_objectives: 5}}\n"})
	require.NoError(t, err)
	changed, err := live.Reload(ctx)
	require.NoError(t, err)
	require.True(t, changed)
	now := limit(live.Set())
	require.Equal(t, int64(5), now.Value)
	require.Len(t, now.Origins, 2)
	require.Equal(t, "focus", now.Origins[0].Pack)
	require.Equal(t, rules.Origin{Value: "5", Pack: "acme", File: "acme.yaml", Line: 6}, now.Origins[1])

	past, err := rules.OpenSources(ctx, env(), audit.FromLedger(acme.AsOf(before)))
	require.NoError(t, err)
	require.Equal(t, int64(3), limit(past.Set()).Value, "what was in force then")

	// It asks for scores in the order in which the judge does.
	_, err = acme.ActivatePack(ctx, okr.NewPack{Text: doubled, With: []string{"apiVersion: okr.rules/v1\nenv: 1\nname: zulu\nversion: 1.0.0\nscores:\n  - {id: last, on: key_result, score: 9.0}\n"}})
	require.NoError(t, err)
	_, err = live.Reload(ctx)
	require.NoError(t, err)
	s := activated(drafts(t, audit.New(live)))
	v := judge(t, audit.New(live), okr.VerbView, s, s)
	require.Equal(t, "doubled", v.Scores[keyResult(t, s, "paying").ID].Rule)
	require.Equal(t, "last", v.Scores[keyResult(t, s, "reply").ID].Rule)
}
