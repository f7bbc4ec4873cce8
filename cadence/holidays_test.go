package cadence_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// asked is a holiday calendar that does what the test says.
type asked func(region string, on okr.Date) (bool, error)

func (f asked) Holiday(region string, on okr.Date) (bool, error) { return f(region, on) }

// christmas has the 25th and the 26th of December, and New Year's Day.
func christmas(_ string, on okr.Date) (bool, error) {
	return on.Month == time.December && (on.Day == 25 || on.Day == 26) || on.Month == time.January && on.Day == 1, nil
}

func moving(s okr.Schedule, how okr.OffDay, region string) okr.Schedule {
	s.OffDay, s.Holidays = how, region
	return s
}

func pausing(s okr.Schedule, from, to okr.Date) okr.Schedule {
	s.Pauses = append(s.Pauses, okr.Span{From: from, To: to})
	return s
}

// dues are the keys with the days on which they are due in UTC, where that is another.
func dues(os []okr.Occurrence) string {
	var out []string
	for _, o := range os {
		if due := o.Due.Format(time.DateOnly); due != o.Key {
			out = append(out, o.Key+">"+due)
		} else {
			out = append(out, o.Key)
		}
	}
	return strings.Join(out, " ")
}

func TestDueDatesThatAreNoWorkingDays(t *testing.T) {
	winter := cycle(t, "UTC", "2026-12-14", "2027-01-10")
	friday, monthly := cadence.Weekly(time.Friday, "09:00"), okr.Schedule{Frequency: okr.Monthly, Day: 25, At: "09:00"}
	working := func(s okr.Schedule, days ...time.Weekday) okr.Schedule {
		s.WorkDays = days
		return s
	}
	for name, tc := range map[string]struct {
		schedule okr.Schedule
		cycle    okr.Cycle
		want     string
	}{
		"stay where nothing else is said":                {moving(friday, "", "x"), winter, "2026-12-18 2026-12-25 2027-01-01 2027-01-08"},
		"stay where it is said":                          {moving(friday, okr.OffDayKeep, "x"), winter, "2026-12-18 2026-12-25 2027-01-01 2027-01-08"},
		"move to the working day before":                 {moving(friday, okr.OffDayBefore, "x"), winter, "2026-12-18 2026-12-25>2026-12-24 2027-01-01>2026-12-31 2027-01-08"},
		"move to the working day after":                  {moving(friday, okr.OffDayAfter, "x"), winter, "2026-12-18 2026-12-25>2026-12-28 2027-01-01>2027-01-04 2027-01-08"},
		"know no holidays without a region":              {moving(friday, okr.OffDayAfter, ""), winter, "2026-12-18 2026-12-25 2027-01-01 2027-01-08"},
		"leave weekends, holidays or not":                {moving(monthly, okr.OffDayAfter, ""), cycle(t, "UTC", "2026-07-01", "2026-10-31"), "2026-07-25>2026-07-27 2026-08-25 2026-09-25 2026-10-25>2026-10-26"},
		"by the week that is worked":                     {moving(working(friday, 0, 1, 2, 3, 4), okr.OffDayBefore, ""), winter, "2026-12-18>2026-12-17 2026-12-25>2026-12-24 2027-01-01>2026-12-31 2027-01-08>2027-01-07"},
		"move into no pause":                             {pausing(moving(friday, okr.OffDayAfter, "x"), date(t, "2026-12-28"), date(t, "2026-12-29")), winter, "2026-12-18 2026-12-25>2026-12-30 2027-01-01>2027-01-04 2027-01-08"},
		"stay rather than meet the next":                 {pausing(moving(friday, okr.OffDayAfter, "x"), date(t, "2026-12-28"), date(t, "2026-12-31")), winter, "2026-12-18 2026-12-25 2027-01-01>2027-01-04 2027-01-08"},
		"stay rather than leave the cycle at its end":    {moving(friday, okr.OffDayAfter, "x"), cycle(t, "UTC", "2026-12-14", "2027-01-03"), "2026-12-18 2026-12-25>2026-12-28 2027-01-01"},
		"stay rather than leave the cycle at its start":  {moving(friday, okr.OffDayBefore, "x"), cycle(t, "UTC", "2027-01-01", "2027-01-10"), "2027-01-01 2027-01-08"},
		"come from no other cycle":                       {moving(friday, okr.OffDayBefore, "x"), cycle(t, "UTC", "2026-12-14", "2026-12-24"), "2026-12-18"},
		"are not due in a pause":                         {pausing(friday, date(t, "2026-12-21"), date(t, "2027-01-01")), winter, "2026-12-18 2027-01-08"},
		"are none in a pause of one day":                 {pausing(friday, date(t, "2026-12-25"), date(t, "2026-12-25")), winter, "2026-12-18 2027-01-01 2027-01-08"},
		"are not counted from a pause":                   {pausing(every(2, friday), date(t, "2026-12-18"), date(t, "2026-12-18")), winter, "2027-01-01"},
		"the second Tuesday":                             {okr.Schedule{Frequency: okr.Monthly, Week: 2, Weekday: time.Tuesday, At: "09:00"}, cycle(t, "UTC", "2026-10-01", "2027-02-28"), "2026-10-13 2026-11-10 2026-12-08 2027-01-12 2027-02-09"},
		"the last Friday":                                {okr.Schedule{Frequency: okr.Monthly, Week: -1, Weekday: time.Friday, At: "09:00"}, cycle(t, "UTC", "2026-10-01", "2027-02-28"), "2026-10-30 2026-11-27 2026-12-25 2027-01-29 2027-02-26"},
		"the last Friday, moved":                         {moving(okr.Schedule{Frequency: okr.Monthly, Week: -1, Weekday: time.Friday, At: "09:00"}, okr.OffDayBefore, "x"), cycle(t, "UTC", "2026-10-01", "2027-02-28"), "2026-10-30 2026-11-27 2026-12-25>2026-12-24 2027-01-29 2027-02-26"},
		"the first Monday of each quarter":               {okr.Schedule{Frequency: okr.Monthly, Every: 3, Week: 1, Weekday: time.Monday, At: "09:00"}, cycle(t, "UTC", "2026-02-01", "2027-01-31"), "2026-02-02 2026-05-04 2026-08-03 2026-11-02"},
		"the first Sunday, from an anchor after it":      {anchored(okr.Schedule{Frequency: okr.Monthly, Week: 1, At: "09:00"}, date(t, "2026-10-05")), cycle(t, "UTC", "2026-10-01", "2026-12-31"), "2026-11-01 2026-12-06"},
		"the fourth Sunday of a February of four":        {okr.Schedule{Frequency: okr.Monthly, Week: 4, At: "09:00"}, cycle(t, "UTC", "2026-02-01", "2026-02-28"), "2026-02-22"},
		"the last Monday of a leap February, 29th":       {okr.Schedule{Frequency: okr.Monthly, Week: -1, Weekday: time.Tuesday, At: "09:00"}, cycle(t, "UTC", "2028-02-01", "2028-02-29"), "2028-02-29"},
		"29 February on a Saturday moves over the month": {moving(okr.Schedule{Frequency: okr.Monthly, Day: 29, At: "09:00"}, okr.OffDayAfter, ""), cycle(t, "UTC", "2020-02-01", "2020-03-31"), "2020-02-29>2020-03-02 2020-03-29>2020-03-30"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := cadence.New(cadence.Holidays(asked(christmas))).Occurrences(tc.schedule, tc.cycle, longAgo, farOff)
			require.NoError(t, err)
			require.Equal(t, tc.want, dues(got))
		})
	}
}

