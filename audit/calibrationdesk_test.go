package audit_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// A team that is sure of everything and reaches nothing learns it from its own past,
// and nobody else does, for no purpose.
func TestATeamLearnsFromItsPast(t *testing.T) {
	ctx := t.Context()
	for _, c := range []struct {
		people, least int
		verdict       string
	}{
		{6, 0, audit.OverConfident}, {2, 0, audit.Withheld},
		{6, -1, audit.OverConfident}, {2, -1, audit.Withheld}, // figures without hidden parts are no figures about two people
	} {
		people, verdict := c.people, c.verdict
		clock := okrtest.NewClock(time.Date(2026, time.September, 21, 9, 0, 0, 0, time.UTC))
		desk, err := okr.New(memory.New(), okr.Config{Clock: clock.Now, NewID: okrtest.SequentialIDs(), MinGroup: c.least})
		require.NoError(t, err)
		plan := okr.Plan{Cycle: okrtest.Quarter(), Teams: []okr.Team{{ID: "sales", Name: "Sales"}}}
		for i := range people {
			plan.People = append(plan.People, okr.Person{ID: okr.ID(fmt.Sprint("p", i)), Name: fmt.Sprint("P", i), Team: "sales"})
		}
		objective := okr.PlanObjective{Key: "o", Title: "Sell", Team: "sales"}
		for i := range 12 {
			objective.KeyResults = append(objective.KeyResults, okr.PlanKeyResult{
				Key: fmt.Sprint("k", i), Title: fmt.Sprint("Sell to ", i, " more"), Owner: fmt.Sprint("p", i%people),
				Metric: measure.Metric{Kind: measure.Increase, Baseline: measure.N(0), Target: measure.N(100)},
			})
		}
		plan.Objectives = []okr.PlanObjective{objective}
		host := desk.For("acme").As(okr.Someone("host"))
		_, err = host.Propose(ctx, plan)
		require.NoError(t, err)
		cycles, err := host.View().Cycles(ctx)
		require.NoError(t, err)
		cycle := cycles[0].ID
		clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
		_, err = host.Activate(ctx, okr.Activation{Cycle: cycle})
		require.NoError(t, err)
		clock.Set(time.Date(2026, time.October, 20, 9, 0, 0, 0, time.UTC))
		for k, err := range host.View().All(ctx, okr.Query{}) {
			require.NoError(t, err)
			_, err = desk.For("acme").As(okr.Someone(k.Owner)).CheckIn(ctx, okr.CheckIn{KeyResult: k.ID, Value: measure.N(5), Confidence: measure.N(9)})
			require.NoError(t, err)
		}
		running, err := host.View().Past(ctx, "sales")
		require.NoError(t, err)
		require.Empty(t, running.KeyResults, "what still runs is no past")
		clock.Set(time.Date(2027, time.January, 4, 9, 0, 0, 0, time.UTC))
		_, err = host.Review(ctx, okr.Reviewing{Cycle: cycle, Entries: []okr.ReviewEntry{{Subject: okr.Ref{Kind: okr.KindCycle, ID: cycle}, Learned: "to doubt"}}})
		require.NoError(t, err)
		_, err = host.Close(ctx, okr.Closing{Cycle: cycle})
		require.NoError(t, err)

		past, err := host.View().Past(ctx, "sales")
		require.NoError(t, err)
		require.Len(t, past.KeyResults, 12)
		all, err := audit.Calibrate(audit.Forecasts(past, clock.Now()), audit.CalibrationOptions{})
		require.NoError(t, err)
		if people == 2 {
			require.Empty(t, past.CheckIns, "two people are no group")
			continue
		}
		require.Equal(t, verdict, all[len(all)-1].Verdict)
		require.Equal(t, okr.ID("sales"), all[len(all)-1].Team)

		_, err = host.View().For(okr.ForCompensation).Past(ctx, "sales")
		require.ErrorIs(t, err, okr.ErrDenied)
		_, err = desk.For("globex").View().Past(ctx, "sales")
		require.ErrorIs(t, err, okr.ErrNotFound)
	}
}
