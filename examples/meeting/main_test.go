package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr/measure"
)

var update = flag.Bool("update", false, "write the story anew")

// Words follow the sign: nothing runs over by less than nothing more.
func TestWordsOfMeetings(t *testing.T) {
	for said, want := range map[string]string{
		trend(measure.N(-3.5)):    "from one to the next, they run over by 3.5 minutes less",
		trend(measure.N(2)):       "from one to the next, they run over by 2.0 minutes more",
		trend(measure.N(0)):       "they keep their time as well as before",
		trend(measure.Number{}):   "too few to say whether they keep their time better",
		overRun(measure.N(-1)):    "1.0 fewer than expected",
		overRun(measure.N(7.5)):   "7.5 more than expected",
		overRun(measure.Number{}): "how long was expected, nobody knows",
	} {
		require.Equal(t, want, said)
	}
}

// The story is the same each time, to the last figure.
func TestTheStory(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out), out.String())
	golden := filepath.Join("testdata", "story.golden")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, out.Bytes(), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), out.String())
	require.Contains(t, out.String(), "Nothing recorded: checkins[1].unit")
	require.Contains(t, out.String(), "== Shops, 2026-10-23: 14.5 of 15 minutes", "as much as its points take")
}
