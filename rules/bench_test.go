package rules_test

import (
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules"
)

func twelve(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/twelve.yaml")
	require.NoError(t, err)
	return text
}

func benchOrders() []*order {
	out := make([]*order, 256)
	titles := []string{"Ship 3 boxes by Friday", "Help the team", "Launch the new 20% thing", "Raise revenue from 10 to 20 EUR", "x"}
	for i := range out {
		o := sampleOrder()
		o.Title = titles[i%len(titles)]
		o.Wait = time.Duration(i) * time.Hour
		if i%7 == 0 {
			o.Buyer = nil
		}
		out[i] = o
	}
	return out
}

// words are what the handwritten rules look for, in lower case.
func words(s ...string) map[string]bool {
	m := map[string]bool{}
	for _, w := range s {
		m[w] = true
	}
	return m
}

var (
	vague = words("help", "assist", "try", "improve", "support", "better", "explore", "consider", "optimise", "enhance")
	task  = words("build", "launch", "make", "write", "create", "do", "run", "hold", "set", "start", "finish", "roll")
)

func anyOf(text string, set map[string]bool, first bool) bool {
	var buf [48]byte
	for i := 0; i < len(text); {
		for i < len(text) && !letter(text[i]) {
			i++
		}
		n := 0
		for i < len(text) && letter(text[i]) {
			c := text[i]
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			if n < len(buf) {
				buf[n] = c
				n++
			}
			i++
		}
		if set[string(buf[:n])] {
			return true
		}
		if first {
			return false
		}
	}
	return false
}

func letter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' }

// byHand is the same twelve rules in Go: the limit to compare with.
func byHand(o *order, now time.Time) (mask uint16) {
	set := func(i int, ok bool) {
		if ok {
			mask |= 1 << i
		}
	}
	set(0, o.Buyer != nil && o.Buyer.Active)
	set(1, now.Sub(o.Placed) <= 28*24*time.Hour)
	set(2, o.Total != nil && *o.Total != o.Discount)
	set(3, strings.ContainsAny(o.Title, "0123456789"))
	set(4, !anyOf(o.Title, vague, false))
	set(5, !anyOf(o.Title, task, true))
	set(6, !o.Placed.Before(o.Shop.Opened) && !o.Placed.After(now))
	set(7, len(o.Shop.Orders) >= 1 && len(o.Shop.Orders) <= 5)
	set(8, len(o.Shop.Tags) <= 3)
	set(9, o.Discount >= 0 && o.Discount <= 1)
	set(10, o.Wait <= 7*24*time.Hour)
	n := utf8.RuneCountInString(o.Title)
	set(11, n >= 10 && n <= 140)
	return mask
}

func TestTwelveAgreeWithHandwritten(t *testing.T) {
	for _, env := range []*rules.Env{shopEnv(t), typedEnv(t)} {
		set := compile(t, env, string(twelve(t)))
		for _, o := range benchOrders() {
			out, err := set.Evaluate(t.Context(), "order", map[string]any{"order": o, "shop": o.Shop}, rules.Options{Now: day})
			require.NoError(t, err)
			want := byHand(o, day)
			for i, r := range out {
				got := r.Outcome == rules.OutcomePass
				require.Equal(t, want&(1<<i) != 0, got, "%s: %s %v", r.Rule, o.Title, r.Message)
			}
		}
	}
}

func BenchmarkHandwritten12(b *testing.B) {
	orders := benchOrders()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		byHand(orders[i%len(orders)], day)
		i++
	}
}

// BenchmarkEvaluate12 judges orders, some of which fail some of the rules.
func BenchmarkEvaluate12(b *testing.B) {
	for name, env := range map[string]*rules.Env{"get": shopEnv(b), "typed": typedEnv(b)} {
		set := compile(b, env, string(twelve(b)))
		orders := benchOrders()
		vars := make([]map[string]any, len(orders))
		good := map[string]any{"order": sampleOrder(), "shop": sampleOrder().Shop}
		for i, o := range orders {
			vars[i] = map[string]any{"order": o, "shop": o.Shop}
		}
		b.Run(name+"/all", func(b *testing.B) { evaluate(b, set, vars, rules.Options{Now: day}) })
		b.Run(name+"/brief", func(b *testing.B) { evaluate(b, set, vars, rules.Options{Now: day, Brief: true}) })
		b.Run(name+"/nothing-fails", func(b *testing.B) {
			evaluate(b, set, []map[string]any{good}, rules.Options{Now: day, Brief: true})
		})
		b.Run(name+"/nothing-fails-without-closures", func(b *testing.B) {
			evaluate(b, rules.OnlyCEL(set), []map[string]any{good}, rules.Options{Now: day, Brief: true})
		})
	}
}

func evaluate(b *testing.B, set *rules.Set, vars []map[string]any, o rules.Options) {
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, err := set.Evaluate(b.Context(), "order", vars[i%len(vars)], o); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

func BenchmarkScore(b *testing.B) {
	set := compile(b, typedEnv(b), pack("p", "scores:\n  - {id: s, on: order, score: '(order.total - order.discount) / (100 - order.discount)'}\n"))
	vars := map[string]any{"order": sampleOrder()}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := set.Score(b.Context(), "order", vars, rules.Options{Now: day}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad12(b *testing.B) {
	env, text := shopEnv(b), twelve(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rules.Load(env, rules.File{Name: "p", Text: text}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRetained12 reports how much a loaded pack keeps.
func BenchmarkRetained12(b *testing.B) {
	env, text := shopEnv(b), twelve(b)
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	const n = 20
	for b.Loop() {
		sets := make([]*rules.Set, n)
		before := heap()
		for i := range sets {
			sets[i], _ = rules.Load(env, rules.File{Name: "p", Text: text})
		}
		b.ReportMetric(float64(int64(heap()-before))/n, "bytes/pack")
		runtime.KeepAlive(sets)
	}
}
