package audit

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/rules"
)

// explainAll says of every figure, status, score and finding of a report how it came
// about.
func (j *Judge) explainAll(ctx context.Context, r *Report, in Input, s *okr.Snapshot, decided map[okr.ID]measure.Result, p *places) error {
	units, _, err := j.cache.force(j.packs.Set(), s.Packs)
	if err != nil {
		return err
	}
	// Rules read what was measured, before packs decide.
	x := explainer{units: units, w: see(s, s.Measure(in.Now), in.Now, &j.zones)}
	trace := func(ask Ask) (*rules.Trace, error) {
		e, err := x.explain(ctx, ask)
		if errors.Is(err, ErrNothingToExplain) {
			return nil, nil
		}
		return &e.Trace, err
	}
	r.Explanations = explainFigures(s, in, decided, p)
	for i := range r.Explanations {
		e := &r.Explanations[i]
		ref := okr.Ref{Kind: okr.Kind(e.Subject.Kind), ID: okr.ID(e.Subject.ID)}
		for _, of := range []rules.TraceOf{rules.TraceOfStatus, rules.TraceOfScore} {
			t, err := trace(Ask{Subject: ref, Of: of})
			if err != nil {
				return err
			}
			if t != nil {
				e.Judged = append(e.Judged, *t)
			}
		}
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Outcome == okr.OutcomeError {
			continue
		}
		ref := okr.Ref{Kind: okr.Kind(f.Subject.Kind), ID: okr.ID(f.Subject.ID)}
		if f.Trace, err = trace(Ask{Subject: ref, Cycle: okr.ID(f.Cycle), Of: rules.TraceOfRule, Pack: f.Pack, Rule: f.Rule}); err != nil {
			return err
		}
	}
	return nil
}

// traceText is a trace on one line, as [measure.Derivation.String] is.
func traceText(t rules.Trace) string {
	var b strings.Builder
	switch {
	case t.Score != nil:
		fmt.Fprintf(&b, "score = %s", measure.N(*t.Score))
	case t.Status != "":
		fmt.Fprintf(&b, "status = %s", t.Status)
	default:
		fmt.Fprintf(&b, "%s = %s", t.Of, t.Outcome)
	}
	fmt.Fprintf(&b, " by %s of %s %s (%.12s)", t.Rule.ID, t.Pack, t.Version, bareDigest(t.Digest))
	if t.Rule.When != "" {
		fmt.Fprintf(&b, " when %s", t.Rule.When)
	}
	for _, expr := range []string{t.Rule.Check, t.Rule.Score} {
		if expr != "" {
			fmt.Fprintf(&b, " by %s", expr)
		}
	}
	for _, v := range t.Rule.Vars {
		fmt.Fprintf(&b, " where %s is %s", v.Name, v.Expr)
	}
	sep := " with "
	texts := b.String()
	for _, p := range t.Params {
		if strings.Contains(texts, "params."+p.Name) {
			fmt.Fprintf(&b, "%sparams.%s %v", sep, p.Name, p.Value)
			sep = ", "
		}
	}
	for _, r := range t.Reads {
		if r.Fact == "" || r.Known && (r.Kind == rules.Object || r.Kind == rules.List) {
			continue
		}
		fmt.Fprintf(&b, "%s%s %s", sep, r.Path, readText(r))
		sep = ", "
	}
	return b.String()
}

func readText(r rules.Read) string {
	text := "unknown"
	switch {
	case r.Broken != "":
		text = "broken"
	case r.Known:
		text = rules.Format(r.Value)
		if v, ok := r.Value.(float64); ok {
			text = measure.N(v).String() // whoever computes it again needs all of it
		}
	}
	if r.Source != "" {
		text += " (" + r.Source + ")"
	}
	return text
}
