package okr

import (
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// Outcomes beside [measure.Hit], [measure.Missed] and [measure.Unknown]: what was
// put off, given up or taken along was not missed.
const (
	CarriedOver      measure.Status = "carried_over"
	PostponedOutcome measure.Status = "postponed"
	AbandonedOutcome measure.Status = "abandoned"
)

// Ending is what became of a key result or an objective, written when its cycle is
// closed, and never changed after: no later reading, no other pack and no other
// version of this program makes another quarter of it.
type Ending struct {
	Outcome   measure.Status `json:"outcome,omitempty"`   // of a key result: hit, missed, unknown, carried_over, postponed, abandoned
	Reason    string         `json:"reason,omitempty"`    // why it was hit or missed, or why nobody can tell
	Measured  measure.Result `json:"measured"`            // as it was measured at the close
	Reading   ID             `json:"reading,omitempty"`   // the newest reading behind it
	Suggested measure.Number `json:"suggested,omitzero"`  // score computed, [0,1]
	Rule      *Judged        `json:"rule,omitempty"`      // where Suggested comes from; nil: it is the progress
	Score     measure.Number `json:"score,omitzero"`      // the final one, [0,1]: what people decided, else Suggested
	Committed bool           `json:"committed,omitempty"` // by its objective
	Grade     measure.Grade  `json:"grade,omitempty"`     // of Score; "" is not graded
	At        time.Time      `json:"at,omitzero"`         // UTC instant of the close
	Cadence   *Schedule      `json:"cadence,omitempty"`   // that a key result followed at the close: its own, its team's or its cycle's
	Promised  *Appraisal     `json:"promised,omitempty"`  // where a key result was held to something else: what it came to under the definition that it was activated with
}

// explains says whether the ending asks for an explanation: it was committed, and
// was not reached, and was not said to be put off, given up or taken along.
func (e Ending) explains() bool {
	return e.Committed && (e.Outcome == measure.Hit || e.Outcome == measure.Missed || e.Outcome == measure.Unknown) && e.Grade != measure.GradePassed
}

// outcome is what a key result came to, as far as it has come.
func (k *KeyResult) outcome(hit measure.Number) measure.Status {
	h, known := hit.Value()
	switch {
	case k.State == Abandoned:
		return AbandonedOutcome
	case k.State == Postponed && k.CarriedTo == "":
		return PostponedOutcome
	case known && h == 1:
		return measure.Hit
	case k.CarriedTo != "":
		return CarriedOver
	case known:
		return measure.Missed
	}
	return measure.Unknown
}

// Hit answers the yes/no question of a key result at the instant, from the data of
// the snapshot: yes, no, or unknown with the reason. Of a closed cycle it is the
// answer of the close. One that the snapshot does not have is unknown.
func (s *Snapshot) Hit(keyResult ID, at time.Time) measure.Answer {
	k := s.KeyResult(keyResult)
	if k == nil {
		return measure.Answer{Reason: "there is no such key result"}
	}
	return s.input(k, at).Hit()
}

// endings finds what subjects came to by an instant.
type endings struct {
	*Snapshot
	measured map[ID]measure.Result
	scores   map[ID]Judged
	at       time.Time
}

// of is what a subject came to: as it was closed, or by now, with the final score
// that people gave it so far.
func (x endings) of(r Ref) Ending {
	switch r.Kind {
	case KindKeyResult:
		k := x.KeyResult(r.ID)
		if k.Ending != nil {
			return *k.Ending
		}
		return x.scored(r, k.Cycle)
	case KindObjective:
		o := x.Objective(r.ID)
		if o.Ending != nil {
			return *o.Ending
		}
		return x.scored(r, o.Cycle)
	}
	return Ending{}
}

func (x endings) scored(r Ref, cycle ID) Ending {
	var final measure.Number
	if said := x.reviewOf(r, cycle); said != nil {
		final = said.Final
	}
	return x.with(r, final)
}

// with is what a subject came to by now, given the final score, unknown where
// people gave none.
func (x endings) with(r Ref, final measure.Number) Ending {
	m := x.measured[r.ID]
	e := Ending{Measured: m, Suggested: m.Suggested(), At: x.at}
	if j, ok := x.scores[r.ID]; ok && j.Score.Known() {
		e.Suggested, e.Rule = measure.Clamp(j.Score), &j
	}
	var graded bool
	switch r.Kind {
	case KindKeyResult:
		k := x.KeyResult(r.ID)
		e.Reading, e.Outcome = k.Reading, k.outcome(m.Hit)
		in := x.input(k, x.at)
		e.Reason = in.Hit().Reason
		if o := x.Objective(k.Objective); o != nil {
			e.Committed = o.Committed
		}
		if e.Committed && e.Rule == nil {
			e.Suggested = ofTarget(e.Suggested, k.Metric)
		}
		graded = e.Outcome != PostponedOutcome && e.Outcome != AbandonedOutcome
	case KindObjective:
		o := x.Objective(r.ID)
		e.Committed = o.Committed
		c := x.Cycle(o.Cycle)
		graded = c != nil && c.GradeObjectives
	default:
		return Ending{}
	}
	e.Score = e.Suggested
	if final.Known() {
		e.Score = final
	}
	if graded {
		e.Grade = measure.GradeOf(e.Score, e.Committed)
	}
	return e
}

// ofTarget is a score as a share of the score at the target. What is committed is
// kept or not at its target, also where zones or a stretch goal leave room above it;
// without this it would be hit and fail.
func ofTarget(score measure.Number, m measure.Metric) measure.Number {
	s, known := score.Value()
	aim, aimed := m.Aim().Value()
	if !known || !aimed || aim <= 0 {
		return score
	}
	return measure.Clamp(measure.N(s / aim))
}

func (w *work) endings(measured map[ID]measure.Result) endings {
	return endings{w.after, measured, w.verdict.Scores, w.now}
}

// settled says whether no pack has a say in the status: the outcome of a key result
// is computed, an objective of a closed cycle is as it was, and what a person put in
// its place holds until it ends.
func (s *Snapshot) settled(id ID, now time.Time) bool {
	if k := s.KeyResult(id); k != nil {
		if k.Override.Holds(now) {
			return true
		}
		c := s.Cycle(k.Cycle)
		return c != nil && c.ClosedAt != nil
	}
	o := s.Objective(id)
	return o != nil && o.Ending != nil
}

// ended puts the score of the packs that were in force at the close in the place
// of what those in force now would say.
func (a Appraisal) ended(e *Ending) Appraisal {
	if e == nil {
		return a
	}
	now := a.Score
	if a.Score = e.Rule; now != nil {
		return a.readFor(now.Purpose)
	}
	return a
}

// readFor is the appraisal with a score that was read for a purpose.
func (a Appraisal) readFor(p Purpose) Appraisal {
	if a.Score != nil {
		score := *a.Score
		score.Purpose = p
		a.Score = &score
	}
	return a
}
