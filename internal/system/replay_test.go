package system_test

import (
	"context"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// collector is an adapter that remembers what it got.
type collector struct {
	name string
	mu   sync.Mutex
	got  []fact
}

func (c *collector) Name() string { return c.name }

func (c *collector) Deliver(_ context.Context, d adapters.Delivery) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got = append(c.got, factOf(d.Event))
	return nil
}

func (c *collector) facts() []fact {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.got)
}

func checkIn(t *testing.T, x okr.Tenant, key string, value float64) okr.Decision {
	t.Helper()
	d, err := x.CheckIn(t.Context(), okr.CheckIn{KeyResult: theKeyResult(t, x, key), Value: measure.N(value)})
	require.NoError(t, err)
	return d
}

// The ledger is the record and the bus is transport: whatever the bus loses comes
// back from the ledger, with its ids and in order, and an adapter that has done
// its work does not do it again.
func TestTheBusIsLostAndComesBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	wallboard, warehouse := &collector{name: "wallboard"}, &collector{name: "warehouse"}
	add := func(r *adapters.Router) {
		r.Add(wallboard, adapters.FromStart())
		r.Add(warehouse) // from now on
	}

	h, end := start(t, dir, adapters.Config{}, add)
	acme := newTenant(t, h.desk, "acme")
	newTenant(t, h.desk, "globex")
	checkIn(t, acme, "k1", 71)
	h.settle(t)
	middle := time.Now()
	checkIn(t, acme, "k1", 73)
	checkIn(t, acme, "k2", 11)
	h.settle(t)
	end()
	require.NoError(t, os.RemoveAll(events(dir)))

	h, err := open(t.Context(), dir, adapters.Config{})
	require.NoError(t, err)
	defer func() { require.NoError(t, h.close()) }()
	require.Empty(t, fresh(t, h.bus, "before"), "the bus is empty")
	acme = h.desk.For("acme").As(okr.Someone("ben"))
	checkIn(t, acme, "k1", 74) // nobody publishes it yet

	// Asked now: the runner may just have been about to commit something in the middle.
	var wanted, all int
	require.NoError(t, h.lite.DB().QueryRowContext(t.Context(), "SELECT count(CASE WHEN at <= ? THEN 1 END), count(*) FROM okr_ledger WHERE tenant = 'acme'", middle.UnixMicro()).Scan(&wanted, &all))
	require.Positive(t, wanted)
	require.Less(t, wanted, all)
	n, err := h.lite.Requeue(t.Context(), "acme", time.Time{}, middle)
	require.NoError(t, err)
	require.Equal(t, wanted, n, "the span of one tenant, and no more")
	n, err = h.lite.Requeue(t.Context(), "acme", time.Time{}, middle)
	require.NoError(t, err)
	require.Zero(t, n, "they are in the outbox already")
	for _, id := range []okr.TenantID{"acme", "globex"} {
		_, err := h.lite.Requeue(t.Context(), id, time.Time{}, time.Now().Add(time.Hour))
		require.NoError(t, err)
	}

	add(h.router)
	require.NoError(t, h.runRouterFirst(context.WithoutCancel(t.Context())))
	h.settle(t)
	committed := ledger(t, h.lite.DB())
	got := fresh(t, h.bus, "after")
	require.Equal(t, committed, byID(got), "every event is back")
	require.Len(t, got, len(committed), "once")
	inOrder(t, got)
	for _, c := range []*collector{wallboard, warehouse} {
		require.Equal(t, committed, byID(c.facts()), c.name)
		require.Len(t, c.facts(), len(committed), "%s: what was done before the loss is not done again", c.name)
	}
}
