package okr

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

const (
	// DefaultMeeting is how many minutes the check-in of a team takes at most.
	DefaultMeeting = 15
	// DefaultPace is how many minutes a key result of which there is something to say
	// takes a team that has not met often enough to know its own pace.
	DefaultPace = 2.0
)

const (
	paceSessions, paceLeast = 5, 3 // a pace is learned from that many meetings at most, and at least
	slowest, fastest        = 15.0, 0.5
)

// meetingOrder is the order of an agenda: what nobody knows, then what goes wrong, then
// what may go wrong, then what stands in the way and what is to be changed. What
// remains is quickly said.
var meetingOrder = []ReasonCode{
	ReasonStale, ReasonUnknown, ReasonSource, ReasonOffTrack, ReasonAtRisk, ReasonConfidence, ReasonBlocked, ReasonAdjust, ReasonAwaits,
	ReasonStated, ReasonOwner, ReasonOverdue, ReasonDue, ReasonFinding,
}

// DefaultMinutes is how many minutes a team that takes [DefaultPace] gives to a key
// result, by the reason that takes the longest.
func DefaultMinutes() map[ReasonCode]float64 {
	return map[ReasonCode]float64{
		ReasonOffTrack: 3, ReasonBlocked: 3, ReasonAdjust: 3,
		ReasonStale: 2, ReasonUnknown: 2, ReasonAtRisk: 2, ReasonConfidence: 2, ReasonAwaits: 2, ReasonStated: 2,
		ReasonSource: 1, ReasonOwner: 1, ReasonOverdue: 1, ReasonDue: 1, ReasonFinding: 1,
	}
}

// AgendaQuery says of which meeting to plan the agenda.
type AgendaQuery struct {
	Cycle   ID
	Team    ID                     // of [View.Meetings]: "" is every team
	Minutes int                    // the budget; 0 is DefaultMeeting
	Needs   map[ReasonCode]float64 // minutes in the place of those of DefaultMinutes; a reason at 0 needs no words
	Pace    float64                // minutes for each key result; 0 is the team's own, or else DefaultPace
}

func (q AgendaQuery) check(team bool) error {
	errs := []error{checkID("cycle", q.Cycle, true), checkID("team", q.Team, team)}
	if q.Minutes < 0 || q.Minutes > mostMinutes {
		errs = append(errs, invalid("minutes", fmt.Sprint(q.Minutes), "a meeting takes at most a day, 1440 minutes; 0 is %d", DefaultMeeting))
	}
	if !(q.Pace >= 0 && q.Pace <= mostMinutes) {
		errs = append(errs, invalid("pace", fmt.Sprint(q.Pace), "give the minutes that a key result takes; 0 is the team's own pace"))
	}
	for _, code := range slices.Sorted(maps.Keys(q.Needs)) {
		switch m := q.Needs[code]; {
		case !slices.Contains(meetingOrder, code):
			errs = append(errs, invalid("needs", string(code), "no agenda knows this reason: use one of the ReasonCode constants"))
		case !(m >= 0 && m <= mostMinutes):
			errs = append(errs, invalid("needs."+string(code), fmt.Sprint(m), "give minutes, or 0 where it needs no words"))
		}
	}
	return together(errs...)
}

// Agenda is what a team talks about in its check-in: what needs it most comes first,
// and what there is no time for is handled otherwise. Every active key result of the
// team that its reader may see stands in it once.
type Agenda struct {
	Team       Team       `json:"team"`
	Cycle      Cycle      `json:"cycle"`
	At         time.Time  `json:"at"`          // UTC instant
	Budget     int        `json:"budget"`      // minutes
	Expected   int        `json:"expected"`    // minutes that the points take, rounded up: for NewSession.Expected
	KeyResults int        `json:"key_results"` // active ones
	Points     []Point    `json:"points"`
	Deferred   []Deferred `json:"deferred"` // what does not fit, in the same order
	Quiet      []Quiet    `json:"quiet"`    // what needs no words
	Pace       Pace       `json:"pace"`
}

// Point is a key result that is to be talked about. Its reasons stand in the order of
// an agenda.
type Point struct {
	Concern
	Minutes float64 `json:"minutes"` // in halves
	With    []ID    `json:"with"`    // who is needed: its owner, and whoever shall remove a blocker

	WithNames []string `json:"with_names"` // theirs, in the same order; "" is somebody whom the directory does not know
}

// Deferred is a point that does not fit into the meeting.
type Deferred struct {
	Point
	How Outside `json:"how"`
}

// Outside is how a point is handled outside the meeting.
type Outside string

// The ways.
const (
	InWriting Outside = "in_writing" // a check-in says all that there is to say
	OwnTalk   Outside = "own_talk"   // those who are needed talk about it on their own
)

// Quiet is a key result that needs no words: nothing is wrong with it, and its number
// is known.
type Quiet struct {
	Concern
	Confirm bool `json:"confirm,omitempty"` // its check-in is due: a source feeds it, so that somebody only confirms the number, see CheckIn.Confirm
}

