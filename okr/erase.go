package okr

import (
	"context"
	"encoding/json"
	"fmt"
)

// EventWordsErased tells that words were erased. It names whose or which, and none of
// them.
const EventWordsErased = EventPrefix + "words.erased"

// Erasing says whose words, or which, are to be erased: either those of a person, or
// those of one row.
type Erasing struct {
	// Person: their name and address; the check-ins, comments, blockers, decisions,
	// reviews, waivers and the like that they wrote; the reasons that they gave for
	// changes; and the notices that went to them, name them or quote any of that.
	Person ID `json:"person,omitempty"`
	// Subject: the words of one row: a person, an objective, a key result, an item, or
	// a check-in, a blocker or a notice by its id.
	Subject Ref `json:"subject,omitzero"`
	// Field: one field of Subject, such as note, definition, source.where or owner_text;
	// "" is every word of it.
	Field string `json:"field,omitempty"`
	Key   string `json:"-"` // idempotency key; "" is none
}

// WordsErased is the payload of words.erased.
type WordsErased struct {
	Person  ID     `json:"person,omitempty"`
	Subject Ref    `json:"subject,omitzero"`
	Field   string `json:"field,omitempty"`
}

// Erasure is what a store removes the words of; see [Erasing].
type Erasure struct {
	Person  ID
	Subject Ref
	Field   string
}

// ErasedKinds are the kinds of row, beside check-ins, that whoever made them wrote:
// their words go with the person.
func ErasedKinds() []Kind {
	return []Kind{KindBlocker, KindWaiver, KindComment, KindDecision, KindDeferral, KindSession, KindReview, KindGrant, KindDependency, KindReset}
}

// Erase removes words for good, where a person asks for it or somebody wrote what must
// not be kept: from the rows, the ledger, the notices that quote them, sent or not, the
// dead letters, and the decisions that are kept under idempotency keys. They read
// [Erased], in views of past days as well, and the ledger verifies as before. What waits
// to be told (see [Tenant.Await]) loses what a rule says in which they are quoted, and
// is told without. What is not words stays: numbers, dates, ids, titles. It may be done
// whatever has been closed.
//
// What has left the database is not within reach: what the bus and adapters were
// given, backups, the host's own rows; nor is a text that somebody else wrote of a
// person, or that a plan says of an owner whom nobody knows: erase that by its row.
// PostgreSQL keeps old versions of rows until it vacuums them, SQLite pages until it
// overwrites them, unless secure_delete is on, as with sqlite.Open. It reads the
// tenant's whole ledger.
func (t Tenant) Erase(ctx context.Context, e Erasing) (Decision, error) {
	subject := e.Subject
	switch {
	case (e.Person == "") == (e.Subject == Ref{}):
		return Decision{}, invalid("person", string(e.Person), "name a person, or one row as subject")
	case e.Person != "":
		if err := checkID("person", e.Person, true); err != nil {
			return Decision{}, err
		}
		if e.Field != "" {
			return Decision{}, invalid("field", e.Field, "it belongs to a subject: leave it out, or name the row")
		}
		subject = Ref{KindPerson, e.Person}
	default:
		if err := checkID("subject", e.Subject.ID, true); err != nil {
			return Decision{}, err
		}
	}
	return t.decide(ctx, Intent{VerbErase, []Ref{subject}}, e.Key, e, func(ctx context.Context, w *work) error {
		var need Need
		switch subject.Kind {
		case KindCheckIn, KindBlocker, KindNotice: // the store says whether there is one
		default:
			need.Refs = []Ref{subject}
		}
		if err := w.load(ctx, need); err != nil {
			return err
		}
		w.changes.Erase = &Erasure{e.Person, e.Subject, e.Field}
		tenant := Ref{KindTenant, ID(w.id)}
		if err := w.numbered(ctx, tenant); err != nil {
			return err
		}
		fact := WordsErased{e.Person, e.Subject, e.Field}
		return w.emit(tenant, tenant, EventWordsErased, fact, fact)
	})
}

// numbered finds the number that the events of the tenant itself have reached.
func (w *work) numbered(ctx context.Context, tenant Ref) error {
	if _, counted := w.next[tenant]; counted {
		return nil
	}
	old, err := w.unit.Events(ctx, w.id, tenant, 0)
	w.next[tenant] = int64(len(old))
	return err
}

// EraseRow puts [Erased] in the place of the words of a row in the field, of all of
// them if it is "".
func EraseRow[T any](row *T, field string) { words(row, erasing(field)) }

func erasing(field string) func(string, *string) {
	return func(f string, s *string) {
		if *s != "" && (field == "" || f == field) {
			*s = Erased
		}
	}
}

// EraseItem is [EraseRow] for a row that is kept as an item.
func EraseItem(i Item, field string) (Item, error) {
	row, err := i.typed()
	if err != nil || row == nil {
		return i, err
	}
	return asItem(words(row, erasing(field)).(item))
}

// EraseWaiting takes out of what waits for a person what a rule says of it, if it quotes
// what is erased or waits for whom is. It says whether that changed the standing, which
// is left alone if it is none that waits.
func EraseWaiting(st Standing, person ID, quotes func(text string) bool) (Standing, bool, error) {
	if st.Kind != standingWaiting {
		return st, false, nil
	}
	var n waitingNote
	if err := json.Unmarshal([]byte(st.Value), &n); err != nil {
		return st, false, fmt.Errorf("okr: what waits for %s cannot be read: %w", st.Subject, err)
	}
	theirs := person != "" && st.Subject == Ref{KindPerson, person}
	if n.Words == "" || !theirs && !quotes(n.Words) {
		return st, false, nil
	}
	n.Words = ""
	value, err := canonical(n)
	st.Value = string(value)
	return st, err == nil, err
}
