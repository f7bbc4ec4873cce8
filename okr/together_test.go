package okr_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

func invalidFields(t *testing.T, err error) []string {
	t.Helper()
	require.ErrorIs(t, err, okr.ErrInvalid)
	var all okr.InvalidErrors
	require.ErrorAs(t, err, &all)
	var first *okr.InvalidError
	require.ErrorAs(t, err, &first)
	require.Same(t, all[0], first)
	var out []string
	for _, e := range all {
		require.NotEmpty(t, e.Remedy)
		require.Contains(t, err.Error(), e.Field)
		out = append(out, e.Field)
	}
	return out
}

// Whoever has to mend a plan hears everything that is wrong with it at once, each with
// its field and its remedy; nothing of it is written.
func TestEverythingWrongIsToldAtOnce(t *testing.T) {
	h, ctx := open(t, okr.Config{}), t.Context()
	p := okrtest.Plan()
	ks := p.Objectives[0].KeyResults
	ks[0].Metric = measure.Metric{Kind: measure.Increase, Unit: "%", Baseline: measure.N(90), Target: measure.N(70)}
	ks[0].Confidence = measure.N(11)
	ks[1].Metric = measure.Metric{Kind: measure.Between, Low: measure.N(9), High: measure.N(3)}
	ks[1].Weight = measure.N(-1)
	ks[2].Metric = measure.Metric{Kind: measure.Decrease, Baseline: measure.N(1), Target: measure.N(2)}
	p.Objectives = append(p.Objectives, okr.PlanObjective{Key: "o2"})
	_, err := h.acme.Propose(ctx, p)
	require.Equal(t, []string{
		"objectives[0].key_results[0].metric.target", "objectives[0].key_results[0].confidence",
		"objectives[0].key_results[1].metric.low", "objectives[0].key_results[1].weight",
		"objectives[0].key_results[2].metric.target", "objectives[1].title",
	}, invalidFields(t, err))
	cycles, err := h.acme.View().Cycles(ctx)
	require.NoError(t, err)
	require.Empty(t, cycles)
	_, _, err = p.Snapshot(okrtest.SequentialIDs(), planning)
	require.Len(t, invalidFields(t, err), 6)

	h = running(t, okr.Config{})
	_, err = h.acme.Change(ctx, okr.KeyResultChange{
		KeyResult: h.keyResult(t, "k1").ID, Title: ptr(""), Weight: ptr(measure.N(-2)), State: ptr(okr.Draft), Reason: "x",
		Metric: &measure.Metric{Kind: measure.Between, Low: measure.N(9), High: measure.N(3), Unit: "%"},
	})
	require.Equal(t, []string{"title", "metric.low", "weight", "state"}, invalidFields(t, err))
	_, err = h.acme.ChangeObjective(ctx, okr.ObjectiveChange{Objective: h.objective(t, "o1").ID, Title: ptr(""), Rank: ptr(-1)})
	require.Equal(t, []string{"title", "rank"}, invalidFields(t, err))

	// One thing is one error, and of very many the words tell some.
	p = okrtest.Plan()
	p.Objectives[0].KeyResults[0].Confidence = measure.N(11)
	_, err = h.acme.Propose(ctx, p)
	require.Equal(t, "objectives[0].key_results[0].confidence", invalidField(t, err))
	var all okr.InvalidErrors
	require.NotErrorAs(t, err, &all)
	for i := range 500 {
		p.Objectives = append(p.Objectives, okr.PlanObjective{Key: fmt.Sprint("x", i)})
	}
	_, err = h.acme.Propose(ctx, p)
	require.ErrorAs(t, err, &all)
	require.Len(t, all, 501)
	require.ErrorContains(t, err, "and 481 more")
}
