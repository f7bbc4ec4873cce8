package okr_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// letters is a plan of n objectives without key results, titled A, B, C, …
func letters(n int) okr.Plan {
	p := okr.Plan{Cycle: okrtest.Quarter()}
	for i := range n {
		title := string(rune('A' + i))
		p.Objectives = append(p.Objectives, okr.PlanObjective{Key: title, Title: title})
	}
	return p
}

// objectives are the tenant's, by key.
func objectives(ctx context.Context, t require.TestingT, acme okr.Tenant) map[string]okr.Objective {
	out := map[string]okr.Objective{}
	cycles, err := acme.View().Cycles(ctx)
	require.NoError(t, err)
	for _, c := range cycles {
		s, err := acme.View().Snapshot(ctx, c.ID)
		require.NoError(t, err)
		for _, o := range s.Objectives {
			out[o.Key] = o
		}
	}
	return out
}

func share(o okr.Objective) []okr.Share { return []okr.Share{{Objective: o.ID}} }

func TestAlign(t *testing.T) {
	h := open(t, okr.Config{})
	ctx := t.Context()
	_, err := h.acme.Propose(ctx, letters(4))
	require.NoError(t, err)
	at := objectives(ctx, t, h.acme)
	align := func(child string, parents ...okr.Share) (okr.Decision, error) {
		return h.acme.Align(ctx, okr.Alignment{Objective: at[child].ID, Parents: parents})
	}

	d, err := align("A", okr.Share{Objective: at["B"].ID, Weight: measure.N(0.5)}, okr.Share{Objective: at["C"].ID, Weight: measure.N(0)})
	require.NoError(t, err)
	require.Equal(t, []string{okr.EventObjectiveChanged}, types(d.Events))
	require.Len(t, d.Subjects, 1)
	require.Equal(t, []okr.Share{{Objective: at["B"].ID, Weight: measure.N(0.5)}, {Objective: at["C"].ID, Weight: measure.N(0)}}, objectives(ctx, t, h.acme)["A"].Parents)
	d, err = align("A", objectives(ctx, t, h.acme)["A"].Parents...)
	require.NoError(t, err)
	require.Empty(t, d.Events, "the same again changes nothing")

	_, err = align("B", share(at["C"])...)
	require.NoError(t, err)
	_, err = align("C", share(at["A"])...)
	require.Equal(t, "parents", invalidField(t, err))
	require.ErrorContains(t, err, "C -> A -> B -> C")
	require.Empty(t, objectives(ctx, t, h.acme)["C"].Parents)
	_, err = align("D", share(at["D"])...)
	require.ErrorContains(t, err, "D -> D")

	for field, shares := range map[string][]okr.Share{
		"parents[0].weight":    {{Objective: at["B"].ID, Weight: measure.N(-1)}},
		"parents[1].objective": {{Objective: at["B"].ID}, {Objective: at["B"].ID, Weight: measure.N(2)}},
		"parents[0].objective": {{Objective: "nowhere"}},
		"parents":              make([]okr.Share, 21),
	} {
		_, err = align("D", shares...)
		require.Equal(t, field, invalidField(t, err))
	}
	_, err = h.acme.Align(ctx, okr.Alignment{Objective: "nowhere", Parents: share(at["A"])})
	require.ErrorIs(t, err, okr.ErrNotFound)
	_, err = h.acme.Align(ctx, okr.Alignment{Objective: at["D"].ID, Version: 9})
	require.ErrorIs(t, err, okr.ErrConflict)

	// Another tenant's objectives are not there.
	globex := h.desk.For("globex").As(ana)
	_, err = globex.Propose(ctx, letters(1))
	require.NoError(t, err)
	theirs := objectives(ctx, t, globex)["A"]
	_, err = align("D", share(theirs)...)
	require.Equal(t, "parents[0].objective", invalidField(t, err))
	_, err = globex.Align(ctx, okr.Alignment{Objective: at["D"].ID})
	require.ErrorIs(t, err, okr.ErrNotFound)
}

