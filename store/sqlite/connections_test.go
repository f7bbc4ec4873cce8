package sqlite

import (
	"context"
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every connection has the settings, not only the first.
func TestEveryConnectionHasTheSettings(t *testing.T) {
	ctx := context.Background()
	for name, test := range map[string]struct {
		opts        []Option
		synchronous int
	}{"durable": {nil, 2}, "relaxed": {[]Option{WithRelaxedDurability()}, 1}} {
		t.Run(name, func(t *testing.T) {
			s, err := Open(ctx, t.TempDir()+"/okr ?#%.db", append(test.opts, WithReaders(3))...)
			require.NoError(t, err)
			defer func() { require.NoError(t, s.Close()) }()
			var conns []*sql.Conn
			for db, n := range map[*sql.DB]int{s.db: 1, s.reader: 3} {
				for range n {
					c, err := db.Conn(ctx)
					require.NoError(t, err)
					conns = append(conns, c)
				}
			}
			for _, c := range conns {
				var mode, version string
				var synchronous, foreign, busy int
				require.NoError(t, c.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version))
				require.NoError(t, c.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode))
				require.NoError(t, c.QueryRowContext(ctx, "PRAGMA synchronous").Scan(&synchronous))
				require.NoError(t, c.QueryRowContext(ctx, "PRAGMA foreign_keys").Scan(&foreign))
				require.NoError(t, c.QueryRowContext(ctx, "PRAGMA busy_timeout").Scan(&busy))
				require.Equal(t, "wal", mode)
				require.Equal(t, test.synchronous, synchronous)
				require.Equal(t, 1, foreign)
				require.Equal(t, 5000, busy)
				require.GreaterOrEqual(t, version, "3.51.3", "earlier versions can corrupt the log")
				require.NoError(t, c.Close())
			}
		})
	}
}
