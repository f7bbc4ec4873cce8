package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/membus"
	"github.com/okrkit/okrkit/okr"
)

// badBus is a bus in memory with a fault.
type badBus struct {
	*membus.Bus
	publish func(b *membus.Bus, ctx context.Context, events []okr.Outgoing) error
	consume func(b *membus.Bus, ctx context.Context, durable string, types []string, h adapters.Handler, opts []adapters.ConsumeOption) error
	pending func(b *membus.Bus, ctx context.Context, durable string) (int, error)
}

func (b *badBus) Publish(ctx context.Context, events ...okr.Outgoing) error {
	if b.publish != nil {
		return b.publish(b.Bus, ctx, events)
	}
	return b.Bus.Publish(ctx, events...)
}

func (b *badBus) Consume(ctx context.Context, durable string, types []string, h adapters.Handler, opts ...adapters.ConsumeOption) error {
	if b.consume != nil {
		return b.consume(b.Bus, ctx, durable, types, h, opts)
	}
	return b.Bus.Consume(ctx, durable, types, h, opts...)
}

func (b *badBus) Pending(ctx context.Context, durable string) (int, error) {
	if b.pending != nil {
		return b.pending(b.Bus, ctx, durable)
	}
	return b.Bus.Pending(ctx, durable)
}

// answering changes what the handler says.
func answering(change func(error) error) func(*membus.Bus, context.Context, string, []string, adapters.Handler, []adapters.ConsumeOption) error {
	return func(b *membus.Bus, ctx context.Context, durable string, types []string, h adapters.Handler, opts []adapters.ConsumeOption) error {
		return b.Consume(ctx, durable, types, func(ctx context.Context, m *adapters.Message) {
			h(ctx, adapters.NewMessage(m.ID, m.Type, m.Tenant, m.Wire, m.Attempt, func(err error) { m.Settle(change(err)) }))
		}, opts...)
	}
}

// optioned changes the options.
func optioned(change func(*adapters.Consuming)) func(*membus.Bus, context.Context, string, []string, adapters.Handler, []adapters.ConsumeOption) error {
	return func(b *membus.Bus, ctx context.Context, durable string, types []string, h adapters.Handler, opts []adapters.ConsumeOption) error {
		return b.Consume(ctx, durable, types, h, append(slices.Clone(opts), change)...)
	}
}

