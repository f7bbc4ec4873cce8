package bench

import (
	"fmt"
	"math/bits"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules"
)

const distinct = 1024

// engines are all that can spell the rules so, the limit first and okrkit second.
func engines(t testing.TB, krs []*keyResult, how spelling) []engine {
	t.Helper()
	out := []engine{byHand(krs, how), byOkrkit(t, krs, how), byFindings(t, krs, how), byCEL(t, krs, how), byExpr(t, krs, how), byOPA(t, krs, how)}
	if how == byRegex {
		out = append(out, byProtovalidate(t, krs, how))
	}
	return out
}

func TestAllComeToTheSameAnswers(t *testing.T) {
	krs := many(distinct)
	passed := [twelve]int{}
	for i := range krs {
		mask := byHand(krs, byFunc).judge(i)
		for j := range twelve {
			passed[j] += int(mask >> j & 1)
		}
	}
	for j, n := range passed {
		require.True(t, distinct/20 < n && n < distinct*19/20, "rule %d says the same of nearly all: %d of %d", j, n, distinct)
	}
	for _, how := range []spelling{byFunc, byRegex} {
		want := byHand(krs, byFunc)
		for _, e := range engines(t, krs, how) {
			for i := range krs {
				require.Equal(t, want.judge(i), e.judge(i), "%s %s %q", e.name, how, krs[i].Title)
			}
		}
	}
	for i, k := range krs {
		require.NotZero(t, bits.OnesCount16(byHand(krs, byFunc).judge(i)), k.Title)
	}
}

// takeTurns times all of them in turns, a tenth of a millisecond each, so that what the
// machine does meanwhile hits them alike. It reports the medians, each as a
// multiple of the first, and the others as multiples of the second.
func takeTurns(b *testing.B, engines []engine, n int) {
	b.Helper()
	times := make([][]float64, len(engines))
	at := make([]int, len(engines))
	batch := make([]int, len(engines))
	for e := range engines { // as many calls as take about 100 microseconds
		best := time.Hour
		for range 20 {
			start := time.Now()
			for i := range 16 {
				engines[e].judge(i)
			}
			best = min(best, time.Since(start))
		}
		batch[e] = max(1, int(16*100*time.Microsecond/max(best, 1)))
	}
	for b.Loop() {
		for e := range engines {
			start := time.Now()
			for range batch[e] {
				engines[e].judge(at[e])
				if at[e]++; at[e] == n {
					at[e] = 0
				}
			}
			times[e] = append(times[e], float64(time.Since(start))/float64(batch[e]))
		}
	}
	medians := make([]float64, len(engines))
	for e := range engines {
		slices.Sort(times[e])
		medians[e] = times[e][len(times[e])/2]
		b.ReportMetric(medians[e], engines[e].name+"-ns")
		switch {
		case e == 1:
			b.ReportMetric(medians[e]/medians[0], engines[e].name+"/"+engines[0].name)
		case e > 1:
			b.ReportMetric(medians[e]/medians[1], engines[e].name+"/"+engines[1].name)
		}
	}
	b.ReportMetric(0, "ns/op") // of all together, which means nothing
}

func BenchmarkTwelveRules(b *testing.B) {
	krs := many(distinct)
	for _, how := range []spelling{byFunc, byRegex} {
		all := engines(b, krs, how)
		b.Run(string(how)+"/ratios", func(b *testing.B) { takeTurns(b, all, len(krs)) })
		for _, e := range all {
			b.Run(fmt.Sprintf("%s/%s", how, e.name), func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					e.judge(i % distinct)
				}
			})
		}
	}
}

