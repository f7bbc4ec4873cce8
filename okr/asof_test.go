package okr_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// report is what a dashboard shows of the cycle, as JSON.
func report(t *testing.T, v okr.View, cycle okr.ID) string {
	t.Helper()
	tree, err := v.Tree(t.Context(), cycle)
	require.NoError(t, err)
	b, err := json.MarshalIndent(tree, "", " ")
	require.NoError(t, err)
	return string(b)
}

// quarter is a desk with the sample plan, active on the first of October.
type quarter struct {
	clock *okrtest.Clock
	store *memory.Store
	acme  okr.Tenant
	cycle okr.ID
	keys  []okr.ID
}

func newQuarter(t *testing.T) *quarter {
	t.Helper()
	q := &quarter{clock: okrtest.NewClock(planning), store: memory.New()}
	desk, err := okr.New(q.store, okr.Config{Clock: q.clock.Now, NewID: okrtest.SequentialIDs()})
	require.NoError(t, err)
	q.acme = desk.For("acme").As(okr.Someone("ana"))
	_, err = q.acme.Propose(t.Context(), okrtest.Plan())
	require.NoError(t, err)
	q.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	cycles, err := q.acme.View().Cycles(t.Context())
	require.NoError(t, err)
	q.cycle = cycles[0].ID
	_, err = q.acme.Activate(t.Context(), okr.Activation{Cycle: q.cycle})
	require.NoError(t, err)
	for k, err := range q.acme.View().All(t.Context(), okr.Query{}) {
		require.NoError(t, err)
		q.keys = append(q.keys, k.ID)
	}
	return q
}

func (q *quarter) cut(t *testing.T) okr.Cut {
	t.Helper()
	c, err := q.acme.Cut(t.Context())
	require.NoError(t, err)
	return c
}

// A report as of an instant is the one that was given at it, byte for byte, after
// corrections, late readings, changes of what is meant, and new names.
func TestAReportOfAPastDayIsTheOneThatWasGiven(t *testing.T) {
	q := newQuarter(t)
	ctx := t.Context()
	q.clock.Advance(30 * 24 * time.Hour)
	_, err := q.acme.CheckIn(ctx, okr.CheckIn{KeyResult: q.keys[0], Value: measure.N(80), Confidence: measure.N(8), Note: "on the way"})
	require.NoError(t, err)
	c := q.cut(t)
	given := report(t, q.acme.View(), q.cycle)
	day := q.clock.Now()

	q.clock.Advance(24 * time.Hour)
	k, err := q.acme.View().KeyResults(ctx, okr.Query{Limit: 1})
	require.NoError(t, err)
	_, err = q.acme.Record(ctx, okr.Collected{KeyResult: q.keys[0], Source: "sql", Readings: []okr.Measurement{
		{Value: measure.N(71), Corrects: k.Items[0].Reading},
		{Value: measure.N(72), OccurredAt: day.Add(-time.Hour)},
	}})
	require.NoError(t, err)
	_, err = q.acme.SyncPeople(ctx, okr.Directory{People: []okr.Person{{ID: "ana", Name: "Ana Souza", Team: "sales"}}})
	require.NoError(t, err)
	title := "Raise renewals"
	_, err = q.acme.Change(ctx, okr.KeyResultChange{KeyResult: q.keys[0], Title: &title, Reason: "shorter"})
	require.NoError(t, err)

	require.NotEqual(t, given, report(t, q.acme.View(), q.cycle))
	require.Equal(t, given, report(t, q.acme.AsOf(c), q.cycle))
	at, err := q.acme.CutAt(ctx, day)
	require.NoError(t, err)
	require.Equal(t, c, at)
	require.Equal(t, given, report(t, q.acme.AsOf(at), q.cycle))

	// Between two cuts an instant shows what the earlier one saw, measured then.
	later, err := q.acme.CutAt(ctx, day.Add(2*time.Hour))
	require.NoError(t, err)
	require.Equal(t, okr.Cut{Position: c.Position, At: day.Add(2 * time.Hour)}, later)

	_, err = q.acme.CutAt(ctx, q.clock.Now().Add(time.Hour))
	require.ErrorIs(t, err, okr.ErrInvalid, "the future")
	_, err = q.acme.CutAt(ctx, day.Add(-time.Hour))
	require.ErrorIs(t, err, okr.ErrNotFound, "before the first cut")
	err = q.acme.Do(ctx, func(in okr.Tenant) error {
		_, err := in.Cut(ctx)
		return err
	})
	require.ErrorIs(t, err, okr.ErrInvalid, "a cut lies between transactions")
}

