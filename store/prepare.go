package store

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// Prepare checks what a decision of the tenant writes and returns a copy of it
// in the form in which every store keeps it: instants in UTC to the microsecond,
// nothing shared with the caller.
//
// What is refused is a mistake of the writer, an [okr.InvalidError]: an aggregate
// that is written to and has no expected version, an entry whose instant is finer
// than a microsecond (its hash would not verify), a number that is not finite, a
// key that holds a NUL byte, an entry of another tenant.
func Prepare(t okr.TenantID, c okr.Changes) (okr.Changes, error) {
	p := preparation{expect: c.Expect, rowed: map[okr.Ref]int64{}}
	if strings.Contains(string(t), "\x00") || t == "" {
		return okr.Changes{}, fmt.Errorf("%w: %q cannot be kept", okr.ErrTenant, t)
	}
	p.rows(c)
	p.items(c.Items)
	p.entries(t, c.Entries)
	p.collections(c)
	if p.err != nil {
		return okr.Changes{}, p.err
	}
	return normal(c), nil
}

type preparation struct {
	expect map[okr.Ref]int64
	rowed  map[okr.Ref]int64 // versions of the rows that are written
	err    error
}

func (p *preparation) refuse(field, value, remedy string) {
	if p.err == nil {
		p.err = &okr.InvalidError{Field: field, Value: value, Remedy: remedy}
	}
}

func (p *preparation) text(field string, values ...string) {
	for _, v := range values {
		if strings.IndexByte(v, 0) >= 0 {
			p.refuse(field, v, "a NUL byte cannot be kept in every database: remove it")
		}
	}
}

func (p *preparation) key(field string, v okr.ID) {
	if v == "" {
		p.refuse(field, "", "it names a row: give it")
	}
	p.text(field, string(v))
}

func (p *preparation) finite(field string, n measure.Number) {
	if n.Known() && !n.Finite() {
		p.refuse(field, n.String(), "give a finite number, or leave it unknown")
	}
}

// row checks a row of an aggregate: it needs an expected version, and its own
// may not be older.
func (p *preparation) row(r okr.Ref, version int64) {
	p.key(string(r.Kind)+".id", r.ID)
	p.rowed[r] = version
	if _, ok := p.expect[r]; !ok {
		p.refuse("expect", r.String(), "every aggregate that is written to needs its expected version")
	}
	if version < 1 {
		p.refuse(string(r.Kind)+".version", fmt.Sprint(version), "a row comes with its first event, and versions count events")
	}
}

func (p *preparation) rows(c okr.Changes) {
	for r, v := range c.Expect {
		p.key("expect", r.ID)
		if v < 0 {
			p.refuse("expect", fmt.Sprint(v), "versions count from 1, and 0 is absent")
		}
	}
	for _, x := range c.Cycles {
		p.row(okr.Ref{Kind: okr.KindCycle, ID: x.ID}, x.Version)
		p.text("cycle", x.Key)
	}
	for _, x := range c.People {
		p.row(okr.Ref{Kind: okr.KindPerson, ID: x.ID}, x.Version)
		p.text("person", string(x.Team))
	}
	for _, x := range c.Teams {
		p.row(okr.Ref{Kind: okr.KindTeam, ID: x.ID}, x.Version)
		p.text("team", string(x.Lead))
	}
	for _, x := range c.Objectives {
		p.row(okr.Ref{Kind: okr.KindObjective, ID: x.ID}, x.Version)
		p.text("objective", x.Key, string(x.Cycle), string(x.Team), string(x.Owner), string(x.State))
		for _, s := range x.Parents {
			p.key("objective.parents", s.Objective)
			p.finite("objective.parents.weight", s.Weight)
		}
	}
	for _, x := range c.KeyResults {
		p.row(okr.Ref{Kind: okr.KindKeyResult, ID: x.ID}, x.Version)
		p.text("key_result", x.Key, x.Title, string(x.Cycle), string(x.Objective), string(x.Owner), string(x.State),
			string(x.Metric.Kind), x.Metric.Unit, string(x.Curve), string(x.Reading), string(x.Stated))
		p.finite("key_result.metric.baseline", x.Metric.Baseline)
		p.finite("key_result.metric.target", x.Metric.Target)
		p.finite("key_result.weight", x.Weight)
		p.finite("key_result.current", x.Current)
		p.finite("key_result.confidence", x.Confidence)
	}
}

func (p *preparation) items(items []okr.Item) {
	for _, x := range items {
		if !x.Kind.IsItem() {
			p.refuse("item.kind", string(x.Kind), "rows of this kind are not kept as items")
		}
		p.row(x.Ref, x.Version)
		p.text("item", string(x.Subject.Kind), string(x.Subject.ID), string(x.Cycle), string(x.Doc))
	}
}

