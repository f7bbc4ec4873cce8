package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// ResetFormats are the formats that a reset can be shown in.
func ResetFormats() []Format { return []Format{FormatText, FormatMarkdown, FormatJSON} }

// RenderReset writes what a coordinator wants to see of a reset: which week is open
// and until when, what is done, and what is missing, by whom it is to do; in week 4
// and after it, how each number can be followed. An unknown format is an
// [okr.ErrInvalid]; other errors are the writer's.
func RenderReset(out io.Writer, v okr.ResetView, f Format) error {
	return renderReset(out, v, f, v.State != okr.ResetOpen, v.Week >= okr.WeekCheckIn)
}

// RenderResetReport is [RenderReset] with what the reset has changed so far of every
// key result, and how each number can be followed, whatever week is open.
func RenderResetReport(out io.Writer, v okr.ResetView, f Format) error {
	v.Worksheet = slices.Clone(v.Worksheet)
	for i := range v.Worksheet {
		row := &v.Worksheet[i]
		for _, r := range v.Rows {
			if r.KeyResult == row.KeyResult && row.After == nil {
				row.After, row.Tracked = &r.Now, r.Tracked.As
			}
		}
	}
	return renderReset(out, v, f, true, true)
}

func renderReset(out io.Writer, v okr.ResetView, f Format, changes, follow bool) error {
	switch f {
	case FormatText:
		return resetText(out, v, changes, follow)
	case FormatMarkdown:
		return resetMarkdown(out, v, changes, follow)
	case FormatJSON:
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		v.Missing, v.Rows = orEmpty(v.Missing), orEmpty(v.Rows)
		return enc.Encode(v)
	}
	return &okr.InvalidError{Field: "format", Value: string(f), Remedy: "use text, markdown or json"}
}

// weekNames are what the weeks of a reset are about.
var weekNames = [...]string{"", "audit and worksheet", "rebuild what failed, confirm sources", "owners and rhythm", "first check-in; trackable, or a gap"}

// headline is a reset in one line.
func headline(v okr.ResetView) string {
	name := cmpOr(v.CycleName, "the plan")
	if v.TeamName != "" {
		name = v.TeamName + ", " + name
	}
	switch v.State {
	case okr.ResetFinished:
		return "Reset of " + name + ": finished"
	case okr.ResetAbandoned:
		return "Reset of " + name + ": abandoned in week " + fmt.Sprint(v.Week)
	}
	return fmt.Sprintf("Reset of %s: week %d of 4, %s", name, v.Week, weekNames[v.Week])
}

// timing says where the reset is in its thirty days.
func timing(v okr.ResetView) string {
	if v.State != okr.ResetOpen {
		last := v.Steps[len(v.Steps)-1]
		return fmt.Sprintf("from %s to %s", v.Start, last.On)
	}
	_, to := v.Days(v.Week)
	text := fmt.Sprintf("day %d of %d; week %d ends on %s", v.Start.DaysUntil(v.Today)+1, okr.ResetDays, v.Week, to)
	if v.Behind > 0 {
		text += "; behind by " + count(v.Behind, "day")
	}
	return text
}

// tally is what there is, in one line.
func tally(v okr.ResetView) string {
	c := v.Counts
	parts := []string{count(c.KeyResults, "key result"), fmt.Sprintf("%d on the work list, %d of them mended", c.Work, c.Mended)}
	if c.Aside > 0 {
		parts = append(parts, fmt.Sprintf("%d set aside", c.Aside))
	}
	if c.AsIs > 0 {
		parts = append(parts, fmt.Sprintf("%d left as they are", c.AsIs))
	}
	if v.Week >= okr.WeekCheckIn {
		parts = append(parts, fmt.Sprintf("%d checked in", c.CheckedIn))
	}
	return strings.Join(parts, "; ")
}

// todo is what is missing, of one person.
type todo struct {
	who  string
	rows []okr.Missing
}

// todos are what is missing by whom it is to do, in the order of the key results; what
// is nobody's in particular comes first, for the coordinator has to find somebody.
func todos(v okr.ResetView) []todo {
	out := []todo{{who: "to be given to somebody"}}
	at := map[okr.ID]int{"": 0}
	for _, m := range v.Missing {
		i, ok := at[m.Owner]
		if !ok {
			i = len(out)
			at[m.Owner] = i
			out = append(out, todo{who: cmpOr(m.OwnerName, string(m.Owner))})
		}
		out[i].rows = append(out[i].rows, m)
	}
	if len(out[0].rows) == 0 {
		out = out[1:]
	}
	return out
}

