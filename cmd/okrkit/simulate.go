package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/okrkit/okrkit/adapters/holidays"
	"github.com/okrkit/okrkit/adapters/planfile"
	"github.com/okrkit/okrkit/cadence/simulate"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/store/memory"
)

type simulateCommand struct {
	Cadence       string   `help:"Check-ins: weekly, biweekly, monthly, quarterly, or words such as 'every friday at 16:00'. That of the file by default, or else weekly." placeholder:"WORDS"`
	Against       []string `help:"A further cadence, rehearsed beside the first. May be given several times." placeholder:"WORDS" sep:"none"`
	Policy        string   `help:"A file that says how notices are bounded and who hears of silence; of a scenario, its policy. That of the file by default, or else what is usual." placeholder:"FILE"`
	AgainstPolicy []string `name:"against-policy" help:"A further policy, rehearsed beside the first. May be given several times." placeholder:"FILE" sep:"none"`
	People        *int     `help:"Size of the company that is made up where no file is given; 500 by default." placeholder:"N"`
	Seed          *uint64  `help:"What decides chances: the same seed, the same rehearsal. That of the file by default, or else 1." placeholder:"N"`
	Weeks         *int     `help:"Rehearse only so many weeks of the cycle." placeholder:"N"`
	Quarter       string   `help:"Quarter to rehearse where the file names no days, such as 2026-Q4; the next one by default." placeholder:"QUARTER"`
	Habit         string   `help:"How people deal with check-ins: ${habits}, or one that the file describes. Mixed by default." placeholder:"HABIT"`
	Transcript    bool     `help:"Print what happens day by day and who is told what; in JSON one line for each."`
	Format        string   `help:"How to print: ${enum}." enum:"text,json,csv" default:"text" placeholder:"FORMAT"`
	From          string   `help:"What a plan is, if that cannot be told from name and content: ${enum}." enum:"auto,${planFormats}" default:"auto" placeholder:"FORMAT"`
	File          string   `arg:"" optional:"" help:"A scenario or a plan; - is standard input. Without one a company is made up."`
	judging
}

func (simulateCommand) Help() string {
	return `Rehearses a cycle before anything is switched on: who would be told what on which day, how many check-ins would be late or missed, how long it would take until somebody hears that a key result has stalled. Nothing is sent and no database is touched. The desk, the runner and the rules are the real ones; people, sources and chances are made up from the seed, and the same seed gives the same rehearsal.

A scenario is a plan in okrkit's YAML with a section rehearse, which says how people deal with check-ins, which key results stall, when a source dies, and when no runner runs. Of a plan without it, and of a company that is made up, one key result in ten stalls, and people are mixed: of ten, six are diligent, three late, one silent.

Examples:
  okrkit simulate --people 500 --cadence weekly --against monthly
  okrkit simulate plan.yaml --cadence 'every friday at 16:00' --against biweekly
  okrkit simulate scenario.yaml --transcript
  okrkit simulate plan.yaml --against-policy quieter.yaml

A policy, in a file of its own or under policy in the section rehearse:
  budget: {per_day: 1, per_week: 3, quiet: [{from: "18:00", to: "09:00"}], digest: "09:00"}
  ladder: [{to: owner}, {to: lead, after: 5}]

Each column differs from the first in one thing, a cadence or a policy. Below the figures it says what each has better and worse.

Exit codes: 0 it was rehearsed; 2 a file, a pack or the command line cannot be used.`
}

func (c simulateCommand) Run(ctx context.Context, a *app) error {
	s, err := c.scenario(a)
	if err != nil {
		return err
	}
	variants, err := c.variants(a, s)
	if err != nil {
		return err
	}
	judge, err := c.judge(a)
	if err != nil {
		return err
	}
	shown := a.progress(len(variants))
	defer shown.end()
	regions := holidays.New()
	runs, err := simulate.Compare(ctx, s, variants, func() (simulate.Stage, error) {
		return simulate.Stage{Store: memory.New(), Judge: judge, Holidays: regions, Day: shown.run()}, nil
	})
	shown.end()
	if err != nil {
		return err
	}
	return c.print(a, runs)
}

func (c simulateCommand) print(a *app, runs *simulate.Comparison) error {
	switch {
	case c.Format == "csv" && c.Transcript:
		return errors.New("--transcript: a transcript is no table: use --format text or json")
	case c.Format == "csv":
		return runs.CSV(a.out)
	case c.Format == "json" && !c.Transcript:
		return runs.JSON(a.out)
	}
	if c.Transcript {
		for i, t := range runs.Runs {
			var err error
			switch {
			case c.Format == "json":
				err = t.JSONLines(a.out)
			default:
				if i > 0 {
					fmt.Fprintln(a.out)
				}
				err = t.Text(a.out)
			}
			if err != nil {
				return err
			}
		}
		if c.Format == "json" || len(runs.Runs) == 1 {
			return nil
		}
		fmt.Fprintln(a.out)
	}
	return runs.Text(a.out)
}

