package rules

import (
	"math"
	"reflect"
	"time"
)

// Fact declares a scalar fact of the Go type T. The second result of get says
// whether it is known. Kind is taken from V; the other fields of the result are
// for the caller to set. A fact declared so is read without allocating, which
// one with a plain Get is not.
func Fact[T any, V bool | int64 | float64 | string | time.Time | time.Duration](name string, get func(T) (V, bool)) Field {
	f := Field{Name: name, typed: func(o any) (V, bool) {
		t, ok := o.(T)
		if !ok {
			var zero V
			return zero, false
		}
		return get(t)
	}}
	f.is = isA[T]
	f.Get = func(o any) any {
		if v, ok := get(o.(T)); ok {
			return v
		}
		return Unknown
	}
	switch any(*new(V)).(type) {
	case bool:
		f.Kind = Bool
	case int64:
		f.Kind = Int
	case float64:
		f.Kind = Double
	case string:
		f.Kind = String
	case time.Time:
		f.Kind = Timestamp
	case time.Duration:
		f.Kind = Duration
	}
	return f
}

// ObjectFact declares a fact of T that is an object of the type named of. U is
// best a pointer.
func ObjectFact[T, U any](name, of string, get func(T) (U, bool)) Field {
	f := Field{Name: name, Kind: Object, Of: of, is: isA[T]}
	f.Get = func(o any) any {
		if v, ok := get(o.(T)); ok {
			return v
		}
		return Unknown
	}
	pointers := reflect.TypeFor[U]().Kind() == reflect.Pointer
	var none U
	f.typed = func(o any) (any, bool) {
		t, ok := o.(T)
		if !ok {
			return nil, false
		}
		v, ok := get(t)
		if pointers {
			return v, ok && any(v) != any(none)
		}
		return v, ok && plainObject(v)
	}
	return f
}

// ListFact declares a fact of T that is a list: of objects of the type named
// of, or of the scalar kind named of. E is best a pointer or a string.
func ListFact[T, E any](name, of string, get func(T) ([]E, bool)) Field {
	f := Field{Name: name, Kind: List, Of: of, is: isA[T]}
	f.Get = func(o any) any {
		if v, ok := get(o.(T)); ok {
			return sliceOf[E](v)
		}
		return Unknown
	}
	at := func(o any, i int) any {
		v, _ := get(o.(T))
		return v[i]
	}
	f.typed = func(o any) (fastList, bool) {
		t, ok := o.(T)
		if !ok {
			return fastList{}, false
		}
		v, ok := get(t)
		return fastList{src: o, n: len(v), at: at}, ok
	}
	f.count = func(o any) (int, bool) {
		t, ok := o.(T)
		if !ok {
			return 0, false
		}
		v, ok := get(t)
		return len(v), ok
	}
	if _, texts := any(*new(E)).(string); texts {
		f.longest = func(o any) (longest int) {
			v, _ := get(o.(T))
			for _, s := range any(v).([]string) {
				longest = max(longest, len(s))
			}
			return longest
		}
	}
	return f
}

// isA says whether an object is the host's own value, and not data or watched.
func isA[T any](o any) bool { _, ok := o.(T); return ok }

type sliceOf[E any] []E

func (s sliceOf[E]) Len() int     { return len(s) }
func (s sliceOf[E]) At(i int) any { return s[i] }

// fastList is a list that is read where it lies, or that a filter made.
type fastList struct {
	items []any // of a list that was made
	src   any   // otherwise what at reads from
	n     int
	at    func(src any, i int) any
}

func (l *fastList) item(i int) any {
	if l.at == nil {
		return l.items[i]
	}
	return l.at(l.src, i)
}

// access reads a fact without going through CEL's values. Each function answers
// false whenever the value is not plainly there: not known, of the wrong kind, or
// given as data. CEL then has the word. What doubles, strings and instants have to
// be beyond that is for the reader to ask.
type access struct {
	b func(any) (bool, bool)
	i func(any) (int64, bool)
	d func(any) (float64, bool)
	s func(any) (string, bool)
	t func(any) (time.Time, bool)
	u func(any) (time.Duration, bool)
	o func(any) (any, bool)
	l func(any) (fastList, bool)
	n func(any) (int64, bool) // the length of a list of objects
}

