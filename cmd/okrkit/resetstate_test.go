package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What two people decide at one time is kept, or it is refused: it is never lost.
func TestNoDecisionIsLost(t *testing.T) {
	dir := t.TempDir()
	file, state := filepath.Join(dir, "plan.md"), filepath.Join(dir, "reset.yaml")
	require.NoError(t, os.WriteFile(file, revision{{"Happy guests", "Improve satisfaction", "Fewer late check-ins", "Sell breakfast"}}.text(), 0o600))
	run := func(args ...string) (int, string) {
		var problems bytes.Buffer
		a := &app{in: strings.NewReader(""), out: new(bytes.Buffer), err: &problems, clock: func() time.Time { return time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC) }}
		return a.run(t.Context(), append([]string{"reset"}, append(args, "--state", state)...), new(bytes.Buffer)), problems.String()
	}
	code, problem := run("start", file)
	require.Zero(t, code, problem)
	info, err := os.Stat(state)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o644), info.Mode().Perm())

	titles := []string{"Improve satisfaction", "Fewer late check-ins", "Sell breakfast"}
	codes, problems := make([]int, len(titles)), make([]string, len(titles))
	var wg sync.WaitGroup
	for i, title := range titles {
		wg.Go(func() { codes[i], problems[i] = run("vouch", title, "--for", "as_is", "--reason", "enough") })
	}
	wg.Wait()
	text, err := os.ReadFile(state)
	require.NoError(t, err)
	f, err := parseReset(input{state, text})
	require.NoError(t, err)
	kept := 0
	for i := range titles {
		if codes[i] == exitFine {
			kept++
		} else {
			require.Contains(t, problems[i], "somebody else has changed it meanwhile")
		}
	}
	require.Positive(t, kept)
	require.Len(t, f.Reset.Vouched, kept)

	// The one who read before another one wrote is told, however much later that is.
	late := *f
	code, problem = run("abandon", "--reason", "the hotel is sold")
	require.Zero(t, code, problem)
	require.ErrorContains(t, late.write(state), "somebody else has changed it meanwhile")
}
