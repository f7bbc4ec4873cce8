package rules

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"
)

// Env is a checked [Schema]: what packs are compiled against. It is immutable
// and safe for concurrent use; build it once, it is the expensive part.
type Env struct {
	schema   Schema
	limits   Limits
	types    map[string]*objType
	subjects map[string]*subject
	funcs    map[string]*hostFunc // by overload id
	costs    map[string]overloadCost
	base     *cel.Env
	data     func() (*Env, error) // the same, over what tests give
	lower    *Env                 // of the level below; nil below the first
}

type objType struct {
	Type
	celType *types.Type
	fields  map[string]*field
	left    map[string]bool // "type.field" that the level leaves out
	label   *field
}

type field struct {
	Field
	path    string // "order.total"
	of      *objType
	item    *field // how elements of a list of scalars are adapted
	max     int
	celType *types.Type
	unknown *types.Unknown
	ft      *types.FieldType
	fast    access
}

type subject struct {
	Subject
	vars []variable // by name
}

type variable struct {
	name    string
	kind    FieldKind
	of      *objType
	celType *types.Type
	field   field // adapts its values
}

var (
	identPattern = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	funcPattern  = regexp.MustCompile(`^[a-z][A-Za-z0-9_]*$`)
)

// reservedVars are there for every subject.
var reservedVars = []string{"now", "params"}

// NewEnv checks a schema and makes an environment of it. All that is wrong
// with the schema comes back in one error.
func NewEnv(s Schema) (*Env, error) {
	left := s.left(s.Level)
	var lower *Env
	if s.Level > 1 {
		below := s
		below.Level--
		var err error
		if lower, err = NewEnv(below); err != nil {
			return nil, err
		}
	}
	s = s.at(s.Level)
	e := &Env{
		lower:    lower,
		schema:   s,
		limits:   s.Limits.orDefault(),
		types:    map[string]*objType{},
		subjects: map[string]*subject{},
		funcs:    map[string]*hostFunc{},
		costs:    map[string]overloadCost{},
	}
	var errs []error
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("rules: schema: "+format, args...))
	}
	if s.Level < 1 {
		bad("Level is %d, give 1 or more", s.Level)
	}
	if s.Now.IsZero() {
		e.schema.Now = time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)
	}
	e.addTypes(left, bad)
	e.addSubjects(bad)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	e.checkExamples(bad)
	opts := e.options(bad)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	base, err := cel.NewCustomEnv(opts...)
	if err != nil {
		return nil, fmt.Errorf("rules: schema: %w", err)
	}
	e.base = base
	e.data = sync.OnceValues(e.dataEnv)
	return e, nil
}

// Schema returns what the environment was made of, without what its level
// leaves out.
func (e *Env) Schema() Schema { return e.schema }

// Limits returns the limits in force.
func (e *Env) Limits() Limits { return e.limits }

func (e *Env) addTypes(left map[string]bool, bad func(string, ...any)) {
	kept := e.schema.Types
	for _, t := range kept {
		if !identPattern.MatchString(t.Name) {
			bad("type %q: a name is lower case letters, digits and _", t.Name)
			continue
		}
		if _, isKind := scalarKind(t.Name); isKind || e.types[t.Name] != nil {
			bad("type %q is there already", t.Name)
			continue
		}
		// "@" cannot be typed in an expression, so the name of a type never
		// shadows a variable and objects cannot be made up.
		e.types[t.Name] = &objType{
			Type: t, celType: types.NewObjectType("@" + t.Name), fields: map[string]*field{}, left: left,
		}
	}
	id := int64(1)
	for _, t := range kept {
		ot := e.types[t.Name]
		if ot == nil {
			continue
		}
		for _, f := range t.Fields {
			id++
			nf := e.field(t.Name+"."+f.Name, f, id, bad)
			if nf == nil {
				continue
			}
			if ot.fields[f.Name] != nil {
				bad("%s is there twice", nf.path)
				continue
			}
			ot.fields[f.Name] = nf
		}
		for _, name := range []string{t.Label, "title", "name", "id"} {
			if f := ot.fields[name]; f != nil && f.Kind == String {
				ot.label = f
				break
			}
		}
		if t.Label != "" && (ot.label == nil || ot.label.Name != t.Label) {
			bad("type %s: its label %q is not one of its strings", t.Name, t.Label)
		}
		for _, name := range t.Appears {
			if f := ot.fields[name]; f == nil || f.Kind != Timestamp {
				bad("type %s: it appears by %q, which is not one of its timestamps", t.Name, name)
			}
		}
	}
}

