package rules

import (
	"fmt"
	"math"
	"reflect"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// object stands for a host's value where CEL needs a ref.Val of its own, that
// is, when an object is an element of a list that CEL builds. Facts are read
// from the bare value.
type object struct{ v any }

var objectType = types.NewOpaqueType("object")

func (o object) ConvertToNative(reflect.Type) (any, error) { return o.v, nil }
func (o object) ConvertToType(ref.Type) ref.Val {
	return types.NewErr("an object cannot be converted")
}

// Equal is never reached by a checked program, which may not compare objects.
func (o object) Equal(ref.Val) ref.Val {
	return types.NewErr("objects cannot be compared")
}
func (o object) Type() ref.Type { return objectType }
func (o object) Value() any     { return o.v }

// record is an object given as data rather than as a Go value: maps laid over
// each other, the first one that knows a key wins.
type record struct {
	typ    *objType
	layers []map[string]any
}

// lookup answers the value, or Unknown. An object in several layers is laid
// over itself, and over the example of its own type last.
func (r *record) lookup(f *field) any {
	if f.Kind == Object {
		var layers []map[string]any
		for _, l := range r.layers {
			v, ok := l[f.Name]
			if !ok {
				continue
			}
			m, isMap := v.(map[string]any)
			if !isMap {
				break
			}
			layers = append(layers, m)
		}
		if len(layers) == 0 {
			return Unknown
		}
		return f.of.record(layers...)
	}
	for _, l := range r.layers {
		v, ok := l[f.Name]
		if !ok {
			continue
		}
		if v == nil {
			return Unknown
		}
		if f.Kind != List || f.of == nil {
			return v
		}
		items, _ := v.([]any)
		out := make([]any, len(items))
		for i, it := range items {
			m, _ := it.(map[string]any)
			out[i] = f.of.record(m)
		}
		return out
	}
	if f.Kind == List && !f.MayBeUnknown {
		return []any{}
	}
	return Unknown
}

func (t *objType) record(layers ...map[string]any) *record {
	return &record{typ: t, layers: append(layers[:len(layers):len(layers)], t.Example)}
}

// read answers a fact as CEL knows it: a ref.Val, a list, the bare value of
// another object, the field's unknown, or an error.
func (f *field) read(target any) any {
	if target == nil {
		return f.unknown
	}
	if u, ok := target.(*types.Unknown); ok {
		return u
	}
	switch r := target.(type) {
	case *record:
		return f.adapt(r.lookup(f))
	case *watched:
		return r.read(f)
	case *replayed:
		return f.adapt(r.lookup(f))
	}
	return f.adapt(f.Get(target))
}

func (f *field) adapt(v any) any {
	switch v := v.(type) {
	case nil, unknownFact:
		return f.unknown
	case error:
		return types.WrapErr(v)
	case bool:
		if f.Kind == Bool {
			return types.Bool(v)
		}
	case string:
		if f.Kind == String {
			// A string has at most as many characters as bytes, and counting is
			// only needed for the few that might be too long.
			if len(v) > f.max && characters(v) > f.max {
				return types.NewErr("%s has %d characters, more than the %d that are declared", f.path, characters(v), f.max)
			}
			return types.String(v)
		}
	case float64:
		switch f.Kind {
		case Double:
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return f.unknown
			}
			return types.Double(v)
		}
	case int64:
		switch f.Kind {
		case Int:
			return types.Int(v)
		case Double:
			return types.Double(v)
		}
	case int:
		switch f.Kind {
		case Int:
			return types.Int(v)
		case Double:
			return types.Double(v)
		}
	case time.Time:
		if f.Kind == Timestamp {
			if v.IsZero() {
				return f.unknown
			}
			return types.Timestamp{Time: v}
		}
	case time.Duration:
		if f.Kind == Duration {
			return types.Duration{Duration: v}
		}
	default:
		switch f.Kind {
		case Object:
			if rv := reflect.ValueOf(v); isNilable(rv.Kind()) && rv.IsNil() {
				return f.unknown
			}
			return v
		case List:
			return f.list(v)
		}
	}
	return types.NewErr("%s is a %T, not a %s", f.path, v, f.Kind)
}

func isNilable(k reflect.Kind) bool {
	switch k {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Interface, reflect.Func, reflect.Chan:
		return true
	}
	return false
}

// list adapts a slice or a Sequence. A list with an element that is not known
// is not known as a whole: whether it holds a value cannot be said.
func (f *field) list(v any) any {
	var n int
	var at func(int) any
	switch s := v.(type) {
	case []any:
		n, at = len(s), func(i int) any { return s[i] }
	case []string:
		n, at = len(s), func(i int) any { return s[i] }
	case Sequence:
		n, at = s.Len(), s.At
	default:
		rv := reflect.ValueOf(v)
		if rv.Kind() != reflect.Slice && rv.Kind() != reflect.Array {
			return types.NewErr("%s is a %T, not a list", f.path, v)
		}
		n, at = rv.Len(), func(i int) any { return rv.Index(i).Interface() }
	}
	if n > f.max {
		return types.NewErr("%s has %d entries, more than the %d that are declared", f.path, n, f.max)
	}
	vals := make([]ref.Val, n)
	for i := range vals {
		if f.item == nil {
			vals[i] = object{at(i)}
			continue
		}
		switch e := f.item.adapt(at(i)).(type) {
		case *types.Unknown:
			return f.unknown
		case ref.Val:
			if types.IsError(e) {
				return e
			}
			vals[i] = e
		default:
			return types.NewErr("%s holds a %T", f.path, e)
		}
	}
	return types.NewRefValList(adapter{}, vals)
}

// adapter turns plain Go values into CEL's. Objects stay what they are.
type adapter struct{}

func (adapter) NativeToValue(v any) ref.Val {
	switch v := v.(type) {
	case ref.Val:
		return v
	case nil, unknownFact:
		return types.NewUnknown(1, nil)
	case bool:
		return types.Bool(v)
	case int:
		return types.Int(v)
	case int64:
		return types.Int(v)
	case float64:
		return types.Double(v)
	case string:
		return types.String(v)
	case time.Time:
		return types.Timestamp{Time: v}
	case time.Duration:
		return types.Duration{Duration: v}
	case []string:
		return types.NewStringList(adapter{}, v)
	case []ref.Val:
		return types.NewRefValList(adapter{}, v)
	case []any, []int, []int64, []float64, []bool, []time.Time, []time.Duration:
		return types.NewDynamicList(adapter{}, v)
	case error:
		return types.WrapErr(v)
	}
	return object{v}
}

// native is the way back: plain Go values, as a host reads them.
func native(v ref.Val) any {
	switch v := v.(type) {
	case types.Bool:
		return bool(v)
	case types.Int:
		return int64(v)
	case types.Uint:
		return uint64(v)
	case types.Double:
		return float64(v)
	case types.String:
		return string(v)
	case types.Timestamp:
		return v.Time
	case types.Duration:
		return v.Duration
	case object:
		return v.v
	case *types.Unknown:
		return Unknown
	case interface {
		Size() ref.Val
		Get(ref.Val) ref.Val
	}:
		n, ok := v.Size().(types.Int)
		if !ok {
			return nil
		}
		out := make([]any, n)
		for i := range out {
			out[i] = native(v.Get(types.Int(i)))
		}
		return out
	}
	return fmt.Sprint(v)
}
