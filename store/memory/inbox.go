package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

// Seen says whether an adapter has been given an event and was done with it.
func (s *Store) Seen(_ context.Context, adapter, event string) (bool, error) {
	return s.committed.Load().inbox.has(inboxKey{adapter, event}), nil
}

// MarkDone notes that an adapter is done with an event; to note it twice changes
// nothing.
func (s *Store) MarkDone(ctx context.Context, adapter, event string, at time.Time) error {
	return s.change(ctx, func(next *state) error {
		if k := (inboxKey{adapter, event}); !next.inbox.has(k) {
			next.inbox = next.inbox.put(k, store.Instant(at))
		}
		return nil
	})
}

// PruneInbox forgets what adapters were done with before the instant, and says
// how many notes that were. Keep them for longer than the bus may repeat itself.
func (s *Store) PruneInbox(ctx context.Context, before time.Time) (int, error) {
	n := 0
	err := s.change(ctx, func(next *state) error {
		kept := next.inbox
		next.inbox.all(func(k inboxKey, at time.Time) bool {
			if at.Before(before) {
				kept = kept.without(k)
				n++
			}
			return true
		})
		next.inbox = kept
		return nil
	})
	return n, err
}

// PruneRemembered forgets what was decided under idempotency keys before the
// instant, and says how many keys that were. A key that is used again later is new.
func (s *Store) PruneRemembered(ctx context.Context, before time.Time) (int, error) {
	n := 0
	err := s.change(ctx, func(next *state) error {
		next.tenants.all(func(id okr.TenantID, t *tenant) bool {
			x := *t
			t.remembered.all(func(key string, m okr.Remembered) bool {
				if m.At.Before(before) {
					x.remembered = x.remembered.without(key)
					n++
				}
				return true
			})
			next.tenants = next.tenants.put(id, &x)
			return true
		})
		return nil
	})
	return n, err
}

// PutDeadLetter keeps an event that an adapter could not be given; a later one of
// the same adapter and event takes its place.
func (s *Store) PutDeadLetter(ctx context.Context, d okr.DeadLetter) error {
	d.Wire, d.At = bytes.Clone(d.Wire), store.Instant(d.At)
	return s.change(ctx, func(next *state) error {
		next.dead = next.dead.put(inboxKey{d.Adapter, d.Event}, d)
		return nil
	})
}

// DeadLetters lists up to limit dead letters of an adapter, of all if it is "",
// oldest first.
func (s *Store) DeadLetters(_ context.Context, adapter string, limit int) ([]okr.DeadLetter, error) {
	var out []okr.DeadLetter
	s.committed.Load().dead.all(func(_ inboxKey, d okr.DeadLetter) bool {
		if adapter == "" || d.Adapter == adapter {
			d.Wire = bytes.Clone(d.Wire)
			out = append(out, d)
		}
		return true
	})
	slices.SortFunc(out, func(a, b okr.DeadLetter) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Adapter, b.Adapter), cmp.Compare(a.Event, b.Event))
	})
	return out[:min(len(out), store.Page(limit))], nil
}

// TakeDeadLetter removes a dead letter and returns it, to be tried again. It is
// [okr.ErrNotFound] if there is none.
func (s *Store) TakeDeadLetter(ctx context.Context, adapter, event string) (okr.DeadLetter, error) {
	var d okr.DeadLetter
	err := s.change(ctx, func(next *state) error {
		k := inboxKey{adapter, event}
		var ok bool
		if d, ok = next.dead.get(k); !ok {
			return &okr.NotFoundError{Ref: okr.Ref{Kind: "dead_letter", ID: okr.ID(adapter + " " + event)}}
		}
		next.dead = next.dead.without(k)
		return nil
	})
	d.Wire = bytes.Clone(d.Wire)
	return d, err
}
