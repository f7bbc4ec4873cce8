package okr

import (
	"context"
	"slices"

	"github.com/okrkit/okrkit/okr/measure"
)

// Viewer is an [Authorizer] that also says who may see what is private. It is asked
// about no other objectives. It does no I/O that could block.
//
// Where [Config.Authorize] is no Viewer, those may see a private objective who own
// it or one of its key results, or who belong to its team or lead it; and programs,
// which the host starts itself. An actor whom nobody named sees nothing private.
type Viewer interface {
	Authorizer
	// Sees picks, of private objectives, those that the actor may see. Their key
	// results go with them.
	Sees(ctx context.Context, tenant TenantID, who Actor, private []Objective) (map[ID]bool, error)
}

// sight is what an actor may not see.
type sight struct {
	asked      map[ID]bool // private objectives of which it is known
	objectives map[ID]bool // of these, those that are hidden
	keyResults map[ID]bool // theirs
	decisions  map[ID]bool // people's, about these
}

func newSight() *sight {
	return &sight{map[ID]bool{}, map[ID]bool{}, map[ID]bool{}, map[ID]bool{}}
}

// hides says whether the actor may not see an objective or a key result, or what
// concerns it.
func (s *sight) hides(r Ref) bool {
	switch r.Kind {
	case KindObjective:
		return s.objectives[r.ID]
	case KindKeyResult:
		return s.keyResults[r.ID]
	case KindDecision:
		return s.decisions[r.ID]
	}
	return false
}

func (s *sight) clear() bool { return s == nil || len(s.objectives) == 0 }

// privates are the tenant's private objectives.
func (t Tenant) privates(ctx context.Context, u Unit) ([]ID, error) {
	var out []ID
	for q := (Query{Private: true, Limit: maxPage}); ; q.After = string(out[len(out)-1]) {
		ids, err := u.Objectives(ctx, t.id, q)
		if err != nil {
			return nil, err
		}
		out = append(out, ids...)
		if len(ids) < q.Limit {
			return out, nil
		}
	}
}

// ask finds what of the private objectives the actor may not see.
func (t Tenant) ask(ctx context.Context, u Unit, by *sight, private []ID) error {
	for page := range slices.Chunk(private, maxPage) {
		var need Need
		for _, id := range page {
			need.Refs = append(need.Refs, Ref{KindObjective, id})
		}
		s, err := u.Load(ctx, t.id, need)
		if err != nil {
			return err
		}
		rows := make([]Objective, 0, len(page))
		for _, id := range page {
			if o := s.Objective(id); o != nil {
				rows = append(rows, *o)
			}
		}
		var sees map[ID]bool
		if v, ok := t.desk.authorize.(Viewer); ok {
			sees, err = v.Sees(ctx, t.id, t.actor, rows)
		} else {
			sees, err = t.near(ctx, u, s, rows)
		}
		if err != nil {
			return err
		}
		for _, o := range rows {
			by.asked[o.ID] = true
			if !sees[o.ID] {
				by.objectives[o.ID] = true
			}
		}
		for _, k := range s.KeyResults {
			if by.objectives[k.Objective] {
				by.keyResults[k.ID] = true
			}
		}
	}
	return nil
}

// near are the objectives that the actor has to do with.
func (t Tenant) near(ctx context.Context, u Unit, s *Snapshot, rows []Objective) (map[ID]bool, error) {
	out := map[ID]bool{}
	if t.actor.program() {
		for _, o := range rows {
			out[o.ID] = true
		}
		return out, nil
	}
	who := t.actor.ID
	if who == "" || badID(string(who)) != "" {
		return out, nil
	}
	var team ID
	found, err := u.Load(ctx, t.id, Need{Refs: []Ref{{KindPerson, who}}})
	switch {
	case asNotFound(err, new(*NotFoundError)):
	case err != nil:
		return nil, err
	default:
		if p := found.Person(who); p.Left {
			return out, nil
		} else if p.Team != "" {
			team = p.Team
		}
	}
	for _, k := range s.KeyResults {
		if k.Owner == who {
			out[k.Objective] = true
		}
	}
	for _, o := range rows {
		x := s.Team(o.Team)
		if o.Owner == who || o.Team != "" && o.Team == team || x != nil && x.Lead == who {
			out[o.ID] = true
		}
	}
	return out, nil
}

