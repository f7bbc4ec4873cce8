package audit

import (
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// spares says whether nobody is asked about the key result on a day: its rhythm pauses,
// or its owner is away and has no backup.
func (k *keyResult) spares(d okr.Date) bool {
	has := func(s okr.Span) bool { return s.Has(d) }
	if k.cadence != nil && slices.ContainsFunc(k.cadence.row.Pauses, has) {
		return true
	}
	p := k.ownerRow()
	return p != nil && !p.Left && p.Backup == "" && slices.ContainsFunc(p.Away, has)
}

func (k *keyResult) ownerRow() *okr.Person {
	if k.owner == nil {
		return nil
	}
	return k.owner.row
}

// sparing says whether there are such days at all.
func (k *keyResult) sparing() bool {
	p := k.ownerRow()
	return k.cycle.isDated() && (k.cadence != nil && len(k.cadence.row.Pauses) > 0 || p != nil && len(p.Away) > 0)
}

// daysAsked are the days after one up to today, without those on which nobody is asked.
func (k *keyResult) daysAsked(from okr.Date) int64 {
	days := int64(from.DaysUntil(k.cycle.today))
	if !k.sparing() {
		return days
	}
	for d := from.AddDays(1); !d.After(k.cycle.today); d = d.AddDays(1) {
		if k.spares(d) {
			days--
		}
	}
	return days
}

// later is so much time after an instant, of which days up to today do not count on which
// nobody is asked.
func (k *keyResult) later(from time.Time, much time.Duration) time.Time {
	at := from.Add(much)
	if !k.sparing() {
		return at
	}
	for d := measure.DateOf(from.In(k.cycle.zone)).AddDays(1); !d.After(k.cycle.today) && !d.After(measure.DateOf(at.In(k.cycle.zone))); d = d.AddDays(1) {
		if k.spares(d) {
			at = at.Add(24 * time.Hour)
		}
	}
	return at
}
