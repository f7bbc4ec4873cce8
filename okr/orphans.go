package okr

import (
	"context"
	"slices"
	"time"
)

// Orphan is something that hangs in the air.
type Orphan struct {
	Subject   Ref    `json:"subject"`
	Title     string `json:"title"`
	Team      ID     `json:"team,omitempty"`
	TeamName  string `json:"team_name,omitempty"`
	Owner     ID     `json:"owner,omitempty"`
	OwnerName string `json:"owner_name,omitempty"`
	Objective ID     `json:"objective,omitempty"` // the one that it could contribute to, or that it contributes to in vain
}

// Orphans are what a cycle has lost hold of.
type Orphans struct {
	Cycle     Cycle     `json:"cycle"`
	At        time.Time `json:"at"`                  // UTC instant
	Unaligned []Orphan  `json:"unaligned,omitempty"` // objectives that contribute to none, though a team above theirs has one
	Closed    []Orphan  `json:"closed,omitempty"`    // objectives that contribute to one whose cycle is closed
	Empty     []Orphan  `json:"empty,omitempty"`     // objectives without key results, to which nothing contributes either
	Unowned   []Orphan  `json:"unowned,omitempty"`   // key results whose owner is nobody, has left or is no person
	Outside   []Orphan  `json:"outside,omitempty"`   // key results that somebody owns who is not of the objective's team, nor of one below or above it
}

// Orphans lists the objectives and key results of a cycle that nobody holds: what
// is postponed or abandoned does not count. It costs one load of the cycle, of all
// people and teams, and of the objectives of other cycles that it contributes to.
func (v View) Orphans(ctx context.Context, cycle ID) (Orphans, error) {
	out := Orphans{}
	err := v.within(ctx, []Ref{{KindCycle, cycle}}, func(u Unit, _ *Snapshot, now time.Time) error {
		s, err := u.Load(ctx, v.t.id, Need{Cycle: cycle, Everyone: true})
		if err != nil {
			return err
		}
		out.Cycle, out.At = *s.Cycle(cycle), now
		closed, err := v.closedParents(ctx, u, s, now)
		if err != nil {
			return err
		}
		contributed, filled := map[ID]bool{}, map[ID]bool{}
		for _, o := range s.Objectives {
			for _, p := range o.Parents {
				contributed[p.Objective] = contributed[p.Objective] || lives(o.State)
			}
		}
		for _, c := range s.concealed {
			contributed[c.objective] = true
		}
		for _, k := range s.KeyResults {
			filled[k.Objective] = filled[k.Objective] || lives(k.State)
		}
		for _, o := range s.Objectives {
			if o.Cycle == cycle && lives(o.State) {
				out.objective(s, o, closed, !filled[o.ID] && !contributed[o.ID])
			}
		}
		for _, k := range s.KeyResults {
			if k.Cycle == cycle && lives(k.State) {
				out.keyResult(s, k)
			}
		}
		return nil
	})
	return out, err
}

// lives says whether something is promised or about to be.
func lives(s State) bool { return s == Draft || s == Active }

// closedParents are the objectives of closed cycles that those of the snapshot
// contribute to.
func (v View) closedParents(ctx context.Context, u Unit, s *Snapshot, now time.Time) (map[ID]bool, error) {
	var refs []Ref
	for _, o := range s.Objectives {
		for _, p := range o.Parents {
			if r := (Ref{KindObjective, p.Objective}); s.Objective(p.Objective) == nil && !slices.Contains(refs, r) {
				refs = append(refs, r)
			}
		}
	}
	out := map[ID]bool{}
	for page := range slices.Chunk(refs, maxPage) {
		more, err := u.Load(ctx, v.t.id, Need{Refs: page})
		if err != nil {
			return nil, err
		}
		for _, r := range page {
			if c := more.Cycle(more.Objective(r.ID).Cycle); c != nil && c.closed(now) {
				out[r.ID] = true
			}
		}
	}
	return out, nil
}

func (x *Orphans) objective(s *Snapshot, o Objective, closed map[ID]bool, empty bool) {
	orphan := Orphan{
		Subject: Ref{KindObjective, o.ID}, Title: o.Title, Team: o.Team, TeamName: teamName(s, o.Team),
		Owner: o.Owner, OwnerName: personName(s, o.Owner, o.OwnerText),
	}
	if len(o.Parents) == 0 && !s.parented[o.ID] {
		if above := s.above(o); above != "" {
			orphan.Objective = above
			x.Unaligned = append(x.Unaligned, orphan)
		}
	}
	for _, p := range o.Parents {
		if closed[p.Objective] {
			orphan.Objective = p.Objective
			x.Closed = append(x.Closed, orphan)
		}
	}
	if orphan.Objective = ""; empty {
		x.Empty = append(x.Empty, orphan)
	}
}

// above is an objective of the nearest team above the objective's that has one: the
// first by rank.
func (s *Snapshot) above(o Objective) ID {
	for _, team := range s.teamsAbove(o.Team)[min(1, len(s.teamsAbove(o.Team))):] {
		best := -1
		for i, x := range s.Objectives {
			if x.Cycle == o.Cycle && x.Team == team && lives(x.State) && (best < 0 || compareRanks(x.Rank, s.Objectives[best].Rank) < 0) {
				best = i
			}
		}
		if best >= 0 {
			return s.Objectives[best].ID
		}
	}
	return ""
}

// teamsAbove are a team and those above it, from the bottom up.
func (s *Snapshot) teamsAbove(team ID) []ID {
	var out []ID
	for t := s.Team(team); t != nil && !slices.Contains(out, t.ID); t = s.Team(t.Parent) {
		out = append(out, t.ID)
	}
	return out
}

func (x *Orphans) keyResult(s *Snapshot, k KeyResult) {
	o := s.Objective(k.Objective)
	if o == nil {
		return
	}
	orphan := Orphan{
		Subject: Ref{KindKeyResult, k.ID}, Title: k.Title, Team: o.Team, TeamName: teamName(s, o.Team),
		Owner: k.Owner, OwnerName: personName(s, k.Owner, k.OwnerText), Objective: o.ID,
	}
	p := s.Person(k.Owner)
	switch {
	case p == nil || p.Left || p.Kind != Human:
		x.Unowned = append(x.Unowned, orphan)
	case o.Team != "" && p.Team != "" && !slices.Contains(s.teamsAbove(p.Team), o.Team) && !slices.Contains(s.teamsAbove(o.Team), p.Team):
		x.Outside = append(x.Outside, orphan)
	}
}
