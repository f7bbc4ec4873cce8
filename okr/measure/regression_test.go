package measure_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr/measure"
)

// Mistakes that other programs made with the same numbers.
func TestMistakesOfOthers(t *testing.T) {
	n := measure.N
	down := func(from, to float64) measure.Metric { return metric(measure.Decrease, n(from), n(to)) }
	t.Run("half of the way down is half, not nothing (Leantime 3247, steedos 17)", func(t *testing.T) {
		require.Equal(t, n(0.5), down(200, 0).Raw(n(100)))
	})
	t.Run("the start of a way down is its start, not its end (ShamanR)", func(t *testing.T) {
		require.Equal(t, n(0), down(100, 0).Raw(n(100)))
		require.Equal(t, n(1), down(100, 0).Raw(n(0)))
	})
	t.Run("a decrease is not achieved at once (okrchestra)", func(t *testing.T) {
		require.Equal(t, n(0), down(100, 10).Met(n(100)))
		require.Equal(t, n(1), down(100, 10).Met(n(10)))
	})
	t.Run("colours of a reduction are not inverted (operately 593)", func(t *testing.T) {
		in := input(n(95), 50)
		in.Metric = down(100, 0)
		require.Equal(t, measure.OffTrack, measure.KeyResult(&in).Status)
		in.Latest.Value = n(5)
		require.Equal(t, measure.OnTrack, measure.KeyResult(&in).Status)
	})
	t.Run("a weight that is no number is left out by name, and takes nothing with it (oslo)", func(t *testing.T) {
		r := measure.Rollup([]measure.Part{
			{ID: "a", Weight: math.NaN(), Progress: n(1)}, {ID: "b", Weight: 1, Progress: n(0.5)},
		}, measure.RollupOptions{})
		require.Equal(t, n(0.5), r.Progress)
		none := measure.Rollup([]measure.Part{{ID: "a", Weight: 0, Progress: n(1)}, {ID: "b", Weight: 0, Progress: n(0.5)}}, measure.RollupOptions{})
		require.False(t, none.Progress.Known(), "all weights 0 is unknown, not 0")
	})
	t.Run("nothing is rounded between levels (ShamanR)", func(t *testing.T) {
		var parts []measure.Part
		for range 3 {
			parts = append(parts, measure.Part{Weight: 1, Progress: metric(measure.Increase, n(0), n(1000)).Raw(n(4))})
		}
		v, _ := measure.Rollup(parts, measure.RollupOptions{}).Progress.Value()
		require.InDelta(t, 0.004, v, 1e-12)
	})
	t.Run("a way down with checkpoints begins at 0 and ends at 1 (ShamanR)", func(t *testing.T) {
		m := measure.Metric{Kind: measure.Points, Points: []measure.Point{{Value: 100, Share: 0}, {Value: 50, Share: 0.4}, {Value: 0, Share: 1}}}
		require.Empty(t, m.Problems())
		require.Equal(t, n(0), m.Raw(n(100)))
		require.Equal(t, n(0.4), m.Raw(n(50)))
		require.Equal(t, n(1), m.Raw(n(0)))
		require.Equal(t, n(0), m.Met(n(100)))
		require.Equal(t, n(1), m.Met(n(0)))
	})
	t.Run("a decrease is not achieved at once in any of its forms (okrchestra)", func(t *testing.T) {
		scored := measure.Metric{Kind: measure.CommitTargetStretch, Baseline: n(100), Commit: n(70), Target: n(40), Stretch: n(10)}
		require.Equal(t, n(0), scored.Met(n(100)))
		in := input(n(100), 50)
		for _, m := range []measure.Metric{scored, down(100, 10), metric(measure.AtMost, n(100), n(10)), metric(measure.Below, n(100), n(10))} {
			in.Metric = m
			require.Equal(t, measure.OffTrack, measure.KeyResult(&in).Status, m.Kind)
			require.Equal(t, n(0), measure.KeyResult(&in).Hit, m.Kind)
		}
	})
	t.Run("a milestone that is finished moves the key result (Leantime 3678)", func(t *testing.T) {
		m := measure.Metric{Kind: measure.Milestones, Milestones: []measure.Milestone{{Key: "live"}}}
		v, err := m.Finished("live")
		require.NoError(t, err)
		in := input(v, 50)
		in.Metric = m
		require.Equal(t, n(1), measure.KeyResult(&in).Progress)
		require.Equal(t, measure.OnTrack, measure.KeyResult(&in).Status)
	})
	t.Run("a correction takes back what it corrects and nothing else (oslo)", func(t *testing.T) {
		m := measure.Metric{Kind: measure.AtLeast, Target: n(5), Mode: measure.Sum}
		tally := measure.TallyOf(m, 0, n(3), n(4))
		require.Equal(t, n(7), tally.Figure(measure.Sum))
		require.Equal(t, n(8), tally.Remove(m, n(4)).Add(m, n(5)).Figure(measure.Sum))
		require.Equal(t, n(7), tally.Figure(measure.Sum), "the tally before it stays what it was")
	})
	t.Run("zones count like numbers do (puzzle 1680)", func(t *testing.T) {
		m := measure.Metric{Kind: measure.Zones, Zones: []measure.Zone{{Level: measure.LevelTarget, Text: "signed"}}}
		in := input(measure.LevelTarget.Number(), 100)
		in.Metric = m
		r := measure.KeyResult(&in)
		require.Equal(t, n(0.7), r.Progress)
		require.Equal(t, measure.OnTrack, r.Status)
		require.Equal(t, 1.0, r.Coverage)
	})
	t.Run("a future reading bends no forecast (isms 206)", func(t *testing.T) {
		in := input(n(20), 50)
		rs := weekly(in, 5, 10, 15, 20)
		before := measure.Forecasted(&in, rs)
		rs = append(rs, measure.Reading{ID: "tomorrow", Value: n(1000), At: in.Now.AddDate(0, 0, 1)})
		require.Equal(t, before, measure.Forecasted(&in, rs))
	})
	t.Run("the value is compared with the target (isms 206)", func(t *testing.T) {
		require.Equal(t, n(0), metric(measure.AtLeast, measure.Number{}, n(45)).Met(n(44)))
	})
	t.Run("a yes/no counts in the distribution (puzzle 1680)", func(t *testing.T) {
		r := measure.Rollup([]measure.Part{{Weight: 1, Progress: metric(measure.YesNo, measure.Number{}, measure.Number{}).Raw(n(1))}, {Weight: 1, Progress: n(0)}}, measure.RollupOptions{})
		require.Equal(t, n(0.5), r.Progress)
	})
}

