package okr_test

import (
	"cmp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// rhythmic is a calendar that follows the weekday and the frequency of the
// schedule, at 16:00 UTC; monthly is the first of the month.
type rhythmic struct{}

func (rhythmic) Occurrences(s okr.Schedule, c okr.Cycle, from, to time.Time) ([]okr.Occurrence, error) {
	var out []okr.Occurrence
	for d := c.Start; !d.After(c.End); d = d.AddDays(1) {
		if s.Frequency == okr.Weekly && d.Weekday() != s.Weekday || s.Frequency == okr.Monthly && d.Day != 1 {
			continue
		}
		due := d.In(time.UTC).Add(16 * time.Hour)
		if due.After(from) && !due.After(to) {
			out = append(out, okr.Occurrence{Key: d.String(), Opens: due.Add(-cmp.Or(s.Lead, okr.Daily).Duration()), Due: due, GraceEnds: due.Add(24 * time.Hour)})
		}
	}
	return out, nil
}

// Later knows no day off but the weekend.
func (rhythmic) Later(_ okr.Schedule, _ okr.Cycle, from time.Time, workingDays int) (time.Time, error) {
	for ; workingDays > 0; workingDays-- {
		for from = from.AddDate(0, 0, 1); from.Weekday()%6 == 0; from = from.AddDate(0, 0, 1) {
		}
	}
	return from, nil
}

// answers checks in at the instant and says which occurrence that answered, and
// whether it was late.
func answers(t *testing.T, h house, k okr.ID, at time.Time) (string, bool) {
	t.Helper()
	return answersOf(t, h, k, at, at)
}

// answersOf tells of another time than that at which it is said.
func answersOf(t *testing.T, h house, k okr.ID, at, of time.Time) (string, bool) {
	t.Helper()
	h.clock.Set(at)
	d, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k, Confidence: measure.N(5), OccurredAt: of})
	require.NoError(t, err)
	key, late := "", false
	for _, e := range d.Events {
		if e.Type == okr.EventCheckInRecorded || e.Type == okr.EventCheckInLate {
			p, err := e.Payload()
			require.NoError(t, err)
			key = p.(*okr.CheckInRecorded).Occurrence
			late = late || e.Type == okr.EventCheckInLate
		}
	}
	return key, late
}

func TestWhichOccurrenceACheckInAnswers(t *testing.T) {
	at := func(day, hour, minute int) time.Time {
		return time.Date(2026, time.October, day, hour, minute, 0, 0, time.UTC)
	}
	type want struct {
		at   time.Time
		key  string
		late bool
	}
	for name, checks := range map[string][]want{
		"before it opens":        {{at(1, 10, 0), "2026-10-02", false}},
		"as it opens":            {{at(1, 16, 0), "2026-10-02", false}},
		"exactly at due":         {{at(2, 16, 0), "2026-10-02", false}},
		"just after due":         {{at(2, 16, 1), "2026-10-02", true}},
		"after grace":            {{at(6, 9, 0), "2026-10-02", true}},
		"as the next opens":      {{at(8, 16, 0), "2026-10-09", false}},
		"exactly at the next":    {{at(9, 16, 0), "2026-10-09", false}},
		"twice before due":       {{at(2, 9, 0), "2026-10-02", false}, {at(2, 10, 0), "", false}},
		"an addition after due":  {{at(2, 15, 50), "2026-10-02", false}, {at(2, 16, 5), "2026-10-02", false}},
		"late, then an addition": {{at(5, 9, 0), "2026-10-02", true}, {at(5, 9, 5), "2026-10-02", false}},
		"then early for the next": {
			{at(2, 9, 0), "2026-10-02", false}, {at(6, 9, 0), "2026-10-09", false},
		},
		"the cycle's last": {{time.Date(2026, time.December, 26, 9, 0, 0, 0, time.UTC), "2026-12-25", true}},
	} {
		t.Run(name, func(t *testing.T) {
			h := running(t, okr.Config{Calendar: rhythmic{}})
			k := h.keyResult(t, "k1").ID
			for _, c := range checks {
				key, late := answers(t, h, k, c.at)
				require.Equal(t, c.key, key, c.at)
				require.Equal(t, c.late, late, c.at)
			}
		})
	}
}

