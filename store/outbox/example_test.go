package outbox_test

import (
	"context"
	"fmt"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
	"github.com/okrkit/okrkit/store/outbox"
)

// printer is a bus of sorts.
type printer struct{}

func (printer) Publish(_ context.Context, events ...okr.Outgoing) error {
	for _, e := range events {
		if e.Type == okr.EventObjectiveCreated {
			fmt.Println(e.Tenant, e.Type, e.Seq)
		}
	}
	return nil
}

func ExampleRelay_Drain() {
	ctx := context.Background()
	db := memory.New()
	desk, err := okr.New(db, okr.Config{})
	if err != nil {
		panic(err)
	}
	acme := desk.For("acme").As(okr.Someone("ana"))
	if _, err := acme.Propose(ctx, okrtest.Plan()); err != nil {
		panic(err)
	}
	relay := outbox.NewRelay(db, printer{})
	if _, err := relay.Drain(ctx); err != nil {
		panic(err)
	}
	n, err := relay.Drain(ctx)
	fmt.Println(n, "left", err)
	// Output:
	// acme okr.v1.objective.created 1
	// 0 left <nil>
}
