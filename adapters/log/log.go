package log

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"unicode"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/okr"
)

// Adapter writes events to a logger.
type Adapter struct {
	log    *slog.Logger
	name   string
	level  slog.Level
	bodies bool
}

// Option changes an [Adapter].
type Option func(*Adapter)

// Name is the adapter's name; the default is log.
func Name(name string) Option { return func(a *Adapter) { a.name = name } }

// Level is the level of what it writes; the default is Info.
func Level(l slog.Level) Option { return func(a *Adapter) { a.level = l } }

// Bodies writes also what messages to people say.
func Bodies() Option { return func(a *Adapter) { a.bodies = true } }

// New returns an adapter that writes to the logger; nil is slog.Default as it
// is at the time of each event.
func New(l *slog.Logger, opts ...Option) *Adapter {
	a := &Adapter{log: l, name: "log", level: slog.LevelInfo}
	for _, f := range opts {
		f(a)
	}
	return a
}

// Name implements [adapters.Adapter].
func (a *Adapter) Name() string { return a.name }

// Deliver implements [adapters.Adapter]. It fails for good on an event whose
// payload is not what its type promises, and never otherwise.
func (a *Adapter) Deliver(ctx context.Context, d adapters.Delivery) error {
	l := a.log
	if l == nil {
		l = slog.Default()
	}
	if !l.Enabled(ctx, a.level) {
		return nil
	}
	payload, err := d.Event.Payload()
	if err != nil {
		return adapters.Permanent(err)
	}
	attrs := []slog.Attr{
		slog.String("event", d.Event.ID),
		slog.String("tenant", line(string(d.Event.Tenant))),
	}
	if d.Attempt > 1 {
		attrs = append(attrs, slog.Int("attempt", d.Attempt))
	}
	if d.Redriven {
		attrs = append(attrs, slog.Bool("redriven", true))
	}
	if n, ok := payload.(*okr.NoticeFact); ok {
		l.LogAttrs(ctx, a.level, a.notice(n), attrs...)
		return nil
	}
	attrs = append(attrs,
		slog.String("subject", line(d.Event.Aggregate.String())),
		slog.Int64("sequence", d.Event.Seq),
		slog.Time("decided", d.Event.Time),
		slog.String("actor", line(string(d.Event.Actor.ID))),
	)
	fields, err := group(d.Event.Data)
	if err != nil {
		return adapters.Permanent(fmt.Errorf("event %s: %w", d.Event.ID, err))
	}
	if len(fields) > 0 {
		attrs = append(attrs, slog.Attr{Key: "data", Value: slog.GroupValue(fields...)})
	}
	l.LogAttrs(ctx, a.level, line(d.Event.Type), attrs...)
	return nil
}

// notice is a message to a person in one line.
func (a *Adapter) notice(n *okr.NoticeFact) string {
	s := fmt.Sprintf("%s for %s: %s", n.Kind, n.To, n.Title)
	if a.bodies && n.Body != "" {
		s += " | " + n.Body
	}
	if n.Link != "" {
		s += " | " + n.Link
	}
	return line(s)
}

// line keeps text within one line of a log: no control characters, no other line
// breaks, no marks that turn the direction of writing.
func line(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, s)
}

// group turns a JSON object into attributes, in its own order of fields.
func group(data json.RawMessage) ([]slog.Attr, error) {
	if len(data) == 0 || string(data) == "null" {
		return nil, nil
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("data is no JSON object: %.40q", data)
	}
	var attrs []slog.Attr
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, err
		}
		v, err := value(raw)
		if err != nil {
			return nil, err
		}
		attrs = append(attrs, slog.Attr{Key: line(fmt.Sprint(key)), Value: v})
	}
	return attrs, nil
}

func value(raw json.RawMessage) (slog.Value, error) {
	switch raw[0] {
	case '{':
		attrs, err := group(raw)
		return slog.GroupValue(attrs...), err
	case '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return slog.StringValue(line(s)), err
	case 't', 'f':
		return slog.BoolValue(raw[0] == 't'), nil
	case 'n':
		return slog.AnyValue(nil), nil
	case '[':
		return slog.StringValue(line(string(raw))), nil
	}
	var f float64
	if err := json.Unmarshal(raw, &f); err != nil {
		return slog.Value{}, err
	}
	if i := int64(f); float64(i) == f && !strings.ContainsAny(string(raw), ".eE") {
		return slog.Int64Value(i), nil
	}
	return slog.Float64Value(f), nil
}

var _ adapters.Adapter = (*Adapter)(nil)
