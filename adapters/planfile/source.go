package planfile

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	xunicode "golang.org/x/text/encoding/unicode"
)

// maxBytes bounds a plan file. Published plans of whole companies are below
// 100 KB.
const maxBytes = 16 << 20

// source is a file as text: UTF-8, lines ended by a line feed, no byte order
// mark.
type source struct {
	name  string
	text  string
	lines []string // without line ends; lines[0] is line 1
}

// newSource decodes the bytes of a file. What is not text is refused.
func newSource(name string, raw []byte) (*source, error) {
	s := &source{name: name}
	if len(raw) > maxBytes {
		return nil, s.whole(fmt.Sprintf("the file has %d bytes", len(raw)), fmt.Sprintf("a plan has at most %d bytes: split it", maxBytes))
	}
	if hint := binaryHint(raw); hint != "" {
		return nil, s.whole("this is no text file", hint)
	}
	text, err := decode(raw)
	if err != nil {
		return nil, s.whole("the text encoding is broken", "save the file as UTF-8")
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	s.text = strings.ReplaceAll(text, "\r", "\n")
	s.lines = strings.Split(s.text, "\n")
	for i, line := range s.lines {
		if at := strings.IndexByte(line, 0); at >= 0 {
			return nil, s.at(i+1, utf8.RuneCountInString(line[:at])+1, "a NUL character stands in the text", "this is no text file, or it is damaged: export it again as UTF-8 text")
		}
	}
	if strings.TrimSpace(s.text) == "" {
		return nil, s.whole("the file is empty", "write at least one objective with one key result into it")
	}
	return s, nil
}

// binaryHint recognises the files that people hand over in place of text.
func binaryHint(raw []byte) string {
	for _, known := range []struct{ magic, hint string }{
		{"PK\x03\x04", "it looks like a spreadsheet or a document: save it as CSV, Markdown or text"},
		{"\xd0\xcf\x11\xe0", "it looks like an old Excel or Word file: save it as CSV or text"},
		{"%PDF-", "it is a PDF: hand over the text that it was made from"},
		{"\x1f\x8b", "it is compressed: unpack it first"},
	} {
		if bytes.HasPrefix(raw, []byte(known.magic)) {
			return known.hint
		}
	}
	return ""
}

// decode tells UTF-8, UTF-16 with or without a byte order mark, and
// Windows-1252 apart.
func decode(raw []byte) (string, error) {
	if text, ok := bytes.CutPrefix(raw, []byte("\xef\xbb\xbf")); ok {
		raw = text
	}
	with := func(e encoding.Encoding) (string, error) {
		out, err := e.NewDecoder().Bytes(raw)
		return string(out), err
	}
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xfe")):
		return with(xunicode.UTF16(xunicode.LittleEndian, xunicode.UseBOM))
	case bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return with(xunicode.UTF16(xunicode.BigEndian, xunicode.UseBOM))
	}
	if big, little := zeros(raw); len(raw)%2 == 0 && big != little {
		// Most of a Latin text in UTF-16 is a zero byte and a letter.
		if big > len(raw)/5 && little == 0 {
			return with(xunicode.UTF16(xunicode.BigEndian, xunicode.IgnoreBOM))
		}
		if little > len(raw)/5 && big == 0 {
			return with(xunicode.UTF16(xunicode.LittleEndian, xunicode.IgnoreBOM))
		}
	}
	if !utf8.Valid(raw) {
		return with(charmap.Windows1252)
	}
	return string(raw), nil
}

// zeros counts the zero bytes in even places (big) and in odd ones (little).
func zeros(raw []byte) (big, little int) {
	for i, c := range raw {
		switch {
		case c != 0:
		case i%2 == 0:
			big++
		default:
			little++
		}
	}
	return big, little
}

// whole is a problem of the file as a whole.
func (s *source) whole(problem, hint string) *SyntaxError {
	return &SyntaxError{File: s.name, Problem: problem, Hint: hint}
}

// at is a problem at a line and a column, both from 1; column 0 is unknown.
func (s *source) at(line, col int, problem, hint string) *SyntaxError {
	e := &SyntaxError{File: s.name, Line: line, Col: col, Problem: problem, Hint: hint}
	if line < 1 || line > len(s.lines) {
		return e
	}
	// A minified file is one huge line: show what surrounds the column.
	const before, after = 60, 100
	text := []rune(strings.ReplaceAll(s.lines[line-1], "\t", " "))
	from := max(0, min(col-1-before, len(text)))
	to := min(len(text), max(0, col-1)+after)
	excerpt := string(text[from:to])
	if from > 0 {
		excerpt = "…" + excerpt
		from--
	}
	if to < len(text) {
		excerpt += "…"
	}
	e.Excerpt = strings.ToValidUTF8(excerpt, "\uFFFD")
	if col > 0 && col-from <= len(text)+2 {
		e.at = col - from
	}
	return e
}

// clip shortens a value for a message.
func clip(s string) string {
	const most = 80
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most]) + "…"
}
