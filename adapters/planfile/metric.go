package planfile

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/rules/lexicon"
)

// embeddedLexicon is the lexicon with its own word lists. It never changes, so
// all readers share it.
var embeddedLexicon = sync.OnceValues(func() (*lexicon.Lexicon, error) { return lexicon.New() })

// words reads numbers, dates and measures out of text, and never guesses: what
// can be read in two ways is not read.
type words struct{ *lexicon.Lexicon }

// quantity is a number with its unit, and the kind of metric that a sign such as
// ≥ gives away.
type quantity struct {
	number measure.Number
	unit   string
	kind   measure.Kind
}

var plainNumber = regexp.MustCompile(`^[-+]?(\d[\d_]*(\.\d*)?|\.\d+)([eE][-+]?\d+)?`)

// plainQuantity reads a number as YAML and JSON write it, and a unit behind it.
func plainQuantity(s string) (quantity, bool) {
	s = strings.TrimSpace(s)
	digits := plainNumber.FindString(s)
	if digits == "" {
		return quantity{}, false
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(digits, "_", ""), 64)
	if err != nil || math.IsInf(f, 0) {
		return quantity{}, false
	}
	unit := strings.TrimSpace(s[len(digits):])
	if strings.ContainsAny(unit, "0123456789.,'’-–/") || utf8.RuneCountInString(unit) > maxUnit {
		return quantity{}, false
	}
	return quantity{number: measure.N(f), unit: unit}, true
}

// thousandOrOne is a number that is a thousand in one country and one in
// another.
var thousandOrOne = regexp.MustCompile(`\d[.,]\d{3}(\D|$)`)

var (
	// magnitude is a number that is to be multiplied: 10k, 1.2M, 5 Mio.
	magnitude      = regexp.MustCompile(`(?:\d|\.)[ \x{00a0}\x{202f}]?(?:[kKM]|MM|[bB][nN]|B|[mM]io\.?|[mM]ln\.?|[mM]rd\.?|[tT]sd\.?|[mM]illions?|[mM]illiards?|[bB]illions?|[tT]housand|[lL]akhs?|[cC]rores?|mil|milh(?:ão|ões)|mill(?:ón|ones))(?:$|[^\p{L}\d])`)
	millions       = regexp.MustCompile(`(\d)[ \x{00a0}\x{202f}]?mi\.?($|[ \x{00a0}])`) // R$ 1,2 mi
	apartMagnitude = regexp.MustCompile(`(\d)[ \x{00a0}\x{202f}]([kKM])($|[ \x{00a0}€$£/])`)
)

// quantity reads the one number of a text such as "45 %", "1'000" or "≥ 90 %".
func (w words) quantity(text string) (quantity, bool) {
	text = millions.ReplaceAllString(apartMagnitude.ReplaceAllString(text, "$1$2$3"), "$1 milhões$2")
	if !thousandOrOne.MatchString(text) && !magnitude.MatchString(text) {
		if q, ok := plainQuantity(text); ok {
			q.unit = unitOf(q.unit)
			return q, true
		}
	}
	s := w.Read(text)
	if len(s.Values) != 1 || len(s.Names) > 0 || len(s.Dates) > 0 {
		return quantity{}, false
	}
	v := s.Values[0]
	if v.Placeholder || v.Redacted || v.IsRange || v.Relative || len(v.Readings) > 0 || math.IsInf(v.Number, 0) || math.IsNaN(v.Number) {
		return quantity{}, false
	}
	// Words that are neither the number nor its unit belong to a sentence.
	if rest := len(strings.TrimSpace(s.Text[:v.Start])) + len(strings.TrimSpace(s.Text[v.End:])); rest > 4+len(v.Unit)+len(s.Text)/2 {
		return quantity{}, false
	}
	q := quantity{number: measure.N(v.Number), unit: clipUnit(v.Unit)}
	if text = strings.TrimLeft(text, " "); strings.HasPrefix(text, "-") || strings.HasPrefix(text, "−") {
		q.number = measure.N(-math.Abs(v.Number))
	}
	switch v.Bound {
	case lexicon.AtLeast, lexicon.Above:
		q.kind = measure.AtLeast
	case lexicon.AtMost, lexicon.Below:
		q.kind = measure.AtMost
	}
	return q, true
}

// date reads a date that has day, month and year, and only one reading.
func (w words) date(text string) (okr.Date, bool) {
	text = strings.TrimSpace(text)
	if d, err := measure.ParseDate(text); err == nil {
		return d, true
	}
	if utf8.RuneCountInString(text) > 40 {
		return okr.Date{}, false
	}
	s := w.Read(text)
	if len(s.Dates) != 1 || len(s.Values) > 0 {
		return okr.Date{}, false
	}
	return fullDate(s.Dates[0])
}

func fullDate(d lexicon.Date) (okr.Date, bool) {
	if d.Year == 0 || d.Month == 0 || d.Day == 0 || d.Fiscal || len(d.Candidates) > 0 {
		return okr.Date{}, false
	}
	out := measure.NewDate(d.Year, time.Month(d.Month), d.Day)
	return out, out.Day == d.Day
}

