// Command meeting holds the check-in of a bakery's shops: the agenda comes from live
// data, ordered by need within fifteen minutes; what was said of several key results is
// recorded in one transaction; and the next agenda is shorter.
//
// It keeps everything in memory, and moves the clock by hand.
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/okrkit/okrkit/adapters/planfile"
	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

//go:embed plan.yaml
var planText []byte

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "meeting:", err)
		os.Exit(1)
	}
}

// story is the bakery, and where the story is told.
type story struct {
	out   io.Writer
	clock *okrtest.Clock
	rosa  okr.Tenant
	cycle okr.Cycle
	krs   map[string]okr.ID // by plan key
}

func (s *story) say(format string, args ...any) { fmt.Fprintf(s.out, format+"\n", args...) }

func (s *story) on(day, hour, minute int) {
	s.clock.Set(time.Date(2026, time.October, day, hour, minute, 0, 0, time.UTC))
}

func run(ctx context.Context, out io.Writer) error {
	clock := okrtest.NewClock(time.Date(2026, time.September, 24, 8, 0, 0, 0, time.UTC))
	desk, err := okr.New(memory.New(), okr.Config{Calendar: cadence.New(), Clock: clock.Now, NewID: okrtest.SequentialIDs()})
	if err != nil {
		return err
	}
	s := &story{out: out, clock: clock, rosa: desk.For("bakery").As(okr.Someone("rosa")), krs: map[string]okr.ID{}}
	for _, chapter := range []func(context.Context) error{s.begin, s.firstWeeks, s.prepare, s.hold, s.trend} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) begin(ctx context.Context) error {
	p, err := planfile.Read("plan.yaml", planText)
	if err != nil {
		return err
	}
	d, err := s.rosa.Propose(ctx, p)
	if err != nil {
		return err
	}
	for _, o := range d.Subjects {
		if o.Kind == okr.KindKeyResult {
			s.krs[o.Key] = o.ID
		}
	}
	cycles, err := s.rosa.View().Cycles(ctx)
	if err != nil {
		return err
	}
	s.cycle = cycles[0]
	s.on(1, 7, 0)
	_, err = s.rosa.Activate(ctx, okr.Activation{Cycle: s.cycle.ID})
	return err
}

// said is a check-in with a value and a confidence.
func (s *story) said(key string, value, confidence float64) okr.CheckIn {
	return okr.CheckIn{KeyResult: s.krs[key], Value: measure.N(value), Confidence: measure.N(confidence)}
}

// meet records a meeting of the shops that began when the clock stands so many
// minutes later.
func (s *story) meet(ctx context.Context, minutes, expected int, said ...okr.CheckIn) error {
	now := s.clock.Now()
	_, err := s.rosa.Hold(ctx, okr.NewSession{
		Kind: okr.CheckInSession, Cycle: s.cycle.ID, Team: "shops", People: []okr.ID{"rosa", "paul", "lin"},
		Started: now.Add(-time.Duration(minutes) * time.Minute), Ended: now, Expected: expected, CheckIns: said,
	})
	return err
}

// firstWeeks are three meetings, from which the shops' pace is learned.
func (s *story) firstWeeks(ctx context.Context) error {
	for i, said := range [][]okr.CheckIn{
		{s.said("queue", 8.8, 7), s.said("waste", 13.6, 8), s.said("orders", 14, 6), s.said("early", 11, 7), s.said("staff", 5, 8)},
		{s.said("queue", 8.2, 7), s.said("waste", 13.1, 8), s.said("orders", 15, 6), s.said("early", 10, 7), s.said("staff", 6, 8)},
		{s.said("queue", 7.9, 7), s.said("waste", 12.7, 8), s.said("orders", 16, 5), s.said("staff", 7, 8)},
	} {
		s.on(2+7*i, 13, 30)
		a, err := s.agenda(ctx)
		if err != nil {
			return err
		}
		if err := s.meet(ctx, []int{22, 17, 14}[i], a.Expected, said...); err != nil {
			return err
		}
	}
	return nil
}

// count is what the tills deliver.
func (s *story) count(ctx context.Context, cards float64) error {
	_, err := s.rosa.As(okr.Service("till")).Record(ctx, okr.Collected{
		KeyResult: s.krs["cards"], Source: "sql", Readings: []okr.Measurement{{Value: measure.N(cards), OccurredAt: s.clock.Now()}},
	})
	return err
}

func (s *story) agenda(ctx context.Context) (okr.Agenda, error) {
	return s.rosa.View().Agenda(ctx, okr.AgendaQuery{Cycle: s.cycle.ID, Team: "shops"})
}

