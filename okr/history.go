package okr

import (
	"fmt"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// PlanCheckIn is a check-in that was taken before the plan came here: in another
// tool, in a table that somebody kept. A plan brings them along as history.
type PlanCheckIn struct {
	At         time.Time      `json:"at"`                  // when it was true, UTC
	Value      measure.Number `json:"value,omitzero"`      // in the metric's unit; of zones, the ordinal of the level
	Zone       measure.Level  `json:"zone,omitempty"`      // of zones: the level that was reached, in place of a value
	Confidence measure.Number `json:"confidence,omitzero"` // 0-10
	Author     string         `json:"author,omitempty"`    // id, e-mail or name of a person
	Note       string         `json:"note,omitempty"`
}

// value is what the check-in says of the metric.
func (c PlanCheckIn) value() measure.Number {
	if c.Zone != "" {
		return c.Zone.Number()
	}
	return c.Value
}

// maxHistory bounds the check-ins of a key result that a plan brings along.
const maxHistory = 1000

func checkHistory(field string, m measure.Metric, cs []PlanCheckIn) error {
	if len(cs) > maxHistory {
		return invalid(field, fmt.Sprint(len(cs)), "bring at most %d along", maxHistory)
	}
	errs := make([]error, len(cs))
	for i, c := range cs {
		errs[i] = c.check(fmt.Sprintf("%s[%d]", field, i), m)
	}
	return together(errs...)
}

func (c PlanCheckIn) check(field string, m measure.Metric) error {
	switch {
	case c.At.IsZero():
		return invalid(field+".at", "", "say when it was taken, such as 2026-11-06T16:00:00Z")
	case c.Zone != "" && m.Kind != measure.Zones:
		return invalid(field+".zone", string(c.Zone), "only a metric of kind zones has them: give a value")
	case c.Zone != "" && !c.Zone.Number().Known():
		return invalid(field+".zone", string(c.Zone), "use fail, commit, target or stretch")
	case c.Zone != "" && c.Value.Known() && !c.Value.Equal(c.Zone.Number()):
		return invalid(field+".value", c.Value.String(), "the zone says %s: keep one of the two", c.Zone.Number())
	case c.Zone != "" && !m.Holds(c.Zone.Number()).Known():
		return invalid(field+".zone", string(c.Zone), "the metric does not describe this zone: describe it, or name another")
	}
	return together(
		checkPast(field+".at", c.At),
		checkValue(field+".value", m, c.Value),
		checkConfidence(field+".confidence", c.Confidence),
		checkText(field+".author", oneLine(c.Author), maxTitle, false),
		checkText(field+".note", c.Note, maxNote, false),
	)
}

// past are the check-ins of a plan that had been taken by an instant, oldest
// first.
func past(cs []PlanCheckIn, now time.Time) []PlanCheckIn {
	out := slices.DeleteFunc(slices.Clone(cs), func(c PlanCheckIn) bool { return c.At.After(now) })
	slices.SortStableFunc(out, func(a, b PlanCheckIn) int { return a.At.Compare(b.At) })
	return out
}

// confidenceOf is what the plan says of the key result, or its newest check-in.
func (p PlanKeyResult) confidenceOf(now time.Time) measure.Number {
	if p.Confidence.Known() {
		return p.Confidence
	}
	var out measure.Number
	for _, c := range past(p.CheckIns, now) {
		if c.Confidence.Known() {
			out = c.Confidence
		}
	}
	return out
}

// taken is what makes a check-in the same one. Its author is no part of it: who is
// nobody today may be in the directory tomorrow.
type taken struct {
	keyResult  ID
	at         time.Time
	value      measure.Number
	confidence measure.Number
	note       string
}

func takenAs(c CheckInRecord) taken {
	return taken{c.KeyResult, c.OccurredAt.UTC().Truncate(time.Microsecond), c.Value, c.Confidence, c.Note}
}

// history adds the check-ins of the plan that the key result does not have yet,
// with their readings. It leaves alone what is there: what was recorded stays.
func (d *drafting) history(k *KeyResult, p PlanKeyResult, field string, x *drafted) error {
	if len(p.CheckIns) == 0 {
		return nil
	}
	if d.taken == nil {
		d.taken = map[taken]int{}
		for _, c := range d.snapshot.CheckIns {
			d.taken[takenAs(c)]++
		}
	}
	for i, c := range p.CheckIns {
		if !d.asOf && c.At.After(d.now.Add(futureSlack)) {
			return invalid(fmt.Sprintf("%s.checkins[%d].at", field, i), c.At.Format(time.RFC3339), "it lies in the future: bring it along once it is true")
		}
	}
	had := map[taken]int{}
	for _, c := range past(p.CheckIns, d.until()) {
		record := CheckInRecord{
			KeyResult: k.ID, Author: Service(planSource), OccurredAt: c.At.UTC().Truncate(time.Microsecond), RecordedAt: d.now,
			Value: c.value(), Confidence: c.Confidence, Note: c.Note,
		}
		var author ID
		if author, record.AuthorText = d.person(c.Author); author != "" {
			record.Author = Someone(author)
		}
		same := takenAs(record)
		if had[same]++; had[same] <= d.taken[same] {
			continue
		}
		if k.State != Draft {
			return unplanned(Ref{KindKeyResult, k.ID}, k.Title, k.State, []string{"checkins"})
		}
		record.ID = ID(d.newID())
		if record.Value.Known() {
			r := Reading{ID: ID(d.newID()), KeyResult: k.ID, Value: record.Value, OccurredAt: record.OccurredAt, RecordedAt: d.now, Source: planSource}
			record.Reading = r.ID
			x.readings = append(x.readings, r)
			d.snapshot.Readings = append(d.snapshot.Readings, r)
			if k.CurrentAt == nil || !k.CurrentAt.After(r.OccurredAt) {
				at := r.OccurredAt
				k.Current, k.CurrentAt, k.Reading = r.Value, &at, r.ID
			}
		}
		if k.LastCheckIn == nil || record.OccurredAt.After(*k.LastCheckIn) {
			at := record.OccurredAt
			k.LastCheckIn = &at
		}
		x.checkIns = append(x.checkIns, record)
		d.snapshot.CheckIns = append(d.snapshot.CheckIns, record)
	}
	return nil
}

// until is the instant up to which check-ins count: a desk takes one whose clock is
// a little ahead.
func (d *drafting) until() time.Time {
	if d.asOf {
		return d.now
	}
	return d.now.Add(futureSlack)
}

// remembered writes the rows and events of the history of one key result.
func (w *work) remembered(x drafted) error {
	k := *w.after.KeyResult(x.ref.ID)
	for _, r := range x.readings {
		if err := w.recorded(k, r); err != nil {
			return err
		}
	}
	w.changes.CheckIns = append(w.changes.CheckIns, x.checkIns...)
	if len(x.checkIns) == 0 {
		return nil
	}
	w.then = append(w.then, func(measured map[ID]measure.Result) error {
		m := measured[k.ID]
		for _, c := range x.checkIns {
			payload := CheckInRecorded{
				KeyResultFact: w.fact(k), CheckIn: c.ID, Value: c.Value, Confidence: c.Confidence,
				Status: m.Status, Progress: m.Progress, OccurredAt: c.OccurredAt,
				Imported: true,
			}
			if err := w.emit(x.ref, Ref{KindCheckIn, c.ID}, EventCheckInRecorded, payload, c); err != nil {
				return err
			}
		}
		return nil
	})
	return nil
}

// history says whether the plan brings check-ins along.
func (p Plan) history() bool {
	return slices.ContainsFunc(p.Objectives, func(o PlanObjective) bool {
		return slices.ContainsFunc(o.KeyResults, func(k PlanKeyResult) bool { return len(k.CheckIns) > 0 })
	})
}
