package lexicon

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// settleReadings decides between 1.000 as a thousand and as one, by what is
// counted; where nothing decides, both readings are kept.
func (r *reader) settleReadings(v *Value, n run, scale float64) {
	whole, part := n.vals[0]*scale, n.vals[1]*scale
	if n.frac {
		whole, part = part, whole
	}
	round := int64(whole)%100 == 0
	known := r.decimal() != 0
	switch {
	case v.Counted && (round || !n.frac):
		v.Number = whole
	case continuous[v.Unit] && (n.frac || v.Unit == "%" && whole > 100):
		v.Number = part
	case known && !n.frac:
		v.Number = whole
	case known && !round:
		v.Number = part
	default:
		v.Readings = []float64{v.Number, whole + part - v.Number}
	}
}

// continuous units are measured, not counted.
var continuous = map[string]bool{"%": true, "pp": true, "ms": true, "seconds": true, "minutes": true, "hours": true, "kg": true, "km": true, "x": true}

// timeUnits can make a window of a value.
var timeUnits = map[string]bool{"ms": true, "seconds": true, "minutes": true, "hours": true, "days": true, "business days": true, "weeks": true, "months": true, "years": true}

// prefix takes a currency, a minus, a hash along that stand before the digits.
func (r *reader) prefix(v *Value) {
	i := v.first - 1
	if i < 0 || r.toks[i].date {
		return
	}
	t := &r.toks[i]
	switch {
	case t.sign == sCurrency:
		v.Unit, v.first = r.currency(i), i
		if r.kind(i-1) == Word && r.joined(i) { // R$, US$
			switch strings.ToUpper(r.str(i - 1)) {
			case "R":
				v.Unit, v.first = "BRL", i-1
			case "US":
				v.Unit, v.first = "USD", i-1
			case "A", "AU":
				v.Unit, v.first = "AUD", i-1
			case "C", "CA":
				v.Unit, v.first = "CAD", i-1
			}
		}
	case t.Kind == Word && t.set.has(cUnit) && isCurrencyCode(r.str(i)):
		p, _ := t.sense.pay(cUnit)
		v.Unit, v.first = p.text, i
	}
	if i = v.first - 1; i >= 0 && r.joined(v.first) {
		switch r.toks[i].sign {
		case sPlus:
			if i == 0 || !r.joined(i) {
				v.Relative, v.first = true, i
			}
		case sHash:
			if r.toks[i].paren || len(r.str(i+1)) > 2 {
				break // an issue's number
			}
			v.rank, v.first = true, i
		}
	}
}

func isCurrencyCode(s string) bool {
	if len(s) != 3 {
		return false
	}
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return true
}

func (r *reader) currency(i int) string {
	switch r.str(i) {
	case "$", "＄":
		return "USD"
	case "€":
		return "EUR"
	case "£":
		return "GBP"
	case "¥", "￥":
		if r.script == "zh" {
			return "CNY"
		}
		return "JPY"
	case "₹":
		return "INR"
	case "₩":
		return "KRW"
	case "₽":
		return "RUB"
	}
	return r.str(i)
}

// magnitude reads k, M, Mn, million, Mio. after a number; end is 0 if none.
func (r *reader) magnitude(j int, money bool) (float64, int) {
	if r.kind(j) != Word || r.toks[j].date {
		return 1, 0
	}
	w := r.str(j)
	joined := r.joined(j)
	if r.toks[j].cjk {
		c, n := utf8.DecodeRuneInString(w)
		if m, ok := cjkMagnitudes[c]; ok && n == len(w) {
			return m, j + 1
		}
		return 1, 0
	}
	end := j + 1
	if r.sgn(end) == sStop && r.joined(end) && end+1 < len(r.toks) && len(w) <= 3 { // Mio.
		end++
	}
	switch w {
	case "M", "MM":
		if joined || money || r.sgn(j+1) == sCurrency {
			return 1e6, j + 1
		}
	case "m":
		if joined && (money || r.sgn(j+1) == sCurrency) || joined && r.kind(j+1) == Word && !r.joined(j+1) && r.toks[j+1].set.any(nounClasses) {
			return 1e6, j + 1
		}
		return 1, 0
	case "B", "b":
		if joined && (w == "B" || money) {
			return 1e9, j + 1
		}
		return 1, 0
	case "T":
		if r.sgn(j+1) == sCurrency {
			return 1e3, j + 1 // 200 T€
		}
	case "K", "k":
		if joined || money {
			return 1e3, j + 1
		}
	}
	if p, ok := r.toks[j].sense.pay(cMagnitude); ok && (len(w) > 1) {
		if r.toks[j].cont {
			return 1, 0
		}
		m := p.num
		if q, ok := r.senseOf(end).pay(cMagnitude); ok && len(r.str(end)) > 2 { // hundred thousand
			return m * q.num, end + 1
		}
		if !strings.HasPrefix(r.text[r.toks[end-1].Start:], ".") || r.kind(end) == Word || r.sgn(end) == sCurrency || r.sgn(end) == sPercent {
			return m, end
		}
		return m, j + 1
	}
	return 1, 0
}

