package adapters_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/membus"
	"github.com/okrkit/okrkit/okr"
)

// event is the seq-th event of a key result, as the outbox holds it.
func event(tenant okr.TenantID, kr string, seq int64, kind string) okr.Outgoing {
	e := okr.Event{
		ID: fmt.Sprintf("%s-%s-%d", tenant, kr, seq), Type: kind, Tenant: tenant,
		Aggregate: okr.Ref{Kind: okr.KindKeyResult, ID: okr.ID(kr)}, Seq: seq,
		Time:  time.Date(2026, 10, 5, 8, 0, 0, 0, time.UTC),
		Actor: okr.Someone("kim"), Data: json.RawMessage(`{"key_result":"` + kr + `"}`),
	}
	wire, err := e.AppendCloudEvent(nil)
	if err != nil {
		panic(err)
	}
	return okr.Outgoing{ID: e.ID, Tenant: tenant, Type: kind, Aggregate: e.Aggregate, Seq: seq, Wire: wire, Attempt: 1}
}

func recorded(kr string, seq int64) okr.Outgoing {
	return event("acme", kr, seq, okr.EventCheckInRecorded)
}

// journal is an adapter that writes down what it got and answers as told.
type journal struct {
	name   string
	answer func(context.Context, adapters.Delivery) error

	mu  sync.Mutex
	got []adapters.Delivery
}

func (j *journal) Name() string { return j.name }

func (j *journal) Deliver(ctx context.Context, d adapters.Delivery) error {
	j.mu.Lock()
	j.got = append(j.got, d)
	j.mu.Unlock()
	if j.answer == nil {
		return nil
	}
	return j.answer(ctx, d)
}

func (j *journal) ids() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	ids := []string{}
	for _, d := range j.got {
		ids = append(ids, d.Event.ID)
	}
	return ids
}

func (j *journal) deliveries() []adapters.Delivery {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]adapters.Delivery(nil), j.got...)
}

// setup runs a router over a bus until the test ends, its consumers in place.
func setup(t *testing.T, bus adapters.Bus, c adapters.Config, add func(*adapters.Router)) *adapters.Router {
	t.Helper()
	r := adapters.NewRouter(bus, c)
	add(r)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})
	require.NoError(t, r.Idle(t.Context()))
	return r
}

func publish(t *testing.T, bus adapters.Bus, events ...okr.Outgoing) {
	t.Helper()
	require.NoError(t, bus.Publish(t.Context(), events...))
}

var errRemote = errors.New("remote is down")

func TestRouterDelivers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus, a := membus.New(), &journal{name: "log"}
		r := setup(t, bus, adapters.Config{Concurrency: 1}, func(r *adapters.Router) { r.Add(a) })
		publish(t, bus, recorded("kr1", 1), recorded("kr1", 2), recorded("kr2", 1))
		require.NoError(t, r.Idle(t.Context()))
		require.Equal(t, []string{"acme-kr1-1", "acme-kr1-2", "acme-kr2-1"}, a.ids())
		d := a.deliveries()[1]
		require.Equal(t, 1, d.Attempt)
		require.False(t, d.Redriven)
		require.Equal(t, okr.TenantID("acme"), d.Event.Tenant)
		require.Equal(t, int64(2), d.Event.Seq)
	})
}

