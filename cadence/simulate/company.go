package simulate

import (
	"fmt"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// Company is a company of a few numbers, for rehearsing what its size alone brings
// about. Its people, teams and key results bear invented names. What is zero is its
// default, told with the field.
type Company struct {
	People     int      // 500
	Team       int      // people of a team; 7
	Objectives int      // of a team; 2
	KeyResults int      // of an objective; 3
	Zones      []string // IANA names; teams take turns; none: the cycle's
	Stalled    float64  // share of key results that stall on some day of the cycle's middle half; 0.1, below 0 is none
	Falling    float64  // of those that stall, the share that then goes back; 0.2, below 0 is none
	Live       float64  // share of key results that a source feeds; 0.2, below 0 is none
	Dying      float64  // of those that a source feeds, the share whose source dies in the cycle's middle half; 0.1, below 0 is none
}

// The most that a company may have.
const (
	maxPeople     = 20_000
	maxKeyResults = 100_000
)

func (c Company) complete() Company {
	whole := func(n *int, otherwise int) {
		if *n == 0 {
			*n = otherwise
		}
	}
	share := func(n *float64, otherwise float64) {
		if *n == 0 {
			*n = otherwise
		}
		*n = max(*n, 0)
	}
	whole(&c.People, 500)
	whole(&c.Team, 7)
	whole(&c.Objectives, 2)
	whole(&c.KeyResults, 3)
	share(&c.Stalled, 0.1)
	share(&c.Falling, 0.2)
	share(&c.Live, 0.2)
	share(&c.Dying, 0.1)
	return c
}

func (c Company) check() error {
	for _, n := range []struct {
		name      string
		n, lo, hi int
	}{{"people", c.People, 1, maxPeople}, {"team", c.Team, 1, 1000}, {"objectives", c.Objectives, 1, 20}, {"key_results", c.KeyResults, 1, 20}} {
		if n.n < n.lo || n.n > n.hi {
			return invalid("company."+n.name, fmt.Sprint(n.n), fmt.Sprintf("use %d to %d", n.lo, n.hi))
		}
	}
	if n := (c.People + c.Team - 1) / c.Team * c.Objectives * c.KeyResults; n > maxKeyResults {
		return invalid("company.people", fmt.Sprint(c.People), fmt.Sprintf("it would have %d key results, %d are the most", n, maxKeyResults))
	}
	for _, s := range []struct {
		name  string
		share float64
	}{{"stalled", c.Stalled}, {"falling", c.Falling}, {"live", c.Live}, {"dying", c.Dying}} {
		if !(s.share <= 1) {
			return invalid("company."+s.name, fmt.Sprint(s.share), "a share is at most 1")
		}
	}
	for i, z := range c.Zones {
		if _, err := time.LoadLocation(z); err != nil || z == "" || z == "Local" {
			return invalid(fmt.Sprintf("company.zones[%d]", i), z, "use a name of the IANA time zone database, such as Europe/Zurich")
		}
	}
	return nil
}

// Fill puts the company into the scenario: people, teams and objectives into its plan,
// whose cycle stays, and its paths and feeds. The scenario's seed decides.
func (c Company) Fill(s *Scenario) error {
	c = c.complete()
	if err := c.check(); err != nil {
		return err
	}
	cycle := s.Plan.Cycle
	if cycle.Start.IsZero() || cycle.End.Before(cycle.Start) {
		return invalid("plan.cycle", cycle.Start.String()+" to "+cycle.End.String(), "give the cycle a first and a last day")
	}
	s.Plan.People, s.Plan.Teams, s.Plan.Objectives = nil, nil, nil
	s.Paths, s.Feeds = map[string]Path{}, map[string]Feed{}
	b := builder{company: c, scenario: s, chance: chance{s.Seed}}
	for first := 0; first < c.People; first += c.Team {
		b.team(len(s.Plan.Teams), first, min(first+c.Team, c.People))
	}
	return nil
}

type builder struct {
	company  Company
	scenario *Scenario
	chance   chance
}

// team is one team of the people [first, end), and what it is up to.
func (b *builder) team(n, first, end int) {
	c, s := b.company, b.scenario
	id := okr.ID(fmt.Sprintf("team-%03d", n+1))
	lead := personID(first)
	s.Plan.Teams = append(s.Plan.Teams, okr.Team{ID: id, Name: fmt.Sprintf("Team %d", n+1), Lead: lead})
	for i := first; i < end; i++ {
		p := okr.Person{ID: personID(i), Name: fmt.Sprintf("Person %d", i+1), Team: id}
		if len(c.Zones) > 0 {
			p.Zone = c.Zones[n%len(c.Zones)]
		}
		s.Plan.People = append(s.Plan.People, p)
	}
	next := first
	for o := range c.Objectives {
		objective := okr.PlanObjective{
			Key: fmt.Sprintf("t%03d-%d", n+1, o+1), Title: fmt.Sprintf("What matters to the customers of team %d gets better, part %d", n+1, o+1),
			Team: string(id), Owner: string(lead), Rank: o + 1,
		}
		for k := range c.KeyResults {
			kr := b.keyResult(n, o, k, Name(objective.Key, fmt.Sprintf("k%d", k+1)))
			kr.Owner = string(personID(next))
			kr.Source.Access = []string{kr.Owner, string(lead)}
			if next++; next == end {
				next = first
			}
			objective.KeyResults = append(objective.KeyResults, kr)
		}
		s.Plan.Objectives = append(s.Plan.Objectives, objective)
	}
}

func personID(n int) okr.ID { return okr.ID(fmt.Sprintf("p%04d", n+1)) }

var subjects = []struct {
	title    string
	unit     string
	from, to float64
	kind     measure.Kind
}{
	{"Raise renewals of contracts from %g %% to %g %%", "%", 70, 90, measure.Increase},
	{"Cut the first response to a customer from %g to %g hours", "hours", 12, 4, measure.Decrease},
	{"Raise weekly active customers from %g to %g", "customers", 1200, 2000, measure.Increase},
	{"Cut defects that customers find from %g to %g a month", "defects", 40, 10, measure.Decrease},
	{"Raise deliveries that arrive in time from %g %% to %g %%", "%", 82, 95, measure.Increase},
}

func (b *builder) keyResult(team, o, k int, name string) okr.PlanKeyResult {
	c := b.chance.about("company", name)
	subject := subjects[(team+o*3+k)%len(subjects)]
	kr := okr.PlanKeyResult{
		Key: fmt.Sprintf("k%d", k+1), Title: fmt.Sprintf(subject.title, subject.from, subject.to),
		Metric: measure.Metric{Kind: subject.kind, Unit: subject.unit, Baseline: measure.N(subject.from), Target: measure.N(subject.to)},
		Source: &okr.Source{Kind: "manual", Where: "Report of the team", Interval: okr.EveryWeek},
	}
	length := b.scenario.Plan.Cycle.Start.DaysUntil(b.scenario.Plan.Cycle.End) + 1
	middle := func() okr.Date {
		return b.scenario.Plan.Cycle.Start.AddDays(length/4 + c.IntN(max(length/2, 1)))
	}
	// All is drawn in any case, so that one share changes nothing of the others.
	p := Path{Pace: 0.7 + 0.4*c.Float64(), Noise: 0.02}
	stalls, falls, live, dies := happens(c, b.company.Stalled), happens(c, b.company.Falling), happens(c, b.company.Live), happens(c, b.company.Dying)
	day, last := middle(), middle()
	if stalls {
		p.Stalls, p.Falls = day, falls
	}
	b.scenario.Paths[name] = p
	if live {
		kr.Source.Kind, kr.Source.Where = "sql", "Warehouse"
		f := Feed{Every: okr.EveryWeek}
		if dies {
			f.Dies = last
		}
		b.scenario.Feeds[name] = f
	}
	return kr
}
