package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/invopop/jsonschema"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// dialect is what AsyncAPI 3 reads natively, and every validator there is.
const dialect = "http://json-schema.org/draft-07/schema#"

// closed are the types whose values no later version adds to. All others are open
// at the end: what is known is given as examples.
var closed = map[reflect.Type]bool{
	reflect.TypeFor[okr.State]():           true,
	reflect.TypeFor[okr.DependencyState](): true,
	reflect.TypeFor[okr.ActorKind]():       true,
}

// payload is the type that an event type carries, or nil.
func payload(name string) (reflect.Type, error) {
	p, err := okr.Event{ID: "x", Type: name, Data: json.RawMessage("{}")}.Payload()
	if err != nil {
		return nil, err
	}
	typ := reflect.TypeOf(p)
	if typ.Kind() != reflect.Pointer || typ.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("%s: okr.Event.Payload does not know its payload", name)
	}
	return typ.Elem(), nil
}

// schema is the JSON Schema of an event on the wire.
func (s *source) schema(e eventType) (*jsonschema.Schema, error) {
	typ, err := payload(e.name)
	if err != nil {
		return nil, err
	}
	data := s.reflector().ReflectFromType(typ)
	tighten(data)
	data.Version = ""
	data.Title = typ.Name()
	out := envelope(e.name, s.values[okrPath+".ActorKind"])
	out.Version = dialect
	out.Title = e.name
	out.Description = e.comment
	out.Properties.Set("data", data)
	return out, nil
}

func (s *source) reflector() *jsonschema.Reflector {
	return &jsonschema.Reflector{
		Anonymous:                 true,
		AllowAdditionalProperties: true, // a later version may say more
		DoNotReference:            true,
		Mapper:                    s.mapped,
		LookupComment: func(t reflect.Type, field string) string {
			name := t.PkgPath() + "." + t.Name()
			if field != "" {
				name += "." + field
			}
			return s.docs[name]
		},
	}
}

// mapped are the types that JSON writes otherwise than reflection would tell.
func (s *source) mapped(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[measure.Number]():
		// Unknown is null, and never 0.
		return &jsonschema.Schema{Extras: map[string]any{"type": []string{"number", "null"}}}
	case reflect.TypeFor[okr.Date]():
		return &jsonschema.Schema{Type: "string", Pattern: datePattern}
	case reflect.TypeFor[time.Time]():
		return &jsonschema.Schema{Type: "string", Format: "date-time"}
	case reflect.TypeFor[time.Weekday]():
		return &jsonschema.Schema{Type: "integer", Description: "0 is Sunday", Minimum: "0", Maximum: "6"}
	case reflect.TypeFor[okr.Interval]():
		return &jsonschema.Schema{Type: "string"}
	case reflect.TypeFor[okr.Purpose]():
		return &jsonschema.Schema{Type: "string", Examples: []any{"alignment", string(okr.ForCompensation)}}
	case reflect.TypeFor[okr.ID]():
		return &jsonschema.Schema{Type: "string", MinLength: new(uint64(1))}
	}
	if t.Kind() != reflect.String || t.PkgPath() == "" {
		return nil
	}
	out := &jsonschema.Schema{Type: "string"}
	for _, v := range s.values[t.PkgPath()+"."+t.Name()] {
		if closed[t] {
			out.Enum = append(out.Enum, v)
		} else if v != "" {
			out.Examples = append(out.Examples, v)
		}
	}
	return out
}

// datePattern is of a civil date or none, dayPattern of one that is there.
const (
	datePattern = `^([0-9]{4}-[0-9]{2}-[0-9]{2})?$`
	dayPattern  = `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`
)

// tighten says of fields that are left out where there is nothing to say that they
// are never empty.
func tighten(s *jsonschema.Schema) {
	for p := s.Properties.Oldest(); p != nil; p = p.Next() {
		if p.Value.Properties != nil {
			tighten(p.Value)
		}
		if slices.Contains(s.Required, p.Key) {
			continue
		}
		if p.Value.Extras["type"] != nil {
			p.Value.Extras, p.Value.Type = nil, "number"
		}
		if p.Value.Pattern == datePattern {
			p.Value.Pattern = dayPattern
		}
	}
}

// encoded is the schema as a file: keys sorted, so that it changes only where the
// contract does.
func encoded(s *jsonschema.Schema) ([]byte, error) {
	raw, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(tree); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// fileOf is the name of the file that holds the schema of the type.
func fileOf(eventType string) string { return eventType + ".schema.json" }

// short is the type without its prefix.
func short(eventType string) string { return strings.TrimPrefix(eventType, okr.EventPrefix) }
