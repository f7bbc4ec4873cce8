package okr

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// What an occurrence came to.
const (
	occurrenceDue      = "due"      // the reminder is out
	occurrenceOverdue  = "overdue"  // grace is over
	occurrenceMissed   = "missed"   // the next one is due
	occurrenceAnswered = "answered" // in time
	occurrenceLate     = "late"     // after due, before the next one's reminder
)

// Settle writes what time alone has changed of the subjects: statuses,
// occurrences that are due, overdue or missed, an owner who left. Each is
// announced once, whoever settles and however often. What the host's own calls
// left for an audience comes back in Decision.Audience, once.
//
// A cycle is settled at each of its civil midnights: everything in it is measured,
// and those whose status the day has changed are left to be settled. That costs one
// load of the cycle.
//
// What waits for a person ([Tenant.Await]) comes back in Decision.Deliveries, to a
// program or to the person alone.
//
// A subject that no longer exists is settled by doing nothing.
func (t Tenant) Settle(ctx context.Context, refs ...Ref) (Decision, error) {
	if len(refs) == 0 {
		return Decision{}, nil
	}
	for i, r := range refs {
		if err := checkID(fmt.Sprintf("refs[%d]", i), r.ID, true); err != nil {
			return Decision{}, err
		}
	}
	return t.decide(ctx, Intent{VerbSettle, slices.Clone(refs)}, "", refs, func(ctx context.Context, w *work) error {
		return w.settle(ctx, refs)
	})
}

func (w *work) settle(ctx context.Context, refs []Ref) error {
	refs = slices.Clone(refs)
	slices.SortFunc(refs, CompareRefs)
	refs = slices.Compact(refs)
	refs = slices.DeleteFunc(refs, func(r Ref) bool { return r.Kind == KindPerson && !w.delivers(r) })
	need := Need{Collections: Collections{Standings: true}}
	for _, r := range refs {
		if r.Kind == KindKeyResult || r.Kind == KindObjective || r.Kind == KindWaiver {
			need.Refs = append(need.Refs, r)
		}
	}
	w.changes.Settled = refs
	for {
		w.intent.Subjects = slices.DeleteFunc(slices.Clone(need.Refs), func(r Ref) bool { return r.Kind == KindWaiver })
		err := w.load(ctx, need)
		if err == nil {
			break
		}
		var gone *NotFoundError
		if !errors.As(err, &gone) || !slices.Contains(need.Refs, gone.Ref) {
			return err
		}
		need.Refs = slices.DeleteFunc(need.Refs, func(r Ref) bool { return r == gone.Ref })
	}
	for _, r := range refs {
		if r.Kind == KindCycle {
			if err := w.settleDay(ctx, r); err != nil {
				return err
			}
		}
	}
	all := sync.OnceValue(func() found { return w.after.sift(w.verdict.Findings, "") })
	for _, r := range need.Refs {
		switch r.Kind {
		case KindWaiver:
			if err := w.expire(ctx, *w.after.Waiver(r.ID)); err != nil {
				return err
			}
			continue
		case KindObjective:
			if o := w.after.Objective(r.ID); !w.over(o.Cycle) {
				w.then = append(w.then, func(map[ID]measure.Result) error { return w.findOf(r, all()) })
			}
			continue
		}
		if err := w.audience(ctx, r); err != nil {
			return err
		}
		k := w.after.KeyResult(r.ID)
		if k == nil || w.over(k.Cycle) {
			continue
		}
		w.then = append(w.then, func(map[ID]measure.Result) error { return w.findOf(r, all()) })
		if k.State != Active {
			continue
		}
		if err := w.reschedule(k, func() (series, error) { return w.series(ctx, r, 0) }); err != nil {
			return err
		}
		if err := w.ownerLeft(*k); err != nil {
			return err
		}
		if err := w.occur(*k); err != nil {
			return err
		}
		w.then = append(w.then, func(measured map[ID]measure.Result) error { return w.foresee(ctx, r, measured) })
	}
	if err := w.deliver(ctx, refs); err != nil {
		return err
	}
	return w.settleReports(ctx, refs)
}

// over says whether a cycle is closed: nothing in it is announced any more.
func (w *work) over(cycle ID) bool {
	c := w.after.Cycle(cycle)
	return c == nil || c.closed(w.now)
}

