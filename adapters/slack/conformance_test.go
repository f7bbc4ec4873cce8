package slack_test

import (
	"net/http"
	"testing"

	"github.com/okrkit/okrkit/adapters/adaptertest"
	"github.com/okrkit/okrkit/okr"
)

func TestAdapter(t *testing.T) {
	adaptertest.TestAdapter(t, func(t testing.TB) adaptertest.AdapterFixture {
		w := newWorkspace(t)
		return adaptertest.AdapterFixture{
			Adapter: w.adapter(),
			Effects: w.events,
			Event: func(n int) okr.Event {
				return adaptertest.Event("acme", okr.EventNoticeReady, okr.Ref{Kind: "notice", ID: "n1"}, int64(n))
			},
			Break: func() func() {
				w.answers(func(_ string, rw http.ResponseWriter, _ *http.Request) bool {
					http.Error(rw, "<html>", http.StatusServiceUnavailable)
					return true
				})
				return func() { w.answers(nil) }
			},
			Hang: func() func() {
				release := make(chan struct{})
				w.mu.Lock()
				w.hang = release
				w.mu.Unlock()
				return func() { close(release) }
			},
			Idempotent: true,
			Close:      w.Client().CloseIdleConnections,
		}
	})
}
