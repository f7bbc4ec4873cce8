package audit_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// Quarters are scored by the rules that were in force: as of a cut of the first,
// the same bytes come after five changes of the rules, from the desk that gave
// them and from one that has never seen any of those packs.
func TestAPastQuarterIsScoredByTheRulesOfItsDay(t *testing.T) {
	ctx := t.Context()
	clock := okrtest.NewClock(time.Date(2026, time.September, 25, 9, 0, 0, 0, time.UTC))
	db := memory.New()
	open := func() okr.Tenant {
		desk, err := okr.New(db, okr.Config{Clock: clock.Now, NewID: okrtest.SequentialIDs(), Judge: starter(t)})
		require.NoError(t, err)
		return desk.For("acme").As(okr.Someone("ana"))
	}
	acme := open()
	_, err := acme.Propose(ctx, okrtest.Plan())
	require.NoError(t, err)
	cycles, err := acme.View().Cycles(ctx)
	require.NoError(t, err)
	cycle := cycles[0].ID
	clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	_, err = acme.Activate(ctx, okr.Activation{Cycle: cycle})
	require.NoError(t, err)
	page, err := acme.View().KeyResults(ctx, okr.Query{})
	require.NoError(t, err)
	clock.Advance(20 * 24 * time.Hour)
	_, err = acme.CheckIn(ctx, okr.CheckIn{KeyResult: page.Items[0].ID, Value: measure.N(80)})
	require.NoError(t, err)

	report := func(v okr.View) string {
		tree, err := v.Tree(ctx, cycle)
		require.NoError(t, err)
		b, err := json.MarshalIndent(tree, "", " ")
		require.NoError(t, err)
		return string(b)
	}
	type given struct {
		cut    okr.Cut
		report string
	}
	var all []given
	for n := range 6 {
		cut, err := acme.Cut(ctx)
		require.NoError(t, err)
		now := report(acme.View())
		for _, g := range all {
			require.NotEqual(t, g.report, now, "the rules have changed what is said")
		}
		all = append(all, given{cut, now})
		for _, g := range all {
			require.Equal(t, g.report, report(acme.AsOf(g.cut)))
			require.Equal(t, g.report, report(open().AsOf(g.cut)))
		}
		change(t, db, "acme", clock.Now(), fmt.Sprintf(`apiVersion: okr.rules/v1
env: 1
name: scoring
version: %d.0.0
scores:
  - {id: key-result-progress, on: key_result, score: kr.progress * 0.%d}
`, n+2, 9-n))
		clock.Advance(time.Hour)
	}
}

// change puts another version of the pack named scoring in force.
func change(t *testing.T, db *memory.Store, tenant okr.TenantID, now time.Time, text string) {
	t.Helper()
	ctx := t.Context()
	sum := sha256.Sum256([]byte(text))
	p := okr.Pack{Name: "scoring", Version: "2.0.0", Digest: hex.EncodeToString(sum[:]), Text: text}
	state, err := json.Marshal(p)
	require.NoError(t, err)
	u, err := db.Begin(ctx, true)
	require.NoError(t, err)
	r := okr.Ref{Kind: okr.KindTenant, ID: okr.ID(tenant)}
	was, err := u.Events(ctx, tenant, r, 0)
	require.NoError(t, err)
	e := okr.Entry{Entity: okr.Ref{Kind: okr.KindPack, ID: okr.ID(p.Name)}, State: state, Event: okr.Event{
		ID: p.Digest, Type: okr.EventPackActivated, Tenant: tenant, Aggregate: r, Seq: int64(len(was)) + 1, Time: now, Actor: okr.Someone("ana"), Data: state,
	}}
	e.Hash = e.Sum()
	require.NoError(t, u.Write(ctx, tenant, okr.Changes{Now: now, Activate: []okr.Pack{p}, Entries: []okr.Entry{e}}))
	require.NoError(t, u.Commit(ctx))
}
