package adapters

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// subscription is one adapter and its deliveries.
type subscription struct {
	adapter   Adapter
	name      string
	types     []string
	noNotices bool
	consume   []ConsumeOption
	limits    Limits
	ordered   bool
	grace     time.Duration

	deliver DeliverFunc // the adapter within the middleware
	inbox   Inbox
	dead    DeadLetters
	done    *recent // effects that are done, whether or not the inbox could be told
	log     *slog.Logger
	clock   func() time.Time

	ready chan struct{} // closed when the durable's position stands
	slots chan struct{} // a Deliver that has not returned holds one
	queue *queue

	removed context.Context //nolint:containedctx // ends when the adapter is removed, whoever runs
	remove  context.CancelFunc

	mu         sync.Mutex
	calls      map[*call]struct{}  // that have not returned
	unreturned map[string]struct{} // events of those that were given up
	redriving  map[string]struct{}
}

// infrastructure is the distance between attempts to reach the inbox or the dead
// letters. The adapter has no part in it, so it counts as no attempt.
var infrastructure = Exponential(100*time.Millisecond, 10*time.Second)

// slack is how long a Deliver whose context has ended may take to return before
// it is given up.
const slack = 250 * time.Millisecond

// errReleased says that a delivery was not started because the router stops.
var errReleased = errors.New("adapters: the router stops")

func newSubscription(a Adapter, c Config, opts []AddOption) *subscription {
	s := &subscription{
		adapter: a,
		name:    a.Name(),
		limits:  Limits{c.Timeout, c.MaxAttempts, c.Backoff, c.Concurrency},
		grace:   c.Grace,
		deliver: a.Deliver,
		inbox:   c.Inbox,
		dead:    c.DeadLetters,
		done:    newRecent(10_000),
		log:     c.Log.With("adapter", a.Name()),
		clock:   c.Clock,
		ready:   make(chan struct{}),

		calls:      map[*call]struct{}{},
		unreturned: map[string]struct{}{},
		redriving:  map[string]struct{}{},
	}
	for i := len(c.Middleware) - 1; i >= 0; i-- {
		s.deliver = c.Middleware[i](s.name, s.deliver)
	}
	for _, o := range opts {
		o.apply(s)
	}
	if o, ok := a.(OrderedAdapter); ok && o.Ordered() {
		s.consume = append(s.consume, Ordered())
	}
	s.ordered = NewConsuming(s.consume...).Ordered
	s.slots = make(chan struct{}, s.limits.Concurrency)
	s.queue = newQueue()
	s.removed, s.remove = context.WithCancel(context.Background())
	return s
}

// run consumes and delivers until ctx ends.
func (s *subscription) run(ctx context.Context, bus Bus) error {
	work, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	var workers sync.WaitGroup
	for range s.limits.Concurrency {
		workers.Add(1)
		go s.worker(work, nil, &workers)
	}
	stopped := make(chan struct{})
	stop := func(grace time.Duration) {
		defer close(stopped)
		s.queue.close()
		defer time.AfterFunc(grace, abort).Stop()
		defer time.AfterFunc(grace+slack, s.giveUpAll).Stop()
		workers.Wait()
	}
	stopWith := context.AfterFunc(ctx, func() { stop(s.grace) })
	once := sync.OnceFunc(func() { close(s.ready) })
	err := bus.Consume(ctx, s.name, s.types, s.take, append(s.consume, Ready(once))...)
	if ctx.Err() == nil && stopWith() {
		stop(0)
		if err == nil {
			err = errors.New("adapters: the bus stopped consuming")
		}
	}
	<-stopped
	return err
}

// worker processes jobs until the queue is closed: first the given one, if any.
func (s *subscription) worker(ctx context.Context, first func(replace), workers *sync.WaitGroup) {
	again := func(f func(replace)) { go s.worker(ctx, f, workers) }
	if first != nil {
		first(again)
	}
	for j := s.queue.next(); j != nil; j = s.queue.next() {
		if !s.process(ctx, j, again) {
			return // another worker has taken this one's place
		}
	}
	workers.Done()
}

// replace starts something that goes on in the place of a goroutine that is
// stuck in, or was ended by, an adapter.
type replace func(f func(replace))

// take is the handler that the bus calls.
func (s *subscription) take(_ context.Context, m *Message) {
	j := &job{m: m}
	if s.noNotices && m.Type == okr.EventNoticeReady {
		j.stage = stageEnd // a worker settles it: that may mean a way to the server and back
	} else if s.ordered {
		s.decode(j)
		j.lane = lane{m.Tenant, j.event.Aggregate}
	}
	s.queue.add(j)
}

