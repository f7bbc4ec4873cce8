package okr_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// Whatever is decided in whatever order: events are numbered without gaps and
// versions count them, nothing is green without a fresh reading, an occurrence is
// announced at most once of each kind, what is known is the newest reading that
// nothing corrects, and nothing active is ever forgotten.
func TestAnyHistoryKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ctx := t.Context()
		clock := okrtest.NewClock(planning)
		store := memory.New()
		desk, err := okr.New(store, okr.Config{Clock: clock.Now, NewID: okrtest.SequentialIDs(), Calendar: rhythmic{}})
		require.NoError(t, err)
		acme := desk.For("acme").As(ana)
		first, err := acme.Propose(ctx, okrtest.Plan())
		require.NoError(t, err)
		var cycle okr.ID
		for _, e := range first.Events {
			if e.Type == okr.EventCycleCreated {
				cycle = e.Aggregate.ID
			}
		}
		clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
		_, err = acme.Activate(ctx, okr.Activation{Cycle: cycle})
		require.NoError(t, err)
		var ids []okr.ID
		for k, err := range acme.View().All(ctx, okr.Query{}) {
			require.NoError(t, err)
			ids = append(ids, k.ID)
		}
		one, err := acme.View().KeyResults(ctx, okr.Query{Limit: 1})
		require.NoError(t, err)
		objective := one.Items[0].Objective
		_, err = acme.DefineKPI(ctx, okr.NewKPI{ID: "kpi", Name: "KPI"})
		require.NoError(t, err)
		readings := map[okr.ID][]okr.ID{}
		announced := map[string]int{}
		hear := func(es []okr.Event) {
			for _, e := range es {
				p, err := e.Payload()
				require.NoError(t, err)
				switch f := p.(type) {
				case *okr.ReadingRecorded:
					readings[f.KeyResult] = append(readings[f.KeyResult], f.Reading)
				case *okr.OccurrenceFact:
					key := fmt.Sprint(e.Type, f.KeyResult, f.Occurrence)
					announced[key]++
					require.Equal(t, 1, announced[key], key)
				}
			}
		}
		settle := func() {
			for {
				due, err := desk.System().ClaimDue(ctx, 100)
				require.NoError(t, err)
				if len(due) == 0 {
					return
				}
				for _, x := range due {
					d, err := desk.For(x.Tenant).As(okr.Automation("cadence")).Settle(ctx, x.Subject)
					require.NoError(t, err)
					hear(d.Events)
				}
			}
		}
		value := func() measure.Number { return measure.N(float64(rapid.IntRange(0, 1).Draw(t, "value"))) }
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			k := rapid.SampledFrom(ids).Draw(t, "key result")
			back := time.Duration(rapid.IntRange(0, 20).Draw(t, "days back")) * 24 * time.Hour
			var d okr.Decision
			switch rapid.IntRange(0, 16).Draw(t, "what") {
			case 0:
				d, _ = acme.CheckIn(ctx, okr.CheckIn{KeyResult: k, Value: value(), OccurredAt: clock.Now().Add(-back), Confidence: measure.N(5)})
			case 1:
				d, _ = acme.Record(ctx, okr.Collected{KeyResult: k, Source: "feed", Readings: []okr.Measurement{{Value: value(), OccurredAt: clock.Now().Add(-back)}}})
			case 2:
				if len(readings[k]) > 0 {
					m := okr.Measurement{Value: value(), Corrects: rapid.SampledFrom(readings[k]).Draw(t, "corrects")}
					if rapid.Bool().Draw(t, "elsewhen") {
						m.OccurredAt = clock.Now().Add(-back)
					}
					d, _ = acme.Record(ctx, okr.Collected{KeyResult: k, Source: "feed", Readings: []okr.Measurement{m}})
				}
			case 3:
				s := rapid.SampledFrom([]okr.State{okr.Active, okr.Postponed, okr.Abandoned, okr.Done}).Draw(t, "state")
				d, _ = acme.Change(ctx, okr.KeyResultChange{KeyResult: k, State: &s})
			case 4:
				day := rapid.SampledFrom([]time.Weekday{time.Monday, time.Friday}).Draw(t, "weekday")
				d, _ = acme.Change(ctx, okr.KeyResultChange{KeyResult: k, Cadence: &okr.Schedule{Frequency: okr.Weekly, Weekday: day}})
			case 5:
				d, _ = acme.Record(ctx, okr.Collected{KeyResult: k, Source: "feed", Error: "down"})
			case 6:
				d, _ = acme.Propose(ctx, okrtest.Plan())
			case 7:
				_, err = acme.Comment(ctx, okr.NewComment{Subject: okr.Ref{Kind: okr.KindKeyResult, ID: k}, Text: "x"})
				require.NoError(t, err)
			case 8:
				_, _ = acme.Waive(ctx, okr.Waiving{
					Rule: "r", Subject: okr.Ref{Kind: okr.KindKeyResult, ID: k}, Owner: "ana", Reason: "x", Until: clock.Now().Add(back + time.Hour),
				})
			case 9, 10:
				d, _ = acme.Record(ctx, okr.Collected{KPI: "kpi", Source: "feed", Readings: []okr.Measurement{{Value: value(), OccurredAt: clock.Now().Add(-back)}}})
			case 11:
				x, err := acme.View().KPI(ctx, "kpi", 0)
				require.NoError(t, err)
				if x.Reading != "" {
					d, _ = acme.Record(ctx, okr.Collected{KPI: "kpi", Source: "feed", Readings: []okr.Measurement{{Value: value(), Corrects: x.Reading}}})
				}
			case 12:
				to := rapid.SampledFrom([]okr.ID{"", "kpi"}).Draw(t, "kpi")
				d, _ = acme.Change(ctx, okr.KeyResultChange{KeyResult: k, KPI: &to, Reason: "x"})
			case 13:
				s := rapid.SampledFrom([]okr.State{okr.Active, okr.Postponed, okr.Abandoned}).Draw(t, "objective state")
				d, _ = acme.ChangeObjective(ctx, okr.ObjectiveChange{Objective: objective, State: &s, Reason: "x"})
			case 14:
				_, err = acme.Hold(ctx, okr.NewSession{Kind: okr.CheckInSession, Cycle: cycle, Held: okr.Date{Year: 2026, Month: 10, Day: 1}, People: []okr.ID{"ana"}})
				require.NoError(t, err)
			default:
				clock.Advance(time.Duration(rapid.IntRange(1, 200).Draw(t, "hours")) * time.Hour)
			}
			hear(d.Events)
			if rapid.Bool().Draw(t, "settled") {
				settle()
			}
		}
		settle()
		s, err := acme.View().Snapshot(ctx, cycle)
		require.NoError(t, err)
		for _, k := range s.KeyResults {
			events, err := acme.View().Events(ctx, okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}, 0)
			require.NoError(t, err)
			for i, e := range events {
				require.Equal(t, int64(i+1), e.Seq)
			}
			require.Equal(t, int64(len(events)), k.Version)

			all := s.ReadingsOf(k.ID)
			var newest okr.Reading
			for _, r := range all {
				if !slices.ContainsFunc(all, func(o okr.Reading) bool { return o.Corrects == r.ID }) {
					newest = r
					break
				}
			}
			require.Equal(t, newest.ID, k.Reading)
			require.True(t, newest.Value.Equal(k.Current))

			m := s.Measure(clock.Now())[k.ID]
			if m.Status == measure.OnTrack {
				require.True(t, m.Fresh, "green by silence")
			}
			if k.State != okr.Active {
				continue
			}
			status, looks := measure.Status(""), false
			u, err := store.Begin(ctx, false)
			require.NoError(t, err)
			ref := okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}
			noted, err := u.Load(ctx, "acme", okr.Need{Refs: []okr.Ref{ref}, Collections: okr.Collections{Standings: true}})
			require.NoError(t, err)
			for _, st := range noted.StandingsOf(ref) {
				if st.Kind == "status" {
					status, looks = measure.Status(st.Value), st.NextLook != nil
				}
			}
			require.True(t, looks, "somebody looks at it again")
			require.Equal(t, m.Status, status, "what was announced is what is so")
		}

		// The quarter ends, and whatever becomes known later changes nothing of it.
		clock.Set(afterwards)
		_, err = acme.Close(ctx, okr.Closing{Cycle: cycle, Waive: unreviewed})
		require.NoError(t, err)
		closed, err := acme.View().Review(ctx, cycle)
		require.NoError(t, err)
		outcomes := len(closed.Hit) + len(closed.Missed) + len(closed.Unknown) + len(closed.Postponed) + len(closed.Abandoned) + len(closed.CarriedOver)
		require.Equal(t, len(ids), outcomes, "everything that was promised came to something")
		for range rapid.IntRange(0, 5).Draw(t, "afterwards") {
			k := rapid.SampledFrom(ids).Draw(t, "key result")
			m := okr.Measurement{Value: value(), OccurredAt: clock.Now().Add(-240 * time.Hour)}
			if len(readings[k]) > 0 && rapid.Bool().Draw(t, "correction") {
				m.Corrects = rapid.SampledFrom(readings[k]).Draw(t, "corrects")
			}
			d, err := acme.Record(ctx, okr.Collected{KeyResult: k, Source: "late", Readings: []okr.Measurement{m}})
			if err != nil {
				require.ErrorIs(t, err, okr.ErrInvalid)
			}
			hear(d.Events)
			clock.Advance(24 * time.Hour)
			settle()
			now, err := acme.View().Review(ctx, cycle)
			require.NoError(t, err)
			require.Equal(t, closed, now)
		}
	})
}
