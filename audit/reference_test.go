package audit_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
)

// Every fact and function has an example, and every example an answer.
func TestReference(t *testing.T) {
	r, err := audit.References(t.Context(), env())
	require.NoError(t, err)
	for _, typ := range r.Types {
		require.NotEmpty(t, typ.Path, typ.Name)
		for _, f := range typ.Facts {
			at := typ.Name + "." + f.Name
			require.NotEmpty(t, f.Doc, at)
			require.NotEmpty(t, f.Result, at)
			require.Contains(t, f.Example, f.Name, at)
			require.Positive(t, f.Since, at)
		}
	}
	for _, f := range r.Functions {
		require.NotEmpty(t, f.Example, f.Name)
		require.NotEmpty(t, f.Result, f.Name)
	}
}

// The facts of a level never change: another list is another level.
func TestFactsOfLevelOne(t *testing.T) {
	r, err := audit.References(t.Context(), env().At(1))
	require.NoError(t, err)
	var b strings.Builder
	for _, s := range r.Subjects {
		vars, err := json.Marshal(s.Vars)
		require.NoError(t, err)
		fmt.Fprintf(&b, "on %s %s\n", s.Name, vars)
	}
	for _, typ := range r.Types {
		for _, f := range typ.Facts {
			fmt.Fprintf(&b, "%s.%s %s", typ.Name, f.Name, f.Kind)
			if f.MayBeUnknown {
				b.WriteString("?")
			}
			if f.Unit != "" {
				b.WriteString(" " + f.Unit)
			}
			if f.Least != nil {
				fmt.Fprintf(&b, " %v..%v", *f.Least, *f.Most)
			}
			if f.Values != nil {
				fmt.Fprintf(&b, " %q", f.Values)
			}
			b.WriteString("\n")
		}
	}
	for _, f := range r.Functions {
		if f.Group == "host" {
			b.WriteString(f.Signature + "\n")
		}
	}
	fmt.Fprintf(&b, "statuses %q\n", r.Statuses)
	const golden = "testdata/level1/facts.golden"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String(), "a level is a promise: what is new begins with the next")
}
