package ical

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"path"
	"strings"

	"github.com/okrkit/okrkit/okr"
)

// ServeHTTP serves the feed whose token is the last part of the path, with or without
// ".ics". What has no token, a wrong one, one that has ended, or one of a person who
// has left is the same 404.
func (f *Feeds) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	calendar, err := f.serve(r.Context(), strings.TrimSuffix(path.Base(r.URL.Path), ".ics"))
	switch {
	case errors.Is(err, okr.ErrNotFound), errors.Is(err, okr.ErrDenied), errors.Is(err, okr.ErrTenant):
		http.NotFound(w, r)
		return
	case err != nil:
		f.config.Log.ErrorContext(r.Context(), "a calendar could not be made", "error", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	sum := sha256.Sum256(calendar.Body)
	h := w.Header()
	h.Set("Content-Type", "text/calendar; charset=utf-8")
	h.Set("Content-Disposition", `inline; filename="okr.ics"`)
	h.Set("Cache-Control", "private, max-age=300")
	h.Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex")
	http.ServeContent(w, r, "", calendar.Changed, bytes.NewReader(calendar.Body))
}

func (f *Feeds) serve(ctx context.Context, token string) (Calendar, error) {
	tenant, feed, err := f.open(ctx, token)
	if err != nil {
		return Calendar{}, err
	}
	return f.Calendar(ctx, tenant, feed)
}
