package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	api "github.com/slack-go/slack"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/okr"
)

// Adapter posts notices to Slack.
type Adapter struct {
	name    string
	token   string
	tokenOf func(context.Context, okr.TenantID) (string, error)
	book    adapters.AddressBook
	layout  Layout
	base    string
	http    *http.Client
}

// Option changes an [Adapter].
type Option func(*Adapter)

// Name is the adapter's name; the default is slack.
func Name(name string) Option { return func(a *Adapter) { a.name = name } }

// TokenOf gives each tenant the token of its own workspace. "" is the token
// given to [New]; an error has the event tried again, unless it is made by
// [adapters.Permanent]. Its text must not hold a token: it is kept with the dead
// letter.
func TokenOf(f func(context.Context, okr.TenantID) (string, error)) Option {
	return func(a *Adapter) { a.tokenOf = f }
}

// WithLayout has messages look as the host wants; the default is [Standard]("Open").
func WithLayout(l Layout) Option { return func(a *Adapter) { a.layout = l } }

// BaseURL is where Slack's methods are, for tests and for GovSlack; the default
// is https://slack.com/api/.
func BaseURL(address string) Option {
	return func(a *Adapter) { a.base = strings.TrimSuffix(address, "/") + "/" }
}

// HTTPClient is the client to ask with; the default has the standard transport
// and gives up after 30 seconds. Redirects are never followed, because the token
// would go along.
func HTTPClient(c *http.Client) Option { return func(a *Adapter) { a.http = c } }

// New returns an adapter that writes with the bot's token to the addresses of
// the book. Without a book it can do no more than [Adapter.Preview].
func New(token string, book adapters.AddressBook, opts ...Option) *Adapter {
	a := &Adapter{
		name: "slack", token: token, book: book, layout: Standard("Open"),
		base: api.APIURL, http: &http.Client{Timeout: 30 * time.Second},
	}
	for _, f := range opts {
		f(a)
	}
	c := *a.http
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	a.http = &c
	return a
}

// Name implements [adapters.Adapter].
func (a *Adapter) Name() string { return a.name }

// Deliver implements [adapters.Adapter]. Events that are no notices, and notices
// to people who have no address in Slack, are done.
func (a *Adapter) Deliver(ctx context.Context, d adapters.Delivery) error {
	if d.Event.Type != okr.EventNoticeReady {
		return nil
	}
	n, err := noticeOf(d.Event)
	if err != nil {
		return adapters.Permanent(err)
	}
	to, err := a.address(ctx, n)
	if err != nil || to == "" {
		return err
	}
	m, err := a.message(n)
	if err != nil {
		return adapters.Permanent(err)
	}
	token, err := a.tokenFor(ctx, n.Tenant)
	if err != nil {
		return err
	}
	client := api.New(token, api.OptionAPIURL(a.base), api.OptionHTTPClient(&wire{a.http, token}))
	if d.Attempt > 1 || d.Redriven {
		there, err := isThere(ctx, client, to, d.Event)
		if err != nil {
			return failure(ctx, err)
		}
		if there {
			return nil
		}
	}
	_, at, err := client.PostMessageContext(ctx, to,
		api.MsgOptionText(m.Text, false),
		api.MsgOptionBlocks(m.Blocks...),
		api.MsgOptionParse(false),
		api.MsgOptionDisableLinkUnfurl(),
		api.MsgOptionDisableMediaUnfurl(),
		api.MsgOptionMetadata(api.SlackMetadata{EventType: MetadataType, EventPayload: map[string]any{"event": d.Event.ID}}),
	)
	if err == nil && at == "" {
		err = errNoAnswer // neither ok nor an error: nobody said that the message is there
	}
	return failure(ctx, err)
}

