// Command reset takes a plan that does not work from an audit to its first check-in,
// in thirty days, and prints what a coordinator sees on the way: which week is open,
// what is missing and whose it is to do, why the next week does not open yet, and in
// the end which numbers can be followed and which are gaps.
//
//	go run ./examples/reset [PLAN]
//
// It ships with a plan as one finds them: tasks, wishes, no numbers, no sources,
// nobody's. Give it a plan of your own to see what would be missing there; it writes
// nothing to it. What people would do between two looks is played by a script that
// mends exactly what is said to be missing. Between the weeks the program ends and
// starts again: all that a reset knows is in its database.
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
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
	"github.com/okrkit/okrkit/store/sqlite"
)

//go:embed plan.md
var planText []byte

func main() {
	name, text := "plan.md", planText
	if len(os.Args) > 1 {
		var err error
		name = os.Args[1]
		if text, err = os.ReadFile(name); err != nil {
			fmt.Fprintln(os.Stderr, "reset:", err)
			os.Exit(2)
		}
	}
	dir, err := os.MkdirTemp("", "reset-")
	if err == nil {
		err = errors.Join(run(context.Background(), os.Stdout, dir, name, text), os.RemoveAll(dir))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "reset:", err)
		os.Exit(1)
	}
}

// crew are the people who are here.
var crew = []okr.Person{
	{ID: "nora", Name: "Nora Quist"}, {ID: "emil", Name: "Emil Aro"}, {ID: "ruth", Name: "Ruth Vail"}, {ID: "sami", Name: "Sami Holm"},
}

const coordinator okr.ID = "nora"

// story is where the reset stands while it is told.
type story struct {
	out   io.Writer
	dir   string
	clock *okrtest.Clock

	db   *sqlite.Store
	desk *okr.Desk
	acme okr.Tenant // as the coordinator

	cycle okr.ID
	plan  okr.Plan
	reset okr.ID
	rows  int // key results that were imported

	cuts     []okr.Cut // one for each program that ran
	refusals []*okr.ResetError
	events   []okr.Event
}

func (s *story) say(format string, args ...any) { fmt.Fprintf(s.out, format+"\n", args...) }

func run(ctx context.Context, out io.Writer, dir, name string, text []byte) error {
	_, err := tell(ctx, out, dir, name, text)
	return err
}

// tell lives through the whole reset.
func tell(ctx context.Context, out io.Writer, dir, name string, text []byte) (*story, error) {
	plan, err := planfile.Read(name, text)
	if err != nil {
		return nil, err
	}
	if plan.Cycle.Start.IsZero() {
		plan.Cycle.Start, plan.Cycle.End = measure.NewDate(2026, time.October, 1), measure.NewDate(2026, time.December, 31)
	}
	first := plan.Cycle.Start.In(time.UTC).AddDate(0, 0, 4).Add(9 * time.Hour)
	s := &story{out: out, dir: dir, plan: plan, clock: okrtest.NewClock(first)}
	for i, chapter := range []func(context.Context) error{s.begin, s.rebuild, s.give, s.look, s.end} {
		s.clock.Set(first.AddDate(0, 0, 7*i))
		if err := s.process(ctx, chapter); err != nil {
			return s, err
		}
	}
	return s, nil
}

// process is a program that starts, does one thing, and ends.
func (s *story) process(ctx context.Context, f func(context.Context) error) (err error) {
	s.say("\n======== %s", s.clock.Now().Format("2 January 2006"))
	if s.db, err = sqlite.Open(ctx, filepath.Join(s.dir, "okr.db")); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.db.Close()) }()
	live, err := rules.Open(audit.Env(1), pack.Starter)
	if err != nil {
		return err
	}
	if s.desk, err = okr.New(s.db, okr.Config{Judge: audit.New(live), Calendar: cadence.New(), Clock: s.clock.Now}); err != nil {
		return err
	}
	s.acme = s.desk.For("acme").As(okr.Someone(coordinator))
	if err := f(ctx); err != nil {
		return err
	}
	cut, err := s.acme.Cut(ctx)
	s.cuts = append(s.cuts, cut)
	return err
}

