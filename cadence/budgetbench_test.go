package cadence_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
)

// One operation delivers a day on which 10,000 events wait for 500 people, twenty each:
// 500 notices, over the reference store.
func BenchmarkDayOf10000Waiting(b *testing.B) {
	const people, each = 500, 20
	for b.Loop() {
		b.StopTimer()
		h := newHouse(b, func(p *okr.Plan) {
			p.Cycle.Cadence.At = "12:00"
			one, objective := p.Objectives[0].KeyResults[0], p.Objectives[0]
			one.Source = nil
			p.Objectives = nil
			for i := range people {
				who := fmt.Sprintf("p%03d", i)
				p.People = append(p.People, okr.Person{ID: okr.ID(who), Name: who, Team: "sales"})
				o := objective
				o.Key, o.Title, o.KeyResults, o.Rank = fmt.Sprint("o", i), fmt.Sprint("Customers of region ", i, " stay"), nil, i+1
				for j := range each {
					one.Key, one.Title, one.Owner = fmt.Sprint("k", i, "-", j), fmt.Sprintf("Raise renewals in region %d-%d", i, j), who
					o.KeyResults = append(o.KeyResults, one)
				}
				p.Objectives = append(p.Objectives, o)
			}
		})
		drain(b, cadence.NewRunner(h.desk))
		host := h.acme.As(okr.Automation("bench"))
		if _, err := host.SetPolicy(context.Background(), okr.SettingPolicy{Policy: okr.Policy{Budget: okr.Budget{Digest: "13:00"}}}); err != nil {
			b.Fatal(err)
		}
		h.at(1, 10) // the reminders open at noon in Zurich
		r := cadence.NewRunner(h.desk)
		drain(b, r)
		h.events(b)
		h.at(1, 11) // the digest goes
		b.StartTimer()
		drain(b, r)
		b.StopTimer()
		if n := len(h.notices(b)); n != people {
			b.Fatal(n)
		}
		b.StartTimer()
	}
}
