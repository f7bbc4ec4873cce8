package sqldb

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

// loading is one Load. It goes in rounds, each one batch: the rows that are asked
// for and what is around them; what widens the circle; what all of them have and
// name; and the people.
type loading struct {
	*unit
	tenant   string
	need     okr.Need
	refs     map[okr.Kind][]okr.ID
	batch    []Statement
	snapshot *okr.Snapshot
	have     map[okr.Ref]bool
}

// Load reads what need names.
func (u *unit) Load(ctx context.Context, t okr.TenantID, need okr.Need) (*okr.Snapshot, error) {
	if err := u.ready(ctx); err != nil {
		return nil, err
	}
	if need.AsOf != nil {
		out, err := store.LoadPast(ctx, &past{u, string(t), need.AsOf.Position}, t, need)
		return out, u.mapped(ctx, err)
	}
	l := &loading{
		unit: u, tenant: string(t), need: need, refs: map[okr.Kind][]okr.ID{},
		snapshot: &okr.Snapshot{Tenant: t}, have: map[okr.Ref]bool{},
	}
	for _, r := range need.Refs {
		switch r.Kind {
		case okr.KindTenant, okr.KindCycle, okr.KindPerson, okr.KindTeam, okr.KindObjective, okr.KindKeyResult:
			l.refs[r.Kind] = append(l.refs[r.Kind], r.ID)
		default:
			if r.Kind.IsItem() {
				l.refs[r.Kind] = append(l.refs[r.Kind], r.ID)
				continue
			}
			return nil, &okr.InvalidError{Field: "refs", Value: r.String(), Remedy: "load the aggregate that it lives within"}
		}
	}
	if err := l.round(ctx, l.roots); err != nil {
		return nil, err
	}
	if err := l.descend(ctx); err != nil {
		return nil, err
	}
	if err := l.ascend(ctx); err != nil {
		return nil, err
	}
	for _, round := range []func(){l.widen, l.belongings, l.people, l.homes, l.housemates} {
		if err := l.round(ctx, round); err != nil {
			return nil, err
		}
	}
	l.snapshot.Sort()
	l.trim()
	return l.snapshot, nil
}

// round sends what f asks for, as one batch.
func (l *loading) round(ctx context.Context, f func()) error {
	if f(); len(l.batch) == 0 {
		return nil
	}
	if err := send(ctx, l.conn, l.batch); err != nil {
		return l.mapped(ctx, err)
	}
	l.batch = l.batch[:0]
	return l.missing()
}

// descend reads the parts of the objectives that are asked for and count their
// children, level by level.
func (l *loading) descend(ctx context.Context) error {
	asked := map[okr.ID]bool{}
	for _, id := range l.refs[okr.KindObjective] {
		asked[id] = true
	}
	for _, k := range l.snapshot.KeyResults {
		if slices.Contains(l.refs[okr.KindKeyResult], k.ID) {
			asked[k.Objective] = true
		}
	}
	whole := map[okr.ID]bool{}
	if l.need.Cycle != "" {
		whole[l.need.Cycle] = true
	}
	for _, o := range l.snapshot.Objectives {
		if l.need.Whole && asked[o.ID] {
			whole[o.Cycle] = true
		}
	}
	walked := map[okr.ID]bool{}
	next := func(wanted func(okr.Objective) bool) (level []okr.ID) {
		for _, o := range l.snapshot.Objectives {
			if o.Rollup.Driver.Children() && !walked[o.ID] && wanted(o) {
				walked[o.ID] = true
				level = append(level, o.ID)
			}
		}
		return level
	}
	level := next(func(o okr.Objective) bool { return asked[o.ID] || whole[o.Cycle] })
	for len(level) > 0 {
		above := map[okr.ID]bool{}
		for _, id := range level {
			above[id] = true
		}
		if err := l.round(ctx, func() {
			const below = "(SELECT objective FROM okr_objective_parent WHERE tenant = $1 AND parent {in $2})"
			l.query("SELECT "+objectiveColumns+" FROM okr_objective WHERE tenant = $1 AND id IN "+below, l.objective(), list(level))
			l.query("SELECT "+keyResultColumns+" FROM okr_key_result k WHERE k.tenant = $1 AND k.objective IN "+below, l.keyResult(), list(level))
		}); err != nil {
			return err
		}
		level = next(func(o okr.Objective) bool {
			return slices.ContainsFunc(o.Parents, func(p okr.Share) bool { return above[p.Objective] })
		})
	}
	return nil
}

