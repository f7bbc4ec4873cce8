package cadence

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"text/template"
	"text/template/parse"
	"unicode"
)

// Text is a message in words: a title of one line, and plain text below it; and what
// channels say beside it, which have no words of their own.
type Text struct {
	Title, Body string

	Language    string // BCP 47, in which it is said; "" is not known
	Open        string // on what leads to the notice's link, such as a button
	Unsubscribe string // on what leads to where such messages are turned off
}

// Texts puts messages into words. It does no I/O: it is called between a lock and
// a commit.
type Texts interface {
	Text(Message) (Text, error)
}

// Templates are [Texts] made of text/template.
type Templates struct {
	language string
	set      *template.Template
}

//go:embed words/*.tmpl
var wordings embed.FS

// Languages are those that okrkit has words for people in.
func Languages() []string { return slices.Sorted(maps.Keys(tongues)) }

// English is what okrkit says where the host says nothing else.
func English() *Templates { return In("en") }

// In is what okrkit says in a language, such as "de" or "pt-BR": in the nearest of those
// that it has words in ([Languages]), English if none is near.
func In(language string) *Templates {
	name := near(language, func(name string) bool { return tongues[name] != nil })
	if name == "" {
		name = "en"
	}
	return &Templates{name, template.Must(template.New("frame.tmpl").Funcs(tongues[name].functions()).ParseFS(wordings, "words/frame.tmpl", "words/"+name+".tmpl"))}
}

// near is the language, or the one of which it is a variety, of which there are words.
func near(language string, has func(string) bool) string {
	for tag := strings.ToLower(language); tag != ""; {
		if has(tag) {
			return tag
		}
		tag = tag[:max(0, strings.LastIndexByte(tag, '-'))]
	}
	return ""
}

// Tongues are [Texts] that speak to each person in a language of theirs
// ([Message.Language]): by tag, in lower case, such as "de" or "pt-br", and "" for whoever
// speaks none of them. What is missing is said as okrkit says it, see [In].
type Tongues map[string]Texts

// Text renders the message in the person's language.
func (x Tongues) Text(m Message) (Text, error) {
	if m.Language != "" {
		if name := near(m.Language, func(name string) bool { return x[name] != nil }); name != "" {
			return x[name].Text(m)
		}
		if name := near(m.Language, func(name string) bool { return tongues[name] != nil }); name != "" {
			return shipped()[name].Text(m)
		}
	}
	if otherwise := x[""]; otherwise != nil {
		return otherwise.Text(m)
	}
	return shipped()["en"].Text(m)
}

// shipped are the templates of all languages, read once.
var shipped = sync.OnceValue(func() map[string]*Templates {
	out := map[string]*Templates{}
	for name := range tongues {
		out[name] = In(name)
	}
	return out
})

// Parse reads a template text that defines again what shall be said otherwise than in
// [English]: "title" and "body", which get a [Message]; or of the kinds, such as
// "checkin-due", what stands in the body, "checkin-due", and in the title,
// "title-checkin-due", which get an [Item], or of several in the title,
// "several-checkin-due", which gets a [Count]; or "rest" and "more", which get the
// number of items that a title and a body leave out. What a channel's button says, "open", and where such messages
// are turned off, "unsubscribe", get the notice's kind alone: they stand in the ledger for
// ever.
//
// Beside the functions of text/template there are: date, clock and dates of
// times; day of a date; count n one many; percent of a share; amount of a number and its
// unit; status of a status; session of a session; kinds of blockers; short of a title;
// join of words; upper, which makes the first letter a capital.
//
// What is defined under another name has to be used by one of these.
//
// Every kind is tried once, so that a mistake is an error here and not at the
// hour of the first reminder. It is an [*okr.InvalidError].
func Parse(text string) (*Templates, error) { return ParseIn("en", text) }

// ParseIn is [Parse] for what shall be said otherwise than [In] a language. One that
// okrkit has no words in has them all here: dates and numbers are then written as in
// English.
func ParseIn(language, text string) (*Templates, error) { return parseIn(language, "host", text) }