func TestLeadAndGraceEndOnWorkingDays(t *testing.T) {
	c := cycle(t, "Europe/Zurich", "2026-12-01", "2027-01-31")
	cal := cadence.New(cadence.Holidays(asked(christmas)))
	on := func(s okr.Schedule, key string) okr.Occurrence {
		t.Helper()
		os, err := cal.Occurrences(s, c, longAgo, farOff)
		require.NoError(t, err)
		for _, o := range os {
			if o.Key == key {
				return o
			}
		}
		t.Fatalf("no occurrence on %s", key)
		return okr.Occurrence{}
	}
	monday, friday := moving(cadence.Weekly(time.Monday, "09:00"), okr.OffDayAfter, "x"), moving(cadence.Weekly(time.Friday, "17:00"), okr.OffDayAfter, "x")
	require.Equal(t, instant(t, "2026-12-11T08:00:00Z"), on(monday, "2026-12-14").Opens, "not on the Sunday")
	require.Equal(t, instant(t, "2026-12-14T16:00:00Z"), on(friday, "2026-12-11").GraceEnds, "not on the Saturday")
	require.Equal(t, instant(t, "2026-12-24T08:00:00Z"), on(monday, "2026-12-28").Opens, "not on Christmas")
	require.Equal(t, instant(t, "2026-12-29T16:00:00Z"), on(friday, "2026-12-25").GraceEnds, "from where it moved to")

	keep := moving(friday, okr.OffDayKeep, "x")
	require.Equal(t, instant(t, "2026-12-12T16:00:00Z"), on(keep, "2026-12-11").GraceEnds, "a schedule that keeps its days counts hours")

	holidays := pausing(keep, date(t, "2026-12-12"), date(t, "2027-01-03"))
	require.Equal(t, instant(t, "2027-01-04T16:00:00Z"), on(holidays, "2026-12-11").GraceEnds, "grace ends in no pause")
	back := pausing(cadence.Weekly(time.Monday, "09:00"), date(t, "2026-12-21"), date(t, "2027-01-03"))
	require.Equal(t, instant(t, "2027-01-03T23:00:00Z"), on(back, "2027-01-04").Opens, "it opens with the first day after a pause")
}

