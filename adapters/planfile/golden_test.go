package planfile_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters/planfile"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden reads each file of testdata and compares what it was read as with
// the golden file beside it: the plan as okrkit writes it, what was not read, and
// the role of each line.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.*")
	require.NoError(t, err)
	read := 0
	for _, file := range files {
		if strings.HasSuffix(file, ".golden") {
			continue
		}
		read++
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			require.NoError(t, err)
			var trace planfile.Trace
			p, err := planfile.Read(filepath.Base(file), src, planfile.WithTrace(&trace))
			require.NoError(t, err)
			requireAccount(t, src, p, trace)
			requireUsable(t, p)

			var out bytes.Buffer
			fmt.Fprintf(&out, "# %s\n", trace.Format)
			_, err = planfile.Write(&out, planfile.YAML, p)
			require.NoError(t, err)
			out.WriteString("---\n")
			for _, u := range p.Unread {
				fmt.Fprintf(&out, "%d: %s: %s\n", u.Line, u.Reason, u.Text)
			}
			out.WriteString("---\n")
			for _, l := range trace.Lines {
				fmt.Fprintf(&out, "%-10s | %s\n", l.Role, l.Text)
			}
			golden := file + ".golden"
			if *update {
				require.NoError(t, os.WriteFile(golden, out.Bytes(), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err, "run the test with -update once")
			require.Equal(t, string(want), out.String())
		})
	}
	require.NotZero(t, read)
}
