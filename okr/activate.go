package okr

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/okr/measure"
)

// Activate makes drafts active. When rules in gate mode fail, nothing becomes
// active and the error is a *[RefusedError] with every reason at once. What is
// active already stays as it is. A key result becomes active with its objective or
// after it, and no later than the cycle's last day; a warning names the key results
// of an objective that becomes active with none of them. With a cycle becomes active
// what the actor may see of it: others' private drafts stay drafts.
func (t Tenant) Activate(ctx context.Context, a Activation) (Decision, error) {
	if (a.Cycle == "") == (len(a.Subjects) == 0) {
		return Decision{}, invalid("cycle", string(a.Cycle), "name a cycle, or the objectives and key results to activate")
	}
	for i, r := range a.Subjects {
		at := fmt.Sprintf("subjects[%d]", i)
		if r.Kind != KindObjective && r.Kind != KindKeyResult {
			return Decision{}, invalid(at, r.String(), "only objectives and key results become active")
		}
		if err := checkID(at, r.ID, true); err != nil {
			return Decision{}, err
		}
	}
	in := Intent{VerbActivate, a.Subjects}
	if a.Cycle != "" {
		if err := checkID("cycle", a.Cycle, true); err != nil {
			return Decision{}, err
		}
		in.Subjects = []Ref{{KindCycle, a.Cycle}}
	}
	if err := checkDropping(a.Dropping); err != nil {
		return Decision{}, err
	}
	return t.decide(ctx, in, a.Key, a, func(ctx context.Context, w *work) error {
		return w.activate(ctx, a)
	})
}

