package okr_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

func TestAMissIsForeseenOnceWhileItIsOnTrack(t *testing.T) {
	h := running(t, okr.Config{})
	settle(t, h)
	told := 0
	week := func(d int, v float64) {
		h.clock.Set(day(time.October, d, 9))
		h.record(t, "k1", okr.Measurement{Value: measure.N(v)})
		for _, e := range settle(t, h).Events {
			if e.Type != okr.EventForecastMiss {
				continue
			}
			told++
			require.Equal(t, measure.OnTrack, h.keyResult(t, "k1").Measured.Status, "there is still time")
			p, err := e.Payload()
			require.NoError(t, err)
			f := p.(*okr.ForecastMissed)
			require.Equal(t, measure.NewDate(2026, time.December, 31), f.On)
			high, _ := f.High.Value()
			require.Less(t, high, 90.0, "not even the better end is a hit")
			require.Equal(t, okr.ID("ana"), f.Owner)
		}
	}
	week(2, 78)
	week(9, 78)
	require.Zero(t, told, "two readings are no trend")
	week(16, 78)
	require.Equal(t, 1, told)
	week(17, 78)
	week(18, 78)
	settle(t, h)
	require.Equal(t, 1, told, "it is said once")
	for i := range 8 {
		week(20+i, 79+float64(i)/2)
	}
	require.Equal(t, 1, told, "it is better now")
	for i := range 12 {
		h.clock.Set(day(time.October, 28, 9+i))
		h.record(t, "k1", okr.Measurement{Value: measure.N(78)})
	}
	week(29, 77)
	require.Equal(t, 2, told, "and worse again")
}

func TestWhatIsNeededStandsInTheView(t *testing.T) {
	h := running(t, okr.Config{})
	h.clock.Set(day(time.November, 1, 9))
	h.record(t, "k1", okr.Measurement{Value: measure.N(70)})
	need := h.keyResult(t, "k1").Need
	require.NotNil(t, need)
	require.Equal(t, measure.NewDate(2026, time.November, 6), need.On, "the next check-in is on Friday")
	then, ok := need.Then.Value()
	require.True(t, ok)
	require.InDelta(t, 70+20*(36.0/91-0.1), then, 1e-9, "no more than ten points behind")
	h.clock.Set(day(time.November, 6, 9))
	h.record(t, "k1", okr.Measurement{Value: measure.N(then)})
	require.Equal(t, measure.OnTrack, h.keyResult(t, "k1").Measured.Status, "what was needed was enough")

	tree := h.tree(t, h.cycle(t).ID)
	at := slices.IndexFunc(tree.Objectives[0].KeyResults, func(k okr.KeyResultView) bool { return k.Key == "k1" })
	require.Equal(t, h.keyResult(t, "k1").Need, tree.Objectives[0].KeyResults[at].Need)
}
