package measure_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr/measure"
)

// model rolls up by the book: every objective by measure.Rollup, from its key
// results and from what its children come to.
type model struct {
	nodes  []measure.Node
	leaves []measure.Leaf
	done   map[int]measure.Result
}

func (m *model) kids(parent int) (ids []int, weights []float64) {
	if !m.nodes[parent].Policy.Driver.Children() {
		return nil, nil
	}
	for i, n := range m.nodes {
		for _, s := range n.Parents {
			if s.Parent == parent {
				ids, weights = append(ids, i), append(weights, s.Weight)
			}
		}
	}
	return ids, weights
}

// ringed says whether a node contributes to itself.
func (m *model) ringed(start int) bool {
	seen := map[int]bool{}
	todo := []int{start}
	for len(todo) > 0 {
		at := todo[0]
		todo = todo[1:]
		kids, weights := m.kids(at)
		for i, k := range kids {
			if !(weights[i] > 0) || weights[i] > 1e12 {
				continue
			}
			if k == start {
				return true
			}
			if !seen[k] {
				seen[k] = true
				todo = append(todo, k)
			}
		}
	}
	return false
}

func (m *model) result(i int) measure.Result {
	if r, ok := m.done[i]; ok {
		return r
	}
	if m.ringed(i) {
		m.done[i] = measure.Result{Status: measure.Unknown}
		return m.done[i]
	}
	n := m.nodes[i]
	var parts []measure.Part
	if n.Policy.Driver.KeyResults() {
		for _, l := range m.leaves {
			if l.Node == i {
				p := measure.Part{ID: l.ID, Weight: l.Weight, Guardrail: l.Guardrail, Progress: l.Progress, Expected: l.Expected, Status: l.Status}
				if l.Amount != nil {
					p.Amount = *l.Amount
				}
				parts = append(parts, p)
			}
		}
	}
	kids, weights := m.kids(i)
	for j, k := range kids {
		if weights[j] > 0 {
			parts = append(parts, measure.Contribution(m.nodes[k].ID, weights[j], m.result(k)))
		}
	}
	m.done[i] = measure.Rollup(parts, measure.RollupOptions{Method: n.Policy.Method, Status: n.Policy.Status, Bands: n.Bands})
	return m.done[i]
}

func (m *model) check(t require.TestingT, f *measure.Forest, why string) {
	m.done = map[int]measure.Result{}
	for i := range m.nodes {
		want, got := m.result(i), f.Result(i)
		at := fmt.Sprintf("%s: %s", why, m.nodes[i].ID)
		require.Equal(t, want.Status, got.Status, at)
		require.Equal(t, want.Status, f.Status(i), at)
		for _, p := range [][2]measure.Number{
			{want.Progress, got.Progress}, {want.Progress, f.Progress(i)}, {want.Raw, got.Raw}, {want.Expected, got.Expected}, {want.Gap, got.Gap}, {want.Over, got.Over},
		} {
			require.Equal(t, p[0].Known(), p[1].Known(), at)
			x, _ := p[0].Value()
			y, _ := p[1].Value()
			require.InDelta(t, x, y, 1e-9, at)
		}
		require.InDelta(t, want.Coverage, got.Coverage, 1e-9, at)
		require.InDelta(t, want.Vouched, got.Vouched, 1e-9, at)
		require.Equal(t, want.Amount == nil, got.Amount == nil, at)
		if want.Amount != nil {
			near(t, want.Amount.Target, got.Amount.Target)
			near(t, want.Amount.Value, got.Amount.Value)
		}
	}
}

type draws struct{ *rand.Rand }

func (d draws) pick(from ...float64) float64 { return from[d.IntN(len(from))] }

func (d draws) figures() measure.Figures {
	x := measure.Figures{
		Status: []measure.Status{
			measure.OnTrack, measure.OnTrack, measure.AtRisk, measure.OffTrack, measure.Pending, measure.Stale, measure.Unknown, measure.Hit, measure.Missed, measure.Paused, "", "odd",
		}[d.IntN(12)],
	}
	if d.IntN(10) > 0 {
		x.Amount = &measure.Amount{Unit: "EUR", Baseline: measure.N(0), Target: measure.N(1 + d.Float64()*9)}
		if d.IntN(30) == 0 {
			x.Amount.Unit = "USD"
		}
		if d.IntN(4) > 0 {
			x.Amount.Value = measure.N(d.Float64() * 12)
		}
	}
	if d.IntN(4) > 0 {
		x.Progress = measure.N(d.Float64())
	}
	if d.IntN(4) > 0 {
		x.Expected = measure.N(d.Float64())
	}
	return x
}

