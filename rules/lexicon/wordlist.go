package lexicon

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

type config struct {
	bare  bool
	extra []fs.FS
}

// Option changes what New builds.
type Option func(*config)

// WithWords adds every *.txt of a folder of word lists: a new language, or more
// words for one that is there.
//
// A list begins with a line `language nl Dutch`. Lines that say more of the language
// may follow: `decimal comma`; `letters äöüß`, which no other language has; `shape`
// with what is true of it of verb-last, compounds, capital-nouns, noun-first and
// month-first; `participle er é ée`, how the participles of a verb that ends so are
// made, where they are regular. Then come sections such as `[task]`, each with words separated by white
// space.
// Forms of one verb are joined by `/`, the first being the imperative or
// infinitive, a participle marked by `+`. `_` or `-` joins the words of a
// phrase. `three=3` gives a word its value. In `[unit]` a line is
// `canonical: words`. `#` begins a comment. The embedded lists are examples, and
// docs/words.md says what each section is for.
func WithWords(f fs.FS) Option { return func(c *config) { c.extra = append(c.extra, f) } }

// WithoutEmbedded leaves out the lists that come with the package, but for the
// language-neutral one.
func WithoutEmbedded() Option { return func(c *config) { c.bare = true } }

// Language is a language that the lexicon has words of.
type Language struct {
	Code string // BCP 47: "en"
	Name string // in English: "English"

	// Decimal is the decimal mark, ',' or '.'; 0 if the list does not say.
	Decimal byte

	letters string // that tell it from others: äöüß
	done    []ending
	shape   shape
}

// ending says how the participles of a verb are made from its first form.
type ending struct {
	of   string
	done []string
}

// shape is how a language builds its sentences.
type shape uint8

const (
	verbLast     shape = 1 << iota // an infinitive ends the sentence: 30 Kunden gewinnen
	compounds                      // nouns are joined, the last one decides: Pilotkunden
	capitalNouns                   // a capital letter makes no name
	nounFirst                      // the noun stands before what narrows it: entretiens clients
	monthFirst                     // June 30
)

var shapes = map[string]shape{
	"verb-last": verbLast, "compounds": compounds, "capital-nouns": capitalNouns, "noun-first": nounFirst, "month-first": monthFirst,
}

// Lexicon knows words by language. It is immutable and safe for concurrent use.
type Lexicon struct {
	words map[string]*entry
	langs []Language // langs[0] is the neutral list
	space sync.Pool  // of *[]tok: a reading needs them only while it lasts
}

// New builds a lexicon from the embedded lists and what the options add. Its
// errors wrap ErrWords and name file, line and remedy.
func New(opts ...Option) (*Lexicon, error) {
	var c config
	for _, o := range opts {
		o(&c)
	}
	l := &Lexicon{words: make(map[string]*entry, 8192), langs: []Language{{Code: anyLanguage}}}
	sub, err := fs.Sub(embedded, "words")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWords, err)
	}
	names := []string{"any.txt", "en.txt", "de.txt", "fr.txt", "es.txt", "pt.txt"}
	if c.bare {
		names = names[:1]
	}
	for _, n := range names {
		if err := l.addFile(sub, n); err != nil {
			return nil, err
		}
	}
	for _, f := range c.extra {
		found, err := fs.Glob(f, "*.txt")
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrWords, err)
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("%w: no *.txt in the folder given; name the folder that holds the lists", ErrWords)
		}
		for _, n := range found {
			if err := l.addFile(f, n); err != nil {
				return nil, err
			}
		}
	}
	l.settle()
	return l, nil
}

// Languages lists the languages whose words the lexicon knows; a sentence of
// another one is judged by numbers and shape alone.
func (l *Lexicon) Languages() []Language { return slices.Clone(l.langs[1:]) }

func (l *Lexicon) addFile(f fs.FS, name string) error {
	r, err := f.Open(name)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrWords, err)
	}
	defer func() { _ = r.Close() }() // read only: closing can lose nothing
	return l.add(name, r)
}

