package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/postgres"
	"github.com/okrkit/okrkit/store/sqldb"
	"github.com/okrkit/okrkit/store/storetest"
)

var bg = context.Background()

// standard is a store over database/sql, as hosts have it that do not use pgx
// themselves.
type standard struct {
	*sqldb.Store
	db *sql.DB
}

func TestConformanceOverDatabaseSQL(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Store {
		o := databases.take(t)
		db := stdlib.OpenDBFromPool(o.pool)
		t.Cleanup(func() { require.NoError(t, db.Close()) })
		s, err := sqldb.New(db, sqldb.Postgres)
		require.NoError(t, err)
		return standard{s, db}
	}, storetest.Capabilities{
		HostTx: func(t testing.TB, s storetest.Store) storetest.HostTx {
			h := s.(standard)
			tx, err := h.db.BeginTx(t.Context(), nil)
			require.NoError(t, err)
			t.Cleanup(func() { _ = tx.Rollback() })
			return storetest.HostTx{Tx: h.Wrap(tx), Commit: tx.Commit, Rollback: tx.Rollback}
		},
	})
}

func TestHistories(t *testing.T) {
	storetest.Histories(t, func(t *testing.T) okr.Store { return databases.take(t) })
}

// schema gives the test a schema without tables, and a pool that looks there
// first.
func schema(t *testing.T, name string) *pgxpool.Pool {
	t.Helper()
	o := databases.take(t)
	_, err := o.pool.Exec(bg, "CREATE SCHEMA "+name)
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := o.pool.Exec(bg, "DROP SCHEMA "+name+" CASCADE")
		require.NoError(t, err)
	})
	config := o.pool.Config()
	config.ConnConfig.RuntimeParams["search_path"] = name
	db, err := pgxpool.NewWithConfig(bg, config)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	return db
}

func TestProcessesThatMigrateAtOnce(t *testing.T) {
	db := schema(t, "migrating")
	stores := make([]*postgres.Store, 4)
	errs := make([]error, len(stores))
	for i := range stores {
		s, err := postgres.New(db)
		require.NoError(t, err)
		require.ErrorIs(t, s.Validate(bg), okr.ErrSchema)
		stores[i] = s
	}
	var wg sync.WaitGroup
	for i, s := range stores {
		wg.Add(1)
		go func() {
			defer wg.Done()
			errs[i] = s.Migrate(bg)
		}()
	}
	wg.Wait()
	require.NoError(t, errors.Join(errs...))
	first, err := stores[0].Identity(bg)
	require.NoError(t, err)
	for _, s := range stores {
		require.NoError(t, s.Validate(bg))
		id, err := s.Identity(bg)
		require.NoError(t, err)
		require.Equal(t, first, id)
	}
	// Two stores over one database have the same identity, so that a transaction of
	// the one is no stranger to a desk over the other.
	again, err := postgres.New(db)
	require.NoError(t, err)
	desk, err := okr.New(again, okr.Config{})
	require.NoError(t, err)
	tx, err := db.Begin(bg)
	require.NoError(t, err)
	_, err = desk.For("acme").As(okr.Someone("ana")).In(stores[0].Wrap(tx)).Propose(bg, okrtest.Plan())
	require.NoError(t, err)
	require.NoError(t, tx.Commit(bg))
	_, err = db.Exec(bg, "INSERT INTO okr_migration (name, digest, at) VALUES ('9999_later', 'x', 0)")
	require.NoError(t, err)
	require.ErrorIs(t, again.Validate(bg), okr.ErrSchema)
	require.ErrorIs(t, again.Migrate(bg), okr.ErrSchema)
}

func TestWrapSaysWhyItCannot(t *testing.T) {
	o := databases.take(t)
	desk, err := okr.New(o, okr.Config{})
	require.NoError(t, err)
	acme := desk.For("acme").As(okr.Someone("ana"))
	propose := func(tx okr.Tx) error {
		_, err := acme.In(tx).Propose(bg, okrtest.Plan())
		return err
	}
	db := schema(t, "without_tables")
	tx, err := db.Begin(bg)
	require.NoError(t, err)
	require.ErrorIs(t, propose(o.Wrap(tx)), okr.ErrSchema)
	require.NoError(t, tx.Rollback(bg))

	tx, err = o.pool.Begin(bg)
	require.NoError(t, err)
	require.NoError(t, tx.Rollback(bg))
	require.ErrorIs(t, propose(o.Wrap(tx)), okr.ErrTxDone)

	tx, err = o.pool.Begin(bg)
	require.NoError(t, err)
	_, err = tx.Exec(bg, "SELECT 1/0")
	require.Error(t, err)
	require.ErrorIs(t, propose(o.Wrap(tx)), okr.ErrTxDone, "the host's own statement failed")
	require.NoError(t, tx.Rollback(bg))
	require.ErrorIs(t, propose(o.Wrap(nil)), okr.ErrForeignTx)
}