func TestAnActiveObjectiveMovesWithAReason(t *testing.T) {
	h := open(t, okr.Config{})
	ctx := t.Context()
	p := letters(2)
	p.Objectives[1].Parent = "A"
	_, err := h.acme.Propose(ctx, p)
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Activate(ctx, okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	b := objectives(ctx, t, h.acme)["B"]
	_, err = h.acme.Align(ctx, okr.Alignment{Objective: b.ID})
	require.Equal(t, "reason", invalidField(t, err))
	_, err = h.acme.Align(ctx, okr.Alignment{Objective: b.ID, Reason: "A is postponed"})
	require.NoError(t, err)
	require.Empty(t, objectives(ctx, t, h.acme)["B"].Parents)
}

// A parent may be in another cycle, if the two share a day and it is open.
func TestParentsAcrossCycles(t *testing.T) {
	h := open(t, okr.Config{})
	ctx := t.Context()
	year := letters(1)
	year.Cycle = okr.PlanCycle{Key: "2026", Start: measure.NewDate(2026, 1, 1), End: measure.NewDate(2026, 12, 31)}
	old := letters(1)
	old.Cycle = okr.PlanCycle{Key: "2026-Q3", Start: measure.NewDate(2026, 7, 1), End: measure.NewDate(2026, 9, 30)}
	old.Objectives[0].Key, old.Objectives[0].Title = "Z", "Z"
	for _, p := range []okr.Plan{year, old} {
		_, err := h.acme.Propose(ctx, p)
		require.NoError(t, err)
	}
	quarter := okr.Plan{Cycle: okrtest.Quarter(), Objectives: []okr.PlanObjective{
		{Key: "B", Title: "B", Parents: []okr.PlanParent{{Key: "2026/A", Weight: measure.N(2)}}},
	}}
	_, err := h.acme.Propose(ctx, quarter)
	require.NoError(t, err)
	d, err := h.acme.Propose(ctx, quarter)
	require.NoError(t, err)
	require.Empty(t, d.Events, "the same plan again changes nothing")
	at := objectives(ctx, t, h.acme)
	require.Equal(t, []okr.Share{{Objective: at["A"].ID, Weight: measure.N(2)}}, at["B"].Parents)

	// A second plan of the quarter names what the first one left.
	second := okr.Plan{Cycle: okrtest.Quarter(), Objectives: []okr.PlanObjective{{Key: "C", Title: "C", Parent: "B"}}}
	_, err = h.acme.Propose(ctx, second)
	require.NoError(t, err)
	require.Equal(t, share(at["B"]), objectives(ctx, t, h.acme)["C"].Parents)

	// A plan closes no ring through other plans and cycles either.
	year.Objectives[0].Parent = "2026-Q4/C"
	_, err = h.acme.Propose(ctx, year)
	require.ErrorContains(t, err, "A -> C -> B -> A")
	year.Objectives[0].Parent = "2026-Q4/X"
	_, err = h.acme.Propose(ctx, year)
	require.Equal(t, "objectives[0].parent", invalidField(t, err))

	_, err = h.acme.Align(ctx, okr.Alignment{Objective: at["B"].ID, Parents: share(at["Z"])})
	require.ErrorContains(t, err, "share no day")
	h.clock.Set(time.Date(2026, time.October, 2, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Close(ctx, okr.Closing{Cycle: at["Z"].Cycle})
	require.NoError(t, err)
	_, err = h.acme.Align(ctx, okr.Alignment{Objective: at["B"].ID, Parents: share(at["Z"])})
	require.ErrorContains(t, err, "is closed")
}

func TestPlanParentsAreChecked(t *testing.T) {
	for name, c := range map[string]struct {
		field   string
		parents []okr.PlanParent
	}{
		"nobody":   {"objectives[0].parents[0].key", []okr.PlanParent{{Key: "X"}}},
		"empty":    {"objectives[0].parents[0].key", []okr.PlanParent{{}}},
		"twice":    {"objectives[0].parents[1].key", []okr.PlanParent{{Key: "B"}, {Key: "B"}}},
		"negative": {"objectives[0].parents[0].weight", []okr.PlanParent{{Key: "B", Weight: measure.N(-1)}}},
		"itself":   {"objectives[0].parents[0].key", []okr.PlanParent{{Key: "A"}}},
		"many":     {"objectives[0].parents", slices.Repeat([]okr.PlanParent{{Key: "B"}}, 21)},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, okr.Config{})
			p := letters(2)
			p.Objectives[0].Parents = c.parents
			_, err := h.acme.Propose(t.Context(), p)
			require.Equal(t, c.field, invalidField(t, err))
			_, _, err = p.Snapshot(okrtest.SequentialIDs(), planning)
			require.Equal(t, c.field, invalidField(t, err))
		})
	}
}

