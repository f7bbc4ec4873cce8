package okr_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

func TestTheHandleOfADoEndsWithIt(t *testing.T) {
	h := running(t, okr.Config{})
	in := okr.CheckIn{KeyResult: h.keyResult(t, "k1").ID, Value: measure.N(80)}
	var kept okr.Tenant
	require.NoError(t, h.acme.Do(t.Context(), func(acme okr.Tenant) error { kept = acme; return nil }))
	_, err := kept.CheckIn(t.Context(), in)
	require.ErrorIs(t, err, okr.ErrTxDone)
	require.ErrorIs(t, kept.Do(t.Context(), func(okr.Tenant) error { return nil }), okr.ErrTxDone)
	_, err = kept.View().Cycles(t.Context())
	require.ErrorIs(t, err, okr.ErrTxDone)
}

func TestDoWithinDo(t *testing.T) {
	h := running(t, okr.Config{})
	k1, k2 := h.keyResult(t, "k1").ID, h.keyResult(t, "k2").ID
	boom := errors.New("boom")
	require.NoError(t, h.acme.Do(t.Context(), func(outer okr.Tenant) error {
		_, err := outer.CheckIn(t.Context(), okr.CheckIn{KeyResult: k1, Value: measure.N(80)})
		require.NoError(t, err)
		require.ErrorIs(t, outer.Do(t.Context(), func(inner okr.Tenant) error {
			_, err := inner.CheckIn(t.Context(), okr.CheckIn{KeyResult: k2, Value: measure.N(10), Key: "inner"})
			require.NoError(t, err)
			_, err = outer.CheckIn(t.Context(), okr.CheckIn{KeyResult: k2, Value: measure.N(11)})
			require.Equal(t, "tenant", invalidField(t, err), "the outer handle waits for the inner Do")
			return boom
		}), boom)
		d, err := outer.CheckIn(t.Context(), okr.CheckIn{KeyResult: k2, Value: measure.N(9), Key: "inner"})
		require.NoError(t, err, "what rolled back is not remembered")
		require.False(t, d.Repeated)
		return nil
	}))
	require.Equal(t, measure.N(80), h.keyResult(t, "k1").Current)
	require.Equal(t, measure.N(9), h.keyResult(t, "k2").Current)
}

func TestDoServesOneDecisionAtATime(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1").ID
	require.NoError(t, h.acme.Do(t.Context(), func(acme okr.Tenant) error {
		results := make(chan error)
		for range 8 {
			go func() {
				_, err := acme.CheckIn(context.Background(), okr.CheckIn{KeyResult: k, Value: measure.N(80)})
				results <- err
			}()
		}
		for range 8 {
			if err := <-results; err != nil {
				require.Equal(t, "tenant", invalidField(t, err))
			}
		}
		return nil
	}))
}

func TestNoOtherTransactionWithinDo(t *testing.T) {
	h := running(t, okr.Config{})
	tx, err := h.store.BeginTx(t.Context())
	require.NoError(t, err)
	hosts := h.store.Wrap(tx)
	require.NoError(t, h.acme.In(hosts).Do(t.Context(), func(acme okr.Tenant) error {
		_, err := acme.In(hosts).CheckIn(t.Context(), okr.CheckIn{KeyResult: "x", Note: "as expected"})
		require.ErrorIs(t, err, okr.ErrForeignTx)
		return nil
	}))
	require.NoError(t, tx.Rollback(t.Context()))
}

func TestACancelledDecisionLeavesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1").ID
	err := h.acme.Do(ctx, func(acme okr.Tenant) error {
		_, err := acme.CheckIn(ctx, okr.CheckIn{KeyResult: k, Value: measure.N(80)})
		require.NoError(t, err)
		cancel()
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, measure.Number{}, h.keyResult(t, "k1").Current)
	_, err = h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k, Value: measure.N(81)})
	require.NoError(t, err, "no lock is left")
}

func TestAKeyStandsForOneDecisionOfOneKind(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1").ID
	_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k, Stated: "green", Key: "r"})
	require.ErrorIs(t, err, okr.ErrInvalid)
	_, err = h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: "nowhere", Note: "x", Key: "r"})
	require.ErrorIs(t, err, okr.ErrNotFound)
	_, err = h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k, Resolved: []okr.Resolution{{Blocker: "b"}}, Key: "r"})
	require.ErrorIs(t, err, okr.ErrInvalid)
	d, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k, Value: measure.N(80), Key: "r"})
	require.NoError(t, err, "what failed is not remembered")
	require.False(t, d.Repeated)

	_, err = h.acme.Record(t.Context(), okr.Collected{KeyResult: k, Source: "x", Error: "y", Key: "r"})
	require.ErrorIs(t, err, okr.ErrConflict, "a key of another verb")
	_, err = h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: k, Key: "r"})
	require.ErrorIs(t, err, okr.ErrConflict)
	_, err = h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k, OccurredAt: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC), Key: "year"})
	require.Equal(t, "occurred_at", invalidField(t, err))
}

