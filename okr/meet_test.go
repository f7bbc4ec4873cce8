package okr_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// A cycle in which something is promised has not changed by that, and nobody is told
// so.
func TestPromisesDoNotChangeTheirCycle(t *testing.T) {
	h, ctx := open(t, okr.Config{}), t.Context()
	_, err := h.acme.Propose(ctx, okrtest.Plan())
	require.NoError(t, err)
	was := h.cycle(t)
	h.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	d, err := h.acme.Activate(ctx, okr.Activation{Cycle: was.ID})
	require.NoError(t, err)
	require.NotEmpty(t, d.Events)
	require.NotContains(t, types(d.Events), okr.EventCycleChanged)
	weight := measure.N(2)
	d, err = h.acme.Change(ctx, okr.KeyResultChange{KeyResult: h.keyResult(t, "k1").ID, Weight: &weight, Reason: "it matters more"})
	require.NoError(t, err)
	require.NotContains(t, types(d.Events), okr.EventCycleChanged)
	require.Equal(t, was.Version, h.cycle(t).Version)

	p := okrtest.Plan()
	p.Cycle.Name, p.Objectives = "The last quarter", nil
	d, err = h.acme.Propose(ctx, p)
	require.NoError(t, err)
	require.Contains(t, types(d.Events), okr.EventCycleChanged)
	require.Equal(t, was.Version+1, h.cycle(t).Version)
}