func (d draws) policy() measure.RollupPolicy {
	p := measure.RollupPolicy{Driver: []measure.Driver{"", measure.DriverKeyResults, measure.DriverChildren, measure.DriverBoth, measure.DriverBoth, measure.DriverBoth}[d.IntN(6)]}
	if d.IntN(4) == 0 {
		p.Method = measure.MethodSum
	}
	if d.IntN(4) == 0 {
		p.Status = measure.VoiceWeakest
	}
	return p
}

// grow makes objectives with several parents each. rings of a hundred edges go
// anywhere, and not only up.
func (d draws) grow(nodes, leaves, rings int) *model {
	m := &model{}
	for i := range nodes {
		n := measure.Node{ID: fmt.Sprint("o", i), Policy: d.policy()}
		if d.IntN(4) == 0 {
			n.Bands, _ = measure.Preset(measure.Presets()[d.IntN(len(measure.Presets()))])
		}
		for range d.IntN(3) {
			to := -1
			if i > 0 {
				to = d.IntN(i)
			}
			if d.IntN(100) < rings {
				to = d.IntN(nodes)
			}
			n.Parents = append(n.Parents, measure.Stem{Parent: to, Weight: d.pick(0, 1, 1, 1, 0.5, 3, 1e6, 1e-6)})
		}
		m.nodes = append(m.nodes, n)
	}
	for i := range leaves {
		m.leaves = append(m.leaves, measure.Leaf{
			ID: fmt.Sprint("k", i), Node: d.IntN(nodes+1) - 1, Weight: d.pick(0, 1, 1, 1, 2, 1e6, 1e-6), Guardrail: d.IntN(10) == 0, Figures: d.figures(),
		})
	}
	return m
}

func TestAForestIsWhatItsRollupsAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draws{rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))}
		m := d.grow(rapid.IntRange(1, 12).Draw(t, "objectives"), rapid.IntRange(0, 30).Draw(t, "key results"), rapid.SampledFrom([]int{0, 0, 5, 40}).Draw(t, "rings"))
		f := measure.NewForest(m.nodes, m.leaves)
		m.check(t, f, "as built")
		for i := range rapid.IntRange(0, 40).Draw(t, "changes") {
			if len(m.leaves) == 0 {
				break
			}
			k := d.IntN(len(m.leaves))
			m.leaves[k].Figures = d.figures()
			f.Set(k, m.leaves[k].Figures)
			m.check(t, f, fmt.Sprint("after change ", i))
		}
		f.Recompute()
		m.check(t, f, "recomputed")
	})
}

// Differences are added up a great many times, and stay within 1e-9 of what a
// forest comes to that is built anew.
func TestManyChangesDoNotAddUpToAnError(t *testing.T) {
	d := draws{rand.New(rand.NewPCG(7, 7))}
	m := d.grow(300, 1500, 0)
	f := measure.NewForest(m.nodes, m.leaves)
	for i := range 200_000 {
		k := d.IntN(len(m.leaves))
		m.leaves[k].Figures = d.figures()
		f.Set(k, m.leaves[k].Figures)
		if i%20_000 != 0 {
			continue
		}
		fresh := measure.NewForest(m.nodes, m.leaves)
		for j := range m.nodes {
			want, got := fresh.Result(j), f.Result(j)
			require.Equal(t, want.Status, got.Status)
			near(t, want.Progress, got.Progress)
			near(t, want.Gap, got.Gap)
			require.InDelta(t, want.Coverage, got.Coverage, 1e-9)
		}
	}
}

