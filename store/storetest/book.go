package storetest

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// start is the instant at which the tests take place.
var start = time.Date(2026, time.November, 6, 9, 30, 0, 123_456_000, time.UTC)

// book keeps the versions of one tenant's aggregates, and writes changes as a
// desk does: each row with an event.
type book struct {
	tenant   okr.TenantID
	now      time.Time
	versions map[okr.Ref]int64
	events   int
}

func newBook(tenant okr.TenantID) *book {
	return &book{tenant: tenant, now: start, versions: map[okr.Ref]int64{}}
}

// entry is the next event of an aggregate.
func (b *book) entry(c *okr.Changes, aggregate, entity okr.Ref, eventType string, state any) {
	raw, err := json.Marshal(state)
	if err != nil {
		panic(err) // the tests' own values marshal
	}
	b.versions[aggregate]++
	b.events++
	e := okr.Entry{
		Event: okr.Event{
			ID: fmt.Sprintf("%s-%06d", b.tenant, b.events), Type: eventType, Tenant: b.tenant, Aggregate: aggregate, Seq: b.versions[aggregate],
			Time: b.now, Actor: okr.Someone("ann"), Data: json.RawMessage(fmt.Sprintf(`{"n":%d}`, b.events)),
		},
		Entity: entity, State: raw,
	}
	e.Hash = e.Sum()
	e.Wire, err = e.AppendCloudEvent(nil)
	if err != nil {
		panic(err)
	}
	c.Entries = append(c.Entries, e)
}

func (b *book) touch(c *okr.Changes, r okr.Ref, state any) (version int64) {
	if c.Expect == nil {
		c.Expect = map[okr.Ref]int64{}
	}
	c.Expect[r] = b.versions[r]
	b.entry(c, r, r, okr.EventPrefix+string(r.Kind)+".changed", state)
	return b.versions[r]
}

// write completes changes: each row gets the next version, and an event.
func (b *book) write(c okr.Changes) okr.Changes {
	c.Now = b.now
	for i := range c.Cycles {
		c.Cycles[i].Version = b.touch(&c, ref(okr.KindCycle, c.Cycles[i].ID), c.Cycles[i])
	}
	for i := range c.People {
		c.People[i].Version = b.touch(&c, ref(okr.KindPerson, c.People[i].ID), c.People[i])
	}
	for i := range c.Teams {
		c.Teams[i].Version = b.touch(&c, ref(okr.KindTeam, c.Teams[i].ID), c.Teams[i])
	}
	for i := range c.Objectives {
		c.Objectives[i].Version = b.touch(&c, ref(okr.KindObjective, c.Objectives[i].ID), c.Objectives[i])
	}
	for i := range c.KeyResults {
		c.KeyResults[i].Version = b.touch(&c, ref(okr.KindKeyResult, c.KeyResults[i].ID), c.KeyResults[i])
		c.Links = append(c.Links, c.KeyResults[i].ID)
	}
	for i := range c.Items {
		x := &c.Items[i]
		x.Version = b.touch(&c, x.Ref, x.Ref)
		x.Doc = fmt.Appendf(nil, `{"id":%q,"version":%d}`, x.ID, x.Version)
	}
	return c
}

// item is a row that concerns another; writing it fills it.
func item(r, subject okr.Ref, cycle okr.ID) okr.Item {
	return okr.Item{Ref: r, Subject: subject, Cycle: cycle}
}

func ref(k okr.Kind, id okr.ID) okr.Ref { return okr.Ref{Kind: k, ID: id} }

// at is the start and so many days.
func at(days int) time.Time { return start.AddDate(0, 0, days) }

func ptr[T any](v T) *T { return &v }

// cycle, objective and keyResult are rows with nothing in them but what ties them
// together.
func cycle(id okr.ID) okr.Cycle {
	return okr.Cycle{ID: id, Key: "key of " + string(id), Name: "Cycle " + string(id), Zone: "Europe/Zurich",
		Start: measure.NewDate(2026, 10, 1), End: measure.NewDate(2026, 12, 31)}
}

func objective(id, cycle, team, owner okr.ID) okr.Objective {
	return okr.Objective{ID: id, Key: string(id), Cycle: cycle, Title: "Objective " + string(id), Team: team, Owner: owner, State: okr.Active}
}

func keyResult(id, objective, cycle, owner okr.ID) okr.KeyResult {
	return okr.KeyResult{ID: id, Key: string(id), Objective: objective, Cycle: cycle, Title: "Key result " + string(id), Owner: owner, State: okr.Active,
		Metric: measure.Metric{Kind: measure.Increase, Baseline: measure.N(0), Target: measure.N(100)}}
}

func reading(id, keyResult okr.ID, v float64, occurred, recorded time.Time) okr.Reading {
	return okr.Reading{ID: id, KeyResult: keyResult, Value: measure.N(v), OccurredAt: occurred, RecordedAt: recorded, Source: "checkin"}
}

func checkIn(id, keyResult okr.ID, occurred time.Time) okr.CheckInRecord {
	return okr.CheckInRecord{ID: id, KeyResult: keyResult, Author: okr.Someone("ann"), OccurredAt: occurred, RecordedAt: occurred}
}

// small is a tenant with one cycle, one objective and one key result.
func (b *book) small() okr.Changes {
	return b.write(okr.Changes{
		Cycles:     []okr.Cycle{cycle("q4")},
		People:     []okr.Person{{ID: "ann", Name: "Ann", Team: "sales"}},
		Teams:      []okr.Team{{ID: "sales", Name: "Sales", Lead: "ann"}},
		Objectives: []okr.Objective{objective("o1", "q4", "sales", "ann")},
		KeyResults: []okr.KeyResult{keyResult("k1", "o1", "q4", "ann")},
	})
}
