package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/okrkit/okrkit/adapters"
)

// MaxRetryAfter is the longest that an endpoint can put an event off by
// Retry-After.
const MaxRetryAfter = 24 * time.Hour

// What went wrong, for errors.Is.
var (
	// ErrGone says that the endpoint has answered 410 and is not called any more.
	ErrGone = errors.New("webhook: the endpoint is gone")
	// ErrForbidden says that the endpoint's host has an address or port that may
	// not be called; see [Allow] and [Ports].
	ErrForbidden = errors.New("webhook: the address may not be called")
)

// StatusError is an answer other than 2xx.
type StatusError struct {
	Host   string // the endpoint's, with its port if the URL has one
	Status int    // the HTTP status
}

func (e *StatusError) Error() string {
	s := fmt.Sprintf("webhook: %s answered %d %s", e.Host, e.Status, http.StatusText(e.Status))
	if e.Status >= 300 && e.Status < 400 {
		s += "; redirects are not followed, use the URL that this one leads to"
	}
	return strings.TrimSpace(s)
}

// Is makes a 410 match [ErrGone].
func (e *StatusError) Is(target error) bool {
	return target == ErrGone && e.Status == http.StatusGone
}

// answered says what the answer means for the event.
func (a *Adapter) answered(ctx context.Context, resp *http.Response) error {
	code := resp.StatusCode
	if code >= 200 && code < 300 {
		return nil
	}
	err := &StatusError{Host: a.host, Status: code}
	switch {
	case code == http.StatusGone:
		if a.gone.CompareAndSwap(false, true) {
			a.onGone(ctx)
		}
		return adapters.Permanent(err)
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests, code >= 500:
		if after, ok := retryAfter(resp.Header, a.clock()); ok {
			return adapters.RetryAfter(after, err)
		}
		return err
	}
	return adapters.Permanent(err)
}

// retryAfter is how long the answer asks to wait: in seconds, or until an HTTP
// date. What is not in the future is left to the router's backoff, so that no
// endpoint has itself called without pause.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	s := strings.TrimSpace(h.Get("Retry-After"))
	if s == "" {
		return 0, false
	}
	if strings.Trim(s, "0123456789") == "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n > int64(MaxRetryAfter/time.Second) {
			return MaxRetryAfter, true // more than an int64 holds is still a number
		}
		return time.Duration(n) * time.Second, n > 0
	}
	at, err := http.ParseTime(s)
	if err != nil {
		return 0, false
	}
	d := at.Sub(now)
	return min(d, MaxRetryAfter), d > 0
}
