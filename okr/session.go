package okr

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
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
	People      int         `json:"people"`              // how many were there
	Minutes     int         `json:"minutes,omitempty"`   // that it took; 0 is not known
	Decisions   int         `json:"decisions,omitempty"` // how many were taken

	Expected   int `json:"expected,omitempty"`    // minutes that its agenda reckoned with; 0 is not known
	KeyResults int `json:"key_results,omitempty"` // how many were checked in
	Active     int `json:"active,omitempty"`      // of how many active ones of the team
}

// mostMinutes is how long anything may take: a day.
const mostMinutes = 24 * 60

// NewSession is a meeting that was held: goal setting, check-in, review or one of the host's own kind.
type NewSession struct {
	Kind      SessionKind   `json:"kind"`
	Cycle     ID            `json:"cycle"`
	Team      ID            `json:"team,omitempty"` // "" is everybody
	Held      Date          `json:"held"`           // civil date in the cycle's zone; zero is that of Started
	People    []ID          `json:"people"`         // who was there
	Minutes   int           `json:"minutes,omitempty"`
	Notes     string        `json:"notes,omitempty"`
	Decisions []NewDecision `json:"decisions,omitempty"` // taken in it; one without a subject concerns the team, or the cycle
	Key       string        `json:"-"`                   // idempotency key, of the check-ins as well; "" is none

	CheckIns []CheckIn `json:"checkins,omitempty"` // what was said of the key results, each once; they bring no keys of their own
	Expected int       `json:"expected,omitempty"` // minutes that its agenda reckoned with, see Agenda.Expected; 0 is not known
	Started  time.Time `json:"started,omitzero"`   // UTC instant; with Ended in the place of Held and Minutes
	Ended    time.Time `json:"ended,omitzero"`     // UTC instant
}

func (n NewSession) check() error {
	errs := []error{
		checkID("cycle", n.Cycle, true),
		checkID("team", n.Team, false),
		checkDate("held", n.Held),
		checkText("notes", n.Notes, maxNote, false),
	}
	wrong := func(field, value, remedy string, args ...any) {
		errs = append(errs, invalid(field, value, remedy, args...))
	}
	if !slices.Contains([]SessionKind{PlanningSession, CheckInSession, ReviewSession, CustomSession}, n.Kind) {
		wrong("kind", string(n.Kind), "use planning, checkin, review or custom")
	}
	if n.Held.IsZero() && n.Started.IsZero() {
		wrong("held", "", "say on which day it was")
	}
	if n.Minutes < 0 || n.Minutes > mostMinutes {
		wrong("minutes", fmt.Sprint(n.Minutes), "a session takes at most a day, 1440 minutes; 0 is not known")
	}
	if n.Expected < 0 || n.Expected > mostMinutes {
		wrong("expected", fmt.Sprint(n.Expected), "an agenda reckons with at most a day, 1440 minutes; 0 is not known")
	}
	errs = append(errs, n.checkSpan())
	switch {
	case len(n.People) == 0:
		wrong("people", "", "name who was there: a session is held by people")
	case len(n.People) > maxList:
		wrong("people", fmt.Sprint(len(n.People)), "name at most %d people", maxList)
	}
	for i, p := range n.People[:min(len(n.People), maxList)] {
		at := fmt.Sprintf("people[%d]", i)
		errs = append(errs, checkID(at, p, true))
		if slices.Contains(n.People[:i], p) {
			wrong(at, string(p), "it stands twice: name each person once")
		}
	}
	if len(n.Decisions) > maxList {
		wrong("decisions", fmt.Sprint(len(n.Decisions)), "record at most %d at once", maxList)
	}
	for i, d := range n.Decisions[:min(len(n.Decisions), maxList)] {
		at := fmt.Sprintf("decisions[%d].", i)
		if d.Session != "" {
			wrong(at+"session", string(d.Session), "it is taken in this one: leave it out")
		}
		errs = append(errs, d.check(at))
	}
	if len(n.CheckIns) > maxList {
		wrong("checkins", fmt.Sprint(len(n.CheckIns)), "record at most %d at once", maxList)
	}
	first := map[ID]int{}
	for i, c := range n.CheckIns[:min(len(n.CheckIns), maxList)] {
		at := fmt.Sprintf("checkins[%d].", i)
		if c.Key != "" {
			wrong(at+"key", c.Key, "the session has one key for all: leave it out")
		}
		if was, twice := first[c.KeyResult]; twice && c.KeyResult != "" {
			wrong(at+"key_result", string(c.KeyResult), "checkins[%d] is about it: say everything of a key result in one", was)
		} else {
			first[c.KeyResult] = i
		}
		errs = append(errs, under(at, c.check()))
	}
	return together(errs...)
}

// checkSpan checks when it started and ended.
func (n NewSession) checkSpan() error {
	if n.Started.IsZero() && n.Ended.IsZero() {
		return nil
	}
	if err := together(checkPast("started", n.Started), checkPast("ended", n.Ended)); err != nil {
		return err
	}
	switch took := n.took(); {
	case n.Started.IsZero():
		return invalid("started", "", "say when it started as well, or its day and minutes instead")
	case n.Ended.IsZero():
		return invalid("ended", "", "say when it ended as well, or its day and minutes instead")
	case !n.Ended.After(n.Started):
		return invalid("ended", n.Ended.Format(time.RFC3339), "it must lie after its start, %s", n.Started.Format(time.RFC3339))
	case took > mostMinutes:
		return invalid("ended", n.Ended.Format(time.RFC3339), "a session takes at most a day: it started %s", n.Started.Format(time.RFC3339))
	case n.Minutes != 0 && n.Minutes != took:
		return invalid("minutes", fmt.Sprint(n.Minutes), "from its start to its end it took %d: give one or the other", took)
	}
	return nil
}

