package okr

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// Payloads are thin: ids, titles, numbers, dates. They hold no notes and no
// addresses. Those that tell of a private objective, its key results or what
// concerns them say private, and hold neither title nor number nor status: whoever
// may see it reads it. That there is something private, what happened to it when, and
// who did it, everybody on the bus can tell by type, ids and instant; [View.Events]
// answers nobody who may not see it.
type (
	// KeyResultFact says which key result an event concerns. It is the payload of
	// key_result.created, changed, activated and owner-left, and part of the
	// others.
	KeyResultFact struct {
		KeyResult ID     `json:"key_result"`
		Title     string `json:"title"`
		Objective ID     `json:"objective"`
		Cycle     ID     `json:"cycle"`
		Team      ID     `json:"team,omitempty"`
		Owner     ID     `json:"owner,omitempty"`
		Private   bool   `json:"private,omitempty"` // its objective is private: title, numbers and statuses stay at home
	}

	// KeyResultDefined is the payload of key_result.created, changed, activated
	// and target-moved.
	KeyResultDefined struct {
		KeyResultFact
		State    State          `json:"state"`
		Unit     string         `json:"unit,omitempty"`
		Kind     measure.Kind   `json:"kind,omitempty"`
		Baseline measure.Number `json:"baseline"`
		Target   measure.Number `json:"target"`
		Due      Date           `json:"due"`
		Changed  []string       `json:"changed,omitempty"` // names of the fields that changed; the reason stays in the ledger
		Was      Terms          `json:"was,omitzero"`      // of key_result.changed: as it was before, where its owner may care
	}

	// StatusChanged is the payload of key_result.status-changed.
	StatusChanged struct {
		KeyResultFact
		From     measure.Status `json:"from,omitempty"`
		To       measure.Status `json:"to"`
		Progress measure.Number `json:"progress"` // [0,1]
		Expected measure.Number `json:"expected"` // [0,1]
		Gap      measure.Number `json:"gap"`      // share of the way

		ObjectiveOwner ID `json:"objective_owner,omitempty"` // where it is somebody else
		By             ID `json:"by,omitempty"`              // the person with whose act it came; "" is a program's, or that time has passed
	}

	// ConfidenceDropped is the payload of key_result.confidence-dropped.
	ConfidenceDropped struct {
		KeyResultFact
		From measure.Number `json:"from"` // 0-10
		To   measure.Number `json:"to"`   // 0-10
	}

	// CheckInRecorded is the payload of checkin.recorded and checkin.late.
	CheckInRecorded struct {
		KeyResultFact
		CheckIn    ID             `json:"checkin"`
		Value      measure.Number `json:"value"`
		Confidence measure.Number `json:"confidence"` // 0-10
		Stated     measure.Status `json:"stated,omitempty"`
		Status     measure.Status `json:"status"`
		Progress   measure.Number `json:"progress"` // [0,1]
		OccurredAt time.Time      `json:"occurred_at"`
		Blockers   int            `json:"blockers,omitempty"` // opened with it
		Occurrence string         `json:"occurrence,omitempty"`
		Imported   bool           `json:"imported,omitempty"` // a plan brought it along from elsewhere: no news, and nobody is to hear of it
	}

	// ReadingRecorded is the payload of reading.recorded and reading.corrected.
	ReadingRecorded struct {
		KeyResultFact
		Reading    ID             `json:"reading"`
		Value      measure.Number `json:"value"`
		OccurredAt time.Time      `json:"occurred_at"`
		Source     string         `json:"source"`
		Corrects   ID             `json:"corrects,omitempty"`
		Imported   bool           `json:"imported,omitempty"` // a plan brought it along from elsewhere: no news, and nobody is to hear of it
	}

	// SourceFact is the payload of source.failed and source.recovered.
	SourceFact struct {
		KeyResultFact
		Source string `json:"source"`
	}

	// OccurrenceFact is the payload of checkin.due, overdue, missed, excused, skipped
	// and escalated. That it is due or overdue is said again where somebody else is asked
	// since.
	OccurrenceFact struct {
		KeyResultFact
		Occurrence  string    `json:"occurrence"` // of checkin.escalated: the one with which the silence began
		Due         time.Time `json:"due"`
		OverdueDays int       `json:"overdue_days,omitempty"` // whole days past due
		To          ID        `json:"to,omitempty"`           // who is asked, or told, where it is not the owner
		Rung        RungRole  `json:"rung,omitempty"`         // of checkin.escalated: as what they are told
		Why         string    `json:"why,omitempty"`          // of checkin.skipped: live, recent

		SilentSince *time.Time `json:"silent_since,omitempty"` // of checkin.overdue and missed: when the first of those that nobody answered was due, where it was an earlier one
	}

	// AcknowledgedFact is the payload of checkin.acknowledged: somebody has read a
	// check-in, or takes care of a silence.
	AcknowledgedFact struct {
		KeyResultFact
		CheckIn ID         `json:"checkin,omitempty"`
		Author  ID         `json:"author,omitempty"` // of the check-in
		By      ID         `json:"by"`
		Until   *time.Time `json:"until,omitempty"` // UTC instant up to which they take care of a silence
	}

	// BlockerFact is the payload of blocker.opened and blocker.closed.
	BlockerFact struct {
		KeyResultFact
		Blocker     ID         `json:"blocker"`
		BlockerKind string     `json:"blocker_kind,omitempty"`
		BlockedBy   ID         `json:"blocker_owner,omitempty"` // who shall remove it
		OpenedAt    time.Time  `json:"opened_at"`
		ClosedAt    *time.Time `json:"closed_at,omitempty"`
	}

	// ObjectiveFact is the payload of objective events.
	ObjectiveFact struct {
		Objective ID             `json:"objective"`
		Title     string         `json:"title"`
		Cycle     ID             `json:"cycle"`
		Team      ID             `json:"team,omitempty"`
		Owner     ID             `json:"owner,omitempty"`
		Private   bool           `json:"private,omitempty"` // title, numbers and statuses stay at home
		State     State          `json:"state"`
		From      measure.Status `json:"from,omitempty"` // of objective.status-changed
		To        measure.Status `json:"to,omitempty"`
		Progress  measure.Number `json:"progress,omitzero"`
		Coverage  float64        `json:"coverage,omitempty"`
		Changed   []string       `json:"changed,omitempty"`
		Was       Terms          `json:"was,omitzero"` // of objective.changed: as it was before, where its owner may care
	}

	// CycleFact is the payload of cycle events.
	CycleFact struct {
		Cycle ID     `json:"cycle"`
		Key   string `json:"key"`
		Name  string `json:"name"`
		Zone  string `json:"zone"`
		Start Date   `json:"start"`
		End   Date   `json:"end"`

		Parent   ID                     `json:"parent,omitempty"`
		Outcomes map[measure.Status]int `json:"outcomes,omitempty"` // of cycle.closed: how many key results that are not private came to what
		Hidden   int                    `json:"hidden,omitempty"`   // of cycle.closed: how many more are private
	}

	// PersonFact is the payload of person.changed.
	PersonFact struct {
		Person ID   `json:"person"`
		Team   ID   `json:"team,omitempty"`
		Left   bool `json:"left,omitempty"`
	}

	// TeamFact is the payload of team.changed.
	TeamFact struct {
		Team ID     `json:"team"`
		Name string `json:"name"`
		Lead ID     `json:"lead,omitempty"`
	}

	// PackFact is the payload of pack.activated and pack.deactivated.
	PackFact struct {
		Pack    string `json:"pack"`
		Version string `json:"version"`
		Digest  string `json:"digest"`
	}

	// NoticeFact is the payload of notice.ready: a message to a person, rendered.
	NoticeFact struct {
		To    ID       `json:"to"`
		About []string `json:"about"` // ids of the events it tells of
		Kind  string   `json:"kind"`
		Title string   `json:"title"`
		Body  string   `json:"body"`
		Link  string   `json:"link,omitempty"`

		Language        string `json:"language,omitempty"`         // BCP 47, of title and body; "" is not said
		LinkText        string `json:"link_text,omitempty"`        // on what leads to the link, such as a button
		UnsubscribeText string `json:"unsubscribe_text,omitempty"` // on what leads to where such messages are turned off

		Urgent bool `json:"urgent,omitempty"` // whoever sent it let no budget hold it back
	}
)

