package adaptertest

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
)

// probe is a test that is allowed to fail.
type probe struct {
	testing.TB
	mu       sync.Mutex
	failed   bool
	cleanups []func()
}

func (p *probe) Errorf(string, ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failed = true
}

func (p *probe) FailNow() {
	p.Errorf("")
	runtime.Goexit()
}

func (p *probe) patience() time.Duration { return time.Second }

func (p *probe) Cleanup(f func()) { p.cleanups = append(p.cleanups, f) }

// fails says whether the case fails.
func fails(t *testing.T, run func(testing.TB)) bool {
	t.Helper()
	p := &probe{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(p)
	}()
	<-done
	for i := len(p.cleanups) - 1; i >= 0; i-- {
		p.cleanups[i]()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failed
}

// list is an adapter that appends to a list, and does it right.
type list struct {
	mu     sync.Mutex
	seen   map[string]bool
	done   []string
	broken bool
	hang   chan struct{}
	over   chan struct{} // closed with what the adapter keeps open
}

func (l *list) Name() string { return "list" }

func (l *list) Deliver(ctx context.Context, d adapters.Delivery) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.mu.Lock()
	hang, broken := l.hang, l.broken
	l.mu.Unlock()
	if hang != nil {
		select {
		case <-hang:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if broken {
		return errors.New("down")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.seen[d.Event.ID] {
		l.seen[d.Event.ID] = true
		l.done = append(l.done, d.Event.ID)
	}
	return nil
}

func (l *list) effects() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string{}, l.done...)
}

// wrong is an adapter over list with a fault.
type wrong struct {
	*list
	deliver func(l *list, ctx context.Context, d adapters.Delivery) error
}

func (w wrong) Deliver(ctx context.Context, d adapters.Delivery) error {
	return w.deliver(w.list, ctx, d)
}

func fixture(fault func(l *list, ctx context.Context, d adapters.Delivery) error) func(testing.TB) AdapterFixture {
	return func(t testing.TB) AdapterFixture {
		l := &list{seen: map[string]bool{}, over: make(chan struct{})}
		end := sync.OnceFunc(func() { close(l.over) })
		t.Cleanup(end)
		f := AdapterFixture{
			Adapter: l, Effects: l.effects, Idempotent: true, Close: end,
			Break: func() func() {
				set := func(broken bool) {
					l.mu.Lock()
					defer l.mu.Unlock()
					l.broken = broken
				}
				set(true)
				return func() { set(false) }
			},
			Hang: func() func() {
				l.mu.Lock()
				defer l.mu.Unlock()
				hang := make(chan struct{})
				l.hang = hang
				return func() { close(hang) }
			},
		}
		if fault != nil {
			f.Adapter = wrong{l, fault}
		}
		return f
	}
}

func TestGoodAdapter(t *testing.T) { TestAdapter(t, fixture(nil)) }

func TestBadAdaptersAreFound(t *testing.T) {
	const (
		done      = "an effect is done when it says so"
		order     = "it does not lose order"
		again     = "it does not repeat an effect"
		failure   = "a far side that fails is an error"
		inTime    = "it does not block"
		types     = "every type of event is taken"
		strange   = "it does not panic"
		unchanged = "the event is not changed"
		atOnce    = "deliveries at once do not disturb each other"
		goroutine = "it does not leak"
	)
	var mu sync.Mutex
	var kept []adapters.Delivery
	for name, tt := range map[string]struct {
		fault func(l *list, ctx context.Context, d adapters.Delivery) error
		cases []string
	}{
		"it duplicates": {func(l *list, ctx context.Context, d adapters.Delivery) error {
			l.mu.Lock()
			delete(l.seen, d.Event.ID)
			l.mu.Unlock()
			return l.Deliver(ctx, d)
		}, []string{again}},
		"it blocks": {func(l *list, _ context.Context, d adapters.Delivery) error {
			return l.Deliver(context.Background(), d)
		}, []string{inTime}},
		"it sleeps past its context": {func(l *list, ctx context.Context, d adapters.Delivery) error {
			if ctx.Err() != nil {
				time.Sleep(time.Second / 2)
			}
			return l.Deliver(ctx, d)
		}, []string{inTime, goroutine}},
		"it panics": {func(l *list, ctx context.Context, d adapters.Delivery) error {
			if _, err := d.Event.Payload(); err != nil {
				panic(err)
			}
			return l.Deliver(ctx, d)
		}, []string{strange}},
		"it panics whatever it gets": {func(*list, context.Context, adapters.Delivery) error {
			panic("always")
		}, []string{done, order, again, failure, inTime, types, strange, unchanged, atOnce, goroutine}},
		"it ends its goroutine": {func(l *list, ctx context.Context, d adapters.Delivery) error {
			runtime.Goexit()
			return nil
		}, []string{done, order, again, failure, inTime, types, strange, unchanged, atOnce, goroutine}},
		"it loses order": {func(l *list, ctx context.Context, d adapters.Delivery) error {
			mu.Lock()
			defer mu.Unlock()
			if d.Event.Seq == 1 {
				kept = []adapters.Delivery{d}
				return nil
			}
			err := l.Deliver(ctx, d)
			for _, k := range kept {
				err = errors.Join(err, l.Deliver(ctx, k))
			}
			kept = nil
			return err
		}, []string{done, order, again, failure}},
		"it answers before it is done": {func(l *list, ctx context.Context, d adapters.Delivery) error {
			go func() {
				<-l.over
				_ = l.Deliver(context.Background(), d)
			}()
			return nil
		}, []string{done, order, again, failure, inTime, atOnce}},
		"it leaks": {func(l *list, ctx context.Context, d adapters.Delivery) error {
			go func() { select {} }()
			return l.Deliver(ctx, d)
		}, []string{goroutine}},
		"it hides failures": {func(l *list, ctx context.Context, d adapters.Delivery) error {
			_ = l.Deliver(ctx, d)
			return nil
		}, []string{failure, inTime}},
		"it gives up at once": {func(l *list, ctx context.Context, d adapters.Delivery) error {
			return adapters.Permanent(l.Deliver(ctx, d))
		}, []string{failure}},
		"it knows too few types": {func(l *list, ctx context.Context, d adapters.Delivery) error {
			if d.Event.Type == "okr.v1.weather.changed" {
				return errors.New("unknown type")
			}
			return l.Deliver(ctx, d)
		}, []string{types}},
		"it changes the event": {func(l *list, ctx context.Context, d adapters.Delivery) error {
			if len(d.Event.Data) > 1 {
				d.Event.Data[1] ^= 1
			}
			return l.Deliver(ctx, d)
		}, []string{unchanged}},
		"it drops what comes at once": {func(l *list, ctx context.Context, d adapters.Delivery) error {
			if !mu.TryLock() {
				return nil
			}
			defer mu.Unlock()
			time.Sleep(time.Millisecond)
			return l.Deliver(ctx, d)
		}, []string{atOnce}},
	} {
		t.Run(name, func(t *testing.T) {
			var failed []string
			for _, c := range adapterCases() {
				once := func() bool { return fails(t, func(t testing.TB) { c.run(t, fixture(tt.fault)) }) }
				// A loaded machine may once take longer than the cases are patient.
				find := once()
				for range 2 {
					find = find && (slices.Contains(tt.cases, c.name) || once())
				}
				if find {
					failed = append(failed, c.name)
				}
			}
			require.Equal(t, tt.cases, failed, "these cases find it, and no others")
		})
	}
}

// Each of the faults that adapters have has a case of its own name.
func TestEveryFaultHasItsCase(t *testing.T) {
	named := map[string]bool{}
	for _, c := range adapterCases() {
		named[c.name] = true
	}
	for _, name := range []string{"it does not repeat an effect", "it does not block", "it does not panic", "it does not lose order", "it does not leak"} {
		require.True(t, named[name], name)
	}
}

func TestNoLeakFindsALeak(t *testing.T) {
	end := make(chan struct{})
	defer close(end)
	require.True(t, fails(t, func(t testing.TB) {
		NoLeak(t)
		go func() { <-end }()
	}))
	require.False(t, fails(t, func(t testing.TB) {
		NoLeak(t)
		go func() { time.Sleep(20 * time.Millisecond) }()
	}))
}
