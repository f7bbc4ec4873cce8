package rules_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/rules"
)

const (
	library = `apiVersion: okr.rules/v1
env: 1
name: library
version: 1.0.0
params: {most: 3, share: 0.5, verbs: [help, fix]}
rules:
  - id: few
    on: shop
    severity: warning
    check: size(shop.orders) <= params.most
    message: "{shop.name} has {size(shop.orders)} orders"
    fix: Close some.
  - {id: named, on: shop, mode: gate, check: shop.name != "", message: a name}
  - {id: strict, on: shop, enabled: false, check: shop.tags.size() > 0, message: no tags}
scores:
  - {id: full, on: order, score: order.discount * params.share}
statuses:
  - {id: open, on: order, status: '"good"'}
tests:
  - name: three is few
    given: {shop: {orders: [{}, {}, {}]}}
    expect: {few: pass}
  - name: what is off is shown as well
    given: {shop: {tags: []}}
    expect: {strict: fail}
`
	company = `apiVersion: okr.rules/v1
env: 1
name: company
version: 2.1.0
extends:
  - pack: library
    version: 1.0.0
    params: {most: 0, share: 1}
    rules:
      few: {severity: error, message: "{shop.name}: too much", fix: Close it., help: "https://example.org/few"}
      strict: {enabled: true}
rules:
  - {id: tall, on: shop, check: shop.tags.size() < 9, message: tall}
tests:
  - name: one is too many here
    given: {shop: {name: corner, orders: [{}]}}
    expect: {few: {outcome: fail, message: "corner: too much"}, library/named: pass, tall: pass}
`
	tenant = `apiVersion: okr.rules/v1
env: 1
name: tenant
version: 0.1.0
extends:
  - company
  - pack: library
    params: {most: 1}
    rules: {few: {mode: gate, on_error: reject}, named: {enabled: false}}
    scores: {full: {enabled: false}}
tests:
  - name: one is allowed again
    given: {shop: {name: corner, orders: [{}]}}
    expect: {few: pass, named: skip}
  - name: two are not
    given: {shop: {name: corner, orders: [{}, {}]}}
    expect: {few: {outcome: fail, message: "corner: too much"}}
`
)

func parsed(t testing.TB, texts ...string) []*rules.Pack {
	t.Helper()
	var out []*rules.Pack
	for _, text := range texts {
		name := strings.TrimSpace(strings.Split(strings.Split(text, "\nname:")[1], "\n")[0])
		p, err := rules.Parse(name+".yaml", []byte(text))
		require.NoError(t, err)
		out = append(out, p)
	}
	return out
}

func infoOf(t testing.TB, set *rules.Set, name string) rules.PackInfo {
	t.Helper()
	for _, p := range set.Packs() {
		if p.Name == name {
			return p
		}
	}
	require.Fail(t, "no pack "+name)
	return rules.PackInfo{}
}

func ruleOf(t testing.TB, p rules.PackInfo, id string) rules.RuleInfo {
	t.Helper()
	for _, r := range p.Rules {
		if r.ID == id {
			return r
		}
	}
	require.Fail(t, "no rule "+id)
	return rules.RuleInfo{}
}

