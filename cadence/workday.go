package cadence

import (
	"fmt"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// workdays says which days are worked on: those of the working week that are no
// holiday. It belongs to one call.
type workdays struct {
	week     uint8 // bit 0 is Sunday
	region   string
	holidays *holidays   // nil: none
	years    [2]workYear // the last two: around New Year they take turns
}

// workYear are the working days of a year of a region.
type workYear struct {
	first int // days since 1970
	days  int
	on    yearBits
}

const (
	mondayToFriday = 0b0111110
	mostLater      = 10_000 // working days; forty years
	longestRest    = 400    // days without a working day, more than any calendar has
)

func (c *Calendar) workdays(s *okr.Schedule) workdays {
	w := workdays{week: mondayToFriday, region: s.Holidays}
	if s.Holidays != "" {
		w.holidays = c.holidays
	}
	if len(s.WorkDays) > 0 {
		w.week = 0
		for _, d := range s.WorkDays {
			w.week |= 1 << d
		}
	}
	return w
}

func (w *workdays) has(day int) bool {
	if w.holidays == nil {
		return w.week&(1<<weekday(day)) != 0
	}
	y := &w.years[0]
	if uint(day-y.first) >= uint(y.days) {
		w.turn(day)
	}
	return y.on.has(day - y.first)
}

// turn puts the year of the day first.
func (w *workdays) turn(day int) {
	w.years[0], w.years[1] = w.years[1], w.years[0]
	y := &w.years[0]
	if uint(day-y.first) < uint(y.days) {
		return
	}
	// What failed is told of, and has no holidays.
	of, _ := w.holidays.year(regionYear{w.region, civil(day).Year()})
	*y = workYear{first: of.first, days: of.last - of.first + 1, on: everyWeek(w.week, weekday(of.first))}
	for i := range y.on {
		y.on[i] &^= of.off[i]
	}
}

// yearBits are days of a year; bit 0 is 1 January.
type yearBits [6]uint64

func (b *yearBits) has(n int) bool { return b[uint(n)/64]&(1<<(uint(n)%64)) != 0 }

// everyWeek are the days of a year that begins on the weekday.
func everyWeek(week uint8, begins int) (out yearBits) {
	week = (week>>begins | week<<(7-begins)) & 0x7f // bit 0 is the weekday of 1 January
	const nineWeeks = 0x0102040810204081            // a bit every 7
	for i := range out {
		// 64 days are nine weeks and a day: each word begins a weekday later.
		turned := uint64(week>>(i%7)|week<<(7-i%7)) & 0x7f
		out[i] = turned * nineWeeks
		out[i] |= turned & 1 << 63
	}
	return out
}

// Later is the instant that many working days after another, at the same local time
// of day, in the schedule's zone: one working day after a Friday or a Saturday is the
// Monday. Days of a pause do not count. None is the instant itself. Errors are those
// of [Calendar.Occurrences], and an [*okr.InvalidError] for a number below 0 or above
// 10,000.
func (c *Calendar) Later(s okr.Schedule, cycle okr.Cycle, from time.Time, workingDays int) (time.Time, error) {
	if workingDays < 0 || workingDays > mostLater {
		return time.Time{}, invalid("working_days", fmt.Sprint(workingDays), fmt.Sprintf("use 0 to %d", mostLater))
	}
	var r rhythm
	if err := c.rhythm(&r, &s, &cycle); err != nil {
		return time.Time{}, err
	}
	if workingDays == 0 {
		return from, nil
	}
	day, clock := r.wall.shows(from.Unix())
	for rest := 0; workingDays > 0 && rest < longestRest; rest++ {
		if day++; r.work.has(day) && !r.paused(day) {
			workingDays--
			rest = 0
		}
	}
	return time.Unix(r.wall.instant(int64(day)*daySeconds+clock), int64(from.Nanosecond())).UTC(), nil
}
