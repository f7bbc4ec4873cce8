package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

// testDue claims subjects that are due to be looked at.
func testDue(t *testing.T, s suite) {
	ctx := t.Context()
	k := func(n int) okr.Ref { return ref(okr.KindKeyResult, okr.ID(fmt.Sprintf("k%d", n))) }
	o1 := ref(okr.KindObjective, "o1")
	stand := func(r okr.Ref, key string, next time.Time) okr.Standing {
		return okr.Standing{Subject: r, Kind: "occurrence", Key: key, Since: at(0), NextLook: &next}
	}
	claim := func(st Store, now time.Time, limit int) []okr.Due {
		t.Helper()
		due, err := st.ClaimDue(ctx, now, limit)
		require.NoError(t, err)
		return due
	}
	due := func(attempt int, refs ...okr.Ref) (out []okr.Due) {
		for _, r := range refs {
			out = append(out, okr.Due{Tenant: acme, Subject: r, Attempt: attempt})
		}
		return out
	}
	t.Run("in the order in which they fell due, each once", func(t *testing.T) {
		st := s.open(t)
		write(t, st, acme, okr.Changes{Now: at(0), Look: []okr.Ref{o1, k(2)}, Standings: []okr.Standing{
			stand(k(1), "a", at(1)), stand(k(1), "b", at(-1)), stand(k(1), "c", at(-2)), stand(k(2), "a", at(-3)), stand(k(3), "a", at(1)),
			{Subject: k(4), Kind: "status", Since: at(0)},
		}})
		require.Empty(t, claim(st, at(0), 0))
		require.Equal(t, due(1, k(2), k(1)), claim(st, at(0), 2))
		require.Equal(t, due(1, o1), claim(st, at(0), 10))
		require.Empty(t, claim(st, at(0), 10), "all are leased")
		require.Equal(t, due(2, k(2)), claim(st, at(1), 1), "its lease is over, and it has waited for longest")
		require.ElementsMatch(t, append(due(2, k(1), o1), due(1, k(3))...), claim(st, at(1), 10))
	})
	t.Run("many standings of one subject do not hide the others", func(t *testing.T) {
		st := s.open(t)
		var c okr.Changes
		for i := range 50 {
			c.Standings = append(c.Standings, stand(k(1), fmt.Sprint(i), at(-10)))
		}
		c.Standings = append(c.Standings, stand(k(2), "", at(-1)), stand(k(3), "", at(0)))
		c.Now = at(0)
		write(t, st, acme, c)
		require.Equal(t, due(1, k(1), k(2)), claim(st, at(0), 2))
	})
	t.Run("a subject that keeps failing comes at growing distances", func(t *testing.T) {
		st := s.open(t)
		write(t, st, acme, okr.Changes{Now: at(0), Look: []okr.Ref{o1}})
		now := at(0)
		var last time.Duration
		for attempt := 1; attempt < 12; attempt++ {
			require.Equal(t, due(attempt, o1), claim(st, now, 10))
			lease := store.Lease(attempt)
			require.GreaterOrEqual(t, lease, last)
			require.Empty(t, claim(st, now.Add(lease-time.Microsecond), 10))
			last, now = lease, now.Add(lease)
		}
		write(t, st, acme, okr.Changes{Now: now, Settled: []okr.Ref{o1}})
		require.Empty(t, claim(st, now.AddDate(1, 0, 0), 10))
		write(t, st, acme, okr.Changes{Now: now, Look: []okr.Ref{o1}})
		require.Equal(t, due(1, o1), claim(st, now, 10), "a settled subject begins anew")
	})
	t.Run("settling ends what was due, and keeps what comes with it", func(t *testing.T) {
		st := s.open(t)
		write(t, st, acme, okr.Changes{Now: at(0), Look: []okr.Ref{k(1), k(2)}, Standings: []okr.Standing{stand(k(1), "a", at(0)), stand(k(1), "b", at(2))}})
		require.Equal(t, due(1, k(1), k(2)), claim(st, at(0), 10))
		write(t, st, acme, okr.Changes{Now: at(0), Settled: []okr.Ref{k(1), k(2)}, Look: []okr.Ref{k(2)}})
		require.Equal(t, due(1, k(2)), claim(st, at(1), 10), "it was asked for again")
		require.Equal(t, due(1, k(1)), claim(st, at(2), 10)[1:])
		write(t, st, acme, okr.Changes{Now: at(2), Settled: []okr.Ref{k(1)}, Standings: []okr.Standing{stand(k(1), "c", at(1))}})
		require.Contains(t, claim(st, at(3), 10), due(1, k(1))[0], "a look that is written is kept, even one in the past")
	})
	t.Run("asked for by several decisions at once", func(t *testing.T) {
		st := s.open(t)
		b := newBook(acme)
		for range 5 {
			c := b.write(okr.Changes{People: []okr.Person{{ID: "ann"}}})
			c.Look = []okr.Ref{o1}
			write(t, st, acme, c)
		}
		require.Equal(t, due(1, o1), claim(st, at(0), 10))
		write(t, st, acme, okr.Changes{Now: at(0), Settled: []okr.Ref{o1}})
		require.Empty(t, claim(st, at(9), 10))
	})
	t.Run("a dropped standing is not due", func(t *testing.T) {
		st := s.open(t)
		write(t, st, acme, okr.Changes{Now: at(0), Standings: []okr.Standing{stand(k(1), "a", at(0)), stand(k(2), "a", at(0))}})
		write(t, st, acme, okr.Changes{Now: at(0), Drop: []okr.Standing{{Subject: k(1), Kind: "occurrence", Key: "a"}},
			Standings: []okr.Standing{stand(k(2), "a", at(5))}})
		require.Empty(t, claim(st, at(1), 10))
		require.Equal(t, due(1, k(2)), claim(st, at(5), 10))
	})
}

