package measure

import "time"

// Node is an objective of a forest.
type Node struct {
	ID      string
	Policy  RollupPolicy
	Bands   Bands  // zero value: DefaultBands
	Parents []Stem // the objectives that it contributes to
	Partial bool   // not all of its parts are here: it is unknown
}

// Stem says that an objective contributes to another one, if that one's driver
// counts children.
type Stem struct {
	Parent int     // index of the node
	Weight float64 // 0 is aligned without contributing
}

// Leaf is a key result of a forest.
type Leaf struct {
	ID        string
	Node      int     // index of its objective; one that names none is a leaf on its own
	Weight    float64 // 0 is listed and not counted
	Guardrail bool    // it is listed and does not count
	Figures
}

// Figures are what is measured of a key result as far as its objective is
// concerned.
type Figures struct {
	Progress Number // [0,1]
	Expected Number // [0,1]
	Status   Status
	Amount   *Amount // what [MethodSum] adds up; nil is nothing
}

// Forest rolls up a whole company: objectives, their key results, and the
// objectives that they contribute to, each with a weight, all in flat arrays,
// parents before children. What it gives is what [Rollup] gives, part by part
// and level by level.
//
// [Forest.Recompute] goes once over all of it. [Forest.Set] changes one key
// result and carries the difference up to the roots: the time goes with the
// depth, and not with the number of siblings. Each objective keeps its sums and
// weights, and a bound of what additions and subtractions may have cost their
// last bits; where the bound comes near to a figure, the objective is summed
// afresh. So figures stay within 1e-9 of a full recompute, whatever the number
// of changes. An objective that is rolled up as a sum, or whose weakest part
// speaks, is always summed afresh.
//
// An objective that contributes to itself, through however many others, is
// unknown, and so is every other one of that ring; what it contributes to goes on
// without it.
//
// A forest knows nothing of hidden parts: roll up with [Rollup] what not everybody
// may see. It may be read by many at once, and changed by one when nobody reads.
type Forest struct {
	AsOf time.Time // UTC instant, for the derivations

	nodes   []node
	leaves  []leaf
	kids    []kid   // by node
	ups     []kid   // by node: those that it contributes to
	place   []int32 // of the caller's nodes
	spot    []int32 // of the caller's leaves
	rules   []rule  // the different ones
	amounts []Amount
	totals  []Amount // of the nodes

	nodeIDs, leafIDs []string // by place and spot
	changes          uint64
	queue            []int32 // nodes that a change has reached, deepest first: a heap
}

// rule is how an objective is rolled up.
type rule struct {
	options              RollupOptions
	verdict              verdict
	keyResults, children bool
	plain                bool // by differences; otherwise afresh
}

type node struct {
	sums    sums
	out     outcome // what it is to its parents
	drift   float64 // bound on the error of any of sums
	rule    int32
	leaf    int32 // its leaves begin here, and end where the next node's begin
	kid     int32
	up      int32
	ring    bool // or partial: unknown for good
	partial bool
	due     bool // stands in the queue
	mute    bool // what it would add up does not go together
	code    uint8
}

type leaf struct {
	weight, progress, expected float64
	node                       int32
	flags, code                uint8
}

// What is so of a leaf.
const (
	isKnown uint8 = 1 << iota
	isFresh
	isPaced
	isGuardrail
	isDated // something is expected, whether or not it is held against it
)

type kid struct {
	node   int32
	weight float64
}

// put notes the figures of a leaf.
func (f *Forest) put(spot int32, x Figures) {
	l := &f.leaves[spot]
	l.flags &= isGuardrail
	l.code, l.progress, l.expected = code(x.Status), 0, 0
	if x.Progress.Finite() {
		l.progress = x.Progress.value
		l.flags |= isKnown
		if x.Status != Stale {
			l.flags |= isFresh
		}
	}
	if x.Expected.Finite() {
		l.expected = x.Expected.value
		l.flags |= isDated
		if x.Status != Paused {
			l.flags |= isPaced
		}
	}
	if f.amounts == nil {
		return
	}
	f.amounts[spot] = Amount{}
	if x.Amount != nil {
		f.amounts[spot] = *x.Amount
	}
}

