package papers_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/cadence/papers"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// company is a roastery in its fourth quarter, with something of everything that
// papers show.
type company struct {
	t     *testing.T
	clock *okrtest.Clock
	desk  *okr.Desk
	mira  okr.Tenant
	cycle okr.ID
	krs   map[string]okr.ID // by plan key
	goals map[string]okr.ID
}

func at(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return t
}

// newCompany stands before its quarter begins: everything is drafted, nothing is
// promised.
func newCompany(t *testing.T) *company {
	t.Helper()
	ctx := t.Context()
	c := &company{t: t, clock: okrtest.NewClock(at("2026-09-21 08:00")), krs: map[string]okr.ID{}, goals: map[string]okr.ID{}}
	var err error
	c.desk, err = okr.New(memory.New(), okr.Config{Calendar: cadence.New(), Clock: c.clock.Now, NewID: okrtest.SequentialIDs()})
	require.NoError(t, err)
	c.mira = c.desk.For("roastery").As(okr.Someone("mira"))
	source := func(where string) *okr.Source {
		return &okr.Source{Kind: "manual", Where: where, Interval: okr.EveryWeek}
	}
	cycle := okrtest.Quarter()
	cycle.Phases = []okr.CyclePhase{{Name: "Harvest fair", From: measure.NewDate(2026, time.November, 9), To: measure.NewDate(2026, time.November, 13)}}
	cycle.Sessions = []okr.CycleSession{
		{Kind: okr.PlanningSession, On: measure.NewDate(2026, time.September, 22), At: "09:00", Minutes: 90},
		{Kind: okr.ReviewSession, On: measure.NewDate(2027, time.January, 5), At: "14:30", Minutes: 60},
		{Kind: okr.CustomSession, Name: "Tasting", On: measure.NewDate(2026, time.November, 16), Team: "roast"},
	}
	_, err = c.mira.Propose(ctx, okr.Plan{
		Cycle: cycle,
		People: []okr.Person{
			{ID: "mira", Name: "Mira Keller", Team: "shop"}, {ID: "jon", Name: "Jon Bakker", Team: "shop"}, {ID: "luz", Name: "Luz Ortega", Team: "roast"},
		},
		Teams: []okr.Team{{ID: "roast", Name: "Roasting", Lead: "luz", Limit: 2}, {ID: "shop", Name: "Shop", Lead: "mira"}},
		Objectives: []okr.PlanObjective{
			{Key: "return", Title: "People who try our coffee come back", Team: "shop", Owner: "mira", Rank: 1, Committed: true, KeyResults: []okr.PlanKeyResult{
				{Key: "repeat", Title: "Raise second orders within 30 days from 1,200 to 1,800", Owner: "jon", Source: source("Shop statistics"),
					Metric: measure.Metric{Kind: measure.Increase, Baseline: measure.N(1200), Target: measure.N(1800)}},
				{Key: "parcels", Title: "Cut parcels that arrive late from 7.5 % to 2.5 %", Owner: "mira", Source: source("Carrier report"),
					Metric: measure.Metric{Kind: measure.Decrease, Unit: "%", Baseline: measure.N(7.5), Target: measure.N(2.5)}},
				{Key: "basket", Title: "Keep the mean basket between 28 and 34 EUR", Owner: "jon", Source: source("Shop statistics"),
					Metric: measure.Metric{Kind: measure.Between, Unit: "EUR", Low: measure.N(28), High: measure.N(34)}},
			}},
			{Key: "taste", Title: "Every batch tastes as it should", Team: "roast", Owner: "luz", Rank: 1, KeyResults: []okr.PlanKeyResult{
				{Key: "cupping", Title: "Lift the cupping score from 82 to 86", Owner: "luz", Source: source("Cupping log"), Cadence: &okr.Schedule{Frequency: okr.Monthly, Week: -1, Weekday: time.Thursday, At: "09:30"},
					Metric: measure.Metric{Kind: measure.Increase, Baseline: measure.N(82), Target: measure.N(86)}},
				{Key: "certificate", Title: "The roastery holds the organic certificate", Owner: "luz", Metric: measure.Metric{Kind: measure.YesNo}},
			}},
			{Key: "draft", Title: "A café of our own", KeyResults: []okr.PlanKeyResult{{Key: "guests", Title: "Guests are happy"}}},
		},
	})
	require.NoError(t, err)
	cycles, err := c.mira.View().Cycles(ctx)
	require.NoError(t, err)
	c.cycle = cycles[0].ID
	tree, err := c.mira.View().Tree(ctx, c.cycle)
	require.NoError(t, err)
	for _, o := range tree.Objectives {
		c.goals[o.Key] = o.ID
		for _, k := range o.KeyResults {
			c.krs[k.Key] = k.ID
		}
	}
	c.do(c.mira.Defer(ctx, okr.NewDeferral{Cycle: c.cycle, Team: "shop", Title: "A subscription for offices", Reason: "Homes come first", InFavour: c.goals["return"], Revisit: measure.NewDate(2027, time.January, 11)}))
	c.do(c.mira.Depend(ctx, okr.NewDependency{
		From: okr.Ref{Kind: okr.KindKeyResult, ID: c.krs["parcels"]}, To: okr.Ref{Kind: okr.KindTeam, ID: "roast"},
		Text: "Roast before noon, so that parcels leave on the same day", Due: measure.NewDate(2026, time.October, 16),
	}))
	return c
}

