package okr

import (
	"context"
	"fmt"
	"slices"

	"github.com/okrkit/okrkit/okr/measure"
)

// CarryingOver takes a key result, or an objective with what is left of it, along
// into a later cycle.
type CarryingOver struct {
	Subject Ref             `json:"subject"`          // a key result or an objective
	To      ID              `json:"to"`               // the cycle that it goes on in
	Under   ID              `json:"under,omitempty"`  // of a key result: the objective of that cycle that it goes under; "" is the one that its own was carried over to, which is made where there is none
	Metric  *measure.Metric `json:"metric,omitempty"` // of a key result: what it shall reach there; nil is the same target, from where it stands now
	Reason  string          `json:"reason,omitempty"`
	Key     string          `json:"-"` // idempotency key; "" is none
}

// CarryOver makes a draft in a later cycle that goes on with a key result, or with
// an objective and those of its key results that are active or postponed and not
// hit. Old and new name each other. The old one stays what it is until its cycle is
// closed, and then it was carried over, and not missed, unless it was hit.
//
// The draft starts where the old one stands: its baseline is the last value, where
// that leaves a way to the target. To carry something over again is a conflict.
func (t Tenant) CarryOver(ctx context.Context, c CarryingOver) (Decision, error) {
	if c.Subject.Kind != KindKeyResult && c.Subject.Kind != KindObjective {
		return Decision{}, invalid("subject", c.Subject.String(), "a key result or an objective is carried over")
	}
	if c.Subject.Kind == KindObjective && (c.Under != "" || c.Metric != nil) {
		return Decision{}, invalid("under", string(c.Under), "an objective goes as it is: carry its key results over one by one to say more")
	}
	for _, err := range []error{
		checkID("subject.id", c.Subject.ID, true), checkID("to", c.To, true), checkID("under", c.Under, false),
		checkText("reason", c.Reason, maxNote, false),
	} {
		if err != nil {
			return Decision{}, err
		}
	}
	if c.Metric != nil {
		if err := checkMetric("", *c.Metric); err != nil {
			return Decision{}, err
		}
	}
	return t.decide(ctx, Intent{VerbCarryOver, []Ref{c.Subject}}, c.Key, c, func(ctx context.Context, w *work) error {
		return w.carryOver(ctx, c)
	})
}

func (w *work) carryOver(ctx context.Context, c CarryingOver) error {
	objective := c.Subject
	if c.Subject.Kind == KindKeyResult {
		// Two loads: the first finds the objective, the second what it hangs on.
		found, err := w.unit.Load(ctx, w.id, Need{Refs: []Ref{c.Subject}})
		if err != nil {
			return err
		}
		k := found.KeyResult(c.Subject.ID)
		if k == nil {
			return &NotFoundError{c.Subject}
		}
		objective = Ref{KindObjective, k.Objective}
	}
	need := Need{Refs: []Ref{c.Subject, objective, {KindCycle, c.To}}, Cycle: c.To, Cycles: true, Collections: Collections{Standings: true}}
	if err := w.load(ctx, need); err != nil {
		if missing := (*NotFoundError)(nil); asNotFound(err, &missing) && missing.Ref.Kind == KindCycle {
			return invalid("to", string(c.To), "there is no such cycle: plan it first")
		}
		return err
	}
	old := w.after.Objective(objective.ID)
	if old == nil {
		return &NotFoundError{objective}
	}
	if err := w.later(old.Cycle, c.To); err != nil {
		return err
	}
	if c.Subject.Kind == KindObjective {
		return w.carryObjective(*old, c)
	}
	k := w.after.KeyResult(c.Subject.ID)
	if err := k.carriable(); err != nil {
		return err
	}
	under, err := w.under(*old, c)
	if err != nil {
		return err
	}
	return w.carryKeyResult(*k, under, c)
}

// later checks that the one cycle still runs, and that the other one takes
// promises and goes on after it.
func (w *work) later(from, to ID) error {
	if err := w.open(from); err != nil {
		return err
	}
	if err := w.running(to); err != nil {
		return err
	}
	a, b := w.after.Cycle(from), w.after.Cycle(to)
	if !b.End.After(a.End) {
		return invalid("to", b.Name, "it ends on %s, and not after %s: choose a cycle that goes on", b.End, a.Name)
	}
	return nil
}

func (k KeyResult) carriable() error {
	ref := Ref{KindKeyResult, k.ID}
	switch {
	case k.CarriedTo != "":
		return &ConflictError{ref, fmt.Sprintf("%q was carried over already, to %s", k.Title, Ref{KindKeyResult, k.CarriedTo})}
	case k.ActivatedAt == nil:
		return &ConflictError{ref, fmt.Sprintf("%q was never active: propose it in the later cycle", k.Title)}
	case k.State != Active && k.State != Postponed:
		return &ConflictError{ref, fmt.Sprintf("%q is %s: make it active again, or propose it in the later cycle", k.Title, k.State)}
	}
	return nil
}

// carryObjective carries an objective over with what is left of it.
func (w *work) carryObjective(o Objective, c CarryingOver) error {
	ref := Ref{KindObjective, o.ID}
	switch {
	case o.CarriedTo != "":
		return &ConflictError{ref, fmt.Sprintf("%q was carried over already, to %s: carry its key results over one by one", o.Title, Ref{KindObjective, o.CarriedTo})}
	case o.State == Draft:
		return &ConflictError{ref, fmt.Sprintf("%q was never active: propose it in the later cycle", o.Title)}
	}
	under, err := w.goOn(o, c)
	if err != nil {
		return err
	}
	measured := w.before.Measure(w.now)
	for _, k := range w.before.KeyResultsOf(o.ID) {
		if hit, _ := measured[k.ID].Hit.Value(); hit == 1 || k.carriable() != nil {
			continue
		}
		if err := w.carryKeyResult(k, under, c); err != nil {
			return err
		}
	}
	return nil
}

