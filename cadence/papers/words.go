package papers

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// catalogue is what is said in one language, by key such as checkin.title.
type catalogue struct {
	tag     language.Tag
	phrases map[string]phrase
}

// phrase is a text with places for arguments, such as {team}, or one for each
// plural form, of which other always exists.
type phrase struct {
	text  string
	forms map[plural.Form]string // nil: it has no number
	at    string                 // file:line
}

var pluralForms = map[string]plural.Form{
	"zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few, "many": plural.Many, "other": plural.Other,
}

var placeholder = regexp.MustCompile(`\{([a-z]+)\}`)

// all are the texts of a phrase.
func (p phrase) all() []string {
	if p.forms == nil {
		return []string{p.text}
	}
	var out []string
	for _, f := range p.forms {
		out = append(out, f)
	}
	return out
}

// args are the names of the places in a phrase.
func (p phrase) args() []string {
	var out []string
	for _, text := range p.all() {
		for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(out, m[1]) {
				out = append(out, m[1])
			}
		}
	}
	slices.Sort(out)
	return out
}

// of is the text for a number of things.
func (p phrase) of(tag language.Tag, n int) string {
	if p.forms == nil {
		return p.text
	}
	if text, ok := p.forms[plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0)]; ok {
		return text
	}
	return p.forms[plural.Other]
}

// Bounds of a file of words: more is a wrong file.
const (
	mostWords = 1 << 20
	mostText  = 2000
)

// parseWords reads a file of words: sections of keys with a text, a list of texts,
// or a text for each plural form.
func parseWords(file string, text []byte) (*catalogue, error) {
	name := strings.TrimSuffix(path.Base(file), path.Ext(file))
	tag, err := language.Parse(name)
	if err != nil {
		return nil, invalid("words", file, "name the file after its language, such as de.yaml or pt-PT.yaml")
	}
	if len(text) > mostWords {
		return nil, invalid("words", file, "it is longer than 1 MiB: a file of words holds phrases")
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	c := &catalogue{tag: tag, phrases: map[string]phrase{}}
	if len(doc.Content) == 0 {
		return c, nil
	}
	r := wordReader{file: file, into: c.phrases}
	r.mapping(doc.Content[0], func(section string, n *yaml.Node) {
		r.mapping(n, func(key string, n *yaml.Node) { r.phrase(section+"."+key, n) })
	})
	return c, errors.Join(r.errs...)
}

type wordReader struct {
	file string
	into map[string]phrase
	errs []error
}

func (r *wordReader) at(n *yaml.Node) string { return fmt.Sprintf("%s:%d", r.file, n.Line) }

func (r *wordReader) wrong(n *yaml.Node, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("%s: "+format, append([]any{r.at(n)}, args...)...))
}

func (r *wordReader) mapping(n *yaml.Node, f func(key string, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.wrong(n, "write keys with their texts below, such as\n  word:\n    unknown: unbekannt")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || seen[key.Value] {
			r.wrong(key, "%q stands twice, or is no plain key", key.Value)
			continue
		}
		seen[key.Value] = true
		f(key.Value, n.Content[i+1])
	}
}

func (r *wordReader) phrase(key string, n *yaml.Node) {
	p := phrase{at: r.at(n)}
	switch n.Kind {
	case yaml.ScalarNode:
		p.text = r.text(n)
	case yaml.SequenceNode:
		for i, item := range n.Content {
			r.into[fmt.Sprintf("%s.%d", key, i)] = phrase{text: r.text(item), at: r.at(item)}
		}
		return
	case yaml.MappingNode:
		p.forms = map[plural.Form]string{}
		r.mapping(n, func(form string, n *yaml.Node) {
			f, ok := pluralForms[form]
			if !ok {
				r.wrong(n, "%q is no plural form: use one, other, and where the language has them zero, two, few, many", form)
				return
			}
			p.forms[f] = r.text(n)
		})
		if _, ok := p.forms[plural.Other]; !ok {
			r.wrong(n, "%s has no form other, which every language has", key)
			return
		}
	default:
		r.wrong(n, "%s is no text", key)
		return
	}
	r.into[key] = p
}

func (r *wordReader) text(n *yaml.Node) string {
	switch {
	case n.Kind != yaml.ScalarNode:
		r.wrong(n, "write a text here")
	case len(n.Value) > mostText:
		r.wrong(n, "the text is longer than %d bytes", mostText)
	case strings.TrimSpace(n.Value) == "" && n.Style == 0:
		r.wrong(n, "the text is missing: to say nothing, write \"\"")
	}
	return n.Value
}

// under lays the catalogue over another of the same language.
func (c *catalogue) over(base *catalogue) *catalogue {
	if base == nil {
		return c
	}
	out := &catalogue{tag: c.tag, phrases: map[string]phrase{}}
	for k, p := range base.phrases {
		out.phrases[k] = p
	}
	for k, p := range c.phrases {
		out.phrases[k] = p
	}
	return out
}
