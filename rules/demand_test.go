package rules_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules"
)

const (
	shown   = "rules:\n  - {id: r, on: order, message: no, check: order.total > 100 || order.items > 5}\ntests:\n  - {name: many, given: {order: {items: 6}}, expect: {r: pass}}\n  - {name: few, expect: {r: fail}}\n"
	unshown = "rules:\n  - {id: r, on: order, message: no, check: order.total > 100 || order.items > 5}\ntests:\n  - {name: few, expect: {r: fail}}\n"
	failing = "rules:\n  - {id: r, on: order, message: no, check: order.total > 100 || order.items > 5}\ntests:\n  - {name: few, expect: {r: pass}}\n  - {name: many, expect: {r: fail}}\n"
)

func TestDemands(t *testing.T) {
	for name, c := range map[string]struct {
		body   string
		demand rules.Demand
		want   string // "" is met
	}{
		"nothing but that no test fails": {unshown, rules.Demand{}, ""},
		"a failing test":                 {failing, rules.Demand{}, "rules: the tests do not show what is asked of them\npack.yaml:8: few: r is fail, expected pass"},
		"examples":                       {shown, rules.Demand{Examples: true}, ""},
		"no example":                     {unshown, rules.Demand{Examples: true}, "rules: the tests do not show what is asked of them\npack.yaml:6: r: no test expects pass"},
		"coverage":                       {shown, rules.Demand{Coverage: 0.75}, ""},
		"less coverage":                  {shown, rules.Demand{Coverage: 0.76}, "rules: the tests do not show what is asked of them\npack.yaml:1: the tests take 75 % of the branches, 76 % are asked for"},
		"all at once":                    {unshown, rules.Demand{Examples: true, Coverage: 1}, "rules: the tests do not show what is asked of them\npack.yaml:6: r: no test expects pass\npack.yaml:1: the tests take 50 % of the branches, 100 % are asked for"},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := compile(t, shopEnv(t), pack("p", c.body)).Test(t.Context(), rules.TestOptions{})
			require.NoError(t, err)
			err = report.Check(c.demand)
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, rules.ErrUntested)
			var untested *rules.UntestedError
			require.ErrorAs(t, err, &untested)
			require.Equal(t, c.want, err.Error())
		})
	}
}

// Only the packs that are asked for are tested.
func TestTestsOfSomePacks(t *testing.T) {
	set := compile(t, shopEnv(t), pack("a", unshown), pack("b", shown))
	report, err := set.Test(t.Context(), rules.TestOptions{Packs: []string{"b"}})
	require.NoError(t, err)
	require.Len(t, report.Cases, 2)
	require.NoError(t, report.Check(rules.Demand{Examples: true}))
	require.Len(t, report.Coverage, 1)
}

// What lies in the folders comes into force only if its tests show what is demanded,
// the files of tests beside the packs included.
func TestLiveDemands(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	folder := fstest.MapFS{"p.yaml": file(pack("p", unshown)), "p_test.yaml": file("nonsense")}
	live, err := rules.Open(shopEnv(t), folder)
	require.NoError(t, err, "files of tests are no packs")
	require.ErrorContains(t, live.Demand(t.Context(), rules.Demand{Examples: true}), "p_test.yaml:1:1: a file of tests is a text")
	delete(folder, "p_test.yaml")
	require.ErrorIs(t, live.Demand(t.Context(), rules.Demand{Examples: true}), rules.ErrUntested)

	folder["p_test.yaml"] = file("apiVersion: okr.rules/v1\npack: p\ntests:\n  - {name: many, given: {order: {items: 6}}, expect: {r: pass}}\n")
	require.NoError(t, live.Demand(t.Context(), rules.Demand{Examples: true}))
	changed, err := live.Reload(t.Context())
	require.NoError(t, err)
	require.False(t, changed)

	good := live.Set()
	folder["p.yaml"] = file(pack("p", failing))
	changed, err = live.Reload(t.Context())
	require.False(t, changed)
	require.ErrorIs(t, err, rules.ErrUntested)
	require.ErrorIs(t, live.Refused(), rules.ErrUntested)
	require.Same(t, good, live.Set())
	_, err = live.Reload(t.Context())
	require.ErrorIs(t, err, rules.ErrUntested, "text that has not changed is refused again")

	folder["p.yaml"] = file(pack("p", shown))
	changed, err = live.Reload(t.Context())
	require.NoError(t, err)
	require.True(t, changed)
}
