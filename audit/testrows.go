package audit

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// takeCycle makes a row of a cycle, which is that of everything that is taken next.
func (d *derivation) takeCycle(g givenFacts, path string) {
	d.dates = g.knows("start") || g.knows("end") || g.knows("first_day") || g.knows("last_day")
	row := okr.Cycle{
		ID: d.id(), Key: g.text("key"), Name: g.text("name"), Zone: "UTC",
		Start: g.day("start", "first_day"), End: g.day("end", "last_day"),
	}
	if g.text("phase") == string(okr.Closed) {
		row.ClosedAt = &d.Now
	}
	if c, ok := g.object("cadence", "cadence"); ok {
		row.Cadence = c.schedule()
	}
	d.snap.Cycles = append(d.snap.Cycles, row)
	d.cycle = row.ID
	d.bind(&bound{givenFacts: g, path: path, row: func(w *world) any { return w.cycleByID[row.ID] }})
	d.bindCadence(g, path)
}

// schedule is a rhythm of the interval, in weeks or months.
func (g givenFacts) schedule() *okr.Schedule {
	s := &okr.Schedule{Frequency: okr.Weekly, Grace: okr.Interval(g.span("grace"))}
	every := okr.Interval(g.span("interval"))
	if every%okr.EachMonth == 0 && every > 0 {
		s.Frequency, s.Every = okr.Monthly, int(every/okr.EachMonth)
		return s
	}
	s.Every = int((every + okr.EveryWeek - 1) / okr.EveryWeek)
	return s
}

// bindCadence lets the rhythm that an object states tell its days.
func (d *derivation) bindCadence(of givenFacts, path string) {
	c, ok := of.object("cadence", "cadence")
	if !ok || !c.knows("interval") {
		return
	}
	if s := c.schedule(); s.Interval().Duration() == c.span("interval") {
		d.bind(&bound{givenFacts: c, path: path + ".cadence", row: func(*world) any { return &cadence{s} }})
	}
}

func (d *derivation) takeTeam(g givenFacts, path string) {
	d.bindCadence(g, path)
	for i, o := range g.rows("objectives", "objective") {
		d.takeObjective(o, fmt.Sprintf("%s.objectives[%d]", path, i))
	}
	for i, k := range g.rows("key_results", "key_result") {
		d.takeKeyResult(k, fmt.Sprintf("%s.key_results[%d]", path, i), "")
	}
	for i, p := range g.rows("people", "owner") {
		d.takeOwner(p, fmt.Sprintf("%s.people[%d]", path, i))
	}
	d.takeTold(g, path)
}

func (d *derivation) takeOwner(g givenFacts, path string) {
	for i, k := range g.rows("key_results", "key_result") {
		d.takeKeyResult(k, fmt.Sprintf("%s.key_results[%d]", path, i), "")
	}
}

// takeTold takes check-ins that are listed apart from their key results.
func (d *derivation) takeTold(g givenFacts, path string) {
	for i, c := range g.rows("checkins", "checkin") {
		d.bindCheckIn(c, fmt.Sprintf("%s.checkins[%d]", path, i), "")
	}
}

// takeObjective makes rows of an objective and its key results. Its figures follow
// from them if it states any.
func (d *derivation) takeObjective(g givenFacts, path string) okr.ID {
	row := okr.Objective{ID: d.id(), Cycle: d.cycle, Key: g.text("key"), Title: g.text("title"), State: okr.State(g.text("state"))}
	d.snap.Objectives = append(d.snap.Objectives, row)
	bases := map[basis]bool{}
	parts := g.rows("key_results", "key_result")
	for i, k := range parts {
		bases[basisNumber] = d.numbered(k) || bases[basisNumber]
		d.takeKeyResult(k, fmt.Sprintf("%s.key_results[%d]", path, i), row.ID)
	}
	if len(parts) > 0 {
		d.bindObjective(g, path, row.ID, bases)
	}
	d.takeTold(g, path)
	return row.ID
}