// concealed is a part of an objective that its reader may not see: it counts, and
// its figures are given to nobody.
type concealed struct {
	objective ID // that it is a part of
	weight    measure.Number
	result    measure.Result
	shared    bool // several objectives count it, so that they give it away together
}

// part is how it counts.
func (c concealed) part() measure.Part {
	p := measure.Contribution("", c.weight.Or(1), c.result)
	p.Hidden = true
	return p
}

// seen is the snapshot as the actor may see it: what is hidden is not there, and
// counts in what it contributes to. now is the instant at which it is measured.
func (s *Snapshot) seen(by *sight, need Need, measured map[ID]measure.Result) *Snapshot {
	if by.clear() {
		return s
	}
	c := *s
	c.concealed = slices.Clone(s.concealed)
	for _, o := range s.Objectives {
		if !by.objectives[o.ID] {
			continue
		}
		if need.Cycle != "" && o.Cycle == need.Cycle {
			c.Hidden++
		}
		for _, p := range o.Parents {
			if s.Objective(p.Objective) != nil && !by.objectives[p.Objective] && promised(o.State, s.Objective(p.Objective).State) {
				c.concealed = append(c.concealed, concealed{p.Objective, p.Weight, measured[o.ID], contributes(o) > 1})
			}
		}
	}
	aware := map[ID]bool{}
	for _, x := range c.concealed {
		aware[x.objective] = true
	}
	c.Objectives = without(s.Objectives, func(o Objective) bool { return by.objectives[o.ID] })
	for i, o := range c.Objectives {
		if slices.ContainsFunc(o.Parents, func(p Share) bool { return by.objectives[p.Objective] }) {
			if c.parented == nil {
				c.parented = map[ID]bool{}
			}
			c.parented[o.ID] = true
			c.Objectives[i].Parents = without(o.Parents, func(p Share) bool { return by.objectives[p.Objective] })
		}
	}
	c.KeyResults = without(s.KeyResults, func(k KeyResult) bool { return by.objectives[k.Objective] || by.keyResults[k.ID] })
	gone := func(keyResult ID) bool { return by.keyResults[keyResult] }
	c.Readings = without(s.Readings, func(r Reading) bool { return gone(r.KeyResult) })
	c.CheckIns = without(s.CheckIns, func(r CheckInRecord) bool { return gone(r.KeyResult) })
	c.Blockers = without(s.Blockers, func(b Blocker) bool { return gone(b.KeyResult) })
	c.Standings = without(s.Standings, func(st Standing) bool {
		// What was announced of a private objective counted all its parts.
		o := s.Objective(st.Subject.ID)
		return by.hides(st.Subject) || st.Subject.Kind == KindObjective && o != nil && o.Private && aware[o.ID]
	})
	c.hideItems(by)
	c.forget(s, need)
	return &c
}

// contributes is to how many others an objective contributes.
func contributes(o Objective) int {
	n := 0
	for _, p := range o.Parents {
		if w, known := p.Weight.Value(); !known || w > 0 {
			n++
		}
	}
	return n
}

// without is a copy of the rows that lacks some; none left is like none at all.
func without[T any](rows []T, gone func(T) bool) []T {
	var out []T
	for _, x := range rows {
		if !gone(x) {
			out = append(out, x)
		}
	}
	return out
}

// hideItems takes out what concerns hidden rows.
func (s *Snapshot) hideItems(by *sight) {
	s.Waivers = without(s.Waivers, func(x Waiver) bool { return by.hides(x.Subject) })
	s.Comments = without(s.Comments, func(x Comment) bool { return by.hides(x.Subject) })
	s.Decisions = without(s.Decisions, func(x DecisionRecord) bool { return by.hides(x.Subject) })
	s.Reviews = without(s.Reviews, func(x ReviewRecord) bool { return by.hides(x.Subject) })
	s.Dependencies = without(s.Dependencies, func(x Dependency) bool { return by.hides(x.From) || by.hides(x.To) })
	s.Resets = slices.Clone(s.Resets)
	for i := range s.Resets {
		s.Resets[i] = s.Resets[i].without(by)
	}
	s.Deferrals = without(s.Deferrals, func(x Deferral) bool { return by.objectives[x.Objective] })
	for i, x := range s.Deferrals {
		if by.objectives[x.InFavour] {
			s.Deferrals[i].InFavour = ""
		}
	}
}

