package pack_test

import (
	"context"
	"fmt"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/rules"
)

// The starter packs carry their own tests; a host's packs run beside them.
func Example() {
	live, err := rules.Open(audit.Env(audit.Level), pack.Starter)
	if err != nil {
		panic(err)
	}
	for _, p := range live.Set().Packs() {
		fmt.Println(p.Name)
	}
	report, err := live.Set().Test(context.Background(), rules.TestOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Println(report.OK(), report.Complete())
	// Output:
	// focus
	// honesty
	// infrastructure
	// scoring-default
	// status-default
	// strong-key-results
	// true true
}

// A host that computes statuses as another program does opens its preset as well.
func ExamplePresetFolder() {
	viva, ok := pack.PresetFolder("status-viva")
	if !ok {
		panic("there is no such preset")
	}
	live, err := rules.Open(audit.Env(audit.Level), pack.Starter, viva)
	if err != nil {
		panic(err)
	}
	judge := audit.New(live)
	for _, p := range judge.Starter() {
		if p.Name == "status-viva" {
			fmt.Println(p.Name, p.Version, "is what a new tenant starts with")
		}
	}
	// Output: status-viva 1.0.0 is what a new tenant starts with
}
