package okr_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"reflect"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
)

// everyRead calls every method of a view, with all arguments that can be made of
// the refs, and says what each answered. It finds the methods by itself: a new read
// model is held to the same promises as all others.
func everyRead(ctx context.Context, t require.TestingT, v okr.View, pool []okr.Ref) map[string]string {
	out := map[string]string{}
	view := reflect.ValueOf(v)
	for i := range view.NumMethod() {
		name, method := view.Type().Method(i).Name, view.Method(i)
		var calls [][]reflect.Value
		calls = append(calls, nil)
		typ := method.Type()
		for j := range typ.NumIn() {
			var next [][]reflect.Value
			for _, c := range calls {
				for _, x := range arguments(ctx, typ.In(j), "", pool) {
					next = append(next, append(c[:len(c):len(c)], x))
				}
			}
			calls = next
		}
		for _, args := range calls {
			var said []string
			for _, a := range args {
				if a.Type() != reflect.TypeFor[context.Context]() {
					said = append(said, fmt.Sprintf("%+v", a.Interface()))
				}
			}
			out[name+"("+strings.Join(said, ", ")+")"] = answer(t, method.Call(args))
		}
	}
	return out
}

// arguments are values of a type, as far as they can be made of the refs. field is
// what they are for.
func arguments(ctx context.Context, typ reflect.Type, field string, pool []okr.Ref) []reflect.Value {
	var out []reflect.Value
	switch typ {
	case reflect.TypeFor[context.Context]():
		return []reflect.Value{reflect.ValueOf(ctx)}
	case reflect.TypeFor[okr.Ref]():
		for _, r := range pool {
			out = append(out, reflect.ValueOf(r))
		}
		return out
	case reflect.TypeFor[okr.ID]():
		for _, r := range pool {
			fits := strings.EqualFold(field, strings.ReplaceAll(string(r.Kind), "_", "")) || (field == "Owner" || field == "Helper") && r.Kind == okr.KindPerson
			if fits || field == "" {
				out = append(out, reflect.ValueOf(r.ID))
			}
		}
		if len(out) == 0 {
			return []reflect.Value{reflect.ValueOf(pool[0].ID)} // of nothing that is known by that name
		}
		return out
	case reflect.TypeFor[okr.Purpose]():
		return []reflect.Value{reflect.ValueOf(okr.ForAlignment), reflect.ValueOf(okr.ForCompensation)}
	}
	switch typ.Kind() {
	case reflect.Slice:
		if field != "" && typ.Elem() != reflect.TypeFor[okr.ID]() {
			return nil
		}
		for _, x := range arguments(ctx, typ.Elem(), strings.TrimSuffix(field, "s"), pool) {
			out = append(out, reflect.Append(reflect.MakeSlice(typ, 0, 1), x))
		}
		return out
	case reflect.Struct:
		zero := reflect.New(typ).Elem()
		out = append(out, zero)
		for i := range typ.NumField() {
			if f := typ.Field(i); f.IsExported() && f.Type.Kind() != reflect.Struct {
				for _, x := range arguments(ctx, f.Type, f.Name, pool) {
					with := reflect.New(typ).Elem()
					with.Field(i).Set(x)
					out = append(out, with)
				}
			}
		}
		return out
	}
	if field != "" {
		return nil
	}
	return []reflect.Value{reflect.New(typ).Elem()}
}

func answer(t require.TestingT, results []reflect.Value) string {
	var out []any
	for _, r := range results {
		switch x := r.Interface().(type) {
		case error:
			out = append(out, x.Error())
		case iter.Seq2[okr.KeyResultView, error]:
			for k, err := range x {
				out = append(out, k, fmt.Sprint(err))
			}
		case okr.View:
		default:
			out = append(out, x)
		}
	}
	b, err := json.Marshal(out)
	require.NoError(t, err)
	return string(b)
}
