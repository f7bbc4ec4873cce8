package sqlite_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/store/sqlite"
	"github.com/okrkit/okrkit/store/storetest"
)

// Of what was erased no byte is left in any file of the database, once its log is
// folded in; nothing has to be vacuumed.
func TestNoByteOfWhatWasErasedIsLeft(t *testing.T) {
	dir := t.TempDir()
	s, err := sqlite.Open(t.Context(), filepath.Join(dir, "okr.db"))
	require.NoError(t, err)
	gone := storetest.EraseWords(t, s)
	require.NotEmpty(t, gone)
	require.NoError(t, s.Close())
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	size := 0
	for _, f := range files {
		raw, err := os.ReadFile(filepath.Join(dir, f.Name()))
		require.NoError(t, err)
		size += len(raw)
		for _, text := range gone {
			require.False(t, bytes.Contains(raw, []byte(text)), "%s holds %q", f.Name(), text)
		}
	}
	require.Greater(t, size, 100_000)
}
