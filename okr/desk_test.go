package okr_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

var (
	ana      = okr.Someone("ana")
	planning = time.Date(2026, time.September, 21, 9, 0, 0, 0, time.UTC)
)

// unreviewed closes a cycle whose end is not what the test is about.
var unreviewed = &okr.Unreviewed{Owner: "ana", Reason: "the end of this quarter is not what this is about"}

// fridays is a calendar of every Friday 16:00 UTC within the cycle: simple enough
// to be right at a glance. The real one is tested with package cadence.
type fridays struct{}

func (fridays) Occurrences(s okr.Schedule, c okr.Cycle, from, to time.Time) ([]okr.Occurrence, error) {
	var out []okr.Occurrence
	for d := c.Start; !d.After(c.End); d = d.AddDays(1) {
		due := d.In(time.UTC).Add(16 * time.Hour)
		if d.Weekday() == time.Friday && due.After(from) && !due.After(to) {
			out = append(out, okr.Occurrence{Key: d.String(), Opens: due.Add(-24 * time.Hour), Due: due, GraceEnds: due.Add(24 * time.Hour)})
		}
	}
	return out, nil
}

// Later knows no day off but the weekend.
func (fridays) Later(_ okr.Schedule, _ okr.Cycle, from time.Time, workingDays int) (time.Time, error) {
	for ; workingDays > 0; workingDays-- {
		for from = from.AddDate(0, 0, 1); from.Weekday()%6 == 0; from = from.AddDate(0, 0, 1) {
		}
	}
	return from, nil
}

type house struct {
	desk  *okr.Desk
	store *memory.Store
	clock *okrtest.Clock
	acme  okr.Tenant
}

func open(t *testing.T, c okr.Config) house {
	t.Helper()
	h := house{store: memory.New(), clock: okrtest.NewClock(planning)}
	c.Clock, c.NewID = h.clock.Now, okrtest.SequentialIDs()
	if c.Calendar == nil {
		c.Calendar = fridays{}
	}
	var err error
	h.desk, err = okr.New(h.store, c)
	require.NoError(t, err)
	h.acme = h.desk.For("acme").As(ana)
	return h
}

