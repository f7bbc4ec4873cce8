package system_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/rules"
	"github.com/okrkit/okrkit/store/sqlite"
)

// BenchmarkMeetings plans and records meetings on SQLite under the starter packs: of one
// team with 30 key results, and of a company of 300 teams with 12 each.
func BenchmarkMeetings(b *testing.B) {
	ctx := b.Context()
	st, err := sqlite.Open(ctx, filepath.Join(b.TempDir(), "okr.db"))
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, st.Close()) })
	live, err := rules.Open(audit.Env(1), pack.Starter)
	require.NoError(b, err)
	clock := okrtest.NewClock(time.Date(2026, 9, 24, 9, 0, 0, 0, time.UTC))
	desk, err := okr.New(st, okr.Config{Judge: audit.New(live), Calendar: cadence.New(), Clock: clock.Now})
	require.NoError(b, err)
	acme := desk.For("acme").As(okr.Someone("p0"))
	teams := 300
	if sizes()[0] == 100 {
		teams = 10 // run once, so that it does not rot
	}
	_, err = acme.Propose(ctx, teamsOf(teams))
	require.NoError(b, err)
	cycles, err := acme.View().Cycles(ctx)
	require.NoError(b, err)
	cycle := cycles[0].ID
	clock.Set(time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC))
	_, err = acme.Activate(ctx, okr.Activation{Cycle: cycle})
	require.NoError(b, err)
	clock.Set(time.Date(2026, 11, 13, 9, 0, 0, 0, time.UTC))
	people := []okr.ID{"p0"}
	for i := range teams {
		for range 5 {
			_, err := acme.Hold(ctx, okr.NewSession{
				Kind: okr.CheckInSession, Cycle: cycle, Team: okr.ID(fmt.Sprint("t", i)), People: people, Held: measure.NewDate(2026, 11, 13), Minutes: 17, Expected: 14,
			})
			require.NoError(b, err)
		}
	}

	b.Run("agenda of 30", func(b *testing.B) {
		for b.Loop() {
			a, err := acme.View().Agenda(ctx, okr.AgendaQuery{Cycle: cycle, Team: "t0"})
			require.NoError(b, err)
			require.Equal(b, 30, a.KeyResults)
		}
	})
	b.Run(fmt.Sprintf("company of %d teams", teams), func(b *testing.B) {
		for b.Loop() {
			m, err := acme.View().Meetings(ctx, okr.AgendaQuery{Cycle: cycle})
			require.NoError(b, err)
			require.Len(b, m.Teams, teams)
		}
	})
	b.Run("hold, 8 check-ins", func(b *testing.B) {
		page, err := acme.View().KeyResults(ctx, okr.Query{Cycle: cycle, Team: "t1", Limit: 8})
		require.NoError(b, err)
		for i := 0; b.Loop(); i++ {
			clock.Advance(time.Second)
			n := okr.NewSession{Kind: okr.CheckInSession, Cycle: cycle, Team: "t1", People: people, Held: measure.NewDate(2026, 11, 13), Minutes: 14, Expected: 15}
			for _, k := range page.Items {
				n.CheckIns = append(n.CheckIns, okr.CheckIn{KeyResult: k.ID, Value: measure.N(float64(70 + i%20)), Confidence: measure.N(7)})
			}
			_, err := acme.Hold(ctx, n)
			require.NoError(b, err)
		}
	})
}

// teamsOf is a plan of so many teams: the first has 30 key results, the others 12.
func teamsOf(teams int) okr.Plan {
	p := okr.Plan{Cycle: okrtest.Quarter()}
	for i := range teams {
		who, team := okr.ID(fmt.Sprint("p", i)), okr.ID(fmt.Sprint("t", i))
		p.People = append(p.People, okr.Person{ID: who, Name: fmt.Sprint("Person ", i), Team: team})
		p.Teams = append(p.Teams, okr.Team{ID: team, Name: fmt.Sprint("Team ", i), Lead: who})
		each := 4
		if i == 0 {
			each = 10
		}
		for j := range 3 {
			o := okr.PlanObjective{Key: fmt.Sprintf("o%d-%d", i, j), Title: "Customers stay with us because they want to", Team: string(team), Owner: string(who), Rank: j + 1}
			for n := range each {
				o.KeyResults = append(o.KeyResults, okr.PlanKeyResult{
					Key: fmt.Sprintf("k%d", n), Title: fmt.Sprintf("Raise renewals of region %d from 70 %% to 90 %%", n), Owner: string(who),
					Metric: measure.Metric{Kind: measure.Increase, Unit: "%", Baseline: measure.N(70), Target: measure.N(90)}, Current: measure.N(71 + float64((i+7*n)%15)),
					Source: &okr.Source{Kind: "manual", Where: "Renewal report", Interval: okr.EveryWeek, Access: []string{string(who)}},
				})
			}
			p.Objectives = append(p.Objectives, o)
		}
	}
	return p
}