// What is said long before a check-in is due, or of a time long past, is no answer to it
// and leaves its reminder standing.
func TestAnEarlyCheckInAnswersNothing(t *testing.T) {
	at := func(month time.Month, day, hour int) time.Time {
		return time.Date(2026, month, day, hour, 0, 0, 0, time.UTC)
	}
	for name, c := range map[string]struct {
		lead, within okr.Interval
		at           time.Time
		key          string
		reminded     int
	}{
		"weeks before it is due":       {at: at(time.October, 5, 10), reminded: 1},
		"more than seven days before":  {at: at(time.October, 25, 15), reminded: 1},
		"seven days before":            {at: at(time.October, 25, 16), key: "2026-11-01"},
		"as its long reminder is out":  {lead: 9 * okr.Daily, at: at(time.October, 23, 16), key: "2026-11-01"},
		"early, where that is enough":  {within: 21 * okr.Daily, at: at(time.October, 12, 10)},
		"earlier than what is enough":  {within: 21 * okr.Daily, at: at(time.October, 11, 10), reminded: 1},
		"enough within the seven days": {within: 21 * okr.Daily, at: at(time.October, 26, 10), key: "2026-11-01"},
	} {
		t.Run(name, func(t *testing.T) {
			h := running(t, okr.Config{Calendar: rhythmic{}})
			k := h.keyResult(t, "k1").ID
			_, err := h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: k, Cadence: &okr.Schedule{Frequency: okr.Monthly, Day: 1, Lead: c.lead, SkipWithin: c.within}})
			require.NoError(t, err)
			key, _ := answers(t, h, k, at(time.October, 1, 15))
			require.Equal(t, "2026-10-01", key)
			key, late := answers(t, h, k, c.at)
			require.Equal(t, c.key, key)
			require.False(t, late)
			h.clock.Set(at(time.October, 31, 17))
			require.Equal(t, c.reminded, of(settle(t, h).Events, k)[okr.EventCheckInDue])
			if c.reminded > 0 {
				key, late = answers(t, h, k, at(time.November, 2, 10))
				require.Equal(t, "2026-11-01", key)
				require.True(t, late)
				key, _ = answers(t, h, k, at(time.November, 4, 10))
				require.Empty(t, key, "an afterthought")
			}
		})
	}
}

func TestWhatIsToldOfAnEarlierTimeIsNoAnswer(t *testing.T) {
	at := func(day, hour int) time.Time { return time.Date(2026, time.October, day, hour, 0, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		at, of time.Time
		key    string
		late   bool
	}{
		"ten years ago":               {at(1, 17), at(1, 17).AddDate(-10, 0, 0), "", false},
		"before the first asks":       {at(1, 17), at(2, 15).AddDate(0, 0, -7), "", false},
		"since the first asks":        {at(1, 17), at(2, 16).AddDate(0, 0, -7), "2026-10-02", false},
		"late, of when it was due":    {at(5, 9), at(2, 15), "2026-10-02", true},
		"late, of long before":        {at(5, 9), at(2, 15).AddDate(0, 0, -7), "", false},
		"before the last one was due": {at(8, 17), at(2, 15), "", false},
		"since the last one was due":  {at(8, 17), at(2, 16), "2026-10-09", false},
	} {
		t.Run(name, func(t *testing.T) {
			h := running(t, okr.Config{Calendar: rhythmic{}})
			key, late := answersOf(t, h, h.keyResult(t, "k1").ID, c.at, c.of)
			require.Equal(t, c.key, key)
			require.Equal(t, c.late, late)
		})
	}
}

// A late check-in and the word added to it leave the next due date standing
// (operately #994).
func TestALateCheckInDoesNotSilenceTheNext(t *testing.T) {
	h := running(t, okr.Config{Calendar: rhythmic{}})
	k := h.keyResult(t, "k1").ID
	settle(t, h)
	answers(t, h, k, time.Date(2026, time.October, 5, 9, 0, 0, 0, time.UTC))
	answers(t, h, k, time.Date(2026, time.October, 5, 9, 5, 0, 0, time.UTC))
	h.clock.Set(time.Date(2026, time.October, 8, 17, 0, 0, 0, time.UTC))
	require.Equal(t, 1, of(settle(t, h).Events, k)[okr.EventCheckInDue])
}

// of counts the events of a key result by type.
func of(es []okr.Event, k okr.ID) map[string]int {
	out := map[string]int{}
	for _, e := range es {
		if e.Aggregate.ID == k {
			out[e.Type]++
		}
	}
	return out
}

func TestTheLastOccurrenceIsMissedOnce(t *testing.T) {
	h := running(t, okr.Config{Calendar: rhythmic{}})
	k := h.keyResult(t, "k1").ID
	settle(t, h)
	h.clock.Set(time.Date(2026, time.December, 26, 9, 0, 0, 0, time.UTC))
	settle(t, h)
	missed := 0
	for day := range 14 {
		h.clock.Set(time.Date(2026, time.December, 27+day, 16, 0, 0, 0, time.UTC))
		missed += of(settle(t, h).Events, k)[okr.EventCheckInMissed]
	}
	require.Equal(t, 1, missed)
}

func TestANewScheduleHasNoPast(t *testing.T) {
	for name, change := range map[string]func(*testing.T, house, okr.ID){
		"of the key result": func(t *testing.T, h house, k okr.ID) {
			_, err := h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: k, Cadence: &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Monday}})
			require.NoError(t, err)
		},
		"of the team": func(t *testing.T, h house, _ okr.ID) {
			_, err := h.acme.SyncPeople(t.Context(), okr.Directory{Teams: []okr.Team{{ID: "sales", Name: "Sales", Lead: "ana", Cadence: &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Monday}}}})
			require.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := running(t, okr.Config{Calendar: rhythmic{}})
			k := h.keyResult(t, "k1").ID
			settle(t, h)
			for _, day := range []int{2, 9, 16, 23} {
				answers(t, h, k, time.Date(2026, time.October, day, 9, 0, 0, 0, time.UTC))
				settle(t, h)
			}
			h.clock.Set(time.Date(2026, time.October, 24, 9, 0, 0, 0, time.UTC))
			change(t, h, k)
			require.Empty(t, of(settle(t, h).Events, k)[okr.EventCheckInMissed], "the Mondays before the change were never due")
			h.clock.Set(time.Date(2026, time.October, 25, 17, 0, 0, 0, time.UTC))
			require.Equal(t, 1, of(settle(t, h).Events, k)[okr.EventCheckInDue])
			h.clock.Set(time.Date(2026, time.November, 3, 9, 0, 0, 0, time.UTC))
			require.Equal(t, 1, of(settle(t, h).Events, k)[okr.EventCheckInMissed], "the first Monday was")
		})
	}
}