// Payload decodes the event's data into the payload type of its event type, a
// pointer. For a type that this version does not know it is the raw JSON.
func (e Event) Payload() (any, error) {
	p := newPayload(e.Type)
	if p == nil {
		return e.Data, nil
	}
	if err := json.Unmarshal(e.Data, p); err != nil {
		return nil, fmt.Errorf("okr: event %s of type %s: %w", e.ID, e.Type, err)
	}
	return p, nil
}

func newPayload(eventType string) any {
	switch eventType {
	case EventCycleCreated, EventCycleChanged, EventCycleClosed:
		return new(CycleFact)
	case EventPersonChanged:
		return new(PersonFact)
	case EventTeamChanged:
		return new(TeamFact)
	case EventObjectiveCreated, EventObjectiveChanged, EventObjectiveActive, EventObjectiveStatus:
		return new(ObjectiveFact)
	case EventKeyResultCreated, EventKeyResultChanged, EventKeyResultActive, EventTargetMoved:
		return new(KeyResultDefined)
	case EventKeyResultEnded:
		return new(KeyResultEnded)
	case EventObjectiveEnded:
		return new(ObjectiveEnded)
	case EventKeyResultCarried:
		return new(KeyResultCarried)
	case EventObjectiveCarried:
		return new(ObjectiveCarried)
	case EventForecastMiss:
		return new(ForecastMissed)
	case EventReviewRecorded:
		return new(ReviewFact)
	case EventFindingWaived, EventWaiverEnded, EventWaiverExpired:
		return new(WaiverFact)
	case EventFindingOpened, EventFindingReturned, EventFindingResolved:
		return new(FindingFact)
	case EventFindingSnoozed:
		return new(SnoozeFact)
	case EventOwnerLeft:
		return new(KeyResultFact)
	case EventStatusChanged:
		return new(StatusChanged)
	case EventConfidenceDropped:
		return new(ConfidenceDropped)
	case EventReadingRecorded, EventReadingCorrected:
		return new(ReadingRecorded)
	case EventCheckInRecorded, EventCheckInLate:
		return new(CheckInRecorded)
	case EventCheckInDue, EventCheckInOverdue, EventCheckInMissed, EventCheckInExcused, EventCheckInSkipped, EventCheckInEscalated:
		return new(OccurrenceFact)
	case EventCheckInAcknowledged:
		return new(AcknowledgedFact)
	case EventBlockerOpened, EventBlockerClosed:
		return new(BlockerFact)
	case EventSourceFailed, EventSourceRecovered:
		return new(SourceFact)
	case EventPurposeUsed, EventPurposeRefused:
		return new(PurposeFact)
	case EventDependencyAsked, EventDependencyPromised, EventDependencyDeclined, EventDependencyDone:
		return new(DependencyFact)
	case EventHandedOver:
		return new(HandedOver)
	case EventPackActivated, EventPackDeactivated:
		return new(PackFact)
	case EventWordsErased:
		return new(WordsErased)
	case EventNoticeReady:
		return new(NoticeFact)
	case EventNoticeDropped:
		return new(NoticeDropped)
	case EventCommentAdded, EventCommentEdited, EventCommentRemoved:
		return new(CommentFact)
	case EventDecisionRecorded:
		return new(DecisionFact)
	case EventSessionDue:
		return new(SessionDueFact)
	case EventSessionHeld:
		return new(SessionFact)
	case EventReportScheduled, EventReportDue:
		return new(ReportFact)
	case EventGrantGiven, EventGrantRevoked:
		return new(GrantFact)
	case EventKPIDefined, EventKPIChanged, EventKPIRetired:
		return new(KPIFact)
	case EventKPIRecorded, EventKPICorrected:
		return new(KPIReading)
	case EventKPISourceFailed, EventKPISourceRecovered:
		return new(KPISource)
	case EventPolicyChanged:
		return new(PolicyFact)
	case EventResetStarted, EventResetWeekOpened, EventResetVouched, EventResetFinished, EventResetAbandoned:
		return new(ResetFact)
	case EventDeferralAdded, EventDeferralChanged, EventDeferralTakenUp:
		return new(DeferralFact)
	}
	return nil
}