// A weight a million million times another's takes its last bits with it when it
// goes: what is left is summed afresh.
func TestAHeavyPartLeavesNothingBehind(t *testing.T) {
	leaf := func(w, p float64) measure.Leaf {
		return measure.Leaf{Weight: w, Figures: measure.Figures{Progress: measure.N(p), Expected: measure.N(0.5), Status: measure.OnTrack}}
	}
	leaves := []measure.Leaf{leaf(1e12, 0.1), leaf(1e-6, 0.3), leaf(1e-6, 0.7)}
	f := measure.NewForest([]measure.Node{{}}, leaves)
	for range 3 {
		f.Set(0, measure.Figures{Status: measure.Unknown})
		near(t, measure.N(0.5), f.Progress(0))
		f.Set(1, measure.Figures{Progress: measure.N(0.5), Expected: measure.N(0.5), Status: measure.Stale})
		near(t, measure.N(0.6), f.Progress(0))
		f.Set(0, leaves[0].Figures)
		f.Set(1, leaves[1].Figures)
		near(t, measure.N(0.1), f.Progress(0))
	}
	f.Set(0, measure.Figures{})
	f.Set(1, measure.Figures{})
	f.Set(2, measure.Figures{})
	require.False(t, f.Progress(0).Known(), "nothing is left, not even a last bit")
	require.Equal(t, 0.0, f.Result(0).Coverage)
}

func TestARingIsUnknownAndNothingElse(t *testing.T) {
	both := measure.RollupPolicy{Driver: measure.DriverBoth}
	leaf := func(n int) measure.Leaf {
		return measure.Leaf{Node: n, Weight: 1, Figures: measure.Figures{Progress: measure.N(0.5), Expected: measure.N(0.5), Status: measure.OnTrack}}
	}
	nodes := []measure.Node{
		{ID: "company", Policy: both},
		{ID: "a", Policy: both, Parents: []measure.Stem{{Parent: 0, Weight: 1}, {Parent: 3, Weight: 1}}},
		{ID: "b", Policy: both, Parents: []measure.Stem{{Parent: 1, Weight: 1}}},
		{ID: "c", Policy: both, Parents: []measure.Stem{{Parent: 2, Weight: 1}}},
		{ID: "below", Policy: both, Parents: []measure.Stem{{Parent: 3, Weight: 1}}},
		{ID: "itself", Policy: both, Parents: []measure.Stem{{Parent: 5, Weight: 1}}},
		{ID: "aligned with itself", Policy: both, Parents: []measure.Stem{{Parent: 6, Weight: 0}}},
		{ID: "key results only", Parents: []measure.Stem{{Parent: 7, Weight: 1}}},
	}
	var leaves []measure.Leaf
	for i := range nodes {
		leaves = append(leaves, leaf(i))
	}
	f := measure.NewForest(nodes, leaves)
	for i, want := range []measure.Status{
		measure.OnTrack, measure.Unknown, measure.Unknown, measure.Unknown, measure.OnTrack, measure.Unknown, measure.OnTrack, measure.OnTrack,
	} {
		require.Equal(t, want, f.Status(i), nodes[i].ID)
	}
	require.Equal(t, 0.5, f.Result(0).Coverage)
	require.Contains(t, f.Result(1).Reason, "ring")
	require.Empty(t, f.Result(0).Reason)
	for i := range leaves {
		f.Set(i, measure.Figures{Progress: measure.N(1), Status: measure.OnTrack})
	}
	require.Equal(t, measure.N(1), f.Progress(0))
	require.False(t, f.Progress(2).Known())
}

// A chain of a hundred thousand is as long as it is, and no stack is.
func TestADeepForest(t *testing.T) {
	const depth = 100_000
	nodes := make([]measure.Node, depth)
	for i := range nodes {
		nodes[i] = measure.Node{Policy: measure.RollupPolicy{Driver: measure.DriverBoth}, Parents: []measure.Stem{{Parent: i + 1, Weight: 1}}}
	}
	f := measure.NewForest(nodes, []measure.Leaf{{Node: 0, Weight: 1, Figures: measure.Figures{Progress: measure.N(0.25)}}})
	require.Equal(t, measure.N(0.25), f.Progress(depth-1))
	f.Set(0, measure.Figures{Progress: measure.N(0.5)})
	require.Equal(t, measure.N(0.5), f.Progress(depth-1))
	nodes[depth-1].Parents = []measure.Stem{{Parent: 0, Weight: 1}}
	f = measure.NewForest(nodes, nil)
	require.Contains(t, f.Result(depth/2).Reason, "ring")
}

// A change reaches each objective once, however many ways lead there: whoever
// went the ways one by one would never arrive.
func TestManyWaysUp(t *testing.T) {
	const n = 90
	nodes := make([]measure.Node, n)
	for i := range nodes {
		nodes[i].Policy.Driver = measure.DriverBoth
		for _, to := range []int{i - 2, i - 1} {
			if to >= 0 {
				nodes[i].Parents = append(nodes[i].Parents, measure.Stem{Parent: to, Weight: 1})
			}
		}
	}
	f := measure.NewForest(nodes, []measure.Leaf{{Node: n - 1, Weight: 1, Figures: measure.Figures{Progress: measure.N(0)}}})
	f.Set(0, measure.Figures{Progress: measure.N(0.75)})
	for i := range nodes {
		near(t, measure.N(0.75), f.Progress(i))
	}
}

