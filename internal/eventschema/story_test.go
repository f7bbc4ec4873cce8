package main

import (
	"context"
	"fmt"
	"slices"
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
	"github.com/okrkit/okrkit/store/memory"
	"github.com/okrkit/okrkit/store/outbox"
)

// wall keeps what is published.
type wall struct{ told []okr.Outgoing }

func (w *wall) Publish(_ context.Context, events ...okr.Outgoing) error {
	w.told = append(w.told, events...)
	return nil
}

// chronicle is a company in which everything happens that there is an event of.
type chronicle struct {
	t      *testing.T
	ctx    context.Context //nolint:containedctx // of the one test
	clock  *okrtest.Clock
	desk   *okr.Desk
	ana    okr.Tenant
	runner *cadence.Runner
	cycle  okr.ID
	next   okr.ID
}

// year is what a company tells in a year in which everything happens.
func year(t *testing.T) []okr.Outgoing {
	t.Helper()
	live, err := rules.Open(audit.Env(1), pack.Starter)
	require.NoError(t, err)
	db, clock := memory.New(), okrtest.NewClock(time.Date(2026, time.September, 21, 8, 0, 0, 0, time.UTC))
	desk, err := okr.New(db, okr.Config{Judge: audit.New(live), Calendar: cadence.New(), Clock: clock.Now, NewID: okrtest.SequentialIDs()})
	require.NoError(t, err)
	c := &chronicle{
		t: t, ctx: t.Context(), clock: clock, desk: desk, ana: desk.For("acme.example").As(okr.Someone("ana")), runner: cadence.NewRunner(desk),
	}
	for _, chapter := range []func(){c.plan, c.promise, c.reset, c.talk, c.measure, c.wait, c.change, c.rule, c.end} {
		chapter()
		c.settle()
	}
	w := &wall{}
	_, err = outbox.NewRelay(db, w).Drain(t.Context())
	require.NoError(t, err)
	return w.told
}

// does holds that a decision worked, and says what it was about.
func (c *chronicle) does(d okr.Decision, err error) okr.ID {
	c.t.Helper()
	require.NoError(c.t, err)
	if len(d.Subjects) == 0 {
		return ""
	}
	return d.Subjects[0].ID
}

func (c *chronicle) on(y int, m time.Month, day, hour int) {
	c.clock.Set(time.Date(y, m, day, hour, 0, 0, 0, time.UTC))
	c.settle()
}

func (c *chronicle) settle() {
	c.t.Helper()
	for {
		n, err := c.runner.Once(c.ctx)
		require.NoError(c.t, err)
		if n == 0 {
			return
		}
	}
}

func (c *chronicle) kr(key string) okr.KeyResultView {
	c.t.Helper()
	for k, err := range c.ana.View().All(c.ctx, okr.Query{Cycle: c.cycle}) {
		require.NoError(c.t, err)
		if k.Key == key {
			return k
		}
	}
	require.FailNow(c.t, "no such key result", key)
	return okr.KeyResultView{}
}

func (c *chronicle) ref(key string) okr.Ref {
	return okr.Ref{Kind: okr.KindKeyResult, ID: c.kr(key).ID}
}

