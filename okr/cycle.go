package okr

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

func asNotFound(err error, target **NotFoundError) bool { return errors.As(err, target) }

// Closing ends a cycle.
type Closing struct {
	Cycle ID          `json:"cycle"`
	Waive *Unreviewed `json:"waive,omitempty"` // close it without the review that is missing; nil is not waived
	Key   string      `json:"-"`               // idempotency key; "" is none
}

// Unreviewed is who answers for a cycle that is closed without a review, and why.
type Unreviewed struct {
	Owner  ID     `json:"owner"` // a person
	Reason string `json:"reason"`
}

// What keeps a cycle from being closed; a [Waiver] names them.
const (
	RuleReviewHeld     = "review-held"     // somebody said what was learned, or what each key result came to
	RuleMissExplained  = "miss-explained"  // of what was committed and not reached, somebody said why
	RuleScoreExplained = "score-explained" // where the final score is not the computed one, somebody said why
)

// Close ends a cycle after its last day. From then on nothing in it changes: what
// every key result came to is computed from what is known at this instant and kept
// with it, see [Ending], and the last status of each is told.
//
// Without a review it is refused: somebody says what was learned in the cycle, or
// reviews each key result, see [Tenant.Review], and why what was committed was not
// reached. The error is a *[RefusedError] with everything that is missing.
// Closing.Waive closes it all the same, by name.
func (t Tenant) Close(ctx context.Context, c Closing) (Decision, error) {
	if err := checkID("cycle", c.Cycle, true); err != nil {
		return Decision{}, err
	}
	if c.Waive != nil {
		for _, err := range []error{
			checkID("waive.owner", c.Waive.Owner, true),
			checkText("waive.reason", c.Waive.Reason, maxNote, true),
		} {
			if err != nil {
				return Decision{}, err
			}
		}
	}
	return t.decide(ctx, Intent{VerbClose, []Ref{{KindCycle, c.Cycle}}}, c.Key, c, func(ctx context.Context, w *work) error {
		return w.close(ctx, c)
	})
}

func (w *work) close(ctx context.Context, c Closing) error {
	ref := Ref{KindCycle, c.Cycle}
	need := Need{Refs: []Ref{ref}, Cycle: c.Cycle, Cycles: true, Collections: Collections{Standings: true, Items: []Kind{KindReview}}}
	if c.Waive != nil {
		need.Refs = append(need.Refs, Ref{KindPerson, c.Waive.Owner})
	}
	if err := w.load(ctx, need); err != nil {
		if missing := (*NotFoundError)(nil); asNotFound(err, &missing) && missing.Ref.Kind == KindPerson {
			return invalid("waive.owner", string(c.Waive.Owner), "nobody in the directory has that id: synchronise people first")
		}
		return err
	}
	row := w.after.Cycle(c.Cycle)
	if row == nil {
		return &NotFoundError{ref}
	}
	if row.ClosedAt != nil {
		return &ConflictError{ref, row.Name + " is closed already"}
	}
	if today := row.Today(w.now); !today.After(row.End) {
		return invalid("cycle", row.Name, "it runs until %s: close it after its last day", row.End)
	}
	for _, inner := range w.after.Cycles {
		if inner.Parent == row.ID && inner.ClosedAt == nil {
			return &ConflictError{ref, fmt.Sprintf("%s lies in it and is not closed: close that one first", inner.Name)}
		}
	}
	if c.Waive != nil {
		if p := w.after.Person(c.Waive.Owner); p.Kind != Human || p.Left {
			return invalid("waive.owner", string(p.ID), "%s cannot answer for it: name a human being who is here", p.Name)
		}
	}
	now := w.now
	w.expect(ref, row.Version)
	row.ClosedAt = &now
	for _, k := range w.after.KeyResults {
		if k.Cycle != c.Cycle || k.ActivatedAt == nil {
			continue
		}
		// A check-in at the same moment is before the close or after it.
		w.expect(Ref{KindKeyResult, k.ID}, k.Version)
		w.intent.Subjects = append(w.intent.Subjects, Ref{KindKeyResult, k.ID})
	}
	for _, o := range w.after.Objectives {
		if o.Cycle == c.Cycle && o.State != Draft {
			w.expect(Ref{KindObjective, o.ID}, o.Version)
			w.intent.Subjects = append(w.intent.Subjects, Ref{KindObjective, o.ID})
		}
	}
	w.then = append(w.then, func(measured map[ID]measure.Result) error { return w.end(ctx, c, measured) })
	return nil
}

