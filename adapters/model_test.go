package adapters_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/membus"
	"github.com/okrkit/okrkit/okr"
)

// remote is a far side that fails as told and counts effects.
type remote struct {
	seed uint64

	mu     sync.Mutex
	calls  uint64
	effect map[string]int
	order  map[okr.Ref][]int64
}

// deliver has its effect or fails, by chance; where it fails it has none.
func (r *remote) deliver(ctx context.Context, d adapters.Delivery) error {
	r.mu.Lock()
	r.calls++
	x := (r.seed ^ r.calls) * 0x9e3779b97f4a7c15
	r.mu.Unlock()
	switch x >> 60 {
	case 0:
		return errRemote
	case 1:
		return adapters.RetryAfter(3*time.Second, errRemote)
	case 2:
		panic("boom")
	case 3:
		<-ctx.Done()
		return ctx.Err()
	case 4:
		time.Sleep(time.Duration(x>>32%5000) * time.Millisecond)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.effect[d.Event.ID]++
	r.order[d.Event.Aggregate] = append(r.order[d.Event.Aggregate], d.Event.Seq)
	return nil
}

// Whatever fails, and however often the router is started anew: each adapter has
// each effect once, and one that needs order has it in order.
func TestEveryEffectOnceWhateverFails(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		sizes := rapid.SliceOfN(rapid.IntRange(1, 12), 1, 5).Draw(rt, "sizes")
		restarts := rapid.IntRange(0, 4).Draw(rt, "restarts")
		concurrency := rapid.IntRange(1, 4).Draw(rt, "concurrency")
		inFlight := rapid.IntRange(1, 20).Draw(rt, "in flight")
		storeFails := rapid.Bool().Draw(rt, "the store fails at times")

		want := map[string]int{}
		plain := &remote{seed: seed, effect: map[string]int{}, order: map[okr.Ref][]int64{}}
		ordered := &remote{seed: seed + 1, effect: map[string]int{}, order: map[okr.Ref][]int64{}}
		var failure error
		synctest.Test(t, func(t *testing.T) {
			bus, store := membus.New(), newPort()
			start := func() func() {
				r := adapters.NewRouter(bus, adapters.Config{
					Inbox: store, DeadLetters: store, Concurrency: concurrency, Timeout: 4 * time.Second, MaxAttempts: 1 << 30,
					Backoff: adapters.Exponential(time.Second, 10*time.Second),
				})
				r.Add(adapters.Func("plain", plain.deliver), adapters.InFlight(inFlight), adapters.FromStart())
				r.Add(adapters.Func("ordered", ordered.deliver), adapters.InFlight(inFlight), adapters.FromStart(), adapters.Ordered())
				ctx, stop := context.WithCancel(t.Context())
				ended := make(chan error)
				go func() { ended <- r.Run(ctx) }()
				return func() {
					stop()
					failure = errors.Join(failure, <-ended)
				}
			}
			stop := start()
			for round := range restarts + 1 {
				for i, n := range sizes {
					for seq := range n {
						e := recorded(fmt.Sprint("kr", i), int64(round*n+seq+1))
						want[e.ID] = 1
						failure = errors.Join(failure, bus.Publish(t.Context(), e))
					}
				}
				if storeFails {
					store.set(true)
					time.Sleep(7 * time.Second)
					store.set(false)
				}
				time.Sleep(time.Duration(seed%11) * time.Second)
				if round < restarts {
					stop()
					stop = start()
				}
			}
			for range 3600 {
				time.Sleep(10 * time.Second)
				a, _ := bus.Pending(t.Context(), "plain")
				b, _ := bus.Pending(t.Context(), "ordered")
				if a+b == 0 {
					break
				}
			}
			stop()
			failure = errors.Join(failure, func() error {
				if len(store.letters) > 0 {
					return errors.New("there are dead letters")
				}
				return nil
			}())
		})
		require.NoError(rt, failure)
		require.Equal(rt, want, plain.effect)
		require.Equal(rt, want, ordered.effect)
		for ref, seqs := range ordered.order {
			for i, seq := range seqs {
				require.Equal(rt, int64(i+1), seq, "%s: %v", ref, seqs)
			}
		}
	})
}
