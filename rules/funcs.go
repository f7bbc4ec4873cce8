package rules

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/decls"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

const (
	overloadHasAnyWord        = "rules_has_any_word"
	overloadStartsWithAnyWord = "rules_starts_with_any_word"
	overloadLast              = "rules_last"

	// atField and valueField are what since, falling and rising read.
	atField    = "at"
	valueField = "value"
)

// builtins are the engine's own functions, in every level.
func (e *Env) builtins() []cel.EnvOption {
	days := func(unit time.Duration, name string) cel.EnvOption {
		return cel.Function(name,
			cel.Overload("rules_"+name+"_int", []*cel.Type{cel.IntType}, cel.DurationType,
				cel.UnaryBinding(func(n ref.Val) ref.Val { return spanOf(float64(n.(types.Int)), unit) })),
			cel.Overload("rules_"+name+"_double", []*cel.Type{cel.DoubleType}, cel.DurationType,
				cel.UnaryBinding(func(n ref.Val) ref.Val { return spanOf(float64(n.(types.Double)), unit) })))
	}
	opts := []cel.EnvOption{
		days(24*time.Hour, "days"),
		days(7*24*time.Hour, "weeks"),
		cel.Function("clamp",
			cel.Overload("rules_clamp_int", []*cel.Type{cel.IntType, cel.IntType, cel.IntType}, cel.IntType,
				cel.FunctionBinding(func(a ...ref.Val) ref.Val {
					return min(max(a[0].(types.Int), a[1].(types.Int)), a[2].(types.Int))
				})),
			cel.Overload("rules_clamp_double", []*cel.Type{cel.DoubleType, cel.DoubleType, cel.DoubleType}, cel.DoubleType,
				cel.FunctionBinding(func(a ...ref.Val) ref.Val {
					return min(max(a[0].(types.Double), a[1].(types.Double)), a[2].(types.Double))
				}))),
		cel.Function("hasNumber",
			cel.Overload("rules_has_number", []*cel.Type{cel.StringType}, cel.BoolType,
				cel.UnaryBinding(func(s ref.Val) ref.Val { return types.Bool(hasNumber(string(s.(types.String)))) }))),
		cel.Function("hasAnyWord",
			cel.Overload(overloadHasAnyWord, []*cel.Type{cel.StringType, cel.ListType(cel.StringType)}, cel.BoolType,
				cel.BinaryBinding(func(s, l ref.Val) ref.Val { return anyWord(s, l, false) })),
			decls.DisableTypeGuards(true)),
		cel.Function("startsWithAnyWord",
			cel.Overload(overloadStartsWithAnyWord, []*cel.Type{cel.StringType, cel.ListType(cel.StringType)}, cel.BoolType,
				cel.BinaryBinding(func(s, l ref.Val) ref.Val { return anyWord(s, l, true) })),
			decls.DisableTypeGuards(true)),
	}
	e.costs["rules_has_number"] = overloadCost{scan: []int{0}}
	e.costs[overloadHasAnyWord] = overloadCost{scan: []int{0, 1}}
	e.costs[overloadStartsWithAnyWord] = overloadCost{scan: []int{0, 1}}
	return append(opts, e.listFuncs()...)
}

func spanOf(n float64, unit time.Duration) ref.Val {
	d := n * float64(unit)
	if math.IsNaN(d) || math.Abs(d) > math.MaxInt64 {
		return types.NewErr("%v days are more than a duration can hold", n*unit.Hours()/24)
	}
	return types.Duration{Duration: time.Duration(d)}
}

func anyWord(s, l ref.Val, atStart bool) ref.Val {
	words, err := stringList(l)
	if err != nil {
		return types.WrapErr(err)
	}
	return types.Bool(newWordSet(words).in(string(s.(types.String)), atStart))
}

func stringList(l ref.Val) ([]string, error) {
	list, ok := l.(traits.Lister)
	if !ok {
		return nil, fmt.Errorf("%s is not a list", l.Type().TypeName())
	}
	n := int(list.Size().(types.Int))
	words := make([]string, n)
	for i := range words {
		w, ok := list.Get(types.Int(i)).(types.String)
		if !ok {
			return nil, fmt.Errorf("entry %d of the words is not a string", i)
		}
		words[i] = string(w)
	}
	return words, nil
}

