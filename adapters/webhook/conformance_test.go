package webhook_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/okrkit/okrkit/adapters/adaptertest"
)

// TestAdapter runs the suite against a receiver that does what Standard Webhooks
// asks of one: it knows a repetition by its webhook-id.
func TestAdapter(t *testing.T) {
	adaptertest.TestAdapter(t, func(t testing.TB) adaptertest.AdapterFixture {
		var (
			mu      sync.Mutex
			effects []string
			seen    = map[string]bool{}
		)
		work := func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			if id := r.Header.Get("webhook-id"); !seen[id] {
				seen[id] = true
				effects = append(effects, id)
			}
			w.WriteHeader(http.StatusAccepted)
		}
		f := newFarSide(t, work)
		a := f.adapter(t)
		return adaptertest.AdapterFixture{
			Adapter: a,
			Effects: func() []string {
				mu.Lock()
				defer mu.Unlock()
				return append([]string{}, effects...)
			},
			Break: func() func() {
				f.set(status(http.StatusBadGateway))
				return func() { f.set(work) }
			},
			Hang: func() func() {
				release := make(chan struct{})
				f.set(func(http.ResponseWriter, *http.Request) { <-release })
				return func() { close(release) }
			},
			Idempotent: true,
			Close:      a.Close,
		}
	})
}
