package rules

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Live keeps a [Set] of what its sources give: folders, embedded files, what a host
// keeps elsewhere. It asks them again on demand, compares contents rather than times
// or file system events (which miss mounted config maps), swaps the whole set at
// once, and keeps the last good set when the new text will not do or a source fails:
// when it gives an error, panics, hangs, or has no pack any more where it had some (see
// [MayBeEmpty]).
// All of its methods may be called at the same time.
type Live struct {
	// Interval between two looks of [Live.Run]; 15 seconds if it is 0. Set it
	// before Run is called.
	Interval time.Duration
	// Timeout is how long each source has to answer; 30 seconds if it is 0. One that
	// takes longer has failed, and is asked again when it has come back. Set it before
	// the sources are asked again.
	Timeout time.Duration
	// Log is told of changes and refusals; nil is silent. Set it before Run
	// is called.
	Log *slog.Logger

	env     *Env
	sources []*asked
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
func Open(env *Env, folders ...fs.FS) (*Live, error) {
	sources := make([]Source, len(folders))
	for i, f := range folders {
		sources[i] = Folder(f)
	}
	return OpenSources(context.Background(), env, sources...)
}

// OpenSources is [Open] for whatever gives texts. A source that fails at first is an
// error; one that fails later leaves everything as it is, and [Live.Refused] says why.
func OpenSources(ctx context.Context, env *Env, sources ...Source) (*Live, error) {
	l := &Live{env: env}
	for i, src := range sources {
		l.sources = append(l.sources, &asked{Source: src, name: fmt.Sprintf("source %d of %d", i+1, len(sources))})
	}
	files, _, sum, err := l.read(ctx)
	if err != nil {
		return nil, err
	}
	set, err := Load(env, files...)
	if err != nil {
		return nil, err
	}
	l.taken()
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

// Refused says why what the sources give now is not in force, or nil if it is: what is
// wrong with it, or which source failed.
func (l *Live) Refused() error { return l.current.Load().refused }

// Reload asks the sources and takes up what has changed. It says whether
// the set in force is another one now. The error is why the new text was
// refused; the set in force is then still the last good one. Text that was
// refused before and has not changed is refused again without being compiled.
func (l *Live) Reload(ctx context.Context) (bool, error) {
	l.reload.Lock()
	defer l.reload.Unlock()
	old := l.current.Load()
	files, tests, sum, err := l.read(ctx)
	if err != nil {
		if ctx.Err() == nil { // a source that failed is asked again
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
	l.taken()
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

// taken notes what each source gave to the set that comes into force.
func (l *Live) taken() {
	for _, src := range l.sources {
		src.packs = src.given
	}
}

// read asks every source, and sums up what they say. Files of tests count where they
// are asked for.
func (l *Live) read(ctx context.Context) (files, tests []File, sum [sha256.Size]byte, err error) {
	h := sha256.New()
	within := l.Timeout
	if within <= 0 {
		within = defaultTimeout
	}
	for i, src := range l.sources {
		found, err := src.ask(ctx, within)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, nil, sum, fmt.Errorf("rules: %w", err)
		}
		src.given = 0
		for _, f := range found {
			if n, limit := len(f.Text), l.env.limits.FileBytes; n > limit {
				return nil, nil, sum, fmt.Errorf("rules: %w", tooLong(f.Name, int64(n), limit))
			}
			if strings.HasSuffix(f.Name, TestFileSuffix) {
				tests = append(tests, f)
				if l.demand == nil {
					continue // whatever it says
				}
			} else {
				files = append(files, f)
				src.given++
			}
			fmt.Fprintf(h, "%d %q %d\n", i, f.Name, len(f.Text))
			h.Write(f.Text)
		}
		if err := src.forgot(); err != nil {
			return nil, nil, sum, fmt.Errorf("rules: %w", err)
		}
	}
	return files, tests, [sha256.Size]byte(h.Sum(nil)), nil
}