// outcome is what is known of a leaf.
func (l *leaf) outcome() outcome {
	if l.weight == 0 || l.flags&isKnown == 0 {
		return outcome{}
	}
	x := outcome{known: true, progress: l.progress, coverage: 1, gravity: gravity(l.code)}
	if l.flags&isFresh == 0 {
		return x
	}
	x.vouched = 1
	if l.flags&isPaced != 0 {
		x.paced, x.expected, x.made = true, l.expected, l.progress
	}
	return x
}

// Recompute computes every objective from the figures of the key results, children
// before parents, without allocating.
func (f *Forest) Recompute() {
	for p := int32(len(f.place)) - 1; p >= 0; p-- {
		f.sum(p)
		f.conclude(p)
	}
}

// sum adds up the parts of a node.
func (f *Forest) sum(p int32) {
	n, end := &f.nodes[p], &f.nodes[p+1]
	n.drift, n.mute = 0, false
	n.sums = sums{}
	if n.ring {
		return
	}
	r := &f.rules[n.rule]
	if r.options.Method == MethodSum {
		f.addUp(p)
		return
	}
	t := &n.sums
	if r.keyResults {
		var total, known, fresh, sum, paced, expected, made float64
		var spoken, red, amber float64
		var nKnown, nPaced, nSpoken int32
		var worst uint8
		for i := n.leaf; i < end.leaf; i++ {
			l := &f.leaves[i]
			w := l.weight
			total += w
			if l.flags&isKnown == 0 || w == 0 {
				continue
			}
			known += w
			v := float64(l.progress * w)
			sum += v
			nKnown++
			g := gravity(l.code)
			worst = max(worst, g)
			if speaks(g) {
				nSpoken++
				spoken += w
				switch {
				case g >= offTrackCode:
					red += w
				case g == atRiskCode:
					amber += w
				}
			}
			if l.flags&isFresh == 0 {
				continue
			}
			fresh += w
			if l.flags&isPaced != 0 {
				paced += w
				expected += float64(l.expected * w)
				made += v
				nPaced++
			}
		}
		*t = sums{
			total: total, covered: known, fresh: fresh, known: known, sum: sum,
			paced: paced, expected: expected, made: made, nKnown: nKnown, nPaced: nPaced, worst: worst,
			spoken: spoken, red: red, amber: amber, nSpoken: nSpoken,
		}
	}
	if r.children {
		for _, k := range f.kids[n.kid:end.kid] {
			if k.weight > 0 {
				t.total += k.weight
				if x := &f.nodes[k.node].out; x.known {
					t.count(k.weight, k.weight, x)
				}
			}
		}
	}
}

// addUp adds the amounts of a node's parts.
func (f *Forest) addUp(p int32) {
	n := &f.nodes[p]
	a := adder{method: MethodSum}
	var sum Amount
	var b, t, v float64
	add := func(x Part) {
		s := a.share(x)
		n.sums.add(s)
		if s.known {
			sum.Unit = x.Amount.Unit
			b += x.Amount.Baseline.value
			t += x.Amount.Target.value
			v += x.Amount.Value.value
		}
	}
	f.each(p, add)
	n.mute = !a.fits()
	if n.sums.nKnown > 0 && !n.mute {
		sum.Baseline, sum.Target, sum.Value = finite(b), finite(t), finite(v)
	}
	f.totals[p] = sum
}

// each goes through the parts of a node that count or are listed.
func (f *Forest) each(p int32, do func(Part)) {
	n, end := &f.nodes[p], &f.nodes[p+1]
	r := &f.rules[n.rule]
	if r.keyResults {
		for i := n.leaf; i < end.leaf; i++ {
			l := &f.leaves[i]
			x := Part{ID: f.leafIDs[i], Weight: l.weight, Guardrail: l.flags&isGuardrail != 0, Status: codes[l.code]}
			if l.flags&isKnown != 0 {
				x.Progress = N(l.progress)
			}
			if l.flags&isDated != 0 {
				x.Expected = N(l.expected)
			}
			if f.amounts != nil {
				x.Amount = f.amounts[i]
			}
			do(x)
		}
	}
	if r.children {
		for _, k := range f.kids[n.kid:end.kid] {
			x := f.nodes[k.node].part()
			x.ID, x.Weight = f.nodeIDs[k.node], k.weight
			if f.totals != nil {
				x.Amount = f.totals[k.node]
			}
			do(x)
		}
	}
}

