package system_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/nats/embedded"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store/sqlite"
)

// openBoth opens the database and the bus of a directory, each by itself, and
// says what came of it.
func openBoth(ctx context.Context, o order) error {
	for _, open := range []func(context.Context, string) error{openDatabase, openBus} {
		began := time.Now()
		err := open(ctx, o.Dir)
		if time.Since(began) > atOnceAtMost {
			return fmt.Errorf("it took %s", time.Since(began))
		}
		fmt.Println(err)
	}
	return nil
}

// atOnceAtMost is less than any patience of the house, and more than a slow
// machine needs.
const atOnceAtMost = 4 * time.Second

func openDatabase(ctx context.Context, dir string) error {
	s, err := sqlite.Open(ctx, database(dir))
	if err != nil {
		return err
	}
	return s.Close()
}

func openBus(ctx context.Context, dir string) error {
	b, err := embedded.Start(ctx, events(dir))
	if err != nil {
		return err
	}
	return b.Close()
}

// remedies are the words of somebody who says what to do.
const remedies = `stop the other|stop that one|give this|create it|correct the path|give the path|run that version|restore|name the|grant|remove`

// A second process on the same directory is told at once what is in its way, and
// the first does not even notice.
func TestASecondProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	got := &collector{name: "wallboard"}
	h, _ := start(t, dir, adapters.Config{}, func(r *adapters.Router) { r.Add(got, adapters.FromStart()) })
	acme := newTenant(t, h.desk, "acme")
	h.settle(t)
	for range 2 {
		lines := strings.Split(strings.TrimSpace(said(t, child(t, order{Role: "second", Dir: dir}))), "\n")
		require.Len(t, lines, 2, lines)
		require.Contains(t, lines[0], database(dir))
		require.Contains(t, lines[0], "in use by another process")
		require.Contains(t, lines[1], events(dir))
		require.Contains(t, lines[1], "in use by another server")
		for _, l := range lines {
			require.Regexp(t, remedies, l)
		}
		checkIn(t, acme, "k1", 75)
		h.settle(t)
		require.Equal(t, ledger(t, h.lite.DB()), byID(got.facts()))
	}
	// The same, within one process.
	require.ErrorIs(t, openDatabase(t.Context(), dir), sqlite.ErrInUse)
	require.ErrorIs(t, openBus(t.Context(), dir), okr.ErrBusy)
	checkIn(t, acme, "k1", 76)
	h.settle(t)
	require.Equal(t, ledger(t, h.lite.DB()), byID(got.facts()))
}

// place is a directory that cannot be used.
type place struct {
	name    string
	prepare func(t *testing.T, dir string) // what the directory holds
	open    func(context.Context, string) error
	names   string // what the error names, within the directory
	is      error
}

// A place that cannot be used is an error that names it and says what to do, and
// the place stays as it was.
func TestUnusablePlaces(t *testing.T) {
	unusable(t, []place{
		{"the database's folder is missing", nothing, in("nowhere", openDatabase), "nowhere", fs.ErrNotExist},
		{"the database's folder is a file", file("folder"), in("folder", openDatabase), "folder", nil},
		{"the database is a folder", folder("okr.db"), openDatabase, "okr.db", nil},
		{"the database is of a later version", later, openDatabase, "okr.db", okr.ErrSchema},
	})
}

func unusable(t *testing.T, places []place) {
	for _, c := range places {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			c.prepare(t, dir)
			before := tree(t, dir)
			began := time.Now()
			err := c.open(t.Context(), dir)
			require.Error(t, err)
			t.Log(err)
			require.Less(t, time.Since(began), atOnceAtMost)
			require.ErrorContains(t, err, filepath.Join(dir, c.names))
			if c.is != nil {
				require.ErrorIs(t, err, c.is)
			}
			require.Equal(t, before, tree(t, dir))
			require.Regexp(t, remedies, err.Error())
		})
	}
}

func nothing(*testing.T, string) {}

// in opens what lies in a folder of the directory.
func in(folder string, open func(context.Context, string) error) func(context.Context, string) error {
	return func(ctx context.Context, dir string) error {
		return open(ctx, filepath.Join(dir, filepath.FromSlash(folder)))
	}
}

func content(path, text string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		path := filepath.Join(dir, filepath.FromSlash(path))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
}

func file(path string) func(*testing.T, string) { return content(path, "not a folder") }

func folder(path string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.FromSlash(path)), 0o700))
	}
}

func execute(t *testing.T, dir string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", database(dir))
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	for _, s := range statements {
		_, err := db.ExecContext(t.Context(), s)
		require.NoError(t, err, s)
	}
}

func later(t *testing.T, dir string) {
	require.NoError(t, openDatabase(t.Context(), dir))
	execute(t, dir, "INSERT INTO okr_migration (name, digest, at) VALUES ('9999_hologram', 'abc', 1)", "PRAGMA wal_checkpoint(TRUNCATE)")
}

// tree is what a directory holds, but for locks that nobody holds.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			out[path] = "folder"
			return err
		}
		b, err := os.ReadFile(path)
		if strings.HasSuffix(path, ".lock") && len(b) == 0 {
			return err
		}
		sum := sha256.Sum256(b)
		out[path] = hex.EncodeToString(sum[:])
		return err
	}))
	return out
}
