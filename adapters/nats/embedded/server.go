package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/gofrs/flock"
	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	bus "github.com/okrkit/okrkit/adapters/nats"
	"github.com/okrkit/okrkit/okr"
)

// Server is a NATS server in this process, and the bus over it.
type Server struct {
	*bus.Bus

	dir    string
	server *natsserver.Server
	conn   *nats.Conn
	lock   *flock.Flock
	log    *serverLog

	once     sync.Once
	closeErr error
}

type options struct {
	listen   string
	log      *slog.Logger
	bus      []bus.Option
	maxStore int64
	ready    time.Duration
}

// Option changes a [Server].
type Option func(*options)

// Listen opens a port at this address, host:port, for other programs on the same
// events; port 0 takes a free one, see [Server.URL]. The server asks nobody for a
// password: an address other than the loopback needs a firewall in front of it.
func Listen(addr string) Option { return func(o *options) { o.listen = addr } }

// Log is where the server and the bus report; nil, the default, is nowhere. What
// keeps the server from starting is an error of [Start] either way.
func Log(l *slog.Logger) Option { return func(o *options) { o.log = l } }

// MaxStore bounds the bytes on disk; 0, the default, leaves it to the server,
// which takes up to three quarters of what is free.
func MaxStore(bytes int64) Option { return func(o *options) { o.maxStore = bytes } }

// WithBus hands options on to the bus.
func WithBus(opts ...bus.Option) Option { return func(o *options) { o.bus = append(o.bus, opts...) } }

// lockName is the file that a running server holds.
const lockName = "okrkit.lock"

// Start starts a server whose events live in dir, which it creates. An earlier
// server's events on the same directory are there again. The context bounds the
// start, not the server: [Server.Close] ends it.
func Start(ctx context.Context, dir string, opts ...Option) (_ *Server, err error) {
	o := options{ready: 30 * time.Second}
	for _, f := range opts {
		f(&o)
	}
	if o.log == nil {
		o.log = slog.New(slog.DiscardHandler)
	}
	if dir == "" {
		return nil, &okr.InvalidError{Field: "dir", Remedy: "name the directory that holds the events, such as okr-events"}
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("embedded: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("embedded: %s cannot be made a directory for the events: correct the path, or give this user the right to write there: %w", dir, err)
	}
	s := &Server{dir: dir, log: newServerLog(o.log)}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if err := s.take(); err != nil {
		return nil, err
	}
	if err := s.start(ctx, o); err != nil {
		return nil, fmt.Errorf("embedded: no server can keep its events in %s: correct the path, or make room and the right to write there: %w", dir, err)
	}
	// A server that is shut down while it makes a stream leaves the stream's
	// goroutines behind, and they write to the directory. So the making is not
	// given up halfway.
	making, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.ready)
	defer cancel()
	s.Bus, err = bus.New(making, s.conn, append([]bus.Option{bus.Log(o.log)}, o.bus...)...)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// take locks the directory, or says who has it.
func (s *Server) take() error {
	lock := flock.New(filepath.Join(s.dir, lockName), flock.SetPermissions(0o600))
	ok, err := lock.TryLock()
	if err != nil {
		return fmt.Errorf("embedded: %s cannot be locked: give this user the right to write there: %w", s.dir, err)
	}
	if !ok {
		return fmt.Errorf("embedded: %s is in use by another server: stop that one, or give this one a directory of its own; several processes share events through a NATS server of their own and package nats: %w", s.dir, okr.ErrBusy)
	}
	s.lock = lock
	return nil
}

func (s *Server) start(ctx context.Context, o options) error {
	so := &natsserver.Options{
		ServerName: "okrkit",
		DontListen: true,
		JetStream:  true,
		StoreDir:   s.dir,
		SyncAlways: true,
		NoSigs:     true,
		MaxPayload: 8 << 20,

		JetStreamMaxStore:      o.maxStore,
		DisableJetStreamBanner: true,
	}
	if o.listen != "" {
		host, port, err := net.SplitHostPort(o.listen)
		if err != nil {
			return &okr.InvalidError{Field: "listen", Value: o.listen, Remedy: "use host:port, such as 127.0.0.1:4222"}
		}
		n, err := strconv.Atoi(port)
		if err != nil || n < 0 || n > 65535 {
			return &okr.InvalidError{Field: "listen", Value: o.listen, Remedy: "the port is a number from 0 to 65535"}
		}
		if n == 0 {
			n = natsserver.RANDOM_PORT
		}
		so.DontListen, so.Host, so.Port = false, host, n
	}
	server, err := natsserver.NewServer(so)
	if err != nil {
		return err
	}
	s.server = server
	server.SetLoggerV2(s.log, false, false, false)
	server.Start()
	for begin := time.Now(); !server.ReadyForConnections(10 * time.Millisecond); {
		// The server calls itself running even if its storage could not be opened.
		select {
		case reason := <-s.log.fatal:
			return errors.New(reason)
		case <-ctx.Done():
			return ctx.Err()
		default:
		}
		if time.Since(begin) > o.ready {
			return fmt.Errorf("not ready after %s", o.ready)
		}
	}
	s.conn, err = nats.Connect("", nats.InProcessServer(server), nats.Name("okrkit"), nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { o.log.Warn("NATS connection", "error", err) }))
	return err
}

// Conn is the connection of the bus, for a host that wants to read the events
// itself. [Server.Close] closes it.
func (s *Server) Conn() *nats.Conn { return s.conn }

// URL is where other programs connect, "" without [Listen].
func (s *Server) URL() string {
	if s.server == nil || s.server.Addr() == nil {
		return ""
	}
	return s.server.ClientURL()
}

// Close ends the server when everything that uses the bus has ended, and gives
// its directory free. Closing again does nothing.
func (s *Server) Close() error {
	s.once.Do(func() {
		if s.conn != nil {
			s.conn.Close()
		}
		if s.server != nil {
			s.server.Shutdown()
			s.server.WaitForShutdown()
		}
		if s.lock != nil {
			s.closeErr = s.lock.Unlock()
		}
	})
	return s.closeErr
}
