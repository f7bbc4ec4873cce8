package rules_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/rules"
)

// corpus is what TestFastAgreesWithCEL runs on all kinds of objects, beside
// generated expressions.
var corpus = []string{
	"order.total == 60", "order.total != 60.5", "order.total > order.discount", "order.items > 2", "order.items == 3",
	"order.items * 1000000000 > 5", "order.items + 1 > order.items", "-order.items < 0", "order.items / 2 == 1", "order.items / (order.items - 3) > 0",
	"order.total / order.discount > 1", "order.total * order.total > 1", "order.total - order.total == 0", "double(order.items) > order.total",
	"order.items > 1.5", "order.total > 2", "order.total >= order.items", "limit < order.total",
	"order.wait < days(2)", "order.wait + days(1) > weeks(1)", "order.placed + order.wait < now", "now - order.placed < days(30)",
	"now - order.wait < order.placed", "order.placed == now", "order.placed != now", "order.wait == days(1.5)", "order.wait - days(1) > days(0)",
	"order.title == 'Ship'", "order.title < 'T'", "order.title + order.state != ''", "order.title.size() > 10", "order.title.contains('3')",
	"order.title.startsWith('S')", "order.title.endsWith(order.state)", "order.title.matches('^[A-Z].*[0-9]')", "hasNumber(order.title)",
	"hasAnyWord(order.title, ['ship', 'work on'])", "startsWithAnyWord(order.title, ['ship', 'work on'])",
	"order.state in ['open', 'done']", "order.state in shop.tags", "order.items in [1, 2, 3]", "order.total in [60, 70.5]", "'food' in shop.tags",
	"order.state in ['a','b','c','d','e','f','g','h','i','open']", "has(order.total) && order.total > 1", "!has(order.buyer) || order.buyer.active",
	"has(order.buyer.name)", "has(order.shop.manager.name)", "has(order.notes)", "has(order.placed)", "has(order.shop)",
	"order.buyer.active", "order.shop.manager.name == 'Ada'", "order.buyer.active ? order.total > 1 : order.items > 1",
	"shop.orders.all(o, o.total > 1)", "shop.orders.exists(o, o.state == 'open' && o.total > 1)", "shop.orders.exists_one(o, o.items > 1)",
	"shop.orders.filter(o, o.state == 'open').size() == 1", "shop.orders.last(9).filter(o, o.prices.filter(p, p.value > 1).size() > 0).size() > 0",
	"shop.orders.filter(o, o.total > 1).filter(o, o.items > 1).size() > 0", "shop.orders.map(o, o.items).exists(i, i > 2)",
	"shop.orders.map(o, o.total > 1, o.title).size() > 0", "shop.orders.map(o, o.buyer).all(b, b.active)", "order.prices.last(2).all(p, p.value > 1)",
	"order.prices.last(-1).size() == 0", "shop.tags.exists(t, t == 'food')", "shop.tags.all(t, t.size() > 0)", "order.notes.all(n, n != '')",
	"order.prices.all(p, p.at <= now)", "order.prices.exists(p, has(p.value) && p.value > order.total)", "shop.orders.all(order, order.items > 0)",
	"[1, 2, 3].all(i, i < order.items)", "[1.5, 2].exists(x, x > order.total)", "['a', order.state].size() == 2",
	"math.least(order.total, limit) > 0", "math.greatest(order.items, 2) == 3", "clamp(order.total, 0, 50) == 50", "clamp(order.items, 0, 2) == 2",
	"order.total > 1 || order.buyer.active", "order.total > 1 && order.buyer.active", "!(order.total > 1 && order.items / 0 == 1)",
	"order.prices.falling(2)", "order.prices.since(now - days(9)).size() > 0", "shop.orders[0].items > 1", "shop.age > days(3)",
	"true", "1 < 2", "days(7) == weeks(1)", "'a' + 'b' == 'ab'", "params.words.exists(w, w == order.state)", "order.items <= params.most", "order.total <= params.share",
	"order.prices[1].value > 1", "shop.tags[0] == 'food'", "shop.orders[order.items - 1].items == 1", "[1, 2][order.items] == 2", "shop.tags.join('-') == 'food-open'",
	"shop.orders.map(o, o.state).join() == 'open'", "words(order.title).size() > 1", "words(order.title)[0] == 'Ship'", "count(words(order.title)) == 3",
	"count(shop.tags) > 0", "count([]) == 0",
	"order.wait < duration('36h')", "order.wait <= duration('-1.5h') || order.placed > timestamp('2026-11-01T00:00:00Z')", "now - order.placed < duration('1h')",
	"double(order.items) / 2.0 > 1.0", "double(order.total) > 1.0", "double(order.title) > 1.0", "timestamp(order.title) < now", "duration(order.title) < days(1)",
	"double(9007199254740993) == double(order.items)", "timestamp('0001-01-01T00:00:00Z') < order.placed",
	"twice(order.total) > 100", "shout(order.title) == 'SHIP!'", "order.title.loud()", "twice(1) == 2",
}

