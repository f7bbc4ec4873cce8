package email_test

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/email"
	"github.com/okrkit/okrkit/okr"
)

type staff map[okr.ID]string

func (s staff) Addresses(_ context.Context, _ okr.TenantID, person okr.ID) (map[adapters.Channel]string, error) {
	return map[adapters.Channel]string{adapters.ChannelEmail: s[person]}, nil
}

// A message is looked at before anybody gets one. To send, the adapter goes to
// a router: router.Add(mail, adapters.Notices()).
func ExampleAdapter_Preview() {
	mail, err := email.New("smtp.acme.example:587", "OKRs <okr@acme.example>", staff{"kim": "kim@acme.example"})
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := mail.Preview(context.Background(), okr.Event{
		ID: "e1", Type: okr.EventNoticeReady, Tenant: "acme", Time: time.Date(2026, 10, 5, 8, 0, 0, 0, time.UTC),
		Data: json.RawMessage(`{"to":"kim","kind":"checkin-due","title":"Trial conversion is due on Monday","body":"The last number is 9 days old.","link":"https://okr.acme.example/kr/1"}`),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("To:", m.To)
	fmt.Println("Subject:", m.Subject)
	fmt.Println("Message-ID:", m.ID)
	fmt.Println()
	fmt.Print(m.Text)
	// Output:
	// To: <kim@acme.example>
	// Subject: Trial conversion is due on Monday
	// Message-ID: <e1@acme.example>
	//
	// Trial conversion is due on Monday
	//
	// The last number is 9 days old.
	//
	// https://okr.acme.example/kr/1
}