// testOutbox claims, publishes and releases events.
func testOutbox(t *testing.T, s suite) {
	ctx := t.Context()
	claim := func(st Store, now time.Time, limit int) (seqs map[okr.ID][]int64) {
		t.Helper()
		out, err := st.ClaimOutgoing(ctx, now, time.Minute, limit)
		require.NoError(t, err)
		require.LessOrEqual(t, len(out), limit)
		seqs = map[okr.ID][]int64{}
		for _, o := range out {
			seqs[o.Aggregate.ID] = append(seqs[o.Aggregate.ID], o.Seq)
		}
		return seqs
	}
	person := func(b *book, ids ...okr.ID) (c okr.Changes) {
		for _, id := range ids {
			c.People = append(c.People, okr.Person{ID: id})
		}
		return b.write(c)
	}
	event := func(n int) string { return fmt.Sprintf("acme-%06d", n) }
	t.Run("the bytes, once, until they are published", func(t *testing.T) {
		st := s.open(t)
		b := newBook(acme)
		c := person(b, "p1", "p2")
		write(t, st, acme, c)
		n, oldest, err := st.OutgoingState(ctx)
		require.NoError(t, err)
		require.Equal(t, 2, n)
		require.Equal(t, start, oldest)
		out, err := st.ClaimOutgoing(ctx, at(0), time.Minute, 10)
		require.NoError(t, err)
		var want []okr.Outgoing
		for _, e := range c.Entries {
			want = append(want, okr.Outgoing{ID: e.ID, Tenant: acme, Type: e.Type, Aggregate: e.Aggregate, Seq: e.Seq, Wire: e.Wire, Attempt: 1})
		}
		require.Equal(t, want, out)
		require.Empty(t, claim(st, at(0).Add(time.Minute-time.Microsecond), 10), "leased")
		out, err = st.ClaimOutgoing(ctx, at(0).Add(time.Minute), time.Minute, 10)
		require.NoError(t, err)
		require.Len(t, out, 2)
		require.Equal(t, 2, out[0].Attempt)
		require.NoError(t, st.MarkPublished(ctx, []string{event(1), event(2), "unknown"}))
		require.NoError(t, st.MarkPublished(ctx, []string{event(1)}), "twice")
		require.NoError(t, st.MarkPublished(ctx, nil))
		n, oldest, err = st.OutgoingState(ctx)
		require.NoError(t, err)
		require.Zero(t, n)
		require.True(t, oldest.IsZero())
		require.Empty(t, claim(st, at(9), 10))
	})
	t.Run("an aggregate's events in order, none past one that is not published", func(t *testing.T) {
		st := s.open(t)
		b := newBook(acme)
		for range 4 { // events 1 and 2, 3 and 4, …: p1 and p2 in turn
			write(t, st, acme, person(b, "p1", "p2"))
		}
		require.Equal(t, map[okr.ID][]int64{"p1": {1, 2}, "p2": {1}}, claim(st, at(0), 3))
		require.Empty(t, claim(st, at(0), 1), "both aggregates are with somebody")
		require.NoError(t, st.MarkPublished(ctx, []string{event(2)}))
		require.Equal(t, map[okr.ID][]int64{"p2": {2, 3, 4}}, claim(st, at(0), 10), "p1 still waits")
		require.NoError(t, st.MarkPublished(ctx, []string{event(1)}))
		require.Empty(t, claim(st, at(0), 10), "the second of p1 is with somebody")
		require.NoError(t, st.ReleaseOutgoing(ctx, []string{event(3)}, at(1), "no route"))
		require.Empty(t, claim(st, at(0), 10))
		require.Equal(t, map[okr.ID][]int64{"p1": {2, 3, 4}, "p2": {2, 3, 4}}, claim(st, at(1), 10))
	})
	t.Run("one that fails holds up nobody else", func(t *testing.T) {
		st := s.open(t)
		b := newBook(acme)
		for range 20 {
			write(t, st, acme, person(b, "p1"))
		}
		write(t, st, acme, person(b, "p2"))
		require.Len(t, claim(st, at(0), 1)["p1"], 1)
		require.NoError(t, st.ReleaseOutgoing(ctx, []string{event(1), "unknown"}, at(5), ""))
		require.Equal(t, map[okr.ID][]int64{"p2": {1}}, claim(st, at(0), 1))
		require.Len(t, claim(st, at(5), 100)["p1"], 20)
	})
	t.Run("released late, an earlier event still comes first", func(t *testing.T) {
		st := s.open(t)
		b := newBook(acme)
		for range 3 {
			write(t, st, acme, person(b, "p1"))
		}
		require.Len(t, claim(st, at(0), 3)["p1"], 3)
		require.NoError(t, st.ReleaseOutgoing(ctx, []string{event(1)}, at(2), "x"))
		require.NoError(t, st.ReleaseOutgoing(ctx, []string{event(2), event(3)}, at(1), "x"))
		require.Empty(t, claim(st, at(1), 10))
		require.Equal(t, []int64{1}, claim(st, at(2), 1)["p1"])
		require.Empty(t, claim(st, at(2), 10))
	})
	t.Run("whatever the clock says of those who claim", func(t *testing.T) {
		st := s.open(t)
		b := newBook(acme)
		write(t, st, acme, person(b, "p1"))
		require.Len(t, claim(st, at(-1000), 10), 1)
	})
	t.Run("ids that do not ascend", func(t *testing.T) {
		st := s.open(t)
		b := newBook(acme)
		for _, id := range []string{"z", "m", "a"} { // the limit of one falls on the last
			c := person(b, "p1")
			c.Entries[0].ID = id
			rehash(&c)
			write(t, st, acme, c)
		}
		require.Equal(t, []int64{1}, claim(st, at(0), 1)["p1"])
		require.Equal(t, []int64{1, 2, 3}, claim(st, at(1), 3)["p1"])
	})
	t.Run("requeue", func(t *testing.T) {
		st := s.open(t)
		b := newBook(acme)
		other := newBook("globex")
		write(t, st, "globex", person(other, "p1"))
		for i := range 5 {
			b.now = at(i)
			write(t, st, acme, person(b, "p1"))
		}
		out, err := st.ClaimOutgoing(ctx, at(9), time.Minute, 10)
		require.NoError(t, err)
		wires := map[string]string{}
		for _, o := range out {
			wires[o.ID] = string(o.Wire)
		}
		require.NoError(t, st.MarkPublished(ctx, []string{event(1), event(2), event(3), event(5), "globex-000001"}))
		n, err := st.Requeue(ctx, acme, at(1), at(4))
		require.NoError(t, err)
		require.Equal(t, 2, n, "the fourth is there still")
		again, err := st.ClaimOutgoing(ctx, at(10), time.Minute, 10)
		require.NoError(t, err)
		require.Len(t, again, 3)
		for i, o := range again {
			require.Equal(t, event(2+i), o.ID)
			require.EqualValues(t, 2+i, o.Seq)
			require.Equal(t, acme, o.Tenant)
			require.Equal(t, wires[o.ID], string(o.Wire))
		}
		var many []okr.ID // more than are put back at once, all of one instant
		for i := range 1200 {
			many = append(many, okr.ID(fmt.Sprint("many-", i)))
		}
		write(t, st, acme, person(b, many...))
		out, err = st.ClaimOutgoing(ctx, at(11), time.Minute, 2000)
		require.NoError(t, err)
		ids := []string{event(2), event(3), event(4)}
		for _, o := range out {
			ids = append(ids, o.ID)
		}
		require.NoError(t, st.MarkPublished(ctx, ids))
		n, err = st.Requeue(ctx, acme, at(0), at(9))
		require.NoError(t, err)
		require.Equal(t, 1205, n)
		n, err = st.Requeue(ctx, acme, at(0), at(9))
		require.NoError(t, err)
		require.Zero(t, n, "they are in it")
		n, err = st.Requeue(ctx, "nobody", at(-99), at(99))
		require.NoError(t, err)
		require.Zero(t, n)
		n, err = st.Requeue(ctx, acme, at(4), at(4))
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

// testCommitted looks for the nudge after a commit that wrote something.
func testCommitted(t *testing.T, s suite) {
	st := s.open(t)
	b := newBook(acme)
	nudged := func() bool {
		select {
		case <-st.Committed():
			return true
		default:
			return false
		}
	}
	require.False(t, nudged())
	in(t, st, true, func(okr.Unit) {})
	require.False(t, nudged(), "nothing was written")
	u := begin(t, st, true)
	require.NoError(t, u.Write(t.Context(), acme, b.small()))
	require.False(t, nudged(), "nothing is committed yet")
	require.NoError(t, u.Rollback(t.Context()))
	require.False(t, nudged())
	b = newBook(acme)
	in(t, st, true, func(u okr.Unit) {
		n, err := u.Nested(t.Context())
		require.NoError(t, err)
		require.NoError(t, n.Write(t.Context(), acme, b.small()))
		require.NoError(t, n.Commit(t.Context()))
		require.False(t, nudged())
	})
	require.True(t, nudged())
	require.False(t, nudged(), "one nudge")
	for range 3 {
		write(t, st, acme, b.write(okr.Changes{People: []okr.Person{{ID: "ann"}}}))
	}
	require.True(t, nudged())
	require.False(t, nudged(), "it holds one at most")
}

// testPruneRemembered forgets old idempotency keys.
func testPruneRemembered(t *testing.T, s suite) {
	st := s.open(t)
	ctx := t.Context()
	for i, tenant := range []okr.TenantID{acme, "globex", acme} {
		write(t, st, tenant, okr.Changes{Now: at(i), Remember: &okr.Remembered{Key: fmt.Sprint(i), Content: "c", Decision: []byte("{}"), At: at(i)}})
	}
	n, err := st.PruneRemembered(ctx, at(2))
	require.NoError(t, err)
	require.Equal(t, 2, n)
	in(t, st, false, func(u okr.Unit) {
		for key, want := range map[string]bool{"0": false, "2": true} {
			m, err := u.Recall(ctx, acme, key)
			require.NoError(t, err)
			require.Equal(t, want, m != nil, key)
		}
	})
	write(t, st, acme, okr.Changes{Now: at(3), Remember: &okr.Remembered{Key: "0", Content: "other", Decision: []byte("{}"), At: at(3)}})
}

// testInbox notes what adapters were done with.
func testInbox(t *testing.T, s suite) {
	st := s.open(t)
	ctx := t.Context()
	seen := func(adapter, event string) bool {
		ok, err := st.Seen(ctx, adapter, event)
		require.NoError(t, err)
		return ok
	}
	require.False(t, seen("slack", "e1"))
	require.NoError(t, st.MarkDone(ctx, "slack", "e1", at(0)))
	require.NoError(t, st.MarkDone(ctx, "slack", "e1", at(5)), "twice")
	require.NoError(t, st.MarkDone(ctx, "slack", "e2", at(2)))
	require.True(t, seen("slack", "e1"))
	for _, other := range [][2]string{{"Slack", "e1"}, {"mail", "e1"}, {"slack", "E1"}, {"slack ", "e1"}} {
		require.False(t, seen(other[0], other[1]))
	}
	n, err := st.PruneInbox(ctx, at(2))
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.False(t, seen("slack", "e1"))
	require.True(t, seen("slack", "e2"))
}

// testDeadLetters keeps, lists and takes what could not be delivered.
func testDeadLetters(t *testing.T, s suite) {
	st := s.open(t)
	ctx := t.Context()
	letter := func(adapter, event string, day int) okr.DeadLetter {
		return okr.DeadLetter{Adapter: adapter, Event: event, Tenant: acme, Type: okr.EventCheckInDue, Wire: []byte(`{"specversion":"1.0"}`),
			Attempts: 20, Error: "refused: 日本", At: at(day)}
	}
	list := func(adapter string, limit int) (events []string) {
		letters, err := st.DeadLetters(ctx, adapter, limit)
		require.NoError(t, err)
		for _, d := range letters {
			events = append(events, d.Event)
		}
		return events
	}
	require.Empty(t, list("", 0))
	for _, d := range []okr.DeadLetter{letter("slack", "late", 3), letter("slack", "b", 1), letter("slack", "a", 1), letter("mail", "a", 2)} {
		require.NoError(t, st.PutDeadLetter(ctx, d))
	}
	require.Equal(t, []string{"a", "b", "late"}, list("slack", 0))
	require.Equal(t, []string{"a", "b"}, list("slack", 2))
	require.Equal(t, []string{"a", "b", "a", "late"}, list("", 10))
	require.Empty(t, list("Slack", 10))

	later := letter("slack", "a", 4)
	later.Attempts, later.Error = 21, "refused again"
	require.NoError(t, st.PutDeadLetter(ctx, later))
	require.Equal(t, []string{"b", "late", "a"}, list("slack", 0))
	got, err := st.TakeDeadLetter(ctx, "slack", "a")
	require.NoError(t, err)
	require.Equal(t, later, got)
	_, err = st.TakeDeadLetter(ctx, "slack", "a")
	require.ErrorIs(t, err, okr.ErrNotFound)
	require.Equal(t, []string{"b", "late"}, list("slack", 0))

	// What an adapter says of its failure is not always text.
	odd := letter("slack", "odd", 5)
	odd.Error = "a\x00b\xff"
	require.NoError(t, st.PutDeadLetter(ctx, odd))
	got, err = st.TakeDeadLetter(ctx, "slack", "odd")
	require.NoError(t, err)
	require.Contains(t, got.Error, "a")
}
