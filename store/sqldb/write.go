package sqldb

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

// Write applies the changes, all or none. After an error the unit can only be
// rolled back; the host's own unit goes on, since the changes are in a savepoint
// there.
func (u *unit) Write(ctx context.Context, t okr.TenantID, c okr.Changes) (err error) {
	if err := u.ready(ctx); err != nil {
		return err
	}
	if u.readOnly {
		return errReadOnly
	}
	if u.host {
		in, err := u.nested(ctx)
		if err != nil {
			return err
		}
		if err := in.Write(ctx, t, c); err != nil {
			if e := in.Rollback(context.WithoutCancel(ctx)); e != nil {
				return fmt.Errorf("%w (and rolling back: %w)", err, e)
			}
			return err
		}
		return in.Commit(ctx)
	}
	defer func() { u.failed = err != nil }()
	c, err = store.Prepare(t, c)
	if err != nil {
		return err
	}
	w := &writing{unit: u, id: t, tenant: string(t), changes: c}
	if err := w.run(ctx); err != nil {
		return u.mapped(ctx, err)
	}
	u.wrote = true
	return nil
}

// writing is one Write, collected into a batch.
type writing struct {
	*unit
	id      okr.TenantID
	tenant  string
	changes okr.Changes
	batch   []Statement
	again   []func(context.Context) error // what must be compared once the batch has run
}

func (w *writing) run(ctx context.Context) error {
	for _, step := range []func() error{w.versions, w.meet, w.rows, w.members, w.within, w.standings, w.entries, w.rest} {
		if err := step(); err != nil {
			return err
		}
	}
	if err := send(ctx, w.conn, w.batch); err != nil {
		return err
	}
	if w.changes.Erase != nil {
		w.again = append(w.again, w.erase)
	}
	for _, f := range w.again {
		if err := f(ctx); err != nil {
			return err
		}
	}
	return nil
}

// do adds a statement to the batch.
func (w *writing) do(text string, affected func(int64) error, args ...any) {
	w.batch = append(w.batch, Statement{SQL: w.sql(text), Args: args, Affected: affected})
}

func conflict(r okr.Ref, reason string) error { return &okr.ConflictError{Ref: r, Reason: reason} }

// all makes fewer rows than expected a conflict.
func all(n int, r okr.Ref, reason string) func(int64) error {
	return func(affected int64) error {
		if affected != int64(n) {
			return conflict(r, reason)
		}
		return nil
	}
}

const (
	somebodyElse = "somebody else wrote first"
	keyTaken     = "somebody else wrote first, or its key is taken by another"
)

