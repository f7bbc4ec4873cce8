package lexicon

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// Number is a number that may be unknown. Its zero value is unknown, never 0.
type Number struct {
	v     float64
	known bool
}

// N is a known number. NaN and the infinities are unknown.
func N(v float64) Number {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Number{}
	}
	return Number{v: v, known: true}
}

// Float answers the number and whether it is known.
func (n Number) Float() (float64, bool) { return n.v, n.known }

// Known reports whether the number is known.
func (n Number) Known() bool { return n.known }

// String is the shortest decimal form, "?" if unknown.
func (n Number) String() string {
	if !n.known {
		return "?"
	}
	return formatNumber(n.v)
}

// MarshalJSON writes null for an unknown number.
func (n Number) MarshalJSON() ([]byte, error) {
	if !n.known {
		return []byte("null"), nil
	}
	return json.Marshal(n.v)
}

// UnmarshalJSON reads null as unknown.
func (n *Number) UnmarshalJSON(b []byte) error {
	var f *float64
	if err := json.Unmarshal(b, &f); err != nil {
		return err
	}
	if *n = (Number{}); f != nil {
		*n = N(*f)
	}
	return nil
}

func formatNumber(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// Kind is the comparison that decides whether a measure is met.
type Kind string

// The kinds of measure.
const (
	KindUnknown Kind = ""         // a number, and the text does not say which side is good
	Increase    Kind = "increase" // from a baseline up
	Decrease    Kind = "decrease" // from a baseline down
	ReachAtMost Kind = "at_most"
	ReachLeast  Kind = "at_least"
	Between     Kind = "between"
	YesNo       Kind = "yes_no"
)

// Direction is where a number should go.
type Direction string

// The directions.
const (
	NoDirection Direction = ""
	Up          Direction = "up"
	Down        Direction = "down"
	Keep        Direction = "keep"
)

// Measure is what a sentence promises, as far as it says so. Fields that the
// text leaves open are unknown; where it can be read in two ways, they are
// unknown too and Candidates holds the readings.
type Measure struct {
	Kind      Kind      `json:"kind"`
	Direction Direction `json:"direction"`
	Metric    string    `json:"metric"` // the words that name what is measured
	Baseline  Number    `json:"baseline"`
	Target    Number    `json:"target"`
	Upper     Number    `json:"upper"` // the other end, for Between
	Unit      string    `json:"unit"`
	// Relative: Target is a change against the baseline, in Unit: +20 %, 5 pp,
	// 2 x (twice the baseline), 0.5 x (half of it).
	Relative bool `json:"relative,omitempty"`
	// Strict: more than, less than; the bound itself does not count.
	Strict bool `json:"strict,omitempty"`
	// Placeholder: a number is left to be filled in (from X to Y).
	Placeholder bool `json:"placeholder,omitempty"`
	// Due is zero where the text gives no date.
	Due Date `json:"due,omitzero"`
	// Candidates holds every reading of an ambiguous text.
	Candidates []Measure `json:"candidates,omitempty"`
}

// HasTarget reports whether the text names a level or a change to reach.
func (m *Measure) HasTarget() bool { return m != nil && (m.Target.known || m.targetOpen()) }

// targetOpen: the target is there, but as a placeholder or in two readings.
func (m *Measure) targetOpen() bool {
	if m.Placeholder && (m.Kind != KindUnknown || !m.Baseline.known) {
		return true
	}
	for _, c := range m.Candidates {
		if c.Target.known {
			return true
		}
	}
	return false
}

// rank says how well a value would do as the target; the best one is it.
func (w *wording) rank(v *Value) int {
	n := 0
	switch {
	case v.Role == RolePer || v.Role == RoleBaseline || v.Role == RoleScope && v.weak:
		return -1
	case v.Role == RoleWindow:
		n = 5
	case v.Role == RoleScope:
		n = 10
	case v.arrow:
		n = 92
	case v.cue.has(cTo) && w.moves() && !v.cue.has(cBy):
		n = 90
	case v.Unit == "%" && !v.Relative && w.has(v.last, cOf) && v.Role != RoleScope:
		n = 82 // 90 % of tickets solved in under a day
	case v.Bound != Exactly && v.Bound != About:
		n = 80
	case v.Relative:
		n = 78
	case v.Unit != "" && !v.Counted:
		n = 70
	case v.zero:
		n = 65
	case v.cue.has(cOf) || v.first > 0 && w.has(v.first-1, cMetric):
		n = 62
	case v.weak:
		n = 20
	case v.rank:
		n = 55
	default:
		n = 50
	}
	if v.Counted && n > 30 && w.class.any(setOf(cTask, cTouch)) && w.head < v.first && w.direct(v) && !w.countsOutcome(v) {
		n = 30
	}
	if n > 15 && w.qualifies(v) {
		n = 15
	}
	if v.Placeholder {
		n -= 2
	}
	if v.paren {
		n -= 45
	}
	return n
}

// qualifies: the value narrows what another one counts (10 deals > $500K).
func (w *wording) qualifies(v *Value) bool {
	if v.Bound == Exactly || v.cueAt < 1 {
		return false
	}
	for i := range w.vals {
		if p := &w.vals[i]; p.Counted && p.first < v.first && p.Noun.End == w.toks[v.cueAt-1].End {
			return true
		}
	}
	return false
}

// clause numbers the clause that a token stands in.
func (w *wording) clause(at int) int {
	n := 0
	for i := w.start; i < at; i++ {
		t := &w.toks[i]
		if !t.paren && (t.sign == sComma || t.sign == sSemi || t.set.has(cAnd) && !t.cont) {
			n++
		}
	}
	return n
}

// moves: the sentence is about a number that goes somewhere.
func (w *wording) moves() bool {
	return w.dir != NoDirection || w.class.any(setOf(cUp, cDown, cChange, cAchieve)) || w.code() != "en"
}

// assign gives every value its role and finds baseline and target.
func (w *wording) assign() (target, baseline int) {
	vals := w.vals
	target, baseline = -1, -1
	for i := range vals {
		v := &vals[i]
		switch {
		case v.cue.has(cPer) && !v.cue.has(cFrom) && !v.cue.has(cTo) && v.Unit != "%":
			v.Role = RolePer
		case v.cue.has(cWithin) && timeUnits[v.Unit] && (v.Bound == Exactly || v.Bound == About || v.cueAt >= 0 && w.toks[v.cueAt].set.has(cWithin) && w.window(v)):
			v.Role = RoleWindow
		case v.cue.has(cWithin) && v.Counted && !v.cue.has(cOf) && !v.cue.has(cBy) && v.Bound == Exactly:
			v.Role = RoleScope
		case v.Role == RoleNone && v.Unit == "%" && !v.Relative && v.cue.has(cBy) && !v.cue.has(cTo):
			v.Relative = w.moves() && (w.changeBefore(v) || !v.cue.has(cOf))
		case v.cue.has(cBy) && !v.cue.has(cOf) && w.code() == "en":
			v.Relative = true
		}
	}
	for i := range vals {
		v := &vals[i]
		if v.Unit == "x" && v.Relative && !v.more && !v.Spelled && !v.cue.has(cBy) && !w.toks[v.first].set.any(setOf(cDivide, cMultiply)) &&
			(v.cue.has(cOf) || v.Bound != Exactly || w.dir == NoDirection) {
			v.Relative = false // a ROAS of 4x
		}
		if v.Unit == "%" && v.cue.empty() && v.Bound == Exactly && v.first > 0 && w.toks[v.first-1].set.any(setOf(cUp, cDown)) && !w.has(v.last, cOf) && v.first-1 > w.start {
			v.Relative = true // rises 15 %
		}
		if v.Unit == "m" {
			for k := range vals {
				if timeUnits[vals[k].Unit] {
					v.Unit = "minutes"
				}
			}
		}
	}
	// from A to B, A → B, between A and B.
	for i := 0; i+1 < len(vals) && target < 0; i++ {
		a := &vals[i]
		if a.Role == RolePer {
			continue
		}
		k := i + 1
		for k < len(vals) && (vals[k].Role == RolePer) {
			k++
		}
		if k == len(vals) {
			break
		}
		b := &vals[k]
		switch {
		case a.cue.has(cBetween) && w.andBetween(a, b):
			a.IsRange, a.Upper = true, b.Number
			if a.Unit == "" || a.Counted {
				a.Unit, a.Counted = b.Unit, b.Counted
			}
			b.Role = RoleBaseline
			return i, -1
		case b.arrow || a.cue.has(cFrom) && b.cue.has(cTo) && !(b.cue.has(cFrom) && !b.cue.has(cTo)):
			if w.apart(a, b) > 9 || a.paren != b.paren {
				continue
			}
			a.Role, b.Role = RoleBaseline, RoleTarget
			a.Relative, b.Relative = false, false
			return k, i
		}
	}
	best := -1
	for i := range vals {
		v := &vals[i]
		if (v.cue.has(cFrom) && !v.cue.has(cTo) && !v.cue.has(cOf) || v.cue.has(cCurrent)) && !v.Counted && v.Bound == Exactly && v.Role == RoleNone && !v.Relative {
			v.Role = RoleBaseline
		}
		n := w.rank(v)
		if best >= 50 && n < 92 && w.clause(v.first) > w.clause(vals[target].first) {
			continue // the first goal of a sentence is its measure
		}
		if n > best {
			best, target = n, i
		}
	}
	if target >= 0 {
		t := &vals[target]
		if t.Role == RoleNone || t.Role == RoleScope {
			t.Role = RoleTarget
		}
		for i := range vals {
			v := &vals[i]
			if i == target || v.Role == RoleWindow || v.Role == RolePer {
				continue
			}
			if (v.cue.has(cFrom) || v.cue.has(cCurrent)) && (v.paren || i > target || v.Role == RoleBaseline) && (v.Unit == t.Unit || v.Unit == "" || t.Unit == "" || v.Counted && t.Counted || t.Relative) {
				if v.paren || v.cue.has(cCurrent) || v.Role == RoleBaseline || w.code() == "en" && v.cue.has(cFrom) && !v.Counted {
					baseline = i
					v.Role = RoleBaseline
					break
				}
			}
		}
		return target, baseline
	}
	for i := range vals {
		if vals[i].Role == RoleBaseline {
			return -1, i
		}
	}
	return -1, -1
}

// window: "over the next 3 months", but not "over 3 months" alone.
func (w *wording) window(v *Value) bool {
	for j := v.cueAt + 1; j < v.first; j++ {
		if w.toks[j].set.has(cWithin) || w.toks[j].set.has(cThis) {
			return true
		}
	}
	return false
}

// changeBefore: the word just before the cue is a verb of change (réduire de 50 %).
func (w *wording) changeBefore(v *Value) bool {
	for i, n := v.cueAt-1, 0; i >= 0 && n < 6; i, n = i-1, n+1 {
		if w.toks[i].set.any(setOf(cUp, cDown, cChange, cMore, cFewer)) {
			return true
		}
	}
	return false
}

func (w *wording) andBetween(a, b *Value) bool {
	for j := a.last; j < b.first; j++ {
		if w.toks[j].set.has(cAnd) {
			return true
		}
	}
	return false
}

// apart counts the words between two values.
func (w *wording) apart(a, b *Value) int {
	n := 0
	for j := a.last; j < b.first; j++ {
		if w.toks[j].Kind == Word && !w.toks[j].cont {
			n++
		}
	}
	return n
}

// measure builds what the sentence promises, once the main verb is known.
func (w *wording) measure() *Measure {
	target, baseline := w.assign()
	if target < 0 && baseline < 0 {
		return nil
	}
	w.target = target
	m := &Measure{Due: w.due()}
	if baseline >= 0 {
		b := &w.vals[baseline]
		m.Unit = b.Unit
		if b.Placeholder {
			m.Placeholder = true
		} else if len(b.Readings) == 0 {
			m.Baseline = N(b.Number)
		}
		w.baseline = true
	}
	m.Direction = w.dir
	if w.lang == 0 && w.open(m, target, baseline) {
		return m
	}
	if target < 0 {
		m.Metric = w.metric(baseline)
		return m
	}
	t := &w.vals[target]
	if t.Unit != "" && !(t.Counted && m.Unit != "" && baseline >= 0 && !w.vals[baseline].Counted) {
		m.Unit = t.Unit
	}
	if t.rank && m.Unit == "" {
		m.Unit = "rank"
	}
	if baseline >= 0 {
		w.sameUnit(m, &w.vals[baseline], t)
	}
	m.Relative = t.Relative
	if t.Placeholder {
		m.Placeholder = true
	} else if len(t.Readings) == 0 {
		m.Target = N(t.Number)
		if t.IsRange {
			m.Upper = N(t.Upper)
		}
	}
	m.Strict = t.Bound == Above || t.Bound == Below
	m.Metric = w.metric(target)
	w.kindOf(m, t)
	w.candidates(m, target, baseline)
	return m
}

// sameUnit brings a baseline into the target's unit; where the two cannot be
// compared the baseline stays unknown.
func (w *wording) sameUnit(m *Measure, b, t *Value) {
	from, ok1 := seconds[b.Unit]
	to, ok2 := seconds[t.Unit]
	switch {
	case b.Unit == t.Unit || b.Unit == "" || t.Unit == "" || b.Counted || t.Counted || t.Relative:
	case ok1 && ok2:
		if f, ok := m.Baseline.Float(); ok {
			m.Baseline = N(f * from / to)
		}
	default:
		m.Baseline = Number{}
	}
}

var seconds = map[string]float64{"ms": 0.001, "seconds": 1, "minutes": 60, "hours": 3600, "days": 86400, "weeks": 604800}

// open: in a language whose words are not known, several numbers without an
// arrow or a comparison may each be the target.
func (w *wording) open(m *Measure, target, baseline int) bool {
	if baseline >= 0 || target < 0 || len(w.vals) < 2 || w.vals[target].Bound != Exactly || w.vals[target].arrow || w.vals[target].cue != (set{}) {
		return false
	}
	for i := range w.vals {
		v := &w.vals[i]
		if !v.Placeholder {
			m.Candidates = append(m.Candidates, Measure{Target: N(v.Number), Unit: v.Unit, Due: m.Due})
		}
	}
	m.Placeholder = len(m.Candidates) == 0
	m.Metric = w.metric(target)
	return true
}

// kindOf chooses comparison and direction.
func (w *wording) kindOf(m *Measure, t *Value) {
	b, bk := m.Baseline.Float()
	v, tk := m.Target.Float()
	switch {
	case t.IsRange && !m.Relative:
		m.Kind = Between
	case w.class.has(cKeep) && !m.Relative && (t.Bound == Above || t.Bound == AtLeast):
		m.Kind, m.Direction = ReachLeast, Keep
	case w.class.has(cKeep) && !m.Relative && (t.Bound == Below || t.Bound == AtMost):
		m.Kind, m.Direction = ReachAtMost, Keep
	case m.Relative && m.Unit == "x" && tk && v != 1 && !(w.dir == Down && v > 1):
		m.Kind, m.Direction = Increase, Up
		if v < 1 {
			m.Kind, m.Direction = Decrease, Down
		}
	case bk && tk && !m.Relative && b != v:
		m.Kind, m.Direction = Increase, Up
		if v < b {
			m.Kind, m.Direction = Decrease, Down
		}
	case t.Bound == Below || t.Bound == AtMost || t.rank && w.dir == NoDirection:
		m.Kind = ReachAtMost
		if m.Direction == NoDirection {
			m.Direction = Down
		}
		if w.dir == Down && !m.Strict && m.Relative {
			m.Kind = Decrease
		}
	case t.Bound == Above || t.Bound == AtLeast:
		m.Kind = ReachLeast
		if m.Direction == NoDirection {
			m.Direction = Up
		}
		if m.Relative {
			m.Kind = Increase
			if w.dir == Down {
				m.Kind = Decrease
			}
		}
	case w.dir == Up:
		m.Kind = Increase
	case w.dir == Down:
		m.Kind = Decrease
	case w.dir == Keep:
		m.Kind = KindUnknown
		if w.lowerMetric() || t.zero {
			m.Kind = ReachAtMost
		} else if !w.class.has(cChange) {
			m.Kind = ReachLeast
		}
	case t.zero || tk && v == 0:
		m.Kind, m.Direction = ReachAtMost, Down
	case t.Unit == "%" && w.has(t.last, cOf) && tk && v >= 50 && w.dir == NoDirection:
		m.Kind, m.Direction = ReachLeast, Up
	case t.Role == RoleWindow || w.lowerMetric() && !t.Counted:
		m.Kind, m.Direction = ReachAtMost, Down
	case w.lang == 0 && t.Bound == Exactly && !t.zero && !w.knownMetric() && !w.lowerMetric():
		m.Kind = KindUnknown
	case w.class.has(cChange) && !m.Relative && w.class.any(setOf(cUp, cDown)):
	case w.class.has(cChange) && m.Relative && m.Unit != "x":
		// "improve X by 20 %" does not say which way X improves.
		m.Kind = KindUnknown
		if w.lowerMetric() {
			m.Kind, m.Direction = Decrease, Down
		} else if w.knownMetric() {
			m.Kind, m.Direction = Increase, Up
		}
	case w.class.has(cChange) && !w.knownMetric() && !t.Counted && m.Unit != "%" && m.Unit != "":
		m.Kind = KindUnknown
	default:
		m.Kind, m.Direction = ReachLeast, Up
		if t.Bound == Exactly && m.Relative && tk {
			m.Kind = Increase
		}
	}
}

// candidates fills in both readings of what is ambiguous.
func (w *wording) candidates(m *Measure, target, baseline int) {
	set := func(dst []Measure, vals []float64, put func(*Measure, float64)) []Measure {
		var out []Measure
		for _, c := range dst {
			for _, f := range vals {
				d := c
				put(&d, f)
				out = append(out, d)
			}
		}
		return out
	}
	bare := *m
	bare.Candidates = nil
	cs := []Measure{bare}
	if t := &w.vals[target]; len(t.Readings) > 0 {
		cs = set(cs, t.Readings, func(c *Measure, f float64) { c.Target = N(f) })
	}
	if baseline >= 0 && len(w.vals[baseline].Readings) > 0 {
		cs = set(cs, w.vals[baseline].Readings, func(c *Measure, f float64) { c.Baseline = N(f) })
	}
	// "Reduce churn 5 %": by, or to?
	if t := &w.vals[target]; t.Unit == "%" && !t.Relative && t.cue.empty() && t.Bound == Exactly && baseline < 0 && !t.Placeholder &&
		w.class.any(setOf(cUp, cDown)) && !w.class.any(setOf(cAchieve)) && w.head >= 0 && t.first > w.head+1 && w.code() == "en" {
		m.Kind = KindUnknown
		m.Target = Number{}
		var out []Measure
		for _, c := range cs {
			by := c
			by.Relative = true
			out = append(out, c, by)
		}
		cs = out
	}
	if n := len(m.Due.Candidates); n > 0 {
		var out []Measure
		for _, c := range cs {
			for _, d := range m.Due.Candidates {
				c.Due = d
				out = append(out, c)
			}
		}
		cs = out
	}
	if len(cs) > 1 {
		for i := range cs {
			if b, ok := cs[i].Baseline.Float(); ok && !cs[i].Relative && cs[i].Target.known {
				cs[i].Kind, cs[i].Direction = Increase, Up
				if cs[i].Target.v < b {
					cs[i].Kind, cs[i].Direction = Decrease, Down
				}
			}
		}
		m.Candidates = cs
	}
}

// due is the date that the sentence ends by: the last deadline, else the last
// date.
func (w *wording) due() Date {
	var d Date
	for _, c := range w.dates {
		if w.target >= 0 && d.Known() && d.Start > w.vals[w.target].Start && c.Start > d.Start && !c.Deadline {
			continue
		}
		if w.target >= 0 && d.Deadline && d.Start < w.vals[w.target].Start && c.Start > w.vals[w.target].Start && w.clause(w.tokenAt(c.Start)) > w.clause(w.tokenAt(d.Start)) {
			d = c
			continue
		}
		if c.Deadline || !d.Deadline {
			d = c
		}
	}
	d.Span = Span{}
	for i := range d.Candidates {
		d.Candidates[i].Deadline = d.Deadline
	}
	return d
}

// lowerMetric: what is measured is better when smaller. Its noun decides: the
// words before a preposition, or, after "number of" and the like, those behind.
func (w *wording) lowerMetric() bool { return w.metricHas(cLower) && !w.metricHas(cHigher) }

func (w *wording) knownMetric() bool {
	return (w.metricHas(cMetric) || w.metricHas(cHigher)) && !w.lowerMetric()
}

func (w *wording) metricHas(c class) bool {
	for i := w.metricFrom; i < w.metricTo; i++ {
		t := &w.toks[i]
		switch {
		case t.cont || t.paren || t.date || t.Kind != Word && t.sign != sPercent:
		case t.set.has(c):
			return true
		case t.set.any(setOf(cMetric, cLower)):
			continue
		case t.set.any(setOf(cPreposition, cOf, cLink, cBe, cWith, cWithin)) && i > w.metricFrom && !w.has(i-1, cMetric):
			return false
		}
	}
	return false
}

func (w *wording) anyWord(c class) bool {
	for i := range w.toks {
		t := &w.toks[i]
		if !t.cont && !t.paren && !t.date && t.set.has(c) {
			return true
		}
	}
	return false
}

// metric gives the words that name what is measured: those between the verb and
// the first value's cue; where there are none, what follows the value.
func (w *wording) metric(at int) string {
	v := &w.vals[at]
	first := v.first
	if v.cueAt >= 0 {
		first = v.cueAt
	}
	for i := range w.vals {
		o := &w.vals[i]
		if o.Role != RoleBaseline && o.Role != RoleTarget || o.paren && !v.paren {
			continue
		}
		f := o.first
		if o.cueAt >= 0 {
			f = o.cueAt
		}
		first = min(first, f)
	}
	if v.cueAt >= 0 && w.toks[v.cueAt].cjk || first > 0 && w.toks[first-1].cjk {
		at := first
		if w.toks[first].cjk {
			at++
		}
		return cjkMetric(w.words(w.start, at))
	}
	start := w.start
	if w.head >= 0 && w.head < first {
		start = w.head + w.toks[w.head].span
	}
	if w.class.any(setOf(cTask, cTouch)) { // launch … and drive 300 upgrades
		for i := start; i < first; i++ {
			if w.toks[i].set.any(goalVerbs) && !w.toks[i].cont && w.has(i, cBase) {
				start = i + w.toks[i].span
			}
		}
	}
	counts := v.Counted && v.cue.empty() && !w.has(first-1, cMetric) && w.sgn(first-1) != sColon
	if s := w.words(start, first); s != "" && !counts {
		return s
	}
	// After the value: 500 paying customers; 95 % first-contact resolution rate.
	end := v.last
	if v.Noun.End > 0 {
		for end < len(w.toks) && w.toks[end].Start < v.Noun.Start {
			end++
		}
	}
	stop := end
	for stop < len(w.toks) {
		t := &w.toks[stop]
		if t.date || t.paren || t.val > 0 || t.sign == sSemi || t.sign == sComma || (t.sign == sStop && !t.joined) || t.set.any(setOf(cUntil, cDuring)) && stop+1 < len(w.toks) && w.dateFollows(stop) {
			break
		}
		stop++
	}
	if s := w.words(end, stop); s != "" {
		return s
	}
	return w.words(w.start, first)
}

func (w *wording) dateFollows(i int) bool {
	for j := i + 1; j < len(w.toks) && j < i+4; j++ {
		if w.toks[j].date {
			return true
		}
	}
	return false
}

// words is the text of the tokens [from, to), stripped of articles, links and
// marks at both ends.
func (w *wording) words(from, to int) string {
	edge := setOf(cDeterminer, cOf, cPreposition, cBe, cAnd, cAdverb, cTo, cWith, cLink, cUntil, cDuring)
	trim := func(i int) bool {
		if w.toks[i].cont {
			i = w.toks[i].of
		}
		t := &w.toks[i]
		switch {
		case t.name:
			return false
		case t.val > 0 && w.vals[t.val-1].Role != RolePer:
			return true
		case w.sgn(i+1) == sDash && w.joined(i+1) && w.joined(i+2), w.sgn(i-1) == sDash && w.joined(i-1) && w.joined(i): // first-contact, click-through
			return false
		case t.Kind == Symbol:
			return t.sign != sOpen && t.sign != sClose && t.sign != sPercent && t.sign != sCurrency
		}
		return t.date || t.set.any(edge) && !t.set.any(setOf(cMetric, cLower, cOutcomeNoun, cOutputNoun))
	}
	from = max(from, 0)
	for from < to && trim(from) {
		from++
	}
	for from < to && w.sgn(from) == sClose {
		from++
	}
	for to > from && (trim(to-1) || w.sgn(to-1) == sOpen || w.head < 0 && w.toks[to-1].set.any(setOf(cUp, cDown)) && to-1 > from) {
		to--
	}
	if from >= to {
		return ""
	}
	w.metricFrom, w.metricTo = from, to
	s := w.text[w.toks[from].Start:w.toks[to-1].End]
	return strings.Join(strings.Fields(strings.Trim(s, "*_` ")), " ")
}