func (c *chronicle) plan() {
	p := okrtest.Plan()
	p.Objectives[0].KeyResults = append(p.Objectives[0].KeyResults, okr.PlanKeyResult{
		Key: "k4", Title: "Raise the share of customers on a yearly contract from 40 % to 55 %", Owner: "ana", KPI: "yearly",
		Metric: measure.Metric{Kind: measure.Increase, Unit: "%", Baseline: measure.N(40), Target: measure.N(55)},
		Source: p.Objectives[0].KeyResults[0].Source,
	})
	secret := p.Objectives[0]
	secret.Key, secret.Title, secret.Private = "o2", "A merger that nobody hears of", true
	secret.KeyResults = []okr.PlanKeyResult{{
		Key: "s1", Title: "Cut open questions of the due diligence from 40 to 0", Owner: "ana",
		Metric: measure.Metric{Kind: measure.Decrease, Unit: "questions", Baseline: measure.N(40), Target: measure.N(0)},
		Source: secret.KeyResults[0].Source,
	}}
	fair := secret
	fair.Key, fair.Title, fair.Private = "o3", "Everybody in the trade knows our name", false
	fair.KeyResults = []okr.PlanKeyResult{{
		Key: "k5", Title: "Raise visitors of our stand from 200 to 500", Owner: "cem", Source: fair.KeyResults[0].Source,
		Metric: measure.Metric{Kind: measure.Increase, Unit: "visitors", Baseline: measure.N(200), Target: measure.N(500)},
	}}
	fair.Owner = "cem"
	p.Objectives = append(p.Objectives, secret, fair)
	c.does(c.ana.SyncPeople(c.ctx, okr.Directory{People: append(p.People, okr.Person{ID: "cem", Name: "Cem Aydin"}), Teams: p.Teams}))
	c.does(c.ana.SetPolicy(c.ctx, okr.SettingPolicy{Policy: okr.Policy{
		Cadence: &okr.Schedule{WorkDays: []time.Weekday{time.Monday, time.Friday}, Pauses: []okr.Span{{From: measure.NewDate(2026, time.December, 24), To: measure.NewDate(2026, time.December, 27)}}},
		Ladder:  okr.DefaultLadder(), Budget: okr.Budget{PerDay: 3, Quiet: []okr.QuietHours{{From: "20:00", To: "07:00"}}},
	}}))
	c.does(c.ana.DefineKPI(c.ctx, okr.NewKPI{
		ID: "yearly", Name: "Yearly contracts", Owner: "ana", Team: "sales", Source: &okr.Source{Kind: "sql", Interval: okr.EveryWeek},
	}))
	p.Cycle.Sessions = []okr.CycleSession{{Kind: okr.PlanningSession, Minutes: 90}, {Kind: okr.ReviewSession}}
	c.does(c.ana.Propose(c.ctx, p))
	c.does(c.ana.Propose(c.ctx, okr.Plan{Cycle: okr.PlanCycle{
		Key: "2027-Q1", Name: "Q1 2027", Zone: "Europe/Zurich", Start: measure.NewDate(2027, time.January, 1), End: measure.NewDate(2027, time.March, 31),
	}}))
	cycles, err := c.ana.View().Cycles(c.ctx)
	require.NoError(c.t, err)
	for _, x := range cycles {
		if x.Key == "2026-Q4" {
			c.cycle = x.ID
		} else {
			c.next = x.ID
		}
	}
	c.does(c.ana.GrantPurpose(c.ctx, okr.NewGrant{Cycle: c.cycle, Purpose: okr.ForCompensation, Reason: "The works council agreed"}))
	c.does(c.ana.Hold(c.ctx, okr.NewSession{
		Kind: okr.PlanningSession, Cycle: c.cycle, Held: measure.NewDate(2026, time.September, 21), People: []okr.ID{"ana", "ben"}, Minutes: 90,
		Decisions: []okr.NewDecision{{Text: "Renewals first", Owner: "ana"}},
	}))
}

func (c *chronicle) promise() {
	c.on(2026, time.October, 1, 8)
	c.does(c.ana.Activate(c.ctx, okr.Activation{Cycle: c.cycle}))
}

// reset starts a reset that is given up, and one that goes through.
func (c *chronicle) reset() {
	given := c.does(c.ana.StartReset(c.ctx, okr.NewReset{Cycle: c.cycle}))
	c.does(c.ana.Vouch(c.ctx, okr.Vouching{Reset: given, KeyResult: c.kr("k1").ID, For: okr.VouchSource}))
	c.does(c.ana.AbandonReset(c.ctx, okr.ResetEnd{Reset: given, Reason: "Not now"}))
	done := c.does(c.ana.StartReset(c.ctx, okr.NewReset{Cycle: c.cycle}))
	for _, key := range []string{"k1", "k2", "k3", "k4", "k5"} {
		c.does(c.ana.Vouch(c.ctx, okr.Vouching{Reset: done, KeyResult: c.kr(key).ID, For: okr.VouchSource}))
	}
	for range 3 {
		c.does(c.ana.AdvanceReset(c.ctx, okr.ResetAdvance{Reset: done}))
	}
	c.does(c.ana.Record(c.ctx, okr.Collected{KPI: "yearly", Source: "sql", Readings: []okr.Measurement{{Value: measure.N(42), OccurredAt: c.clock.Now()}}}))
	for i, value := range []measure.Number{measure.N(70), measure.N(12), measure.N(0), {}, measure.N(210)} { // a KPI measures the fourth
		c.does(c.ana.CheckIn(c.ctx, okr.CheckIn{KeyResult: c.kr(fmt.Sprint("k", i+1)).ID, Value: value, Confidence: measure.N(6), Note: "We begin here"}))
	}
	c.does(c.ana.AdvanceReset(c.ctx, okr.ResetAdvance{Reset: done}))
}