// running is a house whose plan is active since the first of October, a Thursday.
func running(t *testing.T, c okr.Config) house {
	t.Helper()
	h := open(t, c)
	_, err := h.acme.Propose(t.Context(), okrtest.Plan())
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Activate(t.Context(), okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	return h
}

func (h house) cycle(t *testing.T) okr.Cycle {
	t.Helper()
	cs, err := h.acme.View().Cycles(t.Context())
	require.NoError(t, err)
	require.Len(t, cs, 1)
	return cs[0]
}

func (h house) keyResult(t *testing.T, key string) okr.KeyResultView {
	t.Helper()
	for k, err := range h.acme.View().All(t.Context(), okr.Query{}) {
		require.NoError(t, err)
		if k.Key == key {
			return k
		}
	}
	require.Fail(t, "no such key result", key)
	return okr.KeyResultView{}
}

func types(es []okr.Event) []string {
	out := []string{}
	for _, e := range es {
		out = append(out, e.Type)
	}
	return out
}

func invalidField(t *testing.T, err error) string {
	t.Helper()
	var e *okr.InvalidError
	require.ErrorAs(t, err, &e)
	require.ErrorIs(t, err, okr.ErrInvalid)
	require.NotEmpty(t, e.Remedy)
	return e.Field
}

func TestProposeIsAnUpsertByKey(t *testing.T) {
	h := open(t, okr.Config{})
	first, err := h.acme.Propose(t.Context(), okrtest.Plan())
	require.NoError(t, err)
	require.Len(t, first.Subjects, 4)
	require.Contains(t, types(first.Events), okr.EventCycleCreated)

	again, err := h.acme.Propose(t.Context(), okrtest.Plan())
	require.NoError(t, err)
	require.Empty(t, again.Events, "the same plan changes nothing")
	require.Equal(t, first.Subjects[1].ID, again.Subjects[1].ID)

	p := okrtest.Plan()
	p.Objectives[0].KeyResults[0].Metric.Target = measure.N(92)
	changed, err := h.acme.Propose(t.Context(), p)
	require.NoError(t, err)
	require.Equal(t, []string{okr.EventKeyResultChanged}, types(changed.Events))
	require.Equal(t, measure.N(92), h.keyResult(t, "k1").Metric.Target)
	require.Equal(t, okr.Draft, h.keyResult(t, "k1").State)
}

func TestPlanResolvesOwners(t *testing.T) {
	h := open(t, okr.Config{})
	p := okrtest.Plan()
	p.Objectives[0].KeyResults[0].Owner = "ANA LIMA"
	p.Objectives[0].KeyResults[1].Owner = "the team"
	p.Objectives[0].Owner = "Sales"
	_, err := h.acme.Propose(t.Context(), p)
	require.NoError(t, err)
	require.Equal(t, okr.ID("ana"), h.keyResult(t, "k1").Owner)
	require.Empty(t, h.keyResult(t, "k2").Owner, "a team owns no key result")
	require.Equal(t, "the team", h.keyResult(t, "k2").OwnerText)
}

func TestPlanLeavesActiveRowsAlone(t *testing.T) {
	h := running(t, okr.Config{})
	same, err := h.acme.Propose(t.Context(), okrtest.Plan())
	require.NoError(t, err)
	require.Empty(t, same.Events)
	p := okrtest.Plan()
	p.Objectives[0].KeyResults[0].Metric.Target = measure.N(75)
	_, err = h.acme.Propose(t.Context(), p)
	require.ErrorIs(t, err, okr.ErrConflict)
	require.Equal(t, measure.N(90), h.keyResult(t, "k1").Metric.Target)
}

func TestCheckInMovesWhatIsKnown(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k2")
	require.Equal(t, measure.Unknown, k.Measured.Status, "without a reading nothing is known")

	h.clock.Set(time.Date(2026, time.October, 9, 8, 0, 0, 0, time.UTC))
	d, err := h.acme.CheckIn(t.Context(), okr.CheckIn{
		KeyResult: k.ID, Value: measure.N(11), Confidence: measure.N(7), Stated: measure.OnTrack, Note: "two new colleagues",
	})
	require.NoError(t, err)
	require.Equal(t, []string{okr.EventReadingRecorded, okr.EventCheckInRecorded, okr.EventStatusChanged}, types(d.Events))
	require.Len(t, d.Subjects, 1)
	require.Equal(t, measure.N(0.125), d.Subjects[0].After.Progress)

	k = h.keyResult(t, "k2")
	require.Equal(t, measure.N(11), k.Current)
	require.Equal(t, measure.N(7), k.Confidence)
	require.Equal(t, measure.OnTrack, k.Stated)
	require.Equal(t, measure.OnTrack, k.Measured.Status)

	// What the ledger numbered has no gap.
	events, err := h.acme.View().Events(t.Context(), okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}, 0)
	require.NoError(t, err)
	for i, e := range events {
		require.Equal(t, int64(i+1), e.Seq)
	}
	require.Equal(t, k.Version, events[len(events)-1].Seq)
	for _, e := range events {
		require.NotContains(t, string(e.Data), "colleagues", "notes do not leave on the wire")
	}
}

func TestCheckInWithoutAValueRecordsNoReading(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1")
	d, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Note: "nothing to report"})
	require.NoError(t, err)
	require.Equal(t, []string{okr.EventCheckInRecorded}, types(d.Events))
	require.Equal(t, measure.Number{}, h.keyResult(t, "k1").Current)
	require.Equal(t, measure.Unknown, h.keyResult(t, "k1").Measured.Status)
}

func TestLateReadingDoesNotBecomeCurrent(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1")
	h.clock.Set(time.Date(2026, time.October, 20, 8, 0, 0, 0, time.UTC))
	for _, r := range []struct {
		v  float64
		at int
	}{{80, 19}, {75, 12}} {
		_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Value: measure.N(r.v), OccurredAt: time.Date(2026, time.October, r.at, 8, 0, 0, 0, time.UTC)})
		require.NoError(t, err)
	}
	require.Equal(t, measure.N(80), h.keyResult(t, "k1").Current)
}

func TestCorrectionReplacesWithoutErasing(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1")
	_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Value: measure.N(800)})
	require.NoError(t, err)
	wrong := h.keyResult(t, "k1").Reading
	d, err := h.acme.As(okr.Service("billing")).Record(t.Context(), okr.Collected{
		KeyResult: k.ID, Source: "billing", Readings: []okr.Measurement{{Value: measure.N(80), OccurredAt: h.clock.Now().Add(-time.Hour), Corrects: wrong}},
	})
	require.NoError(t, err)
	require.Contains(t, types(d.Events), okr.EventReadingCorrected)
	require.Equal(t, measure.N(80), h.keyResult(t, "k1").Current)
	s, err := h.acme.View().Snapshot(t.Context(), k.Cycle)
	require.NoError(t, err)
	require.Len(t, s.ReadingsOf(k.ID), 2, "the wrong reading stays in the ledger and in the list")
}

