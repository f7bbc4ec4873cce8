package sqlite_test

import (
	"context"
	"database/sql"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/store/sqldb"
)

// recorder is a database that notes the statements it is given.
type recorder struct {
	db   *sql.DB
	mu   sync.Mutex
	sent map[string][]any
}

func (r *recorder) Begin(ctx context.Context, m sqldb.Mode) (sqldb.Tx, error) {
	c, err := r.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	begin := "BEGIN IMMEDIATE"
	if m == sqldb.Read {
		begin = "BEGIN"
	}
	_, err = c.ExecContext(ctx, begin)
	return &recorded{r, c, false}, err
}

func (r *recorder) note(query string, args []any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent[query] = args
}

type recorded struct {
	*recorder
	conn *sql.Conn
	done bool
}

func (c *recorded) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	c.note(query, args)
	res, err := c.conn.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

type rows struct{ *sql.Rows }

func (r rows) Close() { _ = r.Rows.Close() }

func (c *recorded) Query(ctx context.Context, query string, args ...any) (sqldb.Rows, error) {
	c.note(query, args)
	r, err := c.conn.QueryContext(ctx, query, args...)
	return rows{r}, err
}

func (c *recorded) Commit(ctx context.Context) error { return c.end(ctx, "COMMIT") }

func (c *recorded) Rollback(ctx context.Context) error { return c.end(ctx, "ROLLBACK") }

func (c *recorded) end(ctx context.Context, how string) error {
	if c.done {
		return nil
	}
	c.done = true
	if _, err := c.conn.ExecContext(ctx, how); err != nil {
		return err
	}
	return c.conn.Close()
}

// No statement of what happens all day reads a whole table.
func TestNoStatementReadsAWholeTable(t *testing.T) {
	h := host(t, empty(t), "&_pragma=busy_timeout(5000)")
	_, ids := planned(t, h.Store, october())
	r := &recorder{db: h.db, sent: map[string][]any{}}
	s, err := sqldb.Over(r, sqldb.SQLite)
	require.NoError(t, err)
	now := october().Now()
	desk, err := okr.New(s, okr.Config{Clock: func() time.Time { return now }})
	require.NoError(t, err)
	acme := desk.For("acme").As(okr.Someone("ana"))
	_, err = acme.CheckIn(bg, okr.CheckIn{KeyResult: ids[0], Value: measure.N(72), Note: "well", Key: "once", Blockers: []okr.NewBlocker{{Text: "x"}}})
	require.NoError(t, err)
	_, err = acme.Settle(bg, okr.Ref{Kind: okr.KindKeyResult, ID: ids[0]})
	require.NoError(t, err)
	u, err := s.Begin(bg, false)
	require.NoError(t, err)
	loaded, err := u.Load(bg, "acme", okr.Need{
		Refs:        []okr.Ref{{Kind: okr.KindKeyResult, ID: ids[0]}, {Kind: okr.KindPerson, ID: "ana"}, {Kind: okr.KindTeam, ID: "sales"}},
		Collections: okr.Collections{Readings: 5, CheckIns: 5, Blockers: true, Standings: true, TeamObjectives: true, OwnerKeyResults: true, PackTexts: []string{"d"}, Items: okr.ItemKinds()},
	})
	require.NoError(t, err)
	_, err = u.Load(bg, "acme", okr.Need{Cycle: loaded.Cycles[0].ID, Refs: []okr.Ref{{Kind: okr.KindObjective, ID: loaded.Objectives[0].ID}}, Collections: okr.Collections{Standings: true}})
	require.NoError(t, err)
	for _, q := range []okr.Query{{Owner: "ana"}, {Cycle: loaded.Cycles[0].ID}, {Team: "sales"}, {After: string(ids[0])}, {Cycle: loaded.Cycles[0].ID, After: string(ids[0])}, {Objective: loaded.Objectives[0].ID}} {
		_, err = u.List(bg, "acme", q)
		require.NoError(t, err)
	}
	_, err = u.Events(bg, "acme", okr.Ref{Kind: okr.KindKeyResult, ID: ids[0]}, 0)
	require.NoError(t, err)
	require.NoError(t, u.Rollback(bg))
	_, err = s.ClaimDue(bg, now, 10)
	require.NoError(t, err)
	out, err := s.ClaimOutgoing(bg, now, time.Minute, 10)
	require.NoError(t, err)
	require.NoError(t, s.ReleaseOutgoing(bg, []string{out[0].ID}, now, ""))
	require.NoError(t, s.MarkPublished(bg, []string{out[0].ID}))
	_, err = s.Tenants(bg)
	require.NoError(t, err)
	_, err = s.Seen(bg, "a1", "e1")
	require.NoError(t, err)
	_, err = s.Seal(bg, now, 10)
	require.NoError(t, err)
	cut, err := acme.Cut(bg)
	require.NoError(t, err)
	_, err = acme.CutAt(bg, cut.At)
	require.NoError(t, err)
	u, err = s.Begin(bg, false)
	require.NoError(t, err)
	_, err = u.Load(bg, "acme", okr.Need{
		Refs:  []okr.Ref{{Kind: okr.KindKeyResult, ID: ids[0]}, {Kind: okr.KindPerson, ID: "ana"}, {Kind: okr.KindTeam, ID: "sales"}, {Kind: okr.KindObjective, ID: loaded.Objectives[0].ID}},
		Cycle: loaded.Cycles[0].ID, AsOf: &cut,
		Collections: okr.Collections{Readings: 5, CheckIns: 5, Blockers: true, Standings: true, TeamObjectives: true, OwnerKeyResults: true, PackTexts: []string{"d"}, Items: okr.ItemKinds()},
	})
	require.NoError(t, err)
	_, err = u.Versions(bg, "acme", okr.Ref{Kind: okr.KindKeyResult, ID: ids[0]})
	require.NoError(t, err)
	_, err = u.Reached(bg, "acme", okr.Ref{Kind: okr.KindKeyResult, ID: ids[0]}, cut)
	require.NoError(t, err)
	require.NoError(t, u.Rollback(bg))
	_, err = s.Requeue(bg, "acme", now, now)
	require.NoError(t, err)

	explained := 0
	for query, args := range r.sent {
		if strings.HasPrefix(query, "SAVEPOINT") || strings.HasPrefix(query, "RELEASE") {
			continue
		}
		found, err := h.db.Query("EXPLAIN QUERY PLAN "+query, args...)
		require.NoError(t, err, query)
		var plan []string
		for found.Next() {
			var a, b, c int
			var line string
			require.NoError(t, found.Scan(&a, &b, &c, &line))
			plan = append(plan, line)
		}
		require.NoError(t, found.Err())
		require.NoError(t, found.Close())
		for _, line := range plan {
			if strings.Contains(query, "o.cycle = ") && !strings.Contains(query, "k.owner = ") {
				require.NotEqual(t, "USE TEMP B-TREE FOR ORDER BY", line, "the first page sorts the whole cycle: %s\n%s", query, strings.Join(plan, "\n"))
			}
			if strings.HasPrefix(line, "SEARCH") && !strings.Contains(query, "LIMIT") && !strings.Contains(query, "o.tenant = ") && !strings.Contains(line, "okr_pack ") {
				require.NotContains(t, line, "(tenant=?)", "all rows of the tenant: %s\n%s", query, strings.Join(plan, "\n"))
			}
			require.False(t, whole(line), "%s\n%s\n%s", line, query, strings.Join(plan, "\n"))
			require.NotContains(t, line, "AUTOMATIC", "%s\n%s", query, strings.Join(plan, "\n"))
		}
		explained++
	}
	require.Greater(t, explained, 40)
}

