package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// Ledger is the ledger whose rows are sealed. A store implements it, and verifies
// what was sealed with its Verify.
type Ledger interface {
	// Seal links up to limit rows that have no seal yet into their tenants' chains,
	// and says how many; none while another process does it. The end of a chain that
	// leaves none is marked with the instant: a cut.
	Seal(ctx context.Context, now time.Time, limit int) (int, error)
}

// Sealer links the ledger's rows into a chain for each tenant, each seal a hash
// over the one before and the row. It comes after the transaction that wrote the
// row: writers never wait for the chain. Rows are picked because they have no seal,
// never by a position, so one that commits late is sealed late.
//
// Whenever it has caught up with a tenant it marks the end of the chain with the
// instant, so that [okr.Tenant.CutAt] can show what was known then.
//
// Any number of sealers may work on one ledger.
type Sealer struct {
	ledger Ledger
	batch  int
	every  time.Duration
	clock  func() time.Time
	log    *slog.Logger
}

// SealerOption changes a [Sealer].
type SealerOption func(*Sealer)

// SealBatch is how many rows are sealed in one transaction; the default is 500.
func SealBatch(n int) SealerOption { return func(s *Sealer) { s.batch = max(n, 1) } }

// SealEvery is how long the sealer waits when nothing was left to seal; the
// default is 10 s.
func SealEvery(d time.Duration) SealerOption {
	return func(s *Sealer) { s.every = max(d, time.Millisecond) }
}

// SealClock is the clock that dates the cuts. Give the desk's, if that is not the
// wall clock, which is the default.
func SealClock(clock func() time.Time) SealerOption {
	return func(s *Sealer) {
		if clock != nil {
			s.clock = clock
		}
	}
}

// SealLog is where the sealer reports what keeps it from sealing; nil, the
// default, is nowhere.
func SealLog(l *slog.Logger) SealerOption {
	return func(s *Sealer) {
		if l != nil {
			s.log = l
		}
	}
}

// NewSealer returns a sealer; it does nothing until [Sealer.Run] or
// [Sealer.Drain].
func NewSealer(l Ledger, opts ...SealerOption) *Sealer {
	s := &Sealer{ledger: l, batch: 500, every: 10 * time.Second, clock: time.Now, log: slog.New(slog.DiscardHandler)}
	for _, f := range opts {
		f(s)
	}
	return s
}

// Run seals until ctx ends, and then returns nil. A database that is down does
// not end it: it tries again.
func (s *Sealer) Run(ctx context.Context) error {
	wait := time.NewTimer(0)
	defer wait.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-wait.C:
		}
		if _, err := s.Drain(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("the ledger is not sealed", "error", err)
		}
		wait.Reset(s.every)
	}
}

// Drain seals until no row is left that has no seal, and says how many it sealed.
// Rows that another process is sealing at this moment are left to it.
func (s *Sealer) Drain(ctx context.Context) (int, error) {
	total := 0
	for {
		n, err := s.ledger.Seal(ctx, s.clock(), s.batch)
		total += n
		switch {
		case errors.Is(err, okr.ErrConflict):
			return total, nil // another process was faster
		case err != nil:
			return total, fmt.Errorf("outbox: seal: %w", err)
		case n < s.batch:
			return total, nil
		}
	}
}
