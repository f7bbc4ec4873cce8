package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/rules/lexicon"
)

// Cell answers one question of the worksheet.
type Cell = okr.Cell

// The answers.
const (
	Yes       = okr.CellYes
	No        = okr.CellNo
	Partly    = okr.CellPartly
	CannotSay = okr.CellUnknown
)

// The verdicts on a key result.
const (
	VerdictReady    = "ready"     // nothing to mend
	VerdictWeak     = "weak"      // there are warnings
	VerdictNotReady = "not_ready" // there are errors, or a gate that could not be decided
)

// Row is a key result in the worksheet: is it measurable, is there a source, an
// owner, a last day, is it an outcome, and what is to be done.
type Row struct {
	ID        okr.ID `json:"id"`            // the key result's, as in the subjects of findings
	Key       string `json:"key,omitempty"` // the keys of its objective and its own in the plan, "objective/key_result"; "" where it has none
	Objective string `json:"objective"`
	KeyResult string `json:"key_result"`
	File      string `json:"file,omitempty"`
	Line      int    `json:"line,omitempty"` // from 1

	Measurable Cell `json:"measurable"`
	Source     Cell `json:"source"`
	Owner      Cell `json:"owner"`
	TimeBound  Cell `json:"time_bound"`
	Outcome    Cell `json:"outcome"`

	Verdict string `json:"verdict"`
	Fix     string `json:"fix"` // what to do, most urgent first; "" is nothing
	Why     Why    `json:"why"`

	Figures Figures `json:"figures"`

	findings []Finding
}

// Why says a few words to each answer.
type Why struct {
	Measurable string `json:"measurable"`
	Source     string `json:"source"`
	Owner      string `json:"owner"`
	TimeBound  string `json:"time_bound"`
	Outcome    string `json:"outcome"`
}

func compareRows(a, b Row) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(lineOrLast(a.Line), lineOrLast(b.Line)),
		cmp.Compare(a.Objective, b.Objective), cmp.Compare(a.KeyResult, b.KeyResult), cmp.Compare(a.ID, b.ID))
}

// row fills in a line of the worksheet. The answers come from the fields, and
// from the words where a field is empty; verdict and fix come from the rules.
func (j *Judge) row(k *keyResult, findings []Finding, p *places) Row {
	at := p.of(okr.Ref{Kind: okr.KindKeyResult, ID: k.row.ID})
	r := Row{
		Objective: k.objective.row.Title, KeyResult: k.row.Title, File: at.File, Line: at.Line,
		Verdict: VerdictReady, ID: k.row.ID, findings: findings,
	}
	if k.row.Key != "" {
		r.Key = k.objective.row.Key + "/" + k.row.Key
	}
	s := j.words.read(clip(k.row.Title, longTitle))
	r.Measurable, r.Why.Measurable = measurableCell(k, s)
	r.Source, r.Why.Source = sourceCell(k)
	r.Owner, r.Why.Owner = j.ownerCell(k)
	r.TimeBound, r.Why.TimeBound = timeCell(k, s)
	r.Outcome, r.Why.Outcome = outcomeCell(s)
	var fixes []string
	for _, f := range findings {
		if f.Waived != nil {
			continue
		}
		r.Verdict = worseVerdict(r.Verdict, f.Severity, f.Outcome, f.Gate)
		if (f.Outcome == okr.OutcomeFail || f.Outcome == okr.OutcomeUnknown && f.Gate) && f.Severity != okr.SeverityInfo && f.Fix != "" && !slices.Contains(fixes, f.Fix) {
			fixes = append(fixes, f.Fix)
		}
	}
	r.Fix = strings.Join(fixes, " ")
	return r
}

// worseVerdict is the verdict on a key result of which something was found.
func worseVerdict(v, severity, outcome string, gate bool) string {
	switch {
	case outcome == okr.OutcomeError, outcome == okr.OutcomeUnknown && !gate:
	case severity == okr.SeverityError:
		return VerdictNotReady
	case severity == okr.SeverityWarning && v == VerdictReady:
		return VerdictWeak
	}
	return v
}

