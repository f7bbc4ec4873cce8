package storetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// testHost works within a transaction that the host has opened.
func testHost(t *testing.T, s suite) {
	ctx := t.Context()
	t.Run("its unit neither commits nor rolls back", func(t *testing.T) {
		st := s.open(t)
		b := newBook(acme)
		tx := s.hostTx(t, st)
		u := tx.Tx.Unit()
		require.NoError(t, u.Write(ctx, acme, b.small()))
		require.NoError(t, u.Rollback(ctx))
		require.NoError(t, u.Write(ctx, acme, b.write(okr.Changes{People: []okr.Person{{ID: "p1"}}})))
		require.NoError(t, u.Commit(ctx))
		require.NoError(t, u.Write(ctx, acme, b.write(okr.Changes{People: []okr.Person{{ID: "p2"}}})))
		require.NoError(t, tx.Commit())
		require.Len(t, load(t, st, acme, okr.Need{Everyone: true}).People, 3)
		_, err := u.Load(ctx, acme, okr.Need{})
		require.ErrorIs(t, err, okr.ErrTxDone)
		_, err = u.Nested(ctx)
		require.ErrorIs(t, err, okr.ErrTxDone)
	})
	t.Run("a write that fails leaves nothing, and the transaction usable", func(t *testing.T) {
		st := s.open(t)
		b := newBook(acme)
		write(t, st, acme, b.small())
		tx := s.hostTx(t, st)
		u := tx.Tx.Unit()
		stale := newBook(acme).write(okr.Changes{People: []okr.Person{{ID: "p1"}, {ID: "ann"}}})
		for i := range stale.Entries {
			stale.Entries[i].ID = "stale-" + stale.Entries[i].ID
		}
		rehash(&stale)
		requireConflict(t, u.Write(ctx, acme, stale), "a stale version")
		k := keyResult("k2", "o1", "q4", "")
		k.Key = "k1"
		other := newBook(acme)
		other.events = 1000
		requireConflict(t, u.Write(ctx, acme, other.write(okr.Changes{KeyResults: []okr.KeyResult{k}})), "a key that is taken")
		require.NoError(t, u.Write(ctx, acme, b.write(okr.Changes{People: []okr.Person{{ID: "p2"}}})))
		require.NoError(t, tx.Commit())
		require.Len(t, load(t, st, acme, okr.Need{Everyone: true}).People, 2)
	})
	t.Run("a desk decides within it", func(t *testing.T) {
		st := s.open(t)
		clock := okrtest.NewClock(start)
		desk, err := okr.New(st, okr.Config{Clock: clock.Now})
		require.NoError(t, err)
		tenant := desk.For(acme).As(okr.Someone("ana"))
		tx := s.hostTx(t, st)
		_, err = tenant.In(tx.Tx).Propose(ctx, okrtest.Plan())
		require.NoError(t, err)
		require.NoError(t, tx.Rollback())
		cycles, err := tenant.View().Cycles(ctx)
		require.NoError(t, err)
		require.Empty(t, cycles)
		_, err = tenant.In(tx.Tx).Propose(ctx, okrtest.Plan())
		require.ErrorIs(t, err, okr.ErrTxDone)

		tx = s.hostTx(t, st)
		_, err = tenant.In(tx.Tx).Propose(ctx, okrtest.Plan())
		require.NoError(t, err)
		require.NoError(t, tx.Commit())
		cycles, err = tenant.View().Cycles(ctx)
		require.NoError(t, err)
		require.Len(t, cycles, 1)
	})
	t.Run("of another database", func(t *testing.T) {
		st, other := s.open(t), s.open(t)
		desk, err := okr.New(st, okr.Config{})
		require.NoError(t, err)
		tx := s.hostTx(t, other)
		_, err = desk.For(acme).As(okr.Someone("ana")).In(tx.Tx).Propose(ctx, okrtest.Plan())
		require.ErrorIs(t, err, okr.ErrForeignTx)
		require.NoError(t, tx.Rollback())
		requireEmpty(t, st)
		requireEmpty(t, other)
	})
}