func (c *chronicle) talk() {
	note := c.does(c.ana.Comment(c.ctx, okr.NewComment{Subject: c.ref("k1"), Text: "Is this enough?"}))
	c.does(c.ana.EditComment(c.ctx, okr.CommentEdit{Comment: note, Text: "This is enough."}))
	c.does(c.ana.RemoveComment(c.ctx, okr.CommentRemoval{Comment: note}))
	c.does(c.ana.RecordDecision(c.ctx, okr.NewDecision{Subject: c.ref("k1"), Text: "We call every customer", Owner: "ben"}))
	for _, state := range []okr.DependencyState{okr.DependencyPromised, okr.DependencyDone, okr.DependencyDeclined} {
		asked := c.does(c.ana.Depend(c.ctx, okr.NewDependency{
			From: c.ref("k1"), To: okr.Ref{Kind: okr.KindTeam, ID: "sales"}, Text: "A list of " + string(state), Due: measure.NewDate(2026, time.November, 2),
		}))
		if state == okr.DependencyDone {
			c.does(c.ana.Answer(c.ctx, okr.DependencyAnswer{Dependency: asked, State: okr.DependencyPromised}))
		}
		c.does(c.ana.Answer(c.ctx, okr.DependencyAnswer{Dependency: asked, State: state, Reason: "So it is"}))
	}
	night := c.does(c.ana.Defer(c.ctx, okr.NewDeferral{Cycle: c.cycle, Team: "sales", Title: "A second shop", Reason: "One at a time", Revisit: measure.NewDate(2027, time.March, 1)}))
	c.does(c.ana.TakeUp(c.ctx, okr.TakingUp{Deferral: night}))
	c.does(c.ana.ScheduleReport(c.ctx, okr.Scheduling{Name: "weekly", Spec: okr.ReportSpec{Kind: okr.ReportTree, Cycle: c.cycle}, Schedule: *okrtest.Weekly(), To: []okr.ID{"ana"}}))

	hr := c.desk.For("acme.example").As(okr.Someone("hr")).View().For(okr.ForCompensation)
	_, err := hr.Tree(c.ctx, c.cycle)
	require.NoError(c.t, err)
	grants, err := c.ana.View().Grants(c.ctx, c.cycle, okr.Paging{})
	require.NoError(c.t, err)
	c.does(c.ana.RevokeGrant(c.ctx, okr.GrantRevocation{Grant: grants.Items[0].ID}))
	_, err = hr.Tree(c.ctx, c.cycle)
	require.ErrorIs(c.t, err, okr.ErrDenied)
}

func (c *chronicle) measure() {
	at := c.clock.Now()
	k2 := c.kr("k2").ID
	wrong := c.reads(okr.Collected{KeyResult: k2, Source: "desk", Readings: []okr.Measurement{{Value: measure.N(110), OccurredAt: at}}})
	c.reads(okr.Collected{KeyResult: k2, Source: "desk", Readings: []okr.Measurement{{Value: measure.N(11), OccurredAt: at, Corrects: wrong}}})
	wrong = c.reads(okr.Collected{KPI: "yearly", Source: "sql", Readings: []okr.Measurement{{Value: measure.N(4), OccurredAt: at}}})
	c.reads(okr.Collected{KPI: "yearly", Source: "sql", Readings: []okr.Measurement{{Value: measure.N(43), OccurredAt: at, Corrects: wrong}}})
	for _, fault := range []string{"connection refused", ""} {
		c.clock.Advance(time.Hour)
		ok := okr.Collected{KeyResult: k2, Source: "desk", Error: fault}
		kpi := okr.Collected{KPI: "yearly", Source: "sql", Error: fault}
		if fault == "" {
			reading := []okr.Measurement{{Value: measure.N(11), OccurredAt: c.clock.Now()}}
			ok.Readings, kpi.Readings = reading, []okr.Measurement{{Value: measure.N(43), OccurredAt: c.clock.Now()}}
		}
		c.does(c.ana.Record(c.ctx, ok))
		c.does(c.ana.Record(c.ctx, kpi))
	}
	name := "Yearly contracts, signed"
	c.does(c.ana.ChangeKPI(c.ctx, okr.KPIChange{KPI: "yearly", Name: &name}))

	c.does(c.ana.CheckIn(c.ctx, okr.CheckIn{
		KeyResult: c.kr("k1").ID, Value: measure.N(72), Confidence: measure.N(8), Stated: measure.OnTrack, Note: "Good start",
		Blockers: []okr.NewBlocker{{Kind: "people", Text: "Nobody for the south", Owner: "ben"}},
	}))
	d, err := c.ana.CheckIn(c.ctx, okr.CheckIn{KeyResult: c.kr("k1").ID, Confidence: measure.N(3)})
	require.NoError(c.t, err)
	for _, e := range d.Events {
		if p, _ := e.Payload(); e.Type == okr.EventCheckInRecorded {
			c.does(c.ana.As(okr.Someone("cem")).Acknowledge(c.ctx, okr.Acknowledging{KeyResult: c.kr("k1").ID, CheckIn: p.(*okr.CheckInRecorded).CheckIn}))
		}
	}
	blocked, err := c.ana.View().Blockers(c.ctx, okr.BlockerQuery{Cycle: c.cycle})
	require.NoError(c.t, err)
	c.does(c.ana.CheckIn(c.ctx, okr.CheckIn{
		KeyResult: c.kr("k1").ID, Value: measure.N(73), Resolved: []okr.Resolution{{Blocker: blocked[0].ID, How: "Cem takes it"}},
	}))
	c.does(c.ana.CheckIn(c.ctx, okr.CheckIn{KeyResult: c.kr("s1").ID, Value: measure.N(31), Confidence: measure.N(4)}))
}

