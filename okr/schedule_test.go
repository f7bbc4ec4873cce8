package okr_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

func pause(from, to int) okr.Span {
	return okr.Span{From: measure.NewDate(2026, 12, from), To: measure.NewDate(2026, 12, to)}
}

func TestWhatAScheduleLeavesOpenComesFromAbove(t *testing.T) {
	above := &okr.Schedule{
		Frequency: okr.Monthly, Every: 3, Week: -1, Weekday: time.Tuesday, At: "09:00", Zone: "Europe/Zurich", Anchor: measure.NewDate(2026, 10, 1),
		Lead: 3 * okr.Daily, Grace: 10 * okr.Daily, OffDay: okr.OffDayAfter, Holidays: "CH-ZH", WorkDays: []time.Weekday{time.Monday}, SkipWithin: 2 * okr.Daily,
		Pauses: []okr.Span{pause(24, 31)},
	}
	locked := above.Clone()
	locked.Lock = true
	with := func(of *okr.Schedule, f func(*okr.Schedule)) *okr.Schedule {
		s := of.Clone()
		f(s)
		return s
	}
	for name, tc := range map[string]struct{ above, below, want *okr.Schedule }{
		"nothing":                {nil, nil, nil},
		"nothing below":          {above, nil, above},
		"nothing above":          {nil, above, above},
		"another time of day":    {above, &okr.Schedule{At: "16:00"}, with(above, func(s *okr.Schedule) { s.At = "16:00" })},
		"the zone of the owner":  {above, &okr.Schedule{Zone: okr.ZoneOwner}, with(above, func(s *okr.Schedule) { s.Zone = okr.ZoneOwner })},
		"no holidays to move by": {above, &okr.Schedule{OffDay: okr.OffDayKeep}, with(above, func(s *okr.Schedule) { s.OffDay = okr.OffDayKeep })},
		"another week of work":   {above, &okr.Schedule{WorkDays: []time.Weekday{0, 1}}, with(above, func(s *okr.Schedule) { s.WorkDays = []time.Weekday{0, 1} })},
		"pauses add up in order, once": {above, &okr.Schedule{Pauses: []okr.Span{pause(1, 2), pause(24, 31)}}, with(above, func(s *okr.Schedule) {
			s.Pauses = []okr.Span{pause(1, 2), pause(24, 31)}
		})},
		"a frequency brings its own day and anchor, and caps the grace": {above, &okr.Schedule{Frequency: okr.Weekly}, with(above, func(s *okr.Schedule) {
			s.Frequency, s.Every, s.Week, s.Weekday, s.Anchor, s.Grace = okr.Weekly, 0, 0, time.Sunday, okr.Date{}, okr.EveryWeek
		})},
		"a lock, pauses excepted": {locked, &okr.Schedule{Frequency: okr.Weekly, At: "16:00", Holidays: "US", Pauses: []okr.Span{pause(1, 2)}}, with(locked, func(s *okr.Schedule) {
			s.Pauses = []okr.Span{pause(1, 2), pause(24, 31)}
		})},
		"what is inherited can be locked": {above, &okr.Schedule{Lock: true}, locked},
		"a lock above any frequency waits for one": {&okr.Schedule{At: "09:00", Lock: true}, &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday},
			&okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday, At: "09:00", Lock: true}},
	} {
		t.Run(name, func(t *testing.T) {
			above, below := tc.above.Clone(), tc.below.Clone()
			got := tc.below.Under(tc.above)
			require.Equal(t, tc.want.Clone(), got.Clone())
			require.Equal(t, above, tc.above.Clone(), "what was asked is not changed")
			require.Equal(t, below, tc.below.Clone(), "what was asked is not changed")
		})
	}
}