// What is known before anything is written is nothing.
func TestACutOfNothing(t *testing.T) {
	q := newQuarter(t)
	desk, err := okr.New(q.store, okr.Config{Clock: q.clock.Now})
	require.NoError(t, err)
	other := desk.For("globex")
	c, err := other.Cut(t.Context())
	require.NoError(t, err)
	require.Equal(t, okr.Cut{At: q.clock.Now()}, c)
	cycles, err := other.AsOf(c).Cycles(t.Context())
	require.NoError(t, err)
	require.Empty(t, cycles)
	_, err = q.acme.AsOf(c).Tree(t.Context(), q.cycle)
	require.ErrorIs(t, err, okr.ErrNotFound)
}

// What is corrected or comes late after the close is recorded, and what was hit or
// missed stays so, live and as of the close, whatever the clock shows. Cuts before it
// do not see it.
func TestAClosedResultNeverChanges(t *testing.T) {
	q := newQuarter(t)
	ctx := t.Context()
	q.clock.Set(time.Date(2026, time.December, 30, 9, 0, 0, 0, time.UTC))
	for i, v := range []float64{91, 5, 1} {
		_, err := q.acme.CheckIn(ctx, okr.CheckIn{KeyResult: q.keys[i], Value: measure.N(v)})
		require.NoError(t, err)
	}
	before := q.cut(t)
	running := report(t, q.acme.View(), q.cycle)
	q.clock.Set(time.Date(2027, time.January, 4, 9, 0, 0, 0, time.UTC))
	_, err := q.acme.Close(ctx, okr.Closing{Cycle: q.cycle, Waive: &okr.Unreviewed{Owner: "ana", Reason: "everybody was at sea"}})
	require.NoError(t, err)
	closed := q.cut(t)
	final := report(t, q.acme.View(), q.cycle)
	outcome := func(v okr.View) (out []measure.Status) {
		tree, err := v.Tree(ctx, q.cycle)
		require.NoError(t, err)
		for _, k := range tree.Objectives[0].KeyResults {
			out = append(out, k.Measured.Status)
		}
		return out
	}
	require.Equal(t, []measure.Status{measure.Hit, measure.Missed, measure.Hit}, outcome(q.acme.View()))

	q.clock.Advance(24 * time.Hour)
	k, err := q.acme.View().KeyResults(ctx, okr.Query{Limit: 1})
	require.NoError(t, err)
	for _, m := range []okr.Measurement{
		{Value: measure.N(60), Corrects: k.Items[0].Reading},
		{Value: measure.N(60), OccurredAt: time.Date(2026, time.December, 31, 9, 0, 0, 0, time.UTC)},
	} {
		_, err = q.acme.Record(ctx, okr.Collected{KeyResult: q.keys[0], Source: "sql", Readings: []okr.Measurement{m}})
		require.NoError(t, err)
	}
	seen := func(v okr.View) int {
		s, err := v.Snapshot(ctx, q.cycle)
		require.NoError(t, err)
		return len(s.ReadingsOf(q.keys[0]))
	}
	require.Equal(t, 3, seen(q.acme.View()), "what came late is on record")
	require.Equal(t, 1, seen(q.acme.AsOf(closed)), "and was not known then")
	q.clock.Advance(400 * 24 * time.Hour)
	require.Equal(t, []measure.Status{measure.Hit, measure.Missed, measure.Hit}, outcome(q.acme.View()))
	require.Equal(t, final, report(t, q.acme.AsOf(closed), q.cycle))
	require.Equal(t, running, report(t, q.acme.AsOf(before), q.cycle))
}

