package memory

import (
	"context"

	"github.com/okrkit/okrkit/okr"
)

// EraseWords removes text and salt of an entity's words, so that the ledger's
// references to them read [store.Erased], and says how many that were. The ledger
// verifies as before. It cannot be undone.
//
// It concerns the ledger alone; [okr.Tenant.Erase] is the decision that removes words
// wherever they stand.
func (s *Store) EraseWords(ctx context.Context, t okr.TenantID, entity okr.Ref) (int, error) {
	n := 0
	err := s.change(ctx, func(next *state) error {
		x := *next.tenant(t)
		x.words.all(func(id string, w okr.Word) bool {
			if w.Entity == entity && w.Salt != nil {
				w.Salt, w.Text = nil, ""
				x.words = x.words.put(id, w)
				n++
			}
			return true
		})
		if n > 0 {
			next.tenants = next.tenants.put(t, &x)
		}
		return nil
	})
	return n, err
}
