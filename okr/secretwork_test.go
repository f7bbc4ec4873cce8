package okr_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
)

// Who activates a cycle activates what they may see of it, and learns nothing of the
// rest.
func TestOthersPrivateDraftsStayDrafts(t *testing.T) {
	h, ctx := open(t, okr.Config{Judge: scorer{}}), t.Context()
	_, err := h.acme.Propose(ctx, branches(3))
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	cycle := h.cycle(t)
	eve := h.desk.For("acme").As(okr.Someone("eve"))
	d, err := eve.Activate(ctx, okr.Activation{Cycle: cycle.ID})
	require.NoError(t, err)
	require.NotEmpty(t, d.Events)
	require.NotContains(t, asJSON(t, d), hush)
	private := 0
	for _, o := range tree(t, h.desk.For("acme").As(okr.Someone("ben"))) {
		if !o.Private {
			require.Equal(t, okr.Active, o.State)
			continue
		}
		private++
		require.Equal(t, okr.Draft, o.State, "nobody who may see it has promised it")
		for _, k := range o.KeyResults {
			require.Equal(t, okr.Draft, k.State)
			require.NotContains(t, asJSON(t, d), string(k.ID))
		}
		require.NotContains(t, asJSON(t, d), string(o.ID))
	}
	require.Equal(t, 3, private)

	was, err := eve.View().Events(ctx, ref(okr.KindCycle, cycle.ID), 0)
	require.NoError(t, err)
	_, err = h.desk.For("acme").As(okr.Someone("ben")).Activate(ctx, okr.Activation{Cycle: cycle.ID})
	require.NoError(t, err)
	for _, o := range tree(t, h.desk.For("acme").As(okr.Someone("ben"))) {
		require.Equal(t, okr.Active, o.State)
	}
	is, err := eve.View().Events(ctx, ref(okr.KindCycle, cycle.ID), 0)
	require.NoError(t, err)
	require.Equal(t, was, is, "the cycle's events tell nothing of it")
}

// A notice is a letter: who is not its reader sees that there was one.
func TestANoticeIsForItsReader(t *testing.T) {
	h, ctx := grown(t, branches(1), okr.Config{}), t.Context()
	d, err := h.acme.As(okr.Automation("cadence")).Notify(ctx, okr.Notice{
		To: "ben", Kind: "status", Title: "At risk: " + hush, Body: hush, Link: "https://okr.example/" + hush, About: []string{"e1"},
	})
	require.NoError(t, err)
	notice := d.Events[0].Aggregate
	for who, may := range map[okr.Actor]bool{
		okr.Someone("ben"): true, okr.Automation("cadence"): true, okr.Service("relay"): true, okr.Someone("eve"): false, ana: false,
	} {
		events, err := h.desk.For("acme").As(who).View().Events(ctx, notice, 0)
		require.NoError(t, err)
		require.Len(t, events, 1)
		payload, err := events[0].Payload()
		require.NoError(t, err)
		require.Equal(t, okr.ID("ben"), payload.(*okr.NoticeFact).To)
		if may {
			require.Equal(t, "At risk: "+hush, payload.(*okr.NoticeFact).Title, who)
			continue
		}
		require.NotContains(t, string(events[0].Data), hush, who)
		require.NotContains(t, string(events[0].Data), "e1", who)
	}
}
