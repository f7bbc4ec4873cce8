package ical

import (
	"cmp"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// sessionLasts is how long a session takes of which nobody said it.
const sessionLasts = time.Hour

// sessions enters the meetings that the cycle provides for, of those whom they are for.
func (g *gathering) sessions(s *okr.Snapshot, c okr.Cycle, dates []okr.SessionDate) {
	for _, d := range dates {
		if d.Usual || !g.invited(s, c, d) {
			continue // what nobody provided for takes nobody's time
		}
		lasts := cmp.Or(time.Duration(d.Minutes)*time.Minute, sessionLasts)
		g.place[uid(g.tenant, g.feed, "session", string(c.ID), d.Session, d.Key)] = Entry{
			Starts: d.Starts, Ends: d.Starts.Add(lasts), Over: d.Starts.Add(lasts), Zone: g.zone.String(), Busy: true,
			Title: g.words.session(d) + ": " + cmp.Or(c.Name, c.Key), Link: g.link(okr.Ref{Kind: okr.KindCycle, ID: c.ID}),
		}
	}
}

// invited says whether a session is for whoever reads: for a team its own and those of
// everybody, for a person those of their part.
func (g *gathering) invited(s *okr.Snapshot, c okr.Cycle, d okr.SessionDate) bool {
	if g.feed.Kind == okr.KindTeam {
		return d.Team == "" || d.Team == g.feed.ID
	}
	i := slices.IndexFunc(c.Sessions, func(x okr.CycleSession) bool { return cmp.Or(x.Name, string(x.Kind)) == d.Session })
	if i < 0 {
		return false
	}
	audience := c.Sessions[i].For
	if audience == "" {
		audience = okr.ForOwners
		if d.Kind == okr.PlanningSession || d.Kind == okr.ReviewSession {
			audience = okr.ForLeads
		}
	}
	if audience == okr.ForLeads {
		return slices.ContainsFunc(s.Teams, func(t okr.Team) bool { return t.Lead == g.feed.ID && (d.Team == "" || d.Team == t.ID) })
	}
	return slices.ContainsFunc(s.KeyResults, func(k okr.KeyResult) bool {
		o := s.Objective(k.Objective)
		return k.Owner == g.feed.ID && k.Cycle == c.ID && (k.State == okr.Draft || k.State == okr.Active) && (d.Team == "" || o != nil && o.Team == d.Team)
	})
}
