package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/rules/lexicon"
)

// dated gives a plan without dates the quarter of the story.
func dated(p okr.Plan) okr.Plan {
	if p.Cycle.Start.IsZero() {
		p.Cycle.Start = measure.NewDate(2026, time.October, 1)
		p.Cycle.End = measure.NewDate(2026, time.December, 31)
	}
	if p.Cycle.Name == "" {
		p.Cycle.Name = "the plan's quarter"
	}
	return p
}

// mend does to a stranger's plan what can be done without understanding it:
// everybody it names becomes a person, every key result gets an owner, a source
// kept by hand and a weekly rhythm. What has no number still has none.
func mend(p okr.Plan) okr.Plan {
	words, err := lexicon.New()
	if err != nil {
		panic(fmt.Sprintf("the embedded word lists do not load: %v", err))
	}
	p.Objectives = slices.Clone(p.Objectives)
	p.People = slices.Clone(p.People)
	p.Cycle.Cadence = &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday, At: "16:00"}
	known := map[string]string{}
	for _, x := range p.People {
		known[x.Name], known[string(x.ID)] = string(x.ID), string(x.ID)
	}
	person := func(name string) string {
		if id, ok := known[name]; ok {
			return id
		}
		id := strings.Map(func(r rune) rune {
			if r == ' ' {
				return '-'
			}
			return r
		}, strings.ToLower(name))
		known[name] = id
		if !slices.ContainsFunc(p.People, func(x okr.Person) bool { return string(x.ID) == id }) {
			p.People = append(p.People, okr.Person{ID: okr.ID(id), Name: name})
		}
		return id
	}
	owner := func(text string) string {
		if o := words.Owner(text); o.Kind != lexicon.OwnerGroup && len(o.People) > 0 {
			return person(o.People[0])
		}
		return person("Plan Keeper")
	}
	for i, o := range p.Objectives {
		o.KeyResults = slices.Clone(o.KeyResults)
		for j, k := range o.KeyResults {
			if k.Owner == "" {
				k.Owner = o.Owner
			}
			k.Owner = owner(k.Owner)
			if k.Source == nil {
				k.Source = &okr.Source{Kind: "manual", Where: "whatever " + k.Owner + " counts", Interval: okr.EveryWeek, Access: []string{k.Owner}}
			}
			o.KeyResults[j] = k
		}
		p.Objectives[i] = o
	}
	return p
}
