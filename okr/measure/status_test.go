package measure_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr/measure"
)

// Each line takes away what decided the line before it.
func TestPrecedence(t *testing.T) {
	in := input(measure.N(24), 50) // 26 points behind
	in.Closed, in.Paused = true, true
	in.Latest.At = in.Now.AddDate(0, 0, -30)
	in.Override = measure.Override{Status: measure.OnTrack, Reason: "paid in advance", Until: in.Now.Add(time.Hour)}
	in.Ruling = measure.Ruling{Status: measure.AtRisk, Rule: "early-days"}
	status := func() measure.Status { return measure.KeyResult(&in).Status }

	require.Equal(t, measure.Missed, status(), "a closed outcome comes first")
	in.Closed = false
	require.Equal(t, measure.Paused, status())
	in.Paused = false
	require.Equal(t, measure.Stale, status(), "nobody can call an old number green")
	in.Latest.At = in.Now
	require.Equal(t, measure.OnTrack, status(), "the override")
	in.Override.Until = in.Now
	require.Equal(t, measure.AtRisk, status(), "the override has expired: the rule")
	in.Ruling = measure.Ruling{}
	require.Equal(t, measure.OffTrack, status(), "pace")
	in.Curve = measure.NoPace
	require.Equal(t, measure.Pending, status())

	in.Override.Until = in.Now.Add(time.Hour)
	in.Ruling.Status = measure.OnTrack
	in.Latest.Value = unknown
	require.Equal(t, measure.Unknown, status(), "nobody can call nothing green, neither a person nor a rule")
	in.Latest.Value = measure.N(24)
	in.Metric.Target = unknown
	require.Equal(t, measure.Unknown, status())
	in.Closed = true
	require.Equal(t, measure.Unknown, status(), "closed, and nobody can tell")
}

func TestLevels(t *testing.T) {
	n := measure.N
	level := func(k measure.Kind, target, amber measure.Number) measure.Metric {
		return measure.Metric{Kind: k, Target: target, Amber: amber}
	}
	band := measure.Metric{Kind: measure.Between, Low: n(10), High: n(20), Amber: n(2)}
	below := level(measure.Below, n(5), n(2))
	travels := measure.Metric{Kind: measure.AtLeast, Baseline: n(0), Target: n(100), Amber: n(30)}
	for _, c := range []struct {
		name   string
		metric measure.Metric
		v      float64
		day    int
		want   measure.Status
	}{
		{"holds", below, 4.9, 50, measure.OnTrack},
		{"at the strict threshold", below, 5, 50, measure.AtRisk},
		{"amber", below, 6, 50, measure.AtRisk},
		{"the outer end is amber", below, 7, 50, measure.AtRisk},
		{"beyond amber", below, 7.1, 50, measure.OffTrack},
		{"amber on the last day", below, 6, 100, measure.OffTrack},
		{"at least, amber", level(measure.AtLeast, n(99.9), n(0.4)), 99.5, 50, measure.AtRisk},
		{"at least, beyond", level(measure.AtLeast, n(99.9), n(0.4)), 99.4, 50, measure.OffTrack},
		{"broken, no amber, time left", level(measure.AtMost, n(5), unknown), 500, 50, measure.AtRisk},
		{"broken, no amber, no time left", level(measure.AtMost, n(5), unknown), 500, 100, measure.OffTrack},
		{"in the band", band, 10, 50, measure.OnTrack},
		{"under the band", band, 8, 50, measure.AtRisk},
		{"far under the band", band, 7.9, 50, measure.OffTrack},
		{"over the band", band, 22, 50, measure.AtRisk},
		{"far over the band", band, 22.1, 50, measure.OffTrack},
		{"amber instead of pace", travels, 70, 5, measure.AtRisk},
		{"beyond amber instead of pace", travels, 60, 5, measure.OffTrack},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := input(n(c.v), c.day)
			in.Metric = c.metric
			require.Equal(t, c.want, measure.KeyResult(&in).Status)
		})
	}
}

func TestABaselineKeyResultIsNeverGreen(t *testing.T) {
	in := input(measure.N(42), 50)
	in.Metric = metric(measure.Baseline, unknown, unknown)
	r := measure.KeyResult(&in)
	require.Equal(t, measure.Pending, r.Status)
	require.Equal(t, unknown, r.Progress)
	require.Equal(t, unknown, r.Hit)
	require.Equal(t, measure.N(42), r.Current)
	require.Zero(t, r.Coverage)
	in.Latest.At = in.Now.AddDate(0, 0, -30)
	require.Equal(t, measure.Stale, measure.KeyResult(&in).Status)
	in.Latest.Value = unknown
	require.Equal(t, measure.Unknown, measure.KeyResult(&in).Status)
	in.Latest.Value, in.Closed = measure.N(42), true
	require.Equal(t, measure.Unknown, measure.KeyResult(&in).Status)
}

// What is scored before it is known is expected to be at its target at the end, and
// not at its stretch.
func TestThePaceOfAScoreAimsAtItsTarget(t *testing.T) {
	n := measure.N
	in := input(n(35), 50)
	in.Metric = measure.Metric{Kind: measure.CommitTargetStretch, Baseline: n(0), Commit: n(30), Target: n(70), Stretch: n(100)}
	r := measure.KeyResult(&in)
	require.InDelta(t, 0.35, r.Expected.Or(9), 1e-12)
	require.InDelta(t, 0.35, r.Progress.Or(9), 1e-12)
	require.Equal(t, measure.OnTrack, r.Status)
	in = input(n(70), 100)
	in.Metric = measure.Metric{Kind: measure.CommitTargetStretch, Baseline: n(0), Commit: n(30), Target: n(70), Stretch: n(100)}
	r = measure.KeyResult(&in)
	require.InDelta(t, 0, r.Gap.Or(9), 1e-12)
	require.InDelta(t, 1, r.Ratio.Or(9), 1e-12)
	require.Equal(t, n(0.7), r.Suggested())
}

func TestMilestonesArePacedOnlyWhereACurveSaysSo(t *testing.T) {
	in := input(measure.N(0.25), 50)
	in.Metric = metric(measure.Milestones, unknown, unknown)
	require.Equal(t, measure.Pending, measure.KeyResult(&in).Status)
	in.Curve = measure.Linear
	require.Equal(t, measure.AtRisk, measure.KeyResult(&in).Status)
	in.Curve, in.Today = measure.DefaultCurve, in.Last
	require.Equal(t, measure.OffTrack, measure.KeyResult(&in).Status)
}

func TestTheWrongWayIsKept(t *testing.T) {
	in := input(measure.N(-20), 50)
	r := measure.KeyResult(&in)
	require.Equal(t, measure.N(-0.2), r.Raw)
	require.Equal(t, measure.N(0), r.Progress)
	require.Equal(t, measure.N(0), r.Over)
	in.Latest.Value = measure.N(125)
	r = measure.KeyResult(&in)
	require.Equal(t, measure.N(1.25), r.Raw)
	require.Equal(t, measure.N(1), r.Progress)
	require.Equal(t, measure.N(0.25), r.Over)
}
