package cadence_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// What a plan brings along is no news: old check-ins with falling values, falling
// confidence and dead lines long gone wake nobody up, and machines are told that they
// are old.
func TestNoNoticeIsBornOfAnImport(t *testing.T) {
	clock := okrtest.NewClock(time.Date(2026, time.October, 20, 9, 0, 0, 0, time.UTC))
	old := 0
	h := newHouseWith(t, clock, nil, func(p *okr.Plan) {
		for i := range p.Objectives {
			for j := range p.Objectives[i].KeyResults {
				k := &p.Objectives[i].KeyResults[j]
				for n, day := range []int{2, 9, 16} {
					old++
					k.CheckIns = append(k.CheckIns, okr.PlanCheckIn{
						At: time.Date(2026, time.October, day, 13, 0, 0, 0, time.UTC), Confidence: measure.N(float64(9 - 4*n)), Author: "ana", Note: "from the old tool",
					})
					if k.Metric.Baseline.Known() {
						k.CheckIns[n].Value = measure.N(k.Metric.Baseline.Or(0) - float64(n))
					}
				}
			}
		}
	})
	drain(t, cadence.NewRunner(h.desk))
	events := h.events(t)
	require.Empty(t, titles(notices(t, events)))
	told := 0
	for _, e := range events {
		payload, err := e.Payload()
		require.NoError(t, err)
		switch p := payload.(type) {
		case *okr.CheckInRecorded:
			told++
			require.True(t, p.Imported)
		case *okr.ReadingRecorded:
			require.True(t, p.Imported)
		}
	}
	require.Positive(t, old)
	require.Equal(t, old, told)

	checkIn(t, h, "k1")
	for _, e := range h.events(t) {
		payload, err := e.Payload()
		require.NoError(t, err)
		if p, ok := payload.(*okr.CheckInRecorded); ok {
			require.False(t, p.Imported, "this one is news")
			told++
		}
	}
	require.Equal(t, old+1, told)
}
