package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// runFor runs the command within the test, and gives what it printed.
func runFor(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	a := &app{in: strings.NewReader(""), out: new(bytes.Buffer), err: &errs}
	code = a.run(context.Background(), args, &out)
	return code, out.String(), errs.String()
}

// What the engine says of a wrong pack is what the command prints, for people and
// for machines.
func TestWrongPacksAreLinted(t *testing.T) {
	files, err := filepath.Glob("../../audit/testdata/wrong/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		golden, err := os.ReadFile(strings.TrimSuffix(file, ".yaml") + ".txt")
		require.NoError(t, err)
		told := strings.TrimSuffix(string(golden), "\n")
		name := filepath.Base(file)

		code, stdout, stderr := runFor(t, "rules", "lint", file)
		require.Equal(t, exitFindings, code, name)
		require.Empty(t, stderr, name)
		said, verdict, ok := strings.Cut(strings.ReplaceAll(stdout, filepath.ToSlash(file), name), "\n\n1 pack, ")
		require.True(t, ok, name)
		require.Equal(t, told, said, name)
		require.Regexp(t, `^\d+ rules?: \d+ problems?\n$`, verdict, name)

		code, stdout, _ = runFor(t, "rules", "lint", "--format", "json", file)
		require.Equal(t, exitFindings, code, name)
		var got struct {
			Problems []problem `json:"problems"`
			Warnings []problem `json:"warnings"`
		}
		require.NoError(t, json.Unmarshal([]byte(stdout), &got), name)
		require.Len(t, got.Problems, strings.Count(told, name+":"), name)
		require.Empty(t, got.Warnings, name)
		for _, p := range got.Problems {
			require.Contains(t, told, p.Message, name)
			require.Contains(t, told, p.Hint, name)
		}
	}
}

// Packs about other things than OKRs are wrong as well, and none of them stops the
// command.
func TestEveryWrongPackHasProblems(t *testing.T) {
	files, err := filepath.Glob("../../rules/testdata/wrong/*.yaml")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 60)
	for _, file := range files {
		code, stdout, _ := runFor(t, "rules", "lint", "--format", "json", file)
		var got struct{ Problems []problem }
		require.NoError(t, json.Unmarshal([]byte(stdout), &got), file)
		if filepath.Base(file) != "higher-env.yaml" {
			require.NotEmpty(t, got.Problems, file)
		}
		require.Equal(t, exitFindings, code, file)
	}
}

func TestDoubtfulPacksAreWarnedOf(t *testing.T) {
	files, err := filepath.Glob("../../audit/testdata/doubtful/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		code, stdout, _ := runFor(t, "rules", "lint", file)
		require.Equal(t, exitFine, code, file)
		require.Regexp(t, `: warning: `, stdout)
		require.Regexp(t, `: nothing is wrong, \d+ warnings?\n$`, stdout)
		code, _, _ = runFor(t, "rules", "lint", "--strict", file)
		require.Equal(t, exitFindings, code, file)
	}
}