// A lowered target shows the score under what was promised beside the one under
// what holds now, and who moved it, when and why.
func TestMovedGoalpostsAreShown(t *testing.T) {
	q := newQuarter(t)
	ctx := t.Context()
	q.clock.Advance(24 * time.Hour)
	_, err := q.acme.CheckIn(ctx, okr.CheckIn{KeyResult: q.keys[0], Value: measure.N(82)})
	require.NoError(t, err)
	page, err := q.acme.View().KeyResults(ctx, okr.Query{Limit: 1})
	require.NoError(t, err)
	require.Nil(t, page.Items[0].Promised, "nothing has moved")
	before := q.cut(t)

	q.clock.Advance(24 * time.Hour)
	m := page.Items[0].Metric
	m.Target = measure.N(70 + 12/0.9)
	ben := q.acme.As(okr.Someone("ben"))
	_, err = ben.Change(ctx, okr.KeyResultChange{KeyResult: q.keys[0], Metric: &m, Reason: "two customers were sold"})
	require.NoError(t, err)
	page, err = q.acme.View().KeyResults(ctx, okr.Query{Limit: 1})
	require.NoError(t, err)
	k := page.Items[0]
	require.InDelta(t, 0.9, k.Measured.Progress.Or(0), 1e-9)
	require.InDelta(t, 0.6, k.Promised.Measured.Progress.Or(0), 1e-9)
	require.True(t, measure.N(90).Equal(k.Promised.Metric.Target))
	tree, err := q.acme.View().Tree(ctx, q.cycle)
	require.NoError(t, err)
	require.Equal(t, k.Promised, tree.Objectives[0].KeyResults[0].Promised)

	all, err := q.acme.View().Definitions(ctx, q.keys[0])
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.True(t, all[0].Original)
	require.False(t, all[0].Current)
	require.Equal(t, okr.Someone("ana"), all[0].By)
	require.InDelta(t, 0.6, all[0].Measured.Progress.Or(0), 1e-9)
	require.True(t, all[1].Current)
	require.False(t, all[1].Original)
	require.Equal(t, okr.Someone("ben"), all[1].By)
	require.Equal(t, "two customers were sold", all[1].Reason)
	require.Equal(t, q.clock.Now(), all[1].Since)
	require.InDelta(t, 0.9, all[1].Measured.Progress.Or(0), 1e-9)

	all, err = q.acme.AsOf(before).Definitions(ctx, q.keys[0])
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.True(t, all[0].Original && all[0].Current)
	_, err = q.acme.View().Definitions(ctx, "nowhere")
	require.ErrorIs(t, err, okr.ErrNotFound)
}

// What a view reads it reads through View.transact, which knows the cut.
func TestNoViewForgetsItsCut(t *testing.T) {
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	views := 0
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, e.Name(), nil, 0)
		require.NoError(t, err)
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || len(fn.Recv.List) != 1 {
				continue
			}
			if id, ok := fn.Recv.List[0].Type.(*ast.Ident); !ok || id.Name != "View" {
				continue
			}
			views++
			if fn.Name.Name == "transact" || fn.Name.Name == "reading" {
				continue
			}
			ast.Inspect(fn, func(n ast.Node) bool {
				if call, ok := n.(*ast.SelectorExpr); ok {
					through, nested := call.X.(*ast.SelectorExpr)
					direct := nested && through.Sel.Name == "t" && (call.Sel.Name == "transact" || call.Sel.Name == "View")
					require.False(t, direct, "%s reads past the cut: use v.transact", fset.Position(call.Pos()))
					require.NotEqual(t, "clock", call.Sel.Name, "%s: the instant is the one that transact gives", fset.Position(call.Pos()))
				}
				return true
			})
		}
	}
	require.Greater(t, views, 15)
}

func FuzzParseCut(f *testing.F) {
	for _, s := range []string{"1204@2026-10-01T09:00:00Z", "0@2026-10-01T09:00:00.123456Z", "-1@2026-10-01T09:00:00Z", "1@2026-10-01T09:00:00.1234567Z", "1@", "@", "", "9223372036854775808@2026-10-01T09:00:00Z", "+1@2026-10-01T11:00:00+02:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := okr.ParseCut(s)
		if err != nil {
			require.ErrorIs(t, err, okr.ErrInvalid)
			return
		}
		again, err := okr.ParseCut(c.String())
		require.NoError(t, err)
		require.Equal(t, c, again)
		b, err := json.Marshal(c)
		require.NoError(t, err)
		var d okr.Cut
		require.NoError(t, json.Unmarshal(b, &d))
		require.Equal(t, c, d)
	})
}