// versions checks the aggregates that are expected and not written themselves;
// those that are written are checked by their own statements.
func (w *writing) versions() error {
	written := map[okr.Ref]bool{}
	for kind, ids := range map[okr.Kind][]okr.ID{
		okr.KindCycle:     ids(w.changes.Cycles, func(x okr.Cycle) okr.ID { return x.ID }),
		okr.KindPerson:    ids(w.changes.People, func(x okr.Person) okr.ID { return x.ID }),
		okr.KindTeam:      ids(w.changes.Teams, func(x okr.Team) okr.ID { return x.ID }),
		okr.KindObjective: ids(w.changes.Objectives, func(x okr.Objective) okr.ID { return x.ID }),
		okr.KindKeyResult: ids(w.changes.KeyResults, func(x okr.KeyResult) okr.ID { return x.ID }),
	} {
		for _, id := range ids {
			written[okr.Ref{Kind: kind, ID: id}] = true
		}
	}
	for _, i := range w.changes.Items {
		written[i.Ref] = true
	}
	for _, r := range slices.SortedFunc(maps.Keys(w.changes.Expect), okr.CompareRefs) {
		if written[r] {
			continue
		}
		query, args := "", []any{w.tenant, string(r.ID)}
		switch r.Kind {
		case okr.KindCycle:
			query = "SELECT version FROM okr_cycle WHERE tenant = $1 AND id = $2 {update}"
		case okr.KindPerson:
			query = "SELECT version FROM okr_person WHERE tenant = $1 AND id = $2 {update}"
		case okr.KindTeam:
			query = "SELECT version FROM okr_team WHERE tenant = $1 AND id = $2 {update}"
		case okr.KindObjective:
			query = "SELECT version FROM okr_objective WHERE tenant = $1 AND id = $2 {update}"
		case okr.KindKeyResult:
			query = "SELECT version FROM okr_key_result WHERE tenant = $1 AND id = $2 {update}"
		case okr.KindKPI, okr.KindWaiver, okr.KindComment, okr.KindDecision, okr.KindDeferral, okr.KindSession, okr.KindReview, okr.KindGrant, okr.KindDependency, okr.KindReport, okr.KindPolicy, okr.KindReset:
			query = "SELECT version FROM okr_item WHERE tenant = $1 AND id = $2 AND kind = $3 {update}"
			args = append(args, string(r.Kind))
		default:
			query = "SELECT MAX(seq) FROM okr_ledger WHERE tenant = $1 AND id = $2 AND kind = $3 HAVING COUNT(*) > 0"
			args = append(args, string(r.Kind))
		}
		var version int64
		w.batch = append(w.batch, Statement{SQL: w.sql(query), Args: args, Row: func(rows Rows) error { return rows.Scan(&version) }})
		w.again = append(w.again, func(context.Context) error {
			if version != w.changes.Expect[r] {
				return conflict(r, somebodyElse)
			}
			return nil
		})
	}
	return nil
}

// row adds or changes the row of an aggregate. The columns of values begin with
// the version.
func (w *writing) row(r okr.Ref, table string, columns []string, values []any) {
	was := w.changes.Expect[r]
	args := append([]any{w.tenant, string(r.ID)}, values...)
	if was == 0 {
		w.do("INSERT INTO "+table+" (tenant, id, "+strings.Join(columns, ", ")+") VALUES ("+parameters(len(args))+") ON CONFLICT DO NOTHING",
			all(1, r, keyTaken), args...)
		return
	}
	set := make([]string, len(columns))
	for i, c := range columns {
		set[i] = c + " = " + parameter(i+3)
	}
	if table == cycleTable {
		set = append(set, "turn = turn + 1")
	}
	w.do("UPDATE "+table+" SET "+strings.Join(set, ", ")+" WHERE tenant = $1 AND id = $2 AND version = "+parameter(len(args)+1),
		all(1, r, somebodyElse), append(args, was)...)
}

const cycleTable = "okr_cycle"

// meet has decisions about one cycle wait for one another.
func (w *writing) meet() error {
	for _, id := range slices.Sorted(maps.Keys(w.changes.Meet)) {
		w.do("UPDATE okr_cycle SET turn = turn + 1 WHERE tenant = $1 AND id = $2 AND turn = $3",
			all(1, okr.Ref{Kind: okr.KindCycle, ID: id}, somebodyElse), w.tenant, string(id), w.changes.Meet[id])
	}
	return nil
}

var (
	cycleRow     = []string{"version", "key", "doc"}
	personRow    = []string{"version", "team", "doc"}
	teamRow      = []string{"version", "lead", "parent", "doc"}
	objectiveRow = []string{"version", "cycle", "key", "rank", "team", "owner", "state", "doc", "private"}
	keyResultRow = []string{"version", "cycle", "objective", "key", "title", "owner", "state", "kind", "unit", "baseline", "target", "curve", "weight",
		"due", "activated_at", "current_value", "current_at", "kpi", "reading", "confidence", "stated", "last_checkin", "doc"}
)

