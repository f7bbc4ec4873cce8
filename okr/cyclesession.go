package okr

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// CustomSession is a meeting of the host's own kind.
const CustomSession SessionKind = "custom"

// CyclePhase is a part of a cycle that has a name of the host's, such as a mid-quarter
// check or a freeze. It changes nothing by itself.
type CyclePhase struct {
	Name string `json:"name"` // unique within the cycle
	From Date   `json:"from"`
	To   Date   `json:"to"` // included
}

// SessionAudience says whom a session of a cycle is for.
type SessionAudience string

// The audiences.
const (
	ForLeads  SessionAudience = "leads"  // who leads a team that has an objective in the cycle; every team while none has
	ForOwners SessionAudience = "owners" // who owns a key result of the cycle
)

// CycleSession is a meeting that a cycle provides for, once or again and again. See
// [Cycle.SessionDates] for when it is. [Tenant.Hold] records that it was held.
type CycleSession struct {
	Name     string          `json:"name,omitempty"`     // unique within the cycle; "" is its kind
	Kind     SessionKind     `json:"kind"`               // planning, checkin, review or custom
	On       Date            `json:"on,omitzero"`        // the day of one that is held once
	Schedule *Schedule       `json:"schedule,omitempty"` // the rhythm of one that is held again and again; zone, working days, holidays and pauses are the cycle's where it names none
	At       string          `json:"at,omitempty"`       // of one without a schedule: local time of day, "15:04"; "" is 10:00
	Zone     string          `json:"zone,omitempty"`     // IANA name; "" is the cycle's
	Lead     Interval        `json:"lead,omitempty"`     // how long before it is announced; 0 is a week, or the schedule's
	Minutes  int             `json:"minutes,omitempty"`  // how long it is meant to take
	Team     ID              `json:"team,omitempty"`     // of one team only
	For      SessionAudience `json:"for,omitempty"`      // "" is the leads of planning and review, and the owners of others
}

func (s CycleSession) name() string { return cmp.Or(s.Name, string(s.Kind)) }

func (s CycleSession) audience() SessionAudience {
	if s.For != "" {
		return s.For
	}
	if s.Kind == PlanningSession || s.Kind == ReviewSession {
		return ForLeads
	}
	return ForOwners
}

// SessionDate is one time at which a session of a cycle is due.
type SessionDate struct {
	Session string      `json:"session"` // its name
	Kind    SessionKind `json:"kind"`
	Key     string      `json:"key"` // stable: the civil date that was named for it, wherever it moved to
	Team    ID          `json:"team,omitempty"`
	Opens   time.Time   `json:"opens"`  // UTC instant from which it is announced
	Starts  time.Time   `json:"starts"` // UTC instant
	Zone    string      `json:"zone"`   // in which it was named
	Minutes int         `json:"minutes,omitempty"`
	Usual   bool        `json:"usual,omitempty"` // the cycle names no session: this one is usual, and not announced
}

const (
	sessionAt  = "10:00"
	planWithin = 7  // days of the cycle in which it is usually planned
	lookBack   = 14 // days after the cycle in which it is usually reviewed
	sessionFar = 92 // days before and after the cycle within which a session may be
)

// SessionDates lists when the sessions of the cycle are, ascending. A session with a
// day is on it. Planning and review without one are usual: planning on the first
// working day of the cycle, in its first week, and review on the first one after its
// end. A session with a schedule is whenever that says within the cycle.
//
// A cycle that names no session has a usual planning and a usual review.
func (c Cycle) SessionDates(of Calendar) ([]SessionDate, error) {
	sessions, usual := c.Sessions, len(c.Sessions) == 0
	if usual {
		sessions = []CycleSession{{Kind: PlanningSession}, {Kind: ReviewSession}}
	}
	var out []SessionDate
	for i, s := range sessions {
		schedule, within := c.timing(s)
		all, err := of.Occurrences(schedule, within, time.Time{}, within.End.AddDays(3).In(time.UTC))
		if err != nil {
			return nil, under(fmt.Sprintf("cycle.sessions[%d].", i), err)
		}
		for _, o := range all {
			out = append(out, SessionDate{
				Session: s.name(), Kind: s.Kind, Key: o.Key, Team: s.Team, Opens: o.Opens, Starts: o.Due, Zone: cmp.Or(schedule.Zone, within.Zone), Minutes: s.Minutes, Usual: usual,
			})
		}
	}
	slices.SortStableFunc(out, func(a, b SessionDate) int {
		return cmp.Or(a.Starts.Compare(b.Starts), cmp.Compare(a.Session, b.Session))
	})
	return out, nil
}

