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

func formatNumber(f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "unknown"
	}
	s := strconv.FormatFloat(f, 'f', 4, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" {
		return "0"
	}
	return s
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