func TestJustOutOfABandIsNotReached(t *testing.T) {
	n := measure.N
	above := measure.Metric{Kind: measure.Between, Baseline: n(2), Low: n(0), High: n(1)}
	below := measure.Metric{Kind: measure.Between, Baseline: n(-2), Low: n(-1), High: n(0)}
	for name, c := range map[string]struct {
		m measure.Metric
		v float64
	}{"below it, from above": {above, -1e-16}, "above it, from below": {below, 1e-16}} {
		require.Equal(t, n(0), c.m.Met(n(c.v)), name)
		require.Less(t, c.m.Raw(n(c.v)).Or(9), 1.0, name)
	}
}

func TestJustBeforeATargetIsNotReached(t *testing.T) {
	n := measure.N
	points := []measure.Point{{Value: 2, Share: 0}, {Value: 1, Share: 0.25}, {Value: 0, Share: 0.5}, {Value: -1, Share: 1}}
	for name, target := range map[string]float64{"at a point": 0, "between two points": 1.3} {
		m := measure.Metric{Kind: measure.Points, Target: n(target), Points: points}
		before := n(target + 1e-16)
		if target != 0 {
			before = n(math.Nextafter(target, 2))
		}
		require.Equal(t, n(0), m.Met(before), name)
		require.Less(t, m.Raw(before).Or(9), m.Aim().Or(0), name)
		require.Equal(t, m.Aim(), m.Raw(n(target)), name)
	}
}

func TestAYesIsOne(t *testing.T) {
	yesNo := metric(measure.YesNo, measure.Number{}, measure.Number{})
	for _, v := range []float64{0.5, 2, -1, 80} {
		require.False(t, yesNo.Met(measure.N(v)).Known(), v)
		require.False(t, yesNo.Raw(measure.N(v)).Known(), v)
	}
}

