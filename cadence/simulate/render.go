package simulate

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// Text writes the transcript for people: each day with its events and messages, times
// on the cycle's clock, and a message's on that of whoever gets it.
func (t *Transcript) Text(w io.Writer) error {
	zone, err := time.LoadLocation(t.Zone)
	if err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "Rehearsal of %s with seed %d, %s to %s (%s)\n", cmp.Or(oneLine(t.Cycle), "a cycle"), t.Seed, t.From, t.Until, t.Zone)
	people := "1 person"
	if t.Figures.People != 1 {
		people = fmt.Sprintf("%d people", t.Figures.People)
	}
	fmt.Fprintf(b, "%s, %s, check-ins %s\n", people, count(t.Figures.KeyResults, "key result"), oneLine(t.Cadence))
	fmt.Fprintf(b, "notices at most %s; quiet hours %s; silence is told to %s\n", t.Policy.ceilings(), t.Policy.quiet(), t.Policy.rungs())
	if len(t.Drafts) > 0 {
		fmt.Fprintf(b, "%s, since rules refuse them: %s\n", drafts(len(t.Drafts)), oneLine(some(t.Drafts, 5)))
	}
	for _, d := range t.Days {
		fmt.Fprintf(b, "\n%s %s\n", d.Date.Weekday().String()[:3], d.Date)
		for _, l := range d.Lines {
			l.text(b, zone)
		}
	}
	fmt.Fprintln(b)
	t.Figures.text(b)
	fmt.Fprintln(b, weeksAreCounted)
	if t.Refused > 0 {
		fmt.Fprintf(b, "refused       %d check-ins or readings, by rules or since they could not be\n", t.Refused)
	}
	return b.Flush()
}

func (l Line) text(w io.Writer, zone *time.Location) {
	at := l.At.In(zone).Format("15:04")
	if l.Type == notice {
		fmt.Fprintf(w, "  %s  -> %s at %s: %s [%s]\n", at, oneLine(string(l.Who)), l.Local[len("2006-01-02 "):], oneLine(l.Says), l.Kind)
		for _, a := range l.About {
			fmt.Fprintf(w, "             about %s\n", oneLine(a))
		}
		return
	}
	if l.Type == dropped {
		fmt.Fprintf(w, "  %s  -- %s is not told\n", at, oneLine(string(l.Who)))
		for _, a := range l.About {
			fmt.Fprintf(w, "             of %s\n", oneLine(a))
		}
		return
	}
	parts := []string{oneLine(l.Subject)}
	if l.Who != "" {
		parts = append(parts, "of "+oneLine(string(l.Who)))
	}
	if l.Says != "" {
		parts = append(parts, "("+oneLine(l.Says)+")")
	}
	fmt.Fprintf(w, "  %s  %s %s\n", at, l.Type, strings.Join(parts, " "))
}

// some are the first n words, and how many there are beside them.
func some(words []string, n int) string {
	if len(words) <= n {
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:n], ", "), len(words)-n)
}

// oneLine is text of somebody's own on one line, without what a terminal obeys.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || r >= 0x80 && r <= 0x9f }), " ")
}

func (f *Figures) text(w io.Writer) {
	m := f.Messages
	fmt.Fprintf(w, "messages      %d; to a person in a week %.2f on average, %d or less in 19 of 20 weeks, %d at most; in a day %d at most\n", m.Total, m.Mean, m.P95, m.Max, m.MaxDay)
	if m.FullWeeks+m.FullDays > 0 {
		fmt.Fprintf(w, "              the budget was used up in %s and %s of somebody\n", count(m.FullWeeks, "week"), count(m.FullDays, "day"))
	}
	var kinds []string
	for _, k := range m.ByKind {
		kinds = append(kinds, fmt.Sprintf("%s %d", k.Kind, k.N))
	}
	if len(kinds) > 0 {
		fmt.Fprintf(w, "              %s\n", strings.Join(kinds, ", "))
	}
	fmt.Fprintf(w, "check-ins     %d; of %s on time %d, late %d, missed %d, excused %d, not asked for %d, open %d\n", f.CheckIns, count(f.Occurrences, "occurrence"), f.OnTime, f.Late, f.Missed, f.Excused, f.Skipped, f.Open)
	switch h := f.Heard; {
	case h.Stalled == 0:
	case h.Never == h.Stalled:
		fmt.Fprintf(w, "stalled       %s, and nobody heard\n", count(h.Stalled, "key result"))
	default:
		fmt.Fprintf(w, "stalled       %s; half of those that somebody heard of within %s, the last after %s; nobody heard of %d\n", count(h.Stalled, "key result"), count(h.Median, "day"), count(h.Worst, "day"), h.Never)
	}
	fmt.Fprintf(w, "escalated     %s, %d of them to a manager\n", count(f.Escalations, "time"), f.ToManagers)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func drafts(n int) string {
	if n == 1 {
		return "1 key result stays a draft"
	}
	return fmt.Sprintf("%d key results stay drafts", n)
}

// JSONLines writes the transcript for machines, one JSON object on a line: first the
// rehearsal, as [Transcript] without its days, then each [Line] with its date.
func (t *Transcript) JSONLines(w io.Writer) error {
	b := bufio.NewWriter(w)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(t); err != nil {
		return err
	}
	type dated struct {
		Date okr.Date `json:"date"`
		Line
	}
	for _, d := range t.Days {
		for _, l := range d.Lines {
			if err := enc.Encode(dated{d.Date, l}); err != nil {
				return err
			}
		}
	}
	return b.Flush()
}
