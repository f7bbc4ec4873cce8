package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// Outbox is the list of what is not published yet. A store implements it.
//
// A store that also has Committed() <-chan struct{} nudges the relay through it
// after each commit that added to the list. That is a saving of time and nothing
// else: the relay polls.
type Outbox interface {
	// ClaimOutgoing leases up to limit events. A leased event is not claimed again
	// before the lease ends. Events of one aggregate are claimed in their order,
	// and none while an earlier one of its aggregate is unpublished, unless that
	// one is in the same claim, before it. Attempt counts the claims.
	ClaimOutgoing(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]okr.Outgoing, error)
	// MarkPublished takes events off the list, by id.
	MarkPublished(ctx context.Context, events []string) error
	// ReleaseOutgoing ends the lease of events that could not be published: they
	// may be claimed from retryAt on.
	ReleaseOutgoing(ctx context.Context, events []string, retryAt time.Time, cause string) error
}

// Publisher puts events on a bus; adapters.Bus does. An error of its that has
// PublishedIDs() []string says which events are there all the same, and one that
// has RefusedEvents() map[string]error which it will never take as they are.
type Publisher interface {
	Publish(ctx context.Context, events ...okr.Outgoing) error
}

// Relay moves events from an outbox to a publisher. Any number of relays may
// work on one outbox, in any number of processes.
type Relay struct {
	outbox    Outbox
	publisher Publisher
	wake      chan struct{}
	committed <-chan struct{}

	batch     int
	lease     time.Duration
	poll      time.Duration
	first     time.Duration
	most      time.Duration
	mostStuck time.Duration
	log       *slog.Logger

	turn sync.Mutex // one step at a time
}

// Option changes a [Relay].
type Option func(*Relay)

// Batch is how many events are claimed at once; the default is 500.
func Batch(n int) Option { return func(r *Relay) { r.batch = max(n, 1) } }

// Lease is how long claimed events belong to this relay, by the wall clock; the
// default is 30 s. A publish ends before it does.
func Lease(d time.Duration) Option { return func(r *Relay) { r.lease = max(d, 10*time.Millisecond) } }

// Poll is how often the relay looks for events that nobody told it of; the
// default is 1 s.
func Poll(d time.Duration) Option { return func(r *Relay) { r.poll = max(d, time.Millisecond) } }

// Retry is the distance between attempts to publish: it doubles from first up to
// most, and each is a random part between half and all of that. The defaults are
// 100 ms and 15 s.
func Retry(first, most time.Duration) Option {
	return func(r *Relay) {
		r.first = max(first, time.Millisecond)
		r.most = max(most, r.first)
	}
}

// Log is where the relay reports what keeps it from publishing; nil, the
// default, is nowhere.
func Log(l *slog.Logger) Option {
	return func(r *Relay) {
		if l != nil {
			r.log = l
		}
	}
}

// NewRelay returns a relay; it does nothing until [Relay.Run] or [Relay.Drain].
func NewRelay(o Outbox, p Publisher, opts ...Option) *Relay {
	r := &Relay{
		outbox: o, publisher: p, wake: make(chan struct{}, 1),
		batch: 500, lease: 30 * time.Second, poll: time.Second,
		first: 100 * time.Millisecond, most: 15 * time.Second, mostStuck: 10 * time.Minute,
		log: slog.New(slog.DiscardHandler),
	}
	if c, ok := o.(interface{ Committed() <-chan struct{} }); ok {
		r.committed = c.Committed()
	}
	for _, f := range opts {
		f(r)
	}
	return r
}

// Wake tells the relay that there is something to publish, so that it need not
// wait for its next look. A host calls it after committing a transaction of its
// own. It never blocks.
func (r *Relay) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run publishes until ctx ends, and then returns nil. Neither a bus nor a
// database that is down ends it: it tries again.
func (r *Relay) Run(ctx context.Context) error {
	look := time.NewTimer(0)
	defer look.Stop()
	failures := 0
	for ctx.Err() == nil {
		_, down, err := r.drain(ctx)
		if err != nil && ctx.Err() == nil {
			r.log.Error("events are not published", "error", err)
		}
		if down {
			failures++
			look.Reset(r.backoff(failures, r.most))
			select {
			case <-ctx.Done():
			case <-look.C:
			}
			continue
		}
		failures = 0
		look.Reset(r.poll)
		select {
		case <-ctx.Done():
		case <-look.C:
		case <-r.wake:
		case <-r.committed:
		}
	}
	return nil
}

// Drain publishes what can be claimed now, until nothing is left or nothing gets
// through, and says how many events it published. Its error is the first that
// kept an event from being published.
func (r *Relay) Drain(ctx context.Context) (int, error) {
	n, _, err := r.drain(ctx)
	return n, err
}