// A decision that is repeated is the first one again, for every verb that takes a
// key (Appfire: a retried write posts twice).
func TestARepeatedDecisionIsTheFirstOne(t *testing.T) {
	h := open(t, okr.Config{Judge: scorer{}})
	check := func(name string, call func() (okr.Decision, error)) okr.Decision {
		first, err := call()
		require.NoError(t, err, name)
		h.clock.Advance(time.Minute)
		again, err := call()
		require.NoError(t, err, name)
		require.True(t, again.Repeated, name)
		again.Repeated = false
		a, err := json.Marshal(first)
		require.NoError(t, err)
		b, err := json.Marshal(again)
		require.NoError(t, err)
		require.JSONEq(t, string(a), string(b), name)
		require.Len(t, again.Events, len(first.Events))
		for i := range first.Events {
			require.Equal(t, first.Events[i], again.Events[i], name)
		}
		require.Len(t, again.Subjects, len(first.Subjects))
		for i, s := range first.Subjects {
			require.Equal(t, s.Ref, again.Subjects[i].Ref)
			require.Equal(t, s.After.Progress, again.Subjects[i].After.Progress, name)
			require.Equal(t, s.After.Current, again.Subjects[i].After.Current, "unknown stays unknown")
			require.Equal(t, s.After.Score, again.Subjects[i].After.Score)
		}
		return first
	}
	ctx := t.Context()
	p := okrtest.Plan()
	p.Key = "propose"
	check("propose", func() (okr.Decision, error) { return h.acme.Propose(ctx, p) })
	check("people", func() (okr.Decision, error) {
		return h.acme.SyncPeople(ctx, okr.Directory{People: []okr.Person{{ID: "c", Name: "Cleo"}}, Key: "people"})
	})
	h.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	cycle := h.cycle(t).ID
	check("activate", func() (okr.Decision, error) {
		return h.acme.Activate(ctx, okr.Activation{Cycle: cycle, Key: "activate"})
	})
	k := h.keyResult(t, "k1").ID
	check("checkin", func() (okr.Decision, error) {
		return h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: k, Confidence: measure.N(5), Key: "checkin"})
	})
	check("record", func() (okr.Decision, error) {
		return h.acme.Record(ctx, okr.Collected{KeyResult: k, Source: "s", Readings: []okr.Measurement{{Value: measure.N(80)}}, Key: "record"})
	})
	state := okr.Done
	check("change", func() (okr.Decision, error) {
		return h.acme.Change(ctx, okr.KeyResultChange{KeyResult: k, State: &state, Key: "change"})
	})
	h.clock.Set(time.Date(2027, time.January, 4, 9, 0, 0, 0, time.UTC))
	check("close", func() (okr.Decision, error) {
		return h.acme.Close(ctx, okr.Closing{Cycle: cycle, Key: "close", Waive: unreviewed})
	})
}

// scorer scores every key result and calls everything on track, which is not its
// to say of what nobody measured.
type scorer struct{}

func (scorer) Starter() []okr.Pack {
	return []okr.Pack{{Name: "kind", Version: "1", Digest: "d1", Text: "text"}}
}
func (scorer) ReadPack(text string) (okr.Pack, error) {
	return okr.Pack{Name: text, Version: "1", Digest: "digest of " + text}, nil
}
func (scorer) CheckPacks(_, _ []okr.Pack) error             { return nil }
func (scorer) Needs([]okr.Pack, okr.Intent) okr.Collections { return okr.Collections{} }
func (scorer) Judge(_ context.Context, p okr.Proposal) (okr.Verdict, error) {
	v := okr.Verdict{Scores: map[okr.ID]okr.Judged{}, Statuses: map[okr.ID]measure.Status{}}
	for id := range p.Measured {
		v.Scores[id] = okr.Judged{Score: measure.N(0.7), Rule: "r", Pack: "kind", Digest: "d1"}
		v.Statuses[id] = measure.OnTrack
	}
	return v, nil
}

