package email_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
	gomail "github.com/wneessen/go-mail"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/email"
)

func TestAnswers(t *testing.T) {
	for name, tt := range map[string]struct {
		command   string
		code      int
		permanent bool
	}{
		"greylisted":               {"RCPT", 451, false},
		"mailbox full":             {"DATA", 452, false},
		"busy":                     {"MAIL", 421, false},
		"no such mailbox":          {"RCPT", 550, true},
		"too large":                {"DATA", 552, true},
		"sender refused":           {"MAIL", 553, true},
		"spam":                     {"DATA", 554, true},
		"log in first":             {"MAIL", 530, false},
		"the login is out of date": {"MAIL", 535, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := kind{}.start(t)
			a := open(t, p, book{"kim": "kim@acme.example"}, email.RetryIn(7*time.Minute))
			p.answer(tt.command, &smtp.SMTPError{Code: tt.code, EnhancedCode: smtp.EnhancedCode{tt.code / 100, 1, 1}, Message: "not for kim@acme.example"})
			err := a.Deliver(t.Context(), notice(t, nil))
			var reply *email.ReplyError
			require.ErrorAs(t, err, &reply)
			require.Equal(t, tt.code, reply.Code)
			require.Contains(t, reply.Enhanced, ".1.1")
			require.NotContains(t, err.Error(), "kim")
			require.Equal(t, tt.permanent, adapters.IsPermanent(err))
			after, retry := adapters.RetryDelay(err)
			require.Equal(t, !tt.permanent, retry)
			if retry {
				require.Equal(t, 7*time.Minute, after)
			}
			p.answer(tt.command, nil)
			require.NoError(t, a.Deliver(t.Context(), notice(t, nil)))
		})
	}
}

func TestNobodyAnswers(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().String()
	require.NoError(t, l.Close())
	a := open(t, &postbox{addr: addr}, book{"kim": "kim@acme.example"})
	err = a.Deliver(t.Context(), notice(t, nil))
	require.Error(t, err)
	require.False(t, adapters.IsPermanent(err))
	_, wait := adapters.RetryDelay(err)
	require.False(t, wait, "the router's own backoff")
}

// A server that says no to everybody, and one that hangs up.
func TestGreetings(t *testing.T) {
	for greeting, retry := range map[string]bool{"554 no SMTP here\r\n": true, "421 too busy\r\n": true, "": false, "what?\r\n": false} {
		a := open(t, &postbox{addr: "127.0.0.1:25"}, book{"kim": "kim@acme.example"}, email.Dial(func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			go func() {
				_, _ = server.Write([]byte(greeting))
				_ = server.Close()
			}()
			return client, nil
		}))
		err := a.Deliver(t.Context(), notice(t, nil))
		require.Error(t, err)
		require.False(t, adapters.IsPermanent(err))
		_, wait := adapters.RetryDelay(err)
		require.Equal(t, retry, wait, "%q: %v", greeting, err)
	}
}

func TestTheEndOfTime(t *testing.T) {
	p := kind{}.start(t)
	a := open(t, p, book{"kim": "kim@acme.example"}, email.Timeout(50*time.Millisecond))
	release := p.stall()
	defer release()
	err := a.Deliver(t.Context(), notice(t, nil))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.False(t, adapters.IsPermanent(err))

	// A server that never greets.
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = silent.Close() }()
	a = open(t, &postbox{addr: silent.Addr().String()}, book{"kim": "kim@acme.example"})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, a.Deliver(ctx, notice(t, nil)), context.DeadlineExceeded)
}

