package adapters_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/membus"
	"github.com/okrkit/okrkit/okr"
)

// An adapter of one's own is a name and a function.
func Example() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	bus := membus.New()
	out := adapters.NewRouter(bus, adapters.Config{})
	out.Add(adapters.Func("wallboard", func(_ context.Context, d adapters.Delivery) error {
		payload, err := d.Event.Payload()
		if err != nil {
			return adapters.Permanent(err) // trying again would not help
		}
		if s, ok := payload.(*okr.StatusChanged); ok {
			fmt.Printf("%s: %s is %s now\n", d.Event.Tenant, s.Title, s.To)
		}
		return nil
	}), adapters.Only(okr.EventStatusChanged))
	go func() { _ = out.Run(ctx) }()
	if err := out.Idle(ctx); err != nil { // its consumer stands: what is published now will reach it
		panic(err)
	}

	e := okr.Event{
		ID: "0199b1c2-7a5e-7000-8000-000000000001", Type: okr.EventStatusChanged, Tenant: "acme", Seq: 1,
		Aggregate: okr.Ref{Kind: okr.KindKeyResult, ID: "kr1"}, Time: time.Date(2026, 10, 5, 8, 0, 0, 0, time.UTC), Actor: okr.Someone("kim"),
		Data: json.RawMessage(`{"key_result":"kr1","title":"Trial conversion","from":"on_track","to":"at_risk"}`),
	}
	wire, err := e.AppendCloudEvent(nil)
	if err != nil {
		panic(err)
	}
	// In a host the relay of package outbox does this.
	if err := bus.Publish(ctx, okr.Outgoing{ID: e.ID, Tenant: e.Tenant, Type: e.Type, Aggregate: e.Aggregate, Seq: e.Seq, Wire: wire}); err != nil {
		panic(err)
	}
	if err := out.Idle(ctx); err != nil {
		panic(err)
	}
	// Output:
	// acme: Trial conversion is at_risk now
}

// What could not be delivered is kept, listed, and delivered again on request.
func ExampleRouter_Redrive() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	bus := membus.New()
	out := adapters.NewRouter(bus, adapters.Config{})
	valid := false
	out.Add(adapters.Func("crm", func(_ context.Context, d adapters.Delivery) error {
		if !valid {
			return adapters.Permanent(errors.New("the token was revoked"))
		}
		fmt.Println("delivered, redriven:", d.Redriven)
		return nil
	}))
	go func() { _ = out.Run(ctx) }()
	if err := out.Idle(ctx); err != nil {
		panic(err)
	}
	if err := bus.Publish(ctx, recorded("kr1", 1)); err != nil {
		panic(err)
	}
	if err := out.Idle(ctx); err != nil {
		panic(err)
	}
	letters, err := out.DeadLetters(ctx, "crm", 10)
	if err != nil {
		panic(err)
	}
	fmt.Println(letters[0].Type, "after", letters[0].Attempts, "attempt:", letters[0].Error)
	valid = true
	if err := out.Redrive(ctx, "crm", letters[0].Event); err != nil {
		panic(err)
	}
	// Output:
	// okr.v1.checkin.recorded after 1 attempt: the token was revoked
	// delivered, redriven: true
}
