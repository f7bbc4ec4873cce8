package okr

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/okrkit/okrkit/okr/measure"
)

// Snapshot is what the plan becomes when nothing exists yet: every objective and
// key result a draft with an id of its own. It needs no desk, so that a file can
// be audited anywhere. The map says where each stood in its file.
//
// A cycle without dates keeps none: what depends on them is unknown. Check-ins
// later than now have not been taken yet.
func (p Plan) Snapshot(newID func() string, now time.Time) (*Snapshot, map[Ref]Position, error) {
	if err := p.check(); err != nil {
		return nil, nil, err
	}
	p.Cycle.Parent = "" // one file holds one cycle
	s := &Snapshot{People: append([]Person(nil), p.People...), Teams: append([]Team(nil), p.Teams...)}
	for i := range s.People {
		if s.People[i].Kind == "" {
			s.People[i].Kind = Human
		}
	}
	s.Sort()
	d := newDrafting(s, newID, now)
	d.asOf = true
	if err := d.plan(p); err != nil {
		return nil, nil, err
	}
	at := map[Ref]Position{}
	for _, x := range d.drafts {
		at[x.ref] = x.at
	}
	return s, at, nil
}

// drafting turns a plan into drafts of a snapshot that may hold earlier ones. It
// finds rows by maps and adds them at the end; the snapshot is sorted when all
// stand.
type drafting struct {
	snapshot   *Snapshot
	newID      func() string
	now        time.Time
	objectives map[planKey]int // index by cycle and key
	keyResults map[planKey]int // index by objective and key
	newest     map[ID]Reading  // by key result, of those loaded
	people     names
	teams      names
	own        names // the plan's own teams
	drafts     []drafted
	asOf       bool          // what the plan says of later than now has not happened
	taken      map[taken]int // check-ins that are there, counted; nil until it is asked for
}

// planKey is a key within what it is unique in.
type planKey struct {
	within ID
	key    string
}

// drafted is one row that the plan speaks of.
type drafted struct {
	ref     Ref
	key     string
	at      Position
	created bool
	changed []string // names of the fields that differ from the row before

	// News that the plan brings: the readings of its check-ins, and one of the
	// current value that it states.
	readings []Reading
	checkIns []CheckInRecord
}

func newDrafting(s *Snapshot, newID func() string, now time.Time) *drafting {
	d := &drafting{
		snapshot: s, newID: newID, now: now,
		objectives: map[planKey]int{}, keyResults: map[planKey]int{}, newest: map[ID]Reading{},
		people: names{}, teams: names{},
	}
	for i, o := range s.Objectives {
		d.objectives[planKey{o.Cycle, o.Key}] = i
	}
	for i, k := range s.KeyResults {
		d.keyResults[planKey{k.Objective, k.Key}] = i
	}
	for _, r := range s.Readings {
		if _, ok := d.newest[r.KeyResult]; !ok {
			d.newest[r.KeyResult] = r
		}
	}
	for _, p := range s.People {
		d.people.add(p.Name, p.ID, p.Left)
	}
	for _, t := range s.Teams {
		d.teams.add(t.Name, t.ID, false)
	}
	return d
}

// plan adds the plan's rows to the snapshot.
func (d *drafting) plan(p Plan) error {
	cycle, err := d.cycle(p.Cycle)
	if err != nil {
		return err
	}
	d.own = names{}
	for _, t := range p.Teams {
		d.own.add(t.Name, t.ID, false)
	}
	keys, err := newNamer("objectives", len(p.Objectives), func(i int) string { return p.Objectives[i].Key })
	if err != nil {
		return err
	}
	parents, err := p.parents()
	if err != nil {
		return err
	}
	ids := make([]ID, len(p.Objectives))
	drafts := make([]int, len(p.Objectives))
	for i, o := range p.Objectives {
		drafts[i] = len(d.drafts)
		if ids[i], err = d.objective(cycle, i, o, keys); err != nil {
			return err
		}
	}
	for i, named := range parents {
		row := &d.snapshot.Objectives[d.objectives[planKey{cycle.ID, d.drafts[drafts[i]].key}]]
		shares, err := d.shares(cycle, named, ids)
		if err != nil {
			return err
		}
		if slices.Equal(row.Parents, shares) || len(shares) == 0 && row.State != Draft {
			continue
		}
		if row.State != Draft {
			return unplanned(Ref{KindObjective, row.ID}, row.Title, row.State, []string{"parent"})
		}
		row.Parents = shares
		if x := &d.drafts[drafts[i]]; !x.created {
			x.changed = append(x.changed, "parents")
		}
	}
	d.snapshot.Sort()
	return nil
}

