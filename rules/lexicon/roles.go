package lexicon

// rank says how well a value would do as the target; the best one is it.
func (w *wording) rank(v *Value) int {
	n := 0
	switch {
	case v.Role == RolePer || v.Role == RoleBaseline || v.Role == RoleOutput || v.Role == RoleScope && v.weak:
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
		p := &w.vals[i]
		if !p.Counted || p.first >= v.first {
			continue
		}
		if p.Noun.End == w.toks[v.cueAt-1].End {
			return true
		}
		if !w.class.any(setOf(cTask, cTouch)) && w.has(w.tokenAt(p.Noun.End), cWith) && w.clause(p.first) == w.clause(v.first) {
			return true // 8 deals with a value of at least 50k
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
		case v.cue.has(cBy) && v.Counted && v.Bound == Exactly && w.outputNoun(v):
			v.Role = RoleOutput // raise awareness by 3 campaigns: the means
		case v.cue.has(cBy) && !v.cue.has(cOf) && w.code() == "en":
			v.Relative = true
		}
	}
	for i := range vals {
		v := &vals[i]
		if v.Unit == "x" && v.Relative && !v.more && !v.Spelled && !v.cue.has(cBy) && !w.toks[v.first].set.any(setOf(cDivide, cMultiply)) &&
			(v.cue.has(cOf) || v.cue.has(cBetween) || v.Bound != Exactly || w.dir == NoDirection || w.dir == Keep) {
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
