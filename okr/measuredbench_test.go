package okr_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// wholeCompany is a snapshot of n key results, four to an objective, in five levels.
func wholeCompany(n int) *okr.Snapshot {
	r := rand.New(rand.NewPCG(3, 9))
	start := time.Date(2026, time.October, 1, 0, 0, 0, 0, time.UTC)
	weekly := &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Monday}
	s := &okr.Snapshot{Cycles: []okr.Cycle{{
		ID: "c1", Key: "2026-Q4", Zone: "Europe/Zurich", Start: measure.DateOf(start), End: measure.NewDate(2026, time.December, 31), Cadence: weekly,
	}}}
	teams := max(n/40, 1)
	for i := range teams {
		s.Teams = append(s.Teams, okr.Team{ID: okr.ID(fmt.Sprintf("0192f0c0-0000-7000-8000-%012d", i)), Name: "Team", Cadence: weekly})
	}
	objectives := max(n/4, 1)
	id := func(kind, i int) okr.ID { return okr.ID(fmt.Sprintf("0192f0c0-%04d-7000-8000-%012d", kind, i)) }
	for i := range objectives {
		o := okr.Objective{
			ID: id(1, i), Cycle: "c1", Title: "Objective", State: okr.Active, Team: s.Teams[i%teams].ID,
			Rollup: measure.RollupPolicy{Driver: measure.DriverBoth},
		}
		if i > 0 {
			o.Parents = []okr.Share{{Objective: id(1, (i-1)/10)}}
		}
		s.Objectives = append(s.Objectives, o)
	}
	for i := range n {
		at := start.Add(time.Duration(r.IntN(40*24)) * time.Hour)
		k := okr.KeyResult{
			ID: id(2, i), Cycle: "c1", Objective: id(1, i/4), Title: "Key result", State: okr.Active, ActivatedAt: &start,
			Metric: measure.Metric{Kind: measure.Increase, Unit: "EUR", Baseline: measure.N(0), Target: measure.N(100)},
		}
		if r.IntN(20) > 0 {
			k.Current, k.CurrentAt, k.Reading = measure.N(float64(r.IntN(120))), &at, id(3, i)
		}
		s.KeyResults = append(s.KeyResults, k)
	}
	s.Sort()
	return s
}

var midQuarter = time.Date(2026, time.November, 10, 0, 30, 0, 0, time.UTC)

// A whole company measured and rolled up: flat, and as a map.
func BenchmarkMeasure(b *testing.B) {
	for _, n := range []int{10, 10_000, 400_000} {
		s := wholeCompany(n)
		b.Run(fmt.Sprintf("flat/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.MeasureAll(midQuarter)
			}
		})
		b.Run(fmt.Sprintf("map/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Measure(midQuarter)
			}
		})
	}
}
