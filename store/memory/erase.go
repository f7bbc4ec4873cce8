package memory

import (
	"slices"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

// erase removes words: of the rows, of the ledger, and of what is on its way.
func (w *writing) erase() error {
	e := w.changes.Erase
	if e == nil {
		return nil
	}
	x := &erasing{writing: w, rows: map[okr.Ref]bool{}, words: map[string]bool{}}
	if e.Person != "" {
		x.person(e.Person)
	} else {
		x.rows[e.Subject] = true
	}
	found := 0
	w.tenant.words.all(func(id string, word okr.Word) bool {
		if !x.words[id] && !(x.rows[word.Entity] && (e.Field == "" || word.Field == e.Field)) {
			return true
		}
		found++
		if word.Salt != nil {
			x.texts = append(x.texts, word.Text)
			if word.Entity.Kind != okr.KindNotice {
				x.quote = append(x.quote, word.Text)
			}
			word.Salt, word.Text = nil, ""
			w.tenant.words = w.tenant.words.put(id, word)
		}
		return true
	})
	if found == 0 && e.Person == "" {
		return &okr.NotFoundError{Ref: e.Subject}
	}
	if err := x.current(e.Field); err != nil {
		return err
	}
	x.quoting()
	if err := x.underway(e.Person); err != nil {
		return err
	}
	return x.waiting(e.Person)
}

type erasing struct {
	*writing
	rows  map[okr.Ref]bool // whose words go
	words map[string]bool  // that go whatever row they belong to
	texts []string         // that are gone
	quote []string         // those of them that others may quote: what a notice says quotes itself
}

// person finds what a person wrote, and the notices that went to them or name them.
func (x *erasing) person(id okr.ID) {
	t, who := x.tenant, okr.Ref{Kind: okr.KindPerson, ID: id}
	x.rows[who] = true
	t.checkIns.all(func(c okr.ID, r okr.CheckInRecord) bool {
		if r.Author == okr.Someone(id) {
			x.rows[okr.Ref{Kind: okr.KindCheckIn, ID: c}] = true
		}
		return true
	})
	var names []string
	t.words.all(func(_ string, word okr.Word) bool {
		if word.Entity == who && word.Salt != nil {
			names = append(names, word.Text)
		}
		return true
	})
	made := map[okr.Ref]bool{}
	t.ledger.all(func(_, e okr.Entry) bool {
		theirs := e.Actor == okr.Someone(id)
		switch {
		case e.Entity.Kind == okr.KindNotice:
			if store.NoticeTo(e.Data) == id {
				x.rows[e.Entity] = true
			}
		case slices.Contains(okr.ErasedKinds(), e.Entity.Kind):
			if theirs && !made[e.Entity] {
				x.rows[e.Entity] = true
			}
		case theirs && (e.Entity.Kind == okr.KindObjective || e.Entity.Kind == okr.KindKeyResult || e.Entity.Kind == okr.KindPack):
			if word := store.ReasonOf(e.State); word != "" {
				x.words[word] = true
			}
		}
		made[e.Entity] = true
		return true
	})
	t.words.all(func(_ string, word okr.Word) bool {
		if word.Entity.Kind == okr.KindNotice && store.Names(word.Text, names) {
			x.rows[word.Entity] = true
		}
		return true
	})
}

// quoting erases the notices that quote what is gone.
func (x *erasing) quoting() {
	t := x.tenant
	found := map[okr.Ref]bool{}
	t.words.all(func(_ string, word okr.Word) bool {
		if word.Entity.Kind == okr.KindNotice && word.Salt != nil && store.Names(word.Text, x.quote) {
			found[word.Entity], x.rows[word.Entity] = true, true
		}
		return true
	})
	t.words.all(func(id string, word okr.Word) bool {
		if found[word.Entity] {
			word.Salt, word.Text = nil, ""
			t.words = t.words.put(id, word)
		}
		return true
	})
}

// waiting erases what rules say in what waits to be told.
func (x *erasing) waiting(person okr.ID) (err error) {
	var changed []okr.Standing
	x.tenant.standings.all(func(_, st okr.Standing) bool {
		var ok bool
		if st, ok, err = okr.EraseWaiting(st, person, func(text string) bool { return store.Names(text, x.quote) }); ok {
			changed = append(changed, st)
		}
		return err == nil
	})
	for _, st := range changed {
		x.keep(st)
	}
	return err
}

// current erases the words of the rows as they are now.
func (x *erasing) current(field string) error {
	t := x.tenant
	for r := range x.rows {
		switch {
		case r.Kind == okr.KindPerson:
			put(&t.people, r.ID, field)
		case r.Kind == okr.KindObjective:
			put(&t.objectives, r.ID, field)
		case r.Kind == okr.KindKeyResult:
			put(&t.keyResults, r.ID, field)
		case r.Kind == okr.KindCheckIn:
			if c, ok := put(&t.checkIns, r.ID, field); ok {
				t.reports = t.reports.put(readingKey{c.KeyResult, c.OccurredAt, c.RecordedAt, c.ID}, c)
			}
		case r.Kind == okr.KindBlocker:
			var at []withinKey
			t.blockers.all(func(k withinKey, _ okr.Blocker) bool {
				if k.id == r.ID {
					at = append(at, k)
				}
				return true
			})
			for _, k := range at {
				put(&t.blockers, k, field)
			}
		case r.Kind.IsItem():
			i, ok := t.items.get(r)
			if !ok {
				continue
			}
			i, err := okr.EraseItem(i, field)
			if err != nil {
				return err
			}
			t.items = t.items.put(r, i)
		}
	}
	return nil
}

// put erases the words of a row of a table, if it has it.
func put[K, T any](t *table[K, T], key K, field string) (T, bool) {
	row, ok := t.get(key)
	if ok {
		okr.EraseRow(&row, field)
		*t = t.put(key, row)
	}
	return row, ok
}

// underway erases what is on its way, and what is remembered.
func (x *erasing) underway(person okr.ID) (err error) {
	s, t := x.state, x.tenant
	s.outbox.all(func(k eventKey, o outgoing) bool {
		if k.tenant == x.id && x.rows[o.Aggregate] && o.Type == okr.EventNoticeReady {
			if o.Wire, err = store.EraseNotice(o.Wire); err != nil {
				return false
			}
			s.outbox = s.outbox.put(k, o)
		}
		return true
	})
	if err != nil {
		return err
	}
	s.dead.all(func(k inboxKey, d okr.DeadLetter) bool {
		if d.Tenant != x.id {
			return true
		}
		var changed bool
		if d, changed, err = store.EraseDead(d, x.rows, x.texts); changed {
			s.dead = s.dead.put(k, d)
		}
		return err == nil
	})
	if err != nil {
		return err
	}
	t.remembered.all(func(k string, m okr.Remembered) bool {
		if m, changed := store.ForgetWords(m, person, x.texts); changed {
			t.remembered = t.remembered.put(k, m)
		}
		return true
	})
	return nil
}
