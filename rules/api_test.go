package rules_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules"
)

// TestNoForeignTypesInTheAPI: a host never sees CEL, nor YAML, and may change
// versions of neither.
func TestNoForeignTypesInTheAPI(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	checked := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		foreign := map[string]bool{}
		for _, imp := range f.Imports {
			path := strings.Trim(imp.Path.Value, `"`)
			if !strings.Contains(path, ".") {
				continue
			}
			name := path[strings.LastIndex(path, "/")+1:]
			if name == "v3" {
				name = "yaml"
			}
			if imp.Name != nil {
				name = imp.Name.Name
			}
			foreign[name] = true
		}
		clean := func(n ast.Node, where string) {
			checked++
			ast.Inspect(n, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok {
					if x, ok := sel.X.(*ast.Ident); ok {
						require.False(t, foreign[x.Name], "%s: %s has a %s.%s", file, where, x.Name, sel.Sel.Name)
					}
				}
				return true
			})
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && (d.Recv == nil || exportedType(d.Recv.List[0].Type)) {
					clean(d.Type, d.Name.Name)
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.ValueSpec:
						if s.Names[0].IsExported() && s.Type != nil {
							clean(s.Type, s.Names[0].Name)
						}
					case *ast.TypeSpec:
						if !s.Name.IsExported() {
							continue
						}
						st, ok := s.Type.(*ast.StructType)
						if !ok {
							clean(s.Type, s.Name.Name)
							continue
						}
						for _, fl := range st.Fields.List {
							if len(fl.Names) == 0 || fl.Names[0].IsExported() {
								clean(fl.Type, s.Name.Name)
							}
						}
					}
				}
			}
		}
	}
	require.Greater(t, checked, 100)
}

func exportedType(e ast.Expr) bool {
	if s, ok := e.(*ast.StarExpr); ok {
		e = s.X
	}
	id, ok := e.(*ast.Ident)
	return ok && id.IsExported()
}

func TestDiff(t *testing.T) {
	info := func(name, body string) rules.PackInfo {
		p, err := rules.Parse("p", []byte(pack(name, body)))
		require.NoError(t, err)
		return p.Info()
	}
	text, err := os.ReadFile("testdata/shop.yaml")
	require.NoError(t, err)
	corner, err := rules.Parse("p", text)
	require.NoError(t, err)
	require.Empty(t, rules.Diff([]rules.PackInfo{corner.Info()}, []rules.PackInfo{corner.Info()}))

	before := []rules.PackInfo{
		info("gone", "rules:\n  - {id: r, on: order, message: no, check: 'true'}\n"),
		info("kept", "params: {a: 1, b: [x]}\nrules:\n  - {id: r, on: order, message: no, check: 'true'}\n  - {id: old, on: order, message: no, check: 'true'}\nscores:\n  - {id: s, on: order, score: '1'}\n"),
	}
	after := []rules.PackInfo{
		info("new", "rules:\n  - {id: r, on: order, message: no, check: 'true'}\n"),
		info("kept", "params: {a: 2, b: [x], c: true}\nrules:\n  - {id: fresh, on: order, message: no, check: 'true'}\n  - {id: r, on: order, mode: gate, vars: {x: '1'}, message: no, check: x > 0}\nscores:\n  - {id: s, on: order, when: 'false', score: '1'}\n"),
	}
	var lines []string
	for _, c := range rules.Diff(before, after) {
		lines = append(lines, c.String())
	}
	require.Equal(t, []string{
		"kept: param a: default: 1 → 2",
		"kept: param c added",
		"kept: rule fresh added",
		"kept: rule r: mode: report → gate",
		"kept: rule r: vars:  → x: 1",
		"kept: rule r: check: true → x > 0",
		"kept: rule old removed",
		"kept: score s: when:  → false",
		"new: pack added",
		"gone: pack removed",
	}, lines)
}

func TestLevels(t *testing.T) {
	s := shopSchema()
	s.Level = 2
	for i := range s.Types {
		for j := range s.Types[i].Fields {
			if s.Types[i].Fields[j].Name == "wait" {
				s.Types[i].Fields[j].Since = 2
			}
		}
	}
	s.Funcs = []rules.Func{{Name: "later", Since: 2, Doc: "Always true.", Params: []rules.Param{{Kind: rules.List, Of: "int"}}, Result: rules.Param{Kind: rules.Bool},
		Call: func([]any) (any, error) { return true, nil }}}
	two, err := rules.NewEnv(s)
	require.NoError(t, err)
	s.Level = 1
	one, err := rules.NewEnv(s)
	require.NoError(t, err)

	old := pack("p", "rules:\n  - {id: r, on: order, message: no, check: order.items > 1}\n")
	for _, env := range []*rules.Env{one, two} {
		compile(t, env, old)
	}
	fresh := pack("p", "rules:\n  - {id: r, on: order, message: no, check: 'order.wait > days(1) && later([1])'}\n")
	_, err = rules.Load(one, rules.File{Name: "p", Text: []byte(fresh)})
	require.ErrorContains(t, err, `order has no "wait"`)
	_, err = rules.Load(two, rules.File{Name: "p", Text: []byte(fresh)})
	require.ErrorContains(t, err, "order.wait came with env 2, the pack asks for env 1")
	require.ErrorContains(t, err, "later came with env 2")
	fresh = strings.Replace(fresh, "env: 1", "env: 2", 1)
	compile(t, two, fresh)
	_, err = rules.Load(one, rules.File{Name: "p", Text: []byte(fresh)})
	require.ErrorContains(t, err, "this program knows up to 1")

	later := rules.FuncInfo{Name: "later", Group: "host", Signature: "later(list(int)) bool", Doc: "Always true.", Since: 2}
	require.NotContains(t, one.Functions(), later)
	require.Contains(t, two.Functions(), later)
}