// resolve finds which of the decisions that the snapshot's comments are about
// concern what is hidden.
func (s *sight) resolve(ctx context.Context, u Unit, t TenantID, in *Snapshot) error {
	var need Need
	for _, x := range in.Comments {
		if r := x.Subject; r.Kind == KindDecision && !slices.Contains(need.Refs, r) {
			need.Refs = append(need.Refs, r)
		}
	}
	if len(need.Refs) == 0 {
		return nil
	}
	found, err := u.Load(ctx, t, need)
	if err != nil {
		return err
	}
	for _, d := range found.Decisions {
		if s.hides(d.Subject) {
			s.decisions[d.ID] = true
		}
	}
	return nil
}

// subjects are what the snapshot's items concern.
func (s *Snapshot) subjects() []Ref {
	var out []Ref
	for _, x := range s.Waivers {
		out = append(out, x.Subject)
	}
	for _, x := range s.Comments {
		out = append(out, x.Subject)
	}
	for _, x := range s.Decisions {
		out = append(out, x.Subject)
	}
	for _, x := range s.Reviews {
		out = append(out, x.Subject)
	}
	for _, x := range s.Dependencies {
		out = append(out, x.From, x.To)
	}
	for _, x := range s.Resets {
		for _, row := range x.Worksheet {
			out = append(out, Ref{KindKeyResult, row.KeyResult})
		}
	}
	for _, x := range s.Deferrals {
		out = append(out, Ref{KindObjective, x.Objective}, Ref{KindObjective, x.InFavour})
	}
	return out
}

// forget takes out the people, teams and cycles that came along only because
// hidden rows name them.
func (s *Snapshot) forget(all *Snapshot, need Need) {
	was, is := all.names(), s.names()
	for _, r := range need.Refs {
		is[r] = true
	}
	if need.Cycle != "" {
		is[Ref{KindCycle, need.Cycle}] = true
	}
	gone := func(r Ref) bool { return was[r] && !is[r] }
	inTeam := func(p Person) bool {
		return is[Ref{KindTeam, p.Team}] && (need.TeamPeople || slices.Contains(need.Refs, Ref{KindTeam, p.Team}))
	}
	if !need.Everyone {
		s.Teams = without(s.Teams, func(t Team) bool { return gone(Ref{KindTeam, t.ID}) })
		for _, t := range s.Teams {
			is[Ref{KindPerson, t.Lead}] = true
		}
		s.People = without(s.People, func(p Person) bool { return !is[Ref{KindPerson, p.ID}] && !inTeam(p) })
	}
	if !need.Cycles && !need.EveryCycle {
		s.Cycles = without(s.Cycles, func(c Cycle) bool { return gone(Ref{KindCycle, c.ID}) })
	}
}

// names are the people, teams and cycles that the snapshot's rows name.
func (s *Snapshot) names() map[Ref]bool {
	out := map[Ref]bool{}
	for _, o := range s.Objectives {
		out[Ref{KindPerson, o.Owner}], out[Ref{KindTeam, o.Team}], out[Ref{KindCycle, o.Cycle}] = true, true, true
	}
	for _, k := range s.KeyResults {
		out[Ref{KindPerson, k.Owner}], out[Ref{KindCycle, k.Cycle}] = true, true
		if k.Source != nil {
			for _, who := range k.Source.Access {
				out[Ref{KindPerson, ID(who)}] = true
			}
		}
		for _, i := range k.Initiatives {
			out[Ref{KindPerson, i.Owner}] = true
		}
	}
	for _, b := range s.Blockers {
		out[Ref{KindPerson, b.Owner}] = true
	}
	return out
}