func agreeing(t testing.TB) (get, typed *rules.Env) {
	t.Helper()
	funcs := []rules.Func{
		{Name: "twice", Params: []rules.Param{{Kind: rules.Double}}, Result: rules.Param{Kind: rules.Double}, Call: func(a []any) (any, error) {
			if a[0].(float64) < 0 {
				return nil, fmt.Errorf("negative")
			}
			return a[0].(float64) * 2, nil
		}},
		{Name: "shout", Params: []rules.Param{{Kind: rules.String}}, Result: rules.Param{Kind: rules.String}, Call: func(a []any) (any, error) {
			if a[0] == "" {
				return rules.Unknown, nil
			}
			return strings.ToUpper(a[0].(string)) + "!", nil
		}},
		{Name: "words", MaxSize: 3, Params: []rules.Param{{Kind: rules.String}}, Result: rules.Param{Kind: rules.List, Of: "string"}, Call: func(a []any) (any, error) {
			return strings.Split(a[0].(string), " "), nil
		}},
		{Name: "count", Params: []rules.Param{{Kind: rules.List, Of: "string"}}, Result: rules.Param{Kind: rules.Int}, Call: func(a []any) (any, error) {
			return int64(len(a[0].([]string))), nil
		}},
		{Name: "loud", Member: true, Params: []rules.Param{{Kind: rules.String}}, Result: rules.Param{Kind: rules.Bool}, Call: func(a []any) (any, error) {
			if strings.Contains(a[0].(string), "panic") {
				panic("panic")
			}
			return strings.HasSuffix(a[0].(string), "!"), nil
		}},
	}
	a, b := shopSchema(), typedSchema()
	a.Funcs, b.Funcs = funcs, funcs
	get, err := rules.NewEnv(a)
	require.NoError(t, err)
	typed, err = rules.NewEnv(b)
	require.NoError(t, err)
	return get, typed
}

const agreeingParams = "params: {most: 3, share: 60.5, words: [open, done]}\n"

func genOrder() *rapid.Generator[*order] {
	number := rapid.SampledFrom([]float64{0, -1, 1, 2.5, 3, 60, 60.5, 1e300, -1e300, math.NaN(), math.Inf(1), math.Copysign(0, -1), 1 << 53, 1<<53 + 2})
	maybeNumber := rapid.Custom(func(t *rapid.T) *float64 {
		if rapid.Bool().Draw(t, "known") {
			return num(number.Draw(t, "number"))
		}
		return nil
	})
	instant := rapid.SampledFrom([]time.Time{{}, day, day.AddDate(0, 0, -10), day.Add(time.Nanosecond), day.In(time.FixedZone("x", 3600)),
		time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC), time.Date(9999, 12, 31, 23, 0, 0, 0, time.UTC)})
	text := rapid.SampledFrom([]string{"", "Ship 3 boxes", "open", "done", "Ä work on\nit", "ship", "Ship!", "panic", strings.Repeat("ä", 140), strings.Repeat("x", 150)})
	buyer := rapid.SampledFrom([]*person{nil, {Name: "Bo", Active: true}, {Name: "Cy"}, {Name: strings.Repeat("n", 70)}})
	aPrice := rapid.Custom(func(t *rapid.T) *price {
		return &price{At: instant.Draw(t, "at"), Value: maybeNumber.Draw(t, "value"), Note: text.Draw(t, "note")}
	})
	return rapid.Custom(func(t *rapid.T) *order {
		o := &order{
			Title: text.Draw(t, "title"), State: rapid.SampledFrom([]string{"open", "done", ""}).Draw(t, "state"), Total: maybeNumber.Draw(t, "total"),
			Discount: number.Draw(t, "discount"), Items: rapid.SampledFrom([]int64{0, 1, 2, 3, -4, math.MaxInt64, math.MinInt64, 1<<53 + 1}).Draw(t, "items"),
			Placed: instant.Draw(t, "placed"), Wait: rapid.SampledFrom([]time.Duration{0, 36 * time.Hour, -time.Hour, math.MaxInt64, math.MinInt64}).Draw(t, "wait"),
			Buyer: buyer.Draw(t, "buyer"), Prices: rapid.SliceOfN(aPrice, 0, 4).Draw(t, "prices"),
		}
		if rapid.Bool().Draw(t, "notes") {
			o.Notes = rapid.SliceOfN(rapid.SampledFrom([]string{"", "a", strings.Repeat("n", 101)}), 0, 3).Draw(t, "noted")
			if o.Notes == nil {
				o.Notes = []string{}
			}
		}
		if rapid.IntRange(0, 5).Draw(t, "shop") > 0 {
			o.Shop = &shop{Name: text.Draw(t, "name"), Opened: instant.Draw(t, "opened"), Manager: buyer.Draw(t, "manager"),
				Tags: rapid.SliceOfN(rapid.SampledFrom([]string{"food", "open", "", "much too long a tag"}), 0, 3).Draw(t, "tags")}
		}
		return o
	})
}