// shares are the parents that a plan names, where ids are those of its own
// objectives.
func (d *drafting) shares(cycle Cycle, named []planParent, ids []ID) ([]Share, error) {
	var shares []Share
	for _, x := range named {
		id := ID("")
		if x.at >= 0 {
			id = ids[x.at]
		} else if id = d.elsewhere(cycle, x.Key); id == "" {
			return nil, invalid(x.field, x.Key, "no objective of this plan or cycle has that key: write the key or the title of one, or cycle/key of one of another cycle")
		}
		if slices.ContainsFunc(shares, func(s Share) bool { return s.Objective == id }) {
			return nil, invalid(x.field, x.Key, "it stands twice: give each parent once, with one weight")
		}
		shares = append(shares, Share{Objective: id, Weight: x.Weight})
	}
	return shares, nil
}

// elsewhere finds an objective that is not of the plan, by its key in the cycle, or
// by cycle/key.
func (d *drafting) elsewhere(cycle Cycle, key string) ID {
	if i, ok := d.objectives[planKey{cycle.ID, key}]; ok {
		return d.snapshot.Objectives[i].ID
	}
	for _, c := range d.snapshot.Cycles {
		if rest, ok := strings.CutPrefix(key, c.Key+"/"); ok {
			if i, ok := d.objectives[planKey{c.ID, rest}]; ok {
				return d.snapshot.Objectives[i].ID
			}
		}
	}
	return ""
}

// unplanned is the conflict of a plan that changes what is no draft.
func unplanned(r Ref, title string, state State, changed []string) error {
	how := "change it with ChangeObjective, a plan only changes drafts"
	if r.Kind == KindKeyResult {
		how = "change it with Change, a plan only changes drafts"
	}
	return &ConflictError{r, fmt.Sprintf("%q is %s and the plan has another %s: %s", title, state, strings.Join(changed, ", "), how)}
}

// cycle finds the cycle by its key, or makes it. What the plan does not say of one
// that exists stays, since several plans may speak of one cycle.
func (d *drafting) cycle(p PlanCycle) (Cycle, error) {
	want := Cycle{Key: p.key(), Name: oneLine(p.Name), Zone: p.Zone, Start: p.Start, End: p.End, Cadence: p.Cadence, Bands: p.Bands, Phases: p.Phases, Sessions: p.Sessions}
	want.GradeObjectives = p.GradeObjectives != nil && *p.GradeObjectives
	if p.Parent != "" {
		parent := slices.IndexFunc(d.snapshot.Cycles, func(c Cycle) bool { return c.Key == p.Parent })
		if parent < 0 {
			return Cycle{}, invalid("cycle.parent", p.Parent, "there is no cycle with that key: plan it first")
		}
		want.Parent = d.snapshot.Cycles[parent].ID
	}
	if want.Sessions = slices.Clone(p.Sessions); want.Sessions != nil {
		if err := d.sessions(want.Sessions); err != nil {
			return want, err
		}
	}
	at := slices.IndexFunc(d.snapshot.Cycles, func(c Cycle) bool { return c.Key == want.Key })
	if at < 0 {
		if want.Name == "" {
			want.Name = want.Key
		}
		if want.Zone == "" {
			want.Zone = "UTC"
		}
		want.ID = ID(d.newID())
		if err := want.checkNear(); err != nil {
			return want, err
		}
		if err := nests(d.snapshot.Cycles, want); err != nil {
			return want, err
		}
		d.snapshot.Cycles = append(d.snapshot.Cycles, want)
		d.drafts = append(d.drafts, drafted{ref: Ref{KindCycle, want.ID}, key: want.Key, created: true})
		return want, nil
	}
	row := &d.snapshot.Cycles[at]
	if want.Name == "" {
		want.Name = row.Name
	}
	if want.Zone == "" {
		want.Zone = row.Zone
	}
	if want.Start.IsZero() {
		want.Start, want.End = row.Start, row.End
	}
	if want.Cadence == nil {
		want.Cadence = row.Cadence
	}
	if want.Parent == "" {
		want.Parent = row.Parent
	}
	if want.Bands.IsZero() {
		want.Bands = row.Bands
	}
	if want.Bands.String() == row.Bands.String() { // said or not, they are the same
		want.Bands = row.Bands
	}
	if p.GradeObjectives == nil {
		want.GradeObjectives = row.GradeObjectives
	}
	if want.Phases == nil {
		want.Phases = row.Phases
	}
	if want.Sessions == nil {
		want.Sessions = row.Sessions
	}
	if err := want.checkNear(); err != nil {
		return want, err
	}
	want.ID, want.ClosedAt, want.Version, want.Turn = row.ID, row.ClosedAt, row.Version, row.Turn
	if err := nests(d.snapshot.Cycles, want); err != nil {
		return want, err
	}
	changed := differing(*row, want)
	moved := slices.DeleteFunc(slices.Clone(changed), func(f string) bool { return !slices.Contains([]string{"key", "zone", "start", "end", "bands"}, f) })
	if len(moved) > 0 && slices.ContainsFunc(d.snapshot.KeyResults, func(k KeyResult) bool { return k.Cycle == row.ID && k.State != Draft }) {
		return want, &ConflictError{Ref{KindCycle, row.ID}, fmt.Sprintf("%s has begun and the plan has another %s: that would move every promise made in it, so keep it and say it of the next cycle", row.Name, strings.Join(moved, ", "))}
	}
	*row = want
	d.drafts = append(d.drafts, drafted{ref: Ref{KindCycle, want.ID}, key: want.Key, changed: changed})
	return want, nil
}

