package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

// Store is all that a store can do: what the desk needs, and what the relay, the
// router, the sealer and an administrator need beside it.
type Store interface {
	okr.Store

	ClaimOutgoing(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]okr.Outgoing, error)
	MarkPublished(ctx context.Context, events []string) error
	ReleaseOutgoing(ctx context.Context, events []string, retryAt time.Time, cause string) error
	OutgoingState(ctx context.Context) (unpublished int, oldest time.Time, err error)
	Requeue(ctx context.Context, t okr.TenantID, from, to time.Time) (int, error)
	Committed() <-chan struct{}

	Seen(ctx context.Context, adapter, event string) (bool, error)
	MarkDone(ctx context.Context, adapter, event string, at time.Time) error
	PruneInbox(ctx context.Context, before time.Time) (int, error)
	PruneRemembered(ctx context.Context, before time.Time) (int, error)
	PutDeadLetter(ctx context.Context, d okr.DeadLetter) error
	DeadLetters(ctx context.Context, adapter string, limit int) ([]okr.DeadLetter, error)
	TakeDeadLetter(ctx context.Context, adapter, event string) (okr.DeadLetter, error)

	Seal(ctx context.Context, now time.Time, limit int) (int, error)
	Verify(ctx context.Context, t okr.TenantID) (store.Verification, error)
}

// Capabilities says what else a store can do, so that it is tested too.
type Capabilities struct {
	// HostTx begins a transaction of the host's on the store's database.
	HostTx func(t testing.TB, s Store) HostTx
	// Reference makes a store to compare with, step by step: the memory store.
	Reference func() Store
	// Writers says that several transactions may write at the same time.
	Writers bool
}

// HostTx is a transaction of the host's. Exactly one of Commit and Rollback is
// called; Rollback perhaps by the test's Cleanup, when the test's context is over.
type HostTx struct {
	Tx               okr.Tx
	Commit, Rollback func() error
}

// Run holds a store to what a store is. open makes an empty one for each test and
// closes it by the test's Cleanup.
func Run(t *testing.T, open func(t testing.TB) Store, c Capabilities) {
	for _, group := range []struct {
		name    string
		run     func(*testing.T, suite)
		without bool // the store does not declare what the group is about
	}{
		{name: "Unit", run: testUnits},
		{name: "Host", run: testHost, without: c.HostTx == nil},
		{name: "Isolation", run: testIsolation},
		{name: "Concurrency", run: testConcurrency},
		{name: "Rings", run: testRings},
		{name: "Due", run: testDue},
		{name: "Outbox", run: testOutbox},
		{name: "Words", run: testWords},
		{name: "Erase", run: testErase},
		{name: "Seal", run: testSeal},
		{name: "Inbox", run: testInbox},
		{name: "DeadLetters", run: testDeadLetters},
		{name: "Committed", run: testCommitted},
		{name: "Remembered", run: testPruneRemembered},
		{name: "Past", run: testPast},
		{name: "Model", run: testModel, without: c.Reference == nil},
	} {
		if !group.without {
			t.Run(group.name, func(t *testing.T) { group.run(t, suite{open: open, caps: c}) })
		}
	}
}

type suite struct {
	open func(t testing.TB) Store
	caps Capabilities
}

// door is a way into a unit.
type door struct {
	name string
	// enter begins a unit, and says how to end it.
	enter func(t testing.TB, s Store) (okr.Unit, func(commit bool) error)
}