// Friday 30 December 2011 never was in Apia: what would have been due then is due with
// the Saturday, and a day after that is Sunday.
func TestGraceAfterADayThatNeverWas(t *testing.T) {
	s := moving(cadence.Weekly(time.Friday, "17:00"), okr.OffDayAfter, "")
	s.WorkDays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday}
	os := all(t, s, cycle(t, "Pacific/Apia", "2011-12-25", "2012-01-05"))
	require.Len(t, os, 1)
	require.Equal(t, instant(t, "2011-12-30T10:00:00Z"), os[0].Due)
	require.Equal(t, instant(t, "2012-01-01T10:00:00Z"), os[0].GraceEnds, "the first instant of the Monday")
}

func TestLater(t *testing.T) {
	cal := cadence.New(cadence.Holidays(asked(christmas)))
	c := cycle(t, "Europe/Zurich", "2026-10-01", "2026-12-31")
	s := moving(cadence.Weekly(time.Friday, ""), "", "x")
	for name, tc := range map[string]struct {
		schedule okr.Schedule
		from     string
		days     int
		want     string
	}{
		"none is the instant itself":               {s, "2026-12-26T10:00:00Z", 0, "2026-12-26T10:00:00Z"},
		"the next day":                             {s, "2026-12-15T10:00:00Z", 1, "2026-12-16T10:00:00Z"},
		"over the weekend":                         {s, "2026-12-18T10:00:00Z", 1, "2026-12-21T10:00:00Z"},
		"from a Saturday":                          {s, "2026-12-19T10:00:00Z", 1, "2026-12-21T10:00:00Z"},
		"over Christmas":                           {s, "2026-12-24T10:00:00Z", 2, "2026-12-29T10:00:00Z"},
		"beyond the cycle":                         {s, "2026-12-31T10:00:00Z", 1, "2027-01-04T10:00:00Z"},
		"a week of Sundays":                        {okr.Schedule{Frequency: okr.Weekly, WorkDays: []time.Weekday{0}}, "2026-12-15T10:00:00Z", 2, "2026-12-27T10:00:00Z"},
		"not through a pause":                      {pausing(s, date(t, "2026-12-16"), date(t, "2026-12-17")), "2026-12-15T10:00:00Z", 1, "2026-12-18T10:00:00Z"},
		"at the same time over a clock change":     {s, "2026-10-23T10:00:00Z", 1, "2026-10-26T11:00:00Z"},
		"by the days of the schedule's zone":       {in(s, "Pacific/Kiritimati"), "2026-12-17T12:00:00Z", 1, "2026-12-20T12:00:00Z"}, // it is Friday there
		"by the cycle's zone, of whoever is asked": {in(s, okr.ZoneOwner), "2026-12-17T23:30:00Z", 1, "2026-12-20T23:30:00Z"},        // it is Friday in Zurich
		"to a time that is left out":               {okr.Schedule{Frequency: okr.Weekly, WorkDays: []time.Weekday{0, 6}}, "2026-03-28T01:30:00Z", 1, "2026-03-29T01:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := cal.Later(tc.schedule, c, instant(t, tc.from), tc.days)
			require.NoError(t, err)
			require.Equal(t, instant(t, tc.want), got)
		})
	}
	for _, days := range []int{-1, 10_001} {
		_, err := cal.Later(s, c, longAgo, days)
		require.ErrorIs(t, err, okr.ErrInvalid)
	}
	_, err := cal.Later(s, cycle(t, "Mars/Olympus", "2026-10-01", "2026-12-31"), longAgo, 1)
	require.ErrorIs(t, err, okr.ErrInvalid)
	got, err := cadence.New(cadence.Holidays(asked(func(string, okr.Date) (bool, error) { return true, nil }))).Later(s, c, instant(t, "2026-12-15T10:00:00Z"), 1)
	require.NoError(t, err)
	require.True(t, got.After(instant(t, "2027-12-15T10:00:00Z")), "where nobody ever works it ends some day")
}

