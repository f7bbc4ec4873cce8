package okr

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
)

// OccurrenceClass says what an occurrence has come to.
type OccurrenceClass string

// The classes. From pending it goes by due and overdue to one of the others, which are
// for good; a missed one is excused where it turns out later that its owner was away.
const (
	OccurrencePending       OccurrenceClass = "pending"        // nobody is asked yet
	OccurrenceDue           OccurrenceClass = "due"            // somebody is asked
	OccurrenceOverdue       OccurrenceClass = "overdue"        // grace is over
	OccurrenceOnTime        OccurrenceClass = "on_time"        // answered by when it was due
	OccurrenceLate          OccurrenceClass = "late"           // answered afterwards, before the next one's reminder
	OccurrenceMissed        OccurrenceClass = "missed"         // not answered before the next one was due
	OccurrenceExcused       OccurrenceClass = "excused"        // its owner was away, and nobody stood in
	OccurrenceNotApplicable OccurrenceClass = "not_applicable" // nobody had to be asked
)

// The reasons why nobody had to be asked.
const (
	NotAskedLive     = skippedLive   // a source keeps the value up to date
	NotAskedRecent   = skippedRecent // somebody checked in shortly before
	NotAskedPaused   = "paused"      // the rhythm pauses
	NotAskedEarlier  = "earlier"     // the key result was not active yet, or followed another rhythm
	NotAskedReplaced = "replaced"    // the rhythm is another since it was announced
)

// OccurrenceView is an occurrence of a key result, with what it came to.
type OccurrenceView struct {
	Occurrence
	Class OccurrenceClass `json:"class"`
	Since *time.Time      `json:"since,omitempty"` // UTC instant at which it came to that, nil while it is pending
	Why   string          `json:"why,omitempty"`   // of not applicable: live, recent, paused, earlier, replaced; "" is not known
	Told  []ToldRung      `json:"told,omitempty"`  // who heard of the silence that began with it
}

// ToldRung is somebody who was told of a silence.
type ToldRung struct {
	As RungRole  `json:"as"`
	To ID        `json:"to"`
	At time.Time `json:"at"` // UTC instant
}

// Occurrences lists the occurrences of a key result in its cycle, those that lie ahead
// among them, by their keys, with what was announced of each. What time has changed
// since nobody settled is not in it. Where Config.Calendar is nil there are only those
// of which something was announced.
func (v View) Occurrences(ctx context.Context, keyResult ID) ([]OccurrenceView, error) {
	ref := Ref{KindKeyResult, keyResult}
	if err := checkID("key_result", keyResult, true); err != nil {
		return nil, err
	}
	s, now, err := v.read(ctx, Need{Refs: []Ref{ref}, Collections: Collections{Standings: true}})
	if err != nil {
		return nil, err
	}
	k := s.KeyResult(keyResult)
	if k == nil {
		return nil, &NotFoundError{ref}
	}
	all, paused, err := v.t.desk.everyOccurrence(s, *k)
	if err != nil {
		return nil, err
	}
	stood := s.StandingsOf(ref)
	since := time.Time{}
	if k.ActivatedAt != nil {
		since = *k.ActivatedAt
	}
	if st, ok := standingOf(stood, standingCadence); ok && st.Since.After(since) {
		since = st.Since
	}
	out := make([]OccurrenceView, 0, len(all))
	for _, o := range all {
		x := OccurrenceView{Occurrence: o, Class: OccurrencePending}
		switch {
		case paused[o.Key]:
			x.Class, x.Why = OccurrenceNotApplicable, NotAskedPaused
		case k.State != Active || k.ActivatedAt == nil || !o.Due.After(since):
			x.Class, x.Why = OccurrenceNotApplicable, NotAskedEarlier
			if k.State != Active && o.Due.After(now) || k.ActivatedAt == nil {
				x.Why = ""
			}
		}
		out = append(out, x)
	}
	return fillIn(out, stood), nil
}

