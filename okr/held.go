package okr

import (
	"context"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// What is expected of a key result goes on by the day, while its reading waits for the
// next check-in. So one near the edge of a band falls to at risk at some midnight and is
// back with that check-in: a sawtooth. The fall is announced when it happens. Its owner is
// told when the check-in is due that may take it back, or when a reading came that did not.

// standingHeld is of a key result, by event: since when the news that its status has
// turned counts as waiting. While that lies ahead, nobody is told.
const standingHeld = "held"

// longestHeld bounds how long nobody is told: who checks in monthly hears in time.
const longestHeld = 7 * 24 * time.Hour

// holdBack has nobody told yet of the event just emitted, where a day alone has turned the
// status.
func (w *work) holdBack(k KeyResult, was, is measure.Status, since time.Time) error {
	if w.intent.Verb != VerbSettle || !w.aged(k, was, is, since) {
		return nil
	}
	until, err := w.nextWord(k)
	if err != nil || !until.After(w.now) {
		return err
	}
	w.setStanding(Standing{Subject: Ref{KindKeyResult, k.ID}, Kind: standingHeld, Key: w.events[len(w.events)-1].ID, Since: until})
	return nil
}

// aged says whether a key result that was on track since an instant is at risk only
// because days have passed: what is known of it now said on track then, and says at risk
// now. Else a pack or the end of an override has a say in it, or somebody has moved what
// it is measured by.
func (w *work) aged(k KeyResult, was, is measure.Status, since time.Time) bool {
	if was != measure.OnTrack || is != measure.AtRisk || k.CurrentAt == nil {
		return false
	}
	if k.CurrentAt.After(since) {
		since = *k.CurrentAt
	}
	at := func(now time.Time) measure.Status { return measure.KeyResult(w.after.input(&k, now)).Status }
	return !k.Override.Until.After(since) && at(since) == was && at(w.now) == is
}

// nextWord is when the next check-in of a key result is due, or the end of the longest
// wait. Where its reading grows stale before that, and there is nothing to take back any
// more, it is as long before as grace. It is zero where the last check-in was not
// answered, or none is to come.
func (w *work) nextWord(k KeyResult) (time.Time, error) {
	all, err := w.occurrences(k)
	if err != nil || len(all) == 0 {
		return time.Time{}, err
	}
	came, s := w.came(k), w.after.CadenceOf(k)
	next := slices.IndexFunc(all, func(o Occurrence) bool { return o.Due.After(w.now) })
	if next < 0 || next > 0 && !answered(came[all[next-1].Key]) && !skipped(came[all[next-1].Key]) {
		return time.Time{}, nil
	}
	ahead, err := w.desk.following(*s, *w.after.Cycle(k.Cycle), w.now, all[len(all)-1].Due)
	next = slices.IndexFunc(ahead, func(o Occurrence) bool { return !concluded(came[o.Key]) })
	if err != nil || next < 0 {
		return time.Time{}, err
	}
	until := w.now.Add(longestHeld)
	if due := ahead[next].Due; due.Before(until) {
		until = due
	}
	if stale := w.after.staleAt(k); stale.Before(until) {
		until = stale.Add(-s.GraceOrDefault().Duration())
	}
	return until, nil
}

// release ends the wait for a reading where one came, or the status is another by now.
func (w *work) release(k KeyResult, turned bool) {
	ref := Ref{KindKeyResult, k.ID}
	if old := w.before.KeyResult(k.ID); !turned && (old == nil || old.Reading == k.Reading) {
		return
	}
	for _, st := range slices.Clone(w.standingsOf(ref)) {
		switch {
		case st.Kind != standingHeld:
		case st.Since.After(w.now):
			st.Since = w.now
			w.setStanding(st)
			w.look(Ref{KindPerson, k.Owner})
		default:
			w.unset(st)
		}
	}
}

// heldBack says whether nobody is told yet what the status of a key result has turned to.
func (s *Snapshot) heldBack(r Ref, now time.Time) bool {
	return slices.ContainsFunc(s.StandingsOf(r), func(st Standing) bool { return st.Kind == standingHeld && st.Since.After(now) })
}

// heldSince has what was held back count as waiting from when it does, which may lie ahead.
func (t Tenant) heldSince(ctx context.Context, u Unit, waiting ...[]Waiting) error {
	need := Need{Collections: Collections{Standings: true, StandingKinds: []string{standingHeld}}}
	for _, xs := range waiting {
		for _, x := range xs {
			if x.Event.Type == EventStatusChanged {
				need.Refs = append(need.Refs, x.Event.Aggregate)
			}
		}
	}
	if len(need.Refs) == 0 {
		return nil
	}
	s, err := t.there(ctx, u, need)
	if err != nil {
		return err
	}
	for _, xs := range waiting {
		for i := range xs {
			if st, held := s.stands(xs[i].Event.Aggregate, standingHeld, xs[i].Event.ID); held {
				xs[i].Since = st.Since
			}
		}
	}
	return nil
}

// parted are those that count as waiting, and those of which nobody is told yet.
func parted(xs []Waiting, now time.Time) (waiting, held []Waiting) {
	for _, x := range xs {
		if x.Since.After(now) {
			held = append(held, x)
		} else {
			waiting = append(waiting, x)
		}
	}
	return waiting, held
}
