package rules_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/okrkit/okrkit/rules"
)

type parcel struct {
	Title  string
	Weight float64 // in kg; 0 if nobody weighed it
	Sent   time.Time
}

func parcels() (*rules.Env, error) {
	return rules.NewEnv(rules.Schema{
		Level: 1,
		Types: []rules.Type{{
			Name:    "parcel",
			Example: map[string]any{"title": "Books", "weight": 2.5, "sent": "2026-01-01"},
			Fields: []rules.Field{
				{Name: "title", Kind: rules.String, Get: func(o any) any { return o.(*parcel).Title }},
				{Name: "weight", Kind: rules.Double, MayBeUnknown: true, Get: func(o any) any {
					if w := o.(*parcel).Weight; w > 0 {
						return w
					}
					return rules.Unknown
				}},
				{Name: "sent", Kind: rules.Timestamp, MayBeUnknown: true, Get: func(o any) any { return o.(*parcel).Sent }},
			},
		}},
		Subjects: []rules.Subject{{Name: "parcel", Vars: map[string]string{"parcel": "parcel"}}},
	})
}

func Example() {
	env, err := parcels()
	if err != nil {
		fmt.Println(err)
		return
	}
	set, err := rules.Load(env, rules.File{Name: "parcels.yaml", Text: []byte(`
apiVersion: okr.rules/v1
env: 1
name: parcels
version: 1.0.0
params: {heavy: 20}
rules:
  - id: not-too-heavy
    on: parcel
    severity: error
    check: parcel.weight <= params.heavy
    message: "{parcel.title} weighs {parcel.weight} kg, {params.heavy} is the limit"
    fix: Send it in two.
tests:
  - name: a piano
    given: {parcel: {title: Piano, weight: 300}}
    expect: {not-too-heavy: {outcome: fail, message: "Piano weighs 300 kg, 20 is the limit"}}
  - name: books
    given: {parcel: {weight: 2}}
    expect: {not-too-heavy: pass}
`)})
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := set.Test(context.Background(), rules.TestOptions{})
	fmt.Println(report, err)

	o := rules.Options{Now: time.Date(2026, 11, 6, 9, 0, 0, 0, time.UTC)}
	for _, p := range []*parcel{{Title: "Shoes", Weight: 1.2}, {Title: "Anvil", Weight: 75.5}, {Title: "Gift"}} {
		results, err := set.Evaluate(context.Background(), "parcel", map[string]any{"parcel": p}, o)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, r := range results {
			fmt.Println(strings.TrimSpace(fmt.Sprintln(p.Title+":", r.Outcome, r.Message)))
		}
	}
	// Output:
	// 2 tests, 0 failed <nil>
	// Shoes: pass
	// Anvil: fail Anvil weighs 75.5 kg, 20 is the limit
	// Gift: unknown not known: parcel.weight
}

func ExampleTestReport_Check() {
	env, err := parcels()
	if err != nil {
		fmt.Println(err)
		return
	}
	set, err := rules.Load(env, rules.File{Name: "parcels.yaml", Text: []byte(`apiVersion: okr.rules/v1
env: 1
name: parcels
version: 1.0.0
rules:
  - {id: light, on: parcel, check: parcel.weight < 20 || parcel.title == "Piano", message: too heavy}
tests:
  - {name: a book, given: {parcel: {weight: 2}}, expect: {light: pass}}
  - {name: not known, unknown: [parcel.weight], expect: {light: unknown}}
`)})
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := set.Test(context.Background(), rules.TestOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Check(rules.Demand{Examples: true, Coverage: 0.8}))
	for _, u := range report.Coverage[0].Untaken {
		fmt.Println(u)
	}
	// Output:
	// rules: the tests do not show what is asked of them
	// parcels.yaml:6: light: no test expects fail
	// parcels.yaml:1: the tests take 50 % of the branches, 80 % are asked for
	// light: check: parcel.weight < 20 is never false
	// light: check: parcel.title == "Piano" is never true
}

func ExampleLoad_mistakes() {
	env, err := parcels()
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = rules.Load(env, rules.File{Name: "parcels.yaml", Text: []byte(`apiVersion: okr.rules/v1
env: 1
name: parcels
version: 1.0.0
rules:
  - id: on-time
    on: parcel
    check: now - parcel.send < duration("7d")
    message: "{parcel.title} is on its way for too long"
`)})
	fmt.Println(err)
	// Output:
	// parcels.yaml:8:25: parcel has no "send"
	//     8 |     check: now - parcel.send < duration("7d")
	//       |                         ^
	//   hint: did you mean parcel.sent?
}
