package cadence_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// zones differ in sign, in half hours, in the size of the change, in its
// direction in winter (Dublin, Casablanca), in the hour, and in having had other
// rules at other times.
var zones = []string{
	"UTC", "Europe/Zurich", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Cairo",
	"Africa/Casablanca", "Europe/Dublin", "America/St_Johns", "Atlantic/Azores", "Pacific/Apia", "Asia/Kathmandu",
	"America/Sao_Paulo", "Pacific/Kiritimati", "America/Havana", "Asia/Gaza",
}

func anyDate(from, to int) *rapid.Generator[okr.Date] {
	return rapid.Custom(func(t *rapid.T) okr.Date {
		return measure.NewDate(from, 1, 1).AddDays(rapid.IntRange(0, (to-from)*365).Draw(t, "day"))
	})
}

func anyCycle() *rapid.Generator[okr.Cycle] {
	return rapid.Custom(func(t *rapid.T) okr.Cycle {
		start := anyDate(1990, 2060).Draw(t, "start") // on both sides of the years that are known
		return okr.Cycle{
			Zone:  rapid.SampledFrom(zones).Draw(t, "cycle zone"),
			Start: start,
			End:   start.AddDays(rapid.IntRange(0, 450).Draw(t, "days")),
		}
	})
}

func anySchedule(start okr.Date) *rapid.Generator[okr.Schedule] {
	return rapid.Custom(func(t *rapid.T) okr.Schedule {
		at := rapid.Custom(func(t *rapid.T) string {
			minute := rapid.IntRange(0, 24*60-1).Draw(t, "minute")
			return time.Unix(int64(minute)*60, 0).UTC().Format("15:04")
		}).Draw(t, "at")
		var s okr.Schedule
		if rapid.Bool().Draw(t, "weekly") {
			s = cadence.EveryWeeks(rapid.IntRange(0, 9).Draw(t, "weeks"), time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday")), at)
		} else {
			s = cadence.Monthly(rapid.IntRange(0, 31).Draw(t, "day"), at)
			s.Every = rapid.IntRange(0, 6).Draw(t, "months")
			if s.Week = rapid.IntRange(-1, 4).Draw(t, "week"); s.Week != 0 {
				s.Day, s.Weekday = 0, time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday"))
			}
		}
		s.Zone = rapid.SampledFrom(append(zones, "", "")).Draw(t, "zone")
		if rapid.Bool().Draw(t, "anchored") {
			s.Anchor = start.AddDays(rapid.IntRange(-1000, 400).Draw(t, "anchor"))
		}
		s.OffDay = rapid.SampledFrom([]okr.OffDay{"", okr.OffDayKeep, okr.OffDayBefore, okr.OffDayAfter}).Draw(t, "off day")
		s.Holidays = rapid.SampledFrom([]string{"", "few", "most", "summer"}).Draw(t, "holidays")
		s.WorkDays = rapid.SampledFrom([][]time.Weekday{nil, {time.Sunday, time.Monday, time.Tuesday, time.Wednesday, time.Thursday}, {time.Saturday}}).Draw(t, "work days")
		for range rapid.IntRange(0, 3).Draw(t, "pauses") {
			from := start.AddDays(rapid.IntRange(-10, 400).Draw(t, "pause"))
			s.Pauses = append(s.Pauses, okr.Span{From: from, To: from.AddDays(rapid.IntRange(0, 40).Draw(t, "days of pause"))})
		}
		s.Lead, s.Grace = lengths.Draw(t, "lead"), lengths.Draw(t, "grace")
		return s
	})
}

var lengths = rapid.SampledFrom([]okr.Interval{0, okr.Hourly, 30 * okr.Hourly, 3 * okr.Daily, okr.EveryWeek})

// anyHolidays has regions of every kind: with a holiday now and then, with hardly a
// day that is none, and with a summer off. Two weeks of a year have none, so that those
// who work on Saturdays alone do not rest for longer than a calendar looks.
type anyHolidays struct{}

func (anyHolidays) Holiday(region string, on okr.Date) (bool, error) {
	n := uint32(on.Year*400+int(on.Month)*31+on.Day) * 2654435761 >> 16
	worked := on.Day <= 7 && on.Month%6 == 1
	return region == "few" && n%12 == 0 || region == "most" && n%12 != 0 && !worked || region == "summer" && (on.Month == time.July || on.Month == time.August), nil
}

// worked says whether somebody works on the day.
func worked(s okr.Schedule, day okr.Date) bool {
	holiday, _ := anyHolidays{}.Holiday(s.Holidays, day)
	if len(s.WorkDays) == 0 {
		return !holiday && day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
	}
	return !holiday && slices.Contains(s.WorkDays, day.Weekday())
}

func paused(s okr.Schedule, day okr.Date) bool {
	return slices.ContainsFunc(s.Pauses, func(p okr.Span) bool { return p.Has(day) })
}

// byStepping finds the dates that a schedule names the slow way, up to the first one
// after the cycle: it walks the calendar a day at a time from the anchor and asks of
// each day whether the schedule names it.
func byStepping(s okr.Schedule, c okr.Cycle) []okr.Date {
	var out []okr.Date
	day := s.Anchor
	if day.IsZero() {
		day = c.Start
	}
	skip := 0 // days or months of the schedule still to be left out
	if s.Frequency == okr.Monthly && s.Week == 0 && s.Day == 0 {
		skip = max(s.Every, 1) - 1 // it is due when all of them are over
	}
	for ; len(out) == 0 || !out[len(out)-1].After(c.End.AddDays(2)); day = day.AddDays(1) {
		named := day.Weekday() == s.Weekday
		if s.Frequency == okr.Monthly {
			last := measure.NewDate(day.Year, day.Month+1, 0).Day
			switch {
			case s.Week > 0:
				named = named && (day.Day+6)/7 == s.Week
			case s.Week < 0:
				named = named && day.Day+7 > last
			default:
				named = day.Day == min(s.Day, last) || s.Day == 0 && day.Day == last
			}
		}
		switch {
		case !named:
		case skip > 0:
			skip--
		default:
			out = append(out, day)
			skip = max(s.Every, 1) - 1
		}
	}
	return out
}

// minuteOf is the first minute in which the clocks of the zone show the date and
// time of day or later, found by trying every one.
func minuteOf(day okr.Date, at string, loc *time.Location) time.Time {
	clock, err := time.Parse(time.DateOnly+" 15:04", day.String()+" "+at)
	if err != nil {
		panic(err)
	}
	for t := clock.Add(-16 * time.Hour); ; t = t.Add(time.Minute) {
		if _, offset := t.In(loc).Zone(); t.Unix()+int64(offset) >= clock.Unix() {
			return t
		}
	}
}

func location(t require.TestingT, name string) *time.Location {
	loc, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loc
}

// moved is the day on which a date is due that the schedule names, found by trying one
// day after the other, as far as the date beside it and the end of the cycle.
func moved(s okr.Schedule, named []okr.Date, i int, within func(okr.Date) bool) okr.Date {
	day := named[i]
	step, beside := 1, i+1
	if s.OffDay == okr.OffDayBefore {
		step, beside = -1, i-1
	}
	if worked(s, day) || s.OffDay != okr.OffDayBefore && s.OffDay != okr.OffDayAfter {
		return day
	}
	for day = day.AddDays(step); within(day) && (beside < 0 || day != named[beside]); day = day.AddDays(step) {
		if worked(s, day) && !paused(s, day) {
			return day
		}
	}
	return named[i]
}

// around is when the reminder opens, and when the grace ends.
func around(s okr.Schedule, due time.Time, zone *time.Location) (opens, ends time.Time) {
	moves := s.OffDay == okr.OffDayBefore || s.OffDay == okr.OffDayAfter
	lead, grace := 24*time.Hour, 24*time.Hour
	if s.Lead != 0 {
		lead = s.Lead.Duration()
	}
	if s.Grace != 0 {
		grace = s.Grace.Duration()
	}
	opens, ends = due.Add(-lead), due.Add(grace)
	day, clock := measure.DateOf(opens.In(zone)), opens.In(zone).Format("15:04")
	if moves && !worked(s, day) && !paused(s, day) {
		for !worked(s, day) && !paused(s, day) {
			day = day.AddDays(-1)
		}
		opens = minuteOf(day, clock, zone)
	}
	if paused(s, day) {
		for paused(s, day) {
			day = day.AddDays(1)
		}
		if opens = minuteOf(day, "00:00", zone); opens.After(due) {
			opens = due
		}
	}
	day, clock = measure.DateOf(ends.In(zone)), ends.In(zone).Format("15:04")
	if paused(s, day) || moves && !worked(s, day) {
		for paused(s, day) || moves && !worked(s, day) {
			day = day.AddDays(1)
		}
		ends = minuteOf(day, clock, zone)
	}
	return opens, ends
}

func TestOccurrencesAreThoseOfTheCalendar(t *testing.T) {
	cal := cadence.New(cadence.Holidays(anyHolidays{}))
	rapid.Check(t, func(t *rapid.T) {
		c := anyCycle().Draw(t, "cycle")
		s := anySchedule(c.Start).Draw(t, "schedule")
		got, err := cal.Occurrences(s, c, longAgo, farOff)
		require.NoError(t, err)

		cycleZone := location(t, c.Zone)
		zone := cycleZone
		if s.Zone != "" {
			zone = location(t, s.Zone)
		}
		opens, closes := minuteOf(c.Start, "00:00", cycleZone), minuteOf(c.End.AddDays(1), "00:00", cycleZone)
		within := func(day okr.Date) bool {
			if day.AddDays(2).Before(c.Start) || day.After(c.End.AddDays(2)) {
				return false
			}
			due := minuteOf(day, s.At, zone)
			return !due.Before(opens) && due.Before(closes)
		}
		var want []okr.Occurrence
		named := byStepping(s, c)
		for i, day := range named {
			if within(day) && !paused(s, day) {
				due := minuteOf(moved(s, named, i, within), s.At, zone)
				opens, ends := around(s, due, zone)
				want = append(want, okr.Occurrence{Key: day.String(), Opens: opens, Due: due, GraceEnds: ends})
			}
		}
		require.Len(t, got, len(want))
		for i := range want {
			require.Equal(t, want[i], got[i])
			require.True(t, i == 0 || got[i-1].Due.Before(got[i].Due), "no two meet, and none overtakes")
		}
	})
}

func TestOccurrencesAscendAndShowTheirTime(t *testing.T) {
	cal := cadence.New()
	rapid.Check(t, func(t *rapid.T) {
		c := anyCycle().Draw(t, "cycle")
		c.End = c.Start.AddDays(rapid.IntRange(1, 40*366).Draw(t, "long"))
		s := anySchedule(c.Start).Draw(t, "schedule")
		s.Zone, s.OffDay = rapid.SampledFrom(zones).Draw(t, "zone"), okr.OffDayKeep
		zone := location(t, s.Zone)
		got, err := cal.Occurrences(s, c, longAgo, farOff)
		require.NoError(t, err)
		for i, o := range got {
			if i > 0 {
				require.True(t, got[i-1].Due.Before(o.Due))
				require.Less(t, got[i-1].Key, o.Key)
			}
			require.Equal(t, time.UTC, o.Due.Location())
			require.True(t, !o.Opens.After(o.Due) && o.Due.Before(o.GraceEnds))
			day, err := measure.ParseDate(o.Key)
			require.NoError(t, err)
			if s.Frequency == okr.Weekly {
				require.Equal(t, s.Weekday, day.Weekday())
			}
			const clock = "2006-01-02 15:04:05"
			want := o.Key + " " + s.At + ":00"
			if shown := o.Due.In(zone).Format(clock); shown != want {
				// The time does not exist: this is the first instant after it.
				require.Greater(t, shown, want)
				require.Less(t, o.Due.Add(-1).In(zone).Format(clock), want)
			} else {
				for _, earlier := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour, 24 * time.Hour} {
					require.NotEqual(t, want, o.Due.Add(-earlier).In(zone).Format(clock), "it is the first of a repeated time")
				}
			}
		}
	})
}

