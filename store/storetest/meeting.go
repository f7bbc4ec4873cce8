package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// testMeetings holds meetings about the same key results at the same time, in whatever
// order they spoke of them: each is there whole, and none twice.
func testMeetings(t *testing.T, st Store) {
	ctx := t.Context()
	clock := okrtest.NewClock(time.Date(2026, time.October, 2, 9, 0, 0, 0, time.UTC))
	desk, err := okr.New(st, okr.Config{Clock: clock.Now})
	require.NoError(t, err)
	ana := desk.For(acme).As(okr.Someone("ana"))
	_, err = ana.Propose(ctx, okrtest.Plan())
	require.NoError(t, err)
	cycles, err := ana.View().Cycles(ctx)
	require.NoError(t, err)
	_, err = ana.Activate(ctx, okr.Activation{Cycle: cycles[0].ID})
	require.NoError(t, err)
	page, err := ana.View().KeyResults(ctx, okr.Query{})
	require.NoError(t, err)
	const rooms, times = 3, 4
	race(t, rooms, func(ctx context.Context, room int) error {
		for i := range times {
			n := okr.NewSession{
				Kind: okr.CheckInSession, Cycle: cycles[0].ID, Team: "sales", Held: measure.NewDate(2026, time.October, 2), People: []okr.ID{"ana"},
				Minutes: 5, Key: fmt.Sprint("meeting ", room, i),
			}
			for j := range page.Items {
				n.CheckIns = append(n.CheckIns, okr.CheckIn{KeyResult: page.Items[(room+j)%len(page.Items)].ID, Note: fmt.Sprint(room, i)})
			}
			err := again(func() error {
				_, err := ana.Hold(ctx, n)
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	held, err := ana.View().Sessions(ctx, okr.SessionQuery{Cycle: cycles[0].ID}, okr.Paging{})
	require.NoError(t, err)
	require.Len(t, held.Items, rooms*times)
	s, err := ana.View().Snapshot(ctx, cycles[0].ID)
	require.NoError(t, err)
	said := map[okr.ID]int{}
	for _, c := range s.CheckIns {
		said[c.Session]++
	}
	for _, x := range held.Items {
		require.Equal(t, len(page.Items), said[x.ID], "each meeting is there whole")
	}
}

// holdMeeting makes what is drafted active, and holds a check-in about a key result and the nth that the store lists, which may
// be the same or none, and so refused. It says what was decided, and what agenda and
// figures are before and after, whether or not it was.
func holdMeeting(ctx context.Context, acme okr.Tenant, now time.Time, keyResult okr.ID, value, other int) (any, error) {
	cs, err := acme.View().Cycles(ctx)
	if err != nil || len(cs) == 0 {
		return nil, err
	}
	if _, err := acme.Activate(ctx, okr.Activation{Cycle: cs[0].ID}); err != nil {
		return nil, err
	}
	out := map[string]any{}
	tell := func(when string) error {
		q := okr.AgendaQuery{Cycle: cs[0].ID, Team: "sales", Minutes: 3}
		a, err := acme.View().Agenda(ctx, q)
		if err != nil {
			return err
		}
		q.Team = ""
		m, err := acme.View().Meetings(ctx, q)
		out["agenda "+when], out["meetings "+when] = a, m
		return err
	}
	if err := tell("before"); err != nil {
		return nil, err
	}
	page, err := acme.View().KeyResults(ctx, okr.Query{Limit: 3})
	if err != nil {
		return nil, err
	}
	held := okr.NewSession{
		Kind: okr.CheckInSession, Cycle: cs[0].ID, Team: "sales", Held: cs[0].Today(now), People: []okr.ID{"ana"}, Minutes: 4, Expected: 3,
		CheckIns: []okr.CheckIn{{
			KeyResult: keyResult, Value: measure.N(float64(value)), Confidence: measure.N(float64(value / 10)),
			Blockers: []okr.NewBlocker{{Text: "waits", Owner: "ben"}}, Adjust: []okr.Adjustment{{Do: "add", Title: "Ask " + now.String()}},
		}},
	}
	if other < len(page.Items) {
		held.CheckIns = append(held.CheckIns, okr.CheckIn{KeyResult: page.Items[other].ID, Note: "nothing new"})
	}
	d, err := acme.Hold(ctx, held)
	out["decided"], out["refused"] = d, kind(err)
	return out, tell("after")
}
