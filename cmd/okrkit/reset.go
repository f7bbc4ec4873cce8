package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/okr"
)

type resetCommands struct {
	Start   resetStart   `cmd:"" help:"Audit a plan and open week 1: the worksheet, and what is to be done."`
	Status  resetStatus  `cmd:"" help:"Show which week is open, what is done, and what is missing."`
	Next    resetNext    `cmd:"" help:"Open the next week, or say exactly what is missing."`
	Vouch   resetVouch   `cmd:"" help:"Put on record what no file shows: a source exists, a key result stays as it is, or was set aside."`
	Match   resetMatch   `cmd:"" help:"Say which key result of the plan took the place of one on the worksheet."`
	Report  resetReport  `cmd:"" help:"Show what the reset has changed, and how each number can be followed."`
	Abandon resetAbandon `cmd:"" help:"Give the reset up, and say why."`
}

func (resetCommands) Help() string {
	return `Takes a plan that does not work from an audit to its first check-in in thirty days, week by week. You edit the plan; okrkit reads it again and computes what is missing. It deletes nothing and needs no database: what was decided stands in a state file for people to read.

Week 1 audits the plan. Week 2 rebuilds what failed and confirms the sources. Week 3 gives each key result one owner and a rhythm. Week 4 takes the first check-in of each and says what can be followed and what is a gap.

Examples:
  okrkit reset start plan.md
  okrkit reset next
  okrkit reset vouch win/renewals --for source --by mara
  okrkit reset match win/renewals win/renewal-rate
  okrkit reset abandon --reason "the teams are merged in May" --by mara

Exit codes: 0 done, 1 something is missing, 2 a file or the command line cannot be used.`
}

// resetting is what all of them take.
type resetting struct {
	State  string `help:"The file that keeps how far the reset has come." default:"reset.yaml" placeholder:"FILE"`
	Format string `help:"How to print: ${enum}." enum:"${resetFormats}" default:"text" placeholder:"FORMAT"`
	From   string `help:"What the plan is, if that cannot be told from name and content: ${enum}." enum:"auto,${planFormats}" default:"auto" placeholder:"FORMAT"`
	Now    string `help:"Act as of this date or instant, such as 2026-11-06; now if not given." placeholder:"TIME"`
	By     string `help:"Who decides, for the record." default:"coordinator" placeholder:"NAME"`
	judging
}

type resetStart struct {
	Plan string `arg:"" help:"The plan: okrkit's own YAML or JSON, CSV, Markdown."`
	resetting
}

type resetStatus struct {
	Plan string `arg:"" optional:"" help:"The plan as it is now; the one of the step before if not given."`
	resetting
}

type resetNext struct {
	Plan string `arg:"" optional:"" help:"The plan as it is now; the one of the step before if not given."`
	resetting
}

type resetReport struct {
	Plan string `arg:"" optional:"" help:"The plan as it is now; the one of the step before if not given."`
	resetting
}

type resetAbandon struct {
	Reason string `help:"Why." required:"" placeholder:"TEXT"`
	resetting
}