// prepare prints what the fourth meeting is to talk about.
func (s *story) prepare(ctx context.Context) error {
	s.on(22, 9, 0)
	waste := s.said("waste", 11.9, 5)
	waste.Blockers = []okr.NewBlocker{{Kind: "dependency", Text: "The till cannot count what goes to the food bank", Owner: "emil"}}
	if _, err := s.rosa.CheckIn(ctx, waste); err != nil {
		return err
	}
	if err := s.count(ctx, 1120); err != nil {
		return err
	}
	s.on(23, 13, 0)
	return s.print(ctx)
}

func (s *story) print(ctx context.Context) error {
	a, err := s.agenda(ctx)
	if err != nil {
		return err
	}
	planned := 0.0
	for _, p := range a.Points {
		planned += p.Minutes
	}
	s.say("\n== %s, %s: %.1f of %d minutes", a.Team.Name, a.Cycle.Today(a.At), planned, a.Budget)
	s.say("A key result takes %.1f minutes (of the last %d meetings).", a.Pace.Minutes, a.Pace.Sessions)
	for i, p := range a.Points {
		s.say("%d. %-58s %4.1f min  %s", i+1, p.Title, p.Minutes, why(p.Concern))
	}
	for _, d := range a.Deferred {
		s.say("-  %-58s  outside, %s: %s", d.Title, d.How, why(d.Concern))
	}
	for _, q := range a.Quiet {
		words := "no words"
		if q.Confirm {
			words += ", to be confirmed"
		}
		s.say("   %-58s  %s", q.Title, words)
	}
	return nil
}

func why(c okr.Concern) string {
	var out []string
	for _, r := range c.Reasons {
		out = append(out, string(r.Code))
	}
	return strings.Join(out, ", ")
}

// hold records the meeting: first with a slip in it, and then right.
func (s *story) hold(ctx context.Context) error {
	a, err := s.agenda(ctx)
	if err != nil {
		return err
	}
	s.on(23, 13, 16)
	orders := s.said("orders", 19, 6)
	orders.Unit = "EUR"
	orders.Adjust = []okr.Adjustment{{Do: "add", Title: "Bring samples to ten offices a week", Reason: "Letters were not answered"}}
	early := s.said("early", 9, 7)
	early.Adjust = []okr.Adjustment{{Do: "add", Title: "Two keys for every shop"}}
	said := []okr.CheckIn{early, orders, {KeyResult: s.krs["waste"], Stated: measure.AtRisk}, {KeyResult: s.krs["cards"], Confirm: true}, s.said("queue", 7.1, 8), s.said("staff", 8, 9)}
	err = s.meet(ctx, 16, a.Expected, said...)
	var wrong *okr.InvalidError
	if !errors.As(err, &wrong) {
		return fmt.Errorf("orders are not counted in EUR: %w", err)
	}
	s.say("\nNothing recorded: %s is %q: %s", wrong.Field, wrong.Value, wrong.Remedy)
	said[1].Unit = "orders"
	if err := s.meet(ctx, 16, a.Expected, said...); err != nil {
		return err
	}
	s.say("Recorded %d check-ins in one transaction: %d minutes expected, 16 taken.", len(said), a.Expected)
	s.on(24, 8, 0)
	if err := s.count(ctx, 1140); err != nil {
		return err
	}
	return s.print(ctx)
}

// trend is what the company sees of its teams' meetings.
func (s *story) trend(ctx context.Context) error {
	m, err := s.rosa.View().Meetings(ctx, okr.AgendaQuery{Cycle: s.cycle.ID})
	if err != nil {
		return err
	}
	s.say("\n== Meetings of the company")
	for _, t := range m.Teams {
		s.say("%s: active key results %d; next meeting %d minutes, %d outside, %d without words", t.Name, t.KeyResults, t.Expected, t.Deferred, t.Quiet)
		if t.Held == 0 {
			s.say("  none held yet")
			continue
		}
		s.say("  %d held; by the median %s key results in %s minutes, %s", t.Held, known(t.PerMeeting), known(t.Minutes), overRun(t.OverRun))
		s.say("  %s", trend(t.Trend))
	}
	return nil
}

// overRun says how long meetings take beside what was expected.
func overRun(n measure.Number) string {
	switch v, ok := n.Value(); {
	case !ok:
		return "how long was expected, nobody knows"
	case v < 0:
		return fmt.Sprintf("%.1f fewer than expected", -v)
	default:
		return fmt.Sprintf("%.1f more than expected", v)
	}
}

// trend says whether meetings keep their time better or worse.
func trend(n measure.Number) string {
	switch v, ok := n.Value(); {
	case !ok:
		return "too few to say whether they keep their time better"
	case v < 0:
		return fmt.Sprintf("from one to the next, they run over by %.1f minutes less", -v)
	case v > 0:
		return fmt.Sprintf("from one to the next, they run over by %.1f minutes more", v)
	}
	return "they keep their time as well as before"
}

func known(n measure.Number) string {
	v, ok := n.Value()
	if !ok {
		return "unknown"
	}
	return fmt.Sprintf("%.1f", v)
}