// everyOccurrence lists the occurrences of the whole cycle, with those that fall into a
// pause.
func (d *Desk) everyOccurrence(s *Snapshot, k KeyResult) (all []Occurrence, paused map[string]bool, err error) {
	cadence, c := s.CadenceOf(k), s.Cycle(k.Cycle)
	if d.calendar == nil || cadence == nil || c == nil {
		return nil, nil, nil
	}
	loc, err := c.Location()
	if err != nil {
		return nil, nil, err
	}
	// A zone far from the cycle's has its days a day earlier or later.
	from, to := c.Start.AddDays(-2).In(loc), c.End.AddDays(3).In(loc)
	if all, err = d.calendar.Occurrences(*cadence, *c, from, to); err != nil || len(cadence.Pauses) == 0 {
		return all, nil, err
	}
	never := *cadence
	never.Pauses = nil
	whole, err := d.calendar.Occurrences(never, *c, from, to)
	if err != nil {
		return nil, nil, err
	}
	asked := map[string]bool{}
	for _, o := range all {
		asked[o.Key] = true
	}
	paused = map[string]bool{}
	for _, o := range whole {
		if !asked[o.Key] {
			paused[o.Key] = true
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b Occurrence) int { return cmp.Compare(a.Key, b.Key) })
	return all, paused, nil
}

// fillIn adds what was announced.
func fillIn(out []OccurrenceView, stood []Standing) []OccurrenceView {
	at := map[string]int{}
	for i := range out {
		at[out[i].Key] = i
	}
	place := func(key string) *OccurrenceView {
		i, known := at[key]
		if !known {
			i = len(out)
			at[key] = i
			out = append(out, OccurrenceView{Occurrence: Occurrence{Key: key}, Class: OccurrenceNotApplicable, Why: NotAskedReplaced})
		}
		return &out[i]
	}
	classes := map[string]OccurrenceClass{
		occurrenceDue: OccurrenceDue, occurrenceOverdue: OccurrenceOverdue, occurrenceAnswered: OccurrenceOnTime, occurrenceLate: OccurrenceLate,
		occurrenceMissed: OccurrenceMissed, occurrenceExcused: OccurrenceExcused,
	}
	for _, st := range stood {
		switch st.Kind {
		case standingOccurrence:
			x := place(st.Key)
			since := st.Since
			switch class, ok := classes[st.Value]; {
			case skipped(st.Value):
				x.Class, x.Since, x.Why = OccurrenceNotApplicable, &since, st.Value
			case !ok:
				x.Class, x.Since, x.Why = OccurrenceNotApplicable, &since, ""
			case x.Class == OccurrenceNotApplicable && !concluded(st.Value):
				x.Since = &since // nobody waits for it any more
			default:
				x.Class, x.Since, x.Why = class, &since, ""
			}
		case standingRung:
			if key, role, ok := strings.Cut(st.Key, "/"); ok {
				x := place(key)
				x.Told = append(x.Told, ToldRung{RungRole(role), ID(st.Value), st.Since})
			}
		}
	}
	slices.SortFunc(out, func(a, b OccurrenceView) int { return cmp.Compare(a.Key, b.Key) })
	for i := range out {
		slices.SortFunc(out[i].Told, func(a, b ToldRung) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.As, b.As)) })
	}
	return out
}

// Acknowledgements lists who has read which check-in of a key result, by check-in.
func (v View) Acknowledgements(ctx context.Context, keyResult ID) ([]Acknowledgement, error) {
	ref := Ref{KindKeyResult, keyResult}
	if err := checkID("key_result", keyResult, true); err != nil {
		return nil, err
	}
	s, _, err := v.read(ctx, Need{Refs: []Ref{ref}, Collections: Collections{Standings: true, StandingKinds: []string{standingAcknowledged}}})
	if err != nil {
		return nil, err
	}
	var out []Acknowledgement
	for _, st := range s.StandingsOf(ref) {
		if st.Kind == standingAcknowledged {
			out = append(out, Acknowledgement{CheckIn: ID(st.Key), By: ID(st.Value), At: st.Since})
		}
	}
	return out, nil
}
