package okr

import (
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// Measured is what was measured of a snapshot at one instant, row by row.
type Measured struct {
	KeyResults []measure.Result // as Snapshot.KeyResults
	Objectives []measure.Result // as Snapshot.Objectives
}

// Measure measures every key result and objective of the snapshot at the
// instant, by id; what is closed is measured as it was when it was closed.
// [Snapshot.MeasureAll] says the same without a map, and says how.
func (s *Snapshot) Measure(now time.Time) map[ID]measure.Result {
	return s.MeasureAll(now).byID(s)
}

// MeasureAll measures every key result and objective of the snapshot at the
// instant. What is closed is measured as it was when it was closed.
//
// Objectives are rolled up by their policy, children before parents, over all
// that is loaded, of whatever cycle. Abandoned and postponed key results and
// objectives do not count, nor drafts beside what is active: nobody has promised
// them yet. Guardrails are listed and do not count. An objective in a ring of
// parents is unknown, and so is one of Snapshot.Partial.
func (s *Snapshot) MeasureAll(now time.Time) Measured {
	out := s.rollUp(now)
	for i := range s.Objectives {
		if o := &s.Objectives[i]; o.ended(now) {
			out.Objectives[i] = o.Ending.Measured
		}
	}
	return out
}

// ended says whether the objective's figures are those of the close.
func (o *Objective) ended(now time.Time) bool { return o.Ending != nil && !now.Before(o.Ending.At) }

// rollUp measures every key result, and rolls up every objective, also what is
// closed: as its rows are.
func (s *Snapshot) rollUp(now time.Time) Measured {
	out := Measured{KeyResults: make([]measure.Result, len(s.KeyResults))}
	in := inputs{snapshot: s, now: now, objectives: s.places()}
	nodes, sums := s.nodes(in.objectives)
	leaves := make([]measure.Leaf, len(s.KeyResults))
	var amounts []measure.Amount
	if sums {
		amounts = make([]measure.Amount, len(s.KeyResults))
	}
	for i := range s.KeyResults {
		k, r, l := &s.KeyResults[i], &out.KeyResults[i], &leaves[i]
		o := in.objective(k.Objective)
		x := in.of(k, o)
		*r = measure.KeyResult(&x)
		k.end(r, &in.day)
		l.Node = o
		if o < 0 || !promised(k.State, s.Objectives[o].State) {
			l.Node = -1
			continue
		}
		l.ID, l.Weight, l.Guardrail = string(k.ID), k.Weight.Or(1), k.Role == Guardrail
		l.Progress, l.Expected, l.Status = r.Progress, r.Expected, r.Status
		if sums && k.Metric.Mode != measure.HitRatio {
			amounts[i] = measure.Amount{Unit: k.Metric.Unit, Baseline: k.Metric.Baseline, Target: k.Metric.Target, Value: r.Current}
			l.Amount = &amounts[i]
		}
	}
	if s.secretive() {
		out.Objectives = s.rolled(out.KeyResults, nodes, now)
	} else {
		f := measure.NewForest(nodes, leaves)
		f.AsOf = now
		out.Objectives = f.Results()
	}
	return out
}

// promised says whether a key result or an objective in the state counts for an
// objective in the other one.
func promised(of, parent State) bool {
	switch of {
	case Abandoned, Postponed:
		return false
	case Draft:
		return parent != Active
	}
	return true
}

// nodes are the objectives as a forest knows them, and whether any adds up amounts.
func (s *Snapshot) nodes(places places) (nodes []measure.Node, sums bool) {
	nodes = make([]measure.Node, len(s.Objectives))
	n := 0
	for i := range s.Objectives {
		n += len(s.Objectives[i].Parents)
	}
	stems := make([]measure.Stem, 0, n)
	var cycle *Cycle
	for i := range s.Objectives {
		o := &s.Objectives[i]
		nodes[i].ID, nodes[i].Policy = string(o.ID), o.Rollup
		if cycle == nil || cycle.ID != o.Cycle {
			cycle = s.Cycle(o.Cycle)
		}
		if cycle != nil {
			nodes[i].Bands = cycle.Bands
		}
		_, nodes[i].Partial = slices.BinarySearch(s.Partial, o.ID)
		sums = sums || o.Rollup.Method == measure.MethodSum
		from := len(stems)
		for _, p := range o.Parents {
			if at := places.of(s, p.Objective); at >= 0 && promised(o.State, s.Objectives[at].State) {
				stems = append(stems, measure.Stem{Parent: at, Weight: p.Weight.Or(1)})
			}
		}
		nodes[i].Parents = stems[from:len(stems):len(stems)]
	}
	return nodes, sums
}

// places finds objectives by id: in many by a map, in few by looking.
type places map[ID]int32

const fewObjectives = 100

func (s *Snapshot) places() places {
	if len(s.Objectives) <= fewObjectives {
		return nil
	}
	at := make(places, len(s.Objectives))
	for i := range s.Objectives {
		at[s.Objectives[i].ID] = int32(i)
	}
	return at
}

// of is the index of the objective, -1 if the snapshot has none.
func (at places) of(s *Snapshot, id ID) int {
	if at != nil {
		if i, ok := at[id]; ok {
			return int(i)
		}
		return -1
	}
	return index(s.Objectives, id, func(o Objective) ID { return o.ID })
}

// inputs makes the inputs of key results one after the other. Those that stand
// together often share their objective, their cycle and their team: what was found
// for the last one is kept at hand.
type inputs struct {
	snapshot   *Snapshot
	now        time.Time
	objectives places

	objectiveID ID
	at          int
	cycleID     ID
	day         day
	teamID      ID
	cadence     *Schedule // of the team in the cycle
	cadences    map[teamInCycle]*Schedule
}

type teamInCycle struct{ cycle, team ID }

// follow keeps the schedule of a team in a cycle at hand.
func (in *inputs) follow(cycle, team ID) {
	key := teamInCycle{cycle, team}
	s, known := in.cadences[key]
	if !known {
		s = in.snapshot.CadenceIn(cycle, team)
		if in.cadences == nil {
			in.cadences = map[teamInCycle]*Schedule{}
		}
		in.cadences[key] = s
	}
	in.teamID, in.cadence = team, s
}

func (in *inputs) objective(id ID) int {
	if id != in.objectiveID || id == "" {
		in.objectiveID, in.at = id, in.objectives.of(in.snapshot, id)
	}
	return in.at
}

// of is the input of a key result of the objective with the index.
func (in *inputs) of(k *KeyResult, objective int) measure.Input {
	var team ID
	if objective >= 0 {
		team = in.snapshot.Objectives[objective].Team
	}
	if k.Cycle != in.cycleID || !in.day.known {
		in.cycleID, in.day = k.Cycle, day{}
		if c := in.snapshot.Cycle(k.Cycle); c != nil {
			in.day = c.day(in.now)
		}
		in.follow(k.Cycle, team)
	}
	if team != in.teamID {
		in.follow(k.Cycle, team)
	}
	cadence := k.Cadence.Under(in.cadence)
	if cadence != nil && cadence.Frequency == "" {
		cadence = nil
	}
	return k.input(&in.day, cadence, in.now)
}

// day is where a cycle stands at an instant: found once for all its key results,
// since looking up a zone costs more than measuring one.
type day struct {
	known       bool
	first, last Date
	today       Date
	closed      bool
	now         time.Time // when the cycle was closed, if it is
	bands       measure.Bands
}

func (c *Cycle) day(now time.Time) day {
	d := day{known: true, first: c.Start, last: c.End, closed: c.closed(now), now: now, bands: c.Bands}
	if d.closed {
		d.now = *c.ClosedAt
	}
	d.today = c.Today(d.now)
	return d
}

// input is what the key result is measured from.
func (k *KeyResult) input(at *day, cadence *Schedule, now time.Time) measure.Input {
	in := measure.Input{
		Metric: k.Metric, Curve: k.Curve, Now: now, Fresh: k.freshFor(cadence),
		Latest: measure.Reading{ID: string(k.Reading), Value: k.Current},
		Tally:  k.Tally, Override: k.Override, Paused: k.State == Postponed || k.State == Abandoned,
	}
	if k.CurrentAt != nil {
		in.Latest.At = *k.CurrentAt
	}
	if at.known {
		in.First, in.Last, in.Today, in.Closed, in.Now, in.Bands = at.first, at.last, at.today, at.closed, at.now, at.bands
		if !k.Due.IsZero() {
			in.Last = k.Due
		}
	}
	return in
}

// end puts what the key result came to into what was measured of it, once its
// cycle is closed.
func (k *KeyResult) end(r *measure.Result, at *day) {
	switch {
	case !at.closed:
	case k.Ending != nil:
		*r = k.Ending.Measured
	case k.State != Draft:
		r.Status = k.outcome(r.Hit)
	}
}

// contributing are the objectives that have the given one as a parent.
func (s *Snapshot) contributing(to ID) []Ref {
	var out []Ref
	for i := range s.Objectives {
		o := &s.Objectives[i]
		if slices.ContainsFunc(o.Parents, func(p Share) bool { return p.Objective == to }) {
			out = append(out, Ref{KindObjective, o.ID})
		}
	}
	return out
}

// cycles are those of which everything is loaded.
func (n Need) cycles(s *Snapshot) map[ID]bool {
	out := map[ID]bool{}
	if n.Cycle != "" {
		out[n.Cycle] = true
	}
	for _, r := range n.Refs {
		if !n.Whole {
			break
		}
		if o := s.Objective(r.ID); r.Kind == KindObjective && o != nil {
			out[o.Cycle] = true
		}
		if k := s.KeyResult(r.ID); r.Kind == KindKeyResult && k != nil {
			out[k.Cycle] = true
		}
	}
	return out
}

// partial are the objectives that count their children and are neither asked for
// nor below one that is: their children were not all loaded.
func (s *Snapshot) partial(need Need) []ID {
	if !slices.ContainsFunc(s.Objectives, func(o Objective) bool { return o.Rollup.Driver.Children() }) {
		return nil
	}
	reached := map[ID]bool{}
	var todo []ID
	reach := func(id ID) {
		if o := s.Objective(id); o != nil && !reached[id] && o.Rollup.Driver.Children() {
			reached[id] = true
			todo = append(todo, id)
		}
	}
	for _, r := range need.Refs {
		switch r.Kind {
		case KindObjective:
			reach(r.ID)
		case KindKeyResult:
			if k := s.KeyResult(r.ID); k != nil {
				reach(k.Objective)
			}
		}
	}
	whole := need.cycles(s)
	below := map[ID][]ID{}
	for i := range s.Objectives {
		o := &s.Objectives[i]
		if whole[o.Cycle] {
			reach(o.ID)
		}
		for _, p := range o.Parents {
			below[p.Objective] = append(below[p.Objective], o.ID)
		}
	}
	for len(todo) > 0 {
		id := todo[0]
		todo = todo[1:]
		for _, c := range below[id] {
			reach(c)
		}
	}
	var out []ID
	for i := range s.Objectives {
		if o := &s.Objectives[i]; o.Rollup.Driver.Children() && !reached[o.ID] {
			out = append(out, o.ID)
		}
	}
	return out
}
