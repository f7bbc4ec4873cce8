package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"cel.dev/cel-go/common/types"
	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules"
)

// TestLimitsAtTheirEdge: what a limit names is allowed, and one more is refused.
func TestLimitsAtTheirEdge(t *testing.T) {
	d := rules.DefaultLimits()
	load := func(t *testing.T, l rules.Limits, text string) error {
		_, err := rules.Load(limited(t, l), rules.File{Name: "p.yaml", Text: []byte(text)})
		return err
	}
	nested := func(n int) string {
		return around("lists.range(2).all(i, ", "true", ")", n)
	}
	text := func(n int) string { // an expression of n characters
		const rest = `order.title != ""`
		return `order.title != "` + strings.Repeat("x", n-len(rest)) + `"`
	}
	for _, c := range []struct {
		name, says string
		edge       int
		pack       func(n int) string
	}{
		{"bytes of a file", "bytes", d.FileBytes, func(n int) string {
			p := checkOf("true")
			return p + "#" + strings.Repeat("x", n-len(p)-1)
		}},
		{"characters of an expression", "characters", d.ExpressionChars, func(n int) string { return checkOf(text(n)) }},
		{"characters of a message", "characters", d.ExpressionChars, func(n int) string {
			return pack("p", "rules:\n  - {id: r, on: order, check: 'true', message: "+strings.Repeat("x", n)+"}\n")
		}},
		{"nodes of an expression", "parts", d.ExpressionNodes, func(n int) string { // a list, its size, a comparison and a number
			return checkOf("[" + joinN(n-4, ",", func(int) string { return "1" }) + "].size() > 0")
		}},
		{"loops inside each other", "loops inside", d.Nesting, func(n int) string { return checkOf(nested(n)) }},
		{"the size of a pattern", "regular expression has a size", d.RegexProgram, func(n int) string {
			for i := n; ; i-- {
				pattern := strings.Repeat("x", i)
				if size, err := types.RegexProgramSize(pattern); err == nil && size <= n {
					return checkOf(`order.state.matches("` + pattern + `")`)
				}
			}
		}},
		{"rules of a pack", "rules, scores and statuses", d.Rules, func(n int) string {
			return pack("p", "rules:\n"+joinN(n, "\n", func(i int) string { return fmt.Sprintf("  - {id: r%d, on: order, message: no, check: 'true'}", i) })+"\n")
		}},
		{"vars of a rule", "vars", d.Vars, func(n int) string { return varsOf("order.items", "order.items + 1", n-1, "true") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.NoError(t, load(t, rules.Limits{}, c.pack(c.edge)))
			err := load(t, rules.Limits{}, c.pack(c.edge+1))
			require.ErrorIs(t, err, rules.ErrInvalid)
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, fmt.Sprint(c.edge))
		})
	}

	t.Run("cost of an expression", func(t *testing.T) {
		check := checkOf("order.prices.all(p, p.value > 1.0 || p.note == order.title)")
		bound, guarded := rules.Bound(compile(t, shopEnv(t), check), "order")
		require.False(t, guarded)
		require.NoError(t, load(t, rules.Limits{ExpressionCost: bound}, check))
		_, guarded = rules.Bound(compile(t, limited(t, rules.Limits{ExpressionCost: (bound + 9) / 10}), check), "order")
		require.True(t, guarded, "up to ten times as much is counted as it runs")
		tenth := (bound - 1) / 10
		require.ErrorContains(t, load(t, rules.Limits{ExpressionCost: tenth}, check), fmt.Sprintf("may cost up to %d, the limit is %d", bound, tenth))

		two := pack("p", "rules:\n"+joinN(2, "\n", func(i int) string {
			return fmt.Sprintf("  - {id: r%d, on: order, message: no, check: 'order.prices.all(p, p.value > 1.0 || p.note == order.title)'}", i)
		})+"\n")
		require.NoError(t, load(t, rules.Limits{RunCost: 2 * bound}, two), "what stands on one subject together")
		require.ErrorContains(t, load(t, rules.Limits{RunCost: 2*bound - 1}, two), "together")
	})
}

// TestTrendOfEverything: more moves than there can be did not happen.
func TestTrendOfEverything(t *testing.T) {
	set := compile(t, shopEnv(t), checkOf("!order.prices.falling(9223372036854775807)"))
	out, err := set.Evaluate(t.Context(), "order", map[string]any{"order": &order{Prices: []*price{{At: day, Value: num(1)}}}}, rules.Options{Now: day})
	require.NoError(t, err)
	require.NoError(t, out[0].Err)
	require.Equal(t, rules.OutcomePass, out[0].Outcome)
}
