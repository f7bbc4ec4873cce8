package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// testModel does the same random things to the store and to the reference, and
// looks for any difference in what they answer.
func testModel(t *testing.T, s suite) {
	rapid.Check(t, func(r *rapid.T) {
		st := s.open(scope{t, r})
		m := &model{T: r, ctx: t.Context(), real: st, reference: s.caps.Reference(), now: start, versions: map[okr.TenantID]map[okr.Ref]int64{}}
		r.Repeat(map[string]func(*rapid.T){
			"decide":  m.decide,
			"claim":   m.claim,
			"publish": m.publish,
			"due":     m.due,
			"seal":    m.seal,
			"erase":   m.erase,
			"requeue": m.requeue,
			"read":    m.read,
			"list":    m.list,
			"items":   m.items,
		})
	})
}

// scope lets a store that a rapid check opens be closed when the check ends, and
// not when the whole test does.
type scope struct {
	testing.TB
	r *rapid.T
}

func (s scope) Cleanup(f func())         { s.r.Cleanup(f) }
func (s scope) Context() context.Context { return s.TB.Context() }

type model struct {
	*rapid.T
	ctx             context.Context
	real, reference Store
	now             time.Time
	events          int
	rows            int
	versions        map[okr.TenantID]map[okr.Ref]int64
	claimed         []string
}

var modelTenants = []okr.TenantID{"acme", "Acme"}

func (m *model) tenant(t *rapid.T) okr.TenantID {
	return rapid.SampledFrom(modelTenants).Draw(t, "tenant")
}

func id(t *rapid.T, kind string, n int) okr.ID {
	return okr.ID(fmt.Sprintf("%s%d", kind, rapid.IntRange(1, n).Draw(t, kind)))
}

// both does the same to the two stores.
func both[T any](m *model, t *rapid.T, what string, f func(Store) (T, error)) T {
	a, errA := f(m.real)
	b, errB := f(m.reference)
	for _, known := range []error{okr.ErrConflict, okr.ErrNotFound, okr.ErrInvalid} {
		require.Equal(t, errors.Is(errB, known), errors.Is(errA, known), "%s: %v against %v", what, errA, errB)
	}
	require.Equal(t, errB == nil, errA == nil, "%s: %v against %v", what, errA, errB)
	require.Equal(t, b, a, what)
	return a
}

// decide writes in a transaction of one to three decisions, some of them in
// savepoints, and ends it one way or the other.
func (m *model) decide(t *rapid.T) {
	tenant := m.tenant(t)
	if m.versions[tenant] == nil {
		m.versions[tenant] = map[okr.Ref]int64{}
	}
	m.now = m.now.Add(time.Duration(rapid.IntRange(0, 3600).Draw(t, "seconds")) * time.Second)
	type step struct {
		changes okr.Changes
		nested  bool
	}
	b := &book{tenant: tenant, now: m.now, versions: map[okr.Ref]int64{}, events: m.events}
	for r, v := range m.versions[tenant] {
		b.versions[r] = v
	}
	var steps []step
	for range rapid.IntRange(1, 3).Draw(t, "steps") {
		steps = append(steps, step{m.changes(t, b), rapid.Bool().Draw(t, "nested")})
	}
	m.events = b.events
	commit := rapid.IntRange(0, 4).Draw(t, "commit") > 0
	ok := both(m, t, "decide", func(s Store) (bool, error) {
		u, err := s.Begin(m.ctx, true)
		if err != nil {
			return false, err
		}
		defer func() { _ = u.Rollback(context.WithoutCancel(m.ctx)) }()
		for _, step := range steps {
			if !step.nested {
				if err := u.Write(m.ctx, tenant, step.changes); err != nil {
					return false, err
				}
				continue
			}
			in, err := u.Nested(m.ctx)
			if err != nil {
				return false, err
			}
			if err := in.Write(m.ctx, tenant, step.changes); err != nil {
				return false, errors.Join(err, in.Rollback(m.ctx))
			}
			if err := in.Commit(m.ctx); err != nil {
				return false, err
			}
		}
		if !commit {
			return false, nil
		}
		return true, u.Commit(m.ctx)
	})
	if ok {
		m.versions[tenant] = b.versions
	}
}

