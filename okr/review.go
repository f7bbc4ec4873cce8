package okr

import (
	"context"
	"fmt"
	"slices"

	"github.com/okrkit/okrkit/okr/measure"
)

// NextStep is what a review says shall become of a key result or an objective.
type NextStep string

// The next steps. To carry something over is a decision of its own, see
// [Tenant.CarryOver]; here people only say what they think.
const (
	NextCarryOver NextStep = "carry_over"
	NextDrop      NextStep = "drop"
	NextDone      NextStep = "done"
	NextRethink   NextStep = "rethink"
)

func nextSteps() []NextStep { return []NextStep{NextCarryOver, NextDrop, NextDone, NextRethink} }

// Reviewing is what people found at the end of a cycle. Several reviews of one
// cycle add up; what is said of the same subject again takes the place of what was
// said before, and the ledger keeps both.
type Reviewing struct {
	Cycle   ID            `json:"cycle"`
	Entries []ReviewEntry `json:"entries"`
	Key     string        `json:"-"` // idempotency key; "" is none
}

// ReviewEntry is what was found of one key result, objective or team, or of the
// whole cycle.
type ReviewEntry struct {
	Subject Ref            `json:"subject"`
	Learned string         `json:"learned,omitempty"` // of a cycle or a team it has to be said
	Why     string         `json:"why,omitempty"`     // of a miss; what was committed and not reached has to say it
	Next    NextStep       `json:"next,omitempty"`
	Final   measure.Number `json:"final,omitzero"`   // score, [0,1]; unknown: the suggested one
	Reason  string         `json:"reason,omitempty"` // where Final is not the suggested score
}

func (r Reviewing) check() error {
	if err := checkID("cycle", r.Cycle, true); err != nil {
		return err
	}
	if len(r.Entries) == 0 || len(r.Entries) > 1000 {
		return invalid("entries", fmt.Sprint(len(r.Entries)), "say something of the cycle or of what it held: 1 to 1000 entries")
	}
	seen := map[Ref]bool{}
	for i, e := range r.Entries {
		field := fmt.Sprintf("entries[%d]", i)
		if err := e.check(field, r.Cycle); err != nil {
			return err
		}
		if seen[e.Subject] {
			return invalid(field+".subject", e.Subject.String(), "it stands twice: say everything of it in one entry")
		}
		seen[e.Subject] = true
	}
	return nil
}

func (e ReviewEntry) check(field string, cycle ID) error {
	for _, err := range []error{
		checkID(field+".subject", e.Subject.ID, true),
		checkText(field+".learned", e.Learned, maxNote, false),
		checkText(field+".why", e.Why, maxNote, false),
		checkText(field+".reason", e.Reason, maxNote, false),
	} {
		if err != nil {
			return err
		}
	}
	switch e.Subject.Kind {
	case KindKeyResult, KindObjective:
		if e.Learned == "" && e.Why == "" && e.Next == "" && !e.Final.Known() {
			return invalid(field, e.Subject.String(), "it says nothing: say what was learned, why it was missed, what comes next, or its final score")
		}
	case KindTeam, KindCycle:
		if e.Subject.Kind == KindCycle && e.Subject.ID != cycle {
			return invalid(field+".subject", e.Subject.String(), "it is another cycle than the one that is reviewed")
		}
		if err := checkText(field+".learned", e.Learned, maxNote, true); err != nil {
			return err
		}
		if e.Final.Known() {
			return invalid(field+".final", e.Final.String(), "a %s is not scored: score its key results", e.Subject.Kind)
		}
	default:
		return invalid(field+".subject", e.Subject.String(), "review key results, objectives, teams, or the cycle itself")
	}
	if e.Next != "" && !slices.Contains(nextSteps(), e.Next) {
		return invalid(field+".next", string(e.Next), "use carry_over, drop, done or rethink")
	}
	if v, ok := e.Final.Value(); ok && (!e.Final.Finite() || v < 0 || v > 1) {
		return invalid(field+".final", e.Final.String(), "a final score goes from 0, nothing of it, to 1, all of it")
	}
	return nil
}

// Review records what people found after the last day of a cycle and before it is
// closed: what was learned, why something was missed, what comes next, and a final
// score where they do not agree with the suggested one. A final score that differs
// needs a reason, and a committed key result that was not reached an explanation.
//
// Whether a key result was hit is computed, here and at the close, and nobody's to
// say.
func (t Tenant) Review(ctx context.Context, r Reviewing) (Decision, error) {
	if err := r.check(); err != nil {
		return Decision{}, err
	}
	in := Intent{Verb: VerbReview}
	for _, e := range r.Entries {
		in.Subjects = append(in.Subjects, e.Subject)
	}
	return t.decide(ctx, in, r.Key, r, func(ctx context.Context, w *work) error {
		return w.review(ctx, r)
	})
}

