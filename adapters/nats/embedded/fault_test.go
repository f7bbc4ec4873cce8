package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/adaptertest"
	"github.com/okrkit/okrkit/adapters/nats"
	"github.com/okrkit/okrkit/adapters/nats/embedded"
	"github.com/okrkit/okrkit/okr"
)

// both are the two ways in which a bus publishes.
var both = map[string][]nats.Option{"atomic batches": nil, "singly": {nats.Singly()}}

// on opens a bus over the server's own stream with a configuration changed by
// its operator.
func on(t *testing.T, s *embedded.Server, change func(*jetstream.StreamConfig), opts ...nats.Option) *nats.Bus {
	t.Helper()
	js, err := jetstream.New(s.Conn())
	require.NoError(t, err)
	stream, err := js.Stream(t.Context(), "OKR")
	require.NoError(t, err)
	cfg := stream.CachedInfo().Config
	change(&cfg)
	_, err = js.UpdateStream(t.Context(), cfg)
	require.NoError(t, err)
	b, err := nats.New(t.Context(), s.Conn(), opts...)
	require.NoError(t, err)
	return b
}

func stored(t *testing.T, s *embedded.Server) (ids []string) {
	t.Helper()
	js, err := jetstream.New(s.Conn())
	require.NoError(t, err)
	stream, err := js.Stream(t.Context(), "OKR")
	require.NoError(t, err)
	for seq := uint64(1); seq <= stream.CachedInfo().State.LastSeq; seq++ {
		m, err := stream.GetMsg(t.Context(), seq)
		require.NoError(t, err)
		ids = append(ids, m.Header.Get("Nats-Msg-Id"))
	}
	return ids
}

func TestStreamRefusesOne(t *testing.T) {
	for name, opts := range both {
		t.Run(name, func(t *testing.T) {
			s := start(t, t.TempDir())
			b := on(t, s, func(c *jetstream.StreamConfig) { c.MaxMsgSize = 2000 }, opts...)
			events := []okr.Outgoing{
				event("acme", "bad", 1, okr.EventCheckInRecorded), event("acme", "bad", 2, okr.EventCheckInRecorded),
				event("acme", "bad", 3, okr.EventCheckInRecorded), event("acme", "good", 1, okr.EventCheckInRecorded),
			}
			events[1].Wire = append(events[1].Wire, strings.Repeat(" ", 2000)...)
			err := b.Publish(t.Context(), events...)
			var failed *adapters.PublishError
			require.ErrorAs(t, err, &failed)
			require.Equal(t, []string{events[0].ID, events[3].ID}, failed.Published)
			require.Len(t, failed.Refused, 1)
			require.ErrorIs(t, failed.Refused[events[1].ID], adapters.ErrRefused)
			require.ElementsMatch(t, failed.Published, stored(t, s))
		})
	}
}

func TestStreamIsFull(t *testing.T) {
	for name, opts := range both {
		t.Run(name, func(t *testing.T) {
			s := start(t, t.TempDir())
			full := func(n int64) func(*jetstream.StreamConfig) {
				return func(c *jetstream.StreamConfig) { c.MaxMsgs, c.Discard = n, jetstream.DiscardNew }
			}
			b := on(t, s, full(5), opts...)
			var events []okr.Outgoing
			for i := range int64(4) {
				events = append(events, event("acme", "kr1", i+1, okr.EventCheckInRecorded), event("acme", "kr2", i+1, okr.EventCheckInRecorded))
			}
			err := b.Publish(t.Context(), events...)
			var failed *adapters.PublishError
			require.ErrorAs(t, err, &failed)
			require.Empty(t, failed.Refused, "a full stream says nothing about the event")
			require.Len(t, failed.Published, 5)
			b = on(t, s, full(-1), opts...)
			require.NoError(t, b.Publish(t.Context(), events...))
			got := stored(t, s)
			require.Len(t, got, 8)
			for _, kr := range []string{"kr1", "kr2"} {
				var of []string
				for _, id := range got {
					if strings.Contains(id, kr) {
						of = append(of, id)
					}
				}
				require.Equal(t, []string{"acme-" + kr + "-1", "acme-" + kr + "-2", "acme-" + kr + "-3", "acme-" + kr + "-4"}, of)
			}
		})
	}
}

// A batch in which something is known already is what a relay publishes after it
// was ended between publishing and marking.
func TestBatchAfterACrash(t *testing.T) {
	s := start(t, t.TempDir(), embedded.WithBus(nats.Timeout(time.Minute))) // each is synced by itself
	events := checkIns(900)
	require.NoError(t, s.Publish(t.Context(), events[:450]...))
	require.NoError(t, s.Publish(t.Context(), events...))
	require.Len(t, stored(t, s), 900)
	require.NoError(t, s.Publish(t.Context(), events...))
	require.Len(t, stored(t, s), 900)
}

