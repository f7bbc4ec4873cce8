package okr

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Item is a row of its own that concerns another: a waiver, a comment, a
// decision. Stores keep it as it is, whatever its kind; [Snapshot.AddItem] turns
// it into the row of its type.
type Item struct {
	Ref
	Subject Ref             // what it concerns: the tenant, or another aggregate
	Cycle   ID              // the cycle that it belongs to; "" is none
	Version int64           // the number of its events
	Doc     json.RawMessage // canonical JSON of the row of its type
}

// item is a row that is kept as an [Item].
type item interface {
	ref() Ref
	concerns() (subject Ref, cycle ID)
	reached() int64
	// at is the row with the version, its words given to f, which may put a
	// reference in the place of each.
	at(version int64, f func(field string, s *string)) item
}

// ItemKinds are the kinds of row that are kept as items.
func ItemKinds() []Kind {
	return []Kind{KindKPI, KindWaiver, KindComment, KindDecision, KindDeferral, KindSession, KindReview, KindGrant, KindDependency, KindReport, KindPolicy, KindReset}
}

// IsItem says whether rows of the kind are kept as items.
func (k Kind) IsItem() bool { return slices.Contains(ItemKinds(), k) }

// asItem is how the store keeps the row.
func asItem(x item) (Item, error) {
	doc, err := canonical(x)
	if err != nil {
		return Item{}, fmt.Errorf("okr: %s: %w", x.ref(), err)
	}
	subject, cycle := x.concerns()
	return Item{Ref: x.ref(), Subject: subject, Cycle: cycle, Version: x.reached(), Doc: doc}, nil
}

// AddItem adds a row that a store kept as an item. Its caller sorts the snapshot
// when all rows stand. A kind that this version does not know is left out.
func (s *Snapshot) AddItem(i Item) error {
	switch i.Kind {
	case KindKPI:
		return addItem(&s.KPIs, i)
	case KindWaiver:
		return addItem(&s.Waivers, i)
	case KindComment:
		return addItem(&s.Comments, i)
	case KindDecision:
		return addItem(&s.Decisions, i)
	case KindDeferral:
		return addItem(&s.Deferrals, i)
	case KindSession:
		return addItem(&s.Sessions, i)
	case KindReview:
		return addItem(&s.Reviews, i)
	case KindGrant:
		return addItem(&s.Grants, i)
	case KindDependency:
		return addItem(&s.Dependencies, i)
	case KindReport:
		return addItem(&s.Reports, i)
	case KindPolicy:
		return s.addPolicy(i)
	case KindReset:
		return addItem(&s.Resets, i)
	}
	return nil
}

func addItem[T any](rows *[]T, i Item) error {
	var row T
	if err := json.Unmarshal(i.Doc, &row); err != nil {
		return fmt.Errorf("okr: %s cannot be read: %w", i.Ref, err)
	}
	*rows = append(*rows, row)
	return nil
}

// put writes an item with the event that tells of it. The row's version is the
// one that it had; a new row has none.
func (w *work) put(x item, event string, payload any) error {
	r := x.ref()
	if w.concerned == nil {
		w.concerned = map[Ref]Ref{}
	}
	w.concerned[r], _ = x.concerns()
	w.expect(r, x.reached())
	x = x.at(w.next[r]+1, func(string, *string) {})
	if err := w.emit(r, r, event, payload, x); err != nil {
		return err
	}
	return w.keep(x)
}

// keep writes an item whose events were told, at the version that they reached.
func (w *work) keep(x item) error {
	r := x.ref()
	row, err := asItem(x.at(w.next[r], func(string, *string) {}))
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(w.changes.Items, func(o Item) bool { return o.Ref == r }); i >= 0 {
		w.changes.Items[i] = row
	} else {
		w.changes.Items = append(w.changes.Items, row)
	}
	return w.after.replaceItem(row)
}

// replaceItem puts a row into the snapshot, in the place of its older self.
func (s *Snapshot) replaceItem(i Item) error {
	switch i.Kind {
	case KindKPI:
		return replaceItem(&s.KPIs, i)
	case KindWaiver:
		return replaceItem(&s.Waivers, i)
	case KindComment:
		return replaceItem(&s.Comments, i)
	case KindDecision:
		return replaceItem(&s.Decisions, i)
	case KindDeferral:
		return replaceItem(&s.Deferrals, i)
	case KindSession:
		return replaceItem(&s.Sessions, i)
	case KindReview:
		return replaceItem(&s.Reviews, i)
	case KindGrant:
		return replaceItem(&s.Grants, i)
	case KindDependency:
		return replaceItem(&s.Dependencies, i)
	case KindReport:
		return replaceItem(&s.Reports, i)
	case KindPolicy:
		return s.addPolicy(i)
	case KindReset:
		return replaceItem(&s.Resets, i)
	}
	return nil
}

func replaceItem[T item](rows *[]T, i Item) error {
	var one []T
	if err := addItem(&one, i); err != nil {
		return err
	}
	at, found := slices.BinarySearchFunc(*rows, i.Ref, func(x T, r Ref) int { return CompareRefs(x.ref(), r) })
	all := slices.Clone(*rows)
	if found {
		all[at] = one[0]
	} else {
		all = slices.Insert(all, at, one[0])
	}
	*rows = all
	return nil
}

func sortItems[T item](rows []T) {
	slices.SortFunc(rows, func(a, b T) int { return CompareRefs(a.ref(), b.ref()) })
}
