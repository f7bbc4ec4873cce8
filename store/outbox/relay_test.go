package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store/outbox"
)

// table is an outbox. It hands out as much as its contract allows: whole runs of
// an aggregate in one claim.
type table struct {
	mu      sync.Mutex
	rows    []*row
	nudge   chan struct{}
	quiet   bool // it does not nudge
	claims  int
	fail    error // of every call
	markErr error
}

type row struct {
	okr.Outgoing
	due   time.Time
	cause string
	gone  bool
}

func newTable() *table { return &table{nudge: make(chan struct{}, 1)} }

func (t *table) Committed() <-chan struct{} { return t.nudge }

// commit adds n events to an aggregate.
func (t *table) commit(aggregate string, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	seq := int64(0)
	for _, r := range t.rows {
		if string(r.Aggregate.ID) == aggregate {
			seq = r.Seq
		}
	}
	for range n {
		seq++
		t.rows = append(t.rows, &row{Outgoing: okr.Outgoing{
			ID: fmt.Sprintf("%s-%d", aggregate, seq), Tenant: "acme", Type: okr.EventCheckInRecorded, Seq: seq,
			Aggregate: okr.Ref{Kind: okr.KindKeyResult, ID: okr.ID(aggregate)}, Wire: []byte("{}"),
		}})
	}
	if t.quiet {
		return
	}
	select {
	case t.nudge <- struct{}{}:
	default:
	}
}

func (t *table) ClaimOutgoing(_ context.Context, now time.Time, lease time.Duration, limit int) ([]okr.Outgoing, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.claims++
	if t.fail != nil {
		return nil, t.fail
	}
	var out []okr.Outgoing
	blocked := map[okr.Ref]bool{}
	for _, r := range t.rows {
		if r.gone || blocked[r.Aggregate] {
			continue
		}
		if r.due.After(now) || len(out) == limit {
			blocked[r.Aggregate] = true
			continue
		}
		r.due = now.Add(lease)
		r.Attempt++
		out = append(out, r.Outgoing)
	}
	return out, nil
}

func (t *table) MarkPublished(ctx context.Context, events []string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := errors.Join(ctx.Err(), t.fail, t.markErr); err != nil {
		return err
	}
	for _, r := range t.rows {
		if slices.Contains(events, r.ID) {
			r.gone = true
		}
	}
	return nil
}

func (t *table) ReleaseOutgoing(ctx context.Context, events []string, retryAt time.Time, cause string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := errors.Join(ctx.Err(), t.fail); err != nil {
		return err
	}
	for _, r := range t.rows {
		if slices.Contains(events, r.ID) {
			r.due, r.cause = retryAt, cause
		}
	}
	return nil
}

func (t *table) set(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f()
}

func (t *table) left() (ids []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.rows {
		if !r.gone {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// partialError is what a bus answers when some events got through.
type partialError struct {
	published []string
	refused   map[string]error
}

func (e *partialError) Error() string                   { return "bus: not everything was published" }
func (e *partialError) PublishedIDs() []string          { return e.published }
func (e *partialError) RefusedEvents() map[string]error { return e.refused }

// stream is a bus that fails as told, and checks what it is given.
type stream struct {
	mu      sync.Mutex
	known   map[string]bool
	seqs    map[okr.Ref][]int64
	total   int // with repetitions
	failing func(okr.Outgoing) error
	refuse  func(okr.Outgoing) bool
	lost    func(okr.Outgoing) bool // it is there, but the answer is not
	before  func(context.Context)
	whole   bool // a failure is of the whole call, and nothing is known
}

func newStream() *stream { return &stream{known: map[string]bool{}, seqs: map[okr.Ref][]int64{}} }

func (s *stream) Publish(ctx context.Context, events ...okr.Outgoing) error {
	if s.before != nil {
		s.before(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &partialError{refused: map[string]error{}}
	stopped := map[okr.Ref]bool{}
	failed := false
	for _, e := range events {
		if stopped[e.Aggregate] {
			continue
		}
		switch {
		case s.refuse != nil && s.refuse(e):
			out.refused[e.ID] = errors.New("too large")
			stopped[e.Aggregate], failed = true, true
		case s.failing != nil && s.failing(e) != nil:
			stopped[e.Aggregate], failed = true, true
		default:
			if !s.known[e.ID] {
				s.known[e.ID] = true
				s.seqs[e.Aggregate] = append(s.seqs[e.Aggregate], e.Seq)
			}
			s.total++
			if s.lost != nil && s.lost(e) {
				stopped[e.Aggregate], failed = true, true
				continue
			}
			out.published = append(out.published, e.ID)
		}
	}
	switch {
	case !failed:
		return nil
	case s.whole:
		return context.DeadlineExceeded
	}
	return fmt.Errorf("publish: %w", out)
}

func (s *stream) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *stream) got() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.known)
}

// inOrder fails unless each aggregate's events came as 1, 2, 3 …
func (s *stream) inOrder(t require.TestingT) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ref, seqs := range s.seqs {
		for i, seq := range seqs {
			require.Equal(t, int64(i+1), seq, "%s: %v", ref, seqs)
		}
	}
}

var errDown = errors.New("bus is down")

func TestDrainPublishesEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table, bus := newTable(), newStream()
		for i := range 7 {
			table.commit(fmt.Sprint("kr", i), 300)
		}
		n, err := outbox.NewRelay(table, bus).Drain(t.Context())
		require.NoError(t, err)
		require.Equal(t, 2100, n)
		require.Empty(t, table.left())
		require.Equal(t, 6, table.claims, "500 at a time, and a look that finds nothing")
		bus.inOrder(t)
		n, err = outbox.NewRelay(table, bus).Drain(t.Context())
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

func TestBusDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table, bus := newTable(), newStream()
		bus.failing = func(okr.Outgoing) error { return errDown }
		for i := range 2000 {
			table.commit(fmt.Sprint("kr", i), 1)
		}
		n, err := outbox.NewRelay(table, bus).Drain(t.Context())
		require.Error(t, err)
		require.Zero(t, n)
		require.Equal(t, 1, table.claims, "it does not go through the whole list when nothing gets through")
		require.Len(t, table.left(), 2000)
		require.Contains(t, table.rows[0].cause, "not everything was published")
		wait := time.Until(table.rows[0].due)
		require.GreaterOrEqual(t, wait, 50*time.Millisecond)
		require.LessOrEqual(t, wait, 100*time.Millisecond)
	})
}

