package okr

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// The events of reading for a purpose that needs a grant. Their aggregate is the
// cycle; the actor is who read, or would have.
const (
	EventPurposeUsed    = EventPrefix + "purpose.used"
	EventPurposeRefused = EventPrefix + "purpose.refused"
)

// PurposeFact is the payload of purpose events.
type PurposeFact struct {
	Cycle   ID      `json:"cycle"`
	Purpose Purpose `json:"purpose"`
}

// PurposeError says that the figures of a cycle may not be read for a purpose. It
// matches [ErrDenied].
type PurposeError struct {
	Cycle   ID
	Purpose Purpose
}

func (e *PurposeError) Error() string {
	return fmt.Sprintf("okr: denied: the figures of cycle %s are for alignment, and nobody granted them for %s: "+
		"use Tenant.GrantPurpose before a cycle begins, so that owners know it when they set their targets", e.Cycle, e.Purpose)
}

// Is makes every PurposeError match [ErrDenied].
func (e *PurposeError) Is(target error) bool { return target == ErrDenied }

// MarshalText is the purpose by name, also of the zero value.
func (p Purpose) MarshalText() ([]byte, error) {
	if p == ForAlignment {
		return []byte("alignment"), nil
	}
	return []byte(p), nil
}

// UnmarshalText reads what [Purpose.MarshalText] wrote.
func (p *Purpose) UnmarshalText(b []byte) error {
	*p = Purpose(b)
	if *p == "alignment" {
		*p = ForAlignment
	}
	return nil
}

// For is the view for a purpose. What it answers is labelled with it. For any
// other than alignment, every figure of a cycle is refused with a *[PurposeError]
// unless a [Grant] of that cycle is in force.
//
// Either way it stays on record who read for what: the first such read of an actor
// in a cycle on a day, and the first that was refused, each leave an event. So a
// view for a purpose needs an actor, and within [Tenant.In] and [Tenant.Do] the
// record shares the fate of the transaction.
func (v View) For(p Purpose) View {
	v.purpose = p
	return v
}

// transact runs f in a unit for reading, which shows the tenant as of the view's
// cut, with the instant at which to measure.
func (v View) transact(ctx context.Context, f func(Unit, time.Time) error) error {
	if v.purpose == ForAlignment {
		return v.reading(ctx, f)
	}
	if v.purpose != ForCompensation {
		return invalid("purpose", string(v.purpose), "use alignment or compensation")
	}
	if err := v.t.actor.check(); err != nil {
		return err
	}
	touched := map[ID]bool{}
	err := v.reading(ctx, func(u Unit, now time.Time) error {
		return f(&walled{unit: u, purpose: v.purpose, touched: touched}, now)
	})
	refused := (*PurposeError)(nil)
	if err != nil && !errors.As(err, &refused) {
		return err
	}
	var cycles []ID
	for id := range touched {
		cycles = append(cycles, id)
	}
	slices.Sort(cycles)
	for _, id := range cycles {
		if granted := touched[id]; refused != nil && granted {
			continue // nothing of it was given out
		}
		if e := v.t.recordPurpose(ctx, id, v.purpose, touched[id]); e != nil {
			return errors.Join(err, e)
		}
	}
	return err
}

// recordPurpose leaves a record of who read for what, or would have.
func (t Tenant) recordPurpose(ctx context.Context, cycle ID, p Purpose, granted bool) error {
	ref := Ref{KindCycle, cycle}
	_, err := t.decide(ctx, Intent{VerbPurpose, []Ref{ref}}, "", nil, func(ctx context.Context, w *work) error {
		if err := w.bring(ctx, Need{Refs: []Ref{ref}, Collections: Collections{Standings: true}}); err != nil {
			return err
		}
		w.intent.Subjects = nil
		c := w.after.Cycle(cycle)
		event := pick(granted, EventPurposeUsed, EventPurposeRefused)
		key := fmt.Sprintf("%s/%s/%s/%s", event, p, w.actor.Kind, w.actor.ID)
		today := c.Today(w.now).String()
		if st, ok := w.standing(ref, standingPurpose, key); ok && st.Value == today {
			return nil
		}
		w.expect(ref, c.Version)
		w.setStanding(Standing{Subject: ref, Kind: standingPurpose, Key: key, Value: today, Since: w.now})
		return w.emit(ref, ref, event, PurposeFact{cycle, p}, *c)
	})
	return err
}

// walled is a unit for reading that gives out nothing of a cycle whose figures
// nobody granted for the purpose. It embeds no unit, so that a new method of the
// port does not pass it by.
type walled struct {
	unit    Unit
	purpose Purpose
	touched map[ID]bool // whether the cycles that were read are granted
}

