package okr

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// collect is how many readings and check-ins a decision on one key result loads.
const collect = 32

// CheckIn records a report on an active key result: its value as a reading, the
// confidence, what the person states, blockers and changes of initiatives. It
// answers the occurrence that is open: the last one, if that was not answered and
// the reminder for the next is not out yet; otherwise the next, from 7 days before it is
// due, or from its reminder where that comes sooner. What comes earlier, or tells of a
// time before the previous one was due, is recorded and answers none.
//
// A value that is unwelcome is recorded like any other. A closed cycle, a draft,
// a value from the future or an answer to a yes/no other than 1 and 0 is refused, and
// so is a check-in that says nothing.
func (t Tenant) CheckIn(ctx context.Context, c CheckIn) (Decision, error) {
	if err := c.check(); err != nil {
		return Decision{}, err
	}
	ref := Ref{KindKeyResult, c.KeyResult}
	return t.decide(ctx, Intent{VerbCheckIn, []Ref{ref}}, c.Key, c, func(ctx context.Context, w *work) error {
		return w.checkIn(ctx, ref, c)
	})
}

func (c CheckIn) check() error {
	if p := badID(string(c.KeyResult)); p != "" {
		return invalid("key_result", string(c.KeyResult), "an id that %s names nothing", p)
	}
	for _, err := range []error{
		checkFinite("value", c.Value),
		checkPast("occurred_at", c.OccurredAt),
		checkConfidence("confidence", c.Confidence),
		checkStated(c.Stated),
		checkText("note", c.Note, maxNote, false),
		checkText("unit", c.Unit, maxName, false),
		c.Override.check("override"),
	} {
		if err != nil {
			return err
		}
	}
	if c.saysNothing() {
		return invalid("value", "", "it says nothing: give a value, a confidence, a status or a note, or confirm what the source brought")
	}
	if n := len(c.Blockers) + len(c.Resolved) + len(c.Adjust); n > maxList {
		return invalid("blockers", fmt.Sprint(n), "one check-in holds at most %d blockers, resolutions and adjustments", maxList)
	}
	for i, b := range c.Blockers {
		if err := checkText(fmt.Sprintf("blockers[%d].text", i), b.Text, maxNote, true); err != nil {
			return err
		}
		if err := checkID(fmt.Sprintf("blockers[%d].owner", i), b.Owner, false); err != nil {
			return err
		}
		if b.Kind != "" && !slices.Contains(blockerKinds, b.Kind) {
			return invalid(fmt.Sprintf("blockers[%d].kind", i), b.Kind, "use one of %s", strings.Join(blockerKinds, ", "))
		}
	}
	for i, r := range c.Resolved {
		if err := checkText(fmt.Sprintf("resolved[%d].how", i), r.How, maxNote, false); err != nil {
			return err
		}
	}
	for i, a := range c.Adjust {
		if err := checkText(fmt.Sprintf("adjust[%d].title", i), a.Title, maxTitle, true); err != nil {
			return err
		}
		if err := checkText(fmt.Sprintf("adjust[%d].reason", i), a.Reason, maxNote, false); err != nil {
			return err
		}
		if !slices.Contains([]string{"add", "finish", "drop"}, a.Do) {
			return invalid(fmt.Sprintf("adjust[%d].do", i), a.Do, "use add, finish or drop")
		}
	}
	return nil
}

func (c CheckIn) saysNothing() bool {
	return !c.Value.Known() && c.Milestones == nil && c.Zone == "" && !c.Confirm && !c.Confidence.Known() && c.Stated == "" && strings.TrimSpace(c.Note) == "" &&
		c.Override == nil && len(c.Blockers)+len(c.Resolved)+len(c.Adjust) == 0
}

