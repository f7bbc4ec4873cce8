package rules_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules"
)

// placed checks what every refusal promises: a place inside the file.
func placed(t *testing.T, text []byte, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if !errors.Is(err, rules.ErrInvalid) {
		t.Fatalf("%v is not ErrInvalid", err)
	}
	var all rules.Errors
	if !errors.As(err, &all) || len(all) == 0 {
		t.Fatalf("%v is not Errors", err)
	}
	lines := 1
	for _, r := range string(text) {
		if strings.ContainsRune("\n\r\u0085\u2028\u2029", r) {
			lines++
		}
	}
	for _, e := range all {
		if e.Message == "" {
			t.Fatal("an error says nothing")
		}
		if !utf8.Valid(text) || len(text) > 1<<20 {
			continue
		}
		if e.Line < 1 || e.Line > lines || e.Col < 1 {
			t.Fatalf("%s stands at %d:%d of %d lines", e.Message, e.Line, e.Col, lines)
		}
	}
}

// FuzzParse: any text is either a pack that can be had again from its text, or
// refused with places.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/wrong/*.yaml")
	require.NoError(f, err)
	for _, file := range append(files, "testdata/shop.yaml") {
		text, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := rules.Parse("f.yaml", text)
		placed(t, text, err)
		if err != nil {
			return
		}
		again, err := rules.Parse("f.yaml", []byte(p.Info().Text))
		require.NoError(t, err)
		require.Equal(t, p.Info(), again.Info())
	})
}

// FuzzCompile: any text as an expression, a message and a quoted scalar is
// refused with places, or runs to an outcome on a full and on a blank object:
// the same one with closures and without.
func FuzzCompile(f *testing.F) {
	env := shopEnv(f)
	for _, s := range []string{
		"order.total == 60", "order.totl", "1 +", "a and b", `"{" + order.title + "}"`, "shop.orders.all(o, o.total > 1)",
		"lists.range(order.items).all(i, i > 0)", "order.prices.falling(2)", "[1, 2.5].max() > order.total", "has(order.buyer.name)",
		"order.title.matches('(a+)+$')", "{order.title}", "é\t'", "math.least(1, order.total)", "order.notes.map(n, n + n).join('').size() > 3",
	} {
		f.Add(s)
	}
	for _, s := range append(corpus, costly...) {
		f.Add(s)
	}
	full := map[string]any{"order": sampleOrder(), "shop": sampleOrder().Shop, "limit": 2.5}
	blank := map[string]any{"order": blankOrder()}
	f.Fuzz(func(t *testing.T, expr string) {
		if !utf8.ValidString(expr) {
			return
		}
		block := "      " + strings.ReplaceAll(expr, "\n", "\n      ")
		for _, rule := range []string{
			"    message: no\n    check: |2\n" + strings.ReplaceAll(block, "      ", "      "),
			"    check: 'true'\n    message: |\n" + block,
			"    check: " + quote(expr) + "\n    message: no",
			"    check: order.items < 0\n    message: " + quote("{"+expr+"}"),
		} {
			text := []byte(pack("f", "rules:\n  - id: r\n    on: order\n"+rule+"\n"))
			set, err := rules.Load(env, rules.File{Name: "f.yaml", Text: text})
			placed(t, text, err)
			if err != nil {
				continue
			}
			for _, vars := range []map[string]any{full, blank} {
				first, err := set.Evaluate(t.Context(), "order", vars, rules.Options{Now: day})
				require.NoError(t, err)
				again, err := rules.OnlyCEL(set).Evaluate(t.Context(), "order", vars, rules.Options{Now: day})
				require.NoError(t, err)
				require.Equal(t, first[0].Outcome, again[0].Outcome)
				require.Equal(t, first[0].Message, again[0].Message)
				require.Equal(t, first[0].Unknown, again[0].Unknown)
				require.NotContains(t, first[0].Message, "\n")
			}
		}
	})
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// FuzzTests: tests of a pack, whatever they give and expect, are refused with places or
// run, and then say the same twice.
func FuzzTests(f *testing.F) {
	text, err := os.ReadFile("testdata/shop.yaml")
	require.NoError(f, err)
	_, own, _ := strings.Cut(string(text), "\ntests:\n")
	f.Add(own)
	f.Add("  - name: t\n    params: {cap: 2}\n    unknown: [order.total, 'order.prices[0].value']\n    given: {order: {prices: [{at: -3d}, {at: 2 weeks ago}]}}\n    steps: [{at: +1d, expect: {wording: pass}}]\n")
	f.Add("  - {name: t, expect: {open-orders: {of: {'shop.orders[0].shop': {outcome: fail, mentions: a, evidence: {count: 1}}}}}}\n")
	f.Add("  - {name: t, expect: {small: {score: 0.2, within: 1e9}, computed: {status: late}, wording: {error: x, severity: info, mode: gate}}}\n")
	env := shopEnv(f)
	theirs := rules.File{Name: "shop.yaml", Text: text}
	set, err := rules.Load(env, theirs)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, tests string) {
		text := []byte("apiVersion: okr.rules/v1\npack: corner\ntests:\n" + tests)
		file, err := rules.ParseTests("f_test.yaml", text)
		placed(t, text, err)
		if err != nil {
			return
		}
		o := rules.TestOptions{Packs: []string{}, Files: []*rules.TestFile{file}}
		one, err := set.Test(tContext, o)
		placed(t, text, err)
		if err != nil {
			return
		}
		two, err := set.Test(tContext, o)
		require.NoError(t, err)
		require.Equal(t, one, two)
		require.NotContains(t, one.String(), "a fault of the engine")
		require.NotContains(t, one.String(), "internal error")
	})
}

