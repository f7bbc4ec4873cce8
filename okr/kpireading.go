package okr

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/okr/measure"
)

// kpiSource is the source of a reading that a key result has from its KPI.
const kpiSource = "kpi"

// Repeats is the KPI's reading that this one of a key result repeats; "" where it
// is one of its own.
func (r Reading) Repeats() ID {
	of, ok := strings.CutSuffix(string(r.ID), "."+string(r.KeyResult))
	if !ok || r.Source != kpiSource {
		return ""
	}
	return ID(of)
}

// repeated is the id that the reading of a KPI has with a key result.
func repetition(reading, keyResult ID) ID { return reading + "." + ID(keyResult) }

// followers are the active key results that a KPI measures.
func (w *work) followers(ctx context.Context, kpi ID) ([]Ref, error) {
	var out []Ref
	for q := (Query{KPI: kpi, State: Active, Limit: maxPage}); ; q.After = string(out[len(out)-1].ID) {
		ids, err := w.unit.List(ctx, w.id, q)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			out = append(out, Ref{KindKeyResult, id})
		}
		if len(ids) < q.Limit {
			return out, nil
		}
	}
}

// collectedKPI records what a source delivered for a KPI: with the KPI, and with
// each key result that it measures.
func (w *work) collectedKPI(ctx context.Context, ref Ref, c Collected) error {
	following, err := w.followers(ctx, ref.ID)
	if err != nil {
		return err
	}
	w.intent.Subjects = following
	need := Need{Refs: append([]Ref{ref}, following...), Collections: Collections{Readings: collect, Standings: true}}
	if err := w.load(ctx, need); err != nil {
		return err
	}
	x := w.after.KPI(ref.ID)
	if x == nil {
		return &NotFoundError{ref}
	}
	if x.Retired {
		return &ConflictError{ref, fmt.Sprintf("%s is retired and takes no readings", x.Name)}
	}
	w.intent.Subjects = slices.DeleteFunc(slices.Clone(following), func(r Ref) bool {
		k := w.after.KeyResult(r.ID)
		return k == nil || k.State != Active || k.KPI != x.ID || w.over(k.Cycle)
	})
	for _, f := range w.intent.Subjects {
		if err := w.elapse(ctx, *w.after.KeyResult(f.ID)); err != nil {
			return err
		}
	}
	before := x.Measure(w.now)
	row := *x
	health, _ := w.standing(ref, standingSource, "")
	failed := health.Value == "failed"
	if c.Error != "" {
		if failed {
			return nil // said once
		}
		return w.healthKPI(row, "failed", EventKPISourceFailed, EventSourceFailed, c)
	}
	for _, f := range w.intent.Subjects {
		w.lookIfAsked(f)
	}
	past, err := w.series(ctx, ref, collect)
	if err != nil {
		return err
	}
	series := map[ID]series{}
	w.expect(ref, row.Version)
	for i, m := range c.Readings {
		// A KPI takes readings as a key result does.
		like := KeyResult{ID: row.ID, Metric: row.Metric, Current: row.Current, CurrentAt: row.CurrentAt, Reading: row.Reading}
		same, err := w.measured(ctx, fmt.Sprintf("readings[%d]", i), &like, &m, c.Source, &past)
		if err != nil {
			return err
		}
		if same {
			continue
		}
		r := w.reading(like, m, c.Source)
		past.add(r)
		like.takes(r, past)
		row.Current, row.CurrentAt, row.Reading = like.Current, like.CurrentAt, like.Reading
		if err := w.recordedKPI(row, r); err != nil {
			return err
		}
		for _, f := range w.intent.Subjects {
			if _, ok := series[f.ID]; !ok {
				if series[f.ID], err = w.series(ctx, f, collect); err != nil {
					return err
				}
			}
			k := w.after.KeyResult(f.ID)
			if err := w.repeat(k, r, series[f.ID]); err != nil {
				return err
			}
		}
	}
	if failed {
		if err := w.healthKPI(row, "live", EventKPISourceRecovered, EventSourceRecovered, c); err != nil {
			return err
		}
	}
	w.then = append(w.then, func(map[ID]measure.Result) error {
		w.out.Subjects = append(w.out.Subjects, Outcome{
			Ref: ref, Before: Appraisal{Result: before}, After: Appraisal{Result: row.Measure(w.now)},
		})
		return nil
	})
	if w.next[ref] == row.Version {
		delete(w.changes.Expect, ref) // the source said nothing new
		return nil
	}
	return w.keep(row)
}

