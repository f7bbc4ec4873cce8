package okr

import (
	"fmt"
	"strings"

	"github.com/okrkit/okrkit/okr/measure"
)

// Plan is a set of objectives as somebody wrote it down: in a file, a form, an
// import. Everything in it may be missing or wrong; what it leaves behind are
// drafts, and the audit says what is wrong with them. Its JSON and YAML names
// are okrkit's own plan format.
type Plan struct {
	Cycle      PlanCycle       `json:"cycle"`
	People     []Person        `json:"people,omitempty"`
	Teams      []Team          `json:"teams,omitempty"`
	Objectives []PlanObjective `json:"objectives"`
	Unread     []Unread        `json:"-"` // what a reader found and could not use
	Key        string          `json:"-"` // idempotency key; "" is none
}

// PlanCycle is the cycle that a plan is for.
type PlanCycle struct {
	Key     string    `json:"key,omitempty"` // "" is made from the name, or from the dates
	Name    string    `json:"name,omitempty"`
	Zone    string    `json:"zone,omitempty"` // "" is UTC
	Start   Date      `json:"start,omitzero"`
	End     Date      `json:"end,omitzero"`
	Cadence *Schedule `json:"cadence,omitempty"`

	Parent          string        `json:"parent,omitempty"`           // key of the longer cycle that it lies in, such as the year of a quarter
	Bands           measure.Bands `json:"bands,omitzero"`             // what separates the statuses: a preset such as viva, or numbers
	GradeObjectives *bool         `json:"grade_objectives,omitempty"` // grade objectives as well; nil is not said

	Phases   []CyclePhase   `json:"phases,omitempty"`
	Sessions []CycleSession `json:"sessions,omitempty"`
}

// PlanObjective is an objective of a plan.
type PlanObjective struct {
	Key         string          `json:"key,omitempty"` // "" is made from the title
	Title       string          `json:"title"`
	Description string          `json:"description,omitempty"`
	Committed   bool            `json:"committed,omitempty"`
	Rank        int             `json:"rank,omitempty"`
	Owner       string          `json:"owner,omitempty"`   // id, e-mail or name of a person
	Team        string          `json:"team,omitempty"`    // id or name of a team
	Parent      string          `json:"parent,omitempty"`  // an objective that it contributes to, see PlanParent.Key
	Parents     []PlanParent    `json:"parents,omitempty"` // further ones, or those that have a weight
	Private     bool            `json:"private,omitempty"` // see Objective.Private
	Score       measure.Number  `json:"score,omitzero"`    // what people said came of it, as a share of the way done: [0,1], more is kept
	Outcome     string          `json:"outcome,omitempty"` // the words that the score was read from
	KeyResults  []PlanKeyResult `json:"key_results,omitempty"`
	At          Position        `json:"-"`

	Rollup measure.RollupPolicy `json:"rollup,omitzero"`
}

// PlanParent is an objective that another one contributes to.
type PlanParent struct {
	// Key is the key or title of another objective of the plan; or, where the plan
	// is proposed, the key of one that the cycle has already, or cycle/key of one of
	// another cycle.
	Key    string         `json:"key"`
	Weight measure.Number `json:"weight,omitzero"` // unknown is 1; 0 is aligned without contributing
}

// PlanKeyResult is a key result of a plan.
type PlanKeyResult struct {
	Key         string         `json:"key,omitempty"` // "" is made from the title
	Title       string         `json:"title"`
	Definition  string         `json:"definition,omitempty"`
	Rationale   string         `json:"rationale,omitempty"`
	Owner       string         `json:"owner,omitempty"` // id, e-mail or name of a person
	Role        Role           `json:"role,omitempty"`
	KPI         string         `json:"kpi,omitempty"` // id or name of the KPI that measures it
	Metric      measure.Metric `json:"metric,omitzero"`
	Curve       measure.Curve  `json:"curve,omitempty"`
	Current     measure.Number `json:"current,omitzero"`
	Confidence  measure.Number `json:"confidence,omitzero"` // 0-10
	Weight      measure.Number `json:"weight,omitzero"`
	Due         Date           `json:"due,omitzero"`
	Source      *Source        `json:"source,omitempty"`
	Cadence     *Schedule      `json:"cadence,omitempty"`
	Initiatives []Initiative   `json:"initiatives,omitempty"`
	Score       measure.Number `json:"score,omitzero"`     // what people said came of it, as a share of the way done: [0,1], more is kept
	Outcome     string         `json:"outcome,omitempty"`  // the words that the score was read from
	CheckIns    []PlanCheckIn  `json:"checkins,omitempty"` // history that the plan brings along
	At          Position       `json:"-"`
}

// Position is where something stands in a file.
type Position struct {
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"` // from 1
}

// Unread is a line that a reader could not use, with the reason. Nothing of a
// file disappears: it is read into something, or stands here.
type Unread struct {
	Position
	Text   string `json:"text"`
	Reason string `json:"reason"`
}

// check refuses what cannot be kept, whatever exists already.
func (p Plan) check() error {
	if err := (Directory{People: p.People, Teams: p.Teams}).check(); err != nil {
		return err
	}
	errs := []error{p.Cycle.check()}
	for i, o := range p.Objectives {
		errs = append(errs, o.check(fmt.Sprintf("objectives[%d]", i)))
	}
	if err := together(errs...); err != nil {
		return err
	}
	_, err := p.parents()
	return err
}

// key is the given one, or one made of the name, or of the dates.
func (c PlanCycle) key() string {
	if c.Key != "" {
		return c.Key
	}
	if key := slug(c.Name); key != "" {
		return key
	}
	if !c.Start.IsZero() {
		return c.Start.String() + "-" + c.End.String()
	}
	return "plan"
}

