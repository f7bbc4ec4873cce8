package rules

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// source is the text of a pack, able to say where things are.
type source struct {
	file  string
	lines []string
}

// lineBreaks ends lines where YAML ends them.
var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

func newSource(file string, text []byte) *source {
	return &source{file: file, lines: strings.Split(lineBreaks.Replace(string(text)), "\n")}
}

const excerptWidth = 100

// errorAt makes an error with its excerpt. Line and col count from 1.
func (s *source) errorAt(line, col int, message, hint string) *Error {
	line, col = min(max(line, 1), len(s.lines)), max(col, 1)
	return &Error{
		File: s.file, Line: line, Col: col, Message: message, Hint: hint,
		Excerpt: s.excerpt(line, col),
	}
}

func (s *source) excerpt(line, col int) string {
	if line < 1 || line > len(s.lines) {
		return ""
	}
	text := s.lines[line-1] // which may be a megabyte, and so is not taken apart
	at, from := max(col-1, 0), 0
	if at >= len(text) || at >= utf8.RuneCountInString(text) {
		at = utf8.RuneCountInString(text)
	}
	if at > excerptWidth-20 {
		from = at - excerptWidth/2
	}
	shown := make([]rune, 0, excerptWidth)
	i := 0
	for _, r := range text {
		if i++; i <= from {
			continue
		}
		if len(shown) == excerptWidth {
			break
		}
		if unicode.IsControl(r) {
			r = ' '
		}
		shown = append(shown, r)
	}
	number := fmt.Sprintf("%5d | ", line)
	var b strings.Builder
	b.WriteString(number)
	b.WriteString(strings.TrimRightFunc(string(shown), unicode.IsSpace))
	b.WriteString("\n")
	b.WriteString(strings.Repeat(" ", len(number)-2))
	b.WriteString("| ")
	for range at - from {
		b.WriteByte(' ')
	}
	b.WriteByte('^')
	return b.String()
}

// place is where a character of a scalar's value stands in the file.
type place struct{ line, col int }

// places maps each character of a scalar's value, and its end, to the file. It
// walks the text and the value side by side; white space, which folding and
// indentation change, is skipped on both sides.
func (s *source) places(n *yaml.Node) []place {
	value := []rune(n.Value)
	out := make([]place, 0, len(value)+1)
	c := cursor{src: s, line: n.Line, col: n.Column}
	switch n.Style &^ yaml.TaggedStyle {
	case yaml.LiteralStyle, yaml.FoldedStyle:
		c.line, c.col = c.line+1, 1
	case yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle:
		c.col++
	}
	quoted := n.Style&yaml.DoubleQuotedStyle != 0
	single := n.Style&yaml.SingleQuotedStyle != 0
	for _, r := range value {
		if unicode.IsSpace(r) {
			out = append(out, c.place())
			if quoted && c.peek() == '\\' {
				c.escape()
			}
			continue
		}
		c.skipSpace(quoted)
		out = append(out, c.place())
		switch {
		case quoted && c.peek() == '\\':
			c.escape()
		case single && c.peek() == '\'':
			c.advance()
			c.advance()
		default:
			c.advance()
		}
	}
	return append(out, c.place())
}

type cursor struct {
	src       *source
	line, col int // from 1; col in characters
	text      []rune
	textLine  int
}

func (c *cursor) runes() []rune {
	if c.textLine != c.line {
		c.text, c.textLine = nil, c.line
		if c.line >= 1 && c.line <= len(c.src.lines) {
			c.text = []rune(c.src.lines[c.line-1])
		}
	}
	return c.text
}

func (c *cursor) place() place { return place{c.line, c.col} }

func (c *cursor) peek() rune {
	t := c.runes()
	if c.col-1 < len(t) {
		return t[c.col-1]
	}
	return utf8.RuneError
}

func (c *cursor) advance() { c.col++ }

func (c *cursor) skipSpace(quoted bool) {
	for c.line <= len(c.src.lines) {
		t := c.runes()
		if c.col-1 >= len(t) || (quoted && t[c.col-1] == '\\' && c.col == len(t)) {
			if c.line == len(c.src.lines) {
				return
			}
			c.line, c.col = c.line+1, 1
			continue
		}
		if !unicode.IsSpace(t[c.col-1]) {
			return
		}
		c.col++
	}
}

// escape steps over one escape of a double-quoted scalar.
func (c *cursor) escape() {
	c.advance()
	width := 0
	switch c.peek() {
	case 'x':
		width = 2
	case 'u':
		width = 4
	case 'U':
		width = 8
	}
	c.col += 1 + width
}
