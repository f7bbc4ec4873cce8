package okr

import (
	"context"
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
	n.Until = n.Until.UTC().Truncate(time.Microsecond)
	x := Waiver{Rule: n.Rule, Subject: n.Subject, Cycle: n.Cycle, Snooze: true}
	return t.silence(ctx, VerbSnooze, x, n.Until, n.Key, n, checkID("cycle", n.Cycle, n.Subject.Kind == KindTeam || n.Subject.Kind == KindOwner))
}

func (x Waiver) snoozed() SnoozeFact {
	return SnoozeFact{x.ID, x.Rule, x.Subject, x.Cycle, *x.Until, x.Ended != nil}
}
