package audit

import (
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// Trackable says of every key result that is still to be reached how its number can be
// followed now: in real time, by hand, or not, with the reason and the next step. The
// snapshot must hold its newest readings.
func Trackable(s *okr.Snapshot, now time.Time) map[okr.ID]okr.Tracked {
	w := see(s, nil, now, new(zones))
	out := map[okr.ID]okr.Tracked{}
	for _, k := range w.keyResults {
		if open(k) {
			out[k.row.ID] = tracked(k, s)
		}
	}
	return out
}

func tracked(k *keyResult, s *okr.Snapshot) okr.Tracked {
	t := okr.Tracked{Who: k.row.Owner}
	if k.cadence != nil {
		t.Every = k.cadence.row.Interval()
	}
	src := k.row.Source
	can, told := k.ownerHasAccess()
	newest, known := newestOf(s, k.row)
	fresh := known && k.w.now.Sub(newest.OccurredAt) <= k.freshFor()
	byHand := known && (fromPeople(newest) || src != nil && src.Kind == manualSource)
	failed := s.SourceFailed(k.row.ID)
	switch {
	case !k.row.Metric.Decidable() && k.row.Metric.Kind != measure.Baseline:
		t.As, t.Why, t.Next = okr.NotMeasurable, "there is no number to follow", "Rebuild it, or set it aside."
	case k.row.KPI == "" && (src == nil || src.Where == "" && src.Kind != manualSource):
		t.As, t.Why, t.Next = okr.NoSource, "nobody knows where its number comes from", "Name the source; entering it by hand is one."
	case k.owner == nil && (src == nil || src.Kind == manualSource):
		t.As, t.Why, t.Next = okr.NoAccess, "nobody owns it who could read its number off", "Name its owner."
	case told && !can:
		t.As, t.Why, t.Next = okr.NoAccess, "its owner cannot read the source", "Give the owner access, or the key result another owner."
	case known && fresh && !byHand && !failed:
		t.As, t.Why = okr.RealTime, "its source delivered on "+newest.OccurredAt.Format(time.DateOnly)
		if src != nil && src.Interval > 0 {
			t.Every = src.Interval
		}
	case known && fresh && byHand:
		t.As, t.Why = okr.ByHand, "read off on "+newest.OccurredAt.Format(time.DateOnly)
	case failed:
		t.As, t.Why, t.Next = okr.Stale, "its source fails", "Mend the source, or enter the number by hand meanwhile."
	case !known:
		t.As, t.Why, t.Next = okr.Stale, "no number has come yet", "Check in, or connect the source."
	default:
		t.As, t.Why, t.Next = okr.Stale, "the newest number is of "+newest.OccurredAt.Format(time.DateOnly), "Check in, or connect the source."
	}
	return t
}

// newestOf is the newest number of a key result, with where it came from. Of a row
// whose readings were not loaded it is what the row says.
func newestOf(s *okr.Snapshot, k *okr.KeyResult) (okr.Reading, bool) {
	for _, r := range s.ReadingsOf(k.ID) {
		if k.Reading == "" || r.ID == k.Reading {
			return r, true
		}
	}
	if k.CurrentAt == nil {
		return okr.Reading{}, false
	}
	r := okr.Reading{Value: k.Current, OccurredAt: *k.CurrentAt, Source: "checkin"}
	if k.KPI != "" {
		r.Source = "kpi"
	}
	return r, true
}
