package slack_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/slack"
	"github.com/okrkit/okrkit/okr"
)

func notice(t testing.TB, id string, n okr.NoticeFact) adapters.Delivery {
	t.Helper()
	data, err := json.Marshal(n)
	require.NoError(t, err)
	return adapters.Delivery{Attempt: 1, Event: okr.Event{
		ID: id, Type: okr.EventNoticeReady, Tenant: "acme", Aggregate: okr.Ref{Kind: "notice", ID: "n1"}, Seq: 1,
		Time: time.Date(2026, 10, 5, 8, 0, 0, 0, time.UTC), Actor: okr.Automation("cadence"), Data: data,
	}}
}

func due() okr.NoticeFact {
	return okr.NoticeFact{To: "kim", About: []string{"e0"}, Kind: "checkin-due", Title: "A check-in is due", Body: "Trial conversion: the last number is 9 days old.", Link: "https://okr.example/me?a=1&b=2"}
}

func TestWhatArrives(t *testing.T) {
	w := newWorkspace(t)
	require.NoError(t, w.adapter().Deliver(t.Context(), notice(t, "e1", due())))
	require.Equal(t, []string{"chat.postMessage"}, w.methods(), "a first attempt looks for nothing")
	p := w.posts()[0]
	require.Equal(t, "U012KIM", p.form.Get("channel"))
	require.Equal(t, "A check-in is due", p.form.Get("text"))
	require.JSONEq(t, `{"event_type":"okrkit_notice","event_payload":{"event":"e1"}}`, p.metadata)
	for field, want := range map[string]string{"parse": "none", "unfurl_links": "false", "unfurl_media": "false", "link_names": ""} {
		require.Equal(t, want, p.form.Get(field), field)
	}
	require.Len(t, p.blocks, 4)
	require.Equal(t, &text{Type: "plain_text", Text: "A check-in is due", Emoji: new(bool)}, p.blocks[0].Text)
	require.Equal(t, &text{Type: "mrkdwn", Text: "Trial conversion: the last number is 9 days old.", Verbatim: true}, p.blocks[1].Text)
	require.Equal(t, "https://okr.example/me?a=1&b=2", p.blocks[3].Elements[0].URL)
}

func TestWhoGetsWhat(t *testing.T) {
	for to, want := range map[okr.ID]struct {
		channel, wrong string
	}{
		"kim": {channel: "U012KIM"},
		"ops": {channel: "C0OPS"},
		"ben": {},
		"ada": {wrong: `slack: the address book's Slack address of "ada" is no id of Slack's`},
		"eve": {wrong: `slack: the address book does not know "eve"`},
		"":    {wrong: "names the person it is for"},
	} {
		w := newWorkspace(t)
		n := due()
		n.To = to
		err := w.adapter().Deliver(t.Context(), notice(t, "e1", n))
		if want.wrong != "" {
			require.ErrorContains(t, err, want.wrong)
			require.True(t, adapters.IsPermanent(err), to)
			require.Empty(t, w.methods(), to)
			continue
		}
		require.NoError(t, err, to)
		if want.channel == "" {
			require.Empty(t, w.methods(), to)
			continue
		}
		require.Equal(t, want.channel, w.posts()[0].form.Get("channel"))
	}
}

type brokenBook struct{}

func (brokenBook) Addresses(context.Context, okr.TenantID, okr.ID) (map[adapters.Channel]string, error) {
	return nil, errors.New("the directory is down")
}

func TestAnAddressBookThatFailsIsAskedAgain(t *testing.T) {
	err := slack.New(token, brokenBook{}).Deliver(t.Context(), notice(t, "e1", due()))
	require.EqualError(t, err, "slack: the address book: the directory is down")
	require.False(t, adapters.IsPermanent(err))
}

