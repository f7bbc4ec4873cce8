package sqlite_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/store/sqlite"
)

// chronicle is a tenant with a long past: cycles of 1,000 key results each, with
// weekly check-ins of three ledger rows' worth.
type chronicle struct {
	store  *sqlite.Store
	cuts   []okr.Cut // one after each week
	rows   int
	now    time.Time
	id     int
	keys   []okr.KeyResult
	reason map[okr.ID]string
}

const perCycle = 1000

func (c *chronicle) entry(r, entity okr.Ref, seq int64, kind string, state, whole any) okr.Entry {
	encode := func(v any) json.RawMessage {
		if v == nil {
			return nil
		}
		b, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		return b
	}
	c.rows++
	e := okr.Entry{Entity: entity, State: encode(state), Whole: encode(whole), Wire: []byte("{}"), Event: okr.Event{
		ID: fmt.Sprintf("01a10b4a-9680-7005-b32d-%012d", c.rows), Type: okr.EventPrefix + kind, Tenant: "acme", Aggregate: r, Seq: seq,
		Time: c.now, Actor: okr.Someone("ana"), Data: []byte(`{"key_result":"x","value":74,"confidence":6}`),
	}}
	e.Hash = e.Sum()
	return e
}

func (c *chronicle) write(b testing.TB, changes okr.Changes) {
	changes.Now = c.now
	u, err := c.store.Begin(bg, true)
	require.NoError(b, err)
	require.NoError(b, u.Write(bg, "acme", changes))
	require.NoError(b, u.Commit(bg))
}

func newChronicle(b testing.TB, cycles, weeks int) *chronicle {
	b.Helper()
	s, err := sqlite.Open(bg, filepath.Join(b.TempDir(), "okr.db"), sqlite.WithRelaxedDurability())
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	c := &chronicle{store: s, now: time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC), reason: map[okr.ID]string{}}
	for n := range cycles {
		c.begin(b, n)
	}
	for range weeks {
		c.now = c.now.AddDate(0, 0, 7)
		for part := 0; part < len(c.keys); part += 500 {
			c.week(b, c.keys[part:min(part+500, len(c.keys))])
		}
		cut, err := s.Cut(bg, "acme", c.now)
		require.NoError(b, err)
		c.cuts = append(c.cuts, cut)
	}
	return c
}

// begin writes a cycle with its objectives and key results.
func (c *chronicle) begin(b testing.TB, n int) {
	ch := okr.Changes{Expect: map[okr.Ref]int64{}}
	cycle := okr.Cycle{ID: okr.ID(fmt.Sprintf("cycle%03d", n)), Key: fmt.Sprint(n), Name: "Q", Zone: "Europe/Zurich",
		Start: measure.NewDate(2026, 10, 1), End: measure.NewDate(2027, 12, 31), Version: 1}
	ref := okr.Ref{Kind: okr.KindCycle, ID: cycle.ID}
	ch.Cycles, ch.Expect[ref] = []okr.Cycle{cycle}, 0
	ch.Entries = append(ch.Entries, c.entry(ref, ref, 1, "cycle.created", cycle, nil))
	for i := range perCycle {
		objective := okr.ID(fmt.Sprintf("o%03d-%04d", n, i/4))
		if i%4 == 0 {
			o := okr.Objective{ID: objective, Key: string(objective), Cycle: cycle.ID, Title: "Customers stay", State: okr.Active, Team: "sales", Version: 1}
			r := okr.Ref{Kind: okr.KindObjective, ID: o.ID}
			ch.Objectives, ch.Expect[r] = append(ch.Objectives, o), 0
			ch.Entries = append(ch.Entries, c.entry(r, r, 1, "objective.created", o, nil))
		}
		k := okr.KeyResult{ID: okr.ID(fmt.Sprintf("01a10b4a-9680-7005-%04d-%012d", n, i)), Cycle: cycle.ID, Objective: objective, Key: fmt.Sprint(i),
			Title: "Raise renewals from 70 % to 90 %", Owner: okr.ID(fmt.Sprintf("p%d", i%500)), State: okr.Active,
			Definition: "Customers whose contract ended and who signed another within thirty days",
			Metric:     measure.Metric{Kind: measure.Increase, Unit: "%", Baseline: measure.N(70), Target: measure.N(90)},
			Source:     &okr.Source{Kind: "manual", Where: "Renewal report", Interval: okr.EveryWeek, Access: []string{"ana", "ben"}}, Version: 1}
		r := okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}
		own := k
		source := *k.Source
		source.Access = []string{"ana", "ben"}
		own.Source = &source
		for _, s := range []*string{&own.Definition, &source.Where, &source.Access[0], &source.Access[1]} {
			c.id++
			w := okr.Word{ID: fmt.Sprintf("01a10b4a-9680-7007-b32d-%012d", c.id), Entity: r, Field: "f", Salt: []byte("sixteen bytes it"), Text: *s}
			*s = "okr:word:" + w.ID + ":" + w.MAC()
			ch.Words = append(ch.Words, w)
		}
		c.keys = append(c.keys, k)
		ch.KeyResults, ch.Expect[r] = append(ch.KeyResults, k), 0
		ch.Entries = append(ch.Entries, c.entry(r, r, 1, "key_result.created", own, nil))
	}
	c.write(b, ch)
}