func (l *Lexicon) add(name string, r io.Reader) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 1<<20)
	lang, section, known := -1, cStop, false
	fail := func(line int, format string, a ...any) error {
		return fmt.Errorf("%w: %s:%d: %s", ErrWords, name, line, fmt.Sprintf(format, a...))
	}
	for n := 1; sc.Scan(); n++ {
		line, _, _ := strings.Cut(sc.Text(), "#")
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case strings.HasPrefix(line, "language "):
			f := strings.Fields(line)
			if len(f) < 2 {
				return fail(n, "a language needs a code: language nl Dutch")
			}
			var err error
			if lang, err = l.language(f[1], strings.Join(f[2:], " ")); err != nil {
				return fail(n, "%v", err)
			}
		case strings.HasPrefix(line, "decimal "):
			mark := strings.TrimSpace(strings.TrimPrefix(line, "decimal "))
			if lang < 1 || (mark != "comma" && mark != "point") {
				return fail(n, "after `language` comes `decimal comma` or `decimal point`, got %q", line)
			}
			l.langs[lang].Decimal = map[string]byte{"comma": ',', "point": '.'}[mark]
		case strings.HasPrefix(line, "letters "):
			if lang < 1 {
				return fail(n, "after `language` come `letters`, got %q", line)
			}
			own := strings.Join(strings.Fields(line)[1:], "")
			l.langs[lang].letters = strings.ToLower(own) + strings.ToUpper(own)
		case strings.HasPrefix(line, "participle "):
			f := strings.Fields(line)
			if lang < 1 || len(f) < 3 {
				return fail(n, "after `language` comes `participle er é ée`: an ending of the first form, and those of its participles, got %q", line)
			}
			l.langs[lang].done = append(l.langs[lang].done, ending{f[1], f[2:]})
		case strings.HasPrefix(line, "shape "):
			for _, w := range strings.Fields(line)[1:] {
				s, ok := shapes[w]
				if lang < 1 || !ok {
					return fail(n, "after `language` comes `shape` with any of %s, got %q", strings.Join(slices.Sorted(maps.Keys(shapes)), ", "), w)
				}
				l.langs[lang].shape |= s
			}
		case line[0] == '[':
			if lang < 0 {
				return fail(n, "a section before any language; begin with: language nl Dutch")
			}
			if section, known = sections[strings.Trim(line, "[] ")]; !known {
				return fail(n, "unknown section %s", line)
			}
		case lang < 0 || !known:
			return fail(n, "words outside a section; begin with a section such as [task]")
		case section == cUnit:
			canon, words, ok := strings.Cut(line, ":")
			if !ok {
				return fail(n, "a unit line is `canonical: words`, got %q", line)
			}
			for _, w := range strings.Fields(words) {
				l.put(lang, w, setOf(cUnit), payload{class: cUnit, text: strings.TrimSpace(canon)})
			}
		default:
			for _, w := range strings.Fields(line) {
				if err := l.word(lang, section, w); err != nil {
					return fail(n, "%v", err)
				}
			}
		}
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrWords, name, err)
	}
	return nil
}

func (l *Lexicon) language(code, name string) (int, error) {
	for i, k := range l.langs {
		if k.Code == code {
			return i, nil
		}
	}
	if len(l.langs) == maxLanguages {
		return 0, fmt.Errorf("more than %d languages", maxLanguages-1)
	}
	if name == "" {
		name = code
	}
	l.langs = append(l.langs, Language{Code: code, Name: name})
	return len(l.langs) - 1, nil
}

// word files one word of a list with all its forms.
func (l *Lexicon) word(lang int, c class, w string) error {
	if c != cPlaceholder && c != cMetric && strings.Contains(w, "=") {
		k, v, _ := strings.Cut(w, "=")
		p := payload{class: c}
		if c == cPeriod || c == cRelativeDate {
			p.text = v
		} else {
			f, err := strconv.ParseFloat(v, 64)
			if err != nil {
				return fmt.Errorf("%q is no number in %q", v, w)
			}
			p.num = f
		}
		l.put(lang, k, setOf(c), p)
		return nil
	}
	forms := []string{w}
	if verbClasses.has(c) {
		forms = strings.Split(w, "/")
	}
	for i, f := range forms {
		s := setOf(c)
		if rest, ok := strings.CutPrefix(f, "+"); ok {
			f, s = rest, s.or(setOf(cDone))
		} else if i == 0 && verbClasses.has(c) {
			s = s.or(setOf(cBase))
		}
		if f == "" {
			return fmt.Errorf("an empty form in %q", w)
		}
		l.put(lang, f, s, payload{})
	}
	if verbClasses.has(c) && c != cGeneric {
		l.participles(lang, c, forms[0])
	}
	return nil
}

// participles files the regular ones of a verb.
func (l *Lexicon) participles(lang int, c class, verb string) {
	for _, e := range l.langs[lang].done {
		stem, ok := strings.CutSuffix(verb, e.of)
		if !ok || strings.ContainsAny(verb, "_-") || len(stem) < 3 {
			continue
		}
		for _, d := range e.done {
			l.put(lang, stem+d, setOf(c, cDone), payload{})
		}
		return
	}
}

var verbClasses = setOf(cTask, cSoft, cTouch, cGeneric, cUp, cDown, cChange, cAchieve, cKeep, cEnsure, cBecome)

func (l *Lexicon) put(lang int, w string, s set, p payload) {
	parts := strings.FieldsFunc(strings.ToLower(w), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '%' && r != '&'
	})
	if len(parts) == 0 {
		return
	}
	e := l.words[parts[0]]
	if e == nil {
		e = &entry{senses: make([]*sense, 1)}
		l.words[parts[0]] = e
	}
	var to *sense
	if len(parts) > 1 {
		for _, ph := range e.phrases {
			if ph.lang == lang && slices.Equal(ph.rest, parts[1:]) {
				to = ph.sense
			}
		}
		if to == nil {
			to = &sense{}
			e.phrases = append(e.phrases, phrase{lang: lang, rest: parts[1:], sense: to})
		}
	} else {
		for len(e.senses) <= lang {
			e.senses = append(e.senses, nil)
		}
		if e.senses[lang] == nil {
			e.senses[lang] = &sense{}
		}
		to = e.senses[lang]
	}
	add := &sense{set: s}
	if p.class != 0 {
		add.pays = []payload{p}
	}
	to.mix(add)
}

// settle mixes the neutral list into every language and orders the phrases.
func (l *Lexicon) settle() {
	for _, e := range l.words {
		for i, s := range e.senses {
			if i > 0 && s != nil && e.senses[0] != nil {
				s.mix(e.senses[0])
			}
		}
		slices.SortStableFunc(e.phrases, func(a, b phrase) int { return len(b.rest) - len(a.rest) })
	}
}
