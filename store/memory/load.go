package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

// loading is one Load: first the rows that are asked for and what is around them,
// then the collections that widen the circle, then what all of them name.
type loading struct {
	tenant   *tenant
	need     okr.Need
	snapshot okr.Snapshot

	cycles     map[okr.ID]bool
	people     map[okr.ID]bool
	teams      map[okr.ID]bool
	objectives map[okr.ID]bool
	keyResults map[okr.ID]bool
	whole      map[okr.ID]bool // cycles of which everything is asked for
}

func (l *loading) run() error {
	l.cycles, l.people, l.teams = map[okr.ID]bool{}, map[okr.ID]bool{}, map[okr.ID]bool{}
	l.objectives, l.keyResults = map[okr.ID]bool{}, map[okr.ID]bool{}
	if err := l.roots(); err != nil {
		return err
	}
	l.widen()
	l.named()
	l.rows()
	if err := l.items(); err != nil {
		return err
	}
	l.collections()
	l.snapshot.Sort()
	return nil
}

// roots marks the rows in Need and their surroundings.
func (l *loading) roots() error {
	t := l.tenant
	for _, r := range l.need.Refs {
		switch r.Kind {
		case okr.KindTenant:
			continue // it has no row of its own
		case okr.KindCycle, okr.KindPerson, okr.KindTeam, okr.KindObjective, okr.KindKeyResult:
			if t.version(r) == 0 {
				return &okr.NotFoundError{Ref: r}
			}
		default:
			if r.Kind.IsItem() {
				if t.version(r) == 0 {
					return &okr.NotFoundError{Ref: r}
				}
				continue
			}
			return &okr.InvalidError{Field: "refs", Value: r.String(), Remedy: "load the aggregate that it lives within"}
		}
		switch r.Kind {
		case okr.KindCycle:
			l.cycles[r.ID] = true
		case okr.KindPerson:
			l.people[r.ID] = true
		case okr.KindTeam:
			l.teams[r.ID] = true
			t.people.all(func(id okr.ID, p okr.Person) bool {
				if p.Team == r.ID {
					l.people[id] = true
				}
				return true
			})
		case okr.KindObjective:
			l.objective(r.ID)
			o, _ := t.objectives.get(r.ID)
			for _, p := range o.Parents {
				l.objectives[p.Objective] = true
			}
			members(t.children, r.ID, func(id okr.ID) { l.objectives[id] = true })
		case okr.KindKeyResult:
			k, _ := t.keyResults.get(r.ID)
			l.keyResults[r.ID] = true
			l.objective(k.Objective)
		}
	}
	if id := l.need.Cycle; id != "" {
		if !t.cycles.has(id) {
			return &okr.NotFoundError{Ref: okr.Ref{Kind: okr.KindCycle, ID: id}}
		}
		l.cycles[id] = true
	}
	if l.whole = l.wholly(); len(l.whole) > 0 {
		for id := range l.whole {
			members(t.objectivesOf, id, func(o okr.ID) { l.objectives[o] = true })
		}
		t.keyResults.all(func(k okr.ID, row okr.KeyResult) bool {
			if l.whole[row.Cycle] {
				l.keyResults[k] = true
			}
			return true
		})
	}
	l.descend()
	l.ascend()
	return nil
}

// descend marks the parts of the objectives that are asked for and count their
// children.
func (l *loading) descend() {
	t := l.tenant
	walked := map[okr.ID]bool{}
	var todo []okr.ID
	visit := func(id okr.ID) {
		if o, _ := t.objectives.get(id); !walked[id] && o.Rollup.Driver.Children() {
			walked[id] = true
			todo = append(todo, id)
		}
	}
	for _, r := range l.need.Refs {
		switch r.Kind {
		case okr.KindObjective:
			visit(r.ID)
		case okr.KindKeyResult:
			k, _ := t.keyResults.get(r.ID)
			visit(k.Objective)
		}
	}
	for id := range l.whole {
		members(t.objectivesOf, id, visit)
	}
	for len(todo) > 0 {
		id := todo[0]
		todo = todo[1:]
		members(t.children, id, func(c okr.ID) {
			l.objective(c)
			visit(c)
		})
	}
}

