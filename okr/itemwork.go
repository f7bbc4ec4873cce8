package okr

import (
	"context"
	"errors"
	"time"
)

// bring reads what a decision needs in which no rule has a say.
func (w *work) bring(ctx context.Context, need Need) error {
	need.Lock = need.Lock || w.tx != nil
	s, err := w.unit.Load(ctx, w.id, need)
	if err != nil {
		return err
	}
	if err := w.hide(ctx, s, need); err != nil {
		return err
	}
	w.before, w.after = s, s.Clone()
	return nil
}

// bringAbout is bring, with the cycle of the subject: a recorded decision does not
// bring its own.
func (w *work) bringAbout(ctx context.Context, subject Ref, need Need) error {
	need.Refs = append(need.Refs, subject)
	if err := w.bring(ctx, need); err != nil || subject.Kind != KindDecision {
		return err
	}
	d := w.after.Decision(subject.ID)
	if d.Cycle == "" {
		return nil
	}
	need.Refs = append(need.Refs, Ref{KindCycle, d.Cycle})
	return w.bring(ctx, need)
}

// made writes an item and leaves it as what the decision was about.
func (w *work) made(x item, event string, payload any) error {
	w.intent.Subjects = []Ref{x.ref()}
	return w.put(x, event, payload)
}

// belongs is the cycle in which something of the subject is recorded, which must
// not be closed. A team and the tenant as a whole run through every cycle:
// for them it is the one that was given, or none.
func (w *work) belongs(subject Ref, given ID) (ID, error) {
	cycle := given
	switch subject.Kind {
	case KindKeyResult:
		k := w.after.KeyResult(subject.ID)
		if k == nil {
			return "", &NotFoundError{subject}
		}
		cycle = k.Cycle
	case KindObjective:
		o := w.after.Objective(subject.ID)
		if o == nil {
			return "", &NotFoundError{subject}
		}
		cycle = o.Cycle
	case KindCycle:
		cycle = subject.ID
	case KindDecision:
		d := w.after.Decision(subject.ID)
		if d == nil {
			return "", &NotFoundError{subject}
		}
		cycle = d.Cycle
	}
	if given != "" && given != cycle {
		return "", invalid("cycle", string(given), "%s belongs to the cycle %s: name that one, or none", subject, cycle)
	}
	if cycle == "" {
		return "", nil
	}
	return cycle, w.open(cycle)
}

// misnamed turns "not found" of a row that a field names into what is wrong with the
// field. The subject of a decision is not found; whom it names is given wrongly.
func misnamed(err error, fields map[Ref]string) error {
	var missing *NotFoundError
	if !errors.As(err, &missing) {
		return err
	}
	field, ok := fields[missing.Ref]
	switch {
	case !ok:
		return err
	case missing.Ref.Kind == KindPerson:
		return invalid(field, string(missing.Ref.ID), "nobody in the directory has that id: synchronise people first")
	case missing.Ref.Kind == KindTeam:
		return invalid(field, string(missing.Ref.ID), "no team in the directory has that id: synchronise teams first")
	}
	return invalid(field, string(missing.Ref.ID), "there is no such %s", missing.Ref.Kind)
}

// responsible checks that somebody may answer for something: a human being who is
// here, and who was loaded.
func (w *work) responsible(field string, who ID) error {
	if who == "" {
		return nil
	}
	p := w.after.Person(who)
	switch {
	case p == nil:
		return invalid(field, string(who), "nobody in the directory has that id: synchronise people first")
	case p.Kind != Human:
		return invalid(field, string(who), "%s is a %s: name one human being", p.Name, p.Kind)
	case p.Left:
		return invalid(field, string(who), "%s has left: choose somebody who is here", p.Name)
	}
	return nil
}

// checkRef refuses a subject of another kind than those that are meant.
func checkRef(field string, r Ref, kinds ...Kind) error {
	for _, k := range kinds {
		if r.Kind == k {
			return checkID(field+".id", r.ID, true)
		}
	}
	var names []State
	for _, k := range kinds {
		names = append(names, State(k))
	}
	return invalid(field+".kind", string(r.Kind), "use %s", listed(names))
}

// Paging selects a page of a list. Its zero value is the first page.
type Paging struct {
	After string // cursor of the page before; "" is the beginning
	Limit int    // at most this many; 0 is 100, the most is 1,000
}

func (p Paging) limit() (int, error) {
	switch {
	case p.Limit < 0:
		return 0, invalid("limit", "", "it cannot be negative")
	case p.Limit == 0:
		return defaultPage, nil
	}
	return min(p.Limit, maxPage), nil
}

// listItems reads one page of the items that match and that keep wants, in the
// order of their making. Where there is nothing at all, what they would concern
// must exist.
func listItems[T item](ctx context.Context, v View, q ItemQuery, p Paging, rows func(*Snapshot) []T, keep func(T) bool) (Page[T], error) {
	page := Page[T]{Items: []T{}}
	limit, err := p.limit()
	if err != nil {
		return page, err
	}
	if err := checkID("after", ID(p.After), false); err != nil {
		return page, err
	}
	in := Intent{Verb: VerbView}
	if q.Subject != (Ref{}) {
		in.Subjects = append(in.Subjects, q.Subject)
	}
	if q.Cycle != "" && q.Subject.ID != q.Cycle {
		in.Subjects = append(in.Subjects, Ref{KindCycle, q.Cycle})
	}
	for _, r := range in.Subjects {
		if err := checkID(string(r.Kind), r.ID, true); err != nil {
			return page, err
		}
	}
	q.After, q.Limit = ID(p.After), limit
	err = v.transact(ctx, func(u Unit, _ time.Time) error {
		if err := v.t.allow(ctx, in); err != nil {
			return err
		}
		for {
			found, err := u.Items(ctx, v.t.id, q)
			if err != nil {
				return err
			}
			var s Snapshot
			for _, i := range found {
				if err := s.AddItem(i); err != nil {
					return err
				}
			}
			all := rows(&s)
			for i, x := range all {
				if keep != nil && !keep(x) {
					continue
				}
				page.Items = append(page.Items, x)
				if len(page.Items) == limit && (i+1 < len(all) || len(found) == q.Limit) {
					page.Next = string(x.ref().ID)
					return nil
				}
			}
			if len(found) < q.Limit {
				break
			}
			q.After = found[len(found)-1].ID
		}
		if len(page.Items) == 0 && p.After == "" && len(in.Subjects) > 0 {
			_, err := u.Load(ctx, v.t.id, Need{Refs: in.Subjects})
			return err
		}
		return nil
	})
	return page, err
}