func TestBadCheckInsAreRefusedByName(t *testing.T) {
	h := running(t, okr.Config{})
	k, yes := h.keyResult(t, "k1"), h.keyResult(t, "k3")
	before, err := h.acme.View().Events(t.Context(), okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}, 0)
	require.NoError(t, err)
	for _, c := range []struct {
		name, field string
		in          okr.CheckIn
	}{
		{"not a number", "value", okr.CheckIn{KeyResult: k.ID, Value: measure.N(math.NaN())}},
		{"infinite", "value", okr.CheckIn{KeyResult: k.ID, Value: measure.N(math.Inf(1)), Key: "x"}},
		{"half a yes", "value", okr.CheckIn{KeyResult: yes.ID, Value: measure.N(0.5)}},
		{"from the future", "occurred_at", okr.CheckIn{KeyResult: k.ID, Value: measure.N(1), OccurredAt: h.clock.Now().Add(time.Hour)}},
		{"from long ago", "occurred_at", okr.CheckIn{KeyResult: k.ID, Value: measure.N(1), OccurredAt: time.Unix(-1e11, 0)}},
		{"confidence", "confidence", okr.CheckIn{KeyResult: k.ID, Confidence: measure.N(11)}},
		{"stated", "stated", okr.CheckIn{KeyResult: k.ID, Stated: "green"}},
		{"NUL", "note", okr.CheckIn{KeyResult: k.ID, Note: "a\x00b"}},
		{"not UTF-8", "note", okr.CheckIn{KeyResult: k.ID, Note: "a\xff"}},
		{"empty blocker", "blockers[0].text", okr.CheckIn{KeyResult: k.ID, Blockers: []okr.NewBlocker{{Text: " "}}}},
		{"blocker kind", "blockers[0].kind", okr.CheckIn{KeyResult: k.ID, Blockers: []okr.NewBlocker{{Text: "x", Kind: "weather"}}}},
		{"blocker owner", "blockers[0].owner", okr.CheckIn{KeyResult: k.ID, Blockers: []okr.NewBlocker{{Text: "x", Owner: "nobody"}}}},
		{"no such blocker", "resolved[0].blocker", okr.CheckIn{KeyResult: k.ID, Resolved: []okr.Resolution{{Blocker: "b"}}}},
		{"no such initiative", "adjust[0].title", okr.CheckIn{KeyResult: k.ID, Adjust: []okr.Adjustment{{Do: "finish", Title: "x"}}}},
		{"what to do with it", "adjust[0].do", okr.CheckIn{KeyResult: k.ID, Adjust: []okr.Adjustment{{Do: "eat", Title: "x"}}}},
		{"no key result", "key_result", okr.CheckIn{}},
		{"nothing said", "value", okr.CheckIn{KeyResult: k.ID, Note: " ", Key: "x"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := h.acme.CheckIn(t.Context(), c.in)
			require.Equal(t, c.field, invalidField(t, err))
		})
	}
	_, err = h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: "nowhere", Note: "as expected"})
	require.ErrorIs(t, err, okr.ErrNotFound)
	after, err := h.acme.View().Events(t.Context(), okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}, 0)
	require.NoError(t, err)
	require.Equal(t, before, after, "nothing was half-written")
}

func TestDraftsAndClosedCyclesTakeNoCheckIns(t *testing.T) {
	h := open(t, okr.Config{})
	_, err := h.acme.Propose(t.Context(), okrtest.Plan())
	require.NoError(t, err)
	k := h.keyResult(t, "k1")
	_, err = h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Value: measure.N(71)})
	require.ErrorIs(t, err, okr.ErrConflict)
	require.ErrorContains(t, err, "draft")

	h = running(t, okr.Config{})
	k = h.keyResult(t, "k1")
	_, err = h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Value: measure.N(91)})
	require.NoError(t, err)
	_, err = h.acme.Close(t.Context(), okr.Closing{Cycle: k.Cycle, Waive: unreviewed})
	require.Equal(t, "cycle", invalidField(t, err), "it still runs")
	h.clock.Set(time.Date(2027, time.January, 4, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Close(t.Context(), okr.Closing{Cycle: k.Cycle, Waive: unreviewed})
	require.NoError(t, err)
	require.Equal(t, measure.Hit, h.keyResult(t, "k1").Measured.Status)
	require.Equal(t, measure.Unknown, h.keyResult(t, "k2").Measured.Status)
	_, err = h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Value: measure.N(95)})
	require.ErrorIs(t, err, okr.ErrConflict)
	require.ErrorContains(t, err, "closed")
	_, err = h.acme.Close(t.Context(), okr.Closing{Cycle: k.Cycle, Waive: unreviewed})
	require.ErrorIs(t, err, okr.ErrConflict)
}

