package lexicon

import "strings"

func (r *reader) nameAt(first, last int) {
	for j := first; j < last; j++ {
		r.toks[j].name = true
	}
	r.names = append(r.names, Span{r.toks[first].Start, r.toks[last-1].End})
}

// ratio: the 1:4 of "a demo-to-close ratio of 1:4", "ratio of seniors to juniors
// 1:3"; 1:1 is a talk between two.
func (r *reader) ratio(i int) bool {
	if r.has(i-1, cOf) && r.has(i-2, cMetric) {
		return true
	}
	if r.str(i) == "1" && r.str(i+2) == "1" {
		return false
	}
	for j, n := i-1, 0; j >= 0 && n < 8; j, n = j-1, n+1 {
		if r.has(j, cMetric) {
			return true
		}
	}
	return false
}

// version: 2.1 and no more, neither unit nor noun.
func (r *reader) version(i int) bool {
	if !strings.Contains(r.str(i), ".") || r.sgn(i+1) == sPercent || r.sgn(i-1) == sCurrency {
		return false
	}
	if s := r.sgn(i + 1); s == sNoise || s == sClose || s == sStop && !r.joined(i+2) {
		return true
	}
	return i+1 >= len(r.toks) || r.toks[i+1].date || r.has(i+1, cUntil) || r.has(i+1, cDuring) || r.has(i+1, cAnd) || r.toks[i+1].sign != sNone && !r.joined(i+1) || r.sgn(i+1) == sComma
}

// nameOf tells digits that name something from digits that measure.
func (r *reader) nameOf(i int) (first, last int, ok bool) {
	p, n := i-1, i+1
	// week-4, COVID-19, S-400.
	if r.sgn(p) == sDash && r.joined(p) && r.joined(i) && r.kind(p-1) == Word && !r.toks[p-1].date {
		return p - 1, i + 1, true
	}
	// 24/7, 1:1, 9:00.
	if r.joined(n) && r.kind(n+1) == Digits && r.joined(n+1) && (r.sgn(n) == sColon && !r.ratio(i) && !(len(r.str(n+1)) == 2 && (r.has(p, cWithin) || r.has(p, cBelow))) || r.str(i) == "24" && r.sgn(n) == sSlash && r.str(n+1) == "7") {
		return i, n + 2, true
	}
	if r.has(p, cTask) && r.has(p, cBase) && r.version(i) { // ship 2.1
		return i, i + 1, true
	}
	if r.sgn(p) == sHash && r.joined(i) && (r.toks[i].paren || len(r.str(i)) > 2) { // #118
		return p, i + 1, true
	}
	// by week 10, until month 6.
	if r.has(p, cPeriod) && p > 0 && r.toks[p-1].set.any(setOf(cUntil, cDuring)) && r.sgn(n) != sPercent {
		return p, i + 1, true
	}
	// SOC 2, Tier 1, ISO 27001.
	if r.has(p, cNameHead) && r.sgn(n) != sPercent && !(r.toks[p].set.any(verbClasses) && p == 0) {
		return p, i + 1, true
	}
	if r.sgn(p) == sColon || r.kind(p) == Word {
		if r.has(p, cLabel) && p == 0 && (r.sgn(n) == sColon || r.sgn(n) == sStop || r.sgn(n) == sDash) {
			return p, i + 1, true
		}
	}
	if r.joined(n) {
		// 7-day, 30-minute: a span that belongs to the name of a metric.
		if r.sgn(n) == sDash && r.kind(n+1) == Word && r.joined(n+1) && !r.toks[n+1].date {
			u, unit := r.toks[n+1].sense.pay(cUnit)
			if !unit || u.text != "%" && u.text != "pp" && u.text != "points" && !isCurrencyCode(u.text) {
				if _, mag := r.toks[n+1].sense.pay(cMagnitude); !mag {
					return i, n + 2, true
				}
			}
		}
		// 3G, 2FA, 1st: letters that are no unit.
		if r.kind(n) == Word && !r.toks[n].cjk {
			var probe Value
			if _, m := r.magnitude(n, r.sgn(p) == sCurrency); m > 0 {
				return 0, 0, false
			}
			if r.unit(&probe, n) == 0 {
				return i, n + 1, true
			}
		}
	}
	// A number of a list: 1. or 1) at the very start.
	if i == 0 && plainDigits(r.str(i)) && len(r.str(i)) <= 2 && (r.sgn(n) == sStop || r.sgn(n) == sClose) && n+1 < len(r.toks) {
		return i, i + 1, true
	}
	return 0, 0, false
}