func (m *model) changes(t *rapid.T, b *book) okr.Changes {
	var c okr.Changes
	some := func(what string, f func()) {
		for range rapid.IntRange(0, 2).Draw(t, what) {
			f()
		}
	}
	instant := func(what string) time.Time {
		return at(rapid.IntRange(-3, 3).Draw(t, what))
	}
	optional := func(what string) measure.Number {
		if v := rapid.IntRange(-1, 100).Draw(t, what); v >= 0 {
			return measure.N(float64(v) / 4)
		}
		return measure.Number{}
	}
	if rapid.IntRange(0, 3).Draw(t, "cycle?") == 0 {
		x := cycle(id(t, "q", 2))
		c.Cycles = append(c.Cycles, x)
	}
	if rapid.IntRange(0, 2).Draw(t, "person?") == 0 {
		c.People = append(c.People, okr.Person{ID: id(t, "p", 4), Team: id(t, "t", 2), Name: "P"})
	}
	if rapid.IntRange(0, 3).Draw(t, "team?") == 0 {
		c.Teams = append(c.Teams, okr.Team{ID: id(t, "t", 2), Lead: id(t, "p", 4)})
	}
	if rapid.IntRange(0, 2).Draw(t, "objective?") == 0 {
		o := objective(id(t, "o", 4), id(t, "q", 2), id(t, "t", 2), id(t, "p", 4))
		o.Rank = rapid.IntRange(0, 3).Draw(t, "rank")
		o.Key = string(id(t, "key", 6))
		some("children", func() { o.Rollup.Driver = measure.DriverBoth })
		some("parents", func() { o.Parents = append(o.Parents, okr.Share{Objective: id(t, "o", 4)}) })
		c.Objectives = append(c.Objectives, o)
	}
	if rapid.IntRange(0, 3).Draw(t, "key result?") > 0 {
		k := keyResult(id(t, "k", 6), id(t, "o", 4), id(t, "q", 2), id(t, "p", 4))
		k.Key = string(id(t, "key", 8))
		k.State = rapid.SampledFrom([]okr.State{okr.Active, okr.Draft}).Draw(t, "state")
		k.Current = optional("current")
		some("initiatives", func() {
			k.Initiatives = append(k.Initiatives, okr.Initiative{Title: "I", Owner: id(t, "p", 4), Link: string(id(t, "T-", 2))})
		})
		c.KeyResults = append(c.KeyResults, k)
		some("readings", func() {
			m.rows++
			r := reading(okr.ID(fmt.Sprintf("r%d", m.rows)), k.ID, 0, instant("occurred"), instant("recorded"))
			if rapid.IntRange(0, 9).Draw(t, "an old one") == 0 {
				r.ID = okr.ID(fmt.Sprintf("r%d", rapid.IntRange(1, m.rows).Draw(t, "which")))
			}
			r.Value = optional("value")
			c.Readings = append(c.Readings, r)
		})
		some("check-ins", func() {
			m.rows++
			x := checkIn(okr.ID(fmt.Sprintf("c%d", m.rows)), k.ID, instant("occurred"))
			x.Confidence = optional("confidence")
			c.CheckIns = append(c.CheckIns, x)
		})
		some("blockers", func() {
			x := okr.Blocker{ID: id(t, "b", 3), KeyResult: k.ID, OpenedAt: instant("opened"), Owner: id(t, "p", 4)}
			if rapid.Bool().Draw(t, "closed") {
				x.ClosedAt = ptr(instant("closed at"))
			}
			c.Blockers = append(c.Blockers, x)
		})
	}
	some("items", func() {
		r := ref(rapid.SampledFrom(itemKinds).Draw(t, "item kind"), id(t, "i", 4))
		if slices.ContainsFunc(c.Items, func(i okr.Item) bool { return i.Ref == r }) {
			return
		}
		c.Items = append(c.Items, item(r, m.concerned(t), rapid.SampledFrom([]okr.ID{"", "q1", "q2"}).Draw(t, "item cycle")))
	})
	subject := func() okr.Ref {
		return rapid.SampledFrom([]okr.Ref{ref(okr.KindKeyResult, "k1"), ref(okr.KindKeyResult, "k2"), ref(okr.KindObjective, "o1"), ref(okr.KindPerson, "p1")}).Draw(t, "subject")
	}
	some("settled", func() { c.Settled = append(c.Settled, subject()) })
	some("dropped", func() {
		c.Drop = append(c.Drop, okr.Standing{Subject: subject(), Kind: "x", Key: string(id(t, "s", 2))})
	})
	some("standings", func() {
		st := okr.Standing{Subject: subject(), Kind: "x", Key: string(id(t, "s", 2)), Value: string(id(t, "v", 5)), Since: instant("since")}
		if rapid.Bool().Draw(t, "look again") {
			st.NextLook = ptr(instant("next look"))
		}
		c.Standings = append(c.Standings, st)
	})
	some("look", func() { c.Look = append(c.Look, subject()) })
	if rapid.IntRange(0, 4).Draw(t, "remember?") == 0 {
		c.Remember = &okr.Remembered{Key: string(id(t, "idem", 6)), Content: "c", Decision: []byte("{}"), At: b.now}
	}
	if rapid.IntRange(0, 5).Draw(t, "pack?") == 0 {
		d := string(id(t, "digest", 3))
		c.Activate = []okr.Pack{{Name: string(id(t, "pack", 2)), Version: "1", Digest: d, Text: "text of " + d}}
	}
	if rapid.IntRange(0, 7).Draw(t, "no pack?") == 0 {
		c.Deactivate = []string{string(id(t, "pack", 2))}
	}
	if rapid.IntRange(0, 4).Draw(t, "word?") == 0 {
		m.rows++
		c.Words = []okr.Word{{ID: fmt.Sprintf("w%d", m.rows), Entity: subject(), Field: "f", Salt: []byte{1}, Text: "t"}}
	}
	c = b.write(c)
	if rapid.IntRange(0, 9).Draw(t, "stale?") == 0 && len(c.KeyResults) > 0 {
		// As a writer does that has seen an older state.
		r := ref(okr.KindKeyResult, c.KeyResults[0].ID)
		if c.Expect[r] > 0 {
			c.Expect[r]--
			c.KeyResults[0].Version--
			for i := range c.Entries {
				if c.Entries[i].Aggregate == r {
					c.Entries[i].Seq--
				}
			}
			rehash(&c)
		}
	}
	return c
}

