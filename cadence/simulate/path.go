package simulate

import (
	"fmt"
	"math"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// Path is how a key result's true value moves through the cycle, whether anybody
// measures it or not. The zero value moves from the baseline to the target at the pace
// that is expected.
type Path struct {
	// Pace is the share of the way done on the last day: 1 reaches the target, 0.7 is
	// a good stretch goal. 0 is 1.
	Pace float64
	// Noise is how far a value strays, as a share of the way, about two times of three.
	Noise float64
	// Stalls is the first day on which nothing moves any more. Zero: it never stalls.
	Stalls okr.Date
	// Falls makes it go back to the baseline from the day it stalls, as fast as it came.
	Falls bool
}

// Feed is a key result's data source: it records a reading every so often.
type Feed struct {
	Every okr.Interval // 0 is the interval that the key result's source declares, or a week
	// Dies is the first day on which it only fails. Zero: it lives.
	Dies okr.Date
	// Mends is the first day on which it delivers again. Zero: it does not.
	Mends okr.Date
}

func (p Path) check(field string) error {
	if math.IsNaN(p.Pace) || p.Pace < 0 || p.Pace > 10 {
		return invalid(field+".pace", fmt.Sprint(p.Pace), "the share of the way done on the last day, such as 0.7")
	}
	if !(p.Noise >= 0 && p.Noise <= 1) {
		return invalid(field+".noise", fmt.Sprint(p.Noise), "a share of the way, between 0 and 1")
	}
	if p.Falls && p.Stalls.IsZero() {
		return invalid(field+".falls", "true", "say from which day: stalls")
	}
	return nil
}

func (f Feed) check(field string) error {
	if f.Every < 0 || f.Every > 0 && f.Every.Duration() < time.Hour {
		return invalid(field+".every", f.Every.String(), "a source delivers once an hour or less often")
	}
	if !f.Mends.IsZero() && (f.Dies.IsZero() || !f.Dies.Before(f.Mends)) {
		return invalid(field+".mends", f.Mends.String(), "it mends after the day on which it dies")
	}
	return nil
}

// fails says whether the source only fails on the day.
func (f Feed) fails(day okr.Date) bool {
	return !f.Dies.IsZero() && !day.Before(f.Dies) && (f.Mends.IsZero() || day.Before(f.Mends))
}

// at is the value on a day, in the metric's unit; unknown where the metric has no way
// from a baseline to a target. The noise is that of the instant.
func (p Path) at(m measure.Metric, first, last, day okr.Date, noise float64) measure.Number {
	from, fromKnown := m.Baseline.Value()
	to, toKnown := m.Target.Value()
	switch m.Kind {
	case measure.YesNo:
		done := 0.0
		if !p.stalled(day) && p.share(first, last, day) >= 1 {
			done = 1
		}
		return measure.N(done)
	case measure.Increase, measure.Decrease:
		if !fromKnown || !toKnown {
			return measure.Number{}
		}
		v := from + (to-from)*(p.share(first, last, day)+p.Noise*noise)
		return measure.N(rounded(v, math.Abs(to-from)))
	}
	return measure.Number{}
}

func (p Path) stalled(day okr.Date) bool { return !p.Stalls.IsZero() && !day.Before(p.Stalls) }

// share is the share of the way done on a day, without noise.
func (p Path) share(first, last, day okr.Date) float64 {
	pace := p.Pace
	if pace == 0 {
		pace = 1
	}
	length := float64(max(first.DaysUntil(last), 1))
	gone := func(d okr.Date) float64 { return min(max(float64(first.DaysUntil(d))/length, 0), 1) * pace }
	if !p.stalled(day) {
		return gone(day)
	}
	reached := gone(p.Stalls)
	if !p.Falls {
		return reached
	}
	return max(0, reached-(gone(day)-reached))
}

// rounded keeps three figures of the way, as people write numbers down.
func rounded(v, way float64) float64 {
	if way <= 0 || math.IsInf(way, 0) {
		return v
	}
	unit := math.Pow(10, math.Floor(math.Log10(way))-2)
	if unit < 1 {
		return math.Round(v*math.Round(1/unit)) / math.Round(1/unit)
	}
	return math.Round(v/unit) * unit
}