// Whatever is aligned in whatever order, by however many at once: nothing ever
// contributes to itself, and what would not close a ring goes through.
func TestNoOrderOfDecisionsClosesARing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ctx := t.Context()
		clock := okrtest.NewClock(planning)
		desk, err := okr.New(memory.New(), okr.Config{Clock: clock.Now})
		require.NoError(t, err)
		acme := desk.For("acme").As(ana)
		n := rapid.IntRange(2, 7).Draw(t, "objectives")
		_, err = acme.Propose(ctx, letters(n))
		require.NoError(t, err)
		all := objectives(ctx, t, acme)
		id := func(i int) okr.ID { return all[string(rune('A'+i))].ID }
		type step struct {
			child   int
			parents []int
		}
		rounds := rapid.SliceOfN(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
			return step{rapid.IntRange(0, n-1).Draw(t, "child"), rapid.SliceOfNDistinct(rapid.IntRange(0, n-1), 0, 3, rapid.ID).Draw(t, "parents")}
		}), 1, 4), 1, 8).Draw(t, "rounds")
		above := map[okr.ID][]okr.ID{}
		for _, steps := range rounds {
			errs := make([]error, len(steps))
			var wait sync.WaitGroup
			for i, s := range steps {
				wait.Go(func() {
					a := okr.Alignment{Objective: id(s.child)}
					for _, p := range s.parents {
						a.Parents = append(a.Parents, okr.Share{Objective: id(p)})
					}
					_, errs[i] = acme.Align(ctx, a)
				})
			}
			wait.Wait()
			for i, err := range errs {
				if err != nil && !errors.Is(err, okr.ErrInvalid) && !errors.Is(err, okr.ErrConflict) {
					require.NoError(t, err)
				}
				if len(steps) > 1 {
					continue
				}
				s := steps[i]
				want := false
				for _, p := range s.parents {
					want = want || reaches(above, id(p), id(s.child))
				}
				require.Equal(t, want, err != nil, "%v: %v", s, err)
			}
			above = map[okr.ID][]okr.ID{}
			for _, o := range objectives(ctx, t, acme) {
				for _, p := range o.Parents {
					above[o.ID] = append(above[o.ID], p.Objective)
				}
			}
			for child, parents := range above {
				for _, p := range parents {
					require.False(t, reaches(above, p, child), "%s contributes to itself", child)
				}
			}
		}
	})
}

// reaches says whether somebody who walks up from one objective comes to another.
func reaches(above map[okr.ID][]okr.ID, from, to okr.ID) bool {
	if from == to {
		return true
	}
	return slices.ContainsFunc(above[from], func(p okr.ID) bool { return reaches(above, p, to) })
}

func TestATowerHasAnEnd(t *testing.T) {
	h := open(t, okr.Config{})
	ctx := t.Context()
	p := okr.Plan{Cycle: okrtest.Quarter()}
	for i := range 40 {
		p.Objectives = append(p.Objectives, okr.PlanObjective{Key: fmt.Sprint(i), Title: fmt.Sprint(i)})
		if i > 0 && i != 20 {
			p.Objectives[i].Parent = fmt.Sprint(i - 1)
		}
	}
	_, err := h.acme.Propose(ctx, p)
	require.NoError(t, err)
	at := objectives(ctx, t, h.acme)
	_, err = h.acme.Align(ctx, okr.Alignment{Objective: at["20"].ID, Parents: share(at["19"])})
	require.NoError(t, err)
	_, err = h.acme.Align(ctx, okr.Alignment{Objective: at["39"].ID, Parents: share(at["38"])})
	require.NoError(t, err, "the same again is not looked at")
	_, err = h.acme.Align(ctx, okr.Alignment{Objective: at["39"].ID, Parents: []okr.Share{{Objective: at["38"].ID, Weight: measure.N(2)}}})
	require.ErrorContains(t, err, "more than 32")
}
