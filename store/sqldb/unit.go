package sqldb

import (
	"context"
	"errors"
	"fmt"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

// unit is a transaction of the store's own, the host's, or a savepoint in one.
type unit struct {
	store    *Store
	conn     Conn
	tx       Tx    // of a transaction of the store's own
	outer    *unit // of a savepoint
	name     string
	host     bool  // the host's: it is neither committed nor rolled back here
	broken   error // why the host's transaction cannot be used
	readOnly bool
	wrote    bool
	failed   bool // a Write did not go through: only Rollback is left
	open     bool // a savepoint within is open
	done     bool
}

var (
	errNested   = errors.New("sqldb: a nested unit is open: end it first")
	errReadOnly = errors.New("sqldb: a unit that was begun for reading cannot write")
)

func (u *unit) ready(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for o := u; o != nil; o = o.outer {
		switch {
		case o.broken != nil:
			return o.broken
		case o.done, o.failed:
			return okr.ErrTxDone
		}
	}
	if u.open {
		return errNested
	}
	return nil
}

func (u *unit) sql(text string) string { return u.store.dialect.sql(text) }

func (u *unit) mapped(ctx context.Context, err error) error { return u.store.dialect.mapped(ctx, err) }

// Nested starts a savepoint.
func (u *unit) Nested(ctx context.Context) (okr.Unit, error) {
	if err := u.ready(ctx); err != nil {
		return nil, err
	}
	return u.nested(ctx)
}

func (u *unit) nested(ctx context.Context) (*unit, error) {
	depth := 1
	for o := u; o.outer != nil; o = o.outer {
		depth++
	}
	in := &unit{store: u.store, conn: u.conn, outer: u, name: fmt.Sprintf("okr_%d", depth), readOnly: u.readOnly}
	if _, err := u.conn.Exec(ctx, "SAVEPOINT "+in.name); err != nil {
		return nil, u.mapped(ctx, err)
	}
	u.open = true
	return in, nil
}

// Commit ends a transaction or a savepoint; the host's own stays open.
func (u *unit) Commit(ctx context.Context) error {
	if err := u.ready(ctx); err != nil {
		return err
	}
	switch {
	case u.host:
		return nil
	case u.outer != nil:
		if _, err := u.conn.Exec(ctx, "RELEASE SAVEPOINT "+u.name); err != nil {
			return u.mapped(ctx, err)
		}
		u.outer.open = false
		u.outer.wrote = u.outer.wrote || u.wrote
	default:
		if err := u.tx.Commit(ctx); err != nil {
			return u.mapped(ctx, err)
		}
		if u.wrote {
			u.store.committed()
		}
	}
	u.done = true
	return nil
}

// Rollback undoes a transaction or a savepoint; the host's own stays as it is.
// After Commit it does nothing.
func (u *unit) Rollback(ctx context.Context) error {
	if u.done || u.host {
		return nil
	}
	u.done = true
	if u.outer == nil {
		return u.mapped(ctx, u.tx.Rollback(ctx))
	}
	u.outer.open = false
	for o := u.outer; o != nil; o = o.outer {
		if o.done {
			return nil // it is gone already
		}
	}
	if _, err := u.conn.Exec(ctx, "ROLLBACK TO SAVEPOINT "+u.name); err != nil {
		return u.mapped(ctx, err)
	}
	_, err := u.conn.Exec(ctx, "RELEASE SAVEPOINT "+u.name)
	return u.mapped(ctx, err)
}

// Recall answers what was decided under an idempotency key.
func (u *unit) Recall(ctx context.Context, t okr.TenantID, key string) (*okr.Remembered, error) {
	if err := u.ready(ctx); err != nil {
		return nil, err
	}
	var found *okr.Remembered
	err := each(ctx, u.conn, u.sql("SELECT content, decision, at FROM okr_remembered WHERE tenant = $1 AND key = $2"), func(r Rows) error {
		m := okr.Remembered{Key: key}
		var decision string
		var at int64
		if err := r.Scan(&m.Content, &decision, &at); err != nil {
			return err
		}
		m.Decision, m.At = []byte(decision), instant(at)
		found = &m
		return nil
	}, string(t), key)
	return found, u.mapped(ctx, err)
}

const entryColumns = "kind, id, seq, event, type, at, actor_kind, actor, entity_kind, entity, state, whole, stood, data, hash"

// scanEntry reads the columns of [entryColumns].
func scanEntry(r Rows, t okr.TenantID) (okr.Entry, error) {
	e := okr.Entry{Event: okr.Event{Tenant: t}}
	var at int64
	var state, whole, stood, data string
	var hash []byte
	err := r.Scan(&e.Aggregate.Kind, &e.Aggregate.ID, &e.Seq, &e.ID, &e.Type, &at, &e.Actor.Kind, &e.Actor.ID,
		&e.Entity.Kind, &e.Entity.ID, &state, &whole, &stood, &data, &hash)
	e.Time, e.State, e.Data, e.Hash = instant(at), []byte(state), []byte(data), fmt.Sprintf("%x", hash)
	if whole != "" {
		e.Whole = []byte(whole)
	}
	if stood != "" {
		e.Stood = []byte(stood)
	}
	return e, err
}

// Events lists the ledger's events of an aggregate after a sequence number, their
// words resolved.
func (u *unit) Events(ctx context.Context, t okr.TenantID, aggregate okr.Ref, afterSeq int64) ([]okr.Event, error) {
	if err := u.ready(ctx); err != nil {
		return nil, err
	}
	var out []okr.Event
	err := each(ctx, u.conn, u.sql("SELECT "+entryColumns+" FROM okr_ledger WHERE tenant = $1 AND kind = $2 AND id = $3 AND seq > $4 ORDER BY seq"), func(r Rows) error {
		e, err := scanEntry(r, t)
		out = append(out, e.Event)
		return err
	}, string(t), string(aggregate.Kind), string(aggregate.ID), afterSeq)
	if err == nil {
		err = u.store.resolve(ctx, u.conn, t, out)
	}
	if err != nil {
		return nil, u.mapped(ctx, err)
	}
	return out, nil
}

// resolve puts the tenant's words in the place of their references.
func (s *Store) resolve(ctx context.Context, c Conn, t okr.TenantID, events []okr.Event) error {
	texts := make([][]byte, len(events))
	for i, e := range events {
		texts[i] = e.Data
	}
	words, err := s.words(ctx, c, t, texts)
	if err != nil {
		return err
	}
	for i := range events {
		events[i].Data = store.Resolve(events[i].Data, func(id string) (okr.Word, bool) {
			w, ok := words[id]
			return w, ok
		})
	}
	return nil
}
