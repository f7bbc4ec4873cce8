package nats

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/okr"
)

const (
	batchID       = "Nats-Batch-Id"
	batchSequence = "Nats-Batch-Sequence"
	batchCommit   = "Nats-Batch-Commit"
	contentType   = "content-type"
	cloudEvents   = "application/cloudevents+json"

	maxBatch      = 1000    // messages; the server's own limit
	maxBatchBytes = 8 << 20 // of one batch, and of what is in flight
	headerRoom    = 512     // for the subject and the headers of one message
)

// line is what order is kept in.
type line struct {
	tenant    okr.TenantID
	aggregate okr.Ref
}

// letter is an event ready to go.
type letter struct {
	event   *okr.Outgoing
	subject string
	line    line
	sent    bool
}

func (l *letter) msg() *nats.Msg {
	return &nats.Msg{
		Subject: l.subject,
		Data:    l.event.Wire,
		Header:  nats.Header{jetstream.MsgIDHeader: {l.event.ID}, contentType: {cloudEvents}},
	}
}

// publishing is one call of Publish.
type publishing struct {
	bus     *Bus
	stopped map[line]bool // nothing more of these
	refused map[string]error
	err     error
}

func (p *publishing) stop(l *letter, err error) {
	p.stopped[l.line] = true
	if p.err == nil {
		p.err = err
	}
}

func (p *publishing) refuse(l *letter, err error) {
	err = fmt.Errorf("%w: event %q: %w", adapters.ErrRefused, l.event.ID, err)
	if p.refused == nil {
		p.refused = map[string]error{}
	}
	p.refused[l.event.ID] = err
	p.stop(l, err)
}

// Publish implements [adapters.Bus]. It returns when the server has acknowledged
// every event. Where the stream takes atomic batches it publishes in batches,
// and what a batch cannot take, or any stream does not, one by one: then one
// event per aggregate is under way at a time, so that none overtakes another
// that fails.
func (b *Bus) Publish(ctx context.Context, events ...okr.Outgoing) error {
	p := publishing{bus: b, stopped: map[line]bool{}}
	letters := make([]letter, len(events))
	todo := make([]*letter, 0, len(events))
	for i := range events {
		l := &letters[i]
		l.event = &events[i]
		l.line = line{l.event.Tenant, l.event.Aggregate}
		if p.stopped[l.line] {
			continue
		}
		if err := l.address(b.conn.MaxPayload()); err != nil {
			p.refuse(l, err)
			continue
		}
		todo = append(todo, l)
	}
	clear(p.stopped) // what stands before a refused event is published
	for len(todo) > 0 {
		n, size := 0, 0
		for n < len(todo) && n < maxBatch && (n == 0 || size+len(todo[n].event.Wire) <= maxBatchBytes) {
			size += len(todo[n].event.Wire)
			n++
		}
		if err := ctx.Err(); err != nil {
			p.stop(todo[0], err)
			break
		}
		if !p.batch(ctx, todo[:n]) {
			break
		}
		todo = todo[n:]
	}
	if p.err == nil {
		return nil
	}
	failed := &adapters.PublishError{Refused: p.refused, Err: p.err}
	for i := range letters {
		if letters[i].sent {
			failed.Published = append(failed.Published, letters[i].event.ID)
		}
	}
	return failed
}

// address says where the event goes, or why it can go nowhere.
func (l *letter) address(maxPayload int64) error {
	e := l.event
	if e.ID == "" {
		return &okr.InvalidError{Field: "id", Remedy: "an event needs an id"}
	}
	if strings.ContainsFunc(e.ID, unicode.IsControl) || strings.TrimSpace(e.ID) != e.ID {
		return &okr.InvalidError{Field: "id", Value: e.ID, Remedy: "control characters, and spaces around it, do not survive in a message header"}
	}
	s, err := subject(e.Tenant, e.Type)
	if err != nil {
		return err
	}
	if size := int64(len(e.Wire) + len(e.ID) + headerRoom); maxPayload > 0 && size > maxPayload {
		return &okr.InvalidError{Field: "data", Value: e.ID, Remedy: fmt.Sprintf("the event has %d bytes with its headers, and the server takes %d; raise max_payload there", size, maxPayload)}
	}
	l.subject = s
	return nil
}

