package cadence

import (
	"cmp"
	"math"
	"time"
	"unicode/utf8"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

const daySeconds = 24 * 60 * 60

// rhythm is a schedule within a cycle, checked and reduced to whole numbers:
// days and months since 1970, seconds since 1970. It belongs to one call.
type rhythm struct {
	monthly bool
	first   int // weekly: day of the first due date; monthly: its month
	every   int // days, or months, from one due date to the next
	day     int // monthly: 1-31, clipped to the month's end
	week    int // monthly: 1-4, -1 is the last; 0 goes by day
	weekday int // monthly with a week
	clock   int64
	wall    wall

	move   int // where a date goes that is no working day: -1 before, 1 after, 0 nowhere
	work   workdays
	pauses []days

	start, end  int64 // the cycle's first instant, and the first one after it
	lead, grace int64

	keys *keys
	year *keyYear // of the last key
}

// days are a range, both included.
type days struct{ from, to int }

// rhythm checks the schedule and the cycle, and fills in what they come to.
func (c *Calendar) rhythm(r *rhythm, s *okr.Schedule, cycle *okr.Cycle) error {
	name := s.Zone
	s.Zone = "" // zones are the calendar's own to find
	if err := s.Check("cadence"); err != nil {
		return err
	}
	s.Zone = name
	r.keys = &c.keys
	r.clock = timeOfDay(s.At)
	r.lead, r.grace = seconds(cmp.Or(s.Lead, okr.Daily)), seconds(s.GraceOrDefault())
	r.work = c.workdays(s)
	switch s.OffDay {
	case okr.OffDayBefore:
		r.move = -1
	case okr.OffDayAfter:
		r.move = 1
	}
	for _, p := range s.Pauses {
		r.pauses = append(r.pauses, days{dayNumber(p.From), dayNumber(p.To)})
	}
	z, err := c.zone("cycle.zone", cycle.Zone)
	if err != nil {
		return err
	}
	r.wall.zone = z
	if err := r.within(cycle); err != nil {
		return err
	}
	if s.Zone != "" && s.Zone != okr.ZoneOwner && s.Zone != cycle.Zone {
		if z, err = c.zone("cadence.zone", s.Zone); err != nil {
			return err
		}
		r.wall = wall{zone: z}
	}

	anchor := cycle.Start
	if !s.Anchor.IsZero() {
		if anchor = s.Anchor; !realDate(anchor) {
			return invalid("cadence.anchor", anchor.String(), "give a date of the calendar such as 2026-10-01, or leave it out for the cycle's first day")
		}
	}
	r.count(s, dayNumber(anchor))
	return nil
}

// within sets the cycle's bounds.
func (r *rhythm) within(cycle *okr.Cycle) error {
	if !realDate(cycle.Start) {
		return invalid("cycle.start", cycle.Start.String(), "give the cycle's first day such as 2026-10-01")
	}
	if !realDate(cycle.End) {
		return invalid("cycle.end", cycle.End.String(), "give the cycle's last day such as 2026-12-31")
	}
	first, last := dayNumber(cycle.Start), dayNumber(cycle.End)
	if last < first {
		return invalid("cycle.end", cycle.End.String(), "the last day cannot be before the first, "+cycle.Start.String())
	}
	r.end = r.wall.instant(int64(last+1) * daySeconds)
	r.start = r.wall.instant(int64(first) * daySeconds)
	return nil
}

// count sets the first due date, the first day at or after the anchor that the
// schedule names, and the distance to the next. Months of which no day is named are
// counted whole, from the anchor's: they are over with the last day of the last.
func (r *rhythm) count(s *okr.Schedule, anchor int) {
	r.every = max(s.Every, 1)
	if s.Frequency == okr.Weekly {
		r.every *= 7
		r.first = anchor + mod7(int(s.Weekday)-weekday(anchor))
		return
	}
	r.monthly, r.week, r.weekday = true, s.Week, int(s.Weekday)
	if r.day = s.Day; r.day == 0 {
		r.day = 31
	}
	r.first = month(anchor)
	if s.Week == 0 && s.Day == 0 {
		r.first += r.every - 1 // a quarter ends with its third month
	} else if r.dayOf(0) < anchor {
		r.first++
	}
}

// dayOf is the day of the occurrence k, counted from the first.
func (r *rhythm) dayOf(k int) int {
	n := r.first + k*r.every
	if !r.monthly {
		return n
	}
	switch {
	case r.week > 0:
		start := monthStart(n)
		return start + mod7(r.weekday-weekday(start)) + 7*(r.week-1)
	case r.week < 0:
		end := monthStart(n+1) - 1
		return end - mod7(weekday(end)-r.weekday)
	}
	return min(monthStart(n)+r.day, monthStart(n+1)) - 1
}

// date is one that the schedule names, and what became of it.
type date struct {
	day     int   // as it was named
	instant int64 // when it would be due on that day
	on      int   // the day on which it is due
	due     int64 // when it is due
	is      bool  // it lies within the cycle, and in no pause
}

// date fills in the occurrence k. Its due instants ascend with k.
func (r *rhythm) date(d *date, k int) {
	d.day = r.dayOf(k)
	d.on = d.day
	d.instant = r.wall.instant(int64(d.day)*daySeconds + r.clock)
	d.due, d.is = d.instant, d.instant >= r.start && d.instant < r.end && !r.paused(d.day)
	if !d.is || r.move == 0 || r.work.has(d.day) {
		return
	}
	// It stays between the dates that the schedule names before and after it, so that
	// no two can meet, and none overtake.
	neighbour := math.MinInt
	if k+r.move >= 0 {
		neighbour = r.dayOf(k + r.move)
	}
	for day := d.day + r.move; day != neighbour; day += r.move {
		at := r.wall.instant(int64(day)*daySeconds + r.clock)
		if at < r.start || at >= r.end {
			break
		}
		if r.work.has(day) && !r.paused(day) {
			d.on, d.due = day, at
			break
		}
	}
}

func (r *rhythm) paused(day int) bool {
	for _, p := range r.pauses {
		if day >= p.from && day <= p.to {
			return true
		}
	}
	return false
}

// at is an occurrence before which the schedule names none after the instant, and
// hardly earlier than need be.
func (r *rhythm) at(instant int64) int {
	day := int(floorDiv(instant-reach, daySeconds))
	n := day
	if r.monthly {
		n = month(day)
	}
	k := max(int(floorDiv(int64(n-r.first), int64(r.every))), 0)
	for r.dayOf(k) < day {
		k++
	}
	return k
}

// after is an occurrence before which none is due after the instant.
func (r *rhythm) after(instant int64) int {
	k := r.at(instant)
	if r.move > 0 && k > 0 {
		k-- // it may have moved past the instant
	}
	return k
}

// window is (from, to] without what lies outside the cycle. Due instants are
// whole seconds, so fractions of one do not matter.
func (r *rhythm) window(from, to time.Time) (lo, hi int64) {
	clip := func(t time.Time) int64 { return min(max(t.Unix(), r.start-1), r.end-1) }
	return clip(from), clip(to)
}

// shortest is the least number of seconds between two occurrences, about.
func (r *rhythm) shortest() int64 {
	if r.monthly {
		return int64(r.every) * 28 * daySeconds
	}
	return int64(r.every) * daySeconds
}

func (r *rhythm) occurrence(o *okr.Occurrence, d *date) {
	if r.year == nil || !r.year.has(d.day) {
		r.year = r.keys.year(d.day)
	}
	o.Key = r.year.key(d.day)
	opens, ends := d.due-r.lead, d.due+r.grace
	if r.move != 0 || len(r.pauses) > 0 {
		var ok bool
		if opens, ok = r.near(d, -r.lead, -1); !ok {
			opens = r.opens(d.due)
		}
		if ends, ok = r.near(d, r.grace, 1); !ok {
			ends = r.graceEnds(d.due)
		}
	}
	o.Opens, o.Due, o.GraceEnds = time.Unix(opens, 0).UTC(), time.Unix(d.due, 0).UTC(), time.Unix(ends, 0).UTC()
}

// near is the working day that far from the due date, or the nearest one beyond, at
// the same time of day. It knows the answer where whole days lie between, no clock
// change and no pause, as nearly always: then the clocks need not be asked.
func (r *rhythm) near(d *date, far int64, step int) (int64, bool) {
	if far%daySeconds != 0 || len(r.pauses) > 0 {
		return 0, false
	}
	day := d.on + int(far/daySeconds)
	for n := 0; !r.work.has(day); n++ {
		if day += step; n == longestRest {
			return 0, false
		}
	}
	t := d.due + int64(day-d.on)*daySeconds
	return t, r.wall.constant(min(d.due, t), max(d.due, t))
}

// opens is the lead before due, on a working day where the schedule moves due dates
// to working days, and in no pause: after one it opens with the first day.
func (r *rhythm) opens(due int64) int64 {
	t := due - r.lead
	day, clock := r.wall.shows(t)
	was := day
	for n := 0; r.move != 0 && !r.work.has(day) && !r.paused(day) && n < longestRest; n++ {
		day--
	}
	switch {
	case r.paused(day):
		for r.paused(day) {
			day++
		}
		return min(r.wall.instant(int64(day)*daySeconds), due)
	case day != was && r.work.has(day):
		return r.wall.instant(int64(day)*daySeconds + clock)
	}
	return t
}

// graceEnds is the grace after due, on a working day where the schedule moves due
// dates to working days, and in no pause.
func (r *rhythm) graceEnds(due int64) int64 {
	t := due + r.grace
	day, clock := r.wall.shows(t)
	was := day
	for n := 0; r.paused(day) || r.move != 0 && !r.work.has(day); n++ {
		if day++; n > longestRest {
			return t
		}
	}
	if day == was {
		return t
	}
	return r.wall.instant(int64(day)*daySeconds + clock)
}

func seconds(i okr.Interval) int64 { return int64(i.Duration() / time.Second) }

// realDate says whether d is a day of the calendar, and its neighbours can be
// written with four digits of year.
func realDate(d okr.Date) bool {
	return d.Year >= 1 && d.Year < 9999 && d == measure.NewDate(d.Year, d.Month, d.Day)
}

func dayNumber(d okr.Date) int {
	return int(floorDiv(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix(), daySeconds))
}

func civil(day int) time.Time { return time.Unix(int64(day)*daySeconds, 0).UTC() }

// weekday: 1 January 1970 was a Thursday.
func weekday(day int) int { return mod7(day + int(time.Thursday)) }

// month counts the months since January 1970.
func month(day int) int {
	y, m, _ := civil(day).Date()
	return (y-1970)*12 + int(m) - 1
}

func monthStart(month int) int {
	return dayNumber(okr.Date{Year: 1970, Month: time.Month(month + 1), Day: 1})
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// mod7 is the remainder of days by weeks, never negative; a is within ten thousand
// years.
func mod7(a int) int { return int(uint(a+7_000_000) % 7) }

// invalid names the field, the value, shortened, and the remedy.
func invalid(field, value, remedy string) error {
	const most = 80
	if utf8.RuneCountInString(value) > most {
		value = string([]rune(value)[:most]) + "…"
	}
	return &okr.InvalidError{Field: field, Value: value, Remedy: remedy}
}
