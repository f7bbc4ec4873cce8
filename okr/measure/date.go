package measure

import (
	"fmt"
	"time"
)

// Date is a civil date: a day on a calendar, in no time zone. Its zero value is
// "no date".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// NewDate is the civil date of the parts; parts out of range are carried over
// as [time.Date] does.
func NewDate(year int, month time.Month, day int) Date {
	return DateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// DateOf is the civil date that t shows in its own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// ParseDate reads the form 2026-10-01.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("measure: %q is not a date of the form 2026-10-01", s)
	}
	return DateOf(t), nil
}

// IsZero says whether there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// String is the form 2026-10-01, or "" for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// In is the first instant of the day in loc. Where a clock change skips
// midnight it is the first instant that exists.
func (d Date) In(loc *time.Location) time.Time {
	t := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc)
	if DateOf(t) != d {
		// Midnight does not exist on this day, and time.Date went back to the
		// day before: step over the gap.
		t = time.Date(d.Year, d.Month, d.Day, 1, 0, 0, 0, loc)
	}
	return t
}

// AddDays is the date n days later.
func (d Date) AddDays(n int) Date {
	return DateOf(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC))
}

// DaysUntil is the number of calendar days from d to e, negative if e is
// earlier.
func (d Date) DaysUntil(e Date) int { return e.number() - d.number() }

// number counts the days of the Gregorian calendar from a common one, carrying
// over months out of range: floor divisions only, because pace asks for it three
// times a key result. (Days from civil, after H. Hinnant.)
func (d Date) number() int {
	y, m := d.Year, int(d.Month)-1
	if m < 0 || m > 11 {
		y, m = y+floor(m, 12), m-12*floor(m, 12)
	}
	if m < 2 { // the year begins in March, so that the leap day is its last
		y, m = y-1, m+10
	} else {
		m -= 2
	}
	era := floor(y, 400)
	ofEra := y - era*400
	return era*146097 + ofEra*365 + ofEra/4 - ofEra/100 + (153*m+2)/5 + d.Day
}

func floor(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// Before says whether d is an earlier day than e.
func (d Date) Before(e Date) bool { return d.number() < e.number() }

// After says whether d is a later day than e.
func (d Date) After(e Date) bool { return e.Before(d) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Weekday()
}

// MarshalText writes the form 2026-10-01, or nothing for no date.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the form 2026-10-01; empty text is no date.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	v, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}
