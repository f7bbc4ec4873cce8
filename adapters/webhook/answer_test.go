package webhook_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/webhook"
)

func TestWhatAStatusMeans(t *testing.T) {
	const done, permanent, again = "done", "permanent", "again"
	for code, want := range map[int]string{
		200: done, 201: done, 202: done, 204: done, 226: done, 299: done,
		300: permanent, 301: permanent, 302: permanent, 304: permanent, 307: permanent, 308: permanent,
		400: permanent, 401: permanent, 403: permanent, 404: permanent, 405: permanent, 409: permanent, 413: permanent, 422: permanent, 451: permanent, 499: permanent,
		408: again, 425: again, 429: again,
		500: again, 501: again, 502: again, 503: again, 504: again, 507: again, 599: again,
	} {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			f := newFarSide(t, status(code))
			err := f.adapter(t).Deliver(t.Context(), delivery(1))
			if want == done {
				require.NoError(t, err)
				return
			}
			requireDiscreet(t, err)
			var s *webhook.StatusError
			require.ErrorAs(t, err, &s)
			require.Equal(t, code, s.Status)
			require.Contains(t, err.Error(), strconv.Itoa(code))
			require.Contains(t, err.Error(), strings.TrimPrefix(f.URL, "https://"))
			require.Equal(t, want == permanent, adapters.IsPermanent(err))
			require.NotErrorIs(t, err, webhook.ErrGone)
			_, asked := adapters.RetryDelay(err)
			require.False(t, asked)
			require.Len(t, f.requests(), 1)
		})
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	const none = -1
	for _, c := range []struct {
		code int
		says string
		want time.Duration
	}{
		{429, "1", time.Second},
		{429, "120", 2 * time.Minute},
		{503, "120", 2 * time.Minute},
		{502, "7", 7 * time.Second},
		{503, " 30 ", 30 * time.Second},
		{503, "007", 7 * time.Second},
		{503, "86400", 24 * time.Hour},
		{503, "86401", webhook.MaxRetryAfter},
		{503, "9223372037", webhook.MaxRetryAfter}, // more nanoseconds than an int64 holds
		{503, strings.Repeat("9", 40), webhook.MaxRetryAfter},
		{429, "0", none},
		{429, "-5", none},
		{429, "+5", none},
		{429, "1.5", none},
		{429, "1e3", none},
		{429, "soon", none},
		{429, "٣", none},
		{429, "PT5M", none},
		{429, "Fri, 20 Nov 2026 12:05:00 GMT", 5 * time.Minute},
		{503, "Fri, 20 Nov 2026 12:00:01 GMT", time.Second},
		{503, "Friday, 20-Nov-26 12:05:00 GMT", 5 * time.Minute},
		{503, "Fri Nov 20 12:05:00 2026", 5 * time.Minute},
		{503, "Fri, 31 Dec 9999 23:59:59 GMT", webhook.MaxRetryAfter},
		{503, "Fri, 20 Nov 2026 12:00:00 GMT", none},
		{503, "Fri, 20 Nov 2026 11:00:00 GMT", none},
		{503, "Mon, 01 Jan 0001 00:00:00 GMT", none},
		{503, "Fri, 20 Nov 2026 25:00:00 GMT", none},
	} {
		t.Run(strconv.Itoa(c.code)+" "+c.says, func(t *testing.T) {
			f := newFarSide(t, status(c.code, "Retry-After", c.says))
			err := f.adapter(t, webhook.Clock(func() time.Time { return now })).Deliver(t.Context(), delivery(1))
			require.Error(t, err)
			require.False(t, adapters.IsPermanent(err))
			got, asked := adapters.RetryDelay(err)
			require.Equal(t, c.want != none, asked)
			if asked {
				require.Equal(t, c.want, got)
			}
		})
	}
	f := newFarSide(t, status(404, "Retry-After", "5"))
	err := f.adapter(t).Deliver(t.Context(), delivery(1))
	require.True(t, adapters.IsPermanent(err), "a 404 is not cured by waiting")
}

