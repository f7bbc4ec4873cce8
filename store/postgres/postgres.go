package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store/sqldb"
)

// Pool begins transactions; *pgxpool.Pool does, and so does *pgx.Conn.
type Pool interface {
	BeginTx(ctx context.Context, o pgx.TxOptions) (pgx.Tx, error)
}

// Store is a [sqldb.Store] over a pool.
type Store struct{ *sqldb.Store }

// New is a store over the host's pool, in a database whose tables Migrate or the
// host's own tool has made. It reads the database's identity if it has one yet,
// and changes nothing. The pool stays the host's to close.
//
// The tables are looked for along the connections' search_path, so a schema of
// their own is a matter of the pool's configuration.
func New(pool Pool, opts ...sqldb.Option) (*Store, error) {
	if pool == nil {
		return nil, &okr.InvalidError{Field: "pool", Value: "nil", Remedy: "give an open *pgxpool.Pool"}
	}
	s, err := sqldb.Over(database{pool}, sqldb.Postgres, opts...)
	if err != nil {
		return nil, err
	}
	return &Store{s}, nil
}

// Wrap makes the host's transaction one that [okr.Tenant.In] takes. It reads the
// identity of the transaction's database; where that fails, every call within the
// transaction says why.
func (s *Store) Wrap(tx pgx.Tx) okr.Tx {
	if tx == nil {
		return okr.Tx{}
	}
	return s.WrapConn(conn{tx})
}

type database struct{ pool Pool }

func (d database) Begin(ctx context.Context, m sqldb.Mode) (sqldb.Tx, error) {
	o := pgx.TxOptions{IsoLevel: pgx.RepeatableRead}
	switch m {
	case sqldb.Read:
		o.AccessMode = pgx.ReadOnly
	case sqldb.Claim:
		o.IsoLevel = pgx.ReadCommitted
	}
	tx, err := d.pool.BeginTx(ctx, o)
	if err != nil {
		return nil, err
	}
	return conn{tx}, nil
}

// conn is a transaction of pgx, the host's or the store's own.
type conn struct{ tx pgx.Tx }

var _ interface {
	sqldb.Tx
	sqldb.Pipeline
} = conn{}

// closed marks what came too late.
func closed(err error) error {
	if errors.Is(err, pgx.ErrTxClosed) || errors.Is(err, pgx.ErrTxCommitRollback) {
		return fmt.Errorf("%w: %w", okr.ErrTxDone, err)
	}
	return err
}

func (c conn) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	tag, err := c.tx.Exec(ctx, query, args...)
	return tag.RowsAffected(), closed(err)
}

func (c conn) Query(ctx context.Context, query string, args ...any) (sqldb.Rows, error) {
	rows, err := c.tx.Query(ctx, query, args...) //nolint:sqlclosecheck // the caller closes it
	if err != nil {
		return nil, closed(err)
	}
	return rows, nil
}

func (c conn) Send(ctx context.Context, batch []sqldb.Statement) (err error) {
	var b pgx.Batch
	for _, s := range batch {
		b.Queue(s.SQL, s.Args...)
	}
	results := c.tx.SendBatch(ctx, &b)
	defer func() {
		if e := results.Close(); err == nil {
			err = closed(e)
		}
	}()
	for _, s := range batch {
		if err := receive(results, s); err != nil {
			return closed(err)
		}
	}
	return nil
}

func receive(results pgx.BatchResults, s sqldb.Statement) error {
	if s.Row == nil {
		tag, err := results.Exec()
		if err != nil || s.Affected == nil {
			return err
		}
		return s.Affected(tag.RowsAffected())
	}
	rows, err := results.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := s.Row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (c conn) Commit(ctx context.Context) error { return closed(c.tx.Commit(ctx)) }

func (c conn) Rollback(ctx context.Context) error {
	if err := c.tx.Rollback(ctx); err != nil && !errors.Is(err, pgx.ErrTxClosed) {
		return err
	}
	return nil
}
