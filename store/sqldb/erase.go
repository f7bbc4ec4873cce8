package sqldb

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

// erasing is one removal of words: of the rows, of the ledger, and of what is on its
// way.
type erasing struct {
	*writing
	rows  map[okr.Ref]bool // whose words go
	words []string         // ids of those that go whatever row they belong to
	texts []string         // that are gone
	quote []string         // those of them that others may quote: what a notice says quotes itself
}

func (w *writing) erase(ctx context.Context) error {
	e := w.changes.Erase
	x := &erasing{writing: w, rows: map[okr.Ref]bool{}}
	if e.Person == "" {
		x.rows[e.Subject] = true
	} else if err := x.person(ctx, e.Person); err != nil {
		return err
	}
	found, err := x.gone(ctx, e.Field)
	if err != nil {
		return err
	}
	if !found && e.Person == "" {
		return &okr.NotFoundError{Ref: e.Subject}
	}
	for _, r := range slices.SortedFunc(maps.Keys(x.rows), okr.CompareRefs) {
		if err := x.current(ctx, r, e.Field); err != nil {
			return err
		}
	}
	if err := x.quoting(ctx); err != nil {
		return err
	}
	if err := x.underway(ctx); err != nil {
		return err
	}
	if err := x.waiting(ctx, e.Person); err != nil {
		return err
	}
	return x.remembered(ctx, e.Person)
}

func (x *erasing) each(ctx context.Context, query string, f func(Rows) error, args ...any) error {
	return each(ctx, x.conn, x.sql(query), f, append([]any{x.tenant}, args...)...)
}

func (x *erasing) exec(ctx context.Context, query string, args ...any) error {
	_, err := x.conn.Exec(ctx, x.sql(query), append([]any{x.tenant}, args...)...)
	return err
}

// person finds what a person wrote, and the notices that went to them or name them.
func (x *erasing) person(ctx context.Context, id okr.ID) error {
	who := okr.Ref{Kind: okr.KindPerson, ID: id}
	x.rows[who] = true
	row := func(kind okr.Kind) func(Rows) error {
		return func(r Rows) error {
			var id string
			err := r.Scan(&id)
			x.rows[okr.Ref{Kind: kind, ID: okr.ID(id)}] = true
			return err
		}
	}
	if err := x.each(ctx, "SELECT id FROM okr_checkin WHERE tenant = $1 AND author_kind = 'person' AND author = $2", row(okr.KindCheckIn), string(id)); err != nil {
		return err
	}
	var kinds []string
	for _, k := range okr.ErasedKinds() {
		kinds = append(kinds, string(k))
	}
	err := x.each(ctx, `SELECT l.entity_kind, l.entity FROM okr_ledger l WHERE l.tenant = $1 AND l.actor_kind = 'person' AND l.actor = $2 AND l.entity_kind {in $3}
		AND NOT EXISTS (SELECT 1 FROM okr_ledger e WHERE e.tenant = $1 AND e.kind = l.kind AND e.id = l.id AND e.entity_kind = l.entity_kind AND e.entity = l.entity AND e.seq < l.seq)`,
		func(r Rows) error {
			var kind, entity string
			err := r.Scan(&kind, &entity)
			x.rows[okr.Ref{Kind: okr.Kind(kind), ID: okr.ID(entity)}] = true
			return err
		}, string(id), list(kinds))
	if err != nil {
		return err
	}
	err = x.each(ctx, "SELECT state FROM okr_ledger WHERE tenant = $1 AND actor_kind = 'person' AND actor = $2 AND entity_kind IN ('objective', 'key_result', 'pack')", func(r Rows) error {
		var state string
		if err := r.Scan(&state); err != nil {
			return err
		}
		if word := store.ReasonOf([]byte(state)); word != "" {
			x.words = append(x.words, word)
		}
		return nil
	}, string(id))
	if err != nil {
		return err
	}
	return x.notices(ctx, who)
}

// notices finds those that went to a person or name them.
func (x *erasing) notices(ctx context.Context, who okr.Ref) error {
	var names []string
	err := x.each(ctx, "SELECT content FROM okr_word WHERE tenant = $1 AND entity_kind = 'person' AND entity = $2 AND salt IS NOT NULL", func(r Rows) error {
		var text []byte
		err := r.Scan(&text)
		names = append(names, string(text))
		return err
	}, string(who.ID))
	if err != nil {
		return err
	}
	err = x.each(ctx, "SELECT id, data FROM okr_ledger WHERE tenant = $1 AND kind = 'notice'", func(r Rows) error {
		var id, data string
		err := r.Scan(&id, &data)
		if store.NoticeTo([]byte(data)) == who.ID {
			x.rows[okr.Ref{Kind: okr.KindNotice, ID: okr.ID(id)}] = true
		}
		return err
	})
	if err != nil {
		return err
	}
	return x.each(ctx, "SELECT entity, content FROM okr_word WHERE tenant = $1 AND entity_kind = 'notice' AND salt IS NOT NULL", func(r Rows) error {
		var id string
		var text []byte
		err := r.Scan(&id, &text)
		if store.Names(string(text), names) {
			x.rows[okr.Ref{Kind: okr.KindNotice, ID: okr.ID(id)}] = true
		}
		return err
	})
}

