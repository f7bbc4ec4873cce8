package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"

	"github.com/okrkit/okrkit/okr"
)

// Relation is a way in which rows belong together.
type Relation string

// The relations. Some may change: of those a history knows what has ever belonged
// together, and a row as it was at the cut says whether it did then.
const (
	ObjectivesOfCycle     Relation = "objectives of cycle"      // never changes
	KeyResultsOfCycle     Relation = "key results of cycle"     // never changes
	KeyResultsOfObjective Relation = "key results of objective" // never changes
	ObjectivesOfTeam      Relation = "objectives of team"
	ObjectivesOfParent    Relation = "objectives of parent"
	KeyResultsOfOwner     Relation = "key results of owner"
	PeopleOfTeam          Relation = "people of team"
	KPIsOfSubject         Relation = "kpis of subject"
	Cycles                Relation = "cycles" // all there are, within nothing
	Teams                 Relation = "teams"  // all there are
	People                Relation = "people" // all there are
)

// Remains are what the ledger holds of one row at a cut.
type Remains struct {
	ID    okr.ID
	State json.RawMessage // of the last ledger row about it
	Whole json.RawMessage // of the last ledger row of its aggregate, nil where that is about it
}

// History is a tenant's ledger up to a cut, as a store reads it.
type History interface {
	// Rows are those of the aggregates that existed.
	Rows(ctx context.Context, kind okr.Kind, ids []okr.ID) ([]Remains, error)
	// Members are the ids that have ever belonged to one of the rows.
	Members(ctx context.Context, r Relation, within []okr.ID) ([]okr.ID, error)
	// Readings are the newest n of each of the key results or KPIs, CheckIns those of
	// key results. More than n may come.
	Readings(ctx context.Context, kind okr.Kind, of []okr.ID, n int) ([]okr.Reading, error)
	CheckIns(ctx context.Context, keyResults []okr.ID, n int) ([]okr.CheckInRecord, error)
	Blockers(ctx context.Context, keyResults []okr.ID) ([]Remains, error)
	// Packs are the packs in force, with the texts of those whose digests are asked
	// for.
	Packs(ctx context.Context, texts []string) ([]okr.Pack, error)
	// Items are those of the kinds that have ever concerned one of the rows, or
	// belong to the cycle, unless it is "".
	Items(ctx context.Context, kinds []okr.Kind, subjects []okr.ID, cycle okr.ID) ([]okr.Ref, error)
	// Stood are the Stood of the subjects' ledger rows, in their order.
	Stood(ctx context.Context, kind okr.Kind, subjects []okr.ID) (map[okr.ID][]json.RawMessage, error)
	Words(ctx context.Context, ids []string) (map[string]okr.Word, error)
}

// LoadPast is [okr.Unit.Load] as of a cut, over the ledger.
func LoadPast(ctx context.Context, h History, t okr.TenantID, need okr.Need) (*okr.Snapshot, error) {
	l := &pastLoading{
		h: h, need: need,
		cycles: map[okr.ID]*okr.Cycle{}, people: map[okr.ID]*okr.Person{}, teams: map[okr.ID]*okr.Team{},
		objectives: map[okr.ID]*okr.Objective{}, keyResults: map[okr.ID]*okr.KeyResult{}, items: map[okr.Ref]okr.Item{},
	}
	s := &okr.Snapshot{Tenant: t}
	for _, step := range []func(context.Context) error{l.roots, l.descend, l.ascend, l.widen, l.itemsOf, l.collections, l.named, l.standings} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	if err := l.say(ctx); err != nil {
		return nil, err
	}
	var err error
	if s.Packs, err = h.Packs(ctx, need.PackTexts); err != nil {
		return nil, err
	}
	s.Cycles = inOrder(l.cycles)
	s.People = inOrder(l.people)
	s.Teams = inOrder(l.teams)
	s.Objectives = inOrder(l.objectives)
	s.KeyResults = inOrder(l.keyResults)
	s.Readings, s.CheckIns, s.Blockers, s.Standings = l.readings, l.checkIns, l.blockers, l.stood
	for _, i := range l.items {
		if err := s.AddItem(i); err != nil {
			return nil, err
		}
	}
	s.Sort()
	return Copy(s), nil
}

// inOrder are the rows by id.
func inOrder[T any](rows map[okr.ID]*T) []T {
	out := make([]T, 0, len(rows))
	for _, id := range sorted(rows) {
		out = append(out, *rows[id])
	}
	return out
}

