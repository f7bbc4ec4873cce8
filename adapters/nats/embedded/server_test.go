package embedded_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/adaptertest"
	"github.com/okrkit/okrkit/adapters/nats/embedded"
	"github.com/okrkit/okrkit/okr"
)

var _ adapters.Bus = (*embedded.Server)(nil)

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

func start(t testing.TB, dir string, opts ...embedded.Option) *embedded.Server {
	t.Helper()
	s, err := embedded.Start(t.Context(), dir, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// collect is an adapter that keeps what it got.
type collect struct {
	name string
	mu   sync.Mutex
	got  []adapters.Delivery
}

func (c *collect) Name() string { return c.name }

func (c *collect) Deliver(_ context.Context, d adapters.Delivery) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got = append(c.got, d)
	return nil
}

func (c *collect) deliveries() []adapters.Delivery {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]adapters.Delivery{}, c.got...)
}

func (c *collect) ids() []string {
	ids := []string{}
	for _, d := range c.deliveries() {
		ids = append(ids, d.Event.ID)
	}
	return ids
}

// run runs a router until stop is called.
func run(t *testing.T, r *adapters.Router) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	return func() { cancel(); require.NoError(t, <-ended) }
}

// running runs a router whose consumers stand.
func running(t *testing.T, bus adapters.Bus, add func(*adapters.Router)) (r *adapters.Router, stop func()) {
	t.Helper()
	r = adapters.NewRouter(bus, adapters.Config{Concurrency: 1})
	add(r)
	stop = run(t, r)
	idle, done := context.WithTimeout(t.Context(), 20*time.Second)
	defer done()
	require.NoError(t, r.Idle(idle))
	return r, stop
}

func TestEventsReachAnAdapter(t *testing.T) {
	adaptertest.NoLeak(t)
	s := start(t, t.TempDir())
	a := &collect{name: "log"}
	r, stop := running(t, s, func(r *adapters.Router) { r.Add(a) })
	defer stop()
	require.NoError(t, s.Publish(t.Context(), event("acme", "kr1", 1, okr.EventCheckInRecorded), event("acme", "kr1", 2, okr.EventStatusChanged)))
	require.NoError(t, r.Idle(t.Context()))
	require.Equal(t, []string{"acme-kr1-1", "acme-kr1-2"}, a.ids())
	require.Empty(t, s.URL())
}

func TestEventsOutliveTheServer(t *testing.T) {
	adaptertest.NoLeak(t)
	dir := t.TempDir()
	first := start(t, dir)
	a := &collect{name: "log"}
	r, stop := running(t, first, func(r *adapters.Router) { r.Add(a) })
	require.NoError(t, first.Publish(t.Context(), event("acme", "kr1", 1, okr.EventCheckInRecorded)))
	require.NoError(t, r.Idle(t.Context()))
	stop()
	require.NoError(t, first.Publish(t.Context(), event("acme", "kr1", 2, okr.EventCheckInRecorded)))
	require.NoError(t, first.Close())
	require.NoError(t, first.Close(), "closing twice is nothing")

	second := start(t, dir)
	require.NoError(t, second.Publish(t.Context(), event("acme", "kr1", 1, okr.EventCheckInRecorded)), "known from before")
	b, all := &collect{name: "log"}, &collect{name: "all"}
	r, stop = running(t, second, func(r *adapters.Router) { r.Add(b); r.Add(all, adapters.FromStart()) })
	defer stop()
	require.NoError(t, r.Idle(t.Context()))
	require.Equal(t, []string{"acme-kr1-2"}, b.ids())
	require.Equal(t, []string{"acme-kr1-1", "acme-kr1-2"}, all.ids())
}

func TestOneServerPerDirectory(t *testing.T) {
	adaptertest.NoLeak(t)
	dir := t.TempDir()
	start(t, dir)
	begin := time.Now()
	_, err := embedded.Start(t.Context(), dir)
	require.ErrorIs(t, err, okr.ErrBusy, "and not that it did not get ready in 30 s")
	require.ErrorContains(t, err, dir)
	require.ErrorContains(t, err, "stop that one, or give this one a directory of its own")
	require.Less(t, time.Since(begin), 15*time.Second)
}

