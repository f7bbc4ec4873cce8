package deptest

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// room is a folder and what its production code may import of ours. A room
// covers its subfolders, unless one of them is listed itself.
type room struct {
	folder string
	may    []string // folders; "x/..." covers subfolders too, "..." everything
}

// everyone may import the vocabulary and the words.
var everyone = []string{"okr", "okr/measure", "rules/lexicon"}

// rooms are the import rule. Whatever stands here stands in CONTRIBUTING.md.
var rooms = []room{
	{folder: "okr/measure"},
	{folder: "okr", may: []string{"okr/measure"}},
	{folder: "rules/lexicon"},
	{folder: "rules", may: []string{"rules/lexicon"}},
	{folder: "audit", may: append([]string{"rules", "audit/..."}, everyone...)},
	{folder: "cadence", may: append([]string{"cadence/..."}, everyone...)},

	{folder: "store", may: append([]string{"store"}, everyone...)}, // and so each of its subfolders
	{folder: "store/sqldb", may: append([]string{"store", "store/sqldb/..."}, everyone...)},
	{folder: "store/sqlite", may: append([]string{"store", "store/sqldb"}, everyone...)},
	{folder: "store/postgres", may: append([]string{"store", "store/sqldb"}, everyone...)},

	{folder: "adapters/board", may: []string{"..."}},
	{folder: "adapters/nats/embedded", may: append([]string{"adapters", "adapters/nats"}, everyone...)},
	{folder: "adapters", may: append([]string{"adapters"}, everyone...)}, // and so each of its subfolders

	{folder: "cmd/okrkit", may: []string{"..."}},
	{folder: "examples", may: []string{"..."}},
	{folder: "bench", may: []string{"..."}},
}

// forTests are the packages that only tests use: they may import whatever helps
// a test, and no production code imports them.
var forTests = []string{"okr/okrtest", "store/storetest", "adapters/adaptertest", "internal"}

func within(folder, in string) bool {
	return folder == in || strings.HasPrefix(folder, in+"/")
}

func isForTests(folder string) bool {
	return slices.ContainsFunc(forTests, func(p string) bool { return within(folder, p) })
}

// roomOf is the room that lists the longest part of the folder's path.
func roomOf(folder string) (room, bool) {
	var best room
	found := false
	for _, r := range rooms {
		if within(folder, r.folder) && (!found || len(r.folder) > len(best.folder)) {
			best, found = r, true
		}
	}
	return best, found
}

func (r room) allows(folder string) bool {
	for _, m := range r.may {
		base, deep := strings.CutSuffix(m, "...")
		base = strings.TrimSuffix(base, "/")
		if folder == base || deep && (base == "" || within(folder, base)) {
			return true
		}
	}
	return false
}

func TestImportsStayWithinTheRule(t *testing.T) {
	for _, f := range files(t) {
		if f.test || isForTests(f.folder()) || within(f.folder(), "tools") {
			continue
		}
		r, ok := roomOf(f.folder())
		require.True(t, ok, "%s stands in no room: give it one here and in CONTRIBUTING.md", f.path)
		for _, p := range f.imports {
			if p != ours && !strings.HasPrefix(p, ours+"/") {
				continue
			}
			folder := strings.TrimPrefix(strings.TrimPrefix(p, ours), "/")
			// A story is told with a clock that stands still.
			require.False(t, isForTests(folder) && !within(f.folder(), "examples"), "%s imports %s, which is for tests only", f.path, folder)
			require.True(t, r.allows(folder), "%s imports %s, and code in %s may import of ours only %v", f.path, folder, r.folder, r.may)
		}
	}
}

// third is the module-shaped head of an import that is neither ours nor the
// standard library's, or "".
func third(p string) string {
	if host, _, _ := strings.Cut(p, "/"); !strings.Contains(host, ".") || p == ours || strings.HasPrefix(p, ours+"/") {
		return ""
	}
	return p
}

func TestVocabularyAndArithmeticNeedTheStandardLibraryOnly(t *testing.T) {
	seen := 0
	for _, f := range files(t) {
		if f.test || isForTests(f.folder()) || !within(f.folder(), "okr") {
			continue
		}
		seen++
		for _, p := range f.imports {
			require.Empty(t, third(p), "%s imports %s", f.path, p)
		}
	}
	require.NotZero(t, seen)
}

func TestSQLIsWrittenOnceAndForNoDriver(t *testing.T) {
	for _, f := range files(t) {
		if f.test || !within(f.folder(), "store/sqldb") {
			continue
		}
		for _, p := range f.imports {
			require.Empty(t, third(p), "%s imports %s: a driver belongs in store/sqlite, store/postgres or the host", f.path, p)
		}
	}
}

func TestTestHelpersStayOutOfProduction(t *testing.T) {
	helpers := []string{"github.com/stretchr/testify", "pgregory.net/rapid", "testing", "github.com/rogpeppe/go-internal"}
	for _, f := range files(t) {
		if f.test || isForTests(f.folder()) || within(f.folder(), "bench") {
			continue
		}
		for _, p := range f.imports {
			require.False(t, slices.ContainsFunc(helpers, func(h string) bool { return within(p, h) }),
				"%s imports %s: a program that embeds okrkit would link it", f.path, p)
		}
	}
}

func TestTestsDoNotDoubleAndDoNotSoften(t *testing.T) {
	bad := []string{"github.com/stretchr/testify/assert", "github.com/stretchr/testify/mock", "github.com/stretchr/testify/suite"}
	for _, f := range files(t) {
		for _, p := range f.imports {
			require.NotContains(t, bad, p, "%s: tests use require, and the real part instead of a mock", f.path)
		}
	}
}

// The rule above is only worth something if it can say no.
func TestRuleRefuses(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"okr", "okr/measure", true},
		{"okr", "rules", false},
		{"okr/measure", "okr", false},
		{"rules", "okr", false},
		{"audit/pack", "rules", true},
		{"audit", "store/memory", false},
		{"cadence", "audit", false},
		{"store/outbox", "store", true},
		{"store/outbox", "store/sqldb", false},
		{"store/sqlite", "store/sqldb", true},
		{"store/sqlite", "store/postgres", false},
		{"adapters/log", "adapters", true},
		{"adapters/nats/embedded", "adapters/nats", true},
		{"adapters/slack", "adapters/nats", false},
		{"adapters/sheet", "audit", false},
		{"adapters/board", "audit", true},
		{"cmd/okrkit", "cadence", true},
	} {
		r, ok := roomOf(c.from)
		require.True(t, ok, c.from)
		require.Equal(t, c.want, r.allows(c.to), "%s imports %s", c.from, c.to)
	}
	_, ok := roomOf("util")
	require.False(t, ok)
}
