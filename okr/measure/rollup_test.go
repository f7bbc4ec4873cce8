package measure_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr/measure"
)

func amount(unit string, b, t, v float64) measure.Amount {
	return measure.Amount{Unit: unit, Baseline: measure.N(b), Target: measure.N(t), Value: measure.N(v)}
}

func TestAGuardrailIsListedAndDoesNotCount(t *testing.T) {
	r := measure.Rollup([]measure.Part{
		{ID: "k1", Weight: 1, Progress: measure.N(0.5), Expected: measure.N(0.5), Status: measure.OnTrack},
		{ID: "k2", Weight: 5, Guardrail: true, Progress: measure.N(0), Expected: measure.N(1), Status: measure.OffTrack},
		{ID: "k3", Weight: 5, Guardrail: true, Status: measure.Unknown},
	}, measure.RollupOptions{Status: measure.VoiceWeakest})
	require.Equal(t, measure.N(0.5), r.Progress)
	require.Equal(t, 1.0, r.Coverage)
	require.Equal(t, measure.OnTrack, r.Status)
	require.Contains(t, r.Derivations()[0].String(), "k2")
	require.Contains(t, r.Derivations()[0].String(), "weight 0 (k2)")
}

func TestASumGoesItsOwnWay(t *testing.T) {
	n := measure.N
	sum := measure.RollupOptions{Method: measure.MethodSum}
	part := func(a measure.Amount) measure.Part {
		return measure.Part{Weight: 1, Amount: a, Progress: measure.Clamp(measure.Metric{Kind: measure.Increase, Baseline: a.Baseline, Target: a.Target}.Raw(a.Value))}
	}
	t.Run("the sum of values against the sum of targets, not the mean of shares", func(t *testing.T) {
		r := measure.Rollup([]measure.Part{part(amount("EUR", 0, 100, 100)), part(amount("EUR", 0, 300, 0))}, sum)
		require.Equal(t, n(0.25), r.Progress)
		require.Equal(t, n(100), r.Current)
		require.Equal(t, &measure.Amount{Unit: "EUR", Baseline: n(0), Target: n(400), Value: n(100)}, r.Amount)
	})
	t.Run("what is too much for one makes up for another", func(t *testing.T) {
		r := measure.Rollup([]measure.Part{part(amount("EUR", 0, 100, 150)), part(amount("EUR", 0, 100, 50))}, sum)
		require.Equal(t, n(1), r.Progress)
		r = measure.Rollup([]measure.Part{part(amount("EUR", 0, 100, 200)), part(amount("EUR", 0, 100, 50))}, sum)
		require.Equal(t, n(0.25), r.Over)
		require.Equal(t, n(1.25), r.Raw)
	})
	t.Run("a shrinking sum", func(t *testing.T) {
		r := measure.Rollup([]measure.Part{part(amount("tickets", 100, 0, 50)), part(amount("tickets", 50, 0, 50))}, sum)
		v, _ := r.Progress.Value()
		require.InDelta(t, 1.0/3, v, 1e-12)
	})
	t.Run("units that differ have no sum", func(t *testing.T) {
		r := measure.Rollup([]measure.Part{part(amount("EUR", 0, 100, 10)), part(amount("", 0, 100, 10))}, sum)
		require.False(t, r.Progress.Known())
		require.Equal(t, measure.Unknown, r.Status)
		require.Contains(t, r.Reason, "EUR, no unit")
		require.Nil(t, r.Amount)
	})
	t.Run("growing and shrinking have no sum", func(t *testing.T) {
		r := measure.Rollup([]measure.Part{part(amount("t", 0, 10, 5)), part(amount("t", 10, 0, 5))}, sum)
		require.False(t, r.Progress.Known())
		require.Contains(t, r.Reason, "some shrink")
	})
	t.Run("a value that is missing is missing from the targets too", func(t *testing.T) {
		r := measure.Rollup([]measure.Part{part(amount("EUR", 0, 100, 50)), part(measure.Amount{Unit: "EUR", Baseline: n(0), Target: n(100)})}, sum)
		require.Equal(t, n(0.5), r.Progress)
		require.Equal(t, 0.5, r.Coverage)
		require.Equal(t, n(100), r.Amount.Target)
	})
	t.Run("nothing to add up", func(t *testing.T) {
		r := measure.Rollup([]measure.Part{{Weight: 1, Progress: n(1)}, part(amount("EUR", 5, 5, 5))}, sum)
		require.False(t, r.Progress.Known())
		require.Equal(t, 0.0, r.Coverage)
		require.Nil(t, r.Amount)
	})
	t.Run("sums add up level by level", func(t *testing.T) {
		inner := measure.Rollup([]measure.Part{part(amount("EUR", 0, 100, 100)), part(amount("EUR", 0, 100, 50))}, sum)
		outer := measure.Rollup([]measure.Part{measure.Contribution("o1", 1, inner), part(amount("EUR", 0, 200, 0))}, sum)
		flat := measure.Rollup([]measure.Part{part(amount("EUR", 0, 100, 100)), part(amount("EUR", 0, 100, 50)), part(amount("EUR", 0, 200, 0))}, sum)
		require.Equal(t, flat.Amount, outer.Amount)
		require.Equal(t, flat.Progress, outer.Progress)
	})
	t.Run("beyond float64 is unknown", func(t *testing.T) {
		r := measure.Rollup([]measure.Part{part(amount("EUR", 0, math.MaxFloat64, math.MaxFloat64)), part(amount("EUR", 0, math.MaxFloat64, math.MaxFloat64))}, sum)
		require.False(t, r.Progress.Known())
		_, err := json.Marshal(r)
		require.NoError(t, err)
	})
}

