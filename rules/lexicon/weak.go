package lexicon

import "strings"

func equalFold(a, b string) bool { return strings.EqualFold(a, b) }

// Reason names why a wording is weak.
type Reason string

// The reasons, in the order in which Weak gives them.
const (
	Sound         Reason = ""
	Empty         Reason = "empty"
	AsksQuestion  Reason = "question"
	TaskOnly      Reason = "task-not-outcome"
	CountsOutput  Reason = "output-not-outcome"
	TooVague      Reason = "vague"
	NoTarget      Reason = "no-target"
	NotMeasurable Reason = "not-measurable"
)

// Weak is the reference decision over the facts of a wording, kept small so
// that rules can mirror it. It is meant to spare: what it cannot tell it does
// not accuse. A sentence is weak if it is empty or a question; if it is work
// and says nothing of what comes of it; if it counts what work turns out; or if
// it has neither a number to reach nor a condition that is there or not.
func (w Wording) Weak() (bool, Reason) {
	switch {
	case w.Goals == 0:
		return true, Empty
	case w.Question:
		return true, AsksQuestion
	case w.Task && !w.Outcome:
		return true, TaskOnly
	case w.OutputCount && !w.Outcome:
		return true, CountsOutput
	case w.Measurable || w.Decidable:
		return false, Sound
	case len(w.Vague) > 0:
		return true, TooVague
	case w.HasBaseline || w.BareMetric:
		return true, NoTarget
	}
	return true, NotMeasurable
}

// why explains the wording in one sentence.
func (w *wording) why() string {
	o := &w.out
	only := ""
	if !o.LangJudged && o.Goals > 0 {
		only = " The language is not known here: judged by numbers and shape alone."
	}
	weak, reason := o.Weak()
	switch {
	case reason == Empty:
		return "There is no text."
	case reason == AsksQuestion:
		return "It asks a question; a key result states what will be true." + only
	case reason == TaskOnly && o.OutputCount:
		return "“" + o.TaskVerb + "” is work, and what is counted is the work itself; it does not say what changes through it." + only
	case reason == TaskOnly && o.TaskVerb == "":
		return "It says that something will be there; it does not say what changes through it." + only
	case reason == TaskOnly:
		return "“" + o.TaskVerb + "” is work; it does not say what changes through it." + only
	case reason == CountsOutput:
		return "It counts what is produced, not what changes through it." + only
	case reason == TooVague:
		return "“" + o.Vague[0] + "” can mean anything, and there is no number to reach." + only
	case reason == NoTarget && o.HasBaseline:
		return "It says where the number starts, not where it should end." + only
	case reason == NoTarget:
		return "It names a metric and no value to reach." + only
	case weak:
		return "There is no number to reach, and nothing that is clearly true or false at the end." + only
	case o.Task:
		return "“" + o.TaskVerb + "” is work, but it says what should come of it: “" + o.OutcomeClause + "”." + only
	case !o.Measurable:
		return "No number, but at the end it is true or not." + only
	case o.Placeholder || o.Redacted:
		return "The shape is right; a number is still to be filled in." + only
	case o.HasBaseline:
		return "It says where the number starts and where it should end." + only
	}
	return "It names a number to reach." + only
}
