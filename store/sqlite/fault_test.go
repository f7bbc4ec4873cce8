package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/store/sqldb"
)

var errBroken = errors.New("the line is cut")

// breaking is a connection that breaks at its n-th statement.
type breaking struct {
	sqldb.Conn
	left *int
}

func (b breaking) cut() error {
	if *b.left--; *b.left == 0 {
		return errBroken
	}
	return nil
}

func (b breaking) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if strings.HasPrefix(query, "ROLLBACK") || strings.HasPrefix(query, "RELEASE") {
		return b.Conn.Exec(ctx, query, args...)
	}
	if err := b.cut(); err != nil {
		return 0, err
	}
	return b.Conn.Exec(ctx, query, args...)
}

func (b breaking) Query(ctx context.Context, query string, args ...any) (sqldb.Rows, error) {
	if err := b.cut(); err != nil {
		return nil, err
	}
	return b.Conn.Query(ctx, query, args...)
}

// contents is everything in the database's tables.
func contents(t testing.TB, db *sql.DB) string {
	t.Helper()
	var names []string
	rows, err := db.Query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
	require.NoError(t, err)
	for rows.Next() {
		var n string
		require.NoError(t, rows.Scan(&n))
		names = append(names, n)
	}
	require.NoError(t, rows.Err())
	require.NoError(t, rows.Close())
	var all []string
	for _, n := range names {
		rows, err := db.Query("SELECT * FROM " + n)
		require.NoError(t, err)
		columns, err := rows.Columns()
		require.NoError(t, err)
		for rows.Next() {
			row := make([]any, len(columns))
			for i := range row {
				row[i] = new(any)
			}
			require.NoError(t, rows.Scan(row...))
			line := n
			for _, v := range row {
				line += fmt.Sprintf("|%v", *v.(*any))
			}
			all = append(all, line)
		}
		require.NoError(t, rows.Err())
		require.NoError(t, rows.Close())
	}
	sort.Strings(all)
	return strings.Join(all, "\n")
}

// Whichever statement of a check-in fails within the host's transaction, the host
// goes on and commits its own rows, and nothing is left of the check-in.
func TestAFailureAtEveryStatement(t *testing.T) {
	h := host(t, empty(t), "&_pragma=busy_timeout(5000)")
	acme, ids := planned(t, h.Store, october())
	_, err := h.db.Exec("CREATE TABLE visit (n INTEGER)")
	require.NoError(t, err)
	id, err := h.Identity(bg)
	require.NoError(t, err)
	before := contents(t, h.db)
	for n := 1; ; n++ {
		tx, err := h.db.BeginTx(bg, nil)
		require.NoError(t, err)
		_, err = tx.Exec("INSERT INTO visit (n) VALUES (?)", n)
		require.NoError(t, err)
		left := n
		wrapped := h.WrapConn(breaking{plain{tx}, &left})
		_, err = acme.In(wrapped).CheckIn(bg, okr.CheckIn{
			KeyResult: ids[0], Value: measure.N(74), Confidence: measure.N(4), Note: "well", Blockers: []okr.NewBlocker{{Text: "x"}}, Key: "once",
		})
		require.NoError(t, tx.Commit(), "statement %d", n)
		if err == nil {
			require.Greater(t, n, 25, "all statements were tried")
			break
		}
		require.ErrorIs(t, err, errBroken, "statement %d", n)
		_, err = h.db.Exec("DELETE FROM visit WHERE n = ?", n)
		require.NoError(t, err)
		require.Equal(t, before, contents(t, h.db), "after a failure at statement %d", n)
	}
	require.NotEqual(t, before, contents(t, h.db))
	again, err := h.Identity(bg)
	require.NoError(t, err)
	require.Equal(t, id, again)
	v, err := h.Verify(bg, "acme")
	require.NoError(t, err)
	require.Nil(t, v.Fault)
}

// plain is the host's transaction, without what the store adds to it.
type plain struct{ tx *sql.Tx }

func (p plain) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	r, err := p.tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (p plain) Query(ctx context.Context, query string, args ...any) (sqldb.Rows, error) {
	r, err := p.tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return rows{r}, nil
}