func (m *model) claim(t *rapid.T) {
	limit := rapid.IntRange(0, 12).Draw(t, "limit")
	m.now = m.now.Add(time.Second)
	out := both(m, t, "claim", func(s Store) ([]okr.Outgoing, error) {
		return s.ClaimOutgoing(m.ctx, m.now, time.Minute, limit)
	})
	for _, o := range out {
		m.claimed = append(m.claimed, o.ID)
	}
}

func (m *model) publish(t *rapid.T) {
	if len(m.claimed) == 0 {
		t.Skip("nothing is claimed")
	}
	i := rapid.IntRange(0, len(m.claimed)-1).Draw(t, "event")
	ids := m.claimed[i : i+1]
	if rapid.Bool().Draw(t, "all of them") {
		ids = slices.Clone(m.claimed)
	}
	release := rapid.IntRange(0, 2).Draw(t, "release") == 0
	retry := m.now.Add(time.Duration(rapid.IntRange(-5, 5).Draw(t, "retry")) * time.Second)
	both(m, t, "publish", func(s Store) (int, error) {
		if release {
			if err := s.ReleaseOutgoing(m.ctx, ids, retry, "x"); err != nil {
				return 0, err
			}
		} else if err := s.MarkPublished(m.ctx, ids); err != nil {
			return 0, err
		}
		n, _, err := s.OutgoingState(m.ctx)
		return n, err
	})
	m.claimed = slices.DeleteFunc(m.claimed, func(e string) bool { return slices.Contains(ids, e) })
}

func (m *model) due(t *rapid.T) {
	limit := rapid.IntRange(0, 5).Draw(t, "limit")
	m.now = m.now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "seconds")) * time.Second)
	both(m, t, "due", func(s Store) ([]okr.Due, error) { return s.ClaimDue(m.ctx, m.now, limit) })
}

func (m *model) seal(t *rapid.T) {
	limit := rapid.IntRange(0, 10).Draw(t, "limit")
	both(m, t, "seal", func(s Store) (int, error) { return s.Seal(m.ctx, m.now, limit) })
}

func (m *model) erase(t *rapid.T) {
	tenant, r := m.tenant(t), ref(okr.KindKeyResult, id(t, "k", 2))
	both(m, t, "erase", func(s Store) (any, error) { return nil, erase(m.ctx, s, tenant, r) })
}

func (m *model) requeue(t *rapid.T) {
	tenant := m.tenant(t)
	from := start.Add(time.Duration(rapid.IntRange(0, 7200).Draw(t, "from")) * time.Second)
	to := from.Add(time.Duration(rapid.IntRange(0, 7200).Draw(t, "to")) * time.Second)
	both(m, t, "requeue", func(s Store) (int, error) { return s.Requeue(m.ctx, tenant, from, to) })
}