// pastLoading goes the way of a live load: the rows asked for and what is around
// them, then what widens the circle, then what all of them have and name. Rows that
// did not exist are left out of the maps.
type pastLoading struct {
	h          History
	need       okr.Need
	cycles     map[okr.ID]*okr.Cycle
	people     map[okr.ID]*okr.Person
	teams      map[okr.ID]*okr.Team
	objectives map[okr.ID]*okr.Objective
	keyResults map[okr.ID]*okr.KeyResult
	readings   []okr.Reading
	checkIns   []okr.CheckInRecord
	blockers   []okr.Blocker
	items      map[okr.Ref]okr.Item
	stood      []okr.Standing
	words      map[string]okr.Word // by id, those that were read
	access     map[okr.ID][]string // to the sources of the key results whose words were read
}

// fetch reads the rows that are not there yet.
func fetch[T any](ctx context.Context, l *pastLoading, kind okr.Kind, into map[okr.ID]*T, ids []okr.ID, wanted func(*T) bool) error {
	var missing []okr.ID
	seen := map[okr.ID]bool{"": true}
	for _, id := range ids {
		if _, there := into[id]; !there && !seen[id] {
			seen[id] = true
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	rows, err := l.h.Rows(ctx, kind, missing)
	if err != nil {
		return err
	}
	decoded, errs := make([]T, len(rows)), make([]error, len(rows))
	together(len(rows), func(i int) { decoded[i], errs[i] = okr.ReadState[T](rows[i].State, rows[i].Whole) })
	for i, r := range rows {
		if errs[i] != nil {
			return fmt.Errorf("the ledger's row of %s cannot be read: %w", okr.Ref{Kind: kind, ID: r.ID}, errs[i])
		}
		if wanted == nil || wanted(&decoded[i]) {
			into[r.ID] = &decoded[i]
		}
	}
	return nil
}

// together does something with each of n rows, on all processors where they are many,
// and returns when it is done with all.
func together(n int, f func(i int)) {
	const many = 128
	workers := min(runtime.GOMAXPROCS(0), n/many)
	if workers < 2 {
		for i := range n {
			f(i)
		}
		return
	}
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for i := w * n / workers; i < (w+1)*n/workers; i++ {
				f(i)
			}
		})
	}
	wait.Wait()
}

// members reads the rows that belong to others.
func members[T any](ctx context.Context, l *pastLoading, r Relation, within []okr.ID, kind okr.Kind, into map[okr.ID]*T, wanted func(*T) bool) error {
	ids, err := l.h.Members(ctx, r, within)
	if err != nil {
		return err
	}
	return fetch(ctx, l, kind, into, ids, wanted)
}

// whole reads objectives with their key results.
func (l *pastLoading) objectivesWhole(ctx context.Context, objectives []okr.ID) error {
	if len(objectives) == 0 {
		return nil
	}
	if err := fetch(ctx, l, okr.KindObjective, l.objectives, objectives, nil); err != nil {
		return err
	}
	return members(ctx, l, KeyResultsOfObjective, objectives, okr.KindKeyResult, l.keyResults, nil)
}

