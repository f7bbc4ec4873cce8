package okr_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// metrics are one of every kind.
func metrics() []measure.Metric {
	n := measure.N
	return []measure.Metric{
		{Kind: measure.Increase, Baseline: n(0), Target: n(10)},
		{Kind: measure.Decrease, Baseline: n(10), Target: n(0)},
		{Kind: measure.AtLeast, Target: n(5)},
		{Kind: measure.AtMost, Target: n(5), Baseline: n(12)},
		{Kind: measure.Above, Target: n(5), Amber: n(2)},
		{Kind: measure.Below, Target: n(5)},
		{Kind: measure.Between, Low: n(2), High: n(4)},
		{Kind: measure.YesNo},
		{Kind: measure.Milestones, Milestones: []measure.Milestone{{Key: "a"}, {Key: "b"}}},
		{Kind: measure.Zones, Zones: []measure.Zone{{Level: measure.LevelCommit, Text: "one"}, {Level: measure.LevelTarget, Text: "two"}, {Level: measure.LevelStretch, Text: "three"}}},
		{Kind: measure.CommitTargetStretch, Baseline: n(0), Commit: n(3), Target: n(7), Stretch: n(10)},
		{Kind: measure.Points, Points: []measure.Point{{Value: 0, Share: 0}, {Value: 4, Share: 0.5}, {Value: 10, Share: 1}}},
		{Kind: measure.Baseline},
	}
}

