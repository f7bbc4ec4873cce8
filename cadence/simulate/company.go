package simulate

import (
	"fmt"
	"maps"
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
	Regions    []string // of the holiday calendar, where people live; teams take turns; none: nobody says where they live
	Away       float64  // share of people who are away for one to three weeks; 0.3, below 0 is none
	Chances
}

// Chances is what befalls key results, drawn for each from the seed.
type Chances struct {
	Stalled float64 // share of key results that stall on some day of the cycle's middle half; 0.1, below 0 is none
	Falling float64 // of those that stall, the share that then goes back; 0.2, below 0 is none
	Live    float64 // share of key results that a source feeds, once a week; 0.2, below 0 is none
	Dying   float64 // of those that a source feeds, the share whose source dies in the cycle's middle half; 0.1, below 0 is none
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
	whole(&c.People, 500)
	whole(&c.Team, 7)
	whole(&c.Objectives, 2)
	whole(&c.KeyResults, 3)
	share(&c.Away, 0.3)
	c.Chances = c.Chances.complete()
	return c
}

// share is a share, or the usual one where none is given.
func share(n *float64, otherwise float64) {
	if *n == 0 {
		*n = otherwise
	}
	*n = max(*n, 0)
}

func (c Chances) complete() Chances {
	share(&c.Stalled, 0.1)
	share(&c.Falling, 0.2)
	share(&c.Live, 0.2)
	share(&c.Dying, 0.1)
	return c
}

func (c Chances) check(field string) error {
	for _, s := range []struct {
		name  string
		share float64
	}{{"stalled", c.Stalled}, {"falling", c.Falling}, {"live", c.Live}, {"dying", c.Dying}} {
		if !(s.share <= 1) {
			return invalid(field+"."+s.name, fmt.Sprint(s.share), "a share is at most 1")
		}
	}
	return nil
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
	if !(c.Away <= 1) {
		return invalid("company.away", fmt.Sprint(c.Away), "a share is at most 1")
	}
	if err := c.Chances.check("company"); err != nil {
		return err
	}
	for i, z := range c.Zones {
		if _, err := time.LoadLocation(z); err != nil || z == "" || z == "Local" {
			return invalid(fmt.Sprintf("company.zones[%d]", i), z, "use a name of the IANA time zone database, such as Europe/Zurich")
		}
	}
	for i, region := range c.Regions {
		if region == "" {
			return invalid(fmt.Sprintf("company.regions[%d]", i), region, "name a region of the holiday calendar, such as CH-ZH")
		}
	}
	return nil
}

// Fill puts the company into the scenario: people, teams and objectives into its plan,
// whose cycle stays, and paths and feeds for key results that it does not name already,
// such as t001-1/k1. The scenario's seed decides.
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
	b := builder{company: c, scenario: s}
	for first := 0; first < c.People; first += c.Team {
		b.team(len(s.Plan.Teams), first, min(first+c.Team, c.People))
	}
	return c.Draw(s)
}

// Draw gives the plan's key results paths and feeds, except for those that the scenario
// names already. Where the scenario has a path for all, only the stalls are drawn. Whether
// one stalls does not depend on how many others there are.
func (c Chances) Draw(s *Scenario) error {
	c = c.complete()
	if err := c.check("chances"); err != nil {
		return err
	}
	s.Plan = keyed(s.Plan)
	s.Paths, s.Feeds = filled(s.Paths), filled(s.Feeds)
	length := s.Plan.Cycle.Start.DaysUntil(s.Plan.Cycle.End) + 1
	for i := range s.Plan.Objectives {
		o := &s.Plan.Objectives[i]
		for j := range o.KeyResults {
			k := &o.KeyResults[j]
			name := Name(o.Key, k.Key)
			r := chance{s.Seed}.about("chances", name)
			middle := func() okr.Date { return s.Plan.Cycle.Start.AddDays(length/4 + r.IntN(max(length/2, 1))) }
			// All is drawn in any case, so that one share changes nothing of the others.
			p, f := Path{Pace: 0.7 + 0.4*r.Float64(), Noise: 0.02}, Feed{Every: okr.EveryWeek}
			stalls, falls, live, dies := happens(r, c.Stalled), happens(r, c.Falling), happens(r, c.Live), happens(r, c.Dying)
			day, last := middle(), middle()
			if s.Path != (Path{}) {
				p = s.Path
			}
			if stalls && p.Stalls.IsZero() {
				p.Stalls, p.Falls = day, falls
			}
			if dies {
				f.Dies = last
			}
			if _, own := s.Paths[name]; !own {
				s.Paths[name] = p
			}
			if _, own := s.Feeds[name]; !own && live {
				s.Feeds[name] = f
			}
			if _, fed := s.Feeds[name]; fed && (k.Source == nil || k.Source.Kind == "" || k.Source.Kind == "manual") {
				source := okr.Source{Where: "Warehouse", Interval: okr.EveryWeek}
				if k.Source != nil {
					source = *k.Source
				}
				source.Kind = "sql"
				k.Source = &source
			}
		}
	}
	return nil
}

func filled[V any](m map[string]V) map[string]V {
	out := map[string]V{}
	maps.Copy(out, m)
	return out
}

type builder struct {
	company  Company
	scenario *Scenario
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
		if len(c.Regions) > 0 {
			p.Region = c.Regions[n%len(c.Regions)]
		}
		b.place(&p, i, first, end)
		s.Plan.People = append(s.Plan.People, p)
	}
	next := first
	for o := range c.Objectives {
		objective := okr.PlanObjective{
			Key: fmt.Sprintf("t%03d-%d", n+1, o+1), Title: fmt.Sprintf("What matters to the customers of team %d gets better, part %d", n+1, o+1),
			Team: string(id), Owner: string(lead), Rank: o + 1,
		}
		for k := range c.KeyResults {
			kr := keyResult(n, o, k)
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

// place gives a person a colleague who stands in for them, a manager, and days away.
func (b *builder) place(p *okr.Person, i, first, end int) {
	if i > first {
		p.Manager = personID(first)
	} else if first > 0 {
		p.Manager = personID(0)
	}
	if next := first + (i+1-first)%(end-first); next != i {
		p.Backup = personID(next)
	}
	c := chance{b.scenario.Seed}.about("away", string(p.ID))
	cycle := b.scenario.Plan.Cycle
	if away := happens(c, b.company.Away); away {
		from := cycle.Start.AddDays(c.IntN(cycle.Start.DaysUntil(cycle.End) + 1))
		p.Away = []okr.Span{{From: from, To: from.AddDays(7*(1+c.IntN(3)) - 1)}}
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

func keyResult(team, o, k int) okr.PlanKeyResult {
	subject := subjects[(team+o*3+k)%len(subjects)]
	return okr.PlanKeyResult{
		Key: fmt.Sprintf("k%d", k+1), Title: fmt.Sprintf(subject.title, subject.from, subject.to),
		Metric: measure.Metric{Kind: subject.kind, Unit: subject.unit, Baseline: measure.N(subject.from), Target: measure.N(subject.to)},
		Source: &okr.Source{Kind: "manual", Where: "Report of the team", Interval: okr.EveryWeek},
	}
}
