package rules

import (
	"fmt"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/decls"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

type hostFunc struct {
	Func
	unknown *types.Unknown
	result  field
}

func (e *Env) hostFuncs(bad func(string, ...any)) []cel.EnvOption {
	byName := map[string][]cel.FunctionOpt{}
	var order []string
	for i, f := range e.schema.Funcs {
		if f.Since > e.schema.Level {
			continue
		}
		if !funcPattern.MatchString(f.Name) {
			bad("function %q: a name is letters, digits and _, starting with a lower case letter", f.Name)
			continue
		}
		if f.Call == nil {
			bad("function %s has no Call", f.Name)
			continue
		}
		if f.Member && len(f.Params) == 0 {
			bad("function %s is a Member and has no Params", f.Name)
			continue
		}
		args := make([]*cel.Type, len(f.Params))
		var ok bool
		valid := true
		names := make([]string, len(f.Params))
		for j, p := range f.Params {
			if args[j], ok = p.celType(); !ok {
				bad("function %s: parameter %d is neither a scalar nor a list of scalars", f.Name, j+1)
				valid = false
			}
			names[j] = p.Kind.String() + p.Of
		}
		result, ok := f.Result.celType()
		if !ok {
			bad("function %s: its result is neither a scalar nor a list of scalars", f.Name)
			valid = false
		}
		if !valid {
			continue
		}
		h := &hostFunc{Func: f, unknown: types.NewUnknown(int64(-1000-i), types.NewAttributeTrail(f.Name+"()"))}
		h.result = h.resultField(e.limits)
		id := "host_" + f.Name + "_" + strings.Join(names, "_")
		if e.funcs[id] != nil {
			bad("function %s is there twice with the same parameters", f.Name)
			continue
		}
		e.funcs[id] = h
		c := overloadCost{fixed: max(f.Cost, 1)}
		switch f.Result.Kind {
		case String, List:
			c.resultMax = uint64(h.result.max)
			if h.result.item != nil {
				c.resultItem = uint64(h.result.item.max)
			}
		}
		e.costs[id] = c
		opt := cel.Overload
		if f.Member {
			opt = cel.MemberOverload
		}
		if byName[f.Name] == nil {
			order = append(order, f.Name)
			byName[f.Name] = []cel.FunctionOpt{decls.DisableTypeGuards(true)}
		}
		byName[f.Name] = append(byName[f.Name], opt(id, args, result, cel.FunctionBinding(h.call)))
	}
	var opts []cel.EnvOption
	for _, name := range order {
		opts = append(opts, cel.Function(name, byName[name]...))
	}
	return opts
}

func (p Param) celType() (*cel.Type, bool) {
	if p.Kind.scalar() {
		return celKind(p.Kind), true
	}
	if k, ok := scalarKind(p.Of); ok && p.Kind == List {
		return cel.ListType(celKind(k)), true
	}
	return nil, false
}

// resultField lets a result be adapted, and bounded, like a fact.
func (h *hostFunc) resultField(l Limits) field {
	f := field{Field: Field{Kind: h.Result.Kind}, path: h.Name + "()", max: h.MaxSize, unknown: h.unknown}
	if f.max == 0 {
		f.max = l.Strings
		if f.Kind == List {
			f.max = l.Lists
		}
	}
	if k, ok := scalarKind(h.Result.Of); ok && f.Kind == List {
		f.item = &field{Field: Field{Kind: k}, path: f.path, max: l.Strings, unknown: h.unknown}
	}
	return f
}

func (h *hostFunc) call(args ...ref.Val) (out ref.Val) {
	defer func() {
		if r := recover(); r != nil {
			out = types.NewErr("%s panicked: %v", h.Name, r)
		}
	}()
	plain := make([]any, len(args))
	for i, a := range args {
		v, err := h.Params[i].native(a)
		if err != nil {
			return types.NewErr("%s: parameter %d: %v", h.Name, i+1, err)
		}
		plain[i] = v
	}
	v, err := h.Call(plain)
	if err != nil {
		return types.WrapErr(fmt.Errorf("%s: %w", h.Name, err))
	}
	if r, ok := h.result.adapt(v).(ref.Val); ok {
		return r
	}
	return types.NewErr("%s gave a %T", h.Name, v)
}

func (p Param) native(v ref.Val) (any, error) {
	if p.Kind != List {
		return native(v), nil
	}
	l, ok := v.(traits.Lister)
	if !ok {
		return nil, fmt.Errorf("%s is not a list", v.Type().TypeName())
	}
	k, _ := scalarKind(p.Of)
	switch k {
	case Bool:
		return nativeList[bool](l)
	case Int:
		return nativeList[int64](l)
	case Double:
		return nativeList[float64](l)
	case String:
		return nativeList[string](l)
	case Timestamp:
		return nativeList[time.Time](l)
	default:
		return nativeList[time.Duration](l)
	}
}

func nativeList[T any](l traits.Lister) (any, error) {
	out := make([]T, int(l.Size().(types.Int)))
	for i := range out {
		v, ok := native(l.Get(types.Int(i))).(T)
		if !ok {
			return []T(nil), fmt.Errorf("entry %d is not a %T", i, out[i])
		}
		out[i] = v
	}
	return out, nil
}
