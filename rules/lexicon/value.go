package lexicon

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bound says on which side of a number a value may lie.
type Bound string

// The bounds.
const (
	Exactly Bound = ""
	AtLeast Bound = "at_least"
	AtMost  Bound = "at_most"
	Above   Bound = "above"
	Below   Bound = "below"
	About   Bound = "about"
)

// Role says what a value does in its sentence.
type Role string

// The roles.
const (
	RoleNone     Role = ""
	RoleTarget   Role = "target"
	RoleBaseline Role = "baseline"
	RoleWindow   Role = "window" // within 7 days, in the first week
	RolePer      Role = "per"    // per 1,000 transactions
	RoleScope    Role = "scope"  // in 10 countries, from 40 customers
	RoleOutput   Role = "output" // 5 posts
)

// Value is a number of the text, with its unit.
type Value struct {
	Span
	Text   string  `json:"text"`
	Number float64 `json:"number"` // 0 where Placeholder
	// Readings holds both readings of a number such as 1.000, Number first; nil
	// where there is one.
	Readings []float64 `json:"readings,omitempty"`
	// Upper is the other end of a range.
	Upper   float64 `json:"upper,omitempty"`
	IsRange bool    `json:"range,omitempty"`
	// Unit is canonical: %, pp, x, USD, days, ms, /5 (of five); the noun that is
	// counted, in lower case; or "".
	Unit    string `json:"unit,omitempty"`
	Counted bool   `json:"counted,omitempty"` // Unit is a noun of the text
	Noun    Span   `json:"-"`                 // the whole phrase that is counted
	Bound   Bound  `json:"bound,omitempty"`
	Role    Role   `json:"role,omitempty"`
	// Relative: a change, not a level (by 20 %, twice as many).
	Relative    bool `json:"relative,omitempty"`
	Spelled     bool `json:"spelled,omitempty"`
	Placeholder bool `json:"placeholder,omitempty"` // X, [number], TBD
	Redacted    bool `json:"redacted,omitempty"`    // $M, ███: taken out by someone

	first, last int // tokens: [first, last)
	cue         set // what the word before it may say
	cueAt       int
	arrow       bool
	paren       bool
	per         bool // followed by a rate: 20 per week
	rank        bool // top 10
	zero        bool // "no" incidents
	weak        bool // "one"
	more        bool // followed by more, fewer
}

var (
	cueClasses   = setOf(cFrom, cCurrent, cTo, cBy, cOf, cPer, cWithin, cBetween)
	boundClasses = setOf(cAtLeast, cAtMost, cAbove, cBelow, cAbout)
)

// maxValues bounds the values of one text: each is weighed against the words
// around it, and more than these are a list, not a sentence.
const maxValues = 64

// readValues finds the numbers that are values, and the digits that are names.
func (r *reader) readValues() {
	for i := 0; i < len(r.toks) && len(r.vals) < maxValues; {
		t := &r.toks[i]
		next := i + 1
		switch {
		case t.date:
		case t.Kind == Digits:
			next = r.digitsAt(i)
		case t.Kind == Word && t.cont:
		case t.Kind == Word && t.digits:
			r.nameAt(i, i+1)
		case t.Kind == Word:
			next = r.wordAt(i)
		case t.sign == sOpen && r.text[t.Start] != '(':
			next = r.bracketAt(i)
		case t.sign == sBlank:
			next = r.placeholderAt(i, i+1, r.text[t.Start] != '_')
		case t.sign == sLT && r.joined(i+1): // <number>
			next = r.bracketAt(i)
		case (t.sign == sCurrency || t.sign == sHash || t.sign == sQuestion || t.sign == sEllipsis) && r.sgn(i+1) == sPercent && r.joined(i+1):
			next = r.placeholderAt(i, i+1, false)
		}
		i = max(next, i+1)
	}
}

func (r *reader) nameAt(first, last int) {
	for j := first; j < last; j++ {
		r.toks[j].name = true
	}
	r.names = append(r.names, Span{r.toks[first].Start, r.toks[last-1].End})
}

// digitsAt reads the value or name that the digits at i begin.
func (r *reader) digitsAt(i int) int {
	if first, last, ok := r.nameOf(i); ok {
		r.nameAt(first, last)
		return last
	}
	n, ok := readRun(r.str(i), r.decimal())
	if !ok {
		r.nameAt(i, i+1)
		return i + 1
	}
	v := Value{first: i, last: i + 1}
	r.prefix(&v)
	numbers := n.vals
	j := i + 1
	scale := 1.0
	// Magnitude and unit.
	if m, end := r.magnitude(j, v.Unit != ""); end > 0 {
		scale = m
		j = end
	}
	upper, hasUpper := 0.0, false
	if k := j; scale == 1 && (r.sgn(k) == sDash && (r.joined(k) == r.joined(k+1)) && r.kind(k+1) != Symbol || r.sgn(k) == sDash && r.joined(k) && r.sgn(k+1) == sCurrency) {
		if r.sgn(k+1) == sCurrency {
			k++
		}
		if r.kind(k+1) == Digits && !r.toks[k+1].date {
			if u, ok := readRun(r.str(k+1), r.decimal()); ok && (u.vals[0] > n.vals[0] || r.text[r.toks[k].Start] != '-') && (r.joined(k) || r.text[r.toks[k].Start] != '-') && !n.both {
				upper, hasUpper = u.vals[0], true
				j = k + 2
				if m, end := r.magnitude(j, v.Unit != ""); end > 0 {
					scale = m
					j = end
				}
			}
		}
	}
	if end := r.unit(&v, j); end > 0 {
		j = end
	}
	// 4.5/5, 8/10, 1/3, 4 out of 5.
	if v.Unit == "" && scale == 1 && !hasUpper {
		if den, end := r.outOf(j, n.vals[0]); end > 0 {
			switch {
			case den > 0:
				v.Unit = "/" + formatNumber(den)
			case den == 0:
			default:
				numbers[0] /= -den
				v.Unit = ""
			}
			n.both = false
			j = end
		}
	}
	if r.sgn(j) == sPlus && r.joined(j) && !(r.joined(j+1) && r.kind(j+1) == Digits) {
		v.Bound = AtLeast
		j++
		if v.Unit == "" {
			if end := r.unit(&v, j); end > 0 {
				j = end
			}
		}
	}
	v.last = j
	v.Number = numbers[0] * scale
	if hasUpper {
		v.IsRange, v.Upper = true, upper*scale
	}
	r.finish(&v)
	if n.both {
		r.settleReadings(&v, n, scale)
	}
	if v.Unit == "x" && v.per {
		v.Unit = "times"
	}
	r.vals = append(r.vals, v)
	return v.last
}

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
	return len(s) == 3 && s == strings.ToUpper(s) && isLetters(s)
}

