package measure

import "math"

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
	t := &n.sums
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
	least := n.sums.total
	if n.sums.nKnown > 0 {
		least = min(least, n.sums.known)
	}
	if n.sums.nPaced > 0 {
		least = min(least, n.sums.paced)
	}
	if n.sums.nSpoken > 0 {
		least = min(least, n.sums.spoken, n.sums.fresh)
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
