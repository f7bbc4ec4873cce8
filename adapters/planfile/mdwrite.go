package planfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// writeMarkdown writes an outline: a heading for each objective, an item for each
// key result, and below it an item for each of its fields. What it could not keep
// is found by reading the outline again.
func writeMarkdown(plan okr.Plan) ([]byte, []okr.Unread, error) {
	if _, err := json.Marshal(plan); err != nil {
		return nil, nil, &okr.InvalidError{Field: "plan", Value: err.Error(), Remedy: "numbers must be finite; leave out what is not known"}
	}
	w := &mdWriter{}
	w.cycle(plan.Cycle)
	for i, o := range plan.Objectives {
		w.objective(o, i+1)
	}
	if len(plan.Objectives) == 0 {
		return w.out.Bytes(), nil, nil
	}
	again, err := ReadAs(Markdown, "", w.out.Bytes())
	if err != nil {
		return nil, nil, fmt.Errorf("planfile: the plan cannot be written: %w", err)
	}
	lost, err := difference(plan, again, "an outline has no place for it")
	return w.out.Bytes(), lost, err
}

type mdWriter struct{ out bytes.Buffer }

func (w *mdWriter) f(format string, args ...any) { fmt.Fprintf(&w.out, format, args...) }

// cycle writes the title of the page, and the days of the cycle where its name
// does not say them.
func (w *mdWriter) cycle(c okr.PlanCycle) {
	name := firstOf(c.Name, c.Key)
	if name == "" && c.Start.IsZero() {
		return
	}
	w.f("# OKRs %s\n\n", inMarkdown(name))
	if known := cycleOf(name); !c.Start.IsZero() && (known.Start != c.Start || known.End != c.End) {
		w.f("This cycle runs from %s to %s.\n\n", c.Start, c.End)
	}
}

// codeInMarkdown is a key that a marker can carry.
var codeInMarkdown = regexp.MustCompile(`^[A-Za-z]{1,5}-?\d+(?:\.\d+)*$`)

func (w *mdWriter) objective(o okr.PlanObjective, n int) {
	code := fmt.Sprint(n)
	if codeInMarkdown.MatchString(o.Key) {
		code = o.Key
	}
	w.f("## Objective %s: %s\n\n", code, inMarkdown(o.Title))
	if o.Description != "" {
		w.f("%s\n\n", inMarkdown(o.Description))
	}
	fields := 0
	field := func(label, value string) {
		if value = oneLine(value); value != "" {
			w.f("%s: %s\n", label, inMarkdown(value))
			fields++
		}
	}
	field("Owner", o.Owner)
	field("Team", o.Team)
	if o.Committed {
		field("Commitment", "committed")
	}
	field("Score", scoreText(o.Score, o.Outcome))
	if fields > 0 {
		w.f("\n")
	}
	for i, k := range o.KeyResults {
		w.keyResult(k, fmt.Sprintf("%d.%d", n, i+1), o.Owner != "")
	}
	if len(o.KeyResults) > 0 {
		w.f("\n")
	}
}

func (w *mdWriter) keyResult(k okr.PlanKeyResult, code string, owned bool) {
	if codeInMarkdown.MatchString(k.Key) {
		code = k.Key
	}
	w.f("- **KR %s:** %s\n", code, inMarkdown(k.Title))
	field := func(label, value string) {
		if value = oneLine(value); value != "" {
			w.f("  - %s: %s\n", label, inMarkdown(value))
		}
	}
	if k.Owner == "" && owned {
		w.f("  - Owner:\n") // nobody, and not the objective's
	}
	field("Owner", k.Owner)
	field("Definition", k.Definition)
	field("Why", k.Rationale)
	if words := kindWords[k.Metric.Kind]; len(words) > 0 {
		field("Kind", words[0])
	}
	field("Unit", k.Metric.Unit)
	field("Baseline", csvNumber(k.Metric.Baseline))
	field("Target", csvNumber(k.Metric.Target))
	field("Current", csvNumber(k.Current))
	if k.Confidence.Known() {
		field("Confidence", k.Confidence.String()+"/10")
	}
	field("Weight", csvNumber(k.Weight))
	field("Due", k.Due.String())
	if k.Source != nil {
		field("Source", k.Source.Where)
	}
	field("Cadence", scheduleText(k.Cadence))
	field("Score", scoreText(k.Score, k.Outcome))
	for _, i := range k.Initiatives {
		box := ""
		if i.Done {
			box = "[x] "
		}
		if title := oneLine(i.Title); title != "" {
			w.f("  - %s%s\n", box, inMarkdown(title))
		}
	}
}

// scoreText is a score in the words that it was read from, where they are enough.
func scoreText(n measure.Number, words string) string {
	if words = oneLine(words); words != "" {
		if s := statedIn(words); s.reason == "" && s.score.Equal(n) {
			return words
		}
	}
	return csvScore(n, "")
}

var markdownSigns = regexp.MustCompile("[\\\\`*_{}\\[\\]<>#|~&]")

// inMarkdown is a text on one line that Markdown shows as it is.
func inMarkdown(text string) string {
	return markdownSigns.ReplaceAllString(oneLine(text), `\$0`)
}
