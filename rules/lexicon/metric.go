package lexicon

import (
	"strings"
)

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
	for i := w.start; i < len(w.toks); i++ {
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
	counts := (v.Counted || v.Unit == "%" && w.has(v.last, cOf)) && v.cue.empty() && !w.has(first-1, cMetric) && w.sgn(first-1) != sColon
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
		if o := w.val(stop); o != nil && o.cueAt >= end {
			stop = o.cueAt
			break
		}
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
	edge := setOf(cDeterminer, cOf, cPreposition, cBe, cAnd, cAdverb, cTo, cWith, cLink, cUntil, cDuring, cFewer, cMore)
	trim := func(i int) bool {
		if w.toks[i].cont {
			i = w.toks[i].of
		}
		t := &w.toks[i]
		switch {
		case t.name:
			return false
		case t.date:
			return true
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
	for to > from && (trim(to-1) || w.sgn(to-1) == sOpen || (w.head < 0 || w.head == to-1) && w.toks[to-1].set.any(setOf(cUp, cDown)) && to-1 > from) {
		to--
	}
	if from >= to {
		return ""
	}
	w.metricFrom, w.metricTo = from, to
	s := w.text[w.toks[from].Start:w.toks[to-1].End]
	return strings.Join(strings.Fields(strings.Trim(s, "*_` ")), " ")
}
