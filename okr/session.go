package okr

import (
	"context"
	"fmt"
	"slices"
)

// EventSessionHeld tells that people met.
const EventSessionHeld = EventPrefix + "session.held"

// SessionFact is the payload of session.held.
type SessionFact struct {
	Session     ID          `json:"session"`
	SessionKind SessionKind `json:"session_kind"`
	Cycle       ID          `json:"cycle"`
	Team        ID          `json:"team,omitempty"`
	Held        Date        `json:"held"`
	People      int         `json:"people"` // how many were there
	Minutes     int         `json:"minutes,omitempty"`
	Decisions   int         `json:"decisions,omitempty"` // how many were taken
}

// NewSession is a meeting that was held: goal setting, check-in or review.
type NewSession struct {
	Kind      SessionKind   `json:"kind"`
	Cycle     ID            `json:"cycle"`
	Team      ID            `json:"team,omitempty"` // "" is everybody
	Held      Date          `json:"held"`           // civil date in the cycle's zone
	People    []ID          `json:"people"`         // who was there
	Minutes   int           `json:"minutes,omitempty"`
	Notes     string        `json:"notes,omitempty"`
	Decisions []NewDecision `json:"decisions,omitempty"` // taken in it; one without a subject concerns the team, or the cycle
	Key       string        `json:"-"`                   // idempotency key; "" is none
}

func (n NewSession) check() error {
	if !slices.Contains([]SessionKind{PlanningSession, CheckInSession, ReviewSession}, n.Kind) {
		return invalid("kind", string(n.Kind), "use planning, checkin or review")
	}
	for _, err := range []error{
		checkID("cycle", n.Cycle, true),
		checkID("team", n.Team, false),
		checkDate("held", n.Held),
		checkText("notes", n.Notes, maxNote, false),
	} {
		if err != nil {
			return err
		}
	}
	switch {
	case n.Held.IsZero():
		return invalid("held", "", "say on which day it was")
	case n.Minutes < 0 || n.Minutes > 24*60:
		return invalid("minutes", fmt.Sprint(n.Minutes), "a session takes at most a day, 1440 minutes; 0 is not known")
	case len(n.People) == 0:
		return invalid("people", "", "name who was there: a session is held by people")
	case len(n.People) > maxList:
		return invalid("people", fmt.Sprint(len(n.People)), "name at most %d people", maxList)
	case len(n.Decisions) > maxList:
		return invalid("decisions", fmt.Sprint(len(n.Decisions)), "record at most %d at once", maxList)
	}
	for i, p := range n.People {
		at := fmt.Sprintf("people[%d]", i)
		if err := checkID(at, p, true); err != nil {
			return err
		}
		if slices.Contains(n.People[:i], p) {
			return invalid(at, string(p), "it stands twice: name each person once")
		}
	}
	for i, d := range n.Decisions {
		at := fmt.Sprintf("decisions[%d].", i)
		if d.Session != "" {
			return invalid(at+"session", string(d.Session), "it is taken in this one: leave it out")
		}
		if err := d.check(at); err != nil {
			return err
		}
	}
	return nil
}

// Hold records that people met, with the decisions that they took, all or none.
func (t Tenant) Hold(ctx context.Context, n NewSession) (Decision, error) {
	whole := teamOr(n.Team, n.Cycle)
	n.Decisions = slices.Clone(n.Decisions)
	for i := range n.Decisions {
		if d := &n.Decisions[i]; d.Subject == (Ref{}) {
			d.Subject = whole
		}
		if d := &n.Decisions[i]; d.Subject.Kind == KindTeam && d.Cycle == "" {
			d.Cycle = n.Cycle
		}
	}
	if err := n.check(); err != nil {
		return Decision{}, err
	}
	return t.decide(ctx, Intent{VerbSession, []Ref{whole}}, n.Key, n, func(ctx context.Context, w *work) error {
		return w.hold(ctx, n)
	})
}

func (w *work) hold(ctx context.Context, n NewSession) error {
	need, fields := Need{Refs: []Ref{{KindCycle, n.Cycle}}}, map[Ref]string{}
	name := func(field string, r Ref) {
		if r.ID == "" || fields[r] != "" || r == need.Refs[0] {
			return
		}
		need.Refs, fields[r] = append(need.Refs, r), field
	}
	name("team", Ref{KindTeam, n.Team})
	for i, p := range n.People {
		name(fmt.Sprintf("people[%d]", i), Ref{KindPerson, p})
	}
	for i, d := range n.Decisions {
		name(fmt.Sprintf("decisions[%d].subject", i), d.Subject)
		name(fmt.Sprintf("decisions[%d].cycle", i), Ref{KindCycle, d.Cycle})
		name(fmt.Sprintf("decisions[%d].owner", i), Ref{KindPerson, d.Owner})
	}
	if err := w.bring(ctx, need); err != nil {
		return misnamed(err, fields)
	}
	if err := w.open(n.Cycle); err != nil {
		return err
	}
	c := w.after.Cycle(n.Cycle)
	if today := c.Today(w.now); n.Held.After(today) {
		return invalid("held", n.Held.String(), "it lies ahead, today is %s: record a session once it was held", today)
	}
	x := Session{
		ID: ID(w.desk.newID()), Kind: n.Kind, Cycle: n.Cycle, Team: n.Team, Held: n.Held, People: n.People,
		Minutes: n.Minutes, Notes: n.Notes, By: w.actor, At: w.now,
	}
	fact := SessionFact{x.ID, x.Kind, x.Cycle, x.Team, x.Held, len(x.People), x.Minutes, len(n.Decisions)}
	if err := w.made(x, EventSessionHeld, fact); err != nil {
		return err
	}
	w.after.Sort()
	for i, d := range n.Decisions {
		d.Session = x.ID
		if err := w.decided(fmt.Sprintf("decisions[%d].", i), d); err != nil {
			return err
		}
	}
	return nil
}

// Session is the session with the id, nil if the snapshot has none.
func (s *Snapshot) Session(id ID) *Session {
	return find(s.Sessions, id, func(x Session) ID { return x.ID })
}

// SessionsOf are the loaded sessions of a kind in a cycle that concern a team: its
// own, and those of everybody. Without a team they are all of the kind.
func (s *Snapshot) SessionsOf(cycle ID, kind SessionKind, team ID) []Session {
	var out []Session
	for _, x := range s.Sessions {
		if x.Cycle == cycle && x.Kind == kind && (team == "" || x.Team == "" || x.Team == team) {
			out = append(out, x)
		}
	}
	return out
}

// SessionQuery selects sessions. Empty fields do not restrict.
type SessionQuery struct {
	Cycle ID
	Team  ID // its own, without those of everybody
	Kind  SessionKind
}

// Sessions reads one page of the meetings that were held, in the order in which
// they were recorded.
func (v View) Sessions(ctx context.Context, q SessionQuery, p Paging) (Page[Session], error) {
	return listItems(ctx, v, ItemQuery{Kind: KindSession, Subject: teamOr(q.Team, ""), Cycle: q.Cycle}, p,
		func(s *Snapshot) []Session { return s.Sessions },
		func(x Session) bool { return q.Kind == "" || x.Kind == q.Kind })
}
