package lexicon

// judgeState decides what a sentence without a number is: a state, an outcome
// that is there or not, a metric's bare name.
func (w *wording) judgeState() {
	o := &w.out
	o.Decidable = o.Measurable
	if o.Question {
		o.Decidable = false
		return
	}
	if o.Task {
		o.Decidable = o.Measurable || len(o.Vague) == 0
		return
	}
	if o.Measurable || w.start >= len(w.toks) {
		if w.head < 0 && w.hasBe() {
			o.State = true
		}
		return
	}
	plain := len(o.Vague) == 0 && !w.anyWord(cTargetWord) && (w.dir == NoDirection || w.dir == Keep)
	switch {
	case w.head >= 0 && w.class.any(setOf(cAchieve, cGeneric)) && w.lang > 0 && w.firstOfItsKind(w.head+w.toks[w.head].span):
		o.Decidable = len(o.Vague) == 0
	case w.head >= 0 && w.class.has(cAchieve) && w.lang > 0:
		if plain && (w.specificObject() || w.universalObject()) || len(o.Vague) == 0 && w.anyWord(cMilestone) {
			o.Decidable = true
		}
	case w.head >= 0 && w.class.has(cBecome) && w.lang > 0:
		o.Decidable = plain && w.head+w.toks[w.head].span < len(w.toks)
	case w.head >= 0 && w.class.has(cEnsure):
		n := w.head + w.toks[w.head].span
		o.Decidable = plain && (w.has(n, cUniversal) || w.has(n, cZero) || w.has(n+1, cUniversal))
	case w.head >= 0 && w.class.has(cSoft):
		o.Decidable = plain && w.universalObject()
	case w.head >= 0 && w.class.has(cGeneric) && w.lang > 0:
		n := w.head + w.toks[w.head].span
		o.Decidable = plain && n < len(w.toks) && (w.toks[n].set.has(cDone) && w.hasName() || w.has(n, cDeterminer) && !w.has(n, cNew) && w.nameInObject())
		if n < len(w.toks) && (w.unknownParticiple(n) || w.madeSo(n) || w.anyWord(cMilestone)) {
			o.Decidable = plain
		}
	case w.head < 0 && w.hasBe():
		o.State = true
		o.Decidable = plain
		w.signal(SignalState, w.start, w.clauseEnd(w.start))
	case w.head < 0 && w.lang > 0 && (w.firstOfItsKind(w.start) || w.finiteAchieve()):
		o.State = true
		o.Decidable = plain
		w.signal(SignalState, w.start, w.clauseEnd(w.start))
	case w.head < 0 && w.lang > 0 && w.anyWord(cMilestone) && (w.anyWord(cDone) || w.anyWord(cWithout) || w.turns()):
		o.State = true
		o.Decidable = len(o.Vague) == 0
		w.signal(SignalState, w.start, w.clauseEnd(w.start))
	case w.head < 0 && w.universalSubject() && w.lang > 0:
		o.State = true
		o.Decidable = plain
		w.signal(SignalState, w.start, w.clauseEnd(w.start))
	case w.head < 0 && w.lang > 0:
		if w.anyWord(cMetric) || w.anyWord(cLower) {
			o.BareMetric = true
			w.signal(SignalBareMetric, w.start, w.clauseEnd(w.start))
		}
	}
}

// readyAt finds the word that says of a thing of ours that it is there, and no
// more: "the new shop is online", "handbook in place by May". Where it is said of
// those whom the work is for, of all, or with a number, more is said.
func (w *wording) readyAt() (at int, ok bool) {
	if w.out.HasTarget || len(w.vals) > 0 || w.out.Question {
		return 0, false
	}
	for i := w.start; i < len(w.toks); i++ {
		t := &w.toks[i]
		if t.set.any(setOf(cUniversal, cZero)) && !t.cont {
			return 0, false
		}
		if t.set.has(cReady) && !t.cont && !t.paren && !t.date && (i > w.start && w.endsAt(i+t.span) || i == w.start && w.has(i+t.span, cDeterminer)) {
			return i, true
		}
		if t.set.any(setOf(cOutcomeNoun, cMetric)) && !t.cont {
			return 0, false
		}
	}
	return 0, false
}