func TestIdempotencyKey(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1")
	in := okr.CheckIn{KeyResult: k.ID, Value: measure.N(75), Key: "request-1"}
	first, err := h.acme.CheckIn(t.Context(), in)
	require.NoError(t, err)
	h.clock.Advance(time.Hour)
	again, err := h.acme.CheckIn(t.Context(), in)
	require.NoError(t, err)
	require.True(t, again.Repeated)
	a, err := json.Marshal(first)
	require.NoError(t, err)
	again.Repeated = false
	b, err := json.Marshal(again)
	require.NoError(t, err)
	require.JSONEq(t, string(a), string(b))

	in.Value = measure.N(76)
	_, err = h.acme.CheckIn(t.Context(), in)
	require.ErrorIs(t, err, okr.ErrConflict)
	require.Equal(t, measure.N(75), h.keyResult(t, "k1").Current)

	_, err = h.desk.For("globex").As(ana).CheckIn(t.Context(), in)
	require.ErrorIs(t, err, okr.ErrNotFound, "another tenant's key is another key, and the key result is not theirs")
}

func TestWritesNeedAnActorAndATenant(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1")
	in := okr.CheckIn{KeyResult: k.ID, Value: measure.N(75)}
	_, err := h.desk.For("acme").CheckIn(t.Context(), in)
	require.ErrorIs(t, err, okr.ErrNoActor)
	for _, id := range []okr.TenantID{"", " acme", "a\x00b", "a\nb", okr.TenantID(make([]byte, 201))} {
		_, err = h.desk.For(id).As(ana).CheckIn(t.Context(), in)
		require.ErrorIs(t, err, okr.ErrTenant)
		_, err = h.desk.For(id).View().Cycles(t.Context())
		require.ErrorIs(t, err, okr.ErrTenant)
	}
	_, err = okr.Tenant{}.As(ana).CheckIn(t.Context(), in)
	require.ErrorIs(t, err, okr.ErrTenant, "the zero handle is an error, not a panic")
}

func TestTenantsNeverMeet(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1")
	globex := h.desk.For("globex").As(ana)
	_, err := globex.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Value: measure.N(1)})
	require.ErrorIs(t, err, okr.ErrNotFound)
	_, err = globex.View().Tree(t.Context(), k.Cycle)
	require.ErrorIs(t, err, okr.ErrNotFound)
	page, err := globex.View().KeyResults(t.Context(), okr.Query{})
	require.NoError(t, err)
	require.Empty(t, page.Items)
}

func TestDoIsAllOrNothing(t *testing.T) {
	h := running(t, okr.Config{})
	k1, k2 := h.keyResult(t, "k1"), h.keyResult(t, "k2")
	boom := errors.New("boom")
	both := func(fail error) error {
		return h.acme.Do(t.Context(), func(acme okr.Tenant) error {
			if _, err := acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k1.ID, Value: measure.N(80)}); err != nil {
				return err
			}
			if _, err := acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k2.ID, Value: measure.N(10)}); err != nil {
				return err
			}
			return fail
		})
	}
	require.ErrorIs(t, both(boom), boom)
	require.Equal(t, measure.Number{}, h.keyResult(t, "k1").Current)
	require.Panics(t, func() {
		_ = h.acme.Do(t.Context(), func(acme okr.Tenant) error {
			_, _ = acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k1.ID, Value: measure.N(80)})
			panic("boom")
		})
	})
	require.Equal(t, measure.Number{}, h.keyResult(t, "k1").Current, "a panic leaves nothing behind and no lock held")
	require.NoError(t, both(nil))
	require.Equal(t, measure.N(80), h.keyResult(t, "k1").Current)
	require.Equal(t, measure.N(10), h.keyResult(t, "k2").Current)
}