// Whatever was recorded: every figure that is read computes to itself again from what
// is listed of it, the figures are those of the view, and what is listed names
// readings that exist.
func TestWhatIsExplainedComputesToItself(t *testing.T) {
	seen := map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		ctx := t.Context()
		clock := okrtest.NewClock(planning)
		c := okr.Config{Clock: clock.Now, NewID: okrtest.SequentialIDs(), Calendar: fridays{}}
		if rapid.Bool().Draw(t, "judged") {
			c.Judge = strict{rapid.SampledFrom([]measure.Status{measure.OnTrack, measure.OffTrack, "sleepy"}).Draw(t, "ruled")}
		}
		desk, err := okr.New(memory.New(), c)
		require.NoError(t, err)
		acme := desk.For("acme").As(ana)
		m := rapid.SampledFrom(metrics()).Draw(t, "metric")
		m.Mode = rapid.SampledFrom(measure.Modes()).Draw(t, "mode")
		if len(m.Problems()) > 0 {
			m.Mode = ""
		}
		_, err = acme.Propose(ctx, shaped(m))
		require.NoError(t, err)
		clock.Set(day(time.October, 1, 9))
		cs, err := acme.View().Cycles(ctx)
		require.NoError(t, err)
		_, err = acme.Activate(ctx, okr.Activation{Cycle: cs[0].ID})
		require.NoError(t, err)
		page, err := acme.View().KeyResults(ctx, okr.Query{})
		require.NoError(t, err)
		var ref okr.Ref
		for _, k := range page.Items {
			if k.Key == "k1" {
				ref = okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}
			}
		}
		for range rapid.IntRange(0, 12).Draw(t, "steps") {
			clock.Advance(time.Duration(rapid.IntRange(1, 200).Draw(t, "hours")) * time.Hour)
			v := float64(rapid.IntRange(0, 12).Draw(t, "value"))
			switch m.Kind {
			case measure.YesNo, measure.Milestones:
				v = float64(int(v) % 2)
			case measure.Zones:
				v = float64(int(v) % 4)
			}
			back := time.Duration(rapid.IntRange(0, 10*24).Draw(t, "hours back")) * time.Hour
			_, err := acme.Record(ctx, okr.Collected{KeyResult: ref.ID, Source: "feed", Readings: []okr.Measurement{{Value: measure.N(v), OccurredAt: clock.Now().Add(-back)}}})
			require.NoError(t, err)
			if rapid.IntRange(0, 5).Draw(t, "override") == 0 {
				_, err := acme.Change(ctx, okr.KeyResultChange{KeyResult: ref.ID, Override: &okr.StatusOverride{Status: measure.AtRisk, Reason: "so", Until: clock.Now().Add(time.Hour)}})
				require.NoError(t, err)
			}
		}
		if s := rapid.SampledFrom([]okr.State{okr.Active, okr.Active, okr.Postponed, okr.Abandoned}).Draw(t, "state"); s != okr.Active {
			_, err := acme.Change(ctx, okr.KeyResultChange{KeyResult: ref.ID, State: &s})
			require.NoError(t, err)
		}
		if rapid.IntRange(0, 4).Draw(t, "closed") == 0 {
			clock.Set(afterwards)
			_, err := acme.Close(ctx, okr.Closing{Cycle: cs[0].ID, Waive: unreviewed})
			require.NoError(t, err)
		}
		page, err = acme.View().KeyResults(ctx, okr.Query{})
		require.NoError(t, err)
		var k okr.KeyResultView
		for _, row := range page.Items {
			if row.ID == ref.ID {
				k = row
			}
		}
		e, err := acme.View().Explain(ctx, ref)
		require.NoError(t, err)
		require.Equal(t, k.Measured, e.Measured)
		require.Equal(t, k.Need, e.Need)
		known := map[string]bool{}
		for _, r := range e.Readings {
			known[string(r.ID)] = true
		}
		figures := map[string]measure.Derivation{}
		for _, d := range e.Figures {
			v, text, err := measure.Recompute(d)
			require.NoError(t, err, d)
			require.True(t, v.Equal(d.Value), "%s: %s", d, v)
			require.Equal(t, d.Text, text, d)
			figures[d.Of] = d
			seen[d.FormulaID] = true
			for _, in := range d.Inputs {
				if in.Source != "" && in.Name != "override" && in.Name != "ruled" {
					require.True(t, known[in.Source], "%s names a reading that is not listed: %s", d.Of, in.Source)
				}
			}
		}
		for of, n := range map[string]measure.Number{
			"current": e.Measured.Current, "raw": e.Measured.Raw, "progress": e.Measured.Progress, "over": e.Measured.Over,
			"expected": e.Measured.Expected, "gap": e.Measured.Gap, "ratio": e.Measured.Ratio, "hit": e.Measured.Hit,
		} {
			require.True(t, n.Equal(figures[of].Value), "%s", of)
		}
		require.Equal(t, string(e.Measured.Status), figures["status"].Text)
		require.True(t, e.Measured.Hit.Equal(e.Hit.Hit))
		require.NotEmpty(t, e.Hit.Reason)

		o, err := acme.View().Explain(ctx, okr.Ref{Kind: okr.KindObjective, ID: k.Objective})
		require.NoError(t, err)
		require.NoError(t, okrtest.Follows(o))
		require.NoError(t, okrtest.Follows(e))
	})
	for _, id := range []string{"current.latest", "tally.sum", "tally.average", "tally.hit_ratio", "status", "forecast.value", "need.share"} {
		require.True(t, seen[id], id)
	}
}

// strict is a judge that gives everything the same status.
type strict struct{ status measure.Status }

func (strict) Starter() []okr.Pack {
	return []okr.Pack{{Name: "strict", Version: "1", Digest: "d", Text: "t"}}
}
func (strict) Needs([]okr.Pack, okr.Intent) okr.Collections { return okr.Collections{} }
func (s strict) Judge(_ context.Context, p okr.Proposal) (okr.Verdict, error) {
	v := okr.Verdict{Statuses: map[okr.ID]measure.Status{}, Rulings: map[okr.ID]measure.Ruling{}}
	for id := range p.Measured {
		v.Statuses[id] = s.status
		v.Rulings[id] = measure.Ruling{Status: s.status, Rule: "same", Pack: "strict@1", Digest: "d"}
	}
	return v, nil
}

