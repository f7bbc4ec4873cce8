package xslog

import (
	"context"
	"log/slog"
	"slices"

	xslog "golang.org/x/exp/slog"
)

// Handler is a [slog.Handler] that hands every record on to a handler of
// golang.org/x/exp/slog. It is safe for concurrent use if that one is.
type Handler struct {
	next xslog.Handler
	// groups were opened and have no attribute yet. They are opened in next with
	// their first attribute: a group without any is not to be written, and older
	// handlers of x/exp/slog write it.
	groups []string
}

var _ slog.Handler = (*Handler)(nil)

// NewHandler is the bridge to next.
func NewHandler(next xslog.Handler) *Handler { return &Handler{next: next} }

// NewLogger is a standard logger that writes where l writes.
func NewLogger(l *xslog.Logger) *slog.Logger { return slog.New(NewHandler(l.Handler())) }

// Enabled asks the handler behind.
func (h *Handler) Enabled(ctx context.Context, l slog.Level) bool {
	return h.next.Enabled(ctx, xslog.Level(l))
}

// Handle hands the record on: time, level, message, source position and every
// attribute. The error is that of the handler behind.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	out := xslog.NewRecord(r.Time, xslog.Level(r.Level), r.Message, r.PC)
	attrs := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	next := h.next
	if converted := convertAttrs(attrs); len(converted) > 0 {
		next = h.open()
		out.AddAttrs(converted...)
	}
	return next.Handle(ctx, out)
}

// WithAttrs is the handler with the attributes in the groups that are open.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	converted := convertAttrs(attrs)
	if len(converted) == 0 {
		return h
	}
	return &Handler{next: h.open().WithAttrs(converted)}
}

// WithGroup is the handler with a further group open. An empty name opens none.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &Handler{next: h.next, groups: append(slices.Clip(h.groups), name)}
}

func (h *Handler) open() xslog.Handler {
	next := h.next
	for _, g := range h.groups {
		next = next.WithGroup(g)
	}
	return next
}
