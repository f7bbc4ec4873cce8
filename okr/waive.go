package okr

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// The events of a waiver's end; it begins with [EventFindingWaived].
const (
	EventWaiverEnded   = EventPrefix + "waiver.ended"   // by somebody, before its time
	EventWaiverExpired = EventPrefix + "waiver.expired" // its day has come: the finding is back
)

// Waiving lets a subject be as a rule does not want it.
type Waiving struct {
	Rule    string    `json:"rule"`           // id of the rule, as its findings name it, of whatever pack; PACK/ID is that of one pack alone
	Subject Ref       `json:"subject"`        // key result, objective, team, cycle, or a person as owner
	Owner   ID        `json:"owner"`          // the person who answers for it
	Reason  string    `json:"reason"`         // why it may be
	Until   time.Time `json:"until,omitzero"` // UTC instant from which the finding counts again; zero is until the subject's cycle is closed
	Key     string    `json:"-"`              // idempotency key; "" is none
}

// WaiverEnd ends a waiver before its time.
type WaiverEnd struct {
	Waiver ID     `json:"waiver"`
	Key    string `json:"-"` // idempotency key; "" is none
}

// Waived says that a finding is known and let be, by whom, and for how long.
type Waived struct {
	Waiver ID         `json:"waiver"`
	Owner  ID         `json:"owner"`           // who answers for it
	Until  *time.Time `json:"until,omitempty"` // UTC instant from which it counts again; nil is until its cycle is closed
}

// Waive lets a subject be as a rule does not want it: by name, with a reason, and
// until a day. A finding of the rule about the subject is shown as waived, holds
// nothing back, and counts again from that day on.
func (t Tenant) Waive(ctx context.Context, n Waiving) (Decision, error) {
	for _, err := range []error{
		checkText("rule", n.Rule, maxName, true),
		checkRef("subject", n.Subject, KindKeyResult, KindObjective, KindTeam, KindCycle, KindOwner),
		checkID("owner", n.Owner, true),
		checkText("reason", n.Reason, maxNote, true),
		checkPast("until", n.Until),
	} {
		if err != nil {
			return Decision{}, err
		}
	}
	n.Until = n.Until.UTC().Truncate(time.Microsecond)
	return t.decide(ctx, Intent{VerbWaive, []Ref{n.Subject}}, n.Key, n, func(ctx context.Context, w *work) error {
		return w.waive(ctx, n)
	})
}

func (w *work) waive(ctx context.Context, n Waiving) error {
	subject := n.Subject
	if subject.Kind == KindOwner {
		subject.Kind = KindPerson
	}
	owner := Ref{KindPerson, n.Owner}
	need, fields := Need{Refs: []Ref{subject}, Collections: Collections{Items: []Kind{KindWaiver}}}, map[Ref]string{}
	if owner != subject {
		need.Refs, fields[owner] = append(need.Refs, owner), "owner"
	}
	if err := w.bring(ctx, need); err != nil {
		return misnamed(err, fields)
	}
	if err := w.responsible("owner", n.Owner); err != nil {
		return err
	}
	cycle, err := w.belongs(subject, "")
	if err != nil {
		return err
	}
	x := Waiver{
		ID: ID(w.desk.newID()), Rule: n.Rule, Subject: n.Subject, Cycle: cycle, Owner: n.Owner, Reason: n.Reason, By: w.actor, At: w.now,
	}
	switch {
	case n.Until.IsZero() && cycle == "":
		return invalid("until", "", "say until when: %s belongs to no cycle that would end it", n.Subject)
	case n.Until.IsZero():
	case !n.Until.After(w.now):
		return invalid("until", n.Until.Format(time.RFC3339), "it lies behind: choose a day to come")
	default:
		x.Until = &n.Until
	}
	if i := slices.IndexFunc(w.after.Waivers, func(o Waiver) bool { return !o.Snooze && o.covers("", n.Rule, n.Subject, "") && o.holds(w.now) }); i >= 0 {
		return &ConflictError{w.after.Waivers[i].ref(), fmt.Sprintf("%s is waived for %s already: end that first", n.Rule, n.Subject)}
	}
	w.awaitEnd(x)
	w.lookAgain(x.Subject)
	return w.made(x, EventFindingWaived, x.fact())
}

// awaitEnd has a waiver looked at when its day has come.
func (w *work) awaitEnd(x Waiver) {
	if x.Until != nil {
		w.setStanding(Standing{Subject: x.ref(), Kind: standingWaiver, Value: string(x.Subject.Kind), Since: w.now, NextLook: x.Until})
	}
}

// EndWaiver ends a waiver, or a snooze, before its time: the finding counts again.
func (t Tenant) EndWaiver(ctx context.Context, e WaiverEnd) (Decision, error) {
	if err := checkID("waiver", e.Waiver, true); err != nil {
		return Decision{}, err
	}
	ref := Ref{KindWaiver, e.Waiver}
	return t.decide(ctx, Intent{VerbWaive, []Ref{ref}}, e.Key, e, func(ctx context.Context, w *work) error {
		if err := w.bring(ctx, Need{Refs: []Ref{ref}}); err != nil {
			return err
		}
		x := *w.after.Waiver(e.Waiver)
		if x.Cycle != "" {
			if err := w.bring(ctx, Need{Refs: []Ref{ref, {KindCycle, x.Cycle}}}); err != nil {
				return err
			}
			if err := w.open(x.Cycle); err != nil {
				return err
			}
		}
		if !x.holds(w.now) {
			return &ConflictError{ref, "it has ended already"}
		}
		now := w.now
		x.Ended = &now
		if x.Until != nil {
			w.changes.Drop = append(w.changes.Drop, Standing{Subject: ref, Kind: standingWaiver})
		}
		w.lookAgain(x.Subject)
		if x.Snooze {
			return w.made(x, EventFindingSnoozed, x.snoozed())
		}
		return w.made(x, EventWaiverEnded, x.fact())
	})
}