// endsAt: nothing that matters follows: the end, a date, a mark.
func (w *wording) endsAt(i int) bool {
	for i < len(w.toks) && (w.has(i, cAdverb) || w.sgn(i) == sNoise || w.has(i, cBe) && w.is(verbLast)) {
		i++
	}
	return i >= len(w.toks) || w.toks[i].date || w.toks[i].sign != sNone && w.sgn(i) != sDash || w.dateFollows(i) || w.has(i, cAnd)
}

// universalSubject: "all stores open on Sundays", not "meetings with all teams".
func (w *wording) universalSubject() bool {
	for i := w.start; i < len(w.toks); i++ {
		t := &w.toks[i]
		switch {
		case t.cont || t.paren:
		case t.set.has(cUniversal):
			return true
		case t.set.has(cOutputNoun):
			return false
		}
	}
	return false
}

// turns: "churn turns negative": the milestone is said by a verb of its own.
func (w *wording) turns() bool {
	for i := w.start + 1; i < len(w.toks); i++ {
		if t := &w.toks[i]; t.set.has(cMilestone) && t.span > 1 && !t.cont {
			return true
		}
	}
	return false
}

// graded: "an A rating".
func (w *wording) graded() bool {
	for i := w.head + 1; i+1 < len(w.toks); i++ {
		if c := w.str(i); len(c) == 1 && c[0] >= 'A' && c[0] <= 'F' && w.has(i+1, cMetric) && !w.toks[i].date {
			return true
		}
	}
	return false
}

// firstOfItsKind: "the first paying customer": it is there or it is not.
func (w *wording) firstOfItsKind(i int) bool {
	if w.has(i-1, cOrdinal) {
		i-- // read over as a lead-in: "first, …"
	}
	for w.has(i, cDeterminer) && !w.has(i, cOrdinal) {
		i++
	}
	if !w.has(i, cOrdinal) {
		return false
	}
	for n := i + 1; n < len(w.toks) && n < i+5; n++ {
		if t := &w.toks[n]; t.set.has(cOutcomeNoun) {
			return n+1 >= len(w.toks) || !w.toks[n+1].set.any(setOf(cOutputNoun, cMetric, cLower))
		}
	}
	return false
}

// finiteAchieve: "the regulator approves the device", "Acme signs": what somebody
// else decides, there or not.
func (w *wording) finiteAchieve() bool {
	for i := w.start + 1; i < len(w.toks); i++ {
		t := &w.toks[i]
		if t.set.has(cLink) {
			return false
		}
		if t.set.has(cAchieve) && !t.set.any(setOf(cBase, cDone, cKeep)) && !t.set.any(nounKnown) && !t.set.has(cMetric) && !t.cont && !t.paren {
			return i+t.span < len(w.toks)
		}
	}
	return false
}

// madeSo: "have the grant approved", "get the site certified": its participle is
// no work of ours.
func (w *wording) madeSo(i int) bool {
	if !w.has(i, cDeterminer) || w.has(i, cNew) {
		return false
	}
	for n := i + 2; n < len(w.toks) && n < i+7; n++ {
		t := &w.toks[n]
		if t.date || t.sign != sNone || t.set.any(setOf(cPreposition, cLink)) {
			return false
		}
		s := w.str(n)
		known := t.set.has(cDone)
		if known && !t.set.any(setOf(cTask, cTouch, cGeneric, cReady)) || !known && w.code() == "en" && t.set.empty() && len(s) > 4 && s[len(s)-2:] == "ed" {
			return true
		}
	}
	return false
}

// unknownParticiple: "get featured by …".
func (w *wording) unknownParticiple(i int) bool {
	t := w.str(i)
	return w.code() == "en" && len(t) > 4 && t[len(t)-2:] == "ed" && i+1 < len(w.toks) && w.toks[i+1].set.any(setOf(cPreposition)) && !w.dateNext(i+2)
}

