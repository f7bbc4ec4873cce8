package audit

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/rules"
)

// GateChange is a decision that would be refused now, or no longer, or for other
// reasons.
type GateChange struct {
	Verb    okr.Verb `json:"verb"` // activate: all of its drafts together; change: take it up again; checkin: say the same again
	Subject Subject  `json:"subject"`
	Before  []Held   `json:"before"` // what holds it back; empty: nothing does
	After   []Held   `json:"after"`
}

// Held is a finding that holds a decision back.
type Held struct {
	Rule    string  `json:"rule"`
	Pack    string  `json:"pack"`
	Subject Subject `json:"subject"`
	Message string  `json:"message"`
}

// errTried ends a trial.
var errTried = errors.New("audit: tried")

// DryRun says what a tenant's desk would judge otherwise if the packs after were in
// force, and nothing else were: [Judge.Diff] of all that is not closed, read at one
// instant; which decisions would be refused then and are not now; and what would be
// announced, once every subject was looked at, and would not be anyhow. Nothing is
// written, and no lock is taken. With no packs before they are those in force.
//
// Tried is what people are about to do, each by itself: to activate the drafts of a
// cycle, or an objective with its key results, or a key result under an objective
// that is active; to take up again what was postponed; and, where a pack has a gate
// for check-ins, to say of a key result what was said of it last. A change of what
// is active is held back only where it makes fail what held before, which no pack
// does by itself.
//
// The judge is the one of the tenant's desk. The handle's actor is who tries, and
// needs the right to: one that may not see something tries it in vain, and it is
// left out. A program sees everything, and yet nothing private is named: what rules
// say of what is open is judged without it, and what they say of the rest is withheld
// and counted. Errors are those of the desk.
func (j *Judge) DryRun(ctx context.Context, t okr.Tenant, before, after []okr.Pack) (Difference, error) {
	if len(before) == 0 {
		in, err := t.View().Packs(ctx)
		if err != nil {
			return Difference{}, err
		}
		for _, p := range in {
			before = append(before, p.Pack)
		}
	}
	var d Difference
	err := t.Trial(before...).Do(ctx, func(was okr.Tenant) error {
		x := &dryRun{judge: j, was: was, is: was.Trial(after...), people: map[okr.ID]string{}}
		var err error
		if d, err = x.run(ctx, before, after); err != nil {
			return err
		}
		return errTried
	})
	if !errors.Is(err, errTried) {
		return Difference{}, err
	}
	return d, nil
}

// dryRun is one under way.
type dryRun struct {
	judge   *Judge
	was, is okr.Tenant // the same tenant under the packs before, and after
	gates   bool       // a pack has one
	told    bool       // a pack has one for check-ins
	d       Difference

	unannounced, announced okr.Decision // of those who look
	people                 map[okr.ID]string
}

func (x *dryRun) run(ctx context.Context, before, after []okr.Pack) (Difference, error) {
	for _, p := range slices.Concat(infos(before), infos(after)) {
		for _, r := range p.Rules {
			x.gates = x.gates || r.Mode == rules.Gate
			x.told = x.told || r.Mode == rules.Gate && r.On == onCheckIn
		}
	}
	cycles, err := x.was.View().Cycles(ctx)
	if err != nil {
		return Difference{}, err
	}
	now := x.was.Now()
	cycles = slices.DeleteFunc(cycles, func(c okr.Cycle) bool { return c.Phase(now) == okr.Closed })
	d, err := x.judge.Diff(ctx, before, after, now, func(yield func(Part, error) bool) {
		for _, c := range cycles {
			s, err := x.was.View().Snapshot(ctx, c.ID)
			if err == nil {
				err = x.try(ctx, s, c.ID)
			}
			if !yield(Part{Snapshot: s, Cycle: c.ID}, err) || err != nil {
				return
			}
		}
	})
	if err != nil {
		return Difference{}, err
	}
	d.Gates = x.d.Gates
	slices.SortStableFunc(d.Gates, func(a, b GateChange) int {
		return cmp.Or(cmp.Compare(a.Verb, b.Verb), comparePlaces(a.Subject, b.Subject))
	})
	d.Announced, d.Unannounced = x.announced, x.unannounced
	d.Announced.Events, d.Unannounced.Events = apart(x.unannounced.Events, x.announced.Events)
	d.People = x.people
	d.finish()
	return d, nil
}

// batch is how many subjects are looked at together.
const batch = 256

