package memory

import (
	"context"
	"errors"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

// unit is a transaction, or a savepoint within one.
type unit struct {
	store    *Store // of a transaction of its own; nil in a savepoint
	outer    *unit  // of a savepoint
	state    *state
	host     bool // the host's: it is neither committed nor rolled back here
	readOnly bool
	wrote    bool
	failed   bool // a Write did not go through: only Rollback is left
	open     bool // a savepoint within is open
	done     bool
}

var errNested = errors.New("memory: a nested unit is open: end it first")

func (u *unit) ready(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for o := u; o != nil; o = o.outer {
		if o.done || o.failed {
			return okr.ErrTxDone
		}
		if o.open && o == u {
			return errNested
		}
	}
	if u.host {
		u.state = u.outer.state
	}
	return nil
}

// Nested starts a savepoint.
func (u *unit) Nested(ctx context.Context) (okr.Unit, error) {
	if err := u.ready(ctx); err != nil {
		return nil, err
	}
	next := *u.state
	u.open = true
	return &unit{outer: u, state: &next, readOnly: u.readOnly}, nil
}

// Commit publishes a transaction, or hands a savepoint's writes to its outer
// unit.
func (u *unit) Commit(ctx context.Context) error {
	if err := u.ready(ctx); err != nil {
		return err
	}
	if u.host {
		return nil
	}
	u.done = true
	switch {
	case u.outer != nil:
		u.outer.open = false
		u.outer.take(u)
	case u.store != nil:
		if u.wrote {
			u.store.publish(u.state)
		}
		u.store.unlock()
	}
	return nil
}

// take receives a savepoint's writes; a host's unit hands them on to the host's
// transaction.
func (u *unit) take(in *unit) {
	*u.state = *in.state
	for o := u; o != nil; o = o.outer {
		o.wrote = o.wrote || in.wrote
		if !o.host {
			break
		}
	}
}

// Rollback forgets the unit's writes. After Commit it does nothing.
func (u *unit) Rollback(context.Context) error {
	if u.done || u.host {
		return nil
	}
	u.done = true
	switch {
	case u.outer != nil:
		u.outer.open = false
	case u.store != nil:
		u.store.unlock()
	}
	return nil
}

// Load reads what need names.
func (u *unit) Load(ctx context.Context, t okr.TenantID, need okr.Need) (*okr.Snapshot, error) {
	if err := u.ready(ctx); err != nil {
		return nil, err
	}
	if need.AsOf != nil {
		return store.LoadPast(ctx, past{u.state.tenant(t), need.AsOf.Position}, t, need)
	}
	l := loading{tenant: u.state.tenant(t), need: need, snapshot: okr.Snapshot{Tenant: t}}
	if err := l.run(); err != nil {
		return nil, err
	}
	return store.Copy(&l.snapshot), nil
}

// Recall answers what was decided under an idempotency key.
func (u *unit) Recall(ctx context.Context, t okr.TenantID, key string) (*okr.Remembered, error) {
	if err := u.ready(ctx); err != nil {
		return nil, err
	}
	m, ok := u.state.tenant(t).remembered.get(key)
	if !ok {
		return nil, nil
	}
	m.Decision = append([]byte(nil), m.Decision...)
	return &m, nil
}

// Events lists the ledger's events of an aggregate after a sequence number, their
// words resolved.
func (u *unit) Events(ctx context.Context, t okr.TenantID, aggregate okr.Ref, afterSeq int64) ([]okr.Event, error) {
	if err := u.ready(ctx); err != nil {
		return nil, err
	}
	x := u.state.tenant(t)
	var out []okr.Event
	x.ledger.ascend(entryKey(aggregate, afterSeq+1), func(_, e okr.Entry) bool {
		if e.Aggregate != aggregate {
			return false
		}
		ev := e.Event
		ev.Data = append([]byte(nil), x.resolve(e.Data)...)
		out = append(out, ev)
		return true
	})
	return out, nil
}

// Versions lists the ledger rows that hold the state of an aggregate itself, their
// words resolved.
func (u *unit) Versions(ctx context.Context, t okr.TenantID, aggregate okr.Ref) ([]okr.Entry, error) {
	if err := u.ready(ctx); err != nil {
		return nil, err
	}
	x := u.state.tenant(t)
	var out []okr.Entry
	x.ledger.ascend(entryKey(aggregate, 0), func(_, e okr.Entry) bool {
		if e.Aggregate != aggregate {
			return false
		}
		if e.Entity == aggregate {
			e.Data, e.State = x.resolve(e.Data), x.resolve(e.State)
			out = append(out, e)
		}
		return true
	})
	return out, nil
}

// Reached is the number that the aggregate's events had reached at the cut.
func (u *unit) Reached(ctx context.Context, t okr.TenantID, aggregate okr.Ref, at okr.Cut) (int64, error) {
	if err := u.ready(ctx); err != nil {
		return 0, err
	}
	return u.state.tenant(t).reachedAt(aggregate, at.Position), nil
}
