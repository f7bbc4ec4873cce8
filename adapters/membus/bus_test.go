package membus_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/adaptertest"
	"github.com/okrkit/okrkit/adapters/membus"
	"github.com/okrkit/okrkit/okr"
)

func TestBus(t *testing.T) {
	for name, opts := range map[string][]membus.Option{"default": nil, "keeps nothing longer than needed": {membus.Retain(200)}} {
		t.Run(name, func(t *testing.T) {
			adaptertest.NoLeak(t)
			adaptertest.TestBus(t, func(testing.TB) adapters.Bus { return membus.New(opts...) }, adaptertest.BusCapabilities{})
		})
	}
}

func checkIn(n int) okr.Outgoing {
	return okr.Outgoing{ID: fmt.Sprint("e", n), Type: okr.EventCheckInRecorded, Tenant: "acme", Wire: []byte("{}"), Aggregate: okr.Ref{Kind: okr.KindKeyResult, ID: okr.ID(fmt.Sprint(n % 10))}}
}

// What nobody needs is forgotten; what a durable consumer has not settled is not.
func TestRetain(t *testing.T) {
	bus := membus.New(membus.Retain(10))
	consume := func(durable string, want int, opts ...adapters.ConsumeOption) []string {
		t.Helper()
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var ids []string
		require.NoError(t, bus.Consume(ctx, durable, nil, func(_ context.Context, m *adapters.Message) {
			ids = append(ids, m.ID)
			m.Settle(nil)
			if len(ids) == want {
				stop()
			}
		}, append(opts, adapters.Ready(func() {
			if want == 0 {
				stop()
			}
		}))...))
		return ids
	}
	consume("slow", 0)
	for n := range 1000 {
		require.NoError(t, bus.Publish(t.Context(), checkIn(n)))
	}
	require.Len(t, consume("slow", 1000), 1000)
	for n := range 1000 {
		require.NoError(t, bus.Publish(t.Context(), checkIn(1000+n)))
	}
	require.Len(t, consume("slow", 1000), 1000)
	require.NoError(t, bus.Publish(t.Context(), checkIn(2000)))
	ids := consume("new", 10, adapters.FromStart())
	require.Equal(t, "e2000", ids[len(ids)-1])
	require.Len(t, ids, 10)
}

func BenchmarkPublish(b *testing.B) {
	bus := membus.New()
	for n := range b.N {
		if err := bus.Publish(b.Context(), checkIn(n)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkConsume(b *testing.B) {
	bus := membus.New()
	for n := range b.N {
		if err := bus.Publish(b.Context(), checkIn(n)); err != nil {
			b.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	left := b.N
	b.ResetTimer()
	err := bus.Consume(ctx, "bench", nil, func(_ context.Context, m *adapters.Message) {
		m.Settle(nil)
		if left--; left == 0 {
			stop()
		}
	}, adapters.FromStart())
	if err != nil {
		b.Fatal(err)
	}
}
