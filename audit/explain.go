package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/rules"
)

// ErrNothingToExplain says that the subject, or the rule on it, is not there.
var ErrNothingToExplain = errors.New("audit: there is nothing to explain")

// Ask names what an explanation is wanted of.
type Ask struct {
	Subject okr.Ref
	Cycle   okr.ID        // of a team or a person; "" is the first in which they are seen
	Of      rules.TraceOf // a rule, the score or the status
	Pack    string        // of a rule
	Rule    string        // its id
}

// AskOf asks for what a finding rests on.
func AskOf(f okr.Finding) Ask {
	return Ask{Subject: f.Subject, Cycle: f.Cycle, Of: rules.TraceOfRule, Pack: f.Pack, Rule: f.Rule}
}

// Explanation is how a finding, a score or a status came about. It can be kept as
// JSON, and [Judge.Recompute] comes to the same from it alone.
type Explanation struct {
	Subject okr.Ref `json:"subject"`
	Title   string  `json:"title"`
	// Trace holds the rule's expressions, the version and digest of its pack, the
	// instant, each fact that was read with its value and the id of the reading or
	// check-in behind it, and the answer.
	Trace rules.Trace `json:"trace"`
	// Before are the packs whose scores or statuses were asked first and did not
	// apply.
	Before []rules.Trace `json:"before,omitempty"`
	// Figures say how the measured facts of a key result or an objective came about,
	// if any of them was read.
	Figures []measure.Derivation `json:"figures,omitempty"`
}

// figures are the facts that are measured.
var figures = []string{"raw", "progress", "expected", "gap", "ratio", "hit", "fresh", "status", "coverage", "vouched"}

// Explain says how the packs in force come to what they say of a subject. The
// errors are those of [Judge.Judge], and [ErrNothingToExplain].
func (j *Judge) Explain(ctx context.Context, p okr.Proposal, ask Ask) (Explanation, error) {
	if p.After == nil {
		return Explanation{}, errors.New("audit: there is no snapshot to explain")
	}
	units, _, err := j.cache.force(j.packs.Set(), p.After.Packs)
	if err != nil {
		return Explanation{}, err
	}
	x := explainer{units: units, w: see(p.After, p.Measured, p.Now, &j.zones)}
	return x.explain(ctx, ask)
}

// explainer explains what units say in one world.
type explainer struct {
	units []*unit
	w     *world
}

func (x *explainer) explain(ctx context.Context, ask Ask) (Explanation, error) {
	s, ok := x.w.subject(ask.Subject, ask.Cycle)
	if !ok {
		return Explanation{}, fmt.Errorf("%w: %s is not in the snapshot", ErrNothingToExplain, ask.Subject)
	}
	e := Explanation{Subject: ask.Subject, Title: s.title}
	opt := rules.Options{Now: x.w.now}
	for _, u := range x.units {
		var t rules.Trace
		var err error
		switch ask.Of {
		case rules.TraceOfScore:
			if !u.scores[s.on] {
				continue
			}
			t, err = u.set.TraceScore(ctx, s.on, s.vars(), opt)
		case rules.TraceOfStatus:
			if !u.statuses[s.on] {
				continue
			}
			t, err = u.set.TraceStatus(ctx, s.on, s.vars(), opt)
		default:
			if !u.has(ask.Pack) {
				continue
			}
			t, err = u.set.TraceRule(ctx, s.on, ask.Pack, ask.Rule, s.vars(), opt)
			if errors.Is(err, rules.ErrTrace) {
				return Explanation{}, fmt.Errorf("%w: %w", ErrNothingToExplain, err)
			}
		}
		if err != nil {
			return Explanation{}, fmt.Errorf("audit: %s: %w", ask.Subject, err)
		}
		if t.Outcome == rules.OutcomeSkip && ask.Of != rules.TraceOfRule && ask.Of != "" {
			e.Before = append(e.Before, t)
			continue
		}
		e.Trace = t
		if readsFigures(t) {
			e.Figures = x.w.snap.Explain(okr.Ref{Kind: s.measuredKind(), ID: s.ref.ID}, x.w.now)
		}
		return e, nil
	}
	return Explanation{}, fmt.Errorf("%w: no pack in force has a %s for %s", ErrNothingToExplain, ask.Of, ask.Subject)
}