func (d *drafting) objective(cycle Cycle, i int, p PlanObjective, keys *namer) (ID, error) {
	field := fmt.Sprintf("objectives[%d]", i)
	title := oneLine(p.Title)
	want := Objective{Key: keys.name(p.Key, title), Cycle: cycle.ID, Title: title, Description: p.Description, Committed: p.Committed, Rank: p.Rank, Rollup: p.Rollup.Plain(), Private: p.Private, StatedScore: statedScore(p.Score, p.Outcome), State: Draft}
	var err error
	if want.Team, err = d.team(field+".team", p.Team); err != nil {
		return "", err
	}
	if want.Team == "" {
		want.TeamText = oneLine(p.Team)
	}
	want.Owner, want.OwnerText = d.person(p.Owner)
	if want.Owner == "" && want.Team == "" && p.Owner != "" {
		// A team may own an objective.
		if want.Team, err = d.team(field+".owner", p.Owner); err != nil {
			return "", err
		}
		if want.Team != "" {
			want.OwnerText = ""
		}
	}
	x := drafted{key: want.Key, at: p.At}
	if at, ok := d.objectives[planKey{cycle.ID, want.Key}]; ok {
		row := &d.snapshot.Objectives[at]
		want.ID, want.State, want.Version, want.Parents = row.ID, row.State, row.Version, row.Parents
		want.CarriedFrom, want.CarriedTo, want.Ending = row.CarriedFrom, row.CarriedTo, row.Ending
		if want.StatedScore == nil && row.State != Draft {
			want.StatedScore = row.StatedScore
		}
		x.changed = differing(*row, want)
		if moved := promises(x.changed); len(moved) > 0 && row.State != Draft {
			return "", unplanned(Ref{KindObjective, row.ID}, row.Title, row.State, moved)
		}
		*row = want
	} else {
		want.ID = ID(d.newID())
		x.created = true
		d.objectives[planKey{cycle.ID, want.Key}] = len(d.snapshot.Objectives)
		d.snapshot.Objectives = append(d.snapshot.Objectives, want)
	}
	x.ref = Ref{KindObjective, want.ID}
	d.drafts = append(d.drafts, x)
	inner, err := newNamer(field+".key_results", len(p.KeyResults), func(j int) string { return p.KeyResults[j].Key })
	if err != nil {
		return "", err
	}
	for j, k := range p.KeyResults {
		if err := d.keyResult(cycle, want, fmt.Sprintf("%s.key_results[%d]", field, j), k, inner); err != nil {
			return "", err
		}
	}
	return want.ID, nil
}

