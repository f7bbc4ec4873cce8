package adapters

import (
	"context"
	"sync/atomic"

	"github.com/okrkit/okrkit/okr"
)

// Bus keeps events and hands them to durable consumers, at least once each.
// adaptertest.TestBus is the conformance suite that says what a bus is.
type Bus interface {
	// Publish puts events on the bus and returns when it has them. An event whose
	// id the bus has already is taken as published. Events of one aggregate are
	// put on the bus in the order given. It tries every event that it can: one
	// that fails holds back only the later ones of its aggregate, and the error is
	// then a *[PublishError].
	Publish(ctx context.Context, events ...okr.Outgoing) error

	// Consume hands over the events whose type is among types, all if there are
	// none: exact types, or "okr.v1.checkin.*" for all of an entity. What was
	// handed over under a durable name before is not handed over again, also in
	// another process; a new durable name starts from now unless [FromStart] is
	// given. Two that consume under one durable name share its events.
	//
	// Consume blocks until ctx ends and every message it handed over is settled,
	// and then returns nil; any other return is an error.
	Consume(ctx context.Context, durable string, types []string, h Handler, opts ...ConsumeOption) error

	// Pending counts the events that a durable consumer has not settled yet,
	// delivered or not. The number may lag; that it is zero is certain for all that
	// was published before the call. A durable name that never consumed is
	// [ErrUnknownDurable].
	Pending(ctx context.Context, durable string) (int, error)
}

// Handler takes a message over. The bus calls it for one message at a time, for
// each aggregate in the order of publishing, and goes on as soon as it returns;
// so it does not work, it passes on. It settles each message once, at once or
// later, from any goroutine, and soon when ctx ends.
//
// The bus hands over no more than [InFlight] unsettled messages.
type Handler func(ctx context.Context, m *Message)

// Message is an event as a bus hands it over, not decoded yet.
type Message struct {
	ID      string       // the event's
	Type    string       // okr.v1.<entity>.<verb>
	Tenant  okr.TenantID // taken from where the bus filters by it
	Wire    []byte       // CloudEvents JSON as it was published; not to be changed
	Attempt int          // how often the bus has handed it over, 1 at first

	settled atomic.Bool
	settle  func(error)
}

// NewMessage is for buses: settle is called once, with what the handler says.
func NewMessage(id, eventType string, tenant okr.TenantID, wire []byte, attempt int, settle func(error)) *Message {
	return &Message{ID: id, Type: eventType, Tenant: tenant, Wire: wire, Attempt: attempt, settle: settle}
}

// Settle ends the message's stay with the handler. Nil, or an error marked by
// [Permanent], and the durable consumer is done with it; with [RetryAfter] it is
// handed over again after that time, with any other error after a time that the
// bus chooses. Only the first call counts.
func (m *Message) Settle(err error) {
	if m.settled.CompareAndSwap(false, true) {
		m.settle(err)
	}
}

// Consuming is what the options of one Consume say. It is for buses.
type Consuming struct {
	FromStart bool           // a new durable begins with the oldest event that the bus has
	Tenants   []okr.TenantID // only theirs; empty is all
	InFlight  int            // most messages that are handed over and not settled
	Ordered   bool           // see the option Ordered
	Ready     func()         // called when the durable's position stands
}

// DefaultInFlight is how many unsettled messages a durable consumer may have
// when [InFlight] does not say.
const DefaultInFlight = 1000

// NewConsuming collects options.
func NewConsuming(opts ...ConsumeOption) Consuming {
	c := Consuming{InFlight: DefaultInFlight, Ready: func() {}}
	for _, o := range opts {
		o(&c)
	}
	return c
}

// ConsumeOption says how to consume. Each is an option of [Router.Add] as well.
type ConsumeOption func(*Consuming)

func (o ConsumeOption) apply(s *subscription) { s.consume = append(s.consume, o) }

// FromStart lets a new durable consumer begin with the oldest event that the bus
// still has. Of one that exists it changes nothing.
func FromStart() ConsumeOption { return func(c *Consuming) { c.FromStart = true } }

// Tenant hands over only the events of these tenants.
func Tenant(ids ...okr.TenantID) ConsumeOption {
	return func(c *Consuming) { c.Tenants = append(c.Tenants, ids...) }
}

// InFlight bounds how many messages are handed over and not settled, 1 or more.
// It is fixed when the durable consumer is made; a bus may round it.
func InFlight(n int) ConsumeOption { return func(c *Consuming) { c.InFlight = max(n, 1) } }

// Ordered keeps the order of an aggregate's events under retry and across a
// restart. Given to [Router.Add] it lets one event of an aggregate at a time
// through to the adapter, and parks the later ones until that one is delivered
// or a dead letter. Given to [Bus.Consume] it asks the bus that what was handed
// over and never settled comes again before anything later, and that one
// process at a time gets the events of such a durable consumer.
func Ordered() ConsumeOption { return func(c *Consuming) { c.Ordered = true } }

// Ready has f called once the durable consumer's position stands: what is
// published after that will reach it.
func Ready(f func()) ConsumeOption {
	return func(c *Consuming) {
		before := c.Ready
		c.Ready = func() { before(); f() }
	}
}
