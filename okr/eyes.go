package okr

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Rules are asked of the whole state: whether a decision is refused, what something
// is worth and how it stands rests on all that there is. What they say rests on what
// those may see to whom it is said, and for that they are asked once more, of a state
// in which nothing else is. So no rule can give away what is private, whatever it
// reads and however it says it.
//
// What is said to whoever asked is judged with their eyes. What is announced, or told
// by programs to people, is judged without what is private; what is announced of
// something private is judged with that alone beside what is open.

// Open is the snapshot as everybody may see it: what is private is not there, nor what
// concerns something that was not loaded, and counts in what it contributes to. It is
// the snapshot itself where nothing is private.
func (s *Snapshot) Open(now time.Time) *Snapshot {
	by := newSight()
	for i := range s.Objectives {
		if o := &s.Objectives[i]; o.Private {
			by.objectives[o.ID] = true
		}
	}
	for _, r := range s.subjects() {
		switch {
		case r.ID == "":
		case r.Kind == KindObjective && s.Objective(r.ID) == nil:
			by.objectives[r.ID] = true
		case r.Kind == KindKeyResult && s.KeyResult(r.ID) == nil:
			by.keyResults[r.ID] = true
		}
	}
	by.within(s)
	for _, c := range s.Comments {
		i := slices.IndexFunc(s.Decisions, func(d DecisionRecord) bool { return d.ID == c.Subject.ID })
		if c.Subject.Kind == KindDecision && (i < 0 || by.hides(s.Decisions[i].Subject)) {
			by.decisions[c.Subject.ID] = true
		}
	}
	if by.clear() {
		return s
	}
	return s.seen(by, s.asked, s.Measure(now))
}

// within hides the snapshot's key results of what is hidden.
func (s *sight) within(of *Snapshot) {
	for i := range of.KeyResults {
		if k := &of.KeyResults[i]; s.objectives[k.Objective] {
			s.keyResults[k.ID] = true
		}
	}
}

// openly says whether what rules say is for others than who asked: time passes for
// everybody, and a program that tries something shows it to people.
func (w *work) openly() bool {
	return w.intent.Verb == VerbSettle || w.trial != nil && w.actor.program()
}

// program says that no person asks.
func (a Actor) program() bool { return a.Kind == ActorAutomation || a.Kind == ActorService }

// sayable is what the desk itself has to say.
func (w *work) sayable(ctx context.Context, fs []Finding) ([]Finding, error) {
	if len(fs) == 0 || !w.openly() {
		return fs, nil
	}
	by, err := w.everybody(ctx, w.after)
	if err != nil || by.clear() {
		return fs, err
	}
	return by.untitled(fs, w.after), nil
}

// answerable is what the decision's answer hides. A person who lets time pass is told
// what they may see of it.
func (w *work) answerable(ctx context.Context) (*sight, error) {
	if w.intent.Verb != VerbSettle || w.actor.program() {
		return w.by, nil
	}
	private, err := w.privateIn(ctx, w.after)
	if err != nil {
		return nil, err
	}
	by := newSight()
	return by, w.ask(ctx, w.unit, by, private)
}

// everybody is what of the snapshot is not for everybody to see.
func (w *work) everybody(ctx context.Context, s *Snapshot) (*sight, error) {
	by := newSight()
	private, err := w.privateIn(ctx, s)
	if err != nil {
		return nil, err
	}
	for _, id := range private {
		by.asked[id], by.objectives[id] = true, true
		if s.Objective(id) != nil {
			continue
		}
		found, err := w.unit.Load(ctx, w.id, Need{Refs: []Ref{{KindObjective, id}}})
		if err != nil {
			return nil, err
		}
		by.within(found)
	}
	if by.clear() {
		return by, nil
	}
	by.within(s)
	return by, by.resolve(ctx, w.unit, w.id, s)
}

// judge asks the rules, and sees to it that what they say may be said.
func (w *work) judge(ctx context.Context, p Proposal) (Verdict, error) {
	v, err := w.desk.judge.Judge(ctx, p)
	if err != nil {
		return Verdict{}, err
	}
	by := w.by
	if w.openly() {
		if by, err = w.everybody(ctx, p.After); err != nil {
			return Verdict{}, err
		}
	}
	if by.clear() {
		return v, nil
	}
	own, err := w.desk.judgeAs(ctx, p, by)
	if err != nil {
		return Verdict{}, err
	}
	hidden := by.hidden(p.After)
	said := by.reworded(v.Findings, own.Findings, hidden, refusable(p.Verb))
	if w.openly() {
		if said, err = w.desk.confided(ctx, p, by, said); err != nil {
			return Verdict{}, err
		}
	}
	v.Findings = said
	return v, nil
}