func TestInTheHostsTransaction(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1")
	in := okr.CheckIn{KeyResult: k.ID, Value: measure.N(80)}

	tx, err := h.store.BeginTx(t.Context())
	require.NoError(t, err)
	_, err = h.acme.In(h.store.Wrap(tx)).CheckIn(t.Context(), in)
	require.NoError(t, err)
	require.NoError(t, tx.Rollback(t.Context()))
	require.Equal(t, measure.Number{}, h.keyResult(t, "k1").Current, "the host rolled back")

	tx, err = h.store.BeginTx(t.Context())
	require.NoError(t, err)
	_, err = h.acme.In(h.store.Wrap(tx)).CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Stated: "green"})
	require.ErrorIs(t, err, okr.ErrInvalid)
	_, err = h.acme.In(h.store.Wrap(tx)).CheckIn(t.Context(), in)
	require.NoError(t, err, "a refused call leaves the host's transaction usable")
	require.NoError(t, tx.Commit(t.Context()))
	require.Equal(t, measure.N(80), h.keyResult(t, "k1").Current)

	other := memory.New()
	foreign, err := other.BeginTx(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, foreign.Rollback(context.Background())) }()
	_, err = h.acme.In(other.Wrap(foreign)).CheckIn(t.Context(), in)
	require.ErrorIs(t, err, okr.ErrForeignTx)
	_, err = h.acme.In(okr.Tx{}).CheckIn(t.Context(), in)
	require.ErrorIs(t, err, okr.ErrForeignTx)
}

func TestChangeAfterActivationNeedsAReason(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1")
	lower := k.Metric
	lower.Target = measure.N(75)
	_, err := h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: k.ID, Metric: &lower})
	require.Equal(t, "reason", invalidField(t, err))
	d, err := h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: k.ID, Metric: &lower, Reason: "two markets were sold"})
	require.NoError(t, err)
	require.Contains(t, types(d.Events), okr.EventTargetMoved)
	k = h.keyResult(t, "k1")
	require.Equal(t, measure.N(75), k.Metric.Target)
	require.Equal(t, measure.N(90), k.Original.Metric.Target, "what was promised stays")

	for name, owner := range map[string]okr.ID{"a team": "sales", "nobody": "zoe"} {
		_, err = h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: k.ID, Owner: &owner})
		require.Equal(t, "owner", invalidField(t, err), name)
	}
	_, err = h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: k.ID, Version: k.Version - 1})
	require.ErrorIs(t, err, okr.ErrConflict)
	title := k.Title
	d, err = h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: k.ID, Title: &title})
	require.NoError(t, err)
	require.Empty(t, d.Events, "a change that changes nothing is none")
}

func settle(t *testing.T, h house) okr.Decision {
	t.Helper()
	var all okr.Decision
	for {
		due, err := h.desk.System().ClaimDue(t.Context(), 100)
		require.NoError(t, err)
		if len(due) == 0 {
			return all
		}
		for _, d := range due {
			got, err := h.desk.For(d.Tenant).As(okr.Automation("cadence")).Settle(t.Context(), d.Subject)
			require.NoError(t, err)
			all.Events = append(all.Events, got.Events...)
			all.Audience = append(all.Audience, got.Audience...)
		}
	}
}

func only(es []okr.Event, prefix string) []string {
	out := []string{}
	for _, e := range es {
		if len(e.Type) >= len(prefix) && e.Type[:len(prefix)] == prefix {
			out = append(out, e.Type[len(okr.EventPrefix):])
		}
	}
	return out
}

func TestAnOccurrenceIsAnnouncedOnce(t *testing.T) {
	h := running(t, okr.Config{})
	k1, k2, k3 := h.keyResult(t, "k1"), h.keyResult(t, "k2"), h.keyResult(t, "k3")
	settle(t, h)
	check := func(id okr.ID) {
		_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: id, Confidence: measure.N(5)})
		require.NoError(t, err)
	}
	at := func(day, hour int) { h.clock.Set(time.Date(2026, time.October, day, hour, 0, 0, 0, time.UTC)) }

	at(1, 17) // Thursday: the first Friday's reminder opens
	require.Equal(t, []string{"checkin.due", "checkin.due", "checkin.due"}, only(settle(t, h).Events, "okr.v1.checkin"))
	require.Empty(t, only(settle(t, h).Events, "okr.v1.checkin"), "once")
	at(2, 10)
	check(k1.ID)
	at(3, 17) // grace is over
	require.Equal(t, []string{"checkin.overdue", "checkin.overdue"}, only(settle(t, h).Events, "okr.v1.checkin"))
	at(5, 9)
	late, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k2.ID, Note: "as expected"})
	require.NoError(t, err)
	require.Contains(t, types(late.Events), okr.EventCheckInLate)
	check(k1.ID) // early for the ninth
	at(8, 17)
	require.ElementsMatch(t, []string{"checkin.due", "checkin.due", "checkin.escalated"}, only(settle(t, h).Events, "okr.v1.checkin"), "k1 answered early, k2 and k3 are due, and k3 is silent since the second")
	at(9, 17) // the second is due: the first of k3 is missed
	require.Equal(t, []string{"checkin.missed"}, only(settle(t, h).Events, "okr.v1.checkin"))

	at(30, 17) // three weeks of silence
	events := settle(t, h).Events
	missed := map[okr.ID]int{}
	for _, e := range events {
		if e.Type == okr.EventCheckInMissed {
			missed[e.Aggregate.ID]++
		}
	}
	require.Equal(t, map[okr.ID]int{k1.ID: 2, k2.ID: 3, k3.ID: 3}, missed, "after downtime each miss is a fact")
}