func (f *field) access() access {
	var a access
	switch f.Kind {
	case Bool:
		a.b = scalarAccess[bool](f)
	case Int:
		a.i = scalarAccess[int64](f)
		if f.typed == nil {
			a.i = func(o any) (int64, bool) {
				switch v := f.plainGet(o).(type) {
				case int64:
					return v, true
				case int:
					return int64(v), true
				}
				return 0, false
			}
		}
	case Double:
		a.d = scalarAccess[float64](f)
		if f.typed == nil {
			a.d = func(o any) (float64, bool) {
				switch v := f.plainGet(o).(type) {
				case float64:
					return v, true
				case int64:
					return float64(v), true
				case int:
					return float64(v), true
				}
				return 0, false
			}
		}
	case String:
		a.s = scalarAccess[string](f)
	case Timestamp:
		a.t = scalarAccess[time.Time](f)
	case Duration:
		a.u = scalarAccess[time.Duration](f)
	case Object:
		a.o = f.objectAccess()
	case List:
		get := f.listAccess()
		a.l = func(o any) (fastList, bool) {
			l, ok := get(o)
			if !ok || l.n > f.max {
				return fastList{}, false
			}
			if f.longest != nil && f.longest(o) <= f.item.max {
				return l, true
			}
			if f.item != nil { // one entry that is not known makes the list unknown
				for i := range l.n {
					if !f.item.plain(l.item(i)) {
						return fastList{}, false
					}
				}
			}
			return l, true
		}
		if count := f.count; count != nil && f.item == nil {
			a.n = func(o any) (int64, bool) {
				n, ok := count(o)
				return int64(n), ok && n <= f.max
			}
		}
	}
	return a
}

// plainGet reads from a Go value, never from data.
func (f *field) plainGet(o any) any {
	switch o.(type) {
	case nil, *record, *watched, *replayed:
		return nil
	}
	return f.Get(o)
}

func scalarAccess[V any](f *field) func(any) (V, bool) {
	if get, ok := f.typed.(func(any) (V, bool)); ok {
		return get
	}
	return func(o any) (V, bool) {
		v, ok := f.plainGet(o).(V)
		return v, ok
	}
}

func (f *field) objectAccess() func(any) (any, bool) {
	if get, ok := f.typed.(func(any) (any, bool)); ok {
		return get
	}
	return func(o any) (any, bool) {
		v := f.plainGet(o)
		return v, plainObject(v)
	}
}

// plainObject says whether an object is there.
func plainObject(v any) bool {
	if v == nil || v == Unknown {
		return false
	}
	rv := reflect.ValueOf(v)
	return !isNilable(rv.Kind()) || !rv.IsNil()
}

func (f *field) listAccess() func(any) (fastList, bool) {
	if get, ok := f.typed.(func(any) (fastList, bool)); ok {
		return get
	}
	return func(o any) (fastList, bool) {
		switch v := f.plainGet(o).(type) {
		case nil, unknownFact:
			return fastList{}, false
		case []any:
			return fastList{items: v, n: len(v)}, true
		case Sequence:
			return fastList{src: v, n: v.Len(), at: sequenceAt}, true
		case []string:
			return fastList{src: v, n: len(v), at: stringAt}, true
		default:
			rv := reflect.ValueOf(v)
			if rv.Kind() != reflect.Slice {
				return fastList{}, false
			}
			return fastList{src: v, n: rv.Len(), at: reflectAt}, true
		}
	}
}

func sequenceAt(src any, i int) any { return src.(Sequence).At(i) }
func stringAt(src any, i int) any   { return src.([]string)[i] }
func reflectAt(src any, i int) any  { return reflect.ValueOf(src).Index(i).Interface() }

// plain says whether a value is what the kind asks for, without conversion.
func (f *field) plain(v any) bool {
	switch v := v.(type) {
	case bool:
		return f.Kind == Bool
	case int64:
		return f.Kind == Int
	case float64:
		return f.Kind == Double && !math.IsNaN(v) && !math.IsInf(v, 0)
	case string:
		return f.Kind == String && (len(v) <= f.max || characters(v) <= f.max)
	case time.Time:
		return f.Kind == Timestamp && !v.IsZero()
	case time.Duration:
		return f.Kind == Duration
	}
	return false
}
