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
	holidays *holidays // nil: none
	year     *holidayYear
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
	if w.week&(1<<weekday(day)) == 0 {
		return false
	}
	if w.holidays == nil {
		return true
	}
	if w.year == nil || day < w.year.first || day > w.year.last {
		// What failed is told of, and has no holidays.
		w.year, _ = w.holidays.year(regionYear{w.region, civil(day).Year()})
	}
	return !w.year.has(day)
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
	r, err := c.rhythm(s, cycle)
	if err != nil {
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
