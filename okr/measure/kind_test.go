package measure_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr/measure"
)

func TestKinds(t *testing.T) {
	n := measure.N
	scored := measure.Metric{Kind: measure.CommitTargetStretch, Baseline: n(100), Commit: n(70), Target: n(40), Stretch: n(20)}
	points := measure.Metric{Kind: measure.Points, Points: []measure.Point{{100, 0}, {50, 0.4}, {0, 1}}}
	band := measure.Metric{Kind: measure.Between, Low: n(2), High: n(4)}
	from := func(m measure.Metric, b float64) measure.Metric {
		m.Baseline = n(b)
		return m
	}
	zones := measure.Metric{Kind: measure.Zones, Zones: []measure.Zone{{measure.LevelCommit, "in talks"}, {measure.LevelTarget, "signed"}, {measure.LevelStretch, "paid"}}}
	distance := func(k measure.Kind, target, tolerance measure.Number) measure.Metric {
		return measure.Metric{Kind: k, Mode: measure.Distance, Target: target, Tolerance: tolerance}
	}
	for _, c := range []struct {
		name   string
		metric measure.Metric
		v      float64
		raw    measure.Number
		hit    measure.Number
	}{
		{"above, at it", metric(measure.Above, unknown, n(45)), 45, n(0), n(0)},
		{"above, past it", metric(measure.Above, unknown, n(45)), 45.1, n(1), n(1)},
		{"below, at it", metric(measure.Below, unknown, n(2)), 2, n(0), n(0)},
		{"below, under it", metric(measure.Below, unknown, n(2)), 1.9, n(1), n(1)},
		{"above, on the way", metric(measure.Above, n(40), n(50)), 45, n(0.5), n(0)},
		{"below, on the way", metric(measure.Below, n(10), n(2)), 6, n(0.5), n(0)},
		{"band, low end", band, 2, n(1), n(1)},
		{"band, high end", band, 4, n(1), n(1)},
		{"band, out of it", band, 4.1, n(0), n(0)},
		{"band, on the way", from(band, 0), 1, n(0.5), n(0)},
		{"band, on the way down", from(band, 8), 6, n(0.5), n(0)},
		{"band, out on the other side", from(band, 0), 5, n(0.5), n(0)},
		{"band, further out than at the start", from(band, 0), 7, n(-0.5), n(0)},
		{"band, from within", from(band, 3), 5, n(0), n(0)},
		{"milestones", metric(measure.Milestones, unknown, unknown), 0.4, n(0.4), n(0)},
		{"milestones, all", metric(measure.Milestones, unknown, unknown), 1, n(1), n(1)},
		{"milestones, more than all", metric(measure.Milestones, unknown, unknown), 1.1, unknown, unknown},
		{"zones, fail", zones, 0, n(0), n(0)},
		{"zones, commit", zones, 1, n(0.3), n(0)},
		{"zones, target", zones, 2, n(0.7), n(1)},
		{"zones, stretch", zones, 3, n(1), n(1)},
		{"zones, between", zones, 1.5, unknown, unknown},
		{"scored, baseline", scored, 100, n(0), n(0)},
		{"scored, commit", scored, 70, n(0.3), n(0)},
		{"scored, between commit and target", scored, 55, n(0.5), n(0)},
		{"scored, target", scored, 40, n(0.7), n(1)},
		{"scored, stretch", scored, 20, n(1), n(1)},
		{"scored, past stretch", scored, 0, n(1.3), n(1)},
		{"scored, the wrong way", scored, 130, n(-0.3), n(0)},
		{"points, half of the values", points, 50, n(0.4), n(0)},
		{"points, between", points, 75, n(0.2), n(0)},
		{"points, end", points, 0, n(1), n(1)},
		{"points, listed the other way", measure.Metric{Kind: measure.Points, Points: []measure.Point{{0, 1}, {100, 0}, {50, 0.4}}}, 75, n(0.2), n(0)},
		{"points with a target of their own", measure.Metric{Kind: measure.Points, Target: n(50), Points: points.Points}, 50, n(0.4), n(1)},
		{"points that turn back", measure.Metric{Kind: measure.Points, Points: []measure.Point{{0, 0}, {50, 0.4}, {40, 1}}}, 20, unknown, unknown},
		{"one point", measure.Metric{Kind: measure.Points, Points: []measure.Point{{0, 0}}}, 20, unknown, unknown},
		{"baseline", metric(measure.Baseline, unknown, unknown), 20, unknown, unknown},
		// Profit.co's worked table: at most 1, read as 0.5, 1, 1.5, 1.75.
		{"distance, half", distance(measure.AtMost, n(1), unknown), 0.5, n(1.5), n(1)},
		{"distance, at it", distance(measure.AtMost, n(1), unknown), 1, n(1), n(1)},
		{"distance, half beyond", distance(measure.AtMost, n(1), unknown), 1.5, n(0.5), n(0)},
		{"distance, further beyond", distance(measure.AtMost, n(1), unknown), 1.75, n(0.25), n(0)},
		{"distance, stated tolerance", distance(measure.AtMost, n(1), n(4)), 2, n(0.75), n(0)},
		{"distance, at least", distance(measure.AtLeast, n(10), n(5)), 9, n(0.8), n(0)},
		{"distance, a target of no size", distance(measure.AtMost, n(0), unknown), 1, unknown, n(0)},
		{"distance, band", measure.Metric{Kind: measure.Between, Mode: measure.Distance, Low: n(2), High: n(4), Tolerance: n(2)}, 5, n(0.5), n(0)},
		{"a kind from the future", metric("tides", n(0), n(1)), 1, unknown, unknown},
		{"a mode from the future", measure.Metric{Kind: measure.AtLeast, Target: n(1), Mode: "guess"}, 1, unknown, unknown},
		{"all of the needed hits", measure.Metric{Kind: measure.AtLeast, Target: n(1), Mode: measure.HitRatio, Need: n(0.5)}, 0.5, n(1), n(1)},
		{"half of the needed hits", measure.Metric{Kind: measure.AtLeast, Target: n(1), Mode: measure.HitRatio, Need: n(0.5)}, 0.25, n(0.5), n(0)},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw, known := c.metric.Raw(n(c.v)).Value()
			want, ought := c.raw.Value()
			require.Equal(t, ought, known)
			require.InDelta(t, want, raw, 1e-12)
			require.Equal(t, c.hit, c.metric.Met(n(c.v)))
		})
	}
}

func TestAMetricComesBackFromJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := aMetric(t)
		m.Digits = rapid.SampledFrom([]measure.Number{{}, measure.N(0), measure.N(3)}).Draw(t, "digits")
		b, err := json.Marshal(m)
		require.NoError(t, err)
		var back measure.Metric
		require.NoError(t, json.Unmarshal(b, &back))
		require.Equal(t, m, back)
		require.True(t, m.Equal(back))
		require.True(t, m.Equal(m.Clone()))
		again, err := json.Marshal(back)
		require.NoError(t, err)
		require.Equal(t, string(b), string(again))
	})
	b, err := json.Marshal(struct {
		Metric measure.Metric `json:"metric,omitzero"`
	}{})
	require.NoError(t, err)
	require.JSONEq(t, `{}`, string(b))
	require.True(t, measure.Metric{Points: []measure.Point{}}.IsZero())
}

func TestACloneSharesNothing(t *testing.T) {
	m := measure.Metric{Kind: measure.Points, Points: []measure.Point{{0, 0}, {1, 1}}}
	c := m.Clone()
	c.Points[0].Value = 5
	require.Equal(t, 0.0, m.Points[0].Value)
	require.False(t, m.Equal(c))
}

func TestFinished(t *testing.T) {
	m := measure.Metric{Kind: measure.Milestones, Milestones: []measure.Milestone{
		{Key: "draft", Weight: measure.N(1)}, {Key: "signed", Weight: measure.N(3)}, {Key: "party", Weight: measure.N(0)}, {Key: "plain"},
	}}
	for _, c := range []struct {
		keys []string
		want float64
	}{{nil, 0}, {[]string{"signed"}, 0.6}, {[]string{"party"}, 0}, {[]string{"draft", "signed", "plain"}, 1}, {[]string{"draft", "draft"}, 0.2}} {
		got, err := m.Finished(c.keys...)
		require.NoError(t, err)
		require.Equal(t, measure.N(c.want), got)
	}
	_, err := m.Finished("moon")
	require.ErrorContains(t, err, `"moon" is not a milestone`)
	none, err := measure.Metric{}.Finished()
	require.NoError(t, err)
	require.Equal(t, unknown, none)
}

func TestMissingIsNamed(t *testing.T) {
	require.Equal(t, []string{"metric.kind"}, measure.Metric{}.Missing())
	require.Equal(t, []string{"metric.target"}, metric(measure.Increase, measure.N(1), unknown).Missing())
	require.Equal(t, []string{"metric.low", "metric.high"}, metric(measure.Between, unknown, unknown).Missing())
	require.Equal(t, []string{"metric.baseline", "metric.target", "metric.stretch"}, metric(measure.CommitTargetStretch, unknown, unknown).Missing())
	require.True(t, metric(measure.YesNo, unknown, unknown).Decidable())
	rapid.Check(t, func(t *rapid.T) {
		m := aMetric(t)
		require.Equal(t, m.Kind != measure.Baseline, m.Decidable(), m)
	})
}

func TestReadingsOfAnotherRulerAreNamed(t *testing.T) {
	n := measure.N
	euro := measure.Metric{Kind: measure.Increase, Unit: "EUR", Baseline: n(0), Target: n(10)}
	moved := euro.Clone()
	moved.Target, moved.Kind = n(20), measure.AtLeast
	require.Empty(t, euro.Incomparable(moved), "the goal moves, the ruler stays")
	require.Empty(t, measure.Metric{}.Incomparable(euro))
	dollar := euro.Clone()
	dollar.Unit = "USD"
	require.Equal(t, "metric.unit", euro.Incomparable(dollar)[0].Field)
	require.Contains(t, euro.Incomparable(dollar)[0].Remedy, `"EUR"`)
	require.Equal(t, "metric.kind", euro.Incomparable(metric(measure.YesNo, unknown, unknown))[0].Field)
	require.Equal(t, "metric.kind", metric(measure.Zones, unknown, unknown).Incomparable(metric(measure.Milestones, unknown, unknown))[0].Field)
	hits := measure.Metric{Kind: measure.AtMost, Target: n(2), Mode: measure.HitRatio}
	require.Equal(t, n(1), hits.Holds(n(2)), "one reading, whatever the mode")
	require.Equal(t, n(0), hits.Holds(n(3)))
}
