package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the documents beside docs/rules.md tell an admin to write and to type does what
// they say: a block with a file's name is written there, and what stands below a
// command is what it prints.
func TestRulesDocument(t *testing.T) {
	texts := map[string]string{}
	for _, doc := range []string{"rules-tests", "rules-packs", "papers"} {
		text, err := os.ReadFile("../../docs/" + doc + ".md")
		require.NoError(t, err)
		texts[doc] = string(text)
	}
	for doc, text := range texts {
		t.Run(doc, func(t *testing.T) {
			t.Chdir(t.TempDir())
			blocks := strings.Split(text, "\n```")
			commands := 0
			for i := 1; i < len(blocks); i += 2 {
				info, body, _ := strings.Cut(blocks[i], "\n")
				switch kind, file, named := strings.Cut(info, " "); {
				case kind == "yaml" && named:
					require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
					require.NoError(t, os.WriteFile(file, []byte(body+"\n"), 0o600))
				case kind == "console":
					for _, part := range strings.Split("\n"+body, "\n$ ")[1:] {
						line, want, _ := strings.Cut(part, "\n")
						args := strings.Fields(line)
						require.Equal(t, "okrkit", args[0])
						_, stdout, stderr := runFor(t, args[1:]...)
						require.Equal(t, strings.TrimRight(want, "\n"), strings.TrimRight(stdout+stderr, "\n"), line)
						commands++
					}
				}
			}
			require.Positive(t, commands)
		})
	}
}
