package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

// ClaimDue leases up to limit subjects that are due to be looked at, those first
// that have been due for longest.
func (s *Store) ClaimDue(ctx context.Context, now time.Time, limit int) ([]okr.Due, error) {
	var out []okr.Due
	err := s.change(ctx, func(next *state) error {
		out = next.claimDue(store.Instant(now), limit)
		return nil
	})
	return out, err
}

func (s *state) claimDue(now time.Time, limit int) []okr.Due {
	type candidate struct {
		subjectKey
		since time.Time
	}
	var found []candidate
	claimed := map[subjectKey]bool{}
	add := func(k subjectKey, since time.Time) {
		if l, ok := s.leases.get(k); claimed[k] || ok && l.until.After(now) {
			return
		}
		claimed[k] = true
		found = append(found, candidate{k, since})
	}
	// In the order of time: what comes after enough of them is not read.
	s.due.all(func(k dueKey, _ okr.Standing) bool {
		if k.at.After(now) || len(found) >= limit {
			return false
		}
		add(subjectKey{k.tenant, k.standing.Subject}, k.at)
		return true
	})
	clear(claimed)
	s.looks.all(func(k subjectKey, at time.Time) bool {
		add(k, at)
		return true
	})
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(a.since.Compare(b.since), compareSubjects(a.subjectKey, b.subjectKey))
	})
	var out []okr.Due
	clear(claimed)
	for _, c := range found {
		if len(out) >= limit {
			break
		}
		if claimed[c.subjectKey] {
			continue
		}
		claimed[c.subjectKey] = true
		l, _ := s.leases.get(c.subjectKey)
		l.attempt++
		l.until = now.Add(store.Lease(l.attempt))
		s.leases = s.leases.put(c.subjectKey, l)
		out = append(out, okr.Due{Tenant: c.tenant, Subject: c.subject, Attempt: l.attempt})
	}
	return out
}