func (c resetStart) Run(ctx context.Context, a *app) error {
	now, err := a.now(c.Now)
	if err != nil {
		return err
	}
	if err := c.usable(); err != nil {
		return err
	}
	if _, err := os.Stat(c.State); err == nil {
		return keptAlready(c.State)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f := &resetFile{APIVersion: resetVersion}
	if err := c.remember(f, c.Plan); err != nil {
		return err
	}
	f.Reset = okr.Reset{ID: "reset", State: okr.ResetOpen, Week: okr.WeekAudit, Cycle: "plan", By: okr.Someone(okr.ID(c.By)), At: now}
	in, err := c.open(a, f, c.Plan, now)
	if err != nil {
		return err
	}
	cycle := in.snapshot.Cycles[0]
	f.Reset.Start = cycle.Today(now)
	v, assessment, err := c.assess(ctx, a, f, in, now)
	if err != nil {
		return err
	}
	if len(v.Rows) == 0 {
		return fmt.Errorf("%s: there is no objective with a key result in it: a reset needs something to audit", c.Plan)
	}
	if !cycle.End.IsZero() && cycle.Today(now).After(cycle.End) {
		fmt.Fprintf(a.err, "%s: %s ended on %s: no check-in falls due in it any more, so week 3 will not end; give the plan the cycle that runs now\n", in.file, cycle.Name, cycle.End)
	}
	f.note(in, assessment, cycle.Today(now), now, c.By, "")
	if err := f.write(c.State); err != nil {
		return err
	}
	v.Reset = f.Reset
	v.Weeks[0].Opened = &now
	return audit.RenderReset(a.out, v, audit.Format(c.Format))
}

func (c resetStatus) Run(ctx context.Context, a *app) error {
	v, err := c.look(ctx, a, c.Plan)
	if err != nil {
		return err
	}
	return audit.RenderReset(a.out, v, audit.Format(c.Format))
}

func (c resetReport) Run(ctx context.Context, a *app) error {
	v, err := c.look(ctx, a, c.Plan)
	if err != nil {
		return err
	}
	return audit.RenderResetReport(a.out, v, audit.Format(c.Format))
}

func (c resetNext) Run(ctx context.Context, a *app) error {
	f, in, v, assessment, err := c.load(ctx, a, c.Plan)
	if err != nil {
		return err
	}
	if len(v.Missing) > 0 {
		if err := audit.RenderReset(a.out, v, audit.Format(c.Format)); err != nil {
			return err
		}
		return errFindings
	}
	now, today := v.Now, v.Today
	f.Matched = in.matches
	if f.Reset.Week == okr.WeekCheckIn {
		f.Reset.State = okr.ResetFinished
		f.note(in, assessment, today, now, c.By, okr.ResetFinished)
		f.Reset.Conclude(v.Rows)
		if v, _, err = c.assess(ctx, a, f, in, now); err == nil {
			f.end(v)
		}
	} else {
		f.Reset.Week++
		if v, assessment, err = c.assess(ctx, a, f, in, now); err == nil {
			f.note(in, assessment, today, now, c.By, "")
			// What week 4 asks for is counted from its opening.
			v, _, err = c.assess(ctx, a, f, in, now)
		}
	}
	if err != nil {
		return err
	}
	if err := f.write(c.State); err != nil {
		return err
	}
	return audit.RenderReset(a.out, v, audit.Format(c.Format))
}

func (c resetAbandon) Run(ctx context.Context, a *app) error {
	if strings.TrimSpace(c.Reason) == "" {
		return errNoReason
	}
	f, in, v, assessment, err := c.load(ctx, a, "")
	if err != nil {
		return err
	}
	f.Reset.State, f.Reset.Reason = okr.ResetAbandoned, c.Reason
	f.note(in, assessment, v.Today, v.Now, c.By, okr.ResetAbandoned)
	f.end(v)
	if err := f.write(c.State); err != nil {
		return err
	}
	return audit.RenderReset(a.out, f.view(), audit.Format(c.Format))
}

var errNoReason = errors.New("--reason: say why, for the record")

// usable refuses a command line that no step can be taken by.
func (c resetting) usable() error {
	switch {
	case c.State == standardInput:
		return errors.New("--state: it is written as well as read: name a file")
	case strings.TrimSpace(c.By) == "":
		return errors.New("--by: say who decides, for the record")
	}
	return nil
}

// remember keeps the files of the command line that later steps go by as well: where
// they are from where the state is.
func (c resetting) remember(f *resetFile, plan string) error {
	if plan != "" {
		p, err := c.fromState(plan)
		if err != nil {
			return err
		}
		f.Plan = p
	}
	for _, x := range []struct {
		given []string
		keep  *[]string
	}{{c.Rules, &f.Rules}, {c.Words, &f.Words}} {
		if len(x.given) == 0 {
			continue
		}
		*x.keep = nil
		for _, name := range x.given {
			if _, ok := pack.Preset(name); !ok || exists(name) {
				var err error
				if name, err = c.fromState(name); err != nil {
					return err
				}
			}
			*x.keep = append(*x.keep, name)
		}
	}
	f.NoStarter = f.NoStarter || !c.Starter
	return nil
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// fromState is a file of the command line as the state names it.
func (c resetting) fromState(name string) (string, error) {
	if name == standardInput || filepath.IsAbs(name) {
		return filepath.ToSlash(name), nil
	}
	dir, err := filepath.Abs(filepath.Dir(c.State))
	if err != nil {
		return "", err
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(dir, abs)
	if err != nil {
		rel = abs // on another volume
	}
	return filepath.ToSlash(rel), nil
}

// toState is a file that the state names, from the working folder.
func (c resetting) toState(name string) string {
	if name == standardInput || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(c.State), filepath.FromSlash(name))
}

// by is how to judge: as at the step before, but for what the command line says.
func (c resetting) by(f *resetFile) judging {
	out := c.judging
	out.Starter = out.Starter && !f.NoStarter
	if len(c.Words) == 0 {
		for _, name := range f.Words {
			out.Words = append(out.Words, c.toState(name))
		}
	}
	if len(c.Rules) > 0 {
		return out
	}
	for _, name := range f.Rules {
		if path := c.toState(name); exists(path) {
			name = path
		} else if _, ok := pack.Preset(name); !ok {
			name = path
		}
		out.Rules = append(out.Rules, name)
	}
	return out
}

// state reads how far the reset has come.
func (c resetting) state(a *app) (*resetFile, error) {
	if err := c.usable(); err != nil {
		return nil, err
	}
	in, err := a.read(c.State)
	if err != nil {
		return nil, fmt.Errorf("%w: begin with okrkit reset start PLAN", err)
	}
	return parseReset(in)
}

// look says how the reset stands, or stood when it ended.
func (c resetting) look(ctx context.Context, a *app, plan string) (okr.ResetView, error) {
	f, err := c.state(a)
	if err != nil {
		return okr.ResetView{}, err
	}
	if f.Ended != nil {
		return f.view(), nil
	}
	now, err := a.now(c.Now)
	if err != nil {
		return okr.ResetView{}, err
	}
	_, v, _, err := c.reread(ctx, a, f, plan, now)
	return v, err
}

// load reads the state and the plan for a step to be taken, and says how the reset
// stands. The step is by the files of the command line, and so are later ones.
func (c resetting) load(ctx context.Context, a *app, plan string) (*resetFile, *resetPlan, okr.ResetView, okr.Assessment, error) {
	fail := func(err error) (*resetFile, *resetPlan, okr.ResetView, okr.Assessment, error) {
		return nil, nil, okr.ResetView{}, okr.Assessment{}, err
	}
	f, err := c.state(a)
	if err != nil {
		return fail(err)
	}
	now, err := a.now(c.Now)
	if err != nil {
		return fail(err)
	}
	if err := f.mayGoOn(c.State, now); err != nil {
		return fail(err)
	}
	if err := c.remember(f, plan); err != nil {
		return fail(err)
	}
	p, v, assessment, err := c.reread(ctx, a, f, plan, now)
	if err != nil {
		return fail(err)
	}
	return f, p, v, assessment, nil
}

// reread reads the plan, and says how the reset stands.
func (c resetting) reread(ctx context.Context, a *app, f *resetFile, plan string, now time.Time) (*resetPlan, okr.ResetView, okr.Assessment, error) {
	if plan == "" {
		plan = c.toState(f.Plan)
	}
	p, err := c.open(a, f, plan, now)
	if err != nil {
		return nil, okr.ResetView{}, okr.Assessment{}, err
	}
	v, assessment, err := c.assess(ctx, a, f, p, now)
	return p, v, assessment, err
}

// assess computes how the reset stands.
func (c resetting) assess(ctx context.Context, a *app, f *resetFile, p *resetPlan, now time.Time) (okr.ResetView, okr.Assessment, error) {
	judge, err := c.by(f).judge(a)
	if err != nil {
		return okr.ResetView{}, okr.Assessment{}, err
	}
	q := okr.ResetInquiry{Reset: f.Reset, Snapshot: p.snapshot, Calendar: newCalendar(), Now: now, Files: true}
	assessment, err := judge.Assess(ctx, q)
	if err != nil {
		return okr.ResetView{}, okr.Assessment{}, err
	}
	p.arrange(&assessment)
	v := okr.NewResetView(q, assessment)
	v.File = p.file
	return v, assessment, nil
}
