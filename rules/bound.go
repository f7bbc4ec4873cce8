package rules

import (
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// plainCalls cost one, and what they read of their arguments.
var plainCalls = map[string]bool{
	operators.LogicalAnd: true, operators.LogicalOr: true, operators.LogicalNot: true, operators.Conditional: true,
	operators.Equals: true, operators.NotEquals: true, operators.Less: true, operators.LessEquals: true,
	operators.Greater: true, operators.GreaterEquals: true, operators.Subtract: true, operators.Multiply: true,
	operators.Divide: true, operators.Negate: true, operators.In: true,
	"size": true, "days": true, "weeks": true, "clamp": true, "hasNumber": true, "hasAnyWord": true, "startsWithAnyWord": true,
}

// simpleBound bounds expressions without loops that only compare and compute:
// most of them. CEL's own estimate, which is tighter and takes a hundred times
// as long, is asked for the rest.
func (s *sizes) simpleBound() (uint64, bool) {
	total, simple := uint64(0), true
	visit(s.ast.Expr(), func(e celast.Expr) {
		total += 2
		switch e.Kind() {
		case celast.LiteralKind, celast.IdentKind, celast.SelectKind:
		case celast.ListKind:
			total += 10 // what making a list costs
		case celast.CallKind:
			call := e.AsCall()
			if !plainCalls[call.FunctionName()] {
				simple = false
				return
			}
			args := call.Args()
			if call.IsMemberFunction() {
				args = append([]celast.Expr{call.Target()}, args...)
			}
			for _, a := range args {
				n, ok := s.reads(a)
				total += n
				simple = simple && ok
			}
		default:
			simple = false
		}
	})
	return total, simple
}

func elemMax(size *cost.SizeEstimate) uint64 {
	if size == nil {
		return 1 << 32 // not known
	}
	return size.Max
}

func wholeCost(size, item uint64, isList bool) uint64 {
	if !isList {
		return scanCost(size, false) + 1
	}
	return size*(2+scanCost(item, false)) + 1
}

// reads bounds what looking at a value from end to end costs.
func (s *sizes) reads(e celast.Expr) (uint64, bool) {
	t := s.ast.GetType(e.ID())
	if t == nil {
		return 0, false
	}
	switch t.Kind() {
	case types.StringKind, types.ListKind:
	default:
		return 1, true
	}
	if f := s.field(e); f != nil {
		size := f.size()
		return wholeCost(size.Max, elemMax(size.Elem), f.Kind == List), true
	}
	switch e.Kind() {
	case celast.LiteralKind:
		if v, ok := e.AsLiteral().(types.String); ok {
			return scanCost(uint64(len(v)), false) + 1, true
		}
	case celast.IdentKind:
		if size, ok := s.vars[e.AsIdent()]; ok && size.Max < 1<<32 {
			item := elemMax(size.Elem)
			return wholeCost(size.Max, item, t.Kind() == types.ListKind), item < 1<<32
		}
	case celast.ListKind:
		total := uint64(1)
		for _, it := range e.AsList().Elements() {
			n, ok := s.reads(it)
			if !ok {
				return 0, false
			}
			total += n + 1
		}
		return total, true
	}
	return 0, false
}
