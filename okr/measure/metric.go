package measure

import (
	"math"
	"slices"
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
	Above    Kind = "above"    // get past the target and stay there; the target itself does not count
	Below    Kind = "below"    // get under the target and stay there; the target itself does not count
	Between  Kind = "between"  // stay within Low and High; both ends count
	YesNo    Kind = "yes_no"   // 1 is yes, 0 is no

	// Milestones are named steps. A reading carries the share of their weight
	// that is finished, [0,1]; [Metric.Finished] computes it from their keys.
	Milestones Kind = "milestones"
	// Zones are levels told apart by text: fail, commit, target, stretch. A
	// reading carries the ordinal of the level that was reached, 0 to 3
	// ([Level.Number]).
	Zones Kind = "zones"
	// CommitTargetStretch scores a value before it is known: piecewise linear
	// through (baseline,0) (commit,0.3) (target,0.7) (stretch,1).
	CommitTargetStretch Kind = "commit_target_stretch"
	// Points is any other piecewise linear score, through Metric.Points.
	Points Kind = "points"
	// Baseline collects readings in order to learn where one stands: the target
	// is not known yet, and so is progress.
	Baseline Kind = "baseline"
)

// Kinds are the kinds of metric that this version measures.
func Kinds() []Kind {
	return []Kind{Increase, Decrease, AtLeast, AtMost, Above, Below, Between, YesNo, Milestones, Zones, CommitTargetStretch, Points, Baseline}
}

// Metric says what is counted, where it starts and where it shall end. Its zero
// value is no metric yet. What a kind does not use stays at its zero value.
//
// It is data: two metrics are compared with [Metric.Equal], and JSON brings back
// what it was given.
type Metric struct {
	Kind      Kind   `json:"kind,omitempty"`
	Unit      string `json:"unit,omitempty"`     // "%", "pp" (percentage points), "EUR", "customers", …; "" is a bare number
	Digits    Number `json:"digits,omitzero"`    // decimal places shown, 0 to 9; unknown is the unit's own
	Baseline  Number `json:"baseline,omitzero"`  // where it starts
	Target    Number `json:"target,omitzero"`    // where it shall end, or the threshold that shall hold
	Low       Number `json:"low,omitzero"`       // of Between
	High      Number `json:"high,omitzero"`      // of Between
	Amber     Number `json:"amber,omitzero"`     // width of the zone beyond a threshold or a band that is at risk and not yet off track, in the unit; with it a threshold is judged by its level and not by pace
	Commit    Number `json:"commit,omitzero"`    // of CommitTargetStretch
	Stretch   Number `json:"stretch,omitzero"`   // of CommitTargetStretch
	Mode      Mode   `json:"mode,omitempty"`     // how several readings become one figure; "" is Latest
	Need      Number `json:"need,omitzero"`      // of HitRatio: share of the scheduled check-ins that has to meet the target, (0,1]; unknown is 1
	Tolerance Number `json:"tolerance,omitzero"` // of Distance: how far beyond the threshold nothing is left, in the unit; unknown is the target's own size

	Points     []Point     `json:"points,omitempty"`     // of Points
	Milestones []Milestone `json:"milestones,omitempty"` // of Milestones
	Zones      []Zone      `json:"zones,omitempty"`      // of Zones
}

// Point is one corner of a piecewise linear score.
type Point struct {
	Value float64 `json:"value"` // in the metric's unit
	Share float64 `json:"share"` // score at that value, [0,1]
}

// IsZero says whether nothing is said of the metric; it serves encoders that
// leave out zero values.
func (m Metric) IsZero() bool { return m.Equal(Metric{}) }

// Equal says whether both metrics say the same. A list that is empty and one
// that is missing are the same.
func (m Metric) Equal(o Metric) bool {
	return m.Kind == o.Kind && m.Unit == o.Unit && m.Mode == o.Mode &&
		m.Digits.Equal(o.Digits) && m.Baseline.Equal(o.Baseline) && m.Target.Equal(o.Target) &&
		m.Low.Equal(o.Low) && m.High.Equal(o.High) && m.Amber.Equal(o.Amber) &&
		m.Commit.Equal(o.Commit) && m.Stretch.Equal(o.Stretch) &&
		m.Need.Equal(o.Need) && m.Tolerance.Equal(o.Tolerance) &&
		slices.Equal(m.Points, o.Points) && slices.EqualFunc(m.Milestones, o.Milestones, Milestone.Equal) && slices.Equal(m.Zones, o.Zones)
}

