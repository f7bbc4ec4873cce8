package okr

import (
	"context"
	"time"
)

// Nothing lists who has no part in a cycle, and what nobody has.
type Nothing struct {
	Cycle  Cycle     `json:"cycle"`
	At     time.Time `json:"at"`               // UTC instant
	People []Person  `json:"people,omitempty"` // here, human, and with no objective, key result, initiative or blocker
	Teams  []Team    `json:"teams,omitempty"`  // with no objective, and no person who has one
}

// Nothing says who has nothing in a cycle: "what matters this quarter" has no
// answer for them. What is postponed or abandoned does not count. It costs one
// load of the cycle and of all people.
func (v View) Nothing(ctx context.Context, cycle ID) (Nothing, error) {
	if err := checkID("cycle", cycle, true); err != nil {
		return Nothing{}, err
	}
	s, now, err := v.read(ctx, Need{Refs: []Ref{{KindCycle, cycle}}, Cycle: cycle, Everyone: true, Collections: Collections{Blockers: true}})
	if err != nil {
		return Nothing{}, err
	}
	out := Nothing{Cycle: *s.Cycle(cycle), At: now}
	people, teams := map[ID]bool{}, map[ID]bool{}
	counts := func(st State) bool { return st == Draft || st == Active || st == Done }
	for _, o := range s.Objectives {
		if o.Cycle == cycle && counts(o.State) {
			people[o.Owner], teams[o.Team] = true, true
		}
	}
	for _, k := range s.KeyResults {
		if k.Cycle != cycle || !counts(k.State) {
			continue
		}
		people[k.Owner] = true
		for _, i := range k.Initiatives {
			people[i.Owner] = true
		}
		for _, b := range s.BlockersOf(k.ID) {
			if b.ClosedAt == nil {
				people[b.Owner] = true
			}
		}
	}
	for _, p := range s.People {
		switch {
		case people[p.ID]:
			teams[p.Team] = true
		case p.Kind == Human && !p.Left:
			out.People = append(out.People, p)
		}
	}
	for _, t := range s.Teams {
		if !teams[t.ID] {
			out.Teams = append(out.Teams, t)
		}
	}
	return out, nil
}