// hasBe: a finite "is", "are", "has" after a subject.
func (w *wording) hasBe() bool {
	for i := w.start + 1; i < len(w.toks); i++ {
		t := &w.toks[i]
		if t.set.has(cBe) && !t.paren && !t.cont && !t.set.has(cDeterminer) {
			if i+1 < len(w.toks) && w.toks[i+1].set.any(setOf(cUp, cDown, cChange)) {
				return false // sales are up: by how much?
			}
			return !w.has(w.start, cBe)
		}
		if t.set.has(cLink) {
			return false
		}
	}
	return false
}

// dateNext: a date stands here, or behind an article.
func (w *wording) dateNext(i int) bool {
	if w.has(i, cDeterminer) {
		i++
	}
	return i < len(w.toks) && w.toks[i].date
}

// specificObject: the verb's object is one definite thing: "a Series A round",
// "ISO certification", "featured by …"; not a bare plural or a metric.
func (w *wording) specificObject() bool {
	if w.anyWord(cMilestone) || w.graded() {
		return true
	}
	n := w.head + w.toks[w.head].span
	if n >= len(w.toks) && !w.is(verbLast) || w.anyWord(cMetric) || w.anyWord(cLower) {
		return false
	}
	if w.nameInObject() || w.is(verbLast) && w.has(w.start, cDeterminer) && !w.has(w.start, cNew) {
		return true
	}
	if w.has(n, cOrdinal) && (n+1 >= len(w.toks) || w.has(n+1, cPreposition)) { // rank first in …
		return true
	}
	return w.has(n, cDeterminer) && !w.has(n, cNew) || w.hasName()
}

// nameInObject: what the verb is about is a name with digits: ISO 27001.
func (w *wording) nameInObject() bool {
	for i := w.start; i < len(w.toks); i++ {
		if w.toks[i].name && !w.toks[i].paren {
			return true
		}
	}
	return false
}

// hasName: a capital inside the sentence.
func (w *wording) hasName() bool {
	for i := w.head + 1; i < len(w.toks); i++ {
		t := &w.toks[i]
		if t.Kind == Word && !t.date && !t.paren && w.text[t.Start] >= 'A' && w.text[t.Start] <= 'Z' && !w.is(capitalNouns) {
			return true
		}
	}
	return false
}

// goals counts goals: verbs that open a clause after "and", a comma or a
// semicolon, and numbers that stand side by side with units of their own.
func (w *wording) goals() int {
	if w.start >= len(w.toks) {
		return 0
	}
	n := 1
	for i := w.start + 1; i+1 < len(w.toks); i++ {
		t := &w.toks[i]
		sep := t.set.has(cAnd) && !t.cont || t.sign == sSemi || t.sign == sComma || t.sign == sPlus && !w.joined(i)
		if !sep || t.paren {
			continue
		}
		j := i + t.span
		for j < len(w.toks) && j < i+8 && (w.toks[j].sign == sNoise || w.has(j, cAnd) || w.toks[j].set.has(cLeadIn) && !w.toks[j].set.any(verbClasses)) {
			j++
		}
		if j >= len(w.toks) || w.toks[j].date || w.toks[j].paren {
			continue
		}
		u := &w.toks[j]
		v := w.val(j)
		switch {
		case u.set.any(verbClasses) && u.set.has(cBase) && !u.set.any(nounKnown) && !w.isNounHere(j):
			n++
		case v != nil && v.Role != RoleBaseline && v.Role != RoleTarget && v.Role != RoleWindow && v.Role != RolePer && !v.cue.has(cBetween) && w.betweenRange(j):
			n++
		case t.sign == sSemi && w.valueAfter(j):
			n++
		}
	}
	return n
}

func (w *wording) betweenRange(j int) bool {
	for i := range w.vals {
		if w.vals[i].IsRange && w.vals[i].cue.has(cBetween) && w.vals[i].last < j {
			return false
		}
	}
	return true
}

func (w *wording) valueAfter(j int) bool {
	for ; j < len(w.toks) && w.toks[j].sign != sSemi; j++ {
		if w.toks[j].val > 0 {
			return true
		}
	}
	return false
}
