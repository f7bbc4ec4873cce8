package nats_test

import (
	"context"
	"fmt"
	"time"

	natsgo "github.com/nats-io/nats.go"

	"github.com/okrkit/okrkit/adapters/nats"
	"github.com/okrkit/okrkit/okr"
)

// A host that has a NATS server gives its connection.
func ExampleNew() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, err := natsgo.Connect("nats://nats.internal:4222", natsgo.MaxReconnects(-1))
	if err != nil {
		fmt.Println("no server here")
		return
	}
	defer conn.Close()
	bus, err := nats.New(ctx, conn, nats.Replicas(3))
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = bus // goes to outbox.NewRelay and to adapters.NewRouter
}

func ExampleTenantToken() {
	for _, t := range []okr.TenantID{"acme", "acme.eu", "株式会社", "*"} {
		fmt.Println(nats.TenantToken(t))
	}
	// Output:
	// acme
	// acme%2Eeu
	// 株式会社
	// %2A
}
