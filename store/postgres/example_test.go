package postgres_test

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/store/postgres"
)

// A check-in commits with the host's own rows, or not at all.
func Example() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, "postgres://app@db/app")
	if err != nil {
		panic(err)
	}
	db, err := postgres.New(pool)
	if err != nil {
		panic(err)
	}
	if err := db.Validate(ctx); err != nil { // or Migrate, in a step of its own
		panic(err)
	}
	desk, err := okr.New(db, okr.Config{})
	if err != nil {
		panic(err)
	}
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "INSERT INTO meeting (topic) VALUES ($1)", "renewals"); err != nil {
			return err
		}
		acme := desk.For("acme").As(okr.Someone("ana")).In(db.Wrap(tx))
		_, err := acme.CheckIn(ctx, okr.CheckIn{KeyResult: "renewals", Value: measure.N(74)})
		return err
	})
	if err != nil {
		panic(err)
	}
}
