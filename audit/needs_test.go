package audit_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// watched is a store that notes what is loaded from it.
type watched struct {
	okr.Store
	most *okr.Collections
	rows *int // readings, check-ins and blockers
}

func (w watched) Begin(ctx context.Context, write bool) (okr.Unit, error) {
	u, err := w.Store.Begin(ctx, write)
	return watchedUnit{u, w}, err
}

type watchedUnit struct {
	okr.Unit
	w watched
}

func (u watchedUnit) Load(ctx context.Context, t okr.TenantID, need okr.Need) (*okr.Snapshot, error) {
	s, err := u.Unit.Load(ctx, t, need)
	*u.w.most = u.w.most.Union(need.Collections)
	if err == nil {
		*u.w.rows += len(s.Readings) + len(s.CheckIns) + len(s.Blockers)
	}
	return s, err
}

func (u watchedUnit) Nested(ctx context.Context) (okr.Unit, error) {
	in, err := u.Unit.Nested(ctx)
	return watchedUnit{in, u.w}, err
}

// What lies in collections is loaded only where a rule in force reads it: a check-in
// under packs that read none of them loads none of them, by tenant and by overlay.
func TestACheckInLoadsOnlyWhatItsRulesRead(t *testing.T) {
	const head = "apiVersion: okr.rules/v1\nenv: 1\nname: acme\nversion: 1.0.0\n"
	plain := head + "rules:\n  - {id: owned, on: key_result, check: has(kr.owner), message: no}\n"
	reads := plain +
		"  - {id: falling, on: key_result, check: '!kr.readings.last(3).falling(2)', message: no}\n" +
		"  - {id: told, on: key_result, check: 'kr.checkins.last(2).size() < 9', message: no}\n" +
		"  - {id: stuck, on: key_result, check: 'kr.blockers.all(b, !b.open)', message: no}\n"
	silent := "apiVersion: okr.rules/v1\nenv: 1\nname: silent\nversion: 1.0.0\nextends:\n  - pack: acme\n    rules: {falling: {enabled: false}, told: {enabled: false}, stuck: {enabled: false}}\n"

	ctx := t.Context()
	var most okr.Collections
	rows := 0
	clock := okrtest.NewClock(time.Date(2026, time.September, 25, 9, 0, 0, 0, time.UTC))
	desk, err := okr.New(watched{memory.New(), &most, &rows}, okr.Config{
		Clock: clock.Now, NewID: okrtest.SequentialIDs(), Judge: audit.New(audit.Fixed(compiledPack(t, plain))),
	})
	require.NoError(t, err)
	loads := func(tenant okr.TenantID, c okr.CheckIn) (okr.Collections, int) {
		acme := desk.For(tenant).As(okr.Someone("ana"))
		page, err := acme.View().KeyResults(ctx, okr.Query{})
		require.NoError(t, err)
		c.KeyResult = page.Items[0].ID
		clock.Advance(time.Hour)
		most, rows = okr.Collections{}, 0
		_, err = acme.CheckIn(ctx, c)
		require.NoError(t, err)
		return most, rows
	}
	for _, tenant := range []okr.TenantID{"acme", "other"} {
		acme := desk.For(tenant).As(okr.Someone("ana"))
		_, err = acme.Propose(ctx, okrtest.Plan())
		require.NoError(t, err)
		clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
		cycles, err := acme.View().Cycles(ctx)
		require.NoError(t, err)
		_, err = acme.Activate(ctx, okr.Activation{Cycle: cycles[0].ID})
		require.NoError(t, err)
	}
	for range 3 {
		for _, tenant := range []okr.TenantID{"acme", "other"} {
			need, rows := loads(tenant, okr.CheckIn{Value: measure.N(80), Confidence: measure.N(7), Note: "all is well",
				Blockers: []okr.NewBlocker{{Text: "the feed is down"}}})
			require.Zero(t, rows)
			require.Equal(t, okr.Collections{Standings: true, Items: []okr.Kind{okr.KindWaiver}}, need)
		}
	}

	acme := desk.For("acme").As(okr.Someone("ana"))
	_, err = acme.ActivatePack(ctx, okr.NewPack{Text: reads})
	require.NoError(t, err)
	loads("acme", okr.CheckIn{Value: measure.N(81)}) // which guesses, and compiles
	need, n := loads("acme", okr.CheckIn{Value: measure.N(82)})
	require.Equal(t, []any{3, 60, true}, []any{need.Readings, need.CheckIns, need.Blockers}, "as many readings as the rules read, and check-ins as far back as blockers were closed")
	require.Positive(t, n)
	need, _ = loads("other", okr.CheckIn{Value: measure.N(82)})
	require.Equal(t, okr.Collections{Standings: true, Items: []okr.Kind{okr.KindWaiver}}, need, "another tenant loads what it did")

	_, err = acme.ActivatePack(ctx, okr.NewPack{Text: silent})
	require.NoError(t, err)
	loads("acme", okr.CheckIn{Value: measure.N(83)})
	need, n = loads("acme", okr.CheckIn{Value: measure.N(84)})
	require.Equal(t, okr.Collections{Standings: true, Items: []okr.Kind{okr.KindWaiver}}, need, "what an overlay has switched off is not loaded")
	require.Zero(t, n)
}

// What the desk itself needs of the past it loads when it does: what is told of an
// earlier day, or falls.
func TestACheckInStillKnowsThePast(t *testing.T) {
	ctx := t.Context()
	clock := okrtest.NewClock(time.Date(2026, time.September, 25, 9, 0, 0, 0, time.UTC))
	desk, err := okr.New(memory.New(), okr.Config{Clock: clock.Now, NewID: okrtest.SequentialIDs()})
	require.NoError(t, err)
	acme := desk.For("acme").As(okr.Someone("ana"))
	_, err = acme.Propose(ctx, okrtest.Plan())
	require.NoError(t, err)
	clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	cycles, err := acme.View().Cycles(ctx)
	require.NoError(t, err)
	_, err = acme.Activate(ctx, okr.Activation{Cycle: cycles[0].ID})
	require.NoError(t, err)
	page, err := acme.View().KeyResults(ctx, okr.Query{})
	require.NoError(t, err)
	k := page.Items[0].ID
	tell := func(c okr.CheckIn) okr.Decision {
		c.KeyResult = k
		d, err := acme.CheckIn(ctx, c)
		require.NoError(t, err)
		return d
	}
	readings := func(d okr.Decision) (n int) {
		for _, e := range d.Events {
			if e.Type == okr.EventReadingRecorded {
				n++
			}
		}
		return n
	}
	clock.Advance(24 * time.Hour)
	at := clock.Now()
	require.Equal(t, 1, readings(tell(okr.CheckIn{Value: measure.N(75), OccurredAt: at, Confidence: measure.N(8)})))
	require.Equal(t, 0, readings(tell(okr.CheckIn{Value: measure.N(75), OccurredAt: at})), "the same again is one reading")
	clock.Advance(24 * time.Hour)
	tell(okr.CheckIn{Value: measure.N(76), Confidence: measure.N(7)})
	require.Equal(t, 0, readings(tell(okr.CheckIn{Value: measure.N(75), OccurredAt: at})), "however long ago")
	clock.Advance(24 * time.Hour)
	d := tell(okr.CheckIn{Confidence: measure.N(6)})
	var kinds []string
	for _, e := range d.Events {
		kinds = append(kinds, e.Type)
	}
	require.Contains(t, kinds, okr.EventConfidenceDropped, "for the second time in a row")
}
