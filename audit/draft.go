package audit

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/rules"
	"github.com/okrkit/okrkit/rules/lexicon"
)

// wordingSuffix ends the names of the packs that judge words alone.
const wordingSuffix = "strong-key-results"

// The verdicts on a sentence.
const (
	DraftStrong = "strong"
	DraftWeak   = "weak"
)

// Draft is what the wording of a key result comes to. Its JSON names are a
// contract.
type Draft struct {
	Text     string         `json:"text"`
	Verdict  string         `json:"verdict"` // strong or weak
	Measure  *DraftMeasure  `json:"measure"` // nil: the text names no number
	Findings []DraftFinding `json:"findings"`
}

// DraftMeasure is what the text says of its measure; nil where it does not say.
type DraftMeasure struct {
	Baseline  *float64 `json:"baseline"`
	Target    *float64 `json:"target"`
	Unit      *string  `json:"unit"`
	Direction *string  `json:"direction"`          // up, down or keep
	Due       *string  `json:"due"`                // 2026-06-30, Q2 2026, end of quarter, …
	Relative  bool     `json:"relative,omitempty"` // the target is a change against the baseline
}

// DraftFinding is a finding on a sentence.
type DraftFinding struct {
	Rule     string `json:"rule"`
	Severity string `json:"severity"` // error, warning, info
	Outcome  string `json:"outcome"`  // fail, unknown, error
	Message  string `json:"message"`
	Fix      string `json:"fix"`
}

// Draft judges the wording of a key result by the host's packs whose name ends
// in "strong-key-results". What lives in fields of its own, such as owner, source, date and
// baseline, is asked for at most. A finding of severity warning or error makes
// the sentence weak; so does an error rule that cannot tell, since what is
// unknown is not strong.
func (j *Judge) Draft(ctx context.Context, text string) (Draft, error) {
	text = strings.Join(strings.Fields(text), " ")
	d := Draft{Text: text, Verdict: DraftStrong, Findings: []DraftFinding{}}
	title := clip(text, longTitle)
	s := &okr.Snapshot{KeyResults: []okr.KeyResult{{ID: "draft", Title: title, State: okr.Draft}}}
	now := exampleNow // no wording rule may depend on it
	w := see(s, nil, now, &j.zones)
	sub := w.keyResults[0].subject()
	if text == "" {
		d.Verdict = DraftWeak
	}
	for _, u := range j.wordingUnits() {
		results, err := u.set.Evaluate(ctx, onKeyResult, sub.vars(), rules.Options{Now: now})
		if err != nil {
			return Draft{}, fmt.Errorf("audit: draft: %w", err)
		}
		for _, res := range results {
			f, ok := finding(res, sub)
			if !ok || f.Outcome == okr.OutcomeUnknown && f.Severity != okr.SeverityError {
				continue
			}
			d.Findings = append(d.Findings, DraftFinding{f.Rule, f.Severity, f.Outcome, f.Message, f.Fix})
			if f.Outcome != okr.OutcomeError && f.Severity != okr.SeverityInfo {
				d.Verdict = DraftWeak
			}
		}
	}
	slices.SortStableFunc(d.Findings, func(a, b DraftFinding) int {
		return severityRank[a.Severity] - severityRank[b.Severity]
	})
	d.Measure = draftMeasure(j.words.read(title))
	return d, nil
}

// wordingUnits are the host's wording packs, each compiled by itself, with what the
// host's other packs set in them.
func (j *Judge) wordingUnits() []*unit {
	return j.cache.some(j.packs.Set(), j.Starter(), func(name string) bool { return strings.HasSuffix(name, wordingSuffix) })
}

func draftMeasure(s *lexicon.Sentence) *DraftMeasure {
	m := s.Measure
	if m == nil || m.Kind == lexicon.YesNo || m.Placeholder && m.Metric == "" && m.Unit == "" { // TBD says nothing, not even which way
		return nil
	}
	out := &DraftMeasure{Relative: m.Relative}
	if v, ok := m.Baseline.Float(); ok {
		out.Baseline = &v
	}
	if v, ok := m.Target.Float(); ok {
		out.Target = &v
	}
	given := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	out.Unit, out.Direction, out.Due = given(m.Unit), given(string(m.Direction)), given(m.Due.String())
	return out
}

// Render writes the draft for people.
func (d Draft) Render(out io.Writer) error {
	w := &writer{w: out}
	w.f("%s  %s\n", d.Verdict, plain(d.Text))
	for _, f := range d.Findings {
		w.f("  %s %s: %s\n", f.Severity, f.Rule, plain(f.Message))
		if f.Fix != "" {
			w.f("    → %s\n", plain(f.Fix))
		}
	}
	return w.err
}