// doors are the ways into a unit that the store has.
func (s suite) doors() []door {
	end := func(t testing.TB, u okr.Unit) func(bool) error {
		return func(commit bool) error {
			if commit {
				return u.Commit(t.Context())
			}
			return u.Rollback(t.Context())
		}
	}
	nested := func(t testing.TB, outer okr.Unit, finish func(bool) error) (okr.Unit, func(bool) error) {
		u, err := outer.Nested(t.Context())
		require.NoError(t, err)
		letGo(t, u)
		return u, func(commit bool) error {
			if err := end(t, u)(commit); err != nil {
				return err
			}
			return finish(true) // what the savepoint rolled back must be gone all the same
		}
	}
	own := func(t testing.TB, s Store) (okr.Unit, func(bool) error) {
		u := begin(t, s, true)
		return u, end(t, u)
	}
	host := func(t testing.TB, st Store) (okr.Unit, func(bool) error) {
		tx := s.hostTx(t, st)
		return tx.Tx.Unit(), func(commit bool) error {
			if commit {
				return tx.Commit()
			}
			return tx.Rollback()
		}
	}
	doors := []door{
		{"own", own},
		{"savepoint", func(t testing.TB, s Store) (okr.Unit, func(bool) error) {
			outer, finish := own(t, s)
			return nested(t, outer, finish)
		}},
	}
	if s.caps.HostTx != nil {
		doors = append(doors, door{"host", host}, door{"savepoint in host", func(t testing.TB, s Store) (okr.Unit, func(bool) error) {
			outer, finish := host(t, s)
			return nested(t, outer, finish)
		}})
	}
	return doors
}

// begin begins a unit that ends with the test at the latest.
func begin(t testing.TB, s Store, write bool) okr.Unit {
	t.Helper()
	u, err := s.Begin(t.Context(), write)
	require.NoError(t, err)
	letGo(t, u)
	return u
}

// letGo rolls a unit back that a failed assertion has left open: it would hold the
// lock that the next test waits for.
func letGo(t testing.TB, u okr.Unit) {
	ctx := context.WithoutCancel(t.Context())
	t.Cleanup(func() { _ = u.Rollback(ctx) })
}

// hostTx begins a transaction of the host's that ends with the test at the latest.
func (s suite) hostTx(t testing.TB, st Store) HostTx {
	t.Helper()
	tx := s.caps.HostTx(t, st)
	ended := false
	ending := func(f func() error) func() error {
		return func() error {
			ended = true
			return f()
		}
	}
	t.Cleanup(func() {
		if !ended {
			_ = tx.Rollback()
		}
	})
	return HostTx{Tx: tx.Tx, Commit: ending(tx.Commit), Rollback: ending(tx.Rollback)}
}

// in runs f in a unit of its own that commits.
func in(t testing.TB, s Store, write bool, f func(okr.Unit)) {
	t.Helper()
	u, err := s.Begin(t.Context(), write)
	require.NoError(t, err)
	defer func() { require.NoError(t, u.Rollback(context.WithoutCancel(t.Context()))) }()
	f(u)
	require.NoError(t, u.Commit(t.Context()))
}

// write commits changes.
func write(t testing.TB, s Store, tenant okr.TenantID, c okr.Changes) {
	t.Helper()
	in(t, s, true, func(u okr.Unit) { require.NoError(t, u.Write(t.Context(), tenant, c)) })
}

// erase removes the words of a row in a unit of its own.
func erase(ctx context.Context, s Store, tenant okr.TenantID, r okr.Ref) error {
	u, err := s.Begin(ctx, true)
	if err != nil {
		return err
	}
	if err := u.Write(ctx, tenant, okr.Changes{Erase: &okr.Erasure{Subject: r}}); err != nil {
		return errors.Join(err, u.Rollback(ctx))
	}
	return u.Commit(ctx)
}

// load reads in a unit of its own.
func load(t testing.TB, s Store, tenant okr.TenantID, n okr.Need) *okr.Snapshot {
	t.Helper()
	var out *okr.Snapshot
	in(t, s, false, func(u okr.Unit) {
		var err error
		out, err = u.Load(t.Context(), tenant, n)
		require.NoError(t, err)
	})
	return out
}

// everything is a need that reads every row of the cycles.
func everything(cycle okr.ID) okr.Need {
	return okr.Need{Cycle: cycle, Everyone: true, Cycles: true, Collections: okr.Collections{
		Readings: 1000, CheckIns: 1000, Blockers: true, Standings: true,
	}}
}
