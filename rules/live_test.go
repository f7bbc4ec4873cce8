package rules_test

import (
	"bytes"
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules"
)

func packFile(name, check string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(pack(name, "rules:\n  - {id: r, on: order, message: no, check: '"+check+"'}\n"))}
}

func TestLive(t *testing.T) {
	starter := fstest.MapFS{"starter.yaml": packFile("starter", "true"), "README.md": {Data: []byte("no pack")}}
	own := fstest.MapFS{
		"sales/own.yml":           packFile("own", "order.total > 1"),
		"..2026_01_01/hidden.yml": packFile("own", "true"),
		".hidden.yaml":            packFile("own", "true"),
	}
	live, err := rules.Open(shopEnv(t), starter, own)
	require.NoError(t, err)
	first := live.Set()
	require.Len(t, first.Packs(), 2)
	require.Equal(t, "own", first.Packs()[0].Name)
	require.Equal(t, "sales/own.yml", first.Packs()[0].File)

	changed, err := live.Reload(t.Context())
	require.NoError(t, err)
	require.False(t, changed)
	require.Same(t, first, live.Set())

	own["sales/own.yml"] = packFile("own", "order.totl > 1")
	for range 2 { // the second time it is not even compiled
		changed, err = live.Reload(t.Context())
		require.ErrorIs(t, err, rules.ErrInvalid)
		require.False(t, changed)
		require.Same(t, first, live.Set(), "the last good set stays in force")
		require.ErrorContains(t, live.Refused(), "did you mean order.total?")
	}

	own["sales/own.yml"] = packFile("own", "order.total > 2")
	changed, err = live.Reload(t.Context())
	require.NoError(t, err)
	require.True(t, changed)
	require.NoError(t, live.Refused())
	require.NotEqual(t, first.Packs()[0].Digest, live.Set().Packs()[0].Digest)

	own["other.yaml"] = packFile("own", "true")
	_, err = live.Reload(t.Context())
	require.ErrorContains(t, err, "the pack own is there already, in other.yaml")
	delete(own, "other.yaml")
	changed, err = live.Reload(t.Context())
	require.NoError(t, err)
	require.True(t, changed, "back to what was good")
}

func TestOpenRefuses(t *testing.T) {
	_, err := rules.Open(shopEnv(t), fstest.MapFS{"a.yaml": packFile("a", "order.totl > 1"), "b.yaml": packFile("b", "1")})
	var all rules.Errors
	require.ErrorAs(t, err, &all)
	require.Len(t, all, 2, "every mistake of every file at once")

	_, err = rules.Open(shopEnv(t), os.DirFS(filepath.Join(t.TempDir(), "nowhere")))
	require.ErrorIs(t, err, fs.ErrNotExist)

	_, err = rules.Open(shopEnv(t), fstest.MapFS{"big.yaml": {Data: bytes.Repeat([]byte("#"), 1<<20+1)}})
	require.ErrorContains(t, err, "the limit is 1048576")
}

// TestLiveFollowsMountedConfigMaps: files are links into a folder that is
// swapped as a whole.
func TestLiveFollowsMountedConfigMaps(t *testing.T) {
	dir := t.TempDir()
	write := func(version, check string) {
		t.Helper()
		require.NoError(t, os.MkdirAll(filepath.Join(dir, version), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, version, "p.yaml"), packFile("p", check).Data, 0o644))
		require.NoError(t, os.Symlink(version, filepath.Join(dir, "..tmp")))
		require.NoError(t, os.Rename(filepath.Join(dir, "..tmp"), filepath.Join(dir, "..data")))
	}
	write("..1", "true")
	require.NoError(t, os.Symlink(filepath.Join("..data", "p.yaml"), filepath.Join(dir, "p.yaml")))
	live, err := rules.Open(shopEnv(t), os.DirFS(dir))
	require.NoError(t, err)
	require.Len(t, live.Set().Packs(), 1)
	before := live.Set().Packs()[0].Digest
	write("..2", "false")
	changed, err := live.Reload(t.Context())
	require.NoError(t, err)
	require.True(t, changed)
	require.NotEqual(t, before, live.Set().Packs()[0].Digest)
}

func TestLiveRun(t *testing.T) {
	env := shopEnv(t)
	dir := t.TempDir()
	write := func(check string) {
		t.Helper()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "p.yaml"), packFile("p", check).Data, 0o644))
	}
	synctest.Test(t, func(t *testing.T) {
		write("true")
		live, err := rules.Open(env, os.DirFS(dir))
		require.NoError(t, err)
		var log bytes.Buffer
		live.Log = slog.New(slog.NewTextHandler(&log, nil))
		live.Interval = time.Minute
		first := live.Set()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- live.Run(ctx) }()

		write("false")
		synctest.Wait()
		require.Same(t, first, live.Set(), "it looks only when its time has come")
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		require.NotSame(t, first, live.Set())
		second := live.Set()

		write("1 +")
		time.Sleep(10 * time.Minute)
		require.Same(t, second, live.Set())
		require.ErrorIs(t, live.Refused(), rules.ErrInvalid)
		synctest.Wait()
		require.Equal(t, 1, bytes.Count(log.Bytes(), []byte("refused")), "a refusal is told once")

		write("true")
		time.Sleep(time.Minute)
		synctest.Wait()
		require.NoError(t, live.Refused())
		cancel()
		require.ErrorIs(t, <-done, context.Canceled)
	})
}
