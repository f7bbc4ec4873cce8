package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"
)

// clean makes text that somebody else wrote safe for a terminal: escape
// sequences, other control characters and marks that turn the direction of
// writing are shown, not obeyed. Line feeds stay.
func clean(s string) string {
	if !strings.ContainsFunc(s, unsafeRune) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unsafeRune(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func unsafeRune(r rune) bool {
	return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r))
}

// oneLine is clean, on one line.
func oneLine(s string) string {
	return clean(strings.Join(strings.Fields(s), " "))
}

// shorten keeps n characters, the last of them an ellipsis if more were there.
func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return strings.TrimRight(string(r[:n-1]), " ") + "…"
}

// table prints rows in columns, two spaces apart. Cells are cleaned.
func table(w io.Writer, rows [][]string) { columns(w, "", rows) }

func columns(w io.Writer, indent string, rows [][]string) {
	var buf bytes.Buffer
	tw := tabwriter.NewWriter(&buf, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				fmt.Fprint(tw, "\t")
			}
			fmt.Fprint(tw, oneLine(cell))
		}
		fmt.Fprintln(tw)
	}
	_ = tw.Flush() // into a buffer
	for line := range strings.Lines(buf.String()) {
		fmt.Fprintln(w, indent+strings.TrimRight(line, " \n"))
	}
}

// Colours of a terminal.
const (
	red    = "31"
	yellow = "33"
	green  = "32"
)

func (a *app) paint(color, s string) string {
	if !a.color {
		return s
	}
	return "\x1b[" + color + "m" + s + "\x1b[0m"
}

// count is "1 rule", "2 rules".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// join is strings.Join for any kind of word.
func join[S ~string](words []S, between string) string {
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = string(w)
	}
	return strings.Join(parts, between)
}
