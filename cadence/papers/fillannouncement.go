package papers

import (
	"context"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// Plans is where the papers of a whole cycle read from; [okr.View] is one.
type Plans interface {
	Snapshot(ctx context.Context, cycle okr.ID) (*okr.Snapshot, error)
}

// nextDates is how many due dates of a rhythm are named.
const nextDates = 4

// AnnouncementOf fills the announcement of a cycle. The calendar, which may be nil,
// says when check-ins fall due after the instant; package cadence has one. Who
// announces it, and the links where to look, are the caller's to add. Errors are
// those of the view and the calendar.
func AnnouncementOf(ctx context.Context, from Plans, calendar okr.Calendar, cycle okr.ID, now time.Time) (Announcement, error) {
	s, err := from.Snapshot(ctx, cycle)
	if err != nil {
		return Announcement{}, err
	}
	c := *s.Cycle(cycle)
	out := Announcement{Cycle: cycleOf(c)}
	if out.Dates, err = datesOf(s, c, calendar, ""); err != nil {
		return Announcement{}, err
	}
	found := rhythms{calendar: calendar, cycle: c, now: now}
	for _, o := range ranked(s, cycle, "") {
		team := teamName(s, o)
		i := slices.IndexFunc(out.Teams, func(x TeamGoals) bool { return x.Name == team })
		if i < 0 {
			i = len(out.Teams)
			out.Teams = append(out.Teams, TeamGoals{Name: team, Lead: leadOf(s, o.Team)})
		}
		krs := s.KeyResultsOf(o.ID)
		goal := Goal{Title: o.Title, Owner: personName(s, o.Owner, o.OwnerText), Committed: o.Committed, KeyResults: len(krs)}
		for _, k := range krs {
			if who := personName(s, k.Owner, k.OwnerText); goal.Owner == "" && who != "" && !slices.Contains(goal.Owners, who) {
				goal.Owners = append(goal.Owners, who)
			}
			if err := found.add(s.CadenceOf(k), team, k.Title); err != nil {
				return Announcement{}, err
			}
		}
		out.Teams[i].Objectives = append(out.Teams[i].Objectives, goal)
	}
	slices.SortStableFunc(out.Teams, func(a, b TeamGoals) int { return lastIfEmpty(a.Name, b.Name) })
	if len(found.all) == 0 {
		if err := found.add(s.CadenceOf(okr.KeyResult{Cycle: cycle}), "", ""); err != nil {
			return Announcement{}, err
		}
	}
	out.Rhythms = found.all
	if len(out.Rhythms) == 1 {
		out.Rhythms[0].KeyResults = nil // all of them
	}
	return out, nil
}

// lastIfEmpty puts what has no name behind what has one.
func lastIfEmpty(a, b string) int {
	switch {
	case (a == "") == (b == ""):
		return 0
	case a == "":
		return 1
	}
	return -1
}

// ranked are the objectives of a cycle that are to be worked on, by rank within
// their team; of one team, or of all for "".
func ranked(s *okr.Snapshot, cycle, team okr.ID) []okr.Objective {
	var out []okr.Objective
	for _, o := range s.Objectives {
		if o.Cycle == cycle && (team == "" || o.Team == team) && o.State != okr.Abandoned && o.State != okr.Postponed {
			out = append(out, o)
		}
	}
	slices.SortStableFunc(out, func(a, b okr.Objective) int {
		switch {
		case a.Rank == b.Rank:
			return 0
		case a.Rank == 0:
			return 1
		case b.Rank == 0:
			return -1
		}
		return a.Rank - b.Rank
	})
	return out
}

func teamName(s *okr.Snapshot, o okr.Objective) string {
	if t := s.Team(o.Team); t != nil {
		return t.Name
	}
	return o.TeamText
}

func leadOf(s *okr.Snapshot, team okr.ID) string {
	if t := s.Team(team); t != nil {
		return personName(s, t.Lead, "")
	}
	return ""
}

func personName(s *okr.Snapshot, id okr.ID, text string) string {
	if p := s.Person(id); p != nil {
		return p.Name
	}
	return text
}

// rhythms gathers the schedules of a cycle's key results: what several follow
// stands once.
type rhythms struct {
	calendar okr.Calendar
	cycle    okr.Cycle
	now      time.Time
	all      []Rhythm
}

func (r *rhythms) add(s *okr.Schedule, team, keyResult string) error {
	if s == nil || s.Frequency == "" {
		return nil
	}
	i := slices.IndexFunc(r.all, func(x Rhythm) bool { return x.Schedule.Equal(*s) })
	if i < 0 {
		i = len(r.all)
		x, err := r.of(*s)
		if err != nil {
			return err
		}
		r.all = append(r.all, x)
	}
	if team != "" && !slices.Contains(r.all[i].Teams, team) {
		r.all[i].Teams = append(r.all[i].Teams, team)
	}
	if keyResult != "" {
		r.all[i].KeyResults = append(r.all[i].KeyResults, keyResult)
	}
	return nil
}

func (r *rhythms) of(s okr.Schedule) (Rhythm, error) {
	loc := zoneOf(r.cycle)
	out := Rhythm{Schedule: *s.Clone(), Zone: loc.String()}
	if s.Zone == okr.ZoneOwner {
		out.Zone = ""
	} else if own, err := time.LoadLocation(s.Zone); err == nil && s.Zone != "" {
		loc, out.Zone = own, s.Zone
	}
	if r.calendar == nil || r.cycle.Start.IsZero() || r.cycle.End.IsZero() {
		return out, nil
	}
	from, end := r.cycle.Start.In(loc), r.cycle.End.AddDays(1).In(loc)
	all, err := r.calendar.Occurrences(s, r.cycle, from, end)
	if err != nil {
		return Rhythm{}, err
	}
	out.All = len(all)
	left := slices.DeleteFunc(all, func(x okr.Occurrence) bool { return x.Due.Before(r.now) })
	out.Left = len(left)
	for _, x := range left[:min(len(left), nextDates)] {
		out.Next = append(out.Next, x.Due.In(loc))
	}
	return out, nil
}