// wholly are the cycles of which everything is asked for.
func (l *loading) wholly() map[okr.ID]bool {
	t := l.tenant
	out := map[okr.ID]bool{}
	if id := l.need.Cycle; id != "" {
		out[id] = true
	}
	for _, r := range l.need.Refs {
		switch {
		case !l.need.Whole:
		case r.Kind == okr.KindObjective:
			o, _ := t.objectives.get(r.ID)
			out[o.Cycle] = true
		case r.Kind == okr.KindKeyResult:
			k, _ := t.keyResults.get(r.ID)
			out[k.Cycle] = true
		}
	}
	return out
}

// ascend marks the objectives that those marked so far contribute to, and so on up.
func (l *loading) ascend() {
	if !l.need.Parents {
		return
	}
	todo := slices.Collect(maps.Keys(l.objectives))
	climbed := map[okr.ID]bool{}
	for len(todo) > 0 {
		o, _ := l.tenant.objectives.get(todo[0])
		todo = todo[1:]
		for _, p := range o.Parents {
			if id := p.Objective; !climbed[id] {
				climbed[id] = true
				l.objective(id)
				todo = append(todo, id)
			}
		}
	}
}

// objective marks an objective and its key results.
func (l *loading) objective(id okr.ID) {
	l.objectives[id] = true
	members(l.tenant.keyResultsOf, id, func(k okr.ID) { l.keyResults[k] = true })
}

// widen marks the other objectives of the teams, and the other key results of the
// owners, in the cycles marked so far.
func (l *loading) widen() {
	t := l.tenant
	teams, owners, cycles := maps.Clone(l.teams), maps.Clone(l.people), maps.Clone(l.cycles)
	for id := range l.objectives {
		o, _ := t.objectives.get(id)
		teams[o.Team], cycles[o.Cycle] = true, true
	}
	for id := range l.keyResults {
		k, _ := t.keyResults.get(id)
		owners[k.Owner], cycles[k.Cycle] = true, true
	}
	delete(teams, "")
	delete(owners, "")
	if l.need.TeamObjectives {
		for team := range teams {
			members(t.teamsWork, team, func(id okr.ID) {
				if o, _ := t.objectives.get(id); cycles[o.Cycle] {
					l.objective(id)
				}
			})
		}
	}
	if l.need.OwnerKeyResults {
		for owner := range owners {
			members(t.ownersWork, owner, func(id okr.ID) {
				if k, _ := t.keyResults.get(id); cycles[k.Cycle] {
					l.keyResults[id] = true
					l.objectives[k.Objective] = true
				}
			})
		}
	}
}

// named marks the cycles, teams and people that the marked rows name.
func (l *loading) named() {
	t := l.tenant
	for id := range l.objectives {
		o, _ := t.objectives.get(id)
		l.cycles[o.Cycle], l.teams[o.Team], l.people[o.Owner] = true, true, true
	}
	for id := range l.keyResults {
		k, _ := t.keyResults.get(id)
		l.cycles[k.Cycle], l.people[k.Owner] = true, true
		for _, i := range k.Initiatives {
			l.people[i.Owner] = true
		}
		if k.Source != nil {
			for _, who := range k.Source.Access {
				l.people[okr.ID(who)] = true
			}
		}
	}
	if l.need.Cycles || l.need.EveryCycle {
		t.cycles.all(func(id okr.ID, _ okr.Cycle) bool { l.cycles[id] = true; return true })
	}
	if l.need.Everyone {
		t.teams.all(func(id okr.ID, _ okr.Team) bool { l.teams[id] = true; return true })
		t.people.all(func(id okr.ID, _ okr.Person) bool { l.people[id] = true; return true })
	}
	l.above()
	for id := range l.teams {
		x, _ := t.teams.get(id)
		l.people[x.Lead] = true
	}
	if l.need.Blockers {
		for id := range l.keyResults {
			for _, b := range l.blockersOf(id) {
				l.people[b.Owner] = true
			}
		}
	}
	if l.need.Homes {
		for id := range l.people {
			p, _ := t.people.get(id)
			l.teams[p.Team] = true
		}
		l.above()
	}
	if l.need.TeamPeople {
		t.people.all(func(id okr.ID, p okr.Person) bool {
			if p.Team != "" && l.teams[p.Team] {
				l.people[id] = true
			}
			return true
		})
	}
}

