package measure_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr/measure"
)

// mapped is the metric with every value v replaced by f(v); f is linear and keeps
// or turns the direction.
func mapped(m measure.Metric, f func(float64) float64, size float64) measure.Metric {
	of := func(n measure.Number) measure.Number {
		if v, ok := n.Value(); ok {
			return measure.N(f(v))
		}
		return n
	}
	out := m.Clone()
	out.Baseline, out.Target, out.Commit, out.Stretch = of(m.Baseline), of(m.Target), of(m.Commit), of(m.Stretch)
	out.Low, out.High = of(m.Low), of(m.High)
	for i := range out.Points {
		out.Points[i].Value = f(out.Points[i].Value)
	}
	if v, ok := m.Amber.Value(); ok {
		out.Amber = measure.N(v * size)
	}
	if v, ok := m.Tolerance.Value(); ok {
		out.Tolerance = measure.N(v * size)
	}
	return out
}

var opposite = map[measure.Kind]measure.Kind{
	measure.Increase: measure.Decrease, measure.Decrease: measure.Increase, measure.AtLeast: measure.AtMost, measure.AtMost: measure.AtLeast,
	measure.Above: measure.Below, measure.Below: measure.Above,
}

func numeric(m measure.Metric) bool {
	return m.Kind != measure.YesNo && m.Kind != measure.Milestones && m.Kind != measure.Zones && m.Mode != measure.HitRatio
}

// Whoever counts what is left instead of what is done gets the same figures.
func TestNegatingEverythingChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.Custom(aMetric).Filter(numeric).Draw(t, "metric")
		v := aReading(t, m, "v")
		mirror := mapped(m, func(v float64) float64 { return -v }, 1)
		if k, ok := opposite[m.Kind]; ok {
			mirror.Kind = k
		}
		mirror.Low, mirror.High = mirror.High, mirror.Low
		require.Empty(t, mirror.Problems())
		require.Equal(t, m.Raw(v), mirror.Raw(measure.N(-v.Or(0))))
		require.Equal(t, m.Met(v), mirror.Met(measure.N(-v.Or(0))))
		require.Equal(t, m.Travels(), mirror.Travels())
	})
}

// Cents or euros, grams or tonnes: the unit changes no figure. Powers of two keep
// every bit, so the figures are not merely close.
func TestTheUnitChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.Custom(aMetric).Filter(numeric).Draw(t, "metric")
		v := aReading(t, m, "v")
		by := math.Ldexp(1, rapid.IntRange(-20, 20).Draw(t, "scale"))
		other := mapped(m, func(v float64) float64 { return v * by }, by)
		require.Equal(t, m.Raw(v), other.Raw(measure.N(v.Or(0)*by)))
		require.Equal(t, m.Met(v), other.Met(measure.N(v.Or(0)*by)))
	})
}

// Further along the way is never less.
func TestRawIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.Custom(aMetric).Filter(func(m measure.Metric) bool {
			return numeric(m) && m.Kind != measure.Between && m.Kind != measure.Baseline
		}).Draw(t, "metric")
		a, b := aReading(t, m, "a").Or(0), aReading(t, m, "b").Or(0)
		if m.Direction() == "down" {
			a, b = -a, -b
		}
		a, b = min(a, b), max(a, b)
		if m.Direction() == "down" {
			a, b = -a, -b
		}
		less, more := m.Raw(measure.N(a)), m.Raw(measure.N(b))
		require.True(t, less.Known() && more.Known())
		require.LessOrEqual(t, less.Or(0), more.Or(0))
		require.LessOrEqual(t, m.Met(measure.N(a)).Or(0), m.Met(measure.N(b)).Or(0))
	})
}

// Piecewise scores go exactly through their points.
func TestScoresGoThroughTheirPoints(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.Custom(aMetric).Filter(func(m measure.Metric) bool {
			return m.Mode != measure.HitRatio && (m.Kind == measure.Points || m.Kind == measure.CommitTargetStretch)
		}).Draw(t, "metric")
		for _, p := range m.Points {
			require.Equal(t, measure.N(p.Share), m.Raw(measure.N(p.Value)))
		}
		if m.Kind == measure.CommitTargetStretch {
			v := aReading(t, m, "v")
			listed := measure.Metric{Kind: measure.Points}
			for share, corner := range map[float64]measure.Number{0: m.Baseline, 0.3: m.Commit, 0.7: m.Target, 1: m.Stretch} {
				listed.Points = append(listed.Points, measure.Point{Value: corner.Or(0), Share: share})
			}
			require.Equal(t, listed.Raw(v), m.Raw(v), "the same corners as points")
			for share, v := range map[float64]measure.Number{0: m.Baseline, 0.3: m.Commit, 0.7: m.Target, 1: m.Stretch} {
				require.Equal(t, measure.N(share), m.Raw(v))
			}
		}
	})
}

// Reached is reached: a hit and the share at which the target lies are one thing,
// and nearly is not all.
func TestAHitIsAllOfTheWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.Custom(aMetric).Filter(func(m measure.Metric) bool { return m.Kind != measure.Baseline }).Draw(t, "metric")
		v := aReading(t, m, "v")
		if m.Mode == measure.HitRatio {
			v = measure.N(rapid.Float64Range(0, 1).Draw(t, "ratio"))
		}
		raw, hit := m.Raw(v), m.Met(v)
		require.Equal(t, raw.Known(), hit.Known(), "%v", m)
		if !raw.Known() {
			return
		}
		aim := m.Aim().Or(0)
		require.Positive(t, aim)
		require.Equal(t, hit.Or(0) == 1, raw.Or(0) >= aim, "%v at %v: raw %v, aim %v", m, v, raw, aim)
	})
}

