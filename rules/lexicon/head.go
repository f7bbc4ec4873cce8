package lexicon

import (
	"strings"
)

// skipLead reads over list marks, labels (KR 1:), a date and words such as "we
// will".
func (w *wording) skipLead() {
	i := 0
	for n := 0; n < 2; n++ { // KR 1: Marketing: …
		c := w.labelEnd(i)
		if c == 0 {
			break
		}
		i = c
	}
	for i < len(w.toks) {
		t := &w.toks[i]
		switch {
		case t.date, t.cont, t.sign != sNone && t.val == 0 && t.sign != sCurrency && !isCompare(t.sign):
		case t.val > 0:
			w.start = i
			return
		case t.set.any(setOf(cUntil, cDuring, cEndOf, cThis, cDeterminer)) && w.dateFollows(i) && !t.set.any(verbClasses):
		case t.name && t.Kind == Digits && i == 0 && !w.joined(i+2):
		case t.name && i < 3 && i+1 < len(w.toks) && (w.sgn(i+1) == sClose || w.sgn(i+1) == sDash && !w.joined(i+1)): // [P0]
		case t.set.has(cLeadIn) && !t.set.any(setOf(cTask, cUp, cDown, cAchieve, cKeep)):
			if t.set.has(cGeneric) || t.set.has(cBe) {
				if !w.verbAfter(i + 1) {
					w.start = i
					return
				}
				w.perfect = true
			}
			if w.str(i) == "ve" {
				w.perfect = true
			}
		default:
			w.start = i
			return
		}
		i++
	}
	w.start = i
}

func isCompare(s sign) bool { return s == sGE || s == sLE || s == sGT || s == sLT || s == sAbout }

// verbAfter: a participle or verb follows, so the word before it is an auxiliary.
func (w *wording) verbAfter(i int) bool {
	for n := 0; i < len(w.toks) && n < 2; i, n = i+1, n+1 {
		t := &w.toks[i]
		if t.set.any(verbClasses) {
			return true
		}
		if !t.set.has(cLeadIn) && !t.set.has(cAdverb) {
			return false
		}
	}
	return false
}

// labelEnd is the token after a label such as "KR 1.2:" or "Marketing:".
func (w *wording) labelEnd(from int) int {
	if i := len(yesNoLabel) - 1; from == 0 && len(w.text) > i && w.text[:i+1] == yesNoLabel {
		w.yesNo = true
		return w.tokenAt(i)
	}
	words, label, verb := 0, false, false
	for i := from; i < len(w.toks) && words < 5; i++ {
		t := &w.toks[i]
		switch {
		case t.sign == sColon && i > from && (!w.joined(i+1) || w.sgn(i+1) == sNoise):
			if label || (!verb || words == 1) && i+1 < len(w.toks) && w.startsVerb(i+1) {
				return i + 1
			}
			return 0
		case t.Kind == Word && !t.cont:
			words++
			label = label || words == 1 && (t.set.has(cLabel) || t.digits && w.numberedLabel(i))
			verb = verb || t.set.any(verbClasses) && !t.set.any(setOf(cOutputNoun, cMetric))
		case t.val > 0 && !label, isCompare(t.sign):
			return 0
		}
	}
	return 0
}

// numberedLabel: KR2, KR1.3.
func (w *wording) numberedLabel(i int) bool {
	var buf [64]byte
	k := lower(strings.TrimRight(w.str(i), "0123456789."), &buf)
	e := w.l.words[string(k)]
	return e != nil && e.at(w.lang) != nil && e.at(w.lang).set.has(cLabel)
}

func (w *wording) startsVerb(i int) bool {
	for ; i < len(w.toks) && (w.toks[i].sign == sNoise || w.toks[i].set.has(cLeadIn) && !w.toks[i].set.any(verbClasses)); i++ {
	}
	return i < len(w.toks) && w.toks[i].set.any(verbClasses)
}

