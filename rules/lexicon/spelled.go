package lexicon

import (
	"strings"
)

// wordAt reads a number that is written out, or a placeholder.
func (r *reader) wordAt(i int) int {
	t := &r.toks[i]
	if t.set.empty() {
		if r.isLetterPlaceholder(i) {
			return r.placeholderAt(i, i+1, false)
		}
		return i + 1
	}
	s := t.sense
	if p, ok := s.pay(cMultiple); ok && !r.has(i+t.span, cPer) && !r.has(i+t.span, cPeriod) {
		v := Value{first: i, last: i + t.span, Number: p.num, Unit: "x", Relative: true, Spelled: true}
		r.finish(&v)
		r.vals = append(r.vals, v)
		return v.last
	}
	if (t.set.has(cDivide) || t.set.has(cMultiply)) && r.kind(i+t.span) == Digits {
		if n, ok := readRun(r.str(i+t.span), r.decimal()); ok && n.vals[0] != 0 {
			v := Value{first: i, last: i + t.span + 1, Number: n.vals[0], Unit: "x", Relative: true}
			if t.set.has(cDivide) {
				v.Number = 1 / n.vals[0]
			}
			r.finish(&v)
			r.vals = append(r.vals, v)
			return v.last
		}
	}
	if p, ok := s.pay(cFraction); ok && (!t.set.any(setOf(cPeriod, cOrdinal)) || t.span > 1 || r.part(i)) && !r.has(i-1, cOrdinal) && !r.has(i+t.span, cPeriod) && !(r.sgn(i+t.span) == sDash && r.joined(i+t.span)) {
		v := Value{first: i, last: i + t.span, Number: p.num * 100, Unit: "%", Spelled: true}
		r.finish(&v)
		v.Relative = v.Relative || v.cue.has(cBy)
		r.vals = append(r.vals, v)
		return v.last
	}
	if r.aSpan(i) {
		v := Value{first: i, last: i + 1, Number: 1, Spelled: true}
		if end := r.unit(&v, i+1); end > 0 {
			v.last = end
		}
		r.finish(&v)
		r.vals = append(r.vals, v)
		return v.last
	}
	if p, ok := s.pay(cFrequency); ok {
		v := Value{first: i, last: i + t.span, Number: p.num, Unit: "per year", Spelled: true}
		r.cues(&v)
		if i != r.toks[i].of && v.cueAt == i-1 && v.cueAt >= 0 && (v.cue.has(cTo) || v.cue.has(cFrom)) && (i+t.span >= len(r.toks) || !r.toks[i+t.span].set.any(nounKnown.or(setOf(cMetric)))) {
			r.finish(&v)
			r.vals = append(r.vals, v)
			return v.last
		}
	}
	if t.set.has(cNumber) {
		return r.spelled(i)
	}
	if t.set.has(cZero) && r.kind(i+1) == Word && !r.toks[i+1].date && !r.has(i+1, cPreposition) && !r.has(i+1, cBe) {
		v := Value{first: i, last: i + 1, Spelled: true, zero: true}
		r.finish(&v)
		r.vals = append(r.vals, v)
		return v.last
	}
	if r.isLetterPlaceholder(i) || t.set.has(cPlaceholder) {
		return r.placeholderAt(i, i+1, false)
	}
	return i + 1
}

// aSpan: the "a day" of "less than a day", "moins d'une heure".
func (r *reader) aSpan(i int) bool {
	if !r.has(i, cDeterminer) || r.has(i, cThis) || r.has(i, cNew) || !r.has(i, cStop) {
		return false
	}
	u, ok := r.senseOf(i + 1).pay(cUnit)
	if !ok || !timeUnits[u.text] {
		return false
	}
	p := i - 1
	if p > 0 && r.sgn(p) == sApostrophe && r.joined(i) { // moins d'une heure
		p--
	}
	if p >= 0 && r.toks[p].cont {
		p = r.toks[p].of
	}
	return p >= 0 && r.toks[p].set.any(setOf(cBelow, cAtMost)) && (r.toks[p].span > 1 || r.code() == "en")
}

// part: "by a quarter", "a fifth of the users": a share, and not three months or
// the one after the fourth.
func (r *reader) part(i int) bool {
	if i == 0 || r.toks[i-1].sign != sNone {
		return r.has(i+1, cOf) && r.kind(i+2) != Digits
	}
	if !r.has(i-1, cDeterminer) && !r.has(i-1, cWeakNumber) {
		return false
	}
	if p := i - 2; p >= 0 && r.toks[p].set.any(setOf(cBy, cFrom, cTo, cAbout).or(boundClasses)) && r.kind(i+1) != Digits {
		return true
	}
	return i+1 >= len(r.toks) && r.has(i, cOrdinal) || r.has(i+1, cOf) && r.kind(i+2) != Digits || r.has(i+1, cMore) || r.has(i+1, cFewer)
}

// spelled adds up the words of a number: twenty five, two hundred thousand.
func (r *reader) spelled(i int) int {
	total, cur := 0.0, 0.0
	j := i
	for j < len(r.toks) && r.kind(j) == Word && !r.toks[j].date {
		if p, ok := r.toks[j].sense.pay(cNumber); ok && (j == i || cur >= 20 && p.num < 10 || cur == 0) {
			cur += p.num
		} else if p, ok := r.toks[j].sense.pay(cMagnitude); ok && j > i && len(r.str(j)) > 2 {
			if cur *= p.num; p.num >= 1000 {
				total, cur = total+cur, 0
			}
		} else {
			break
		}
		j++
		if r.sgn(j) == sDash && r.joined(j) && r.joined(j+1) && r.has(j+1, cNumber) {
			j++
		}
	}
	total += cur
	v := Value{first: i, last: j, Number: total, Spelled: true, zero: total == 0}
	if r.toks[i].set.has(cWeakNumber) && j == i+1 {
		v.weak = true
		if den, _ := r.outOf(j, total); den > 0 {
			v.weak = false
		} else if r.kind(j) != Word || r.has(j, cOf) || r.has(j, cPreposition) || r.has(i-1, cNumber) || strings.EqualFold(r.textAt(i-1), "number") {
			return j
		}
	}
	if r.sgn(i-1) == sDash && r.joined(i-1) && r.joined(i) && r.kind(i-2) == Word { // tier-one
		r.nameAt(i-2, j)
		return j
	}
	if r.sgn(j) == sDash && r.joined(j) && r.kind(j+1) == Word && r.joined(j+1) { // two-week
		r.nameAt(i, j+2)
		return j + 2
	}
	if end := r.unit(&v, j); end > 0 {
		v.last = end
	}
	if den, end := r.outOf(v.last, total); v.Unit == "" && end > 0 && den > 0 {
		v.Unit, v.last = "/"+formatNumber(den), end
	}
	if r.has(i-1, cUnit) && v.Unit == "" && total == 0 {
		v.zero = false
	}
	r.finish(&v)
	if v.Unit == "x" {
		if v.per {
			v.Unit = "times"
		} else {
			v.Relative = true
		}
	}
	r.vals = append(r.vals, v)
	return v.last
}
