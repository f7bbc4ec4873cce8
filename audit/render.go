package audit

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/okrkit/okrkit/okr"
)

// Format names a way to write a report down.
type Format string

// The formats.
const (
	FormatText     Format = "text"
	FormatJSON     Format = "json"
	FormatCSV      Format = "csv"
	FormatMarkdown Format = "markdown"
	FormatHTML     Format = "html"
	FormatJUnit    Format = "junit"
	FormatSARIF    Format = "sarif"
	FormatGitHub   Format = "github"
)

// Formats are all formats.
func Formats() []Format {
	return []Format{FormatText, FormatJSON, FormatCSV, FormatMarkdown, FormatHTML, FormatJUnit, FormatSARIF, FormatGitHub}
}

// Render writes the report in a format. Each escapes what strangers wrote, so
// that it is text and nothing else where it is shown. An unknown format is an
// [okr.ErrInvalid]; other errors are the writer's.
func (r Report) Render(w io.Writer, f Format) error {
	switch f {
	case FormatText:
		return r.text(w)
	case FormatJSON:
		return r.json(w)
	case FormatCSV:
		return r.csv(w)
	case FormatMarkdown:
		return r.markdown(w)
	case FormatHTML:
		return r.html(w)
	case FormatJUnit:
		return r.junit(w)
	case FormatSARIF:
		return r.sarif(w)
	case FormatGitHub:
		return r.github(w)
	}
	var names []string
	for _, k := range Formats() {
		names = append(names, string(k))
	}
	return &okr.InvalidError{Field: "format", Value: string(f), Remedy: "use one of " + strings.Join(names, ", ")}
}

func (r Report) json(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}

// plain makes a text safe to show on one line of a terminal: control characters,
// and marks that turn the direction of writing, are left out, white space is one
// space.
func plain(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, s)
}

// place is file:line, as far as it is known.
func place(file string, line int) string {
	switch {
	case file == "":
		return ""
	case line == 0:
		return plain(file)
	}
	return fmt.Sprintf("%s:%d", plain(file), line)
}

// label is what a finding's severity is called where people read it.
func label(f Finding) string {
	switch f.Outcome {
	case okr.OutcomeUnknown:
		return "unknown"
	case okr.OutcomeError:
		return "broken"
	}
	return f.Severity
}

// say is the message, with the subject where the message does not name it.
func say(f Finding) string {
	text := f.Message
	if f.Outcome != okr.OutcomeFail {
		text = "“" + f.Subject.Title + "”: " + text
	}
	if f.Waived == nil {
		return text
	}
	text += " (waived by " + f.Waived.By
	if f.Waived.Until != nil {
		text += " until " + f.Waived.Until.Format(time.DateOnly)
	}
	return text + ")"
}

// writer keeps the first error, so that many small writes need no checks.
type writer struct {
	w   io.Writer
	err error
}

func (w *writer) f(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.w, format, args...)
	}
}

// count is "3 errors", "1 error", or the bare number without a noun.
func count(n int, noun string) string {
	s := strconv.Itoa(n)
	if noun == "" {
		return s
	}
	if n != 1 {
		noun += "s"
	}
	return s + " " + noun
}
