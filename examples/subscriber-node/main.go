// Command subscriber-node is a house whose events a program in another language
// listens to: subscriber.mjs, in this folder. It opens a NATS server, lives through
// three weeks of a small company, publishes what happened, and waits.
//
//	go run ./examples/subscriber-node --listen 127.0.0.1:4222
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/okrkit/okrkit/adapters/nats/embedded"
	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/rules"
	"github.com/okrkit/okrkit/store/memory"
	"github.com/okrkit/okrkit/store/outbox"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:4222", "where the NATS server listens; port 0 takes a free one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *listen); err != nil {
		fmt.Fprintln(os.Stderr, "subscriber-node:", err)
		os.Exit(1) //nolint:gocritic // stop only restores signals, and the process ends here
	}
}

func serve(ctx context.Context, listen string) (err error) {
	dir, err := os.MkdirTemp("", "okrkit-subscriber-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	h, err := open(ctx, dir, listen)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.bus.Close()) }()
	for _, chapter := range []func(context.Context) error{h.begin, h.goOn} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	fmt.Printf("The events are there. Hear them:\n\n  cd examples/subscriber-node && npm ci && node subscriber.mjs --server %s --tenant %s\n\nCtrl-C ends the server.\n", h.bus.URL(), tenant)
	<-ctx.Done()
	return nil
}

const tenant = "acme.example"

// house is a desk, and a bus that others can reach.
type house struct {
	clock  *okrtest.Clock
	acme   okr.Tenant
	runner *cadence.Runner
	relay  *outbox.Relay
	bus    *embedded.Server
	cycle  okr.ID
	krs    map[string]okr.ID // by plan key
}

func open(ctx context.Context, dir, listen string) (*house, error) {
	db, clock := memory.New(), okrtest.NewClock(time.Date(2026, time.September, 28, 8, 0, 0, 0, time.UTC))
	live, err := rules.Open(audit.Env(1), pack.Starter)
	if err != nil {
		return nil, err
	}
	desk, err := okr.New(db, okr.Config{Judge: audit.New(live), Calendar: cadence.New(), Clock: clock.Now, NewID: okrtest.SequentialIDs()})
	if err != nil {
		return nil, err
	}
	bus, err := embedded.Start(ctx, dir, embedded.Listen(listen))
	if err != nil {
		return nil, err
	}
	return &house{
		clock: clock, acme: desk.For(tenant).As(okr.Someone("ana")), runner: cadence.NewRunner(desk),
		relay: outbox.NewRelay(db, bus), bus: bus, krs: map[string]okr.ID{},
	}, nil
}

// begin plans, promises, and checks in once.
func (h *house) begin(ctx context.Context) error {
	d, err := h.acme.Propose(ctx, okrtest.Plan())
	if err != nil {
		return err
	}
	for _, o := range d.Subjects {
		if o.Kind == okr.KindKeyResult {
			h.krs[o.Key] = o.ID
		}
	}
	cycles, err := h.acme.View().Cycles(ctx)
	if err != nil {
		return err
	}
	h.cycle = cycles[0].ID
	if err := h.pass(ctx, 1); err != nil {
		return err
	}
	if _, err := h.acme.Activate(ctx, okr.Activation{Cycle: h.cycle}); err != nil {
		return err
	}
	if err := h.pass(ctx, 2); err != nil {
		return err
	}
	_, err = h.acme.CheckIn(ctx, okr.CheckIn{
		KeyResult: h.krs["k1"], Value: measure.N(72), Confidence: measure.N(7),
		Blockers: []okr.NewBlocker{{Kind: "people", Text: "Nobody calls the south", Owner: "ben"}},
	})
	if err != nil {
		return err
	}
	return h.pass(ctx, 2)
}

// goOn lets two weeks pass in which Ben is silent.
func (h *house) goOn(ctx context.Context) error {
	for day := 3; day <= 16; day++ {
		if err := h.pass(ctx, day); err != nil {
			return err
		}
	}
	return nil
}

// pass lets time reach 15:00 UTC of a day of October: what is due is settled and published.
// The steps are called one by one, so that the story is the same each time; a host
// runs runner and relay with Run.
func (h *house) pass(ctx context.Context, day int) error {
	h.clock.Set(time.Date(2026, time.October, day, 15, 0, 0, 0, time.UTC))
	for {
		n, err := h.runner.Once(ctx)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	_, err := h.relay.Drain(ctx)
	return err
}