// Three layers: a library, what a company sets in it, and what a tenant sets over both.
func TestLayersSaySomethingInTheirTurn(t *testing.T) {
	env := shopEnv(t)
	two := map[string]any{"shop": &shop{Name: "corner", Orders: []*order{{}, {}}}}
	judge := func(texts ...string) map[string]rules.Result {
		set, err := rules.Compile(env, parsed(t, texts...)...)
		require.NoError(t, err)
		results, err := set.Evaluate(t.Context(), "shop", two, rules.Options{Now: day})
		require.NoError(t, err)
		out := map[string]rules.Result{}
		for _, r := range results {
			out[r.Rule] = r
		}
		return out
	}
	bare := judge(library)
	require.Equal(t, rules.OutcomePass, bare["few"].Outcome)
	require.NotContains(t, bare, "strict", "it is switched off")
	require.Equal(t, "1.0.0", bare["few"].Version)

	over := judge(library, company)
	few := over["few"]
	require.Equal(t, rules.OutcomeFail, few.Outcome)
	require.Equal(t, []any{rules.Failure, rules.Report, "corner: too much", "Close it.", "https://example.org/few", "library", "1.0.0+company@2.1.0"},
		[]any{few.Severity, few.Mode, few.Message, few.Fix, few.Help, few.Pack, few.Version})
	require.NotEqual(t, bare["few"].Digest, few.Digest)
	require.Equal(t, rules.OutcomeFail, over["strict"].Outcome)
	require.Equal(t, "2.1.0", over["tall"].Version, "nothing is laid over the company's own")

	for _, order := range [][]string{{library, company, tenant}, {tenant, company, library}, {company, tenant, library}} {
		all := judge(order...)
		few = all["few"]
		require.Equal(t, []any{rules.OutcomeFail, rules.Failure, rules.Gate, rules.Reject, "corner: too much", "1.0.0+company@2.1.0+tenant@0.1.0"},
			[]any{few.Outcome, few.Severity, few.Mode, few.OnError, few.Message, few.Version})
		require.NotContains(t, all, "named")
		require.NotEqual(t, over["few"].Digest, few.Digest)
	}

	set, err := rules.Compile(env, parsed(t, library, company, tenant)...)
	require.NoError(t, err)
	_, applies, err := set.Score(t.Context(), "order", map[string]any{"order": &order{Discount: 2}}, rules.Options{Now: day})
	require.NoError(t, err)
	require.False(t, applies, "the score is switched off")
	report, err := set.Test(t.Context(), rules.TestOptions{})
	require.NoError(t, err)
	require.True(t, report.OK(), report.String())
	require.Len(t, report.Cases, 5, "each pack's tests see what it extends, and nothing above it")

	// What judges says where every value comes from.
	info := infoOf(t, set, "library")
	require.Equal(t, []rules.LayerInfo{
		{Pack: "company", Version: "2.1.0", Digest: infoOf(t, set, "company").Digest},
		{Pack: "tenant", Version: "0.1.0", Digest: infoOf(t, set, "tenant").Digest},
	}, info.Layers)
	require.Equal(t, few.Digest, info.Judges)
	require.Equal(t, []rules.Origin{
		{Value: "3", Pack: "library", File: "library.yaml", Line: 5},
		{Value: "0", Pack: "company", File: "company.yaml", Line: 8},
		{Value: "1", Pack: "tenant", File: "tenant.yaml", Line: 8},
	}, info.Params[0].Origins)
	require.Equal(t, int64(1), info.Params[0].Value)
	require.Equal(t, 1.0, info.Params[1].Value, "a whole number where a number is wanted")
	require.Nil(t, info.Params[2].Origins)
	var told []string
	for _, o := range ruleOf(t, info, "few").Origins {
		told = append(told, fmt.Sprint(o.Field, " ", o.Value, " ", o.Place()))
	}
	require.Equal(t, []string{
		"severity warning library.yaml:9", "severity error company.yaml:10",
		"mode report library.yaml:7", "mode gate tenant.yaml:9",
		"on_error allow library.yaml:7", "on_error reject tenant.yaml:9",
		"message {shop.name} has {size(shop.orders)} orders library.yaml:11", "message {shop.name}: too much company.yaml:10",
		"fix Close some. library.yaml:12", "fix Close it. company.yaml:10",
		"help  library.yaml:7", "help https://example.org/few company.yaml:10",
	}, told)
	require.True(t, ruleOf(t, info, "named").Disabled)

	// A pack as it was resolved judges the same by itself.
	resolved, idle, err := rules.Resolve(parsed(t, library, company, tenant)...)
	require.NoError(t, err)
	require.Empty(t, idle)
	for _, p := range resolved {
		alone, err := rules.Compile(env, p)
		require.NoError(t, err)
		require.Equal(t, infoOf(t, set, p.Info().Name), alone.Packs()[0])
	}
}

