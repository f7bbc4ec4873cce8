package sqlite_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/store/sqlite"
)

// durable is an empty store that syncs at every commit.
func durable(b *testing.B) *sqlite.Store {
	b.Helper()
	s, err := sqlite.Open(bg, filepath.Join(b.TempDir(), "okr.db"))
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	return s
}

// BenchmarkFsync is the floor: append a kilobyte, and sync it.
func BenchmarkFsync(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "log"))
	require.NoError(b, err)
	defer f.Close()
	kb := make([]byte, 1024)
	for b.Loop() {
		_, err := f.Write(kb)
		require.NoError(b, err)
		require.NoError(b, f.Sync())
	}
}

// writer makes the changes of check-ins to many key results.
type writer struct {
	key  []okr.KeyResult
	n    int
	wire []byte
}

func newWriter(b *testing.B, s *sqlite.Store, keyResults int) *writer {
	b.Helper()
	w := &writer{wire: make([]byte, 600)}
	var c okr.Changes
	c.Expect = map[okr.Ref]int64{}
	now := time.Date(2026, 10, 9, 9, 0, 0, 0, time.UTC)
	for i := range keyResults {
		k := okr.KeyResult{ID: okr.ID(fmt.Sprintf("01a10b4a-9680-7005-b32d-%012d", i)), Cycle: "q4", Objective: okr.ID(fmt.Sprintf("o%06d", i/4)), Key: fmt.Sprint(i),
			Title: "Raise renewals from 70 % to 90 %", Owner: okr.ID(fmt.Sprintf("p%d", i%500)), State: okr.Active,
			Metric: measure.Metric{Kind: measure.Increase, Unit: "%", Baseline: measure.N(70), Target: measure.N(90)},
			Source: &okr.Source{Kind: "manual", Where: "Renewal report", Interval: okr.EveryWeek, Access: []string{"ana", "ben"}}, Version: 1}
		w.key = append(w.key, k)
		c.KeyResults = append(c.KeyResults, k)
		r := okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}
		c.Expect[r] = 0
		c.Entries = append(c.Entries, w.entry(r, 1, now, k))
	}
	u, err := s.Begin(bg, true)
	require.NoError(b, err)
	require.NoError(b, u.Write(bg, "acme", c))
	require.NoError(b, u.Commit(bg))
	return w
}

func (w *writer) entry(r okr.Ref, seq int64, at time.Time, state any) okr.Entry {
	w.n++
	raw, err := json.Marshal(state)
	if err != nil {
		panic(err)
	}
	e := okr.Entry{Entity: r, State: raw, Wire: w.wire, Event: okr.Event{ID: fmt.Sprintf("01a10b4a-9680-7005-b32d-%012d", w.n), Type: okr.EventCheckInRecorded,
		Tenant: "acme", Aggregate: r, Seq: seq, Time: at, Actor: okr.Someone("ana"), Data: []byte(`{"key_result":"x","value":74,"confidence":6}`)}}
	e.Hash = e.Sum()
	return e
}

// checkIns are the changes of check-ins to the next n key results: a reading, a
// check-in, the current value, a standing and two events each.
func (w *writer) checkIns(n int) okr.Changes {
	c := okr.Changes{Expect: map[okr.Ref]int64{}, Now: time.Date(2026, 10, 9, 9, 0, 0, 0, time.UTC).Add(time.Duration(w.n) * time.Millisecond)}
	for i := range n {
		k := &w.key[(w.n+i*7919)%len(w.key)]
		r := okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}
		if _, twice := c.Expect[r]; twice {
			continue
		}
		c.Expect[r] = k.Version
		id := fmt.Sprintf("01a10b4a-9680-7006-b32d-%012d", w.n)
		reading := okr.Reading{ID: okr.ID("r" + id), KeyResult: k.ID, Value: measure.N(74), OccurredAt: c.Now, RecordedAt: c.Now, Source: "checkin"}
		record := okr.CheckInRecord{ID: okr.ID("c" + id), KeyResult: k.ID, Author: okr.Someone("ana"), OccurredAt: c.Now, RecordedAt: c.Now, Reading: reading.ID,
			Value: reading.Value, Confidence: measure.N(6), Stated: measure.OnTrack, Note: "Two customers signed, one is in doubt."}
		c.Readings = append(c.Readings, reading)
		c.CheckIns = append(c.CheckIns, record)
		c.Entries = append(c.Entries, w.entry(r, k.Version+1, c.Now, reading), w.entry(r, k.Version+2, c.Now, record))
		k.Version += 2
		k.Current, k.CurrentAt, k.Reading, k.LastCheckIn = reading.Value, &c.Now, reading.ID, &c.Now
		c.KeyResults = append(c.KeyResults, *k)
		c.Standings = append(c.Standings, okr.Standing{Subject: r, Kind: "status", Value: "on_track", Since: c.Now, NextLook: &c.Now})
	}
	return c
}