// findHead finds the main verb: the first word, or in German the last verb of
// the first clause; else a verb inside that says where a number goes.
func (w *wording) findHead() {
	if w.start < len(w.toks) {
		t := &w.toks[w.start]
		switch {
		case t.val > 0 && !t.set.any(setOf(cMultiple, cDivide, cMultiply)), t.date:
		case t.set.any(setOf(cTaskNoun)) && !t.set.has(cBase) && w.start+t.span < len(w.toks) && w.nounOfWork(w.start+t.span):
			w.setHead(w.start, setOf(cTask))
			w.noun = true
		case t.set.any(verbClasses) && !w.isNounHere(w.start):
			w.setHead(w.start, t.set)
		}
	}
	if w.head < 0 && w.is(verbLast) {
		w.germanHead()
	}
	if w.head < 0 {
		w.passiveHead()
	}
	w.direction()
}

func (w *wording) setHead(i int, s set) {
	w.head, w.class = i, s.and(verbClasses.or(setOf(cDone, cBase)))
}

// nounOfWork: "Launch of …", "Einführung eines …", "Implementation of …"; not
// "Development time", "Launch day".
func (w *wording) nounOfWork(i int) bool {
	t := &w.toks[i]
	return t.set.any(setOf(cOf, cDeterminer, cPreposition, cUniversal)) || w.val(i) != nil
}

// isNounHere: a word that is verb and noun is a noun where a metric follows
// (test coverage, release frequency, review time).
func (w *wording) isNounHere(i int) bool {
	t := &w.toks[i]
	n := i + t.span
	if n >= len(w.toks) {
		return false
	}
	if w.sgn(n) == sDash && w.joined(n) && w.joined(n+1) { // sign-up rate, run-rate
		return true
	}
	if isCompare(w.sgn(n)) || w.sgn(n) == sColon || w.toks[n].set.has(cBe) || w.sgn(n) == sArrow {
		return true
	}
	if t.set.has(cMetric) || t.set.any(nounKnown) {
		if t.set.has(cBase) && (w.has(n, cOf) || w.val(n) != nil && w.vals[w.toks[n].val-1].cue.has(cOf)) {
			return true
		}
	}
	if t.set.any(setOf(cTask, cSoft, cTouch)) && !t.set.any(setOf(cBase, cDone)) && w.toks[n].set.any(setOf(cMetric, cLower)) && w.hasMeasuringValue() {
		return true // onboarding NPS
	}
	if !t.set.any(setOf(cBase, cDone)) && w.toks[n].set.any(verbClasses) && !w.toks[n].set.any(setOf(cBase, cDone)) && !w.toks[n].set.any(nounKnown) {
		return true // onboarding takes less than a day
	}
	if t.set.has(cDone) && !t.set.has(cBase) && !w.perfect && w.toks[n].set.any(nounKnown.or(setOf(cMetric))) && w.sharedLater(n) {
		return true // automated tests catch nine in ten errors
	}
	if !t.set.has(cTask) || !t.set.has(cBase) {
		return false
	}
	return w.toks[n].set.any(setOf(cMetric, cLower)) && !w.toks[n].set.has(cOutputNoun) && w.hasMeasuringValue()
}

// sharedLater: a share or a grade follows.
func (w *wording) sharedLater(n int) bool {
	for i := range w.vals {
		if v := &w.vals[i]; v.first > n && (v.Unit == "%" || v.Unit != "" && v.Unit[0] == '/') {
			return true
		}
	}
	return false
}

func (w *wording) hasMeasuringValue() bool {
	for i := range w.vals {
		if !w.vals[i].cue.has(cPer) {
			return true
		}
	}
	return false
}

// germanHead takes the last verb of the first clause that has one.
func (w *wording) germanHead() {
	for i := w.start; i < len(w.toks); i++ {
		t := &w.toks[i]
		if t.sign == sSemi || (t.sign == sComma || t.set.has(cLink) && t.set.has(cBy)) && w.head >= 0 && !w.joined(i+1) {
			return
		}
		if t.paren || t.date || t.cont || t.Kind != Word || !t.set.any(verbClasses) || t.set.has(cGeneric) && w.head >= 0 {
			continue
		}
		if !t.set.has(cDone) && t.set.has(cTask) && w.finite(i) {
			continue
		}
		w.setHead(i, t.set)
		w.passive = t.set.has(cDone)
	}
}

