package rules_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules"
)

// loops has no bound that is known at load: its cost grows with items.
const loops = "lists.range(order.items).all(i, i >= 0)"

func limited(t *testing.T, l rules.Limits) *rules.Env {
	t.Helper()
	s := shopSchema()
	s.Limits = l
	env, err := rules.NewEnv(s)
	require.NoError(t, err)
	return env
}

func TestGuard(t *testing.T) {
	env := shopEnv(t)
	body := "rules:\n  - {id: a, on: order, message: no, check: '" + loops + "'}\n"
	set := compile(t, env, pack("p", body))
	_, guarded := rules.Bound(set, "order")
	require.True(t, guarded)

	o := sampleOrder()
	require.Equal(t, rules.OutcomePass, one(t, env, loops, map[string]any{"order": o}).Outcome)

	o.Items = 1000
	nested := "lists.range(order.items).all(i, lists.range(order.items).all(j, i + j >= 0))"
	r := one(t, env, nested, map[string]any{"order": o})
	require.Equal(t, rules.OutcomeError, r.Outcome, "over budget is never a pass")
	require.ErrorIs(t, r.Err, rules.ErrBudget)
}

// Two loops over lists that are short in life cost too much on the longest lists
// alone: they are counted as they run.
func TestLoopsInLoopsAreCounted(t *testing.T) {
	env := shopEnv(t)
	check := "shop.orders.all(o, o.prices.all(p, p.value > 0.5 && p.value < 10.0))"
	bound, guarded := rules.Bound(compile(t, env, pack("p", "rules:\n  - {id: a, on: order, message: no, check: '"+check+"'}\n")), "order")
	require.True(t, guarded, bound)
	shopOf := func(orders, prices int) map[string]any {
		s := &shop{}
		for range orders {
			o := sampleOrder()
			o.Prices = nil
			for range prices {
				o.Prices = append(o.Prices, &price{At: day, Value: num(1)})
			}
			s.Orders = append(s.Orders, o)
		}
		return map[string]any{"order": sampleOrder(), "shop": s}
	}
	require.Equal(t, rules.OutcomePass, one(t, env, check, shopOf(5, 6)).Outcome)
	r := one(t, env, check, shopOf(50, 30))
	require.Equal(t, rules.OutcomeError, r.Outcome, "over budget is never a pass")
	require.ErrorIs(t, r.Err, rules.ErrBudget)
}

func TestRunBudgetIsShared(t *testing.T) {
	o := sampleOrder()
	o.Items = 500
	text := pack("p", "rules:\n  - {id: a, on: order, message: no, check: '"+loops+"'}\n"+
		"  - {id: b, on: order, message: no, check: '"+loops+"'}\n"+
		"  - {id: c, on: order, message: no, check: '"+loops+"'}\n"+
		"  - {id: free, on: order, message: no, check: order.items > 1}\n")
	outcomes := func(l rules.Limits) (out []rules.Outcome) {
		rs, err := compile(t, limited(t, l), text).Evaluate(t.Context(), "order", map[string]any{"order": o}, rules.Options{Now: day})
		require.NoError(t, err)
		for _, r := range rs {
			out = append(out, r.Outcome)
			if r.Outcome == rules.OutcomeError {
				require.ErrorIs(t, r.Err, rules.ErrBudget)
			}
		}
		return out
	}
	require.Equal(t, []rules.Outcome{"pass", "pass", "pass", "pass"}, outcomes(rules.Limits{}))
	require.Equal(t, []rules.Outcome{"pass", "error", "error", "pass"}, outcomes(rules.Limits{RunCost: 3000}),
		"what the first has spent is gone; what is bounded at load is not touched")
	require.Equal(t, []rules.Outcome{"error", "error", "error", "pass"}, outcomes(rules.Limits{RunTime: time.Nanosecond}))
}