// One publish of three times out. What comes after it in its aggregate waits,
// and nothing else does.
func TestTimedOutPublishBetweenTwoGoodOnes(t *testing.T) {
	for name, lost := range map[string]bool{"it never arrived": false, "only its answer was lost": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				table, bus := newTable(), newStream()
				table.commit("kr1", 3)
				table.commit("kr2", 3)
				second := func(e okr.Outgoing) bool { return e.ID == "kr1-2" }
				if lost {
					bus.lost = second
				} else {
					bus.failing = func(e okr.Outgoing) error {
						if second(e) {
							return context.DeadlineExceeded
						}
						return nil
					}
				}
				relay := outbox.NewRelay(table, bus)
				n, err := relay.Drain(t.Context())
				require.Error(t, err)
				require.Equal(t, 4, n)
				require.Equal(t, []string{"kr1-2", "kr1-3"}, table.left())
				require.Equal(t, table.rows[1].due, table.rows[2].due, "they come back together")
				n, err = relay.Drain(t.Context())
				require.NoError(t, err)
				require.Zero(t, n, "not before its time")
				bus.set(func() { bus.lost, bus.failing = nil, nil })
				time.Sleep(time.Second)
				n, err = relay.Drain(t.Context())
				require.NoError(t, err)
				require.Equal(t, 2, n)
				require.Empty(t, table.left())
				bus.inOrder(t)
			})
		})
	}
}

func TestRefusedEventBlocksOnlyItsAggregate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table, bus := newTable(), newStream()
		bus.refuse = func(e okr.Outgoing) bool { return e.ID == "bad-2" }
		table.commit("bad", 4)
		table.commit("good", 1)
		relay := outbox.NewRelay(table, bus, outbox.Batch(10))
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- relay.Run(ctx) }()
		for range 60 {
			table.commit("good", 1)
			time.Sleep(time.Minute)
		}
		require.Equal(t, []string{"bad-2", "bad-3", "bad-4"}, table.left())
		table.set(func() {
			require.Equal(t, "too large", table.rows[1].cause)
			require.Less(t, table.rows[1].Attempt, 30, "ever more seldom")
		})
		require.Equal(t, 62, bus.got())
		bus.set(func() { bus.refuse = nil })
		time.Sleep(11 * time.Minute)
		require.Empty(t, table.left(), "it is looked at again")
		bus.inOrder(t)
		stop()
		require.NoError(t, <-ended)
	})
}

func TestRunIsWoken(t *testing.T) {
	for name, tt := range map[string]struct {
		nudge bool
		wake  bool
		most  time.Duration
	}{
		"by the store": {nudge: true},
		"by the host":  {wake: true},
		"by its poll":  {most: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				table, bus := newTable(), newStream()
				relay := outbox.NewRelay(table, bus, outbox.Poll(time.Hour))
				ctx, stop := context.WithCancel(t.Context())
				ended := make(chan error)
				go func() { ended <- relay.Run(ctx) }()
				synctest.Wait()
				table.quiet = !tt.nudge
				table.commit("kr1", 1)
				if tt.wake {
					relay.Wake()
					relay.Wake()
				}
				time.Sleep(tt.most)
				synctest.Wait()
				require.Equal(t, 1, bus.got())
				stop()
				require.NoError(t, <-ended)
			})
		})
	}
}

func TestRunOutlivesWhatIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table, bus := newTable(), newStream()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- outbox.NewRelay(table, bus).Run(ctx) }()
		table.set(func() { table.fail = errDown })
		table.commit("kr1", 2)
		time.Sleep(time.Hour)
		table.set(func() {
			require.Less(t, table.claims, 600, "it does not hammer")
			table.fail = nil
		})
		bus.set(func() { bus.whole, bus.failing = true, func(okr.Outgoing) error { return errDown } })
		time.Sleep(time.Hour)
		table.set(func() { require.Less(t, table.rows[0].Attempt, 600) })
		bus.set(func() { bus.failing = nil })
		time.Sleep(16 * time.Second)
		require.Empty(t, table.left(), "seconds after it is back, not hours")
		bus.inOrder(t)
		stop()
		require.NoError(t, <-ended)
	})
}

func TestMarkFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table, bus := newTable(), newStream()
		table.commit("kr1", 2)
		table.set(func() { table.markErr = errDown })
		relay := outbox.NewRelay(table, bus)
		n, err := relay.Drain(t.Context())
		require.ErrorIs(t, err, errDown)
		require.Zero(t, n)
		table.set(func() { table.markErr = nil })
		time.Sleep(31 * time.Second)
		n, err = relay.Drain(t.Context())
		require.NoError(t, err)
		require.Equal(t, 2, n)
		require.Equal(t, 4, bus.total, "published again when the lease is over, under the same ids")
		bus.inOrder(t)
	})
}

func TestStoppingReleasesTheClaim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table, bus := newTable(), newStream()
		table.commit("kr1", 2)
		bus.whole = true
		bus.failing = func(okr.Outgoing) error { return errDown }
		bus.before = func(ctx context.Context) { <-ctx.Done() }
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- outbox.NewRelay(table, bus).Run(ctx) }()
		synctest.Wait()
		stop()
		require.NoError(t, <-ended)
		require.False(t, table.rows[0].due.After(time.Now()), "the next process need not wait for the lease")
	})
}

func TestPublishEndsBeforeTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table, bus := newTable(), newStream()
		table.commit("kr1", 1)
		bus.whole = true
		bus.failing = func(okr.Outgoing) error { return errDown }
		begin := time.Now()
		bus.before = func(ctx context.Context) { <-ctx.Done() }
		_, err := outbox.NewRelay(table, bus, outbox.Lease(10*time.Second)).Drain(t.Context())
		require.Error(t, err)
		require.Less(t, time.Since(begin), 10*time.Second)
	})
}

// Whatever fails and however many relays there are: order holds, nothing is
// lost, and what is left in the end is what cannot be published.
func TestOrderWhateverFails(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		relays := rapid.IntRange(1, 3).Draw(rt, "relays")
		sizes := rapid.SliceOfN(rapid.IntRange(1, 9), 1, 6).Draw(rt, "sizes")
		batch := rapid.IntRange(1, 12).Draw(rt, "batch")
		var list *table
		bus, want := newStream(), map[okr.Ref]int{}
		synctest.Test(t, func(t *testing.T) {
			table := newTable()
			list = table
			for i, n := range sizes {
				table.commit(fmt.Sprint("kr", i), n)
				want[okr.Ref{Kind: okr.KindKeyResult, ID: okr.ID(fmt.Sprint("kr", i))}] = n
			}
			chance := func(e okr.Outgoing, salt uint64) bool {
				x := seed ^ salt
				for _, c := range []byte(fmt.Sprint(e.ID, e.Attempt)) {
					x = (x ^ uint64(c)) * 1099511628211
				}
				return x>>32%3 == 0
			}
			bus.failing = func(e okr.Outgoing) error {
				if e.Attempt < 6 && chance(e, 1) {
					return errDown
				}
				return nil
			}
			bus.lost = func(e okr.Outgoing) bool { return e.Attempt < 6 && chance(e, 2) }
			bus.refuse = func(e okr.Outgoing) bool { return e.Attempt < 4 && chance(e, 3) }
			bus.whole = seed%2 == 0
			ctx, stop := context.WithCancel(t.Context())
			var running sync.WaitGroup
			for range relays {
				running.Go(func() { _ = outbox.NewRelay(table, bus, outbox.Batch(batch)).Run(ctx) })
			}
			for i := 0; i < 5*3600 && len(table.left()) > 0; i++ {
				time.Sleep(time.Second)
			}
			stop()
			running.Wait()
		})
		require.Empty(rt, list.left())
		bus.inOrder(rt)
		got := map[okr.Ref]int{}
		for ref, seqs := range bus.seqs {
			got[ref] = len(seqs)
		}
		require.True(rt, maps.Equal(want, got), "%v", got)
	})
}