func anyPart() *rapid.Generator[*okr.Schedule] {
	return rapid.Custom(func(t *rapid.T) *okr.Schedule {
		s := &okr.Schedule{
			Frequency:  rapid.SampledFrom([]okr.Frequency{"", okr.Weekly, okr.Monthly}).Draw(t, "frequency"),
			At:         rapid.SampledFrom([]string{"", "09:00", "16:00"}).Draw(t, "at"),
			Zone:       rapid.SampledFrom([]string{"", "UTC", okr.ZoneOwner}).Draw(t, "zone"),
			Lead:       rapid.SampledFrom([]okr.Interval{0, okr.Daily, okr.EveryWeek}).Draw(t, "lead"),
			Grace:      rapid.SampledFrom([]okr.Interval{0, okr.Daily, okr.EveryWeek}).Draw(t, "grace"),
			OffDay:     rapid.SampledFrom([]okr.OffDay{"", okr.OffDayKeep, okr.OffDayAfter}).Draw(t, "off day"),
			Holidays:   rapid.SampledFrom([]string{"", "CH", "US"}).Draw(t, "holidays"),
			SkipWithin: rapid.SampledFrom([]okr.Interval{0, okr.Daily, okr.EveryWeek}).Draw(t, "skip within"),
			Lock:       rapid.Bool().Draw(t, "lock"),
		}
		switch s.Frequency {
		case okr.Weekly:
			s.Weekday = time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday"))
		case okr.Monthly:
			if s.Week = rapid.IntRange(-1, 4).Draw(t, "week"); s.Week == 0 {
				s.Day = rapid.IntRange(0, 31).Draw(t, "day")
			}
		}
		for range rapid.IntRange(0, 2).Draw(t, "pauses") {
			from := rapid.IntRange(1, 20).Draw(t, "from")
			s.Pauses = append(s.Pauses, pause(from, from+rapid.IntRange(0, 9).Draw(t, "days")))
		}
		if s.At == "" {
			s.At = "12:00"
		}
		return s
	})
}

func TestLevelsOfSchedules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		levels := rapid.SliceOfN(anyPart(), 1, 4).Draw(t, "levels, the highest first")
		var s *okr.Schedule
		for _, l := range levels {
			require.NoError(t, l.CheckPart("cadence"))
			s = l.Under(s)
		}
		require.NoError(t, s.CheckPart("cadence"), "what comes of good levels is good")
		require.True(t, s.Under(s).Equal(*s.Under(nil).Under(s)), "a level twice is the level once")
		locked := false
		for i, l := range levels {
			for _, p := range l.Pauses {
				require.Contains(t, s.Pauses, p, "pauses of all levels add up")
			}
			if locked {
				continue
			}
			var upTo *okr.Schedule
			for _, l := range levels[:i+1] {
				upTo = l.Under(upTo)
			}
			if locked = upTo.Lock && upTo.Frequency != ""; locked {
				below, above := *s, *upTo
				below.Pauses, above.Pauses = nil, nil
				require.True(t, below.Equal(above), "nothing below a lock differs")
			}
		}
	})
}

func TestSchedulesAreEqualWhereTheySayTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := *anyPart().Draw(t, "a"), *anyPart().Draw(t, "b")
		x, err := json.Marshal(a)
		require.NoError(t, err)
		y, err := json.Marshal(b)
		require.NoError(t, err)
		require.Equal(t, string(x) == string(y), a.Equal(b))
		var back okr.Schedule
		require.NoError(t, json.Unmarshal(x, &back))
		require.True(t, back.Equal(a))
		require.True(t, a.Clone().Equal(a))
	})
}

func TestSchedulesThatNoCalendarCanFollow(t *testing.T) {
	weekly := okr.Schedule{Frequency: okr.Weekly}
	with := func(f func(*okr.Schedule)) okr.Schedule {
		s := weekly
		f(&s)
		return s
	}
	for name, tc := range map[string]struct {
		schedule okr.Schedule
		field    string
	}{
		"nothing":                    {okr.Schedule{}, "cadence.frequency"},
		"a weekday of no frequency":  {okr.Schedule{Weekday: time.Friday}, "cadence.frequency"},
		"an anchor of no frequency":  {okr.Schedule{Anchor: measure.NewDate(2026, 10, 1)}, "cadence.frequency"},
		"another frequency":          {okr.Schedule{Frequency: "hourly"}, "cadence.frequency"},
		"a week of a week":           {with(func(s *okr.Schedule) { s.Week = 2 }), "cadence.week"},
		"a day of the month, weekly": {with(func(s *okr.Schedule) { s.Day = 4 }), "cadence.day"},
		"a fifth week":               {okr.Schedule{Frequency: okr.Monthly, Week: 5}, "cadence.week"},
		"by day and by weekday":      {okr.Schedule{Frequency: okr.Monthly, Week: 1, Day: 3}, "cadence.day"},
		"off days that vanish":       {with(func(s *okr.Schedule) { s.OffDay = "skip" }), "cadence.off_day"},
		"an eighth day":              {with(func(s *okr.Schedule) { s.WorkDays = []time.Weekday{1, 7} }), "cadence.work_days[1]"},
		"a day twice":                {with(func(s *okr.Schedule) { s.WorkDays = []time.Weekday{1, 1} }), "cadence.work_days[1]"},
		"a pause without an end":     {with(func(s *okr.Schedule) { s.Pauses = []okr.Span{{From: measure.NewDate(2026, 12, 1)}} }), "cadence.pauses[0].to"},
		"a pause that ends before":   {with(func(s *okr.Schedule) { s.Pauses = []okr.Span{pause(9, 8)} }), "cadence.pauses[0].to"},
		"a pause from no day": {with(func(s *okr.Schedule) {
			s.Pauses = []okr.Span{{From: okr.Date{Year: 2026, Month: 2, Day: 30}, To: measure.NewDate(2026, 12, 1)}}
		}), "cadence.pauses[0].from"},
		"skipping more than an interval":  {with(func(s *okr.Schedule) { s.SkipWithin = 8 * okr.Daily }), "cadence.skip_within"},
		"a region that is a story":        {with(func(s *okr.Schedule) { s.Holidays = string(make([]byte, 50)) }), "cadence.holidays"},
		"the machine's own zone":          {with(func(s *okr.Schedule) { s.Zone = "Local" }), "cadence.zone"},
		"a lead beyond any inherited one": {okr.Schedule{Lead: 40 * okr.Daily}, "cadence.lead"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tc.field, invalidField(t, tc.schedule.CheckPart("cadence")))
		})
	}
	require.NoError(t, okr.Schedule{At: "09:00"}.CheckPart("cadence"))
	require.Equal(t, "cadence.frequency", invalidField(t, okr.Schedule{At: "09:00"}.Check("cadence")), "alone it must say how often")
}