// flag is a truth as both databases keep it.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func (w *writing) rows() error {
	for _, c := range w.changes.Cycles {
		doc, err := document(c)
		if err != nil {
			return err
		}
		w.row(okr.Ref{Kind: okr.KindCycle, ID: c.ID}, cycleTable, cycleRow, []any{c.Version, c.Key, doc})
	}
	for _, p := range w.changes.People {
		doc, err := document(p)
		if err != nil {
			return err
		}
		w.row(okr.Ref{Kind: okr.KindPerson, ID: p.ID}, "okr_person", personRow, []any{p.Version, string(p.Team), doc})
	}
	for _, t := range w.changes.Teams {
		doc, err := document(t)
		if err != nil {
			return err
		}
		w.row(okr.Ref{Kind: okr.KindTeam, ID: t.ID}, "okr_team", teamRow, []any{t.Version, string(t.Lead), string(t.Parent), doc})
	}
	for _, o := range w.changes.Objectives {
		doc, err := document(o)
		if err != nil {
			return err
		}
		r := okr.Ref{Kind: okr.KindObjective, ID: o.ID}
		w.row(r, "okr_objective", objectiveRow, []any{o.Version, string(o.Cycle), o.Key, int64(store.Place(o.Rank)), string(o.Team), string(o.Owner), string(o.State), doc, flag(o.Private)})
		if w.changes.Expect[r] > 0 {
			w.do("DELETE FROM okr_objective_parent WHERE tenant = $1 AND objective = $2", nil, w.tenant, string(o.ID))
		}
		for _, p := range o.Parents {
			w.do("INSERT INTO okr_objective_parent (tenant, parent, objective) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", nil, w.tenant, string(p.Objective), string(o.ID))
		}
	}
	for _, k := range w.changes.KeyResults {
		values, err := keyResultArgs(k)
		if err != nil {
			return err
		}
		w.row(okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}, "okr_key_result", keyResultRow, values)
	}
	for _, i := range w.changes.Items {
		w.item(i)
	}
	w.links()
	return nil
}

// links writes anew which work items and whose help key results name.
func (w *writing) links() {
	var rows [][]any
	for _, id := range w.changes.Links {
		w.do("DELETE FROM okr_key_result_link WHERE tenant = $1 AND key_result = $2", nil, w.tenant, string(id))
		for _, k := range w.changes.KeyResults {
			if k.ID != id {
				continue
			}
			for _, i := range k.Initiatives {
				if i.Link != "" {
					rows = append(rows, []any{w.tenant, byLink, i.Link, string(id)})
				}
				if i.Owner != "" {
					rows = append(rows, []any{w.tenant, byHelper, string(i.Owner), string(id)})
				}
			}
		}
	}
	w.insert("INSERT INTO okr_key_result_link (tenant, kind, value, key_result)", rows, func(int, int) error { return nil })
}

// The kinds of link.
const (
	byLink   = "link"
	byHelper = "helper"
)

// item adds or changes a row that is kept as an item. A KPI may move to
// another team.
func (w *writing) item(i okr.Item) {
	was := w.changes.Expect[i.Ref]
	if was == 0 {
		w.do("INSERT INTO okr_item (tenant, kind, id, version, subject_kind, subject, cycle, doc) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
			all(1, i.Ref, keyTaken), w.tenant, string(i.Kind), string(i.ID), i.Version, string(i.Subject.Kind), string(i.Subject.ID), string(i.Cycle), string(i.Doc))
		return
	}
	w.do("UPDATE okr_item SET version = $4, subject_kind = $5, subject = $6, cycle = $7, doc = $8 WHERE tenant = $1 AND kind = $2 AND id = $3 AND version = $9",
		all(1, i.Ref, somebodyElse), w.tenant, string(i.Kind), string(i.ID), i.Version, string(i.Subject.Kind), string(i.Subject.ID), string(i.Cycle), string(i.Doc), was)
}

