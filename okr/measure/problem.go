package measure

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Problem is one thing that makes a metric, a curve or bands contradict
// themselves: the field, its value, and what to do about it.
type Problem struct{ Field, Value, Remedy string }

type problems []Problem

func (ps *problems) add(field, value, remedy string, args ...any) {
	*ps = append(*ps, Problem{field, value, fmt.Sprintf(remedy, args...)})
}

// most bounds every list of a metric.
const most = 100

// Problems says what is contradictory in the metric. What is merely missing is
// no contradiction: a draft may lack a target.
func (m Metric) Problems() []Problem {
	var ps problems
	if m.Kind != "" && !slices.Contains(Kinds(), m.Kind) {
		ps.add("metric.kind", string(m.Kind), "use one of %s", list(Kinds()))
	}
	if m.Mode != "" && !slices.Contains(Modes(), m.Mode) {
		ps.add("metric.mode", string(m.Mode), "use one of %s", list(Modes()))
	}
	fields := []struct {
		name string
		n    Number
		of   []Kind
	}{
		{"baseline", m.Baseline, nil},
		{"target", m.Target, nil},
		{"low", m.Low, []Kind{Between}},
		{"high", m.High, []Kind{Between}},
		{"amber", m.Amber, []Kind{AtLeast, AtMost, Above, Below, Between}},
		{"commit", m.Commit, []Kind{CommitTargetStretch}},
		{"stretch", m.Stretch, []Kind{CommitTargetStretch}},
		{"tolerance", m.Tolerance, []Kind{AtLeast, AtMost, Above, Below, Between}},
		{"need", m.Need, nil},
		{"digits", m.Digits, nil},
	}
	for _, f := range fields {
		if f.n.Known() && !f.n.Finite() {
			ps.add("metric."+f.name, f.n.String(), "give a finite number, or leave it out if it is not known")
		}
	}
	if len(ps) > 0 {
		return ps
	}
	for _, f := range fields {
		if f.n.Known() && f.of != nil && !slices.Contains(f.of, m.Kind) {
			ps.add("metric."+f.name, f.n.String(), "it means something for %s only: leave it out, or change the kind", list(f.of))
		}
	}
	m.listProblems(&ps)
	if len(ps) > 0 {
		return ps
	}
	m.orderProblems(&ps)
	m.modeProblems(&ps)
	return ps
}

func (m *Metric) listProblems(ps *problems) {
	for _, l := range []struct {
		name string
		n    int
		of   Kind
	}{{"points", len(m.Points), Points}, {"milestones", len(m.Milestones), Milestones}, {"zones", len(m.Zones), Zones}} {
		switch {
		case l.n == 0:
		case m.Kind != l.of:
			ps.add("metric."+l.name, strconv.Itoa(l.n), "they mean something for %s only: leave them out, or change the kind", l.of)
		case l.n > most:
			ps.add("metric."+l.name, strconv.Itoa(l.n), "list at most %d", most)
		}
	}
	m.pointProblems(ps)
	m.milestoneProblems(ps)
	m.zoneProblems(ps)
}

func (m *Metric) pointProblems(ps *problems) {
	if m.Kind != Points || len(m.Points) == 0 {
		return
	}
	if len(m.Points) == 1 {
		ps.add("metric.points", "1", "list at least two points: the start with its share and the end with its own")
	}
	for i, p := range m.Points {
		field := fmt.Sprintf("metric.points[%d].", i)
		if !isFinite(p.Value) {
			ps.add(field+"value", N(p.Value).String(), "give a finite number")
		}
		if !(p.Share >= 0 && p.Share <= 1) {
			ps.add(field+"share", N(p.Share).String(), "a share goes from 0 to 1")
		}
	}
	if len(*ps) > 0 {
		return
	}
	if _, way := along(m.Points); way == 0 {
		ps.add("metric.points", showPoints(m.Points), "let the values rise, or fall, strictly with their shares: no two points with the same value or share, and no way back")
		return
	}
	first, last, _ := ends(m.Points)
	if t := m.Target; t.Finite() && (t.value < min(first.Value, last.Value) || t.value > max(first.Value, last.Value)) {
		ps.add("metric.target", t.String(), "the target of points lies on their way from %s to %s", N(first.Value), N(last.Value))
	}
}

func showPoints(ps []Point) string {
	var out []string
	for _, p := range ps {
		out = append(out, N(p.Value).String()+":"+N(p.Share).String())
	}
	return strings.Join(out, " ")
}

func (m *Metric) milestoneProblems(ps *problems) {
	seen := map[string]bool{}
	var weight float64
	for i, x := range m.Milestones {
		field := fmt.Sprintf("metric.milestones[%d].", i)
		switch {
		case x.Key == "":
			ps.add(field+"key", "", "give it a key of its own: readings name milestones by it")
		case seen[x.Key]:
			ps.add(field+"key", x.Key, "another milestone has this key: give each its own")
		}
		seen[x.Key] = true
		if w := x.Weight.Or(1); !(w >= 0 && w <= maxWeight) {
			ps.add(field+"weight", x.Weight.String(), "a weight is 0, listed and not counted, or a positive number")
		} else {
			weight += w
		}
	}
	if len(m.Milestones) > 0 && len(*ps) == 0 && weight == 0 {
		ps.add("metric.milestones", "0", "give at least one milestone a weight above 0")
	}
}

