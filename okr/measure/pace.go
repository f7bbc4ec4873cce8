package measure

import "math"

// Curve says how much of the way is expected by when.
type Curve string

// The curves.
const (
	Linear Curve = ""     // the same share of the way each calendar day
	NoPace Curve = "none" // nothing is expected before the end: a yes/no, or a lagging figure
)

// Expected is the share of the way expected on the day: linear over calendar
// days, 0 on the first, 1 on the last, and 1 at once when both are the same
// day. It is unknown for [NoPace] before the last day, and when a date is
// missing.
func (c Curve) Expected(first, last, day Date) Number {
	if first.IsZero() || last.IsZero() || day.IsZero() || last.Before(first) {
		return Number{}
	}
	if !day.Before(last) {
		return N(1)
	}
	if c != Linear {
		return Number{}
	}
	if day.Before(first) {
		return N(0)
	}
	return N(float64(first.DaysUntil(day)) / float64(first.DaysUntil(last)))
}

// Clamp is raw within [0,1].
func Clamp(raw Number) Number {
	if !raw.Finite() {
		return Number{}
	}
	return N(math.Min(1, math.Max(0, raw.value)))
}

// Over is how far raw went past the target, 0 when it did not.
func Over(raw Number) Number {
	if !raw.Finite() {
		return Number{}
	}
	return N(math.Max(0, raw.value-1))
}

// Gap is expected minus progress: the share of the way that one is behind,
// negative when ahead.
func Gap(expected, progress Number) Number {
	if !expected.Finite() || !progress.Finite() {
		return Number{}
	}
	return N(expected.value - progress.value)
}

// Ratio is progress over expected. It is unknown during the first guard days of
// the curve, where a tiny expectation makes every ratio meaningless, and where
// nothing is expected yet.
func Ratio(expected, progress Number, daysIn, guard int) Number {
	if !expected.Finite() || !progress.Finite() || expected.value <= 0 || daysIn < guard {
		return Number{}
	}
	return N(progress.value / expected.value)
}
