package audit_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// asking is a store that notes what is to be looked at.
type asking struct {
	okr.Store
	looks *[]okr.Ref
}

type askingUnit struct {
	okr.Unit
	looks *[]okr.Ref
}

func (a asking) Begin(ctx context.Context, write bool) (okr.Unit, error) {
	u, err := a.Store.Begin(ctx, write)
	return askingUnit{u, a.looks}, err
}

func (u askingUnit) Write(ctx context.Context, t okr.TenantID, c okr.Changes) error {
	*u.looks = append(*u.looks, c.Look...)
	return u.Unit.Write(ctx, t, c)
}

// What the starter packs say of a cycle as a whole they say of each key result and
// objective by itself: whatever a day has looked at has something to tell, and is at
// rest afterwards.
func TestADayAndItsSubjectsAgree(t *testing.T) {
	ctx := t.Context()
	var looks []okr.Ref
	clock := okrtest.NewClock(time.Date(2026, time.September, 21, 9, 0, 0, 0, time.UTC))
	desk, err := okr.New(asking{memory.New(), &looks}, okr.Config{Clock: clock.Now, NewID: okrtest.SequentialIDs(), Judge: starter(t)})
	require.NoError(t, err)
	acme := desk.For("acme").As(okr.Someone("mara"))
	p := plan()
	p.Objectives = p.Objectives[:1]
	p.Objectives[0].Rollup.Driver = measure.DriverBoth
	for i, private := range []bool{false, true, false} {
		o := p.Objectives[0]
		o.Key, o.Title, o.Private, o.Rank = fmt.Sprint("part ", i), fmt.Sprint("Companies of region ", i, " stay"), private, i+2
		o.Parent, o.KeyResults = p.Objectives[0].Key, append([]okr.PlanKeyResult(nil), o.KeyResults...)
		for j := range o.KeyResults {
			o.KeyResults[j].Key += fmt.Sprint(i)
			o.KeyResults[j].Title += fmt.Sprint(" in region ", i)
		}
		p.Objectives = append(p.Objectives, o)
	}
	_, err = acme.Propose(ctx, p)
	require.NoError(t, err)
	cycles, err := acme.View().Cycles(ctx)
	require.NoError(t, err)
	clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	_, err = acme.Activate(ctx, okr.Activation{Cycle: cycles[0].ID})
	var refused *okr.RefusedError
	for tries := 0; err != nil && tries < 3; tries++ {
		require.ErrorAs(t, err, &refused)
		for _, f := range refused.Findings {
			_, err := acme.Waive(ctx, okr.Waiving{Rule: f.Rule, Subject: f.Subject, Owner: "mara", Reason: "it is not what this is about", Until: clock.Now().AddDate(0, 1, 0)})
			require.NoError(t, err)
		}
		_, err = acme.Activate(ctx, okr.Activation{Cycle: cycles[0].ID})
	}
	require.NoError(t, err)

	runner := desk.For("acme").As(okr.Automation("cadence"))
	told := map[string]int{}
	settle := func(refs ...okr.Ref) int {
		d, err := runner.Settle(ctx, refs...)
		require.NoError(t, err)
		for _, e := range d.Events {
			told[e.Type]++
		}
		return len(d.Events)
	}
	drain := func() {
		for {
			due, err := desk.System().ClaimDue(ctx, 100)
			require.NoError(t, err)
			if len(due) == 0 {
				return
			}
			for _, d := range due {
				settle(d.Subject)
			}
		}
	}
	r := rand.New(rand.NewPCG(7, 7))
	drain()
	for day := cycles[0].Start.AddDays(1); day.Before(cycles[0].Start.AddDays(60)); day = day.AddDays(1) {
		zone, err := cycles[0].Location()
		require.NoError(t, err)
		clock.Set(day.In(zone))
		looks = nil
		settle(okr.Ref{Kind: okr.KindCycle, ID: cycles[0].ID})
		for _, asked := range append([]okr.Ref(nil), looks...) {
			require.Positive(t, settle(asked), "%s: there is nothing to say of %s", day, asked)
		}
		drain()
		clock.Advance(10 * time.Hour)
		for k, err := range desk.For("acme").As(okr.Automation("host")).View().All(ctx, okr.Query{}) {
			require.NoError(t, err)
			if r.IntN(5) == 0 {
				_, err := desk.For("acme").As(okr.Someone(k.Owner)).CheckIn(ctx, okr.CheckIn{KeyResult: k.ID, Value: measure.N(float64(r.IntN(20))), Confidence: measure.N(float64(r.IntN(11)))})
				require.NoError(t, err)
				settle(okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}) // where its readings lead is no news at midnight
			}
		}
		drain()
	}
	for _, e := range []string{okr.EventStatusChanged, okr.EventObjectiveStatus, okr.EventFindingOpened, okr.EventFindingResolved} {
		require.Positive(t, told[e], e)
	}
}

// A day of a company, judged as a whole, and subject by subject.
func BenchmarkJudgeDay(b *testing.B) {
	j := starter(b)
	s := company(b, 10_000)
	s.Packs = j.Starter()
	measured := s.Measure(friday)
	b.Run("as a whole", func(b *testing.B) {
		for b.Loop() {
			_, err := j.Judge(context.Background(), okr.Proposal{Intent: okr.Intent{Verb: okr.VerbView}, Before: s, After: s, Measured: measured, Now: friday})
			require.NoError(b, err)
		}
	})
	b.Run("every subject", func(b *testing.B) {
		for b.Loop() {
			for _, k := range s.KeyResults[:100] { // of 10,000
				few := &okr.Snapshot{Tenant: s.Tenant, Cycles: s.Cycles, Packs: s.Packs, Objectives: []okr.Objective{*s.Objective(k.Objective)}, KeyResults: s.KeyResultsOf(k.Objective)}
				in := okr.Intent{Verb: okr.VerbSettle, Subjects: []okr.Ref{{Kind: okr.KindKeyResult, ID: k.ID}}}
				_, err := j.Judge(context.Background(), okr.Proposal{Intent: in, Before: few, After: few, Measured: few.Measure(friday), Now: friday})
				require.NoError(b, err)
			}
		}
	})
}
