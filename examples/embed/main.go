// Command embed is a host in one file: a store, a bus, rules, a desk, and three
// things that run. Its own table lies beside okrkit's, and a check-in commits or
// rolls back with its own rows.
//
//	go run ./examples/embed
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/nats/embedded"
	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/rules"
	"github.com/okrkit/okrkit/store/outbox"
	"github.com/okrkit/okrkit/store/sqlite"
)

func main() {
	dir, err := os.MkdirTemp("", "okr")
	if err == nil {
		err = embed(context.Background(), dir, os.Stdout)
		err = errors.Join(err, os.RemoveAll(dir))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func embed(ctx context.Context, dir string, out io.Writer) (err error) {
	db, err := sqlite.Open(ctx, filepath.Join(dir, "host.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	bus, err := embedded.Start(ctx, filepath.Join(dir, "events"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bus.Close()) }()
	live, err := rules.Open(audit.Env(1), pack.Starter)
	if err != nil {
		return err
	}
	desk, err := okr.New(db, okr.Config{Judge: audit.New(live), Calendar: cadence.New(), Clock: today})
	if err != nil {
		return err
	}

	// What the host is told of. It hangs on events, never on the call.
	told := make(chan okr.Event, 1)
	router := adapters.NewRouter(bus, adapters.Config{Inbox: db, DeadLetters: db})
	router.Add(adapters.Func("host", func(_ context.Context, d adapters.Delivery) error {
		told <- d.Event
		return nil
	}), adapters.Only(okr.EventCheckInRecorded), adapters.FromStart())

	relay := outbox.NewRelay(db, bus)
	runCtx, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	for _, run := range []func(context.Context) error{relay.Run, cadence.NewRunner(desk).Run, router.Run} {
		running.Go(func() {
			if rerr := run(runCtx); rerr != nil && !errors.Is(rerr, context.Canceled) {
				fmt.Fprintln(out, "stopped:", rerr)
			}
		})
	}
	defer running.Wait()
	defer stop()

	acme := desk.For("acme").As(okr.Someone("u-17")) // the host's own ids of tenant and person
	kr, err := setUp(ctx, acme)
	if err != nil {
		return err
	}

	// The host's own table, and the host's own transaction.
	if _, err := db.DB().ExecContext(ctx, `CREATE TABLE timesheet (hours REAL NOT NULL)`); err != nil {
		return err
	}
	spend := func(value float64, commit bool) error {
		tx, err := db.DB().BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
		if _, err := tx.ExecContext(ctx, `INSERT INTO timesheet (hours) VALUES (2.5)`); err != nil {
			return err
		}
		if _, err := acme.In(db.Wrap(tx)).CheckIn(ctx, okr.CheckIn{KeyResult: kr, Value: measure.N(value), Stated: measure.OnTrack}); err != nil {
			return err
		}
		if !commit {
			return nil
		}
		defer relay.Wake()
		return tx.Commit()
	}
	if err := spend(99, false); err != nil { // rolled back: neither row nor event
		return err
	}
	if err := spend(78, true); err != nil {
		return err
	}

	var hours float64
	if err := db.DB().QueryRowContext(ctx, `SELECT sum(hours) FROM timesheet`).Scan(&hours); err != nil {
		return err
	}
	select {
	case e := <-told:
		payload, err := e.Payload()
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s told the host of %s by %s: %v\n", e.Tenant, e.Type, e.Actor.ID, payload.(*okr.CheckInRecorded).Value)
	case <-time.After(time.Minute):
		return errors.New("no event arrived within a minute")
	}
	page, err := acme.View().KeyResults(ctx, okr.Query{})
	if err != nil {
		return err
	}
	for _, k := range page.Items {
		fmt.Fprintf(out, "%s: %v of the way, %s; %v hours booked\n", k.Title, k.Measured.Progress, k.Measured.Status, hours)
	}
	return nil
}

// today stands still, so that the example prints the same every day. A host
// leaves okr.Config.Clock out.
func today() time.Time { return time.Date(2026, time.October, 23, 10, 0, 0, 0, time.UTC) }

// setUp proposes a plan and makes it active.
func setUp(ctx context.Context, acme okr.Tenant) (okr.ID, error) {
	date := measure.NewDate
	_, err := acme.Propose(ctx, okr.Plan{
		Cycle: okr.PlanCycle{Key: "2026-Q4", Start: date(2026, time.October, 1), End: date(2026, time.December, 31),
			Cadence: &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday}},
		People: []okr.Person{{ID: "u-17", Name: "Mara Lind", Team: "t-3"}},
		Teams:  []okr.Team{{ID: "t-3", Name: "Sales"}},
		Objectives: []okr.PlanObjective{{Title: "Customers stay with us", Team: "t-3", KeyResults: []okr.PlanKeyResult{{
			Title: "Raise renewals from 70 % to 90 %", Owner: "u-17",
			Metric: measure.Metric{Kind: measure.Increase, Unit: "%", Baseline: measure.N(70), Target: measure.N(90)},
			Source: &okr.Source{Kind: "manual", Where: "Renewal report", Interval: okr.EveryWeek, Access: []string{"u-17"}},
		}}}},
	})
	if err != nil {
		return "", err
	}
	cycles, err := acme.View().Cycles(ctx)
	if err != nil {
		return "", err
	}
	if _, err := acme.Activate(ctx, okr.Activation{Cycle: cycles[0].ID}); err != nil {
		return "", err
	}
	page, err := acme.View().KeyResults(ctx, okr.Query{Cycle: cycles[0].ID})
	if err != nil {
		return "", err
	}
	return page.Items[0].ID, nil
}