// begin imports the plan as it is, and audits it.
func (s *story) begin(ctx context.Context) error {
	if err := s.decide(s.acme.SyncPeople(ctx, okr.Directory{People: crew})); err != nil {
		return err
	}
	empty := s.plan
	empty.Objectives = nil
	if err := s.decide(s.acme.Propose(ctx, empty)); err != nil {
		return err
	}
	cycles, err := s.acme.View().Cycles(ctx)
	if err != nil {
		return err
	}
	s.cycle = cycles[0].ID
	s.say("Nothing is imported yet, and a reset of nothing does not begin:")
	if err := s.refused(s.acme.StartReset(ctx, okr.NewReset{Cycle: s.cycle})); err != nil {
		return err
	}
	s.say("\nThe plan is imported as it is: nothing is refused, nothing is left out.")
	if err := s.decide(s.acme.Propose(ctx, s.plan)); err != nil {
		return err
	}
	if s.rows, err = s.count(ctx); err != nil {
		return err
	}
	if err := s.decide(s.acme.StartReset(ctx, okr.NewReset{Cycle: s.cycle})); err != nil {
		return err
	}
	page, err := s.acme.View().Resets(ctx, okr.ResetQuery{}, okr.Paging{})
	if err != nil {
		return err
	}
	s.reset = page.Items[0].ID
	return s.show(ctx)
}

// rebuild opens week 2, and mends what failed until nothing of it is missing.
func (s *story) rebuild(ctx context.Context) error {
	if err := s.decide(s.acme.AdvanceReset(ctx, okr.ResetAdvance{Reset: s.reset, From: okr.WeekAudit})); err != nil {
		return err
	}
	if err := s.refused(s.acme.AdvanceReset(ctx, okr.ResetAdvance{Reset: s.reset, From: okr.WeekRebuild})); err != nil {
		return err
	}
	if err := s.show(ctx); err != nil {
		return err
	}
	v, err := s.acme.View().Reset(ctx, s.reset)
	if err != nil {
		return err
	}
	return s.first(ctx, v)
}

// first decides what is not worth rebuilding: one key result is given up, one stays as
// it is, each with a reason.
func (s *story) first(ctx context.Context, v okr.ResetView) error {
	work := slices.DeleteFunc(slices.Clone(v.Rows), func(r okr.ResetStanding) bool { return r.Now.Measurable == okr.CellYes })
	if len(work) < 3 {
		work = v.Rows
	}
	if len(work) < 3 {
		return s.mendAll(ctx)
	}
	gone, stays := work[len(work)-1], work[0]
	state := okr.Abandoned
	if err := s.decide(s.acme.Change(ctx, okr.KeyResultChange{KeyResult: gone.KeyResult, State: &state})); err != nil {
		return err
	}
	s.say("\n“%s” is given up. Without a reason that is no answer:", gone.Now.Title)
	if err := s.lacks(ctx, gone.KeyResult); err != nil {
		return err
	}
	if err := s.decide(s.acme.Vouch(ctx, okr.Vouching{Reset: s.reset, KeyResult: gone.KeyResult, For: okr.VouchAside, Reason: "Nobody would miss it"})); err != nil {
		return err
	}
	s.say("“%s” stays as it is until the end of the cycle, says the coordinator, and why.", stays.Now.Title)
	if err := s.decide(s.acme.Vouch(ctx, okr.Vouching{Reset: s.reset, KeyResult: stays.KeyResult, For: okr.VouchAsIs, Reason: "It ends with this quarter, and is measured otherwise in the next"})); err != nil {
		return err
	}
	return s.mendAll(ctx)
}

// lacks prints what is missing of one key result.
func (s *story) lacks(ctx context.Context, id okr.ID) error {
	v, err := s.acme.View().Reset(ctx, s.reset)
	if err != nil {
		return err
	}
	for _, m := range v.Missing {
		if m.Subject.ID == id {
			s.say("  %s: %s → %s", m.Title, m.Message, m.Remedy)
		}
	}
	return nil
}

// give opens week 3, where each key result gets its owner and its rhythm.
func (s *story) give(ctx context.Context) error { return s.week(ctx, okr.WeekRebuild, true) }

// look opens week 4, where the first check-ins are taken.
func (s *story) look(ctx context.Context) error {
	if err := s.week(ctx, okr.WeekOwners, false); err != nil {
		return err
	}
	v, err := s.acme.View().Reset(ctx, s.reset)
	if err != nil {
		return err
	}
	for i, m := range v.Missing {
		k, err := s.keyResult(ctx, m.Subject.ID)
		if err != nil {
			return err
		}
		if i == 0 && m.What == audit.LacksCheckIn {
			s.say("\nA check-in that says nothing but a number is not a whole one:")
			if err := s.decide(s.as(k.Owner).CheckIn(ctx, okr.CheckIn{KeyResult: k.ID, Value: reading(k)})); err != nil {
				return err
			}
			if err := s.lacks(ctx, k.ID); err != nil {
				return err
			}
			break
		}
	}
	return s.mendAll(ctx)
}

