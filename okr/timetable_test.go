package okr_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// A timetable tells nobody when somebody else will be away.
func TestATimetableTellsNobodyWhoWillBeAway(t *testing.T) {
	h := running(t, okr.Config{})
	ctx := t.Context()
	k := h.keyResult(t, "k2")
	away := okr.Person{ID: "ben", Name: "Ben", Team: "sales", Away: []okr.Span{{From: measure.NewDate(2026, 10, 12), To: measure.NewDate(2026, 10, 25)}}}
	who := func(asked okr.ID, keys ...string) (out []string) {
		for _, key := range keys {
			out = append(out, key+" "+string(asked))
		}
		return out
	}
	table := func(reader okr.Actor) (out []string) {
		all, err := h.acme.As(reader).View().Timetable(ctx, h.cycle(t).ID)
		require.NoError(t, err)
		for _, a := range all {
			if a.KeyResult == k.ID && len(out) < 4 {
				out = append(out, a.Key+" "+string(a.Asked))
			}
		}
		return out
	}
	usual := who("ben", "2026-10-02", "2026-10-09", "2026-10-16", "2026-10-23")
	require.Equal(t, usual, table(okr.Someone("ana")))

	_, err := h.acme.SyncPeople(ctx, okr.Directory{People: []okr.Person{away}})
	require.NoError(t, err)
	require.Equal(t, usual, table(okr.Someone("ana")), "nobody stands in, and nothing is missing")
	require.Equal(t, who("ben", "2026-10-02", "2026-10-09", "2026-10-30", "2026-11-06"), table(okr.Someone("ben")))
	require.Equal(t, table(okr.Someone("ben")), table(okr.Automation("host")))

	away.Backup = "cem"
	_, err = h.acme.SyncPeople(ctx, okr.Directory{People: []okr.Person{away, {ID: "cem", Name: "Cem"}}})
	require.NoError(t, err)
	instead := append(who("ben", "2026-10-02", "2026-10-09"), who("cem", "2026-10-16", "2026-10-23")...)
	require.Equal(t, usual, table(okr.Someone("ana")))
	for _, reader := range []okr.Actor{okr.Someone("ben"), okr.Someone("cem"), okr.Automation("host")} {
		require.Equal(t, instead, table(reader))
	}
	open, err := h.acme.As(okr.Automation("host")).View().OpenTimetable(ctx, h.cycle(t).ID)
	require.NoError(t, err)
	for _, a := range open {
		require.NotEqual(t, okr.ID("cem"), a.Asked)
	}
}
