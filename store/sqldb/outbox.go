package sqldb

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

// ClaimOutgoing leases up to limit events that are not published yet, those with
// the lowest ids first, which are the oldest. Those of one aggregate come in their
// order, and none while an earlier one is unpublished, unless that one comes before
// it in the same claim. Processes that claim at the same time get different
// events.
//
// Rows are picked by what they are, never by a position after the last one seen:
// a transaction that commits late is not passed over.
func (s *Store) ClaimOutgoing(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]okr.Outgoing, error) {
	var out []okr.Outgoing
	err := s.transact(ctx, Claim, func(c Conn) error {
		for _, query := range []string{claimRuns, claimHeads} {
			err := each(ctx, c, s.dialect.sql(query), func(r Rows) error {
				var o okr.Outgoing
				err := r.Scan(&o.Tenant, &o.Aggregate.Kind, &o.Aggregate.ID, &o.Seq, &o.ID, &o.Type, &o.Wire, &o.Attempt)
				out = append(out, o)
				return err
			}, micros(store.Instant(now)), micros(store.Instant(now.Add(lease))), int64(max(limit, 0)))
			if err != nil || len(out) > 0 {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	store.InOrder(out)
	return out, nil
}

// claimRuns picks what is due and not behind something that is not; then it
// leaves out again what is behind something that the limit has cut off, or that
// somebody else is claiming at this moment.
//
// The OFFSET keeps PostgreSQL from joining the whole outbox with itself: for each
// row it looks into the primary key.
const claimRuns = `WITH pick AS MATERIALIZED (
		SELECT o.tenant, o.kind, o.id, o.seq, o.event FROM okr_outbox o WHERE o.due <= $1 AND NOT EXISTS (
			SELECT 1 FROM okr_outbox e WHERE e.tenant = o.tenant AND e.kind = o.kind AND e.id = o.id AND e.seq < o.seq AND e.due > $1 LIMIT 1 OFFSET 0)
		ORDER BY o.event LIMIT $3 {skip})
	UPDATE okr_outbox SET attempt = attempt + 1, due = $2 WHERE event IN (
		SELECT p.event FROM pick p WHERE NOT EXISTS (
			SELECT 1 FROM okr_outbox e WHERE e.tenant = p.tenant AND e.kind = p.kind AND e.id = p.id AND e.seq < p.seq
				AND e.event NOT IN (SELECT event FROM pick)))
	RETURNING tenant, kind, id, seq, event, type, wire, attempt`

// claimHeads picks the first event of each aggregate. It is for when all that
// claimRuns picked was behind something with a higher id, made under another
// clock.
const claimHeads = `WITH pick AS MATERIALIZED (
		SELECT o.event FROM okr_outbox o WHERE o.due <= $1 AND NOT EXISTS (
			SELECT 1 FROM okr_outbox e WHERE e.tenant = o.tenant AND e.kind = o.kind AND e.id = o.id AND e.seq < o.seq LIMIT 1 OFFSET 0)
		ORDER BY o.event LIMIT $3 {skip})
	UPDATE okr_outbox SET attempt = attempt + 1, due = $2 WHERE event IN (SELECT event FROM pick)
	RETURNING tenant, kind, id, seq, event, type, wire, attempt`

// MarkPublished takes events out of the outbox; the ledger keeps them. Events
// that are not in it are no error.
func (s *Store) MarkPublished(ctx context.Context, events []string) error {
	if len(events) == 0 {
		return nil
	}
	return s.transact(ctx, Claim, func(c Conn) error {
		_, err := c.Exec(ctx, s.dialect.sql("DELETE FROM okr_outbox WHERE event {in $1}"), list(events))
		return err
	})
}

// ReleaseOutgoing ends the leases of events that could not be published: they
// are handed out again from retryAt on.
func (s *Store) ReleaseOutgoing(ctx context.Context, events []string, retryAt time.Time, cause string) error {
	if len(events) == 0 {
		return nil
	}
	cause = strings.ToValidUTF8(strings.ReplaceAll(cause, "\x00", ""), "\uFFFD")
	return s.transact(ctx, Claim, func(c Conn) error {
		_, err := c.Exec(ctx, s.dialect.sql("UPDATE okr_outbox SET due = $2, cause = $3 WHERE event {in $1}"),
			list(events), micros(store.Instant(retryAt)), cause)
		return err
	})
}

// OutgoingState says how many events wait to be published, and the instant of the
// oldest; zero if none waits.
func (s *Store) OutgoingState(ctx context.Context) (unpublished int, oldest time.Time, err error) {
	err = s.transact(ctx, Read, func(c Conn) error {
		return each(ctx, c, "SELECT COUNT(*), MIN(at) FROM okr_outbox", func(r Rows) error {
			var at sql.NullInt64
			if err := r.Scan(&unpublished, &at); err != nil {
				return err
			}
			if at.Valid {
				oldest = instant(at.Int64)
			}
			return nil
		})
	})
	return unpublished, oldest, err
}

// Requeue puts the tenant's ledger events whose instant lies in [from, to) into
// the outbox again, with the same ids, and says how many were not in it. Words
// that were erased read [store.Erased]. It goes in steps, each a transaction of its
// own: what ends halfway can be called again.
//
// After a bus has lost what it held, in this order: Requeue what it may not have
// delivered; run the router until it is idle, so that its consumers exist again,
// since a new one starts from now; then the relay. What an adapter was done with
// before stands in its inbox, and is not delivered twice.
func (s *Store) Requeue(ctx context.Context, t okr.TenantID, from, to time.Time) (int, error) {
	total := 0
	at, after := micros(ceil(from)), ""
	for {
		var events []okr.Event
		err := s.transact(ctx, Claim, func(c Conn) error {
			var err error
			if events, err = s.between(ctx, c, t, at, after, micros(ceil(to))); err != nil {
				return err
			}
			n, err := s.enqueue(ctx, c, t, events)
			total += n
			return err
		})
		if err != nil {
			return total, err
		}
		if len(events) < requeuePage {
			break
		}
		last := events[len(events)-1]
		at, after = micros(last.Time), last.ID
	}
	if total > 0 {
		s.committed()
	}
	return total, nil
}

// requeuePage is the number of events that are put back in one transaction.
const requeuePage = 500

// between are the next events in the order of their instants and ids, after one of
// that instant, and before the end; their words are resolved.
func (s *Store) between(ctx context.Context, c Conn, t okr.TenantID, at int64, after string, end int64) ([]okr.Event, error) {
	var events []okr.Event
	err := each(ctx, c, s.dialect.sql("SELECT "+entryColumns+` FROM okr_ledger
		WHERE tenant = $1 AND at >= $2 AND at < $4 AND (at > $2 OR event > $3) ORDER BY at, event LIMIT $5`), func(r Rows) error {
		e, err := scanEntry(r, t)
		events = append(events, e.Event)
		return err
	}, string(t), at, after, end, int64(requeuePage))
	if err != nil {
		return nil, err
	}
	return events, s.resolve(ctx, c, t, events)
}

func (s *Store) enqueue(ctx context.Context, c Conn, t okr.TenantID, events []okr.Event) (added int, err error) {
	w := &writing{unit: &unit{store: s, conn: c}, tenant: string(t)}
	var rows [][]any
	for _, e := range events {
		wire, err := e.AppendCloudEvent(nil)
		if err != nil {
			return 0, err
		}
		rows = append(rows, []any{w.tenant, string(e.Aggregate.Kind), string(e.Aggregate.ID), e.Seq, e.ID, e.Type, wire, micros(e.Time), atOnce, int64(0), ""})
	}
	n := 0
	w.insert(insertOutbox, rows, func(added, _ int) error {
		n += added
		return nil
	})
	err = send(ctx, c, w.batch)
	return n, err
}

// ceil is the first instant to the microsecond that is not before t.
func ceil(t time.Time) time.Time {
	if u := store.Instant(t); !u.Equal(t) {
		return u.Add(time.Microsecond)
	}
	return store.Instant(t)
}
