package planfile

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// scheduleRemedy says which words a cadence may have.
const scheduleRemedy = `write weekly, biweekly, monthly, quarterly, or words such as "friday 16:00", "every 2 weeks on tuesday", "last friday of the month"`

var (
	weeksOfMonth = map[string]int{
		"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "last": -1,
	}
	rhythms = map[string]okr.Schedule{
		"weekly": {Frequency: okr.Weekly}, "biweekly": {Frequency: okr.Weekly, Every: 2}, "fortnightly": {Frequency: okr.Weekly, Every: 2},
		"monthly": {Frequency: okr.Monthly}, "quarterly": {Frequency: okr.Monthly, Every: 3},
	}
	units = map[string]okr.Frequency{"week": okr.Weekly, "weeks": okr.Weekly, "month": okr.Monthly, "months": okr.Monthly}

	wholeNumber = regexp.MustCompile(`^\d{1,3}$`)
)

// scheduleOf reads a cadence in words: how often ("weekly", "every 2 weeks", "every
// second tuesday"), on which day ("on tuesday", "last friday of the month"), and when.
func scheduleOf(text string) (okr.Schedule, bool) {
	words := strings.Fields(strings.ToLower(strings.ReplaceAll(text, ",", " ")))
	w := scheduleWords{words: words}
	for len(w.words) > 0 {
		if !w.step() {
			return okr.Schedule{}, false
		}
	}
	return w.done()
}

// scheduleWords is a cadence of which some words are read.
type scheduleWords struct {
	okr.Schedule
	words   []string
	weekday bool
	before  string // the word that was read last
}

func (w *scheduleWords) next(n int) string {
	if n < len(w.words) {
		return w.words[n]
	}
	return ""
}

// step reads what stands next; false: it is nothing that a cadence says.
func (w *scheduleWords) step() bool {
	word, n, ok := w.words[0], 1, true
	d, day := weekdayOf(word)
	at, clock := timeOf(word)
	nth, ordinal := weeksOfMonth[word]
	rhythm, named := rhythms[word]
	switch {
	case day && len(word) > 2:
		ok = w.on(d)
	case clock:
		ok = w.At == ""
		w.At = at
	case named:
		ok = w.often(rhythm.Frequency, rhythm.Every)
	case w.before == "every" && wholeNumber.MatchString(word):
		every, _ := strconv.Atoi(word)
		n, ok = 2, every > 0 && w.often(units[w.next(1)], every)
	case w.before == "every" && (word == "second" || word == "2nd" || word == "other") && units[w.next(1)] != "":
		n, ok = 2, w.often(units[w.next(1)], 2)
	case w.before == "every" && (word == "second" || word == "2nd" || word == "other") && !w.monthly(2):
		ok = w.often(okr.Weekly, 2)
	case w.before == "every" && units[word] != "":
		ok = w.often(units[word], 0)
	case ordinal:
		// The last Friday of the month, or of each third one where that is said.
		if d, day = weekdayOf(w.next(1)); !day || len(w.next(1)) < 3 || !w.on(d) || w.Week != 0 {
			return false
		}
		n, w.Week = 2, nth
		if w.monthly(n) {
			n += 3
			if w.Frequency == "" {
				w.Frequency = okr.Monthly
			}
		}
	case word == "every" || word == "on" || word == "at" || word == "the":
	default:
		ok = false
	}
	w.before, w.words = word, w.words[min(n, len(w.words)):]
	return ok
}

// monthly says whether "of the month" stands from the nth word on.
func (w *scheduleWords) monthly(n int) bool {
	unit := w.next(n + 2)
	return (w.next(n) == "of" || w.next(n) == "in") && (w.next(n+1) == "the" || w.next(n+1) == "each" || w.next(n+1) == "every") && unit == "month"
}

func (w *scheduleWords) on(d time.Weekday) bool {
	again := w.weekday
	w.Weekday, w.weekday = d, true
	return !again
}

func (w *scheduleWords) often(f okr.Frequency, every int) bool {
	if f == "" || w.Frequency != "" {
		return false
	}
	if w.Frequency, w.Every = f, every; every == 1 {
		w.Every = 0
	}
	return true
}

func (w *scheduleWords) done() (okr.Schedule, bool) {
	switch {
	case w.before == "every" || w.before == "on" || w.before == "at" || w.before == "the":
		return okr.Schedule{}, false
	case w.Frequency == "" && w.weekday && w.Week == 0:
		w.Frequency = okr.Weekly
	case w.Frequency == okr.Weekly && !w.weekday:
		w.Weekday = usualWeekday
	}
	switch w.Frequency {
	case okr.Weekly:
		return w.Schedule, w.Week == 0
	case okr.Monthly:
		return w.Schedule, w.weekday == (w.Week != 0)
	}
	return okr.Schedule{}, false
}

// scheduleText says a schedule in words, "" if words are not enough.
func scheduleText(s *okr.Schedule) string {
	if s == nil || s.Frequency == "" {
		return ""
	}
	var words []string
	switch {
	case s.Every < 0 || s.Every > 999:
	case s.Frequency == okr.Weekly && s.Every <= 1:
		words = append(words, "weekly")
	case s.Frequency == okr.Weekly && s.Every == 2:
		words = append(words, "biweekly")
	case s.Frequency == okr.Weekly:
		words = append(words, fmt.Sprintf("every %d weeks", s.Every))
	case s.Frequency == okr.Monthly && s.Every <= 1:
		words = append(words, "monthly")
	case s.Frequency == okr.Monthly && s.Every == 3:
		words = append(words, "quarterly")
	case s.Frequency == okr.Monthly:
		words = append(words, fmt.Sprintf("every %d months", s.Every))
	}
	weekday := strings.ToLower(s.Weekday.String())
	switch {
	case s.Frequency == okr.Weekly:
		words = append(words, weekday)
	case s.Frequency == okr.Monthly && s.Week != 0:
		for _, nth := range []string{"first", "second", "third", "fourth", "last"} {
			if weeksOfMonth[nth] == s.Week {
				words = append(words, nth, weekday)
			}
		}
	}
	if s.At != "" {
		words = append(words, s.At)
	}
	return strings.Join(words, " ")
}