var cjkMagnitudes = map[rune]float64{'千': 1e3, '万': 1e4, '萬': 1e4, '亿': 1e8, '億': 1e8, '百': 100}

// unit reads the unit that follows at j; end is 0 if none.
func (r *reader) unit(v *Value, j int) int {
	if j >= len(r.toks) || r.toks[j].date {
		return 0
	}
	if r.has(j, cOf) && v.last != j && r.has(j-1, cMagnitude) && r.has(j+1, cUnit) { // 2 millions d'euros
		j++
	}
	if r.sgn(j) == sApostrophe && r.has(j+1, cUnit) {
		j++
	}
	t := &r.toks[j]
	switch {
	case t.sign == sPercent:
		v.Unit = "%"
		k := j + 1
		if r.sgn(k) == sDash && r.joined(k) && r.joined(k+1) { // %-Punkte
			k++
		}
		if p, ok := r.senseOf(k).pay(cUnit); ok && p.text == "points" {
			v.Unit = "pp"
			return k + 1
		}
		return j + 1
	case t.sign == sCurrency:
		v.Unit = r.currency(j)
		return j + 1
	case t.sign == sOther && r.str(j) == "×":
		v.Unit = "x"
		return j + 1
	case t.sign == sDash && t.joined && r.joined(j+1):
		if p, ok := r.senseOf(j + 1).pay(cUnit); ok && (p.text == "%" || p.text == "pp" || p.text == "points") {
			v.Unit = p.text
			return j + 2
		}
		return 0
	case t.Kind != Word || t.cont:
		return 0
	}
	w := r.str(j)
	if t.joined {
		switch w {
		case "G", "D", "S", "H":
			return 0
		case "m":
			v.Unit = "m"
			return j + 1
		}
	}
	p, ok := t.sense.pay(cUnit)
	if !ok || (!t.joined && len(w) == 1 && !strings.Contains("hsdgx", w)) {
		return 0
	}
	if v.Unit != "" && !isCurrencyCode(p.text) {
		return 0
	}
	v.Unit = p.text
	end := j + t.span
	if p.text == "times" && (r.has(end, cMore) || r.has(end, cFewer) || r.has(end, cVague) || strings.EqualFold(r.textAt(end), "as")) {
		v.Unit = "x" // three times as many
	}
	if r.sgn(end) == sStop && r.joined(end) && end+1 < len(r.toks) && len(w) <= 3 {
		if c, _ := utf8.DecodeRuneInString(r.text[r.toks[end+1].Start:]); !unicode.IsUpper(c) {
			end++
		}
	}
	return end
}

// outOf reads what a number is out of: /5, out of 10. A positive answer is a
// scale, a negative one the denominator of a fraction.
func (r *reader) outOf(j int, num float64) (float64, int) {
	k := 0
	slash := false
	switch {
	case r.sgn(j) == sSlash && r.joined(j) && r.joined(j+1):
		k, slash = j+1, true
	case r.has(j, cOf) && !r.has(j, cTo) && r.kind(j+1) == Digits:
		k = j + 1
	case strings.EqualFold(r.textAt(j), "out") && strings.EqualFold(r.textAt(j+1), "of"):
		k = j + 2
		if k < len(r.toks) && r.kind(k) != Digits {
			if p, ok := r.toks[k].sense.pay(cNumber); ok && p.num >= num {
				return p.num, k + 1
			}
		}
	case r.has(j, cShare): // nine in ten, 8 de cada 10
		return r.inTen(j+r.toks[j].span, num)
	default:
		return 0, 0
	}
	if r.kind(k) != Digits || r.toks[k].date {
		return 0, 0
	}
	den, ok := readRun(r.str(k), r.decimal())
	d := den.vals[0]
	isScale := d == 5 || d == 7 || d == 10 || d == 20 || d == 100
	switch {
	case !ok || d <= 0 || num > d || !den.integer || d != float64(int64(d)):
		return 0, 0
	case r.joined(k+1) && (r.kind(k+1) == Word || r.sgn(k+1) == sPercent):
		return 0, 0
	case !slash && !isScale && strings.EqualFold(r.textAt(j), "out"), !slash && !isScale && !r.has(j, cFrom) && num < d:
		return 0, k + 1 // 300 of 500 users
	case !slash && !isScale:
		return 0, 0
	case !slash || isScale:
		return d, k + 1
	case num < d && num == float64(int64(num)) && d <= 12:
		return -d, k + 1
	}
	return 0, 0
}

// inTen reads the ten of "nine in ten", which is no span and no date.
func (r *reader) inTen(k int, num float64) (float64, int) {
	if k >= len(r.toks) || r.toks[k].date || r.toks[k].cont || r.has(k+1, cUnit) || r.has(k+1, cPeriod) {
		return 0, 0
	}
	den := 0.0
	if n, ok := readRun(r.str(k), r.decimal()); r.kind(k) == Digits && ok && n.integer {
		den = n.vals[0]
	} else if p, ok := r.toks[k].sense.pay(cNumber); ok {
		den = p.num
	}
	if num < 1 || num >= den || den > 20 || num != float64(int64(num)) || r.joined(k+1) && r.kind(k+1) == Word || r.sgn(k+1) == sPercent {
		return 0, 0
	}
	return den, k + 1
}
