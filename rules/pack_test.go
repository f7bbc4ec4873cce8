package rules_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules"
)

func shopSet(t testing.TB) *rules.Set {
	t.Helper()
	text, err := os.ReadFile("testdata/shop.yaml")
	require.NoError(t, err)
	return compile(t, shopEnv(t), string(text))
}

func TestPackTests(t *testing.T) {
	report, err := shopSet(t).Test(t.Context(), rules.TestOptions{})
	require.NoError(t, err)
	require.True(t, report.OK(), report.String())
	require.True(t, report.Complete(), report.String())
	require.Len(t, report.Cases, 7)
}

func TestPackTestsThatFail(t *testing.T) {
	set := compile(t, shopEnv(t), pack("p", `rules:
  - {id: positive, on: order, message: "{order.total} is not positive", check: order.total > 0}
  - {id: never-tested, on: order, message: no, check: order.items > 0}
scores:
  - {id: half, on: order, score: order.total / 2}
statuses:
  - {id: word, on: order, when: order.items > 1, status: good}
tests:
  - name: wrong outcome
    given: {order: {total: -3}}
    expect: {positive: pass, half: 1, word: late}
  - name: wrong message
    given: {order: {total: -3, items: 0}}
    expect: {positive: {outcome: fail, message: other}, word: good}
  - name: wrong fact
    given: {order: {total: null}}
    expect: {positive: {unknown: [order.items]}, half: 3}
`))
	report, err := set.Test(t.Context(), rules.TestOptions{})
	require.NoError(t, err)
	require.False(t, report.OK())
	require.Equal(t, `pack.yaml:15: wrong outcome: positive: want pass, got fail (-3 is not positive)
pack.yaml:15: wrong outcome: half: want 1, got -1.5
pack.yaml:15: wrong outcome: word: want late, got good
pack.yaml:18: wrong message: positive: want fail "other", got "-3 is not positive"
pack.yaml:18: wrong message: word: want good, got skip
pack.yaml:21: wrong fact: positive: want unknown (order.items), got unknown (not known: order.total)
pack.yaml:21: wrong fact: half: want 3, got unknown (not known: order.total)
p: never-tested: no test expects pass or fail
3 tests, 3 failed`, report.String())
}

func TestResult(t *testing.T) {
	set := shopSet(t)
	o := sampleOrder()
	o.Shop.Orders = []*order{o, o, o}
	out, err := set.Evaluate(t.Context(), "shop", map[string]any{"shop": o.Shop}, rules.Options{Now: day})
	require.NoError(t, err)
	info := set.Packs()[0]
	require.Equal(t, []rules.Result{{
		Rule: "open-orders", Pack: "corner", Version: "2.1.0", Digest: info.Digest,
		Severity: rules.Failure, Mode: rules.Gate, OnError: rules.Allow, Outcome: rules.OutcomeFail,
		Message: "Corner has 3 open orders, the limit is 2: Ship 3 boxes by Friday, Ship 3 boxes by Friday, Ship 3 boxes by Friday",
		Fix:     "Close what is done.", Help: "https://example.org/open-orders",
		Evidence: []rules.Evidence{
			{Name: "open", Value: []any{"Ship 3 boxes by Friday", "Ship 3 boxes by Friday", "Ship 3 boxes by Friday"}},
			{Name: "count", Value: int64(3)},
		},
	}}, out)
}

func TestPackInfo(t *testing.T) {
	set := shopSet(t)
	info := set.Packs()[0]
	require.Regexp(t, `^sha256:[0-9a-f]{64}$`, info.Digest)
	require.Equal(t, []rules.ParamInfo{{Name: "max_open", Value: int64(2)}, {Name: "cap", Value: 1.2}, {Name: "verbs", Value: []any{"help", "work on"}}}, info.Params)
	require.Equal(t, "math.least(order.total / 50, params.cap)", info.Scores[0].Score)
	require.Equal(t, "late", info.Statuses[0].Status)
	require.Equal(t, []rules.VarInfo{{"open", `shop.orders.filter(o, o.state == "open")`}, {"count", "open.size()"}}, info.Rules[0].Vars)

	again, err := rules.Parse(info.File, []byte(info.Text))
	require.NoError(t, err)
	require.Equal(t, info, again.Info(), "a pack can be had again from its text")
}

