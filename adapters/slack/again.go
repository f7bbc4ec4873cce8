package slack

import (
	"context"
	"errors"
	"fmt"
	"time"

	api "github.com/slack-go/slack"

	"github.com/okrkit/okrkit/okr"
)

// MetadataType is the event type in the metadata of each message; the payload
// beside it holds the id of the event, as "event".
const MetadataType = "okrkit_notice"

// How far a conversation is read back.
const (
	pageSize  = 200
	mostPages = 5
)

// skew is by how much Slack's clock may be behind the desk's.
const skew = 5 * time.Minute

// isThere says whether the conversation holds the message of the event. If Slack
// does not let the app look, it is taken not to be.
func isThere(ctx context.Context, client *api.Client, to string, e okr.Event) (bool, error) {
	conversation := to
	if to[0] == 'U' || to[0] == 'W' {
		c, _, _, err := client.OpenConversationContext(ctx, &api.OpenConversationParameters{Users: []string{to}})
		if err != nil {
			return false, unlessRefused(err)
		}
		if c == nil || c.ID == "" {
			return false, errNoAnswer
		}
		conversation = c.ID
	}
	q := &api.GetConversationHistoryParameters{
		ChannelID: conversation, IncludeAllMetadata: true, Limit: pageSize,
		Oldest: fmt.Sprintf("%d.000000", e.Time.Add(-skew).Unix()),
	}
	for range mostPages {
		page, err := client.GetConversationHistoryContext(ctx, q)
		if err != nil {
			return false, unlessRefused(err)
		}
		if !page.Ok {
			return false, errNoAnswer
		}
		for _, m := range page.Messages {
			if m.Metadata.EventType == MetadataType && m.Metadata.EventPayload["event"] == e.ID {
				return true, nil
			}
		}
		q.Cursor = page.ResponseMetaData.NextCursor
		if q.Cursor == "" {
			break
		}
	}
	return false, nil
}

// unlessRefused drops an answer by which Slack says no. If it is about more than
// looking, posting meets it again, and says so. What may pass, an outage or a
// rate limit, stays an error: a second message is worse than a later one.
func unlessRefused(err error) error {
	if said, ok := errors.AsType[api.SlackErrorResponse](err); ok && remedies[said.Err] != "" {
		return nil
	}
	return err
}