// reads records readings and says the id of the last.
func (c *chronicle) reads(x okr.Collected) okr.ID {
	c.t.Helper()
	d, err := c.ana.Record(c.ctx, x)
	require.NoError(c.t, err)
	var id okr.ID
	for _, e := range d.Events {
		p, err := e.Payload()
		require.NoError(c.t, err)
		switch p := p.(type) {
		case *okr.ReadingRecorded:
			if x.KPI == "" {
				id = p.Reading
			}
		case *okr.KPIReading:
			id = p.Reading
		}
	}
	return id
}

func (c *chronicle) wait() {
	for day := 2; day <= 31; day++ {
		c.on(2026, time.October, day, 15)
		if day < 20 {
			c.reads(okr.Collected{KPI: "yearly", Source: "sql", Readings: []okr.Measurement{{Value: measure.N(43), OccurredAt: c.clock.Now()}}})
		}
		switch day {
		case 17: // after the Friday on which it was due
			d, err := c.ana.CheckIn(c.ctx, okr.CheckIn{KeyResult: c.kr("k1").ID, Value: measure.N(78)})
			require.NoError(c.t, err)
			i := slices.IndexFunc(d.Events, func(e okr.Event) bool { return e.Type == okr.EventCheckInRecorded })
			p, err := d.Events[i].Payload()
			require.NoError(c.t, err)
			ben := c.desk.For("acme.example").As(okr.Someone("ben"))
			c.does(ben.Acknowledge(c.ctx, okr.Acknowledging{KeyResult: c.kr("k1").ID, CheckIn: p.(*okr.CheckInRecorded).CheckIn}))
		case 20:
			c.does(c.ana.SyncPeople(c.ctx, okr.Directory{People: []okr.Person{{
				ID: "cem", Name: "Cem Aydin", Away: []okr.Span{{From: measure.NewDate(2026, time.October, 20), To: measure.NewDate(2026, time.October, 31)}},
			}}}))
		}
	}
}

func (c *chronicle) change() {
	k1 := c.kr("k1")
	title, rank := "Raise renewals from 70 % to 85 %", 2
	less := measure.Metric{Kind: measure.Increase, Unit: "%", Baseline: measure.N(70), Target: measure.N(85)}
	c.does(c.ana.Change(c.ctx, okr.KeyResultChange{KeyResult: k1.ID, Title: &title, Reason: "Shorter"}))
	c.does(c.ana.Change(c.ctx, okr.KeyResultChange{KeyResult: k1.ID, Metric: &less, Reason: "The south is late"}))
	c.does(c.ana.ChangeObjective(c.ctx, okr.ObjectiveChange{Objective: k1.Objective, Rank: &rank, Reason: "The merger first"}))
	p := okrtest.Plan()
	p.People[1].Left = true
	c.does(c.ana.SyncPeople(c.ctx, okr.Directory{People: p.People}))
	c.settle()
	c.does(c.ana.HandOver(c.ctx, okr.HandOver{From: "ben", To: "cem", Reason: "Ben left"}))
	c.does(c.ana.Erase(c.ctx, okr.Erasing{Person: "ben"}))
	c.does(c.ana.Propose(c.ctx, okr.Plan{Cycle: okr.PlanCycle{
		Key: "2027-Q1", Name: "The first quarter of 2027", Zone: "Europe/Zurich", Start: measure.NewDate(2027, time.January, 1), End: measure.NewDate(2027, time.March, 31),
	}}))
}

