package storetest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
)

// hostile are tenants that a careless store would mix up.
func hostile() []okr.TenantID {
	return []okr.TenantID{
		"acme", "ACME", "Acme", "acme2", "acm", "a", "a.b", "a>b", "*", ">", "%", "_", "acme%", "'; DROP TABLE okr_ledger; --", `"`, `\`, "$1", "?1", "NULL",
		"{in $2}", "null", "0", "é", "e\u0301", "日本", "\U0001f3af", "[\"acme\"]", okr.TenantID(strings.Repeat("x", 200)),
	}
}

// testIsolation gives every tenant rows with the same ids, and looks for any that
// another can see or change.
func testIsolation(t *testing.T, s suite) {
	st := s.open(t)
	ctx := t.Context()
	books := map[okr.TenantID]*book{}
	for i, id := range hostile() {
		b := newBook(id)
		books[id] = b
		c := b.small()
		c.KeyResults[0].Title = string(id)
		write(t, st, id, c)
		name := okr.Person{ID: "own", Name: string(id)}
		c = b.write(okr.Changes{
			People:     []okr.Person{name},
			KeyResults: []okr.KeyResult{keyResult("k1", "o1", "q4", "ann")},
			Readings:   []okr.Reading{reading("r1", "k1", float64(i), at(0), at(0))},
			CheckIns:   []okr.CheckInRecord{checkIn("c1", "k1", at(0))},
			Blockers:   []okr.Blocker{{ID: "b1", KeyResult: "k1", Text: string(id), OpenedAt: at(0)}},
			Standings:  []okr.Standing{{Subject: ref(okr.KindKeyResult, "k1"), Kind: "status", Value: string(id), Since: at(0), NextLook: ptr(at(1))}},
			Look:       []okr.Ref{ref(okr.KindObjective, "o1")},
			Activate:   []okr.Pack{{Name: "starter", Version: "1", Digest: "d1", Text: string(id)}},
			Words:      []okr.Word{{ID: "w1", Entity: ref(okr.KindCheckIn, "c1"), Field: "note", Salt: []byte{1}, Text: string(id)}},
			Remember:   &okr.Remembered{Key: "key", Content: string(id), Decision: []byte(`{}`), At: at(0)},
		})
		c.KeyResults[0].Title = string(id)
		write(t, st, id, c)
	}
	tenants, err := st.Tenants(ctx)
	require.NoError(t, err)
	require.ElementsMatch(t, hostile(), tenants)
	require.IsIncreasing(t, tenants)

	need := everything("q4")
	need.PackTexts = []string{"d1"}
	check := func() {
		t.Helper()
		for i, id := range hostile() {
			got := load(t, st, id, need)
			require.Equal(t, id, got.Tenant)
			require.Len(t, got.Cycles, 1)
			require.Len(t, got.People, 2)
			require.Equal(t, string(id), got.Person("own").Name)
			require.Len(t, got.KeyResults, 1)
			require.Equal(t, string(id), got.KeyResults[0].Title)
			require.Len(t, got.Readings, 1)
			require.InDelta(t, float64(i), got.Readings[0].Value.Or(-1), 0)
			require.Len(t, got.CheckIns, 1)
			require.Len(t, got.Blockers, 1)
			require.Equal(t, string(id), got.Blockers[0].Text)
			require.Len(t, got.Standings, 1)
			require.Equal(t, string(id), got.Standings[0].Value)
			require.Equal(t, string(id), got.Packs[0].Text)
			in(t, st, false, func(u okr.Unit) {
				m, err := u.Recall(ctx, id, "key")
				require.NoError(t, err)
				require.Equal(t, string(id), m.Content)
				events, err := u.Events(ctx, id, ref(okr.KindKeyResult, "k1"), 0)
				require.NoError(t, err)
				require.Len(t, events, 2)
				require.Equal(t, id, events[0].Tenant)
				ids, err := u.List(ctx, id, okr.Query{})
				require.NoError(t, err)
				require.Equal(t, []okr.ID{"k1"}, ids)
			})
		}
	}
	check()
	// One tenant erases, settles and drops; the others keep all they had.
	require.NoError(t, erase(ctx, st, "*", ref(okr.KindCheckIn, "c1")))
	due, err := st.ClaimDue(ctx, at(2), 1000)
	require.NoError(t, err)
	require.Len(t, due, 2*len(hostile()))
	write(t, st, "%", okr.Changes{Now: at(0), Settled: []okr.Ref{ref(okr.KindKeyResult, "k1"), ref(okr.KindObjective, "o1")}})
	check()
	due, err = st.ClaimDue(ctx, at(3), 1000)
	require.NoError(t, err)
	require.Len(t, due, 2*len(hostile())-1, "only the look of one tenant is over")
	waiting, _, err := st.OutgoingState(ctx)
	require.NoError(t, err)
	out, err := st.ClaimOutgoing(ctx, at(1), 1, 10_000)
	require.NoError(t, err)
	require.Len(t, out, waiting)
	for _, o := range out {
		e, err := okr.ParseCloudEvent(o.Wire)
		require.NoError(t, err)
		require.Equal(t, o.Tenant, e.Tenant)
	}
	for _, id := range hostile() {
		v, err := st.Verify(ctx, id)
		require.NoError(t, err)
		require.Nil(t, v.Fault, "%v", v)
		require.EqualValues(t, books[id].events, v.Entries)
	}
	in(t, st, false, func(u okr.Unit) {
		_, err := u.Load(ctx, "nobody", okr.Need{Refs: []okr.Ref{ref(okr.KindKeyResult, "k1")}})
		require.ErrorIs(t, err, okr.ErrNotFound)
	})
	u := begin(t, st, true)
	require.ErrorIs(t, u.Write(ctx, "a\x00b", okr.Changes{}), okr.ErrTenant)
	require.NoError(t, u.Rollback(ctx))
}
