package sqldb

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

// past is a tenant's ledger up to a position of its chain. Each question costs as
// much as its answer is long, however long the ledger is: the chain's index by
// aggregate finds the last event at or before the position, and the ledger row
// tells what it left.
type past struct {
	*unit
	tenant   string
	position int64
}

var _ store.History = (*past)(nil)

// kept is the condition of the index over the ledger rows that are about what
// changes, which both databases want to read in the query.
const kept = ` x.entity_kind NOT IN ('reading', 'checkin', 'standing', 'source', 'notice') `

// reachedIn are the numbers that the events of aggregates of one kind had reached.
const reachedIn = `WITH c AS MATERIALIZED (SELECT k.value AS id, (SELECT s.seq FROM okr_seal s
	WHERE s.tenant = $1 AND s.kind = $4 AND s.id = k.value AND s.pos <= $3 ORDER BY s.pos DESC LIMIT 1) AS seq FROM {each $2} k)
	`

func (p *past) Rows(ctx context.Context, kind okr.Kind, ids []okr.ID) (out []store.Remains, err error) {
	err = each(ctx, p.conn, p.sql(`SELECT l.id, l.whole, (SELECT x.state FROM okr_ledger x
			WHERE x.tenant = $1 AND x.kind = $3 AND x.id = k.value AND x.entity_kind = $3 AND x.entity = k.value AND`+kept+`AND x.seq <= l.seq
			ORDER BY x.seq DESC LIMIT 1)
		FROM {each $2} k CROSS JOIN okr_ledger l WHERE l.tenant = $1 AND l.kind = $3 AND l.id = k.value AND l.seq = (SELECT s.seq FROM okr_seal s
			WHERE s.tenant = $1 AND s.kind = $3 AND s.id = k.value AND s.pos <= $4 ORDER BY s.pos DESC LIMIT 1)`), func(r Rows) error {
		var x store.Remains
		var whole string
		var state sql.NullString
		if err := r.Scan(&x.ID, &whole, &state); err != nil {
			return err
		}
		x.State = json.RawMessage(state.String)
		if whole != "" {
			x.Whole = json.RawMessage(whole)
		}
		if state.Valid {
			out = append(out, x)
		}
		return nil
	}, p.tenant, list(ids), string(kind), p.position)
	return out, err
}

func (p *past) Members(ctx context.Context, r store.Relation, within []okr.ID) (out []okr.ID, err error) {
	args := []any{p.tenant}
	query := ""
	switch r {
	case store.Cycles:
		query = "SELECT id FROM okr_cycle WHERE tenant = $1"
	case store.Teams:
		query = "SELECT id FROM okr_team WHERE tenant = $1"
	case store.People:
		query = "SELECT id FROM okr_person WHERE tenant = $1"
	case store.ObjectivesOfCycle:
		query = "SELECT id FROM okr_objective WHERE tenant = $1 AND cycle {in $2}"
	case store.KeyResultsOfCycle:
		query = "SELECT id FROM okr_key_result WHERE tenant = $1 AND cycle {in $2}"
	case store.KeyResultsOfObjective:
		query = "SELECT id FROM okr_key_result WHERE tenant = $1 AND objective {in $2}"
	default:
		query = "SELECT id FROM okr_member WHERE tenant = $1 AND relation = $3 AND within {in $2}"
	}
	switch r {
	case store.Cycles, store.Teams, store.People:
	case store.ObjectivesOfCycle, store.KeyResultsOfCycle, store.KeyResultsOfObjective:
		args = append(args, list(within))
	default:
		args = append(args, list(within), string(r))
	}
	err = each(ctx, p.conn, p.sql(query), func(r Rows) error {
		var id okr.ID
		err := r.Scan(&id)
		out = append(out, id)
		return err
	}, args...)
	return out, err
}