// gone removes texts and salts, and says whether there are such words at all.
func (x *erasing) gone(ctx context.Context, field string) (found bool, err error) {
	quotable := true
	take := func(r Rows) error {
		var text []byte
		found = true
		err := r.Scan(&text)
		if len(text) > 0 {
			x.texts = append(x.texts, string(text))
		}
		if len(text) > 0 && quotable {
			x.quote = append(x.quote, string(text))
		}
		return err
	}
	for _, r := range slices.SortedFunc(maps.Keys(x.rows), okr.CompareRefs) {
		quotable = r.Kind != okr.KindNotice
		entity := []any{string(r.Kind), string(r.ID), field}
		if err := x.each(ctx, "SELECT content FROM okr_word WHERE tenant = $1 AND entity_kind = $2 AND entity = $3 AND ($4 = '' OR field = $4)", take, entity...); err != nil {
			return false, err
		}
		if err := x.exec(ctx, "UPDATE okr_word SET salt = NULL, content = NULL WHERE tenant = $1 AND entity_kind = $2 AND entity = $3 AND ($4 = '' OR field = $4)", entity...); err != nil {
			return false, err
		}
	}
	if len(x.words) == 0 {
		return found, nil
	}
	quotable = true
	if err := x.each(ctx, "SELECT content FROM okr_word WHERE tenant = $1 AND id {in $2}", take, list(x.words)); err != nil {
		return false, err
	}
	return found, x.exec(ctx, "UPDATE okr_word SET salt = NULL, content = NULL WHERE tenant = $1 AND id {in $2}", list(x.words))
}

