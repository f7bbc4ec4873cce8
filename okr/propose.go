package okr

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Propose writes a plan as drafts, an upsert by plan key: the same plan again
// changes nothing, a changed plan changes its drafts. What is already active is
// changed with [Tenant.Change], never by a plan, but for the scores that people
// state at its end, which promise nothing. The plan's people and teams are
// added where the directory does not know them. The check-ins that it brings along
// become records and readings of its drafts: they occurred when the plan says, and
// are recorded now; those that are there already are not taken twice. Findings are reported, and
// nothing is refused: a draft may be bad.
func (t Tenant) Propose(ctx context.Context, p Plan) (Decision, error) {
	if p.Cycle.Start.IsZero() {
		return Decision{}, invalid("cycle.start", "", "give the cycle's first and last day")
	}
	if err := p.check(); err != nil {
		return Decision{}, err
	}
	if err := t.desk.knowsPlan(p); err != nil {
		return Decision{}, err
	}
	return t.decide(ctx, Intent{Verb: VerbPropose}, p.Key, p, func(ctx context.Context, w *work) error {
		return w.propose(ctx, p)
	})
}

func (w *work) propose(ctx context.Context, p Plan) error {
	// Two loads: the first finds the cycle by its key, the second its rows.
	found, err := w.unit.Load(ctx, w.id, Need{Cycles: true})
	if err != nil {
		return err
	}
	need := Need{Cycles: true, Everyone: true, Collections: Collections{Readings: 1, Standings: true}}
	for _, c := range found.Cycles {
		if c.Key != p.Cycle.key() {
			continue
		}
		if c.ClosedAt != nil {
			return &ConflictError{Ref{KindCycle, c.ID}, "the cycle is closed: plan the next one"}
		}
		need.Cycle = c.ID
	}
	if p.history() {
		need.CheckIns = maxHistory
	}
	if err := w.load(ctx, need); err != nil {
		return err
	}
	if err := w.adopt(ctx, p); err != nil {
		return err
	}
	if err := w.reach(ctx, p, need.Cycle); err != nil {
		return err
	}
	if err := w.everyKPI(ctx, p); err != nil {
		return err
	}
	d := newDrafting(w.after, w.desk.newID, w.now)
	if err := d.plan(p); err != nil {
		return err
	}
	if err := w.aligned(ctx, d); err != nil {
		return err
	}
	w.places = map[Ref]place{}
	for _, x := range d.drafts {
		if w.by.hides(x.ref) {
			return &ConflictError{Ref{x.ref.Kind, ""}, fmt.Sprintf("the key %q is taken by something that is not for you to see: use another one", x.key)}
		}
		w.teamKnown(x)
		if x.ref.Kind == KindKeyResult {
			w.knownKPI(*w.after.KeyResult(x.ref.ID), false)
		}
		w.places[x.ref] = place{x.key, x.at}
		if err := w.meets(x.ref); err != nil {
			return err
		}
		if x.ref.Kind != KindCycle {
			w.intent.Subjects = append(w.intent.Subjects, x.ref)
		}
		if err := w.drafted(ctx, x); err != nil {
			return err
		}
	}
	return nil
}

// everyKPI loads the KPIs that the plan may name.
func (w *work) everyKPI(ctx context.Context, p Plan) error {
	if !slices.ContainsFunc(p.Objectives, func(o PlanObjective) bool {
		return slices.ContainsFunc(o.KeyResults, func(k PlanKeyResult) bool { return k.KPI != "" })
	}) {
		return nil
	}
	for q := (ItemQuery{Kind: KindKPI, Limit: maxPage}); ; {
		items, err := w.unit.Items(ctx, w.id, q)
		if err != nil {
			return err
		}
		for _, i := range items {
			if err := w.after.replaceItem(i); err != nil {
				return err
			}
		}
		if len(items) < q.Limit {
			return nil
		}
		q.After = items[len(items)-1].ID
	}
}

// reach loads the objectives of other cycles that the plan names as parents.
func (w *work) reach(ctx context.Context, p Plan, own ID) error {
	parents, err := p.parents()
	if err != nil {
		return err
	}
	for _, c := range w.after.Cycles {
		named := slices.ContainsFunc(slices.Concat(parents...), func(x planParent) bool { return x.at < 0 && strings.HasPrefix(x.Key, c.Key+"/") })
		if c.ID == own || !named {
			continue
		}
		s, err := w.unit.Load(ctx, w.id, Need{Cycle: c.ID})
		if err != nil {
			return err
		}
		w.before.Objectives = append(w.before.Objectives, s.Objectives...)
		w.after.Objectives = append(w.after.Objectives, s.Objectives...)
	}
	w.before.Sort()
	w.after.Sort()
	return nil
}

