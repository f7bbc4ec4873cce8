package measure

// Tally is what the reading modes need to know of all readings of a key result,
// so that a row can hold it instead of the readings. It is a value: Add and
// Remove give a new one. A reading is added once when it is recorded, and removed
// when a later one corrects it. The hits depend on the metric: when its target or
// kind changes, tally the readings anew with [TallyOf].
type Tally struct {
	Count     int   `json:"count,omitempty"`     // readings
	Hits      int   `json:"hits,omitempty"`      // readings that met the target when they were added
	Scheduled int   `json:"scheduled,omitempty"` // check-ins from the first to the last day; set by whoever knows the calendar
	Total     Exact `json:"total,omitempty"`     // sum of the readings, in the metric's unit
}

// TallyOf is the tally of the readings under the metric, of which there should be
// one for each of the scheduled check-ins. Unknown readings do not count.
func TallyOf(m Metric, scheduled int, readings ...Number) Tally {
	t := Tally{Scheduled: scheduled}
	for _, v := range readings {
		t = t.Add(m, v)
	}
	return t
}

// Add is the tally with one reading more. A reading that is unknown or not finite
// changes nothing.
func (t Tally) Add(m Metric, v Number) Tally { return t.count(&m, v, 1) }

// Remove is the tally without a reading that was added under the same metric.
func (t Tally) Remove(m Metric, v Number) Tally { return t.count(&m, v, -1) }

func (t Tally) count(m *Metric, v Number, by int) Tally {
	if !v.Finite() {
		return t
	}
	t.Count += by
	if m.meets(v.value) == yes {
		t.Hits += by
	}
	t.Total = t.Total.Plus(float64(by) * v.value)
	if t.Count == 0 {
		t.Total = nil
	}
	return t
}

// IsZero says whether nothing was tallied and nothing is scheduled; it serves
// encoders that leave out zero values.
func (t Tally) IsZero() bool {
	return t.Count == 0 && t.Hits == 0 && t.Scheduled == 0 && len(t.Total) == 0
}

// Equal says whether both tallies lead to the same figures.
func (t Tally) Equal(o Tally) bool {
	return t.Count == o.Count && t.Hits == o.Hits && t.Scheduled == o.Scheduled && t.Total.Value().Equal(o.Total.Value())
}

// Figure is what the mode makes of the readings: their mean, their sum, or the
// share of the scheduled check-ins that met the target, at most 1. It is unknown
// before the first reading, and for the modes that look at the newest one only.
func (t Tally) Figure(mode Mode) Number {
	if t.Count <= 0 {
		return Number{}
	}
	switch mode {
	case Average:
		total := t.Total.Value()
		if !total.known {
			return Number{}
		}
		return N(total.value / float64(t.Count))
	case Sum:
		return t.Total.Value()
	case HitRatio:
		if t.Scheduled <= 0 || t.Hits < 0 {
			return Number{}
		}
		return N(float64(min(t.Hits, t.Scheduled)) / float64(t.Scheduled))
	}
	return Number{}
}