// A parameter that a layer sets keeps its type.
func TestAParameterKeepsItsType(t *testing.T) {
	base := pack("base", "params: {shares: [0.5], names: [a], on: true, day: 2026-01-31}\nrules:\n  - {id: r, on: order, message: no, check: 'params.shares.exists(s, s > order.discount) || order.title in params.names || params.on || params.day < now'}\n")
	for set, want := range map[string]any{
		"shares: [1, 2]":   []any{1.0, 2.0},
		"shares: []":       []any{},
		"names: []":        []any{},
		"on: false":        false,
		"day: 2027-02-28":  time.Date(2027, 2, 28, 0, 0, 0, 0, time.UTC),
		"names: [b, c, d]": []any{"b", "c", "d"},
	} {
		s, err := rules.Compile(shopEnv(t), parsed(t, base, pack("own", "extends:\n  - {pack: base, params: {"+set+"}}\n"))...)
		require.NoError(t, err, set)
		name, _, _ := strings.Cut(set, ":")
		for _, v := range infoOf(t, s, "base").Params {
			if v.Name == name {
				require.Equal(t, want, v.Value, set)
			}
		}
		results, err := s.Evaluate(t.Context(), "order", map[string]any{"order": &order{Title: "x"}}, rules.Options{Now: day})
		require.NoError(t, err)
		require.NotEqual(t, rules.OutcomeError, results[0].Outcome, set)
	}
	for _, set := range []string{"shares: 1", "names: [1]", "on: 'yes'", "day: tomorrow", "names: b", "day: 2026"} {
		_, _, err := rules.Resolve(parsed(t, base, pack("own", "extends:\n  - {pack: base, params: {"+set+"}}\n"))...)
		require.ErrorIs(t, err, rules.ErrInvalid, set)
		require.ErrorContains(t, err, "write it like", set)
	}
}

// What is switched off is not loaded.
func TestWhatIsSwitchedOffTouchesNothing(t *testing.T) {
	env := shopEnv(t)
	set, err := rules.Compile(env, parsed(t, library)...)
	require.NoError(t, err)
	require.NotContains(t, set.Touches("shop"), "shop.tags")
	set, err = rules.Compile(env, parsed(t, library, pack("own", "extends:\n  - {pack: library, rules: {strict: {enabled: true}, few: {enabled: false}}}\n"))...)
	require.NoError(t, err)
	require.Contains(t, set.Touches("shop"), "shop.tags")
	require.NotContains(t, set.Touches("shop"), "shop.orders")
}

// The pack that extends is asked before what it extends, whatever their order.
func TestAScoreOfOnesOwnIsAskedBeforeThatOfTheBase(t *testing.T) {
	own := pack("own", "extends: [library]\nscores:\n  - {id: nine, on: order, score: 9}\n")
	for _, texts := range [][]string{{library, own}, {own, library}} {
		set, err := rules.Compile(shopEnv(t), parsed(t, texts...)...)
		require.NoError(t, err)
		s, applies, err := set.Score(t.Context(), "order", map[string]any{"order": &order{Discount: 2}}, rules.Options{Now: day})
		require.NoError(t, err)
		require.True(t, applies)
		require.Equal(t, "nine", s.ID)
	}
}

