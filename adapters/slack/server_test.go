package slack_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/slack"
	"github.com/okrkit/okrkit/okr"
)

const token = "xoxb-1234-SECRET-of-acme"

// book is an address book of one company.
type book map[okr.ID]map[adapters.Channel]string

func (b book) Addresses(_ context.Context, _ okr.TenantID, person okr.ID) (map[adapters.Channel]string, error) {
	if a, ok := b[person]; ok {
		return a, nil
	}
	return nil, &okr.NotFoundError{Ref: okr.Ref{Kind: "person", ID: person}}
}

func people() book {
	return book{
		"kim": {adapters.ChannelSlack: "U012KIM", adapters.ChannelEmail: "kim@example.com"},
		"ben": {adapters.ChannelEmail: "ben@example.com"},
		"ops": {adapters.ChannelSlack: "C0OPS"},
		"ada": {adapters.ChannelSlack: "#general"},
	}
}

// workspace speaks the three methods of Slack's that the adapter uses: it reads
// the form, holds blocks to Slack's limits and keeps what was posted.
type workspace struct {
	*httptest.Server
	t testing.TB

	mu     sync.Mutex
	posted []post
	asked  []string // methods, in order
	answer func(method string, w http.ResponseWriter, r *http.Request) bool
	hang   chan struct{}
	page   int
}

type post struct {
	conversation, event, metadata string
	form                          url.Values
	blocks                        []block
}

type text struct {
	Type, Text string
	Emoji      *bool
	Verbatim   bool
}

type block struct {
	Type     string
	Text     *text
	Elements []struct {
		Type string
		Text json.RawMessage
		URL  string
		text
	}
}

func newWorkspace(t testing.TB) *workspace {
	w := &workspace{t: t, page: 200}
	w.Server = httptest.NewServer(w)
	t.Cleanup(w.Close)
	return w
}

func (w *workspace) adapter(opts ...slack.Option) *slack.Adapter {
	return slack.New(token, people(), append([]slack.Option{slack.BaseURL(w.URL + "/api"), slack.HTTPClient(w.Client())}, opts...)...)
}

// answers has every call, or those of one method, answered otherwise.
func (w *workspace) answers(f func(method string, w http.ResponseWriter, r *http.Request) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer = f
}

func (w *workspace) posts() []post {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]post{}, w.posted...)
}

func (w *workspace) events() []string {
	ids := []string{}
	for _, p := range w.posts() {
		ids = append(ids, p.event)
	}
	return ids
}

func (w *workspace) methods() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string{}, w.asked...)
}

func say(rw http.ResponseWriter, body any) {
	rw.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(rw).Encode(body)
}

func refuse(rw http.ResponseWriter, code string) { say(rw, map[string]any{"ok": false, "error": code}) }

func (w *workspace) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	method, ok := strings.CutPrefix(r.URL.Path, "/api/")
	if err := r.ParseForm(); err != nil || !ok || r.Method != http.MethodPost {
		http.Error(rw, "not a method of Slack's", http.StatusNotFound)
		return
	}
	w.mu.Lock()
	w.asked = append(w.asked, method)
	answer, hang := w.answer, w.hang
	w.mu.Unlock()
	if hang != nil {
		select {
		case <-hang:
		case <-r.Context().Done():
			return
		}
	}
	if answer != nil && answer(method, rw, r) {
		return
	}
	if r.PostForm.Get("token") != token {
		refuse(rw, "invalid_auth")
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch method {
	case "chat.postMessage":
		w.post(rw, r.PostForm)
	case "conversations.open":
		say(rw, map[string]any{"ok": true, "channel": map[string]any{"id": direct(r.PostForm.Get("users"))}})
	case "conversations.history":
		w.history(rw, r.PostForm)
	default:
		refuse(rw, "unknown_method")
	}
}

// direct is the conversation between the app and a user.
func direct(to string) string {
	if strings.HasPrefix(to, "U") {
		return "D" + to[1:]
	}
	return to
}

const epoch = 1791201600 // 2026-10-05T12:00:00Z, after the events of these tests

