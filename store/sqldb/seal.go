package sqldb

import (
	"context"
	"database/sql"
	"encoding/hex"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

// sealLock keeps two processes from sealing in one PostgreSQL database at once.
// It is the first seven bytes of SHA-256("okrkit seals").
const sealLock = int64(0xe534ff93113b99)

// Seal links up to limit ledger rows that have no seal yet into their tenants'
// chains, and says how many; none while another process does it.
func (s *Store) Seal(ctx context.Context, limit int) (int, error) {
	n := 0
	err := s.transact(ctx, Claim, func(c Conn) error {
		if s.dialect == Postgres {
			mine := false
			err := each(ctx, c, "SELECT pg_try_advisory_xact_lock($1)", func(r Rows) error { return r.Scan(&mine) }, sealLock)
			if err != nil || !mine {
				return err
			}
		}
		w := &writing{unit: &unit{store: s, conn: c}}
		type row struct {
			tenant, kind, id, event string
			seq                     int64
			hash                    []byte
		}
		var rows []row
		err := each(ctx, c, s.dialect.sql(`SELECT u.tenant, u.kind, u.id, u.seq, l.event, l.hash FROM okr_unsealed u
			JOIN okr_ledger l ON l.tenant = u.tenant AND l.kind = u.kind AND l.id = u.id AND l.seq = u.seq
			ORDER BY u.tenant, u.kind, u.id, u.seq LIMIT $1`), func(r Rows) error {
			var x row
			err := r.Scan(&x.tenant, &x.kind, &x.id, &x.seq, &x.event, &x.hash)
			rows = append(rows, x)
			return err
		}, int64(max(limit, 0)))
		if err != nil {
			return err
		}
		var seals [][]any
		var tenant, head string
		var position int64
		for i, x := range rows {
			if i == 0 || x.tenant != tenant {
				tenant = x.tenant
				if position, head, err = s.lastSeal(ctx, c, tenant); err != nil {
					return err
				}
			}
			position++
			head = store.Link(head, hex.EncodeToString(x.hash))
			link, err := hex.DecodeString(head)
			if err != nil {
				return err
			}
			seals = append(seals, []any{tenant, position, x.event, link})
			w.do("DELETE FROM okr_unsealed WHERE tenant = $1 AND kind = $2 AND id = $3 AND seq = $4", nil, x.tenant, x.kind, x.id, x.seq)
		}
		w.insert("INSERT INTO okr_seal (tenant, pos, event, hash)", seals, func(added, of int) error {
			return all(of, okr.Ref{Kind: "seal", ID: okr.ID(tenant)}, somebodyElse)(int64(added))
		})
		n = len(rows)
		return send(ctx, c, w.batch)
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

func (s *Store) lastSeal(ctx context.Context, c Conn, tenant string) (position int64, head string, err error) {
	err = each(ctx, c, s.dialect.sql("SELECT pos, hash FROM okr_seal WHERE tenant = $1 ORDER BY pos DESC LIMIT 1"), func(r Rows) error {
		var hash []byte
		err := r.Scan(&position, &hash)
		head = hex.EncodeToString(hash)
		return err
	}, tenant)
	return position, head, err
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
	if len(ids) == 0 {
		return nil, nil
	}
	words := make(map[string]okr.Word, len(ids))
	err := each(ctx, c, s.dialect.sql("SELECT id, salt, content FROM okr_word WHERE tenant = $1 AND id {in $2}"), func(r Rows) error {
		var w okr.Word
		var content []byte
		err := r.Scan(&w.ID, &w.Salt, &content)
		w.Text = string(content)
		words[w.ID] = w
		return err
	}, string(t), list(ids))
	return words, err
}