func (l *pastLoading) roots(ctx context.Context) error {
	refs := map[okr.Kind][]okr.ID{}
	for _, r := range l.need.Refs {
		refs[r.Kind] = append(refs[r.Kind], r.ID)
	}
	if l.need.Cycle != "" {
		refs[okr.KindCycle] = append(refs[okr.KindCycle], l.need.Cycle)
	}
	for _, err := range []error{
		fetch(ctx, l, okr.KindCycle, l.cycles, refs[okr.KindCycle], nil),
		fetch(ctx, l, okr.KindPerson, l.people, refs[okr.KindPerson], nil),
		fetch(ctx, l, okr.KindTeam, l.teams, refs[okr.KindTeam], nil),
		fetch(ctx, l, okr.KindKeyResult, l.keyResults, refs[okr.KindKeyResult], nil),
		fetch(ctx, l, okr.KindObjective, l.objectives, refs[okr.KindObjective], nil),
	} {
		if err != nil {
			return err
		}
	}
	refs[okr.KindPolicy] = append(refs[okr.KindPolicy], okr.PolicyRef().ID)
	for _, kind := range okr.ItemKinds() {
		if err := l.fetchItems(ctx, kind, refs[kind], nil); err != nil {
			return err
		}
	}
	if err := l.missing(); err != nil {
		return err
	}
	if teams := refs[okr.KindTeam]; len(teams) > 0 {
		of := set(teams)
		if err := members(ctx, l, PeopleOfTeam, teams, okr.KindPerson, l.people, func(p *okr.Person) bool { return of[p.Team] }); err != nil {
			return err
		}
	}
	objectives := slices.Clone(refs[okr.KindObjective])
	for _, id := range refs[okr.KindKeyResult] {
		objectives = append(objectives, l.keyResults[id].Objective)
	}
	if err := l.objectivesWhole(ctx, objectives); err != nil {
		return err
	}
	if asked := refs[okr.KindObjective]; len(asked) > 0 {
		var parents []okr.ID
		for _, id := range asked {
			for _, p := range l.objectives[id].Parents {
				parents = append(parents, p.Objective)
			}
		}
		if err := fetch(ctx, l, okr.KindObjective, l.objectives, parents, nil); err != nil {
			return err
		}
		of := set(asked)
		child := func(o *okr.Objective) bool {
			return slices.ContainsFunc(o.Parents, func(p okr.Share) bool { return of[p.Objective] })
		}
		if err := members(ctx, l, ObjectivesOfParent, asked, okr.KindObjective, l.objectives, child); err != nil {
			return err
		}
	}
	if c := sorted(l.whole()); len(c) > 0 {
		if err := members(ctx, l, ObjectivesOfCycle, c, okr.KindObjective, l.objectives, nil); err != nil {
			return err
		}
		return members(ctx, l, KeyResultsOfCycle, c, okr.KindKeyResult, l.keyResults, nil)
	}
	return nil
}

// whole are the cycles of which everything is asked for.
func (l *pastLoading) whole() map[okr.ID]bool {
	out := map[okr.ID]bool{}
	if l.need.Cycle != "" {
		out[l.need.Cycle] = true
	}
	for _, r := range l.need.Refs {
		switch {
		case !l.need.Whole:
		case r.Kind == okr.KindObjective:
			out[l.objectives[r.ID].Cycle] = true
		case r.Kind == okr.KindKeyResult:
			out[l.keyResults[r.ID].Cycle] = true
		}
	}
	return out
}

// ascend reads the objectives that those read so far contribute to, and so on up.
func (l *pastLoading) ascend(ctx context.Context) error {
	if !l.need.Parents {
		return nil
	}
	climbed := map[okr.ID]bool{}
	for {
		var level []okr.ID
		for _, o := range l.objectives {
			for _, p := range o.Parents {
				if !climbed[p.Objective] {
					climbed[p.Objective] = true
					level = append(level, p.Objective)
				}
			}
		}
		if len(level) == 0 {
			return nil
		}
		if err := l.objectivesWhole(ctx, level); err != nil {
			return err
		}
	}
}

// descend reads the parts of the objectives that are asked for and count their
// children, level by level.
func (l *pastLoading) descend(ctx context.Context) error {
	asked := map[okr.ID]bool{}
	for _, r := range l.need.Refs {
		switch r.Kind {
		case okr.KindObjective:
			asked[r.ID] = true
		case okr.KindKeyResult:
			asked[l.keyResults[r.ID].Objective] = true
		}
	}
	walked, whole := map[okr.ID]bool{}, l.whole()
	next := func(wanted func(*okr.Objective) bool) (level []okr.ID) {
		for id, o := range l.objectives {
			if o.Rollup.Driver.Children() && !walked[id] && wanted(o) {
				walked[id] = true
				level = append(level, id)
			}
		}
		return level
	}
	level := next(func(o *okr.Objective) bool { return asked[o.ID] || whole[o.Cycle] })
	for len(level) > 0 {
		above := set(level)
		child := func(o *okr.Objective) bool {
			return slices.ContainsFunc(o.Parents, func(p okr.Share) bool { return above[p.Objective] })
		}
		if err := members(ctx, l, ObjectivesOfParent, level, okr.KindObjective, l.objectives, child); err != nil {
			return err
		}
		var children []okr.ID
		for id, o := range l.objectives {
			if child(o) {
				children = append(children, id)
			}
		}
		if err := l.objectivesWhole(ctx, children); err != nil {
			return err
		}
		level = next(child)
	}
	return nil
}