func TestEncryption(t *testing.T) {
	server, trust := certificate(t)
	for name, tt := range map[string]struct {
		kind kind
		opts []email.Option
		tls  bool
		err  string
	}{
		"mandatory":                         {kind: kind{tls: server}, opts: []email.Option{email.TLS(gomail.TLSMandatory), email.TLSConfig(trust)}, tls: true},
		"mandatory is the default":          {kind: kind{}, err: "STARTTLS"},
		"opportunistic":                     {kind: kind{tls: server}, opts: []email.Option{email.TLS(gomail.TLSOpportunistic), email.TLSConfig(trust)}, tls: true},
		"opportunistic in the clear":        {kind: kind{}, opts: []email.Option{email.TLS(gomail.TLSOpportunistic)}},
		"none":                              {kind: kind{tls: server}, opts: []email.Option{email.TLS(gomail.NoTLS)}},
		"implicit":                          {kind: kind{tls: server, implicit: true}, opts: []email.Option{email.ImplicitTLS(), email.TLSConfig(trust)}, tls: true},
		"implicit, of somebody else":        {kind: kind{tls: server, implicit: true}, opts: []email.Option{email.ImplicitTLS()}, err: "certificate"},
		"mandatory, of somebody else":       {kind: kind{tls: server}, err: "certificate"},
		"mandatory, by another name":        {kind: kind{tls: server}, opts: []email.Option{email.TLSConfig(&tls.Config{RootCAs: trust.RootCAs, ServerName: "other.test", MinVersion: tls.VersionTLS12})}, err: "certificate"},
		"go-mail's options weaken nothing":  {kind: kind{}, opts: []email.Option{email.Client(gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithSSL())}, err: "STARTTLS"},
		"go-mail's options change no port":  {kind: kind{tls: server}, opts: []email.Option{email.TLSConfig(trust), email.Client(gomail.WithPort(1), gomail.WithSSLPort(true))}, tls: true},
		"go-mail's options bring their own": {kind: kind{tls: server}, opts: []email.Option{email.TLSConfig(trust), email.Client(gomail.WithHELO("okr.acme.example"))}, tls: true},
	} {
		t.Run(name, func(t *testing.T) {
			p := tt.kind.start(t)
			a, err := email.New(p.addr, sender, book{"kim": "kim@acme.example"}, tt.opts...)
			require.NoError(t, err)
			err = a.Deliver(t.Context(), notice(t, nil))
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				require.False(t, adapters.IsPermanent(err))
				require.Empty(t, p.all())
				return
			}
			require.NoError(t, err)
			got, _ := only(t, p)
			if !tt.kind.implicit { // the server's session does not see what its listener does
				require.Equal(t, tt.tls, got.tls)
			}
		})
	}
}

func TestLogin(t *testing.T) {
	const password = "hunter2-hunter2"
	server, trust := certificate(t)
	login := func(how gomail.SMTPAuthType, with string) email.Option {
		return email.Client(gomail.WithSMTPAuth(how), gomail.WithUsername("okr"), gomail.WithPassword(with))
	}
	for name, tt := range map[string]struct {
		kind kind
		opts []email.Option
		ok   bool
	}{
		"plain":                    {kind{tls: server, password: password}, []email.Option{login(gomail.SMTPAuthPlain, password)}, true},
		"found out":                {kind{tls: server, password: password}, []email.Option{login(gomail.SMTPAuthAutoDiscover, password)}, true},
		"found out, implicit":      {kind{tls: server, implicit: true, password: password}, []email.Option{email.ImplicitTLS(), login(gomail.SMTPAuthAutoDiscover, password)}, true},
		"wrong":                    {kind{tls: server, password: "other"}, []email.Option{login(gomail.SMTPAuthPlain, password)}, false},
		"a server that wants none": {kind{tls: server}, []email.Option{login(gomail.SMTPAuthPlain, password)}, false},
		"none given":               {kind{tls: server, password: password}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := tt.kind.start(t)
			if tt.kind.implicit {
				p.srv.AllowInsecureAuth = true // it does not see that its listener encrypts
			}
			a, err := email.New(p.addr, sender, book{"kim": "kim@acme.example"}, append([]email.Option{email.TLSConfig(trust)}, tt.opts...)...)
			require.NoError(t, err)
			err = a.Deliver(t.Context(), notice(t, nil))
			if tt.ok {
				require.NoError(t, err)
				got, _ := only(t, p)
				require.Equal(t, "okr", got.user)
				return
			}
			require.Error(t, err)
			require.Empty(t, p.all())
			require.False(t, adapters.IsPermanent(err), "no notice is at fault: %v", err)
			for e := err; e != nil; e = errors.Unwrap(e) {
				require.NotContains(t, e.Error(), "hunter2")
			}
		})
	}
}

func TestLettersThatTheServerDoesNotTake(t *testing.T) {
	p := kind{noUTF8: true}.start(t)
	err := open(t, p, book{"kim": "jörg@acme.example"}).Deliver(t.Context(), notice(t, nil))
	require.ErrorIs(t, err, email.ErrAddress)
	require.True(t, adapters.IsPermanent(err))
	require.NoError(t, open(t, p, book{"kim": "Jörg <joerg@bücher.example>"}).Deliver(t.Context(), notice(t, nil)))
	require.Len(t, p.all(), 1)
}
