package okr

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// ErrBudget says that a notice cannot go now; see [BudgetError].
var ErrBudget = errors.New("okr: not within the budget of notices")

// BudgetError says when a person may get another notice.
type BudgetError struct {
	To    ID
	Until time.Time // UTC instant; zero: never, as things are
}

func (e *BudgetError) Error() string {
	if e.Until.IsZero() {
		return fmt.Sprintf("okr: the budget lets no notice to %s through: change the policy, or say that it is urgent", Ref{KindPerson, e.To})
	}
	return fmt.Sprintf("okr: the budget lets a notice to %s through from %s on: wait, or say that it is urgent", Ref{KindPerson, e.To}, e.Until.Format(time.RFC3339))
}

// Is makes every BudgetError match [ErrBudget].
func (e *BudgetError) Is(target error) bool { return target == ErrBudget }

// standingTold is of a person: how many notices they ever got, the lists of what they
// were not told among them, and when the latest came.
const standingTold = "told"

// toldNote is what the standing holds. Instants rather than counts per day: what a day is
// changes with the person's zone.
type toldNote struct {
	N  int64   `json:"n"`
	At []int64 `json:"at"` // unix seconds, ascending
}

// remembered is how long it matters when a notice came: longer than any week, whatever
// the zones.
const remembered = 9 * 24 * time.Hour

// toldOf is what the person was told.
func toldOf(of []Standing) (n toldNote, err error) {
	if st, ok := standingOf(of, standingTold); ok {
		if err := json.Unmarshal([]byte(st.Value), &n); err != nil {
			return n, fmt.Errorf("okr: what %s was told cannot be read: %w", st.Subject, err)
		}
	}
	return n, nil
}

func (n *toldNote) add(now time.Time) {
	n.N++
	n.At = append(n.At, now.Unix())
	slices.Sort(n.At)
	n.At = slices.DeleteFunc(n.At, func(at int64) bool { return at < now.Add(-remembered).Unix() })
	n.At = n.At[max(0, len(n.At)-mostNotices):]
}

// allowance says when a person may be told something.
type allowance struct {
	budget Budget
	quiet  [][2]int // spans of minutes of the day
	digest int      // minute of the day, below 0 is none
	loc    *time.Location
	works  func(Date) bool
	told   toldNote
}

// allowance is the person's, by the policy that was loaded with them.
func (t Tenant) allowance(s *Snapshot, p *Person, now time.Time) (*allowance, error) {
	a := &allowance{budget: s.PolicyOrDefault().Budget.OrDefault(), digest: -1, loc: s.zoneOf(p, now)}
	for _, q := range a.budget.Quiet {
		a.quiet = append(a.quiet, [2]int{minutes(q.From), minutes(q.To)})
	}
	if a.budget.Digest != "" {
		a.digest = minutes(a.budget.Digest)
	}
	a.works = func(on Date) bool { return !p.away(on) && t.workingDay(s, p, on, now) }
	var err error
	a.told, err = toldOf(s.StandingsOf(Ref{KindPerson, p.ID}))
	return a, err
}

// zoneOf is where the person lives: their own zone, or else that of the cycle of the day,
// or else UTC. Nobody loses a notice to a zone that is not known any more.
func (s *Snapshot) zoneOf(p *Person, now time.Time) *time.Location {
	if loc, err := (Cycle{Zone: p.Zone}).Location(); err == nil {
		return loc
	}
	if c := s.cycleOfTheDay(now); c != nil {
		return c.zone()
	}
	return time.UTC
}

// cycleOfTheDay is the one that began last, or the first to begin where none has.
func (s *Snapshot) cycleOfTheDay(now time.Time) *Cycle {
	var is *Cycle
	begun := func(c *Cycle) bool { return !c.Today(now).Before(c.Start) }
	for i := range s.Cycles {
		c := &s.Cycles[i]
		switch {
		case is == nil, begun(c) && (!begun(is) || is.Start.Before(c.Start)), !begun(c) && !begun(is) && c.Start.Before(is.Start):
			is = c
		}
	}
	return is
}

