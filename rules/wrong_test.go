package rules_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestWrongPacks shows what an admin reads: each testdata/wrong/x.yaml is
// wrong, and x.txt says how.
func TestWrongPacks(t *testing.T) {
	env := shopEnv(t)
	files, err := filepath.Glob("testdata/wrong/*.yaml")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 60)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			packs := []rules.File{{Name: filepath.Base(file), Text: text}}
			if beside, err := os.ReadFile(strings.TrimSuffix(file, "yaml") + "beside"); err == nil { // what is loaded before it
				packs = append([]rules.File{{Name: "beside.yaml", Text: beside}}, packs...)
			}
			_, err = rules.Load(env, packs...)
			require.Error(t, err)
			require.ErrorIs(t, err, rules.ErrInvalid)
			var one *rules.Error
			require.ErrorAs(t, err, &one)
			var all rules.Errors
			require.ErrorAs(t, err, &all)
			for _, e := range all {
				require.NotEmpty(t, e.Message)
				require.NotContains(t, e.Message+e.Hint, "@")
				require.Positive(t, e.Line, e.Message)
				require.NotEmpty(t, e.Excerpt, e.Message)
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".txt"
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(err.Error()+"\n"), 0o644))
			}
			want, readErr := os.ReadFile(golden)
			require.NoError(t, readErr)
			require.Equal(t, string(want), err.Error()+"\n")
		})
	}
}
