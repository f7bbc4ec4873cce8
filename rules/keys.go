package rules

import "sync"

// Key is one key that the text of a pack may have.
type Key struct {
	// In is where it stands: "pack", "base" (an entry of a pack's extends),
	// "overlay" (what a base's rule is set to), "rule", "score", "status", "test", "step" or
	// "expectation".
	In   string
	Name string
	// Takes says what stands behind it: "text", "expression", …
	Takes    string
	Required bool
	// Values are the words that it knows; empty where it takes any.
	Values []string
	// Default is what holds where it is left out.
	Default string
	// Doc is one sentence for an author of packs, and Example a line as it could
	// stand in a pack.
	Doc, Example string
}

// What a key takes.
const (
	takesText       = "text"
	takesNumber     = "whole number"
	takesBool       = "yes or no"
	takesExpression = "expression"
	takesMessage    = "text with {expressions}"
	takesMapping    = "mapping"
	takesList       = "list"
	takesInstant    = "instant"
)

// Keys are all keys that the text of a pack may have, by where they stand and then
// in the order in which they are written.
func Keys() []Key {
	return []Key{
		{In: "pack", Name: "apiVersion", Takes: takesText, Required: true, Values: []string{APIVersion}, Doc: "The form of the file.", Example: "apiVersion: " + APIVersion},
		{In: "pack", Name: "env", Takes: takesNumber, Required: true, Doc: "The level of facts and functions that the pack is written against. What a level has, it has for ever.", Example: "env: 1"},
		{In: "pack", Name: "name", Takes: takesText, Required: true, Doc: "The name of the pack, in lower case letters, digits and dashes. Findings carry it.", Example: "name: acme-sales"},
		{In: "pack", Name: "version", Takes: takesText, Required: true, Doc: "The version of the pack; raise it whenever the text changes.", Example: "version: 1.0.0"},
		{In: "pack", Name: "extends", Takes: takesList, Doc: "The packs that this one builds on, and what it sets in them. They have to be there.", Example: "extends: [focus]"},
		{In: "pack", Name: "on_error", Takes: takesText, Values: []string{string(Allow), string(Reject)}, Default: string(Allow), Doc: "What a gate does when its rule breaks, for the rules that do not say so themselves.", Example: "on_error: reject"},
		{In: "pack", Name: "params", Takes: takesMapping, Doc: "Numbers, words and lists that the rules read as params.name; the default says what type each of them has.", Example: "params: {most_objectives: 3}"},
		{In: "pack", Name: "rules", Takes: takesList, Doc: "What is checked; each failing rule is a finding.", Example: "rules:"},
		{In: "pack", Name: "scores", Takes: takesList, Doc: "How a score is counted. The first that applies gives the score.", Example: "scores:"},
		{In: "pack", Name: "statuses", Takes: takesList, Doc: "Which status a subject has. The first that applies gives the status.", Example: "statuses:"},
		{In: "pack", Name: "tests", Takes: takesList, Doc: "Examples that show what the rules do; `okrkit rules test` runs them.", Example: "tests:"},

		{In: "base", Name: "pack", Takes: takesText, Required: true, Doc: "The name of the pack that this one builds on.", Example: "pack: focus"},
		{In: "base", Name: "version", Takes: takesText, Doc: "The only version of it that will do. Left out: any.", Example: "version: 1.0.0"},
		{In: "base", Name: "params", Takes: takesMapping, Doc: "Other values for its parameters, of the type that they have.", Example: "params: {max_objectives: 5}"},
		{In: "base", Name: "rules", Takes: takesMapping, Doc: "What its rules are set to, by their id.", Example: "rules: {objectives-per-team: {severity: error}}"},
		{In: "base", Name: "scores", Takes: takesMapping, Doc: "What its scores are set to, by their id.", Example: "scores: {key-result-progress: {enabled: false}}"},
		{In: "base", Name: "statuses", Takes: takesMapping, Doc: "What its statuses are set to, by their id.", Example: "statuses: {stalled: {enabled: false}}"},

		{In: "overlay", Name: "enabled", Takes: takesBool, Values: []string{"true", "false"}, Doc: "Whether it judges. Of a score or a status nothing else can be set.", Example: "enabled: false"},
		{In: "overlay", Name: "severity", Takes: takesText, Values: []string{string(Info), string(Warning), string(Failure)}, Doc: "How grave a finding is.", Example: "severity: error"},
		{In: "overlay", Name: "mode", Takes: takesText, Values: []string{string(Report), string(Gate)}, Doc: "Whether it only tells, or also holds back.", Example: "mode: gate"},
		{In: "overlay", Name: "on_error", Takes: takesText, Values: []string{string(Allow), string(Reject)}, Doc: "What the gate does when the rule breaks.", Example: "on_error: reject"},
		{In: "overlay", Name: "message", Takes: takesMessage, Doc: "What the finding says. {…} shows the value of an expression.", Example: `message: "{team.name} has too much on its plate"`},
		{In: "overlay", Name: "fix", Takes: takesText, Doc: "What to do about it, in a sentence.", Example: "fix: Ask Ana what to drop."},
		{In: "overlay", Name: "help", Takes: takesText, Doc: "The address of a page that says more.", Example: "help: https://wiki.example.com/okr"},

		{In: "rule", Name: "id", Takes: takesText, Required: true, Doc: "The name of the rule within the pack, in lower case letters, digits and dashes.", Example: "id: few-objectives"},
		{In: "rule", Name: "on", Takes: takesText, Required: true, Doc: "What the rule judges, one after the other.", Example: "on: team"},
		{In: "rule", Name: "enabled", Takes: takesBool, Values: []string{"true", "false"}, Default: "true", Doc: "false: it judges nobody until a pack that builds on this one switches it on.", Example: "enabled: false"},
		{In: "rule", Name: "severity", Takes: takesText, Values: []string{string(Info), string(Warning), string(Failure)}, Default: string(Warning), Doc: "How grave a finding is.", Example: "severity: error"},
		{In: "rule", Name: "mode", Takes: takesText, Values: []string{string(Report), string(Gate)}, Default: string(Report), Doc: "report only tells; gate also holds back what would break the rule.", Example: "mode: gate"},
		{In: "rule", Name: "on_error", Takes: takesText, Values: []string{string(Allow), string(Reject)}, Default: string(Allow), Doc: "What a gate does when the rule breaks: allow lets the decision pass, reject holds it back. Left out: what the pack says.", Example: "on_error: reject"},
		{In: "rule", Name: "vars", Takes: takesMapping, Doc: "Expressions with a name, for those below them; a finding shows what they were.", Example: "vars: {running: 'team.objectives.filter(o, o.state == \"active\")'}"},
		{In: "rule", Name: "when", Takes: takesExpression, Doc: "To whom the rule applies; where it is false the rule is skipped. Left out: to all.", Example: `when: cycle.phase == "active"`},
		{In: "rule", Name: "check", Takes: takesExpression, Required: true, Doc: "What has to be true; where it is false there is a finding.", Example: "check: size(team.objectives) <= params.most_objectives"},
		{In: "rule", Name: "message", Takes: takesMessage, Required: true, Doc: "What the finding says. {…} shows the value of an expression.", Example: `message: "{team.name} runs {size(team.objectives)} objectives"`},
		{In: "rule", Name: "fix", Takes: takesText, Doc: "What to do about it, in a sentence.", Example: "fix: Drop the least of them."},
		{In: "rule", Name: "help", Takes: takesText, Doc: "The address of a page that says more.", Example: "help: https://wiki.example.com/okr"},
		{In: "rule", Name: "why", Takes: takesText, Doc: "Why this is asked for.", Example: "why: Who has ten goals has none."},
		{In: "rule", Name: "source", Takes: takesText, Doc: "Where that is taken from.", Example: "source: Our OKR guide, page 4"},
		{In: "rule", Name: "weak", Takes: takesText, Doc: "An example of what the rule finds.", Example: "weak: A team with seven objectives"},
		{In: "rule", Name: "strong", Takes: takesText, Doc: "An example of what the rule likes.", Example: "strong: A team with two objectives"},

		{In: "score", Name: "id", Takes: takesText, Required: true, Doc: "The name of the score within the pack.", Example: "id: capped"},
		{In: "score", Name: "on", Takes: takesText, Required: true, Doc: "What is scored.", Example: "on: key_result"},
		{In: "score", Name: "enabled", Takes: takesBool, Values: []string{"true", "false"}, Default: "true", Doc: "false: it scores nobody until a pack that builds on this one switches it on.", Example: "enabled: false"},
		{In: "score", Name: "vars", Takes: takesMapping, Doc: "Expressions with a name, for those below them.", Example: "vars: {share: 'clamp(kr.raw, 0.0, 1.2)'}"},
		{In: "score", Name: "when", Takes: takesExpression, Doc: "To whom the score applies. Left out: to all.", Example: `when: kr.unit == "EUR"`},
		{In: "score", Name: "score", Takes: takesExpression, Required: true, Doc: "The score, a number.", Example: "score: math.least(kr.raw, 1.0)"},

		{In: "status", Name: "id", Takes: takesText, Required: true, Doc: "The name of the status within the pack.", Example: "id: far-behind"},
		{In: "status", Name: "on", Takes: takesText, Required: true, Doc: "What has the status.", Example: "on: key_result"},
		{In: "status", Name: "enabled", Takes: takesBool, Values: []string{"true", "false"}, Default: "true", Doc: "false: nobody has it until a pack that builds on this one switches it on.", Example: "enabled: false"},
		{In: "status", Name: "vars", Takes: takesMapping, Doc: "Expressions with a name, for those below them.", Example: "vars: {behind: kr.gap}"},
		{In: "status", Name: "when", Takes: takesExpression, Doc: "To whom the status applies. Left out: to all.", Example: "when: kr.gap > 0.3"},
		{In: "status", Name: "status", Takes: takesText, Required: true, Doc: "The status: one of the words, or an expression that gives one.", Example: "status: off_track"},

		{In: "test", Name: "name", Takes: takesText, Required: true, Doc: "What the test shows.", Example: "name: four objectives are too many"},
		{In: "test", Name: "now", Takes: takesInstant, Doc: "The instant at which it happens. Left out: that of the examples.", Example: "now: 2026-11-06T09:00:00Z"},
		{In: "test", Name: "params", Takes: takesMapping, Doc: "Parameters of the pack that have another value in this test.", Example: "params: {most_objectives: 2}"},
		{In: "test", Name: "given", Takes: takesMapping, Doc: "What differs from the example: facts by variable. null is a fact that is not known; an instant may be told from now on, such as -3d, +2w or 36 hours ago.", Example: "given: {kr: {progress: 0.2}}"},
		{In: "test", Name: "unknown", Takes: takesList, Doc: "Facts that are not known.", Example: "unknown: [kr.current]"},
		{In: "test", Name: "expect", Takes: takesMapping, Doc: "What each rule, score or status comes to: pass, fail, skip, unknown or error; a number; a status. It may be left out where there are steps.", Example: "expect: {few-objectives: fail}"},
		{In: "test", Name: "steps", Takes: takesList, Doc: "Later instants, in order. What is given and happens later than the instant is not there yet.", Example: "steps: [{at: +7d, expect: {checked-in: fail}}]"},

		{In: "step", Name: "at", Takes: takesInstant, Required: true, Doc: "The instant, or how far it is from the test's now.", Example: "at: +7d"},
		{In: "step", Name: "given", Takes: takesMapping, Doc: "What differs from then on.", Example: "given: {kr: {target: 20}}"},
		{In: "step", Name: "unknown", Takes: takesList, Doc: "Facts that are not known from then on.", Example: "unknown: [kr.current]"},
		{In: "step", Name: "expect", Takes: takesMapping, Required: true, Doc: "What each rule, score or status comes to.", Example: "expect: {checked-in: fail}"},

		{In: "expectation", Name: "outcome", Takes: takesText, Doc: "What it comes to.", Example: "outcome: fail"},
		{In: "expectation", Name: "message", Takes: takesText, Doc: "What the finding says, to the letter.", Example: "message: Sales runs 4 objectives"},
		{In: "expectation", Name: "mentions", Takes: takesList, Doc: "Parts of what the finding says.", Example: "mentions: [Sales, 4]"},
		{In: "expectation", Name: "severity", Takes: takesText, Doc: "How grave the finding is.", Example: "severity: error"},
		{In: "expectation", Name: "mode", Takes: takesText, Doc: "Whether the rule is a gate.", Example: "mode: gate"},
		{In: "expectation", Name: "evidence", Takes: takesMapping, Doc: "What vars of the rule are.", Example: "evidence: {running: 4}"},
		{In: "expectation", Name: "unknown", Takes: takesList, Doc: "The facts that are not known.", Example: "unknown: [key_result.progress]"},
		{In: "expectation", Name: "error", Takes: takesText, Doc: "A part of the error that the rule ends in.", Example: "error: division by zero"},
		{In: "expectation", Name: "score", Takes: takesText, Doc: "The number that a score gives.", Example: "score: 0.7"},
		{In: "expectation", Name: "within", Takes: takesText, Doc: "How far the score may be off.", Example: "within: 0.01"},
		{In: "expectation", Name: "status", Takes: takesText, Doc: "The word that a status gives.", Example: "status: at_risk"},
		{In: "expectation", Name: "of", Takes: takesMapping, Doc: "What is expected of each of several subjects, by the path to them.", Example: "of: {'objective.key_results[0]': pass}"},
	}
}

// keysIn are the names of the keys that may stand there.
func keysIn(in string) []string { return keyNames()[in] }

// keyNames is made once: a pack asks for each of its rules.
var keyNames = sync.OnceValue(func() map[string][]string {
	names := map[string][]string{}
	for _, k := range Keys() {
		names[k.In] = append(names[k.In], k.Name)
	}
	return names
})

// Word is a word that an author meets, and what it means.
type Word struct{ Word, Doc string }

// OutcomeWords are what a rule can come to.
func OutcomeWords() []Word {
	return []Word{
		{string(OutcomePass), "The rule applies, and its check is true."},
		{string(OutcomeFail), "The rule applies, and its check is false: there is a finding."},
		{string(OutcomeSkip), "The rule does not apply: its when is false. That is never a pass."},
		{string(OutcomeUnknown), "A fact that the rule needs is not known; the finding names it. Unknown is never zero, and never a pass."},
		{string(OutcomeError), "The rule broke: it divided by zero, asked a list for an entry that it has not, or took more than its budget."},
	}
}
