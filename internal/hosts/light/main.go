// Command light is a host that judges its own orders by okrkit's rules and keeps
// key results in its own tables.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/rules"
)

const text = `
apiVersion: okr.rules/v1
env: 1
name: host
version: 1.0.0
rules:
  - id: enough
    on: order
    check: order.amount >= 100
    message: "{order.amount} is not enough"
tests:
  - name: a small one
    given: {order: {amount: 5}}
    expect: {enough: fail}
`

type order struct{ amount int64 }

func main() {
	env, err := rules.NewEnv(rules.Schema{
		Level: 1,
		Now:   time.Date(2026, 11, 6, 9, 0, 0, 0, time.UTC),
		Types: []rules.Type{{Name: "order", Doc: "What somebody ordered.", Example: map[string]any{"amount": 100}, Fields: []rules.Field{
			{Name: "amount", Kind: rules.Int, Since: 1, Doc: "Pieces.", Get: func(o any) any { return o.(order).amount }},
		}}},
		Subjects: []rules.Subject{{Name: "order", Doc: "An order.", Vars: map[string]string{"order": "order"}}},
	})
	fail(err)
	pack, err := rules.Parse("host.yaml", []byte(text))
	fail(err)
	set, err := rules.Compile(env, pack)
	fail(err)
	results, err := set.Evaluate(context.Background(), "order", map[string]any{"order": order{amount: 7}},
		rules.Options{Now: time.Now()})
	fail(err)
	for _, r := range results {
		fmt.Println(r.Rule, r.Outcome, r.Message)
	}

	kr := okr.KeyResult{Title: "Onboard 40 teams", Metric: measure.Metric{Kind: measure.Increase, Baseline: measure.N(0), Target: measure.N(40)}}
	fmt.Println(kr.Title, kr.Metric.Raw(measure.N(10)), kr.Metric.Raw(measure.Number{}))

	if dsn := os.Getenv("HOST_DATABASE"); dsn != "" {
		conn, err := pgx.Connect(context.Background(), dsn)
		fail(err)
		fail(conn.Close(context.Background()))
	}
}

func fail(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
