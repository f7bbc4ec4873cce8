package bench

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/teambition/rrule-go"

	"github.com/okrkit/okrkit/adapters/holidays"
	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

var (
	longAfter    = time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)
	teamZones    = []string{"Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo"}
	teamHolidays = []string{"CH-ZH", "US", "AU-NSW", "JP"}
)

// teamSchedule is the weekly check-in of a team, in its zone.
func teamSchedule(team int, moving bool) okr.Schedule {
	s := okr.Schedule{Frequency: okr.Weekly, Weekday: time.Monday + time.Weekday(team%5), At: "09:30", Zone: teamZones[team%len(teamZones)]}
	if moving {
		s.OffDay, s.Holidays = okr.OffDayBefore, teamHolidays[team%len(teamHolidays)]
	}
	return s
}

// byCadence works out a year of check-ins, each with a key, a reminder and a grace.
func byCadence(t testing.TB) func(team int, moving bool) []okr.Occurrence {
	cal := cadence.New(cadence.Holidays(holidays.New()))
	return func(team int, moving bool) []okr.Occurrence {
		s := teamSchedule(team, moving)
		year := okr.Cycle{Zone: s.Zone, Start: measure.NewDate(2026, 1, 1), End: measure.NewDate(2026, 12, 31)}
		os, err := cal.Occurrences(s, year, time.Time{}, longAfter)
		if err != nil {
			t.Fatal(err)
		}
		return os
	}
}

// byRRule works out the instants of a year with rrule-go, and, where dates move, what a host would write around it: the
// same holidays, kept in a map. It is spared keys, reminders and graces, which okrkit moves to working days too.
func byRRule(t testing.TB) func(team int, moving bool) []time.Time {
	zones := map[string]*time.Location{}
	for _, name := range teamZones {
		loc, err := time.LoadLocation(name)
		require.NoError(t, err)
		zones[name] = loc
	}
	off := map[string]map[okr.Date]bool{}
	known := holidays.New()
	for _, region := range teamHolidays {
		off[region] = map[okr.Date]bool{}
		for d := measure.NewDate(2025, 12, 1); d.Year < 2027; d = d.AddDays(1) {
			is, err := known.Holiday(region, d)
			require.NoError(t, err)
			if is {
				off[region][d] = true
			}
		}
	}
	days := []rrule.Weekday{rrule.SU, rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA}
	return func(team int, moving bool) []time.Time {
		s := teamSchedule(team, moving)
		rule, err := rrule.NewRRule(rrule.ROption{
			Freq: rrule.WEEKLY, Byweekday: []rrule.Weekday{days[s.Weekday]},
			Dtstart: time.Date(2026, 1, 1, 9, 30, 0, 0, zones[s.Zone]), Until: time.Date(2026, 12, 31, 23, 59, 0, 0, zones[s.Zone]),
		})
		if err != nil {
			t.Fatal(err)
		}
		out := rule.All()
		if moving {
			for i, at := range out {
				for at.Weekday() == time.Saturday || at.Weekday() == time.Sunday || off[s.Holidays][measure.DateOf(at)] {
					at = at.AddDate(0, 0, -1)
				}
				if at.Year() == 2026 {
					out[i] = at
				}
			}
		}
		return out
	}
}

func TestBothComeToTheSameDates(t *testing.T) {
	ours, theirs := byCadence(t), byRRule(t)
	moved := 0
	for _, moving := range []bool{false, true} {
		for team := range 20 {
			a, b := ours(team, moving), theirs(team, moving)
			require.Len(t, a, len(b))
			for i := range a {
				require.True(t, a[i].Due.Equal(b[i]), "%d %s %s", team, a[i].Due, b[i])
				if moving && a[i].Due.In(b[i].Location()).Weekday() != teamSchedule(team, true).Weekday {
					moved++
				}
			}
			require.GreaterOrEqual(t, len(a), 51)
		}
	}
	require.Greater(t, moved, 20)
}

// BenchmarkAYearOfTeams has both work out the year of one team after another, in turns,
// so that what the machine does meanwhile hits them alike: 10,000 teams are 520,000
// dates.
func BenchmarkAYearOfTeams(b *testing.B) {
	const turn = 20
	for _, moving := range []bool{false, true} {
		name := "zones"
		if moving {
			name = "zones and holidays"
		}
		b.Run(name, func(b *testing.B) {
			ours, theirs := byCadence(b), byRRule(b)
			of := []func(team int){func(team int) { ours(team, moving) }, func(team int) { theirs(team, moving) }}
			var times [2][]float64
			for team := 0; b.Loop(); team += turn {
				for i, f := range of {
					start := time.Now()
					for n := range turn {
						f(team + n)
					}
					times[i] = append(times[i], float64(time.Since(start))/turn)
				}
			}
			for i := range times {
				slices.Sort(times[i])
			}
			a, z := times[0][len(times[0])/2], times[1][len(times[1])/2]
			b.ReportMetric(a*10_000/1e6, "okrkit-ms/10k")
			b.ReportMetric(z*10_000/1e6, "rrule-ms/10k")
			b.ReportMetric(z/a, "rrule/okrkit")
			b.ReportMetric(0, "ns/op")
		})
	}
}
