// Command quarter lives through the quarter of a ferry company, from the planning
// session to the closed review, and asks at the end what was known on a day long
// past. It shows how okrkit measures: what keeps a key result from becoming active,
// how a decrease and milestones are counted, what it takes to be on track again,
// what a moved target leaves behind, and that a report of last month is the same
// today, whatever was corrected since.
//
// It keeps everything in memory, and moves the clock by hand.
package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/okrkit/okrkit/adapters/planfile"
	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/rules"
	"github.com/okrkit/okrkit/store/memory"
)

//go:embed plan.yaml
var planText []byte

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "quarter:", err)
		os.Exit(1)
	}
}

// story is the company, and where the story is told.
type story struct {
	out   io.Writer
	clock *okrtest.Clock
	mira  okr.Tenant
	cycle okr.ID
	krs   map[string]okr.ID // by plan key
}

func (s *story) say(format string, args ...any) { fmt.Fprintf(s.out, format+"\n", args...) }

func (s *story) on(month time.Month, day, hour int) {
	s.clock.Set(time.Date(2026, month, day, hour, 0, 0, 0, time.UTC))
	s.say("\n== %s", s.clock.Now().Format("2 January 2006"))
}

func run(ctx context.Context, out io.Writer) error {
	live, err := rules.Open(audit.Env(1), pack.Starter)
	if err != nil {
		return err
	}
	clock := okrtest.NewClock(time.Date(2026, time.September, 24, 8, 0, 0, 0, time.UTC))
	desk, err := okr.New(memory.New(), okr.Config{
		Judge: audit.New(live), Calendar: cadence.New(), Clock: clock.Now, NewID: okrtest.SequentialIDs(),
	})
	if err != nil {
		return err
	}
	s := &story{out: out, clock: clock, mira: desk.For("ferry").As(okr.Someone("mira")), krs: map[string]okr.ID{}}
	for _, chapter := range []func(context.Context) error{s.plan, s.promise, s.october, s.november, s.end} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	return nil
}

// plan holds the planning session and proposes what came of it.
func (s *story) plan(ctx context.Context) error {
	s.on(time.September, 24, 8)
	p, err := planfile.Read("plan.yaml", planText)
	if err != nil {
		return err
	}
	d, err := s.mira.Propose(ctx, p)
	if err != nil {
		return err
	}
	for _, o := range d.Subjects {
		if o.Kind == okr.KindKeyResult {
			s.krs[o.Key] = o.ID
		}
	}
	cycles, err := s.mira.View().Cycles(ctx)
	if err != nil {
		return err
	}
	s.cycle = cycles[0].ID
	_, err = s.mira.Hold(ctx, okr.NewSession{
		Kind: okr.PlanningSession, Cycle: s.cycle, Held: measure.NewDate(2026, time.September, 24), People: []okr.ID{"mira", "otto"}, Minutes: 90,
		Decisions: []okr.NewDecision{{Text: "Engines before timetables", Reason: "Most delays are breakdowns", Owner: "mira"}},
	})
	if err != nil {
		return err
	}
	_, err = s.mira.Defer(ctx, okr.NewDeferral{Cycle: s.cycle, Team: "harbour", Title: "A night ferry", Reason: "Not before the day ferries are on time", Revisit: measure.NewDate(2027, 3, 1)})
	s.say("Planned three key results; a night ferry went on the not-doing list.")
	return err
}

// promise is refused until the plan is complete.
func (s *story) promise(ctx context.Context) error {
	s.on(time.October, 1, 8)
	_, err := s.mira.Activate(ctx, okr.Activation{Cycle: s.cycle})
	var refused *okr.RefusedError
	if !errors.As(err, &refused) {
		return fmt.Errorf("the plan should not have been accepted: %w", err)
	}
	s.say("Refused, with everything that is missing at once:")
	for _, f := range refused.Findings {
		s.say("  %s: %s", f.Title, f.Message)
	}
	otto := okr.ID("otto")
	_, err = s.mira.Change(ctx, okr.KeyResultChange{
		KeyResult: s.krs["tickets"], Owner: &otto,
		Source: &okr.Source{Kind: "manual", Where: "Ticket office", Interval: okr.EveryWeek, Access: []string{"otto"}},
	})
	if err != nil {
		return err
	}
	if _, err = s.mira.Activate(ctx, okr.Activation{Cycle: s.cycle}); err != nil {
		return err
	}
	s.say("With an owner and a source for the tickets it is a promise.")
	return nil
}

