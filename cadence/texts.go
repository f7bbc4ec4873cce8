package cadence

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// Text is a message in words: a title of one line, and plain text below it.
type Text struct{ Title, Body string }

// Texts puts messages into words. It does no I/O: it is called between a lock and
// a commit.
type Texts interface {
	Text(Message) (Text, error)
}

// Templates are [Texts] made of text/template.
type Templates struct{ set *template.Template }

//go:embed english.tmpl
var englishText string

// English is what okrkit says where the host says nothing else.
func English() *Templates {
	return &Templates{template.Must(template.New("english").Funcs(functions).Parse(englishText))}
}

// Parse reads a template text that defines again what shall be said otherwise
// than in [English]: "title" and "body", which get a [Message], or one of the
// kinds, such as "checkin-due", which get an [Item] and stand in the body.
//
// Beside the functions of text/template there are: date, clock and dates of
// times; count n one many; percent of a share; status of a status; short of a
// title; join of words; upper, which makes the first letter a capital.
//
// Every kind is tried once, so that a mistake is an error here and not at the
// hour of the first reminder. It is an [*okr.InvalidError].
func Parse(text string) (*Templates, error) {
	t := English()
	if _, err := t.set.New("host").Parse(text); err != nil {
		return nil, invalid("texts", text, fmt.Sprintf("the template cannot be read: %v", err))
	}
	for _, m := range specimens() {
		if _, err := t.Text(m); err != nil {
			return nil, invalid("texts", text, fmt.Sprintf("the template cannot say %s: %v", m.Kind, err))
		}
	}
	return t, nil
}

// Bounds of what a notice takes, in runes.
const (
	mostTitle = 200
	mostBody  = 20_000
)

var errNoTitle = errors.New("cadence: the title is empty")

// Text renders the message. A title that is empty is an error; what is too long
// is cut.
func (t *Templates) Text(m Message) (Text, error) {
	title, err := t.render("title", m)
	if err != nil {
		return Text{}, err
	}
	body, err := t.render("body", m)
	if err != nil {
		return Text{}, err
	}
	return tidy(Text{title, body})
}

func (t *Templates) render(name string, m Message) (string, error) {
	var b strings.Builder
	err := t.set.ExecuteTemplate(&b, name, m)
	return b.String(), err
}

// tidy makes of a text what a notice takes: valid UTF-8, a title of one line,
// nothing too long.
func tidy(t Text) (Text, error) {
	clean := func(s string) string {
		return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
	}
	t.Title = shorten(strings.Join(strings.Fields(clean(t.Title)), " "), mostTitle)
	t.Body = shorten(strings.TrimSpace(clean(t.Body)), mostBody)
	if t.Title == "" {
		return Text{}, errNoTitle
	}
	return t, nil
}

var functions = template.FuncMap{
	"date":    func(t time.Time) string { return t.Format("Monday, 2 January 2006") },
	"clock":   func(t time.Time) string { return t.Format("15:04") + " (" + t.Location().String() + ")" },
	"dates":   dates,
	"count":   count,
	"percent": percent,
	"status":  func(s measure.Status) string { return strings.ReplaceAll(string(s), "_", " ") },
	"amount":  func(n measure.Number, unit string) string { return measure.Unit(unit).Format(n) },
	"day":     func(d okr.Date) string { return d.In(time.UTC).Format("Monday, 2 January 2006") },
	"short":   func(s string) string { return shorten(strings.Join(strings.Fields(s), " "), 120) },
	"join":    join,
	"upper": func(s string) string {
		first, size := utf8.DecodeRuneInString(s)
		if !unicode.IsLower(first) {
			return s
		}
		return string(unicode.ToTitle(first)) + s[size:]
	},
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// dates names the first few, the newest being the last.
func dates(ts []time.Time) string {
	const most = 6
	var words []string
	if more := len(ts) - most; more > 0 {
		words = append(words, count(more, "earlier day", "earlier days"))
		ts = ts[more:]
	}
	for _, t := range ts {
		words = append(words, t.Format("2 January 2006"))
	}
	return join(words)
}

func join(words []string) string {
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "" })
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// percent rounds once, for reading.
func percent(n measure.Number) string {
	v, ok := n.Value()
	if !ok {
		return "unknown"
	}
	return strconv.FormatFloat(v*100, 'f', 0, 64) + " %"
}

func shorten(s string, most int) string {
	if len(s) <= most {
		return s
	}
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// specimens hold every kind alone, in the plural, and all together.
func specimens() []Message {
	at := time.Date(2026, time.October, 9, 16, 0, 0, 0, time.UTC)
	fact := okr.KeyResultFact{KeyResult: "kr", Title: "Title", Objective: "o", Cycle: "c", Team: "t", Owner: "p"}
	items := []Item{
		{Kind: KindBlocker, KeyResult: fact, Blockers: []string{"decision", "people"}},
		{Kind: KindOwnerLeft, KeyResult: fact},
		{Kind: KindOverdue, KeyResult: fact, Due: at, Days: 9, Missed: []time.Time{at, at}},
		{Kind: KindMissed, KeyResult: fact, Days: 9, Missed: []time.Time{at, at}},
		{Kind: KindStatus, KeyResult: fact, Status: measure.OffTrack, Was: measure.OnTrack},
		{Kind: KindForecast, KeyResult: fact, On: measure.DateOf(at), Unit: "%", Low: measure.N(1), High: measure.N(2)},
		{Kind: KindFinding, KeyResult: fact, Findings: []string{"nobody owns it", "its source is dead"}},
		{Kind: KindReset, On: measure.DateOf(at), Week: 3},
		{Kind: KindDue, KeyResult: fact, Due: at},
		{Kind: KindSession, KeyResult: okr.KeyResultFact{Title: "Planning"}, Due: at, Minutes: 90},
	}
	out := []Message{{Tenant: "tenant", To: "p", Kind: items[0].Kind, Items: items}}
	for _, i := range items {
		out = append(out, Message{Tenant: "tenant", To: "p", Kind: i.Kind, Items: []Item{i}})
	}
	return out
}
