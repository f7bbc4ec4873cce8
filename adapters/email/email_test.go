package email_test

import (
	"encoding/json"
	htmltemplate "html/template"
	"strings"
	"testing"
	texttemplate "text/template"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/email"
	"github.com/okrkit/okrkit/okr"
)

// notice is a delivery to kim.
func notice(t testing.TB, change func(*okr.NoticeFact)) adapters.Delivery {
	t.Helper()
	n := okr.NoticeFact{
		To: "kim", About: []string{"e0"}, Kind: "checkin-due", Title: "2 check-ins are due",
		Body: "Trial conversion: 54 %.\nIt was 41 %.\n\nChurn: no number yet.", Link: "https://okr.example/kr/kr1?a=1&b=2",
	}
	if change != nil {
		change(&n)
	}
	data, err := json.Marshal(n)
	require.NoError(t, err)
	return adapters.Delivery{Attempt: 1, Event: okr.Event{
		ID: "019a7c1e-7b1d-7000-8000-0000000000e1", Type: okr.EventNoticeReady, Tenant: "acme", Aggregate: okr.Ref{Kind: okr.KindNotice, ID: "n1"}, Seq: 1,
		Time: time.Date(2026, 10, 5, 8, 30, 0, 0, time.UTC), Actor: okr.Automation("cadence"), Data: data,
	}}
}

func TestDeliver(t *testing.T) {
	p := kind{}.start(t)
	a := open(t, p, book{"kim": "Kim Müller <kim@acme.example>"})
	d := notice(t, nil)
	require.NoError(t, a.Deliver(t.Context(), d))
	got, l := only(t, p)
	require.Equal(t, "okr@acme.example", got.from)
	require.Equal(t, "kim@acme.example", got.to)
	require.Equal(t, "2 check-ins are due", l.subject)
	require.Equal(t, "<019a7c1e-7b1d-7000-8000-0000000000e1@acme.example>", l.header.Get("Message-ID"))
	require.Equal(t, "auto-generated", l.header.Get("Auto-Submitted"))
	require.Equal(t, "Mon, 05 Oct 2026 08:30:00 +0000", l.header.Get("Date"))
	require.Empty(t, l.header.Get("List-Unsubscribe"))
	require.Empty(t, l.header.Get("User-Agent"))
	to, err := l.header.AddressList("To")
	require.NoError(t, err)
	require.Len(t, to, 1)
	require.Equal(t, "Kim Müller", to[0].Name)
	from, err := l.header.AddressList("From")
	require.NoError(t, err)
	require.Equal(t, "OKRs", from[0].Name)
	require.Equal(t, `2 check-ins are due

Trial conversion: 54 %.
It was 41 %.

Churn: no number yet.

https://okr.example/kr/kr1?a=1&b=2
`, l.text)
	require.Contains(t, l.html, "<div dir=\"auto\">Trial conversion: 54 %.</div>\n<div dir=\"auto\">It was 41 %.</div>\n</div>")
	require.Contains(t, l.html, `<a href="https://okr.example/kr/kr1?a=1&amp;b=2"`)
	require.Contains(t, l.html, ">Open</a>")
	require.Contains(t, l.html, `<meta name="color-scheme" content="light dark">`)

	// The same event is the same message, to the byte.
	d.Attempt, d.Redriven = 2, true
	require.NoError(t, a.Deliver(t.Context(), d))
	all := p.all()
	require.Len(t, all, 2)
	require.Equal(t, string(all[0].raw), string(all[1].raw))
}

func TestHTMLIsEscaped(t *testing.T) {
	p := kind{}.start(t)
	a := open(t, p, book{"kim": "kim@acme.example"}, email.Button("<Öffnen>"))
	require.NoError(t, a.Deliver(t.Context(), notice(t, func(n *okr.NoticeFact) {
		n.Title, n.Body, n.Link = "<script>alert(1)</script>", `<img src=x onerror="x()"> & "so on"`, "https://okr.example/\"><script>"
	})))
	_, l := only(t, p)
	require.NotContains(t, l.html, "<script")
	require.NotContains(t, l.html, "<img")
	require.Contains(t, l.html, "&lt;img src=x")
	require.Contains(t, l.html, "&lt;Öffnen&gt;")
	require.Contains(t, l.text, `<img src=x onerror="x()"> & "so on"`, "plain text stays as it was written")
	require.Equal(t, "<script>alert(1)</script>", l.subject)
}