func parseIn(language, name, text string) (*Templates, error) {
	t := In(language)
	t.language = cmp.Or(language, t.language)
	known := map[string]bool{name: true}
	for _, own := range t.set.Templates() {
		known[own.Name()] = true
	}
	if _, err := t.set.New(name).Parse(text); err != nil {
		return nil, invalid("texts", text, fmt.Sprintf("the template cannot be read: %v", err))
	}
	if err := t.unused(known); err != nil {
		return nil, err
	}
	for _, m := range Specimens() {
		if _, err := t.Text(m); err != nil {
			return nil, invalid("texts", text, fmt.Sprintf("the template cannot say %s: %v", m.Kind, err))
		}
	}
	return t, nil
}

// unused finds a template that is none of those known and that none uses: a name that
// was mistyped.
func (t *Templates) unused(known map[string]bool) error {
	used := map[string]bool{}
	for _, of := range t.set.Templates() {
		if of.Tree != nil {
			uses(of.Tree.Root, used)
		}
	}
	for _, of := range t.set.Templates() {
		if !known[of.Name()] && !used[of.Name()] {
			return invalid("texts", of.Name(), "no notice has a template of that name: use one of "+strings.Join(slices.DeleteFunc(slices.Sorted(maps.Keys(known)), func(name string) bool { return strings.HasSuffix(name, ".tmpl") || name == "host" }), ", "))
		}
	}
	return nil
}

// uses collects the names of the templates that a node calls.
func uses(n parse.Node, used map[string]bool) {
	branch := func(b *parse.BranchNode) {
		uses(b.List, used)
		uses(b.ElseList, used)
	}
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, x := range n.Nodes {
				uses(x, used)
			}
		}
	case *parse.TemplateNode:
		used[n.Name] = true
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	}
}

// Bounds of what a notice takes, in runes.
const (
	mostTitle = 200
	mostBody  = 20_000
	mostLabel = 100
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
	open, err := t.render("open", m.Kind)
	if err != nil {
		return Text{}, err
	}
	unsubscribe, err := t.render("unsubscribe", m.Kind)
	if err != nil {
		return Text{}, err
	}
	return tidy(Text{title, body, t.language, open, unsubscribe})
}

func (t *Templates) render(name string, with any) (string, error) {
	var b strings.Builder
	err := t.set.ExecuteTemplate(&b, name, with)
	return b.String(), err
}

// tidy makes of a text what a notice takes: valid UTF-8, a title of one line,
// nothing too long.
func tidy(t Text) (Text, error) {
	clean := func(s string) string {
		return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
	}
	line := func(s string, most int) string { return shorten(oneLine(clean(s)), most) }
	t.Title, t.Open, t.Unsubscribe = line(t.Title, mostTitle), line(t.Open, mostLabel), line(t.Unsubscribe, mostLabel)
	t.Body = shorten(strings.TrimSpace(clean(t.Body)), mostBody)
	if t.Title == "" {
		return Text{}, errNoTitle
	}
	return t, nil
}

// oneLine makes every run of white space one space, but for the spaces at which no line
// ends: French has one before a colon.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) && !strings.ContainsRune("\u00a0\u2007\u202f", r) }), " ")
}

// shorten cuts what has more than so many runes: after a word if there is one near, and
// never within a character that is made of several, such as a letter with its marks, a
// flag or an emoji with a tone of skin.
func shorten(s string, most int) string {
	if len(s) <= most {
		return s
	}
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	end := most - 1
	for end > 0 && within(r, end) {
		end--
	}
	if end == 0 {
		end = most - 1 // one character with more marks than fit
	}
	for word := end; word > end/2; word-- {
		if unicode.IsSpace(r[word]) {
			end = word
			break
		}
	}
	return strings.TrimRightFunc(string(r[:end]), func(r rune) bool { return unicode.IsSpace(r) || r == ',' }) + "…"
}

const joiner = '\u200d'

// within says whether a character that began before the i-th rune goes on with it.
func within(r []rune, i int) bool {
	switch x := r[i]; {
	case unicode.IsMark(x), x == joiner, r[i-1] == joiner, x >= 0x1F3FB && x <= 0x1F3FF, x >= 0xE0020 && x <= 0xE007F:
		return true
	case regional(x):
		n := 0 // of a flag's two letters the second
		for i > n && regional(r[i-n-1]) {
			n++
		}
		return n%2 == 1
	}
	return false
}

func regional(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }
