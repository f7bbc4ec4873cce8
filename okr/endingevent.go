package okr

import (
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// The events of the end of a cycle.
const (
	EventKeyResultCarried = EventPrefix + "key_result.carried-over"
	EventKeyResultEnded   = EventPrefix + "key_result.ended"
	EventObjectiveCarried = EventPrefix + "objective.carried-over"
	EventObjectiveEnded   = EventPrefix + "objective.ended"
	EventReviewRecorded   = EventPrefix + "review.recorded"
	EventFindingWaived    = EventPrefix + "finding.waived"
)

type (
	// KeyResultEnded is the payload of key_result.ended: what it came to when its
	// cycle was closed.
	KeyResultEnded struct {
		KeyResultFact
		Outcome   measure.Status `json:"outcome"`            // hit, missed, unknown, carried_over, postponed, abandoned
		Progress  measure.Number `json:"progress,omitzero"`  // [0,1]
		Suggested measure.Number `json:"suggested,omitzero"` // score computed, [0,1]
		Score     measure.Number `json:"score,omitzero"`     // the final one, [0,1]
		Grade     measure.Grade  `json:"grade,omitempty"`    // "" is not graded
	}

	// ObjectiveEnded is the payload of objective.ended.
	ObjectiveEnded struct {
		ObjectiveFact
		Score measure.Number `json:"score,omitzero"`  // the final one, [0,1]
		Grade measure.Grade  `json:"grade,omitempty"` // "" is not graded
	}

	// KeyResultCarried is the payload of key_result.carried-over.
	KeyResultCarried struct {
		KeyResultFact
		Onto      ID `json:"onto"`       // the key result that goes on with it
		OntoCycle ID `json:"onto_cycle"` // the cycle of that one
	}

	// ObjectiveCarried is the payload of objective.carried-over.
	ObjectiveCarried struct {
		ObjectiveFact
		Onto      ID `json:"onto"`       // the objective that goes on with it
		OntoCycle ID `json:"onto_cycle"` // the cycle of that one
	}

	// ReviewFact is the payload of review.recorded.
	ReviewFact struct {
		Review    ID             `json:"review"`
		Subject   Ref            `json:"subject"`
		Cycle     ID             `json:"cycle"`
		Outcome   measure.Status `json:"outcome,omitempty"`  // of a key result, as computed
		Suggested measure.Number `json:"suggested,omitzero"` // score computed, [0,1]
		Final     measure.Number `json:"final,omitzero"`     // score given, [0,1]
		Grade     measure.Grade  `json:"grade,omitempty"`
		Next      NextStep       `json:"next,omitempty"`
	}

	// WaiverFact is the payload of finding.waived, waiver.ended and waiver.expired.
	// Why stays in the ledger.
	WaiverFact struct {
		Waiver  ID         `json:"waiver"`
		Rule    string     `json:"rule"`
		Subject Ref        `json:"subject"`
		Cycle   ID         `json:"cycle,omitempty"`
		Owner   ID         `json:"owner"`           // who answers for it
		Until   *time.Time `json:"until,omitempty"` // UTC instant
	}
)