// Pace is how long a team takes for a key result.
type Pace struct {
	Minutes  float64 `json:"minutes"`            // the median over its last meetings, or DefaultPace, or what the query says
	Sessions int     `json:"sessions,omitempty"` // how many meetings it was learned from, 3 to 5; 0: it was not
}

// Agenda plans the check-in of a team from what is known now. In order of need stand
// key results that are stale or unknown; that are off track or at risk; of which
// confidence dropped; that are blocked; whose initiatives were not adjusted since they
// fell; that wait for somebody else; and those of which only the check-in is due.
//
// A key result is given the minutes of the reason that takes the longest, scaled by
// the team's pace and rounded to halves. The budget is filled in order: what does not
// fit is handled outside, and what comes after it may still fit. The first point stands
// on the agenda whatever it takes.
//
// It costs one list and one load of the team's active key results, at most 1,000, with
// the meetings that the team held.
func (v View) Agenda(ctx context.Context, q AgendaQuery) (Agenda, error) {
	if err := q.check(true); err != nil {
		return Agenda{}, err
	}
	var out Agenda
	err := v.within(ctx, []Ref{{KindCycle, q.Cycle}, {KindTeam, q.Team}}, func(u Unit, s *Snapshot, now time.Time) error {
		concerns, loaded, err := v.concernsOf(ctx, u, now, q.Cycle, q.Team)
		if err != nil {
			return err
		}
		cycle, met := *s.Cycle(q.Cycle), loaded.met()
		met = slices.DeleteFunc(met, func(x Session) bool { return x.Team != q.Team })
		out = loaded.agenda(q, met, loaded.awaited(cycle, now), concerns, now)
		out.Team, out.Cycle = *s.Team(q.Team), cycle
		return v.t.nameNeeded(ctx, u, loaded, &out)
	})
	return out, err
}

// agenda plans a meeting about the key results.
func (s *Snapshot) agenda(q AgendaQuery, met []Session, awaited map[ID][]Dependency, concerns []Concern, now time.Time) Agenda {
	out := Agenda{
		At: now, Budget: q.Minutes, KeyResults: len(concerns), Points: []Point{}, Deferred: []Deferred{}, Quiet: []Quiet{}, Pace: pace(met),
	}
	if out.Budget == 0 {
		out.Budget = DefaultMeeting
	}
	if q.Pace > 0 {
		out.Pace = Pace{Minutes: q.Pace}
	}
	needs := DefaultMinutes()
	maps.Copy(needs, q.Needs)
	since := now.AddDate(0, 0, -7)
	if len(met) > 0 {
		since = met[0].At
	}
	var points []Point
	for _, c := range concerns {
		c.Reasons = append(slices.Clone(c.Reasons), s.needing(c, awaited[c.ID], since, now)...)
		slices.SortStableFunc(c.Reasons, func(a, b Reason) int {
			return cmp.Compare(slices.Index(meetingOrder, a.Code), slices.Index(meetingOrder, b.Code))
		})
		due := slices.ContainsFunc(c.Reasons, asksToCheckIn)
		if due && s.confirmable(c.KeyResult, now) && !slices.ContainsFunc(c.Reasons, func(r Reason) bool { return !asksToCheckIn(r) }) {
			c.Reasons = nil
			out.Quiet = append(out.Quiet, Quiet{c, true})
			continue
		}
		longest := 0.0
		for _, r := range c.Reasons {
			longest = max(longest, needs[r.Code])
		}
		if longest == 0 {
			out.Quiet = append(out.Quiet, Quiet{Concern: c})
			continue
		}
		minutes := max(0.5, math.Round(2*longest*out.Pace.Minutes/DefaultPace)/2)
		points = append(points, Point{Concern: c, Minutes: minutes, With: c.needed()})
	}
	slices.SortFunc(points, func(a, b Point) int { return firstIn(meetingOrder, a.Concern, b.Concern) })
	slices.SortFunc(out.Quiet, func(a, b Quiet) int { return firstIn(meetingOrder, a.Concern, b.Concern) })
	taken := 0.0
	for i, p := range points {
		if i == 0 || taken+p.Minutes <= float64(out.Budget) {
			taken += p.Minutes
			out.Points = append(out.Points, p)
			continue
		}
		out.Deferred = append(out.Deferred, Deferred{p, p.outside()})
	}
	out.Expected = int(math.Ceil(taken))
	return out
}

// nameNeeded names whoever is needed: those who shall remove blockers are anywhere in the
// company.
func (t Tenant) nameNeeded(ctx context.Context, u Unit, loaded *Snapshot, a *Agenda) error {
	var points []*Point
	for i := range a.Points {
		points = append(points, &a.Points[i])
	}
	for i := range a.Deferred {
		points = append(points, &a.Deferred[i].Point)
	}
	var need Need
	for _, p := range points {
		for _, id := range p.With {
			if loaded.Person(id) == nil {
				need.Refs = append(need.Refs, Ref{KindPerson, id})
			}
		}
	}
	others := &Snapshot{}
	if len(need.Refs) > 0 {
		var err error
		if others, err = t.there(ctx, u, need); err != nil {
			return err
		}
	}
	for _, p := range points {
		p.WithNames = make([]string, len(p.With))
		for i, id := range p.With {
			p.WithNames[i] = personName(others, id, personName(loaded, id, ""))
		}
	}
	return nil
}

