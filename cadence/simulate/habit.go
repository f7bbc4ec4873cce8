package simulate

import (
	"fmt"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// Habit is how somebody deals with check-ins. Shares are in [0,1]; whoever acts does so
// on a working day of theirs between nine and six, by their clock, and not while away.
type Habit struct {
	// Unprompted is the share of occurrences that are answered without being asked,
	// at some time between the opening of the occurrence and its due instant.
	Unprompted float64
	// Answers is the share of reminders that are answered, each reminder drawn anew:
	// of an occurrence that is due, overdue, missed, or escalated to this person.
	Answers float64
	// Median and Slow are how long an answer takes: half of them less than Median, 19
	// of 20 less than Slow; in between and beyond, log-normal.
	Median, Slow time.Duration
	// Blocked is the share of check-ins that raise a blocker.
	Blocked float64
}

// The habits that have a name.
const (
	Diligent = "diligent" // answers most without being asked, and nearly every reminder within hours
	Late     = "late"     // waits for the reminder, and takes days
	Silent   = "silent"   // hardly ever answers
	Mixed    = "mixed"    // of ten people, six are diligent, three late, one silent; drawn for each person
)

// Habits lists the names of habits.
func Habits() []string { return []string{Diligent, Late, Silent, Mixed} }

var presets = map[string]Habit{
	Diligent: {Unprompted: 0.6, Answers: 0.95, Median: 3 * time.Hour, Slow: 20 * time.Hour, Blocked: 0.03},
	Late:     {Unprompted: 0.05, Answers: 0.6, Median: 36 * time.Hour, Slow: 6 * 24 * time.Hour, Blocked: 0.03},
	Silent:   {Answers: 0.05, Median: 48 * time.Hour, Slow: 10 * 24 * time.Hour},
}

// HabitNamed is the habit of the name; false if there is none. Mixed is no habit of
// one person: [Scenario.Habit] draws one.
func HabitNamed(name string) (Habit, bool) {
	h, ok := presets[name]
	return h, ok
}

func (h Habit) check(field string) error {
	for _, s := range []struct {
		name  string
		share float64
	}{{"unprompted", h.Unprompted}, {"answers", h.Answers}, {"blocked", h.Blocked}} {
		if !(s.share >= 0 && s.share <= 1) {
			return invalid(field+"."+s.name, fmt.Sprint(s.share), "a share lies between 0 and 1")
		}
	}
	switch {
	case h.Median < 0 || h.Median > maxDelay:
		return invalid(field+".median", h.Median.String(), "an answer takes between nothing and 120 days")
	case h.Slow < 0 || h.Slow > maxDelay:
		return invalid(field+".slow", h.Slow.String(), "an answer takes between nothing and 120 days")
	case h.Slow > 0 && h.Slow < h.Median:
		return invalid(field+".slow", h.Slow.String(), fmt.Sprintf("slow answers take no less than the median, %s", h.Median))
	}
	return nil
}

// habitOf is how the person deals with check-ins, and under which name.
func (s *Scenario) habitOf(c chance, who okr.ID) (string, Habit) {
	name := s.Habits[who]
	if name == "" {
		name = s.Habit
	}
	if name == "" || name == Mixed {
		switch n := c.about("habit", string(who)).IntN(10); {
		case n < 6:
			name = Diligent
		case n < 9:
			name = Late
		default:
			name = Silent
		}
	}
	if h, own := s.Own[name]; own {
		return name, h
	}
	return name, presets[name]
}

func (s *Scenario) checkHabits() error {
	for _, name := range sorted(s.Own) {
		h := s.Own[name]
		if slices.Contains(Habits(), name) {
			return invalid("habits."+name, name, "this is a preset: give it another name")
		}
		if err := h.check("habits." + name); err != nil {
			return err
		}
	}
	known := func(field, name string) error {
		if _, own := s.Own[name]; own || name == "" || slices.Contains(Habits(), name) {
			return nil
		}
		return invalid(field, name, fmt.Sprintf("use one of %v, or describe it under habits", Habits()))
	}
	if err := known("habit", s.Habit); err != nil {
		return err
	}
	for _, who := range sorted(s.Habits) {
		if err := known("people."+string(who), s.Habits[who]); err != nil {
			return err
		}
	}
	return nil
}
