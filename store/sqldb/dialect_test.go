package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
)

func TestTranslate(t *testing.T) {
	for text, want := range map[string][2]string{
		"SELECT 1":                   {"SELECT 1", "SELECT 1"},
		"a = $1 AND b = $2":          {"a = ? AND b = ?", "a = $1 AND b = $2"},
		"a = $1 AND b = $1":          {"a = ?1 AND b = ?1", "a = $1 AND b = $1"},
		"a = $2 AND b = $1":          {"a = ?2 AND b = ?1", "a = $2 AND b = $1"},
		"id {in $1}":                 {"id IN (SELECT value FROM json_each(?))", `id = ANY (ARRAY(SELECT jsonb_array_elements_text(CAST($1 AS jsonb)) COLLATE "C"))`},
		"FROM {each $1} k":           {"FROM json_each(?) k", `FROM (SELECT e COLLATE "C" AS value FROM jsonb_array_elements_text(CAST($1 AS jsonb)) AS e) k`},
		"SELECT x LIMIT $1 {skip}":   {"SELECT x LIMIT ? ", "SELECT x LIMIT $1 FOR UPDATE SKIP LOCKED"},
		"SELECT x ORDER BY {update}": {"SELECT x ORDER BY ", "SELECT x ORDER BY FOR UPDATE"},
	} {
		require.Equal(t, want[0], SQLite.sql(text))
		require.Equal(t, want[1], Postgres.sql(text))
		require.Equal(t, want[1], Postgres.sql(text), "again, from memory")
	}
}

type coded int

func (c coded) Error() string { return fmt.Sprintf("sqlite %d", int(c)) }
func (c coded) Code() int     { return int(c) }

type state string

func (s state) Error() string    { return "ERROR: " + string(s) }
func (s state) SQLState() string { return string(s) }

func TestErrorsSayWhatToDo(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		err  error
		want error
	}{
		{coded(5), okr.ErrBusy}, {coded(517), okr.ErrBusy}, {coded(6), okr.ErrBusy}, {coded(2067), okr.ErrConflict}, {coded(1555), okr.ErrConflict},
		{errors.New("SQL logic error: no such table: okr_meta (1)"), okr.ErrSchema}, {errors.New("table okr_x has no column named y"), okr.ErrSchema},
		{errors.New("database is locked"), okr.ErrBusy}, {errors.New("UNIQUE constraint failed: okr_x.y"), okr.ErrConflict},
		{state("23505"), okr.ErrConflict}, {state("40001"), okr.ErrConflict}, {state("40P01"), okr.ErrConflict}, {state("55P03"), okr.ErrBusy},
		{state("42P01"), okr.ErrSchema}, {state("25P02"), okr.ErrTxDone}, {state("22021"), okr.ErrInvalid},
		{sql.ErrTxDone, okr.ErrTxDone}, {fmt.Errorf("x: %w", sql.ErrConnDone), okr.ErrTxDone},
	} {
		got := SQLite.mapped(t.Context(), test.err)
		require.ErrorIs(t, got, test.want, "%v", test.err)
		require.ErrorContains(t, got, test.err.Error())
	}
	for _, err := range []error{coded(1), state("08006"), errors.New("disk I/O error"), coded(787)} {
		require.Equal(t, err, SQLite.mapped(t.Context(), err), "what nobody can act upon stays as it is")
	}
	for _, err := range []error{coded(13), coded(10), coded(778)} { // full, and two ways of not being written
		got := SQLite.mapped(t.Context(), err)
		require.ErrorIs(t, got, err)
		require.ErrorContains(t, got, "make room on the disk")
	}
	require.NoError(t, SQLite.mapped(cancelled, nil))
	require.ErrorIs(t, SQLite.mapped(cancelled, errors.New("interrupted (9)")), context.Canceled)
}

// Both dialects have the same tables and columns.
func TestDialectsHaveTheSameTables(t *testing.T) {
	tables := func(d Dialect) map[string][]string {
		out := map[string][]string{}
		names, err := fs.Glob(Migrations(d), "*.sql")
		require.NoError(t, err)
		for _, name := range names {
			text, err := fs.ReadFile(Migrations(d), name)
			require.NoError(t, err)
			for _, stmt := range split(string(text)) {
				head, body, ok := strings.Cut(stmt, " (\n")
				if !ok || !strings.HasPrefix(head, "CREATE TABLE ") {
					require.Regexp(t, `^CREATE (UNIQUE )?INDEX okr_`, stmt)
					out["indexes"] = append(out["indexes"], stmt)
					continue
				}
				table := strings.TrimPrefix(head, "CREATE TABLE ")
				require.True(t, strings.HasPrefix(table, "okr_"), table)
				for line := range strings.Lines(body) {
					if f := strings.Fields(line); len(f) > 1 && f[0] != ")" {
						null := " NOT NULL"
						if !strings.Contains(line, "NOT NULL") {
							null = ""
						}
						if f[0] == "PRIMARY" {
							f[0], null = strings.TrimSuffix(strings.TrimSpace(line), "\n"), ""
						}
						out[table] = append(out[table], f[0]+null)
					}
				}
				if d == Postgres {
					require.NotRegexp(t, `\btext (NOT|,)`, body, "text is compared byte by byte")
				}
			}
		}
		return out
	}
	lite, pg := tables(SQLite), tables(Postgres)
	require.Greater(t, len(lite), 20)
	require.Equal(t, lite, pg)
	for table, columns := range lite {
		switch table {
		case "indexes", "okr_meta", "okr_inbox", "okr_dead_letter": // what is no tenant's
		default:
			require.Equal(t, "tenant NOT NULL", columns[0], table)
			require.Regexp(t, `^PRIMARY KEY \(tenant, `, columns[len(columns)-1], table)
		}
	}
}

func TestSplit(t *testing.T) {
	require.Equal(t, []string{"CREATE TABLE a (\n  b text DEFAULT ';',\n  c int\n);", "SELECT 1;", "SELECT 2"},
		split("-- a; comment;\nCREATE TABLE a (\n  b text DEFAULT ';',\n  c int\n);\n\nSELECT 1;\nSELECT 2\n"))
	require.Empty(t, split("\n-- nothing\n"))
}

func TestOpenRefuses(t *testing.T) {
	_, err := New(nil, SQLite)
	require.ErrorIs(t, err, okr.ErrInvalid)
	_, err = Over(nil, "oracle")
	require.ErrorIs(t, err, okr.ErrInvalid)
	require.ErrorContains(t, err, "oracle")
}
