package system_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/nats/embedded"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/store/postgres"
)

// The database drops connections at random while the house works. A call of the
// host's may fail and is made again with its key; all that runs helps itself.
// Nothing is lost and nothing happens twice.
func TestConnectionsAreCut(t *testing.T) {
	t.Parallel()
	s := newDatabase(t, "cut")
	bus, err := embedded.Start(t.Context(), events(t.TempDir()), embedded.Listen("127.0.0.1:0"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, bus.Close()) })
	s.Bus = bus.URL()
	pool, err := s.pool(t.Context())
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	db, err := postgres.New(pool)
	require.NoError(t, err)
	require.NoError(t, db.Migrate(t.Context()))
	got := &collector{name: "wallboard"}
	h, hosts, err := openShared(t.Context(), s, time.Now, adapters.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.close()) })
	h.router.Add(got, adapters.FromStart())
	acme := newTenant(t, h.desk, "acme")
	keys := []okr.ID{theKeyResult(t, acme, "k1"), theKeyResult(t, acme, "k2")}
	require.NoError(t, h.run(context.WithoutCancel(t.Context())))

	const each = 20
	var all sync.WaitGroup
	failures := make([]int, len(keys))
	decided := make([]map[string]bool, len(keys))
	for w, id := range keys {
		decided[w] = map[string]bool{}
		all.Go(func() {
			for n := 0; n < each && failures[w] < 100*each; n++ {
				d, err := acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: id, Value: measure.N(float64(n)), Key: fmt.Sprint(w, " ", n)})
				if err != nil {
					failures[w]++
					n--
					continue
				}
				decided[w][checkInOf(t, d)] = true
			}
		})
	}
	working := make(chan struct{})
	go func() { all.Wait(); close(working) }()
	cuts := 0
	for done := false; !done; {
		select {
		case <-working:
			done = true
		case <-time.After(30*time.Millisecond + rand.N(150*time.Millisecond)):
			var n int
			err := pool.QueryRow(t.Context(), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
				WHERE datname = current_database() AND pid <> pg_backend_pid()`).Scan(&n)
			require.NoError(t, err)
			cuts += n
		}
	}
	require.Positive(t, cuts)
	for w := range keys {
		require.Len(t, decided[w], each, "%d failures", failures[w])
	}
	h.settle(t)
	sqlDB := stdlib.OpenDBFromPool(hosts)
	t.Cleanup(func() { require.NoError(t, sqlDB.Close()) })
	committed := ledger(t, sqlDB)
	checkins := 0
	for _, f := range committed {
		if f.Type == okr.EventCheckInRecorded {
			checkins++
		}
	}
	require.Equal(t, each*len(keys), checkins, "each once, however often it was tried")
	stream := fresh(t, bus, "a newcomer")
	require.Equal(t, committed, byID(stream))
	inOrder(t, stream)
	require.Equal(t, committed, byID(got.facts()))
	t.Logf("%d connections cut, %d calls failed, %d of %d deliveries repeated", cuts, failures[0]+failures[1], len(got.facts())-len(committed), len(committed))
	_, err = h.sealer.Drain(t.Context())
	require.NoError(t, err)
	v, err := db.Verify(t.Context(), "acme")
	require.NoError(t, err)
	require.Nil(t, v.Fault)
}
