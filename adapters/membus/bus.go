package membus

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/okr"
)

// defaultDelay is when a message comes again whose handler did not say.
const defaultDelay = time.Second

// Bus is an in-process [adapters.Bus]. It holds no goroutine.
type Bus struct {
	retain int

	mu       sync.Mutex
	events   []event
	first    uint64            // position of events[0]
	ids      map[string]uint64 // position by event id
	durables map[string]*durable
}

type event struct {
	id, kind string
	tenant   okr.TenantID
	wire     []byte
}

// durable is what stays of a consumer between two Consume.
type durable struct {
	filter   adapters.Filter
	tenants  []okr.TenantID
	inFlight int
	next     uint64                 // position that is handed over next
	attempts map[uint64]int         // by position: handed over and not settled
	again    map[uint64]time.Time   // those of them that no handler has, and when they come again
	wake     map[chan struct{}]bool // of those who consume
	owner    chan struct{}          // who consumes in order holds it
}

// Option changes a [Bus].
type Option func(*Bus)

// Retain says how many events are kept for durable consumers that come later and
// ask for [adapters.FromStart], and for recognising one that is published again;
// the default is 100,000. What a durable consumer has not settled is kept beyond
// that.
func Retain(n int) Option { return func(b *Bus) { b.retain = max(n, 0) } }

// New returns an empty bus.
func New(opts ...Option) *Bus {
	b := &Bus{retain: 100_000, first: 1, ids: map[string]uint64{}, durables: map[string]*durable{}}
	for _, o := range opts {
		o(b)
	}
	return b
}

