package sqlite

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// disk is a log whose syncs take a second each.
type disk struct {
	written atomic.Int64 // what was committed
	durable atomic.Int64
	syncs   atomic.Int64
	fail    atomic.Bool
}

func (d *disk) Sync() error {
	n := d.written.Load() // only what was there when the sync began
	time.Sleep(time.Second)
	d.syncs.Add(1)
	if d.fail.Load() {
		return errors.New("input/output error")
	}
	d.durable.Store(n)
	return nil
}

func (d *disk) Close() error { return nil }

func TestCommitsShareASync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{}
		g := gather(d)
		began := time.Now()
		d.written.Add(1)
		require.NoError(t, g.sync())
		require.Equal(t, time.Second, time.Since(began), "one that is alone waits for nobody")

		const callers, times = 50, 4
		var wg sync.WaitGroup
		for range callers {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for range times {
					mine := d.written.Add(1)
					if err := g.sync(); err != nil {
						t.Error(err)
					}
					if d.durable.Load() < mine {
						t.Error("a commit came back before it was durable")
					}
				}
			}()
		}
		wg.Wait()
		require.Less(t, d.syncs.Load(), int64(3*times))
		require.Equal(t, int64(1+callers*times), d.durable.Load())
	})
}

func TestASyncThatFailsIsNotForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{}
		g := gather(d)
		d.fail.Store(true)
		require.ErrorContains(t, g.sync(), "input/output error")
		d.fail.Store(false)
		require.ErrorContains(t, g.sync(), "opened again", "the next says nothing of what the first has lost")
		require.Error(t, g.sound())
	})
}

func TestADiskThatFailsStopsTheWriter(t *testing.T) {
	ctx := context.Background()
	s, err := Open(ctx, t.TempDir()+"/okr.db")
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	desk, err := okr.New(s, okr.Config{})
	require.NoError(t, err)
	acme := desk.For("acme").As(okr.Someone("ana"))
	log := s.engine.group.log
	d := &disk{}
	d.fail.Store(true)
	s.engine.group.log = d
	_, err = acme.Propose(ctx, okrtest.Plan())
	require.ErrorContains(t, err, "input/output error")
	d.fail.Store(false)
	_, err = acme.Propose(ctx, okrtest.Plan())
	require.ErrorContains(t, err, "opened again")
	_, err = acme.View().Cycles(ctx)
	require.NoError(t, err, "reading goes on")
	s.engine.group.log = log
}
