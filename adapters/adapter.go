package adapters

import (
	"context"

	"github.com/okrkit/okrkit/okr"
)

// Adapter takes events somewhere else: a chat, a mailbox, a log, a warehouse.
type Adapter interface {
	// Name is stable across restarts and versions: it names the durable consumer
	// on the bus and the adapter's entries in the inbox. Two adapters of one
	// router, or of two routers over one bus, that are not the same have
	// different names. It has 1 to 100 bytes and no control characters.
	Name() string
	// Deliver takes one event. Nil says that the effect is done. An error made by
	// [Permanent] makes the event a dead letter at once, one made by [RetryAfter]
	// has it tried again after that time, any other after the router's backoff.
	//
	// Deliver returns when ctx ends. It is called from several goroutines at once
	// unless the router is told otherwise. It does not keep or change the bytes
	// of the event's Data.
	Deliver(ctx context.Context, d Delivery) error
}

// Delivery is one event on its way to one adapter.
type Delivery struct {
	Event    okr.Event
	Attempt  int  // 1 at first; counts also attempts that ended with the process
	Redriven bool // a dead letter that somebody asked to be delivered again; it comes out of order
}

// OrderedAdapter is an adapter that says itself whether it needs the order of
// an aggregate's events; see [Ordered].
type OrderedAdapter interface {
	Adapter
	Ordered() bool
}

// DeliverFunc is [Adapter.Deliver] as a function.
type DeliverFunc func(ctx context.Context, d Delivery) error

// Middleware wraps the delivery to every adapter of a router, for metrics,
// traces or a rate limit. It runs inside the timeout and the panic recovery.
type Middleware func(adapter string, next DeliverFunc) DeliverFunc

// Func is an adapter made of a name and a function.
func Func(name string, deliver DeliverFunc) Adapter { return funcAdapter{name, deliver} }

type funcAdapter struct {
	name    string
	deliver DeliverFunc
}

func (a funcAdapter) Name() string { return a.name }

func (a funcAdapter) Deliver(ctx context.Context, d Delivery) error { return a.deliver(ctx, d) }
