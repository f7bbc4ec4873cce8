package okr

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// tallied says whether the metric's figure is made of many readings, so that the
// key result keeps a tally of them.
func tallied(m measure.Metric) bool {
	return m.Mode == measure.Average || m.Mode == measure.Sum || m.Mode == measure.HitRatio
}

// window is the time whose readings make up the figure of a key result, from its
// cycle's first day to the end of the day on which it is due, in the cycle's zone.
// Where a date is missing there is no limit on that side.
type window struct{ from, to time.Time }

func (s *Snapshot) window(k *KeyResult) window {
	var out window
	c := s.Cycle(k.Cycle)
	if c == nil {
		return out
	}
	loc, err := c.Location()
	if err != nil {
		loc = time.UTC
	}
	if !c.Start.IsZero() {
		out.from = c.Start.In(loc)
	}
	if due := s.DueDate(*k); !due.IsZero() {
		out.to = due.AddDays(1).In(loc)
	}
	return out
}

func (w window) holds(at time.Time) bool {
	return (w.from.IsZero() || !at.Before(w.from)) && (w.to.IsZero() || at.Before(w.to))
}

// standing are the readings that nothing corrects, in their order.
func standing(readings []Reading) []Reading {
	corrected := map[ID]bool{}
	for _, r := range readings {
		if r.Corrects != "" {
			corrected[r.Corrects] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(readings), func(r Reading) bool { return corrected[r.ID] })
}

// tallying are the readings that make up the figure of the key result, oldest first:
// all that stand for a mean or a sum; for a hit ratio, of each scheduled check-in the
// newest reading up to the end of its grace, so that a source that delivers every
// hour hits no more often than it is asked.
func (s *Snapshot) tallying(k *KeyResult, readings []Reading, scheduled []Occurrence) []Reading {
	in := s.window(k)
	out := slices.DeleteFunc(standing(readings), func(r Reading) bool { return !in.holds(r.OccurredAt) })
	slices.SortFunc(out, func(a, b Reading) int { return CompareReadings(b, a) })
	if k.Metric.Mode == measure.HitRatio {
		out = answers(out, scheduled)
	}
	return out
}

// tally is what the readings make of the key result.
func (s *Snapshot) tally(k *KeyResult, readings []Reading, scheduled []Occurrence) measure.Tally {
	if !tallied(k.Metric) {
		return measure.Tally{}
	}
	t := measure.Tally{Scheduled: len(scheduled)}
	for _, r := range s.tallying(k, readings, scheduled) {
		t = t.Add(k.Metric, r.Value)
	}
	return t
}

// answers picks, of readings in ascending order, the newest for each occurrence.
func answers(readings []Reading, scheduled []Occurrence) []Reading {
	var out []Reading
	i := 0
	for _, o := range scheduled {
		newest := -1
		for ; i < len(readings) && !readings[i].OccurredAt.After(o.GraceEnds); i++ {
			newest = i
		}
		if newest >= 0 {
			out = append(out, readings[newest])
		}
	}
	return out
}

// scheduled lists the check-ins of a hit ratio from the first to the last day.
func (d *Desk) scheduled(of *Snapshot, k *KeyResult) ([]Occurrence, error) {
	s, c := of.CadenceOf(*k), of.Cycle(k.Cycle)
	if k.Metric.Mode != measure.HitRatio || d.calendar == nil || s == nil || c == nil {
		return nil, nil
	}
	in := of.window(k)
	all, err := d.calendar.Occurrences(*s, *c, in.from.Add(-time.Microsecond), in.to.Add(-time.Microsecond))
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b Occurrence) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Key, b.Key)) })
	return all, nil
}

// retally counts all readings of the key result anew.
func (w *work) retally(k *KeyResult, x series) error {
	scheduled, err := w.desk.scheduled(w.after, k)
	if err != nil {
		return err
	}
	k.Tally = w.after.tally(k, x.readings(), scheduled)
	return nil
}

// count adds a reading to the tally of its key result, and takes away the one that
// it corrects. past holds what it corrects and, for a hit ratio, all readings.
func (w *work) count(k *KeyResult, r Reading, past series) error {
	switch {
	case !tallied(k.Metric):
		k.Tally = measure.Tally{}
		return nil
	case k.Metric.Mode == measure.HitRatio:
		return w.retally(k, past)
	}
	in := w.after.window(k)
	if in.holds(r.OccurredAt) {
		k.Tally = k.Tally.Add(k.Metric, r.Value)
	}
	if old, ok := past.all[r.Corrects]; ok && in.holds(old.OccurredAt) {
		k.Tally = k.Tally.Remove(k.Metric, old.Value)
	}
	if k.Tally.Count > 0 && !k.Tally.Total.Value().Known() {
		return invalid("value", r.Value.String(), "the sum of all readings grows too large to compute with: correct the one that is wrong")
	}
	return nil
}

// readings are those of the series.
func (x series) readings() []Reading {
	out := make([]Reading, 0, len(x.all))
	for _, r := range x.all {
		out = append(out, r)
	}
	return out
}

// reschedule counts anew where a schedule that the key result follows has changed
// since: its team's or its cycle's.
func (w *work) reschedule(k *KeyResult, load func() (series, error)) error {
	if k.Metric.Mode != measure.HitRatio {
		return nil
	}
	s := w.after.CadenceOf(*k)
	if s == nil {
		s = &Schedule{}
	}
	mark, err := s.mark()
	if err != nil {
		return err
	}
	scheduled, err := w.desk.scheduled(w.after, k)
	if err != nil {
		return err
	}
	ref := Ref{KindKeyResult, k.ID}
	st, ok := w.standing(ref, standingCadence, "")
	if was, _ := markOf(st.Value); len(scheduled) == k.Tally.Scheduled && (!ok || was == mark) {
		return nil
	}
	past, err := load()
	if err != nil {
		return err
	}
	t := w.after.tally(k, past.readings(), scheduled)
	if t.Equal(k.Tally) && t.Count == k.Tally.Count {
		return nil
	}
	k.Tally = t
	w.expect(ref, k.Version)
	return w.emit(ref, ref, EventKeyResultChanged, w.defined(*k, []string{"tally"}), *k)
}

// recount counts anew what the readings make of the drafts of a cycle whose days
// have moved.
func (w *work) recount(ctx context.Context, c Cycle, changed []string) error {
	if !slices.ContainsFunc(changed, func(f string) bool { return f == "start" || f == "end" || f == "zone" || f == "cadence" }) {
		return nil
	}
	for i := range w.after.KeyResults {
		k := &w.after.KeyResults[i]
		ref := Ref{KindKeyResult, k.ID}
		if k.Cycle != c.ID || !tallied(k.Metric) || w.before.KeyResult(k.ID) == nil {
			continue
		}
		past, err := w.series(ctx, ref, 0)
		if err != nil {
			return err
		}
		was := k.Tally
		if err := w.retally(k, past); err != nil {
			return err
		}
		if was.Equal(k.Tally) {
			continue
		}
		w.expect(ref, k.Version)
		if err := w.emit(ref, ref, EventKeyResultChanged, w.defined(*k, []string{"tally"}), *k); err != nil {
			return err
		}
	}
	return nil
}