// timing is a session as a schedule, and the days in which it lies.
func (c Cycle) timing(s CycleSession) (Schedule, Cycle) {
	base := Schedule{Zone: s.Zone}
	if c.Cadence != nil {
		base = Schedule{Zone: cmp.Or(s.Zone, c.Cadence.Zone), OffDay: c.Cadence.OffDay, Holidays: c.Cadence.Holidays, WorkDays: c.Cadence.WorkDays, Pauses: c.Cadence.Pauses}
	}
	if base.Zone == ZoneOwner {
		base.Zone = c.Zone
	}
	if s.Schedule != nil {
		out := *s.Schedule.Under(&base)
		out.Lead = cmp.Or(s.Lead, out.Lead)
		if out.Zone == ZoneOwner {
			out.Zone = c.Zone
		}
		return out, c
	}
	// It is held once: a schedule that comes round only after these days.
	within := Cycle{Zone: cmp.Or(base.Zone, c.Zone), Start: s.On, End: s.On}
	base.Pauses, base.OffDay = nil, OffDayKeep // whoever names a day means it
	if s.On.IsZero() {
		base.OffDay = OffDayAfter
		if within.Start, within.End = c.Start, c.Start.AddDays(planWithin-1); s.Kind == ReviewSession {
			within.Start, within.End = c.End.AddDays(1), c.End.AddDays(lookBack)
		}
	}
	base.Frequency, base.Every, base.Weekday, base.At, base.Lead = Weekly, 52, within.Start.Weekday(), cmp.Or(s.At, sessionAt), cmp.Or(s.Lead, EveryWeek)
	return base, within
}

// PhasesOn lists the phases of the host's own that the day lies in.
func (c Cycle) PhasesOn(d Date) []CyclePhase {
	var out []CyclePhase
	for _, p := range c.Phases {
		if (Span{p.From, p.To}).Has(d) {
			out = append(out, p)
		}
	}
	return out
}

func checkPhases(field string, phases []CyclePhase) error {
	if len(phases) > maxList {
		return invalid(field, fmt.Sprint(len(phases)), "name at most %d", maxList)
	}
	for i, p := range phases {
		at := fmt.Sprintf("%s[%d]", field, i)
		if err := checkText(at+".name", p.Name, maxName, true); err != nil {
			return err
		}
		if slices.ContainsFunc(phases[:i], func(q CyclePhase) bool { return q.Name == p.Name }) {
			return invalid(at+".name", p.Name, "two phases have that name: give each its own")
		}
		if err := (Span{p.From, p.To}).Check(at); err != nil {
			return err
		}
	}
	return nil
}

func checkSessions(field string, sessions []CycleSession) error {
	if len(sessions) > maxList {
		return invalid(field, fmt.Sprint(len(sessions)), "name at most %d", maxList)
	}
	for i, s := range sessions {
		at := fmt.Sprintf("%s[%d]", field, i)
		if err := s.check(at); err != nil {
			return err
		}
		if slices.ContainsFunc(sessions[:i], func(q CycleSession) bool { return q.name() == s.name() }) {
			return invalid(at+".name", s.name(), "two sessions have that name: give each its own")
		}
	}
	return nil
}