// knowing is a calendar that has the holidays of one region.
type knowing struct{ fridays }

func (knowing) CheckSchedule(field string, s okr.Schedule) error {
	if s.Holidays == "" || s.Holidays == "CH" {
		return nil
	}
	return &okr.InvalidError{Field: field + ".holidays", Value: s.Holidays, Remedy: "use CH"}
}

func TestARegionThatTheCalendarDoesNotHaveIsRefusedWhereItIsWritten(t *testing.T) {
	h := running(t, okr.Config{Calendar: knowing{}})
	ctx, k, cycle := t.Context(), h.keyResult(t, "k1").ID, h.cycle(t).ID
	weekly := func(region string) *okr.Schedule { return &okr.Schedule{Frequency: okr.Weekly, Holidays: region} }
	for field, write := range map[string]func(region string) error{
		"cycle.cadence": func(r string) error {
			p := okrtest.Plan()
			p.Cycle.Key, p.Cycle.Cadence = "next", weekly(r)
			_, err := h.acme.Propose(ctx, p)
			return err
		},
		"objectives[0].key_results[0].cadence": func(r string) error {
			p := okrtest.Plan()
			p.Cycle.Key, p.Objectives[0].KeyResults[0].Cadence = "another", weekly(r)
			_, err := h.acme.Propose(ctx, p)
			return err
		},
		"teams[0].cadence": func(r string) error {
			_, err := h.acme.SyncPeople(ctx, okr.Directory{Teams: []okr.Team{{ID: "t", Name: "T", Cadence: weekly(r)}}})
			return err
		},
		"cadence": func(r string) error {
			_, err := h.acme.Change(ctx, okr.KeyResultChange{KeyResult: k, Cadence: weekly(r)})
			return err
		},
		"schedule": func(r string) error {
			spec := okr.ReportSpec{Kind: okr.ReportTree, Cycle: cycle}
			_, err := h.acme.ScheduleReport(ctx, okr.Scheduling{Name: "x", Spec: spec, Schedule: *weekly(r), To: []okr.ID{"ana"}})
			return err
		},
	} {
		t.Run(field, func(t *testing.T) {
			require.Equal(t, field+".holidays", invalidField(t, write("XY")))
			require.NoError(t, write("CH"))
		})
	}
}

func TestARegionOfThePolicyOrOfAPersonIsOneThatTheCalendarHas(t *testing.T) {
	h := running(t, okr.Config{Calendar: knowing{}})
	set := func(region string) error {
		_, err := h.acme.SetPolicy(t.Context(), okr.SettingPolicy{Policy: okr.Policy{Cadence: &okr.Schedule{Frequency: okr.Weekly, Holidays: region}}})
		return err
	}
	require.Equal(t, "cadence.holidays", invalidField(t, set("XY")))
	require.NoError(t, set("CH"))
	live := func(region string) error {
		_, err := h.acme.SyncPeople(t.Context(), okr.Directory{People: []okr.Person{{ID: "zoe", Name: "Zoe"}, {ID: "yan", Name: "Yan", Region: region}}})
		return err
	}
	require.Equal(t, "people[1].region", invalidField(t, live("XY")))
	require.NoError(t, live("CH"))
}
