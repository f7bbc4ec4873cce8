package okr_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// nextQuarter plans the quarter after [okrtest.Quarter] and says its id.
func (h house) nextQuarter(t *testing.T) okr.ID {
	t.Helper()
	return h.plan(t, okr.PlanCycle{
		Key: "2027-Q1", Name: "Q1 2027", Zone: "Europe/Zurich",
		Start: measure.NewDate(2027, time.January, 1), End: measure.NewDate(2027, time.March, 31),
	})
}

// plan plans a cycle without objectives and says its id.
func (h house) plan(t *testing.T, c okr.PlanCycle) okr.ID {
	t.Helper()
	_, err := h.acme.Propose(t.Context(), okr.Plan{Cycle: c})
	require.NoError(t, err)
	return h.named(t, c.Key).ID
}

func (h house) named(t *testing.T, key string) okr.Cycle {
	t.Helper()
	cs, err := h.acme.View().Cycles(t.Context())
	require.NoError(t, err)
	for _, c := range cs {
		if c.Key == key {
			return c
		}
	}
	require.Fail(t, "no such cycle", key)
	return okr.Cycle{}
}

func (h house) tree(t *testing.T, cycle okr.ID) okr.Tree {
	t.Helper()
	tree, err := h.acme.View().Tree(t.Context(), cycle)
	require.NoError(t, err)
	return tree
}

func TestAKeyResultIsCarriedOver(t *testing.T) {
	h := over(t, okr.Config{}, nil)
	old := h.cycle(t)
	k1 := h.keyResult(t, "k1")
	next := h.nextQuarter(t)
	carry := okr.CarryingOver{Subject: h.ref(t, "k1"), To: next, Reason: "Nearly there."}
	d, err := h.acme.CarryOver(t.Context(), carry)
	require.NoError(t, err)
	require.Equal(t, []string{okr.EventObjectiveCreated, okr.EventObjectiveCarried, okr.EventKeyResultCreated, okr.EventKeyResultCarried}, types(d.Events))
	for _, e := range d.Events {
		require.NotContains(t, string(e.Data), "Nearly there")
	}

	tree := h.tree(t, next)
	require.Len(t, tree.Objectives, 1)
	require.Equal(t, k1.Objective, tree.Objectives[0].CarriedFrom)
	require.Equal(t, okr.Draft, tree.Objectives[0].State)
	require.Len(t, tree.Objectives[0].KeyResults, 1)
	draft := tree.Objectives[0].KeyResults[0]
	require.Equal(t, k1.ID, draft.CarriedFrom)
	require.Equal(t, "k1", draft.Key)
	require.Equal(t, okr.Draft, draft.State)
	require.Equal(t, okr.ID("ana"), draft.Owner)
	require.True(t, draft.Metric.Baseline.Equal(measure.N(84)), "it starts where the old one stands")
	require.True(t, draft.Metric.Target.Equal(measure.N(90)))
	require.False(t, draft.Current.Known(), "what nobody measured in its time is unknown")

	_, err = h.acme.CarryOver(t.Context(), carry)
	require.ErrorIs(t, err, okr.ErrConflict)
	carry.Subject = h.ref(t, "k3")
	_, err = h.acme.CarryOver(t.Context(), carry)
	require.NoError(t, err)
	require.Len(t, h.tree(t, next).Objectives[0].KeyResults, 2, "it goes where its objective went")

	_, err = h.acme.Review(t.Context(), okr.Reviewing{Cycle: old.ID, Entries: []okr.ReviewEntry{{Subject: okr.Ref{Kind: okr.KindCycle, ID: old.ID}, Learned: "x"}}})
	require.NoError(t, err)
	closed, err := h.acme.Close(t.Context(), okr.Closing{Cycle: old.ID})
	require.NoError(t, err)
	for _, e := range closed.Events {
		if e.Aggregate.ID == k1.ID && e.Type == okr.EventStatusChanged {
			p, err := e.Payload()
			require.NoError(t, err)
			require.Equal(t, okr.CarriedOver, p.(*okr.StatusChanged).To, "what is carried over is not missed")
		}
	}
	r, err := h.acme.View().Review(t.Context(), old.ID)
	require.NoError(t, err)
	require.Empty(t, r.Missed)
	require.Equal(t, []string{"Raise renewals from 70 % to 90 %", "The ten largest customers sign for another year"}, titles(r.CarriedOver))
	require.Equal(t, draft.ID, r.CarriedOver[0].CarriedTo)
	require.InDelta(t, 0.7, r.CarriedOver[0].Ending.Score.Or(0), 1e-9, "how far it came is kept")
}

