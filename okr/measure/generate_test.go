package measure_test

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr/measure"
)

// aNumber is a number of everyday size, often a round one, so that values meet
// targets and ends.
func aNumber(t *rapid.T, label string) measure.Number {
	if rapid.Bool().Draw(t, label+" round") {
		return measure.N(float64(rapid.IntRange(-10, 10).Draw(t, label)))
	}
	return measure.N(rapid.Float64Range(-1e6, 1e6).Draw(t, label))
}

func rising(t *rapid.T, label string, n int) []float64 {
	out := []float64{aNumber(t, label).Or(0)}
	for i := 1; i < n; i++ {
		step := rapid.OneOf(rapid.Just(1.0), rapid.Float64Range(0.5, 1000)).Draw(t, label+" step")
		out = append(out, out[i-1]+step)
	}
	return out
}

// aMetric is a metric without contradiction and with nothing missing, of any kind
// and mode.
func aMetric(t *rapid.T) measure.Metric {
	n := measure.N
	m := measure.Metric{Kind: rapid.SampledFrom(measure.Kinds()).Draw(t, "kind"), Unit: rapid.SampledFrom([]string{"", "%", "EUR", "customers"}).Draw(t, "unit")}
	up := rapid.Bool().Draw(t, "up")
	x := rising(t, "x", 4)
	if !up {
		x = []float64{-x[0], -x[1], -x[2], -x[3]}
	}
	threshold := false
	switch m.Kind {
	case measure.Increase, measure.Decrease:
		m.Baseline, m.Target = n(x[0]), n(x[2])
		m.Kind = measure.Increase
		if !up {
			m.Kind = measure.Decrease
		}
	case measure.AtLeast, measure.AtMost, measure.Above, measure.Below:
		threshold = true
		m.Target = n(x[2])
		if rapid.Bool().Draw(t, "from somewhere") {
			m.Baseline = n(x[rapid.SampledFrom([]int{0, 2, 3}).Draw(t, "from")])
		}
	case measure.Between:
		threshold = true
		m.Low, m.High = n(min(x[1], x[2])), n(max(x[1], x[2]))
		if rapid.Bool().Draw(t, "from somewhere") {
			m.Baseline = n(x[rapid.SampledFrom([]int{0, 1, 3}).Draw(t, "from")])
		}
	case measure.CommitTargetStretch:
		m.Baseline, m.Commit, m.Target, m.Stretch = n(x[0]), n(x[1]), n(x[2]), n(x[3])
	case measure.Points:
		for i, share := range []float64{0, 0.25, 0.5, 1} {
			m.Points = append(m.Points, measure.Point{Value: x[i], Share: share})
		}
		m.Points = rapid.Permutation(m.Points).Draw(t, "points")
		if rapid.Bool().Draw(t, "own target") {
			m.Target = n(x[2])
		}
	case measure.Milestones:
		for i := range rapid.IntRange(1, 4).Draw(t, "milestones") {
			m.Milestones = append(m.Milestones, measure.Milestone{Key: fmt.Sprint(i), Weight: n(float64(rapid.IntRange(1, 3).Draw(t, "weight")))})
		}
	case measure.Zones:
		m.Zones = []measure.Zone{{measure.LevelTarget, "signed"}, {measure.LevelStretch, "paid"}}
		if rapid.Bool().Draw(t, "has commit") {
			m.Zones = append(m.Zones, measure.Zone{Level: measure.LevelCommit, Text: "in talks"})
		}
	}
	if threshold && rapid.Bool().Draw(t, "has amber") {
		m.Amber = n(rapid.Float64Range(0.5, 100).Draw(t, "amber"))
	}
	m.Mode = rapid.SampledFrom(append(measure.Modes(), "")).Draw(t, "mode")
	switch m.Mode {
	case measure.HitRatio:
		if rapid.Bool().Draw(t, "has need") {
			m.Need = n(rapid.SampledFrom([]float64{0.5, 0.9, 1}).Draw(t, "need"))
		}
	case measure.Distance:
		m.Tolerance = n(rapid.Float64Range(0.5, 100).Draw(t, "tolerance"))
	}
	if len(m.Problems()) > 0 {
		m.Mode, m.Need, m.Tolerance = "", measure.Number{}, measure.Number{}
	}
	return m
}

// aReading is a value that the metric takes, often one near its corners.
func aReading(t *rapid.T, m measure.Metric, label string) measure.Number {
	switch m.Kind {
	case measure.YesNo:
		return measure.N(float64(rapid.IntRange(0, 1).Draw(t, label)))
	case measure.Milestones:
		return measure.N(rapid.SampledFrom([]float64{0, 0.25, 1.0 / 3, 0.5, 1}).Draw(t, label))
	case measure.Zones:
		return measure.N(float64(rapid.IntRange(0, 3).Draw(t, label)))
	}
	corners := []measure.Number{aNumber(t, label)}
	for _, c := range []measure.Number{m.Baseline, m.Target, m.Low, m.High, m.Commit, m.Stretch} {
		if v, ok := c.Value(); ok {
			corners = append(corners, c, measure.N(v+0.5), measure.N(v-0.5))
		}
	}
	for _, p := range m.Points {
		corners = append(corners, measure.N(p.Value), measure.N(p.Value+0.1))
	}
	return rapid.SampledFrom(corners).Draw(t, label+" near")
}

var start = measure.NewDate(2026, time.October, 1)

func aCurve(t *rapid.T) measure.Curve {
	return rapid.SampledFrom([]measure.Curve{
		measure.DefaultCurve, measure.Linear, measure.Step, measure.BackLoaded, measure.NoPace,
		measure.Phases(measure.Phase{On: start.AddDays(20), Share: 0.1}, measure.Phase{On: start.AddDays(60), Share: 0.8}),
		measure.Steps(measure.Phase{On: start.AddDays(30), Share: 0.3}, measure.Phase{On: start.AddDays(50), Share: 0.3}),
		"steep",
	}).Draw(t, "curve")
}

func aBands(t *rapid.T) measure.Bands {
	if rapid.Bool().Draw(t, "default bands") {
		return measure.Bands{}
	}
	b, _ := measure.Preset(rapid.SampledFrom(measure.Presets()).Draw(t, "bands"))
	return b
}

// anInput is a key result somewhere in a quarter of a hundred days, and the
// readings that led there.
func anInput(t *rapid.T) (measure.Input, []measure.Reading) {
	m := aMetric(t)
	day := rapid.IntRange(-5, 110).Draw(t, "day")
	now := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC).AddDate(0, 0, day)
	in := measure.Input{
		Metric: m, Curve: aCurve(t), First: start, Last: start.AddDays(100), Today: measure.DateOf(now), Now: now,
		Fresh:  rapid.SampledFrom([]time.Duration{0, 8 * 24 * time.Hour}).Draw(t, "fresh"),
		Bands:  aBands(t),
		Closed: rapid.IntRange(0, 9).Draw(t, "closed") == 0,
		Paused: rapid.IntRange(0, 9).Draw(t, "paused") == 0,
	}
	if rapid.IntRange(0, 9).Draw(t, "undated") == 0 {
		in.First, in.Last = measure.Date{}, measure.Date{}
	}
	if rapid.IntRange(0, 5).Draw(t, "overridden") == 0 {
		in.Override = measure.Override{Status: measure.OnTrack, Reason: "the supplier has signed", By: "ann", Until: now.Add(time.Hour * time.Duration(rapid.IntRange(-2, 2).Draw(t, "until")))}
	}
	if rapid.IntRange(0, 5).Draw(t, "ruled") == 0 {
		in.Ruling = measure.Ruling{Status: measure.AtRisk, Rule: "revenue", Pack: "acme@1.0.0"}
	}
	in.Tally.Scheduled = rapid.IntRange(0, 13).Draw(t, "scheduled")
	var readings []measure.Reading
	for i := range rapid.IntRange(0, 8).Draw(t, "readings") {
		r := measure.Reading{ID: fmt.Sprint("r", i), Value: aReading(t, m, "reading"), At: now.Add(-time.Duration(rapid.IntRange(0, 400).Draw(t, "hours ago")) * time.Hour)}
		readings = append(readings, r)
		in.Tally = in.Tally.Add(m, r.Value)
		if in.Latest.ID == "" || r.At.After(in.Latest.At) {
			in.Latest = r
		}
	}
	return in, readings
}
