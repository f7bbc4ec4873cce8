package measure

// Need is what it takes to be on track: the counterfactual of a status. A value is
// the figure of the metric's mode: in mode sum the sum of all readings, in mode
// hit_ratio a share.
type Need struct {
	Today   Number `json:"today,omitzero"`    // the value that would be on track today, in the metric's unit
	On      Date   `json:"on,omitzero"`       // the next check-in
	Then    Number `json:"then,omitzero"`     // the value that would be on track then
	Missing Number `json:"missing,omitzero"`  // change from the current value to Then, 0 where it is there already
	PerWeek Number `json:"per_week,omitzero"` // change in seven days that reaches the target on the last day, 0 where it is reached
	Strict  bool   `json:"strict,omitempty"`  // the value itself is not enough: it has to be passed
	Reason  string `json:"reason,omitempty"`  // why nothing can be said
}

// Needed says what value is needed today, and on the day of the next check-in, for
// the status to be on track by level or pace. Where nothing is expected by then,
// what is needed is nothing, and the figures are unknown. A value on the way that
// is needed keeps everything else as it is: fresh, open, not overridden.
func Needed(in *Input, next Date) Need {
	m := &in.Metric
	n := Need{On: next}
	if !m.decided() {
		n.Reason = "the metric does not say where it shall end"
		return n
	}
	current := in.current()
	n.Strict = m.leveled() && (m.Kind == Above || m.Kind == Below) && m.Mode != HitRatio
	n.Today = m.valueAt(in.enough(in.Today), m.leveled(), current)
	n.Then = m.valueAt(in.enough(next), m.leveled(), current)
	switch {
	case in.First.IsZero() || in.Last.IsZero() || in.Today.IsZero():
		n.Reason = "nobody says by when"
	case !n.Today.known && !n.Then.known:
		n.Reason = "nothing is expected yet"
	}
	n.Missing = m.missing(current, n.Then)
	n.PerWeek = perWeek(m.missing(current, m.valueAt(m.aim(), m.leveled(), current)), in.Today, in.Last)
	return n
}

// perWeek spreads a change over the days that are left.
func perWeek(all Number, today, last Date) Number {
	days := today.DaysUntil(last)
	if !all.known || days <= 0 || today.IsZero() || last.IsZero() {
		return Number{}
	}
	return finite(all.value / float64(days) * 7)
}

// decided says whether there is a target of any sort.
func (m *Metric) decided() bool {
	if m.Mode == HitRatio {
		return m.hitRatio(N(0)).known
	}
	return m.meets(0) != untold
}

// enough is the share of the way that is on track on the day, unknown where
// nothing is expected by then, or more than all.
func (in *Input) enough(day Date) Number {
	if in.Metric.leveled() {
		return N(1)
	}
	return enough(in.Bands, in.curve(), in.Metric.aim(), in.First, in.Last, day)
}

func enough(b Bands, c Curve, aim Number, first, last, day Date) Number {
	b = b.or()
	limit := b.AtRisk
	if b.Strict {
		// Just on the better side of a limit that is not on track itself.
		if limit -= 2 * slack; b.Compare != CompareGap {
			limit += 4 * slack
		}
	}
	e := c.Expected(first, last, day)
	if e.known && aim.Finite() {
		e.value *= aim.value
	}
	switch {
	case b.Compare == CompareProgress:
		return reachable(limit)
	case !e.known || !aim.Finite():
		return Number{}
	case b.Compare == CompareGap:
		return reachable(e.value - limit)
	case first.DaysUntil(day) < ratioGuard || e.value <= 0:
		return Number{}
	}
	return reachable(e.value * limit)
}

// reachable is a share of the way: nothing is needed below 0, and nothing above 1
// can be reached.
func reachable(share float64) Number {
	if share > 1 {
		return Number{}
	}
	return N(max(0, share))
}

// valueAt is the value at a share of the way, the inverse of raw. Where a threshold
// holds or does not, it is the threshold, and of a band the end nearer to where the
// value is.
func (m *Metric) valueAt(share Number, leveled bool, current Number) Number {
	if !share.Finite() {
		return Number{}
	}
	p := share.value
	if m.Mode == HitRatio {
		return finite(p * finiteOnly(m.Need).Or(1))
	}
	switch m.Kind {
	case YesNo:
		return N(1)
	case Milestones:
		return N(p)
	case Zones:
		for i, s := range [...]float64{0, commitShare, targetShare, stretchShare} {
			if _, described := m.level(float64(i)); described && s >= p-slack {
				return N(float64(i))
			}
		}
		return Number{}
	case Points:
		return inverse(m.Points, p)
	case CommitTargetStretch:
		if !m.Baseline.Finite() || !m.Commit.Finite() || !m.Target.Finite() || !m.Stretch.Finite() {
			return Number{}
		}
		ps := m.scored()
		return inverse(ps[:], p)
	case Between:
		return m.onBand(p, leveled, current)
	}
	if leveled {
		return finiteOnly(m.Target)
	}
	return between(m.Baseline, m.Target, p)
}