// Every way to be wrong says where, and what was meant. The list is what people read.
func TestWrongOverlays(t *testing.T) {
	over := func(name, body string) string { return pack(name, "extends:\n"+body) }
	cases := []struct {
		name  string
		packs []string
	}{
		{"a base that is not there", []string{library, over("own", "  - librray\n")}},
		{"a base that nobody knows", []string{over("own", "  - library\n")}},
		{"another version", []string{library, over("own", "  - {pack: library, version: 1.1.0}\n")}},
		{"a rule that the base lacks", []string{library, over("own", "  - {pack: library, rules: {fww: {severity: error}}}\n")}},
		{"a score among the rules", []string{library, over("own", "  - {pack: library, rules: {full: {enabled: false}}}\n")}},
		{"a parameter that the base lacks", []string{library, over("own", "  - {pack: library, params: {mots: 4}}\n")}},
		{"parameters of another type", []string{library, over("own", "  - {pack: library, params: {most: 2.5, share: many, verbs: [1]}}\n")}},
		{"what changes nothing", []string{library, over("own", "  - {pack: library, params: {most: 3}, rules: {few: {severity: warning}, named: {enabled: true}}}\n")}},
		{"what a layer below has set already", []string{library, company, over("own", "  - company\n  - {pack: library, rules: {few: {severity: error}}}\n")}},
		{"two layers of one rank", []string{library, over("one", "  - {pack: library, params: {most: 4}, rules: {few: {severity: info}}}\n"), over("two", "  - {pack: library, params: {most: 5}, rules: {few: {severity: error}}}\n")}},
		{"a circle", []string{over("one", "  - two\n") + "rules:\n  - {id: a, on: order, message: no, check: 'true'}\n", over("two", "  - one\n") + "rules:\n  - {id: a, on: order, message: no, check: 'true'}\n"}},
		{"itself", []string{over("own", "  - own\n")}},
		{"twice", []string{library, over("own", "  - library\n  - {pack: library, params: {most: 4}}\n")}},
		{"unknown keys", []string{library, over("own", "  - {pack: library, param: {most: 4}, rules: {few: {sevrity: error, when: 'true'}}, scores: {full: {severity: info}}}\n")}},
		{"wrong words", []string{library, over("own", "  - {pack: library, rules: {few: {severity: grave, mode: gat, enabled: no, on_error: stop, help: here}}}\n")}},
		{"nothing is set", []string{library, over("own", "  - {pack: library, rules: {few: {}}}\n")}},
		{"no base", []string{over("own", "  - {params: {most: 4}}\n  - 7\n  - [library]\n")}},
		{"nothing at all", []string{library, over("own", "  - library\n")}},
		{"a message that reads what the rule cannot see", []string{library, over("own", "  - pack: library\n    rules:\n      few:\n        message: \"{order.title} is too much\"\n")}},
		{"a test of a rule that nobody has", []string{library, over("own", "  - {pack: library, params: {most: 4}}\ntests:\n  - {name: t, expect: {fww: pass}}\n")}},
		{"a test of a rule that two have", []string{library, strings.Replace(library, "name: library", "name: other", 1), pack("own", "extends: [library, other]\nrules:\n  - {id: a, on: order, message: no, check: 'true'}\ntests:\n  - {name: t, expect: {few: pass}}\n")}},
	}
	var b strings.Builder
	for _, c := range cases {
		files := make([]rules.File, len(c.packs))
		for i, text := range c.packs {
			files[i] = rules.File{Name: strings.TrimSpace(strings.Split(strings.Split(text, "\nname:")[1], "\n")[0]) + ".yaml", Text: []byte(text)}
		}
		_, err := rules.Load(shopEnv(t), files...)
		require.ErrorIs(t, err, rules.ErrInvalid, c.name)
		fmt.Fprintf(&b, "# %s\n\n%s\n\n", c.name, err)
	}
	golden := filepath.Join("testdata", "overlays.golden")
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String())
}

// Layers that say the same are at peace, and who lies above both decides.
func TestLayersOfOneRank(t *testing.T) {
	set := func(name, extends, more string) string {
		return pack(name, "extends:\n"+extends+"  - {pack: library, params: {most: "+more+"}}\n")
	}
	for want, packs := range map[string][]string{
		"7": {library, set("one", "", "7"), set("two", "", "7")},
		"9": {library, set("one", "", "7"), set("two", "", "8"), set("top", "  - one\n  - two\n", "9")},
	} {
		s, err := rules.Compile(shopEnv(t), parsed(t, packs...)...)
		require.NoError(t, err)
		origins := infoOf(t, s, "library").Params[0].Origins
		require.Equal(t, want, origins[len(origins)-1].Value)
	}
}

