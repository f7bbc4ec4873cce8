package okr

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/okr/measure"
)

// Change changes what a key result means, whose it is, or where it stands in its
// life. After activation, moving the title, metric, due date, weight or what exactly
// is counted needs a reason; what it meant at activation stays in Original. Once
// there are readings, what they were taken in stays: the unit, and the nature of the
// values. Rules in gate mode may refuse.
func (t Tenant) Change(ctx context.Context, c KeyResultChange) (Decision, error) {
	if err := c.check(); err != nil {
		return Decision{}, err
	}
	if err := t.desk.knows("cadence", c.Cadence); err != nil {
		return Decision{}, err
	}
	ref := Ref{KindKeyResult, c.KeyResult}
	return t.decide(ctx, Intent{VerbChange, []Ref{ref}}, c.Key, c, func(ctx context.Context, w *work) error {
		return w.change(ctx, ref, c)
	})
}

func (c KeyResultChange) check() error {
	if p := badID(string(c.KeyResult)); p != "" {
		return invalid("key_result", string(c.KeyResult), "an id that %s names nothing", p)
	}
	text := func(field string, s *string, most int, required bool) error {
		if s == nil {
			return nil
		}
		return checkText(field, *s, most, required)
	}
	errs := []error{
		text("title", c.Title, maxTitle, true),
		text("definition", c.Definition, maxNote, false),
		text("rationale", c.Rationale, maxNote, false),
		checkText("reason", c.Reason, maxNote, false),
		checkSource("source", c.Source),
		checkSchedule("cadence", c.Cadence),
		c.Override.check("override"),
	}
	if c.Metric != nil {
		errs = append(errs, checkMetric("", *c.Metric))
	}
	if c.Weight != nil {
		errs = append(errs, checkWeight("weight", *c.Weight))
	}
	if c.Due != nil {
		errs = append(errs, checkDate("due", *c.Due))
	}
	if c.Owner != nil {
		errs = append(errs, checkID("owner", *c.Owner, false))
	}
	if c.KPI != nil {
		errs = append(errs, checkID("kpi", *c.KPI, false))
	}
	if c.Role != nil {
		errs = append(errs, c.Role.check("role"))
	}
	if c.State != nil && !slices.Contains([]State{Active, Postponed, Abandoned, Done}, *c.State) {
		errs = append(errs, invalid("state", string(*c.State), "use active, postponed, abandoned or done; drafts become active with Activate"))
	}
	return together(errs...)
}

func (w *work) change(ctx context.Context, ref Ref, c KeyResultChange) error {
	need := Need{Refs: []Ref{ref}, Collections: Collections{Standings: true, TeamObjectives: true, OwnerKeyResults: true}}
	if c.Owner != nil && *c.Owner != "" {
		need.Refs = append(need.Refs, Ref{KindPerson, *c.Owner})
	}
	fields := map[Ref]string{}
	if c.KPI != nil && *c.KPI != "" {
		r := Ref{KindKPI, *c.KPI}
		need.Refs, fields[r] = append(need.Refs, r), "kpi"
	}
	if c.Metric != nil {
		need.Items = append(need.Items, KindKPI)
	}
	if err := w.load(ctx, need); err != nil {
		return misnamed(ownerUnknown(err, c.Owner), fields)
	}
	k := w.after.KeyResult(ref.ID)
	if k == nil {
		return &NotFoundError{ref}
	}
	if err := w.open(k.Cycle); err != nil {
		return err
	}
	if c.Version != 0 && c.Version != k.Version {
		return &ConflictError{ref, "somebody changed it since: read it again"}
	}
	old := *k
	w.expect(ref, k.Version)
	if c.Cadence != nil || c.Owner != nil || c.Source != nil || c.KPI != nil || c.Override != nil || c.State != nil {
		if err := w.elapse(ctx, *k); err != nil {
			return err
		}
	}
	if c.Cadence != nil {
		if err := w.turning(ctx, *k); err != nil {
			return err
		}
	}
	if c.Title != nil {
		k.Title = oneLine(*c.Title)
	}
	if c.Definition != nil {
		k.Definition = *c.Definition
	}
	if c.Rationale != nil {
		k.Rationale = *c.Rationale
	}
	if c.Owner != nil {
		if *c.Owner == "" && k.ActivatedAt != nil {
			return invalid("owner", "", "what was promised is somebody's: name who takes it over")
		}
		if err := w.own(*c.Owner); err != nil {
			return err
		}
		k.Owner, k.OwnerText = *c.Owner, ""
	}
	if c.Metric != nil {
		k.Metric = c.Metric.Clone()
	}
	if k.Reading != "" {
		if err := sameRuler(old.Metric, k.Metric); err != nil {
			return err
		}
	}
	if k.ActivatedAt != nil && c.Metric != nil {
		if err := k.moves("metric.target"); err != nil {
			return err
		}
	}
	if c.Weight != nil {
		k.Weight = *c.Weight
	}
	if c.Role != nil {
		k.Role = *c.Role
	}
	if c.KPI != nil {
		k.KPI, k.KPIText = *c.KPI, ""
	}
	if x := w.after.KPI(k.KPI); x != nil && (c.KPI != nil || c.Metric != nil) {
		if err := x.measures("kpi", k.Metric); err != nil {
			return err
		}
	}
	if c.Due != nil {
		if cycle := w.after.Cycle(k.Cycle); !c.Due.IsZero() && (c.Due.Before(cycle.Start) || c.Due.After(cycle.End)) {
			return invalid("due", c.Due.String(), "%s runs from %s to %s: choose a day in it, or none for its last", cycle.Name, cycle.Start, cycle.End)
		}
		k.Due = *c.Due
	}
	if c.Source != nil {
		k.Source = c.Source
	}
	if c.Cadence != nil {
		k.Cadence = c.Cadence
	}
	if c.State != nil {
		if err := old.becomes(*c.State); err != nil {
			return err
		}
		if o := w.after.Objective(k.Objective); *c.State == Active && (o.State == Postponed || o.State == Abandoned) {
			return &ConflictError{ref, fmt.Sprintf("its objective %q is %s: take that up first", o.Title, o.State)}
		}
		k.State = *c.State
	}
	if err := w.override("override", k, c.Override); err != nil {
		return err
	}
	changed := differing(old, *k)
	if len(changed) == 0 {
		if w.next[ref] == old.Version {
			delete(w.changes.Expect, ref)
		}
		return nil
	}
	moved := old.State != Draft && slices.ContainsFunc(changed, func(f string) bool {
		return f == "title" || f == "definition" || f == "metric" || f == "kpi" || f == "due"
	})
	if old.State != Draft && slices.Contains(changed, "weight") && c.Reason == "" {
		return invalid("reason", "", "what an active key result counts for changes only with a reason")
	}
	if moved && c.Reason == "" {
		return invalid("reason", "", "the goalposts of an active key result move only with a reason")
	}
	if tallied(k.Metric) || tallied(old.Metric) {
		past, err := w.series(ctx, ref, 0)
		if err != nil {
			return err
		}
		if err := w.retally(k, past); err != nil {
			return err
		}
	}
	w.look(Ref{KindObjective, k.Objective})
	w.look(ref)
	switch s := w.after.CadenceOf(*k); {
	case k.State != Active:
	case old.State != Active:
		if err := w.resume(*k); err != nil {
			return err
		}
	case s != nil:
		if _, err := w.followed(*k, *s); err != nil {
			return err
		}
	}
	w.meet(k.Cycle)
	told := w.defined(*k, changed)
	told.Was = w.after.termsOf(old)
	if err := w.emit(ref, ref, EventKeyResultChanged, told, changedKeyResult{*k, c.Reason}); err != nil {
		return err
	}
	if moved {
		if err := w.emit(ref, ref, EventTargetMoved, w.defined(*k, changed), changedKeyResult{*k, c.Reason}); err != nil {
			return err
		}
	}
	if k.KPI != old.KPI || k.State != old.State {
		return w.follow(ctx, k)
	}
	return nil
}

