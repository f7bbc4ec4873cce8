package measure_test

import (
	"encoding/json"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr/measure"
)

func TestTally(t *testing.T) {
	n := measure.N
	m := metric(measure.AtMost, unknown, n(2))
	tally := measure.TallyOf(m, 13, n(1), n(2), n(3), unknown)
	require.Equal(t, 3, tally.Count)
	require.Equal(t, 2, tally.Hits)
	require.Equal(t, n(2), tally.Figure(measure.Average))
	require.Equal(t, n(6), tally.Figure(measure.Sum))
	require.Equal(t, n(2.0/13), tally.Figure(measure.HitRatio), "each of thirteen counts, the missing ones too")
	require.Equal(t, unknown, tally.Figure(measure.Latest))
	require.Equal(t, unknown, tally.Figure(measure.Distance))

	empty := measure.Tally{Scheduled: 13}
	for _, mode := range measure.Modes() {
		require.Equal(t, unknown, empty.Figure(mode), "before the first reading nothing is known, and nothing is 0")
	}
	require.True(t, measure.Tally{}.IsZero())
	require.False(t, empty.IsZero())
}

// A tally that was kept while readings came, and were corrected, leads to the very
// same figures as all the readings at once, whatever their order.
func TestATallyIsItsReadings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := aMetric(t)
		value := rapid.Custom(func(t *rapid.T) measure.Number {
			return measure.N(rapid.OneOf(rapid.Float64Range(-1e9, 1e9), rapid.Float64Range(-1e-9, 1e-9), rapid.Just(1e300), rapid.Just(-1e300), rapid.Just(0.1)).Draw(t, "v"))
		})
		scheduled := rapid.IntRange(0, 20).Draw(t, "scheduled")
		kept := measure.Tally{Scheduled: scheduled}
		var readings []measure.Number
		for range rapid.IntRange(0, 20).Draw(t, "steps") {
			before, err := json.Marshal(kept)
			require.NoError(t, err)
			older := kept
			if len(readings) > 0 && rapid.IntRange(0, 2).Draw(t, "corrected") == 0 {
				i := rapid.IntRange(0, len(readings)-1).Draw(t, "which")
				kept = kept.Remove(m, readings[i])
				readings = append(readings[:i:i], readings[i+1:]...)
			}
			v := value.Draw(t, "value")
			kept = kept.Add(m, v)
			readings = append(readings, v)
			after, err := json.Marshal(older)
			require.NoError(t, err)
			require.Equal(t, string(before), string(after), "a tally is a value")
		}
		b, err := json.Marshal(kept)
		require.NoError(t, err)
		var stored measure.Tally
		require.NoError(t, json.Unmarshal(b, &stored))
		all := measure.TallyOf(m, scheduled, rapid.Permutation(readings).Draw(t, "order")...)
		require.Equal(t, all, stored, "the same parts, in whatever order they came")
		require.True(t, all.Equal(stored))
		for _, mode := range measure.Modes() {
			require.Equal(t, all.Figure(mode), stored.Figure(mode))
		}
		exact := new(big.Float).SetPrec(4000)
		for _, v := range readings {
			exact.Add(exact, new(big.Float).SetPrec(4000).SetFloat64(v.Or(0)))
		}
		if want, _ := exact.Float64(); len(readings) > 0 {
			require.Equal(t, measure.N(want), stored.Figure(measure.Sum))
		}
	})
}

func TestASumThatLeavesTheNumbersIsUnknown(t *testing.T) {
	m := metric(measure.AtLeast, unknown, measure.N(1))
	tally := measure.TallyOf(m, 0, measure.N(1.7e308), measure.N(1.7e308))
	require.Equal(t, unknown, tally.Figure(measure.Sum))
	require.Equal(t, unknown, tally.Figure(measure.Average))
}

func TestModesMeasure(t *testing.T) {
	n := measure.N
	in := input(n(3), 50)
	in.Metric = measure.Metric{Kind: measure.AtMost, Target: n(2), Mode: measure.HitRatio}
	in.Tally = measure.TallyOf(in.Metric, 10, n(1), n(1), n(1), n(3), n(2))
	r := measure.KeyResult(&in)
	require.Equal(t, n(0.4), r.Current)
	require.Equal(t, n(0.4), r.Progress, "four of ten")
	require.InDelta(t, 0.5, r.Expected.Or(9), 0)
	require.Equal(t, measure.OnTrack, r.Status, "ten points behind")

	in.Metric = measure.Metric{Kind: measure.Increase, Baseline: n(0), Target: n(20), Mode: measure.Sum}
	require.Equal(t, n(0.4), measure.KeyResult(&in).Progress)
	in.Metric = measure.Metric{Kind: measure.AtMost, Target: n(2), Mode: measure.Average}
	require.Equal(t, measure.OnTrack, measure.KeyResult(&in).Status)
	in.Metric = measure.Metric{Kind: measure.AtMost, Target: n(2), Mode: measure.Distance, Tolerance: n(4)}
	r = measure.KeyResult(&in)
	require.Equal(t, n(0.75), r.Progress)
	require.Equal(t, measure.AtRisk, r.Status, "within the tolerance")
	in.Latest.Value = n(6.1)
	require.Equal(t, measure.OffTrack, measure.KeyResult(&in).Status)
}