// nextStep is what the end of the list of missing things brings.
func nextStep(v okr.ResetView) string {
	if v.Week == okr.WeekCheckIn {
		return "the reset is finished"
	}
	return fmt.Sprintf("week %d opens", v.Week+1)
}

func resetText(out io.Writer, v okr.ResetView, changes, follow bool) error {
	w := &writer{w: out}
	w.f("%s\n%s\n", plain(headline(v)), timing(v))
	if v.File != "" {
		w.f("plan: %s\n", plain(v.File))
	}
	if v.Reason != "" {
		w.f("%s\n", plain(v.Reason))
	}
	var weeks [][]string
	for _, x := range v.Weeks {
		state := ""
		switch {
		case x.Opened != nil:
			state = "opened " + x.Opened.Format(time.DateOnly)
			if v.State == okr.ResetOpen && x.Week == v.Week {
				state += ", open"
			}
		}
		weeks = append(weeks, []string{fmt.Sprint(x.Week), weekNames[x.Week], x.From.String() + " to " + x.To.String(), state})
	}
	w.f("\n%s\n%s\n\n", columns("  ", weeks), tally(v))

	head := []string{"KEY RESULT", "MEASURABLE", "SOURCE", "OWNER", "VERDICT", "NOW"}
	rows := [][]string{head}
	for _, r := range v.Rows {
		rows = append(rows, []string{
			shortTitle(r.Now.Title, 52), string(r.Now.Measurable), string(r.Now.Source), string(r.Now.Owner), verdictText(r), whereItStands(v, r),
		})
	}
	w.f("%s\n", columns("", rows))
	if all := fixes(v); len(all) > 0 {
		w.f("to do (%d)\n", len(all))
		for _, x := range all {
			w.f("  → %s\n", plain(x.fix))
			for _, title := range x.titles {
				w.f("    %s\n", plain(title))
			}
		}
		w.f("\n")
	}
	if changes {
		changedText(w, v)
	}
	if follow {
		trackedText(w, v)
	}
	if v.State != okr.ResetOpen {
		return w.err
	}
	if len(v.Missing) == 0 {
		w.f("Nothing is missing: %s when you say so.\n", nextStep(v))
		return w.err
	}
	w.f("missing before %s (%d)\n", nextStep(v), len(v.Missing))
	for _, t := range todos(v) {
		w.f("\n  %s (%d)\n", plain(t.who), len(t.rows))
		for _, same := range byRemedy(t.rows) {
			w.f("    → %s\n", plain(same[0].Remedy))
			for _, m := range same {
				w.f("      %s\n", plain(sayMissing(m)))
			}
		}
	}
	return w.err
}

// byRemedy are missing things by what is to do about them, in the order of the first of
// each.
func byRemedy(rows []okr.Missing) [][]okr.Missing {
	var out [][]okr.Missing
	at := map[string]int{}
	for _, m := range rows {
		i, ok := at[m.Remedy]
		if !ok {
			i = len(out)
			at[m.Remedy] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], m)
	}
	return out
}

// sayMissing is what is missing, with its subject where the message does not name it.
func sayMissing(m okr.Missing) string {
	if m.Title == "" || strings.Contains(m.Message, m.Title) {
		return m.Message
	}
	return m.Title + ": " + m.Message
}

// fixing is something to do, and what it mends.
type fixing struct {
	fix    string
	titles []string
}

// fixes are what the rules say to do about the work list, while week 1 is open: later
// weeks list what is missing.
func fixes(v okr.ResetView) (out []fixing) {
	if v.Week != okr.WeekAudit || v.State != okr.ResetOpen {
		return nil
	}
	at := map[string]int{}
	for _, r := range v.Rows {
		if !r.Work || r.Now.Fix == "" {
			continue
		}
		i, ok := at[r.Now.Fix]
		if !ok {
			i = len(out)
			at[r.Now.Fix] = i
			out = append(out, fixing{fix: r.Now.Fix})
		}
		out[i].titles = append(out[i].titles, r.Now.Title)
	}
	return out
}

