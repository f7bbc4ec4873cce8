package papers

import (
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"text/template"

	"golang.org/x/text/language"

	"github.com/okrkit/okrkit/cadence"
)

// Set is templates and words, ready to render. It is used by several goroutines.
type Set struct {
	markdown   *template.Template     // never executed, only cloned
	html       *htmltemplate.Template // as well
	catalogues map[language.Tag]*catalogue
	examples   map[language.Tag][]Pair
	tags       []language.Tag // English first
	matcher    language.Matcher

	mu    sync.Mutex
	bound map[Options]*bound // made for what was asked for last
}

// Shipped is what okrkit says where the host says nothing else.
func Shipped() *Set {
	s, err := load(nil)
	if err != nil {
		panic(err) //nolint:forbidigo // the files are part of the program, and every test reads them
	}
	return s
}

// Load lays a folder over what okrkit ships; nil is nothing. Below templates/ it
// may have *.md.tmpl and *.html.tmpl, where a file takes the place of the shipped
// one of its name, or is called by one; below words/ and examples/ a YAML file for each language. Every
// paper is tried in every language, blank and filled, so that a mistake is an error
// here, with its file and line, and not when somebody needs the paper. Folders that
// are not there, and other files, are left alone.
func Load(host fs.FS) (*Set, error) {
	s, err := load(host)
	if err != nil {
		return nil, err
	}
	if err := s.try(); err != nil {
		return nil, err
	}
	return s, nil
}

func load(host fs.FS) (*Set, error) {
	s := &Set{catalogues: map[language.Tag]*catalogue{}, examples: map[language.Tag][]Pair{}, bound: map[Options]*bound{}}
	own, err := s.files(host)
	if err != nil {
		return nil, err
	}
	if err := s.checkWords(own); err != nil {
		return nil, err
	}
	return s, nil
}

// source is a file that was read.
type source struct {
	name string
	text []byte
}

// glob reads the files of a folder whose names end in a suffix, by name.
func glob(fsys fs.FS, dir string, suffixes ...string) ([]source, error) {
	if fsys == nil {
		return nil, nil
	}
	entries, err := fs.ReadDir(fsys, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []source
	for _, e := range entries {
		if e.IsDir() || !slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(e.Name(), s) }) {
			continue
		}
		name := path.Join(dir, e.Name())
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		out = append(out, source{name, text})
	}
	return out, nil
}

// files reads the shipped files and the host's over them. It returns the words that
// the host's files have.
func (s *Set) files(host fs.FS) (own []*catalogue, err error) {
	var errs []error
	for _, name := range Languages() {
		c := dayNames(name)
		s.catalogues[c.tag] = c
	}
	for i, from := range []fs.FS{shipped, host} {
		words, err := glob(from, "words", ".yaml", ".yml")
		if err != nil {
			return nil, err
		}
		for _, f := range words {
			c, err := parseWords(f.name, f.text)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			if i > 0 {
				own = append(own, c)
			}
			s.catalogues[c.tag] = c.over(s.catalogues[c.tag])
		}
		pairs, err := glob(from, "examples", ".yaml", ".yml")
		if err != nil {
			return nil, err
		}
		for _, f := range pairs {
			tag, some, err := parsePairs(f.name, f.text)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			s.examples[tag] = some
		}
	}
	s.tags = slices.SortedFunc(maps.Keys(s.catalogues), func(a, b language.Tag) int {
		if (a == language.English) != (b == language.English) {
			if a == language.English {
				return -1
			}
			return 1
		}
		return strings.Compare(a.String(), b.String())
	})
	s.matcher = language.NewMatcher(s.tags)
	errs = append(errs, s.templates(host))
	return own, errors.Join(errs...)
}