func TestAnObjectiveIsCarriedOverWithWhatIsLeft(t *testing.T) {
	h := over(t, okr.Config{}, nil)
	next := h.nextQuarter(t)
	objective := okr.Ref{Kind: okr.KindObjective, ID: h.keyResult(t, "k1").Objective}
	_, err := h.acme.CarryOver(t.Context(), okr.CarryingOver{Subject: objective, To: next})
	require.NoError(t, err)
	var keys []string
	for _, k := range h.tree(t, next).Objectives[0].KeyResults {
		keys = append(keys, k.Key)
	}
	require.ElementsMatch(t, []string{"k1", "k3"}, keys, "k2 was hit")
	_, err = h.acme.CarryOver(t.Context(), okr.CarryingOver{Subject: objective, To: next})
	require.ErrorIs(t, err, okr.ErrConflict)
}

func TestWhatIsCarriedOverAndHitAllTheSameWasHit(t *testing.T) {
	h := over(t, okr.Config{}, nil)
	old, next := h.cycle(t).ID, h.nextQuarter(t)
	k1 := h.ref(t, "k1")
	_, err := h.acme.CarryOver(t.Context(), okr.CarryingOver{Subject: k1, To: next})
	require.NoError(t, err)
	_, err = h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k1.ID, Value: measure.N(90), OccurredAt: time.Date(2026, time.December, 31, 20, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	_, err = h.acme.Close(t.Context(), okr.Closing{Cycle: old, Waive: unreviewed})
	require.NoError(t, err)
	r, err := h.acme.View().Review(t.Context(), old)
	require.NoError(t, err)
	require.Len(t, r.Hit, 2)
	require.NotEmpty(t, r.Hit[0].CarriedTo)
}

func TestPostponedAbandonedAndCarriedOverAreNotMissed(t *testing.T) {
	h := over(t, okr.Config{}, committed)
	old, next := h.cycle(t).ID, h.nextQuarter(t)
	for key, s := range map[string]okr.State{"k1": okr.Postponed, "k3": okr.Abandoned} {
		_, err := h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: h.keyResult(t, key).ID, State: &s})
		require.NoError(t, err)
	}
	_, err := h.acme.CarryOver(t.Context(), okr.CarryingOver{Subject: h.ref(t, "k3"), To: next})
	require.ErrorIs(t, err, okr.ErrConflict, "what was given up is proposed anew")
	_, err = h.acme.Close(t.Context(), okr.Closing{Cycle: old, Waive: unreviewed})
	require.NoError(t, err)
	r, err := h.acme.View().Review(t.Context(), old)
	require.NoError(t, err)
	require.Len(t, r.Hit, 1)
	require.Empty(t, r.Missed)
	require.Len(t, r.Postponed, 1)
	require.Len(t, r.Abandoned, 1)
	require.Empty(t, r.Postponed[0].Ending.Grade)
	require.Len(t, r.Waivers, 1, "nobody has to explain what was put off, only to review")
	require.Equal(t, okr.PostponedOutcome, h.tree(t, old).Objectives[0].KeyResults[0].Measured.Status)
}

func TestWhatCannotBeCarriedOver(t *testing.T) {
	h := over(t, okr.Config{}, nil)
	old := h.cycle(t)
	k1 := h.ref(t, "k1")
	before := h.plan(t, okr.PlanCycle{Key: "before", Start: measure.NewDate(2026, time.July, 1), End: measure.NewDate(2026, time.September, 30)})
	next := h.nextQuarter(t)
	carry := func(c okr.CarryingOver) error {
		_, err := h.acme.CarryOver(t.Context(), c)
		return err
	}
	require.Equal(t, "to", invalidField(t, carry(okr.CarryingOver{Subject: k1, To: "nowhere"})))
	require.ErrorIs(t, carry(okr.CarryingOver{Subject: k1, To: before}), okr.ErrConflict, "it is over")
	require.ErrorIs(t, carry(okr.CarryingOver{Subject: k1, To: old.ID}), okr.ErrConflict)
	require.ErrorIs(t, carry(okr.CarryingOver{Subject: okr.Ref{Kind: okr.KindKeyResult, ID: "none"}, To: next}), okr.ErrNotFound)
	require.ErrorIs(t, carry(okr.CarryingOver{Subject: okr.Ref{Kind: okr.KindObjective, ID: "none"}, To: next}), okr.ErrNotFound)
	require.Equal(t, "subject", invalidField(t, carry(okr.CarryingOver{Subject: okr.Ref{Kind: okr.KindTeam, ID: "sales"}, To: next})))
	require.Equal(t, "under", invalidField(t, carry(okr.CarryingOver{Subject: k1, To: next, Under: "none"})))
	require.Equal(t, "under", invalidField(t, carry(okr.CarryingOver{Subject: k1, To: next, Under: h.keyResult(t, "k1").Objective})), "that is the old one")
	bad := measure.Metric{Kind: measure.Increase, Baseline: measure.N(3), Target: measure.N(1)}
	require.Equal(t, "metric.target", invalidField(t, carry(okr.CarryingOver{Subject: k1, To: next, Metric: &bad})))
	require.Empty(t, h.tree(t, next).Objectives, "nothing is half written")

	_, err := h.acme.Close(t.Context(), okr.Closing{Cycle: old.ID, Waive: unreviewed})
	require.NoError(t, err)
	require.ErrorIs(t, carry(okr.CarryingOver{Subject: k1, To: next}), okr.ErrConflict, "a closed cycle stays as it is")
}

