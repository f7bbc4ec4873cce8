package okr

// CadenceOf is the schedule that the key result follows: its own, under those of its
// objective's team and the teams above that, under the cycle's, under the policy's; see
// [Schedule.Under]. It is nil where no level says how often. Of what has ended it is
// the one that it followed at the close. It is not to be changed.
//
// A schedule in the zone of the owner comes in the zone of the key result's owner; where
// they live in none of their own, in the cycle's.
func (s *Snapshot) CadenceOf(k KeyResult) *Schedule {
	if k.Ending != nil {
		return k.Ending.Cadence
	}
	var team ID
	if o := s.Objective(k.Objective); o != nil {
		team = o.Team
	}
	of := k.Cadence.Under(s.CadenceIn(k.Cycle, team))
	if of == nil || of.Frequency == "" {
		return nil
	}
	if of.Zone == ZoneOwner {
		own := *of
		own.Zone = ""
		if p := s.Person(k.Owner); p != nil {
			own.Zone = p.Zone
		}
		return &own
	}
	return of
}

// CadenceIn is the schedule of a team in a cycle, which its key results follow but for
// what they say themselves: the team's under those of the teams above it, under the
// cycle's, under the policy's. Without a team it is that of the cycle. It may leave open
// how often; nil says nothing at all. It is not to be changed.
func (s *Snapshot) CadenceIn(cycle, team ID) *Schedule {
	var above *Schedule
	if s.Policy != nil {
		above = s.Policy.Cadence
	}
	if c := s.Cycle(cycle); c != nil {
		above = c.Cadence.Under(above)
	}
	if team == "" {
		return above
	}
	return s.ofTeam(team, above)
}

// ofTeam is the schedule of a team under those of the teams above it, under one that
// stands above them all.
func (s *Snapshot) ofTeam(team ID, above *Schedule) *Schedule {
	var chain [maxTeams]*Schedule
	n := 0
	for t := range s.upward(team) {
		if t.Cadence != nil {
			chain[n] = t.Cadence
			n++
		}
	}
	for n--; n >= 0; n-- {
		above = chain[n].Under(above)
	}
	return above
}

// maxTeams is how many teams are seen one above another; a directory in which more
// stand so has a ring in it.
const maxTeams = 32

// upward goes from a team to those above it, each once.
func (s *Snapshot) upward(team ID) func(yield func(*Team) bool) {
	return func(yield func(*Team) bool) {
		var seen [maxTeams]ID
		for n := range maxTeams {
			for _, id := range seen[:n] {
				if id == team {
					return
				}
			}
			t := s.Team(team)
			if team == "" || t == nil || !yield(t) {
				return
			}
			seen[n], team = team, t.Parent
		}
	}
}

// within are the teams and all that stand below them.
func (s *Snapshot) within(teams []ID) []ID {
	if len(teams) == 0 {
		return nil
	}
	wanted := map[ID]bool{}
	for _, id := range teams {
		wanted[id] = true
	}
	var out []ID
	for _, t := range s.Teams {
		for up := range s.upward(t.ID) {
			if wanted[up.ID] {
				out = append(out, t.ID)
				break
			}
		}
	}
	return out
}
