package audit

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/rules"
)

// Figures are the numbers of a key result: what its metric says, where it stands,
// and what was measured of it. An unknown number is null, or left out.
type Figures struct {
	Kind        measure.Kind   `json:"kind,omitempty"`
	Unit        string         `json:"unit,omitempty"`
	Baseline    measure.Number `json:"baseline,omitzero"`
	Commit      measure.Number `json:"commit,omitzero"`
	Target      measure.Number `json:"target,omitzero"`
	Stretch     measure.Number `json:"stretch,omitzero"`
	Current     measure.Number `json:"current,omitzero"`
	CurrentAt   *time.Time     `json:"current_at,omitempty"`  // UTC instant
	Progress    measure.Number `json:"progress"`              // share of the way, [0,1]
	Expected    measure.Number `json:"expected"`              // share of the way, [0,1]
	Status      measure.Status `json:"status"`                // what the packs in force make of it
	Score       measure.Number `json:"score,omitzero"`        // by the packs in force
	Unknown     string         `json:"unknown,omitempty"`     // why progress is not known
	Confidence  measure.Number `json:"confidence,omitzero"`   // 0-10
	CheckIns    int            `json:"checkins,omitempty"`    // how many there are
	StatedScore measure.Number `json:"stated_score,omitzero"` // what people said came of it, [0,1] or more
}

func figuresOf(k *keyResult, checkIns int) Figures {
	m, r := k.row.Metric, k.measured
	f := Figures{
		Kind: m.Kind, Unit: m.Unit, Baseline: m.Baseline, Commit: m.Commit, Target: m.Target, Stretch: m.Stretch,
		Current: r.Current, CurrentAt: k.row.CurrentAt, Progress: r.Progress, Expected: r.Expected, Status: r.Status,
		Unknown: k.row.WhyUnknown(r), Confidence: k.row.Confidence, CheckIns: checkIns,
	}
	if s := k.row.StatedScore; s != nil {
		f.StatedScore = s.Value
	}
	return f
}

// Explained says how the figures of a key result or an objective came about.
type Explained struct {
	Subject     Subject              `json:"subject"`
	Progress    measure.Number       `json:"progress"` // share of the way, [0,1]
	Status      measure.Status       `json:"status"`
	Unknown     string               `json:"unknown,omitempty"` // why progress is not known
	StatedScore *okr.StatedScore     `json:"stated_score,omitempty"`
	Derivations []measure.Derivation `json:"derivations"`
	Judged      []rules.Trace        `json:"judged,omitempty"` // how the packs in force came to score and status
	Unread      []Unread             `json:"unread,omitempty"` // what its file says of it, and could not be used
}

// explain says of every key result and objective how its figures came about, in
// the order of their files.
func explainFigures(s *okr.Snapshot, in Input, measured map[okr.ID]measure.Result, p *places) []Explained {
	var out []Explained
	all := s.Explanations(in.Now)
	add := func(r okr.Ref, title string, score *okr.StatedScore) {
		at, e := p.of(r), all[r]
		out = append(out, Explained{
			Subject:  Subject{Kind: string(r.Kind), ID: string(r.ID), Title: title, File: at.File, Line: at.Line},
			Progress: e.Result.Progress, Status: measured[r.ID].Status, Unknown: e.Unknown, StatedScore: score, Derivations: orEmpty(e.Derivations),
		})
	}
	for _, o := range s.Objectives {
		add(okr.Ref{Kind: okr.KindObjective, ID: o.ID}, o.Title, o.StatedScore)
	}
	for _, k := range s.KeyResults {
		add(okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}, k.Title, k.StatedScore)
	}
	slices.SortStableFunc(out, func(a, b Explained) int {
		return cmp.Or(cmp.Compare(a.Subject.File, b.Subject.File), cmp.Compare(lineOrLast(a.Subject.Line), lineOrLast(b.Subject.Line)),
			-cmp.Compare(a.Subject.Kind, b.Subject.Kind), cmp.Compare(a.Subject.ID, b.Subject.ID))
	})
	shareUnread(out, in.Unread)
	return out
}

// shareUnread gives what was not read to the subject that it stands below.
func shareUnread(out []Explained, unread []okr.Unread) {
	for _, u := range unread {
		if u.Line == 0 || strings.HasSuffix(u.Text, " times)") {
			continue // it is said of the file as a whole
		}
		at, _ := slices.BinarySearchFunc(out, u, func(e Explained, u okr.Unread) int {
			if d := cmp.Or(cmp.Compare(e.Subject.File, u.File), cmp.Compare(lineOrLast(e.Subject.Line), u.Line)); d != 0 {
				return d
			}
			return -1 // the last that stands on the line
		})
		if at > 0 && out[at-1].Subject.File == u.File && out[at-1].Subject.Line > 0 {
			e := &out[at-1]
			e.Unread = append(e.Unread, Unread{File: u.File, Line: u.Line, Text: u.Text, Reason: u.Reason})
		}
	}
}

// explanations writes for people how the figures came about.
func (r Report) explanations(w *writer) {
	if len(r.Explanations) == 0 {
		return
	}
	w.f("how the figures came about\n")
	for _, e := range r.Explanations {
		w.f("\n%s  %s", strings.ReplaceAll(e.Subject.Kind, "_", " "), plain(e.Subject.Title))
		if at := place(e.Subject.File, e.Subject.Line); at != "" {
			w.f("  [%s]", at)
		}
		w.f("\n")
		if e.Unknown != "" {
			w.f("  progress is unknown: %s\n", plain(e.Unknown))
		}
		if s := e.StatedScore; s != nil {
			w.f("  stated score %s, read from %q; it is no part of what is computed\n", s.Value, plain(s.Text))
		}
		for _, u := range e.Unread {
			w.f("  not read: %s (%s, line %d)\n", plain(u.Text), plain(u.Reason), u.Line)
		}
		for _, d := range e.Derivations {
			w.f("  %s\n", plain(d.String()))
		}
		for _, t := range e.Judged {
			w.f("  %s\n", plain(traceText(t)))
		}
	}
	for _, f := range r.Findings {
		if f.Trace != nil {
			w.f("\n%s  %s\n  %s\n", f.Rule, plain(f.Subject.Title), plain(traceText(*f.Trace)))
		}
	}
	w.f("\n")
}
