package okr

import (
	"context"
	"slices"
	"time"
)

// trial is a handle's leave to decide without consequence.
type trial struct {
	packs []Pack // judged by; nil: those in force
}

// Trial is the handle for trying: what is decided through it is authorised,
// measured, judged and refused as it would be, and nothing of it is written. The
// decision comes back with the findings and the events that it would have had. Where a
// program tries, findings name nothing private: people read what it shows.
//
// With packs, these judge in the place of those in force, in decisions and in views
// of the present; each carries its text. They are all of them, not those that come
// on top. So one sees what a pack would change before it is put in force. Within one
// [Tenant.Do], which a trial may have of its own, everything is tried on the same
// state and at one instant, and takes no lock.
func (t Tenant) Trial(packs ...Pack) Tenant {
	x := trial{packs: slices.Clone(packs)}
	slices.SortFunc(x.packs, comparePacks)
	if len(packs) == 0 {
		x.packs = nil
	}
	t.trial = &x
	return t
}

// trying is a unit of which nothing remains.
type trying struct {
	Unit
	packs []Pack
}

func (u trying) Load(ctx context.Context, t TenantID, need Need) (*Snapshot, error) {
	if u.packs != nil && need.AsOf == nil {
		need.PackTexts = nil
	}
	s, err := u.Unit.Load(ctx, t, need)
	if err == nil && u.packs != nil && need.AsOf == nil {
		s.Packs = slices.Clone(u.packs)
	}
	return s, err
}

func (u trying) Write(context.Context, TenantID, Changes) error { return nil }

func (u trying) Nested(ctx context.Context) (Unit, error) {
	in, err := u.Unit.Nested(ctx)
	if err != nil {
		return nil, err
	}
	return trying{in, u.packs}, nil
}

// begin starts the unit of a decision or of a view: a savepoint of the enclosing Do
// or of the host's transaction, or a transaction of the desk's own.
func (t Tenant) begin(ctx context.Context, write bool) (unit Unit, now time.Time, err error) {
	now = t.desk.now()
	switch {
	case t.session != nil:
		now = t.session.now
		unit, err = t.session.unit.Nested(ctx)
	case t.tx != nil:
		if err := t.desk.own(ctx, *t.tx); err != nil {
			return nil, now, err
		}
		unit, err = t.tx.unit.Nested(ctx)
	default:
		unit, err = t.desk.store.Begin(ctx, write && t.trial == nil)
	}
	if err == nil && t.trial != nil {
		unit = trying{unit, t.trial.packs}
	}
	return unit, now, err
}
