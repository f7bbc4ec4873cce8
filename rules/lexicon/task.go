package lexicon

// judgeTask decides whether the sentence is work, and whether it also says what
// comes of it.
func (w *wording) judgeTask() {
	if w.head < 0 || w.class.has(cKeep) {
		if at, ok := w.readyAt(); ok {
			w.out.Task = true
			w.signal(SignalTask, at, at+w.toks[at].span)
			return
		}
	}
	if w.head < 0 {
		w.countedOutput()
		return
	}
	c := w.class
	task := c.has(cTask) || c.has(cTouch)
	switch {
	case task && !(c.has(cAchieve) && !w.passive):
	case c.has(cSoft) && !c.has(cAchieve):
		task = !w.anyMeasuring() && !w.universalObject() || w.outputObject()
	case c.has(cGeneric) && !c.has(cAchieve), c.has(cSoft):
		task = w.outputObject()
	default:
		task = false
	}
	if !task {
		w.governedOutput()
		return
	}
	w.out.Task = true
	t := &w.toks[w.head]
	w.out.TaskVerb = w.text[t.Start:w.toks[w.head+t.span-1].End]
	w.signal(SignalTask, w.head, w.head+t.span)
	if from, to, ok := w.outcome(); ok {
		w.out.Outcome = true
		w.out.OutcomeClause = w.clauseText(from, to)
		w.signal(SignalOutcome, from, to)
		return
	}
	for i := range w.vals {
		v := &w.vals[i]
		if v.Counted && v.Role == RoleTarget && !v.paren {
			v.Role = RoleOutput
			w.out.OutputCount = true
			w.signalValue(SignalOutputCount, v)
			break
		}
	}
}

// governedOutput finds the number that a second verb turns out: of "increase leads:
// create 20 pages", the twenty are pages.
func (w *wording) governedOutput() {
	if w.target < 0 {
		return
	}
	v := &w.vals[w.target]
	if !v.Counted || v.Placeholder || v.zero || v.paren || w.countsOutcome(v) {
		return
	}
	for i := v.first - 1; i > w.head; i-- {
		t := &w.toks[i]
		if t.cont || t.paren || !t.set.any(verbClasses) || !t.set.has(cBase) || t.set.any(nounKnown) && !w.opensClause(i) {
			continue
		}
		if t.set.any(setOf(cTask, cTouch)) && !t.set.any(goalVerbs) && w.opensClause(i) {
			v.Role = RoleOutput
			w.out.OutputCount = true
			w.signalValue(SignalOutputCount, v)
		}
		return
	}
}

// opensClause: a mark, "and" or "have the team" stands before the verb.
func (w *wording) opensClause(i int) bool {
	for i--; i > w.head && (w.toks[i].set.any(setOf(cLeadIn, cAdverb, cGroup)) || w.toks[i].sign == sNoise); i-- {
	}
	return i > w.head && (w.toks[i].sign != sNone || w.has(i, cAnd))
}

// countedOutput finds "5 blog posts" without a verb.
func (w *wording) countedOutput() {
	v := w.val(w.start)
	if v == nil || !v.Counted || v.Placeholder || v.zero || v.Bound != Exactly || v.Number >= 1000 || len(w.vals) > 1 && w.others() {
		return
	}
	i := w.tokenAt(v.Noun.End) - 1
	for i >= 0 && w.toks[i].cont {
		i--
	}
	if i < 0 || !w.toks[i].set.has(cOutputNoun) || w.toks[i].set.any(setOf(cOutcomeNoun, cMetric)) {
		return
	}
	// A clause that follows may say what came of it: "3 posts rank in the top 10".
	for j := i + w.toks[i].span; j < len(w.toks); j++ {
		if w.toks[j].set.any(verbClasses) && !w.toks[j].set.any(setOf(cTask, cGeneric)) || w.toks[j].set.any(setOf(cLink, cWith, cBe)) {
			return
		}
	}
	v.Role = RoleOutput
	w.out.OutputCount = true
	w.signalValue(SignalOutputCount, v)
}

func (w *wording) others() bool {
	for i := 1; i < len(w.vals); i++ {
		if v := &w.vals[i]; v.Role != RoleWindow && v.Role != RolePer && v.Role != RoleScope {
			return true
		}
	}
	return false
}

// anyMeasuring: some value is more than a window or a denominator.
func (w *wording) anyMeasuring() bool {
	for i := range w.vals {
		if v := &w.vals[i]; v.Role != RolePer && !v.weak && (v.Role != RoleWindow || !v.cue.has(cOf)) {
			return true
		}
	}
	return false
}

// universalObject: "resolve all P1 tickets".
func (w *wording) universalObject() bool {
	n := w.head + w.toks[w.head].span
	return w.has(n, cUniversal)
}

// outputObject: the object of the verb is a thing that work turns out.
func (w *wording) outputObject() bool {
	from := w.head + w.toks[w.head].span
	if w.is(verbLast) && w.head > w.start {
		from = w.start
	}
	for i, n := from, 0; i < len(w.toks) && n < 8; i, n = i+1, n+1 {
		t := &w.toks[i]
		if v := w.val(i); v != nil {
			if v.Unit != "" && !v.Counted || v.Placeholder && !v.Counted {
				return false
			}
			continue
		}
		if t.name {
			return false // the SOC 2 report
		}
		if w.sgn(i+1) == sDash && w.joined(i+1) && w.joined(i+2) || w.sgn(i-1) == sDash && w.joined(i-1) && w.joined(i) && w.sgn(i+1) == sDash {
			continue // step-by-step guides
		}
		if t.cont || t.Kind != Word {
			if t.sign == sComma || t.sign == sSemi || t.sign == sStop {
				return false
			}
			continue
		}
		if t.set.has(cOutputNoun) && !t.set.any(setOf(cOutcomeNoun, cMetric)) {
			n := i + t.span
			if w.has(n, cTo) && w.kind(n+1) == Word && !w.has(n+1, cDeterminer) {
				return false // projects to adopt it
			}
			if n < len(w.toks) && (w.toks[n].set.has(cDone) || w.unknownParticiple(n)) && !w.toks[n].set.has(cTask) {
				return false // approved by customers
			}
			if n < len(w.toks) && w.toks[n].set.has(cOutputNoun) { // podcast episodes
				continue
			}
			return n >= len(w.toks) || !w.toks[n].set.any(setOf(cOutcomeNoun, cMetric)) || w.toks[n].set.any(setOf(cPreposition))
		}
		if t.set.any(setOf(cPreposition, cLink, cWith)) && !t.set.has(cDeterminer) {
			return false
		}
	}
	return false
}