func (d *derivation) bindObjective(g givenFacts, path string, id okr.ID, bases map[basis]bool) {
	d.bind(&bound{givenFacts: g, path: path, bases: bases, row: func(w *world) any { return w.objectiveByID[id] }})
}

// numbered says whether a test gives a number of the key result.
func (d *derivation) numbered(g givenFacts) bool { return g.knows("current") || g.valued() }

// valued says whether a reading or a check-in of it has a value that the test gives.
func (g givenFacts) valued() bool {
	given := func(r givenFacts) bool { return r.knows("value") }
	return slices.ContainsFunc(g.rows("readings", "reading"), given) || slices.ContainsFunc(g.rows("checkins", "checkin"), given)
}

// metric is how the key result, or what it meant first, is measured.
func (g givenFacts) metric(or measure.Metric) measure.Metric {
	m := or
	text := func(name string, into *string) {
		if g.typ != "original" || g.states(name) {
			*into = g.text(name)
		}
	}
	number := func(name string, into *measure.Number) {
		if g.typ != "original" || g.states(name) {
			*into = g.number(name)
		}
	}
	kind := string(m.Kind)
	text("kind", &kind)
	m.Kind = measure.Kind(kind)
	number("baseline", &m.Baseline)
	number("target", &m.Target)
	if g.typ != "original" {
		m.Unit, m.Low, m.High = g.text("unit"), g.number("low"), g.number("high")
	}
	return m
}

// takeKeyResult makes rows of a key result and all that it states. Without an id its
// objective is the one that it states itself.
func (d *derivation) takeKeyResult(g givenFacts, path string, objective okr.ID) okr.ID {
	row := okr.KeyResult{
		ID: d.id(), Key: g.text("key"), Cycle: d.cycle, Objective: objective, Title: g.text("title"), OwnerText: g.text("owner_text"),
		Metric: g.metric(measure.Metric{}), Weight: g.number("weight"), State: okr.State(g.text("state")),
		ActivatedAt: d.past(g.instant("activated")),
	}
	if g.yes("guardrail") {
		row.Role = okr.Guardrail
	}
	if g.knows("due") || g.knows("due_day") || g.yes("own_due") {
		row.Due = g.day("due", "due_day")
	}
	if word := g.text("overridden"); word != "" {
		row.Override = measure.Override{Status: measure.Status(word), Reason: "given", By: "given", Until: d.Now.Add(time.Hour)}
	}
	bases := map[basis]bool{basisNumber: d.numbered(g), basisRows: g.valued()}
	if objective == "" {
		o, _ := g.object("objective", "objective")
		row.Objective = d.takeObjective(o, pathTo(path, "objective"))
		if tells := g.states("current") || g.states("readings") || g.valued(); tells && len(o.rows("key_results", "key_result")) == 0 {
			d.bindObjective(o, pathTo(path, "objective"), row.Objective, map[basis]bool{basisNumber: bases[basisNumber]})
			if !g.states("objective") {
				d.bound[len(d.bound)-1].into = func() { g.m["objective"] = o.m }
			}
		}
	}
	if c, ok := g.object("cadence", "cadence"); ok {
		row.Cadence = c.schedule()
		d.bindCadence(g, path)
	}
	if s, ok := g.object("source", "source"); ok {
		row.Source = &okr.Source{Kind: s.text("kind"), Where: s.text("where"), Interval: okr.Interval(s.span("interval"))}
		b := d.bindSource(s, pathTo(path, "source"), row.ID)
		if !g.states("source") {
			b.into = func() { g.m["source"] = s.m }
		}
	}
	if o, ok := g.object("original", "original"); ok {
		row.Original = &okr.Definition{Title: row.Title, Metric: o.metric(row.Metric), Due: row.Due}
		if o.states("same_due") && !o.yes("same_due") {
			row.Original.Due = okr.Date{}
		}
		if o.knows("title") {
			row.Original.Title = o.text("title")
		}
		if o.knows("due_day") {
			row.Original.Due, _ = measure.ParseDate(o.text("due_day"))
		}
		b := d.bind(&bound{givenFacts: o, path: path + ".original", bases: bases, row: func(w *world) any { return &original{row.Original, w.keyResultByID[row.ID]} }})
		if !g.states("original") {
			b.into = func() { g.m["original"] = o.m }
		}
	}
	d.takeRows(g, path, &row, bases)
	for i, s := range g.rows("siblings", "key_result") {
		d.takeKeyResult(s, fmt.Sprintf("%s.siblings[%d]", path, i), row.Objective)
	}
	d.snap.KeyResults = append(d.snap.KeyResults, row)
	d.bind(&bound{givenFacts: g, path: path, bases: bases, row: func(w *world) any { return w.keyResultByID[row.ID] }})
	return row.ID
}

