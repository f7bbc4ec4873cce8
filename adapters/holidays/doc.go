// Package holidays tells a calendar on which days nobody works. It wraps
// github.com/rickar/cal/v2, does no I/O, and is safe for concurrent use:
//
//	cal := cadence.New(cadence.Holidays(holidays.New()))
//
// A schedule then names a region:
//
//	cadence: {frequency: weekly, weekday: friday, off_day: before, holidays: CH-ZH}
//
// # Regions
//
// A region is a country by its ISO 3166-1 code, such as US or GB, or a part of one
// by its ISO 3166-2 code, such as CH-ZH, DE-BY or AU-VIC; [Calendar.Regions] lists
// them. Australia, Germany and Switzerland have parts. The country's own name there
// stands for the days that all of its parts share. ECB is the calendar of the
// European payment system TARGET.
//
// GB is England and Wales. Local days, half days and days that an employer gives are
// not known: they are pauses of a schedule.
//
// # Days in lieu
//
// Where a holiday falls on a weekend and the law gives another day for it, both are
// holidays: 4 July 2026 is a Saturday, and so Friday, 3 July, is one in the US.
// This holds over the turn of the year: 31 December 2027 is one too.
package holidays