func TestStalePartsDoNotSpeakForTheWhole(t *testing.T) {
	part := func(w, p, e float64, s measure.Status) measure.Part {
		return measure.Part{Weight: w, Progress: measure.N(p), Expected: measure.N(e), Status: s}
	}
	r := measure.Rollup([]measure.Part{part(2, 1, 0.5, measure.Stale), part(1, 0.1, 0.5, measure.OffTrack)}, measure.RollupOptions{})
	require.Equal(t, measure.Stale, r.Status)
	require.Equal(t, 1.0, r.Coverage)
	r = measure.Rollup([]measure.Part{part(1, 1, 0.5, measure.Stale), part(1, 0.1, 0.5, measure.OffTrack)}, measure.RollupOptions{})
	require.Equal(t, measure.OffTrack, r.Status, "the one that is fresh is far behind")
	require.Equal(t, measure.N(0.4), r.Gap)
}

// Whatever the parts are, an objective is green only if at least half of its
// weight is known and fresh, at least half of that says how it is doing, and no more
// than a quarter of what speaks is red.
func TestARollupIsNotGreenBySilence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var total, fresh float64
		var parts []measure.Part
		for range rapid.IntRange(0, 6).Draw(t, "n") {
			p := measure.Part{
				Weight:   rapid.SampledFrom([]float64{0, 0.5, 1, 3, -1, math.NaN(), math.Inf(1)}).Draw(t, "weight"),
				Expected: rapid.SampledFrom([]measure.Number{{}, measure.N(0), measure.N(0.5), measure.N(1)}).Draw(t, "expected"),
				Progress: rapid.SampledFrom([]measure.Number{{}, measure.N(0), measure.N(0.5), measure.N(1)}).Draw(t, "progress"),
				Status:   rapid.SampledFrom([]measure.Status{measure.Unknown, measure.Stale, measure.OnTrack, measure.OnTrack, measure.Hit, measure.AtRisk, measure.OffTrack, measure.Missed, measure.Pending, measure.Paused}).Draw(t, "status"),
			}
			parts = append(parts, p)
			if p.Weight > 0 && !math.IsInf(p.Weight, 0) {
				total += p.Weight
				if p.Progress.Known() && p.Status != measure.Stale {
					fresh += p.Weight
				}
			}
		}
		r := measure.Rollup(parts, measure.RollupOptions{})
		if r.Status == measure.OnTrack || r.Status == measure.AtRisk || r.Status == measure.OffTrack || r.Status == measure.Pending {
			require.GreaterOrEqual(t, fresh*2, total)
			require.Positive(t, fresh)
		}
		var loud, red, green, weight float64
		for _, p := range parts {
			if !(p.Weight > 0) || math.IsInf(p.Weight, 0) || !p.Progress.Known() {
				continue
			}
			weight += p.Weight
			switch p.Status {
			case measure.OnTrack, measure.AtRisk, measure.OffTrack, measure.Hit, measure.Missed:
				loud += p.Weight
			}
			switch p.Status {
			case measure.OffTrack, measure.Missed:
				red += p.Weight
			case measure.OnTrack, measure.Hit:
				if !p.Expected.Known() || p.Expected.Or(0) <= p.Progress.Or(0) {
					green += p.Weight
				}
			}
		}
		if red*2 > total {
			require.Equal(t, measure.OffTrack, r.Status, "most of it is red")
		}
		if total > 0 && green == total {
			require.Equal(t, measure.OnTrack, r.Status, "all of it is green")
		}
		if r.Status == measure.OnTrack {
			require.LessOrEqual(t, red*4, loud, "more than a quarter of it is red")
			require.GreaterOrEqual(t, loud*2, fresh, "most of it is silent")
		}
		// One part gets worse: the whole gets no better.
		worse := map[measure.Status]measure.Status{measure.Hit: measure.OnTrack, measure.OnTrack: measure.AtRisk, measure.AtRisk: measure.OffTrack, measure.OffTrack: measure.Missed}
		rank := map[measure.Status]int{measure.OnTrack: 1, measure.AtRisk: 2, measure.OffTrack: 3}
		for i := range parts {
			w := slices.Clone(parts)
			if s, ok := worse[w[i].Status]; ok {
				w[i].Status = s
			}
			if w[i].Progress.Known() {
				w[i].Progress = measure.N(w[i].Progress.Or(0) / 2)
			}
			after := measure.Rollup(w, measure.RollupOptions{})
			if rank[r.Status] > 0 && after.Status != measure.Pending {
				require.GreaterOrEqual(t, rank[after.Status], rank[r.Status], "%+v got worse", w[i])
			}
			require.False(t, after.Status == measure.Pending && rank[r.Status] > 1, "what got worse has silenced a red")
			require.False(t, after.Status == measure.OnTrack && r.Status != measure.OnTrack)
		}
	})
}