func (s CycleSession) check(at string) error {
	once := s.Schedule == nil
	switch {
	case !slices.Contains([]SessionKind{PlanningSession, CheckInSession, ReviewSession, CustomSession}, s.Kind):
		return invalid(at+".kind", string(s.Kind), "use planning, checkin, review or custom")
	case !slices.Contains([]SessionAudience{"", ForLeads, ForOwners}, s.For):
		return invalid(at+".for", string(s.For), "use leads or owners")
	case !once && !s.On.IsZero():
		return invalid(at+".on", s.On.String(), "it is on one day or by a schedule: leave one of them out")
	case !once && s.At != "":
		return invalid(at+".at", s.At, "the schedule says at what time: leave it out")
	case once && s.On.IsZero() && s.Kind != PlanningSession && s.Kind != ReviewSession:
		return invalid(at+".on", "", "say on which day it is, or give it a schedule: only planning and review have a usual day")
	case s.Minutes < 0 || s.Minutes > mostMinutes:
		return invalid(at+".minutes", fmt.Sprint(s.Minutes), "a session takes at most a day, %d minutes", mostMinutes)
	case s.Lead < 0 || once && s.Lead > sessionFar*Daily:
		return invalid(at+".lead", s.Lead.String(), "announce it at most %d days before", sessionFar)
	}
	if s.At != "" {
		if _, err := time.Parse("15:04", s.At); err != nil {
			return invalid(at+".at", s.At, "use a time of day such as 10:00")
		}
	}
	if err := together(
		checkText(at+".name", s.Name, maxName, false), checkDate(at+".on", s.On), checkInterval(at+".lead", s.Lead), checkText(at+".team", string(s.Team), maxName, false),
		checkWholeSchedule(at+".schedule", s.Schedule), checkZone(at+".zone", s.Zone),
	); err != nil {
		return err
	}
	if !once && s.Lead > s.Schedule.Interval() {
		return invalid(at+".lead", s.Lead.String(), "use at most one interval, %s", s.Schedule.Interval())
	}
	return nil
}

// checkNear refuses sessions far from the cycle.
func (c Cycle) checkNear() error {
	for i, s := range c.Sessions {
		if !s.On.IsZero() && !c.Start.IsZero() && (s.On.Before(c.Start.AddDays(-sessionFar)) || s.On.After(c.End.AddDays(sessionFar))) {
			return invalid(fmt.Sprintf("cycle.sessions[%d].on", i), s.On.String(), "the cycle runs from %s to %s: a session of it is at most %d days before or after", c.Start, c.End, sessionFar)
		}
	}
	return nil
}

// sessions finds the teams whose sessions they are, where it knows them.
func (d *drafting) sessions(all []CycleSession) error {
	for i, s := range all {
		id, err := d.team(sessionTeam(i), string(s.Team))
		if err != nil {
			return err
		}
		all[i].Team = cmp.Or(id, s.Team)
	}
	return nil
}

func sessionTeam(i int) string { return fmt.Sprintf("cycle.sessions[%d].team", i) }

// meets has the sessions of a cycle that was planned looked at.
func (w *work) meets(r Ref) error {
	c := w.after.Cycle(r.ID)
	if r.Kind != KindCycle || c == nil || len(c.Sessions) == 0 {
		return nil
	}
	for i, s := range c.Sessions {
		if s.Team != "" && w.after.Team(s.Team) == nil {
			return invalid(sessionTeam(i), string(s.Team), "no team has that id or name: synchronise teams first, or leave it out for everybody")
		}
	}
	w.look(r)
	return nil
}

// SessionDates lists when the sessions of a cycle are, see [Cycle.SessionDates].
func (v View) SessionDates(ctx context.Context, cycle ID) ([]SessionDate, error) {
	s, _, err := v.read(ctx, Need{Refs: []Ref{{KindCycle, cycle}}})
	if err != nil || v.t.desk.calendar == nil {
		return nil, err
	}
	return s.Cycle(cycle).SessionDates(v.t.desk.calendar)
}
