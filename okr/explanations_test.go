package okr_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// What is unknown says why, and never passes for 0.
func TestWhatIsUnknownSaysWhy(t *testing.T) {
	n := measure.N
	zones := []measure.Zone{{Level: measure.LevelTarget, Text: "a letter"}}
	for why, c := range map[string]struct {
		metric  measure.Metric
		current measure.Number
	}{
		"":                                      {measure.Metric{Kind: measure.Increase, Baseline: n(0), Target: n(10)}, n(5)},
		"no metric says what is counted":        {measure.Metric{}, n(5)},
		"the target is still to be learnt":      {measure.Metric{Kind: measure.Baseline}, n(5)},
		"there is no reading":                   {measure.Metric{Kind: measure.Increase, Baseline: n(0), Target: n(10)}, measure.Number{}},
		"the metric has no baseline":            {measure.Metric{Kind: measure.Increase, Target: n(10)}, n(5)},
		"the metric has no target, no baseline": {measure.Metric{Kind: measure.Decrease}, n(5)},
		"it starts where it ends, at 7: there is no way to go": {measure.Metric{Kind: measure.Increase, Baseline: n(7), Target: n(7)}, n(7)},
		"the metric has no baseline, no target, no commit":     {measure.Metric{Kind: measure.CommitTargetStretch, Stretch: n(9)}, n(5)},
		"the metric has no zones":                              {measure.Metric{Kind: measure.Zones}, n(2)},
		"the metric has no low":                                {measure.Metric{Kind: measure.Between, High: n(2)}, n(2)},
		"the kind of metric, sideways, is not known":           {measure.Metric{Kind: "sideways"}, n(2)},
		"there are not enough readings for the mode average":   {measure.Metric{Kind: measure.Increase, Mode: measure.Average, Baseline: n(0), Target: n(10)}, measure.Number{}},
		"no check-ins are scheduled":                           {measure.Metric{Kind: measure.Increase, Mode: measure.HitRatio, Baseline: n(0), Target: n(10)}, n(10)},
		"the reading, 1, names no zone that is described":      {measure.Metric{Kind: measure.Zones, Zones: zones}, n(1)},
		"the reading, 2, is neither yes (1) nor no (0)":        {measure.Metric{Kind: measure.YesNo}, n(2)},
		"metric.target 2: it does not lie beyond commit, 3: list baseline, commit, target and stretch along one way up or down": {measure.Metric{Kind: measure.CommitTargetStretch, Baseline: n(1), Commit: n(3), Target: n(2), Stretch: n(4)}, n(2)},
	} {
		k := okr.KeyResult{ID: "k", Metric: c.metric, Current: c.current}
		s := &okr.Snapshot{KeyResults: []okr.KeyResult{k}}
		e := s.Explanations(planning)[okr.Ref{Kind: okr.KindKeyResult, ID: "k"}]
		require.Equal(t, why, e.Unknown)
		require.Equal(t, why == "", e.Result.Progress.Known(), why)
		for _, d := range e.Derivations {
			v, ok := d.Value.Value()
			require.False(t, ok && math.IsNaN(v), why)
		}
	}
}

func TestExplanations(t *testing.T) {
	s, _, err := told().Snapshot(okrtest.SequentialIDs(), planning)
	require.NoError(t, err)
	all := s.Explanations(planning)
	require.Len(t, all, len(s.KeyResults)+len(s.Objectives))
	measured := s.Measure(planning)
	for ref, e := range all {
		require.Equal(t, measured[ref.ID].Progress, e.Result.Progress)
		require.Equal(t, e.Unknown == "", e.Result.Progress.Known(), e.Unknown)
		of := map[string]bool{}
		for _, d := range e.Derivations {
			require.NotEmpty(t, d.Formula)
			of[d.Of] = true
		}
		require.True(t, of["progress"] && of["status"] && of["gap"], ref)
	}
	one := okr.Ref{Kind: okr.KindKeyResult, ID: s.KeyResults[0].ID}
	require.Equal(t, map[okr.Ref]okr.Explanation{one: all[one]}, s.Explanations(planning, one))
	require.Empty(t, s.Explanations(planning, okr.Ref{Kind: okr.KindKeyResult, ID: "nobody"}))

	empty := &okr.Snapshot{Objectives: []okr.Objective{{ID: "o"}}}
	require.Equal(t, "nothing counts towards it: it has no parts", empty.Explanations(planning)[okr.Ref{Kind: okr.KindObjective, ID: "o"}].Unknown)
}
