package measure_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/okrkit/okrkit/okr/measure"
)

// company is a tree of five levels below the company, as wide as makes for that
// many objectives with four key results each.
type company struct {
	nodes  []measure.Node
	leaves []measure.Leaf
}

func grown(keyResults, levels int) company {
	d := draws{rand.New(rand.NewPCG(11, 13))}
	var c company
	n := max(keyResults/4, 1)
	// Level l holds a share of the objectives that grows with l.
	var level [][2]int
	for l, from := 0, 0; l < levels && from < n; l++ {
		size := 1
		for k := l; k < levels-1; k++ {
			size *= 8
		}
		size = max(n/size, 1)
		if l == levels-1 || from+size > n {
			size = n - from
		}
		level = append(level, [2]int{from, from + size})
		from += size
	}
	for l, span := range level {
		for i := span[0]; i < span[1]; i++ {
			x := measure.Node{ID: fmt.Sprintf("01JABCDEFGHJKMNPQRSTO%06d", i), Policy: measure.RollupPolicy{Driver: measure.DriverBoth}}
			if l > 0 {
				x.Parents = []measure.Stem{{Parent: level[l-1][0] + d.IntN(level[l-1][1]-level[l-1][0]), Weight: 1}}
			}
			c.nodes = append(c.nodes, x)
		}
	}
	for i := range keyResults {
		c.leaves = append(c.leaves, measure.Leaf{
			ID: fmt.Sprintf("01JABCDEFGHJKMNPQRSTK%06d", i), Node: i / 4 % n, Weight: 1 + float64(i%3), Figures: moved(d),
		})
	}
	return c
}

func moved(d draws) measure.Figures {
	x := measure.Figures{Expected: measure.N(0.5), Status: measure.OnTrack}
	if d.IntN(20) > 0 {
		x.Progress = measure.N(d.Float64())
	}
	return x
}

// naive is the company as one would write it down first: maps of pointers by id.
type naive struct {
	objectives map[string]*naiveObjective
	keyResults map[string]*naiveKeyResult
	roots      []string
}

type naiveObjective struct {
	weight               float64
	children, keyResults []string
	parent               string
	progress, coverage   measure.Number
}

type naiveKeyResult struct {
	objective          string
	weight             float64
	progress, expected measure.Number
}

func (c company) naive() *naive {
	n := &naive{objectives: map[string]*naiveObjective{}, keyResults: map[string]*naiveKeyResult{}}
	for _, i := range rand.New(rand.NewPCG(1, 2)).Perm(len(c.nodes)) {
		n.objectives[c.nodes[i].ID] = &naiveObjective{weight: 1}
	}
	for _, x := range c.nodes {
		if len(x.Parents) == 0 {
			n.roots = append(n.roots, x.ID)
			continue
		}
		up := c.nodes[x.Parents[0].Parent].ID
		n.objectives[x.ID].parent = up
		n.objectives[up].children = append(n.objectives[up].children, x.ID)
	}
	for _, i := range rand.New(rand.NewPCG(1, 3)).Perm(len(c.leaves)) {
		l := c.leaves[i]
		o := c.nodes[l.Node].ID
		n.keyResults[l.ID] = &naiveKeyResult{objective: o, weight: l.Weight, progress: l.Progress, expected: l.Expected}
		n.objectives[o].keyResults = append(n.objectives[o].keyResults, l.ID)
	}
	return n
}

// rollup does less than the forest does: neither pace nor status.
func (n *naive) rollup(id string) {
	o := n.objectives[id]
	var sum, known, total float64
	add := func(w float64, p measure.Number) {
		total += w
		if v, ok := p.Value(); ok {
			known += w
			sum += v * w
		}
	}
	for _, k := range o.keyResults {
		x := n.keyResults[k]
		add(x.weight, x.progress)
	}
	for _, c := range o.children {
		n.rollup(c)
		x := n.objectives[c]
		add(x.weight, x.progress)
	}
	o.progress, o.coverage = measure.Number{}, measure.N(0)
	if known > 0 {
		o.progress, o.coverage = measure.N(sum/known), measure.N(known/total)
	}
}

// limit is the least that a machine can do: bare arrays in the right order, sums
// and weights alone, no pace, no coverage of children, no status.
type limit struct {
	first            []int32 // of the key results of each objective
	parent           []int32
	weight, progress []float64 // of key results; below 0 is unknown
	sum, known       []float64
}