// templates parses the shipped templates and the host's in their place.
func (s *Set) templates(host fs.FS) error {
	texts := map[string]string{}
	var ours, added []string
	for i, from := range []fs.FS{shipped, host} {
		all, err := glob(from, "templates", ".tmpl")
		if err != nil {
			return err
		}
		for _, f := range all {
			if i == 0 {
				ours = append(ours, f.name)
			} else if _, known := texts[f.name]; !known {
				added = append(added, f.name)
			}
			texts[f.name] = string(f.text)
		}
	}
	v, err := s.voice("")
	if err != nil {
		return err
	}
	s.markdown = template.New("").Funcs(v.markdownFuncs()).Option("missingkey=error")
	s.html = htmltemplate.New("").Funcs(v.htmlFuncs(Options{})).Option("missingkey=error")
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		switch {
		case strings.HasSuffix(name, ".md.tmpl"):
			_, err = s.markdown.New(name).Parse(texts[name])
		case strings.HasSuffix(name, ".html.tmpl"):
			_, err = s.html.New(name).Parse(texts[name])
		default:
			err = invalid("templates", name, "name a template after its kind and format, such as checkin.md.tmpl or checkin.html.tmpl")
		}
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if err := s.unused(added, ours); err != nil {
		return err
	}
	escapeActions(s.markdown)
	return nil
}

// checkWords finds words that nothing says, and places in them that nothing fills.
func (s *Set) checkWords(own []*catalogue) error {
	english := s.catalogues[language.English]
	said := s.said()
	var errs []error
	for _, c := range own {
		for _, key := range slices.Sorted(maps.Keys(c.phrases)) {
			p := c.phrases[key]
			base, shipped := english.phrases[key]
			if c.tag == language.English {
				base, shipped = englishShipped()[key]
			}
			switch {
			case !shipped && !said[key]:
				errs = append(errs, fmt.Errorf("%s: nothing says %q: take a key of the shipped words, or say it in a template of yours", p.at, key))
			case shipped && (p.forms == nil) != (base.forms == nil):
				errs = append(errs, fmt.Errorf("%s: %q is %s", p.at, key, map[bool]string{true: "said without a number: write one text", false: "said with a number: write one and other below it"}[base.forms == nil]))
			case shipped:
				have := base.args()
				if strings.HasPrefix(key, "date.") {
					have = datePlaces
				}
				for _, a := range p.args() {
					if !slices.Contains(have, a) {
						errs = append(errs, fmt.Errorf("%s: %q has no place {%s}: it has %s", p.at, key, a, places(have)))
					}
				}
			}
		}
	}
	return errors.Join(errs...)
}

// datePlaces are the parts of days and times, whichever a language writes.
var datePlaces = []string{"weekday", "day", "dd", "month", "mon", "mm", "year", "date", "time", "hh"}

func places(args []string) string {
	if len(args) == 0 {
		return "none"
	}
	return "{" + strings.Join(args, "}, {") + "}"
}

// englishShipped are the shipped English phrases.
func englishShipped() map[string]phrase {
	text, err := fs.ReadFile(shipped, "words/en.yaml")
	if err != nil {
		return nil
	}
	c, err := parseWords("words/en.yaml", text)
	if err != nil {
		return nil
	}
	return c.over(dayNames("en")).phrases
}

// dayNames are the phrases that papers share with notices: what weekdays, from Monday on,
// and months are called.
func dayNames(name string) *catalogue {
	c := &catalogue{tag: language.Make(name), phrases: map[string]phrase{}}
	weekdays, months := cadence.DayNames(name)
	for i, w := range weekdays {
		c.phrases[fmt.Sprintf("date.weekdays.%d", (i+6)%7)] = phrase{text: w}
	}
	for i, m := range months {
		c.phrases[fmt.Sprintf("date.months.%d", i)] = phrase{text: m}
	}
	return c
}

// try renders every paper in every language.
func (s *Set) try() error {
	for _, tag := range s.tags {
		var errs []error
		for _, f := range Formats() {
			b, err := s.bind(Options{Language: tag.String(), Format: f})
			if err != nil {
				return err
			}
			for _, k := range Kinds() {
				for _, d := range []Data{Blank(k), specimen(k)} {
					if _, err := b.render(d); err != nil {
						errs = append(errs, fmt.Errorf("papers: %s in %s as %s: %w", k, tag, f, err))
						break // filled or blank, it would mostly say the same
					}
				}
			}
		}
		if len(errs) > 0 {
			return errors.Join(errs...) // the other languages would say the same
		}
	}
	return nil
}