// aligned checks the parents that a plan gives to its drafts.
func (w *work) aligned(ctx context.Context, d *drafting) error {
	var changed []ID
	for _, x := range d.drafts {
		if x.ref.Kind != KindObjective || !x.created && !slices.Contains(x.changed, "parents") {
			continue
		}
		o := w.after.Objective(x.ref.ID)
		for _, s := range o.Parents {
			if err := w.mayContribute("parents", *o, s.Objective); err != nil {
				return err
			}
		}
		if len(o.Parents) > 0 {
			changed = append(changed, o.ID)
		}
	}
	return w.noRing(ctx, "parents", changed...)
}

// adopt adds the people and teams of the plan that the directory lacks; those
// that it has, it knows better.
func (w *work) adopt(ctx context.Context, p Plan) error {
	var d Directory
	for _, x := range p.People {
		if w.after.Person(x.ID) == nil {
			d.People = append(d.People, x)
		}
	}
	for _, x := range p.Teams {
		if w.after.Team(x.ID) == nil {
			d.Teams = append(d.Teams, x)
		}
	}
	return w.sync(ctx, d)
}

// teamKnown says of an objective's team that it is not in the directory. The name
// is kept, so that a later plan, or a synchronised directory, can mend it.
func (w *work) teamKnown(x drafted) {
	if x.ref.Kind != KindObjective {
		return
	}
	if o := w.after.Objective(x.ref.ID); o.TeamText != "" {
		w.extra = append(w.extra, Finding{
			Rule: "team-known", Pack: "okr", Version: "1", Severity: SeverityWarning, Outcome: OutcomeFail, Subject: x.ref, Title: o.Title,
			Message: fmt.Sprintf("%q is no team that the directory knows, so no team has this objective", o.TeamText),
			Fix:     "Synchronise teams first, or list the team in the plan, or name it by id or full name.",
		})
	}
}

// drafted writes the events of one row of the plan.
func (w *work) drafted(ctx context.Context, x drafted) error {
	if !x.created && len(x.changed) == 0 && len(x.readings) == 0 && len(x.checkIns) == 0 {
		return nil
	}
	switch x.ref.Kind {
	case KindCycle:
		c := w.after.Cycle(x.ref.ID)
		w.expect(x.ref, c.Version)
		if slices.Contains(x.changed, "cadence") || slices.Contains(x.changed, "bands") {
			for _, k := range w.after.KeyResults {
				if k.Cycle == c.ID && k.State == Active {
					w.look(Ref{KindKeyResult, k.ID})
				}
			}
		}
		if err := w.emit(x.ref, x.ref, pick(x.created, EventCycleCreated, EventCycleChanged), cycleFact(*c), *c); err != nil {
			return err
		}
		return w.recount(ctx, *c, x.changed)
	case KindObjective:
		o := w.after.Objective(x.ref.ID)
		w.expect(x.ref, o.Version)
		f := objectiveFact(*o)
		f.Changed = x.changed
		return w.emit(x.ref, x.ref, pick(x.created, EventObjectiveCreated, EventObjectiveChanged), f, *o)
	}
	k := w.after.KeyResult(x.ref.ID)
	w.expect(x.ref, k.Version)
	if tallied(k.Metric) || !k.Tally.IsZero() {
		past := newSeries(nil)
		if !x.created {
			var err error
			if past, err = w.series(ctx, x.ref, 0); err != nil {
				return err
			}
		}
		for _, r := range x.readings {
			past.add(r)
		}
		if err := w.retally(k, past); err != nil {
			return err
		}
	}
	if x.created || len(x.changed) > 0 {
		if err := w.emit(x.ref, x.ref, pick(x.created, EventKeyResultCreated, EventKeyResultChanged), w.defined(*k, x.changed), *k); err != nil {
			return err
		}
	}
	return w.remembered(x)
}

// recorded writes the event and the row of a reading.
func (w *work) recorded(k KeyResult, r Reading) error {
	w.changes.Readings = append(w.changes.Readings, r)
	return w.emit(Ref{KindKeyResult, k.ID}, Ref{KindReading, r.ID}, pick(r.Corrects == "", EventReadingRecorded, EventReadingCorrected), ReadingRecorded{
		KeyResultFact: w.fact(k), Reading: r.ID, Value: r.Value, OccurredAt: r.OccurredAt, Source: r.Source, Corrects: r.Corrects,
		Imported: w.intent.Verb == VerbPropose,
	}, r)
}

func pick(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}
