package cadence_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// company has so many active key results; every one in four follows its team.
func company(n int) *okr.Snapshot {
	s := &okr.Snapshot{Cycles: []okr.Cycle{{
		ID: "q4", Zone: "Europe/Zurich", Start: measure.NewDate(2026, 10, 1), End: measure.NewDate(2026, 12, 31), Cadence: &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday},
	}}}
	own := make([]*okr.Schedule, 20)
	for i := range own {
		own[i] = &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Weekday(i % 5), At: fmt.Sprintf("%02d:00", 8+i/5), Zone: zones[i%len(zones)]}
	}
	for i := range n {
		k := okr.KeyResult{ID: okr.ID(fmt.Sprint("k", i)), Cycle: "q4", State: okr.Active}
		if i%4 != 0 {
			k.Cadence = own[i%len(own)]
		}
		s.KeyResults = append(s.KeyResults, k)
	}
	return s
}

func TestWatchSaysWhatTheCalendarSays(t *testing.T) {
	s := company(200)
	s.KeyResults[7].State = okr.Postponed
	s.KeyResults[8].Cycle = "gone"
	cal := cadence.New()
	at := instant(t, "2026-10-05T06:00:00Z")
	w, err := cal.Watch(s, at)
	require.NoError(t, err)
	asked := make([]int, len(s.KeyResults))
	for ; at.Before(instant(t, "2027-01-02T00:00:00Z")); at = at.Add(7 * time.Hour) {
		for _, i := range w.Due(at, nil) {
			due, ok := w.When(i)
			require.True(t, ok)
			require.False(t, due.After(at))
			asked[i]++
			require.NoError(t, w.Advance(i, at))
		}
		require.Empty(t, w.Due(at, nil))
	}
	for i, k := range s.KeyResults {
		want := 0
		if k.State == okr.Active && k.Cycle == "q4" {
			all, err := cal.Occurrences(*s.CadenceOf(k), s.Cycles[0], instant(t, "2026-10-05T06:00:00Z"), farOff)
			require.NoError(t, err)
			want = len(all)
			require.Greater(t, want, 10)
		}
		require.Equal(t, want, asked[i], i)
		_, more := w.When(i)
		require.False(t, more)
		require.NoError(t, w.Advance(i, at))
	}
	into := make([]int, 0, len(s.KeyResults))
	require.Zero(t, testing.AllocsPerRun(10, func() { into = w.Due(farOff, into[:0]) }))
	s.Cycles[0].Zone = "Mars/Olympus"
	_, err = cal.Watch(s, at)
	require.ErrorIs(t, err, okr.ErrInvalid)
}

// Who is due among 400,000 key results, of whom one in a thousand is: the flat list,
// and the rows as a host would look through them.
func BenchmarkDueAmong400k(b *testing.B) {
	s := company(400_000)
	now := time.Date(2026, 11, 11, 11, 0, 0, 0, time.UTC)
	w, err := cadence.New().Watch(s, now)
	require.NoError(b, err)
	for i := range s.KeyResults {
		if i%1000 != 0 {
			require.NoError(b, w.Advance(i, now.AddDate(0, 0, 14)))
		}
	}
	at := now.AddDate(0, 0, 8)
	type row struct {
		okr.KeyResult
		due time.Time
	}
	rows := make([]row, len(s.KeyResults))
	for i := range rows {
		rows[i].KeyResult = s.KeyResults[i]
		rows[i].due, _ = w.When(i)
	}
	into := w.Due(at, nil)
	require.Len(b, into, 400)
	b.Run("rows", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			into = into[:0]
			for i := range rows {
				if !rows[i].due.After(at) {
					into = append(into, i)
				}
			}
		}
	})
	b.Run("watch", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			into = w.Due(at, into[:0])
		}
	})
	require.Len(b, into, 400)
}
