package webhook_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/adaptertest"
	"github.com/okrkit/okrkit/adapters/webhook"
	"github.com/okrkit/okrkit/okr"
)

// token stands in each URL's path and query, and must not be seen anywhere else.
const token = "pathtoken4711"

var (
	secretA = "whsec_" + strings.Repeat("QUFB", 8) // 24 bytes, all of them A
	secretB = "whsec_" + strings.Repeat("QkJC", 16)
	secretC = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// request is one that has reached the far side.
type request struct {
	method, path string
	header       http.Header
	body         []byte
}

// farSide is an endpoint: a real server that keeps what reaches it.
type farSide struct {
	*httptest.Server
	mu     sync.Mutex
	got    []request
	answer http.HandlerFunc // nil is 204
}

func (f *farSide) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	f.mu.Lock()
	f.got = append(f.got, request{r.Method, r.URL.String(), r.Header.Clone(), body})
	answer := f.answer
	f.mu.Unlock()
	if answer == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	answer(w, r)
}

func (f *farSide) requests() []request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]request{}, f.got...)
}

func (f *farSide) set(answer http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = answer
}

func (f *farSide) port(t testing.TB) uint16 {
	t.Helper()
	a, err := netip.ParseAddrPort(f.Listener.Addr().String())
	require.NoError(t, err)
	return a.Port()
}

func (f *farSide) url() string { return f.URL + "/hooks/" + token + "?key=" + token }

// newFarSide serves HTTPS, and offers HTTP/2.
func newFarSide(t testing.TB, answer http.HandlerFunc) *farSide {
	t.Helper()
	f := &farSide{answer: answer}
	f.Server = httptest.NewUnstartedServer(f)
	f.EnableHTTP2 = true
	f.StartTLS()
	t.Cleanup(f.Server.Close)
	return f
}

// newPlain serves HTTP at an address.
func newPlain(t testing.TB, address string, answer http.HandlerFunc) *farSide {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
	require.NoError(t, err)
	f := &farSide{answer: answer}
	f.Server = &httptest.Server{Listener: l, Config: &http.Server{Handler: f}}
	f.Start()
	t.Cleanup(f.Server.Close)
	return f
}

func (f *farSide) trust() webhook.Option {
	pool := x509.NewCertPool()
	pool.AddCert(f.Certificate())
	return webhook.TLS(&tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12})
}

// adapter is one that may call the far side.
func (f *farSide) adapter(t testing.TB, opts ...webhook.Option) *webhook.Adapter {
	t.Helper()
	a, err := webhook.New(webhook.Endpoint{Name: "webhook/acme", URL: f.url(), Secrets: []string{secretA}},
		append([]webhook.Option{webhook.Allow(loopback...), webhook.Ports(f.port(t)), f.trust()}, opts...)...)
	require.NoError(t, err)
	t.Cleanup(a.Close)
	return a
}

func event(seq int64) okr.Event {
	e := adaptertest.Event("acme", okr.EventCheckInRecorded, okr.Ref{Kind: okr.KindKeyResult, ID: "kr1"}, seq)
	return e
}

func delivery(seq int64) adapters.Delivery { return adapters.Delivery{Event: event(seq), Attempt: 1} }

func status(code int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, "words of the far side")
	}
}

// requireDiscreet holds an error against what must not be told.
func requireDiscreet(t testing.TB, err error) {
	t.Helper()
	require.Error(t, err)
	for _, s := range []string{token, "QUFB", "AAAA", "words of the far side"} {
		require.NotContains(t, err.Error(), s)
	}
}
