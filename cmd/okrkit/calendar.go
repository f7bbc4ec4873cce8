package main

import (
	"errors"
	"fmt"

	"github.com/okrkit/okrkit/adapters/holidays"
	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
)

// newCalendar has the holidays of every region that okrkit knows.
func newCalendar() *cadence.Calendar { return cadence.New(cadence.Holidays(holidays.New())) }

// tellUnknownRegions says which regions of the files the calendar has no holidays for.
// It is no error: the host that the files are for may have a calendar of its own.
func (a *app) tellUnknownRegions(s *okr.Snapshot, calendar *cadence.Calendar) {
	told := map[string]bool{}
	tell := func(region string) {
		err := calendar.CheckSchedule("schedule", okr.Schedule{Holidays: region})
		var unknown *okr.InvalidError
		if region == "" || told[region] || !errors.As(err, &unknown) {
			return
		}
		told[region] = true
		fmt.Fprintf(a.err, "okrkit: no holidays are known of %s, so dates do not move off them: %s\n", oneLine(region), oneLine(unknown.Remedy))
	}
	schedule := func(s *okr.Schedule) {
		if s != nil {
			tell(s.Holidays)
		}
	}
	for _, c := range s.Cycles {
		schedule(c.Cadence)
		for _, x := range c.Sessions {
			schedule(x.Schedule)
		}
	}
	for _, t := range s.Teams {
		schedule(t.Cadence)
	}
	for _, p := range s.People {
		tell(p.Region)
	}
	for _, k := range s.KeyResults {
		schedule(k.Cadence)
	}
}