// Recompute evaluates the same expressions again, on what the explanation lists as
// read and on nothing else. Packs are where the texts come from; one of the very
// digest must be among them or known to the judge, otherwise the error is
// [ErrNothingToExplain].
func (j *Judge) Recompute(ctx context.Context, packs []okr.Pack, e Explanation) (Explanation, error) {
	units, _, err := j.cache.force(j.packs.Set(), packs)
	if err != nil {
		return Explanation{}, err
	}
	again := Explanation{Subject: e.Subject, Title: e.Title, Figures: e.Figures}
	for _, t := range e.Before {
		r, err := replayed(ctx, units, t)
		if err != nil {
			return Explanation{}, err
		}
		again.Before = append(again.Before, r)
	}
	again.Trace, err = replayed(ctx, units, e.Trace)
	return again, err
}

// replayed replays a trace in the set that it came from.
func replayed(ctx context.Context, units []*unit, t rules.Trace) (rules.Trace, error) {
	for _, u := range units {
		if u.judges[bareDigest(t.Digest)] || t.Digest == "" && u.asks(t) {
			r, err := u.set.Replay(ctx, t)
			if err != nil {
				return rules.Trace{}, fmt.Errorf("audit: %w", err)
			}
			return r, nil
		}
	}
	return rules.Trace{}, fmt.Errorf("%w: the text of pack %s %s (%s) is not there", ErrNothingToExplain, t.Pack, t.Version, t.Digest)
}

func readsFigures(t rules.Trace) bool {
	return slices.ContainsFunc(t.Reads, func(r rules.Read) bool {
		for _, f := range figures {
			if r.Fact == "key_result."+f || r.Fact == "objective."+f {
				return true
			}
		}
		return false
	})
}

// measuredKind is the kind of row that the figures of a subject belong to.
func (s subject) measuredKind() okr.Kind {
	if s.on == onSource {
		return okr.KindKeyResult
	}
	return s.ref.Kind
}

// has says whether a pack of the name is in the set.
func (u *unit) has(pack string) bool {
	return slices.ContainsFunc(u.set.Packs(), func(p rules.PackInfo) bool { return p.Name == pack })
}

// asks says whether the set has just the scores or statuses that did not apply.
func (u *unit) asks(t rules.Trace) bool {
	var ids []string
	for _, p := range u.set.Packs() {
		infos := p.Scores
		if t.Of == rules.TraceOfStatus {
			infos = p.Statuses
		}
		for _, i := range infos {
			if i.On == t.Subject && !i.Disabled {
				ids = append(ids, i.ID)
			}
		}
	}
	slices.Sort(ids)
	before := slices.Clone(t.Before)
	slices.Sort(before)
	return slices.Equal(ids, before)
}

// subject is the one that a ref names, of a team or a person the one in a cycle.
func (w *world) subject(r okr.Ref, within okr.ID) (subject, bool) {
	switch r.Kind {
	case okr.KindTenant:
		return w.tenant.subject(), r.ID == okr.ID(w.tenant.id)
	case okr.KindCycle:
		if w.snap.Cycle(r.ID) != nil {
			return w.cycleByID[r.ID].subject(), true
		}
	case okr.KindTeam:
		for _, t := range w.teams {
			if t.row.ID == r.ID && (within == "" || t.cycle.row.ID == within) {
				return t.subject(), true
			}
		}
	case okr.KindPerson, okr.KindOwner:
		for _, o := range w.owners {
			if o.id == r.ID && (within == "" || o.cycle.row.ID == within) {
				return o.subject(), true
			}
		}
	case okr.KindObjective:
		if o := w.objectiveByID[r.ID]; o != nil {
			return o.subject(), true
		}
	case okr.KindKeyResult:
		if k := w.keyResultByID[r.ID]; k != nil {
			return k.subject(), true
		}
	case okr.KindSource:
		if k := w.keyResultByID[r.ID]; k != nil && k.row.Source != nil {
			return k.source.subject(), true
		}
	case okr.KindCheckIn:
		for i := range w.snap.CheckIns {
			c := &w.snap.CheckIns[i]
			if k := w.keyResultByID[c.KeyResult]; k != nil && c.ID == r.ID {
				return (&checkIn{c, k}).subject(), true
			}
		}
	}
	return subject{}, false
}
