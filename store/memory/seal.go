package memory

import (
	"context"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

// Seal links up to limit ledger rows that have no seal yet into their tenants'
// chains, and says how many. Where it leaves none, it marks the end of the chain
// with the instant.
func (s *Store) Seal(ctx context.Context, now time.Time, limit int) (int, error) {
	n := 0
	err := s.change(ctx, func(next *state) error {
		var sealed []okr.TenantID
		next.unseal.all(func(k eventKey, _ struct{}) bool {
			if n >= limit {
				return false
			}
			next.seal(k)
			if len(sealed) == 0 || sealed[len(sealed)-1] != k.tenant {
				sealed = append(sealed, k.tenant)
			}
			n++
			return true
		})
		for _, t := range sealed {
			if next.unsealed(t) == 0 {
				next.mark(t, store.Instant(now))
			}
		}
		return nil
	})
	return n, err
}

// seal links a ledger row into its tenant's chain.
func (s *state) seal(k eventKey) {
	x := *s.tenant(k.tenant)
	e, _ := x.ledger.get(entryKey(k.aggregate, k.seq))
	position := int64(x.seals.len())
	last, _ := x.seals.get(position)
	position++
	x.seals = x.seals.put(position, seal{e.ID, store.Link(last.hash, e.Hash)})
	x.reached = x.reached.put(sealKey{k.aggregate, position}, k.seq)
	s.tenants = s.tenants.put(k.tenant, &x)
	s.unseal = s.unseal.without(k)
}

// mark notes the instant at the end of a tenant's chain, unless it is marked.
func (s *state) mark(t okr.TenantID, now time.Time) okr.Cut {
	x := *s.tenant(t)
	c := okr.Cut{Position: int64(x.seals.len()), At: now}
	x.marks.descend(c.Position, func(_ int64, last time.Time) bool {
		c.At = store.Later(now, last)
		return false
	})
	if c.Position > 0 && !x.marks.has(c.Position) {
		x.marks = x.marks.put(c.Position, c.At)
		s.tenants = s.tenants.put(t, &x)
	}
	return c
}

func (s *state) unsealed(t okr.TenantID) (n int64) {
	s.unseal.ascend(eventKey{tenant: t}, func(k eventKey, _ struct{}) bool {
		if k.tenant == t {
			n++
		}
		return k.tenant == t
	})
	return n
}

// Cut seals what the tenant has committed and marks the end of its chain with the
// instant, or with the last mark's if that is later.
func (s *Store) Cut(ctx context.Context, t okr.TenantID, now time.Time) (okr.Cut, error) {
	var c okr.Cut
	err := s.change(ctx, func(next *state) error {
		next.unseal.ascend(eventKey{tenant: t}, func(k eventKey, _ struct{}) bool {
			if k.tenant == t {
				next.seal(k)
			}
			return k.tenant == t
		})
		c = next.mark(t, store.Instant(now))
		return nil
	})
	return c, err
}

// CutAt is the last cut at or before the instant.
func (s *Store) CutAt(_ context.Context, t okr.TenantID, at time.Time) (okr.Cut, error) {
	var c okr.Cut
	s.committed.Load().tenant(t).marks.descend(1<<62, func(position int64, marked time.Time) bool {
		if !marked.After(at) {
			c = okr.Cut{Position: position, At: marked}
		}
		return c.Position == 0
	})
	if c.Position == 0 {
		return c, store.NoCut(at)
	}
	return c, nil
}

// Verify reads a tenant's whole ledger and says whether it is as it was written.
func (s *Store) Verify(_ context.Context, t okr.TenantID) (store.Verification, error) {
	now := s.committed.Load()
	x := now.tenant(t)
	a := store.NewAuditor(t)
	x.ledger.all(func(_, e okr.Entry) bool {
		a.Row(e, x.words.get)
		return true
	})
	x.seals.all(func(pos int64, l seal) bool {
		key, _ := now.events.get(l.event)
		e, _ := x.ledger.get(entryKey(key.aggregate, key.seq))
		a.Seal(pos, l.event, l.hash, e.Hash)
		return true
	})
	return a.Done(now.unsealed(t)), nil
}