// Whatever the layers, their order in the set does not matter, and what counts is the
// last origin.
func TestResolvingDoesNotDependOnTheOrder(t *testing.T) {
	severities := []string{"info", "warning", "error"}
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(r, "layers")
		texts := []string{library}
		for i := range n {
			var b strings.Builder
			b.WriteString("extends:\n")
			for j := range i {
				if rapid.Bool().Draw(r, "above") {
					fmt.Fprintf(&b, "  - l%d\n", j)
				}
			}
			fmt.Fprintf(&b, "  - {pack: library, params: {most: %d}, rules: {few: {severity: %s}}}\n",
				rapid.IntRange(3, 5).Draw(r, "most"), rapid.SampledFrom(severities).Draw(r, "severity"))
			texts = append(texts, pack(fmt.Sprint("l", i), b.String()))
		}
		of := func(texts []string) (rules.PackInfo, string) {
			var packs []*rules.Pack
			for _, text := range texts {
				p, err := rules.Parse("p.yaml", []byte(text))
				require.NoError(r, err)
				packs = append(packs, p)
			}
			out, _, err := rules.Resolve(packs...)
			if err != nil {
				return rules.PackInfo{}, "refused"
			}
			for _, p := range out {
				if p.Info().Name == "library" {
					return p.Info(), ""
				}
			}
			return rules.PackInfo{}, "lost"
		}
		want, refused := of(texts)
		got, again := of(rapid.Permutation(texts).Draw(r, "order"))
		require.Equal(r, refused, again)
		require.Equal(r, want, got)
		if refused != "" {
			return
		}
		origins := want.Params[0].Origins
		require.Equal(r, fmt.Sprint(want.Params[0].Value), origins[len(origins)-1].Value)
		require.Len(r, want.Layers, n)
	})
}

// TestOverlaysOfManyStrangers: nobody reads five thousand mistakes.
func TestOverlaysOfManyStrangers(t *testing.T) {
	base := rules.File{Name: "base.yaml", Text: []byte(pack("base", "rules:\n  - {id: r, on: order, message: no, check: 'order.items > 3'}\n"))}
	over := rules.File{Name: "over.yaml", Text: []byte(pack("over", "extends:\n  - pack: base\n    rules:\n"+
		joinN(5000, "\n", func(i int) string { return fmt.Sprintf("      q%d: {severity: error}", i) })+"\n"))}
	_, err := rules.Load(shopEnv(t), base, over)
	var all rules.Errors
	require.ErrorAs(t, err, &all)
	require.Len(t, all, 201)
	require.Contains(t, all[200].Message, "more mistakes")
	require.Less(t, len(err.Error()), 100_000)
}

// TestContradictingNumbers: numbers are told without quotes, texts with them.
func TestContradictingNumbers(t *testing.T) {
	file := func(name, rest string) rules.File {
		return rules.File{Name: name + ".yaml", Text: []byte(pack(name, rest))}
	}
	base := file("base", "params: {least: 3, word: a}\nrules:\n  - {id: r, on: order, message: no, check: 'order.items > params.least && order.title != params.word'}\n")
	one := file("one", "extends:\n  - pack: base\n    params: {least: 30, word: b}\n")
	two := file("two", "extends:\n  - pack: base\n    params: {least: 31, word: c}\n")
	_, err := rules.Load(shopEnv(t), base, one, two)
	require.ErrorContains(t, err, "params.least is 31 here and 30 in one.yaml")
	require.ErrorContains(t, err, `params.word is "c" here and "b" in one.yaml`)
}
