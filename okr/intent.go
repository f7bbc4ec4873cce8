package okr

import (
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// CheckIn is a person's report on one key result: the value, how confident they
// are, what they say of it, what stands in the way. Beside the key result it says at
// least one of these; a check-in without a value records no reading.
type CheckIn struct {
	KeyResult  ID             `json:"key_result"`
	Value      measure.Number `json:"value,omitzero"`
	OccurredAt time.Time      `json:"occurred_at,omitzero"` // when the value was true; zero is now
	Confidence measure.Number `json:"confidence,omitzero"`  // 0-10
	Stated     measure.Status `json:"stated,omitempty"`     // on_track, at_risk or off_track
	Note       string         `json:"note,omitempty"`
	Blockers   []NewBlocker   `json:"blockers,omitempty"`
	Resolved   []Resolution   `json:"resolved,omitempty"` // blockers that no longer block
	Adjust     []Adjustment   `json:"adjust,omitempty"`   // of initiatives

	Unit       string          `json:"unit,omitempty"`       // of Value, to be sure of it: refused unless it is the metric's; "" is not said
	Milestones []string        `json:"milestones,omitempty"` // of milestones, in place of Value: the keys of those that are finished
	Zone       measure.Level   `json:"zone,omitempty"`       // of zones, in place of Value: the level that was reached
	Confirm    bool            `json:"confirm,omitempty"`    // in place of Value: what the source delivered last is right, and no new reading
	Override   *StatusOverride `json:"override,omitempty"`   // of the computed status; nil leaves it
	Key        string          `json:"-"`                    // idempotency key; "" is none

	session ID // in which it is said
}

// NewBlocker is a blocker raised in a check-in.
type NewBlocker struct {
	Kind  string `json:"kind,omitempty"` // people, dependency, decision, money, data, other; "" is other
	Text  string `json:"text"`
	Owner ID     `json:"owner,omitempty"` // who shall remove it; "" is the key result's owner
}

// Resolution closes a blocker.
type Resolution struct {
	Blocker ID     `json:"blocker"`
	How     string `json:"how"`
}

// Adjustment changes the initiatives of a key result: adds, finishes or drops the
// one with the title.
type Adjustment struct {
	Do     string `json:"do"` // add, finish, drop
	Title  string `json:"title"`
	Reason string `json:"reason,omitempty"`
}

// Collected is what a data source delivered for one key result: readings, or the
// error that kept it from delivering. An error becomes the source's health and
// never a reading.
type Collected struct {
	KeyResult ID            `json:"key_result,omitempty"` // or else:
	KPI       ID            `json:"kpi,omitempty"`        // what is recorded of it is recorded of every active key result that it measures
	Readings  []Measurement `json:"readings,omitempty"`
	Source    string        `json:"source"`          // kind or name of the source
	Error     string        `json:"error,omitempty"` // "" is none
	Key       string        `json:"-"`               // idempotency key; "" is none
}

// Measurement is a number and when it was true.
type Measurement struct {
	Value      measure.Number `json:"value"`
	OccurredAt time.Time      `json:"occurred_at"` // UTC instant
	Corrects   ID             `json:"corrects,omitempty"`
	Unit       string         `json:"unit,omitempty"` // of Value, to be sure of it: refused unless it is the metric's; "" is not said
}

// Activation makes drafts active: the named key results and objectives, or every
// draft of the cycle. Rules in gate mode may refuse it.
type Activation struct {
	Cycle    ID    `json:"cycle,omitempty"`
	Subjects []Ref `json:"subjects,omitempty"`
	// Dropping says what is postponed or abandoned instead, where a team would have
	// more active objectives than its limit.
	Dropping []NewDeferral `json:"dropping,omitempty"`
	Key      string        `json:"-"` // idempotency key; "" is none
}

// KeyResultChange changes what a key result means or whose it is. Nil fields
// stay as they are. After activation a change of title, baseline, target, metric
// or due date needs a reason.
type KeyResultChange struct {
	KeyResult  ID              `json:"key_result"`
	Title      *string         `json:"title,omitempty"`
	Definition *string         `json:"definition,omitempty"`
	Rationale  *string         `json:"rationale,omitempty"`
	Owner      *ID             `json:"owner,omitempty"`
	Metric     *measure.Metric `json:"metric,omitempty"`
	Weight     *measure.Number `json:"weight,omitempty"`
	Role       *Role           `json:"role,omitempty"`
	KPI        *ID             `json:"kpi,omitempty"` // that measures it from now on; "" is none
	Due        *Date           `json:"due,omitempty"`
	Source     *Source         `json:"source,omitempty"`
	Cadence    *Schedule       `json:"cadence,omitempty"`
	State      *State          `json:"state,omitempty"`    // postponed, abandoned, done, or active again
	Override   *StatusOverride `json:"override,omitempty"` // of the computed status; it carries a reason of its own
	Reason     string          `json:"reason,omitempty"`
	Version    int64           `json:"version,omitempty"` // refuse unless the key result has this version; 0 is any
	Key        string          `json:"-"`
}

// Directory is what the host knows of people and teams: rows to add or change.
// Rows that it does not name stay as they are.
type Directory struct {
	People []Person `json:"people,omitempty"`
	Teams  []Team   `json:"teams,omitempty"`
	Key    string   `json:"-"`
}

// Notice is a message to a person, rendered.
type Notice struct {
	To    ID       `json:"to"`
	About []string `json:"about"` // ids of the events it tells of
	Kind  string   `json:"kind"`  // checkin-due, checkin-overdue, blocker, …
	Title string   `json:"title"`
	Body  string   `json:"body"`
	Link  string   `json:"link,omitempty"`

	// What channels add to a message they say in its language: each has no words of its
	// own. Unlike title and body these stand in the ledger as they are, so they name nobody.
	Language        string `json:"language,omitempty"`         // BCP 47, of title and body; "" is not said
	LinkText        string `json:"link_text,omitempty"`        // on what leads to the link, such as a button
	UnsubscribeText string `json:"unsubscribe_text,omitempty"` // on what leads to where such messages are turned off

	Urgent bool `json:"urgent,omitempty"` // it goes whatever the budget of notices says
}

// Decision is what a call decided.
type Decision struct {
	Subjects []Outcome `json:"subjects,omitempty"`
	Findings []Finding `json:"findings,omitempty"`
	Events   []Event   `json:"events,omitempty"`
	// Audience are events written earlier by the host's own calls that were
	// waiting for somebody to tell the people concerned; only Settle fills it.
	Audience []Event `json:"audience,omitempty"`
	// Deliveries are what people may be told now, where they were settled.
	Deliveries []Delivery `json:"deliveries,omitempty"`
	Repeated   bool       `json:"repeated,omitempty"` // the idempotency key was seen before: this is the first decision again
}

// Outcome is what the decision did to one subject.
type Outcome struct {
	Ref
	Key    string    `json:"key,omitempty"` // the plan key
	At     Position  `json:"at,omitzero"`   // of a plan that came from a file
	Before Appraisal `json:"before,omitzero"`
	After  Appraisal `json:"after"`
}

// Appraisal is what was measured and judged of a subject.
type Appraisal struct {
	measure.Result
	State State   `json:"state,omitempty"`
	Score *Judged `json:"score,omitempty"`
}
