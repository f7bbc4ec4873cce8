package simulate_test

import (
	"context"
	"fmt"
	"time"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/cadence/simulate"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// Forty people who check in every week or every month: what would it cost in
// messages, and what would go unnoticed?
func Example() {
	s := simulate.Scenario{Seed: 1, Plan: okr.Plan{Cycle: okrtest.Quarter()}}
	if err := (simulate.Company{People: 40, Chances: simulate.Chances{Stalled: 0.2}}).Fill(&s); err != nil {
		fmt.Println(err)
		return
	}
	byWeek, byMonth := cadence.Weekly(time.Friday, "16:00"), cadence.Monthly(0, "16:00")
	c, err := simulate.Compare(context.Background(), s, []simulate.Variant{{Cadence: &byWeek}, {Cadence: &byMonth}}, func() (simulate.Stage, error) {
		return simulate.Stage{Store: memory.New()}, nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	weekly, monthly := c.Runs[0], c.Runs[1]
	fmt.Println(weekly.Cadence, "or", monthly.Cadence)
	fmt.Println("fewer messages by the month:", monthly.Figures.Messages.Total < weekly.Figures.Messages.Total)
	fmt.Println("but longer until somebody hears of the last stall:", monthly.Figures.Heard.Worst > weekly.Figures.Heard.Worst)
	// Output:
	// every week on Friday at 16:00 or every month on the last day at 16:00
	// fewer messages by the month: true
	// but longer until somebody hears of the last stall: true
}
