package bench

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"
	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
	"github.com/stretchr/testify/require"
)

func celEnv(t testing.TB) *cel.Env {
	t.Helper()
	fn := func(name string, f func(string) bool) cel.EnvOption {
		return cel.Function(name, cel.Overload(name+"_string", []*cel.Type{cel.StringType}, cel.BoolType,
			cel.UnaryBinding(func(v ref.Val) ref.Val { return types.Bool(f(string(v.(types.String)))) })))
	}
	env, err := cel.NewEnv(
		ext.NativeTypes(reflect.TypeFor[keyResult](), reflect.TypeFor[cycle](), ext.ParseStructTags(true)),
		cel.Variable("kr", cel.ObjectType("bench.keyResult")), cel.Variable("cycle", cel.ObjectType("bench.cycle")),
		cel.Variable("now", cel.TimestampType),
		fn("hasNumber", hasNumber),
		fn("isVague", func(s string) bool { return hasWord(s, vagueSet, false) }),
		fn("isTask", func(s string) bool { return hasWord(s, taskSet, true) }),
	)
	require.NoError(t, err)
	return env
}

func celProgram(t testing.TB, env *cel.Env, text string) cel.Program {
	t.Helper()
	ast, iss := env.Compile(text)
	require.NoError(t, iss.Err(), text)
	p, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
	require.NoError(t, err)
	return p
}

// byCEL is plain cel-go with its binding of Go structs, which reads fields by
// offset.
func byCEL(t testing.TB, krs []*keyResult, how spelling) engine {
	t.Helper()
	env := celEnv(t)
	var progs []cel.Program
	for _, text := range checks(how, true) {
		progs = append(progs, celProgram(t, env, text))
	}
	vars := make([]map[string]any, len(krs))
	for i, k := range krs {
		vars[i] = map[string]any{"kr": k, "cycle": quarter, "now": now}
	}
	return engine{"cel-go", func(i int) (mask uint16) {
		for j, p := range progs {
			out, _, err := p.Eval(vars[i])
			if err != nil {
				t.Fatal(err)
			}
			if out == types.True {
				mask |= 1 << j
			}
		}
		return mask
	}}
}

// exprEnv is what expr sees.
type exprEnv struct {
	KR        *keyResult        `expr:"kr"`
	Cycle     *cycle            `expr:"cycle"`
	Now       time.Time         `expr:"now_"`
	Week      time.Duration     `expr:"week"`
	HasNumber func(string) bool `expr:"hasNumber"`
	IsVague   func(string) bool `expr:"isVague"`
	IsTask    func(string) bool `expr:"isTask"`
}

func exprText(check string) string {
	r := strings.NewReplacer("has(kr.owner)", "kr.owner != nil", "has(kr.source)", "kr.source != nil", `duration("168h")`, "week", "now", "now_",
		"kr.objective.key_results.size()", "len(kr.objective.key_results)", "kr.objective.team.objectives.size()", "len(kr.objective.team.objectives)",
		"kr.title.size()", "len(kr.title)")
	text := r.Replace(check)
	if before, pattern, ok := strings.Cut(text, ".matches(r'"); ok { // expr has an operator for it
		text = strings.TrimPrefix(before, "!") + " matches `" + strings.TrimSuffix(pattern, "')") + "`"
		if strings.HasPrefix(before, "!") {
			text = "not (" + text + ")"
		}
	}
	return text
}

// byExpr is expr with one virtual machine that is used again and again. Its len
// of a string counts bytes; the titles are ASCII.
func byExpr(t testing.TB, krs []*keyResult, how spelling) engine {
	t.Helper()
	var progs []*vm.Program
	for _, text := range checks(how, true) {
		p, err := expr.Compile(exprText(text), expr.Env(exprEnv{}), expr.AsBool())
		require.NoError(t, err, text)
		progs = append(progs, p)
	}
	envs := make([]*exprEnv, len(krs))
	for i, k := range krs {
		envs[i] = &exprEnv{k, quarter, now, 7 * day, hasNumber,
			func(s string) bool { return hasWord(s, vagueSet, false) }, func(s string) bool { return hasWord(s, taskSet, true) }}
	}
	var machine vm.VM
	return engine{"expr", func(i int) (mask uint16) {
		for j, p := range progs {
			out, err := machine.Run(p, envs[i])
			if err != nil {
				t.Fatal(err)
			}
			if out == true {
				mask |= 1 << j
			}
		}
		return mask
	}}
}