func BenchmarkScore(b *testing.B) {
	krs := many(distinct)
	for _, k := range krs {
		k.Target = k.Baseline + 10
	}
	set := load(b, "apiVersion: okr.rules/v1\nenv: 1\nname: score\nversion: 1.0.0\nscores:\n  - {id: s, on: key_result, score: "+scoreText+"}\n")
	vars := make([]map[string]any, len(krs))
	envs := make([]*exprEnv, len(krs))
	for i, k := range krs {
		vars[i] = map[string]any{"kr": k, "cycle": quarter}
		envs[i] = &exprEnv{KR: k, Cycle: quarter, Now: now}
	}
	o := rules.Options{Now: now}
	ctx := b.Context()
	sum := 0.0
	celScore := celProgram(b, celEnv(b), scoreText)
	exprScore, err := expr.Compile(scoreText, expr.Env(exprEnv{}), expr.AsFloat64())
	require.NoError(b, err)
	var machine vm.VM
	all := []engine{
		{"hand", func(i int) uint16 { sum += scoreByHand(krs[i]); return 0 }},
		{"okrkit", func(i int) uint16 {
			got, ok, err := set.Score(ctx, "key_result", vars[i], o)
			if err != nil || !ok {
				b.Fatal(ok, err)
			}
			sum += got.Score
			return 0
		}},
		{"cel-go", func(i int) uint16 {
			if _, _, err := celScore.Eval(vars[i]); err != nil {
				b.Fatal(err)
			}
			return 0
		}},
		{"expr", func(i int) uint16 {
			if _, err := machine.Run(exprScore, envs[i]); err != nil {
				b.Fatal(err)
			}
			return 0
		}},
	}
	b.Run("ratios", func(b *testing.B) { takeTurns(b, all, len(krs)) })
	for _, e := range all {
		b.Run(e.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				e.judge(i % distinct)
			}
		})
	}
}

// BenchmarkOrganisation judges 400,000 key results by the twelve rules, each a row
// of its own, on one core and on two.
func BenchmarkOrganisation(b *testing.B) {
	const n = 400_000
	krs := many(n)
	set := load(b, packText(byFunc))
	o := rules.Options{Now: now}
	ctx := b.Context()
	part := func(krs []*keyResult) (passed int) {
		vars := map[string]any{"cycle": quarter}
		into := make([]rules.Outcome, 0, twelve)
		for _, k := range krs {
			vars["kr"] = k
			var err error
			if into, err = set.Outcomes(ctx, "key_result", vars, o, into[:0]); err != nil {
				b.Error(err)
				return 0
			}
			for _, out := range into {
				if out == rules.OutcomePass {
					passed++
				}
			}
		}
		return passed
	}
	hand := byHand(krs, byFunc)
	byHandOf := func(from, to int) (passed int) {
		for i := from; i < to; i++ {
			passed += bits.OnesCount16(hand.judge(i))
		}
		return passed
	}
	split := func(workers int, f func(from, to int) int) int {
		var wg sync.WaitGroup
		sums := make([]int, workers)
		for w := range workers {
			wg.Go(func() { sums[w] = f(n*w/workers, n*(w+1)/workers) })
		}
		wg.Wait()
		total := 0
		for _, s := range sums {
			total += s
		}
		return total
	}
	runtime.GC()
	timed := func(f func() int) (float64, int) {
		start := time.Now()
		sum := f()
		return float64(time.Since(start)) / 1e6, sum
	}
	var times [3][]float64
	for b.Loop() {
		h, want := timed(func() int { return split(1, byHandOf) })
		one, sum1 := timed(func() int { return split(1, func(from, to int) int { return part(krs[from:to]) }) })
		two, sum2 := timed(func() int { return split(2, func(from, to int) int { return part(krs[from:to]) }) })
		require.Equal(b, want, sum1)
		require.Equal(b, want, sum2)
		for i, t := range []float64{h, one, two} {
			times[i] = append(times[i], t)
		}
	}
	for i := range times {
		slices.Sort(times[i])
	}
	mid := func(i int) float64 { return times[i][len(times[i])/2] }
	b.ReportMetric(mid(0), "hand-1-ms")
	b.ReportMetric(mid(1), "okrkit-1-ms")
	b.ReportMetric(mid(2), "okrkit-2-ms")
	b.ReportMetric(mid(1)/mid(0), "okrkit/hand")
	b.ReportMetric(mid(1)/mid(2), "second-core")
	b.ReportMetric(0, "ns/op")
}
