package okr

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// Meetings says of the teams of a cycle how their check-ins go, and how long the next
// will take. It names no person.
type Meetings struct {
	Cycle Cycle          `json:"cycle"`
	At    time.Time      `json:"at"`    // UTC instant
	Teams []TeamMeetings `json:"teams"` // by id: of those that the cycle names, the ones with active key results and the ones that met
}

// TeamMeetings is how the check-ins of a team go. What is told of the past rests on the
// last five that it held.
type TeamMeetings struct {
	Team       ID     `json:"team"`
	Name       string `json:"name"`
	KeyResults int    `json:"key_results"` // active ones

	// The next meeting, as View.Agenda plans it.
	Budget   int  `json:"budget"`   // minutes
	Expected int  `json:"expected"` // minutes
	Points   int  `json:"points"`
	Deferred int  `json:"deferred"` // what does not fit
	Quiet    int  `json:"quiet"`    // what needs no words
	Pace     Pace `json:"pace"`

	Held       int            `json:"held"`                 // in the cycle
	PerMeeting measure.Number `json:"per_meeting,omitzero"` // key results checked in in a meeting, the median
	Minutes    measure.Number `json:"minutes,omitzero"`     // that a meeting took, the median
	OverRun    measure.Number `json:"over_run,omitzero"`    // minutes beyond what was expected, the median; below 0 it ended early
	Trend      measure.Number `json:"trend,omitzero"`       // minutes by which the over-run grows from one meeting to the next, see View.Meetings
	Latest     []HeldMeeting  `json:"latest"`               // the newest first
}

// HeldMeeting is a check-in that a team held. A number that is not known is 0.
type HeldMeeting struct {
	Session    ID   `json:"session"`
	Held       Date `json:"held"`
	Expected   int  `json:"expected,omitempty"` // minutes
	Minutes    int  `json:"minutes,omitempty"`
	KeyResults int  `json:"key_results,omitempty"` // checked in
	Active     int  `json:"active,omitempty"`      // of so many
}

// Meetings reads the figures of the team of the query, or of all where it names none.
// Key results without a team are nobody's meeting. The trend is the median of the slopes
// between every two meetings (Theil, "A rank-invariant method of linear and polynomial
// regression analysis", 1950; Sen, 1968), so that a single long one does not make it;
// it is unknown below three meetings of which expected and actual minutes are known.
//
// Of all teams it costs one load of the cycle, with the meetings of its teams; of one
// team it costs what [View.Agenda] does.
func (v View) Meetings(ctx context.Context, q AgendaQuery) (Meetings, error) {
	if err := q.check(false); err != nil {
		return Meetings{}, err
	}
	out := Meetings{Teams: []TeamMeetings{}}
	refs := []Ref{{KindCycle, q.Cycle}}
	if q.Team != "" {
		refs = append(refs, Ref{KindTeam, q.Team})
	}
	err := v.within(ctx, refs, func(u Unit, around *Snapshot, now time.Time) error {
		out.Cycle, out.At = *around.Cycle(q.Cycle), now
		concerns, s, err := v.concernsOf(ctx, u, now, q.Cycle, q.Team)
		if err != nil {
			return err
		}
		by := map[ID][]Concern{}
		for _, c := range concerns {
			by[c.Team] = append(by[c.Team], c)
		}
		teams := s.Teams
		if q.Team != "" {
			teams = []Team{*around.Team(q.Team)}
		}
		met, awaited := map[ID][]Session{}, s.awaited(out.Cycle, now)
		for _, x := range s.met() {
			met[x.Team] = append(met[x.Team], x)
		}
		for _, t := range teams {
			if q.Team == "" && len(by[t.ID]) == 0 && !slices.ContainsFunc(met[t.ID], func(x Session) bool { return x.Cycle == q.Cycle }) {
				continue
			}
			a := s.agenda(q, met[t.ID], awaited, by[t.ID], now)
			m := TeamMeetings{
				Team: t.ID, Name: t.Name, KeyResults: a.KeyResults, Budget: a.Budget, Expected: a.Expected,
				Points: len(a.Points), Deferred: len(a.Deferred), Quiet: len(a.Quiet), Pace: a.Pace,
			}
			m.past(met[t.ID], q.Cycle)
			out.Teams = append(out.Teams, m)
		}
		return nil
	})
	return out, err
}

