package rules_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules"
)

func known[T, V any](get func(T) V) func(T) (V, bool) {
	return func(o T) (V, bool) { return get(o), true }
}

func ptr[T any](get func(T) *float64) func(T) (float64, bool) {
	return func(o T) (float64, bool) {
		if v := get(o); v != nil {
			return *v, true
		}
		return 0, false
	}
}

func some[T, V any](get func(T) []V) func(T) ([]V, bool) {
	return func(o T) ([]V, bool) { v := get(o); return v, v != nil }
}

// typedSchema is shopSchema with every fact declared by its Go type.
func typedSchema() rules.Schema {
	type (
		sh = *shop
		or = *order
		pe = *person
		pr = *price
	)
	typed := map[string]rules.Field{}
	add := func(typ string, fields ...rules.Field) {
		for _, f := range fields {
			typed[typ+"."+f.Name] = f
		}
	}
	add("shop",
		rules.Fact("name", known(func(s sh) string { return s.Name })),
		rules.Fact("tier", known(func(s sh) string { return s.Tier })),
		rules.Fact("opened", known(func(s sh) time.Time { return s.Opened })),
		rules.Fact("age", known(func(s sh) time.Duration { return day.Sub(s.Opened) })),
		rules.ObjectFact("manager", "person", func(s sh) (pe, bool) { return s.Manager, s.Manager != nil }),
		rules.ListFact("orders", "order", some(func(s sh) []or { return s.Orders })),
		rules.ListFact("tags", "string", known(func(s sh) []string { return s.Tags })),
	)
	add("person",
		rules.Fact("name", known(func(p pe) string { return p.Name })),
		rules.Fact("active", known(func(p pe) bool { return p.Active })),
	)
	add("order",
		rules.Fact("title", known(func(o or) string { return o.Title })),
		rules.Fact("state", known(func(o or) string { return o.State })),
		rules.Fact("total", ptr(func(o or) *float64 { return o.Total })),
		rules.Fact("discount", known(func(o or) float64 { return o.Discount })),
		rules.Fact("filled", known(func(o or) float64 { return o.Filled })),
		rules.Fact("items", known(func(o or) int64 { return o.Items })),
		rules.Fact("placed", known(func(o or) time.Time { return o.Placed })),
		rules.Fact("wait", known(func(o or) time.Duration { return o.Wait })),
		rules.ObjectFact("shop", "shop", func(o or) (sh, bool) { return o.Shop, true }), // nil is unknown by itself
		rules.ObjectFact("buyer", "person", func(o or) (pe, bool) { return o.Buyer, o.Buyer != nil }),
		rules.ListFact("prices", "price", known(func(o or) []pr { return o.Prices })),
		rules.ListFact("notes", "string", some(func(o or) []string { return o.Notes })),
	)
	add("price",
		rules.Fact("at", known(func(p pr) time.Time { return p.At })),
		rules.Fact("value", ptr(func(p pr) *float64 { return p.Value })),
		rules.Fact("note", known(func(p pr) string { return p.Note })),
	)
	s := shopSchema()
	for i, typ := range s.Types {
		for j, f := range typ.Fields {
			nf := typed[typ.Name+"."+f.Name]
			nf.MayBeUnknown, nf.TimeDependent, nf.MaxSize, nf.MaxItem = f.MayBeUnknown, f.TimeDependent, f.MaxSize, f.MaxItem
			s.Types[i].Fields[j] = nf
		}
	}
	return s
}

func typedEnv(t testing.TB) *rules.Env {
	t.Helper()
	env, err := rules.NewEnv(typedSchema())
	require.NoError(t, err)
	return env
}
