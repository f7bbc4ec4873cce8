package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/okr"
)

// DefaultTimeout bounds one attempt, from looking up the name to the answer.
const DefaultTimeout = 15 * time.Second

const (
	maxHeader = 64 << 10    // bytes of an answer's header that are read
	maxBody   = 4 << 10     // bytes of an answer's body that are read, so that the connection can be used again
	drainTime = time.Second // how long that may take
)

// Endpoint is where events go.
type Endpoint struct {
	Name    string   // the adapter's name: 1 to 100 bytes, stable, one for each endpoint
	URL     string   // https, without user name and password
	Secrets []string // each as [NewSecret] makes them; all sign
}

// Adapter sends events to one endpoint. It is safe for concurrent use.
type Adapter struct {
	name    string
	url     string
	host    string
	client  *http.Client
	timeout time.Duration
	clock   func() time.Time
	onGone  func(context.Context)
	signers atomic.Pointer[[]*standardwebhooks.Webhook] // a pointer, so that %+v of an Adapter shows no secret
	gone    atomic.Bool
}

type settings struct {
	timeout  time.Duration
	clock    func() time.Time
	onGone   func(context.Context)
	allow    []netip.Prefix
	ports    []uint16
	plain    bool
	tls      *tls.Config
	resolver *net.Resolver
}

// Option changes an [Adapter].
type Option func(*settings)

// Timeout bounds one attempt; the default is [DefaultTimeout]. The router's own
// timeout holds as well.
func Timeout(d time.Duration) Option { return func(s *settings) { s.timeout = d } }

// Clock gives the time that is signed; the default is time.Now.
func Clock(now func() time.Time) Option { return func(s *settings) { s.clock = now } }

// OnGone has f called, once, when the endpoint answers 410: from then on the
// adapter sends nothing, and every event is a dead letter with [ErrGone]. f
// writes down that the endpoint is disabled, so that it is not added to the
// router again, and may take it from this one with [adapters.Router.Remove]; its
// context does not end with the delivery.
func OnGone(f func(context.Context)) Option { return func(s *settings) { s.onGone = f } }

// Allow lets connections to these addresses through although they are not
// public, such as 10.20.0.0/16 for endpoints of the host's own network, or
// 64:ff9b::/96 where IPv4 is reached through NAT64. Given several times it adds
// up.
func Allow(prefixes ...netip.Prefix) Option {
	return func(s *settings) { s.allow = append(s.allow, prefixes...) }
}

// Ports are the ports that may be called; the default is 443, with [PlainHTTP]
// also 80.
func Ports(ports ...uint16) Option { return func(s *settings) { s.ports = append(s.ports, ports...) } }

// PlainHTTP takes http URLs as well. Whoever is on the way can then read events.
func PlainHTTP() Option { return func(s *settings) { s.plain = true } }

// TLS is for endpoints with a certificate of an own authority, or that ask for
// one of the client.
func TLS(c *tls.Config) Option { return func(s *settings) { s.tls = c.Clone() } }

// Resolver looks up names; the default is net.DefaultResolver.
func Resolver(r *net.Resolver) Option { return func(s *settings) { s.resolver = r } }

// New returns an adapter. Its error is an [okr.InvalidError] if the endpoint
// cannot be called or a secret is none.
func New(e Endpoint, opts ...Option) (*Adapter, error) {
	s := settings{timeout: DefaultTimeout, clock: time.Now, onGone: func(context.Context) {}}
	for _, f := range opts {
		f(&s)
	}
	if e.Name == "" || len(e.Name) > 100 || !utf8.ValidString(e.Name) || strings.ContainsFunc(e.Name, unicode.IsControl) {
		return nil, invalid("name", clip(e.Name), "give each endpoint a stable name of 1 to 100 bytes without control characters")
	}
	if s.timeout <= 0 {
		return nil, invalid("timeout", s.timeout.String(), "give a positive duration")
	}
	if len(s.ports) == 0 {
		s.ports = []uint16{443}
		if s.plain {
			s.ports = []uint16{443, 80}
		}
	}
	g, err := newGuard(s.allow, s.ports)
	if err != nil {
		return nil, err
	}
	u, err := g.readURL(e.URL, s.plain)
	if err != nil {
		return nil, err
	}
	a := &Adapter{
		name: e.Name, url: u.String(), host: u.Host, client: g.client(s.tls, s.resolver),
		timeout: s.timeout, clock: s.clock, onGone: s.onGone,
	}
	if err := a.Rotate(e.Secrets...); err != nil {
		return nil, err
	}
	return a, nil
}

// Name implements [adapters.Adapter].
func (a *Adapter) Name() string { return a.name }

// Close closes connections that are kept for the next event. The adapter can be
// used on.
func (a *Adapter) Close() { a.client.CloseIdleConnections() }

// Deliver implements [adapters.Adapter]. An answer that is not 2xx is a
// [StatusError].
func (a *Adapter) Deliver(ctx context.Context, d adapters.Delivery) error {
	if d.Event.Type == okr.EventNoticeReady {
		return nil // it names people and what is said to them
	}
	if a.gone.Load() {
		return adapters.Permanent(fmt.Errorf("%w: %s", ErrGone, a.host))
	}
	body, err := d.Event.AppendCloudEvent(nil)
	if err != nil {
		return adapters.Permanent(err)
	}
	id, err := messageID(d.Event.ID)
	if err != nil {
		return adapters.Permanent(err)
	}
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url, bytes.NewReader(body))
	if err != nil {
		return adapters.Permanent(a.failed(ctx, err))
	}
	now := a.clock()
	signature, err := a.sign(id, now, body)
	if err != nil {
		return adapters.Permanent(a.failed(ctx, err))
	}
	req.Header.Set("Content-Type", "application/cloudevents+json; charset=utf-8")
	req.Header.Set("User-Agent", "okrkit-webhook")
	req.Header.Set(standardwebhooks.HeaderWebhookID, id)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	resp, err := a.client.Do(req)
	if err != nil {
		return a.failed(ctx, err)
	}
	defer resp.Body.Close()
	drain(resp.Body, cancel)
	return a.answered(context.WithoutCancel(ctx), resp)
}

// drain reads a little of the body, for a connection whose answer was read to
// its end is used again. What the far side does with its body changes nothing
// about its answer.
func drain(body io.Reader, giveUp func()) {
	timer := time.AfterFunc(drainTime, giveUp)
	defer timer.Stop()
	_, _ = io.CopyN(io.Discard, body, maxBody)
}

// messageID is the event's id if it can be signed: it stands in a header, and
// before a dot in what is signed.
func messageID(id string) (string, error) {
	strange := func(r rune) bool { return r <= ' ' || r > '~' || r == '.' }
	if id == "" || len(id) > 256 || strings.ContainsFunc(id, strange) {
		return "", invalid("id", clip(id), "a webhook-id has 1 to 256 printable ASCII characters, no space and no dot")
	}
	return id, nil
}

func invalid(field, value, remedy string) error {
	return &okr.InvalidError{Field: field, Value: value, Remedy: remedy}
}

func clip(s string) string {
	if len(s) > 100 {
		return s[:100] + "…"
	}
	return s
}

var _ adapters.Adapter = (*Adapter)(nil)
