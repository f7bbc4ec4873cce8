package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
)

type resetCommands struct {
	Start  resetStart  `cmd:"" help:"Audit a plan and open week 1: the worksheet, and what is to be done."`
	Status resetStatus `cmd:"" help:"Show which week is open, what is done, and what is missing."`
	Next   resetNext   `cmd:"" help:"Open the next week, or say exactly what is missing."`
	Vouch  resetVouch  `cmd:"" help:"Put on record what no file shows: a source exists, a key result stays as it is, or was set aside."`
	Match  resetMatch  `cmd:"" help:"Say which key result of the plan took the place of one on the worksheet."`
	Report resetReport `cmd:"" help:"Show what the reset has changed, and how each number can be followed."`
}

func (resetCommands) Help() string {
	return `Takes a plan that does not work from an audit to its first check-in in thirty days, week by week. You edit the plan; okrkit reads it again and computes what is missing. It deletes nothing and needs no database: what was decided stands in a state file for people to read.

Week 1 audits the plan. Week 2 rebuilds what failed and confirms the sources. Week 3 gives each key result one owner and a rhythm. Week 4 takes the first check-in of each and says what can be followed and what is a gap.

Examples:
  okrkit reset start plan.md
  okrkit reset next
  okrkit reset vouch win/renewals --for source --by mara

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
	Plan string `arg:"" optional:"" help:"The plan as it is now; the one that the reset began with if not given."`
	resetting
}

type resetNext struct {
	Plan string `arg:"" optional:"" help:"The plan as it is now; the one that the reset began with if not given."`
	resetting
}

type resetReport struct {
	Plan string `arg:"" optional:"" help:"The plan as it is now; the one that the reset began with if not given."`
	resetting
}

type resetVouch struct {
	Plan      string `help:"The plan as it is now; the one that the reset began with if not given." placeholder:"FILE"`
	KeyResult string `arg:"" name:"key-result" help:"Its key on the worksheet, such as win/renewals, or its title."`
	For       string `help:"What is vouched for: ${enum}." enum:"source,as_is,aside" required:"" placeholder:"WHAT"`
	Reason    string `help:"Why; needed but for a source." placeholder:"TEXT"`
	resetting
}

type resetMatch struct {
	Plan string `help:"The plan as it is now; the one that the reset began with if not given." placeholder:"FILE"`
	Was  string `arg:"" help:"Key or title on the worksheet."`
	Is   string `arg:"" help:"Key or title in the plan."`
	resetting
}

func (c resetStart) Run(ctx context.Context, a *app) error {
	now, err := a.now(c.Now)
	if err != nil {
		return err
	}
	if _, err := os.Stat(c.State); err == nil {
		return fmt.Errorf("%s: a reset is kept there already: go on with it, or name another file with --state", c.State)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f := &resetFile{APIVersion: resetVersion, Plan: filepath.ToSlash(c.Plan)}
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
	f.note(assessment, cycle.Today(now), now, c.By, "")
	if err := f.write(c.State); err != nil {
		return err
	}
	v.Reset = f.Reset
	v.Weeks[0].Opened = &now
	return audit.RenderReset(a.out, v, audit.Format(c.Format))
}

func (c resetStatus) Run(ctx context.Context, a *app) error {
	_, _, v, _, err := c.load(ctx, a, c.Plan)
	if err != nil {
		return err
	}
	return audit.RenderReset(a.out, v, audit.Format(c.Format))
}

func (c resetReport) Run(ctx context.Context, a *app) error {
	_, _, v, _, err := c.load(ctx, a, c.Plan)
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
	if f.Reset.State != okr.ResetOpen {
		return fmt.Errorf("%s: the reset is %s: start another one with --state FILE", c.State, f.Reset.State)
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
		f.note(assessment, today, now, c.By, okr.ResetFinished)
		for i := range f.Reset.Worksheet {
			row := &f.Reset.Worksheet[i]
			for _, r := range v.Rows {
				if r.KeyResult == row.KeyResult {
					row.After, row.Tracked = &r.Now, r.Tracked.As
				}
			}
		}
		v, _, err = c.assess(ctx, a, f, in, now)
	} else {
		f.Reset.Week++
		if v, assessment, err = c.assess(ctx, a, f, in, now); err == nil {
			f.note(assessment, today, now, c.By, "")
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

func (c resetVouch) Run(ctx context.Context, a *app) error {
	f, in, v, _, err := c.load(ctx, a, c.Plan)
	if err != nil {
		return err
	}
	if c.For != string(okr.VouchSource) && c.Reason == "" {
		return fmt.Errorf("--reason: say why, for the record")
	}
	row, err := oneRow(v, in, c.KeyResult)
	if err != nil {
		return err
	}
	said := okr.Vouched{KeyResult: row.KeyResult, For: okr.VouchKind(c.For), Reason: c.Reason, By: okr.Someone(okr.ID(c.By)), At: v.Now}
	k := in.snapshot.KeyResult(row.KeyResult)
	switch {
	case said.For == okr.VouchSource && (k.Source == nil || k.Source.Named() == ""):
		return fmt.Errorf("%s: it names no source yet: name it in the plan first", row.KeyResult)
	case said.For == okr.VouchSource:
		said.Source = k.Source.Named()
	}
	f.Reset.Vouched = append(slices.DeleteFunc(f.Reset.Vouched, func(o okr.Vouched) bool { return o.KeyResult == said.KeyResult && o.For == said.For }), said)
	f.Matched = in.matches
	if err := f.write(c.State); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s: %s\n", row.KeyResult, vouchedText[said.For])
	return nil
}

var vouchedText = map[okr.VouchKind]string{
	okr.VouchSource: "its source is vouched for", okr.VouchAsIs: "it stays as it is", okr.VouchAside: "it is set aside",
}

func (c resetMatch) Run(ctx context.Context, a *app) error {
	f, in, v, _, err := c.load(ctx, a, c.Plan)
	if err != nil {
		return err
	}
	was, err := oneRow(v, in, c.Was)
	if err != nil {
		return err
	}
	is, err := in.find(c.Is)
	if err != nil {
		return err
	}
	if f.Reset.Row(was.KeyResult) == nil {
		return fmt.Errorf("%s: it is not on the worksheet: only what was there in week 1 can have been replaced", was.KeyResult)
	}
	f.Matched = slices.DeleteFunc(in.matches, func(m resetMatched) bool { return m.Was == was.KeyResult || m.Is == is.key })
	f.Matched = append(f.Matched, resetMatched{Was: was.KeyResult, Is: is.key, Title: is.title, How: matchedByHand})
	if err := f.write(c.State); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s is now %s\n", was.KeyResult, is.key)
	return nil
}

// oneRow finds a key result by its key on the worksheet or in the plan, or by title.
func oneRow(v okr.ResetView, p *resetPlan, name string) (okr.ResetStanding, error) {
	var found []okr.ResetStanding
	for _, r := range v.Rows {
		called := slices.ContainsFunc(p.all, func(x planned) bool { return x.id == r.KeyResult && string(x.key) == name })
		if called || string(r.KeyResult) == name || sameTitle(r.Now.Title, name) {
			found = append(found, r)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return okr.ResetStanding{}, fmt.Errorf("%q: no key result of the reset has that key or title: see okrkit reset status --format json for the keys", name)
	}
	return okr.ResetStanding{}, fmt.Errorf("%q: %d key results have that title: use the key, such as %s", name, len(found), found[0].KeyResult)
}

// load reads the state and the plan, and says how the reset stands.
func (c resetting) load(ctx context.Context, a *app, plan string) (*resetFile, *resetPlan, okr.ResetView, okr.Assessment, error) {
	fail := func(err error) (*resetFile, *resetPlan, okr.ResetView, okr.Assessment, error) {
		return nil, nil, okr.ResetView{}, okr.Assessment{}, err
	}
	now, err := a.now(c.Now)
	if err != nil {
		return fail(err)
	}
	in, err := a.read(c.State)
	if err != nil {
		return fail(fmt.Errorf("%w: begin with okrkit reset start PLAN", err))
	}
	f, err := parseReset(in)
	if err != nil {
		return fail(err)
	}
	if plan == "" {
		plan = f.Plan
	}
	p, err := c.open(a, f, plan, now)
	if err != nil {
		return fail(err)
	}
	v, assessment, err := c.assess(ctx, a, f, p, now)
	if err != nil {
		return fail(err)
	}
	return f, p, v, assessment, nil
}

// assess computes how the reset stands.
func (c resetting) assess(ctx context.Context, a *app, f *resetFile, p *resetPlan, now time.Time) (okr.ResetView, okr.Assessment, error) {
	judge, err := c.judge(a)
	if err != nil {
		return okr.ResetView{}, okr.Assessment{}, err
	}
	q := okr.ResetInquiry{Reset: f.Reset, Snapshot: p.snapshot, Calendar: cadence.New(), Now: now, Files: true}
	assessment, err := judge.Assess(ctx, q)
	if err != nil {
		return okr.ResetView{}, okr.Assessment{}, err
	}
	p.arrange(&assessment)
	return okr.NewResetView(q, assessment), assessment, nil
}
