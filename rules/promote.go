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
// there is no overload, although a double is among them too, or the function
// takes a double in their place.
func mixedCalls(in *cel.Env, a *celast.AST, iss *cel.Issues, marked map[int64]bool) {
	failed := map[int64]bool{} // true: with a double among the arguments
	for _, e := range iss.Errors() {
		if strings.Contains(e.Message, "no matching overload") {
			failed[e.ExprID] = strings.Contains(e.Message, "double")
		}
	}
	if len(failed) == 0 {
		return
	}
	visit(a.Expr(), func(e celast.Expr) {
		double, isFailed := failed[e.ID()]
		if !isFailed || e.Kind() != celast.CallKind {
			return
		}
		call := e.AsCall()
		args := call.Args()
		if call.IsMemberFunction() {
			args = append([]celast.Expr{call.Target()}, args...)
		}
		for i, arg := range args {
			if intLiteral(arg) && (double || takesDouble(in, call.FunctionName(), len(args), i)) {
				marked[arg.ID()] = true
			}
			if !double {
				continue
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

func takesDouble(in *cel.Env, function string, args, at int) bool {
	f := in.Functions()[function]
	if f == nil || !identLike(function) {
		return false
	}
	for _, o := range f.OverloadDecls() {
		if types := o.ArgTypes(); len(types) == args && types[at].IsExactType(cel.DoubleType) {
			return true
		}
	}
	return false
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