// batch publishes letters, at most [maxBatch]. It answers whether it makes sense
// to go on.
func (p *publishing) batch(ctx context.Context, todo []*letter) bool {
	ready := todo[:0:0]
	for _, l := range todo {
		if !p.stopped[l.line] {
			ready = append(ready, l)
		}
	}
	if len(ready) > 1 && p.bus.atomic.Load() {
		err := p.commit(ctx, ready)
		var refused *jetstream.APIError
		switch {
		case err == nil:
			for _, l := range ready {
				l.sent = true
			}
			return true
		case !errors.As(err, &refused):
			// No answer: the batch may be there or not. What comes next must not
			// overtake it.
			for _, l := range ready {
				p.stop(l, err)
			}
			return false
		case refused.ErrorCode == errAtomicDisabled:
			p.bus.atomic.Store(false)
		}
		// Usually one that was published before: the server takes no batch with it.
		p.bus.options.log.Debug("atomic batch was refused, publishing singly", "events", len(ready), "error", err)
	}
	return p.singly(ctx, ready)
}

// errAtomicDisabled is the server's code for a stream without AllowAtomicPublish.
const errAtomicDisabled jetstream.ErrorCode = 10174

// commit publishes all or none.
func (p *publishing) commit(ctx context.Context, all []*letter) error {
	ctx, cancel := context.WithTimeout(ctx, p.bus.options.timeout)
	defer cancel()
	id := nuid.Next()
	for i, l := range all {
		m := l.msg()
		m.Header[batchID] = []string{id}
		m.Header[batchSequence] = []string{strconv.Itoa(i + 1)}
		if i < len(all)-1 {
			if err := p.bus.conn.PublishMsg(m); err != nil {
				return fmt.Errorf("nats: %w", err)
			}
			continue
		}
		m.Header[batchCommit] = []string{"1"}
		reply, err := p.bus.conn.RequestMsgWithContext(ctx, m)
		if err != nil {
			return fmt.Errorf("nats: batch of %d events: %w", len(all), err)
		}
		var answer struct {
			Error *jetstream.APIError `json:"error"`
			Batch string              `json:"batch"`
			Count int                 `json:"count"`
		}
		if err := json.Unmarshal(reply.Data, &answer); err != nil {
			return fmt.Errorf("nats: batch of %d events: unreadable answer: %w", len(all), err)
		}
		if answer.Error != nil {
			return answer.Error
		}
		if answer.Batch != id || answer.Count != len(all) {
			return fmt.Errorf("nats: batch of %d events: the server confirmed %d", len(all), answer.Count)
		}
	}
	return nil
}

// singly publishes in rounds, each with the first event of every aggregate that
// has one left.
func (p *publishing) singly(ctx context.Context, todo []*letter) bool {
	ctx, cancel := context.WithTimeout(ctx, p.bus.options.timeout)
	defer cancel()
	for len(todo) > 0 {
		var round, rest []*letter
		busy := map[line]bool{}
		for _, l := range todo {
			if busy[l.line] || len(round) == maxInFlight {
				rest = append(rest, l)
				busy[l.line] = true
				continue
			}
			busy[l.line] = true
			round = append(round, l)
		}
		p.round(ctx, round)
		todo = rest[:0:0]
		for _, l := range rest {
			if !p.stopped[l.line] {
				todo = append(todo, l)
			}
		}
		if err := ctx.Err(); err != nil && len(todo) > 0 {
			for _, l := range todo {
				p.stop(l, fmt.Errorf("nats: %w", err))
			}
		}
		if ctx.Err() != nil || p.bus.conn.IsClosed() {
			return false
		}
	}
	return true
}

func (p *publishing) round(ctx context.Context, round []*letter) {
	acks := make([]jetstream.PubAckFuture, len(round))
	for i, l := range round {
		f, err := p.bus.js.PublishMsgAsync(l.msg(), jetstream.WithStallWait(p.bus.options.timeout))
		if err != nil {
			p.stop(l, fmt.Errorf("nats: %w", err))
			continue
		}
		acks[i] = f
	}
	for i, l := range round {
		if acks[i] == nil {
			continue
		}
		select {
		case <-acks[i].Ok():
			l.sent = true
		case err := <-acks[i].Err():
			var api *jetstream.APIError
			if errors.As(err, &api) && api.ErrorCode == errMessageTooLarge {
				p.refuse(l, err)
				continue
			}
			p.stop(l, fmt.Errorf("nats: event %s: %w", l.event.ID, err))
		case <-ctx.Done():
			p.stop(l, fmt.Errorf("nats: event %s: no acknowledgement: %w", l.event.ID, ctx.Err()))
		}
	}
}

// errMessageTooLarge is the server's code for a message beyond the stream's
// MaxMsgSize.
const errMessageTooLarge jetstream.ErrorCode = 10054
