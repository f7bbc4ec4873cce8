package rules_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules"
)

// A schema of shops and orders: the engine knows nothing of what it judges.

type shop struct {
	Name    string
	Tier    string
	Orders  []*order
	Opened  time.Time
	Manager *person
	Tags    []string
}

type person struct {
	Name   string
	Active bool
}

type order struct {
	Title    string
	State    string
	Total    *float64
	Discount float64
	Filled   float64 // the share of it that is packed
	Items    int64
	Placed   time.Time
	Wait     time.Duration
	Shop     *shop
	Buyer    *person
	Prices   []*price
	Notes    []string
}

type price struct {
	At    time.Time
	Value *float64
	Note  string
}

func maybe(f *float64) any {
	if f == nil {
		return rules.Unknown
	}
	return *f
}

func num(f float64) *float64 { return &f }

var day = time.Date(2026, 11, 6, 9, 0, 0, 0, time.UTC)

func shopSchema() rules.Schema {
	return rules.Schema{
		Level: 1,
		Now:   day,
		Types: []rules.Type{
			{
				Name: "shop", Label: "name",
				Example: map[string]any{
					"name": "Corner", "tier": "small", "opened": "2020-01-01",
					"manager": map[string]any{"name": "Ada", "active": true},
					"tags":    []any{"food"},
				},
				Fields: []rules.Field{
					{Name: "name", Kind: rules.String, MaxSize: 64, Get: func(o any) any { return o.(*shop).Name }},
					{Name: "tier", Kind: rules.String, MaxSize: 16, Values: []string{"small", "large"}, Get: func(o any) any { return o.(*shop).Tier }},
					{Name: "opened", Kind: rules.Timestamp, Get: func(o any) any { return o.(*shop).Opened }, MayBeUnknown: true},
					{Name: "age", Kind: rules.Duration, TimeDependent: true, MayBeUnknown: true, Get: func(o any) any { return day.Sub(o.(*shop).Opened) }},
					{Name: "manager", Kind: rules.Object, Of: "person", MayBeUnknown: true, Get: func(o any) any { return o.(*shop).Manager }},
					{Name: "orders", Kind: rules.List, Of: "order", MaxSize: 50, MayBeUnknown: true, Get: func(o any) any {
						if s := o.(*shop); s.Orders != nil {
							return s.Orders
						}
						return rules.Unknown
					}},
					{Name: "tags", Kind: rules.List, Of: "string", MaxSize: 10, MaxItem: 16, Get: func(o any) any { return o.(*shop).Tags }},
				},
			},
			{
				Name:    "person",
				Example: map[string]any{"name": "Ada", "active": true},
				Fields: []rules.Field{
					{Name: "name", Kind: rules.String, MaxSize: 64, Get: func(o any) any { return o.(*person).Name }},
					{Name: "active", Kind: rules.Bool, Get: func(o any) any { return o.(*person).Active }},
				},
			},
			{
				Name: "order",
				Example: map[string]any{
					"title": "Ship 3 boxes", "state": "open", "total": 60, "discount": 0.1, "filled": 0.5, "items": 3,
					"placed": "2026-11-01T09:00:00Z", "wait": "36h",
					"shop":  map[string]any{"name": "Corner"},
					"buyer": map[string]any{"name": "Bo"},
				},
				Fields: []rules.Field{
					{Name: "title", Kind: rules.String, MaxSize: 140, Get: func(o any) any { return o.(*order).Title }},
					{Name: "state", Kind: rules.String, MaxSize: 16, Get: func(o any) any { return o.(*order).State }},
					{Name: "total", Kind: rules.Double, MayBeUnknown: true, Get: func(o any) any { return maybe(o.(*order).Total) }},
					{Name: "discount", Kind: rules.Double, Get: func(o any) any { return o.(*order).Discount }},
					{Name: "filled", Kind: rules.Double, Unit: rules.Share, Range: [2]float64{0, 1}, Get: func(o any) any { return o.(*order).Filled }},
					{Name: "items", Kind: rules.Int, Get: func(o any) any { return o.(*order).Items }},
					{Name: "placed", Kind: rules.Timestamp, MayBeUnknown: true, Get: func(o any) any { return o.(*order).Placed }},
					{Name: "wait", Kind: rules.Duration, Get: func(o any) any { return o.(*order).Wait }},
					{Name: "shop", Kind: rules.Object, Of: "shop", Get: func(o any) any { return o.(*order).Shop }},
					{Name: "buyer", Kind: rules.Object, Of: "person", MayBeUnknown: true, Get: func(o any) any { return o.(*order).Buyer }},
					{Name: "prices", Kind: rules.List, Of: "price", MaxSize: 30, Get: func(o any) any { return o.(*order).Prices }},
					{Name: "notes", Kind: rules.List, Of: "string", MaxSize: 10, MaxItem: 100, MayBeUnknown: true, Get: func(o any) any {
						if n := o.(*order).Notes; n != nil {
							return n
						}
						return rules.Unknown
					}},
				},
			},
			{
				Name: "price", Appears: []string{"at"},
				Example: map[string]any{"at": "2026-11-01", "value": 10, "note": "list"},
				Fields: []rules.Field{
					{Name: "at", Kind: rules.Timestamp, Get: func(o any) any { return o.(*price).At }},
					{Name: "value", Kind: rules.Double, MayBeUnknown: true, Get: func(o any) any { return maybe(o.(*price).Value) }},
					{Name: "note", Kind: rules.String, Get: func(o any) any { return o.(*price).Note }},
				},
			},
		},
		Subjects: []rules.Subject{
			{Name: "order", Vars: map[string]string{"order": "order", "shop": "shop", "limit": "double"}},
			{Name: "shop", Vars: map[string]string{"shop": "shop"}},
		},
		Statuses: []string{"good", "late", "unknown"},
	}
}

func shopEnv(t testing.TB) *rules.Env {
	t.Helper()
	env, err := rules.NewEnv(shopSchema())
	require.NoError(t, err)
	return env
}

// pack makes the text of a pack; the head is filled in.
func pack(name, body string) string {
	return "apiVersion: okr.rules/v1\nenv: 1\nname: " + name + "\nversion: 1.0.0\n" + body
}

func compile(t testing.TB, env *rules.Env, texts ...string) *rules.Set {
	t.Helper()
	var packs []*rules.Pack
	for _, text := range texts {
		p, err := rules.Parse("pack.yaml", []byte(text))
		require.NoError(t, err)
		packs = append(packs, p)
	}
	set, err := rules.Compile(env, packs...)
	require.NoError(t, err)
	return set
}

// one evaluates a single check on an order.
func one(t testing.TB, env *rules.Env, check string, vars map[string]any) rules.Result {
	t.Helper()
	set := compile(t, env, pack("one", "rules:\n  - id: r\n    on: order\n    message: no\n    check: |\n      "+
		strings.ReplaceAll(check, "\n", "\n      ")+"\n"))
	out, err := set.Evaluate(t.Context(), "order", vars, rules.Options{Now: day})
	require.NoError(t, err)
	require.Len(t, out, 1)
	return out[0]
}

// tContext is for tests that rapid runs, which have no context of their own.
var tContext = context.Background()