// Clone is a copy that shares no list with m.
func (m Metric) Clone() Metric {
	m.Points, m.Milestones, m.Zones = slices.Clone(m.Points), slices.Clone(m.Milestones), slices.Clone(m.Zones)
	return m
}

// Direction is "up", "down", or "" where the metric has none.
func (m Metric) Direction() string { return m.direction() }

func (m *Metric) direction() string {
	switch m.Kind {
	case Increase, AtLeast, Above, Milestones, Zones:
		return "up"
	case Decrease, AtMost, Below:
		return "down"
	case CommitTargetStretch:
		return wayOf(m.Baseline, m.Stretch)
	case Points:
		if first, last, ok := ends(m.Points); ok {
			return wayOf(N(first.Value), N(last.Value))
		}
	}
	return ""
}

func wayOf(from, to Number) string {
	switch {
	case !from.Finite() || !to.Finite() || from.value == to.value:
		return ""
	case from.value < to.value:
		return "up"
	}
	return "down"
}

// Raw is the unclamped share of the way that the value v has gone: 0 at the
// baseline, 1 at the target, negative when it moved away, above 1 when it went
// past. The value is the figure of the metric's [Mode]: the newest reading, or
// what a [Tally] makes of all of them.
//
//   - Increase, Decrease: (v-baseline)/(target-baseline).
//   - AtLeast, AtMost, Above, Below: the same when a baseline lies on the wrong
//     side of the target; Between: from the baseline to the end of the band that
//     is nearer. Otherwise there is no way to travel, and raw is 1 while the
//     threshold holds and 0 while it does not.
//   - YesNo: 1 or 0; any other number is no answer.
//   - Milestones: the share of weight that is finished.
//   - Zones: 0, 0.3, 0.7, 1 for fail, commit, target, stretch.
//   - CommitTargetStretch, Points: piecewise linear, and going on straight beyond
//     the ends.
//   - Baseline: unknown.
//   - In mode HitRatio, whatever the kind: v/need. In mode Distance:
//     1 - (distance beyond the threshold)/tolerance, above 1 on the good side.
//
// Raw is 1 or more exactly where [Metric.Met] says yes, except for the kinds that
// reach their target at 0.7. Equal ends, a contradiction, and anything unknown,
// are unknown.
func (m Metric) Raw(v Number) Number { return m.raw(v) }

func (m *Metric) raw(v Number) Number {
	if !v.Finite() {
		return Number{}
	}
	if m.Mode != "" && m.Mode != Latest {
		switch m.Mode {
		case HitRatio:
			return m.hitRatio(v)
		case Distance:
			return m.distance(v)
		case Average, Sum:
		default:
			return Number{}
		}
	}
	switch m.Kind {
	case Increase, Decrease:
		return m.travelled(v, m.Target)
	case AtLeast, Above:
		if m.Baseline.Finite() && m.Baseline.value < m.Target.value {
			return m.travelled(v, m.Target)
		}
		return m.holds(v)
	case AtMost, Below:
		if m.Baseline.Finite() && m.Baseline.value > m.Target.value {
			return m.travelled(v, m.Target)
		}
		return m.holds(v)
	case Between:
		return m.within(v)
	case YesNo:
		return m.holds(v)
	case Milestones:
		if v.value < 0 || v.value > 1 {
			return Number{}
		}
		return v
	case Zones:
		return m.zone(v)
	case CommitTargetStretch:
		return m.preScored(v)
	case Points:
		return m.ofPoints(v)
	}
	return Number{}
}

// ofPoints is the share through the points, on the side of the target's share on
// which the value stands: where the target lies between two points, the last bits
// must not make it reached before it is.
func (m *Metric) ofPoints(v Number) Number {
	share := interpolate(m.Points, v.value)
	if !share.known || !m.Target.Finite() || v.value == m.Target.value {
		return share
	}
	aim := interpolate(m.Points, m.Target.value)
	switch reached := m.meets(v.value) == yes; {
	case !aim.known:
	case reached && share.value < aim.value:
		return aim
	case !reached && share.value >= aim.value:
		return N(math.Nextafter(aim.value, math.Inf(-1)))
	}
	return share
}

