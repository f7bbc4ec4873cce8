package measure

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Number is a float64 that may be unknown. Its zero value is unknown, so a
// figure that nobody gave can never pass for 0.
type Number struct {
	value float64
	known bool
}

// N is the known number v. NaN and infinities are kept as they came, and
// [Number.Finite] tells them, so that the place that reads input can refuse
// them by name.
func N(v float64) Number { return Number{value: v, known: true} }

// Value is the number and whether it is known.
func (n Number) Value() (float64, bool) { return n.value, n.known }

// Known says whether the number is known.
func (n Number) Known() bool { return n.known }

// Finite says whether the number is known and neither NaN nor infinite.
func (n Number) Finite() bool {
	return n.known && isFinite(n.value)
}

// Or is the number, or v when it is unknown.
func (n Number) Or(v float64) float64 {
	if n.known {
		return n.value
	}
	return v
}

// Equal says whether both are unknown, or both are known and the same.
func (n Number) Equal(o Number) bool {
	return n.known == o.known && (!n.known || n.value == o.value)
}

// String is the shortest decimal form that reads back as the same number, or
// "unknown".
func (n Number) String() string {
	if !n.known {
		return "unknown"
	}
	return strconv.FormatFloat(n.value, 'f', -1, 64)
}

// IsZero says whether the number is unknown; it serves encoders that leave out
// zero values.
func (n Number) IsZero() bool { return !n.known }

// MarshalJSON writes null for an unknown number. NaN and infinities, which JSON
// cannot hold, are an error.
func (n Number) MarshalJSON() ([]byte, error) {
	if !n.known {
		return []byte("null"), nil
	}
	return json.Marshal(n.value)
}

// UnmarshalJSON reads null as unknown.
func (n *Number) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*n = Number{}
		return nil
	}
	var v float64
	if err := json.Unmarshal(b, &v); err != nil {
		return fmt.Errorf("measure: %s is not a number: %w", b, err)
	}
	*n = N(v)
	return nil
}
