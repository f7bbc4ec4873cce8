package okr

import (
	"cmp"
	"slices"
	"time"
)

// Snapshot is the one currency: what a file becomes, what a store loads, and what
// a judge reads. Every slice is in ascending order of id; readings and check-ins
// of one key result are newest first.
type Snapshot struct {
	Tenant     TenantID
	Cycles     []Cycle
	People     []Person
	Teams      []Team
	Objectives []Objective
	KeyResults []KeyResult
	Readings   []Reading       // by key result, then newest first
	CheckIns   []CheckInRecord // by key result, then newest first
	Blockers   []Blocker       // by key result, then id
	Standings  []Standing      // by subject, kind, key
	Packs      []Pack          // in force, by name

	// Partial are the objectives of which not all parts were loaded, ascending:
	// they stand around what was asked for, and their rollup is unknown.
	Partial []ID

	KPIs         []KPI
	Waivers      []Waiver
	Comments     []Comment
	Decisions    []DecisionRecord
	Deferrals    []Deferral
	Sessions     []Session
	Reviews      []ReviewRecord
	Grants       []Grant
	Dependencies []Dependency
	Reports      []ReportSchedule
	Resets       []Reset

	Policy *Policy // in force, like the packs; nil if none was ever set

	// Hidden is how many objectives of the cycle that was asked for its reader may
	// not see. They are not in the snapshot, and count in what they contribute to.
	Hidden   int
	MinGroup int // how many hidden parts a figure must contain if any; 0 is measure.DefaultMinGroup

	asked     Need // what was loaded
	concealed []concealed
	parented  map[ID]bool // objectives that contribute to one that their reader may not see
}

func find[T any, K cmp.Ordered](rows []T, id K, of func(T) K) *T {
	i := index(rows, id, of)
	if i < 0 {
		return nil
	}
	return &rows[i]
}

func index[T any, K cmp.Ordered](rows []T, id K, of func(T) K) int {
	i, ok := slices.BinarySearchFunc(rows, id, func(r T, id K) int { return cmp.Compare(of(r), id) })
	if !ok {
		return -1
	}
	return i
}

// Cycle is the cycle with the id, nil if the snapshot has none.
func (s *Snapshot) Cycle(id ID) *Cycle {
	return find(s.Cycles, id, func(c Cycle) ID { return c.ID })
}

// Person is the person with the id, nil if the snapshot has none.
func (s *Snapshot) Person(id ID) *Person {
	return find(s.People, id, func(p Person) ID { return p.ID })
}

// Team is the team with the id, nil if the snapshot has none.
func (s *Snapshot) Team(id ID) *Team {
	return find(s.Teams, id, func(t Team) ID { return t.ID })
}

// Objective is the objective with the id, nil if the snapshot has none.
func (s *Snapshot) Objective(id ID) *Objective {
	return find(s.Objectives, id, func(o Objective) ID { return o.ID })
}

// KeyResult is the key result with the id, nil if the snapshot has none.
func (s *Snapshot) KeyResult(id ID) *KeyResult {
	return find(s.KeyResults, id, func(k KeyResult) ID { return k.ID })
}

func ofKeyResult[T any](rows []T, id ID, of func(T) ID) []T {
	lo, _ := slices.BinarySearchFunc(rows, id, func(r T, id ID) int { return cmp.Compare(of(r), id) })
	hi := lo
	for hi < len(rows) && of(rows[hi]) == id {
		hi++
	}
	return rows[lo:hi:hi]
}

// ReadingsOf are the loaded readings of a key result, newest first.
func (s *Snapshot) ReadingsOf(keyResult ID) []Reading {
	return ofKeyResult(s.Readings, keyResult, func(r Reading) ID { return r.KeyResult })
}

// CheckInsOf are the loaded check-ins of a key result, newest first.
func (s *Snapshot) CheckInsOf(keyResult ID) []CheckInRecord {
	return ofKeyResult(s.CheckIns, keyResult, func(c CheckInRecord) ID { return c.KeyResult })
}

// BlockersOf are the loaded blockers of a key result.
func (s *Snapshot) BlockersOf(keyResult ID) []Blocker {
	return ofKeyResult(s.Blockers, keyResult, func(b Blocker) ID { return b.KeyResult })
}

// StandingsOf are the loaded standings of a subject, by kind and key.
func (s *Snapshot) StandingsOf(subject Ref) []Standing {
	lo, _ := slices.BinarySearchFunc(s.Standings, subject, func(st Standing, r Ref) int { return CompareRefs(st.Subject, r) })
	hi := lo
	for hi < len(s.Standings) && s.Standings[hi].Subject == subject {
		hi++
	}
	return s.Standings[lo:hi:hi]
}

// KeyResultsOf are the key results of an objective, in ascending order of id.
func (s *Snapshot) KeyResultsOf(objective ID) []KeyResult {
	var out []KeyResult
	for _, k := range s.KeyResults {
		if k.Objective == objective {
			out = append(out, k)
		}
	}
	return out
}

