package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/gofrs/flock"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store/sqldb"
)

// Memory is the path of a database that lives until it is closed. It is a file in
// a temporary folder, so it behaves as one in every respect but durability.
const Memory = ":memory:"

// ErrInUse is what a second process gets that opens a database.
var ErrInUse = errors.New("sqlite: the database is in use by another process")

// Store is a [sqldb.Store] over a file.
type Store struct {
	*sqldb.Store
	engine    *engine
	db        *sql.DB // for the host
	lock      *flock.Flock
	temporary string // folder to remove when closed
}

// Option changes how a database is opened.
type Option func(*options)

type options struct {
	busy    time.Duration
	readers int
	relaxed bool
	migrate bool
	beside  access
}

// WithMigration brings a file that an earlier version of okrkit made up to date.
// Make a copy of it before: VACUUM INTO, or the file and its log while nothing
// has it open.
func WithMigration() Option { return func(o *options) { o.migrate = true } }

// WithBusyTimeout gives how long a statement waits for a lock that another
// connection holds; 5 s if not given.
func WithBusyTimeout(d time.Duration) Option { return func(o *options) { o.busy = d } }

// WithReaders gives how many connections may read at once; the number of
// processors, and 4 at least, if not given.
func WithReaders(n int) Option { return func(o *options) { o.readers = n } }

// WithRelaxedDurability lets a commit return before the disk has it: the last
// commits may be lost when power fails, though the file stays whole. A check-in
// takes a fraction of the time.
func WithRelaxedDurability() Option { return func(o *options) { o.relaxed = true } }

// Open opens the database in the file. One that does not exist is created and
// migrated; one that exists must fit, or the error is okr.ErrSchema, unless
// [WithMigration] is given.
//
// The folder must exist and be local: SQLite's locks do not work on a network
// file system. A second process that opens the file gets [ErrInUse], unless it asks
// for a place [Beside] the first.
func Open(ctx context.Context, path string, opts ...Option) (*Store, error) {
	o := options{busy: 5 * time.Second, readers: max(4, runtime.NumCPU())}
	for _, f := range opts {
		f(&o)
	}
	s := &Store{}
	if path == Memory {
		dir, err := os.MkdirTemp("", "okrkit-")
		if err != nil {
			return nil, fmt.Errorf("sqlite: a folder for a database in memory: %w", err)
		}
		s.temporary, o.relaxed = dir, true
		path = filepath.Join(dir, "okr.db")
	}
	if err := s.open(ctx, path, o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, path string, o options) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	if o.beside != alone {
		return explain(path, s.join(ctx, path, o))
	}
	if err := check(path); err != nil {
		return err
	}
	if s.lock, err = lock(path); err != nil {
		return err
	}
	if err := look(ctx, path, o); err != nil {
		return explain(path, err)
	}
	full := "FULL"
	if o.relaxed {
		full = "NORMAL"
	}
	if s.db, err = sql.Open("sqlite", dsn(path, o, full)+"&_txlock=immediate"); err != nil {
		return fmt.Errorf("sqlite: %s: %w", path, err)
	}
	s.db.SetMaxOpenConns(1)
	// The first connection creates the file and turns on the log, which two
	// connections cannot do at once.
	var tables int
	if err := s.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_master").Scan(&tables); err != nil {
		return explain(path, err)
	}
	var g *group
	if !o.relaxed {
		if g, err = newGroup(path); err != nil {
			return err
		}
	}
	s.engine = newEngine(dsn(path, o, "NORMAL"), max(1, o.readers), g)
	if s.Store, err = sqldb.Over(s.engine, sqldb.SQLite); err != nil {
		return err
	}
	// A file without a single table is new, or is what is left when the process
	// ended before the tables were made.
	if tables == 0 || o.migrate {
		return explain(path, s.Migrate(ctx))
	}
	return explain(path, s.Validate(ctx))
}

