package audit

import (
	"sync"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// world is a snapshot seen by rules: every row with its neighbours at hand. It
// points into the snapshot and copies none of it.
type world struct {
	snap   *okr.Snapshot
	before *okr.Snapshot // nil: the same
	now    time.Time
	zones  *zones

	tenant     tenant
	cycles     []*cycle
	teams      []*team
	owners     []*owner
	objectives []*objective
	keyResults []*keyResult

	cycleByID     map[okr.ID]*cycle
	teamByID      map[perCycle]*team
	ownerByID     map[perCycle]*owner
	objectiveByID map[okr.ID]*objective
	keyResultByID map[okr.ID]*keyResult
}

// perCycle names a team or a person as one cycle sees them: what they have taken
// on is counted by cycle.
type perCycle struct{ cycle, id okr.ID }

type (
	tenant struct {
		w  *world
		id okr.TenantID
	}

	cycle struct {
		w     *world
		row   *okr.Cycle
		zone  *time.Location
		today okr.Date
		phase okr.Phase // "" without dates

		open, withoutRhythm int64 // of its key results that are loaded
	}

	team struct {
		w          *world
		row        *okr.Team
		cycle      *cycle
		objectives []*objective
		keyResults []*keyResult
		people     []*owner
		told       told
	}

	// owner is a person seen as an owner. A row of nil is a person whose id is
	// all that is known.
	owner struct {
		w          *world
		id         okr.ID
		row        *okr.Person
		cycle      *cycle
		keyResults []*keyResult
	}

	objective struct {
		w          *world
		row        *okr.Objective
		cycle      *cycle
		team       *team  // nil: none
		owner      *owner // nil: none
		keyResults []*keyResult
		parents    []*objective
		told       told
		measured   measure.Result
		known      bool // it was measured
	}

	keyResult struct {
		w         *world
		row       *okr.KeyResult
		cycle     *cycle
		objective *objective
		owner     *owner // nil: none
		measured  measure.Result
		known     bool // it was measured
		source    source
		cadence   *cadence // nil: none declared
	}

	source struct {
		row       *okr.Source
		keyResult *keyResult
	}

	cadence struct{ row *okr.Schedule }

	checkIn struct {
		row       *okr.CheckInRecord
		keyResult *keyResult
	}

	reading struct {
		row       *okr.Reading
		keyResult *keyResult
	}

	blocker struct {
		w         *world
		row       *okr.Blocker
		keyResult *keyResult
	}

	initiative struct{ row *okr.Initiative }

	original struct {
		row       *okr.Definition
		keyResult *keyResult
	}
)

// see builds the world of a snapshot. What was measured of it may lack rows: a
// row that was not measured has unknown figures.
func see(s *okr.Snapshot, measured map[okr.ID]measure.Result, now time.Time, z *zones) *world {
	w := &world{
		snap: s, now: now, zones: z,
		tenant:        tenant{id: s.Tenant},
		cycleByID:     make(map[okr.ID]*cycle, len(s.Cycles)),
		teamByID:      make(map[perCycle]*team, len(s.Teams)),
		ownerByID:     make(map[perCycle]*owner, len(s.People)),
		objectiveByID: make(map[okr.ID]*objective, len(s.Objectives)),
		keyResultByID: make(map[okr.ID]*keyResult, len(s.KeyResults)),
	}
	w.tenant.w = w
	cycles := make([]cycle, len(s.Cycles))
	for i := range s.Cycles {
		cycles[i].init(w, &s.Cycles[i])
		w.cycles = append(w.cycles, &cycles[i])
		w.cycleByID[s.Cycles[i].ID] = &cycles[i]
	}
	objectives := make([]objective, len(s.Objectives))
	w.objectives = make([]*objective, len(s.Objectives))
	for i := range s.Objectives {
		o, row := &objectives[i], &s.Objectives[i]
		o.w, o.row, o.cycle = w, row, w.cycle(row.Cycle)
		o.measured, o.known = measured[row.ID]
		w.objectives[i] = o
		w.objectiveByID[row.ID] = o
		if row.Team != "" {
			o.team = w.teamOf(row.Cycle, row.Team)
			o.team.objectives = append(o.team.objectives, o)
		}
		if row.Owner != "" {
			o.owner = w.ownerOf(row.Cycle, row.Owner)
		}
	}
	for _, o := range w.objectives {
		for _, p := range o.row.Parents {
			if parent := w.objectiveByID[p.Objective]; parent != nil {
				o.parents = append(o.parents, parent)
			}
		}
	}
	keyResults := make([]keyResult, len(s.KeyResults))
	w.keyResults = make([]*keyResult, len(s.KeyResults))
	for i := range s.KeyResults {
		k, row := &keyResults[i], &s.KeyResults[i]
		*k = keyResult{w: w, row: row, cycle: w.cycle(row.Cycle), objective: w.objectiveByID[row.Objective]}
		k.measured, k.known = measured[row.ID]
		k.source = source{row: row.Source, keyResult: k}
		w.keyResults[i] = k
		w.keyResultByID[row.ID] = k
		if k.objective == nil {
			k.objective = &objective{w: w, row: &okr.Objective{ID: row.Objective, Cycle: row.Cycle}, cycle: k.cycle}
		}
		k.objective.keyResults = append(k.objective.keyResults, k)
		if t := k.objective.team; t != nil {
			t.keyResults = append(t.keyResults, k)
		}
		if row.Owner != "" {
			k.owner = w.ownerOf(row.Cycle, row.Owner)
			k.owner.keyResults = append(k.owner.keyResults, k)
		}
		if c := w.snap.CadenceOf(*k.row); c != nil {
			k.cadence = &cadence{c}
		}
		if row.State == okr.Draft || row.State == okr.Active {
			k.cycle.open++
			if k.cadence == nil {
				k.cycle.withoutRhythm++
			}
		}
	}
	w.addIdle()
	w.addHomes()
	return w
}

// addIdle adds the teams and people that no objective and no key result names,
// in the newest cycle, so that a rule can speak of them too.
func (w *world) addIdle() {
	var newest okr.ID
	for _, c := range w.cycles {
		if n := w.cycleByID[newest]; n == nil || n.row.Start.Before(c.row.Start) {
			newest = c.row.ID
		}
	}
	seenTeam, seenOwner := map[okr.ID]bool{}, map[okr.ID]bool{}
	for _, t := range w.teams {
		seenTeam[t.row.ID] = true
	}
	for _, o := range w.owners {
		seenOwner[o.id] = true
	}
	for i := range w.snap.Teams {
		if id := w.snap.Teams[i].ID; !seenTeam[id] {
			w.teamOf(newest, id)
		}
	}
	for i := range w.snap.People {
		if id := w.snap.People[i].ID; !seenOwner[id] {
			w.ownerOf(newest, id)
		}
	}
}

// addHomes adds the home teams of owners that have nothing in the cycle, without
// making subjects of them, and gives every team the people whose home it is, whatever
// they own.
func (w *world) addHomes() {
	for _, o := range w.owners {
		if o.row == nil || o.row.Team == "" {
			continue
		}
		key := perCycle{o.cycleID(), o.row.Team}
		if row := w.snap.Team(o.row.Team); row != nil && w.teamByID[key] == nil {
			w.teamByID[key] = &team{w: w, row: row, cycle: o.cycle}
		}
	}
	at := map[okr.ID][]okr.ID{}
	for i := range w.snap.People {
		if p := &w.snap.People[i]; p.Team != "" {
			at[p.Team] = append(at[p.Team], p.ID)
		}
	}
	for key, t := range w.teamByID {
		for _, id := range at[key.id] {
			o := w.ownerByID[perCycle{key.cycle, id}]
			if o == nil {
				o = &owner{w: w, id: id, row: w.snap.Person(id), cycle: t.cycle}
			}
			t.people = append(t.people, o)
		}
	}
}

// cycle is the cycle with the id. A row that names a cycle which is not there
// sees one without dates, in no phase.
func (w *world) cycle(id okr.ID) *cycle {
	c := w.cycleByID[id]
	if c == nil {
		c = new(cycle)
		c.init(w, &okr.Cycle{ID: id})
		w.cycleByID[id] = c
	}
	return c
}

func (w *world) teamOf(cycle, id okr.ID) *team {
	key := perCycle{cycle, id}
	t := w.teamByID[key]
	if t == nil {
		row := w.snap.Team(id)
		if row == nil {
			row = &okr.Team{ID: id, Name: string(id)}
		}
		t = &team{w: w, row: row, cycle: w.cycle(cycle)}
		w.teamByID[key] = t
		w.teams = append(w.teams, t)
	}
	return t
}

func (w *world) ownerOf(cycle, id okr.ID) *owner {
	key := perCycle{cycle, id}
	o := w.ownerByID[key]
	if o == nil {
		o = &owner{w: w, id: id, row: w.snap.Person(id), cycle: w.cycle(cycle)}
		w.ownerByID[key] = o
		w.owners = append(w.owners, o)
	}
	return o
}

// cadenceIn is the rhythm of a team in a cycle, or of the cycle itself, nil where no
// level says how often.
func (w *world) cadenceIn(c *cycle, t *team) *okr.Schedule {
	var team okr.ID
	if t != nil {
		team = t.row.ID
	}
	s := w.snap.CadenceIn(c.row.ID, team)
	if s == nil || s.Frequency == "" {
		return nil
	}
	return s
}

func (o *owner) cycleID() okr.ID { return o.cycle.row.ID }

func (o *owner) name() string {
	if o.row != nil && o.row.Name != "" {
		return o.row.Name
	}
	return string(o.id)
}

// isDated says whether the cycle has its dates: without them it is in no phase.
func (c *cycle) isDated() bool { return !c.row.Start.IsZero() && !c.row.End.IsZero() }

// zones remembers time zones by name, because looking one up reads a file. Its
// zero value is empty and ready.
type zones struct{ byName sync.Map }

// of is the cycle's zone, UTC if it is unknown.
func (z *zones) of(c *okr.Cycle) *time.Location {
	if loc, ok := z.byName.Load(c.Zone); ok {
		return loc.(*time.Location)
	}
	loc, err := c.Location()
	if err != nil {
		return time.UTC // not kept: names that are none have no bound
	}
	z.byName.Store(c.Zone, loc)
	return loc
}

func (c *cycle) init(w *world, row *okr.Cycle) {
	c.w, c.row, c.zone = w, row, w.zones.of(row)
	c.today = measure.DateOf(w.now.In(c.zone))
	switch {
	case row.ClosedAt != nil && !w.now.Before(*row.ClosedAt):
		c.phase = okr.Closed
	case !c.isDated():
	case c.today.Before(row.Start):
		c.phase = okr.Planning
	case c.today.After(row.End):
		c.phase = okr.Review
	default:
		c.phase = okr.Running
	}
}

// endOf is the last second of the civil date in the cycle's zone.
func (c *cycle) endOf(d okr.Date) time.Time {
	return d.AddDays(1).In(c.zone).Add(-time.Second)
}

// due is the key result's own due date, or the cycle's last day.
func (k *keyResult) due() okr.Date {
	if !k.row.Due.IsZero() {
		return k.row.Due
	}
	return k.cycle.row.End
}

// freshFor is [okr.Snapshot.FreshFor] by the rows at hand.
func (k *keyResult) freshFor() time.Duration {
	interval, grace := okr.EveryWeek, okr.Daily
	if k.cadence != nil {
		interval, grace = k.cadence.row.Interval(), k.cadence.row.GraceOrDefault()
	}
	if k.row.Source != nil && k.row.Source.Interval > 0 {
		interval = k.row.Source.Interval
	}
	return (interval + grace).Duration()
}

// The states of a source.
const (
	sourceLive    = "live"    // the newest reading is no older than the declared interval and the check-ins' grace
	sourceLate    = "late"    // older than that, and no older than three intervals and the grace
	sourceDead    = "dead"    // older still
	sourceUnknown = "unknown" // no interval is declared, or nothing could be expected yet
)

// lateUntil is how many intervals make a late source a dead one.
const lateUntil = 3

// state says how the source's readings keep up with its declared interval. It
// counts from the newest reading, whoever entered it, and where there is none
// from the day on which the first one could be expected: the activation or the
// first day of the cycle, whichever came later.
func (s *source) state() string {
	live, dead, ok := s.limits()
	switch now := s.keyResult.w.now; {
	case !ok:
		return sourceUnknown
	case !now.After(live) && s.keyResult.row.CurrentAt == nil:
		return sourceUnknown
	case !now.After(live):
		return sourceLive
	case !now.After(dead):
		return sourceLate
	}
	return sourceDead
}

// isPerson says whether people enter the number by hand.
func (s *source) isPerson() bool { return s.row.Kind == "manual" }

// limits are the instants after which the source is late, and dead. Days on which nobody
// is asked do not count against a person.
func (s *source) limits() (live, dead time.Time, ok bool) {
	k := s.keyResult
	if s.row == nil || s.row.Interval <= 0 {
		return live, dead, false
	}
	var from time.Time
	switch {
	case k.row.CurrentAt != nil:
		from = *k.row.CurrentAt
	case k.row.ActivatedAt != nil && k.row.State == okr.Active:
		from = *k.row.ActivatedAt
		if k.cycle.isDated() {
			if start := k.cycle.row.Start.In(k.cycle.zone); start.After(from) {
				from = start
			}
		}
	default:
		return live, dead, false
	}
	grace := okr.Daily
	if k.cadence != nil {
		grace = k.cadence.row.GraceOrDefault()
	}
	after := func(d okr.Interval) time.Time {
		if s.isPerson() {
			return k.later(from, d.Duration())
		}
		return from.Add(d.Duration())
	}
	return after(s.row.Interval + grace), after(lateUntil*s.row.Interval + grace), true
}
