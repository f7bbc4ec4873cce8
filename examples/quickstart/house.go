package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/log"
	"github.com/okrkit/okrkit/adapters/nats/embedded"
	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/rules"
	"github.com/okrkit/okrkit/store/outbox"
	"github.com/okrkit/okrkit/store/sqlite"
)

// house is everything that a host wires together.
type house struct {
	clock  *okrtest.Clock
	judge  *audit.Judge
	desk   *okr.Desk
	runner *cadence.Runner
	relay  *outbox.Relay
	router *adapters.Router
	print  *printer

	stop   context.CancelFunc
	routed chan error
	db     *sqlite.Store
	bus    *embedded.Server
}

// open wires a store, a bus, rules and a desk, and the three things that run.
// Here the steps of runner and relay are called one by one, so that the story is
// the same each time; a real host runs them with Run.
func open(ctx context.Context, dir string, p *printer) (_ *house, err error) {
	h := &house{clock: okrtest.NewClock(time.Date(2026, time.September, 21, 9, 0, 0, 0, time.UTC)), print: p, routed: make(chan error, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	if h.db, err = sqlite.Open(ctx, filepath.Join(dir, "okr.db")); err != nil {
		return nil, err
	}
	if h.bus, err = embedded.Start(ctx, filepath.Join(dir, "events")); err != nil {
		return nil, err
	}
	live, err := rules.Open(audit.Env(1), pack.Starter)
	if err != nil {
		return nil, err
	}
	h.judge = audit.New(live)
	h.desk, err = okr.New(h.db, okr.Config{Judge: h.judge, Calendar: cadence.New(), Clock: h.clock.Now})
	if err != nil {
		return nil, err
	}
	h.runner = cadence.NewRunner(h.desk)
	h.relay = outbox.NewRelay(h.db, h.bus)
	h.router = adapters.NewRouter(h.bus, adapters.Config{Inbox: h.db, DeadLetters: h.db})

	// People get notices: here on the terminal, through the log adapter.
	people := slog.New(slog.NewTextHandler(indent{p}, &slog.HandlerOptions{ReplaceAttr: onlyWords}))
	h.router.Add(log.New(people), adapters.Notices())
	// Machines get facts: an adapter of one's own is a name and a function.
	h.router.Add(adapters.Func("wallboard", h.wallboard),
		adapters.Only(okr.EventStatusChanged, okr.EventCheckInMissed, okr.EventBlockerOpened, okr.EventBlockerClosed))

	ctx, h.stop = context.WithCancel(ctx)
	go func() { h.routed <- h.router.Run(ctx) }()
	return h, h.router.Idle(ctx)
}

func (h *house) close() error {
	var errs []error
	if h.stop != nil {
		h.stop()
		if err := <-h.routed; !errors.Is(err, context.Canceled) {
			errs = append(errs, err)
		}
	}
	if h.bus != nil {
		errs = append(errs, h.bus.Close())
	}
	if h.db != nil {
		errs = append(errs, h.db.Close())
	}
	return errors.Join(errs...)
}

// wallboard is a custom adapter.
func (h *house) wallboard(_ context.Context, d adapters.Delivery) error {
	payload, err := d.Event.Payload()
	if err != nil {
		return adapters.Permanent(err)
	}
	switch f := payload.(type) {
	case *okr.StatusChanged:
		if f.From == measure.Unknown {
			return nil // a first reading is no news for a wall
		}
		h.print.line("      wallboard: %s: %s → %s", short(f.Title), words(f.From), words(f.To))
	case *okr.OccurrenceFact:
		h.print.line("      wallboard: %s: check-in of %s missed", short(f.Title), f.Occurrence)
	case *okr.BlockerFact:
		verb := "blocked by a"
		if f.ClosedAt != nil {
			verb = "no longer blocked by a"
		}
		h.print.line("      wallboard: %s: %s %s", short(f.Title), verb, f.BlockerKind)
	}
	return nil
}

// pass lets time reach t: whatever is due is settled, published, delivered.
func (h *house) pass(ctx context.Context, t time.Time) error {
	h.clock.Set(t)
	for {
		n, err := h.runner.Once(ctx)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	if _, err := h.relay.Drain(ctx); err != nil {
		return fmt.Errorf("publishing: %w", err)
	}
	return h.router.Idle(ctx)
}

// onlyWords leaves of a log line what a reader of the story wants.
func onlyWords(_ []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case slog.TimeKey, slog.LevelKey, "event", "tenant":
		return slog.Attr{}
	}
	return a
}