// above marks the teams that stand above those marked.
func (l *loading) above() {
	for id := range maps.Clone(l.teams) {
		for {
			x, _ := l.tenant.teams.get(id)
			if id = x.Parent; id == "" || l.teams[id] {
				break
			}
			l.teams[id] = true
		}
	}
}

func pick[T any](marked map[okr.ID]bool, from table[okr.ID, T]) []T {
	if len(marked) == 0 {
		return nil
	}
	out := make([]T, 0, len(marked))
	for _, id := range slices.Sorted(maps.Keys(marked)) {
		if row, ok := from.get(id); ok {
			out = append(out, row)
		}
	}
	return out
}

func (l *loading) rows() {
	t, s := l.tenant, &l.snapshot
	s.Cycles = pick(l.cycles, t.cycles)
	s.People = pick(l.people, t.people)
	s.Teams = pick(l.teams, t.teams)
	s.Objectives = pick(l.objectives, t.objectives)
	s.KeyResults = pick(l.keyResults, t.keyResults)
	t.packs.all(func(_ string, p okr.Pack) bool {
		if slices.Contains(l.need.PackTexts, p.Digest) {
			p.Text, _ = t.texts.get(p.Digest)
		}
		s.Packs = append(s.Packs, p)
		return true
	})
}

// items adds those that are asked for by name, and those of the kinds wanted that
// belong to what is loaded.
func (l *loading) items() error {
	s := &l.snapshot
	concerned := map[okr.Ref]bool{}
	for _, r := range l.need.Refs {
		concerned[r] = true
	}
	for kind, ids := range map[okr.Kind]map[okr.ID]bool{
		okr.KindCycle: l.cycles, okr.KindTeam: l.teams, okr.KindObjective: l.objectives, okr.KindKeyResult: l.keyResults,
	} {
		for id := range ids {
			if r := (okr.Ref{Kind: kind, ID: id}); l.tenant.version(r) > 0 {
				concerned[r] = true
			}
		}
	}
	for _, k := range s.KeyResults {
		concerned[okr.Ref{Kind: okr.KindOwner, ID: k.Owner}] = true
	}
	measuring := map[okr.ID]bool{}
	for _, k := range s.KeyResults {
		measuring[k.KPI] = true
	}
	var err error
	if i, ok := l.tenant.items.get(okr.PolicyRef()); ok {
		if err := s.AddItem(i); err != nil {
			return err
		}
	}
	l.tenant.items.all(func(r okr.Ref, i okr.Item) bool {
		wanted := slices.Contains(l.need.Items, r.Kind) &&
			(concerned[i.Subject] || l.need.Cycle != "" && i.Cycle == l.need.Cycle || r.Kind == okr.KindKPI && measuring[r.ID])
		if wanted || slices.Contains(l.need.Refs, r) {
			err = s.AddItem(i)
		}
		return err == nil
	})
	return err
}