// missing says which row that is asked for did not exist.
func (l *pastLoading) missing() error {
	refs := l.need.Refs
	if l.need.Cycle != "" {
		refs = append(slices.Clone(refs), okr.Ref{Kind: okr.KindCycle, ID: l.need.Cycle})
	}
	for _, r := range refs {
		there := false
		switch r.Kind {
		case okr.KindTenant:
			there = true // it has no row of its own
		case okr.KindCycle:
			_, there = l.cycles[r.ID]
		case okr.KindPerson:
			_, there = l.people[r.ID]
		case okr.KindTeam:
			_, there = l.teams[r.ID]
		case okr.KindObjective:
			_, there = l.objectives[r.ID]
		case okr.KindKeyResult:
			_, there = l.keyResults[r.ID]
		default:
			if r.Kind.IsItem() {
				_, there = l.items[r]
				break
			}
			return &okr.InvalidError{Field: "refs", Value: r.String(), Remedy: "load the aggregate that it lives within"}
		}
		if !there {
			return &okr.NotFoundError{Ref: r}
		}
	}
	return nil
}

func set(ids []okr.ID) map[okr.ID]bool {
	out := make(map[okr.ID]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out
}

// widen reads the other objectives of the teams, and the other key results of the
// owners, in the cycles that are there.
func (l *pastLoading) widen(ctx context.Context) error {
	cycles, teams, owners := map[okr.ID]bool{}, map[okr.ID]bool{}, map[okr.ID]bool{}
	for id := range l.cycles {
		cycles[id] = true
	}
	for id := range l.people {
		owners[id] = true
	}
	for id := range l.teams {
		teams[id] = true
	}
	for _, o := range l.objectives {
		cycles[o.Cycle], teams[o.Team] = true, true
	}
	for _, k := range l.keyResults {
		cycles[k.Cycle], owners[k.Owner] = true, true
	}
	delete(teams, "")
	delete(owners, "")
	if l.need.TeamObjectives && len(teams) > 0 {
		found := map[okr.ID]*okr.Objective{}
		mine := func(o *okr.Objective) bool { return teams[o.Team] && cycles[o.Cycle] }
		if err := members(ctx, l, ObjectivesOfTeam, sorted(teams), okr.KindObjective, found, mine); err != nil {
			return err
		}
		maps.Copy(l.objectives, found)
		if err := l.objectivesWhole(ctx, slices.Sorted(maps.Keys(found))); err != nil {
			return err
		}
	}
	if l.need.OwnerKeyResults && len(owners) > 0 {
		found := map[okr.ID]*okr.KeyResult{}
		mine := func(k *okr.KeyResult) bool { return owners[k.Owner] && cycles[k.Cycle] }
		if err := members(ctx, l, KeyResultsOfOwner, sorted(owners), okr.KindKeyResult, found, mine); err != nil {
			return err
		}
		var objectives []okr.ID
		for id, k := range found {
			l.keyResults[id] = k
			objectives = append(objectives, k.Objective)
		}
		return fetch(ctx, l, okr.KindObjective, l.objectives, objectives, nil)
	}
	return nil
}

func sorted[V any](m map[okr.ID]V) []okr.ID { return slices.Sorted(maps.Keys(m)) }

// fetchItems reads items that are not there yet.
func (l *pastLoading) fetchItems(ctx context.Context, kind okr.Kind, ids []okr.ID, wanted func(okr.Item) bool) error {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id okr.ID) bool {
		_, there := l.items[okr.Ref{Kind: kind, ID: id}]
		return there || id == ""
	})
	found, err := itemsAt(ctx, l.h, kind, ids)
	for _, i := range found {
		if wanted == nil || wanted(i) {
			l.items[i.Ref] = i
		}
	}
	return err
}

// itemsAt are the items that existed, their words by reference.
func itemsAt(ctx context.Context, h History, kind okr.Kind, ids []okr.ID) ([]okr.Item, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := h.Rows(ctx, kind, ids)
	if err != nil {
		return nil, err
	}
	var out []okr.Item
	for _, r := range rows {
		i, err := okr.ReadItem(okr.Ref{Kind: kind, ID: r.ID}, r.State, r.Whole)
		if err != nil {
			return nil, err
		}
		if i.ID != "" {
			out = append(out, i)
		}
	}
	slices.SortFunc(out, func(a, b okr.Item) int { return okr.CompareRefs(a.Ref, b.Ref) })
	return out, nil
}