func (p *past) Readings(ctx context.Context, kind okr.Kind, of []okr.ID, n int) (out []okr.Reading, err error) {
	err = each(ctx, p.conn, p.sql(reachedIn+"SELECT "+readingColumns+` FROM c CROSS JOIN okr_reading r
		WHERE r.tenant = $1 AND r.key_result = c.id AND r.seq <= c.seq AND r.occurred_at >= COALESCE((
			SELECT x.occurred_at FROM okr_reading x WHERE x.tenant = $1 AND x.key_result = c.id AND x.seq <= c.seq
			ORDER BY x.occurred_at DESC LIMIT 1 OFFSET $5), -9223372036854775807)`),
		add(&out, scanReading), p.tenant, list(of), p.position, string(kind), int64(n-1))
	return out, err
}

func (p *past) CheckIns(ctx context.Context, keyResults []okr.ID, n int) (out []okr.CheckInRecord, err error) {
	err = each(ctx, p.conn, p.sql(reachedIn+"SELECT "+checkInColumns+` FROM c CROSS JOIN okr_checkin r
		WHERE r.tenant = $1 AND r.key_result = c.id AND r.seq <= c.seq AND r.occurred_at >= COALESCE((
			SELECT x.occurred_at FROM okr_checkin x WHERE x.tenant = $1 AND x.key_result = c.id AND x.seq <= c.seq
			ORDER BY x.occurred_at DESC LIMIT 1 OFFSET $5), -9223372036854775807)`),
		add(&out, scanCheckIn), p.tenant, list(keyResults), p.position, string(okr.KindKeyResult), int64(n-1))
	return out, err
}

func (p *past) Blockers(ctx context.Context, keyResults []okr.ID) (out []store.Remains, err error) {
	err = each(ctx, p.conn, p.sql(reachedIn+`SELECT b.id, (SELECT x.state FROM okr_ledger x
			WHERE x.tenant = $1 AND x.kind = $4 AND x.id = c.id AND x.entity_kind = 'blocker' AND x.entity = b.id AND`+kept+`AND x.seq <= c.seq
			ORDER BY x.seq DESC LIMIT 1)
		FROM c CROSS JOIN okr_blocker b WHERE b.tenant = $1 AND b.key_result = c.id`), func(r Rows) error {
		var x store.Remains
		var state sql.NullString
		err := r.Scan(&x.ID, &state)
		x.State = json.RawMessage(state.String)
		if state.Valid {
			out = append(out, x)
		}
		return err
	}, p.tenant, list(keyResults), p.position, string(okr.KindKeyResult))
	return out, err
}

func (p *past) Packs(ctx context.Context, texts []string) ([]okr.Pack, error) {
	last, err := p.reachedAt(ctx, okr.Ref{Kind: okr.KindTenant, ID: okr.ID(p.tenant)}, p.position)
	if err != nil {
		return nil, err
	}
	packs := map[string]okr.Pack{}
	err = each(ctx, p.conn, p.sql(`SELECT x.type, x.state FROM okr_ledger x WHERE x.tenant = $1 AND x.kind = 'tenant' AND x.id = $1
		AND x.entity_kind = 'pack' AND`+kept+`AND x.seq <= $2 ORDER BY x.seq`), func(r Rows) error {
		var kind, state string
		var x okr.Pack
		if err := r.Scan(&kind, &state); err != nil {
			return err
		}
		err := json.Unmarshal([]byte(state), &x)
		if packs[x.Name] = x; kind == okr.EventPackDeactivated {
			delete(packs, x.Name)
		}
		return err
	}, p.tenant, last)
	if err != nil {
		return nil, err
	}
	out := slices.Collect(maps.Values(packs))
	if len(texts) == 0 {
		return out, nil
	}
	err = each(ctx, p.conn, p.sql("SELECT digest, content FROM okr_pack_text WHERE tenant = $1 AND digest {in $2}"), func(r Rows) error {
		var digest, content string
		err := r.Scan(&digest, &content)
		for i := range out {
			if out[i].Digest == digest {
				out[i].Text = content
			}
		}
		return err
	}, p.tenant, list(texts))
	return out, err
}