// Items lists rows that are kept as items, by id.
func (u *unit) Items(ctx context.Context, t okr.TenantID, q okr.ItemQuery) ([]okr.Item, error) {
	if err := u.ready(ctx); err != nil {
		return nil, err
	}
	if q.AsOf != nil {
		return store.ItemsPast(ctx, past{u.state.tenant(t), q.AsOf.Position}, q, func(q okr.ItemQuery) ([]okr.Item, error) { return u.Items(ctx, t, q) })
	}
	var out []okr.Item
	limit := store.Page(q.Limit)
	u.state.tenant(t).items.ascend(okr.Ref{Kind: q.Kind, ID: q.After}, func(r okr.Ref, i okr.Item) bool {
		if r.Kind != q.Kind || len(out) == limit {
			return false
		}
		if (q.After == "" || r.ID > q.After) && (q.Subject == okr.Ref{} || q.Subject == i.Subject) && (q.Cycle == "" || q.Cycle == i.Cycle) {
			i.Doc = slices.Clone(i.Doc)
			out = append(out, i)
		}
		return true
	})
	return out, nil
}

func (l *loading) collections() {
	t, s := l.tenant, &l.snapshot
	for _, k := range s.KPIs {
		if !slices.Contains(l.need.Refs, okr.Ref{Kind: okr.KindKPI, ID: k.ID}) {
			continue
		}
		s.Readings = append(s.Readings, newest(t.series, k.ID, l.need.Readings)...)
	}
	for _, k := range s.KeyResults {
		s.Readings = append(s.Readings, newest(t.series, k.ID, l.need.Readings)...)
		s.CheckIns = append(s.CheckIns, newest(t.reports, k.ID, l.need.CheckIns)...)
		if l.need.Blockers {
			s.Blockers = append(s.Blockers, l.blockersOf(k.ID)...)
		}
	}
	if !l.need.Standings {
		return
	}
	subjects := map[okr.Ref]bool{}
	for _, r := range l.need.Refs {
		subjects[r] = true
	}
	if l.need.Cycle != "" {
		for kind, ids := range map[okr.Kind]map[okr.ID]bool{
			okr.KindCycle: l.cycles, okr.KindPerson: l.people, okr.KindTeam: l.teams,
			okr.KindObjective: l.objectives, okr.KindKeyResult: l.keyResults,
		} {
			for id := range ids {
				if r := (okr.Ref{Kind: kind, ID: id}); t.version(r) > 0 {
					subjects[r] = true
				}
			}
		}
	}
	for r := range subjects {
		t.standingsOf(r, func(st okr.Standing) {
			if l.need.Stands(st.Kind) {
				s.Standings = append(s.Standings, st)
			}
		})
	}
}

func (t *tenant) standingsOf(r okr.Ref, f func(okr.Standing)) {
	t.standings.ascend(okr.Standing{Subject: r}, func(_, st okr.Standing) bool {
		if st.Subject != r {
			return false
		}
		f(st)
		return true
	})
}

func newest[T any](from table[readingKey, T], keyResult okr.ID, n int) []T {
	if n <= 0 {
		return nil
	}
	var out []T
	from.ascend(newestOf(keyResult), func(k readingKey, row T) bool {
		if k.keyResult != keyResult {
			return false
		}
		out = append(out, row)
		return len(out) < n
	})
	return out
}

// blockersOf are the open blockers of a key result, and those that were closed
// with its newest check-ins or later.
func (l *loading) blockersOf(keyResult okr.ID) []okr.Blocker {
	reports := newest(l.tenant.reports, keyResult, l.need.CheckIns)
	var out []okr.Blocker
	l.tenant.blockers.ascend(withinKey{outer: keyResult}, func(k withinKey, b okr.Blocker) bool {
		if k.outer != keyResult {
			return false
		}
		switch {
		case b.ClosedAt == nil:
			out = append(out, b)
		case len(reports) > 0 && !b.ClosedAt.Before(reports[len(reports)-1].RecordedAt):
			out = append(out, b)
		}
		return true
	})
	return out
}

