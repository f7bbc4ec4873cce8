package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// group makes commits durable together. The writer's connection does not sync
// its commits: it makes place for the next, and each commit waits here for a sync
// of the log that began after it. One that is alone syncs at once; those that come
// while a sync is under way share the next.
//
// That is as durable as a sync at each commit. The log only ever grows, until
// SQLite has folded it into the file, for which it syncs both. And nothing leaves
// the process before it is durable: what the relay publishes it has claimed before,
// with a commit that stands later in the same log.
type group struct {
	log file

	mu      sync.Mutex
	changed sync.Cond
	next    *turn // shared by those who come now
	running bool
	failed  error // of a sync: what the disk has after that nobody knows
}

// file is what a group needs of the log.
type file interface {
	Sync() error
	Close() error
}

// turn is one sync.
type turn struct {
	done bool
	err  error
}

// newGroup syncs the log beside the database, which is there while a connection
// is open.
func newGroup(path string) (*group, error) {
	// Closing any handle on the database itself would take away SQLite's locks on
	// it. The log has none.
	f, err := os.OpenFile(path+"-wal", os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("sqlite: the log of the database: %w", err)
	}
	// The log may have been created just now: its name must last as well. Where a
	// folder cannot be synced, names do not need it.
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync()
		if err := dir.Close(); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	return gather(f), nil
}

func gather(log file) *group {
	g := &group{log: log, next: &turn{}}
	g.changed.L = &g.mu
	return g
}

// sync returns when all that was committed before it was called is durable.
func (g *group) sync() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	mine := g.next
	for !mine.done {
		if g.running {
			g.changed.Wait()
			continue
		}
		g.running, g.next = true, &turn{}
		g.mu.Unlock()
		err := g.log.Sync()
		g.mu.Lock()
		if err != nil && g.failed == nil {
			g.failed = fmt.Errorf("sqlite: the disk did not take the log; what was committed last may be lost, and nothing is written before the database is opened again: %w", err)
		}
		mine.err = g.failed
		g.running, mine.done = false, true
		g.changed.Broadcast()
	}
	return mine.err
}

// sound is the error of a sync that failed. A later one could succeed without
// having written what the first could not, so none is made.
func (g *group) sound() error {
	if g == nil {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.failed
}

func (g *group) close() error {
	if g == nil {
		return nil
	}
	return g.log.Close()
}
