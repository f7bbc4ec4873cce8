package lexicon

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whoever writes a list finds every section and every line of its head described.
func TestEverySectionIsDescribed(t *testing.T) {
	b, err := os.ReadFile("../../docs/words.md")
	require.NoError(t, err)
	_, table, ok := strings.Cut(string(b), "| section | words that |\n")
	require.True(t, ok)
	for s := range sections {
		require.Contains(t, table, "`"+s+"`", "docs/words.md does not say what [%s] is", s)
	}
	for line := range strings.Lines(table) {
		names, _, _ := strings.Cut(strings.TrimPrefix(line, "|"), "|")
		for _, name := range strings.Fields(names) {
			if name = strings.Trim(name, "`"); strings.Trim(name, "-") != "" {
				_, known := sections[name]
				require.True(t, known, "docs/words.md describes [%s], which there is not", name)
			}
		}
	}
	for s := range shapes {
		require.Contains(t, string(b), "`"+s+"`")
	}
}
