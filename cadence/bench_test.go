package cadence_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// One operation is a year of weekly check-ins of 10,000 teams in four zones: 520,000
// occurrences. Of those with holidays, each date is moved to the working day before,
// and each reminder and grace to a working day.
func BenchmarkYearOf10000Teams(b *testing.B) {
	for _, how := range []struct {
		name   string
		offDay okr.OffDay
	}{{"zones", ""}, {"zones and holidays", okr.OffDayBefore}} {
		b.Run(how.name, func(b *testing.B) {
			cal := cadence.New(cadence.Holidays(asked(tenDays)))
			year := okr.Cycle{Zone: "Europe/Zurich", Start: measure.NewDate(2026, 1, 1), End: measure.NewDate(2026, 12, 31)}
			zones := []string{"Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"}
			b.ReportAllocs()
			for b.Loop() {
				n := 0
				for team := range 10_000 {
					s := cadence.Weekly(time.Monday+time.Weekday(team%3), "09:30")
					s.Zone, s.OffDay, s.Holidays = zones[team%len(zones)], how.offDay, zones[team%len(zones)]
					os, err := cal.Occurrences(s, year, time.Time{}, time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC))
					if err != nil {
						b.Fatal(err)
					}
					n += len(os)
				}
				if n < 520_000 {
					b.Fatalf("%d occurrences", n)
				}
			}
		})
	}
}

// tenDays are holidays on days of the week that change with the year, other ones in
// each region.
func tenDays(region string, on okr.Date) (bool, error) {
	return (int(on.Month)*31+on.Day+len(region))%37 == 0, nil
}

// What the desk asks for after each check-in.
func BenchmarkNext(b *testing.B) {
	cal := cadence.New()
	quarter := okr.Cycle{Zone: "Europe/Zurich", Start: measure.NewDate(2026, 10, 1), End: measure.NewDate(2026, 12, 31)}
	s := cadence.Weekly(time.Friday, "")
	at := time.Date(2026, 11, 11, 11, 11, 11, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		if _, ok, err := cal.Next(s, quarter, at); err != nil || !ok {
			b.Fatal(ok, err)
		}
	}
}

// One operation settles a batch in which every key result is due, and writes the
// notices, over the reference store.
func BenchmarkOnce(b *testing.B) {
	const due = 256
	for b.Loop() {
		b.StopTimer()
		h := newHouse(b, func(p *okr.Plan) {
			one := p.Objectives[0].KeyResults[0]
			objective := p.Objectives[0]
			p.Objectives = nil
			for i := range due / 4 {
				o := objective
				o.Key, o.Title, o.KeyResults = fmt.Sprint("o", i), fmt.Sprint("Objective ", i), nil
				for j := range 4 {
					one.Key, one.Title = fmt.Sprint("k", i, "-", j), fmt.Sprintf("Raise renewals in region %d-%d", i, j)
					o.KeyResults = append(o.KeyResults, one)
				}
				p.Objectives = append(p.Objectives, o)
			}
		})
		drain(b, cadence.NewRunner(h.desk))
		h.at(1, 14)
		r := cadence.NewRunner(h.desk)
		b.StartTimer()
		n, err := r.Once(context.Background())
		if err != nil || n != due {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/due, "µs/subject")
}
