package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
)

// testConcurrency lets writers race: the version decides, and nothing is lost.
func testConcurrency(t *testing.T, s suite) {
	t.Run("writers of one key result", func(t *testing.T) {
		st := s.open(t)
		write(t, st, acme, newBook(acme).small())
		const writers, times = 4, 8
		race(t, writers, func(ctx context.Context, writer int) error {
			for i := range times {
				if err := again(func() error { return increment(ctx, st, "k1", fmt.Sprintf("%d-%d", writer, i)) }); err != nil {
					return err
				}
			}
			return nil
		})
		got := load(t, st, acme, okr.Need{Refs: []okr.Ref{ref(okr.KindKeyResult, "k1")}, Collections: okr.Collections{Readings: 100}})
		require.EqualValues(t, 1+writers*times, got.KeyResult("k1").Version)
		require.Len(t, got.Readings, writers*times)
		in(t, st, false, func(u okr.Unit) {
			events, err := u.Events(t.Context(), acme, ref(okr.KindKeyResult, "k1"), 0)
			require.NoError(t, err)
			for i, e := range events {
				require.EqualValues(t, i+1, e.Seq)
			}
			require.Len(t, events, 1+writers*times)
		})
		v, err := st.Verify(t.Context(), acme)
		require.NoError(t, err)
		require.Nil(t, v.Fault)
	})
	t.Run("decisions that meet at a cycle", func(t *testing.T) {
		st := s.open(t)
		write(t, st, acme, newBook(acme).small())
		const writers, times = 4, 8
		race(t, writers, func(ctx context.Context, _ int) error {
			for range times {
				if err := again(func() error { return meet(ctx, st) }); err != nil {
					return err
				}
			}
			return nil
		})
		got := load(t, st, acme, okr.Need{Cycles: true})
		require.EqualValues(t, writers*times, got.Cycle("q4").Turn)
		require.EqualValues(t, 1, got.Cycle("q4").Version)
	})
	t.Run("meetings about the same key results", func(t *testing.T) { testMeetings(t, s.open(t)) })
	t.Run("writers under one idempotency key", func(t *testing.T) {
		st := s.open(t)
		write(t, st, acme, newBook(acme).small())
		var mu sync.Mutex
		wrote := 0
		race(t, 4, func(ctx context.Context, writer int) error {
			return again(func() error {
				u, err := st.Begin(ctx, true)
				if err != nil {
					return err
				}
				defer func() { _ = u.Rollback(context.WithoutCancel(ctx)) }()
				m, err := u.Recall(ctx, acme, "key")
				if err != nil || m != nil {
					return err
				}
				if err := u.Write(ctx, acme, okr.Changes{Now: start, Remember: &okr.Remembered{Key: "key", Content: fmt.Sprint(writer), Decision: []byte("{}"), At: start}}); err != nil {
					return err
				}
				if err := u.Commit(ctx); err != nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				wrote++
				return nil
			})
		})
		require.Equal(t, 1, wrote)
	})
	t.Run("a reader sees one state", func(t *testing.T) {
		st := s.open(t)
		b := newBook(acme)
		write(t, st, acme, b.small())
		u := begin(t, st, false)
		before, err := u.Load(t.Context(), acme, everything("q4"))
		require.NoError(t, err)
		write(t, st, acme, b.write(okr.Changes{KeyResults: []okr.KeyResult{keyResult("k1", "o1", "q4", "bob")}})) // it does not wait for the reader
		after, err := u.Load(t.Context(), acme, everything("q4"))
		require.NoError(t, err)
		require.Equal(t, before, after)
		require.Error(t, u.Write(t.Context(), acme, okr.Changes{Now: start}), "a reader writes nothing")
		require.NoError(t, u.Rollback(t.Context()))
		require.Equal(t, okr.ID("bob"), load(t, st, acme, everything("q4")).KeyResults[0].Owner)
	})
	t.Run("claims of subjects and of events", func(t *testing.T) {
		st := s.open(t)
		b := newBook(acme)
		var c okr.Changes
		const n = 60
		for i := range n {
			id := okr.ID(fmt.Sprintf("p%02d", i))
			c.People = append(c.People, okr.Person{ID: id, Name: "P"})
			c.Standings = append(c.Standings, okr.Standing{Subject: ref(okr.KindPerson, id), Kind: "x", Since: at(0), NextLook: ptr(at(0))})
			c.Look = append(c.Look, ref(okr.KindPerson, id))
		}
		write(t, st, acme, b.write(c))
		var mu sync.Mutex
		subjects, events := map[okr.Ref]int{}, map[string]int{}
		race(t, 4, func(ctx context.Context, _ int) error {
			for {
				var due []okr.Due
				var out []okr.Outgoing
				err := again(func() (err error) {
					due, err = st.ClaimDue(ctx, at(0), 7)
					return err
				})
				if err != nil {
					return err
				}
				if err := again(func() (err error) {
					out, err = st.ClaimOutgoing(ctx, at(0), 1e12, 7)
					return err
				}); err != nil {
					return err
				}
				mu.Lock()
				for _, d := range due {
					subjects[d.Subject]++
				}
				for _, o := range out {
					events[o.ID]++
				}
				enough := len(subjects) >= n && len(events) >= n
				mu.Unlock()
				if enough {
					return nil
				}
			}
		})
		for r, times := range subjects {
			require.Equal(t, 1, times, r)
		}
		for id, times := range events {
			require.Equal(t, 1, times, id)
		}
	})
}

