package embedded_test

import (
	"context"
	"fmt"
	"os"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/nats/embedded"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
	"github.com/okrkit/okrkit/store/outbox"
)

// From a decision to an adapter, in one process.
func Example() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	dir, err := os.MkdirTemp("", "okr-events")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	bus, err := embedded.Start(ctx, dir)
	if err != nil {
		panic(err)
	}
	defer bus.Close()

	db := memory.New()
	desk, err := okr.New(db, okr.Config{})
	if err != nil {
		panic(err)
	}
	relay := outbox.NewRelay(db, bus)
	out := adapters.NewRouter(bus, adapters.Config{Inbox: db, DeadLetters: db})
	out.Add(adapters.Func("log", func(_ context.Context, d adapters.Delivery) error {
		fmt.Println(d.Event.Tenant, d.Event.Type, d.Event.Seq)
		return nil
	}), adapters.Only(okr.EventObjectiveCreated))
	ended := make(chan error, 1)
	go func() { ended <- out.Run(ctx) }()
	if err := out.Idle(ctx); err != nil {
		panic(err)
	}

	if _, err := desk.For("acme").As(okr.Someone("ana")).Propose(ctx, okrtest.Plan()); err != nil {
		panic(err)
	}
	if _, err := relay.Drain(ctx); err != nil { // a host runs relay.Run instead
		panic(err)
	}
	if err := out.Idle(ctx); err != nil {
		panic(err)
	}
	stop()
	fmt.Println(<-ended)
	// Output:
	// acme okr.v1.objective.created 1
	// <nil>
}
