package simulate

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// Scenario is what is rehearsed, as data. The zero values of its fields are told with
// them; a plan with a cycle that has dates is all that it needs. Key results go by
// objective and key, such as sales/churn, see [Name].
type Scenario struct {
	Seed uint64
	Plan okr.Plan // the company: people, teams, objectives, key results; its cycle is rehearsed

	Habit  string            // of people who are not named in Habits; "" is [Mixed]
	Habits map[okr.ID]string // by person
	Own    map[string]Habit  // further habits, by name

	Path  Path            // of key results that are not named in Paths
	Paths map[string]Path // by key result
	Feeds map[string]Feed // by key result: those that a data source feeds

	// Holidays are the days on which nobody works, by region. One that is named here is
	// not asked of the stage, and somebody lives there or checks in by it.
	Holidays map[string][]okr.Date

	Down   []Outage // when no runner runs
	Script []Step   // what happens beside habits

	Policy       *okr.Policy // how the tenant keeps its rhythm; nil is the default
	TellManagers bool        // as of [okr.Config]

	Weeks int           // how many weeks are rehearsed; 0 is the whole cycle
	After int           // days beyond the cycle's last that are rehearsed as well
	Every time.Duration // how often the runner looks; 0 is every minute
}

// policy is how the tenant keeps its rhythm.
func (s *Scenario) policy() okr.Policy {
	if s.Policy == nil {
		return okr.Policy{}
	}
	return *s.Policy
}

// Outage is a span in which no runner runs, from From up to and without To, UTC
// instants.
type Outage struct{ From, To time.Time }

// Step is something that happens at an instant: a check-in, a reading, an error of a
// source, or somebody who leaves. Exactly one of CheckIn, Reading, Fails and Leaves is
// given.
type Step struct {
	At        time.Time      // UTC instant
	KeyResult string         // of a check-in, a reading or an error
	CheckIn   okr.ID         // this person checks in, with the value that the key result's path has
	Blocker   string         // text of a blocker that the check-in raises; "" is none
	Reading   measure.Number // the source delivers it
	Fails     string         // the source fails with this error
	Leaves    okr.ID         // this person leaves the company
}

// Stage is what a rehearsal takes place on. What the scenario does not say, such as
// which rules judge, is the host's, and comes from here.
type Stage struct {
	Store    okr.Store               // it must hold nothing of the tenant; needed
	Judge    okr.Judge               // as of [okr.Config]
	Calendar okr.Calendar            // nil is [cadence.New] with the holidays of stage and scenario
	Holidays cadence.HolidayCalendar // of the regions that the scenario does not name, such as package holidays; nil is none
	Runner   []cadence.RunnerOption  // beside those of the host's runner
	Tenant   okr.TenantID            // "" is "rehearsal"

	// Wrap stands between the desk and the store, such as something that fails now and
	// then; nil is nothing.
	Wrap func(okr.Store, *Control) okr.Store
	// Died says of an error of the desk or the runner that the process ended there. The
	// rehearsal then goes on as a host does: another runner takes over, and what a
	// person did and got no answer to is done again under the same idempotency key.
	// Nil: an error ends the rehearsal.
	Died func(error) bool
	// Day is told of each day that begins, for showing progress; nil is nobody.
	Day func(done, of int)
}

// Control lets what a stage has put between desk and store have a hand in the
// rehearsal.
type Control struct{ r *rehearsal }

// Advance lets time pass, as it does for a process that is held up.
func (c *Control) Advance(d time.Duration) { c.r.now = c.r.now.Add(max(d, 0)) }

// Desk is the desk of the rehearsal, over the same wrapped store, for another runner
// that races with the one of the rehearsal.
func (c *Control) Desk() *okr.Desk { return c.r.desk }

// defaultEvery is coarser than the runner's own, since nothing that people notice
// happens within a minute.
const defaultEvery = time.Minute

// maxWeeks bounds a rehearsal to two years.
const maxWeeks = 104

// Name is how a scenario and a transcript name a key result: its objective's key and
// its own.
func Name(objective, keyResult string) string { return objective + "/" + keyResult }

func (s *Scenario) check() error {
	c := s.Plan.Cycle
	if c.Start.IsZero() || c.End.IsZero() || c.End.Before(c.Start) {
		return invalid("plan.cycle", c.Start.String()+" to "+c.End.String(), "give the cycle a first and a last day, such as 2026-10-01 and 2026-12-31")
	}
	if n := c.Start.DaysUntil(c.End); n > maxWeeks*7 {
		return invalid("plan.cycle", fmt.Sprintf("%d days", n), "a cycle of two years is the longest that can be rehearsed")
	}
	switch {
	case s.Weeks < 0 || s.Weeks > maxWeeks:
		return invalid("weeks", fmt.Sprint(s.Weeks), fmt.Sprintf("use 1 to %d, or 0 for the whole cycle", maxWeeks))
	case s.After < 0 || s.After > maxWeeks*7:
		return invalid("after", fmt.Sprint(s.After), "use a number of days such as 7")
	case s.Every < 0 || s.Every > 24*time.Hour:
		return invalid("every", s.Every.String(), "a runner looks at least once a day")
	}
	for i, o := range s.Down {
		if !o.From.Before(o.To) {
			return invalid(fmt.Sprintf("down[%d].to", i), o.To.String(), "an outage ends after it begins")
		}
	}
	for name, p := range s.Paths {
		if err := p.check("paths." + name); err != nil {
			return err
		}
	}
	for name, f := range s.Feeds {
		if err := f.check("feeds." + name); err != nil {
			return err
		}
	}
	if err := s.Path.check("path"); err != nil {
		return err
	}
	if err := s.checkHabits(); err != nil {
		return err
	}
	if err := checkPolicy(s.policy(), s.TellManagers); err != nil {
		return err
	}
	if err := s.checkRegions(); err != nil {
		return err
	}
	if err := s.checkNames(); err != nil {
		return err
	}
	return s.checkSense()
}

