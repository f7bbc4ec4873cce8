package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/okrkit/okrkit/adapters/planfile"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

var (
	//go:embed plan.yaml
	planYAML []byte
	//go:embed mended.yaml
	mendedYAML []byte
)

const tenant = "tidewater"

// office is who proposes and activates.
var office = okr.Someone("office")

func (h *house) story(ctx context.Context, o options) error {
	acme := h.desk.For(tenant).As(office)
	cycles, err := acme.View().Cycles(ctx)
	if err != nil {
		return err
	}
	var cycle okr.Cycle
	if len(cycles) == 0 {
		if cycle, err = h.begin(ctx, acme, o); err != nil {
			return err
		}
	} else {
		cycle = cycles[len(cycles)-1]
		h.print.line("%s goes on.", cycle.Name)
	}
	from, err := h.resume(ctx, acme, cycle)
	if err != nil {
		return err
	}
	for week := from; week < from+o.weeks; week++ {
		if err := h.week(ctx, acme, cycle, week); err != nil {
			return err
		}
	}
	if err := h.end(ctx, acme, cycle, from+o.weeks); err != nil {
		return err
	}
	return h.tree(ctx, acme, cycle)
}

// begin audits the plan, is refused its activation, and activates the mended one.
func (h *house) begin(ctx context.Context, acme okr.Tenant, o options) (okr.Cycle, error) {
	plan, mended, err := plans(o.plan)
	if err != nil {
		return okr.Cycle{}, err
	}
	// Planning is ten days before the plan's first day, whichever year that is.
	h.clock.Set(plan.Cycle.Start.AddDays(-10).In(time.UTC).Add(9 * time.Hour))
	h.print.line("1. The plan as it was written: %s", plan.Cycle.Name)
	drafts, err := acme.Propose(ctx, plan)
	if err != nil {
		return okr.Cycle{}, err
	}
	cycles, err := acme.View().Cycles(ctx)
	if err != nil {
		return okr.Cycle{}, err
	}
	cycle := cycles[len(cycles)-1]
	if err := h.audit(ctx, cycle, plan, drafts); err != nil {
		return okr.Cycle{}, err
	}

	h.print.line("")
	h.print.line("2. Activation is refused, with every reason at once")
	_, err = acme.Activate(ctx, okr.Activation{Cycle: cycle.ID})
	var refused *okr.RefusedError
	switch {
	case errors.As(err, &refused):
		h.reasons(refused)
	case err != nil:
		return okr.Cycle{}, err
	default:
		h.print.line("  it was not: the plan is sound")
	}

	h.print.line("")
	h.print.line("3. The mended plan")
	if _, err := acme.Propose(ctx, mended); err != nil {
		return okr.Cycle{}, err
	}
	h.clock.Set(morning(cycle, cycle.Start))
	active, err := h.activate(ctx, acme, cycle)
	if err != nil {
		return okr.Cycle{}, err
	}
	h.print.line("  active since %s: %d key results", cycle.Start, active)
	return cycle, h.pass(ctx, h.clock.Now())
}

// plans reads the plan and its mended form.
func plans(file string) (plan, mended okr.Plan, err error) {
	if file == "" {
		if plan, err = planfile.Read("plan.yaml", planYAML); err != nil {
			return plan, mended, err
		}
		mended, err = planfile.Read("mended.yaml", mendedYAML)
		return plan, mended, err
	}
	src, err := os.ReadFile(file)
	if err != nil {
		return plan, mended, err
	}
	if plan, err = planfile.Read(filepath.Base(file), src); err != nil {
		return plan, mended, err
	}
	if len(plan.Objectives) == 0 {
		return plan, mended, fmt.Errorf("%s holds no objectives that could be read", file)
	}
	plan = dated(plan)
	return plan, mend(plan), nil
}

