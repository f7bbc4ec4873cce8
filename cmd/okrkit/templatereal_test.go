package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence/papers"
)

// Papers are filled from real plans, whatever those lack: each plan fills two of
// them, in turn.
func TestTemplatesOfRealPlans(t *testing.T) {
	plans, err := filepath.Glob(filepath.Join(realData(t), "plans", "*"))
	require.NoError(t, err)
	require.NotEmpty(t, plans)
	kinds := papers.Kinds()
	for i, plan := range plans {
		if filepath.Base(plan) == "INDEX.md" {
			continue // a list of the others
		}
		for _, kind := range []papers.Kind{kinds[i%len(kinds)], kinds[(i+2)%len(kinds)]} {
			language := papers.Shipped().Languages()[i%5]
			code, out, problems := call(t, "", "template", "--language", language, "--now", "2026-11-06", string(kind), plan)
			require.Equal(t, exitFine, code, "%s of %s: %s", kind, plan, problems)
			require.NotEmpty(t, out)
		}
	}
}
