package embedded_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/adaptertest"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
	"github.com/okrkit/okrkit/store/outbox"
)

// The ledger is the record and JetStream is transport: with its directory gone,
// every event comes back under its id, and no effect is repeated.
func TestDeletedDirectory(t *testing.T) {
	adaptertest.NoLeak(t)
	db := memory.New()
	defer func() { require.NoError(t, db.Close()) }()
	clock := okrtest.NewClock(time.Now().UTC().Add(-time.Hour))
	begin := clock.Now().Add(-time.Second)
	desk, err := okr.New(db, okr.Config{Clock: clock.Now})
	require.NoError(t, err)
	acme := desk.For("acme").As(okr.Someone("ana"))
	p := okrtest.Plan()
	// The cycle must run on the day of the test, whichever that is.
	today := measure.DateOf(clock.Now())
	p.Cycle.Start, p.Cycle.End = today.AddDays(-10), today.AddDays(80)
	_, err = acme.Propose(t.Context(), p)
	require.NoError(t, err)
	cycles, err := acme.View().Cycles(t.Context())
	require.NoError(t, err)
	_, err = acme.Activate(t.Context(), okr.Activation{Cycle: cycles[0].ID})
	require.NoError(t, err)
	page, err := acme.View().KeyResults(t.Context(), okr.Query{})
	require.NoError(t, err)
	checkIn := func(n int) {
		t.Helper()
		for i := range n {
			clock.Advance(time.Second)
			_, err := acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: page.Items[i%len(page.Items)].ID, Value: measure.N(float64(i % 2))})
			require.NoError(t, err)
		}
	}

	dir := filepath.Join(t.TempDir(), "events")
	bus := start(t, dir)
	relay := outbox.NewRelay(db, bus)
	warehouse := &collect{name: "warehouse"}
	deliver := func(bus adapters.Bus, add func(*adapters.Router)) {
		r := adapters.NewRouter(bus, adapters.Config{Inbox: db, DeadLetters: db, Concurrency: 1})
		add(r)
		stop := run(t, r)
		defer stop()
		require.NoError(t, r.Idle(t.Context()))
		_, err := relay.Drain(t.Context())
		require.NoError(t, err)
		require.NoError(t, r.Idle(t.Context()))
	}
	checkIn(10)
	deliver(bus, func(r *adapters.Router) { r.Add(warehouse) })
	before := len(warehouse.ids())
	require.Greater(t, before, 20)
	require.NoError(t, bus.Close())
	require.NoError(t, os.RemoveAll(dir))

	checkIn(5)
	bus = start(t, dir)
	relay = outbox.NewRelay(db, bus)
	// Decided while the bus was down: still in the outbox, not requeued.
	n, err := db.Requeue(t.Context(), "acme", begin, clock.Now().Add(time.Second))
	require.NoError(t, err)
	require.Equal(t, before, n)
	fresh := &collect{name: "fresh"}
	deliver(bus, func(r *adapters.Router) { r.Add(warehouse); r.Add(fresh) })
	require.Greater(t, len(fresh.ids()), before)
	require.ElementsMatch(t, fresh.ids(), warehouse.ids(), "the old adapter has everything once, the new one all that the ledger has")
	last := map[string]int64{}
	for _, d := range fresh.deliveries() {
		of := fmt.Sprint(d.Event.Aggregate)
		require.Equal(t, last[of]+1, d.Event.Seq, "of %s", of)
		last[of] = d.Event.Seq
	}
}