func TestRouterFilters(t *testing.T) {
	events := []okr.Outgoing{
		event("acme", "kr1", 1, okr.EventCheckInRecorded),
		event("acme", "kr1", 2, okr.EventCheckInMissed),
		event("acme", "kr1", 3, okr.EventStatusChanged),
		event("acme", "n1", 1, okr.EventNoticeReady),
		event("globex", "kr9", 1, okr.EventCheckInRecorded),
	}
	for name, tt := range map[string]struct {
		opts []adapters.AddOption
		want []string
	}{
		"everything":         {nil, []string{"acme-kr1-1", "acme-kr1-2", "acme-kr1-3", "acme-n1-1", "globex-kr9-1"}},
		"notices":            {[]adapters.AddOption{adapters.Notices()}, []string{"acme-n1-1"}},
		"facts":              {[]adapters.AddOption{adapters.Facts()}, []string{"acme-kr1-1", "acme-kr1-2", "acme-kr1-3", "globex-kr9-1"}},
		"one type":           {[]adapters.AddOption{adapters.Only(okr.EventStatusChanged)}, []string{"acme-kr1-3"}},
		"an entity":          {[]adapters.AddOption{adapters.Only("okr.v1.checkin.*")}, []string{"acme-kr1-1", "acme-kr1-2", "globex-kr9-1"}},
		"added up":           {[]adapters.AddOption{adapters.Only(okr.EventStatusChanged), adapters.Notices()}, []string{"acme-kr1-3", "acme-n1-1"}},
		"one tenant":         {[]adapters.AddOption{adapters.Tenant("globex")}, []string{"globex-kr9-1"}},
		"a tenant's entity":  {[]adapters.AddOption{adapters.Tenant("acme"), adapters.Only("okr.v1.checkin.*")}, []string{"acme-kr1-1", "acme-kr1-2"}},
		"nobody by wildcard": {[]adapters.AddOption{adapters.Tenant("*")}, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				bus, a := membus.New(), &journal{name: "log"}
				r := setup(t, bus, adapters.Config{Concurrency: 1}, func(r *adapters.Router) { r.Add(a, tt.opts...) })
				publish(t, bus, events...)
				require.NoError(t, r.Idle(t.Context()))
				require.Equal(t, tt.want, a.ids())
			})
		})
	}
}

func TestRouterRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var at []time.Duration
		a := &journal{name: "slack"}
		a.answer = func(_ context.Context, d adapters.Delivery) error {
			at = append(at, time.Since(begin))
			switch d.Attempt {
			case 1:
				return errRemote
			case 2:
				return adapters.RetryAfter(time.Minute, errRemote)
			}
			return nil
		}
		bus := membus.New()
		r := setup(t, bus, adapters.Config{Backoff: func(int) time.Duration { return 10 * time.Second }}, func(r *adapters.Router) { r.Add(a) })
		publish(t, bus, recorded("kr1", 1))
		require.NoError(t, r.Idle(t.Context()))
		require.Len(t, at, 3)
		require.GreaterOrEqual(t, at[1]-at[0], 10*time.Second)
		require.LessOrEqual(t, at[1]-at[0], 11*time.Second+time.Millisecond, "the jitter is a tenth at most")
		require.GreaterOrEqual(t, at[2]-at[1], time.Minute)
		require.LessOrEqual(t, at[2]-at[1], 66*time.Second+time.Millisecond)
		left, err := r.DeadLetters(t.Context(), "slack", 10)
		require.NoError(t, err)
		require.Empty(t, left)
	})
}

func TestRouterDeadLetters(t *testing.T) {
	for name, tt := range map[string]struct {
		answer   func(context.Context, adapters.Delivery) error
		attempts int
		message  string
	}{
		"after the last attempt": {func(context.Context, adapters.Delivery) error { return errRemote }, 3, "remote is down"},
		"permanent at once":      {func(context.Context, adapters.Delivery) error { return adapters.Permanent(errRemote) }, 1, "remote is down"},
		"permanent inside": {func(context.Context, adapters.Delivery) error {
			return fmt.Errorf("slack: %w", adapters.Permanent(errRemote))
		}, 1, "slack: remote is down"},
		"a panic":                {func(context.Context, adapters.Delivery) error { panic("boom") }, 3, "adapters: the adapter panicked: boom"},
		"an ended goroutine":     {func(context.Context, adapters.Delivery) error { runtime.Goexit(); return nil }, 3, "adapters: the adapter panicked: it ended its goroutine"},
		"blind to its context":   {func(context.Context, adapters.Delivery) error { time.Sleep(time.Hour); return errRemote }, 3, "adapters: no answer in time: an earlier attempt has still not returned"},
		"the end of its context": {func(ctx context.Context, _ adapters.Delivery) error { <-ctx.Done(); return ctx.Err() }, 3, "context deadline exceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				defer time.Sleep(2 * time.Hour) // until the sleepers have woken
				bus, a := membus.New(), &journal{name: "slack", answer: tt.answer}
				well := &journal{name: "well"}
				now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
				r := setup(t, bus, adapters.Config{MaxAttempts: 3, Clock: func() time.Time { return now }}, func(r *adapters.Router) {
					r.Add(a)
					r.Add(well)
				})
				e := recorded("kr1", 1)
				publish(t, bus, e)
				require.NoError(t, r.Idle(t.Context()))
				left, err := r.DeadLetters(t.Context(), "slack", 10)
				require.NoError(t, err)
				require.Equal(t, []okr.DeadLetter{{
					Adapter: "slack", Event: e.ID, Tenant: "acme", Type: e.Type, Wire: e.Wire,
					Attempts: tt.attempts, Error: tt.message, At: now,
				}}, left)
				require.Equal(t, []string{e.ID}, well.ids(), "the others are not touched")
			})
		})
	}
}

// A call that is given up holds a slot until it returns, and no second one is
// made for its event meanwhile; what it says in the end counts.
func TestRouterTakesALateAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &journal{name: "slow"}
		a.answer = func(context.Context, adapters.Delivery) error { time.Sleep(40 * time.Second); return nil }
		bus := membus.New()
		r := setup(t, bus, adapters.Config{Timeout: 30 * time.Second}, func(r *adapters.Router) { r.Add(a) })
		publish(t, bus, recorded("kr1", 1))
		require.NoError(t, r.Idle(t.Context()))
		require.Len(t, a.ids(), 1)
		left, err := r.DeadLetters(t.Context(), "slow", 10)
		require.NoError(t, err)
		require.Empty(t, left)
	})
}

func TestRouterBoundsConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		a := &journal{name: "a"}
		a.answer = func(context.Context, adapters.Delivery) error {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(time.Second)
			now.Add(-1)
			return nil
		}
		bus := membus.New()
		r := setup(t, bus, adapters.Config{}, func(r *adapters.Router) { r.Add(a, adapters.Limit(adapters.Limits{Concurrency: 3})) })
		for i := range int64(30) {
			publish(t, bus, recorded("kr1", i+1))
		}
		begin := time.Now()
		require.NoError(t, r.Idle(t.Context()))
		require.Equal(t, int32(3), most.Load())
		require.InDelta(t, 10, time.Since(begin).Seconds(), 0.1)
	})
}

// port is an inbox and dead letters that can be switched off.
type port struct {
	mu      sync.Mutex
	done    map[string]bool
	letters map[string]okr.DeadLetter
	down    bool
	marks   int
}

func newPort() *port { return &port{done: map[string]bool{}, letters: map[string]okr.DeadLetter{}} }

var errStore = errors.New("store is down")

func (p *port) locked(f func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		return errStore
	}
	return f()
}

func (p *port) set(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

func (p *port) Seen(_ context.Context, adapter, event string) (seen bool, err error) {
	err = p.locked(func() error { seen = p.done[adapter+"/"+event]; return nil })
	return seen, err
}

func (p *port) MarkDone(_ context.Context, adapter, event string, _ time.Time) error {
	return p.locked(func() error { p.marks++; p.done[adapter+"/"+event] = true; return nil })
}

func (p *port) PutDeadLetter(_ context.Context, d okr.DeadLetter) error {
	return p.locked(func() error { p.letters[d.Adapter+"/"+d.Event] = d; return nil })
}

func (p *port) DeadLetters(_ context.Context, adapter string, limit int) (all []okr.DeadLetter, err error) {
	err = p.locked(func() error {
		for _, d := range p.letters {
			if d.Adapter == adapter && len(all) < limit {
				all = append(all, d)
			}
		}
		return nil
	})
	return all, err
}

func (p *port) TakeDeadLetter(_ context.Context, adapter, event string) (d okr.DeadLetter, err error) {
	err = p.locked(func() error {
		key, ok := adapter+"/"+event, false
		if d, ok = p.letters[key]; !ok {
			return okr.ErrNotFound
		}
		delete(p.letters, key)
		return nil
	})
	return d, err
}

func TestRouterKeepsTheEffectOnceWhileTheStoreIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, bus := newPort(), membus.New()
		a := &journal{name: "mail"}
		a.answer = func(context.Context, adapters.Delivery) error { store.set(true); return nil }
		r := setup(t, bus, adapters.Config{Inbox: store, DeadLetters: store}, func(r *adapters.Router) { r.Add(a) })
		publish(t, bus, recorded("kr1", 1))
		time.Sleep(10 * time.Minute)
		n, err := bus.Pending(t.Context(), "mail")
		require.NoError(t, err)
		require.Equal(t, 1, n, "what is not written down is not acknowledged")
		store.set(false)
		require.NoError(t, r.Idle(t.Context()))
		require.Len(t, a.ids(), 1)
		require.Equal(t, 1, store.marks)
	})
}

