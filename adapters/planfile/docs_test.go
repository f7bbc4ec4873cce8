package planfile_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters/planfile"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// What the documentation shows is what the program reads: every kind, mode and
// preset, with nothing left unread and nothing contradictory.
func TestTheDocumentedPlanIsRead(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "measuring.md"))
	require.NoError(t, err)
	block := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(text)
	require.NotNil(t, block)
	plan, err := planfile.Read("measuring.yaml", block[1])
	require.NoError(t, err)
	require.Empty(t, plan.Unread)
	s, _, err := plan.Snapshot(okrtest.SequentialIDs(), time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	var kinds []measure.Kind
	var modes []measure.Mode
	for _, k := range s.KeyResults {
		require.Empty(t, k.Metric.Problems(), k.Title)
		require.Empty(t, k.Curve.Problems(), k.Title)
		kinds = append(kinds, k.Metric.Kind)
		modes = append(modes, k.Metric.Mode)
	}
	for _, k := range measure.Kinds() {
		require.Contains(t, kinds, k, "no key result of kind %s", k)
	}
	for _, m := range measure.Modes() {
		require.True(t, m == measure.Latest || slices.Contains(modes, m), "no key result in mode %s", m)
		require.Contains(t, string(text), "| `"+string(m)+"` |")
	}
	for _, p := range measure.Presets() {
		require.Contains(t, string(text), "| `"+p+"` |", "preset %s is not documented", p)
	}
}