// anything goes: numbers of any size, kinds and modes from anywhere.
func anything(t *rapid.T) measure.Input {
	in, _ := anInput(t)
	wild := rapid.Custom(func(t *rapid.T) measure.Number {
		v := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64})).Draw(t, "v")
		return rapid.SampledFrom([]measure.Number{{}, measure.N(v), measure.N(v), measure.N(v)}).Draw(t, "known")
	})
	if rapid.Bool().Draw(t, "wild") {
		m := &in.Metric
		m.Kind = rapid.SampledFrom(append(measure.Kinds(), "", "tides")).Draw(t, "any kind")
		m.Mode = rapid.SampledFrom(append(measure.Modes(), "", "guess")).Draw(t, "any mode")
		for _, n := range []*measure.Number{&m.Baseline, &m.Target, &m.Low, &m.High, &m.Amber, &m.Commit, &m.Stretch, &m.Need, &m.Tolerance, &m.Digits, &in.Latest.Value} {
			*n = wild.Draw(t, "number")
		}
		m.Points = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) measure.Point {
			return measure.Point{Value: wild.Draw(t, "x").Or(0), Share: wild.Draw(t, "y").Or(0)}
		}), 0, 4).Draw(t, "points")
		in.Tally = measure.TallyOf(*m, in.Tally.Scheduled, rapid.SliceOfN(wild, 0, 5).Draw(t, "tallied")...)
	}
	return in
}

// No figure is ever NaN or infinite, none leaves its bounds, and what is not known
// is not green.
func TestNoFigureIsNonsense(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anything(t)
		r := measure.KeyResult(&in)
		for name, n := range map[string]measure.Number{
			"current": r.Current, "raw": r.Raw, "progress": r.Progress, "over": r.Over, "expected": r.Expected, "gap": r.Gap, "ratio": r.Ratio, "hit": r.Hit,
		} {
			require.True(t, !n.Known() || n.Finite(), "%s is %s", name, n)
		}
		for _, n := range []measure.Number{r.Progress, r.Expected} {
			require.True(t, n.Or(0) >= 0 && n.Or(0) <= 1)
		}
		require.Contains(t, []float64{0, 1}, r.Hit.Or(0))
		require.GreaterOrEqual(t, r.Over.Or(0), 0.0)
		if !r.Current.Known() {
			require.Equal(t, unknown, r.Raw)
			require.Equal(t, unknown, r.Hit)
			require.Contains(t, []measure.Status{measure.Unknown, measure.Paused, in.Ruling.Status}, r.Status)
		}
		if !r.Progress.Known() || !r.Fresh {
			require.NotEqual(t, measure.OnTrack, r.Status)
			if r.Status != in.Ruling.Status {
				require.NotContains(t, []measure.Status{measure.AtRisk, measure.OffTrack}, r.Status, "a rule alone may judge harder")
			}
		}
		if !in.Closed {
			require.NotContains(t, []measure.Status{measure.Hit, measure.Missed}, r.Status)
		}
		for _, n := range []measure.Number{in.Hit().Hit, measure.Needed(&in, in.Today).Today, measure.Needed(&in, in.Today).PerWeek, in.Metric.Aim()} {
			require.True(t, !n.Known() || n.Finite(), "%v of %+v", n, in)
		}
		require.NotEmpty(t, in.Hit().Reason)
		in.Metric.Problems()
		in.Metric.Missing()
		in.Metric.Format(in.Latest.Value)
		in.Metric.Goal()
	})
}

// A metric that has nothing wrong with it measures whatever it takes.
func TestASoundMetricMeasures(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := aMetric(t)
		require.Empty(t, m.Problems(), "%+v", m)
		if m.Kind == measure.Baseline || m.Mode == measure.HitRatio {
			return
		}
		v := aReading(t, m, "v")
		if m.Kind == measure.Zones && !m.Met(v).Known() {
			return
		}
		require.True(t, m.Raw(v).Known(), "%+v at %v", m, v)
		require.True(t, m.Progress(v).Known())
	})
}

// A clean line of time: what is expected never falls, begins at 0 and ends at 1.
func TestWhatIsExpectedNeverFalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := aCurve(t)
		last := start.AddDays(rapid.IntRange(0, 120).Draw(t, "days"))
		before := 0.0
		for day := start.AddDays(-2); !day.After(last.AddDays(2)); day = day.AddDays(1) {
			e, ok := c.Expected(start, last, day).Value()
			if !ok {
				continue
			}
			require.GreaterOrEqual(t, e, before)
			require.LessOrEqual(t, e, 1.0)
			before = e
		}
		if c != "steep" {
			require.InDelta(t, 1, c.Expected(start, last, last).Or(9), 0)
		}
		if c != "steep" && c != measure.NoPace && last != start {
			require.InDelta(t, 0, c.Expected(start, last, start).Or(9), 0)
		}
	})
}

func TestDaysAreCalendarDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := time.Date(rapid.IntRange(-500, 3000).Draw(t, "year"), time.Month(rapid.IntRange(-30, 30).Draw(t, "month")), rapid.IntRange(-60, 60).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
		n := rapid.IntRange(-100000, 100000).Draw(t, "days")
		b := a.AddDate(0, 0, n)
		require.Equal(t, n, measure.DateOf(a).DaysUntil(measure.DateOf(b)))
		odd := measure.Date{Year: a.Year(), Month: a.Month() + 24, Day: a.Day()}
		require.Equal(t, measure.NewDate(a.Year(), a.Month()+24, a.Day()).DaysUntil(measure.DateOf(b)), odd.DaysUntil(measure.DateOf(b)))
	})
}