// Sort brings every slice into the order that the type promises. Whoever fills a
// snapshot calls it once.
func (s *Snapshot) Sort() {
	slices.SortFunc(s.Cycles, func(a, b Cycle) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(s.People, func(a, b Person) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(s.Teams, func(a, b Team) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(s.Objectives, func(a, b Objective) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(s.KeyResults, func(a, b KeyResult) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(s.Readings, CompareReadings)
	slices.SortFunc(s.CheckIns, compareCheckIns)
	slices.SortFunc(s.Blockers, func(a, b Blocker) int {
		return cmp.Or(cmp.Compare(a.KeyResult, b.KeyResult), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(s.Standings, CompareStandings)
	slices.SortFunc(s.Packs, comparePacks)
	sortItems(s.KPIs)
	sortItems(s.Waivers)
	sortItems(s.Comments)
	sortItems(s.Decisions)
	sortItems(s.Deferrals)
	sortItems(s.Sessions)
	sortItems(s.Reviews)
	sortItems(s.Grants)
	sortItems(s.Dependencies)
	sortItems(s.Reports)
	sortItems(s.Resets)
}

func comparePacks(a, b Pack) int { return cmp.Compare(a.Name, b.Name) }

// CompareReadings orders by key result, then newest first: by when the value was
// true, then by when it was recorded, then by id.
func CompareReadings(a, b Reading) int {
	return cmp.Or(cmp.Compare(a.KeyResult, b.KeyResult), b.OccurredAt.Compare(a.OccurredAt),
		b.RecordedAt.Compare(a.RecordedAt), cmp.Compare(b.ID, a.ID))
}

func compareCheckIns(a, b CheckInRecord) int {
	return cmp.Or(cmp.Compare(a.KeyResult, b.KeyResult), b.OccurredAt.Compare(a.OccurredAt),
		b.RecordedAt.Compare(a.RecordedAt), cmp.Compare(b.ID, a.ID))
}

// CompareStandings orders by subject, kind and key.
func CompareStandings(a, b Standing) int {
	return cmp.Or(CompareRefs(a.Subject, b.Subject), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key))
}

// Clone is a copy whose slices can be changed without changing s.
func (s *Snapshot) Clone() *Snapshot {
	c := *s
	c.Cycles = slices.Clone(s.Cycles)
	c.People = slices.Clone(s.People)
	c.Teams = slices.Clone(s.Teams)
	c.Objectives = slices.Clone(s.Objectives)
	c.KeyResults = slices.Clone(s.KeyResults)
	c.Readings = slices.Clone(s.Readings)
	c.CheckIns = slices.Clone(s.CheckIns)
	c.Blockers = slices.Clone(s.Blockers)
	c.Standings = slices.Clone(s.Standings)
	c.Packs = slices.Clone(s.Packs)
	c.KPIs = slices.Clone(s.KPIs)
	c.Waivers = slices.Clone(s.Waivers)
	c.Comments = slices.Clone(s.Comments)
	c.Decisions = slices.Clone(s.Decisions)
	c.Deferrals = slices.Clone(s.Deferrals)
	c.Sessions = slices.Clone(s.Sessions)
	c.Reviews = slices.Clone(s.Reviews)
	c.Grants = slices.Clone(s.Grants)
	c.Dependencies = slices.Clone(s.Dependencies)
	c.Reports = slices.Clone(s.Reports)
	c.Resets = slices.Clone(s.Resets)
	return &c
}

// DueDate is the key result's own due date, or its cycle's last day.
func (s *Snapshot) DueDate(k KeyResult) Date {
	if !k.Due.IsZero() {
		return k.Due
	}
	if c := s.Cycle(k.Cycle); c != nil {
		return c.End
	}
	return Date{}
}

// unrhythmic says whether a key result has no rhythm of check-ins.
func (s *Snapshot) unrhythmic() bool {
	return slices.ContainsFunc(s.KeyResults, func(k KeyResult) bool {
		return (k.State == Draft || k.State == Active) && s.CadenceOf(k) == nil
	})
}

// FreshFor is the age up to which a reading of the key result still speaks: one
// declared interval of its source, or of its check-ins where the source declares
// none, or a week where nothing is declared, plus the check-ins' grace.
func (s *Snapshot) FreshFor(k KeyResult) time.Duration { return k.freshFor(s.CadenceOf(k)) }

func (k *KeyResult) freshFor(cadence *Schedule) time.Duration {
	interval, grace := EveryWeek, Daily
	if cadence != nil {
		interval, grace = cadence.Interval(), cadence.GraceOrDefault()
	}
	if k.Source != nil && k.Source.Interval > 0 {
		interval = k.Source.Interval
	}
	return (interval + grace).Duration()
}