func (p *past) Items(ctx context.Context, kinds []okr.Kind, subjects []okr.ID, cycle okr.ID) (out []okr.Ref, err error) {
	ref := func(r Rows) error {
		var x okr.Ref
		err := r.Scan(&x.Kind, &x.ID)
		out = append(out, x)
		return err
	}
	for _, q := range []struct {
		text string
		arg  string
	}{
		{"SELECT i.kind, i.id FROM okr_item i WHERE i.tenant = $1 AND i.subject {in $3} AND i.kind {in $2}", list(subjects)},
		{"SELECT i.kind, i.id FROM okr_item i WHERE i.tenant = $1 AND i.cycle = $3 AND i.cycle <> '' AND i.kind {in $2}", string(cycle)},
	} {
		if err := each(ctx, p.conn, p.sql(q.text), ref, p.tenant, list(kinds), q.arg); err != nil {
			return nil, err
		}
	}
	if slices.Contains(kinds, okr.KindKPI) {
		kpis, err := p.Members(ctx, store.KPIsOfSubject, subjects)
		if err != nil {
			return nil, err
		}
		for _, id := range kpis {
			out = append(out, okr.Ref{Kind: okr.KindKPI, ID: id})
		}
	}
	return out, nil
}

func (p *past) Stood(ctx context.Context, kind okr.Kind, subjects []okr.ID) (map[okr.ID][]json.RawMessage, error) {
	out := map[okr.ID][]json.RawMessage{}
	err := each(ctx, p.conn, p.sql(reachedIn+`SELECT l.id, l.stood FROM c CROSS JOIN okr_ledger l
		WHERE l.tenant = $1 AND l.kind = $4 AND l.id = c.id AND l.stood <> '' AND l.seq <= c.seq ORDER BY l.id, l.seq`), func(r Rows) error {
		var id okr.ID
		var stood string
		err := r.Scan(&id, &stood)
		out[id] = append(out[id], json.RawMessage(stood))
		return err
	}, p.tenant, list(subjects), p.position, string(kind))
	return out, err
}

func (p *past) Words(ctx context.Context, ids []string) (map[string]okr.Word, error) {
	return p.store.named(ctx, p.conn, okr.TenantID(p.tenant), ids)
}

// reachedAt is the number of the last event of an aggregate that is sealed at or
// before the position.
func (p *past) reachedAt(ctx context.Context, r okr.Ref, position int64) (seq int64, err error) {
	err = each(ctx, p.conn, p.sql("SELECT seq FROM okr_seal WHERE tenant = $1 AND kind = $2 AND id = $3 AND pos <= $4 ORDER BY pos DESC LIMIT 1"), func(r Rows) error {
		return r.Scan(&seq)
	}, p.tenant, string(r.Kind), string(r.ID), position)
	return seq, err
}

// Reached is the number that the aggregate's events had reached at the cut.
func (u *unit) Reached(ctx context.Context, t okr.TenantID, aggregate okr.Ref, at okr.Cut) (int64, error) {
	if err := u.ready(ctx); err != nil {
		return 0, err
	}
	seq, err := (&past{u, string(t), at.Position}).reachedAt(ctx, aggregate, at.Position)
	return seq, u.mapped(ctx, err)
}

// Versions lists the ledger rows that hold the state of an aggregate itself, their
// words resolved.
func (u *unit) Versions(ctx context.Context, t okr.TenantID, aggregate okr.Ref) ([]okr.Entry, error) {
	if err := u.ready(ctx); err != nil {
		return nil, err
	}
	var out []okr.Entry
	err := each(ctx, u.conn, u.sql("SELECT "+entryColumns+` FROM okr_ledger x
		WHERE x.tenant = $1 AND x.kind = $2 AND x.id = $3 AND x.entity_kind = $2 AND x.entity = $3 AND`+kept+`ORDER BY x.seq`), func(r Rows) error {
		e, err := scanEntry(r, t)
		out = append(out, e)
		return err
	}, string(t), string(aggregate.Kind), string(aggregate.ID))
	if err != nil {
		return nil, u.mapped(ctx, err)
	}
	words, err := u.store.wordsOf(ctx, u.conn, t, out)
	if err != nil {
		return nil, u.mapped(ctx, err)
	}
	find := func(id string) (okr.Word, bool) {
		w, ok := words[id]
		return w, ok
	}
	for i := range out {
		out[i].Data, out[i].State = store.Resolve(out[i].Data, find), store.Resolve(out[i].State, find)
	}
	return out, nil
}