// october takes check-ins, and marks what is known.
func (s *story) october(ctx context.Context) error {
	for _, week := range []struct {
		day            int
		delays, ticket float64
		done           []string
	}{{9, 17.5, 410, []string{"ordered"}}, {16, 16, 425, nil}, {30, 14, 450, []string{"ordered", "first"}}} {
		s.on(time.October, week.day, 12)
		for _, in := range []okr.CheckIn{
			{KeyResult: s.krs["delays"], Value: measure.N(week.delays), Confidence: measure.N(6), Stated: measure.OnTrack},
			{KeyResult: s.krs["tickets"], Value: measure.N(week.ticket), Confidence: measure.N(5)},
			{KeyResult: s.krs["refit"], Milestones: week.done, Confidence: measure.N(8)},
		} {
			if _, err := s.mira.CheckIn(ctx, in); err != nil {
				return err
			}
		}
		if err := s.standup(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) standup(ctx context.Context) error {
	team, err := s.mira.View().Standup(ctx, s.cycle, "harbour")
	if err != nil {
		return err
	}
	for _, k := range team.KeyResults {
		var why []string
		for _, r := range k.Reasons {
			why = append(why, strings.ReplaceAll(string(r.Code), "_", " "))
		}
		s.say("  %-62s %6s of the way, %s expected: %s %v", k.Title, share(k.Measured.Progress), share(k.Measured.Expected), k.Measured.Status, why)
	}
	return nil
}

// november moves a target, explains a figure, and makes a report.
func (s *story) november(ctx context.Context) error {
	s.on(time.November, 13, 12)
	for _, in := range []okr.CheckIn{
		{KeyResult: s.krs["delays"], Value: measure.N(13)},
		{KeyResult: s.krs["tickets"], Value: measure.N(470), Confidence: measure.N(3), Note: "Nobody buys in autumn"},
	} {
		if _, err := s.mira.CheckIn(ctx, in); err != nil {
			return err
		}
	}
	less := measure.Metric{Kind: measure.Decrease, Unit: "%", Baseline: measure.N(18), Target: measure.N(12)}
	_, err := s.mira.Change(ctx, okr.KeyResultChange{KeyResult: s.krs["delays"], Metric: &less})
	s.say("A target does not move by itself: %v", err)
	if _, err = s.mira.Change(ctx, okr.KeyResultChange{KeyResult: s.krs["delays"], Metric: &less, Reason: "The second engine comes in January"}); err != nil {
		return err
	}
	versions, err := s.mira.View().Definitions(ctx, s.krs["delays"])
	if err != nil {
		return err
	}
	for _, v := range versions {
		if v.Original || v.Current {
			s.say("  to %s since %s: %s of the way, %s", v.Metric.Goal(), v.Since.Format("2 January"), share(v.Measured.Progress), v.Measured.Status)
		}
	}
	tickets, err := s.mira.View().Explain(ctx, okr.Ref{Kind: okr.KindKeyResult, ID: s.krs["tickets"]})
	if err != nil {
		return err
	}
	for _, d := range tickets.Figures {
		if d.Of == "raw" || d.Of == "expected" {
			s.say("  %s", d)
		}
	}
	if n := tickets.Need; n != nil {
		s.say("  tickets are on track again with %s on %s: %s more, or %s each week to the end", measure.Round(n.Then, 0), n.On, measure.Round(n.Missing, 0), measure.Round(n.PerWeek, 1))
	}
	return nil
}

// end reviews the quarter, closes it, and looks back.
func (s *story) end(ctx context.Context) error {
	first, err := s.mira.Report(ctx, okr.ReportSpec{Kind: okr.ReportTree, Cycle: s.cycle})
	if err != nil {
		return err
	}
	s.say("The report of the day names its cut: %s", first.Cut)

	s.on(time.December, 30, 12)
	for _, in := range []okr.CheckIn{
		{KeyResult: s.krs["delays"], Value: measure.N(11)},
		{KeyResult: s.krs["tickets"], Value: measure.N(610)},
		{KeyResult: s.krs["refit"], Milestones: []string{"ordered", "first"}},
	} {
		if _, err := s.mira.CheckIn(ctx, in); err != nil {
			return err
		}
	}
	s.clock.Set(time.Date(2027, time.January, 4, 9, 0, 0, 0, time.UTC))
	s.say("\n== 4 January 2027")
	var refused *okr.RefusedError
	if _, err = s.mira.Close(ctx, okr.Closing{Cycle: s.cycle}); !errors.As(err, &refused) {
		return fmt.Errorf("a cycle should not close without a review: %w", err)
	}
	s.say("It does not close without a review; the first of %d reasons: %s", len(refused.Findings), refused.Findings[0].Message)
	_, err = s.mira.Review(ctx, okr.Reviewing{Cycle: s.cycle, Entries: []okr.ReviewEntry{
		{Subject: okr.Ref{Kind: okr.KindCycle, ID: s.cycle}, Learned: "Order engines before the season, not in it"},
		{Subject: okr.Ref{Kind: okr.KindKeyResult, ID: s.krs["delays"]}, Learned: "Half of the delays were one engine"},
		{Subject: okr.Ref{Kind: okr.KindKeyResult, ID: s.krs["refit"]}, Why: "The yard had no dock in December", Next: okr.NextCarryOver},
		{Subject: okr.Ref{Kind: okr.KindKeyResult, ID: s.krs["tickets"]}, Why: "Sold out of the small ones by May"},
	}})
	if err != nil {
		return err
	}
	if _, err = s.mira.Close(ctx, okr.Closing{Cycle: s.cycle}); err != nil {
		return err
	}
	r, err := s.mira.View().Review(ctx, s.cycle)
	if err != nil {
		return err
	}
	for _, group := range []struct {
		name string
		of   []okr.ReviewedKeyResult
	}{{"hit", r.Hit}, {"missed", r.Missed}, {"unknown", r.Unknown}} {
		for _, k := range group.of {
			s.say("  %-8s %s", group.name, k.Title)
		}
	}
	s.say("  learned: %s; decided: %s", r.Learned.Learned, r.Decisions[0].Text)

	again, err := s.mira.AsOf(first.Cut).Report(ctx, first.Spec)
	if err != nil {
		return err
	}
	s.say("The report of 13 November, made again today: the same bytes: %v", bytes.Equal(first.Body, again.Body))
	return nil
}

func share(n measure.Number) string {
	v, ok := n.Value()
	if !ok {
		return "?"
	}
	return fmt.Sprintf("%.0f %%", 100*v)
}
