package cadence

import (
	"time"

	"github.com/okrkit/okrkit/okr"
)

// Weekly is due every week on the weekday, at the local time of day such as
// "17:00"; "" is 17:00.
func Weekly(on time.Weekday, at string) okr.Schedule {
	return EveryWeeks(1, on, at)
}

// EveryWeeks is due every n weeks on the weekday. The first is the first such
// weekday at or after the anchor.
func EveryWeeks(n int, on time.Weekday, at string) okr.Schedule {
	return okr.Schedule{Frequency: okr.Weekly, Every: n, Weekday: on, At: at}
}

// Monthly is due every month on the day, 1 to 31. Beyond the month's end it is
// the last day, and so is 0, which of every n months is that of the n-th.
func Monthly(day int, at string) okr.Schedule {
	return okr.Schedule{Frequency: okr.Monthly, Every: 1, Day: day, At: at}
}