func TestEndpointThatIsGoneIsNotCalledAgain(t *testing.T) {
	const n = 8
	arrived := make(chan struct{}, n)
	release := make(chan struct{})
	f := newFarSide(t, func(w http.ResponseWriter, _ *http.Request) {
		arrived <- struct{}{}
		<-release
		w.WriteHeader(http.StatusGone)
	})
	var told atomic.Int32
	a := f.adapter(t, webhook.OnGone(func(ctx context.Context) {
		told.Add(1)
		_, bounded := ctx.Deadline()
		if bounded || ctx.Err() != nil {
			told.Add(100)
		}
	}))
	errs := make(chan error, n)
	for i := range n {
		go func() { errs <- a.Deliver(t.Context(), delivery(int64(i+1))) }()
	}
	for range n {
		<-arrived
	}
	close(release)
	for range n {
		err := <-errs
		require.ErrorIs(t, err, webhook.ErrGone)
		require.True(t, adapters.IsPermanent(err))
		requireDiscreet(t, err)
	}
	require.EqualValues(t, 1, told.Load(), "once, with a context that outlives the delivery")
	for _, redriven := range []bool{false, true} {
		d := delivery(99)
		d.Redriven = redriven
		err := a.Deliver(t.Context(), d)
		require.ErrorIs(t, err, webhook.ErrGone)
		require.True(t, adapters.IsPermanent(err))
	}
	require.Len(t, f.requests(), n)
	require.EqualValues(t, 1, told.Load())

	f.set(nil)
	require.NoError(t, f.adapter(t).Deliver(t.Context(), delivery(99)), "a new adapter is how it is enabled again")
}

func TestEndpointsThatDoNotAnswerProperly(t *testing.T) {
	raw := func(say string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			c, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, say)
			_ = c.Close()
		}
	}
	for name, answer := range map[string]http.HandlerFunc{
		"closes":          raw(""),
		"no HTTP":         raw("words of the far side\r\n\r\n"),
		"half a status":   raw("HTTP/1.1 20"),
		"status of words": raw("HTTP/1.1 words of the far side\r\n\r\n"),
		"endless header":  raw("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<20) + "\r\n\r\n"),
		"many headers":    raw("HTTP/1.1 200 OK\r\n" + strings.Repeat("X: words of the far side\r\n", 1<<15) + "\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			f := newPlain(t, "127.0.0.1:0", answer)
			a, err := webhook.New(webhook.Endpoint{Name: "w", URL: f.url(), Secrets: []string{secretA}},
				webhook.PlainHTTP(), webhook.Allow(loopback...), webhook.Ports(f.port(t)))
			require.NoError(t, err)
			defer a.Close()
			err = a.Deliver(t.Context(), delivery(1))
			requireDiscreet(t, err)
			require.False(t, adapters.IsPermanent(err), "%v", err)
			require.Less(t, len(err.Error()), 500)
		})
	}
}

// An answer is an answer when its status is there: an endless body neither keeps
// the adapter nor fills its memory.
func TestEndlessBodyIsNotReadToItsEnd(t *testing.T) {
	for name, c := range map[string]struct {
		chunk int
		pause time.Duration
	}{"a flood": {1 << 14, 0}, "drop by drop": {1, 20 * time.Millisecond}} {
		t.Run(name, func(t *testing.T) {
			ended := make(chan int, 1)
			f := newFarSide(t, func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(http.StatusOK)
				n := 0
				for r.Context().Err() == nil {
					k, err := w.Write(make([]byte, c.chunk))
					if err != nil || http.NewResponseController(w).Flush() != nil {
						break
					}
					n += k
					time.Sleep(c.pause)
				}
				ended <- n
			})
			a := f.adapter(t)
			require.NoError(t, a.Deliver(t.Context(), delivery(1)))
			require.Less(t, <-ended, 64<<20)
		})
	}
}

func TestTimeout(t *testing.T) {
	release := make(chan struct{})
	f := newFarSide(t, func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	err := f.adapter(t, webhook.Timeout(50*time.Millisecond)).Deliver(t.Context(), delivery(1))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.False(t, adapters.IsPermanent(err))
	requireDiscreet(t, err)

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the router stops"))
	err = f.adapter(t).Deliver(ctx, delivery(1))
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, adapters.IsPermanent(err))
}

func TestServerThatIsDownOrNotTrusted(t *testing.T) {
	f := newFarSide(t, nil)
	a, err := webhook.New(webhook.Endpoint{Name: "w", URL: f.url(), Secrets: []string{secretA}}, webhook.Allow(loopback...), webhook.Ports(f.port(t)))
	require.NoError(t, err)
	err = a.Deliver(t.Context(), delivery(1))
	requireDiscreet(t, err)
	require.ErrorContains(t, err, "certificate")
	require.False(t, adapters.IsPermanent(err), "a certificate is renewed")
	require.Empty(t, f.requests())

	trusted := f.adapter(t)
	f.Server.Close()
	err = trusted.Deliver(t.Context(), delivery(1))
	requireDiscreet(t, err)
	require.False(t, adapters.IsPermanent(err))
}
