package lexicon

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// finish sets what surrounds a value: bound, cue, counted noun, span.
func (r *reader) finish(v *Value) {
	r.cues(v)
	switch {
	case v.Unit != "" || v.rank:
	case r.kind(v.last) == Word && r.toks[v.last].cjk:
		r.cjkUnit(v, v.last)
	case r.lang > 0:
		r.noun(v)
	}
	r.after(v)
	if v.Unit == "x" && !v.per {
		v.Relative = true
	}
	if v.rank && r.sgn(v.first) != sHash && r.selects(v) {
		v.rank, v.Role, v.weak = false, RoleScope, true
	}
	v.paren = r.toks[v.first].paren && r.sgn(v.first) != sOpen
	v.Span = Span{r.toks[v.first].Start, r.toks[v.last-1].End}
	v.Text = r.text[v.Start:v.End]
	for j := v.first; j < v.last; j++ {
		r.toks[j].val = len(r.vals) + 1
	}
}

// selects: "our top 10 customers" picks some; "in the top 10" is a place.
func (r *reader) selects(v *Value) bool {
	if v.last >= len(r.toks) || r.kind(v.last) != Word || r.toks[v.last].date || r.toks[v.last].set.any(nounStop) {
		return false
	}
	for i := v.first - 1; i >= 0 && i >= v.first-4; i-- {
		if r.toks[i].set.any(setOf(cWithin, cOf)) {
			return false
		}
	}
	return true
}

// cues reads leftwards from a value for what introduces it.
func (r *reader) cues(v *Value) {
	v.cueAt = -1
	for i, n := v.first-1, 0; i >= 0 && n < 8; i, n = i-1, n+1 {
		t := &r.toks[i]
		if t.cont || t.sign == sNoise || t.sign == sApostrophe && t.joined || t.sign == sColon && t.paren {
			continue
		}
		if t.cjk {
			r.cjkCue(v, i)
			return
		}
		if t.date || t.val > 0 {
			return
		}
		b := Exactly
		switch t.sign {
		case sGE:
			b = AtLeast
		case sLE:
			b = AtMost
		case sGT:
			b = Above
		case sLT:
			b = Below
		case sAbout, sPlusMinus:
			b = About
		case sEQ:
			v.cue, v.cueAt = setOf(cOf), i
			return
		case sArrow:
			v.cue, v.arrow, v.cueAt = setOf(cTo), true, i
			return
		case sStop:
			if i > 0 && t.joined && r.toks[i-1].set.any(boundClasses) { // max. 5
				continue
			}
			return
		case sOpen, sComma, sSemi, sQuestion, sClose, sDash, sSlash, sPlus:
			return
		}
		if t.Kind == Word && b == Exactly && t.set.any(boundClasses) && !(t.set.has(cUp) && n == 0 && t.span == 1 && !t.set.has(cAbove)) {
			switch {
			case t.set.has(cAtLeast):
				b = AtLeast
			case t.set.has(cAtMost):
				b = AtMost
			case t.set.has(cAbove) && !(t.set.has(cWithin) && timeUnits[v.Unit] && r.has(i+1, cThis)):
				b = Above
			case t.set.has(cBelow):
				b = Below
			case t.set.has(cAbout):
				b = About
			}
		}
		if b != Exactly {
			if v.Bound == Exactly || v.Bound == About {
				v.Bound = b
			}
			v.cueAt = i
			if !t.set.any(cueClasses) || t.set.has(cWithin) {
				continue
			}
		}
		if t.set.has(cRank) {
			v.rank = true
			continue
		}
		if t.set.any(cueClasses) {
			v.cue, v.cueAt = t.set.and(cueClasses), i
			return
		}
		if t.set.has(cDeterminer) || t.set.has(cAdverb) || t.Kind == Word && t.set.has(cStop) && n == 0 && !t.set.any(verbClasses) {
			continue
		}
		return
	}
}