// ItemsPast is [okr.Unit.Items] as of a cut. now lists what there is now: nothing
// is ever deleted.
func ItemsPast(ctx context.Context, h History, q okr.ItemQuery, now func(okr.ItemQuery) ([]okr.Item, error)) ([]okr.Item, error) {
	limit := Page(q.Limit)
	all := q
	all.AsOf, all.Limit, all.Subject = nil, 1000, okr.Ref{} // a KPI may have concerned another team
	var out []okr.Item
	for {
		rows, err := now(all)
		if err != nil {
			return nil, err
		}
		ids := make([]okr.ID, len(rows))
		for i, r := range rows {
			ids[i] = r.ID
		}
		found, err := itemsAt(ctx, h, q.Kind, ids)
		if err != nil {
			return nil, err
		}
		for _, i := range found {
			if (q.Subject == okr.Ref{} || q.Subject == i.Subject) && (q.Cycle == "" || q.Cycle == i.Cycle) && len(out) < limit {
				out = append(out, i)
			}
		}
		if len(out) == limit || len(rows) < all.Limit {
			break
		}
		all.After = ids[len(ids)-1]
	}
	return out, sayItems(ctx, h, out)
}

// sayItems puts in the words of items.
func sayItems(ctx context.Context, h History, items []okr.Item) error {
	var ids []string
	for _, i := range items {
		ids = append(ids, Words(i.Doc)...)
	}
	if len(ids) == 0 {
		return nil
	}
	words, err := h.Words(ctx, ids)
	for n, i := range items {
		items[n].Doc = Resolve(i.Doc, func(id string) (okr.Word, bool) {
			w, ok := words[id]
			return w, ok
		})
	}
	return err
}

// itemsOf reads the items of the kinds wanted that belong to what is loaded.
func (l *pastLoading) itemsOf(ctx context.Context) error {
	if len(l.need.Items) == 0 {
		return nil
	}
	if err := l.named(ctx); err != nil {
		return err
	}
	concerned := map[okr.Ref]bool{}
	var subjects []okr.ID
	for r := range refsOf(l) {
		concerned[r] = true
		subjects = append(subjects, r.ID)
	}
	found, err := l.h.Items(ctx, l.need.Items, subjects, l.need.Cycle)
	if err != nil {
		return err
	}
	byKind := map[okr.Kind][]okr.ID{}
	for _, r := range found {
		if !slices.Contains(byKind[r.Kind], r.ID) {
			byKind[r.Kind] = append(byKind[r.Kind], r.ID)
		}
	}
	for kind, ids := range byKind {
		err := l.fetchItems(ctx, kind, ids, func(i okr.Item) bool {
			return concerned[i.Subject] || l.need.Cycle != "" && i.Cycle == l.need.Cycle
		})
		if err != nil {
			return err
		}
	}
	if !slices.Contains(l.need.Items, okr.KindKPI) {
		return nil
	}
	var measuring []okr.ID
	for _, k := range l.keyResults {
		measuring = append(measuring, k.KPI)
	}
	slices.Sort(measuring)
	return l.fetchItems(ctx, okr.KindKPI, slices.Compact(measuring), nil)
}

// refsOf are the rows whose items are wanted.
func refsOf(l *pastLoading) map[okr.Ref]bool {
	out := map[okr.Ref]bool{}
	for _, r := range l.need.Refs {
		out[r] = true
	}
	for id := range l.cycles {
		out[okr.Ref{Kind: okr.KindCycle, ID: id}] = true
	}
	for id := range l.teams {
		out[okr.Ref{Kind: okr.KindTeam, ID: id}] = true
	}
	for id := range l.objectives {
		out[okr.Ref{Kind: okr.KindObjective, ID: id}] = true
	}
	for id := range l.keyResults {
		out[okr.Ref{Kind: okr.KindKeyResult, ID: id}] = true
	}
	return out
}