func measurableCell(k *keyResult, s *lexicon.Sentence) (Cell, string) {
	m := k.row.Metric
	travels := m.Kind == measure.Increase || m.Kind == measure.Decrease
	switch {
	case m.Decidable() && travels && m.Baseline.Finite() && m.Baseline.Equal(m.Target):
		return Partly, "it starts and ends at " + shown(m.Target, m.Unit)
	case m.Decidable() && m.Kind == measure.YesNo:
		return Yes, "yes or no"
	case m.Decidable() && m.Kind == measure.Between:
		return Yes, "between " + shown(m.Low, m.Unit) + " and " + shown(m.High, m.Unit)
	case m.Decidable() && m.Kind == measure.Milestones:
		return Yes, fmt.Sprintf("%d milestones", len(m.Milestones))
	case m.Decidable() && m.Kind == measure.Zones:
		return Yes, "levels in words"
	case m.Decidable() && m.Kind == measure.Points:
		return Yes, fmt.Sprintf("%d points of a score", len(m.Points))
	case m.Kind == measure.Baseline:
		return Partly, "where it stands is still to be learned"
	case m.Decidable() && m.Baseline.Finite():
		return Yes, "from " + shown(m.Baseline, m.Unit) + " to " + shown(m.Target, m.Unit)
	case m.Decidable() && travels:
		return Partly, "to " + shown(m.Target, m.Unit) + ", from an unknown start"
	case m.Decidable():
		return Yes, map[measure.Kind]string{measure.AtLeast: "at least ", measure.AtMost: "at most ", measure.Above: "above ", measure.Below: "below "}[m.Kind] + shown(m.Target, m.Unit)
	case s.Wording.Placeholder || s.Wording.Redacted:
		return Partly, "a number is still to be filled in"
	case s.Measure != nil && s.Measure.Relative:
		return Partly, "a change from an unknown start"
	}
	switch measurable(s) {
	case true:
		return Partly, "in words only"
	case false:
		return No, "nothing to reach"
	}
	return CannotSay, "no number, and a language that is not known"
}

func shown(n measure.Number, unit string) string {
	if unit == "" {
		return n.String()
	}
	return n.String() + " " + unit
}

func sourceCell(k *keyResult) (Cell, string) {
	s := k.row.Source
	if s == nil || s.Kind == "" && s.Where == "" {
		return No, "none"
	}
	manual := s.Kind == "manual"
	var missing []string
	if s.Where == "" && !manual {
		missing = append(missing, "where")
	}
	if s.Interval <= 0 {
		missing = append(missing, "how often")
	}
	if len(s.Access) == 0 && !manual {
		missing = append(missing, "who can read it")
	}
	name := s.Where
	if name == "" {
		name = s.Kind
	}
	if len(missing) > 0 {
		return Partly, name + "; missing: " + strings.Join(missing, ", ")
	}
	return Yes, name + ", " + s.Interval.String()
}

func (j *Judge) ownerCell(k *keyResult) (Cell, string) {
	if o := k.owner; o != nil {
		switch {
		case o.row == nil:
			return CannotSay, string(o.id) + " is not in the directory"
		case o.row.Kind == okr.Group:
			return No, o.name() + " is a group"
		case o.row.Left:
			return No, o.name() + " has left"
		}
		return Yes, o.name()
	}
	text := k.row.OwnerText
	switch j.words.owner(text) {
	case readsAsPerson:
		return Partly, text + " is not in the directory"
	case readsAsSeveral:
		return No, text + " are several"
	case readsAsGroup:
		return No, text + " is a group"
	}
	return No, "nobody"
}

func timeCell(k *keyResult, s *lexicon.Sentence) (Cell, string) {
	if d := k.due(); !d.IsZero() {
		return Yes, "by " + d.String()
	}
	for _, d := range s.Dates {
		return Partly, "in words only: " + d.Text
	}
	return No, "no last day"
}

func outcomeCell(s *lexicon.Sentence) (Cell, string) {
	w := s.Wording
	switch {
	case !w.LangJudged:
		return CannotSay, "a language that is not known"
	case w.Task && !w.Outcome:
		return No, "work"
	case w.OutputCount && !w.Outcome:
		return No, "counts what is produced"
	case w.Task:
		return Partly, "work, and what comes of it"
	case w.Question:
		return No, "a question"
	}
	return Yes, "outcome"
}
