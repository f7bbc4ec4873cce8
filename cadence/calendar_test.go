package cadence_test

import (
	"errors"
	"testing"
	"time"
	_ "time/tzdata" // the tests mean the same on a machine without a zone database

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
)

func date(t testing.TB, s string) okr.Date {
	t.Helper()
	var d okr.Date
	require.NoError(t, d.UnmarshalText([]byte(s)))
	return d
}

func cycle(t testing.TB, zone, start, end string) okr.Cycle {
	t.Helper()
	return okr.Cycle{Zone: zone, Start: date(t, start), End: date(t, end)}
}

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	require.NoError(t, err)
	return at.UTC()
}

// always is a range that holds every cycle of these tests.
var (
	longAgo = time.Time{}
	farOff  = time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)
)

func all(t testing.TB, s okr.Schedule, c okr.Cycle) []okr.Occurrence {
	t.Helper()
	got, err := cadence.New().Occurrences(s, c, longAgo, farOff)
	require.NoError(t, err)
	return got
}

func keys(os []okr.Occurrence) []string {
	var out []string
	for _, o := range os {
		out = append(out, o.Key)
	}
	return out
}

func anchored(s okr.Schedule, on okr.Date) okr.Schedule {
	s.Anchor = on
	return s
}

func in(s okr.Schedule, zone string) okr.Schedule {
	s.Zone = zone
	return s
}

func every(n int, s okr.Schedule) okr.Schedule {
	s.Every = n
	return s
}

