package okr

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Erased is what stands in the place of a word whose text was removed.
const Erased = "[erased]"

// row is the row of an aggregate as the decision has left it so far, nil where
// aggregates of its kind have none.
func (w *work) row(r Ref) any {
	switch r.Kind {
	case KindCycle:
		return held(w.after.Cycle(r.ID))
	case KindPerson:
		return held(w.after.Person(r.ID))
	case KindTeam:
		return held(w.after.Team(r.ID))
	case KindObjective:
		return held(w.after.Objective(r.ID))
	case KindKeyResult:
		return held(w.after.KeyResult(r.ID))
	}
	if i := slices.IndexFunc(w.changes.Items, func(i Item) bool { return i.Ref == r }); i >= 0 {
		if x, err := w.changes.Items[i].typed(); err == nil && x != nil {
			return x
		}
	}
	return nil
}

func held[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

// complete gives the ledger rows of the decision what is known only when all is
// decided: the aggregates as it leaves them, and the hashes.
func (w *work) complete() error {
	entries := w.changes.Entries
	said := map[Ref]any{} // rows with their words by reference
	last := map[Ref]int{}
	for i := range entries {
		e := &entries[i]
		last[e.Aggregate] = i
		if e.State != nil {
			continue
		}
		row, ok := said[e.Aggregate]
		if !ok {
			if row = w.row(e.Aggregate); row == nil {
				row = w.told[i]
			}
			var err error
			if row, err = w.spoken(e.Aggregate, row); err != nil {
				return err
			}
			said[e.Aggregate] = row
		}
		if c, ok := w.told[i].(changedKeyResult); ok && c.Reason != "" {
			reason, err := w.word(e.Aggregate, "reason", c.Reason)
			if err != nil {
				return err
			}
			row = changedKeyResult{row.(KeyResult), reason}
		}
		if c, ok := w.told[i].(changedObjective); ok && c.Reason != "" {
			reason, err := w.word(e.Aggregate, "reason", c.Reason)
			if err != nil {
				return err
			}
			row = changedObjective{row.(Objective), reason}
		}
		var err error
		if e.State, err = canonical(row); err != nil {
			return fmt.Errorf("okr: %s: %w", e.Type, err)
		}
		if c, ok := w.told[i].(handedItem); ok {
			reason, err := w.word(e.Aggregate, "reason", c.because)
			if err != nil {
				return err
			}
			e.State = because(e.State, reason)
		}
	}
	stood := w.stoodAnew()
	for i := range entries {
		e := &entries[i]
		if changed := stood[e.Aggregate]; last[e.Aggregate] == i && len(changed) > 0 {
			var err error
			if e.Stood, err = canonical(changed); err != nil {
				return fmt.Errorf("okr: %s: %w", e.Type, err)
			}
		}
		if row := w.row(e.Aggregate); last[e.Aggregate] == i && e.Entity != e.Aggregate && row != nil {
			var err error
			if e.Whole, err = canonical(words(row, func(_ string, s *string) { *s = "" })); err != nil {
				return fmt.Errorf("okr: %s: %w", e.Type, err)
			}
		}
		e.Hash = e.Sum()
	}
	return nil
}

// stand is a standing of an aggregate as the ledger keeps it.
type stand struct {
	Kind    string    `json:"kind"`
	Key     string    `json:"key,omitempty"`
	Value   string    `json:"value,omitempty"`
	Since   time.Time `json:"since,omitzero"`
	Dropped bool      `json:"dropped,omitempty"`
}

// stoodAnew is what the decision announces, by subject.
func (w *work) stoodAnew() map[Ref][]stand {
	out := map[Ref][]stand{}
	for _, st := range w.changes.Standings {
		if announcing(st.Kind) {
			out[st.Subject] = append(out[st.Subject], stand{Kind: st.Kind, Key: st.Key, Value: st.Value, Since: st.Since})
		}
	}
	for _, st := range w.changes.Drop {
		if announcing(st.Kind) {
			out[st.Subject] = append(out[st.Subject], stand{Kind: st.Kind, Key: st.Key, Dropped: true})
		}
	}
	return out
}

// ReadStood is what stood announced of a subject, by the Stood of its ledger rows
// in their order.
func ReadStood(subject Ref, rows []json.RawMessage) ([]Standing, error) {
	last := map[standingKey]stand{}
	for _, row := range rows {
		var changed []stand
		if err := json.Unmarshal(row, &changed); err != nil {
			return nil, fmt.Errorf("okr: what the ledger says of %s cannot be read: %w", subject, err)
		}
		for _, s := range changed {
			last[standingKey{subject, s.Kind, s.Key}] = s
		}
	}
	var out []Standing
	for _, s := range last {
		if !s.Dropped {
			out = append(out, Standing{Subject: subject, Kind: s.Kind, Key: s.Key, Value: s.Value, Since: s.Since})
		}
	}
	slices.SortFunc(out, CompareStandings)
	return out, nil
}

// ReadItem is [ReadState] for a row that is kept as an item.
func ReadItem(r Ref, state, whole json.RawMessage) (Item, error) {
	row, err := Item{Ref: r, Doc: state}.typed()
	if err != nil || row == nil {
		return Item{}, err
	}
	if len(whole) > 0 {
		said := map[string]string{}
		words(row, func(field string, s *string) { said[field] = *s })
		if row, err = (Item{Ref: r, Doc: whole}).typed(); err != nil {
			return Item{}, err
		}
		row = words(row, func(field string, s *string) { *s = said[field] }).(item)
	}
	return asItem(row)
}

// typed is the row of the item's type, nil where this version does not know it.
func (i Item) typed() (item, error) {
	var s Snapshot
	if err := s.AddItem(i); err != nil {
		return nil, err
	}
	for _, x := range []item{only(s.KPIs), only(s.Waivers), only(s.Comments), only(s.Decisions), only(s.Deferrals), only(s.Sessions), only(s.Reviews), only(s.Grants), only(s.Dependencies), only(s.Reports), only(s.Resets)} {
		if x != nil {
			return x, nil
		}
	}
	if s.Policy != nil {
		return *s.Policy, nil
	}
	return nil, nil
}

func only[T item](rows []T) item {
	if len(rows) == 0 {
		return nil
	}
	return rows[0]
}

// ReadState reads what the ledger keeps of a row: the last State of the aggregate
// itself, and the last Whole after it, nil if there is none. Words stand by
// reference; [Words] and [Say] put them in.
func ReadState[T any](state, whole json.RawMessage) (row T, err error) {
	if err := json.Unmarshal(state, &row); err != nil || len(whole) == 0 {
		return row, err
	}
	said := make(map[string]string, 8)
	words(&row, func(field string, s *string) { said[field] = *s })
	var now T
	if err := json.Unmarshal(whole, &now); err != nil {
		return row, err
	}
	words(&now, func(field string, s *string) { *s = said[field] })
	return now, nil
}

// Words calls f with the id of each word that a row read by [ReadState] refers to.
func Words[T any](row *T, f func(id string)) {
	words(row, func(_ string, s *string) {
		if id, _, ok := reference(*s); ok {
			f(id)
		}
	})
}

// Say puts the texts of a row's words in the place of their references. A word that
// find does not know, or whose text is not what the ledger committed to, reads
// [Erased].
func Say[T any](row *T, find func(id string) (Word, bool)) {
	words(row, func(_ string, s *string) {
		id, mac, ok := reference(*s)
		if !ok {
			return
		}
		*s = Erased
		if w, ok := find(id); ok && len(w.Salt) > 0 && w.MAC() == mac {
			*s = w.Text
		}
	})
}

// reference takes the reference to a word apart.
func reference(s string) (id, mac string, ok bool) {
	rest, ok := strings.CutPrefix(s, wordPrefix)
	if !ok {
		return "", "", false
	}
	id, mac, ok = strings.Cut(rest, ":")
	return id, mac, ok
}
