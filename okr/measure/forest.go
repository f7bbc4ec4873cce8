package measure

import "math"

// Node is an objective of a forest.
type Node struct {
	ID      string
	Policy  RollupPolicy
	Bands   Bands  // zero value: DefaultBands
	Parents []Stem // the objectives that it contributes to
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
	Amount   Amount // what [MethodSum] adds up
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
	nodes   []node
	leaves  []leaf
	kids    []kid   // by node
	ups     []up    // by node
	place   []int32 // of the caller's nodes
	spot    []int32 // of the caller's leaves
	rules   []rule  // the different ones
	amounts []Amount
	sums    []Amount // of the nodes

	nodeIDs, leafIDs []string // by place and spot
	changes          uint64
	queue            []int32 // nodes that a change has reached, deepest first: a heap
}

// rule is how an objective is rolled up.
type rule struct {
	options              RollupOptions
	keyResults, children bool
	plain                bool // by differences; otherwise afresh
}

type node struct {
	tally tally
	out   outcome // what it is to its parents
	drift float64 // bound on the error of any sum of tally
	rule  int32
	leaf  int32 // its leaves begin here, and end where the next node's begin
	kid   int32
	up    int32
	ring  bool
	due   bool // stands in the queue
	mute  bool // what it would add up does not go together
	code  uint8
}

type leaf struct {
	weight, progress, expected float64
	node                       int32
	flags, code                uint8
}

// What is so of a leaf.
const (
	known uint8 = 1 << iota
	fresh
	paced
	guardrail
)

type kid struct {
	node   int32
	weight float64
}

type up = kid

// codes are the statuses of a leaf in one byte; any other is 0, which is unknown.
var codes = [...]Status{Unknown, Pending, Hit, OnTrack, AtRisk, OffTrack, Missed, Stale}

const staleCode = uint8(len(codes) - 1)

func code(s Status) uint8 {
	if s == Stale {
		return staleCode
	}
	return gravity(s)
}

// NewForest builds and computes the forest of the nodes and leaves, which are
// known by their indexes ever after.
func NewForest(nodes []Node, leaves []Leaf) *Forest {
	f := &Forest{
		nodes: make([]node, len(nodes)+1), leaves: make([]leaf, len(leaves)),
		place: make([]int32, len(nodes)), spot: make([]int32, len(leaves)),
		nodeIDs: make([]string, len(nodes)), leafIDs: make([]string, len(leaves)),
		queue: make([]int32, 0, len(nodes)),
	}
	f.plant(nodes)
	f.hang(leaves)
	f.Recompute()
	return f
}

// plant orders the nodes, parents first, and ties them together.
func (f *Forest) plant(nodes []Node) {
	down := links(nodes)
	ring := f.order(down)
	rules := map[rule]int32{}
	for i, n := range nodes {
		p := f.place[i]
		f.nodeIDs[p] = n.ID
		r := rule{
			options:    RollupOptions{Method: n.Policy.Plain().Method, Status: n.Policy.Plain().Status, Bands: n.Bands},
			keyResults: n.Policy.Driver.KeyResults(), children: n.Policy.Driver.Children(),
		}
		r.plain = r.options.Method == "" && r.options.Status == ""
		if r.options.Method == MethodSum && f.sums == nil {
			f.sums = make([]Amount, len(nodes))
		}
		at, ok := rules[r]
		if !ok {
			at = int32(len(f.rules))
			rules[r] = at
			f.rules = append(f.rules, r)
		}
		f.nodes[p].rule, f.nodes[p].ring = at, ring[i]
	}
	// The other way round, from the child to those whom it moves.
	at := make([]int32, len(nodes)+1)
	for i := range nodes {
		for _, k := range down.of(i) {
			if k.weight > 0 && !ring[i] {
				at[f.place[k.node]+1]++
			}
		}
	}
	for p := range nodes {
		at[p+1] += at[p]
		f.nodes[p+1].up = at[p+1]
	}
	f.ups = make([]up, at[len(nodes)])
	by := make([]int32, len(nodes)) // the caller's index, by place
	for i, p := range f.place {
		by[p] = int32(i)
	}
	f.kids = make([]kid, 0, len(down.all))
	for p, i := range by {
		f.nodes[p].kid = int32(len(f.kids))
		for _, k := range down.of(int(i)) {
			c := f.place[k.node]
			f.kids = append(f.kids, kid{c, k.weight})
			if k.weight > 0 && !ring[i] {
				f.ups[at[c]] = up{int32(p), k.weight}
				at[c]++
			}
		}
	}
	f.nodes[len(nodes)].kid = int32(len(f.kids))
}