func TestDueDates(t *testing.T) {
	q4 := cycle(t, "Europe/Zurich", "2026-10-01", "2026-12-31") // begins on a Thursday
	for name, tc := range map[string]struct {
		schedule okr.Schedule
		cycle    okr.Cycle
		want     []string
	}{
		"every Friday of a quarter": {
			cadence.Weekly(time.Friday, ""), q4,
			[]string{
				"2026-10-02", "2026-10-09", "2026-10-16", "2026-10-23", "2026-10-30", "2026-11-06", "2026-11-13",
				"2026-11-20", "2026-11-27", "2026-12-04", "2026-12-11", "2026-12-18", "2026-12-25",
			},
		},
		"the first and the last day belong to the cycle": {
			cadence.Weekly(time.Thursday, "23:59"), q4,
			[]string{
				"2026-10-01", "2026-10-08", "2026-10-15", "2026-10-22", "2026-10-29", "2026-11-05", "2026-11-12",
				"2026-11-19", "2026-11-26", "2026-12-03", "2026-12-10", "2026-12-17", "2026-12-24", "2026-12-31",
			},
		},
		"midnight of the first day belongs to it, midnight after the last does not": {
			cadence.Weekly(time.Friday, "00:00"), cycle(t, "Europe/Zurich", "2026-10-02", "2026-10-08"),
			[]string{"2026-10-02"},
		},
		"every second week from the first such day": {
			cadence.EveryWeeks(2, time.Monday, ""), q4,
			[]string{"2026-10-05", "2026-10-19", "2026-11-02", "2026-11-16", "2026-11-30", "2026-12-14", "2026-12-28"},
		},
		"every second week from an anchor in an earlier cycle": {
			anchored(cadence.EveryWeeks(2, time.Monday, ""), date(t, "2026-09-28")), q4,
			[]string{"2026-10-12", "2026-10-26", "2026-11-09", "2026-11-23", "2026-12-07", "2026-12-21"},
		},
		"nothing before an anchor within the cycle": {
			anchored(cadence.Weekly(time.Friday, ""), date(t, "2026-12-12")), q4,
			[]string{"2026-12-18", "2026-12-25"},
		},
		"nothing where the anchor is after the cycle": {
			anchored(cadence.Weekly(time.Friday, ""), date(t, "2027-02-01")), q4, nil,
		},
		"an anchor decades ago": {
			anchored(cadence.EveryWeeks(3, time.Wednesday, ""), date(t, "1970-01-07")), q4, // a Wednesday
			[]string{"2026-10-07", "2026-10-28", "2026-11-18", "2026-12-09", "2026-12-30"},
		},
		"week 53 does not break the count of weeks": {
			cadence.EveryWeeks(2, time.Monday, ""), cycle(t, "Europe/Zurich", "2026-12-01", "2027-02-28"),
			[]string{"2026-12-07", "2026-12-21", "2027-01-04", "2027-01-18", "2027-02-01", "2027-02-15"},
		},
		"a fiscal quarter from February": {
			cadence.Weekly(time.Friday, ""), cycle(t, "America/New_York", "2026-02-01", "2026-04-30"),
			[]string{
				"2026-02-06", "2026-02-13", "2026-02-20", "2026-02-27", "2026-03-06", "2026-03-13", "2026-03-20",
				"2026-03-27", "2026-04-03", "2026-04-10", "2026-04-17", "2026-04-24",
			},
		},
		"a fiscal year from July by the quarter": {
			every(3, cadence.Monthly(0, "")), cycle(t, "Australia/Lord_Howe", "2026-07-01", "2027-06-30"),
			[]string{"2026-09-30", "2026-12-31", "2027-03-31", "2027-06-30"},
		},
		"a quarter in words is due when it ends": {
			okr.Schedule{Frequency: okr.Monthly, Every: 3}, q4, []string{"2026-12-31"},
		},
		"quarters from an anchor within a month": {
			anchored(every(3, cadence.Monthly(0, "")), date(t, "2026-01-20")), cycle(t, "UTC", "2026-01-01", "2026-12-31"),
			[]string{"2026-03-31", "2026-06-30", "2026-09-30", "2026-12-31"},
		},
		"the 31st every three months counts from the first": {
			every(3, cadence.Monthly(31, "")), cycle(t, "UTC", "2026-01-01", "2026-12-31"),
			[]string{"2026-01-31", "2026-04-30", "2026-07-31", "2026-10-31"},
		},
		"a month's day that a month does not have": {
			cadence.Monthly(31, ""), cycle(t, "Asia/Kolkata", "2027-01-01", "2027-06-30"),
			[]string{"2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31", "2027-06-30"},
		},
		"29 February": {
			cadence.Monthly(29, ""), cycle(t, "Europe/Zurich", "2028-01-01", "2028-03-31"),
			[]string{"2028-01-29", "2028-02-29", "2028-03-29"},
		},
		"29 February in a year without one": {
			cadence.Monthly(29, ""), cycle(t, "Europe/Zurich", "2027-02-01", "2027-03-31"),
			[]string{"2027-02-28", "2027-03-29"},
		},
		"a year divisible by 100 has no 29 February": {
			cadence.Monthly(0, ""), cycle(t, "UTC", "2100-02-01", "2100-02-28"),
			[]string{"2100-02-28"},
		},
		"weekly over 29 February": {
			cadence.Weekly(time.Tuesday, ""), cycle(t, "Europe/Zurich", "2028-02-20", "2028-03-12"),
			[]string{"2028-02-22", "2028-02-29", "2028-03-07"},
		},
		"monthly from an anchor after the day": {
			anchored(every(2, cadence.Monthly(15, "")), date(t, "2026-10-20")), cycle(t, "UTC", "2026-10-01", "2027-03-31"),
			[]string{"2026-11-15", "2027-01-15", "2027-03-15"},
		},
		"monthly from an anchor on the clipped day": {
			anchored(cadence.Monthly(31, ""), date(t, "2027-02-28")), cycle(t, "UTC", "2027-01-01", "2027-04-01"),
			[]string{"2027-02-28", "2027-03-31"},
		},
		"a cycle shorter than its weekly cadence": {
			cadence.Weekly(time.Friday, ""), cycle(t, "UTC", "2026-10-05", "2026-10-07"), nil,
		},
		"a cycle shorter than its monthly cadence": {
			cadence.Monthly(25, ""), cycle(t, "UTC", "2026-10-01", "2026-10-24"), nil,
		},
		"a cycle of one day": {
			cadence.Weekly(time.Friday, ""), cycle(t, "UTC", "2026-10-02", "2026-10-02"),
			[]string{"2026-10-02"},
		},
		"a year between two": {
			cadence.EveryWeeks(52, time.Friday, ""), q4, []string{"2026-10-02"},
		},
		"the cycle ends in its own zone, not in the schedule's": {
			in(cadence.Weekly(time.Friday, "09:00"), "Pacific/Kiritimati"), // 14 hours ahead of UTC
			cycle(t, "America/New_York", "2026-10-01", "2026-10-15"),
			[]string{"2026-10-02", "2026-10-09", "2026-10-16"}, // the last is Thursday, 15:00 in New York
		},
		"the cycle begins in its own zone, not in the schedule's": {
			in(cadence.Weekly(time.Thursday, "09:00"), "Pacific/Kiritimati"),
			cycle(t, "America/New_York", "2026-10-01", "2026-10-14"),
			[]string{"2026-10-08", "2026-10-15"}, // 1 October, 09:00 in Kiritimati is 30 September in New York
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tc.want, keys(all(t, tc.schedule, tc.cycle)))
		})
	}
}

