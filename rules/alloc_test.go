//go:build !race

package rules_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules"
)

// Not under the race detector: there pools forget at random what they hold.
func TestNothingIsAllocatedWhereAllIsWell(t *testing.T) {
	set := compile(t, typedEnv(t), string(twelve(t)), pack("score", "scores:\n  - {id: s, on: order, score: '(order.total - order.discount) / (100 - order.discount)'}\n"))
	order := sampleOrder()
	vars := map[string]any{"order": order, "shop": order.Shop}
	o := rules.Options{Now: day, Brief: true}
	into := make([]rules.Outcome, 0, 12)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		out, err := set.Evaluate(tContext, "order", vars, o)
		if err != nil || len(out) > 0 {
			t.Errorf("%v, %v", out, err)
		}
		if into, err = set.Outcomes(tContext, "order", vars, o, into[:0]); err != nil {
			t.Error(err)
		}
		if _, ok, err := set.Score(tContext, "order", vars, o); err != nil || !ok {
			t.Error(err)
		}
	}))
}
