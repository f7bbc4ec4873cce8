package okr_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
)

// How long what stands in the way stands there is told, by blocker and by team.
func TestTimeToResolveABlocker(t *testing.T) {
	h, ctx := running(t, okr.Config{}), t.Context()
	k1, k2 := h.keyResult(t, "k1"), h.keyResult(t, "k2")
	raise := func(k okr.ID, text string) {
		_, err := h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: k, Blockers: []okr.NewBlocker{{Kind: "data", Text: text}}})
		require.NoError(t, err)
	}
	resolve := func(key, text string) {
		for _, b := range h.keyResult(t, key).Blocked {
			if b.Text == text {
				_, err := h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: b.KeyResult, Resolved: []okr.Resolution{{Blocker: b.ID, How: "done"}}})
				require.NoError(t, err)
			}
		}
	}
	day := 24 * time.Hour
	raise(k1.ID, "a")
	raise(k1.ID, "b")
	raise(k2.ID, "c")
	h.clock.Advance(2 * day)
	resolve("k1", "a")
	h.clock.Advance(day)
	resolve("k2", "c")
	raise(k2.ID, "d")
	for range 40 { // long ago, and not forgotten
		h.clock.Advance(time.Hour)
		_, err := h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: k1.ID, Note: "x"})
		require.NoError(t, err)
	}
	all, err := h.acme.View().Blockers(ctx, okr.BlockerQuery{Cycle: k1.Cycle})
	require.NoError(t, err)
	var said []string
	for _, b := range all {
		said = append(said, b.Text+" "+b.Took.String())
	}
	require.Equal(t, []string{"b 112h0m0s", "d 40h0m0s", "c 72h0m0s", "a 48h0m0s"}, said)
	require.Equal(t, k1.Title, all[0].KeyResultTitle)
	require.Equal(t, "Ana Lima", all[0].OwnerName)
	bens, err := h.acme.View().Blockers(ctx, okr.BlockerQuery{Cycle: k1.Cycle, Team: "sales", Owner: "ben", Open: true})
	require.NoError(t, err)
	require.Len(t, bens, 1)

	times, err := h.acme.View().BlockerTimes(ctx, k1.Cycle)
	require.NoError(t, err)
	require.Equal(t, []okr.BlockerTime{{Team: "sales", TeamName: "Sales", Open: 2, Closed: 2, Median: 2 * day, Longest: 3 * day, Oldest: 112 * time.Hour}}, times)
	_, err = h.desk.For("globex").View().BlockerTimes(ctx, k1.Cycle)
	require.ErrorIs(t, err, okr.ErrNotFound)
	_, err = h.desk.For("globex").View().Blockers(ctx, okr.BlockerQuery{Cycle: k1.Cycle})
	require.ErrorIs(t, err, okr.ErrNotFound)
}