func TestRouterWritesDownWhatIsDoneBeforeItStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, bus := newPort(), membus.New()
		a := &journal{name: "mail"}
		a.answer = func(context.Context, adapters.Delivery) error { store.set(true); return nil }
		r := adapters.NewRouter(bus, adapters.Config{Inbox: store, DeadLetters: store})
		r.Add(a)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- r.Run(ctx) }()
		require.NoError(t, r.Idle(t.Context()))
		publish(t, bus, recorded("kr1", 1))
		time.Sleep(time.Minute)
		store.set(false)
		stop()
		require.NoError(t, <-ended)
		require.Equal(t, 1, store.marks)
		n, err := bus.Pending(t.Context(), "mail")
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

func TestRouterLooksInTheInbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, bus := newPort(), membus.New()
		a := &journal{name: "mail"}
		store.done["mail/acme-kr1-1"] = true
		r := setup(t, bus, adapters.Config{Inbox: store, DeadLetters: store}, func(r *adapters.Router) { r.Add(a) })
		publish(t, bus, recorded("kr1", 1), recorded("kr1", 2))
		require.NoError(t, r.Idle(t.Context()))
		require.Equal(t, []string{"acme-kr1-2"}, a.ids())
	})
}

func TestRouterKeepsTryingToBury(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, bus := newPort(), membus.New()
		a := &journal{name: "mail"}
		a.answer = func(context.Context, adapters.Delivery) error {
			store.set(true)
			return adapters.Permanent(errRemote)
		}
		r := setup(t, bus, adapters.Config{Inbox: store, DeadLetters: store}, func(r *adapters.Router) { r.Add(a) })
		publish(t, bus, recorded("kr1", 1))
		time.Sleep(time.Minute)
		store.set(false)
		require.NoError(t, r.Idle(t.Context()))
		require.Len(t, a.ids(), 1)
		require.Len(t, store.letters, 1)
	})
}

func TestRouterOrdered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		done := map[okr.ID][]int64{}
		a := &journal{name: "warehouse"}
		a.answer = func(_ context.Context, d adapters.Delivery) error {
			time.Sleep(time.Duration(d.Event.Seq%3) * time.Second)
			if d.Event.Aggregate.ID == "bad" && d.Event.Seq == 1 && d.Attempt < 4 {
				return errRemote
			}
			mu.Lock()
			defer mu.Unlock()
			done[d.Event.Aggregate.ID] = append(done[d.Event.Aggregate.ID], d.Event.Seq)
			return nil
		}
		bus := membus.New()
		r := setup(t, bus, adapters.Config{Backoff: func(int) time.Duration { return time.Hour }}, func(r *adapters.Router) { r.Add(a, adapters.Ordered()) })
		for seq := range int64(20) {
			publish(t, bus, recorded("bad", seq+1), recorded("good", seq+1))
		}
		time.Sleep(time.Minute)
		mu.Lock()
		require.Len(t, done["good"], 20, "a lane that waits holds up no other")
		require.Empty(t, done["bad"])
		mu.Unlock()
		require.NoError(t, r.Idle(t.Context()))
		for id, seqs := range done {
			for i, seq := range seqs {
				require.Equal(t, int64(i+1), seq, "%s: %v", id, seqs)
			}
		}
		require.Len(t, done["bad"], 20)
	})
}

