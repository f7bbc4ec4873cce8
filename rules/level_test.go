package rules_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules"
)

// nextSchema is the schema of the shops one level on: a fact more and a function
// more, and one of each that means something else from then on, a variable more, and
// a smaller bound.
func nextSchema() rules.Schema {
	s := shopSchema()
	s.Level = 2
	for i, t := range s.Types {
		if t.Name != "order" {
			continue
		}
		s.Types[i].Fields = append(s.Types[i].Fields,
			rules.Field{Name: "heavy", Kind: rules.Bool, Since: 2, Get: func(o any) any { return o.(*order).Items > 2 }},
			rules.Field{Name: "items", Kind: rules.Double, Since: 2, MayBeUnknown: true, Get: func(o any) any { return float64(o.(*order).Items) * 1000 }},
		)
		s.Types[i].Example["heavy"] = true
	}
	s.Subjects[0].Vars = map[string]string{"order": "order", "shop": "shop", "limit": "double", "season": "string"}
	s.Subjects[0].Since = map[string]int{"season": 2}
	text := []rules.Param{{Kind: rules.String}}
	s.Funcs = []rules.Func{
		{Name: "loud", Since: 1, Params: text, Result: rules.Param{Kind: rules.String}, Call: func(a []any) (any, error) { return strings.ToUpper(a[0].(string)), nil }},
		{Name: "loud", Since: 2, Params: text, Result: rules.Param{Kind: rules.String}, Call: func(a []any) (any, error) { return a[0].(string) + "!", nil }},
		{Name: "soft", Since: 2, Params: text, Result: rules.Param{Kind: rules.String}, Call: func(a []any) (any, error) { return strings.ToLower(a[0].(string)), nil }},
	}
	return s
}

// What is changed and added at a level leaves a pack of the level below as it was:
// by its results, by its tests and by the names that it chose.
func TestAPackOfAnOldLevelEvaluatesTheSame(t *testing.T) {
	schema := nextSchema()
	two, err := rules.NewEnv(schema)
	require.NoError(t, err)
	schema.Level = 1
	one, err := rules.NewEnv(schema)
	require.NoError(t, err)

	old := pack("old", `rules:
  - {id: few, on: order, vars: {season: order.items * 2}, message: "{order.items} of {season}, {loud(order.title)}", check: order.items < 3}
scores:
  - {id: count, on: order, score: order.items}
statuses:
  - {id: word, on: order, status: 'loud(order.title) == "BOX" ? "good" : "late"'}
tests:
  - name: three
    given: {order: {items: 3, title: box}}
    expect: {few: {outcome: fail, message: "3 of 6, BOX"}, count: 3, word: good}
`)
	vars := map[string]any{"order": &order{Title: "box", Items: 3}, "shop": &shop{}, "limit": 1.0, "season": "winter"}
	ask := func(env *rules.Env) []any {
		set := compile(t, env, old)
		require.Same(t, env, set.Env(), "the next pack is compiled against what the host gave")
		out, err := set.Evaluate(t.Context(), "order", vars, rules.Options{Now: day})
		require.NoError(t, err)
		require.NoError(t, out[0].Err)
		score, _, err := set.Score(t.Context(), "order", vars, rules.Options{Now: day})
		require.NoError(t, err)
		status, _, err := set.Status(t.Context(), "order", vars, rules.Options{Now: day})
		require.NoError(t, err)
		tested, err := set.Test(t.Context(), rules.TestOptions{})
		require.NoError(t, err)
		require.True(t, tested.OK(), tested.String())
		trace, err := set.TraceRule(t.Context(), "order", "old", "few", vars, rules.Options{Now: day})
		require.NoError(t, err)
		again, err := set.Replay(t.Context(), trace)
		require.NoError(t, err)
		return []any{out, score, status, trace, again, set.Costs()}
	}
	was := ask(one)
	require.Equal(t, "3 of 6, BOX", was[0].([]rules.Result)[0].Message)
	require.Equal(t, was, ask(two))

	fresh := compile(t, two, strings.Replace(pack("new", "rules:\n  - {id: few, on: order, message: '{order.items}, {soft(loud(\"Box\"))}, {season}', check: '!order.heavy'}\n"), "env: 1", "env: 2", 1))
	out, err := fresh.Evaluate(t.Context(), "order", vars, rules.Options{Now: day})
	require.NoError(t, err)
	require.Equal(t, "3000, box!, winter", out[0].Message)
}

// What came later is not to be seen earlier, and is told to have come later.
func TestWhatCameLaterIsNotSeenEarlier(t *testing.T) {
	two, err := rules.NewEnv(nextSchema())
	require.NoError(t, err)
	for check, want := range map[string]string{
		"order.heavy":                 "order.heavy came with env 2, the pack asks for env 1",
		`soft("A") == "a"`:            "soft came with env 2, the pack asks for env 1",
		`season == "winter"`:          "season is not known here",
		"order.items.isNaN()":         "isNaN is not known here",
		"has(order.heavy)":            "order.heavy came with env 2",
		"shop.orders.all(o, o.heavy)": "order.heavy came with env 2",
	} {
		_, err := rules.Load(two, rules.File{Name: "p.yaml", Text: []byte(pack("p", "rules:\n  - {id: r, on: order, message: no, check: '"+check+"'}\n"))})
		require.ErrorContains(t, err, want, check)
	}
	var one []string
	for _, f := range two.At(1).Functions() {
		one = append(one, f.Name)
	}
	require.NotContains(t, one, "soft")
	for _, typ := range two.At(1).Schema().Types {
		for _, f := range typ.Fields {
			require.LessOrEqual(t, f.Since, 1, typ.Name+"."+f.Name)
		}
	}
	require.NotContains(t, two.At(1).Schema().Subjects[0].Vars, "season")
	require.Contains(t, two.At(2).Schema().Subjects[0].Vars, "season")
}

// Packs of two levels in one set share the higher one. That is safe: what was changed
// since is refused, with the way out of it.
func TestPacksOfTwoLevelsTogether(t *testing.T) {
	two, err := rules.NewEnv(nextSchema())
	require.NoError(t, err)
	rule := func(env, name, check string) rules.File {
		return rules.File{Name: name + ".yaml", Text: []byte(strings.Replace(pack(name, "rules:\n  - {id: r, on: order, message: no, check: '"+check+"'}\n"), "env: 1", "env: "+env, 1))}
	}
	_, err = rules.Load(two, rule("1", "old", "order.total > 1"), rule("2", "new", "order.heavy"))
	require.NoError(t, err)
	_, err = rules.Load(two, rule("1", "old", "order.items > 1"), rule("2", "new", "order.heavy"))
	require.ErrorContains(t, err, "order.items came with env 2, the pack asks for env 1")
}
