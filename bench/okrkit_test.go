package bench

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules"
)

// schema is the same rows as okrkit's engine is told of them.
func schema() rules.Schema {
	type (
		kr = *keyResult
		pe = *person
		so = *source
		ob = *objective
		te = *team
		cy = *cycle
	)
	sized := func(n int, f rules.Field) rules.Field { f.MaxSize = n; return f }
	return rules.Schema{
		Level: 1,
		Types: []rules.Type{
			{Name: "key_result", Fields: []rules.Field{
				sized(256, rules.Fact("title", func(k kr) (string, bool) { return k.Title, true })),
				rules.ObjectFact("owner", "person", func(k kr) (pe, bool) { return k.Owner, true }),
				rules.ObjectFact("source", "source", func(k kr) (so, bool) { return k.Source, true }),
				rules.Fact("baseline", func(k kr) (float64, bool) { return k.Baseline, true }),
				rules.Fact("target", func(k kr) (float64, bool) { return k.Target, true }),
				rules.Fact("current", func(k kr) (float64, bool) { return k.Current, true }),
				rules.Fact("due", func(k kr) (time.Time, bool) { return k.Due, true }),
				rules.ObjectFact("objective", "objective", func(k kr) (ob, bool) { return k.Objective, true }),
				rules.Fact("confidence", func(k kr) (float64, bool) { return k.Confidence, true }),
				rules.Fact("last_checkin", func(k kr) (time.Time, bool) { return k.LastCheckIn, true }),
				rules.Fact("cadence", func(k kr) (time.Duration, bool) { return k.Cadence, true }),
			}},
			{Name: "person", Fields: []rules.Field{
				rules.Fact("name", func(p pe) (string, bool) { return p.Name, true }),
				rules.Fact("kind", func(p pe) (string, bool) { return p.Kind, true }),
			}},
			{Name: "source", Fields: []rules.Field{
				rules.Fact("where", func(s so) (string, bool) { return s.Where, true }),
				rules.Fact("last", func(s so) (time.Time, bool) { return s.Last, true }),
			}},
			{Name: "objective", Fields: []rules.Field{
				rules.Fact("title", func(o ob) (string, bool) { return o.Title, true }),
				rules.ObjectFact("team", "team", func(o ob) (te, bool) { return o.Team, true }),
				rules.ListFact("key_results", "key_result", func(o ob) ([]kr, bool) { return o.KeyResults, true }),
			}},
			{Name: "team", Fields: []rules.Field{
				rules.Fact("name", func(t te) (string, bool) { return t.Name, true }),
				rules.ListFact("objectives", "objective", func(t te) ([]ob, bool) { return t.Objectives, true }),
			}},
			{Name: "cycle", Fields: []rules.Field{
				rules.Fact("start", func(c cy) (time.Time, bool) { return c.Start, true }),
				rules.Fact("end", func(c cy) (time.Time, bool) { return c.End, true }),
			}},
		},
		Subjects: []rules.Subject{{Name: "key_result", Vars: map[string]string{"kr": "key_result", "cycle": "cycle"}}},
	}
}

const scoreText = "(kr.current - kr.baseline) / (kr.target - kr.baseline)"

// checks are the twelve rules in CEL, for okrkit and for plain cel-go. The text
// rules of the latter call what it was given: the same functions as hand-written
// Go has.
func checks(how spelling, own bool) []string {
	text := []string{
		"hasNumber(kr.title)",
		"!hasAnyWord(kr.title, " + list(vagueVerbs) + ")",
		"!startsWithAnyWord(kr.title, " + list(taskVerbs) + ")",
	}
	switch {
	case how == byRegex:
		text = []string{"kr.title.matches(r'" + numberPattern + "')", "!kr.title.matches(r'" + vaguePattern + "')", "!kr.title.matches(r'" + taskPattern + "')"}
	case own:
		text = []string{"hasNumber(kr.title)", "!isVague(kr.title)", "!isTask(kr.title)"}
	}
	return []string{
		`has(kr.owner) && kr.owner.kind == "human"`,
		`has(kr.source) && now - kr.source.last <= duration("168h")`,
		"kr.target != kr.baseline",
		text[0], text[1], text[2],
		"kr.due >= cycle.start && kr.due <= cycle.end",
		"kr.objective.key_results.size() >= 1 && kr.objective.key_results.size() <= 5",
		"kr.objective.team.objectives.size() <= 3",
		"kr.confidence >= 0.0 && kr.confidence <= 1.0",
		"now - kr.last_checkin <= kr.cadence",
		"kr.title.size() >= 10 && kr.title.size() <= 140",
	}
}

func list(words []string) string { return `["` + strings.Join(words, `", "`) + `"]` }

// packText is the pack of twelve rules.
func packText(how spelling) string {
	var b strings.Builder
	b.WriteString("apiVersion: okr.rules/v1\nenv: 1\nname: twelve\nversion: 1.0.0\nrules:\n")
	for i, c := range checks(how, false) {
		fmt.Fprintf(&b, "  - {id: r%02d, on: key_result, message: \"{kr.title}\", check: '%s'}\n", i, strings.ReplaceAll(c, "'", "''"))
	}
	return b.String()
}

func load(t testing.TB, text string) *rules.Set {
	t.Helper()
	of := schema()
	for i := range of.Types { // which spares the examples that tests of packs would need
		for j := range of.Types[i].Fields {
			of.Types[i].Fields[j].MayBeUnknown = true
		}
	}
	env, err := rules.NewEnv(of)
	require.NoError(t, err)
	s, err := rules.Load(env, rules.File{Name: "twelve.yaml", Text: []byte(text)})
	require.NoError(t, err)
	return s
}

// byOkrkit asks for outcomes alone, as the peers do.
func byOkrkit(t testing.TB, krs []*keyResult, how spelling) engine {
	t.Helper()
	s := load(t, packText(how))
	vars := make([]map[string]any, len(krs))
	for i, k := range krs {
		vars[i] = map[string]any{"kr": k, "cycle": quarter}
	}
	into := make([]rules.Outcome, 0, twelve)
	o := rules.Options{Now: now}
	ctx := t.Context()
	return engine{"okrkit", func(i int) (mask uint16) {
		var err error
		if into, err = s.Outcomes(ctx, "key_result", vars[i], o, into[:0]); err != nil {
			t.Fatal(err)
		}
		for j, out := range into {
			if out == rules.OutcomePass {
				mask |= 1 << j
			}
		}
		return mask
	}}
}

// byFindings is what an audit asks: the rules that do not hold, each with its
// message written out.
func byFindings(t testing.TB, krs []*keyResult, how spelling) engine {
	t.Helper()
	s := load(t, packText(how))
	vars := make([]map[string]any, len(krs))
	for i, k := range krs {
		vars[i] = map[string]any{"kr": k, "cycle": quarter}
	}
	o := rules.Options{Now: now, Brief: true}
	ctx := t.Context()
	return engine{"okrkit-findings", func(i int) uint16 {
		mask := uint16(1<<twelve - 1)
		out, err := s.Evaluate(ctx, "key_result", vars[i], o)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range out {
			mask &^= 1 << ((r.Rule[1]-'0')*10 + r.Rule[2] - '0')
		}
		return mask
	}}
}
