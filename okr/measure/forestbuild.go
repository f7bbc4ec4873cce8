package measure

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
	for i := range nodes {
		f.nodes[f.place[i]].partial = nodes[i].Partial
		ring[i] = ring[i] || nodes[i].Partial
	}
	rules := map[rule]int32{}
	var (
		last rule
		at   int32
	)
	for i := range nodes {
		n, p := &nodes[i], f.place[i]
		f.nodeIDs[p] = n.ID
		r := rule{
			options:    RollupOptions{Method: n.Policy.Plain().Method, Status: n.Policy.Plain().Status, Bands: n.Bands},
			keyResults: n.Policy.Driver.KeyResults(), children: n.Policy.Driver.Children(),
		}
		r.verdict = r.options.verdict()
		r.plain = r.options.Method == "" && r.options.Status == ""
		if r.options.Method == MethodSum && f.totals == nil {
			f.totals = make([]Amount, len(nodes))
		}
		f.nodes[p].ring = ring[i]
		if r != last || len(f.rules) == 0 {
			if _, ok := rules[r]; !ok {
				rules[r] = int32(len(f.rules))
				f.rules = append(f.rules, r)
			}
			last, at = r, rules[r]
		}
		f.nodes[p].rule = at
	}
	// The other way round, from the child to those whom it moves.
	next := make([]int32, len(nodes)+1)
	for i := range nodes {
		for _, k := range down.of(i) {
			if k.weight > 0 && !ring[i] {
				next[f.place[k.node]+1]++
			}
		}
	}
	for p := range nodes {
		next[p+1] += next[p]
		f.nodes[p+1].up = next[p+1]
	}
	f.ups = make([]kid, next[len(nodes)])
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
				f.ups[next[c]] = kid{int32(p), k.weight}
				next[c]++
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
	if f.totals != nil {
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
			x.weight, x.flags = 0, isGuardrail
		}
		f.put(s, l.Figures)
	}
}
