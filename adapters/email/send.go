package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/okrkit/okrkit/adapters"
)

// send takes one message to the server over a connection of its own.
func (a *Adapter) send(ctx context.Context, msg *gomail.Msg) error {
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	// go-mail heeds the context while it dials, and afterwards its own time: so
	// the end of the context closes the connection under it.
	var open connection
	defer open.close()
	defer context.AfterFunc(ctx, open.close)()

	client, err := a.newClient(func(ctx context.Context, network, _ string) (net.Conn, error) {
		return a.connect(ctx, network, &open)
	})
	if err != nil {
		return fmt.Errorf("email: %w", err)
	}
	server, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return a.unreachable(ctx, err)
	}
	if ok, _ := server.Extension("SMTPUTF8"); !ok && !(ascii(msg.GetTo()[0].Address) && ascii(a.from.Address)) {
		return adapters.Permanent(fmt.Errorf("%w: it has letters outside ASCII before the @, and the server does not take those", ErrAddress))
	}
	err = client.SendWithSMTPClient(server, msg)
	if msg.IsDelivered() {
		// The server has it. Whether it also says goodbye nobody needs to know.
		_ = client.CloseWithSMTPClient(server)
		return nil
	}
	return a.undelivered(ctx, err)
}

// newClient applies the host's options first and ours over them.
func (a *Adapter) newClient(dial gomail.DialContextFunc) (*gomail.Client, error) {
	opts := append([]gomail.Option{}, a.client...)
	opts = append(opts,
		// The context ends first: its error says what happened.
		gomail.WithPort(a.port), gomail.WithTimeout(a.timeout+5*time.Second), gomail.WithTLSConfig(a.tls.Clone()),
		gomail.WithDialContextFunc(dial), gomail.WithoutNoop(), gomail.WithoutRset(),
		func(c *gomail.Client) error {
			// Over a connection that is encrypted already a server offers no STARTTLS;
			// go-mail looks at it and knows that secrets may be sent.
			c.SetSSL(false)
			c.SetTLSPolicy(a.policy)
			if a.implicit {
				c.SetTLSPolicy(gomail.TLSOpportunistic)
			}
			return nil
		})
	return gomail.NewClient(a.host, opts...)
}

// connect opens the connection, and with [ImplicitTLS] encrypts it.
func (a *Adapter) connect(ctx context.Context, network string, open *connection) (net.Conn, error) {
	// The address that go-mail makes leaves the brackets of IPv6 out.
	conn, err := a.dial(ctx, network, net.JoinHostPort(a.host, strconv.Itoa(a.port)))
	if err != nil {
		return nil, err
	}
	if !open.set(conn) {
		return nil, net.ErrClosed
	}
	if !a.implicit {
		return conn, nil
	}
	secure := tls.Client(conn, a.tls)
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return secure, nil
}

// unreachable is an error before any message was spoken of: always tried again.
func (a *Adapter) unreachable(ctx context.Context, err error) error {
	var reply *textproto.Error
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("email: connecting to %s: %w", a.host, ctx.Err())
	case strings.HasPrefix(err.Error(), "SMTP AUTH failed"):
		// The words of the exchange hold what was sent to log in.
		if errors.As(err, &reply) {
			return adapters.RetryAfter(a.retryIn, &ReplyError{Doing: "logging in", Code: reply.Code})
		}
		return adapters.RetryAfter(a.retryIn, fmt.Errorf("email: logging in to %s failed: check the kind of authentication, and that the connection is encrypted", a.host))
	case errors.As(err, &reply):
		return adapters.RetryAfter(a.retryIn, &ReplyError{Doing: "connecting", Code: reply.Code})
	}
	return fmt.Errorf("email: connecting to %s: %w", a.host, err)
}

// undelivered says what became of a message that the server did not take.
func (a *Adapter) undelivered(ctx context.Context, err error) error {
	var failed *gomail.SendError
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("email: sending to %s: %w", a.host, ctx.Err())
	case !errors.As(err, &failed):
		return fmt.Errorf("email: sending to %s failed", a.host)
	case failed.ErrorCode() == 0:
		return fmt.Errorf("email: %s: the connection to %s broke", failed.Reason, a.host)
	}
	reply := &ReplyError{Doing: failed.Reason.String(), Code: failed.ErrorCode(), Enhanced: failed.EnhancedStatusCode()}
	switch {
	case reply.Code >= 500 && !login(reply.Code):
		return adapters.Permanent(reply)
	default:
		return adapters.RetryAfter(a.retryIn, reply)
	}
}

// login says whether an answer is about who sends rather than about the message
// (RFC 4954).
func login(code int) bool { return code == 530 || code == 534 || code == 535 || code == 538 }

// connection is closed once, by whoever is first: the end of the delivery or of
// its context.
type connection struct {
	mu     sync.Mutex
	conn   net.Conn
	closed bool
}

// set keeps the connection to be closed, and closes it if it comes too late.
func (c *connection) set(conn net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		_ = conn.Close()
		return false
	}
	c.conn = conn
	return true
}

func (c *connection) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed && c.conn != nil {
		_ = c.conn.Close() // it may be closed by go-mail already
	}
	c.closed = true
}
