package okr

import (
	"context"
	"fmt"
	"slices"

	"github.com/okrkit/okrkit/okr/measure"
)

// Record takes what a data source delivered: readings, or its failure. A failure
// becomes the source's health and never a reading; the value stays what it was,
// and grows stale.
func (t Tenant) Record(ctx context.Context, c Collected) (Decision, error) {
	if c.KPI != "" && c.KeyResult != "" {
		return Decision{}, invalid("kpi", string(c.KPI), "name a key result or a KPI, and not both")
	}
	if p := badID(string(c.KeyResult + c.KPI)); p != "" {
		return Decision{}, invalid(pick(c.KPI == "", "key_result", "kpi"), string(c.KeyResult+c.KPI), "an id that %s names nothing", p)
	}
	if (len(c.Readings) == 0) == (c.Error == "") {
		return Decision{}, invalid("readings", fmt.Sprint(len(c.Readings)), "give readings, or the error that kept the source from delivering, and not both")
	}
	if len(c.Readings) > 1000 {
		return Decision{}, invalid("readings", fmt.Sprint(len(c.Readings)), "record at most 1000 at once")
	}
	for _, err := range []error{
		checkText("source", c.Source, maxName, true),
		checkText("error", c.Error, maxNote, false),
	} {
		if err != nil {
			return Decision{}, err
		}
	}
	for i, m := range c.Readings {
		field := fmt.Sprintf("readings[%d]", i)
		if !m.Value.Known() {
			return Decision{}, invalid(field+".value", m.Value.String(), "a reading has a value; say error when there is none")
		}
		for _, err := range []error{
			checkFinite(field+".value", m.Value),
			checkPast(field+".occurred_at", m.OccurredAt),
			checkID(field+".corrects", m.Corrects, false),
		} {
			if err != nil {
				return Decision{}, err
			}
		}
	}
	if c.KPI != "" {
		kpi := Ref{KindKPI, c.KPI}
		return t.decide(ctx, Intent{VerbMeasure, []Ref{kpi}}, c.Key, c, func(ctx context.Context, w *work) error {
			return w.collectedKPI(ctx, kpi, c)
		})
	}
	ref := Ref{KindKeyResult, c.KeyResult}
	return t.decide(ctx, Intent{VerbRecord, []Ref{ref}}, c.Key, c, func(ctx context.Context, w *work) error {
		return w.collected(ctx, ref, c)
	})
}

func (w *work) collected(ctx context.Context, ref Ref, c Collected) error {
	if err := w.load(ctx, Need{Refs: []Ref{ref}, Collections: Collections{Readings: collect, Standings: true}}); err != nil {
		return err
	}
	k := w.after.KeyResult(ref.ID)
	if k == nil {
		return &NotFoundError{ref}
	}
	if len(c.Readings) > 0 {
		if err := k.ownValue("key_result", string(k.ID)); err != nil {
			return err
		}
	}
	if w.over(k.Cycle) && len(c.Readings) > 0 {
		return w.afterwards(ctx, *k, c)
	}
	if err := w.open(k.Cycle); err != nil {
		return err
	}
	if k.feedable() {
		if err := w.elapse(ctx, *k); err != nil {
			return err
		}
	}
	health, _ := w.standing(ref, standingSource, "")
	failed := health.Value == "failed"
	entity := Ref{KindSource, k.ID}
	if c.Error != "" {
		if failed {
			return nil // said once
		}
		w.expect(ref, k.Version)
		w.setStanding(Standing{Subject: ref, Kind: standingSource, Value: "failed", Since: w.now})
		return w.emit(ref, entity, EventSourceFailed, SourceFact{w.fact(*k), c.Source}, sourceHealth{c.Source, c.Error})
	}
	w.lookIfAsked(ref)
	w.expect(ref, k.Version)
	past := series{}
	if k.Metric.Mode == measure.HitRatio || slices.ContainsFunc(c.Readings, func(m Measurement) bool { return m.Corrects != "" }) {
		var err error
		if past, err = w.series(ctx, ref, collect); err != nil {
			return err
		}
	}
	for i, m := range c.Readings {
		same, err := w.measured(ctx, fmt.Sprintf("readings[%d]", i), k, &m, c.Source, &past)
		if err != nil {
			return err
		}
		if same {
			continue
		}
		if _, err := w.read(k, m, c.Source, past); err != nil {
			return err
		}
	}
	if failed {
		w.setStanding(Standing{Subject: ref, Kind: standingSource, Value: "live", Since: w.now})
		return w.emit(ref, entity, EventSourceRecovered, SourceFact{w.fact(*k), c.Source}, sourceHealth{Source: c.Source})
	}
	return nil
}

// measured checks a reading against what is known, and completes it; same says that
// it was recorded already, which a source may repeat as often as it likes.
func (w *work) measured(ctx context.Context, field string, k *KeyResult, m *Measurement, source string, past *series) (same bool, err error) {
	if err := checkUnit(field+".unit", m.Unit, k.Metric); err != nil {
		return false, err
	}
	if m.Corrects == "" || !m.OccurredAt.IsZero() {
		if m.OccurredAt, err = occurred(field+".occurred_at", m.OccurredAt, w.now); err != nil {
			return false, err
		}
	}
	if _, same, err = w.repeats(ctx, k, *m, source, past); err != nil || same {
		return same, err
	}
	if err := past.place(field, m); err != nil {
		return false, err
	}
	return false, checkValue(field+".value", k.Metric, m.Value)
}

// afterwards takes what became known of a closed cycle: the readings are kept, with
// when they were recorded, and change nothing of what came of it.
func (w *work) afterwards(ctx context.Context, k KeyResult, c Collected) error {
	closed := *w.after.Cycle(k.Cycle).ClosedAt
	ref := Ref{KindKeyResult, k.ID}
	past, err := w.series(ctx, ref, collect)
	if err != nil {
		return err
	}
	w.expect(ref, k.Version)
	for i, m := range c.Readings {
		field := fmt.Sprintf("readings[%d]", i)
		same, err := w.measured(ctx, field, &k, &m, c.Source, &past)
		if err != nil {
			return err
		}
		if m.OccurredAt.After(closed) {
			return &ConflictError{Ref{KindCycle, k.Cycle}, "the cycle is closed: it takes readings of what was true before, for the record, and none of what came after"}
		}
		if same {
			continue
		}
		r := w.reading(k, m, c.Source)
		past.add(r)
		w.after.Readings = append(w.after.Readings, r)
		w.after.Sort()
		if err := w.recorded(k, r); err != nil {
			return err
		}
	}
	return nil
}