// ascend reads the objectives that those read so far contribute to, level by level.
func (l *loading) ascend(ctx context.Context) error {
	if !l.need.Parents {
		return nil
	}
	climbed := map[okr.ID]bool{"": true}
	for {
		var level []okr.ID
		for _, o := range l.snapshot.Objectives {
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
		if err := l.round(ctx, func() {
			l.query("SELECT "+objectiveColumns+" FROM okr_objective WHERE tenant = $1 AND id {in $2}", l.objective(), list(level))
			l.query("SELECT "+keyResultColumns+" FROM okr_key_result k WHERE k.tenant = $1 AND k.objective {in $2}", l.keyResult(), list(level))
		}); err != nil {
			return err
		}
	}
}

// query adds a statement to the round; the tenant is its first argument.
func (l *loading) query(text string, row func(Rows) error, args ...any) {
	l.batch = append(l.batch, Statement{SQL: l.sql(text), Args: append([]any{l.tenant}, args...), Row: row})
}

// once appends a row unless it is there already.
func once[T any](l *loading, rows *[]T, kind okr.Kind, scan func(Rows) (T, error), id func(T) okr.ID) func(Rows) error {
	return func(r Rows) error {
		row, err := scan(r)
		if err != nil {
			return err
		}
		if ref := (okr.Ref{Kind: kind, ID: id(row)}); !l.have[ref] {
			l.have[ref] = true
			*rows = append(*rows, row)
		}
		return nil
	}
}

func (l *loading) cycle() func(Rows) error {
	return once(l, &l.snapshot.Cycles, okr.KindCycle, scanCycle, func(c okr.Cycle) okr.ID { return c.ID })
}

func (l *loading) person() func(Rows) error {
	return once(l, &l.snapshot.People, okr.KindPerson, scanPerson, func(p okr.Person) okr.ID { return p.ID })
}

func (l *loading) team() func(Rows) error {
	return once(l, &l.snapshot.Teams, okr.KindTeam, scanTeam, func(t okr.Team) okr.ID { return t.ID })
}

func (l *loading) objective() func(Rows) error {
	return once(l, &l.snapshot.Objectives, okr.KindObjective, scanObjective, func(o okr.Objective) okr.ID { return o.ID })
}

func (l *loading) keyResult() func(Rows) error {
	return once(l, &l.snapshot.KeyResults, okr.KindKeyResult, scanKeyResult, func(k okr.KeyResult) okr.ID { return k.ID })
}

// item adds a row once, where wanted says so.
func (l *loading) item(wanted func(okr.Item) bool) func(Rows) error {
	return func(r Rows) error {
		i, err := scanItem(r)
		if err != nil || l.have[i.Ref] || wanted != nil && !wanted(i) {
			return err
		}
		l.have[i.Ref] = true
		return l.snapshot.AddItem(i)
	}
}

// items reads those of the kinds wanted that belong to what is loaded.
func (l *loading) items() {
	if len(l.need.Items) == 0 {
		return
	}
	s := l.snapshot
	concerned := map[okr.Ref]bool{}
	for _, r := range l.need.Refs {
		concerned[r] = true
	}
	for r := range l.have {
		if r.Kind != okr.KindPerson {
			concerned[r] = true
		}
	}
	for _, k := range s.KeyResults {
		if k.Owner != "" {
			concerned[okr.Ref{Kind: okr.KindOwner, ID: k.Owner}] = true
		}
	}
	kinds := list(l.need.Items)
	l.query("SELECT "+itemColumns+" FROM okr_item i WHERE i.tenant = $1 AND i.subject {in $2} AND i.kind {in $3}",
		l.item(func(i okr.Item) bool { return concerned[i.Subject] }),
		list(ids(slices.Collect(maps.Keys(concerned)), func(r okr.Ref) okr.ID { return r.ID })), kinds)
	if c := l.need.Cycle; c != "" {
		l.query("SELECT "+itemColumns+" FROM okr_item i WHERE i.tenant = $1 AND i.cycle = $2 AND i.cycle <> '' AND i.kind {in $3}", l.item(nil), string(c), kinds)
	}
	if measuring := l.without(okr.KindKPI, ids(s.KeyResults, func(k okr.KeyResult) okr.ID { return k.KPI })); len(measuring) > 0 && slices.Contains(l.need.Items, okr.KindKPI) {
		l.query("SELECT "+itemColumns+" FROM okr_item i WHERE i.tenant = $1 AND i.kind = 'kpi' AND i.id {in $2}", l.item(nil), list(measuring))
	}
}

// Items lists rows that are kept as items, by id.
func (u *unit) Items(ctx context.Context, t okr.TenantID, q okr.ItemQuery) ([]okr.Item, error) {
	if err := u.ready(ctx); err != nil {
		return nil, err
	}
	if q.AsOf != nil {
		out, err := store.ItemsPast(ctx, &past{u, string(t), q.AsOf.Position}, q, func(q okr.ItemQuery) ([]okr.Item, error) { return u.Items(ctx, t, q) })
		return out, u.mapped(ctx, err)
	}
	query := "SELECT " + itemColumns + " FROM okr_item i WHERE i.tenant = $1 AND i.kind = $2 AND i.id > $3"
	args := []any{string(t), string(q.Kind), string(q.After)}
	param := func(v string) string {
		args = append(args, v)
		return parameter(len(args))
	}
	if q.Subject != (okr.Ref{}) {
		query += " AND i.subject_kind = " + param(string(q.Subject.Kind)) + " AND i.subject = " + param(string(q.Subject.ID))
	}
	if q.Cycle != "" {
		query += " AND i.cycle <> '' AND i.cycle = " + param(string(q.Cycle))
	}
	args = append(args, int64(store.Page(q.Limit)))
	var out []okr.Item
	err := each(ctx, u.conn, u.sql(query+" ORDER BY i.id LIMIT "+parameter(len(args))), func(r Rows) error {
		i, err := scanItem(r)
		out = append(out, i)
		return err
	}, args...)
	if err != nil {
		return nil, u.mapped(ctx, err)
	}
	return out, nil
}

// add appends every row.
func add[T any](rows *[]T, scan func(Rows) (T, error)) func(Rows) error {
	return func(r Rows) error {
		row, err := scan(r)
		if err == nil {
			*rows = append(*rows, row)
		}
		return err
	}
}

func (l *loading) lock() {
	ignore := func(Rows) error { return nil }
	for _, k := range []struct {
		kind okr.Kind
		text string
	}{ // in one order, so that two transactions do not wait for each other
		{okr.KindCycle, "SELECT id FROM okr_cycle WHERE tenant = $1 AND id {in $2} ORDER BY id {update}"},
		{okr.KindKeyResult, "SELECT id FROM okr_key_result WHERE tenant = $1 AND id {in $2} ORDER BY id {update}"},
		{okr.KindObjective, "SELECT id FROM okr_objective WHERE tenant = $1 AND id {in $2} ORDER BY id {update}"},
		{okr.KindPerson, "SELECT id FROM okr_person WHERE tenant = $1 AND id {in $2} ORDER BY id {update}"},
		{okr.KindTeam, "SELECT id FROM okr_team WHERE tenant = $1 AND id {in $2} ORDER BY id {update}"},
	} {
		if ids := l.refs[k.kind]; len(ids) > 0 {
			l.query(k.text, ignore, list(ids))
		}
	}
}

// around are the objectives that the references name or lie in.
const around = `(SELECT value FROM {each $2} o UNION ALL
	SELECT x.objective FROM {each $3} r CROSS JOIN okr_key_result x WHERE x.tenant = $1 AND x.id = r.value)`

func (l *loading) roots() {
	if l.need.Lock && l.store.dialect == Postgres {
		l.lock()
	}
	if objectives, keyResults := l.refs[okr.KindObjective], l.refs[okr.KindKeyResult]; len(objectives)+len(keyResults) > 0 {
		l.query("SELECT "+objectiveColumns+" FROM okr_objective WHERE tenant = $1 AND id IN "+around, l.objective(), list(objectives), list(keyResults))
		l.query("SELECT "+keyResultColumns+" FROM okr_key_result k WHERE k.tenant = $1 AND k.objective IN "+around, l.keyResult(), list(objectives), list(keyResults))
	}
	if objectives, keyResults := l.refs[okr.KindObjective], l.refs[okr.KindKeyResult]; l.need.Whole && len(objectives)+len(keyResults) > 0 {
		const cycles = "(SELECT y.cycle FROM okr_objective y WHERE y.tenant = $1 AND y.id IN " + around + ")"
		l.query("SELECT "+objectiveColumns+" FROM okr_objective WHERE tenant = $1 AND cycle IN "+cycles, l.objective(), list(objectives), list(keyResults))
		l.query("SELECT "+keyResultColumns+" FROM okr_key_result k WHERE k.tenant = $1 AND k.cycle IN "+cycles, l.keyResult(), list(objectives), list(keyResults))
	}
	if ids := l.refs[okr.KindObjective]; len(ids) > 0 {
		l.query("SELECT "+objectiveColumns+` FROM okr_objective WHERE tenant = $1 AND id IN (
			SELECT parent FROM okr_objective_parent WHERE tenant = $1 AND objective {in $2}
			UNION ALL SELECT objective FROM okr_objective_parent WHERE tenant = $1 AND parent {in $2})`, l.objective(), list(ids))
	}
	if ids := l.refs[okr.KindCycle]; len(ids) > 0 {
		l.cyclesOf(ids)
	}
	if ids := l.refs[okr.KindPerson]; len(ids) > 0 {
		l.peopleOf(ids)
	}
	if ids := l.refs[okr.KindTeam]; len(ids) > 0 {
		l.teamsOf(ids)
		l.query("SELECT "+personColumns+" FROM okr_person WHERE tenant = $1 AND team {in $2}", l.person(), list(ids))
	}
	if c := l.need.Cycle; c != "" {
		l.cyclesOf([]okr.ID{c})
		l.query("SELECT "+objectiveColumns+" FROM okr_objective WHERE tenant = $1 AND cycle = $2", l.objective(), string(c))
		l.query("SELECT "+keyResultColumns+" FROM okr_key_result k WHERE k.tenant = $1 AND k.cycle = $2", l.keyResult(), string(c))
	}
	for _, kind := range okr.ItemKinds() {
		if ids := l.refs[kind]; len(ids) > 0 {
			l.query("SELECT "+itemColumns+" FROM okr_item i WHERE i.tenant = $1 AND i.kind = $2 AND i.id {in $3}", l.item(nil), string(kind), list(ids))
		}
	}
	l.packs()
	l.query("SELECT "+itemColumns+" FROM okr_item i WHERE i.tenant = $1 AND i.kind = $2 AND i.id = $3", l.item(nil), string(okr.PolicyRef().Kind), string(okr.PolicyRef().ID))
	if l.need.Standings {
		for _, kind := range append([]okr.Kind{okr.KindTenant, okr.KindCycle, okr.KindPerson, okr.KindTeam, okr.KindObjective, okr.KindKeyResult}, okr.ItemKinds()...) {
			l.standings(kind, l.refs[kind])
		}
	}
}

func (l *loading) cyclesOf(ids []okr.ID) {
	l.query("SELECT "+cycleColumns+" FROM okr_cycle WHERE tenant = $1 AND id {in $2}", l.cycle(), list(ids))
}

// teamsOf reads teams and those above them. A ring of teams ends where it began.
func (l *loading) teamsOf(ids []okr.ID) {
	l.query("SELECT "+teamColumns+` FROM okr_team WHERE tenant = $1 AND id IN (
		WITH RECURSIVE up (id) AS (SELECT k.value FROM {each $2} k
			UNION SELECT t.parent FROM up JOIN okr_team t ON t.tenant = $1 AND t.id = up.id)
		SELECT id FROM up)`, l.team(), list(ids))
}

func (l *loading) peopleOf(ids []okr.ID) {
	l.query("SELECT "+personColumns+" FROM okr_person WHERE tenant = $1 AND id {in $2}", l.person(), list(ids))
}

func (l *loading) standings(kind okr.Kind, ids []okr.ID) {
	if len(ids) == 0 {
		return
	}
	text, args := "SELECT "+standingColumns+" FROM okr_standing WHERE tenant = $1 AND subject_kind = $2 AND subject {in $3}", []any{string(kind), list(ids)}
	if kinds := l.need.StandingKinds; len(kinds) > 0 {
		text, args = text+" AND kind {in $4}", append(args, list(kinds))
	}
	l.query(text, add(&l.snapshot.Standings, scanStanding), args...)
}

func (l *loading) packs() {
	l.query("SELECT name, version, digest FROM okr_pack WHERE tenant = $1", add(&l.snapshot.Packs, func(r Rows) (p okr.Pack, err error) {
		err = r.Scan(&p.Name, &p.Version, &p.Digest)
		return p, err
	}))
	if len(l.need.PackTexts) == 0 {
		return
	}
	l.query("SELECT digest, content FROM okr_pack_text WHERE tenant = $1 AND digest {in $2}", func(r Rows) error {
		var digest, content string
		if err := r.Scan(&digest, &content); err != nil {
			return err
		}
		for i := range l.snapshot.Packs {
			if l.snapshot.Packs[i].Digest == digest {
				l.snapshot.Packs[i].Text = content
			}
		}
		return nil
	}, list(l.need.PackTexts))
}

// missing says which row that was asked for does not exist.
func (l *loading) missing() error {
	for _, r := range l.need.Refs {
		if r.Kind != okr.KindTenant && !l.have[r] {
			return &okr.NotFoundError{Ref: r}
		}
	}
	if c := (okr.Ref{Kind: okr.KindCycle, ID: l.need.Cycle}); c.ID != "" && !l.have[c] {
		return &okr.NotFoundError{Ref: c}
	}
	return nil
}

// ids are the distinct ids that the rows name, without "".
func ids[T any](rows []T, of func(T) okr.ID) []okr.ID {
	var out []okr.ID
	seen := map[okr.ID]bool{"": true}
	for _, r := range rows {
		if id := of(r); !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}

// without are the ids that are not there yet, each once.
func (l *loading) without(kind okr.Kind, lists ...[]okr.ID) []okr.ID {
	return slices.DeleteFunc(ids(slices.Concat(lists...), func(id okr.ID) okr.ID { return id }), func(id okr.ID) bool {
		return l.have[okr.Ref{Kind: kind, ID: id}]
	})
}

// widen reads the other objectives of the teams, and the other key results of the
// owners, in the cycles of what is there.
func (l *loading) widen() {
	s := l.snapshot
	same := func(id okr.ID) okr.ID { return id }
	cycles := list(ids(slices.Concat(
		ids(s.Cycles, func(c okr.Cycle) okr.ID { return c.ID }),
		ids(s.Objectives, func(o okr.Objective) okr.ID { return o.Cycle }),
		ids(s.KeyResults, func(k okr.KeyResult) okr.ID { return k.Cycle })), same))
	if l.need.TeamObjectives {
		teams := list(ids(slices.Concat(l.refs[okr.KindTeam], ids(s.Objectives, func(o okr.Objective) okr.ID { return o.Team })), same))
		l.query("SELECT "+objectiveColumns+" FROM okr_objective WHERE tenant = $1 AND team {in $2} AND cycle {in $3}", l.objective(), teams, cycles)
		l.query("SELECT "+keyResultColumns+` FROM okr_key_result k WHERE k.tenant = $1 AND k.objective IN (
			SELECT id FROM okr_objective WHERE tenant = $1 AND team {in $2} AND cycle {in $3})`, l.keyResult(), teams, cycles)
	}
	if l.need.OwnerKeyResults {
		owners := list(ids(slices.Concat(ids(s.People, func(p okr.Person) okr.ID { return p.ID }), ids(s.KeyResults, func(k okr.KeyResult) okr.ID { return k.Owner })), same))
		l.query("SELECT "+keyResultColumns+" FROM okr_key_result k WHERE k.tenant = $1 AND k.owner {in $2} AND k.cycle {in $3}", l.keyResult(), owners, cycles)
		l.query("SELECT "+objectiveColumns+` FROM okr_objective WHERE tenant = $1 AND id IN (
			SELECT objective FROM okr_key_result WHERE tenant = $1 AND owner {in $2} AND cycle {in $3})`, l.objective(), owners, cycles)
	}
}

// belongings reads what the rows have and name, but for people.
func (l *loading) belongings() {
	s := l.snapshot
	if l.need.Cycles || l.need.EveryCycle {
		l.query("SELECT "+cycleColumns+" FROM okr_cycle WHERE tenant = $1", l.cycle())
	} else if c := l.without(okr.KindCycle, ids(s.Objectives, func(o okr.Objective) okr.ID { return o.Cycle }),
		ids(s.KeyResults, func(k okr.KeyResult) okr.ID { return k.Cycle })); len(c) > 0 {
		l.cyclesOf(c)
	}
	if l.need.Everyone {
		l.query("SELECT "+teamColumns+" FROM okr_team WHERE tenant = $1", l.team())
		l.query("SELECT "+personColumns+" FROM okr_person WHERE tenant = $1", l.person())
	} else if t := l.without(okr.KindTeam, ids(s.Objectives, func(o okr.Objective) okr.ID { return o.Team })); len(t) > 0 {
		l.teamsOf(t)
	}
	if len(s.KeyResults)+len(s.KPIs) == 0 {
		return
	}
	keyResults := list(slices.Concat(ids(s.KeyResults, func(k okr.KeyResult) okr.ID { return k.ID }), ids(s.KPIs, func(k okr.KPI) okr.ID { return k.ID })))
	// The instant of the n-th newest bounds what is read; ties are cut off later.
	if n := l.need.Readings; n > 0 {
		l.query("SELECT "+readingColumns+` FROM {each $2} k CROSS JOIN okr_reading r
			WHERE r.tenant = $1 AND r.key_result = k.value AND r.occurred_at >= COALESCE((
				SELECT x.occurred_at FROM okr_reading x WHERE x.tenant = $1 AND x.key_result = k.value
				ORDER BY x.occurred_at DESC LIMIT 1 OFFSET $3), -9223372036854775807)`,
			add(&s.Readings, scanReading), keyResults, int64(n-1))
	}
	if n := l.need.CheckIns; n > 0 {
		l.query("SELECT "+checkInColumns+` FROM {each $2} k CROSS JOIN okr_checkin r
			WHERE r.tenant = $1 AND r.key_result = k.value AND r.occurred_at >= COALESCE((
				SELECT x.occurred_at FROM okr_checkin x WHERE x.tenant = $1 AND x.key_result = k.value
				ORDER BY x.occurred_at DESC LIMIT 1 OFFSET $3), -9223372036854775807)`,
			add(&s.CheckIns, scanCheckIn), keyResults, int64(n-1))
	}
	if l.need.Blockers {
		l.query("SELECT key_result, id, doc FROM okr_blocker WHERE tenant = $1 AND key_result {in $2}", add(&s.Blockers, scanBlocker), keyResults)
	}
}

func scanBlocker(r Rows) (b okr.Blocker, err error) {
	var doc string
	if err := r.Scan(&b.KeyResult, &b.ID, &doc); err != nil {
		return b, err
	}
	keyResult, id := b.KeyResult, b.ID
	err = read("blocker", b.ID, doc, &b)
	b.KeyResult, b.ID = keyResult, id
	return b, err
}

// people reads those that the rows name, and what was announced of everything.
func (l *loading) people() {
	s := l.snapshot
	l.trim()
	l.items()
	if !l.need.Everyone {
		if p := l.without(okr.KindPerson,
			ids(s.Objectives, func(o okr.Objective) okr.ID { return o.Owner }),
			ids(s.KeyResults, func(k okr.KeyResult) okr.ID { return k.Owner }),
			ids(slices.Concat(initiatives(s.KeyResults)...), func(i okr.Initiative) okr.ID { return i.Owner }),
			readers(s.KeyResults),
			ids(s.Teams, func(t okr.Team) okr.ID { return t.Lead }),
			ids(s.Blockers, func(b okr.Blocker) okr.ID { return b.Owner }),
		); len(p) > 0 {
			l.peopleOf(p)
		}
	}
	if !l.need.Standings || l.need.Cycle == "" {
		return
	}
	// Those of the references are there already.
	rest := func(kind okr.Kind, all []okr.ID) {
		l.standings(kind, slices.DeleteFunc(all, func(id okr.ID) bool { return slices.Contains(l.refs[kind], id) }))
	}
	rest(okr.KindCycle, ids(s.Cycles, func(c okr.Cycle) okr.ID { return c.ID }))
	rest(okr.KindTeam, ids(s.Teams, func(t okr.Team) okr.ID { return t.ID }))
	rest(okr.KindObjective, ids(s.Objectives, func(o okr.Objective) okr.ID { return o.ID }))
	rest(okr.KindKeyResult, ids(s.KeyResults, func(k okr.KeyResult) okr.ID { return k.ID }))
	l.query("SELECT "+standingColumns+" FROM okr_standing WHERE tenant = $1 AND subject_kind = 'person'", func(r Rows) error {
		st, err := scanStanding(r)
		if err == nil && l.need.Stands(st.Kind) && l.have[st.Subject] && !slices.Contains(l.refs[okr.KindPerson], st.Subject.ID) {
			s.Standings = append(s.Standings, st)
		}
		return err
	})
}

// homes reads the home teams of the people.
func (l *loading) homes() {
	if t := l.without(okr.KindTeam, ids(l.snapshot.People, func(p okr.Person) okr.ID { return p.Team })); l.need.Homes && len(t) > 0 {
		l.teamsOf(t)
	}
}

// housemates reads the people whose home is one of the teams.
func (l *loading) housemates() {
	if t := ids(l.snapshot.Teams, func(t okr.Team) okr.ID { return t.ID }); l.need.TeamPeople && len(t) > 0 {
		l.query("SELECT "+personColumns+" FROM okr_person WHERE tenant = $1 AND team {in $2}", l.person(), list(t))
	}
}

// readers are those named in the access to the key results' sources.
func readers(rows []okr.KeyResult) (out []okr.ID) {
	for _, k := range rows {
		if k.Source != nil {
			for _, who := range k.Source.Access {
				out = append(out, okr.ID(who))
			}
		}
	}
	return out
}

func initiatives(rows []okr.KeyResult) [][]okr.Initiative {
	out := make([][]okr.Initiative, len(rows))
	for i, k := range rows {
		out[i] = k.Initiatives
	}
	return out
}

// trim cuts readings and check-ins down to the newest n of each key result, and
// blockers to the open ones and those closed with the newest check-ins.
func (l *loading) trim() {
	s := l.snapshot
	s.Sort()
	s.Readings = newest(s.Readings, l.need.Readings, func(r okr.Reading) okr.ID { return r.KeyResult })
	s.CheckIns = newest(s.CheckIns, l.need.CheckIns, func(c okr.CheckInRecord) okr.ID { return c.KeyResult })
	s.Blockers = slices.DeleteFunc(s.Blockers, func(b okr.Blocker) bool {
		if b.ClosedAt == nil {
			return false
		}
		c := s.CheckInsOf(b.KeyResult)
		return len(c) == 0 || b.ClosedAt.Before(c[len(c)-1].RecordedAt)
	})
	if len(s.Blockers) == 0 {
		s.Blockers = nil
	}
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

// List returns the ids of the key results that match the query, by the rank of
// their objective, its id, and their own. The cursor is the id of the page
// before's last key result.
func (u *unit) List(ctx context.Context, t okr.TenantID, q okr.Query) ([]okr.ID, error) {
	if err := u.ready(ctx); err != nil {
		return nil, err
	}
	var b strings.Builder
	// SQLite takes the tables of a CROSS JOIN as they stand: by objective, whose
	// index has the order of the answer, unless an owner leaves only a few key
	// results. PostgreSQL decides for itself.
	if q.Owner != "" || q.KPI != "" || q.Link != "" || q.Helper != "" {
		b.WriteString("SELECT k.id FROM okr_key_result k CROSS JOIN okr_objective o WHERE o.tenant = $1 AND k.tenant = $1 AND k.objective = o.id")
	} else {
		b.WriteString("SELECT k.id FROM okr_objective o CROSS JOIN okr_key_result k WHERE o.tenant = $1 AND k.tenant = $1 AND k.objective = o.id")
	}
	args := []any{string(t)}
	param := func(v any) string {
		args = append(args, v)
		return fmt.Sprintf("$%d", len(args))
	}
	if q.Cycle != "" {
		p := param(string(q.Cycle))
		b.WriteString(" AND o.cycle = " + p + " AND k.cycle = " + p)
	}
	for _, c := range []struct{ column, value string }{
		{"o.team", string(q.Team)}, {"k.owner", string(q.Owner)}, {"k.kpi", string(q.KPI)}, {"o.id", string(q.Objective)}, {"k.state", string(q.State)},
	} {
		if c.value != "" {
			b.WriteString(" AND " + c.column + " = " + param(c.value))
		}
	}
	for _, c := range []struct{ kind, value string }{{byLink, q.Link}, {byHelper, string(q.Helper)}} {
		if c.value != "" {
			b.WriteString(" AND k.id IN (SELECT l.key_result FROM okr_key_result_link l WHERE l.tenant = $1 AND l.kind = " + param(c.kind) + " AND l.value = " + param(c.value) + ")")
		}
	}
	if q.After != "" {
		var rank int64
		var objective string
		found := false
		err := each(ctx, u.conn, u.sql("SELECT o.rank, o.id FROM okr_key_result k JOIN okr_objective o ON o.tenant = $1 AND o.id = k.objective WHERE k.tenant = $1 AND k.id = $2"), func(r Rows) error {
			found = true
			return r.Scan(&rank, &objective)
		}, string(t), q.After)
		if err != nil {
			return nil, u.mapped(ctx, err)
		}
		if !found {
			return nil, &okr.InvalidError{Field: "after", Value: q.After, Remedy: "use the cursor of the page before, as it came"}
		}
		r, o := param(rank), param(objective)
		// The first is only there for the index.
		b.WriteString(" AND (o.rank, o.id) >= (" + r + ", " + o + ") AND (o.rank, o.id, k.id) > (" + r + ", " + o + ", " + param(q.After) + ")")
	}
	b.WriteString(" ORDER BY o.rank, o.id, k.id LIMIT " + param(int64(store.Page(q.Limit))))
	var out []okr.ID
	err := each(ctx, u.conn, u.sql(b.String()), func(r Rows) error {
		var id okr.ID
		err := r.Scan(&id)
		out = append(out, id)
		return err
	}, args...)
	if err != nil {
		return nil, u.mapped(ctx, err)
	}
	return out, nil
}

// Objectives returns the ids of the objectives that match the query, by rank and
// id.
func (u *unit) Objectives(ctx context.Context, t okr.TenantID, q okr.Query) ([]okr.ID, error) {
	if err := u.ready(ctx); err != nil {
		return nil, err
	}
	query := "SELECT o.id FROM okr_objective o WHERE o.tenant = $1"
	args := []any{string(t)}
	param := func(v any) string {
		args = append(args, v)
		return parameter(len(args))
	}
	for _, c := range []struct{ column, value string }{
		{"o.cycle", string(q.Cycle)}, {"o.team", string(q.Team)}, {"o.owner", string(q.Owner)}, {"o.id", string(q.Objective)}, {"o.state", string(q.State)},
	} {
		if c.value != "" {
			query += " AND " + c.column + " = " + param(c.value)
		}
	}
	if q.Private {
		query += " AND o.private = 1"
	}
	if q.After != "" {
		var rank int64
		found := false
		err := each(ctx, u.conn, u.sql("SELECT o.rank FROM okr_objective o WHERE o.tenant = $1 AND o.id = $2"), func(r Rows) error {
			found = true
			return r.Scan(&rank)
		}, string(t), q.After)
		if err != nil {
			return nil, u.mapped(ctx, err)
		}
		if !found {
			return nil, &okr.InvalidError{Field: "after", Value: q.After, Remedy: "use the cursor of the page before, as it came"}
		}
		query += " AND (o.rank, o.id) > (" + param(rank) + ", " + param(q.After) + ")"
	}
	var out []okr.ID
	err := each(ctx, u.conn, u.sql(query+" ORDER BY o.rank, o.id LIMIT "+param(int64(store.Page(q.Limit)))), func(r Rows) error {
		var id okr.ID
		err := r.Scan(&id)
		out = append(out, id)
		return err
	}, args...)
	if err != nil {
		return nil, u.mapped(ctx, err)
	}
	return out, nil
}