// end writes what everything in the cycle came to.
func (w *work) end(ctx context.Context, c Closing, measured map[ID]measure.Result) error {
	ends := map[Ref]Ending{}
	came := w.endings(measured)
	promised, err := w.Tenant.View().goalposts(ctx, w.unit, w.after, w.intent, w.now)
	if err != nil {
		return err
	}
	for _, r := range w.intent.Subjects[1:] {
		e := came.of(r)
		if k := w.after.KeyResult(r.ID); r.Kind == KindKeyResult {
			e.Cadence = w.after.CadenceOf(*k)
			if was, ok := promised[r.ID]; ok {
				e.Promised = &was.Measured
			}
		}
		ends[r] = e
	}
	row := w.after.Cycle(c.Cycle)
	if missing := w.after.unreviewed(*row, ends, w.now); len(missing) > 0 {
		if c.Waive == nil {
			return &RefusedError{Findings: missing}
		}
		if err := w.waiveReview(*c.Waive, *row, missing); err != nil {
			return err
		}
	}
	fact := cycleFact(*row)
	fact.Outcomes = map[measure.Status]int{}
	for r, e := range ends {
		switch {
		case r.Kind != KindKeyResult:
		case w.private(r):
			fact.Hidden++ // what it came to could be had from a sum in which it counts
		default:
			fact.Outcomes[e.Outcome]++
		}
	}
	ref := Ref{KindCycle, c.Cycle}
	if err := w.emit(ref, ref, EventCycleClosed, fact, *row); err != nil {
		return err
	}
	for _, r := range w.intent.Subjects[1:] {
		if err := w.ended(r, ends[r]); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) ended(r Ref, e Ending) error {
	if r.Kind == KindObjective {
		o := w.after.Objective(r.ID)
		o.Ending = &e
		return w.emit(r, r, EventObjectiveEnded, ObjectiveEnded{objectiveFact(*o), e.Score, e.Grade}, *o)
	}
	k := w.after.KeyResult(r.ID)
	k.Ending = &e
	return w.emit(r, r, EventKeyResultEnded, KeyResultEnded{
		KeyResultFact: w.fact(*k), Outcome: e.Outcome, Progress: e.Measured.Progress, Suggested: e.Suggested, Score: e.Score, Grade: e.Grade,
	}, *k)
}

// unreviewed is everything that the review of a cycle still lacks at the instant, by
// rule and subject, and that nobody answers for.
func (s *Snapshot) unreviewed(c Cycle, ends map[Ref]Ending, now time.Time) []Finding {
	var silent, open []Finding
	find := func(rule string, r Ref, title, message, fix string) Finding {
		return Finding{
			Rule: rule, Pack: "okr", Version: "1", Severity: SeverityError, Outcome: OutcomeFail, Gate: true,
			Subject: r, Title: title, Message: message, Fix: fix,
		}
	}
	promised := 0
	for _, k := range s.KeyResults {
		r := Ref{KindKeyResult, k.ID}
		e, ended := ends[r]
		if !ended {
			continue
		}
		promised++
		said := s.reviewOf(r, c.ID)
		if said == nil {
			silent = append(silent, find(RuleReviewHeld, r, k.Title, "nobody has reviewed it",
				"Review it: what was learned, and what comes next."))
		}
		if e.explains() && (said == nil || said.Why == "") {
			open = append(open, find(RuleMissExplained, r, k.Title, fmt.Sprintf("it was committed, and its score is %s", measure.Round(e.Score, scorePlaces)),
				"Review it, and say why it was not reached."))
		}
		if said != nil && said.Final.Known() && !said.Final.Equal(e.Suggested) && said.Reason == "" {
			final, computed := apart(said.Final, e.Suggested)
			open = append(open, find(RuleScoreExplained, r, k.Title,
				fmt.Sprintf("its final score is %s, and since it was reviewed the computed one has become %s", final, computed),
				"Review it again, with the computed score or with a reason."))
		}
	}
	whole := s.reviewOf(Ref{KindCycle, c.ID}, c.ID)
	if promised > 0 && whole == nil && len(silent) > 0 {
		first := find(RuleReviewHeld, Ref{KindCycle, c.ID}, c.Name, "nobody has said what was learned in it",
			"Review the cycle, or each of its key results, or close it with a waiver by name.")
		if len(s.unwaived([]Finding{first}, now)) > 0 {
			open = slices.Concat([]Finding{first}, silent, open)
		}
	}
	return s.unwaived(open, now)
}

// scorePlaces is with how many decimal places people read a score.
const scorePlaces = 2

// apart is two scores that differ, as people read them: with as many places as it
// takes to tell them apart.
func apart(a, b measure.Number) (string, string) {
	const all = 17 // no two numbers share so many
	for places := scorePlaces; places < all; places++ {
		if x, y := measure.Round(a, places), measure.Round(b, places); x != y {
			return x, y
		}
	}
	return a.String(), b.String()
}

// waiveReview records who answers for what the review lacks.
func (w *work) waiveReview(u Unreviewed, c Cycle, missing []Finding) error {
	var rules []string
	for _, f := range missing {
		if !slices.Contains(rules, f.Rule) {
			rules = append(rules, f.Rule)
		}
	}
	slices.SortFunc(rules, strings.Compare)
	for _, rule := range rules {
		x := Waiver{
			ID: ID(w.desk.newID()), Rule: rule, Subject: Ref{KindCycle, c.ID}, Cycle: c.ID, Owner: u.Owner, Reason: u.Reason, By: w.actor, At: w.now,
		}
		if err := w.put(x, EventFindingWaived, WaiverFact{x.ID, x.Rule, x.Subject, x.Cycle, x.Owner, x.Until}); err != nil {
			return err
		}
	}
	return nil
}

// nests checks a cycle as it shall be against the others: it lies within its
// parent, and what lies in it stays in it. Cycles may overlap all they like.
func nests(cycles []Cycle, c Cycle) error {
	within := func(inner, outer Cycle) bool { return !inner.Start.Before(outer.Start) && !inner.End.After(outer.End) }
	for _, other := range cycles {
		switch {
		case other.ID == c.ID:
		case other.ID == c.Parent && other.ClosedAt != nil && c.ClosedAt == nil:
			return invalid("cycle.parent", other.Key, "%s is closed: nothing begins in it any more", other.Name)
		case other.ID == c.Parent && !within(c, other):
			return invalid("cycle.start", c.Start.String(), "%s runs from %s to %s, and %s from %s to %s: a cycle lies within its parent",
				c.Name, c.Start, c.End, other.Name, other.Start, other.End)
		case other.Parent == c.ID && !within(other, c):
			return invalid("cycle.start", c.Start.String(), "%s lies in it and runs from %s to %s: it has to hold it", other.Name, other.Start, other.End)
		}
	}
	// Whoever walks up from a cycle arrives, within as many steps as there are
	// cycles.
	parents := map[ID]ID{}
	for _, other := range cycles {
		parents[other.ID] = other.Parent
	}
	parents[c.ID] = c.Parent
	for at, steps := c.Parent, 0; at != ""; at, steps = parents[at], steps+1 {
		if at == c.ID || steps > len(parents) {
			return invalid("cycle.parent", c.Key, "a cycle cannot lie in itself, nor in what lies in it: break the ring")
		}
	}
	return nil
}