func TestAPackCannotCallTheUnknownGreen(t *testing.T) {
	h := running(t, okr.Config{Judge: scorer{}})
	require.Equal(t, measure.Unknown, h.keyResult(t, "k1").Measured.Status)
	d, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: h.keyResult(t, "k1").ID, Value: measure.N(20)})
	require.NoError(t, err)
	require.Equal(t, measure.OnTrack, d.Subjects[0].After.Status, "what is measured, a pack may judge")
	for _, e := range d.Events {
		if e.Type == okr.EventCheckInRecorded {
			p, err := e.Payload()
			require.NoError(t, err)
			require.Equal(t, measure.OnTrack, p.(*okr.CheckInRecorded).Status, "the event says what the board says")
		}
	}
	h.clock.Set(time.Date(2027, time.January, 4, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Close(t.Context(), okr.Closing{Cycle: h.cycle(t).ID, Waive: unreviewed})
	require.NoError(t, err)
	require.Equal(t, measure.Missed, h.keyResult(t, "k1").Measured.Status, "an outcome is no opinion")
}

// flaky is a store whose units lose a race at a chosen call, once.
type flaky struct {
	okr.Store
	at   string
	lost int
}

type flakyUnit struct {
	okr.Unit
	s *flaky
}

func (s *flaky) Begin(ctx context.Context, write bool) (okr.Unit, error) {
	u, err := s.Store.Begin(ctx, write)
	return flakyUnit{u, s}, err
}

func (s *flaky) lose(at string) error {
	if s.at != at || s.lost > 0 {
		return nil
	}
	s.lost++
	return fmt.Errorf("could not serialize access: %w", okr.ErrConflict)
}

func (u flakyUnit) Load(ctx context.Context, t okr.TenantID, n okr.Need) (*okr.Snapshot, error) {
	if err := u.s.lose("load"); err != nil {
		return nil, err
	}
	return u.Unit.Load(ctx, t, n)
}

func (u flakyUnit) Commit(ctx context.Context) error {
	if err := u.s.lose("commit"); err != nil {
		return err
	}
	return u.Unit.Commit(ctx)
}

func TestALostRaceIsRunAgainWhereverItIsLost(t *testing.T) {
	for _, at := range []string{"load", "commit"} {
		t.Run(at, func(t *testing.T) {
			h := running(t, okr.Config{})
			k := h.keyResult(t, "k1").ID
			s := &flaky{Store: h.store, at: at}
			desk, err := okr.New(s, okr.Config{Clock: h.clock.Now})
			require.NoError(t, err)
			_, err = desk.For("acme").As(ana).CheckIn(t.Context(), okr.CheckIn{KeyResult: k, Value: measure.N(80)})
			require.NoError(t, err)
			require.Equal(t, 1, s.lost)
		})
	}
}

type noting struct{ asked *[]okr.Intent }

func (n noting) Authorize(_ context.Context, _ okr.TenantID, who okr.Actor, in okr.Intent) error {
	*n.asked = append(*n.asked, in)
	if who != ana {
		return okr.ErrDenied
	}
	return nil
}

func TestTheAuthorizerIsToldWhatAndAskedOnce(t *testing.T) {
	var asked []okr.Intent
	h := running(t, okr.Config{Authorize: noting{&asked}})
	k := h.keyResult(t, "k1")
	asked = nil
	_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Value: measure.N(80), Key: "r"})
	require.NoError(t, err)
	require.Equal(t, []okr.Intent{{Verb: okr.VerbCheckIn, Subjects: []okr.Ref{{Kind: okr.KindKeyResult, ID: k.ID}}}}, asked)
	_, err = h.acme.As(okr.Someone("eve")).CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Value: measure.N(80), Key: "r"})
	require.ErrorIs(t, err, okr.ErrDenied, "a key opens no door")
	asked = nil
	_, err = h.acme.Activate(t.Context(), okr.Activation{Cycle: k.Cycle})
	require.NoError(t, err)
	_, err = h.acme.Settle(t.Context(), okr.Ref{Kind: okr.KindKeyResult, ID: k.ID})
	require.NoError(t, err)
	require.Equal(t, []okr.Intent{
		{Verb: okr.VerbActivate, Subjects: []okr.Ref{{Kind: okr.KindCycle, ID: k.Cycle}}},
		{Verb: okr.VerbSettle, Subjects: []okr.Ref{{Kind: okr.KindKeyResult, ID: k.ID}}},
	}, asked)
}

func TestWeirdIDs(t *testing.T) {
	h := open(t, okr.Config{})
	for i, id := range []okr.ID{"a/b", `a"b`, "a\\b", "a b", "ä🙂", "okr:word:x", "'; drop table", "%2f", "a\u2028b"} {
		_, err := h.acme.SyncPeople(t.Context(), okr.Directory{People: []okr.Person{{ID: id, Name: "Somebody"}}})
		require.NoError(t, err, "%q", id)
		events, err := h.acme.View().Events(t.Context(), okr.Ref{Kind: okr.KindPerson, ID: id}, 0)
		require.NoError(t, err)
		require.Len(t, events, 1, "%d", i)
		wire, err := events[0].AppendCloudEvent(nil)
		require.NoError(t, err)
		back, err := okr.ParseCloudEvent(wire)
		require.NoError(t, err)
		require.Equal(t, events[0].Aggregate, back.Aggregate)
	}
	for _, id := range []okr.ID{"", " a", "a\x00", "a\n", "a\xff"} {
		_, err := h.acme.SyncPeople(t.Context(), okr.Directory{People: []okr.Person{{ID: id, Name: "Somebody"}}})
		require.Equal(t, "people[0].id", invalidField(t, err))
		_, err = h.acme.Settle(t.Context(), okr.Ref{Kind: okr.KindKeyResult, ID: id})
		require.Equal(t, "refs[0]", invalidField(t, err))
	}
}
