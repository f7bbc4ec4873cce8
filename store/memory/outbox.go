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

// ClaimOutgoing leases up to limit events that are not published yet, those with
// the lowest ids first, which are the oldest. Those of one aggregate come in their
// order, and none while an earlier one is unpublished, unless that one comes before
// it in the same claim.
func (s *Store) ClaimOutgoing(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]okr.Outgoing, error) {
	var out []okr.Outgoing
	now = store.Instant(now)
	err := s.change(ctx, func(next *state) error {
		for _, k := range next.claimable(now, limit) {
			o, _ := next.outbox.get(k)
			o.Attempt++
			o.due = now.Add(lease)
			next.outbox = next.outbox.put(k, o)
			claimed := o.Outgoing
			claimed.Wire = bytes.Clone(claimed.Wire)
			out = append(out, claimed)
		}
		store.InOrder(out)
		return nil
	})
	return out, err
}

// claimable are the events that may be handed out now.
func (s *state) claimable(now time.Time, limit int) []eventKey {
	var heads []eventKey // the first of each aggregate, if it is due
	var open []eventKey  // due, and every earlier one of the aggregate is due as well
	var last eventKey
	blocked := false
	s.outbox.all(func(k eventKey, o outgoing) bool {
		if k.tenant != last.tenant || k.aggregate != last.aggregate {
			blocked = false
			if !o.due.After(now) {
				heads = append(heads, k)
			}
		}
		if blocked = blocked || o.due.After(now); !blocked {
			open = append(open, k)
		}
		last = k
		return true
	})
	byID := func(a, b eventKey) int {
		x, _ := s.outbox.get(a)
		y, _ := s.outbox.get(b)
		return cmp.Compare(x.ID, y.ID)
	}
	slices.SortFunc(open, byID)
	slices.SortFunc(heads, byID)
	open, heads = open[:max(0, min(len(open), limit))], heads[:max(0, min(len(heads), limit))]
	// The limit may have cut an earlier one off.
	slices.SortFunc(open, compareEvents)
	picked := map[eventKey]bool{}
	open = slices.DeleteFunc(open, func(k eventKey) bool {
		first := true
		s.outbox.descend(k, func(e eventKey, _ outgoing) bool {
			if e == k {
				return true
			}
			first = e.tenant != k.tenant || e.aggregate != k.aggregate || picked[e]
			return false
		})
		picked[k] = first
		return !first
	})
	if len(open) == 0 {
		// All of it was behind something with a higher id, made under another
		// clock.
		return heads
	}
	return open
}

// MarkPublished takes events out of the outbox; the ledger keeps them. Events
// that are not in it are no error.
func (s *Store) MarkPublished(ctx context.Context, events []string) error {
	return s.change(ctx, func(next *state) error {
		for _, id := range events {
			if k, ok := next.open.get(id); ok {
				next.outbox = next.outbox.without(k)
				next.open = next.open.without(id)
			}
		}
		return nil
	})
}

// ReleaseOutgoing ends the leases of events that could not be published: they
// are handed out again from retryAt on.
func (s *Store) ReleaseOutgoing(ctx context.Context, events []string, retryAt time.Time, cause string) error {
	return s.change(ctx, func(next *state) error {
		for _, id := range events {
			if k, ok := next.open.get(id); ok {
				o, _ := next.outbox.get(k)
				o.due, o.cause = store.Instant(retryAt), cause
				next.outbox = next.outbox.put(k, o)
			}
		}
		return nil
	})
}

// OutgoingState says how many events wait to be published, and the instant of the
// oldest; zero if none waits.
func (s *Store) OutgoingState(context.Context) (unpublished int, oldest time.Time, err error) {
	s.committed.Load().outbox.all(func(_ eventKey, o outgoing) bool {
		if unpublished++; oldest.IsZero() || o.at.Before(oldest) {
			oldest = o.at
		}
		return true
	})
	return unpublished, oldest, nil
}

// Requeue puts the tenant's ledger events whose instant lies in [from, to) into
// the outbox again, with the same ids, and says how many were not in it. Words
// that were erased read [store.Erased].
//
// After a bus has lost what it held, in this order: Requeue what it may not have
// delivered; run the router until it is idle, so that its consumers exist again,
// since a new one starts from now; then the relay. What an adapter was done with
// before stands in its inbox, and is not delivered twice.
func (s *Store) Requeue(ctx context.Context, t okr.TenantID, from, to time.Time) (int, error) {
	n := 0
	err := s.change(ctx, func(next *state) error {
		x := next.tenant(t)
		w := writing{id: t, state: next, tenant: x}
		var failed error
		x.ledger.all(func(_, e okr.Entry) bool {
			key := eventKey{t, e.Aggregate, e.Seq}
			if e.Time.Before(from) || !e.Time.Before(to) || next.outbox.has(key) {
				return true
			}
			ev := e.Event
			ev.Data = x.resolve(e.Data)
			wire, err := ev.AppendCloudEvent(nil)
			if err != nil {
				failed = err
				return false
			}
			w.enqueue(key, okr.Outgoing{ID: e.ID, Tenant: t, Type: e.Type, Aggregate: e.Aggregate, Seq: e.Seq, Wire: wire}, e.Time)
			n++
			return true
		})
		return failed
	})
	if err != nil {
		return 0, err
	}
	if n > 0 {
		s.wake()
	}
	return n, nil
}
