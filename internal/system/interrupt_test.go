package system_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/okr"
)

// nobodyLeft wants, when the test ends, no more goroutines than there are now.
func nobodyLeft(t *testing.T) {
	t.Helper()
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		for end := time.Now().Add(patience); runtime.NumGoroutine() > before; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				var b strings.Builder
				require.NoError(t, pprof.Lookup("goroutine").WriteTo(&b, 1))
				require.LessOrEqual(t, runtime.NumGoroutine(), before, b.String())
			}
		}
	})
}

// soon is a context that ends at some moment before the time is over.
func soon(t *testing.T, most time.Duration) context.Context {
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	time.AfterFunc(rand.N(most), cancel)
	return ctx
}

// interrupted gives an opening up at random moments of a first start and of later
// ones, and asks again at once: it works, or it has worked already, and nothing is
// left running.
func interrupted(t *testing.T, open func(context.Context, string) error, times int, most time.Duration) {
	nobodyLeft(t)
	dir := t.TempDir()
	given := 0
	for i := range times {
		if i%4 == 0 {
			dir = t.TempDir()
		}
		if err := open(soon(t, most), dir); err != nil {
			require.ErrorIs(t, err, context.Canceled)
			given++
		}
		if i%2 == 1 {
			require.NoError(t, open(t.Context(), dir))
		}
	}
	t.Logf("given up %d times of %d", given, times)
}

func TestInterruptedDatabase(t *testing.T) { interrupted(t, openDatabase, 20, 60*time.Millisecond) }

func TestInterruptedBus(t *testing.T) { interrupted(t, openBus, 20, 25*time.Millisecond) }

// A house that is stopped while it starts leaves nothing locked and nothing
// running, and starts again at once on the same directory.
func TestInterruptedHouse(t *testing.T) {
	nobodyLeft(t)
	dir := t.TempDir()
	got := &collector{name: "wallboard"}
	var last map[string]fact
	for range 3 {
		ctx := soon(t, 800*time.Millisecond)
		h, err := open(ctx, dir, adapters.Config{})
		if err == nil {
			h.router.Add(got, adapters.FromStart())
			if err = h.run(ctx); err == nil {
				_, err = tenant(ctx, h.desk, "acme")
			}
			<-ctx.Done()
			require.NoError(t, h.close())
		}
		if err != nil && !errors.Is(err, adapters.ErrNotRunning) { // the router was stopped while it was asked
			require.ErrorIs(t, err, context.Canceled)
		}

		h, err = open(t.Context(), dir, adapters.Config{})
		require.NoError(t, err)
		h.router.Add(got, adapters.FromStart())
		err = h.run(t.Context())
		if err == nil {
			checkIn(t, newTenant(t, h.desk, "acme"), "k1", 80)
			h.settle(t)
			last = ledger(t, h.lite.DB())
		}
		require.NoError(t, errors.Join(err, h.close()))
	}
	require.Equal(t, last, byID(got.facts()))
	require.Len(t, got.facts(), len(last), "nothing was killed, so nothing is repeated")
}

// What runs is stopped at random moments, each part by itself, and others take
// over at once.
func TestInterruptedRuns(t *testing.T) {
	nobodyLeft(t)
	h, err := open(t.Context(), t.TempDir(), adapters.Config{})
	require.NoError(t, err)
	defer func() { require.NoError(t, h.close()) }()
	got := &collector{name: "wallboard"}
	acme := newTenant(t, h.desk, "acme")
	k1 := theKeyResult(t, acme, "k1")
	for round := range 12 {
		h.parts(adapters.Config{})
		h.router.Add(got, adapters.FromStart())
		var running sync.WaitGroup
		ended := make(chan error, 4)
		for _, run := range h.runs() {
			ctx := soon(t, 150*time.Millisecond)
			running.Go(func() {
				err := run(ctx)
				if ctx.Err() == nil {
					err = fmt.Errorf("it ended before it was told to: %w", err)
				}
				ended <- err
			})
		}
		_, err = acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k1, Note: fmt.Sprint(round)})
		require.NoError(t, err)
		running.Wait()
		for range len(h.runs()) {
			require.NoError(t, <-ended)
		}
	}
	h.parts(adapters.Config{})
	h.router.Add(got, adapters.FromStart())
	require.NoError(t, h.run(context.WithoutCancel(t.Context())))
	h.settle(t)
	committed := ledger(t, h.lite.DB())
	require.Equal(t, committed, byID(got.facts()))
	require.Len(t, got.facts(), len(committed))
}