// drain also says whether nothing gets through.
func (r *Relay) drain(ctx context.Context) (total int, down bool, first error) {
	r.turn.Lock()
	defer r.turn.Unlock()
	for {
		if err := ctx.Err(); err != nil {
			return total, false, err
		}
		s, err := r.step(ctx)
		total += s.published
		if first == nil {
			first = err
		}
		if s.claimed == 0 || s.down {
			return total, s.down, first
		}
	}
}

// outcome is what one claim led to.
type outcome struct {
	claimed, published int
	down               bool // nothing got through, and not because it was refused
}

func (r *Relay) step(ctx context.Context) (outcome, error) {
	claimed, err := r.outbox.ClaimOutgoing(ctx, time.Now().UTC(), r.lease, r.batch)
	if err != nil {
		return outcome{down: true}, fmt.Errorf("outbox: claim: %w", err)
	}
	s := outcome{claimed: len(claimed)}
	if len(claimed) == 0 {
		return s, nil
	}
	// A publish that outlives the lease could overtake another relay's.
	publishing, cancel := context.WithTimeout(ctx, r.lease*4/5)
	failed := r.publisher.Publish(publishing, claimed...)
	cancel()
	// What became of the claim is written also when ctx has ended.
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.lease/5+time.Second)
	defer cancel()
	if failed == nil {
		ids := make([]string, len(claimed))
		for i := range claimed {
			ids[i] = claimed[i].ID
		}
		if err := r.outbox.MarkPublished(after, ids); err != nil {
			s.down = true
			return s, fmt.Errorf("outbox: mark %d events that are published: %w", len(ids), err)
		}
		s.published = len(ids)
		return s, nil
	}
	return r.sortOut(after, ctx.Err() != nil, claimed, failed)
}

// sortOut marks what got through and releases the rest.
func (r *Relay) sortOut(ctx context.Context, stopping bool, claimed []okr.Outgoing, failed error) (outcome, error) {
	s := outcome{claimed: len(claimed)}
	there := map[string]bool{}
	var partial interface{ PublishedIDs() []string }
	if errors.As(failed, &partial) {
		for _, id := range partial.PublishedIDs() {
			there[id] = true
		}
	}
	var refused map[string]error
	var refusing interface{ RefusedEvents() map[string]error }
	if errors.As(failed, &refusing) {
		refused = refusing.RefusedEvents()
	}
	type aggregate struct {
		tenant okr.TenantID
		ref    okr.Ref
	}
	behind := map[aggregate]string{} // the refused event that later ones of an aggregate wait for
	stuck := map[string][]string{}
	var marked, later []string
	attempts := 1
	for i := range claimed {
		e := &claimed[i]
		of := aggregate{e.Tenant, e.Aggregate}
		switch first, waits := behind[of]; {
		case there[e.ID]:
			marked = append(marked, e.ID)
		case waits:
			stuck[first] = append(stuck[first], e.ID)
		case refused[e.ID] != nil:
			behind[of] = e.ID
			stuck[e.ID] = []string{e.ID}
			r.log.Error("the bus refuses an event; its aggregate waits until that is mended", "event", e.ID, "type", e.Type, "tenant", e.Tenant, "attempt", e.Attempt, "error", refused[e.ID])
		default:
			later = append(later, e.ID)
			attempts = max(attempts, e.Attempt)
		}
	}
	errs := []error{failed}
	if len(marked) > 0 {
		if err := r.outbox.MarkPublished(ctx, marked); err != nil {
			return outcome{claimed: s.claimed, down: true}, errors.Join(failed, fmt.Errorf("outbox: mark %d events that are published: %w", len(marked), err))
		}
	}
	now := time.Now().UTC()
	if len(later) > 0 {
		retry := now
		if !stopping {
			retry = now.Add(r.backoff(attempts, r.most))
		}
		errs = append(errs, r.outbox.ReleaseOutgoing(ctx, later, retry, failed.Error()))
	}
	for i := range claimed {
		if ids := stuck[claimed[i].ID]; ids != nil {
			retry := now.Add(r.backoff(claimed[i].Attempt, r.mostStuck))
			errs = append(errs, r.outbox.ReleaseOutgoing(ctx, ids, retry, refused[claimed[i].ID].Error()))
		}
	}
	s.published = len(marked)
	s.down = len(marked) == 0 && len(later) > 0
	return s, errors.Join(errs...)
}

// backoff doubles with each attempt, and takes a random part of the upper half.
func (r *Relay) backoff(attempt int, most time.Duration) time.Duration {
	d := r.first
	for i := 1; i < attempt && d < most; i++ {
		d *= 2
	}
	d = min(d, most)
	return d/2 + rand.N(d/2+1)
}