func TestTheWeakestSpeaks(t *testing.T) {
	part := func(s measure.Status) measure.Part {
		p := measure.Part{Weight: 1, Status: s, Progress: measure.N(1), Expected: measure.N(0.5)}
		if s == measure.Unknown {
			p.Progress = measure.Number{}
		}
		return p
	}
	for _, c := range []struct {
		parts []measure.Status
		want  measure.Status
	}{
		{[]measure.Status{measure.OnTrack, measure.AtRisk, measure.OnTrack}, measure.AtRisk},
		{[]measure.Status{measure.AtRisk, measure.OffTrack}, measure.OffTrack},
		{[]measure.Status{measure.OnTrack, measure.Pending}, measure.OnTrack},
		{[]measure.Status{measure.Pending, measure.Pending}, measure.Pending},
		{[]measure.Status{measure.Hit, measure.Missed, measure.Hit}, measure.Missed},
		{[]measure.Status{measure.Hit, measure.Hit}, measure.Hit},
		{[]measure.Status{measure.OnTrack, measure.Unknown}, measure.OnTrack},
		{[]measure.Status{measure.OnTrack, measure.Unknown, measure.Unknown}, measure.Unknown},
		{[]measure.Status{measure.OffTrack, measure.Unknown, measure.Unknown}, measure.Unknown},
		{[]measure.Status{measure.OnTrack, measure.Stale}, measure.OnTrack},
		{[]measure.Status{measure.OnTrack, measure.Stale, measure.Stale}, measure.Stale},
		{[]measure.Status{measure.Stale}, measure.Stale},
		{[]measure.Status{measure.Paused, measure.AtRisk}, measure.AtRisk},
		{[]measure.Status{"a status of a pack"}, measure.Unknown},
		{nil, measure.Unknown},
	} {
		t.Run(fmt.Sprint(c.parts), func(t *testing.T) {
			var parts []measure.Part
			for _, s := range c.parts {
				parts = append(parts, part(s))
			}
			require.Equal(t, c.want, measure.Rollup(parts, measure.RollupOptions{Status: measure.VoiceWeakest}).Status)
		})
	}
}

func TestBandsCompareWhatTheySay(t *testing.T) {
	part := measure.Part{Weight: 1, Progress: measure.N(0.6), Expected: measure.N(0.7), Status: measure.OnTrack}
	timeless := part
	timeless.Expected = measure.Number{}
	silent := timeless
	silent.Status = measure.Pending
	for _, c := range []struct {
		bands string
		part  measure.Part
		want  measure.Status
	}{
		{"", part, measure.OnTrack},
		{"viva", part, measure.AtRisk},
		{"ratio_95_75", part, measure.AtRisk},
		{"target_only", part, measure.OffTrack},
		{"", timeless, measure.OnTrack},
		{"ratio_95_75", timeless, measure.OnTrack},
		{"", silent, measure.Pending},
		{"ratio_95_75", silent, measure.Pending},
		{"target_only", silent, measure.OffTrack},
		{"target_only", timeless, measure.OffTrack},
	} {
		b, err := measure.ParseBands(c.bands)
		require.NoError(t, err)
		require.Equal(t, c.want, measure.Rollup([]measure.Part{c.part}, measure.RollupOptions{Bands: b}).Status, c.bands)
	}
}

