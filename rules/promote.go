package rules

import (
	"strings"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

func intLiteral(e celast.Expr) bool {
	if e.Kind() != celast.LiteralKind {
		return false
	}
	_, ok := e.AsLiteral().(types.Int)
	return ok
}

// promote reads the marked whole numbers as doubles.
func promote(a *celast.AST, marked map[int64]bool) {
	if len(marked) == 0 {
		return
	}
	fac := celast.NewExprFactory()
	visit(a.Expr(), func(e celast.Expr) {
		if marked[e.ID()] && intLiteral(e) {
			e.SetKindCase(fac.NewLiteral(e.ID(), types.Double(e.AsLiteral().(types.Int))))
		}
	})
}

// mixedCalls marks the whole numbers among the arguments of calls for which
// there is no overload although a double is among them too.
func mixedCalls(a *celast.AST, iss *cel.Issues, marked map[int64]bool) {
	failed := map[int64]bool{}
	for _, e := range iss.Errors() {
		if strings.Contains(e.Message, "no matching overload") && strings.Contains(e.Message, "double") {
			failed[e.ExprID] = true
		}
	}
	if len(failed) == 0 {
		return
	}
	visit(a.Expr(), func(e celast.Expr) {
		if !failed[e.ID()] || e.Kind() != celast.CallKind {
			return
		}
		call := e.AsCall()
		args := call.Args()
		if call.IsMemberFunction() {
			args = append([]celast.Expr{call.Target()}, args...)
		}
		for _, arg := range args {
			if intLiteral(arg) {
				marked[arg.ID()] = true
			}
			if arg.Kind() == celast.ListKind {
				for _, item := range arg.AsList().Elements() {
					if intLiteral(item) {
						marked[item.ID()] = true
					}
				}
			}
		}
	})
}

// mixedLists marks the whole numbers that stand beside doubles in a list, or
// in math.least and math.greatest, where CEL takes both and loses the type.
func mixedLists(a *celast.AST, marked map[int64]bool) {
	visit(a.Expr(), func(e celast.Expr) {
		var items []celast.Expr
		switch e.Kind() {
		case celast.ListKind:
			items = e.AsList().Elements()
		case celast.CallKind:
			if fn := e.AsCall().FunctionName(); fn == "math.@min" || fn == "math.@max" {
				items = e.AsCall().Args()
			}
		}
		double := false
		for _, it := range items {
			if t := a.GetType(it.ID()); t != nil && t.Kind() == types.DoubleKind {
				double = true
			}
		}
		if !double {
			return
		}
		for _, it := range items {
			if intLiteral(it) {
				marked[it.ID()] = true
			}
		}
	})
}
