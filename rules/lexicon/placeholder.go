package lexicon

import (
	"strings"
)

// isLetterPlaceholder: a single X, Y, Z or N, or XX, where a number would be.
func (r *reader) isLetterPlaceholder(i int) bool {
	w := r.str(i)
	switch w {
	case "X", "Y", "Z", "N", "x", "y", "n":
	case "XM", "XK", "XB", "XXM", "XXK", "Xk", "Xm", "xM":
		return true
	case "M", "MM", "K", "k", "B":
		return r.sgn(i-1) == sCurrency && r.joined(i)
	default:
		if len(w) == 1 && w[0] >= 'A' && w[0] <= 'Z' && r.sgn(i+1) == sPercent { // from A% to B%
			return true
		}
		return strings.Trim(w, "xX") == "" && len(w) > 1
	}
	n := i + 1
	if r.sgn(n) == sPercent || r.sgn(i-1) == sCurrency || r.has(n, cUnit) || r.has(n, cMagnitude) {
		return true
	}
	if r.joined(i) && r.kind(i-1) == Word && r.toks[i-1].cjk || r.joined(n) && r.kind(n) == Word && r.toks[n].cjk {
		return true
	}
	if w[0] >= 'a' {
		return (r.has(i-1, cTo) || r.has(i-1, cFrom)) && len(r.toks) > 3
	}
	p := r.before(i, cDeterminer, cAdverb)
	if p >= 0 && (r.toks[p].sign >= sArrow && r.toks[p].sign <= sAbout || r.toks[p].set.any(boundClasses)) {
		return true
	}
	if p >= 0 && r.toks[p].set.any(setOf(cFrom, cTo)) && !r.toks[p].set.any(verbClasses) {
		return true
	}
	if p >= 0 && r.toks[p].set.has(cBy) && (n >= len(r.toks) || r.kind(n) == Symbol) {
		return true
	}
	// Generate X leads: a lower-case or acronym noun follows, and no verb.
	if r.kind(n) != Word || r.joined(n) || r.toks[n].set.any(setOf(cAnd, cPreposition, cBy, cLink, cBe, cUntil, cTo, cWith)) {
		return false
	}
	if r.toks[n].set.any(verbClasses) && !r.toks[n].set.any(nounClasses) {
		return false
	}
	return p < 0 || r.toks[p].set.any(verbClasses) || r.toks[p].set.has(cOf)
}

// bracketAt reads [number], [date], <x>, {value}; an issue reference such as
// [P0] is read over.
func (r *reader) bracketAt(i int) int {
	number, date, words := false, false, 0
	j := i + 1
	for ; j < len(r.toks) && j < i+6; j++ {
		t := &r.toks[j]
		if t.sign == sClose || t.sign == sGT {
			break
		}
		switch {
		case t.set.has(cPlaceholderDate):
			date = true
		case t.set.has(cPlaceholderNumber) || t.set.has(cPlaceholder) || t.sign == sHash || t.sign == sBlank || t.sign == sEllipsis || t.sign == sPercent || t.sign == sCurrency:
			number = true
		case t.Kind == Digits:
			return i + 1
		}
		words++
	}
	if j >= len(r.toks) || (r.toks[j].sign != sClose && r.toks[j].sign != sGT) || words == 0 {
		return i + 1
	}
	switch {
	case date:
		d := Date{Span: Span{r.toks[i].Start, r.toks[j].End}, Text: r.text[r.toks[i].Start:r.toks[j].End]}
		for k := i; k <= j; k++ {
			r.toks[k].date = true
		}
		r.dates = append(r.dates, d)
		return j + 1
	case number:
		return r.placeholderAt(i, j+1, false)
	case r.sgn(j+1) == sPercent, r.sgn(i-1) == sCurrency: // [redacted]%
		return r.placeholderAt(i, j+1, true)
	}
	return i + 1
}

// placeholderAt files a value that is still to be filled in.
func (r *reader) placeholderAt(i, end int, redacted bool) int {
	if strings.EqualFold(r.str(i), "M") || strings.EqualFold(r.str(i), "K") {
		redacted = true
	}
	v := Value{first: i, last: end, Placeholder: true, Redacted: redacted}
	r.prefix(&v)
	if e := r.unit(&v, end); e > 0 {
		v.last = e
	}
	r.finish(&v)
	r.vals = append(r.vals, v)
	return v.last
}