// sameRuler checks that readings taken under a metric mean the same under the next.
func sameRuler(m, next measure.Metric) error {
	return problems("", m.Incomparable(next))
}

// moves checks that there is a way from where the metric starts to where it ends: of
// a promise that is kept from the start nobody can say in the end what came of it.
func (k KeyResult) moves(field string) error {
	if k.Metric.Standstill() {
		return invalid(field, k.Metric.Target.String(), "%q starts where it ends, at %s: give another target, or say at_least or at_most if the level shall be kept", k.Title, k.Metric.Baseline)
	}
	return nil
}

func (r Role) check(field string) error {
	if r != Driving && r != Guardrail {
		return invalid(field, string(r), "use guardrail, or leave it out")
	}
	return nil
}

// becomes checks a step in the life of a key result: a promise is kept, put off,
// given up or taken up again, and nothing gets past the gates of activation.
func (k KeyResult) becomes(to State) error {
	steps := map[State][]State{
		Draft:     {Postponed, Abandoned},
		Active:    {Postponed, Abandoned, Done},
		Postponed: {Active, Abandoned},
		Abandoned: {Active},
		Done:      {Active},
	}
	switch {
	case to == k.State:
		return nil
	case to == Active && k.ActivatedAt == nil:
		return invalid("state", string(to), "it was never active: use Activate")
	case !slices.Contains(steps[k.State], to):
		return invalid("state", string(to), "it is %s: from there it becomes %s", k.State, listed(steps[k.State]))
	}
	return nil
}

func listed(states []State) string {
	var names []string
	for _, s := range states {
		names = append(names, string(s))
	}
	return strings.Join(names, " or ")
}

// own checks that somebody may own a key result: one human being who is here.
func (w *work) own(owner ID) error {
	if owner == "" {
		return nil
	}
	p := w.after.Person(owner)
	switch {
	case p == nil:
		return invalid("owner", string(owner), "nobody in the directory has that id: a key result is owned by one person, not by a team; synchronise people first")
	case p.Kind != Human:
		return invalid("owner", string(owner), "%s is a %s: a key result is owned by one human being", p.Name, p.Kind)
	case p.Left:
		return invalid("owner", string(owner), "%s has left: choose somebody who is here", p.Name)
	}
	return nil
}

func ownerUnknown(err error, owner *ID) error {
	if missing := (*NotFoundError)(nil); owner != nil && asNotFound(err, &missing) && missing.Ref == (Ref{KindPerson, *owner}) {
		return invalid("owner", string(*owner), "nobody in the directory has that id: a key result is owned by one person, not by a team; synchronise people first")
	}
	return err
}
