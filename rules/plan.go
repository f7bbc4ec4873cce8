package rules

import (
	"math"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
)

// programOptions say how an expression is planned. Where its worst cost is
// known at load it runs unguarded; otherwise it is counted and can be
// interrupted.
func (c *compiler) programOptions(a *celast.AST, guarded bool) []cel.ProgramOption {
	opts := []cel.ProgramOption{
		cel.EvalOptions(cel.OptOptimize),
		cel.CustomDecoratorV2(decorate(presenceTests(a))),
	}
	if guarded {
		opts = append(opts,
			cel.CostTracking(tracker{c.env.costs}),
			cel.CostLimit(c.env.limits.ExpressionCost),
			cel.InterruptCheckFrequency(64))
	}
	return opts
}

// presenceTests are the ids of has(…).
func presenceTests(a *celast.AST) map[int64]bool {
	ids := map[int64]bool{}
	visit(a.Expr(), func(e celast.Expr) {
		if e.Kind() == celast.SelectKind && e.AsSelect().IsTestOnly() {
			ids[e.ID()] = true
		}
	})
	return ids
}

// decorate changes what CEL planned in three places: has(…) of something that
// is not known is false rather than unknown, arithmetic that leaves the finite
// numbers is an error for doubles as it is for whole numbers, and constant word
// lists are prepared once.
func decorate(has map[int64]bool) interpreter.InterpretableDecoratorV2 {
	return func(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
		if has[i.ID()] {
			if _, isAttr := i.(interpreter.InterpretableAttribute); isAttr {
				return presence{i}, nil
			}
		}
		call, ok := i.(interpreter.InterpretableCall)
		if !ok {
			return i, nil
		}
		switch call.OverloadID() {
		case overloads.DivideDouble, overloads.MultiplyDouble, overloads.AddDouble, overloads.SubtractDouble,
			overloads.StringToDouble, "math_sqrt_double", "math_sqrt_int", "rules_mean_int", "rules_mean_double":
			return finite{call}, nil
		case overloadHasAnyWord, overloadStartsWithAnyWord:
			words, ok := call.Args()[1].(interpreter.InterpretableConst)
			if !ok {
				words, ok = constList(call.Args()[1])
			}
			if !ok {
				return i, nil
			}
			list, err := stringList(words.Value())
			if err != nil {
				return nil, err
			}
			return wordTest{call, newWordSet(list), call.OverloadID() == overloadStartsWithAnyWord}, nil
		}
		return i, nil
	}
}

// constList evaluates a list literal all of whose entries are constants.
func constList(i interpreter.InterpretableV2) (interpreter.InterpretableConst, bool) {
	l, ok := i.(interpreter.InterpretableConstructor)
	if !ok || l.Type() != types.ListType {
		return nil, false
	}
	for _, v := range l.InitVals() {
		if _, ok := v.(interpreter.InterpretableConst); !ok {
			return nil, false
		}
	}
	return interpreter.NewConstValue(i.ID(), l.Eval(interpreter.EmptyActivation())), true
}

type presence struct{ interpreter.InterpretableV2 }

func (p presence) Exec(f *interpreter.ExecutionFrame) ref.Val {
	v := p.InterpretableV2.Exec(f)
	if types.IsUnknown(v) {
		return types.False
	}
	return v
}

func (p presence) Eval(a interpreter.Activation) ref.Val {
	return interpreter.EvalActivation(a, p.Exec)
}

type finite struct{ interpreter.InterpretableCall }

func (d finite) Exec(f *interpreter.ExecutionFrame) ref.Val {
	v := d.InterpretableCall.Exec(f)
	n, ok := v.(types.Double)
	if !ok || !math.IsInf(float64(n), 0) && !math.IsNaN(float64(n)) {
		return v
	}
	if d.OverloadID() == overloads.DivideDouble {
		return types.NewErr("division by zero, or by too small a number")
	}
	return types.NewErr("the result is not a finite number")
}

func (d finite) Eval(a interpreter.Activation) ref.Val { return interpreter.EvalActivation(a, d.Exec) }

type wordTest struct {
	interpreter.InterpretableCall
	words   *wordSet
	atStart bool
}

func (w wordTest) Exec(f *interpreter.ExecutionFrame) ref.Val {
	v := w.Args()[0].Exec(f)
	s, ok := v.(types.String)
	if !ok {
		return v // unknown or an error
	}
	return types.Bool(w.words.in(string(s), w.atStart))
}

func (w wordTest) Eval(a interpreter.Activation) ref.Val {
	return interpreter.EvalActivation(a, w.Exec)
}
