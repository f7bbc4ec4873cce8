package postgres_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/store/postgres"
)

// recorder notes the statements that go to the server.
type recorder struct {
	mu   sync.Mutex
	sent map[string][]any
}

func (r *recorder) note(sql string, args []any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent[sql] = args
}

func (r *recorder) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	r.note(d.SQL, d.Args)
	return ctx
}

func (r *recorder) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (r *recorder) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (r *recorder) TraceBatchQuery(_ context.Context, _ *pgx.Conn, d pgx.TraceBatchQueryData) {
	r.note(d.SQL, d.Args)
}

func (r *recorder) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// crowd fills the tables with other tenants' rows and with a long past of the
// tenant's own.
const crowd = `
INSERT INTO okr_key_result SELECT 't' || n % 100, 'k' || n, 1, 'q', 'o' || n / 4, 'k' || n, '', 'p' || n % 500, 'active', '', '', NULL, NULL, '', NULL, '', NULL, NULL, NULL, '', '', NULL, '', NULL, '{}' FROM generate_series(1, 30000) n;
INSERT INTO okr_item SELECT 't' || n % 100, CASE WHEN n % 2 = 0 THEN 'kpi' ELSE 'comment' END, 'i' || n, 1, 'team', 'team' || n % 50, '', '{}' FROM generate_series(1, 30000) n;
INSERT INTO okr_key_result_link SELECT 't' || n % 100, 'link', 'l' || n, 'k' || n FROM generate_series(1, 30000) n;
INSERT INTO okr_objective SELECT 't' || n % 100, 'o' || n, 1, 'q', 'o' || n, 0, 'team' || n % 50, '', 'active', '{}' FROM generate_series(1, 10000) n;
INSERT INTO okr_objective_parent SELECT 't' || n % 100, 'o' || n / 5, 'o' || n FROM generate_series(1, 10000) n;
INSERT INTO okr_person SELECT 't' || n % 100, 'p' || n, 1, 'team' || n % 50, '{}' FROM generate_series(1, 20000) n;
INSERT INTO okr_team SELECT 't' || n % 100, 'team' || n, 1, '', '', '{}' FROM generate_series(1, 20000) n;
INSERT INTO okr_cycle SELECT 't' || n, 'q', 1, 0, '', '{}' FROM generate_series(1, 20000) n;
INSERT INTO okr_reading SELECT 't' || n % 100, 'k' || n % 3000, n, n, 'r' || n, n, '', '', n FROM generate_series(1, 60000) n;
INSERT INTO okr_checkin SELECT 't' || n % 100, 'k' || n % 3000, n, n, 'c' || n, '', '', '', n, n, '', '{}', n FROM generate_series(1, 60000) n;
INSERT INTO okr_blocker SELECT 't' || n % 100, 'k' || n, 'b' || n, '{}' FROM generate_series(1, 20000) n;
INSERT INTO okr_standing SELECT 't' || n % 100, 'key_result', 'k' || n, 'status', '', '', 0, CASE WHEN n % 10 = 0 THEN 2000000000000000 + n END FROM generate_series(1, 40000) n;
INSERT INTO okr_look SELECT 't' || n % 100, 'key_result', 'k' || n, '', n FROM generate_series(1, 20000) n;
INSERT INTO okr_lease SELECT 't' || n % 100, 'key_result', 'k' || n, 1, 4000000000000000 FROM generate_series(1, 19000) n;
INSERT INTO okr_seal SELECT 't' || n % 100, n, 'e' || n, 'key_result', 'k' || n / 6, n, '', CASE WHEN n % 50 = 0 THEN n END FROM generate_series(1, 40000) n;
INSERT INTO okr_unsealed SELECT 't' || n % 100, 'key_result', 'k' || n / 6, n FROM generate_series(1, 20000) n;
INSERT INTO okr_member SELECT 't' || n % 100, 'key results of owner', 'p' || n % 500, 'k' || n FROM generate_series(1, 40000) n;
INSERT INTO okr_ledger SELECT 't' || n % 100, 'key_result', 'k' || n / 6, n, 'e' || n, '', n, '', '', CASE WHEN n % 9 = 0 THEN 'key_result' ELSE 'reading' END, '', '{}', '', CASE WHEN n % 9 = 1 THEN '[]' ELSE '' END, '{}', '' FROM generate_series(1, 40000) n;
INSERT INTO okr_outbox SELECT 't' || n % 100, 'key_result', 'k' || n / 6, n, 'e' || n, '', '', n, 0, 0, '' FROM generate_series(1, 20000) n;
INSERT INTO okr_word SELECT 't' || n % 100, 'w' || n, 'checkin', 'c' || n, 'note', NULL, NULL FROM generate_series(1, 40000) n;
INSERT INTO okr_remembered SELECT 't' || n % 100, 'key' || n, '', '{}', 0 FROM generate_series(1, 20000) n;
INSERT INTO okr_inbox SELECT 'a' || n % 10, 'e' || n, n FROM generate_series(1, 20000) n;
INSERT INTO okr_pack SELECT 't' || n, 'starter', '1', 'd' FROM generate_series(1, 10000) n;
INSERT INTO okr_pack_text SELECT 't' || n, 'd', 'text' FROM generate_series(1, 10000) n;
ANALYZE`

// No statement of what happens all day reads a whole table: the planner has an
// index for each, however large the tables are.
func TestNoStatementReadsAWholeTable(t *testing.T) {
	o := databases.take(t)
	_, ids := checkedIn(t, o)
	for _, s := range strings.Split(crowd, ";") {
		_, err := o.pool.Exec(bg, s)
		require.NoError(t, err)
	}
	r := &recorder{sent: map[string][]any{}}
	config := o.pool.Config()
	config.ConnConfig.Tracer = r
	db, err := pgxpool.NewWithConfig(bg, config)
	require.NoError(t, err)
	defer db.Close()
	s, err := postgres.New(db)
	require.NoError(t, err)
	now := time.Date(2026, time.October, 9, 9, 0, 0, 0, time.UTC)
	desk, err := okr.New(s, okr.Config{Clock: func() time.Time { return now }})
	require.NoError(t, err)
	acme := desk.For("acme").As(okr.Someone("ana"))

	clear(r.sent)
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
	_, err = u.List(bg, "acme", okr.Query{Owner: "ana"})
	require.NoError(t, err)
	_, err = u.List(bg, "acme", okr.Query{After: string(ids[0])})
	require.NoError(t, err)
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

	r.mu.Lock()
	defer r.mu.Unlock()
	explained := 0
	for sql, args := range r.sent {
		if !strings.HasPrefix(sql, "SELECT") && !strings.HasPrefix(sql, "UPDATE") && !strings.HasPrefix(sql, "DELETE") && !strings.HasPrefix(sql, "WITH") {
			continue
		}
		rows, err := o.pool.Query(bg, "EXPLAIN (COSTS OFF) "+sql, args...)
		require.NoError(t, err)
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err, sql)
		for _, line := range plan {
			if strings.Contains(line, "Seq Scan on okr_meta") || strings.Contains(line, "Seq Scan on okr_migration") {
				continue // a handful of rows
			}
			require.NotContains(t, line, "Seq Scan", "%s\n%s", sql, strings.Join(plan, "\n"))
		}
		explained++
	}
	require.Greater(t, explained, 30)
}
