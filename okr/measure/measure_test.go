package measure_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr/measure"
)

var unknown measure.Number

func metric(k measure.Kind, b, t measure.Number) measure.Metric {
	return measure.Metric{Kind: k, Baseline: b, Target: t}
}

func TestRaw(t *testing.T) {
	n := measure.N
	for _, c := range []struct {
		name   string
		metric measure.Metric
		v      measure.Number
		want   measure.Number
	}{
		{"half the way up", metric(measure.Increase, n(10), n(20)), n(15), n(0.5)},
		{"half the way down", metric(measure.Decrease, n(200), n(0)), n(100), n(0.5)},
		{"down at the start", metric(measure.Decrease, n(100), n(0)), n(100), n(0)},
		{"down at the target", metric(measure.Decrease, n(100), n(0)), n(0), n(1)},
		{"past the target", metric(measure.Increase, n(0), n(80)), n(100), n(1.25)},
		{"the wrong way", metric(measure.Decrease, n(5), n(3)), n(6), n(-0.5)},
		{"negative numbers", metric(measure.Increase, n(-50), n(50)), n(0), n(0.5)},
		{"equal ends", metric(measure.Increase, n(5), n(5)), n(5), unknown},
		{"no baseline", metric(measure.Increase, unknown, n(5)), n(5), unknown},
		{"no target", metric(measure.Increase, n(5), unknown), n(5), unknown},
		{"no reading", metric(measure.Increase, n(0), n(5)), unknown, unknown},
		{"not a number", metric(measure.Increase, n(0), n(5)), n(math.NaN()), unknown},
		{"infinite", metric(measure.Increase, n(0), n(5)), n(math.Inf(1)), unknown},
		{"threshold held, itself counts", metric(measure.AtLeast, unknown, n(45)), n(45), n(1)},
		{"threshold not held", metric(measure.AtLeast, unknown, n(45)), n(44.9), n(0)},
		{"ceiling held, itself counts", metric(measure.AtMost, unknown, n(2)), n(2), n(1)},
		{"ceiling broken", metric(measure.AtMost, unknown, n(2)), n(2.1), n(0)},
		{"threshold with a way to it", metric(measure.AtLeast, n(30), n(50)), n(40), n(0.5)},
		{"ceiling with a way to it", metric(measure.AtMost, n(10), n(2)), n(6), n(0.5)},
		{"threshold held from the start", metric(measure.AtLeast, n(60), n(50)), n(40), n(0)},
		{"yes", metric(measure.YesNo, unknown, unknown), n(1), n(1)},
		{"no", metric(measure.YesNo, unknown, unknown), n(0), n(0)},
		{"a kind from the future", metric("zones", n(0), n(1)), n(1), unknown},
		{"no kind", metric("", n(0), n(1)), n(1), unknown},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, c.metric.Raw(c.v)) })
	}
}

func TestMetNamesItsInequality(t *testing.T) {
	n := measure.N
	require.Equal(t, n(1), metric(measure.Increase, n(0), n(10)).Met(n(10)))
	require.Equal(t, n(0), metric(measure.Increase, n(0), n(10)).Met(n(9.99)))
	require.Equal(t, n(1), metric(measure.Decrease, n(10), n(0)).Met(n(0)))
	require.Equal(t, n(0), metric(measure.Decrease, n(10), n(0)).Met(n(10)), "a decrease is not reached at its start")
	require.Equal(t, unknown, metric(measure.Increase, n(0), unknown).Met(n(10)))
	require.Equal(t, unknown, metric(measure.YesNo, unknown, unknown).Met(unknown))
}

func TestProblems(t *testing.T) {
	n := measure.N
	require.Empty(t, metric(measure.Increase, n(0), n(1)).Problems())
	require.Empty(t, metric(measure.Increase, unknown, unknown).Problems(), "what is missing is no contradiction")
	require.Equal(t, "metric.target", metric(measure.Increase, n(10), n(5)).Problems()[0].Field)
	require.Equal(t, "metric.target", metric(measure.Decrease, n(5), n(10)).Problems()[0].Field)
	require.Equal(t, "metric.kind", metric("fall", n(5), n(10)).Problems()[0].Field)
	require.Equal(t, "metric.baseline", metric(measure.Increase, n(math.NaN()), n(10)).Problems()[0].Field)
	require.Equal(t, "metric.target", metric(measure.Increase, n(1), n(math.Inf(-1))).Problems()[0].Field)
}

