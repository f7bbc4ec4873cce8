package okr

import (
	"context"
	"fmt"
	"slices"
)

// Record takes what a data source delivered: readings, or its failure. A failure
// becomes the source's health and never a reading; the value stays what it was,
// and grows stale.
func (t Tenant) Record(ctx context.Context, c Collected) (Decision, error) {
	if p := badID(string(c.KeyResult)); p != "" {
		return Decision{}, invalid("key_result", string(c.KeyResult), "an id that %s names nothing", p)
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
	if err := w.open(k.Cycle); err != nil {
		return err
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
	w.expect(ref, k.Version)
	past := series{}
	if slices.ContainsFunc(c.Readings, func(m Measurement) bool { return m.Corrects != "" }) {
		var err error
		if past, err = w.series(ctx, ref); err != nil {
			return err
		}
	}
	for i, m := range c.Readings {
		field := fmt.Sprintf("readings[%d]", i)
		if err := past.place(field, &m); err != nil {
			return err
		}
		var err error
		if m.OccurredAt, err = occurred(field+".occurred_at", m.OccurredAt, w.now); err != nil {
			return err
		}
		if err := checkValue(field+".value", k.Metric, m.Value); err != nil {
			return err
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