// A poll that finds nothing reads two indexes and takes no write lock.
func TestAnIdlePollTouchesOnlyAnIndex(t *testing.T) {
	path := empty(t)
	h := host(t, path, "")
	r := &recorder{db: h.db, sent: map[string][]any{}}
	s, err := sqldb.Over(r, sqldb.SQLite)
	require.NoError(t, err)
	writer, err := h.db.Conn(bg)
	require.NoError(t, err)
	defer writer.Close()
	_, err = writer.ExecContext(bg, "BEGIN IMMEDIATE")
	require.NoError(t, err)
	due, err := s.ClaimDue(bg, october().Now(), 10)
	require.NoError(t, err, "somebody else writes, and there is no time to wait")
	require.Empty(t, due)
	_, err = writer.ExecContext(bg, "ROLLBACK")
	require.NoError(t, err)

	asked := 0
	for query, args := range r.sent {
		if !strings.Contains(query, "okr_standing") && !strings.Contains(query, "okr_look") {
			continue
		}
		asked++
		var plan []string
		found, err := h.db.Query("EXPLAIN QUERY PLAN "+query, args...)
		require.NoError(t, err)
		for found.Next() {
			var a, b, c int
			var line string
			require.NoError(t, found.Scan(&a, &b, &c, &line))
			plan = append(plan, line)
		}
		require.NoError(t, found.Err())
		require.NoError(t, found.Close())
		require.Contains(t, plan[0], "USING COVERING INDEX", strings.Join(plan, "\n"))
		for _, line := range plan[1:] {
			require.True(t, strings.HasPrefix(line, "CORRELATED SCALAR SUBQUERY") || strings.Contains(line, "USING PRIMARY KEY"), line)
		}
	}
	require.Equal(t, 2, asked)
}

// whole says whether a line of a plan reads a whole table.
func whole(line string) bool {
	if !strings.HasPrefix(line, "SCAN") {
		return false
	}
	for _, fine := range []string{
		"USING",         // walks an index in order, up to a limit
		"VIRTUAL TABLE", // the elements of a parameter
		"CONSTANT ROW", "VALUES CLAUSE",
		"SCAN t", "SCAN p", "SCAN pick", "SCAN c", // what the statement itself has picked
		"SCAN u",            // what the statement itself has picked, or a WITH
		"SCAN okr_unsealed", // walks its key in order, up to a limit
	} {
		if strings.Contains(line, fine) {
			return false
		}
	}
	return true
}
