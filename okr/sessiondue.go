package okr

import (
	"context"
	"slices"
	"strings"
	"time"
)

// EventSessionDue tells that a session of a cycle comes up.
const EventSessionDue = EventPrefix + "session.due"

// SessionDueFact is the payload of session.due.
type SessionDueFact struct {
	Cycle       ID          `json:"cycle"`
	CycleName   string      `json:"cycle_name"`
	Session     string      `json:"session"` // its name
	SessionKind SessionKind `json:"session_kind"`
	Team        ID          `json:"team,omitempty"`
	Occurrence  string      `json:"occurrence"` // the civil date that was named for it
	Starts      time.Time   `json:"starts"`     // UTC instant
	Zone        string      `json:"zone"`       // IANA name, in which it was named
	Minutes     int         `json:"minutes,omitempty"`
	To          []ID        `json:"to,omitempty"`      // the people whom it is for, ascending
	Skipped     int         `json:"skipped,omitempty"` // how many before it were never announced, while nobody looked
}

// standingSession is by session: Since is up to when it was announced, and the value
// the date that was.
const standingSession = "session"

// settleSessions announces the sessions of a cycle that come up, each once; what came
// up while nobody looked is told with the newest. What is past when a session is first
// seen was never due.
func (w *work) settleSessions(ctx context.Context, ref Ref) error {
	if w.desk.calendar == nil {
		return nil
	}
	s, err := w.unit.Load(ctx, w.id, Need{Refs: []Ref{ref}, Collections: Collections{Standings: true, StandingKinds: []string{standingSession}}})
	if asNotFound(err, new(*NotFoundError)) {
		return nil
	}
	if err != nil {
		return err
	}
	c := *s.Cycle(ref.ID)
	left := s.StandingsOf(ref)
	if len(c.Sessions) == 0 && len(left) == 0 {
		return nil
	}
	var dates []SessionDate
	if len(c.Sessions) > 0 && !c.closed(w.now) {
		if dates, err = c.SessionDates(w.desk.calendar); err != nil {
			return err
		}
	}
	for _, session := range c.Sessions {
		name := session.name()
		st := Standing{Subject: ref, Kind: standingSession, Key: name, Since: w.now}
		if i := slices.IndexFunc(left, func(o Standing) bool { return o.Kind == standingSession && o.Key == name }); i >= 0 {
			st = left[i]
			left = slices.Delete(left, i, i+1)
		}
		if err := w.announceSession(ctx, c, session, dates, st); err != nil {
			return err
		}
	}
	for _, st := range left {
		if st.Kind == standingSession {
			w.changes.Drop = append(w.changes.Drop, st)
		}
	}
	return nil
}

func (w *work) announceSession(ctx context.Context, c Cycle, session CycleSession, dates []SessionDate, st Standing) error {
	ref := Ref{KindCycle, c.ID}
	var up *SessionDate
	skipped := -1
	st.NextLook = nil
	stands := slices.ContainsFunc(dates, func(d SessionDate) bool { return d.Session == st.Key && d.Key == st.Value && d.Starts.Equal(st.Since) })
	if st.Value != "" && st.Since.After(w.now) && !stands {
		st.Since, st.Value = w.now, "" // it was announced, and moved since
	}
	for i, d := range dates {
		switch {
		case d.Session != st.Key || !d.Starts.After(st.Since):
		case d.Opens.After(w.now):
			if st.NextLook == nil || d.Opens.Before(*st.NextLook) {
				st.NextLook = &dates[i].Opens
			}
		default:
			up = &dates[i]
			skipped++
		}
	}
	if up != nil {
		to, err := w.invited(ctx, c, session)
		if err != nil {
			return err
		}
		st.Since, st.Value = up.Starts, up.Key
		w.around(c)
		w.expect(ref, c.Version)
		fact := SessionDueFact{
			Cycle: c.ID, CycleName: c.Name, Session: up.Session, SessionKind: up.Kind, Team: up.Team, Occurrence: up.Key,
			Starts: up.Starts, Zone: up.Zone, Minutes: up.Minutes, To: to, Skipped: skipped,
		}
		if err := w.emit(ref, Ref{KindStanding, c.ID}, EventSessionDue, fact, fact); err != nil {
			return err
		}
	}
	w.setStanding(st)
	return nil
}

// invited are the people whom a session is for, ascending.
func (w *work) invited(ctx context.Context, c Cycle, session CycleSession) ([]ID, error) {
	s, err := w.unit.Load(ctx, w.id, Need{Cycle: c.ID, Everyone: true})
	if err != nil {
		return nil, err
	}
	var out []ID
	invite := func(who ID) {
		if p := s.Person(who); p != nil && !p.Left && p.Kind != Group && !slices.Contains(out, who) {
			out = append(out, who)
		}
	}
	teams := map[ID]bool{session.Team: session.Team != ""}
	for _, o := range s.Objectives {
		if session.Team == "" && o.Cycle == c.ID && o.Team != "" {
			teams[o.Team] = true
		}
	}
	if session.audience() == ForOwners {
		for _, k := range s.KeyResults {
			o := s.Objective(k.Objective)
			if k.Cycle == c.ID && (k.State == Draft || k.State == Active) && (session.Team == "" || o != nil && o.Team == session.Team) {
				invite(k.Owner)
			}
		}
	} else {
		delete(teams, "")
		for _, t := range s.Teams {
			if teams[t.ID] || len(teams) == 0 {
				invite(t.Lead)
			}
		}
	}
	slices.SortFunc(out, func(a, b ID) int { return strings.Compare(string(a), string(b)) })
	return out, nil
}