// took is how many minutes passed between its start and its end, rounded up.
func (n NewSession) took() int {
	return int((n.Ended.Sub(n.Started) + time.Minute - 1) / time.Minute)
}

// Hold records that people met: in one transaction and at one instant the session, the
// decisions that they took, and the check-ins in which they spoke of key results, with
// what these say of blockers and initiatives. All of it or nothing: an error names the
// place of whatever could not be taken, such as checkins[2].value, and of all of it if
// there is more; what rules refuse, or the state of a key result does not allow, it
// wraps.
//
// Each check-in is what [Tenant.CheckIn] would make of it, by the actor of the session:
// it answers its own occurrence and has its own events. Of a team's check-in session it
// is counted how many key results were checked in, of how many active ones.
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
	if err := n.place(*c, w.now); err != nil {
		return err
	}
	x := Session{
		ID: ID(w.desk.newID()), Kind: n.Kind, Cycle: n.Cycle, Team: n.Team, Held: n.Held, People: n.People,
		Minutes: n.Minutes, Notes: n.Notes, Expected: n.Expected, KeyResults: len(n.CheckIns), By: w.actor, At: w.now,
	}
	if x.Kind == CheckInSession && x.Team != "" {
		var err error
		if x.Active, err = w.active(ctx, x.Cycle, x.Team); err != nil {
			return err
		}
	}
	if err := w.checkInAll(ctx, x.ID, n.CheckIns); err != nil {
		return err
	}
	fact := SessionFact{
		Session: x.ID, SessionKind: x.Kind, Cycle: x.Cycle, Team: x.Team, Held: x.Held, People: len(x.People), Minutes: x.Minutes,
		Decisions: len(n.Decisions), Expected: x.Expected, KeyResults: x.KeyResults, Active: x.Active,
	}
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

// place fills in day and minutes where start and end say them.
func (n *NewSession) place(c Cycle, now time.Time) error {
	if !n.Started.IsZero() {
		if n.Ended.After(now) {
			return invalid("ended", n.Ended.Format(time.RFC3339), "it lies ahead: record a session once it was held")
		}
		n.Minutes = n.took()
		switch day := c.Today(n.Started); n.Held {
		case Date{}, day:
			n.Held = day
		default:
			return invalid("held", n.Held.String(), "it started on %s, where the cycle is: give one or the other", day)
		}
	}
	if today := c.Today(now); n.Held.After(today) {
		return invalid("held", n.Held.String(), "it lies ahead, today is %s: record a session once it was held", today)
	}
	return nil
}

// active is how many active key results a team has.
func (w *work) active(ctx context.Context, cycle, team ID) (n int, err error) {
	for q := (Query{Cycle: cycle, Team: team, State: Active, Limit: maxPage}); ; {
		ids, err := w.unit.List(ctx, w.id, q)
		if err != nil {
			return 0, err
		}
		if n += len(ids); len(ids) < q.Limit {
			return n, nil
		}
		q.After = string(ids[len(ids)-1])
	}
}

// checkInAll takes the check-ins of a session, each as a decision of its own within
// this one. It tells of every one that cannot be taken. They are taken in the order of
// the key results, so that two sessions about the same do not wait for one another.
func (w *work) checkInAll(ctx context.Context, at ID, all []CheckIn) error {
	in := w.Tenant
	in.tx, in.session = nil, &session{unit: w.unit, now: w.now}
	defer in.session.end()
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(all[a].KeyResult, all[b].KeyResult) })
	w.along = make([]Decision, len(all))
	errs := make([]error, len(all))
	for _, i := range order {
		c := all[i]
		c.session = at
		var err error
		if w.along[i], err = in.CheckIn(ctx, c); err == nil {
			continue
		}
		if errs[i] = ofCheckIn(i, c, err); !decided(err) {
			return errs[i]
		}
	}
	if wrong := together(errs...); wrong == nil || errors.Is(wrong, ErrInvalid) {
		return wrong
	}
	return errors.Join(errs...)
}

// include adds what was decided within a decision, in the order in which it was: what
// there is of the decision itself comes first.
func (d *Decision) include(within []Decision) {
	for _, x := range within {
		d.Subjects = append(d.Subjects, x.Subjects...)
		d.Findings = append(d.Findings, x.Findings...)
		d.Events = append(d.Events, x.Events...)
	}
}

// ofCheckIn says which check-in of a session an error is about.
func ofCheckIn(i int, c CheckIn, err error) error {
	at := fmt.Sprintf("checkins[%d]", i)
	var missing *NotFoundError
	switch {
	case errors.As(err, &missing) && missing.Ref == Ref{KindKeyResult, c.KeyResult}:
		return invalid(at+".key_result", string(c.KeyResult), "there is no such key_result")
	case errors.Is(err, ErrInvalid):
		return under(at+".", err)
	}
	return fmt.Errorf("okr: %s: %w", at, err)
}

// decided says whether the error is an answer, and not a failure after which nothing
// more can be asked.
func decided(err error) bool {
	var lost *lostRace
	if errors.As(err, &lost) {
		return false
	}
	return slices.ContainsFunc([]error{ErrInvalid, ErrNotFound, ErrConflict, ErrRefused, ErrDenied}, func(e error) bool { return errors.Is(err, e) })
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
