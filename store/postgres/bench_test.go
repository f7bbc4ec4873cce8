package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// BenchmarkCheckIn compares a whole check-in, by a desk without rules, with the
// least that a host would do by hand: begin, three statements, commit.
func BenchmarkCheckIn(b *testing.B) {
	for _, writers := range []int{1, 8} {
		b.Run(fmt.Sprintf("by hand/%d", writers), func(b *testing.B) {
			o := databases.take(b)
			_, err := o.pool.Exec(bg, `DROP TABLE IF EXISTS hand; DROP TABLE IF EXISTS hand_checkin; DROP TABLE IF EXISTS hand_outbox;
				CREATE TABLE hand (id bigint PRIMARY KEY, current double precision); CREATE TABLE hand_checkin (kr bigint, at bigint, v double precision, PRIMARY KEY (kr, at));
				CREATE TABLE hand_outbox (id text PRIMARY KEY, wire bytea); INSERT INTO hand SELECT n, 0 FROM generate_series(0, 999) n`)
			require.NoError(b, err)
			wire := make([]byte, 600)
			work(b, writers, func(i int) error {
				tx, err := o.pool.Begin(bg)
				if err != nil {
					return err
				}
				defer tx.Rollback(bg) //nolint:errcheck // after the commit it does nothing
				if _, err := tx.Exec(bg, "INSERT INTO hand_checkin VALUES ($1, $2, 5)", i%1000, i); err != nil {
					return err
				}
				if _, err := tx.Exec(bg, "UPDATE hand SET current = 5 WHERE id = $1", i%1000); err != nil {
					return err
				}
				if _, err := tx.Exec(bg, "INSERT INTO hand_outbox VALUES ($1, $2)", fmt.Sprint(i), wire); err != nil {
					return err
				}
				return tx.Commit(bg)
			})
		})
		b.Run(fmt.Sprintf("desk/%d", writers), func(b *testing.B) {
			o := databases.take(b)
			plan := okr.Plan{Cycle: okr.PlanCycle{Key: "2026-Q4", Name: "Q4", Start: measure.NewDate(2026, 10, 1), End: measure.NewDate(2026, 12, 31)}}
			for i := range 50 {
				p := okr.PlanObjective{Key: fmt.Sprint("o", i), Title: fmt.Sprint("Objective ", i)}
				for j := range 4 {
					p.KeyResults = append(p.KeyResults, okr.PlanKeyResult{Key: fmt.Sprint("k", j), Title: fmt.Sprint("Key result ", j),
						Metric: measure.Metric{Kind: measure.Increase, Baseline: measure.N(0), Target: measure.N(100)}})
				}
				plan.Objectives = append(plan.Objectives, p)
			}
			now := time.Date(2026, time.October, 9, 9, 0, 0, 0, time.UTC)
			desk, err := okr.New(o, okr.Config{Clock: func() time.Time { return now }})
			require.NoError(b, err)
			acme := desk.For("acme").As(okr.Someone("ana"))
			_, err = acme.Propose(bg, plan)
			require.NoError(b, err)
			cycles, err := acme.View().Cycles(bg)
			require.NoError(b, err)
			_, err = acme.Activate(bg, okr.Activation{Cycle: cycles[0].ID})
			require.NoError(b, err)
			page, err := acme.View().KeyResults(bg, okr.Query{Limit: 200})
			require.NoError(b, err)
			work(b, writers, func(i int) error {
				_, err := acme.CheckIn(bg, okr.CheckIn{KeyResult: page.Items[i%len(page.Items)].ID, Value: measure.N(54), Confidence: measure.N(6)})
				return err
			})
		})
	}
}

// work runs f b.N times from several writers.
func work(b *testing.B, writers int, f func(i int) error) {
	b.Helper()
	next := make(chan int)
	done := make(chan error, writers)
	b.ResetTimer()
	for range writers {
		go func() {
			var first error
			for i := range next {
				if err := f(i); err != nil && first == nil {
					first = err
				}
			}
			done <- first
		}()
	}
	for i := range b.N {
		next <- i
	}
	close(next)
	for range writers {
		require.NoError(b, <-done)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "check-ins/s")
}