func TestTouches(t *testing.T) {
	set := shopSet(t)
	require.Equal(t, []string{
		"order.buyer", "order.items", "order.placed", "order.shop", "order.title", "order.total", "order.wait",
		"person.name", "shop.tier",
	}, set.Touches("order"))
	require.Equal(t, []string{"order.state", "order.title", "shop.name", "shop.orders", "shop.tier"}, set.Touches("shop"))
	require.Nil(t, set.Touches("nothing"))
	require.True(t, set.Judges("shop"))
	require.False(t, set.Judges("nothing"))

	env := shopEnv(t)
	for check, want := range map[string]bool{
		"order.total > 1":                             false,
		"order.placed < now":                          true,
		"order.shop.age > days(3)":                    true,
		"has(order.shop.age)":                         true,
		"shop.orders.exists(o, o.shop.age > days(3))": true,
		"order.prices.falling(2)":                     false,
		"shop.orders.size() > 1":                      false,
	} {
		s := compile(t, env, pack("p", "rules:\n  - {id: r, on: order, message: no, check: '"+check+"'}\n"))
		require.Equal(t, want, s.TimeDependent("order"), check)
		require.False(t, s.TimeDependent("shop"), check)
	}
	s := compile(t, env, pack("p", "rules:\n  - {id: r, on: order, message: no, check: order.prices.falling(2) && order.prices.since(now).size() > 0}\n"))
	require.Equal(t, []string{"order.prices", "price.at", "price.value"}, s.Touches("order"), "what a function reads counts")
}

func TestDepth(t *testing.T) {
	env := shopEnv(t)
	all := compile(t, env, pack("p", "rules:\n  - {id: r, on: order, message: no, check: order.prices.size() > 0}\n")).Depth("order", "order.prices")
	require.Greater(t, all, 7)
	for check, want := range map[string]int{
		"order.prices.last(3).size() > 0":                                          3,
		"order.prices.last(params.n).size() > 0":                                   7,
		"order.prices.last(3).size() > order.prices.last(5).size()":                5,
		"order.prices.last(3).size() > order.prices.filter(p, p.value > 1).size()": all,
		"order.prices.last(3).filter(p, p.value > 1).size() > 0":                   3,
		"order.prices.filter(p, p.value > 1).last(3).size() > 0":                   all,
		"order.prices.last(100000).size() > 0":                                     all,
		"order.prices.last(order.items).size() > 0":                                all,
		"order.total > 1": 0,
	} {
		s := compile(t, env, pack("p", "params: {n: 7}\nrules:\n  - {id: r, on: order, message: no, check: '"+check+"'}\n"))
		require.Equal(t, want, s.Depth("order", "order.prices"), check)
		require.Zero(t, s.Depth("nothing", "order.prices"))
	}
}

