package sqlite_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/sqlite"
)

// locks notes how long each transaction that may write was open: nobody else writes
// meanwhile.
type locks struct {
	*sqlite.Store
	mu   sync.Mutex
	held []time.Duration
	rows int
}

func (l *locks) Begin(ctx context.Context, write bool) (okr.Unit, error) {
	u, err := l.Store.Begin(ctx, write)
	if err != nil || !write {
		return u, err
	}
	return &locked{Unit: u, of: l, since: time.Now()}, nil
}

type locked struct {
	okr.Unit
	of    *locks
	outer *locked
	since time.Time
	rows  int
	ended bool
}

func (u *locked) Nested(ctx context.Context) (okr.Unit, error) {
	in, err := u.Unit.Nested(ctx)
	return &locked{Unit: in, of: u.of, outer: u}, err
}

func (u *locked) Write(ctx context.Context, t okr.TenantID, c okr.Changes) error {
	u.rows += len(c.Standings) + len(c.KeyResults) + len(c.Objectives) + len(c.Entries) + len(c.Look) + len(c.Drop)
	return u.Unit.Write(ctx, t, c)
}

func (u *locked) Commit(ctx context.Context) error {
	err := u.Unit.Commit(ctx)
	if err == nil {
		u.end()
	}
	return err
}

func (u *locked) Rollback(ctx context.Context) error {
	err := u.Unit.Rollback(ctx)
	if !u.ended {
		u.rows = 0
		u.end()
	}
	return err
}

func (u *locked) end() {
	u.ended = true
	if u.outer != nil {
		u.outer.rows += u.rows
		return
	}
	u.of.mu.Lock()
	defer u.of.mu.Unlock()
	u.of.held = append(u.of.held, time.Since(u.since))
	u.of.rows += u.rows
}

// take is what was noted since it was asked last.
func (l *locks) take() (held []time.Duration, rows int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	held, rows, l.held, l.rows = l.held, l.rows, nil, 0
	slices.Sort(held)
	return held, rows
}

// settledTenant writes a tenant of n key results in one cycle of which all is said that
// there is to say on the day.
func settledTenant(b *testing.B, n int, now time.Time) *locks {
	b.Helper()
	s, err := sqlite.Open(bg, filepath.Join(b.TempDir(), "okr.db"))
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	r := rand.New(rand.NewPCG(3, 9))
	start := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	id := func(kind, i int) okr.ID { return okr.ID(fmt.Sprintf("0192f0c0-%04d-7000-8000-%012d", kind, i)) }
	rhythm := &okr.Schedule{Frequency: okr.Monthly, Day: 28}
	company := &okr.Snapshot{Cycles: []okr.Cycle{{
		ID: "c1", Key: "2026-Q4", Name: "Q4", Zone: "UTC", Start: measure.DateOf(start), End: measure.NewDate(2026, 12, 31), Cadence: rhythm, Version: 1,
	}}}
	for i := range max(n/40, 1) {
		company.Teams = append(company.Teams, okr.Team{ID: id(4, i), Name: fmt.Sprint("Team ", i), Version: 1})
	}
	for i := range max(n/4, 1) {
		o := okr.Objective{ID: id(1, i), Cycle: "c1", Key: fmt.Sprint("o", i), Title: "Customers stay", State: okr.Active, Team: company.Teams[i%len(company.Teams)].ID, Version: 1}
		if i >= 10 {
			o.Parents = []okr.Share{{Objective: id(1, i/10)}}
		}
		company.Objectives = append(company.Objectives, o)
	}
	for i := range n {
		at := start.Add(time.Duration(r.IntN(40*24)) * time.Hour)
		company.KeyResults = append(company.KeyResults, okr.KeyResult{
			ID: id(2, i), Cycle: "c1", Objective: id(1, i/4), Key: fmt.Sprint("k", i), Title: "Raise renewals from 0 to 100", State: okr.Active, ActivatedAt: &start,
			Metric:  measure.Metric{Kind: measure.Increase, Unit: "EUR", Baseline: measure.N(0), Target: measure.N(100)},
			Current: measure.N(float64(r.IntN(120))), CurrentAt: &at, Reading: id(3, i), Version: 1,
		})
	}
	company.Sort()
	m := company.MeasureAll(now)
	midnight := measure.DateOf(now).AddDays(1).In(time.UTC)
	write := func(c okr.Changes, refs ...okr.Ref) {
		c.Now, c.Expect = now, map[okr.Ref]int64{}
		for _, ref := range refs {
			c.Expect[ref] = 0
			e := okr.Entry{Event: okr.Event{
				ID: "began-" + string(ref.ID), Type: okr.EventKeyResultActive, Tenant: "acme", Aggregate: ref, Seq: 1, Time: now, Actor: okr.Someone("ana"), Data: []byte("{}"),
			}, Entity: ref, State: []byte("{}"), Wire: []byte("{}")}
			e.Hash = e.Sum()
			c.Entries = append(c.Entries, e)
		}
		u, err := s.Begin(bg, true)
		require.NoError(b, err)
		require.NoError(b, u.Write(bg, "acme", c))
		require.NoError(b, u.Commit(bg))
	}
	var changes okr.Changes
	var refs []okr.Ref
	flush := func(force bool) {
		if len(refs) >= 1000 || force && len(refs) > 0 {
			write(changes, refs...)
			changes, refs = okr.Changes{}, nil
		}
	}
	add := func(kind okr.Kind, id okr.ID, status string, more ...okr.Standing) {
		ref := okr.Ref{Kind: kind, ID: id}
		refs = append(refs, ref)
		if status != "" {
			changes.Standings = append(changes.Standings, okr.Standing{Subject: ref, Kind: "status", Value: status, Since: now})
		}
		changes.Standings = append(changes.Standings, more...)
		flush(false)
	}
	changes.Cycles = company.Cycles
	add(okr.KindCycle, "c1", "", okr.Standing{Subject: okr.Ref{Kind: okr.KindCycle, ID: "c1"}, Kind: "day", Since: now, NextLook: &midnight})
	for _, t := range company.Teams {
		changes.Teams = append(changes.Teams, t)
		add(okr.KindTeam, t.ID, "")
	}
	for i, o := range company.Objectives {
		changes.Objectives = append(changes.Objectives, o)
		add(okr.KindObjective, o.ID, string(m.Objectives[i].Status))
	}
	for i, k := range company.KeyResults {
		changes.KeyResults = append(changes.KeyResults, k)
		ref := okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}
		add(okr.KindKeyResult, k.ID, string(m.KeyResults[i].Status), okr.Standing{Subject: ref, Kind: "forecast", Key: string(k.Reading), Value: "holds", Since: now})
	}
	flush(true)
	// What was written says nothing to anybody.
	_, err = s.DB().ExecContext(bg, "DELETE FROM okr_outbox")
	require.NoError(b, err)
	return &locks{Store: s}
}

