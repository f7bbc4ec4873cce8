// Command eventschema writes the contracts of events: one JSON Schema for each
// event type, docs/schema/events/TYPE.schema.json, and one AsyncAPI document,
// docs/asyncapi.yaml. Both are made from the Go types of package okr, so that
// they say what the program does: which types there are comes from its constants,
// what they carry from okr.Event.Payload, and the descriptions from its comments.
//
// It is a module of its own, so that what reads Go and writes schemas enters
// nobody's build.
package main

//go:generate go run . ../../docs