func TestTokenOfEachTenant(t *testing.T) {
	w := newWorkspace(t)
	of := slack.TokenOf(func(_ context.Context, tenant okr.TenantID) (string, error) {
		switch tenant {
		case "acme":
			return "", nil
		case "globex":
			return "xoxb-of-globex", nil
		}
		return "", fmt.Errorf("no secret for %s", tenant)
	})
	d := notice(t, "e1", due())
	require.NoError(t, w.adapter(of).Deliver(t.Context(), d))
	d.Event.Tenant = "globex"
	var used atomic.Value
	w.answers(func(_ string, _ http.ResponseWriter, r *http.Request) bool {
		used.Store(r.PostForm.Get("token"))
		return false
	})
	require.ErrorContains(t, w.adapter(of).Deliver(t.Context(), d), "invalid_auth")
	require.Equal(t, "xoxb-of-globex", used.Load())
	d.Event.Tenant = "initech"
	require.EqualError(t, w.adapter(of).Deliver(t.Context(), d), "no secret for initech")
	err := slack.New("", people()).Deliver(t.Context(), d)
	require.ErrorContains(t, err, "there is no token")
	require.True(t, adapters.IsPermanent(err))
	err = slack.New(token, nil).Deliver(t.Context(), d)
	var invalid *okr.InvalidError
	require.ErrorAs(t, err, &invalid)
	require.Equal(t, "book", invalid.Field)
	require.True(t, adapters.IsPermanent(err))
}

func TestFailures(t *testing.T) {
	ok := func(code string) http.HandlerFunc {
		return func(rw http.ResponseWriter, _ *http.Request) { refuse(rw, code) }
	}
	status := func(code int, retry string) http.HandlerFunc {
		return func(rw http.ResponseWriter, r *http.Request) {
			if retry != "" {
				rw.Header().Set("Retry-After", retry)
			}
			http.Error(rw, "you sent "+r.PostForm.Encode(), code)
		}
	}
	body := func(s string) http.HandlerFunc {
		return func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write([]byte(s)) }
	}
	for name, tt := range map[string]struct {
		answer    http.HandlerFunc
		permanent bool
		after     time.Duration
		says      string
	}{
		"rate limit":             {answer: status(429, "17"), after: 17 * time.Second, says: "slack: ratelimited"},
		"rate limit, unsaid":     {answer: status(429, ""), after: 30 * time.Second, says: "slack: ratelimited"},
		"rate limit, no number":  {answer: status(429, "soon"), after: 30 * time.Second, says: "slack: ratelimited"},
		"rate limit, for ever":   {answer: status(429, "4000000000"), after: time.Hour, says: "slack: ratelimited"},
		"rate limit in the body": {answer: ok("ratelimited"), after: 30 * time.Second, says: "slack: ratelimited"},
		"no conversation":        {answer: ok("channel_not_found"), permanent: true, says: "correct the Slack address in the address book"},
		"no user":                {answer: ok("user_not_found"), permanent: true, says: "correct the Slack address"},
		"archived":               {answer: ok("is_archived"), permanent: true, says: "unarchive it"},
		"not a member":           {answer: ok("not_in_channel"), permanent: true, says: "invite it there"},
		"token no longer good":   {answer: ok("invalid_auth"), permanent: true, says: "the token is no longer good"},
		"account inactive":       {answer: ok("account_inactive"), permanent: true, says: "the token is no longer good"},
		"token revoked":          {answer: ok("token_revoked"), permanent: true, says: "the token is no longer good"},
		"no scope":               {answer: ok("missing_scope"), permanent: true, says: "chat:write"},
		"blocks":                 {answer: ok("invalid_blocks"), permanent: true, says: "Preview"},
		"inside":                 {answer: ok("internal_error"), says: "slack: internal_error"},
		"fatal":                  {answer: ok("fatal_error"), says: "slack: fatal_error"},
		"a code of tomorrow":     {answer: ok("moon_phase"), says: "slack: moon_phase"},
		"an echo as a code":      {answer: func(rw http.ResponseWriter, r *http.Request) { refuse(rw, r.PostForm.Get("token")) }, says: "not one of Slack's"},
		"500":                    {answer: status(500, ""), says: "slack: http_500"},
		"503":                    {answer: status(503, ""), says: "slack: http_503"},
		"404":                    {answer: status(404, ""), says: "look at the base URL"},
		"a proxy's page":         {answer: body("<html>Sign in</html>"), says: "not one of Slack's"},
		"nothing":                {answer: body(""), says: "not one of Slack's"},
		"neither ok nor error":   {answer: body(`{"ok":false}`), says: "not one of Slack's"},
		"half":                   {answer: body(`{"ok":tr`), says: "not one of Slack's"},
		"a redirect": {answer: func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "/api/elsewhere", http.StatusTemporaryRedirect)
		}, says: "slack: http_307"},
		"no HTTP": {answer: func(rw http.ResponseWriter, r *http.Request) {
			c, _, err := rw.(http.Hijacker).Hijack()
			if err == nil {
				_, _ = c.Write([]byte(r.PostForm.Get("token") + "\r\n\r\n"))
				_ = c.Close()
			}
		}, says: "not one of Slack's"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorkspace(t)
			w.answers(func(_ string, rw http.ResponseWriter, r *http.Request) bool {
				tt.answer(rw, r)
				return true
			})
			err := w.adapter().Deliver(t.Context(), notice(t, "e1", due()))
			require.ErrorContains(t, err, tt.says)
			require.Equal(t, tt.permanent, adapters.IsPermanent(err), "%v", err)
			after, limited := adapters.RetryDelay(err)
			require.Equal(t, tt.after, after)
			require.Equal(t, tt.after > 0, limited)
			for e := err; e != nil; e = errors.Unwrap(e) {
				require.NotContains(t, fmt.Sprintf("%v %+v %#v", e, e, e), "SECRET")
			}
			require.Equal(t, []string{"chat.postMessage"}, w.methods(), "asked once, and nobody else")
		})
	}
}

