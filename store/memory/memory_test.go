package memory_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/store/memory"
	"github.com/okrkit/okrkit/store/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(testing.TB) storetest.Store { return memory.New() }, storetest.Capabilities{
		HostTx: func(t testing.TB, s storetest.Store) storetest.HostTx {
			m := s.(*memory.Store)
			tx, err := m.BeginTx(t.Context())
			require.NoError(t, err)
			return storetest.HostTx{
				Tx:       m.Wrap(tx),
				Commit:   func() error { return tx.Commit(t.Context()) },
				Rollback: func() error { return tx.Rollback(context.WithoutCancel(t.Context())) },
			}
		},
	})
}
