package papers_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"github.com/okrkit/okrkit/cadence/papers"
	"github.com/okrkit/okrkit/okr/measure"
)

func render(t *testing.T, s *papers.Set, d papers.Data, o papers.Options) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, s.Render(&b, d, o))
	return b.String()
}

// hostile are titles that try to be something else than text.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `| a | b |`, `[click](javascript:alert(1))`, "# heading", "- item", "1. item",
	"---", "===", "> quote", "`code`", "**bold**", "![x](http://evil.example/x.png)", "line\nbreak\r\n\r\n# heading", "\u202egnp.exe", "@channel", "&lt;b&gt;",
	"a\x00b", "\\| \\", "{{.}}", "<!-- -->", "http://evil.example/<b>", "$x$", "~~x~~", "</title></style><script>", "javascript:alert(1)",
}

// What people wrote stays text in every place of every format: it makes no element,
// no heading, no link, no cell.
func TestHostileTitlesAreText(t *testing.T) {
	s := papers.Shipped()
	for _, k := range papers.Kinds() {
		calm := shape(t, render(t, s, papers.Stuffed(k, "calm"), papers.Options{}))
		calmTags := tags(render(t, s, papers.Stuffed(k, "calm"), papers.Options{Format: papers.HTML}))
		for _, title := range hostile {
			d := papers.Stuffed(k, title)
			require.Empty(t, difference(calm, shape(t, render(t, s, d, papers.Options{}))), "%s: %q is more than text in Markdown", k, title)
			require.Empty(t, difference(calmTags, tags(render(t, s, d, papers.Options{Format: papers.HTML}))), "%s: %q is more than text in HTML", k, title)
		}
	}
}

var reader = goldmark.New(goldmark.WithExtensions(extension.GFM))

// shape is what a Markdown reader sees of a text, without the words.
func shape(t *testing.T, md string) string {
	t.Helper()
	var b strings.Builder
	source := []byte(md)
	doc := reader.Parser().Parse(text.NewReader(source))
	require.NoError(t, ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n.Kind() {
		case ast.KindText, ast.KindString, ast.KindAutoLink: // an address that stands in a title may be followed
			return ast.WalkSkipChildren, nil
		case extast.KindTableCell, ast.KindHeading, ast.KindListItem, ast.KindRawHTML, ast.KindHTMLBlock, ast.KindLink, ast.KindImage, ast.KindCodeSpan,
			ast.KindEmphasis, ast.KindThematicBreak, ast.KindBlockquote, extast.KindTableRow, extast.KindStrikethrough:
		}
		if entering {
			b.WriteString(n.Kind().String() + " ")
		} else {
			b.WriteString("/" + n.Kind().String() + " ")
		}
		return ast.WalkContinue, nil
	}))
	return b.String()
}

// difference is where two texts part, "" if they do not: all of both is too much to
// read.
func difference(want, got string) string {
	if want == got {
		return ""
	}
	i := 0
	for i < len(want) && i < len(got) && want[i] == got[i] {
		i++
	}
	around := func(s string) string { return s[max(0, i-60):min(len(s), i+60)] }
	return fmt.Sprintf("%q, not %q", around(got), around(want))
}

// labels are the attributes that name what they stand at. Their values are quoted.
var labels = regexp.MustCompile(`aria-label="[^"]*"`)

// tags are the elements of a page, with the names of their attributes.
func tags(page string) string {
	var b strings.Builder
	for rest := page; ; {
		i := strings.IndexByte(rest, '<')
		if i < 0 {
			return b.String()
		}
		end := strings.IndexByte(rest[i:], '>')
		if end < 0 {
			return b.String() + " open"
		}
		b.WriteString(labels.ReplaceAllString(rest[i:i+end+1], ""))
		rest = rest[i+end+1:]
	}
}

func TestABlankFormNeedsNoData(t *testing.T) {
	s := papers.Shipped()
	for _, k := range papers.Kinds() {
		for _, f := range papers.Formats() {
			got := render(t, s, papers.Blank(k), papers.Options{Format: f})
			for _, word := range []string{"unknown", "nobody"} {
				require.NotContains(t, got, "| "+word, "a blank form is filled in by hand: %s as %s", k, f)
				require.NotContains(t, got, ">"+word, "%s as %s", k, f)
			}
			var doc bytes.Buffer
			require.NoError(t, reader.Convert([]byte(got), &doc))
		}
	}
}

// What nobody knows is unknown in every paper and every language, and never 0.
func TestUnknownIsNeverZero(t *testing.T) {
	s := papers.Shipped()
	bare := papers.Line{Title: "A number that nobody has"}
	zero := regexp.MustCompile(`\| *0(?:[.,]0+)?[\s\x{a0}\x{202f}]*%? *(?:\||\()`)
	for _, l := range s.Languages() {
		unknown := map[string]string{"en": "unknown", "de": "unbekannt", "fr": "inconnu", "es": "desconocido", "pt": "desconhecido"}[l]
		for _, c := range []struct {
			data papers.Data
			most int // figures that are not known
		}{
			{papers.CheckIn{KeyResults: []papers.CheckInLine{{Line: bare}}}, 3},
			{papers.Planning{Objectives: []papers.Draft{{Title: "O", KeyResults: []papers.Line{bare}}}}, 5},
			{papers.Review{Missed: []papers.Result{{Line: bare}}, Objectives: []papers.Result{{Line: bare}}}, 5},
		} {
			got := render(t, s, c.data, papers.Options{Language: l})
			require.GreaterOrEqual(t, strings.Count(got, "| "+unknown+" "), c.most, got)
			require.NotRegexp(t, zero, got, "%s in %s", c.data.Kind(), l)
		}
	}
	known := render(t, s, papers.CheckIn{KeyResults: []papers.CheckInLine{{Line: papers.Line{Title: "T", Current: papers.Amount{Value: measure.N(0)}}}}}, papers.Options{})
	require.Regexp(t, zero, known, "and 0 is 0")
}

// A set is one for all: whoever renders in whichever language disturbs nobody.
func TestASetIsUsedByMany(t *testing.T) {
	s := papers.Shipped()
	want := map[string]string{}
	for _, l := range s.Languages() {
		want[l] = render(t, papers.Shipped(), papers.Planning{}, papers.Options{Language: l, Format: papers.HTML})
	}
	var all sync.WaitGroup
	got := make([]strings.Builder, 50)
	errs := make([]error, len(got))
	for i := range got {
		all.Go(func() {
			errs[i] = s.Render(&got[i], papers.Planning{}, papers.Options{Language: s.Languages()[i%5], Format: papers.HTML})
		})
	}
	all.Wait()
	for i := range got {
		require.NoError(t, errs[i])
		require.Empty(t, difference(want[s.Languages()[i%5]], got[i].String()))
	}
	for i := range 100 { // more languages than are kept ready
		require.NotEmpty(t, render(t, s, papers.CheckIn{}, papers.Options{Language: fmt.Sprintf("de-x-a%d", i)}))
	}
}
