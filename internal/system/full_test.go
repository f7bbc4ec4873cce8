//go:build linux

package system_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// ofThisSystem are the roles that only some operating systems know.
var ofThisSystem = map[string]func(context.Context, order) error{"cramped": writeUntilFull}

// writeUntilFull is a house whose files may not grow any more at some time, as if
// the disk were full, and may again later.
func writeUntilFull(ctx context.Context, o order) (err error) {
	signal.Ignore(syscall.SIGXFSZ)
	h, err := withScribes(ctx, o.Dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	if err := h.run(ctx); err != nil {
		return err
	}
	acme, err := tenant(ctx, h.desk, "acme")
	if err != nil {
		return err
	}
	id, err := keyResult(ctx, acme, "k1")
	if err != nil {
		return err
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	free := limit.Cur
	for _, f := range []string{database(o.Dir), database(o.Dir) + "-wal"} {
		info, err := os.Stat(f)
		if err != nil {
			return err
		}
		limit.Cur = min(limit.Cur, free)
		if size := uint64(info.Size()) + 128<<10; limit.Cur == free || size > limit.Cur {
			limit.Cur = size
		}
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	for n, after := 0, 0; after < 5; n++ {
		d, err := acme.CheckIn(ctx, okr.CheckIn{KeyResult: id, Value: measure.N(float64(n)), Note: strings.Repeat("so much to tell ", 200)})
		switch {
		case err != nil && limit.Cur != free:
			fmt.Println("full", err)
			if _, err := acme.View().Cycles(ctx); err != nil {
				return fmt.Errorf("a full disk can still be read: %w", err)
			}
			limit.Cur = free
			if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
				return err
			}
		case err != nil:
			return err
		case limit.Cur == free:
			after++
			fallthrough
		default:
			for _, e := range d.Events {
				fmt.Println("event", e.ID)
			}
		}
	}
	return nil
}

// A full disk is an error that says so. What was acknowledged before is there,
// and the same house goes on when there is room again.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	said := said(t, child(t, order{Role: "cramped", Dir: dir}))
	var acked []string
	full := 0
	for line := range strings.Lines(said) {
		switch what, rest, _ := strings.Cut(strings.TrimSpace(line), " "); what {
		case "event":
			acked = append(acked, rest)
		case "full":
			full++
			t.Log(rest)
			require.Regexp(t, "full|too large|I/O", rest)
			require.Contains(t, rest, "make room on the disk")
			require.NotContains(t, rest, "rolling back", "SQLite has rolled back by itself")
		default:
			require.Fail(t, line)
		}
	}
	require.Equal(t, 1, full, said)
	require.NotEmpty(t, acked)

	h, err := withScribes(t.Context(), dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.close()) })
	require.NoError(t, h.run(context.WithoutCancel(t.Context())))
	h.settle(t)
	committed := ledger(t, h.lite.DB())
	for _, id := range acked {
		require.Contains(t, committed, id)
	}
	got := fresh(t, h.bus, "a newcomer")
	require.Equal(t, committed, byID(got))
	inOrder(t, got)
	require.Equal(t, committed, byID(slices.Concat(written(t, effects(dir, "everything"))...)))
	inOrder(t, slices.Concat(written(t, effects(dir, "in order"))...))
}