// Publish implements [adapters.Bus]. It refuses an event without an id and one
// whose type is not okr.v1.<entity>.<verb>.
func (b *Bus) Publish(ctx context.Context, events ...okr.Outgoing) error {
	if err := ctx.Err(); err != nil {
		return &adapters.PublishError{Err: err}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var failed adapters.PublishError
	type aggregate struct {
		tenant okr.TenantID
		ref    okr.Ref
	}
	held := map[aggregate]bool{}
	for i := range events {
		e := &events[i]
		of := aggregate{e.Tenant, e.Aggregate}
		if held[of] {
			continue
		}
		if err := check(e); err != nil {
			held[of] = true
			err = fmt.Errorf("%w: event %q: %w", adapters.ErrRefused, e.ID, err)
			if failed.Refused == nil {
				failed.Refused, failed.Err = map[string]error{}, err
			}
			failed.Refused[e.ID] = err
			continue
		}
		failed.Published = append(failed.Published, e.ID)
		if _, known := b.ids[e.ID]; known {
			continue
		}
		b.ids[e.ID] = b.first + uint64(len(b.events))
		b.events = append(b.events, event{e.ID, e.Type, e.Tenant, bytes.Clone(e.Wire)})
	}
	b.trim()
	for _, d := range b.durables {
		d.wakeAll()
	}
	if failed.Err != nil {
		return &failed
	}
	return nil
}

func check(e *okr.Outgoing) error {
	if e.ID == "" {
		return &okr.InvalidError{Field: "id", Remedy: "an event needs an id"}
	}
	_, _, err := adapters.SplitType(e.Type)
	return err
}

// trim forgets what is older than the newest retain events and needed by nobody.
func (b *Bus) trim() {
	if len(b.events) < b.retain+b.retain/8+64 {
		return
	}
	keep := b.first + uint64(len(b.events)-b.retain)
	for _, d := range b.durables {
		keep = min(keep, d.next)
		for at := range d.attempts {
			keep = min(keep, at)
		}
	}
	n := int(keep - b.first)
	for _, e := range b.events[:n] {
		delete(b.ids, e.id)
	}
	b.events = append([]event(nil), b.events[n:]...)
	b.first = keep
}

// Consume implements [adapters.Bus].
func (b *Bus) Consume(ctx context.Context, name string, types []string, h adapters.Handler, opts ...adapters.ConsumeOption) error {
	c := adapters.NewConsuming(opts...)
	filter, err := adapters.NewFilter(types)
	if err != nil {
		return err
	}
	if name == "" {
		return &okr.InvalidError{Field: "durable", Remedy: "a durable consumer needs a name"}
	}
	b.mu.Lock()
	d := b.durables[name]
	if d == nil {
		d = &durable{attempts: map[uint64]int{}, again: map[uint64]time.Time{}, wake: map[chan struct{}]bool{}, owner: make(chan struct{}, 1)}
		d.next = b.first + uint64(len(b.events))
		if c.FromStart {
			d.next = b.first
		}
		b.durables[name] = d
	}
	d.filter, d.tenants, d.inFlight = filter, slices.Clone(c.Tenants), c.InFlight
	b.mu.Unlock()
	c.Ready()

	if c.Ordered {
		select {
		case d.owner <- struct{}{}:
			defer func() { <-d.owner }()
		case <-ctx.Done():
			return nil
		}
	}
	s := session{bus: b, durable: d, wake: make(chan struct{}, 1)}
	return s.run(ctx, h)
}

// session is one Consume.
type session struct {
	bus     *Bus
	durable *durable
	wake    chan struct{}
	with    sync.WaitGroup // messages with the handler
}

func (s *session) run(ctx context.Context, h adapters.Handler) error {
	b, d := s.bus, s.durable
	b.mu.Lock()
	d.wake[s.wake] = true
	b.mu.Unlock()
	defer func() {
		s.with.Wait()
		b.mu.Lock()
		delete(d.wake, s.wake)
		d.wakeAll()
		b.mu.Unlock()
	}()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for ctx.Err() == nil {
		b.mu.Lock()
		m, wait := s.pick(time.Now())
		b.mu.Unlock()
		if m != nil {
			h(ctx, m)
			continue
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-timer.C:
		}
	}
	return nil
}

// pick takes the message that is to be handed over now, or says how long there
// is none. What comes again goes first, the oldest of it before the others.
func (s *session) pick(now time.Time) (*adapters.Message, time.Duration) {
	b, d := s.bus, s.durable
	wait := time.Hour
	var again uint64
	for at, when := range d.again {
		switch {
		case when.After(now):
			wait = min(wait, when.Sub(now))
		case again == 0 || at < again:
			again = at
		}
	}
	if again != 0 {
		return s.hand(again), 0
	}
	if len(d.attempts) >= d.inFlight {
		return nil, wait
	}
	for end := b.first + uint64(len(b.events)); d.next < end; {
		at := d.next
		d.next++
		if d.wants(&b.events[at-b.first]) {
			return s.hand(at), 0
		}
	}
	return nil, wait
}

func (s *session) hand(at uint64) *adapters.Message {
	b, d := s.bus, s.durable
	d.attempts[at]++
	delete(d.again, at)
	s.with.Add(1)
	e := &b.events[at-b.first]
	return adapters.NewMessage(e.id, e.kind, e.tenant, e.wire, d.attempts[at], func(err error) {
		defer s.with.Done()
		b.mu.Lock()
		defer b.mu.Unlock()
		if err == nil || adapters.IsPermanent(err) {
			delete(d.attempts, at)
		} else {
			after, asked := adapters.RetryDelay(err)
			if !asked {
				after = defaultDelay
			}
			d.again[at] = time.Now().Add(after)
		}
		d.wakeAll()
	})
}

func (d *durable) wants(e *event) bool {
	return d.filter.Match(e.kind) && (len(d.tenants) == 0 || slices.Contains(d.tenants, e.tenant))
}

func (d *durable) wakeAll() {
	for c := range d.wake {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Pending implements [adapters.Bus].
func (b *Bus) Pending(_ context.Context, name string) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	d := b.durables[name]
	if d == nil {
		return 0, fmt.Errorf("%w: %q", adapters.ErrUnknownDurable, name)
	}
	n := len(d.attempts)
	for i := range b.events[d.next-b.first:] {
		if d.wants(&b.events[d.next-b.first+uint64(i)]) {
			n++
		}
	}
	return n, nil
}
