package rules_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules"
)

func sampleOrder() *order {
	s := &shop{Name: "Corner", Tier: "small", Opened: day.AddDate(-2, 0, 0), Tags: []string{"food", "gifts"}}
	o := &order{
		Title: "Ship 3 boxes by Friday", State: "open", Total: num(60), Discount: 0.1, Items: 3,
		Placed: day.AddDate(0, 0, -10), Wait: 36 * time.Hour, Shop: s, Buyer: &person{Name: "Bo", Active: true},
		Prices: []*price{
			{At: day.AddDate(0, 0, -1), Value: num(3)},
			{At: day.AddDate(0, 0, -8), Value: num(5)},
			{At: day.AddDate(0, 0, -15), Value: num(9)},
		},
	}
	s.Orders = []*order{o}
	return o
}

// blankOrder is an order of which nothing is known that may be unknown.
func blankOrder() *order { return &order{Title: "Boxes", State: "open", Shop: &shop{Name: "New"}} }

func TestOutcome(t *testing.T) {
	env := shopEnv(t)
	full := map[string]any{"order": sampleOrder(), "shop": sampleOrder().Shop, "limit": 2.5}
	blank := map[string]any{"order": blankOrder(), "shop": blankOrder().Shop}
	cases := []struct {
		check   string
		full    rules.Outcome
		blank   rules.Outcome
		unknown []string
	}{
		{"true", "pass", "pass", nil},
		{"order.total == 60", "pass", "unknown", []string{"order.total"}},
		{"order.total * 2 > 100", "pass", "unknown", []string{"order.total"}},
		{"2 * order.total + 1 == 121", "pass", "unknown", []string{"order.total"}},
		{"order.total > 10 || true", "pass", "pass", nil},
		{"true || order.total > 10", "pass", "pass", nil},
		{"order.total > 10 && false", "fail", "fail", nil},
		{"false && order.total > 10", "fail", "fail", nil},
		{"order.total > 10 && true", "pass", "unknown", []string{"order.total"}},
		{"order.total > 10 || false", "pass", "unknown", []string{"order.total"}},
		{"!(order.total > 10)", "fail", "unknown", []string{"order.total"}},
		{"order.total > 10 ? true : false", "pass", "unknown", []string{"order.total"}},
		{"true ? order.total > 10 : false", "pass", "unknown", []string{"order.total"}},
		{"false ? order.total > 10 : true", "pass", "pass", nil},
		{"has(order.total)", "pass", "fail", nil},
		{"!has(order.total) || order.total > 0", "pass", "pass", nil},
		{"has(order.buyer)", "pass", "fail", nil},
		{"has(order.buyer.name)", "pass", "fail", nil},
		{"has(order.shop.manager.name)", "fail", "fail", nil},
		{"order.buyer.active", "pass", "unknown", []string{"order.buyer"}},
		{"order.buyer.name == 'Bo'", "pass", "unknown", []string{"order.buyer"}},
		{"has(order.buyer) && order.buyer.active", "pass", "fail", nil},
		{"order.shop.manager.active", "unknown", "unknown", []string{"shop.manager"}},
		{"order.total + limit > 0", "pass", "unknown", []string{"limit", "order.total"}},
		{"limit < order.total", "pass", "unknown", []string{"limit", "order.total"}},
		{"[order.total, 1.0].size() == 2", "pass", "unknown", []string{"order.total"}},
		{"order.total in [60, 70.5]", "pass", "unknown", []string{"order.total"}},
		{"60 in [order.total]", "pass", "unknown", []string{"order.total"}},
		{"clamp(order.total, 0, 50) == 50", "pass", "unknown", []string{"order.total"}},
		{"math.least(order.total, 50) == 50", "pass", "unknown", []string{"order.total"}},
		{"math.greatest(order.total, limit, 100) == 100", "pass", "unknown", []string{"limit", "order.total"}},
		{"string(order.total) == '60'", "pass", "unknown", []string{"order.total"}},
		{"order.placed < now", "pass", "unknown", []string{"order.placed"}},
		{"now - order.placed < days(11)", "pass", "unknown", []string{"order.placed"}},
		{"now - order.placed < weeks(1)", "fail", "unknown", []string{"order.placed"}},
		{"order.placed.getFullYear() == 2026", "pass", "unknown", []string{"order.placed"}},
		{"order.wait == days(1.5)", "pass", "fail", nil},
		{"order.notes.size() > 0", "unknown", "unknown", []string{"order.notes"}},
		{"order.notes.all(n, n != '')", "unknown", "unknown", []string{"order.notes"}},
		{"order.notes.exists(n, n != '')", "unknown", "unknown", []string{"order.notes"}},
		{"order.notes.exists_one(n, n != '')", "unknown", "unknown", []string{"order.notes"}},
		{"order.notes.filter(n, n != '').size() > 0", "unknown", "unknown", []string{"order.notes"}},
		{"order.notes.map(n, n + 'x').size() > 0", "unknown", "unknown", []string{"order.notes"}},
		{"'x' in order.notes", "unknown", "unknown", []string{"order.notes"}},
		{"order.notes[0] == 'x'", "unknown", "unknown", []string{"order.notes"}},
		{"order.notes.last(2).size() == 0", "unknown", "unknown", []string{"order.notes"}},
		{"order.notes == []", "unknown", "unknown", []string{"order.notes"}},
		{"[1, 2].exists(x, order.total > double(x))", "pass", "unknown", []string{"order.total"}},
		{"[1, 2].exists(x, x == 2 || order.total > 10)", "pass", "pass", nil},
		{"[1, 2].all(x, x == 1 && order.total > 10)", "fail", "fail", nil},
		{"[1, 2].map(x, order.total).size() == 2", "pass", "unknown", []string{"order.total"}},
		{"[1, 2].filter(x, order.total > 10).size() == 2", "pass", "unknown", []string{"order.total"}},
		{"shop.orders.all(o, o.total > 10)", "pass", "unknown", []string{"shop.orders"}},
		{"shop.orders[0].total == 60", "pass", "unknown", []string{"shop.orders"}},
		{"has(shop.orders[0].total)", "pass", "fail", nil},
		{"shop.orders.filter(o, o.state == 'open').size() == 1", "pass", "unknown", []string{"shop.orders"}},
		{"shop.orders.map(o, o.total).max() == 60", "pass", "unknown", []string{"shop.orders"}},
		{"order.prices.falling(2)", "pass", "fail", nil},
		{"order.prices.falling(3)", "fail", "fail", nil},
		{"order.prices.rising(1)", "fail", "fail", nil},
		{"order.prices.map(p, p.value).falling(2)", "pass", "fail", nil},
		{"order.prices.since(now - days(9)).size() == 2", "pass", "fail", nil},
		{"order.prices.last(1)[0].value == 3", "pass", "error", nil},
		{"order.prices.map(p, p.value).mean() > 5.6", "pass", "unknown", []string{"the mean of an empty list"}},
		{"order.prices.map(p, p.value).min() == 3", "pass", "unknown", []string{"the min of an empty list"}},
		{"order.items / 0 == 1", "error", "error", nil},
		{"order.discount / 0 == 1", "error", "error", nil},
		{"order.discount / -0.0 == 1", "error", "error", nil},
		{"1e300 * 1e300 > order.discount", "error", "error", nil},
		{"-1e308 - 1e308 < order.discount", "error", "error", nil},
		{"double(order.title + 'NaN') == order.discount", "error", "error", nil},
		{"math.sqrt(-1) == order.discount", "error", "error", nil},
		{"[1e308, 1e308].mean() > order.discount", "error", "error", nil},
		{"order.total / 0 > 1 || true", "pass", "pass", nil},
		{"hasAnyWord(order.title, ['ship', 'send'])", "pass", "fail", nil},
		{"startsWithAnyWord(order.title, ['ship', 'send'])", "pass", "fail", nil},
		{"hasNumber(order.title)", "pass", "fail", nil},
		{"order.title.matches('^[A-Z]')", "pass", "pass", nil},
		{"shop.manager.active || order.title != ''", "pass", "pass", nil},
		{"order.title.size() <= 140 && order.items >= 0", "pass", "pass", nil},
		{"shop.tags.exists(x, x == 'food')", "pass", "fail", nil},
		{"shop.age > weeks(52)", "pass", "pass", nil},
	}
	for _, c := range cases {
		t.Run(c.check, func(t *testing.T) {
			got := one(t, env, c.check, full)
			require.Equal(t, c.full, got.Outcome, "full: %v %v", got.Message, got.Err)
			got = one(t, env, c.check, blank)
			require.Equal(t, c.blank, got.Outcome, "blank: %v %v", got.Message, got.Err)
			if c.blank == rules.OutcomeUnknown {
				require.Equal(t, c.unknown, got.Unknown)
			}
		})
	}
}