// The instants were worked out by hand from the rules that the zones had.
func TestClockChanges(t *testing.T) {
	for name, tc := range map[string]struct {
		zone     string
		schedule okr.Schedule
		key      string
		due      string
	}{
		"Zurich before the change in spring":  {"Europe/Zurich", cadence.Weekly(time.Friday, "17:00"), "2026-03-27", "2026-03-27T16:00:00Z"},
		"Zurich after the change in spring":   {"Europe/Zurich", cadence.Weekly(time.Friday, "17:00"), "2026-04-03", "2026-04-03T15:00:00Z"},
		"Zurich after the change in autumn":   {"Europe/Zurich", cadence.Weekly(time.Friday, "17:00"), "2026-10-30", "2026-10-30T16:00:00Z"},
		"Zurich, a time that is left out":     {"Europe/Zurich", cadence.Weekly(time.Sunday, "02:30"), "2026-03-29", "2026-03-29T01:00:00Z"},
		"Zurich, the first minute left out":   {"Europe/Zurich", cadence.Weekly(time.Sunday, "02:00"), "2026-03-29", "2026-03-29T01:00:00Z"},
		"Zurich, the last minute before":      {"Europe/Zurich", cadence.Weekly(time.Sunday, "01:59"), "2026-03-29", "2026-03-29T00:59:00Z"},
		"Zurich, the first minute after":      {"Europe/Zurich", cadence.Weekly(time.Sunday, "03:01"), "2026-03-29", "2026-03-29T01:01:00Z"},
		"Zurich, a time shown twice":          {"Europe/Zurich", cadence.Weekly(time.Sunday, "02:30"), "2026-10-25", "2026-10-25T00:30:00Z"},
		"Zurich, the first minute twice":      {"Europe/Zurich", cadence.Weekly(time.Sunday, "02:00"), "2026-10-25", "2026-10-25T00:00:00Z"},
		"Zurich, the first minute shown once": {"Europe/Zurich", cadence.Weekly(time.Sunday, "03:00"), "2026-10-25", "2026-10-25T02:00:00Z"},

		"New York before the change in spring": {"America/New_York", cadence.Weekly(time.Friday, "17:00"), "2026-03-06", "2026-03-06T22:00:00Z"},
		"New York after the change in spring":  {"America/New_York", cadence.Weekly(time.Friday, "17:00"), "2026-03-13", "2026-03-13T21:00:00Z"},
		"New York, a time that is left out":    {"America/New_York", cadence.Weekly(time.Sunday, "02:30"), "2026-03-08", "2026-03-08T07:00:00Z"},
		"New York, a time shown twice":         {"America/New_York", cadence.Weekly(time.Sunday, "01:30"), "2026-11-01", "2026-11-01T05:30:00Z"},

		"Kolkata changes no clock": {"Asia/Kolkata", cadence.Weekly(time.Sunday, "02:30"), "2026-03-29", "2026-03-28T21:00:00Z"},

		"Lord Howe in winter":                {"Australia/Lord_Howe", cadence.Weekly(time.Friday, "17:00"), "2026-10-02", "2026-10-02T06:30:00Z"},
		"Lord Howe moves half an hour":       {"Australia/Lord_Howe", cadence.Weekly(time.Friday, "17:00"), "2026-10-09", "2026-10-09T06:00:00Z"},
		"Lord Howe, a time that is left out": {"Australia/Lord_Howe", cadence.Weekly(time.Sunday, "02:15"), "2026-10-04", "2026-10-03T15:30:00Z"},
		"Lord Howe, a time shown twice":      {"Australia/Lord_Howe", cadence.Weekly(time.Sunday, "01:45"), "2026-04-05", "2026-04-04T14:45:00Z"},

		"Cairo without summer time in 2022":              {"Africa/Cairo", cadence.Weekly(time.Friday, "17:00"), "2022-07-15", "2022-07-15T15:00:00Z"},
		"Cairo with summer time again in 2023":           {"Africa/Cairo", cadence.Weekly(time.Friday, "17:00"), "2023-07-14", "2023-07-14T14:00:00Z"},
		"Cairo, midnight that is left out":               {"Africa/Cairo", cadence.Weekly(time.Friday, "00:30"), "2023-04-28", "2023-04-27T22:00:00Z"},
		"Cairo, the same minute a year before":           {"Africa/Cairo", cadence.Weekly(time.Friday, "00:30"), "2022-04-29", "2022-04-28T22:30:00Z"},
		"Cairo, the hour before midnight is shown twice": {"Africa/Cairo", cadence.Weekly(time.Thursday, "23:30"), "2023-10-26", "2023-10-26T20:30:00Z"},

		"Apia, a day that is left out":          {"Pacific/Apia", cadence.Weekly(time.Friday, "17:00"), "2011-12-30", "2011-12-30T10:00:00Z"},
		"the last day of a leap year far ahead": {"Europe/Zurich", cadence.Weekly(time.Monday, "17:00"), "2040-12-31", "2040-12-31T16:00:00Z"},
		"the day after it":                      {"America/New_York", cadence.Weekly(time.Monday, "00:00"), "2040-12-31", "2040-12-31T05:00:00Z"},
		"monthly over a change":                 {"Europe/Zurich", cadence.Monthly(29, "02:30"), "2026-03-29", "2026-03-29T01:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			year := tc.key[:4]
			due := map[string]time.Time{}
			for _, o := range all(t, tc.schedule, cycle(t, tc.zone, year+"-01-01", year+"-12-31")) {
				require.NotContains(t, due, o.Key)
				due[o.Key] = o.Due
			}
			require.Equal(t, instant(t, tc.due), due[tc.key])
		})
	}
}

