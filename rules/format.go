package rules

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Format prints a plain value for a person: a whole number as 12, other
// numbers with at most four digits behind the point (half to even), an instant
// as a date in UTC (with the time of day unless it is midnight), a span of time
// in days, hours and minutes, a list with commas, [Unknown] as "unknown".
func Format(v any) string {
	switch v := v.(type) {
	case nil, unknownFact:
		return "unknown"
	case string:
		return v
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return formatNumber(v)
	case time.Time:
		v = v.UTC()
		if v.Hour() == 0 && v.Minute() == 0 && v.Second() == 0 {
			return v.Format("2006-01-02")
		}
		return v.Format("2006-01-02 15:04 UTC")
	case time.Duration:
		return formatSpan(v)
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = Format(x)
		}
		return strings.Join(parts, ", ")
	}
	return fmt.Sprint(v)
}

const maxDecimals = 4

// formatNumber rounds what a person would read, the shortest decimal that means
// the number, and not its binary expansion: 0.00025 becomes 0.0002.
func formatNumber(f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "unknown"
	}
	s := strconv.FormatFloat(math.Abs(f), 'f', -1, 64)
	whole, frac, _ := strings.Cut(s, ".")
	if len(frac) > maxDecimals {
		digits := []byte(whole + frac[:maxDecimals])
		rest := frac[maxDecimals:]
		odd := (digits[len(digits)-1]-'0')%2 == 1
		if rest[0] > '5' || rest[0] == '5' && (len(rest) > 1 || odd) {
			digits = increment(digits)
		}
		whole, frac = string(digits[:len(digits)-maxDecimals]), string(digits[len(digits)-maxDecimals:])
	}
	if frac = strings.TrimRight(frac, "0"); frac != "" {
		whole += "." + frac
	}
	if f < 0 && whole != "0" {
		return "-" + whole
	}
	return whole
}

// increment adds one to a number in decimal digits.
func increment(digits []byte) []byte {
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i] < '9' {
			digits[i]++
			return digits
		}
		digits[i] = '0'
	}
	return append([]byte{'1'}, digits...)
}

func formatSpan(d time.Duration) string {
	sign := ""
	if d < 0 {
		sign, d = "-", d.Abs()
	}
	if d < time.Minute {
		return sign + formatNumber(d.Seconds()) + " s"
	}
	minutes := int64(d.Round(time.Minute) / time.Minute)
	var parts []string
	unit := func(n int64, one string) {
		if n == 1 {
			parts = append(parts, "1 "+one)
		} else if n > 1 {
			parts = append(parts, strconv.FormatInt(n, 10)+" "+one+"s")
		}
	}
	unit(minutes/(24*60), "day")
	unit(minutes/60%24, "hour")
	if minutes < 24*60 { // days and minutes together tell nobody anything
		unit(minutes%60, "minute")
	}
	return sign + strings.Join(parts, " ")
}