func (c *company) do(_ okr.Decision, err error) {
	c.t.Helper()
	require.NoError(c.t, err)
}

func (c *company) checkIn(key, when string, value, confidence float64, more okr.CheckIn) {
	c.t.Helper()
	c.clock.Set(at(when))
	more.KeyResult, more.Value, more.Confidence = c.krs[key], measure.N(value), measure.N(confidence)
	c.do(c.mira.CheckIn(c.t.Context(), more))
}

// running is the company in its fifth week.
func (c *company) running() {
	c.t.Helper()
	ctx := c.t.Context()
	c.clock.Set(at("2026-09-28 08:00"))
	c.do(c.mira.Activate(ctx, okr.Activation{Subjects: []okr.Ref{
		{Kind: okr.KindObjective, ID: c.goals["return"]}, {Kind: okr.KindObjective, ID: c.goals["taste"]},
		{Kind: okr.KindKeyResult, ID: c.krs["repeat"]}, {Kind: okr.KindKeyResult, ID: c.krs["parcels"]}, {Kind: okr.KindKeyResult, ID: c.krs["basket"]},
		{Kind: okr.KindKeyResult, ID: c.krs["cupping"]}, {Kind: okr.KindKeyResult, ID: c.krs["certificate"]},
	}}))
	c.checkIn("repeat", "2026-10-02 10:00", 1225, 8, okr.CheckIn{})
	c.checkIn("parcels", "2026-10-02 10:05", 7.5, 8, okr.CheckIn{})
	c.checkIn("repeat", "2026-10-30 10:00", 1310, 5, okr.CheckIn{Blockers: []okr.NewBlocker{{Kind: "decision", Text: "Nobody decides about the voucher", Owner: "luz"}}})
	c.checkIn("parcels", "2026-10-30 10:05", 7.25, 6, okr.CheckIn{})
	c.clock.Set(at("2026-11-02 08:00"))
}

