package nats

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/okr"
)

const (
	group       = "okrkit" // the one priority group of a consumer in order
	pinHeader   = "Nats-Pin-Id"
	pullAtOnce  = 500         // messages asked for at once; more gains nothing
	heartbeat   = time.Second // see run
	retryDelay  = time.Second // of a message whose handler did not say when
	reasonBytes = 256         // of the reason sent with a Term
)

// Consume implements [adapters.Bus] with a durable pull consumer whose name is
// the durable's. Changing filter, limits or order of one that exists changes it
// on the server; its position stays.
//
// With [adapters.Ordered] the server lets one client have the messages at a
// time; the others stand by. Who takes over starts behind the last message that
// is settled with all before it, so that what was under way comes again in
// order.
func (b *Bus) Consume(ctx context.Context, durable string, types []string, h adapters.Handler, opts ...adapters.ConsumeOption) error {
	c := adapters.NewConsuming(opts...)
	filter, err := adapters.NewFilter(types)
	if err != nil {
		return err
	}
	if durable == "" {
		return &okr.InvalidError{Field: "durable", Remedy: "a durable consumer needs a name"}
	}
	consumer, err := b.consumer(ctx, durable, filter, c)
	if err != nil {
		if ctx.Err() != nil {
			return nil //nolint:nilerr // to be stopped is no error
		}
		return fmt.Errorf("nats: consumer %q: %w", durable, err)
	}
	c.Ready()
	for ctx.Err() == nil {
		s := session{bus: b, consumer: consumer, handler: h, inFlight: c.InFlight, held: map[uint64]*held{}}
		if consumer.CachedInfo().Config.PriorityPolicy == jetstream.PriorityPolicyPinned {
			err = s.pinned(ctx)
		} else {
			err = s.run(ctx)
		}
		if err != nil && !errors.Is(err, jetstream.ErrPinIDMismatch) {
			if ctx.Err() != nil {
				return nil //nolint:nilerr // to be stopped is no error
			}
			return fmt.Errorf("nats: consumer %q: %w", durable, err)
		}
	}
	return nil
}

// consumer finds the durable consumer and brings it up to date, or creates it.
func (b *Bus) consumer(ctx context.Context, durable string, f adapters.Filter, c adapters.Consuming) (jetstream.Consumer, error) {
	name := consumerName(durable)
	want := func(have jetstream.ConsumerConfig) jetstream.ConsumerConfig {
		have.FilterSubject, have.FilterSubjects = "", filterSubjects(f, c.Tenants)
		have.AckWait = b.options.ackWait
		have.MaxAckPending = c.InFlight
		have.MaxDeliver = -1
		have.PriorityPolicy, have.PriorityGroups, have.PinnedTTL = jetstream.PriorityPolicyNone, nil, 0
		if c.Ordered {
			have.PriorityPolicy, have.PriorityGroups = jetstream.PriorityPolicyPinned, []string{group}
			have.PinnedTTL = max(b.options.ackWait, 6*heartbeat)
		}
		return have
	}
	fresh := jetstream.ConsumerConfig{
		Durable: name, Description: "okrkit adapter " + fmt.Sprintf("%q", durable),
		AckPolicy: jetstream.AckExplicitPolicy, DeliverPolicy: jetstream.DeliverNewPolicy, ReplayPolicy: jetstream.ReplayInstantPolicy,
	}
	if c.FromStart {
		fresh.DeliverPolicy = jetstream.DeliverAllPolicy
	}
	set := func(plain func(context.Context, jetstream.ConsumerConfig) (jetstream.Consumer, error), from jetstream.ConsumerConfig) (jetstream.Consumer, error) {
		cfg := want(from)
		got, err := plain(ctx, cfg)
		if err != nil && c.Ordered && ctx.Err() == nil {
			// A server before 2.11 knows no pinned clients.
			cfg.PriorityPolicy, cfg.PriorityGroups, cfg.PinnedTTL = jetstream.PriorityPolicyNone, nil, 0
			if unpinned, again := plain(ctx, cfg); again == nil {
				b.options.log.Warn("the server cannot keep one process per durable consumer; run one process only, or upgrade it to 2.11", "durable", durable, "error", err)
				return unpinned, nil
			}
		}
		return got, err
	}
	have, err := b.js.Consumer(ctx, b.options.stream, name)
	switch {
	case err == nil:
		return set(b.stream.UpdateConsumer, have.CachedInfo().Config)
	case !errors.Is(err, jetstream.ErrConsumerNotFound):
		return nil, err
	}
	made, err := set(b.stream.CreateConsumer, fresh)
	if errors.Is(err, jetstream.ErrConsumerExists) { // by another process, just now
		if have, err = b.js.Consumer(ctx, b.options.stream, name); err == nil {
			return set(b.stream.UpdateConsumer, have.CachedInfo().Config)
		}
	}
	return made, err
}