// A figure that is withheld for the sake of a few hidden parts is not told by its
// derivation, and the reader learns that it is withheld.
func TestWhatIsWithheldIsNotExplainedEither(t *testing.T) {
	h := grown(t, branches(1), okr.Config{})
	root := okr.Ref{Kind: okr.KindObjective, ID: tree(t, h.acme)["root"].ID}
	for _, k := range []string{"open", "kh0"} {
		_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: h.keyResult(t, k).ID, Value: measure.N(90)})
		require.NoError(t, err)
	}
	check := func() {
		t.Helper()
		for _, who := range []okr.Tenant{h.acme, h.desk.For("acme").As(okr.Someone("eve"))} {
			e, err := who.View().Explain(t.Context(), root)
			require.NoError(t, err)
			require.NoError(t, okrtest.Follows(e))
			require.False(t, e.Measured.Progress.Known())
			require.Contains(t, e.Unknown, "1 hidden")
			for _, d := range e.Figures {
				if d.Of != "coverage" && d.Of != "vouched" {
					require.False(t, d.Value.Known(), d)
					require.Contains(t, d.Formula, "1 hidden", d)
				}
			}
		}
	}
	check()
	h.clock.Set(afterwards)
	_, err := h.acme.Close(t.Context(), okr.Closing{Cycle: h.cycle(t).ID, Waive: unreviewed})
	require.NoError(t, err)
	check()
}

// What was promised never changes after the close, nor does what is said of it: a
// record of another time than the rows is listed as what it is.
func TestACloseIsExplainedFromWhatItWroteDown(t *testing.T) {
	h := over(t, okr.Config{}, nil)
	h.review(t, okr.ReviewEntry{Subject: h.whole(t), Learned: "x"})
	h.close(t)
	s, err := h.acme.View().Snapshot(t.Context(), h.cycle(t).ID)
	require.NoError(t, err)
	o := &s.Objectives[0]
	o.Ending.Measured.Progress = measure.N(0.123)
	ref := okr.Ref{Kind: okr.KindObjective, ID: o.ID}
	figures := map[string]measure.Derivation{}
	for _, d := range s.Explain(ref, afterwards.AddDate(0, 1, 0)) {
		figures[d.Of] = d
		require.Equal(t, o.Ending.At, d.AsOf)
	}
	require.Equal(t, measure.N(0.123), figures["progress"].Value)
	require.Equal(t, "frozen at close", figures["progress"].Formula)
	require.NotEmpty(t, figures["coverage"].Inputs)
	require.NotEqual(t, "frozen at close", figures["coverage"].Formula)
}

func TestOnlyWhatHasFiguresIsExplained(t *testing.T) {
	h := running(t, okr.Config{})
	_, err := h.acme.View().Explain(t.Context(), okr.Ref{Kind: okr.KindTeam, ID: "sales"})
	require.Equal(t, "subject", invalidField(t, err))
	_, err = h.acme.View().Explain(t.Context(), okr.Ref{Kind: okr.KindKeyResult, ID: "none"})
	require.ErrorIs(t, err, okr.ErrNotFound)
	_, err = h.acme.View().Explain(t.Context(), okr.Ref{Kind: okr.KindObjective, ID: ""})
	require.ErrorIs(t, err, okr.ErrInvalid)

	h = running(t, okr.Config{Judge: scorer{}})
	h.record(t, "k1", okr.Measurement{Value: measure.N(80)})
	e, err := h.acme.View().Explain(t.Context(), h.ref(t, "k1"))
	require.NoError(t, err)
	require.Equal(t, []okr.Pack{{Name: "kind", Version: "1", Digest: "d1"}}, e.Packs, "which packs judged, and no texts")
	require.Equal(t, "kind", e.Measured.Score.Pack)
	require.Equal(t, "its value is 80 %, and a hit is 90 % or more", e.Hit.Reason)
}

// A correction that comes after the close explains nothing of it.
func TestAClosedQuarterIsExplainedByWhatWasKnown(t *testing.T) {
	h := over(t, okr.Config{}, nil)
	h.review(t, okr.ReviewEntry{Subject: h.whole(t), Learned: "x"})
	h.close(t)
	was, err := h.acme.View().Explain(t.Context(), h.ref(t, "k1"))
	require.NoError(t, err)
	h.clock.Advance(24 * time.Hour)
	h.record(t, "k1", okr.Measurement{Value: measure.N(99), Corrects: h.keyResult(t, "k1").Reading})
	now, err := h.acme.View().Explain(t.Context(), h.ref(t, "k1"))
	require.NoError(t, err)
	require.Equal(t, was, now)
	require.Equal(t, afterwards, now.AsOf)
}
