package measure_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr/measure"
)

func TestHitHasAReason(t *testing.T) {
	n := measure.N
	for _, c := range []struct {
		name   string
		metric measure.Metric
		v      measure.Number
		want   measure.Number
		reason string
	}{
		{"yes", metric(measure.AtLeast, unknown, n(45)), n(45), n(1), "its value is 45, and a hit is 45 or more"},
		{"no", measure.Metric{Kind: measure.Decrease, Unit: "%", Baseline: n(5), Target: n(3)}, n(3.25), n(0), "its value is 3.2 %, and a hit is 3 % or less"},
		{"strict", metric(measure.Above, unknown, n(45)), n(45), n(0), "its value is 45, and a hit is above 45"},
		{"band", measure.Metric{Kind: measure.Between, Unit: "EUR", Low: n(2), High: n(4)}, n(3), n(1), "its value is 3.00 EUR, and a hit is 2.00 to 4.00 EUR"},
		{"done", metric(measure.YesNo, unknown, unknown), n(1), n(1), "its value is yes, and a hit is a yes"},
		{"no reading", metric(measure.YesNo, unknown, unknown), unknown, unknown, "there is no reading"},
		{"no target", metric(measure.AtLeast, unknown, unknown), n(3), unknown, "it lacks metric.target"},
		{"no metric", measure.Metric{}, n(3), unknown, "it lacks metric.kind"},
		{"baseline", metric(measure.Baseline, unknown, unknown), n(3), unknown, "it only learns where one stands: no target was set"},
		{"half a yes", metric(measure.YesNo, unknown, unknown), n(0.5), unknown, "0.5 is no value that it takes"},
		{"zone that nobody described", measure.Metric{Kind: measure.Zones, Zones: []measure.Zone{{measure.LevelTarget, "x"}}}, n(1), unknown, "commit is no value that it takes"},
		{"mode from the future", measure.Metric{Kind: measure.AtLeast, Target: n(3), Mode: "guess"}, n(3), unknown, "this version does not know its kind of metric, or its reading mode"},
		{"points", measure.Metric{Kind: measure.Points, Points: []measure.Point{{10, 0}, {0, 1}}}, n(0), n(1), "its value is 0, and a hit is 0 or less"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := measure.Input{Metric: c.metric, Latest: measure.Reading{Value: c.v}}
			require.Equal(t, measure.Answer{Hit: c.want, Reason: c.reason}, in.Hit())
		})
	}
	m := measure.Metric{Kind: measure.AtMost, Target: n(2), Mode: measure.HitRatio, Need: n(0.9)}
	in := measure.Input{Metric: m, Tally: measure.TallyOf(m, 13, n(1), n(2), n(3))}
	require.Equal(t, measure.Answer{Hit: n(0), Reason: "15.4 % of the scheduled check-ins met the target, and 90 % are needed"}, in.Hit())
	in.Tally.Scheduled = 0
	require.Equal(t, measure.Answer{Reason: "no check-ins are scheduled"}, in.Hit())
}
