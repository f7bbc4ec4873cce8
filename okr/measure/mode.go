package measure

import "math"

// Mode says how the readings of a key result become the one figure that its
// metric judges. The set is open at the end: with a mode that is not known,
// everything is unknown.
type Mode string

// The reading modes.
const (
	// Latest is the newest reading. It is what "" means too.
	Latest Mode = "latest"
	// HitRatio is the share of the scheduled check-ins whose reading meets the
	// target: readings that do / check-ins scheduled from first to last day. A
	// check-in that is missing counts as one that does not. (Profit.co, control
	// key results.)
	HitRatio Mode = "hit_ratio"
	// Average is the mean of all readings.
	Average Mode = "average"
	// Sum is the sum of all readings.
	Sum Mode = "sum"
	// Distance judges the newest reading by its distance to the threshold:
	// 1 - (distance beyond it)/tolerance. With the target's own size as tolerance,
	// "at most t" scores (2t-v)/t, the worked table of Profit.co.
	Distance Mode = "distance"
)

// Modes are the reading modes that this version knows.
func Modes() []Mode { return []Mode{Latest, HitRatio, Average, Sum, Distance} }

// tallied says whether the figure is computed from more than the newest reading.
func (m Mode) tallied() bool { return m == HitRatio || m == Average || m == Sum }

// hitRatio is the share of the needed hits that was made.
func (m *Metric) hitRatio(v Number) Number {
	need := finiteOnly(m.Need).Or(1)
	if !(need > 0 && need <= 1) || !v.Finite() || v.value < 0 || v.value > 1 || m.meets(0) == untold {
		return Number{}
	}
	return finite(v.value / need)
}

// distance is 1 at the threshold, 0 at the tolerance beyond it, and above 1 as
// far on the good side.
func (m *Metric) distance(v Number) Number {
	tolerance := m.tolerance()
	if !tolerance.Finite() || tolerance.value <= 0 {
		return Number{}
	}
	raw := 1 - m.beyond(v.value)/tolerance.value
	if !isFinite(raw) {
		return Number{}
	}
	if m.meets(v.value) == no {
		raw = min(nearly, raw) // at a strict threshold
	}
	return N(raw)
}

// beyond is how far v lies on the wrong side of the threshold or the band, in the
// unit; 0 or negative where it holds.
func (m *Metric) beyond(v float64) float64 {
	switch m.Kind {
	case AtMost, Below:
		return v - m.Target.value
	case AtLeast, Above:
		return m.Target.value - v
	case Between:
		return max(0, m.Low.value-v, v-m.High.value)
	}
	return math.NaN()
}

// tolerance is the stated one, or the size of what has to hold: the target, or
// the width of a band.
func (m *Metric) tolerance() Number {
	switch {
	case m.Tolerance.Finite():
		return m.Tolerance
	case m.Kind == Between && m.banded():
		return N(m.High.value - m.Low.value)
	case m.Kind != Between && m.Target.Finite():
		return N(math.Abs(m.Target.value))
	}
	return Number{}
}

// amberZone is the width of the zone beyond the threshold, unknown where none is
// declared. In mode Distance it is the tolerance where nothing else is.
func (m *Metric) amberZone() Number {
	switch m.Kind {
	case AtLeast, AtMost, Above, Below, Between:
		if m.Mode == Distance && !m.Amber.Finite() {
			return m.tolerance()
		}
		return m.Amber
	}
	return Number{}
}

// inAmber says whether a value so far beyond the threshold lies in the zone, whose
// outer end is part of it.
func inAmber(beyond, zone float64) bool { return beyond <= zone*(1+slack) }
