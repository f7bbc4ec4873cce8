package email_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/email"
	"github.com/okrkit/okrkit/okr"
)

func TestAddresses(t *testing.T) {
	for in, want := range map[string]string{
		"kim@acme.example":                   "kim@acme.example",
		" kim@acme.example ":                 "kim@acme.example",
		"Kim <kim+okr@acme.example>":         "kim+okr@acme.example",
		"\"Müller, Kim\" <kim@acme.example>": "kim@acme.example",
		"kim@bücher.example":                 "kim@xn--bcher-kva.example",
		"kim@BÜCHER.example":                 "kim@xn--bcher-kva.example",
		"kim@例え.example":                     "kim@xn--r8jz45g.example",
		"jörg@bücher.example":                "jörg@xn--bcher-kva.example",
		"o'brien!#$%@acme.example":           "o'brien!#$%@acme.example",
	} {
		t.Run(in, func(t *testing.T) {
			p := kind{}.start(t)
			require.NoError(t, open(t, p, book{"kim": in}).Deliver(t.Context(), notice(t, nil)))
			got, l := only(t, p)
			require.Equal(t, want, got.to)
			to, err := l.header.AddressList("To")
			require.NoError(t, err)
			require.Len(t, to, 1)
			require.Equal(t, want, to[0].Address)
		})
	}
}

func TestAddressesThatAreRefused(t *testing.T) {
	p := kind{}.start(t)
	for _, in := range []string{
		"kim", "@acme.example", "kim@", "kim@acme.example, ben@acme.example", "kim@acme.example ben@acme.example",
		"kim@acme.example\r\nBcc: eve@evil.example", "kim@acme.example\nBcc: eve@evil.example", "kim@acme.example\r", "kim\x00@acme.example",
		"Kim\r\nBcc: eve@evil.example <kim@acme.example>", "Kim\u2028 <kim@acme.example>", "\u202ekim@acme.example",
		`"kim> SIZE=1"@acme.example`, `"kim\"@evil"@acme.example`, `"kim lee"@acme.example`, "kim@acme.example> NOTIFY=NEVER",
		"kim@[127.0.0.1]", "kim@acme..example", "kim@-acme.example", "kim@acme example", "kim@ac\u0000me.example",
		"group: kim@acme.example;", "\xff@acme.example", strings.Repeat("x", 65) + "@acme.example", "kim@" + strings.Repeat("x.", 130) + "example",
	} {
		err := open(t, p, book{"kim": in}).Deliver(t.Context(), notice(t, nil))
		require.ErrorIs(t, err, email.ErrAddress, "%q", in)
		require.True(t, adapters.IsPermanent(err), "%q", in)
		require.NotContains(t, err.Error(), "acme", "an address is personal")
		require.ErrorContains(t, err, "kim")
	}
	require.Empty(t, p.all())
}

func TestHeaderInjection(t *testing.T) {
	for _, title := range []string{
		"Due\r\nBcc: eve@evil.example", "Due\nBcc: eve@evil.example", "Due\rBcc: eve@evil.example", "Due\r\n\r\n<html>", "Due\x00\x1b[31m",
		"Due\u2028Bcc: eve@evil.example", "Due\u0085Bcc: eve@evil.example", "=?utf-8?q?Due=0D=0ABcc:_eve@evil.example?=", "Dué\r\n Bcc: eve@evil.example", "\r\n", "",
	} {
		p := kind{}.start(t)
		require.NoError(t, open(t, p, book{"kim": "kim@acme.example"}).Deliver(t.Context(), notice(t, func(n *okr.NoticeFact) {
			n.Title, n.Kind, n.Body = title, "due\r\nBcc: eve@evil.example", "a\r\n.\r\nMAIL FROM:<eve@evil.example>\r\n\u202eb"
		})))
		got, l := only(t, p)
		require.Equal(t, "kim@acme.example", got.to)
		require.Len(t, l.header, 10, "%q: %v", title, l.header)
		require.Empty(t, l.header.Get("Bcc"))
		require.NotEmpty(t, l.subject)
		if !strings.HasPrefix(title, "=?") {
			require.NotContains(t, l.subject, "\n")
			require.NotContains(t, l.subject, "\r")
		}
		require.Contains(t, l.text, "a\n.\nMAIL FROM:<eve@evil.example>\n b")
	}
}

func TestPeopleWithoutAnAddress(t *testing.T) {
	p := kind{}.start(t)
	b := book{"kim": ""}
	for _, who := range []okr.ID{"kim", "nobody"} {
		d := notice(t, func(n *okr.NoticeFact) { n.To = who })
		err := open(t, p, b, email.MustReach()).Deliver(t.Context(), d)
		require.ErrorIs(t, err, email.ErrNoAddress)
		require.True(t, adapters.IsPermanent(err))
		require.ErrorContains(t, err, string(who))
		err = open(t, p, b).Deliver(t.Context(), d)
		if who == "kim" {
			require.NoError(t, err, "there is nothing to do for somebody who is reached elsewhere")
		} else {
			require.ErrorIs(t, err, okr.ErrNotFound)
			require.True(t, adapters.IsPermanent(err))
		}
	}
	require.Empty(t, p.all())

	err := open(t, p, book{"kim": "down"}).Deliver(t.Context(), notice(t, nil))
	require.ErrorContains(t, err, "directory is down")
	require.False(t, adapters.IsPermanent(err), "an address book that is down comes back")
}

func TestNewRefuses(t *testing.T) {
	for name, f := range map[string]func() (*email.Adapter, error){
		"no server":    func() (*email.Adapter, error) { return email.New("", sender, book{}) },
		"a socket":     func() (*email.Adapter, error) { return email.New("unix:///run/smtp", sender, book{}) },
		"a port":       func() (*email.Adapter, error) { return email.New("smtp.example:x", sender, book{}) },
		"no sender":    func() (*email.Adapter, error) { return email.New("smtp.example", "", book{}) },
		"a bad sender": func() (*email.Adapter, error) { return email.New("smtp.example", "a@b\r\nBcc: c@d", book{}) },
		"no book":      func() (*email.Adapter, error) { return email.New("smtp.example", sender, nil) },
		"no template": func() (*email.Adapter, error) {
			return email.New("smtp.example", sender, book{}, email.TextTemplate(nil))
		},
		"no time": func() (*email.Adapter, error) { return email.New("smtp.example", sender, book{}, email.Timeout(0)) },
		"a bad domain": func() (*email.Adapter, error) {
			return email.New("smtp.example", sender, book{}, email.Domain("a>\r\nb"))
		},
		"no dialler":     func() (*email.Adapter, error) { return email.New("smtp.example", sender, book{}, email.Dial(nil)) },
		"no thread func": func() (*email.Adapter, error) { return email.New("smtp.example", sender, book{}, email.Thread(nil)) },
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f()
			require.ErrorIs(t, err, okr.ErrInvalid)
		})
	}
	a, err := email.New("smtp.example", sender, book{}, email.Name("mail"))
	require.NoError(t, err)
	require.Equal(t, "mail", a.Name())
}