// decode reads the event, and makes a job of which that is impossible a dead
// letter.
func (s *subscription) decode(j *job) {
	j.stage = stageLookUp
	e, err := okr.ParseCloudEvent(j.m.Wire)
	if err == nil && (e.ID != j.m.ID || e.Tenant != j.m.Tenant || e.Type != j.m.Type) {
		err = fmt.Errorf("it is event %q of type %q and tenant %q within, and %q, %q, %q on the bus", e.ID, e.Type, e.Tenant, j.m.ID, j.m.Type, j.m.Tenant)
	}
	if err != nil {
		s.bury(j, j.m.Attempt, fmt.Errorf("%w: %w", ErrMalformed, err))
		return
	}
	j.event = e
}

// process takes a job as far as it goes now. It answers false if this goroutine
// has been replaced.
func (s *subscription) process(ctx context.Context, j *job, instead replace) bool {
	if j.stage == stageDecode {
		s.decode(j)
	}
	if j.stage == stageLookUp {
		seen := s.done.has(j.m.ID)
		if !seen {
			err := s.port(ctx, func(ctx context.Context) (err error) {
				seen, err = s.inbox.Seen(ctx, s.name, j.m.ID)
				return err
			})
			if err != nil {
				s.wait(j, "the inbox cannot be read", err)
				return true
			}
		}
		j.stage = stageDeliver
		if seen {
			j.stage = stageTidy
		}
	}
	if j.stage == stageDeliver && !s.call(ctx, j, instead) {
		return false
	}
	if j.stage == stageAnswered && !s.answered(ctx, j) {
		return true
	}
	if j.stage == stageMark {
		err := s.port(ctx, func(ctx context.Context) error {
			return s.inbox.MarkDone(ctx, s.name, j.m.ID, s.clock().UTC())
		})
		if err != nil {
			s.wait(j, "the inbox cannot be written", err)
			return true
		}
		j.stage = stageTidy
	}
	if j.stage == stageBury {
		err := s.port(ctx, func(ctx context.Context) error { return s.dead.PutDeadLetter(ctx, j.letter) })
		if err != nil {
			s.wait(j, "the dead letter cannot be written", err)
			return true
		}
		j.stage = stageEnd
	}
	if j.stage == stageTidy && j.redriven {
		err := s.port(ctx, func(ctx context.Context) error {
			_, err := s.dead.TakeDeadLetter(ctx, s.name, j.m.ID)
			return err
		})
		if err != nil && !errors.Is(err, okr.ErrNotFound) {
			s.wait(j, "the dead letter cannot be removed", err)
			return true
		}
	}
	s.queue.settle(j, j.result)
	return true
}

// answered says what follows from the adapter's answer, and whether the job goes
// on at once.
func (s *subscription) answered(ctx context.Context, j *job) bool {
	attempt, err := j.m.Attempt+j.tries, j.answer
	switch {
	case err == nil:
		s.done.add(j.m.ID)
		j.stage = stageMark
		return true
	case errors.Is(err, errReleased), ctx.Err() != nil:
		// The router stops; that is not the adapter's failure.
		s.queue.settle(j, RetryAfter(0, err))
		return false
	case j.redriven, IsPermanent(err), attempt >= s.limits.MaxAttempts:
		s.bury(j, attempt, err)
		return true
	}
	j.tries++
	j.stage = stageDeliver
	after, asked := RetryDelay(err)
	if !asked {
		after = s.limits.Backoff(attempt)
	}
	after = spread(after)
	s.log.Warn("delivery failed and is tried again", "event", j.m.ID, "type", j.m.Type, "tenant", j.m.Tenant, "attempt", attempt, "after", after, "error", err)
	if s.ordered {
		s.queue.hold(j, after)
	} else {
		s.queue.settle(j, RetryAfter(after, err))
	}
	return false
}

func (s *subscription) bury(j *job, attempts int, err error) {
	j.stage = stageBury
	if j.redriven {
		j.result = err
	}
	j.letter = okr.DeadLetter{
		Adapter: s.name, Event: j.m.ID, Tenant: j.m.Tenant, Type: j.m.Type, Wire: j.m.Wire,
		Attempts: attempts, Error: err.Error(), At: s.clock().UTC(),
	}
	s.log.Error("event is a dead letter", "event", j.m.ID, "type", j.m.Type, "tenant", j.m.Tenant, "attempts", attempts, "error", err)
}

// wait holds a job because the store cannot be reached. The effect is not
// repeated meanwhile: the job goes on where it stopped.
func (s *subscription) wait(j *job, what string, err error) {
	if j.redriven {
		s.queue.settle(j, fmt.Errorf("adapters: %s: %w", what, errors.Join(err, j.result)))
		return
	}
	j.waits++
	after := infrastructure(j.waits)
	s.log.Error(what, "event", j.m.ID, "after", after, "error", err)
	s.queue.hold(j, after)
}

func (s *subscription) port(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.limits.Timeout)
	defer cancel()
	return f(ctx)
}

// call is one Deliver.
type call struct {
	event  string
	over   atomic.Bool // it has returned, or was given up: whoever sets it goes on with the job
	giveUp func()
}

