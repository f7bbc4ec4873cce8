package okr

import (
	"context"
	"slices"
)

// The events of grants.
const (
	EventGrantGiven   = EventPrefix + "grant.given"
	EventGrantRevoked = EventPrefix + "grant.revoked"
)

// GrantFact is the payload of grant events; the actor is who gave or revoked it.
type GrantFact struct {
	Grant   ID      `json:"grant"`
	Cycle   ID      `json:"cycle"`
	Purpose Purpose `json:"purpose"`
}

// NewGrant allows the scores of a cycle to be read for a purpose that is refused
// otherwise.
type NewGrant struct {
	Cycle   ID      `json:"cycle"`
	Purpose Purpose `json:"purpose"` // compensation
	Reason  string  `json:"reason"`
	Key     string  `json:"-"` // idempotency key; "" is none
}

// GrantRevocation ends a grant.
type GrantRevocation struct {
	Grant ID     `json:"grant"`
	Key   string `json:"-"` // idempotency key; "" is none
}

// GrantPurpose allows the scores of a cycle to be read for a purpose. Owners know
// it before they promise anything: once the cycle has begun, or anything in it has
// ever been active, it is [ErrConflict].
func (t Tenant) GrantPurpose(ctx context.Context, n NewGrant) (Decision, error) {
	if n.Purpose != ForCompensation {
		return Decision{}, invalid("purpose", string(n.Purpose), "use compensation: alignment needs no grant")
	}
	for _, err := range []error{
		checkID("cycle", n.Cycle, true),
		checkText("reason", n.Reason, maxNote, true),
	} {
		if err != nil {
			return Decision{}, err
		}
	}
	ref := Ref{KindCycle, n.Cycle}
	return t.decide(ctx, Intent{VerbGrant, []Ref{ref}}, n.Key, n, func(ctx context.Context, w *work) error {
		if err := w.bring(ctx, Need{Refs: []Ref{ref}, Cycle: n.Cycle, Collections: Collections{Items: []Kind{KindGrant}}}); err != nil {
			return err
		}
		c := w.after.Cycle(n.Cycle)
		promised := slices.ContainsFunc(w.after.KeyResults, func(k KeyResult) bool { return k.Cycle == c.ID && k.ActivatedAt != nil }) ||
			slices.ContainsFunc(w.after.Objectives, func(o Objective) bool { return o.Cycle == c.ID && o.State != Draft && o.State != Postponed })
		switch {
		case c.Phase(w.now) != Planning:
			return &ConflictError{ref, c.Name + " has begun: owners set their targets without knowing of it, so grant it for the next cycle"}
		case promised:
			return &ConflictError{ref, "something in " + c.Name + " is promised already, by owners who did not know of it: grant it for the next cycle"}
		case w.after.Granted(c.ID, n.Purpose):
			return &ConflictError{ref, "it is granted already"}
		}
		x := Grant{ID: ID(w.desk.newID()), Cycle: n.Cycle, Purpose: n.Purpose, Reason: n.Reason, By: w.actor, At: w.now}
		if err := w.made(x, EventGrantGiven, GrantFact{x.ID, x.Cycle, x.Purpose}); err != nil {
			return err
		}
		// An activation at the same moment is before the grant or after it.
		w.meet(c.ID)
		return nil
	})
}

// RevokeGrant ends a grant, at any time.
func (t Tenant) RevokeGrant(ctx context.Context, r GrantRevocation) (Decision, error) {
	if err := checkID("grant", r.Grant, true); err != nil {
		return Decision{}, err
	}
	ref := Ref{KindGrant, r.Grant}
	return t.decide(ctx, Intent{VerbGrant, []Ref{ref}}, r.Key, r, func(ctx context.Context, w *work) error {
		if err := w.bring(ctx, Need{Refs: []Ref{ref}}); err != nil {
			return err
		}
		x := w.after.Grants[0]
		if x.Revoked != nil {
			return &ConflictError{ref, "it is revoked already"}
		}
		now := w.now
		x.Revoked = &now
		return w.made(x, EventGrantRevoked, GrantFact{x.ID, x.Cycle, x.Purpose})
	})
}

// Granted says whether a grant for the purpose that nobody revoked is loaded.
func (s *Snapshot) Granted(cycle ID, p Purpose) bool {
	return p == ForAlignment || slices.ContainsFunc(s.Grants, func(g Grant) bool { return g.Cycle == cycle && g.Purpose == p && g.Revoked == nil })
}

// Grants reads one page of the grants of a cycle, revoked ones among them, in the
// order in which they were given.
func (v View) Grants(ctx context.Context, cycle ID, p Paging) (Page[Grant], error) {
	if err := checkID("cycle", cycle, true); err != nil {
		return Page[Grant]{}, err
	}
	return listItems(ctx, v, ItemQuery{Kind: KindGrant, Cycle: cycle}, p, func(s *Snapshot) []Grant { return s.Grants }, nil)
}