func TestRouterOrderedGoesOnBehindADeadLetter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus, a := membus.New(), &journal{name: "warehouse"}
		a.answer = func(_ context.Context, d adapters.Delivery) error {
			if d.Event.Seq == 2 && !d.Redriven {
				return adapters.Permanent(errRemote)
			}
			return nil
		}
		r := setup(t, bus, adapters.Config{}, func(r *adapters.Router) { r.Add(a, adapters.Ordered()) })
		publish(t, bus, recorded("kr1", 1), recorded("kr1", 2), recorded("kr1", 3))
		require.NoError(t, r.Idle(t.Context()))
		require.Equal(t, []string{"acme-kr1-1", "acme-kr1-2", "acme-kr1-3"}, a.ids())
		require.NoError(t, r.Redrive(t.Context(), "warehouse", "acme-kr1-2"))
		last := a.deliveries()[3]
		require.True(t, last.Redriven)
		require.Equal(t, 2, last.Attempt)
		left, err := r.DeadLetters(t.Context(), "warehouse", 10)
		require.NoError(t, err)
		require.Empty(t, left)
		require.ErrorIs(t, r.Redrive(t.Context(), "warehouse", "acme-kr1-2"), okr.ErrNotFound)
		require.ErrorIs(t, r.Redrive(t.Context(), "nobody", "x"), adapters.ErrUnknownAdapter)
	})
}

func TestRedriveKeepsWhatFailsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, bus := newPort(), membus.New()
		a := &journal{name: "mail", answer: func(context.Context, adapters.Delivery) error { return adapters.Permanent(errRemote) }}
		r := adapters.NewRouter(bus, adapters.Config{Inbox: store, DeadLetters: store})
		r.Add(a)
		e := recorded("kr1", 1)
		require.NoError(t, store.PutDeadLetter(t.Context(), okr.DeadLetter{Adapter: "mail", Event: e.ID, Tenant: e.Tenant, Type: e.Type, Wire: e.Wire, Attempts: 12}))
		require.ErrorIs(t, r.Redrive(t.Context(), "mail", e.ID), errRemote, "also while the router does not run")
		require.Equal(t, 13, store.letters["mail/"+e.ID].Attempts)
		require.Equal(t, "remote is down", store.letters["mail/"+e.ID].Error)
		a.answer = nil
		require.NoError(t, r.Redrive(t.Context(), "mail", e.ID))
		require.Empty(t, store.letters)
		require.True(t, store.done["mail/"+e.ID])
		require.NoError(t, store.PutDeadLetter(t.Context(), okr.DeadLetter{Adapter: "mail", Event: "junk", Wire: []byte("{")}))
		require.ErrorIs(t, r.Redrive(t.Context(), "mail", "junk"), adapters.ErrMalformed)
		require.Len(t, store.letters, 1)
	})
}

func TestRouterStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer time.Sleep(2 * time.Hour) // until the sleepers have woken
		bus := membus.New()
		slow := &journal{name: "slow", answer: func(context.Context, adapters.Delivery) error { time.Sleep(3 * time.Second); return nil }}
		deaf := &journal{name: "deaf", answer: func(context.Context, adapters.Delivery) error { time.Sleep(time.Hour); return nil }}
		patient := &journal{name: "patient", answer: func(ctx context.Context, _ adapters.Delivery) error { <-ctx.Done(); return ctx.Err() }}
		broken := &journal{name: "broken", answer: func(context.Context, adapters.Delivery) error { return errRemote }}
		all := []*journal{slow, deaf, patient, broken}
		r := adapters.NewRouter(bus, adapters.Config{Concurrency: 1})
		for _, a := range all {
			r.Add(a, adapters.Ordered())
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- r.Run(ctx) }()
		require.NoError(t, r.Idle(t.Context()))
		publish(t, bus, recorded("kr1", 1), recorded("kr1", 2))
		time.Sleep(time.Second)
		begin := time.Now()
		stop()
		require.NoError(t, <-ended)
		require.LessOrEqual(t, time.Since(begin), 6*time.Second)
		pending := map[string]int{}
		for _, a := range all {
			n, err := bus.Pending(t.Context(), a.name)
			require.NoError(t, err)
			pending[a.name] = n
		}
		require.Equal(t, map[string]int{"slow": 1, "deaf": 2, "patient": 2, "broken": 2}, pending, "a delivery under way may end, nothing new begins")
		require.ErrorIs(t, r.Run(t.Context()), adapters.ErrNotRunning)
		require.ErrorIs(t, r.Idle(t.Context()), adapters.ErrNotRunning)

		// The next process gets what is left, in order.
		next := &journal{name: "broken"}
		again := setup(t, bus, adapters.Config{}, func(r *adapters.Router) { r.Add(next, adapters.Ordered()) })
		require.NoError(t, again.Idle(t.Context()))
		require.Equal(t, []string{"acme-kr1-1", "acme-kr1-2"}, next.ids())
	})
}

