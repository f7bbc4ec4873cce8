package storetest

import (
	"context"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

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