func (w *work) review(ctx context.Context, r Reviewing) error {
	ref := Ref{KindCycle, r.Cycle}
	need := Need{Refs: []Ref{ref}, Cycle: r.Cycle, Collections: Collections{Standings: true, Items: []Kind{KindReview}}}
	for _, e := range r.Entries {
		if e.Subject.Kind == KindTeam {
			need.Refs = append(need.Refs, e.Subject)
		}
	}
	if err := w.load(ctx, need); err != nil {
		return err
	}
	row := w.after.Cycle(r.Cycle)
	if row == nil {
		return &NotFoundError{ref}
	}
	if err := w.open(r.Cycle); err != nil {
		return err
	}
	if row.Phase(w.now) != Review {
		return invalid("cycle", row.Name, "it runs until %s: review it after its last day", row.End)
	}
	for i, e := range r.Entries {
		if err := w.reviewable(fmt.Sprintf("entries[%d]", i), *row, e); err != nil {
			return err
		}
	}
	// What is suggested is known when the rules have spoken.
	w.then = append(w.then, func(measured map[ID]measure.Result) error {
		for i, e := range r.Entries {
			if err := w.reviewed(fmt.Sprintf("entries[%d]", i), *row, e, measured); err != nil {
				return err
			}
		}
		return nil
	})
	return nil
}

// reviewable checks that the subject took part in the cycle.
func (w *work) reviewable(field string, c Cycle, e ReviewEntry) error {
	switch e.Subject.Kind {
	case KindKeyResult:
		k := w.after.KeyResult(e.Subject.ID)
		if k == nil || k.Cycle != c.ID {
			return &NotFoundError{e.Subject}
		}
		if k.ActivatedAt == nil {
			return invalid(field+".subject", e.Subject.String(), "%q was never active: there is nothing to review", k.Title)
		}
	case KindObjective:
		o := w.after.Objective(e.Subject.ID)
		if o == nil || o.Cycle != c.ID {
			return &NotFoundError{e.Subject}
		}
		if e.Final.Known() && !c.GradeObjectives {
			return invalid(field+".final", e.Final.String(), "objectives are not scored in %s, only their key results: leave it out, or plan the cycle with grade_objectives", c.Name)
		}
	case KindTeam:
		if w.after.Team(e.Subject.ID) == nil {
			return &NotFoundError{e.Subject}
		}
	}
	return nil
}

// reviewed writes what was found of one subject.
func (w *work) reviewed(field string, c Cycle, e ReviewEntry, measured map[ID]measure.Result) error {
	end := w.endings(measured).with(e.Subject, e.Final)
	if e.Final.Known() && !e.Final.Equal(end.Suggested) && e.Reason == "" {
		computed, final := apart(end.Suggested, e.Final)
		return invalid(field+".reason", "", "the score that was computed is %s: say why %s is the final one", computed, final)
	}
	if e.Why == "" && end.explains() {
		return invalid(field+".why", "", "it was committed and is not fully reached, but %s: say why", measure.Round(end.Score, scorePlaces))
	}
	row := ReviewRecord{ID: ID(w.desk.newID())}
	if old := w.after.reviewOf(e.Subject, c.ID); old != nil {
		row.ID, row.Version = old.ID, old.Version
		said := ReviewEntry{old.Subject, old.Learned, old.Why, old.Next, old.Final, old.Reason}
		if said == e && old.Outcome == end.Outcome && old.Suggested.Equal(end.Suggested) {
			return nil
		}
	}
	row.Subject, row.Cycle = e.Subject, c.ID
	row.Learned, row.Why, row.Next, row.Final, row.Reason = e.Learned, e.Why, e.Next, e.Final, e.Reason
	row.Suggested, row.Outcome = end.Suggested, end.Outcome
	row.By, row.At = w.actor, w.now
	return w.put(row, EventReviewRecorded, ReviewFact{
		Review: row.ID, Subject: e.Subject, Cycle: c.ID, Outcome: end.Outcome, Suggested: end.Suggested, Final: e.Final, Grade: end.Grade, Next: e.Next,
	})
}

// reviewOf is the newest review of a subject in a cycle, nil if there is none.
func (s *Snapshot) reviewOf(subject Ref, cycle ID) *ReviewRecord {
	for i := len(s.Reviews) - 1; i >= 0; i-- {
		if r := &s.Reviews[i]; r.Subject == subject && r.Cycle == cycle {
			return r
		}
	}
	return nil
}