func asksToCheckIn(r Reason) bool { return r.Code == ReasonDue || r.Code == ReasonOverdue }

// needed are those without whom nobody can talk about it.
func (c Concern) needed() []ID {
	out := []ID{}
	if c.Owner != "" {
		out = append(out, c.Owner)
	}
	for _, b := range c.Blocked {
		if b.Owner != "" && !slices.Contains(out, b.Owner) {
			out = append(out, b.Owner)
		}
	}
	return out
}

func (p Point) outside() Outside {
	for _, r := range p.Reasons {
		switch r.Code {
		case ReasonDue, ReasonOverdue, ReasonFinding, ReasonStale, ReasonUnknown:
		default:
			return OwnTalk
		}
	}
	return InWriting
}

// confirmable says whether something other than people brought the number, of late, so
// that a check-in may confirm it.
func (s *Snapshot) confirmable(k KeyResult, now time.Time) bool {
	if k.FedAt == nil || !k.feedable() || !k.FedAt.Add(s.FreshFor(k)).After(now) {
		return false
	}
	st, _ := standingOf(s.StandingsOf(Ref{KindKeyResult, k.ID}), standingSource)
	return st.Value != "failed"
}

// needing are the reasons that only an agenda has.
func (s *Snapshot) needing(c Concern, awaited []Dependency, met, now time.Time) []Reason {
	var out []Reason
	stood := s.StandingsOf(Ref{KindKeyResult, c.ID})
	if c.Measured.Status == measure.AtRisk || c.Measured.Status == measure.OffTrack {
		if fell, due := adjustable(stood, c.Measured.Status, s.CheckInsOf(c.ID)); due {
			r := Reason{Code: ReasonAdjust, Since: fell}
			if fell != nil {
				r.Value = measure.N(math.Floor(now.Sub(*fell).Hours() / 24))
			}
			out = append(out, r)
		}
	}
	if n := len(awaited); n > 0 {
		oldest := slices.MinFunc(awaited, func(a, b Dependency) int { return a.At.Compare(b.At) }).At
		out = append(out, Reason{ReasonAwaits, measure.N(float64(n)), &oldest})
	}
	opened, silenced := Reason{Code: ReasonFinding}, map[string]bool{}
	for _, st := range stood {
		if st.Kind == standingSilenced {
			silenced[st.Key] = true
		}
	}
	for _, st := range stood {
		switch {
		case st.Kind == standingSource && st.Value == "failed":
			out = append(out, Reason{ReasonSource, measure.Number{}, &st.Since})
		case st.Kind == standingFinding && st.Since.After(met) && !silenced[st.Key]:
			opened.Value = measure.N(opened.Value.Or(0) + 1)
			if opened.Since == nil || st.Since.Before(*opened.Since) {
				opened.Since = &st.Since
			}
		}
	}
	if opened.Since != nil {
		out = append(out, opened)
	}
	return out
}

// adjustable says since when a key result is not on track, and whether nobody has
// changed its initiatives in any of the newest check-ins since. Where that was not
// announced yet since when is nil, and the newest check-in counts.
func adjustable(stood []Standing, is measure.Status, newest []CheckInRecord) (fell *time.Time, due bool) {
	st, _ := standingOf(stood, standingStatus)
	if st.Value != string(is) {
		return nil, len(newest) == 0 || len(newest[0].Adjusted) == 0
	}
	return &st.Since, !slices.ContainsFunc(newest, func(c CheckInRecord) bool {
		return len(c.Adjusted) > 0 && !c.RecordedAt.Before(st.Since)
	})
}

// awaited are the dependencies that somebody must be asked about, by the key result
// that waits: where an objective does, that is its first.
func (s *Snapshot) awaited(c Cycle, now time.Time) map[ID][]Dependency {
	out := map[ID][]Dependency{}
	today := c.Today(now)
	for _, x := range s.Dependencies {
		if !x.open() || x.State == DependencyPromised && !today.After(x.dueBy(c)) {
			continue
		}
		id := x.From.ID
		if x.From.Kind == KindObjective {
			i := slices.IndexFunc(s.KeyResults, func(k KeyResult) bool { return k.Objective == x.From.ID && k.State == Active })
			if i < 0 {
				continue
			}
			id = s.KeyResults[i].ID
		}
		out[id] = append(out[id], x)
	}
	return out
}

// pace is the median of the minutes that a key result took in the last meetings of
// which both are known.
func pace(met []Session) Pace {
	var each []float64
	for _, x := range met {
		if x.Minutes > 0 && x.KeyResults > 0 {
			each = append(each, float64(x.Minutes)/float64(x.KeyResults))
		}
		if len(each) == paceSessions {
			break
		}
	}
	if len(each) < paceLeast {
		return Pace{Minutes: DefaultPace}
	}
	return Pace{Minutes: min(max(median(each).Or(DefaultPace), fastest), slowest), Sessions: len(each)}
}