func TestLaterCountsWorkingDays(t *testing.T) {
	cal := cadence.New(cadence.Holidays(anyHolidays{}))
	rapid.Check(t, func(t *rapid.T) {
		c := anyCycle().Draw(t, "cycle")
		s := anySchedule(c.Start).Draw(t, "schedule")
		from := time.Date(c.Start.Year, c.Start.Month, c.Start.Day, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 500*24*60).Draw(t, "minutes")) * time.Minute)
		n := rapid.IntRange(1, 15).Draw(t, "working days")
		zone := location(t, c.Zone)
		if s.Zone != "" {
			zone = location(t, s.Zone)
		}
		day := measure.DateOf(from.In(zone))
		for left := n; left > 0; {
			if day = day.AddDays(1); worked(s, day) && !paused(s, day) {
				left--
			}
		}
		got, err := cal.Later(s, c, from, n)
		require.NoError(t, err)
		require.Equal(t, minuteOf(day, from.In(zone).Format("15:04"), zone), got)
	})
}

// trouble hears of what fails.
type trouble struct {
	log  bytes.Buffer
	told []cadence.HolidayFailure
}

func (tr *trouble) options(more ...cadence.HolidayOption) []cadence.HolidayOption {
	return append(more, cadence.HolidayLog(slog.New(slog.NewTextHandler(&tr.log, nil))), cadence.OnHolidayFailure(func(f cadence.HolidayFailure) { tr.told = append(tr.told, f) }))
}

func TestAHolidayCalendarThatFailsStopsNoReminder(t *testing.T) {
	boom := errors.New("boom")
	s := moving(cadence.Weekly(time.Friday, "09:00"), okr.OffDayAfter, "CH")
	for name, tc := range map[string]struct {
		calendar asked
		err      error
	}{
		"with an error":            {func(string, okr.Date) (bool, error) { return true, boom }, boom},
		"with an error in between": {func(_ string, on okr.Date) (bool, error) { return on.Month < 6, errorOn(on.Month == 6, boom) }, boom},
		"with a panic":             {func(string, okr.Date) (bool, error) { panic("boom") }, cadence.ErrHolidays},
		"without an answer":        {func(string, okr.Date) (bool, error) { select {} }, cadence.ErrHolidays},
	} {
		t.Run(name, func(t *testing.T) {
			var tr trouble
			patience := cadence.HolidayPatience(time.Hour)
			if name == "without an answer" {
				patience = cadence.HolidayPatience(time.Millisecond)
			}
			cal := cadence.New(cadence.Holidays(tc.calendar, tr.options(patience)...))
			for range 3 {
				got, err := cal.Occurrences(s, cycle(t, "UTC", "2026-12-14", "2026-12-31"), longAgo, farOff)
				require.NoError(t, err)
				require.Equal(t, "2026-12-18 2026-12-25", dues(got))
			}
			require.Len(t, tr.told, 1, "once for the year, which is all that moving asks of")
			require.Equal(t, "CH", tr.told[0].Region)
			require.Equal(t, 2026, tr.told[0].Year)
			require.ErrorIs(t, tr.told[0].Err, tc.err)
			require.ErrorIs(t, tr.told[0].Err, cadence.ErrHolidays)
			require.Equal(t, 1, strings.Count(tr.log.String(), "\n"), tr.log.String())
			require.ErrorIs(t, cal.Preload("CH", 2026, 2026), cadence.ErrHolidays)
		})
	}
}

func errorOn(yes bool, err error) error {
	if yes {
		return err
	}
	return nil
}

func TestHolidaysThatComeLateAreUsedFromThenOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tr trouble
		var calls atomic.Int32
		cal := cadence.New(cadence.Holidays(asked(func(region string, on okr.Date) (bool, error) {
			if calls.Add(1) == 1 {
				time.Sleep(time.Minute)
			}
			return christmas(region, on)
		}), tr.options()...))
		s, c := moving(cadence.Weekly(time.Friday, "09:00"), okr.OffDayAfter, "CH"), cycle(t, "UTC", "2026-12-21", "2026-12-31")
		due := func() string {
			os, err := cal.Occurrences(s, c, longAgo, farOff)
			require.NoError(t, err)
			return dues(os)
		}
		began := time.Now()
		require.Equal(t, "2026-12-25", due())
		require.Equal(t, 2*time.Second, time.Since(began), "it is waited for once")
		require.Equal(t, "2026-12-25", due())
		require.Equal(t, 2*time.Second, time.Since(began))
		time.Sleep(time.Minute)
		require.Equal(t, "2026-12-25>2026-12-28", due())
		require.Len(t, tr.told, 1)
	})
}

func TestAYearThatFailedIsAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tr trouble
		var down atomic.Bool
		down.Store(true)
		var calls atomic.Int32
		cal := cadence.New(cadence.Holidays(asked(func(region string, on okr.Date) (bool, error) {
			calls.Add(1)
			if down.Load() {
				return false, errors.New("down")
			}
			return christmas(region, on)
		}), tr.options(cadence.HolidayRetry(10*time.Minute))...))
		s, c := moving(cadence.Weekly(time.Friday, "09:00"), okr.OffDayAfter, "CH"), cycle(t, "UTC", "2026-12-21", "2026-12-31")
		due := func() string {
			os, err := cal.Occurrences(s, c, longAgo, farOff)
			require.NoError(t, err)
			synctest.Wait()
			return dues(os)
		}
		require.Equal(t, "2026-12-25", due())
		time.Sleep(9 * time.Minute)
		require.Equal(t, "2026-12-25", due())
		require.EqualValues(t, 1, calls.Load())
		time.Sleep(2 * time.Minute)
		due() // still down: told of already
		require.EqualValues(t, 2, calls.Load())
		down.Store(false)
		time.Sleep(11 * time.Minute)
		due() // nobody waits for a year that failed before
		require.Equal(t, "2026-12-25>2026-12-28", due())
		require.Len(t, tr.told, 1)
	})
}

func TestAYearIsAskedForOnce(t *testing.T) {
	var calls atomic.Int32
	cal := cadence.New(cadence.Holidays(asked(func(region string, on okr.Date) (bool, error) {
		calls.Add(1)
		return christmas(region, on)
	})))
	require.NoError(t, cal.Preload("CH", 2026, 2027))
	require.EqualValues(t, 365+365, calls.Load())
	s, c := moving(cadence.Weekly(time.Friday, "09:00"), okr.OffDayAfter, "CH"), cycle(t, "UTC", "2026-01-05", "2027-12-20")
	t.Run("by many at once", func(t *testing.T) {
		for range 8 {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				got, err := cal.Occurrences(s, c, longAgo, farOff)
				require.NoError(t, err)
				require.Contains(t, dues(got), "2026-12-25>2026-12-28")
			})
		}
	})
	require.EqualValues(t, 365+365, calls.Load())
	require.NoError(t, cal.Preload("", 2026, 2027))
	require.NoError(t, cadence.New().Preload("CH", 2026, 2027), "without holidays there is nothing to load")
}

// regions knows which ones it has.
type regions struct{ asked }

func (regions) CheckRegion(region string) error {
	switch region {
	case "CH":
		return nil
	case "panic":
		panic("boom")
	case "plain":
		return errors.New("no such region")
	}
	return &okr.InvalidError{Field: "region", Value: region, Remedy: "use CH"}
}

func TestAnUnknownRegionIsSaidWhereItIsAskedFor(t *testing.T) {
	cal := cadence.New(cadence.Holidays(regions{christmas}))
	c := cycle(t, "UTC", "2026-12-14", "2026-12-31")
	for region, remedy := range map[string]string{"CHX": "use CH", "plain": "no such region"} {
		s := moving(cadence.Weekly(time.Friday, "09:00"), okr.OffDayAfter, region)
		_, err := cal.Occurrences(s, c, farOff, farOff)
		var invalid *okr.InvalidError
		require.ErrorAs(t, err, &invalid)
		require.Equal(t, okr.InvalidError{Field: "cadence.holidays", Value: region, Remedy: remedy}, *invalid)
		require.ErrorAs(t, cal.CheckSchedule("schedule", s), &invalid)
		require.Equal(t, "schedule.holidays", invalid.Field)
		require.ErrorIs(t, cal.Preload(region, 2026, 2026), okr.ErrInvalid)
		got, err := cal.Occurrences(s, c, longAgo, farOff)
		require.NoError(t, err, "a reminder is not lost over it")
		require.Len(t, got, 2)
	}
	for _, region := range []string{"", "CH", "panic"} {
		require.NoError(t, cal.CheckSchedule("schedule", moving(cadence.Weekly(time.Friday, ""), "", region)))
	}
	require.NoError(t, cadence.New().CheckSchedule("schedule", moving(cadence.Weekly(time.Friday, ""), "", "anything")))
	var invalid *okr.InvalidError
	require.ErrorAs(t, cal.CheckSchedule("schedule", in(cadence.Weekly(time.Friday, ""), "Mars/Olympus")), &invalid)
	require.Equal(t, "schedule.zone", invalid.Field)
	require.NoError(t, cal.CheckSchedule("schedule", okr.Schedule{At: "09:00", Zone: okr.ZoneOwner}), "how often may come from above")
}
