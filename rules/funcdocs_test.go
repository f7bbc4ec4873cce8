package rules_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules"
)

// The functions of a level never change: another list is another level.
func TestFunctionsOfLevelOne(t *testing.T) {
	const golden = "testdata/functions1.golden"
	s := shopSchema()
	s.Level = 1
	env, err := rules.NewEnv(s)
	require.NoError(t, err)
	got := strings.Join(rules.Overloads(env), "\n") + "\n"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "a level is a promise: what is new begins with the next")
}

// Whatever can be called is told of, and nothing else.
func TestEveryFunctionIsTold(t *testing.T) {
	env := shopEnv(t)
	var told []string
	for _, f := range env.Functions() {
		require.NotEmpty(t, f.Signature, f.Name)
		require.NotEmpty(t, f.Doc, f.Name)
		require.Positive(t, f.Since, f.Name)
		if f.Group != "operators" {
			told = append(told, f.Name)
		}
	}
	slices.Sort(told)
	require.Equal(t, rules.FunctionNames(env), told)
}

// Every example does what it says.
func TestExamplesOfFunctions(t *testing.T) {
	env := shopEnv(t)
	for _, f := range env.Functions() {
		if f.Name == "has" || f.Name == "since" { // they need a fact
			continue
		}
		require.Contains(t, f.Example, strings.Fields(f.Name)[0][:1], f.Name)
		r := one(t, env, "["+f.Example+"].size() == 1", map[string]any{"order": &order{}, "shop": &shop{}, "limit": 1.0})
		require.Equal(t, rules.OutcomePass, r.Outcome, "%s: %v", f.Example, r.Err)
	}
}