func TestWindowAroundDue(t *testing.T) {
	c := cycle(t, "Europe/Zurich", "2026-10-19", "2026-10-31")
	s := cadence.Weekly(time.Sunday, "17:00") // the day of the clock change
	require.Equal(t, okr.Occurrence{
		Key:       "2026-10-25",
		Opens:     instant(t, "2026-10-24T16:00:00Z"), // 18:00 on the clocks: a day is 24 hours
		Due:       instant(t, "2026-10-25T16:00:00Z"),
		GraceEnds: instant(t, "2026-10-26T16:00:00Z"),
	}, all(t, s, c)[0])

	s.Lead, s.Grace = 6*okr.Hourly, 3*okr.Daily
	o := all(t, s, c)[0]
	require.Equal(t, instant(t, "2026-10-25T10:00:00Z"), o.Opens)
	require.Equal(t, instant(t, "2026-10-28T16:00:00Z"), o.GraceEnds)
}

func TestRangeIsOpenBelowAndClosedAbove(t *testing.T) {
	c := cycle(t, "Europe/Zurich", "2026-10-01", "2026-12-31")
	s := cadence.Weekly(time.Friday, "")
	first, second := instant(t, "2026-10-02T15:00:00Z"), instant(t, "2026-10-09T15:00:00Z")
	for name, tc := range map[string]struct {
		from, to time.Time
		want     []string
	}{
		"due at the lower end is out":       {first, second, []string{"2026-10-09"}},
		"due just after the lower end":      {first.Add(-1), second.Add(-1), []string{"2026-10-02"}},
		"fractions of a second are no harm": {first.Add(1), second.Add(1), []string{"2026-10-09"}},
		"nothing in an empty range":         {second, second, nil},
		"nothing in a range upside down":    {second, first, nil},
		"nothing before the cycle":          {longAgo, instant(t, "2026-09-30T21:59:59Z"), nil},
		"nothing after the cycle":           {instant(t, "2026-12-31T23:00:00Z"), farOff, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := cadence.New().Occurrences(s, c, tc.from, tc.to)
			require.NoError(t, err)
			require.Equal(t, tc.want, keys(got))
		})
	}
}

