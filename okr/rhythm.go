package okr

import (
	"context"
	"math"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// Rhythm is how a team keeps the rhythm of its check-ins in a cycle, apart from
// what it achieved, and which of the two needs attention.
type Rhythm struct {
	Team       ID             `json:"team"`
	Cycle      ID             `json:"cycle"`
	At         time.Time      `json:"at"`          // UTC instant
	KeyResults int            `json:"key_results"` // active ones that have a schedule behind them
	OnTime     int            `json:"on_time"`     // occurrences answered in time
	Late       int            `json:"late"`        // answered after they were due
	Missed     int            `json:"missed"`      // never answered
	Excused    int            `json:"excused"`     // their owner was away: they count for nothing else here
	Share      measure.Number `json:"share"`       // on time of all that are decided, [0,1]
	Debt       measure.Number `json:"debt"`        // see View.Rhythm; 0 is none
	Progress   measure.Number `json:"progress"`    // [0,1], rolled up by weight
	Gap        measure.Number `json:"gap"`         // expected minus progress
	Coverage   float64        `json:"coverage"`    // share of weight with known progress, [0,1]
	Problem    Problem        `json:"problem"`
	Withheld   bool           `json:"withheld,omitempty"` // fewer owners than the smallest group: a team's rhythm would be a person's
}

// Problem answers "strategy problem or rhythm problem?".
type Problem string

// The problems.
const (
	NoProblem       Problem = "none"
	RhythmProblem   Problem = "rhythm"   // check-ins are late or missed: nobody can tell yet whether the strategy works
	StrategyProblem Problem = "strategy" // the rhythm is kept, and the numbers do not move
	BothProblems    Problem = "both"
	UnknownProblem  Problem = "unknown" // too little was due, or is known
)

const (
	// rhythmHalfLife is the age at which a late or missed check-in weighs half: four
	// weeks, so that a team that mends its rhythm is out of debt within a quarter.
	rhythmHalfLife = 28 * 24 * time.Hour
	// lateWeight is what a late check-in weighs, of a missed one.
	lateWeight = 0.5
	// keptShare is the share on time from which a rhythm is kept.
	keptShare = 0.8
	// decidedEnough is how many occurrences must be decided before a share of them
	// means anything.
	decidedEnough = 3
)

// Rhythm says how a team keeps its rhythm in a cycle. Debt is the sum, over late
// and missed check-ins, of weight * 2^(-age/28 days), by key result, where a missed
// one weighs 1 and a late one 1/2: it grows with neglect and fades when the rhythm
// is taken up again. What was excused is no debt. It never enters a score. Where fewer people than Config.MinGroup
// own the team's key results, counts, share and debt are withheld. It costs
// one list and one load of the team's active key results, at most 1,000.
func (v View) Rhythm(ctx context.Context, cycle, team ID) (Rhythm, error) {
	out := Rhythm{Team: team, Cycle: cycle, Problem: UnknownProblem}
	err := v.within(ctx, []Ref{{KindCycle, cycle}, {KindTeam, team}}, func(u Unit, _ *Snapshot, now time.Time) error {
		out.At = now
		ids, err := v.list(ctx, u, Query{Cycle: cycle, Team: team, State: Active})
		if err != nil {
			return err
		}
		concerns, s, err := v.concerns(ctx, u, now, ids)
		if err != nil {
			return err
		}
		out.measure(concerns, s, v.t.desk.smallestGroup(), now)
		return nil
	})
	return out, err
}

func (r *Rhythm) measure(concerns []Concern, s *Snapshot, smallest int, now time.Time) {
	owners := map[ID]bool{}
	var parts []measure.Part
	debt := 0.0
	for _, c := range concerns {
		owners[c.Owner] = true
		parts = append(parts, measure.Contribution(string(c.ID), c.Weight.Or(1), c.Measured.Result))
		scheduled := false
		for _, st := range s.StandingsOf(Ref{KindKeyResult, c.ID}) {
			if st.Kind != standingOccurrence {
				continue
			}
			weight := 0.0
			switch st.Value {
			case occurrenceAnswered:
				r.OnTime++
			case occurrenceLate:
				r.Late++
				weight = lateWeight
			case occurrenceMissed:
				r.Missed++
				weight = 1
			case occurrenceExcused:
				r.Excused++
			case skippedLive, skippedRecent:
				continue
			}
			scheduled = true
			debt += weight * math.Exp2(-float64(now.Sub(st.Since))/float64(rhythmHalfLife))
		}
		if scheduled {
			r.KeyResults++
		}
	}
	whole := measure.Rollup(parts, measure.RollupOptions{})
	r.Progress, r.Gap, r.Coverage = whole.Progress, whole.Gap, whole.Coverage
	decided := r.OnTime + r.Late + r.Missed
	if decided > 0 {
		r.Share = measure.N(float64(r.OnTime) / float64(decided))
		r.Debt = measure.N(debt / float64(r.KeyResults))
	}
	r.Problem = r.problem(decided, whole.Status)
	delete(owners, "")
	if len(owners) > 0 && len(owners) < smallest {
		r.Withheld = true
		r.OnTime, r.Late, r.Missed, r.Excused, r.Share, r.Debt = 0, 0, 0, 0, measure.Number{}, measure.Number{}
		r.Problem = UnknownProblem
	}
}

func (r *Rhythm) problem(decided int, outcome measure.Status) Problem {
	share, known := r.Share.Value()
	if !known || decided < decidedEnough {
		return UnknownProblem
	}
	kept := share >= keptShare
	switch outcome {
	case measure.OnTrack, measure.Pending, measure.Hit:
		if kept {
			return NoProblem
		}
		return RhythmProblem
	case measure.AtRisk, measure.OffTrack, measure.Missed:
		if kept {
			return StrategyProblem
		}
		return BothProblems
	}
	// Nobody knows how the team is doing: while its rhythm is not kept, that is why.
	if kept {
		return UnknownProblem
	}
	return RhythmProblem
}
