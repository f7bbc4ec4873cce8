package rules

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Live keeps a [Set] of what lies in folders. It reads them again on demand,
// compares contents rather than times or file system events (which miss
// mounted config maps), swaps the whole set at once, and keeps the last good
// set when the new text will not do.
type Live struct {
	// Interval between two looks of [Live.Run]; 15 seconds if it is 0. Set it
	// before Run is called.
	Interval time.Duration
	// Log is told of changes and refusals; nil is silent. Set it before Run
	// is called.
	Log *slog.Logger

	env     *Env
	sources []fs.FS
	current atomic.Pointer[liveState]
	reload  sync.Mutex
	seen    [sha256.Size]byte // what was read last, good or not
	demand  *Demand           // nil: tests are not run
}

type liveState struct {
	set     *Set
	refused error
}

// Open reads every *.yaml and *.yml file of the folders, and compiles them. A
// pack of a later folder is asked first for scores and statuses. Names that
// begin with a dot are passed over, and files of tests (see [TestFileSuffix]). Errors are [Errors], or the folder's.
func Open(env *Env, sources ...fs.FS) (*Live, error) {
	l := &Live{env: env, sources: sources}
	files, _, sum, err := l.read(context.Background())
	if err != nil {
		return nil, err
	}
	set, err := Load(env, files...)
	if err != nil {
		return nil, err
	}
	l.seen = sum
	l.current.Store(&liveState{set: set})
	return l, nil
}

// Demand asks the tests of the packs, and the files of tests beside them, to show
// something, now and before anything else comes into force: text whose tests fall short
// is refused by [Live.Reload]. The error is an [UntestedError], that of a file of tests,
// or the context's; nothing is demanded then.
func (l *Live) Demand(ctx context.Context, d Demand) error {
	l.reload.Lock()
	defer l.reload.Unlock()
	l.demand = &d
	_, tests, sum, err := l.read(ctx)
	if err == nil {
		err = l.meets(ctx, l.Set(), tests)
	}
	if err != nil {
		l.demand = nil
		return err
	}
	l.seen = sum
	return nil
}

// meets says whether the tests of a set show what is demanded.
func (l *Live) meets(ctx context.Context, s *Set, tests []File) error {
	if l.demand == nil {
		return nil
	}
	var o TestOptions
	for _, f := range tests {
		t, err := ParseTests(f.Name, f.Text)
		if err != nil {
			return err
		}
		o.Files = append(o.Files, t)
	}
	report, err := s.Test(ctx, o)
	if err != nil {
		return err
	}
	return report.Check(*l.demand)
}

// Set returns the set in force. It stays valid after a reload.
func (l *Live) Set() *Set { return l.current.Load().set }

// Refused says why the text that lies in the folders now is not in force, or
// nil if it is.
func (l *Live) Refused() error { return l.current.Load().refused }

// Reload looks at the folders and takes up what has changed. It says whether
// the set in force is another one now. The error is why the new text was
// refused; the set in force is then still the last good one. Text that was
// refused before and has not changed is refused again without being compiled.
func (l *Live) Reload(ctx context.Context) (bool, error) {
	l.reload.Lock()
	defer l.reload.Unlock()
	old := l.current.Load()
	files, tests, sum, err := l.read(ctx)
	if err != nil {
		if ctx.Err() == nil { // a folder that cannot be read is looked at again
			l.current.Store(&liveState{set: old.set, refused: err})
			l.seen = [sha256.Size]byte{}
		}
		return false, err
	}
	if sum == l.seen {
		return false, old.refused
	}
	l.seen = sum
	set, err := Load(l.env, files...)
	if err == nil {
		err = l.meets(ctx, set, tests)
	}
	if ctx.Err() != nil {
		l.seen = [sha256.Size]byte{}
		return false, ctx.Err()
	}
	if err != nil {
		l.current.Store(&liveState{set: old.set, refused: err})
		return false, err
	}
	l.current.Store(&liveState{set: set})
	return true, nil
}

// Run reloads at every interval until the context ends, whose error it
// returns.
func (l *Live) Run(ctx context.Context) error {
	every := l.Interval
	if every <= 0 {
		every = 15 * time.Second
	}
	log := l.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	last := ""
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		changed, err := l.Reload(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			if err.Error() != last { // once, not at every look
				log.WarnContext(ctx, "rules refused, the last good ones stay in force", "error", err)
			}
			last = err.Error()
			continue
		case changed:
			log.InfoContext(ctx, "rules reloaded", "packs", len(l.Set().packs))
		case last != "":
			log.InfoContext(ctx, "rules are as they were in force")
		}
		last = ""
	}
}

func (l *Live) read(ctx context.Context) (files, tests []File, sum [sha256.Size]byte, err error) {
	h := sha256.New()
	for i, src := range l.sources {
		err := fs.WalkDir(src, ".", func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case ctx.Err() != nil:
				return ctx.Err()
			case name != "." && strings.HasPrefix(d.Name(), "."):
				if d.IsDir() {
					return fs.SkipDir
				}
				return nil
			case d.IsDir():
				return nil
			}
			if ext := path.Ext(name); ext != ".yaml" && ext != ".yml" {
				return nil
			}
			info, err := fs.Stat(src, name) // follows links
			if err != nil {
				return err
			}
			if info.IsDir() {
				return nil
			}
			if limit := int64(l.env.limits.FileBytes); info.Size() > limit {
				return fmt.Errorf("%s has %d bytes, the limit is %d", name, info.Size(), limit)
			}
			text, err := fs.ReadFile(src, name)
			if err != nil {
				return err
			}
			if strings.HasSuffix(name, TestFileSuffix) {
				tests = append(tests, File{name, text})
				if l.demand == nil {
					return nil // whatever it says
				}
			} else {
				files = append(files, File{name, text})
			}
			fmt.Fprintf(h, "%d %q %d\n", i, name, len(text))
			h.Write(text)
			return nil
		})
		if err != nil {
			return nil, nil, sum, fmt.Errorf("rules: %w", err)
		}
	}
	return files, tests, [sha256.Size]byte(h.Sum(nil)), nil
}
