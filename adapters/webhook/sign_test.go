package webhook_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/adaptertest"
	"github.com/okrkit/okrkit/adapters/membus"
	"github.com/okrkit/okrkit/adapters/webhook"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store/memory"
)

func verify(t testing.TB, secret string, r request) error {
	t.Helper()
	wh, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	return wh.Verify(r.body, r.header)
}

// Every type of fact travels over a bus and a router to a server, as the bytes
// that were published, with a signature that the reference library takes.
func TestEventsReachAnEndpoint(t *testing.T) {
	f := newFarSide(t, nil)
	bus, store := membus.New(), memory.New()
	router := adapters.NewRouter(bus, adapters.Config{Inbox: store, DeadLetters: store})
	router.Add(f.adapter(t), adapters.Ordered(), adapters.FromStart(), adapters.Tenant("acme"))
	want := map[string]string{}
	for i, kind := range append(adaptertest.Types(), "okr.v1.weather.changed") {
		for _, tenant := range []okr.TenantID{"acme", "other"} {
			e := adaptertest.Event(tenant, kind, okr.Ref{Kind: okr.KindKeyResult, ID: "kr1"}, int64(i+1))
			wire, err := e.AppendCloudEvent(nil)
			require.NoError(t, err)
			require.NoError(t, bus.Publish(t.Context(), okr.Outgoing{ID: e.ID, Tenant: tenant, Type: kind, Aggregate: e.Aggregate, Seq: e.Seq, Wire: wire, Attempt: 1}))
			if tenant == "acme" && kind != okr.EventNoticeReady {
				want[e.ID] = string(wire)
			}
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- router.Run(ctx) }()
	require.NoError(t, router.Idle(ctx))
	stop()
	require.NoError(t, <-done)

	got := map[string]string{}
	for _, r := range f.requests() {
		require.Equal(t, http.MethodPost, r.method)
		require.Equal(t, "/hooks/"+token+"?key="+token, r.path)
		require.Equal(t, "application/cloudevents+json; charset=utf-8", r.header.Get("Content-Type"))
		require.NoError(t, verify(t, secretA, r))
		got[r.header.Get("webhook-id")] = string(r.body)
	}
	require.Equal(t, want, got)
}

// Two implementations that agree could be wrong together: this one is written
// down from the specification.
func TestSignatureIsThatOfTheSpecification(t *testing.T) {
	f := newFarSide(t, nil)
	at := time.Date(2026, 10, 5, 8, 0, 0, 999_999_999, time.FixedZone("", 3600))
	a := f.adapter(t, webhook.Clock(func() time.Time { return at }))
	require.NoError(t, a.Deliver(t.Context(), delivery(7)))
	r := f.requests()[0]
	require.Equal(t, fmt.Sprint(at.Unix()), r.header.Get("webhook-timestamp"))
	mac := hmac.New(sha256.New, bytes.Repeat([]byte("A"), 24))
	fmt.Fprintf(mac, "%s.%d.%s", event(7).ID, at.Unix(), r.body)
	require.Equal(t, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)), r.header.Get("webhook-signature"))
}

func TestWhatWasChangedOnTheWayIsNotVerified(t *testing.T) {
	f := newFarSide(t, nil)
	require.NoError(t, f.adapter(t).Deliver(t.Context(), delivery(1)))
	for name, change := range map[string]func(r *request){
		"body": func(r *request) { r.body = append(r.body, ' ') },
		"id":   func(r *request) { r.header.Set("webhook-id", "another") },
		"time": func(r *request) {
			sent, err := strconv.ParseInt(r.header.Get("webhook-timestamp"), 10, 64)
			require.NoError(t, err)
			r.header.Set("webhook-timestamp", fmt.Sprint(sent-2))
		},
		"signature": func(r *request) { r.header.Set("webhook-signature", "v1,"+strings.Repeat("A", 43)+"=") },
	} {
		r := f.requests()[0]
		r.header = r.header.Clone()
		require.NoError(t, verify(t, secretA, r))
		change(&r)
		require.ErrorIs(t, verify(t, secretA, r), standardwebhooks.ErrNoMatchingSignature, name)
	}
	require.Error(t, verify(t, secretB, f.requests()[0]))
}

func TestSecretsRotate(t *testing.T) {
	f := newFarSide(t, nil)
	a := f.adapter(t)
	for i, c := range []struct{ current, past []string }{
		{[]string{secretA}, []string{secretB, secretC}},
		{[]string{secretB, secretA}, []string{secretC}},
		{[]string{secretC, secretB, secretA}, nil},
		{[]string{secretC}, []string{secretA, secretB}},
	} {
		require.NoError(t, a.Rotate(c.current...))
		require.NoError(t, a.Deliver(t.Context(), delivery(int64(i+1))))
		r := f.requests()[i]
		require.Len(t, strings.Fields(r.header.Get("webhook-signature")), len(c.current))
		for _, s := range c.current {
			require.NoError(t, verify(t, s, r))
		}
		for _, s := range c.past {
			require.ErrorIs(t, verify(t, s, r), standardwebhooks.ErrNoMatchingSignature)
		}
	}
	require.ErrorIs(t, a.Rotate(secretA, "whsec_short"), okr.ErrInvalid)
	require.NoError(t, a.Deliver(t.Context(), delivery(9)))
	last := f.requests()[4]
	require.NoError(t, verify(t, secretC, last), "a rotation that fails changes nothing")
	require.Error(t, verify(t, secretA, last))
}