// quoting erases the notices that quote what is gone.
func (x *erasing) quoting(ctx context.Context) error {
	if len(x.quote) == 0 {
		return nil
	}
	var found []okr.Ref
	err := x.each(ctx, "SELECT entity, content FROM okr_word WHERE tenant = $1 AND entity_kind = 'notice' AND salt IS NOT NULL", func(r Rows) error {
		var id string
		var text []byte
		err := r.Scan(&id, &text)
		if store.Names(string(text), x.quote) {
			found = append(found, okr.Ref{Kind: okr.KindNotice, ID: okr.ID(id)})
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, r := range found {
		x.rows[r] = true
		if err := x.exec(ctx, "UPDATE okr_word SET salt = NULL, content = NULL WHERE tenant = $1 AND entity_kind = 'notice' AND entity = $2", string(r.ID)); err != nil {
			return err
		}
	}
	return nil
}

// waiting erases what rules say in what waits to be told.
func (x *erasing) waiting(ctx context.Context, person okr.ID) error {
	var changed []okr.Standing
	err := x.each(ctx, "SELECT "+standingColumns+" FROM okr_standing WHERE tenant = $1 AND subject_kind = 'person' AND kind = 'waiting'", func(r Rows) error {
		st, err := scanStanding(r)
		if err != nil {
			return err
		}
		st, ok, err := okr.EraseWaiting(st, person, func(text string) bool { return store.Names(text, x.quote) })
		if ok {
			changed = append(changed, st)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, st := range changed {
		if err := x.exec(ctx, "UPDATE okr_standing SET value = $4 WHERE tenant = $1 AND subject_kind = 'person' AND subject = $2 AND kind = 'waiting' AND key = $3", string(st.Subject.ID), st.Key, st.Value); err != nil {
			return err
		}
	}
	return nil
}

// rewrite reads the one row of a query, erases its words, and writes its document.
func rewrite[T any](ctx context.Context, x *erasing, r okr.Ref, field, query, update string, scan func(Rows) (T, error), doc func(T) (string, error)) error {
	var rows []T
	err := x.each(ctx, query, func(rs Rows) error {
		row, err := scan(rs)
		rows = append(rows, row)
		return err
	}, string(r.ID))
	if err != nil {
		return err
	}
	for _, row := range rows {
		okr.EraseRow(&row, field)
		text, err := doc(row)
		if err != nil {
			return err
		}
		if err := x.exec(ctx, update, string(r.ID), text); err != nil {
			return err
		}
	}
	return nil
}

// current erases the words of a row as it is now.
func (x *erasing) current(ctx context.Context, r okr.Ref, field string) error {
	switch {
	case r.Kind == okr.KindPerson:
		return rewrite(ctx, x, r, field, "SELECT "+personColumns+" FROM okr_person WHERE tenant = $1 AND id = $2",
			"UPDATE okr_person SET doc = $3 WHERE tenant = $1 AND id = $2", scanPerson, func(p okr.Person) (string, error) { return document(p) })
	case r.Kind == okr.KindObjective:
		return rewrite(ctx, x, r, field, "SELECT "+objectiveColumns+" FROM okr_objective WHERE tenant = $1 AND id = $2",
			"UPDATE okr_objective SET doc = $3 WHERE tenant = $1 AND id = $2", scanObjective, func(o okr.Objective) (string, error) { return document(o) })
	case r.Kind == okr.KindKeyResult:
		return rewrite(ctx, x, r, field, "SELECT "+keyResultColumns+" FROM okr_key_result k WHERE k.tenant = $1 AND k.id = $2",
			"UPDATE okr_key_result SET doc = $3 WHERE tenant = $1 AND id = $2", scanKeyResult, func(k okr.KeyResult) (string, error) { return last(keyResultArgs(k)) })
	case r.Kind == okr.KindCheckIn:
		return rewrite(ctx, x, r, field, "SELECT "+checkInColumns+" FROM okr_checkin r WHERE r.tenant = $1 AND r.id = $2",
			"UPDATE okr_checkin SET doc = $3 WHERE tenant = $1 AND id = $2", scanCheckIn, func(c okr.CheckInRecord) (string, error) { return last(checkInArgs(x.tenant, c)) })
	case r.Kind == okr.KindBlocker:
		return rewrite(ctx, x, r, field, "SELECT doc FROM okr_blocker WHERE tenant = $1 AND id = $2",
			"UPDATE okr_blocker SET doc = $3 WHERE tenant = $1 AND id = $2", func(rs Rows) (b okr.Blocker, err error) {
				var doc string
				if err := rs.Scan(&doc); err != nil {
					return b, err
				}
				return b, read("blocker", r.ID, doc, &b)
			}, func(b okr.Blocker) (string, error) { return document(b) })
	case r.Kind.IsItem():
		return x.item(ctx, r, field)
	}
	return nil
}

// last is the document, which stands behind all columns.
func last(args []any, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return fmt.Sprint(args[len(args)-1]), nil
}

func (x *erasing) item(ctx context.Context, r okr.Ref, field string) error {
	var items []okr.Item
	err := x.each(ctx, "SELECT "+itemColumns+" FROM okr_item i WHERE i.tenant = $1 AND i.kind = $2 AND i.id = $3", func(rs Rows) error {
		i, err := scanItem(rs)
		items = append(items, i)
		return err
	}, string(r.Kind), string(r.ID))
	if err != nil {
		return err
	}
	for _, i := range items {
		if i, err = okr.EraseItem(i, field); err != nil {
			return err
		}
		if err := x.exec(ctx, "UPDATE okr_item SET doc = $4 WHERE tenant = $1 AND kind = $2 AND id = $3", string(r.Kind), string(r.ID), string(i.Doc)); err != nil {
			return err
		}
	}
	return nil
}

// underway erases what waits to be sent.
func (x *erasing) underway(ctx context.Context) error {
	type waiting struct {
		event string
		wire  []byte
	}
	var out []waiting
	var dead []okr.DeadLetter
	err := x.each(ctx, "SELECT id, event, wire FROM okr_outbox WHERE tenant = $1 AND kind = 'notice'", func(r Rows) error {
		var id string
		var o waiting
		err := r.Scan(&id, &o.event, &o.wire)
		if x.rows[okr.Ref{Kind: okr.KindNotice, ID: okr.ID(id)}] {
			out = append(out, o)
		}
		return err
	})
	if err != nil {
		return err
	}
	err = x.each(ctx, "SELECT "+deadLetterColumns+" FROM okr_dead_letter WHERE tenant = $1", func(r Rows) error {
		d, err := scanDeadLetter(r)
		if err != nil {
			return err
		}
		d, changed, err := store.EraseDead(d, x.rows, x.texts)
		if changed {
			dead = append(dead, d)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, o := range out {
		if o.wire, err = store.EraseNotice(o.wire); err != nil {
			return err
		}
		if err := x.exec(ctx, "UPDATE okr_outbox SET wire = $3 WHERE tenant = $1 AND event = $2", o.event, o.wire); err != nil {
			return err
		}
	}
	for _, d := range dead {
		if err := x.exec(ctx, "UPDATE okr_dead_letter SET wire = $4, error = $5 WHERE tenant = $1 AND adapter = $2 AND event = $3", d.Adapter, d.Event, wire(d.Wire), d.Error); err != nil {
			return err
		}
	}
	return nil
}

// remembered erases what is kept under idempotency keys.
func (x *erasing) remembered(ctx context.Context, person okr.ID) error {
	var changed []okr.Remembered
	err := x.each(ctx, "SELECT key, content, decision FROM okr_remembered WHERE tenant = $1", func(r Rows) error {
		var m okr.Remembered
		var decision string
		if err := r.Scan(&m.Key, &m.Content, &decision); err != nil {
			return err
		}
		m.Decision = []byte(decision)
		if m, ok := store.ForgetWords(m, person, x.texts); ok {
			changed = append(changed, m)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, m := range changed {
		if err := x.exec(ctx, "UPDATE okr_remembered SET content = $3, decision = $4 WHERE tenant = $1 AND key = $2", m.Key, m.Content, string(m.Decision)); err != nil {
			return err
		}
	}
	return nil
}
