package measure_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr/measure"
)

func TestNearlyIsNotAll(t *testing.T) {
	n := measure.N
	for name, m := range map[string]measure.Metric{
		"above":            metric(measure.Above, n(40), n(50)),
		"below":            {Kind: measure.Below, Baseline: n(60), Target: n(50)},
		"strict, by level": {Kind: measure.Below, Target: n(50), Mode: measure.Distance, Tolerance: n(5)},
	} {
		raw := m.Raw(n(50)).Or(9)
		require.Less(t, raw, 1.0, name)
		require.InDelta(t, 1, raw, 1e-12, name)
		require.Equal(t, n(0), m.Met(n(50)), name)
	}
	// The last bits of the value are lost when the baseline is taken from it.
	far := metric(measure.Increase, n(-1e20), n(1))
	require.Less(t, far.Raw(n(0.5)).Or(9), 1.0)
	require.Equal(t, n(1), far.Raw(n(1)))
	for i := 1; i <= 1000; i++ {
		need := float64(i) / 1000
		m := measure.Metric{Kind: measure.AtLeast, Target: n(1), Mode: measure.HitRatio, Need: n(need)}
		require.Less(t, m.Raw(n(math.Nextafter(need, 0))).Or(9), 1.0)
		require.Equal(t, n(1), m.Raw(n(need)))
	}
}

// However close to a corner, the score stays on its side of it.
func TestNoScoreOvershootsItsCorner(t *testing.T) {
	for i := 2; i <= 1000; i++ {
		share := float64(i) / 1000
		m := measure.Metric{Kind: measure.Points, Points: []measure.Point{{Value: -1e17, Share: 0.001}, {Value: 1, Share: share}}}
		require.LessOrEqual(t, m.Raw(measure.N(0.999)).Or(9), share)
	}
}

func TestThereIsNoMinusZero(t *testing.T) {
	require.Equal(t, "0", metric(measure.Decrease, measure.N(100), measure.N(0)).Raw(measure.N(100)).String())
	m := measure.Metric{Kind: measure.Points, Points: []measure.Point{{Value: 100, Share: 0}, {Value: 0, Share: 1}}}
	require.Equal(t, "0", m.Raw(measure.N(100)).String())
}

func TestATargetOffItsPointsHasNoAim(t *testing.T) {
	m := measure.Metric{Kind: measure.Points, Target: measure.N(200), Points: []measure.Point{{Value: 0, Share: 0}, {Value: 100, Share: 1}}}
	require.Equal(t, unknown, m.Aim())
	m.Target = measure.N(50)
	require.Equal(t, measure.N(0.5), m.Aim())
}

func TestHitsArePacedWhateverTheAmberZone(t *testing.T) {
	in := input(measure.N(1), 50)
	in.Metric = measure.Metric{Kind: measure.AtMost, Baseline: measure.N(9), Target: measure.N(2), Amber: measure.N(1), Mode: measure.HitRatio}
	in.Tally = measure.TallyOf(in.Metric, 10, measure.N(1), measure.N(1))
	r := measure.KeyResult(&in)
	require.Equal(t, measure.N(0.3), r.Gap)
	require.Equal(t, measure.OffTrack, r.Status)
}

func TestMoreHitsThanCheckInsAreAll(t *testing.T) {
	m := metric(measure.AtMost, unknown, measure.N(2))
	require.Equal(t, measure.N(1), measure.TallyOf(m, 2, measure.N(1), measure.N(1), measure.N(1)).Figure(measure.HitRatio))
}

func TestASumIsRoundedOnce(t *testing.T) {
	var e measure.Exact
	for _, x := range []float64{1e16, 1, 1e-16} {
		e = e.Plus(x)
	}
	require.Equal(t, measure.N(1e16+2), e.Value(), "a little more than halfway")
	require.Equal(t, measure.N(1e16), e.Plus(-1e-16).Value(), "halfway goes to the even one")
	require.Equal(t, measure.N(0), e.Plus(-1e16).Plus(-1).Plus(-1e-16).Value())
}

func TestEdgesOfTime(t *testing.T) {
	in := input(measure.N(50), 50)
	in.Latest.At = in.Now.Add(-in.Fresh)
	require.Equal(t, measure.OnTrack, measure.KeyResult(&in).Status, "as old as it may be")
	in.Latest.At = in.Latest.At.Add(-1)
	require.Equal(t, measure.Stale, measure.KeyResult(&in).Status)
	require.False(t, keyResult(input(measure.N(5), 6)).Ratio.Known())
	require.True(t, keyResult(input(measure.N(5), 7)).Ratio.Known(), "after seven days")
}

func TestNeededAtTheEdges(t *testing.T) {
	n := measure.N
	in := input(n(10), 50)
	in.Bands, _ = measure.Preset("ratio_95_75")
	require.InDelta(t, 47.5, measure.Needed(&in, in.Last).Today.Or(0), 1e-9)
	early := input(n(0), 3)
	early.Bands = in.Bands
	require.Equal(t, unknown, measure.Needed(&early, early.Today).Today)
	in.Bands = measure.Bands{Compare: measure.CompareProgress, AtRisk: 1.5, OffTrack: 1}
	need := measure.Needed(&in, in.Today)
	require.Equal(t, unknown, need.Today, "nobody gets further than the end")
	require.NotEmpty(t, need.Reason)

	in = input(n(1), 100)
	in.Bands, _ = measure.Preset("viva")
	in.Metric = measure.Metric{Kind: measure.Zones, Zones: []measure.Zone{{Level: measure.LevelTarget, Text: "x"}, {Level: measure.LevelStretch, Text: "y"}}}
	require.Equal(t, n(2), measure.Needed(&in, in.Today).Today, "the target, and not more")

	in = input(n(30), 50)
	in.Metric = measure.Metric{Kind: measure.Between, Baseline: n(0), Low: n(10), High: n(20)}
	need = measure.Needed(&in, in.Today)
	require.InDelta(t, 26, need.Today.Or(0), 1e-9, "on the other side, as far from the band as four tenths of the way are")
	require.InDelta(t, -4, need.Missing.Or(0), 1e-9)
	in.Latest.Value = need.Today
	require.Equal(t, measure.OnTrack, measure.KeyResult(&in).Status)
	in.Latest.Value = n(15)
	require.Equal(t, n(0), measure.Needed(&in, in.Today).Missing)
}

func TestAStrictLimitIsOneWhicheverWayItIsComputed(t *testing.T) {
	b, _ := measure.Preset("engagedly")
	require.Equal(t, measure.AtRisk, b.Of(measure.N(0.16499999999999998)))
	require.Equal(t, measure.OnTrack, b.Of(measure.N(0.1649)))
	require.Equal(t, measure.GradeGreen, measure.GradeOf(measure.N(0.6999999999999999), false))
	require.Equal(t, measure.GradeYellow, measure.GradeOf(measure.N(0.3999999999999999), false))
	require.Equal(t, measure.GradeFailed, measure.GradeOf(measure.N(0.9999999999999999), true), "a promise is kept or it is not")
}
