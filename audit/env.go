package audit

import (
	"fmt"
	"time"

	"github.com/okrkit/okrkit/rules"
)

// Level is the newest level of facts and functions.
const Level = 1

// The subjects that a rule can stand on.
const (
	onTenant    = "tenant"
	onCycle     = "cycle"
	onTeam      = "team"
	onOwner     = "owner"
	onObjective = "objective"
	onKeyResult = "key_result"
	onCheckIn   = "checkin"
	onSource    = "source"
)

// Env is what packs of a level may say: subjects, facts, functions and limits.
// A level above [Level] is Level, one below 1 is 1: a pack that asks for more
// than there is will not compile, and says so itself. Making one takes
// milliseconds; make it once.
func Env(level int, opts ...Option) *rules.Env {
	s := Schema(level, opts...)
	env, err := rules.NewEnv(s)
	if err != nil {
		panic(fmt.Sprintf("audit: the schema of level %d: %v", s.Level, err)) //nolint:forbidigo // the schema is part of the program, and a test makes every level of it
	}
	return env
}

// Schema is the description that [Env] is made of: every subject, fact and
// function with a sentence about it.
func Schema(level int, opts ...Option) rules.Schema {
	words := newReader(opts)
	types := []rules.Type{
		tenantType(), cycleType(), teamType(), ownerType(), objectiveType(), keyResultType(words), checkInType(),
		sourceType(), cadenceType(), readingType(), blockerType(), initiativeType(), originalType(),
	}
	for i := range types {
		types[i].Example = examples[types[i].Name]
	}
	return rules.Schema{
		Level: min(max(level, 1), Level),
		Types: types,
		Subjects: []rules.Subject{
			{Name: onTenant, Doc: "Everything that is loaded of one company.", Vars: map[string]string{"tenant": "tenant"}},
			{Name: onCycle, Doc: "A cycle.", Vars: map[string]string{"cycle": "cycle"}},
			{Name: onTeam, Doc: "A team in one cycle.", Vars: map[string]string{"team": "team", "cycle": "cycle"}},
			{Name: onOwner, Doc: "A person in one cycle.", Vars: map[string]string{"owner": "owner", "cycle": "cycle"}},
			{Name: onObjective, Doc: "An objective.", Vars: map[string]string{"objective": "objective", "cycle": "cycle"}},
			{Name: onKeyResult, Doc: "A key result.", Vars: map[string]string{"kr": "key_result", "objective": "objective", "cycle": "cycle"}},
			{Name: onCheckIn, Doc: "A check-in on a key result.", Vars: map[string]string{"checkin": "checkin", "kr": "key_result", "objective": "objective", "cycle": "cycle"}},
			{Name: onSource, Doc: "The source of a key result's number.", Vars: map[string]string{"source": "source", "kr": "key_result", "objective": "objective", "cycle": "cycle"}},
		},
		Funcs:    wordFuncs(words),
		Statuses: statuses(),
		Now:      exampleNow,
		Derive:   deriver(types),
	}
}

// exampleNow is the instant of the examples: five weeks into a quarter.
var exampleNow = time.Date(2026, 11, 6, 9, 0, 0, 0, time.UTC)

// The variables of each subject, as rules read them.
func (t *tenant) into(v map[string]any)    { v["tenant"] = t }
func (c *cycle) into(v map[string]any)     { v["cycle"] = c }
func (t *team) into(v map[string]any)      { v["team"], v["cycle"] = t, t.cycle }
func (o *owner) into(v map[string]any)     { v["owner"], v["cycle"] = o, o.cycle }
func (o *objective) into(v map[string]any) { v["objective"], v["cycle"] = o, o.cycle }

func (k *keyResult) into(v map[string]any) {
	v["kr"], v["objective"], v["cycle"] = k, k.objective, k.cycle
}

func (s *source) into(v map[string]any) {
	s.keyResult.into(v)
	v["source"] = s
}

func (c *checkIn) into(v map[string]any) {
	c.keyResult.into(v)
	v["checkin"] = c
}
