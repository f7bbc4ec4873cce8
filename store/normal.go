package store

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// Instant is t as every store keeps it: UTC, to the microsecond, with no reading
// of the monotonic clock.
func Instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func instant(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := Instant(*t)
	return &u
}

func ref[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

func each[T any](rows []T, f func(T) T) []T {
	if len(rows) == 0 {
		return nil
	}
	out := make([]T, len(rows))
	for i, r := range rows {
		out[i] = f(r)
	}
	return out
}

// list is a copy; empty is nil, since no store can tell the two apart.
func list[T any](s []T) []T {
	if len(s) == 0 {
		return nil
	}
	return slices.Clone(s)
}

func cycle(c okr.Cycle) okr.Cycle {
	c.Cadence, c.ClosedAt = c.Cadence.Clone(), instant(c.ClosedAt)
	c.Phases, c.Sessions = list(c.Phases), list(c.Sessions)
	for i := range c.Sessions {
		c.Sessions[i].Schedule = c.Sessions[i].Schedule.Clone()
	}
	return c
}

func person(p okr.Person) okr.Person {
	p.Away = list(p.Away)
	return p
}

func team(t okr.Team) okr.Team {
	t.Cadence = t.Cadence.Clone()
	return t
}

// number has one zero: not every database keeps the sign of another.
func number(n measure.Number) measure.Number {
	if v, ok := n.Value(); ok && v == 0 {
		return measure.N(0)
	}
	return n
}

func objective(o okr.Objective) okr.Objective {
	o.StatedScore = statedScore(o.StatedScore)
	o.Parents = list(o.Parents)
	for i := range o.Parents {
		o.Parents[i].Weight = number(o.Parents[i].Weight)
	}
	return o
}

func keyResult(k okr.KeyResult) okr.KeyResult {
	k.Source, k.Cadence, k.Original = ref(k.Source), k.Cadence.Clone(), ref(k.Original)
	if k.Source != nil {
		k.Source.Access = list(k.Source.Access)
	}
	if k.Original != nil {
		k.Original.Metric.Baseline, k.Original.Metric.Target = number(k.Original.Metric.Baseline), number(k.Original.Metric.Target)
	}
	k.Initiatives, k.StatedScore = list(k.Initiatives), statedScore(k.StatedScore)
	k.Metric.Baseline, k.Metric.Target, k.Weight = number(k.Metric.Baseline), number(k.Metric.Target), number(k.Weight)
	k.Current, k.Confidence = number(k.Current), number(k.Confidence)
	k.ActivatedAt, k.CurrentAt, k.LastCheckIn, k.FedAt = instant(k.ActivatedAt), instant(k.CurrentAt), instant(k.LastCheckIn), instant(k.FedAt)
	return k
}

func statedScore(s *okr.StatedScore) *okr.StatedScore {
	s = ref(s)
	if s != nil {
		s.Value = number(s.Value)
	}
	return s
}

func blocker(b okr.Blocker) okr.Blocker {
	b.OpenedAt, b.ClosedAt = Instant(b.OpenedAt), instant(b.ClosedAt)
	return b
}

func item(i okr.Item) okr.Item {
	i.Doc = bytes.Clone(i.Doc)
	return i
}

func reading(r okr.Reading) okr.Reading {
	r.OccurredAt, r.RecordedAt = Instant(r.OccurredAt), Instant(r.RecordedAt)
	r.Value = number(r.Value)
	return r
}

func checkIn(c okr.CheckInRecord) okr.CheckInRecord {
	c.OccurredAt, c.RecordedAt = Instant(c.OccurredAt), Instant(c.RecordedAt)
	c.Value, c.Confidence = number(c.Value), number(c.Confidence)
	c.Adjusted = list(c.Adjusted)
	return c
}

func standing(s okr.Standing) okr.Standing {
	s.Since, s.NextLook = Instant(s.Since), instant(s.NextLook)
	return s
}

func entry(e okr.Entry) okr.Entry {
	e.Time = Instant(e.Time)
	e.Data, e.State, e.Wire = bytes.Clone(e.Data), bytes.Clone(e.State), bytes.Clone(e.Wire)
	e.Whole, e.Stood = bytes.Clone(e.Whole), bytes.Clone(e.Stood)
	return e
}

func word(w okr.Word) okr.Word {
	w.Salt = bytes.Clone(w.Salt)
	return w
}

func normal(c okr.Changes) okr.Changes {
	c.Expect = maps.Clone(c.Expect)
	c.Cycles = each(c.Cycles, cycle)
	c.People = each(c.People, person)
	c.Teams = each(c.Teams, team)
	c.Objectives = each(c.Objectives, objective)
	c.KeyResults = each(c.KeyResults, keyResult)
	c.Blockers = each(c.Blockers, blocker)
	c.Items = each(c.Items, item)
	c.Links = list(c.Links)
	c.Readings = each(c.Readings, reading)
	c.CheckIns = each(c.CheckIns, checkIn)
	c.Activate, c.Deactivate = list(c.Activate), list(c.Deactivate)
	c.Standings = each(c.Standings, standing)
	c.Settled = list(c.Settled)
	c.Drop = each(c.Drop, standing)
	c.Look = list(c.Look)
	c.Entries = each(c.Entries, entry)
	c.Words = each(c.Words, word)
	if c.Remember != nil {
		m := *c.Remember
		m.Decision, m.At = bytes.Clone(m.Decision), Instant(m.At)
		c.Remember = &m
	}
	c.Now = Instant(c.Now)
	return c
}

// Copy is a snapshot that shares nothing with s, for stores that keep rows as
// values.
func Copy(s *okr.Snapshot) *okr.Snapshot {
	return &okr.Snapshot{
		Tenant:     s.Tenant,
		Cycles:     each(s.Cycles, cycle),
		People:     each(s.People, person),
		Teams:      each(s.Teams, team),
		Objectives: each(s.Objectives, objective),
		KeyResults: each(s.KeyResults, keyResult),
		Readings:   list(s.Readings),
		CheckIns:   each(s.CheckIns, checkIn),
		Blockers:   each(s.Blockers, blocker),
		Standings:  each(s.Standings, standing),
		Packs:      list(s.Packs),

		// Items were decoded for this snapshot and are shared with nothing.
		KPIs: s.KPIs, Waivers: s.Waivers, Comments: s.Comments, Decisions: s.Decisions, Deferrals: s.Deferrals,
		Sessions: s.Sessions, Reviews: s.Reviews, Grants: s.Grants, Dependencies: s.Dependencies, Reports: s.Reports, Policy: s.Policy, Resets: s.Resets,
	}
}
