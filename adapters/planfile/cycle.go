package planfile

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

var (
	quarterFirst = regexp.MustCompile(`(?i)\bq([1-4])\s*[-/. ']?\s*(?:(?:cy)?\s*)((?:19|20)\d\d)\b`)
	yearFirst    = regexp.MustCompile(`(?i)\b(?:cy\s*)?((?:19|20)\d\d)\s*[-/. ]?\s*q([1-4])\b`)
)

// cycleOf reads a cycle out of words such as "2026-Q4" or "Q4 2026". The name is
// the text; dates are there when the text gives them: a fiscal quarter begins
// when its company says.
func cycleOf(text string) okr.PlanCycle {
	text = strings.TrimSpace(text)
	c := okr.PlanCycle{Name: text}
	var year, quarter int
	if m := quarterFirst.FindStringSubmatch(text); m != nil {
		quarter, _ = strconv.Atoi(m[1])
		year, _ = strconv.Atoi(m[2])
	} else if m := yearFirst.FindStringSubmatch(text); m != nil {
		year, _ = strconv.Atoi(m[1])
		quarter, _ = strconv.Atoi(m[2])
	}
	if year > 0 {
		c.Key = fmt.Sprintf("%04d-Q%d", year, quarter)
		c.Start, c.End = quarterDates(year, quarter)
	}
	return c
}

// quarterDates are the first and the last day of a calendar quarter.
func quarterDates(year, quarter int) (first, last okr.Date) {
	first = measure.NewDate(year, time.Month(3*quarter-2), 1)
	return first, measure.NewDate(year, time.Month(3*quarter+1), 0)
}
