package cadence

import (
	"sync/atomic"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// keys writes the days of a year once, in the form 2026-10-09: all occurrences that
// are due on a day share its text. Years that are not known are written each time.
type keys struct {
	known [lastKnown - firstKnown + 1]atomic.Pointer[keyYear]
}

// keyYear are the days of a year, one after the other.
type keyYear struct {
	first, days int // days since 1970
	text        string
}

const keyLength = len("2026-10-09")

func (y *keyYear) has(day int) bool { return uint(day-y.first) < uint(y.days) }

// key is the text of a day that the year has.
func (y *keyYear) key(day int) string {
	at := (day - y.first) * keyLength
	return y.text[at : at+keyLength]
}

// year is the one that holds the day.
func (k *keys) year(day int) *keyYear {
	date := measure.DateOf(civil(day))
	if date.Year < firstKnown || date.Year > lastKnown {
		// What is kept is bounded.
		return &keyYear{first: day, days: 1, text: date.String()}
	}
	at := &k.known[date.Year-firstKnown]
	if y := at.Load(); y != nil {
		return y
	}
	y := &keyYear{first: dayNumber(measure.NewDate(date.Year, time.January, 1))}
	text := make([]byte, 0, 366*keyLength)
	for d := measure.NewDate(date.Year, time.January, 1); d.Year == date.Year; d = d.AddDays(1) {
		text = append(text, d.String()...)
		y.days++
	}
	y.text = string(text)
	at.Store(y)
	return y
}
