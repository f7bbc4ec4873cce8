package okr

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Event is a fact. Events of one aggregate are numbered without gaps from 1.
type Event struct {
	ID        string          `json:"id"`   // UUIDv7
	Type      string          `json:"type"` // okr.v1.<entity>.<verb>
	Tenant    TenantID        `json:"tenant"`
	Aggregate Ref             `json:"aggregate"`
	Seq       int64           `json:"seq"`
	Time      time.Time       `json:"time"` // UTC instant of the decision
	Actor     Actor           `json:"actor"`
	Data      json.RawMessage `json:"data"` // one of the payload types of this package, by Type
}

// EventPrefix begins the type of every event of this version.
const EventPrefix = "okr.v1."

// The event types.
const (
	EventCycleCreated      = EventPrefix + "cycle.created"
	EventCycleChanged      = EventPrefix + "cycle.changed"
	EventCycleClosed       = EventPrefix + "cycle.closed"
	EventPersonChanged     = EventPrefix + "person.changed"
	EventTeamChanged       = EventPrefix + "team.changed"
	EventObjectiveCreated  = EventPrefix + "objective.created"
	EventObjectiveChanged  = EventPrefix + "objective.changed"
	EventObjectiveActive   = EventPrefix + "objective.activated"
	EventKeyResultCreated  = EventPrefix + "key_result.created"
	EventKeyResultChanged  = EventPrefix + "key_result.changed"
	EventKeyResultActive   = EventPrefix + "key_result.activated"
	EventStatusChanged     = EventPrefix + "key_result.status-changed"
	EventConfidenceDropped = EventPrefix + "key_result.confidence-dropped"
	EventTargetMoved       = EventPrefix + "key_result.target-moved"
	EventOwnerLeft         = EventPrefix + "key_result.owner-left"
	EventObjectiveStatus   = EventPrefix + "objective.status-changed"
	EventReadingRecorded   = EventPrefix + "reading.recorded"
	EventReadingCorrected  = EventPrefix + "reading.corrected"
	EventCheckInDue        = EventPrefix + "checkin.due"
	EventCheckInRecorded   = EventPrefix + "checkin.recorded"
	EventCheckInLate       = EventPrefix + "checkin.late"
	EventCheckInOverdue    = EventPrefix + "checkin.overdue"
	EventCheckInMissed     = EventPrefix + "checkin.missed"
	EventBlockerOpened     = EventPrefix + "blocker.opened"
	EventBlockerClosed     = EventPrefix + "blocker.closed"
	EventSourceFailed      = EventPrefix + "source.failed"
	EventSourceRecovered   = EventPrefix + "source.recovered"
	EventPackActivated     = EventPrefix + "pack.activated"
	EventNoticeReady       = EventPrefix + "notice.ready"
)

// AppendCloudEvent appends the event as one CloudEvents 1.0 JSON object
// (structured mode). Beside the standard attributes it carries the extensions
// tenant, actor, actorkind, sequence and sequencetype.
func (e Event) AppendCloudEvent(b []byte) ([]byte, error) {
	if e.ID == "" || e.Type == "" {
		return b, fmt.Errorf("okr: an event needs an id and a type")
	}
	data := []byte(e.Data)
	if len(data) == 0 {
		data = []byte("null")
	}
	if !json.Valid(data) {
		return b, fmt.Errorf("okr: event %s: data is not JSON", e.ID)
	}
	b = append(b, `{"specversion":"1.0","id":`...)
	b = appendJSONString(b, e.ID)
	b = append(b, `,"source":`...)
	b = appendJSONString(b, "/okr/"+url.PathEscape(string(e.Tenant)))
	b = append(b, `,"type":`...)
	b = appendJSONString(b, e.Type)
	b = append(b, `,"subject":`...)
	b = appendJSONString(b, e.Aggregate.String())
	b = append(b, `,"time":"`...)
	b = e.Time.UTC().AppendFormat(b, time.RFC3339Nano)
	b = append(b, `","datacontenttype":"application/json","tenant":`...)
	b = appendJSONString(b, string(e.Tenant))
	b = append(b, `,"actor":`...)
	b = appendJSONString(b, string(e.Actor.ID))
	b = append(b, `,"actorkind":`...)
	b = appendJSONString(b, string(e.Actor.Kind))
	b = append(b, `,"sequence":"`...)
	b = strconv.AppendInt(b, e.Seq, 10)
	b = append(b, `","sequencetype":"Integer","data":`...)
	b = append(b, data...)
	return append(b, '}'), nil
}

