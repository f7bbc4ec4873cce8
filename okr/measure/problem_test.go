package measure_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr/measure"
)

func TestEveryContradictionNamesFieldValueAndRemedy(t *testing.T) {
	n := measure.N
	type m = measure.Metric
	points := func(ps ...measure.Point) m { return m{Kind: measure.Points, Points: ps} }
	for _, c := range []struct {
		metric m
		field  string
		value  string
		remedy string
	}{
		{m{Kind: "fall"}, "metric.kind", "fall", "use one of increase, decrease"},
		{m{Kind: measure.AtLeast, Mode: "guess"}, "metric.mode", "guess", "use one of latest, hit_ratio"},
		{m{Kind: measure.Increase, Baseline: n(10), Target: n(5)}, "metric.target", "5", "say decrease, or swap the two"},
		{m{Kind: measure.Decrease, Baseline: n(5), Target: n(10)}, "metric.target", "10", "say increase, or swap the two"},
		{m{Kind: measure.Increase, Baseline: n(5), Target: n(5)}, "metric.target", "5", "it starts where it ends"},
		{m{Kind: measure.Increase, Baseline: n(-1.7e308), Target: n(1.7e308)}, "metric.target", n(1.7e308).String(), "too far from its baseline"},
		{m{Kind: measure.AtLeast, Target: n(math.Inf(1))}, "metric.target", "+Inf", "give a finite number"},
		{m{Kind: measure.Between, Low: n(4), High: n(2)}, "metric.low", "4", "swap it with high, 2"},
		{m{Kind: measure.Between, Low: n(4), Target: n(2)}, "metric.target", "2", "a band has low and high and no target"},
		{m{Kind: measure.Between, Low: n(2), High: n(4), Amber: n(-1)}, "metric.amber", "-1", "give a number above 0"},
		{m{Kind: measure.AtMost, Low: n(2)}, "metric.low", "2", "it means something for between only"},
		{m{Kind: measure.Increase, Amber: n(2)}, "metric.amber", "2", "it means something for at_least, at_most, above, below, between only"},
		{m{Kind: measure.YesNo, Target: n(1)}, "metric.target", "1", "yes_no takes no target"},
		{m{Kind: measure.Baseline, Target: n(1)}, "metric.target", "1", "baseline takes no target"},
		{m{Kind: measure.CommitTargetStretch, Baseline: n(0), Commit: n(50), Target: n(40), Stretch: n(100)}, "metric.target", "40", "it does not lie beyond commit, 50"},
		{m{Kind: measure.CommitTargetStretch, Baseline: n(0), Target: n(40), Stretch: n(40)}, "metric.stretch", "40", "it does not lie beyond target, 40"},
		{m{Kind: measure.CommitTargetStretch, Baseline: n(100), Commit: n(50), Stretch: n(60)}, "metric.stretch", "60", "it does not lie beyond commit, 50"},
		{points(measure.Point{Value: 1}), "metric.points", "1", "list at least two points"},
		{points(measure.Point{Value: 0, Share: 0}, measure.Point{Value: 50, Share: 0.4}, measure.Point{Value: 40, Share: 1}), "metric.points", "0:0 50:0.4 40:1", "strictly with their shares"},
		{points(measure.Point{Value: 0, Share: 0.5}, measure.Point{Value: 50, Share: 0.5}), "metric.points", "0:0.5 50:0.5", "no two points with the same value or share"},
		{points(measure.Point{Value: 0, Share: 0}, measure.Point{Value: 50, Share: 1.4}), "metric.points[1].share", "1.4", "from 0 to 1"},
		{points(measure.Point{Value: math.NaN(), Share: 0}, measure.Point{Value: 50, Share: 1}), "metric.points[0].value", "NaN", "give a finite number"},
		{m{Kind: measure.Points, Target: n(60), Points: []measure.Point{{0, 0}, {50, 1}}}, "metric.target", "60", "lies on their way from 0 to 50"},
		{m{Kind: measure.AtLeast, Points: []measure.Point{{0, 0}}}, "metric.points", "1", "they mean something for points only"},
		{m{Kind: measure.Milestones, Milestones: []measure.Milestone{{Key: "a"}, {Key: "a"}}}, "metric.milestones[1].key", "a", "give each its own"},
		{m{Kind: measure.Milestones, Milestones: []measure.Milestone{{Name: "a"}}}, "metric.milestones[0].key", "", "give it a key"},
		{m{Kind: measure.Milestones, Milestones: []measure.Milestone{{Key: "a", Weight: n(-1)}}}, "metric.milestones[0].weight", "-1", "a weight is 0"},
		{m{Kind: measure.Milestones, Milestones: []measure.Milestone{{Key: "a", Weight: n(math.NaN())}}}, "metric.milestones[0].weight", "NaN", "a weight is 0"},
		{m{Kind: measure.Milestones, Milestones: []measure.Milestone{{Key: "a", Weight: n(0)}}}, "metric.milestones", "0", "a weight above 0"},
		{m{Kind: measure.Milestones, Milestones: make([]measure.Milestone, 101)}, "metric.milestones", "101", "list at most 100"},
		{m{Kind: measure.Zones, Zones: []measure.Zone{{"best", "x"}}}, "metric.zones[0].level", "best", "use one of fail, commit, target, stretch"},
		{m{Kind: measure.Zones, Zones: []measure.Zone{{measure.LevelTarget, "x"}, {measure.LevelTarget, "y"}}}, "metric.zones[1].level", "target", "described twice"},
		{m{Kind: measure.Zones, Zones: []measure.Zone{{measure.LevelTarget, ""}}}, "metric.zones[0].text", "", "say in words"},
		{m{Kind: measure.Zones, Zones: []measure.Zone{{measure.LevelStretch, "x"}}}, "metric.zones", "stretch", "describe the target"},
		{m{Kind: measure.Increase, Mode: measure.Distance, Baseline: n(0), Target: n(3)}, "metric.mode", "distance", "a distance is one to a threshold"},
		{m{Kind: measure.AtMost, Mode: measure.Distance, Target: n(0)}, "metric.tolerance", "unknown", "a target of no size"},
		{m{Kind: measure.AtMost, Mode: measure.Distance, Target: n(1), Tolerance: n(-1)}, "metric.tolerance", "-1", "give a number above 0"},
		{m{Kind: measure.AtMost, Target: n(1), Tolerance: n(1)}, "metric.tolerance", "1", "in mode distance only"},
		{m{Kind: measure.YesNo, Mode: measure.Sum}, "metric.mode", "sum", "only numbers can be added up"},
		{m{Kind: measure.AtMost, Target: n(1), Need: n(0.9)}, "metric.need", "0.9", "in mode hit_ratio only"},
		{m{Kind: measure.AtMost, Target: n(1), Mode: measure.HitRatio, Need: n(1.1)}, "metric.need", "1.1", "at most 1"},
		{m{Kind: measure.AtMost, Target: n(1), Digits: n(1.5)}, "metric.digits", "1.5", "a whole number from 0 to 9"},
	} {
		ps := c.metric.Problems()
		require.NotEmpty(t, ps, "%+v", c.metric)
		require.Equal(t, c.field, ps[0].Field, "%+v", ps)
		require.Equal(t, c.value, ps[0].Value, "%+v", ps)
		require.Contains(t, ps[0].Remedy, c.remedy)
	}
}
