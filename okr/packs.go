package okr

import (
	"context"
	"fmt"
	"slices"
)

// EventPackDeactivated says that a pack judges no longer.
const EventPackDeactivated = EventPrefix + "pack.deactivated"

// PackReader is a [Judge] that can say of texts whether they can be judged by.
type PackReader interface {
	// ReadPack reads a text as far as it can be read by itself. What is wrong with
	// it is the error, all at once.
	ReadPack(text string) (Pack, error)
	// CheckPacks says whether packs can be in force together after those that were
	// before: whether what they extend is there, and has what they set in it. Those
	// that come new carry their text.
	CheckPacks(before, after []Pack) error
}

// NewPack is the text of a pack that shall be in force.
type NewPack struct {
	Text string   `json:"text"`
	With []string `json:"with,omitempty"` // texts of other packs that come into force in the same decision: a base, and what sets something in it

	Reason string `json:"reason,omitempty"` // why; it stays on record and is not published
	Key    string `json:"-"`                // idempotency key; "" is none
}

// PackEnd names a pack that shall judge no longer.
type PackEnd struct {
	Name   string `json:"name"`
	Reason string `json:"reason,omitempty"` // why; it stays on record and is not published
	Key    string `json:"-"`                // idempotency key; "" is none
}

// changedPack is a pack that came into force or went out of it, with the reason given.
type changedPack struct {
	Pack
	Reason string `json:"reason,omitempty"`
}

// ActivatePack puts a pack in force for the tenant from now on, beside those that
// are, or in the place of the one of its name; until then a file is only a proposal.
// What has been decided stays as it was decided, and a view as of an earlier cut is
// judged by the packs of then. A text that is in force already changes nothing. One
// that cannot be judged by is [ErrInvalid], and so is one that extends a pack which is
// not in force, or takes away what another one sets, and any where the desk has no
// judge that reads packs.
func (t Tenant) ActivatePack(ctx context.Context, n NewPack) (Decision, error) {
	if err := checkText("reason", n.Reason, maxNote, false); err != nil {
		return Decision{}, err
	}
	tenant := Ref{KindTenant, ID(t.id)}
	return t.decide(ctx, Intent{VerbPack, []Ref{tenant}}, n.Key, n, func(ctx context.Context, w *work) error {
		w.reason = n.Reason
		var packs []Pack
		for _, text := range append([]string{n.Text}, n.With...) {
			p, err := w.desk.readPack(text)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(packs, func(o Pack) bool { return o.Name == p.Name }) {
				return invalid("with", p.Name, "two of the texts are the pack %s: leave one out", p.Name)
			}
			packs = append(packs, p)
		}
		if err := w.load(ctx, Need{}); err != nil {
			return err
		}
		before := slices.Clone(w.after.Packs)
		packs = slices.DeleteFunc(packs, func(p Pack) bool {
			return slices.ContainsFunc(before, func(o Pack) bool { return o.Name == p.Name && o.Digest == p.Digest })
		})
		if len(packs) == 0 {
			return nil
		}
		w.after.Packs = slices.DeleteFunc(w.after.Packs, func(o Pack) bool {
			return slices.ContainsFunc(packs, func(p Pack) bool { return o.Name == p.Name })
		})
		w.after.Packs = append(w.after.Packs, packs...)
		w.after.Sort()
		if err := w.checkPacks(before); err != nil {
			return fmt.Errorf("%w: the pack cannot be judged by: %w", ErrInvalid, err)
		}
		return w.putInForce(ctx, packs...)
	})
}

// DeactivatePack takes a pack out of force for the tenant: it judges no longer from
// now on. What it has judged stays, and a view as of an earlier cut is judged by it.
// A pack that is not in force is [ErrNotFound]. One that another pack extends is
// [ErrInvalid], and so is the last one: a tenant without any has not been judged yet,
// and would get the starter packs.
func (t Tenant) DeactivatePack(ctx context.Context, n PackEnd) (Decision, error) {
	for _, err := range []error{checkText("name", n.Name, maxName, true), checkText("reason", n.Reason, maxNote, false)} {
		if err != nil {
			return Decision{}, err
		}
	}
	tenant := Ref{KindTenant, ID(t.id)}
	return t.decide(ctx, Intent{VerbPack, []Ref{tenant}}, n.Key, n, func(ctx context.Context, w *work) error {
		w.reason = n.Reason
		if err := w.load(ctx, Need{}); err != nil {
			return err
		}
		before := slices.Clone(w.after.Packs)
		i := slices.IndexFunc(before, func(p Pack) bool { return p.Name == n.Name })
		if i < 0 {
			return &NotFoundError{Ref{KindPack, ID(n.Name)}}
		}
		if len(before) == 1 {
			return invalid("name", n.Name, "it is the last pack in force: put another one in force first")
		}
		w.after.Packs = slices.Delete(w.after.Packs, i, i+1)
		if err := w.checkPacks(before); err != nil {
			return fmt.Errorf("%w: the pack %s cannot be taken out of force: %w", ErrInvalid, n.Name, err)
		}
		p := before[i]
		if err := w.tellOfPack(ctx, EventPackDeactivated, p); err != nil {
			return err
		}
		w.changes.Activate = slices.DeleteFunc(w.changes.Activate, func(q Pack) bool { return q.Name == p.Name })
		w.changes.Deactivate = append(w.changes.Deactivate, p.Name)
		return nil
	})
}

// readPack reads what shall be in force.
func (d *Desk) readPack(text string) (Pack, error) {
	reader, ok := d.judge.(PackReader)
	if !ok {
		return Pack{}, invalid("text", "", "this desk has no judge that reads packs")
	}
	p, err := reader.ReadPack(text)
	if err != nil {
		return Pack{}, fmt.Errorf("%w: the pack cannot be judged by: %w", ErrInvalid, err)
	}
	p.Text = text
	return p, nil
}

// checkPacks asks whether the packs that the decision leaves can be in force together.
func (w *work) checkPacks(before []Pack) error {
	if reader, ok := w.desk.judge.(PackReader); ok {
		return reader.CheckPacks(before, w.after.Packs)
	}
	return nil
}

// putInForce writes that packs are in force from now on.
func (w *work) putInForce(ctx context.Context, packs ...Pack) error {
	for _, p := range packs {
		if err := w.tellOfPack(ctx, EventPackActivated, p); err != nil {
			return err
		}
	}
	w.changes.Activate = slices.DeleteFunc(w.changes.Activate, func(q Pack) bool {
		return slices.ContainsFunc(packs, func(p Pack) bool { return p.Name == q.Name })
	})
	w.changes.Activate = append(w.changes.Activate, packs...)
	return nil
}

// tellOfPack writes what becomes of a pack into the tenant's own events.
func (w *work) tellOfPack(ctx context.Context, event string, p Pack) error {
	tenant := Ref{KindTenant, ID(w.id)}
	if _, counted := w.next[tenant]; !counted {
		old, err := w.unit.Events(ctx, w.id, tenant, 0)
		if err != nil {
			return err
		}
		w.next[tenant] = int64(len(old))
	}
	return w.emit(tenant, Ref{KindPack, ID(p.Name)}, event, PackFact{p.Name, p.Version, p.Digest}, changedPack{p, w.reason})
}