// week writes a check-in of each of the key results.
func (c *chronicle) week(b testing.TB, keys []okr.KeyResult) {
	ch := okr.Changes{Expect: map[okr.Ref]int64{}}
	now := c.now
	for i := range keys {
		k := &keys[i]
		r := okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}
		ch.Expect[r] = k.Version
		c.id++
		reading := okr.Reading{ID: okr.ID(fmt.Sprintf("r%012d", c.id)), KeyResult: k.ID, Value: measure.N(74), OccurredAt: now, RecordedAt: now, Source: "checkin"}
		record := okr.CheckInRecord{ID: okr.ID(fmt.Sprintf("c%012d", c.id)), KeyResult: k.ID, Author: okr.Someone("ana"), OccurredAt: now, RecordedAt: now,
			Reading: reading.ID, Value: reading.Value, Confidence: measure.N(6)}
		k.Current, k.CurrentAt, k.Reading, k.LastCheckIn, k.Confidence = reading.Value, &now, reading.ID, &now, record.Confidence
		k.Version += 3
		whole := *k
		whole.Definition = ""
		source := *k.Source
		source.Where, source.Access = "", []string{"", ""}
		whole.Source = &source
		entity := okr.Ref{Kind: okr.KindCheckIn, ID: record.ID}
		ch.Readings, ch.CheckIns, ch.KeyResults = append(ch.Readings, reading), append(ch.CheckIns, record), append(ch.KeyResults, *k)
		ch.Entries = append(ch.Entries, c.entry(r, okr.Ref{Kind: okr.KindReading, ID: reading.ID}, k.Version-2, "reading.recorded", reading, nil),
			c.entry(r, entity, k.Version-1, "checkin.recorded", record, nil), c.entry(r, entity, k.Version, "checkin.late", record, whole))
	}
	c.write(b, ch)
}

// cpu reports the processor time of each round, which says more than the clock
// where the machine has other things to do.
func cpu(b *testing.B, f func()) {
	var before, after syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &before))
	n := 0
	for b.Loop() {
		f()
		n++
	}
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &after))
	spent := time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
	b.ReportMetric(float64(spent.Microseconds())/float64(n)/1000, "cpu-ms/op")
}

// BenchmarkPast reads a tenant with a long ledger as it was half-way: one key
// result, and a cycle of 1,000, beside the live view and beside the fold of all
// events that a ledger without an index would need.
func BenchmarkPast(b *testing.B) {
	for _, size := range []struct{ cycles, weeks int }{{2, 16}, {20, 16}} {
		c := newChronicle(b, size.cycles, size.weeks)
		name := fmt.Sprintf("rows=%d", c.rows)
		desk, err := okr.New(c.store, okr.Config{Clock: func() time.Time { return c.now }})
		require.NoError(b, err)
		cut := c.cuts[len(c.cuts)/2]
		acme := desk.For("acme")
		k := c.keys[len(c.keys)/2]
		views := []struct {
			name string
			okr.View
		}{{"now", acme.View()}, {"past", acme.AsOf(cut)}}
		for _, v := range views {
			b.Run(name+"/key_result/"+v.name, func(b *testing.B) {
				cpu(b, func() {
					page, err := v.KeyResults(bg, okr.Query{Objective: k.Objective, Limit: 1})
					require.NoError(b, err)
					require.Len(b, page.Items, 1)
				})
			})
		}
		for _, v := range views {
			b.Run(name+"/cycle/"+v.name, func(b *testing.B) {
				cpu(b, func() {
					tree, err := v.Tree(bg, k.Cycle)
					require.NoError(b, err)
					require.Len(b, tree.Objectives, perCycle/4)
				})
			})
		}
		b.Run(name+"/cycle/fold", func(b *testing.B) {
			db := c.store.DB()
			cpu(b, func() {
				rows, err := db.QueryContext(bg, `SELECT l.entity_kind, l.entity, l.state FROM okr_seal s JOIN okr_ledger l ON l.event = s.event AND l.tenant = s.tenant
					WHERE s.tenant = 'acme' AND s.pos <= ? ORDER BY s.pos`, cut.Position)
				require.NoError(b, err)
				n := 0
				last := map[okr.Ref]any{}
				for rows.Next() {
					var ref okr.Ref
					var state []byte
					require.NoError(b, rows.Scan(&ref.Kind, &ref.ID, &state))
					var row any
					switch ref.Kind {
					case okr.KindKeyResult:
						row = &okr.KeyResult{}
					case okr.KindReading:
						row = &okr.Reading{}
					case okr.KindCheckIn:
						row = &okr.CheckInRecord{}
					default:
						row = &map[string]any{}
					}
					require.NoError(b, json.Unmarshal(state, row))
					last[ref] = row
					n++
				}
				require.NoError(b, rows.Err())
				require.NoError(b, rows.Close())
				require.EqualValues(b, cut.Position, n)
			})
		})
	}
}
