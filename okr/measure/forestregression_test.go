package measure_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr/measure"
)

// Mistakes that other programs made when they rolled up, over three levels.
func TestMistakesOfOthersOnTheWayUp(t *testing.T) {
	both := measure.RollupPolicy{Driver: measure.DriverBoth}
	over := func(weight float64, figures ...measure.Number) *measure.Forest {
		nodes := []measure.Node{{Policy: both}, {Policy: both, Parents: []measure.Stem{{Parent: 0, Weight: 1}}}, {Policy: both, Parents: []measure.Stem{{Parent: 1, Weight: weight}}}}
		var leaves []measure.Leaf
		for _, p := range figures {
			leaves = append(leaves, measure.Leaf{Node: 2, Weight: 1, Figures: measure.Figures{Progress: p, Status: measure.OnTrack}})
		}
		return measure.NewForest(nodes, leaves)
	}
	t.Run("nothing is rounded between levels (ShamanR)", func(t *testing.T) {
		f := over(1, measure.N(0.004), measure.N(0.003), measure.N(0.003))
		for i := range 3 {
			v, _ := f.Progress(i).Value()
			require.InDelta(t, 0.01/3, v, 1e-15)
		}
	})
	t.Run("a weight that is no number takes nothing with it (oslo)", func(t *testing.T) {
		for _, w := range []float64{math.NaN(), math.Inf(1), -1, 0} {
			f := over(w, measure.N(0.5))
			f.Set(0, measure.Figures{Progress: measure.N(0.7)})
			require.Equal(t, measure.N(0.7), f.Progress(2))
			require.False(t, f.Progress(0).Known(), "no weight is unknown, neither 0 nor NaN")
			require.Equal(t, 0.0, f.Result(0).Coverage)
		}
		f := measure.NewForest([]measure.Node{{}}, []measure.Leaf{
			{Weight: math.NaN(), Figures: measure.Figures{Progress: measure.N(1)}}, {Weight: 1, Figures: measure.Figures{Progress: measure.N(0.5)}},
		})
		require.Equal(t, measure.N(0.5), f.Progress(0))
		f.Set(0, measure.Figures{Progress: measure.N(0)})
		require.Equal(t, measure.N(0.5), f.Progress(0))
	})
	t.Run("levels in words count in the distribution like numbers (puzzle 1680)", func(t *testing.T) {
		in := input(measure.N(50), 50)
		number := measure.KeyResult(&in)
		in.Metric = measure.Metric{Kind: measure.Zones, Zones: []measure.Zone{{Level: measure.LevelCommit, Text: "in talks"}, {Level: measure.LevelTarget, Text: "signed"}, {Level: measure.LevelStretch, Text: "paid"}}}
		in.Latest.Value = measure.LevelStretch.Number()
		words := measure.KeyResult(&in)
		require.Equal(t, measure.N(1), words.Progress)
		part := func(r measure.Result) measure.Part {
			return measure.Part{Weight: 1, Progress: r.Progress, Expected: r.Expected, Status: r.Status}
		}
		r := measure.Rollup([]measure.Part{part(number), part(words)}, measure.RollupOptions{})
		require.Equal(t, 1.0, r.Coverage)
		require.Equal(t, measure.N(0.75), r.Progress)
	})
}

func ExampleForest() {
	both := measure.RollupPolicy{Driver: measure.DriverBoth}
	f := measure.NewForest([]measure.Node{
		{ID: "company", Policy: both},
		{ID: "sales", Policy: both, Parents: []measure.Stem{{Parent: 0, Weight: 3}}},
		{ID: "support", Policy: both, Parents: []measure.Stem{{Parent: 0, Weight: 1}}},
	}, []measure.Leaf{
		{ID: "revenue", Node: 1, Weight: 1, Figures: measure.Figures{Progress: measure.N(0.4)}},
		{ID: "answers", Node: 2, Weight: 1, Figures: measure.Figures{Progress: measure.N(0.8)}},
	})
	fmt.Println(f.Progress(0))
	revenue, _ := f.Index().Leaf("revenue")
	f.Set(revenue, measure.Figures{Progress: measure.N(0.8)})
	fmt.Println(f.Progress(0))
	// Output:
	// 0.5
	// 0.8
}

func ExampleRollup() {
	r := measure.Rollup([]measure.Part{
		{ID: "new customers", Weight: 2, Progress: measure.N(0.5), Expected: measure.N(0.4), Status: measure.OnTrack},
		{ID: "churn", Weight: 1, Status: measure.Unknown},
		{ID: "complaints", Guardrail: true, Progress: measure.N(0), Status: measure.OffTrack},
	}, measure.RollupOptions{})
	fmt.Printf("%s of the way, of which %.0f %% is known: %s\n", r.Progress, 100*r.Coverage, r.Status)
	// Output:
	// 0.5 of the way, of which 67 % is known: on_track
}