// BenchmarkCheckIn writes one check-in, durably.
func BenchmarkCheckIn(b *testing.B) {
	for _, batch := range []int{1, 100} {
		b.Run(fmt.Sprintf("%d in a transaction", batch), func(b *testing.B) {
			s := durable(b)
			w := newWriter(b, s, 5000)
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				c := w.checkIns(batch)
				n += len(c.CheckIns)
				u, err := s.Begin(bg, true)
				require.NoError(b, err)
				require.NoError(b, u.Write(bg, "acme", c))
				require.NoError(b, u.Commit(bg))
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n), "µs/check-in")
		})
	}
}

// BenchmarkLoad reads what a check-in needs.
func BenchmarkLoad(b *testing.B) {
	s := durable(b)
	acme, ids := planned(b, s, october())
	for i := range 30 {
		_, err := acme.CheckIn(bg, okr.CheckIn{KeyResult: ids[0], Confidence: measure.N(float64(i % 10))})
		require.NoError(b, err)
	}
	b.ReportAllocs()
	for b.Loop() {
		u, err := s.Begin(bg, false)
		require.NoError(b, err)
		_, err = u.Load(bg, "acme", okr.Need{Refs: []okr.Ref{{Kind: okr.KindKeyResult, ID: ids[0]}}, Collections: okr.Collections{Readings: 8, CheckIns: 4, Blockers: true, Standings: true}})
		require.NoError(b, err)
		require.NoError(b, u.Rollback(bg))
	}
}

// BenchmarkDesk takes whole check-ins, without rules.
func BenchmarkDesk(b *testing.B) {
	s := durable(b)
	clock := october()
	acme, ids := planned(b, s, clock)
	b.ReportAllocs()
	for b.Loop() {
		clock.Advance(time.Second)
		_, err := acme.CheckIn(bg, okr.CheckIn{KeyResult: ids[0], Value: measure.N(74), Confidence: measure.N(6), Note: "well"})
		require.NoError(b, err)
	}
}

// BenchmarkOutbox claims and marks 500 events at a time.
func BenchmarkOutbox(b *testing.B) {
	s := durable(b)
	w := newWriter(b, s, 20_000)
	now := time.Now()
	n := 0
	for b.Loop() {
		out, err := s.ClaimOutgoing(bg, now, time.Minute, 500)
		require.NoError(b, err)
		var ids []string
		for _, o := range out {
			ids = append(ids, o.ID)
		}
		require.NoError(b, s.MarkPublished(bg, ids))
		if n += len(ids); len(ids) < 500 {
			b.StopTimer()
			u, err := s.Begin(bg, true)
			require.NoError(b, err)
			require.NoError(b, u.Write(bg, "acme", w.checkIns(5000)))
			require.NoError(b, u.Commit(bg))
			b.StartTimer()
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n), "µs/event")
}

// BenchmarkCallers writes check-ins one in a transaction from many callers at
// once; the syncs are shared.
func BenchmarkCallers(b *testing.B) {
	for _, callers := range []int{1, 8, 64} {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			s := durable(b)
			w := newWriter(b, s, 5000)
			var all []okr.Changes
			for range b.N {
				all = append(all, w.checkIns(1))
			}
			next := make(chan okr.Changes)
			b.ResetTimer()
			var wg sync.WaitGroup
			for range callers {
				wg.Add(1)
				go func() {
					defer wg.Done()
					for c := range next {
						u, err := s.Begin(bg, true)
						if err == nil {
							err = errors.Join(u.Write(bg, "acme", c), u.Commit(bg))
						}
						if err != nil {
							b.Error(err)
						}
					}
				}()
			}
			for _, c := range all {
				next <- c
			}
			close(next)
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "check-ins/s")
		})
	}
}