// session is one stretch of consuming.
type session struct {
	bus      *Bus
	consumer jetstream.Consumer
	handler  adapters.Handler
	inFlight int

	mu    sync.Mutex
	held  map[uint64]*held // by position in the stream: with the handler
	acked string           // reply subject of the last message that was acknowledged without waiting
	with  sync.WaitGroup
}

// held is a message that the handler has.
type held struct{ msg jetstream.Msg }

// pinned waits until this client is the one that gets the messages, and then
// consumes from where the last one left gaps.
func (s *session) pinned(ctx context.Context) error {
	for {
		if ctx.Err() != nil {
			return nil
		}
		wait, cancel := context.WithTimeout(ctx, 30*time.Second)
		batch, err := s.consumer.Fetch(1, jetstream.FetchContext(wait), jetstream.FetchPriorityGroup(group))
		if err != nil {
			cancel()
			return err
		}
		var pin string
		for m := range batch.Messages() {
			pin = m.Headers().Get(pinHeader)
		}
		cancel()
		if pin != "" {
			break
		}
		err = batch.Error()
		if err != nil && wait.Err() == nil && !errors.Is(err, nats.ErrTimeout) && !errors.Is(err, jetstream.ErrPinIDMismatch) && !errors.Is(err, jetstream.ErrConsumerLeadershipChanged) && !errors.Is(err, jetstream.ErrNoHeartbeat) {
			return err
		}
	}
	defer func() {
		over, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if err := s.bus.stream.UnpinConsumer(over, s.consumer.CachedInfo().Name, group); err != nil {
			s.bus.options.log.Debug("consumer is not handed over; another process takes it when its time is up", "consumer", s.consumer.CachedInfo().Name, "error", err)
		}
	}()
	name := s.consumer.CachedInfo().Name
	if _, err := s.bus.stream.ResetConsumer(ctx, name); err != nil && ctx.Err() == nil {
		s.bus.options.log.Warn("the server cannot reset a consumer; after a crash, order is kept only among new events. Upgrade it to 2.14", "consumer", name, "error", err)
	}
	return s.run(ctx)
}

// run hands messages over until ctx ends.
//
// Short heartbeats bound a stall: where the processor is scarce, the client may
// miss the moment to ask for more (nats.go 1.55, checkPending while a fetch is
// in progress), and notices it only when heartbeats stay out.
func (s *session) run(ctx context.Context) error {
	failed := make(chan error, 1)
	var doubtful atomic.Bool // something was interrupted since the last look
	opts := []jetstream.PullConsumeOpt{
		jetstream.PullMaxMessages(min(pullAtOnce, s.inFlight)),
		jetstream.PullHeartbeat(heartbeat),
		jetstream.ConsumeErrHandler(func(_ jetstream.ConsumeContext, err error) {
			switch {
			case errors.Is(err, jetstream.ErrConsumerDeleted), errors.Is(err, jetstream.ErrConnectionClosed),
				errors.Is(err, jetstream.ErrPinIDMismatch), errors.Is(err, jetstream.ErrBadRequest):
				select {
				case failed <- err:
				default:
				}
			default:
				// It asks again by itself; whether there is still somebody to ask is
				// looked at with the next beat.
				doubtful.Store(true)
				s.bus.options.log.Debug("consuming was interrupted", "consumer", s.consumer.CachedInfo().Name, "error", err)
			}
		}),
	}
	if ttl := s.consumer.CachedInfo().Config.PinnedTTL; ttl > 0 {
		opts = append(opts, jetstream.PullPriorityGroup(group), jetstream.PullExpiry(max(min(ttl/3, jetstream.DefaultExpires), 2*heartbeat)))
	}
	consuming, err := s.consumer.Consume(func(m jetstream.Msg) { s.take(ctx, m) }, opts...)
	if err != nil {
		return err
	}
	beat := time.NewTicker(max(s.bus.options.ackWait/3, time.Millisecond))
	defer beat.Stop()
	stopping := ctx.Done()
	var closed <-chan struct{}
	for closed == nil {
		select {
		case <-beat.C:
			s.inProgress()
			if doubtful.Swap(false) {
				if err := s.missing(ctx); err != nil {
					select {
					case failed <- err:
					default:
					}
				}
			}
		case err = <-failed:
			consuming.Stop()
			closed = consuming.Closed()
		case <-stopping:
			// What is in the buffer goes back to the server, see take.
			consuming.Drain()
			closed = consuming.Closed()
		}
	}
	// While the connection is down the client cannot tell the server; after that
	// time take gives everything back that still comes.
	patience := time.NewTimer(s.bus.options.timeout)
	defer patience.Stop()
	for open := true; open; {
		select {
		case <-beat.C:
			s.inProgress()
		case <-closed:
			open = false
		case <-patience.C:
			open = false
		}
	}
	settled := make(chan struct{})
	go func() { s.with.Wait(); close(settled) }()
	for {
		select {
		case <-beat.C:
			s.inProgress()
		case <-settled:
			s.confirm()
			return err
		}
	}
}

