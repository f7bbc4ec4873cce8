package papers

import (
	"context"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// PlanningOf fills the planning session of a team, or of everybody for a team "".
// The calendar, which may be nil, says when the sessions are that the cycle names.
// Errors are those of the view and the calendar.
func PlanningOf(ctx context.Context, from Plans, calendar okr.Calendar, cycle, team okr.ID) (Planning, error) {
	s, err := from.Snapshot(ctx, cycle)
	if err != nil {
		return Planning{}, err
	}
	c := *s.Cycle(cycle)
	out := Planning{Cycle: cycleOf(c)}
	if out.Dates, err = datesOf(s, c, calendar, team); err != nil {
		return Planning{}, err
	}
	if out.On, out.Minutes, err = sessionOf(c, calendar, okr.PlanningSession, team); err != nil {
		return Planning{}, err
	}
	if t := s.Team(team); t != nil {
		out.Team, out.Most = t.Name, t.Limit
	}
	for _, o := range ranked(s, cycle, team) {
		d := Draft{Title: o.Title, Owner: personName(s, o.Owner, o.OwnerText), Team: teamName(s, o), Committed: o.Committed}
		for _, k := range s.KeyResultsOf(o.ID) {
			d.KeyResults = append(d.KeyResults, LineOf(s, k))
		}
		out.Objectives = append(out.Objectives, d)
	}
	for _, x := range s.Deferrals {
		if x.Cycle == cycle && x.TakenUp == nil && (team == "" || x.Team == "" || x.Team == team) {
			n := NotDoing{Title: x.Title, Reason: x.Reason, Revisit: x.Revisit}
			if o := s.Objective(x.InFavour); o != nil {
				n.InFavour = o.Title
			}
			out.NotDoing = append(out.NotDoing, n)
		}
	}
	for _, x := range s.Dependencies {
		if x.Cycle == cycle && (team == "" || teamOf(s, x.From) == team || teamOf(s, x.To) == team) {
			out.Needs = append(out.Needs, Need{x.Text, titleOf(s, x.From), titleOf(s, x.To), personName(s, x.Owner, ""), x.Due, x.State})
		}
	}
	return out, nil
}

// titleOf is what people call something.
func titleOf(s *okr.Snapshot, r okr.Ref) string {
	switch r.Kind {
	case okr.KindTeam:
		if t := s.Team(r.ID); t != nil {
			return t.Name
		}
	case okr.KindObjective:
		if o := s.Objective(r.ID); o != nil {
			return o.Title
		}
	case okr.KindKeyResult:
		if k := s.KeyResult(r.ID); k != nil {
			return k.Title
		}
	}
	return ""
}

func teamOf(s *okr.Snapshot, r okr.Ref) okr.ID {
	switch r.Kind {
	case okr.KindTeam:
		return r.ID
	case okr.KindKeyResult:
		if k := s.KeyResult(r.ID); k != nil {
			return teamOf(s, okr.Ref{Kind: okr.KindObjective, ID: k.Objective})
		}
	case okr.KindObjective:
		if o := s.Objective(r.ID); o != nil {
			return o.Team
		}
	}
	return ""
}

// Reviews is where the review at the end of a cycle reads from; [okr.View] is one.
type Reviews interface {
	Plans
	Review(ctx context.Context, cycle okr.ID) (okr.CycleReview, error)
}

// ReviewOf fills the review of a cycle: of a team, or of everybody for a team "".
// The calendar, which may be nil, says when the sessions are that the cycle names.
// Errors are those of the view and the calendar.
func ReviewOf(ctx context.Context, from Reviews, calendar okr.Calendar, cycle, team okr.ID) (Review, error) {
	r, err := from.Review(ctx, cycle)
	if err != nil {
		return Review{}, err
	}
	s, err := from.Snapshot(ctx, cycle)
	if err != nil {
		return Review{}, err
	}
	f := reviewing{snapshot: s, team: team, zone: zoneOf(r.Cycle)}
	out := Review{
		Cycle: cycleOf(r.Cycle), Closed: r.Cycle.ClosedAt != nil,
		Hit: f.results(r.Hit), Missed: f.results(r.Missed), Unknown: f.results(r.Unknown), CarriedOver: f.results(r.CarriedOver),
		Postponed: f.results(r.Postponed), Abandoned: f.results(r.Abandoned),
	}
	today := dayOf(&r.At, f.zone)
	running := map[okr.ID]bool{}
	if out.Underway = !out.Closed && !r.Cycle.End.IsZero() && !r.Cycle.End.Before(today); out.Underway {
		var on, missed, unknown []okr.ReviewedKeyResult
		missed, on = f.running(r.Missed, today, on)
		unknown, on = f.running(r.Unknown, today, on)
		out.Running, out.Missed, out.Unknown = f.results(on), f.results(missed), f.results(unknown)
		for _, k := range on {
			running[k.KeyResult] = true
		}
	}
	for _, x := range r.Missing {
		if x.Rule == okr.RuleMissExplained && running[x.Subject.ID] {
			continue
		}
		title := x.Title
		if title == "" {
			title = r.Cycle.Key
		}
		out.Missing = append(out.Missing, Gap{title, x.Rule})
	}
	if out.On, out.Minutes, err = sessionOf(r.Cycle, calendar, okr.ReviewSession, team); err != nil {
		return Review{}, err
	}
	if t := s.Team(team); t != nil {
		out.Team = t.Name
	}
	if r.Learned != nil {
		out.Learned = r.Learned.Learned
	}
	for _, o := range r.Objectives {
		if o.State == okr.Draft || !f.concerns(okr.Ref{Kind: okr.KindObjective, ID: o.Objective}) {
			continue
		}
		x := Result{Line: Line{Title: o.Title, Team: o.TeamName, Progress: o.Ending.Measured.Progress}}
		out.Objectives = append(out.Objectives, x.ended(o.Ending, o.Review))
	}
	for _, l := range r.Teams {
		if team == "" || l.Subject.ID == team {
			out.Teams = append(out.Teams, Lesson{titleOf(s, l.Subject), l.Learned})
		}
	}
	for _, d := range r.Decisions {
		if d.Subject.Kind == okr.KindCycle || f.concerns(d.Subject) {
			out.Decisions = append(out.Decisions, Decision{d.Text, d.Reason, personName(s, d.Owner, ""), dayOf(&d.At, f.zone)})
		}
	}
	return out, nil
}

// reviewing reads what concerns a team.
type reviewing struct {
	snapshot *okr.Snapshot
	team     okr.ID
	zone     *time.Location
}

func (f reviewing) concerns(r okr.Ref) bool { return f.team == "" || teamOf(f.snapshot, r) == f.team }

// running parts those whose last day has come and gone from those that still run,
// which it adds to others.
func (f reviewing) running(all []okr.ReviewedKeyResult, today okr.Date, others []okr.ReviewedKeyResult) (over, on []okr.ReviewedKeyResult) {
	on = others
	for _, k := range all {
		row := f.snapshot.KeyResult(k.KeyResult)
		if row == nil || row.State != okr.Active || f.snapshot.DueDate(*row).Before(today) {
			over = append(over, k)
		} else {
			on = append(on, k)
		}
	}
	return over, on
}

func (f reviewing) results(all []okr.ReviewedKeyResult) []Result {
	var out []Result
	for _, k := range all {
		if !f.concerns(okr.Ref{Kind: okr.KindObjective, ID: k.Objective}) {
			continue
		}
		x := Result{Line: Line{Title: k.Title}}
		if row := f.snapshot.KeyResult(k.KeyResult); row != nil {
			x.Line = LineOf(f.snapshot, *row)
			if k.Ending.Measured.Current.Known() {
				x.Current.Value = k.Ending.Measured.Current
			}
		}
		x.Progress = k.Ending.Measured.Progress
		out = append(out, x.ended(k.Ending, k.Review))
	}
	return out
}

// ended adds what became of it, and what people say of it.
func (r Result) ended(e okr.Ending, said *okr.ReviewRecord) Result {
	r.Committed, r.Score, r.Grade = e.Committed, e.Score, e.Grade
	if !r.Score.Known() {
		r.Score = e.Suggested
	}
	if said != nil {
		r.Why, r.Learned, r.Next = said.Why, said.Learned, said.Next
	}
	return r
}