func (m *Metric) zoneProblems(ps *problems) {
	seen := map[Level]bool{}
	for i, z := range m.Zones {
		field := fmt.Sprintf("metric.zones[%d].", i)
		switch {
		case !z.Level.Number().Known():
			ps.add(field+"level", string(z.Level), "use one of %s", list(Levels()))
		case seen[z.Level]:
			ps.add(field+"level", string(z.Level), "this level is described twice: merge the two")
		}
		seen[z.Level] = true
		if z.Level != LevelFail && z.Text == "" {
			ps.add(field+"text", "", "say in words what it takes to be there")
		}
	}
	if len(m.Zones) > 0 && len(*ps) == 0 && !seen[LevelTarget] {
		ps.add("metric.zones", levels(m.Zones), "describe the target: without it nobody can tell a hit from a miss")
	}
}

func levels(zs []Zone) string {
	var out []Level
	for _, z := range zs {
		out = append(out, z.Level)
	}
	return list(out)
}

// orderProblems are numbers that stand on the wrong side of each other.
func (m *Metric) orderProblems(ps *problems) {
	b, t := m.Baseline, m.Target
	both := b.Known() && t.Known()
	switch m.Kind {
	case Increase, Decrease:
		switch {
		case m.Standstill():
			ps.add("metric.target", t.String(), "it starts where it ends, at %s: give another target, or say at_least or at_most if the level shall be kept", b)
		case both && (t.value < b.value) == (m.Kind == Increase):
			other, side := Decrease, "above"
			if m.Kind == Decrease {
				other, side = Increase, "below"
			}
			ps.add("metric.target", t.String(), "%s ends %s its baseline %s: say %s, or swap the two", article(m.Kind), side, b, other)
		case both && !isFinite(t.value-b.value):
			ps.add("metric.target", t.String(), "it is too far from its baseline %s to compute with", b)
		}
	case Between:
		if m.Low.Known() && m.High.Known() && m.Low.value > m.High.value {
			ps.add("metric.low", m.Low.String(), "a band goes from low to high: swap it with high, %s", m.High)
		}
		if t.Known() {
			ps.add("metric.target", t.String(), "a band has low and high and no target: leave it out")
		}
	case YesNo, Milestones, Zones, Baseline:
		if t.Known() {
			ps.add("metric.target", t.String(), "%s takes no target: leave it out, or change the kind", m.Kind)
		}
	case CommitTargetStretch:
		m.scoredProblems(ps)
	}
	if m.Amber.Known() && m.Amber.value <= 0 {
		ps.add("metric.amber", m.Amber.String(), "it is the width of the zone beyond the threshold or the band: give a number above 0")
	}
	if m.Tolerance.Known() && m.Tolerance.value <= 0 {
		ps.add("metric.tolerance", m.Tolerance.String(), "it is the distance beyond the threshold at which nothing is left: give a number above 0")
	}
	if d, ok := m.Digits.Value(); ok && (d < 0 || d > maxDigits || d != float64(int(d))) {
		ps.add("metric.digits", m.Digits.String(), "decimal places are a whole number from 0 to %d", maxDigits)
	}
}

func article(k Kind) string {
	if k == Increase {
		return "an increase"
	}
	return "a decrease"
}

// scoredProblems says which of baseline, commit, target and stretch is out of
// order, in the direction of the first two that differ.
func (m *Metric) scoredProblems(ps *problems) {
	way, before, name := 0.0, Number{}, ""
	for _, f := range []struct {
		name string
		n    Number
	}{{"baseline", m.Baseline}, {"commit", m.Commit}, {"target", m.Target}, {"stretch", m.Stretch}} {
		if !f.n.Known() {
			continue
		}
		step := f.n.value - before.value
		switch {
		case !before.Known():
		case step == 0 || way*step < 0:
			ps.add("metric."+f.name, f.n.String(), "it does not lie beyond %s, %s: list baseline, commit, target and stretch along one way up or down", name, before)
			return
		case way == 0:
			way = step
		}
		before, name = f.n, f.name
	}
}

func (m *Metric) modeProblems(ps *problems) {
	counted := []Kind{Increase, Decrease, AtLeast, AtMost, Above, Below, Between, CommitTargetStretch, Points}
	thresholds := []Kind{AtLeast, AtMost, Above, Below, Between}
	switch {
	case m.Kind == "" || m.Kind == Baseline:
	case m.Mode == Distance && !slices.Contains(thresholds, m.Kind):
		ps.add("metric.mode", string(m.Mode), "a distance is one to a threshold: use one of %s", list(thresholds))
	case m.Mode == Distance && !m.Tolerance.Known() && (m.Target.Known() && m.Target.value == 0 || m.Kind == Between && m.Low.Known() && m.Low.Equal(m.High)):
		ps.add("metric.tolerance", m.Tolerance.String(), "nothing can be measured against a target of no size: say how far beyond it nothing is left")
	case (m.Mode == Average || m.Mode == Sum) && !slices.Contains(counted, m.Kind):
		ps.add("metric.mode", string(m.Mode), "only numbers can be added up: use one of %s", list(counted))
	}
	if n, ok := m.Need.Value(); ok {
		switch {
		case m.Mode != HitRatio:
			ps.add("metric.need", m.Need.String(), "it means something in mode %s only: leave it out, or change the mode", HitRatio)
		case n <= 0 || n > 1:
			ps.add("metric.need", m.Need.String(), "the share of check-ins that has to meet the target lies above 0 and is at most 1")
		}
	}
	if m.Tolerance.Known() && m.Mode != Distance {
		ps.add("metric.tolerance", m.Tolerance.String(), "it means something in mode %s only: leave it out, or change the mode", Distance)
	}
}

func list[T any](of []T) string {
	var out []string
	for _, o := range of {
		out = append(out, fmt.Sprint(o))
	}
	return strings.Join(out, ", ")
}
