package papers

import (
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// Planning is the session in which a team, or the company, plans a cycle: what
// stands so far, what is deliberately not done, and who needs what of whom.
type Planning struct {
	Team       string // "" is everybody
	Cycle      Cycle
	On         okr.Date // of the session; zero is to be filled in
	Minutes    int      // that the session may take; 0 is 120
	Most       int      // objectives, at most; 0 is 3
	Dates      []Event  // in order
	Objectives []Draft  // by rank
	NotDoing   []NotDoing
	Needs      []Need // what the team waits for, and what others wait for
}

// Kind is [KindPlanning].
func (Planning) Kind() Kind { return KindPlanning }

// Draft is an objective as it is planned.
type Draft struct {
	Title      string
	Owner      string
	Team       string
	Committed  bool
	KeyResults []Line
}

// NotDoing is an entry of the not-doing list.
type NotDoing struct {
	Title    string
	Reason   string
	InFavour string   // what is done instead; "" is not said
	Revisit  okr.Date // when to think of it again; zero is not said
}

// Need is something that one team needs of another.
type Need struct {
	Text  string
	For   string // what depends on it
	Of    string // who is asked
	Owner string // who answers for it; "" is nobody yet
	Due   okr.Date
	State okr.DependencyState
}

// Worksheet is the audit of key results. Its rows come as plain data: package
// audit finds them, and its host copies them.
type Worksheet struct {
	Name string   // what was audited, such as a file or a cycle; "" is to be filled in
	On   okr.Date // of the audit; zero is to be filled in
	Rows []WorksheetRow
}

// Kind is [KindWorksheet].
func (Worksheet) Kind() Kind { return KindWorksheet }

// Verdicts counts the rows by verdict: those that are to be rebuilt first.
func (w Worksheet) Verdicts() []VerdictCount {
	var out []VerdictCount
	for _, v := range []string{"not_ready", "weak", "ready"} {
		n := 0
		for _, r := range w.Rows {
			if r.Verdict == v {
				n++
			}
		}
		out = append(out, VerdictCount{v, n})
	}
	return out
}

// VerdictCount is how many key results have a verdict.
type VerdictCount struct {
	Verdict string
	N       int
}

// WorksheetRow is a key result of the worksheet. The answers are yes, no, partly
// or unknown; the verdicts ready, weak or not_ready.
type WorksheetRow struct {
	Line
	Measurable string
	Sourced    string
	Owned      string
	TimeBound  string
	Outcome    string
	Verdict    string
	Fixes      []Fix // most urgent first
}

// Fix is what to do about what a rule found. Where the catalogues have words for
// the rule, they say it; else Text does, in the language of its pack.
type Fix struct{ Rule, Text string }

// Review is the session at the end of a cycle: what was hit, what was missed, what
// was learned, and what comes next.
type Review struct {
	Team        string // "" is everybody
	Cycle       Cycle
	On          okr.Date // of the session; zero is to be filled in
	Minutes     int      // that the session may take; 0 is 90
	Closed      bool     // the figures are those of the close, and no longer change
	Learned     string   // of the cycle as a whole
	Hit         []Result
	Missed      []Result
	Unknown     []Result
	CarriedOver []Result
	Postponed   []Result
	Abandoned   []Result
	Objectives  []Result // by rank
	Teams       []Lesson // what teams say that they learned
	Decisions   []Decision
	Underway    bool     // the cycle still runs, so that nothing is missed yet
	Running     []Result // of such a cycle what is neither hit nor ended
	Missing     []Gap    // what still keeps the cycle from being closed
}

// Gap is an entry that a review lacks: of what, and the rule that asks for it.
type Gap struct{ Title, Rule string }

// mostGaps is how many missing entries a review names.
const mostGaps = 12

// Named are the first of the entries that are missing.
func (r Review) Named() []Gap { return r.Missing[:min(len(r.Missing), mostGaps)] }

// More is how many entries are missing beside the named ones.
func (r Review) More() int { return len(r.Missing) - len(r.Named()) }

// Kind is [KindReview].
func (Review) Kind() Kind { return KindReview }

// Any says whether anything came of the cycle.
func (r Review) Any() bool {
	return len(r.Hit)+len(r.Running)+len(r.Missed)+len(r.Unknown)+len(r.CarriedOver)+len(r.Postponed)+len(r.Abandoned) > 0
}

// Result is what a key result or an objective came to.
type Result struct {
	Line
	Committed bool
	Score     measure.Number // [0,1]
	Grade     measure.Grade  // "" is not graded
	Why       string         // it was missed; "" is not said
	Learned   string
	Next      okr.NextStep
}

// Lesson is what a team learned.
type Lesson struct{ Team, Text string }

// Decision is one that people took in the cycle.
type Decision struct {
	Text   string
	Reason string
	Owner  string // who sees it through; "" is nobody
	On     okr.Date
}
