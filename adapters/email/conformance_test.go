package email_test

import (
	"bytes"
	"net/mail"
	"net/url"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters/adaptertest"
	"github.com/okrkit/okrkit/okr"
)

func TestAdapter(t *testing.T) {
	adaptertest.TestAdapter(t, func(tb testing.TB) adaptertest.AdapterFixture {
		p := kind{}.start(tb)
		return adaptertest.AdapterFixture{
			Adapter: open(tb, p, book{"kim": "kim@acme.example"}),
			Event: func(n int) okr.Event {
				return adaptertest.Event("acme", okr.EventNoticeReady, okr.Ref{Kind: okr.KindNotice, ID: "n1"}, int64(n))
			},
			Effects: func() []string {
				var ids []string
				for _, m := range p.all() {
					parsed, err := mail.ReadMessage(bytes.NewReader(m.raw))
					require.NoError(tb, err)
					local, _, ok := strings.Cut(strings.TrimPrefix(parsed.Header.Get("Message-ID"), "<"), "@")
					require.True(tb, ok)
					id, err := url.PathUnescape(strings.ReplaceAll(local, "=", "%"))
					require.NoError(tb, err)
					ids = append(ids, id)
				}
				return ids
			},
			Break: func() func() {
				p.answer("MAIL", &smtp.SMTPError{Code: 451, Message: "down"})
				return func() { p.answer("MAIL", nil) }
			},
			Hang:  p.stall,
			Close: func() { _ = p.srv.Close() },
		}
	})
}
