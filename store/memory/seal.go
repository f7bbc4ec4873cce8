package memory

import (
	"context"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

// Seal links up to limit ledger rows that have no seal yet into their tenants'
// chains, and says how many.
func (s *Store) Seal(ctx context.Context, limit int) (int, error) {
	n := 0
	err := s.change(ctx, func(next *state) error {
		waiting := next.unseal
		waiting.all(func(k eventKey, _ struct{}) bool {
			if n >= limit {
				return false
			}
			x := *next.tenant(k.tenant)
			e, _ := x.ledger.get(entryKey(k.aggregate, k.seq))
			last, _ := x.seals.get(int64(x.seals.len()))
			x.seals = x.seals.put(int64(x.seals.len())+1, seal{e.ID, store.Link(last.hash, e.Hash)})
			next.tenants = next.tenants.put(k.tenant, &x)
			next.unseal = next.unseal.without(k)
			n++
			return true
		})
		return nil
	})
	return n, err
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
	var unsealed int64
	now.unseal.ascend(eventKey{tenant: t}, func(k eventKey, _ struct{}) bool {
		if k.tenant == t {
			unsealed++
		}
		return k.tenant == t
	})
	return a.Done(unsealed), nil
}
