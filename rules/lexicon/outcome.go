package lexicon

import "strings"

var goalVerbs = setOf(cUp, cDown, cChange, cAchieve, cKeep)

// outcome finds what a task is said to bring about: a share, a sum, a span, a
// bound, a from-to, or a number or condition in a clause that a link opens.
func (w *wording) outcome() (from, to int, ok bool) {
	for i := range w.vals {
		v := &w.vals[i]
		if v.Role == RolePer || v.Role == RoleOutput || v.Role == RoleWindow && v.Bound == Exactly && !swift[v.Unit] || v.weak || w.hoursOfWork(v) {
			continue
		}
		if v.Placeholder && v.Unit == "" && v.first < w.head {
			continue
		}
		link, has := w.linkBefore(v)
		switch {
		case has:
			return link, w.clauseEnd(v.last), true
		case v.Relative, v.Role == RoleBaseline, v.arrow, v.zero:
			return w.phraseStart(v), w.clauseEnd(v.last), true
		case v.Unit != "" && !v.Counted && (v.Role != RoleWindow || swift[v.Unit]) && v.Unit != "times":
			return w.phraseStart(v), w.clauseEnd(v.last), true
		case v.Bound != Exactly && v.Bound != About && !w.direct(v):
			return w.phraseStart(v), w.clauseEnd(v.last), true
		case v.rank && v.Role != RoleScope, v.Counted && w.countsOutcome(v):
			return v.first, w.clauseEnd(v.last), true
		}
	}
	// "with all indicators normal", "with no open findings".
	for i := w.start; i+1 < len(w.toks); i++ {
		t := &w.toks[i]
		if t.set.has(cWith) && !t.cont && !w.class.has(cTouch) && (w.has(i+t.span, cUniversal) || w.has(i+t.span, cZero)) {
			return i, w.clauseEnd(i + 1), true
		}
	}
	if i := w.promise(); i > 0 {
		return i, w.clauseEnd(i), true
	}
	// "without losing an order", "ohne Ausfall".
	for i := w.start + 1; i+1 < len(w.toks); i++ {
		if t := &w.toks[i]; t.set.has(cWithout) && !t.cont && !t.paren && i > w.head && w.kind(i+t.span) == Word {
			return i, w.clauseEnd(i), true
		}
	}
	return 0, 0, false
}

// promise: "reply to every application within a week": to all of them, in a span
// that begins anew with each. It answers with the token of the span, 0 if there is
// none.
func (w *wording) promise() int {
	n := w.head + w.toks[w.head].span
	if w.head > w.start || !w.has(n, cUniversal) && !w.has(n+1, cUniversal) {
		return 0
	}
	for i := n + 1; i+1 < len(w.toks); i++ {
		t := &w.toks[i]
		if !t.set.has(cWithin) || t.cont || t.date || w.toks[i+1].date {
			continue
		}
		for k := i + t.span; k < i+t.span+2 && k < len(w.toks); k++ {
			if v := w.val(k); v != nil && timeUnits[v.Unit] || w.perPeriod(k) && !w.toks[k].date && w.has(k-1, cDeterminer) {
				return i
			}
		}
	}
	return 0
}

// swift are the units in which a window is a promise to somebody (answer within
// four hours), and no deadline of the work (launch within six months).
var swift = map[string]bool{"ms": true, "seconds": true, "minutes": true, "hours": true}

// hoursOfWork: "deliver 40 hours of training" is effort in another unit.
func (w *wording) hoursOfWork(v *Value) bool {
	if !timeUnits[v.Unit] || !w.has(v.last, cOf) || !w.direct(v) {
		return false
	}
	return w.has(v.last+1, cOutputNoun) || w.has(v.last+2, cOutputNoun)
}

// linkBefore finds a link, or a second verb that is no task, between the main
// verb and the value.
func (w *wording) linkBefore(v *Value) (int, bool) {
	from := w.head + w.toks[w.head].span
	if w.head > v.first {
		from = w.start
	}
	for i := v.first - 1; i >= from; i-- {
		t := &w.toks[i]
		if t.cont || t.date || t.paren != w.toks[v.first].paren {
			continue
		}
		if w.toks[i].val > 0 && t.Kind == Digits && v.Counted && i < v.first-3 && !t.set.any(setOf(cLink)) {
			continue
		}
		if t.set.any(setOf(cTask, cTouch)) && t.set.has(cBase) && !t.set.any(goalVerbs) && !t.set.any(nounKnown) && !t.set.has(cMetric) {
			return 0, false
		}
		if t.set.any(goalVerbs) && (t.set.has(cBase) || t.set.has(cDone)) && !(i > from && w.val(i) == nil && w.has(i-1, cDeterminer)) && (!w.is(verbLast) || i > w.head) {
			return i, true
		}
		if t.set.has(cLink) && !(t.set.any(cueClasses) && i == v.cueAt) && !(t.set.has(cUntil)) && !t.set.has(cDeterminer) && (t.span > 1 || w.val(i) == nil) {
			return i, true
		}
		if t.set.has(cWith) && v.Counted && w.talks(v, from, i) {
			return 0, false
		}
		if t.set.has(cWith) && v.Unit != "" && (v.cueAt == i || i < v.first) && !w.outputNoun(v) {
			return i, true
		}
	}
	return 0, false
}

