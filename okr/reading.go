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

// series loads every reading of the key result, of which the decision has loaded
// the newest up to a number.
func (w *work) series(ctx context.Context, ref Ref, loaded int) (series, error) {
	rows := w.before.ReadingsOf(ref.ID)
	for most := loaded; len(rows) >= most; {
		most = max(collect, most*16)
		s, err := w.unit.Load(ctx, w.id, Need{Refs: []Ref{ref}, Collections: Collections{Readings: most}})
		if err != nil {
			return series{}, err
		}
		rows = s.ReadingsOf(ref.ID)
	}
	return newSeries(rows), nil
}

func newSeries(rows []Reading) series {
	x := series{all: map[ID]Reading{}, corrected: map[ID]bool{}}
	for _, r := range rows {
		x.add(r)
	}
	return x
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

// said is the reading that says the same already: of the same source, at the same
// instant, with the same value, or the same correction of the same reading. What the
// source has said differently since is no repetition.
func said(rows []Reading, m Measurement, source string) (Reading, bool) {
	for _, r := range rows { // newest first
		switch {
		case r.Source != source || r.Corrects != m.Corrects:
		case m.Corrects != "" && (m.OccurredAt.IsZero() || m.OccurredAt.Equal(r.OccurredAt)) && r.Value.Equal(m.Value):
			return r, true
		case m.Corrects == "" && r.OccurredAt.Equal(m.OccurredAt):
			return r, r.Value.Equal(m.Value)
		}
	}
	return Reading{}, false
}

// repeats finds the reading that says the same already, however long ago.
func (w *work) repeats(ctx context.Context, k *KeyResult, m Measurement, source string, past *series) (Reading, bool, error) {
	rows := w.after.ReadingsOf(k.ID)
	if r, same := said(rows, m, source); same || r.ID != "" {
		return r, same, nil
	}
	older := len(rows) >= collect && (m.Corrects != "" || !m.OccurredAt.After(rows[len(rows)-1].OccurredAt))
	if older && past.all == nil {
		var err error
		if *past, err = w.series(ctx, Ref{KindKeyResult, k.ID}, collect); err != nil {
			return Reading{}, false, err
		}
		for _, r := range rows {
			past.add(r)
		}
	}
	if past.all == nil {
		return Reading{}, false, nil
	}
	all := past.readings()
	slices.SortFunc(all, CompareReadings)
	r, same := said(all, m, source)
	return r, same, nil
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

func (w *work) reading(k KeyResult, m Measurement, source string) Reading {
	return Reading{
		ID: ID(w.desk.newID()), KeyResult: k.ID, Value: m.Value, OccurredAt: m.OccurredAt, RecordedAt: w.now,
		Source: source, Corrects: m.Corrects,
	}
}

// read adds a reading to the key result. The newest one that nothing corrects is
// current; of two that were true at the same instant, the one that was said last.
func (w *work) read(k *KeyResult, m Measurement, source string, past series) (Reading, error) {
	r := w.reading(*k, m, source)
	return r, w.take(k, r, past)
}

// takes makes a reading the current one, where it is.
func (k *KeyResult) takes(r Reading, past series) {
	if at := r.OccurredAt; r.Source != checkInSource && (k.FedAt == nil || at.After(*k.FedAt)) {
		k.FedAt = &at
	}
	current := r
	last, known := past.all[k.Reading]
	switch {
	case r.Corrects != "" && r.Corrects == k.Reading:
		current = past.newest()
	case known && CompareReadings(last, r) < 0:
		current.ID = "" // a KPI's reading may come to the key result after a newer one
	case k.CurrentAt != nil && k.CurrentAt.After(r.OccurredAt):
		current.ID = ""
	}
	if current.ID != "" {
		at := current.OccurredAt
		k.Current, k.CurrentAt, k.Reading = current.Value, &at, current.ID
	}
}

// take adds a reading to the key result.
func (w *work) take(k *KeyResult, r Reading, past series) error {
	past.add(r)
	k.takes(r, past)
	if err := w.count(k, r, past); err != nil {
		return err
	}
	i, _ := slices.BinarySearchFunc(w.after.Readings, r, CompareReadings)
	w.after.Readings = slices.Insert(w.after.Readings, i, r)
	// The objective's rollup moves with it; whoever settles the objective says so,
	// so that the writers of a company never meet at the root.
	w.look(Ref{KindObjective, k.Objective})
	return w.recorded(*k, r)
}