func TestRangesCanBeSplit(t *testing.T) {
	cal := cadence.New(cadence.Holidays(anyHolidays{}))
	rapid.Check(t, func(t *rapid.T) {
		c := anyCycle().Draw(t, "cycle")
		s := anySchedule(c.Start).Draw(t, "schedule")
		points := rapid.Custom(func(t *rapid.T) time.Time {
			start := time.Date(c.Start.Year, c.Start.Month, c.Start.Day, 0, 0, 0, 0, time.UTC)
			return start.Add(time.Duration(rapid.IntRange(-100, 4*366*24).Draw(t, "hours")) * time.Hour / 2)
		})
		from, mid, to := points.Draw(t, "from"), points.Draw(t, "mid"), points.Draw(t, "to")
		if all, err := cal.Occurrences(s, c, longAgo, farOff); err == nil && len(all) > 0 && rapid.Bool().Draw(t, "at one") {
			mid = rapid.SampledFrom(all).Draw(t, "one").Due
		}
		cut := []time.Time{from, mid, to}
		slices.SortFunc(cut, time.Time.Compare)
		whole, err := cal.Occurrences(s, c, cut[0], cut[2])
		require.NoError(t, err)
		early, err := cal.Occurrences(s, c, cut[0], cut[1])
		require.NoError(t, err)
		late, err := cal.Occurrences(s, c, cut[1], cut[2])
		require.NoError(t, err)
		require.Equal(t, keys(whole), append(keys(early), keys(late)...))
	})
}