func TestExpected(t *testing.T) {
	d := measure.NewDate
	first, last := d(2026, 10, 1), d(2026, 12, 31)
	for _, c := range []struct {
		name  string
		curve measure.Curve
		day   measure.Date
		want  measure.Number
	}{
		{"before", measure.Linear, d(2026, 9, 1), measure.N(0)},
		{"first day", measure.Linear, first, measure.N(0)},
		{"a week in", measure.Linear, d(2026, 10, 8), measure.N(7.0 / 91)},
		{"last day", measure.Linear, last, measure.N(1)},
		{"after", measure.Linear, d(2027, 2, 1), measure.N(1)},
		{"no pace", measure.NoPace, d(2026, 11, 1), unknown},
		{"no pace, last day", measure.NoPace, last, measure.N(1)},
		{"no day", measure.Linear, measure.Date{}, unknown},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, c.curve.Expected(first, last, c.day)) })
	}
	require.False(t, measure.Linear.Expected(last, first, first).Known(), "a curve that ends before it begins")
	oneDay := measure.Linear.Expected(first, first, first)
	require.Equal(t, measure.N(1), oneDay)
}

func keyResult(in measure.Input) measure.Result { return measure.KeyResult(&in) }

func input(v measure.Number, day int) measure.Input {
	now := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC).AddDate(0, 0, day)
	return measure.Input{
		Metric: metric(measure.Increase, measure.N(0), measure.N(100)),
		First:  measure.NewDate(2026, 10, 1), Last: measure.NewDate(2027, 1, 9), // 100 days
		Today: measure.DateOf(now), Now: now,
		Latest: measure.Reading{ID: "r1", Value: v, At: now.Add(-time.Hour)},
		Fresh:  8 * 24 * time.Hour,
	}
}

func TestStatus(t *testing.T) {
	yes := func(v measure.Number, day int) measure.Input {
		in := input(v, day)
		in.Metric = measure.Metric{Kind: measure.YesNo}
		return in
	}
	floor := func(v measure.Number, day int) measure.Input {
		in := input(v, day)
		in.Metric = metric(measure.AtLeast, unknown, measure.N(99.9))
		return in
	}
	stale := input(measure.N(90), 50)
	stale.Latest.At = stale.Now.Add(-9 * 24 * time.Hour)
	closed := func(in measure.Input) measure.Input {
		in.Closed = true
		return in
	}
	for _, c := range []struct {
		name string
		in   measure.Input
		want measure.Status
	}{
		{"level", input(measure.N(50), 50), measure.OnTrack},
		{"exactly ten points behind", input(measure.N(40), 50), measure.OnTrack},
		{"eleven points behind", input(measure.N(39), 50), measure.AtRisk},
		{"exactly twenty-five behind", input(measure.N(25), 50), measure.AtRisk},
		{"further behind", input(measure.N(24), 50), measure.OffTrack},
		{"ahead", input(measure.N(120), 50), measure.OnTrack},
		{"no reading is unknown, not behind", input(unknown, 50), measure.Unknown},
		{"no reading on the first day is not green", input(unknown, 0), measure.Unknown},
		{"stale is not green, however good", stale, measure.Stale},
		{"yes/no not done yet", yes(measure.N(0), 50), measure.Pending},
		{"yes/no done", yes(measure.N(1), 50), measure.OnTrack},
		{"yes/no not done at the end", yes(measure.N(0), 100), measure.OffTrack},
		{"floor holds", floor(measure.N(99.95), 50), measure.OnTrack},
		{"floor broken", floor(measure.N(99.5), 50), measure.AtRisk},
		{"floor broken at the end", floor(measure.N(99.5), 100), measure.OffTrack},
		{"closed and hit", closed(input(measure.N(100), 120)), measure.Hit},
		{"closed and missed", closed(input(measure.N(99), 120)), measure.Missed},
		{"closed and nobody knows", closed(input(unknown, 120)), measure.Unknown},
		{"closed and stale is decided all the same", closed(stale), measure.Missed},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, measure.KeyResult(&c.in).Status) })
	}
}

func TestRatioIsGuardedAtTheStart(t *testing.T) {
	require.Equal(t, unknown, keyResult(input(measure.N(1), 6)).Ratio)
	require.Equal(t, measure.N(0.5), keyResult(input(measure.N(5), 10)).Ratio)
}

func TestRollup(t *testing.T) {
	n := measure.N
	part := func(w float64, p measure.Number) measure.Part {
		s := measure.OnTrack
		if v, _ := p.Value(); v < 0.4 {
			s = measure.AtRisk
		}
		return measure.Part{Weight: w, Progress: p, Expected: n(0.5), Status: s}
	}
	for _, c := range []struct {
		name     string
		parts    []measure.Part
		progress measure.Number
		coverage float64
		status   measure.Status
	}{
		{"nothing", nil, unknown, 0, measure.Unknown},
		{"no weight", []measure.Part{part(0, n(1))}, unknown, 0, measure.Unknown},
		{"equal", []measure.Part{part(1, n(0.2)), part(1, n(0.6))}, n(0.4), 1, measure.OnTrack},
		{"weights", []measure.Part{part(3, n(1)), part(1, n(0))}, n(0.75), 1, measure.OnTrack},
		{"weight 0 is listed and not counted", []measure.Part{part(1, n(0.4)), part(0, n(1))}, n(0.4), 1, measure.OnTrack},
		{"unknown is not zero", []measure.Part{part(1, n(0.5)), part(1, unknown)}, n(0.5), 0.5, measure.OnTrack},
		{"a minority cannot speak for the whole", []measure.Part{part(1, n(1)), part(2, unknown)}, n(1), 1.0 / 3, measure.Unknown},
		{"weights that are no weights", []measure.Part{part(-1, n(1)), part(math.NaN(), n(1)), part(math.Inf(1), n(1)), part(1, n(0.3))}, n(0.3), 1, measure.AtRisk},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := measure.Rollup(c.parts, measure.RollupOptions{})
			require.Equal(t, c.progress, r.Progress)
			require.InDelta(t, c.coverage, r.Coverage, 1e-12)
			require.Equal(t, c.status, r.Status)
		})
	}
}

