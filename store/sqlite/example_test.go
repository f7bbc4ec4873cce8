package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/sqlite"
)

func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "okrkit-example-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)

	db, err := sqlite.Open(ctx, filepath.Join(dir, "okr.db"))
	if err != nil {
		panic(err)
	}
	defer db.Close()
	desk, err := okr.New(db, okr.Config{})
	if err != nil {
		panic(err)
	}
	acme := desk.For("acme").As(okr.Someone("ana"))
	if _, err := acme.Propose(ctx, okrtest.Plan()); err != nil {
		panic(err)
	}

	// What was decided is in the ledger; the sealer has not come by yet.
	v, err := db.Verify(ctx, "acme")
	if err != nil {
		panic(err)
	}
	fmt.Println(v)
	_, err = sqlite.Open(ctx, filepath.Join(dir, "okr.db"))
	fmt.Println(err != nil)
	// Output:
	// sealed up to 0, 8 not yet
	// true
}
