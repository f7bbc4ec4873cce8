package okr_test

import (
	"context"
	"fmt"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

func Example() {
	ctx := context.Background()
	clock := okrtest.NewClock(time.Date(2026, time.September, 21, 9, 0, 0, 0, time.UTC))
	desk, err := okr.New(memory.New(), okr.Config{Clock: clock.Now})
	if err != nil {
		panic(err)
	}
	acme := desk.For("acme").As(okr.Someone("ana"))
	if _, err := acme.Propose(ctx, okrtest.Plan()); err != nil {
		panic(err)
	}
	cycles, err := acme.View().Cycles(ctx)
	if err != nil {
		panic(err)
	}
	if _, err := acme.Activate(ctx, okr.Activation{Cycle: cycles[0].ID}); err != nil {
		panic(err)
	}
	clock.Set(time.Date(2026, time.October, 30, 10, 0, 0, 0, time.UTC))
	page, err := acme.View().KeyResults(ctx, okr.Query{Owner: "ana"})
	if err != nil {
		panic(err)
	}
	decision, err := acme.CheckIn(ctx, okr.CheckIn{
		KeyResult: page.Items[0].ID, Value: measure.N(74), Confidence: measure.N(6), Stated: measure.OnTrack,
	})
	if err != nil {
		panic(err)
	}
	after := decision.Subjects[0].After
	fmt.Println("progress", after.Progress, "status", after.Status)
	for _, e := range decision.Events {
		fmt.Println(e.Type)
	}
	// Output:
	// progress 0.2 status at_risk
	// okr.v1.reading.recorded
	// okr.v1.checkin.recorded
	// okr.v1.key_result.status-changed
}
