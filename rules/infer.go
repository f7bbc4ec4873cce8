package rules

import (
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// inference finds the type of simple expressions in a text that did not pass
// the check, so that a message can name the facts there are.
type inference struct {
	c     *compiler
	sc    *scope
	local map[string]*types.Type
}

func (in *inference) walk(e celast.Expr, f func(celast.Expr)) {
	f(e)
	switch e.Kind() {
	case celast.SelectKind:
		in.walk(e.AsSelect().Operand(), f)
	case celast.CallKind:
		if e.AsCall().IsMemberFunction() {
			in.walk(e.AsCall().Target(), f)
		}
		for _, a := range e.AsCall().Args() {
			in.walk(a, f)
		}
	case celast.ListKind:
		for _, a := range e.AsList().Elements() {
			in.walk(a, f)
		}
	case celast.ComprehensionKind:
		k := e.AsComprehension()
		in.walk(k.IterRange(), f)
		outer, shadows := in.local[k.IterVar()]
		if t := in.of(k.IterRange()); t != nil && t.Kind() == types.ListKind {
			in.local[k.IterVar()] = t.Parameters()[0]
		}
		in.walk(k.LoopStep(), f)
		in.walk(k.Result(), f)
		delete(in.local, k.IterVar())
		if shadows {
			in.local[k.IterVar()] = outer
		}
	}
}

func (in *inference) of(e celast.Expr) *types.Type {
	switch e.Kind() {
	case celast.IdentKind:
		name := e.AsIdent()
		if t := in.local[name]; t != nil {
			return t
		}
		for _, v := range in.sc.vars {
			if v.name == name {
				return v.prog.out
			}
		}
		for _, v := range in.sc.sub.vars {
			if v.name == name {
				return v.celType
			}
		}
	case celast.SelectKind:
		t := in.of(e.AsSelect().Operand())
		if t == nil || t.Kind() != types.StructKind {
			return nil
		}
		if ot, ok := (provider{in.c.env}).typ(t.TypeName()); ok {
			if f := ot.fields[e.AsSelect().FieldName()]; f != nil {
				return f.celType
			}
		}
	case celast.CallKind:
		call := e.AsCall()
		switch call.FunctionName() {
		case "since", "last", "slice", "distinct", "reverse":
			if call.IsMemberFunction() {
				return in.of(call.Target())
			}
		case operators.Index:
			if t := in.of(call.Args()[0]); t != nil && t.Kind() == types.ListKind {
				return t.Parameters()[0]
			}
		}
	case celast.ComprehensionKind: // filter keeps the type
		k := e.AsComprehension()
		if k.AccuInit().Kind() == celast.ListKind && k.LoopStep().Kind() == celast.CallKind &&
			k.LoopStep().AsCall().FunctionName() == operators.Conditional {
			return in.of(k.IterRange())
		}
	}
	return nil
}
