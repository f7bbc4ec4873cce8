package measure

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Curve says how much of the way is expected by when, as text that can be stored
// and read: "linear", "back_loaded", "none", or a list of dated shares such as
// "phases 2026-10-31:0.2 2026-11-30:0.6" or "step 2026-10-31:0.2". Every curve is
// 0 on the first day and 1 on the last.
type Curve string

// The curves.
const (
	// DefaultCurve is the kind's own: none for milestones and zones, and linear
	// for whatever else has a way to travel.
	DefaultCurve Curve = ""
	// Linear expects the same share of the way each calendar day.
	Linear Curve = "linear"
	// Step expects nothing before the last day or, with dated shares, each share
	// from its date on.
	Step Curve = "step"
	// BackLoaded expects the square of the linear share: half of the days, a
	// quarter of the way.
	BackLoaded Curve = "back_loaded"
	// NoPace expects nothing that could be told before the end: a yes/no, or a
	// lagging figure. What is expected is unknown, not 0.
	NoPace Curve = "none"
	// phases is the straight line through dated shares.
	phases = "phases"
)

// Phase is the share of the way that is expected on a day.
type Phase struct {
	On    Date
	Share float64 // [0,1]
}

// Phases is the curve that runs straight from 0 on the first day through the
// phases to 1 on the last.
func Phases(ps ...Phase) Curve { return phased(phases, ps) }

// Steps is the curve that expects each share from its day on.
func Steps(ps ...Phase) Curve { return phased(string(Step), ps) }

func phased(head string, ps []Phase) Curve {
	var b strings.Builder
	b.WriteString(head)
	for _, p := range ps {
		fmt.Fprintf(&b, " %s:%s", p.On, strconv.FormatFloat(p.Share, 'f', -1, 64))
	}
	return Curve(b.String())
}

// mostPhases bounds a curve: a share for each week of a year and some.
const mostPhases = 60

// ParseCurve reads the text of a curve, strictly: words in lower case, one space
// between them, dates and shares rising.
func ParseCurve(text string) (Curve, error) {
	if ps := Curve(text).Problems(); len(ps) > 0 {
		return "", fmt.Errorf("measure: curve %q: %s", ps[0].Value, ps[0].Remedy)
	}
	return Curve(text), nil
}

// Problems says what is wrong with the text of the curve.
func (c Curve) Problems() []Problem {
	var ps problems
	head, rest, dated := strings.Cut(string(c), " ")
	switch Curve(head) {
	case DefaultCurve, Linear, BackLoaded, NoPace:
		if dated {
			ps.add("curve", string(c), "only phases and step take dated shares, such as \"phases 2026-10-31:0.2 2026-11-30:0.6\"")
		}
		return ps
	case Step:
		if !dated {
			return nil
		}
	case phases:
		if !dated {
			ps.add("curve", string(c), "phases need at least one dated share, such as \"phases 2026-10-31:0.2\"")
			return ps
		}
	default:
		ps.add("curve", string(c), "use linear, step, back_loaded, none, or dated shares such as \"phases 2026-10-31:0.2 2026-11-30:0.6\"")
		return ps
	}
	n := 0
	var before Phase
	for more := true; more; n++ {
		var word string
		var p Phase
		word, rest, more = strings.Cut(rest, " ")
		p, ok := phaseOf(word)
		switch {
		case n >= mostPhases:
			ps.add("curve", string(c), "give at most %d dated shares", mostPhases)
			return ps
		case !ok || !(p.Share >= 0 && p.Share <= 1):
			ps.add("curve", word, "write a day and the share expected on it, from 0 to 1, such as 2026-10-31:0.2")
			return ps
		case n > 0 && !p.On.After(before.On):
			ps.add("curve", word, "let the days follow each other: it is not after %s", before.On)
			return ps
		case n > 0 && p.Share < before.Share:
			ps.add("curve", word, "let the shares rise: it is below %s on %s", N(before.Share), before.On)
			return ps
		}
		before = p
	}
	return ps
}