func TestACodeCanBeRead(t *testing.T) {
	w := newWorkspace(t)
	w.answers(func(_ string, rw http.ResponseWriter, _ *http.Request) bool {
		refuse(rw, "is_archived")
		return true
	})
	var e *slack.Error
	require.ErrorAs(t, w.adapter().Deliver(t.Context(), notice(t, "e1", due())), &e)
	require.Equal(t, "is_archived", e.Code)
	require.NotEmpty(t, e.Remedy)
}

func TestAServerThatIsGone(t *testing.T) {
	w := newWorkspace(t)
	w.Close()
	err := w.adapter().Deliver(t.Context(), notice(t, "e1", due()))
	require.ErrorContains(t, err, "connection refused")
	require.False(t, adapters.IsPermanent(err))
	require.NotContains(t, err.Error(), "SECRET")
}

func TestAnAnswerThatWasLost(t *testing.T) {
	for name, to := range map[string]okr.ID{"user": "kim", "conversation": "ops"} {
		t.Run(name, func(t *testing.T) {
			w := newWorkspace(t)
			w.page = 2
			a := w.adapter()
			n := due()
			n.To = to
			require.NoError(t, a.Deliver(t.Context(), notice(t, "e1", n)))
			for i := range 6 { // and the conversation went on
				require.NoError(t, a.Deliver(t.Context(), notice(t, fmt.Sprintf("later%d", i), n)))
			}
			again := notice(t, "e1", n)
			again.Attempt = 2
			require.NoError(t, a.Deliver(t.Context(), again))
			again.Attempt, again.Redriven = 1, true
			require.NoError(t, a.Deliver(t.Context(), again))
			require.Len(t, w.posts(), 7)

			other := notice(t, "e2", n)
			other.Attempt = 2
			require.NoError(t, a.Deliver(t.Context(), other), "what is not there is posted")
			require.Len(t, w.posts(), 8)
		})
	}
}

