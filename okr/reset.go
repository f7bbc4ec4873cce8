package okr

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// A reset takes key results that do not work from an audit to their first check-in
// in thirty days, week by week: audit, rebuild, owners and rhythm, first check-in.
// What each week asks for is computed from what is there, by a [Resetter]; nobody's
// word opens the next. It deletes nothing.

// The weeks of a reset.
const (
	WeekAudit   = 1 // every key result is audited; the worksheet is the work list
	WeekRebuild = 2 // what failed is rebuilt, and sources are confirmed
	WeekOwners  = 3 // each has one owner, and a rhythm of check-ins
	WeekCheckIn = 4 // each has its first check-in; trackable, or a gap
)

// ResetDays is how long a reset takes, week 4 as long as is left.
const ResetDays = 30

// ResetState is where a reset stands.
type ResetState string

// The states of a reset.
const (
	ResetOpen      ResetState = "open"
	ResetFinished  ResetState = "finished"
	ResetAbandoned ResetState = "abandoned"
)

// Reset is a reset of the key results of a cycle, or of a team in it with the teams
// below. It keeps what each of its steps was decided on.
type Reset struct {
	ID        ID          `json:"id"`
	Cycle     ID          `json:"cycle"`
	Team      ID          `json:"team,omitempty"` // with the teams below it; "" is everybody
	Start     Date        `json:"start"`          // the first of the thirty days, in the cycle's zone
	State     ResetState  `json:"state"`
	Week      int         `json:"week"` // that is open, or was last
	Steps     []ResetStep `json:"steps"`
	Worksheet []ResetRow  `json:"worksheet"` // as it was filled in in week 1, frozen when week 2 opened
	Vouched   []Vouched   `json:"vouched,omitempty"`
	Reason    string      `json:"reason,omitempty"` // why it was abandoned
	By        Actor       `json:"by"`
	At        time.Time   `json:"at"` // UTC instant
	Version   int64       `json:"version"`
}

// ResetStep is one step of a reset, with what it was decided on.
type ResetStep struct {
	Week   int         `json:"week"`            // that was opened, or that was open when it ended
	State  ResetState  `json:"state,omitempty"` // of its last step: how it ended
	At     time.Time   `json:"at"`              // UTC instant
	On     Date        `json:"on"`              // in the cycle's zone
	By     Actor       `json:"by"`
	Counts ResetCounts `json:"counts"`
	Packs  []Pack      `json:"packs,omitempty"` // that judged, by digest
}

// ResetCounts counts the key results of a reset.
type ResetCounts struct {
	KeyResults int `json:"key_results"` // in its scope, without what was set aside
	NotReady   int `json:"not_ready"`   // of them, those that fail now
	Work       int `json:"work"`        // on the work list: they failed in week 1
	Mended     int `json:"mended"`      // of the work list, those that week 2 has rebuilt, with a source that is confirmed
	Aside      int `json:"aside"`       // postponed, abandoned or done since
	AsIs       int `json:"as_is"`       // left as they are, with a reason
	CheckedIn  int `json:"checked_in"`  // with a whole check-in since week 4 opened

	// They sum up to KeyResults.
	RealTime int `json:"real_time"`
	ByHand   int `json:"by_hand"`
	Gaps     int `json:"gaps"`
}

// ResetRow is a key result on the worksheet of a reset.
type ResetRow struct {
	KeyResult ID            `json:"key_result"`
	Objective ID            `json:"objective"`
	Work      bool          `json:"work,omitempty"`    // it is on the work list
	Before    ResetAnswers  `json:"before"`            // in week 1
	After     *ResetAnswers `json:"after,omitempty"`   // at the end; nil until then
	Tracked   TrackedAs     `json:"tracked,omitempty"` // at the end
	Mended    bool          `json:"mended,omitempty"`  // at the end, as in [ResetStanding], and so the next three
	Aside     bool          `json:"aside,omitempty"`
	AsIs      bool          `json:"as_is,omitempty"`
	CheckedIn *time.Time    `json:"checked_in,omitempty"`
}

// Conclude keeps on the worksheet how its key results stand at the end.
func (x *Reset) Conclude(rows []ResetStanding) {
	for i := range x.Worksheet {
		row := &x.Worksheet[i]
		for _, r := range rows {
			if r.KeyResult == row.KeyResult {
				row.After, row.Tracked = &r.Now, r.Tracked.As
				row.Mended, row.Aside, row.AsIs, row.CheckedIn = r.Mended, r.Aside, r.AsIs, r.CheckedIn
			}
		}
	}
}