// Progress is [Metric.Raw] within [0,1]: the score of the value v.
func (m Metric) Progress(v Number) Number { return m.raw(v).clamped() }

// Travels says whether progress between 0 and 1 exists: whether there is a way
// to the target, and not merely a threshold that holds or does not.
func (m Metric) Travels() bool { return m.travels() }

func (m *Metric) travels() bool {
	switch m.Mode {
	case HitRatio:
		return true
	case Distance:
		return false
	}
	switch m.Kind {
	case Increase, Decrease, Milestones, Zones, CommitTargetStretch, Points:
		return true
	case AtLeast, Above:
		return m.Baseline.Finite() && m.Target.Finite() && m.Baseline.value < m.Target.value
	case AtMost, Below:
		return m.Baseline.Finite() && m.Target.Finite() && m.Baseline.value > m.Target.value
	case Between:
		return m.banded() && m.Baseline.Finite() && (m.Baseline.value < m.Low.value || m.Baseline.value > m.High.value)
	}
	return false
}

// Standstill says whether the metric starts where it ends, so that there is no way
// to go. A draft may live with it: nothing is measured, and nothing wrongly.
func (m Metric) Standstill() bool {
	return (m.Kind == Increase || m.Kind == Decrease) && m.Baseline.Finite() && m.Target.Finite() && m.Baseline.value == m.Target.value
}

// leveled says whether the metric is judged by where it stands, and not by how
// far it should have come by now.
func (m *Metric) leveled() bool {
	if !m.travels() {
		return true
	}
	switch m.Kind {
	case AtLeast, AtMost, Above, Below, Between:
		return m.Amber.Finite() && m.Mode != HitRatio
	}
	return false
}

// travelled is (v-b)/(t-b), unknown where the ends are equal or unknown, or the
// division leaves the range of float64.
func (m *Metric) travelled(v, target Number) Number {
	if !m.Baseline.Finite() || !target.Finite() || m.Baseline.value == target.value {
		return Number{}
	}
	raw := (v.value - m.Baseline.value) / (target.value - m.Baseline.value)
	if !isFinite(raw) {
		return Number{}
	}
	if raw >= 1 && m.meets(v.value) != yes {
		// At a strict threshold, or where the subtraction lost the last bits of a
		// value that is not there yet: nearly is not reached.
		raw = nearly
	}
	return N(raw + 0) // and no -0
}

// nearly is the largest share that is not all.
var nearly = math.Nextafter(1, 0)

func (m *Metric) banded() bool {
	return m.Low.Finite() && m.High.Finite() && m.Low.value <= m.High.value
}

// within is the way from the baseline to the nearer end of the band, 1 inside of
// it.
func (m *Metric) within(v Number) Number {
	if !m.banded() {
		return Number{}
	}
	if v.value >= m.Low.value && v.value <= m.High.value {
		return N(1)
	}
	switch {
	case !m.travels():
		return N(0)
	case m.Baseline.value < m.Low.value && v.value < m.Low.value:
		return m.travelled(v, m.Low)
	case m.Baseline.value > m.High.value && v.value > m.High.value:
		return m.travelled(v, m.High)
	}
	// Out on the other side: as far from the band as it was at the start, it has
	// gained nothing. However little it is out, the mirror must not bring it in.
	raw := Number{}
	if v.value > m.High.value {
		raw = m.travelled(N(m.Low.value-(v.value-m.High.value)), m.Low)
	} else {
		raw = m.travelled(N(m.High.value+(m.Low.value-v.value)), m.High)
	}
	if raw.known && raw.value >= 1 {
		return N(nearly)
	}
	return raw
}

// Met answers "did we hit this?" for the value v, the figure of the metric's
// mode: 1 is yes, 0 is no, unknown where it cannot be told.
//
// The target itself counts, except for Above and Below. CommitTargetStretch and
// Zones are hit at the target, Points at the target or, without one, at their
// last point, Milestones when all are finished, mode HitRatio when the needed
// share has met the target. Where the target is where it started, nobody set out to
// reach anything, and it is unknown.
func (m Metric) Met(v Number) Number { return m.met(v) }

