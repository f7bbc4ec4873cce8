package papers

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// voice says things in one language.
type voice struct {
	tag     language.Tag
	chain   []*catalogue // the language's own words, those of the languages above it, English
	printer *message.Printer
}

// look finds a phrase, and the language that it is in.
func (v *voice) look(key string) (phrase, language.Tag, bool) {
	for _, c := range v.chain {
		if p, ok := c.phrases[key]; ok {
			return p, c.tag, true
		}
	}
	return phrase{}, language.Und, false
}

// say is the phrase with its places filled in: names and values in turn.
func (v *voice) say(key string, args ...any) (string, error) {
	p, _, ok := v.look(key)
	if !ok {
		return "", fmt.Errorf("no language has words for %q", key)
	}
	if p.forms != nil {
		return "", fmt.Errorf("%q has a number: say it with count", key)
	}
	return v.fill(p.text, args)
}

// count is the phrase for a number of things, which is its place {n}.
func (v *voice) count(key string, n int, args ...any) (string, error) {
	p, tag, ok := v.look(key)
	if !ok {
		return "", fmt.Errorf("no language has words for %q", key)
	}
	return v.fill(p.of(tag, n), append([]any{"n", n}, args...))
}

func (v *voice) fill(text string, args []any) (string, error) {
	if len(args)%2 != 0 {
		return "", fmt.Errorf("%q: give names and values in turn", text)
	}
	given := map[string]string{}
	for i := 0; i < len(args); i += 2 {
		name, ok := args[i].(string)
		if !ok {
			return "", fmt.Errorf("%q: %v is no name of a place", text, args[i])
		}
		given[name] = v.plainly(args[i+1])
	}
	var missing error
	out := placeholder.ReplaceAllStringFunc(text, func(m string) string {
		value, ok := given[m[1:len(m)-1]]
		if !ok {
			missing = fmt.Errorf("%q: nothing was given for %s", text, m)
		}
		return value
	})
	return out, missing
}

// plainly is a value in words.
func (v *voice) plainly(x any) string {
	switch x := x.(type) {
	case string:
		return x
	case int:
		return v.printer.Sprint(number.Decimal(x))
	case float64:
		return v.number(measure.N(x), 1)
	case measure.Number:
		return v.number(x, 2)
	case Amount:
		return v.amount(x)
	}
	return fmt.Sprint(x)
}

// known is a phrase that has to exist: the tests see to it.
func (v *voice) known(key string) string {
	p, _, _ := v.look(key)
	return p.text
}

// coded is the word for a code, or the code itself where a host's pack made it up.
func (v *voice) coded(section, code string) string {
	if p, _, ok := v.look(section + "." + code); ok && p.forms == nil {
		return p.text
	}
	return strings.ReplaceAll(code, "_", " ")
}

func (v *voice) unknown() string { return v.known("word.unknown") }

// number is a number with at most so many decimal places.
func (v *voice) number(n measure.Number, places int) string {
	if !n.Finite() {
		return v.unknown()
	}
	return v.decimal(strings.TrimSuffix(strings.TrimRight(dotted(measure.Round(n, places)), "0"), "."))
}

func dotted(s string) string {
	if strings.Contains(s, ".") {
		return s
	}
	return s + "."
}

// decimal says a decimal number, with the places that it has, as the language
// writes it.
func (v *voice) decimal(text string) string {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	_, part, _ := strings.Cut(text, ".")
	return v.printer.Sprint(number.Decimal(f, number.MinFractionDigits(len(part)), number.MaxFractionDigits(len(part))))
}

// percent is a share in per cent, rounded once, for reading.
func (v *voice) percent(n measure.Number) string {
	x, ok := n.Value()
	if !ok || !n.Finite() {
		return v.unknown()
	}
	return v.inPercent(v.decimal(measure.Round(measure.N(x*100), 0)))
}

func (v *voice) inPercent(number string) string {
	return strings.ReplaceAll(v.known("number.percent"), "{n}", number)
}

// amount is a value in its unit, rounded as [measure.Metric.Format] rounds.
func (v *voice) amount(a Amount) string {
	if !a.Value.Known() {
		return v.unknown()
	}
	text := a.Metric.Format(a.Value)
	if !a.Value.Finite() {
		return v.unknown()
	}
	switch a.Metric.Kind {
	case measure.YesNo:
		return v.coded("word", text)
	case measure.Zones:
		return v.coded("level", text)
	}
	digits, unit, _ := strings.Cut(text, " ")
	n := v.decimal(digits)
	switch unit {
	case "":
		return n
	case string(measure.Percent):
		return v.inPercent(n)
	case string(measure.PercentagePoints):
		return n + " " + v.known("number.points")
	}
	return n + " " + unit
}

// date is a day in full, day a day in figures.
func (v *voice) date(d okr.Date) string { return v.dated("date.long", d) }
func (v *voice) day(d okr.Date) string  { return v.dated("date.short", d) }

func (v *voice) dated(pattern string, d okr.Date) string {
	if d.IsZero() {
		return v.unknown()
	}
	t := d.In(time.UTC)
	day := strconv.Itoa(t.Day())
	if first := v.known("date.first"); t.Day() == 1 && pattern == "date.long" && first != "" {
		day = first
	}
	return strings.NewReplacer(
		"{weekday}", v.weekday(t.Weekday()), "{day}", day, "{dd}", t.Format("02"), "{month}", v.known(fmt.Sprintf("date.months.%d", t.Month()-1)),
		"{mon}", v.known(fmt.Sprintf("date.mon.%d", t.Month()-1)), "{mm}", t.Format("01"), "{year}", strconv.Itoa(t.Year()),
	).Replace(v.known(pattern))
}

// weekday is the name of a day; the catalogues begin with Monday.
func (v *voice) weekday(d time.Weekday) string {
	return v.known(fmt.Sprintf("date.weekdays.%d", (d+6)%7))
}

// ordinal says which of its weekdays in a month a day is: 1-4 count from the first,
// -1 is the last. Some languages say it otherwise of days at the weekend.
func (v *voice) ordinal(week int, d time.Weekday) string {
	list, at := "date.ordinals", week-1
	if d == time.Saturday || d == time.Sunday {
		list = "date.weekend_ordinals"
	}
	if week < 0 {
		at = 4
	}
	return v.known(fmt.Sprintf("%s.%d", list, at))
}

// when is a day and a time of day, in the time's own zone.
func (v *voice) when(t time.Time) string {
	return strings.NewReplacer("{date}", v.date(measure.DateOf(t)), "{time}", v.clock(t)).Replace(v.known("date.when")) + " (" + t.Location().String() + ")"
}

// on says when something happens.
func (v *voice) on(e Event) string {
	switch {
	case !e.At.IsZero():
		return v.when(e.At)
	case !e.Until.IsZero():
		return v.filled("word.span", "from", v.date(e.On), "to", v.date(e.Until))
	}
	return v.date(e.On)
}

func (v *voice) clock(t time.Time) string {
	return strings.NewReplacer("{hh}", t.Format("15"), "{mm}", t.Format("04")).Replace(v.known("date.clock"))
}

// list joins words: a, b and c.
func (v *voice) list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + v.known("word.and") + words[len(words)-1]
}
