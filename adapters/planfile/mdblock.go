package planfile

import (
	"slices"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// blockKind is what a block of a Markdown file is.
type blockKind int

const (
	bText blockKind = iota // a paragraph, or a line of one that says something of its own
	bHeading
	bItem
	bTable
	bQuote
	bCode
	bRule
)

// span is a stretch of text with one look.
type span struct {
	text                       string
	bold, italic, struck, code bool
	link                       string
	line                       int
}

// block is a part of a Markdown file with all that belongs to it.
type block struct {
	kind   blockKind
	lines  []int // the lines of the file that it stands on, its kids' left out
	level  int   // of a heading, 1-6
	number int   // of an item of a numbered list; 0 is a bullet
	spans  []span
	box    bool // it has a check box
	done   bool // and the box is checked
	kids   []*block
	rows   []row // of a table; the first is its header

	language string // of a block of code

	mark     mark
	flat     bool // what belongs to it stands beside it in the file, not below it
	promoted bool // it does not say that it is an objective: its place does
	count    census
}

// row is a row of a table.
type row struct {
	line  int
	cells []cell
}

type cell []span

func (c cell) text() string { return plain(c) }

func (b *block) line() int {
	if len(b.lines) == 0 {
		return 0
	}
	return b.lines[0]
}

// plain is the text of spans as a reader sees it: what is struck out is gone.
func plain(spans []span) string {
	var b strings.Builder
	for _, s := range spans {
		if !s.struck {
			b.WriteString(s.text)
		}
	}
	return oneLine(b.String())
}

// oneLine is a text without line ends, runs of spaces and control characters.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// struckText is what is struck out.
func struckText(spans []span) string {
	var b strings.Builder
	for _, s := range spans {
		if s.struck {
			b.WriteString(s.text)
		}
	}
	return oneLine(b.String())
}

// all says whether every visible span has the look.
func all(spans []span, look func(span) bool) bool {
	some := false
	for _, s := range spans {
		if strings.TrimSpace(s.text) == "" || s.struck {
			continue
		}
		if !look(s) {
			return false
		}
		some = true
	}
	return some
}

func isBold(s span) bool   { return s.bold }
func isItalic(s span) bool { return s.italic }
func isLink(s span) bool   { return s.link != "" }

// leading is the text of the spans at the beginning that have the look.
func leading(spans []span, look func(span) bool) string {
	var b strings.Builder
	for _, s := range spans {
		if s.struck {
			continue
		}
		if strings.TrimSpace(s.text) != "" && !look(s) {
			break
		}
		b.WriteString(s.text)
	}
	return oneLine(b.String())
}

// text is the block's own text.
func (b *block) text() string { return plain(b.spans) }

// parseBlocks parses lines of Markdown. Line i of the text is line i+1 of the
// file.
func parseBlocks(lines []string) []*block {
	src := []byte(strings.Join(lines, "\n") + "\n")
	md := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList), goldmark.WithParserOptions(parser.WithAttribute()))
	p := &blockParser{src: src}
	for i, c := range src {
		if c == '\n' {
			p.ends = append(p.ends, i)
		}
	}
	return p.blocks(md.Parser().Parse(text.NewReader(src)))
}

type blockParser struct {
	src  []byte
	ends []int // offsets of the line feeds
}

// lineOf is the line of an offset, from 1.
func (p *blockParser) lineOf(at int) int {
	lo, hi := 0, len(p.ends)
	for lo < hi {
		if mid := (lo + hi) / 2; p.ends[mid] < at {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo + 1
}

func (p *blockParser) blocks(parent ast.Node) []*block {
	var out []*block
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		out = append(out, p.block(n)...)
	}
	return out
}

func (p *blockParser) block(n ast.Node) []*block {
	switch n := n.(type) {
	case *ast.Heading:
		b := &block{kind: bHeading, level: n.Level}
		p.fill(b, p.inline(n))
		if len(b.lines) == 0 {
			return nil
		}
		return []*block{b}
	case *ast.Paragraph, *ast.TextBlock:
		return p.paragraph(n, false)
	case *ast.List:
		return p.list(n)
	case *ast.Blockquote:
		return []*block{{kind: bQuote, kids: p.blocks(n)}}
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		b := &block{kind: bCode}
		if fence, ok := n.(*ast.FencedCodeBlock); ok {
			b.language = string(fence.Language(p.src))
		}
		for i := range n.Lines().Len() {
			seg := n.Lines().At(i)
			p.fill(b, []span{{text: string(seg.Value(p.src)), code: true, line: p.lineOf(seg.Start)}})
		}
		return []*block{b}
	case *ast.ThematicBreak:
		return []*block{{kind: bRule}}
	case *east.Table:
		return []*block{p.table(n)}
	}
	// HTML says nothing that a plan could hold; its lines are accounted for at
	// the end.
	return p.blocks(n)
}

// fill gives a block its spans, and their lines.
func (p *blockParser) fill(b *block, spans []span) {
	b.spans = append(b.spans, spans...)
	for _, s := range spans {
		if len(b.lines) == 0 || b.lines[len(b.lines)-1] != s.line {
			b.lines = append(b.lines, s.line)
		}
	}
}

func (p *blockParser) list(list *ast.List) []*block {
	var out []*block
	number := list.Start
	for n := list.FirstChild(); n != nil; n = n.NextSibling() {
		item := &block{kind: bItem}
		if list.IsOrdered() {
			item.number = max(number, 1)
			number++
		}
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			_, isText := c.(*ast.TextBlock)
			_, isParagraph := c.(*ast.Paragraph)
			switch {
			case !isText && !isParagraph:
				item.kids = append(item.kids, p.block(c)...)
			case len(item.spans) == 0 && len(item.kids) == 0:
				parts := p.paragraph(c, true)
				if len(parts) > 0 {
					item.spans, item.lines, item.box, item.done = parts[0].spans, parts[0].lines, parts[0].box, parts[0].done
					item.kids = append(item.kids, parts[1:]...)
				}
			default:
				item.kids = append(item.kids, p.paragraph(c, true)...)
			}
		}
		out = append(out, item)
		if at := slices.IndexFunc(item.kids, p.endsList); at >= 0 {
			out = append(out, item.kids[at:]...)
			item.kids = item.kids[:at]
		}
	}
	return out
}