// try takes the decisions of a cycle by both.
func (x *dryRun) try(ctx context.Context, s *okr.Snapshot, cycle okr.ID) error {
	for _, p := range s.People {
		x.people[p.ID] = p.Name
	}
	p := newPart(Part{Snapshot: s, Cycle: cycle}, s, &places{})
	active := []okr.Ref{{Kind: okr.KindCycle, ID: cycle}}
	for r := range subjectsOf(s, cycle, okr.Active) {
		active = append(active, r)
	}
	// Nobody looks at a cycle in which nothing has begun before its packs change.
	looked := begun(s, cycle)
	for refs := range slices.Chunk(active, batch) {
		for _, side := range []struct {
			t    okr.Tenant
			into *okr.Decision
		}{{x.was, &x.unannounced}, {x.is, &x.announced}} {
			refs := refs
			if side.into == &x.unannounced && !looked {
				refs = slices.DeleteFunc(slices.Clone(refs), func(r okr.Ref) bool { return r.Kind == okr.KindCycle })
			}
			got, err := side.t.Settle(ctx, refs...)
			if err != nil {
				return err
			}
			for _, e := range got.Events {
				if e, err = p.discreet(e); err != nil {
					return err
				}
				side.into.Events = append(side.into.Events, e)
			}
			for _, f := range got.Findings {
				if p.private(f.Subject) {
					f.Title, f.Message, f.Fix, f.Evidence = secretly, secretly, "", nil
				}
				side.into.Findings = append(side.into.Findings, f)
			}
		}
	}
	if !x.gates {
		return nil
	}
	return x.tryGates(ctx, p, s, cycle)
}

// discreet is the event without what it is called, if that is private.
func (p *part) discreet(e okr.Event) (okr.Event, error) {
	if !p.private(e.Aggregate) {
		return e, nil
	}
	var data map[string]any
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return e, fmt.Errorf("audit: %s of %s: %w", e.Type, e.Aggregate, err)
	}
	if _, ok := data["title"]; ok {
		data["title"] = secretly
	}
	var err error
	e.Data, err = json.Marshal(data)
	return e, err
}

// secretly stands where the words are withheld.
const secretly = "(private)"

// begun says whether a status was ever announced of something in the cycle.
func begun(s *okr.Snapshot, cycle okr.ID) bool {
	return slices.ContainsFunc(s.Standings, func(st okr.Standing) bool {
		if st.Kind != "status" {
			return false
		}
		if k := s.KeyResult(st.Subject.ID); st.Subject.Kind == okr.KindKeyResult && k != nil {
			return k.Cycle == cycle
		}
		o := s.Objective(st.Subject.ID)
		return st.Subject.Kind == okr.KindObjective && o != nil && o.Cycle == cycle
	})
}

// subjectsOf are the objectives and key results of a cycle that are in a state.
func subjectsOf(s *okr.Snapshot, cycle okr.ID, state okr.State) iter.Seq[okr.Ref] {
	return func(yield func(okr.Ref) bool) {
		for i := range s.KeyResults {
			if k := &s.KeyResults[i]; k.Cycle == cycle && k.State == state && !yield(okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}) {
				return
			}
		}
		for i := range s.Objectives {
			if o := &s.Objectives[i]; o.Cycle == cycle && o.State == state && !yield(okr.Ref{Kind: okr.KindObjective, ID: o.ID}) {
				return
			}
		}
	}
}

