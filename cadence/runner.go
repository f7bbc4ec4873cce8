package cadence

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// Desk is what the runner takes of an [*okr.Desk].
type Desk interface {
	System() okr.System
	For(okr.TenantID) okr.Tenant
}

var _ Desk = (*okr.Desk)(nil)

// ActorName names the [okr.Automation] that settles and notifies. An authorizer
// lets it settle, notify and view.
const ActorName = "cadence"

const (
	defaultEvery = 15 * time.Second
	defaultBatch = 256
	readers      = 32 // people who are told in one transaction
)

// Runner looks at what is due and tells the people whom it concerns. It keeps
// nothing between two looks: any number of runners, in any number of processes,
// may work on one database, and what one of them leaves undone another one does.
type Runner struct {
	desk  Desk
	log   *slog.Logger
	every time.Duration
	ticks <-chan time.Time
	batch int
	texts Texts
	link  func(okr.TenantID, okr.Ref) string

	dropped func(okr.TenantID, okr.Waiting)
}

// RunnerOption changes a [Runner].
type RunnerOption func(*Runner)

// Log is where the runner says what it could not do; without it, it is silent.
func Log(l *slog.Logger) RunnerOption {
	return func(r *Runner) {
		if l != nil {
			r.log = l
		}
	}
}

// Every is how long [Runner.Run] waits when nothing is due; 15 seconds by
// default.
func Every(d time.Duration) RunnerOption {
	return func(r *Runner) {
		if d > 0 {
			r.every = d
		}
	}
}

// Ticks makes [Runner.Run] wait for the channel instead of a ticker of its own.
// Run ends when it is closed.
func Ticks(c <-chan time.Time) RunnerOption { return func(r *Runner) { r.ticks = c } }

// Batch is how many subjects are claimed at a time, 256 by default. Those of one
// tenant are settled in one transaction, and what they bring up for one person
// becomes one notice.
func Batch(n int) RunnerOption {
	return func(r *Runner) {
		if n > 0 {
			r.batch = n
		}
	}
}

// Say sets the words; without it, they are those of [Tongues] that the host adds nothing
// to: each person's language, or else English. Where the host's words fail, these are used
// and the error is logged: a reminder is not lost over its wording.
func Say(t Texts) RunnerOption {
	return func(r *Runner) {
		if t != nil {
			r.texts = t
		}
	}
}

// Links makes notices carry the address at which the host shows a key result; ""
// is none.
func Links(address func(okr.TenantID, okr.Ref) string) RunnerOption {
	return func(r *Runner) { r.link = address }
}

// Dropped is called with what somebody was to be told of and is not, because there is
// nothing left to tell by the time at which it might have been: the check-in came, the
// finding was resolved. Its field Moot says why. The call comes after the decision was
// written, and once; a process that dies in between makes none.
func Dropped(f func(okr.TenantID, okr.Waiting)) RunnerOption {
	return func(r *Runner) { r.dropped = f }
}

// NewRunner makes a runner over a desk. It starts nothing.
func NewRunner(desk Desk, opts ...RunnerOption) *Runner {
	r := &Runner{
		desk: desk, log: slog.New(slog.DiscardHandler), every: defaultEvery, batch: defaultBatch, texts: Tongues{},
	}
	for _, o := range opts {
		o(r)
	}
	return r
}

// Run looks at once, goes on for as long as it finds something to do, and then
// looks again at every tick, until ctx ends; then it returns nil. What fails is
// logged and tried again: the desk claims it again later, at growing distances.
func (r *Runner) Run(ctx context.Context) error {
	ticks := r.ticks
	if ticks == nil {
		t := time.NewTicker(r.every)
		defer t.Stop()
		ticks = t.C
	}
	for {
		n, err := r.Once(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			r.log.WarnContext(ctx, "cadence: not everything could be settled", "settled", n, "error", err)
		}
		if n > 0 {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case _, open := <-ticks:
			if !open {
				return nil
			}
		}
	}
}

// tenant is the handle that the runner acts through.
func (r *Runner) tenant(id okr.TenantID) okr.Tenant {
	return r.desk.For(id).As(okr.Automation(ActorName))
}

// Once claims one batch of what is due, settles it and writes the notices. It
// returns how many subjects were settled; 0 means that nothing was due, or that
// nothing could be done.
//
// A subject that fails keeps no other from being settled; the error joins what
// failed. A lost race against another writer is no error: the subject is claimed
// again later.
func (r *Runner) Once(ctx context.Context) (int, error) {
	claimed, err := r.desk.System().ClaimDue(ctx, r.batch)
	if err != nil {
		return 0, fmt.Errorf("cadence: claiming what is due: %w", err)
	}
	var (
		settled int
		errs    []error
	)
	for _, g := range byTenant(claimed) {
		if err := ctx.Err(); err != nil {
			return settled, errors.Join(append(errs, err)...)
		}
		// People come last: so they hear at once of what this brings up.
		n, err := r.take(ctx, g.tenant, g.subjects, r.settle)
		settled += n
		if err != nil {
			errs = append(errs, err)
		}
		for people := range slices.Chunk(g.people, readers) {
			n, err := r.take(ctx, g.tenant, people, r.tell)
			settled += n
			if err != nil {
				errs = append(errs, err)
			}
		}
	}
	return settled, errors.Join(errs...)
}

type group struct {
	tenant   okr.TenantID
	subjects []okr.Ref
	people   []okr.Ref
}

// byTenant keeps the order in which tenants were claimed.
func byTenant(claimed []okr.Due) []group {
	var out []group
	for _, d := range claimed {
		i := slices.IndexFunc(out, func(g group) bool { return g.tenant == d.Tenant })
		if i < 0 {
			i = len(out)
			out = append(out, group{tenant: d.Tenant})
		}
		if d.Subject.Kind == okr.KindPerson {
			out[i].people = append(out[i].people, d.Subject)
		} else {
			out[i].subjects = append(out[i].subjects, d.Subject)
		}
	}
	return out
}