// List returns the ids of the key results that match the query, by the rank of
// their objective, its id, and their own. The cursor is the id of the page
// before's last key result.
func (u *unit) List(ctx context.Context, t okr.TenantID, q okr.Query) ([]okr.ID, error) {
	if err := u.ready(ctx); err != nil {
		return nil, err
	}
	x := u.state.tenant(t)
	type place struct {
		rank          int
		objective, id okr.ID
	}
	compare := func(a, b place) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.objective, b.objective), cmp.Compare(a.id, b.id))
	}
	of := func(k okr.KeyResult) place {
		o, _ := x.objectives.get(k.Objective)
		return place{store.Place(o.Rank), k.Objective, k.ID}
	}
	var after place
	if q.After != "" {
		k, ok := x.keyResults.get(okr.ID(q.After))
		if !ok || !x.objectives.has(k.Objective) {
			return nil, &okr.InvalidError{Field: "after", Value: q.After, Remedy: "use the cursor of the page before, as it came"}
		}
		after = of(k)
	}
	var all []place
	x.keyResults.all(func(_ okr.ID, k okr.KeyResult) bool {
		o, ok := x.objectives.get(k.Objective)
		p := of(k)
		if ok && matches(q, k, o) && helps(q, k) && (q.After == "" || compare(p, after) > 0) {
			all = append(all, p)
		}
		return true
	})
	slices.SortFunc(all, compare)
	var out []okr.ID
	for _, p := range all[:min(len(all), store.Page(q.Limit))] {
		out = append(out, p.id)
	}
	return out, nil
}

func matches(q okr.Query, k okr.KeyResult, o okr.Objective) bool {
	is := func(want, have okr.ID) bool { return want == "" || want == have }
	return is(q.Cycle, k.Cycle) && is(q.Cycle, o.Cycle) && is(q.Team, o.Team) && is(q.Owner, k.Owner) &&
		is(q.Objective, k.Objective) && is(q.KPI, k.KPI) && (q.State == "" || q.State == k.State)
}

// helps says whether an initiative of the key result is what the query looks for.
func helps(q okr.Query, k okr.KeyResult) bool {
	some := func(f func(okr.Initiative) bool) bool { return slices.ContainsFunc(k.Initiatives, f) }
	return (q.Link == "" || some(func(i okr.Initiative) bool { return i.Link == q.Link })) &&
		(q.Helper == "" || some(func(i okr.Initiative) bool { return i.Owner == q.Helper }))
}

// Objectives returns the ids of the objectives that match the query.
func (u *unit) Objectives(ctx context.Context, t okr.TenantID, q okr.Query) ([]okr.ID, error) {
	if err := u.ready(ctx); err != nil {
		return nil, err
	}
	x := u.state.tenant(t)
	compare := func(a, b okr.Objective) int {
		return cmp.Or(cmp.Compare(store.Place(a.Rank), store.Place(b.Rank)), cmp.Compare(a.ID, b.ID))
	}
	after, ok := x.objectives.get(okr.ID(q.After))
	if q.After != "" && !ok {
		return nil, &okr.InvalidError{Field: "after", Value: q.After, Remedy: "use the cursor of the page before, as it came"}
	}
	is := func(want, have okr.ID) bool { return want == "" || want == have }
	var all []okr.Objective
	x.objectives.all(func(_ okr.ID, o okr.Objective) bool {
		if is(q.Cycle, o.Cycle) && is(q.Team, o.Team) && is(q.Owner, o.Owner) && is(q.Objective, o.ID) &&
			(q.State == "" || q.State == o.State) && (!q.Private || o.Private) && (q.After == "" || compare(o, after) > 0) {
			all = append(all, o)
		}
		return true
	})
	slices.SortFunc(all, compare)
	var out []okr.ID
	for _, o := range all[:min(len(all), store.Page(q.Limit))] {
		out = append(out, o.ID)
	}
	return out, nil
}
