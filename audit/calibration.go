package audit

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// Forecast is what somebody said of a key result while its cycle ran, and what
// came of it.
type Forecast struct {
	Team      okr.ID // of the objective; "" is none
	Person    okr.ID // who said it: counted, and never told
	KeyResult okr.ID
	// Confidence from 0 to 10, read as a probability: 7 is seven in ten.
	Confidence measure.Number
	Hit        bool
}

// CalibrationOptions say from when on a group is told of. The zero value stands
// for the defaults.
type CalibrationOptions struct {
	LeastPeople     int     // who gave forecasts; 0 is 5
	LeastKeyResults int     // from how many on a verdict is given; 0 is 10
	Tolerance       float64 // of the bias, [0,1], that is no finding; 0 is 0.1
}

const (
	leastPeople     = 5
	leastKeyResults = 10
	tolerance       = 0.1
	// beyondChance is how many standard errors a bias must have to be none of
	// chance: about one in twenty honest groups exceeds it, either way.
	beyondChance = 1.96
)

// Verdicts of a calibration.
const (
	Calibrated     = "calibrated"
	OverConfident  = "over_confident"
	UnderConfident = "under_confident"
	TooFew         = "too_few"  // key results, for a verdict
	Withheld       = "withheld" // too few people: nothing is told
)

// Calibration compares what a group said with what came of it. It is advice to the
// group about its own forecasts, and says nothing of any person.
type Calibration struct {
	Team    okr.ID `json:"team,omitempty"` // "" is everybody together
	Verdict string `json:"verdict"`
	Advice  string `json:"advice"`
	// The rest is zero where it is withheld.
	People     int `json:"people,omitempty"`
	KeyResults int `json:"key_results,omitempty"`
	// Said is the mean probability, and Hit the share that was hit, [0,1].
	Said measure.Number `json:"said,omitzero"`
	Hit  measure.Number `json:"hit,omitzero"`
	// Brier is the mean squared distance between probability and outcome, [0,1]: 0
	// is a seer, 0.25 whoever always says five (Brier 1950).
	Brier measure.Number `json:"brier,omitzero"`
	// Bias is Said minus Hit: above 0 is over-confident.
	Bias measure.Number `json:"bias,omitzero"`
	Bins []Bin          `json:"bins,omitempty"`
}

// Bin is what came of forecasts that said much the same: on the diagonal, Hit is
// Said.
type Bin struct {
	From       float64 `json:"from"` // probability, [0,1]
	To         float64 `json:"to"`
	KeyResults int     `json:"key_results"`
	Said       float64 `json:"said"` // mean probability
	Hit        float64 `json:"hit"`  // share that was hit
}

// Forecasts are those of the closed cycles of a snapshot: what people said in the
// check-ins of its first three quarters, later they know. What a program said is no
// forecast. Key results that were
// abandoned or postponed, and those of which nobody can tell whether they were hit,
// have no outcome and are left out.
func Forecasts(s *okr.Snapshot, now time.Time) []Forecast {
	measured := s.Measure(now)
	w := see(s, measured, now, &zones{})
	var out []Forecast
	for _, k := range w.keyResults {
		hit, known := k.measured.Hit.Value()
		if k.cycle.phase != okr.Closed || !k.known || !known || k.row.State == okr.Abandoned || k.row.State == okr.Postponed || k.row.State == okr.Draft {
			continue
		}
		rows := s.CheckInsOf(k.row.ID)
		for i := range rows {
			c := &checkIn{&rows[i], k}
			passed, ok := c.elapsed()
			who := spokeAs(&rows[i])
			if !rows[i].Confidence.Known() || !ok || passed > 0.75 || who == "" {
				continue
			}
			out = append(out, Forecast{
				Team: k.objective.row.Team, Person: who, KeyResult: k.row.ID, Confidence: rows[i].Confidence, Hit: hit == 1,
			})
		}
	}
	return out
}

