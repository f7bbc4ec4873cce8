package audit

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/okrkit/okrkit/rules"
)

// Reference is all that a level has for an author of packs. It is made from what the
// program is made of, and its examples are evaluated as it is made.
type Reference struct {
	Level     int                 `json:"level"`
	Subjects  []SubjectReference  `json:"subjects"`
	Types     []TypeReference     `json:"types"`
	Functions []FunctionReference `json:"functions"`
	Statuses  []string            `json:"statuses"`
}

// SubjectReference is what a rule can be on.
type SubjectReference struct {
	Name string            `json:"name"`
	Doc  string            `json:"doc"`
	Vars map[string]string `json:"vars"` // the type of each variable
}

// TypeReference is a kind of object.
type TypeReference struct {
	Name string `json:"name"`
	Doc  string `json:"doc"`
	// Path is how a rule gets at one, On the subjects whose rules do by a variable.
	Path  string          `json:"path"`
	On    []string        `json:"on"`
	Facts []FactReference `json:"facts"`
}

// FactReference is a fact.
type FactReference struct {
	Name         string   `json:"name"`
	Kind         string   `json:"kind"`
	Unit         string   `json:"unit,omitempty"`
	Least        *float64 `json:"least,omitempty"`
	Most         *float64 `json:"most,omitempty"`
	Values       []string `json:"values,omitempty"`
	MayBeUnknown bool     `json:"may_be_unknown"`
	ByTime       bool     `json:"by_time,omitempty"` // it changes although nothing is written
	Since        int      `json:"since"`
	Doc          string   `json:"doc"`
	// Example is an expression, On where it can be written, and Result what it comes
	// to there.
	Example string `json:"example"`
	On      string `json:"on"`
	Result  string `json:"result"`
}

// FunctionReference is a function or an operator.
type FunctionReference struct {
	Name      string `json:"name"`
	Group     string `json:"group"`
	Signature string `json:"signature"`
	Since     int    `json:"since"`
	Doc       string `json:"doc"`
	Example   string `json:"example"`
	Result    string `json:"result"`
}

// sample is what the examples of the reference are evaluated on, beside the examples
// of the types: lists that are not empty.
func sample() map[string]any {
	day := func(n int) time.Time { return exampleNow.AddDate(0, 0, -n) }
	kr := map[string]any{
		"readings": []any{
			map[string]any{"at": day(1), "value": 15.0}, map[string]any{"at": day(8), "value": 14.0, "raw": 0.33}, map[string]any{"at": day(15), "value": 12.5, "raw": 0.08},
		},
		"checkins": []any{
			map[string]any{"at": day(1), "confidence": 7.0}, map[string]any{"at": day(8), "confidence": 6.0, "stated": "at_risk"},
		},
		"blockers":    []any{map[string]any{}},
		"initiatives": []any{map[string]any{}},
		"siblings":    []any{map[string]any{"title": "First replies take less than 4 hours"}},
	}
	one := map[string]any{"key_results": []any{kr}}
	return map[string]any{
		"kr": kr, "objective": one, "checkin": map[string]any{"adjusted": []any{"Call the ten largest"}},
		"team":   map[string]any{"objectives": []any{one, map[string]any{"title": "Replies are fast", "rank": 2}}, "key_results": []any{kr}, "people": []any{map[string]any{}}, "checkins": []any{map[string]any{}}},
		"owner":  map[string]any{"key_results": []any{kr}},
		"tenant": map[string]any{"cycles": []any{map[string]any{}}, "teams": []any{map[string]any{}}},
	}
}

// paths are how a rule gets at an object that is no variable of any subject.
var paths = map[string]struct{ on, path, list string }{
	"cadence":    {onKeyResult, "kr.cadence", ""},
	"original":   {onKeyResult, "kr.original", ""},
	"reading":    {onKeyResult, "", "kr.readings"},
	"blocker":    {onKeyResult, "", "kr.blockers"},
	"initiative": {onKeyResult, "", "kr.initiatives"},
}

