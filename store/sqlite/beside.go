package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store/sqldb"
)

// access says beside whom a database is opened.
type access int

const (
	alone   access = iota // nobody
	reading               // whoever has it open, to read
	writing               // whoever has it open, to write a little
)

func (a access) mode() string { return [...]string{"", "ro", "rw"}[a] }

// journal turns the log on, or, for who only reads, asks for it as it is.
func (a access) journal() string {
	if a == reading {
		return "query_only(1)"
	}
	return "journal_mode(WAL)"
}

// Beside opens a file that another process may have open, for a decision now and then
// such as an admin's: it takes no lock of its own, makes and migrates nothing, and
// each of its commits is synced by itself. The process that serves check-ins is
// opened without it, since only so its commits share a sync.
//
// The other process sees what is written here with its next transaction; its relay
// and its runner come to it with their next poll.
func Beside() Option { return func(o *options) { o.beside = writing } }

// ReadOnly opens a file that another process may have open, to read: whatever is
// written through the store fails, and the file is not touched.
func ReadOnly() Option { return func(o *options) { o.beside = reading } }

// join opens a file that is there.
func (s *Store) join(ctx context.Context, path string, o options) (err error) {
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no such file: correct the path: %w", err)
	case err != nil:
		return err
	case info.IsDir():
		return errors.New("it is a folder: give the path of the database in it")
	case info.Size() == 0:
		return fmt.Errorf("%w: the file is empty", okr.ErrSchema)
	}
	full := dsn(path, o, "FULL")
	if s.db, err = sql.Open("sqlite", full+"&_txlock="+map[access]string{reading: "deferred", writing: "immediate"}[o.beside]); err != nil {
		return err
	}
	s.db.SetMaxOpenConns(1)
	s.engine = newEngine(full, max(1, o.readers), nil)
	if s.Store, err = sqldb.Over(s.engine, sqldb.SQLite); err != nil {
		return err
	}
	return s.Validate(ctx)
}