// noticeOf reads the event's payload.
func noticeOf(e okr.Event) (Notice, error) {
	payload, err := e.Payload()
	if err != nil {
		return Notice{}, err
	}
	n, ok := payload.(*okr.NoticeFact)
	if !ok {
		return Notice{}, fmt.Errorf("slack: event %s of type %s is no notice", e.ID, e.Type)
	}
	if n.To == "" {
		return Notice{}, fmt.Errorf("slack: event %s: %w", e.ID, &okr.InvalidError{Field: "to", Remedy: "a notice names the person it is for"})
	}
	return Notice{Tenant: e.Tenant, Event: e.ID, At: e.Time, NoticeFact: *n}, nil
}

// id is the form of the ids of users and conversations.
var id = regexp.MustCompile(`^[UWCGD][A-Z0-9]{2,63}$`)

// address is where the person is reached in Slack; "" is nowhere.
func (a *Adapter) address(ctx context.Context, n Notice) (string, error) {
	if a.book == nil {
		return "", adapters.Permanent(&okr.InvalidError{Field: "book", Remedy: "give an address book, which says where people are reached, and redrive the notice"})
	}
	addresses, err := a.book.Addresses(ctx, n.Tenant, n.To)
	if errors.Is(err, okr.ErrNotFound) {
		return "", adapters.Permanent(fmt.Errorf("slack: the address book does not know %q; enter the person there and redrive the notice: %w", n.To, err))
	}
	if err != nil {
		return "", fmt.Errorf("slack: the address book: %w", err)
	}
	to := addresses[adapters.ChannelSlack]
	if to != "" && !id.MatchString(to) {
		return "", adapters.Permanent(fmt.Errorf("slack: the address book's Slack address of %q is no id of Slack's; use the user's id, such as U012AB3CD, or a conversation's, such as C012AB3CD, and redrive the notice", n.To))
	}
	return to, nil
}

var errNoToken = errors.New("slack: there is no token; give New the bot token of the workspace, or TokenOf the tenant's")

func (a *Adapter) tokenFor(ctx context.Context, tenant okr.TenantID) (string, error) {
	if a.tokenOf != nil {
		token, err := a.tokenOf(ctx, tenant)
		if err != nil || token != "" {
			return token, err
		}
	}
	if a.token == "" {
		return "", adapters.Permanent(errNoToken)
	}
	return a.token, nil
}

// message is the notice as the layout has it, if Slack can take it.
func (a *Adapter) message(n Notice) (Message, error) {
	m, err := a.layout(n)
	if err != nil {
		return Message{}, fmt.Errorf("slack: the layout of %q: %w", n.Kind, err)
	}
	if strings.TrimSpace(m.Text) == "" {
		return Message{}, fmt.Errorf("slack: event %s of kind %q: %w", n.Event, n.Kind, &okr.InvalidError{Field: "text", Remedy: "a message needs text, which notifications and screen readers use"})
	}
	if len(m.Blocks) > mostBlocks {
		return Message{}, fmt.Errorf("slack: event %s of kind %q: %w", n.Event, n.Kind, &okr.InvalidError{Field: "blocks", Value: strconv.Itoa(len(m.Blocks)), Remedy: fmt.Sprintf("Slack takes at most %d blocks in a message", mostBlocks)})
	}
	m.Text = Cut(m.Text, mostText)
	return m, nil
}

// Preview is the message of a notice.ready event as JSON, with its fields text
// and blocks, as Slack's Block Kit Builder takes it. Nothing is sent and nobody
// is looked up. Another event, and a notice that says nothing or names nobody, is
// an error.
func (a *Adapter) Preview(e okr.Event) ([]byte, error) {
	if e.Type != okr.EventNoticeReady {
		return nil, &okr.InvalidError{Field: "type", Value: e.Type, Remedy: "only events of the type " + okr.EventNoticeReady + " are messages"}
	}
	n, err := noticeOf(e)
	if err != nil {
		return nil, err
	}
	m, err := a.message(n)
	if err != nil {
		return nil, err
	}
	out := struct {
		Text   string      `json:"text"`
		Blocks []api.Block `json:"blocks"`
	}{m.Text, m.Blocks}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // people read it
	enc.SetIndent("", "  ")
	err = enc.Encode(out)
	return b.Bytes(), err
}

var _ adapters.Adapter = (*Adapter)(nil)