func (e *Env) listFuncs() []cel.EnvOption {
	anyList := cel.ListType(cel.TypeParamType("A"))
	e.costs[overloadLast] = overloadCost{scan: []int{0}, resultLike: true}
	opts := []cel.EnvOption{
		cel.Function("last",
			cel.MemberOverload(overloadLast, []*cel.Type{anyList, cel.IntType}, anyList, cel.BinaryBinding(lastOf)),
			decls.DisableTypeGuards(true)),
	}
	stat := func(name string, whole func([]int64) int64, of func([]float64) float64) {
		unknown := types.NewUnknown(-100, types.NewAttributeTrail("the "+name+" of an empty list"))
		overload := func(t, result *cel.Type, f func(ref.Val) ref.Val) cel.FunctionOpt {
			id := "rules_" + name + "_" + t.TypeName()
			e.costs[id] = overloadCost{scan: []int{0}}
			return cel.MemberOverload(id, []*cel.Type{cel.ListType(t)}, result, cel.UnaryBinding(f))
		}
		doubles := func(l ref.Val) ref.Val {
			vals, err := numbers(l, nil)
			switch {
			case err != nil:
				return err
			case len(vals) == 0:
				return unknown
			}
			return types.Double(of(vals))
		}
		wholes := func(l ref.Val) ref.Val {
			vals, err := nativeList[int64](l.(traits.Lister))
			switch v := vals.([]int64); {
			case err != nil:
				return types.WrapErr(err)
			case len(v) == 0:
				return unknown
			default:
				return types.Int(whole(v))
			}
		}
		ofInts := overload(cel.IntType, cel.IntType, wholes)
		if whole == nil {
			ofInts = overload(cel.IntType, cel.DoubleType, doubles)
		}
		opts = append(opts, cel.Function(name, decls.DisableTypeGuards(true), ofInts, overload(cel.DoubleType, cel.DoubleType, doubles)))
	}
	stat("min", slices.Min[[]int64], slices.Min[[]float64])
	stat("max", slices.Max[[]int64], slices.Max[[]float64])
	stat("mean", nil, func(v []float64) float64 {
		sum := 0.0
		for _, x := range v {
			sum += x
		}
		return sum / float64(len(v))
	})
	trend := func(name string, sign float64) {
		fo := []cel.FunctionOpt{decls.DisableTypeGuards(true)}
		add := func(id string, list *cel.Type, f *field) {
			e.costs[id] = overloadCost{scan: []int{0}}
			fo = append(fo, cel.MemberOverload(id, []*cel.Type{list, cel.IntType}, cel.BoolType,
				cel.BinaryBinding(func(l, n ref.Val) ref.Val { return trendOf(l, n, f, sign) })))
		}
		add("rules_"+name+"_int", cel.ListType(cel.IntType), nil)
		add("rules_"+name+"_double", cel.ListType(cel.DoubleType), nil)
		for _, t := range e.schema.Types {
			ot := e.types[t.Name]
			if f := ot.fields[valueField]; f != nil && (f.Kind == Double || f.Kind == Int) {
				add("rules_"+name+"_of_"+t.Name, cel.ListType(ot.celType), f)
			}
		}
		opts = append(opts, cel.Function(name, fo...))
	}
	trend("falling", -1)
	trend("rising", +1)

	since := []cel.FunctionOpt{decls.DisableTypeGuards(true)}
	for _, t := range e.schema.Types {
		ot := e.types[t.Name]
		f := ot.fields[atField]
		if f == nil || f.Kind != Timestamp {
			continue
		}
		id := "rules_since_of_" + t.Name
		e.costs[id] = overloadCost{scan: []int{0}, resultLike: true}
		list := cel.ListType(ot.celType)
		since = append(since, cel.MemberOverload(id, []*cel.Type{list, cel.TimestampType}, list,
			cel.BinaryBinding(func(l, t ref.Val) ref.Val { return sinceOf(l, t, f) })))
	}
	if len(since) > 1 {
		opts = append(opts, cel.Function("since", since...))
	}
	return opts
}

// implied are the facts that a function reads without their being written.
func (e *Env) implied(overload string) *field {
	if name, ok := strings.CutPrefix(overload, "rules_since_of_"); ok {
		return e.types[name].fields[atField]
	}
	for _, p := range []string{"rules_falling_of_", "rules_rising_of_"} {
		if name, ok := strings.CutPrefix(overload, p); ok {
			return e.types[name].fields[valueField]
		}
	}
	return nil
}

// lastOf keeps the newest entries: lists are newest first.
func lastOf(l, n ref.Val) ref.Val {
	list := l.(traits.Lister)
	want, size := int64(n.(types.Int)), int64(list.Size().(types.Int))
	if want < 0 {
		return types.NewErr("last(%d): give 0 or more", want)
	}
	if want >= size {
		return l
	}
	vals := make([]ref.Val, want)
	for i := range vals {
		vals[i] = list.Get(types.Int(i))
	}
	return types.NewRefValList(adapter{}, vals)
}

func sinceOf(l, t ref.Val, at *field) ref.Val {
	list, from := l.(traits.Lister), t.(types.Timestamp).Time
	n := int(list.Size().(types.Int))
	vals := make([]ref.Val, 0, n)
	for i := range n {
		item := list.Get(types.Int(i))
		switch when := at.read(bare(item)).(type) {
		case types.Timestamp:
			if !when.Before(from) {
				vals = append(vals, item)
			}
		case ref.Val:
			return when
		}
	}
	return types.NewRefValList(adapter{}, vals)
}

func bare(v ref.Val) any {
	if o, ok := v.(object); ok {
		return o.v
	}
	return v
}

// numbers reads a list of numbers, or one number of each of its objects. What
// it cannot read comes back as an unknown or an error.
func numbers(l ref.Val, f *field) ([]float64, ref.Val) {
	list := l.(traits.Lister)
	out := make([]float64, int(list.Size().(types.Int)))
	for i := range out {
		item := list.Get(types.Int(i))
		if f != nil {
			v, ok := f.read(bare(item)).(ref.Val)
			if !ok {
				return nil, types.NewErr("%s is not a number", f.path)
			}
			item = v
		}
		switch v := item.(type) {
		case types.Int:
			out[i] = float64(v)
		case types.Double:
			out[i] = float64(v)
		case *types.Unknown, *types.Err:
			return nil, v
		default:
			return nil, types.NewErr("%s is not a number", v.Type().TypeName())
		}
	}
	return out, nil
}

// trendOf says whether each of the newest n values moved, from the one before
// it, in the direction of sign. It takes n+1 values to see n moves; with fewer
// it did not happen n times in a row.
func trendOf(l, n ref.Val, f *field, sign float64) ref.Val {
	want := int64(n.(types.Int))
	if want < 1 {
		return types.NewErr("a trend needs 1 move or more, not %d", want)
	}
	if size := int64(l.(traits.Lister).Size().(types.Int)); size <= want {
		return types.False
	}
	vals, err := numbers(lastOf(l, types.Int(want+1)), f)
	if err != nil {
		return err
	}
	for i := range want {
		if (vals[i]-vals[i+1])*sign <= 0 {
			return types.False
		}
	}
	return types.True
}
