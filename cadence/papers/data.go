package papers

import (
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// Cycle is the cycle that a paper is about. Its zero value is one that is still to
// be named.
type Cycle struct {
	Name  string
	Zone  string // IANA name, in which its dates and times are; "" is UTC
	Start okr.Date
	End   okr.Date
}

// Amount is a number in its metric's unit. Its zero value is unknown.
type Amount struct {
	Value  measure.Number
	Metric measure.Metric
}

// Line is a key result as most papers list it.
type Line struct {
	Title      string
	Objective  string
	Owner      string // "" is nobody
	Team       string
	Baseline   Amount
	Target     Amount // of a band its lower end, see Upper
	Upper      Amount // of a band its upper end
	Current    Amount
	Progress   measure.Number // [0,1]
	Expected   measure.Number // [0,1]
	Status     measure.Status // "" is not measured
	Confidence measure.Number // 0-10
	Due        okr.Date
	Source     string // "" is none
	Cadence    *okr.Schedule
}

// CheckIn is the weekly meeting of a team: how things stand, what is in the way,
// and what is to be changed.
type CheckIn struct {
	Team       string
	Cycle      Cycle
	On         okr.Date      // of the meeting; zero is to be filled in
	Minutes    int           // that the meeting may take; 0 is 15
	Counts     []Count       // key results by status, the worst first
	KeyResults []CheckInLine // what is talked about, in the order of need
	Outside    []CheckInLine // what there is no time for, in the same order
	Quiet      []CheckInLine // what needs no words
	Blockers   []Blocked     // open, the oldest first
	Moved      []Move
}

// Kind is [KindCheckIn].
func (CheckIn) Kind() Kind { return KindCheckIn }

// Planned is how many minutes the meeting may take.
func (c CheckIn) Planned() int { return orElse(c.Minutes, 15) }

func orElse(n, otherwise int) int {
	if n <= 0 {
		return otherwise
	}
	return n
}

// Count is how many key results have a status.
type Count struct {
	Status measure.Status
	N      int
}

// CheckInLine is a key result as an agenda has it.
type CheckInLine struct {
	Line
	Minutes float64     // planned for it; 0 is not planned
	How     okr.Outside // of what is handled outside the meeting
	With    []string    // who is needed beside its owner
	Confirm bool        // of what is quiet: a source feeds it, and somebody only confirms the number
	Reasons []Reason
	AsOf    okr.Date // when the current value was true; zero is unknown
	Next    okr.Date // when its check-in is due; zero is never
}

// Reason is why a key result needs attention.
type Reason struct {
	Code  okr.ReasonCode
	Value measure.Number
	Since okr.Date
}

// Blocked is what stands in the way of a key result.
type Blocked struct {
	Text      string
	KeyResult string
	Owner     string // who shall remove it; "" is nobody
	Since     okr.Date
}

// Move is a value that has changed in the last seven days.
type Move struct {
	Title string
	From  Amount
	To    Amount
}

// Announcement is what everybody is told before a cycle begins: who, when, what is
// expected, where to look, and by which rhythm.
type Announcement struct {
	Cycle Cycle
	From  string // who announces it; "" is to be filled in
	Teams []TeamGoals
	Dates []Event // planning and review sessions and what else has a date, in order
	// Rhythms are the different schedules of check-ins, each with the teams that it
	// is for and its next due dates.
	Rhythms []Rhythm
	Links   []Link // where to look; none is to be filled in
}

// Kind is [KindAnnouncement].
func (Announcement) Kind() Kind { return KindAnnouncement }

// TeamGoals are the objectives of a team. A Name "" is objectives of no team.
type TeamGoals struct {
	Name       string
	Lead       string
	Objectives []Goal
}

// Goal is an objective in a list.
type Goal struct {
	Title      string
	Owner      string
	Owners     []string // of its key results, where the objective itself has none
	Committed  bool
	KeyResults int
}

// Event is something that happens on a day, or over days. What is a word of the
// catalogues, such as start or session_planning, or what people call it.
type Event struct {
	What  string
	On    okr.Date
	Until okr.Date  // the last day of what goes on over days; zero is one day
	At    time.Time // when it begins, in its own zone; zero is not said
	Team  string    // of what concerns one team only
}

// Rhythm is a schedule and when it falls due next.
type Rhythm struct {
	Schedule okr.Schedule
	Zone     string // IANA name, in which At and Next are; "" is that of whoever is asked, and Next in the cycle's
	Teams    []string
	Next     []time.Time // in Zone, the next few of the cycle
	All      int         // how many there are in the cycle
	Left     int         // how many of them are still to come

	// KeyResults are those that follow it, where the cycle has several rhythms.
	KeyResults []string
}

// mostNamed is how many of a long list a paper names.
const mostNamed = 5

// Named are the first of its key results.
func (r Rhythm) Named() []string { return r.KeyResults[:min(len(r.KeyResults), mostNamed)] }

// More is how many key results there are beside the named ones.
func (r Rhythm) More() int { return len(r.KeyResults) - len(r.Named()) }

// Link is where to look.
type Link struct{ Text, URL string }
