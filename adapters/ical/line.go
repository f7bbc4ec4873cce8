package ical

import (
	"bytes"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// foldAt is the most octets of a line, RFC 5545 section 3.1.
const foldAt = 75

const (
	utcForm   = "20060102T150405Z"
	localForm = "20060102T150405"
	dayForm   = "20060102"
)

// lines writes content lines.
type lines struct{ b bytes.Buffer }

// put writes a line as it is, which has a name, parameters and a value behind a colon,
// folded where it is long, and never within a character.
func (l *lines) put(name, value string) {
	s := name + ":" + value
	for room := foldAt; len(s) > room; room = foldAt - 1 {
		cut := room
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		l.b.WriteString(s[:cut])
		l.b.WriteString("\r\n ")
		s = s[cut:]
	}
	l.b.WriteString(s)
	l.b.WriteString("\r\n")
}

// text writes a value that people wrote; none writes nothing.
func (l *lines) text(name, value string) {
	if value != "" {
		l.put(name, escape(value))
	}
}

func (l *lines) utc(name string, t time.Time) { l.put(name, t.UTC().Format(utcForm)) }

// escape is a TEXT value, RFC 5545 section 3.3.11. Whatever programs take for the end
// of a line becomes one, other control characters nothing.
func escape(s string) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), "\uFFFD")
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\\' || r == ';' || r == ',':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n' || r == '\r' || r == '\v' || r == '\f' || r == '\u0085' || r == '\u2028' || r == '\u2029':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteByte(' ')
		case !unicode.IsControl(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}
