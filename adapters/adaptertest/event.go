package adaptertest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// Event is a plausible event of the type: the seq-th of the aggregate.
func Event(tenant okr.TenantID, eventType string, aggregate okr.Ref, seq int64) okr.Event {
	return okr.Event{
		ID:        fmt.Sprintf("%s/%s/%d", url.PathEscape(string(tenant)), aggregate, seq),
		Type:      eventType,
		Tenant:    tenant,
		Aggregate: aggregate,
		Seq:       seq,
		Time:      time.Date(2026, time.October, 5, 8, 0, 0, 0, time.UTC).Add(time.Duration(seq) * time.Minute),
		Actor:     okr.Someone("kim"),
		Data:      payload(eventType, string(aggregate.ID)),
	}
}

// payload is a body that fits the type.
func payload(eventType, id string) json.RawMessage {
	body := map[string]any{"key_result": id, "title": "Trial conversion from 41 % to 60 %", "objective": "o1", "cycle": "c1", "owner": "kim", "team": "growth"}
	switch eventType {
	case okr.EventNoticeReady:
		body = map[string]any{
			"to": "kim", "about": []string{"e1"}, "kind": "checkin-due", "title": "A check-in is due", "body": "Trial conversion: the last number is 9 days old.",
			"link": "https://okr.example.com/me",
		}
	case okr.EventNoticeDropped:
		body = map[string]any{"to": "kim", "untold": []map[string]any{{"event": "e1", "type": okr.EventCheckInDue, "reason": okr.MootAnswered}}}
	case okr.EventCheckInRecorded, okr.EventCheckInLate:
		body["checkin"], body["value"], body["confidence"], body["status"], body["progress"] = "ci1", 54, 6, "at_risk", 0.68
		body["occurred_at"] = "2026-10-05T08:00:00Z"
	case okr.EventReadingRecorded, okr.EventReadingCorrected:
		body["reading"], body["value"], body["source"], body["occurred_at"] = "r1", 54, "sql", "2026-10-05T08:00:00Z"
	case okr.EventStatusChanged:
		body["from"], body["to"], body["progress"], body["expected"], body["gap"] = "on_track", "at_risk", 0.4, 0.6, 0.2
	}
	b, err := json.Marshal(body)
	if err != nil {
		panic(err) // maps of strings and numbers always marshal
	}
	return b
}

// outgoing is the event as the outbox holds it.
func outgoing(e okr.Event) okr.Outgoing {
	wire, err := e.AppendCloudEvent(nil)
	if err != nil {
		panic(err) // an event of this package always has an id, a type and JSON
	}
	return okr.Outgoing{ID: e.ID, Tenant: e.Tenant, Type: e.Type, Aggregate: e.Aggregate, Seq: e.Seq, Wire: wire, Attempt: 1}
}

// checkIn is the seq-th event of a key result.
func checkIn(tenant okr.TenantID, kr string, seq int64) okr.Outgoing {
	return outgoing(Event(tenant, okr.EventCheckInRecorded, okr.Ref{Kind: okr.KindKeyResult, ID: okr.ID(kr)}, seq))
}

func typed(eventType, id string) okr.Outgoing {
	return outgoing(Event("acme", eventType, okr.Ref{Kind: okr.KindKeyResult, ID: okr.ID(id)}, 1))
}

func idsOf(events []okr.Outgoing) []string {
	ids := make([]string, len(events))
	for i, e := range events {
		ids[i] = e.ID
	}
	return ids
}
