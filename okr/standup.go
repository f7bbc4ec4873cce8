package okr

import (
	"context"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// Standup is a team's key results as its standup needs them: what needs attention
// first.
type Standup struct {
	Team       Team                   `json:"team"`
	Cycle      Cycle                  `json:"cycle"`
	At         time.Time              `json:"at"` // UTC instant
	Counts     map[measure.Status]int `json:"counts"`
	KeyResults []Concern              `json:"key_results"`        // active ones, the most urgent first
	Blockers   []Blocker              `json:"blockers,omitempty"` // open, the oldest first
	Moved      []Moved                `json:"moved,omitempty"`    // values that changed in the last seven days
}

// Moved is a value that changed.
type Moved struct {
	KeyResult ID             `json:"key_result"`
	Title     string         `json:"title"`
	From      measure.Number `json:"from,omitzero"`
	To        measure.Number `json:"to"`
	At        time.Time      `json:"at"` // when the newest value was true
}

// Standup reads a team's part of a cycle. It costs one list and one load of the
// team's active key results, at most 1,000.
func (v View) Standup(ctx context.Context, cycle, team ID) (Standup, error) {
	out := Standup{Counts: map[measure.Status]int{}}
	err := v.within(ctx, []Ref{{KindCycle, cycle}, {KindTeam, team}}, func(u Unit, s *Snapshot, now time.Time) error {
		out.Cycle, out.Team, out.At = *s.Cycle(cycle), *s.Team(team), now
		ids, err := v.list(ctx, u, Query{Cycle: cycle, Team: team, State: Active})
		if err != nil {
			return err
		}
		concerns, loaded, err := v.concerns(ctx, u, now, ids)
		if err != nil {
			return err
		}
		for _, c := range concerns {
			out.Counts[c.Measured.Status]++
			out.Blockers = append(out.Blockers, c.Blocked...)
			if m, ok := moved(loaded, c, now.AddDate(0, 0, -7)); ok {
				out.Moved = append(out.Moved, m)
			}
		}
		slices.SortFunc(concerns, moreUrgent)
		slices.SortStableFunc(out.Blockers, func(a, b Blocker) int { return a.OpenedAt.Compare(b.OpenedAt) })
		out.KeyResults = concerns
		return nil
	})
	return out, err
}

// moved is the change of a key result's value since an instant, as its check-ins
// tell it.
func moved(s *Snapshot, c Concern, since time.Time) (Moved, bool) {
	if c.CurrentAt == nil || c.CurrentAt.Before(since) || !c.Current.Known() {
		return Moved{}, false
	}
	m := Moved{KeyResult: c.ID, Title: c.Title, To: c.Current, At: *c.CurrentAt}
	for _, r := range s.CheckInsOf(c.ID) {
		if r.Value.Known() && r.OccurredAt.Before(since) {
			m.From = r.Value
			break
		}
	}
	return m, !m.From.Equal(m.To)
}

// within reads the rows and lets f read more in the same transaction.
func (v View) within(ctx context.Context, refs []Ref, f func(Unit, *Snapshot, time.Time) error) error {
	for _, r := range refs {
		if err := checkID(string(r.Kind), r.ID, true); err != nil {
			return err
		}
	}
	return v.transact(ctx, func(u Unit, now time.Time) error {
		if err := v.t.allow(ctx, Intent{VerbView, refs}); err != nil {
			return err
		}
		in := Intent{VerbAppraise, refs}
		s, err := v.t.desk.read(ctx, u, v.t.id, in, Need{Refs: refs})
		if err != nil {
			return err
		}
		return f(u, s, now)
	})
}