func TestForeignStreams(t *testing.T) {
	s := start(t, t.TempDir())
	js, err := jetstream.New(s.Conn())
	require.NoError(t, err)
	_, err = js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "ORDERS", Subjects: []string{"orders.>"}})
	require.NoError(t, err)
	_, err = nats.New(t.Context(), s.Conn(), nats.StreamName("ORDERS"))
	require.ErrorIs(t, err, okr.ErrInvalid)
	require.ErrorContains(t, err, "orders.>")
	_, err = nats.New(t.Context(), s.Conn(), nats.StreamName("SECOND"))
	require.ErrorContains(t, err, "SECOND", "two streams cannot hold the same subjects")
}

// What somebody else puts on the subjects is not an event, and does no harm.
func TestForeignMessages(t *testing.T) {
	s := start(t, t.TempDir())
	a := &collect{name: "log"}
	r, stop := running(t, s, func(r *adapters.Router) { r.Add(a) })
	defer stop()
	for _, subject := range []string{"okr.v1.acme", "okr.v1.acme.checkin", "okr.v1.acme.checkin.recorded.twice", "okr.v1.%zz.checkin.recorded", "okr.v1.acme.checkin.recorded"} {
		require.NoError(t, s.Conn().Publish(subject, []byte("hello")))
	}
	require.NoError(t, s.Conn().Flush())
	e := event("acme", "kr1", 1, okr.EventCheckInRecorded)
	require.NoError(t, s.Publish(t.Context(), e))
	require.NoError(t, r.Idle(t.Context()))
	require.Equal(t, []string{e.ID}, a.ids())
	letters, err := r.DeadLetters(t.Context(), "log", 100)
	require.NoError(t, err)
	require.Len(t, letters, 4, "the first is too short for any consumer")
	for _, l := range letters {
		require.Contains(t, l.Error, "not an event")
		require.NotEmpty(t, l.Event)
	}
}

func TestNoServer(t *testing.T) {
	adaptertest.NoLeak(t)
	s := start(t, t.TempDir())
	require.NoError(t, s.Close())
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.Error(t, s.Publish(ctx, event("acme", "kr1", 1, okr.EventCheckInRecorded)))
	require.Error(t, s.Consume(ctx, "log", nil, func(_ context.Context, m *adapters.Message) { m.Settle(nil) }))
	_, err := s.Pending(ctx, "log")
	require.Error(t, err)
}