// One operation is a change of day, from the first claim to the last row written, by a
// runner: how long it takes, how long it keeps others from writing at a time, and what
// it writes.
func BenchmarkChangeOfDay(b *testing.B) {
	for _, n := range []int{4_000, 40_000, 400_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			now := time.Date(2026, 11, 10, 0, 30, 0, 0, time.UTC)
			s := settledTenant(b, n, now)
			clock := okrtest.NewClock(now)
			desk, err := okr.New(s, okr.Config{Clock: clock.Now, Calendar: cadence.New()})
			require.NoError(b, err)
			runner := cadence.NewRunner(desk)
			var took, longest, median time.Duration
			var rows, subjects int
			days := 0
			for b.Loop() {
				if days++; days > 15 {
					b.Fatal("the cycle has no more days: use -benchtime 10x")
				}
				clock.Set(now.AddDate(0, 0, days))
				s.take()
				subjects = 0
				begin := time.Now()
				for {
					n, err := runner.Once(bg)
					require.NoError(b, err)
					if n == 0 {
						break
					}
					subjects += n
				}
				took = time.Since(begin)
				var held []time.Duration
				held, rows = s.take()
				longest, median = max(longest, held[len(held)-1]), held[len(held)/2]
			}
			b.ReportMetric(took.Seconds(), "s-last")
			b.ReportMetric(float64(longest.Milliseconds()), "longest-lock-ms")
			b.ReportMetric(float64(median.Milliseconds()), "median-lock-ms")
			b.ReportMetric(float64(rows), "rows")
			b.ReportMetric(float64(subjects), "subjects")
		})
	}
}

// One operation is a change of the policy that everybody's schedule inherits.
func BenchmarkSetPolicy(b *testing.B) {
	for _, n := range []int{4_000, 40_000, 400_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			now := time.Date(2026, 11, 10, 0, 30, 0, 0, time.UTC)
			s := settledTenant(b, n, now)
			clock := okrtest.NewClock(now)
			desk, err := okr.New(s, okr.Config{Clock: clock.Now, Calendar: cadence.New()})
			require.NoError(b, err)
			acme := desk.For("acme").As(okr.Someone("ana"))
			for what, change := range map[string]func(*okr.Policy, int){
				"budget":  func(p *okr.Policy, i int) { p.Budget.PerDay = 1 + i },
				"ladder":  func(p *okr.Policy, i int) { p.Ladder = []okr.Rung{{To: okr.ToOwner, After: i}} },
				"cadence": func(p *okr.Policy, i int) { p.Cadence = &okr.Schedule{At: fmt.Sprintf("%02d:%02d", i/60, i%60)} },
			} {
				b.Run(what, func(b *testing.B) {
					i, rows := 0, 0
					var longest time.Duration
					for b.Loop() {
						i++
						p, err := acme.View().Policy(bg)
						require.NoError(b, err)
						change(&p, i%20)
						s.take()
						_, err = acme.SetPolicy(bg, okr.SettingPolicy{Policy: p})
						require.NoError(b, err)
						var held []time.Duration
						held, rows = s.take()
						longest = max(longest, held[len(held)-1])
					}
					b.ReportMetric(float64(longest.Milliseconds()), "longest-lock-ms")
					b.ReportMetric(float64(rows), "rows")
				})
			}
		})
	}
}