// under is the objective of the later cycle that a key result goes under.
func (w *work) under(old Objective, c CarryingOver) (ID, error) {
	id := c.Under
	if id == "" {
		id = old.CarriedTo
	}
	if id == "" {
		return w.goOn(old, c)
	}
	o := w.after.Objective(id)
	switch {
	case o == nil || o.Cycle != c.To:
		return "", invalid("under", string(id), "the cycle that it goes to has no such objective: name one of it, or none")
	case o.State != Draft && o.State != Active:
		return "", invalid("under", string(id), "%q is %s: name another objective of that cycle", o.Title, o.State)
	}
	return o.ID, nil
}

// goOn makes the objective that goes on with an old one.
func (w *work) goOn(old Objective, c CarryingOver) (ID, error) {
	keys := map[string]bool{}
	for _, o := range w.after.Objectives {
		if o.Cycle == c.To {
			keys[o.Key] = true
		}
	}
	o := old
	o.ID, o.Key, o.Cycle, o.State, o.Version = ID(w.desk.newID()), free(old.Key, keys), c.To, Draft, 0
	o.CarriedFrom, o.CarriedTo, o.Ending, o.StatedScore, o.Rank = old.ID, "", nil, nil, 0
	o.Parents = w.parentsLater(old)
	if err := w.create(Ref{KindObjective, o.ID}, EventObjectiveCreated, objectiveFact(o), o); err != nil {
		return "", err
	}
	w.after.Objectives = append(w.after.Objectives, o)
	w.after.Sort()
	ref := Ref{KindObjective, old.ID}
	row := w.after.Objective(old.ID)
	w.expect(ref, row.Version)
	row.CarriedTo = o.ID
	if err := w.emit(ref, ref, EventObjectiveCarried, ObjectiveCarried{objectiveFact(*row), o.ID, c.To}, changedObjective{*row, c.Reason}); err != nil {
		return "", err
	}
	return o.ID, nil
}

// parentsLater are the parents of an objective in the later cycle: those that go on
// there, and those of a cycle that is neither of the two, such as the year.
func (w *work) parentsLater(old Objective) []Share {
	var out []Share
	for _, p := range old.Parents {
		row := w.after.Objective(p.Objective)
		switch {
		case row == nil:
			continue
		case row.Cycle == old.Cycle && row.CarriedTo == "":
			continue
		case row.Cycle == old.Cycle:
			p.Objective = row.CarriedTo
		}
		if !slices.ContainsFunc(out, func(s Share) bool { return s.Objective == p.Objective }) {
			out = append(out, p)
		}
	}
	return out
}

// carryKeyResult makes the draft that goes on with a key result.
func (w *work) carryKeyResult(old KeyResult, under ID, c CarryingOver) error {
	keys := map[string]bool{}
	for _, k := range w.after.KeyResultsOf(under) {
		keys[k.Key] = true
	}
	k := KeyResult{
		ID: ID(w.desk.newID()), Key: free(old.Key, keys), Cycle: c.To, Objective: under, Title: old.Title,
		Definition: old.Definition, Rationale: old.Rationale, Owner: old.Owner, OwnerText: old.OwnerText, Role: old.Role, KPI: old.KPI,
		Metric: old.goesOn(), Curve: old.Curve, Weight: old.Weight, Source: old.Source, Cadence: old.Cadence, State: Draft, CarriedFrom: old.ID,
	}
	if len(k.Curve.Dated()) > 0 {
		k.Curve = measure.DefaultCurve // its days are over
	}
	for _, i := range old.Initiatives {
		if !i.Done {
			k.Initiatives = append(k.Initiatives, i)
		}
	}
	if c.Metric != nil {
		k.Metric = c.Metric.Clone()
	}
	w.after.KeyResults = append(w.after.KeyResults, k)
	w.after.Sort()
	ref := Ref{KindKeyResult, k.ID}
	if err := w.create(ref, EventKeyResultCreated, w.defined(k, nil), k); err != nil {
		return err
	}
	was := Ref{KindKeyResult, old.ID}
	row := w.after.KeyResult(old.ID)
	w.expect(was, row.Version)
	row.CarriedTo = k.ID
	return w.emit(was, was, EventKeyResultCarried, KeyResultCarried{w.fact(*row), k.ID, c.To}, changedKeyResult{*row, c.Reason})
}

// goesOn is the metric that starts where the key result stands now, where that
// leaves a way to the target; the same one where it does not.
func (k KeyResult) goesOn() measure.Metric {
	m := k.Metric.Clone()
	if m.Mode != "" && m.Mode != measure.Latest || !m.Baseline.Known() || !k.Current.Known() {
		return m
	}
	on := m.Clone()
	on.Baseline = k.Current
	if len(on.Problems()) > 0 || on.Standstill() || on.Travels() != m.Travels() {
		return m
	}
	return on
}

// free is the key, or the first of its kind that nobody has.
func free(key string, taken map[string]bool) string {
	out := key
	for i := 2; taken[out]; i++ {
		out = fmt.Sprintf("%s-%d", key, i)
	}
	return out
}

// create writes the first event of a row that is new.
func (w *work) create(r Ref, event string, payload, state any) error {
	w.expect(r, 0)
	w.intent.Subjects = append(w.intent.Subjects, r)
	return w.emit(r, r, event, payload, state)
}