// FuzzPack: any pack is refused with places, or runs on the largest and on a blank
// object to its outcomes, within its bound, with little memory, and alike with
// closures and without.
func FuzzPack(f *testing.F) {
	env := shopEnv(f)
	for _, text := range hostile() {
		if len(text) < 8<<10 {
			f.Add(text)
		}
	}
	for _, expr := range append(costly, corpus...) {
		f.Add(checkOf(expr))
		f.Add(varsOf("order.total", "X + order.total", 2, expr))
	}
	for _, file := range []string{"testdata/shop.yaml", "testdata/twelve.yaml"} {
		text, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(string(text))
	}
	blank := map[string]any{"order": blankOrder()}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 16<<10 {
			return
		}
		set, err := rules.Load(env, rules.File{Name: "f.yaml", Text: []byte(text)})
		placed(t, []byte(text), err)
		if err != nil {
			return
		}
		within(t, set)
		for _, vars := range []map[string]any{biggest(), blank} {
			o := rules.Options{Now: day}
			first, err := set.Outcomes(t.Context(), "order", vars, o, nil)
			require.NoError(t, err)
			again, err := rules.OnlyCEL(set).Outcomes(t.Context(), "order", vars, o, nil)
			require.NoError(t, err)
			require.Equal(t, again, first)
		}
	})
}

// FuzzBound: no expression costs more, on the largest object there may be, than
// what was estimated of it at load.
func FuzzBound(f *testing.F) {
	env := shopEnv(f)
	for _, expr := range append(costly, corpus...) {
		f.Add(expr)
	}
	f.Add(`"%s %d %f".format([order.title, order.items, order.total]) != ""`)
	f.Add(`strings.quote(order.title).size() > 3`)
	vars := biggest()
	f.Fuzz(func(t *testing.T, expr string) {
		if !utf8.ValidString(expr) || strings.ContainsAny(expr, "\n\r\u0085\u2028\u2029") {
			return
		}
		set, err := rules.Load(env, rules.File{Name: "f.yaml", Text: []byte(checkOf(expr))})
		if err != nil {
			return
		}
		if bound, guarded := rules.Bound(set, "order"); !guarded {
			require.LessOrEqual(t, rules.Cost(set, "order", vars, day), bound, expr)
		}
	})
}