// References is the reference of a level, made from its environment.
func References(ctx context.Context, env *rules.Env) (Reference, error) {
	s := env.Schema()
	out := Reference{Level: s.Level, Statuses: s.Statuses}
	for _, x := range s.Subjects {
		out.Subjects = append(out.Subjects, SubjectReference{x.Name, x.Doc, x.Vars})
	}
	ask := map[string][]string{} // expressions by subject
	answers := map[string]*[]*string{}
	want := func(on, expression string, into *string) {
		ask[on] = append(ask[on], expression)
		if answers[on] == nil {
			answers[on] = &[]*string{}
		}
		*answers[on] = append(*answers[on], into)
	}
	out.Types = make([]TypeReference, len(s.Types))
	for i, t := range s.Types {
		r := &out.Types[i]
		*r = TypeReference{Name: t.Name, Doc: t.Doc, On: []string{}, Facts: make([]FactReference, len(t.Fields))}
		way := paths[t.Name]
		for _, sub := range s.Subjects {
			for _, v := range slices.Sorted(maps.Keys(sub.Vars)) {
				if sub.Vars[v] == t.Name {
					r.On = append(r.On, sub.Name)
					if r.Path == "" || sub.Name == t.Name {
						r.Path, way.on, way.path = v, sub.Name, v
					}
				}
			}
		}
		if r.Path == "" {
			r.Path = way.path + way.list
		}
		if way.on == "" {
			return Reference{}, fmt.Errorf("audit: the reference knows no way to a %s", t.Name)
		}
		for j, f := range t.Fields {
			fact := factReference(f)
			fact.On = way.on
			fact.Example = example(way.path+"."+f.Name, f, t.Example[f.Name])
			if way.list != "" {
				fact.Example = way.list + ".exists(x, " + example("x."+f.Name, f, t.Example[f.Name]) + ")"
			}
			r.Facts[j] = fact
			want(way.on, fact.Example, &r.Facts[j].Result)
		}
	}
	functions := env.Functions()
	out.Functions = make([]FunctionReference, len(functions))
	for i, f := range functions {
		x := f.Example
		switch f.Name {
		case "has":
			x = "has(kr.owner)"
		case "since":
			x = "kr.readings.since(now - days(10)).size()"
		}
		out.Functions[i] = FunctionReference{f.Name, f.Group, f.Signature, f.Since, f.Doc, x, ""}
		want(onKeyResult, x, &out.Functions[i].Result)
	}
	given := sample()
	for _, on := range slices.Sorted(maps.Keys(ask)) {
		results, err := env.Show(ctx, on, given, ask[on]...)
		if err != nil {
			return Reference{}, fmt.Errorf("audit: the reference of %s: %w", on, err)
		}
		for i, r := range results {
			*(*answers[on])[i] = r
		}
	}
	return out, nil
}

func factReference(f rules.Field) FactReference {
	r := FactReference{
		Name: f.Name, Kind: f.Kind.String(), Unit: f.Unit, Values: f.Values,
		MayBeUnknown: f.MayBeUnknown, ByTime: f.TimeDependent, Since: f.Since, Doc: f.Doc,
	}
	switch f.Kind {
	case rules.Object:
		r.Kind = f.Of
	case rules.List:
		r.Kind = f.Of + "[]"
	}
	if f.Range != [2]float64{} {
		r.Least, r.Most = &f.Range[0], &f.Range[1]
	}
	return r
}

// example is an expression that reads a fact, as a rule would. Value is that of the
// type's example.
func example(path string, f rules.Field, value any) string {
	switch f.Kind {
	case rules.Bool:
		return path
	case rules.Int, rules.Double:
		n := rules.Format(value)
		if value == nil {
			n = "1"
		}
		if f.Unit == rules.Share {
			n = "0.7"
		}
		return path + " >= " + n
	case rules.String:
		text, _ := value.(string)
		switch {
		case len(f.Values) > 0 && slices.Contains(f.Values, text):
			return fmt.Sprintf("%s == %q", path, text)
		case len(f.Values) > 0:
			return fmt.Sprintf("%s == %q", path, f.Values[0])
		case strings.Contains(text, " "):
			return path + ".size() <= 120"
		}
		return fmt.Sprintf("%s == %q", path, text)
	case rules.Timestamp:
		return path + " < now"
	case rules.Duration:
		return path + " <= days(7)"
	case rules.Object:
		return "has(" + path + ")"
	}
	return path + ".size() >= 1"
}