// talks: "interviews with 15 customers" are held with them, not won by it;
// "a webinar with 500 attendees" is.
func (w *wording) talks(v *Value, from, to int) bool {
	for i := v.last; i < len(w.toks) && w.toks[i].End <= v.Noun.End; i++ {
		if w.toks[i].set.has(cAttendance) {
			return false
		}
	}
	if w.class.has(cTouch) {
		return true // a test with 3 retailers
	}
	for i := from; i < to; i++ {
		if w.toks[i].set.has(cOutputNoun) && !w.toks[i].set.any(setOf(cOutcomeNoun, cMetric)) {
			return true
		}
	}
	return false
}

func (w *wording) outputNoun(v *Value) bool {
	if !v.Counted {
		return false
	}
	for i := v.last; i < len(w.toks) && w.toks[i].End <= v.Noun.End; i++ {
		if w.toks[i].set.has(cOutputNoun) && !w.toks[i].set.has(cOutcomeNoun) {
			return true
		}
	}
	return false
}

// direct: the value is the verb's own object (publish at least 5 posts).
func (w *wording) direct(v *Value) bool {
	if w.head > v.first {
		return v.cue.empty()
	}
	for i := w.head + w.toks[w.head].span; i < v.first; i++ {
		t := &w.toks[i]
		if t.cont || t.Kind == Symbol || t.set.any(boundClasses) || t.set.any(setOf(cDeterminer, cAdverb, cAbout)) {
			continue
		}
		return false
	}
	return true
}

// countsOutcome: what is counted is an effect (50 leads), unless the work is to
// talk to them.
func (w *wording) countsOutcome(v *Value) bool {
	if w.class.has(cTouch) || !v.cue.empty() && !v.cue.has(cTo) && !v.cue.has(cOf) {
		return false
	}
	if p := v.first - 1; p >= 0 && w.toks[p].set.has(cPreposition) && !w.toks[p].set.any(setOf(cTo, cOf)) && !w.toks[p].set.any(boundClasses) {
		return false
	}
	// The head noun decides: customer interviews are interviews.
	head := -1
	for i := v.last; i < len(w.toks) && w.toks[i].Start < v.Noun.End; i++ {
		if w.toks[i].End <= v.Noun.End && !w.toks[i].cont && w.text[w.toks[i].Start:w.toks[i+w.toks[i].span-1].End] != "" {
			t := &w.toks[i]
			if equalLower(w.text[t.Start:w.toks[i+t.span-1].End], v.Unit) {
				head = i
			}
		}
	}
	return head >= 0 && w.toks[head].set.has(cOutcomeNoun)
}

// clauseText is what the tokens say, without the marks and the links at its ends.
func (w *wording) clauseText(from, to int) string {
	edge := func(i int) bool {
		t := &w.toks[i]
		return t.sign != sNone && t.val == 0 && t.sign != sClose && t.sign != sPercent && t.sign != sOpen || t.set.has(cAnd) && !t.cont
	}
	for from < to && edge(from) {
		from++
	}
	for to > from && edge(to-1) {
		to--
	}
	if from >= to {
		return ""
	}
	return strings.Join(strings.Fields(w.text[w.toks[from].Start:w.toks[to-1].End]), " ")
}

func equalLower(s, lower string) bool {
	return len(s) == len(lower) && (s == lower || equalFold(s, lower))
}

func (w *wording) phraseStart(v *Value) int {
	if v.cueAt >= 0 {
		return v.cueAt
	}
	return v.first
}

// clauseEnd is the token at which the clause around i ends.
func (w *wording) clauseEnd(i int) int {
	for ; i < len(w.toks); i++ {
		if s := w.toks[i].sign; s == sSemi || s == sStop && !w.joined(i+1) {
			return i
		}
	}
	return len(w.toks)
}