func (m *Metric) onBand(p float64, leveled bool, current Number) Number {
	if !m.banded() {
		return Number{}
	}
	if leveled {
		switch {
		case !current.Finite():
			return Number{}
		case current.value < m.Low.value:
			return m.Low
		case current.value > m.High.value:
			return m.High
		}
		return current
	}
	up := m.Baseline.value < m.Low.value
	start, end, far := m.Baseline, m.Low, m.High
	if !up {
		start, end, far = m.Baseline, m.High, m.Low
	}
	v := between(start, end, p)
	if v.known && current.Finite() && (up && current.value > far.value || !up && current.value < far.value) {
		return finite(far.value + (end.value - v.value)) // it came out on the other side
	}
	return v
}

// between is the value at the share p of the way from a to b.
func between(a, b Number, p float64) Number {
	if !a.Finite() || !b.Finite() {
		return Number{}
	}
	return onLine(0, a.value, 1, b.value, p)
}

// missing is the change from the current value to the one that is needed, 0 where
// it is as good already.
func (m *Metric) missing(current, needed Number) Number {
	if !current.Finite() || !needed.Finite() {
		return Number{}
	}
	d := needed.value - current.value
	way := 1.0
	switch {
	case m.Mode == HitRatio || m.Kind == YesNo:
	case m.Kind == Between && current.value >= m.Low.value && current.value <= m.High.value:
		way = 0
	case m.Kind == Between && current.value > m.High.value, m.direction() == "down":
		way = -1
	}
	return finite(max(0, d*way) * way)
}

// ExplainNeed says how the figures of [Needed] came about.
func ExplainNeed(in *Input, next Date) []Derivation {
	n := Needed(in, next)
	m := &in.Metric
	if !m.decided() {
		return nil
	}
	v := in.current()
	current := Named{Name: "current", Value: v, Source: in.Latest.ID}
	first, last, today := in.days()
	var out []Derivation
	value := func(of string, share, want Number) {
		out = append(out, Derivation{
			Of: of, FormulaID: m.formula("need"), Formula: "the value at that share of the way", Value: want,
			Inputs: append(m.inputs(current), Named{Name: "share", Value: share}, Named{Name: "leveled", Value: truth(m.leveled())}),
		})
	}
	share := func(of string, day Date) {
		out = append(out, Derivation{
			Of: of, FormulaID: "need.share", Formula: "the least share of the way that is on track by the bands", Value: in.enough(day),
			Inputs: []Named{
				{Name: "leveled", Value: truth(m.leveled())}, {Name: "bands", Text: in.Bands.String()}, {Name: "curve", Text: in.curve().name()},
				first, last, {Name: "day", Text: day.String()}, {Name: "aim", Value: m.aim()},
			},
		})
	}
	share("needed_share_today", in.Today)
	value("needed_today", in.enough(in.Today), n.Today)
	share("needed_share_then", next)
	value("needed_then", in.enough(next), n.Then)
	out = append(out, Derivation{
		Of: "missing", FormulaID: m.formula("missing"), Formula: "needed - current, or 0 where it is as good already", Value: n.Missing,
		Inputs: append(m.inputs(current), Named{Name: "needed", Value: n.Then}),
	})
	target := m.valueAt(m.aim(), m.leveled(), v)
	value("needed_at_the_end", m.aim(), target)
	out = append(out, Derivation{
		Of: "needed_per_week", FormulaID: m.formula("per_week"), Formula: "7 * (needed at the end - current) / days left, or 0 where it is reached", Value: n.PerWeek,
		Inputs: append(m.inputs(current), Named{Name: "needed", Value: target}, today, last),
	})
	for i := range out {
		out[i].AsOf = in.Now
	}
	return out
}

func needFormulas() map[string]evaluator {
	t := map[string]evaluator{
		"need.share": func(a *args) (Number, string) {
			if a.truth("leveled") {
				return N(1), ""
			}
			return enough(a.bands("bands"), Curve(a.text("curve")), a.number("aim"), a.date("first"), a.date("last"), a.date("day")), ""
		},
	}
	none := func(*args) (Number, string) { return Number{}, "" }
	t["need.unknown"], t["missing.unknown"], t["per_week.unknown"] = none, none, none
	for _, k := range Kinds() {
		for mode, suffix := range map[Mode]string{Latest: "", HitRatio: "." + string(HitRatio), Distance: "." + string(Distance)} {
			missing := func(a *args) Number {
				m := a.metric(k, mode)
				return m.missing(a.number("current"), a.number("needed"))
			}
			t["missing."+string(k)+suffix] = func(a *args) (Number, string) { return missing(a), "" }
			t["per_week."+string(k)+suffix] = func(a *args) (Number, string) {
				return perWeek(missing(a), a.date("today"), a.date("last")), ""
			}
			t["need."+string(k)+suffix] = func(a *args) (Number, string) {
				m := a.metric(k, mode)
				return m.valueAt(a.number("share"), a.truth("leveled"), a.number("current")), ""
			}
		}
	}
	return t
}