func (e *Env) field(path string, f Field, id int64, bad func(string, ...any)) *field {
	nf := &field{Field: f, path: path, max: f.MaxSize}
	if !identPattern.MatchString(f.Name) {
		bad("%s: a name is lower case letters, digits and _", path)
		return nil
	}
	if f.Get == nil {
		bad("%s has no Get", path)
		return nil
	}
	switch {
	case f.Kind.scalar():
		nf.celType = celKind(f.Kind)
		if nf.max == 0 {
			nf.max = e.limits.Strings
		}
	case f.Kind == Object:
		if nf.of = e.types[f.Of]; nf.of == nil {
			bad("%s is of %q, which is not a type", path, f.Of)
			return nil
		}
		nf.celType = nf.of.celType
	case f.Kind == List:
		if nf.max == 0 {
			nf.max = e.limits.Lists
		}
		if nf.of = e.types[f.Of]; nf.of != nil {
			nf.celType = types.NewListType(nf.of.celType)
			break
		}
		k, ok := scalarKind(f.Of)
		if !ok {
			bad("%s is a list of %q, which is neither a type nor a scalar kind", path, f.Of)
			return nil
		}
		itemMax := f.MaxItem
		if itemMax == 0 {
			itemMax = e.limits.Strings
		}
		nf.item = &field{Field: Field{Name: f.Name, Kind: k}, path: path + "[]", max: itemMax, celType: celKind(k)}
		nf.celType = types.NewListType(nf.item.celType)
	default:
		bad("%s has no kind", path)
		return nil
	}
	nf.unknown = types.NewUnknown(id, types.NewAttributeTrail(path))
	if nf.item != nil {
		nf.item.unknown = nf.unknown
	}
	nf.fast = nf.access()
	nf.ft = &types.FieldType{
		Type: nf.celType,
		IsSet: func(target any) bool {
			_, unknown := nf.read(target).(*types.Unknown)
			return !unknown
		},
		GetFrom: func(target any) (any, error) {
			v := nf.read(target)
			if err, ok := v.(*types.Err); ok {
				return nil, err
			}
			return v, nil
		},
	}
	return nf
}

func (e *Env) addSubjects(bad func(string, ...any)) {
	for _, s := range e.schema.Subjects {
		if !identPattern.MatchString(s.Name) {
			bad("subject %q: a name is lower case letters, digits and _", s.Name)
			continue
		}
		if e.subjects[s.Name] != nil {
			bad("subject %q is there twice", s.Name)
			continue
		}
		sub := &subject{Subject: s}
		vars := maps.Clone(s.Vars)
		if vars == nil {
			vars = map[string]string{}
		}
		delete(vars, "params")
		vars["now"] = Timestamp.String()
		for i, name := range slices.Sorted(maps.Keys(vars)) {
			if !identPattern.MatchString(name) {
				bad("subject %s: variable %q: a name is lower case letters, digits and _", s.Name, name)
				continue
			}
			v := variable{name: name}
			if k, ok := scalarKind(vars[name]); ok {
				v.kind, v.celType = k, celKind(k)
			} else if v.of = e.types[vars[name]]; v.of != nil {
				v.kind, v.celType = Object, v.of.celType
			} else {
				bad("subject %s: variable %s is of %q, which is not a type", s.Name, name, vars[name])
				continue
			}
			v.field = field{
				Field: Field{Kind: v.kind}, path: name, max: math.MaxInt,
				unknown: types.NewUnknown(int64(-1-i), types.NewAttributeTrail(name)),
			}
			sub.vars = append(sub.vars, v)
		}
		e.subjects[s.Name] = sub
	}
	if len(e.schema.Subjects) == 0 {
		bad("there are no Subjects")
	}
}

