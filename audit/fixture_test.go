package audit_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/rules"
)

// friday is an instant five weeks into the quarter of okrtest.
var friday = time.Date(2026, 11, 6, 9, 0, 0, 0, time.UTC)

// env and opened are made once for all tests: they take most of a test's time,
// and neither ever changes.
var (
	env    = sync.OnceValue(func() *rules.Env { return audit.Env(audit.Level) })
	opened = sync.OnceValues(func() (*rules.Live, error) { return rules.Open(env(), pack.Starter) })
)

func starter(t testing.TB) *audit.Judge {
	t.Helper()
	live, err := opened()
	require.NoError(t, err)
	return audit.New(live)
}

func source() *okr.Source {
	return &okr.Source{Kind: "sql", Where: "Billing dashboard", Interval: okr.Daily, Access: []string{"mara", "ben"}}
}

// plan is a quarter of an invented company: one objective in good order, one
// with everything wrong that a plan can have wrong.
func plan() okr.Plan {
	at := func(line int) okr.Position { return okr.Position{File: "plan.md", Line: line} }
	return okr.Plan{
		Cycle:  okrtest.Quarter(),
		People: []okr.Person{{ID: "mara", Name: "Mara Lind", Kind: okr.Human, Team: "sales"}, {ID: "ben", Name: "Ben Ode", Kind: okr.Human}, {ID: "desk", Name: "Sales desk", Kind: okr.Group}, {ID: "ivo", Name: "Ivo Karr", Kind: okr.Human, Left: true}},
		Teams:  []okr.Team{{ID: "sales", Name: "Sales"}},
		Objectives: []okr.PlanObjective{
			{
				Key: "trials", Title: "Companies that try us stay", Team: "sales", Rank: 1, At: at(3),
				KeyResults: []okr.PlanKeyResult{
					{
						Key: "paying", Title: "Raise the share of trials that pay from 12 % to 18 %", Owner: "mara", Source: source(), At: at(5),
						Metric: measure.Metric{Kind: measure.Increase, Unit: "%", Baseline: measure.N(12), Target: measure.N(18)}, Current: measure.N(14),
					},
					{
						Key: "reply", Title: "First replies take less than 4 hours (today 11)", Owner: "ben", Source: source(), At: at(6),
						Metric: measure.Metric{Kind: measure.Decrease, Unit: "hours", Baseline: measure.N(11), Target: measure.N(4)}, Current: measure.N(8),
					},
				},
			},
			{
				Key: "loved", Title: "Customers love us", Team: "sales", Rank: 2, At: at(9),
				KeyResults: []okr.PlanKeyResult{
					{Key: "happy", Title: "Improve customer satisfaction", Owner: "the sales team", At: at(11)},
					{Key: "launch", Title: "Launch the new help centre", Owner: "Ivo Karr", Source: &okr.Source{Where: "Jira"}, At: at(12), Metric: measure.Metric{Kind: measure.YesNo}},
					{Key: "evil", Title: "=cmd|' /C calc'!A0 <!channel> \x1b[31mred\x1b[0m | <script>alert(1)</script>", Owner: "Mara / Ben", At: at(13)},
					{
						Key: "still", Title: "Keep churn at 3 %", Owner: "ben", Source: &okr.Source{Kind: "manual", Interval: okr.Quarterly}, At: at(14),
						Metric: measure.Metric{Kind: measure.Decrease, Unit: "%", Baseline: measure.N(3), Target: measure.N(3)},
					},
				},
			},
		},
		Unread: []okr.Unread{{Position: at(20), Text: "| a | b |", Reason: "a table without a header row"}},
	}
}

func input(t testing.TB, p okr.Plan) audit.Input {
	t.Helper()
	s, at, err := p.Snapshot(okrtest.SequentialIDs(), friday)
	require.NoError(t, err)
	s.Tenant = "acme"
	return audit.Input{Snapshot: s, Now: friday, At: at, Unread: p.Unread}
}

func report(t testing.TB, p okr.Plan) audit.Report {
	t.Helper()
	r, err := starter(t).Report(context.Background(), input(t, p))
	require.NoError(t, err)
	return r
}
