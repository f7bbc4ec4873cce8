package papers

import (
	"cmp"
	"fmt"
	htmltemplate "html/template"
	"io"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// Languages are the languages that there are words for, English first.
func (s *Set) Languages() []string {
	out := make([]string, len(s.tags))
	for i, t := range s.tags {
		out[i] = t.String()
	}
	return out
}

// Speaks says in which of its languages a paper is written that is asked for in a
// language, and whether that is the same one; else it is English, or one close to it.
// A text that names no language is an [*okr.InvalidError].
func (s *Set) Speaks(name string) (string, bool, error) {
	v, err := s.voice(name)
	if err != nil {
		return "", false, err
	}
	found := v.chain[0].tag
	asked, _ := language.Make(name).Base()
	have, _ := found.Base()
	return found.String(), name == "" || asked == have, nil
}

// Render writes a paper. Options that cannot be used are an [*okr.InvalidError];
// nothing is written unless all of it can be.
func (s *Set) Render(w io.Writer, d Data, o Options) error {
	text, err := s.render(d, o)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, text)
	return err
}

var blankLines = regexp.MustCompile(`\n{3,}`)

func (s *Set) render(d Data, o Options) (string, error) {
	if d == nil || Blank(d.Kind()) == nil {
		return "", invalid("kind", fmt.Sprintf("%T", d), "use "+oneOf(Kinds()))
	}
	if err := o.check(); err != nil {
		return "", err
	}
	b, err := s.bind(o)
	if err != nil {
		return "", err
	}
	return b.render(d)
}

// bound are the templates of a format, with what they call in one language.
type bound struct {
	markdown *template.Template
	html     *htmltemplate.Template
}

// mostBound is how many languages and formats are kept ready: those that a company
// uses, and not all that somebody may ask for.
const mostBound = 32

// bind makes templates ready, once for each language and format.
func (s *Set) bind(o Options) (*bound, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if x := s.bound[o]; x != nil {
		return x, nil
	}
	x, err := s.make(o)
	if err != nil {
		return nil, err
	}
	if len(s.bound) >= mostBound {
		clear(s.bound)
	}
	s.bound[o] = x
	return x, nil
}

func (s *Set) make(o Options) (*bound, error) {
	v, err := s.voice(o.Language)
	if err != nil {
		return nil, err
	}
	if o.Format == HTML || o.Format == Print {
		t, err := s.html.Clone()
		if err != nil {
			return nil, err
		}
		return &bound{html: t.Funcs(v.htmlFuncs(o))}, nil
	}
	t, err := s.markdown.Clone()
	if err != nil {
		return nil, err
	}
	return &bound{markdown: t.Funcs(v.markdownFuncs())}, nil
}

func (x *bound) render(d Data) (string, error) {
	d = cleaned(d)
	var b strings.Builder
	var err error
	if x.html != nil {
		err = x.html.ExecuteTemplate(&b, "templates/"+string(d.Kind())+".html.tmpl", d)
	} else {
		err = x.markdown.ExecuteTemplate(&b, "templates/"+string(d.Kind())+".md.tmpl", d)
	}
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(blankLines.ReplaceAllString(b.String(), "\n\n")) + "\n", nil
}

// speaker is a voice with the examples of its language.
type speaker struct {
	voice
	examples []Pair
}

// voice is the one that fits a language best.
func (s *Set) voice(name string) (*speaker, error) {
	tag := language.English
	if name != "" {
		var err error
		if tag, err = language.Parse(name); err != nil {
			return nil, invalid("language", name, "use a tag of BCP 47, such as de, fr-CH or pt-BR")
		}
	}
	_, at, sure := s.matcher.Match(tag)
	found := s.tags[at]
	if sure == language.No {
		found = language.English
	}
	v := &speaker{voice: voice{tag: found}}
	for up := found; ; up = up.Parent() {
		if c, ok := s.catalogues[up]; ok {
			v.chain = append(v.chain, c)
		}
		if some, ok := s.examples[up]; ok && v.examples == nil {
			v.examples = some
		}
		if up == language.Und {
			break
		}
	}
	v.chain = append(v.chain, s.catalogues[language.English])
	if v.examples == nil {
		v.examples = s.examples[language.English]
	}
	// Numbers are written as in the region that was asked for.
	asked, _ := tag.Base()
	if have, _ := found.Base(); have == asked {
		v.tag = tag
	}
	v.printer = message.NewPrinter(v.tag)
	return v, nil
}