// tryGates takes, by both, each decision that a gate may hold back.
func (x *dryRun) tryGates(ctx context.Context, p *part, s *okr.Snapshot, cycle okr.ID) error {
	try := func(verb okr.Verb, r okr.Ref, title string, decide func(okr.Tenant) error) error {
		was, can, err := p.held(r, decide(x.was))
		if err != nil || !can {
			return err
		}
		is, can, err := p.held(r, decide(x.is))
		if err != nil || !can {
			return err
		}
		if !slices.Equal(was, is) {
			x.d.Gates = append(x.d.Gates, GateChange{Verb: verb, Subject: p.subject(r, title), Before: was, After: is})
		}
		return nil
	}
	activate := func(r okr.Ref, title string, a okr.Activation) error {
		return try(okr.VerbActivate, r, title, func(t okr.Tenant) error {
			_, err := t.Activate(ctx, a)
			return err
		})
	}
	drafts := map[okr.ID][]okr.Ref{} // by objective
	for r := range subjectsOf(s, cycle, okr.Draft) {
		if r.Kind == okr.KindKeyResult {
			o := s.KeyResult(r.ID).Objective
			drafts[o] = append(drafts[o], r)
		}
	}
	some := false
	for i := range s.Objectives {
		o := &s.Objectives[i]
		if o.Cycle != cycle || o.Private {
			continue
		}
		r := okr.Ref{Kind: okr.KindObjective, ID: o.ID}
		switch o.State {
		case okr.Draft:
			some = true
			if err := activate(r, o.Title, okr.Activation{Subjects: append([]okr.Ref{r}, drafts[o.ID]...)}); err != nil {
				return err
			}
		case okr.Active:
			for _, k := range drafts[o.ID] {
				some = true
				if err := activate(k, s.KeyResult(k.ID).Title, okr.Activation{Subjects: []okr.Ref{k}}); err != nil {
					return err
				}
			}
		case okr.Postponed:
			active := okr.Active
			if err := try(okr.VerbChange, r, o.Title, func(t okr.Tenant) error {
				_, err := t.ChangeObjective(ctx, okr.ObjectiveChange{Objective: o.ID, State: &active})
				return err
			}); err != nil {
				return err
			}
		}
	}
	if c := s.Cycle(cycle); some && c != nil {
		if err := activate(okr.Ref{Kind: okr.KindCycle, ID: cycle}, cmp.Or(c.Name, c.Key), okr.Activation{Cycle: cycle}); err != nil {
			return err
		}
	}
	for i := range s.KeyResults {
		k := &s.KeyResults[i]
		if k.Cycle != cycle {
			continue
		}
		r := okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}
		var err error
		switch {
		case k.State == okr.Postponed && k.ActivatedAt != nil:
			active := okr.Active
			err = try(okr.VerbChange, r, k.Title, func(t okr.Tenant) error {
				_, err := t.Change(ctx, okr.KeyResultChange{KeyResult: k.ID, State: &active})
				return err
			})
		case k.State == okr.Active && x.told && len(s.CheckInsOf(k.ID)) > 0:
			last := s.CheckInsOf(k.ID)[0]
			err = try(okr.VerbCheckIn, r, k.Title, func(t okr.Tenant) error {
				_, err := t.CheckIn(ctx, okr.CheckIn{KeyResult: k.ID, Value: last.Value, Confidence: last.Confidence, Stated: last.Stated, Note: last.Note})
				return err
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// held is what holds a decision about a subject back, by rule. A decision that cannot
// be taken at all, whatever rules say, is not one to be told of.
func (p *part) held(about okr.Ref, err error) (out []Held, can bool, _ error) {
	var refused *okr.RefusedError
	switch {
	case err == nil:
		return nil, true, nil
	case errors.As(err, &refused):
	case errors.Is(err, okr.ErrConflict), errors.Is(err, okr.ErrInvalid), errors.Is(err, okr.ErrDenied), errors.Is(err, okr.ErrNotFound):
		return nil, false, nil
	default:
		return nil, false, err
	}
	for _, f := range refused.Findings {
		if f.Subject.Kind == okr.KindCheckIn && p.told[f.Subject.ID] == "" {
			f.Subject = about // the check-in was not taken
		}
		h := Held{Rule: f.Rule, Pack: f.Pack, Subject: p.subject(f.Subject, f.Title), Message: f.Message}
		if h.Subject.Private {
			h.Message = ""
		}
		out = append(out, h)
	}
	slices.SortFunc(out, func(a, b Held) int {
		return cmp.Or(comparePlaces(a.Subject, b.Subject), cmp.Compare(a.Pack, b.Pack), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	return out, true, nil
}

// apart takes away what both announce.
func apart(was, is []okr.Event) (announced, unannounced []okr.Event) {
	type told struct {
		event     string
		aggregate okr.Ref
		data      string
	}
	of := func(e okr.Event) told { return told{e.Type, e.Aggregate, string(e.Data)} }
	n := map[told]int{}
	for _, e := range was {
		n[of(e)]++
	}
	for _, e := range is {
		if n[of(e)] > 0 {
			n[of(e)]--
			continue
		}
		announced = append(announced, e)
	}
	for _, e := range was {
		if n[of(e)] > 0 {
			n[of(e)]--
			unannounced = append(unannounced, e)
		}
	}
	return announced, unannounced
}