// over is the company after its quarter, before it is closed.
func (c *company) over() {
	c.t.Helper()
	ctx := c.t.Context()
	c.running()
	c.checkIn("repeat", "2026-12-30 10:00", 1822, 10, okr.CheckIn{})
	c.checkIn("parcels", "2026-12-30 10:05", 4.5, 3, okr.CheckIn{})
	c.checkIn("cupping", "2026-12-30 10:10", 85, 5, okr.CheckIn{})
	c.clock.Set(at("2027-01-04 08:00"))
	c.do(c.mira.Review(ctx, okr.Reviewing{Cycle: c.cycle, Entries: []okr.ReviewEntry{
		{Subject: okr.Ref{Kind: okr.KindCycle, ID: c.cycle}, Learned: "The carrier decides more than we thought"},
		{Subject: okr.Ref{Kind: okr.KindTeam, ID: "shop"}, Learned: "Vouchers work"},
		{Subject: okr.Ref{Kind: okr.KindKeyResult, ID: c.krs["parcels"]}, Why: "The second carrier came in November", Next: okr.NextRethink},
		{Subject: okr.Ref{Kind: okr.KindKeyResult, ID: c.krs["repeat"]}, Learned: "A voucher brings people back", Next: okr.NextDone},
	}}))
	c.do(c.mira.RecordDecision(ctx, okr.NewDecision{Subject: okr.Ref{Kind: okr.KindObjective, ID: c.goals["return"]}, Cycle: c.cycle, Text: "Keep two carriers", Reason: "One is late in December", Owner: "mira"}))
}

// papersOf fills every kind of paper from live data, each at its time.
func papersOf(t *testing.T) map[papers.Kind]papers.Data {
	t.Helper()
	ctx := t.Context()
	out := map[papers.Kind]papers.Data{}
	fill := func(k papers.Kind, f func(context.Context, *company) (papers.Data, error), when func(*company)) {
		c := newCompany(t)
		when(c)
		d, err := f(ctx, c)
		require.NoError(t, err)
		out[k] = d
	}
	before, running, over := func(*company) {}, (*company).running, (*company).over
	fill(papers.KindPlanning, func(ctx context.Context, c *company) (papers.Data, error) {
		return papers.PlanningOf(ctx, c.mira.View(), cadence.New(), c.cycle, "")
	}, before)
	fill(papers.KindAnnouncement, func(ctx context.Context, c *company) (papers.Data, error) {
		a, err := papers.AnnouncementOf(ctx, c.mira.View(), cadence.New(), c.cycle, c.clock.Now())
		a.From, a.Links = "Mira Keller", []papers.Link{{Text: "Board", URL: "https://okr.example.com/board?q=1&x=2"}}
		return a, err
	}, before)
	fill(papers.KindCheckIn, func(ctx context.Context, c *company) (papers.Data, error) {
		return papers.CheckInOf(ctx, c.mira.View(), okr.AgendaQuery{Cycle: c.cycle, Team: "shop"})
	}, running)
	fill(papers.KindReview, func(ctx context.Context, c *company) (papers.Data, error) {
		return papers.ReviewOf(ctx, c.mira.View(), cadence.New(), c.cycle, "")
	}, over)
	fill(papers.KindWorksheet, func(ctx context.Context, c *company) (papers.Data, error) {
		s, err := c.mira.View().Snapshot(ctx, c.cycle)
		if err != nil {
			return nil, err
		}
		w := papers.Worksheet{Name: "Q4 2026", On: measure.NewDate(2026, time.September, 21)}
		for _, k := range s.KeyResults {
			row := papers.WorksheetRow{Line: papers.LineOf(s, k), Measurable: "yes", Sourced: "yes", Owned: "yes", TimeBound: "yes", Outcome: "yes", Verdict: "ready"}
			switch k.Key {
			case "certificate":
				row.Sourced, row.Verdict = "no", "not_ready"
				row.Fixes = []papers.Fix{{Rule: "source-declared", Text: "Say where the number comes from, how often it is updated, and who can read it. Entering it by hand is a source too; its kind is manual."}}
			case "guests":
				row.Measurable, row.Sourced, row.Owned, row.Outcome, row.Verdict = "no", "no", "no", "unknown", "not_ready"
				row.Fixes = []papers.Fix{{Rule: "house-rule", Text: "Ask the guests."}}
			}
			w.Rows = append(w.Rows, row)
		}
		return w, nil
	}, before)
	return out
}
