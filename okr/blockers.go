package okr

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// BlockerQuery selects the blockers of a cycle. Empty fields do not restrict.
type BlockerQuery struct {
	Cycle ID
	Team  ID   // of the objective
	Owner ID   // who shall remove it
	Open  bool // only those that are open
}

// BlockerView is a blocker with what it stands in the way of, and for how long.
type BlockerView struct {
	Blocker
	KeyResultTitle string        `json:"key_result_title"`
	Team           ID            `json:"team,omitempty"` // of the objective
	OwnerName      string        `json:"owner_name,omitempty"`
	Took           time.Duration `json:"took"` // from opened to closed, or until now where it is open
}

// Blockers reads the blockers of a cycle: the open ones first, the longest first
// among each.
func (v View) Blockers(ctx context.Context, q BlockerQuery) ([]BlockerView, error) {
	s, now, err := v.blocked(ctx, q.Cycle)
	if err != nil {
		return nil, err
	}
	out := []BlockerView{}
	for _, b := range s.blockerViews(now) {
		if (q.Team == "" || b.Team == q.Team) && (q.Owner == "" || b.Owner == q.Owner) && (!q.Open || b.ClosedAt == nil) {
			out = append(out, b)
		}
	}
	return out, nil
}

// BlockerTime is how long a team's blockers stand in the way.
type BlockerTime struct {
	Team     ID            `json:"team,omitempty"` // "" is nobody's objectives
	TeamName string        `json:"team_name,omitempty"`
	Open     int           `json:"open"`
	Closed   int           `json:"closed"`
	Median   time.Duration `json:"median,omitempty"` // from opened to closed, of those that are closed: the lower one of two in the middle
	Longest  time.Duration `json:"longest,omitempty"`
	Oldest   time.Duration `json:"oldest,omitempty"` // age of the one that is open longest
}

// BlockerTimes says of each team with blockers in a cycle how long they take to be
// removed, by team. A median of nothing is 0, with Closed 0 beside it.
func (v View) BlockerTimes(ctx context.Context, cycle ID) ([]BlockerTime, error) {
	s, now, err := v.blocked(ctx, cycle)
	if err != nil {
		return nil, err
	}
	took := map[ID][]time.Duration{}
	at := map[ID]*BlockerTime{}
	for _, b := range s.blockerViews(now) {
		x := at[b.Team]
		if x == nil {
			x = &BlockerTime{Team: b.Team, TeamName: teamName(s, b.Team)}
			at[b.Team] = x
		}
		if b.ClosedAt == nil {
			x.Open++
			x.Oldest = max(x.Oldest, b.Took)
			continue
		}
		x.Closed++
		x.Longest = max(x.Longest, b.Took)
		took[b.Team] = append(took[b.Team], b.Took)
	}
	out := []BlockerTime{}
	for team, x := range at {
		if all := took[team]; len(all) > 0 {
			slices.Sort(all)
			x.Median = all[(len(all)-1)/2]
		}
		out = append(out, *x)
	}
	slices.SortFunc(out, func(a, b BlockerTime) int { return cmp.Compare(a.Team, b.Team) })
	return out, nil
}

// blocked loads a cycle with all its blockers: those that were closed come with the
// check-ins, and no key result has more of these in a cycle than a page holds.
func (v View) blocked(ctx context.Context, cycle ID) (*Snapshot, time.Time, error) {
	if err := checkID("cycle", cycle, true); err != nil {
		return nil, time.Time{}, err
	}
	return v.read(ctx, Need{
		Refs: []Ref{{KindCycle, cycle}}, Cycle: cycle, Collections: Collections{CheckIns: maxPage, Blockers: true},
	})
}

func (s *Snapshot) blockerViews(now time.Time) []BlockerView {
	var out []BlockerView
	for _, b := range s.Blockers {
		x := BlockerView{Blocker: b, OwnerName: personName(s, b.Owner, ""), Took: now.Sub(b.OpenedAt)}
		if b.ClosedAt != nil {
			x.Took = b.ClosedAt.Sub(b.OpenedAt)
		}
		if k := s.KeyResult(b.KeyResult); k != nil {
			x.KeyResultTitle = k.Title
			if o := s.Objective(k.Objective); o != nil {
				x.Team = o.Team
			}
		}
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b BlockerView) int {
		closed := func(x BlockerView) int {
			if x.ClosedAt != nil {
				return 1
			}
			return 0
		}
		return cmp.Or(closed(a)-closed(b), cmp.Compare(b.Took, a.Took), cmp.Compare(a.ID, b.ID))
	})
	return out
}
