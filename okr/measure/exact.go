package measure

import (
	"math"
	"slices"
)

// Exact is a sum of float64 without rounding: adding and taking away in any order
// leads to the same sum, and to the same parts. The last part is the sum as nearly as
// a float64 can say it, the one before it what is missing then, and so on. (Shewchuk,
// Adaptive Precision Floating-Point Arithmetic, 1997.) Its zero value is 0.
type Exact []float64

// Plus is the sum and x. It shares nothing with e.
func (e Exact) Plus(x float64) Exact {
	rest := e.grow(x)
	var out Exact
	for len(rest) > 0 {
		v := rest.Value()
		if !v.known {
			return rest // it has left the range of float64
		}
		out = append(out, v.value)
		rest = rest.grow(-v.value)
	}
	slices.Reverse(out)
	return out
}

// grow is the sum and x, in parts that do not overlap.
func (e Exact) grow(x float64) Exact {
	out := make(Exact, 0, len(e)+1)
	for _, y := range e {
		if math.Abs(x) < math.Abs(y) {
			x, y = y, x
		}
		high := x + y
		if low := y - (high - x); low != 0 {
			out = append(out, low)
		}
		x = high
	}
	if x != 0 {
		out = append(out, x)
	}
	return out
}

// Value is the float64 nearest to the sum, half to even; unknown where a part has
// left the range of float64.
func (e Exact) Value() Number {
	n := len(e)
	if n == 0 {
		return N(0)
	}
	for _, x := range e {
		if !isFinite(x) {
			return Number{}
		}
	}
	high := e[n-1]
	i := n - 2
	var low float64
	for ; i >= 0; i-- {
		x := high
		high = x + e[i]
		if low = e[i] - (high - x); low != 0 {
			break
		}
	}
	// Halfway between two numbers the next part decides.
	if i > 0 && (low < 0 && e[i-1] < 0 || low > 0 && e[i-1] > 0) {
		if twice := low * 2; twice == high+twice-high {
			high += twice
		}
	}
	if !isFinite(high) {
		return Number{}
	}
	return N(high)
}