// audience hands over the events that were waiting to be told of.
func (w *work) audience(ctx context.Context, r Ref) error {
	for _, st := range w.standingsOf(r) {
		if st.Kind != standingAudience {
			continue
		}
		seq, err := strconv.ParseInt(st.Value, 10, 64)
		if err != nil {
			return err
		}
		events, err := w.unit.Events(ctx, w.id, r, seq-1)
		if err != nil {
			return err
		}
		for _, e := range events {
			if e.ID == st.Key {
				if w.private(r) {
					if e, err = titled(e, w.after.KeyResult(r.ID).Title); err != nil {
						return err
					}
				}
				w.out.Audience = append(w.out.Audience, e)
			}
		}
		w.changes.Drop = append(w.changes.Drop, st)
	}
	return nil
}

func (w *work) ownerLeft(k KeyResult) error {
	ref := Ref{KindKeyResult, k.ID}
	said, _ := w.standing(ref, standingOwner, "")
	now := ""
	if p := w.after.Person(k.Owner); p != nil && p.Left {
		now = string(p.ID)
	}
	if said.Value == now {
		return nil
	}
	w.setStanding(Standing{Subject: ref, Kind: standingOwner, Value: now, Since: w.now})
	if now == "" {
		return nil
	}
	w.expect(ref, k.Version)
	return w.emit(ref, ref, EventOwnerLeft, w.fact(k), k)
}

// occurrences lists those of a key result that fall due since it follows its
// schedule, up to and including the first one after now.
func (w *work) occurrences(k KeyResult) ([]Occurrence, error) {
	s := w.after.CadenceOf(k)
	c := w.after.Cycle(k.Cycle)
	if w.desk.calendar == nil || s == nil || c == nil || k.ActivatedAt == nil {
		return nil, nil
	}
	since, err := w.followed(k, *s)
	if err != nil {
		return nil, err
	}
	all, err := w.desk.calendar.Occurrences(*s, *c, since, w.now.Add(2*s.Interval().Duration()+72*time.Hour))
	if err != nil {
		return nil, err
	}
	for i, o := range all {
		if o.Due.After(w.now) {
			return all[:i+1], nil
		}
	}
	return all, nil
}

func (w *work) came(k KeyResult) map[string]string {
	out := map[string]string{}
	for _, st := range w.standingsOf(Ref{KindKeyResult, k.ID}) {
		if st.Kind == standingOccurrence {
			out[st.Key] = st.Value
		}
	}
	return out
}

func answered(came string) bool { return came == occurrenceAnswered || came == occurrenceLate }

// missedAt is the instant from which an unanswered occurrence is missed: when the
// next one is due, or, after the last of a cycle, one interval later.
func missedAt(all []Occurrence, i int, s Schedule) time.Time {
	if i+1 < len(all) {
		return all[i+1].Due
	}
	return all[i].Due.Add(s.Interval().Duration())
}

// answer finds the occurrence that a check-in made now answers and notes it. What
// is said within the grace after a check-in that answered the last one adds to
// that one: an afterthought must not silence the next reminder.
func (w *work) answer(k KeyResult) (key string, late bool, err error) {
	all, err := w.occurrences(k)
	if err != nil || len(all) == 0 {
		return "", false, err
	}
	came := w.came(k)
	var last, next *Occurrence
	for i := range all {
		if all[i].Due.Before(w.now) {
			last = &all[i]
		} else if next == nil {
			next = &all[i]
		}
	}
	note := func(o *Occurrence, value string) {
		w.setStanding(Standing{Subject: Ref{KindKeyResult, k.ID}, Kind: standingOccurrence, Key: o.Key, Value: value, Since: w.now})
	}
	if last != nil && !answered(came[last.Key]) && came[last.Key] != occurrenceMissed && (next == nil || w.now.Before(next.Opens)) {
		note(last, occurrenceLate)
		return last.Key, true, nil
	}
	if last != nil && answered(came[last.Key]) {
		st, _ := w.standing(Ref{KindKeyResult, k.ID}, standingOccurrence, last.Key)
		if w.now.Sub(st.Since) < w.after.CadenceOf(k).GraceOrDefault().Duration() {
			return last.Key, false, nil
		}
	}
	if next == nil || answered(came[next.Key]) {
		return "", false, nil
	}
	note(next, occurrenceAnswered)
	return next.Key, false, nil
}

