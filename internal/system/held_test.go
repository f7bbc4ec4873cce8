package system_test

import (
	"testing"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// held says within which time somebody is to hear that a status has turned: at once, or,
// where a day alone has turned it and the last check-in was answered, when the next one is due,
// after seven days, or when a reading came or it turned again. It says again, in its own words, what is
// promised.
func held(t *testing.T, e okr.Event, all []okr.Event) (from, until time.Time) {
	p, ok := payload(t, e).(*okr.StatusChanged)
	if !ok || p.From != measure.OnTrack || p.To != measure.AtRisk {
		return e.Time, e.Time
	}
	week := 7 * 24 * time.Hour
	until = e.Time.Add(week)
	sooner := func(at time.Time) {
		if at.Before(until) {
			until = at
		}
	}
	due, answered, last, fed, read := map[string]time.Time{}, map[string]bool{}, "", false, time.Time{}
	for _, x := range all {
		if x.Aggregate != e.Aggregate {
			continue
		}
		before := x.ID < e.ID
		switch then := payload(t, x).(type) {
		case *okr.OccurrenceFact:
			due[then.Occurrence] = then.Due
			if !then.Due.After(e.Time) {
				last = max(last, then.Occurrence)
			}
			answered[then.Occurrence] = answered[then.Occurrence] || before && x.Type == okr.EventCheckInSkipped
		case *okr.CheckInRecorded:
			answered[then.Occurrence] = answered[then.Occurrence] || before
		case *okr.ReadingRecorded:
			fed = fed || then.Source != "checkin"
			switch {
			case x.Time.Equal(e.Time):
				return e.Time, e.Time // it is what has turned it
			case before:
				read = then.OccurredAt
			default:
				sooner(x.Time)
			}
		case *okr.StatusChanged:
			if !before && x.ID != e.ID {
				sooner(x.Time)
			}
		}
	}
	next := false
	for key, at := range due {
		if at.After(e.Time) && !answered[key] {
			next = true
			sooner(at)
		}
	}
	switch from = until; {
	case !next, fed, last != "" && !answered[last]: // what is fed grows stale when its source says
		from = e.Time
	case read.Add(week).Before(from):
		from = read.Add(week)
	}
	return from, until
}
