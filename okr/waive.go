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
	n.Until = n.Until.UTC().Truncate(time.Microsecond)
	x := Waiver{Rule: n.Rule, Subject: n.Subject, Owner: n.Owner, Reason: n.Reason}
	return t.silence(ctx, VerbWaive, x, n.Until, n.Key, n, checkID("owner", n.Owner, true), checkText("reason", n.Reason, maxNote, true))
}

// silence keeps a waiver or a snooze, until the instant or, where that is zero, for as
// long as its cycle runs.
func (t Tenant) silence(ctx context.Context, verb Verb, x Waiver, until time.Time, key string, content any, own ...error) (Decision, error) {
	errs := slices.Concat([]error{
		checkText("rule", x.Rule, maxName, true),
		checkRef("subject", x.Subject, KindKeyResult, KindObjective, KindTeam, KindCycle, KindOwner),
	}, own, []error{checkPast("until", until)})
	for _, err := range errs {
		if err != nil {
			return Decision{}, err
		}
	}
	return t.decide(ctx, Intent{verb, []Ref{x.Subject}}, key, content, func(ctx context.Context, w *work) error {
		return w.silence(ctx, x, until)
	})
}

func (w *work) silence(ctx context.Context, x Waiver, until time.Time) error {
	subject := x.Subject
	if subject.Kind == KindOwner {
		subject.Kind = KindPerson
	}
	need, fields := Need{Refs: []Ref{subject}, Collections: Collections{Items: []Kind{KindWaiver}}}, map[Ref]string{}
	name := func(field string, r Ref) {
		if r.ID != "" && r != subject {
			need.Refs, fields[r] = append(need.Refs, r), field
		}
	}
	name("owner", Ref{KindPerson, x.Owner})
	name("cycle", Ref{KindCycle, x.Cycle})
	if err := w.bring(ctx, need); err != nil {
		return misnamed(err, fields)
	}
	if err := w.responsible("owner", x.Owner); err != nil {
		return err
	}
	var err error
	if x.Cycle, err = w.belongs(subject, x.Cycle); err != nil {
		return err
	}
	if x.Until, err = w.until(x, until); err != nil {
		return err
	}
	if i := slices.IndexFunc(w.after.Waivers, func(o Waiver) bool {
		return o.Snooze == x.Snooze && o.covers("", x.Rule, x.Subject, x.Cycle) && o.holds(w.now)
	}); i >= 0 {
		is := "waived"
		if x.Snooze {
			is = "put off"
		}
		return &ConflictError{w.after.Waivers[i].ref(), fmt.Sprintf("%s is %s for %s already: end that first", x.Rule, is, x.Subject)}
	}
	x.ID, x.By, x.At = ID(w.desk.newID()), w.actor, w.now
	w.awaitEnd(x)
	w.lookAgain(x.Subject)
	if x.Snooze {
		return w.made(x, EventFindingSnoozed, x.snoozed())
	}
	return w.made(x, EventFindingWaived, x.fact())
}

// until is when a waiver or a snooze ends by itself, nil for with its cycle.
func (w *work) until(x Waiver, until time.Time) (*time.Time, error) {
	switch {
	case until.IsZero() && !x.Snooze && x.Cycle == "":
		return nil, invalid("until", "", "say until when: %s belongs to no cycle that would end it", x.Subject)
	case until.IsZero() && !x.Snooze:
		return nil, nil
	case !until.After(w.now):
		return nil, invalid("until", until.Format(time.RFC3339), "it lies behind: choose a day to come")
	case !x.Snooze:
		return &until, nil
	}
	cycle := w.after.Cycle(x.Cycle)
	if end := cycle.End.AddDays(1).In(cycle.zone()); until.After(end) {
		return nil, invalid("until", until.Format(time.RFC3339), "it is put off within its cycle, %s, until %s at the latest: what shall be for longer needs a waiver", cycle.Name, end.UTC().Format(time.RFC3339))
	}
	return &until, nil
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