// A sum that is beyond its target still goes up when it grows.
func TestASumGrowsBeyondItsTarget(t *testing.T) {
	sum := measure.RollupPolicy{Driver: measure.DriverBoth, Method: measure.MethodSum}
	figures := func(v float64) measure.Figures {
		a := amount("EUR", 0, 100, v)
		return measure.Figures{Progress: measure.N(1), Amount: &a}
	}
	f := measure.NewForest([]measure.Node{{Policy: sum}, {Policy: sum, Parents: []measure.Stem{{Parent: 0, Weight: 1}}}},
		[]measure.Leaf{{Node: 1, Weight: 1, Figures: figures(120)}, {Node: 0, Weight: 1, Figures: figures(0)}})
	require.Equal(t, measure.N(0.6), f.Progress(0))
	f.Set(0, figures(180))
	require.Equal(t, measure.N(0.9), f.Progress(0))
	require.Equal(t, measure.N(180), f.Result(0).Current)
	dollars := amount("USD", 0, 100, 1)
	f.Set(0, measure.Figures{Amount: &dollars})
	require.Contains(t, f.Result(0).Reason, "EUR, USD")
	require.Equal(t, measure.Unknown, f.Status(0))
	require.False(t, f.Progress(0).Known())
}

func TestAForestExplainsItself(t *testing.T) {
	figures := measure.Figures{Progress: measure.N(0.5), Expected: measure.N(0.5), Status: measure.OnTrack}
	f := measure.NewForest([]measure.Node{
		{ID: "company", Policy: measure.RollupPolicy{Driver: measure.DriverBoth}},
		{ID: "team", Parents: []measure.Stem{{Parent: 0, Weight: 3}}},
		{ID: "ally", Parents: []measure.Stem{{Parent: 0, Weight: 0}}},
	}, []measure.Leaf{
		{ID: "k1", Node: 0, Weight: 1, Figures: figures}, {ID: "k2", Node: 1, Weight: 1, Figures: figures},
		{ID: "k3", Node: 1, Weight: 1, Guardrail: true, Figures: figures}, {ID: "k4", Node: 2, Weight: 1, Figures: figures},
	})
	r := f.Result(0)
	require.Equal(t, "progress = 0.5 by sum(progress * weight) / sum(weight), over known progress, within 0 and 1 with progress 0.5 (k1), weight 1 (k1), progress 0.5 (team), weight 3 (team), progress 0.5 (ally), weight 0 (ally)", r.Derivations()[0].String())
	require.Contains(t, f.Result(1).Derivations()[0].String(), "weight 0 (k3)")
	i, ok := f.Index().Leaf("k2")
	require.True(t, ok)
	f.Set(i, measure.Figures{Progress: measure.N(0.9), Expected: measure.N(0.5), Status: measure.OnTrack})
	require.Empty(t, r.Derivations(), "the forest has changed since: the result is not the one that it would explain")
	n, ok := f.Index().Node("company")
	require.True(t, ok)
	near(t, measure.N(0.8), f.Result(n).Progress)
	require.NotEmpty(t, f.Result(n).Derivations())
	_, ok = f.Index().Leaf("nobody")
	require.False(t, ok)
}

func TestAForestDoesNotAllocateToChange(t *testing.T) {
	d := draws{rand.New(rand.NewPCG(3, 3))}
	m := d.grow(200, 800, 0)
	f := measure.NewForest(m.nodes, m.leaves)
	figures := []measure.Figures{d.figures(), d.figures(), d.figures()}
	require.Zero(t, testing.AllocsPerRun(100, f.Recompute))
	i := 0
	require.Zero(t, testing.AllocsPerRun(1000, func() { i++; f.Set(i%800, figures[i%3]) }))
	f.Set(-1, figures[0])
	f.Set(800, figures[0])
	require.Equal(t, 200, f.Nodes())
	require.Equal(t, 800, f.Leaves())
	empty := measure.NewForest(nil, []measure.Leaf{{Node: 0, Weight: 1}})
	empty.Set(0, figures[0])
	empty.Recompute()
}
