package system_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/rules"
	"github.com/okrkit/okrkit/store/sqlite"
)

// sizes are the numbers of objectives that a benchmark grows through; each has
// four key results. Where a benchmark is only run once, so that it does not rot,
// the large ones are left out: filling them takes longer than all else.
func sizes() []int {
	if f := flag.Lookup("test.benchtime"); f != nil && f.Value.String() == "1x" {
		return []int{100}
	}
	return []int{1_000, 10_000, 100_000}
}

// BenchmarkReadModels reads what leaders and teams look at first, on SQLite, under
// the starter packs: a page costs what it shows, whatever the company's size. All
// is what paging replaces: the whole cycle, loaded and measured.
func BenchmarkReadModels(b *testing.B) {
	for _, n := range sizes() {
		b.Run(fmt.Sprintf("objectives=%d", n), func(b *testing.B) {
			ctx := b.Context()
			st, err := sqlite.Open(ctx, filepath.Join(b.TempDir(), "okr.db"))
			require.NoError(b, err)
			b.Cleanup(func() { require.NoError(b, st.Close()) })
			now := time.Date(2026, 11, 13, 9, 0, 0, 0, time.UTC)
			live, err := rules.Open(audit.Env(1), pack.Starter)
			require.NoError(b, err)
			desk, err := okr.New(st, okr.Config{Judge: audit.New(live), Calendar: cadence.New(), Clock: okrtest.NewClock(now).Now})
			require.NoError(b, err)
			fill(b, st, n, now)
			view := desk.For("acme").As(okr.Someone("p1")).View()

			// One change: what is judged again is the key result and what surrounds it.
			b.Run("check-in", func(b *testing.B) {
				acme := desk.For("acme").As(okr.Someone("p1"))
				for i := 0; b.Loop(); i++ {
					_, err := acme.CheckIn(ctx, okr.CheckIn{KeyResult: okr.ID(fmt.Sprintf("k%06d-%d", i*37%n, i%4)), Value: measure.N(float64(70 + i%20))})
					require.NoError(b, err)
				}
			})
			b.Run("portfolio of 50", func(b *testing.B) {
				size := 0
				for b.Loop() {
					page, err := view.Portfolio(ctx, okr.Portfolio{Cycle: "q4", Limit: 50})
					require.NoError(b, err)
					require.Len(b, page.Items, 50)
					text, err := json.Marshal(page)
					require.NoError(b, err)
					size = len(text)
				}
				b.ReportMetric(float64(size), "bytes/page")
			})
			b.Run("key results, 50", func(b *testing.B) {
				for b.Loop() {
					page, err := view.KeyResults(ctx, okr.Query{Cycle: "q4", Limit: 50})
					require.NoError(b, err)
					require.Len(b, page.Items, 50)
				}
			})
			b.Run("standup", func(b *testing.B) {
				for b.Loop() {
					s, err := view.Standup(ctx, "q4", "t1")
					require.NoError(b, err)
					require.NotEmpty(b, s.KeyResults)
				}
			})
			b.Run("what matters", func(b *testing.B) {
				for b.Loop() {
					_, err := view.Matters(ctx, okr.Matter{Person: "p1"})
					require.NoError(b, err)
				}
			})
			if n > 10_000 {
				return
			}
			b.Run("all, measured", func(b *testing.B) {
				for b.Loop() {
					s, err := view.Snapshot(ctx, "q4")
					require.NoError(b, err)
					require.Len(b, s.Measure(now), 5*n)
				}
			})
		})
	}
}

// fill writes a company of n objectives, 25 to a team of 10 people.
func fill(b *testing.B, st *sqlite.Store, n int, now time.Time) {
	b.Helper()
	ctx := b.Context()
	c := okr.Changes{Expect: map[okr.Ref]int64{}, Now: now}
	events := 0
	entry := func(kind okr.Kind, id okr.ID, state any) {
		raw, err := json.Marshal(state)
		require.NoError(b, err)
		events++
		r := okr.Ref{Kind: kind, ID: id}
		c.Expect[r] = 0
		e := okr.Entry{Entity: r, State: raw, Event: okr.Event{ID: fmt.Sprintf("e%09d", events), Type: okr.EventPrefix + string(kind) + ".created",
			Tenant: "acme", Aggregate: r, Seq: 1, Time: now, Actor: okr.Someone("p1"), Data: []byte(`{}`)}}
		e.Hash = e.Sum()
		c.Entries = append(c.Entries, e)
	}
	flush := func() {
		u, err := st.Begin(ctx, true)
		require.NoError(b, err)
		require.NoError(b, u.Write(ctx, "acme", c))
		require.NoError(b, u.Commit(ctx))
		c = okr.Changes{Expect: map[okr.Ref]int64{}, Now: now}
	}
	cycle := okr.Cycle{ID: "q4", Key: "q4", Name: "Q4", Zone: "Europe/Zurich", Start: measure.NewDate(2026, 10, 1), End: measure.NewDate(2026, 12, 31),
		Cadence: &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday}, Version: 1}
	c.Cycles = append(c.Cycles, cycle)
	entry(okr.KindCycle, "q4", cycle)
	read := now.Add(-20 * time.Hour)
	active := time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)
	for i := range n {
		team := okr.ID(fmt.Sprintf("t%d", i/25))
		if i%25 == 0 {
			t := okr.Team{ID: team, Name: "Team " + string(team), Version: 1}
			c.Teams = append(c.Teams, t)
			entry(okr.KindTeam, team, t)
			for j := range 10 {
				p := okr.Person{ID: okr.ID(fmt.Sprintf("p%d", i/25*10+j)), Name: fmt.Sprintf("Person %d of %s", j, team), Kind: okr.Human, Team: team, Version: 1}
				c.People = append(c.People, p)
				entry(okr.KindPerson, p.ID, p)
			}
		}
		o := okr.Objective{ID: okr.ID(fmt.Sprintf("o%06d", i)), Key: fmt.Sprint(i), Cycle: "q4", Title: "Customers stay with us because they want to", Rank: i%25 + 1,
			Team: team, Owner: okr.ID(fmt.Sprintf("p%d", i/25*10+i%10)), State: okr.Active, Version: 1}
		c.Objectives = append(c.Objectives, o)
		entry(okr.KindObjective, o.ID, o)
		for j := range 4 {
			k := okr.KeyResult{ID: okr.ID(fmt.Sprintf("k%06d-%d", i, j)), Key: fmt.Sprint(j), Cycle: "q4", Objective: o.ID, Title: "Raise renewals from 70 % to 90 %",
				Owner: okr.ID(fmt.Sprintf("p%d", i/25*10+(i+j)%10)), State: okr.Active, ActivatedAt: &active,
				Metric:  measure.Metric{Kind: measure.Increase, Unit: "%", Baseline: measure.N(70), Target: measure.N(90)},
				Source:  &okr.Source{Kind: "manual", Where: "Renewal report", Interval: okr.EveryWeek, Access: []string{"Person 1"}},
				Current: measure.N(70 + float64((i+7*j)%20)), CurrentAt: &read, Version: 1}
			c.KeyResults = append(c.KeyResults, k)
			entry(okr.KindKeyResult, k.ID, k)
		}
		if i%2_000 == 1_999 {
			flush()
		}
	}
	flush()
}