// metric turns a measure of the lexicon into one of okrkit's, where there is
// only one way to do so.
func metric(m *lexicon.Measure) (measure.Metric, bool) {
	if m == nil || m.Placeholder || len(m.Candidates) > 0 {
		return measure.Metric{}, false
	}
	out := measure.Metric{Unit: clipUnit(m.Unit)}
	switch m.Kind {
	case lexicon.Increase:
		out.Kind = measure.Increase
	case lexicon.Decrease:
		out.Kind = measure.Decrease
	case lexicon.ReachLeast:
		out.Kind = measure.AtLeast
	case lexicon.ReachAtMost:
		out.Kind = measure.AtMost
	case lexicon.YesNo:
		return measure.Metric{Kind: measure.YesNo}, true
	default:
		return measure.Metric{}, false
	}
	baseline, from := m.Baseline.Float()
	target, to := m.Target.Float()
	if m.Relative {
		if target, to = absolute(m, baseline, from, target); !to {
			return measure.Metric{}, false
		}
	}
	if from {
		out.Baseline = measure.N(baseline)
	}
	if to {
		out.Target = measure.N(target)
	}
	if len(out.Problems()) > 0 {
		return measure.Metric{}, false
	}
	return out, from || to
}

// absolute is the level that a change leads to. A share of a baseline that is a
// share itself is left open: 20 % more than 5 % is 6 % or 25 %.
func absolute(m *lexicon.Measure, baseline float64, from bool, change float64) (float64, bool) {
	if !from {
		return 0, false
	}
	sign := 1.0
	if m.Kind == lexicon.Decrease || m.Kind == lexicon.ReachAtMost {
		sign = -1
	}
	switch m.Unit {
	case "pp":
		return baseline + sign*change, true
	case "x":
		return baseline * change, true
	}
	return 0, false
}

// maxUnit bounds the unit of a metric, in characters.
const maxUnit = 40

func clipUnit(unit string) string {
	if utf8.RuneCountInString(unit) > maxUnit {
		return ""
	}
	return unit
}

// metricOf reads a metric out of words such as "from 5 to 3 %".
func (w words) metricOf(text string) (measure.Metric, bool) {
	return metric(w.Read(text).Measure)
}

// fill reads what a key result's fields do not say out of its title: its metric,
// and the day by which it is due.
func (w words) fill(k *okr.PlanKeyResult, cycle okr.PlanCycle, wantMetric, wantDue bool) {
	s := w.Read(k.Title)
	if wantMetric {
		if read, ok := metric(s.Measure); ok {
			k.Metric = read
		}
	}
	if !wantDue || !k.Due.IsZero() {
		return
	}
	var deadline lexicon.Date
	if s.Measure != nil {
		deadline = s.Measure.Due
	} else if len(s.Dates) == 1 && s.Dates[0].Deadline {
		deadline = s.Dates[0]
	}
	if due, ok := dueOf(deadline, cycle); ok {
		k.Due = due
	}
}

// dueOf completes a date of a title by its cycle: "by 15 August" names a day if
// the cycle has only one such day.
func dueOf(d lexicon.Date, cycle okr.PlanCycle) (okr.Date, bool) {
	if due, ok := fullDate(d); ok {
		return due, true
	}
	if d.Fiscal || len(d.Candidates) > 0 {
		return okr.Date{}, false
	}
	if d.Year != 0 && d.Deadline {
		switch {
		case d.Month != 0 && d.Day == 0:
			return measure.NewDate(d.Year, time.Month(d.Month+1), 0), true
		case d.Quarter != 0:
			_, last := quarterDates(d.Year, d.Quarter)
			return last, true
		case d.Half != 0:
			return measure.NewDate(d.Year, time.Month(6*d.Half+1), 0), true
		}
	}
	if d.Year == 0 && d.Quarter != 0 && !cycle.End.IsZero() && (int(cycle.End.Month)+2)/3 == d.Quarter && d.Deadline {
		_, last := quarterDates(cycle.End.Year, d.Quarter)
		return last, last == cycle.End
	}
	if d.Year != 0 || d.Month == 0 || cycle.Start.IsZero() || cycle.End.IsZero() {
		return okr.Date{}, false
	}
	var found okr.Date
	for year := cycle.Start.Year; year <= cycle.End.Year; year++ {
		due := measure.NewDate(year, time.Month(d.Month), d.Day)
		if d.Day == 0 {
			if !d.Deadline {
				return okr.Date{}, false
			}
			due = measure.NewDate(year, time.Month(d.Month+1), 0)
		}
		if due.Before(cycle.Start) || due.After(cycle.End) || d.Day != 0 && due.Day != d.Day {
			continue
		}
		if !found.IsZero() {
			return okr.Date{}, false
		}
		found = due
	}
	return found, !found.IsZero()
}
