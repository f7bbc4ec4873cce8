package okr

import (
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// Date is a civil date, in the zone of the cycle that it belongs to.
type Date = measure.Date

// PersonKind tells a human being from an address that merely looks like one.
type PersonKind string

// The kinds of person row.
const (
	Human PersonKind = "human"
	Group PersonKind = "group" // a group address, a role, a mailbox: never an owner of a key result
)

// Person is a row that the host synchronises with [Tenant.SyncPeople].
type Person struct {
	ID      ID         `json:"id"` // the host's
	Name    string     `json:"name"`
	Email   string     `json:"email,omitempty"` // used to match owners in plan files, never put on the wire
	Kind    PersonKind `json:"kind"`            // "" is human
	Left    bool       `json:"left,omitempty"`  // no longer active
	Team    ID         `json:"team,omitempty"`  // home team
	Zone    string     `json:"zone,omitempty"`  // IANA name; "" is the cycle's
	Version int64      `json:"version"`

	Manager  ID     `json:"manager,omitempty"`  // hears of nothing, unless the policy and the host both ask for it
	Backup   ID     `json:"backup,omitempty"`   // is asked while the person is away, and hears of their silence
	Away     []Span `json:"away,omitempty"`     // civil dates in the person's zone, on which they are asked for nothing
	Language string `json:"language,omitempty"` // BCP 47, such as de-CH; "" is the host's default
	Region   string `json:"region,omitempty"`   // of the holiday calendar, such as CH-ZH; "" is the schedule's

	// AwayText is what the ledger keeps in the place of Away, whose days are as
	// personal as a name: a reference that can be erased. Elsewhere it is "".
	AwayText string `json:"away_text,omitempty"`
}

// Team is a row that the host synchronises with [Tenant.SyncPeople].
type Team struct {
	ID      ID        `json:"id"` // the host's
	Name    string    `json:"name"`
	Lead    ID        `json:"lead,omitempty"`
	Parent  ID        `json:"parent,omitempty"`
	Cadence *Schedule `json:"cadence,omitempty"` // check-in rhythm of its key results that declare none
	Limit   int       `json:"limit,omitempty"`   // most active objectives in a cycle; 0 is no limit
	Version int64     `json:"version"`
}

// Phase is the part of a cycle that a civil date falls into.
type Phase string

// The phases.
const (
	Planning Phase = "planning" // before the first day
	Running  Phase = "active"   // from the first to the last day
	Review   Phase = "review"   // after the last day, until closed
	Closed   Phase = "closed"
)

// Cycle is a span of civil dates in its own zone, usually a quarter.
type Cycle struct {
	ID       ID         `json:"id"`
	Key      string     `json:"key"` // unique within the tenant, such as 2026-Q4
	Name     string     `json:"name"`
	Zone     string     `json:"zone"`  // IANA name
	Start    Date       `json:"start"` // first day
	End      Date       `json:"end"`   // last day
	Cadence  *Schedule  `json:"cadence,omitempty"`
	ClosedAt *time.Time `json:"closed_at,omitempty"` // UTC instant
	Version  int64      `json:"version"`

	Parent          ID            `json:"parent,omitempty"`           // the longer cycle that it lies in, such as the year of a quarter
	Bands           measure.Bands `json:"bands,omitzero"`             // what separates on track from at risk and off track; zero is [measure.DefaultBands]
	GradeObjectives bool          `json:"grade_objectives,omitempty"` // grade objectives as well, and not only their key results

	Phases   []CyclePhase   `json:"phases,omitempty"`   // parts that have names of the host's
	Sessions []CycleSession `json:"sessions,omitempty"` // meetings that it provides for; none is a usual planning and review, which are not announced

	Turn int64 `json:"-"` // how often it was written or met at, see Changes.Meet; 0 in what views show
}

// Location is the cycle's time zone.
func (c Cycle) Location() (*time.Location, error) {
	loc, err := zones.load(c.Zone)
	if err != nil || c.Zone == "" || c.Zone == "Local" {
		return nil, invalid("cycle.zone", c.Zone, "use a name of the IANA time zone database, such as Europe/Zurich or UTC")
	}
	return loc, nil
}

// Today is the civil date in the cycle's zone at the instant, UTC's if the zone
// is unknown.
func (c Cycle) Today(now time.Time) Date {
	loc, err := c.Location()
	if err != nil {
		loc = time.UTC
	}
	return measure.DateOf(now.In(loc))
}

// closed says whether the phase at the instant is [Closed], without asking for the
// zone.
func (c Cycle) closed(now time.Time) bool { return c.ClosedAt != nil && !now.Before(*c.ClosedAt) }

// Phase is the phase at the instant.
func (c Cycle) Phase(now time.Time) Phase {
	if c.closed(now) {
		return Closed
	}
	today := c.Today(now)
	switch {
	case today.Before(c.Start):
		return Planning
	case today.After(c.End):
		return Review
	}
	return Running
}

// State is where an objective or a key result stands in its life.
type State string

// The states.
const (
	Draft     State = "draft"
	Active    State = "active"
	Postponed State = "postponed"
	Abandoned State = "abandoned"
	Done      State = "done"
)

// Objective is what shall be achieved, in plain language. A team or a person may
// own it.
type Objective struct {
	ID          ID           `json:"id"`
	Key         string       `json:"key"` // plan key, unique within the cycle
	Cycle       ID           `json:"cycle"`
	Title       string       `json:"title"`
	Description string       `json:"description,omitempty"`
	Committed   bool         `json:"committed,omitempty"` // false is aspirational
	Rank        int          `json:"rank,omitempty"`      // 1 is first within the team; 0 is unranked
	Owner       ID           `json:"owner,omitempty"`     // a person
	OwnerText   string       `json:"owner_text,omitempty"`
	Team        ID           `json:"team,omitempty"`
	TeamText    string       `json:"team_text,omitempty"` // what a plan says of the team, where it names no known team
	Parents     []Share      `json:"parents,omitempty"`
	Private     bool         `json:"private,omitempty"`      // not for everybody to see, nor are its key results; see Viewer
	StatedScore *StatedScore `json:"stated_score,omitempty"` // what people said came of it
	State       State        `json:"state"`
	Version     int64        `json:"version"`

	// Rollup says which parts its figures are made of, and how. The zero value is
	// the mean of its own key results by weight.
	Rollup measure.RollupPolicy `json:"rollup,omitzero"`

	CarriedFrom ID      `json:"carried_from,omitempty"` // the objective of an earlier cycle that it goes on with
	CarriedTo   ID      `json:"carried_to,omitempty"`   // the objective of a later cycle that goes on with it
	Ending      *Ending `json:"ending,omitempty"`       // what became of it; nil until its cycle is closed
}

// Share is an objective that this one contributes to, where that one's rollup
// counts its children.
type Share struct {
	Objective ID             `json:"objective"`
	Weight    measure.Number `json:"weight,omitzero"` // unknown is 1; 0 is aligned without contributing
}

// Interval is how often something happens. Its text forms are "hourly",
// "daily", "weekly", "monthly", "quarterly", or a number with h, d or w such as
// "6h" or "14d"; the zero value is not declared.
type Interval time.Duration

// Source says where a key result's number comes from: where, how often, and who
// has access.
type Source struct {
	Kind     string   `json:"kind,omitempty"`     // manual, sql, http, sheet, …; manual is legal
	Where    string   `json:"where,omitempty"`    // the dashboard, table, report or person that holds the number
	Interval Interval `json:"interval,omitempty"` // how often it is updated
	Access   []string `json:"access,omitempty"`   // who can read it: person ids, groups, everyone; a plan may name people by name or address
}

// Initiative is work that shall move a key result. Tasks have their home here.
type Initiative struct {
	Title string `json:"title"`
	Owner ID     `json:"owner,omitempty"`
	Done  bool   `json:"done,omitempty"`
	Link  string `json:"link,omitempty"`
}

// Definition is what a key result meant at one time: what a promise is held to.
type Definition struct {
	Title      string         `json:"title"`
	Definition string         `json:"definition,omitempty"` // what exactly is counted
	Metric     measure.Metric `json:"metric"`
	Due        Date           `json:"due,omitzero"` // zero is the cycle's last day
}

// Role says what a key result is for.
type Role string

// The roles.
const (
	Driving   Role = ""          // it moves something
	Guardrail Role = "guardrail" // it keeps something from getting worse meanwhile: listed, and not counted in the rollup
)

// KeyResult is how an objective is measured. One person owns it.
type KeyResult struct {
	ID          ID             `json:"id,omitempty"`
	Key         string         `json:"key,omitempty"` // plan key, unique within the objective
	Cycle       ID             `json:"cycle,omitempty"`
	Objective   ID             `json:"objective,omitempty"`
	Title       string         `json:"title,omitempty"`
	Definition  string         `json:"definition,omitempty"` // what exactly is counted
	Rationale   string         `json:"rationale,omitempty"`
	Owner       ID             `json:"owner,omitempty"`      // a person
	OwnerText   string         `json:"owner_text,omitempty"` // what a plan says of the owner, where it names no known person
	Role        Role           `json:"role,omitempty"`
	KPI         ID             `json:"kpi,omitempty"`      // the KPI whose readings are this key result's; "" is none
	KPIText     string         `json:"kpi_text,omitempty"` // what a plan says of the KPI, where it names no known one
	Metric      measure.Metric `json:"metric,omitzero"`
	Curve       measure.Curve  `json:"curve,omitempty"`
	Weight      measure.Number `json:"weight,omitzero"` // unknown is 1; 0 is listed and not counted
	Due         Date           `json:"due,omitzero"`    // zero is the cycle's last day
	Source      *Source        `json:"source,omitempty"`
	Cadence     *Schedule      `json:"cadence,omitempty"` // nil is the team's, then the cycle's
	Initiatives []Initiative   `json:"initiatives,omitempty"`
	StatedScore *StatedScore   `json:"stated_score,omitempty"` // what people said came of it
	State       State          `json:"state,omitempty"`
	ActivatedAt *time.Time     `json:"activated_at,omitempty"` // UTC instant
	Original    *Definition    `json:"original,omitempty"`     // as it was when activated

	// What is known now, kept in the row so that reading many is cheap.
	Current     measure.Number `json:"current,omitzero"`
	CurrentAt   *time.Time     `json:"current_at,omitempty"` // when the value was true, UTC
	Reading     ID             `json:"reading,omitempty"`    // where Current comes from
	Confidence  measure.Number `json:"confidence,omitzero"`  // 0-10
	Stated      measure.Status `json:"stated,omitempty"`     // what a person said last
	LastCheckIn *time.Time     `json:"last_checkin,omitempty"`
	FedAt       *time.Time     `json:"fed_at,omitempty"` // when the newest value that something else than a person brought was true, UTC; nil: nothing did
	Version     int64          `json:"version,omitempty"`

	Tally    measure.Tally    `json:"tally,omitzero"`    // of all readings, for the modes that need it
	Override measure.Override `json:"override,omitzero"` // what a person put in the place of the computed status

	CarriedFrom ID      `json:"carried_from,omitempty"` // the key result of an earlier cycle that it goes on with
	CarriedTo   ID      `json:"carried_to,omitempty"`   // the key result of a later cycle that goes on with it
	Ending      *Ending `json:"ending,omitempty"`       // what became of it; nil until its cycle is closed
}

// Reading is a number, when it was true, when it was recorded, and where from.
// Corrections are new rows.
type Reading struct {
	ID         ID             `json:"id"`
	KeyResult  ID             `json:"key_result"`
	Value      measure.Number `json:"value"`
	OccurredAt time.Time      `json:"occurred_at"` // UTC instant
	RecordedAt time.Time      `json:"recorded_at"` // UTC instant
	Source     string         `json:"source"`      // "checkin", or the source's kind
	Corrects   ID             `json:"corrects,omitempty"`
}

// CheckInRecord is a check-in as it was taken; [CheckIn] is the intent.
type CheckInRecord struct {
	ID         ID             `json:"id,omitempty"`
	KeyResult  ID             `json:"key_result,omitempty"`
	Author     Actor          `json:"author,omitzero"`
	OccurredAt time.Time      `json:"occurred_at,omitzero"` // UTC instant
	RecordedAt time.Time      `json:"recorded_at,omitzero"` // UTC instant
	Reading    ID             `json:"reading,omitempty"`
	Value      measure.Number `json:"value,omitzero"`
	Confidence measure.Number `json:"confidence,omitzero"` // 0-10
	Stated     measure.Status `json:"stated,omitempty"`
	Note       string         `json:"note,omitempty"`
	AuthorText string         `json:"author_text,omitempty"` // what a plan says of the author, where it names no known person
	Adjusted   []string       `json:"adjusted,omitempty"`    // titles of initiatives added, finished or dropped
	Session    ID             `json:"session,omitempty"`     // in which it was said
}

// Blocker is what stands in a key result's way, open until it is closed.
type Blocker struct {
	ID         ID         `json:"id"`
	KeyResult  ID         `json:"key_result"`
	Kind       string     `json:"kind,omitempty"` // people, dependency, decision, money, data, other
	Text       string     `json:"text"`
	Owner      ID         `json:"owner,omitempty"` // who shall remove it
	OpenedAt   time.Time  `json:"opened_at"`
	ClosedAt   *time.Time `json:"closed_at,omitempty"`
	Resolution string     `json:"resolution,omitempty"`
}

// Standing is what was last announced of a subject, and when to look again.
type Standing struct {
	Subject  Ref        `json:"subject"`
	Kind     string     `json:"kind"`                // status, occurrence, audience, finding
	Key      string     `json:"key"`                 // the occurrence, the event, the rule; "" where there is one
	Value    string     `json:"value"`               // what was announced
	Since    time.Time  `json:"since"`               // UTC instant
	NextLook *time.Time `json:"next_look,omitempty"` // UTC instant; nil: nothing to look at
}

// Pack is a rule pack by digest. Its text is loaded only when asked for.
type Pack struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Digest  string `json:"digest"` // hex SHA-256 of the text
	Text    string `json:"-"`
}