// translate turns finished milestones, or the level that was reached, into the value
// that the metric takes.
func (c *CheckIn) translate(m measure.Metric) error {
	if err := checkUnit("unit", c.Unit, m); err != nil {
		return err
	}
	var v measure.Number
	var field string
	switch {
	case c.Milestones != nil && c.Zone != "":
		return invalid("zone", string(c.Zone), "give milestones or a zone, and not both")
	case c.Milestones != nil && m.Kind != measure.Milestones:
		return invalid("milestones", strings.Join(c.Milestones, ", "), "only a metric of kind milestones has them: give a value")
	case c.Milestones != nil:
		var err error
		if v, err = m.Finished(c.Milestones...); err != nil {
			return invalid("milestones", strings.Join(c.Milestones, ", "), "it has %s", milestoneKeys(m))
		}
		field = "milestones"
	case c.Zone != "" && m.Kind != measure.Zones:
		return invalid("zone", string(c.Zone), "only a metric of kind zones has them: give a value")
	case c.Zone != "":
		if v = c.Zone.Number(); !m.Holds(v).Known() {
			return invalid("zone", string(c.Zone), "use one of the zones that are described: %s", zoneLevels(m))
		}
		field = "zone"
	default:
		return nil
	}
	if c.Value.Known() && !c.Value.Equal(v) {
		return invalid("value", c.Value.String(), "the %s say %s: keep one of the two", field, v)
	}
	c.Value = v
	return nil
}

// confirm gives a check-in that confirms what a source delivered the value that this
// was.
func (w *work) confirm(k KeyResult, c *CheckIn) error {
	if !c.Confirm {
		return nil
	}
	ref := Ref{KindKeyResult, k.ID}
	switch {
	case c.Value.Known() || c.Milestones != nil || c.Zone != "":
		return invalid("confirm", "true", "it takes the value that the source brought: leave the value out, or do not confirm")
	case !c.OccurredAt.Equal(w.now):
		return invalid("occurred_at", c.OccurredAt.Format(time.RFC3339), "what is confirmed is confirmed now: leave it out")
	case k.FedAt == nil:
		return invalid("confirm", "true", "no source has brought a value yet: give a value")
	case !w.fed(k) || !k.FedAt.Add(w.after.FreshFor(k)).After(w.now):
		return &ConflictError{ref, "its source has not delivered since " + k.FedAt.Format(time.RFC3339) + ": give the value as you know it"}
	}
	c.Value = k.Current
	return nil
}

func milestoneKeys(m measure.Metric) string {
	var out []string
	for _, x := range m.Milestones {
		out = append(out, x.Key)
	}
	return strings.Join(out, ", ")
}

func zoneLevels(m measure.Metric) string {
	out := []string{string(measure.LevelFail)}
	for _, z := range m.Zones {
		if z.Level != measure.LevelFail {
			out = append(out, string(z.Level))
		}
	}
	return strings.Join(out, ", ")
}

// checkInSource is the source of a reading that a check-in brought.
const checkInSource = "checkin"

// checkedIn is the reading of a check-in's value: a new one, or the one that says the
// same already.
func (w *work) checkedIn(ctx context.Context, k *KeyResult, c CheckIn) (ID, error) {
	m := Measurement{Value: c.Value, OccurredAt: c.OccurredAt}
	past := series{}
	// What is told of the present is newer than all that is known, and needs none of it.
	if k.Metric.Mode == measure.HitRatio || k.CurrentAt != nil && !c.OccurredAt.After(*k.CurrentAt) {
		var err error
		if past, err = w.series(ctx, Ref{KindKeyResult, k.ID}, 0); err != nil {
			return "", err
		}
	}
	if r, same, err := w.repeats(ctx, k, m, checkInSource, &past); err != nil || same {
		return r.ID, err
	}
	r, err := w.read(k, m, checkInSource, past)
	return r.ID, err
}

