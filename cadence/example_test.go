package cadence_test

import (
	"context"
	"fmt"
	"time"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// Every second Friday over the change to winter time: 17:00 stays 17:00.
func ExampleCalendar_Occurrences() {
	quarter := okr.Cycle{Zone: "Europe/Zurich", Start: measure.NewDate(2026, 10, 1), End: measure.NewDate(2026, 12, 31)}
	from := time.Date(2026, 10, 10, 0, 0, 0, 0, time.UTC)
	occurrences, err := cadence.New().Occurrences(cadence.EveryWeeks(2, time.Friday, "17:00"), quarter, from, from.AddDate(0, 1, 0))
	if err != nil {
		panic(err)
	}
	for _, o := range occurrences {
		fmt.Println(o.Key, o.Due.Format("15:04 MST"))
	}
	// Output:
	// 2026-10-16 15:00 UTC
	// 2026-10-30 16:00 UTC
}

// A host runs Run beside its other work; Once is a single step of it.
func ExampleRunner() {
	ctx := context.Background()
	clock := okrtest.NewClock(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	store := memory.New()
	desk, err := okr.New(store, okr.Config{Calendar: cadence.New(), Clock: clock.Now})
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

	clock.Set(time.Date(2026, time.October, 1, 14, 0, 0, 0, time.UTC)) // a day before the first check-in is due
	runner := cadence.NewRunner(desk)
	for n := 1; n > 0; { // what is due is settled, and then those are told whom it concerns
		if n, err = runner.Once(ctx); err != nil {
			panic(err)
		}
	}

	// Adapters take notices from the bus; here they are read from the outbox.
	out, err := store.ClaimOutgoing(ctx, clock.Now(), time.Minute, 100)
	if err != nil {
		panic(err)
	}
	for _, o := range out {
		if o.Type != okr.EventNoticeReady {
			continue
		}
		event, err := okr.ParseCloudEvent(o.Wire)
		if err != nil {
			panic(err)
		}
		payload, err := event.Payload()
		if err != nil {
			panic(err)
		}
		notice := payload.(*okr.NoticeFact)
		fmt.Printf("%s: %s\n", notice.To, notice.Title)
	}
	// Unordered output:
	// ana: Check-in due: Raise renewals from 70 % to 90 %
	// ben: 2 check-ins due
}

func ExampleParse() {
	words, err := cadence.Parse(`{{define "checkin-due"}}Five minutes, please, before {{date .Due}}.{{end}}`)
	if err != nil {
		panic(err)
	}
	text, err := words.Text(cadence.Message{Kind: cadence.KindDue, Items: []cadence.Item{{
		Kind: cadence.KindDue, KeyResult: okr.KeyResultFact{Title: "Halve the waiting time"},
		Due: time.Date(2026, time.October, 9, 17, 0, 0, 0, time.UTC),
	}}})
	if err != nil {
		panic(err)
	}
	fmt.Println(text.Body)
	// Output:
	// Halve the waiting time
	// Five minutes, please, before Friday, 9 October 2026.
}
