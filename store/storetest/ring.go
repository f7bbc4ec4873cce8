package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// testRings lets three desks close a ring of objectives at the same moment, each
// with one decision that is right by itself. One of them has to see the others.
func testRings(t *testing.T, s suite) {
	st := s.open(t)
	desk, err := okr.New(st, okr.Config{})
	require.NoError(t, err)
	host := desk.For(acme).As(okr.Someone("ana"))
	ctx := t.Context()
	p := okr.Plan{Cycle: okr.PlanCycle{Key: "q", Start: measure.NewDate(2026, 10, 1), End: measure.NewDate(2126, 12, 31)}}
	for _, title := range []string{"A", "B", "C"} {
		p.Objectives = append(p.Objectives, okr.PlanObjective{Key: title, Title: title})
	}
	_, err = host.Propose(ctx, p)
	require.NoError(t, err)
	all, err := host.View().Portfolio(ctx, okr.Portfolio{})
	require.NoError(t, err)
	require.Len(t, all.Items, 3)
	id := func(i int) okr.ID { return all.Items[i%3].Objective }
	for range 5 {
		for i := range 3 {
			require.NoError(t, again(func() error {
				_, err := host.Align(ctx, okr.Alignment{Objective: id(i)})
				return err
			}))
		}
		race(t, 3, func(ctx context.Context, i int) error {
			return again(func() error {
				_, err := host.Align(ctx, okr.Alignment{Objective: id(i), Parents: []okr.Share{{Objective: id(i + 1)}}})
				if errors.Is(err, okr.ErrInvalid) {
					return nil // it would have closed the ring
				}
				return err
			})
		})
		cycle := load(t, st, acme, okr.Need{Refs: []okr.Ref{ref(okr.KindObjective, id(0)), ref(okr.KindObjective, id(1)), ref(okr.KindObjective, id(2))}})
		aligned := 0
		for _, o := range cycle.Objectives {
			aligned += len(o.Parents)
		}
		require.Equal(t, 2, aligned, "all but the one that would close the ring")
	}
}