// An attempt is signed with its own time, so that a late retry is inside the
// receiver's window, and what somebody recorded and sends again is not.
func TestReplayWindow(t *testing.T) {
	f := newFarSide(t, status(http.StatusServiceUnavailable))
	now := time.Now()
	a := f.adapter(t, webhook.Clock(func() time.Time { return now }))
	try := func(at time.Time) request {
		now = at
		_ = a.Deliver(t.Context(), delivery(1))
		all := f.requests()
		return all[len(all)-1]
	}
	today := time.Now()
	require.ErrorIs(t, verify(t, secretA, try(today.Add(-6*time.Minute))), standardwebhooks.ErrMessageTooOld)
	require.NoError(t, verify(t, secretA, try(today.Add(-4*time.Minute))))
	second := try(today)
	require.NoError(t, verify(t, secretA, second))
	require.ErrorIs(t, verify(t, secretA, try(today.Add(6*time.Minute))), standardwebhooks.ErrMessageTooNew)
	first := f.requests()[0]
	require.Equal(t, first.header.Get("webhook-id"), second.header.Get("webhook-id"))
	require.Equal(t, first.body, second.body)
	require.NotEqual(t, first.header.Get("webhook-signature"), second.header.Get("webhook-signature"))
}

func TestNewSecret(t *testing.T) {
	s, err := webhook.NewSecret(bytes.NewReader(bytes.Repeat([]byte{0xfb}, 32)))
	require.NoError(t, err)
	require.Equal(t, "whsec_"+base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xfb}, 32)), s)
	_, err = webhook.New(webhook.Endpoint{Name: "w", URL: "https://example.com", Secrets: []string{s}})
	require.NoError(t, err)
	_, err = webhook.NewSecret(strings.NewReader("too short"))
	require.Error(t, err)
}

func TestSecretsThatAreNone(t *testing.T) {
	for name, secrets := range map[string][]string{
		"none":             nil,
		"empty":            {""},
		"no prefix":        {strings.TrimPrefix(secretA, "whsec_")},
		"prefix alone":     {"whsec_"},
		"asymmetric":       {"whsk_" + strings.Repeat("QUFB", 8)},
		"23 bytes":         {"whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("A"), 23))},
		"65 bytes":         {"whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("A"), 65))},
		"not base64":       {"whsec_" + strings.Repeat("AAAA", 8) + "!!AA"},
		"base64 for URLs":  {"whsec_" + strings.Repeat("AA-_", 8)},
		"a line break":     {"whsec_" + strings.Repeat("AAAA", 8) + "\n"},
		"no padding":       {"whsec_" + strings.Repeat("AAAA", 8) + "AA"},
		"second is broken": {secretB, "AAAAQUFB"},
		"eleven":           strings.Split(strings.Repeat(secretA+" ", 10)+secretA, " "),
	} {
		_, err := webhook.New(webhook.Endpoint{Name: "w", URL: "https://example.com/" + token, Secrets: secrets})
		var invalid *okr.InvalidError
		require.ErrorAs(t, err, &invalid, name)
		require.Contains(t, invalid.Field, "secrets", name)
		requireDiscreet(t, err)
	}
}

func TestNoSecretIsPrinted(t *testing.T) {
	a, err := webhook.New(webhook.Endpoint{Name: "w", URL: "https://example.com/", Secrets: []string{secretA, secretC}})
	require.NoError(t, err)
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		s := fmt.Sprintf(format, a)
		require.NotContains(t, s, "QUFB")
		require.NotContains(t, s, "AAAA")
		require.NotContains(t, s, "65 65 65")
		require.NotContains(t, s, "0x41, 0x41")
	}
}

// What cannot be signed beyond doubt is not sent.
func TestEventsThatCannotBeSent(t *testing.T) {
	f := newFarSide(t, nil)
	a := f.adapter(t)
	for _, id := range []string{"", "a.b", "a b", "a\r\nX-Evil: 1", "ü", "a\x00", strings.Repeat("x", 257)} {
		d := delivery(1)
		d.Event.ID = id
		err := a.Deliver(t.Context(), d)
		require.True(t, adapters.IsPermanent(err), "%q: %v", id, err)
	}
	d := delivery(1)
	d.Event.Data = []byte(`{"broken`)
	require.True(t, adapters.IsPermanent(a.Deliver(t.Context(), d)))
	require.Empty(t, f.requests())
}

func TestMessagesToPeopleAreNotSent(t *testing.T) {
	f := newFarSide(t, nil)
	e := adaptertest.Event("acme", okr.EventNoticeReady, okr.Ref{Kind: "notice", ID: "n1"}, 1)
	require.NoError(t, f.adapter(t).Deliver(t.Context(), adapters.Delivery{Event: e, Attempt: 1}))
	require.Empty(t, f.requests())
}

var errDisk = errors.New("disk")

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errDisk }

func TestNewSecretSaysWhyThereIsNone(t *testing.T) {
	_, err := webhook.NewSecret(brokenReader{})
	require.ErrorIs(t, err, errDisk)
}
