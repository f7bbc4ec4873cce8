package system_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/cadence/simulate"
	"github.com/okrkit/okrkit/okr"
)

// errDied is what the desk hears from a store that its process can no longer reach.
var errDied = errors.New("the process died")

// mortal is a store over which a process dies now and then: before any call, or after a
// commit of which it no longer hears. From then on nothing answers, until another
// process is born. And a process is held up at times, for longer than its leases last,
// while another one works.
type mortal struct {
	okr.Store
	chance  *rand.Rand
	control *simulate.Control
	risk    float64 // that the process dies at a call
	pause   float64 // that it is held up before a transaction
	rival   *cadence.Runner

	dead  bool
	spare bool // nothing happens: somebody else works, or looks on

	deaths, unheard, pauses int
}

// dies says whether the process is dead, which it may become now.
func (m *mortal) dies() bool {
	if m.spare {
		return false
	}
	if !m.dead && m.chance.Float64() < m.risk {
		m.dead = true
		m.deaths++
	}
	return m.dead
}

// born says whether the error is the death of a process, and has another one be born.
func (m *mortal) born(err error) bool {
	if !errors.Is(err, errDied) {
		return false
	}
	m.dead = false
	return true
}

// holdUp lets time pass in which another runner works.
func (m *mortal) holdUp(ctx context.Context) error {
	if m.spare || m.dead || m.chance.Float64() >= m.pause {
		return nil
	}
	m.pauses++
	m.spare = true
	defer func() { m.spare = false }()
	m.control.Advance(time.Duration(1+m.chance.IntN(5)) * time.Minute)
	if m.rival == nil {
		m.rival = cadence.NewRunner(m.control.Desk())
	}
	for range 1 + m.chance.IntN(4) {
		if n, err := m.rival.Once(ctx); err != nil || n == 0 {
			return err
		}
	}
	return nil
}

func (m *mortal) ClaimDue(ctx context.Context, now time.Time, limit int) ([]okr.Due, error) {
	if m.dies() {
		return nil, errDied
	}
	out, err := m.Store.ClaimDue(ctx, now, limit)
	if m.dies() {
		return nil, errDied // it is leased all the same
	}
	return out, err
}

func (m *mortal) Begin(ctx context.Context, write bool) (okr.Unit, error) {
	if m.dies() {
		return nil, errDied
	}
	if write {
		if err := m.holdUp(ctx); err != nil {
			return nil, err
		}
	}
	u, err := m.Store.Begin(ctx, write)
	if err != nil {
		return nil, err
	}
	return &mortalUnit{Unit: u, m: m, outermost: true}, nil
}

type mortalUnit struct {
	okr.Unit
	m         *mortal
	outermost bool
}

func (u *mortalUnit) Nested(ctx context.Context) (okr.Unit, error) {
	if u.m.dies() {
		return nil, errDied
	}
	n, err := u.Unit.Nested(ctx)
	if err != nil {
		return nil, err
	}
	return &mortalUnit{Unit: n, m: u.m}, nil
}

func (u *mortalUnit) Load(ctx context.Context, t okr.TenantID, need okr.Need) (*okr.Snapshot, error) {
	if u.m.dies() {
		return nil, errDied
	}
	return u.Unit.Load(ctx, t, need)
}

func (u *mortalUnit) Write(ctx context.Context, t okr.TenantID, c okr.Changes) error {
	if u.m.dies() {
		return errDied
	}
	return u.Unit.Write(ctx, t, c)
}

func (u *mortalUnit) Commit(ctx context.Context) error {
	if u.m.dies() {
		return errors.Join(errDied, u.Rollback(ctx))
	}
	if err := u.Unit.Commit(ctx); err != nil {
		return err
	}
	if u.outermost && u.m.dies() {
		u.m.unheard++
		return errDied
	}
	return nil
}