// Dated are the dated shares of the curve, none where it has none or its text is
// not in order.
func (c Curve) Dated() []Phase {
	head, rest, dated := strings.Cut(string(c), " ")
	if !dated || head != phases && head != string(Step) || len(c.Problems()) > 0 {
		return nil
	}
	var out []Phase
	for more := true; more; {
		var word string
		word, rest, more = strings.Cut(rest, " ")
		p, _ := phaseOf(word)
		out = append(out, p)
	}
	return out
}

// phaseOf reads 2026-10-31:0.2 without allocating.
func phaseOf(word string) (Phase, bool) {
	day, share, ok := strings.Cut(word, ":")
	if !ok || share == "" || len(share) > 32 || len(day) != 10 || day[4] != '-' || day[7] != '-' {
		return Phase{}, false
	}
	y, m, d := decimal(day[:4]), decimal(day[5:7]), decimal(day[8:])
	on := Date{y, time.Month(m), d}
	if y < 0 || m < 1 || d < 1 || on != on.AddDays(0) {
		return Phase{}, false
	}
	for i := range len(share) {
		if b := share[i]; b != '.' && (b < '0' || b > '9') {
			return Phase{}, false
		}
	}
	v, err := strconv.ParseFloat(share, 64)
	return Phase{on, v}, err == nil && share[0] != '.' && share[len(share)-1] != '.'
}

func decimal(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return -1
		}
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// Expected is the share of the way expected on the day, counted in calendar days:
// 0 on the first, 1 on the last, and 1 at once when both are the same day. It is
// unknown for [NoPace] before the last day, when a date is missing, and for a
// curve that cannot be read. [DefaultCurve] is linear here.
func (c Curve) Expected(first, last, day Date) Number {
	if first.IsZero() || last.IsZero() || day.IsZero() {
		return Number{}
	}
	return c.expected(first.number(), last.number(), day.number())
}

// expected is Expected over days numbered from a common one.
func (c Curve) expected(first, last, day int) Number {
	if last < first {
		return Number{}
	}
	if c == NoPace {
		if day >= last {
			return N(1)
		}
		return Number{}
	}
	dated := false
	switch c {
	case DefaultCurve, Linear, Step, BackLoaded:
	default:
		if dated = len(c) > 5 && (c[:5] == "step " || len(c) > 7 && c[:7] == "phases "); !dated {
			return Number{}
		}
	}
	if dated {
		return c.phase(first, last, day)
	}
	switch {
	case day >= last:
		return N(1)
	case day <= first || c == Step:
		return N(0)
	}
	x := float64(day-first) / float64(last-first)
	if c == BackLoaded {
		return N(x * x)
	}
	return N(x)
}

// phase is the share expected on the day by dated shares. Those outside of the
// days from first to last do not count.
func (c Curve) phase(first, last, day int) Number {
	head, rest, _ := strings.Cut(string(c), " ")
	step := head == string(Step)
	type corner struct {
		day   int
		share float64
	}
	before := corner{first, 0}
	after := corner{last, 1}
	seen, found := corner{-1 << 62, 0}, false
	for more := true; more; {
		var word string
		word, rest, more = strings.Cut(rest, " ")
		p, ok := phaseOf(word)
		at := corner{p.On.number(), p.Share}
		if !ok || !(p.Share >= 0 && p.Share <= 1) || at.day <= seen.day || at.share < seen.share {
			return Number{}
		}
		seen = at
		switch {
		case at.day <= first || at.day >= last:
		case at.day <= day:
			before = at
		case !found:
			after, found = at, true
		}
	}
	switch {
	case day >= last:
		return N(1)
	case day <= first:
		return N(0)
	case step:
		return N(before.share)
	}
	return onLine(float64(before.day), before.share, float64(after.day), after.share, float64(day))
}