func TestLinkThatNobodyShouldFollow(t *testing.T) {
	for _, link := range []string{"javascript:alert(1)", "data:text/html,x", "/relative", "//other.example", "https://", "https://a.example/\r\nBcc: x@y.example", "ftp://a.example", "https://%zz"} {
		a := open(t, &postbox{addr: "127.0.0.1:1"}, book{"kim": "kim@acme.example"})
		m, err := a.Preview(t.Context(), notice(t, func(n *okr.NoticeFact) { n.Link = link }).Event)
		require.NoError(t, err)
		require.NotContains(t, m.HTML, "<a ", link)
		require.NotContains(t, m.Text, link)
	}
}

func TestThread(t *testing.T) {
	a := open(t, &postbox{addr: "127.0.0.1:1"}, book{"kim": "kim@acme.example", "ben": "ben@acme.example"})
	thread := func(a *email.Adapter, id string, change func(*okr.NoticeFact)) string {
		d := notice(t, change)
		d.Event.ID = id
		m, err := a.Preview(t.Context(), d.Event)
		require.NoError(t, err)
		l := parse(t, m.Source)
		require.Equal(t, m.Thread, l.header.Get("In-Reply-To"))
		require.Equal(t, m.Thread, l.header.Get("References"))
		require.NotEqual(t, m.ID, m.Thread)
		return m.Thread
	}
	first := thread(a, "e1", nil)
	require.Regexp(t, `^<thread\.[0-9a-f]{32}@acme\.example>$`, first)
	require.Equal(t, first, thread(a, "e2", func(n *okr.NoticeFact) { n.Title = "One check-in is late" }), "the same subject")
	require.NotEqual(t, first, thread(a, "e3", func(n *okr.NoticeFact) { n.Link = "https://okr.example/kr/kr2" }))
	require.NotEqual(t, first, thread(a, "e4", func(n *okr.NoticeFact) { n.To = "ben" }))
	untitled := func(n *okr.NoticeFact) { n.Link = "" }
	require.Equal(t, thread(a, "e5", untitled), thread(a, "e6", untitled))
	own := open(t, &postbox{addr: "127.0.0.1:1"}, book{"kim": "kim@acme.example"}, email.Thread(func(okr.Event, okr.NoticeFact) string { return "" }))
	require.Empty(t, thread(own, "e7", nil))
}

func TestMessageID(t *testing.T) {
	a := open(t, &postbox{addr: "127.0.0.1:1"}, book{"kim": "kim@acme.example"}, email.Domain("id.example"))
	seen := map[string]string{}
	for _, id := range []string{"e1", "E1", "e=1", "e/1", "e 1", "a@b", "a>b\r\nBcc: x@y.example", "é", "e=2F1", ".", "..", "", strings.Repeat("x", 500), strings.Repeat("x", 501)} {
		d := notice(t, nil)
		d.Event.ID = id
		m, err := a.Preview(t.Context(), d.Event)
		require.NoError(t, err)
		require.Regexp(t, `^<[A-Za-z0-9_=-]+(\.[0-9a-f]+)?@id\.example>$`, m.ID)
		require.Equal(t, m.ID, parse(t, m.Source).header.Get("Message-ID"))
		other, taken := seen[m.ID]
		require.False(t, taken, "%q and %q are one", id, other)
		seen[m.ID] = id
	}
}

func TestUnsubscribe(t *testing.T) {
	off := func(s string) func(okr.TenantID, okr.ID) string {
		return func(okr.TenantID, okr.ID) string { return s }
	}
	for name, tt := range map[string]struct {
		address  string
		oneClick bool
		list     string
		post     string
		bad      bool
	}{
		"https":           {address: "https://okr.example/off?p=kim", list: "<https://okr.example/off?p=kim>"},
		"one click":       {address: "https://okr.example/off", oneClick: true, list: "<https://okr.example/off>", post: "List-Unsubscribe=One-Click"},
		"mailto":          {address: "mailto:off@okr.example", oneClick: true, list: "<mailto:off@okr.example>"},
		"none":            {},
		"a second header": {address: "https://okr.example/\r\nBcc: x@y.example", bad: true},
		"two":             {address: "https://okr.example/a>,<https://b.example/", bad: true},
		"another scheme":  {address: "javascript:alert(1)", bad: true},
	} {
		t.Run(name, func(t *testing.T) {
			a := open(t, &postbox{addr: "127.0.0.1:1"}, book{"kim": "kim@acme.example"}, email.Unsubscribe(tt.oneClick, off(tt.address)))
			m, err := a.Preview(t.Context(), notice(t, nil).Event)
			if tt.bad {
				require.ErrorIs(t, err, okr.ErrInvalid)
				require.True(t, adapters.IsPermanent(err))
				return
			}
			require.NoError(t, err)
			l := parse(t, m.Source)
			require.Equal(t, tt.list, l.header.Get("List-Unsubscribe"))
			require.Equal(t, tt.post, l.header.Get("List-Unsubscribe-Post"))
			if tt.address != "" {
				require.Contains(t, m.Text, tt.address)
			}
		})
	}
}