func (w *workspace) post(rw http.ResponseWriter, form url.Values) {
	p := post{conversation: direct(form.Get("channel")), metadata: form.Get("metadata"), form: form}
	var meta struct {
		EventType    string            `json:"event_type"`
		EventPayload map[string]string `json:"event_payload"`
	}
	if json.Unmarshal([]byte(p.metadata), &meta) != nil || meta.EventType != slack.MetadataType {
		refuse(rw, "invalid_metadata_format")
		return
	}
	p.event = meta.EventPayload["event"]
	if json.Unmarshal([]byte(form.Get("blocks")), &p.blocks) != nil || form.Get("text") == "" {
		refuse(rw, "invalid_blocks_format")
		return
	}
	if wrong := tooLong(p.blocks); wrong != "" {
		say(rw, map[string]any{"ok": false, "error": "invalid_blocks", "errors": []string{wrong}})
		return
	}
	w.posted = append(w.posted, p)
	say(rw, map[string]any{"ok": true, "channel": p.conversation, "ts": fmt.Sprintf("%d.000100", epoch+len(w.posted))})
}

func long(s string) int { return len(utf16.Encode([]rune(s))) }

// tooLong names what breaks Slack's limits.
func tooLong(blocks []block) string {
	all := 0
	for i, b := range blocks {
		limit := map[string]int{"header": 150, "section": 3000, "context": 2000, "actions": 75}[b.Type]
		texts := []string{}
		if b.Text != nil {
			texts = append(texts, b.Text.Text)
		}
		for _, e := range b.Elements {
			if len(e.URL) > 3000 {
				return fmt.Sprintf("block %d: url", i)
			}
			var inner text
			if json.Unmarshal(e.Text, &inner) != nil {
				_ = json.Unmarshal(e.Text, &inner.Text)
			}
			texts = append(texts, inner.Text)
		}
		for _, s := range texts {
			all += long(s)
			if s == "" || long(s) > limit {
				return fmt.Sprintf("block %d (%s): %d characters", i, b.Type, long(s))
			}
		}
	}
	if len(blocks) > 50 || all > 13_000 {
		return "too much"
	}
	return ""
}

func (w *workspace) history(rw http.ResponseWriter, form url.Values) {
	oldest, err := strconv.ParseFloat(form.Get("oldest"), 64)
	limit, err2 := strconv.Atoi(form.Get("limit"))
	if err != nil || err2 != nil || form.Get("include_all_metadata") != "1" {
		refuse(rw, "invalid_arguments")
		return
	}
	var found []map[string]any
	for i := len(w.posted) - 1; i >= 0; i-- {
		if w.posted[i].conversation == form.Get("channel") && float64(epoch+i+1) > oldest {
			found = append(found, map[string]any{"type": "message", "ts": fmt.Sprintf("%d.000100", epoch+i+1), "metadata": json.RawMessage(w.posted[i].metadata)})
		}
	}
	from, _ := strconv.Atoi(form.Get("cursor"))
	to, next := min(from+min(limit, w.page), len(found)), ""
	if to < len(found) {
		next = strconv.Itoa(to)
	}
	say(rw, map[string]any{"ok": true, "messages": found[from:to], "has_more": next != "", "response_metadata": map[string]any{"next_cursor": next}})
}

func TestTheWorkspaceRefuses(t *testing.T) {
	w := newWorkspace(t)
	form := url.Values{"token": {token}, "channel": {"U012KIM"}, "text": {"x"}, "metadata": {`{"event_type":"okrkit_notice","event_payload":{"event":"e1"}}`}}
	for blocks, want := range map[string]string{
		`[`: "invalid_blocks_format",
		`[{"type":"header","text":{"type":"plain_text","text":"` + strings.Repeat("x", 151) + `"}}]`: "invalid_blocks",
		`[{"type":"section","text":{"type":"mrkdwn","text":"x"}}]`:                                   "",
	} {
		form.Set("blocks", blocks)
		resp, err := w.Client().PostForm(w.URL+"/api/chat.postMessage", form)
		require.NoError(t, err)
		var got struct{ Error string }
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&got))
		require.NoError(t, resp.Body.Close())
		require.Equal(t, want, got.Error)
	}
}
