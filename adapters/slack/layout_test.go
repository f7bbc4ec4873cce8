package slack_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	api "github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/slack"
	"github.com/okrkit/okrkit/okr"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestPreview(t *testing.T) {
	digest := due()
	digest.Kind, digest.Title = "digest", "3 check-ins are due, 1 key result is at risk"
	digest.Body = "Due by Friday:\n• Trial conversion from 41 % to 60 %\n• Renewals > 95 %\n• R&D cycle_time < 5 days\n\nAt risk:\n• Support backlog"
	hostile := due()
	hostile.Title = "<!channel> *free* \u202eyenom"
	hostile.Body = "> <https://evil.example|Sign in> :white_check_mark:\n<@U012KIM> `rm`\u200b"
	hostile.Link = "javascript:alert(1)"
	bare := due()
	bare.Title, bare.Link = "", ""
	french := due()
	french.Title, french.Body, french.Language, french.LinkText = "Check-in à faire\u00a0: Délai <!here>", "Un check-in est à faire.", "fr", "Ouvrir"
	links := due()
	links.Title, links.Link = "2 Check-ins fällig", ""
	links.Body = "שיפור שביעות הרצון\nEin Check-in ist fällig.\nhttps://okr.example/_k1_?a=1&b=2|c\n\nhttps://evil.example/title\nEin Check-in ist fällig.\nhttps://okr.example/k2\n\nhttps://evil.example/alone"
	for name, n := range map[string]okr.NoticeFact{"links": links, "due": due(), "digest": digest, "hostile": hostile, "bare": bare, "french": french} {
		t.Run(name, func(t *testing.T) {
			w := newWorkspace(t)
			got, err := w.adapter().Preview(notice(t, "e1", n).Event)
			require.NoError(t, err)
			require.Empty(t, w.methods(), "nothing is sent")
			path := filepath.Join("testdata", name+".json")
			if *update {
				require.NoError(t, os.WriteFile(path, got, 0o600))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err, "run the test with -update once")
			require.Equal(t, string(want), string(got))
		})
	}
}

func TestPreviewOfWhatIsNoNotice(t *testing.T) {
	e := notice(t, "e1", due()).Event
	e.Data = nil
	_, err := slack.New(token, people()).Preview(e)
	require.Error(t, err)
	e.Type = okr.EventCheckInRecorded
	_, err = slack.New(token, people()).Preview(e)
	require.ErrorIs(t, err, okr.ErrInvalid)
}

func TestOwnLayout(t *testing.T) {
	w := newWorkspace(t)
	own := slack.WithLayout(func(n slack.Notice) (slack.Message, error) {
		words := api.NewTextBlockObject(api.MarkdownType, "*"+string(n.Tenant)+"*: "+slack.Mrkdwn(n.Title), false, true)
		return slack.Message{Text: slack.Mrkdwn(n.Title), Blocks: []api.Block{api.NewSectionBlock(words, nil, nil)}}, nil
	})
	require.NoError(t, w.adapter(own).Deliver(t.Context(), notice(t, "e1", due())))
	require.Equal(t, "*acme*: A check-in is due", w.posts()[0].blocks[0].Text.Text)
}

func TestALayoutThatIsWrong(t *testing.T) {
	for name, tt := range map[string]struct {
		layout slack.Layout
		says   string
	}{
		"fails": {func(slack.Notice) (slack.Message, error) { return slack.Message{}, errors.New("no such kind") }, "no such kind"},
		"no text": {func(slack.Notice) (slack.Message, error) {
			return slack.Message{Blocks: []api.Block{api.NewDividerBlock()}}, nil
		}, "needs text"},
		"too many": {func(slack.Notice) (slack.Message, error) {
			m := slack.Message{Text: "x"}
			for range 51 {
				m.Blocks = append(m.Blocks, api.NewDividerBlock())
			}
			return m, nil
		}, "at most 50 blocks"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorkspace(t)
			err := w.adapter(slack.WithLayout(tt.layout)).Deliver(t.Context(), notice(t, "e1", due()))
			require.ErrorContains(t, err, tt.says)
			require.True(t, adapters.IsPermanent(err))
			require.Empty(t, w.methods())
		})
	}
}

// Whatever people write, the addresses that can be followed are those that end what is said
// of one thing, and no section ends within one.
func TestAddressesInADigest(t *testing.T) {
	w := newWorkspace(t)
	a := w.adapter()
	for in := range hostile {
		n := due()
		n.Title, n.Link, n.Body = "40 check-ins due", "", ""
		for i := range 40 {
			n.Body += in + "https://evil.example/" + in + "\nA check-in is due " + strings.Repeat("on Friday ", i) + "\nhttps://okr.example/" + strings.Repeat("x", 10*i) + "\n\n"
		}
		require.NoError(t, a.Deliver(t.Context(), notice(t, "e1", n)))
		links := 0
		for _, b := range w.posts()[len(w.posts())-1].blocks {
			if b.Type != "section" {
				continue
			}
			links += len(address.FindAllString(b.Text.Text, -1))
			harmless(t, address.ReplaceAllString(b.Text.Text, ""))
		}
		require.Greater(t, links, 10, "%q", in)
	}
}

var address = regexp.MustCompile(`(?m)^<https://okr\.example/x*>$`)