// finite: "5 Pilotkunden nutzen das Modul" says what they do; an infinitive
// would stand at the end.
func (w *wording) finite(i int) bool {
	v := w.val(w.start)
	if v == nil || i+1 >= len(w.toks) || v.Noun.End != w.toks[i-1].End && v.Unit != "%" {
		return false
	}
	n := &w.toks[i+1]
	return n.Kind == Word && !n.date && !n.set.has(cAnd) && !n.set.any(setOf(cUntil, cPer))
}

// passiveHead finds "… launched", "… is implemented": a participle that no noun
// follows.
func (w *wording) passiveHead() {
	if w.is(verbLast) {
		return
	}
	for i := w.start + 1; i < len(w.toks); i++ {
		t := &w.toks[i]
		if t.paren || t.date || t.cont || t.Kind != Word {
			continue
		}
		if t.set.has(cLink) || t.set.has(cWith) {
			return
		}
		if !t.set.any(setOf(cTask)) || !t.set.has(cDone) {
			continue
		}
		n := i + t.span
		for n < len(w.toks) && (w.toks[n].set.has(cAdverb) || w.sgn(n) == sNoise) {
			n++
		}
		if w.oursHasBeen(i) {
			w.setHead(i, t.set.and(setOf(cTask, cTouch, cDone)))
			w.passive = true
			return
		}
		if w.counted(i) {
			continue // llamadas, the calls
		}
		end := n >= len(w.toks) || w.toks[n].date || w.toks[n].sign != sNone || w.toks[n].set.any(setOf(cAnd, cUntil, cDuring, cPreposition, cPer))
		if end && !w.has(n, cBy) || end && w.dateFollows(n) {
			w.setHead(i, t.set.and(setOf(cTask, cTouch, cDone)))
			w.passive = true
			return
		}
	}
}

// counted: the form of a participle is a noun here.
func (w *wording) counted(i int) bool {
	t := &w.toks[i]
	return t.set.any(nounKnown.or(setOf(cMetric))) || !t.set.has(cBase) && w.is(nounFirst) && i > 0 && (w.has(i-1, cOf) || w.has(i-1, cDeterminer) || w.val(i-1) != nil)
}

// oursHasBeen: "se ha publicado el catálogo", "a été lancé": an auxiliary stands
// before the participle, and nobody whom the work is for before that.
func (w *wording) oursHasBeen(i int) bool {
	p := i - 1
	for p > w.start && w.has(p, cAdverb) {
		p--
	}
	if p < 0 || !w.has(p, cBe) || !w.is(nounFirst) {
		return false
	}
	for k := w.start; k < p; k++ {
		if w.val(k) != nil || w.toks[k].set.any(setOf(cOutcomeNoun, cUniversal, cZero)) {
			return false
		}
	}
	return true
}

// direction reads where the number should go from the main verb, or from a verb
// of change inside a sentence that has none.
func (w *wording) direction() {
	read := func(s set) Direction {
		switch {
		case s.has(cKeep):
			return Keep
		case s.has(cUp) && !s.has(cDown):
			return Up
		case s.has(cDown) && !s.has(cUp):
			return Down
		}
		return NoDirection
	}
	if w.head >= 0 {
		w.dir = read(w.class)
		return
	}
	for i := w.start; i < len(w.toks); i++ {
		t := &w.toks[i]
		if t.paren || t.date || t.cont || t.name || w.val(i) != nil {
			continue
		}
		if w.target < 0 && len(w.vals) == 0 && t.set.has(cLink) {
			return
		}
		if t.set.any(setOf(cUp, cDown)) && (t.span > 1 || len(w.str(i)) > 4) && i > w.start {
			w.dir = read(t.set)
			return
		}
	}
}