// TestLibrary runs every function that packs may use, so that an upgrade of the
// library which changes one fails here.
func TestLibrary(t *testing.T) {
	env := shopEnv(t)
	vars := map[string]any{"order": sampleOrder(), "shop": sampleOrder().Shop, "limit": 2.5}
	for _, check := range []string{
		// lists
		`[3, 1, 2].sort() == [1, 2, 3]`, `["b", "a"].sort()[0] == "a"`, `[1, 1, 2].distinct() == [1, 2]`,
		`[1, 2, 3].reverse() == [3, 2, 1]`, `[1, 2, 3].slice(1, 2) == [2]`, `[[1], [2]].flatten() == [1, 2]`,
		`lists.range(3) == [0, 1, 2]`, `order.prices.sortBy(p, p.value)[0].value == 3`,
		`order.prices.sortBy(p, p.at).map(p, p.value) == [9.0, 5.0, 3.0]`,
		`order.prices.reverse()[0].value == 9`, `order.prices.slice(0, 1)[0].value == 3`,
		`shop.orders.map(o, o.prices).flatten().size() == 3`, `order.prices.map(p, p.value > 4, p.value) == [5.0, 9.0]`,
		`shop.orders.filter(o, o.items > 0).map(o, o.prices).map(p, p.size()).filter(n, n > 2).exists(n, n == 3)`,
		`shop.orders.last(5).exists(o, o.prices.filter(p, p.value > 1).map(p, p.value).exists(v, v == 3))`,
		`[1, 2] + [3] == [1, 2, 3]`, `[1, 2][1] == 2`, `2 in [1, 2]`, `!(3 in [1, 2])`, `size([1]) == 1`,
		`[1, 2, 3].exists_one(x, x > 2)`, `[1.5, 2].min() == 1.5`, `[1, 2].max() == 2`, `[1, 2].mean() == 1.5`, `[9007199254740993, 1].max() == 9007199254740993`,
		`[1, 2, 4].falling(2)`, `[4, 2, 1].rising(2)`, `![1, 1].falling(1)`, `![3, 2, 1].falling(9223372036854775807)`, `[1, 2, 3].last(2) == [1, 2]`, `[1].last(5) == [1]`,
		`[1].last(0) == []`,
		// text
		`"abc".contains("b")`, `"abc".startsWith("a")`, `"abc".endsWith("c")`, `"abc".matches("^a.c$")`, `size("äb") == 2`,
		`"abc".charAt(1) == "b"`, `"abcb".indexOf("b") == 1`, `"abcb".lastIndexOf("b") == 3`, `"ABC".lowerAscii() == "abc"`,
		`"abc".upperAscii() == "ABC"`, `"a-b".replace("-", "+") == "a+b"`, `"a b".split(" ") == ["a", "b"]`,
		`["a", "b"].join("-") == "a-b"`, `"abc".substring(1) == "bc"`, `"abc".substring(0, 1) == "a"`, `" a ".trim() == "a"`,
		`"abc".reverse() == "cba"`, `strings.quote("a") == "\"a\""`, `"%d and %s".format([1, "x"]) == "1 and x"`,
		`"a" + "b" == "ab"`, `"a" < "b"`, `string(1) == "1"`, `string(1.5) == "1.5"`, `string(true) == "true"`,
		`hasAnyWord("We work  ON it", ["work on"])`, `!hasAnyWord("network on", ["work on"])`, `!hasAnyWord("worked", ["work"])`,
		`hasAnyWord("Ölpreis senken", ["ölpreis"])`, `startsWithAnyWord("  Launch it", ["launch"])`, `!startsWithAnyWord("We launch", ["launch"])`,
		`startsWithAnyWord("work on it", ["work on"])`, `!hasAnyWord("", ["a"])`, `!hasAnyWord("a", [""])`,
		`hasNumber("to 20%")`, `hasNumber("€5m")`, `!hasNumber("Q3 B2B")`, `hasNumber("3.5")`, `!hasNumber("none")`,
		// numbers
		`math.abs(-1) == 1`, `math.ceil(1.2) == 2.0`, `math.floor(1.8) == 1.0`, `math.round(1.5) == 2.0`, `math.trunc(-1.5) == -1.0`,
		`math.sign(-2) == -1`, `math.sqrt(4.0) == 2.0`, `math.isNaN(0.0) == false`, `math.isInf(1.0) == false`, `math.isFinite(1.0)`,
		`math.least(1, 2) == 1`, `math.greatest(1, 2.5) == 2.5`, `math.least([3, 2]) == 2`, `math.least(limit, 3, 4) == 2.5`,
		`clamp(5, 1, 3) == 3`, `clamp(limit, 0, 1) == 1`, `clamp(-1, 0, 3) == 0`,
		`int(1.9) == 1`, `double(1) == 1.0`, `int("3") == 3`, `double("1.5") == 1.5`, `7 % 3 == 1`, `-limit == -2.5`, `limit - 1 == 1.5`,
		`1 < 1.5`, `limit > 2`, `limit >= 2.5 && limit <= 2.5 && limit != 3`, `limit in [1, 2.5]`, `true ? limit == 2.5 : false`,
		`(order.items > 2 ? 1 : limit) == 1`, `[1, limit].max() == 2.5`,
		// time
		`duration("36h") == days(1.5)`, `weeks(1) == days(7)`, `now + days(1) > now`, `now - days(1) < now`,
		`timestamp("2026-11-06T09:00:00Z") == now`, `now.getFullYear() == 2026 && now.getMonth() == 10 && now.getDate() == 6`,
		`now.getDayOfWeek() == 5 && now.getHours() == 9`, `days(2).getHours() == 48`, `order.wait.getMinutes() == 2160`,
		`string(now) == "2026-11-06T09:00:00Z"`, `bool("true")`,
	} {
		r := one(t, env, check, vars)
		require.Equal(t, rules.OutcomePass, r.Outcome, "%s: %s", check, r.Message)
	}
	for _, check := range []string{
		`dyn(1) == 1`, `double("NaN") == limit`, `type(1) == int`, `bytes("a") == b"a"`, `uint(1) == 1u`, `now.getHours("Europe/Berlin") == 10`,
		`order.prices.distinct().size() == 1`, `optional.of(1) == optional.of(1)`, `kr{}.x == 1`, `{"a": order}["a"] == order`,
		`order.prices.all(p, __result__)`, `order.prices.all(p, @result)`, `order.?total == 1`, `@order{}.total == 1`, `[?1] == [1]`,
		`order.prices == order.prices`, `order in [order]`, `'a'.matches(order.title)`, `'a'.matches(string(now))`, `timestamp("now") == now`,
		`cel.bind(x, 1, x == 1)`, `sets.contains([1], [1])`, `base64.encode("a") == ""`, `"a".split("").transformList(i, v, v) == []`,
	} {
		_, err := rules.Load(env, rules.File{Name: "p", Text: []byte(pack("p", "rules:\n  - id: r\n    on: order\n    message: no\n    check: |\n      "+check+"\n"))})
		require.ErrorIs(t, err, rules.ErrInvalid, check)
	}
}