func (w *work) checkIn(ctx context.Context, ref Ref, c CheckIn) error {
	var err error
	if c.OccurredAt, err = occurred("occurred_at", c.OccurredAt, w.now); err != nil {
		return err
	}
	need := Need{Refs: []Ref{ref}, Collections: Collections{Blockers: len(c.Resolved) > 0, Standings: true}}
	for _, b := range c.Blockers {
		if b.Owner != "" {
			need.Refs = append(need.Refs, Ref{KindPerson, b.Owner})
		}
	}
	if err := w.load(ctx, need); err != nil {
		return blockerOwner(err, c)
	}
	k := w.after.KeyResult(ref.ID)
	if k == nil {
		return &NotFoundError{ref}
	}
	if err := w.open(k.Cycle); err != nil {
		return err
	}
	if k.State != Active {
		return &ConflictError{ref, fmt.Sprintf("%q is %s: only active key results take check-ins", k.Title, k.State)}
	}
	if c.Override != nil {
		if err := w.elapse(ctx, *k); err != nil {
			return err
		}
	}
	if err := w.confirm(*k, &c); err != nil {
		return err
	}
	if err := c.translate(k.Metric); err != nil {
		return err
	}
	if c.Value.Known() && !c.Confirm {
		if err := k.ownValue("value", c.Value.String()); err != nil {
			return err
		}
	}
	if err := checkValue("value", k.Metric, c.Value); err != nil {
		return err
	}
	w.expect(ref, k.Version)

	record := CheckInRecord{
		ID: ID(w.desk.newID()), KeyResult: k.ID, Author: w.actor, OccurredAt: c.OccurredAt, RecordedAt: w.now,
		Value: c.Value, Confidence: c.Confidence, Stated: c.Stated, Note: c.Note, Session: c.session,
	}
	if c.Confirm {
		record.Reading = k.Reading
	} else if c.Value.Known() {
		if record.Reading, err = w.checkedIn(ctx, k, c); err != nil {
			return err
		}
	}
	if err := w.adjust(k, c.Adjust, &record); err != nil {
		return err
	}
	if err := w.override("override", k, c.Override); err != nil {
		return err
	}
	if c.Override != nil {
		f := w.defined(*k, []string{"override"})
		f.Was = w.after.termsOf(*k)
		if err := w.emit(ref, ref, EventKeyResultChanged, f, *k); err != nil {
			return err
		}
	}
	from := k.Confidence
	// What is reported of an earlier day is on record, and not what is thought now.
	newest := k.LastCheckIn == nil || !c.OccurredAt.Before(*k.LastCheckIn)
	if newest {
		if c.Confidence.Known() {
			k.Confidence = c.Confidence
		}
		if c.Stated != "" {
			k.Stated = c.Stated
		}
		at := c.OccurredAt
		k.LastCheckIn = &at
	}
	dropped := false
	if newest {
		if dropped, err = w.fell(ctx, ref, from, c.Confidence); err != nil {
			return err
		}
	}
	occurrence, late, err := w.answer(ctx, *k, c.OccurredAt)
	if err != nil {
		return err
	}
	w.after.CheckIns = append(w.after.CheckIns, record)
	w.changes.CheckIns = append(w.changes.CheckIns, record)
	if err := w.block(*k, c); err != nil {
		return err
	}
	row := *k
	w.then = append(w.then, func(measured map[ID]measure.Result) error {
		m := measured[row.ID]
		payload := CheckInRecorded{
			KeyResultFact: w.fact(row), CheckIn: record.ID, Value: c.Value, Confidence: c.Confidence, Stated: c.Stated,
			Status: m.Status, Progress: m.Progress, OccurredAt: c.OccurredAt, Blockers: len(c.Blockers), Occurrence: occurrence,
		}
		entity := Ref{KindCheckIn, record.ID}
		if err := w.emit(ref, entity, EventCheckInRecorded, payload, record); err != nil {
			return err
		}
		if late {
			if err := w.emit(ref, entity, EventCheckInLate, payload, record); err != nil {
				return err
			}
		}
		if dropped {
			return w.emit(ref, entity, EventConfidenceDropped, ConfidenceDropped{w.fact(row), from, c.Confidence}, record)
		}
		return nil
	})
	return nil
}

// blockerOwner turns "person not found" into the field that named the person.
func blockerOwner(err error, c CheckIn) error {
	var missing *NotFoundError
	if errors.As(err, &missing) && missing.Ref.Kind == KindPerson {
		for i, b := range c.Blockers {
			if b.Owner == missing.Ref.ID {
				return invalid(fmt.Sprintf("blockers[%d].owner", i), string(b.Owner), "nobody in the directory has that id: synchronise people first")
			}
		}
	}
	return err
}

// fell says whether confidence dropped by 2 or more, or for the second time in a
// row.
func (w *work) fell(ctx context.Context, ref Ref, from, to measure.Number) (bool, error) {
	a, ok := from.Value()
	b, known := to.Value()
	if !ok || !known || b >= a {
		return false, nil
	}
	if a-b >= 2 {
		return true, nil
	}
	s, err := w.unit.Load(ctx, w.id, Need{Refs: []Ref{ref}, Collections: Collections{CheckIns: collect}})
	if err != nil {
		return false, err
	}
	var told []float64
	for _, c := range s.CheckInsOf(ref.ID) {
		if v, ok := c.Confidence.Value(); ok {
			told = append(told, v)
		}
	}
	return len(told) >= 2 && told[0] < told[1], nil
}