// concluded is how the key results stood when the reset was finished, whatever has
// become of them since.
func (x *Reset) concluded(now []ResetStanding) []ResetStanding {
	var out []ResetStanding
	for _, r := range now {
		row := x.Row(r.KeyResult)
		if row == nil || row.After == nil {
			continue
		}
		r.Now, r.Work = *row.After, row.Work
		r.Mended, r.Aside, r.AsIs, r.CheckedIn = row.Mended, row.Aside, row.AsIs, row.CheckedIn
		if r.Tracked.As != row.Tracked {
			r.Tracked = Tracked{As: row.Tracked}
		}
		out = append(out, r)
	}
	return out
}

// Cell answers one question of a worksheet: yes, no, partly or unknown.
type Cell string

// The answers.
const (
	CellYes     Cell = "yes"
	CellNo      Cell = "no"
	CellPartly  Cell = "partly"
	CellUnknown Cell = "unknown"
)

// ResetAnswers are what the worksheet says of a key result at one time. What it
// names in people's own words stays with the key result, whose version is given.
type ResetAnswers struct {
	Title      string         `json:"title"`
	State      State          `json:"state"`
	Metric     measure.Metric `json:"metric,omitzero"`
	Due        Date           `json:"due,omitzero"`
	OwnerID    ID             `json:"owner_id,omitempty"`
	SourceKind string         `json:"source_kind,omitempty"`
	Measurable Cell           `json:"measurable"`
	Source     Cell           `json:"source"`
	Owner      Cell           `json:"owner"`
	Verdict    string         `json:"verdict"`           // ready, weak or not_ready
	Failing    []string       `json:"failing,omitempty"` // pack/rule of what keeps it from being ready
	Fix        string         `json:"fix,omitempty"`     // what the rules say to do about it
	Version    int64          `json:"version"`           // of the key result
}

// VouchKind is what somebody answers for in a reset, because no data shows it.
type VouchKind string

// What can be vouched for.
const (
	VouchSource VouchKind = "source" // the source that is named exists, and holds the number
	VouchAsIs   VouchKind = "as_is"  // the key result stays as it is: it is not rebuilt
	VouchAside  VouchKind = "aside"  // why it was postponed or abandoned
)

// VouchKinds are all that can be vouched for.
func VouchKinds() []VouchKind { return []VouchKind{VouchSource, VouchAsIs, VouchAside} }

// Vouched is what somebody answers for.
type Vouched struct {
	KeyResult ID        `json:"key_result"`
	For       VouchKind `json:"for"`
	Reason    string    `json:"reason,omitempty"`
	Source    string    `json:"source,omitempty"` // of a source: the one that was meant, so that another one is not vouched for
	By        Actor     `json:"by"`
	At        time.Time `json:"at"` // UTC instant
}

// vouches finds what was said last of a key result, nil if nothing was.
func (x *Reset) vouches(keyResult ID, kind VouchKind) *Vouched {
	for i := len(x.Vouched) - 1; i >= 0; i-- {
		if v := &x.Vouched[i]; v.KeyResult == keyResult && v.For == kind {
			return v
		}
	}
	return nil
}

// AsIs is who leaves a key result as it is, nil if nobody does.
func (x *Reset) AsIs(keyResult ID) *Vouched { return x.vouches(keyResult, VouchAsIs) }

// Aside is who said why a key result was set aside, nil if nobody did.
func (x *Reset) Aside(keyResult ID) *Vouched { return x.vouches(keyResult, VouchAside) }

// Confirmed is who vouched for the source that a key result has now, nil if nobody
// did.
func (x *Reset) Confirmed(k KeyResult) *Vouched {
	if v := x.vouches(k.ID, VouchSource); v != nil && v.Source == k.Source.Named() {
		return v
	}
	return nil
}

// Named is kind and place of a source, by which it is told from another.
func (s *Source) Named() string {
	if s == nil {
		return ""
	}
	return strings.Trim(s.Kind+": "+oneLine(s.Where), ": ")
}

// Row is the key result on the worksheet, nil if it is not there.
func (x *Reset) Row(keyResult ID) *ResetRow {
	for i := range x.Worksheet {
		if x.Worksheet[i].KeyResult == keyResult {
			return &x.Worksheet[i]
		}
	}
	return nil
}

// Opened is when a week was opened, nil if it was not.
func (x *Reset) Opened(week int) *time.Time {
	for i := range x.Steps {
		if s := &x.Steps[i]; s.Week == week && s.State == "" {
			return &s.At
		}
	}
	return nil
}