// scenario is what the file and the command line say.
func (c simulateCommand) scenario(a *app) (simulate.Scenario, error) {
	var (
		f   simulate.File
		err error
	)
	if c.File == "" {
		f.Company = &simulate.Company{}
		f.Seed = 1
	} else if f, err = c.read(a); err != nil {
		return f.Scenario, err
	}
	s := &f.Scenario
	if c.Seed != nil {
		s.Seed = *c.Seed
	}
	for _, n := range []struct {
		name  string
		given *int
	}{{"people", c.People}, {"weeks", c.Weeks}} {
		if n.given != nil && *n.given < 1 {
			return *s, fmt.Errorf("--%s: %d cannot be used: write a whole number of at least 1", n.name, *n.given)
		}
	}
	if c.Weeks != nil {
		s.Weeks = *c.Weeks
	}
	s.Habit = cmp.Or(c.Habit, s.Habit)
	if err := c.days(a, &s.Plan.Cycle); err != nil {
		return *s, err
	}
	if f.Company == nil {
		if c.People != nil {
			return *s, errors.New("--people: the file says who works there: leave it out, or leave the file out")
		}
		s.Plan = simulate.Staff(s.Plan)
		err = f.Chances.Draw(s)
	} else {
		if c.People != nil {
			f.Company.People = *c.People
		}
		err = f.Company.Fill(s)
	}
	if err == nil {
		err = s.Check()
	}
	return *s, f.Placed(err)
}

// read takes a scenario, or a plan as it is.
func (c simulateCommand) read(a *app) (simulate.File, error) {
	in, err := a.read(c.File)
	if err != nil {
		return simulate.File{}, err
	}
	if !simulate.IsFile(in.text) {
		f := simulate.File{}
		f.Seed = 1
		f.Plan, err = a.plan(in, c.From)
		return f, err
	}
	f, err := simulate.Read(in.name, in.text)
	if err != nil {
		return f, err
	}
	plan := input{in.name, f.Text}
	switch {
	case f.PlanFile != "":
		path := f.PlanFile
		if !filepath.IsAbs(path) && c.File != standardInput {
			path = filepath.Join(filepath.Dir(c.File), path)
		}
		if plan, err = a.read(path); err != nil {
			return f, fmt.Errorf("%s: plan: %w", in.name, err)
		}
		if f.Plan, err = a.plan(plan, "auto"); err == nil && f.HasCycle {
			err = cycleBeside(&f.Plan.Cycle, input{in.name, f.Text})
		}
	case f.Company != nil:
		err = cycleBeside(&f.Plan.Cycle, plan)
	default:
		f.Plan, err = a.plan(plan, string(planfile.YAML))
	}
	return f, err
}

// cycleBeside takes what a scenario says of the cycle beside a plan that it does not hold.
func cycleBeside(cycle *okr.PlanCycle, in input) error {
	in.text = append(slices.Clone(in.text), "\nobjectives: [{title: In another place}]\n"...)
	plan, err := readPlan(in, string(planfile.YAML))
	if err != nil {
		return err
	}
	to, from := reflect.ValueOf(cycle).Elem(), reflect.ValueOf(plan.Cycle)
	for i := range from.NumField() {
		if !from.Field(i).IsZero() {
			to.Field(i).Set(from.Field(i))
		}
	}
	return nil
}

// plan reads a plan, and says what of its file could not be used.
func (a *app) plan(in input, format string) (okr.Plan, error) {
	plan, err := readPlan(in, format)
	if len(plan.Unread) == 0 {
		return plan, err
	}
	rows := [][]string{{"NOT READ", "WHY", "WHERE"}}
	for _, u := range plan.Unread {
		where := cmp.Or(u.File, in.name)
		if u.Line > 0 {
			where = fmt.Sprintf("%s:%d", where, u.Line)
		}
		rows = append(rows, []string{shorten(oneLine(u.Text), 60), oneLine(u.Reason), where})
	}
	table(a.err, rows)
	return plan, err
}

var quarterName = regexp.MustCompile(`^(\d{4})-?[Qq]([1-4])$`)

// days gives a cycle that has none the days of a quarter.
func (c simulateCommand) days(a *app, cycle *okr.PlanCycle) error {
	if !cycle.Start.IsZero() {
		if c.Quarter != "" {
			return fmt.Errorf("--quarter: the file's cycle has days of its own, from %s on: leave it out", cycle.Start)
		}
		return nil
	}
	now := a.clock()
	year, quarter := now.Year(), int(now.Month()-1)/3+1
	if m := quarterName.FindStringSubmatch(c.Quarter); m != nil {
		year, _ = strconv.Atoi(m[1])
		quarter = int(m[2][0]-'0') - 1
	} else if c.Quarter != "" {
		return fmt.Errorf("--quarter: %q is none: write one such as 2026-Q4", c.Quarter)
	}
	first := measure.DateOf(time.Date(year, time.Month(quarter*3+1), 1, 0, 0, 0, 0, time.UTC))
	cycle.Start = first
	cycle.End = measure.DateOf(time.Date(first.Year, first.Month+3, 1, 0, 0, 0, 0, time.UTC)).AddDays(-1)
	if cycle.Key == "" {
		cycle.Key = fmt.Sprintf("%d-Q%d", first.Year, int(first.Month-1)/3+1)
	}
	return nil
}

// progress shows how far long work is, on a terminal, and nothing elsewhere.
type progress struct {
	a    *app
	mu   sync.Mutex
	done []int
	of   int
	last int
}

func (a *app) progress(runs int) *progress {
	p := &progress{done: make([]int, 0, runs), last: -1}
	if f, ok := a.err.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			p.a = a
		}
	}
	return p
}

// run is told of the days of one rehearsal more.
func (p *progress) run() func(done, of int) {
	if p.a == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.done)
	p.done = append(p.done, 0)
	return func(done, of int) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.done[n], p.of = done, of
		sum := 0
		for _, d := range p.done {
			sum += d
		}
		if share := 100 * sum / max(1, of*len(p.done)); share != p.last {
			p.last = share
			fmt.Fprintf(p.a.err, "\rrehearsing: %d %%", share)
		}
	}
}

// end clears the line.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.a != nil && p.last >= 0 {
		fmt.Fprint(p.a.err, "\r\x1b[K")
		p.last = -1
	}
}
