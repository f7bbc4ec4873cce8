package rules_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules"
)

// checkOf is a pack of one rule.
func checkOf(expr string) string {
	return pack("h", "rules:\n  - id: r\n    on: order\n    message: no\n    check: "+quote(expr)+"\n")
}

// varsOf is a pack of one rule whose vars build on each other: v0 is first, and
// each of the others is made of the one before by step, in which X stands for it.
func varsOf(first, step string, n int, check string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "rules:\n  - id: r\n    on: order\n    message: no\n    vars:\n      v0: %s\n", quote(first))
	for i := range n {
		fmt.Fprintf(&b, "      v%d: %s\n", i+1, quote(strings.ReplaceAll(step, "X", fmt.Sprintf("v%d", i))))
	}
	fmt.Fprintf(&b, "    check: %s\n", quote(strings.ReplaceAll(check, "X", fmt.Sprintf("v%d", n))))
	return pack("h", b.String())
}

func around(open, inner, shut string, n int) string {
	return strings.Repeat(open, n) + inner + strings.Repeat(shut, n)
}

func joinN(n int, sep string, f func(i int) string) string {
	out := make([]string, n)
	for i := range out {
		out[i] = f(i)
	}
	return strings.Join(out, sep)
}

// hostile are packs that try to take the machine down.
func hostile() map[string]string {
	same := func(s string) func(int) string { return func(int) string { return s } }
	laughs := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'k'; c++ {
		laughs += fmt.Sprintf("%c: &%c [%s]\n", c, c, joinN(9, ", ", same("*"+string(c-1))))
	}
	return map[string]string{
		"billion laughs":           laughs,
		"billion laughs in a pack": pack("h", "params: {a: &a [1, 2, 3]}\nrules: [*a, *a]\n"),
		"merge keys":               pack("h", "rules:\n  - &r {id: a, on: order}\n  - {<<: *r}\n"),
		"a million rules":          pack("h", "rules:\n"+strings.Repeat("  - {id: a}\n", 80_000)),
		"a million rules, short":   pack("h", "rules: ["+strings.Repeat("{},", 300_000)+"{}]\n"),
		"a million errors":         pack("h", strings.Repeat("zz: 1\n", 150_000)),
		"a million vars":           varsOf("order.items", "X + 1", 20_000, "X > 1"),
		"many loops in vars": pack("h", "rules:\n  - id: r\n    on: order\n    message: no\n    check: v9 && v99\n    vars:\n"+joinN(3000, "\n", func(i int) string {
			return fmt.Sprintf("      v%d: shop.orders.all(o, o.prices.all(p, p.value > %d.0))", i, i)
		})+"\n"),
		"nested yaml":             "rules: " + around("[", "", "]", 10_000),
		"nested yaml maps":        "rules: " + around("{a: ", "1", "}", 10_000),
		"a tall yaml":             joinN(2000, "\n", func(i int) string { return strings.Repeat(" ", i) + "a:" }),
		"a long key":              strings.Repeat("k", 900_000) + ": 1\n",
		"a huge message":          pack("h", "rules:\n  - id: r\n    on: order\n    check: order.items < 0\n    message: '"+strings.Repeat("{order.title}", 60_000)+"'\n"),
		"a huge text":             pack("h", "rules:\n  - id: r\n    on: order\n    check: order.items < 0\n    message: '"+strings.Repeat("x", 900_000)+"'\n"),
		"a message of loops":      pack("h", "rules:\n  - id: r\n    on: order\n    check: order.items < 0\n    message: '"+strings.Repeat("{order.prices.filter(p, p.value > 1.0).size()}", 80)+"'\n"),
		"a huge param":            pack("h", "params: {w: ["+joinN(100_000, ", ", same("word"))+"]}\nrules:\n  - {id: r, on: order, message: no, check: 'params.w.all(a, params.w.all(b, a == b))'}\n"),
		"a huge param, looked at": pack("h", "params: {w: ["+joinN(100_000, ", ", same("word"))+"]}\nrules:\n  - {id: r, on: order, message: no, check: 'order.title in params.w'}\n"),

		"rules of loops": pack("h", "rules:\n"+joinN(400, "\n", func(i int) string {
			return fmt.Sprintf("  - {id: r%d, on: order, message: no, check: 'shop.orders.all(o, o.prices.all(p, p.value > %d.0))'}", i, i)
		})+"\n"),
		"lists in lists":   varsOf("[order.items]", "[X, X]", 40, "X.size() > 0"),
		"maps in maps":     varsOf(`{"a": order.items}`, `{"a": X["a"]}`, 40, "X.size() > 0"),
		"quoting":          varsOf("order.title", "strings.quote(X)", 30, `X != ""`),
		"a guarded text":   varsOf(`lists.range(order.items).map(i, "aaaaaaaaaa").join("")`, `X.replace("a", X)`, 3, `X != ""`),
		"a guarded list":   varsOf("lists.range(order.items)", "X + X", 40, "X.size() > 0"),
		"guarded in place": checkOf(`lists.range(order.items).map(i, lists.range(order.items)).flatten().distinct().size() > 0`),

		"loops in loops":            checkOf("shop.orders.all(a, shop.orders.all(b, a.prices.all(p, p.value > b.total)))"),
		"loops in loops in vars":    pack("h", "rules:\n  - id: r\n    on: order\n    message: no\n    vars: {a: 'shop.orders.map(o, o.prices)', b: 'a.map(x, a)'}\n    check: b.all(x, x.all(y, y.all(p, p.value > 1.0)))\n"),
		"a range of ranges":         checkOf("lists.range(1000).all(i, lists.range(1000).all(j, i + j >= 0))"),
		"a range by a fact":         checkOf("lists.range(order.items * 1000000).size() > 0"),
		"ranges mapped":             checkOf("lists.range(1000).map(i, lists.range(1000)).flatten().size() > 0"),
		"ranges in vars":            varsOf("lists.range(1000)", "X.map(i, X).flatten()", 6, "X.size() > 0"),
		"doubling a text":           varsOf("order.title", "X + X", 40, `X != ""`),
		"doubling in place":         checkOf(around("(", "order.title", ")+order.title", 200) + ` != ""`),
		"doubling a list":           varsOf("shop.orders", "X + X", 40, "X.size() > 0"),
		"squaring a list":           varsOf("order.notes", "X.map(n, X)", 2, "X.size() > 0"),
		"joining":                   varsOf("order.title", "[X, X, X, X].join(X)", 12, `X != ""`),
		"replacing":                 varsOf("order.title", `X.replace("a", X)`, 12, `X != ""`),
		"replacing nothing":         checkOf(`order.title.replace("", order.title).replace("", order.title).replace("", order.title) != ""`),
		"formatting":                varsOf("order.title", `"%s%s%s%s".format([X, X, X, X])`, 20, `X != ""`),
		"formatting precisely":      checkOf(`"%.1000000f".format([order.total]) != ""`),
		"formatting very precisely": checkOf(`"%.2147483647e".format([1.5]) != ""`),
		"formatting a lot":          checkOf(`"` + strings.Repeat("%.999f", 300) + `".format([` + joinN(300, ",", same("1.5")) + `]) != ""`),
		"formatting lists":          varsOf("[order.title]", "[[X]].map(x, string(x.size()))", 3, "X.size() > 0"),
		"splitting":                 checkOf(`order.title.split("").map(a, order.title.split("").map(b, a + b)).flatten().join(order.title) != ""`),
		"distinct":                  varsOf(`order.title.split("")`, "X + X", 6, "X.distinct().size() > 0"),
		"sorting":                   checkOf("shop.orders.sortBy(o, o.prices.map(p, p.value).sort().size())[0].items > 0"),
		"flattening":                checkOf(around("[", "1", "]", 60) + ".flatten(60).size() > 0"),

		"catastrophic pattern": checkOf(`order.title.matches("(a+)+$")`),
		"patterns in patterns": checkOf(`order.title.matches("` + around("(", "a", "+)+", 300) + `")`),
		"a counted pattern":    checkOf(`order.title.matches("((a{100}){100}){100}")`),
		"a wide pattern":       checkOf(`order.title.matches("` + joinN(600, "|", func(i int) string { return fmt.Sprint("w", i) }) + `")`),
		"a class of all":       checkOf(`order.title.matches("` + strings.Repeat(`\\pL{90}`, 20) + `")`),
		"a pattern of a fact":  checkOf("order.title.matches(order.state)"),
		"patterns in a loop":   checkOf(`order.notes.all(n, n.matches("(x|y|z)*(a|b)*` + strings.Repeat(".*", 60) + `$"))`),

		"deep parentheses":   checkOf(around("(", "true", ")", 2000)),
		"deep brackets":      checkOf(around("[", "", "]", 1500) + " == []"),
		"deep not":           checkOf(strings.Repeat("!", 4000) + "true"),
		"deep minus":         checkOf(strings.Repeat("-", 4000) + "1 > 0"),
		"deep choices":       checkOf(strings.Repeat("true ? ", 500) + "true" + strings.Repeat(" : false", 500)),
		"deep selections":    checkOf("order" + strings.Repeat(".shop.orders[0]", 200) + ".items > 0"),
		"deep calls":         checkOf(around("math.least(1, ", "1", ")", 200) + " > 0"),
		"deep maps":          checkOf(around("{1: ", "1", "}", 400) + " == {}"),
		"long and":           checkOf(joinN(500, "&&", same("true"))),
		"long plus":          checkOf(joinN(1500, "+", same("1")) + ">0"),
		"long list":          checkOf("[" + joinN(1500, ",", same("1")) + "].size() > 0"),
		"long mixed plus":    checkOf("order.total+" + joinN(200, "+", same("1")) + ">0"),
		"mixed comparisons":  checkOf(joinN(120, "&&", same("order.total > 1"))),
		"mixed lists":        checkOf("[" + joinN(200, ",", func(i int) string { return []string{"1", "1.5"}[i%2] }) + "].max() > 0"),
		"huge whole number":  checkOf("order.items < " + strings.Repeat("9", 3000)),
		"huge number":        checkOf("order.total < 1e999999999"),
		"huge text":          checkOf(`order.title != "` + strings.Repeat("x", 4000) + `"`),
		"huge escape":        checkOf(`order.title != "\U00110000"`),
		"huge duration":      checkOf(`order.wait < duration("999999999999h")`),
		"huge days":          checkOf("order.wait < days(9223372036854775807)"),
		"huge trend":         checkOf("order.prices.map(p, p.value).falling(9223372036854775807) || order.prices.rising(9223372036854775807)"),
		"overflow":           checkOf("order.items * 9223372036854775807 * 9223372036854775807 > 0"),
		"least of whole":     checkOf("-order.items - 9223372036854775807 - 2 > 0"),
		"instants":           checkOf(`order.placed + days(100000) + days(100000) > now`),
		"building maps":      checkOf(`{"a": order.title, "b": order.title}.all(k, k != "")`),
		"building many maps": checkOf(`shop.orders.map(o, {o.title: o.prices}).map(m, m.size()).size() > 0`),

		"homoglyphs":        checkOf("оrder.total > 1"),
		"zero width":        checkOf("order\u200b.total > 1"),
		"turned round":      checkOf("order.title == '\u202edrow\u202c'"),
		"nul":               checkOf("order.title == \x00"),
		"nul in a text":     pack("h", "rules:\n  - {id: r, on: order, check: 'order.items < 0', message: \"a\\0b\\u202e\\r\\n{order.title}\"}\n"),
		"combining":         checkOf("order.title.contains('" + strings.Repeat("\u0301", 2000) + "')"),
		"a byte order mark": "\ufeff" + checkOf("true"),
		"not utf-8":         checkOf("order.title == '\xff\xfe'"),
		"lone surrogate":    checkOf(`order.title == "\ud800"`),
	}
}

