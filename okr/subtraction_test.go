package okr_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// What a cycle came to says nothing of what is private: not by the difference
// between what the event counts and what a reader may see.
func TestPrivateOutcomesAreNotHadBySubtraction(t *testing.T) {
	h := grown(t, branches(1), okr.Config{})
	ctx := t.Context()
	h.clock.Set(time.Date(2026, time.December, 30, 9, 0, 0, 0, time.UTC))
	for key, v := range map[string]float64{"open": 40, "kh0": 100} {
		_, err := h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: h.keyResult(t, key).ID, Value: measure.N(v)})
		require.NoError(t, err)
	}
	secret := h.keyResult(t, "kh0")
	h.clock.Set(afterwards)
	h.review(t, okr.ReviewEntry{Subject: h.whole(t), Learned: "Fewer, larger bets."})
	d := h.close(t)

	eve := h.desk.For("acme").As(okr.Someone("eve"))
	review, err := eve.View().Review(ctx, h.cycle(t).ID)
	require.NoError(t, err)
	require.Empty(t, review.Hit)
	require.Len(t, review.Missed, 1)
	kept, err := eve.View().Events(ctx, h.whole(t), 0)
	require.NoError(t, err)
	closed := 0
	for _, e := range append(kept, d.Events...) {
		if e.Type != okr.EventCycleClosed {
			continue
		}
		closed++
		p, err := e.Payload()
		require.NoError(t, err)
		require.Equal(t, map[measure.Status]int{measure.Missed: 1}, p.(*okr.CycleFact).Outcomes)
		require.Equal(t, 1, p.(*okr.CycleFact).Hidden, "that there is more may be known")
	}
	require.Equal(t, 2, closed)

	// Nor by the grade of what ended, which is told like its score.
	events, err := h.acme.View().Events(ctx, okr.Ref{Kind: okr.KindKeyResult, ID: secret.ID}, 0)
	require.NoError(t, err)
	ended := 0
	for _, e := range events {
		if e.Type != okr.EventKeyResultEnded {
			continue
		}
		ended++
		require.NotContains(t, string(e.Data), string(measure.GradeGreen))
		p, err := e.Payload()
		require.NoError(t, err)
		require.Empty(t, p.(*okr.KeyResultEnded).Grade)
	}
	require.Equal(t, 1, ended)
}

func TestEventsOfACycleAreFiguresToo(t *testing.T) {
	h := over(t, okr.Config{}, nil)
	ctx := t.Context()
	h.review(t, okr.ReviewEntry{Subject: h.whole(t), Learned: "Fewer, larger bets."})
	h.close(t)
	hr := h.desk.For("acme").As(okr.Someone("hr")).View()
	events, err := hr.Events(ctx, h.whole(t), 0)
	require.NoError(t, err)
	require.Contains(t, fmt.Sprint(types(events)), okr.EventCycleClosed)

	events, err = hr.For(okr.ForCompensation).Events(ctx, h.whole(t), 0)
	var denied *okr.PurposeError
	require.ErrorAs(t, err, &denied)
	require.Equal(t, h.whole(t).ID, denied.Cycle)
	require.Empty(t, events)
	require.Equal(t, []string{okr.EventPurposeRefused + " hr"}, audited(t, h, h.whole(t).ID), "and it is on record")
}
