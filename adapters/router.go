package adapters

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/okrkit/okrkit/okr"
)

// Config says how a [Router] delivers. The zero value works.
type Config struct {
	// Inbox remembers what was delivered. Nil: the router remembers the last
	// 10,000 events of each adapter as long as it lives; after a restart an event
	// whose acknowledgement was lost is delivered again.
	Inbox Inbox
	// DeadLetters keeps what could not be delivered. Nil: the router keeps the
	// last 1,000 as long as it lives; a restart forgets them. Each is logged as
	// an error either way.
	DeadLetters DeadLetters

	Timeout     time.Duration // of one Deliver; 0 is 30 s
	MaxAttempts int           // after that many an event is a dead letter; 0 is 12
	Backoff     Backoff       // between attempts; nil is Exponential(time.Second, 10*time.Minute)
	Concurrency int           // Deliver calls at once per adapter; 0 is 8
	Grace       time.Duration // how long Deliver calls may go on when Run's context ends; 0 is 5 s

	Middleware []Middleware     // the first is the outermost
	Log        *slog.Logger     // nil: silent
	Clock      func() time.Time // for the times written to Inbox and DeadLetters; nil is the wall clock
}

// AddOption says how an adapter gets its events: a [ConsumeOption], or what
// [Only], [Notices], [Facts] and [Limit] return.
type AddOption interface{ apply(*subscription) }

type addOption func(*subscription)

func (o addOption) apply(s *subscription) { o(s) }

// Only delivers events of these types: exact ones, or "okr.v1.checkin.*". Given
// several times it adds up.
func Only(types ...string) AddOption {
	return addOption(func(s *subscription) { s.types = append(s.types, types...) })
}

// Notices delivers messages to people, and nothing else.
func Notices() AddOption { return Only(okr.EventNoticeReady) }

// Facts delivers everything but messages to people.
func Facts() AddOption { return addOption(func(s *subscription) { s.noNotices = true }) }

// Limits are the router's settings for one adapter; what is zero is the router's.
type Limits struct {
	Timeout     time.Duration
	MaxAttempts int
	Backoff     Backoff
	Concurrency int
}

// Limit gives an adapter limits of its own.
func Limit(l Limits) AddOption {
	return addOption(func(s *subscription) {
		s.limits.Timeout = orElse(l.Timeout, s.limits.Timeout)
		s.limits.MaxAttempts = orElse(l.MaxAttempts, s.limits.MaxAttempts)
		s.limits.Concurrency = orElse(l.Concurrency, s.limits.Concurrency)
		if l.Backoff != nil {
			s.limits.Backoff = l.Backoff
		}
	})
}

func orElse[T int | time.Duration](v, otherwise T) T {
	if v > 0 {
		return v
	}
	return otherwise
}

// Router gives each adapter a durable consumer on the bus and delivers to it.
type Router struct {
	bus Bus
	cfg Config

	mu      sync.Mutex
	subs    []*subscription
	byName  map[string]*subscription
	invalid []error
	started bool
	stopped chan struct{}
}

// NewRouter returns a router without adapters.
func NewRouter(bus Bus, c Config) *Router {
	c.Timeout = orElse(c.Timeout, 30*time.Second)
	c.MaxAttempts = orElse(c.MaxAttempts, 12)
	c.Concurrency = orElse(c.Concurrency, 8)
	c.Grace = orElse(c.Grace, 5*time.Second)
	if c.Backoff == nil {
		c.Backoff = Exponential(time.Second, 10*time.Minute)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Inbox == nil {
		c.Inbox = newMemoryInbox(10_000)
	}
	if c.DeadLetters == nil {
		c.DeadLetters = newMemoryDeadLetters(1000)
	}
	return &Router{bus: bus, cfg: c, byName: map[string]*subscription{}, stopped: make(chan struct{})}
}

// Add has an adapter get events once Run runs: all of them, unless options say
// otherwise. An adapter that cannot be added, because of its name or its
// filter, is an error of Run. Adding to a router that runs has no effect on it.
func (r *Router) Add(a Adapter, opts ...AddOption) {
	r.mu.Lock()
	defer r.mu.Unlock()
	name := a.Name()
	if r.started {
		r.cfg.Log.Error("adapter was added after the router was started; it gets nothing", "adapter", name)
		return
	}
	if problem := badName(name); problem != "" {
		r.invalid = append(r.invalid, &okr.InvalidError{Field: "adapter", Value: name, Remedy: "its name " + problem})
		return
	}
	if _, taken := r.byName[name]; taken {
		r.invalid = append(r.invalid, &okr.InvalidError{Field: "adapter", Value: name, Remedy: "another adapter of this router has that name; names keep their deliveries apart"})
		return
	}
	s := newSubscription(a, r.cfg, opts)
	if _, err := NewFilter(s.types); err != nil {
		r.invalid = append(r.invalid, fmt.Errorf("adapter %s: %w", name, err))
		return
	}
	r.byName[name] = s
	r.subs = append(r.subs, s)
}

// Remove ends the deliveries to an adapter, also while the router runs and from within
// Deliver: it does not wait for those that are under way, which get the grace of
// [Config]. What was not delivered stays on the bus at the adapter's durable consumer,
// and what is a dead letter stays one, for a router to which it is added again. A name
// that was not added, or was removed, is [ErrUnknownAdapter].
func (r *Router) Remove(adapter string) error {
	s, err := r.subscription(adapter)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.byName, adapter)
	r.subs = slices.DeleteFunc(slices.Clone(r.subs), func(o *subscription) bool { return o == s })
	s.remove()
	return nil
}

