package okr_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// bigPlan is a plan of n key results, ten to an objective.
func bigPlan(n int) okr.Plan {
	p := okr.Plan{Cycle: okrtest.Quarter()}
	for i := range n / 10 {
		o := okr.PlanObjective{Key: fmt.Sprintf("o%d", i), Title: fmt.Sprintf("Objective %d", i)}
		for j := range 10 {
			o.KeyResults = append(o.KeyResults, okr.PlanKeyResult{
				Key: fmt.Sprintf("k%d", j), Title: fmt.Sprintf("Raise number %d.%d", i, j), Current: measure.N(1),
				Metric: measure.Metric{Kind: measure.Increase, Baseline: measure.N(0), Target: measure.N(100)},
			})
		}
		p.Objectives = append(p.Objectives, o)
	}
	return p
}

func bigHouse(b testing.TB, clock *okrtest.Clock) okr.Tenant {
	desk, err := okr.New(memory.New(), okr.Config{Clock: clock.Now, NewID: okrtest.SequentialIDs(), Calendar: rhythmic{}})
	require.NoError(b, err)
	return desk.For("acme").As(ana)
}

func BenchmarkPropose(b *testing.B) {
	for _, n := range []int{200, 2_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := bigPlan(n)
			for b.Loop() {
				_, err := bigHouse(b, okrtest.NewClock(planning)).Propose(b.Context(), p)
				require.NoError(b, err)
			}
		})
	}
}

func BenchmarkSettle(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			clock := okrtest.NewClock(planning)
			acme := bigHouse(b, clock)
			_, err := acme.Propose(b.Context(), bigPlan(n))
			require.NoError(b, err)
			cycles, err := acme.View().Cycles(b.Context())
			require.NoError(b, err)
			clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
			_, err = acme.Activate(b.Context(), okr.Activation{Cycle: cycles[0].ID})
			require.NoError(b, err)
			s, err := acme.View().Snapshot(b.Context(), cycles[0].ID)
			require.NoError(b, err)
			var refs []okr.Ref
			for _, k := range s.KeyResults {
				refs = append(refs, okr.Ref{Kind: okr.KindKeyResult, ID: k.ID})
			}
			for b.Loop() {
				clock.Advance(12 * time.Hour)
				_, err := acme.Settle(b.Context(), refs...)
				require.NoError(b, err)
			}
		})
	}
}

func BenchmarkSyncPeople(b *testing.B) {
	var d okr.Directory
	for i := range 10_000 {
		d.People = append(d.People, okr.Person{ID: okr.ID(fmt.Sprintf("u%05d", (i*7919)%10_000)), Name: "Somebody"})
	}
	for b.Loop() {
		_, err := bigHouse(b, okrtest.NewClock(planning)).SyncPeople(b.Context(), d)
		require.NoError(b, err)
	}
}
