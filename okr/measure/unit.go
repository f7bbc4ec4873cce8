package measure

import (
	"math"
	"strconv"
	"strings"
)

// Unit is what a number counts: "%", "pp" (percentage points), an ISO 4217 code
// such as "EUR", or any word such as "customers"; "" is a bare number.
type Unit string

// The units that arithmetic tells apart.
const (
	Percent          Unit = "%"  // a level; the difference of two is in percentage points
	PercentagePoints Unit = "pp" // a difference
)

// maxDigits is the most decimal places that are shown.
const maxDigits = 9

// Digits is how many decimal places a number of the unit is shown with, and
// whether all of them are written out: money has 2 and always shows them (but yen
// have none, and dinars 3), anything else has at most 1 for % and pp and at most 2
// otherwise, without zeros at the end.
func (u Unit) Digits() (places int, fixed bool) {
	switch u {
	case Percent, PercentagePoints:
		return 1, false
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0, true
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3, true
	case "AED", "ARS", "AUD", "BDT", "BGN", "BRL", "CAD", "CHF", "CNY", "COP", "CRC", "CZK", "DKK", "EGP", "EUR", "GBP", "GEL", "GHS",
		"HKD", "HUF", "IDR", "ILS", "INR", "KES", "KZT", "LKR", "MAD", "MXN", "MYR", "NGN", "NOK", "NZD", "PEN", "PHP", "PKR", "PLN", "QAR",
		"RON", "RSD", "RUB", "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "TZS", "UAH", "USD", "UYU", "UZS", "ZAR", "ZMW":
		return 2, true
	}
	return 2, false
}

// Difference is the unit of the difference of two numbers of this one: pp for %,
// and the same otherwise.
func (u Unit) Difference() Unit {
	if u == Percent {
		return PercentagePoints
	}
	return u
}

// Format is the number rounded half to even at the unit's digits, with the unit
// behind it: "4.5 %", "1200.50 EUR", "45"; "unknown" for an unknown one. It rounds
// the shortest decimal form of the number, so that 2.675 is a tie and becomes
// 2.68, whatever the binary one behind it. Round here and nowhere before.
func (u Unit) Format(n Number) string {
	places, fixed := u.Digits()
	return u.with(n, places, fixed)
}

func (u Unit) with(n Number, places int, fixed bool) string {
	if !n.known {
		return n.String()
	}
	text := Round(n, places)
	if !fixed {
		text = bare(text)
	}
	if u == "" {
		return text
	}
	return text + " " + string(u)
}

// bare is the decimal without zeros at its end.
func bare(text string) string {
	if !strings.Contains(text, ".") {
		return text
	}
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// Format is a value of the metric as it is shown: with the metric's own digits
// where it declares them, all of them written out, and else with its unit's. The
// figure of mode HitRatio and of milestones is a share, and shown as %; yes and no,
// and the level of a zone, are words.
func (m Metric) Format(n Number) string {
	v, ok := n.Value()
	switch {
	case !ok:
	case m.Mode == HitRatio, m.Kind == Milestones:
		return Percent.Format(N(v * 100))
	case m.Kind == YesNo && v == 1:
		return "yes"
	case m.Kind == YesNo && v == 0:
		return "no"
	case m.Kind == Zones && LevelOf(n) != "":
		return string(LevelOf(n))
	}
	places, fixed := m.places()
	return Unit(m.Unit).with(n, places, fixed)
}

// FormatDifference is a difference of two values as it is shown, with its sign:
// "+1.5 pp" of a metric in %.
func (m Metric) FormatDifference(n Number) string {
	u := Unit(m.Unit)
	if m.Mode == HitRatio || m.Kind == Milestones {
		u, n = Percent, scaled(n, 100)
	}
	places, fixed := m.places()
	text := u.Difference().with(n, places, fixed)
	if v, ok := n.Value(); ok && v > 0 && !strings.HasPrefix(text, "-") && strings.Trim(Round(n, places), "0.") != "" {
		return "+" + text
	}
	return text
}

func scaled(n Number, by float64) Number {
	if !n.known {
		return n
	}
	return N(n.value * by)
}

func (m *Metric) places() (places int, fixed bool) {
	if d, ok := m.Digits.Value(); ok && d >= 0 && d <= maxDigits {
		return int(d), true
	}
	return Unit(m.Unit).Digits()
}

// Round is the number with that many decimal places, all written out, rounded half
// to even on its shortest decimal form. Nothing rounds to "-0".
func Round(n Number, places int) string {
	v, ok := n.Value()
	if !ok || math.IsNaN(v) || math.IsInf(v, 0) {
		return n.String()
	}
	text := strconv.FormatFloat(math.Abs(v), 'f', -1, 64)
	whole, part, _ := strings.Cut(text, ".")
	if len(part) <= places {
		part += strings.Repeat("0", places-len(part))
	} else {
		kept, rest := part[:places], part[places:]
		digits := []byte(whole + kept)
		if up(digits, rest) {
			digits = carry(digits)
		}
		whole, part = string(digits[:len(digits)-places]), string(digits[len(digits)-places:])
	}
	if part != "" {
		part = "." + part
	}
	if v < 0 && strings.Trim(whole+part, "0.") != "" {
		whole = "-" + whole
	}
	return whole + part
}

// up says whether the rest behind the digits rounds them up.
func up(digits []byte, rest string) bool {
	switch {
	case rest[0] != '5':
		return rest[0] > '5'
	case strings.Trim(rest[1:], "0") != "":
		return true
	}
	return (digits[len(digits)-1]-'0')%2 == 1
}

func carry(digits []byte) []byte {
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i] < '9' {
			digits[i]++
			return digits
		}
		digits[i] = '0'
	}
	return append([]byte{'1'}, digits...)
}
