package sqlite

import (
	"context"
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/store/sqldb"
)

// Every connection has the settings, not only the first.
func TestEveryConnectionHasTheSettings(t *testing.T) {
	ctx := context.Background()
	for name, test := range map[string]struct {
		opts        []Option
		synchronous string
		group       bool
	}{"durable": {nil, "2", true}, "relaxed": {[]Option{WithRelaxedDurability()}, "1", false}} {
		t.Run(name, func(t *testing.T) {
			s, err := Open(ctx, t.TempDir()+"/okr ?#%.db", append(test.opts, WithReaders(3))...)
			require.NoError(t, err)
			defer func() { require.NoError(t, s.Close()) }()
			check := func(query string) (out []string) {
				// The host's connection, the writer, and each reader.
				c, err := s.db.Conn(ctx)
				require.NoError(t, err)
				var v string
				require.NoError(t, c.QueryRowContext(ctx, query).Scan(&v))
				require.NoError(t, c.Close())
				out = append(out, v)
				var open []sqldb.Tx
				for i := range 4 {
					m := sqldb.Read
					if i == 0 {
						m = sqldb.Write
					}
					tx, err := s.engine.Begin(ctx, m)
					require.NoError(t, err)
					open = append(open, tx)
					rows, err := tx.Query(ctx, query)
					require.NoError(t, err)
					require.True(t, rows.Next())
					var got sql.NullString
					require.NoError(t, rows.Scan(&got))
					rows.Close()
					out = append(out, got.String)
				}
				for _, tx := range open {
					require.NoError(t, tx.Rollback(ctx))
				}
				return out
			}
			for query, want := range map[string]string{
				"SELECT sqlite_version() >= '3.51.3'": "1", // earlier versions can corrupt the log
				"PRAGMA journal_mode":                 "wal",
				"PRAGMA foreign_keys":                 "1",
				"PRAGMA busy_timeout":                 "5000",
			} {
				require.Equal(t, []string{want, want, want, want, want}, check(query), query)
			}
			// The host's commits sync themselves; the writer's are synced in groups.
			require.Equal(t, []string{test.synchronous, "1", "1", "1", "1"}, check("PRAGMA synchronous"))
			require.Equal(t, test.group, s.engine.group != nil)
		})
	}
}