func TestNextAndPreviousAgreeWithOccurrences(t *testing.T) {
	cal := cadence.New(cadence.Holidays(anyHolidays{}))
	rapid.Check(t, func(t *rapid.T) {
		c := anyCycle().Draw(t, "cycle")
		s := anySchedule(c.Start).Draw(t, "schedule")
		all, err := cal.Occurrences(s, c, longAgo, farOff)
		require.NoError(t, err)
		at := time.Date(c.Start.Year, c.Start.Month, c.Start.Day, 0, 0, 0, 0, time.UTC).
			Add(time.Duration(rapid.IntRange(-5000, 4*366*24).Draw(t, "hours")) * time.Hour)
		if len(all) > 0 && rapid.Bool().Draw(t, "at one") {
			at = rapid.SampledFrom(all).Draw(t, "one").Due.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "beside")))
		}
		i := slices.IndexFunc(all, func(o okr.Occurrence) bool { return o.Due.After(at) })
		if i < 0 {
			i = len(all)
		}
		next, ok, err := cal.Next(s, c, at)
		require.NoError(t, err)
		require.Equal(t, i < len(all), ok)
		if ok {
			require.Equal(t, all[i], next)
		}
		previous, ok, err := cal.Previous(s, c, at)
		require.NoError(t, err)
		require.Equal(t, i > 0, ok)
		if ok {
			require.Equal(t, all[i-1], previous)
		}
	})
}

