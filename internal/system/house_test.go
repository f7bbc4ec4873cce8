package system_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/nats"
	"github.com/okrkit/okrkit/adapters/nats/embedded"
	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/rules"
	"github.com/okrkit/okrkit/store/outbox"
	"github.com/okrkit/okrkit/store/sqlite"
)

// patience bounds what a test waits for. It is no measure of anything: machines
// are slow, and the race detector makes them slower.
const patience = time.Minute

// What a killed process had in hand is another's when these are over.
const (
	lease   = 2 * time.Second
	ackWait = 2 * time.Second
)

// store is what a house needs of its database.
type store interface {
	okr.Store
	outbox.Outbox
	outbox.Ledger
	adapters.Inbox
	adapters.DeadLetters
	OutgoingState(ctx context.Context) (unpublished int, oldest time.Time, err error)
}

// house is what a host wires together.
type house struct {
	store  store
	bus    adapters.Bus
	desk   *okr.Desk
	runner *cadence.Runner
	relay  *outbox.Relay
	sealer *outbox.Sealer
	router *adapters.Router

	lite *sqlite.Store // the store, if it is on SQLite

	closers []func() error // the last is called first
	stop    context.CancelFunc
	running sync.WaitGroup
	mu      sync.Mutex
	failed  error
}

func database(dir string) string { return filepath.Join(dir, "okr.db") }
func events(dir string) string   { return filepath.Join(dir, "events") }

// open wires a house up on one directory. Nothing runs yet.
func open(ctx context.Context, dir string, c adapters.Config) (_ *house, err error) {
	h := &house{stop: func() {}}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	if h.lite, err = sqlite.Open(ctx, database(dir)); err != nil {
		return nil, err
	}
	h.closers = append(h.closers, h.lite.Close)
	bus, err := embedded.Start(ctx, events(dir), embedded.WithBus(nats.AckWait(ackWait)))
	if err != nil {
		return nil, err
	}
	h.closers = append(h.closers, bus.Close)
	h.store, h.bus = h.lite, bus
	if h.desk, err = desk(h.lite, time.Now); err != nil {
		return nil, err
	}
	h.parts(c)
	return h, nil
}

// parts makes what runs, for the first time or anew.
func (h *house) parts(c adapters.Config) {
	c.Inbox, c.DeadLetters = h.store, h.store
	h.runner = cadence.NewRunner(h.desk, cadence.Every(20*time.Millisecond))
	h.relay = outbox.NewRelay(h.store, h.bus, outbox.Lease(lease), outbox.Poll(20*time.Millisecond))
	h.sealer = outbox.NewSealer(h.store, outbox.SealEvery(20*time.Millisecond))
	h.router = adapters.NewRouter(h.bus, c)
}

// desk judges by the starter packs and knows the real calendar.
func desk(s okr.Store, clock func() time.Time) (*okr.Desk, error) {
	live, err := rules.Open(audit.Env(audit.Level), pack.Starter)
	if err != nil {
		return nil, err
	}
	return okr.New(s, okr.Config{Judge: audit.New(live), Calendar: cadence.New(), Clock: clock})
}

func (h *house) runs() []func(context.Context) error {
	return []func(context.Context) error{h.router.Run, h.runner.Run, h.relay.Run, h.sealer.Run}
}

// run starts what runs, and waits until the router listens.
func (h *house) run(ctx context.Context) error {
	ctx = h.begin(ctx)
	for _, run := range h.runs() {
		h.launch(ctx, run)
	}
	return h.router.Idle(ctx)
}

