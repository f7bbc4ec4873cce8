package rules

// Key is one key that the text of a pack may have.
type Key struct {
	// In is where it stands: "pack", "rule", "score", "status", "test" or
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
		{In: "pack", Name: "params", Takes: takesMapping, Doc: "Numbers, words and lists that the rules read as params.name; the default says what type each of them has.", Example: "params: {most_objectives: 3}"},
		{In: "pack", Name: "rules", Takes: takesList, Doc: "What is checked; each failing rule is a finding.", Example: "rules:"},
		{In: "pack", Name: "scores", Takes: takesList, Doc: "How a score is counted. The first that applies gives the score.", Example: "scores:"},
		{In: "pack", Name: "statuses", Takes: takesList, Doc: "Which status a subject has. The first that applies gives the status.", Example: "statuses:"},
		{In: "pack", Name: "tests", Takes: takesList, Doc: "Examples that show what the rules do; `okrkit rules test` runs them.", Example: "tests:"},

		{In: "rule", Name: "id", Takes: takesText, Required: true, Doc: "The name of the rule within the pack, in lower case letters, digits and dashes.", Example: "id: few-objectives"},
		{In: "rule", Name: "on", Takes: takesText, Required: true, Doc: "What the rule judges, one after the other.", Example: "on: team"},
		{In: "rule", Name: "severity", Takes: takesText, Values: []string{string(Info), string(Warning), string(Failure)}, Default: string(Warning), Doc: "How grave a finding is.", Example: "severity: error"},
		{In: "rule", Name: "mode", Takes: takesText, Values: []string{string(Report), string(Gate)}, Default: string(Report), Doc: "report only tells; gate also holds back what would break the rule.", Example: "mode: gate"},
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
		{In: "score", Name: "vars", Takes: takesMapping, Doc: "Expressions with a name, for those below them.", Example: "vars: {share: 'clamp(kr.raw, 0.0, 1.2)'}"},
		{In: "score", Name: "when", Takes: takesExpression, Doc: "To whom the score applies. Left out: to all.", Example: `when: kr.unit == "EUR"`},
		{In: "score", Name: "score", Takes: takesExpression, Required: true, Doc: "The score, a number.", Example: "score: math.least(kr.raw, 1.0)"},

		{In: "status", Name: "id", Takes: takesText, Required: true, Doc: "The name of the status within the pack.", Example: "id: far-behind"},
		{In: "status", Name: "on", Takes: takesText, Required: true, Doc: "What has the status.", Example: "on: key_result"},
		{In: "status", Name: "vars", Takes: takesMapping, Doc: "Expressions with a name, for those below them.", Example: "vars: {behind: kr.gap}"},
		{In: "status", Name: "when", Takes: takesExpression, Doc: "To whom the status applies. Left out: to all.", Example: "when: kr.gap > 0.3"},
		{In: "status", Name: "status", Takes: takesText, Required: true, Doc: "The status: one of the words, or an expression that gives one.", Example: "status: off_track"},

		{In: "test", Name: "name", Takes: takesText, Required: true, Doc: "What the test shows.", Example: "name: four objectives are too many"},
		{In: "test", Name: "now", Takes: takesInstant, Doc: "The instant at which it happens. Left out: that of the examples.", Example: "now: 2026-11-06T09:00:00Z"},
		{In: "test", Name: "given", Takes: takesMapping, Doc: "What differs from the example: facts by variable. null is a fact that is not known.", Example: "given: {kr: {progress: 0.2}}"},
		{In: "test", Name: "expect", Takes: takesMapping, Required: true, Doc: "What each rule, score or status comes to: pass, fail, skip, unknown or error; a number; a status.", Example: "expect: {few-objectives: fail}"},

		{In: "expectation", Name: "outcome", Takes: takesText, Doc: "What it comes to.", Example: "outcome: fail"},
		{In: "expectation", Name: "message", Takes: takesText, Doc: "What the finding says, to the letter.", Example: "message: Sales runs 4 objectives"},
		{In: "expectation", Name: "unknown", Takes: takesList, Doc: "The facts that are not known.", Example: "unknown: [key_result.progress]"},
	}
}

// keysIn are the names of the keys that may stand there.
func keysIn(in string) []string {
	var out []string
	for _, k := range Keys() {
		if k.In == in {
			out = append(out, k.Name)
		}
	}
	return out
}