// look reads a file that exists before anything sets it up for okrkit: what is
// refused stays as it was.
func look(ctx context.Context, path string, o options) (err error) {
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return nil // made anew
	}
	q := url.Values{"mode": {"rw"}, "_pragma": {"busy_timeout(" + strconv.FormatInt(o.busy.Milliseconds(), 10) + ")"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	var tables, ours int
	const count = "SELECT COUNT(*), COUNT(CASE WHEN name = 'okr_migration' THEN 1 END) FROM sqlite_master"
	if err := db.QueryRowContext(ctx, count).Scan(&tables, &ours); err != nil {
		return err
	}
	if tables > 0 && ours == 0 && !o.migrate {
		return fmt.Errorf("%w: it holds another program's tables and none of okrkit's", okr.ErrSchema)
	}
	return nil
}

// The primary result codes of SQLite that speak of the file.
const (
	codeCorrupt = 11
	codeNotADB  = 26
)

// explain names the file and what to do about it.
func explain(path string, err error) error {
	if err == nil {
		return nil
	}
	var coded interface{ Code() int }
	switch {
	case errors.As(err, &coded) && (coded.Code()&0xff == codeCorrupt || coded.Code()&0xff == codeNotADB):
		return fmt.Errorf("sqlite: %s is not a whole database: restore a copy, or correct the path: %w", path, err)
	case errors.Is(err, okr.ErrSchema):
		return fmt.Errorf("sqlite: %s: %w; correct the path, or, if the file shall hold okrkit's tables, make a copy of it and open it with sqlite.WithMigration", path, err)
	}
	return fmt.Errorf("sqlite: opening %s: %w", path, err)
}

// check says what is wrong with the path before SQLite does, which would only
// say "unable to open database file".
func check(path string) error {
	dir := filepath.Dir(path)
	switch info, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("sqlite: the folder %s does not exist: create it, or correct the path: %w", dir, err)
	case err != nil:
		return fmt.Errorf("sqlite: the folder %s cannot be looked into: correct the path, or give this user the right to: %w", dir, err)
	case !info.IsDir():
		return fmt.Errorf("sqlite: %s is not a folder: correct the path of the database", dir)
	}
	exists := true
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		exists = false
	case err != nil:
		return fmt.Errorf("sqlite: %s cannot be looked at: correct the path, or give this user the right to: %w", path, err)
	case info.IsDir():
		return fmt.Errorf("sqlite: %s is a folder: give the path of a file in it, such as %s", path, filepath.Join(path, "okr.db"))
	}
	// Beside the database SQLite keeps its log, and we our lock.
	probe, err := os.CreateTemp(dir, ".okrkit-*")
	if err != nil {
		return fmt.Errorf("sqlite: the folder %s cannot be written to: give this user the right to, since the log and the lock lie beside the database: %w", dir, err)
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	if exists {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return fmt.Errorf("sqlite: %s cannot be written to: give this user the right to: %w", path, err)
		}
		return f.Close()
	}
	return nil
}

// lock keeps other processes out until it is closed, or the process ends.
func lock(path string) (*flock.Flock, error) {
	l := flock.New(path + ".lock")
	ok, err := l.TryLock()
	switch {
	case err != nil:
		return nil, fmt.Errorf("sqlite: locking %s: %w", l.Path(), err)
	case !ok:
		return nil, fmt.Errorf("%w: %s is locked: stop the other process, or use PostgreSQL, which many processes can share (store/postgres)", ErrInUse, l.Path())
	}
	return l, nil
}

func dsn(path string, o options, synchronous string) string {
	q := url.Values{}
	if mode := o.beside.mode(); mode != "" {
		q.Set("mode", mode)
	}
	for _, p := range []string{
		"busy_timeout(" + strconv.FormatInt(o.busy.Milliseconds(), 10) + ")", // first: the others may have to wait
		o.beside.journal(),
		"synchronous(" + synchronous + ")",
		"foreign_keys(1)",
		"secure_delete(1)", // what is erased is overwritten
		"temp_store(MEMORY)",
		"cache_size(-16384)",       // KiB: a batch of check-ins touches more than the 2 MB that are the default
		"wal_autocheckpoint(4000)", // pages: each folding of the log into the file is a sync
	} {
		q.Add("_pragma", p)
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

// DB is a connection for a host that keeps its own tables in the same file: begin
// a transaction on it, write both, commit. Its transactions take the write lock
// when they begin.
func (s *Store) DB() *sql.DB { return s.db }

// Close closes the database and lets other processes in. It waits until every
// transaction of the store has ended; the host's must have.
func (s *Store) Close() error {
	var errs []error
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	if s.engine != nil {
		errs = append(errs, s.engine.close()) // last: it folds the log into the file
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Unlock())
	}
	if s.temporary != "" {
		errs = append(errs, os.RemoveAll(s.temporary))
	}
	return errors.Join(errs...)
}
