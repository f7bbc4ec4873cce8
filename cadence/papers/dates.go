package papers

import (
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// mostEvents bounds a list of dates that people shall read.
const mostEvents = 24

// datesOf are the days of a cycle that everybody should know: its own, its phases,
// and the sessions that it names; of a team, or of everybody for a team "".
func datesOf(s *okr.Snapshot, c okr.Cycle, calendar okr.Calendar, team okr.ID) ([]Event, error) {
	if c.Start.IsZero() || c.End.IsZero() {
		return nil, nil
	}
	out := []Event{{What: "start", On: c.Start}, {What: "middle", On: c.Start.AddDays(c.Start.DaysUntil(c.End) / 2)}, {What: "end", On: c.End}}
	for _, p := range c.Phases {
		e := Event{What: p.Name, On: p.From}
		if p.To != p.From {
			e.Until = p.To
		}
		out = append(out, e)
	}
	sessions, err := named(c, calendar)
	if err != nil {
		return nil, err
	}
	reviewed := false
	for _, x := range sessions {
		if team != "" && x.Team != "" && x.Team != team {
			continue
		}
		reviewed = reviewed || x.Kind == okr.ReviewSession
		e := Event{What: x.Session, At: local(x)}
		if x.Session == string(x.Kind) {
			e.What = "session_" + string(x.Kind)
		}
		e.On = measure.DateOf(e.At)
		if t := s.Team(x.Team); t != nil {
			e.Team = t.Name
		}
		out = append(out, e)
	}
	if !reviewed {
		out = append(out, Event{What: "review", On: c.End.AddDays(1)})
	}
	slices.SortStableFunc(out, func(a, b Event) int { return b.On.DaysUntil(a.On) })
	return out[:min(len(out), mostEvents)], nil
}

// named are the sessions that a cycle names; what is merely usual is nobody's word.
func named(c okr.Cycle, calendar okr.Calendar) ([]okr.SessionDate, error) {
	if calendar == nil || c.Start.IsZero() || c.End.IsZero() {
		return nil, nil
	}
	all, err := c.SessionDates(calendar)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(x okr.SessionDate) bool { return x.Usual }), nil
}

// sessionOf is the first session of a kind that concerns the team: its day, and how
// long it is meant to take. Where the cycle names none, both are zero.
func sessionOf(c okr.Cycle, calendar okr.Calendar, kind okr.SessionKind, team okr.ID) (on okr.Date, minutes int, err error) {
	all, err := named(c, calendar)
	if err != nil {
		return on, 0, err
	}
	for _, x := range all {
		if x.Kind == kind && (x.Team == "" || x.Team == team) {
			return measure.DateOf(local(x)), x.Minutes, nil
		}
	}
	return on, 0, nil
}

// local is when a session begins, in the zone in which it was named.
func local(x okr.SessionDate) time.Time {
	loc, err := time.LoadLocation(x.Zone)
	if err != nil {
		return x.Starts
	}
	return x.Starts.In(loc)
}