// rule answers for what rules find, puts it off, and takes a pack out of force.
func (c *chronicle) rule() {
	c.on(2026, time.November, 2, 9)
	open, err := c.ana.View().Findings(c.ctx, okr.FindingQuery{Cycle: c.cycle}, okr.Paging{})
	require.NoError(c.t, err)
	require.Greater(c.t, len(open.Items), 2)
	until := c.clock.Now().AddDate(0, 0, 7)
	waived, put := open.Items[0], open.Items[1]
	first := c.does(c.ana.Waive(c.ctx, okr.Waiving{Rule: waived.Rule, Subject: waived.Subject, Owner: "ana", Reason: "We know", Until: until}))
	c.settle()
	c.does(c.ana.EndWaiver(c.ctx, okr.WaiverEnd{Waiver: first}))
	c.settle()
	c.does(c.ana.Waive(c.ctx, okr.Waiving{Rule: waived.Rule, Subject: waived.Subject, Owner: "ana", Reason: "We still know", Until: until}))
	c.does(c.ana.Snooze(c.ctx, okr.Snoozing{Rule: put.Rule, Subject: put.Subject, Cycle: put.Cycle, Until: until}))
	c.on(2026, time.November, 10, 9)
	away := []okr.Span{{From: measure.NewDate(2026, time.November, 12), To: measure.NewDate(2026, time.November, 16)}}
	c.does(c.ana.SyncPeople(c.ctx, okr.Directory{People: []okr.Person{{ID: "cem", Name: "Cem Aydin", Away: away}}}))
	c.on(2026, time.November, 14, 9)
	c.does(c.ana.DeactivatePack(c.ctx, okr.PackEnd{Name: "honesty", Reason: "One thing after the other"}))
	// Postponed first and given up later is one line of what is not done.
	for _, state := range []okr.State{okr.Postponed, okr.Abandoned} {
		c.does(c.ana.ChangeObjective(c.ctx, okr.ObjectiveChange{Objective: c.kr("k5").Objective, State: &state, Reason: "It came to nothing"}))
	}
	retired, none := true, okr.ID("")
	c.does(c.ana.Change(c.ctx, okr.KeyResultChange{KeyResult: c.kr("k4").ID, KPI: &none, Reason: "By hand from now on"}))
	c.does(c.ana.ChangeKPI(c.ctx, okr.KPIChange{KPI: "yearly", Retired: &retired}))
}

// end reviews the quarter, carries on what goes on, and closes it.
func (c *chronicle) end() {
	c.on(2026, time.December, 21, 9) // the Monday after the last Friday before the holidays
	for _, key := range []string{"k1", "k2", "k3", "k4"} {
		c.does(c.ana.CheckIn(c.ctx, okr.CheckIn{KeyResult: c.kr(key).ID, Value: measure.N(1)}))
	}
	c.on(2027, time.January, 4, 9)
	entries := []okr.ReviewEntry{{Subject: okr.Ref{Kind: okr.KindCycle, ID: c.cycle}, Learned: "Call earlier"}}
	for _, key := range []string{"k1", "k2", "k3", "k4", "s1"} {
		entries = append(entries, okr.ReviewEntry{Subject: c.ref(key), Why: "The south", Learned: "Call earlier", Next: okr.NextCarryOver})
	}
	c.does(c.ana.Review(c.ctx, okr.Reviewing{Cycle: c.cycle, Entries: entries}))
	c.does(c.ana.CarryOver(c.ctx, okr.CarryingOver{Subject: c.ref("k1"), To: c.next, Reason: "Nearly there"}))
	c.does(c.ana.CarryOver(c.ctx, okr.CarryingOver{Subject: c.ref("s1"), To: c.next, Reason: "Nearly there"}))
	c.does(c.ana.Close(c.ctx, okr.Closing{Cycle: c.cycle}))
}