// A schedule that the desk takes must be one that the calendar follows: or the
// subject could never be settled.
func TestTheCalendarTakesWhatTheDeskTakes(t *testing.T) {
	cal := cadence.New()
	c := okr.Cycle{Zone: "Europe/Zurich", Start: measure.NewDate(2026, 10, 1), End: measure.NewDate(2026, 12, 31)}
	rapid.Check(t, func(t *rapid.T) {
		s := okr.Schedule{
			Frequency: rapid.SampledFrom([]okr.Frequency{okr.Weekly, okr.Monthly, "", "daily"}).Draw(t, "frequency"),
			Every:     rapid.IntRange(-2, 60).Draw(t, "every"),
			Weekday:   time.Weekday(rapid.IntRange(-1, 8).Draw(t, "weekday")),
			Day:       rapid.IntRange(-1, 33).Draw(t, "day"),
			At:        rapid.SampledFrom([]string{"", "9:00", "09:00", "23:59", "24:00", "noon", "17:00:00"}).Draw(t, "at"),
			Zone:      rapid.SampledFrom([]string{"", "UTC", "Asia/Kolkata", "Local", "Europe/Atlantis"}).Draw(t, "zone"),
			Lead:      okr.Interval(rapid.IntRange(-1, 40).Draw(t, "lead")) * okr.Daily,
			Grace:     okr.Interval(rapid.IntRange(-1, 40).Draw(t, "grace")) * okr.Daily,
		}
		got, err := cal.Occurrences(s, c, longAgo, farOff)
		if s.Check("cadence") != nil {
			require.ErrorIs(t, err, okr.ErrInvalid)
			return
		}
		require.NoError(t, err)
		if s.Every <= 3 && s.Frequency == okr.Monthly || s.Every <= 12 && s.Frequency == okr.Weekly {
			require.NotEmpty(t, got)
		}
	})
}
