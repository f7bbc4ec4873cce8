package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/stretchr/testify/require"
)

const regoRules = `package twelve

passed contains 0 if input.owner.kind == "human"
passed contains 1 if input.now - input.source.last <= 604800000000000
passed contains 2 if input.target != input.baseline
passed contains 6 if { input.due >= input.cycle.start; input.due <= input.cycle.end }
passed contains 7 if { count(input.objective.key_results) >= 1; count(input.objective.key_results) <= 5 }
passed contains 8 if count(input.objective.team.objectives) <= 3
passed contains 9 if { input.confidence >= 0; input.confidence <= 1 }
passed contains 10 if input.now - input.last_checkin <= input.cadence
passed contains 11 if { count(input.title) >= 10; count(input.title) <= 140 }
`

func regoText(how spelling) string {
	if how == byRegex {
		return regoRules + fmt.Sprintf("passed contains 3 if regex.match(`%s`, input.title)\npassed contains 4 if not regex.match(`%s`, input.title)\npassed contains 5 if not regex.match(`%s`, input.title)\n",
			numberPattern, vaguePattern, taskPattern)
	}
	words := func(of []string) string {
		text, _ := json.Marshal(of)
		return "{" + string(text[1:len(text)-1]) + "}"
	}
	return regoRules + fmt.Sprintf("vague := %s\ntask := %s\n", words(vagueVerbs), words(taskVerbs)) +
		"words := regex.find_n(`[a-z0-9]+`, lower(input.title), -1)\n" +
		"passed contains 3 if { some w in words; regex.match(`^[0-9]`, w) }\n" +
		"passed contains 4 if count({w | some w in words} & vague) == 0\n" +
		"passed contains 5 if not words[0] in task\n"
}

// byOPA is a prepared query on input that was parsed beforehand.
func byOPA(t testing.TB, krs []*keyResult, how spelling) engine {
	t.Helper()
	ctx := context.Background()
	query, err := rego.New(rego.Query("data.twelve.passed"), rego.Module("twelve.rego", regoText(how))).PrepareForEval(ctx)
	require.NoError(t, err)
	inputs := make([]ast.Value, len(krs))
	for i, k := range krs {
		inputs[i], err = ast.InterfaceToValue(regoInput(k))
		require.NoError(t, err)
	}
	return engine{"OPA", func(i int) (mask uint16) {
		out, err := query.Eval(ctx, rego.EvalParsedInput(inputs[i]))
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range out[0].Expressions[0].Value.([]any) {
			n, err := v.(json.Number).Int64()
			if err != nil {
				t.Fatal(err)
			}
			mask |= 1 << n
		}
		return mask
	}}
}

// regoInput is a key result as JSON has it; instants and spans are nanoseconds.
func regoInput(k *keyResult) map[string]any {
	titles := func(n int) []any {
		out := make([]any, n)
		for i := range out {
			out[i] = map[string]any{"title": "x"}
		}
		return out
	}
	in := map[string]any{
		"title": k.Title, "baseline": k.Baseline, "target": k.Target, "due": k.Due.UnixNano(), "confidence": k.Confidence,
		"last_checkin": k.LastCheckIn.UnixNano(), "cadence": int64(k.Cadence), "now": now.UnixNano(),
		"cycle": map[string]any{"start": quarter.Start.UnixNano(), "end": quarter.End.UnixNano()},
		"objective": map[string]any{
			"key_results": titles(len(k.Objective.KeyResults)), "team": map[string]any{"objectives": titles(len(k.Objective.Team.Objectives))},
		},
	}
	if k.Owner != nil {
		in["owner"] = map[string]any{"name": k.Owner.Name, "kind": k.Owner.Kind}
	}
	if k.Source != nil {
		in["source"] = map[string]any{"where": k.Source.Where, "last": k.Source.Last.UnixNano()}
	}
	return in
}