// ownerCell says whether somebody owns a key result, and who.
func ownerCell(r okr.ResetStanding) string {
	if r.OwnerName == "" {
		return string(r.Now.Owner)
	}
	return cell(r.Now.Owner, r.OwnerName)
}

// verdictText is the verdict; of what was set aside there is none.
func verdictText(r okr.ResetStanding) string {
	if r.Aside {
		return "-"
	}
	return words(r.Now.Verdict)
}

// whereItStands is what has become of a key result, in a few words.
func whereItStands(v okr.ResetView, r okr.ResetStanding) string {
	switch {
	case r.Aside:
		return string(r.Now.State)
	case r.AsIs:
		return "left as it is"
	case r.CheckedIn != nil:
		return "checked in " + r.CheckedIn.Format(time.DateOnly)
	case slices.ContainsFunc(v.Missing, func(m okr.Missing) bool { return m.Subject.ID == r.KeyResult }):
		return "to do"
	case v.State != okr.ResetOpen:
		return ""
	case v.Week == okr.WeekAudit && r.Work:
		return "on the work list"
	}
	return "done"
}

// followed are the rows of a reset by how their number can be followed.
func followed(v okr.ResetView) []todoTracked {
	out := []todoTracked{{title: "trackable in real time"}, {title: "trackable by hand"}, {title: "gaps"}}
	for _, r := range v.Rows {
		switch {
		case r.Aside:
		case r.Tracked.As == okr.RealTime:
			out[0].rows = append(out[0].rows, r)
		case r.Tracked.As == okr.ByHand:
			out[1].rows = append(out[1].rows, r)
		default:
			out[2].rows = append(out[2].rows, r)
		}
	}
	return out
}

type todoTracked struct {
	title string
	rows  []okr.ResetStanding
}

// how says who follows a number, how often, and what is missing.
func how(r okr.ResetStanding) string {
	parts := []string{r.Tracked.Why}
	if r.Tracked.As.Gap() {
		parts = []string{words(string(r.Tracked.As)) + ": " + r.Tracked.Why}
	}
	if who := cmpOr(r.OwnerName, string(r.Tracked.Who)); who != "" {
		parts = append(parts, who)
	}
	if r.Tracked.Every > 0 {
		parts = append(parts, r.Tracked.Every.String())
	}
	return strings.Join(parts, ", ")
}

func trackedText(w *writer, v okr.ResetView) {
	for _, t := range followed(v) {
		w.f("%s (%d)\n", t.title, len(t.rows))
		for _, r := range t.rows {
			w.f("  %s\n    %s\n", plain(r.Now.Title), plain(how(r)))
			if r.Tracked.Next != "" {
				w.f("    → %s\n", plain(r.Tracked.Next))
			}
		}
		w.f("\n")
	}
}

// difference is what a reset changed of a key result, in words.
func difference(a, b okr.ResetAnswers) []string {
	var out []string
	add := func(what, was, is string) {
		if was != is {
			out = append(out, fmt.Sprintf("%s: %s → %s", what, cmpOr(was, "none"), cmpOr(is, "none")))
		}
	}
	if b.State != okr.Draft && b.State != okr.Active {
		add("state", string(a.State), string(b.State))
		return out
	}
	add("title", a.Title, b.Title)
	add("metric", metricText(a.Metric), metricText(b.Metric))
	add("owner", string(a.Owner), string(b.Owner))
	add("source", string(a.Source), string(b.Source))
	add("state", string(a.State), string(b.State))
	add("verdict", words(a.Verdict), words(b.Verdict))
	return out
}

// metricText is a metric in a few words.
func metricText(m measure.Metric) string {
	switch {
	case m.Kind == "":
		return ""
	case m.Baseline.Known() && m.Target.Known():
		return strings.TrimSpace(fmt.Sprintf("%s to %s %s", m.Baseline, m.Target, m.Unit))
	case m.Target.Known():
		return strings.TrimSpace(fmt.Sprintf("%s %s %s", words(string(m.Kind)), m.Target, m.Unit))
	}
	return words(string(m.Kind))
}