// members notes what belongs together, where a row's own event says that it may
// have changed.
func (w *writing) members() error {
	own := map[okr.Ref]bool{}
	for _, e := range w.changes.Entries {
		own[e.Entity] = own[e.Entity] || e.Entity == e.Aggregate
	}
	var rows [][]any
	belongs := func(r okr.Ref, relation store.Relation, within okr.ID) {
		if within != "" && (own[r] || w.changes.Expect[r] == 0) {
			rows = append(rows, []any{w.tenant, string(relation), string(within), string(r.ID)})
		}
	}
	for _, p := range w.changes.People {
		belongs(okr.Ref{Kind: okr.KindPerson, ID: p.ID}, store.PeopleOfTeam, p.Team)
	}
	for _, o := range w.changes.Objectives {
		r := okr.Ref{Kind: okr.KindObjective, ID: o.ID}
		belongs(r, store.ObjectivesOfTeam, o.Team)
		for _, p := range o.Parents {
			belongs(r, store.ObjectivesOfParent, p.Objective)
		}
	}
	for _, k := range w.changes.KeyResults {
		belongs(okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}, store.KeyResultsOfOwner, k.Owner)
	}
	for _, i := range w.changes.Items {
		if i.Kind == okr.KindKPI { // the only one that may come to concern another
			belongs(i.Ref, store.KPIsOfSubject, i.Subject.ID)
		}
	}
	w.insert("INSERT INTO okr_member (tenant, relation, within, id)", rows, func(int, int) error { return nil })
	return nil
}

// chunk is the number of rows that one statement inserts at most. Fewer are
// inserted in powers of two, so that there are few different statements to
// prepare.
const chunk = 32

// insert adds rows, several at a time. affected is told how many were added of
// how many.
func (w *writing) insert(head string, rows [][]any, affected func(added, of int) error) {
	for len(rows) > 0 {
		n := chunk
		for n > len(rows) {
			n /= 2
		}
		part := rows[:n]
		rows = rows[n:]
		args := make([]any, 0, n*len(part[0]))
		for _, r := range part {
			args = append(args, r...)
		}
		w.do(head+values(n, len(part[0]))+" ON CONFLICT DO NOTHING", func(added int64) error { return affected(int(added), n) }, args...)
	}
}

