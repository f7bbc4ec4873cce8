package rules

import (
	"math"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// overloadCost is what a call of one of our functions costs, beside its
// arguments, in CEL's units: one for a step, a tenth for a character.
type overloadCost struct {
	fixed      uint64
	scan       []int // arguments that are read from end to end
	resultLike bool  // the result is at most as large as the first argument
	resultMax  uint64
	resultItem uint64 // size of the entries of a resulting list
}

// scanCost is the price of reading a value of this size.
func scanCost(size uint64, perEntry bool) uint64 {
	if perEntry {
		return size
	}
	if size == math.MaxUint64 {
		return size
	}
	return (size + 9) / 10
}

// sizes answers the estimator's questions from what the schema declares. It
// finds facts by the type of the object that they are selected from, so it
// needs no path from a variable.
type sizes struct {
	env  *Env
	ast  *celast.AST
	vars map[string]cost.SizeEstimate // vars of the rule, and params
	left cost.SizeEstimate            // of the last addition: see sizeOf
}

// longestPrint is more than the characters of any number, instant or duration.
// (A double is printed in its shortest form, with an exponent if it is large.)
const longestPrint = 64

func upTo(n int) cost.SizeEstimate { return cost.SizeEstimate{Max: uint64(n)} }

func (f *field) size() cost.SizeEstimate {
	s := upTo(f.max)
	switch f.Kind {
	case String:
	case List:
		item := cost.FixedSizeEstimate(1)
		if f.item != nil && f.item.Kind == String {
			item = upTo(f.item.max)
		}
		s.Elem = &item
	default:
		s = cost.FixedSizeEstimate(1)
	}
	return s
}

// field finds the fact that an expression selects.
func (s *sizes) field(e celast.Expr) *field {
	if e == nil || e.Kind() != celast.SelectKind {
		return nil
	}
	t := s.ast.GetType(e.AsSelect().Operand().ID())
	if t == nil || t.Kind() != types.StructKind {
		return nil
	}
	if ot, ok := (provider{s.env}).typ(t.TypeName()); ok {
		return ot.fields[e.AsSelect().FieldName()]
	}
	return nil
}

// EstimateSize implements cost.Estimator.
func (s *sizes) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	if n.Expr() != nil {
		if f := s.field(n.Expr()); f != nil {
			size := f.size()
			return &size
		}
		if n.Expr().Kind() == celast.IdentKind {
			if size, ok := s.vars[n.Expr().AsIdent()]; ok {
				return &size
			}
		}
	}
	if path := n.Path(); len(path) > 0 {
		if size := s.byPath(path); size != nil {
			return size
		}
	}
	if n.Type() != nil && n.Type().Kind() == types.StructKind {
		size := cost.FixedSizeEstimate(1)
		return &size
	}
	return nil
}

// byPath follows a path such as [active @items title] through the schema.
func (s *sizes) byPath(path []string) *cost.SizeEstimate {
	size, known := s.vars[path[0]]
	rest := path[1:]
	if !known && len(path) > 1 {
		if size, known = s.vars[path[0]+"."+path[1]]; known {
			rest = path[2:]
		}
	}
	if !known {
		return s.lastField(path)
	}
	for _, step := range rest {
		if step != "@items" || size.Elem == nil {
			return s.lastField(path)
		}
		size = *size.Elem
	}
	return &size
}

// lastField bounds a path by its last name: the largest of all the facts that
// are called so.
func (s *sizes) lastField(path []string) *cost.SizeEstimate {
	items := 0
	for len(path) > 0 && path[len(path)-1] == "@items" {
		path, items = path[:len(path)-1], items+1
	}
	if len(path) < 2 {
		return nil
	}
	var out *cost.SizeEstimate
	for _, t := range s.env.types {
		f := t.fields[path[len(path)-1]]
		if f == nil {
			continue
		}
		size := f.size()
		for range items {
			if size.Elem == nil {
				return nil
			}
			size = *size.Elem
		}
		if out == nil || size.Max > out.Max {
			out = &size
		}
	}
	return out
}