// granted says whether the figures of the cycle may be read.
func (u *walled) granted(ctx context.Context, t TenantID, cycle ID) error {
	ok, known := u.touched[cycle]
	if !known {
		q := ItemQuery{Kind: KindGrant, Cycle: cycle, Limit: maxPage}
		rows, err := u.unit.Items(ctx, t, q)
		if err != nil {
			return err
		}
		var s Snapshot
		for _, i := range rows {
			if err := s.AddItem(i); err != nil {
				return err
			}
		}
		ok = s.Granted(cycle, u.purpose)
		u.touched[cycle] = ok
	}
	if !ok {
		return &PurposeError{cycle, u.purpose}
	}
	return nil
}

func (u *walled) Load(ctx context.Context, t TenantID, need Need) (*Snapshot, error) {
	s, err := u.unit.Load(ctx, t, need)
	if err != nil {
		return nil, err
	}
	var cycles []ID
	for _, k := range s.KeyResults {
		cycles = append(cycles, k.Cycle)
	}
	for _, r := range need.Refs {
		if o := s.Objective(r.ID); r.Kind == KindObjective && o != nil {
			cycles = append(cycles, o.Cycle)
		}
	}
	for _, x := range s.Reviews {
		cycles = append(cycles, x.Cycle)
	}
	slices.Sort(cycles)
	for _, id := range slices.Compact(cycles) {
		if err := u.granted(ctx, t, id); err != nil {
			return nil, err
		}
	}
	for i := range s.KeyResults {
		s.KeyResults[i].Ending = s.KeyResults[i].Ending.labelled(u.purpose)
	}
	for i := range s.Objectives {
		o := &s.Objectives[i]
		o.Ending = o.Ending.labelled(u.purpose)
		if !u.touched[o.Cycle] {
			o.StatedScore, o.Ending = nil, nil // it came along with what was asked for
		}
	}
	return s, nil
}

// labelled is the ending as it is read for the purpose.
func (e *Ending) labelled(p Purpose) *Ending {
	if e == nil || e.Rule == nil {
		return e
	}
	c, rule := *e, *e.Rule
	rule.Purpose = p
	c.Rule = &rule
	return &c
}

func (u *walled) List(ctx context.Context, t TenantID, q Query) ([]ID, error) {
	return u.unit.List(ctx, t, q)
}

func (u *walled) Objectives(ctx context.Context, t TenantID, q Query) ([]ID, error) {
	return u.unit.Objectives(ctx, t, q)
}

func (u *walled) Items(ctx context.Context, t TenantID, q ItemQuery) ([]Item, error) {
	rows, err := u.unit.Items(ctx, t, q)
	if err != nil {
		return nil, err
	}
	for _, i := range rows {
		if i.Cycle == "" || i.Kind == KindGrant {
			continue
		}
		if err := u.granted(ctx, t, i.Cycle); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// history refuses the history of what has figures: a cycle's say how many of its
// key results came to what.
func (u *walled) history(ctx context.Context, t TenantID, r Ref) error {
	if r.Kind == KindCycle {
		_, err := u.unit.Load(ctx, t, Need{Refs: []Ref{r}})
		if asNotFound(err, new(*NotFoundError)) {
			return nil
		}
		if err != nil {
			return err
		}
		return u.granted(ctx, t, r.ID)
	}
	if r.Kind != KindKeyResult && r.Kind != KindObjective && r.Kind != KindReview {
		return nil
	}
	_, err := u.Load(ctx, t, Need{Refs: []Ref{r}})
	if asNotFound(err, new(*NotFoundError)) {
		return nil
	}
	return err
}

func (u *walled) Events(ctx context.Context, t TenantID, aggregate Ref, afterSeq int64) ([]Event, error) {
	if err := u.history(ctx, t, aggregate); err != nil {
		return nil, err
	}
	return u.unit.Events(ctx, t, aggregate, afterSeq)
}

func (u *walled) Versions(ctx context.Context, t TenantID, aggregate Ref) ([]Entry, error) {
	if err := u.history(ctx, t, aggregate); err != nil {
		return nil, err
	}
	return u.unit.Versions(ctx, t, aggregate)
}

func (u *walled) Reached(ctx context.Context, t TenantID, aggregate Ref, at Cut) (int64, error) {
	return u.unit.Reached(ctx, t, aggregate, at)
}

func (u *walled) Recall(context.Context, TenantID, string) (*Remembered, error) {
	return nil, errReading
}
func (u *walled) Write(context.Context, TenantID, Changes) error { return errReading }

func (u *walled) Nested(ctx context.Context) (Unit, error) {
	in, err := u.unit.Nested(ctx)
	if err != nil {
		return nil, err
	}
	return &walled{unit: in, purpose: u.purpose, touched: u.touched}, nil
}

func (u *walled) Commit(ctx context.Context) error   { return u.unit.Commit(ctx) }
func (u *walled) Rollback(ctx context.Context) error { return u.unit.Rollback(ctx) }
