package okr

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// The kinds of standing.
const (
	standingStatus       = "status"
	standingOccurrence   = "occurrence"   // by the occurrence's key
	standingAsked        = "asked"        // by the occurrence's key: who was asked for it up to Since, announced or not
	standingReminded     = "reminded"     // by the occurrence's key: who heard of it last
	standingRung         = "rung"         // by occurrence and role: who was told of the silence that began with it
	standingCare         = "care"         // somebody takes care until the instant that is its value
	standingAcknowledged = "acknowledged" // by check-in: who did
	standingCadence      = "cadence"      // the schedule that is followed, and since when
	standingAudience     = "audience"     // by event: somebody is to be told of it
	standingOwner        = "owner"
	standingSource       = "source"
	standingPurpose      = "purpose"  // by event, purpose and actor: the day on which it was last recorded
	standingReport       = "report"   // Since: up to when it was announced
	standingWaiver       = "waiver"   // when its day has come
	standingDay          = "day"      // of a cycle: the day up to which it is settled, and a mark of the packs it was judged by
	standingFinding      = "finding"  // by rule: since when it is open
	standingSilenced     = "silenced" // by rule: somebody answers for the finding, or has put it off
)

// announcing says whether standings of the kind are facts of which somebody was
// told. They change only with an event of their subject, and the ledger keeps them;
// the others are notes of those who look.
func announcing(kind string) bool {
	switch kind {
	case standingStatus, standingOccurrence, standingSource, standingFinding, standingRung, standingCare, standingAcknowledged:
		return true
	}
	return false
}

// announcements are the facts among standings.
func announcements(all []Standing) []Standing {
	var out []Standing
	for _, st := range all {
		if announcing(st.Kind) {
			st.NextLook = nil
			out = append(out, st)
		}
	}
	return out
}

type standingKey struct {
	subject   Ref
	kind, key string
}

func (s Standing) place() standingKey { return standingKey{s.Subject, s.Kind, s.Key} }

// standingsOf are those of a subject as the decision has left them so far.
func (w *work) standingsOf(r Ref) []Standing {
	own, ok := w.stood[r]
	if !ok {
		own = slices.Clone(w.before.StandingsOf(r))
		if w.stood == nil {
			w.stood = map[Ref][]Standing{}
		}
		w.stood[r] = own
	}
	return own
}

func (w *work) standing(r Ref, kind, key string) (Standing, bool) {
	own := w.standingsOf(r)
	i := slices.IndexFunc(own, func(o Standing) bool { return o.Kind == kind && o.Key == key })
	if i < 0 {
		return Standing{}, false
	}
	return own[i], true
}

func (w *work) setStanding(st Standing) {
	own := w.standingsOf(st.Subject)
	if i := slices.IndexFunc(own, func(o Standing) bool { return o.Kind == st.Kind && o.Key == st.Key }); i >= 0 {
		own[i] = st
	} else {
		w.stood[st.Subject] = append(own, st)
	}
	if i, again := w.moved[st.place()]; again {
		w.changes.Standings[i] = st
		return
	}
	if w.moved == nil {
		w.moved = map[standingKey]int{}
	}
	w.moved[st.place()] = len(w.changes.Standings)
	w.changes.Standings = append(w.changes.Standings, st)
}

// unset takes a standing away.
func (w *work) unset(st Standing) {
	own := w.standingsOf(st.Subject)
	w.stood[st.Subject] = slices.DeleteFunc(own, func(o Standing) bool { return o.Kind == st.Kind && o.Key == st.Key })
	w.changes.Drop = append(w.changes.Drop, st)
}

// foldStandings puts what changed into the snapshot that the judge reads.
func (w *work) foldStandings() {
	if len(w.moved) == 0 {
		return
	}
	kept := slices.DeleteFunc(slices.Clone(w.before.Standings), func(st Standing) bool {
		_, changed := w.moved[st.place()]
		return changed
	})
	w.after.Standings = append(kept, w.changes.Standings...)
}

// setStatus changes what was announced of a subject and leaves alone when it is
// to be looked at again.
func (w *work) setStatus(r Ref, to string) {
	old, _ := w.standing(r, standingStatus, "")
	w.setStanding(Standing{Subject: r, Kind: standingStatus, Value: to, Since: w.now, NextLook: old.NextLook})
}

func (w *work) look(r Ref) {
	if r.ID == "" || w.looks[r] {
		return
	}
	if w.looks == nil {
		w.looks = map[Ref]bool{}
	}
	w.looks[r] = true
	w.changes.Look = append(w.changes.Look, r)
}