// expire tells of a waiver whose day has come. Of a snooze there is nothing to tell
// unless the finding is still there. A closed cycle stays as it is.
func (w *work) expire(ctx context.Context, x Waiver) error {
	if x.Expired || x.Ended != nil || x.Until == nil || w.now.Before(*x.Until) {
		return nil
	}
	if x.Cycle != "" {
		s, err := w.unit.Load(ctx, w.id, Need{Refs: []Ref{{KindCycle, x.Cycle}}})
		if err != nil {
			return err
		}
		if s.Cycle(x.Cycle).closed(w.now) {
			return nil
		}
	}
	w.lookAgain(x.Subject)
	if x.Snooze {
		return nil
	}
	x.Expired = true
	return w.put(x, EventWaiverExpired, x.fact())
}

// lookAgain has a subject looked at soon, if it is of those that are settled.
func (w *work) lookAgain(r Ref) {
	if r.Kind == KindKeyResult || r.Kind == KindObjective {
		w.look(r)
	}
}

func (x Waiver) fact() WaiverFact {
	return WaiverFact{x.ID, x.Rule, x.Subject, x.Cycle, x.Owner, x.Until}
}

// holds says whether the waiver is in force at the instant.
func (x Waiver) holds(now time.Time) bool {
	return (x.Ended == nil || now.Before(*x.Ended)) && (x.Until == nil || now.Before(*x.Until)) && !now.Before(x.At)
}

// abouts says what subjects of findings belong to: what a rule says of a source or a
// check-in it says of its key result.
func (s *Snapshot) abouts() func(Ref) Ref {
	var of map[ID]ID
	return func(subject Ref) Ref {
		switch subject.Kind {
		case KindSource:
			subject.Kind = KindKeyResult
		case KindCheckIn:
			if of == nil {
				of = make(map[ID]ID, len(s.CheckIns))
				for _, c := range s.CheckIns {
					of[c.ID] = c.KeyResult
				}
			}
			if k, ok := of[subject.ID]; ok {
				return Ref{KindKeyResult, k}
			}
		}
		return subject
	}
}

// covers says whether the waiver is about the rule of the pack and the subject, as a
// cycle sees it.
func (x Waiver) covers(pack, rule string, subject Ref, cycle ID) bool {
	return (x.Rule == rule || x.Rule == pack+"/"+rule) && x.Subject == subject && (x.Cycle == "" || cycle == "" || x.Cycle == cycle)
}

// Waiver is the waiver with the id, nil if the snapshot has none.
func (s *Snapshot) Waiver(id ID) *Waiver {
	return find(s.Waivers, id, func(x Waiver) ID { return x.ID })
}

// Waive marks the findings that a waiver of the snapshot covers at the instant,
// and lets them hold nothing back. The desk does it with whatever a judge found;
// who calls a judge without one does it too.
func (v *Verdict) Waive(s *Snapshot, now time.Time) {
	gated := slices.ContainsFunc(v.Findings, func(f Finding) bool { return f.Gate })
	v.Findings = s.waive(v.Findings, now)
	if gated && !slices.ContainsFunc(v.Findings, func(f Finding) bool { return f.Gate }) {
		v.Refused = false
	}
}

// waive is a copy of the findings in which those that are waived say so.
func (s *Snapshot) waive(fs []Finding, now time.Time) []Finding {
	if len(s.Waivers) == 0 {
		return fs
	}
	out, about := slices.Clone(fs), s.abouts()
	for i := range out {
		f := &out[i]
		subject := about(f.Subject)
		for _, x := range s.Waivers {
			switch {
			case !x.covers(f.Pack, f.Rule, subject, f.Cycle) || !x.holds(now):
			case x.Snooze:
				f.Snoozed = &Snoozed{x.ID, x.By, *x.Until}
			case f.Waived == nil:
				f.Waived, f.Gate = &Waived{x.ID, x.Owner, x.Until}, false
			}
		}
	}
	return out
}

// unwaived are the findings that nobody answers for.
func (s *Snapshot) unwaived(fs []Finding, now time.Time) []Finding {
	return slices.DeleteFunc(s.waive(fs, now), func(f Finding) bool { return f.Waived != nil })
}

// WaiverQuery selects waivers. Empty fields do not restrict.
type WaiverQuery struct {
	Subject Ref
	Cycle   ID
	Rule    string
	Holding bool // only those in force now
	Snoozes bool // snoozes in the place of waivers
}

// Waivers reads one page of the waivers, in the order in which they were given.
func (v View) Waivers(ctx context.Context, q WaiverQuery, p Paging) (Page[Waiver], error) {
	if q.Subject != (Ref{}) {
		if err := checkRef("subject", q.Subject, KindKeyResult, KindObjective, KindTeam, KindCycle, KindOwner); err != nil {
			return Page[Waiver]{}, err
		}
	}
	now := v.t.desk.now()
	return listItems(ctx, v, ItemQuery{Kind: KindWaiver, Subject: q.Subject, Cycle: q.Cycle}, p,
		func(s *Snapshot) []Waiver { return s.Waivers },
		func(x Waiver) bool {
			return x.Snooze == q.Snoozes && (q.Rule == "" || x.Rule == q.Rule) && (!q.Holding || x.holds(now))
		})
}
