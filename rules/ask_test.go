package rules_test

import (
	"bytes"
	"context"
	"log/slog"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules"
)

// TestLiveOutlivesItsSources: a callback of the host can do anything.
func TestLiveOutlivesItsSources(t *testing.T) {
	env := shopEnv(t)
	one := rules.File{Name: "one.yaml", Text: packFile("one", "true").Data}
	other := rules.File{Name: "one.yaml", Text: packFile("one", "order.total > 1").Data}
	good := func(context.Context) ([]rules.File, error) { return []rules.File{one}, nil }
	better := func(context.Context) ([]rules.File, error) { return []rules.File{other}, nil }
	for name, c := range map[string]struct {
		then rules.SourceFunc
		says string
		is   error
	}{
		"hangs": {func(ctx context.Context) ([]rules.File, error) { <-ctx.Done(); return nil, ctx.Err() },
			"source 2 of 2 has not answered within 5s", context.DeadlineExceeded},
		"hangs and does not listen": {func(context.Context) ([]rules.File, error) { time.Sleep(time.Hour); return nil, nil },
			"source 2 of 2 has not answered within 5s", context.DeadlineExceeded},
		"panics":  {func(context.Context) ([]rules.File, error) { panic("no such table") }, "source 2 of 2 panicked: no such table", nil},
		"ends":    {func(context.Context) ([]rules.File, error) { runtime.Goexit(); return nil, nil }, "source 2 of 2 ended without an answer", nil},
		"forgets": {func(context.Context) ([]rules.File, error) { return nil, nil }, "source 2 of 2 gives no pack any more, where it gave one: is it mounted?", nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var now atomic.Value
				now.Store(rules.SourceFunc(good))
				folder := fstest.MapFS{"two.yaml": packFile("two", "true")}
				live, err := rules.OpenSources(t.Context(), env, rules.Folder(folder),
					rules.SourceFunc(func(ctx context.Context) ([]rules.File, error) { return now.Load().(rules.SourceFunc)(ctx) }))
				require.NoError(t, err)
				var log bytes.Buffer
				live.Log, live.Interval, live.Timeout = slog.New(slog.NewTextHandler(&log, nil)), time.Minute, 5*time.Second
				first := live.Set()
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan error)
				go func() { done <- live.Run(ctx) }()

				now.Store(c.then)
				time.Sleep(10 * time.Minute)
				synctest.Wait()
				require.ErrorContains(t, live.Refused(), c.says)
				if c.is != nil {
					require.ErrorIs(t, live.Refused(), c.is)
				}
				require.Same(t, first, live.Set(), "the last good set stays in force")
				require.Equal(t, 1, bytes.Count(log.Bytes(), []byte("refused")), "told once: %s", log.String())

				now.Store(rules.SourceFunc(better))
				time.Sleep(2 * time.Hour)
				synctest.Wait()
				require.NoError(t, live.Refused())
				require.NotSame(t, first, live.Set(), "the source is asked again when it has come back")
				cancel()
				require.ErrorIs(t, <-done, context.Canceled)
			})
		})
	}
}

func TestOpenSourcesThatFail(t *testing.T) {
	_, err := rules.OpenSources(t.Context(), shopEnv(t), rules.SourceFunc(func(context.Context) ([]rules.File, error) { panic("boom") }))
	require.ErrorContains(t, err, "source 1 of 1 panicked: boom")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := rules.OpenSources(ctx, shopEnv(t), rules.SourceFunc(func(context.Context) ([]rules.File, error) { time.Sleep(time.Minute); return nil, nil }))
		require.ErrorIs(t, err, context.Canceled)
		time.Sleep(time.Hour)
	})
}

func TestMayBeEmpty(t *testing.T) {
	files := []rules.File{{Name: "one.yaml", Text: packFile("one", "true").Data}}
	live, err := rules.OpenSources(t.Context(), shopEnv(t),
		rules.MayBeEmpty(rules.SourceFunc(func(context.Context) ([]rules.File, error) { return files, nil })))
	require.NoError(t, err)
	files = nil
	changed, err := live.Reload(t.Context())
	require.NoError(t, err)
	require.True(t, changed)
	require.Empty(t, live.Set().Packs())
}
