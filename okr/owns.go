package okr

import (
	"context"
	"time"
)

// Owned is a key result as its owner must know it.
type Owned struct {
	Concern
	Known bool `json:"known"` // it has a value
	Fresh bool `json:"fresh"` // which still speaks
}

// Owns reads one page of the key results that a person owns, drafts and active
// ones, across teams and all cycles that are not closed: whether each has a value
// that is known and fresh now, and when its next check-in is due. A person "" is
// everybody: who owns what, in one list. It costs one list by index and one load
// of the page.
func (v View) Owns(ctx context.Context, person ID, p Paging) (Page[Owned], error) {
	page := Page[Owned]{Items: []Owned{}}
	limit, err := p.limit()
	if err != nil {
		return page, err
	}
	var refs []Ref
	if person != "" {
		refs = append(refs, Ref{KindPerson, person})
	}
	err = v.within(ctx, refs, func(u Unit, _ *Snapshot, now time.Time) error {
		q := Query{Owner: person, Limit: limit, After: p.After}
		for {
			ids, err := u.List(ctx, v.t.id, q)
			if err != nil {
				return err
			}
			concerns, s, err := v.concerns(ctx, u, now, ids)
			if err != nil {
				return err
			}
			for i, c := range concerns {
				cycle := s.Cycle(c.Cycle)
				if c.State != Draft && c.State != Active || cycle == nil || cycle.closed(now) {
					continue
				}
				page.Items = append(page.Items, Owned{Concern: c, Known: c.Current.Known(), Fresh: c.Measured.Fresh})
				if len(page.Items) == limit && (i+1 < len(concerns) || len(ids) == limit) {
					page.Next = string(c.ID)
					return nil
				}
			}
			if len(ids) < limit {
				return nil
			}
			q.After = string(ids[len(ids)-1])
		}
	})
	return page, err
}
