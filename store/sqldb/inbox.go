package sqldb

import (
	"context"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

// Seen says whether an adapter has been given an event and was done with it.
func (s *Store) Seen(ctx context.Context, adapter, event string) (found bool, err error) {
	err = s.transact(ctx, Read, func(c Conn) error {
		_, found, err = text(ctx, c, s.dialect.sql("SELECT event FROM okr_inbox WHERE adapter = $1 AND event = $2"), adapter, event)
		return err
	})
	return found, err
}

// MarkDone notes that an adapter is done with an event; to note it twice changes
// nothing.
func (s *Store) MarkDone(ctx context.Context, adapter, event string, at time.Time) error {
	return s.transact(ctx, Claim, func(c Conn) error {
		_, err := c.Exec(ctx, s.dialect.sql("INSERT INTO okr_inbox (adapter, event, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"),
			adapter, event, micros(store.Instant(at)))
		return err
	})
}

// PruneInbox forgets what adapters were done with before the instant, and says
// how many notes that were. Keep them for longer than the bus may repeat itself.
func (s *Store) PruneInbox(ctx context.Context, before time.Time) (int, error) {
	var n int64
	err := s.transact(ctx, Claim, func(c Conn) (err error) {
		n, err = c.Exec(ctx, s.dialect.sql("DELETE FROM okr_inbox WHERE at < $1"), micros(ceil(before)))
		return err
	})
	return int(n), err
}

// PruneRemembered forgets what was decided under idempotency keys before the
// instant, and says how many keys that were. A key that is used again later is new.
func (s *Store) PruneRemembered(ctx context.Context, before time.Time) (int, error) {
	var n int64
	err := s.transact(ctx, Claim, func(c Conn) (err error) {
		n, err = c.Exec(ctx, s.dialect.sql("DELETE FROM okr_remembered WHERE at < $1"), micros(ceil(before)))
		return err
	})
	return int(n), err
}

const deadLetterColumns = "adapter, event, tenant, type, wire, attempts, error, at"

func scanDeadLetter(r Rows) (d okr.DeadLetter, err error) {
	var at int64
	err = r.Scan(&d.Adapter, &d.Event, &d.Tenant, &d.Type, &d.Wire, &d.Attempts, &d.Error, &at)
	d.At = instant(at)
	return d, err
}

// PutDeadLetter keeps an event that an adapter could not be given; a later one of
// the same adapter and event takes its place.
func (s *Store) PutDeadLetter(ctx context.Context, d okr.DeadLetter) error {
	return s.transact(ctx, Claim, func(c Conn) error {
		_, err := c.Exec(ctx, s.dialect.sql("INSERT INTO okr_dead_letter ("+deadLetterColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (adapter, event) DO UPDATE SET tenant = excluded.tenant, type = excluded.type, wire = excluded.wire,
			attempts = excluded.attempts, error = excluded.error, at = excluded.at`),
			d.Adapter, d.Event, string(d.Tenant), d.Type, wire(d.Wire), int64(d.Attempts),
			strings.ToValidUTF8(strings.ReplaceAll(d.Error, "\x00", ""), "\uFFFD"), micros(store.Instant(d.At)))
		return err
	})
}

// DeadLetters lists up to limit dead letters of an adapter, of all if it is "",
// oldest first.
func (s *Store) DeadLetters(ctx context.Context, adapter string, limit int) ([]okr.DeadLetter, error) {
	var out []okr.DeadLetter
	err := s.transact(ctx, Read, func(c Conn) error {
		return each(ctx, c, s.dialect.sql("SELECT "+deadLetterColumns+" FROM okr_dead_letter WHERE $1 = '' OR adapter = $1 ORDER BY at, adapter, event LIMIT $2"), func(r Rows) error {
			d, err := scanDeadLetter(r)
			out = append(out, d)
			return err
		}, adapter, int64(store.Page(limit)))
	})
	return out, err
}

// TakeDeadLetter removes a dead letter and returns it, to be tried again. It is
// [okr.ErrNotFound] if there is none.
func (s *Store) TakeDeadLetter(ctx context.Context, adapter, event string) (okr.DeadLetter, error) {
	var d okr.DeadLetter
	err := s.transact(ctx, Claim, func(c Conn) error {
		found := false
		err := each(ctx, c, s.dialect.sql("DELETE FROM okr_dead_letter WHERE adapter = $1 AND event = $2 RETURNING "+deadLetterColumns), func(r Rows) (err error) {
			found = true
			d, err = scanDeadLetter(r)
			return err
		}, adapter, event)
		if err == nil && !found {
			return &okr.NotFoundError{Ref: okr.Ref{Kind: "dead_letter", ID: okr.ID(adapter + " " + event)}}
		}
		return err
	})
	return d, err
}