func badName(s string) string {
	switch {
	case s == "":
		return "is empty"
	case len(s) > 100:
		return "is longer than 100 bytes"
	case !utf8.ValidString(s):
		return "is not valid UTF-8"
	}
	for _, c := range s {
		if unicode.IsControl(c) {
			return "holds a control character"
		}
	}
	return ""
}

// Run delivers until ctx ends, and then gives deliveries that are under way
// the grace of [Config]. What was not delivered by then stays on the bus. It
// returns nil when ctx ended, and an error when an adapter could not be added or
// the bus failed. A router runs once.
func (r *Router) Run(ctx context.Context) error {
	r.mu.Lock()
	if r.started {
		r.mu.Unlock()
		return fmt.Errorf("%w: it runs once", ErrNotRunning)
	}
	r.started = true
	subs := r.subs
	invalid := errors.Join(r.invalid...)
	r.mu.Unlock()
	defer close(r.stopped)
	if invalid != nil {
		return invalid
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	errs := make([]error, len(subs))
	var running sync.WaitGroup
	for i, s := range subs {
		running.Add(1)
		go func() {
			defer running.Done()
			ctx, end := context.WithCancel(ctx)
			defer end()
			defer context.AfterFunc(s.removed, end)() //nolint:contextcheck // removing has nothing to do with the context of running
			if errs[i] = s.run(ctx, r.bus); errs[i] != nil {
				errs[i] = fmt.Errorf("adapter %s: %w", s.name, errs[i])
				stop()
			}
		}()
	}
	running.Wait()
	<-ctx.Done() // they end before it where they were removed, or none was added
	return errors.Join(errs...)
}

// Idle waits until every adapter is done with everything that was published
// before the call: delivered, or a dead letter. It waits for Run to have set up
// the consumers first. It is for tests and examples, and asks the bus again and
// again; under a steady stream of events it may wait for a pause in it.
func (r *Router) Idle(ctx context.Context) error {
	r.mu.Lock()
	subs := r.subs
	r.mu.Unlock()
	for _, s := range subs {
		select {
		case <-s.ready:
		case <-s.removed.Done():
		case <-r.stopped:
			return ErrNotRunning
		case <-ctx.Done():
			return fmt.Errorf("adapter %s has no consumer yet; is Run running? %w", s.name, ctx.Err())
		}
	}
	for _, s := range subs {
		for wait := time.Millisecond; s.removed.Err() == nil; wait = min(2*wait, 50*time.Millisecond) {
			n, err := r.bus.Pending(ctx, s.name)
			if err != nil {
				return fmt.Errorf("adapter %s: %w", s.name, err)
			}
			if n == 0 {
				break
			}
			select {
			case <-time.After(wait):
			case <-r.stopped:
				return ErrNotRunning
			case <-ctx.Done():
				return fmt.Errorf("adapter %s has %d events to go: %w", s.name, n, ctx.Err())
			}
		}
	}
	return nil
}

// DeadLetters lists what could not be delivered to an adapter, oldest first, at
// most limit.
func (r *Router) DeadLetters(ctx context.Context, adapter string, limit int) ([]okr.DeadLetter, error) {
	if _, err := r.subscription(adapter); err != nil {
		return nil, err
	}
	return r.cfg.DeadLetters.DeadLetters(ctx, adapter, limit)
}

// Redrive delivers a dead letter again, once and now, whether the router runs or
// not. It returns when that is done; on failure the dead letter is kept, with
// the new error, and the failure returned. No such dead letter is
// okr.ErrNotFound.
func (r *Router) Redrive(ctx context.Context, adapter, event string) error {
	s, err := r.subscription(adapter)
	if err != nil {
		return err
	}
	return s.redrive(ctx, event)
}

func (r *Router) subscription(adapter string) (*subscription, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.byName[adapter]
	if s == nil {
		return nil, fmt.Errorf("%w: %q", ErrUnknownAdapter, adapter)
	}
	return s, nil
}