func (m *model) read(t *rapid.T) {
	tenant := m.tenant(t)
	need := okr.Need{
		Everyone: rapid.IntRange(0, 5).Draw(t, "everyone") == 0, Cycles: rapid.IntRange(0, 5).Draw(t, "cycles") == 0,
		Collections: okr.Collections{
			Readings: rapid.IntRange(0, 3).Draw(t, "readings"), CheckIns: rapid.IntRange(0, 3).Draw(t, "check-ins"),
			Blockers: rapid.Bool().Draw(t, "blockers"), Standings: rapid.Bool().Draw(t, "standings"),
			TeamObjectives: rapid.Bool().Draw(t, "team"), OwnerKeyResults: rapid.Bool().Draw(t, "owner"),
			PackTexts: []string{string(id(t, "digest", 3))},
			Items:     rapid.SliceOfDistinct(rapid.SampledFrom(itemKinds), func(k okr.Kind) okr.Kind { return k }).Draw(t, "items"),
		},
	}
	for range rapid.IntRange(0, 2).Draw(t, "refs") {
		need.Refs = append(need.Refs, rapid.SampledFrom([]okr.Ref{
			ref(okr.KindKeyResult, id(t, "k", 6)), ref(okr.KindObjective, id(t, "o", 4)), ref(okr.KindCycle, id(t, "q", 2)),
			ref(okr.KindTeam, id(t, "t", 2)), ref(okr.KindPerson, id(t, "p", 4)), ref(okr.KindKPI, id(t, "i", 4)),
		}).Draw(t, "ref"))
	}
	if rapid.IntRange(0, 2).Draw(t, "whole cycle") == 0 {
		need.Cycle = id(t, "q", 2)
	}
	aggregate := ref(okr.KindKeyResult, id(t, "k", 6))
	after := int64(rapid.IntRange(0, 3).Draw(t, "after"))
	key := string(id(t, "idem", 6))
	type answer struct {
		snapshot *okr.Snapshot
		events   []okr.Event
		recalled *okr.Remembered
	}
	both(m, t, fmt.Sprintf("read %+v", need), func(s Store) (a answer, err error) {
		u, err := s.Begin(m.ctx, false)
		if err != nil {
			return a, err
		}
		defer func() { _ = u.Rollback(context.WithoutCancel(m.ctx)) }()
		if a.events, err = u.Events(m.ctx, tenant, aggregate, after); err != nil {
			return a, err
		}
		if a.recalled, err = u.Recall(m.ctx, tenant, key); err != nil {
			return a, err
		}
		a.snapshot, err = u.Load(m.ctx, tenant, need)
		return a, err
	})
	both(m, t, "verify", func(s Store) (string, error) {
		v, err := s.Verify(m.ctx, tenant)
		return fmt.Sprintf("%+v", v), err
	})
	both(m, t, "tenants", func(s Store) ([]okr.TenantID, error) { return s.Tenants(m.ctx) })
}

func (m *model) list(t *rapid.T) {
	tenant := m.tenant(t)
	q := okr.Query{Limit: rapid.IntRange(0, 4).Draw(t, "limit")}
	maybe := func(what string) bool { return rapid.IntRange(0, 3).Draw(t, what) == 0 }
	if maybe("by cycle") {
		q.Cycle = id(t, "q", 2)
	}
	if maybe("by team") {
		q.Team = id(t, "t", 2)
	}
	if maybe("by owner") {
		q.Owner = id(t, "p", 4)
	}
	if maybe("by objective") {
		q.Objective = id(t, "o", 4)
	}
	if maybe("by KPI") {
		q.KPI = id(t, "i", 2)
	}
	if maybe("by link") {
		q.Link = string(id(t, "T-", 2))
	}
	if maybe("by helper") {
		q.Helper = id(t, "p", 4)
	}
	if maybe("by state") {
		q.State = okr.Draft
	}
	if maybe("after") {
		q.After = string(id(t, "k", 6))
	}
	both(m, t, fmt.Sprintf("list %+v", q), func(s Store) ([]okr.ID, error) {
		u, err := s.Begin(m.ctx, false)
		if err != nil {
			return nil, err
		}
		defer func() { _ = u.Rollback(context.WithoutCancel(m.ctx)) }()
		return u.List(m.ctx, tenant, q)
	})
}

var itemKinds = []okr.Kind{okr.KindKPI, okr.KindComment, okr.KindWaiver}

// concerned is what an item concerns.
func (m *model) concerned(t *rapid.T) okr.Ref {
	return rapid.SampledFrom([]okr.Ref{
		{}, ref(okr.KindKeyResult, "k1"), ref(okr.KindKeyResult, "k2"), ref(okr.KindObjective, "o1"), ref(okr.KindTeam, "t1"), ref(okr.KindCycle, "q1"),
		ref(okr.KindPerson, "k1"), // the same id, of another kind
	}).Draw(t, "concerned")
}

func (m *model) items(t *rapid.T) {
	q := okr.ItemQuery{
		Kind: rapid.SampledFrom(itemKinds).Draw(t, "item kind"), Limit: rapid.IntRange(0, 2).Draw(t, "limit"),
		Subject: m.concerned(t), Cycle: rapid.SampledFrom([]okr.ID{"", "q1"}).Draw(t, "item cycle"),
		After: rapid.SampledFrom([]okr.ID{"", "i1", "i2"}).Draw(t, "after"),
	}
	tenant := m.tenant(t)
	both(m, t, "items", func(s Store) ([]okr.Item, error) {
		u, err := s.Begin(m.ctx, false)
		if err != nil {
			return nil, err
		}
		defer func() { _ = u.Rollback(context.WithoutCancel(m.ctx)) }()
		return u.Items(m.ctx, tenant, q)
	})
}