func isLetters(s string) bool {
	for _, r := range s {
		if !unicode.IsLetter(r) {
			return false
		}
	}
	return s != ""
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

func (r *reader) senseOf(i int) *sense {
	if i < 0 || i >= len(r.toks) || r.toks[i].date {
		return noSense
	}
	return r.toks[i].sense
}

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
		if p, ok := r.senseOf(j + 1).pay(cUnit); ok && p.text == "points" {
			v.Unit = "pp"
			return j + 2
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
	case strings.EqualFold(r.textAt(j), "out") && r.has(j+1, cOf):
		k = j + 2
		if k < len(r.toks) && r.kind(k) != Digits {
			if p, ok := r.toks[k].sense.pay(cNumber); ok && p.num >= num {
				return p.num, k + 1
			}
		}
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

func (r *reader) textAt(i int) string {
	if i < 0 || i >= len(r.toks) {
		return ""
	}
	return r.str(i)
}

// nameOf tells digits that name something from digits that measure.
func (r *reader) nameOf(i int) (first, last int, ok bool) {
	p, n := i-1, i+1
	// week-4, COVID-19, S-400.
	if r.sgn(p) == sDash && r.joined(p) && r.joined(i) && r.kind(p-1) == Word && !r.toks[p-1].date {
		return p - 1, i + 1, true
	}
	// 24/7, 1:1, 9:00.
	if r.joined(n) && r.kind(n+1) == Digits && r.joined(n+1) && (r.sgn(n) == sColon || r.str(i) == "24" && r.sgn(n) == sSlash && r.str(n+1) == "7") {
		return i, n + 2, true
	}
	if r.sgn(p) == sHash && r.joined(i) && (r.toks[i].paren || len(r.str(i)) > 2) { // #118
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
	if p, ok := s.pay(cFraction); ok && !r.has(i-1, cOrdinal) && !r.has(i+t.span, cPeriod) && !(r.sgn(i+t.span) == sDash && r.joined(i+t.span)) {
		v := Value{first: i, last: i + t.span, Number: p.num * 100, Unit: "%", Spelled: true}
		r.finish(&v)
		v.Relative = v.Relative || v.cue.has(cBy)
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
		if r.kind(j) != Word || r.has(j, cOf) || r.has(j, cPreposition) || r.has(i-1, cNumber) || strings.EqualFold(r.textAt(i-1), "number") {
			return j
		}
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
		if t.cont || t.sign == sNoise || t.sign == sColon && t.paren {
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
		case sOpen, sComma, sSemi, sStop, sQuestion, sClose, sDash, sSlash, sPlus:
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
		if t.Kind != Word || t.date || t.paren != r.toks[v.first].paren || t.set.any(nounStop) && !t.set.any(nounKnown) && !(end == first && t.set.has(cBase) && !t.set.any(hardStop)) || t.set.has(cDone) && end > first && !t.set.any(nounKnown) {
			break
		}
		if t.set.any(nounKnown) && (r.text[t.End-1] == 's' || t.set.has(cOutcomeNoun) && end+1 == len(r.toks)) {
			known = end
		}
		end += t.span
	}
	if end == first || end > len(r.toks) {
		return
	}
	head := end - 1
	if code := r.code(); code == "fr" || code == "es" || code == "pt" {
		for head = first; head < end-1 && (r.has(head, cDeterminer) || r.has(head, cVague) || r.has(head, cMore)); head++ {
		}
	} else if known >= 0 {
		head = known
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

var (
	nounStop  = setOf(cPreposition, cAnd, cLink, cBe, cUntil, cWith, cWithout, cFrom, cTo, cPer, cWithin, cAtLeast, cAtMost, cQuestion, cOrMore, cOrLess, cFewer, cBase)
	hardStop  = setOf(cPreposition, cAnd, cLink, cBe, cUntil, cWith, cWithout, cFrom, cTo, cPer, cWithin, cAtLeast, cAtMost, cQuestion, cOrMore, cOrLess, cFewer)
	nounKnown = setOf(cOutcomeNoun, cOutputNoun)
)

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
			v.Relative, v.more = true, true
		}
	}
}