// Thresholds, a yes or no and milestones have a status and no pace: they speak
// with it.
func TestARedThresholdIsHeard(t *testing.T) {
	n := measure.N
	part := func(w float64, s measure.Status, progress float64, expected measure.Number) measure.Part {
		return measure.Part{Weight: w, Status: s, Progress: n(progress), Expected: expected}
	}
	paced := part(1, measure.OnTrack, 0.6, n(0.6))
	red, amber, green := part(1, measure.OffTrack, 0, unknown), part(1, measure.AtRisk, 0, unknown), part(1, measure.OnTrack, 1, unknown)
	silent := part(1, measure.Pending, 0, unknown)
	heavy := part(9, measure.OffTrack, 0, unknown)
	for _, c := range []struct {
		name  string
		parts []measure.Part
		want  measure.Status
	}{
		{"nine tenths red, one on pace", []measure.Part{heavy, paced}, measure.OffTrack},
		{"two red thresholds", []measure.Part{red, red}, measure.OffTrack},
		{"one on pace, two red, one that may still come", []measure.Part{paced, red, red, silent}, measure.OffTrack},
		{"half red", []measure.Part{paced, red}, measure.AtRisk},
		{"a third red", []measure.Part{paced, green, red}, measure.AtRisk},
		{"a quarter red", []measure.Part{paced, green, green, red}, measure.OnTrack},
		{"most at risk", []measure.Part{paced, amber, amber}, measure.AtRisk},
		{"half at risk", []measure.Part{paced, amber}, measure.OnTrack},
		{"all green, none paced", []measure.Part{green, green}, measure.OnTrack},
		{"half silent", []measure.Part{green, silent}, measure.OnTrack},
		{"most silent", []measure.Part{paced, silent, silent}, measure.Pending},
		{"most silent, the rest red", []measure.Part{red, silent, silent}, measure.OffTrack},
		{"all silent", []measure.Part{silent}, measure.Pending},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := measure.Rollup(c.parts, measure.RollupOptions{})
			require.Equal(t, c.want, r.Status)
			for _, d := range r.Derivations() {
				follows(t, d)
			}
		})
	}
	t.Run("an objective that contributes", func(t *testing.T) {
		child := measure.Contribution("child", 1, measure.Rollup([]measure.Part{paced, red, red}, measure.RollupOptions{}))
		require.Equal(t, measure.OffTrack, measure.Rollup([]measure.Part{child}, measure.RollupOptions{}).Status, "its pace hides nothing")
	})
}

func TestAResultFromJSONClaimsNoDerivation(t *testing.T) {
	r := measure.Rollup([]measure.Part{{ID: "a", Weight: 1, Progress: measure.N(0.5)}}, measure.RollupOptions{})
	require.NotEmpty(t, r.Derivations())
	b, err := json.Marshal(r)
	require.NoError(t, err)
	var back measure.Result
	require.NoError(t, json.Unmarshal(b, &back))
	again, err := json.Marshal(back)
	require.NoError(t, err)
	require.JSONEq(t, string(b), string(again))
	require.Empty(t, back.Derivations())
}

func TestDatesFarApartKeepTheirOrder(t *testing.T) {
	a, b := measure.NewDate(1, time.January, 1), measure.NewDate(9999, time.December, 31)
	require.True(t, a.Before(b))
	require.True(t, b.After(a))
}
