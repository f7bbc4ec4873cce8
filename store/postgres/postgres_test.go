package postgres_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/internal/pgtest"
	"github.com/okrkit/okrkit/store/memory"
	"github.com/okrkit/okrkit/store/postgres"
	"github.com/okrkit/okrkit/store/storetest"
)

var databases = pool{free: map[string]*opened{}}

func TestMain(m *testing.M) {
	code := databases.server.Run(m)
	os.Exit(code)
}

// pool hands out databases, each to one test at a time, and empties them in
// between.
type pool struct {
	server pgtest.Server
	mu     sync.Mutex
	made   int
	free   map[string]*opened
}

// opened is a store with the host's pool that it works on.
type opened struct {
	*postgres.Store
	pool *pgxpool.Pool
}

// take gives the test an empty database with the tables in it.
func (p *pool) take(t testing.TB) *opened {
	t.Helper()
	dsn := p.server.DSN(t)
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, o := range p.free {
		delete(p.free, name)
		p.giveBack(t, name, o)
		return o
	}
	ctx := context.Background()
	p.made++
	name := fmt.Sprintf("okrkit_test_%d_%d", os.Getpid(), p.made)
	admin, err := pgx.Connect(ctx, dsn)
	require.NoError(t, err)
	_, err = admin.Exec(ctx, "CREATE DATABASE "+name)
	require.NoError(t, err)
	require.NoError(t, admin.Close(ctx))
	config, err := pgxpool.ParseConfig(dsn)
	require.NoError(t, err)
	config.ConnConfig.Database = name
	config.MaxConns = 8
	db, err := pgxpool.NewWithConfig(ctx, config)
	require.NoError(t, err)
	s, err := postgres.New(db)
	require.NoError(t, err)
	require.NoError(t, s.Migrate(ctx))
	o := &opened{s, db}
	p.giveBack(t, name, o)
	return o
}

// giveBack empties the database when the test ends.
func (p *pool) giveBack(t testing.TB, name string, o *opened) {
	t.Cleanup(func() {
		ctx := context.Background()
		_, err := o.pool.Exec(ctx, `DO $$ DECLARE t text; BEGIN
			FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('okr_migration', 'okr_meta') LOOP
				EXECUTE format('DELETE FROM %I', t);
			END LOOP; END $$`)
		require.NoError(t, err)
		select {
		case <-o.Committed():
		default:
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.free[name] = o
	})
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Store { return databases.take(t) }, storetest.Capabilities{
		HostTx: func(t testing.TB, s storetest.Store) storetest.HostTx {
			o := s.(*opened)
			tx, err := o.pool.Begin(t.Context())
			require.NoError(t, err)
			t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
			return storetest.HostTx{
				Tx:       o.Wrap(tx),
				Commit:   func() error { return tx.Commit(t.Context()) },
				Rollback: func() error { return tx.Rollback(t.Context()) },
			}
		},
		Reference: func() storetest.Store { return memory.New() },
		Writers:   true,
	})
}