// Check says what is wrong with the scenario, as [Run] would: an [*okr.InvalidError].
// Whether there are the regions that it names, the stage knows.
func (s Scenario) Check() error { return s.check() }

// checkNames holds what the scenario names against its plan and its days.
func (s *Scenario) checkNames() error {
	people, names := map[okr.ID]bool{}, map[string]bool{}
	for _, p := range s.Plan.People {
		people[p.ID] = true
	}
	for _, o := range keyed(s.Plan).Objectives {
		for _, k := range o.KeyResults {
			names[Name(o.Key, k.Key)] = true
		}
	}
	for _, who := range sorted(s.Habits) {
		if !people[who] {
			return nobody("people."+string(who), who)
		}
	}
	for _, name := range sorted(s.Paths) {
		if !names[name] {
			return unknown("paths."+name, name)
		}
	}
	for _, name := range sorted(s.Feeds) {
		if !names[name] {
			return unknown("feeds."+name, name)
		}
	}
	return s.checkSteps(people, names)
}

func (s *Scenario) checkSteps(people map[okr.ID]bool, names map[string]bool) error {
	cycle := s.Plan.Cycle
	zone, err := s.zone()
	if err != nil {
		return err
	}
	begins, ends := cycle.Start.In(zone).Add(nine), cycle.End.AddDays(s.After+1).In(zone)
	for i, x := range s.Script {
		field := fmt.Sprintf("script[%d]", i)
		given := 0
		for _, yes := range []bool{x.CheckIn != "", x.Reading.Known(), x.Fails != "", x.Leaves != ""} {
			if yes {
				given++
			}
		}
		if given != 1 {
			return invalid(field, x.At.Format(time.RFC3339), "give one of checkin, reading, fails and leaves")
		}
		if x.Leaves == "" && !names[x.KeyResult] {
			return unknown(field+".key_result", x.KeyResult)
		}
		switch {
		case x.CheckIn != "" && !people[x.CheckIn]:
			return nobody(field+".checkin", x.CheckIn)
		case x.Leaves != "" && !people[x.Leaves]:
			return nobody(field+".leaves", x.Leaves)
		case x.At.IsZero():
			return invalid(field+".at", "", "say when it happens")
		case x.At.Before(begins) || !x.At.Before(ends):
			return invalid(field+".at", x.At.In(zone).Format("2006-01-02T15:04"), fmt.Sprintf("nothing is rehearsed then: the plan is put in force at nine on %s, and all ends with %s", cycle.Start, cycle.End.AddDays(s.After)))
		}
	}
	return nil
}

func nobody(field string, who okr.ID) error {
	return invalid(field, string(who), "nobody has this id: use one of the plan's people, whose ids are like p0001 in a company that is made up, and like ana-lima for an owner who is only named")
}

func unknown(field, name string) error {
	return invalid(field, name, "no key result has this name: use its objective's key, a slash and its own key, as the plan has them")
}

// keyed gives every objective and key result of the plan a key, so that it can be
// named.
func keyed(p okr.Plan) okr.Plan {
	p.Objectives = slices.Clone(p.Objectives)
	for i := range p.Objectives {
		o := &p.Objectives[i]
		if o.Key == "" {
			o.Key = fmt.Sprintf("o%d", i+1)
		}
		o.KeyResults = slices.Clone(o.KeyResults)
		for j := range o.KeyResults {
			if k := &o.KeyResults[j]; k.Key == "" {
				k.Key = fmt.Sprintf("k%d", j+1)
			}
		}
	}
	return p
}

// from is the plan without the check-ins that are still to come when the rehearsal
// begins: it is the rehearsal that makes them up. It changes lists in place.
func from(p okr.Plan, begins time.Time) okr.Plan {
	for _, o := range p.Objectives {
		for i := range o.KeyResults {
			k := &o.KeyResults[i]
			k.CheckIns = slices.DeleteFunc(slices.Clone(k.CheckIns), func(c okr.PlanCheckIn) bool { return c.At.After(begins) })
		}
	}
	return p
}

// invalid names the field, the value, shortened, and the remedy.
func invalid(field, value, remedy string) error {
	const most = 80
	if utf8.RuneCountInString(value) > most {
		value = string([]rune(value)[:most]) + "…"
	}
	return &okr.InvalidError{Field: field, Value: value, Remedy: remedy}
}