// A whole is judged by the same bands as a key result, at their limits too.
func TestAWholeIsJudgedByItsBands(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := measure.Bands{
			Compare: rapid.SampledFrom([]measure.Compare{"", measure.CompareGap, measure.CompareRatio, measure.CompareProgress}).Draw(t, "compare"),
			AtRisk:  rapid.SampledFrom([]float64{0, 0.1, 0.25, 0.5, 0.9}).Draw(t, "at risk"), OffTrack: rapid.SampledFrom([]float64{0, 0.25, 0.5, 0.9}).Draw(t, "off track"),
			Strict: rapid.Bool().Draw(t, "strict"),
		}
		share := rapid.SampledFrom([]float64{0, 0.1, 0.25, 0.4, 0.5, 0.65, 0.75, 0.9, 1})
		p := measure.Part{Weight: 1, Progress: measure.N(share.Draw(t, "progress")), Status: measure.OnTrack}
		if rapid.Bool().Draw(t, "paced") {
			p.Expected = measure.N(share.Draw(t, "expected"))
		}
		r := measure.Rollup([]measure.Part{p}, measure.RollupOptions{Bands: b})
		want := measure.OnTrack // what the part says itself, where there is no pace
		if x := b.Figure(r.Gap, r.Ratio, r.Progress); x.Known() {
			want = b.Of(x)
		}
		require.Equal(t, want, r.Status)
	})
}

func TestAnObjectiveContributesWhatItKnows(t *testing.T) {
	n := measure.N
	leaf := func(p, e measure.Number, s measure.Status) measure.Part {
		return measure.Part{Weight: 1, Progress: p, Expected: e, Status: s}
	}
	whole := measure.Rollup([]measure.Part{leaf(n(1), n(0.5), measure.OnTrack), leaf(n(0.5), n(0.5), measure.OnTrack)}, measure.RollupOptions{})
	half := measure.Rollup([]measure.Part{leaf(n(0.25), n(0.5), measure.AtRisk), leaf(unknown, n(0.5), measure.Unknown)}, measure.RollupOptions{})
	little := measure.Rollup([]measure.Part{leaf(n(1), n(0.5), measure.OnTrack), leaf(unknown, n(0.5), measure.Unknown), leaf(unknown, n(0.5), measure.Unknown)}, measure.RollupOptions{})
	r := measure.Rollup([]measure.Part{measure.Contribution("whole", 1, whole), measure.Contribution("half", 1, half)}, measure.RollupOptions{})
	require.Equal(t, n(0.5), r.Progress)
	require.Equal(t, 0.75, r.Coverage, "a part that is half known is half known in the whole")
	near(t, r.Expected, n(0.5))
	require.Equal(t, n(0), r.Gap)
	r = measure.Rollup([]measure.Part{measure.Contribution("little", 2, little), measure.Contribution("whole", 1, whole)}, measure.RollupOptions{})
	require.InDelta(t, (2.0/3+1)/3, r.Coverage, 1e-12)
	require.Equal(t, n(-0.25), r.Gap, "of which too little is known is silent about pace")
	none := measure.Rollup(nil, measure.RollupOptions{})
	r = measure.Rollup([]measure.Part{measure.Contribution("none", 1, none)}, measure.RollupOptions{})
	require.False(t, r.Progress.Known())
	require.Equal(t, measure.Unknown, r.Status)
}

