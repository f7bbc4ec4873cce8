package lexicon

import (
	"strconv"
	"strings"
)

// Date is a civil date as far as the text says it: what it does not say is
// zero. "Q2 2026" has a year and a quarter; "end of quarter" only Relative.
type Date struct {
	Span
	Text    string `json:"text"`
	Year    int    `json:"year,omitempty"`
	Month   int    `json:"month,omitempty"`
	Day     int    `json:"day,omitempty"`
	Quarter int    `json:"quarter,omitempty"`
	Half    int    `json:"half,omitempty"`

	// Fiscal: the year is a company's own (FY23).
	Fiscal bool `json:"fiscal,omitempty"`
	// Relative is the period that a text means without naming it: day, week,
	// month, quarter, half, year, cycle.
	Relative string `json:"relative,omitempty"`
	// Deadline: the text says by, until, before, end of.
	Deadline bool `json:"deadline,omitempty"`
	// Candidates holds every reading of an ambiguous date such as 06/07/2026;
	// year, month and day are then zero but for what all agree on.
	Candidates []Date `json:"candidates,omitempty"`
}

// Known reports whether the text says anything of the date but that there is one.
func (d Date) Known() bool {
	return d.Year != 0 || d.Month != 0 || d.Quarter != 0 || d.Half != 0 || d.Relative != ""
}

// String is the canonical form: 2026-06-30, 30 June, June 2026, Q2 2026,
// Q2 FY2023, H1, 2026, end of quarter. A date of several readings has none.
func (d Date) String() string {
	year := ""
	if d.Year != 0 {
		year = strconv.Itoa(d.Year)
		if d.Fiscal {
			year = "FY" + year
		}
	}
	switch {
	case len(d.Candidates) > 0:
		return ""
	case d.Year != 0 && d.Month != 0 && d.Day != 0:
		return year + "-" + two(d.Month) + "-" + two(d.Day)
	case d.Month != 0 && d.Day != 0:
		return strconv.Itoa(d.Day) + " " + monthNames[d.Month]
	case d.Month != 0:
		return strings.TrimSpace(monthNames[d.Month] + " " + year)
	case d.Quarter != 0:
		return strings.TrimSpace("Q" + strconv.Itoa(d.Quarter) + " " + year)
	case d.Half != 0:
		return strings.TrimSpace("H" + strconv.Itoa(d.Half) + " " + year)
	case d.Year != 0:
		return year
	case d.Relative != "":
		return "end of " + d.Relative
	}
	return ""
}

var monthNames = [13]string{"", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}

func two(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

var monthDays = [13]int{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// valid refuses a day that no calendar has.
func (d Date) valid() bool {
	if d.Month < 0 || d.Month > 12 || d.Day < 0 || d.Day > 31 {
		return false
	}
	if d.Month != 0 && d.Day > monthDays[d.Month] {
		return false
	}
	leap := d.Year%4 == 0 && (d.Year%100 != 0 || d.Year%400 == 0)
	return d.Month != 2 || d.Day != 29 || d.Year == 0 || leap
}
