package system_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store/sqlite"
)

func TestUnusableContents(t *testing.T) {
	unusable(t, []place{
		{"the database's folder is below a file", file("folder"), in("folder/below", openDatabase), "folder", nil},
		{"the bus is a file", file("events"), openBus, "events", nil},
		{"the bus is below a file", file("folder"), in("folder", openBus), "folder", nil},
		{"the bus's own folder is a file", file("events/jetstream"), openBus, "events", nil},
		{"the database is something else", content("okr.db", strings.Repeat("Dear Ana, all is well. ", 500)), openDatabase, "okr.db", nil},
		{"the database is a short text", content("okr.db", "hello"), openDatabase, "okr.db", nil},
		{"the database is another program's", another, openDatabase, "okr.db", okr.ErrSchema},
		{"the database is cut off", spoiled(func(b []byte) []byte { return b[:len(b)/2] }), openDatabase, "okr.db", nil},
		{"the database is scribbled over", spoiled(func(b []byte) []byte {
			copy(b[100:], strings.Repeat("all is well ", 1000))
			return b
		}), openDatabase, "okr.db", nil},
		{"the database is of a later version, and may be migrated", later, func(ctx context.Context, dir string) error {
			s, err := sqlite.Open(ctx, database(dir), sqlite.WithMigration())
			if err != nil {
				return err
			}
			return s.Close()
		}, "okr.db", okr.ErrSchema},
	})
}

func another(t *testing.T, dir string) {
	execute(t, dir, "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT)", "INSERT INTO customer (name) VALUES ('Globex')")
}

// spoiled is a database of ours with something done to its bytes.
func spoiled(how func([]byte) []byte) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		require.NoError(t, openDatabase(t.Context(), dir))
		b, err := os.ReadFile(database(dir))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(database(dir), how(b), 0o600))
	}
}
