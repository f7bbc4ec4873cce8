package holidays_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata" // the tests mean the same on a machine without a zone database

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters/holidays"
	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

var (
	_ cadence.HolidayCalendar = (*holidays.Calendar)(nil)
	_ cadence.RegionChecker   = (*holidays.Calendar)(nil)
)

// off lists the holidays of a year, as month-day.
func off(t *testing.T, region string, year int) []string {
	t.Helper()
	c := holidays.New()
	var out []string
	for d := measure.NewDate(year, 1, 1); d.Year == year; d = d.AddDays(1) {
		is, err := c.Holiday(region, d)
		require.NoError(t, err)
		if is {
			out = append(out, d.String()[5:])
		}
	}
	return out
}

// The days are those of the public calendars of the regions.
func TestHolidaysOfAYear(t *testing.T) {
	for _, tc := range []struct {
		region string
		year   int
		want   string
	}{
		{"CH-ZH", 2026, "01-01 04-03 04-06 05-01 05-14 05-25 08-01 12-25 12-26"},
		{"CH", 2026, "01-01 05-14 08-01 12-25"},
		{"DE", 2026, "01-01 04-03 04-06 05-01 05-14 05-25 10-03 12-25 12-26"},
		// 15 August is a holiday in most places of Bavaria, and not in all.
		{"DE-BY", 2026, "01-01 01-06 04-03 04-06 05-01 05-14 05-25 06-04 10-03 11-01 12-25 12-26"},
		{"US", 2026, "01-01 01-19 02-16 05-25 06-19 07-03 07-04 09-07 10-12 11-11 11-26 12-25"},
		{"US", 2027, "01-01 01-18 02-15 05-31 06-18 06-19 07-04 07-05 09-06 10-11 11-11 11-25 12-24 12-25 12-31"},
		{"GB", 2026, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-26 12-28"},
		{"GB", 2027, "01-01 03-26 03-29 05-03 05-31 08-30 12-25 12-26 12-27 12-28"},
		{"FR", 2026, "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25"},
	} {
		t.Run(tc.region+" "+time.Date(tc.year, 1, 1, 0, 0, 0, 0, time.UTC).Format("2006"), func(t *testing.T) {
			require.Equal(t, tc.want, strings.Join(off(t, tc.region, tc.year), " "))
		})
	}
	require.Contains(t, off(t, "AU-VIC", 2026), "11-03", "the day of the Melbourne Cup")
	require.NotContains(t, off(t, "AU-NSW", 2026), "11-03")
	require.NotContains(t, off(t, "AU", 2026), "11-03")
	require.Contains(t, off(t, "AU", 2026), "01-26")
}

func TestEveryRegionHasHolidays(t *testing.T) {
	c := holidays.New()
	names := c.Regions()
	require.True(t, slices.IsSorted(names))
	require.Subset(t, names, []string{"AT", "AU-VIC", "BR", "CH", "CH-ZH", "DE", "DE-BY", "ECB", "ES", "FR", "GB", "IT", "JP", "US"})
	require.Greater(t, len(names), 70)
	for _, name := range names {
		require.Regexp(t, `^[A-Z]{2,3}(-[A-Z]{2,3})?$`, name)
		require.NoError(t, c.CheckRegion(name))
		for _, year := range []int{2024, 2026, 2030} {
			n := len(off(t, name, year))
			require.True(t, n >= 4 && n <= 25, "%s %d has %d", name, year, n)
		}
	}
	names[0] = "changed"
	require.NotEqual(t, "changed", c.Regions()[0])
}

func TestAPartHasWhatItsCountryHas(t *testing.T) {
	for _, name := range holidays.New().Regions() {
		if country, _, part := strings.Cut(name, "-"); part {
			require.Subset(t, off(t, name, 2026), off(t, country, 2026), name)
		}
	}
}

func TestUnknownRegions(t *testing.T) {
	c := holidays.New()
	for region, nearest := range map[string]string{
		"":                            "",
		"DE-BX":                       "DE-B",
		"CH-ZZ":                       "CH-Z",
		"CHZH":                        "CH-ZH",
		"UK":                          "",
		"Zürich":                      "",
		"DE BY":                       "DE-BY",
		"AU-VICT":                     "AU-VIC",
		"US-CA":                       "US",
		"\xff\x00":                    "",
		"\u202eXYZ":                   "",
		strings.Repeat("CH-", 10_000): "",
	} {
		err := c.CheckRegion(region)
		var invalid *okr.InvalidError
		require.ErrorAs(t, err, &invalid, region)
		require.Equal(t, "region", invalid.Field)
		require.Contains(t, invalid.Remedy, nearest)
		require.Less(t, len(err.Error()), 400)
		_, err = c.Holiday(region, measure.NewDate(2026, 1, 1))
		require.Equal(t, invalid, err)
	}
	for _, region := range []string{"ch-zh", " CH-ZH ", "CH_ZH"} {
		require.NoError(t, c.CheckRegion(region))
		is, err := c.Holiday(region, measure.NewDate(2026, 5, 1))
		require.NoError(t, err)
		require.True(t, is)
	}
}

func TestAnyDateIsAnswered(t *testing.T) {
	c := holidays.New()
	for _, name := range c.Regions() {
		for _, year := range []int{-1, 0, 1, 1582, 1900, 1970, 2100, 9999} {
			for _, on := range []okr.Date{measure.NewDate(year, 1, 1), measure.NewDate(year, 2, 29), measure.NewDate(year, 12, 31)} {
				_, err := c.Holiday(name, on)
				require.NoError(t, err)
			}
		}
	}
}

func TestManyMayAskAtOnce(t *testing.T) {
	shared := holidays.New()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			c := shared
			if i%2 == 0 {
				c = holidays.New()
			}
			for _, region := range []string{"CH-ZH", "US", "JP", "AU-VIC"} {
				for d := measure.NewDate(2026, 1, 1); d.Year == 2026; d = d.AddDays(3) {
					if _, err := c.Holiday(region, d); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
}

func TestCheckInsMoveOffHolidays(t *testing.T) {
	cal := cadence.New(cadence.Holidays(holidays.New()))
	s := okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday, At: "16:00", OffDay: okr.OffDayBefore, Holidays: "DE-BY"}
	q := okr.Cycle{Zone: "Europe/Berlin", Start: measure.NewDate(2026, 4, 1), End: measure.NewDate(2026, 6, 30)}
	os, err := cal.Occurrences(s, q, time.Time{}, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	require.Equal(t, "2026-04-03", os[0].Key)
	require.Equal(t, time.Date(2026, 4, 2, 14, 0, 0, 0, time.UTC), os[0].Due, "Good Friday")
	require.Equal(t, "2026-05-01", os[4].Key)
	require.Equal(t, time.Date(2026, 4, 30, 14, 0, 0, 0, time.UTC), os[4].Due, "the first of May")
	require.NoError(t, cal.Preload("DE-BY", 2025, 2030))

	s.Holidays = "DE-BA"
	var invalid *okr.InvalidError
	require.ErrorAs(t, cal.CheckSchedule("cadence", s), &invalid)
	require.Equal(t, "cadence.holidays", invalid.Field)
	require.Contains(t, invalid.Remedy, "DE-BY")
}
