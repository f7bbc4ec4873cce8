package audit

import (
	"fmt"
	"slices"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/rules"
)

// Facts that a test of a pack states have consequences: who gives a baseline, a target
// and readings has said what progress is. A test's facts are therefore made into rows,
// the rows are measured like any others, and what is read off them is laid between
// what the test states and the example.

// follows are the facts of each type that are computed, and what a statement of them
// can contradict: "" is nothing that is stated elsewhere.
var follows = map[string]map[string]basis{
	"cycle": {
		"first_day": "", "last_day": "", "days": basisDates, "days_left": basisDates, "elapsed": basisDates, "phase": basisDates,
	},
	"key_result": {
		"direction": "", "met_at_start": "", "decidable": "", "travels": "", "owner_reads_as": "",
		"current": basisRows, "current_at": "", "raw": basisNumber, "progress": basisNumber, "expected": basisDates, "gap": basisNumber, "ratio": basisNumber,
		"hit": basisNumber, "fresh": "", "level": "", "status": basisNumber,
		"stated": basisStated, "confidence": basisConfidence, "first_confidence": basisConfidence, "last_checkin": basisTold, "days_quiet": basisTold,
		"due": "", "due_day": "", "days_left": basisDates, "own_due": "", "activated": "",
	},
	"objective": {
		"progress": basisNumber, "expected": basisDates, "gap": basisNumber, "ratio": basisNumber, "coverage": basisNumber, "vouched": "", "vote": "", "spoken": "", "status": basisNumber,
	},
	"source":   {"manual": "", "often": "", "state": "", "last": ""},
	"cadence":  {"days": "", "text": ""},
	"reading":  {"recorded": "", "value": "", "raw": basisNumber},
	"checkin":  {"recorded": "", "value": "", "elapsed": basisTold},
	"blocker":  {"open": "", "closed": "", "days_open": basisTold},
	"original": {"title": "", "kind": "", "baseline": "", "target": "", "due_day": "", "same_metric": "", "same_due": "", "progress": basisNumber, "hit": basisNumber},
}

// basis is what a computed fact rests on.
type basis string

const (
	basisNumber     basis = "number"     // a value that a test gives
	basisRows       basis = "rows"       // a reading, or a check-in with a value
	basisTold       basis = "told"       // when people checked in
	basisStated     basis = "stated"     // what they said
	basisConfidence basis = "confidence" // how sure they were
	basisDates      basis = "dates"      // the days of the cycle
)

// bound is an object of a test and the row that was made of it.
type bound struct {
	givenFacts
	path  string
	row   func(*world) any
	bases map[basis]bool // what the test gives
	into  func()         // puts it where it belongs, if anything followed
	only  []string       // nil: all that follows for the type
}

// derivation makes rows of what a test states.
type derivation struct {
	rules.Given
	snap  okr.Snapshot
	bound []*bound
	ids   int
	cycle okr.ID
	dates bool // the test gives the days of its cycle
}

// deriver computes what follows for the tests of packs: see [rules.Schema.Derive].
func deriver(types []rules.Type) func(rules.Given) (map[string]any, []rules.Contradiction, error) {
	fields := map[string]map[string]rules.Field{}
	for _, t := range types {
		fields[t.Name] = map[string]rules.Field{}
		for _, f := range t.Fields {
			fields[t.Name][f.Name] = f
		}
	}
	return func(g rules.Given) (map[string]any, []rules.Contradiction, error) {
		vars := copied(g.Vars).(map[string]any)
		d := &derivation{Given: g}
		d.Vars = vars
		d.take()
		d.snap.Sort()
		w := see(&d.snap, d.snap.Measure(g.Now), g.Now, &zones{})
		var wrong []rules.Contradiction
		for _, b := range d.bound {
			wrong = append(wrong, b.follow(w, fields[b.typ])...)
		}
		for _, b := range slices.Backward(d.bound) { // the inner ones first
			if b.into != nil && len(b.m) > 0 {
				b.into()
			}
		}
		return vars, wrong, nil
	}
}