func (m *Metric) met(v Number) Number {
	switch m.Mode {
	case "", Latest, Average, Sum, Distance:
		if m.Standstill() {
			return Number{}
		}
		return m.holds(v)
	case HitRatio:
		if raw := m.hitRatio(v); raw.known {
			return truth(raw.value >= 1)
		}
	}
	return Number{}
}

// Holds says whether one reading meets the target, whatever the mode: 1 is yes, 0
// is no, unknown where it cannot be told.
func (m Metric) Holds(v Number) Number { return m.holds(v) }

func (m *Metric) holds(v Number) Number {
	if !v.Finite() {
		return Number{}
	}
	switch m.meets(v.value) {
	case yes:
		return N(1)
	case no:
		return N(0)
	}
	return Number{}
}

type answer int8

const (
	untold answer = iota
	no
	yes
)

func answerOf(b bool) answer {
	if b {
		return yes
	}
	return no
}

func (m *Metric) meets(v float64) answer {
	switch m.Kind {
	case Increase, AtLeast:
		if m.Target.Finite() {
			return answerOf(v >= m.Target.value)
		}
	case Decrease, AtMost:
		if m.Target.Finite() {
			return answerOf(v <= m.Target.value)
		}
	case Above:
		if m.Target.Finite() {
			return answerOf(v > m.Target.value)
		}
	case Below:
		if m.Target.Finite() {
			return answerOf(v < m.Target.value)
		}
	case Between:
		if m.banded() {
			return answerOf(v >= m.Low.value && v <= m.High.value)
		}
	case YesNo:
		if v == 0 || v == 1 {
			return answerOf(v == 1)
		}
	case Milestones:
		if v >= 0 && v <= 1 {
			return answerOf(v == 1)
		}
	case Zones:
		if l, ok := m.level(v); ok {
			return answerOf(l >= levelTarget)
		}
	case CommitTargetStretch:
		return reached(m.direction(), v, m.Target)
	case Points:
		target := m.Target
		if !target.Finite() {
			if _, last, ok := ends(m.Points); ok {
				target = N(last.Value)
			}
		}
		return reached(m.direction(), v, target)
	}
	return untold
}

func reached(direction string, v float64, target Number) answer {
	switch {
	case !target.Finite():
	case direction == "up":
		return answerOf(v >= target.value)
	case direction == "down":
		return answerOf(v <= target.value)
	}
	return untold
}

func truth(b bool) Number {
	if b {
		return N(1)
	}
	return N(0)
}

// Aim is the raw share at which the target is reached: 0.7 for zones and for
// commit, target and stretch, the score of the target for points, else 1.
func (m Metric) Aim() Number { return m.aim() }

func (m *Metric) aim() Number {
	if m.Mode == HitRatio || m.Mode == Distance {
		return N(1)
	}
	switch m.Kind {
	case Zones, CommitTargetStretch:
		return N(targetShare)
	case Points:
		if m.Target.Finite() {
			if aim := m.raw(m.Target); aim.known && aim.value >= 0 && aim.value <= 1 {
				return aim
			}
			return Number{}
		}
		if _, last, ok := ends(m.Points); ok {
			return N(last.Share)
		}
		return Number{}
	}
	return N(1)
}

// Decidable says whether the metric's fields are enough to tell yes from no at
// the end.
func (m Metric) Decidable() bool { return len(m.Missing()) == 0 }

// Missing names the fields without which nobody can tell at the end whether the
// key result was hit. A baseline key result lacks its target by intent.
func (m Metric) Missing() []string {
	var out []string
	need := func(name string, given bool) {
		if !given {
			out = append(out, "metric."+name)
		}
	}
	switch m.Kind {
	case YesNo:
	case Between:
		need("low", m.Low.Finite())
		need("high", m.High.Finite())
	case Milestones:
		need("milestones", len(m.Milestones) > 0)
	case Zones:
		need("zones", len(m.Zones) > 0)
	case Points:
		need("points", len(m.Points) > 0)
	case CommitTargetStretch:
		need("baseline", m.Baseline.Finite())
		need("target", m.Target.Finite())
		need("stretch", m.Stretch.Finite())
	case Increase, Decrease, AtLeast, AtMost, Above, Below, Baseline:
		need("target", m.Target.Finite())
	default:
		need("kind", false)
	}
	return out
}
