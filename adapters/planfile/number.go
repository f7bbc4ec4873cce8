package planfile

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

var plainNumber = regexp.MustCompile(`^[-+]?(\d[\d_]*(\.\d*)?|\.\d+)([eE][-+]?\d+)?`)

// numberWithUnit reads a number as YAML and JSON write it, and what stands
// behind it.
func numberWithUnit(s string) (v measure.Number, unit string, ok bool) {
	s = strings.TrimSpace(s)
	digits := plainNumber.FindString(s)
	if digits == "" {
		return measure.Number{}, "", false
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(digits, "_", ""), 64)
	if err != nil || math.IsInf(f, 0) {
		return measure.Number{}, "", false
	}
	unit = strings.TrimSpace(s[len(digits):])
	if strings.ContainsAny(unit, "0123456789.,'’") {
		return measure.Number{}, "", false
	}
	return measure.N(f), unit, true
}

// dateOf reads a date that can be read in only one way.
func dateOf(s string) (okr.Date, bool) {
	d, err := measure.ParseDate(strings.TrimSpace(s))
	return d, err == nil
}
