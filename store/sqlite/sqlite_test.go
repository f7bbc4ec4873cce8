package sqlite_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/store/memory"
	"github.com/okrkit/okrkit/store/sqlite"
	"github.com/okrkit/okrkit/store/storetest"
)

func open(t testing.TB) *sqlite.Store {
	s, err := sqlite.Open(t.Context(), sqlite.Memory)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Store { return open(t) }, storetest.Capabilities{
		HostTx: func(t testing.TB, s storetest.Store) storetest.HostTx {
			m := s.(*sqlite.Store)
			tx, err := m.DB().BeginTx(t.Context(), nil)
			require.NoError(t, err)
			return storetest.HostTx{Tx: m.Wrap(tx), Commit: tx.Commit, Rollback: tx.Rollback}
		},
		Reference: func() storetest.Store { return memory.New() },
	})
}