// follow adds the facts that are computed to those that are stated.
func (b *bound) follow(w *world, fields map[string]rules.Field) []rules.Contradiction {
	var wrong []rules.Contradiction
	row := b.row(w)
	for name, rests := range follows[b.typ] {
		f, ok := fields[name]
		if !ok || b.only != nil && !slices.Contains(b.only, name) {
			continue
		}
		computed := f.Get(row)
		if computed == rules.Unknown {
			computed = nil
		}
		stated, isStated := b.m[name]
		switch {
		case !isStated:
			if !alike(examples[b.typ][name], computed, 1e-12) {
				b.m[name] = computed
			}
		case stated != nil && b.bases[rests] && !alike(stated, computed, roundedOff) && !endedWord(stated):
			wrong = append(wrong, rules.Contradiction{Path: b.path + "." + name, Stated: rules.Format(stated), Computed: rules.Format(computed)})
		}
	}
	slices.SortFunc(wrong, func(a, c rules.Contradiction) int { return slices.Compare([]byte(a.Path), []byte(c.Path)) })
	return wrong
}

// roundedOff is how far a number that a person writes may lie from the exact one.
const roundedOff = 0.005

// endedWord says whether a status tells how a key result ended, which no number can.
func endedWord(v any) bool {
	switch v {
	case string(okr.CarriedOver), string(okr.PostponedOutcome), string(okr.AbandonedOutcome):
		return true
	}
	return false
}

func (d *derivation) id() okr.ID {
	d.ids++
	return okr.ID(fmt.Sprintf("given-%04d", d.ids))
}

func (d *derivation) bind(b *bound) *bound {
	if b.bases == nil {
		b.bases = map[basis]bool{}
	}
	b.bases[basisDates] = d.dates
	d.bound = append(d.bound, b)
	return b
}

// variable is what a test says of one of its variables; false if it has none of the
// name, or that it is not known.
func (d *derivation) variable(name, typ string) (givenFacts, bool) {
	m, ok := d.Vars[name].(map[string]any)
	return givenFacts{typ, m}, ok
}

// take makes rows of all variables.
func (d *derivation) take() {
	c, ok := d.variable("cycle", "cycle")
	if !ok {
		c = givenFacts{"cycle", map[string]any{}}
	}
	d.takeCycle(c, "cycle")

	kr, hasKR := d.variable("kr", "key_result")
	o, hasObjective := d.variable("objective", "objective")
	s, hasSource := d.variable("source", "source")
	if hasKR {
		if hasObjective && !kr.states("objective") {
			kr.m["objective"] = o.m
		}
		if hasSource && !kr.states("source") {
			kr.m["source"] = s.m
		}
		of := d.takeKeyResult(kr, "kr", "")
		if hasSource && !sameFacts(kr.m["source"], s.m) {
			d.bindSource(s, "source", of)
		}
		if told, ok := d.variable("checkin", "checkin"); ok {
			d.bindCheckIn(told, "checkin", of)
		}
	}
	if hasObjective && !(hasKR && sameFacts(kr.m["objective"], o.m)) {
		d.takeObjective(o, "objective")
	}
	if t, ok := d.variable("team", "team"); ok {
		d.takeTeam(t, "team")
	}
	if p, ok := d.variable("owner", "owner"); ok {
		d.takeOwner(p, "owner")
	}
	if t, ok := d.variable("tenant", "tenant"); ok {
		for i, c := range t.rows("cycles", "cycle") {
			d.takeCycle(c, fmt.Sprintf("tenant.cycles[%d]", i))
		}
		for i, t := range t.rows("teams", "team") {
			d.takeTeam(t, fmt.Sprintf("tenant.teams[%d]", i))
		}
	}
}

// sameFacts says whether two are one and the same, and not merely alike.
func sameFacts(a any, b map[string]any) bool {
	m, ok := a.(map[string]any)
	return ok && fmt.Sprintf("%p", m) == fmt.Sprintf("%p", b)
}
