package sqldb

import (
	"context"
	"database/sql"
	"encoding/hex"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

// sealLock keeps two processes from sealing in one PostgreSQL database at once.
// It is the first seven bytes of SHA-256("okrkit seals").
const sealLock = int64(0xe534ff93113b99)

// Seal links up to limit ledger rows that have no seal yet into their tenants'
// chains, and says how many; none while another process does it. Where it leaves
// none of a tenant's, it marks the end of the chain with the instant.
func (s *Store) Seal(ctx context.Context, now time.Time, limit int) (int, error) {
	n := 0
	err := s.transact(ctx, Claim, func(c Conn) error {
		if s.dialect == Postgres {
			mine := false
			err := each(ctx, c, "SELECT pg_try_advisory_xact_lock($1)", func(r Rows) error { return r.Scan(&mine) }, sealLock)
			if err != nil || !mine {
				return err
			}
		}
		rows, err := s.unsealed(ctx, c, `WITH u AS MATERIALIZED (SELECT tenant, kind, id, seq FROM okr_unsealed ORDER BY tenant, kind, id, seq LIMIT $1)
			SELECT u.tenant, u.kind, u.id, u.seq, l.event, l.hash FROM u CROSS JOIN okr_ledger l
			WHERE l.tenant = u.tenant AND l.kind = u.kind AND l.id = u.id AND l.seq = u.seq ORDER BY u.tenant, u.kind, u.id, u.seq`, int64(max(limit, 0)))
		if err != nil {
			return err
		}
		n = len(rows)
		for len(rows) > 0 {
			// What follows a whole tenant is another's, so nothing of it was cut off.
			mine := slices.IndexFunc(rows, func(r unsealed) bool { return r.tenant != rows[0].tenant })
			drained := mine >= 0 || n < limit
			if mine < 0 {
				mine = len(rows)
			}
			if _, err := s.seal(ctx, c, rows[0].tenant, rows[:mine], drained, store.Instant(now)); err != nil {
				return err
			}
			rows = rows[mine:]
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// cutPage is the number of rows that a cut seals in one transaction. Only the last
// of them can be a cut.
const cutPage = 10_000

// Cut seals what the tenant has committed, and marks the end of its chain with the
// instant, or with the last mark's if that is later.
//
// What there is to seal is read in one statement, which sees whole transactions:
// so the end of it lies between them.
func (s *Store) Cut(ctx context.Context, t okr.TenantID, now time.Time) (okr.Cut, error) {
	var cut okr.Cut
	for drained := false; !drained; {
		err := s.transact(ctx, Claim, func(c Conn) error {
			if s.dialect == Postgres {
				err := each(ctx, c, "SELECT pg_advisory_xact_lock($1)", func(Rows) error { return nil }, sealLock)
				if err != nil {
					return err
				}
			}
			rows, err := s.unsealed(ctx, c, `WITH u AS MATERIALIZED (SELECT x.tenant, x.kind, x.id, x.seq FROM okr_unsealed x
				WHERE x.tenant = $1 ORDER BY x.kind, x.id, x.seq LIMIT $2)
				SELECT u.tenant, u.kind, u.id, u.seq, l.event, l.hash FROM u CROSS JOIN okr_ledger l
				WHERE l.tenant = $1 AND l.kind = u.kind AND l.id = u.id AND l.seq = u.seq ORDER BY u.kind, u.id, u.seq`, string(t), int64(cutPage))
			if err != nil {
				return err
			}
			drained = len(rows) < cutPage
			cut, err = s.seal(ctx, c, string(t), rows, drained, store.Instant(now))
			return err
		})
		if err != nil {
			return okr.Cut{}, err
		}
	}
	return cut, nil
}

// unsealed is a ledger row that has no seal yet.
type unsealed struct {
	tenant, kind, id, event string
	seq                     int64
	hash                    []byte
}

func (s *Store) unsealed(ctx context.Context, c Conn, query string, args ...any) (rows []unsealed, err error) {
	err = each(ctx, c, s.dialect.sql(query), func(r Rows) error {
		var x unsealed
		err := r.Scan(&x.tenant, &x.kind, &x.id, &x.seq, &x.event, &x.hash)
		rows = append(rows, x)
		return err
	}, args...)
	return rows, err
}

// seal extends a tenant's chain by the rows. If they are all there were, the end
// of the chain is marked.
func (s *Store) seal(ctx context.Context, c Conn, tenant string, rows []unsealed, drained bool, now time.Time) (cut okr.Cut, err error) {
	position, head, marked, err := s.lastSeal(ctx, c, tenant)
	if err != nil {
		return cut, err
	}
	w := &writing{unit: &unit{store: s, conn: c}}
	var seals [][]any
	for _, x := range rows {
		position++
		head = store.Link(head, hex.EncodeToString(x.hash))
		link, err := hex.DecodeString(head)
		if err != nil {
			return cut, err
		}
		seals = append(seals, []any{tenant, position, x.event, x.kind, x.id, x.seq, link})
		w.do("DELETE FROM okr_unsealed WHERE tenant = $1 AND kind = $2 AND id = $3 AND seq = $4", nil, x.tenant, x.kind, x.id, x.seq)
	}
	w.insert("INSERT INTO okr_seal (tenant, pos, event, kind, id, seq, hash)", seals, func(added, of int) error {
		return all(of, okr.Ref{Kind: "seal", ID: okr.ID(tenant)}, somebodyElse)(int64(added))
	})
	cut = okr.Cut{Position: position, At: now}
	if drained && position > 0 {
		last, err := s.lastMark(ctx, c, tenant)
		if err != nil {
			return cut, err
		}
		cut.At = store.Later(now, last)
		if len(rows) > 0 || !marked {
			w.do("UPDATE okr_seal SET at = $3 WHERE tenant = $1 AND pos = $2", nil, tenant, position, micros(cut.At))
		}
	}
	return cut, send(ctx, c, w.batch)
}

func (s *Store) lastSeal(ctx context.Context, c Conn, tenant string) (position int64, head string, marked bool, err error) {
	err = each(ctx, c, s.dialect.sql("SELECT pos, hash, at FROM okr_seal WHERE tenant = $1 ORDER BY pos DESC LIMIT 1"), func(r Rows) error {
		var hash []byte
		var at sql.NullInt64
		err := r.Scan(&position, &hash, &at)
		head, marked = hex.EncodeToString(hash), at.Valid
		return err
	}, tenant)
	return position, head, marked, err
}

// lastMark is the instant of the last cut, zero if there is none.
func (s *Store) lastMark(ctx context.Context, c Conn, tenant string) (last time.Time, err error) {
	err = each(ctx, c, s.dialect.sql("SELECT at FROM okr_seal WHERE tenant = $1 AND at IS NOT NULL ORDER BY at DESC, pos DESC LIMIT 1"), func(r Rows) error {
		var at int64
		err := r.Scan(&at)
		last = instant(at)
		return err
	}, tenant)
	return last, err
}

// CutAt is the last cut at or before the instant.
func (s *Store) CutAt(ctx context.Context, t okr.TenantID, at time.Time) (okr.Cut, error) {
	var cut okr.Cut
	err := s.transact(ctx, Read, func(c Conn) error {
		return each(ctx, c, s.dialect.sql("SELECT pos, at FROM okr_seal WHERE tenant = $1 AND at IS NOT NULL AND at <= $2 ORDER BY at DESC, pos DESC LIMIT 1"), func(r Rows) error {
			var marked int64
			err := r.Scan(&cut.Position, &marked)
			cut.At = instant(marked)
			return err
		}, string(t), micros(store.Instant(at)))
	})
	if err == nil && cut.Position == 0 {
		err = store.NoCut(at)
	}
	return cut, err
}

// auditPage is the number of ledger rows that are read at once.
const auditPage = 500

// Verify reads a tenant's whole ledger and says whether it is as it was written.
func (s *Store) Verify(ctx context.Context, t okr.TenantID) (store.Verification, error) {
	a := store.NewAuditor(t)
	var unsealed int64
	err := s.transact(ctx, Read, func(c Conn) error {
		var last okr.Entry
		for {
			page, err := s.page(ctx, c, t, last)
			if err != nil {
				return err
			}
			if len(page) == 0 {
				break
			}
			words, err := s.wordsOf(ctx, c, t, page)
			if err != nil {
				return err
			}
			for _, e := range page {
				a.Row(e, func(id string) (okr.Word, bool) {
					w, ok := words[id]
					return w, ok
				})
			}
			last = page[len(page)-1]
		}
		err := each(ctx, c, s.dialect.sql(`SELECT s.pos, s.event, s.hash, l.hash FROM okr_seal s
			LEFT JOIN okr_ledger l ON l.tenant = $1 AND l.event = s.event WHERE s.tenant = $1 ORDER BY s.pos`), func(r Rows) error {
			var position int64
			var event string
			var hash, entry []byte
			err := r.Scan(&position, &event, &hash, &entry)
			a.Seal(position, event, hex.EncodeToString(hash), hex.EncodeToString(entry))
			return err
		}, string(t))
		if err != nil {
			return err
		}
		var n sql.NullInt64
		err = each(ctx, c, s.dialect.sql("SELECT COUNT(*) FROM okr_unsealed WHERE tenant = $1"), func(r Rows) error { return r.Scan(&n) }, string(t))
		unsealed = n.Int64
		return err
	})
	if err != nil {
		return store.Verification{}, err
	}
	return a.Done(unsealed), nil
}

// page is the next rows of the ledger after one.
func (s *Store) page(ctx context.Context, c Conn, t okr.TenantID, after okr.Entry) ([]okr.Entry, error) {
	var out []okr.Entry
	err := each(ctx, c, s.dialect.sql("SELECT "+entryColumns+` FROM okr_ledger
		WHERE tenant = $1 AND (kind, id, seq) > ($2, $3, $4) ORDER BY kind, id, seq LIMIT $5`), func(r Rows) error {
		e, err := scanEntry(r, t)
		out = append(out, e)
		return err
	}, string(t), string(after.Aggregate.Kind), string(after.Aggregate.ID), after.Seq, int64(auditPage))
	return out, err
}

// wordsOf are the words that the rows refer to, by id.
func (s *Store) wordsOf(ctx context.Context, c Conn, t okr.TenantID, entries []okr.Entry) (map[string]okr.Word, error) {
	var texts [][]byte
	for _, e := range entries {
		texts = append(texts, e.Data, e.State)
	}
	return s.words(ctx, c, t, texts)
}

// words are the words that ledger JSON refers to, by id.
func (s *Store) words(ctx context.Context, c Conn, t okr.TenantID, ledger [][]byte) (map[string]okr.Word, error) {
	var ids []string
	for _, b := range ledger {
		ids = append(ids, store.Words(b)...)
	}
	return s.named(ctx, c, t, ids)
}

// named are the words with the ids.
func (s *Store) named(ctx context.Context, c Conn, t okr.TenantID, ids []string) (map[string]okr.Word, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	words := make(map[string]okr.Word, len(ids))
	err := each(ctx, c, s.dialect.sql("SELECT w.id, w.salt, w.content FROM {each $2} k CROSS JOIN okr_word w WHERE w.tenant = $1 AND w.id = k.value"), func(r Rows) error {
		var w okr.Word
		var content []byte
		err := r.Scan(&w.ID, &w.Salt, &content)
		w.Text = string(content)
		words[w.ID] = w
		return err
	}, string(t), list(ids))
	return words, err
}