func TestLookingThatFails(t *testing.T) {
	for _, method := range []string{"conversations.open", "conversations.history"} {
		for code, posts := range map[string]int{"missing_scope": 2, "channel_not_found": 2, "internal_error": 1, "ratelimited": 1, "": 1} {
			t.Run(method+" "+code, func(t *testing.T) {
				w := newWorkspace(t)
				d := notice(t, "e1", due())
				require.NoError(t, w.adapter().Deliver(t.Context(), d))
				w.answers(func(m string, rw http.ResponseWriter, _ *http.Request) bool {
					if m == method {
						refuse(rw, code)
					}
					return m == method
				})
				d.Attempt = 2
				err := w.adapter().Deliver(t.Context(), d)
				require.Len(t, w.posts(), posts)
				require.Equal(t, posts == 1, err != nil, "%v", err)
				require.False(t, adapters.IsPermanent(err))
			})
		}
	}
}

func TestNoRedirectTakesTheTokenAlong(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("asked for %s", r.URL)
	}))
	defer elsewhere.Close()
	w := newWorkspace(t)
	w.answers(func(_ string, rw http.ResponseWriter, r *http.Request) bool {
		http.Redirect(rw, r, elsewhere.URL, http.StatusPermanentRedirect)
		return true
	})
	require.ErrorContains(t, w.adapter().Deliver(t.Context(), notice(t, "e1", due())), "http_308")
}

func TestWhatIsNoNotice(t *testing.T) {
	w := newWorkspace(t)
	d := notice(t, "e1", due())
	d.Event.Data = json.RawMessage(`[]`)
	err := w.adapter().Deliver(t.Context(), d)
	require.Error(t, err)
	require.True(t, adapters.IsPermanent(err))
	d.Event.Type = okr.EventCheckInRecorded
	require.NoError(t, w.adapter().Deliver(t.Context(), d))
	require.Empty(t, w.methods())
}

func TestSayingNothing(t *testing.T) {
	w := newWorkspace(t)
	n := due()
	n.Title, n.Body = "\u200b \u202e", "\u2060\n"
	err := w.adapter().Deliver(t.Context(), notice(t, "e1", n))
	require.ErrorIs(t, err, okr.ErrInvalid)
	require.True(t, adapters.IsPermanent(err))
	require.Empty(t, w.posts())
}

func TestLongNoticesFit(t *testing.T) {
	for name, s := range map[string]string{
		"words": strings.Repeat("long ", 20_000), "one word": strings.Repeat("x", 50_000), "markup": strings.Repeat("<&>", 20_000),
		"emoji": strings.Repeat("👩‍🚀", 9_000), "lines": strings.Repeat("a line of a digest\n", 3_000), "marks": "e" + strings.Repeat("\u0301", 20_000),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorkspace(t)
			n := due()
			n.Title, n.Body, n.Kind = s, s, s
			require.NoError(t, w.adapter(slack.WithLayout(slack.Standard(s))).Deliver(t.Context(), notice(t, "e1", n)))
			p := w.posts()[0]
			require.LessOrEqual(t, long(p.form.Get("text")), 3000)
			require.True(t, strings.HasSuffix(p.blocks[0].Text.Text, "…"))
			require.True(t, strings.HasSuffix(p.blocks[4].Text.Text, "…"), "the fourth section says that there was more")
		})
	}
}

func TestEveryLineOfADigestArrives(t *testing.T) {
	w := newWorkspace(t)
	n, want := due(), []string{}
	for i := range 300 {
		want = append(want, fmt.Sprintf("Key result number %d is late", i))
	}
	n.Body = strings.Join(want, "\n")
	require.NoError(t, w.adapter().Deliver(t.Context(), notice(t, "e1", n)))
	var got []string
	for _, b := range w.posts()[0].blocks {
		if b.Type == "section" {
			got = append(got, strings.Split(b.Text.Text, "\n")...)
		}
	}
	require.Equal(t, want, got)
}