func TestNewEnvRefuses(t *testing.T) {
	get := func(any) any { return nil }
	ok := rules.Field{Name: "a", Kind: rules.Int, Get: get}
	_, err := rules.NewEnv(rules.Schema{
		Types: []rules.Type{
			{Name: "Upper"}, {Name: "int"},
			{Name: "t", Label: "a", Example: map[string]any{"a": 1}, Fields: []rules.Field{
				ok, ok, {Name: "no-get", Kind: rules.Int, Get: get}, {Name: "get", Kind: rules.Int}, {Name: "kind", Get: get},
				{Name: "of", Kind: rules.Object, Of: "nothing", Get: get}, {Name: "list", Kind: rules.List, Of: "object", Get: get},
			}},
		},
		Subjects: []rules.Subject{{Name: "S"}, {Name: "s", Vars: map[string]string{"v": "nothing", "W": "t"}}, {Name: "s"}},
	})
	for _, want := range []string{
		"Level is 0", `type "Upper"`, `type "int" is there already`, `its label "a" is not one of its strings`, "t.a is there twice", "t.no-get: a name",
		"t.get has no Get", "t.kind has no kind", `t.of is of "nothing"`, `t.list is a list of "object"`, `subject "S"`,
		`variable v is of "nothing"`, `variable "W"`, `subject "s" is there twice`,
	} {
		require.ErrorContains(t, err, want)
	}
	bad := func(change func(*rules.Schema)) error {
		s := shopSchema()
		change(&s)
		_, err := rules.NewEnv(s)
		return err
	}
	require.ErrorContains(t, bad(func(s *rules.Schema) { delete(s.Types[0].Example, "name") }), "the example of shop has no name")
	require.ErrorContains(t, bad(func(s *rules.Schema) { s.Types[0].Example["nmae"] = "x" }), `shop has no fact "nmae"`)
	require.ErrorContains(t, bad(func(s *rules.Schema) { s.Types[0].Example["opened"] = "soon" }), `shop.opened is "soon"`)
	require.ErrorContains(t, bad(func(s *rules.Schema) { s.Types[0].Example["name"] = nil }), "shop.name is always known")
	require.ErrorContains(t, bad(func(s *rules.Schema) { s.Funcs = []rules.Func{{Name: "f"}} }), "function f has no Call")
	require.ErrorContains(t, bad(func(s *rules.Schema) {
		s.Funcs = []rules.Func{{Name: "f", Member: true, Result: rules.Param{Kind: rules.Object}, Call: func([]any) (any, error) { return nil, nil }}}
	}), "function f is a Member")
	require.ErrorContains(t, bad(func(s *rules.Schema) {
		s.Funcs = []rules.Func{{Name: "f", Result: rules.Param{Kind: rules.Object}, Call: func([]any) (any, error) { return nil, nil }}}
	}), "its result is neither")
}

func TestParseRefusesWhatIsNoText(t *testing.T) {
	_, err := rules.Parse("p", []byte("name: \xff"))
	require.ErrorContains(t, err, "not UTF-8")
	_, err = rules.Parse("p", []byte("a: "+strings.Repeat("[", 100)+strings.Repeat("]", 100)))
	require.ErrorContains(t, err, "nested more than 32 deep")
	_, err = rules.Parse("p", []byte(strings.Repeat("#", 1<<20+1)))
	require.ErrorContains(t, err, "the limit is 1048576")
	p, err := rules.Parse("p", []byte(pack("p", "rules:\n  - {id: r, on: order, message: no, check: true}\n")))
	require.NoError(t, err)
	_, err = rules.Compile(shopEnv(t), p, p)
	require.ErrorContains(t, err, "the pack p is there already, in p")
}

func TestOutcomes(t *testing.T) {
	set := compile(t, shopEnv(t), pack("p", `rules:
  - {id: a, on: order, message: no, check: order.total > 1}
  - {id: b, on: order, mode: gate, message: no, check: order.total > 100}
  - {id: c, on: order, message: no, when: order.items < 0, check: order.total > 1}
  - {id: d, on: order, message: no, check: limit > 1}
  - {id: e, on: order, message: no, check: 'order.notes[99] == order.title'}
`))
	require.Equal(t, []rules.RuleRef{{"p", "a", "report"}, {"p", "b", "gate"}, {"p", "c", "report"}, {"p", "d", "report"}, {"p", "e", "report"}}, set.Rules("order"))
	require.Nil(t, set.Rules("nobody"))

	vars := map[string]any{"order": sampleOrder()}
	o := rules.Options{Now: day}
	got, err := set.Outcomes(t.Context(), "order", vars, o, []rules.Outcome{"before"})
	require.NoError(t, err)
	require.Equal(t, []rules.Outcome{"before", "pass", "fail", "skip", "unknown", "unknown"}, got)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = set.Outcomes(ctx, "order", vars, o, nil)
	require.ErrorIs(t, err, context.Canceled)
	_, err = set.Outcomes(t.Context(), "nobody", vars, o, nil)
	require.ErrorIs(t, err, rules.ErrSubject)
	_, err = set.Outcomes(t.Context(), "order", vars, rules.Options{}, nil)
	require.ErrorIs(t, err, rules.ErrNow)
}