// A pack of ordinary length may not take more than smallLoad to load, and one as
// long as a file may be no more than largeLoad; one subject no more than oneRun.
const (
	smallLoad = 16 << 20
	largeLoad = 256 << 20
	oneRun    = 2 << 20
)

// TestHostilePacks: whatever a pack tries, it is refused with a place, or it comes
// to an outcome within its bound; and neither takes much memory.
func TestHostilePacks(t *testing.T) {
	env := shopEnv(t)
	for name, text := range hostile() {
		t.Run(name, func(t *testing.T) {
			var set *rules.Set
			var err error
			loading := allocated(func() { set, err = rules.Load(env, rules.File{Name: "h.yaml", Text: []byte(text)}) })
			if most := uint64(largeLoad); len(text) > 32<<10 {
				require.Less(t, loading, most)
			} else {
				require.Less(t, loading, uint64(smallLoad))
			}
			placed(t, []byte(text), err)
			if err != nil {
				var all rules.Errors
				require.ErrorAs(t, err, &all)
				require.Less(t, len(all), 300, "nobody reads so many")
				return
			}
			within(t, set)
		})
	}
}

// within runs a set on the largest order there may be: it comes to its outcomes
// with little memory, and the first rule costs no more than its bound.
func within(t testing.TB, set *rules.Set) {
	t.Helper()
	vars := biggest()
	limits := set.Env().Limits()
	var out []rules.Result
	var err error
	running := allocated(func() {
		out, err = set.Evaluate(tContext, "order", vars, rules.Options{Now: day, Explain: true})
	})
	require.NoError(t, err)
	require.Less(t, running, uint64(oneRun*(1+len(out))))
	for _, r := range out {
		require.LessOrEqual(t, utf8.RuneCountInString(r.Message), limits.MessageChars)
	}
	if len(out) == 0 {
		return
	}
	if bound, guarded := rules.Bound(set, "order"); !guarded {
		require.LessOrEqual(t, bound, limits.ExpressionCost)
	}
}

// allocated counts bytes.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