func TestSettleAnnouncesWhatTimeChanged(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1")
	_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Value: measure.N(70)})
	require.NoError(t, err)
	settle(t, h)
	h.clock.Set(time.Date(2026, time.October, 15, 9, 0, 0, 0, time.UTC))
	var got *okr.StatusChanged
	for _, e := range settle(t, h).Events {
		if e.Type == okr.EventStatusChanged && e.Aggregate.ID == k.ID {
			p, err := e.Payload()
			require.NoError(t, err)
			got = p.(*okr.StatusChanged)
		}
	}
	require.NotNil(t, got)
	require.Equal(t, measure.OnTrack, got.From)
	require.Equal(t, measure.Stale, got.To, "a reading two weeks old no longer speaks")
	require.Empty(t, settle(t, h).Events)
}

func TestBlockersWaitForTheirAudience(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1")
	settle(t, h)
	d, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Blockers: []okr.NewBlocker{{Kind: "decision", Text: "legal has not answered", Owner: "ben"}}})
	require.NoError(t, err)
	require.Contains(t, types(d.Events), okr.EventBlockerOpened)
	require.Len(t, h.keyResult(t, "k1").Blocked, 1)
	require.Equal(t, []string{okr.EventBlockerOpened}, types(settle(t, h).Audience))
	require.Empty(t, settle(t, h).Audience, "once")
	b := h.keyResult(t, "k1").Blocked[0]
	d, err = h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Resolved: []okr.Resolution{{Blocker: b.ID, How: "signed"}}})
	require.NoError(t, err)
	require.Contains(t, types(d.Events), okr.EventBlockerClosed)
	require.Empty(t, h.keyResult(t, "k1").Blocked)
	_, err = h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Resolved: []okr.Resolution{{Blocker: b.ID}}})
	require.ErrorIs(t, err, okr.ErrInvalid)
}

func TestALeaverRaisesAnEvent(t *testing.T) {
	h := running(t, okr.Config{})
	settle(t, h)
	_, err := h.acme.SyncPeople(t.Context(), okr.Directory{People: []okr.Person{{ID: "ben", Name: "Ben Okafor", Team: "sales", Left: true}}})
	require.NoError(t, err)
	require.Len(t, only(settle(t, h).Events, "okr.v1.key_result.owner-left"), 2)
	require.Empty(t, settle(t, h).Events)
	same, err := h.acme.SyncPeople(t.Context(), okr.Directory{People: []okr.Person{{ID: "ben", Name: "Ben Okafor", Team: "sales", Left: true}}})
	require.NoError(t, err)
	require.Empty(t, same.Events)
}

func TestSourceFailureIsHealthNotAReading(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1")
	feed := h.acme.As(okr.Service("billing"))
	_, err := feed.Record(t.Context(), okr.Collected{KeyResult: k.ID, Source: "billing", Readings: []okr.Measurement{{Value: measure.N(75), OccurredAt: h.clock.Now()}}})
	require.NoError(t, err)
	d, err := feed.Record(t.Context(), okr.Collected{KeyResult: k.ID, Source: "billing", Error: "503"})
	require.NoError(t, err)
	require.Equal(t, []string{okr.EventSourceFailed}, types(d.Events))
	d, err = feed.Record(t.Context(), okr.Collected{KeyResult: k.ID, Source: "billing", Error: "503"})
	require.NoError(t, err)
	require.Empty(t, d.Events, "said once")
	require.Equal(t, measure.N(75), h.keyResult(t, "k1").Current)
	d, err = feed.Record(t.Context(), okr.Collected{KeyResult: k.ID, Source: "billing", Readings: []okr.Measurement{{Value: measure.N(76), OccurredAt: h.clock.Now()}}})
	require.NoError(t, err)
	require.Contains(t, types(d.Events), okr.EventSourceRecovered)
	_, err = feed.Record(t.Context(), okr.Collected{KeyResult: k.ID, Source: "billing", Readings: []okr.Measurement{{OccurredAt: h.clock.Now()}}})
	require.Equal(t, "readings[0].value", invalidField(t, err), "no value is not zero")
}