func genVars() *rapid.Generator[map[string]any] {
	return rapid.Custom(func(t *rapid.T) map[string]any {
		orders := rapid.SliceOfN(genOrder(), 1, 4).Draw(t, "orders")
		s := &shop{Name: "S", Tags: rapid.SliceOfN(rapid.SampledFrom([]string{"food", "open"}), 0, 3).Draw(t, "tags"), Opened: day}
		if rapid.Bool().Draw(t, "loaded") {
			s.Orders = orders
		}
		vars := map[string]any{"order": orders[0], "shop": s}
		switch rapid.IntRange(0, 4).Draw(t, "limit") {
		case 0:
			vars["limit"] = 2.5
		case 1:
			vars["limit"] = math.NaN()
		case 2:
			vars["limit"] = int64(3)
		case 3:
			vars["limit"] = "no number"
		}
		if rapid.IntRange(0, 9).Draw(t, "odd") == 0 {
			vars["order"] = rapid.SampledFrom([]any{nil, rules.Unknown, (*order)(nil), "not an order"}).Draw(t, "order")
		}
		return vars
	})
}

// same compares what CEL alone says with what closures say, over facts read
// with Get and over facts read by type.
func same(t require.TestingT, first, second *rules.Set, text string, vars map[string]any) {
	type said struct {
		outcome  rules.Outcome
		message  string
		unknown  []string
		evidence []rules.Evidence
		err      string
	}
	ask := func(s *rules.Set) (out []said) {
		o := rules.Options{Now: day, Explain: true}
		rs, err := s.Evaluate(tContext, "order", vars, o)
		require.NoError(t, err)
		for _, r := range rs {
			x := said{r.Outcome, r.Message, r.Unknown, r.Evidence, ""}
			if r.Err != nil {
				x.err = r.Err.Error()
			}
			out = append(out, x)
		}
		outcomes, err := s.Outcomes(tContext, "order", vars, o, nil)
		require.NoError(t, err)
		require.Len(t, outcomes, len(rs))
		for i, r := range rs {
			require.Equal(t, r.Outcome, outcomes[i], "outcomes alone: %s", text)
		}
		sc, ok, err := s.Score(tContext, "order", vars, o)
		require.NoError(t, err)
		out = append(out, said{sc.Outcome, fmt.Sprint(sc.Score, ok), sc.Unknown, sc.Evidence, fmt.Sprint(sc.Err)})
		st, ok, err := s.Status(tContext, "order", vars, o)
		require.NoError(t, err)
		return append(out, said{st.Outcome, fmt.Sprint(st.Status, ok), st.Unknown, st.Evidence, fmt.Sprint(st.Err)})
	}
	want := ask(rules.OnlyCEL(first))
	require.Equal(t, want, ask(rules.OnlyCEL(second)), "facts by Get and by type, CEL: %s", text)
	require.Equal(t, want, ask(first), "closures, facts by Get: %s", text)
	require.Equal(t, want, ask(second), "closures, facts by type: %s", text)
}

