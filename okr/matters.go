package okr

import (
	"context"
	"slices"
	"time"
)

// Matter says for whom, or for what, one asks what matters: a person, or the link
// of a work item such as a ticket or a repository.
type Matter struct {
	Person ID     // "" is nobody in particular
	Link   string // as it stands in initiatives; "" is none
	Cycle  ID     // "" is every cycle that runs
}

// Matters is what matters now to a person or to a work item.
type Matters struct {
	At       time.Time `json:"at"`                 // UTC instant
	Own      []Concern `json:"own,omitempty"`      // key results that the person owns
	Helping  []Concern `json:"helping,omitempty"`  // key results of others of which the person has an initiative, or that the link serves
	Team     []Concern `json:"team,omitempty"`     // the other key results of the person's team
	Blockers []Blocker `json:"blockers,omitempty"` // open ones that the person shall remove, within these key results
}

// Matters says what matters this week: to a person, what they own, help with and
// what their team is about; to a work item, the key results that it serves, each
// with its objective, gap, owner and next check-in. The most urgent stand first.
// It costs a list per part and one load of what they name, at most 1,000 each.
func (v View) Matters(ctx context.Context, m Matter) (Matters, error) {
	if (m.Person == "") == (m.Link == "") {
		return Matters{}, invalid("person", string(m.Person), "say whose matters they are, or give the link of a work item, and not both")
	}
	if err := checkID("cycle", m.Cycle, false); err != nil {
		return Matters{}, err
	}
	var refs []Ref
	if m.Person != "" {
		refs = append(refs, Ref{KindPerson, m.Person})
	}
	if m.Cycle != "" {
		refs = append(refs, Ref{KindCycle, m.Cycle})
	}
	var out Matters
	err := v.within(ctx, refs, func(u Unit, s *Snapshot, now time.Time) error {
		out.At = now
		part := map[ID]*[]Concern{}
		var ids []ID
		gather := func(q Query, into *[]Concern) error {
			q.Cycle, q.State = m.Cycle, Active
			found, err := v.list(ctx, u, q)
			for _, id := range found {
				if part[id] == nil {
					part[id] = into
					ids = append(ids, id)
				}
			}
			return err
		}
		if m.Link != "" {
			if err := gather(Query{Link: m.Link}, &out.Helping); err != nil {
				return err
			}
		} else {
			if err := gather(Query{Owner: m.Person}, &out.Own); err != nil {
				return err
			}
			if err := gather(Query{Helper: m.Person}, &out.Helping); err != nil {
				return err
			}
			if team := s.Person(m.Person).Team; team != "" {
				if err := gather(Query{Team: team}, &out.Team); err != nil {
					return err
				}
			}
		}
		for page := range slices.Chunk(ids, maxPage) {
			concerns, loaded, err := v.concerns(ctx, u, now, page)
			if err != nil {
				return err
			}
			for _, c := range concerns {
				if cycle := loaded.Cycle(c.Cycle); m.Cycle == "" && (cycle == nil || cycle.Phase(now) != Running) {
					continue
				}
				into := part[c.ID]
				*into = append(*into, c)
				for _, b := range c.Blocked {
					if m.Person != "" && b.Owner == m.Person {
						out.Blockers = append(out.Blockers, b)
					}
				}
			}
		}
		for _, list := range []*[]Concern{&out.Own, &out.Helping, &out.Team} {
			slices.SortFunc(*list, moreUrgent)
		}
		return nil
	})
	return out, err
}