// part is the node as a part of another one, but for id, weight and amount.
func (n *node) part() Part {
	s := &n.out
	x := Part{Status: codes[n.code], Coverage: N(n.sums.coverage()), Vouched: N(n.sums.vouched())}
	if s.known {
		x.Progress = N(s.progress)
	}
	if s.paced {
		x.Expected, x.Gap = N(s.expected), N(s.expected-s.made)
	}
	return x
}

// conclude says what the node's sums come to.
func (f *Forest) conclude(p int32) {
	n := &f.nodes[p]
	n.code, n.out = 0, outcome{}
	if n.ring || n.mute || n.sums.nKnown == 0 {
		return
	}
	var x figures
	n.sums.figures(&f.rules[n.rule].verdict, &x)
	n.code = x.code
	if !x.known {
		return
	}
	now := &n.out
	now.known, now.progress, now.gravity = true, unit(x.raw), gravity(n.code)
	now.coverage = unit(x.coverage)
	now.vouched = min(unit(x.vouched), now.coverage)
	if x.paced && n.code != 0 && n.code != staleCode {
		gap := x.expected - x.made
		now.paced, now.expected, now.made = true, x.expected, x.expected-gap
	}
}

// Nodes is how many objectives there are, Leaves how many key results.
func (f *Forest) Nodes() int { return len(f.place) }

// Leaves is how many key results there are.
func (f *Forest) Leaves() int { return len(f.spot) }

// Result is the rollup of the node with the index. Its derivations are those of
// the forest as it stands: after the next change there are none, and the result
// is asked for again.
func (f *Forest) Result(node int) Result {
	var r Result
	f.result(node, &r, &rolled{})
	return r
}

// Results are those of all nodes.
func (f *Forest) Results() []Result {
	out := make([]Result, len(f.place))
	of := make([]rolled, len(f.place))
	for i := range out {
		f.result(i, &out[i], &of[i])
	}
	return out
}

func (f *Forest) result(node int, r *Result, of *rolled) {
	p := f.place[node]
	n := &f.nodes[p]
	o := f.options(p)
	switch {
	case n.ring:
		*r = Result{Status: Unknown, Reason: "it contributes to itself: break the ring of parents"}
		if n.partial {
			r.Reason = "not all of its parts were read"
		}
		of.parts = []Part{}
	case o.Method == MethodSum:
		*r = Rollup(f.parts(p), *o)
		return
	default:
		var x figures
		n.sums.figures(&f.rules[n.rule].verdict, &x)
		*r = x.result()
		of.forest, of.at, of.changes = f, p, f.changes
	}
	r.rolled = of
}

// Unknowable says whether the node with the index is unknown whatever its parts
// say: it lies in a ring, or not all of its parts are here.
func (f *Forest) Unknowable(node int) bool { return f.nodes[f.place[node]].ring }

// Status is the status of the node with the index.
func (f *Forest) Status(node int) Status { return codes[f.nodes[f.place[node]].code] }

// Progress is the progress of the node with the index.
func (f *Forest) Progress(node int) Number {
	s := &f.nodes[f.place[node]].out
	return shown(s.known, s.progress)
}

func (f *Forest) options(p int32) *RollupOptions { return &f.rules[f.nodes[p].rule].options }

func (f *Forest) parts(p int32) []Part {
	parts := []Part{}
	f.each(p, func(x Part) { parts = append(parts, x) })
	return parts
}

// Index finds nodes and leaves by their ids.
type Index struct{ nodes, leaves map[string]int32 }

// Index makes an index of the forest's ids. It stays right, since nodes and leaves
// never move.
func (f *Forest) Index() *Index {
	x := &Index{make(map[string]int32, len(f.place)), make(map[string]int32, len(f.spot))}
	for i, p := range f.place {
		x.nodes[f.nodeIDs[p]] = int32(i)
	}
	for i, s := range f.spot {
		x.leaves[f.leafIDs[s]] = int32(i)
	}
	return x
}

// Node is the index of the node with the id.
func (x *Index) Node(id string) (int, bool) {
	i, ok := x.nodes[id]
	return int(i), ok
}

// Leaf is the index of the leaf with the id.
func (x *Index) Leaf(id string) (int, bool) {
	i, ok := x.leaves[id]
	return int(i), ok
}
