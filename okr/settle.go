package okr

import (
	"context"
	"errors"
	"slices"
	"strconv"
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
// A subject that no longer exists is settled by doing nothing.
func (t Tenant) Settle(ctx context.Context, refs ...Ref) (Decision, error) {
	if len(refs) == 0 {
		return Decision{}, nil
	}
	return t.decide(ctx, Intent{Verb: VerbSettle}, "", refs, func(ctx context.Context, w *work) error {
		return w.settle(ctx, refs)
	})
}

func (w *work) settle(ctx context.Context, refs []Ref) error {
	refs = slices.Clone(refs)
	slices.SortFunc(refs, CompareRefs)
	refs = slices.Compact(refs)
	need := Need{Collections: Collections{Standings: true}}
	for _, r := range refs {
		if r.Kind == KindKeyResult || r.Kind == KindObjective {
			need.Refs = append(need.Refs, r)
		}
	}
	w.changes.Settled = refs
	for {
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
	w.intent.Subjects = need.Refs
	for _, r := range need.Refs {
		if r.Kind != KindKeyResult {
			continue
		}
		if err := w.audience(ctx, r); err != nil {
			return err
		}
		k := w.after.KeyResult(r.ID)
		if k == nil || k.State != Active || w.over(k.Cycle) {
			continue
		}
		if err := w.ownerLeft(*k); err != nil {
			return err
		}
		if err := w.occur(*k); err != nil {
			return err
		}
	}
	return nil
}

// over says whether a cycle is closed: nothing in it is announced any more.
func (w *work) over(cycle ID) bool {
	c := w.after.Cycle(cycle)
	return c == nil || c.Phase(w.now) == Closed
}

// audience hands over the events that were waiting to be told of.
func (w *work) audience(ctx context.Context, r Ref) error {
	for _, st := range w.after.StandingsOf(r) {
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
				w.out.Audience = append(w.out.Audience, e)
			}
		}
		w.changes.Drop = append(w.changes.Drop, st)
	}
	return nil
}

func (w *work) ownerLeft(k KeyResult) error {
	p := w.after.Person(k.Owner)
	if p == nil {
		return nil
	}
	ref := Ref{KindKeyResult, k.ID}
	said := ""
	for _, st := range w.after.StandingsOf(ref) {
		if st.Kind == standingOwner {
			said = st.Value
		}
	}
	now := ""
	if p.Left {
		now = string(p.ID)
	}
	if said == now {
		return nil
	}
	w.setStanding(Standing{Subject: ref, Kind: standingOwner, Value: now, Since: w.now})
	if now == "" {
		return nil
	}
	w.expect(ref, k.Version)
	return w.emit(ref, ref, EventOwnerLeft, w.fact(k), k)
}

// occurrences lists those of a key result that fall due after it became active,
// up to and including the first one after the instant.
func (w *work) occurrences(k KeyResult, now time.Time) ([]Occurrence, error) {
	s := w.after.CadenceOf(k)
	c := w.after.Cycle(k.Cycle)
	if w.desk.calendar == nil || s == nil || c == nil || k.ActivatedAt == nil {
		return nil, nil
	}
	all, err := w.desk.calendar.Occurrences(*s, *c, *k.ActivatedAt, now.Add(2*s.Interval().Duration()+72*time.Hour))
	if err != nil {
		return nil, err
	}
	for i, o := range all {
		if o.Due.After(now) {
			return all[:i+1], nil
		}
	}
	return all, nil
}

func (w *work) came(k KeyResult) map[string]string {
	out := map[string]string{}
	for _, st := range w.after.StandingsOf(Ref{KindKeyResult, k.ID}) {
		if st.Kind == standingOccurrence {
			out[st.Key] = st.Value
		}
	}
	return out
}

func answered(came string) bool { return came == occurrenceAnswered || came == occurrenceLate }

// answer finds the occurrence that a check-in made now answers and notes it.
func (w *work) answer(k KeyResult) (key string, late bool, err error) {
	all, err := w.occurrences(k, w.now)
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
	if next == nil || answered(came[next.Key]) {
		return "", false, nil
	}
	note(next, occurrenceAnswered)
	return next.Key, false, nil
}

// occur announces what has become of each occurrence.
func (w *work) occur(k KeyResult) error {
	all, err := w.occurrences(k, w.now)
	if err != nil {
		return err
	}
	came := w.came(k)
	s := w.after.CadenceOf(k)
	ref := Ref{KindKeyResult, k.ID}
	for i, o := range all {
		over := o.Due.Add(s.Interval().Duration())
		if i+1 < len(all) {
			over = all[i+1].Due
		}
		was := came[o.Key]
		var value, event string
		switch {
		case answered(was) || was == occurrenceMissed:
			continue
		case !w.now.Before(over):
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
// change of an occurrence, when its reading grows stale, when the judge asks, and
// at the next civil midnight of its cycle, since pace is counted in days.
func (w *work) schedule(asked []Look) {
	for _, r := range w.intent.Subjects {
		var at time.Time
		sooner := func(t time.Time) {
			if t.After(w.now) && (at.IsZero() || t.Before(at)) {
				at = t
			}
		}
		for _, l := range asked {
			if l.Subject == r {
				sooner(l.At)
			}
		}
		var cycle *Cycle
		switch r.Kind {
		case KindKeyResult:
			k := w.after.KeyResult(r.ID)
			if k == nil || k.State != Active || w.over(k.Cycle) {
				continue
			}
			cycle = w.after.Cycle(k.Cycle)
			if k.CurrentAt != nil {
				sooner(k.CurrentAt.Add(w.after.FreshFor(*k) + time.Microsecond))
			}
			all, err := w.occurrences(*k, w.now)
			if err == nil {
				came := w.came(*k)
				for _, o := range all {
					if answered(came[o.Key]) || came[o.Key] == occurrenceMissed {
						continue
					}
					sooner(o.Opens)
					sooner(o.GraceEnds)
					sooner(o.Due.Add(w.after.CadenceOf(*k).Interval().Duration()))
				}
			}
		case KindObjective:
			o := w.after.Objective(r.ID)
			if o == nil || o.State != Active || w.over(o.Cycle) {
				continue
			}
			cycle = w.after.Cycle(o.Cycle)
		}
		if cycle != nil {
			if loc, err := cycle.Location(); err == nil {
				sooner(cycle.Today(w.now).AddDays(1).In(loc))
			}
		}
		st := Standing{Subject: r, Kind: standingStatus, Value: announced(w.after, r), Since: w.now}
		for _, old := range w.after.StandingsOf(r) {
			if old.Kind == standingStatus {
				st = old
			}
		}
		if st.Value == "" {
			st.Value = string(measure.Unknown)
		}
		if !at.IsZero() {
			at = at.UTC()
			st.NextLook = &at
		}
		w.setStanding(st)
	}
}