func TestContext(t *testing.T) {
	set := shopSet(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := set.Evaluate(ctx, "order", map[string]any{"order": sampleOrder()}, rules.Options{Now: day})
	require.ErrorIs(t, err, context.Canceled)
	_, _, err = set.Score(ctx, "order", nil, rules.Options{Now: day})
	require.ErrorIs(t, err, context.Canceled)
	_, err = set.Test(ctx, rules.TestOptions{})
	require.ErrorIs(t, err, context.Canceled)
}

func TestPanicsAreErrors(t *testing.T) {
	s := shopSchema()
	s.Funcs = []rules.Func{
		{Name: "boom", Params: []rules.Param{{Kind: rules.Int}}, Result: rules.Param{Kind: rules.Bool}, Call: func([]any) (any, error) { panic("boom") }},
		{Name: "oops", Params: []rules.Param{{Kind: rules.Int}}, Result: rules.Param{Kind: rules.Bool}, Call: func([]any) (any, error) { return nil, errors.New("oops") }},
	}
	env, err := rules.NewEnv(s)
	require.NoError(t, err)
	set := compile(t, env, pack("p", `rules:
  - {id: a, on: order, message: no, check: boom(order.items)}
  - {id: b, on: order, message: no, check: order.title == ""}
  - {id: c, on: order, message: no, check: oops(order.items)}
  - {id: d, on: order, message: "{shop.name}", vars: {s: order.shop}, check: limit > 1}
  - {id: e, on: order, message: no, check: limit > 0}
scores:
  - {id: f, on: order, score: order.items}
`))
	// Something that is not an order makes every accessor panic.
	vars := map[string]any{"order": "not an order", "limit": 0.5}
	out, err := set.Evaluate(t.Context(), "order", vars, rules.Options{Now: day})
	require.NoError(t, err)
	for i, want := range []rules.Outcome{"error", "error", "error", "fail", "pass"} {
		require.Equal(t, want, out[i].Outcome, "%s: %v", out[i].Rule, out[i].Err)
	}
	require.Equal(t, "unknown", out[3].Message)
	require.Equal(t, []rules.Evidence{{Name: "s", Value: rules.Unknown}}, out[3].Evidence)

	vars["order"] = sampleOrder()
	out, err = set.Evaluate(t.Context(), "order", vars, rules.Options{Now: day})
	require.NoError(t, err)
	require.ErrorContains(t, out[0].Err, "boom panicked: boom")
	require.ErrorContains(t, out[2].Err, "oops")

	vars["order"] = "not an order"
	sc, ok, err := set.Score(t.Context(), "order", vars, rules.Options{Now: day})
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, rules.OutcomeError, sc.Outcome)
}

func TestFactsBeyondTheirSize(t *testing.T) {
	env := shopEnv(t)
	o := sampleOrder()
	o.Title = strings.Repeat("ä", 140)
	require.Equal(t, rules.OutcomePass, one(t, env, "order.title != ''", map[string]any{"order": o}).Outcome)
	o.Title += "x"
	r := one(t, env, "order.title != ''", map[string]any{"order": o})
	require.Equal(t, rules.OutcomeError, r.Outcome)
	require.EqualError(t, r.Err, "order.title has 141 characters, more than the 140 that are declared")
	for range 31 {
		o.Prices = append(o.Prices, &price{})
	}
	r = one(t, env, "order.prices.size() > 0", map[string]any{"order": o})
	require.EqualError(t, r.Err, "order.prices has 34 entries, more than the 30 that are declared")
}

func TestMessagesAreTame(t *testing.T) {
	env := limited(t, rules.Limits{MessageChars: 60, Strings: 2000})
	o := sampleOrder()
	o.Shop.Name = "a\x1b[31m\nred\t \u202eroom\x00"
	set := compile(t, env, pack("p", `rules:
  - {id: a, on: order, message: "  {order.shop.name}\n{order.total / 0}: {order.buyer.name} {{x}} {[1.5, 2.0]} ", check: order.items < 0}
  - {id: b, on: order, message: "{order.title} {order.title} {order.title} {order.title}", check: order.items < 0}
`))
	out, err := set.Evaluate(t.Context(), "order", map[string]any{"order": o}, rules.Options{Now: day})
	require.NoError(t, err)
	require.Equal(t, "a[31m red room ?: Bo {x} 1.5, 2", out[0].Message)
	require.Len(t, []rune(out[1].Message), 60)
	require.True(t, strings.HasSuffix(out[1].Message, "…"))
}

func TestSetIsSafeForConcurrentUse(t *testing.T) {
	set := shopSet(t)
	o := sampleOrder()
	want, err := set.Evaluate(t.Context(), "order", map[string]any{"order": o}, rules.Options{Now: day})
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				got, err := set.Evaluate(t.Context(), "order", map[string]any{"order": o}, rules.Options{Now: day})
				if err != nil || len(got) != len(want) || got[1].Outcome != want[1].Outcome {
					t.Errorf("got %v, %v", got, err)
				}
				if _, _, err := set.Score(t.Context(), "order", map[string]any{"order": o}, rules.Options{Now: day}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
