package postgres_test

import (
	"encoding/hex"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/store/storetest"
)

// Of what was erased nothing is left in any column of any table.
func TestNoTableHoldsWhatWasErased(t *testing.T) {
	o := databases.take(t)
	gone := storetest.EraseWords(t, o)
	rows, err := o.pool.Query(bg, "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'")
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Greater(t, len(tables), 20)
	read := 0
	for _, table := range tables {
		// Bytes are shown as hexadecimal; as text they are looked at, too.
		rows, err := o.pool.Query(bg, "SELECT x::text FROM "+pgx.Identifier{table}.Sanitize()+" x")
		require.NoError(t, err)
		texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		read += len(texts)
		for _, row := range texts {
			for _, text := range gone {
				require.NotContains(t, row, text, table)
				require.NotContains(t, row, hexOf(text), table)
			}
		}
	}
	require.Greater(t, read, 100)
}

func hexOf(text string) string { return hex.EncodeToString([]byte(text)) }
