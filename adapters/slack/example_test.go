package slack_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/okrkit/okrkit/adapters/slack"
	"github.com/okrkit/okrkit/okr"
)

func ExampleAdapter_Preview() {
	out := slack.New("xoxb-…", nil, slack.WithLayout(slack.Standard("Check in")))
	preview, err := out.Preview(okr.Event{
		ID: "e1", Type: okr.EventNoticeReady, Tenant: "acme", Time: time.Date(2026, 10, 5, 8, 0, 0, 0, time.UTC),
		Data: json.RawMessage(`{"to":"kim","kind":"checkin-due","title":"A check-in is due","body":"R&D: <!channel> has heard nothing for 9 days","link":"https://okr.example/me"}`),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var m struct {
		Blocks []struct {
			Type string
			Text struct{ Text string }
		}
	}
	if err := json.Unmarshal(preview, &m); err != nil {
		fmt.Println(err)
		return
	}
	for _, b := range m.Blocks {
		fmt.Println(strings.TrimSpace(b.Type + " " + b.Text.Text))
	}
	// Output:
	// header A check-in is due
	// section R&amp;D: &lt;!channel&gt; has heard nothing for 9 days
	// context
	// actions
}
