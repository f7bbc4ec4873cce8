package system_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/okr"
)

var errDown = errors.New("503 from the far end")

// flaky is an adapter that does what the test says at each attempt.
type flaky struct {
	name string
	mu   sync.Mutex
	does func(context.Context, adapters.Delivery) error
	saw  map[string][]attempt // by event
}

type attempt struct {
	number   int
	at       time.Time
	redriven bool
}

func newFlaky(name string, does func(context.Context, adapters.Delivery) error) *flaky {
	return &flaky{name: name, does: does, saw: map[string][]attempt{}}
}

func (f *flaky) Name() string { return f.name }

func (f *flaky) Deliver(ctx context.Context, d adapters.Delivery) error {
	f.mu.Lock()
	f.saw[d.Event.ID] = append(f.saw[d.Event.ID], attempt{d.Attempt, time.Now(), d.Redriven})
	does := f.does
	f.mu.Unlock()
	return does(ctx, d)
}

func (f *flaky) mend(does func(context.Context, adapters.Delivery) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.does = does
}

func (f *flaky) attempts(event string) []attempt {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]attempt(nil), f.saw[event]...)
}

func fine(context.Context, adapters.Delivery) error { return nil }

// Adapters break in every way there is, all at once, in one house. Each of them
// hurts itself alone; what could not be delivered is kept in the database, can be
// seen there, and is delivered once the adapter is mended, after a restart too.
func TestBrokenAdapters(t *testing.T) {
	t.Parallel()
	const most = 3
	dir := t.TempDir()
	healthy := &collector{name: "healthy"}
	release := make(chan struct{})
	sleeping := make(chan struct{}, 100)
	broken := map[string]*flaky{}
	for name, does := range map[string]func(context.Context, adapters.Delivery) error{
		"fails":  func(context.Context, adapters.Delivery) error { return errDown },
		"twice":  func(_ context.Context, d adapters.Delivery) error { return failsBefore(d, most) },
		"never":  func(context.Context, adapters.Delivery) error { return adapters.Permanent(errDown) },
		"later":  func(_ context.Context, d adapters.Delivery) error { return laterBefore(d, most) },
		"panics": func(context.Context, adapters.Delivery) error { panic("index out of range") },
		"sleeps": func(ctx context.Context, _ adapters.Delivery) error { <-ctx.Done(); return ctx.Err() },
		"hangs":  func(context.Context, adapters.Delivery) error { sleeping <- struct{}{}; <-release; return nil },
		"lies":   fine, // returns nil without doing anything: that is its own affair
	} {
		broken[name] = newFlaky(name, does)
	}
	backoff := func(attempt int) time.Duration { return time.Duration(attempt) * 100 * time.Millisecond }
	limits := adapters.Config{Timeout: 300 * time.Millisecond, MaxAttempts: most, Backoff: backoff, Concurrency: 2, Grace: 300 * time.Millisecond}
	add := func(r *adapters.Router) {
		only := adapters.Only(okr.EventCheckInRecorded)
		r.Add(healthy, only, adapters.FromStart())
		for _, f := range broken {
			r.Add(f, only, adapters.FromStart())
		}
	}
	h, end := start(t, dir, limits, add)
	acme := newTenant(t, h.desk, "acme")
	var sent []string
	for i := range 3 {
		sent = append(sent, checkInOf(t, checkIn(t, acme, "k1", float64(70+i))))
	}
	eventually(t, func() bool { return len(healthy.facts()) == len(sent) }, "the others do not wait")
	<-sleeping
	// What hangs holds its own slots and no more; all else is settled.
	kept := func(adapter string) map[string]okr.DeadLetter {
		letters, err := h.router.DeadLetters(t.Context(), adapter, 100)
		require.NoError(t, err)
		out := map[string]okr.DeadLetter{}
		for _, l := range letters {
			out[l.Event] = l
		}
		return out
	}
	for name, reason := range map[string]string{"fails": "503", "never": "503", "panics": "index out of range", "sleeps": "deadline|no answer in time"} {
		eventually(t, func() bool { return len(kept(name)) == len(sent) }, name)
		for _, id := range sent {
			l := kept(name)[id]
			require.Regexp(t, reason, l.Error)
			require.Equal(t, okr.TenantID("acme"), l.Tenant)
			require.Equal(t, okr.EventCheckInRecorded, l.Type)
			tries := broken[name].attempts(id)
			require.Len(t, tries, l.Attempts, "%s: every attempt was one", name)
			if name == "never" {
				require.Len(t, tries, 1, "there is no use in trying again")
				continue
			}
			require.Len(t, tries, most, name)
			for i := 1; i < most; i++ {
				require.Equal(t, i+1, tries[i].number)
				require.GreaterOrEqual(t, tries[i].at.Sub(tries[i-1].at), backoff(i)/2, "%s: it is left in peace for a while", name)
			}
		}
	}
	for _, name := range []string{"twice", "later"} {
		for _, id := range sent {
			eventually(t, func() bool { return len(broken[name].attempts(id)) == most }, name)
		}
	}
	for _, id := range sent {
		tries := broken["later"].attempts(id)
		for i := 1; i < most; i++ {
			require.GreaterOrEqual(t, tries[i].at.Sub(tries[i-1].at), asked, "no sooner than it asked for")
		}
		require.Len(t, broken["lies"].attempts(id), 1)
	}

	// It ends although one of them hangs, and what hung is not lost.
	began := time.Now()
	end()
	require.Less(t, time.Since(began), patience)
	for _, name := range []string{"twice", "later", "lies"} {
		for _, id := range sent {
			require.Len(t, broken[name].attempts(id), map[string]int{"twice": most, "later": most, "lies": 1}[name], name)
		}
	}

	hung := map[string]int{}
	for _, id := range sent {
		hung[id] = len(broken["hangs"].attempts(id))
	}
	close(release)
	for _, name := range []string{"fails", "panics", "sleeps", "hangs"} {
		broken[name].mend(fine)
	}
	h, _ = start(t, dir, limits, add)
	for _, name := range []string{"fails", "panics", "sleeps"} {
		require.Len(t, kept(name), len(sent), "a restart keeps them")
		for _, id := range sent {
			before := len(broken[name].attempts(id))
			require.NoError(t, h.router.Redrive(t.Context(), name, id), name)
			tries := broken[name].attempts(id)[before:]
			require.Len(t, tries, 1)
			require.True(t, tries[0].redriven)
			require.ErrorIs(t, h.router.Redrive(t.Context(), name, id), okr.ErrNotFound, "it is delivered")
		}
		require.Empty(t, kept(name))
	}
	require.ErrorIs(t, h.router.Redrive(t.Context(), "never", sent[0]), errDown)
	require.Equal(t, 2, kept("never")[sent[0]].Attempts, "it is kept, with one more attempt")
	h.settle(t)
	for _, id := range sent {
		if _, dead := kept("hangs")[id]; dead {
			require.NoError(t, h.router.Redrive(t.Context(), "hangs", id))
		}
		require.Greater(t, len(broken["hangs"].attempts(id)), hung[id], "what hung is delivered, or can be")
	}
	require.Len(t, healthy.facts(), len(sent))
}

func failsBefore(d adapters.Delivery, last int) error {
	if d.Attempt < last {
		return errDown
	}
	return nil
}

// asked is what an adapter asks for when it is too busy.
const asked = 150 * time.Millisecond

func laterBefore(d adapters.Delivery, last int) error {
	if d.Attempt < last {
		return adapters.RetryAfter(asked, errDown)
	}
	return nil
}
