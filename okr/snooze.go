package okr

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// EventFindingSnoozed tells that somebody put a finding off, or ended that early.
const EventFindingSnoozed = EventPrefix + "finding.snoozed"

// Snoozing puts a finding off until a day.
type Snoozing struct {
	Rule    string    `json:"rule"`            // id of the rule, as its findings name it, of whatever pack; PACK/ID is that of one pack alone
	Subject Ref       `json:"subject"`         // key result, objective, team, cycle, or a person as owner
	Cycle   ID        `json:"cycle,omitempty"` // of a team or a person: the cycle in which they are seen so
	Until   time.Time `json:"until"`           // UTC instant from which it is heard of again, at most the end of the cycle
	Key     string    `json:"-"`               // idempotency key; "" is none
}

// Snoozed says who put a finding off, and for how long.
type Snoozed struct {
	Snooze ID        `json:"snooze"`
	By     Actor     `json:"by"`
	Until  time.Time `json:"until"` // UTC instant from which it is heard of again
}

// SnoozeFact is the payload of finding.snoozed.
type SnoozeFact struct {
	Snooze  ID        `json:"snooze"`
	Rule    string    `json:"rule"`
	Subject Ref       `json:"subject"`
	Cycle   ID        `json:"cycle"`
	Until   time.Time `json:"until"`           // UTC instant
	Ended   bool      `json:"ended,omitempty"` // somebody ended it early
}

// Snooze puts a finding off: until that day nobody is told of it, and lists leave it
// out. Nobody answers for it as for a waiver: it counts as before, and a gate that it
// holds stays shut. [Tenant.EndWaiver] ends it early; on its day a finding that is
// still open is told of with finding.returned.
func (t Tenant) Snooze(ctx context.Context, n Snoozing) (Decision, error) {
	for _, err := range []error{
		checkText("rule", n.Rule, maxName, true),
		checkRef("subject", n.Subject, KindKeyResult, KindObjective, KindTeam, KindCycle, KindOwner),
		checkID("cycle", n.Cycle, n.Subject.Kind == KindTeam || n.Subject.Kind == KindOwner),
		checkPast("until", n.Until),
	} {
		if err != nil {
			return Decision{}, err
		}
	}
	n.Until = n.Until.UTC().Truncate(time.Microsecond)
	return t.decide(ctx, Intent{VerbSnooze, []Ref{n.Subject}}, n.Key, n, func(ctx context.Context, w *work) error {
		return w.snooze(ctx, n)
	})
}

func (w *work) snooze(ctx context.Context, n Snoozing) error {
	subject := n.Subject
	if subject.Kind == KindOwner {
		subject.Kind = KindPerson
	}
	need, fields := Need{Refs: []Ref{subject}, Collections: Collections{Items: []Kind{KindWaiver}}}, map[Ref]string{}
	if r := (Ref{KindCycle, n.Cycle}); n.Cycle != "" && r != subject {
		need.Refs, fields[r] = append(need.Refs, r), "cycle"
	}
	if err := w.bring(ctx, need); err != nil {
		return misnamed(err, fields)
	}
	id, err := w.belongs(subject, n.Cycle)
	if err != nil {
		return err
	}
	cycle := w.after.Cycle(id)
	if !n.Until.After(w.now) {
		return invalid("until", n.Until.Format(time.RFC3339), "it lies behind: choose a day to come")
	}
	if end := cycle.End.AddDays(1).In(cycle.zone()); n.Until.After(end) {
		return invalid("until", n.Until.Format(time.RFC3339), "it is put off within its cycle, %s, until %s at the latest: what shall be for longer needs a waiver", cycle.Name, end.UTC().Format(time.RFC3339))
	}
	x := Waiver{ID: ID(w.desk.newID()), Rule: n.Rule, Subject: n.Subject, Cycle: id, Until: &n.Until, Snooze: true, By: w.actor, At: w.now}
	if i := slices.IndexFunc(w.after.Waivers, func(o Waiver) bool { return o.Snooze && o.covers("", n.Rule, n.Subject, id) && o.holds(w.now) }); i >= 0 {
		return &ConflictError{w.after.Waivers[i].ref(), fmt.Sprintf("%s is put off for %s already: end that first", n.Rule, n.Subject)}
	}
	w.awaitEnd(x)
	w.lookAgain(x.Subject)
	return w.made(x, EventFindingSnoozed, x.snoozed())
}

func (x Waiver) snoozed() SnoozeFact {
	return SnoozeFact{x.ID, x.Rule, x.Subject, x.Cycle, *x.Until, x.Ended != nil}
}