// The host's server goes away and comes back; nothing has to be restarted.
func TestServerRestartsUnderTheBus(t *testing.T) {
	adaptertest.NoLeak(t)
	dir := t.TempDir()
	// The server has another port each time: somebody else may have taken the one
	// that it had. What the host knows is the address of the wire.
	server := start(t, dir, embedded.Listen("127.0.0.1:0"))
	w := newWire(t, server.URL())
	conn, err := natsgo.Connect("nats://"+w.listen.Addr().String(), natsgo.MaxReconnects(-1), natsgo.ReconnectWait(20*time.Millisecond), natsgo.ReconnectJitter(0, 0))
	require.NoError(t, err)
	defer conn.Close()
	bus, err := nats.New(t.Context(), conn, nats.Timeout(time.Second), nats.AckWait(time.Second))
	require.NoError(t, err)
	plain, ordered := &collect{name: "plain"}, &collect{name: "ordered"}
	_, stop := running(t, bus, func(r *adapters.Router) { r.Add(plain); r.Add(ordered, adapters.Ordered()) })
	defer stop()

	events := checkIns(60)
	publishing := make(chan error, 1)
	go func() {
		// As a relay does: again and again until it is through.
		for i := range events {
			for {
				err := bus.Publish(t.Context(), events[i])
				if err == nil {
					break
				}
				if t.Context().Err() != nil {
					publishing <- err
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
			time.Sleep(10 * time.Millisecond)
		}
		publishing <- nil
	}()
	for range 3 {
		time.Sleep(150 * time.Millisecond)
		require.NoError(t, server.Close())
		time.Sleep(50 * time.Millisecond)
		server = start(t, dir, embedded.Listen("127.0.0.1:0"))
		w.lead(server.URL())
	}
	require.NoError(t, <-publishing)
	want := make([]string, len(events))
	for i := range events {
		want[i] = events[i].ID
	}
	for _, c := range []*collect{plain, ordered} {
		require.Eventually(t, func() bool { return len(c.ids()) >= len(want) }, 30*time.Second, 10*time.Millisecond, "%s has %d", c.name, len(c.ids()))
		require.ElementsMatch(t, want, c.ids(), "%s: all, and none twice", c.name)
	}
	last := map[string]int64{}
	for _, id := range ordered.ids() {
		for i := range events {
			if events[i].ID == id {
				kr := string(events[i].Aggregate.ID)
				require.Equal(t, last[kr]+1, events[i].Seq)
				last[kr] = events[i].Seq
			}
		}
	}
}

// Somebody deletes the stream, or the consumer, under an adapter: it says so and
// does not wait for ever.
func TestDeletedUnderTheAdapter(t *testing.T) {
	adaptertest.NoLeak(t)
	for name, remove := range map[string]func(context.Context, jetstream.JetStream) error{
		"stream":   func(ctx context.Context, js jetstream.JetStream) error { return js.DeleteStream(ctx, "OKR") },
		"consumer": func(ctx context.Context, js jetstream.JetStream) error { return js.DeleteConsumer(ctx, "OKR", "log") },
	} {
		for _, opts := range [][]adapters.AddOption{nil, {adapters.Ordered()}} {
			t.Run(fmt.Sprint(name, len(opts)), func(t *testing.T) {
				s := start(t, t.TempDir(), embedded.WithBus(nats.AckWait(900*time.Millisecond)))
				r := adapters.NewRouter(s, adapters.Config{})
				r.Add(&collect{name: "log"}, opts...)
				ended := make(chan error, 1)
				go func() { ended <- r.Run(t.Context()) }()
				require.NoError(t, r.Idle(t.Context()))
				require.NoError(t, s.Publish(t.Context(), event("acme", "kr1", 1, okr.EventCheckInRecorded)))
				require.NoError(t, r.Idle(t.Context()))
				js, err := jetstream.New(s.Conn())
				require.NoError(t, err)
				require.NoError(t, remove(t.Context(), js))
				select {
				case err := <-ended:
					require.ErrorContains(t, err, "adapter log")
				case <-time.After(30 * time.Second):
					require.FailNow(t, "it does not notice")
				}
			})
		}
	}
}

// wire is a connection to the server that can be held up, and lead to another one.
type wire struct {
	t      *testing.T
	listen net.Listener

	mu   sync.Mutex
	to   string
	held chan struct{} // closed when it flows again
	all  []net.Conn
	done sync.WaitGroup
}

func newWire(t *testing.T, to string) *wire {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := &wire{t: t, listen: l}
	w.lead(to)
	w.done.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			w.mu.Lock()
			to := w.to
			w.mu.Unlock()
			out, err := net.Dial("tcp", to)
			if err != nil {
				in.Close()
				continue
			}
			w.mu.Lock()
			w.all = append(w.all, in, out)
			w.mu.Unlock()
			w.done.Go(func() { w.pass(in, out, false) })
			w.done.Go(func() { w.pass(out, in, true) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		w.flow()
		w.mu.Lock()
		for _, c := range w.all {
			c.Close()
		}
		w.mu.Unlock()
		w.done.Wait()
	})
	return w
}

// pass copies; what comes back from the server can be held up.
func (w *wire) pass(from, to net.Conn, back bool) {
	defer to.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		w.mu.Lock()
		held := w.held
		w.mu.Unlock()
		if back && held != nil {
			<-held
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}

// lead says where those go who connect from now on.
func (w *wire) lead(url string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.to = strings.TrimPrefix(url, "nats://")
}

func (w *wire) hold() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = make(chan struct{})
}

func (w *wire) flow() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.held != nil {
		close(w.held)
		w.held = nil
	}
}

// The server has an event and its answer does not arrive. Nothing of that
// aggregate overtakes it, and publishing again does not double it.
func TestAnswersAreLost(t *testing.T) {
	for name, opts := range both {
		t.Run(name, func(t *testing.T) {
			adaptertest.NoLeak(t)
			s := start(t, t.TempDir(), embedded.Listen("127.0.0.1:0"))
			w := newWire(t, s.URL())
			conn, err := natsgo.Connect("nats://" + w.listen.Addr().String())
			require.NoError(t, err)
			defer conn.Close()
			b, err := nats.New(t.Context(), conn, opts...)
			require.NoError(t, err)
			patient, done := context.WithTimeout(t.Context(), time.Minute)
			defer done()
			hasty, err := nats.New(patient, conn, append([]nats.Option{nats.Timeout(300 * time.Millisecond)}, opts...)...)
			require.NoError(t, err)
			events := checkIns(30)
			require.NoError(t, b.Publish(t.Context(), events[:4]...))
			w.hold()
			err = hasty.Publish(t.Context(), events[4:20]...)
			var failed *adapters.PublishError
			require.ErrorAs(t, err, &failed)
			require.Empty(t, failed.Published)
			require.Empty(t, failed.Refused)
			w.flow()
			require.NoError(t, b.Publish(t.Context(), events[4:]...))
			got := stored(t, s)
			require.Len(t, got, len(events), "each once")
			last := map[okr.Ref]int64{}
			for _, id := range got {
				for i := range events {
					if events[i].ID == id {
						require.Equal(t, last[events[i].Aggregate]+1, events[i].Seq)
						last[events[i].Aggregate] = events[i].Seq
					}
				}
			}
		})
	}
}

// More publish at once than may be in flight together.
func TestManyPublishAtOnce(t *testing.T) {
	for name, opts := range both {
		t.Run(name, func(t *testing.T) {
			s := start(t, t.TempDir(), embedded.WithBus(append([]nats.Option{nats.Timeout(time.Minute)}, opts...)...))
			events := checkIns(2400)
			errs := make(chan error, 4)
			for i := range 4 {
				go func() { errs <- s.Publish(t.Context(), events[600*i:600*(i+1)]...) }()
			}
			for range 4 {
				require.NoError(t, <-errs)
			}
			require.Len(t, stored(t, s), 2400)
		})
	}
}

// An adapter that is slower than the server's patience is not disturbed.
func TestSlowDelivery(t *testing.T) {
	s := start(t, t.TempDir(), embedded.WithBus(nats.AckWait(300*time.Millisecond)))
	var calls atomic.Int32
	r, stop := running(t, s, func(r *adapters.Router) {
		r.Add(adapters.Func("slow", func(context.Context, adapters.Delivery) error {
			calls.Add(1)
			time.Sleep(1500 * time.Millisecond)
			return nil
		}))
	})
	defer stop()
	require.NoError(t, s.Publish(t.Context(), event("acme", "kr1", 1, okr.EventCheckInRecorded)))
	require.NoError(t, r.Idle(t.Context()))
	require.Equal(t, int32(1), calls.Load())
}

// Two processes share an adapter that needs order. One is stopped in the middle
// of failing deliveries; the other goes on where it was.
func TestOrderedAdapterMovesToAnotherProcess(t *testing.T) {
	adaptertest.NoLeak(t)
	s := start(t, t.TempDir(), embedded.WithBus(nats.AckWait(2*time.Second)))
	inbox := &sharedInbox{done: map[string]bool{}}
	var mu sync.Mutex
	got := map[okr.ID][]int64{}
	var attempts atomic.Int64
	process := func() (*adapters.Router, func()) {
		r := adapters.NewRouter(s, adapters.Config{
			Inbox: inbox, Backoff: func(int) time.Duration { return 5 * time.Millisecond }, MaxAttempts: 1000,
		})
		r.Add(adapters.Func("warehouse", func(_ context.Context, d adapters.Delivery) error {
			if attempts.Add(1)%3 == 0 {
				return errors.New("down")
			}
			mu.Lock()
			defer mu.Unlock()
			got[d.Event.Aggregate.ID] = append(got[d.Event.Aggregate.ID], d.Event.Seq)
			return nil
		}), adapters.Ordered(), adapters.FromStart())
		ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
		ended := make(chan error, 1)
		go func() { ended <- r.Run(ctx) }()
		return r, func() { cancel(); require.NoError(t, <-ended) }
	}
	const krs, each = 5, 60
	published := make(chan error, 1)
	go func() {
		var errs []error
		for seq := range int64(each) {
			for kr := range krs {
				errs = append(errs, s.Publish(t.Context(), event("acme", fmt.Sprint("kr", kr), seq+1, okr.EventCheckInRecorded)))
			}
		}
		published <- errors.Join(errs...)
	}()
	_, stopOne := process()
	_, stopTwo := process()
	time.Sleep(150 * time.Millisecond)
	stopOne()
	three, stopThree := process()
	time.Sleep(100 * time.Millisecond)
	stopTwo()
	require.NoError(t, <-published)
	require.Eventually(t, func() bool {
		mu.Lock()
		defer mu.Unlock()
		n := 0
		for _, seqs := range got {
			n += len(seqs)
		}
		return n >= krs*each
	}, 60*time.Second, 20*time.Millisecond)
	require.NoError(t, three.Idle(t.Context()))
	stopThree()
	for kr, seqs := range got {
		require.Len(t, seqs, each, "%s: %v", kr, seqs)
		for i, seq := range seqs {
			require.Equal(t, int64(i+1), seq, "%s: %v", kr, seqs)
		}
	}
}

// sharedInbox is what two processes have in their database.
type sharedInbox struct {
	mu   sync.Mutex
	done map[string]bool
}

func (b *sharedInbox) Seen(_ context.Context, adapter, event string) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.done[adapter+event], nil
}

func (b *sharedInbox) MarkDone(_ context.Context, adapter, event string, _ time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done[adapter+event] = true
	return nil
}