// adjust changes the initiatives as the check-in says.
func (w *work) adjust(k *KeyResult, as []Adjustment, record *CheckInRecord) error {
	if len(as) == 0 {
		return nil
	}
	k.Initiatives = slices.Clone(k.Initiatives)
	for i, a := range as {
		at := slices.IndexFunc(k.Initiatives, func(x Initiative) bool { return strings.EqualFold(x.Title, a.Title) })
		field := "adjust[" + strconv.Itoa(i) + "].title"
		switch {
		case a.Do == "add" && at >= 0:
			return invalid(field, a.Title, "the key result has this initiative already")
		case a.Do == "add" && len(k.Initiatives) >= maxList:
			return invalid(field, a.Title, "a key result keeps at most %d initiatives: drop one first", maxList)
		case a.Do == "add":
			k.Initiatives = append(k.Initiatives, Initiative{Title: oneLine(a.Title)})
		case at < 0:
			return invalid(field, a.Title, "the key result has no such initiative: add it, or use its exact title")
		case a.Do == "finish":
			k.Initiatives[at].Done = true
		default:
			k.Initiatives = slices.Delete(k.Initiatives, at, at+1)
		}
		line := a.Do + ": " + a.Title
		if a.Reason != "" {
			line += " (" + a.Reason + ")"
		}
		record.Adjusted = append(record.Adjusted, line)
	}
	return w.emit(Ref{KindKeyResult, k.ID}, Ref{KindKeyResult, k.ID}, EventKeyResultChanged, w.defined(*k, []string{"initiatives"}), *k)
}

// block closes and opens blockers.
func (w *work) block(k KeyResult, c CheckIn) error {
	ref := Ref{KindKeyResult, k.ID}
	for i, r := range c.Resolved {
		at := slices.IndexFunc(w.after.Blockers, func(b Blocker) bool { return b.ID == r.Blocker && b.KeyResult == k.ID })
		if at < 0 {
			return invalid(fmt.Sprintf("resolved[%d].blocker", i), string(r.Blocker), "the key result has no open blocker with that id")
		}
		b := &w.after.Blockers[at]
		if b.ClosedAt != nil {
			return invalid(fmt.Sprintf("resolved[%d].blocker", i), string(r.Blocker), "it was closed on %s", b.ClosedAt.Format(time.DateOnly))
		}
		now := w.now
		b.ClosedAt, b.Resolution = &now, r.How
		w.changes.Blockers = append(w.changes.Blockers, *b)
		if err := w.emit(ref, Ref{KindBlocker, b.ID}, EventBlockerClosed, w.blocker(k, *b), *b); err != nil {
			return err
		}
	}
	for _, n := range c.Blockers {
		b := Blocker{ID: ID(w.desk.newID()), KeyResult: k.ID, Kind: n.Kind, Text: n.Text, Owner: n.Owner, OpenedAt: w.now}
		if b.Kind == "" {
			b.Kind = "other"
		}
		if b.Owner == "" {
			b.Owner = k.Owner
		}
		w.after.Blockers = append(w.after.Blockers, b)
		w.changes.Blockers = append(w.changes.Blockers, b)
		if err := w.emit(ref, Ref{KindBlocker, b.ID}, EventBlockerOpened, w.blocker(k, b), b); err != nil {
			return err
		}
		w.await(ref)
	}
	return nil
}

func (w *work) blocker(k KeyResult, b Blocker) BlockerFact {
	return BlockerFact{KeyResultFact: w.fact(k), Blocker: b.ID, BlockerKind: b.Kind, BlockedBy: b.Owner, OpenedAt: b.OpenedAt, ClosedAt: b.ClosedAt}
}

// await leaves the event just emitted for the runner, which knows whom to tell
// and when.
func (w *work) await(subject Ref) {
	e := w.events[len(w.events)-1]
	now := w.now
	w.setStanding(Standing{
		Subject: subject, Kind: standingAudience, Key: e.ID, Value: strconv.FormatInt(e.Seq, 10), Since: w.now, NextLook: &now,
	})
}