func (c PlanCycle) check() error {
	if err := together(
		checkText("cycle.key", c.key(), maxName, true),
		checkText("cycle.name", c.Name, maxTitle, false),
		checkDate("cycle.start", c.Start),
		checkDate("cycle.end", c.End),
		checkSchedule("cycle.cadence", c.Cadence),
		checkText("cycle.parent", c.Parent, maxName, false),
		checkBands("cycle.", c.Bands),
		checkPhases("cycle.phases", c.Phases),
		checkSessions("cycle.sessions", c.Sessions),
	); err != nil {
		return err
	}
	if c.Start.IsZero() != c.End.IsZero() {
		return invalid("cycle.end", c.End.String(), "give both the first and the last day, or neither")
	}
	if c.End.Before(c.Start) {
		return invalid("cycle.end", c.End.String(), "the last day lies before the first, %s", c.Start)
	}
	if c.Zone == "" {
		return nil
	}
	_, err := Cycle{Zone: c.Zone}.Location()
	return err
}

func (o PlanObjective) check(field string) error {
	errs := []error{
		checkText(field+".key", o.Key, maxName, false),
		checkText(field+".title", oneLine(o.Title), maxTitle, true),
		checkText(field+".owner", oneLine(o.Owner), maxTitle, false),
		checkText(field+".team", oneLine(o.Team), maxTitle, false),
		checkRollup(field+".", o.Rollup),
		checkText(field+".description", o.Description, maxNote, false),
		checkScore(field+".score", o.Score),
		checkText(field+".outcome", o.Outcome, maxNote, false),
	}
	for j, k := range o.KeyResults {
		errs = append(errs, k.check(fmt.Sprintf("%s.key_results[%d]", field, j)))
	}
	return together(errs...)
}

func (k PlanKeyResult) check(field string) error {
	return together(
		checkText(field+".key", k.Key, maxName, false),
		checkText(field+".title", oneLine(k.Title), maxTitle, true),
		checkText(field+".definition", k.Definition, maxNote, false),
		checkText(field+".rationale", k.Rationale, maxNote, false),
		checkText(field+".owner", oneLine(k.Owner), maxTitle, false),
		checkText(field+".kpi", oneLine(k.KPI), maxName, false),
		k.Role.check(field+".role"),
		checkCurve(field+".curve", k.Curve),
		checkMetric(field+".", k.Metric),
		checkValue(field+".current", k.Metric, k.Current),
		checkConfidence(field+".confidence", k.Confidence),
		checkWeight(field+".weight", k.Weight),
		checkDate(field+".due", k.Due),
		checkSource(field+".source", k.Source),
		checkSchedule(field+".cadence", k.Cadence),
		checkInitiatives(field+".initiatives", k.Initiatives),
		checkHistory(field+".checkins", k.Metric, k.CheckIns),
		checkScore(field+".score", k.Score),
		checkText(field+".outcome", k.Outcome, maxNote, false),
	)
}

// planParent is a parent as a plan names it.
type planParent struct {
	PlanParent
	field string
	at    int // its index in the plan; -1 is somewhere else
}

// parents are those of each objective. One is named by its key, or by its title,
// where the first counts.
func (p Plan) parents() ([][]planParent, error) {
	byKey, byTitle := map[string]int{}, map[string]int{}
	for i, o := range p.Objectives {
		if o.Key != "" {
			byKey[o.Key] = i
		}
		if _, ok := byTitle[o.Title]; !ok {
			byTitle[o.Title] = i
		}
	}
	out := make([][]planParent, len(p.Objectives))
	for i, o := range p.Objectives {
		named, err := o.parents(fmt.Sprintf("objectives[%d]", i))
		if err != nil {
			return nil, err
		}
		taken := map[int]bool{}
		for j := range named {
			x := &named[j]
			at, ok := byKey[x.Key]
			if !ok {
				at, ok = byTitle[x.Key]
			}
			if !ok {
				x.at = -1
				continue
			}
			if taken[at] {
				return nil, invalid(x.field, x.Key, "it stands twice: give each parent once, with one weight")
			}
			x.at, taken[at] = at, true
		}
		out[i] = named
	}
	all := make([]int, len(out))
	for i := range all {
		all[i] = i
	}
	ring := ringAbove(all, func(i int) []int {
		var up []int
		for _, x := range out[i] {
			if x.at >= 0 {
				up = append(up, x.at)
			}
		}
		return up
	})
	if ring == nil {
		return out, nil
	}
	titles := make([]string, len(ring))
	for i, at := range ring {
		titles[i] = p.Objectives[at].Title
	}
	for _, x := range out[ring[0]] {
		if x.at == ring[1] {
			return nil, invalid(x.field, x.Key, "an objective cannot contribute to itself: %s", strings.Join(titles, " -> "))
		}
	}
	return out, nil
}

// parents are the objective's own, as the plan names them.
func (o PlanObjective) parents(field string) ([]planParent, error) {
	var out []planParent
	if o.Parent != "" {
		out = append(out, planParent{PlanParent: PlanParent{Key: o.Parent}, field: field + ".parent"})
	}
	for j, x := range o.Parents {
		at := fmt.Sprintf("%s.parents[%d]", field, j)
		if err := checkText(at+".key", x.Key, maxTitle, true); err != nil {
			return nil, err
		}
		if err := checkWeight(at+".weight", x.Weight); err != nil {
			return nil, err
		}
		out = append(out, planParent{PlanParent: x, field: at + ".key"})
	}
	if len(out) > maxParents {
		return nil, invalid(field+".parents", fmt.Sprint(len(out)), "an objective contributes to at most %d others: what serves everything is no focus", maxParents)
	}
	return out, nil
}