// activate makes active what the rules let pass. What they refuse of a plan that
// nobody mended by hand stays a draft.
func (h *house) activate(ctx context.Context, acme okr.Tenant, cycle okr.Cycle) (int, error) {
	tree, err := acme.View().Tree(ctx, cycle.ID)
	if err != nil {
		return 0, err
	}
	var rows []okr.Ref
	for _, o := range tree.Objectives {
		rows = append(rows, okr.Ref{Kind: okr.KindObjective, ID: o.ID})
		for _, k := range o.KeyResults {
			rows = append(rows, okr.Ref{Kind: okr.KindKeyResult, ID: k.ID})
		}
	}
	left := 0
	for len(rows) > 0 {
		_, err := acme.Activate(ctx, okr.Activation{Subjects: rows})
		var refused *okr.RefusedError
		if !errors.As(err, &refused) {
			if left > 0 {
				h.print.line("  %d stay drafts: no rule can measure them yet", left)
			}
			return count(rows), err
		}
		bad := map[okr.Ref]bool{}
		for _, f := range refused.Findings {
			bad[f.Subject] = true
		}
		kept := rows[:0:0]
		for _, r := range rows {
			if !bad[r] {
				kept = append(kept, r)
			}
		}
		if len(kept) == len(rows) {
			return 0, err // the reason lies elsewhere, in a team or the cycle
		}
		left += len(rows) - len(kept)
		rows = kept
	}
	h.print.line("  all %d stay drafts", left)
	return 0, nil
}

func count(rows []okr.Ref) int {
	n := 0
	for _, r := range rows {
		if r.Kind == okr.KindKeyResult {
			n++
		}
	}
	return n
}

// resume says which week comes next and sets the clock to its Monday.
func (h *house) resume(ctx context.Context, acme okr.Tenant, cycle okr.Cycle) (int, error) {
	last := cycle.Start
	for k, err := range acme.View().All(ctx, okr.Query{Cycle: cycle.ID}) {
		if err != nil {
			return 0, err
		}
		if k.LastCheckIn != nil && cycle.Today(*k.LastCheckIn).After(last) {
			last = cycle.Today(*k.LastCheckIn)
		}
	}
	week := 0
	for !friday(cycle, week).After(last) {
		week++
	}
	if week > 0 {
		h.clock.Set(morning(cycle, friday(cycle, week-1).AddDays(3)))
	}
	if cycle.ClosedAt != nil {
		h.clock.Set(*cycle.ClosedAt)
		h.print.line("  it is closed: nothing in it changes any more")
		return week, nil
	}
	h.print.line("")
	h.print.line("4. The rhythm: a check-in each Friday")
	return week, nil
}

// friday is the check-in day of a week of the cycle, counted from 0.
func friday(c okr.Cycle, week int) okr.Date {
	d := c.Start
	for d.Weekday() != time.Friday {
		d = d.AddDays(1)
	}
	return d.AddDays(7 * week)
}

func morning(c okr.Cycle, d okr.Date) time.Time {
	loc, err := c.Location()
	if err != nil {
		loc = time.UTC
	}
	return d.In(loc).Add(10 * time.Hour)
}

// most is how many key results report in a week: enough for a story, also when
// somebody brings the plan of a large company.
const most = 40

// week lets the reminders go out on Thursday, people check in on Friday, and
// Monday come for those who did not: nobody is bothered on a weekend.
func (h *house) week(ctx context.Context, acme okr.Tenant, cycle okr.Cycle, week int) error {
	day := friday(cycle, week)
	if day.After(cycle.End) {
		return nil
	}
	h.print.line("  week %d, Friday %s", week+1, day)
	if err := h.pass(ctx, morning(cycle, day.AddDays(-1)).Add(7*time.Hour)); err != nil {
		return err
	}
	h.clock.Set(morning(cycle, day))
	silent := ""
	if week == 2 {
		silent = "farah"
	}
	done := 0
	for k, err := range acme.View().All(ctx, okr.Query{Cycle: cycle.ID, State: okr.Active}) {
		if err != nil {
			return err
		}
		if done == most || string(k.Owner) == silent {
			continue
		}
		if _, err := acme.As(okr.Someone(k.Owner)).CheckIn(ctx, report(k, week)); err != nil {
			return err
		}
		done++
	}
	if silent != "" {
		h.print.line("      %d check-ins; %s is silent", done, silent)
	} else {
		h.print.line("      %d check-ins", done)
	}
	return h.pass(ctx, morning(cycle, day.AddDays(3)).Add(7*time.Hour))
}

