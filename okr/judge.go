package okr

import (
	"context"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// Verb names a decision.
type Verb string

// The verbs.
const (
	VerbSyncPeople Verb = "sync_people"
	VerbPropose    Verb = "propose"
	VerbActivate   Verb = "activate"
	VerbChange     Verb = "change"
	VerbCheckIn    Verb = "checkin"
	VerbRecord     Verb = "record"
	VerbSettle     Verb = "settle"
	VerbNotify     Verb = "notify"
	VerbReview     Verb = "review"
	VerbCarryOver  Verb = "carry_over"
	VerbClose      Verb = "close"
	VerbAlign      Verb = "align"
	VerbComment    Verb = "comment"
	VerbDecision   Verb = "decision" // people record what they decided
	VerbSession    Verb = "session"
	VerbGrant      Verb = "grant"
	VerbReport     Verb = "report" // reports are scheduled
	VerbDepend     Verb = "depend"
	VerbHandOver   Verb = "hand_over"
	VerbPack       Verb = "pack"     // a rule pack is put in force
	VerbPurpose    Verb = "purpose"  // it goes on record who reads figures for a purpose that needs a grant
	VerbView       Verb = "view"     // judged for reading, never refused
	VerbAppraise   Verb = "appraise" // read for its figures: scored, and asked no rule
	VerbDefer      Verb = "defer"
	VerbWaive      Verb = "waive"
	VerbSnooze     Verb = "snooze"
	VerbKPI        Verb = "kpi"     // define, change and retire one
	VerbMeasure    Verb = "measure" // record readings of a KPI
	VerbReset      Verb = "reset"   // start a reset, open its weeks, vouch for something in it, abandon it
	VerbErase      Verb = "erase"   // words, for good
	VerbPolicy     Verb = "policy"  // how the tenant keeps its rhythm

	VerbAcknowledge Verb = "acknowledge" // a check-in, or that one takes care of a silence
)

// Intent is what somebody is about to do, and to what.
type Intent struct {
	Verb     Verb
	Subjects []Ref
}

// Proposal is what a judge is asked about: the state before, the state that the
// decision would leave, and what was measured of the latter.
type Proposal struct {
	Intent
	Before, After *Snapshot
	Measured      map[ID]measure.Result // of After, by key result and objective
	Now           time.Time             // UTC instant
}

// Verdict is a judge's answer.
type Verdict struct {
	Findings []Finding
	Scores   map[ID]Judged         // by key result or objective, where a pack scores it; [0,1] unless the pack says otherwise
	Statuses map[ID]measure.Status // where a pack decides the status
	Rulings  map[ID]measure.Ruling // where Statuses come from, as far as the judge says
	Refused  bool                  // a rule in gate mode failed
	Look     []Look                // when a subject must be judged again though nothing was written; at the midnights of its cycle it is anyhow
}

// Judged is a score, and the rule it came from.
type Judged struct {
	Score  measure.Number `json:"score"`
	Rule   string         `json:"rule"`
	Pack   string         `json:"pack"`
	Digest string         `json:"digest"`

	Purpose Purpose `json:"purpose"` // what it was read for, see [View.For]
}

// Look is a time at which a subject must be looked at again.
type Look struct {
	Subject Ref
	At      time.Time
}

// Outcomes of a rule.
const (
	OutcomePass    = "pass"
	OutcomeFail    = "fail"
	OutcomeSkip    = "skip"    // the rule does not apply
	OutcomeUnknown = "unknown" // a fact it needs is not known
	OutcomeError   = "error"   // the rule itself broke
)

// Severities of a rule, in ascending order.
const (
	SeverityInfo    = "info"
	SeverityWarning = "warning"
	SeverityError   = "error"
)

// Finding is what a rule said of a subject. Passes and skips are not findings.
type Finding struct {
	Rule     string     `json:"rule"`
	Pack     string     `json:"pack"`
	Version  string     `json:"version"`
	Digest   string     `json:"digest,omitempty"`
	Severity string     `json:"severity"`
	Outcome  string     `json:"outcome"` // fail, unknown or error
	Gate     bool       `json:"gate,omitempty"`
	Subject  Ref        `json:"subject"`
	Cycle    ID         `json:"cycle,omitempty"` // of a team or a person: what they have taken on is judged by cycle
	Title    string     `json:"title"`           // the subject's, or its name
	Message  string     `json:"message"`
	Fix      string     `json:"fix,omitempty"`
	Help     string     `json:"help,omitempty"`
	Evidence []Evidence `json:"evidence,omitempty"`
	Unknown  []string   `json:"unknown,omitempty"` // names of the facts that are not known
	Waived   *Waived    `json:"waived,omitempty"`  // somebody answers for it; it holds nothing back
	Snoozed  *Snoozed   `json:"snoozed,omitempty"` // somebody has put it off; a gate holds all the same

	about Ref // of a check-in or a source: its key result
}

// About is what the finding is kept with: of a check-in or a source the key result, where
// a decision answers with it; else the subject.
func (f *Finding) About() Ref {
	if f.about != (Ref{}) {
		return f.about
	}
	return f.Subject
}

// Evidence is one named value that a finding rests on.
type Evidence struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Judge decides about quality, scores and statuses. It computes; it does no I/O,
// because it is called between a lock and a commit. Package audit implements it.
type Judge interface {
	// Starter lists the packs, with their text, that a tenant gets at its first
	// judged write.
	Starter() []Pack
	// Needs says what must be loaded to judge the intent under the packs in
	// force, and which of their texts the judge has not compiled yet.
	Needs(packs []Pack, in Intent) Collections
	// Judge answers for the packs in Proposal.After.Packs. Asked to settle a key
	// result or an objective it answers for all that it finds of it, of its source
	// and of its newest check-in; asked to view a cycle, without a subject, for
	// everything in it.
	Judge(ctx context.Context, p Proposal) (Verdict, error)
}

// Authorizer says whether the actor may do it; an error that matches
// [ErrDenied], or any other, stops the decision. It does no I/O that could block:
// it is called between a lock and a commit.
type Authorizer interface {
	Authorize(ctx context.Context, tenant TenantID, who Actor, in Intent) error
}

// Occurrence is one due date of a schedule. Its key is stable: it is the date that
// the schedule names, wherever that moved to because it was no working day.
type Occurrence struct {
	Key       string    `json:"key"`
	Opens     time.Time `json:"opens"`      // UTC instant from which a reminder makes sense
	Due       time.Time `json:"due"`        // UTC instant
	GraceEnds time.Time `json:"grace_ends"` // UTC instant after which it is overdue
}

// ScheduleChecker is a [Calendar] that knows which zones and holiday regions there are,
// so that a schedule that names another is refused where it is written down.
type ScheduleChecker interface {
	// CheckSchedule returns an [*InvalidError] whose field begins with the one given.
	CheckSchedule(field string, s Schedule) error
}

// Calendar turns schedules into occurrences. Package cadence implements it.
type Calendar interface {
	// Occurrences lists those whose due instant lies in (from, to], ascending.
	Occurrences(s Schedule, c Cycle, from, to time.Time) ([]Occurrence, error)
	// Later is the instant that many working days of the schedule after another, at
	// the same time of day.
	Later(s Schedule, c Cycle, from time.Time, workingDays int) (time.Time, error)
}
