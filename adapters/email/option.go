package email

import (
	"context"
	"crypto/tls"
	htmltemplate "html/template"
	"net"
	texttemplate "text/template"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/okrkit/okrkit/okr"
)

// Option changes an [Adapter].
type Option func(*Adapter)

// Name is the adapter's name; the default is email.
func Name(name string) Option { return func(a *Adapter) { a.name = name } }

// TLS says whether the connection is encrypted by STARTTLS: gomail.TLSMandatory,
// the default, refuses a server that cannot; gomail.TLSOpportunistic takes
// what there is; gomail.NoTLS sends in the clear.
func TLS(p gomail.TLSPolicy) Option { return func(a *Adapter) { a.policy, a.implicit = p, false } }

// ImplicitTLS encrypts from the first byte, as servers on port 465 expect.
func ImplicitTLS() Option { return func(a *Adapter) { a.implicit = true } }

// TLSConfig is used for encryption, such as to trust a company's own
// authority. The default demands TLS 1.2 and a certificate of the server's name.
func TLSConfig(c *tls.Config) Option { return func(a *Adapter) { a.tls = c } }

// Client passes go-mail's own options on, such as WithSMTPAuth, WithUsername,
// WithPassword and WithHELO. What concerns the connection (address, encryption,
// dialling, time) is said by the options of this package, which win.
func Client(opts ...gomail.Option) Option {
	return func(a *Adapter) { a.client = append(a.client, opts...) }
}

// Dial opens connections; the default is a net.Dialer.
func Dial(f func(ctx context.Context, network, addr string) (net.Conn, error)) Option {
	return func(a *Adapter) { a.dial = f }
}

// Timeout bounds one message from dialling to the server's last answer; the
// default is 30 seconds. The router's own may end it sooner.
func Timeout(d time.Duration) Option { return func(a *Adapter) { a.timeout = d } }

// RetryIn is how long a server that answers 4xx, or does not let us in, is left
// alone before the notice is tried again; the default is 5 minutes, which
// greylisting servers ask for.
func RetryIn(d time.Duration) Option { return func(a *Adapter) { a.retryIn = d } }

// MustReach makes a notice to a person without an e-mail address a dead letter:
// for a host that reaches everybody by e-mail. Without it there is nothing to do
// for such a person, as [adapters.AddressBook] has it. Somebody whom the address
// book does not know is a dead letter either way.
func MustReach() Option { return func(a *Adapter) { a.mustReach = true } }

// Domain is the right side of message ids; the default is the sender's.
func Domain(d string) Option { return func(a *Adapter) { a.domain = d } }

// TextTemplate makes the plain text of a [Letter].
func TextTemplate(t *texttemplate.Template) Option { return func(a *Adapter) { a.text = t } }

// HTMLTemplate makes the HTML of a [Letter].
func HTMLTemplate(t *htmltemplate.Template) Option { return func(a *Adapter) { a.html = t } }

// Button is the text of the button in HTML that leads to the link of a notice that has
// no words for it of its own ([okr.Notice]); the default is Open.
func Button(text string) Option { return func(a *Adapter) { a.button = text } }

// Thread says which notices to a person mail clients show as one conversation:
// those of the same key; "" is a conversation of its own. The default is the
// notice's link, which is the page of what it is about, or its title if it has
// no link.
func Thread(key func(okr.Event, okr.NoticeFact) string) Option {
	return func(a *Adapter) { a.thread = key }
}

// Unsubscribe is the address, https or mailto, where the person turns these
// messages off (RFC 2369); "" is none. It stands at the end under the words that the notice
// has for it. With oneClick, an https address takes the
// POST of RFC 8058.
func Unsubscribe(oneClick bool, address func(okr.TenantID, okr.ID) string) Option {
	return func(a *Adapter) { a.unsubscribe, a.oneClick = address, oneClick }
}
