package okr

import (
	"context"
	"fmt"
	"slices"
)

// PackReader is a [Judge] that can say of a text whether it is a pack.
type PackReader interface {
	// ReadPack reads a text as far as it must be read to be judged by. What is
	// wrong with it is the error, all at once.
	ReadPack(text string) (Pack, error)
}

// NewPack is the text of a pack that shall be in force.
type NewPack struct {
	Text string `json:"text"`
	Key  string `json:"-"` // idempotency key; "" is none
}

// ActivatePack puts a pack in force for the tenant from now on, beside those that
// are, or in the place of the one of its name; until then a file is only a proposal.
// What has been decided stays as it was decided, and a view as of an earlier cut is
// judged by the packs of then. A text that is in force already changes nothing. One
// that cannot be judged by is [ErrInvalid], and so is any where the desk has no judge
// that reads packs.
func (t Tenant) ActivatePack(ctx context.Context, n NewPack) (Decision, error) {
	tenant := Ref{KindTenant, ID(t.id)}
	return t.decide(ctx, Intent{VerbPack, []Ref{tenant}}, n.Key, n, func(ctx context.Context, w *work) error {
		p, err := w.desk.readPack(n.Text)
		if err != nil {
			return err
		}
		if err := w.load(ctx, Need{}); err != nil {
			return err
		}
		i := slices.IndexFunc(w.after.Packs, func(q Pack) bool { return q.Name == p.Name })
		switch {
		case i >= 0 && w.after.Packs[i].Digest == p.Digest:
			return nil
		case i >= 0:
			w.after.Packs[i] = p
		default:
			w.after.Packs = append(w.after.Packs, p)
			w.after.Sort()
		}
		return w.putInForce(ctx, p)
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

// putInForce writes that packs are in force from now on.
func (w *work) putInForce(ctx context.Context, packs ...Pack) error {
	tenant := Ref{KindTenant, ID(w.id)}
	if _, counted := w.next[tenant]; !counted {
		old, err := w.unit.Events(ctx, w.id, tenant, 0)
		if err != nil {
			return err
		}
		w.next[tenant] = int64(len(old))
	}
	for _, p := range packs {
		if err := w.emit(tenant, Ref{KindPack, ID(p.Name)}, EventPackActivated, PackFact{p.Name, p.Version, p.Digest}, p); err != nil {
			return err
		}
	}
	w.changes.Activate = slices.DeleteFunc(w.changes.Activate, func(q Pack) bool {
		return slices.ContainsFunc(packs, func(p Pack) bool { return p.Name == q.Name })
	})
	w.changes.Activate = append(w.changes.Activate, packs...)
	return nil
}