// noun finds the noun that a bare number counts.
func (r *reader) noun(v *Value) {
	first, end, known := v.last, v.last, -1
	if r.has(first, cOrMore) || r.has(first, cOrLess) {
		first += r.toks[first].span
		end = first
	}
	if r.has(first, cDeterminer) && r.perPeriod(first+1) {
		return // 450 a day: a rate, and no days are counted
	}
	for n := 0; end < len(r.toks) && n < 7; n++ {
		t := &r.toks[end]
		if t.sign == sNoise {
			end++
			continue
		}
		if t.sign == sDash && t.joined && end > first && r.joined(end+1) {
			end++
			continue
		}
		if t.set.has(cNameHead) && r.kind(end+1) == Digits {
			end += 2
			continue
		}
		if t.Kind != Word || t.date || t.paren != r.toks[v.first].paren || t.set.any(nounStop) && !t.set.any(nounKnown) && !(end == first && t.set.has(cBase) && !t.set.any(hardStop) && !r.verbLast(end)) || t.set.any(setOf(cDone, cDeterminer)) && end > first && !t.set.any(nounKnown) {
			break
		}
		if t.set.any(nounKnown) && (r.text[t.End-1] == 's' || t.set.has(cOutcomeNoun) && (end+1 == len(r.toks) || r.sgn(end+1) == sNoise || r.sgn(end+1) == sClose || r.sgn(end+1) == sOpen || r.sgn(end+1) == sStop)) {
			known = end
		}
		end += t.span
	}
	for end > first && end <= len(r.toks) && r.toks[end-1].sign == sNoise {
		end--
	}
	if end == first || end > len(r.toks) {
		return
	}
	head := end - 1
	if r.is(nounFirst) {
		for head = first; head < end-1 && (r.has(head, cDeterminer) || r.has(head, cVague) || r.has(head, cMore)); head++ {
		}
	} else if known >= 0 {
		head = known
	} else if r.code() == "en" {
		for i := first; i < end; i++ { // five schools adopt
			if w := r.str(i); r.kind(i) == Word && len(w) > 3 && w[len(w)-1] == 's' && w[len(w)-2] != 's' {
				head = i
				break
			}
		}
	}
	for head > first && r.toks[head].cont {
		head--
	}
	t := &r.toks[head]
	if t.Kind != Word {
		return
	}
	v.Counted = true
	v.Noun = Span{r.toks[first].Start, r.toks[end-1].End}
	v.Unit = strings.ToLower(r.text[t.Start:r.toks[head+t.span-1].End])
}

// verbLast: a German sentence ends with its verb, in lower case, and that verb is
// not what the number before it counts ("auf 45 steigern").
func (r *reader) verbLast(i int) bool {
	c, _ := utf8.DecodeRuneInString(r.text[r.toks[i].Start:])
	return r.is(verbLast) && unicode.IsLower(c)
}

// perPeriod: "a week", "la semaine".
func (r *reader) perPeriod(i int) bool {
	u, ok := r.senseOf(i).pay(cUnit)
	return r.has(i, cPeriod) || ok && timeUnits[u.text]
}

// after reads what follows a value: per week, or more, minimum.
func (r *reader) after(v *Value) {
	j := v.last
	if v.Counted {
		for j < len(r.toks) && r.toks[j].Start < v.Noun.End {
			j++
		}
	}
	for k := range 2 {
		at := v.last
		if k == 1 {
			at = j
		}
		if at >= len(r.toks) {
			continue
		}
		t := &r.toks[at]
		switch {
		case t.set.has(cPer) || r.sgn(at) == sSlash && r.joined(at) && r.kind(at+1) == Word,
			t.set.has(cDeterminer) && (v.Unit == "times" || v.Unit == "x") && r.perPeriod(at+1):
			v.per = true
		case t.set.has(cOrMore) && v.Bound == Exactly:
			v.Bound = AtLeast
		case t.set.has(cOrLess) && v.Bound == Exactly:
			v.Bound = AtMost
		case (t.set.has(cMore) || t.set.has(cFewer)) && (v.Unit == "%" || v.Unit == "x"):
			v.Relative, v.more, v.fewer = true, true, t.set.has(cFewer) && !t.set.has(cMore)
		}
	}
}
