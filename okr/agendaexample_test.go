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

func ExampleView_Agenda() {
	ctx := context.Background()
	clock := okrtest.NewClock(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
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
	sales := okr.AgendaQuery{Cycle: cycles[0].ID, Team: "sales"}
	before, err := acme.View().Agenda(ctx, sales)
	if err != nil {
		panic(err)
	}
	for _, p := range before.Points {
		fmt.Println(p.Minutes, p.Title, p.Reasons[0].Code)
	}
	_, err = acme.Hold(ctx, okr.NewSession{
		Kind: okr.CheckInSession, Cycle: sales.Cycle, Team: sales.Team, People: []okr.ID{"ana", "ben"},
		Held: measure.NewDate(2026, time.October, 30), Expected: before.Expected, Minutes: 7,
		CheckIns: []okr.CheckIn{
			{KeyResult: before.Points[0].ID, Value: measure.N(79), Confidence: measure.N(8)},
			{KeyResult: before.Points[1].ID, Value: measure.N(9), Confidence: measure.N(7)},
		},
	})
	if err != nil {
		panic(err)
	}
	after, err := acme.View().Agenda(ctx, sales)
	if err != nil {
		panic(err)
	}
	fmt.Println(before.Expected, "minutes before,", after.Expected, "after;", len(after.Quiet), "need no words")
	// Output:
	// 2 Raise renewals from 70 % to 90 % unknown
	// 2 Cut first response time from 12 to 4 hours unknown
	// 2 The ten largest customers sign for another year unknown
	// 6 minutes before, 2 after; 2 need no words
}
