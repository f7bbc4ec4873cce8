package okr

import (
	"context"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// Portfolio selects the objectives of a portfolio. Empty fields do not restrict.
type Portfolio struct {
	Cycle ID
	Team  ID
	Owner ID // of the objective
	State State
	Limit int    // at most this many; 0 is 100, the most is 1,000
	After string // cursor of the page before; "" is the beginning
}

// PortfolioRow is one objective as a leader sees it: whose it is, how far it has
// come, how it stands, and how far the figures can be trusted.
type PortfolioRow struct {
	Objective ID                     `json:"objective"`
	Title     string                 `json:"title"`
	Rank      int                    `json:"rank,omitempty"`
	Committed bool                   `json:"committed,omitempty"`
	State     State                  `json:"state"`
	Owner     ID                     `json:"owner,omitempty"`
	OwnerName string                 `json:"owner_name,omitempty"`
	Team      ID                     `json:"team,omitempty"`
	TeamName  string                 `json:"team_name,omitempty"`
	Progress  measure.Number         `json:"progress"`         // [0,1], of the key results that are known
	Expected  measure.Number         `json:"expected"`         // [0,1]
	Status    measure.Status         `json:"status"`           //
	Coverage  float64                `json:"coverage"`         // share of weight with known progress, [0,1]
	Vouched   float64                `json:"vouched"`          // share of weight with known progress that is not stale, [0,1]
	Score     *Judged                `json:"score,omitzero"`   // where a pack scores it
	Counts    map[measure.Status]int `json:"counts"`           // its key results by status
	Newest    *time.Time             `json:"newest,omitempty"` // when the newest value was true
	Oldest    *time.Time             `json:"oldest,omitempty"` // when the value was true that is the oldest of those that count
	Blockers  int                    `json:"blockers,omitempty"`
}

// Portfolio reads a page of the company's objectives, ranked ones first, with
// owner, progress, status and freshness. It costs one list by index and one load
// of the page, whatever the size of the company.
func (v View) Portfolio(ctx context.Context, q Portfolio) (Page[PortfolioRow], error) {
	switch {
	case q.Limit < 0:
		return Page[PortfolioRow]{}, invalid("limit", "", "it cannot be negative")
	case q.Limit == 0:
		q.Limit = defaultPage
	}
	q.Limit = min(q.Limit, maxPage)
	page := Page[PortfolioRow]{Items: []PortfolioRow{}}
	err := v.transact(ctx, func(u Unit, now time.Time) error {
		if err := v.t.allow(ctx, Intent{VerbView, Query{Cycle: q.Cycle, Team: q.Team, Owner: q.Owner}.about()}); err != nil {
			return err
		}
		in := Intent{Verb: VerbAppraise}
		ids, err := u.Objectives(ctx, v.t.id, Query{Cycle: q.Cycle, Team: q.Team, Owner: q.Owner, State: q.State, Limit: q.Limit, After: q.After})
		if err != nil || len(ids) == 0 {
			return err
		}
		need := Need{Collections: Collections{Blockers: true}}
		wanted := make(map[ID]bool, len(ids))
		for _, id := range ids {
			need.Refs = append(need.Refs, Ref{KindObjective, id})
			wanted[id] = true
		}
		in.Subjects = need.Refs
		s, err := v.t.desk.read(ctx, u, v.t.id, in, need)
		if err != nil {
			return err
		}
		for _, k := range s.KeyResults {
			if wanted[k.Objective] {
				in.Subjects = append(in.Subjects, Ref{KindKeyResult, k.ID})
			}
		}
		measured, verdict, err := v.judge(ctx, s, in, now)
		if err != nil {
			return err
		}
		within := map[ID][]KeyResult{}
		for _, k := range s.KeyResults {
			within[k.Objective] = append(within[k.Objective], k)
		}
		for _, id := range ids {
			if o := s.Objective(id); o != nil {
				page.Items = append(page.Items, s.portfolioRow(*o, within[id], measured, verdict))
			}
		}
		if len(ids) == q.Limit {
			page.Next = string(ids[len(ids)-1])
		}
		return nil
	})
	return page, err
}

func (s *Snapshot) portfolioRow(o Objective, keyResults []KeyResult, measured map[ID]measure.Result, verdict Verdict) PortfolioRow {
	m := measured[o.ID]
	row := PortfolioRow{
		Objective: o.ID, Title: o.Title, Rank: o.Rank, Committed: o.Committed, State: o.State,
		Owner: o.Owner, OwnerName: personName(s, o.Owner, o.OwnerText), Team: o.Team, TeamName: teamName(s, o.Team),
		Progress: m.Progress, Expected: m.Expected, Status: m.Status, Coverage: m.Coverage, Vouched: m.Vouched,
		Counts: map[measure.Status]int{},
	}
	if j, ok := verdict.Scores[o.ID]; ok {
		row.Score = &j
	}
	for _, k := range keyResults {
		if k.State != Active && k.State != Done && o.State == Active {
			continue
		}
		row.Counts[measured[k.ID].Status]++
		if k.CurrentAt != nil {
			if row.Newest == nil || k.CurrentAt.After(*row.Newest) {
				row.Newest = k.CurrentAt
			}
			if row.Oldest == nil || k.CurrentAt.Before(*row.Oldest) {
				row.Oldest = k.CurrentAt
			}
		}
		for _, b := range s.BlockersOf(k.ID) {
			if b.ClosedAt == nil {
				row.Blockers++
			}
		}
	}
	return row
}