// runRouterFirst lets the adapters listen before anything is published: of a bus
// that is new, an adapter gets only what comes after that.
func (h *house) runRouterFirst(ctx context.Context) error {
	ctx = h.begin(ctx)
	for _, run := range h.runs() {
		h.launch(ctx, run)
		if err := h.router.Idle(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (h *house) begin(ctx context.Context) context.Context {
	ctx, h.stop = context.WithCancel(ctx)
	return ctx
}

func (h *house) launch(ctx context.Context, run func(context.Context) error) {
	h.running.Go(func() {
		if err := run(ctx); err != nil {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.failed = errors.Join(h.failed, err)
		}
	})
}

// close ends the house from the top down.
func (h *house) close() error {
	h.stop()
	h.running.Wait()
	errs := []error{h.failed}
	for _, c := range slices.Backward(h.closers) {
		errs = append(errs, c())
	}
	return errors.Join(errs...)
}

// start is a house that runs until the test ends, or until what it returns is
// called.
func start(t *testing.T, dir string, c adapters.Config, add func(*adapters.Router)) (*house, func()) {
	t.Helper()
	h, err := open(t.Context(), dir, c)
	require.NoError(t, err)
	end := sync.OnceFunc(func() { require.NoError(t, h.close()) })
	t.Cleanup(end)
	if add != nil {
		add(h.router)
	}
	require.NoError(t, h.run(context.WithoutCancel(t.Context())))
	return h, end
}

// eventually asks again and again on the test's own goroutine, so that what is
// asked may fail the test.
func eventually(t *testing.T, asked func() bool, why ...any) {
	t.Helper()
	for end := time.Now().Add(patience); !asked(); time.Sleep(10 * time.Millisecond) {
		require.True(t, time.Now().Before(end), why...)
	}
}

// settle waits until all that was committed is with every adapter.
func (h *house) settle(t *testing.T) {
	t.Helper()
	eventually(t, func() bool {
		n, _, err := h.store.OutgoingState(t.Context())
		return err == nil && n == 0
	}, "the outbox is not emptied")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, h.router.Idle(ctx))
}

// plan is one whose cycle runs today, whichever day that is, and whose check-ins
// open now.
func plan() okr.Plan {
	p := okrtest.Plan()
	now := time.Now().UTC()
	due := now.Add(12 * time.Hour)
	p.Cycle.Zone = "UTC"
	p.Cycle.Start, p.Cycle.End = measure.DateOf(now).AddDays(-10), measure.DateOf(now).AddDays(80)
	p.Cycle.Cadence = &okr.Schedule{Frequency: okr.Weekly, Weekday: due.Weekday(), At: due.Format("15:04")}
	return p
}

// tenant is a tenant of the desk whose plan is active, and whose people may be told at
// any time of any day. Doing it again changes nothing.
func tenant(ctx context.Context, d *okr.Desk, id okr.TenantID) (okr.Tenant, error) {
	t := d.For(id).As(okr.Someone("ana"))
	if _, err := t.Propose(ctx, plan()); err != nil {
		return t, err
	}
	if _, err := t.SetPolicy(ctx, okr.SettingPolicy{Policy: okr.Policy{Budget: okr.Budget{PerDay: -1, PerWeek: -1, Quiet: []okr.QuietHours{}, OffDays: true}}}); err != nil {
		return t, err
	}
	cycles, err := t.View().Cycles(ctx)
	if err != nil {
		return t, err
	}
	_, err = t.Activate(ctx, okr.Activation{Cycle: cycles[0].ID})
	return t, err
}

func newTenant(t *testing.T, d *okr.Desk, id okr.TenantID) okr.Tenant {
	t.Helper()
	x, err := tenant(t.Context(), d, id)
	require.NoError(t, err)
	return x
}

// keyResult finds a key result by its plan key.
func keyResult(ctx context.Context, t okr.Tenant, key string) (okr.ID, error) {
	for k, err := range t.View().All(ctx, okr.Query{}) {
		if err != nil {
			return "", err
		}
		if k.Key == key {
			return k.ID, nil
		}
	}
	return "", &okr.NotFoundError{Ref: okr.Ref{Kind: okr.KindKeyResult, ID: okr.ID(key)}}
}

func theKeyResult(t *testing.T, of okr.Tenant, key string) okr.ID {
	t.Helper()
	id, err := keyResult(t.Context(), of, key)
	require.NoError(t, err)
	return id
}
