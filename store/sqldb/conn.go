package sqldb

import (
	"context"
	"database/sql"
	"errors"

	"github.com/okrkit/okrkit/okr"
)

// Mode says what a transaction is for.
type Mode int

// The modes.
const (
	Read  Mode = iota // sees one state of the database throughout, and writes nothing
	Write             // sees one state; what somebody else wrote meanwhile is a conflict. Takes the write lock at once where the database has only one
	Claim             // sees what is committed at each statement, for queues that many take from
)

// Database opens transactions.
type Database interface {
	Begin(ctx context.Context, m Mode) (Tx, error)
}

// Conn runs statements. Parameters are written $1, $2, … for PostgreSQL and ?1,
// ?2, … for SQLite; arguments are string, int64, float64, []byte or nil.
type Conn interface {
	Exec(ctx context.Context, query string, args ...any) (affected int64, err error)
	Query(ctx context.Context, query string, args ...any) (Rows, error)
}

// Rows is the answer to a query. Close may be called at any time and more than
// once.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close()
}

// Tx is a transaction of the store's own. Rollback after Commit does nothing.
type Tx interface {
	Conn
	Commit(ctx context.Context) error
	Rollback(ctx context.Context) error
}

// Pipeline is a [Conn] that can send several statements in one round trip.
type Pipeline interface {
	// Send runs the statements in order and stops at the first error.
	Send(ctx context.Context, batch []Statement) error
}

// Statement is one of a batch. Each has one of Rows and Affected at most; Rows is
// called once for each row.
type Statement struct {
	SQL      string
	Args     []any
	Row      func(Rows) error
	Affected func(int64) error
}

// database is a database behind database/sql.
type database struct {
	db      *sql.DB
	dialect Dialect
}

func (d database) Begin(ctx context.Context, m Mode) (Tx, error) {
	if d.dialect == SQLite {
		return d.beginSQLite(ctx, m)
	}
	o := &sql.TxOptions{Isolation: sql.LevelRepeatableRead}
	switch m {
	case Read:
		o.ReadOnly = true
	case Claim:
		o.Isolation = sql.LevelReadCommitted
	}
	tx, err := d.db.BeginTx(ctx, o)
	if err != nil {
		return nil, err
	}
	return standardTx{standard{tx, d.dialect}, tx}, nil
}

// beginSQLite starts the transaction by hand: database/sql knows only deferred
// ones, which cannot wait for a lock once they have read.
func (d database) beginSQLite(ctx context.Context, m Mode) (Tx, error) {
	begin := "BEGIN IMMEDIATE"
	if m == Read {
		begin = "BEGIN"
	}
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, begin); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &connTx{standard: standard{conn, d.dialect}, conn: conn}, nil
}

// runner is what *sql.Tx and *sql.Conn have in common.
type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// standard is a [Conn] over database/sql.
type standard struct {
	runner
	dialect Dialect
}

// whole is the context of one statement. SQLite rolls the whole transaction back,
// the host's too, when a statement that writes is interrupted: there, one that has
// begun ends.
func (s standard) whole(ctx context.Context) (context.Context, error) {
	if s.dialect == SQLite {
		return context.WithoutCancel(ctx), ctx.Err()
	}
	return ctx, nil
}

func (s standard) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	ctx, err := s.whole(ctx)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (s standard) Query(ctx context.Context, query string, args ...any) (Rows, error) {
	ctx, err := s.whole(ctx)
	if err != nil {
		return nil, err
	}
	r, err := s.QueryContext(ctx, query, args...) //nolint:rowserrcheck // the caller reads and closes it
	if err != nil {
		return nil, err
	}
	return standardRows{r}, nil
}

type standardRows struct{ *sql.Rows }

func (r standardRows) Close() { _ = r.Rows.Close() } // Err tells what went wrong

type standardTx struct {
	standard
	tx *sql.Tx
}

func (t standardTx) Commit(context.Context) error { return t.tx.Commit() }

func (t standardTx) Rollback(context.Context) error {
	if err := t.tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	return nil
}

// connTx is a transaction that was begun by hand on a connection.
type connTx struct {
	standard
	conn *sql.Conn
	done bool
}

func (t *connTx) Commit(ctx context.Context) error {
	if t.done {
		return okr.ErrTxDone
	}
	if _, err := t.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return err // still open: Rollback ends it
	}
	t.done = true
	return t.conn.Close()
}

func (t *connTx) Rollback(ctx context.Context) error {
	if t.done {
		return nil
	}
	t.done = true
	// The context may be what ended the work, and SQLite may have rolled back by
	// itself: only a connection that is surely outside a transaction goes back to
	// the pool.
	_, err := t.conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	if err != nil {
		_ = t.conn.Raw(func(any) error { return errBadConn })
	}
	return t.conn.Close()
}