func celKind(k FieldKind) *types.Type {
	switch k {
	case Bool:
		return types.BoolType
	case Int:
		return types.IntType
	case Double:
		return types.DoubleType
	case String:
		return types.StringType
	case Timestamp:
		return types.TimestampType
	case Duration:
		return types.DurationType
	}
	return types.ErrorType
}

// options is the allow-list of what an expression may use. What is left out of
// the standard library: dyn and type (they switch type checking off), bytes and
// unsigned numbers (no fact has them), and calendar functions that name a time
// zone (they read the machine's files).
func (e *Env) options(bad func(string, ...any)) []cel.EnvOption {
	tz := func(fn string, overload string) *env.Function {
		return &env.Function{Name: fn, Overloads: []*env.Overload{{ID: overload}}}
	}
	std := &env.LibrarySubset{ExcludeFunctions: []*env.Function{
		{Name: "dyn"}, {Name: "type"}, {Name: "bytes"}, {Name: "uint"},
		tz("getFullYear", "timestamp_to_year_with_tz"),
		tz("getMonth", "timestamp_to_month_with_tz"),
		tz("getDayOfYear", "timestamp_to_day_of_year_with_tz"),
		tz("getDayOfMonth", "timestamp_to_day_of_month_with_tz"),
		tz("getDate", "timestamp_to_day_of_month_1_based_with_tz"),
		tz("getDayOfWeek", "timestamp_to_day_of_week_with_tz"),
		tz("getHours", "timestamp_to_hours_with_tz"),
		tz("getMinutes", "timestamp_to_minutes_with_tz"),
		tz("getSeconds", "timestamp_to_seconds_tz"),
		tz("getMilliseconds", "timestamp_to_milliseconds_with_tz"),
	}}
	p := provider{e}
	opts := []cel.EnvOption{
		cel.CustomTypeAdapter(adapter{}),
		cel.CustomTypeProvider(p),
		cel.StdLib(cel.StdLibSubset(std)),
		cel.CrossTypeNumericComparisons(true),
		cel.DefaultUTCTimeZone(true),
		cel.CostModelVersion(1),
		cel.EnableHiddenAccumulatorName(true),
		cel.ParserExpressionSizeLimit(e.limits.ExpressionChars),
		cel.ExpressionNodeLimit(e.limits.ExpressionNodes),
		cel.ParserRecursionLimit(64),
		cel.ParserErrorRecoveryLimit(4),
		// The versions are pinned: a level means the same for ever.
		ext.Strings(ext.StringsVersion(5)),
		ext.Lists(ext.ListsVersion(3), ext.ListsMaxRangeSize(1000)),
		ext.Math(ext.MathVersion(3)),
	}
	opts = append(opts, e.builtins()...)
	opts = append(opts, e.hostFuncs(bad)...)
	return append(opts, cel.EagerlyValidateDeclarations(true))
}

// provider tells CEL the types of the schema, and nothing else: there are no
// enums, no messages and no way to build an object.
type provider struct{ e *Env }

func (p provider) typ(name string) (*objType, bool) {
	t, ok := p.e.types[strings.TrimPrefix(name, "@")]
	return t, ok && strings.HasPrefix(name, "@")
}

func (provider) EnumValue(name string) ref.Val { return types.NewErr("unknown enum %s", name) }

func (provider) FindIdent(string) (ref.Val, bool) { return nil, false }

func (p provider) FindStructType(name string) (*types.Type, bool) {
	t, ok := p.typ(name)
	if !ok {
		return nil, false
	}
	return types.NewTypeTypeWithParam(t.celType), true
}

func (p provider) FindStructFieldNames(name string) ([]string, bool) {
	t, ok := p.typ(name)
	if !ok {
		return nil, false
	}
	return slices.Sorted(maps.Keys(t.fields)), true
}

func (p provider) FindStructFieldType(name, fieldName string) (*types.FieldType, bool) {
	t, ok := p.typ(name)
	if !ok {
		return nil, false
	}
	f, ok := t.fields[fieldName]
	if !ok {
		return nil, false
	}
	return f.ft, true
}

func (provider) NewValue(name string, _ map[string]ref.Val) ref.Val {
	return types.NewErr("a %s cannot be made up", name)
}
