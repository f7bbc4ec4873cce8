package cadence

import (
	"encoding/json"
	"math"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// Watch is when the check-ins of many key results are due next, one number each in
// one flat list: for hosts that hold a company in memory and ask at every tick who is
// to be asked. It is not safe for concurrent use.
type Watch struct {
	of    []watched
	due   []int64 // unix seconds, by key result; never is math.MaxInt64
	first []int64 // of each block of them, the earliest
	plan  []int32 // by key result: its place in of
}

// block is how many are passed over at once where none of them is due.
const block = 64

// watched is what many key results have in common.
type watched struct {
	calendar *Calendar
	schedule okr.Schedule
	cycle    okr.Cycle
	next     int64 // what is due after since
	since    int64
}

// Watch looks up when the check-ins of the snapshot's key results are due first after
// an instant: of those that are active and have a schedule, in a cycle that is not
// closed. Key results are named by their place in the snapshot. Errors are those of
// [Calendar.Occurrences].
func (c *Calendar) Watch(s *okr.Snapshot, after time.Time) (*Watch, error) {
	w := &Watch{due: make([]int64, len(s.KeyResults)), plan: make([]int32, len(s.KeyResults))}
	places := map[string]int32{}
	for i := range s.KeyResults {
		k := &s.KeyResults[i]
		w.due[i], w.plan[i] = math.MaxInt64, -1
		cycle := s.Cycle(k.Cycle)
		if k.State != okr.Active || cycle == nil || cycle.ClosedAt != nil {
			continue
		}
		schedule := s.CadenceOf(*k)
		if schedule == nil {
			continue
		}
		key, err := json.Marshal(schedule)
		if err != nil {
			return nil, err
		}
		key = append(key, k.Cycle...)
		place, known := places[string(key)]
		if !known {
			place = int32(len(w.of))
			places[string(key)] = place
			x := watched{calendar: c, schedule: *schedule, cycle: *cycle}
			if err := x.after(after.Unix()); err != nil {
				return nil, err
			}
			w.of = append(w.of, x)
		}
		w.due[i], w.plan[i] = w.of[place].next, place
	}
	for from := 0; from < len(w.due); from += block {
		w.first = append(w.first, slices.Min(w.due[from:min(from+block, len(w.due))]))
	}
	return w, nil
}

// Due appends those that are due at the instant, ascending, and returns the extended
// list. It allocates nothing where the list has room.
func (w *Watch) Due(at time.Time, into []int) []int {
	t := at.Unix()
	for b, first := range w.first {
		if first > t {
			continue
		}
		from := b * block
		for i, due := range w.due[from:min(from+block, len(w.due))] {
			if due <= t {
				into = append(into, from+i)
			}
		}
	}
	return into
}

// When says when a key result is due next; false is never.
func (w *Watch) When(i int) (time.Time, bool) {
	if w.due[i] == math.MaxInt64 {
		return time.Time{}, false
	}
	return time.Unix(w.due[i], 0).UTC(), true
}

// Advance has a key result wait for what is due first after the instant: it was asked,
// or has answered.
func (w *Watch) Advance(i int, after time.Time) error {
	if w.plan[i] < 0 {
		return nil
	}
	x := &w.of[w.plan[i]]
	if err := x.after(after.Unix()); err != nil {
		return err
	}
	w.due[i] = x.next
	from := i - i%block
	w.first[i/block] = slices.Min(w.due[from:min(from+block, len(w.due))])
	return nil
}

// after looks up what is due after the instant, unless it did last.
func (x *watched) after(since int64) error {
	if x.next != 0 && since >= x.since && since < x.next {
		return nil
	}
	o, ok, err := x.calendar.Next(x.schedule, x.cycle, time.Unix(since, 0))
	if err != nil {
		return err
	}
	if x.since, x.next = since, math.MaxInt64; ok {
		x.next = o.Due.Unix()
	}
	return nil
}
