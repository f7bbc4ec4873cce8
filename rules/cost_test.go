package rules_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/rules"
)

// costly are expressions whose cost depends on the size of what they read.
var costly = []string{
	"order.title.split(' ').all(w, w.size() >= 0)", "order.title.replace('a', 'bb').matches('a+')",
	"order.prices.map(p, p.note).join(' ').size() > 3", "order.prices.map(p, p.note).distinct().size() > 3",
	"order.prices.sortBy(p, p.value)[0].value > 3.0", "order.prices.map(p, p.value).sort()[0] > 3.0",
	"shop.orders.map(o, o.prices).flatten().size() > 3", "order.notes.filter(n, n.contains('x')).exists(n, n.matches('^a.*b$'))",
	"hasAnyWord(order.title, order.notes)", "startsWithAnyWord(order.title, shop.tags)", "(order.notes + order.notes).all(n, n != '')",
	"order.prices.since(now - days(1000)).last(3).all(p, p.note.contains('x'))", "order.prices.falling(20)", "order.prices.map(p, p.value).mean() > 1",
	"order.title.lowerAscii().contains('a') || order.title.reverse() == 'a'", "order.title.substring(1).trim() == '' || order.title.indexOf('x') > 0",
	"shop.orders.last(20).all(o, o.prices.all(p, p.value >= 0))", "order.prices.exists(p, p.note == order.title)",
	"order.title.matches('(a|b|c)*d')", "hasNumber(order.title)", "order.title + order.title == order.state",
	"shop.orders.filter(o, o.state == 'open').map(o, o.title).exists(x, x == order.title)", "'%s %s'.format([order.title, order.state]) == ''",
	"shop.tags.exists(t, order.title.contains(t))", "order.notes == order.notes", "order.title in order.notes", "order.notes.reverse().slice(0, 1).size() == 1",
	`"%s %d %.3f %s".format([order.title, order.items, order.total, order.notes]) != ""`, "strings.quote(order.title).size() > 3",
	"math.least(order.total, 1.0, 2.0) == 1", "string(order.placed).substring(0, 10) == string(order.wait)", "string(order.total).contains(string(order.items))",
}

// biggest is an order of which every fact is as large as it may be.
func biggest() map[string]any {
	a := func(n int) string { return strings.Repeat("a", n) }
	s := &shop{Name: a(64), Tier: a(16), Opened: day, Manager: &person{Name: a(64), Active: true}}
	for range 10 {
		s.Tags = append(s.Tags, a(16))
	}
	o := &order{Title: a(140), State: a(16), Total: num(1), Items: 1000, Placed: day, Shop: s, Buyer: &person{Name: a(64), Active: true}}
	for i := range 30 {
		o.Prices = append(o.Prices, &price{At: day, Value: num(float64(i)), Note: a(256)})
	}
	for range 10 {
		o.Notes = append(o.Notes, a(100))
	}
	for range 50 {
		s.Orders = append(s.Orders, o)
	}
	return map[string]any{"order": o, "shop": s, "limit": 2.5}
}

// TestBoundsHold: no expression that runs unguarded costs more than its bound
// says.
func TestBoundsHold(t *testing.T) {
	get, _ := agreeing(t)
	vars := biggest()
	try := func(t require.TestingT, expr string) {
		set, err := rules.Load(get, rules.File{Name: "p", Text: []byte(pack("p", agreeingParams+
			"rules:\n  - id: r\n    on: order\n    message: no\n    check: "+quote(expr)+"\n"))})
		if err != nil {
			require.ErrorIs(t, err, rules.ErrInvalid)
			return
		}
		bound, guarded := rules.Bound(set, "order")
		cost := rules.Cost(set, "order", vars, day)
		if !guarded {
			require.LessOrEqual(t, cost, bound, expr)
		}
	}
	for _, expr := range append(costly, corpus...) {
		try(t, expr)
	}
	rapid.Check(t, func(t *rapid.T) { try(t, genExpr(rules.Bool, 3, []string{"order"}).Draw(t, "expr")) })
}
