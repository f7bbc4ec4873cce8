package sqlite_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/store/memory"
	"github.com/okrkit/okrkit/store/sqldb"
	"github.com/okrkit/okrkit/store/sqlite"
	"github.com/okrkit/okrkit/store/storetest"
)

// template is an empty database with its tables, and its identity.
type template struct {
	file     []byte
	identity string
}

// tables are made once and copied for each test.
var tables = sync.OnceValues(func() (template, error) {
	dir, err := os.MkdirTemp("", "okrkit-template-")
	if err != nil {
		return template{}, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "okr.db")
	s, err := sqlite.Open(bg, path)
	if err != nil {
		return template{}, err
	}
	identity, err := s.Identity(bg)
	if err != nil {
		return template{}, err
	}
	if err := s.Close(); err != nil {
		return template{}, err
	}
	file, err := os.ReadFile(path)
	return template{file, identity}, err
})

var copies atomic.Int64

// empty is the path of a database with its tables and an identity of its own.
func empty(t testing.TB) string {
	t.Helper()
	made, err := tables()
	require.NoError(t, err)
	require.Equal(t, 1, bytes.Count(made.file, []byte(made.identity)))
	path := filepath.Join(t.TempDir(), "okr.db")
	own := fmt.Sprintf("%0*d", len(made.identity), copies.Add(1))
	require.NoError(t, os.WriteFile(path, bytes.Replace(made.file, []byte(made.identity), []byte(own), 1), 0o600))
	return path
}

func open(t testing.TB) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), empty(t), sqlite.WithRelaxedDurability())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Store { return open(t) }, storetest.Capabilities{
		HostTx: func(t testing.TB, s storetest.Store) storetest.HostTx {
			m := s.(*sqlite.Store)
			tx, err := m.DB().BeginTx(t.Context(), nil)
			require.NoError(t, err)
			return storetest.HostTx{Tx: m.Wrap(tx), Commit: tx.Commit, Rollback: tx.Rollback}
		},
		Reference: func() storetest.Store { return memory.New() },
	})
}

// hosted is a store over a database that a host has opened with settings of its
// own: several connections that all read and write, and deferred transactions.
type hosted struct {
	*sqldb.Store
	db *sql.DB
}

func host(t testing.TB, path, settings string) hosted {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)"+settings)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	s, err := sqldb.New(db, sqldb.SQLite)
	require.NoError(t, err)
	return hosted{s, db}
}

func TestConformanceOverTheHostsDatabase(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Store { return host(t, empty(t), "&_pragma=busy_timeout(5000)") }, storetest.Capabilities{
		HostTx: func(t testing.TB, s storetest.Store) storetest.HostTx {
			h := s.(hosted)
			tx, err := h.db.BeginTx(t.Context(), nil)
			require.NoError(t, err)
			t.Cleanup(func() { _ = tx.Rollback() })
			return storetest.HostTx{Tx: h.Wrap(tx), Commit: tx.Commit, Rollback: tx.Rollback}
		},
	})
}
