package webhook

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"

	"github.com/okrkit/okrkit/adapters"
)

// requestError is a request without an answer.
type requestError struct {
	host   string
	reason string
	err    error
}

func (e *requestError) Error() string { return fmt.Sprintf("webhook: %s: %.300s", e.host, e.reason) }
func (e *requestError) Unwrap() error { return e.err }

// failed is why there is no answer. A refused address is refused for good, all
// else is tried again.
func (a *Adapter) failed(ctx context.Context, err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if ended := ctx.Err(); ended != nil && !errors.Is(err, ended) {
		err = fmt.Errorf("%w: %w", ended, err) // net/http answers with the context's cause alone
	}
	out := &requestError{a.host, reason(err), err}
	if errors.Is(err, ErrForbidden) {
		return adapters.Permanent(out)
	}
	return out
}

// reason says in words what can be shown to whoever chose the URL. The errors of
// net and net/http hold more than that: addresses of this machine, of its name
// server and of what its names resolve to, and what the far side wrote.
func reason(err error) string {
	var (
		name    *net.DNSError
		op      *net.OpError
		cert    *tls.CertificateVerificationError
		timeout net.Error
	)
	switch {
	case errors.Is(err, ErrForbidden):
		return "its address may not be called"
	case errors.Is(err, context.Canceled):
		return "the attempt was cancelled"
	case errors.As(err, &name):
		if name.IsNotFound {
			return "there is no such host"
		}
		return "its name cannot be looked up"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.As(err, &cert):
		return cert.Error()
	case errors.As(err, &op):
		return op.Op + ": " + op.Err.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed before an answer"
	}
	return "its answer is no HTTP that can be read"
}
