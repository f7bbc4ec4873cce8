package adapters_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/membus"
)

// An adapter whose far side is gone for good is removed, from within its delivery as
// well; the others go on, and what it did not get waits for it.
func TestAnAdapterIsRemovedWhileTheRouterRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := membus.New()
		gone, other := &journal{name: "gone"}, &journal{name: "other"}
		var r *adapters.Router
		gone.answer = func(context.Context, adapters.Delivery) error {
			require.NoError(t, r.Remove("gone"))
			return nil
		}
		r = setup(t, bus, adapters.Config{Concurrency: 1}, func(router *adapters.Router) {
			r = router
			router.Add(gone)
			router.Add(other)
		})
		publish(t, bus, recorded("kr1", 1))
		require.NoError(t, r.Idle(t.Context()))
		synctest.Wait()
		publish(t, bus, recorded("kr1", 2), recorded("kr1", 3))
		require.NoError(t, r.Idle(t.Context()), "nobody waits for it")
		require.Equal(t, []string{"acme-kr1-1"}, gone.ids())
		require.Equal(t, []string{"acme-kr1-1", "acme-kr1-2", "acme-kr1-3"}, other.ids())
		require.ErrorIs(t, r.Remove("gone"), adapters.ErrUnknownAdapter)
		_, err := r.DeadLetters(t.Context(), "gone", 10)
		require.ErrorIs(t, err, adapters.ErrUnknownAdapter)

		back := &journal{name: "gone"}
		again := setup(t, bus, adapters.Config{Concurrency: 1}, func(r *adapters.Router) { r.Add(back) })
		require.NoError(t, again.Idle(t.Context()))
		require.Equal(t, []string{"acme-kr1-2", "acme-kr1-3"}, back.ids())
	})
}

// A router from which all were removed runs on until it is told to end; one that is
// removed before it runs gets nothing.
func TestARouterOutlivesItsAdapters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus, a, b := membus.New(), &journal{name: "a"}, &journal{name: "b"}
		r := adapters.NewRouter(bus, adapters.Config{})
		r.Add(a)
		r.Add(b)
		require.NoError(t, r.Remove("a"))
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- r.Run(ctx) }()
		require.NoError(t, r.Idle(t.Context()))
		require.NoError(t, r.Remove("b"))
		synctest.Wait()
		publish(t, bus, recorded("kr1", 1))
		synctest.Wait()
		require.Empty(t, ended)
		stop()
		require.NoError(t, <-ended)
		require.Empty(t, a.ids())
		require.Empty(t, b.ids())
	})
}
