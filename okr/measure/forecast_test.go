package measure_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr/measure"
)

// weekly are readings of the last weeks, the newest a day old.
func weekly(in measure.Input, values ...float64) []measure.Reading {
	var out []measure.Reading
	for i, v := range values {
		out = append(out, measure.Reading{ID: fmt.Sprint("r", i), Value: measure.N(v), At: in.Now.AddDate(0, 0, -1-7*(len(values)-1-i))})
	}
	return out
}

func TestForecast(t *testing.T) {
	in := input(unknown, 50)
	t.Run("a straight line goes on", func(t *testing.T) {
		f := measure.Forecasted(&in, weekly(in, 7, 14, 21, 28, 35, 42, 49))
		require.InDelta(t, 100, f.Value.Or(0), 1e-9) // a day ago 49, then one a day for 51 days
		require.InDelta(t, 100, f.Low.Or(0), 1e-9)
		require.InDelta(t, 7, f.PerWeek.Or(0), 1e-9)
		require.Equal(t, 7, f.Readings)
		require.Equal(t, in.Last, f.On)
	})
	t.Run("one wild reading does not bend it", func(t *testing.T) {
		f := measure.Forecasted(&in, weekly(in, 7, 14, 21, 900, 35, 42, 49))
		require.InDelta(t, 100, f.Value.Or(0), 5)
	})
	t.Run("far ahead even at the worse end", func(t *testing.T) {
		f := measure.Forecasted(&in, weekly(in, 10, 22, 30, 41, 52, 60))
		require.Equal(t, measure.OnTrack, f.Status)
		require.Equal(t, measure.N(1), f.Progress)
	})
	t.Run("perhaps", func(t *testing.T) {
		f := measure.Forecasted(&in, weekly(in, 5, 30, 20, 45, 40, 52))
		require.Equal(t, measure.AtRisk, f.Status)
		require.Less(t, f.Low.Or(0), 100.0)
		require.Greater(t, f.High.Or(0), 100.0)
	})
	t.Run("it will not do", func(t *testing.T) {
		require.Equal(t, measure.OffTrack, measure.Forecasted(&in, weekly(in, 1, 2, 3, 4)).Status)
	})
	t.Run("a decrease", func(t *testing.T) {
		down := in
		down.Metric = metric(measure.Decrease, measure.N(100), measure.N(0))
		require.Equal(t, measure.OnTrack, measure.Forecasted(&down, weekly(in, 90, 78, 70, 59, 48, 40)).Status)
	})
	t.Run("a share stays one", func(t *testing.T) {
		m := in
		m.Metric = metric(measure.Milestones, unknown, unknown)
		f := measure.Forecasted(&m, weekly(in, 0.2, 0.5, 0.8))
		require.Equal(t, measure.N(1), f.Value)
		require.Equal(t, measure.OnTrack, f.Status)
	})
	t.Run("a sum grows by its readings", func(t *testing.T) {
		s := in
		s.Metric.Mode = measure.Sum
		f := measure.Forecasted(&s, weekly(in, 7, 7, 7, 7, 7))
		require.InDelta(t, 35+51, f.Value.Or(0), 1e-9)
	})
	for _, c := range []struct {
		name     string
		kind     measure.Kind
		today    int
		readings []float64
		reason   string
	}{
		{"two readings", measure.Increase, 0, []float64{1, 2}, "2 readings are no trend: it takes 3"},
		{"yes or no", measure.YesNo, 0, []float64{0, 0, 1}, "there is no line from one answer to the next"},
		{"too late", measure.Increase, 60, []float64{1, 2, 3}, "the last day has passed"},
		{"baseline", measure.Baseline, 0, []float64{1, 2, 3}, "the metric does not say what would be a hit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := in
			x.Metric.Kind = c.kind
			x.Today = x.Today.AddDays(c.today)
			f := measure.Forecasted(&x, weekly(in, c.readings...))
			require.Equal(t, measure.Unknown, f.Status)
			require.Equal(t, c.reason, f.Reason)
		})
	}
	t.Run("three of one day", func(t *testing.T) {
		rs := weekly(in, 1, 2, 3)
		for i := range rs {
			rs[i].At = in.Now.Add(-time.Duration(i) * time.Minute)
		}
		f := measure.Forecasted(&in, rs)
		require.Equal(t, "all readings are of one day", f.Reason)
		require.Equal(t, unknown, f.Value)
	})
}

func TestAForecastIsFiniteAndInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, readings := anInput(t)
		f := measure.Forecasted(&in, readings)
		shuffled := rapid.Permutation(readings).Draw(t, "shuffled")
		if !f.Value.Known() {
			require.Equal(t, measure.Unknown, f.Status)
			require.NotEmpty(t, f.Reason)
			return
		}
		require.True(t, f.Value.Finite() && f.Low.Finite() && f.High.Finite())
		require.LessOrEqual(t, f.Low.Or(0), f.Value.Or(0))
		require.LessOrEqual(t, f.Value.Or(0), f.High.Or(0))
		require.GreaterOrEqual(t, f.Readings, 3)
		if distinct(readings) {
			require.Equal(t, f, measure.Forecasted(&in, shuffled), "the order of the list does not matter")
		}
	})
}

func distinct(rs []measure.Reading) bool {
	seen := map[time.Time]bool{}
	for _, r := range rs {
		if seen[r.At] {
			return false
		}
		seen[r.At] = true
	}
	return true
}
