package okrtest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// Clock is a clock that stands still until it is moved. It is safe for concurrent
// use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock is a clock that shows t.
func NewClock(t time.Time) *Clock { return &Clock{now: t} }

// Now is what the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Set moves the clock to t.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// SequentialIDs returns ids that count up: id-000001, id-000002, … Their order
// as text is the order in which they were given.
func SequentialIDs() func() string {
	var n atomic.Int64
	return func() string { return fmt.Sprintf("id-%06d", n.Add(1)) }
}

// Quarter is the fourth quarter of 2026 in Zurich.
func Quarter() okr.PlanCycle {
	return okr.PlanCycle{
		Key: "2026-Q4", Name: "Q4 2026", Zone: "Europe/Zurich",
		Start: measure.NewDate(2026, time.October, 1), End: measure.NewDate(2026, time.December, 31),
		Cadence: Weekly(),
	}
}

// Weekly is a check-in every Friday at 16:00.
func Weekly() *okr.Schedule {
	return &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday, At: "16:00"}
}

// Plan is a small plan without faults: one team, two people, one objective with
// an increasing, a decreasing and a yes/no key result.
func Plan() okr.Plan {
	source := func(where string) *okr.Source {
		return &okr.Source{Kind: "manual", Where: where, Interval: okr.EveryWeek, Access: []string{"ana", "ben"}}
	}
	return okr.Plan{
		Cycle:  Quarter(),
		People: []okr.Person{{ID: "ana", Name: "Ana Lima", Team: "sales"}, {ID: "ben", Name: "Ben Okafor", Team: "sales"}},
		Teams:  []okr.Team{{ID: "sales", Name: "Sales", Lead: "ana"}},
		Objectives: []okr.PlanObjective{{
			Key: "o1", Title: "Customers choose to stay with us", Team: "sales", Owner: "ana", Rank: 1,
			KeyResults: []okr.PlanKeyResult{
				{
					Key: "k1", Title: "Raise renewals from 70 % to 90 %", Owner: "ana",
					Metric: measure.Metric{Kind: measure.Increase, Unit: "%", Baseline: measure.N(70), Target: measure.N(90)},
					Source: source("Renewal report in the billing system"),
				},
				{
					Key: "k2", Title: "Cut first response time from 12 to 4 hours", Owner: "ben",
					Metric: measure.Metric{Kind: measure.Decrease, Unit: "hours", Baseline: measure.N(12), Target: measure.N(4)},
					Source: source("Help desk dashboard"),
				},
				{
					Key: "k3", Title: "The ten largest customers sign for another year", Owner: "ben",
					Metric: measure.Metric{Kind: measure.YesNo}, Source: source("Contract register"),
				},
			},
		}},
	}
}
