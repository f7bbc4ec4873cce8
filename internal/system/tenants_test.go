package system_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/okr"
)

// Names that mean something to a database, a subject, a path, a terminal, or to
// people who think that they are the same.
var hostile = []okr.TenantID{
	"*", ">", "a.b", "a", "a/b", "..", "%", "a_b", "a%2Fb", "$SYS", "'; drop table okr_ledger; --", `"a"`, "a\\b",
	"ÅÄÖ", "åäö", "A\u030aA\u0308O\u0308", "acme", "ACME", "a b", "NULL",
	okr.TenantID(strings.Repeat("x", 200)), okr.TenantID(strings.Repeat("x", 199)), okr.TenantID(strings.Repeat("漢", 66)),
}

// Each tenant's adapter sees its own tenant's events, all of them, and nobody
// else's.
func TestHostileTenants(t *testing.T) {
	t.Parallel()
	everything := &collector{name: "everything"}
	own := make([]*collector, len(hostile))
	h, _ := start(t, t.TempDir(), adapters.Config{Concurrency: 1}, func(r *adapters.Router) {
		r.Add(everything, adapters.FromStart())
		for i, id := range hostile {
			own[i] = &collector{name: fmt.Sprintf("of %d", i)}
			r.Add(own[i], adapters.FromStart(), adapters.Tenant(id))
		}
	})
	for _, id := range hostile {
		// Small, so that many fit in a test.
		_, err := h.desk.For(id).As(okr.Someone("ana")).SyncPeople(t.Context(), okr.Directory{
			People: []okr.Person{{ID: okr.ID(id), Name: string(id)}},
		})
		require.NoError(t, err, id)
	}
	h.settle(t)
	committed := ledger(t, h.lite.DB())
	require.Equal(t, committed, byID(everything.facts()))
	of := map[okr.TenantID]map[string]fact{}
	for id, f := range committed {
		if of[f.Tenant] == nil {
			of[f.Tenant] = map[string]fact{}
		}
		of[f.Tenant][id] = f
	}
	require.Len(t, of, len(hostile))
	for i, id := range hostile {
		require.NotEmpty(t, of[id], id)
		require.Equal(t, of[id], byID(own[i].facts()), id)
		people := h.desk.For(id).View()
		for _, other := range hostile {
			events, err := people.Events(t.Context(), okr.Ref{Kind: okr.KindPerson, ID: okr.ID(other)}, 0)
			require.NoError(t, err)
			if other == id {
				require.Len(t, events, 1)
			} else {
				require.Empty(t, events, "%q reads of %q", id, other)
			}
		}
	}
	found, err := h.desk.System().Tenants(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, hostile, found)
}

// Names that nobody could tell apart, or that nothing can carry, are refused by
// every call, and nothing is written.
func TestRefusedTenants(t *testing.T) {
	t.Parallel()
	h, _ := start(t, t.TempDir(), adapters.Config{}, nil)
	for _, id := range []okr.TenantID{"", " x", "x ", "\tx", "x\n", "a\x00b", "a\x7fb", "\xff\xfe", okr.TenantID(strings.Repeat("x", 201)), okr.TenantID(strings.Repeat("漢", 67)), " ", "\u00a0x", "\u0085"} {
		of := h.desk.For(id).As(okr.Someone("ana"))
		_, err := of.Propose(t.Context(), plan())
		require.ErrorIs(t, err, okr.ErrTenant, "%q", id)
		_, err = of.View().Cycles(t.Context())
		require.ErrorIs(t, err, okr.ErrTenant, "%q", id)
		_, err = of.Settle(t.Context(), okr.Ref{Kind: okr.KindKeyResult, ID: "k1"})
		require.ErrorIs(t, err, okr.ErrTenant, "%q", id)
		require.ErrorIs(t, of.Do(t.Context(), func(okr.Tenant) error { return nil }), okr.ErrTenant, "%q", id)
	}
	require.Empty(t, ledger(t, h.lite.DB()))
}

// Two tenants with the same plan, in which one tries the other's ids.
func TestAnothersIDs(t *testing.T) {
	t.Parallel()
	h, _ := start(t, t.TempDir(), adapters.Config{}, nil)
	acme, globex := newTenant(t, h.desk, "acme"), newTenant(t, h.desk, "ACME")
	k1 := theKeyResult(t, globex, "k1")
	before := ledger(t, h.lite.DB())
	_, err := acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k1, Note: "mine now"})
	require.ErrorIs(t, err, okr.ErrNotFound)
	_, err = acme.Change(t.Context(), okr.KeyResultChange{KeyResult: k1, Reason: "mine now"})
	require.ErrorIs(t, err, okr.ErrNotFound)
	cycles, err := globex.View().Cycles(t.Context())
	require.NoError(t, err)
	_, err = acme.View().Tree(t.Context(), cycles[0].ID)
	require.ErrorIs(t, err, okr.ErrNotFound)
	_, err = acme.View().Snapshot(t.Context(), cycles[0].ID)
	require.ErrorIs(t, err, okr.ErrNotFound)
	_, err = acme.Activate(t.Context(), okr.Activation{Cycle: cycles[0].ID})
	require.ErrorIs(t, err, okr.ErrNotFound)
	events, err := acme.View().Events(t.Context(), okr.Ref{Kind: okr.KindKeyResult, ID: k1}, 0)
	require.NoError(t, err)
	require.Empty(t, events)
	for id, f := range ledger(t, h.lite.DB()) {
		if _, old := before[id]; !old {
			require.Contains(t, []string{okr.EventCheckInDue, okr.EventNoticeReady}, f.Type, "only time goes on")
		}
	}
}
