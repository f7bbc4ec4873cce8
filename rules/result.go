package rules

import (
	"errors"
	"time"
)

// Outcome of a rule, a score or a status. See the package documentation for
// the table.
type Outcome string

// The outcomes. A rule that cannot be decided is never a pass.
const (
	OutcomePass    Outcome = "pass"
	OutcomeFail    Outcome = "fail"
	OutcomeSkip    Outcome = "skip"
	OutcomeUnknown Outcome = "unknown"
	OutcomeError   Outcome = "error"
)

// Result is what one rule says of one subject.
type Result struct {
	Rule string
	// Pack, Version and Digest say whose rule it is, and which text of it: with the
	// layers over it, see [PackInfo.Judged] and [PackInfo.Judges].
	Pack, Version, Digest string
	Severity              Severity
	Mode                  Mode
	OnError               ErrorPolicy
	Outcome               Outcome
	// Message is filled in if the outcome is fail; for unknown and error it
	// says why. It is one line, without control characters.
	Message   string
	Fix, Help string
	// Evidence are the rule's vars, in order, if the rule failed.
	Evidence []Evidence
	// Unknown names the facts that were needed and are not known, sorted, if
	// the outcome is unknown: "order.total".
	Unknown []string
	// Err is why, if the outcome is error.
	Err error
}

// RuleRef names a rule of a set.
type RuleRef struct {
	Pack, Rule string
	Mode       Mode
}

// Evidence is one var of a rule and what it was.
type Evidence struct {
	Name string
	// Value is a bool, int64, float64, string, time.Time, time.Duration, a
	// []any of these, or [Unknown]. Objects are given by their label.
	Value any
}

// Verdict is what a score or a status says of one subject.
type Verdict struct {
	// ID of the score or status that applied, and whose it is.
	ID, Pack, Version, Digest string
	// Outcome is pass if there is a value, otherwise unknown or error.
	Outcome Outcome
	Unknown []string
	Err     error
	// Evidence are the vars that were needed, in order.
	Evidence []Evidence
}

// Scored is a number given by a pack.
type Scored struct {
	Verdict
	// Score is meaningful if the outcome is pass. It is finite.
	Score float64
}

// Stated is a status given by a pack.
type Stated struct {
	Verdict
	// Status is meaningful if the outcome is pass.
	Status string
}

// Options of one evaluation.
type Options struct {
	// Now is the instant that `now` stands for. It must be given.
	Now time.Time
	// Explain gathers evidence for every outcome, not only for a fail.
	Explain bool
	// Brief leaves out the results whose outcome is pass or skip. Where all is
	// well, nothing is allocated for results at all.
	Brief bool
}

// ErrSubject says that the environment has no such subject.
var ErrSubject = errors.New("rules: no such subject")

// ErrNow says that [Options.Now] was not given.
var ErrNow = errors.New("rules: Options.Now is missing")

// ErrBudget is the error of an outcome that cost more than the limits allow.
var ErrBudget = errors.New("rules: over budget")