// meet writes nothing but that it was there.
func meet(ctx context.Context, st Store) error {
	u, err := st.Begin(ctx, true)
	if err != nil {
		return err
	}
	defer func() { _ = u.Rollback(context.WithoutCancel(ctx)) }()
	s, err := u.Load(ctx, acme, okr.Need{Cycles: true})
	if err != nil {
		return err
	}
	if err := u.Write(ctx, acme, okr.Changes{Now: start, Meet: map[okr.ID]int64{"q4": s.Cycle("q4").Turn}}); err != nil {
		return err
	}
	return u.Commit(ctx)
}

// increment adds a reading to a key result.
func increment(ctx context.Context, st Store, id okr.ID, name string) error {
	u, err := st.Begin(ctx, true)
	if err != nil {
		return err
	}
	defer func() { _ = u.Rollback(context.WithoutCancel(ctx)) }()
	s, err := u.Load(ctx, acme, okr.Need{Refs: []okr.Ref{ref(okr.KindKeyResult, id)}})
	if err != nil {
		return err
	}
	k := *s.KeyResult(id)
	b := newBook(acme)
	b.versions[ref(okr.KindKeyResult, id)] = k.Version
	c := b.write(okr.Changes{
		KeyResults: []okr.KeyResult{k}, Readings: []okr.Reading{reading(okr.ID("r"+name), id, 1, at(0), at(0))},
		Look: []okr.Ref{ref(okr.KindObjective, "o1")},
	})
	c.Entries[0].ID = "event " + name
	rehash(&c)
	if err := u.Write(ctx, acme, c); err != nil {
		return err
	}
	return u.Commit(ctx)
}

// again repeats what lost a race.
func again(f func() error) error {
	const patience = 1000
	var err error
	for range patience {
		if err = f(); err == nil || !errors.Is(err, okr.ErrConflict) && !errors.Is(err, okr.ErrBusy) {
			return err
		}
	}
	return fmt.Errorf("it lost %d races: %w", patience, err)
}

// race runs n goroutines and fails with their first error.
func race(t *testing.T, n int, f func(ctx context.Context, i int) error) {
	t.Helper()
	var wg sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			errs[i] = f(t.Context(), i)
		}()
	}
	wg.Wait()
	require.NoError(t, errors.Join(errs...))
}