// workingDay says whether people work on a day where the person lives: by the schedule
// of their home team in the cycle of the day, and the holidays of their own region if
// they have one. Where the calendar does not know, they do.
func (t Tenant) workingDay(s *Snapshot, p *Person, on Date, now time.Time) bool {
	var cycle ID
	if c := s.cycleOfTheDay(now); c != nil {
		cycle = c.ID
	}
	sched := Schedule{Frequency: Weekly}
	if c := s.CadenceIn(cycle, p.Team); c != nil {
		sched.WorkDays, sched.Holidays = c.WorkDays, c.Holidays
	}
	if p.Region != "" {
		sched.Holidays = p.Region
	}
	if t.desk.calendar == nil {
		if len(sched.WorkDays) > 0 {
			return slices.Contains(sched.WorkDays, on.Weekday())
		}
		return on.Weekday() != time.Saturday && on.Weekday() != time.Sunday
	}
	noon := Cycle{Zone: "UTC", Start: on.AddDays(-1), End: on}
	next, err := t.desk.calendar.Later(sched, noon, on.AddDays(-1).In(time.UTC).Add(12*time.Hour), 1)
	return err != nil || measure.DateOf(next.UTC()) == on
}

// neverOpen says whether quiet hours leave no minute of a day.
func (b Budget) neverOpen() bool {
	for clock := range 24 * 60 {
		quiet := slices.ContainsFunc(b.Quiet, func(q QuietHours) bool { return within(clock, minutes(q.From), minutes(q.To)) })
		if !quiet {
			return false
		}
	}
	return true
}

// within says whether a minute of the day lies in a span that may pass midnight.
func within(clock, from, to int) bool {
	if from < to {
		return from <= clock && clock < to
	}
	return from <= clock || clock < to
}

// minutes reads a time of day that was checked when it was set.
func minutes(at string) int {
	t, err := time.Parse("15:04", at)
	if err != nil {
		return -1
	}
	return t.Hour()*60 + t.Minute()
}

// longestQuiet bounds how far ahead a day is looked for: longer than any absence or
// holiday that is worth waiting for.
const longestQuiet = 400

// from is the first instant at or after now at which the person may be told what has
// waited since, false if there is none.
func (a *allowance) from(since, now time.Time) (time.Time, bool) {
	at, ok := since, true
	if a.digest >= 0 {
		at, ok = a.gathered(since, now)
	}
	if !ok {
		return at, false
	}
	if at.Before(now) {
		at = now
	}
	for range longestQuiet {
		next, ok := a.open(at)
		if !ok {
			return next, false
		}
		if next = a.spare(next); next.Equal(at) {
			return at.UTC(), true
		}
		if a.digest >= 0 {
			if next, ok = a.slot(next); !ok {
				return next, false
			}
		}
		at = next
	}
	return at, false
}

// look is when to see whether the person may be told: when they may, or tomorrow where
// no such time is in sight.
func (a *allowance) look(since, now time.Time) time.Time {
	at, ok := a.from(since, now)
	if !ok {
		return now.Add(24 * time.Hour)
	}
	return at
}

// gathered is when the digest goes that tells of what has waited since: at its time, or
// later on that day where nobody looked.
func (a *allowance) gathered(since, now time.Time) (time.Time, bool) {
	first, ok := a.slot(since)
	if !ok || !first.Before(now) {
		return first, ok
	}
	today, ok := a.slot(wall(measure.DateOf(now.In(a.loc)), 0, a.loc))
	if ok && !today.After(now) {
		return now, true
	}
	return a.slot(now)
}

