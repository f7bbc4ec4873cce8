package lexicon

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
	case t.more && m.Relative && t.fewer:
		m.Kind, m.Direction = Decrease, Down
	case t.more && m.Relative && w.dir == NoDirection:
		m.Kind, m.Direction = Increase, Up
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