func (c company) limit() *limit {
	l := &limit{sum: make([]float64, len(c.nodes)), known: make([]float64, len(c.nodes)), first: make([]int32, len(c.nodes)+1)}
	for _, n := range c.nodes {
		p := int32(-1)
		if len(n.Parents) > 0 {
			p = int32(n.Parents[0].Parent)
		}
		l.parent = append(l.parent, p)
	}
	by := make([][]measure.Leaf, len(c.nodes))
	for _, x := range c.leaves {
		by[x.Node] = append(by[x.Node], x)
	}
	for i, all := range by {
		l.first[i] = int32(len(l.weight))
		for _, x := range all {
			l.weight, l.progress = append(l.weight, x.Weight), append(l.progress, x.Progress.Or(-1))
		}
	}
	l.first[len(c.nodes)] = int32(len(l.weight))
	return l
}

func (l *limit) recompute() {
	clear(l.sum)
	clear(l.known)
	for i := len(l.sum) - 1; i >= 0; i-- {
		for k := l.first[i]; k < l.first[i+1]; k++ {
			if p := l.progress[k]; p >= 0 {
				l.sum[i] += p * l.weight[k]
				l.known[i] += l.weight[k]
			}
		}
		if p := l.parent[i]; p >= 0 && l.known[i] > 0 {
			l.sum[p] += l.sum[i] / l.known[i]
			l.known[p]++
		}
	}
}

// A company of 100,000 objectives and 400,000 key results, wholly: the forest
// beside maps of pointers, and beside the least that can be done.
func BenchmarkForestFull(b *testing.B) {
	c := grown(400_000, 5)
	b.Run("forest", func(b *testing.B) {
		f := measure.NewForest(c.nodes, c.leaves)
		b.ReportAllocs()
		for b.Loop() {
			f.Recompute()
		}
	})
	b.Run("maps", func(b *testing.B) {
		n := c.naive()
		for b.Loop() {
			for _, r := range n.roots {
				n.rollup(r)
			}
		}
	})
	b.Run("limit", func(b *testing.B) {
		l := c.limit()
		for b.Loop() {
			l.recompute()
		}
	})
	b.Run("build", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			measure.NewForest(c.nodes, c.leaves)
		}
	})
}

// One key result of that company changes, by id.
func BenchmarkForestSet(b *testing.B) {
	c := grown(400_000, 5)
	f := measure.NewForest(c.nodes, c.leaves)
	x := f.Index()
	d := draws{rand.New(rand.NewPCG(5, 6))}
	var ids []string
	var figures []measure.Figures
	for range 1 << 14 {
		ids = append(ids, c.leaves[d.IntN(len(c.leaves))].ID)
		figures = append(figures, moved(d))
	}
	b.Run("by id", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			k, _ := x.Leaf(ids[i&(1<<14-1)])
			f.Set(k, figures[i*7&(1<<14-1)])
		}
	})
	b.Run("by index", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			f.Set(i*7919%len(c.leaves), figures[i&(1<<14-1)])
		}
	})
	b.Run("full recompute", func(b *testing.B) {
		for b.Loop() {
			f.Recompute()
		}
	})
}

// How it grows: all of it with the number of key results, one change with the
// depth.
func BenchmarkForestGrowth(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000, 1_000_000} {
		c := grown(n, 5)
		f := measure.NewForest(c.nodes, c.leaves)
		d := draws{rand.New(rand.NewPCG(5, 6))}
		figures := []measure.Figures{moved(d), moved(d), moved(d)}
		b.Run(fmt.Sprintf("full/%d", n), func(b *testing.B) {
			for b.Loop() {
				f.Recompute()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/key_result")
		})
		b.Run(fmt.Sprintf("set/%d", n), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				f.Set(i*7919%n, figures[i%3])
			}
		})
	}
	for _, depth := range []int{1, 5, 10, 20, 40} {
		var nodes []measure.Node
		for i := range depth {
			n := measure.Node{Policy: measure.RollupPolicy{Driver: measure.DriverBoth}}
			if i > 0 {
				n.Parents = []measure.Stem{{Parent: i - 1, Weight: 1}}
			}
			nodes = append(nodes, n)
		}
		var leaves []measure.Leaf
		for i := range 4 * depth {
			leaves = append(leaves, measure.Leaf{Node: i / 4, Weight: 1, Figures: measure.Figures{Progress: measure.N(0.5), Expected: measure.N(0.5)}})
		}
		f := measure.NewForest(nodes, leaves)
		b.Run(fmt.Sprintf("depth/%d", depth), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				f.Set(4*depth-1, measure.Figures{Progress: measure.N(float64(i&1) / 2), Expected: measure.N(0.5)})
			}
		})
	}
}