// standings reads what was announced, of the rows asked for, or of all that are
// loaded with a cycle.
func (l *pastLoading) standings(ctx context.Context) error {
	if !l.need.Standings {
		return nil
	}
	subjects := map[okr.Ref]bool{}
	for _, r := range l.need.Refs {
		subjects[r] = true
	}
	if l.need.Cycle != "" {
		subjects = refsOf(l)
		for id := range l.people {
			subjects[okr.Ref{Kind: okr.KindPerson, ID: id}] = true
		}
	}
	byKind := map[okr.Kind][]okr.ID{}
	for r := range subjects {
		byKind[r.Kind] = append(byKind[r.Kind], r.ID)
	}
	for kind, ids := range byKind {
		rows, err := l.h.Stood(ctx, kind, ids)
		if err != nil {
			return err
		}
		for id, told := range rows {
			found, err := okr.ReadStood(okr.Ref{Kind: kind, ID: id}, told)
			if err != nil {
				return err
			}
			l.stood = append(l.stood, slices.DeleteFunc(found, func(st okr.Standing) bool { return !l.need.Stands(st.Kind) })...)
		}
	}
	return nil
}

// collections reads what the key results have, and the KPIs that were asked for.
func (l *pastLoading) collections(ctx context.Context) error {
	var err error
	if n := l.need.Readings; n > 0 {
		if l.readings, err = l.h.Readings(ctx, okr.KindKeyResult, sorted(l.keyResults), n); err != nil {
			return err
		}
		var kpis []okr.ID
		for _, r := range l.need.Refs {
			if r.Kind == okr.KindKPI {
				kpis = append(kpis, r.ID)
			}
		}
		more, err := l.h.Readings(ctx, okr.KindKPI, kpis, n)
		if err != nil {
			return err
		}
		l.readings = append(l.readings, more...)
		slices.SortFunc(l.readings, okr.CompareReadings)
		l.readings = newest(l.readings, n, func(r okr.Reading) okr.ID { return r.KeyResult })
	}
	s := okr.Snapshot{}
	if n := l.need.CheckIns; n > 0 {
		if s.CheckIns, err = l.h.CheckIns(ctx, sorted(l.keyResults), n); err != nil {
			return err
		}
		s.Sort()
		s.CheckIns = newest(s.CheckIns, n, func(c okr.CheckInRecord) okr.ID { return c.KeyResult })
		l.checkIns = s.CheckIns
	}
	if !l.need.Blockers {
		return nil
	}
	rows, err := l.h.Blockers(ctx, sorted(l.keyResults))
	if err != nil {
		return err
	}
	for _, r := range rows {
		b, err := okr.ReadState[okr.Blocker](r.State, nil)
		if err != nil {
			return fmt.Errorf("the ledger's row of %s cannot be read: %w", okr.Ref{Kind: okr.KindBlocker, ID: r.ID}, err)
		}
		// The open ones, and those closed with the newest check-ins or later.
		if c := s.CheckInsOf(b.KeyResult); b.ClosedAt == nil || len(c) > 0 && !b.ClosedAt.Before(c[len(c)-1].RecordedAt) {
			l.blockers = append(l.blockers, b)
		}
	}
	return nil
}

func newest[T any](rows []T, n int, of func(T) okr.ID) []T {
	var last okr.ID
	seen := 0
	return slices.DeleteFunc(rows, func(r T) bool {
		if id := of(r); id != last {
			last, seen = id, 0
		}
		seen++
		return seen > n
	})
}

// named reads the cycles, teams and people that the rows name.
func (l *pastLoading) named(ctx context.Context) error {
	var cycles, teams, people []okr.ID
	for _, o := range l.objectives {
		cycles, teams, people = append(cycles, o.Cycle), append(teams, o.Team), append(people, o.Owner)
	}
	for _, k := range l.keyResults {
		cycles, people = append(cycles, k.Cycle), append(people, k.Owner)
		for _, i := range k.Initiatives {
			people = append(people, i.Owner)
		}
	}
	readers, err := l.readers(ctx)
	if err != nil {
		return err
	}
	people = append(people, readers...)
	for _, b := range l.blockers {
		people = append(people, b.Owner)
	}
	all := func(r Relation, ids *[]okr.ID) error {
		more, err := l.h.Members(ctx, r, nil)
		*ids = append(*ids, more...)
		return err
	}
	if l.need.Cycles || l.need.EveryCycle {
		if err := all(Cycles, &cycles); err != nil {
			return err
		}
	}
	if l.need.Everyone {
		if err := all(Teams, &teams); err != nil {
			return err
		}
		if err := all(People, &people); err != nil {
			return err
		}
	}
	if err := fetch(ctx, l, okr.KindCycle, l.cycles, cycles, nil); err != nil {
		return err
	}
	if err := l.teamsOf(ctx, teams); err != nil {
		return err
	}
	for _, t := range l.teams {
		people = append(people, t.Lead)
	}
	if err := fetch(ctx, l, okr.KindPerson, l.people, people, nil); err != nil {
		return err
	}
	var homes []okr.ID
	for _, p := range l.people {
		if l.need.Homes {
			homes = append(homes, p.Team)
		}
	}
	if err := l.teamsOf(ctx, homes); err != nil || !l.need.TeamPeople || len(l.teams) == 0 {
		return err
	}
	mine := func(p *okr.Person) bool { return l.teams[p.Team] != nil }
	return members(ctx, l, PeopleOfTeam, sorted(l.teams), okr.KindPerson, l.people, mine)
}