// funcs are what templates of both formats may call.
func (v *speaker) funcs() map[string]any {
	return map[string]any{
		"say":     v.say,
		"count":   v.count,
		"lang":    v.tag.String,
		"date":    v.date,
		"day":     v.day,
		"when":    v.when,
		"clock":   v.clock,
		"amount":  v.amount,
		"percent": v.percent,
		"score":   v.score,
		"status":  func(s measure.Status) string { return v.coded("status", string(s)) },
		"code":    v.coded,
		"answer":  func(a string) string { return v.coded("answer", a) },
		"fix":     v.fix,
		"known":   func(l Line) bool { return v.tells(l) },
		"goal":    v.goal,
		"way":     v.way,
		"rhythm":  v.rhythm,
		"reason":  v.reason,
		"list":    v.list,
		"times":   v.times,
		"titled":  v.titled,
		"on":      v.on,
		"colon":   func() string { return v.known("word.colon") },
		"pairs":   func() []Pair { return v.examples },
		"seq": func(n int) []int {
			out := make([]int, max(0, min(n, 100)))
			for i := range out {
				out[i] = i + 1
			}
			return out
		},
	}
}

func (v *speaker) markdownFuncs() template.FuncMap {
	out := template.FuncMap(v.funcs())
	out[escaped] = escapeAny
	out["blank"] = func() markup { return "________" }
	out["link"] = linked
	out["semicolon"] = func() markup { return markup(v.known("word.semicolon")) } // whose space at the end counts
	return out
}

func (v *speaker) htmlFuncs(o Options) htmltemplate.FuncMap {
	out := htmltemplate.FuncMap(v.funcs())
	out["blank"] = func() htmltemplate.HTML { return `<span class="blank"></span>` }
	out["followable"] = followable
	out["page"] = newPage
	out["semicolon"] = func() string { return v.known("word.semicolon") }
	out["printing"] = func() bool { return o.Format == Print }
	out["sheet"] = func() string {
		if o.Size == Letter {
			return "letter"
		}
		return "A4"
	}
	return out
}

// goal is where a key result shall end, or what it keeps to.
func (v *voice) goal(l Line) string {
	m := l.Target.Metric
	switch {
	case m.Kind == measure.Between && l.Target.Value.Known() && l.Upper.Value.Known():
		return v.filled("goal.between", "low", v.amount(l.Target), "high", v.amount(l.Upper))
	case m.Kind == measure.Milestones:
		return v.numbered("goal.milestones", len(m.Milestones))
	case m.Kind == measure.YesNo:
		return v.known("word.yes")
	case m.Kind == measure.Baseline:
		return v.known("goal.baseline")
	case m.Kind == measure.Zones:
		return v.known("level.target")
	case m.Kind == measure.Points && len(m.Points) > 0 && !l.Target.Value.Known():
		best := slices.MaxFunc(m.Points, func(a, b measure.Point) int { return cmp.Compare(a.Share, b.Share) })
		return v.amount(Amount{measure.N(best.Value), m})
	case !l.Target.Value.Known():
		return v.unknown()
	}
	switch m.Kind {
	case measure.AtLeast, measure.AtMost, measure.Above, measure.Below:
		return v.filled("goal."+string(m.Kind), "value", v.amount(l.Target))
	}
	return v.amount(l.Target)
}