func TestRouterBuriesWhatIsNoEvent(t *testing.T) {
	for name, change := range map[string]func(*okr.Outgoing){
		"no JSON":        func(o *okr.Outgoing) { o.Wire = []byte("hello") },
		"another id":     func(o *okr.Outgoing) { o.ID = "other" },
		"another tenant": func(o *okr.Outgoing) { o.Tenant = "globex" },
		"another type":   func(o *okr.Outgoing) { o.Type = okr.EventCheckInMissed },
	} {
		for _, ordered := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, ordered %v", name, ordered), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					bus, a := membus.New(), &journal{name: "log"}
					r := setup(t, bus, adapters.Config{}, func(r *adapters.Router) {
						if ordered {
							r.Add(a, adapters.Ordered())
						} else {
							r.Add(a)
						}
					})
					o := recorded("kr1", 1)
					change(&o)
					publish(t, bus, o)
					require.NoError(t, r.Idle(t.Context()))
					require.Empty(t, a.ids())
					left, err := r.DeadLetters(t.Context(), "log", 10)
					require.NoError(t, err)
					require.Len(t, left, 1)
					require.Contains(t, left[0].Error, "not an event")
				})
			})
		}
	}
}

func TestRouterRefusesWhatCannotBeAdded(t *testing.T) {
	for name, add := range map[string]func(*adapters.Router){
		"no name":         func(r *adapters.Router) { r.Add(&journal{}) },
		"the same name":   func(r *adapters.Router) { r.Add(&journal{name: "log"}); r.Add(&journal{name: "log"}) },
		"a control":       func(r *adapters.Router) { r.Add(&journal{name: "a\nb"}) },
		"a broken filter": func(r *adapters.Router) { r.Add(&journal{name: "log"}, adapters.Only("okr.v1.>")) },
	} {
		t.Run(name, func(t *testing.T) {
			r := adapters.NewRouter(membus.New(), adapters.Config{})
			add(r)
			require.ErrorIs(t, r.Run(t.Context()), okr.ErrInvalid)
		})
	}
}

// failingBus fails to consume.
type failingBus struct{ adapters.Bus }

func (failingBus) Consume(context.Context, string, []string, adapters.Handler, ...adapters.ConsumeOption) error {
	return errRemote
}

func TestRouterEndsWithTheBus(t *testing.T) {
	r := adapters.NewRouter(failingBus{membus.New()}, adapters.Config{})
	r.Add(&journal{name: "log"})
	require.ErrorIs(t, r.Run(t.Context()), errRemote)
}

func TestRouterMiddleware(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		wrap := func(name string) adapters.Middleware {
			return func(adapter string, next adapters.DeliverFunc) adapters.DeliverFunc {
				return func(ctx context.Context, d adapters.Delivery) error {
					order = append(order, name+" "+adapter)
					return next(ctx, d)
				}
			}
		}
		bus := membus.New()
		a := adapters.Func("log", func(context.Context, adapters.Delivery) error { order = append(order, "deliver"); return nil })
		r := setup(t, bus, adapters.Config{Middleware: []adapters.Middleware{wrap("outer"), wrap("inner")}}, func(r *adapters.Router) { r.Add(a) })
		publish(t, bus, recorded("kr1", 1))
		require.NoError(t, r.Idle(t.Context()))
		require.Equal(t, []string{"outer log", "inner log", "deliver"}, order)
	})
}

func TestNewAdapterStartsFromNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus, now, all := membus.New(), &journal{name: "now"}, &journal{name: "all"}
		publish(t, bus, recorded("kr1", 1))
		r := setup(t, bus, adapters.Config{}, func(r *adapters.Router) {
			r.Add(now)
			r.Add(all, adapters.FromStart())
		})
		publish(t, bus, recorded("kr1", 2))
		require.NoError(t, r.Idle(t.Context()))
		require.Equal(t, []string{"acme-kr1-2"}, now.ids())
		require.ElementsMatch(t, []string{"acme-kr1-1", "acme-kr1-2"}, all.ids())
	})
}