// teamsOf reads teams, and those above them and all that are there already.
func (l *pastLoading) teamsOf(ctx context.Context, teams []okr.ID) error {
	for had := -1; had < len(l.teams); {
		had = len(l.teams)
		if err := fetch(ctx, l, okr.KindTeam, l.teams, teams, nil); err != nil {
			return err
		}
		for _, t := range l.teams {
			teams = append(teams, t.Parent)
		}
	}
	return nil
}

// readers are those named in the access to the key results' sources, which the ledger
// holds as words.
func (l *pastLoading) readers(ctx context.Context) (out []okr.ID, err error) {
	var fresh []okr.KeyResult // whose words were not read yet
	var ids []string
	for id, k := range l.keyResults {
		if _, known := l.access[id]; known || k.Source == nil || len(k.Source.Access) == 0 {
			continue
		}
		row := okr.KeyResult{ID: id, Source: &okr.Source{Access: slices.Clone(k.Source.Access)}}
		okr.Words(&row, func(id string) { ids = append(ids, id) })
		fresh = append(fresh, row)
	}
	if err := l.learn(ctx, ids); err != nil {
		return nil, err
	}
	together(len(fresh), func(i int) { okr.Say(&fresh[i], l.word) })
	if l.access == nil {
		l.access = make(map[okr.ID][]string, len(fresh))
	}
	for _, row := range fresh {
		l.access[row.ID] = row.Source.Access
	}
	seen := map[string]bool{}
	for _, access := range l.access {
		for _, who := range access {
			if !seen[who] {
				seen[who] = true
				out = append(out, okr.ID(who))
			}
		}
	}
	return out, nil
}

// say puts in the words.
func (l *pastLoading) say(ctx context.Context) error {
	items := slices.Collect(maps.Values(l.items))
	if err := sayItems(ctx, l.h, items); err != nil {
		return err
	}
	for _, i := range items {
		l.items[i.Ref] = i
	}
	var ids []string
	note := func(id string) { ids = append(ids, id) }
	each := func(f func(id string)) {
		wordsOf(l.people, f)
		wordsOf(l.objectives, f)
		wordsOf(l.keyResults, f)
		for i := range l.blockers {
			okr.Words(&l.blockers[i], f)
		}
	}
	each(note)
	if err := l.learn(ctx, ids); err != nil {
		return err
	}
	sayAll(l.people, l.word)
	sayAll(l.objectives, l.word)
	sayAll(l.keyResults, l.word)
	for i := range l.blockers {
		okr.Say(&l.blockers[i], l.word)
	}
	return nil
}

// learn reads the words that were not read yet, in the order in which they lie.
func (l *pastLoading) learn(ctx context.Context, ids []string) error {
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id string) bool {
		_, known := l.words[id]
		return known
	})
	if len(ids) == 0 {
		return nil
	}
	words, err := l.h.Words(ctx, ids)
	if err != nil {
		return err
	}
	if l.words == nil {
		l.words = words
		return nil
	}
	maps.Copy(l.words, words)
	return nil
}

func (l *pastLoading) word(id string) (okr.Word, bool) {
	w, ok := l.words[id]
	return w, ok
}

func wordsOf[T any](rows map[okr.ID]*T, f func(id string)) {
	for _, r := range rows {
		okr.Words(r, f)
	}
}

func sayAll[T any](rows map[okr.ID]*T, find func(id string) (okr.Word, bool)) {
	all := slices.Collect(maps.Values(rows))
	together(len(all), func(i int) { okr.Say(all[i], find) })
}