func TestFastAgreesWithCEL(t *testing.T) {
	get, typed := agreeing(t)
	for _, check := range corpus {
		t.Run(check, func(t *testing.T) {
			text := pack("p", agreeingParams+"rules:\n  - id: r\n    on: order\n    message: '{r}: {order.title} {order.total}'\n    vars:\n      r: "+
				quote(check)+"\n    check: r\n")
			first, second := compile(t, get, text), compile(t, typed, text)
			rapid.Check(t, func(t *rapid.T) { same(t, first, second, text, genVars().Draw(t, "vars")) })
		})
	}
}

// genExpr makes well-typed expressions.
func genExpr(kind rules.FieldKind, depth int, orderVars []string) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		o := func() string { return rapid.SampledFrom(orderVars).Draw(t, "o") }
		sub := func(k rules.FieldKind) string { return genExpr(k, depth-1, orderVars).Draw(t, "sub") }
		pick := func(options ...func() string) string {
			return options[rapid.IntRange(0, len(options)-1).Draw(t, "option")]()
		}
		lit := func(options ...string) func() string {
			return func() string { return rapid.SampledFrom(options).Draw(t, "literal") }
		}
		f := func(format string, kinds ...rules.FieldKind) func() string {
			return func() string {
				args := make([]any, len(kinds))
				for i, k := range kinds {
					args[i] = sub(k)
				}
				return fmt.Sprintf(format, args...)
			}
		}
		leaf := depth <= 0
		B, I, D, S, T, U := rules.Bool, rules.Int, rules.Double, rules.String, rules.Timestamp, rules.Duration
		if !leaf && rapid.IntRange(0, 6).Draw(t, "conditional") == 0 {
			return f("(%s ? %s : %s)", B, kind, kind)()
		}
		switch kind {
		case B:
			leaves := []func() string{
				func() string { return o() + ".buyer.active" }, func() string { return "has(" + o() + ".total)" },
				func() string { return "has(" + o() + ".buyer.name)" }, lit("true", "false"),
			}
			if leaf {
				return pick(leaves...)
			}
			op := rapid.SampledFrom([]string{"<", "<=", ">", ">=", "==", "!="}).Draw(t, "op")
			loop := func(macro string) func() string {
				return func() string {
					v := fmt.Sprintf("x%d", depth)
					inner := genExpr(B, depth-1, append(orderVars[:len(orderVars):len(orderVars)], v)).Draw(t, "loop")
					return fmt.Sprintf("shop.orders.%s(%s, %s)", macro, v, inner)
				}
			}
			return pick(append(leaves,
				f("(%s && %s)", B, B), f("(%s || %s)", B, B), f("!%s", B),
				f("(%s "+op+" %s)", I, I), f("(%s "+op+" %s)", D, D), f("(%s "+op+" %s)", S, S), f("(%s "+op+" %s)", T, T),
				f("(%s "+op+" %s)", U, U), f("(%s < %s)", I, D), f("(%s > %s)", D, I), f("%s.contains(%s)", S, S), f("hasNumber(%s)", S),
				f("(%s in ['open', ''])", S), f("(%s in [1, 60.5])", D), loop("all"), loop("exists"), loop("exists_one"))...)
		case I:
			leaves := []func() string{func() string { return o() + ".items" }, lit("0", "1", "3", "-2", "9223372036854775807")}
			if leaf {
				return pick(leaves...)
			}
			loop := func() string {
				v := fmt.Sprintf("y%d", depth)
				inner := genExpr(B, depth-1, append(orderVars[:len(orderVars):len(orderVars)], v)).Draw(t, "loop")
				return fmt.Sprintf("shop.orders.filter(%s, %s).size()", v, inner)
			}
			return pick(append(leaves, f("(%s + %s)", I, I), f("(%s - %s)", I, I), f("(%s * %s)", I, I), f("(%s / %s)", I, I),
				f("size(%s)", S), f("clamp(%s, 0, 3)", I), f("math.least(%s, %s)", I, I), loop)...)
		case D:
			leaves := []func() string{
				func() string { return o() + ".total" }, func() string { return o() + ".discount" }, lit("0.0", "1.5", "60.0", "-1.0", "1e300", "limit"),
			}
			if leaf {
				return pick(leaves...)
			}
			return pick(append(leaves, f("(%s + %s)", D, D), f("(%s - %s)", D, D), f("(%s * %s)", D, D), f("(%s / %s)", D, D), f("(-%s)", D),
				f("math.greatest(%s, %s)", D, D), f("clamp(%s, 0, 1)", D), f("twice(%s)", D))...)
		case S:
			leaves := []func() string{
				func() string { return o() + ".title" }, func() string { return o() + ".state" }, func() string { return o() + ".buyer.name" },
				lit("''", "'open'", "'Ship 3 boxes'"),
			}
			if leaf {
				return pick(leaves...)
			}
			return pick(append(leaves, f("(%s + %s)", S, S), f("shout(%s)", S))...)
		case T:
			leaves := []func() string{lit("now"), func() string { return o() + ".placed" }}
			if leaf {
				return pick(leaves...)
			}
			return pick(append(leaves, f("(%s + %s)", T, U), f("(%s - %s)", T, U))...)
		default:
			leaves := []func() string{lit("days(1)", "weeks(2)", "days(106751)"), func() string { return o() + ".wait" }}
			if leaf {
				return pick(leaves...)
			}
			return pick(append(leaves, f("(%s - %s)", T, T), f("(%s + %s)", U, U), f("(%s - %s)", U, U))...)
		}
	})
}