// Days are the first and the last day that are planned for a week.
func (x *Reset) Days(week int) (from, to Date) {
	from = x.Start.AddDays(7 * (week - 1))
	if week == WeekCheckIn {
		return from, x.Start.AddDays(ResetDays - 1)
	}
	return from, from.AddDays(6)
}

// Behind is by how many days the open week is past its last day, 0 if it is not.
func (x *Reset) Behind(today Date) int {
	if x.State != ResetOpen {
		return 0
	}
	_, to := x.Days(x.Week)
	return max(0, to.DaysUntil(today))
}

// Covers says whether the reset is about the objective.
func (x *Reset) Covers(s *Snapshot, o Objective) bool {
	return o.Cycle == x.Cycle && (x.Team == "" || s.inTeam(o.Team, x.Team))
}

// inTeam says whether a team is another one, or lies below it.
func (s *Snapshot) inTeam(team, above ID) bool {
	for t := range s.upward(team) {
		if t.ID == above {
			return true
		}
	}
	return false
}

func (x Reset) ref() Ref            { return Ref{KindReset, x.ID} }
func (x Reset) reached() int64      { return x.Version }
func (x Reset) concerns() (Ref, ID) { return teamOr(x.Team, x.Cycle), x.Cycle }
func (x Reset) at(version int64, word func(string, *string)) item {
	x.Version = version
	word("reason", &x.Reason)
	x.Vouched = slices.Clone(x.Vouched)
	for i := range x.Vouched {
		word(fmt.Sprintf("vouched.%d.reason", i), &x.Vouched[i].Reason)
		word(fmt.Sprintf("vouched.%d.source", i), &x.Vouched[i].Source)
	}
	return x
}

// Missing is one thing that keeps the next week of a reset from being opened.
type Missing struct {
	Week      int      `json:"week"`                // whose exit it fails
	Subject   Ref      `json:"subject"`             // key result, or the cycle or team as a whole
	Title     string   `json:"title"`               // of the subject
	Objective string   `json:"objective,omitempty"` // title of a key result's objective
	What      string   `json:"what"`                // key_results, judged, rebuilt, source, confirmed, reason, owner, rhythm, due, active, checkin
	Message   string   `json:"message"`             // what is missing
	Remedy    string   `json:"remedy"`              // what to do about it
	Rules     []string `json:"rules,omitempty"`     // pack/rule, where rules say so
	Owner     ID       `json:"owner,omitempty"`     // whose it is to do; "" is whoever coordinates
	OwnerName string   `json:"owner_name,omitempty"`
}

// ResetError says why a week of a reset does not open: everything that is missing.
// It matches [ErrRefused].
type ResetError struct {
	Reset   ID  // "" where none was started
	Week    int // whose exit fails; 0 is the beginning
	Missing []Missing
}

func (e *ResetError) Error() string {
	var b strings.Builder
	if e.Week == 0 {
		b.WriteString("okr: the reset cannot begin")
	} else {
		fmt.Fprintf(&b, "okr: week %d of the reset is not done", e.Week)
	}
	for i, m := range e.Missing {
		if i == mostTold {
			fmt.Fprintf(&b, "; and %d more", len(e.Missing)-mostTold)
			break
		}
		sep := "; "
		if i == 0 {
			sep = ": "
		}
		fmt.Fprintf(&b, "%s%s: %s", sep, m.Title, m.Message)
	}
	return b.String()
}

// Is makes every ResetError match [ErrRefused].
func (e *ResetError) Is(target error) bool { return target == ErrRefused }

// TrackedAs is how the number of a key result can be followed.
type TrackedAs string

// How a number can be followed. What is neither in real time nor by hand is a gap.
const (
	RealTime      TrackedAs = "real_time"      // its source delivers, and is up to date
	ByHand        TrackedAs = "by_hand"        // a person reads it off and checks in
	NotMeasurable TrackedAs = "not_measurable" // there is no number to follow
	NoSource      TrackedAs = "no_source"      // nobody knows where the number comes from
	NoAccess      TrackedAs = "no_access"      // its owner cannot read the source
	Stale         TrackedAs = "stale"          // the newest number is too old, or the source fails
)

// Gap says that the number cannot be followed.
func (t TrackedAs) Gap() bool { return t != RealTime && t != ByHand }

