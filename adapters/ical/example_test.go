package ical_test

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/okrkit/okrkit/adapters/ical"
	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

func Example() {
	ctx := context.Background()
	clock := okrtest.NewClock(time.Date(2026, time.December, 28, 9, 0, 0, 0, time.UTC))
	desk, err := okr.New(memory.New(), okr.Config{Clock: clock.Now, Calendar: cadence.New()})
	if err != nil {
		panic(err)
	}
	acme := desk.For("acme").As(okr.Someone("ana"))
	if _, err := acme.Propose(ctx, okrtest.Plan()); err != nil {
		panic(err)
	}
	feeds, err := ical.New(desk, ical.Config{Secrets: [][]byte{[]byte("keep 32 random bytes or more here")}})
	if err != nil {
		panic(err)
	}
	calendar, err := feeds.Calendar(ctx, "acme", ical.PersonFeed("ana"))
	if err != nil {
		panic(err)
	}
	for line := range bytes.Lines(calendar.Body) {
		if bytes.HasPrefix(line, []byte("SUMMARY")) || bytes.HasPrefix(line, []byte("DTSTART;VALUE")) {
			fmt.Printf("%s\n", bytes.TrimSpace(line))
		}
	}
	// Output:
	// DTSTART;VALUE=DATE:20261231
	// SUMMARY:Q4 2026 ends
}
