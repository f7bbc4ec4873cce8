package membus_test

import (
	"context"
	"fmt"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/membus"
	"github.com/okrkit/okrkit/okr"
)

func Example() {
	ctx, stop := context.WithCancel(context.Background())
	bus := membus.New()
	e := okr.Outgoing{ID: "e1", Type: okr.EventCheckInRecorded, Tenant: "acme", Wire: []byte(`{"specversion":"1.0"}`)}
	if err := bus.Publish(ctx, e, e); err != nil { // the second time changes nothing
		panic(err)
	}
	err := bus.Consume(ctx, "log", []string{"okr.v1.checkin.*"}, func(_ context.Context, m *adapters.Message) {
		fmt.Println(m.Tenant, m.Type, string(m.Wire))
		m.Settle(nil)
		stop()
	}, adapters.FromStart())
	fmt.Println(err)
	// Output:
	// acme okr.v1.checkin.recorded {"specversion":"1.0"}
	// <nil>
}