// slot is the first time for a digest at or after the instant: the time of day, or the
// end of the quiet hours in which it lies.
func (a *allowance) slot(at time.Time) (time.Time, bool) {
	day := measure.DateOf(at.In(a.loc))
	on := func(day Date) (time.Time, bool) {
		if !a.budget.OffDays && !a.works(day) {
			return time.Time{}, false
		}
		return a.open(wall(day, a.digest, a.loc))
	}
	for range longestQuiet { // the digest of an earlier day may lie in quiet hours that end today
		if s, ok := on(day); ok && s.Before(at) {
			break
		}
		day = day.AddDays(-1)
	}
	for range 2 * longestQuiet {
		if s, ok := on(day); ok && !s.Before(at) {
			return s, true
		}
		day = day.AddDays(1)
	}
	return at, false
}

// open is the first instant at or after the given one that is not quiet.
func (a *allowance) open(at time.Time) (time.Time, bool) {
	days := 0
	for range 10 * longestQuiet {
		day := measure.DateOf(at.In(a.loc))
		if !a.budget.OffDays && !a.works(day) {
			if days++; days > longestQuiet {
				break
			}
			at = wall(day.AddDays(1), 0, a.loc)
			continue
		}
		end, quiet := a.quietUntil(at, day)
		if !quiet {
			return at, true
		}
		at = end
	}
	return at, false
}

// quietUntil says whether clocks show quiet hours, and when the span ends.
func (a *allowance) quietUntil(at time.Time, day Date) (time.Time, bool) {
	local := at.In(a.loc)
	clock := local.Hour()*60 + local.Minute()
	for _, q := range a.quiet {
		from, to := q[0], q[1]
		if !within(clock, from, to) {
			continue
		}
		end := day
		if from > to && clock >= from {
			end = day.AddDays(1)
		}
		until := wall(end, to, a.loc)
		if !until.After(at) { // clocks went back within the span: its end comes once more
			until = shows(end, to).Add(-offset(local))
		}
		return until, true
	}
	return at, false
}

// spare is the instant, or the beginning of the first day after it on which the person
// may get one more notice.
func (a *allowance) spare(at time.Time) time.Time {
	for {
		day := measure.DateOf(at.In(a.loc))
		monday := day.AddDays(-(int(day.Weekday()) + 6) % 7)
		today, week := 0, 0
		for _, sec := range a.told.At {
			d := measure.DateOf(time.Unix(sec, 0).In(a.loc))
			if d == day {
				today++
			}
			if !d.Before(monday) && d.Before(monday.AddDays(7)) {
				week++
			}
		}
		switch {
		case a.budget.PerWeek > 0 && week >= a.budget.PerWeek:
			at = wall(monday.AddDays(7), 0, a.loc)
		case a.budget.PerDay > 0 && today >= a.budget.PerDay:
			at = wall(day.AddDays(1), 0, a.loc)
		default:
			return at
		}
	}
}

// wall is the first instant at which clocks show so many minutes of a day: after a gap
// that they skip, its end, and of a time that they show twice, the first.
func wall(day Date, minute int, loc *time.Location) time.Time {
	shown := shows(day, minute)
	at := time.Date(shown.Year(), shown.Month(), shown.Day(), shown.Hour(), shown.Minute(), 0, 0, loc)
	start, end := at.ZoneBounds()
	switch is := at.Add(offset(at)).UTC(); {
	case is.After(shown) && !start.IsZero(): // in a gap, and counted from before it
		return start.UTC()
	case is.Before(shown) && !end.IsZero(): // in a gap, and counted from after it
		return end.UTC()
	case !start.IsZero():
		if first := shown.Add(-offset(start.Add(-time.Nanosecond).In(loc))); first.Before(start) {
			return first.UTC()
		}
	}
	return at.UTC()
}

// shows is the day and the minute as a clock shows them, as if it were in UTC.
func shows(day Date, minute int) time.Time {
	return day.In(time.UTC).Add(time.Duration(minute) * time.Minute)
}

func offset(at time.Time) time.Duration {
	_, seconds := at.Zone()
	return time.Duration(seconds) * time.Second
}
