package nats

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/okr"
)

// Bus is an [adapters.Bus] over a JetStream stream. It does not own the
// connection: the host closes it after everything that uses the bus has ended.
type Bus struct {
	conn    *nats.Conn
	js      jetstream.JetStream
	stream  jetstream.Stream
	options options
	atomic  atomic.Bool // the stream takes atomic batches
}

type options struct {
	stream     string
	replicas   int
	maxAge     time.Duration
	duplicates time.Duration
	ackWait    time.Duration
	timeout    time.Duration
	asyncAck   bool
	singly     bool
	log        *slog.Logger
}

// Option changes a [Bus].
type Option func(*options)

// StreamName names the stream; the default is OKR. A stream of that name that is
// there already is used as its operator has configured it.
func StreamName(name string) Option { return func(o *options) { o.stream = name } }

// Replicas is how many servers of a cluster hold the stream when it is created;
// the default is 1. A host that scales out takes 3, on servers in separate
// failure domains that run with sync_interval: always.
func Replicas(n int) Option { return func(o *options) { o.replicas = max(n, 1) } }

// MaxAge is how long a stream that is created keeps events; the default is 30
// days, 0 is for ever. An adapter that is down for longer misses events, until
// they are replayed from the ledger.
func MaxAge(d time.Duration) Option { return func(o *options) { o.maxAge = d } }

// AckWait is when the server hands an event over again of which it has heard
// nothing; the default is 30 s. An event that is being worked on is reported
// three times within it, so that it may be shorter than a delivery takes.
func AckWait(d time.Duration) Option {
	return func(o *options) { o.ackWait = max(d, 10*time.Millisecond) }
}

// Timeout is how long a publish, or one question to the server, may take where
// the context does not say less; the default is 5 s.
func Timeout(d time.Duration) Option {
	return func(o *options) { o.timeout = max(d, time.Millisecond) }
}

// AckAsync does not wait until the server has confirmed an acknowledgement.
// Deliveries get through faster, and more of them come twice after a crash; the
// router's inbox recognises those.
func AckAsync() Option { return func(o *options) { o.asyncAck = true } }

// Singly publishes events one by one where it would use an atomic batch. It is
// faster on a server that does not sync every write.
func Singly() Option { return func(o *options) { o.singly = true } }

// Log is where the bus reports what it cannot return; nil, the default, is
// nowhere.
func Log(l *slog.Logger) Option {
	return func(o *options) {
		if l != nil {
			o.log = l
		}
	}
}

// maxInFlight bounds the events that are published and not acknowledged; more
// does not make it faster.
const maxInFlight = 1024

// New returns the bus over the host's connection, and creates its stream if it
// is not there. JetStream must be enabled on the server; version 2.10 or later
// works, 2.12 and later publish in atomic batches, 2.14 and later keep the order
// of [adapters.Ordered] across a restart.
func New(ctx context.Context, conn *nats.Conn, opts ...Option) (*Bus, error) {
	o := options{
		stream: "OKR", replicas: 1, maxAge: 30 * 24 * time.Hour, duplicates: 5 * time.Minute,
		ackWait: 30 * time.Second, timeout: 5 * time.Second, log: slog.New(slog.DiscardHandler),
	}
	for _, f := range opts {
		f(&o)
	}
	js, err := jetstream.New(conn, jetstream.WithPublishAsyncMaxPending(maxInFlight), jetstream.WithPublishAsyncTimeout(o.timeout), jetstream.WithDefaultTimeout(o.timeout))
	if err != nil {
		return nil, fmt.Errorf("nats: %w", err)
	}
	b := &Bus{conn: conn, js: js, options: o}
	if err := b.open(ctx); err != nil {
		return nil, err
	}
	return b, nil
}

// open finds the stream, or creates it.
func (b *Bus) open(ctx context.Context) error {
	o := b.options
	s, err := b.js.Stream(ctx, o.stream)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		c := jetstream.StreamConfig{
			Name:        o.stream,
			Description: "Events of okrkit as CloudEvents JSON",
			Subjects:    []string{okr.EventPrefix + ">"},
			Storage:     jetstream.FileStorage,
			Replicas:    o.replicas,
			MaxAge:      o.maxAge,
			Duplicates:  o.duplicates,

			AllowAtomicPublish: true, // and not AllowDirect, see Pending
		}
		if o.maxAge > 0 {
			c.Duplicates = min(c.Duplicates, o.maxAge)
		}
		s, err = b.js.CreateStream(ctx, c)
		if err != nil && c.AllowAtomicPublish && !errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) && ctx.Err() == nil {
			c.AllowAtomicPublish = false // a server before 2.12
			if plain, again := b.js.CreateStream(ctx, c); again == nil {
				s, err = plain, nil
			}
		}
		if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // by another process, just now
			s, err = b.js.Stream(ctx, o.stream)
		}
	}
	switch {
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount):
		return fmt.Errorf("nats: the server has no JetStream for this account; enable it: %w", err)
	case err != nil:
		return fmt.Errorf("nats: stream %s: %w", o.stream, err)
	}
	c := s.CachedInfo().Config
	if !slices.ContainsFunc(c.Subjects, func(s string) bool { return s == ">" || s == "okr.>" || s == okr.EventPrefix+">" }) {
		return &okr.InvalidError{Field: "stream", Value: o.stream, Remedy: fmt.Sprintf("it takes the subjects %q; give it okr.v1.>, or choose another with StreamName", c.Subjects)}
	}
	b.stream = s
	b.atomic.Store(c.AllowAtomicPublish && !o.singly)
	return nil
}

// Pending implements [adapters.Bus].
func (b *Bus) Pending(ctx context.Context, durable string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, b.options.timeout)
	defer cancel()
	c, err := b.js.Consumer(ctx, b.options.stream, consumerName(durable))
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		return 0, fmt.Errorf("%w: %q", adapters.ErrUnknownDurable, durable)
	}
	if err != nil {
		return 0, fmt.Errorf("nats: consumer %q: %w", durable, err)
	}
	info := c.CachedInfo()
	if n := int(info.NumPending) + info.NumAckPending; n > 0 {
		return n, nil
	}
	// The server counts a little after it has acknowledged a publish, so none is
	// believed only when the stream has nothing for this consumer either. That is
	// why the stream is made without AllowDirect: a replica may lag as well.
	filters := info.Config.FilterSubjects
	if f := info.Config.FilterSubject; f != "" {
		filters = []string{f}
	}
	for _, f := range filters {
		_, err := b.stream.GetMsg(ctx, info.Delivered.Stream+1, jetstream.WithGetMsgSubject(f))
		if err == nil {
			return 1, nil
		}
		if !errors.Is(err, jetstream.ErrMsgNotFound) {
			return 0, fmt.Errorf("nats: consumer %q: %w", durable, err)
		}
	}
	return 0, nil
}

var _ adapters.Bus = (*Bus)(nil)