// missing is the error that the consumer, or its stream, is not there any more;
// then nothing would ever come again.
func (s *session) missing(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.bus.options.timeout)
	defer cancel()
	_, err := s.consumer.Info(ctx)
	if errors.Is(err, jetstream.ErrConsumerNotFound) || errors.Is(err, jetstream.ErrConsumerDoesNotExist) || errors.Is(err, jetstream.ErrStreamNotFound) {
		return err
	}
	return nil
}

// take hands a message over. The client calls it for one message at a time.
func (s *session) take(ctx context.Context, m jetstream.Msg) {
	meta, err := m.Metadata()
	if err != nil {
		s.bus.options.log.Error("message without a position", "subject", m.Subject(), "error", err)
		return
	}
	if ctx.Err() != nil {
		s.report(m.Nak())
		return
	}
	at := meta.Sequence.Stream
	s.mu.Lock()
	if h := s.held[at]; h != nil {
		// It took longer than AckWait to say that it is being worked on. The newest
		// delivery is the one to be answered.
		h.msg = m
		s.mu.Unlock()
		return
	}
	h := &held{m}
	s.held[at] = h
	s.with.Add(1)
	s.mu.Unlock()

	tenant, eventType, err := readSubject(m.Subject())
	id := m.Headers().Get(jetstream.MsgIDHeader)
	if err != nil || id == "" {
		// Not one of ours. The handler gets it all the same, and will find that out.
		id = fmt.Sprintf("%s-%d", s.bus.options.stream, at)
	}
	s.handler(ctx, adapters.NewMessage(id, eventType, tenant, m.Data(), int(meta.NumDelivered), func(err error) { //nolint:contextcheck // the answer is given when its message is settled
		defer s.with.Done()
		s.mu.Lock()
		delete(s.held, at)
		m := h.msg
		s.mu.Unlock()
		s.answer(m, err)
	}))
}

// answer tells the server what became of a message.
func (s *session) answer(m jetstream.Msg, err error) {
	switch {
	case err == nil && s.bus.options.asyncAck:
		s.report(m.Ack())
		s.mu.Lock()
		s.acked = m.Reply()
		s.mu.Unlock()
	case err == nil:
		ctx, cancel := context.WithTimeout(context.Background(), s.bus.options.timeout)
		defer cancel()
		s.report(m.DoubleAck(ctx))
	case adapters.IsPermanent(err):
		reason := err.Error()
		s.report(m.TermWithReason(reason[:min(len(reason), reasonBytes)]))
	default:
		after, asked := adapters.RetryDelay(err)
		if !asked {
			after = retryDelay
		}
		s.report(m.NakWithDelay(after))
	}
}

// confirm waits until the server has taken the acknowledgements that nobody has
// waited for: it takes them in order, so the last one is asked for again.
func (s *session) confirm() {
	s.mu.Lock()
	last := s.acked
	s.mu.Unlock()
	if last != "" {
		_, err := s.bus.conn.Request(last, []byte("+ACK"), s.bus.options.timeout)
		s.report(err)
	}
}

// report logs that the server was not reached: the message comes again, and the
// router's inbox knows it.
func (s *session) report(err error) {
	if err != nil {
		s.bus.options.log.Warn("the server did not take an acknowledgement", "consumer", s.consumer.CachedInfo().Name, "error", err)
	}
}

func (s *session) inProgress() {
	s.mu.Lock()
	all := make([]jetstream.Msg, 0, len(s.held))
	for _, h := range s.held {
		all = append(all, h.msg)
	}
	s.mu.Unlock()
	for _, m := range all {
		s.report(m.InProgress())
	}
}
