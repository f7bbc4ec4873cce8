package simulate

import (
	"cmp"
	"fmt"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// zone is the cycle's.
func (s *Scenario) zone() (*time.Location, error) {
	c := s.Plan.Cycle
	return (okr.Cycle{Zone: cmp.Or(c.Zone, "UTC"), Start: c.Start, End: c.End}).Location()
}

// last is the last day that is rehearsed.
func (s *Scenario) last() okr.Date {
	if s.Weeks > 0 {
		return s.Plan.Cycle.Start.AddDays(7*s.Weeks - 1)
	}
	return s.Plan.Cycle.End.AddDays(s.After)
}

// checkSense refuses what contradicts the cycle, and so would change nothing, or leave
// nothing to rehearse. That fewer weeks are rehearsed takes nothing away from what is
// planned for the others.
func (s *Scenario) checkSense() error {
	if len(s.Plan.People) == 0 {
		return invalid("plan.people", "none", "nobody is there to be told anything: list people, or name the owners of key results")
	}
	first, last := s.Plan.Cycle.Start, s.Plan.Cycle.End.AddDays(s.After)
	within := func(field string, day okr.Date, what string) error {
		if day.IsZero() || !day.Before(first) && !last.Before(day) {
			return nil
		}
		return invalid(field, day.String(), fmt.Sprintf("%s outside of what is rehearsed, and that would change nothing: give a day from %s to %s, or leave it out", what, first, last))
	}
	if err := within("path.stalls", s.Path.Stalls, "it stalls"); err != nil {
		return err
	}
	for _, name := range sorted(s.Paths) {
		if err := within("paths."+name+".stalls", s.Paths[name].Stalls, "it stalls"); err != nil {
			return err
		}
	}
	for _, name := range sorted(s.Feeds) {
		if err := within("feeds."+name+".dies", s.Feeds[name].Dies, "the source dies"); err != nil {
			return err
		}
		if err := within("feeds."+name+".mends", s.Feeds[name].Mends, "the source mends"); err != nil {
			return err
		}
	}
	return s.checkOutages(first, last)
}

func (s *Scenario) checkOutages(first, last okr.Date) error {
	zone, err := s.zone()
	if err != nil {
		return err
	}
	from, to := first.In(zone), last.AddDays(1).In(zone)
	for i, o := range s.Down {
		if !o.From.Before(to) || !o.To.After(from) {
			return invalid(fmt.Sprintf("down[%d]", i), o.From.In(zone).Format("2006-01-02T15:04")+" to "+o.To.In(zone).Format("2006-01-02T15:04"),
				fmt.Sprintf("the outage lies outside of what is rehearsed, and would change nothing: give instants from %s to %s, or leave it out", first, last))
		}
	}
	if until := s.last(); len(s.Down) > 0 && !s.up(first.In(zone)).Before(until.AddDays(1).In(zone)) {
		return invalid("down", fmt.Sprintf("%s to %s", first, until), "no runner runs in all that is rehearsed, and nobody would be told anything: let one run at some time")
	}
	return nil
}

// up is the first instant from at on at which the runner runs.
func (s *Scenario) up(at time.Time) time.Time {
	for again := true; again; {
		again = false
		for _, o := range s.Down {
			if !at.Before(o.From) && at.Before(o.To) {
				at, again = o.To, true
			}
		}
	}
	return at
}