func TestGeneratedExpressionsAgree(t *testing.T) {
	get, typed := agreeing(t)
	rapid.Check(t, func(t *rapid.T) {
		scope := []string{"order"}
		text := pack("p", agreeingParams+
			"rules:\n  - id: r\n    on: order\n    vars:\n      a: "+quote(genExpr(rules.Double, 2, scope).Draw(t, "a"))+
			"\n      b: "+quote(genExpr(rules.Bool, 2, scope).Draw(t, "b"))+
			"\n    when: "+quote("b || "+genExpr(rules.Bool, 2, scope).Draw(t, "when"))+
			"\n    check: "+quote(genExpr(rules.Bool, 3, scope).Draw(t, "check")+" && a > 0 && b")+
			"\n    message: "+quote("{"+genExpr(rules.String, 1, scope).Draw(t, "message")+"} {a} {b}")+
			"\nscores:\n  - id: s\n    on: order\n    when: "+quote(genExpr(rules.Bool, 2, scope).Draw(t, "scored"))+
			"\n    score: "+quote(genExpr(rules.Double, 2, scope).Draw(t, "score"))+
			"\nstatuses:\n  - id: t\n    on: order\n    status: "+quote(genExpr(rules.String, 1, scope).Draw(t, "status"))+"\n")
		file := rules.File{Name: "p.yaml", Text: []byte(text)}
		first, err := rules.Load(get, file)
		if err != nil { // it may cost too much
			require.ErrorIs(t, err, rules.ErrInvalid)
			return
		}
		second, err := rules.Load(typed, file)
		require.NoError(t, err)
		for range 10 {
			same(t, first, second, text, genVars().Draw(t, "vars"))
		}
	})
}

func TestShuffledPacksJudgeAlike(t *testing.T) {
	env := shopEnv(t)
	rapid.Check(t, func(t *rapid.T) {
		var files []rules.File
		for i := range 4 {
			text := pack(fmt.Sprintf("p%d", i), "rules:\n")
			for j, check := range rapid.SliceOfN(rapid.SampledFrom(corpus[:30]), 1, 3).Draw(t, "checks") {
				text += fmt.Sprintf("  - {id: r%d, on: order, message: '{order.title}', check: %s}\n", j, quote(check))
			}
			files = append(files, rules.File{Name: fmt.Sprint(i), Text: []byte(text)})
		}
		vars := genVars().Draw(t, "vars")
		run := func(files []rules.File) []rules.Result {
			set, err := rules.Load(env, files...)
			require.NoError(t, err)
			out, err := set.Evaluate(tContext, "order", vars, rules.Options{Now: day})
			require.NoError(t, err)
			for i := range out {
				if out[i].Err != nil { // compared by what it says
					out[i].Message, out[i].Err = out[i].Err.Error(), nil
				}
			}
			return out
		}
		want := run(files)
		require.Equal(t, want, run(rapid.Permutation(files).Draw(t, "shuffled")))
		require.Equal(t, want, run(files))
	})
}
