package measure

import "math"

// Clamp is raw within [0,1].
func Clamp(raw Number) Number {
	if !raw.Finite() {
		return Number{}
	}
	return raw.clamped()
}

// clamped is Clamp of a number that is finite, or unknown.
func (n Number) clamped() Number {
	switch {
	case n.value < 0:
		n.value = 0
	case n.value > 1:
		n.value = 1
	}
	return n
}

// Over is how far raw went past the target, 0 when it did not.
func Over(raw Number) Number {
	if !raw.Finite() {
		return Number{}
	}
	if raw.value <= 1 {
		return N(0)
	}
	return N(raw.value - 1)
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
	r := progress.value / expected.value
	if math.IsInf(r, 0) {
		return Number{}
	}
	return N(r)
}