func TestConfidenceDrop(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1")
	say := func(v float64) []string {
		h.clock.Advance(24 * time.Hour)
		d, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Confidence: measure.N(v)})
		require.NoError(t, err)
		return only(d.Events, okr.EventConfidenceDropped)
	}
	require.Empty(t, say(8))
	require.Empty(t, say(7), "one small fall")
	require.Len(t, say(6), 1, "a second in a row")
	require.Empty(t, say(9))
	require.Len(t, say(7), 1, "a fall of two")
}

func TestNoticesAreEventsWithErasableWords(t *testing.T) {
	h := running(t, okr.Config{})
	d, err := h.acme.As(okr.Automation("cadence")).Notify(t.Context(), okr.Notice{To: "ben", Kind: "checkin-due", Title: "Your check-in is due", Body: "Two key results wait."})
	require.NoError(t, err)
	require.Equal(t, []string{okr.EventNoticeReady}, types(d.Events))
	require.Contains(t, string(d.Events[0].Data), "Two key results wait.")
	_, err = h.acme.Notify(t.Context(), okr.Notice{To: "zoe", Kind: "x", Title: "y"})
	require.ErrorIs(t, err, okr.ErrNotFound)
	_, err = h.acme.Notify(t.Context(), okr.Notice{To: "ben", Kind: "x"})
	require.Equal(t, "notices[0].title", invalidField(t, err))
	for field, n := range map[string]okr.Notice{
		"language":         {Language: "de_CH"},
		"link_text":        {LinkText: "\x00"},
		"unsubscribe_text": {UnsubscribeText: strings.Repeat("x", 2000)},
	} {
		n.To, n.Kind, n.Title = "ben", "x", "y"
		_, err = h.acme.Notify(t.Context(), n)
		require.Equal(t, "notices[0]."+field, invalidField(t, err))
	}
}

func TestConcurrentCheckInsLoseNothing(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				_, err := h.acme.CheckIn(context.Background(), okr.CheckIn{KeyResult: k.ID, Value: measure.N(75)})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	events, err := h.acme.View().Events(t.Context(), okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}, 0)
	require.NoError(t, err)
	n := 0
	for i, e := range events {
		require.Equal(t, int64(i+1), e.Seq)
		if e.Type == okr.EventCheckInRecorded {
			n++
		}
	}
	require.Equal(t, 80, n)
}

type refuser struct{ findings []okr.Finding }

func (refuser) Starter() []okr.Pack {
	return []okr.Pack{{Name: "strict", Version: "1", Digest: "d1", Text: "text"}}
}
func (refuser) Needs([]okr.Pack, okr.Intent) okr.Collections { return okr.Collections{} }
func (r refuser) Judge(_ context.Context, p okr.Proposal) (okr.Verdict, error) {
	if p.Verb != okr.VerbActivate {
		return okr.Verdict{}, nil
	}
	return okr.Verdict{Findings: r.findings, Refused: true}, nil
}

func TestRefusalSaysEverythingAndWritesNothing(t *testing.T) {
	fs := []okr.Finding{
		{Rule: "owner", Gate: true, Title: "A", Message: "nobody owns it"},
		{Rule: "style", Title: "A", Message: "long-winded"},
		{Rule: "source", Gate: true, Title: "B", Message: "no source"},
	}
	h := open(t, okr.Config{Judge: refuser{fs}})
	p := okrtest.Plan()
	p.Objectives[0].KeyResults[0].Owner = "the team"
	d, err := h.acme.Propose(t.Context(), p)
	require.NoError(t, err)
	require.Equal(t, okr.EventPackActivated, d.Events[0].Type, "the first judged write puts the starter packs in force")
	_, err = h.acme.Activate(t.Context(), okr.Activation{Cycle: h.cycle(t).ID})
	var refused *okr.RefusedError
	require.ErrorAs(t, err, &refused)
	require.ErrorIs(t, err, okr.ErrRefused)
	require.Len(t, refused.Findings, 3, "both gates, and an owner whom nobody knows")
	require.ErrorContains(t, err, "refused for 3 reasons")
	require.Equal(t, okr.Draft, h.keyResult(t, "k1").State)
}

type onlyAna struct{}

func (onlyAna) Authorize(_ context.Context, _ okr.TenantID, who okr.Actor, in okr.Intent) error {
	if in.Verb != okr.VerbView && who != ana {
		return okr.ErrDenied
	}
	return nil
}

