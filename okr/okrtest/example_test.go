package okrtest_test

import (
	"fmt"
	"time"

	"github.com/okrkit/okrkit/okr/okrtest"
)

func Example() {
	clock := okrtest.NewClock(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	clock.Advance(36 * time.Hour)
	id := okrtest.SequentialIDs()
	id()
	plan := okrtest.Plan()
	fmt.Println(clock.Now().Format(time.DateTime), id())
	fmt.Println(plan.Cycle.Name, len(plan.Objectives[0].KeyResults))
	// Output:
	// 2026-10-02 21:00:00 id-000002
	// Q4 2026 3
}
