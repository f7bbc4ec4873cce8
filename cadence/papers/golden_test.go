package papers_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence/papers"
)

var update = flag.Bool("update", false, "write what the papers look like into testdata")

var styles = regexp.MustCompile(`(?s)<style>.*</style>`)

// Every paper, filled from the same live company, in every language and format.
func TestPapers(t *testing.T) {
	s := papers.Shipped()
	filled := papersOf(t)
	for _, k := range papers.Kinds() {
		for _, l := range s.Languages() {
			golden(t, string(k)+"."+l+".md", render(t, s, filled[k], papers.Options{Language: l}))
			page := render(t, s, filled[k], papers.Options{Language: l, Format: papers.HTML})
			golden(t, string(k)+"."+l+".html", styles.ReplaceAllString(page, "<style></style>")) // one of all languages is enough
		}
	}
	golden(t, "blank-checkin.print.html", render(t, s, papers.CheckIn{}, papers.Options{Format: papers.Print}))
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Empty(t, difference(string(want), got), "%s is written otherwise now; run go test ./cadence/papers -update and read the difference", name)
}