// hasten brings the next look at an active key result forward, where what was
// decided makes it due earlier than the last look could know. It never puts one
// off: that is for whoever looks.
func (w *work) hasten(asked []Look) {
	for _, r := range w.intent.Subjects {
		k := w.after.KeyResult(r.ID)
		if r.Kind != KindKeyResult || k == nil || k.State != Active || w.over(k.Cycle) {
			continue
		}
		st, ok := w.standing(r, standingStatus, "")
		if !ok {
			continue // it was never looked at, and is about to be
		}
		var at earliest
		at.after = w.now
		for _, l := range asked {
			if l.Subject == r {
				at.consider(l.At)
			}
		}
		if k.CurrentAt != nil {
			at.consider(w.after.staleAt(*k))
		}
		at.consider(k.Override.Until)
		if !at.at.IsZero() && (st.NextLook == nil || at.at.Before(*st.NextLook)) {
			st.NextLook = at.look()
			w.setStanding(st)
		}
	}
}

// earliest is the first of the instants considered that lies after a given one.
type earliest struct{ after, at time.Time }

func (e *earliest) consider(t time.Time) {
	if t.After(e.after) && (e.at.IsZero() || t.Before(e.at)) {
		e.at = t
	}
}

// look is the instant for a standing, nil where there is none. It is rounded up
// to the precision that every store keeps, so that the look does not come too
// early.
func (e *earliest) look() *time.Time {
	if e.at.IsZero() {
		return nil
	}
	at := e.at.UTC().Truncate(time.Microsecond)
	if at.Before(e.at) {
		at = at.Add(time.Microsecond)
	}
	return &at
}

// staleAt is the first instant at which the current reading no longer speaks.
func (s *Snapshot) staleAt(k KeyResult) time.Time {
	return k.CurrentAt.Add(s.FreshFor(k) + time.Microsecond)
}

// followed says since when the key result follows the schedule, and notes it. An
// occurrence that fell due under another schedule, or while the key result was
// not active, was never due: a new rhythm has no past.
func (w *work) followed(k KeyResult, s Schedule) (time.Time, error) {
	ref := Ref{KindKeyResult, k.ID}
	mark, err := s.mark()
	if err != nil {
		return time.Time{}, err
	}
	since := *k.ActivatedAt
	st, known := w.standing(ref, standingCadence, "")
	if known {
		if st.Since.After(since) {
			since = st.Since
		}
		if st.Value == mark.String() {
			return since, nil
		}
		was, until := markOf(st.Value)
		switch {
		case was.rhythm == mark.rhythm:
		case !until.IsZero():
			since = until
		default:
			since = w.now
		}
	}
	w.setStanding(Standing{Subject: ref, Kind: standingCadence, Value: mark.String(), Since: since})
	return since, nil
}

// turning notes that the schedule may be another from now on, before it is: so it does
// not matter when somebody looks next.
func (w *work) turning(ctx context.Context, k KeyResult) error {
	if k.State != Active || k.ActivatedAt == nil || w.over(k.Cycle) {
		return nil
	}
	if err := w.overrun(ctx, k); err != nil {
		return err
	}
	ref := Ref{KindKeyResult, k.ID}
	mark, since := scheduleMark{}, w.now
	if s := w.after.CadenceOf(k); s != nil {
		var err error
		if since, err = w.followed(k, *s); err != nil {
			return err
		}
		if mark, err = s.mark(); err != nil {
			return err
		}
	}
	w.setStanding(Standing{Subject: ref, Kind: standingCadence, Value: mark.String() + "@" + w.now.Format(time.RFC3339Nano), Since: since})
	return nil
}

// resume begins the rhythm of a key result anew.
func (w *work) resume(k KeyResult) error {
	st := Standing{Subject: Ref{KindKeyResult, k.ID}, Kind: standingCadence, Since: w.now}
	if s := w.after.CadenceOf(k); s != nil {
		mark, err := s.mark()
		if err != nil {
			return err
		}
		st.Value = mark.String()
	}
	w.setStanding(st)
	return nil
}

// scheduleMark tells one schedule from another.
type scheduleMark struct {
	rhythm string // what moves an occurrence to another key
	terms  string // that, and when one is due, asked for and overdue
}

func (m scheduleMark) String() string { return m.rhythm + "/" + m.terms }

// markOf reads the mark in the value of a standing, and up to when the schedule was
// certainly followed, where somebody noted that.
func markOf(value string) (m scheduleMark, until time.Time) {
	value, at, _ := strings.Cut(value, "@")
	m.rhythm, m.terms, _ = strings.Cut(value, "/")
	until, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return m, time.Time{}
	}
	return m, until
}

// mark leaves out what neither moves an occurrence nor its terms: where its days off
// are, who may differ, in which zone it is read.
func (s Schedule) mark() (scheduleMark, error) {
	s.Zone, s.OffDay, s.Holidays, s.WorkDays, s.SkipWithin, s.Pauses, s.Lock = "", "", "", nil, 0, nil, false
	terms, err := s.digest()
	if err != nil {
		return scheduleMark{}, err
	}
	s.At, s.Lead, s.Grace = "", 0, 0
	rhythm, err := s.digest()
	return scheduleMark{rhythm, terms}, err
}

func (s Schedule) digest() (string, error) {
	b, err := canonical(s)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8]), nil
}