// report is what an owner says in a week of the story.
func report(k okr.KeyResultView, week int) okr.CheckIn {
	speed := 0.35 + float64(len(k.Title)%8)*0.11 // each key result has its own
	share := speed * float64(week+1) / 13
	c := okr.CheckIn{
		KeyResult: k.ID, Key: fmt.Sprintf("week-%d-%s", week, k.ID),
		Stated: measure.OnTrack, Confidence: measure.N(float64(min(9, max(2, int(2+7*speed)-week/3)))),
	}
	b, t := k.Metric.Baseline, k.Metric.Target
	switch {
	case k.Metric.Kind == measure.YesNo:
		c.Value = measure.N(0)
		if week >= 9 {
			c.Value = measure.N(1)
		}
	case b.Known() && t.Known():
		c.Value = measure.N(round(b.Or(0) + share*(t.Or(0)-b.Or(0))))
	case t.Known():
		c.Value = measure.N(round(t.Or(0) * (0.98 + 0.005*float64(week))))
	}
	if k.Key == "permit" && week == 1 {
		c.Blockers = []okr.NewBlocker{{Kind: "decision", Text: "The harbour office wants a signature that only the team lead may give.", Owner: "marta"}}
		c.Stated = measure.AtRisk
	}
	if k.Key == "permit" && week >= 3 {
		for _, b := range k.Blocked {
			c.Resolved = append(c.Resolved, okr.Resolution{Blocker: b.ID, How: "Marta signed."})
		}
	}
	return c
}

func round(v float64) float64 { return float64(int(v*10+0.5)) / 10 }

// end closes the cycle once its last check-in day is over.
func (h *house) end(ctx context.Context, acme okr.Tenant, cycle okr.Cycle, next int) error {
	if cycle.ClosedAt != nil || !friday(cycle, next).After(cycle.End) {
		return nil
	}
	if err := h.pass(ctx, morning(cycle, cycle.End.AddDays(4))); err != nil {
		return err
	}
	if err := h.review(ctx, acme, cycle); err != nil {
		return err
	}
	if _, err := acme.Close(ctx, okr.Closing{Cycle: cycle.ID}); err != nil {
		return err
	}
	h.print.line("  the quarter is over and closed: what was learned is kept")
	return h.pass(ctx, h.clock.Now())
}

// review says what was learned, and why what was committed was not reached: without
// that, a cycle does not close.
func (h *house) review(ctx context.Context, acme okr.Tenant, cycle okr.Cycle) error {
	r, err := acme.View().Review(ctx, cycle.ID)
	if err != nil {
		return err
	}
	said := okr.Reviewing{Cycle: cycle.ID, Entries: []okr.ReviewEntry{
		{Subject: okr.Ref{Kind: okr.KindCycle, ID: cycle.ID}, Learned: "What is measured every week is talked about every week."},
	}}
	for _, f := range r.Missing {
		if f.Rule == okr.RuleMissExplained {
			said.Entries = append(said.Entries, okr.ReviewEntry{Subject: f.Subject, Why: "It depended on one person."})
		}
	}
	_, err = acme.Review(ctx, said)
	return err
}

// tree prints where everything stands.
func (h *house) tree(ctx context.Context, acme okr.Tenant, cycle okr.Cycle) error {
	tree, err := acme.View().Tree(ctx, cycle.ID)
	if err != nil {
		return err
	}
	h.print.line("")
	h.print.line("5. %s on %s", tree.Cycle.Name, tree.Cycle.Today(tree.At))
	rows := [][]string{{"objective / key result", "owner", "progress", "pace", "status", "said", "confidence", "freshness"}}
	for _, o := range tree.Objectives {
		rows = append(rows, []string{
			short(o.Title), o.OwnerName, percent(o.Measured.Progress), pace(o.Measured.Gap), words(o.Measured.Status), "",
			"", fmt.Sprintf("%.0f %% known", 100*o.Measured.Coverage),
		})
		for _, k := range o.KeyResults {
			rows = append(rows, []string{
				"  " + short(k.Title), k.OwnerName, percent(k.Measured.Progress), pace(k.Measured.Gap),
				words(k.Measured.Status), words(k.Stated), confidence(k.Confidence), freshness(k),
			})
		}
	}
	h.print.table(rows)
	return nil
}