// differences are what a finished reset changed, by key result.
func differences(v okr.ResetView) (out []struct {
	title string
	lines []string
}) {
	for _, r := range v.Worksheet {
		if r.After == nil {
			continue
		}
		if lines := difference(r.Before, *r.After); len(lines) > 0 {
			out = append(out, struct {
				title string
				lines []string
			}{r.Before.Title, lines})
		}
	}
	return out
}

func changedText(w *writer, v okr.ResetView) {
	all := differences(v)
	if len(all) == 0 {
		return
	}
	w.f("what the reset changed (%d)\n", len(all))
	for _, d := range all {
		w.f("  %s\n", plain(d.title))
		for _, l := range d.lines {
			w.f("    %s\n", plain(l))
		}
	}
	w.f("\n")
}

func resetMarkdown(out io.Writer, v okr.ResetView, changes, follow bool) error {
	w := &writer{w: out}
	w.f("# %s\n\n%s\n\n", md(headline(v)), md(timing(v)))
	if v.File != "" {
		w.f("Plan: %s\n\n", md(v.File))
	}
	if v.Reason != "" {
		w.f("%s\n\n", md(v.Reason))
	}
	w.f("| Week | | Planned | Opened |\n|---|---|---|---|\n")
	for _, x := range v.Weeks {
		opened := ""
		if x.Opened != nil {
			opened = x.Opened.Format(time.DateOnly)
		}
		w.f("| %d | %s | %s to %s | %s |\n", x.Week, weekNames[x.Week], x.From, x.To, opened)
	}
	w.f("\n%s\n\n## Worksheet\n\n| Objective | Key result | Measurable | Source | Owner | Verdict | Now |\n|---|---|---|---|---|---|---|\n", md(tally(v)))
	for _, r := range v.Rows {
		w.f("| %s | %s | %s | %s | %s | %s | %s |\n", md(r.Objective), md(r.Now.Title), md(string(r.Now.Measurable)), md(string(r.Now.Source)),
			md(ownerCell(r)), md(verdictText(r)), md(whereItStands(v, r)))
	}
	if all := fixes(v); len(all) > 0 {
		w.f("\n## To do (%d)\n\n", len(all))
		for _, x := range all {
			w.f("- %s\n", md(x.fix))
			for _, title := range x.titles {
				w.f("  - %s\n", md(title))
			}
		}
	}
	if all := differences(v); changes && len(all) > 0 {
		w.f("\n## What the reset changed\n\n")
		for _, d := range all {
			w.f("- %s\n", md(d.title))
			for _, l := range d.lines {
				w.f("  - %s\n", md(l))
			}
		}
	}
	if follow {
		for _, t := range followed(v) {
			w.f("\n## %s (%d)\n\n", strings.ToUpper(t.title[:1])+t.title[1:], len(t.rows))
			for _, r := range t.rows {
				w.f("- %s: %s", md(r.Now.Title), md(how(r)))
				if r.Tracked.Next != "" {
					w.f(" → %s", md(r.Tracked.Next))
				}
				w.f("\n")
			}
		}
	}
	if v.State != okr.ResetOpen {
		return w.err
	}
	if len(v.Missing) == 0 {
		w.f("\nNothing is missing: %s when you say so.\n", nextStep(v))
		return w.err
	}
	w.f("\n## Missing before %s (%d)\n", nextStep(v), len(v.Missing))
	for _, t := range todos(v) {
		w.f("\n### %s\n\n", md(t.who))
		for _, same := range byRemedy(t.rows) {
			w.f("- %s\n", md(same[0].Remedy))
			for _, m := range same {
				w.f("  - [ ] %s\n", md(sayMissing(m)))
			}
		}
	}
	return w.err
}

// columns are rows under each other, two spaces apart.
func columns(indent string, rows [][]string) string {
	var buf bytes.Buffer
	tw := tabwriter.NewWriter(&buf, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			row[i] = plain(cell)
		}
		fmt.Fprintln(tw, strings.Join(row, "\t"))
	}
	_ = tw.Flush() // into a buffer
	var b strings.Builder
	for line := range strings.Lines(buf.String()) {
		b.WriteString(indent + strings.TrimRight(line, " \n") + "\n")
	}
	return b.String()
}

// shortTitle keeps a title to a number of characters.
func shortTitle(s string, n int) string {
	r := []rune(plain(s))
	if len(r) <= n {
		return string(r)
	}
	return strings.TrimRight(string(r[:n-1]), " ") + "…"
}
