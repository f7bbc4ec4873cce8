package cadence

import (
	"slices"
	"sync"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// Calendar turns schedules into occurrences. It implements [okr.Calendar], does
// no I/O once it has seen a time zone, and is safe for concurrent use.
type Calendar struct {
	load     func(name string) (*time.Location, error)
	zones    sync.Map // name -> *zone
	keys     keys
	holidays *holidays
}

var (
	_ okr.Calendar        = (*Calendar)(nil)
	_ okr.ScheduleChecker = (*Calendar)(nil)
)

// Option changes a [Calendar].
type Option func(*Calendar)

// Zones takes time zones from load instead of [time.LoadLocation], for hosts
// that bring their own copy of the IANA database. A zone is loaded once and kept
// as long as the calendar.
func Zones(load func(name string) (*time.Location, error)) Option {
	return func(c *Calendar) { c.load = load }
}

// New returns a calendar.
func New(opts ...Option) *Calendar {
	c := &Calendar{load: time.LoadLocation}
	for _, o := range opts {
		o(c)
	}
	return c
}

// Occurrences lists the occurrences whose due instant lies in (from, to] and
// within the cycle, ascending. The package documentation says how they are
// counted.
//
// A schedule or a cycle that cannot be used is an [*okr.InvalidError], whatever
// the range; so an empty range asks only whether they can. Only there a region that
// the holiday calendar does not have is one as well: where somebody waits for a due
// date, it has no holidays.
func (c *Calendar) Occurrences(s okr.Schedule, cycle okr.Cycle, from, to time.Time) ([]okr.Occurrence, error) {
	var r rhythm
	if err := c.rhythm(&r, &s, &cycle); err != nil {
		return nil, err
	}
	lo, hi := r.window(from, to)
	if !from.Before(to) {
		return nil, c.checkRegion("cadence.holidays", s.Holidays)
	}
	if lo >= hi {
		return nil, nil
	}
	out := make([]okr.Occurrence, 0, int((hi-lo)/r.shortest())+1)
	var d date
	for k := r.after(lo); ; k++ {
		r.date(&d, k)
		if d.due > hi {
			break
		}
		if !d.is || d.due <= lo {
			continue
		}
		// In place: to make it elsewhere and copy it is a fifth of the cost otherwise.
		if len(out) < cap(out) {
			out = out[:len(out)+1]
		} else {
			out = append(out, okr.Occurrence{})
		}
		r.occurrence(&out[len(out)-1], &d)
	}
	return out, nil
}

// Next is the first occurrence due after the instant. It reports false where
// the cycle holds no more. Errors are those of [Calendar.Occurrences].
func (c *Calendar) Next(s okr.Schedule, cycle okr.Cycle, after time.Time) (okr.Occurrence, bool, error) {
	var r rhythm
	if err := c.rhythm(&r, &s, &cycle); err != nil {
		return okr.Occurrence{}, false, err
	}
	lo, hi := r.window(after, time.Unix(r.end, 0))
	var d date
	for k := r.after(lo); ; k++ {
		r.date(&d, k)
		if d.due > hi {
			return okr.Occurrence{}, false, nil
		}
		if d.is && d.due > lo {
			var o okr.Occurrence
			r.occurrence(&o, &d)
			return o, true, nil
		}
	}
}

// Previous is the last occurrence due at or before the instant. It reports
// false where the cycle holds none so early. Errors are those of
// [Calendar.Occurrences].
func (c *Calendar) Previous(s okr.Schedule, cycle okr.Cycle, at time.Time) (okr.Occurrence, bool, error) {
	var r rhythm
	if err := c.rhythm(&r, &s, &cycle); err != nil {
		return okr.Occurrence{}, false, err
	}
	lo, hi := r.window(time.Unix(r.start-1, 0), at)
	var d date
	for k := r.at(hi + 2*reach); k >= 0; k-- {
		r.date(&d, k)
		if d.is && d.due > lo && d.due <= hi {
			var o okr.Occurrence
			r.occurrence(&o, &d)
			return o, true, nil
		}
		if d.instant <= lo {
			break // those before it are due before it
		}
	}
	return okr.Occurrence{}, false, nil
}

// Sessions lists the sessions of the cycle that start in (from, to], ascending: see
// [okr.Cycle.SessionDates].
func (c *Calendar) Sessions(cycle okr.Cycle, from, to time.Time) ([]okr.SessionDate, error) {
	all, err := cycle.SessionDates(c)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(d okr.SessionDate) bool { return !d.Starts.After(from) || d.Starts.After(to) }), nil
}

// CheckSchedule says whether the calendar knows the zone and the region that the
// schedule names; one that leaves open how often may name them too. Errors name the
// field. It implements [okr.ScheduleChecker].
func (c *Calendar) CheckSchedule(field string, s okr.Schedule) error {
	if s.Zone != "" && s.Zone != okr.ZoneOwner {
		if _, err := c.zone(field+".zone", s.Zone); err != nil {
			return err
		}
	}
	return c.checkRegion(field+".holidays", s.Holidays)
}

// zone is the one with the name, loaded once.
func (c *Calendar) zone(field, name string) (*zone, error) {
	if z, ok := c.zones.Load(name); ok {
		return z.(*zone), nil
	}
	// "" and "Local" would be whatever the machine is set to.
	if name != "" && name != "Local" {
		if loc, err := c.load(name); err == nil && loc != nil {
			z := newZone(loc)
			c.zones.Store(name, z)
			return z, nil
		}
	}
	return nil, invalid(field, name, "use a name of the IANA time zone database, such as Europe/Zurich or UTC")
}