// recordedKPI writes the event and the row of a KPI's reading.
func (w *work) recordedKPI(x KPI, r Reading) error {
	w.changes.Readings = append(w.changes.Readings, r)
	i, _ := slices.BinarySearchFunc(w.after.Readings, r, CompareReadings)
	w.after.Readings = slices.Insert(w.after.Readings, i, r)
	return w.emit(x.ref(), Ref{KindReading, r.ID}, pick(r.Corrects == "", EventKPIRecorded, EventKPICorrected), KPIReading{
		KPIFact: x.fact(), Reading: r.ID, Value: r.Value, OccurredAt: r.OccurredAt, Source: r.Source, Corrects: r.Corrects,
		Status: x.Measure(w.now).Status,
	}, r)
}

// healthKPI tells that the source of a KPI failed or recovered, of the KPI and of
// each key result that it measures.
func (w *work) healthKPI(x KPI, health, event, follows string, c Collected) error {
	ref := x.ref()
	w.expect(ref, x.Version)
	w.setStanding(Standing{Subject: ref, Kind: standingSource, Value: health, Since: w.now})
	if err := w.emit(ref, Ref{KindSource, x.ID}, event, KPISource{x.fact(), c.Source}, sourceHealth{c.Source, c.Error}); err != nil {
		return err
	}
	for _, f := range w.intent.Subjects {
		k := w.after.KeyResult(f.ID)
		w.expect(f, k.Version)
		w.setStanding(Standing{Subject: f, Kind: standingSource, Value: health, Since: w.now})
		if err := w.emit(f, Ref{KindSource, k.ID}, follows, SourceFact{w.fact(*k), c.Source}, sourceHealth{c.Source, c.Error}); err != nil {
			return err
		}
	}
	return w.keep(x)
}

// repeat gives a KPI's reading to a key result that it measures. A correction
// corrects what the key result has of the reading that was wrong.
func (w *work) repeat(k *KeyResult, of Reading, past series) error {
	r := Reading{
		ID: repetition(of.ID, k.ID), KeyResult: k.ID, Value: of.Value, OccurredAt: of.OccurredAt, RecordedAt: w.now, Source: kpiSource,
	}
	if _, has := past.all[r.ID]; has {
		return nil
	}
	if wrong := repetition(of.Corrects, k.ID); of.Corrects != "" && past.all[wrong].ID != "" && !past.corrected[wrong] {
		r.Corrects = wrong
	}
	if err := checkValue("value", k.Metric, r.Value); err != nil {
		return fmt.Errorf("okr: %q: %w", k.Title, err)
	}
	w.expect(Ref{KindKeyResult, k.ID}, k.Version)
	return w.take(k, r, past)
}

// follow gives a key result that becomes active, or comes to be measured by a KPI,
// what the KPI stands at.
func (w *work) follow(ctx context.Context, k *KeyResult) error {
	if k.KPI == "" || k.State != Active {
		return nil
	}
	kpi := Ref{KindKPI, k.KPI}
	s, err := w.unit.Load(ctx, w.id, Need{Refs: []Ref{kpi}, Collections: Collections{Readings: maxPage}})
	if err != nil {
		return err
	}
	x := s.KPI(k.KPI)
	if err := x.measures("kpi", k.Metric); err != nil || x.Reading == "" {
		return err
	}
	past, err := w.series(ctx, Ref{KindKeyResult, k.ID}, 0)
	if err != nil {
		return err
	}
	of := Reading{ID: x.Reading, Value: x.Current, OccurredAt: *x.CurrentAt}
	// What was corrected while nobody repeated it corrects what was repeated last.
	rows := s.ReadingsOf(x.ID)
	for at, step := x.Reading, 0; at != "" && step < len(rows); step++ {
		i := slices.IndexFunc(rows, func(r Reading) bool { return r.ID == at })
		if i < 0 {
			break
		}
		if at = rows[i].Corrects; at != "" && past.all[repetition(at, k.ID)].ID != "" {
			of.Corrects = at
			break
		}
	}
	return w.repeat(k, of, past)
}

// ownValue refuses a value for a key result whose values are those of a KPI.
func (k KeyResult) ownValue(field, value string) error {
	if k.KPI == "" {
		return nil
	}
	return invalid(field, value, "%q is measured by the KPI %s: record the reading there, and every key result that it measures has it", k.Title, k.KPI)
}
