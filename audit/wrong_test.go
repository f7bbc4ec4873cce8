package audit_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/rules"
)

// TestWrongPacks shows what an author of rules about OKRs reads: x.txt says what is
// wrong with x.yaml.
func TestWrongPacks(t *testing.T) {
	whatIsRead(t, "testdata/wrong", func(t *testing.T, _ *rules.Set, err error) string {
		var all rules.Errors
		require.ErrorAs(t, err, &all)
		for _, e := range all {
			require.Positive(t, e.Line)
			require.False(t, e.Warning)
		}
		return err.Error()
	})
}

// TestDoubtfulPacks shows what is warned of and works all the same.
func TestDoubtfulPacks(t *testing.T) {
	whatIsRead(t, "testdata/doubtful", func(t *testing.T, set *rules.Set, err error) string {
		require.NoError(t, err)
		require.NotEmpty(t, set.Warnings())
		for _, e := range set.Warnings() {
			require.True(t, e.Warning)
			require.NotEmpty(t, e.Hint)
		}
		return set.Warnings().Error()
	})
}

func whatIsRead(t *testing.T, folder string, tell func(*testing.T, *rules.Set, error) string) {
	t.Helper()
	files, err := filepath.Glob(folder + "/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			set, err := rules.Load(env(), rules.File{Name: filepath.Base(file), Text: text})
			got := tell(t, set, err) + "\n"
			golden := strings.TrimSuffix(file, ".yaml") + ".txt"
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
}

// What is shipped is an example to others.
func TestShippedPacksAreWithoutDoubt(t *testing.T) {
	live, err := rules.Open(audit.Env(audit.Level), pack.Starter)
	require.NoError(t, err)
	require.Empty(t, live.Set().Warnings().Error())
	for _, name := range pack.Presets() {
		set, err := rules.Compile(env(), preset(t, name))
		require.NoError(t, err)
		require.Empty(t, set.Warnings().Error(), name)
	}
}
