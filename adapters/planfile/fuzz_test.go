package planfile_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters/planfile"
	"github.com/okrkit/okrkit/okr"
)

// requireReads requires of any input that it is refused as invalid, or read so
// that every line is accounted for, no line twice, and the plan can become
// drafts.
func requireReads(t *testing.T, format planfile.Format, name string, src []byte) {
	var trace planfile.Trace
	p, err := planfile.ReadAs(format, name, src, planfile.WithTrace(&trace))
	if err != nil {
		require.ErrorIs(t, err, okr.ErrInvalid)
		var syntax *planfile.SyntaxError
		require.ErrorAs(t, err, &syntax)
		require.NotEmpty(t, syntax.Problem)
		require.NotEmpty(t, syntax.Hint)
		return
	}
	requireAccount(t, src, p, trace)
	requireUsable(t, p)
	if format == planfile.Markdown || format == planfile.CSV {
		require.Empty(t, planfile.ClaimedTwice(format, name, src))
	}
	again, err := planfile.ReadAs(format, name, src)
	require.NoError(t, err)
	require.Equal(t, p, again, "the same file was read in two ways")
}

func fuzz(f *testing.F, format planfile.Format, seeds ...string) {
	files, err := filepath.Glob("testdata/*.*")
	require.NoError(f, err)
	for _, file := range files {
		src, err := os.ReadFile(file)
		require.NoError(f, err)
		if got, err := planfile.Detect(file, src); err == nil && (got == format || format == planfile.Markdown && filepath.Ext(file) == ".golden") {
			f.Add(src)
		}
	}
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 1<<16 {
			return
		}
		requireReads(t, format, "fuzzed", src)
	})
}

func FuzzYAML(f *testing.F) {
	fuzz(f, planfile.YAML, ownPlan, "a: &a [*a]", "objectives: &o\n- title: *o")
}
func FuzzJSON(f *testing.F) {
	fuzz(f, planfile.JSON, `{"objectives":[{"title":"\ud83c\udfaf"}]}`, `[`, `{"a":1}{`)
}
func FuzzTree(f *testing.F) {
	fuzz(f, planfile.Tree, "OKR:\n  Q4:\n    Objective: a\n    KeyResults: [b, {Metric: c}]")
}
func FuzzCSV(f *testing.F) {
	fuzz(f, planfile.CSV, "sep=|\nobjective|kr\na|b", "kr,owner\n\"a\nb\",c\n", "Objective;KR\n;\"x")
}
func FuzzMarkdown(f *testing.F) {
	fuzz(f, planfile.Markdown, "- O1: a\n\t- KR: b\n", "| KR |\n|--|\n| a |", "a\n===\n1. b\n- c\n2. d")
}

// TestNoLineIsClaimedTwice holds for every file that people wrote.
func TestNoLineIsClaimedTwice(t *testing.T) {
	for _, dir := range []string{"testdata", filepath.Join(os.Getenv("OKRKIT_REAL_DATA"), "plans")} {
		files, err := filepath.Glob(filepath.Join(dir, "*.*"))
		require.NoError(t, err)
		for _, file := range files {
			src, err := os.ReadFile(file)
			require.NoError(t, err)
			format, err := planfile.Detect(file, src)
			if err != nil || format != planfile.Markdown && format != planfile.CSV {
				continue
			}
			require.Empty(t, planfile.ClaimedTwice(format, file, src), file)
		}
	}
}