// concernsOf are the active key results of a team, or of all, with the meetings of the
// teams and the dependencies.
func (v View) concernsOf(ctx context.Context, u Unit, now time.Time, cycle, team ID) ([]Concern, *Snapshot, error) {
	kinds := []Kind{KindSession, KindDependency}
	if team != "" {
		ids, err := v.list(ctx, u, Query{Cycle: cycle, Team: team, State: Active})
		if err != nil {
			return nil, nil, err
		}
		return v.concerns(ctx, u, now, ids, kinds...)
	}
	in := Intent{Verb: VerbAppraise}
	need := Need{
		Refs: []Ref{{KindCycle, cycle}}, Cycle: cycle,
		Collections: Collections{CheckIns: confidences, Blockers: true, Standings: true, Items: kinds},
	}
	s, err := v.t.desk.read(ctx, u, v.t.id, in, need)
	if err != nil {
		return nil, nil, err
	}
	for _, k := range s.KeyResults {
		in.Subjects = append(in.Subjects, Ref{KindKeyResult, k.ID})
	}
	measured, verdict, err := v.judge(ctx, s, in, now)
	if err != nil {
		return nil, nil, err
	}
	as := v.asked(u, s, now)
	var out []Concern
	for _, k := range s.KeyResults {
		if k.Cycle != cycle || k.State != Active {
			continue
		}
		c, err := as.concern(ctx, viewKeyResult(s, k, measured, verdict, now))
		if err != nil {
			return nil, nil, err
		}
		out = append(out, c)
	}
	return out, s, nil
}

// past fills in what is told of the meetings that were held, the newest first.
func (m *TeamMeetings) past(met []Session, cycle ID) {
	m.Latest = []HeldMeeting{}
	var each, minutes, over []float64
	for i, x := range met {
		if x.Cycle == cycle {
			m.Held++
		}
		if i >= paceSessions {
			continue
		}
		m.Latest = append(m.Latest, HeldMeeting{x.ID, x.Held, x.Expected, x.Minutes, x.KeyResults, x.Active})
		if x.KeyResults > 0 {
			each = append(each, float64(x.KeyResults))
		}
		if x.Minutes > 0 {
			minutes = append(minutes, float64(x.Minutes))
			if x.Expected > 0 {
				over = append(over, float64(x.Minutes-x.Expected))
			}
		}
	}
	m.PerMeeting, m.Minutes, m.OverRun, m.Trend = median(each), median(minutes), median(over), slope(over)
}

// median is the middle of the values, or the mean of the two in the middle; of none it
// is unknown.
func median(of []float64) measure.Number {
	of = slices.Sorted(slices.Values(of))
	n := len(of)
	switch {
	case n == 0:
		return measure.Number{}
	case n%2 == 1:
		return measure.N(of[n/2])
	}
	return measure.N((of[n/2-1] + of[n/2]) / 2)
}

// slope is the median of the slopes between every two values, which stand in
// descending order of time.
func slope(of []float64) measure.Number {
	if len(of) < paceLeast {
		return measure.Number{}
	}
	var all []float64
	for i := range of {
		for n := i + 1; n < len(of); n++ {
			all = append(all, (of[i]-of[n])/float64(n-i))
		}
	}
	return median(all)
}

// met are the check-in meetings that are loaded, the newest first.
func (s *Snapshot) met() []Session {
	var out []Session
	for _, x := range s.Sessions {
		if x.Kind == CheckInSession {
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(a, b Session) int { return cmp.Or(a.Held.DaysUntil(b.Held), cmp.Compare(b.ID, a.ID)) })
	return out
}
