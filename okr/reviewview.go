package okr

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// CycleReview is what came of a cycle: before it is closed as far as it is known,
// and after as it was closed. What was put off, given up or taken along is no miss.
type CycleReview struct {
	Cycle   Cycle         `json:"cycle"`
	At      time.Time     `json:"at"`                // UTC instant that the figures are for: the close, or now
	Learned *ReviewRecord `json:"learned,omitempty"` // of the cycle as a whole; nil: nobody has said

	Hit         []ReviewedKeyResult `json:"hit"`
	Missed      []ReviewedKeyResult `json:"missed"`
	Unknown     []ReviewedKeyResult `json:"unknown"` // each with its reason
	CarriedOver []ReviewedKeyResult `json:"carried_over"`
	Postponed   []ReviewedKeyResult `json:"postponed"`
	Abandoned   []ReviewedKeyResult `json:"abandoned"`
	Drafts      []ReviewedKeyResult `json:"drafts,omitempty"` // planned, and never promised

	Objectives []ReviewedObjective `json:"objectives"` // by rank
	Teams      []ReviewRecord      `json:"teams,omitempty"`
	Decisions  []DecisionRecord    `json:"decisions,omitempty"` // that people took in the cycle, in their order
	Waivers    []Waiver            `json:"waivers,omitempty"`   // given in the cycle, in their order
	Missing    []Finding           `json:"missing,omitempty"`   // what still keeps the cycle from being closed
}

// ReviewedKeyResult is a key result with what it came to.
type ReviewedKeyResult struct {
	KeyResult   ID            `json:"key_result"`
	Title       string        `json:"title"`
	Objective   ID            `json:"objective"`
	Owner       ID            `json:"owner,omitempty"`
	OwnerName   string        `json:"owner_name,omitempty"`
	TeamName    string        `json:"team_name,omitempty"`
	Ending      Ending        `json:"ending"`           // as it is now, until the cycle is closed
	Review      *ReviewRecord `json:"review,omitempty"` // what people said of it; nil: nothing
	CarriedFrom ID            `json:"carried_from,omitempty"`
	CarriedTo   ID            `json:"carried_to,omitempty"`
}

// ReviewedObjective is an objective with what its key results came to together.
type ReviewedObjective struct {
	Objective   ID            `json:"objective"`
	Title       string        `json:"title"`
	State       State         `json:"state"`
	TeamName    string        `json:"team_name,omitempty"`
	Ending      Ending        `json:"ending"`
	Review      *ReviewRecord `json:"review,omitempty"`
	CarriedFrom ID            `json:"carried_from,omitempty"`
	CarriedTo   ID            `json:"carried_to,omitempty"`
}

// Review reads what came of a cycle: what was hit, missed and unknown, what was
// learned, and what was decided in it. Once the cycle is closed, only what people
// add to it later can change the answer.
func (v View) Review(ctx context.Context, cycle ID) (CycleReview, error) {
	s, now, err := v.read(ctx, Need{
		Refs: []Ref{{KindCycle, cycle}}, Cycle: cycle,
		Collections: Collections{Items: []Kind{KindReview, KindDecision, KindWaiver}},
	})
	if err != nil {
		return CycleReview{}, err
	}
	in := Intent{Verb: VerbView}
	for _, o := range s.Objectives {
		in.Subjects = append(in.Subjects, Ref{KindObjective, o.ID})
	}
	for _, k := range s.KeyResults {
		in.Subjects = append(in.Subjects, Ref{KindKeyResult, k.ID})
	}
	measured, verdict, err := v.judge(ctx, s, in, now)
	if err != nil {
		return CycleReview{}, err
	}
	return reviewOf(s, cycle, measured, verdict, now), nil
}

func reviewOf(s *Snapshot, cycle ID, measured map[ID]measure.Result, verdict Verdict, now time.Time) CycleReview {
	c := *s.Cycle(cycle)
	out := CycleReview{Cycle: c, At: now, Learned: s.reviewOf(Ref{KindCycle, cycle}, cycle), Decisions: s.Decisions, Waivers: s.Waivers}
	if c.ClosedAt != nil {
		out.At = *c.ClosedAt
		out.Waivers = waiversAt(s.Waivers, out.At)
	}
	ends := endings{s, measured, verdict.Scores, out.At}
	all := map[Ref]Ending{}
	for _, k := range s.KeyResults {
		if k.Cycle != cycle {
			continue
		}
		r := Ref{KindKeyResult, k.ID}
		row := ReviewedKeyResult{
			KeyResult: k.ID, Title: k.Title, Objective: k.Objective, Owner: k.Owner, OwnerName: personName(s, k.Owner, k.OwnerText),
			Review: s.reviewOf(r, cycle), CarriedFrom: k.CarriedFrom, CarriedTo: k.CarriedTo,
		}
		if o := s.Objective(k.Objective); o != nil {
			row.TeamName = teamName(s, o.Team)
		}
		row.Ending = ends.of(r)
		if k.ActivatedAt == nil {
			row.Ending = Ending{Measured: row.Ending.Measured, At: row.Ending.At}
			out.Drafts = append(out.Drafts, row)
			continue
		}
		all[r] = row.Ending
		switch row.Ending.Outcome {
		case measure.Hit:
			out.Hit = append(out.Hit, row)
		case measure.Missed:
			out.Missed = append(out.Missed, row)
		case CarriedOver:
			out.CarriedOver = append(out.CarriedOver, row)
		case PostponedOutcome:
			out.Postponed = append(out.Postponed, row)
		case AbandonedOutcome:
			out.Abandoned = append(out.Abandoned, row)
		default:
			out.Unknown = append(out.Unknown, row)
		}
	}
	ranks := map[ID]int{}
	for _, o := range s.Objectives {
		if o.Cycle != cycle {
			continue
		}
		r := Ref{KindObjective, o.ID}
		ranks[o.ID] = o.Rank
		out.Objectives = append(out.Objectives, ReviewedObjective{
			Objective: o.ID, Title: o.Title, State: o.State, TeamName: teamName(s, o.Team), Ending: ends.of(r),
			Review: s.reviewOf(r, cycle), CarriedFrom: o.CarriedFrom, CarriedTo: o.CarriedTo,
		})
	}
	slices.SortStableFunc(out.Objectives, func(a, b ReviewedObjective) int { return compareRanks(ranks[a.Objective], ranks[b.Objective]) })
	for _, r := range s.Reviews {
		if r.Subject.Kind == KindTeam && r.Cycle == cycle {
			out.Teams = append(out.Teams, r)
		}
	}
	slices.SortStableFunc(out.Decisions, func(a, b DecisionRecord) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	slices.SortStableFunc(out.Waivers, func(a, b Waiver) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	if c.ClosedAt == nil {
		out.Missing = s.unreviewed(c, all, now)
	}
	return out
}

// waiversAt are the waivers as they stood at the instant: that one ended since, or
// that somebody has told of its end since, is no part of what came of the cycle.
func waiversAt(all []Waiver, at time.Time) []Waiver {
	var out []Waiver
	for _, x := range all {
		if x.At.After(at) {
			continue
		}
		if x.Ended != nil && x.Ended.After(at) {
			x.Ended = nil
			x.Version--
		}
		over := x.Until != nil && !x.Until.After(at) && x.Ended == nil
		switch {
		case x.Expired && !over:
			x.Version--
		case over && !x.Expired:
			x.Version++
		}
		x.Expired = over
		out = append(out, x)
	}
	return out
}
