package deptest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	requirement = regexp.MustCompile(`^\| ([RN]\d+) \| (.+) \| (.+) \|$`)
	named       = regexp.MustCompile("`([a-z][a-z0-9/_]*): ([A-Za-z0-9_/.#-]+)`")
)

// TestRequirementsNameTestsThatExist keeps docs/requirements.md honest: every
// requirement is listed once, and is either open or held by tests that exist.
func TestRequirementsNameTestsThatExist(t *testing.T) {
	seen := map[string]bool{}
	for line := range strings.Lines(read(t, "docs/requirements.md")) {
		m := requirement.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		id, held := m[1], m[3]
		require.False(t, seen[id], "%s is listed twice", id)
		seen[id] = true
		if held == "*open*" {
			continue
		}
		tests := named.FindAllStringSubmatch(held, -1)
		require.NotEmpty(t, tests, "%s is held by %q: name tests as `folder: Name`, or write *open*", id, held)
		for _, n := range tests {
			require.True(t, exists(t, n[1], n[2]), "%s is held by %s in %s, which does not exist", id, n[2], n[1])
		}
	}
	for prefix, last := range map[string]int{"R": 76, "N": 25} {
		for i := 1; i <= last; i++ {
			require.True(t, seen[prefix+strconv.Itoa(i)], "%s%d is missing", prefix, i)
		}
	}
	require.Len(t, seen, 76+25)
}

// exists says whether a folder holds a test, fuzz target or example of the name,
// a testscript (name.txtar, of testdata/script), or a rule of a starter pack
// that the pack's own tests show failing (pack.yaml#rule).
func exists(t *testing.T, folder, name string) bool {
	t.Helper()
	dir := filepath.Join(root, filepath.FromSlash(folder))
	if pack, rule, ok := strings.Cut(name, "#"); ok {
		b, err := os.ReadFile(filepath.Join(dir, pack))
		rules, tests, _ := strings.Cut(string(b), "\ntests:")
		id := regexp.QuoteMeta(rule)
		return err == nil && regexp.MustCompile(`(?m)^  - id: `+id+`$`).MatchString(rules) &&
			regexp.MustCompile(`\b`+id+`: (fail|\{outcome: fail)\b`).MatchString(tests)
	}
	if filepath.Ext(name) == ".txtar" {
		return isFile(filepath.Join(dir, "testdata", "script", name))
	}
	sources, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	// Conformance suites are exported from ordinary files, as t.Run names or
	// functions; a name is looked for as a declaration in either.
	declared := regexp.MustCompile(`(?m)^func (\([^)]*\) )?` + regexp.QuoteMeta(name) + `\(`)
	return slices.ContainsFunc(sources, func(f string) bool {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		return declared.Match(b)
	})
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}
