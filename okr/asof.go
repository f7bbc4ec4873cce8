package okr

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// AsOf is the tenant as it was at the cut: whatever the view answers is what it
// would have answered then, byte for byte, however much was corrected, changed or
// renamed since. It is judged by the packs that were in force. What was erased
// since reads [Erased].
//
// A cut from somewhere else than this tenant's own ledger shows a state that never
// was.
func (t Tenant) AsOf(c Cut) View { return View{t: t, cut: &c} }

// reading runs f in a unit for reading, which shows the tenant as of the view's
// cut.
func (v View) reading(ctx context.Context, f func(Unit, time.Time) error) error {
	if v.cut == nil {
		return v.t.transact(ctx, false, f)
	}
	return v.t.transact(ctx, false, func(u Unit, _ time.Time) error {
		return f(former{u, *v.cut}, v.cut.At.UTC())
	})
}

// former is a unit whose reads show a tenant as it was at the cut.
type former struct {
	Unit
	cut Cut
}

func (p former) Load(ctx context.Context, t TenantID, need Need) (*Snapshot, error) {
	need.AsOf, need.Lock = &p.cut, false
	return p.Unit.Load(ctx, t, need)
}

func (p former) Events(ctx context.Context, t TenantID, aggregate Ref, afterSeq int64) ([]Event, error) {
	last, err := p.Unit.Reached(ctx, t, aggregate, p.cut)
	if err != nil || last <= afterSeq {
		return nil, err
	}
	events, err := p.Unit.Events(ctx, t, aggregate, afterSeq)
	return slices.DeleteFunc(events, func(e Event) bool { return e.Seq > last }), err
}

func (p former) Versions(ctx context.Context, t TenantID, aggregate Ref) ([]Entry, error) {
	last, err := p.Unit.Reached(ctx, t, aggregate, p.cut)
	if err != nil || last == 0 {
		return nil, err
	}
	rows, err := p.Unit.Versions(ctx, t, aggregate)
	return slices.DeleteFunc(rows, func(e Entry) bool { return e.Seq > last }), err
}

func (p former) Items(ctx context.Context, t TenantID, q ItemQuery) ([]Item, error) {
	q.AsOf = &p.cut
	return p.Unit.Items(ctx, t, q)
}

// List reads the whole of what the query narrows down by what never changes, a
// cycle or an objective, and picks from it: ranks, owners and states were others
// then.
func (p former) List(ctx context.Context, t TenantID, q Query) ([]ID, error) {
	return p.pick(ctx, t, q, Ref{KindKeyResult, ID(q.After)}, func(s *Snapshot) (out []spot) {
		for _, k := range s.KeyResults {
			if o := s.Objective(k.Objective); o != nil && q.selects(k, *o) {
				out = append(out, spot{*o, k.ID})
			}
		}
		return out
	})
}

// Objectives is the same for objectives.
func (p former) Objectives(ctx context.Context, t TenantID, q Query) ([]ID, error) {
	is := func(want, have ID) bool { return want == "" || want == have }
	return p.pick(ctx, t, q, Ref{KindObjective, ID(q.After)}, func(s *Snapshot) (out []spot) {
		for _, o := range s.Objectives {
			if is(q.Cycle, o.Cycle) && is(q.Team, o.Team) && is(q.Owner, o.Owner) && is(q.Objective, o.ID) && (q.State == "" || q.State == o.State) {
				out = append(out, spot{o, o.ID})
			}
		}
		return out
	})
}

// selects says whether the query matches a key result of the objective.
func (q Query) selects(k KeyResult, o Objective) bool {
	is := func(want, have ID) bool { return want == "" || want == have }
	some := func(f func(Initiative) bool) bool { return slices.ContainsFunc(k.Initiatives, f) }
	return is(q.Cycle, k.Cycle) && is(q.Cycle, o.Cycle) && is(q.Team, o.Team) && is(q.Owner, k.Owner) &&
		is(q.Objective, k.Objective) && is(q.KPI, k.KPI) && (q.State == "" || q.State == k.State) &&
		(q.Link == "" || some(func(i Initiative) bool { return i.Link == q.Link })) &&
		(q.Helper == "" || some(func(i Initiative) bool { return i.Owner == q.Helper }))
}

// spot is a row of a list, and the objective that says where it stands.
type spot struct {
	objective Objective
	id        ID
}

func (a spot) compare(b spot) int {
	return cmp.Or(compareRanks(a.objective.Rank, b.objective.Rank), cmp.Compare(a.objective.ID, b.objective.ID), cmp.Compare(a.id, b.id))
}

// pick lists what choose finds, after the cursor and up to the limit.
func (p former) pick(ctx context.Context, t TenantID, q Query, cursor Ref, choose func(*Snapshot) []spot) ([]ID, error) {
	var needs []Need
	switch {
	case q.Objective != "":
		needs = []Need{{Refs: []Ref{{KindObjective, q.Objective}}}}
	case q.Cycle != "":
		needs = []Need{{Cycle: q.Cycle}}
	default:
		s, err := p.Load(ctx, t, Need{Cycles: true})
		if err != nil {
			return nil, err
		}
		for _, c := range s.Cycles {
			needs = append(needs, Need{Cycle: c.ID})
		}
	}
	var all []spot
	for _, n := range needs {
		s, err := p.Load(ctx, t, n)
		switch {
		case asNotFound(err, new(*NotFoundError)):
			continue
		case err != nil:
			return nil, err
		}
		all = append(all, choose(s)...)
	}
	slices.SortFunc(all, spot.compare)
	if cursor.ID != "" {
		s, err := p.Load(ctx, t, Need{Refs: []Ref{cursor}})
		switch {
		case asNotFound(err, new(*NotFoundError)):
			return nil, invalid("after", string(cursor.ID), "use the cursor of the page before, as it came")
		case err != nil:
			return nil, err
		}
		of := cursor.ID
		if k := s.KeyResult(cursor.ID); k != nil {
			of = k.Objective
		}
		after := spot{*s.Objective(of), cursor.ID}
		all = slices.DeleteFunc(all, func(l spot) bool { return l.compare(after) <= 0 })
	}
	limit := q.Limit
	if limit <= 0 {
		limit = defaultPage
	}
	var out []ID
	for _, l := range all[:min(len(all), limit, maxPage)] {
		out = append(out, l.id)
	}
	return out, nil
}