// spokeAs is the person that a check-in is from: its author, or whom a plan names
// where a program brought it; "" is nobody.
func spokeAs(c *okr.CheckInRecord) okr.ID {
	if c.Author.Kind == okr.ActorPerson {
		return c.Author.ID
	}
	return okr.ID(c.AuthorText)
}

// Calibrate compares forecasts with what came of them, for each team and for
// everybody together, in ascending order of team with everybody first.
//
// Each key result counts once, with the mean of what was said of it, so that
// whoever reports daily does not outweigh whoever reports monthly. A group in which
// fewer people gave forecasts than the options ask for is withheld; so is
// everybody, where the groups that are withheld could be had by subtraction.
// A bin holds forecasts of at least as many people as well; everybody has none
// while a group is withheld.
// Always give it all closed cycles: two answers over different cycles could be
// subtracted from each other.
//
// The error is an [okr.InvalidError] for a confidence outside of 0 to 10.
func Calibrate(forecasts []Forecast, o CalibrationOptions) ([]Calibration, error) {
	o.LeastPeople = cmp.Or(max(o.LeastPeople, 0), leastPeople)
	o.LeastKeyResults = cmp.Or(max(o.LeastKeyResults, 0), leastKeyResults)
	if !(o.Tolerance > 0) {
		o.Tolerance = tolerance
	}
	byTeam := map[okr.ID]*forecasters{}
	all := newForecasters("")
	for i, f := range forecasts {
		if !f.Confidence.Known() {
			continue
		}
		c := f.Confidence.Or(0)
		if !(c >= 0 && c <= 10) {
			return nil, &okr.InvalidError{Field: fmt.Sprintf("forecasts[%d].confidence", i), Value: f.Confidence.String(), Remedy: "give a number from 0 to 10"}
		}
		all.add(f, c/10)
		if f.Team == "" {
			continue
		}
		if byTeam[f.Team] == nil {
			byTeam[f.Team] = newForecasters(f.Team)
		}
		byTeam[f.Team].add(f, c/10)
	}
	groups := []*forecasters{}
	hidden := map[okr.ID]bool{} // people of whom nothing is told
	for _, g := range byTeam {
		groups = append(groups, g)
		if len(g.people) < o.LeastPeople {
			for p := range g.people {
				hidden[p] = true
			}
		}
	}
	for _, f := range forecasts {
		if f.Team == "" && f.Confidence.Known() {
			hidden[f.Person] = true
		}
	}
	slices.SortFunc(groups, func(a, b *forecasters) int { return cmp.Compare(a.team, b.team) })
	out := []Calibration{}
	if len(all.keyResults) > 0 {
		c := all.calibration(o)
		switch n := len(hidden); {
		case n > 0 && n < o.LeastPeople:
			c = withheld("")
		case n > 0:
			c.Bins = nil // a bin could be about few of them
		}
		out = append(out, c)
	}
	for _, g := range groups {
		out = append(out, g.calibration(o))
	}
	return out, nil
}

// forecasters gathers the forecasts of some people.
type forecasters struct {
	team       okr.ID
	people     map[okr.ID]bool
	keyResults map[okr.ID]*outcome
}

// outcome is a key result with all that was said of it.
type outcome struct {
	sum    float64
	n      int
	hit    bool
	people map[okr.ID]bool
}

func (x *outcome) said() float64 { return x.sum / float64(x.n) }

func (x *outcome) value() float64 {
	if x.hit {
		return 1
	}
	return 0
}

func newForecasters(team okr.ID) *forecasters {
	return &forecasters{team: team, people: map[okr.ID]bool{}, keyResults: map[okr.ID]*outcome{}}
}

func (g *forecasters) add(f Forecast, p float64) {
	x := g.keyResults[f.KeyResult]
	if x == nil {
		x = &outcome{hit: f.Hit, people: map[okr.ID]bool{}}
		g.keyResults[f.KeyResult] = x
	}
	x.sum += p
	x.n++
	x.people[f.Person] = true
	g.people[f.Person] = true
}

func withheld(team okr.ID) Calibration {
	return Calibration{Team: team, Verdict: Withheld, Advice: "Too few people gave forecasts: to tell of them would tell of each."}
}

