package main

import "github.com/invopop/jsonschema"

// envelope is the CloudEvent around the data, as okr.Event.AppendCloudEvent writes it.
func envelope(eventType string, actorKinds []string) *jsonschema.Schema {
	text := func(description string) *jsonschema.Schema {
		return &jsonschema.Schema{Type: "string", Description: description}
	}
	some := func(description string) *jsonschema.Schema {
		s := text(description)
		s.MinLength = new(uint64(1))
		return s
	}
	always := func(value, description string) *jsonschema.Schema {
		s := text(description)
		s.Const = value
		return s
	}
	sequence := text("The number of the event among those of its subject, from 1 without gaps, as text.")
	sequence.Pattern = "^[1-9][0-9]*$"
	subject := text("What the event concerns, as kind/id. Events of one subject come in the order of their sequence.")
	subject.Pattern = "^[^/]+/.+$"
	source := text("/okr/ and the tenant, percent-encoded.")
	source.Format = "uri-reference"
	at := text("The instant of the decision, UTC.")
	at.Format = "date-time"
	kind := text("What kind of actor it was.")
	for _, k := range actorKinds {
		kind.Enum = append(kind.Enum, k)
	}

	s := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties()}
	for _, p := range []struct {
		name   string
		schema *jsonschema.Schema
	}{
		{"specversion", always("1.0", "CloudEvents 1.0.")},
		{"id", some("Unique. What comes again with the same id is the same event, delivered again.")},
		{"source", source},
		{"type", always(eventType, "The event type; the schema of another type is another.")},
		{"subject", subject},
		{"time", at},
		{"datacontenttype", always("application/json", "The data is JSON.")},
		{"tenant", some("The tenant's id, as the host gave it.")},
		{"actor", text("Who decided: the id of a person, or the name of an automation or a service.")},
		{"actorkind", kind},
		{"sequence", sequence},
		{"sequencetype", always("Integer", "The sequence is a whole number.")},
	} {
		s.Properties.Set(p.name, p.schema)
		s.Required = append(s.Required, p.name)
	}
	s.Required = append(s.Required, "data")
	return s
}