// values is " VALUES ($1, $2), ($3, $4)" for so many rows and columns.
func values(rows, columns int) string {
	var b strings.Builder
	b.WriteString(" VALUES ")
	for n := range rows * columns {
		switch {
		case n == 0:
			b.WriteByte('(')
		case n%columns == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		b.WriteString(parameter(n + 1))
	}
	b.WriteByte(')')
	return b.String()
}

// within writes what lives within a key result. What is only ever added may come
// again with the same content: when it was recorded is not content.
func (w *writing) within() error {
	for _, b := range w.changes.Blockers {
		doc, err := document(b)
		if err != nil {
			return err
		}
		w.do("INSERT INTO okr_blocker (tenant, key_result, id, doc) VALUES ($1, $2, $3, $4) ON CONFLICT (tenant, key_result, id) DO UPDATE SET doc = excluded.doc",
			nil, w.tenant, string(b.KeyResult), string(b.ID), doc)
	}
	reached := w.reached()
	var rows [][]any
	for _, r := range w.changes.Readings {
		rows = append(rows, append(readingArgs(w.tenant, r), reached[r.KeyResult]))
	}
	w.insert("INSERT INTO okr_reading (tenant, key_result, occurred_at, recorded_at, id, value, source, corrects, seq)", rows, w.compare(w.compareReadings))
	rows = nil
	for _, c := range w.changes.CheckIns {
		args, err := checkInArgs(w.tenant, c)
		if err != nil {
			return err
		}
		rows = append(rows, append(args, reached[c.KeyResult]))
	}
	w.insert("INSERT INTO okr_checkin (tenant, key_result, occurred_at, recorded_at, id, author_kind, author, reading, value, confidence, stated, doc, seq)",
		rows, w.compare(w.compareCheckIns))
	return nil
}

// reached are the numbers that the events of key results and KPIs reach with the changes.
func (w *writing) reached() map[okr.ID]int64 {
	out := map[okr.ID]int64{}
	for r, version := range w.changes.Expect {
		if r.Kind == okr.KindKeyResult || r.Kind == okr.KindKPI {
			out[r.ID] = version
		}
	}
	for _, e := range w.changes.Entries {
		if e.Aggregate.Kind == okr.KindKeyResult || e.Aggregate.Kind == okr.KindKPI {
			out[e.Aggregate.ID] = max(out[e.Aggregate.ID], e.Seq)
		}
	}
	return out
}

// compare asks for a comparison, once, if not every row was new.
func (w *writing) compare(f func(context.Context) error) func(added, of int) error {
	asked := false
	return func(added, of int) error {
		if added < of && !asked {
			asked = true
			w.again = append(w.again, f)
		}
		return nil
	}
}

func (w *writing) compareReadings(ctx context.Context) error {
	there := map[okr.ID]okr.Reading{}
	err := each(ctx, w.conn, w.sql("SELECT "+readingColumns+" FROM okr_reading r WHERE r.tenant = $1 AND r.id {in $2}"), func(r Rows) error {
		x, err := scanReading(r)
		there[x.ID] = x
		return err
	}, w.tenant, list(ids(w.changes.Readings, func(r okr.Reading) okr.ID { return r.ID })))
	if err != nil {
		return err
	}
	for _, b := range w.changes.Readings {
		a := there[b.ID]
		if a.KeyResult != b.KeyResult || !a.Value.Equal(b.Value) || !a.OccurredAt.Equal(b.OccurredAt) || a.Source != b.Source || a.Corrects != b.Corrects {
			return conflict(okr.Ref{Kind: okr.KindReading, ID: b.ID}, "it exists with other content")
		}
	}
	return nil
}

func (w *writing) compareCheckIns(ctx context.Context) error {
	there := map[okr.ID]okr.CheckInRecord{}
	err := each(ctx, w.conn, w.sql("SELECT "+checkInColumns+" FROM okr_checkin r WHERE r.tenant = $1 AND r.id {in $2}"), func(r Rows) error {
		x, err := scanCheckIn(r)
		there[x.ID] = x
		return err
	}, w.tenant, list(ids(w.changes.CheckIns, func(c okr.CheckInRecord) okr.ID { return c.ID })))
	if err != nil {
		return err
	}
	for _, b := range w.changes.CheckIns {
		a := there[b.ID]
		if a.KeyResult != b.KeyResult || a.Author != b.Author || !a.OccurredAt.Equal(b.OccurredAt) || a.Reading != b.Reading || !a.Value.Equal(b.Value) ||
			!a.Confidence.Equal(b.Confidence) || a.Stated != b.Stated || a.Note != b.Note || !slices.Equal(a.Adjusted, b.Adjusted) {
			return conflict(okr.Ref{Kind: okr.KindCheckIn, ID: b.ID}, "it exists with other content")
		}
	}
	return nil
}

func (w *writing) standings() error {
	now := micros(w.changes.Now)
	for _, r := range w.changes.Settled {
		subject := []any{w.tenant, string(r.Kind), string(r.ID)}
		w.do("DELETE FROM okr_lease WHERE tenant = $1 AND subject_kind = $2 AND subject = $3", nil, subject...)
		w.do("DELETE FROM okr_look WHERE tenant = $1 AND subject_kind = $2 AND subject = $3", nil, subject...)
		w.do("UPDATE okr_standing SET next_look = NULL WHERE tenant = $1 AND subject_kind = $2 AND subject = $3 AND next_look <= $4", nil, append(subject, now)...)
	}
	for _, s := range w.changes.Drop {
		w.do("DELETE FROM okr_standing WHERE tenant = $1 AND subject_kind = $2 AND subject = $3 AND kind = $4 AND key = $5", nil,
			w.tenant, string(s.Subject.Kind), string(s.Subject.ID), s.Kind, s.Key)
	}
	for _, s := range w.changes.Standings {
		w.do(`INSERT INTO okr_standing (tenant, subject_kind, subject, kind, key, value, since, next_look) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (tenant, subject_kind, subject, kind, key) DO UPDATE SET value = excluded.value, since = excluded.since, next_look = excluded.next_look`, nil,
			w.tenant, string(s.Subject.Kind), string(s.Subject.ID), s.Kind, s.Key, s.Value, micros(s.Since), nullMicros(s.NextLook))
	}
	// A row of its own for each decision that asks: two that ask for the same
	// subject at once do not meet, and one that settles it meanwhile deletes only
	// what it has seen.
	asked := ""
	if len(w.changes.Entries) > 0 {
		asked = w.changes.Entries[0].ID
	}
	for _, r := range w.changes.Look {
		w.do("INSERT INTO okr_look (tenant, subject_kind, subject, asked, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING", nil,
			w.tenant, string(r.Kind), string(r.ID), asked, now)
	}
	return nil
}

func (w *writing) entries() error {
	entries := w.changes.Entries
	if len(entries) == 0 {
		return nil
	}
	var ledger, outbox, unsealed [][]any
	for _, e := range entries {
		hash, err := hex.DecodeString(e.Hash)
		if err != nil {
			return fmt.Errorf("sqldb: hash of event %s: %w", e.ID, err)
		}
		kind, id := string(e.Aggregate.Kind), string(e.Aggregate.ID)
		ledger = append(ledger, []any{w.tenant, kind, id, e.Seq, e.ID, e.Type, micros(e.Time), string(e.Actor.Kind), string(e.Actor.ID),
			string(e.Entity.Kind), string(e.Entity.ID), string(e.State), string(e.Whole), string(e.Stood), string(e.Data), hash})
		outbox = append(outbox, []any{w.tenant, kind, id, e.Seq, e.ID, e.Type, wire(e.Wire), micros(e.Time), atOnce, int64(0), ""})
		unsealed = append(unsealed, []any{w.tenant, kind, id, e.Seq})
	}
	first := entries[0].Aggregate
	every := func(added, of int) error {
		return all(of, first, "somebody else wrote first, or an event with the id exists")(int64(added))
	}
	w.insert(insertLedger, ledger, every)
	w.insert(insertOutbox, outbox, every)
	w.insert(insertUnsealed, unsealed, every)
	return nil
}

const (
	insertLedger   = "INSERT INTO okr_ledger (tenant, " + entryColumns + ")"
	insertOutbox   = "INSERT INTO okr_outbox (tenant, kind, id, seq, event, type, wire, at, due, attempt, cause)"
	insertUnsealed = "INSERT INTO okr_unsealed (tenant, kind, id, seq)"
)

// atOnce is when a new outbox row is due: whatever the clock says of those who
// claim, which need not be the desk's.
const atOnce = int64(0)

// wire is the event's bytes, never NULL.
func wire(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

func (w *writing) rest() error {
	for _, name := range w.changes.Deactivate {
		w.do("DELETE FROM okr_pack WHERE tenant = $1 AND name = $2", nil, w.tenant, name)
	}
	for _, p := range w.changes.Activate {
		w.do("INSERT INTO okr_pack_text (tenant, digest, content) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", nil, w.tenant, p.Digest, p.Text)
		w.do(`INSERT INTO okr_pack (tenant, name, version, digest) VALUES ($1, $2, $3, $4)
			ON CONFLICT (tenant, name) DO UPDATE SET version = excluded.version, digest = excluded.digest`, nil, w.tenant, p.Name, p.Version, p.Digest)
	}
	var words [][]any
	for _, x := range w.changes.Words {
		words = append(words, []any{w.tenant, x.ID, string(x.Entity.Kind), string(x.Entity.ID), x.Field, wire(x.Salt), []byte(x.Text)})
	}
	if len(words) > 0 {
		entity := w.changes.Words[0].Entity
		w.insert("INSERT INTO okr_word (tenant, id, entity_kind, entity, field, salt, content)", words,
			func(added, of int) error { return all(of, entity, "a word with its id exists")(int64(added)) })
	}
	if m := w.changes.Remember; m != nil {
		w.do("INSERT INTO okr_remembered (tenant, key, content, decision, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
			all(1, okr.Ref{Kind: "idempotency_key", ID: okr.ID(m.Key)}, "something was decided under it already"),
			w.tenant, m.Key, m.Content, string(m.Decision), micros(m.At))
	}
	return nil
}