// linked are the children of each node that count.
type linked struct {
	from []int32
	all  []kid
}

func (l linked) of(i int) []kid { return l.all[l.from[i]:l.from[i+1]] }

func links(nodes []Node) linked {
	l := linked{from: make([]int32, len(nodes)+1)}
	each := func(f func(parent, child int, w float64)) {
		for i, n := range nodes {
			for _, s := range n.Parents {
				if s.Parent >= 0 && s.Parent < len(nodes) && nodes[s.Parent].Policy.Driver.Children() {
					f(s.Parent, i, counted(s.Weight))
				}
			}
		}
	}
	each(func(p, _ int, _ float64) { l.from[p+1]++ })
	for i := range nodes {
		l.from[i+1] += l.from[i]
	}
	l.all = make([]kid, l.from[len(nodes)])
	next := append([]int32(nil), l.from...)
	each(func(p, c int, w float64) {
		l.all[next[p]] = kid{int32(c), w}
		next[p]++
	})
	return l
}

// counted is the weight as it counts: 0 where it is no weight.
func counted(w float64) float64 {
	if !(w > 0) || w > maxWeight {
		return 0
	}
	return w
}

// order gives each node its place, parents before children, and tells which of
// them lie in a ring: Tarjan's strongly connected components, which come up
// children first, with a stack of our own so that no depth is too deep.
func (f *Forest) order(down linked) (ring []bool) {
	n := len(f.place)
	ring = make([]bool, n)
	var (
		index   = make([]int32, n) // when it was met, from 1
		low     = make([]int32, n) // the earliest that can be reached from it
		open    = make([]bool, n)
		next    = append([]int32(nil), down.from[:n]...) // the child to look at next
		members []int32                                  // met, and of no finished component
		path    []int32
		met     int32
		free    = int32(n)
	)
	meet := func(v int32) {
		met++
		index[v], low[v], open[v] = met, met, true
		members, path = append(members, v), append(path, v)
	}
	for root := range int32(n) {
		if index[root] == 0 {
			meet(root)
		}
		for len(path) > 0 {
			v := path[len(path)-1]
			if next[v] < down.from[v+1] {
				k := down.all[next[v]]
				next[v]++
				switch {
				case k.weight == 0:
				case index[k.node] == 0:
					meet(k.node)
				case open[k.node]:
					low[v] = min(low[v], index[k.node])
					ring[v] = ring[v] || k.node == v
				}
				continue
			}
			path = path[:len(path)-1]
			if len(path) > 0 {
				u := path[len(path)-1]
				low[u] = min(low[u], low[v])
			}
			if low[v] != index[v] {
				continue
			}
			for alone := true; ; alone = false {
				m := members[len(members)-1]
				members = members[:len(members)-1]
				free--
				f.place[m], open[m] = free, false
				if m == v {
					ring[m] = ring[m] || !alone
					break
				}
				ring[m] = true
			}
		}
	}
	return ring
}

// hang puts the leaves beside each other that hang on one node.
func (f *Forest) hang(leaves []Leaf) {
	n := len(f.place)
	at := make([]int32, n+2)
	of := func(l *Leaf) int32 {
		if l.Node < 0 || l.Node >= n {
			return int32(n)
		}
		return f.place[l.Node]
	}
	for i := range leaves {
		at[of(&leaves[i])+1]++
	}
	for p := range n + 1 {
		at[p+1] += at[p]
		f.nodes[p].leaf = at[p]
	}
	if f.sums != nil {
		f.amounts = make([]Amount, len(leaves))
	}
	for i := range leaves {
		l := &leaves[i]
		p := of(l)
		s := at[p]
		at[p]++
		f.spot[i] = s
		f.leafIDs[s] = l.ID
		x := &f.leaves[s]
		x.node, x.weight = p, counted(l.Weight)
		if l.Guardrail {
			x.weight, x.flags = 0, guardrail
		}
		f.put(s, l.Figures)
	}
}

