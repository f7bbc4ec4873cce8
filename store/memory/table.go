package memory

// table is an ordered map that never changes: put and without return another
// version, which shares what did not change with the first. It is an AVL tree. Its
// nodes hold entries by reference: a version copies the nodes on the way to what
// changed, and none of the rows that they hold.
type table[K, V any] struct {
	root    *node[K, V]
	compare func(a, b K) int
}

type node[K, V any] struct {
	*entry[K, V]
	left, right *node[K, V]
	size        int32
	height      int8
}

type entry[K, V any] struct {
	key   K
	value V
}

func newTable[K, V any](compare func(a, b K) int) table[K, V] {
	return table[K, V]{compare: compare}
}

func (t table[K, V]) len() int { return t.root.len() }

func (n *node[K, V]) len() int {
	if n == nil {
		return 0
	}
	return int(n.size)
}

func (n *node[K, V]) tall() int8 {
	if n == nil {
		return 0
	}
	return n.height
}

func (t table[K, V]) get(k K) (V, bool) {
	for n := t.root; n != nil; {
		switch c := t.compare(k, n.key); {
		case c < 0:
			n = n.left
		case c > 0:
			n = n.right
		default:
			return n.value, true
		}
	}
	var none V
	return none, false
}

func (t table[K, V]) has(k K) bool {
	_, ok := t.get(k)
	return ok
}

func (t table[K, V]) put(k K, v V) table[K, V] {
	t.root = t.insert(t.root, &entry[K, V]{k, v})
	return t
}

func (t table[K, V]) insert(n *node[K, V], e *entry[K, V]) *node[K, V] {
	if n == nil {
		return &node[K, V]{entry: e, height: 1, size: 1}
	}
	m := *n
	switch c := t.compare(e.key, n.key); {
	case c < 0:
		m.left = t.insert(n.left, e)
	case c > 0:
		m.right = t.insert(n.right, e)
	default:
		m.entry = e
		return &m
	}
	return balance(&m)
}

func (t table[K, V]) without(k K) table[K, V] {
	if !t.has(k) {
		return t
	}
	t.root = t.remove(t.root, k)
	return t
}

func (t table[K, V]) remove(n *node[K, V], k K) *node[K, V] {
	m := *n
	switch c := t.compare(k, n.key); {
	case c < 0:
		m.left = t.remove(n.left, k)
	case c > 0:
		m.right = t.remove(n.right, k)
	case n.left == nil:
		return n.right
	case n.right == nil:
		return n.left
	default:
		next := n.right
		for next.left != nil {
			next = next.left
		}
		m.entry = next.entry
		m.right = t.remove(n.right, next.key)
	}
	return balance(&m)
}

// balance restores the tree's shape at n, which the caller owns.
func balance[K, V any](n *node[K, V]) *node[K, V] {
	n.measure()
	switch d := n.left.tall() - n.right.tall(); {
	case d > 1:
		if n.left.left.tall() < n.left.right.tall() {
			n.left = rotateLeft(n.left)
		}
		return rotateRight(n)
	case d < -1:
		if n.right.right.tall() < n.right.left.tall() {
			n.right = rotateRight(n.right)
		}
		return rotateLeft(n)
	}
	return n
}

func (n *node[K, V]) measure() {
	n.height = max(n.left.tall(), n.right.tall()) + 1
	n.size = int32(n.left.len() + n.right.len() + 1)
}

func rotateLeft[K, V any](n *node[K, V]) *node[K, V] {
	m, up := *n, *n.right
	m.right = up.left
	m.measure()
	up.left = &m
	up.measure()
	return &up
}

func rotateRight[K, V any](n *node[K, V]) *node[K, V] {
	m, up := *n, *n.left
	m.left = up.right
	m.measure()
	up.right = &m
	up.measure()
	return &up
}

// ascend calls f for every entry from the key on, ascending, until f says false.
func (t table[K, V]) ascend(from K, f func(K, V) bool) { t.up(t.root, &from, f) }

// all calls f for every entry, ascending, until f says false.
func (t table[K, V]) all(f func(K, V) bool) { t.up(t.root, nil, f) }

func (t table[K, V]) up(n *node[K, V], from *K, f func(K, V) bool) bool {
	if n == nil {
		return true
	}
	in := from == nil || t.compare(n.key, *from) >= 0
	if in && !t.up(n.left, from, f) {
		return false
	}
	if in {
		if !f(n.key, n.value) {
			return false
		}
		from = nil // all that is right of it lies beyond
	}
	return t.up(n.right, from, f)
}

// descend calls f for every entry up to the key, descending, until f says false.
func (t table[K, V]) descend(to K, f func(K, V) bool) { t.down(t.root, &to, f) }

func (t table[K, V]) down(n *node[K, V], to *K, f func(K, V) bool) bool {
	if n == nil {
		return true
	}
	in := to == nil || t.compare(n.key, *to) <= 0
	if in && !t.down(n.right, to, f) {
		return false
	}
	if in {
		if !f(n.key, n.value) {
			return false
		}
		to = nil
	}
	return t.down(n.left, to, f)
}
