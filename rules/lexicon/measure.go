package lexicon

import (
	"encoding/json"
	"math"
	"strconv"
)

// Number is a number that may be unknown. Its zero value is unknown, never 0.
type Number struct {
	v     float64
	known bool
}

// N is a known number. NaN and the infinities are unknown.
func N(v float64) Number {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Number{}
	}
	return Number{v: v, known: true}
}

// Float answers the number and whether it is known.
func (n Number) Float() (float64, bool) { return n.v, n.known }

// Known reports whether the number is known.
func (n Number) Known() bool { return n.known }

// String is the shortest decimal form, "?" if unknown.
func (n Number) String() string {
	if !n.known {
		return "?"
	}
	return formatNumber(n.v)
}

// MarshalJSON writes null for an unknown number.
func (n Number) MarshalJSON() ([]byte, error) {
	if !n.known {
		return []byte("null"), nil
	}
	return json.Marshal(n.v)
}

// UnmarshalJSON reads null as unknown.
func (n *Number) UnmarshalJSON(b []byte) error {
	var f *float64
	if err := json.Unmarshal(b, &f); err != nil {
		return err
	}
	if *n = (Number{}); f != nil {
		*n = N(*f)
	}
	return nil
}

func formatNumber(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// Kind is the comparison that decides whether a measure is met.
type Kind string

// The kinds of measure.
const (
	KindUnknown Kind = ""         // a number, and the text does not say which side is good
	Increase    Kind = "increase" // from a baseline up
	Decrease    Kind = "decrease" // from a baseline down
	ReachAtMost Kind = "at_most"
	ReachLeast  Kind = "at_least"
	Between     Kind = "between"
	YesNo       Kind = "yes_no"
)

// Direction is where a number should go.
type Direction string

// The directions.
const (
	NoDirection Direction = ""
	Up          Direction = "up"
	Down        Direction = "down"
	Keep        Direction = "keep"
)

// Measure is what a sentence promises, as far as it says so. Fields that the
// text leaves open are unknown; where it can be read in two ways, they are
// unknown too and Candidates holds the readings.
type Measure struct {
	Kind      Kind      `json:"kind"`
	Direction Direction `json:"direction"`
	Metric    string    `json:"metric"` // the words that name what is measured
	Baseline  Number    `json:"baseline"`
	Target    Number    `json:"target"`
	Upper     Number    `json:"upper"` // the other end, for Between
	Unit      string    `json:"unit"`
	// Relative: Target is a change against the baseline, in Unit: +20 %, 5 pp,
	// 2 x (twice the baseline), 0.5 x (half of it).
	Relative bool `json:"relative,omitempty"`
	// Strict: more than, less than; the bound itself does not count.
	Strict bool `json:"strict,omitempty"`
	// Placeholder: a number is left to be filled in (from X to Y).
	Placeholder bool `json:"placeholder,omitempty"`
	// Due is zero where the text gives no date.
	Due Date `json:"due,omitzero"`
	// Candidates holds every reading of an ambiguous text.
	Candidates []Measure `json:"candidates,omitempty"`
}

// HasTarget reports whether the text names a level or a change to reach.
func (m *Measure) HasTarget() bool { return m != nil && (m.Target.known || m.targetOpen()) }

// targetOpen: the target is there, but as a placeholder or in two readings.
func (m *Measure) targetOpen() bool {
	if m.Placeholder && (m.Kind != KindUnknown || !m.Baseline.known) {
		return true
	}
	for _, c := range m.Candidates {
		if c.Target.known {
			return true
		}
	}
	return false
}