func (d *drafting) keyResult(cycle Cycle, o Objective, field string, p PlanKeyResult, keys *namer) error {
	title := oneLine(p.Title)
	want := KeyResult{
		Key: keys.name(p.Key, title), Cycle: cycle.ID, Objective: o.ID, Title: title, Definition: p.Definition, Rationale: p.Rationale,
		Metric: p.Metric.Clone(), Curve: p.Curve, Weight: p.Weight, Due: p.Due, Source: d.source(p.Source), Cadence: p.Cadence,
		Initiatives: p.Initiatives, StatedScore: statedScore(p.Score, p.Outcome), State: Draft,
	}
	want.Owner, want.OwnerText = d.person(p.Owner)
	var err error
	if want.Role = p.Role; p.KPI != "" {
		if want.KPI, want.KPIText, err = d.kpi(field+".kpi", p.KPI, p.Metric); err != nil {
			return err
		}
	}
	x := drafted{key: want.Key, at: p.At}
	at, ok := d.keyResults[planKey{o.ID, want.Key}]
	news := p.Current.Known()
	if ok {
		row := &d.snapshot.KeyResults[at]
		want.ID, want.State, want.ActivatedAt, want.Original, want.Version = row.ID, row.State, row.ActivatedAt, row.Original, row.Version
		want.Current, want.CurrentAt, want.Reading = row.Current, row.CurrentAt, row.Reading
		want.Confidence, want.Stated, want.LastCheckIn, want.FedAt = row.Confidence, row.Stated, row.LastCheckIn, row.FedAt
		want.Tally, want.Override, want.CarriedFrom, want.CarriedTo, want.Ending = row.Tally, row.Override, row.CarriedFrom, row.CarriedTo, row.Ending
		if p.Role == "" {
			want.Role = row.Role
		}
		if p.KPI == "" {
			want.KPI, want.KPIText = row.KPI, row.KPIText
		}
		if row.State == Draft {
			want.Confidence = p.confidenceOf(d.until())
		} else {
			want.Initiatives = row.Initiatives
			if want.StatedScore == nil {
				want.StatedScore = row.StatedScore
			}
		}
		news = news && row.State == Draft && !p.Current.Equal(row.Current) && d.stated(row.ID)
		x.changed = differing(*row, want)
		if moved := promises(x.changed); len(moved) > 0 && row.State != Draft {
			return unplanned(Ref{KindKeyResult, row.ID}, row.Title, row.State, moved)
		}
		*row = want
	} else {
		want.ID, want.Confidence = ID(d.newID()), p.confidenceOf(d.until())
		x.created = true
		at = len(d.snapshot.KeyResults)
		d.keyResults[planKey{o.ID, want.Key}] = at
		d.snapshot.KeyResults = append(d.snapshot.KeyResults, want)
	}
	k := &d.snapshot.KeyResults[at]
	if err := d.history(k, p, field, &x); err != nil {
		return err
	}
	if tallied(k.Metric) && len(p.CheckIns) > 0 {
		news = false // the check-ins make up the figure that the plan repeats
	}
	if news && !p.Current.Equal(k.Current) {
		r := Reading{ID: ID(d.newID()), KeyResult: want.ID, Value: p.Current, OccurredAt: d.now, RecordedAt: d.now, Source: planSource}
		if old, ok := d.newest[want.ID]; ok && tallied(k.Metric) {
			r.Corrects = old.ID // a figure that is stated anew, and not one more to add up
		}
		x.readings = append(x.readings, r)
		d.snapshot.Readings = append(d.snapshot.Readings, r)
		occurred := d.now
		k.Current, k.CurrentAt, k.Reading = p.Current, &occurred, r.ID
	}
	if x.created {
		k.Tally = d.snapshot.tally(k, x.readings, nil)
	}
	x.ref = Ref{KindKeyResult, want.ID}
	d.drafts = append(d.drafts, x)
	return nil
}

// planSource is the source of a reading that a plan stated.
const planSource = "plan"

// stated says whether nothing but plans has spoken of the key result's value yet:
// what somebody measured is better than what a plan repeats.
func (d *drafting) stated(keyResult ID) bool {
	r, ok := d.newest[keyResult]
	return !ok || r.Source == planSource
}

// names finds rows by what people call them.
type names map[string][]named

type named struct {
	id   ID
	left bool
}

func (n names) add(name string, id ID, left bool) {
	if name == "" {
		return
	}
	key := strings.ToLower(name)
	n[key] = append(n[key], named{id, left})
}