// endsList says whether a line stands at the margin and begins an objective:
// only Markdown takes it for a part of the item above.
func (p *blockParser) endsList(b *block) bool {
	if b.kind != bText || b.line() < 1 {
		return false
	}
	start := 0
	if b.line() > 1 {
		start = p.ends[b.line()-2] + 1
	}
	return start < len(p.src) && p.src[start] != ' ' && p.src[start] != '\t' && p.src[start] != '>' && opensObjective(b.text())
}

// paragraph is one block, or several where its lines say things of their own.
func (p *blockParser) paragraph(n ast.Node, inItem bool) []*block {
	spans := p.inline(n)
	var box, done bool
	if first := n.FirstChild(); first != nil {
		if c, ok := first.(*east.TaskCheckBox); ok {
			box, done = true, c.IsChecked
		}
	}
	var out []*block
	for len(spans) > 0 {
		end := 0
		for end < len(spans) && spans[end].line == spans[0].line {
			end++
		}
		line := spans[:end]
		spans = spans[end:]
		if len(out) > 0 && continues(out[len(out)-1].text(), line, inItem) {
			last := out[len(out)-1]
			last.spans = append(last.spans, span{text: " ", line: last.lines[len(last.lines)-1]})
			p.fill(last, line)
			continue
		}
		b := &block{kind: bText}
		p.fill(b, line)
		out = append(out, b)
	}
	if len(out) > 0 {
		out[0].box, out[0].done = box, done
	}
	return out
}

// continues says whether a line carries on the sentence of the one before it.
func continues(before string, line []span, inItem bool) bool {
	now := plain(line)
	if now == "" {
		return true
	}
	if saysSomethingOfItsOwn(now) {
		return false
	}
	first := []rune(now)[0]
	if strings.ContainsRune("abcdefghijklmnopqrstuvwxyzäöüßéèêàçñõãíóúâôî(,;&+/", first) {
		return true
	}
	wrapped := 60
	if inItem {
		wrapped = 40
	}
	return len(before) >= wrapped && !strings.ContainsRune(".!?:;", []rune(before)[len([]rune(before))-1])
}

func (p *blockParser) table(n *east.Table) *block {
	b := &block{kind: bTable}
	for r := n.FirstChild(); r != nil; r = r.NextSibling() {
		now := row{line: p.lineOf(r.Pos())}
		for c := r.FirstChild(); c != nil; c = c.NextSibling() {
			now.cells = append(now.cells, p.inline(c))
		}
		b.lines = append(b.lines, now.line)
		b.rows = append(b.rows, now)
	}
	return b
}

// inline is the text of a node with its looks. Links give their text, images
// their description, tags nothing.
func (p *blockParser) inline(n ast.Node) []span {
	var out []span
	last := 0
	var walk func(n ast.Node, look span)
	add := func(look span, text string, at int) {
		if at >= 0 {
			last = p.lineOf(at)
		}
		look.text, look.line = text, last
		if last == 0 {
			return
		}
		out = append(out, look)
	}
	walk = func(n ast.Node, look span) {
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			switch c := c.(type) {
			case *ast.Text:
				value := c.Segment.Value(p.src)
				if !look.code {
					value = util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(value)))
				}
				add(look, string(value), c.Segment.Start)
			case *ast.String:
				add(look, string(c.Value), -1)
			case *ast.CodeSpan:
				inner := look
				inner.code = true
				walk(c, inner)
			case *ast.Emphasis:
				inner := look
				inner.bold = look.bold || c.Level == 2
				inner.italic = look.italic || c.Level == 1
				walk(c, inner)
			case *east.Strikethrough:
				inner := look
				inner.struck = true
				walk(c, inner)
			case *ast.Link:
				inner := look
				inner.link = string(c.Destination)
				walk(c, inner)
			case *ast.AutoLink:
				inner := look
				inner.link = string(c.URL(p.src))
				add(inner, string(c.Label(p.src)), c.Pos())
			case *ast.RawHTML:
				if c.Segments.Len() > 0 {
					if seg := c.Segments.At(0); strings.HasPrefix(strings.ToLower(string(seg.Value(p.src))), "<br") {
						add(look, " ", seg.Start)
					}
				}
			default:
				walk(c, look)
			}
		}
	}
	walk(n, span{})
	return out
}
