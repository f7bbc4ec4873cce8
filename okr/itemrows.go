package okr

import (
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// KPI is a figure that a team watches for as long as it runs: it has no end date,
// and a history. A key result or a guardrail may be measured by it, so that its
// readings are theirs.
type KPI struct {
	ID         ID             `json:"id"` // the host's, or given
	Name       string         `json:"name"`
	Definition string         `json:"definition,omitempty"` // what exactly is counted
	Owner      ID             `json:"owner,omitempty"`      // a person
	Team       ID             `json:"team,omitempty"`
	Metric     measure.Metric `json:"metric,omitzero"` // its healthy range, such as at least 95 %
	Source     *Source        `json:"source,omitempty"`
	Cadence    *Schedule      `json:"cadence,omitempty"`
	Retired    bool           `json:"retired,omitempty"`
	Current    measure.Number `json:"current,omitzero"`
	CurrentAt  *time.Time     `json:"current_at,omitempty"` // when the value was true, UTC
	Reading    ID             `json:"reading,omitempty"`    // where Current comes from
	Version    int64          `json:"version"`
}

// Waiver lets a subject be as a rule does not want it, by name, with a reason and
// until a day.
type Waiver struct {
	ID      ID         `json:"id"`
	Rule    string     `json:"rule"` // id of the rule
	Subject Ref        `json:"subject"`
	Cycle   ID         `json:"cycle,omitempty"`
	Owner   ID         `json:"owner"` // the person who answers for it
	Reason  string     `json:"reason"`
	Until   *time.Time `json:"until,omitempty"`  // UTC instant from which the finding counts again; nil is until its cycle is closed
	Snooze  bool       `json:"snooze,omitempty"` // it is only put off: nobody answers for it, and a gate holds, see [Tenant.Snooze]
	By      Actor      `json:"by"`
	At      time.Time  `json:"at"`                // UTC instant
	Ended   *time.Time `json:"ended,omitempty"`   // UTC instant at which somebody ended it early
	Expired bool       `json:"expired,omitempty"` // that its day has come was told
	Version int64      `json:"version"`
}

// Comment is what somebody said of an objective or a key result: a key result is
// clear, and debatable in a productive way.
type Comment struct {
	ID      ID        `json:"id"`
	Subject Ref       `json:"subject"`
	Cycle   ID        `json:"cycle,omitempty"`
	ReplyTo ID        `json:"reply_to,omitempty"` // another comment
	Author  Actor     `json:"author"`
	Text    string    `json:"text,omitempty"`
	At      time.Time `json:"at"` // UTC instant
	Edited  bool      `json:"edited,omitempty"`
	Removed bool      `json:"removed,omitempty"` // its author took it back
	Version int64     `json:"version"`
}

// DecisionRecord is a decision that people took because of what an objective or a
// key result told them; [Decision] is what a call of the desk decided.
type DecisionRecord struct {
	ID      ID        `json:"id"`
	Subject Ref       `json:"subject"` // key result, objective, team or cycle
	Cycle   ID        `json:"cycle,omitempty"`
	Session ID        `json:"session,omitempty"` // where it was taken
	Text    string    `json:"text"`
	Reason  string    `json:"reason,omitempty"`
	Owner   ID        `json:"owner,omitempty"` // who sees it through
	By      Actor     `json:"by"`
	At      time.Time `json:"at"` // UTC instant
	Version int64     `json:"version"`
}

// Deferral is an entry of the not-doing list: what a team does not do in a cycle,
// and why. An objective that is postponed or abandoned stands on it until it is
// taken up again.
type Deferral struct {
	ID        ID         `json:"id"`
	Cycle     ID         `json:"cycle"`
	Team      ID         `json:"team,omitempty"`
	Title     string     `json:"title"`
	Reason    string     `json:"reason"`
	Objective ID         `json:"objective,omitempty"` // the objective that was dropped, if it was one
	As        State      `json:"as,omitempty"`        // what became of the objective: postponed or abandoned
	Was       State      `json:"was,omitempty"`       // of the objective, before
	With      []Dropped  `json:"with,omitempty"`      // the key results that went with it
	InFavour  ID         `json:"in_favour,omitempty"` // the objective that took its place
	Revisit   Date       `json:"revisit,omitzero"`    // when to think of it again
	TakenUp   *time.Time `json:"taken_up,omitempty"`  // UTC instant at which it left the list
	By        Actor      `json:"by"`
	At        time.Time  `json:"at"` // UTC instant
	Version   int64      `json:"version"`
}

// Dropped is a key result that was dropped with its objective.
type Dropped struct {
	KeyResult ID    `json:"key_result"`
	Was       State `json:"was"`
}

// SessionKind says what people met for.
type SessionKind string

// The kinds of session.
const (
	PlanningSession SessionKind = "planning"
	CheckInSession  SessionKind = "checkin"
	ReviewSession   SessionKind = "review"
)

// Session is a meeting that was held: goal setting, check-in or review.
type Session struct {
	ID      ID          `json:"id"`
	Kind    SessionKind `json:"kind"`
	Cycle   ID          `json:"cycle"`
	Team    ID          `json:"team,omitempty"` // "" is everybody
	Held    Date        `json:"held"`
	People  []ID        `json:"people"`            // who was there
	Minutes int         `json:"minutes,omitempty"` // that it took; 0 is not known
	Notes   string      `json:"notes,omitempty"`

	Expected   int `json:"expected,omitempty"`    // minutes that its agenda reckoned with; 0 is not known
	KeyResults int `json:"key_results,omitempty"` // how many were checked in
	Active     int `json:"active,omitempty"`      // of how many active ones of the team, when it was recorded

	By      Actor     `json:"by"`
	At      time.Time `json:"at"` // UTC instant at which it was recorded
	Version int64     `json:"version"`
}

// ReviewRecord is what was found at the end about an objective, a key result, a team or
// the whole cycle: hit or missed, graded, and what was learned.
type ReviewRecord struct {
	ID        ID             `json:"id"`
	Subject   Ref            `json:"subject"`
	Cycle     ID             `json:"cycle"`
	Learned   string         `json:"learned,omitempty"`
	Why       string         `json:"why,omitempty"` // of a miss
	Next      NextStep       `json:"next,omitempty"`
	Suggested measure.Number `json:"suggested,omitzero"` // score computed when it was reviewed, [0,1]; the one that counts is frozen in [Ending] at the close
	Final     measure.Number `json:"final,omitzero"`     // score given by people, [0,1]
	Reason    string         `json:"reason,omitempty"`   // where Final is not Suggested
	Outcome   measure.Status `json:"outcome,omitempty"`  // of a key result, as computed when it was reviewed
	By        Actor          `json:"by"`
	At        time.Time      `json:"at"` // UTC instant
	Version   int64          `json:"version"`
}

// Grant allows scores of a cycle to be read for a purpose that is refused
// otherwise, such as compensation.
type Grant struct {
	ID      ID         `json:"id"`
	Cycle   ID         `json:"cycle"`
	Purpose Purpose    `json:"purpose"`
	Reason  string     `json:"reason"`
	By      Actor      `json:"by"`
	At      time.Time  `json:"at"`                // UTC instant
	Revoked *time.Time `json:"revoked,omitempty"` // UTC instant
	Version int64      `json:"version"`
}

// Purpose is what figures are read for.
type Purpose string

// The purposes. Alignment is the default; compensation needs a [Grant].
const (
	ForAlignment    Purpose = "" // steering and learning
	ForCompensation Purpose = "compensation"
)

// Dependency is what one team needs of another to reach a key result.
type Dependency struct {
	ID     ID              `json:"id"`
	From   Ref             `json:"from"` // the key result or objective that depends
	To     Ref             `json:"to"`   // the team, objective or key result that is depended on
	Cycle  ID              `json:"cycle,omitempty"`
	Text   string          `json:"text"`
	Due    Date            `json:"due,omitzero"`
	State  DependencyState `json:"state"`
	Owner  ID              `json:"owner,omitempty"`  // who answers for it
	Answer string          `json:"answer,omitempty"` // why it was answered as it was
	By     Actor           `json:"by"`
	At     time.Time       `json:"at"` // UTC instant

	AnsweredBy Actor     `json:"answered_by,omitzero"`
	AnsweredAt time.Time `json:"answered_at,omitzero"` // UTC instant

	Version int64 `json:"version"`
}

// DependencyState is where a dependency stands.
type DependencyState string

// The states of a dependency.
const (
	DependencyAsked    DependencyState = "asked"
	DependencyPromised DependencyState = "promised"
	DependencyDone     DependencyState = "done"
	DependencyDeclined DependencyState = "declined"
)

func (x KPI) ref() Ref            { return Ref{KindKPI, x.ID} }
func (x Waiver) ref() Ref         { return Ref{KindWaiver, x.ID} }
func (x Comment) ref() Ref        { return Ref{KindComment, x.ID} }
func (x DecisionRecord) ref() Ref { return Ref{KindDecision, x.ID} }
func (x Deferral) ref() Ref       { return Ref{KindDeferral, x.ID} }
func (x Session) ref() Ref        { return Ref{KindSession, x.ID} }
func (x ReviewRecord) ref() Ref   { return Ref{KindReview, x.ID} }
func (x Grant) ref() Ref          { return Ref{KindGrant, x.ID} }
func (x Dependency) ref() Ref     { return Ref{KindDependency, x.ID} }

func (x KPI) reached() int64            { return x.Version }
func (x Waiver) reached() int64         { return x.Version }
func (x Comment) reached() int64        { return x.Version }
func (x DecisionRecord) reached() int64 { return x.Version }
func (x Deferral) reached() int64       { return x.Version }
func (x Session) reached() int64        { return x.Version }
func (x ReviewRecord) reached() int64   { return x.Version }
func (x Grant) reached() int64          { return x.Version }
func (x Dependency) reached() int64     { return x.Version }

func (x KPI) concerns() (Ref, ID)            { return teamOr(x.Team, ""), "" }
func (x Waiver) concerns() (Ref, ID)         { return x.Subject, x.Cycle }
func (x Comment) concerns() (Ref, ID)        { return x.Subject, x.Cycle }
func (x DecisionRecord) concerns() (Ref, ID) { return x.Subject, x.Cycle }
func (x Deferral) concerns() (Ref, ID)       { return teamOr(x.Team, x.Cycle), x.Cycle }
func (x Session) concerns() (Ref, ID)        { return teamOr(x.Team, x.Cycle), x.Cycle }
func (x ReviewRecord) concerns() (Ref, ID)   { return x.Subject, x.Cycle }
func (x Grant) concerns() (Ref, ID)          { return Ref{KindCycle, x.Cycle}, x.Cycle }
func (x Dependency) concerns() (Ref, ID)     { return x.From, x.Cycle }

// teamOr is the team, or else the cycle, or else nothing in particular.
func teamOr(team, cycle ID) Ref {
	switch {
	case team != "":
		return Ref{KindTeam, team}
	case cycle != "":
		return Ref{KindCycle, cycle}
	}
	return Ref{}
}

func (x KPI) at(version int64, word func(string, *string)) item {
	x.Version = version
	word("definition", &x.Definition)
	if x.Source != nil {
		s := x.Source.words(word)
		x.Source = &s
	}
	return x
}

func (x Waiver) at(version int64, word func(string, *string)) item {
	x.Version = version
	word("reason", &x.Reason)
	return x
}

func (x Comment) at(version int64, word func(string, *string)) item {
	x.Version = version
	word("text", &x.Text)
	return x
}

func (x DecisionRecord) at(version int64, word func(string, *string)) item {
	x.Version = version
	word("text", &x.Text)
	word("reason", &x.Reason)
	return x
}

func (x Deferral) at(version int64, word func(string, *string)) item {
	x.Version = version
	word("reason", &x.Reason)
	return x
}

func (x Session) at(version int64, word func(string, *string)) item {
	x.Version = version
	word("notes", &x.Notes)
	return x
}

func (x ReviewRecord) at(version int64, word func(string, *string)) item {
	x.Version = version
	word("learned", &x.Learned)
	word("why", &x.Why)
	word("reason", &x.Reason)
	return x
}

func (x Grant) at(version int64, word func(string, *string)) item {
	x.Version = version
	word("reason", &x.Reason)
	return x
}

func (x Dependency) at(version int64, word func(string, *string)) item {
	x.Version = version
	word("text", &x.Text)
	word("answer", &x.Answer)
	return x
}