func (g *forecasters) calibration(o CalibrationOptions) Calibration {
	if len(g.people) < o.LeastPeople {
		return withheld(g.team)
	}
	c := Calibration{Team: g.team, People: len(g.people), KeyResults: len(g.keyResults)}
	outcomes := make([]*outcome, 0, len(g.keyResults))
	for _, x := range g.keyResults {
		outcomes = append(outcomes, x)
	}
	// By what was said and what came of it, so that sums do not depend on the
	// order of a map.
	slices.SortFunc(outcomes, func(a, b *outcome) int {
		return cmp.Or(cmp.Compare(a.said(), b.said()), cmp.Compare(a.value(), b.value()))
	})
	var said, hit, square, variance float64
	for _, x := range outcomes {
		p, v := x.said(), x.value()
		said, hit, square, variance = said+p, hit+v, square+(p-v)*(p-v), variance+p*(1-p)
	}
	n := float64(len(outcomes))
	bias := (said - hit) / n
	c.Said, c.Hit, c.Brier, c.Bias = measure.N(said/n), measure.N(hit/n), measure.N(square/n), measure.N(bias)
	c.Bins = bins(outcomes, o.LeastPeople)
	// Calibration in the large: the sum of what was said against the sum of what
	// came, in standard errors (Spiegelhalter 1986).
	byChance := math.Abs(said-hit) <= beyondChance*math.Sqrt(variance)
	switch {
	case len(outcomes) < o.LeastKeyResults:
		c.Verdict, c.Advice = TooFew, fmt.Sprintf("%d key results are too few to tell skill from luck; look again after the next cycle.", len(outcomes))
	case byChance || math.Abs(bias) <= o.Tolerance:
		c.Verdict, c.Advice = Calibrated, "What is said and what comes of it agree."
	case bias > 0:
		c.Verdict = OverConfident
		c.Advice = fmt.Sprintf("%.0f in 100 were expected to be hit, and %.0f were. Ask in the first check-ins what could go wrong, and start lower.", 100*said/n, 100*hit/n)
	default:
		c.Verdict = UnderConfident
		c.Advice = fmt.Sprintf("%.0f in 100 were expected to be hit, and %.0f were. There may be room for more ambition.", 100*said/n, 100*hit/n)
	}
	return c
}

// binWidth of a forecast: two points of ten.
const binWidth = 0.2

// bins sorts outcomes, ascending by what was said, into bins, and joins those of
// too few people to the next.
func bins(outcomes []*outcome, least int) []Bin {
	type part struct {
		Bin
		people map[okr.ID]bool
	}
	var parts []*part
	for _, x := range outcomes {
		at := math.Min(math.Floor(x.said()/binWidth+1e-9), 1/binWidth-1)
		from := math.Round(at*binWidth*10) / 10
		if len(parts) == 0 || parts[len(parts)-1].From != from {
			parts = append(parts, &part{Bin{From: from, To: math.Round((from+binWidth)*10) / 10}, map[okr.ID]bool{}})
		}
		p := parts[len(parts)-1]
		p.KeyResults++
		p.Said += x.said()
		p.Hit += x.value()
		for id := range x.people {
			p.people[id] = true
		}
	}
	join := func(a, b *part) {
		a.To = b.To
		a.KeyResults += b.KeyResults
		a.Said += b.Said
		a.Hit += b.Hit
		for id := range b.people {
			a.people[id] = true
		}
	}
	var out []*part
	for _, p := range parts {
		if len(out) > 0 && len(out[len(out)-1].people) < least {
			join(out[len(out)-1], p)
			continue
		}
		out = append(out, p)
	}
	if n := len(out); n > 1 && len(out[n-1].people) < least {
		join(out[n-2], out[n-1])
		out = out[:n-1]
	}
	var bs []Bin
	for _, p := range out {
		p.Said /= float64(p.KeyResults)
		p.Hit /= float64(p.KeyResults)
		bs = append(bs, p.Bin)
	}
	return bs
}
