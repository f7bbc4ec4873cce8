package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the story anew")

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
}
