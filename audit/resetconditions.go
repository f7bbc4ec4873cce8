package audit

import "github.com/okrkit/okrkit/okr"

// What a reset can lack, as [okr.Missing] names it.
const (
	LacksKeyResults = "key_results"
	LacksJudgement  = "judged"
	LacksRebuilding = "rebuilt"
	LacksSource     = "source"
	LacksConfirming = "confirmed"
	LacksReason     = "reason"
	LacksOwner      = "owner"
	LacksRhythm     = "rhythm"
	LacksDueDate    = "due"
	LacksActivation = "active"
	LacksCheckIn    = "checkin"
)

// Condition is one thing that the exit of a week of a reset asks for.
type Condition struct {
	What string // as [okr.Missing] names it
	Week int    // whose exit it is
	Asks string // in words
}

// Conditions are all that a reset asks for, by week: those that [Judge.Assess] goes by.
// The exit of a week asks for what the weeks before it asked for as well.
func Conditions() []Condition {
	return []Condition{
		{LacksKeyResults, okr.WeekAudit, "There is at least one objective with a key result. Without, a reset does not begin."},
		{LacksJudgement, okr.WeekAudit, "Every key result was judged: no rule in force is broken."},
		{LacksRebuilding, okr.WeekRebuild, "No rule about what it is fails at error level, or is a gate that cannot be decided; its fields say what is reached at its end. Findings that are waived do not count."},
		{LacksSource, okr.WeekRebuild, "It names a source: where its number comes from. Entering it by hand is one."},
		{LacksConfirming, okr.WeekRebuild, "The source is known to exist: a reading came from it, somebody read the number off since the reset began, or somebody vouched for it as it is named now."},
		{LacksReason, okr.WeekRebuild, "What was postponed or abandoned since says why."},
		{LacksOwner, okr.WeekOwners, "One human being who is here owns it, and no rule about owners fails at error level."},
		{LacksRhythm, okr.WeekOwners, "It has a rhythm of check-ins, of its own, of its team, of the cycle or of the tenant, and no rule about rhythms fails at error level."},
		{LacksDueDate, okr.WeekOwners, "Its first check-in falls due before the end of the cycle."},
		{LacksActivation, okr.WeekOwners, "It is active, so that somebody is asked for its number; of a plan in files that is not asked."},
		{LacksCheckIn, okr.WeekCheckIn, "It has a check-in since week 4 opened, with a confidence, a note, and a value, which may have come from the source."},
	}
}

// weekOf is the week whose exit asks for it, 0 if none does.
func weekOf(what string) int {
	for _, c := range Conditions() {
		if c.What == what {
			return c.Week
		}
	}
	return 0
}