func TestNextAndPrevious(t *testing.T) {
	cal := cadence.New()
	c := cycle(t, "Europe/Zurich", "2026-10-01", "2026-12-31")
	s := cadence.Monthly(15, "09:00")
	due := instant(t, "2026-11-15T08:00:00Z")
	for name, tc := range map[string]struct {
		at             time.Time
		next, previous string
	}{
		"long before the cycle": {longAgo, "2026-10-15", ""},
		"before the first":      {instant(t, "2026-10-15T06:59:59Z"), "2026-10-15", ""},
		"just before one":       {due.Add(-1), "2026-11-15", "2026-10-15"},
		"at one":                {due, "2026-12-15", "2026-11-15"},
		"after the last":        {instant(t, "2026-12-15T08:00:00Z"), "", "2026-12-15"},
		"long after the cycle":  {farOff, "", "2026-12-15"},
	} {
		t.Run(name, func(t *testing.T) {
			next, ok, err := cal.Next(s, c, tc.at)
			require.NoError(t, err)
			require.Equal(t, tc.next != "", ok)
			require.Equal(t, tc.next, next.Key)
			previous, ok, err := cal.Previous(s, c, tc.at)
			require.NoError(t, err)
			require.Equal(t, tc.previous != "", ok)
			require.Equal(t, tc.previous, previous.Key)
		})
	}
}