// pathTo is the path of what a variable of its own stands for as well.
func pathTo(path, name string) string {
	if path == "kr" {
		return name
	}
	return path + "." + name
}

// past is an instant that is not yet to come.
func (d *derivation) past(t *time.Time) *time.Time {
	if t == nil || t.After(d.Now) {
		return nil
	}
	return t
}

// takeRows makes rows of readings, check-ins and blockers, and says of the key result
// what they make it.
func (d *derivation) takeRows(g givenFacts, path string, row *okr.KeyResult, bases map[basis]bool) {
	type number struct {
		at    time.Time
		value measure.Number
		id    okr.ID
	}
	var numbers []number
	for i, r := range g.rows("readings", "reading") {
		reading := okr.Reading{ID: d.id(), KeyResult: row.ID, Value: r.number("value"), Source: r.text("source")}
		if r.states("raw") && !r.states("value") { // the share of the way tells the number
			reading.Value = along(row.Metric, r.number("raw"))
		}
		reading.OccurredAt, reading.RecordedAt = r.times()
		d.snap.Readings = append(d.snap.Readings, reading)
		d.bindReading(r, fmt.Sprintf("%s.readings[%d]", path, i), reading)
		if reading.Value.Known() {
			numbers = append(numbers, number{reading.OccurredAt, reading.Value, reading.ID})
		}
		if at := reading.OccurredAt; !fromPeople(reading) && (row.FedAt == nil || row.FedAt.Before(at)) {
			row.FedAt = &at
		}
	}
	told := g.rows("checkins", "checkin")
	for i, c := range told {
		rec := d.checkIn(c, row.ID)
		if g.states("readings") && !c.states("value") {
			rec.Value = measure.Number{} // the readings say what the number was
		}
		d.snap.CheckIns = append(d.snap.CheckIns, rec)
		d.bindTold(c, fmt.Sprintf("%s.checkins[%d]", path, i), rec)
		if c.knows("value") {
			numbers = append(numbers, number{rec.OccurredAt, rec.Value, rec.ID})
		}
		bases[basisTold] = bases[basisTold] || c.knows("at")
		bases[basisStated] = bases[basisStated] || c.knows("stated")
		bases[basisConfidence] = bases[basisConfidence] || c.knows("confidence")
		if row.LastCheckIn == nil || row.LastCheckIn.Before(rec.OccurredAt) {
			row.LastCheckIn = &rec.OccurredAt
		}
		if row.Stated == "" { // newest first
			row.Stated = rec.Stated
		}
		if !row.Confidence.Known() {
			row.Confidence = rec.Confidence
		}
	}
	if !g.states("checkins") {
		row.LastCheckIn, row.Stated, row.Confidence = d.past(g.instant("last_checkin")), measure.Status(g.text("stated")), g.number("confidence")
		if v := g.number("first_confidence"); v.Known() && row.LastCheckIn != nil { // the example's check-ins are not listed
			d.snap.CheckIns = append(d.snap.CheckIns, okr.CheckInRecord{ID: d.id(), KeyResult: row.ID, OccurredAt: *row.LastCheckIn, Confidence: v})
		}
	}
	if g.knows("last_checkin") {
		row.LastCheckIn, bases[basisTold] = d.past(g.instant("last_checkin")), true
	}

	if g.states("readings") || g.valued() {
		if len(numbers) > 0 {
			newest := slices.MaxFunc(numbers, func(a, b number) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
			row.Current, row.CurrentAt, row.Reading = newest.value, &newest.at, newest.id
		}
	} else if at := d.past(g.instant("current_at")); at != nil {
		row.Current, row.CurrentAt = g.number("current"), at
	}
	switch {
	case g.states("current"):
		row.Current = g.number("current")
		if row.CurrentAt == nil {
			row.CurrentAt = &d.Now
		}
	case g.states("current_at"):
		row.CurrentAt = d.past(g.instant("current_at"))
	}
	if !row.Current.Known() {
		row.CurrentAt = nil
	}
	for i, b := range g.rows("blockers", "blocker") {
		d.takeBlocker(b, fmt.Sprintf("%s.blockers[%d]", path, i), row.ID)
	}
}

// along is the value that has gone a share of the way.
func along(m measure.Metric, share measure.Number) measure.Number {
	if !m.Travels() || !share.Known() || !m.Baseline.Known() || !m.Target.Known() {
		return measure.Number{}
	}
	return measure.N(m.Baseline.Or(0) + share.Or(0)*(m.Target.Or(0)-m.Baseline.Or(0)))
}

// times are when an entry happened, and when it was recorded: at once, unless the test
// says otherwise.
func (g givenFacts) times() (at, recorded time.Time) {
	at, _ = g.value("at").(time.Time)
	if recorded, stated := g.m["recorded"].(time.Time); stated {
		return at, recorded
	}
	return at, at
}

func (d *derivation) checkIn(g givenFacts, keyResult okr.ID) okr.CheckInRecord {
	rec := okr.CheckInRecord{
		ID: d.id(), KeyResult: keyResult, Author: okr.Actor{ID: okr.ID(g.text("author"))}, Value: g.number("value"),
		Confidence: g.number("confidence"), Stated: measure.Status(g.text("stated")), Note: g.text("note"),
	}
	rec.OccurredAt, rec.RecordedAt = g.times()
	return rec
}

func (d *derivation) bindReading(g givenFacts, path string, row okr.Reading) {
	d.bind(&bound{givenFacts: g, path: path, bases: map[basis]bool{basisNumber: g.knows("value")}, row: func(w *world) any { return &reading{&row, w.keyResultByID[row.KeyResult]} }})
}

// bindCheckIn binds a check-in that is not in the list of its key result.
func (d *derivation) bindCheckIn(g givenFacts, path string, of okr.ID) {
	d.bindTold(g, path, d.checkIn(g, of))
}

func (d *derivation) bindTold(g givenFacts, path string, row okr.CheckInRecord) {
	cycle := d.cycle
	d.bind(&bound{givenFacts: g, path: path, bases: map[basis]bool{basisTold: g.knows("at")}, row: func(w *world) any {
		k := w.keyResultByID[row.KeyResult]
		if k == nil {
			k = &keyResult{w: w, row: &okr.KeyResult{}, cycle: w.cycleByID[cycle]}
		}
		return &checkIn{&row, k}
	}})
}

func (d *derivation) bindSource(g givenFacts, path string, of okr.ID) *bound {
	return d.bind(&bound{givenFacts: g, path: path, row: func(w *world) any { return &w.keyResultByID[of].source }})
}

func (d *derivation) takeBlocker(g givenFacts, path string, of okr.ID) {
	row := okr.Blocker{ID: d.id(), KeyResult: of, Kind: g.text("kind"), Text: g.text("text")}
	if at := g.instant("opened"); at != nil {
		row.OpenedAt = *at
	}
	closed := g.instant("closed")
	if closed != nil && closed.After(d.Now) { // nobody knows of it yet
		closed = nil
		delete(g.m, "closed")
	} else if closed == nil && g.states("open") && !g.yes("open") {
		closed = &d.Now
	}
	row.ClosedAt = closed
	d.snap.Blockers = append(d.snap.Blockers, row)
	bases := map[basis]bool{basisTold: g.knows("opened")}
	d.bind(&bound{givenFacts: g, path: path, bases: bases, row: func(w *world) any { return &blocker{w, &row, w.keyResultByID[of]} }})
}