func TestScoresAndStatuses(t *testing.T) {
	env := shopEnv(t)
	set := compile(t, env,
		pack("general", `scores:
  - {id: all, on: order, score: 0.5}
statuses:
  - {id: any, on: order, status: good}
`),
		pack("own", `scores:
  - {id: unit, on: order, when: order.total > 100, vars: {half: order.total / 2}, score: half}
  - {id: broken, on: order, when: order.items > 100, score: order.items / 0}
statuses:
  - {id: unit-status, on: order, when: order.total > 100, status: late}
  - {id: bad-word, on: order, when: order.items > 100, status: 'order.title'}
`))
	score := func(o *order) (rules.Scored, bool) {
		s, ok, err := set.Score(t.Context(), "order", map[string]any{"order": o}, rules.Options{Now: day})
		require.NoError(t, err)
		return s, ok
	}
	status := func(o *order) (rules.Stated, bool) {
		s, ok, err := set.Status(t.Context(), "order", map[string]any{"order": o}, rules.Options{Now: day})
		require.NoError(t, err)
		return s, ok
	}
	o := sampleOrder()

	s, ok := score(o)
	require.True(t, ok)
	require.Equal(t, "general", s.Pack, "none of the later pack applies")
	require.InDelta(t, 0.5, s.Score, 0)
	st, _ := status(o)
	require.Equal(t, "good", st.Status)

	o.Total = num(200)
	s, _ = score(o)
	require.Equal(t, "own", s.Pack, "the pack given last is asked first")
	require.InDelta(t, 100, s.Score, 0)
	require.Equal(t, []rules.Evidence{{Name: "half", Value: 100.0}}, s.Evidence)
	st, _ = status(o)
	require.Equal(t, "late", st.Status)

	o.Total = nil
	s, ok = score(o)
	require.True(t, ok)
	require.Equal(t, rules.OutcomeUnknown, s.Outcome, "an unknown condition is not passed over")
	require.Equal(t, []string{"order.total"}, s.Unknown)
	st, _ = status(o)
	require.Equal(t, rules.OutcomeUnknown, st.Outcome)
	require.Empty(t, st.Status)

	o.Total, o.Items = num(1), 200
	s, _ = score(o)
	require.Equal(t, rules.OutcomeError, s.Outcome)
	require.ErrorContains(t, s.Err, "division by zero")
	st, _ = status(o)
	require.Equal(t, rules.OutcomeError, st.Outcome)
	require.ErrorContains(t, st.Err, `"Ship 3 boxes by Friday" is not one of good, late, unknown`)

	_, ok, err := set.Score(t.Context(), "shop", map[string]any{"shop": o.Shop}, rules.Options{Now: day})
	require.NoError(t, err)
	require.False(t, ok, "no score stands on a shop")
}

func TestEvaluateRefuses(t *testing.T) {
	set := shopSet(t)
	_, err := set.Evaluate(t.Context(), "basket", nil, rules.Options{Now: day})
	require.ErrorIs(t, err, rules.ErrSubject)
	_, err = set.Evaluate(t.Context(), "order", nil, rules.Options{})
	require.ErrorIs(t, err, rules.ErrNow)
	out, err := set.Evaluate(t.Context(), "order", nil, rules.Options{Now: day})
	require.NoError(t, err)
	require.Equal(t, rules.OutcomeUnknown, out[0].Outcome, "a variable that is left out is not known")
	require.Equal(t, []string{"order"}, out[0].Unknown)
}

func TestExplainGathersEvidence(t *testing.T) {
	set := shopSet(t)
	o := sampleOrder()
	for explain, want := range map[bool][]rules.Evidence{
		false: nil,
		true:  {{Name: "vague", Value: false}},
	} {
		out, err := set.Evaluate(t.Context(), "order", map[string]any{"order": o}, rules.Options{Now: day, Explain: explain})
		require.NoError(t, err)
		require.Equal(t, rules.OutcomePass, out[1].Outcome)
		require.Equal(t, want, out[1].Evidence)
	}
}

func TestFormat(t *testing.T) {
	for want, v := range map[string]any{
		"12": 12.0, "12.5": 12.5, "0.3333": 1.0 / 3, "0": -0.00001, "0.0002": 0.00025, "0.0004": 0.00035,
		"-3": int64(-3), "1000000": 1e6, "yes": true, "no": false, "a": "a",
		"2026-11-06": time.Date(2026, 11, 6, 0, 0, 0, 0, time.UTC), "2026-11-06 09:00 UTC": day,
		"3 days": 72 * time.Hour, "1 day 1 hour": 25 * time.Hour, "2 hours 5 minutes": 125 * time.Minute,
		"12 s": 12 * time.Second, "-1 day": -24 * time.Hour,
		"0.3": 0.1 + 0.2, "1": 0.99999, "10": 9.99996, "-1.5": -1.5, "123456789.1235": 123456789.12345678,
		"1, 2.5": []any{int64(1), 2.5}, "unknown": rules.Unknown, "0 s": time.Duration(0),
	} {
		require.Equal(t, want, rules.Format(v), "%v", v)
	}
}