// call lets the adapter deliver once, and waits no longer than its timeout. A
// call that does not return keeps its slot, so that an adapter that hangs holds
// no more than its own concurrency, and what it says in the end still counts.
func (s *subscription) call(ctx context.Context, j *job, instead replace) (here bool) {
	id := j.event.ID
	j.stage = stageAnswered
	s.mu.Lock()
	_, busy := s.unreturned[id]
	s.mu.Unlock()
	if busy {
		j.answer = fmt.Errorf("%w: an earlier attempt has still not returned", ErrTimeout)
		return true
	}
	select {
	case s.slots <- struct{}{}:
	default:
		select {
		case s.slots <- struct{}{}:
		case <-s.queue.closing:
			j.answer = errReleased
			return true
		case <-ctx.Done():
			j.answer = errReleased
			return true
		}
	}
	timed, cancel := context.WithTimeout(ctx, s.limits.Timeout)
	d := Delivery{Event: j.event, Attempt: j.m.Attempt + j.tries, Redriven: j.redriven}
	c := &call{event: id}
	goOn := func(err error) {
		instead(func(instead replace) {
			j.answer = err
			s.process(ctx, j, instead)
		})
	}
	c.giveUp = func() {
		s.mu.Lock()
		mine := c.over.CompareAndSwap(false, true)
		if mine {
			s.unreturned[id] = struct{}{}
		}
		s.mu.Unlock()
		if mine {
			goOn(fmt.Errorf("%w: Deliver did not return when its context ended", ErrTimeout))
		}
	}
	s.mu.Lock()
	s.calls[c] = struct{}{}
	s.mu.Unlock()
	watchdog := time.AfterFunc(s.limits.Timeout+slack, c.giveUp)
	returned := false
	err := fmt.Errorf("%w: it ended its goroutine", ErrPanic)
	defer func() {
		p := recover()
		if p != nil {
			err = fmt.Errorf("%w: %v", ErrPanic, p)
		}
		watchdog.Stop()
		cancel()
		s.mu.Lock()
		here = c.over.CompareAndSwap(false, true)
		delete(s.calls, c)
		if !here {
			delete(s.unreturned, id)
		}
		s.mu.Unlock()
		switch {
		case !here:
			s.late(ctx, d, err)
		case returned || p != nil:
			j.answer = err
		default:
			goOn(err) // runtime.Goexit: what comes after this function does not happen
		}
		<-s.slots
	}()
	err = s.deliver(timed, d)
	returned = true
	return true
}

// giveUpAll goes on without the calls that have not returned.
func (s *subscription) giveUpAll() {
	s.mu.Lock()
	all := make([]*call, 0, len(s.calls))
	for c := range s.calls {
		all = append(all, c)
	}
	s.mu.Unlock()
	for _, c := range all {
		c.giveUp()
	}
}

// late takes the answer of a call that was given up: an effect that is done
// after all is not repeated.
func (s *subscription) late(ctx context.Context, d Delivery, err error) {
	s.log.Warn("a delivery returned after it was given up", "event", d.Event.ID, "attempt", d.Attempt, "error", err)
	if err != nil {
		return
	}
	s.done.add(d.Event.ID)
	err = s.port(context.WithoutCancel(ctx), func(ctx context.Context) error {
		return s.inbox.MarkDone(ctx, s.name, d.Event.ID, s.clock().UTC())
	})
	if err != nil {
		s.log.Error("the inbox cannot be written", "event", d.Event.ID, "error", err)
	}
}

// redrive delivers a dead letter once.
func (s *subscription) redrive(ctx context.Context, event string) error {
	s.mu.Lock()
	_, busy := s.redriving[event]
	s.redriving[event] = struct{}{}
	s.mu.Unlock()
	if busy {
		return &okr.ConflictError{Ref: okr.Ref{Kind: "event", ID: okr.ID(event)}, Reason: "it is being redriven already"}
	}
	free := func() {
		s.mu.Lock()
		delete(s.redriving, event)
		s.mu.Unlock()
	}
	d, err := s.dead.TakeDeadLetter(ctx, s.name, event)
	if err != nil {
		free()
		return err
	}
	// Kept until the adapter says that it is done: a process that ends in between
	// must not lose it.
	d.Attempts++
	if err := s.dead.PutDeadLetter(context.WithoutCancel(ctx), d); err != nil {
		free()
		return fmt.Errorf("adapters: dead letter %s of %s was taken and could not be put back: %w", event, s.name, err)
	}
	result := make(chan error, 1)
	j := &job{redriven: true, m: NewMessage(d.Event, d.Type, d.Tenant, d.Wire, d.Attempts, func(err error) {
		free()
		result <- err
	})}
	s.decode(j)
	if s.ordered {
		j.lane = lane{d.Tenant, j.event.Aggregate}
	}
	if !s.queue.offer(j) {
		var here replace
		here = func(f func(replace)) { go f(here) }
		here(func(instead replace) { s.process(ctx, j, instead) })
	}
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
