package okr

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The named intervals. A month is 30 days and a quarter 91: an interval says how
// often a source is updated, it does not place dates on a calendar.
const (
	Hourly    = Interval(time.Hour)
	Daily     = 24 * Hourly
	EveryWeek = 7 * Daily
	EveryTwo  = 14 * Daily
	EachMonth = 30 * Daily
	Quarterly = 91 * Daily
)

// mostInterval is about a hundred years.
const mostInterval = 100 * 52 * EveryWeek

var intervalNames = []struct {
	name string
	is   Interval
}{
	{"hourly", Hourly},
	{"daily", Daily},
	{"weekly", EveryWeek},
	{"biweekly", EveryTwo},
	{"monthly", EachMonth},
	{"quarterly", Quarterly},
}

// ParseInterval reads a named interval or a whole number of m (minutes), h, d
// or w.
func ParseInterval(s string) (Interval, error) {
	text := strings.ToLower(strings.TrimSpace(s))
	if text == "" {
		return 0, nil
	}
	for _, n := range intervalNames {
		if text == n.name {
			return n.is, nil
		}
	}
	unit := map[byte]Interval{'m': Interval(time.Minute), 'h': Hourly, 'd': Daily, 'w': EveryWeek}[text[len(text)-1]]
	n, err := strconv.Atoi(text[:len(text)-1])
	if unit == 0 || err != nil || n <= 0 || Interval(n) > mostInterval/unit {
		return 0, invalid("interval", s, "use hourly, daily, weekly, biweekly, monthly, quarterly, or a number with m, h, d or w such as 6h or 14d")
	}
	return Interval(n) * unit, nil
}

// Duration is the interval as a span of time.
func (i Interval) Duration() time.Duration { return time.Duration(i) }

// String is the shortest text form, "" for none.
func (i Interval) String() string {
	if i == 0 {
		return ""
	}
	for _, n := range intervalNames {
		if i == n.is {
			return n.name
		}
	}
	for _, u := range []struct {
		unit   Interval
		suffix string
	}{{EveryWeek, "w"}, {Daily, "d"}, {Hourly, "h"}, {Interval(time.Minute), "m"}} {
		if i%u.unit == 0 {
			return fmt.Sprintf("%d%s", i/u.unit, u.suffix)
		}
	}
	return time.Duration(i).String()
}

// MarshalText writes the text form.
func (i Interval) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText reads the text forms of [ParseInterval].
func (i *Interval) UnmarshalText(b []byte) error {
	v, err := ParseInterval(string(b))
	if err != nil {
		return err
	}
	*i = v
	return nil
}