func TestNumberJSON(t *testing.T) {
	b, err := json.Marshal([]measure.Number{unknown, measure.N(0), measure.N(1.5)})
	require.NoError(t, err)
	require.JSONEq(t, `[null,0,1.5]`, string(b))
	var back []measure.Number
	require.NoError(t, json.Unmarshal(b, &back))
	require.Equal(t, []measure.Number{unknown, measure.N(0), measure.N(1.5)}, back)
	_, err = json.Marshal(measure.N(math.NaN()))
	require.Error(t, err)
	require.Error(t, json.Unmarshal([]byte(`"5"`), &back[0]))
}

func TestDateIn(t *testing.T) {
	cairo, err := time.LoadLocation("Africa/Cairo")
	require.NoError(t, err)
	// Midnight of 26 April 2024 did not exist in Cairo: clocks went from 00:00 to 01:00.
	gap := measure.NewDate(2024, 4, 26)
	require.Equal(t, gap, measure.DateOf(gap.In(cairo)))
	require.Equal(t, 1, gap.In(cairo).Hour())
	require.Equal(t, 366, measure.NewDate(2024, 1, 1).DaysUntil(measure.NewDate(2025, 1, 1)))
	_, err = measure.ParseDate("2026-02-30")
	require.Error(t, err)
}

func anyNumber(t *rapid.T, label string) measure.Number {
	if rapid.IntRange(0, 5).Draw(t, label+" kind") == 0 {
		return unknown
	}
	return measure.N(rapid.Float64Range(-1e9, 1e9).Draw(t, label))
}

// One formula serves both directions: turning a metric upside down changes nothing.
func TestDirectionsMirror(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, g, v := rapid.Float64Range(-1e6, 1e6).Draw(t, "b"), rapid.Float64Range(-1e6, 1e6).Draw(t, "t"), rapid.Float64Range(-1e6, 1e6).Draw(t, "v")
		up := metric(measure.Increase, measure.N(b), measure.N(g)).Raw(measure.N(v))
		down := metric(measure.Decrease, measure.N(-b), measure.N(-g)).Raw(measure.N(-v))
		require.Equal(t, up, down)
	})
}

func TestProgressStaysWithinBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := input(anyNumber(t, "v"), rapid.IntRange(-10, 200).Draw(t, "day"))
		in.Metric = metric(rapid.SampledFrom(measure.Kinds()).Draw(t, "kind"), anyNumber(t, "b"), anyNumber(t, "t"))
		in.Closed = rapid.Bool().Draw(t, "closed")
		r := measure.KeyResult(&in)
		if p, ok := r.Progress.Value(); ok {
			require.GreaterOrEqual(t, p, 0.0)
			require.LessOrEqual(t, p, 1.0)
		}
		if !r.Current.Known() {
			require.Equal(t, measure.Unknown, r.Status, "without a reading nothing is known, whatever the metric")
			require.Equal(t, unknown, r.Progress)
		}
	})
}

func TestRollupIsBetweenItsParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) measure.Part {
			p := measure.Part{Weight: rapid.Float64Range(0, 100).Draw(t, "w")}
			if rapid.Bool().Draw(t, "known") {
				p.Progress = measure.N(rapid.Float64Range(0, 1).Draw(t, "p"))
			}
			return p
		}), 0, 20).Draw(t, "parts")
		r := measure.Rollup(parts, measure.RollupOptions{})
		require.False(t, math.IsNaN(r.Coverage))
		p, ok := r.Progress.Value()
		if !ok {
			return
		}
		lo, hi := 1.0, 0.0
		for _, x := range parts {
			if v, ok := x.Progress.Value(); ok && x.Weight > 0 {
				lo, hi = math.Min(lo, v), math.Max(hi, v)
			}
		}
		require.GreaterOrEqual(t, p, lo-1e-9)
		require.LessOrEqual(t, p, hi+1e-9)
	})
}

func FuzzParseDate(f *testing.F) {
	f.Add("2026-10-01")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		d, err := measure.ParseDate(s)
		if err == nil {
			require.Equal(t, s, d.String())
		}
	})
}
