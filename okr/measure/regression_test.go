package measure_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr/measure"
)

// Mistakes that other programs made with the same numbers.
func TestMistakesOfOthers(t *testing.T) {
	n := measure.N
	down := func(from, to float64) measure.Metric { return metric(measure.Decrease, n(from), n(to)) }
	t.Run("half of the way down is half, not nothing (Leantime 3247, steedos 17)", func(t *testing.T) {
		require.Equal(t, n(0.5), down(200, 0).Raw(n(100)))
	})
	t.Run("the start of a way down is its start, not its end (ShamanR)", func(t *testing.T) {
		require.Equal(t, n(0), down(100, 0).Raw(n(100)))
		require.Equal(t, n(1), down(100, 0).Raw(n(0)))
	})
	t.Run("a decrease is not achieved at once (okrchestra)", func(t *testing.T) {
		require.Equal(t, n(0), down(100, 10).Met(n(100)))
		require.Equal(t, n(1), down(100, 10).Met(n(10)))
	})
	t.Run("colours of a reduction are not inverted (operately 593)", func(t *testing.T) {
		in := input(n(95), 50)
		in.Metric = down(100, 0)
		require.Equal(t, measure.OffTrack, measure.KeyResult(&in).Status)
		in.Latest.Value = n(5)
		require.Equal(t, measure.OnTrack, measure.KeyResult(&in).Status)
	})
	t.Run("a weight that is no number is left out by name, and takes nothing with it (oslo)", func(t *testing.T) {
		r := measure.Rollup([]measure.Part{
			{ID: "a", Weight: math.NaN(), Progress: n(1)}, {ID: "b", Weight: 1, Progress: n(0.5)},
		}, measure.RollupOptions{})
		require.Equal(t, n(0.5), r.Progress)
		none := measure.Rollup([]measure.Part{{ID: "a", Weight: 0, Progress: n(1)}, {ID: "b", Weight: 0, Progress: n(0.5)}}, measure.RollupOptions{})
		require.False(t, none.Progress.Known(), "all weights 0 is unknown, not 0")
	})
	t.Run("nothing is rounded between levels (ShamanR)", func(t *testing.T) {
		var parts []measure.Part
		for range 3 {
			parts = append(parts, measure.Part{Weight: 1, Progress: metric(measure.Increase, n(0), n(1000)).Raw(n(4))})
		}
		v, _ := measure.Rollup(parts, measure.RollupOptions{}).Progress.Value()
		require.InDelta(t, 0.004, v, 1e-12)
	})
	t.Run("the value is compared with the target (isms 206)", func(t *testing.T) {
		require.Equal(t, n(0), metric(measure.AtLeast, measure.Number{}, n(45)).Met(n(44)))
	})
	t.Run("a yes/no counts in the distribution (puzzle 1680)", func(t *testing.T) {
		r := measure.Rollup([]measure.Part{{Weight: 1, Progress: metric(measure.YesNo, measure.Number{}, measure.Number{}).Raw(n(1))}, {Weight: 1, Progress: n(0)}}, measure.RollupOptions{})
		require.Equal(t, n(0.5), r.Progress)
	})
}

func TestAYesIsOne(t *testing.T) {
	yesNo := metric(measure.YesNo, measure.Number{}, measure.Number{})
	for _, v := range []float64{0.5, 2, -1, 80} {
		require.False(t, yesNo.Met(measure.N(v)).Known(), v)
		require.False(t, yesNo.Raw(measure.N(v)).Known(), v)
	}
}

func TestStalePartsDoNotSpeakForTheWhole(t *testing.T) {
	part := func(w, p, e float64, s measure.Status) measure.Part {
		return measure.Part{Weight: w, Progress: measure.N(p), Expected: measure.N(e), Status: s}
	}
	r := measure.Rollup([]measure.Part{part(2, 1, 0.5, measure.Stale), part(1, 0.1, 0.5, measure.OffTrack)}, measure.RollupOptions{})
	require.Equal(t, measure.Stale, r.Status)
	require.Equal(t, 1.0, r.Coverage)
	r = measure.Rollup([]measure.Part{part(1, 1, 0.5, measure.Stale), part(1, 0.1, 0.5, measure.OffTrack)}, measure.RollupOptions{})
	require.Equal(t, measure.OffTrack, r.Status, "the one that is fresh is far behind")
	require.Equal(t, measure.N(0.4), r.Gap)
}

// Whatever the parts are, an objective is green only if at least half of its
// weight is known and fresh.
func TestARollupIsNotGreenBySilence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var total, fresh float64
		var parts []measure.Part
		for range rapid.IntRange(0, 6).Draw(t, "n") {
			p := measure.Part{
				Weight:   rapid.SampledFrom([]float64{0, 0.5, 1, 3, -1, math.NaN(), math.Inf(1)}).Draw(t, "weight"),
				Expected: rapid.SampledFrom([]measure.Number{{}, measure.N(0), measure.N(0.5), measure.N(1)}).Draw(t, "expected"),
				Progress: rapid.SampledFrom([]measure.Number{{}, measure.N(0), measure.N(0.5), measure.N(1)}).Draw(t, "progress"),
				Status:   rapid.SampledFrom([]measure.Status{measure.Unknown, measure.Stale, measure.OnTrack, measure.OffTrack}).Draw(t, "status"),
			}
			parts = append(parts, p)
			if p.Weight > 0 && !math.IsInf(p.Weight, 0) {
				total += p.Weight
				if p.Progress.Known() && p.Status != measure.Stale {
					fresh += p.Weight
				}
			}
		}
		r := measure.Rollup(parts, measure.RollupOptions{})
		if r.Status == measure.OnTrack || r.Status == measure.AtRisk || r.Status == measure.OffTrack || r.Status == measure.Pending {
			require.GreaterOrEqual(t, fresh*2, total)
			require.Positive(t, fresh)
		}
	})
}

func TestAResultFromJSONClaimsNoDerivation(t *testing.T) {
	r := measure.Rollup([]measure.Part{{ID: "a", Weight: 1, Progress: measure.N(0.5)}}, measure.RollupOptions{})
	require.NotEmpty(t, r.Derivations())
	b, err := json.Marshal(r)
	require.NoError(t, err)
	var back measure.Result
	require.NoError(t, json.Unmarshal(b, &back))
	again, err := json.Marshal(back)
	require.NoError(t, err)
	require.JSONEq(t, string(b), string(again))
	require.Empty(t, back.Derivations())
}

func TestDatesFarApartKeepTheirOrder(t *testing.T) {
	a, b := measure.NewDate(1, time.January, 1), measure.NewDate(9999, time.December, 31)
	require.True(t, a.Before(b))
	require.True(t, b.After(a))
}
