package memory

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

// errReadOnly is a mistake of the caller.
var errReadOnly = errors.New("memory: a unit that was begun for reading cannot write")

// Write applies the changes, all or none. After an error the unit can only be
// rolled back, as in a database; the host's own unit goes on.
func (u *unit) Write(ctx context.Context, t okr.TenantID, c okr.Changes) (err error) {
	if err := u.ready(ctx); err != nil {
		return err
	}
	if u.readOnly {
		return errReadOnly
	}
	defer func() { u.failed = err != nil && !u.host }()
	c, err = store.Prepare(t, c)
	if err != nil {
		return err
	}
	next := *u.state
	x := *next.tenant(t)
	w := writing{id: t, state: &next, tenant: &x, changes: c}
	if err := w.run(); err != nil {
		return err
	}
	next.tenants = next.tenants.put(t, &x)
	*u.state = next
	for o := u; o != nil; o = o.outer {
		o.wrote = true
		if !o.host {
			break
		}
	}
	return nil
}

type writing struct {
	id      okr.TenantID
	state   *state
	tenant  *tenant
	changes okr.Changes
}

func conflict(r okr.Ref, reason string) error { return &okr.ConflictError{Ref: r, Reason: reason} }

func (w *writing) run() error {
	for _, step := range []func() error{w.expect, w.rows, w.within, w.standings, w.entries, w.rest, w.erase} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (w *writing) expect() error {
	for _, r := range slices.SortedFunc(maps.Keys(w.changes.Expect), okr.CompareRefs) {
		if w.tenant.version(r) != w.changes.Expect[r] {
			return conflict(r, "somebody else wrote first")
		}
	}
	for id, turn := range w.changes.Meet {
		c, there := w.tenant.cycles.get(id)
		if !there || c.Turn != turn {
			return conflict(okr.Ref{Kind: okr.KindCycle, ID: id}, "somebody else wrote first")
		}
		c.Turn++
		w.tenant.cycles = w.tenant.cycles.put(id, c)
	}
	return nil
}

// claim gives a plan key to a row. Rows without one share nothing.
func (w *writing) claim(was, is planKey, had bool, id okr.ID) error {
	t := w.tenant
	if had && was.key != "" && was != is {
		t.plan = t.plan.without(was)
	}
	if is.key == "" {
		return nil
	}
	if other, taken := t.plan.get(is); taken && other != id {
		return conflict(okr.Ref{Kind: is.kind, ID: id}, "its key is taken by another")
	}
	t.plan = t.plan.put(is, id)
	return nil
}

func move(t table[withinKey, struct{}], had bool, was, is, id okr.ID) table[withinKey, struct{}] {
	if had && was != is {
		t = t.without(withinKey{was, id})
	}
	if is != "" {
		t = t.put(withinKey{is, id}, struct{}{})
	}
	return t
}

func (w *writing) rows() error {
	t := w.tenant
	for _, c := range w.changes.Cycles {
		old, had := t.cycles.get(c.ID)
		if err := w.claim(planKey{okr.KindCycle, "", old.Key}, planKey{okr.KindCycle, "", c.Key}, had, c.ID); err != nil {
			return err
		}
		if c.Turn = 0; had {
			c.Turn = old.Turn + 1
		}
		t.cycles = t.cycles.put(c.ID, c)
	}
	for _, p := range w.changes.People {
		t.people = t.people.put(p.ID, p)
	}
	for _, x := range w.changes.Teams {
		t.teams = t.teams.put(x.ID, x)
	}
	for _, o := range w.changes.Objectives {
		old, had := t.objectives.get(o.ID)
		if err := w.claim(planKey{okr.KindObjective, old.Cycle, old.Key}, planKey{okr.KindObjective, o.Cycle, o.Key}, had, o.ID); err != nil {
			return err
		}
		t.objectives = t.objectives.put(o.ID, o)
		t.objectivesOf = move(t.objectivesOf, had, old.Cycle, o.Cycle, o.ID)
		t.teamsWork = move(t.teamsWork, had, old.Team, o.Team, o.ID)
		for _, p := range old.Parents {
			t.children = t.children.without(withinKey{p.Objective, o.ID})
		}
		for _, p := range o.Parents {
			t.children = t.children.put(withinKey{p.Objective, o.ID}, struct{}{})
		}
	}
	for _, k := range w.changes.KeyResults {
		old, had := t.keyResults.get(k.ID)
		if err := w.claim(planKey{okr.KindKeyResult, old.Objective, old.Key}, planKey{okr.KindKeyResult, k.Objective, k.Key}, had, k.ID); err != nil {
			return err
		}
		t.keyResults = t.keyResults.put(k.ID, k)
		t.keyResultsOf = move(t.keyResultsOf, had, old.Objective, k.Objective, k.ID)
		t.ownersWork = move(t.ownersWork, had, old.Owner, k.Owner, k.ID)
	}
	for _, i := range w.changes.Items {
		t.items = t.items.put(i.Ref, i)
	}
	return nil
}

// within writes what lives within a key result. What is only ever added may come
// again with the same content: when it was recorded is not content.
func (w *writing) within() error {
	t := w.tenant
	for _, b := range w.changes.Blockers {
		t.blockers = t.blockers.put(withinKey{b.KeyResult, b.ID}, b)
	}
	for _, r := range w.changes.Readings {
		if old, ok := t.readings.get(r.ID); ok {
			if !sameReading(old, r) {
				return conflict(okr.Ref{Kind: okr.KindReading, ID: r.ID}, "it exists with other content")
			}
			continue
		}
		t.readings = t.readings.put(r.ID, r)
		t.series = t.series.put(readingKey{r.KeyResult, r.OccurredAt, r.RecordedAt, r.ID}, r)
	}
	for _, c := range w.changes.CheckIns {
		if old, ok := t.checkIns.get(c.ID); ok {
			if !sameCheckIn(old, c) {
				return conflict(okr.Ref{Kind: okr.KindCheckIn, ID: c.ID}, "it exists with other content")
			}
			continue
		}
		t.checkIns = t.checkIns.put(c.ID, c)
		t.reports = t.reports.put(readingKey{c.KeyResult, c.OccurredAt, c.RecordedAt, c.ID}, c)
	}
	return nil
}

func sameReading(a, b okr.Reading) bool {
	return a.KeyResult == b.KeyResult && a.Value.Equal(b.Value) && a.OccurredAt.Equal(b.OccurredAt) &&
		a.Source == b.Source && a.Corrects == b.Corrects
}

func sameCheckIn(a, b okr.CheckInRecord) bool {
	return a.KeyResult == b.KeyResult && a.Author == b.Author && a.OccurredAt.Equal(b.OccurredAt) &&
		a.Reading == b.Reading && a.Value.Equal(b.Value) && a.Confidence.Equal(b.Confidence) &&
		a.Stated == b.Stated && a.Note == b.Note && slices.Equal(a.Adjusted, b.Adjusted)
}

// keep writes a standing and its place in the order of what is due.
func (w *writing) keep(st okr.Standing) {
	w.forget(st)
	w.tenant.standings = w.tenant.standings.put(st, st)
	if st.NextLook != nil {
		w.state.due = w.state.due.put(dueKey{*st.NextLook, w.id, st}, st)
	}
}

func (w *writing) forget(st okr.Standing) {
	old, ok := w.tenant.standings.get(st)
	if !ok {
		return
	}
	w.tenant.standings = w.tenant.standings.without(st)
	if old.NextLook != nil {
		w.state.due = w.state.due.without(dueKey{*old.NextLook, w.id, old})
	}
}

func (w *writing) standings() error {
	for _, r := range w.changes.Settled {
		subject := subjectKey{w.id, r}
		w.state.leases = w.state.leases.without(subject)
		w.state.looks = w.state.looks.without(subject)
		var over []okr.Standing
		w.tenant.standingsOf(r, func(st okr.Standing) {
			if st.NextLook != nil && !st.NextLook.After(w.changes.Now) {
				over = append(over, st)
			}
		})
		for _, st := range over {
			st.NextLook = nil
			w.keep(st)
		}
	}
	for _, st := range w.changes.Drop {
		w.forget(st)
	}
	for _, st := range w.changes.Standings {
		w.keep(st)
	}
	for _, r := range w.changes.Look {
		subject := subjectKey{w.id, r}
		if !w.state.looks.has(subject) {
			w.state.looks = w.state.looks.put(subject, w.changes.Now)
		}
	}
	return nil
}

func (w *writing) entries() error {
	t, s := w.tenant, w.state
	for _, e := range w.changes.Entries {
		key := eventKey{w.id, e.Aggregate, e.Seq}
		if t.ledger.has(e) {
			return conflict(e.Aggregate, "somebody else wrote first")
		}
		if s.events.has(e.ID) {
			return conflict(e.Aggregate, "an event with its id exists")
		}
		s.events = s.events.put(e.ID, key)
		s.unseal = s.unseal.put(key, struct{}{})
		w.enqueue(key, okr.Outgoing{
			ID: e.ID, Tenant: w.id, Type: e.Type, Aggregate: e.Aggregate, Seq: e.Seq, Wire: e.Wire,
		}, e.Time)
		e.Wire = nil
		t.ledger = t.ledger.put(e, e)
	}
	return nil
}

func (w *writing) enqueue(key eventKey, o okr.Outgoing, at time.Time) {
	w.state.outbox = w.state.outbox.put(key, outgoing{Outgoing: o, at: at})
	w.state.open = w.state.open.put(o.ID, key)
}

func (w *writing) rest() error {
	t := w.tenant
	for _, name := range w.changes.Deactivate {
		t.packs = t.packs.without(name)
	}
	for _, p := range w.changes.Activate {
		if !t.texts.has(p.Digest) {
			t.texts = t.texts.put(p.Digest, p.Text)
		}
		p.Text = ""
		t.packs = t.packs.put(p.Name, p)
	}
	for _, x := range w.changes.Words {
		if t.words.has(x.ID) {
			return conflict(x.Entity, "a word with its id exists")
		}
		t.words = t.words.put(x.ID, x)
	}
	if m := w.changes.Remember; m != nil {
		if t.remembered.has(m.Key) {
			return conflict(okr.Ref{Kind: "idempotency_key", ID: okr.ID(m.Key)}, "something was decided under it already")
		}
		t.remembered = t.remembered.put(m.Key, *m)
	}
	return nil
}