func TestCyclesNestAndOverlap(t *testing.T) {
	h := open(t, okr.Config{})
	year := okr.PlanCycle{Key: "2026", Start: measure.NewDate(2026, time.January, 1), End: measure.NewDate(2026, time.December, 31)}
	h.plan(t, year)
	quarter := okr.PlanCycle{Key: "2026-Q4", Start: measure.NewDate(2026, time.October, 1), End: measure.NewDate(2026, time.December, 31), Parent: "2026"}
	h.plan(t, quarter)
	require.Equal(t, h.named(t, "2026").ID, h.named(t, "2026-Q4").Parent)

	// Two cycles of the whole company within five months, one of them of six weeks.
	h.plan(t, okr.PlanCycle{Key: "autumn", Start: measure.NewDate(2026, time.August, 1), End: measure.NewDate(2026, time.October, 31)})
	h.plan(t, okr.PlanCycle{Key: "sprint", Start: measure.NewDate(2026, time.October, 15), End: measure.NewDate(2026, time.November, 25)})
	cs, err := h.acme.View().Cycles(t.Context())
	require.NoError(t, err)
	require.Len(t, cs, 4)
	require.Equal(t, "2026", cs[0].Key)

	propose := func(c okr.PlanCycle) error {
		_, err := h.acme.Propose(t.Context(), okr.Plan{Cycle: c})
		return err
	}
	require.Equal(t, "cycle.parent", invalidField(t, propose(okr.PlanCycle{Key: "x", Start: quarter.Start, End: quarter.End, Parent: "none"})))
	require.Equal(t, "cycle.start", invalidField(t, propose(okr.PlanCycle{Key: "x", Start: quarter.Start, End: measure.NewDate(2027, time.January, 1), Parent: "2026"})))
	year.End = measure.NewDate(2026, time.November, 30)
	require.Equal(t, "cycle.start", invalidField(t, propose(year)), "its quarter would stick out")
	year.End = measure.NewDate(2026, time.December, 31)
	year.Parent = "2026"
	require.Equal(t, "cycle.parent", invalidField(t, propose(year)), "in itself")
	require.NoError(t, propose(okr.PlanCycle{Key: "same", Start: year.Start, End: year.End, Parent: "2026"}))
	year.Parent = "same"
	require.Equal(t, "cycle.parent", invalidField(t, propose(year)), "a ring")

	h.clock.Set(afterwards)
	_, err = h.acme.Close(t.Context(), okr.Closing{Cycle: h.named(t, "2026").ID})
	require.ErrorIs(t, err, okr.ErrConflict)
	require.ErrorContains(t, err, "close that one first")
	for _, key := range []string{"same", "2026-Q4", "2026"} {
		_, err = h.acme.Close(t.Context(), okr.Closing{Cycle: h.named(t, key).ID})
		require.NoError(t, err)
	}
	require.Equal(t, "cycle.parent", invalidField(t, propose(okr.PlanCycle{Key: "late", Start: quarter.Start, End: quarter.End, Parent: "2026"})))
}

func TestACycleHasBandsOfItsOwn(t *testing.T) {
	h, viva := open(t, okr.Config{}), measure.Bands{}
	c := okrtest.Quarter()
	status := func() measure.Status {
		t.Helper()
		p := okrtest.Plan()
		p.Cycle.Bands = viva
		h = open(t, okr.Config{})
		_, err := h.acme.Propose(t.Context(), p)
		require.NoError(t, err)
		h.clock.Set(day(time.October, 1, 9))
		_, err = h.acme.Activate(t.Context(), okr.Activation{Cycle: h.cycle(t).ID})
		require.NoError(t, err)
		h.clock.Set(day(time.October, 20, 9))
		_, err = h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: h.keyResult(t, "k1").ID, Value: measure.N(73)})
		require.NoError(t, err)
		return h.keyResult(t, "k1").Measured.Status
	}
	require.Equal(t, measure.OnTrack, status(), "six points behind are within the default")
	viva, _ = measure.Preset("viva")
	require.Equal(t, measure.AtRisk, status())
	require.Equal(t, viva, h.cycle(t).Bands)
	h.plan(t, okr.PlanCycle{Key: c.Key, Start: c.Start, End: c.End})
	require.Equal(t, viva, h.cycle(t).Bands, "what a plan does not say stays")
	_, err := h.acme.Propose(t.Context(), okr.Plan{Cycle: okr.PlanCycle{Key: c.Key, Start: c.Start, End: c.End, Bands: measure.Bands{Compare: measure.CompareGap, AtRisk: 0.5, OffTrack: 0.1}}})
	require.ErrorIs(t, err, okr.ErrInvalid)
}