func (w *work) activate(ctx context.Context, a Activation) error {
	need := Need{Refs: a.Subjects, Collections: Collections{Standings: true, TeamObjectives: true, OwnerKeyResults: true}}
	if a.Cycle != "" {
		need.Cycle = a.Cycle
		need.Refs = []Ref{{KindCycle, a.Cycle}}
	}
	need.Items = []Kind{KindSession}
	fields := map[Ref]string{}
	need.Refs = slices.Clone(need.Refs)
	if len(a.Dropping) > 0 {
		need.Items = append(need.Items, KindDeferral)
	}
	for i, n := range a.Dropping {
		n.names(fmt.Sprintf("dropping[%d].", i), &need, fields)
	}
	if err := w.load(ctx, need); err != nil {
		return misnamed(err, fields)
	}
	if err := w.drop(a.Dropping, a.in(w.after), a.only(w.after, w.by)); err != nil {
		return err
	}
	// Objectives first: a key result becomes active with its objective or after it.
	w.intent.Subjects = slices.SortedStableFunc(slices.Values(a.Subjects), func(x, y Ref) int {
		return -strings.Compare(string(x.Kind), string(y.Kind))
	})
	named := map[Ref]bool{}
	w.intent.Subjects = slices.DeleteFunc(w.intent.Subjects, func(r Ref) bool {
		again := named[r]
		named[r] = true
		return again
	})
	if a.Cycle != "" {
		for _, o := range w.after.Objectives {
			if o.Cycle == a.Cycle && o.State == Draft && !w.by.hides(Ref{KindObjective, o.ID}) {
				w.intent.Subjects = append(w.intent.Subjects, Ref{KindObjective, o.ID})
			}
		}
		for _, k := range w.after.KeyResults {
			if k.Cycle == a.Cycle && k.State == Draft && !w.by.hides(Ref{KindKeyResult, k.ID}) {
				w.intent.Subjects = append(w.intent.Subjects, Ref{KindKeyResult, k.ID})
			}
		}
	}
	defer w.withinLimits()
	cycles := map[ID]bool{}
	for _, r := range w.intent.Subjects {
		cycle, err := w.activateOne(r)
		if err != nil {
			return err
		}
		if cycle == "" {
			continue
		}
		cycles[cycle] = true
		if r.Kind == KindKeyResult {
			k := w.after.KeyResult(r.ID)
			w.knownKPI(*k, true)
			if err := w.follow(ctx, k); err != nil {
				return err
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(cycles)) {
		w.unplannedCycle(id)
		w.meet(id)
	}
	w.draftsUnder()
	return nil
}

// unplannedCycle says of a cycle in which something is promised that nobody has
// recorded a session in which its goals were set.
func (w *work) unplannedCycle(id ID) {
	if w.desk.judge == nil || len(w.after.SessionsOf(id, PlanningSession, "")) > 0 {
		return
	}
	c := w.after.Cycle(id)
	w.extra = append(w.extra, Finding{
		Rule: "planning-held", Pack: "okr", Version: "1", Severity: SeverityWarning, Outcome: OutcomeFail, Subject: Ref{KindCycle, id}, Title: c.Name,
		Message: fmt.Sprintf("nobody has recorded a session in which the goals of %s were set", c.Name),
		Fix:     "Record the planning session: its day, who was there, what was decided.",
	})
}

// draftsUnder says of an objective that becomes active that nothing by which it is
// measured became active with it.
func (w *work) draftsUnder() {
	if w.desk.judge == nil {
		return
	}
	for _, r := range w.intent.Subjects {
		was, is := w.before.Objective(r.ID), w.after.Objective(r.ID)
		if r.Kind != KindObjective || was == nil || was.State != Draft || is.State != Active {
			continue
		}
		var drafts []string
		running := false
		for _, k := range w.after.KeyResults {
			if k.Objective != r.ID {
				continue
			}
			running = running || k.State == Active
			if k.State == Draft {
				drafts = append(drafts, k.Title)
			}
		}
		if running || len(drafts) == 0 {
			continue
		}
		w.extra = append(w.extra, Finding{
			Rule: "key-results-active", Pack: "okr", Version: "1", Severity: SeverityWarning, Outcome: OutcomeFail, Subject: r, Title: is.Title,
			Message: "it becomes active, and all its key results stay drafts: " + strings.Join(drafts, "; "),
			Fix:     "Activate its key results, too: until then nothing measures it.",
		})
	}
}

// in is the cycle in which something becomes active, "" where there are several.
func (a Activation) in(s *Snapshot) ID {
	cycle := a.Cycle
	for _, r := range a.Subjects {
		var own ID
		if o := s.Objective(r.ID); r.Kind == KindObjective && o != nil {
			own = o.Cycle
		}
		if k := s.KeyResult(r.ID); r.Kind == KindKeyResult && k != nil {
			own = k.Cycle
		}
		if cycle != "" && own != cycle {
			return ""
		}
		cycle = own
	}
	return cycle
}

// only is the one objective that becomes active, "" where there are several.
func (a Activation) only(s *Snapshot, by *sight) ID {
	dropped := map[ID]bool{}
	for _, n := range a.Dropping {
		dropped[n.Objective] = true
	}
	var ids []ID
	for _, o := range s.Objectives {
		named := a.Cycle != "" && o.Cycle == a.Cycle && !by.hides(Ref{KindObjective, o.ID}) || slices.Contains(a.Subjects, Ref{KindObjective, o.ID})
		if named && o.State == Draft && !dropped[o.ID] {
			ids = append(ids, o.ID)
		}
	}
	if len(ids) != 1 {
		return ""
	}
	return ids[0]
}

// meet lets no two decisions about one cycle both slip under a limit: they meet at
// the cycle, and the later one sees what the earlier one did.
func (w *work) meet(cycle ID) {
	if w.changes.Meet == nil {
		w.changes.Meet = map[ID]int64{}
	}
	w.changes.Meet[cycle] = w.after.Cycle(cycle).Turn
}

func (w *work) activateOne(r Ref) (cycle ID, err error) {
	switch r.Kind {
	case KindObjective:
		o := w.after.Objective(r.ID)
		if o == nil {
			return "", &NotFoundError{r}
		}
		if o.State == Active {
			return "", nil
		}
		if o.State != Draft {
			return "", &ConflictError{r, fmt.Sprintf("%q is %s: take it up, or make it active again with ChangeObjective", o.Title, o.State)}
		}
		if err := w.running(o.Cycle); err != nil {
			return "", err
		}
		w.expect(r, o.Version)
		o.State = Active
		w.look(r)
		return o.Cycle, w.emit(r, r, EventObjectiveActive, objectiveFact(*o), *o)
	default:
		k := w.after.KeyResult(r.ID)
		if k == nil {
			return "", &NotFoundError{r}
		}
		if k.State == Active {
			return "", nil
		}
		if err := w.running(k.Cycle); err != nil {
			return "", err
		}
		if k.ActivatedAt != nil {
			return "", &ConflictError{r, fmt.Sprintf("%q is %s and was active before: make it active again with Change", k.Title, k.State)}
		}
		if o := w.after.Objective(k.Objective); o == nil || o.State != Active {
			return "", &ConflictError{r, fmt.Sprintf("%q stands under an objective that is a draft: activate the objective with it", k.Title)}
		}
		// The rules come first, since they say every reason at once.
		row := *k
		w.then = append(w.then, func(map[ID]measure.Result) error { return row.moves("metric.target") })
		w.expect(r, k.Version)
		now := w.now
		k.State, k.ActivatedAt = Active, &now
		if o := w.after.Objective(k.Objective); !o.Committed && !k.Confidence.Known() {
			k.Confidence = startingConfidence()
		}
		if k.Original == nil {
			meant := k.meaning()
			k.Original = &meant
		}
		w.look(r)
		if w.desk.judge != nil && k.Owner == "" && k.OwnerText != "" {
			w.extra = append(w.extra, Finding{
				Rule: "owner-known", Pack: "okr", Version: "1", Severity: SeverityError, Outcome: OutcomeFail, Gate: true,
				Subject: r, Title: k.Title,
				Message: fmt.Sprintf("%q is nobody the directory knows", k.OwnerText),
				Fix:     "Synchronise people first, or name the owner by id, e-mail or full name.",
			})
		}
		return k.Cycle, w.emit(r, r, EventKeyResultActive, w.defined(*k, nil), *k)
	}
}

// startingConfidence is what an aspirational key result starts with: even odds.
// (Wodtke, Radical Focus.)
func startingConfidence() measure.Number { return measure.N(5) }

// running checks that a cycle still takes promises.
func (w *work) running(cycle ID) error {
	if err := w.open(cycle); err != nil {
		return err
	}
	if c := w.after.Cycle(cycle); c.Phase(w.now) == Review {
		return &ConflictError{Ref{KindCycle, cycle}, fmt.Sprintf("%s ended on %s: what is promised after the end belongs into the next cycle", c.Name, c.End)}
	}
	return nil
}

// open checks that a cycle still takes decisions.
func (w *work) open(cycle ID) error {
	c := w.after.Cycle(cycle)
	if c == nil {
		return &NotFoundError{Ref{KindCycle, cycle}}
	}
	if c.closed(w.now) {
		return &ConflictError{Ref{KindCycle, cycle}, fmt.Sprintf("%s is closed and stays as it is", c.Name)}
	}
	return nil
}
