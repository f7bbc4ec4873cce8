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
	case w.head >= 0 && w.class.has(cAchieve) && w.lang > 0:
		if plain && w.specificObject() {
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
		if w.class.has(cGeneric) && n < len(w.toks) && w.unknownParticiple(n) {
			o.Decidable = plain
		}
	case w.head < 0 && w.hasBe():
		o.State = true
		o.Decidable = plain
		w.signal(SignalState, w.start, w.clauseEnd(w.start))
	case w.head < 0 && w.anyWord(cUniversal) && w.lang > 0:
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

// unknownParticiple: "get featured by …".
func (w *wording) unknownParticiple(i int) bool {
	t := w.str(i)
	return w.code() == "en" && len(t) > 4 && t[len(t)-2:] == "ed" && i+1 < len(w.toks) && w.toks[i+1].set.any(setOf(cPreposition))
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

// specificObject: the verb's object is one definite thing: "a Series A round",
// "ISO certification", "featured by …"; not a bare plural or a metric.
func (w *wording) specificObject() bool {
	if w.anyWord(cMilestone) {
		return true
	}
	n := w.head + w.toks[w.head].span
	if n >= len(w.toks) && w.code() != "de" || w.anyWord(cMetric) || w.anyWord(cLower) {
		return false
	}
	if w.nameInObject() || w.code() == "de" && w.has(w.start, cDeterminer) && !w.has(w.start, cNew) {
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
		if t.Kind == Word && !t.date && w.text[t.Start] >= 'A' && w.text[t.Start] <= 'Z' && w.code() != "de" {
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
