package slack

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	api "github.com/slack-go/slack"

	"github.com/okrkit/okrkit/okr"
)

// Notice is a message to a person as it was written, in people's own words:
// nothing in it is escaped.
type Notice struct {
	Tenant okr.TenantID
	Event  string    // its id
	At     time.Time // UTC instant at which it was written
	okr.NoticeFact
}

// Message is what Slack gets.
type Message struct {
	Text   string      // mrkdwn; what notifications and screen readers use. Never empty; cut at 3,000 characters
	Blocks []api.Block // at most 50; none is a message of Text alone
}

// Layout makes the message of a notice. It puts people's words through [Mrkdwn]
// or [Plain], and keeps to Slack's limits with [Cut]. It is called from several
// goroutines at once; an error makes the notice a dead letter.
type Layout func(Notice) (Message, error)

// Slack's limits, in characters, and how much of them is used.
const (
	mostHeader   = 150
	mostSection  = 3000
	mostSections = 4 // Slack takes about 13,000 characters in all blocks together
	mostButton   = 75
	mostLink     = 3000
	mostBodyLink = 500 // so that no section ends within one
	mostText     = 3000
	mostBlocks   = 50
)

// Standard is the layout of okrkit: the title as header; the body in up to four
// sections, in which the address that ends what is said of one thing can be followed; when it was written, in the reader's own language and time zone; and a
// button that leads to the link and says what the notice has for it, in the notice's
// language ([okr.Notice]); the given label is for notices that have nothing. What Slack
// does not take as an address of the web gets no button.
func Standard(label string) Layout {
	return func(n Notice) (Message, error) {
		title, body := oneLine(n.Title), linked(n.Body)
		if title == "" && body == "" {
			return Message{}, &okr.InvalidError{Field: "title", Value: n.Title, Remedy: "a notice needs a title or a body"}
		}
		m := Message{Text: Mrkdwn(title)}
		if title != "" {
			m.Blocks = append(m.Blocks, api.NewHeaderBlock(api.NewTextBlockObject(api.PlainTextType, Cut(title, mostHeader), false, false)))
		} else {
			m.Text = body
		}
		for _, part := range parts(body) {
			m.Blocks = append(m.Blocks, api.NewSectionBlock(mrkdwn(part), nil, nil))
		}
		m.Blocks = append(m.Blocks, api.NewContextBlock("", mrkdwn(written(n.At))))
		if link := webAddress(n.Link); link != "" {
			text := cmp.Or(oneLine(n.LinkText), oneLine(label))
			button := api.NewButtonBlockElement("okrkit_open", "", api.NewTextBlockObject(api.PlainTextType, Cut(text, mostButton), false, false))
			m.Blocks = append(m.Blocks, api.NewActionBlock("", button.WithURL(link)))
		}
		m.Text = Cut(m.Text, mostText)
		return m, nil
	}
}

// mrkdwn is a text in which Slack looks for no names and addresses of its own.
func mrkdwn(s string) *api.TextBlockObject {
	return api.NewTextBlockObject(api.MarkdownType, s, false, true)
}

// oneLine keeps the spaces at which no line ends: French has one before a colon.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(Plain(s), func(r rune) bool { return unicode.IsSpace(r) && !strings.ContainsRune("\u00a0\u2007\u202f", r) }), " ")
}

// linked is a body through [Mrkdwn], in which the addresses can be followed that stand alone
// in the last line of a paragraph, below another line: there notices of several things say
// where each is shown. What people wrote stands above it and within lines.
func linked(body string) string {
	safe := Mrkdwn(body)
	said, out := strings.Split(Plain(body), "\n"), strings.Split(safe, "\n")
	if len(said) != len(out) {
		return safe
	}
	blank := func(i int) bool { return i < 0 || i >= len(said) || strings.TrimSpace(said[i]) == "" }
	for i, s := range said {
		if blank(i-1) || !blank(i+1) {
			continue
		}
		if link := webAddress(s); link != "" && len(link) <= mostBodyLink {
			out[i] = "<" + strings.NewReplacer("&", "&amp;", "|", "%7C").Replace(link) + ">"
		}
	}
	return strings.Join(out, "\n")
}

// parts divides an escaped body among sections.
func parts(body string) []string {
	var out []string
	for body != "" && len(out) < mostSections {
		if len(out) == mostSections-1 {
			return append(out, unquoted(Cut(body, mostSection)))
		}
		head, rest := split(body, mostSection)
		if head = strings.TrimSpace(head); head != "" {
			out = append(out, unquoted(head))
		}
		body = strings.TrimSpace(rest)
	}
	return out
}

// unquoted keeps a section from beginning as a quotation because the text was
// divided there.
func unquoted(part string) string {
	if rest, ok := strings.CutPrefix(part, "&gt;"); ok {
		return "›" + rest
	}
	return part
}

// written is an instant, which Slack shows to everybody in their own language and zone.
func written(at time.Time) string {
	at = at.UTC()
	return fmt.Sprintf("<!date^%d^{date_short_pretty} {time}|%s>", at.Unix(), at.Format("2006-01-02 15:04 UTC"))
}

// angles do not stand as they are in an address.
var angles = strings.NewReplacer("<", "%3C", ">", "%3E")

// webAddress is the link if it is an absolute http or https address, else "".
func webAddress(link string) string {
	u, err := url.Parse(link)
	switch {
	case err != nil, u.Scheme != "https" && u.Scheme != "http", u.Host == "", u.User != nil:
		return ""
	case strings.ContainsFunc(link, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || unseen(r) }):
		return ""
	}
	if link = angles.Replace(u.String()); len(link) > mostLink {
		return ""
	}
	return link
}
