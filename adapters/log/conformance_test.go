package log_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"

	"github.com/okrkit/okrkit/adapters/adaptertest"
	"github.com/okrkit/okrkit/adapters/log"
)

// handler remembers the event of each record.
type handler struct {
	mu  sync.Mutex
	ids []string
}

func (h *handler) Enabled(context.Context, slog.Level) bool { return true }
func (h *handler) WithAttrs([]slog.Attr) slog.Handler       { return h }
func (h *handler) WithGroup(string) slog.Handler            { return h }

func (h *handler) Handle(_ context.Context, r slog.Record) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "event" {
			h.ids = append(h.ids, a.Value.String())
		}
		return true
	})
	return nil
}

func (h *handler) seen() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string{}, h.ids...)
}

func TestAdapter(t *testing.T) {
	adaptertest.TestAdapter(t, func(testing.TB) adaptertest.AdapterFixture {
		h := &handler{}
		return adaptertest.AdapterFixture{Adapter: log.New(slog.New(h), log.Bodies()), Effects: h.seen}
	})
}
