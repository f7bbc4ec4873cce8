package memory_test

import (
	"context"
	"fmt"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// A host's transaction takes the desk's decisions along, or leaves them behind.
func ExampleStore_Wrap() {
	ctx := context.Background()
	db := memory.New()
	clock := okrtest.NewClock(time.Date(2026, time.September, 21, 9, 0, 0, 0, time.UTC))
	desk, err := okr.New(db, okr.Config{Clock: clock.Now})
	if err != nil {
		panic(err)
	}
	acme := desk.For("acme").As(okr.Someone("ana"))
	cycles := func() int {
		all, err := acme.View().Cycles(ctx)
		if err != nil {
			panic(err)
		}
		return len(all)
	}
	for _, commit := range []bool{false, true} {
		tx, err := db.BeginTx(ctx)
		if err != nil {
			panic(err)
		}
		if _, err := acme.In(db.Wrap(tx)).Propose(ctx, okrtest.Plan()); err != nil {
			panic(err)
		}
		if commit {
			err = tx.Commit(ctx)
		} else {
			err = tx.Rollback(ctx)
		}
		if err != nil {
			panic(err)
		}
		fmt.Println("committed:", commit, "cycles:", cycles())
	}
	// Output:
	// committed: false cycles: 0
	// committed: true cycles: 1
}
