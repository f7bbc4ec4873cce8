package okr_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// settledCompany is a tenant of n key results, everything in it settled.
func settledCompany(b testing.TB, n int) (okr.Tenant, *okrtest.Clock, *[]okr.Changes) {
	b.Helper()
	var wrote []okr.Changes
	next := midQuarter.AddDate(0, 0, 1)
	st := companyOf(b, n, next)
	clock := okrtest.NewClock(next)
	desk, err := okr.New(ledgers{st, &wrote}, okr.Config{Clock: clock.Now, NewID: okrtest.SequentialIDs(), Calendar: rhythmic{}})
	require.NoError(b, err)
	return desk.For("acme").As(okr.Automation("cadence")), clock, &wrote
}

// companyOf is a store that holds it, each subject to be looked at by itself at the
// instant.
func companyOf(b testing.TB, n int, next time.Time) *memory.Store {
	ctx := context.Background()
	s := wholeCompany(n)
	c := okr.Changes{Now: midQuarter, Expect: map[okr.Ref]int64{}}
	began := func(kind okr.Kind, id okr.ID) int64 {
		r := okr.Ref{Kind: kind, ID: id}
		c.Expect[r] = 0
		e := okr.Entry{Event: okr.Event{
			ID: "began-" + string(id), Type: okr.EventKeyResultActive, Tenant: "acme", Aggregate: r, Seq: 1, Time: midQuarter, Actor: ana, Data: []byte("{}"),
		}, Entity: r, State: []byte("{}"), Wire: []byte("{}")}
		e.Hash = e.Sum()
		c.Entries = append(c.Entries, e)
		return 1
	}
	s.Cycles[0].Version = began(okr.KindCycle, "c1")
	for i := range s.Teams {
		s.Teams[i].ID = "t" + s.Teams[i].ID
		s.Teams[i].Version = began(okr.KindTeam, s.Teams[i].ID)
	}
	for i := range s.KeyResults {
		s.KeyResults[i].Version = began(okr.KindKeyResult, s.KeyResults[i].ID)
	}
	for i := range s.Objectives {
		s.Objectives[i].Team = "t" + s.Objectives[i].Team
		s.Objectives[i].Version = began(okr.KindObjective, s.Objectives[i].ID)
	}
	announceAll(s, s.Measure(midQuarter), next)
	st := memory.New()
	u, err := st.Begin(ctx, true)
	require.NoError(b, err)
	c.Cycles, c.Teams, c.Objectives, c.KeyResults, c.Standings = s.Cycles, s.Teams, s.Objectives, s.KeyResults, s.Standings
	require.NoError(b, u.Write(ctx, "acme", c))
	require.NoError(b, u.Commit(ctx))
	return st
}

// A change of day of a tenant in memory, from the first claim to the last row
// written: by the cycle, and by every subject there is.
func BenchmarkSettleDay(b *testing.B) {
	for _, n := range []int{4_000, 40_000} {
		everything := func(s *okr.Snapshot) (out []okr.Ref) {
			for _, k := range s.KeyResults {
				out = append(out, okr.Ref{Kind: okr.KindKeyResult, ID: k.ID})
			}
			for _, o := range s.Objectives {
				out = append(out, okr.Ref{Kind: okr.KindObjective, ID: o.ID})
			}
			return out
		}
		for name, refs := range map[string][]okr.Ref{
			"by the cycle":  {{Kind: okr.KindCycle, ID: "c1"}},
			"every subject": everything(wholeCompany(n)),
		} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				ctx := context.Background()
				var rows, subjects int
				var cycle time.Duration
				for b.Loop() {
					b.StopTimer()
					acme, _, wrote := settledCompany(b, n)
					b.StartTimer()
					begin := time.Now()
					for todo := refs; len(todo) > 0; todo = todo[min(256, len(todo)):] {
						_, err := acme.Settle(ctx, todo[:min(256, len(todo))]...)
						require.NoError(b, err)
					}
					cycle = time.Since(begin)
					if len(refs) == 1 {
						var changed []okr.Ref
						for _, c := range *wrote {
							changed = append(changed, c.Look...)
						}
						for todo := changed; len(todo) > 0; todo = todo[min(256, len(todo)):] {
							_, err := acme.Settle(ctx, todo[:min(256, len(todo))]...)
							require.NoError(b, err)
						}
					}
					rows, subjects = 0, 0
					for _, c := range *wrote {
						rows += len(c.Standings) + len(c.KeyResults) + len(c.Objectives) + len(c.Entries) + len(c.Look)
						subjects += len(c.Settled)
					}
				}
				b.ReportMetric(float64(rows), "rows")
				b.ReportMetric(float64(subjects), "settled")
				b.ReportMetric(cycle.Seconds(), "s-first")
			})
		}
	}
}
