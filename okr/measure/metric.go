package measure

import (
	"fmt"
	"math"
)

// Kind says how a metric is judged. The set is open at the end: a reader meets
// kinds that it does not know with [Number] unknown, never with an error.
type Kind string

// The kinds of metric.
const (
	Increase Kind = "increase" // from the baseline up to the target
	Decrease Kind = "decrease" // from the baseline down to the target
	AtLeast  Kind = "at_least" // reach the target and stay there; the target itself counts
	AtMost   Kind = "at_most"  // come down to the target and stay there; the target itself counts
	YesNo    Kind = "yes_no"   // 1 is yes, 0 is no
)

// Kinds are the kinds of metric that this version measures.
func Kinds() []Kind { return []Kind{Increase, Decrease, AtLeast, AtMost, YesNo} }

// Metric says what is counted, where it starts and where it shall end.
type Metric struct {
	Kind     Kind   `json:"kind,omitempty"`
	Unit     string `json:"unit,omitempty"` // "%", "pp" (percentage points), "EUR", "customers", …; "" is a bare number
	Baseline Number `json:"baseline,omitzero"`
	Target   Number `json:"target,omitzero"`
}

// Direction is "up", "down", or "" where the metric has none.
func (m Metric) Direction() string {
	switch m.Kind {
	case Increase, AtLeast:
		return "up"
	case Decrease, AtMost:
		return "down"
	}
	return ""
}

// Problem is one thing that makes a metric contradict itself.
type Problem struct{ Field, Value, Remedy string }

// Problems says what is contradictory in the metric. What is merely missing is
// no contradiction: a draft may lack a target.
func (m Metric) Problems() []Problem {
	var ps []Problem
	add := func(field, value, remedy string) { ps = append(ps, Problem{field, value, remedy}) }
	switch m.Kind {
	case "", Increase, Decrease, AtLeast, AtMost, YesNo:
	default:
		add("metric.kind", string(m.Kind), "use one of increase, decrease, at_least, at_most, yes_no")
	}
	for _, f := range []struct {
		name string
		n    Number
	}{{"metric.baseline", m.Baseline}, {"metric.target", m.Target}} {
		if f.n.Known() && !f.n.Finite() {
			add(f.name, f.n.String(), "give a finite number, or leave it out if it is not known")
		}
	}
	if len(ps) > 0 || !m.Baseline.Known() || !m.Target.Known() {
		return ps
	}
	b, t := m.Baseline.value, m.Target.value
	switch {
	case m.Kind == Increase && t < b:
		add("metric.target", m.Target.String(), fmt.Sprintf("an increase ends above its baseline %s: say decrease, or swap the two", m.Baseline))
	case m.Kind == Decrease && t > b:
		add("metric.target", m.Target.String(), fmt.Sprintf("a decrease ends below its baseline %s: say increase, or swap the two", m.Baseline))
	}
	return ps
}

// Raw is the unclamped share of the way from baseline to target that the value
// v has gone: 0 at the baseline, 1 at the target, negative when it moved away,
// above 1 when it went past.
//
// Increase and Decrease: (v-baseline)/(target-baseline). AtLeast and AtMost: the
// same when a baseline lies on the wrong side of the target; otherwise there is
// no way to travel, and raw is 1 while the threshold holds and 0 while it does
// not. YesNo: 1 or 0; any other number is no answer. Equal ends, and anything
// unknown, are unknown.
func (m Metric) Raw(v Number) Number {
	if !v.Finite() {
		return Number{}
	}
	switch m.Kind {
	case YesNo:
		return m.Met(v)
	case Increase, Decrease:
		return m.travelled(v)
	case AtLeast, AtMost:
		if !m.Target.Finite() {
			return Number{}
		}
		if m.Travels() {
			return m.travelled(v)
		}
		if met, _ := m.Met(v).Value(); met == 1 {
			return N(1)
		}
		return N(0)
	}
	return Number{}
}

// Travels says whether progress between 0 and 1 exists: whether there is a way
// from a baseline to the target, and not merely a threshold that holds or does
// not.
func (m Metric) Travels() bool {
	switch m.Kind {
	case Increase, Decrease:
		return true
	case AtLeast:
		return m.Baseline.Finite() && m.Target.Finite() && m.Baseline.value < m.Target.value
	case AtMost:
		return m.Baseline.Finite() && m.Target.Finite() && m.Baseline.value > m.Target.value
	}
	return false
}

// travelled is (v-b)/(t-b), unknown where the ends are equal or unknown, or the
// division leaves the range of float64.
func (m Metric) travelled(v Number) Number {
	if !m.Baseline.Finite() || !m.Target.Finite() || m.Baseline.value == m.Target.value {
		return Number{}
	}
	raw := (v.value - m.Baseline.value) / (m.Target.value - m.Baseline.value)
	if math.IsNaN(raw) || math.IsInf(raw, 0) {
		return Number{}
	}
	return N(raw)
}

// Met answers "did we hit this?" for the value v: 1 is yes, 0 is no, unknown
// where it cannot be told. The target itself counts as hit.
func (m Metric) Met(v Number) Number {
	if !v.Finite() {
		return Number{}
	}
	if m.Kind == YesNo {
		if v.value != 0 && v.value != 1 {
			return Number{}
		}
		return v
	}
	if !m.Target.Finite() {
		return Number{}
	}
	switch m.Direction() {
	case "up":
		return truth(v.value >= m.Target.value)
	case "down":
		return truth(v.value <= m.Target.value)
	}
	return Number{}
}

func truth(b bool) Number {
	if b {
		return N(1)
	}
	return N(0)
}
