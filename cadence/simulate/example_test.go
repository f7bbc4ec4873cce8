package simulate_test

import (
	"context"
	"fmt"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/cadence/simulate"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// Forty people who check in every week or every month: what would it cost in
// messages, and what would go unnoticed for how long?
func Example() {
	for _, rhythm := range []okr.Schedule{cadence.Weekly(5, "16:00"), cadence.Monthly(0, "16:00")} {
		s := simulate.Scenario{Seed: 1, Plan: okr.Plan{Cycle: okrtest.Quarter()}}
		s.Plan.Cycle.Cadence = &rhythm
		if err := (simulate.Company{People: 40, Chances: simulate.Chances{Stalled: 0.2}}).Fill(&s); err != nil {
			fmt.Println(err)
			return
		}
		t, err := simulate.Run(context.Background(), s, simulate.Stage{Store: memory.New()})
		if err != nil {
			fmt.Println(err)
			return
		}
		f := t.Figures
		fmt.Printf("%s: %.2f messages to a person in a week, %d occurrences missed; of %d that stalled half were heard of within %d days\n",
			t.Cadence, f.Messages.Mean, f.Missed, f.Heard.Stalled, f.Heard.Median)
	}
	// Output:
	// every week on Friday at 16:00: 1.26 messages to a person in a week, 24 occurrences missed; of 3 that stalled half were heard of within 5 days
	// every month on the last day at 16:00: 0.35 messages to a person in a week, 2 occurrences missed; of 3 that stalled half were heard of within 13 days
}
