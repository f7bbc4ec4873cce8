package okr

import (
	"fmt"

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
	Parent      string          `json:"parent,omitempty"`  // key of another objective of the plan
	Score       measure.Number  `json:"score,omitzero"`    // what people said came of it, as a share of the way done: [0,1], more is kept
	Outcome     string          `json:"outcome,omitempty"` // the words that the score was read from
	KeyResults  []PlanKeyResult `json:"key_results,omitempty"`
	At          Position        `json:"-"`

	Rollup measure.RollupPolicy `json:"rollup,omitzero"`
}

// PlanKeyResult is a key result of a plan.
type PlanKeyResult struct {
	Key         string         `json:"key,omitempty"` // "" is made from the title
	Title       string         `json:"title"`
	Definition  string         `json:"definition,omitempty"`
	Rationale   string         `json:"rationale,omitempty"`
	Owner       string         `json:"owner,omitempty"` // id, e-mail or name of a person
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
	if err := p.Cycle.check(); err != nil {
		return err
	}
	for i, o := range p.Objectives {
		if err := o.check(fmt.Sprintf("objectives[%d]", i)); err != nil {
			return err
		}
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
	for _, err := range []error{
		checkText("cycle.key", c.key(), maxName, true),
		checkText("cycle.name", c.Name, maxTitle, false),
		checkDate("cycle.start", c.Start),
		checkDate("cycle.end", c.End),
		checkSchedule("cycle.cadence", c.Cadence),
	} {
		if err != nil {
			return err
		}
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
	for _, err := range []error{
		checkText(field+".key", o.Key, maxName, false),
		checkText(field+".title", oneLine(o.Title), maxTitle, true),
		checkText(field+".owner", oneLine(o.Owner), maxTitle, false),
		checkText(field+".team", oneLine(o.Team), maxTitle, false),
		checkRollup(field+".", o.Rollup),
		checkText(field+".description", o.Description, maxNote, false),
		checkScore(field+".score", o.Score),
		checkText(field+".outcome", o.Outcome, maxNote, false),
	} {
		if err != nil {
			return err
		}
	}
	for j, k := range o.KeyResults {
		if err := k.check(fmt.Sprintf("%s.key_results[%d]", field, j)); err != nil {
			return err
		}
	}
	return nil
}

func (k PlanKeyResult) check(field string) error {
	for _, err := range []error{
		checkText(field+".key", k.Key, maxName, false),
		checkText(field+".title", oneLine(k.Title), maxTitle, true),
		checkText(field+".definition", k.Definition, maxNote, false),
		checkText(field+".rationale", k.Rationale, maxNote, false),
		checkText(field+".owner", oneLine(k.Owner), maxTitle, false),
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
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// parents are the indexes of the objectives' parents in the plan, -1 for none.
// An objective is named by its key, or by its title, where the first counts.
func (p Plan) parents() ([]int, error) {
	byKey, byTitle := map[string]int{}, map[string]int{}
	for i, o := range p.Objectives {
		if o.Key != "" {
			byKey[o.Key] = i
		}
		if _, ok := byTitle[o.Title]; !ok {
			byTitle[o.Title] = i
		}
	}
	out := make([]int, len(p.Objectives))
	for i, o := range p.Objectives {
		out[i] = -1
		if o.Parent == "" {
			continue
		}
		at, ok := byKey[o.Parent]
		if !ok {
			at, ok = byTitle[o.Parent]
		}
		if !ok {
			return nil, invalid(fmt.Sprintf("objectives[%d].parent", i), o.Parent, "no objective of this plan has that key")
		}
		out[i] = at
	}
	// Whoever walks up from an objective arrives, within as many steps as there
	// are objectives.
	for i := range out {
		for at, steps := i, 0; at >= 0; at, steps = out[at], steps+1 {
			if steps > len(out) {
				return nil, invalid(fmt.Sprintf("objectives[%d].parent", i), p.Objectives[i].Parent, "an objective cannot be its own parent, nor its parent's: break the ring")
			}
		}
	}
	return out, nil
}
