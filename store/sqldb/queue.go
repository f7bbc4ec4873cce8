package sqldb

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

// candidate is a subject that is due to be looked at.
type candidate struct {
	okr.Due
	since int64
}

// ClaimDue leases up to limit subjects that are due to be looked at, those first
// that have been due for longest. Processes that claim at the same time get
// different subjects.
func (s *Store) ClaimDue(ctx context.Context, now time.Time, limit int) ([]okr.Due, error) {
	if limit <= 0 {
		return nil, nil
	}
	at := micros(store.Instant(now))
	if idle, err := s.idle(ctx, at); idle || err != nil {
		return nil, err
	}
	var out []okr.Due
	err := s.transact(ctx, Claim, func(c Conn) error {
		// A subject may have several standings that are due: read on until there
		// are enough subjects, or no more rows.
		for rows := 4 * limit; ; rows *= 4 {
			found, read, err := s.candidates(ctx, c, at, rows)
			if err != nil {
				return err
			}
			if len(found) < limit && read >= rows {
				continue
			}
			out, err = s.lease(ctx, c, found[:min(len(found), limit)], at)
			return err
		}
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// idle says that nothing is due, where asking is worth it: SQLite has one write
// lock, and a runner that only looks shall keep no writer waiting.
func (s *Store) idle(ctx context.Context, now int64) (bool, error) {
	if s.dialect != SQLite {
		return false, nil
	}
	idle := false
	err := s.transact(ctx, Read, func(c Conn) error {
		found, _, err := s.candidates(ctx, c, now, 1)
		idle = len(found) == 0
		return err
	})
	return idle, err
}

// candidates are the subjects within so many rows of each table, and how many
// rows the fuller of the two gave.
func (s *Store) candidates(ctx context.Context, c Conn, now int64, rows int) ([]candidate, int, error) {
	var found []candidate
	most := 0
	for _, query := range []string{dueStandings, dueLooks} {
		n := 0
		err := each(ctx, c, s.dialect.sql(query), func(r Rows) error {
			n++
			var x candidate
			err := r.Scan(&x.Tenant, &x.Subject.Kind, &x.Subject.ID, &x.since, &x.Attempt)
			found = append(found, x)
			return err
		}, now, int64(rows))
		if err != nil {
			return nil, 0, err
		}
		most = max(most, n)
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.since, b.since), compareDue(a.Due, b.Due))
	})
	seen := map[okr.Due]bool{}
	found = slices.DeleteFunc(found, func(x candidate) bool {
		if seen[x.Due] {
			return true
		}
		seen[x.Due] = true
		return false
	})
	return found, most, nil
}

// Both walk an index in the order of time and pass over what is leased. The OFFSET
// keeps PostgreSQL from joining the whole tables first.
const (
	dueStandings = `SELECT s.tenant, s.subject_kind, s.subject, s.next_look, COALESCE((
			SELECT l.attempt FROM okr_lease l WHERE l.tenant = s.tenant AND l.subject_kind = s.subject_kind AND l.subject = s.subject), 0)
		FROM okr_standing s WHERE s.next_look <= $1 AND NOT EXISTS (
			SELECT 1 FROM okr_lease l WHERE l.tenant = s.tenant AND l.subject_kind = s.subject_kind AND l.subject = s.subject AND l.until > $1 LIMIT 1 OFFSET 0)
		ORDER BY s.next_look, s.tenant, s.subject_kind, s.subject LIMIT $2`
	dueLooks = `SELECT s.tenant, s.subject_kind, s.subject, s.at, COALESCE((
			SELECT l.attempt FROM okr_lease l WHERE l.tenant = s.tenant AND l.subject_kind = s.subject_kind AND l.subject = s.subject), 0)
		FROM okr_look s WHERE NOT EXISTS (
			SELECT 1 FROM okr_lease l WHERE l.tenant = s.tenant AND l.subject_kind = s.subject_kind AND l.subject = s.subject AND l.until > $1 LIMIT 1 OFFSET 0)
		ORDER BY s.at, s.tenant, s.subject_kind, s.subject LIMIT $2`
)

func compareDue(a, b okr.Due) int {
	return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), okr.CompareRefs(a.Subject, b.Subject))
}

// lease takes the candidates that nobody else has taken meanwhile, in an order
// in which two that do so cannot wait for each other.
func (s *Store) lease(ctx context.Context, c Conn, found []candidate, now int64) ([]okr.Due, error) {
	order := map[okr.Due]int{}
	for i := range found {
		found[i].Attempt++
		order[found[i].Due] = i
	}
	sorted := slices.SortedFunc(slices.Values(found), func(a, b candidate) int { return compareDue(a.Due, b.Due) })
	var out []okr.Due
	for part := range slices.Chunk(sorted, chunk) {
		args := make([]any, 0, 5*len(part)+1)
		for _, x := range part {
			args = append(args, string(x.Tenant), string(x.Subject.Kind), string(x.Subject.ID), int64(x.Attempt), now+store.Lease(x.Attempt).Microseconds())
		}
		args = append(args, now)
		query := "INSERT INTO okr_lease (tenant, subject_kind, subject, attempt, until)" + values(len(part), 5) +
			` ON CONFLICT (tenant, subject_kind, subject) DO UPDATE SET attempt = excluded.attempt, until = excluded.until
			WHERE okr_lease.until <= ` + parameter(len(args)) + ` RETURNING tenant, subject_kind, subject, attempt`
		err := each(ctx, c, s.dialect.sql(query), func(r Rows) error {
			var d okr.Due
			err := r.Scan(&d.Tenant, &d.Subject.Kind, &d.Subject.ID, &d.Attempt)
			out = append(out, d)
			return err
		}, args...)
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b okr.Due) int { return cmp.Compare(order[a], order[b]) })
	return out, nil
}
