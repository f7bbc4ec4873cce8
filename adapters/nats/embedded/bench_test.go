package embedded_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/nats"
	"github.com/okrkit/okrkit/adapters/nats/embedded"
	"github.com/okrkit/okrkit/okr"
)

// checkIns are n events as a busy day has them: three to a key result.
func checkIns(n int) []okr.Outgoing {
	all := make([]okr.Outgoing, n)
	for i := range all {
		all[i] = event("acme", fmt.Sprint("kr", i/3), int64(i%3+1), okr.EventCheckInRecorded)
		all[i].ID = fmt.Sprintf("0199b1c2-7a5e-7000-8000-%012d", i)
		all[i].Wire, _ = okr.Event{
			ID: all[i].ID, Type: all[i].Type, Tenant: "acme", Aggregate: all[i].Aggregate, Seq: all[i].Seq, Time: time.Now(), Actor: okr.Someone("kim"),
			Data: []byte(`{"key_result":"kr","title":"Trial conversion from 41 % to 60 %","objective":"o1","cycle":"c1","team":"growth","owner":"kim","checkin":"ci1","value":54,"confidence":6,"status":"at_risk","progress":0.68,"occurred_at":"2026-10-05T08:00:00Z"}`),
		}.AppendCloudEvent(nil)
	}
	return all
}

func BenchmarkPublish(b *testing.B) {
	for name, opts := range map[string][]nats.Option{"atomic": nil, "singly": {nats.Singly()}} {
		for _, size := range []int{1, 100, 500, 1000} {
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				s := start(b, b.TempDir(), embedded.WithBus(opts...))
				events := checkIns(b.N)
				report := rate(b)
				for part := range slices.Chunk(events, size) {
					require.NoError(b, s.Publish(b.Context(), part...))
				}
				report()
			})
		}
	}
}

// cpu is the processor time that this process has used. Beside the rate it tells
// what an event costs on a machine that is busy with other things.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// rate reports events per second and processor time per event since reset.
func rate(b *testing.B) (report func()) {
	before := cpu(b)
	b.ResetTimer()
	return func() {
		b.StopTimer()
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		b.ReportMetric(float64((cpu(b)-before).Nanoseconds())/1e3/float64(b.N), "cpu-µs/event")
	}
}

// BenchmarkConsume hands over what is on the bus already.
func BenchmarkConsume(b *testing.B) {
	for name, opts := range map[string][]nats.Option{"double-ack": nil, "ack-async": {nats.AckAsync()}} {
		b.Run("bus/"+name, func(b *testing.B) {
			s := start(b, b.TempDir(), embedded.WithBus(opts...))
			require.NoError(b, s.Publish(b.Context(), checkIns(b.N)...))
			ctx, stop := context.WithCancel(b.Context())
			defer stop()
			work := make(chan *adapters.Message, adapters.DefaultInFlight)
			var got atomic.Int64
			for range 8 {
				go func() {
					for m := range work {
						m.Settle(nil)
						if got.Add(1) == int64(b.N) {
							stop()
						}
					}
				}()
			}
			report := rate(b)
			require.NoError(b, s.Consume(ctx, "bench", nil, func(_ context.Context, m *adapters.Message) { work <- m }, adapters.FromStart()))
			report()
			close(work)
		})
		b.Run("router/"+name, func(b *testing.B) {
			s := start(b, b.TempDir(), embedded.WithBus(opts...))
			require.NoError(b, s.Publish(b.Context(), checkIns(b.N)...))
			r := adapters.NewRouter(s, adapters.Config{})
			ctx, stop := context.WithCancel(b.Context())
			defer stop()
			var got atomic.Int64
			r.Add(adapters.Func("bench", func(context.Context, adapters.Delivery) error {
				if got.Add(1) == int64(b.N) {
					stop()
				}
				return nil
			}), adapters.FromStart())
			report := rate(b)
			require.NoError(b, r.Run(ctx))
			report()
		})
	}
}

// BenchmarkPlainClient is the limit: nats.go alone, acknowledging each event
// without waiting.
func BenchmarkPlainClient(b *testing.B) {
	s := start(b, b.TempDir())
	require.NoError(b, s.Publish(b.Context(), checkIns(b.N)...))
	js, err := jetstream.New(s.Conn())
	require.NoError(b, err)
	c, err := js.CreateConsumer(b.Context(), "OKR", jetstream.ConsumerConfig{Durable: "plain", AckPolicy: jetstream.AckExplicitPolicy, MaxAckPending: 1000})
	require.NoError(b, err)
	done := make(chan struct{})
	got := 0
	report := rate(b)
	consuming, err := c.Consume(func(m jetstream.Msg) {
		_ = m.Ack()
		if got++; got == b.N {
			close(done)
		}
	}, jetstream.PullHeartbeat(time.Second))
	require.NoError(b, err)
	<-done
	report()
	consuming.Stop()
	<-consuming.Closed()
}

// BenchmarkLatency is from the call of Publish to the call of Deliver, one event
// at a time.
func BenchmarkLatency(b *testing.B) {
	s := start(b, b.TempDir())
	r := adapters.NewRouter(s, adapters.Config{})
	arrived := make(chan time.Time, 1)
	r.Add(adapters.Func("bench", func(context.Context, adapters.Delivery) error { arrived <- time.Now(); return nil }))
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	require.NoError(b, r.Idle(b.Context()))
	events := checkIns(b.N)
	took, published := make([]time.Duration, b.N), make([]time.Duration, b.N)
	b.ResetTimer()
	for i := range events {
		begin := time.Now()
		require.NoError(b, s.Publish(b.Context(), events[i]))
		published[i] = time.Since(begin)
		took[i] = (<-arrived).Sub(begin)
	}
	b.StopTimer()
	slices.Sort(took)
	slices.Sort(published)
	b.ReportMetric(float64(took[b.N/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[b.N*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(published[b.N/2].Microseconds()), "publish-p50-µs")
	stop()
	require.NoError(b, <-ended)
}
