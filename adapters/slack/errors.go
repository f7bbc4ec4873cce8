package slack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	api "github.com/slack-go/slack"

	"github.com/okrkit/okrkit/adapters"
)

// Error is what Slack answered instead of taking a message.
type Error struct {
	Code   string // Slack's, such as channel_not_found; http_503 for an answer that is none of Slack's
	Remedy string // what to do about it; "" if waiting is all there is
}

func (e *Error) Error() string {
	if e.Remedy == "" {
		return "slack: " + e.Code
	}
	return "slack: " + e.Code + ": " + e.Remedy
}

// errNoAnswer says that an answer came which does not say what became of the message.
var errNoAnswer = errors.New("slack: the answer is not one of Slack's; look at the base URL and at proxies on the way")

// Distances asked for when Slack sets a limit, and does not say or says too much.
const (
	pauseUnsaid = 30 * time.Second
	pauseMost   = time.Hour
)

// mostAnswer is how much of an answer is read, in bytes.
const mostAnswer = 8 << 20

const (
	authRemedy    = "the token is no longer good; install the app in the workspace again, give New or TokenOf the new token, and redrive the notice"
	gridRemedy    = "the organisation does not let the app write; ask an admin of the workspace to allow it, and redrive the notice"
	addressRemedy = "nobody is reached there; correct the Slack address in the address book, and redrive the notice"
	layoutRemedy  = "the layout makes what Slack does not take; look at it with Preview in Slack's Block Kit Builder"
)

// remedies are the answers that no retry cures.
var remedies = map[string]string{
	"channel_not_found": "no conversation with this id, or the app may not see it; correct the Slack address in the address book or invite the app, and redrive the notice",
	"user_not_found":    addressRemedy,
	"users_not_found":   addressRemedy,
	"invalid_users":     addressRemedy,
	"user_disabled":     "the user's account in Slack is deactivated; take the address out of the address book or enter the new one",
	"user_not_visible":  "the app may not see this user; correct the Slack address in the address book or widen what the app sees, and redrive the notice",
	"cannot_dm_bot":     "the Slack address is a bot's; enter the person's own id in the address book, and redrive the notice",
	"invalid_channel":   addressRemedy,

	"is_archived":                              "the conversation is archived; unarchive it or enter another Slack address in the address book, and redrive the notice",
	"not_in_channel":                           "the app is no member of the conversation; invite it there, and redrive the notice",
	"messages_tab_disabled":                    "the app has no messages tab; switch it on under App Home in the app's settings, and redrive the notice",
	"restricted_action":                        "the workspace does not let the app write there; ask its admin, and redrive the notice",
	"no_permission":                            "the app may not write there; ask the workspace's admin, and redrive the notice",
	"access_denied":                            gridRemedy,
	"accesslimited":                            gridRemedy,
	"ekm_access_denied":                        gridRemedy,
	"team_access_not_granted":                  gridRemedy,
	"enterprise_is_restricted":                 gridRemedy,
	"two_factor_setup_required":                "the account behind the token must set up two-factor authentication; do so, and redrive the notice",
	"restricted_action_read_only_channel":      "only some may write in the conversation; let the app, or enter another Slack address in the address book, and redrive the notice",
	"restricted_action_non_threadable_channel": "the conversation takes only replies; enter another Slack address in the address book, and redrive the notice",

	"invalid_auth":                          authRemedy,
	"not_authed":                            authRemedy,
	"account_inactive":                      authRemedy,
	"token_revoked":                         authRemedy,
	"token_expired":                         authRemedy,
	"missing_scope":                         "the app lacks a scope; add chat:write in the app's settings, install it again, and redrive the notice",
	"not_allowed_token_type":                "the token is of a kind that cannot write; use the app's bot token (xoxb-…), and redrive the notice",
	"method_not_supported_for_channel_type": "the conversation is of a kind that takes no messages; enter another Slack address in the address book, and redrive the notice",

	"invalid_blocks":          layoutRemedy,
	"invalid_blocks_format":   layoutRemedy,
	"msg_blocks_too_long":     layoutRemedy,
	"msg_too_long":            layoutRemedy,
	"no_text":                 layoutRemedy,
	"markdown_text_conflict":  layoutRemedy,
	"metadata_too_large":      "the event's id is longer than Slack's metadata takes; shorten the ids that the host makes",
	"invalid_metadata_format": "Slack does not take the event's id as metadata; use ids of letters, digits and punctuation",
	"invalid_metadata_schema": "the app declares a metadata type okrkit_notice of its own; take it out of the app's manifest",
}

// code is the form of Slack's codes. What is not of it may be anything, also an
// echo of what was sent, and is not repeated.
var code = regexp.MustCompile(`^[a-z][a-z0-9_]{1,63}$`)

// failure is the error as the router needs it, without anything of the request.
func failure(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("slack: %w", ctx.Err())
	}
	if limited, ok := errors.AsType[*api.RateLimitedError](err); ok {
		return adapters.RetryAfter(limited.RetryAfter, &Error{Code: "ratelimited"})
	}
	if said, ok := errors.AsType[api.SlackErrorResponse](err); ok {
		return answered(said.Err)
	}
	if status, ok := errors.AsType[api.StatusCodeError](err); ok {
		return &Error{Code: "http_" + strconv.Itoa(status.Code), Remedy: statusRemedy(status.Code)}
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("slack: %s: %w", u.Op, u.Err)
	}
	return errNoAnswer
}

func answered(said string) error {
	if !code.MatchString(said) {
		return errNoAnswer
	}
	if said == "ratelimited" || said == "rate_limited" {
		return adapters.RetryAfter(pauseUnsaid, &Error{Code: said})
	}
	e := &Error{Code: said, Remedy: remedies[said]}
	if e.Remedy != "" {
		return adapters.Permanent(e)
	}
	return e
}

func statusRemedy(status int) string {
	if status >= 300 && status < 500 {
		return "Slack answers so to nothing that it knows; look at the base URL and at proxies on the way"
	}
	return ""
}

// wire asks, and answers a rate limit itself: the library takes the header only
// if it is there and a number.
type wire struct {
	client *http.Client
	token  string
}

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	resp, err := w.client.Do(r) //nolint:gosec // the host gives the base URL; nothing of an event is in the address
	if err != nil && strings.Contains(err.Error(), w.token) {
		return nil, errNoAnswer // it quotes a far side that sends back what it got
	}
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == http.StatusTooManyRequests {
		_ = resp.Body.Close()
		return nil, &api.RateLimitedError{RetryAfter: pause(resp.Header.Get("Retry-After"))}
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, mostAnswer), resp.Body}
	return resp, nil
}

// pause is the distance that a Retry-After header asks for, in whole seconds.
func pause(header string) time.Duration {
	seconds, err := strconv.ParseUint(header, 10, 32)
	if err != nil {
		return pauseUnsaid
	}
	return min(time.Duration(seconds)*time.Second, pauseMost)
}
