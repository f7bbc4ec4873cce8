package webhook_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/adaptertest"
	"github.com/okrkit/okrkit/adapters/webhook"
	"github.com/okrkit/okrkit/okr"
)

// The far side verifies with a library of Standard Webhooks.
func Example() {
	secret, err := webhook.NewSecret(rand.Reader)
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		wh, err := standardwebhooks.NewWebhook(secret)
		if err != nil || wh.Verify(body, r.Header) != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		e, err := okr.ParseCloudEvent(body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		fmt.Println("verified:", e.Type, "of", e.Aggregate)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()

	// The server of this example is inside, and so is allowed by name.
	at := netip.MustParseAddrPort(server.Listener.Addr().String())
	hook, err := webhook.New(webhook.Endpoint{Name: "webhook/acme", URL: server.URL, Secrets: []string{secret}},
		webhook.PlainHTTP(), webhook.Ports(at.Port()), webhook.Allow(netip.PrefixFrom(at.Addr(), at.Addr().BitLen())),
		webhook.OnGone(func(context.Context) { fmt.Println("disable it") }))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer hook.Close()

	// A router does this: router.Add(hook, adapters.Facts(), adapters.Tenant("acme")).
	e := adaptertest.Event("acme", okr.EventCheckInRecorded, okr.Ref{Kind: okr.KindKeyResult, ID: "kr1"}, 1)
	if err := hook.Deliver(context.Background(), adapters.Delivery{Event: e, Attempt: 1}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// verified: okr.v1.checkin.recorded of key_result/kr1
}