// week opens the week after the given one, shows what it asks for, and has it mended.
func (s *story) week(ctx context.Context, done int, mend bool) error {
	if err := s.decide(s.acme.AdvanceReset(ctx, okr.ResetAdvance{Reset: s.reset, From: done})); err != nil {
		return err
	}
	if err := s.refused(s.acme.AdvanceReset(ctx, okr.ResetAdvance{Reset: s.reset, From: done + 1})); err != nil {
		return err
	}
	if err := s.show(ctx); err != nil || !mend {
		return err
	}
	return s.mendAll(ctx)
}

// end finishes the reset, and says that nothing was lost.
func (s *story) end(ctx context.Context) error {
	if err := s.decide(s.acme.AdvanceReset(ctx, okr.ResetAdvance{Reset: s.reset, From: okr.WeekCheckIn})); err != nil {
		return err
	}
	if err := s.show(ctx); err != nil {
		return err
	}
	n, err := s.count(ctx)
	if err != nil {
		return err
	}
	s.say("%d key results were imported, and %d are there now: nothing was deleted.", s.rows, n)
	v, err := s.acme.View().Reset(ctx, s.reset)
	if err != nil {
		return err
	}
	s.say("What each step was decided on:")
	for _, x := range v.Steps {
		what := fmt.Sprintf("week %d opened", x.Week)
		if x.State != "" {
			what = string(x.State)
		}
		c := x.Counts
		s.say("  %s  %-13s by %s: %d of %d not ready, %d set aside; %d in real time, %d by hand, %d gaps; %d packs",
			x.On, what, x.By.ID, c.NotReady, c.KeyResults, c.Aside, c.RealTime, c.ByHand, c.Gaps, len(x.Packs))
	}
	s.say("The ledger knows how it stood at each of them:")
	for _, cut := range s.cuts {
		was, err := s.acme.AsOf(cut).Reset(ctx, s.reset)
		if err != nil {
			return err
		}
		s.say("  %s  week %d was open, %d of %d mended, %d things missing", was.Today, was.Week, was.Counts.Mended, was.Counts.Work, len(was.Missing))
	}
	return nil
}

// show prints what the coordinator sees.
func (s *story) show(ctx context.Context) error {
	v, err := s.acme.View().Reset(ctx, s.reset)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out)
	return audit.RenderReset(s.out, v, audit.FormatText)
}

// refused is a step that the desk does not take, and says why.
func (s *story) refused(_ okr.Decision, err error) error {
	var e *okr.ResetError
	if !errors.As(err, &e) || !errors.Is(err, okr.ErrRefused) {
		return fmt.Errorf("it should have been refused: %w", err)
	}
	s.refusals = append(s.refusals, e)
	if e.Week == okr.WeekCheckIn {
		s.say("\nThe reset is not finished yet: %d things are missing.", len(e.Missing))
	} else if e.Week > 0 {
		s.say("\nWeek %d does not open: %d things are missing.", e.Week+1, len(e.Missing))
	}
	if e.Week == 0 {
		for _, m := range e.Missing {
			s.say("  %s: %s → %s", m.Title, m.Message, m.Remedy)
		}
	}
	return nil
}

// decide keeps the events of a decision.
func (s *story) decide(d okr.Decision, err error) error {
	s.events = append(s.events, d.Events...)
	return err
}

func (s *story) as(who okr.ID) okr.Tenant { return s.desk.For("acme").As(okr.Someone(who)) }

func (s *story) count(ctx context.Context) (int, error) {
	n := 0
	for _, err := range s.acme.View().All(ctx, okr.Query{Cycle: s.cycle}) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

func (s *story) keyResult(ctx context.Context, id okr.ID) (okr.KeyResult, error) {
	snap, err := s.acme.View().Snapshot(ctx, s.cycle)
	if err != nil {
		return okr.KeyResult{}, err
	}
	k := snap.KeyResult(id)
	if k == nil {
		return okr.KeyResult{}, &okr.NotFoundError{Ref: okr.Ref{Kind: okr.KindKeyResult, ID: id}}
	}
	return *k, nil
}

// lower is a title as the middle of a sentence.
func lower(title string) string {
	title = strings.TrimRight(strings.Join(strings.Fields(title), " "), ".:!? ")
	if len([]rune(title)) > 80 {
		title = strings.TrimSpace(string([]rune(title)[:80])) + "…"
	}
	return title
}