func TestUnusableDirectories(t *testing.T) {
	adaptertest.NoLeak(t)
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for name, dir := range map[string]string{"none": "", "a file": file, "below a file": filepath.Join(file, "x")} {
		_, err := embedded.Start(t.Context(), dir)
		require.Error(t, err, name)
	}

	// The server says only in its log that it has no storage.
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "jetstream"), nil, 0o600))
	_, err := embedded.Start(t.Context(), dir)
	require.ErrorContains(t, err, "JetStream")
	require.ErrorContains(t, err, dir)
	require.NoError(t, os.Remove(filepath.Join(dir, "jetstream")))
	start(t, dir)
}

func TestStartIsBoundByItsContext(t *testing.T) {
	adaptertest.NoLeak(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	_, err := embedded.Start(ctx, dir)
	require.ErrorIs(t, err, context.Canceled)
	start(t, dir)
}

func TestListen(t *testing.T) {
	adaptertest.NoLeak(t)
	for _, addr := range []string{"localhost", "127.0.0.1:x", "127.0.0.1:70000"} {
		_, err := embedded.Start(t.Context(), t.TempDir(), embedded.Listen(addr))
		require.ErrorIs(t, err, okr.ErrInvalid, addr)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	_, err = embedded.Start(t.Context(), t.TempDir(), embedded.Listen(taken.Addr().String()))
	require.ErrorContains(t, err, "address already in use")

	s := start(t, t.TempDir(), embedded.Listen("127.0.0.1:0"))
	require.NotEmpty(t, s.URL())
	conn, err := nats.Connect(s.URL())
	require.NoError(t, err)
	conn.Close()
}

// A program that knows nothing of okrkit reads the events.
func TestPlainSubscriber(t *testing.T) {
	adaptertest.NoLeak(t)
	s := start(t, t.TempDir(), embedded.Listen("127.0.0.1:0"))
	conn, err := nats.Connect(s.URL())
	require.NoError(t, err)
	defer conn.Close()
	live := make(chan *nats.Msg, 8)
	_, err = conn.ChanSubscribe("okr.v1.acme.checkin.>", live)
	require.NoError(t, err)
	require.NoError(t, conn.Flush())
	e := event("acme", "kr1", 1, okr.EventCheckInRecorded)
	require.NoError(t, s.Publish(t.Context(), e, event("globex", "kr9", 1, okr.EventCheckInRecorded), event("acme", "kr1", 2, okr.EventStatusChanged)))
	m := <-live
	require.Equal(t, "okr.v1.acme.checkin.recorded", m.Subject)
	require.Equal(t, e.ID, m.Header.Get("Nats-Msg-Id"))
	require.Equal(t, "application/cloudevents+json", m.Header.Get("content-type"))
	require.Equal(t, e.Wire, m.Data)
	require.Empty(t, live)

	js, err := jetstream.New(conn)
	require.NoError(t, err)
	c, err := js.OrderedConsumer(t.Context(), "OKR", jetstream.OrderedConsumerConfig{FilterSubjects: []string{"okr.v1.*.key_result.status-changed"}})
	require.NoError(t, err)
	stored, err := c.Next(jetstream.FetchMaxWait(5 * time.Second))
	require.NoError(t, err)
	var ce struct{ Specversion, ID, Tenant string }
	require.NoError(t, json.Unmarshal(stored.Data(), &ce))
	require.Equal(t, "1.0", ce.Specversion)
	require.Equal(t, "acme-kr1-2", ce.ID)
	require.Equal(t, "acme", ce.Tenant)
}

func TestServerReports(t *testing.T) {
	adaptertest.NoLeak(t)
	var mu sync.Mutex
	var out bytes.Buffer
	w := writer(func(p []byte) (int, error) { mu.Lock(); defer mu.Unlock(); return out.Write(p) })
	s := start(t, t.TempDir(), embedded.Log(slog.New(slog.NewTextHandler(w, nil))))
	require.NoError(t, s.Close())
	mu.Lock()
	defer mu.Unlock()
	require.Contains(t, out.String(), "NATS server: ")
	require.NotContains(t, out.String(), "level=ERROR")
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }
