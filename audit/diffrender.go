package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// DifferenceFormats are the formats of [Difference.Render].
func DifferenceFormats() []Format { return []Format{FormatText, FormatJSON, FormatMarkdown} }

// shownOfList bounds the rows of a list that text and Markdown show; the others are
// counted, and stand in the JSON.
const shownOfList = 40

// Render writes the difference in one of [DifferenceFormats]. It escapes what
// strangers wrote. Another format is an [okr.ErrInvalid]; other errors are the
// writer's.
func (d *Difference) Render(w io.Writer, f Format) error {
	switch f {
	case FormatText:
		return d.text(w)
	case FormatJSON:
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(d)
	case FormatMarkdown:
		return d.markdown(w)
	}
	var names []string
	for _, k := range DifferenceFormats() {
		names = append(names, string(k))
	}
	return &okr.InvalidError{Field: "format", Value: string(f), Remedy: "use one of " + strings.Join(names, ", ")}
}

// MarshalJSON writes empty lists as [], which is easier on readers than null.
func (d *Difference) MarshalJSON() ([]byte, error) {
	type plain Difference
	p := plain(*d)
	p.Rules, p.Findings, p.Verdicts = orEmpty(p.Rules), orEmpty(p.Findings), orEmpty(p.Verdicts)
	p.Statuses, p.Scores, p.Messages, p.Unsent = orEmpty(p.Statuses), orEmpty(p.Scores), orEmpty(p.Messages), orEmpty(p.Unsent)
	p.Gates = slices.Clone(orEmpty(p.Gates))
	for i := range p.Gates {
		p.Gates[i].Before, p.Gates[i].After = orEmpty(p.Gates[i].Before), orEmpty(p.Gates[i].After)
	}
	return json.Marshal(p)
}

// section is one list for people.
type section struct {
	title  string
	header []string
	rows   [][]string
}

func (d *Difference) sections() []section {
	dash := func(s string) string {
		if s == "" {
			return "–"
		}
		return words(s)
	}
	var out []section
	add := func(title string, header []string, n int, row func(i int) []string) {
		if n == 0 {
			return
		}
		s := section{title: title + " (" + strconv.Itoa(n) + ")", header: header}
		for i := range min(n, shownOfList) {
			s.rows = append(s.rows, row(i))
		}
		if at := len(header) - 1; header[at] == "Where" && !slices.ContainsFunc(s.rows, func(r []string) bool { return r[at] != "" }) {
			s.header = header[:at]
			for i := range s.rows {
				s.rows[i] = s.rows[i][:at]
			}
		}
		if n > shownOfList {
			s.rows = append(s.rows, []string{fmt.Sprintf("… and %d more", n-shownOfList)})
		}
		out = append(out, s)
	}
	add("Verdicts", []string{"Key result", "Before", "After", "Where"}, len(d.Verdicts), func(i int) []string {
		v := d.Verdicts[i]
		return []string{named(v.Subject), dash(v.Before), dash(v.After), place(v.Subject.File, v.Subject.Line)}
	})
	add("Findings", []string{"Rule", "Before", "After", "Subject", "Where"}, len(d.Findings), func(i int) []string {
		f := d.Findings[i]
		return []string{f.Pack + "/" + f.Rule, f.Before.word(), f.After.word(), named(f.Subject), place(f.Subject.File, f.Subject.Line)}
	})
	add("Statuses", []string{"Subject", "Before", "After", "Where"}, len(d.Statuses), func(i int) []string {
		m := d.Statuses[i]
		return []string{named(m.Subject), dash(string(m.Before)), dash(string(m.After)), place(m.Subject.File, m.Subject.Line)}
	})
	add("Scores", []string{"Subject", "Before", "After", "By", "Where"}, len(d.Scores), func(i int) []string {
		m := d.Scores[i]
		return []string{named(m.Subject), scored(m.Before, false), scored(m.After, false), scored(m.By, true), place(m.Subject.File, m.Subject.Line)}
	})
	add("Gates", []string{"Decision", "Subject", "Before", "After"}, len(d.Gates), func(i int) []string {
		g := d.Gates[i]
		return []string{words(string(g.Verb)), named(g.Subject), held(g.Before), held(g.After)}
	})
	told := []string{"To", "Kind", "Message"}
	message := func(of []Message) func(int) []string {
		return func(i int) []string { return []string{of[i].Name, words(of[i].Kind), of[i].Title} }
	}
	add("Messages that would be sent", told, len(d.Messages), message(d.Messages))
	add("Messages that would not be sent any more", told, len(d.Unsent), message(d.Unsent))
	return out
}

// longestName bounds a title in a row, in runes.
const longestName = 56

func named(s Subject) string {
	switch {
	case s.Private:
		return secretly
	case s.Title == "":
		return s.Kind + " " + s.ID
	}
	title := []rune(plain(s.Title))
	if len(title) > longestName {
		title = append(title[:longestName-1], '…')
	}
	return string(title)
}

func (f *Found) word() string {
	if f == nil {
		return "–"
	}
	w := f.Severity
	switch f.Outcome {
	case okr.OutcomeUnknown:
		w = "unknown"
	case okr.OutcomeError:
		w = "broken"
	}
	if f.Gate {
		w += ", gate"
	}
	if f.Waived != nil {
		w += ", waived"
	}
	return w
}

func scored(n measure.Number, signed bool) string {
	v, known := n.Value()
	switch {
	case !known:
		return "–"
	case signed:
		return fmt.Sprintf("%+.2f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// held says what holds a decision back.
func held(by []Held) string {
	if len(by) == 0 {
		return "goes through"
	}
	var names []string
	for _, h := range by {
		if name := h.Pack + "/" + h.Rule; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return "refused by " + strings.Join(names, ", ")
}

func (d *Difference) text(out io.Writer) error {
	w := &writer{w: out}
	for _, r := range d.Rules {
		w.f("%s\n", plain(r.line))
	}
	if len(d.Rules) > 0 {
		w.f("\n")
	}
	for _, s := range d.sections() {
		w.f("%s\n", plain(s.title))
		var buf bytes.Buffer
		tw := tabwriter.NewWriter(&buf, 0, 0, 2, ' ', 0)
		for i, row := range append([][]string{s.header}, s.rows...) {
			for n, cell := range row {
				if i == 0 {
					cell = strings.ToUpper(cell)
				}
				if n > 0 {
					_, _ = fmt.Fprint(tw, "\t")
				}
				_, _ = fmt.Fprint(tw, plain(cell))
			}
			_, _ = fmt.Fprintln(tw)
		}
		_ = tw.Flush() // into a buffer
		for line := range strings.Lines(buf.String()) {
			w.f("  %s\n", strings.TrimRight(line, " \n"))
		}
		w.f("\n")
	}
	w.f("%s\n", d.Sentence())
	return w.err
}

func (d *Difference) markdown(out io.Writer) error {
	w := &writer{w: out}
	w.f("# What the packs would change\n\n%s\n", md(d.Sentence()))
	if len(d.Rules) > 0 {
		w.f("\n## Rules\n\n")
	}
	for _, r := range d.Rules {
		w.f("- %s\n", md(r.line))
	}
	for _, s := range d.sections() {
		w.f("\n## %s\n\n| %s |\n|%s\n", md(s.title), strings.Join(s.header, " | "), strings.Repeat("---|", len(s.header)))
		for _, row := range s.rows {
			cells := make([]string, len(s.header))
			for i, c := range row {
				cells[i] = md(c)
			}
			w.f("| %s |\n", strings.Join(cells, " | "))
		}
	}
	return w.err
}

// Sentence is the summary for people.
func (d *Difference) Sentence() string {
	s := d.Summary
	if d.Same() {
		return "Nothing would change."
	}
	var parts []string
	say := func(n int, one, many string) {
		switch n {
		case 0:
		case 1:
			parts = append(parts, "1 "+one)
		default:
			parts = append(parts, strconv.Itoa(n)+" "+many)
		}
	}
	say(s.Rules, "rule change", "rule changes")
	judged := count(s.KeyResults, "key result") + " in " + count(s.Objectives, "objective") + " judged"
	if s.KeyResults+s.Objectives > 0 {
		parts = append(parts, judged)
	}
	say(s.Appear, "finding appears", "findings appear")
	say(s.Vanish, "finding vanishes", "findings vanish")
	say(s.Change, "finding changes", "findings change")
	say(s.Verdicts, "verdict changes", "verdicts change")
	if s.Statuses > 0 {
		say(s.Statuses, "status moves", "statuses move")
		var moves []string
		for _, m := range s.StatusMoves {
			moves = append(moves, fmt.Sprintf("%s → %s: %d", words(string(m.Before)), words(string(m.After)), m.N))
		}
		parts[len(parts)-1] += " (" + strings.Join(moves, ", ") + ")"
	}
	if s.Scores > 0 {
		say(s.Scores, "score moves", "scores move")
		if len(s.ScoreMoves) > 0 {
			m := s.ScoreMoves[0]
			parts[len(parts)-1] += fmt.Sprintf(" (the farthest by %s: %s)", scored(m.By, true), named(m.Subject))
		}
	}
	say(s.Refused, "decision would be refused", "decisions would be refused")
	say(s.Let, "decision would be refused no longer", "decisions would be refused no longer")
	say(s.Messages, "message would be sent", "messages would be sent")
	say(s.Unsent, "message would not be sent any more", "messages would not be sent any more")
	say(s.Withheld, "of all this is about something private, and its words are withheld", "of all this are about something private, and their words are withheld")
	return strings.Join(parts, "; ") + "."
}