// occur announces what has become of each occurrence.
func (w *work) occur(k KeyResult) error {
	all, err := w.occurrences(k)
	if err != nil {
		return err
	}
	came := w.came(k)
	s := w.after.CadenceOf(k)
	ref := Ref{KindKeyResult, k.ID}
	for i, o := range all {
		was := came[o.Key]
		var value, event string
		switch {
		case answered(was) || was == occurrenceMissed:
			continue
		case !w.now.Before(missedAt(all, i, *s)):
			value, event = occurrenceMissed, EventCheckInMissed
		case !w.now.Before(o.GraceEnds):
			value, event = occurrenceOverdue, EventCheckInOverdue
		case !w.now.Before(o.Opens):
			value, event = occurrenceDue, EventCheckInDue
		}
		if value == "" || value == was {
			continue
		}
		w.expect(ref, k.Version)
		w.setStanding(Standing{Subject: ref, Kind: standingOccurrence, Key: o.Key, Value: value, Since: w.now})
		f := OccurrenceFact{KeyResultFact: w.fact(k), Occurrence: o.Key, Due: o.Due}
		if d := w.now.Sub(o.Due); d > 0 {
			f.OverdueDays = int(d.Hours() / 24)
		}
		if err := w.emit(ref, Ref{KindStanding, k.ID}, event, f, f); err != nil {
			return err
		}
	}
	return nil
}

// schedule says when each settled subject is to be looked at again: at the next
// change of an occurrence, when its reading grows stale, when an override ends, and
// when the judge asks. Midnights are the cycle's.
func (w *work) schedule(asked []Look) error {
	midnights := map[ID]time.Time{}
	for _, r := range w.intent.Subjects {
		at := earliest{after: w.now}
		var cycle *Cycle
		switch r.Kind {
		case KindKeyResult:
			k := w.after.KeyResult(r.ID)
			if k == nil || k.State != Active || w.over(k.Cycle) {
				continue
			}
			cycle = w.after.Cycle(k.Cycle)
			if k.CurrentAt != nil {
				at.consider(w.after.staleAt(*k))
			}
			at.consider(k.Override.Until)
			if err := w.expectOccurrences(*k, &at); err != nil {
				return err
			}
		case KindObjective:
			o := w.after.Objective(r.ID)
			if o == nil || o.State != Active || w.over(o.Cycle) {
				continue
			}
			cycle = w.after.Cycle(o.Cycle)
		}
		if cycle != nil && midnights[cycle.ID].IsZero() {
			midnights[cycle.ID] = cycle.midnight(w.now)
		}
		for _, l := range asked {
			if l.Subject == r && (cycle == nil || !l.At.Equal(midnights[cycle.ID])) {
				at.consider(l.At)
			}
		}
		st, ok := w.standing(r, standingStatus, "")
		if !ok {
			st = Standing{Subject: r, Kind: standingStatus, Value: string(measure.Unknown), Since: w.now}
		}
		st.NextLook = at.look()
		w.setStanding(st)
	}
	return nil
}

// expectOccurrences considers when something is to be said of an occurrence. Where
// the next one is out of sight, or answered already, it is when the one after it
// comes into sight.
func (w *work) expectOccurrences(k KeyResult, at *earliest) error {
	all, err := w.occurrences(k)
	if err != nil {
		return err
	}
	came := w.came(k)
	s := w.after.CadenceOf(k)
	for i, o := range all {
		if answered(came[o.Key]) || came[o.Key] == occurrenceMissed {
			at.consider(o.Due)
			continue
		}
		at.consider(o.Opens)
		at.consider(o.GraceEnds)
		at.consider(missedAt(all, i, *s))
	}
	c := w.after.Cycle(k.Cycle)
	if w.desk.calendar == nil || s == nil || c == nil || k.ActivatedAt == nil || c.Today(w.now).After(c.End) {
		return nil
	}
	if len(all) == 0 || !all[len(all)-1].Due.After(w.now) {
		at.consider(w.now.Add(s.Interval().Duration()))
	}
	return nil
}
