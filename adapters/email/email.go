package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"net"
	netmail "net/mail"
	"strconv"
	"strings"
	texttemplate "text/template"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/okr"
)

// Adapter sends notices as e-mail. It keeps no connection open between two, and
// is safe for use by several goroutines.
type Adapter struct {
	name        string
	host        string
	port        int
	from        *netmail.Address
	domain      string // of message ids
	book        adapters.AddressBook
	policy      gomail.TLSPolicy
	implicit    bool
	tls         *tls.Config
	client      []gomail.Option
	dial        func(ctx context.Context, network, addr string) (net.Conn, error)
	timeout     time.Duration
	retryIn     time.Duration
	mustReach   bool
	text        *texttemplate.Template
	html        *htmltemplate.Template
	button      string
	thread      func(okr.Event, okr.NoticeFact) string
	unsubscribe func(okr.TenantID, okr.ID) string
	oneClick    bool
}

// New returns an adapter that sends through the server, host or host:port,
// without a port 587, with [ImplicitTLS] 465. The sender is an address, with a
// name or without. It does not connect. What cannot be used is an error that
// matches [okr.ErrInvalid].
func New(server, from string, book adapters.AddressBook, opts ...Option) (*Adapter, error) {
	a := &Adapter{
		name: "email", host: server, book: book, policy: gomail.TLSMandatory, dial: (&net.Dialer{}).DialContext,
		timeout: 30 * time.Second, retryIn: 5 * time.Minute, text: textTemplate, html: htmlTemplate, button: "Open", thread: about,
	}
	for _, f := range opts {
		f(a)
	}
	if err := a.server(server); err != nil {
		return nil, err
	}
	var err error
	if a.from, err = address(from); err != nil {
		return nil, &okr.InvalidError{Field: "from", Value: from, Remedy: "give the sender as okr@example.com or OKRs <okr@example.com>: " + err.Error()}
	}
	if a.domain == "" {
		a.domain = a.from.Address[strings.LastIndexByte(a.from.Address, '@')+1:]
	}
	if a.domain != line(a.domain) || !ascii(a.domain) || !dotAtom(a.domain) {
		return nil, &okr.InvalidError{Field: "domain", Value: a.domain, Remedy: "give the right side of message ids as example.com"}
	}
	switch {
	case book == nil:
		return nil, &okr.InvalidError{Field: "book", Remedy: "give an address book, which says where people are reached"}
	case a.text == nil || a.html == nil:
		return nil, &okr.InvalidError{Field: "template", Remedy: "leave a template out rather than give nil"}
	case a.dial == nil || a.thread == nil:
		return nil, &okr.InvalidError{Field: "option", Remedy: "leave Dial and Thread out rather than give nil"}
	case a.timeout <= 0:
		return nil, &okr.InvalidError{Field: "timeout", Value: a.timeout.String(), Remedy: "give a time above zero"}
	}
	if a.tls == nil {
		a.tls = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	a.tls = a.tls.Clone()
	if a.tls.ServerName == "" {
		a.tls.ServerName = a.host
	}
	if _, err := a.newClient(a.dial); err != nil {
		return nil, &okr.InvalidError{Field: "client", Remedy: "go-mail refuses its options: " + err.Error()}
	}
	return a, nil
}

// server takes host and port apart.
func (a *Adapter) server(s string) error {
	bad := &okr.InvalidError{Field: "server", Value: s, Remedy: "give the server as smtp.example.com or smtp.example.com:587"}
	a.port = 587
	if a.implicit {
		a.port = 465
	}
	if host, port, err := net.SplitHostPort(s); err == nil {
		n, err := strconv.Atoi(port)
		if err != nil || n < 1 || n > 65535 {
			return bad
		}
		a.host, a.port = host, n
	}
	if a.host == "" || strings.ContainsAny(a.host, "/@") || line(a.host) != a.host || strings.ContainsFunc(a.host, unicode.IsSpace) || strings.Contains(a.host, ":") && net.ParseIP(a.host) == nil {
		return bad
	}
	return nil
}

// Name implements [adapters.Adapter].
func (a *Adapter) Name() string { return a.name }

// Deliver implements [adapters.Adapter]. Events that are no notices are done
// without a message.
func (a *Adapter) Deliver(ctx context.Context, d adapters.Delivery) error {
	if d.Event.Type != okr.EventNoticeReady {
		return nil
	}
	_, msg, err := a.message(ctx, d.Event)
	if errors.Is(err, ErrNoAddress) && !errors.Is(err, okr.ErrNotFound) && !a.mustReach {
		return nil // reached on another channel, as the address book has it
	}
	if err != nil {
		return err
	}
	return a.send(ctx, msg)
}

// Preview is the message that [Adapter.Deliver] would send for a notice. Its
// errors are those of Deliver; an event that is no notice is [okr.ErrInvalid].
func (a *Adapter) Preview(ctx context.Context, e okr.Event) (*Message, error) {
	if e.Type != okr.EventNoticeReady {
		return nil, &okr.InvalidError{Field: "type", Value: e.Type, Remedy: "give an event of type " + okr.EventNoticeReady}
	}
	m, _, err := a.message(ctx, e)
	return m, err
}

// find asks the address book.
func (a *Adapter) find(ctx context.Context, tenant okr.TenantID, person okr.ID) (*netmail.Address, error) {
	all, err := a.book.Addresses(ctx, tenant, person)
	switch {
	case errors.Is(err, okr.ErrNotFound):
		return nil, adapters.Permanent(fmt.Errorf("%w %q: it does not know the person: %w", ErrNoAddress, person, okr.ErrNotFound))
	case err != nil:
		return nil, fmt.Errorf("email: address book: %w", err)
	case strings.TrimSpace(all[adapters.ChannelEmail]) == "":
		return nil, adapters.Permanent(fmt.Errorf("%w %q: enter one, or reach the person by another channel", ErrNoAddress, person))
	}
	to, err := address(all[adapters.ChannelEmail])
	if err != nil {
		return nil, adapters.Permanent(fmt.Errorf("%w (person %q)", err, person))
	}
	return to, nil
}

var _ adapters.Adapter = (*Adapter)(nil)
