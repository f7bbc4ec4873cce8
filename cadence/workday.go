package cadence

import (
	"fmt"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// workdays says which days are worked on.
type workdays struct {
	week uint8 // bit 0 is Sunday
}

const (
	mondayToFriday = 0b0111110
	mostLater      = 10_000 // working days; forty years
	longestRest    = 400    // days without a working day, more than any calendar has
)

func (c *Calendar) workdays(s okr.Schedule) workdays {
	w := workdays{week: mondayToFriday}
	if len(s.WorkDays) > 0 {
		w.week = 0
		for _, d := range s.WorkDays {
			w.week |= 1 << d
		}
	}
	return w
}

func (w workdays) has(day int) bool { return w.week&(1<<weekday(day)) != 0 }

// Later is the instant that many working days after another, at the same local time
// of day, in the schedule's zone: one working day after a Friday or a Saturday is the
// Monday. None is the instant itself. Errors are those of [Calendar.Occurrences], and
// an [*okr.InvalidError] for a number below 0 or above 10,000.
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
	w := c.workdays(s)
	_, offset := from.In(r.wall.loc).Zone()
	local := from.Unix() + int64(offset)
	day := int(floorDiv(local, daySeconds))
	for rest := 0; workingDays > 0 && rest < longestRest; rest++ {
		if day++; w.has(day) {
			workingDays--
			rest = 0
		}
	}
	return time.Unix(r.wall.instant(int64(day)*daySeconds+local-floorDiv(local, daySeconds)*daySeconds), int64(from.Nanosecond())).UTC(), nil
}
