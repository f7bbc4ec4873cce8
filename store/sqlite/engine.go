package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"

	"modernc.org/sqlite"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store/sqldb"
)

// engine is a [sqldb.Database] over the driver's own connections: one that
// writes and several that read, each with its statements prepared. database/sql
// would prepare them anew in every transaction, and convert every value twice.
type engine struct {
	dsn     string
	writer  chan *session // holds the session that nobody uses, nil if it is not open yet
	readers chan *session
	group   *group // nil: commits are not synced at all

	mu     sync.Mutex
	closed bool
}

// session is a connection.
type session struct {
	conn     driver.Conn
	prepared map[string]*statement
}

// statement is a prepared one.
type statement struct {
	driver.Stmt
	exec  driver.StmtExecContext
	query driver.StmtQueryContext
}

func newEngine(dsn string, readers int, g *group) *engine {
	e := &engine{dsn: dsn, group: g, writer: make(chan *session, 1), readers: make(chan *session, readers)}
	e.writer <- nil
	for range readers {
		e.readers <- nil
	}
	return e
}

func (e *engine) open() (*session, error) {
	c, err := new(sqlite.Driver).Open(e.dsn)
	if err != nil {
		return nil, err
	}
	return &session{conn: c, prepared: map[string]*statement{}}, nil
}

// Begin waits for a session and begins a transaction on it.
func (e *engine) Begin(ctx context.Context, m sqldb.Mode) (sqldb.Tx, error) {
	free, begin := e.writer, "BEGIN IMMEDIATE"
	if m == sqldb.Read {
		free, begin = e.readers, "BEGIN"
	}
	var s *session
	select {
	case s = <-free:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	e.mu.Lock()
	closed := e.closed
	e.mu.Unlock()
	var err error
	switch {
	case closed:
		err = fmt.Errorf("%w: the database is closed", okr.ErrTxDone)
	case s == nil:
		s, err = e.open()
	}
	if err == nil && m != sqldb.Read {
		err = e.group.sound()
	}
	if err == nil {
		err = s.run(begin)
	}
	if err != nil {
		free <- s
		return nil, err
	}
	t := &transaction{session: s, free: free}
	if m != sqldb.Read {
		t.group = e.group
	}
	return t, nil
}

// close waits until every transaction has ended, and closes every session.
func (e *engine) close() error {
	e.mu.Lock()
	again := e.closed
	e.closed = true
	e.mu.Unlock()
	if again {
		return nil
	}
	var errs []error
	for _, free := range []chan *session{e.readers, e.writer} { // the writer last: it folds the log into the file
		for range cap(free) {
			s := <-free
			errs = append(errs, s.close())
		}
		for range cap(free) {
			free <- nil // so that a late Begin hears of it
		}
	}
	return errors.Join(append(errs, e.group.close())...)
}

func (s *session) close() error {
	if s == nil {
		return nil
	}
	var errs []error
	for _, p := range s.prepared {
		errs = append(errs, p.Close())
	}
	return errors.Join(append(errs, s.conn.Close())...)
}

// mostPrepared bounds the statements that a session keeps. There are some
// hundred, and a query with filters can take many forms.
const mostPrepared = 500

// prepare is the statement, and what to do with it when it was used.
func (s *session) prepare(query string) (*statement, func() error, error) {
	if p := s.prepared[query]; p != nil {
		return p, func() error { return nil }, nil
	}
	made, err := s.conn.Prepare(query)
	if err != nil {
		return nil, nil, err
	}
	p := &statement{Stmt: made}
	var execs, queries bool
	p.exec, execs = made.(driver.StmtExecContext)
	p.query, queries = made.(driver.StmtQueryContext)
	if !execs || !queries {
		return nil, nil, errors.Join(errors.New("sqlite: the driver has changed"), made.Close())
	}
	if len(s.prepared) >= mostPrepared {
		return p, p.Close, nil
	}
	s.prepared[query] = p
	return p, func() error { return nil }, nil
}

// A statement runs under no context: SQLite rolls the whole transaction back when
// one that writes is interrupted. The context is looked at before each.

func (s *session) run(query string, args ...any) error {
	_, err := s.exec(query, args)
	return err
}

func (s *session) exec(query string, args []any) (n int64, err error) {
	p, done, err := s.prepare(query)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, done()) }()
	r, err := p.exec.ExecContext(context.Background(), named(args))
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func named(args []any) []driver.NamedValue {
	out := make([]driver.NamedValue, len(args))
	for i, a := range args {
		out[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	return out
}

// transaction is one on a session, which it gives back when it ends.
type transaction struct {
	session *session
	free    chan *session
	group   *group // nil: there is nothing to make durable
	wrote   bool
	done    bool
}

func (t *transaction) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := t.ready(ctx); err != nil {
		return 0, err
	}
	n, err := t.session.exec(query, args)
	t.wrote = t.wrote || n > 0
	return n, err
}

func (t *transaction) Query(ctx context.Context, query string, args ...any) (sqldb.Rows, error) {
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	t.wrote = t.wrote || !strings.HasPrefix(query, "SELECT") // a claim that returns what it has claimed
	p, done, err := t.session.prepare(query)
	if err != nil {
		return nil, err
	}
	r, err := p.query.QueryContext(context.Background(), named(args))
	if err != nil {
		return nil, errors.Join(err, done())
	}
	return &rows{rows: r, row: make([]driver.Value, len(r.Columns())), done: done}, nil
}

func (t *transaction) ready(ctx context.Context) error {
	if t.done {
		return okr.ErrTxDone
	}
	return ctx.Err()
}

func (t *transaction) Commit(ctx context.Context) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	if err := t.session.run("COMMIT"); err != nil {
		return err // still open: Rollback ends it
	}
	t.done = true
	t.free <- t.session
	if t.group == nil || !t.wrote {
		return nil
	}
	return t.group.sync()
}

