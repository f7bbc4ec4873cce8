package sqldb

import (
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// acrossTenants are the statements that are about no tenant, each with the reason.
var acrossTenants = map[string]string{
	"SELECT value FROM okr_meta":                     "the database's own identity",
	"INSERT INTO okr_meta":                           "the database's own identity",
	"UPDATE okr_meta":                                "takes SQLite's write lock",
	"SELECT name, digest FROM okr_migration":         "migrations",
	"INSERT INTO okr_migration":                      "migrations",
	"SELECT pg_":                                     "advisory locks",
	"WITH RECURSIVE t (tenant)":                      "the list of tenants",
	"SELECT s.tenant, s.subject_kind":                "claims of subjects, for every tenant",
	"WITH pick AS MATERIALIZED":                      "claims of events, for every tenant",
	"DELETE FROM okr_outbox WHERE event {in":         "events have ids that no two tenants share",
	"UPDATE okr_outbox SET due":                      "events have ids that no two tenants share",
	"SELECT COUNT(*), MIN(at) FROM okr_outbox":       "the health of the outbox",
	"WITH u AS MATERIALIZED (SELECT tenant":          "sealing, for every tenant",
	"SELECT event FROM okr_inbox":                    "by adapter and event",
	"INSERT INTO okr_inbox":                          "by adapter and event",
	"DELETE FROM okr_inbox":                          "by adapter and event",
	"DELETE FROM okr_remembered WHERE at":            "forgetting, for every tenant",
	"SELECT adapter, event, tenant, type, wire":      "dead letters, by adapter",
	"DELETE FROM okr_dead_letter WHERE adapter = $1": "dead letters, by adapter and event",
}

var (
	statement = regexp.MustCompile(`(?s)^\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH)\s`)
	inserted  = regexp.MustCompile(`^INSERT INTO (?:okr_\w+ )?\(?`)
	tables    = regexp.MustCompile(`(?:FROM|JOIN|UPDATE|INTO) (okr_\w+)(?: (?:AS )?([a-z]))?`)
)

// TestEveryStatementNamesItsTenant finds all SQL in the source of this package and
// holds it to its tenant predicate: one for each table that it reads or changes.
func TestEveryStatementNamesItsTenant(t *testing.T) {
	found := statements(t)
	require.Greater(t, len(found), 60, "the statements were not found")
	used := map[string]bool{}
	for _, s := range found {
		flat := strings.Join(strings.Fields(s), " ")
		if i := slices.IndexFunc(sortedKeys(), func(k string) bool { return strings.HasPrefix(flat, k) }); i >= 0 {
			used[sortedKeys()[i]] = true
			continue
		}
		if strings.HasPrefix(flat, "INSERT INTO") {
			require.Regexp(t, `^INSERT INTO (okr_\w+|\? )? ?\((\? )?(adapter, event, )?tenant`, flat)
			continue
		}
		for _, m := range tables.FindAllStringSubmatch(flat, -1) {
			column := `tenant = `
			if m[2] != "" {
				column = m[2] + `\.tenant = `
			}
			predicate := regexp.MustCompile(`(?:WHERE|AND|ON) (?:\(? ?)?` + column + `(\$1|[a-z]\.tenant)`)
			want := len(regexp.MustCompile(`(?:FROM|JOIN|UPDATE|INTO) `+m[1]+`(?: `+m[2]+`\b)?`).FindAllString(flat, -1))
			require.GreaterOrEqual(t, len(predicate.FindAllString(flat, -1)), min(want, 1), "no tenant predicate for %s in: %s", m[1], flat)
		}
		require.Contains(t, flat, "$1", flat)
		require.GreaterOrEqual(t, strings.Count(flat, "tenant = "), len(tables.FindAllString(flat, -1)), "fewer predicates than tables in: %s", flat)
	}
	for k := range acrossTenants {
		require.True(t, used[k], "no statement begins with %q any more: take it off the list", k)
	}
}

func sortedKeys() []string {
	var keys []string
	for k := range acrossTenants {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// statements are the SQL texts of this package, put together where they are made
// of parts; what is not constant reads "?".
func statements(t *testing.T) []string {
	t.Helper()
	fset := token.NewFileSet()
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	var files []*ast.File
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go") {
			f, err := parser.ParseFile(fset, e.Name(), nil, 0)
			require.NoError(t, err)
			files = append(files, f)
		}
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil), Error: func(error) {}}
	_, err = conf.Check("sqldb", fset, files, info)
	require.NoError(t, err)

	var text func(e ast.Expr) string
	text = func(e ast.Expr) string {
		if tv, ok := info.Types[e]; ok && tv.Value != nil && tv.Value.Kind() == constant.String {
			return constant.StringVal(tv.Value)
		}
		switch x := e.(type) {
		case *ast.BinaryExpr:
			if x.Op == token.ADD {
				return text(x.X) + text(x.Y)
			}
		case *ast.ParenExpr:
			return text(x.X)
		}
		return "? "
	}
	var out []string
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			switch e.(type) {
			case *ast.BinaryExpr, *ast.BasicLit:
				if s := text(e); statement.MatchString(s) && !inserted.MatchString(s) || strings.HasPrefix(s, "INSERT INTO ") && strings.Contains(s, "(") {
					out = append(out, s)
					return false
				}
			}
			return true
		})
	}
	return out
}