func anyPart(t *rapid.T) measure.Part {
	odd := []float64{0, 0.5, 1, 1, 2, 3, 1e-300, 1e12, 1e300, -1, math.NaN(), math.Inf(1), math.Inf(-1)}
	number := func(label string, from ...float64) measure.Number {
		if rapid.IntRange(0, 3).Draw(t, label+" known") == 0 {
			return unknown
		}
		return measure.N(rapid.SampledFrom(from).Draw(t, label))
	}
	return measure.Part{
		ID: rapid.StringMatching(`[a-z]{3}`).Draw(t, "id"), Weight: rapid.SampledFrom(odd).Draw(t, "weight"),
		Guardrail: rapid.IntRange(0, 9).Draw(t, "guardrail") == 0,
		Hidden:    rapid.IntRange(0, 2).Draw(t, "hidden") == 0,
		Progress:  number("progress", 0, 0.3, 0.7, 1, math.NaN(), math.Inf(1)),
		Expected:  number("expected", 0, 1e-320, 0.5, 1, math.NaN()),
		Gap:       number("gap", -1, 0, 0.2, math.NaN()),
		Coverage:  number("coverage", 0, 0.4, 1, 7, -1, math.NaN()),
		Vouched:   number("vouched", 0, 0.4, 1, 7, -1, math.NaN()),
		Status: rapid.SampledFrom([]measure.Status{
			"", measure.Unknown, measure.Stale, measure.Pending, measure.OnTrack, measure.AtRisk, measure.OffTrack, measure.Hit, measure.Missed, measure.Paused, "odd",
		}).Draw(t, "status"),
		Amount: measure.Amount{
			Unit: rapid.SampledFrom([]string{"EUR", "EUR", "EUR", ""}).Draw(t, "unit"), Baseline: number("baseline", 0, 10, -math.MaxFloat64, math.Inf(1)),
			Target: number("target", 100, 10, math.MaxFloat64, math.NaN()), Value: number("value", 0, 55, 100, math.MaxFloat64, math.NaN()),
		},
	}
}

func anyOptions(t *rapid.T) measure.RollupOptions {
	return measure.RollupOptions{
		Method:   rapid.SampledFrom([]measure.Method{"", measure.MethodMean, measure.MethodSum}).Draw(t, "method"),
		Status:   rapid.SampledFrom([]measure.Voice{"", measure.VoicePace, measure.VoiceWeakest}).Draw(t, "voice"),
		MinGroup: rapid.IntRange(-1, 4).Draw(t, "min group"),
	}
}

// Whatever comes in, no figure is NaN or infinite, coverage is a share, and what
// is said can be written down.
func TestNoRollupIsNaN(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := measure.Rollup(rapid.SliceOfN(rapid.Custom(anyPart), 0, 8).Draw(t, "parts"), anyOptions(t))
		for name, v := range map[string]measure.Number{"raw": r.Raw, "progress": r.Progress, "over": r.Over, "expected": r.Expected, "gap": r.Gap, "ratio": r.Ratio, "current": r.Current} {
			require.True(t, !v.Known() || v.Finite(), "%s is %s", name, v)
		}
		for _, v := range []float64{r.Coverage, r.Vouched} {
			require.True(t, v >= 0 && v <= 1+1e-9, v)
		}
		require.LessOrEqual(t, r.Vouched, r.Coverage+1e-9)
		require.NotEmpty(t, r.Status)
		_, err := json.Marshal(r)
		require.NoError(t, err)
		for _, d := range r.Derivations() {
			require.NotContains(t, d.String(), "NaN")
		}
	})
}

// Every figure of a rollup computes to itself again from what is listed of it, and
// that is the figure of the result.
func TestARollupComputesToItselfAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.Custom(anyPart), 0, 8).Draw(t, "parts")
		for i := range parts {
			for _, n := range []*measure.Number{&parts[i].Amount.Baseline, &parts[i].Amount.Target, &parts[i].Amount.Value} {
				if math.Abs(n.Or(0)) > 1e100 {
					*n = measure.N(1e15) // beyond is unknown as a whole, and not figure by figure
				}
			}
		}
		r := measure.Rollup(parts, anyOptions(t))
		of := map[string]measure.Derivation{}
		for _, d := range r.Derivations() {
			follows(t, d)
			of[d.Of] = d
		}
		if r.Reason != "" {
			require.Equal(t, string(measure.Unknown), of["status"].Text)
			return
		}
		for name, v := range map[string]measure.Number{
			"progress": r.Progress, "expected": r.Expected, "gap": r.Gap, "ratio": r.Ratio, "coverage": measure.N(r.Coverage), "vouched": measure.N(r.Vouched),
		} {
			d := of[name].Value
			require.Equal(t, v.Known(), d.Known(), "%s %s", v, of[name])
			require.InEpsilon(t, 1+math.Abs(v.Or(0)), 1+math.Abs(d.Or(0)), 1e-9, name)
		}
		require.Equal(t, string(r.Status), of["status"].Text)
		if r.Amount != nil {
			require.True(t, r.Amount.Value.Equal(of["current"].Value))
		}
	})
}

func TestTheOrderOfPartsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) measure.Part {
			p := anyPart(t)
			if p.Weight > 1e6 || p.Weight < 1e-6 {
				p.Weight = 1
			}
			p.Amount.Target, p.Amount.Baseline, p.Amount.Value = measure.N(10), measure.N(0), measure.N(rapid.Float64Range(0, 10).Draw(t, "v"))
			return p
		}), 0, 8).Draw(t, "parts")
		o := anyOptions(t)
		a, b := measure.Rollup(parts, o), measure.Rollup(rapid.Permutation(parts).Draw(t, "other order"), o)
		near(t, a.Progress, b.Progress)
		near(t, a.Gap, b.Gap)
		require.InDelta(t, a.Coverage, b.Coverage, 1e-9)
		require.Equal(t, a.Hidden, b.Hidden)
		require.Equal(t, a.Status, b.Status)
	})
}

func near(t require.TestingT, a, b measure.Number) {
	require.Equal(t, a.Known(), b.Known())
	x, _ := a.Value()
	y, _ := b.Value()
	require.InDelta(t, x, y, 1e-9)
}

func TestTooFewHiddenPartsAreWithheld(t *testing.T) {
	n := measure.N
	seen := measure.Part{ID: "seen", Weight: 1, Progress: n(0.5), Expected: n(0.5), Status: measure.OnTrack}
	hidden := func(id string, w, p float64) measure.Part {
		return measure.Part{ID: id, Weight: w, Hidden: true, Progress: n(p), Expected: n(0.5), Status: measure.OnTrack}
	}
	for _, c := range []struct {
		name     string
		parts    []measure.Part
		min      int
		progress measure.Number
		hidden   int
		coverage float64
	}{
		{"one", []measure.Part{seen, hidden("a", 1, 0)}, 0, unknown, 1, 0.5},
		{"two", []measure.Part{seen, hidden("a", 1, 0), hidden("b", 1, 1)}, 0, unknown, 2, 1.0 / 3},
		{"three are a crowd", []measure.Part{seen, hidden("a", 1, 0), hidden("b", 1, 1), hidden("c", 1, 0.5)}, 0, n(0.5), 3, 1},
		{"three of which one outweighs the rest", []measure.Part{seen, hidden("a", 9, 0), hidden("b", 1, 1), hidden("c", 1, 0.5)}, 0, unknown, 3, 1.0 / 12},
		{"three of which two are unknown", []measure.Part{seen, hidden("a", 1, 0), {Weight: 1, Hidden: true}, {Weight: 1, Hidden: true}}, 0, unknown, 3, 0.25},
		{"three of which nothing is known", []measure.Part{seen, {Weight: 1, Hidden: true}, {Weight: 1, Hidden: true}, {Weight: 1, Hidden: true}}, 0, n(0.5), 3, 0.25},
		{"one without weight", []measure.Part{seen, hidden("a", 0, 0)}, 0, n(0.5), 0, 1},
		{"one, where nobody minds", []measure.Part{seen, hidden("a", 1, 0)}, 1, n(0.25), 1, 1},
		{"five, where six are asked for", []measure.Part{seen, hidden("a", 1, 0), hidden("b", 1, 1), hidden("c", 1, 1), hidden("d", 1, 1), hidden("e", 1, 1)}, 6, unknown, 5, 1.0 / 6},
		{"three that shall never count", []measure.Part{seen, hidden("a", 1, 0), hidden("b", 1, 1), hidden("c", 1, 1)}, -1, n(0.5), 3, 0.25},
		{"one that shall never count", []measure.Part{seen, seen, hidden("a", 1, 0)}, -1, n(0.5), 1, 2.0 / 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := measure.Rollup(c.parts, measure.RollupOptions{MinGroup: c.min})
			require.Equal(t, c.progress, r.Progress)
			require.Equal(t, c.hidden, r.Hidden)
			require.InDelta(t, c.coverage, r.Coverage, 1e-12)
			if !c.progress.Known() {
				require.NotEmpty(t, r.Reason)
				require.Equal(t, measure.Unknown, r.Status)
				require.False(t, r.Raw.Known() || r.Gap.Known() || r.Expected.Known() || r.Ratio.Known() || r.Current.Known())
			}
			for _, d := range r.Derivations() {
				for _, id := range []string{"(a)", "(b)", "(c)"} {
					require.NotContains(t, d.String(), id)
				}
			}
		})
	}
	t.Run("pace of which too few speak", func(t *testing.T) {
		quiet := func(p float64) measure.Part {
			return measure.Part{Weight: 1, Hidden: true, Progress: n(p), Status: measure.Pending}
		}
		r := measure.Rollup([]measure.Part{seen, hidden("a", 1, 0), quiet(1), quiet(0.5)}, measure.RollupOptions{})
		require.Equal(t, n(0.5), r.Progress)
		require.False(t, r.Gap.Known() || r.Expected.Known() || r.Ratio.Known())
		require.Equal(t, measure.Unknown, r.Status)
		require.NotEmpty(t, r.Reason)
	})
	t.Run("pace of all but too few", func(t *testing.T) {
		stale := hidden("d", 1, 0.9)
		stale.Status = measure.Stale
		r := measure.Rollup([]measure.Part{seen, hidden("a", 1, 0), hidden("b", 1, 1), hidden("c", 1, 0.5), stale}, measure.RollupOptions{})
		require.True(t, r.Progress.Known())
		require.False(t, r.Gap.Known() || r.Expected.Known() || r.Ratio.Known(), "progress of four less progress of three is that of the stale one")
		require.Equal(t, measure.Unknown, r.Status)
		stale2, stale3 := stale, stale
		r = measure.Rollup([]measure.Part{seen, hidden("a", 1, 0), hidden("b", 1, 1), hidden("c", 1, 0.5), stale, stale2, stale3}, measure.RollupOptions{})
		require.True(t, r.Gap.Known())
	})
	t.Run("a unit that nobody may see", func(t *testing.T) {
		euro, secret := seen, hidden("a", 1, 0)
		euro.Amount, secret.Amount = amount("EUR", 0, 10, 5), amount("secret", 0, 10, 5)
		r := measure.Rollup([]measure.Part{euro, secret}, measure.RollupOptions{Method: measure.MethodSum, MinGroup: -1})
		require.Equal(t, n(0.5), r.Progress)
		require.Empty(t, r.Reason)
		r = measure.Rollup([]measure.Part{euro, secret}, measure.RollupOptions{Method: measure.MethodSum})
		require.NotContains(t, r.Reason, "secret")
		r = measure.Rollup([]measure.Part{euro, secret, secret, secret}, measure.RollupOptions{Method: measure.MethodSum})
		require.Contains(t, r.Reason, "EUR, one that is hidden")
	})
	t.Run("a whole made of what is withheld contains none of it", func(t *testing.T) {
		inner := measure.Rollup([]measure.Part{seen, hidden("a", 1, 0)}, measure.RollupOptions{})
		outer := measure.Rollup([]measure.Part{measure.Contribution("o1", 1, inner), seen}, measure.RollupOptions{})
		require.Equal(t, n(0.5), outer.Progress)
		require.Equal(t, 0.5, outer.Coverage)
		require.Equal(t, 1, outer.Hidden, "and says that there is something")
	})
}

