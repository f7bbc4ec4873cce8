package okr

import (
	"context"
	"slices"
	"time"
)

// Past is what a team's closed cycles held, with the check-ins, so that people can
// learn from what they said and what came of it: audit.Calibrate reads it. A team
// "" is everybody. It is for learning alone: for any other purpose it is a
// *[PurposeError], whatever is granted. Where fewer people than Config.MinGroup
// checked in, no check-in comes along, since a figure about them would be one about
// somebody. It costs one list and one load for each closed cycle.
func (v View) Past(ctx context.Context, team ID) (*Snapshot, error) {
	var refs []Ref
	if team != "" {
		refs = append(refs, Ref{KindTeam, team})
	}
	out := &Snapshot{Tenant: v.t.id, MinGroup: v.t.desk.minGroup}
	var closed []ID
	err := v.within(ctx, refs, func(u Unit, _ *Snapshot, now time.Time) error {
		all, err := u.Load(ctx, v.t.id, Need{Cycles: true})
		if err != nil {
			return err
		}
		for _, c := range all.Cycles {
			if !c.closed(now) {
				continue
			}
			closed = append(closed, c.ID)
			if v.purpose == ForAlignment {
				if err := v.past(ctx, u, Query{Cycle: c.ID, Team: team, Limit: maxPage}, out); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if v.purpose != ForAlignment {
		refused := &PurposeError{Purpose: v.purpose}
		for _, refused.Cycle = range closed {
			if err := v.t.recordPurpose(ctx, refused.Cycle, v.purpose, false); err != nil {
				return nil, err
			}
		}
		return nil, refused
	}
	people := map[Actor]bool{}
	for _, c := range out.CheckIns {
		people[c.Author] = true
	}
	if len(people) < v.t.desk.smallestGroup() {
		out.CheckIns = nil
	}
	out.Sort()
	return out, nil
}

// past adds the key results that match to a snapshot.
func (v View) past(ctx context.Context, u Unit, q Query, to *Snapshot) error {
	for {
		ids, err := u.List(ctx, v.t.id, q)
		if err != nil || len(ids) == 0 {
			return err
		}
		need := Need{Collections: Collections{CheckIns: maxPage}}
		for _, id := range ids {
			need.Refs = append(need.Refs, Ref{KindKeyResult, id})
		}
		s, err := u.Load(ctx, v.t.id, need)
		if err != nil {
			return err
		}
		to.merge(s)
		if len(ids) < q.Limit {
			return nil
		}
		q.After = string(ids[len(ids)-1])
	}
}

// merge adds the rows of another snapshot that are not here yet.
func (s *Snapshot) merge(o *Snapshot) {
	s.Cycles = added(s.Cycles, o.Cycles, func(c Cycle) ID { return c.ID })
	s.Teams = added(s.Teams, o.Teams, func(t Team) ID { return t.ID })
	s.People = added(s.People, o.People, func(p Person) ID { return p.ID })
	s.Objectives = added(s.Objectives, o.Objectives, func(x Objective) ID { return x.ID })
	s.KeyResults = added(s.KeyResults, o.KeyResults, func(k KeyResult) ID { return k.ID })
	s.CheckIns = added(s.CheckIns, o.CheckIns, func(c CheckInRecord) ID { return c.ID })
	s.concealed = append(s.concealed, o.concealed...)
}

func added[T any](to, from []T, id func(T) ID) []T {
	have := make(map[ID]bool, len(to))
	for _, x := range to {
		have[id(x)] = true
	}
	to = slices.Clip(to)
	for _, x := range from {
		if !have[id(x)] {
			to = append(to, x)
		}
	}
	return to
}