func TestTheHostDecidesWhoMay(t *testing.T) {
	h := running(t, okr.Config{Authorize: onlyAna{}})
	k := h.keyResult(t, "k1")
	_, err := h.acme.As(okr.Someone("ben")).CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Note: "as expected"})
	require.ErrorIs(t, err, okr.ErrDenied)
	_, err = h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Note: "as expected"})
	require.NoError(t, err)
}

func TestTree(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1")
	_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Value: measure.N(80)})
	require.NoError(t, err)
	tree, err := h.acme.View().Tree(t.Context(), k.Cycle)
	require.NoError(t, err)
	require.Len(t, tree.Objectives, 1)
	o := tree.Objectives[0]
	require.Equal(t, measure.N(0.5), o.Measured.Progress)
	require.InDelta(t, 1.0/3, o.Measured.Coverage, 1e-9)
	require.Equal(t, measure.Unknown, o.Measured.Status, "one of three cannot speak for the objective")
	require.Equal(t, "Ana Lima", o.KeyResults[0].OwnerName)
	require.Len(t, o.KeyResults, 3)
}

func TestAnObjectiveFollowsItsKeyResults(t *testing.T) {
	h := running(t, okr.Config{})
	h.clock.Set(time.Date(2026, time.October, 5, 9, 0, 0, 0, time.UTC))
	settle(t, h)
	for key, v := range map[string]float64{"k1": 90, "k2": 4} {
		_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: h.keyResult(t, key).ID, Value: measure.N(v)})
		require.NoError(t, err)
	}
	var got *okr.ObjectiveFact
	for _, e := range settle(t, h).Events {
		if e.Type == okr.EventObjectiveStatus {
			p, err := e.Payload()
			require.NoError(t, err)
			got = p.(*okr.ObjectiveFact)
		}
	}
	require.NotNil(t, got)
	require.Equal(t, measure.OnTrack, got.To)
	require.InDelta(t, 2.0/3, got.Coverage, 1e-9)
	require.Empty(t, settle(t, h).Events)
}

func TestNothingIsAnnouncedOfAClosedCycle(t *testing.T) {
	h := running(t, okr.Config{})
	h.clock.Set(time.Date(2027, time.January, 4, 9, 0, 0, 0, time.UTC))
	_, err := h.acme.Close(t.Context(), okr.Closing{Cycle: h.cycle(t).ID, Waive: unreviewed})
	require.NoError(t, err)
	require.Empty(t, only(settle(t, h).Events, okr.EventPrefix))
	h.clock.Advance(30 * 24 * time.Hour)
	due, err := h.desk.System().ClaimDue(t.Context(), 100)
	require.NoError(t, err)
	require.Empty(t, due, "there is nothing left to look at")
}

// A check-in that changes the status must not make the runner forget the key
// result.
func TestRemindersGoOnAfterAStatusChange(t *testing.T) {
	h := running(t, okr.Config{})
	settle(t, h)
	k := h.keyResult(t, "k1")
	h.clock.Set(time.Date(2026, time.October, 2, 10, 0, 0, 0, time.UTC))
	settle(t, h)
	d, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Value: measure.N(72)})
	require.NoError(t, err)
	require.Contains(t, types(d.Events), okr.EventStatusChanged)
	h.clock.Set(time.Date(2026, time.October, 8, 17, 0, 0, 0, time.UTC))
	due := 0
	for _, e := range settle(t, h).Events {
		if e.Type == okr.EventCheckInDue && e.Aggregate.ID == k.ID {
			due++
		}
	}
	require.Equal(t, 1, due)
}

func TestInitiativesAreAdjustedInACheckIn(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1")
	d, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Adjust: []okr.Adjustment{
		{Do: "add", Title: "Call every customer who paused"}, {Do: "add", Title: "Rewrite the renewal mail"},
	}})
	require.NoError(t, err)
	require.Contains(t, types(d.Events), okr.EventKeyResultChanged)
	_, err = h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Adjust: []okr.Adjustment{
		{Do: "finish", Title: "rewrite the renewal mail"}, {Do: "drop", Title: "Call every customer who paused", Reason: "nobody picked up"},
	}})
	require.NoError(t, err)
	require.Equal(t, []okr.Initiative{{Title: "Rewrite the renewal mail", Done: true}}, h.keyResult(t, "k1").Initiatives)
	s, err := h.acme.View().Snapshot(t.Context(), k.Cycle)
	require.NoError(t, err)
	require.Equal(t, []string{"finish: rewrite the renewal mail", "drop: Call every customer who paused (nobody picked up)"}, s.CheckInsOf(k.ID)[0].Adjusted)
}