// judgeAs asks the rules of what one may see.
func (d *Desk) judgeAs(ctx context.Context, p Proposal, by *sight) (Verdict, error) {
	p.Subjects = without(p.Subjects, by.hides)
	after := p.After.seen(by, p.After.asked, p.Measured)
	before := after
	if p.Before != p.After {
		before = p.Before.seen(by, p.Before.asked, p.Before.Measure(p.Now))
	}
	p.Before, p.After, p.Measured = before, after, after.Measure(p.Now)
	return d.judge.Judge(ctx, p)
}

// hidden says whether a finding of the snapshot is about what is hidden.
func (s *sight) hidden(of *Snapshot) func(Finding) bool {
	about := of.abouts()
	return func(f Finding) bool { return s.hides(about(f.Subject)) }
}

// saying is what makes two findings the same.
type saying struct {
	pack, rule string
	subject    Ref
	cycle      ID
	outcome    string
}

func (f *Finding) saying() saying { return saying{f.Pack, f.Rule, f.Subject, f.Cycle, f.Outcome} }

// reworded are findings of the whole state as they are said to somebody who may not
// see all of it: own is what they would find by themselves. A gate holds back by what
// there is. Those about what is hidden stay as they are.
func (s *sight) reworded(all, own []Finding, hidden func(Finding) bool, refusable bool) []Finding {
	sayings := map[saying][]Finding{}
	for _, f := range own {
		sayings[f.saying()] = append(sayings[f.saying()], f)
	}
	var out []Finding
	for _, f := range all {
		key := f.saying()
		switch mine := sayings[key]; {
		case hidden(f):
			out = append(out, f)
		case len(mine) > 0:
			mine[0].Gate = f.Gate
			out = append(out, mine[0])
			sayings[key] = mine[1:]
		case f.Gate && refusable:
			gate := f.speechless()
			gate.Message = fmt.Sprintf("the rule %s holds it back, with what is not yours to see", f.Rule)
			out = append(out, gate)
		}
	}
	for _, f := range own {
		mine := sayings[f.saying()]
		if len(mine) == 0 {
			continue
		}
		sayings[f.saying()] = mine[1:]
		f.Gate = f.Gate && !refusable
		out = append(out, f)
	}
	return out
}

// speechless is the finding without what it says.
func (f Finding) speechless() Finding {
	f.Message, f.Fix, f.Evidence, f.Unknown = "", "", nil, nil
	return f
}

// confided are the findings in which those about what is hidden are said to those who
// may see it: with it, and without what else is hidden. Those about what was not asked
// for say nothing.
func (d *Desk) confided(ctx context.Context, p Proposal, by *sight, all []Finding) ([]Finding, error) {
	about := p.After.abouts()
	of := func(r Ref) ID { // the objective, "" of what is open
		r = about(r)
		switch {
		case !by.hides(r):
		case r.Kind == KindObjective:
			return r.ID
		case r.Kind == KindKeyResult:
			if k := p.After.KeyResult(r.ID); k != nil {
				return k.Objective
			}
		}
		return ""
	}
	mine := map[ID]map[saying]Finding{}
	for i, f := range all {
		about := of(f.Subject)
		if about == "" {
			if by.hides(f.Subject) {
				all[i] = f.speechless()
			}
			continue
		}
		if _, asked := mine[about]; !asked {
			mine[about] = map[saying]Finding{}
			alone := p
			alone.Subjects = without(p.Subjects, func(r Ref) bool { return of(r) != about })
			if len(alone.Subjects) > 0 {
				v, err := d.judgeAs(ctx, alone, by.but(about, p.After))
				if err != nil {
					return nil, err
				}
				for _, f := range v.Findings {
					if of(f.Subject) == about {
						mine[about][f.saying()] = f
					}
				}
			}
		}
		said, ok := mine[about][f.saying()]
		if !ok {
			said = f.speechless()
		}
		said.Gate = f.Gate
		all[i] = said
	}
	return all, nil
}

// but is the sight of somebody who sees one of the hidden objectives.
func (s *sight) but(objective ID, of *Snapshot) *sight {
	by := newSight()
	for id := range s.objectives {
		if id != objective {
			by.objectives[id] = true
		}
	}
	for id := range s.keyResults {
		if k := of.KeyResult(id); k == nil || k.Objective != objective {
			by.keyResults[id] = true
		}
	}
	for id := range s.decisions {
		by.decisions[id] = true
	}
	return by
}