func (t *transaction) Rollback(context.Context) error {
	if t.done {
		return nil
	}
	t.done = true
	if err := t.session.run("ROLLBACK"); err == nil {
		t.free <- t.session
		return nil
	}
	// SQLite rolls back by itself when the disk is full or fails, and then there is
	// nothing to roll back. Whatever it was, closing ends the transaction, and a
	// new session starts clean.
	t.free <- nil
	return t.session.close()
}

// rows is the answer to a query.
type rows struct {
	rows driver.Rows
	row  []driver.Value
	err  error
	done func() error
}

func (r *rows) Next() bool {
	if r.err != nil || r.done == nil {
		return false
	}
	switch err := r.rows.Next(r.row); {
	case errors.Is(err, io.EOF):
		r.Close()
		return false
	case err != nil:
		r.err = err
		return false
	}
	return true
}

func (r *rows) Err() error { return r.err }

func (r *rows) Close() {
	if r.done != nil {
		r.err = errors.Join(r.err, r.rows.Close(), r.done())
		r.done = nil
	}
}

func (r *rows) Scan(dest ...any) error {
	if len(dest) != len(r.row) {
		return fmt.Errorf("sqlite: %d columns into %d places", len(r.row), len(dest))
	}
	for i, d := range dest {
		if err := scan(d, r.row[i]); err != nil {
			return fmt.Errorf("sqlite: column %s: %w", r.rows.Columns()[i], err)
		}
	}
	return nil
}

// scan puts a value of the driver into one of the kinds of place that the SQL of
// sqldb uses.
func scan(dest any, v driver.Value) error {
	switch d := dest.(type) {
	case *string:
		if s, ok := v.(string); ok {
			*d = s
			return nil
		}
	case *int64:
		if n, ok := v.(int64); ok {
			*d = n
			return nil
		}
	case *int:
		if n, ok := v.(int64); ok {
			*d = int(n)
			return nil
		}
	case *[]byte:
		switch b := v.(type) {
		case nil:
			*d = nil
			return nil
		case []byte:
			*d = b // the driver's copy
			return nil
		}
	case sql.Scanner: // sql.NullInt64, sql.NullFloat64
		return d.Scan(v)
	default:
		if s, ok := v.(string); ok {
			if p := reflect.ValueOf(dest).Elem(); p.Kind() == reflect.String {
				p.SetString(s)
				return nil
			}
		}
	}
	return fmt.Errorf("%T into %T", v, dest)
}