// one is the only one of that name, or the only one of that name who is here.
func (n names) one(name string) (ID, bool) {
	all := n[strings.ToLower(name)]
	if len(all) > 1 {
		all = slices.DeleteFunc(slices.Clone(all), func(x named) bool { return x.left })
	}
	if len(all) != 1 {
		return "", false
	}
	return all[0].id, true
}

// person finds the one person whom a text names, by id, e-mail or name. A text
// that names nobody, or more than one, is kept as it is.
func (d *drafting) person(text string) (ID, string) {
	text = oneLine(text)
	if text == "" {
		return "", ""
	}
	bare := strings.TrimPrefix(text, "@")
	if d.snapshot.Person(ID(bare)) != nil {
		return ID(bare), ""
	}
	if strings.Contains(bare, "@") {
		mail := names{}
		for _, p := range d.snapshot.People {
			if strings.EqualFold(p.Email, bare) {
				mail.add(p.Email, p.ID, p.Left)
			}
		}
		if id, ok := mail.one(bare); ok {
			return id, ""
		}
	}
	if id, ok := d.people.one(bare); ok {
		return id, ""
	}
	return "", text
}

// source is a source whose readers stand by id, as far as they are known.
func (d *drafting) source(s *Source) *Source {
	if s == nil || len(s.Access) == 0 {
		return s
	}
	out := *s
	out.Access = slices.Clone(s.Access)
	for i, who := range out.Access {
		if id, _ := d.person(who); id != "" {
			out.Access[i] = string(id)
		}
	}
	return &out
}

// kpi finds the KPI that a text names, by id or name, and checks that it can measure
// what it shall. A text that names none, or several, is kept as it is.
func (d *drafting) kpi(field, text string, m measure.Metric) (ID, string, error) {
	text = oneLine(text)
	found := d.snapshot.KPI(ID(text))
	if found == nil {
		for i, x := range d.snapshot.KPIs {
			if !strings.EqualFold(x.Name, text) {
				continue
			}
			if found != nil {
				return "", "", invalid(field, text, "several KPIs have that name: use the id")
			}
			found = &d.snapshot.KPIs[i]
		}
	}
	if found == nil {
		return "", text, nil
	}
	return found.ID, "", found.measures(field, m)
}

// team finds the team that a text names, by id or name: of several, the one that
// came with the plan.
func (d *drafting) team(field, text string) (ID, error) {
	text = oneLine(text)
	if text == "" {
		return "", nil
	}
	if d.snapshot.Team(ID(text)) != nil {
		return ID(text), nil
	}
	for _, n := range []names{d.own, d.teams} {
		if id, ok := n.one(text); ok {
			return id, nil
		}
	}
	if n := len(d.teams[strings.ToLower(text)]); n > 1 {
		return "", invalid(field, text, "%d teams have that name: use the team's id", n)
	}
	return "", nil
}

// namer gives each row of one parent a key of its own. Keys that are given come
// before those that are made.
type namer struct{ taken map[string]bool }

func newNamer(field string, n int, key func(int) string) (*namer, error) {
	taken := map[string]bool{}
	for i := range n {
		k := key(i)
		if k == "" {
			continue
		}
		if taken[k] {
			return nil, invalid(fmt.Sprintf("%s[%d].key", field, i), k, "it stands twice: keys are unique within their parent")
		}
		taken[k] = true
	}
	return &namer{taken}, nil
}

func (n *namer) name(key, title string) string {
	if key != "" {
		return key
	}
	base := slug(title)
	if base == "" {
		base = "item"
	}
	key = base
	for i := 2; n.taken[key]; i++ {
		key = fmt.Sprintf("%s-%d", base, i)
	}
	n.taken[key] = true
	return key
}

// slug is the letters and digits of a text, joined by hyphens, at most 80
// characters.
func slug(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(s) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(r)
		default:
			gap = true
		}
		if b.Len() >= 80 {
			break
		}
	}
	return b.String()
}

// differing names the JSON fields in which two rows differ, versions aside.
func differing[T any](a, b T) []string {
	var out []string
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range x.NumField() {
		f := x.Type().Field(i)
		if f.Name == "Version" {
			continue
		}
		if !reflect.DeepEqual(plain(x.Field(i)), plain(y.Field(i))) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			out = append(out, name)
		}
	}
	return out
}

// plain makes an empty slice equal to none.
func plain(v reflect.Value) any {
	if v.Kind() == reflect.Slice && v.Len() == 0 {
		return nil
	}
	return v.Interface()
}
