package okr_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// byRhythm is a calendar of Fridays, or of the first of the month, by the schedule.
type byRhythm struct{ fridays }

func (c byRhythm) Occurrences(s okr.Schedule, of okr.Cycle, from, to time.Time) ([]okr.Occurrence, error) {
	if s.Frequency == okr.Weekly {
		return c.fridays.Occurrences(s, of, from, to)
	}
	var out []okr.Occurrence
	for d := of.Start; !d.After(of.End); d = d.AddDays(1) {
		if due := d.In(time.UTC).Add(9 * time.Hour); d.Day == 1 && due.After(from) && !due.After(to) {
			out = append(out, okr.Occurrence{Key: d.String(), Opens: due, Due: due, GraceEnds: due.Add(24 * time.Hour)})
		}
	}
	return out, nil
}

// moody is a judge whose packs score by a factor, which may be another one tomorrow.
type moody struct{ factor *float64 }

func (moody) Starter() []okr.Pack {
	return []okr.Pack{{Name: "moody", Version: "1", Digest: "d1", Text: "text"}}
}
func (moody) Needs([]okr.Pack, okr.Intent) okr.Collections { return okr.Collections{} }
func (m moody) Judge(_ context.Context, p okr.Proposal) (okr.Verdict, error) {
	v := okr.Verdict{Scores: map[okr.ID]okr.Judged{}}
	for _, k := range p.After.KeyResults {
		if x, ok := k.Metric.Target.Value(); ok {
			v.Scores[k.ID] = okr.Judged{Score: measure.N(x * *m.factor), Rule: "r", Pack: "moody", Digest: "d1"}
		}
	}
	return v, nil
}

// Once a cycle is closed, nothing about what was promised in it changes either: neither
// by other packs, nor by another rhythm, nor by what comes to be known.
func TestTheCloseFreezesWhatWasPromised(t *testing.T) {
	for _, mode := range []measure.Mode{measure.HitRatio, measure.Average, measure.Latest} {
		t.Run(string(mode), func(t *testing.T) {
			factor, ctx := 0.01, t.Context()
			h := open(t, okr.Config{Judge: moody{&factor}, Calendar: byRhythm{}})
			metric := func(target float64) *measure.Metric {
				return &measure.Metric{Kind: measure.AtLeast, Unit: "%", Target: measure.N(target), Mode: mode}
			}
			_, err := h.acme.Propose(ctx, shaped(*metric(90)))
			require.NoError(t, err)
			h.clock.Set(day(time.October, 1, 9))
			_, err = h.acme.Activate(ctx, okr.Activation{Cycle: h.cycle(t).ID})
			require.NoError(t, err)
			for week, v := range []float64{82, 95, 87, 91, 60} {
				h.clock.Set(day(time.October, 2+7*week, 10))
				h.record(t, "k1", okr.Measurement{Value: measure.N(v), OccurredAt: h.clock.Now()})
			}
			k := h.keyResult(t, "k1")
			for _, target := range []float64{85, 80} {
				h.clock.Advance(time.Hour)
				_, err = h.acme.Change(ctx, okr.KeyResultChange{KeyResult: k.ID, Metric: metric(target), Reason: "we know better"})
				require.NoError(t, err)
			}
			h.clock.Set(afterwards)
			before := h.keyResult(t, "k1").Promised
			require.InDelta(t, 0.9, before.Measured.Score.Score.Or(-1), 1e-9)
			_, err = h.acme.Close(ctx, okr.Closing{Cycle: k.Cycle, Waive: unreviewed})
			require.NoError(t, err)
			read := func() string {
				v, ds := h.keyResult(t, "k1"), h.definitions(t, "k1")
				require.Len(t, ds, 3)
				require.Equal(t, ds[0].Measured, v.Promised.Measured)
				tree, err := h.acme.View().Tree(ctx, k.Cycle)
				require.NoError(t, err)
				why, err := h.acme.View().Explain(ctx, ref(okr.KindKeyResult, k.ID))
				require.NoError(t, err)
				// The newest reading grows older, and a late one is an event: neither says
				// anything of the quarter.
				v.Age, v.Version = 0, 0
				for i := range tree.Objectives {
					for j := range tree.Objectives[i].KeyResults {
						tree.Objectives[i].KeyResults[j].Age, tree.Objectives[i].KeyResults[j].Version = 0, 0
					}
				}
				return asJSON(t, []any{v, ds, tree.Objectives, why})
			}
			closed := read()
			after := h.keyResult(t, "k1").Promised
			require.Equal(t, before.Measured.Current, after.Measured.Current)
			require.Equal(t, before.Measured.Score, after.Measured.Score)

			factor = 0.001
			h.clock.Advance(24 * time.Hour)
			_, err = h.acme.SyncPeople(ctx, okr.Directory{Teams: []okr.Team{{ID: "sales", Name: "Sales", Cadence: &okr.Schedule{Frequency: okr.Monthly, Day: 1, At: "09:00"}}}})
			require.NoError(t, err)
			h.record(t, "k1", okr.Measurement{Value: measure.N(99), OccurredAt: day(time.November, 1, 8)})
			settle(t, h)
			h.clock.Advance(400 * 24 * time.Hour)
			settle(t, h)
			require.Equal(t, closed, read())
		})
	}
}