func TestInvalidSchedules(t *testing.T) {
	friday := cadence.Weekly(time.Friday, "")
	q4 := cycle(t, "Europe/Zurich", "2026-10-01", "2026-12-31")
	with := func(s okr.Schedule, change func(*okr.Schedule)) okr.Schedule {
		change(&s)
		return s
	}
	for name, tc := range map[string]struct {
		schedule     okr.Schedule
		cycle        okr.Cycle
		field, value string
	}{
		"no frequency":              {okr.Schedule{}, q4, "cadence.frequency", ""},
		"unknown frequency":         {okr.Schedule{Frequency: "daily"}, q4, "cadence.frequency", "daily"},
		"negative distance":         {cadence.EveryWeeks(-1, time.Friday, ""), q4, "cadence.every", "-1"},
		"absurd distance":           {cadence.EveryWeeks(53, time.Friday, ""), q4, "cadence.every", "53"},
		"weekday too large":         {cadence.Weekly(7, ""), q4, "cadence.weekday", "7"},
		"weekday negative":          {cadence.Weekly(-1, ""), q4, "cadence.weekday", "-1"},
		"day too large":             {cadence.Monthly(32, ""), q4, "cadence.day", "32"},
		"day negative":              {cadence.Monthly(-1, ""), q4, "cadence.day", "-1"},
		"lead beyond the interval":  {with(friday, func(s *okr.Schedule) { s.Lead = 8 * okr.Daily }), q4, "cadence.lead", "8d"},
		"grace beyond the interval": {with(friday, func(s *okr.Schedule) { s.Grace = 8 * okr.Daily }), q4, "cadence.grace", "8d"},
		"hour too large":            {cadence.Weekly(time.Friday, "24:00"), q4, "cadence.at", "24:00"},
		"no time of day":            {cadence.Weekly(time.Friday, "noon"), q4, "cadence.at", "noon"},
		"negative lead":             {with(friday, func(s *okr.Schedule) { s.Lead = -okr.Daily }), q4, "cadence.lead", "-1d"},
		"negative grace":            {with(friday, func(s *okr.Schedule) { s.Grace = -okr.Hourly }), q4, "cadence.grace", "-1h"},
		"unknown zone":              {in(friday, "Europe/Atlantis"), q4, "cadence.zone", "Europe/Atlantis"},
		"the machine's zone":        {in(friday, "Local"), q4, "cadence.zone", "Local"},
		"a path as a zone":          {in(friday, "../../etc/passwd"), q4, "cadence.zone", "../../etc/passwd"},
		"31 February":               {anchored(friday, okr.Date{Year: 2026, Month: 2, Day: 31}), q4, "cadence.anchor", "2026-02-31"},
		"a cycle without a zone":    {friday, cycle(t, "", "2026-10-01", "2026-12-31"), "cycle.zone", ""},
		"a cycle's unknown zone":    {friday, cycle(t, "Mars/Olympus", "2026-10-01", "2026-12-31"), "cycle.zone", "Mars/Olympus"},
		"a cycle without start":     {friday, cycle(t, "UTC", "", "2026-12-31"), "cycle.start", ""},
		"a cycle without end":       {friday, cycle(t, "UTC", "2026-10-01", ""), "cycle.end", ""},
		"a cycle upside down":       {friday, cycle(t, "UTC", "2026-10-02", "2026-10-01"), "cycle.end", "2026-10-01"},
		"a cycle without an end":    {friday, okr.Cycle{Zone: "UTC", Start: date(t, "2026-10-01"), End: okr.Date{Year: 1 << 30, Month: 1, Day: 1}}, "cycle.end", "1073741824-01-01"},
	} {
		t.Run(name, func(t *testing.T) {
			cal := cadence.New()
			_, err := cal.Occurrences(tc.schedule, tc.cycle, longAgo, longAgo)
			require.ErrorIs(t, err, okr.ErrInvalid)
			var invalid *okr.InvalidError
			require.ErrorAs(t, err, &invalid)
			require.Equal(t, tc.field, invalid.Field)
			require.Equal(t, tc.value, invalid.Value)
			require.NotEmpty(t, invalid.Remedy)

			_, _, next := cal.Next(tc.schedule, tc.cycle, longAgo)
			require.Equal(t, err, next)
			_, _, previous := cal.Previous(tc.schedule, tc.cycle, longAgo)
			require.Equal(t, err, previous)
		})
	}
}

func TestOwnZones(t *testing.T) {
	loads := 0
	cal := cadence.New(cadence.Zones(func(name string) (*time.Location, error) {
		loads++
		if name != "Ship/Bridge" {
			return nil, errors.New("no such zone")
		}
		return time.FixedZone(name, -9*60*60), nil
	}))
	s, c := cadence.Weekly(time.Friday, "12:00"), cycle(t, "Ship/Bridge", "2026-10-01", "2026-10-31")
	for range 3 {
		next, ok, err := cal.Next(s, c, longAgo)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, instant(t, "2026-10-02T21:00:00Z"), next.Due)
	}
	require.Equal(t, 1, loads)

	_, _, err := cal.Next(s, cycle(t, "Europe/Zurich", "2026-10-01", "2026-10-31"), longAgo)
	require.ErrorIs(t, err, okr.ErrInvalid)
}