func TestBadBusesAreFound(t *testing.T) {
	var count atomic.Int64
	for name, tt := range map[string]struct {
		bus   badBus
		cases []string
	}{
		"it keeps repetitions": {badBus{publish: func(b *membus.Bus, ctx context.Context, events []okr.Outgoing) error {
			events = slices.Clone(events)
			for i := range events {
				events[i].ID = fmt.Sprint(events[i].ID, "#", count.Add(1))
			}
			return b.Publish(ctx, events...)
		}}, []string{"an event published again is published once", "hands over what was published"}},
		"it changes the body": {badBus{publish: func(b *membus.Bus, ctx context.Context, events []okr.Outgoing) error {
			events = slices.Clone(events)
			for i := range events {
				events[i].Wire = append([]byte(" "), events[i].Wire...)
			}
			return b.Publish(ctx, events...)
		}}, []string{"hands over what was published"}},
		"it turns the order round": {badBus{publish: func(b *membus.Bus, ctx context.Context, events []okr.Outgoing) error {
			events = slices.Clone(events)
			slices.Reverse(events)
			return b.Publish(ctx, events...)
		}}, []string{"order of an aggregate is kept"}},
		"it publishes nothing behind a refused event": {badBus{publish: func(b *membus.Bus, ctx context.Context, events []okr.Outgoing) error {
			for i := range events {
				if err := b.Publish(ctx, events[i]); err != nil {
					var p *adapters.PublishError
					errors.As(err, &p)
					p.Published = idsOf(events[:i])
					return err
				}
			}
			return nil
		}}, []string{"a refused event holds back only its aggregate"}},
		"it lets an event overtake a refused one": {badBus{publish: func(b *membus.Bus, ctx context.Context, events []okr.Outgoing) error {
			var all *adapters.PublishError
			var through []string
			for i := range events {
				if err := b.Publish(ctx, events[i]); err != nil {
					errors.As(err, &all)
					continue
				}
				through = append(through, events[i].ID)
			}
			if all == nil {
				return nil
			}
			all.Published = through
			return all
		}}, []string{"a refused event holds back only its aggregate"}},
		"it does not say what got through": {badBus{publish: func(b *membus.Bus, ctx context.Context, events []okr.Outgoing) error {
			if err := b.Publish(ctx, events...); err != nil {
				return errors.New(err.Error())
			}
			return nil
		}}, []string{"a refused event holds back only its aggregate", "publishing ends with its context"}},
		"it publishes after the end": {badBus{publish: func(b *membus.Bus, ctx context.Context, events []okr.Outgoing) error {
			return b.Publish(context.WithoutCancel(ctx), events...)
		}}, []string{"publishing ends with its context"}},
		"it loses every tenth": {badBus{publish: func(b *membus.Bus, ctx context.Context, events []okr.Outgoing) error {
			for _, e := range events {
				if count.Add(1)%10 != 0 {
					if err := b.Publish(ctx, e); err != nil {
						return err
					}
				}
			}
			return nil
		}}, []string{"order of an aggregate is kept", "consumers of one durable share", "many publish and consume at once"}},
		"it ignores types": {badBus{consume: func(b *membus.Bus, ctx context.Context, durable string, _ []string, h adapters.Handler, opts []adapters.ConsumeOption) error {
			return b.Consume(ctx, durable, nil, h, opts...)
		}}, []string{"types are filtered", "a filter that cannot be read is refused", "a durable's filter can change"}},
		"it ignores tenants":            {badBus{consume: optioned(func(c *adapters.Consuming) { c.Tenants = nil })}, []string{"tenants are kept apart"}},
		"it always begins at the start": {badBus{consume: optioned(func(c *adapters.Consuming) { c.FromStart = true })}, []string{"a new durable starts from now"}},
		"it never begins at the start":  {badBus{consume: optioned(func(c *adapters.Consuming) { c.FromStart = false })}, []string{"a new durable starts from now"}},
		"it hands over without bounds":  {badBus{consume: optioned(func(c *adapters.Consuming) { c.InFlight = 1000 })}, []string{"what is in flight is bounded"}},
		"it knows no order":             {badBus{consume: optioned(func(c *adapters.Consuming) { c.Ordered = false })}, []string{"a durable in order belongs to one at a time"}},
		"it forgets durables": {badBus{consume: func(b *membus.Bus, ctx context.Context, durable string, types []string, h adapters.Handler, opts []adapters.ConsumeOption) error {
			go func() {
				_ = b.Consume(ctx, durable, types, func(_ context.Context, m *adapters.Message) { m.Settle(nil) })
			}()
			return b.Consume(ctx, fmt.Sprint(durable, count.Add(1)), types, h, opts...)
		}}, []string{"a durable name goes on where it stopped", "consumers of one durable share"}},
		"it mixes up durables": {badBus{consume: func(b *membus.Bus, ctx context.Context, _ string, types []string, h adapters.Handler, opts []adapters.ConsumeOption) error {
			return b.Consume(ctx, "one", types, h, opts...)
		}, pending: func(b *membus.Bus, ctx context.Context, _ string) (int, error) { return b.Pending(ctx, "one") }},
			[]string{"durables are independent, whatever their names"}},
		"it hands over again at once": {badBus{consume: answering(func(err error) error {
			if err != nil && !adapters.IsPermanent(err) {
				return adapters.RetryAfter(0, err)
			}
			return err
		})}, []string{"a message comes again after its time"}},
		"it never hands over again": {badBus{consume: answering(func(error) error { return nil })}, []string{"a message comes again after its time", "what was under way comes again to the next"}},
		"it leaves before all is settled": {badBus{consume: func(b *membus.Bus, ctx context.Context, durable string, types []string, h adapters.Handler, opts []adapters.ConsumeOption) error {
			ended := make(chan error, 1)
			go func() { ended <- b.Consume(ctx, durable, types, h, opts...) }()
			select {
			case err := <-ended:
				return err
			case <-ctx.Done():
				return nil
			}
		}}, []string{"consuming ends with its context"}},
		"it ends with an error": {badBus{consume: func(b *membus.Bus, ctx context.Context, durable string, types []string, h adapters.Handler, opts []adapters.ConsumeOption) error {
			return errors.Join(b.Consume(ctx, durable, types, h, opts...), ctx.Err())
		}}, []string{"hands over what was published", "consuming ends with its context"}},
		"it knows every durable": {badBus{pending: func(b *membus.Bus, ctx context.Context, durable string) (int, error) {
			n, _ := b.Pending(ctx, durable)
			return n, nil
		}}, []string{"pending counts what is not settled"}},
	} {
		t.Run(name, func(t *testing.T) {
			cases := map[string]func(testing.TB, adapters.Bus){}
			for _, c := range busCases(BusCapabilities{}) {
				cases[c.name] = c.run
			}
			for _, c := range tt.cases {
				require.NotNil(t, cases[c], "no case %q", c)
				require.True(t, fails(t, func(t testing.TB) {
					bus := tt.bus
					bus.Bus = membus.New()
					cases[c](t, &bus)
				}), "%q does not find it", c)
			}
		})
	}
}