func TestWhatIsPostponedMissesNothing(t *testing.T) {
	h := running(t, okr.Config{Calendar: rhythmic{}})
	k := h.keyResult(t, "k1").ID
	settle(t, h)
	answers(t, h, k, time.Date(2026, time.October, 2, 9, 0, 0, 0, time.UTC))
	move := func(s okr.State) {
		_, err := h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: k, State: &s})
		require.NoError(t, err)
	}
	move(okr.Postponed)
	h.clock.Set(time.Date(2026, time.November, 10, 9, 0, 0, 0, time.UTC))
	require.Empty(t, of(settle(t, h).Events, k))
	move(okr.Active)
	require.Zero(t, of(settle(t, h).Events, k)[okr.EventCheckInMissed])
	h.clock.Set(time.Date(2026, time.November, 12, 17, 0, 0, 0, time.UTC))
	require.Equal(t, 1, of(settle(t, h).Events, k)[okr.EventCheckInDue])
}

func TestMonthlyOccurrences(t *testing.T) {
	h := running(t, okr.Config{Calendar: rhythmic{}})
	k := h.keyResult(t, "k1").ID
	_, err := h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: k, Cadence: &okr.Schedule{Frequency: okr.Monthly, Day: 1}})
	require.NoError(t, err)
	settle(t, h)
	h.clock.Set(time.Date(2026, time.October, 31, 17, 0, 0, 0, time.UTC))
	require.Equal(t, 1, of(settle(t, h).Events, k)[okr.EventCheckInDue])
	key, late := answers(t, h, k, time.Date(2026, time.November, 1, 16, 0, 0, 0, time.UTC))
	require.Equal(t, "2026-11-01", key)
	require.False(t, late)
	h.clock.Set(time.Date(2026, time.November, 30, 17, 0, 0, 0, time.UTC))
	require.Equal(t, 1, of(settle(t, h).Events, k)[okr.EventCheckInDue])
	h.clock.Set(time.Date(2027, time.January, 5, 0, 0, 0, 0, time.UTC))
	require.Equal(t, 1, of(settle(t, h).Events, k)[okr.EventCheckInMissed])
}

func TestASecondLeaveIsSaidAgain(t *testing.T) {
	h := running(t, okr.Config{})
	settle(t, h)
	left := 0
	for _, gone := range []bool{true, false, true} {
		h.clock.Advance(time.Minute)
		_, err := h.acme.SyncPeople(t.Context(), okr.Directory{People: []okr.Person{{ID: "ben", Name: "Benjamin Okafor", Team: "sales", Left: gone}}})
		require.NoError(t, err)
		left += len(only(settle(t, h).Events, okr.EventOwnerLeft))
	}
	require.Equal(t, 4, left, "two key results, twice")
}
