package okr

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/okrkit/okrkit/okr/measure"
)

// Bounds of texts, in runes. They are wide enough for what people really write
// and keep a rule's cost bounded.
const (
	maxTitle = 2000
	maxNote  = 4000
	maxName  = 200
	maxList  = 200 // initiatives of a key result, blockers of a check-in, people with access
)

// futureSlack is how far ahead of the desk's clock a reading may be, so that two
// clocks that differ a little do not refuse each other.
const futureSlack = 5 * time.Minute

func checkText(field, s string, most int, required bool) error {
	switch {
	case required && strings.TrimSpace(s) == "":
		return invalid(field, s, "it is empty: write it")
	case !utf8.ValidString(s):
		return invalid(field, s, "it is not valid UTF-8: re-encode it")
	case strings.ContainsRune(s, 0):
		return invalid(field, s, "it holds a NUL character: remove it")
	case utf8.RuneCountInString(s) > most:
		return invalid(field, s, "it has %d characters: use at most %d", utf8.RuneCountInString(s), most)
	}
	return nil
}

// oneLine is text for a title: runs of white space become one space. Other control
// characters stay as somebody wrote them; whoever shows a title makes it safe for
// where it is shown.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(s, "\ufffd")), " ")
}

// checkID refuses an id that no row can have, before a store is asked for it.
func checkID(field string, id ID, required bool) error {
	if id == "" && !required {
		return nil
	}
	if p := badID(string(id)); p != "" {
		return invalid(field, string(id), "an id that %s names nothing", p)
	}
	return nil
}

// checkDate refuses a day that no calendar has. None is fine.
func checkDate(field string, d Date) error {
	if d.IsZero() || d.Year >= 1 && d.Year <= 9999 && measure.NewDate(d.Year, d.Month, d.Day) == d {
		return nil
	}
	return invalid(field, d.String(), "give a day of the calendar such as 2026-10-01")
}

// checkInterval refuses an interval that its text form cannot say.
func checkInterval(field string, i Interval) error {
	if i < 0 || i > mostInterval || i%Interval(time.Minute) != 0 {
		return invalid(field, i.String(), "use whole minutes, at most 100 years")
	}
	return nil
}

func checkInitiatives(field string, is []Initiative) error {
	if len(is) > maxList {
		return invalid(field, fmt.Sprint(len(is)), "keep at most %d", maxList)
	}
	for i, x := range is {
		at := fmt.Sprintf("%s[%d]", field, i)
		for _, err := range []error{
			checkText(at+".title", x.Title, maxTitle, true),
			checkText(at+".link", x.Link, maxTitle, false),
			checkID(at+".owner", x.Owner, false),
		} {
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func checkConfidence(field string, n measure.Number) error {
	v, ok := n.Value()
	if !ok {
		return nil
	}
	if !n.Finite() || v < 0 || v > 10 {
		return invalid(field, n.String(), "confidence goes from 0 to 10")
	}
	return nil
}

func checkFinite(field string, n measure.Number) error {
	if n.Known() && !n.Finite() {
		return invalid(field, n.String(), "give a finite number, or leave it out if it is not known")
	}
	return nil
}

func checkMetric(prefix string, m measure.Metric) error {
	ps := m.Problems()
	if m.Standstill() {
		// The rules speak of it, where a plan is judged and not merely refused.
		ps = slices.DeleteFunc(ps, func(p measure.Problem) bool { return p.Field == "metric.target" })
	}
	return together(problems(prefix, ps), checkText(prefix+"metric.unit", m.Unit, 40, false))
}

// problems are what arithmetic finds wrong.
func problems(prefix string, ps []measure.Problem) error {
	errs := make([]error, len(ps))
	for i, p := range ps {
		errs[i] = invalid(prefix+p.Field, p.Value, "%s", p.Remedy)
	}
	return together(errs...)
}

func checkRollup(prefix string, p measure.RollupPolicy) error { return problems(prefix, p.Problems()) }

func checkBands(prefix string, b measure.Bands) error { return problems(prefix, b.Problems()) }

func checkWeight(field string, n measure.Number) error {
	if err := checkFinite(field, n); err != nil {
		return err
	}
	if v, ok := n.Value(); ok && (v < 0 || v > 1e6) {
		return invalid(field, n.String(), "a weight goes from 0, listed and not counted, to 1000000")
	}
	return nil
}

func checkSource(field string, s *Source) error {
	if s == nil {
		return nil
	}
	if err := checkText(field+".kind", s.Kind, maxName, false); err != nil {
		return err
	}
	if err := checkText(field+".where", s.Where, maxTitle, false); err != nil {
		return err
	}
	if err := checkInterval(field+".interval", s.Interval); err != nil {
		return err
	}
	if len(s.Access) > maxList {
		return invalid(field+".access", fmt.Sprint(len(s.Access)), "name at most %d people", maxList)
	}
	for i, a := range s.Access {
		if err := checkText(fmt.Sprintf("%s.access[%d]", field, i), a, maxName, true); err != nil {
			return err
		}
	}
	return nil
}

// blockerKinds are what may stand in the way.
var blockerKinds = []string{"people", "dependency", "decision", "money", "data", "other"}

// occurred is when a value was true: now where nobody says, and where the clock
// that says is a little ahead. A value from the future is refused: it would
// silence what is due.
func occurred(field string, at, now time.Time) (time.Time, error) {
	at = at.UTC().Truncate(time.Microsecond)
	switch {
	case at.IsZero():
		return now, nil
	case at.After(now.Add(futureSlack)):
		return at, invalid(field, at.Format(time.RFC3339), "it lies in the future: record a value once it is true")
	case at.After(now):
		return now, nil
	}
	return at, checkPast(field, at)
}

// checkPast refuses an instant that only a mistake can name.
func checkPast(field string, at time.Time) error {
	if !at.IsZero() && (at.UTC().Year() < 1900 || at.UTC().Year() > 9999) {
		return invalid(field, at.UTC().Format(time.RFC3339), "it lies before 1900 or after 9999: check the date")
	}
	return nil
}

func checkStated(s measure.Status) error {
	if s == "" || slices.Contains([]measure.Status{measure.OnTrack, measure.AtRisk, measure.OffTrack}, s) {
		return nil
	}
	return invalid("stated", string(s), "use on_track, at_risk or off_track")
}

// checkUnit refuses a value in another unit than the metric's, where somebody says
// which it is in.
func checkUnit(field, unit string, m measure.Metric) error {
	if unit == "" || unit == m.Unit {
		return nil
	}
	return invalid(field, unit, "it is measured in %q: convert the value", m.Unit)
}

func checkValue(field string, m measure.Metric, v measure.Number) error {
	if err := checkFinite(field, v); err != nil {
		return err
	}
	x, ok := v.Value()
	if !ok {
		return nil
	}
	switch m.Kind {
	case measure.YesNo:
		if x != 0 && x != 1 {
			return invalid(field, v.String(), "a yes/no key result takes 1 for yes and 0 for no")
		}
	case measure.Milestones:
		if x < 0 || x > 1 {
			return invalid(field, v.String(), "milestones take the share of their weight that is finished, from 0 to 1")
		}
	case measure.Zones:
		if !m.Holds(v).Known() {
			return invalid(field, v.String(), "zones take 0 for fail, 1 for commit, 2 for target, 3 for stretch, of those that are described")
		}
	}
	return nil
}

func checkCurve(field string, c measure.Curve) error {
	var errs []error
	for _, p := range c.Problems() {
		errs = append(errs, invalid(field, p.Value, "%s", p.Remedy))
	}
	return together(errs...)
}