// The figures are sums over hidden parts, so what can be learned of them are sums
// over those sets and their differences: none has fewer members than the group.
func TestNoSetOfHiddenPartsIsSmall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := anyOptions(t)
		parts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) measure.Part {
			p := anyPart(t)
			if p.Weight != 0 {
				p.Weight = 1
			}
			p.Hidden = p.Hidden || rapid.Bool().Draw(t, "hidden too")
			return p
		}), 0, 14).Draw(t, "parts")
		o.Method = measure.MethodMean
		k := o.MinGroup
		if k == 0 {
			k = measure.DefaultMinGroup
		}
		r := measure.Rollup(parts, o)
		var all, known, paced int
		for _, p := range parts {
			if p.Hidden && p.Weight == 1 && !p.Guardrail {
				all++
				if p.Progress.Finite() {
					known++
					if p.Expected.Finite() && p.Status != measure.Stale && p.Status != measure.Paused {
						paced++
					}
				}
			}
		}
		require.Equal(t, all, r.Hidden)
		if k < 0 {
			return
		}
		enough := func(n int) bool { return n == 0 || n >= k }
		if r.Progress.Known() || r.Raw.Known() {
			require.True(t, enough(all) && enough(known), "%d %d", all, known)
		}
		if r.Gap.Known() || r.Expected.Known() || r.Ratio.Known() {
			require.True(t, enough(paced) && (paced == 0 || enough(known-paced)), "%d %d", known, paced)
		}
	})
}