func TestTemplates(t *testing.T) {
	p := kind{}.start(t)
	text := texttemplate.Must(texttemplate.New("t").Parse("{{.Kind}} {{.To}}@{{.Tenant}} {{.Time.Format \"2006-01-02\"}}: {{len .Paragraphs}}"))
	html := htmltemplate.Must(htmltemplate.New("h").Parse("<b>{{.Body}}</b>"))
	a := open(t, p, book{"kim": "kim@acme.example"}, email.TextTemplate(text), email.HTMLTemplate(html))
	require.NoError(t, a.Deliver(t.Context(), notice(t, func(n *okr.NoticeFact) { n.Body = "a<b\r\n\r\n\r\nc" })))
	_, l := only(t, p)
	require.Equal(t, "checkin-due kim@acme 2026-10-05: 2", strings.TrimSpace(l.text))
	require.Equal(t, "<b>a&lt;b\n\n\nc</b>", strings.TrimSpace(l.html))

	broken := texttemplate.Must(texttemplate.New("t").Parse("{{.Nothing}}"))
	a = open(t, p, book{"kim": "kim@acme.example"}, email.TextTemplate(broken))
	err := a.Deliver(t.Context(), notice(t, nil))
	require.True(t, adapters.IsPermanent(err), "%v", err)
	require.ErrorContains(t, err, "Nothing")
	require.Len(t, p.all(), 1)
}

func TestPreviewIsWhatIsSent(t *testing.T) {
	p := kind{}.start(t)
	a := open(t, p, book{"kim": "Kim <kim@acme.example>"})
	d := notice(t, func(n *okr.NoticeFact) { n.Title = "Größe: " + strings.Repeat("sehr lang ", 60) })
	m, err := a.Preview(t.Context(), d.Event)
	require.NoError(t, err)
	require.Empty(t, p.all())
	require.NoError(t, a.Deliver(t.Context(), d))
	got, l := only(t, p)
	require.Equal(t, string(m.Source), string(got.raw))
	require.Equal(t, m.Subject, l.subject)
	require.Equal(t, m.HTML, l.html)
	require.Equal(t, `"Kim" <kim@acme.example>`, m.To)
	require.Equal(t, d.Event.Time, m.Date)
	require.Len(t, []rune(m.Subject), 200)
	require.True(t, strings.HasSuffix(m.Subject, "…"))
	require.Contains(t, strings.ReplaceAll(m.Text, "\n", " "), strings.TrimSpace(strings.Repeat("sehr lang ", 60)), "in full in the text")
	for s := range strings.SplitSeq(string(got.raw), "\r\n") {
		require.LessOrEqual(t, len(s), 78, "%s", s)
	}

	_, err = a.Preview(t.Context(), okr.Event{Type: okr.EventCheckInRecorded})
	require.ErrorIs(t, err, okr.ErrInvalid)
}

func TestEventsThatAreNoNotices(t *testing.T) {
	p := kind{}.start(t)
	a := open(t, p, book{"kim": "kim@acme.example"})
	require.NoError(t, a.Deliver(t.Context(), adapters.Delivery{Event: okr.Event{ID: "e1", Type: okr.EventCheckInRecorded, Tenant: "acme", Data: json.RawMessage(`{}`)}}))
	for _, data := range []string{"", "null", "[]", `{"title":"x"}`, `{"to":7}`} {
		err := a.Deliver(t.Context(), adapters.Delivery{Event: okr.Event{ID: "e1", Type: okr.EventNoticeReady, Tenant: "acme", Data: json.RawMessage(data)}})
		require.True(t, adapters.IsPermanent(err), "%s: %v", data, err)
	}
	require.Empty(t, p.all())
}
