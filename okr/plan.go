package okr

import "github.com/okrkit/okrkit/okr/measure"

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
	Key        string          `json:"key,omitempty"` // "" is made from the title
	Title      string          `json:"title"`
	Committed  bool            `json:"committed,omitempty"`
	Rank       int             `json:"rank,omitempty"`
	Owner      string          `json:"owner,omitempty"`  // id, e-mail or name of a person
	Team       string          `json:"team,omitempty"`   // id or name of a team
	Parent     string          `json:"parent,omitempty"` // key of another objective of the plan
	KeyResults []PlanKeyResult `json:"key_results,omitempty"`
	At         Position        `json:"-"`
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