const hexDigits = "0123456789abcdef"

// appendJSONString appends s as encoding/json writes it.
func appendJSONString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' {
				i++
				continue
			}
			b = append(b, s[start:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\b':
				b = append(b, `\b`...)
			case '\f':
				b = append(b, `\f`...)
			case '\n':
				b = append(b, `\n`...)
			case '\r':
				b = append(b, `\r`...)
			case '\t':
				b = append(b, `\t`...)
			default:
				b = append(b, `\u00`...)
				b = append(b, hexDigits[c>>4], hexDigits[c&0xf])
			}
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b = append(b, s[start:i]...)
			b = append(b, `\ufffd`...)
			i += size
			start = i
		case r == '\u2028' || r == '\u2029':
			b = append(b, s[start:i]...)
			b = append(b, `\u202`...)
			b = append(b, hexDigits[r&0xf])
			i += size
			start = i
		default:
			i += size
		}
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

type cloudEvent struct {
	SpecVersion string          `json:"specversion"`
	ID          string          `json:"id"`
	Type        string          `json:"type"`
	Subject     string          `json:"subject"`
	Time        time.Time       `json:"time"`
	Tenant      TenantID        `json:"tenant"`
	Actor       ID              `json:"actor"`
	ActorKind   ActorKind       `json:"actorkind"`
	Sequence    string          `json:"sequence"`
	Data        json.RawMessage `json:"data"`
}

// ParseCloudEvent reads what [Event.AppendCloudEvent] wrote. Types and
// attributes that it does not know are kept as they came.
func ParseCloudEvent(b []byte) (Event, error) {
	var c cloudEvent
	if err := json.Unmarshal(b, &c); err != nil {
		return Event{}, fmt.Errorf("okr: not a CloudEvents JSON object: %w", err)
	}
	if c.SpecVersion != "1.0" {
		return Event{}, invalid("specversion", c.SpecVersion, "only CloudEvents 1.0 is read")
	}
	if c.ID == "" || c.Type == "" {
		return Event{}, invalid("id", c.ID, "an event needs an id and a type")
	}
	kind, id, ok := strings.Cut(c.Subject, "/")
	if !ok {
		return Event{}, invalid("subject", c.Subject, "it has the form kind/id")
	}
	seq, err := strconv.ParseInt(c.Sequence, 10, 64)
	if err != nil {
		return Event{}, invalid("sequence", c.Sequence, "it is a whole number as text")
	}
	return Event{
		ID: c.ID, Type: c.Type, Tenant: c.Tenant, Aggregate: Ref{Kind(kind), ID(id)}, Seq: seq,
		Time: c.Time.UTC(), Actor: Actor{c.Actor, c.ActorKind}, Data: c.Data,
	}, nil
}

// Sum is the hash that the entry must have: hex SHA-256 over its fields, each
// preceded by its length, so that no two entries can be told the same.
func (e Entry) Sum() string {
	h := sha256.New()
	field := func(b []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	for _, s := range []string{
		"okr.ledger.v1", string(e.Tenant), e.ID, e.Type, e.Aggregate.String(), strconv.FormatInt(e.Seq, 10),
		e.Time.UTC().Format(time.RFC3339Nano), string(e.Actor.Kind), string(e.Actor.ID), e.Entity.String(),
	} {
		field([]byte(s))
	}
	field(e.Data)
	field(e.State)
	field(e.Whole)
	field(e.Stood)
	return hex.EncodeToString(h.Sum(nil))
}

// canonical is v as JSON in the form that the ledger hashes: struct fields in
// their order, map keys sorted, no white space, no HTML escapes.
func canonical(v any) (json.RawMessage, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), nil
}
