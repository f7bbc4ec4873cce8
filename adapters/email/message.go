package email

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/okr"
)

// maxSubject is in characters; what is longer is cut, and stands in full in the
// text.
const maxSubject = 200

// Message is one notice as it is sent.
type Message struct {
	ID      string    // with angle brackets; the same whenever the event comes
	Thread  string    // likewise, of the conversation that it belongs to; "" is none
	Date    time.Time // of the event, UTC
	From    string    // with the name
	To      string    // with the name
	Subject string
	Text    string
	HTML    string
	Source  []byte // the whole message in the form of RFC 5322
}

// message renders a notice. All errors but those of the address book are
// permanent.
func (a *Adapter) message(ctx context.Context, e okr.Event) (*Message, *gomail.Msg, error) {
	payload, err := e.Payload()
	if err != nil {
		return nil, nil, adapters.Permanent(fmt.Errorf("email: event %s: %w", e.ID, err))
	}
	n, ok := payload.(*okr.NoticeFact)
	if !ok || n.To == "" {
		return nil, nil, adapters.Permanent(fmt.Errorf("email: event %s: %w", e.ID, &okr.InvalidError{Field: "to", Remedy: "name the person whom the notice is for"}))
	}
	to, err := a.find(ctx, e.Tenant, n.To)
	if err != nil {
		return nil, nil, err
	}
	l, err := a.letter(e, *n)
	if err != nil {
		return nil, nil, adapters.Permanent(err)
	}
	m := &Message{
		ID: "<" + localID(e.ID) + "@" + a.domain + ">", Date: l.Time,
		From: a.from.String(), To: to.String(), Subject: cut(l.Title, maxSubject),
	}
	if key := a.thread(e, *n); key != "" {
		m.Thread = "<thread." + digest(string(e.Tenant), string(n.To), key) + "@" + a.domain + ">"
	}
	var text, html bytes.Buffer
	if err := a.text.Execute(&text, l); err != nil {
		return nil, nil, adapters.Permanent(fmt.Errorf("email: text template: %w", err))
	}
	if err := a.html.Execute(&html, l); err != nil {
		return nil, nil, adapters.Permanent(fmt.Errorf("email: html template: %w", err))
	}
	m.Text, m.HTML = text.String(), html.String()

	// The boundary comes from the event, too: the same event is the same message.
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary("okrkit-"+digest(string(e.Tenant), e.ID)))
	msg.FromMailAddress(a.from)
	msg.ToMailAddress(to)
	msg.Subject(m.Subject)
	msg.SetDateWithValue(m.Date)
	msg.SetMessageIDWithValue(strings.Trim(m.ID, "<>"))
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	if l.Language != "" {
		msg.SetGenHeader("Content-Language", l.Language)
	}
	if m.Thread != "" {
		msg.SetGenHeader(gomail.HeaderInReplyTo, m.Thread)
		msg.SetGenHeader(gomail.HeaderReferences, m.Thread)
	}
	if l.Unsubscribe != "" {
		msg.SetListUnsubscribe(l.Unsubscribe)
		if a.oneClick && strings.HasPrefix(l.Unsubscribe, "https:") {
			msg.SetListUnsubscribePost()
		}
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	var source bytes.Buffer
	if _, err := msg.WriteTo(&source); err != nil {
		return nil, nil, adapters.Permanent(fmt.Errorf("email: event %s cannot be written as a message: %w", e.ID, err))
	}
	m.Source = source.Bytes()
	return m, msg, nil
}

// letter is the notice, made safe to read.
func (a *Adapter) letter(e okr.Event, n okr.NoticeFact) (Letter, error) {
	l := Letter{
		Tenant: e.Tenant, To: n.To, Kind: line(n.Kind), Title: line(n.Title), Link: link(n.Link), Button: cmp.Or(line(n.LinkText), a.button), Time: e.Time.UTC(), Language: tag(n.Language),
		Body: strings.TrimSpace(clean(strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n\n").Replace(n.Body), "\n\t")),
	}
	if l.Title == "" {
		l.Title = l.Kind
	}
	if a.unsubscribe == nil {
		return l, nil
	}
	if l.Unsubscribe = a.unsubscribe(e.Tenant, n.To); l.Unsubscribe == "" {
		return l, nil
	}
	u, err := url.Parse(l.Unsubscribe)
	if err != nil || line(l.Unsubscribe) != l.Unsubscribe || !ascii(l.Unsubscribe) || strings.ContainsAny(l.Unsubscribe, "<>, ") ||
		(u.Scheme != "https" || u.Host == "") && (u.Scheme != "mailto" || u.Opaque == "") {
		return l, fmt.Errorf("email: %w", &okr.InvalidError{Field: "unsubscribe", Remedy: "give an https or mailto address in ASCII, with commas escaped"})
	}
	l.UnsubscribeText = cmp.Or(line(n.UnsubscribeText), l.Unsubscribe)
	return l, nil
}

// tag lets through what can be a language tag.
func tag(s string) string {
	if len(s) > 35 || strings.ContainsFunc(s, func(r rune) bool { return r != '-' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z') }) {
		return ""
	}
	return s
}

// link lets through what a person may be sent to; anything else is left out.
func link(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || line(s) != s || strings.ContainsFunc(s, unicode.IsSpace) {
		return ""
	}
	return u.String()
}

// about is the conversation of a notice unless the host says otherwise.
func about(_ okr.Event, n okr.NoticeFact) string {
	if n.Link != "" {
		return "link " + n.Link
	}
	return "title " + line(n.Title)
}

// localID writes an event's id as the left side of a Message-ID. Ids of letters,
// digits, _ and - stand as they are; other bytes as = and two hex digits, so
// that no two ids become one; very long ones as a digest.
func localID(id string) string {
	var b strings.Builder
	for i := range len(id) {
		switch c := id[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "=%02X", c)
		}
	}
	if b.Len() == 0 || b.Len() > 200 {
		return "digest." + digest(id)
	}
	return b.String()
}

// digest tells lists of strings apart.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		_, _ = fmt.Fprintf(h, "%d:%s", len(p), p) // a hash takes every byte
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// cut shortens text to a number of characters, each with its marks.
func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	end := n - 1
	for end > 0 && (unicode.IsMark(r[end]) || r[end] == joiner || r[end-1] == joiner || r[end] >= 0x1F3FB && r[end] <= 0x1F3FF) {
		end--
	}
	if end == 0 {
		end = n - 1
	}
	return strings.TrimRight(string(r[:end]), " ") + "…"
}

// joiner makes one emoji of two.
const joiner = '\u200d'
