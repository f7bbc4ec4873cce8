package papers_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence/papers"
)

// browser is a Chromium that prints without a screen.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium is installed, so nothing can be printed: apt-get install chromium")
	return ""
}

var (
	sheets = regexp.MustCompile(`/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]`)
	// outside is what a page would have to fetch.
	outside = regexp.MustCompile(`(?i)<(script|link|img|iframe|object|embed|video|audio|source|form|base)\b|@import|url\(| on[a-z]+=`)
)

// A browser prints every paper on the sheets that it is laid out for, and needs
// nothing from elsewhere.
func TestPapersArePrinted(t *testing.T) {
	chromium := browser(t)
	s := papers.Shipped()
	filled := papersOf(t)
	long := filled[papers.KindCheckIn].(papers.CheckIn)
	for range 5 {
		long.KeyResults = append(long.KeyResults, long.KeyResults...)
	}
	for _, c := range []struct {
		name          string
		data          papers.Data
		size          papers.Size
		width, height string
		pages         int // at least
	}{
		{"a long check-in", long, papers.A4, "841.91998", "594.95996", 8},
		{"planning on Letter", filled[papers.KindPlanning], papers.Letter, "612", "792", 2},
		{"a blank worksheet", papers.Worksheet{}, papers.A4, "841.91998", "594.95996", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			page := render(t, s, c.data, papers.Options{Format: papers.Print, Size: c.size})
			require.Empty(t, outside.FindString(page))
			dir := t.TempDir()
			from, to := filepath.Join(dir, "page.html"), filepath.Join(dir, "page.pdf")
			require.NoError(t, os.WriteFile(from, []byte(page), 0o600))
			cmd := exec.CommandContext(t.Context(), chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-pdf-header-footer",
				"--host-resolver-rules=MAP * ~NOTFOUND", "--user-data-dir="+filepath.Join(dir, "profile"), "--print-to-pdf="+to, "file://"+from)
			said, err := cmd.CombinedOutput()
			require.NoError(t, err, string(said))
			pdf, err := os.ReadFile(to)
			require.NoError(t, err)
			boxes := sheets.FindAllStringSubmatch(string(pdf), -1)
			require.GreaterOrEqual(t, len(boxes), c.pages)
			for _, b := range boxes {
				require.Equal(t, c.width+" x "+c.height, fmt.Sprintf("%s x %s", b[1], b[2]))
			}
		})
	}
}

var (
	tagged   = regexp.MustCompile(`<(/?)([a-z0-9]+)([^>]*)>`)
	language = regexp.MustCompile(`^<!DOCTYPE html>\s*<html lang="([^"]+)">`)
)

// What somebody needs who reads a page without seeing it: its language, a title, one
// main part, headings in order, and tables whose cells belong to a heading.
func TestPagesCanBeReadAloud(t *testing.T) {
	s := papers.Shipped()
	filled := papersOf(t)
	for _, l := range s.Languages() {
		for _, k := range papers.Kinds() {
			for _, d := range []papers.Data{filled[k], papers.Blank(k)} {
				for _, f := range []papers.Format{papers.HTML, papers.Print} {
					page := render(t, s, d, papers.Options{Language: l, Format: f})
					require.Equal(t, l, language.FindStringSubmatch(page)[1])
					require.NotContains(t, page, "<title></title>")
					level, mains := 0, 0
					var open []string
					for _, m := range tagged.FindAllStringSubmatch(page, -1) {
						end, name, attributes := m[1] == "/", m[2], m[3]
						switch {
						case name == "meta":
							continue
						case end:
							require.Equal(t, open[len(open)-1], name, "%s in %s: elements are nested", k, l)
							open = open[:len(open)-1]
							continue
						}
						open = append(open, name)
						switch name {
						case "main":
							mains++
						case "th":
							require.Regexp(t, `scope="(col|row)"`, attributes)
						case "div":
							if strings.Contains(attributes, "scroll") {
								require.Regexp(t, `tabindex="0" role="region" aria-label="[^"]+"`, attributes, "what scrolls can be reached by keys and has a name")
							}
						case "h1", "h2", "h3":
							next := int(name[1] - '0')
							require.LessOrEqual(t, next, level+1, "%s in %s: no level of headings is left out", k, l)
							level = next
						}
					}
					require.Empty(t, open)
					require.Equal(t, 1, mains)
					require.Equal(t, 1, strings.Count(page, "<h1>"))
				}
			}
		}
	}
}
