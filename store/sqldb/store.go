package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// Store is an [okr.Store] over SQL. It is safe for concurrent use.
type Store struct {
	db       Database
	dialect  Dialect
	clock    func() time.Time
	identity atomic.Pointer[string]
	nudge    chan struct{}
}

var _ okr.Store = (*Store)(nil)

// Option changes how a store works.
type Option func(*options)

type options struct{ clock func() time.Time }

// WithClock gives the clock that dates migrations; everything else gets its
// instants from the caller.
func WithClock(clock func() time.Time) Option { return func(o *options) { o.clock = clock } }

// New is a store over the host's database, whose tables [Store.Migrate] or the
// host's own tool has made. It reads the database's identity if it has one yet,
// and changes nothing. The database stays the host's to close.
//
// A host that opens SQLite itself sets journal_mode=WAL, synchronous=FULL and a
// busy_timeout on every connection; store/sqlite does.
func New(db *sql.DB, dialect Dialect, opts ...Option) (*Store, error) {
	if db == nil {
		return nil, &okr.InvalidError{Field: "db", Value: "nil", Remedy: "give an open *sql.DB"}
	}
	return Over(database{db, dialect}, dialect, opts...)
}

// patience bounds the one query that opening a store makes.
const patience = 30 * time.Second

// Over is [New] over a database that is reached in some other way than through
// database/sql.
func Over(db Database, dialect Dialect, opts ...Option) (*Store, error) {
	if _, err := migrations(dialect); err != nil {
		return nil, err
	}
	o := options{clock: time.Now}
	for _, f := range opts {
		f(&o)
	}
	s := &Store{db: db, dialect: dialect, clock: o.clock, nudge: make(chan struct{}, 1)}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, err := s.Identity(ctx); err != nil && !errors.Is(err, okr.ErrSchema) {
		return nil, fmt.Errorf("sqldb: opening the database: %w", err)
	}
	return s, nil
}

// Identity is the database's own, written when it was migrated: two stores over
// one database have the same. It is [okr.ErrSchema] before.
func (s *Store) Identity(ctx context.Context) (string, error) {
	if id := s.identity.Load(); id != nil {
		return *id, nil
	}
	var id string
	err := s.transact(ctx, Read, func(c Conn) (err error) {
		id, err = s.readIdentity(ctx, c)
		return err
	})
	if err != nil {
		return "", err
	}
	s.identity.Store(&id)
	return id, nil
}

func (s *Store) readIdentity(ctx context.Context, c Conn) (string, error) {
	id, found, err := text(ctx, c, s.dialect.sql("SELECT value FROM okr_meta WHERE key = $1"), "identity")
	switch {
	case err != nil:
		return "", s.dialect.mapped(ctx, err)
	case !found:
		return "", fmt.Errorf("%w: the database has no identity: call Migrate, or Adopt after migrating with a tool of your own", okr.ErrSchema)
	}
	return id, nil
}

// Committed gets a nudge after a commit of the store's own that wrote something.
// It holds one at most, and is for one reader, the relay. What a host commits
// itself is not noticed here.
func (s *Store) Committed() <-chan struct{} { return s.nudge }

func (s *Store) committed() {
	select {
	case s.nudge <- struct{}{}:
	default:
	}
}

// Begin starts a transaction. On SQLite a write unit holds the one write lock
// from its beginning; on PostgreSQL it sees one state of the database, and what
// somebody else wrote meanwhile is [okr.ErrConflict].
func (s *Store) Begin(ctx context.Context, write bool) (okr.Unit, error) {
	mode := Read
	if write {
		mode = Write
	}
	tx, err := s.db.Begin(ctx, mode)
	if err != nil {
		return nil, s.dialect.mapped(ctx, err)
	}
	return &unit{store: s, conn: tx, tx: tx, readOnly: !write}, nil
}

// Wrap makes the host's transaction one that [okr.Tenant.In] takes. It reads the
// identity of the transaction's database, and on SQLite takes the write lock
// first: a transaction that reads before it writes could not wait for the lock.
// Where that fails, every call within the transaction says why.
func (s *Store) Wrap(tx *sql.Tx) okr.Tx {
	if tx == nil {
		return okr.Tx{}
	}
	return s.WrapConn(standard{tx, s.dialect})
}

// WrapConn is [Store.Wrap] for a transaction of some other kind.
func (s *Store) WrapConn(c Conn) okr.Tx {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	u := &unit{store: s, conn: c, host: true}
	if s.dialect == SQLite {
		if _, err := c.Exec(ctx, s.dialect.sql("UPDATE okr_meta SET value = value WHERE key = ''")); err != nil {
			u.broken = s.dialect.mapped(ctx, err)
			return okr.NewTx("", u)
		}
	}
	id, err := s.readIdentity(ctx, c)
	if err != nil {
		u.broken = err
		return okr.NewTx("", u)
	}
	return okr.NewTx(id, u)
}

// transact runs f in a transaction of its own and maps its error.
func (s *Store) transact(ctx context.Context, m Mode, f func(Conn) error) (err error) {
	tx, err := s.db.Begin(ctx, m)
	if err != nil {
		return s.dialect.mapped(ctx, err)
	}
	defer func() {
		if e := tx.Rollback(context.WithoutCancel(ctx)); e != nil && err == nil {
			err = s.dialect.mapped(ctx, e)
		}
	}()
	if err := f(tx); err != nil {
		return s.dialect.mapped(ctx, err)
	}
	return s.dialect.mapped(ctx, tx.Commit(ctx))
}

// Tenants lists the tenants that have an entry in the ledger, ascending. It
// jumps from one to the next in the index, however long the ledger is.
func (s *Store) Tenants(ctx context.Context) ([]okr.TenantID, error) {
	var out []okr.TenantID
	err := s.transact(ctx, Read, func(c Conn) error {
		return each(ctx, c, s.dialect.sql(`WITH RECURSIVE t (tenant) AS (
			SELECT MIN(tenant) FROM okr_ledger
			UNION ALL
			SELECT (SELECT MIN(l.tenant) FROM okr_ledger l WHERE l.tenant > t.tenant) FROM t WHERE t.tenant IS NOT NULL
		) SELECT tenant FROM t WHERE tenant IS NOT NULL ORDER BY tenant`), func(r Rows) error {
			var id okr.TenantID
			if err := r.Scan(&id); err != nil {
				return err
			}
			out = append(out, id)
			return nil
		})
	})
	return out, err
}