// Tracked says how the number of a key result can be followed, and what to do.
type Tracked struct {
	As    TrackedAs `json:"as"`
	Why   string    `json:"why"`
	Next  string    `json:"next,omitempty"`  // what to do about a gap; "" is nothing
	Who   ID        `json:"who,omitempty"`   // who brings the number
	Every Interval  `json:"every,omitempty"` // how often it comes; 0 is not known
}

// ResetStanding is where a key result of a reset stands now.
type ResetStanding struct {
	KeyResult ID           `json:"key_result"`
	In        ID           `json:"objective_id"`
	Objective string       `json:"objective"` // title
	OwnerName string       `json:"owner_name,omitempty"`
	Now       ResetAnswers `json:"now"`
	Work      bool         `json:"work,omitempty"`       // on the work list
	Mended    bool         `json:"mended,omitempty"`     // week 2 has nothing left to do with it
	Aside     bool         `json:"aside,omitempty"`      // postponed, abandoned or done
	AsIs      bool         `json:"as_is,omitempty"`      // left as it is, with a reason
	Confirmed string       `json:"confirmed,omitempty"`  // how its source is known to exist
	FirstDue  *time.Time   `json:"first_due,omitempty"`  // UTC instant of its next check-in
	CheckedIn *time.Time   `json:"checked_in,omitempty"` // UTC instant of its first whole check-in since week 4 opened
	Tracked   Tracked      `json:"tracked"`
}

// ResetInquiry asks how a reset stands.
type ResetInquiry struct {
	Reset    Reset
	Snapshot *Snapshot // of its cycle: with everybody, and readings and check-ins
	Calendar Calendar  // nil: when a check-in falls due is not known
	Now      time.Time // UTC instant

	// Because says of key results that are postponed or abandoned why, where somebody
	// gave a reason.
	Because map[ID]string

	// Files says that the snapshot was read from files: its drafts are all there is,
	// and nobody keeps a directory.
	Files bool
}

// Assessment is how a reset stands.
type Assessment struct {
	Rows    []ResetStanding // a row for each key result of its scope, by objective
	Missing []Missing       // what the exit of the open week lacks
	Counts  ResetCounts
	Packs   []Pack // that judged, without their texts
}

// Resetter is a [Judge] that says how a reset stands. Package audit implements it:
// the conditions of each week are there.
type Resetter interface {
	Judge
	Assess(ctx context.Context, q ResetInquiry) (Assessment, error)
}

// ResetWeek is one week of a reset.
type ResetWeek struct {
	Week   int        `json:"week"`
	From   Date       `json:"from"` // as planned, in the cycle's zone
	To     Date       `json:"to"`
	Opened *time.Time `json:"opened,omitempty"` // UTC instant; nil: not yet
}

// ResetView is a reset with how it stands.
type ResetView struct {
	Reset
	CycleName string          `json:"cycle_name"`
	TeamName  string          `json:"team_name,omitempty"`
	File      string          `json:"file,omitempty"` // that the plan was read from, of a plan in files
	Now       time.Time       `json:"now"`            // UTC instant
	Today     Date            `json:"today"`          // in the cycle's zone
	Weeks     []ResetWeek     `json:"weeks"`
	Behind    int             `json:"behind,omitempty"` // days that the open week is past its last day
	Counts    ResetCounts     `json:"counts"`
	Rows      []ResetStanding `json:"rows"`
	Missing   []Missing       `json:"missing"` // what the exit of the open week lacks; none: the next one opens
}

// NewResetView puts together what people read of a reset.
func NewResetView(q ResetInquiry, a Assessment) ResetView {
	v := ResetView{Reset: q.Reset, Now: q.Now, Rows: a.Rows, Missing: a.Missing, Counts: a.Counts}
	if c := q.Snapshot.Cycle(q.Reset.Cycle); c != nil {
		v.CycleName, v.Today = c.Name, c.Today(q.Now)
	}
	if t := q.Snapshot.Team(q.Reset.Team); t != nil {
		v.TeamName = t.Name
	}
	for week := WeekAudit; week <= WeekCheckIn; week++ {
		from, to := q.Reset.Days(week)
		v.Weeks = append(v.Weeks, ResetWeek{week, from, to, q.Reset.Opened(week)})
	}
	v.Behind = q.Reset.Behind(v.Today)
	if q.Reset.State != ResetOpen {
		v.Missing = nil
	}
	if q.Reset.State == ResetFinished {
		v.Rows, v.Counts = q.Reset.concluded(a.Rows), q.Reset.Steps[len(q.Reset.Steps)-1].Counts
	}
	return v
}
