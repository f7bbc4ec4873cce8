package planfile_test

import (
	"fmt"

	"github.com/okrkit/okrkit/adapters/planfile"
)

func Example() {
	plan, err := planfile.Read("plan.md", []byte(`# Q3 2026

## Objective: Riders come back

- KR: Reduce churn from 6 % to 4 % (owner: Mara Lind)
- KR: 300 riders renew

Thanks to everybody who helped.
`))
	if err != nil {
		panic(err)
	}
	for _, o := range plan.Objectives {
		fmt.Println(o.Title)
		for _, k := range o.KeyResults {
			fmt.Println("-", k.Title, k.Metric.Kind, k.Metric.Baseline, k.Metric.Target)
		}
	}
	for _, u := range plan.Unread {
		fmt.Printf("line %d: %s\n", u.Line, u.Reason)
	}
	// Output:
	// Riders come back
	// - Reduce churn from 6 % to 4 % decrease 6 4
	// - 300 riders renew at_least unknown 300
	// line 8: prose: it names no objective and no key result
}
