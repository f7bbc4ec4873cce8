package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store/sqlite"
	"github.com/okrkit/okrkit/store/storetest"
)

func TestHistories(t *testing.T) {
	storetest.Histories(t, func(t *testing.T) okr.Store {
		s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "okr.db"))
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		return s
	})
}
