package okr

import (
	"context"
	"slices"
)

// sourceHealth is what the ledger keeps of a source that failed or recovered.
type sourceHealth struct {
	Source string `json:"source"`
	Error  string `json:"error,omitempty"`
}

// series are all readings of a key result, as far as a correction needs them: the
// one that it corrects may be older than what a decision loads, and so may be the
// correction of the one that would become current.
type series struct {
	all       map[ID]Reading
	corrected map[ID]bool
}

// series loads every reading of the key result.
func (w *work) series(ctx context.Context, ref Ref) (series, error) {
	rows := w.before.ReadingsOf(ref.ID)
	for most := collect; len(rows) >= most; {
		most *= 16
		s, err := w.unit.Load(ctx, w.id, Need{Refs: []Ref{ref}, Collections: Collections{Readings: most}})
		if err != nil {
			return series{}, err
		}
		rows = s.ReadingsOf(ref.ID)
	}
	x := series{all: map[ID]Reading{}, corrected: map[ID]bool{}}
	for _, r := range rows {
		x.add(r)
	}
	return x, nil
}

func (x series) add(r Reading) {
	if x.all == nil {
		return
	}
	x.all[r.ID] = r
	if r.Corrects != "" {
		x.corrected[r.Corrects] = true
	}
}

// place checks that a correction corrects something that stands, and gives it the
// time of what it corrects where it says none.
func (x series) place(field string, m *Measurement) error {
	if m.Corrects == "" {
		return nil
	}
	r, ok := x.all[m.Corrects]
	switch {
	case !ok:
		return &NotFoundError{Ref{KindReading, m.Corrects}}
	case x.corrected[m.Corrects]:
		return invalid(field+".corrects", string(m.Corrects), "it was corrected already: correct the correction")
	}
	if m.OccurredAt.IsZero() {
		m.OccurredAt = r.OccurredAt
	}
	return nil
}

// newest is the newest reading that nothing corrects.
func (x series) newest() (newest Reading) {
	for _, r := range x.all {
		if !x.corrected[r.ID] && (newest.ID == "" || CompareReadings(r, newest) < 0) {
			newest = r
		}
	}
	return newest
}

// read adds a reading to the key result. The newest one that nothing corrects is
// current; of two that were true at the same instant, the one that was said last.
func (w *work) read(k *KeyResult, m Measurement, source string, past series) (Reading, error) {
	r := Reading{
		ID: ID(w.desk.newID()), KeyResult: k.ID, Value: m.Value, OccurredAt: m.OccurredAt, RecordedAt: w.now,
		Source: source, Corrects: m.Corrects,
	}
	past.add(r)
	current := r
	switch {
	case r.Corrects != "" && r.Corrects == k.Reading:
		current = past.newest()
	case k.CurrentAt != nil && k.CurrentAt.After(r.OccurredAt):
		current.ID = ""
	}
	if current.ID != "" {
		at := current.OccurredAt
		k.Current, k.CurrentAt, k.Reading = current.Value, &at, current.ID
	}
	i, _ := slices.BinarySearchFunc(w.after.Readings, r, CompareReadings)
	w.after.Readings = slices.Insert(w.after.Readings, i, r)
	// The objective's rollup moves with it; whoever settles the objective says so,
	// so that the writers of a company never meet at the root.
	w.look(Ref{KindObjective, k.Objective})
	return r, w.recorded(*k, r)
}