// checkedIn is a tenant with active key results.
func checkedIn(t *testing.T, s okr.Store) (okr.Tenant, []okr.ID) {
	t.Helper()
	clock := okrtest.NewClock(time.Date(2026, time.October, 9, 9, 0, 0, 0, time.UTC))
	desk, err := okr.New(s, okr.Config{Clock: clock.Now})
	require.NoError(t, err)
	acme := desk.For("acme").As(okr.Someone("ana"))
	_, err = acme.Propose(bg, okrtest.Plan())
	require.NoError(t, err)
	cycles, err := acme.View().Cycles(bg)
	require.NoError(t, err)
	_, err = acme.Activate(bg, okr.Activation{Cycle: cycles[0].ID})
	require.NoError(t, err)
	page, err := acme.View().KeyResults(bg, okr.Query{})
	require.NoError(t, err)
	var ids []okr.ID
	for _, k := range page.Items {
		ids = append(ids, k.ID)
	}
	return acme, ids
}

// Hosts' transactions that check in to one key result wait for one another by its
// row: none of them fails, and the host's other rows commit with the check-in.
func TestHostsWaitForTheRow(t *testing.T) {
	o := databases.take(t)
	acme, ids := checkedIn(t, o)
	_, err := o.pool.Exec(bg, "CREATE TABLE IF NOT EXISTS visit (n bigint)")
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := o.pool.Exec(bg, "DROP TABLE visit")
		require.NoError(t, err)
	})
	const hosts, times = 4, 10
	errs := make([]error, hosts)
	var wg sync.WaitGroup
	for i := range hosts {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := range times {
				errs[i] = errors.Join(errs[i], pgx.BeginFunc(bg, o.pool, func(tx pgx.Tx) error {
					if _, err := acme.In(o.Wrap(tx)).CheckIn(bg, okr.CheckIn{KeyResult: ids[0], Confidence: measure.N(float64(n))}); err != nil {
						return err
					}
					_, err := tx.Exec(bg, "INSERT INTO visit (n) VALUES ($1)", n)
					return err
				}))
			}
		}()
	}
	wg.Wait()
	require.NoError(t, errors.Join(errs...))
	var visits, checkIns int
	require.NoError(t, o.pool.QueryRow(bg, "SELECT (SELECT COUNT(*) FROM visit), (SELECT COUNT(*) FROM okr_checkin)").Scan(&visits, &checkIns))
	require.Equal(t, hosts*times, visits)
	require.Equal(t, visits, checkIns)
}

// Check-ins to different key results of one objective ask for a look at the same
// objective; they do not conflict over that.
func TestSiblingsDoNotMeet(t *testing.T) {
	o := databases.take(t)
	_, ids := checkedIn(t, o)
	var units []okr.Unit
	for i, id := range ids {
		u, err := o.Begin(bg, true)
		require.NoError(t, err)
		s, err := u.Load(bg, "acme", okr.Need{Refs: []okr.Ref{{Kind: okr.KindKeyResult, ID: id}}})
		require.NoError(t, err)
		k := *s.KeyResult(id)
		ref := okr.Ref{Kind: okr.KindKeyResult, ID: id}
		e := okr.Entry{Entity: ref, State: []byte("{}"), Event: okr.Event{ID: "sibling-" + string(id), Type: okr.EventKeyResultChanged, Tenant: "acme",
			Aggregate: ref, Seq: k.Version + 1, Time: time.Date(2026, 10, 9, 9, i, 0, 0, time.UTC), Actor: okr.Someone("ana"), Data: []byte("{}")}}
		e.Hash = e.Sum()
		c := okr.Changes{Now: e.Time, Expect: map[okr.Ref]int64{ref: k.Version}, Entries: []okr.Entry{e}, Look: []okr.Ref{{Kind: okr.KindObjective, ID: k.Objective}}}
		k.Version++
		c.KeyResults = []okr.KeyResult{k}
		require.NoError(t, u.Write(bg, "acme", c))
		units = append(units, u)
	}
	for _, u := range units {
		require.NoError(t, u.Commit(bg))
	}
}

// A look that is asked for while its subject is being settled is not lost.
func TestALookWhileSettling(t *testing.T) {
	o := databases.take(t)
	subject := okr.Ref{Kind: okr.KindObjective, ID: "o1"}
	now := time.Date(2026, 10, 9, 9, 0, 0, 0, time.UTC)
	write := func(c okr.Changes) {
		u, err := o.Begin(bg, true)
		require.NoError(t, err)
		require.NoError(t, u.Write(bg, "acme", c))
		require.NoError(t, u.Commit(bg))
	}
	asking := func(id string) okr.Changes {
		r := okr.Ref{Kind: okr.KindNotice, ID: okr.ID(id)}
		e := okr.Entry{Entity: r, State: []byte("{}"), Event: okr.Event{ID: id, Type: okr.EventNoticeReady, Tenant: "acme", Aggregate: r, Seq: 1, Time: now, Actor: okr.Someone("ana"), Data: []byte("{}")}}
		e.Hash = e.Sum()
		return okr.Changes{Now: now, Entries: []okr.Entry{e}, Look: []okr.Ref{subject}}
	}
	write(asking("first"))
	settling, err := o.Begin(bg, true)
	require.NoError(t, err)
	_, err = settling.Load(bg, "acme", okr.Need{})
	require.NoError(t, err)
	write(asking("second"))
	require.NoError(t, settling.Write(bg, "acme", okr.Changes{Now: now, Settled: []okr.Ref{subject}}))
	require.NoError(t, settling.Commit(bg))
	due, err := o.ClaimDue(bg, now, 10)
	require.NoError(t, err)
	require.Equal(t, []okr.Due{{Tenant: "acme", Subject: subject, Attempt: 1}}, due)
}
