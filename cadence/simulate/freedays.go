package simulate

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
)

// freeDays are the holidays of a scenario and of its stage.
type freeDays struct {
	own   map[string][]okr.Date // by region in capitals
	names []string              // of those regions, as the scenario writes them
	known cadence.HolidayCalendar
	said  map[regionDay]bool // what the stage's calendar said to people, see nobodyWorks
}

type regionDay struct {
	region string
	day    okr.Date
}

func newFreeDays(own map[string][]okr.Date, known cadence.HolidayCalendar) *freeDays {
	f := &freeDays{own: map[string][]okr.Date{}, names: sorted(own), known: known, said: map[regionDay]bool{}}
	for name, days := range own {
		f.own[canonicalRegion(name)] = days
	}
	return f
}

// canonicalRegion has small letters be as good as capitals.
func canonicalRegion(name string) string {
	return strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(name), "_", "-"))
}

// Holiday says whether nobody works on the day.
func (f *freeDays) Holiday(region string, on okr.Date) (bool, error) {
	if own, named := f.own[canonicalRegion(region)]; named || f.known == nil {
		return slices.Contains(own, on), nil
	}
	return f.known.Holiday(region, on)
}

// CheckRegion says whether there is the region, where the stage's calendar can tell.
func (f *freeDays) CheckRegion(region string) error {
	if _, named := f.own[canonicalRegion(region)]; named {
		return nil
	}
	regions, ok := f.known.(cadence.RegionChecker)
	if !ok {
		return nil
	}
	err := regions.CheckRegion(region)
	var unknown *okr.InvalidError
	if len(f.names) > 0 && errors.As(err, &unknown) {
		return invalid(unknown.Field, unknown.Value, unknown.Remedy+", or what the scenario defines: "+some(f.names, 5))
	}
	return err
}

// patience is how long the holidays of a year are waited for: a machine that is busy
// changes nothing of a rehearsal.
const patience = 5 * time.Minute

// holiday says whether nobody works on the day where the person lives, or else where
// the cycle's check-ins rest.
func (r *rehearsal) holiday(p *person, day okr.Date) bool {
	region := p.Region
	if region == "" && r.cadence != nil {
		region = r.cadence.Holidays
	}
	if region == "" {
		return false
	}
	key := regionDay{region, day}
	free, asked := r.free.said[key]
	if !asked {
		free, _ = r.free.Holiday(region, day) // a calendar that fails has no holidays
		r.free.said[key] = free
	}
	return free
}

// checkRegions says whether each region that the scenario defines is one by which
// somebody lives or checks in: another one would change nothing.
func (s *Scenario) checkRegions() error {
	named := map[string]bool{}
	by := func(c *okr.Schedule) {
		if c != nil {
			named[canonicalRegion(c.Holidays)] = true
		}
	}
	by(s.Plan.Cycle.Cadence)
	by(s.policy().Cadence)
	for _, x := range s.Plan.Cycle.Sessions {
		by(x.Schedule)
	}
	for _, t := range s.Plan.Teams {
		by(t.Cadence)
	}
	for _, o := range s.Plan.Objectives {
		for _, k := range o.KeyResults {
			by(k.Cadence)
		}
	}
	for _, p := range s.Plan.People {
		named[canonicalRegion(p.Region)] = true
	}
	seen := map[string]string{}
	for _, name := range sorted(s.Holidays) {
		is := canonicalRegion(name)
		if other, twice := seen[is]; twice {
			return invalid("holidays."+name, name, "it is "+other+" once more: keep one")
		}
		seen[is] = name
		if !named[is] {
			return invalid("holidays."+name, name, "no check-in rests by this region and nobody lives there, so that it would change nothing: name it in a cadence, as in {frequency: weekly, weekday: friday, off_day: before, holidays: "+name+"}, or as the region of people")
		}
	}
	return nil
}