// EstimateCallCost implements cost.Estimator.
func (s *sizes) EstimateCallCost(_, overload string, target *cost.AstNode, args []cost.AstNode) *cost.CallEstimate {
	if overload == overloads.AddList || overload == overloads.AddString {
		s.left = cost.EstimateSize(s, args[0])
	}
	switch overload {
	case overloadFormat:
		return charged(printedSize(cost.EstimateSize(s, *target), cost.EstimateSize(s, args[0])))
	case overloadQuote:
		return charged(times(cost.EstimateSize(s, args[0]).Max, 3, 2))
	case overloads.BoolToString, overloads.IntToString, overloads.DoubleToString, overloads.TimestampToString, overloads.DurationToString:
		// CEL knows no bound for what these print.
		return cost.NewCallEstimate(cost.FixedCostEstimate(1), &cost.SizeEstimate{Max: longestPrint})
	}
	c, ok := s.env.costs[overload]
	if !ok {
		return nil
	}
	all := args
	if target != nil {
		all = append([]cost.AstNode{*target}, args...)
	}
	total := cost.FixedCostEstimate(1 + c.fixed)
	for _, i := range c.scan {
		size := cost.EstimateSize(s, all[i])
		perEntry := all[i].Type().Kind() == types.ListKind
		total = total.Add(cost.Estimate{Max: scanCost(size.Max, perEntry)})
		if perEntry && size.Elem != nil && size.Elem.Max > 1 {
			total = total.Add(size.MultiplyByCost(cost.FixedCostEstimate(scanCost(size.Elem.Max, false))))
		}
	}
	var result *cost.SizeEstimate
	switch {
	case c.resultLike:
		size := cost.EstimateSize(s, all[0])
		size.Min = 0
		if n, ok := cost.UintValue(all[len(all)-1]); ok && overload == overloadLast { // last(n)
			size.Max = min(size.Max, n)
		}
		result = &size
	case c.resultMax > 0:
		result = &cost.SizeEstimate{Max: c.resultMax}
		if c.resultItem > 0 {
			result.Elem = &cost.SizeEstimate{Max: c.resultItem}
		}
	}
	return cost.NewCallEstimate(total, result)
}

// These two are the only functions of CEL's libraries without a cost model of
// their own that make a text out of texts.
const (
	overloadFormat = "string_format"
	overloadQuote  = "strings_quote"
)

// charged is the price of a call that makes a text of at most so many characters.
func charged(size uint64) *cost.CallEstimate {
	return cost.NewCallEstimate(cost.Estimate{Min: 1, Max: times(scanCost(size, false), 1, 1)}, &cost.SizeEstimate{Max: size})
}

// times is a*b + c, or what is not known.
func times(a, b, c uint64) uint64 {
	if a > math.MaxUint32 || b > math.MaxUint32 {
		return math.MaxUint64
	}
	return a*b + c
}

// printedOne is more than format makes of anything that is no text and no list: a
// large number with a hundred digits behind the point.
const printedOne = 512

// printedSize bounds what format makes of a list of arguments, which may be lists.
func printedSize(format, args cost.SizeEstimate) uint64 {
	var whole func(cost.SizeEstimate) uint64
	whole = func(s cost.SizeEstimate) uint64 {
		if s.Elem == nil {
			return times(s.Max, 3, printedOne)
		}
		return times(s.Max, whole(*s.Elem), printedOne)
	}
	if all := whole(args); all < math.MaxUint32 {
		return times(format.Max, 1, all)
	}
	return math.MaxUint64
}

// tracker counts at run time what sizes estimates at load.
type tracker struct{ costs map[string]overloadCost }

// CallCost implements cost.ActualCostEstimator.
func (t tracker) CallCost(_, overload string, args []ref.Val, result ref.Val) *uint64 {
	if overload == overloadFormat || overload == overloadQuote {
		total := 1 + scanCost(cost.ActualSize(result), false)
		return &total
	}
	c, ok := t.costs[overload]
	if !ok {
		return nil
	}
	total := 1 + c.fixed
	for _, i := range c.scan {
		if i >= len(args) {
			continue
		}
		l, isList := args[i].(traits.Lister)
		if !isList {
			total += scanCost(cost.ActualSize(args[i]), false)
			continue
		}
		n := int(l.Size().(types.Int))
		total += uint64(n)
		for j := range n {
			if s, ok := l.Get(types.Int(j)).(types.String); ok {
				total += scanCost(uint64(len(s)), false)
			}
		}
	}
	return &total
}

// estimate bounds the cost of a checked expression. The bound may be
// math.MaxUint64: not known.
func (e *Env) estimate(in *cel.Env, a *cel.Ast, vars map[string]cost.SizeEstimate) (uint64, error) {
	s := &sizes{env: e, ast: a.NativeRep(), vars: vars}
	if bound, ok := s.simpleBound(); ok && bound <= e.limits.ExpressionCost {
		return bound, nil
	}
	est, err := in.EstimateCost(a, s)
	return est.Max, err
}
