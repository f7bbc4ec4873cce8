// Package webhook is the adapter that sends events to somebody's HTTPS endpoint,
// signed after Standard Webhooks (https://www.standardwebhooks.com), so that the
// far side can verify them with a ready library in most languages.
//
//	hook, err := webhook.New(webhook.Endpoint{Name: "webhook/acme", URL: url, Secrets: secrets},
//		webhook.OnGone(disable))
//	out.Add(hook, adapters.Facts(), adapters.Tenant("acme"))
//
// # What is sent
//
// Each event is one POST with the event's CloudEvents JSON as its body
// (structured mode, Content-Type application/cloudevents+json), and three
// headers: webhook-id is the event's id and the same at every attempt, so that
// the far side recognises a repetition; webhook-timestamp is the time of the
// attempt, in seconds since 1970; webhook-signature holds one v1 signature
// (HMAC-SHA256 over id, timestamp and body) for each current secret. Messages to
// people are not sent: they are done without a request.
//
// To change a secret, give the new one and the old one to [Adapter.Rotate], wait
// until the far side verifies by the new one, and give the new one alone.
//
// # What the answer means
//
//	2xx                      done
//	410                      the endpoint is gone: [ErrGone], [OnGone], no further request
//	408, 425, 429, 5xx       tried again, after Retry-After if the answer has it
//	no answer, no connection tried again
//	3xx, other 4xx           a dead letter; redirects are not followed
//	a forbidden address      a dead letter: [ErrForbidden]
//
// # Where it connects
//
// Somebody else chooses the URL, so it must not lead into the host's own network.
// Every connection is checked when its address is known and before it is opened,
// so what a name resolves to later does not matter: only public addresses are
// called. [Allow] names exceptions, [Ports] other ports than 443. Proxies of the
// environment are not used, because a proxy would connect unchecked.
//
// Errors name the endpoint's host and the status; never its path or query, which
// may hold a token, nor what the far side wrote, nor an address inside the host's
// network.
package webhook