// put notes the figures of a leaf.
func (f *Forest) put(spot int32, x Figures) {
	l := &f.leaves[spot]
	l.flags &= guardrail
	l.code, l.progress, l.expected = code(x.Status), 0, 0
	if x.Progress.Finite() {
		l.progress = x.Progress.value
		l.flags |= known
		if x.Status != Stale {
			l.flags |= fresh
		}
	}
	if x.Expected.Finite() {
		l.expected = x.Expected.value
		l.flags |= paced
	}
	if f.amounts != nil {
		f.amounts[spot] = x.Amount
	}
}

// outcome is what is known of a leaf.
func (l *leaf) outcome() outcome {
	if l.weight == 0 || l.flags&known == 0 {
		return outcome{}
	}
	x := outcome{known: true, progress: l.progress, coverage: 1, gravity: l.code % staleCode}
	if l.flags&fresh == 0 {
		return x
	}
	x.vouched = 1
	if l.flags&paced != 0 {
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
	n.tally = tally{}
	if n.ring {
		return
	}
	r := &f.rules[n.rule]
	if r.options.Method == MethodSum {
		f.addUp(p)
		return
	}
	t := &n.tally
	if r.keyResults {
		var total, known_, fresh_, sum, paced_, expected, made float64
		var nKnown, nPaced int32
		var worst uint8
		for i := n.leaf; i < end.leaf; i++ {
			l := &f.leaves[i]
			w := l.weight
			total += w
			if l.flags&known == 0 || w == 0 {
				continue
			}
			known_ += w
			v := l.progress * w
			sum += v
			nKnown++
			worst = max(worst, l.code%staleCode)
			if l.flags&fresh == 0 {
				continue
			}
			fresh_ += w
			if l.flags&paced != 0 {
				paced_ += w
				expected += l.expected * w
				made += v
				nPaced++
			}
		}
		*t = tally{
			total: total, covered: known_, fresh: fresh_, known: known_, sum: sum,
			paced: paced_, expected: expected, made: made, nKnown: nKnown, nPaced: nPaced, worst: worst,
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
		n.tally.add(s)
		if s.known {
			sum.Unit = x.Amount.Unit
			b += x.Amount.Baseline.value
			t += x.Amount.Target.value
			v += x.Amount.Value.value
		}
	}
	f.each(p, add)
	n.mute = !a.fits()
	if n.tally.nKnown > 0 && !n.mute {
		sum.Baseline, sum.Target, sum.Value = finite(b), finite(t), finite(v)
	}
	f.sums[p] = sum
}

// each goes through the parts of a node that count or are listed.
func (f *Forest) each(p int32, do func(Part)) {
	n, end := &f.nodes[p], &f.nodes[p+1]
	r := &f.rules[n.rule]
	if r.keyResults {
		for i := n.leaf; i < end.leaf; i++ {
			l := &f.leaves[i]
			x := Part{ID: f.leafIDs[i], Weight: l.weight, Guardrail: l.flags&guardrail != 0, Status: codes[l.code]}
			if l.flags&known != 0 {
				x.Progress = N(l.progress)
			}
			if l.flags&paced != 0 {
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
			if f.sums != nil {
				x.Amount = f.sums[k.node]
			}
			do(x)
		}
	}
}

// part is the node as a part of another one, but for id, weight and amount.
func (n *node) part() Part {
	s := &n.out
	x := Part{Status: codes[n.code], Coverage: N(n.tally.coverage()), Vouched: N(n.tally.vouched())}
	if s.known {
		x.Progress = N(s.progress)
	}
	if s.paced {
		x.Expected, x.Gap = N(s.expected), N(s.expected-s.made)
	}
	return x
}

// conclude says what the node's tally comes to.
func (f *Forest) conclude(p int32) {
	n := &f.nodes[p]
	n.code, n.out = 0, outcome{}
	if n.ring || n.mute || n.tally.nKnown == 0 {
		return
	}
	var x figures
	n.tally.figures(&f.rules[n.rule].options, &x)
	n.code = code(x.status)
	if !x.known {
		return
	}
	now := &n.out
	now.known, now.progress, now.gravity = true, unit(x.raw), n.code%staleCode
	now.coverage = unit(x.coverage)
	now.vouched = min(unit(x.vouched), now.coverage)
	if x.paced && n.code != 0 && n.code != staleCode {
		gap := x.expected - x.made
		now.paced, now.expected, now.made = true, x.expected, x.expected-gap
	}
}

// Set changes the figures of the leaf with the index, and carries the difference
// up to every objective that it is a part of, without allocating. An index that
// names no leaf changes nothing.
func (f *Forest) Set(leaf int, x Figures) {
	if leaf < 0 || leaf >= len(f.spot) {
		return
	}
	f.changes++
	spot := f.spot[leaf]
	l := &f.leaves[spot]
	old := l.outcome()
	f.put(spot, x)
	p := l.node
	if int(p) == len(f.place) {
		return
	}
	n := &f.nodes[p]
	if r := &f.rules[n.rule]; n.ring || !r.keyResults {
		return
	} else if r.plain {
		now := l.outcome()
		if now == old {
			return
		}
		n.replace(l.weight, &old, &now)
	}
	f.rise(p)
}

// replace takes one outcome of a part for another, and keeps account of what that
// may cost the sums.
func (n *node) replace(weight float64, old, now *outcome) {
	t := &n.tally
	n.drift += 0x1p-50 * (t.total + math.Abs(t.sum) + math.Abs(t.expected) + math.Abs(t.made))
	if old.known {
		t.discount(weight, weight, old)
	}
	if now.known {
		t.count(weight, weight, now)
	}
}

// worn says whether the sums may be off by more than a figure can bear.
func (n *node) worn() bool {
	least := n.tally.total
	if n.tally.nKnown > 0 {
		least = min(least, n.tally.known)
	}
	if n.tally.nPaced > 0 {
		least = min(least, n.tally.paced)
	}
	return !(n.drift <= maxDrift*least)
}

// maxDrift is the error of a figure that is borne before its objective is summed
// afresh: far enough below slack that no comparison with it can turn.
const maxDrift = 1e-11

// rise concludes a node whose parts have changed, and those above it, the deepest
// first, so that none is concluded twice.
func (f *Forest) rise(p int32) {
	for {
		n := &f.nodes[p]
		if !f.rules[n.rule].plain || n.worn() {
			f.sum(p)
		}
		old := n.out
		f.conclude(p)
		if n.out != old || f.rules[n.rule].options.Method == MethodSum {
			ups := f.ups[n.up:f.nodes[p+1].up]
			for _, u := range ups {
				m := &f.nodes[u.node]
				if f.rules[m.rule].plain {
					m.replace(u.weight, &old, &n.out)
				}
			}
			if len(ups) == 1 && len(f.queue) == 0 {
				p = ups[0].node
				continue
			}
			for _, u := range ups {
				f.push(u.node)
			}
		}
		if len(f.queue) == 0 {
			return
		}
		p = f.pop()
	}
}

// push puts a node into the queue, once.
func (f *Forest) push(p int32) {
	if f.nodes[p].due {
		return
	}
	f.nodes[p].due = true
	f.queue = append(f.queue, p)
	q := f.queue
	for i := len(q) - 1; i > 0; {
		parent := (i - 1) / 2
		if q[parent] >= q[i] {
			break
		}
		q[parent], q[i] = q[i], q[parent]
		i = parent
	}
}

// pop takes the deepest node out of the queue: children have higher places than
// parents.
func (f *Forest) pop() int32 {
	q := f.queue
	p := q[0]
	last := len(q) - 1
	q[0] = q[last]
	q = q[:last]
	for i := 0; ; {
		c := 2*i + 1
		if c >= len(q) {
			break
		}
		if c+1 < len(q) && q[c+1] > q[c] {
			c++
		}
		if q[i] >= q[c] {
			break
		}
		q[i], q[c] = q[c], q[i]
		i = c
	}
	f.queue = q
	f.nodes[p].due = false
	return p
}

// Nodes is how many objectives there are, Leaves how many key results.
func (f *Forest) Nodes() int { return len(f.place) }

// Leaves is how many key results there are.
func (f *Forest) Leaves() int { return len(f.spot) }

// Result is the rollup of the node with the index. Its derivations are those of
// the forest as it stands: after the next change there are none, and the result
// is asked for again.
func (f *Forest) Result(node int) Result {
	p := f.place[node]
	n := &f.nodes[p]
	if n.ring {
		r := Result{Status: Unknown, Reason: "it contributes to itself: break the ring of parents"}
		r.rolled = &rolled{parts: []Part{}}
		return r
	}
	o := f.options(p)
	if o.Method == MethodSum {
		return Rollup(f.parts(p), *o)
	}
	var x figures
	n.tally.figures(o, &x)
	r := x.result()
	r.rolled = &rolled{forest: f, at: p, changes: f.changes}
	return r
}

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