// within checks that something within a key result is written together with it.
func (p *preparation) within(kind okr.Kind, id, keyResult okr.ID) {
	p.key(string(kind)+".id", id)
	p.key(string(kind)+".key_result", keyResult)
	_, ok := p.expect[okr.Ref{Kind: okr.KindKeyResult, ID: keyResult}]
	if _, of := p.expect[okr.Ref{Kind: okr.KindKPI, ID: keyResult}]; of && kind == okr.KindReading {
		return
	}
	if !ok {
		p.refuse("expect", okr.Ref{Kind: okr.KindKeyResult, ID: keyResult}.String(),
			fmt.Sprintf("a %s is written with its key result, which needs its expected version", kind))
	}
}

func (p *preparation) collections(c okr.Changes) {
	for _, x := range c.Blockers {
		p.within(okr.KindBlocker, x.ID, x.KeyResult)
		p.text("blocker", string(x.Owner))
	}
	for _, x := range c.Readings {
		p.within(okr.KindReading, x.ID, x.KeyResult)
		p.text("reading", x.Source, string(x.Corrects))
		p.finite("reading.value", x.Value)
	}
	for _, x := range c.CheckIns {
		p.within(okr.KindCheckIn, x.ID, x.KeyResult)
		p.text("checkin", string(x.Author.ID), string(x.Author.Kind), string(x.Reading), string(x.Stated))
		p.finite("checkin.value", x.Value)
		p.finite("checkin.confidence", x.Confidence)
	}
	for _, x := range slices.Concat(c.Standings, c.Drop) {
		p.key("standing.subject", x.Subject.ID)
		p.text("standing", string(x.Subject.Kind), x.Kind, x.Key, x.Value)
	}
	for _, r := range slices.Concat(c.Settled, c.Look) {
		p.key("subject", r.ID)
	}
	for _, name := range c.Deactivate {
		p.key("pack.name", okr.ID(name))
	}
	for _, x := range c.Activate {
		p.key("pack.name", okr.ID(x.Name))
		p.key("pack.digest", okr.ID(x.Digest))
		p.text("pack", x.Version, x.Text)
	}
	for _, w := range c.Words {
		p.key("word.id", okr.ID(w.ID))
		p.key("word.entity", w.Entity.ID)
		p.text("word.field", w.Field)
	}
	if m := c.Remember; m != nil {
		p.key("remember.key", okr.ID(m.Key))
		p.text("remember.content", m.Content)
	}
}

func (p *preparation) entries(t okr.TenantID, entries []okr.Entry) {
	reached := map[okr.Ref]int64{}
	for _, e := range entries {
		p.key("entry.id", okr.ID(e.ID))
		p.key("entry.aggregate", e.Aggregate.ID)
		p.text("entry", e.Type, string(e.Actor.ID), string(e.Actor.Kind), string(e.Entity.ID))
		if e.Tenant != t {
			p.refuse("entry.tenant", string(e.Tenant), fmt.Sprintf("it is written by %s", t))
		}
		if !e.Time.Equal(e.Time.Truncate(time.Microsecond)) {
			p.refuse("entry.time", e.Time.Format(time.RFC3339Nano), "instants are kept to the microsecond: truncate it before the entry is hashed")
		}
		if e.Hash != e.Sum() {
			p.refuse("entry.hash", e.Hash, "it is the entry's Sum, taken when all its other fields stand")
		}
		was, ok := p.expect[e.Aggregate]
		if !ok && !rowless(e.Aggregate.Kind) {
			p.refuse("expect", e.Aggregate.String(), "every aggregate that has an entry needs its expected version")
		}
		if last, again := reached[e.Aggregate]; again {
			was, ok = last, true
		}
		if e.Seq < 1 || ok && e.Seq != was+1 {
			p.refuse("entry.seq", fmt.Sprint(e.Seq), fmt.Sprintf("events of an aggregate are numbered without gaps: this one is %d", was+1))
		}
		reached[e.Aggregate] = e.Seq
	}
	for r, version := range p.rowed {
		last, ok := reached[r]
		if !ok {
			last = p.expect[r]
		}
		if version != last {
			p.refuse(string(r.Kind)+".version", fmt.Sprint(version), fmt.Sprintf("the version of %s is the number of its events, %d", r, last))
		}
		delete(reached, r)
	}
	for r, last := range reached {
		if !rowless(r.Kind) {
			p.refuse(string(r.Kind), r.String(), fmt.Sprintf("write its row too, with the version %d that its events have reached", last))
		}
	}
}

// rowless says whether an aggregate of the kind is nothing but its events.
func rowless(k okr.Kind) bool { return k == okr.KindTenant || k == okr.KindNotice }
