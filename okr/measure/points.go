package measure

import (
	"cmp"
	"math"
	"slices"
)

// The scores of commit, target and stretch: drawn as 30, 40 and 30 per cent by
// puzzle/okr, after Lamorte's Stretch-Target-Commit.
const (
	commitShare  = 0.3
	targetShare  = 0.7
	stretchShare = 1.0
)

// preScored is the score of v through baseline, commit, target and stretch: what
// interpolate makes of their points, without making them.
func (m *Metric) preScored(v Number) Number {
	if !m.Baseline.Finite() || !m.Commit.Finite() || !m.Target.Finite() || !m.Stretch.Finite() {
		return Number{}
	}
	b, c, t, s, x := m.Baseline.value, m.Commit.value, m.Target.value, m.Stretch.value, v.value
	switch {
	case b < c && c < t && t < s:
	case b > c && c > t && t > s:
		b, c, t, s, x = -b, -c, -t, -s, -x
	default:
		return Number{}
	}
	switch {
	case x <= c:
		return onLine(b, 0, c, commitShare, x)
	case x <= t:
		return onLine(c, commitShare, t, targetShare, x)
	}
	return onLine(t, targetShare, s, stretchShare, x)
}

func (m *Metric) scored() [4]Point {
	return [4]Point{{m.Baseline.value, 0}, {m.Commit.value, commitShare}, {m.Target.value, targetShare}, {m.Stretch.value, stretchShare}}
}

// interpolate is the share at the value x on the straight lines between the
// points, and on the first and the last of them beyond the ends. Points lie along
// the direction of travel: their values rise or fall strictly with their shares,
// in whatever order they are listed, and shares go from 0 to 1. Where they do not,
// the share is unknown.
func interpolate(ps []Point, x float64) Number {
	ps, way := along(ps)
	if way == 0 {
		return Number{}
	}
	i := 1
	for i < len(ps)-1 && (x-ps[i].Value)*way > 0 {
		i++
	}
	a, b := ps[i-1], ps[i]
	return onLine(a.Value, a.Share, b.Value, b.Share, x)
}

// inverse is the value at which the points reach a share.
func inverse(ps []Point, share float64) Number {
	ps, way := along(ps)
	if way == 0 {
		return Number{}
	}
	i := 1
	for i < len(ps)-1 && share > ps[i].Share {
		i++
	}
	a, b := ps[i-1], ps[i]
	return onLine(a.Share, a.Value, b.Share, b.Value, share)
}

// onLine is the height at x of the straight line through (ax,ay) and (bx,by), and
// exactly ay and by at its ends.
func onLine(ax, ay, bx, by, x float64) Number {
	switch x {
	case ax:
		return N(ay)
	case bx:
		return N(by)
	}
	y := ay + float64((x-ax)/(bx-ax)*(by-ay))
	if x > min(ax, bx) && x < max(ax, bx) {
		// The last bit of a product must carry it neither past a corner nor onto it:
		// a value just before the target has not reached the share of the target.
		lo, hi := min(ay, by), max(ay, by)
		y = min(max(y, math.Nextafter(lo, hi)), math.Nextafter(hi, lo))
	}
	if !isFinite(y) {
		return Number{}
	}
	return N(y + 0) // and no -0
}

// along is the points in the order of their shares, and whether their values
// rise (1) or fall (-1) with them; 0 where they do neither.
func along(ps []Point) ([]Point, float64) {
	if len(ps) < 2 {
		return nil, 0
	}
	if !slices.IsSortedFunc(ps, byShare) {
		ps = slices.Clone(ps)
		slices.SortFunc(ps, byShare)
	}
	way := 1.0
	if ps[1].Value < ps[0].Value {
		way = -1
	}
	for i := range ps {
		if !isFinite(ps[i].Value) || !(ps[i].Share >= 0 && ps[i].Share <= 1) {
			return nil, 0
		}
		if i > 0 && (!((ps[i].Value-ps[i-1].Value)*way > 0) || !(ps[i].Share > ps[i-1].Share)) {
			return nil, 0
		}
	}
	return ps, way
}

func byShare(a, b Point) int { return cmp.Compare(a.Share, b.Share) }

// isFinite: NaN and the infinities are the numbers that leave something when they
// are taken from themselves.
func isFinite(v float64) bool { return v-v == 0 }

// ends are the points with the least and the greatest share.
func ends(ps []Point) (first, last Point, ok bool) {
	ps, way := along(ps)
	if way == 0 {
		return first, last, false
	}
	return ps[0], ps[len(ps)-1], true
}
