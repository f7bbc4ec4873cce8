package email_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	netmail "net/mail"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
	gomail "github.com/wneessen/go-mail"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/email"
	"github.com/okrkit/okrkit/okr"
)

// received is a message as the server got it.
type received struct {
	from, to string
	raw      []byte
	tls      bool
	user     string
}

// postbox is a real SMTP server on this machine.
type postbox struct {
	addr string
	srv  *smtp.Server

	mu     sync.Mutex
	got    []received
	refuse map[string]error // by command: MAIL, RCPT, DATA, AUTH
	hang   chan struct{}    // while it is not nil, DATA waits for it
}

type kind struct {
	tls      *tls.Config
	implicit bool
	password string // "" wants none
	noUTF8   bool
}

func (k kind) start(t testing.TB) *postbox {
	t.Helper()
	p := &postbox{refuse: map[string]error{}}
	p.srv = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		s := &session{p: p, conn: c}
		if k.password == "" {
			return s, nil
		}
		return &authSession{s, k.password}, nil
	}))
	p.srv.Domain, p.srv.EnableSMTPUTF8, p.srv.TLSConfig, p.srv.AllowInsecureAuth = "localhost", !k.noUTF8, k.tls, k.tls == nil
	p.srv.ErrorLog = log.New(io.Discard, "", 0)
	p.srv.ReadTimeout = 30 * time.Second
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p.addr = l.Addr().String()
	if k.implicit {
		l = tls.NewListener(l, k.tls)
		p.srv.TLSConfig = nil
	}
	done := make(chan struct{})
	go func() { _ = p.srv.Serve(l); close(done) }()
	// Serve may not have begun yet, and Close would not know the listener.
	t.Cleanup(func() { _ = p.srv.Close(); _ = l.Close(); <-done })
	return p
}

func (p *postbox) answer(command string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse[command] = err
}

func (p *postbox) refused(command string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refuse[command]
}

func (p *postbox) all() []received {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.got)
}

// stall makes DATA wait until it is released.
func (p *postbox) stall() (release func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := make(chan struct{})
	p.hang = c
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.hang == c {
			p.hang = nil
		}
		close(c)
	}
}

type session struct {
	p    *postbox
	conn *smtp.Conn
	now  received
}

func (s *session) Reset()        { s.now = received{user: s.now.user} }
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.now.from = from
	return s.p.refused("MAIL")
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.now.to != "" {
		return errors.New("a second recipient")
	}
	s.now.to = to
	return s.p.refused("RCPT")
}

func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.p.mu.Lock()
	hang := s.p.hang
	s.p.mu.Unlock()
	if hang != nil {
		<-hang
		return errors.New("too late")
	}
	if err := s.p.refused("DATA"); err != nil {
		return err
	}
	s.now.raw = b
	_, s.now.tls = s.conn.TLSConnectionState()
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	s.p.got = append(s.p.got, s.now)
	return nil
}

type authSession struct {
	*session
	password string
}

func (s *authSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *authSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != s.password {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "no, " + user + ", not by " + password}
		}
		s.now.user = user
		return nil
	}), nil
}

func (s *authSession) Mail(from string, o *smtp.MailOptions) error {
	if s.now.user == "" {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "log in first"}
	}
	return s.session.Mail(from, o)
}

// certificate is one for 127.0.0.1, and a client's trust in it.
func certificate(t testing.TB) (server, client *tls.Config) {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return &tls.Config{Certificates: s.TLS.Certificates, MinVersion: tls.VersionTLS12}, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

// book is an address book in memory.
type book map[okr.ID]string

func (b book) Addresses(_ context.Context, tenant okr.TenantID, person okr.ID) (map[adapters.Channel]string, error) {
	s, ok := b[person]
	switch {
	case tenant != "acme" || !ok:
		return nil, okr.ErrNotFound
	case s == "":
		return map[adapters.Channel]string{adapters.ChannelSlack: "U1"}, nil
	case s == "down":
		return nil, errors.New("directory is down")
	}
	return map[adapters.Channel]string{adapters.ChannelEmail: s}, nil
}

const sender = "OKRs <okr@acme.example>"

// open is an adapter of the postbox, without encryption unless the options say
// otherwise.
func open(t testing.TB, p *postbox, b book, opts ...email.Option) *email.Adapter {
	t.Helper()
	a, err := email.New(p.addr, sender, b, append([]email.Option{email.TLS(gomail.NoTLS)}, opts...)...)
	require.NoError(t, err)
	return a
}

// letter is a message taken apart.
type letter struct {
	header     netmail.Header
	subject    string
	text, html string
}

func parse(t testing.TB, raw []byte) letter {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	require.NoError(t, err)
	l := letter{header: m.Header}
	l.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	require.NoError(t, err)
	media, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "multipart/alternative", media)
	parts := multipart.NewReader(m.Body, params["boundary"])
	for i, want := range []string{"text/plain", "text/html"} {
		part, err := parts.NextRawPart()
		require.NoError(t, err)
		media, params, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		require.NoError(t, err)
		require.Equal(t, want, media)
		require.Equal(t, "UTF-8", params["charset"])
		require.Equal(t, "quoted-printable", part.Header.Get("Content-Transfer-Encoding"))
		b, err := io.ReadAll(quotedprintable.NewReader(part))
		require.NoError(t, err)
		*[]*string{&l.text, &l.html}[i] = string(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")))
	}
	_, err = parts.NextRawPart()
	require.ErrorIs(t, err, io.EOF)
	return l
}

func only(t testing.TB, p *postbox) (received, letter) {
	t.Helper()
	all := p.all()
	require.Len(t, all, 1)
	return all[0], parse(t, all[0].raw)
}
