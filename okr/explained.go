package okr

import (
	"context"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// Explained is how the figures of a key result or an objective came about: what
// went in, by which formula, and what came out. [measure.Recompute] follows each from
// its own inputs.
type Explained struct {
	Subject Ref       `json:"subject"`
	Title   string    `json:"title"`
	AsOf    time.Time `json:"as_of"` // UTC instant that the figures are for: now, or the close of the cycle
	// Measured is what the derivations lead to, with the status that packs decide,
	// where they do.
	Measured Appraisal `json:"measured"`
	// Figures are derived from the readings, which they name by id.
	Figures []measure.Derivation `json:"figures"`
	Unknown string               `json:"unknown,omitempty"` // why progress is not known
	// Readings are those that count, newest first: the figure of the modes that look
	// at many rests on all of them, and the forecast on the newest hundred.
	Readings []Reading         `json:"readings,omitempty"`
	Hit      *measure.Answer   `json:"hit,omitempty"`      // of a key result: was it hit, and why
	Need     *measure.Need     `json:"need,omitempty"`     // what it takes to be on track; nil: nothing can be said
	Forecast *measure.Forecast `json:"forecast,omitempty"` // of an active key result
	Findings []Finding         `json:"findings,omitempty"` // of this subject, with the rules they come from
	Packs    []Pack            `json:"packs,omitempty"`    // in force: what scores, statuses and findings come from
}

// Explain reads how the figures of a key result or an objective came about, with
// every reading that they rest on.
func (v View) Explain(ctx context.Context, r Ref) (Explained, error) {
	if r.Kind != KindKeyResult && r.Kind != KindObjective {
		return Explained{}, invalid("subject", r.String(), "key results and objectives have figures to explain")
	}
	if err := checkID("subject.id", r.ID, true); err != nil {
		return Explained{}, err
	}
	s, now, err := v.read(ctx, Need{Refs: []Ref{r}, Collections: Collections{Readings: trendReadings, Standings: true}})
	if err != nil {
		return Explained{}, err
	}
	measured, verdict, err := v.judge(ctx, s, Intent{Verb: VerbView, Subjects: []Ref{r}}, now)
	if err != nil {
		return Explained{}, err
	}
	e := Explained{Subject: r, AsOf: now}
	for _, f := range verdict.Findings {
		if f.Subject == r {
			e.Findings = append(e.Findings, f)
		}
	}
	e.Packs = withoutText(s.Packs)
	if r.Kind == KindObjective {
		return explainObjective(s, e, measured, verdict, now)
	}
	return v.explainKeyResult(ctx, s, e, measured, verdict, now)
}

func explainObjective(s *Snapshot, e Explained, measured map[ID]measure.Result, verdict Verdict, now time.Time) (Explained, error) {
	o := s.Objective(e.Subject.ID)
	if o == nil {
		return Explained{}, &NotFoundError{e.Subject}
	}
	x := s.Explanations(now, e.Subject)[e.Subject]
	e.Title, e.Figures, e.Unknown = o.Title, x.Derivations, x.Unknown
	if ruling := verdict.ruling(o.ID, s, now); ruling.Status != "" {
		for i, d := range e.Figures {
			if d.Of == "status" {
				e.Figures[i] = d.Ruled(ruling)
			}
		}
	}
	e.Measured = appraisal(measured[o.ID], o.State, verdict.Scores, o.ID).ended(o.Ending)
	if o.Ending != nil {
		e.AsOf = o.Ending.At
	}
	return e, nil
}

func (v View) explainKeyResult(ctx context.Context, s *Snapshot, e Explained, measured map[ID]measure.Result, verdict Verdict, now time.Time) (Explained, error) {
	k := s.KeyResult(e.Subject.ID)
	if k == nil {
		return Explained{}, &NotFoundError{e.Subject}
	}
	e.Title, e.Unknown = k.Title, k.WhyUnknown(measured[k.ID])
	e.Measured = appraisal(measured[k.ID], k.State, verdict.Scores, k.ID).ended(k.Ending)
	rows := s.ReadingsOf(k.ID)
	if tallied(k.Metric) {
		err := v.transact(ctx, func(u Unit, _ time.Time) (err error) {
			rows, err = readingsOf(ctx, u, v.t.id, e.Subject, 0)
			return err
		})
		if err != nil {
			return Explained{}, err
		}
	}
	in := s.input(k, now)
	in.Ruling = verdict.ruling(k.ID, s, now)
	e.AsOf = in.Now
	// What became known after the close explains nothing of it.
	rows = slices.DeleteFunc(slices.Clone(rows), func(r Reading) bool { return r.RecordedAt.After(in.Now) })
	scheduled, err := v.t.desk.scheduled(s, k)
	if err != nil {
		return Explained{}, err
	}
	e.Readings = standing(rows)
	if tallied(k.Metric) {
		e.Readings = s.tallying(k, rows, scheduled)
		slices.Reverse(e.Readings)
		// Whether the number is fresh, the newest says, whether or not it counts.
		i := slices.IndexFunc(rows, func(r Reading) bool { return r.ID == k.Reading })
		if i >= 0 && !slices.Contains(e.Readings, rows[i]) {
			e.Readings = slices.Concat(rows[i:i+1], e.Readings)
		}
	}
	series := s.counted(k, rows, scheduled)
	if tallied(k.Metric) {
		tally := measure.ExplainTally(k.Metric, k.Tally.Scheduled, series)
		tally.AsOf = in.Now
		e.Figures = append(e.Figures, tally)
	}
	e.Figures = append(e.Figures, k.derived(in, measured[k.ID])...)
	if k.Ending != nil && k.Ending.Grade != "" {
		grade := measure.ExplainGrade(k.Ending.Score, k.Ending.Committed)
		grade.AsOf = in.Now
		e.Figures = append(e.Figures, grade)
	}
	hit := in.Hit()
	e.Hit = &hit
	if k.State != Active || in.Closed {
		return e, nil
	}
	needs := v.needs(s, now)
	need, err := needs.of(k)
	if err != nil {
		return Explained{}, err
	}
	if need != nil {
		e.Need = need
		e.Figures = append(e.Figures, measure.ExplainNeed(in, need.On)...)
	}
	forecast := measure.Forecasted(in, series)
	e.Forecast = &forecast
	e.Figures = append(e.Figures, measure.ExplainForecast(in, series)...)
	return e, nil
}
