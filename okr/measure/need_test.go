package measure_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr/measure"
)

func TestNeeded(t *testing.T) {
	n := measure.N
	in := input(n(24), 50) // 0 to 100 in a hundred days
	need := measure.Needed(&in, in.Today.AddDays(5))
	require.Equal(t, n(40), need.Today)
	require.InDelta(t, 45, need.Then.Or(0), 1e-9)
	require.InDelta(t, 21, need.Missing.Or(0), 1e-9)
	require.InDelta(t, 76.0/50*7, need.PerWeek.Or(0), 1e-9)
	require.Empty(t, need.Reason)

	in.Metric = metric(measure.Decrease, n(100), n(0))
	in.Latest.Value = n(76)
	need = measure.Needed(&in, in.Today.AddDays(5))
	require.Equal(t, n(60), need.Today)
	require.InDelta(t, -21, need.Missing.Or(0), 1e-9)
	require.InDelta(t, -76.0/50*7, need.PerWeek.Or(0), 1e-9)

	in.Latest.Value = n(-5)
	need = measure.Needed(&in, in.Today.AddDays(5))
	require.Equal(t, n(0), need.Missing, "it is further than it has to be")
	require.Equal(t, n(0), need.PerWeek)

	in.Metric = metric(measure.Below, unknown, n(2))
	in.Latest.Value = n(3)
	need = measure.Needed(&in, in.Today.AddDays(5))
	require.Equal(t, measure.Need{Today: n(2), On: in.Today.AddDays(5), Then: n(2), Missing: n(-1), PerWeek: n(-1.0 / 50 * 7), Strict: true}, need)

	in.Metric = measure.Metric{Kind: measure.Zones, Zones: []measure.Zone{{measure.LevelTarget, "x"}}}
	in.Latest.Value = n(0)
	require.Equal(t, "nothing is expected yet", measure.Needed(&in, in.Today).Reason)
	require.Equal(t, n(2), measure.Needed(&in, in.Last).Then)

	in.Metric = metric(measure.Baseline, unknown, unknown)
	require.Equal(t, "the metric does not say where it shall end", measure.Needed(&in, in.Today).Reason)
	in = input(n(24), 50)
	in.Last = measure.Date{}
	require.Equal(t, "nobody says by when", measure.Needed(&in, in.Today).Reason)
}

// What is needed, once there, is on track.
func TestWhatIsNeededIsOnTrack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, _ := anInput(t)
		in.Closed, in.Paused, in.Override, in.Ruling = false, false, measure.Override{}, measure.Ruling{}
		if in.Metric.Mode == measure.HitRatio {
			in.Metric.Mode, in.Metric.Need = "", measure.Number{}
		}
		need := measure.Needed(&in, in.Today)
		require.True(t, need.Today.Equal(need.Then))
		v, ok := need.Today.Value()
		if !ok {
			return
		}
		if need.Strict {
			way := 0.001
			if in.Metric.Kind == measure.Below {
				way = -way
			}
			v += way
		}
		in.Metric.Mode = ""
		in.Latest = measure.Reading{ID: "new", Value: measure.N(v), At: in.Now.Add(-time.Minute)}
		r := measure.KeyResult(&in)
		require.Equal(t, measure.OnTrack, r.Status, "%+v %+v", need, r)
	})
}