// tells says whether a key result's way says more than that it can be measured.
func (v *voice) tells(l Line) bool {
	k := l.Target.Metric.Kind
	return k != "" && k != measure.YesNo && v.goal(l) != v.unknown()
}

// way is a key result's way from its baseline to its goal.
func (v *voice) way(l Line) string {
	if !l.Baseline.Value.Known() {
		return v.goal(l)
	}
	return v.filled("goal.way", "from", v.amount(l.Baseline), "to", v.goal(l))
}

// filled is a phrase that exists and whose places are given: the tests see to it.
func (v *voice) filled(key string, args ...any) string {
	text, err := v.say(key, args...)
	if err != nil {
		return v.known(key)
	}
	return text
}

func (v *voice) numbered(key string, n int, args ...any) string {
	text, err := v.count(key, n, args...)
	if err != nil {
		return key
	}
	return text
}

// fix says what to do. What okrkit's own rules say is said in the language; what a
// host's rules say, as they say it.
func (v *voice) fix(f Fix) string {
	english := v.chain[len(v.chain)-1]
	if p, ok := english.phrases["fix."+f.Rule]; ok && p.text == f.Text {
		return v.known("fix." + f.Rule)
	}
	return f.Text
}

// reason says why a key result needs attention.
func (v *voice) reason(r Reason) string {
	key := "reason." + string(r.Code)
	n, known := r.Value.Value()
	if known && r.Value.Finite() {
		if _, _, ok := v.look(key + "_by"); ok {
			whole := int(n + 0.5)
			return v.numbered(key+"_by", whole)
		}
	}
	if !r.Since.IsZero() {
		if _, _, ok := v.look(key + "_since"); ok {
			return v.filled(key+"_since", "day", v.day(r.Since))
		}
	}
	return v.coded("reason", string(r.Code))
}

// rhythm says how often something happens.
func (v *voice) rhythm(s okr.Schedule) string {
	if s.Frequency == "" {
		return v.unknown()
	}
	every := max(1, s.Every)
	clock := "17:00"
	if s.At != "" {
		clock = s.At
	}
	at := v.clockText(clock)
	switch {
	case s.Frequency == okr.Weekly:
		return v.numbered("rhythm.weekly", every, "weekday", v.weekday(s.Weekday), "time", at)
	case s.Frequency == okr.Monthly && s.Week != 0:
		return v.numbered("rhythm.nth", every, "weekday", v.weekday(s.Weekday), "week", v.ordinal(s.Week, s.Weekday), "time", at)
	case s.Frequency == okr.Monthly && s.Day == 0:
		return v.numbered("rhythm.monthend", every, "time", at)
	case s.Frequency == okr.Monthly:
		return v.numbered("rhythm.monthly", every, "day", s.Day, "time", at)
	}
	return string(s.Frequency)
}

func (v *voice) clockText(s string) string {
	t, err := time.Parse("15:04", s)
	if err != nil {
		return s
	}
	return v.clock(t)
}

// times are days that occurrences fall on.
func (v *voice) times(ts []time.Time) string {
	days := make([]string, len(ts))
	for i, t := range ts {
		days[i] = v.day(measure.DateOf(t))
	}
	return v.list(days)
}

// score is a final score, with the two places that people read one with.
func (v *voice) score(n measure.Number) string {
	if !n.Finite() {
		return v.unknown()
	}
	return v.decimal(measure.Round(n, 2))
}

// titled is the title of a paper, with what it is about.
func (v *voice) titled(title, about string) string {
	if about == "" {
		return title
	}
	return title + v.known("word.colon") + " " + about
}

// page is what the frame of a page has to know.
type page struct {
	Title       string
	Orientation string // portrait or landscape
}

// newPage is a page with a title, upright if nothing else is said.
func newPage(title string, orientation ...string) page {
	if len(orientation) > 0 {
		return page{title, orientation[0]}
	}
	return page{title, "portrait"}
}