// Whoever sees every other part, the rollup, its derivations, and the rollup of
// any selection of the visible parts learns of the hidden ones at most the mean
// of a group: moving hidden numbers about within the group changes nothing.
func TestNothingOfOneHiddenPartIsToBeHad(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var parts []measure.Part
		var hidden []int
		for i := range rapid.IntRange(1, 8).Draw(t, "n") {
			p := measure.Part{
				ID: fmt.Sprint("p", i), Weight: rapid.SampledFrom([]float64{0, 1, 1, 1, 2, 8}).Draw(t, "weight"), Hidden: rapid.Bool().Draw(t, "hidden"),
				Progress: measure.N(rapid.Float64Range(0.2, 0.8).Draw(t, "progress")), Expected: measure.N(0.5), Status: measure.OnTrack,
			}
			if p.Hidden && p.Weight > 0 {
				hidden = append(hidden, i)
			}
			parts = append(parts, p)
		}
		before := measure.Rollup(parts, measure.RollupOptions{})
		if len(hidden) == 0 {
			return
		}
		if len(hidden) < measure.DefaultMinGroup {
			// One alone moves: nothing that is said may change.
			k := hidden[rapid.IntRange(0, len(hidden)-1).Draw(t, "which")]
			parts[k].Progress = measure.N(rapid.Float64Range(0, 1).Draw(t, "other"))
			parts[k].Status = measure.OffTrack
			same(t, before, measure.Rollup(parts, measure.RollupOptions{}))
			return
		}
		if !before.Progress.Known() {
			require.NotEmpty(t, before.Reason)
			return
		}
		// Two of the group move so that their mean stays: nothing changes but the
		// last bits.
		i, j := hidden[0], hidden[1]
		x, _ := parts[i].Progress.Value()
		y, _ := parts[j].Progress.Value()
		d := rapid.Float64Range(-0.1, 0.1).Draw(t, "shift")
		parts[i].Progress, parts[j].Progress = measure.N(x+d/parts[i].Weight), measure.N(y-d/parts[j].Weight)
		after := measure.Rollup(parts, measure.RollupOptions{})
		near(t, before.Progress, after.Progress)
		near(t, before.Gap, after.Gap)
		require.Equal(t, before.Coverage, after.Coverage)
	})
}

func same(t require.TestingT, a, b measure.Result) {
	x, err := json.Marshal(a)
	require.NoError(t, err)
	y, err := json.Marshal(b)
	require.NoError(t, err)
	require.JSONEq(t, string(x), string(y))
	say := func(r measure.Result) string {
		var s []string
		for _, d := range r.Derivations() {
			s = append(s, d.String())
		}
		return strings.Join(s, "\n")
	}
	require.Equal(t, say(a), say(b))
}

func TestPolicies(t *testing.T) {
	require.Empty(t, measure.RollupPolicy{}.Problems())
	spelled := measure.RollupPolicy{Driver: measure.DriverKeyResults, Method: measure.MethodMean, Status: measure.VoicePace}
	require.Empty(t, spelled.Problems())
	require.Equal(t, measure.RollupPolicy{}, spelled.Plain())
	require.Len(t, measure.RollupPolicy{Driver: "a", Method: "b", Status: "c"}.Problems(), 3)
	require.True(t, measure.DriverBoth.KeyResults() && measure.DriverBoth.Children())
	require.False(t, measure.Driver("").Children() || measure.DriverChildren.KeyResults())
}
